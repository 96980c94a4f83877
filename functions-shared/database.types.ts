export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "archived_steps": {
        Row: {
          "archived_at": string;
          "id": string;
          "outcome_diff_key": string | null;
          "state_object_key": string | null;
          "step": NonNullable<Json>;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "archived_at": string;
          "id": string;
          "outcome_diff_key"?: string | null;
          "state_object_key"?: string | null;
          "step": NonNullable<Json>;
          "workspace_id": string;
        };
        Update: {
          "archived_at"?: string;
          "id"?: string;
          "outcome_diff_key"?: string | null;
          "state_object_key"?: string | null;
          "step"?: NonNullable<Json>;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "archived_steps_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "archived_steps_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "execution_limits": {
        Row: {
          "created_at": string;
          "id": string;
          "is_from_settings": boolean;
          "key": string | null;
          "max_concurrency": number | null;
          "policy": string;
          "rate_limit": number | null;
          "rate_window_seconds": number | null;
          "workflow_id": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "is_from_settings"?: boolean;
          "key"?: string | null;
          "max_concurrency"?: number | null;
          "policy"?: string;
          "rate_limit"?: number | null;
          "rate_window_seconds"?: number | null;
          "workflow_id"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "is_from_settings"?: boolean;
          "key"?: string | null;
          "max_concurrency"?: number | null;
          "policy"?: string;
          "rate_limit"?: number | null;
          "rate_window_seconds"?: number | null;
          "workflow_id"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_limit_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "a_limit_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "execution_limits_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "execution_limits_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "hil_responses": {
        Row: {
          "ai_reasoning": string | null;
          "ai_relevance_score": number | null;
          "asked_until": string | null;
          "classification": Json | null;
          "comment": string | null;
          "created_at": string;
          "data": Json | null;
          "error": Json | null;
          "headers": Json | null;
          "hints": NonNullable<Json>;
          "id": string;
          "integration_id": string | null;
          "matched_interaction_id": string | null;
          "message_id": string;
          "outcome": string | null;
          "processed_at": string | null;
          "provider": string;
          "raw_payload": NonNullable<Json>;
          "received_at": string;
          "responded_by": Json | null;
          "responder": string | null;
          "source_channel": string;
          "status": string;
          "workflow_id": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "ai_reasoning"?: string | null;
          "ai_relevance_score"?: number | null;
          "asked_until"?: string | null;
          "classification"?: Json | null;
          "comment"?: string | null;
          "created_at"?: string;
          "data"?: Json | null;
          "error"?: Json | null;
          "headers"?: Json | null;
          "hints"?: NonNullable<Json>;
          "id"?: string;
          "integration_id"?: string | null;
          "matched_interaction_id"?: string | null;
          "message_id": string;
          "outcome"?: string | null;
          "processed_at"?: string | null;
          "provider": string;
          "raw_payload": NonNullable<Json>;
          "received_at"?: string;
          "responded_by"?: Json | null;
          "responder"?: string | null;
          "source_channel": string;
          "status"?: string;
          "workflow_id"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "ai_reasoning"?: string | null;
          "ai_relevance_score"?: number | null;
          "asked_until"?: string | null;
          "classification"?: Json | null;
          "comment"?: string | null;
          "created_at"?: string;
          "data"?: Json | null;
          "error"?: Json | null;
          "headers"?: Json | null;
          "hints"?: NonNullable<Json>;
          "id"?: string;
          "integration_id"?: string | null;
          "matched_interaction_id"?: string | null;
          "message_id"?: string;
          "outcome"?: string | null;
          "processed_at"?: string | null;
          "provider"?: string;
          "raw_payload"?: NonNullable<Json>;
          "received_at"?: string;
          "responded_by"?: Json | null;
          "responder"?: string | null;
          "source_channel"?: string;
          "status"?: string;
          "workflow_id"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_matched_interaction_is_of_the_workspace";
            columns: ["workspace_id", "matched_interaction_id"];
            isOneToOne: false;
            referencedRelation: "human_interactions";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "a_matched_interaction_is_of_the_workspace";
            columns: ["workspace_id", "matched_interaction_id"];
            isOneToOne: false;
            referencedRelation: "pending_interaction_timeouts";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "hil_responses_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "hil_responses_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "human_interactions": {
        Row: {
          "assignees": NonNullable<Json>;
          "channel_type": string;
          "correlation_id": string | null;
          "created_at": string;
          "credentials": NonNullable<Json>;
          "escalated_at": string | null;
          "execution_id": string;
          "id": string;
          "interaction_type": string;
          "node_id": string;
          "outcome": string | null;
          "priority": string;
          "quorum": number;
          "reminded_at": string | null;
          "request_data": NonNullable<Json>;
          "responded_at": string | null;
          "responded_by": Json | null;
          "response_data": Json | null;
          "run_index": number;
          "status": string;
          "tags": (string)[];
          "timeout_at": string;
          "updated_at": string;
          "wish": Json | null;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "assignees"?: NonNullable<Json>;
          "channel_type": string;
          "correlation_id"?: string | null;
          "created_at": string;
          "credentials"?: NonNullable<Json>;
          "escalated_at"?: string | null;
          "execution_id": string;
          "id": string;
          "interaction_type": string;
          "node_id": string;
          "outcome"?: string | null;
          "priority"?: string;
          "quorum"?: number;
          "reminded_at"?: string | null;
          "request_data": NonNullable<Json>;
          "responded_at"?: string | null;
          "responded_by"?: Json | null;
          "response_data"?: Json | null;
          "run_index"?: number;
          "status"?: string;
          "tags"?: (string)[];
          "timeout_at": string;
          "updated_at"?: string;
          "wish"?: Json | null;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "assignees"?: NonNullable<Json>;
          "channel_type"?: string;
          "correlation_id"?: string | null;
          "created_at"?: string;
          "credentials"?: NonNullable<Json>;
          "escalated_at"?: string | null;
          "execution_id"?: string;
          "id"?: string;
          "interaction_type"?: string;
          "node_id"?: string;
          "outcome"?: string | null;
          "priority"?: string;
          "quorum"?: number;
          "reminded_at"?: string | null;
          "request_data"?: NonNullable<Json>;
          "responded_at"?: string | null;
          "responded_by"?: Json | null;
          "response_data"?: Json | null;
          "run_index"?: number;
          "status"?: string;
          "tags"?: (string)[];
          "timeout_at"?: string;
          "updated_at"?: string;
          "wish"?: Json | null;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "an_interaction_belongs_to_a_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "an_interaction_belongs_to_a_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "integrations": {
        Row: {
          "config": NonNullable<Json>;
          "created_at": string;
          "created_by": string | null;
          "external_id": string | null;
          "id": string;
          "is_active": boolean;
          "name": string;
          "provider": string;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "config"?: NonNullable<Json>;
          "created_at"?: string;
          "created_by"?: string | null;
          "external_id"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "name": string;
          "provider": string;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Update: {
          "config"?: NonNullable<Json>;
          "created_at"?: string;
          "created_by"?: string | null;
          "external_id"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "name"?: string;
          "provider"?: string;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "integrations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "integrations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "node_connections": {
        Row: {
          "conditions": Json | null;
          "connection_index": number;
          "connection_type": string;
          "label": string | null;
          "ordinal": number;
          "source_node_id": string;
          "target_index": number;
          "target_node_id": string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "conditions"?: Json | null;
          "connection_index"?: number;
          "connection_type"?: string;
          "label"?: string | null;
          "ordinal": number;
          "source_node_id": string;
          "target_index"?: number;
          "target_node_id": string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "conditions"?: Json | null;
          "connection_index"?: number;
          "connection_type"?: string;
          "label"?: string | null;
          "ordinal"?: number;
          "source_node_id"?: string;
          "target_index"?: number;
          "target_node_id"?: string;
          "version"?: number;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_connection_belongs_to_its_version";
            columns: ["workspace_id", "workflow_id", "version"];
            isOneToOne: false;
            referencedRelation: "workflow_versions";
            referencedColumns: ["workspace_id", "workflow_id", "version"];
          },
          {
            foreignKeyName: "a_source_is_a_node";
            columns: ["workspace_id", "workflow_id", "version", "source_node_id"];
            isOneToOne: false;
            referencedRelation: "nodes";
            referencedColumns: ["workspace_id", "workflow_id", "version", "node_id"];
          },
          {
            foreignKeyName: "a_target_is_a_node";
            columns: ["workspace_id", "workflow_id", "version", "target_node_id"];
            isOneToOne: false;
            referencedRelation: "nodes";
            referencedColumns: ["workspace_id", "workflow_id", "version", "node_id"];
          },
        ];
      };
      "node_executions": {
        Row: {
          "ancestors": Json | null;
          "attempt": number;
          "end_time": string;
          "error_data": Json | null;
          "execution_id": string;
          "id": string;
          "input_id": string | null;
          "is_end": boolean;
          "joined": Json | null;
          "lap": number;
          "node_id": string;
          "node_type": string;
          "output_data": Json | null;
          "passes_input": boolean;
          "reused_from": string | null;
          "run_index": number | null;
          "scope": string;
          "source_id": string | null;
          "start_time": string;
          "status": string;
          "target_index": number;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "ancestors"?: Json | null;
          "attempt"?: number;
          "end_time": string;
          "error_data"?: Json | null;
          "execution_id": string;
          "id": string;
          "input_id"?: string | null;
          "is_end"?: boolean;
          "joined"?: Json | null;
          "lap"?: number;
          "node_id": string;
          "node_type": string;
          "output_data"?: Json | null;
          "passes_input"?: boolean;
          "reused_from"?: string | null;
          "run_index"?: number | null;
          "scope"?: string;
          "source_id"?: string | null;
          "start_time": string;
          "status": string;
          "target_index"?: number;
          "workspace_id": string;
        };
        Update: {
          "ancestors"?: Json | null;
          "attempt"?: number;
          "end_time"?: string;
          "error_data"?: Json | null;
          "execution_id"?: string;
          "id"?: string;
          "input_id"?: string | null;
          "is_end"?: boolean;
          "joined"?: Json | null;
          "lap"?: number;
          "node_id"?: string;
          "node_type"?: string;
          "output_data"?: Json | null;
          "passes_input"?: boolean;
          "reused_from"?: string | null;
          "run_index"?: number | null;
          "scope"?: string;
          "source_id"?: string | null;
          "start_time"?: string;
          "status"?: string;
          "target_index"?: number;
          "workspace_id"?: string;
        };
        Relationships: [];
      };
      "node_specifications": {
        Row: {
          "created_at": string;
          "executor": string;
          "id": string;
          "is_active": boolean;
          "is_system_spec": boolean;
          "node_subtype": string;
          "node_type": string;
          "specification_data": NonNullable<Json>;
          "specification_version": string;
          "updated_at": string;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "executor": string;
          "id"?: string;
          "is_active"?: boolean;
          "is_system_spec"?: never;
          "node_subtype": string;
          "node_type": string;
          "specification_data": NonNullable<Json>;
          "specification_version"?: string;
          "updated_at"?: string;
          "workspace_id"?: string | null;
        };
        Update: {
          "created_at"?: string;
          "executor"?: string;
          "id"?: string;
          "is_active"?: boolean;
          "is_system_spec"?: never;
          "node_subtype"?: string;
          "node_type"?: string;
          "specification_data"?: NonNullable<Json>;
          "specification_version"?: string;
          "updated_at"?: string;
          "workspace_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "an_own_type_is_an_enabled_function";
            columns: ["workspace_id", "node_subtype"];
            isOneToOne: false;
            referencedRelation: "workspace_functions";
            referencedColumns: ["workspace_id", "function_name"];
          },
          {
            foreignKeyName: "node_specifications_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "node_specifications_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "nodes": {
        Row: {
          "attached_nodes": NonNullable<Json>;
          "credentials": NonNullable<Json>;
          "description": string | null;
          "disabled": boolean;
          "error_handling": string;
          "max_retries": number;
          "name": string;
          "node_id": string;
          "node_subtype": string;
          "node_type": string;
          "notes": string | null;
          "ordinal": number;
          "parameters": NonNullable<Json>;
          "position_x": number;
          "position_y": number;
          "retry_wait_time": number;
          "timeout_seconds": number;
          "type_version": number;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "attached_nodes"?: NonNullable<Json>;
          "credentials"?: NonNullable<Json>;
          "description"?: string | null;
          "disabled"?: boolean;
          "error_handling"?: string;
          "max_retries"?: number;
          "name": string;
          "node_id": string;
          "node_subtype": string;
          "node_type": string;
          "notes"?: string | null;
          "ordinal": number;
          "parameters"?: NonNullable<Json>;
          "position_x"?: number;
          "position_y"?: number;
          "retry_wait_time"?: number;
          "timeout_seconds"?: number;
          "type_version"?: number;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "attached_nodes"?: NonNullable<Json>;
          "credentials"?: NonNullable<Json>;
          "description"?: string | null;
          "disabled"?: boolean;
          "error_handling"?: string;
          "max_retries"?: number;
          "name"?: string;
          "node_id"?: string;
          "node_subtype"?: string;
          "node_type"?: string;
          "notes"?: string | null;
          "ordinal"?: number;
          "parameters"?: NonNullable<Json>;
          "position_x"?: number;
          "position_y"?: number;
          "retry_wait_time"?: number;
          "timeout_seconds"?: number;
          "type_version"?: number;
          "version"?: number;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_node_belongs_to_its_version";
            columns: ["workspace_id", "workflow_id", "version"];
            isOneToOne: false;
            referencedRelation: "workflow_versions";
            referencedColumns: ["workspace_id", "workflow_id", "version"];
          },
        ];
      };
      "sessions": {
        Row: {
          "created_at": string;
          "id": string;
          "metadata": NonNullable<Json>;
          "session_type": string;
          "title": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "session_type"?: string;
          "title"?: string | null;
          "updated_at"?: string;
          "user_id"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "session_type"?: string;
          "title"?: string | null;
          "updated_at"?: string;
          "user_id"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "sessions_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "sessions_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "step_analytics": {
        Row: {
          "month": string;
          "step_id": string;
          "times_appeared_in_search": number;
          "times_executed": number;
          "times_viewed": number;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "month": string;
          "step_id": string;
          "times_appeared_in_search"?: number;
          "times_executed"?: number;
          "times_viewed"?: number;
          "workspace_id": string;
        };
        Update: {
          "month"?: string;
          "step_id"?: string;
          "times_appeared_in_search"?: number;
          "times_executed"?: number;
          "times_viewed"?: number;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "analytics_belong_to_their_step";
            columns: ["workspace_id", "step_id"];
            isOneToOne: false;
            referencedRelation: "step_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "analytics_belong_to_their_step";
            columns: ["workspace_id", "step_id"];
            isOneToOne: false;
            referencedRelation: "workflow_steps";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "trigger_index": {
        Row: {
          "created_at": string;
          "deployment_status": string;
          "id": string;
          "index_key": string;
          "integration_id": string | null;
          "is_active": boolean;
          "node_id": string;
          "trigger_config": NonNullable<Json>;
          "trigger_subtype": string;
          "trigger_type": string;
          "updated_at": string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "deployment_status"?: never;
          "id": string;
          "index_key": string;
          "integration_id"?: string | null;
          "is_active"?: boolean;
          "node_id": string;
          "trigger_config"?: NonNullable<Json>;
          "trigger_subtype": string;
          "trigger_type"?: string;
          "updated_at"?: string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "deployment_status"?: never;
          "id"?: string;
          "index_key"?: string;
          "integration_id"?: string | null;
          "is_active"?: boolean;
          "node_id"?: string;
          "trigger_config"?: NonNullable<Json>;
          "trigger_subtype"?: string;
          "trigger_type"?: string;
          "updated_at"?: string;
          "version"?: number;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_trigger_belongs_to_its_integration";
            columns: ["workspace_id", "integration_id"];
            isOneToOne: false;
            referencedRelation: "integrations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "a_trigger_belongs_to_its_version";
            columns: ["workspace_id", "workflow_id", "version"];
            isOneToOne: false;
            referencedRelation: "workflow_versions";
            referencedColumns: ["workspace_id", "workflow_id", "version"];
          },
        ];
      };
      "workflow_deployment_history": {
        Row: {
          "completed_at": string | null;
          "deployment_action": string;
          "deployment_config": NonNullable<Json>;
          "deployment_logs": NonNullable<Json>;
          "deployment_version": number;
          "error_message": string | null;
          "from_status": string;
          "id": string;
          "previous_id": string | null;
          "started_at": string;
          "to_status": string;
          "triggered_by": string | null;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "completed_at"?: string | null;
          "deployment_action": string;
          "deployment_config"?: NonNullable<Json>;
          "deployment_logs"?: NonNullable<Json>;
          "deployment_version": number;
          "error_message"?: string | null;
          "from_status": string;
          "id"?: string;
          "previous_id"?: string | null;
          "started_at": string;
          "to_status": string;
          "triggered_by"?: string | null;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "completed_at"?: string | null;
          "deployment_action"?: string;
          "deployment_config"?: NonNullable<Json>;
          "deployment_logs"?: NonNullable<Json>;
          "deployment_version"?: number;
          "error_message"?: string | null;
          "from_status"?: string;
          "id"?: string;
          "previous_id"?: string | null;
          "started_at"?: string;
          "to_status"?: string;
          "triggered_by"?: string | null;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_deployment_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "a_deployment_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "workflow_events": {
        Row: {
          "delivered_at": string | null;
          "expires_at": string;
          "id": string;
          "key": string | null;
          "name": string;
          "payload": NonNullable<Json>;
          "sent_at": string;
          "sent_by": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "delivered_at"?: string | null;
          "expires_at": string;
          "id"?: string;
          "key"?: string | null;
          "name": string;
          "payload"?: NonNullable<Json>;
          "sent_at": string;
          "sent_by"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "delivered_at"?: string | null;
          "expires_at"?: string;
          "id"?: string;
          "key"?: string | null;
          "name"?: string;
          "payload"?: NonNullable<Json>;
          "sent_at"?: string;
          "sent_by"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workflow_events_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workflow_events_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "workflow_execution_logs": {
        Row: {
          "created_at": string;
          "data": Json | null;
          "display_priority": number;
          "duration_ms": number | null;
          "event_type": string;
          "execution_id": string;
          "id": number;
          "is_milestone": boolean;
          "level": string;
          "log_category": string;
          "message": string;
          "node_id": string | null;
          "node_name": string | null;
          "node_type": string | null;
          "step_number": number | null;
          "total_steps": number | null;
          "user_friendly_message": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "data"?: Json | null;
          "display_priority"?: number;
          "duration_ms"?: number | null;
          "event_type": string;
          "execution_id": string;
          "id"?: never;
          "is_milestone"?: boolean;
          "level"?: string;
          "log_category"?: string;
          "message": string;
          "node_id"?: string | null;
          "node_name"?: string | null;
          "node_type"?: string | null;
          "step_number"?: number | null;
          "total_steps"?: number | null;
          "user_friendly_message"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "data"?: Json | null;
          "display_priority"?: number;
          "duration_ms"?: number | null;
          "event_type"?: string;
          "execution_id"?: string;
          "id"?: never;
          "is_milestone"?: boolean;
          "level"?: string;
          "log_category"?: string;
          "message"?: string;
          "node_id"?: string | null;
          "node_name"?: string | null;
          "node_type"?: string | null;
          "step_number"?: number | null;
          "total_steps"?: number | null;
          "user_friendly_message"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [];
      };
      "workflow_execution_pauses": {
        Row: {
          "created_at": string;
          "execution_id": string;
          "id": string;
          "pause_reason": string;
          "paused_at": string;
          "paused_node_id": string | null;
          "resume_conditions": NonNullable<Json>;
          "resume_trigger": string | null;
          "resumed_at": string | null;
          "status": string;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "execution_id": string;
          "id"?: string;
          "pause_reason": string;
          "paused_at": string;
          "paused_node_id"?: string | null;
          "resume_conditions"?: NonNullable<Json>;
          "resume_trigger"?: string | null;
          "resumed_at"?: string | null;
          "status"?: string;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "execution_id"?: string;
          "id"?: string;
          "pause_reason"?: string;
          "paused_at"?: string;
          "paused_node_id"?: string | null;
          "resume_conditions"?: NonNullable<Json>;
          "resume_trigger"?: string | null;
          "resumed_at"?: string | null;
          "status"?: string;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workflow_execution_pauses_execution_id_fkey";
            columns: ["execution_id"];
            isOneToOne: false;
            referencedRelation: "workflow_executions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workflow_execution_pauses_execution_id_fkey";
            columns: ["execution_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["latest_execution_id"];
          },
        ];
      };
      "workflow_executions": {
        Row: {
          "created_at": string;
          "deadline": string | null;
          "depth": number;
          "end_time": string | null;
          "error": Json | null;
          "executed_by_caller": boolean;
          "id": string;
          "idempotency_key": string | null;
          "input": NonNullable<Json>;
          "is_limited": boolean;
          "mode": string;
          "nodes_executed": number | null;
          "output": Json | null;
          "parent_execution_id": string | null;
          "parent_item": number | null;
          "parent_run_id": string | null;
          "priority": number;
          "responded_by": string | null;
          "retry_of": string | null;
          "start_time": string | null;
          "status": string;
          "trigger_node_id": string;
          "triggered_by": string | null;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "deadline"?: string | null;
          "depth"?: number;
          "end_time"?: string | null;
          "error"?: Json | null;
          "executed_by_caller"?: boolean;
          "id"?: string;
          "idempotency_key"?: string | null;
          "input"?: NonNullable<Json>;
          "is_limited"?: boolean;
          "mode"?: string;
          "nodes_executed"?: number | null;
          "output"?: Json | null;
          "parent_execution_id"?: string | null;
          "parent_item"?: number | null;
          "parent_run_id"?: string | null;
          "priority"?: number;
          "responded_by"?: string | null;
          "retry_of"?: string | null;
          "start_time"?: string | null;
          "status"?: string;
          "trigger_node_id": string;
          "triggered_by"?: string | null;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "deadline"?: string | null;
          "depth"?: number;
          "end_time"?: string | null;
          "error"?: Json | null;
          "executed_by_caller"?: boolean;
          "id"?: string;
          "idempotency_key"?: string | null;
          "input"?: NonNullable<Json>;
          "is_limited"?: boolean;
          "mode"?: string;
          "nodes_executed"?: number | null;
          "output"?: Json | null;
          "parent_execution_id"?: string | null;
          "parent_item"?: number | null;
          "parent_run_id"?: string | null;
          "priority"?: number;
          "responded_by"?: string | null;
          "retry_of"?: string | null;
          "start_time"?: string | null;
          "status"?: string;
          "trigger_node_id"?: string;
          "triggered_by"?: string | null;
          "version"?: number;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [];
      };
      "workflow_favorites": {
        Row: {
          "created_at": string;
          "user_id": string;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "user_id"?: string;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "user_id"?: string;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_favorite_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "a_favorite_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "workflow_schedules": {
        Row: {
          "created_at": string;
          "cron": unknown;
          "expression": string;
          "is_active": boolean;
          "last_error": Json | null;
          "last_error_at": string | null;
          "last_execution_id": string | null;
          "last_run_at": string | null;
          "last_skip_reason": string | null;
          "last_skipped_at": string | null;
          "misfire": string;
          "misfire_limit": number;
          "next_run_at": string | null;
          "node_id": string;
          "overlap": string;
          "timezone": string;
          "trigger_id": string;
          "updated_at": string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "cron": unknown;
          "expression": string;
          "is_active": boolean;
          "last_error"?: Json | null;
          "last_error_at"?: string | null;
          "last_execution_id"?: string | null;
          "last_run_at"?: string | null;
          "last_skip_reason"?: string | null;
          "last_skipped_at"?: string | null;
          "misfire": string;
          "misfire_limit": number;
          "next_run_at"?: string | null;
          "node_id": string;
          "overlap": string;
          "timezone": string;
          "trigger_id": string;
          "updated_at"?: string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "cron"?: unknown;
          "expression"?: string;
          "is_active"?: boolean;
          "last_error"?: Json | null;
          "last_error_at"?: string | null;
          "last_execution_id"?: string | null;
          "last_run_at"?: string | null;
          "last_skip_reason"?: string | null;
          "last_skipped_at"?: string | null;
          "misfire"?: string;
          "misfire_limit"?: number;
          "next_run_at"?: string | null;
          "node_id"?: string;
          "overlap"?: string;
          "timezone"?: string;
          "trigger_id"?: string;
          "updated_at"?: string;
          "version"?: number;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_schedule_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "a_schedule_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "workflow_schedules_trigger_id_fkey";
            columns: ["trigger_id"];
            isOneToOne: true;
            referencedRelation: "trigger_index";
            referencedColumns: ["id"];
          },
        ];
      };
      "workflow_static_data": {
        Row: {
          "data": NonNullable<Json>;
          "updated_at": string;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "data"?: NonNullable<Json>;
          "updated_at"?: string;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "data"?: NonNullable<Json>;
          "updated_at"?: string;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "it_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "it_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "workflow_step_stats": {
        Row: {
          "duration_ms": number | null;
          "failed": number;
          "last_executed_at": string;
          "step_id": string;
          "stored_rank": number;
          "succeeded": number;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "duration_ms"?: number | null;
          "failed": number;
          "last_executed_at": string;
          "step_id": string;
          "stored_rank": number;
          "succeeded": number;
          "workspace_id": string;
        };
        Update: {
          "duration_ms"?: number | null;
          "failed"?: number;
          "last_executed_at"?: string;
          "step_id"?: string;
          "stored_rank"?: number;
          "succeeded"?: number;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "stats_belong_to_their_step";
            columns: ["workspace_id", "step_id"];
            isOneToOne: false;
            referencedRelation: "step_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "stats_belong_to_their_step";
            columns: ["workspace_id", "step_id"];
            isOneToOne: false;
            referencedRelation: "workflow_steps";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "workflow_steps": {
        Row: {
          "app_name": string;
          "author": string | null;
          "created_at": string;
          "definition": string | null;
          "element_path": string;
          "environment": string | null;
          "id": string;
          "node_id": string | null;
          "outcome_diff_key": string | null;
          "search_vector": unknown;
          "state_object_key": string | null;
          "step_name": string;
          "terminator_version": string | null;
          "updated_at": string;
          "user_id": string | null;
          "window_title": string;
          "workflow_description": string | null;
          "workflow_id": string | null;
          "workflow_name": string;
          "workflow_text_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "app_name": string;
          "author"?: string | null;
          "created_at"?: string;
          "definition"?: string | null;
          "element_path": string;
          "environment"?: string | null;
          "id"?: string;
          "node_id"?: string | null;
          "outcome_diff_key"?: string | null;
          "search_vector"?: never;
          "state_object_key"?: string | null;
          "step_name": string;
          "terminator_version"?: string | null;
          "updated_at"?: string;
          "user_id"?: string | null;
          "window_title": string;
          "workflow_description"?: string | null;
          "workflow_id"?: string | null;
          "workflow_name": string;
          "workflow_text_id"?: never;
          "workspace_id"?: string;
        };
        Update: {
          "app_name"?: string;
          "author"?: string | null;
          "created_at"?: string;
          "definition"?: string | null;
          "element_path"?: string;
          "environment"?: string | null;
          "id"?: string;
          "node_id"?: string | null;
          "outcome_diff_key"?: string | null;
          "search_vector"?: never;
          "state_object_key"?: string | null;
          "step_name"?: string;
          "terminator_version"?: string | null;
          "updated_at"?: string;
          "user_id"?: string | null;
          "window_title"?: string;
          "workflow_description"?: string | null;
          "workflow_id"?: string | null;
          "workflow_name"?: string;
          "workflow_text_id"?: never;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_step_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "a_step_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "workflow_steps_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workflow_steps_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "workflow_versions": {
        Row: {
          "checksum": string;
          "created_at": string;
          "created_by": string | null;
          "definition": NonNullable<Json>;
          "is_locked": boolean;
          "note": string | null;
          "parent_version": number | null;
          "updated_at": string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "checksum": string;
          "created_at"?: string;
          "created_by"?: string | null;
          "definition": NonNullable<Json>;
          "is_locked"?: boolean;
          "note"?: string | null;
          "parent_version"?: number | null;
          "updated_at"?: string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        Update: {
          "checksum"?: string;
          "created_at"?: string;
          "created_by"?: string | null;
          "definition"?: NonNullable<Json>;
          "is_locked"?: boolean;
          "note"?: string | null;
          "parent_version"?: number | null;
          "updated_at"?: string;
          "version"?: number;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_version_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "a_version_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "workflows": {
        Row: {
          "archived_at": string | null;
          "created_at": string;
          "current_version": number;
          "deleted_at": string | null;
          "deployed_at": string | null;
          "deployed_by": string | null;
          "deployed_version": number | null;
          "deployment_status": string;
          "description": string | null;
          "folder": string | null;
          "icon_url": string | null;
          "id": string;
          "is_public": boolean;
          "is_template": boolean;
          "name": string;
          "revision": number;
          "session_id": string | null;
          "status": string;
          "tags": (string)[];
          "template_category": string | null;
          "undeployed_at": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "archived_at"?: string | null;
          "created_at"?: string;
          "current_version"?: number;
          "deleted_at"?: string | null;
          "deployed_at"?: string | null;
          "deployed_by"?: string | null;
          "deployed_version"?: number | null;
          "deployment_status"?: string;
          "description"?: string | null;
          "folder"?: string | null;
          "icon_url"?: string | null;
          "id"?: string;
          "is_public"?: boolean;
          "is_template"?: boolean;
          "name": string;
          "revision"?: number;
          "session_id"?: string | null;
          "status"?: string;
          "tags"?: (string)[];
          "template_category"?: string | null;
          "undeployed_at"?: string | null;
          "updated_at"?: string;
          "user_id"?: string | null;
          "workspace_id"?: string;
        };
        Update: {
          "archived_at"?: string | null;
          "created_at"?: string;
          "current_version"?: number;
          "deleted_at"?: string | null;
          "deployed_at"?: string | null;
          "deployed_by"?: string | null;
          "deployed_version"?: number | null;
          "deployment_status"?: string;
          "description"?: string | null;
          "folder"?: string | null;
          "icon_url"?: string | null;
          "id"?: string;
          "is_public"?: boolean;
          "is_template"?: boolean;
          "name"?: string;
          "revision"?: number;
          "session_id"?: string | null;
          "status"?: string;
          "tags"?: (string)[];
          "template_category"?: string | null;
          "undeployed_at"?: string | null;
          "updated_at"?: string;
          "user_id"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "a_workflow_came_from_a_session";
            columns: ["workspace_id", "session_id"];
            isOneToOne: false;
            referencedRelation: "sessions";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "workflows_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workflows_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "workspace_functions": {
        Row: {
          "enabled_at": string;
          "enabled_by": string | null;
          "function_name": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "enabled_at"?: string;
          "enabled_by"?: string | null;
          "function_name": string;
          "workspace_id": string;
        };
        Update: {
          "enabled_at"?: string;
          "enabled_by"?: string | null;
          "function_name"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workspace_functions_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workspace_functions_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "workspace_invitations": {
        Row: {
          "accepted_at": string | null;
          "accepted_by": string | null;
          "created_at": string;
          "email": string;
          "expires_at": string;
          "id": string;
          "invited_by": string | null;
          "role": string;
          "token_hash": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "accepted_at"?: string | null;
          "accepted_by"?: string | null;
          "created_at"?: string;
          "email": string;
          "expires_at": string;
          "id"?: string;
          "invited_by"?: string | null;
          "role": string;
          "token_hash": string;
          "workspace_id": string;
        };
        Update: {
          "accepted_at"?: string | null;
          "accepted_by"?: string | null;
          "created_at"?: string;
          "email"?: string;
          "expires_at"?: string;
          "id"?: string;
          "invited_by"?: string | null;
          "role"?: string;
          "token_hash"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workspace_invitations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workspace_invitations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "workspace_members": {
        Row: {
          "created_at": string;
          "role": string;
          "user_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "role": string;
          "user_id": string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "role"?: string;
          "user_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workspace_members_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workspace_members_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "workspaces": {
        Row: {
          "allowed_hosts": (string)[];
          "created_at": string;
          "id": string;
          "max_leases": number;
          "name": string;
          "personal_for": string | null;
          "responses_kept_days": number | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "versions_kept": number | null;
          "weight": number;
        };
        ComputedFields: never;
        Insert: {
          "allowed_hosts"?: (string)[];
          "created_at"?: string;
          "id"?: string;
          "max_leases"?: number;
          "name": string;
          "personal_for"?: string | null;
          "responses_kept_days"?: number | null;
          "updated_at"?: string;
          "variables"?: NonNullable<Json>;
          "versions_kept"?: number | null;
          "weight"?: number;
        };
        Update: {
          "allowed_hosts"?: (string)[];
          "created_at"?: string;
          "id"?: string;
          "max_leases"?: number;
          "name"?: string;
          "personal_for"?: string | null;
          "responses_kept_days"?: number | null;
          "updated_at"?: string;
          "variables"?: NonNullable<Json>;
          "versions_kept"?: number | null;
          "weight"?: number;
        };
        Relationships: [];
      };
    };
    Views: {
      "execution_data": {
        Row: {
          "attempt": number | null;
          "end_time": string | null;
          "error": Json | null;
          "execution_id": string | null;
          "id": string | null;
          "input": Json | null;
          "item_index": number | null;
          "lap": number | null;
          "node_id": string | null;
          "output": Json | null;
          "reused_from": string | null;
          "run_index": number | null;
          "scope": string | null;
          "source_id": string | null;
          "start_time": string | null;
          "status": string | null;
          "until": string | null;
          "waits_for": string | null;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "interaction_metrics": {
        Row: {
          "answered": number | null;
          "answers": number | null;
          "approved": number | null;
          "assignee": string | null;
          "average_seconds": number | null;
          "channel_type": string;
          "last_answer_at": string | null;
          "median_seconds": number | null;
          "p95_seconds": number | null;
          "rejected": number | null;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "an_interaction_belongs_to_a_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "an_interaction_belongs_to_a_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "live_node_executions": {
        Row: {
          "attempt": number | null;
          "execution_id": string | null;
          "id": string | null;
          "input_id": string | null;
          "lap": number | null;
          "node_id": string | null;
          "run_index": number | null;
          "scope": string | null;
          "source_id": string | null;
          "start_time": string | null;
          "status": string | null;
          "target_index": number | null;
          "until": string | null;
          "waits_for": string | null;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "pending_interaction_timeouts": {
        Row: {
          "assignees": NonNullable<Json>;
          "channel_type": string;
          "created_at": string;
          "escalated_at": string | null;
          "execution_id": string;
          "id": string;
          "interaction_type": string;
          "node_id": string;
          "priority": string;
          "reminded_at": string | null;
          "seconds_left": number | null;
          "timeout_action": string | null;
          "timeout_at": string;
          "title": string | null;
          "workflow_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "assignees"?: Json | null;
          "channel_type"?: string | null;
          "created_at"?: string | null;
          "escalated_at"?: string | null;
          "execution_id"?: string | null;
          "id"?: string | null;
          "interaction_type"?: string | null;
          "node_id"?: string | null;
          "priority"?: string | null;
          "reminded_at"?: string | null;
          "seconds_left"?: never;
          "timeout_action"?: never;
          "timeout_at"?: string | null;
          "title"?: never;
          "workflow_id"?: string | null;
          "workspace_id"?: string | null;
        };
        Update: {
          "assignees"?: Json | null;
          "channel_type"?: string | null;
          "created_at"?: string | null;
          "escalated_at"?: string | null;
          "execution_id"?: string | null;
          "id"?: string | null;
          "interaction_type"?: string | null;
          "node_id"?: string | null;
          "priority"?: string | null;
          "reminded_at"?: string | null;
          "seconds_left"?: never;
          "timeout_action"?: never;
          "timeout_at"?: string | null;
          "title"?: never;
          "workflow_id"?: string | null;
          "workspace_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "an_interaction_belongs_to_a_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "an_interaction_belongs_to_a_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "step_overview": {
        Row: {
          "app_name": string;
          "author": string | null;
          "created_at": string;
          "definition": string | null;
          "definition_embedding": unknown;
          "duration_ms": number | null;
          "element_path": string;
          "environment": string | null;
          "failed": number | null;
          "id": string;
          "last_executed_at": string | null;
          "node_id": string | null;
          "outcome_diff_key": string | null;
          "ranking": number | null;
          "robust_ranking": number | null;
          "search_vector": unknown;
          "state_object_key": string | null;
          "step_name": string;
          "succeeded": number | null;
          "terminator_version": string | null;
          "updated_at": string;
          "user_id": string | null;
          "window_title": string;
          "workflow_description": string | null;
          "workflow_embedding": unknown;
          "workflow_id": string | null;
          "workflow_name": string;
          "workflow_text_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "a_step_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflow_overview";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "a_step_belongs_to_its_workflow";
            columns: ["workspace_id", "workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "workflow_steps_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workflow_steps_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "step_stats": {
        Row: {
          "avg_ranking": number | null;
          "steps_with_success": number | null;
          "table_size": string | null;
          "total_failures": number | null;
          "total_steps": number | null;
          "total_successes": number | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "workflow_overview": {
        Row: {
          "created_at": string;
          "current_version": number;
          "deployed_version": number | null;
          "deployment_status": string;
          "description": string | null;
          "folder": string | null;
          "id": string;
          "latest_execution_id": string | null;
          "latest_execution_status": string | null;
          "latest_execution_time": string | null;
          "name": string;
          "status": string;
          "tags": (string)[];
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "workflows_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "step_stats";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workflows_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Functions: {
      "accept_invitation": {
        Args: { "token": string };
        Returns: {
          "created_at": string;
          "role": string;
          "user_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workspace_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "activate_workflow": {
        Args: { "workflow_id": string };
        Returns: {
          "archived_at": string | null;
          "created_at": string;
          "current_version": number;
          "deleted_at": string | null;
          "deployed_at": string | null;
          "deployed_by": string | null;
          "deployed_version": number | null;
          "deployment_status": string;
          "description": string | null;
          "folder": string | null;
          "icon_url": string | null;
          "id": string;
          "is_public": boolean;
          "is_template": boolean;
          "name": string;
          "revision": number;
          "session_id": string | null;
          "status": string;
          "tags": (string)[];
          "template_category": string | null;
          "undeployed_at": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflows";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "archive_workflow": {
        Args: { "workflow_id": string };
        Returns: {
          "archived_at": string | null;
          "created_at": string;
          "current_version": number;
          "deleted_at": string | null;
          "deployed_at": string | null;
          "deployed_by": string | null;
          "deployed_version": number | null;
          "deployment_status": string;
          "description": string | null;
          "folder": string | null;
          "icon_url": string | null;
          "id": string;
          "is_public": boolean;
          "is_template": boolean;
          "name": string;
          "revision": number;
          "session_id": string | null;
          "status": string;
          "tags": (string)[];
          "template_category": string | null;
          "undeployed_at": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflows";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "assign_response": {
        Args: { "interaction_id": string; "response_id": string };
        Returns: {
          "ai_reasoning": string | null;
          "ai_relevance_score": number | null;
          "asked_until": string | null;
          "classification": Json | null;
          "comment": string | null;
          "created_at": string;
          "data": Json | null;
          "error": Json | null;
          "headers": Json | null;
          "hints": NonNullable<Json>;
          "id": string;
          "integration_id": string | null;
          "matched_interaction_id": string | null;
          "message_id": string;
          "outcome": string | null;
          "processed_at": string | null;
          "provider": string;
          "raw_payload": NonNullable<Json>;
          "received_at": string;
          "responded_by": Json | null;
          "responder": string | null;
          "source_channel": string;
          "status": string;
          "workflow_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "hil_responses";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "cancel_execution": {
        Args: { "execution_id": string; "reason"?: string };
        Returns: {
          "created_at": string;
          "deadline": string | null;
          "depth": number;
          "end_time": string | null;
          "error": Json | null;
          "executed_by_caller": boolean;
          "id": string;
          "idempotency_key": string | null;
          "input": NonNullable<Json>;
          "is_limited": boolean;
          "mode": string;
          "nodes_executed": number | null;
          "output": Json | null;
          "parent_execution_id": string | null;
          "parent_item": number | null;
          "parent_run_id": string | null;
          "priority": number;
          "responded_by": string | null;
          "retry_of": string | null;
          "start_time": string | null;
          "status": string;
          "trigger_node_id": string;
          "triggered_by": string | null;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_executions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "cancel_interaction": {
        Args: { "interaction_id": string; "reason"?: string };
        Returns: {
          "assignees": NonNullable<Json>;
          "channel_type": string;
          "correlation_id": string | null;
          "created_at": string;
          "credentials": NonNullable<Json>;
          "escalated_at": string | null;
          "execution_id": string;
          "id": string;
          "interaction_type": string;
          "node_id": string;
          "outcome": string | null;
          "priority": string;
          "quorum": number;
          "reminded_at": string | null;
          "request_data": NonNullable<Json>;
          "responded_at": string | null;
          "responded_by": Json | null;
          "response_data": Json | null;
          "run_index": number;
          "status": string;
          "tags": (string)[];
          "timeout_at": string;
          "updated_at": string;
          "wish": Json | null;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "human_interactions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "complete_execution": {
        Args: { "error"?: Json; "execution_id": string; "nodes_executed"?: number; "outputs"?: Json; "status": string };
        Returns: {
          "created_at": string;
          "deadline": string | null;
          "depth": number;
          "end_time": string | null;
          "error": Json | null;
          "executed_by_caller": boolean;
          "id": string;
          "idempotency_key": string | null;
          "input": NonNullable<Json>;
          "is_limited": boolean;
          "mode": string;
          "nodes_executed": number | null;
          "output": Json | null;
          "parent_execution_id": string | null;
          "parent_item": number | null;
          "parent_run_id": string | null;
          "priority": number;
          "responded_by": string | null;
          "retry_of": string | null;
          "start_time": string | null;
          "status": string;
          "trigger_node_id": string;
          "triggered_by": string | null;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_executions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "create_session": {
        Args: { "metadata"?: Json; "session_type"?: string; "title"?: string; "workspace_id"?: string };
        Returns: {
          "created_at": string;
          "id": string;
          "metadata": NonNullable<Json>;
          "session_type": string;
          "title": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "create_workflow": {
        Args: {
          "definition"?: Json;
          "description"?: string;
          "folder"?: string;
          "icon_url"?: string;
          "name": string;
          "session_id"?: string;
          "tags"?: (string)[];
          "workspace_id"?: string;
        };
        Returns: {
          "archived_at": string | null;
          "created_at": string;
          "current_version": number;
          "deleted_at": string | null;
          "deployed_at": string | null;
          "deployed_by": string | null;
          "deployed_version": number | null;
          "deployment_status": string;
          "description": string | null;
          "folder": string | null;
          "icon_url": string | null;
          "id": string;
          "is_public": boolean;
          "is_template": boolean;
          "name": string;
          "revision": number;
          "session_id": string | null;
          "status": string;
          "tags": (string)[];
          "template_category": string | null;
          "undeployed_at": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflows";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "create_workflow_version": {
        Args: { "definition"?: Json; "note"?: string; "revision"?: number; "workflow_id": string };
        Returns: {
          "checksum": string;
          "created_at": string;
          "created_by": string | null;
          "definition": NonNullable<Json>;
          "is_locked": boolean;
          "note": string | null;
          "parent_version": number | null;
          "updated_at": string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_versions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "create_workspace": {
        Args: { "name": string };
        Returns: {
          "allowed_hosts": (string)[];
          "created_at": string;
          "id": string;
          "max_leases": number;
          "name": string;
          "personal_for": string | null;
          "responses_kept_days": number | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "versions_kept": number | null;
          "weight": number;
        };
        SetofOptions: {
          from: "*";
          to: "workspaces";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "delete_execution_limit": { Args: { "limit_id": string }; Returns: undefined };
      "delete_integration": { Args: { "integration_id": string }; Returns: undefined };
      "delete_session": { Args: { "session_id": string }; Returns: undefined };
      "delete_workflow": { Args: { "workflow_id": string }; Returns: undefined };
      "deploy_workflow": {
        Args: { "note"?: string; "running"?: string; "version"?: number; "workflow_id": string };
        Returns: Json;
      };
      "diff_workflow_versions": { Args: { "a": number; "b": number; "workflow_id": string }; Returns: Json };
      "duplicate_workflow": {
        Args: { "folder"?: string; "name"?: string; "workflow_id": string; "workspace_id"?: string };
        Returns: Json;
      };
      "enable_function": {
        Args: { "enabled"?: boolean; "function_name": string; "specification"?: Json; "workspace_id"?: string };
        Returns: boolean;
      };
      "explain_step_query": { Args: { "search_query": string; "workspace_id"?: string }; Returns: Json };
      "get_deployment_history": {
        Args: { "before"?: string; "page_size"?: number; "workflow_id": string };
        Returns: Json;
      };
      "get_embedding_status": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "dead": number;
          "dimensions": number;
          "done": number;
          "failed": number;
          "held": number;
          "in_flight": number;
          "next_model": string;
          "oldest_age_seconds": number;
          "pending": number;
          "serving_model": string;
          "source": string;
        }[];
      };
      "get_execution": { Args: { "execution_id": string }; Returns: Json };
      "get_execution_events": {
        Args: { "after"?: number; "execution_id": string; "max_events"?: number };
        Returns: Json;
      };
      "get_execution_stats": { Args: { "since"?: string; "workflow_id": string }; Returns: Json };
      "get_triggers": { Args: { "workflow_id": string }; Returns: Json };
      "get_version_history": {
        Args: { "before"?: number; "page_size"?: number; "workflow_id": string };
        Returns: Json;
      };
      "get_workflow": { Args: { "version"?: number; "workflow_id": string }; Returns: Json };
      "increment_step_stats": {
        Args: { "execution_duration"?: number; "is_success": boolean; "step_id": string };
        Returns: {
          "duration_ms": number | null;
          "failed": number;
          "last_executed_at": string;
          "step_id": string;
          "stored_rank": number;
          "succeeded": number;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_step_stats";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "increment_step_stats_batch": { Args: { "outcomes": Json }; Returns: Json };
      "invite_member": { Args: { "email": string; "role"?: string; "workspace_id": string }; Returns: Json };
      "list_folders": {
        Args: { "workspace_id"?: string };
        Returns: {
          "folder": string;
          "workflows": number;
          "workflows_below": number;
        }[];
      };
      "list_my_interactions": {
        Args: {
          "channel"?: string;
          "cursor"?: string;
          "page_size"?: number;
          "priority"?: string;
          "status"?: string;
          "with_counts"?: boolean;
          "workspace_id"?: string;
        };
        Returns: Json;
      };
      "list_tags": {
        Args: { "workspace_id"?: string };
        Returns: {
          "tag": string;
          "workflows": number;
        }[];
      };
      "list_workflows": {
        Args: {
          "created_by"?: string;
          "cursor"?: string;
          "folder"?: string;
          "include_subfolders"?: boolean;
          "is_deployed"?: boolean;
          "is_favorite"?: boolean;
          "is_public"?: boolean;
          "is_template"?: boolean;
          "order_by"?: string;
          "order_direction"?: string;
          "page_offset"?: number;
          "page_size"?: number;
          "query"?: string;
          "session_id"?: string;
          "status"?: (string)[];
          "tags"?: (string)[];
          "template_category"?: string;
          "with_total"?: boolean;
          "workspace_id"?: string;
        };
        Returns: Json;
      };
      "next_runs": {
        Args: { "after"?: string; "expression": string; "n"?: number; "timezone"?: string };
        Returns: string[];
      };
      "pause_execution": {
        Args: { "execution_id": string; "reason"?: string };
        Returns: {
          "created_at": string;
          "deadline": string | null;
          "depth": number;
          "end_time": string | null;
          "error": Json | null;
          "executed_by_caller": boolean;
          "id": string;
          "idempotency_key": string | null;
          "input": NonNullable<Json>;
          "is_limited": boolean;
          "mode": string;
          "nodes_executed": number | null;
          "output": Json | null;
          "parent_execution_id": string | null;
          "parent_item": number | null;
          "parent_run_id": string | null;
          "priority": number;
          "responded_by": string | null;
          "retry_of": string | null;
          "start_time": string | null;
          "status": string;
          "trigger_node_id": string;
          "triggered_by": string | null;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_executions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "pause_workflow": {
        Args: { "workflow_id": string };
        Returns: {
          "archived_at": string | null;
          "created_at": string;
          "current_version": number;
          "deleted_at": string | null;
          "deployed_at": string | null;
          "deployed_by": string | null;
          "deployed_version": number | null;
          "deployment_status": string;
          "description": string | null;
          "folder": string | null;
          "icon_url": string | null;
          "id": string;
          "is_public": boolean;
          "is_template": boolean;
          "name": string;
          "revision": number;
          "session_id": string | null;
          "status": string;
          "tags": (string)[];
          "template_category": string | null;
          "undeployed_at": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflows";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "purge_workflow_versions": { Args: { "keep"?: number; "workflow_id": string }; Returns: number };
      "reassign_interaction": {
        Args: { "assignees": Json; "interaction_id": string; "reason"?: string };
        Returns: {
          "assignees": NonNullable<Json>;
          "channel_type": string;
          "correlation_id": string | null;
          "created_at": string;
          "credentials": NonNullable<Json>;
          "escalated_at": string | null;
          "execution_id": string;
          "id": string;
          "interaction_type": string;
          "node_id": string;
          "outcome": string | null;
          "priority": string;
          "quorum": number;
          "reminded_at": string | null;
          "request_data": NonNullable<Json>;
          "responded_at": string | null;
          "responded_by": Json | null;
          "response_data": Json | null;
          "run_index": number;
          "status": string;
          "tags": (string)[];
          "timeout_at": string;
          "updated_at": string;
          "wish": Json | null;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "human_interactions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "record_step_usage": { Args: { "appeared"?: (string)[]; "viewed"?: (string)[] }; Returns: number };
      "remove_member": {
        Args: { "user_id"?: string; "workspace_id": string };
        Returns: {
          "created_at": string;
          "role": string;
          "user_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workspace_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "respond_to_interaction": {
        Args: {
          "comment"?: string;
          "data"?: Json;
          "decision": string;
          "idempotency_key"?: string;
          "interaction_id": string;
        };
        Returns: {
          "assignees": NonNullable<Json>;
          "channel_type": string;
          "correlation_id": string | null;
          "created_at": string;
          "credentials": NonNullable<Json>;
          "escalated_at": string | null;
          "execution_id": string;
          "id": string;
          "interaction_type": string;
          "node_id": string;
          "outcome": string | null;
          "priority": string;
          "quorum": number;
          "reminded_at": string | null;
          "request_data": NonNullable<Json>;
          "responded_at": string | null;
          "responded_by": Json | null;
          "response_data": Json | null;
          "run_index": number;
          "status": string;
          "tags": (string)[];
          "timeout_at": string;
          "updated_at": string;
          "wish": Json | null;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "human_interactions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "restore_archived_step": {
        Args: { "step_id": string };
        Returns: {
          "app_name": string;
          "author": string | null;
          "created_at": string;
          "definition": string | null;
          "element_path": string;
          "environment": string | null;
          "id": string;
          "node_id": string | null;
          "outcome_diff_key": string | null;
          "search_vector": unknown;
          "state_object_key": string | null;
          "step_name": string;
          "terminator_version": string | null;
          "updated_at": string;
          "user_id": string | null;
          "window_title": string;
          "workflow_description": string | null;
          "workflow_id": string | null;
          "workflow_name": string;
          "workflow_text_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_steps";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "restore_workflow_version": {
        Args: { "note"?: string; "revision"?: number; "version": number; "workflow_id": string };
        Returns: {
          "checksum": string;
          "created_at": string;
          "created_by": string | null;
          "definition": NonNullable<Json>;
          "is_locked": boolean;
          "note": string | null;
          "parent_version": number | null;
          "updated_at": string;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_versions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "resume_execution": {
        Args: { "execution_id": string };
        Returns: {
          "created_at": string;
          "deadline": string | null;
          "depth": number;
          "end_time": string | null;
          "error": Json | null;
          "executed_by_caller": boolean;
          "id": string;
          "idempotency_key": string | null;
          "input": NonNullable<Json>;
          "is_limited": boolean;
          "mode": string;
          "nodes_executed": number | null;
          "output": Json | null;
          "parent_execution_id": string | null;
          "parent_item": number | null;
          "parent_run_id": string | null;
          "priority": number;
          "responded_by": string | null;
          "retry_of": string | null;
          "start_time": string | null;
          "status": string;
          "trigger_node_id": string;
          "triggered_by": string | null;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_executions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "retry_execution": {
        Args: { "execution_id": string; "node_execution_id"?: string; "version"?: number };
        Returns: {
          "created_at": string;
          "deadline": string | null;
          "depth": number;
          "end_time": string | null;
          "error": Json | null;
          "executed_by_caller": boolean;
          "id": string;
          "idempotency_key": string | null;
          "input": NonNullable<Json>;
          "is_limited": boolean;
          "mode": string;
          "nodes_executed": number | null;
          "output": Json | null;
          "parent_execution_id": string | null;
          "parent_item": number | null;
          "parent_run_id": string | null;
          "priority": number;
          "responded_by": string | null;
          "retry_of": string | null;
          "start_time": string | null;
          "status": string;
          "trigger_node_id": string;
          "triggered_by": string | null;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_executions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "revoke_invitation": { Args: { "invitation_id": string }; Returns: undefined };
      "rollback_workflow": {
        Args: { "note"?: string; "running"?: string; "version"?: number; "workflow_id": string };
        Returns: Json;
      };
      "rotate_trigger": { Args: { "node_id": string; "workflow_id": string }; Returns: Json };
      "search_steps_keyword": {
        Args: {
          "cursor"?: string;
          "date_from"?: string;
          "date_to"?: string;
          "filter_app"?: string;
          "filter_author"?: string;
          "filter_window"?: string;
          "filter_workflow"?: string;
          "min_succeeded"?: number;
          "order_by"?: string;
          "ranking"?: string;
          "result_limit"?: number;
          "search_query": string;
          "with_explanation"?: boolean;
          "with_highlights"?: boolean;
          "workspace_id"?: string;
        };
        Returns: {
          "app_name": string;
          "cursor": string;
          "explanation": Json;
          "failed": number;
          "highlights": Json;
          "last_executed_at": string;
          "ranking": number;
          "step_id": string;
          "step_name": string;
          "succeeded": number;
          "text_score": number;
          "window_title": string;
          "workflow_name": string;
        }[];
      };
      "search_steps_similarity": {
        Args: {
          "embedding_model"?: string;
          "embedding_type"?: string;
          "min_similarity"?: number;
          "query_embedding"?: string;
          "ranking"?: string;
          "result_limit"?: number;
          "similarity_query"?: string;
          "step_ids": (string)[];
        };
        Returns: {
          "app_name": string;
          "definition": string;
          "ranking": number;
          "similarity_score": number;
          "step_id": string;
          "step_name": string;
          "window_title": string;
          "workflow_name": string;
        }[];
      };
      "search_steps_two_stage": {
        Args: {
          "cursor"?: string;
          "date_from"?: string;
          "date_to"?: string;
          "embedding_model"?: string;
          "embedding_type"?: string;
          "filter_app"?: string;
          "filter_author"?: string;
          "filter_window"?: string;
          "filter_workflow"?: string;
          "min_similarity"?: number;
          "min_succeeded"?: number;
          "mode"?: string;
          "query_embedding"?: string;
          "ranking"?: string;
          "search_query": string;
          "similarity_query"?: string;
          "stage1_limit"?: number;
          "stage2_limit"?: number;
          "with_explanation"?: boolean;
          "with_highlights"?: boolean;
          "workspace_id"?: string;
        };
        Returns: {
          "app_name": string;
          "combined_score": number;
          "cursor": string;
          "definition": string;
          "explanation": Json;
          "highlights": Json;
          "keyword_rank": number;
          "ranking": number;
          "similarity_score": number;
          "step_id": string;
          "step_name": string;
          "text_score": number;
          "window_title": string;
          "workflow_name": string;
        }[];
      };
      "send_event": {
        Args: { "key"?: string; "name": string; "payload"?: Json; "workspace_id"?: string };
        Returns: Json;
      };
      "set_execution_limit": {
        Args: {
          "key"?: string;
          "max_concurrency"?: number;
          "policy"?: string;
          "rate_limit"?: number;
          "rate_window_seconds"?: number;
          "workflow_id"?: string;
          "workspace_id"?: string;
        };
        Returns: {
          "created_at": string;
          "id": string;
          "is_from_settings": boolean;
          "key": string | null;
          "max_concurrency": number | null;
          "policy": string;
          "rate_limit": number | null;
          "rate_window_seconds": number | null;
          "workflow_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "execution_limits";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "set_favorite": { Args: { "is_favorite"?: boolean; "workflow_id": string }; Returns: boolean };
      "set_member_role": {
        Args: { "role": string; "user_id": string; "workspace_id": string };
        Returns: {
          "created_at": string;
          "role": string;
          "user_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workspace_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "set_static_data": {
        Args: { "data": Json; "workflow_id": string };
        Returns: {
          "data": NonNullable<Json>;
          "updated_at": string;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_static_data";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "start_execution": {
        Args: {
          "executed_by_caller"?: boolean;
          "idempotency_key"?: string;
          "input"?: Json;
          "priority"?: number;
          "start_at"?: string;
          "timeout_seconds"?: number;
          "version"?: number;
          "workflow_id": string;
        };
        Returns: {
          "created_at": string;
          "deadline": string | null;
          "depth": number;
          "end_time": string | null;
          "error": Json | null;
          "executed_by_caller": boolean;
          "id": string;
          "idempotency_key": string | null;
          "input": NonNullable<Json>;
          "is_limited": boolean;
          "mode": string;
          "nodes_executed": number | null;
          "output": Json | null;
          "parent_execution_id": string | null;
          "parent_item": number | null;
          "parent_run_id": string | null;
          "priority": number;
          "responded_by": string | null;
          "retry_of": string | null;
          "start_time": string | null;
          "status": string;
          "trigger_node_id": string;
          "triggered_by": string | null;
          "version": number;
          "workflow_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_executions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "unarchive_workflow": {
        Args: { "workflow_id": string };
        Returns: {
          "archived_at": string | null;
          "created_at": string;
          "current_version": number;
          "deleted_at": string | null;
          "deployed_at": string | null;
          "deployed_by": string | null;
          "deployed_version": number | null;
          "deployment_status": string;
          "description": string | null;
          "folder": string | null;
          "icon_url": string | null;
          "id": string;
          "is_public": boolean;
          "is_template": boolean;
          "name": string;
          "revision": number;
          "session_id": string | null;
          "status": string;
          "tags": (string)[];
          "template_category": string | null;
          "undeployed_at": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflows";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "undeploy_workflow": { Args: { "note"?: string; "running"?: string; "workflow_id": string }; Returns: Json };
      "update_integration": {
        Args: {
          "config"?: Json;
          "external_id"?: string;
          "integration_id": string;
          "is_active"?: boolean;
          "name"?: string;
        };
        Returns: {
          "config": NonNullable<Json>;
          "created_at": string;
          "created_by": string | null;
          "external_id": string | null;
          "id": string;
          "is_active": boolean;
          "name": string;
          "provider": string;
          "updated_at": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "integrations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "update_session": {
        Args: { "metadata"?: Json; "session_id": string; "title"?: string };
        Returns: {
          "created_at": string;
          "id": string;
          "metadata": NonNullable<Json>;
          "session_type": string;
          "title": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "update_workflow": {
        Args: {
          "definition"?: Json;
          "description"?: string;
          "folder"?: string;
          "icon_url"?: string;
          "is_public"?: boolean;
          "is_template"?: boolean;
          "name"?: string;
          "note"?: string;
          "revision"?: number;
          "session_id"?: string;
          "tags"?: (string)[];
          "template_category"?: string;
          "workflow_id": string;
        };
        Returns: {
          "archived_at": string | null;
          "created_at": string;
          "current_version": number;
          "deleted_at": string | null;
          "deployed_at": string | null;
          "deployed_by": string | null;
          "deployed_version": number | null;
          "deployment_status": string;
          "description": string | null;
          "folder": string | null;
          "icon_url": string | null;
          "id": string;
          "is_public": boolean;
          "is_template": boolean;
          "name": string;
          "revision": number;
          "session_id": string | null;
          "status": string;
          "tags": (string)[];
          "template_category": string | null;
          "undeployed_at": string | null;
          "updated_at": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflows";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "validate_definition": { Args: { "definition": Json; "workspace_id"?: string }; Returns: Json };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Insert: infer I;
  } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Update: infer U;
  } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
