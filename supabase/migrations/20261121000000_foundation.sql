set local check_function_bodies = off;

alter default privileges for role "postgres" in schema "public" revoke all on sequences from "anon";

alter default privileges for role "postgres" in schema "public" revoke all on sequences from "authenticated";

alter default privileges for role "postgres" in schema "public" revoke all on sequences from "service_role";

alter default privileges for role "postgres" in schema "public" revoke all on functions from "anon";

alter default privileges for role "postgres" in schema "public" revoke all on functions from "authenticated";

alter default privileges for role "postgres" in schema "public" revoke all on functions from "service_role";

alter default privileges for role "postgres" in schema "public" revoke all on tables from "anon";

alter default privileges for role "postgres" in schema "public" revoke all on tables from "authenticated";

alter default privileges for role "postgres" in schema "public" revoke all on tables from "service_role";

create schema "engine";

create schema "hil";

create schema "integrations";

create schema "nodes";

create schema "platform";

create schema "triggers";

create schema "workflows";

create schema "workspaces";

create table "engine"."cancellations" (
  "id"           bigint generated always as identity not null,
  "execution_id" uuid   not null,
  "reason"       text,
  constraint "cancellations_pkey" primary key (id)
);

alter table "engine"."cancellations"
  enable row level security;

create table "engine"."collected" (
  "execution_id" uuid    not null,
  "for_run"      uuid    not null,
  "node_id"      text    not null,
  "arrival"      bigint  generated always as identity not null,
  "item"         integer not null,
  "target_index" integer not null,
  "source_id"    uuid,
  "input_id"     uuid,
  "ancestors"    jsonb,
  "scope"        text    collate pg_catalog."C" not null,
  "lap"          integer not null,
  constraint "collected_pkey" primary key (execution_id, for_run, node_id, arrival)
);

alter table "engine"."collected"
  enable row level security;

create table "engine"."doorbell_tokens" (
  "token_hash" bytea                    not null,
  "expires_at" timestamp with time zone not null,
  constraint "doorbell_tokens_pkey" primary key (token_hash)
);

alter table "engine"."doorbell_tokens"
  enable row level security;

create table "engine"."doorbell" (
  "only_row" boolean                  not null default true,
  "rung_at"  timestamp with time zone not null,
  constraint "doorbell_pkey" primary key (only_row),
  constraint "one_row" check (only_row)
);

alter table "engine"."doorbell"
  enable row level security;

create table "engine"."ended_children" (
  "id"           bigint generated always as identity not null,
  "execution_id" uuid   not null,
  "run_id"       uuid   not null,
  constraint "ended_children_pkey" primary key (id)
);

alter table "engine"."ended_children"
  enable row level security;

create table "engine"."merged" (
  "execution_id" uuid    not null,
  "scope"        text    collate pg_catalog."C" not null,
  "node_id"      text    not null,
  "lap"          integer not null,
  constraint "merged_pkey" primary key (execution_id, scope, node_id, lap)
);

alter table "engine"."merged"
  enable row level security;

create table "engine"."node_runs" (
  "execution_id" uuid    not null,
  "scope"        text    collate pg_catalog."C" not null,
  "node_id"      text    not null,
  "runs"         integer not null,
  constraint "node_runs_pkey" primary key (execution_id, scope, node_id)
);

alter table "engine"."node_runs"
  enable row level security;

alter table "engine"."node_runs"
  set (fillfactor=60);

create table "engine"."plan" (
  "workflow_id"               uuid             not null,
  "version"                   integer          not null,
  "node_id"                   text             not null,
  "ordinal"                   integer          not null,
  "name"                      text             not null,
  "node_type"                 text             not null,
  "node_subtype"              text             not null,
  "executor"                  text             not null,
  "handler"                   text,
  "parameters"                jsonb            not null,
  "bindings"                  jsonb,
  "reads"                     text[]           not null,
  "is_referenced"             boolean          not null,
  "keeps_ancestors"           boolean          not null,
  "runs_once"                 boolean          not null,
  "is_disabled"               boolean          not null,
  "edges"                     jsonb            not null,
  "edge_reads"                text[]           not null,
  "component"                 integer,
  "merge_mode"                text,
  "inputs"                    integer[],
  "collects"                  text[],
  "has_joins"                 boolean          not null,
  "keeps_state"               boolean          not null,
  "asks"                      boolean          not null,
  "pinned"                    jsonb,
  "error_handling"            text             not null,
  "max_retries"               integer          not null,
  "retry_wait_time"           double precision not null,
  "timeout_seconds"           integer          not null,
  "total_nodes"               integer          not null,
  "execution_timeout_seconds" integer,
  constraint "a_for_each_has_collects"
    check (((not (handler is distinct from 'for_each'::text)) = (collects is not null))),
  constraint "a_merge_has_a_mode_and_inputs"
    check ((((not (handler is distinct from 'merge'::text)) = (merge_mode is
    not null)) and ((merge_mode is null) = (inputs is null)))),
  constraint "an_edge_node_has_no_handler" check (((executor = 'edge'::text) = (handler is null))),
  constraint "plan_pkey" primary key (workflow_id, version, node_id)
);

alter table "engine"."plan"
  enable row level security;

create table "engine"."reach" (
  "workflow_id"    uuid      not null,
  "version"        integer   not null,
  "merge_node_id"  text      not null,
  "node_id"        text      not null,
  "inputs"         integer[] not null,
  "inputs_ahead"   integer[] not null,
  "same_component" boolean   not null,
  constraint "reach_pkey" primary key (workflow_id, version, merge_node_id, node_id)
);

alter table "engine"."reach"
  enable row level security;

create table "engine"."retried" (
  "execution_id"     uuid not null,
  "run_id"           uuid not null,
  "old_execution_id" uuid not null,
  "old_run_id"       uuid not null,
  constraint "retried_pkey" primary key (run_id)
);

alter table "engine"."retried"
  enable row level security;

create table "engine"."slots" (
  "execution_id" uuid                     not null,
  "limit_id"     uuid                     not null,
  "key"          text                     not null,
  "priority"     integer                  not null,
  "asked_at"     timestamp with time zone not null,
  "admitted_at"  timestamp with time zone,
  "released_at"  timestamp with time zone,
  constraint "slots_pkey" primary key (execution_id, limit_id)
);

alter table "engine"."slots"
  enable row level security;

create table "engine"."tasks" (
  "id"           uuid                     not null,
  "workspace_id" uuid                     not null,
  "execution_id" uuid                     not null,
  "workflow_id"  uuid                     not null,
  "version"      integer                  not null,
  "node_id"      text                     not null,
  "target_index" integer                  not null,
  "run_index"    integer                  not null,
  "attempt"      integer                  not null,
  "source_id"    uuid,
  "input_id"     uuid,
  "ancestors"    jsonb,
  "scope"        text                     collate pg_catalog."C" not null,
  "lap"          integer                  not null,
  "priority"     integer                  not null,
  "lease_token"  uuid,
  "worker_id"    text,
  "leased_at"    timestamp with time zone,
  "lease_until"  timestamp with time zone,
  constraint "a_lease_has_an_owner"
    check ((num_nulls(lease_token, worker_id, leased_at, lease_until) = any (array[0, 4]))),
  constraint "tasks_pkey" primary key (id)
);

alter table "engine"."tasks"
  enable row level security;

alter table "engine"."tasks"
  set
    (autovacuum_analyze_scale_factor=0, autovacuum_analyze_threshold=2000, autovacuum_vacuum_scale_factor=0,
    autovacuum_vacuum_threshold=2000, fillfactor=60);

create table "engine"."waits" (
  "id"              uuid                     not null,
  "workspace_id"    uuid                     not null,
  "execution_id"    uuid                     not null,
  "workflow_id"     uuid                     not null,
  "version"         integer                  not null,
  "node_id"         text                     not null,
  "target_index"    integer                  not null,
  "run_index"       integer,
  "attempt"         integer                  not null,
  "source_id"       uuid,
  "input_id"        uuid,
  "ancestors"       jsonb,
  "scope"           text                     collate pg_catalog."C" not null,
  "lap"             integer                  not null,
  "priority"        integer                  not null,
  "kind"            text                     not null,
  "since"           timestamp with time zone not null,
  "until"           timestamp with time zone not null,
  "is_held"         boolean                  not null default false,
  "event_name"      text,
  "event_key"       text,
  "data"            jsonb,
  "for_run"         uuid,
  "next_item"       integer,
  "items"           integer,
  "max_concurrency" integer,
  "deadline"        timestamp with time zone,
  "arrival"         bigint                   generated always as identity not null,
  constraint "a_join_knows_its_run"
    check (((kind = any (array['collect'::text, 'for_each'::text])) = (for_run is not null))),
  constraint "a_kind_is_known"
    check
    ((kind = any (array['retry'::text, 'ready'::text, 'turn'::text, 'slot'::text, 'timer'::text,
    'event'::text,
    'children'::text, 'merge'::text, 'collect'::text, 'for_each'::text, 'human'::text, 'caller'::text]))),
  constraint "an_event_has_a_name" check (((kind = 'event'::text) = (event_name is not null))),
  constraint "items_are_counted"
    check
    (((kind = any (array['children'::text, 'for_each'::text])) = (num_nonnulls(next_item, items,
    max_concurrency) = 3))),
  constraint "waits_pkey" primary key (id)
);

alter table "engine"."waits"
  enable row level security;

alter table "engine"."waits"
  set
    (autovacuum_analyze_scale_factor=0, autovacuum_analyze_threshold=2000, autovacuum_vacuum_scale_factor=0,
    autovacuum_vacuum_threshold=2000, fillfactor=80);

create table "engine"."workers" (
  "worker_id"      text                     not null,
  "sequence"       bigint                   not null default 0,
  "last_workspace" uuid,
  "last_claim"     uuid[]                   not null default '{}'::uuid[],
  "last_refused"   uuid[]                   not null default '{}'::uuid[],
  "capacity"       integer                  not null,
  "seen_at"        timestamp with time zone not null,
  constraint "workers_pkey" primary key (worker_id)
);

alter table "engine"."workers"
  enable row level security;

alter table "engine"."workers"
  set (fillfactor=60);

create table "hil"."messages" (
  "workspace_id"   uuid                     not null,
  "interaction_id" uuid                     not null,
  "kind"           text                     not null,
  "channel"        text                     not null,
  "integration_id" uuid,
  "recipient"      text                     not null,
  "content"        jsonb                    not null,
  "follows"        uuid,
  "status"         text                     not null default 'pending'::text,
  "attempt"        integer                  not null default 0,
  "due_at"         timestamp with time zone not null,
  "worker_id"      text,
  "lease_until"    timestamp with time zone,
  "sent_at"        timestamp with time zone,
  "external_id"    text,
  "thread"         jsonb,
  "error"          jsonb,
  "created_at"     timestamp with time zone not null default clock_timestamp(),
  constraint "a_channel_is_known"
    check ((channel = any (array['slack'::text, 'email'::text, 'webhook'::text]))),
  constraint "a_kind_is_known"
    check ((kind = any (array['request'::text, 'reminder'::text, 'escalation'::text, 'decided'::text]))),
  constraint "a_status_is_known"
    check ((status = any (array['pending'::text, 'sent'::text, 'failed'::text]))),
  constraint "only_a_decision_follows" check (((kind = 'decided'::text) = (follows is not null)))
);

alter table "hil"."messages"
  enable row level security;

alter table "hil"."messages"
  set (fillfactor=80);

create table "hil"."tokens" (
  "token_hash"     bytea                    not null,
  "interaction_id" uuid                     not null,
  "assignee"       jsonb                    not null,
  "expires_at"     timestamp with time zone not null,
  "used_at"        timestamp with time zone,
  "revoked_at"     timestamp with time zone,
  constraint "tokens_pkey" primary key (token_hash)
);

alter table "hil"."tokens"
  enable row level security;

create table "integrations"."secrets" (
  "id"             uuid                     not null default gen_random_uuid(),
  "workspace_id"   uuid                     not null,
  "integration_id" uuid                     not null,
  "purpose"        text                     not null,
  "ciphertext"     text                     not null,
  "created_at"     timestamp with time zone not null default clock_timestamp(),
  "expires_at"     timestamp with time zone,
  constraint "a_ciphertext_is_a_fernet_token"
    check
    (((ciphertext ~ '^gAAAAA[A-Za-z0-9_-]+={0,2}$'::text) and ((length(ciphertext) >= 100) and
    (length(ciphertext) <= 8000)))),
  constraint "a_purpose_is_known" check ((purpose = any (array['signing'::text, 'api_key'::text]))),
  constraint "secrets_pkey" primary key (id)
);

alter table "integrations"."secrets"
  enable row level security;

create table "platform"."settings" (
  "key"        text                     not null,
  "value"      jsonb                    not null,
  "updated_at" timestamp with time zone not null default clock_timestamp(),
  constraint "a_key_names_its_domain" check ((key ~ '^[a-z_]+\.[a-z_.]+$'::text)),
  constraint "settings_pkey" primary key (key)
);

alter table "platform"."settings"
  enable row level security;

create table "public"."execution_limits" (
  "workspace_id"        uuid                     not null,
  "workflow_id"         uuid,
  "key"                 text,
  "max_concurrency"     integer,
  "rate_limit"          integer,
  "rate_window_seconds" integer,
  "policy"              text                     not null default 'queue'::text,
  "is_from_settings"    boolean                  not null default false,
  "created_at"          timestamp with time zone not null default clock_timestamp(),
  constraint "a_limit_is_set_once" unique nulls not distinct (workspace_id, workflow_id, key),
  constraint "a_limit_limits" check ((num_nonnulls(max_concurrency, rate_limit) > 0)),
  constraint "a_policy_is_known"
    check ((policy = any (array['queue'::text, 'drop'::text, 'cancel_oldest'::text]))),
  constraint "a_rate_has_a_window"
    check
    ((((rate_limit is null) = (rate_window_seconds is null)) and ((rate_window_seconds >= 1) and
    (rate_window_seconds <= 86400)))),
  constraint "numbers_are_positive" check (((max_concurrency > 0) and (rate_limit > 0)))
);

alter table "public"."execution_limits"
  enable row level security;

revoke all on table "public"."execution_limits" from "anon";

create table "public"."hil_responses" (
  "workspace_id"           uuid                     not null,
  "workflow_id"            uuid,
  "source_channel"         text                     not null,
  "provider"               text                     not null,
  "integration_id"         uuid,
  "message_id"             text                     not null,
  "raw_payload"            jsonb                    not null,
  "headers"                jsonb,
  "hints"                  jsonb                    not null default '{}'::jsonb,
  "status"                 text                     not null default 'unprocessed'::text,
  "processed_at"           timestamp with time zone,
  "matched_interaction_id" uuid,
  "responder"              text,
  "responded_by"           jsonb,
  "outcome"                text,
  "data"                   jsonb,
  "comment"                text,
  "ai_relevance_score"     numeric(3,2),
  "ai_reasoning"           text,
  "classification"         jsonb,
  "error"                  jsonb,
  "received_at"            timestamp with time zone not null default clock_timestamp(),
  "created_at"             timestamp with time zone not null default clock_timestamp(),
  constraint "a_message_is_taken_once" unique nulls not distinct (provider, integration_id, message_id),
  constraint "a_processing_status_is_known"
    check
    ((status = any (array['unprocessed'::text, 'matched'::text, 'filtered_out'::text, 'unmatched'::text,
    'error'::text]))),
  constraint "a_source_channel_is_known"
    check ((source_channel = any (array['slack'::text, 'email'::text, 'webhook'::text, 'in_app'::text]))),
  constraint "a_vote_is_known"
    check ((outcome = any (array['approved'::text, 'rejected'::text, 'answered'::text]))),
  constraint "what_is_matched_has_its_interaction"
    check (((status <> 'matched'::text) or (matched_interaction_id is not null)))
);

alter table "public"."hil_responses"
  enable row level security;

revoke all on table "public"."hil_responses" from "anon";

create table "public"."human_interactions" (
  "id"               uuid                     not null,
  "workspace_id"     uuid                     not null,
  "workflow_id"      uuid                     not null,
  "execution_id"     uuid                     not null,
  "node_id"          text                     not null,
  "run_index"        integer                  not null default 0,
  "interaction_type" text                     not null,
  "channel_type"     text                     not null,
  "status"           text                     not null default 'pending'::text,
  "outcome"          text,
  "priority"         text                     not null default 'normal'::text,
  "request_data"     jsonb                    not null,
  "response_data"    jsonb,
  "assignees"        jsonb                    not null default '[]'::jsonb,
  "quorum"           integer                  not null default 1,
  "credentials"      jsonb                    not null default '{}'::jsonb,
  "created_at"       timestamp with time zone not null,
  "updated_at"       timestamp with time zone not null default clock_timestamp(),
  "responded_at"     timestamp with time zone,
  "responded_by"     jsonb,
  "timeout_at"       timestamp with time zone not null,
  "reminded_at"      timestamp with time zone,
  "escalated_at"     timestamp with time zone,
  "correlation_id"   text,
  "tags"             text[]                   not null default '{}'::text[],
  constraint "a_channel_is_known"
    check ((channel_type = any (array['slack'::text, 'email'::text, 'webhook'::text, 'in_app'::text]))),
  constraint "a_correlation_id_has_1_to_255_characters"
    check (((length(correlation_id) >= 1) and (length(correlation_id) <= 255))),
  constraint "a_priority_is_known"
    check ((priority = any (array['low'::text, 'normal'::text, 'high'::text, 'critical'::text]))),
  constraint "a_quorum_is_1_to_100" check (((quorum >= 1) and (quorum <= 100))),
  constraint "a_status_has_its_outcome" check (
case status
    when 'responded'::text then
      ((outcome = any (array['approved'::text, 'rejected'::text, 'answered'::text])) and (responded_at is
      not null))
    when 'timeout'::text then (outcome = 'timed_out'::text)
    when 'cancelled'::text then (outcome = 'cancelled'::text)
    else true
end),
  constraint "a_status_is_known"
    check
    ((status = any (array['pending'::text, 'responded'::text, 'timeout'::text, 'error'::text,
    'cancelled'::text]))),
  constraint "an_interaction_has_one_workspace" unique (workspace_id, id),
  constraint "an_interaction_type_is_known"
    check
    ((interaction_type = any (array['approval'::text, 'input'::text, 'selection'::text, 'review'::text]))),
  constraint "an_outcome_is_known"
    check
    ((outcome = any (array['approved'::text, 'rejected'::text, 'answered'::text, 'timed_out'::text,
    'cancelled'::text]))),
  constraint "human_interactions_pkey" primary key (id),
  constraint "it_has_an_outcome_once_it_is_decided"
    check (((outcome is null) = (status = any (array['pending'::text, 'error'::text]))))
);

alter table "public"."human_interactions"
  enable row level security;

revoke all on table "public"."human_interactions" from "anon";

create table "public"."integrations" (
  "id"          uuid                     not null default gen_random_uuid(),
  "provider"    text                     not null,
  "name"        text                     not null,
  "external_id" text,
  "config"      jsonb                    not null default '{}'::jsonb,
  "is_active"   boolean                  not null default true,
  "created_at"  timestamp with time zone not null default clock_timestamp(),
  "updated_at"  timestamp with time zone not null default clock_timestamp(),
  constraint "a_name_has_1_to_200_characters" check (((length(name) >= 1) and (length(name) <= 200))),
  constraint "a_provider_is_known"
    check
    ((provider = any (array['github'::text, 'slack'::text, 'resend'::text, 'sendgrid'::text, 'mailgun'::text,
    'postmark'::text, 'webhook'::text]))),
  constraint "an_external_id_has_1_to_200_characters"
    check (((length(external_id) >= 1) and (length(external_id) <= 200))),
  constraint "config_has_at_most_8_kib" check ((octet_length((config)::text) <= 8192)),
  constraint "config_is_an_object" check ((jsonb_typeof(config) = 'object'::text)),
  constraint "integrations_pkey" primary key (id),
  "created_by"  uuid                     default auth.uid()
);

alter table "public"."integrations"
  enable row level security;

revoke all on table "public"."integrations" from "anon";

create table "public"."node_connections" (
  "workspace_id"     uuid    not null,
  "workflow_id"      uuid    not null,
  "version"          integer not null,
  "ordinal"          integer not null,
  "source_node_id"   text    not null,
  "target_node_id"   text    not null,
  "connection_type"  text    not null default 'MAIN'::text,
  "connection_index" integer not null default 0,
  "target_index"     integer not null default 0,
  "label"            text,
  "conditions"       jsonb,
  constraint "a_connection_type_is_known"
    check
    ((connection_type = any (array['MAIN'::text, 'ERROR'::text, 'SUCCESS'::text, 'CONDITIONAL'::text,
    'AI_AGENT'::text,
    'AI_CHAIN'::text,
    'AI_DOCUMENT'::text,
    'AI_EMBEDDING'::text,
    'AI_LANGUAGE_MODEL'::text,
    'AI_MEMORY'::text,
    'AI_OUTPUT_PARSER'::text,
    'AI_RETRIEVER'::text,
    'AI_RERANKER'::text,
    'AI_TEXT_SPLITTER'::text,
    'AI_TOOL'::text, 'AI_VECTOR_STORE'::text, 'MEMORY_ATTACHMENT'::text, 'CONTEXT_PROVIDER'::text]))),
  constraint "node_connections_pkey" primary key (workflow_id, version, ordinal)
);

alter table "public"."node_connections"
  enable row level security;

revoke all on table "public"."node_connections" from "anon";

create table "public"."node_executions" (
  "execution_id" uuid                     not null,
  "id"           uuid                     not null,
  "workspace_id" uuid                     not null,
  "node_id"      text                     not null,
  "node_type"    text                     not null,
  "run_index"    integer,
  "attempt"      integer                  not null,
  "status"       text                     not null,
  "source_id"    uuid,
  "input_id"     uuid,
  "passes_input" boolean                  not null,
  "output_data"  jsonb,
  "error_data"   jsonb,
  "ancestors"    jsonb,
  "scope"        text                     collate pg_catalog."C" not null,
  "lap"          integer                  not null,
  "target_index" integer                  not null,
  "joined"       jsonb,
  "reused_from"  uuid,
  "is_end"       boolean                  not null,
  "start_time"   timestamp with time zone not null,
  "end_time"     timestamp with time zone not null
) partition by range (execution_id);

alter table "public"."node_executions"
  enable row level security;

revoke all on table "public"."node_executions" from "anon";

create table "public"."node_specifications" (
  "workspace_id"          uuid,
  "node_type"             text                     not null,
  "node_subtype"          text                     not null,
  "specification_version" text                     not null default '1.0.0'::text,
  "executor"              text                     not null,
  "specification_data"    jsonb                    not null,
  "is_active"             boolean                  not null default true,
  "is_system_spec"        boolean                  generated always as ((workspace_id is null)) stored
    not null,
  "created_at"            timestamp with time zone not null default clock_timestamp(),
  "updated_at"            timestamp with time zone not null default clock_timestamp(),
  constraint "a_node_type_is_known"
    check
    ((node_type = any (array['TRIGGER'::text, 'AI_AGENT'::text, 'EXTERNAL_ACTION'::text, 'ACTION'::text,
    'FLOW'::text, 'HUMAN_IN_THE_LOOP'::text, 'TOOL'::text, 'MEMORY'::text]))),
  constraint "a_type_has_one_specification" unique nulls not distinct (workspace_id, node_type, node_subtype),
  constraint "an_executor_is_known" check ((executor = any (array['sql'::text, 'edge'::text, 'wait'::text]))),
  constraint "an_own_type_is_called_like_its_function" check (
case
    when (workspace_id is null) then (node_subtype ~ '^[A-Z][A-Z0-9_]*$'::text)
    else
      ((node_type = 'ACTION'::text) and (executor = 'edge'::text) and (node_subtype ~
      '^[a-z_][a-z0-9_]*$'::text))
end),
  constraint "outputs_are_named"
    check ((jsonb_typeof((specification_data -> 'outputs'::text)) = 'array'::text))
);

alter table "public"."node_specifications"
  enable row level security;

revoke all on table "public"."node_specifications" from "anon";

create table "public"."nodes" (
  "workspace_id"    uuid             not null,
  "workflow_id"     uuid             not null,
  "version"         integer          not null,
  "node_id"         text             not null,
  "ordinal"         integer          not null,
  "name"            text             not null,
  "description"     text,
  "node_type"       text             not null,
  "node_subtype"    text             not null,
  "type_version"    integer          not null default 1,
  "disabled"        boolean          not null default false,
  "position_x"      double precision not null default 0,
  "position_y"      double precision not null default 0,
  "parameters"      jsonb            not null default '{}'::jsonb,
  "credentials"     jsonb            not null default '{}'::jsonb,
  "attached_nodes"  jsonb            not null default '[]'::jsonb,
  "error_handling"  text             not null default 'STOP_WORKFLOW_ON_ERROR'::text,
  "max_retries"     integer          not null default 3,
  "retry_wait_time" double precision not null default 5,
  "timeout_seconds" integer          not null default 60,
  "notes"           text,
  constraint "a_node_has_one_workspace" unique (workspace_id, workflow_id, version, node_id),
  constraint "a_node_type_is_known"
    check
    ((node_type = any (array['TRIGGER'::text, 'AI_AGENT'::text, 'EXTERNAL_ACTION'::text, 'ACTION'::text,
    'FLOW'::text, 'HUMAN_IN_THE_LOOP'::text, 'TOOL'::text, 'MEMORY'::text]))),
  constraint "an_error_strategy_is_known"
    check
    ((error_handling = any (array['STOP_WORKFLOW_ON_ERROR'::text, 'CONTINUE_REGULAR_OUTPUT_ON_ERROR'::text,
    'CONTINUE_ERROR_OUTPUT_ON_ERROR'::text]))),
  constraint "nodes_pkey" primary key (workflow_id, version, node_id)
);

alter table "public"."nodes"
  enable row level security;

revoke all on table "public"."nodes" from "anon";

create table "public"."sessions" (
  "workspace_id" uuid                     not null,
  "session_type" text                     not null default 'chat'::text,
  "title"        text,
  "metadata"     jsonb                    not null default '{}'::jsonb,
  "created_at"   timestamp with time zone not null default clock_timestamp(),
  "updated_at"   timestamp with time zone not null default clock_timestamp(),
  constraint "a_session_type_is_known" check ((session_type = any (array['chat'::text, 'editing'::text]))),
  constraint "a_title_has_at_most_255_characters" check ((length(title) <= 255)),
  constraint "metadata_are_an_object" check ((jsonb_typeof(metadata) = 'object'::text)),
  constraint "metadata_have_at_most_64_kib" check ((octet_length((metadata)::text) <= 65536)),
  "user_id"      uuid                     default auth.uid()
);

alter table "public"."sessions"
  enable row level security;

revoke all on table "public"."sessions" from "anon";

create table "public"."trigger_index" (
  "id"                uuid                     not null,
  "workspace_id"      uuid                     not null,
  "workflow_id"       uuid                     not null,
  "version"           integer                  not null,
  "node_id"           text                     not null,
  "trigger_type"      text                     not null default 'TRIGGER'::text,
  "trigger_subtype"   text                     not null,
  "index_key"         text                     not null,
  "integration_id"    uuid,
  "trigger_config"    jsonb                    not null default '{}'::jsonb,
  "is_active"         boolean                  not null default true,
  "deployment_status" text                     generated always as (
case
    when is_active then 'active'::text
    else 'inactive'::text
end) stored not null,
  "created_at"        timestamp with time zone not null default clock_timestamp(),
  "updated_at"        timestamp with time zone not null default clock_timestamp(),
  constraint "a_provider_is_trusted_through_an_integration"
    check
    (((trigger_subtype <> all (array['EMAIL'::text, 'GITHUB'::text, 'SLACK'::text])) or (integration_id is
    not null))),
  constraint "a_subtype_is_known"
    check
    ((trigger_subtype = any (array['MANUAL'::text, 'CRON'::text, 'WEBHOOK'::text, 'EMAIL'::text,
    'GITHUB'::text, 'SLACK'::text]))),
  constraint "a_trigger_node_is_indexed_once" unique (workflow_id, node_id),
  constraint "a_type_is_known" check ((trigger_type = 'TRIGGER'::text)),
  constraint "trigger_index_pkey" primary key (id)
);

alter table "public"."trigger_index"
  enable row level security;

revoke all on table "public"."trigger_index" from "anon";

create table "public"."workflow_deployment_history" (
  "workspace_id"       uuid                     not null,
  "workflow_id"        uuid                     not null,
  "deployment_action"  text                     not null,
  "from_status"        text                     not null,
  "to_status"          text                     not null,
  "deployment_version" integer                  not null,
  "deployment_config"  jsonb                    not null default '{}'::jsonb,
  "previous_id"        uuid,
  "started_at"         timestamp with time zone not null,
  "completed_at"       timestamp with time zone,
  "error_message"      text,
  "deployment_logs"    jsonb                    not null default '[]'::jsonb,
  constraint "a_failure_says_why" check (((deployment_action = 'DEPLOY_FAILED'::text) = (error_message is
    not null))),
  constraint "an_action_is_known"
    check
    ((deployment_action = any (array['DEPLOY'::text, 'UNDEPLOY'::text, 'UPDATE'::text, 'ROLLBACK'::text,
    'DEPLOY_STARTED'::text,
    'DEPLOY_COMPLETED'::text, 'DEPLOY_FAILED'::text, 'UNDEPLOY_STARTED'::text, 'UNDEPLOY_COMPLETED'::text]))),
  constraint "only_a_start_is_incomplete"
    check
    (((completed_at is null) = (deployment_action = any (array['DEPLOY_STARTED'::text,
    'UNDEPLOY_STARTED'::text])))),
  "triggered_by"       uuid                     default auth.uid()
);

alter table "public"."workflow_deployment_history"
  enable row level security;

revoke all on table "public"."workflow_deployment_history" from "anon";

create table "public"."workflow_events" (
  "workspace_id" uuid                     not null,
  "name"         text                     not null,
  "key"          text,
  "payload"      jsonb                    not null default '{}'::jsonb,
  "sent_by"      uuid,
  "sent_at"      timestamp with time zone not null,
  "expires_at"   timestamp with time zone not null,
  "delivered_at" timestamp with time zone,
  constraint "a_key_has_1_to_200_characters" check (((length(key) >= 1) and (length(key) <= 200))),
  constraint "a_name_has_1_to_200_characters" check (((length(name) >= 1) and (length(name) <= 200))),
  constraint "the_first_event_of_a_key_counts" unique (workspace_id, name, key)
);

alter table "public"."workflow_events"
  enable row level security;

revoke all on table "public"."workflow_events" from "anon";

create table "public"."workflow_execution_logs" (
  "execution_id"          uuid                     not null,
  "id"                    bigint                   generated always as identity not null,
  "workspace_id"          uuid                     not null,
  "log_category"          text                     not null,
  "event_type"            text                     not null,
  "level"                 text                     not null,
  "message"               text                     not null,
  "data"                  jsonb,
  "node_id"               text,
  "node_name"             text,
  "node_type"             text,
  "step_number"           integer,
  "total_steps"           integer,
  "duration_ms"           bigint,
  "user_friendly_message" text,
  "display_priority"      integer                  not null,
  "is_milestone"          boolean                  not null,
  "created_at"            timestamp with time zone not null
) partition by range (execution_id);

alter table "public"."workflow_execution_logs"
  enable row level security;

revoke all on table "public"."workflow_execution_logs" from "anon";

create table "public"."workflow_execution_pauses" (
  "workspace_id"      uuid                     not null,
  "execution_id"      uuid                     not null,
  "paused_at"         timestamp with time zone not null,
  "paused_node_id"    text,
  "pause_reason"      text                     not null,
  "resume_conditions" jsonb                    not null default '{}'::jsonb,
  "resumed_at"        timestamp with time zone,
  "resume_trigger"    text,
  "status"            text                     not null default 'active'::text,
  "created_at"        timestamp with time zone not null default clock_timestamp(),
  "updated_at"        timestamp with time zone not null default clock_timestamp(),
  constraint "a_pause_reason_is_known"
    check
    ((pause_reason = any (array['human_interaction'::text, 'timeout'::text, 'error'::text, 'user'::text]))),
  constraint "a_pause_status_is_known"
    check ((status = any (array['active'::text, 'resumed'::text, 'timeout'::text]))),
  constraint "it_ends_once" check (((status = 'active'::text) = (resumed_at is null))),
  constraint "only_people_pause_all_of_it" check (((paused_node_id is
    not null) or (pause_reason = 'user'::text)))
);

alter table "public"."workflow_execution_pauses"
  enable row level security;

revoke all on table "public"."workflow_execution_pauses" from "anon";

create table "public"."workflow_executions" (
  "workspace_id"        uuid                     not null,
  "workflow_id"         uuid                     not null,
  "version"             integer                  not null,
  "status"              text                     not null default 'RUNNING'::text,
  "mode"                text                     not null default 'MANUAL'::text,
  "trigger_node_id"     text                     not null,
  "triggered_by"        uuid,
  "priority"            integer                  not null default 0,
  "idempotency_key"     text,
  "parent_execution_id" uuid,
  "parent_run_id"       uuid,
  "parent_item"         integer,
  "depth"               integer                  not null default 0,
  "retry_of"            uuid,
  "is_limited"          boolean                  not null default false,
  "deadline"            timestamp with time zone,
  "executed_by_caller"  boolean                  not null default false,
  "nodes_executed"      integer,
  "responded_by"        uuid,
  "input"               jsonb                    not null default '{}'::jsonb,
  "output"              jsonb,
  "error"               jsonb,
  "created_at"          timestamp with time zone not null default clock_timestamp(),
  "start_time"          timestamp with time zone,
  "end_time"            timestamp with time zone,
  constraint "a_mode_is_known"
    check
    ((mode = any (array['MANUAL'::text, 'TRIGGER'::text, 'WEBHOOK'::text, 'RETRY'::text, 'SCHEDULE'::text,
    'SUB_WORKFLOW'::text, 'EVENT'::text]))),
  constraint "a_status_is_known"
    check
    ((status = any (array['NEW'::text, 'RUNNING'::text, 'PAUSED'::text, 'WAITING_FOR_HUMAN'::text,
    'SUCCESS'::text, 'ERROR'::text, 'CANCELED'::text, 'TIMEOUT'::text]))),
  constraint "an_error_says_why" check (((status <> 'ERROR'::text) or (error is not null))),
  constraint "an_idempotency_key_has_1_to_255_characters"
    check (((length(idempotency_key) >= 1) and (length(idempotency_key) <= 255))),
  constraint "ended_exactly_when_terminal" check (((end_time is
    not null) = (status = any (array['SUCCESS'::text, 'ERROR'::text, 'CANCELED'::text, 'TIMEOUT'::text])))),
  constraint "only_callers_say_what_they_executed" check (((nodes_executed is null) or executed_by_caller))
);

alter table "public"."workflow_executions"
  enable row level security;

alter table "public"."workflow_executions"
  set (fillfactor=80);

revoke all on table "public"."workflow_executions" from "anon";

create table "public"."workflow_favorites" (
  "workspace_id" uuid                     not null,
  "workflow_id"  uuid                     not null,
  "created_at"   timestamp with time zone not null default clock_timestamp(),
  "user_id"      uuid                     not null default auth.uid(),
  constraint "workflow_favorites_pkey" primary key (user_id, workflow_id)
);

alter table "public"."workflow_favorites"
  enable row level security;

revoke all on table "public"."workflow_favorites" from "anon";

create table "public"."workflow_schedules" (
  "trigger_id"   uuid    not null,
  "workspace_id" uuid    not null,
  "workflow_id"  uuid    not null,
  "node_id"      text    not null,
  "version"      integer not null,
  "expression"   text    not null,
  "timezone"     text    not null,
  constraint "a_trigger_node_is_scheduled_once" unique (workflow_id, node_id),
  constraint "workflow_schedules_pkey" primary key (trigger_id)
);

alter table "public"."workflow_schedules"
  enable row level security;

revoke all on table "public"."workflow_schedules" from "anon";

create table "public"."workflow_static_data" (
  "workflow_id"  uuid                     not null,
  "workspace_id" uuid                     not null,
  "data"         jsonb                    not null default '{}'::jsonb,
  "updated_at"   timestamp with time zone not null default clock_timestamp(),
  constraint "data_is_an_object" check ((jsonb_typeof(data) = 'object'::text)),
  constraint "workflow_static_data_pkey" primary key (workflow_id)
);

alter table "public"."workflow_static_data"
  enable row level security;

alter table "public"."workflow_static_data"
  set (fillfactor=50);

revoke all on table "public"."workflow_static_data" from "anon";

create table "public"."workflow_versions" (
  "workspace_id"   uuid                     not null,
  "workflow_id"    uuid                     not null,
  "version"        integer                  not null,
  "parent_version" integer,
  "definition"     jsonb                    not null,
  "note"           text,
  "checksum"       text                     not null,
  "is_locked"      boolean                  not null default false,
  "created_at"     timestamp with time zone not null default clock_timestamp(),
  "updated_at"     timestamp with time zone not null default clock_timestamp(),
  constraint "a_note_has_at_most_2000_characters" check ((length(note) <= 2000)),
  constraint "a_version_has_one_workspace" unique (workspace_id, workflow_id, version),
  constraint "versions_count_from_1" check (((version >= 1) and (parent_version < version))),
  constraint "workflow_versions_pkey" primary key (workflow_id, version),
  "created_by"     uuid                     default auth.uid()
);

alter table "public"."workflow_versions"
  enable row level security;

revoke all on table "public"."workflow_versions" from "anon";

create table "public"."workflows" (
  "name"              text                     not null,
  "description"       text,
  "tags"              text[]                   not null default '{}'::text[],
  "folder"            text,
  "icon_url"          text,
  "status"            text                     not null default 'draft'::text,
  "is_template"       boolean                  not null default false,
  "template_category" text,
  "is_public"         boolean                  not null default false,
  "session_id"        uuid,
  "current_version"   integer                  not null default 1,
  "revision"          integer                  not null default 1,
  "deployment_status" text                     not null default 'IDLE'::text,
  "deployed_version"  integer,
  "deployed_at"       timestamp with time zone,
  "deployed_by"       uuid,
  "undeployed_at"     timestamp with time zone,
  "archived_at"       timestamp with time zone,
  "deleted_at"        timestamp with time zone,
  "created_at"        timestamp with time zone not null default clock_timestamp(),
  "updated_at"        timestamp with time zone not null default clock_timestamp(),
  constraint "a_category_has_at_most_100_characters" check ((length(template_category) <= 100)),
  constraint "a_deleted_workflow_is_archived" check (((deleted_at is null) or (status = 'archived'::text))),
  constraint "a_deployment_status_is_known"
    check ((deployment_status = any (array['IDLE'::text, 'DEPLOYED'::text, 'UNDEPLOYED'::text]))),
  constraint "a_description_has_at_most_20000_characters" check ((length(description) <= 20000)),
  constraint "a_folder_is_a_path" check (((folder ~ '^[^/]+(/[^/]+)*$'::text) and (length(folder) <= 500))),
  constraint "a_name_has_1_to_255_characters" check (((length(name) >= 1) and (length(name) <= 255))),
  constraint "a_public_workflow_is_a_template" check ((is_template or (not is_public))),
  constraint "a_status_is_known"
    check ((status = any (array['draft'::text, 'active'::text, 'paused'::text, 'archived'::text]))),
  constraint "an_icon_url_has_at_most_2000_characters" check ((length(icon_url) <= 2000)),
  constraint "archived_exactly_with_a_time" check (((status = 'archived'::text) = (archived_at is not null))),
  constraint "deployed_exactly_with_a_version"
    check (((deployment_status = 'DEPLOYED'::text) = (deployed_version is not null))),
  constraint "there_are_at_most_50_tags"
    check (((cardinality(tags) <= 50) and (octet_length((tags)::text) <= 5000))),
  "user_id"           uuid                     default auth.uid()
);

alter table "public"."workflows"
  enable row level security;

revoke all on table "public"."workflows" from "anon";

create table "public"."workspace_functions" (
  "workspace_id"  uuid                     not null,
  "function_name" text                     not null,
  "enabled_by"    uuid,
  "enabled_at"    timestamp with time zone not null default clock_timestamp(),
  constraint "a_name_is_plain" check ((function_name ~ '^[a-z_][a-z0-9_]{0,62}$'::text)),
  constraint "workspace_functions_pkey" primary key (workspace_id, function_name)
);

alter table "public"."workspace_functions"
  enable row level security;

revoke all on table "public"."workspace_functions" from "anon";

create table "public"."workspace_invitations" (
  "workspace_id" uuid                     not null,
  "email"        text                     not null,
  "role"         text                     not null,
  "token_hash"   bytea                    not null,
  "invited_by"   uuid,
  "created_at"   timestamp with time zone not null default clock_timestamp(),
  "expires_at"   timestamp with time zone not null,
  "accepted_at"  timestamp with time zone,
  "accepted_by"  uuid,
  constraint "a_role_is_known"
    check ((role = any (array['owner'::text, 'admin'::text, 'editor'::text, 'viewer'::text]))),
  constraint "a_token_is_unique" unique (token_hash),
  constraint "an_email_has_an_at" check (((email ~ '^[^@\s]+@[^@\s]+$'::text) and (length(email) <= 320)))
);

alter table "public"."workspace_invitations"
  enable row level security;

revoke all on table "public"."workspace_invitations" from "anon";

create table "public"."workspace_members" (
  "workspace_id" uuid                     not null,
  "user_id"      uuid                     not null,
  "role"         text                     not null,
  "created_at"   timestamp with time zone not null default clock_timestamp(),
  constraint "a_role_is_known"
    check ((role = any (array['owner'::text, 'admin'::text, 'editor'::text, 'viewer'::text]))),
  constraint "workspace_members_pkey" primary key (user_id, workspace_id)
);

alter table "public"."workspace_members"
  enable row level security;

revoke all on table "public"."workspace_members" from "anon";

create table "public"."workspaces" (
  "name"          text                     not null,
  "personal_for"  uuid,
  "variables"     jsonb                    not null default '{}'::jsonb,
  "versions_kept" integer,
  "allowed_hosts" text[]                   not null default '{}'::text[],
  "weight"        integer                  not null default 1,
  "max_leases"    integer                  not null default 200,
  "created_at"    timestamp with time zone not null default clock_timestamp(),
  "updated_at"    timestamp with time zone not null default clock_timestamp(),
  constraint "a_name_has_1_to_200_characters" check (((length(name) >= 1) and (length(name) <= 200))),
  constraint "a_user_has_one_personal_workspace" unique (personal_for),
  constraint "a_weight_is_1_to_1000" check (((weight >= 1) and (weight <= 1000))),
  constraint "at_least_one_version_is_kept" check ((versions_kept >= 1)),
  constraint "leases_are_positive" check ((max_leases > 0)),
  constraint "variables_are_an_object" check ((jsonb_typeof(variables) = 'object'::text)),
  constraint "variables_have_at_most_64_kib" check ((octet_length((variables)::text) <= 65536))
);

alter table "public"."workspaces"
  enable row level security;

revoke all on table "public"."workspaces" from "anon";

create table "triggers"."buckets" (
  "hook_id"   uuid                     not null,
  "level"     double precision         not null,
  "filled_at" timestamp with time zone not null,
  constraint "buckets_pkey" primary key (hook_id)
);

alter table "triggers"."buckets"
  enable row level security;

alter table "triggers"."buckets"
  set (fillfactor=50);

create table "triggers"."draining" (
  "deployment_id" uuid not null,
  "execution_id"  uuid not null,
  constraint "draining_pkey" primary key (deployment_id, execution_id)
);

alter table "triggers"."draining"
  enable row level security;

create table "triggers"."trigger_ids" (
  "id"              uuid not null default gen_random_uuid(),
  "workspace_id"    uuid not null,
  "workflow_id"     uuid not null,
  "node_id"         text not null,
  "trigger_subtype" text not null,
  constraint "trigger_ids_id_key" unique (id),
  constraint "trigger_ids_pkey" primary key (workflow_id, node_id, trigger_subtype)
);

alter table "triggers"."trigger_ids"
  enable row level security;

create table "triggers"."used_tokens" (
  "workspace_id"   uuid                     not null,
  "integration_id" uuid                     not null,
  "token_hash"     bytea                    not null,
  "used_at"        timestamp with time zone not null,
  constraint "used_tokens_pkey" primary key (workspace_id, integration_id, token_hash)
);

alter table "triggers"."used_tokens"
  enable row level security;

create table "workflows"."search_terms" (
  "workflow_id"  uuid     not null,
  "workspace_id" uuid     not null,
  "terms"        tsvector not null,
  constraint "search_terms_pkey" primary key (workflow_id)
);

alter table "workflows"."search_terms"
  enable row level security;

revoke all on sequence "public"."workflow_execution_logs_id_seq" from "anon";

revoke all on sequence "public"."workflow_execution_logs_id_seq" from "authenticated";

revoke all on sequence "public"."workflow_execution_logs_id_seq" from "service_role";

alter table "public"."node_executions"
  alter column "attempt" set default 1;

alter table "public"."node_executions"
  alter column "is_end" set default false;

alter table "public"."node_executions"
  alter column "lap" set default 0;

alter table "public"."node_executions"
  alter column "passes_input" set default false;

alter table "public"."node_executions"
  alter column "scope" set default ''::text;

alter table "public"."node_executions"
  alter column "target_index" set default 0;

alter table "public"."workflow_execution_logs"
  alter column "created_at" set default clock_timestamp();

alter table "public"."workflow_execution_logs"
  alter column "display_priority" set default 5;

alter table "public"."workflow_execution_logs"
  alter column "is_milestone" set default false;

alter table "public"."workflow_execution_logs"
  alter column "level" set default 'INFO'::text;

alter table "public"."workflow_execution_logs"
  alter column "log_category" set default 'TECHNICAL'::text;

create type "engine"."graph" as (
  "components"      integer[],
  "back_edges"      boolean[],
  "runs_once"       boolean[],
  "leads_to_reader" boolean[],
  "reaches"         bit varying[],
  "reaches_ahead"   bit varying[]
);

create type "engine"."place" as (
  "execution_id" uuid,
  "scope"        text collate pg_catalog."C"
);

create type "engine"."started" as (
  "execution" public.workflow_executions,
  "created"   boolean
);

create type "engine"."token" as (
  "id"           uuid,
  "workspace_id" uuid,
  "execution_id" uuid,
  "workflow_id"  uuid,
  "version"      integer,
  "node_id"      text,
  "target_index" integer,
  "run_index"    integer,
  "attempt"      integer,
  "source_id"    uuid,
  "input_id"     uuid,
  "ancestors"    jsonb,
  "scope"        text    collate pg_catalog."C",
  "lap"          integer,
  "priority"     integer
);

create type "engine"."called" as (
  "started" engine.token[],
  "wait"    engine.waits,
  "output"  jsonb,
  "error"   jsonb
);

create type "engine"."settled" as (
  "token"        engine.token,
  "output"       jsonb,
  "error"        jsonb,
  "started_at"   timestamp with time zone,
  "ended_at"     timestamp with time zone,
  "passes"       boolean,
  "joined"       jsonb,
  "output_index" integer
);

create type "engine"."step" as (
  "token"  engine.token,
  "result" engine.settled,
  "item"   integer,
  "input"  jsonb,
  "depth"  integer
);

create type "engine"."due" as (
  "settled"  engine.settled[],
  "arriving" engine.token[],
  "ready"    engine.token[],
  "items"    engine.step[]
);

create type "hil"."reviewed" as (
  "wait"    engine.waits,
  "settled" engine.settled
);

create type "triggers"."cron" as (
  "minutes"    bigint,
  "hours"      bigint,
  "days"       bigint,
  "months"     bigint,
  "weekdays"   bigint,
  "either_day" boolean,
  "is_fixed"   boolean
);

alter table "public"."workflow_schedules"
  add column "cron" triggers.cron not null;

alter table "public"."workflow_schedules"
  add column "misfire" text not null;

alter table "public"."workflow_schedules"
  add column "misfire_limit" integer not null;

alter table "public"."workflow_schedules"
  add column "overlap" text not null;

alter table "public"."workflow_schedules"
  add column "is_active" boolean not null;

alter table "public"."workflow_schedules"
  add column "next_run_at" timestamp with time zone;

alter table "public"."workflow_schedules"
  add column "last_run_at" timestamp with time zone;

alter table "public"."workflow_schedules"
  add column "last_execution_id" uuid;

alter table "public"."workflow_schedules"
  add column "last_skipped_at" timestamp with time zone;

alter table "public"."workflow_schedules"
  add column "last_skip_reason" text;

alter table "public"."workflow_schedules"
  add column "last_error_at" timestamp with time zone;

alter table "public"."workflow_schedules"
  add column "last_error" jsonb;

alter table "public"."workflow_schedules"
  add column "created_at" timestamp with time zone not null default clock_timestamp();

alter table "public"."workflow_schedules"
  add column "updated_at" timestamp with time zone not null default clock_timestamp();

create type "triggers"."reading" as (
  "cron"    triggers.cron,
  "problem" text
);

create type "workflows"."diagnostic" as (
  "code"     text,
  "message"  text,
  "node_id"  text,
  "path"     text,
  "severity" text,
  "blocks"   text
);

create or replace function engine.abort_execution (
  execution_id uuid,
  error        jsonb
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  perform from public.workflow_executions e
  where e.id = abort_execution.execution_id and e.end_time is null
  for no key update;
  if found then
    perform engine.end_executions(array[abort_execution.execution_id], 'ERROR',
      jsonb_build_object(abort_execution.execution_id,
        coalesce(abort_execution.error, jsonb '{"code": "aborted", "message": "aborted"}')),
      engine.now());
  end if;
end
$function$;

create or replace function engine.admit_to (
  limit_id uuid,
  key      text,
  at       timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_limit public.execution_limits;
  v_next uuid;
begin
  if not pg_try_advisory_xact_lock(engine.lock_of_limit(admit_to.limit_id, admit_to.key)) then
    return;
  end if;
  select * into v_limit from public.execution_limits l where l.id = admit_to.limit_id;
  if not engine.has_room(v_limit, admit_to.key) then
    return;
  end if;
  for v_next in select q from engine.queue_of(admit_to.limit_id, admit_to.key, 1000) q loop
    exit when not engine.has_room(v_limit, admit_to.key);
    -- who ends it takes the wait first, then the slots
    perform from engine.waits w
    where w.execution_id = v_next and w.kind = 'slot' and not w.is_held
    for update skip locked;
    continue when not found;
    continue when not (
      select coalesce(bool_and(
        pg_try_advisory_xact_lock(engine.lock_of_limit(s.limit_id, s.key))
        and engine.has_room(l, s.key)), true)
      from engine.slots s
      join public.execution_limits l on l.id = s.limit_id
      where s.execution_id = v_next);
    update engine.slots s set admitted_at = admit_to.at where s.execution_id = v_next;
    update engine.waits w set until = admit_to.at where w.execution_id = v_next and w.kind = 'slot';
  end loop;
end
$function$;

create or replace function engine.advance (
  execution_ids uuid[],
  at            timestamp with time zone
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_canceled uuid[];
  v_errors jsonb;
  v_late uuid[];
  v_settled engine.settled[];
  v_due engine.due;
begin
  with asked as (
    delete from engine.cancellations c where c.execution_id = any (advance.execution_ids) returning c.*
  )
  select array_agg(distinct a.execution_id), jsonb_object_agg(a.execution_id, jsonb_build_object(
    'code', 'canceled', 'message', coalesce(a.reason, 'Canceled with its parent')))
  into v_canceled, v_errors from asked a;
  perform engine.end_executions(v_canceled, 'CANCELED', v_errors, at);
  v_late := array(
    select e.id from public.workflow_executions e
    where e.id = any (advance.execution_ids) and e.end_time is null and e.deadline <= advance.at);
  perform engine.end_executions(v_late, 'TIMEOUT',
    (select jsonb_object_agg(l, jsonb_build_object(
      'code', 'execution_timed_out', 'message', 'The execution took longer than it may'))
     from unnest(v_late) l), at);

  with expired as (
    delete from engine.tasks t
    where t.execution_id = any (advance.execution_ids)
      and t.lease_token is not null and t.lease_until < advance.at
    returning t.*
  )
  select array_agg(row(
    engine.token_of(x::engine.tasks),
    null,
    jsonb_build_object(
      'code', 'lease_expired', 'message', 'The worker did not answer in time', 'retryable', true,
      'details', jsonb_build_object('worker_id', x.worker_id)),
    x.leased_at, advance.at, false, null, null)::engine.settled order by x.execution_id, x.id)
  into v_settled from expired x;
  v_due := engine.take_due(advance.execution_ids, advance.at);
  perform engine.enqueue(v_due.ready);
  perform engine.apply(v_settled || v_due.settled, v_due.arriving);
  return coalesce(cardinality(v_canceled), 0) + cardinality(v_late) + coalesce(cardinality(v_settled), 0)
    + coalesce(cardinality(v_due.settled), 0) + coalesce(cardinality(v_due.arriving), 0)
    + coalesce(cardinality(v_due.ready), 0);
end
$function$;

create or replace function engine.after_end (
  ended      public.workflow_executions[],
  at         timestamp with time zone,
  with_state boolean
)
  returns uuid[]
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_ids uuid[];
  v_limited uuid[] := array[]::uuid[];
  v_retries boolean := false;
  v_parents uuid[] := array[]::uuid[];
  v_execution public.workflow_executions;
begin
  foreach v_execution in array coalesce(ended, '{}') loop
    v_ids := v_ids || v_execution.id;
    v_retries := v_retries or v_execution.retry_of is not null;
    if v_execution.is_limited then
      v_limited := v_limited || v_execution.id;
    end if;
    if v_execution.parent_run_id is not null then
      v_parents := v_parents || v_execution.parent_execution_id;
      insert into engine.ended_children (execution_id, run_id)
      values (v_execution.parent_execution_id, v_execution.parent_run_id);
    end if;
  end loop;
  if v_ids is null then
    return v_parents;
  end if;
  -- what comes too late is the tick's to remove
  if cardinality(v_parents) > 0 or cardinality(v_limited) > 0 then
    delete from engine.cancellations c where c.execution_id = any (v_ids);
  end if;
  if with_state then
    delete from engine.node_runs r where r.execution_id = any (v_ids);
    delete from engine.merged m where m.execution_id = any (v_ids);
  end if;
  if v_retries then
    delete from engine.retried r where r.execution_id = any (v_ids);
  end if;
  if cardinality(v_limited) > 0 then
    perform engine.release_slots(v_limited, at);
  end if;
  perform engine.broadcast(ended);
  return v_parents;
end
$function$;

create or replace function engine.allow_listening()
  returns void
  language plpgsql
  set search_path to ''
  as $function$
begin
  if to_regclass('realtime.messages') is null then
    return;
  end if;
  execute 'drop policy if exists "members listen to their workspaces" on realtime.messages';
  execute $policy$
    create policy "members listen to their workspaces" on realtime.messages for select to authenticated
    using (
      extension = 'broadcast' and starts_with((select realtime.topic()), 'workspace:')
      and substr((select realtime.topic()), 11) = any (array(select r::text from workspaces.readable() r)))
  $policy$;
end
$function$;

create or replace function engine."analyze" (
  sources  integer[],
  targets  integer[],
  marks    integer[],
  triggers boolean[],
  joins    boolean[],
  readers  boolean[]
)
  returns engine.graph
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_nodes int := cardinality(triggers);
  v_edges int := coalesce(cardinality(sources), 0);
  -- bit 0 stands for readers
  v_none bit varying := repeat('0', coalesce((select max(m) from unnest(marks) m), 0) + 1)::bit varying;
  v_graph engine.graph;
  v_components int[] := array_fill(null::int, array[v_nodes]);
  v_back boolean[] := array_fill(false, array[v_edges]);
  v_once boolean[] := array_fill(false, array[v_nodes]);
  v_reaches bit varying[] := array_fill(v_none, array[v_nodes]);
  v_beyond bit varying[] := array_fill(v_none, array[v_nodes]);  -- what lies ahead outside of its component
  v_ahead bit varying[] := array_fill(v_none, array[v_nodes]);   -- inside of it, until that is complete
  v_cursors int[] := array_fill(0, array[v_nodes]);              -- the next edge to follow
  v_numbers int[] := array_fill(0, array[v_nodes]);              -- in the order of discovery; 0: not yet
  v_found int[] := array_fill(0, array[v_nodes]);                -- the nodes in that order
  v_parents int[] := array_fill(0, array[v_nodes]);
  v_lowest int[] := array_fill(0, array[v_nodes]);               -- lowest number that it leads back to
  v_arrivals int[] := array_fill(0, array[v_nodes]);             -- edges from nodes that a trigger reaches
  v_complete boolean[] := array_fill(false, array[v_nodes]);
  v_on_path boolean[] := array_fill(false, array[v_nodes]);
  v_path int[] := array_fill(0, array[v_nodes]);
  v_depth int := 0;
  v_open int[] := array_fill(0, array[v_nodes]);                 -- found, component not complete
  v_height int := 0;
  v_bottom int;
  v_count int := 0;
  v_component int := 0;
  v_is_cyclic boolean;
  v_node int;
  v_target int;
  v_edge int;
  v_mark bit varying;
  v_all bit varying;
  v_out bit varying;
  v_own bit varying;
begin
  for i in reverse v_edges .. 1 loop
    v_cursors[sources[i]] := i;
  end loop;

  for v_round in 1 .. 2 * v_nodes loop
    v_target := case when v_round <= v_nodes then v_round else v_round - v_nodes end;
    continue when v_numbers[v_target] > 0 or v_round <= v_nodes and not triggers[v_target];
    loop
      if v_target is not null then
        v_count := v_count + 1;
        v_numbers[v_target] := v_count;
        v_found[v_count] := v_target;
        v_lowest[v_target] := v_count;
        v_depth := v_depth + 1;
        v_path[v_depth] := v_target;
        v_on_path[v_target] := true;
        v_height := v_height + 1;
        v_open[v_height] := v_target;
      end if;
      v_node := v_path[v_depth];
      v_edge := v_cursors[v_node];
      v_target := null;

      if sources[v_edge] = v_node then
        v_cursors[v_node] := v_edge + 1;
        v_target := targets[v_edge];
        if v_round <= v_nodes then
          v_arrivals[v_target] := v_arrivals[v_target] + 1;
        end if;
        if v_numbers[v_target] = 0 then
          v_parents[v_target] := v_node;
          continue;
        end if;
        if not v_complete[v_target] then
          v_lowest[v_node] := least(v_lowest[v_node], v_numbers[v_target]);
          v_back[v_edge] := v_on_path[v_target];
        end if;
        v_target := null;
        continue;
      end if;

      -- all its edges are followed; one to an incomplete component stays in its own
      v_all := v_none;
      v_out := v_none;
      v_own := v_none;
      v_edge := v_edge - 1;
      while sources[v_edge] = v_node loop
        v_target := targets[v_edge];
        v_mark := v_none;
        if marks[v_edge] is not null then
          v_mark := set_bit(v_none, marks[v_edge], 1);
        end if;
        if readers[v_target] then
          v_mark := set_bit(v_mark, 0, 1);
        end if;
        v_all := v_all | v_mark;
        if v_complete[v_target] then
          v_all := v_all | v_reaches[v_target];
          v_out := v_out | v_mark | v_ahead[v_target];
        elsif not v_back[v_edge] then
          v_own := v_own | v_mark | v_ahead[v_target];
        end if;
        v_edge := v_edge - 1;
      end loop;
      v_reaches[v_node] := v_all;
      v_beyond[v_node] := v_out;
      v_ahead[v_node] := v_own;

      if v_lowest[v_node] = v_numbers[v_node] then
        -- the first found of a component: what was found since belongs to it
        v_all := v_none;
        v_out := v_none;
        v_bottom := v_height;
        loop
          v_all := v_all | v_reaches[v_open[v_bottom]];
          v_out := v_out | v_beyond[v_open[v_bottom]];
          exit when v_open[v_bottom] = v_node;
          v_bottom := v_bottom - 1;
        end loop;
        v_is_cyclic := v_bottom < v_height;
        v_edge := v_cursors[v_node] - 1;
        while not v_is_cyclic and sources[v_edge] = v_node loop
          v_is_cyclic := targets[v_edge] = v_node;
          v_edge := v_edge - 1;
        end loop;
        v_component := v_component + v_is_cyclic::int;
        for i in v_bottom .. v_height loop
          v_target := v_open[i];
          v_complete[v_target] := true;
          v_reaches[v_target] := v_all;
          v_ahead[v_target] := v_ahead[v_target] | v_out;
          if v_is_cyclic then
            v_components[v_target] := v_component;
          end if;
        end loop;
        v_height := v_bottom - 1;
      end if;

      v_target := null;
      v_on_path[v_node] := false;
      v_depth := v_depth - 1;
      exit when v_depth = 0;
      v_lowest[v_path[v_depth]] := least(v_lowest[v_path[v_depth]], v_lowest[v_node]);
    end loop;
  end loop;

  -- the only way in comes from a node found before
  for i in 1 .. v_nodes loop
    v_node := v_found[i];
    v_once[v_node] := not joins[v_node]
      and (triggers[v_node] or v_arrivals[v_node] = 1 and v_once[v_parents[v_node]]);
  end loop;

  v_graph.components := v_components;
  v_graph.back_edges := v_back;
  v_graph.runs_once := v_once;
  v_graph.leads_to_reader := array(
    select get_bit(r.marks, 0) = 1 from unnest(v_reaches) with ordinality r (marks, n) order by r.n);
  v_graph.reaches := v_reaches;
  v_graph.reaches_ahead := v_ahead;
  return v_graph;
end
$function$;

create or replace function engine.answer (
  token      engine.token,
  parameters jsonb
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_status text := coalesce(parameters ->> 'status', '200');
  v_headers jsonb := coalesce(nullif(parameters -> 'headers', 'null'), '{}');
  v_problem text;
begin
  if exists (
      select from public.workflow_executions e
      where e.id = token.execution_id and e.responded_by is not null) then
    return jsonb '{}';
  end if;
  if v_status !~ '^[2-5]\d\d$' then
    v_problem := format('status is 200 to 599, not %s', left(v_status, 100));
  elsif jsonb_typeof(v_headers) <> 'object' then
    v_problem := 'headers is an object';
  else
    select format('the header %s cannot be sent', left(h.key, 100)) into v_problem
    from jsonb_each(v_headers) h
    where h.key !~ '^[A-Za-z0-9!#$%&''*+.^_`|~-]+$'
      or jsonb_typeof(h.value) not in ('string', 'number', 'boolean', 'null')
      -- one line, of the characters that HTTP carries
      or h.value #>> '{}' !~ '^[\t -~\u0080-\u00ff]*$'
    limit 1;
  end if;
  if v_problem is not null then
    return jsonb_build_object('error', jsonb_build_object('code', 'response_invalid',
      'message', 'The answer cannot be sent: ' || v_problem));
  end if;
  update public.workflow_executions e set responded_by = token.id where e.id = token.execution_id;
  return jsonb_build_object('output', jsonb_build_object(
    'status', v_status::int,
    'headers', (
      select coalesce(jsonb_object_agg(h.key, h.value #>> '{}'), '{}') from jsonb_each(v_headers) h
      where h.value <> 'null'),
    'body', parameters -> 'body'));
end
$function$;

create or replace function engine.apply (
  results engine.settled[],
  tokens  engine.token[],
  places  engine.place[]                   default '{}'::engine.place[],
  logs    public.workflow_execution_logs[] default '{}'::public.workflow_execution_logs[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  c_max_depth constant int := 200;
  c_max_steps constant int := 1000;
  c_max_node_runs constant int := 1000;
  c_max_items constant int := 10000;
  c_max_output_bytes constant int := 1048576;
  c_carried_bytes constant int := 8192;      -- larger inputs are looked up, not copied to each follower
  c_unwritten_bytes constant int := 4194304; -- outputs held in memory until they are written
  v_now timestamptz := engine.now();
  v_queue engine.step[] := array[]::engine.step[];
  v_next int := 0;
  v_steps int := 0;
  v_unwritten bigint := 0;
  v_step engine.step;
  v_token engine.token;
  v_follower engine.step;
  v_plan engine.plan;
  v_edge jsonb;
  v_context jsonb;
  v_parameters jsonb;
  v_output jsonb;
  v_passes boolean;
  v_index int;
  v_room int;
  v_error jsonb;
  v_started timestamptz;
  v_delay interval;
  v_called engine.called;
  v_answer jsonb;
  -- it may wait to change what a workflow remembers
  v_is_patient boolean := true;
  v_due engine.due;
  v_row public.node_executions;
  v_log public.workflow_execution_logs;
  v_wait engine.waits;
  v_place engine.place;
  v_rows public.node_executions[] := array[]::public.node_executions[];
  v_logs public.workflow_execution_logs[] := logs;
  v_tasks engine.token[] := array[]::engine.token[];
  v_waits engine.waits[] := array[]::engine.waits[];
  -- where a join may have become ripe
  v_places engine.place[] := places;
  v_touched uuid[] := array[]::uuid[];
  v_alive uuid[] := array[]::uuid[];
  v_paused uuid[] := array[]::uuid[];
  -- executions that end here whatever is live in them; the first reason counts
  v_stopped uuid[] := array[]::uuid[];
  v_ended uuid[] := array[]::uuid[];
  v_errors jsonb := jsonb '{}';
  v_parents uuid[] := array[]::uuid[];
  -- counters or joins were kept
  v_with_state boolean := cardinality(places) > 0;
  -- executions that began here, and what ended their branches: nothing need be looked up at their end
  v_begun uuid[] := array[]::uuid[];
  v_outputs jsonb := jsonb '{}';
  v_ended_now public.workflow_executions[];
  -- executions that may begin or cease to wait for people alone
  v_asking uuid[] := array[]::uuid[];
begin
  v_due.settled := results;
  v_due.arriving := tokens;
  -- one that begins is not paused
  if cardinality(results) > 0 or tokens[1].source_id is not null then
    v_paused := array(
      select e.id from public.workflow_executions e
      where e.status = 'PAUSED' and e.id in (
        select (r.token).execution_id from unnest(results) r
        union all select t.execution_id from unnest(tokens) t));
  end if;

  loop
    v_queue := array[]::engine.step[];
    v_next := 0;
    for i in 1 .. coalesce(cardinality(v_due.settled), 0) loop
      v_follower := null;
      v_follower.token := ((v_due.settled)[i]).token;
      v_follower.result := (v_due.settled)[i];
      v_follower.depth := 0;
      v_queue := v_queue || v_follower;
    end loop;
    for i in 1 .. coalesce(cardinality(v_due.arriving), 0) loop
      v_follower := null;
      v_follower.token := (v_due.arriving)[i];
      v_follower.depth := 0;
      v_queue := v_queue || v_follower;
    end loop;
    v_queue := v_queue || v_due.items;
    while v_next < cardinality(v_queue) loop
      v_next := v_next + 1;
      v_step := v_queue[v_next];
      v_token := v_step.token;
      if v_touched[cardinality(v_touched)] is distinct from v_token.execution_id then
        v_touched := v_touched || v_token.execution_id;
      end if;
      if (v_plan.workflow_id, v_plan.version, v_plan.node_id)
         is distinct from (v_token.workflow_id, v_token.version, v_token.node_id) then
        select * into strict v_plan from engine.plan p
        where p.workflow_id = v_token.workflow_id and p.version = v_token.version
          and p.node_id = v_token.node_id;
      end if;
      v_with_state := v_with_state or v_plan.keeps_state;
      if v_plan.asks and v_asking[cardinality(v_asking)] is distinct from v_token.execution_id then
        v_asking := v_asking || v_token.execution_id;
      end if;
      if v_plan.has_joins and (
          v_place.execution_id is distinct from v_token.execution_id or v_place.scope <> v_token.scope) then
        v_place.execution_id := v_token.execution_id;
        v_place.scope := v_token.scope;
        v_places := v_places || v_place;
      end if;
      v_parameters := v_plan.parameters;
      v_output := null;
      v_error := null;
      v_passes := false;
      v_index := 0;
      v_row := null;

      -- a result is kept even so: its work was done
      if v_step.item is null and (v_step.result).started_at is null
         and (v_token.execution_id = any (v_stopped) or v_token.execution_id = any (v_ended)) then
        v_rows := v_rows || engine.canceled_run(v_token, v_plan, v_now);
        continue;
      end if;
      if v_step.item is null then
        if (v_step.result).started_at is null
           and v_plan.merge_mode in ('all', 'append', 'combine', 'collect') then
          -- it waits for the others; the join's run begins when it fires
          if v_plan.merge_mode = 'collect' then
            perform engine.collect(v_token);
          else
            v_wait := engine.wait_of(v_token, 'merge', v_now, 'infinity');
            v_waits := v_waits || v_wait;
          end if;
          continue;
        end if;
        if v_token.execution_id = any (v_paused) and (v_step.result).started_at is null then
          v_wait := engine.wait_of(v_token, 'turn', v_now, v_now);
          v_wait.is_held := true;
          v_waits := v_waits || v_wait;
          v_alive := v_alive || v_token.execution_id;
          continue;
        end if;
        if v_token.run_index is null then
          if v_token.source_id is null then
            v_begun := v_begun || v_token.execution_id;
          end if;
          v_token.run_index := 0;
          if not v_plan.runs_once then
            insert into engine.node_runs as r (execution_id, scope, node_id, runs)
            values (v_token.execution_id, v_token.scope, v_token.node_id, 1)
            on conflict on constraint node_runs_pkey do update set runs = r.runs + 1
            returning r.runs - 1 into v_token.run_index;
          end if;
        end if;
        v_started := coalesce((v_step.result).started_at, v_now);

        if v_token.run_index >= c_max_node_runs then
          v_error := jsonb_build_object('code', 'max_node_runs',
            'message', format('%s ran %s times in this execution: is a loop missing its way out?',
              v_plan.name, c_max_node_runs));
        elsif (v_step.result).started_at is not null then
          v_output := (v_step.result).output;
          v_error := (v_step.result).error;
          v_passes := coalesce((v_step.result).passes, false);
          v_index := coalesce((v_step.result).output_index, 0);
        elsif v_plan.pinned is not null and engine.is_manual(v_token.execution_id) then
          v_output := case v_plan.handler
            when 'for_each' then engine.items_of(v_plan.pinned) else v_plan.pinned end;
        elsif v_plan.executor = 'edge' then
          v_tasks := v_tasks || v_token;
          v_alive := v_alive || v_token.execution_id;
          continue;
        elsif v_step.depth >= c_max_depth or v_steps >= c_max_steps then
          -- others wait for this transaction's locks: the tick goes on from here
          v_wait := engine.wait_of(v_token, 'turn', v_now, v_now);
          v_waits := v_waits || v_wait;
          v_alive := v_alive || v_token.execution_id;
          continue;
        elsif v_plan.handler = 'set_static'
              and not engine.hold_static(v_token.workflow_id, v_is_patient) then
          v_is_patient := false;
          v_wait := engine.wait_of(v_token, 'turn', v_now, v_now + interval '200 milliseconds');
          v_waits := v_waits || v_wait;
          v_alive := v_alive || v_token.execution_id;
          continue;
        else
          v_steps := v_steps + 1;
          v_context := null;
          if v_plan.bindings is not null or v_plan.handler = 'filter' then
            if cardinality(v_rows) > 0
               and (v_plan.reads && '{nodes,item}'
                    or (v_step.input is null and v_token.input_id is not null)) then
              -- what it reads may be among the rows that are not written yet
              perform engine.write_history(v_rows);
              v_rows := array[]::public.node_executions[];
            end if;
            v_context := engine.context(v_token, v_plan.reads, v_step.input);
          end if;
          if v_plan.bindings is not null then
            v_parameters := engine.resolve(v_parameters, v_plan.bindings, v_context);
          end if;
          case v_plan.handler
            when 'pass' then
              v_passes := true;
            when 'branch' then
              v_passes := true;
              v_index := case when v_parameters -> 'condition' = 'true' then 0 else 1 end;
            when 'switch' then
              v_passes := true;
              v_index := jsonb_array_length(v_parameters -> 'rules');
              for i in reverse v_index - 1 .. 0 loop
                v_index := case when v_parameters -> 'rules' -> i = 'true' then i else v_index end;
              end loop;
            when 'output' then
              v_output := v_parameters -> 'output';
            when 'filter' then
              v_output := engine.matching(engine.items_of(v_parameters -> 'items'),
                v_parameters ->> 'condition', v_context);
            when 'for_each' then
              v_output := engine.items_of(v_parameters -> 'items');
              if jsonb_array_length(v_output) > c_max_items then
                v_error := jsonb_build_object('code', 'too_many_items',
                  'message', format('%s has %s items; at most %s are taken: page through them',
                    v_plan.name, jsonb_array_length(v_output), c_max_items));
                v_output := null;
              end if;
            when 'merge' then
              -- any: the first of its kind passes, the others end here
              v_passes := true;
              insert into engine.merged (execution_id, scope, node_id, lap)
              values (v_token.execution_id, v_token.scope, v_token.node_id, v_token.lap)
              on conflict do nothing;
              if not found then
                v_row.status := 'SKIPPED';
              end if;
            when 'stop' then
              v_passes := true;
              if v_parameters ->> 'status' = 'ERROR' then
                v_error := jsonb_build_object('code', 'stopped',
                  'message', coalesce(v_parameters ->> 'message', 'The workflow stopped itself'));
              end if;
            when 'set_static' then
              -- others may wait for what this transaction holds now
              v_is_patient := false;
              v_answer := engine.remember(
                v_token.workspace_id, v_token.workflow_id, v_parameters -> 'values');
              v_output := v_answer -> 'output';
              v_error := v_answer -> 'error';
            when 'respond' then
              -- the answer is its output in history; its token passes the input on
              v_passes := true;
              v_answer := engine.answer(v_token, v_parameters);
              v_output := v_answer -> 'output';
              v_error := v_answer -> 'error';
            when 'placeholder' then
              v_error := jsonb_build_object('code', 'placeholder_not_replaced', 'message',
                v_plan.name || ' stands for a node that is not there: replace it, or disable it');
            when 'wait' then
              v_wait := engine.wait_for(v_token, v_parameters, v_now);
              if v_wait.id is not null then
                v_waits := v_waits || v_wait;
                v_alive := v_alive || v_token.execution_id;
                continue;
              end if;
              -- the event was there already, or what it should wait for makes no sense
              v_output := v_wait.data -> 'payload';
              v_error := v_wait.data -> 'error';
              v_passes := v_output is null and v_error is null;
            when 'ask' then
              v_wait := hil.ask(v_token, v_plan.node_subtype, v_parameters, v_now);
              if v_wait.id is not null then
                v_waits := v_waits || v_wait;
                v_alive := v_alive || v_token.execution_id;
                continue;
              end if;
              v_error := v_wait.data -> 'error';
            when 'call_workflow' then
              v_called := engine.call_workflow(v_token, v_parameters, v_now);
              for i in 1 .. coalesce(cardinality(v_called.started), 0) loop
                v_follower := null;
                v_follower.token := v_called.started[i];
                v_follower.depth := v_step.depth + 1;
                v_queue := v_queue || v_follower;
              end loop;
              if (v_called.wait).id is not null then
                v_wait := v_called.wait;
                v_waits := v_waits || v_wait;
                v_alive := v_alive || v_token.execution_id;
                continue;
              end if;
              v_output := v_called.output;
              v_error := v_called.error;
          end case;
        end if;

        if pg_column_size(v_output) > c_max_output_bytes then
          v_error := jsonb_build_object('code', 'output_too_large',
            'message', format('The output has %s bytes; at most %s are kept: let the node return less',
              pg_column_size(v_output), c_max_output_bytes));
          v_output := null;
        end if;

        v_row.execution_id := v_token.execution_id;
        v_row.id := v_token.id;
        v_row.workspace_id := v_token.workspace_id;
        v_row.node_id := v_token.node_id;
        v_row.node_type := v_plan.node_type || '.' || v_plan.node_subtype;
        v_row.run_index := v_token.run_index;
        v_row.attempt := v_token.attempt;
        v_row.source_id := v_token.source_id;
        v_row.input_id := v_token.input_id;
        v_row.ancestors := v_token.ancestors;
        v_row.target_index := v_token.target_index;
        v_row.scope := v_token.scope;
        v_row.lap := v_token.lap;
        v_row.joined := (v_step.result).joined;
        v_row.start_time := v_started;
        v_row.end_time := coalesce((v_step.result).ended_at, v_now);
        v_row.passes_input := v_passes and v_error is null;
        v_row.is_end := false;

        v_log := null;
        v_log.execution_id := v_token.execution_id;
        v_log.workspace_id := v_token.workspace_id;
        v_log.node_id := v_token.node_id;
        v_log.node_name := v_plan.name;
        v_log.node_type := v_row.node_type;
        v_log.step_number := v_plan.ordinal;
        v_log.total_steps := v_plan.total_nodes;
        v_log.duration_ms := extract(epoch from v_row.end_time - v_row.start_time) * 1000;

        if v_error is null then
          v_row.output_data := v_output;
          v_log.event_type := 'step_completed';
          v_log.level := 'INFO';
          if v_row.status = 'SKIPPED' then
            v_log.message := v_plan.name || ' skipped: another was first';
            v_rows := v_rows || v_row;
            v_logs := v_logs || v_log;
            continue;
          end if;
          v_row.status := 'SUCCESS';
          v_log.message := v_plan.name || ' completed';
          if v_plan.handler = 'stop' then
            v_row.is_end := true;
            v_rows := v_rows || v_row;
            v_logs := v_logs || v_log;
            v_stopped := v_stopped || v_token.execution_id;
            continue;
          end if;
        else
          v_passes := false;
          v_row.status := 'ERROR';
          v_row.error_data := v_error - 'retryable' - 'retry_after_seconds';
          v_log.event_type := 'step_error';
          v_log.level := 'ERROR';
          v_log.message := v_plan.name || ' failed: ' || coalesce(v_error ->> 'message', 'no reason given');
          v_log.data := v_row.error_data;
          if coalesce((v_error ->> 'retryable')::boolean, false) and v_token.attempt <= v_plan.max_retries then
            v_delay := engine.retry_delay(v_plan, v_token.attempt, v_error);
            v_row.id := platform.uuid7();
            v_log.level := 'WARNING';
            v_log.message := format('%s; attempt %s of %s in %s s', v_log.message,
              v_token.attempt + 1, v_plan.max_retries + 1, round(extract(epoch from v_delay), 1));
            v_rows := v_rows || v_row;
            v_logs := v_logs || v_log;
            v_token.attempt := v_token.attempt + 1;
            v_wait := engine.wait_of(v_token, 'retry', v_now, v_now + v_delay);
            v_wait.is_held := v_token.execution_id = any (v_paused);
            v_waits := v_waits || v_wait;
            v_alive := v_alive || v_token.execution_id;
            continue;
          end if;
          if v_plan.error_handling = 'STOP_WORKFLOW_ON_ERROR' or v_plan.handler = 'stop'
             or v_error ->> 'code' = 'max_node_runs'
             or v_plan.handler = 'ask' and v_error #>> '{details,timeout_action}' = 'fail' then
            v_rows := v_rows || v_row;
            v_logs := v_logs || v_log;
            v_stopped := v_stopped || v_token.execution_id;
            v_errors := jsonb_build_object(v_token.execution_id,
                v_row.error_data || jsonb_build_object('node_id', v_token.node_id))
              || v_errors;
            continue;
          end if;
          v_output := jsonb_build_object('error', v_row.error_data);
          v_row.output_data := v_output;
        end if;
      end if;

      -- what follows gets a token along each matching connection
      v_follower := null;
      v_follower.depth := v_step.depth + 1;
      v_follower.token := v_token;
      v_follower.token.run_index := null;
      v_follower.token.attempt := 1;
      v_follower.token.source_id := v_token.id;
      if v_step.item is not null then
        v_follower.token.scope := format('%s/%s:%s', v_token.scope, v_token.id, v_step.item);
        v_follower.input := v_step.input;
      elsif v_passes then
        v_follower.input := v_step.input;
      elsif pg_column_size(v_output) <= c_carried_bytes then
        v_follower.input := v_output;
      end if;
      if not v_passes then
        v_follower.token.input_id := v_token.id;
      end if;
      if not v_plan.keeps_ancestors then
        v_follower.token.ancestors := null;
      elsif v_plan.is_referenced and v_error is null and v_step.item is null then
        v_follower.token.ancestors := coalesce(v_token.ancestors, jsonb '{}') || jsonb_build_object(
          v_token.node_id, engine.reference((v_follower.token).input_id, v_token.scope));
      end if;

      v_row.is_end := true;
      if v_plan.handler = 'for_each' and v_step.item is null
         and not (v_error is not null and v_plan.error_handling = 'CONTINUE_ERROR_OUTPUT_ON_ERROR') then
        -- its items follow, now as many as may be live at once; joins that wait for all of them open
        if v_error is not null then
          v_output := '[]';
        end if;
        v_token.ancestors := (v_follower.token).ancestors;
        v_follower.token := v_token;
        v_index := jsonb_array_length(v_output);
        v_room := coalesce(engine.count_of(v_parameters -> 'max_concurrency'), v_index);
        v_row.is_end := (v_index = 0 and v_plan.collects = '{}') or v_plan.edges = '[]';
        for i in 1 .. cardinality(v_plan.collects) loop
          v_wait := engine.collect_of(v_token, v_plan.collects[i], v_plan.component, v_now);
          v_waits := v_waits || v_wait;
        end loop;
        for i in 0 .. least(v_index, v_room) - 1 loop
          v_follower.item := i;
          v_follower.input := case
            when pg_column_size(v_output -> i) <= c_carried_bytes then v_output -> i end;
          v_queue := v_queue || v_follower;
        end loop;
        if v_index > v_room then
          v_wait := engine.wait_of(v_token, 'for_each', v_now, 'infinity');
          v_wait.id := platform.uuid7();
          v_wait.for_run := v_token.id;
          v_wait.max_concurrency := v_room;
          v_wait.next_item := v_room;
          v_wait.items := v_index;
          v_waits := v_waits || v_wait;
        end if;
      else
        v_context := null;
        for i in 0 .. jsonb_array_length(v_plan.edges) - 1 loop
          v_edge := v_plan.edges -> i;
          continue when case
            when v_error is not null and v_plan.error_handling = 'CONTINUE_ERROR_OUTPUT_ON_ERROR'
              then v_edge ->> 'type' <> 'ERROR'
            when v_edge ->> 'type' in ('MAIN', 'CONDITIONAL') then (v_edge ->> 'index')::int <> v_index
            else v_edge ->> 'type' <> 'SUCCESS' or v_error is not null
          end;
          if v_edge ? 'predicate' and v_edge ->> 'type' <> 'ERROR' then
            if v_context is null then
              -- it sees the output as its input
              perform engine.write_history(v_rows);
              v_rows := array[]::public.node_executions[];
              v_follower.token.run_index := v_token.run_index;
              v_context := engine.context(v_follower.token, v_plan.edge_reads,
                case when v_passes or v_step.item is not null then v_follower.input else v_output end);
              if v_plan.edge_reads @> '{nodes}' and v_step.item is null and not v_passes then
                v_context := jsonb_set(v_context, array['nodes', v_token.node_id], v_output);
              end if;
            end if;
            continue when not coalesce(jsonb_path_match_tz(
              v_context, (v_edge ->> 'predicate')::jsonpath, jsonb '{}', true), false);
          end if;
          v_follower.token.id := platform.uuid7();
          v_follower.token.run_index := null;
          v_follower.token.node_id := v_edge ->> 'target';
          v_follower.token.target_index := (v_edge ->> 'target_index')::int;
          v_follower.token.lap := case v_edge ->> 'lap'
            when 'next' then v_token.lap + 1
            when 'first' then 0
            else v_token.lap
          end;
          v_queue := v_queue || v_follower;
          v_row.is_end := false;
        end loop;
      end if;
      if v_step.item is null then
        v_rows := v_rows || v_row;
        v_logs := v_logs || v_log;
        if v_row.is_end and v_token.execution_id = any (v_begun) then
          if v_passes and v_step.input is null then
            v_begun := array_remove(v_begun, v_token.execution_id);
          else
            v_outputs := v_outputs || jsonb_build_object(v_token.execution_id,
              coalesce(v_outputs -> v_token.execution_id::text, '{}') || jsonb_build_object(v_token.node_id,
                coalesce(case when v_passes then v_step.input else v_output end, 'null')));
          end if;
        end if;
      end if;
      v_unwritten := v_unwritten + coalesce(pg_column_size(v_output), 0);
      if v_unwritten > c_unwritten_bytes then
        perform engine.write_history(v_rows);
        v_rows := array[]::public.node_executions[];
        v_unwritten := 0;
      end if;
    end loop;

    perform engine.write_history(v_rows);
    v_rows := array[]::public.node_executions[];
    v_unwritten := 0;
    if cardinality(v_tasks) > 0 then
      perform engine.enqueue(v_tasks);
      v_tasks := array[]::engine.token[];
    end if;
    if cardinality(v_waits) > 0 then
      perform engine.park(v_waits);
      v_waits := array[]::engine.waits[];
    end if;

    if cardinality(v_stopped) > 0 then
      perform engine.write_logs(v_logs, v_now);
      v_logs := array[]::public.workflow_execution_logs[];
      v_parents := v_parents || engine.end_executions(
        array(select s from unnest(v_stopped) s where v_errors ? s::text), 'ERROR', v_errors, v_now)
        || engine.end_executions(
        array(select s from unnest(v_stopped) s where not v_errors ? s::text), 'SUCCESS', null, v_now);
      v_ended := v_ended || v_stopped;
      v_stopped := array[]::uuid[];
      v_places := array(select p from unnest(v_places) p where p.execution_id <> all (v_ended));
    end if;
    if cardinality(v_places) > 0 then
      v_due := engine.ripen(v_places, v_now);
      v_places := array[]::engine.place[];
      v_place := null;
      continue when cardinality(v_due.settled) > 0 or cardinality(v_due.items) > 0;
    end if;

    perform engine.pause_point('apply_before_end');
    v_touched := array(
      select distinct t from unnest(v_touched) t where t <> all (v_alive) and t <> all (v_ended));
    if cardinality(v_touched) > 0 then
      v_ended_now := engine.complete_executions(v_touched, v_now, (
        select coalesce(jsonb_object_agg(b, coalesce(v_outputs -> b::text, '{}')), '{}')
        from unnest(v_begun) b));
      for i in 1 .. coalesce(cardinality(v_ended_now), 0) loop
        v_logs := v_logs || engine.completed_log(v_ended_now[i]);
      end loop;
      if cardinality(v_paused) > 0 and cardinality(v_ended_now) > 0 then
        -- what was at work came to its end nevertheless
        perform hil.end_pauses(
          array(select e.id from unnest(v_ended_now) e where e.id = any (v_paused)), v_now);
      end if;
      v_parents := v_parents || engine.after_end(v_ended_now, v_now, v_with_state);
    end if;
    v_touched := array[]::uuid[];
    exit when cardinality(v_parents) = 0;

    -- parents whose children have ended, if nobody else holds them; else the tick goes on with them
    v_parents := array(
      select e.id from public.workflow_executions e
      where e.id = any (v_parents) and e.end_time is null
      order by e.id
      for no key update skip locked);
    v_due := engine.take_due(v_parents, v_now);
    if cardinality(v_due.ready) > 0 then
      perform engine.enqueue(v_due.ready);
    end if;
    exit when num_nonnulls(v_due.settled, v_due.arriving) = 0;
    v_paused := v_paused || array(
      select e.id from public.workflow_executions e where e.id = any (v_parents) and e.status = 'PAUSED');
    -- what is live in them is not only what was made here
    v_alive := array(select a from unnest(v_alive) a where a <> all (v_parents));
    v_parents := array[]::uuid[];
  end loop;
  if cardinality(v_asking) > 0 then
    perform engine.mark_asking(v_asking);
  end if;
  perform engine.write_logs(v_logs, v_now);
end
$function$;

create or replace function engine.apply_settings (
  workflow_id uuid,
  version     integer
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_settings jsonb;
  v_workspace uuid;
begin
  select w.workspace_id into v_workspace from public.workflows w where w.id = apply_settings.workflow_id;
  select v.definition -> 'settings' into v_settings from public.workflow_versions v
  where v.workflow_id = apply_settings.workflow_id and v.version = apply_settings.version;
  if num_nonnulls(v_settings ->> 'max_concurrency', v_settings ->> 'rate_limit') > 0 then
    insert into public.execution_limits as l (
      workspace_id, workflow_id, max_concurrency, rate_limit, rate_window_seconds, policy, is_from_settings)
    values (
      v_workspace, apply_settings.workflow_id, (v_settings ->> 'max_concurrency')::numeric::int,
      (v_settings ->> 'rate_limit')::numeric::int,
      case when v_settings ->> 'rate_limit' is not null
        then coalesce((v_settings ->> 'rate_window_seconds')::numeric::int, 60) end,
      coalesce(v_settings ->> 'concurrency_policy', 'queue'), true)
    on conflict on constraint a_limit_is_set_once do update
    set max_concurrency = excluded.max_concurrency, rate_limit = excluded.rate_limit,
      rate_window_seconds = excluded.rate_window_seconds, policy = excluded.policy
    where l.is_from_settings;
  else
    delete from public.execution_limits l
    where l.workspace_id = v_workspace and l.workflow_id = apply_settings.workflow_id and l.is_from_settings;
  end if;
end
$function$;

create or replace function engine.ask_slots (
  execution public.workflow_executions,
  may_wait  boolean
)
  returns text
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_limit public.execution_limits;
  v_limits public.execution_limits[];
  v_keys text[] := array[]::text[];
  v_key text;
  v_queued boolean := false;
  v_oldest uuid;
  v_now timestamptz := engine.now();
begin
  v_limits := array(
    select l from public.execution_limits l
    where l.workspace_id = execution.workspace_id
      and (l.workflow_id is null or l.workflow_id = execution.workflow_id)
    order by l.id);
  if cardinality(v_limits) = 0 then
    return 'admitted';
  end if;
  foreach v_limit in array v_limits loop
    v_key := engine.key_of(v_limit, execution.input);
    v_keys := v_keys || v_key;
    if may_wait then
      perform pg_advisory_xact_lock(engine.lock_of_limit(v_limit.id, v_key));
    elsif not pg_try_advisory_xact_lock(engine.lock_of_limit(v_limit.id, v_key)) then
      return 'busy';
    end if;
  end loop;
  for i in 1 .. cardinality(v_limits) loop
    v_limit := v_limits[i];
    v_key := v_keys[i];
    continue when engine.has_room(v_limit, v_key) and not exists (
      select from engine.queue_of(v_limit.id, v_key, 1));
    if v_limit.policy = 'drop' then
      perform platform.fail(429, 'execution_limit_reached',
        'As many executions as the limit allows are running or began lately',
        'Try again later, or raise the limit.');
    elsif v_limit.policy = 'cancel_oldest' then
      select s.execution_id into v_oldest from engine.slots s
      where s.limit_id = v_limit.id and s.key = v_key
        and s.admitted_at is not null and s.released_at is null
        and not exists (select from engine.cancellations c where c.execution_id = s.execution_id)
      order by s.admitted_at, s.execution_id
      limit 1;
      insert into engine.cancellations (execution_id, reason)
      select v_oldest, 'Canceled to make room for a newer one' where v_oldest is not null;
      continue when v_oldest is not null;
    end if;
    v_queued := true;
  end loop;
  insert into engine.slots (execution_id, limit_id, key, priority, asked_at, admitted_at)
  select execution.id, (v_limits[i]).id, v_keys[i], execution.priority, v_now,
    case when not v_queued then v_now end
  from generate_subscripts(v_limits, 1) i;
  update public.workflow_executions e set is_limited = true where e.id = execution.id;
  return case when v_queued then 'queued' else 'admitted' end;
end
$function$;

create or replace function engine.begin (
  wait engine.waits,
  at   timestamp with time zone
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_execution public.workflow_executions;
  v_begins text := 'admitted';
begin
  select e.* into strict v_execution from public.workflow_executions e where e.id = wait.execution_id;
  if v_execution.status <> 'NEW' then
    return true;
  end if;
  if not v_execution.is_limited and v_execution.parent_run_id is null then
    begin
      v_begins := engine.ask_slots(v_execution, false);
    exception when sqlstate 'PT429' then
      perform engine.end_executions(array[v_execution.id], 'CANCELED', jsonb_build_object(v_execution.id,
        jsonb_build_object('code', 'execution_limit_reached', 'message', sqlerrm)), at);
      return false;
    end;
  end if;
  if v_begins <> 'admitted' then
    wait.kind := case v_begins when 'queued' then 'slot' else 'turn' end;
    wait.until := case v_begins when 'queued' then 'infinity' else at + interval '200 milliseconds' end;
    perform engine.park(array[wait]);
    return false;
  end if;
  update public.workflow_executions e set status = 'RUNNING', start_time = begin.at where e.id = v_execution.id
  returning e.* into v_execution;
  perform engine.log_start(v_execution, at);
  return true;
end
$function$;

create or replace function engine.broadcast (
  executions public.workflow_executions[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_send regproc;
begin
  if to_regnamespace('realtime') is null then
    return;
  end if;
  v_send := to_regprocedure('realtime.send(jsonb,text,text,boolean)');
  if v_send is null then
    return;
  end if;
  execute format(
    'select %s(jsonb_build_object(''id'', e.id, ''workflow_id'', e.workflow_id, ''status'', e.status),
       ''execution'', ''workspace:'' || e.workspace_id, true) from unnest($1) e', v_send)
  using executions;
end
$function$;

create or replace function engine.call_function (
  worker_id   text,
  task_id     uuid,
  lease_token uuid
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_task engine.tasks;
  v_described jsonb;
  v_name text;
  v_arguments jsonb;
  v_settled engine.settled;
begin
  perform from public.workflow_executions e
  where e.id = (select t.execution_id from engine.tasks t where t.id = call_function.task_id)
  for no key update;
  select * into v_task from engine.tasks t
  where t.id = call_function.task_id and t.lease_token = call_function.lease_token
    and t.worker_id = call_function.worker_id
  for update;
  if not found then
    return false;
  end if;
  v_described := engine.task_list(call_function.worker_id, array[v_task.id]) -> 0;
  v_name := v_described ->> 'subtype';
  v_arguments := v_described -> 'parameters';
  if v_name = 'SQL_FUNCTION' then
    v_name := v_arguments ->> 'function';
    v_arguments := v_arguments -> 'arguments';
  end if;
  v_settled.error := v_described -> 'problem';
  if v_settled.error is null and not (
      coalesce(engine.is_node_function(v_name), false) and exists (
        select from public.workspace_functions f
        where f.workspace_id = v_task.workspace_id and f.function_name = v_name)) then
    v_settled.error := jsonb_build_object('code', 'function_not_enabled',
      'message', format('The function %s is not enabled in this workspace', v_name));
  end if;
  if v_settled.error is null then
    begin
      v_settled.output := coalesce(nodes.invoke(v_name,
        coalesce(v_arguments, '{}'),
        jsonb_build_object(
          'workspace_id', v_task.workspace_id, 'workflow_id', v_task.workflow_id,
          'execution_id', v_task.execution_id, 'node_id', v_task.node_id, 'attempt', v_task.attempt)), 'null');
    exception when others then
      v_settled.output := null;
      v_settled.error := jsonb_build_object('code', 'function_failed', 'message', sqlerrm,
        'details', jsonb_build_object('sqlstate', sqlstate),
        'retryable', sqlstate in ('40001', '40P01', '55P03'));
    end;
  end if;
  delete from engine.tasks t where t.id = v_task.id;
  v_settled.token := engine.token_of(v_task);
  v_settled.started_at := v_task.leased_at;
  v_settled.ended_at := engine.now();
  v_settled.passes := false;
  perform engine.apply(array[v_settled], null);
  return true;
end
$function$;

create or replace function engine.call_workflow (
  token      engine.token,
  parameters jsonb,
  at         timestamp with time zone
)
  returns engine.called
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  c_max_depth constant int := 20;
  c_max_items constant int := 10000;
  v_called engine.called;
  v_parent record;
  v_callee uuid;
  v_workflow public.workflows;
  v_version int;
  v_problems jsonb;
  v_waits boolean := parameters -> 'wait' is distinct from 'false';
  v_is_list boolean := parameters ? 'items';
  v_inputs jsonb;
  v_count int;
  v_room int;
begin
  select e.depth into strict v_parent from public.workflow_executions e where e.id = token.execution_id;
  select w.id into v_callee from public.workflows w
  where w.id::text = parameters ->> 'workflow_id' and w.workspace_id = token.workspace_id;
  -- who deploys it, or removes it or this version, may wait for what is locked here: this does not wait for
  -- him
  if not pg_try_advisory_xact_lock_shared(workflows.lock_key(v_callee)) then
    v_called.wait := engine.wait_of(token, 'turn', at, at + interval '200 milliseconds');
    return v_called;
  end if;
  select w.* into v_workflow from public.workflows w where w.id = v_callee and w.deleted_at is null;
  v_version := coalesce(v_workflow.deployed_version, v_workflow.current_version);
  v_inputs := case
    when not v_is_list then jsonb_build_array(coalesce(parameters -> 'input', '{}'))
    when parameters ? 'input' then (
      select coalesce(jsonb_agg(
        case jsonb_typeof(parameters -> 'input') when 'object' then parameters -> 'input' else '{}' end
          || jsonb_build_object('item', i) order by o), '[]')
      from jsonb_array_elements(engine.items_of(parameters -> 'items')) with ordinality e (i, o))
    else engine.items_of(parameters -> 'items')
  end;
  v_count := jsonb_array_length(v_inputs);
  if v_workflow.id is null then
    v_called.error := jsonb_build_object('code', 'sub_workflow_not_found', 'message',
      format('There is no workflow %s in this workspace', coalesce(parameters ->> 'workflow_id', '(none)')));
  elsif v_workflow.status not in ('draft', 'active') then
    v_called.error := jsonb_build_object('code', 'sub_workflow_not_startable', 'message',
      format('The workflow %s is %s', v_workflow.name, v_workflow.status));
  elsif v_parent.depth >= c_max_depth then
    v_called.error := jsonb_build_object('code', 'sub_workflow_too_deep', 'message',
      format('Sub-workflows nest at most %s deep: does one call itself without an end?', c_max_depth));
  elsif v_count > c_max_items then
    v_called.error := jsonb_build_object('code', 'too_many_items', 'message',
      format('There are %s items; at most %s are taken', v_count, c_max_items));
  elsif engine.trigger_of(v_workflow.id, v_version) is null then
    select workflows.diagnostics(v.definition, workspace_id => v.workspace_id) into v_problems
    from public.workflow_versions v
    where v.workflow_id = v_workflow.id and v.version = v_version;
    if v_problems = '[]' then
      perform engine.compile(v_workflow.id, v_version);
    else
      v_called.error := jsonb_build_object('code', 'sub_workflow_invalid', 'message',
        format('The workflow %s has faults', v_workflow.name), 'details',
        jsonb_build_object('problems', v_problems));
    end if;
  end if;
  if v_called.error is not null then
    return v_called;
  elsif v_count = 0 then
    v_called.output := '[]';
    return v_called;
  end if;
  v_room := coalesce(engine.count_of(parameters -> 'max_concurrency'), v_count);
  if not v_waits then
    v_room := v_count;
  end if;
  v_called.wait := engine.wait_of(token, 'children', at,
    at + make_interval(secs => least(coalesce(engine.count_of(parameters -> 'timeout_seconds'), 2592000),
      31536000)));
  v_called.wait.deadline := (v_called.wait).until;
  v_called.wait.next_item := least(v_room, v_count);
  v_called.wait.items := v_count;
  v_called.wait.max_concurrency := v_room;
  v_called.wait.data := jsonb_build_object(
    'workflow_id', v_workflow.id, 'version', v_version, 'is_list', v_is_list, 'inputs', v_inputs);
  v_called.started := engine.start_children(v_called.wait, v_parent.depth, 0, v_waits, at);
  -- children that were taken over have ended already: the tick looks at them
  if v_waits and exists (select from engine.retried r where r.run_id = token.id) then
    v_called.wait.until := at;
  end if;
  if not v_waits then
    v_called.output := case
      when v_is_list then (
        select jsonb_agg(jsonb_build_object('execution_id', t.execution_id)) from unnest(v_called.started) t)
      else jsonb_build_object('execution_id', (v_called.started[1]).execution_id)
    end;
    v_called.wait := null;
  end if;
  return v_called;
end
$function$;

create or replace function engine.cancel (
  execution_id uuid,
  reason       text
)
  returns public.workflow_executions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_execution public.workflow_executions := engine.controlled(cancel.execution_id);
  v_now timestamptz := engine.now();
begin
  perform engine.pause_point('cancel_locked');
  if v_execution.end_time is null then
    perform engine.log_control(v_execution, 'Canceled', 'The workflow was canceled.', left(reason, 1000), v_now);
    perform engine.end_executions(array[v_execution.id], 'CANCELED', jsonb_build_object(v_execution.id,
      jsonb_build_object('code', 'canceled', 'message', coalesce(left(reason, 1000), 'Canceled'))), v_now);
    perform engine.cancel_descendants(v_execution.id, v_now);
    select * into v_execution from public.workflow_executions e where e.id = v_execution.id;
  end if;
  return v_execution;
end
$function$;

create or replace function engine.cancel_descendants (
  execution_id uuid,
  at           timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_above uuid[] := array[cancel_descendants.execution_id];
begin
  while cardinality(v_above) > 0 loop
    v_above := array(
      select c.id from public.workflow_executions c
      where c.parent_execution_id = any (v_above) and c.parent_run_id is not null and c.end_time is null
      order by c.id
      for no key update skip locked);
    perform engine.end_executions(v_above, 'CANCELED',
      (select jsonb_object_agg(c, jsonb_build_object('code', 'canceled', 'message', 'Canceled with its parent'))
       from unnest(v_above) c), at);
  end loop;
end
$function$;

create or replace function engine.canceled_run (
  token engine.token,
  plan  engine.plan,
  at    timestamp with time zone
)
  returns public.node_executions
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_row public.node_executions;
begin
  v_row.execution_id := token.execution_id;
  v_row.id := token.id;
  v_row.workspace_id := token.workspace_id;
  v_row.node_id := token.node_id;
  v_row.node_type := plan.node_type || '.' || plan.node_subtype;
  v_row.run_index := token.run_index;
  v_row.attempt := token.attempt;
  v_row.status := 'CANCELED';
  v_row.source_id := token.source_id;
  v_row.input_id := token.input_id;
  v_row.passes_input := false;
  v_row.ancestors := token.ancestors;
  v_row.target_index := token.target_index;
  v_row.scope := token.scope;
  v_row.lap := token.lap;
  v_row.joined := case when plan.merge_mode in ('all', 'append', 'combine', 'collect') then jsonb '[]' end;
  v_row.is_end := false;
  v_row.start_time := at;
  v_row.end_time := at;
  return v_row;
end
$function$;

create or replace function engine.claim (
  worker_id text,
  capacity  integer
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_ids uuid[];
begin
  -- the worker first: the lock order
  insert into engine.workers as k (worker_id, capacity, seen_at)
  values (claim.worker_id, claim.capacity, engine.now())
  on conflict on constraint workers_pkey do update
  set capacity = excluded.capacity, seen_at = excluded.seen_at;
  v_ids := engine.lease(claim.worker_id, claim.capacity);
  if cardinality(v_ids) > 0 then
    update engine.workers k set capacity = claim.capacity - cardinality(v_ids)
    where k.worker_id = claim.worker_id;
  end if;
  return jsonb_build_object('tasks', engine.task_list(claim.worker_id, v_ids));
end
$function$;

create or replace function engine.clock_is_movable()
  returns boolean
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select platform.setting('clock.movable') = 'true'
$function$;

create or replace function engine.collect (
  token engine.token
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  insert into engine.collected (
    execution_id, for_run, node_id, item, target_index, source_id, input_id, ancestors, scope, lap)
  values (
    token.execution_id, substring(token.scope from '([^/:]*):\d+$')::uuid, token.node_id,
    substring(token.scope from '\d+$')::int, token.target_index, token.source_id, token.input_id,
    token.ancestors, token.scope, token.lap);
end
$function$;

create or replace function engine.collect_of (
  run       engine.token,
  node_id   text,
  component integer,
  at        timestamp with time zone
)
  returns engine.waits
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_wait engine.waits := engine.wait_of(run, 'collect', at, 'infinity');
begin
  v_wait.id := platform.uuid7();
  v_wait.node_id := collect_of.node_id;
  v_wait.run_index := null;
  v_wait.attempt := 1;
  v_wait.target_index := 0;
  v_wait.source_id := run.id;
  v_wait.input_id := run.id;
  v_wait.for_run := run.id;
  if (select p.component from engine.plan p where p.workflow_id = run.workflow_id
        and p.version = run.version and p.node_id = collect_of.node_id)
     is distinct from collect_of.component then
    v_wait.lap := 0;
  end if;
  return v_wait;
end
$function$;

create or replace function engine.compile (
  workflow_id uuid,
  version     integer
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_definition jsonb;
  v_workspace uuid;
  -- by node
  v_compiled jsonb[];
  v_modes text[];
  v_triggers boolean[];
  -- by edge, sorted by source
  v_ordinals int[];
  v_sources int[];
  v_targets int[];
  v_marks int[];
  v_predicates jsonb[];
  v_read text[];
  v_readers boolean[];
  v_graph engine.graph;
begin
  -- first: whoever saves over a draft is waited for, and from here on there is no draft
  perform workflows.lock_version(compile.workflow_id, compile.version);
  select v.definition, v.workspace_id into v_definition, v_workspace
  from public.workflow_versions v
  where v.workflow_id = compile.workflow_id and v.version = compile.version;
  perform workflows.refuse_invalid(workflows.diagnostics(v_definition, workspace_id => v_workspace));

  select
    array_agg(case
      when n.disabled then jsonb_build_object('parameters', n.parameters, 'nodes', jsonb '[]')
      else workflows.compile_parameters(
        case
          when n.node_type = 'FLOW' and n.node_subtype = 'SUB_WORKFLOW' and not n.parameters ?| '{input,items}'
            then n.parameters || jsonb '{"input": "{{ $.input }}"}'
          when n.node_type = 'FLOW' and n.node_subtype = 'RESPOND' and not n.parameters ? 'body'
            then n.parameters || jsonb '{"body": "{{ $.input }}"}'
          when n.node_type = 'HUMAN_IN_THE_LOOP' and not n.parameters ? 'data'
            then n.parameters || jsonb '{"data": "{{ $.input }}"}'
          -- a function of the workspace has no other place for its defaults
          when s.workspace_id is not null
            then workflows.with_defaults(n.parameters, s.specification_data -> 'parameters')
          else n.parameters
        end,
        s.specification_data -> 'parameters')
    end order by n.ordinal),
    array_agg(case
      when n.node_type = 'FLOW' and n.node_subtype = 'MERGE' and not n.disabled then n.parameters ->> 'mode'
    end order by n.ordinal),
    array_agg(n.node_type = 'TRIGGER' order by n.ordinal)
  into v_compiled, v_modes, v_triggers
  from public.nodes n
  -- a disabled node may be of a type that is not there
  left join public.node_specifications s on s.node_type = n.node_type and s.node_subtype = n.node_subtype
    and (s.workspace_id is null or s.workspace_id = n.workspace_id)
  where n.workflow_id = compile.workflow_id and n.version = compile.version;

  -- each input of a merge that waits for its inputs is a mark
  with edge as (
    select c.ordinal, s.ordinal as source, t.ordinal as target, c.target_index,
      v_modes[t.ordinal] in ('all', 'append', 'combine') as is_marked,
      case when jsonb_typeof(c.conditions) = 'string'
        then workflows.compile_predicate(c.conditions #>> '{}') end as predicate
    from public.node_connections c
    join public.nodes s
      on s.workflow_id = c.workflow_id and s.version = c.version and s.node_id = c.source_node_id
    join public.nodes t
      on t.workflow_id = c.workflow_id and t.version = c.version and t.node_id = c.target_node_id
    where c.workflow_id = compile.workflow_id and c.version = compile.version
  ),
  marked as (
    select e.*,
      case when e.is_marked
        then dense_rank() over (partition by e.is_marked order by e.target, e.target_index) end as mark
    from edge e
  )
  select array_agg(e.ordinal order by e.source, e.ordinal), array_agg(e.source order by e.source, e.ordinal),
    array_agg(e.target order by e.source, e.ordinal), array_agg(e.mark order by e.source, e.ordinal),
    array_agg(e.predicate order by e.source, e.ordinal)
  into v_ordinals, v_sources, v_targets, v_marks, v_predicates
  from marked e;

  -- a predicate is read where its edge begins, but after the node there
  v_readers := array(
    select c.compiled -> 'nodes' <> '[]' or exists (
        select from unnest(v_sources, v_predicates) p (source, predicate)
        where p.source = c.n and p.predicate -> 'nodes' <> '[]')
    from unnest(v_compiled) with ordinality c (compiled, n) order by c.n);
  v_read := array(
    select jsonb_array_elements_text(c -> 'nodes') from unnest(v_compiled || v_predicates) c);
  v_graph := engine.analyze(v_sources, v_targets, v_marks, v_triggers,
    array(select coalesce(m <> 'collect', false) from unnest(v_modes) with ordinality u (m, n) order by n),
    v_readers);

  with node as (
    select n.*, s.executor, c.compiled, c.mode, c.component, c.runs_once, c.leads_to_reader,
      not n.disabled and n.node_type = 'FLOW' and n.node_subtype = 'FOR_EACH' as is_for_each
    from public.nodes n
    left join public.node_specifications s on s.node_type = n.node_type and s.node_subtype = n.node_subtype
      and (s.workspace_id is null or s.workspace_id = n.workspace_id)
    join unnest(v_compiled, v_modes, v_graph.components, v_graph.runs_once, v_graph.leads_to_reader)
      with ordinality c (compiled, mode, component, runs_once, leads_to_reader, ordinal)
      on c.ordinal = n.ordinal
    where n.workflow_id = compile.workflow_id and n.version = compile.version
  ),
  edge as (
    select e.source, e.predicate,
      jsonb_strip_nulls(jsonb_build_object(
        'type', c.connection_type, 'index', c.connection_index,
        'target', c.target_node_id, 'target_index', c.target_index,
        'lap', case
          when e.is_back then 'next'
          when v_graph.components[e.source] <> coalesce(v_graph.components[e.target], 0) then 'first'
        end,
        'predicate', e.predicate -> 'path')) as edge,
      c.ordinal
    from public.node_connections c
    join unnest(v_ordinals, v_sources, v_targets, v_predicates, v_graph.back_edges)
      e (ordinal, source, target, predicate, is_back) on e.ordinal = c.ordinal
    where c.workflow_id = compile.workflow_id and c.version = compile.version
  ),
  leaving as (
    select e.source, jsonb_agg(e.edge order by e.ordinal) as edges,
      jsonb_agg(e.predicate -> 'reads') filter (where e.predicate is not null) as reads
    from edge e group by e.source
  ),
  arriving as (
    select c.target_node_id as node_id, array_agg(distinct c.target_index order by c.target_index) as inputs
    from public.node_connections c
    where c.workflow_id = compile.workflow_id and c.version = compile.version
    group by 1
  ),
  collecting as (
    select s.collected as node_id, array_agg(distinct s.node_id order by s.node_id) as collects
    from workflows.scopes(v_definition -> 'nodes', v_definition -> 'connections') s
    where s.collected is not null
    group by 1
  )
  insert into engine.plan (
    workflow_id, version, node_id, ordinal, name, node_type, node_subtype,
    executor, handler, parameters, bindings, reads,
    is_referenced, keeps_ancestors, runs_once, is_disabled,
    edges, edge_reads,
    component, merge_mode, inputs, collects, has_joins, keeps_state, asks, pinned,
    error_handling, max_retries, retry_wait_time, timeout_seconds, total_nodes, execution_timeout_seconds)
  select
    n.workflow_id, n.version, n.node_id, n.ordinal, n.name, n.node_type, n.node_subtype,
    case when n.disabled then 'sql' else n.executor end,
    case
      when n.disabled or n.node_type = 'TRIGGER' then 'pass'
      when n.executor = 'edge' then null
      when n.node_type = 'HUMAN_IN_THE_LOOP' then 'ask'
      else case n.node_subtype
        when 'IF' then 'branch'
        when 'SWITCH' then 'switch'
        when 'TRANSFORM' then 'output'
        when 'FILTER' then 'filter'
        when 'MERGE' then 'merge'
        when 'FOR_EACH' then 'for_each'
        when 'STOP' then 'stop'
        when 'WAIT' then 'wait'
        when 'SUB_WORKFLOW' then 'call_workflow'
        when 'RESPOND' then 'respond'
        when 'SET_STATIC_DATA' then 'set_static'
        when 'PLACEHOLDER' then 'placeholder'
      end
    end,
    n.compiled -> 'parameters', nullif(n.compiled -> 'bindings', '[]'),
    array(select jsonb_array_elements_text(n.compiled -> 'reads')),
    n.node_id = any (v_read), n.leads_to_reader or l.reads @> '[["nodes"]]' is true, n.runs_once, n.disabled,
    coalesce(l.edges, '[]'),
    array(
      select distinct r from jsonb_array_elements(l.reads) p, jsonb_array_elements_text(p) r order by r),
    n.component, n.mode, case when n.mode is not null then coalesce(a.inputs, '{}') end,
    case when n.is_for_each then coalesce(c.collects, '{}') end,
    bool_or(n.mode is not null or n.is_for_each) over (),
    bool_or(n.mode is not null or n.is_for_each or not n.runs_once) over (),
    bool_or(n.node_type = 'HUMAN_IN_THE_LOOP' and not n.disabled) over (),
    case when not n.disabled then v_definition -> 'pin_data' -> n.node_id end,
    n.error_handling, n.max_retries, n.retry_wait_time, n.timeout_seconds, count(*) over (),
    (v_definition #>> '{settings,timeout_seconds}')::numeric::int
  from node n
  left join leaving l on l.source = n.ordinal
  left join arriving a on a.node_id = n.node_id
  left join collecting c on c.node_id = n.node_id
  -- one order for everybody: two who compile at once must not wait for each other
  order by n.ordinal
  on conflict do nothing;
  if not found then
    return;
  end if;

  with mark as (
    select distinct m.target, m.mark, c.target_index
    from unnest(v_ordinals, v_targets, v_marks) m (ordinal, target, mark)
    join public.node_connections c on c.ordinal = m.ordinal
      and c.workflow_id = compile.workflow_id and c.version = compile.version
    where m.mark is not null
  ),
  merge as (
    select m.target as ordinal, min(m.mark) as first, array_agg(m.target_index order by m.mark) as inputs
    from mark m group by 1
  ),
  place as (
    select r.ordinal, r.component, m.ordinal as merge_ordinal, m.inputs,
      substring(r.reaches from m.first + 1 for cardinality(m.inputs)) as reaches,
      substring(r.reaches_ahead from m.first + 1 for cardinality(m.inputs)) as reaches_ahead
    from unnest(v_graph.reaches, v_graph.reaches_ahead, v_graph.components)
      with ordinality r (reaches, reaches_ahead, component, ordinal)
    cross join merge m
    where bit_count(r.reaches) > 0
  )
  insert into engine.reach (
    workflow_id, version, merge_node_id, node_id, inputs, inputs_ahead, same_component)
  select compile.workflow_id, compile.version, m.node_id, n.node_id,
    case bit_count(p.reaches) when cardinality(p.inputs) then p.inputs
      else array(
        select i.input from unnest(p.inputs) with ordinality i (input, n)
        where get_bit(p.reaches, i.n::int - 1) = 1 order by i.n)
    end,
    case bit_count(p.reaches_ahead) when cardinality(p.inputs) then p.inputs when 0 then '{}'
      else array(
        select i.input from unnest(p.inputs) with ordinality i (input, n)
        where get_bit(p.reaches_ahead, i.n::int - 1) = 1 order by i.n)
    end,
    p.component = v_graph.components[p.merge_ordinal] is true
  from place p
  join public.nodes m on m.ordinal = p.merge_ordinal
    and m.workflow_id = compile.workflow_id and m.version = compile.version
  join public.nodes n on n.ordinal = p.ordinal
    and n.workflow_id = compile.workflow_id and n.version = compile.version
  where bit_count(p.reaches) > 0;
end
$function$;

create or replace function engine.complete (
  execution_id uuid,
  at           timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_ended public.workflow_executions[] := engine.complete_executions(array[complete.execution_id], at);
begin
  if cardinality(v_ended) > 0 then
    perform hil.end_pauses(array[complete.execution_id], at);
    perform engine.write_logs(array[engine.completed_log(v_ended[1])], at);
    perform engine.after_end(v_ended, at, true);
  end if;
end
$function$;

create or replace function engine.complete_by_caller (
  execution_id   uuid,
  status         text,
  outputs        jsonb,
  error          jsonb,
  nodes_executed integer
)
  returns public.workflow_executions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_execution public.workflow_executions := engine.controlled(complete_by_caller.execution_id);
  v_now timestamptz := engine.now();
  v_output jsonb := nullif(outputs, 'null');
  v_error jsonb := nullif(error, 'null');
  v_log public.workflow_execution_logs;
begin
  if not v_execution.executed_by_caller then
    perform platform.fail(409, 'execution_not_by_caller', 'The engine runs this execution itself',
      'Cancel it, or start one with executed_by_caller.');
  elsif status is null or status not in ('SUCCESS', 'ERROR', 'CANCELED') then
    perform platform.fail(422, 'result_invalid', 'An execution ends with SUCCESS, ERROR or CANCELED',
      'Give one of these as status.');
  elsif jsonb_typeof(v_output) <> 'object' or jsonb_typeof(v_error) <> 'object' or nodes_executed < 0
        or (status = 'SUCCESS' and v_error is not null) then
    perform platform.fail(422, 'result_invalid',
      'outputs is {node id: output}, error {code, message, ...} and none of a SUCCESS, nodes_executed a '
      'count',
      'Give objects.');
  elsif pg_column_size(v_output) > 1048576 or pg_column_size(v_error) > 1048576 then
    perform platform.fail(413, 'output_too_large',
      'outputs and error have at most 1 MiB each', 'Put large data into storage and pass its address.');
  end if;
  v_output := coalesce(v_output, case when status = 'SUCCESS' then jsonb '{}' end);
  if status <> 'SUCCESS' then
    v_error := (case status
        when 'ERROR' then jsonb '{"code": "failed", "message": "The caller gave no reason"}'
        else jsonb '{"code": "canceled", "message": "Canceled by its caller"}'
      end) || coalesce(v_error, '{}');
  end if;
  if v_execution.end_time is not null then
    if (v_execution.status, v_execution.output, v_execution.error, v_execution.nodes_executed)
       is distinct from (status, v_output, v_error, complete_by_caller.nodes_executed) then
      perform platform.fail(409, 'execution_ended',
        format('The execution has ended with %s', v_execution.status), 'Its end stays what it was.');
    end if;
    return v_execution;
  end if;
  delete from engine.waits w where w.execution_id = v_execution.id;
  if v_execution.status = 'PAUSED' then
    perform hil.end_pauses(array[v_execution.id], v_now);
  end if;
  update public.workflow_executions e
  set status = complete_by_caller.status, end_time = v_now, output = v_output, error = v_error,
    nodes_executed = complete_by_caller.nodes_executed
  where e.id = v_execution.id
  returning e.* into v_execution;
  v_log := engine.completed_log(v_execution);
  v_log.node_id := v_error ->> 'node_id';
  v_log.data := jsonb_strip_nulls(jsonb_build_object(
    'by', (select auth.uid()), 'nodes_executed', complete_by_caller.nodes_executed, 'error', v_error));
  if status <> 'SUCCESS' then
    v_log.level := case status when 'CANCELED' then 'WARNING' else 'ERROR' end;
    v_log.message := format('Execution ended with %s: %s', status, v_error ->> 'message');
    v_log.user_friendly_message := format('The workflow stopped: %s.', v_error ->> 'message');
  end if;
  perform engine.write_logs(array[v_log], v_now);
  perform engine.after_end(array[v_execution], v_now, false);
  return v_execution;
end
$function$;

create or replace function engine.complete_executions (
  execution_ids uuid[],
  at            timestamp with time zone,
  outputs       jsonb                    default '{}'::jsonb
)
  returns public.workflow_executions[]
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_ended public.workflow_executions[];
begin
  with ended as (
    update public.workflow_executions e
    set status = 'SUCCESS', end_time = complete_executions.at,
      output = coalesce(outputs -> e.id::text, engine.output_of(e.id))
    where e.id = any (execution_ids) and e.end_time is null
      and not exists (select from engine.tasks t where t.execution_id = e.id)
      and not exists (select from engine.waits w where w.execution_id = e.id)
    returning e.*
  )
  select array_agg(n::public.workflow_executions) into v_ended from ended n;
  return v_ended;
end
$function$;

create or replace function engine.completed_log (
  execution public.workflow_executions
)
  returns public.workflow_execution_logs
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_log public.workflow_execution_logs;
begin
  v_log.execution_id := execution.id;
  v_log.workspace_id := execution.workspace_id;
  v_log.log_category := 'BUSINESS';
  v_log.event_type := 'workflow_completed';
  v_log.level := 'INFO';
  v_log.message := 'Execution succeeded';
  v_log.user_friendly_message := 'The workflow finished.';
  v_log.duration_ms := extract(epoch from execution.end_time - execution.start_time) * 1000;
  v_log.display_priority := 8;
  v_log.is_milestone := true;
  return v_log;
end
$function$;

create or replace function engine.context (
  token engine.token,
  reads text[],
  input jsonb
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_context jsonb := jsonb '{}';
  v_execution record;
begin
  if reads && '{trigger,execution}'::text[] then
    select e.input, e.mode, e.start_time, e.trigger_node_id into v_execution
    from public.workflow_executions e where e.id = token.execution_id;
  end if;
  if 'input' = any (reads) then
    v_context := jsonb_build_object('input', coalesce(context.input,
      engine.value_at(token.execution_id, engine.reference(token.input_id, token.scope))));
  end if;
  if 'item' = any (reads) and token.scope <> '' then
    v_context := v_context || jsonb_build_object('item',
      engine.value_at(token.execution_id, substring(token.scope from '[^/]*$')));
  end if;
  if 'trigger' = any (reads) then
    v_context := v_context || jsonb_build_object('trigger', v_execution.input);
  end if;
  if 'nodes' = any (reads) then
    v_context := v_context || jsonb_build_object('nodes', coalesce((
      select jsonb_object_agg(a.key, engine.value_at(token.execution_id, a.value))
      from jsonb_each_text(token.ancestors) a), '{}'));
  end if;
  if 'execution' = any (reads) then
    v_context := v_context || jsonb_build_object('execution', jsonb_build_object(
      'id', token.execution_id, 'mode', v_execution.mode, 'start_time', v_execution.start_time,
      'trigger_node_id', v_execution.trigger_node_id, 'node_runs', token.run_index + 1));
  end if;
  if 'workflow' = any (reads) then
    v_context := v_context || jsonb_build_object('workflow', (
      select jsonb_build_object('id', w.id, 'name', w.name, 'version', token.version)
      from public.workflows w where w.id = token.workflow_id));
    if 'workflow.static' = any (reads) then
      v_context := jsonb_set(v_context, '{workflow,static}', engine.static_data(token.workflow_id, reads));
    end if;
  end if;
  if 'vars' = any (reads) then
    v_context := v_context || jsonb_build_object('vars', (
      select w.variables from public.workspaces w where w.id = token.workspace_id));
  end if;
  if 'now' = any (reads) then
    v_context := v_context || jsonb_build_object('now', engine.now());
  end if;
  return v_context;
end
$function$;

create or replace function engine.controlled (
  execution_id uuid
)
  returns public.workflow_executions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_execution public.workflow_executions;
begin
  select * into v_execution from public.workflow_executions e where e.id = controlled.execution_id;
  perform workspaces.require(v_execution.workspace_id, 'editor', 'execution', controlled.execution_id);
  select * into v_execution from public.workflow_executions e where e.id = controlled.execution_id
  for no key update;
  return v_execution;
end
$function$;

create or replace function engine.copy_execution (
  old         public.workflow_executions,
  chosen      uuid,
  version     integer,
  parent      engine.waits,
  parent_item integer,
  at          timestamp with time zone
)
  returns engine.called
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_new public.workflow_executions;
  v_called engine.called;
  v_undone uuid[] := array(select engine.undone_runs(old.id, copy_execution.chosen));
  v_tokens engine.token[] := array[]::engine.token[];
  v_token engine.token;
  v_wait engine.waits;
  v_place record;
  v_missing text;
begin
  insert into public.workflow_executions as e (
    workspace_id, workflow_id, version, mode, trigger_node_id, triggered_by, priority, input, created_at,
    start_time, parent_execution_id, parent_run_id, parent_item, depth, retry_of, deadline)
  values (
    old.workspace_id, old.workflow_id, copy_execution.version, 'RETRY', old.trigger_node_id,
    (select auth.uid()), old.priority, old.input, copy_execution.at, copy_execution.at,
    parent.execution_id, parent.id, copy_execution.parent_item, old.depth, old.id,
    copy_execution.at + (old.deadline - old.start_time))
  returning e.* into v_new;
  insert into public.node_executions (
    execution_id, id, workspace_id, node_id, node_type, run_index, attempt, status, source_id, input_id,
    passes_input, output_data, error_data, ancestors, scope, lap, target_index, joined, reused_from, is_end,
    start_time, end_time)
  select
    v_new.id, n.id, n.workspace_id, n.node_id, n.node_type, n.run_index, n.attempt, n.status, n.source_id,
    n.input_id, n.passes_input, n.output_data, n.error_data, n.ancestors, n.scope, n.lap, n.target_index,
    n.joined, coalesce(n.reused_from, old.id), n.is_end, n.start_time, n.end_time
  from public.node_executions n
  where n.execution_id = old.id and n.id <> all (v_undone);

  -- a token for each run that is done again although what it followed from is not
  for v_place in
    select t.* from (
      (select distinct on (n.node_id, n.scope, n.run_index, case when n.run_index is null then n.id end)
        n.id, n.node_id, n.scope, n.lap, n.target_index, n.source_id, n.input_id, n.ancestors, n.id as place
      from public.node_executions n
      where n.execution_id = old.id and n.id = any (v_undone)
        and (n.source_id is null or n.source_id <> all (v_undone))
        -- a token that was parked at a join has joined nothing; a join comes back with what it took
        and (n.joined is null or n.status = 'CANCELED')
      order by n.node_id, n.scope, n.run_index, case when n.run_index is null then n.id end, n.attempt desc)
      union all
      select null, n.node_id, j ->> 'scope', (j ->> 'lap')::int, (j ->> 'target_index')::int,
        (j ->> 'source_id')::uuid, (j ->> 'input_id')::uuid, nullif(j -> 'ancestors', 'null'),
        (j ->> 'source_id')::uuid
      from public.node_executions n, jsonb_array_elements(n.joined) j
      where n.execution_id = old.id and n.id = any (v_undone)
        and (j ->> 'source_id')::uuid <> all (v_undone)) t
    order by t.place
  loop
    v_token := engine.first_token(v_new);
    v_token.node_id := v_place.node_id;
    v_token.target_index := v_place.target_index;
    v_token.source_id := v_place.source_id;
    v_token.input_id := v_place.input_id;
    v_token.ancestors := v_place.ancestors;
    v_token.scope := v_place.scope;
    v_token.lap := v_place.lap;
    v_tokens := v_tokens || v_token;
    insert into engine.retried (execution_id, run_id, old_execution_id, old_run_id)
    select v_new.id, v_token.id, old.id, v_place.id
    where exists (
      select from public.workflow_executions c
      where c.parent_execution_id = old.id and c.parent_run_id = v_place.id);
  end loop;
  select string_agg(distinct t.node_id, ', ') into v_missing
  from unnest(v_tokens) t
  where not exists (
    select from engine.plan p where p.workflow_id = v_new.workflow_id and p.version = v_new.version
      and p.node_id = t.node_id);
  if v_missing is not null then
    perform platform.fail(422, 'node_not_in_version',
      format('Version %s has no node %s, where the retry would go on', v_new.version, v_missing),
      'Retry with a version that has it, or from an earlier node.');
  end if;

  -- what the engine keeps beside history: counters, merges of mode any, joins, items that were not sent out
  insert into engine.node_runs (execution_id, scope, node_id, runs)
  select v_new.id, n.scope, n.node_id, count(distinct n.run_index)
  from public.node_executions n
  join engine.plan p
    on p.workflow_id = v_new.workflow_id and p.version = v_new.version and p.node_id = n.node_id
  where n.execution_id = v_new.id and not p.runs_once
  group by n.scope, n.node_id;
  insert into engine.merged (execution_id, scope, node_id, lap)
  select distinct v_new.id, n.scope, n.node_id, n.lap
  from public.node_executions n
  join engine.plan p
    on p.workflow_id = v_new.workflow_id and p.version = v_new.version and p.node_id = n.node_id
  where n.execution_id = v_new.id and n.status = 'SUCCESS' and p.merge_mode = 'any';
  for v_place in
    select n.*, p.collects, p.component, p.parameters, jsonb_array_length(n.output_data) as items, c.next_item
    from public.node_executions n
    join engine.plan p
      on p.workflow_id = v_new.workflow_id and p.version = v_new.version and p.node_id = n.node_id
    cross join lateral (
      select coalesce(max(split_part(split_part(i.scope, n.id || ':', 2), '/', 1)::int) + 1, 0) as next_item
      from public.node_executions i
      where i.execution_id = old.id and i.scope like '%' || n.id || ':%') c
    where n.execution_id = v_new.id and n.status = 'SUCCESS' and p.handler = 'for_each'
  loop
    v_token := engine.first_token(v_new);
    v_token.id := v_place.id;
    v_token.node_id := v_place.node_id;
    v_token.run_index := v_place.run_index;
    v_token.source_id := v_place.source_id;
    v_token.input_id := v_place.input_id;
    v_token.ancestors := v_place.ancestors;
    v_token.scope := v_place.scope;
    v_token.lap := v_place.lap;
    for i in 1 .. cardinality(v_place.collects) loop
      if not exists (
          select from public.node_executions n where n.execution_id = v_new.id
            and n.node_id = v_place.collects[i] and n.source_id = v_place.id and n.joined is not null) then
        v_wait := engine.collect_of(v_token, v_place.collects[i], v_place.component, at);
        perform engine.park(array[v_wait]);
      end if;
    end loop;
    if v_place.next_item < v_place.items
       and engine.count_of(v_place.parameters -> 'max_concurrency') is not null then
      v_wait := engine.wait_of(v_token, 'for_each', at, 'infinity');
      v_wait.id := platform.uuid7();
      v_wait.for_run := v_place.id;
      v_wait.max_concurrency := engine.count_of(v_place.parameters -> 'max_concurrency');
      v_wait.next_item := v_place.next_item;
      v_wait.items := v_place.items;
      perform engine.park(array[v_wait]);
    end if;
  end loop;
  v_called.started := v_tokens;
  v_called.output := to_jsonb(v_new.id);
  return v_called;
end
$function$;

create or replace function engine.count_of (
  value jsonb
)
  returns integer
  language sql
  immutable
  set search_path to ''
  as $function$
  select case
    when jsonb_typeof(value) = 'number' and value::numeric >= 1 then least(value::numeric, 2147483647)::int
  end
$function$;

create or replace function engine.create_partitions()
  returns void
  language plpgsql
  set search_path to ''
  as $function$
declare
  v_table text;
  v_month timestamptz;
  v_name text;
  v_least uuid;
  v_beyond uuid;
  v_taken boolean;
begin
  foreach v_table in array '{node_executions,workflow_execution_logs}'::text[] loop
    if to_regclass(format('engine.%I', v_table || '_rest')) is null then
      execute format('create table engine.%I partition of public.%I default', v_table || '_rest', v_table);
      execute format('alter table engine.%I enable row level security', v_table || '_rest');
    end if;
    for i in 0 .. 3 loop
      v_month := date_trunc('month', clock_timestamp(), 'UTC') + make_interval(months => i);
      v_name := v_table || to_char(v_month at time zone 'UTC', '_YYYYMM');
      if to_regclass(format('engine.%I', v_name)) is null then
        v_least := platform.uuid7_floor(v_month);
        v_beyond := platform.uuid7_floor(v_month + interval '1 month');
        -- after a long sleep of the project rows of this month may already lie in the rest; they stay there
        execute format('select exists (select from engine.%I where execution_id >= %L and execution_id < %L)',
          v_table || '_rest', v_least, v_beyond) into v_taken;
        continue when v_taken;
        execute format('create table engine.%I partition of public.%I for values from (%L) to (%L)',
          v_name, v_table, v_least, v_beyond);
        execute format('alter table engine.%I enable row level security', v_name);
      end if;
    end loop;
  end loop;
end
$function$;

create or replace function engine.delete_limit (
  limit_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_limit public.execution_limits;
  v_deployed int;
begin
  select * into v_limit from public.execution_limits l where l.id = delete_limit.limit_id;
  perform workspaces.require(v_limit.workspace_id,
    case when v_limit.workflow_id is null then 'admin' else 'editor' end,
    'execution_limit', delete_limit.limit_id);
  select w.deployed_version into v_deployed from public.workflows w where w.id = v_limit.workflow_id
  for no key update;
  delete from public.execution_limits l where l.id = delete_limit.limit_id;
  -- it stood before the settings'
  if not v_limit.is_from_settings and v_limit.key is null then
    perform engine.apply_settings(v_limit.workflow_id, v_deployed);
  end if;
  -- whoever waited for this one only has nothing more to wait for: the tick lets it begin
end
$function$;

create or replace function engine.describe_tasks (
  worker_id text,
  task_ids  uuid[]
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', t.id, 'lease_token', t.lease_token, 'lease_until', t.lease_until,
      'execution_id', t.execution_id, 'workspace_id', t.workspace_id,
      'workflow_id', t.workflow_id, 'version', t.version,
      'node_id', t.node_id, 'node_name', p.name, 'type', p.node_type, 'subtype', p.node_subtype,
      'attempt', t.attempt, 'max_retries', p.max_retries, 'timeout_seconds', p.timeout_seconds,
      'parameters', case
        when p.bindings is null then p.parameters
        else engine.resolve(p.parameters, p.bindings, engine.context(
          row(t.id, t.workspace_id, t.execution_id, t.workflow_id, t.version, t.node_id, t.target_index,
            t.run_index, t.attempt, t.source_id, t.input_id, t.ancestors, t.scope, t.lap,
            t.priority)::engine.token, p.reads, i.input))
      end,
      'input', i.input, 'allowed_hosts', w.allowed_hosts) order by t.priority desc, t.id), jsonb '[]')
    from engine.tasks t
    join engine.plan p on p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id
    join public.workspaces w on w.id = t.workspace_id
    cross join lateral (
      select engine.value_at(t.execution_id, engine.reference(t.input_id, t.scope)) as input
    ) i
    where t.id = any (describe_tasks.task_ids) and t.worker_id = describe_tasks.worker_id);
end
$function$;

create or replace function engine.drop_messages()
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  delete from engine.cancellations c where c.id in (
    select k.id from engine.cancellations k
    where not exists (
      select from public.workflow_executions e where e.id = k.execution_id and e.end_time is null)
    for update skip locked);
  delete from engine.ended_children c where c.id in (
    select k.id from engine.ended_children k
    where not exists (
      select from public.workflow_executions e where e.id = k.execution_id and e.end_time is null)
    for update skip locked);
end
$function$;

create or replace function engine.enable_function (
  function_name text,
  workspace_id  uuid,
  enabled       boolean,
  specification jsonb
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_workspace uuid := coalesce(enable_function.workspace_id, workspaces.default_id());
  v_name text := enable_function.function_name;
  v_specification jsonb := coalesce(nullif(enable_function.specification, 'null'), '{}');
  v_problems jsonb;
begin
  perform workspaces.require(v_workspace, 'admin');
  if not coalesce(enable_function.enabled, true) then
    -- its type goes with it; deployed workflows that call it end in function_not_enabled
    delete from public.workspace_functions f
    where f.workspace_id = v_workspace and f.function_name = v_name;
    return false;
  end if;
  if not coalesce(engine.is_node_function(v_name), false) then
    perform platform.fail(404, 'function_not_found',
      format('There is no function nodes.%s(arguments jsonb, context jsonb)', v_name),
      'The project''s owner adds one by a migration.');
  end if;
  v_problems := workflows.specification_problems(v_specification);
  if v_problems <> '[]' then
    perform platform.fail(422, 'specification_invalid',
      format('The specification has %s problems', jsonb_array_length(v_problems)), v_problems::text);
  end if;
  insert into public.workspace_functions as f (workspace_id, function_name, enabled_by)
  values (v_workspace, v_name, (select auth.uid()))
  on conflict do nothing;
  if not found and enable_function.specification is null then
    return true;
  end if;
  insert into public.node_specifications as s
    (workspace_id, node_type, node_subtype, executor, specification_data)
  values (v_workspace, 'ACTION', v_name, 'edge',
    workflows.complete_specification('edge', jsonb_build_object(
      'description', coalesce(
        obj_description(to_regprocedure(format('nodes.%I(jsonb,jsonb)', v_name)), 'pg_proc'),
        format('Calls the function %s.', v_name)),
      'parameters', jsonb '{"type": "object"}',
      'outputs', jsonb '["main"]',
      'examples', jsonb '[]',
      'calls_function', true) || v_specification))
  on conflict on constraint a_type_has_one_specification do update
  set specification_data = excluded.specification_data;
  return true;
end
$function$;

create or replace function engine.end_executions (
  execution_ids uuid[],
  status        text,
  errors        jsonb,
  at            timestamp with time zone
)
  returns uuid[]
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_ended public.workflow_executions[];
begin
  if coalesce(cardinality(execution_ids), 0) = 0 then
    return array[]::uuid[];
  end if;
  -- nobody is to answer what will not go on
  if exists (
      select from engine.waits w where w.execution_id = any (execution_ids) and w.kind = 'human')
     or exists (
      select from public.workflow_executions e where e.id = any (execution_ids) and e.status = 'PAUSED') then
    perform hil.withdraw(execution_ids, at);
  end if;
  with tasks as (delete from engine.tasks t where t.execution_id = any (execution_ids) returning t.*),
  waits as (delete from engine.waits w where w.execution_id = any (execution_ids) returning w.*),
  collected as (delete from engine.collected c where c.execution_id = any (execution_ids) returning c.*),
  live as (
    select
      t.execution_id, t.id, t.workspace_id, t.workflow_id, t.version, t.node_id, t.target_index, t.run_index,
      t.attempt, t.source_id, t.input_id, t.ancestors, t.scope, t.lap,
      coalesce(t.leased_at, end_executions.at) as since, null::jsonb as joined
    from tasks t
    union all
    select
      w.execution_id, w.id, w.workspace_id, w.workflow_id, w.version, w.node_id, w.target_index, w.run_index,
      w.attempt, w.source_id, w.input_id, w.ancestors, w.scope, w.lap, w.since,
      -- parked at a join: it is still to be joined
      case when w.kind = 'merge' then jsonb '[]' end
    from waits w
    where w.kind not in ('collect', 'for_each', 'caller')
    union all
    select
      c.execution_id, platform.uuid7(), w.workspace_id, w.workflow_id, w.version, c.node_id, c.target_index,
      null, 1, c.source_id, c.input_id, c.ancestors, c.scope, c.lap, end_executions.at, jsonb '[]'
    from collected c
    join waits w on w.execution_id = c.execution_id and w.for_run = c.for_run and w.node_id = c.node_id
    where w.kind = 'collect'
  )
  insert into public.node_executions (
    execution_id, id, workspace_id, node_id, node_type, target_index, run_index, attempt, status, source_id,
    input_id, ancestors, scope, lap, joined, start_time, end_time)
  select
    l.execution_id, l.id, l.workspace_id, l.node_id, p.node_type || '.' || p.node_subtype, l.target_index,
    l.run_index, l.attempt, 'CANCELED', l.source_id, l.input_id, l.ancestors, l.scope, l.lap,
    l.joined, l.since, end_executions.at
  from live l
  join engine.plan p on p.workflow_id = l.workflow_id and p.version = l.version and p.node_id = l.node_id;

  perform engine.pause_point('waits_ended');
  with ended as (
    update public.workflow_executions e
    set status = end_executions.status, end_time = end_executions.at, error = errors -> e.id::text,
      start_time = coalesce(e.start_time, end_executions.at),
      output = case when end_executions.status = 'SUCCESS' then engine.output_of(e.id) end
    where e.id = any (execution_ids) and e.end_time is null
    returning e.*
  ),
  logged as (
    insert into public.workflow_execution_logs (
      execution_id, workspace_id, log_category, event_type, level, message, data,
      user_friendly_message, node_id, duration_ms, display_priority, is_milestone, created_at)
    select
      e.id, e.workspace_id, 'BUSINESS', 'workflow_completed',
      case e.status when 'SUCCESS' then 'INFO' when 'CANCELED' then 'WARNING' else 'ERROR' end,
      case when e.error is null then 'Execution ended with ' || e.status
        else format('Execution ended with %s: %s', e.status, e.error ->> 'message') end,
      e.error,
      case when e.error is null then 'The workflow finished.'
        else 'The workflow stopped: ' || coalesce(e.error ->> 'message', e.status) || '.' end,
      e.error ->> 'node_id',
      extract(epoch from end_executions.at - e.start_time) * 1000, 9, true, end_executions.at
    from ended e
  )
  select array_agg(row(n.*)::public.workflow_executions) into v_ended from ended n;

  insert into engine.cancellations (execution_id)
  select c.id from public.workflow_executions c
  where c.parent_execution_id = any (execution_ids) and c.parent_run_id is not null and c.end_time is null;
  return engine.after_end(v_ended, at, true);
end
$function$;

create or replace function engine.enqueue (
  tokens engine.token[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  insert into engine.tasks (
    id, workspace_id, execution_id, workflow_id, version, node_id, target_index, run_index, attempt,
    source_id, input_id, ancestors, scope, lap, priority)
  select
    t.id, t.workspace_id, t.execution_id, t.workflow_id, t.version, t.node_id, t.target_index, t.run_index,
    t.attempt, t.source_id, t.input_id, t.ancestors, t.scope, t.lap, t.priority
  from unnest(tokens) t;
end
$function$;

create or replace function engine.find (
  context  jsonb,
  template jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
begin
  if (template -> 'many')::boolean then
    return jsonb_path_query_array_tz(context, (template ->> 'path')::jsonpath, jsonb '{}', true);
  end if;
  return coalesce(
    jsonb_path_query_first_tz(context, (template ->> 'path')::jsonpath, jsonb '{}', true), jsonb 'null');
end
$function$;

create or replace function engine.finish (
  worker_id text,
  sequence  bigint,
  results   jsonb,
  capacity  integer
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_worker engine.workers;
  v_settled engine.settled[];
  v_claim uuid[];
  v_refused uuid[];
begin
  insert into engine.workers (worker_id, capacity, seen_at)
  values (finish.worker_id, 0, engine.now())
  on conflict do nothing;
  select * into v_worker from engine.workers w where w.worker_id = finish.worker_id for update;
  if v_worker.sequence = finish.sequence then
    return jsonb_build_object(
      'tasks', engine.task_list(finish.worker_id, v_worker.last_claim),
      'refused', to_jsonb(v_worker.last_refused));
  elsif finish.sequence <> v_worker.sequence + 1 then
    perform platform.fail(409, 'sequence_out_of_order',
      format('Call %s of worker %s came after call %s', finish.sequence, finish.worker_id, v_worker.sequence),
      'A worker counts its calls of finish from 1; a new worker takes a new id.');
  end if;

  perform from public.workflow_executions e
  where e.id in (
    select t.execution_id from jsonb_to_recordset(finish.results) r (id uuid)
    join engine.tasks t on t.id = r.id)
  order by e.id
  for no key update;
  perform engine.pause_point('finish_locked');

  with given as (
    select r.* from jsonb_to_recordset(finish.results) r (
      id uuid, lease_token uuid, status text, output jsonb, error jsonb, duration_ms float8)
  ),
  taken as (
    delete from engine.tasks t using given g where t.id = g.id and t.lease_token = g.lease_token
    returning row(
      row(t.id, t.workspace_id, t.execution_id, t.workflow_id, t.version, t.node_id, t.target_index,
        t.run_index, t.attempt, t.source_id, t.input_id, t.ancestors, t.scope, t.lap,
        t.priority)::engine.token,
      case when g.status = 'success' then coalesce(g.output, jsonb 'null') end,
      case when g.status is distinct from 'success'
        then coalesce(g.error, jsonb '{"code": "error_missing", "message": "The worker gave no reason"}') end,
      t.leased_at,
      case
        when g.duration_ms >= 0
          then least(t.leased_at + make_interval(secs => g.duration_ms / 1000), engine.now())
        else engine.now()
      end,
      false, null, null
    )::engine.settled as settled, t.execution_id, t.id
  )
  select array_agg(k.settled order by k.execution_id, k.id),
    array(select r.id from jsonb_to_recordset(finish.results) r (id uuid) where r.id is not null
          except select ((u.settled).token).id from taken u)
  into v_settled, v_refused
  from taken k;
  perform engine.apply(v_settled, null);

  v_claim := engine.lease(finish.worker_id, finish.capacity);
  update engine.workers w
  set sequence = finish.sequence, last_claim = v_claim, last_refused = v_refused,
    capacity = greatest(finish.capacity, 0) - cardinality(v_claim), seen_at = engine.now()
  where w.worker_id = finish.worker_id;
  return jsonb_build_object(
    'tasks', engine.task_list(finish.worker_id, v_claim), 'refused', to_jsonb(v_refused));
end
$function$;

create or replace function engine.first_token (
  execution public.workflow_executions
)
  returns engine.token
  language plpgsql
  set search_path to ''
  as $function$
declare
  v_token engine.token;
begin
  v_token.id := platform.uuid7();
  v_token.workspace_id := execution.workspace_id;
  v_token.execution_id := execution.id;
  v_token.workflow_id := execution.workflow_id;
  v_token.version := execution.version;
  v_token.node_id := execution.trigger_node_id;
  v_token.target_index := 0;
  v_token.attempt := 1;
  v_token.scope := '';
  v_token.lap := 0;
  v_token.priority := execution.priority;
  return v_token;
end
$function$;

create or replace function engine.gather (
  wait engine.waits,
  at   timestamp with time zone
)
  returns engine.settled
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_settled engine.settled;
  v_ancestors jsonb;
begin
  with taken as (
    delete from engine.collected c
    where c.execution_id = wait.execution_id and c.for_run = wait.for_run and c.node_id = wait.node_id
    returning c.*
  )
  select
    coalesce(jsonb_agg(coalesce(
      engine.value_at(t.execution_id, engine.reference(t.input_id, t.scope)), 'null')
      order by t.item, t.arrival), '[]'),
    coalesce(jsonb_agg(jsonb_build_object(
      'source_id', t.source_id, 'input_id', t.input_id, 'target_index', t.target_index,
      'ancestors', t.ancestors, 'scope', t.scope, 'lap', t.lap) order by t.item, t.arrival), '[]'),
    (select jsonb_object_agg(a.key, a.value order by k.arrival)
     from taken k, jsonb_each(k.ancestors) a)
  into v_settled.output, v_settled.joined, v_ancestors
  from taken t;
  v_settled.token := engine.token_of(wait);
  v_settled.token.input_id := wait.id;
  v_settled.token.ancestors := coalesce(wait.ancestors || v_ancestors, wait.ancestors, v_ancestors);
  v_settled.started_at := at;
  v_settled.ended_at := at;
  return v_settled;
end
$function$;

create or replace function engine.has_room (
  bound public.execution_limits,
  key   text
)
  returns boolean
  language sql
  security definer
  set search_path to ''
  as $function$
  select (bound.max_concurrency is null or bound.max_concurrency > (
      select count(*) from engine.slots s
      where s.limit_id = bound.id and s.key = has_room.key
        and s.admitted_at is not null and s.released_at is null
        -- what makes room already
        and not (bound.policy = 'cancel_oldest' and exists (
          select from engine.cancellations c where c.execution_id = s.execution_id))))
    and (bound.rate_limit is null or bound.rate_limit > (
      select count(*) from engine.slots s
      where s.limit_id = bound.id and s.key = has_room.key
        and s.admitted_at > engine.now() - make_interval(secs => bound.rate_window_seconds)))
$function$;

create or replace function engine.heartbeat (
  worker_id text,
  tasks     jsonb
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_held uuid[];
begin
  update engine.workers w set seen_at = engine.now() where w.worker_id = heartbeat.worker_id;
  with beating as (
    select t.id, t.leased_at, p.timeout_seconds
    from jsonb_to_recordset(heartbeat.tasks) b (id uuid, lease_token uuid)
    join engine.tasks t on t.id = b.id and t.lease_token = b.lease_token
    join engine.plan p on p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id
    order by t.id
    for update of t skip locked
  ),
  renewed as (
    update engine.tasks t
    set lease_until = greatest(t.lease_until, least(
      engine.now() + interval '75 seconds', b.leased_at + make_interval(secs => b.timeout_seconds + 15)))
    from beating b
    where t.id = b.id
  )
  -- one that another session has locked just now is not renewed this time, but it is there
  select array_agg(t.id) into v_held
  from jsonb_to_recordset(heartbeat.tasks) b (id uuid, lease_token uuid)
  join engine.tasks t on t.id = b.id and t.lease_token = b.lease_token;
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, event_type, message, data, node_id, node_name, node_type, created_at)
  select t.execution_id, t.workspace_id, 'workflow_progress',
    left(coalesce(b.progress ->> 'message', p.name || ' goes on'), 1000),
    jsonb_strip_nulls(jsonb_build_object('percent', b.progress -> 'percent', 'attempt', t.attempt)),
    t.node_id, p.name, p.node_type || '.' || p.node_subtype, engine.now()
  from jsonb_to_recordset(heartbeat.tasks) b (id uuid, lease_token uuid, progress jsonb)
  join engine.tasks t on t.id = b.id and t.lease_token = b.lease_token
  join engine.plan p on p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id
  where jsonb_typeof(b.progress) = 'object';
  return jsonb_build_object('gone', (
    select coalesce(jsonb_agg(b.id), '[]') from jsonb_to_recordset(heartbeat.tasks) b (id uuid)
    where b.id <> all (coalesce(v_held, '{}'))));
end
$function$;

create or replace function engine.hold_static (
  workflow_id uuid,
  is_patient  boolean
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  return pg_try_advisory_xact_lock(engine.lock_of_static(hold_static.workflow_id))
    or (is_patient and engine.wait_for_static(hold_static.workflow_id));
end
$function$;

create or replace function engine.is_manual (
  execution_id uuid
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  return (
    select e.mode = 'MANUAL' from public.workflow_executions e where e.id = is_manual.execution_id);
end
$function$;

create or replace function engine.is_node_function (
  name text
)
  returns boolean
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select case
    when is_node_function.name ~ '^[a-z_][a-z0-9_]{0,62}$'
      and is_node_function.name not in ('invoke', 'give_to_role')
      then to_regprocedure(format('nodes.%I(jsonb,jsonb)', is_node_function.name)) is not null
    else false
  end
$function$;

create or replace function engine.items_of (
  found jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select case
    when coalesce(found, 'null') = 'null' then jsonb '[]'
    when jsonb_typeof(found) <> 'array' then jsonb_build_array(found)
    -- a path with [*] over a single list finds that list's values; one that finds the list itself unpacks it
    else found
  end
$function$;

create or replace function engine.key_of (
  bound public.execution_limits,
  input jsonb
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  as $function$
begin
  return coalesce(jsonb_path_query_first_tz(
    jsonb_build_object('input', key_of.input), bound.key::jsonpath, '{}', true) #>> '{}', '');
end
$function$;

create or replace function engine.lease (
  worker_id text,
  capacity  integer
)
  returns uuid[]
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  c_most constant int := 64;
  v_free int := least(greatest(lease.capacity, 0), c_most);
  v_after uuid;
  v_spaces uuid[];
  v_rooms int[];
  v_weights int[];
  v_total int;
  v_share int;
  v_got uuid[];
  v_ids uuid[] := array[]::uuid[];
begin
  if v_free = 0 then
    return v_ids;
  end if;
  select w.last_workspace into v_after from engine.workers w where w.worker_id = lease.worker_id;
  v_spaces := engine.workspaces_with_work(coalesce(v_after, '00000000-0000-0000-0000-000000000000'), c_most);
  if cardinality(v_spaces) = 0 then
    return v_ids;
  end if;
  with at_work as materialized (
    -- as many as the workers can work on: few. The bound names the index, also while the planner knows of none
    select t.workspace_id, count(*)::int as leases from engine.tasks t
    where t.lease_token is not null and t.lease_until > '-infinity'
    group by t.workspace_id
  )
  select array_agg(w.id order by s.o), array_agg(w.weight order by s.o), sum(w.weight),
    array_agg(w.max_leases - coalesce(l.leases, 0) order by s.o)
  into v_spaces, v_weights, v_total, v_rooms
  from unnest(v_spaces) with ordinality s (id, o)
  join public.workspaces w on w.id = s.id
  left join at_work l on l.workspace_id = w.id;
  -- two rounds: everybody's share, then the rest
  for v_round in 1 .. 2 loop
    for i in 1 .. cardinality(v_spaces) loop
      exit when v_free = 0;
      v_share := least(v_free, v_rooms[i], case v_round
        when 1 then greatest(1, (least(greatest(lease.capacity, 0), c_most) * v_weights[i]) / v_total)
        else v_free
      end);
      continue when v_share <= 0;
      v_got := engine.lease_of(v_spaces[i], v_share, lease.worker_id);
      if cardinality(v_got) < v_share then
        v_rooms[i] := 0;
      else
        v_rooms[i] := v_rooms[i] - v_share;
      end if;
      v_free := v_free - cardinality(v_got);
      v_ids := v_ids || v_got;
      v_after := v_spaces[i];
    end loop;
    exit when v_free = 0;
  end loop;
  if cardinality(v_spaces) > 1 then
    update engine.workers w set last_workspace = v_after where w.worker_id = lease.worker_id;
  end if;
  return v_ids;
end
$function$;

create or replace function engine.lease_of (
  workspace_id uuid,
  most         integer,
  worker_id    text
)
  returns uuid[]
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_now timestamptz := engine.now();
  v_token uuid := gen_random_uuid();
  v_ids uuid[] := array(
    select t.id from engine.tasks t
    where t.workspace_id = lease_of.workspace_id and t.lease_token is null
    order by t.priority desc, t.id
    limit lease_of.most
    for update skip locked);
begin
  update engine.tasks t
  -- the worker gives up at the node's timeout; the lease leaves it time to say so
  set lease_token = v_token, worker_id = lease_of.worker_id, leased_at = v_now,
    lease_until = v_now + make_interval(secs => least(p.timeout_seconds, 60) + 15)
  from engine.plan p
  where t.id = any (v_ids)
    and p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id;
  return v_ids;
end
$function$;

create or replace function engine.lock_of_event (
  workspace_id uuid,
  name         text
)
  returns bigint
  language sql
  immutable
  set search_path to ''
  as $function$
  select hashtextextended('tandem:event:' || workspace_id || ':' || name, 0)
$function$;

create or replace function engine.lock_of_limit (
  limit_id uuid,
  key      text
)
  returns bigint
  language sql
  immutable
  set search_path to ''
  as $function$
  select hashtextextended('tandem:limit:' || limit_id || ':' || key, 0)
$function$;

create or replace function engine.lock_of_static (
  workflow_id uuid
)
  returns bigint
  language sql
  immutable
  set search_path to ''
  as $function$
  select hashtextextended('tandem:static:' || workflow_id, 0)
$function$;

create or replace function engine.lock_tree (
  execution_id uuid
)
  returns uuid[]
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_tree uuid[];
  v_locked uuid[] := array[]::uuid[];
begin
  loop
    with recursive tree as (
      select lock_tree.execution_id as id
      union all
      select c.id from tree t
      join public.workflow_executions c on c.parent_execution_id = t.id
      where c.parent_run_id is not null and c.end_time is null
    )
    select array_agg(t.id order by t.id) into v_tree from tree t;
    exit when v_tree <@ v_locked;
    perform from public.workflow_executions e where e.id = any (v_tree) order by e.id for no key update;
    v_locked := v_tree;
  end loop;
  return v_tree;
end
$function$;

create or replace function engine.log_control (
  execution public.workflow_executions,
  what      text,
  friendly  text,
  reason    text,
  at        timestamp with time zone
)
  returns void
  language sql
  security definer
  set search_path to ''
  as $function$
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, log_category, event_type, message, data,
    user_friendly_message, display_priority, is_milestone, created_at)
  values (
    execution.id, execution.workspace_id, 'BUSINESS', 'workflow_progress',
    what || coalesce(': ' || reason, ''),
    jsonb_strip_nulls(jsonb_build_object('by', (select auth.uid()), 'reason', log_control.reason)),
    friendly, 8, true, log_control.at)
$function$;

create or replace function engine.log_start (
  execution public.workflow_executions,
  at        timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  perform engine.write_logs(array[engine.started_log(execution)], at);
  perform engine.broadcast(array[execution]);
end
$function$;

create or replace function engine.maintain()
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_violation record;
  v_details regclass := to_regclass('cron.job_run_details');
begin
  delete from engine.doorbell_tokens t where t.expires_at < engine.now();
  delete from engine.workers w where w.worker_id in (
    select k.worker_id from engine.workers k where k.seen_at < engine.now() - interval '1 day'
    for update skip locked);
  delete from public.workflow_events e where e.expires_at < engine.now();
  perform triggers.sweep();
  -- a rate counts at most a day back
  delete from engine.slots s where s.released_at < engine.now() - interval '1 day';
  perform workflows.remove_deleted();
  for v_violation in select * from engine.violations() loop
    raise warning 'Violation: % (execution %): %',
      v_violation.rule, v_violation.execution_id, v_violation.detail;
  end loop;
  -- after all that takes long: nobody starts those workflows until it is committed
  perform workflows.purge_by_retention();
  if v_details is not null then
    execute format('delete from %s where end_time < now() - interval ''1 hour''', v_details);
  end if;
  -- last, and without queueing behind a long reader: a new partition locks out the whole engine,
  -- and there are months of slack
  perform set_config('lock_timeout', '1s', true);
  begin
    perform engine.create_partitions();
  exception when others then
    raise warning 'No new partitions yet: %', sqlerrm;
  end;
end
$function$;

create or replace function engine.mark_asking (
  execution_ids uuid[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_changed public.workflow_executions[];
begin
  with found as (
    select e.id, (
        exists (select from engine.waits w where w.execution_id = e.id and w.kind = 'human')
        and not exists (select from engine.tasks t where t.execution_id = e.id)
        and not exists (
          select from engine.waits w
          where w.execution_id = e.id and w.kind not in ('human', 'merge', 'collect', 'for_each'))
      ) as asks
    from public.workflow_executions e
    where e.id = any (execution_ids) and e.status in ('RUNNING', 'WAITING_FOR_HUMAN')
  ),
  changed as (
    update public.workflow_executions e
    set status = case when f.asks then 'WAITING_FOR_HUMAN' else 'RUNNING' end
    from found f
    where e.id = f.id and f.asks <> (e.status = 'WAITING_FOR_HUMAN')
    returning e.*
  )
  select array_agg(c::public.workflow_executions) into v_changed from changed c;
  if cardinality(v_changed) > 0 then
    perform engine.broadcast(v_changed);
  end if;
end
$function$;

create or replace function engine.matching (
  items     jsonb,
  condition text,
  context   jsonb
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  as $function$
  select coalesce(jsonb_agg(i order by o), '[]') from jsonb_array_elements(items) with ordinality e (i, o)
  where jsonb_path_match_tz(
    context || jsonb_build_object('item', i), condition::jsonpath, jsonb '{}', true)
$function$;

create or replace function engine.merge (
  tokens engine.waits[],
  mode   text,
  names  jsonb,
  at     timestamp with time zone
)
  returns engine.settled
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_settled engine.settled;
  v_wait engine.waits;
  v_value jsonb;
  v_output jsonb := case merge.mode when 'append' then jsonb '[]' else jsonb '{}' end;
  v_error jsonb;
  v_ancestors jsonb;
begin
  foreach v_wait in array tokens loop
    v_value := coalesce(
      engine.value_at(v_wait.execution_id, engine.reference(v_wait.input_id, v_wait.scope)), 'null');
    if merge.mode = 'append' then
      v_output := v_output || jsonb_build_array(v_value);
    elsif merge.mode = 'all' then
      v_output := v_output || jsonb_build_object(
        coalesce(merge.names ->> v_wait.target_index, v_wait.target_index::text), v_value);
    elsif jsonb_typeof(v_value) = 'object' then
      v_output := v_output || v_value;
    else
      v_error := jsonb_build_object('code', 'merge_input_not_object', 'message', format(
        'Input %s is of type %s; combine takes objects', v_wait.target_index, jsonb_typeof(v_value)));
    end if;
    v_ancestors := coalesce(v_ancestors || v_wait.ancestors, v_ancestors, v_wait.ancestors);
  end loop;
  v_settled.token := engine.token_of(tokens[1]);
  v_settled.token.input_id := tokens[1].id;
  v_settled.token.target_index := 0;
  v_settled.token.ancestors := v_ancestors;
  v_settled.output := case when v_error is null then v_output end;
  v_settled.error := v_error;
  v_settled.started_at := at;
  v_settled.ended_at := at;
  v_settled.joined := (
    select jsonb_agg(jsonb_build_object(
      'source_id', t.source_id, 'input_id', t.input_id, 'target_index', t.target_index,
      'ancestors', t.ancestors, 'scope', t.scope, 'lap', t.lap) order by t.target_index)
    from unnest(tokens) t);
  return v_settled;
end
$function$;

create or replace function engine.now()
  returns timestamp with time zone
  language plpgsql
  set search_path to ''
  as $function$
declare
  v_moved text := current_setting('tandem.now', true);
begin
  if coalesce(v_moved, '') <> '' then
    if engine.clock_is_movable() then
      return v_moved::timestamptz;
    end if;
  end if;
  return clock_timestamp();
end
$function$;

create or replace function engine.admit (
  at timestamp with time zone default engine.now()
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_key record;
begin
  for v_key in
    select k.limit_id, k.key
    from (select distinct s.limit_id, s.key from engine.slots s where s.admitted_at is null) k
    -- any, so that full ones do not keep others from their turn
    order by random()
    limit 200
  loop
    perform engine.admit_to(v_key.limit_id, v_key.key, at);
  end loop;
end
$function$;

create or replace function engine.deliver_events (
  at timestamp with time zone default engine.now()
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_event public.workflow_events;
  v_waiting int;
  v_free uuid[];
  v_given int;
begin
  for v_event in
    select e.* from public.workflow_events e where e.delivered_at is null
    order by e.id limit 100
    for update skip locked
  loop
    continue when not pg_try_advisory_xact_lock(
      engine.lock_of_event(v_event.workspace_id, v_event.name));
    v_free := array(
      select x.id from public.workflow_executions x
      where x.id in (
        select w.execution_id from engine.waits w
        where w.workspace_id = v_event.workspace_id and w.kind = 'event' and w.event_name = v_event.name
          and w.event_key is not distinct from v_event.key and w.data is null)
      order by x.id
      for no key update skip locked);
    select count(*) into v_waiting from engine.waits w
    where w.workspace_id = v_event.workspace_id and w.kind = 'event' and w.event_name = v_event.name
      and w.event_key is not distinct from v_event.key and w.data is null;
    update engine.waits w set until = deliver_events.at, data = jsonb_build_object('payload', v_event.payload)
    where w.workspace_id = v_event.workspace_id and w.kind = 'event' and w.event_name = v_event.name
      and w.event_key is not distinct from v_event.key and w.data is null and w.execution_id = any (v_free);
    get diagnostics v_given = row_count;
    -- one that is being ended or timed out just now may still be there in a moment
    continue when v_given < v_waiting;
    if v_event.key is null and v_given > 0 then
      delete from public.workflow_events e where e.id = v_event.id;
    else
      update public.workflow_events e set delivered_at = deliver_events.at where e.id = v_event.id;
    end if;
  end loop;
end
$function$;

create or replace function engine.output_of (
  execution_id uuid
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  return coalesce((
    select jsonb_object_agg(n.node_id, coalesce(
      case
        when not n.passes_input then n.output_data
        else engine.value_at(output_of.execution_id, engine.reference(n.input_id, n.scope))
      end, 'null'))
    from (
      select distinct on (l.node_id) l.node_id, l.passes_input, l.output_data, l.input_id, l.scope
      from public.node_executions l where l.execution_id = output_of.execution_id and l.is_end
      order by l.node_id, l.end_time desc, l.id desc) n), jsonb '{}');
end
$function$;

create or replace function engine.park (
  waits engine.waits[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  insert into engine.waits (
    id, workspace_id, execution_id, workflow_id, version, node_id, target_index, run_index, attempt,
    source_id, input_id, ancestors, scope, lap, priority, kind, since, until, is_held,
    event_name, event_key, data, for_run, next_item, items, max_concurrency, deadline)
  select
    w.id, w.workspace_id, w.execution_id, w.workflow_id, w.version, w.node_id, w.target_index, w.run_index,
    w.attempt, w.source_id, w.input_id, w.ancestors, w.scope, w.lap, w.priority, w.kind, w.since, w.until,
    w.is_held, w.event_name, w.event_key, w.data, w.for_run, w.next_item, w.items, w.max_concurrency,
    w.deadline
  from unnest(waits) w;
end
$function$;

create or replace function engine.pause (
  execution_id uuid,
  reason       text
)
  returns public.workflow_executions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_execution public.workflow_executions := engine.controlled(pause.execution_id);
  v_now timestamptz := engine.now();
  v_paused public.workflow_executions[];
  v_ids uuid[];
  v_parked engine.waits[];
begin
  perform engine.pause_point('pause_locked');
  if v_execution.end_time is not null then
    perform platform.fail(409, 'execution_ended',
      format('The execution has ended with %s', v_execution.status), 'Start a new one, or retry it.');
  elsif v_execution.status = 'PAUSED' then
    return v_execution;
  end if;
  v_ids := engine.lock_tree(v_execution.id);
  with paused as (
    update public.workflow_executions e set status = 'PAUSED'
    where e.id = any (v_ids) and e.end_time is null and e.status <> 'PAUSED'
    returning e.*
  )
  select array_agg(row(p.*)::public.workflow_executions order by p.id), array_agg(p.id)
  into v_paused, v_ids from paused p;
  with ready as (
    delete from engine.tasks t
    where t.id in (
      select k.id from engine.tasks k
      where k.execution_id = any (v_ids) and k.lease_token is null
      -- one that is being claimed just now is at work
      for update skip locked)
    returning engine.token_of(t) as token
  )
  select array_agg(engine.wait_of(r.token, 'ready', v_now, v_now)) into v_parked from ready r;
  perform engine.park(v_parked);
  update engine.waits w set is_held = true where w.execution_id = any (v_ids);
  insert into public.workflow_execution_pauses (
    workspace_id, execution_id, paused_at, pause_reason, resume_conditions, created_at)
  select u.workspace_id, u.id, v_now, 'user',
    jsonb_strip_nulls(jsonb_build_object('by', (select auth.uid()), 'reason', left(pause.reason, 1000))), v_now
  from unnest(v_paused) u;
  foreach v_execution in array v_paused loop
    perform engine.log_control(v_execution, 'Paused', 'The workflow was paused.', left(reason, 1000), v_now);
  end loop;
  perform engine.broadcast(v_paused);
  select * into v_execution from public.workflow_executions e where e.id = pause.execution_id;
  return v_execution;
end
$function$;

create or replace function engine.pause_point (
  name text
)
  returns void
  language plpgsql
  set search_path to ''
  as $function$
begin
  if current_setting('tandem.pause_at', true) = pause_point.name then
    if engine.clock_is_movable() then
      perform pg_advisory_xact_lock(hashtext(pause_point.name));
    end if;
  end if;
end
$function$;

create or replace function engine.queue_of (
  limit_id uuid,
  key      text,
  most     integer
)
  returns setof uuid
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_waiting uuid;
  v_full text[] := array[]::text[];
  v_held_back text;
  v_count int := 0;
begin
  for v_waiting in
    select s.execution_id from engine.slots s
    where s.limit_id = queue_of.limit_id and s.key = queue_of.key and s.admitted_at is null
      and not exists (
        select from engine.waits w
        where w.execution_id = s.execution_id and w.kind = 'slot' and w.is_held)
    order by s.priority desc, s.asked_at, s.execution_id
    limit 1000
  loop
    continue when exists (
      select from engine.slots s
      where s.execution_id = v_waiting and s.limit_id || s.key = any (v_full));
    select s.limit_id || s.key into v_held_back
    from engine.slots s
    join public.execution_limits l on l.id = s.limit_id
    where s.execution_id = v_waiting and s.limit_id <> queue_of.limit_id and not engine.has_room(l, s.key)
    limit 1;
    if found then
      v_full := v_full || v_held_back;
      continue;
    end if;
    return next v_waiting;
    v_count := v_count + 1;
    exit when v_count = most;
  end loop;
end
$function$;

create or replace function engine.reference (
  input_id uuid,
  scope    text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  as $function$
begin
  if scope <> '' and starts_with(substring(scope from '[^/]*$'), input_id || ':') then
    return substring(scope from '[^/]*$');
  end if;
  return input_id;
end
$function$;

create or replace function engine.refuse_to_wake()
  returns trigger
  language plpgsql
  set search_path to ''
  as $function$
begin
  raise exception 'Execution % has ended', old.id
    using errcode = 'PT409', detail = 'execution_ended', hint = 'Start a new execution.';
end
$function$;

create or replace function engine.release (
  worker_id text,
  task_ids  uuid[]
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_paused uuid[];
  v_held engine.waits[];
  v_released int;
begin
  update engine.workers w set capacity = 0 where w.worker_id = release.worker_id;
  with locked as (
    select e.id, e.status from public.workflow_executions e
    where e.id in (select t.execution_id from engine.tasks t where t.id = any (release.task_ids))
    order by e.id
    for no key update
  )
  select array_agg(l.id) into v_paused from locked l where l.status = 'PAUSED';
  with held as (
    delete from engine.tasks t
    where t.id = any (release.task_ids) and t.worker_id = release.worker_id and t.execution_id = any (v_paused)
    returning engine.token_of(t) as token
  )
  select array_agg(engine.wait_of(h.token, 'ready', engine.now(), engine.now())) into v_held from held h;
  for i in 1 .. coalesce(cardinality(v_held), 0) loop
    v_held[i].is_held := true;
  end loop;
  perform engine.park(v_held);
  update engine.tasks t set lease_token = null, worker_id = null, leased_at = null, lease_until = null
  where t.id in (
    select k.id from engine.tasks k
    where k.id = any (release.task_ids) and k.worker_id = release.worker_id
    for update skip locked);
  get diagnostics v_released = row_count;
  return v_released + coalesce(cardinality(v_held), 0);
end
$function$;

create or replace function engine.release_slots (
  execution_ids uuid[],
  at            timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_key record;
begin
  perform engine.pause_point('release_slots');
  delete from engine.slots s where s.execution_id = any (execution_ids) and s.admitted_at is null;
  for v_key in
    with released as (
      update engine.slots s set released_at = release_slots.at
      where s.execution_id = any (execution_ids) and s.released_at is null
      returning s.limit_id, s.key
    )
    select distinct r.limit_id, r.key from released r order by r.limit_id, r.key
  loop
    perform engine.admit_to(v_key.limit_id, v_key.key, at);
  end loop;
end
$function$;

create or replace function engine.remember (
  workspace_id uuid,
  workflow_id  uuid,
  fields       jsonb
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_data jsonb;
  v_error jsonb;
begin
  if jsonb_typeof(fields) is distinct from 'object' then
    return jsonb_build_object('error', jsonb_build_object('code', 'static_data_invalid',
      'message', 'What a workflow remembers is an object of fields'));
  end if;
  v_data := (engine.static_data(remember.workflow_id, '{}') || fields)
    - array(select f.key from jsonb_each(fields) f where f.value = 'null');
  v_error := engine.static_data_error(v_data);
  if v_error is not null then
    return jsonb_build_object('error', v_error);
  end if;
  insert into public.workflow_static_data as s (workspace_id, workflow_id, data, updated_at)
  values (remember.workspace_id, remember.workflow_id, v_data, engine.now())
  on conflict on constraint workflow_static_data_pkey do update
  set data = excluded.data, updated_at = excluded.updated_at;
  return jsonb_build_object('output', v_data);
end
$function$;

create or replace function engine.repair()
  returns table (
    rule         text,
    execution_id uuid,
    action       text
  )
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_found record;
  v_execution public.workflow_executions;
begin
  for v_found in
    select v.rule, v.execution_id from engine.violations() v
    where v.execution_id is not null
    group by v.rule, v.execution_id
    order by v.execution_id, v.rule
  loop
    rule := v_found.rule;
    execution_id := v_found.execution_id;
    action := null;
    select e.* into v_execution from public.workflow_executions e where e.id = v_found.execution_id
    for no key update skip locked;
    if not found then
      if exists (select from public.workflow_executions e where e.id = v_found.execution_id) then
        action := 'at work: try again';
        return next;
        continue;
      end if;
    end if;
    if v_execution.id is null or v_execution.end_time is not null then
      delete from engine.tasks t where t.execution_id = v_found.execution_id;
      delete from engine.waits w where w.execution_id = v_found.execution_id;
      delete from engine.node_runs r where r.execution_id = v_found.execution_id;
      delete from engine.collected c where c.execution_id = v_found.execution_id;
      delete from engine.merged m where m.execution_id = v_found.execution_id;
      delete from engine.cancellations c where c.execution_id = v_found.execution_id;
      perform engine.release_slots(array[v_found.execution_id], v_now);
      perform hil.withdraw(array[v_found.execution_id], v_now);
      action := 'leftovers removed';
    elsif v_found.rule = 'a wait is held exactly while its execution is paused' then
      update engine.waits w set is_held = v_execution.status = 'PAUSED'
      where w.execution_id = v_execution.id and w.kind not in ('merge', 'collect', 'for_each');
      action := 'waits held or let go';
    elsif v_found.rule = 'an execution waits for people exactly when nothing else moves' then
      perform engine.mark_asking(array[v_execution.id]);
      action := 'status set';
    elsif v_found.rule = 'a question''s pause ends with it' then
      update public.workflow_execution_pauses p
      set status = 'resumed', resumed_at = v_now, resume_trigger = 'ended'
      where p.execution_id = v_execution.id and p.status = 'active' and case p.pause_reason
        when 'human_interaction' then not exists (
          select from public.human_interactions i where i.id = p.id and i.status = 'pending')
        else v_execution.status <> 'PAUSED' end;
      action := 'pause ended';
    elsif v_found.rule = 'a question waits for its answer' then
      -- its token is gone: an answer would lead nowhere
      update public.human_interactions i
      set status = 'cancelled', outcome = 'cancelled',
        response_data = jsonb '{"outcome": "cancelled", "reason": "Nothing waited for the answer"}'
      where i.execution_id = v_execution.id and i.status = 'pending'
        and not exists (select from engine.waits w where w.id = i.id and w.kind = 'human');
      action := 'question taken back';
    elsif v_found.rule = 'who waits for an answer has asked' then
      update engine.waits w set until = v_now
      where w.execution_id = v_execution.id and w.kind = 'human' and not exists (
        select from public.human_interactions i where i.id = w.id and i.status = 'pending');
      action := 'looked at by the next tick';
    elsif v_execution.executed_by_caller and v_found.rule = 'a live execution has a live token' then
      perform engine.park(array[
        engine.wait_of(engine.first_token(v_execution), 'caller', v_now, v_execution.deadline)]);
      update engine.waits w set is_held = v_execution.status = 'PAUSED' where w.execution_id = v_execution.id;
      action := 'waits for its caller again';
    elsif v_found.rule = 'a sub-workflow''s end is told' then
      insert into engine.ended_children (execution_id, run_id)
      select w.execution_id, w.id from engine.waits w
      where w.execution_id = v_execution.id and w.kind = 'children';
      action := 'told again';
    elsif v_found.rule in ('a live execution has a live token', 'a live execution can move',
        'a start waits exactly while its execution is new') then
      perform engine.apply(null, null, array(
        select distinct row(w.execution_id, w.scope)::engine.place from engine.waits w
        where w.execution_id = v_execution.id));
      perform engine.complete(v_execution.id, v_now);
      action := 'brought to an end';
      if exists (
          select from engine.violations() v
          where v.execution_id = v_execution.id and v.rule = v_found.rule) then
        perform engine.end_executions(array[v_execution.id], 'ERROR', jsonb_build_object(v_execution.id,
          jsonb_build_object('code', 'stalled', 'message', 'Nothing of the execution could go on')), v_now);
        action := 'ended in ERROR';
      end if;
    else
      action := 'left as it is';
    end if;
    return next;
  end loop;
end
$function$;

create or replace function engine.replace_static_data (
  workflow_id uuid,
  data        jsonb
)
  returns public.workflow_static_data
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  -- locked: somebody may be deleting it
  v_workflow public.workflows := workflows.found(replace_static_data.workflow_id, 'editor', true);
  v_error jsonb;
  v_static public.workflow_static_data;
begin
  if jsonb_typeof(replace_static_data.data) is distinct from 'object' then
    perform platform.fail(422, 'static_data_invalid',
      'What a workflow remembers is an object of fields', 'Give {} to forget all of it.');
  end if;
  -- a field that is null is not there, as for the node
  select coalesce(jsonb_object_agg(f.key, f.value), '{}') into v_static.data
  from jsonb_each(replace_static_data.data) f where f.value <> 'null';
  v_error := engine.static_data_error(v_static.data);
  if v_error is not null then
    perform platform.fail(413, 'static_data_too_large', v_error ->> 'message',
      'Put large data into storage and remember its address.');
  end if;
  perform pg_advisory_xact_lock(engine.lock_of_static(replace_static_data.workflow_id));
  insert into public.workflow_static_data as s (workspace_id, workflow_id, data, updated_at)
  values (v_workflow.workspace_id, v_workflow.id, v_static.data, engine.now())
  on conflict on constraint workflow_static_data_pkey do update
  set data = excluded.data, updated_at = excluded.updated_at
  returning s.* into v_static;
  return v_static;
end
$function$;

create or replace function engine.resolve (
  parameters jsonb,
  bindings   jsonb,
  context    jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  c_max_bytes constant int := 2097152;
  v_resolved jsonb := parameters;
  v_binding jsonb;
  v_value jsonb;
  v_pieces text[];
  v_piece text;
  v_part jsonb;
  v_bytes bigint := 0;
begin
  for v_binding in select b from jsonb_array_elements(bindings) b loop
    if v_binding ? 'predicate' then
      v_value := to_jsonb(coalesce(
        jsonb_path_match_tz(context, (v_binding ->> 'predicate')::jsonpath, jsonb '{}', true), false));
    elsif v_binding ? 'path' then
      v_value := engine.find(context, v_binding);
      v_bytes := v_bytes + pg_column_size(v_value);
    else
      v_pieces := array[]::text[];
      for v_part in select p from jsonb_array_elements(v_binding -> 'text') p loop
        v_piece := coalesce(
          case jsonb_typeof(v_part) when 'string' then v_part else engine.find(context, v_part) end #>> '{}',
          '');
        v_pieces := v_pieces || v_piece;
        v_bytes := v_bytes + octet_length(v_piece);
        exit when v_bytes > c_max_bytes;
      end loop;
      v_value := to_jsonb(array_to_string(v_pieces, ''));
    end if;
    if v_bytes > c_max_bytes then
      perform platform.fail(413, 'parameters_too_large',
        format('The parameters of this node came to more than %s bytes', c_max_bytes),
        'Let its templates find less: pass an address of the data.');
    end if;
    v_resolved := jsonb_set(v_resolved, (v_binding ->> 'at')::text[], v_value);
  end loop;
  return v_resolved;
end
$function$;

create or replace function engine.resume (
  execution_id uuid
)
  returns public.workflow_executions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_execution public.workflow_executions := engine.controlled(resume.execution_id);
  v_now timestamptz := engine.now();
  v_resumed public.workflow_executions[];
  v_ids uuid[];
begin
  if v_execution.status <> 'PAUSED' then
    perform platform.fail(409, 'execution_not_paused',
      format('The execution is %s', v_execution.status), 'Only a paused execution can be resumed.');
  end if;
  v_ids := engine.lock_tree(v_execution.id);
  with resumed as (
    update public.workflow_executions e
    set status = case when e.start_time is null then 'NEW' else 'RUNNING' end
    where e.id = any (v_ids) and e.status = 'PAUSED'
    returning e.*
  )
  select array_agg(row(r.*)::public.workflow_executions order by r.id), array_agg(r.id order by r.id)
  into v_resumed, v_ids from resumed r;
  update engine.waits w set is_held = false where w.execution_id = any (v_ids);
  foreach v_execution in array v_resumed loop
    perform engine.log_control(v_execution, 'Resumed', 'The workflow goes on.', null, v_now);
  end loop;
  perform engine.broadcast(v_resumed);
  update public.workflow_execution_pauses p
  set status = 'resumed', resumed_at = v_now, resume_trigger = 'user'
  where p.execution_id = any (v_ids) and p.pause_reason = 'user' and p.status = 'active';
  perform engine.advance(v_ids, v_now);
  perform engine.mark_asking(v_ids);
  select * into v_execution from public.workflow_executions e where e.id = resume.execution_id;
  return v_execution;
end
$function$;

create or replace function engine.retry (
  execution_id      uuid,
  node_execution_id uuid,
  version           integer
)
  returns public.workflow_executions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_old public.workflow_executions;
  v_new public.workflow_executions;
  v_version int;
  v_chosen uuid := retry.node_execution_id;
  v_called engine.called;
  v_wait engine.waits;
  v_now timestamptz := engine.now();
begin
  -- against who deploys meanwhile, or removes the workflow or the version
  perform pg_advisory_xact_lock_shared(workflows.lock_key(e.workflow_id))
  from public.workflow_executions e where e.id = retry.execution_id;
  v_old := engine.controlled(retry.execution_id);
  v_version := coalesce(retry.version, v_old.version);
  if not exists (
      select from public.workflows w where w.id = v_old.workflow_id and w.deleted_at is null) then
    perform workspaces.not_found('execution', retry.execution_id);
  end if;
  if v_old.end_time is null then
    perform platform.fail(409, 'execution_not_retryable',
      format('The execution is %s', v_old.status), 'Wait for its end, or cancel it first.');
  elsif v_old.executed_by_caller then
    perform platform.fail(409, 'execution_not_retryable', 'Its caller ran this execution',
      'Only the caller can run it again: start another one with executed_by_caller.');
  elsif not exists (
      select from public.workflow_versions v where v.workflow_id = v_old.workflow_id and v.version = v_version) then
    perform platform.fail(404, 'version_not_found',
      format('The workflow has no version %s', v_version), 'List its versions.');
  elsif v_chosen is not null and not exists (
      select from public.node_executions n where n.execution_id = v_old.id and n.id = v_chosen) then
    perform platform.fail(404, 'node_execution_not_found',
      format('Execution %s has no node run %s', v_old.id, v_chosen), 'Read the execution for its node runs.');
  end if;
  if engine.trigger_of(v_old.workflow_id, v_version) is null then
    perform engine.compile(v_old.workflow_id, v_version);
  end if;
  if v_chosen is null and v_old.status = 'SUCCESS' then
    -- all of it
    v_chosen := (
      select n.id from public.node_executions n
      where n.execution_id = v_old.id and n.source_id is null order by n.start_time limit 1);
  end if;
  v_called := engine.copy_execution(v_old, v_chosen, v_version, null, null, v_now);
  select e.* into strict v_new from public.workflow_executions e where e.id = (v_called.output #>> '{}')::uuid;
  perform engine.log_control(v_old, 'Retried', 'The workflow is run again.', 'as ' || v_new.id, v_now);
  if engine.ask_slots(v_new, true) = 'queued' then
    update public.workflow_executions e set status = 'NEW', start_time = null where e.id = v_new.id;
    for i in 1 .. cardinality(v_called.started) loop
      v_wait := engine.wait_of(v_called.started[i], 'slot', v_now, 'infinity');
      perform engine.park(array[v_wait]);
    end loop;
  else
    perform engine.log_start(v_new, v_now);
    -- what had not ended may be joins only
    perform engine.apply(null, v_called.started, array(
      select distinct row(w.execution_id, w.scope)::engine.place from engine.waits w
      where w.execution_id = v_new.id));
    perform engine.complete(v_new.id, v_now);
  end if;
  select e.* into v_new from public.workflow_executions e where e.id = v_new.id;
  return v_new;
end
$function$;

create or replace function engine.retry_delay (
  plan    engine.plan,
  attempt integer,
  error   jsonb
)
  returns interval
  language sql
  set search_path to ''
  as $function$
  select make_interval(secs => case
    -- asked for first: greatest() skips nulls
    when (error ->> 'retry_after_seconds') is not null
      then least(greatest((error ->> 'retry_after_seconds')::float8, 0), 86400)
    else least(plan.retry_wait_time * power(2, least(attempt - 1, 30)), 3600) * (1 + random() / 5)
  end)
$function$;

create or replace function engine.review_children (
  wait engine.waits,
  at   timestamp with time zone
)
  returns engine.called
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_called engine.called;
  v_children record;
  v_depth int;
  v_first int := wait.next_item;
begin
  select
    count(*) filter (where c.end_time is null) as live,
    count(*) filter (where c.status = 'SUCCESS') as succeeded,
    (array_agg(jsonb_build_object(
      'execution_id', c.id, 'status', c.status, 'error', c.error) order by c.end_time, c.id)
      filter (where c.end_time is not null and c.status <> 'SUCCESS'))[1] as failed
  into v_children
  from public.workflow_executions c
  where c.parent_execution_id = wait.execution_id and c.parent_run_id = wait.id;
  if v_children.failed is not null then
    v_called.error := jsonb_build_object('code', 'sub_workflow_failed',
      'message', format('The sub-workflow ended with %s: %s', v_children.failed ->> 'status',
        coalesce(v_children.failed #>> '{error,message}', 'no reason given')),
      'details', v_children.failed);
  elsif v_children.succeeded = wait.items then
    v_called.output := (
      select case when (wait.data -> 'is_list')::boolean
        then jsonb_agg(c.output order by c.parent_item) else (array_agg(c.output))[1] end
      from public.workflow_executions c
      where c.parent_execution_id = wait.execution_id and c.parent_run_id = wait.id);
  elsif wait.deadline <= at then
    v_called.error := jsonb_build_object('code', 'sub_workflow_timed_out',
      'message', 'The sub-workflow did not end in time');
  else
    select e.depth into v_depth from public.workflow_executions e where e.id = wait.execution_id;
    wait.next_item := least(wait.items, v_first + wait.max_concurrency - v_children.live);
    wait.until := wait.deadline;
    v_called.started := engine.start_children(wait, v_depth, v_first, true, at);
    v_called.wait := wait;
    return v_called;
  end if;
  insert into engine.cancellations (execution_id)
  select c.id from public.workflow_executions c
  where c.parent_execution_id = wait.execution_id and c.parent_run_id = wait.id and c.end_time is null;
  return v_called;
end
$function$;

create or replace function engine.ring()
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_ready int;
  v_room int;
  v_url text := platform.setting('doorbell.url') #>> '{}';
  v_post regproc := to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)');
  v_token text;
begin
  select count(*) into v_ready from (select from engine.tasks t where t.lease_token is null limit 500) r;
  -- and messages of interactions, which workers send
  select v_ready + count(*) into v_ready from (
    select from hil.messages m where m.status = 'pending' and m.due_at <= engine.now() limit 100) m;
  if v_ready = 0 then
    return false;
  end if;
  -- a worker that polls takes ready work within a quarter of a second
  select coalesce(sum(w.capacity), 0) into v_room from engine.workers w
  where w.seen_at > (select engine.now()) - interval '2 seconds';
  if v_room >= v_ready then
    return false;
  end if;
  if platform.setting('doorbell.listener') = 'true' then
    perform pg_notify('tandem_doorbell', v_ready::text);
  end if;
  if v_url is not null and v_post is not null then
    insert into engine.doorbell as d (rung_at) values (engine.now())
    on conflict on constraint doorbell_pkey do update set rung_at = excluded.rung_at
    where d.rung_at < excluded.rung_at - interval '1 second';
    if found then
      v_token := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
      insert into engine.doorbell_tokens (token_hash, expires_at)
      values (sha256(v_token::bytea), engine.now() + interval '1 minute');
      -- one request for each ten tasks without a worker, five at most: a request is a worker
      for i in 1 .. least(5, (v_ready - v_room + 9) / 10) loop
        execute format(
          'select %s(url := $1, body := $2, params := $3, headers := $4, timeout_milliseconds := 5000)',
          v_post)
        using v_url, jsonb '{}', jsonb '{}', jsonb_build_object(
          'content-type', 'application/json', 'authorization', 'Bearer ' || v_token);
      end loop;
    end if;
  end if;
  return true;
end
$function$;

create or replace function engine.ripen (
  places engine.place[],
  at     timestamp with time zone
)
  returns engine.due
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_due engine.due;
  v_places engine.place[] := array(select distinct p from unnest(places) p);
  v_outer engine.place[];
  v_group record;
  v_join engine.waits;
  v_tokens engine.waits[];
  v_settled engine.settled;
  v_token engine.token;
  v_step engine.step;
  v_items jsonb;
  v_live int;
begin
  v_due.settled := array[]::engine.settled[];
  v_due.items := array[]::engine.step[];
  for v_group in
    with parked as (
      select w.execution_id, w.workflow_id, w.version, w.node_id, w.scope, w.lap,
        array_agg(distinct w.target_index) as present, min(w.arrival) as first
      from unnest(v_places) p
      join engine.waits w on w.execution_id = p.execution_id and w.scope = p.scope
      where w.kind = 'merge'
      group by 1, 2, 3, 4, 5, 6
    ),
    live as materialized (
      select t.execution_id, t.scope, t.node_id, t.lap, false as is_parked
      from unnest(v_places) p
      join engine.tasks t on t.execution_id = p.execution_id and t.scope = p.scope
      where exists (select from parked)
      union
      select w.execution_id, w.scope, w.node_id, w.lap, w.kind = 'merge'
      from unnest(v_places) p
      join engine.waits w on w.execution_id = p.execution_id and w.scope = p.scope
      where w.kind <> 'for_each' and exists (select from parked)
    )
    select k.*, p.merge_mode, p.parameters, p.inputs
    from parked k
    join engine.plan p on p.workflow_id = k.workflow_id and p.version = k.version and p.node_id = k.node_id
    where k.present @> p.inputs or not exists (
      select from live l
      join engine.reach r
        on r.workflow_id = k.workflow_id and r.version = k.version
        and r.merge_node_id = k.node_id and r.node_id = l.node_id
      cross join lateral (select case when r.same_component then l.lap else 0 end as lap) a
      where l.execution_id = k.execution_id and l.scope = k.scope
        and not (l.is_parked and l.node_id = k.node_id and l.lap = k.lap)
        and a.lap <= k.lap
        and exists (
          select from unnest(case when a.lap = k.lap then r.inputs_ahead else r.inputs end) i
          where i <> all (k.present)))
    order by k.first
  loop
    with first as (
      select distinct on (w.target_index) w.id from engine.waits w
      where w.execution_id = v_group.execution_id and w.scope = v_group.scope
        and w.node_id = v_group.node_id and w.lap = v_group.lap and w.kind = 'merge'
      order by w.target_index, w.arrival
    ),
    taken as (delete from engine.waits w using first f where w.id = f.id returning w.*)
    select array_agg(t::engine.waits order by t.target_index) into v_tokens from taken t;
    v_settled := engine.merge(v_tokens, v_group.merge_mode, v_group.parameters -> 'inputs', at);
    v_due.settled := v_due.settled || v_settled;
  end loop;

  -- the scopes around those given, and they themselves: a FOR_EACH run may have had no items
  with recursive around as (
    select distinct p.execution_id, p.scope from unnest(v_places) p
    union
    select a.execution_id, regexp_replace(a.scope, '/[^/]*$', '') from around a where a.scope <> ''
  )
  select array_agg(row(a.execution_id, a.scope)::engine.place) into v_outer from around a;

  for v_join in
    select w.* from unnest(v_outer) p
    join engine.waits w on w.execution_id = p.execution_id and w.scope = p.scope
    where w.kind = 'for_each'
      -- what fires now goes on inside of an item: it is looked at again when that is known
      and not exists (
        select from unnest(v_due.settled) s
        where (s.token).execution_id = w.execution_id
          and starts_with((s.token).scope, format('%s/%s:', w.scope, w.for_run)))
    order by w.id
  loop
    select count(distinct split_part(substr(l.scope, length(v_join.scope) + 2), '/', 1)) into v_live
    from (
      select t.scope from engine.tasks t
      where t.execution_id = v_join.execution_id
        and t.scope >= format('%s/%s:', v_join.scope, v_join.for_run)
        and t.scope < format('%s/%s;', v_join.scope, v_join.for_run)
      union all
      select w.scope from engine.waits w
      where w.execution_id = v_join.execution_id
        and w.scope >= format('%s/%s:', v_join.scope, v_join.for_run)
        and w.scope < format('%s/%s;', v_join.scope, v_join.for_run)) l;
    continue when v_live >= v_join.max_concurrency;
    v_token := engine.token_of(v_join);
    v_token.id := v_join.for_run;
    v_items := engine.value_at(v_join.execution_id, v_join.for_run::text);
    v_live := least(v_join.max_concurrency - v_live, v_join.items - v_join.next_item);
    for i in v_join.next_item .. v_join.next_item + v_live - 1 loop
      v_step := null;
      v_step.token := v_token;
      v_step.item := i;
      v_step.input := v_items -> i;
      v_step.depth := 0;
      v_due.items := v_due.items || v_step;
    end loop;
    if v_join.next_item + v_live = v_join.items then
      delete from engine.waits w where w.id = v_join.id;
    else
      update engine.waits w set next_item = v_join.next_item + v_live where w.id = v_join.id;
    end if;
  end loop;

  for v_join in
    with complete as (
      delete from engine.waits c
      where c.id in (
        select w.id from unnest(v_outer) p
        join engine.waits w on w.execution_id = p.execution_id and w.scope = p.scope
        where w.kind = 'collect'
          and not exists (
            select from engine.tasks t
            where t.execution_id = w.execution_id
              and t.scope >= w.scope || '/' || w.for_run || ':' and t.scope < w.scope || '/' || w.for_run || ';')
          and not exists (
            select from engine.waits o
            where o.execution_id = w.execution_id
              and o.scope >= w.scope || '/' || w.for_run || ':' and o.scope < w.scope || '/' || w.for_run || ';')
          and not exists (
            select from engine.waits o
            where o.execution_id = w.execution_id and o.scope = w.scope and o.kind = 'for_each'
              and o.for_run = w.for_run)
          and not exists (
            select from (
              select (s.token).execution_id, (s.token).scope from unnest(v_due.settled) s
              union all
              select (i.token).execution_id, format('%s/%s:', (i.token).scope, (i.token).id)
              from unnest(v_due.items) i) d
            where d.execution_id = w.execution_id
              and starts_with(d.scope, format('%s/%s:', w.scope, w.for_run))))
      returning c.*
    )
    select c.* from complete c order by c.id
  loop
    v_settled := engine.gather(v_join, at);
    v_due.settled := v_due.settled || v_settled;
  end loop;
  return v_due;
end
$function$;

create or replace function engine.same_start (
  execution          public.workflow_executions,
  input              jsonb,
  version            integer,
  executed_by_caller boolean
)
  returns public.workflow_executions
  language plpgsql
  set search_path to ''
  as $function$
begin
  if execution.input <> coalesce(same_start.input, jsonb '{}')
     or execution.version <> coalesce(same_start.version, execution.version)
     or execution.executed_by_caller <> coalesce(same_start.executed_by_caller, false) then
    perform platform.fail(409, 'idempotency_key_reused',
      'This idempotency key started an execution with another input, version or runner',
      format('Take a new key, or read execution %s.', execution.id));
  end if;
  return execution;
end
$function$;

create or replace function engine.schedule_jobs()
  returns void
  language plpgsql
  set search_path to ''
  as $function$
declare
  v_schedule regproc := to_regprocedure('cron.schedule(text,text,text)');
begin
  if v_schedule is null then
    return;
  end if;
  execute format('select %s($1, $2, $3)', v_schedule)
  using 'tandem-tick', '1 second',
    'do $tick$ begin for i in 1 .. 4 loop perform engine.tick(); commit; perform pg_sleep(0.2); end loop; end $tick$';
  execute format('select %s($1, $2, $3)', v_schedule)
  using 'tandem-maintain', '17 * * * *',
    'do $maintain$ begin perform engine.maintain(); commit; '
    'while workflows.remove_deleted() > 0 loop commit; end loop; end $maintain$';
end
$function$;

create or replace function engine.send_event (
  name         text,
  payload      jsonb,
  key          text,
  workspace_id uuid
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
#variable_conflict use_column
declare
  v_workspace uuid := coalesce(send_event.workspace_id, workspaces.default_id());
  v_event public.workflow_events;
  v_created boolean;
  v_waiting uuid[];
  v_now timestamptz := engine.now();
begin
  perform workspaces.require(v_workspace, 'editor');
  if coalesce(length(send_event.name), 0) not between 1 and 200
     or length(send_event.key) not between 1 and 200 then
    perform platform.fail(422, 'event_name_invalid',
      'The name of an event has 1 to 200 characters, and so has its key if it has one', 'Give another.');
  end if;
  if pg_column_size(send_event.payload) > 1048576 then
    perform platform.fail(413, 'input_too_large',
      'A payload has at most 1 MiB', 'Put large data into storage and pass its address.');
  end if;
  insert into public.workflow_events as e (
    workspace_id, name, key, payload, sent_by, sent_at, expires_at)
  values (
    v_workspace, send_event.name, send_event.key, coalesce(send_event.payload, '{}'), (select auth.uid()),
    v_now, v_now + interval '30 days')
  on conflict on constraint the_first_event_of_a_key_counts do nothing
  returning e.* into v_event;
  v_created := v_event.id is not null;
  if not v_created then
    select e.* into strict v_event from public.workflow_events e
    where e.workspace_id = v_workspace and e.name = send_event.name and e.key = send_event.key;
  else
    perform engine.pause_point('event_sent');
    perform engine.deliver_events(v_now);
    v_waiting := array(
      select x.id from public.workflow_executions x
      where x.end_time is null and x.id in (
        select w.execution_id from engine.waits w
        where w.workspace_id = v_workspace and w.kind = 'event' and w.event_name = send_event.name
          and w.event_key is not distinct from send_event.key and not w.is_held and w.until <= v_now
        limit 100)
      order by x.id
      for no key update skip locked);
    if cardinality(v_waiting) > 0 then
      perform engine.advance(v_waiting, v_now);
    end if;
  end if;
  return jsonb_build_object(
    'id', v_event.id, 'name', v_event.name, 'key', v_event.key, 'created', v_created);
end
$function$;

create or replace function engine.set_limit (
  workspace_id        uuid,
  workflow_id         uuid,
  key                 text,
  max_concurrency     integer,
  rate_limit          integer,
  rate_window_seconds integer,
  policy              text
)
  returns public.execution_limits
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_limit public.execution_limits;
  v_workspace uuid := set_limit.workspace_id;
  v_key jsonb;
begin
  if set_limit.workflow_id is not null then
    -- locked: somebody may be deleting it
    v_workspace := (workflows.found(set_limit.workflow_id, 'editor', true)).workspace_id;
  else
    v_workspace := coalesce(v_workspace, workspaces.default_id());
    perform workspaces.require(v_workspace, 'admin');
  end if;
  v_key := case when set_limit.key is not null then workflows.compile_path(set_limit.key) end;
  if v_key is not null and (v_key -> 'problems' <> '[]' or v_key -> 'reads' <> '["input"]') then
    perform platform.fail(422, 'limit_key_invalid', 'A limit''s key is a path over $.input',
      coalesce(v_key #>> '{problems,0,message}', 'Write it as $.input.customer.'));
  end if;
  if coalesce(num_nonnulls(set_limit.max_concurrency, set_limit.rate_limit), 0) = 0
     or set_limit.max_concurrency < 1 or set_limit.rate_limit < 1
     or (set_limit.rate_limit is null) <> (set_limit.rate_window_seconds is null)
     or set_limit.rate_window_seconds not between 1 and 86400
     or coalesce(set_limit.policy, '') not in ('queue', 'drop', 'cancel_oldest') then
    perform platform.fail(422, 'limit_invalid',
      'A limit has max_concurrency, or rate_limit with rate_window_seconds (1 to 86400), and a policy',
      'Numbers are at least 1; policies are queue, drop and cancel_oldest.');
  end if;
  insert into public.execution_limits as l (
    workspace_id, workflow_id, key, max_concurrency, rate_limit, rate_window_seconds, policy)
  values (
    v_workspace, set_limit.workflow_id, v_key ->> 'path', set_limit.max_concurrency, set_limit.rate_limit,
    set_limit.rate_window_seconds, set_limit.policy)
  on conflict on constraint a_limit_is_set_once do update
  set max_concurrency = excluded.max_concurrency, rate_limit = excluded.rate_limit,
    rate_window_seconds = excluded.rate_window_seconds, policy = excluded.policy, is_from_settings = false
  returning l.* into v_limit;
  return v_limit;
end
$function$;

create or replace function engine.start (
  workflow        public.workflows,
  version         integer,
  trigger_node_id text,
  mode            text,
  input           jsonb,
  idempotency_key text,
  priority        integer,
  start_at        timestamp with time zone default null::timestamp with time zone,
  timeout_seconds integer                  default null::integer
)
  returns engine.started
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_execution public.workflow_executions;
  v_token engine.token;
  v_begins text := 'later';
begin
  insert into public.workflow_executions as e (
    workspace_id, workflow_id, version, status, mode, trigger_node_id, triggered_by,
    priority, idempotency_key, input, created_at, start_time, deadline)
  values (
    workflow.workspace_id, workflow.id, start.version,
    case when start.start_at > v_now then 'NEW' else 'RUNNING' end,
    start.mode, start.trigger_node_id, (select auth.uid()),
    start.priority, start.idempotency_key, start.input, v_now,
    case when start.start_at > v_now then null else v_now end,
    greatest(v_now, start.start_at) + make_interval(secs => coalesce(start.timeout_seconds, (
      -- the row that the trigger's step reads next
      select p.execution_timeout_seconds from engine.plan p
      where p.workflow_id = workflow.id and p.version = start.version and p.node_id = start.trigger_node_id))))
  on conflict (workflow_id, mode, idempotency_key) where idempotency_key is not null do nothing
  returning e.* into v_execution;
  if v_execution.id is null then
    select e.* into strict v_execution from public.workflow_executions e
    where e.workflow_id = workflow.id and e.mode = start.mode and e.idempotency_key = start.idempotency_key;
    return row(v_execution, false)::engine.started;
  end if;
  v_token := engine.first_token(v_execution);
  if v_execution.status = 'RUNNING' then
    v_begins := engine.ask_slots(v_execution, true);
  end if;
  if v_begins = 'admitted' then
    perform engine.broadcast(array[v_execution]);
    perform engine.apply(null, array[v_token], '{}', array[engine.started_log(v_execution)]);
  else
    if v_begins = 'queued' then
      update public.workflow_executions e set status = 'NEW', start_time = null where e.id = v_execution.id;
    end if;
    perform engine.park(array[engine.wait_of(v_token,
      case v_begins when 'queued' then 'slot' else 'turn' end, v_now,
      case v_begins when 'queued' then 'infinity' else start.start_at end)]);
  end if;
  select e.* into v_execution from public.workflow_executions e where e.id = v_execution.id;
  return row(v_execution, true)::engine.started;
end
$function$;

create or replace function engine.start_by_caller (
  workflow        public.workflows,
  version         integer,
  input           jsonb,
  idempotency_key text,
  priority        integer,
  timeout_seconds integer
)
  returns engine.started
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  c_longest constant int := 2592000;
  v_now timestamptz := engine.now();
  v_execution public.workflow_executions;
begin
  perform workflows.lock_version(workflow.id, start_by_caller.version);
  insert into public.workflow_executions as e (
    workspace_id, workflow_id, version, mode, executed_by_caller, trigger_node_id, triggered_by,
    priority, idempotency_key, input, created_at, start_time, deadline)
  select
    workflow.workspace_id, workflow.id, v.version, 'MANUAL', true, coalesce((
      -- the nodes may be of a kind that only the caller knows
      select n.node_id from public.nodes n
      where n.workflow_id = v.workflow_id and n.version = v.version
        and n.node_type = 'TRIGGER' and not n.disabled
      order by (n.node_subtype = 'MANUAL') desc, n.ordinal
      limit 1), ''),
    (select auth.uid()), start_by_caller.priority, start_by_caller.idempotency_key, start_by_caller.input,
    v_now, v_now, v_now + make_interval(secs => coalesce(start_by_caller.timeout_seconds,
      (v.definition #>> '{settings,timeout_seconds}')::numeric::int, c_longest))
  from public.workflow_versions v
  where v.workflow_id = workflow.id and v.version = start_by_caller.version
  on conflict (workflow_id, mode, idempotency_key) where idempotency_key is not null do nothing
  returning e.* into v_execution;
  if v_execution.id is null then
    select e.* into strict v_execution from public.workflow_executions e
    where e.workflow_id = workflow.id and e.mode = 'MANUAL'
      and e.idempotency_key = start_by_caller.idempotency_key;
    return row(v_execution, false)::engine.started;
  end if;
  if engine.ask_slots(v_execution, true) <> 'admitted' then
    perform platform.fail(429, 'execution_limit_reached',
      'As many executions as the limit allows are running or began lately',
      'An execution that its caller runs is not queued: try again later.');
  end if;
  perform engine.park(array[
    engine.wait_of(engine.first_token(v_execution), 'caller', v_now, v_execution.deadline)]);
  perform engine.log_start(v_execution, v_now);
  select e.* into v_execution from public.workflow_executions e where e.id = v_execution.id;
  return row(v_execution, true)::engine.started;
end
$function$;

create or replace function engine.start_by_user (
  workflow_id        uuid,
  input              jsonb,
  idempotency_key    text,
  version            integer,
  priority           integer,
  start_at           timestamp with time zone,
  timeout_seconds    integer,
  executed_by_caller boolean
)
  returns public.workflow_executions
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_workflow public.workflows;
  v_version int;
  v_trigger text;
  v_existing public.workflow_executions;
  v_started engine.started;
begin
  -- against who deploys meanwhile, or removes the workflow or this version
  perform pg_advisory_xact_lock_shared(workflows.lock_key(start_by_user.workflow_id));
  select * into v_workflow from public.workflows w
  where w.id = start_by_user.workflow_id and w.deleted_at is null;
  perform workspaces.require(v_workflow.workspace_id, 'editor', 'workflow', start_by_user.workflow_id);
  -- a repeated start is answered whatever has become of the workflow since
  if start_by_user.idempotency_key is not null then
    select e.* into v_existing from public.workflow_executions e
    where e.workflow_id = v_workflow.id and e.mode = 'MANUAL'
      and e.idempotency_key = start_by_user.idempotency_key;
    if found then
      return engine.same_start(
        v_existing, start_by_user.input, start_by_user.version, start_by_user.executed_by_caller);
    end if;
  end if;
  v_version := coalesce(start_by_user.version, v_workflow.deployed_version, v_workflow.current_version);
  if v_workflow.status not in ('draft', 'active') then
    perform platform.fail(409, 'workflow_not_startable',
      format('The workflow is %s', v_workflow.status),
      case v_workflow.status when 'archived' then 'Unarchive it first.' else 'Activate it first.' end);
  end if;
  if not exists (
    select from public.workflow_versions v where v.workflow_id = v_workflow.id and v.version = v_version) then
    perform platform.fail(404, 'version_not_found', format('The workflow has no version %s', v_version),
      format('Its current version is %s.', v_workflow.current_version));
  end if;
  if start_by_user.priority not between -1000 and 1000 then
    perform platform.fail(422, 'priority_invalid',
      'A priority is between -1000 and 1000', 'Higher runs first; 0 is usual.');
  end if;
  if length(start_by_user.idempotency_key) not between 1 and 255 then
    perform platform.fail(422, 'idempotency_key_invalid',
      'An idempotency key has 1 to 255 characters', 'Give a shorter key.');
  end if;
  if pg_column_size(start_by_user.input) > 1048576 then
    perform platform.fail(413, 'input_too_large',
      'An input has at most 1 MiB', 'Put large data into storage and pass its address.');
  end if;
  if start_by_user.start_at > engine.now() + interval '1 year' then
    perform platform.fail(422, 'start_at_invalid',
      'A start lies at most a year ahead', 'Give an earlier time.');
  end if;
  if start_by_user.timeout_seconds not between 1 and 31536000 then
    perform platform.fail(422, 'timeout_invalid',
      'An execution''s timeout is 1 second to 365 days', 'Give timeout_seconds in that range.');
  end if;
  if start_by_user.executed_by_caller then
    if start_by_user.start_at > engine.now() then
      perform platform.fail(422, 'start_at_invalid',
        'An execution that its caller runs begins at once', 'Start it when its time has come.');
    end if;
    v_started := engine.start_by_caller(v_workflow, v_version, coalesce(start_by_user.input, jsonb '{}'),
      start_by_user.idempotency_key, coalesce(start_by_user.priority, 0), start_by_user.timeout_seconds);
  else
    v_trigger := engine.trigger_of(v_workflow.id, v_version);
    if v_trigger is null then
      perform engine.compile(v_workflow.id, v_version);
      v_trigger := engine.trigger_of(v_workflow.id, v_version);
    end if;
    v_started := engine.start(v_workflow, v_version, v_trigger, 'MANUAL',
      coalesce(start_by_user.input, jsonb '{}'), start_by_user.idempotency_key,
      coalesce(start_by_user.priority, 0), start_by_user.start_at, start_by_user.timeout_seconds);
  end if;
  if not v_started.created then
    return engine.same_start(
      v_started.execution, start_by_user.input, start_by_user.version, start_by_user.executed_by_caller);
  end if;
  return v_started.execution;
end
$function$;

create or replace function engine.start_children (
  wait       engine.waits,
  depth      integer,
  first      integer,
  is_awaited boolean,
  at         timestamp with time zone
)
  returns engine.token[]
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_tokens engine.token[] := array[]::engine.token[];
  v_token engine.token;
  v_child public.workflow_executions;
  v_workflow uuid := (wait.data ->> 'workflow_id')::uuid;
  v_version int := (wait.data ->> 'version')::int;
  v_trigger text := engine.trigger_of(v_workflow, v_version);
  v_timeout int := (
    select p.execution_timeout_seconds from engine.plan p
    where p.workflow_id = v_workflow and p.version = v_version and p.node_id = v_trigger);
  v_former public.workflow_executions;
  v_copy engine.called;
begin
  for i in start_children.first .. wait.next_item - 1 loop
    select c.* into v_former
    from engine.retried r
    join public.workflow_executions c
      on c.parent_execution_id = r.old_execution_id and c.parent_run_id = r.old_run_id
    where r.run_id = wait.id and c.parent_item = i and c.end_time is not null
      and c.workflow_id = v_workflow and c.input = wait.data -> 'inputs' -> i
    limit 1;
    if v_former.status = 'SUCCESS' then
      insert into public.workflow_executions (
        workspace_id, workflow_id, version, status, mode, trigger_node_id, priority, input, output, created_at,
        start_time, end_time, parent_execution_id, parent_run_id, parent_item, depth, retry_of)
      values (
        v_former.workspace_id, v_former.workflow_id, v_former.version, 'SUCCESS', 'RETRY',
        v_former.trigger_node_id, v_former.priority, v_former.input, v_former.output, at, at, at,
        wait.execution_id, wait.id, i, v_former.depth, v_former.id);
      continue;
    elsif v_former.id is not null and exists (
        select from engine.undone_runs(v_former.id, null)) then
      v_copy := engine.copy_execution(v_former, null, v_former.version, wait, i, at);
      v_tokens := v_tokens || v_copy.started;
      continue;
    end if;
    insert into public.workflow_executions as e (
      workspace_id, workflow_id, version, mode, trigger_node_id, priority, input, created_at, start_time,
      deadline, parent_execution_id, parent_run_id, parent_item, depth)
    values (
      wait.workspace_id, v_workflow, v_version, 'SUB_WORKFLOW', v_trigger, wait.priority,
      wait.data -> 'inputs' -> i, start_children.at, start_children.at,
      start_children.at + make_interval(secs => v_timeout),
      wait.execution_id, case when is_awaited then wait.id end, i, start_children.depth + 1)
    returning e.* into v_child;
    perform engine.log_start(v_child, at);
    v_token := engine.first_token(v_child);
    v_tokens := v_tokens || v_token;
  end loop;
  return v_tokens;
end
$function$;

create or replace function engine.started_log (
  execution public.workflow_executions
)
  returns public.workflow_execution_logs
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_log public.workflow_execution_logs;
begin
  v_log.execution_id := execution.id;
  v_log.workspace_id := execution.workspace_id;
  v_log.log_category := 'BUSINESS';
  v_log.event_type := 'workflow_started';
  v_log.level := 'INFO';
  v_log.message := 'Execution started: ' || execution.mode;
  v_log.user_friendly_message := 'The workflow started.';
  v_log.display_priority := 8;
  v_log.is_milestone := true;
  return v_log;
end
$function$;

create or replace function engine.static_data (
  workflow_id uuid,
  reads       text[]
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  return coalesce((
      select jsonb_object_agg(split_part(r, ':', 2), 0) from unnest(reads) r
      where r like 'workflow.static:%'),
      '{}')
    || coalesce((
      select s.data from public.workflow_static_data s where s.workflow_id = static_data.workflow_id), '{}');
end
$function$;

create or replace function engine.static_data_error (
  data jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select jsonb_build_object('code', 'static_data_too_large', 'message',
    format('The workflow would remember %s bytes; at most 262144 are kept', pg_column_size(data)))
  where pg_column_size(data) > 262144
$function$;

create or replace function engine.take_due (
  execution_ids uuid[],
  at            timestamp with time zone
)
  returns engine.due
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_due engine.due;
  v_wait engine.waits;
  v_token engine.token;
  v_settled engine.settled;
  v_called engine.called;
  v_reviewed hil.reviewed;
begin
  with told as (
    delete from engine.ended_children c where c.execution_id = any (take_due.execution_ids) returning c.run_id
  )
  update engine.waits w set until = least(w.until, take_due.at)
  from told t
  where w.id = t.run_id and w.kind = 'children';
  for v_wait in
    with due as (
      delete from engine.waits w
      where w.id in (
        select d.id from engine.waits d
        where d.execution_id = any (take_due.execution_ids) and not d.is_held
          and d.until < 'infinity' and d.until <= take_due.at
        order by d.until, d.id
        limit 1000)
      returning w.*
    )
    select d.* from due d order by d.execution_id, d.until, d.id
  loop
    v_token := engine.token_of(v_wait);
    if v_wait.kind in ('retry', 'ready') and (
        select p.executor from engine.plan p where p.workflow_id = v_wait.workflow_id
          and p.version = v_wait.version and p.node_id = v_wait.node_id) = 'edge' then
      v_due.ready := v_due.ready || v_token;
      continue;
    elsif v_wait.kind in ('retry', 'ready', 'turn', 'slot') then
      -- what waited for a slot may be a retry, which begins anywhere
      if (v_wait.source_id is null or v_wait.kind = 'slot') and not engine.begin(v_wait, at) then
        continue;
      end if;
      v_due.arriving := v_due.arriving || v_token;
      continue;
    end if;
    if v_wait.kind = 'human' then
      v_reviewed := hil.review(v_wait, at);
      if (v_reviewed.wait).id is not null then
        perform engine.park(array[v_reviewed.wait]);
      else
        v_settled := v_reviewed.settled;
        v_due.settled := v_due.settled || v_settled;
      end if;
      continue;
    end if;
    v_settled := null;
    v_settled.token := v_token;
    v_settled.started_at := v_wait.since;
    v_settled.ended_at := at;
    if v_wait.kind = 'timer' then
      v_settled.passes := true;
    elsif v_wait.kind = 'event' and v_wait.data is not null then
      v_settled.output := v_wait.data -> 'payload';
    elsif v_wait.kind = 'event' then
      v_settled.error := jsonb_build_object(
        'code', 'wait_timed_out', 'message', format('The event %s did not come in time', v_wait.event_name));
    else
      v_called := engine.review_children(v_wait, at);
      if (v_called.wait).id is not null then
        perform engine.park(array[v_called.wait]);
        v_due.arriving := v_due.arriving || v_called.started;
        continue;
      end if;
      v_settled.output := v_called.output;
      v_settled.error := v_called.error;
    end if;
    v_due.settled := v_due.settled || v_settled;
  end loop;
  return v_due;
end
$function$;

create or replace function engine.task_list (
  worker_id text,
  task_ids  uuid[]
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_tasks jsonb := jsonb '[]';
  v_id uuid;
  v_problem jsonb;
begin
  return engine.describe_tasks(task_list.worker_id, task_list.task_ids);
exception when others then
  foreach v_id in array task_list.task_ids loop
    begin
      v_tasks := v_tasks || engine.describe_tasks(task_list.worker_id, array[v_id]);
    exception when others then
      v_problem := jsonb_build_object(
        'code', 'parameters_unresolvable', 'message', sqlerrm, 'retryable', false);
      v_tasks := v_tasks || (
        select coalesce(jsonb_agg(jsonb_build_object(
          'id', t.id, 'lease_token', t.lease_token, 'lease_until', t.lease_until,
          'execution_id', t.execution_id, 'workspace_id', t.workspace_id,
          'workflow_id', t.workflow_id, 'version', t.version,
          'node_id', t.node_id, 'node_name', p.name, 'type', p.node_type, 'subtype', p.node_subtype,
          'attempt', t.attempt, 'max_retries', p.max_retries, 'timeout_seconds', p.timeout_seconds,
          'parameters', jsonb '{}', 'input', null,
          'allowed_hosts', jsonb '[]', 'problem', v_problem)), jsonb '[]')
        from engine.tasks t
        join engine.plan p
          on p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id
        where t.id = v_id and t.worker_id = task_list.worker_id);
    end;
  end loop;
  return v_tasks;
end
$function$;

create or replace function engine.tick (
  batch integer default 200
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_now timestamptz := engine.now();
  v_due uuid[];
  v_execution uuid;
  v_done int := 0;
begin
  if not pg_try_advisory_xact_lock(hashtext('tandem:tick')) then
    return 0;
  end if;
  -- first: what it locks is nobody else's, and what is locked below is wanted by workers
  begin
    v_done := triggers.fire_due(v_now);
  exception when others then
    raise warning 'Schedules do not fire: %', sqlerrm;
  end;
  begin
    perform engine.admit(v_now);
  exception when others then
    raise warning 'Queued executions do not begin: %', sqlerrm;
  end;
  begin
    perform engine.deliver_events(v_now);
  exception when others then
    raise warning 'Events are not delivered: %', sqlerrm;
  end;
  perform engine.drop_messages();
  v_due := array(
    select e.id from public.workflow_executions e
    where e.end_time is null and e.id in (
      select t.execution_id from (
        select t.execution_id from engine.tasks t
        where t.lease_token is not null and t.lease_until < v_now order by t.lease_until limit tick.batch) t
      union
      select w.execution_id from (
        select w.execution_id from engine.waits w
        where not w.is_held and w.until < 'infinity' and w.until <= v_now
        order by w.until limit tick.batch) w
      union
      select d.id from (
        select d.id from public.workflow_executions d
        where d.end_time is null and d.deadline is not null and d.deadline <= v_now
        order by d.deadline limit tick.batch) d
      union
      select c.execution_id from (
        select c.execution_id from engine.cancellations c order by c.id limit tick.batch) c
      union
      select c.execution_id from (
        select c.execution_id from engine.ended_children c order by c.id limit tick.batch) c)
    order by e.id
    for no key update skip locked);
  if cardinality(v_due) > 0 then
    begin
      v_done := v_done + engine.advance(v_due, v_now);
    exception when others then
      foreach v_execution in array v_due loop
        begin
          v_done := v_done + engine.advance(array[v_execution], v_now);
        exception
        when serialization_failure or deadlock_detected or lock_not_available then
          null; -- not its fault: the next tick
        when others then
          perform engine.try_abort(v_execution, jsonb_build_object(
            'code', 'transition_failed', 'message', sqlerrm,
            'details', jsonb_build_object('sqlstate', sqlstate)));
        end;
      end loop;
    end;
  end if;
  perform triggers.complete_deployments(v_now, batch);
  begin
    perform engine.ring();
  exception when others then
    raise warning 'The doorbell does not ring: %', sqlerrm;
  end;
  return v_done;
end
$function$;

create or replace function engine.token_of (
  task engine.tasks
)
  returns engine.token
  language sql
  immutable
  set search_path to ''
  as $function$
  select row(
    task.id, task.workspace_id, task.execution_id, task.workflow_id, task.version, task.node_id,
    task.target_index, task.run_index, task.attempt, task.source_id, task.input_id, task.ancestors,
    task.scope, task.lap, task.priority)::engine.token
$function$;

create or replace function engine.token_of (
  wait engine.waits
)
  returns engine.token
  language sql
  immutable
  set search_path to ''
  as $function$
  select row(
    wait.id, wait.workspace_id, wait.execution_id, wait.workflow_id, wait.version, wait.node_id,
    wait.target_index, wait.run_index, wait.attempt, wait.source_id, wait.input_id, wait.ancestors,
    wait.scope, wait.lap, wait.priority)::engine.token
$function$;

create or replace function engine.trigger_of (
  workflow_id uuid,
  version     integer
)
  returns text
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  return (
    select p.node_id from engine.plan p
    where p.workflow_id = trigger_of.workflow_id and p.version = trigger_of.version
      and p.node_type = 'TRIGGER' and not p.is_disabled
    order by (p.node_subtype = 'MANUAL') desc, p.ordinal
    limit 1);
end
$function$;

create or replace function engine.try_abort (
  execution_id uuid,
  error        jsonb
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  perform engine.abort_execution(try_abort.execution_id, try_abort.error);
  raise warning 'Execution % ends: %', try_abort.execution_id, try_abort.error;
exception when others then
  raise warning 'Execution % cannot be ended: % after %', try_abort.execution_id, sqlerrm, try_abort.error;
end
$function$;

create or replace function engine.undone_runs (
  execution_id uuid,
  chosen       uuid
)
  returns setof uuid
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  with recursive run as (
    select n.id, n.source_id, n.joined, n.node_id, n.scope, n.run_index, n.status, n.attempt, p.error_handling,
      max(n.attempt) over (partition by n.node_id, n.scope, n.run_index) as attempts
    from public.node_executions n
    join public.workflow_executions e on e.id = n.execution_id
    join engine.plan p on p.workflow_id = e.workflow_id and p.version = e.version and p.node_id = n.node_id
    where n.execution_id = undone_runs.execution_id
  ),
  follows as (
    select r.id, r.source_id from run r
    union
    select r.id, (j ->> 'source_id')::uuid from run r, jsonb_array_elements(r.joined) j
  ),
  undone as (
    select r.id from run r
    where r.status = 'CANCELED'
      or (r.status = 'ERROR' and r.attempt = r.attempts and r.error_handling = 'STOP_WORKFLOW_ON_ERROR')
      or (r.node_id, r.scope, r.run_index) = (
        select c.node_id, c.scope, c.run_index from run c where c.id = undone_runs.chosen)
    union
    select f.id from follows f join undone u on u.id = f.source_id
  )
  select u.id from undone u
  union
  -- the attempts before
  select r.id from run r join run l
    on l.node_id = r.node_id and l.scope = r.scope and l.run_index = r.run_index
  join undone u on u.id = l.id
$function$;

create or replace function engine.value_at (
  execution_id uuid,
  reference    text
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  as $function$
begin
  if reference is null then
    return (select e.input from public.workflow_executions e where e.id = value_at.execution_id);
  elsif reference like '%:%' then
    return (
      select n.output_data -> split_part(reference, ':', 2)::int from public.node_executions n
      where n.execution_id = value_at.execution_id and n.id = split_part(reference, ':', 1)::uuid);
  end if;
  return (
    select n.output_data from public.node_executions n
    where n.execution_id = value_at.execution_id and n.id = reference::uuid);
end
$function$;

create or replace function engine.verify_doorbell (
  token text
)
  returns boolean
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select exists (
    select from engine.doorbell_tokens t
    where t.token_hash = sha256(convert_to(verify_doorbell.token, 'UTF8'))
      and t.expires_at > (select engine.now()))
$function$;

create or replace function engine.violations()
  returns table (
    rule         text,
    execution_id uuid,
    detail       text
  )
  language sql
  security definer
  set search_path to ''
  as $function$
  select 'a live execution has a live token', e.id, e.status
  from public.workflow_executions e
  where e.end_time is null
    and not exists (select from engine.tasks t where t.execution_id = e.id)
    and not exists (select from engine.waits w where w.execution_id = e.id)
  union all
  select 'a live execution can move', e.id, e.status
  from public.workflow_executions e
  where e.end_time is null
    and exists (select from engine.waits w where w.execution_id = e.id)
    and not exists (select from engine.tasks t where t.execution_id = e.id)
    -- joins wait for others of their execution
    and not exists (
      select from engine.waits w
      where w.execution_id = e.id and w.kind not in ('merge', 'collect', 'for_each'))
  union all
  select 'a wait is held exactly while its execution is paused', w.execution_id, w.kind || ' ' || w.id
  from engine.waits w
  join public.workflow_executions e on e.id = w.execution_id
  where w.is_held and e.status <> 'PAUSED'
    or not w.is_held and e.status = 'PAUSED' and w.kind in ('ready', 'turn', 'timer', 'retry', 'caller')
  union all
  select 'nothing of a paused execution is ready', t.execution_id, t.id::text
  from engine.tasks t
  join public.workflow_executions e on e.id = t.execution_id
  where e.status = 'PAUSED' and t.lease_token is null
  union all
  select 'a start waits exactly while its execution is new', e.id, e.status
  from public.workflow_executions e
  where e.status = 'NEW' and not exists (
    select from engine.waits w where w.execution_id = e.id and w.kind in ('turn', 'slot'))
  union all
  select 'a collected result has its join', c.execution_id, c.node_id
  from engine.collected c
  where not exists (
    select from engine.waits w
    where w.execution_id = c.execution_id and w.kind = 'collect' and w.for_run = c.for_run
      and w.node_id = c.node_id)
  union all
  select 'what joins keep belongs to a live execution', m.execution_id, m.node_id
  from (select c.execution_id, c.node_id from engine.collected c
        union all select g.execution_id, g.node_id from engine.merged g) m
  where not exists (
    select from public.workflow_executions e where e.id = m.execution_id and e.end_time is null)
  union all
  select 'a sub-workflow''s end is told', w.execution_id, w.id::text
  from engine.waits w
  where w.kind = 'children' and w.until > (select engine.now()) and not w.is_held and exists (
      select from public.workflow_executions c
      where c.parent_execution_id = w.execution_id and c.parent_run_id = w.id and c.end_time is not null
        and c.status <> 'SUCCESS' and c.end_time < (select engine.now()) - interval '1 minute')
  union all
  select 'a sub-workflow that is waited for has its wait', c.id, c.parent_run_id::text
  from public.workflow_executions c
  where c.end_time is null and c.parent_run_id is not null
    and not exists (select from engine.waits w where w.id = c.parent_run_id)
    and not exists (select from engine.cancellations k where k.execution_id = c.id)
  union all
  select 'a cancellation is carried out', c.execution_id, null
  from engine.cancellations c
  -- one that came too late is the tick's to remove
  where not exists (
    select from public.workflow_executions e
    where e.id = c.execution_id and coalesce(e.end_time >= (select engine.now()) - interval '1 minute', true))
  union all
  select 'a slot belongs to a live execution', s.execution_id, s.key
  from engine.slots s
  where s.released_at is null and not exists (
    select from public.workflow_executions e where e.id = s.execution_id and e.end_time is null)
  union all
  select 'a limit is kept', null, l.id || ' has ' || count(*)
  from engine.slots s
  join public.execution_limits l on l.id = s.limit_id
  where s.admitted_at is not null and s.released_at is null and l.policy <> 'cancel_oldest'
  group by l.id, l.max_concurrency, s.key
  having count(*) > l.max_concurrency
  union all
  select 'a token belongs to a live execution', l.execution_id, l.kind || ' ' || l.id
  from (select t.execution_id, t.id, 'task' as kind from engine.tasks t
        union all select w.execution_id, w.id, 'wait' from engine.waits w) l
  where not exists (
    select from public.workflow_executions e where e.id = l.execution_id and e.end_time is null)
  union all
  select 'a token is in one place', t.execution_id, t.id::text
  from engine.tasks t join engine.waits w on w.id = t.id
  union all
  select 'a live token has not ended', t.execution_id, t.id::text
  from (select t.execution_id, t.id from engine.tasks t
        union all select w.execution_id, w.id from engine.waits w) t
  where exists (select from public.node_executions n where n.execution_id = t.execution_id and n.id = t.id)
  union all
  select 'a token stands at a compiled node', l.execution_id, l.node_id
  from (select t.execution_id, t.workflow_id, t.version, t.node_id from engine.tasks t
        union all
        select w.execution_id, w.workflow_id, w.version, w.node_id from engine.waits w where w.kind <> 'caller') l
  where not exists (
    select from engine.plan p
    where p.workflow_id = l.workflow_id and p.version = l.version and p.node_id = l.node_id)
  union all
  select 'an execution that its caller runs waits for him alone', e.id, e.status
  from public.workflow_executions e
  where e.end_time is null and (
    e.executed_by_caller and (
      exists (select from engine.tasks t where t.execution_id = e.id)
      or exists (select from engine.waits w where w.execution_id = e.id and w.kind <> 'caller'))
    or not e.executed_by_caller
      and exists (select from engine.waits w where w.execution_id = e.id and w.kind = 'caller'))
  union all
  select 'a question waits for its answer', i.execution_id, i.node_id || ' ' || i.id
  from public.human_interactions i
  where i.status = 'pending' and not exists (select from engine.waits w where w.id = i.id and w.kind = 'human')
  union all
  select 'who waits for an answer has asked', w.execution_id, w.node_id || ' ' || w.id
  from engine.waits w
  where w.kind = 'human' and (
    not exists (select from public.human_interactions i where i.id = w.id)
    -- over, and nobody will look at it
    or w.until > (select engine.now()) + interval '1 minute' and exists (
      select from public.human_interactions i where i.id = w.id and i.status <> 'pending'))
  union all
  select 'an execution waits for people exactly when nothing else moves', e.id, e.status
  from public.workflow_executions e
  where e.end_time is null and e.status in ('RUNNING', 'WAITING_FOR_HUMAN')
    and (e.status = 'WAITING_FOR_HUMAN') <> (
      exists (select from engine.waits w where w.execution_id = e.id and w.kind = 'human')
      and not exists (select from engine.tasks t where t.execution_id = e.id)
      and not exists (
        select from engine.waits w
        where w.execution_id = e.id and w.kind not in ('human', 'merge', 'collect', 'for_each')))
  union all
  select 'a question''s pause ends with it', p.execution_id, p.id::text
  from public.workflow_execution_pauses p
  where p.status = 'active' and (
    p.pause_reason = 'human_interaction' and not exists (
      select from public.human_interactions i where i.id = p.id and i.status = 'pending')
    or not exists (
      select from public.workflow_executions e where e.id = p.execution_id and e.end_time is null
        and (p.pause_reason <> 'user' or e.status = 'PAUSED')))
  union all
  select 'a lease that expired is taken back', t.execution_id, t.id || ' expired at ' || t.lease_until
  from engine.tasks t where t.lease_until < (select engine.now()) - interval '1 minute'
  union all
  select 'a wait that is due ends', w.execution_id, w.id || ' was due at ' || w.until
  from engine.waits w where w.until < (select engine.now()) - interval '1 minute' and not w.is_held
  union all
  select 'a run counter agrees with its runs', r.execution_id,
    r.node_id || r.scope || ' counts ' || r.runs || ', has ' || a.runs
  from engine.node_runs r
  cross join lateral (
    select count(distinct x.run_index) as runs from (
      select n.run_index from public.node_executions n
      where n.execution_id = r.execution_id and n.scope = r.scope and n.node_id = r.node_id
      union all
      select t.run_index from engine.tasks t
      where t.execution_id = r.execution_id and t.scope = r.scope and t.node_id = r.node_id
      union all
      select w.run_index from engine.waits w
      where w.execution_id = r.execution_id and w.scope = r.scope and w.node_id = r.node_id
        and w.run_index is not null and w.kind not in ('for_each', 'collect', 'merge')) x
  ) a
  where a.runs <> r.runs
  union all
  select 'a counter belongs to a live execution', r.execution_id, r.node_id
  from engine.node_runs r
  where not exists (
    select from public.workflow_executions e where e.id = r.execution_id and e.end_time is null)
$function$;

create or replace function engine.wait_for (
  token      engine.token,
  parameters jsonb,
  at         timestamp with time zone
)
  returns engine.waits
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  c_longest constant interval := interval '365 days';
  v_wait engine.waits;
  v_none engine.waits;
  v_name text := parameters ->> 'event';
  v_key text := nullif(parameters ->> 'key', '');
  v_seconds float8;
  v_event public.workflow_events;
begin
  if parameters ? 'event' then
    if coalesce(length(v_name), 0) not between 1 and 200 or length(v_key) > 200 then
      v_none.data := jsonb_build_object('error', jsonb_build_object('code', 'wait_invalid',
        'message', 'The name of an event has 1 to 200 characters, its key at most 200'));
      return v_none;
    end if;
    if not pg_try_advisory_xact_lock_shared(engine.lock_of_event(token.workspace_id, v_name)) then
      return engine.wait_of(token, 'turn', at, at + interval '200 milliseconds');
    end if;
    if v_key is not null then
      select e.* into v_event from public.workflow_events e
      where e.workspace_id = token.workspace_id and e.name = v_name and e.key = v_key;
    else
      delete from public.workflow_events e
      where e.id = (
        select k.id from public.workflow_events k
        where k.workspace_id = token.workspace_id and k.name = v_name and k.key is null
          -- a fresh one is for all who wait, and for this run with them
          and k.delivered_at is not null
        order by k.id
        limit 1
        for update skip locked)
      returning e.* into v_event;
    end if;
    if v_event.id is not null then
      v_none.data := jsonb_build_object('payload', v_event.payload);
      return v_none;
    end if;
    v_wait := engine.wait_of(token, 'event', at, at + make_interval(
      secs => least(coalesce(engine.count_of(parameters -> 'timeout_seconds'), 2592000), 31536000)));
    v_wait.event_name := v_name;
    v_wait.event_key := v_key;
    return v_wait;
  end if;
  v_wait := engine.wait_of(token, 'timer', at, at);
  if parameters ? 'until' and pg_input_is_valid(parameters ->> 'until', 'timestamptz') then
    v_wait.until := (parameters ->> 'until')::timestamptz;
  elsif pg_input_is_valid(parameters ->> 'seconds', 'float8') then
    v_seconds := (parameters ->> 'seconds')::float8;
    v_wait.until := case when v_seconds between 0 and 1e9 then at + make_interval(secs => v_seconds) end;
  else
    v_wait.until := null;
  end if;
  if v_wait.until is null or v_wait.until > at + c_longest then
    v_none.data := jsonb_build_object('error', jsonb_build_object('code', 'wait_invalid',
      'message', format('%s is no time to wait for: give seconds of at least 0, or until as a date and time, '
        'at most a year ahead', coalesce(parameters ->> 'until', parameters ->> 'seconds', 'null'))));
    return v_none;
  elsif v_wait.until <= at then
    v_none.data := '{}';
    return v_none;
  end if;
  return v_wait;
end
$function$;

create or replace function engine.wait_for_static (
  workflow_id uuid
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  set lock_timeout to '200ms'
  as $function$
begin
  perform pg_advisory_xact_lock(engine.lock_of_static(wait_for_static.workflow_id));
  return true;
exception when lock_not_available then
  return false;
end
$function$;

create or replace function engine.wait_of (
  token engine.token,
  kind  text,
  since timestamp with time zone,
  until timestamp with time zone
)
  returns engine.waits
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_wait engine.waits;
begin
  v_wait.id := token.id;
  v_wait.workspace_id := token.workspace_id;
  v_wait.execution_id := token.execution_id;
  v_wait.workflow_id := token.workflow_id;
  v_wait.version := token.version;
  v_wait.node_id := token.node_id;
  v_wait.target_index := token.target_index;
  v_wait.run_index := token.run_index;
  v_wait.attempt := token.attempt;
  v_wait.source_id := token.source_id;
  v_wait.input_id := token.input_id;
  v_wait.ancestors := token.ancestors;
  v_wait.scope := token.scope;
  v_wait.lap := token.lap;
  v_wait.priority := token.priority;
  v_wait.kind := wait_of.kind;
  v_wait.since := wait_of.since;
  v_wait.until := wait_of.until;
  v_wait.is_held := false;
  return v_wait;
end
$function$;

create or replace function engine.webhook_response (
  execution_id uuid
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  as $function$
declare
  v_execution record;
  v_response jsonb;
begin
  select e.status, e.end_time, e.responded_by, e.output, e.error into v_execution
  from public.workflow_executions e where e.id = webhook_response.execution_id;
  if not found then
    return null;
  end if;
  if v_execution.responded_by is not null then
    select n.output_data into v_response from public.node_executions n
    where n.execution_id = webhook_response.execution_id and n.id = v_execution.responded_by;
  end if;
  return jsonb_build_object(
    'ended', v_execution.end_time is not null, 'status', v_execution.status, 'response', v_response,
    'output', v_execution.output, 'error', v_execution.error);
end
$function$;

create or replace function engine.workspaces_with_work (
  after uuid,
  most  integer
)
  returns uuid[]
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_spaces uuid[] := array[]::uuid[];
  v_at uuid := workspaces_with_work.after;
  v_wrapped boolean := false;
begin
  while cardinality(v_spaces) < workspaces_with_work.most loop
    v_at := (
      select t.workspace_id from engine.tasks t
      where t.lease_token is null and t.workspace_id > v_at
      order by t.workspace_id
      limit 1);
    if v_wrapped and (v_at is null or v_at > workspaces_with_work.after) then
      exit;
    elsif v_at is null then
      v_wrapped := true;
      v_at := '00000000-0000-0000-0000-000000000000';
    else
      v_spaces := v_spaces || v_at;
    end if;
  end loop;
  return v_spaces;
end
$function$;

create or replace function engine.write_history (
  history public.node_executions[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  insert into public.node_executions (
    execution_id, id, workspace_id, node_id, node_type, run_index, attempt, status, source_id, input_id,
    passes_input, output_data, error_data, ancestors, scope, lap, target_index, joined, is_end,
    start_time, end_time)
  select
    h.execution_id, h.id, h.workspace_id, h.node_id, h.node_type, h.run_index, h.attempt, h.status,
    h.source_id, h.input_id, h.passes_input, h.output_data, h.error_data, h.ancestors, h.scope, h.lap,
    h.target_index, h.joined, h.is_end, h.start_time, h.end_time
  from unnest(history) h;
end
$function$;

create or replace function engine.write_logs (
  logs public.workflow_execution_logs[],
  at   timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, log_category, event_type, level, message, data, node_id, node_name, node_type,
    step_number, total_steps, duration_ms, user_friendly_message, display_priority, is_milestone, created_at)
  select
    l.execution_id, l.workspace_id, coalesce(l.log_category, 'TECHNICAL'), l.event_type, l.level, l.message,
    l.data, l.node_id, l.node_name, l.node_type, l.step_number, l.total_steps, l.duration_ms,
    l.user_friendly_message, coalesce(l.display_priority, 5), coalesce(l.is_milestone, false), write_logs.at
  from unnest(logs) l;
end
$function$;

create or replace function hil.admit (
  token text
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_hash bytea := hil.hash_of(admit.token);
begin
  if not exists (select from hil.tokens t where t.token_hash = v_hash) then
    return null;
  end if;
  return triggers.admit_delivery(
    encode(substring(v_hash from 1 for 16), 'hex')::uuid,
    platform.setting('hil.link_burst', '60')::float8,
    platform.setting('hil.link_rate_per_second', '1')::float8);
end
$function$;

create or replace function hil.answer_link (
  token    text,
  decision text,
  data     jsonb,
  comment  text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_token hil.tokens := hil.of_token(answer_link.token);
  v_interaction public.human_interactions := hil.hold(v_token.interaction_id);
  v_response public.hil_responses;
begin
  if v_interaction.id is null then
    return null;
  end if;
  select r.* into v_response from public.hil_responses r
  where r.matched_interaction_id = v_interaction.id and r.provider = 'link' and r.outcome is not null
    and r.responder = hil.key_of(hil.identify(v_interaction.workspace_id, v_token.assignee) || v_token.assignee)
    and r.raw_payload = jsonb_build_object(
      'decision', answer_link.decision, 'data', answer_link.data, 'comment', left(answer_link.comment, 10000))
  limit 1;
  if v_response.id is null then
    return hil.decide_by_token(answer_link.token, answer_link.decision, answer_link.data, answer_link.comment);
  end if;
  return jsonb_build_object(
    'interaction_id', v_interaction.id,
    'result', case when v_interaction.responded_at = v_response.processed_at then 'decided' else 'recorded' end,
    'status', v_interaction.status, 'outcome', v_interaction.outcome, 'responded_by', v_interaction.responded_by,
    'responded_at', v_interaction.responded_at,
    'votes', (
      select count(distinct r.responder) from public.hil_responses r
      where r.matched_interaction_id = v_interaction.id and r.outcome in ('approved', 'answered')),
    'quorum', v_interaction.quorum);
end
$function$;

create or replace function hil.answer_of (
  response public.hil_responses
)
  returns jsonb
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select jsonb_build_object(
    'response_id', response.id, 'status', response.status, 'interaction_id', response.matched_interaction_id,
    'outcome', i.outcome, 'decided_by', i.responded_by, 'responded_at', i.responded_at, 'repeated', true,
    'code', response.error -> 'code', 'message', coalesce(response.error ->> 'message', 'It is counted'))
  from (select) one
  left join public.human_interactions i on i.id = response.matched_interaction_id
$function$;

create or replace function hil.ask (
  token      engine.token,
  subtype    text,
  parameters jsonb,
  at         timestamp with time zone
)
  returns engine.waits
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_wait engine.waits;
  v_interaction public.human_interactions;
  v_problem text := hil.request_problem(subtype, parameters);
begin
  v_interaction.channel_type := coalesce(parameters ->> 'channel', 'in_app');
  if v_problem is null then
    select coalesce(jsonb_object_agg(c.key, c.value), '{}'),
      string_agg(format('the integration for %s is not there or not active', c.key), ', ') filter (where i.id is null)
    into v_interaction.credentials, v_problem
    from public.nodes n
    cross join lateral jsonb_each_text(n.credentials) c
    left join public.integrations i
      on i.workspace_id = token.workspace_id and i.id::text = c.value and i.is_active
    where n.workflow_id = token.workflow_id and n.version = token.version and n.node_id = token.node_id;
  end if;
  if v_problem is not null then
    v_wait.data := jsonb_build_object('error', jsonb_build_object('code', 'interaction_invalid',
      'message', 'Nobody can be asked: ' || v_problem));
    return v_wait;
  end if;
  v_interaction.id := token.id;
  v_interaction.workspace_id := token.workspace_id;
  v_interaction.workflow_id := token.workflow_id;
  v_interaction.execution_id := token.execution_id;
  v_interaction.node_id := token.node_id;
  v_interaction.run_index := token.run_index;
  v_interaction.interaction_type := lower(subtype);
  v_interaction.priority := coalesce(parameters ->> 'priority', 'normal');
  v_interaction.assignees := coalesce(nullif(parameters -> 'assignees', 'null'), '[]');
  v_interaction.quorum := coalesce(engine.count_of(parameters -> 'quorum'), 1);
  v_interaction.correlation_id := nullif(left(parameters ->> 'correlation_id', 255), '');
  v_interaction.tags := array(select left(t, 100) from jsonb_array_elements_text(
    coalesce(nullif(parameters -> 'tags', 'null'), '[]')) t limit 20);
  v_interaction.request_data := (
    parameters - '{channel,priority,assignees,quorum,timeout_seconds,correlation_id,tags}'::text[])
    || jsonb_build_object(
      'message', coalesce(parameters ->> 'message', ''),
      'timeout_action', coalesce(parameters ->> 'timeout_action', 'continue'));
  v_interaction.created_at := at;
  v_interaction.timeout_at := at + make_interval(secs => coalesce((parameters ->> 'timeout_seconds')::float8, 2592000));
  insert into public.human_interactions as h (
    id, workspace_id, workflow_id, execution_id, node_id, run_index, interaction_type, channel_type, priority,
    request_data, assignees, quorum, credentials, created_at, updated_at, timeout_at, correlation_id, tags)
  values (
    v_interaction.id, v_interaction.workspace_id, v_interaction.workflow_id, v_interaction.execution_id,
    v_interaction.node_id, v_interaction.run_index, v_interaction.interaction_type, v_interaction.channel_type,
    v_interaction.priority, v_interaction.request_data, v_interaction.assignees, v_interaction.quorum,
    v_interaction.credentials, at, at, v_interaction.timeout_at, v_interaction.correlation_id, v_interaction.tags)
  returning h.* into v_interaction;
  insert into public.workflow_execution_pauses (
    id, workspace_id, execution_id, paused_at, paused_node_id, pause_reason, resume_conditions, created_at)
  values (token.id, token.workspace_id, token.execution_id, at, token.node_id, 'human_interaction',
    jsonb_build_object('interaction_id', token.id, 'timeout_at', v_interaction.timeout_at), at);
  perform hil.write_messages(v_interaction, 'request', v_interaction.channel_type, parameters ->> 'to',
    v_interaction.assignees, at);
  perform hil.log(v_interaction, 'INFO', format('Waits for an answer: %s',
    coalesce(nullif(v_interaction.request_data ->> 'title', ''), left(v_interaction.request_data ->> 'message', 200))),
    jsonb_build_object('channel', v_interaction.channel_type, 'timeout_at', v_interaction.timeout_at), at);
  perform hil.broadcast(v_interaction);
  v_wait := engine.wait_of(token, 'human', at, hil.next_due(v_interaction));
  -- the answer may have come before the question: the tick looks at it
  if v_interaction.correlation_id is not null and exists (
      select from public.hil_responses r
      where r.workspace_id = v_interaction.workspace_id and r.status = 'unmatched'
        and r.hints ->> 'correlation_id' = v_interaction.correlation_id) then
    v_wait.until := at;
  end if;
  return v_wait;
end
$function$;

create or replace function hil.assign (
  response_id    uuid,
  interaction_id uuid
)
  returns public.hil_responses
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
#variable_conflict use_column
declare
  v_response public.hil_responses;
  v_interaction public.human_interactions;
  v_said jsonb;
  v_understood jsonb;
  v_result jsonb;
  v_by jsonb := case when (select auth.uid()) is null then jsonb '{"service": true}'
    else jsonb_build_object('user', (select auth.uid())) end;
begin
  select r.* into v_response from public.hil_responses r where r.id = assign.response_id;
  perform workspaces.require(v_response.workspace_id, 'admin', 'response', assign.response_id);
  select i.* into v_interaction from public.human_interactions i
  where i.id = assign.interaction_id and i.workspace_id = v_response.workspace_id;
  if v_interaction.id is null then
    perform workspaces.not_found('interaction', assign.interaction_id);
  end if;
  v_interaction := hil.hold(v_interaction.id);
  select r.* into v_response from public.hil_responses r where r.id = assign.response_id for update;
  if v_response.outcome is not null then
    perform platform.fail(409, 'response_counted', 'This answer has been counted', 'It stays where it is.');
  end if;
  v_said := hil.classify(coalesce(v_response.hints ->> 'text', ''),
    hil.circumstances(v_interaction, v_response, 'assigned', true));
  v_understood := hil.understand(v_interaction, v_response.hints, v_said);
  if v_understood ? 'none' then
    update public.hil_responses r
    set status = 'matched', processed_at = engine.now(), matched_interaction_id = v_interaction.id,
      workflow_id = v_interaction.workflow_id, classification = v_said,
      ai_relevance_score = round(least(greatest((v_said ->> 'relevance_score')::numeric, 0), 1), 2),
      ai_reasoning = left(v_said ->> 'reasoning', 4000),
      error = jsonb_build_object(
        'code', coalesce(v_understood ->> 'intent', 'unclear'), 'message', v_understood ->> 'none')
    where r.id = v_response.id;
  else
    v_result := hil.decide(v_interaction.id, v_response.id, v_by, v_understood ->> 'decision',
      v_understood -> 'data', v_understood ->> 'comment');
    perform hil.refuse(v_interaction.id, v_result);
  end if;
  select r.* into v_response from public.hil_responses r where r.id = assign.response_id;
  return v_response;
end
$function$;

create or replace function hil.broadcast (
  interaction public.human_interactions
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_send regproc;
begin
  if to_regnamespace('realtime') is null then
    return;
  end if;
  v_send := to_regprocedure('realtime.send(jsonb,text,text,boolean)');
  if v_send is null then
    return;
  end if;
  execute format('select %s($1, ''interaction'', $2, true)', v_send)
  using jsonb_build_object('id', interaction.id, 'execution_id', interaction.execution_id,
      'status', interaction.status, 'outcome', interaction.outcome),
    'workspace:' || interaction.workspace_id;
end
$function$;

create or replace function hil.cancel (
  interaction_id uuid,
  reason         text
)
  returns public.human_interactions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_interaction public.human_interactions := hil.managed(cancel.interaction_id);
  v_now timestamptz := engine.now();
begin
  update public.human_interactions i
  set status = 'cancelled', outcome = 'cancelled', responded_at = v_now,
    responded_by = case when (select auth.uid()) is null then jsonb '{"service": true}'
      else jsonb_build_object('user', (select auth.uid())) end,
    response_data = jsonb_build_object('outcome', 'cancelled',
      'reason', coalesce(nullif(left(cancel.reason, 1000), ''), 'The question was taken back'))
  where i.id = v_interaction.id and i.status = 'pending'
  returning i.* into v_interaction;
  perform hil.end_pause(v_interaction, v_now);
  perform hil.write_ending(v_interaction, v_now);
  perform hil.log(v_interaction, 'WARNING', v_interaction.response_data ->> 'reason',
    jsonb_build_object('by', (select auth.uid())), v_now);
  perform hil.broadcast(v_interaction);
  perform hil.go_on(v_interaction, v_now);
  return v_interaction;
end
$function$;

create or replace function hil.circumstances (
  interaction public.human_interactions,
  response    public.hil_responses,
  how         text,
  is_assignee boolean
)
  returns jsonb
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select jsonb_strip_nulls(jsonb_build_object(
    'question', concat_ws(' ', interaction.request_data ->> 'title', interaction.request_data ->> 'message'),
    'type', upper(interaction.interaction_type), 'options', interaction.request_data -> 'options',
    'multiple', interaction.request_data -> 'multiple', 'headers', response.headers,
    'subject', response.hints #> '{email,subject}',
    'matched_by', case circumstances.how
      when 'reply' then 'references' when 'correlation_id' then 'token' when 'assigned' then 'action'
      else coalesce(circumstances.how, 'none') end,
    'sender_is_assignee', circumstances.is_assignee,
    'seconds_since_request', extract(epoch from response.received_at - interaction.created_at),
    'is_expired', response.received_at >= interaction.timeout_at,
    'model', response.hints -> 'classification'))
    || jsonb_build_object('data', interaction.request_data -> 'data')
$function$;

create or replace function hil.claim_messages (
  worker text,
  n      integer
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  c_lease constant interval := interval '60 seconds';
  v_now timestamptz := engine.now();
  v_messages jsonb := jsonb '[]';
  v_message hil.messages;
  v_first hil.messages;
  v_interaction public.human_interactions;
begin
  for v_message in
    update hil.messages m
    set attempt = m.attempt + 1, worker_id = claim_messages.worker, lease_until = v_now + c_lease,
      due_at = v_now + c_lease
    where m.id in (
      select d.id from hil.messages d
      where d.status = 'pending' and d.due_at <= v_now
        and (d.follows is null or exists (select from hil.messages f where f.id = d.follows and f.status = 'sent'))
      order by d.due_at, d.id
      limit least(greatest(claim_messages.n, 0), 100)
      for update skip locked)
    returning m.*
  loop
    select i.* into v_interaction from public.human_interactions i where i.id = v_message.interaction_id;
    -- nobody need be asked any more
    if v_message.kind <> 'decided' and v_interaction.status <> 'pending' then
      update hil.messages m
      set status = 'failed', worker_id = null, lease_until = null,
        error = jsonb '{"code": "interaction_ended", "message": "It was over before it was sent"}'
      where m.id = v_message.id;
      continue;
    end if;
    -- of an interaction: its first message there, so that what comes later stays in its thread
    select f.* into v_first from hil.messages f
    where f.interaction_id = v_message.interaction_id
      and f.status = 'sent' and f.channel = v_message.channel
      and (f.id = v_message.follows or v_message.follows is null and f.recipient = v_message.recipient)
    order by f.id limit 1;
    v_messages := v_messages || jsonb_build_array(jsonb_build_object(
      'id', v_message.id, 'workspace_id', v_message.workspace_id, 'interaction_id', v_message.interaction_id,
      'kind', v_message.kind, 'channel', v_message.channel, 'integration_id', v_message.integration_id,
      'recipient', v_message.recipient, 'content', v_message.content, 'attempt', v_message.attempt,
      'external_id', v_first.external_id, 'thread', v_first.thread,
      'token', case when v_message.kind <> 'decided' and v_interaction.status = 'pending'
        then hil.new_token(v_interaction, jsonb_build_object(v_message.channel, v_message.recipient)) end));
  end loop;
  return v_messages;
end
$function$;

create or replace function hil.classifier_settings()
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select jsonb '{
    "threshold": 0.80,
    "weights": {
      "thread": 0.20, "sender": 0.20, "timing": 0.10, "decision": 0.20,
      "topic": 0.10, "form": 0.08, "language": 0.05, "authenticity": 0.07
    },
    "thread": {"token": 1, "action": 1, "thread": 1, "references": 0.9, "sender": 0.6, "none": 0.1},
    "words_read": 100,
    "long_from": 60,
    "sentence_of_its_own": 14,
    "capped": 0.70
  }'
$function$;

create or replace function hil.classify (
  text    text,
  context jsonb default '{}'::jsonb
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_settings constant jsonb := hil.classifier_settings();
  v_context constant jsonb := case jsonb_typeof(context) when 'object' then context else '{}' end;
  v_own text := hil.own_words(coalesce(classify.text, ''));
  v_read jsonb;
  v_result jsonb;
begin
  v_read := hil.read_reply(coalesce(classify.text, ''), v_own, v_context, v_settings);
  v_result := v_read || hil.relevance(v_read, v_context, v_settings);
  -- words that fit are no decision where everything else speaks against it
  if (v_result ->> 'relevance_score')::numeric < 0.4 and v_result ->> 'intent' <> 'auto_reply' then
    v_result := v_result || jsonb_build_object('confidence',
      least((v_result ->> 'confidence')::numeric, (v_settings ->> 'capped')::numeric));
  end if;
  v_result := v_result - '{signals}'::text[];
  return case
    when jsonb_typeof(v_context -> 'model') = 'object' then hil.reconcile(v_result, v_context -> 'model', v_context, v_own)
    else v_result
  end;
end
$function$;

create or replace function hil.content_of (
  interaction public.human_interactions
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  return jsonb_strip_nulls(jsonb_build_object(
      'interaction_id', interaction.id, 'type', interaction.interaction_type, 'priority', interaction.priority,
      'title', interaction.request_data -> 'title', 'message', interaction.request_data -> 'message',
      'data', interaction.request_data -> 'data', 'schema', interaction.request_data -> 'schema',
      'options', interaction.request_data -> 'options', 'multiple', interaction.request_data -> 'multiple',
      'allow', interaction.request_data -> 'allow', 'quorum', interaction.quorum,
      'created_at', interaction.created_at, 'timeout_at', interaction.timeout_at,
      'workflow_id', interaction.workflow_id, 'execution_id', interaction.execution_id,
      'node_id', interaction.node_id, 'correlation_id', interaction.correlation_id,
      'workflow', (select w.name from public.workflows w where w.id = interaction.workflow_id)));
end
$function$;

create or replace function hil.count_answer (
  interaction public.human_interactions,
  response    uuid,
  by          jsonb,
  decision    text,
  data        jsonb,
  comment     text,
  at          timestamp with time zone
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_read jsonb;
  v_votes int;
  v_interaction public.human_interactions;
  v_outcome text;
  v_error jsonb;
  v_result text;
begin
  select * into interaction from public.human_interactions i where i.id = interaction.id for no key update;
  if not hil.may_decide(interaction, by) then
    v_result := 'forbidden';
    v_error := jsonb '{"code": "role_insufficient", "message": "Somebody else was asked"}';
  elsif interaction.status <> 'pending' then
    v_result := case interaction.status when 'timeout' then 'expired' else 'too_late' end;
    v_error := jsonb_build_object('code', 'interaction_decided',
      'message', format('It was over: %s', replace(interaction.outcome, '_', ' ')));
  elsif interaction.timeout_at <= at then
    v_result := 'expired';
    v_error := jsonb '{"code": "interaction_expired", "message": "It came too late"}';
  elsif exists (
      -- of the same person, to the same effect
      select from public.hil_responses r
      where r.matched_interaction_id = interaction.id and r.responder = hil.key_of(by) and r.outcome is not null) then
    v_result := 'repeated';
  end if;
  if v_error is null then
    v_read := hil.read_decision(interaction, decision, data, comment);
    if v_read ? 'problems' then
      v_result := 'invalid';
      v_error := jsonb_build_object('code', 'response_invalid', 'message', v_read #>> '{problems,0,message}');
    elsif v_result = 'repeated' and v_read ->> 'outcome' <> 'rejected' then
      v_error := jsonb '{"code": "vote_counted", "message": "It was counted before"}';
    else
      v_outcome := v_read ->> 'outcome';
      v_result := 'recorded';
    end if;
  end if;
  update public.hil_responses r
  set status = case when v_result in ('forbidden', 'invalid') then 'error' else 'matched' end,
    processed_at = count_answer.at, matched_interaction_id = interaction.id, workflow_id = interaction.workflow_id,
    responder = hil.key_of(by), responded_by = by, outcome = v_outcome,
    data = v_read -> 'data', comment = left(count_answer.comment, 10000), error = v_error
  where r.id = count_answer.response;
  if v_outcome is null then
    return jsonb_build_object('result', v_result, 'error', v_error, 'problems', v_read -> 'problems');
  end if;
  select count(distinct r.responder) into v_votes from public.hil_responses r
  where r.matched_interaction_id = interaction.id and r.outcome in ('approved', 'answered');
  if v_outcome <> 'rejected' and v_votes < interaction.quorum then
    perform hil.log(interaction, 'INFO', format('%s of %s agree', v_votes, interaction.quorum),
      jsonb_build_object('by', by), at);
    perform hil.broadcast(interaction);
    return jsonb_build_object('result', 'recorded', 'votes', v_votes);
  end if;
  update public.human_interactions i
  set status = 'responded', outcome = v_outcome, responded_at = count_answer.at, responded_by = by,
    response_data = hil.output_of(i, v_outcome, v_read -> 'data', left(count_answer.comment, 10000), by, count_answer.at)
  where i.id = interaction.id and i.status = 'pending' and i.timeout_at > count_answer.at
  returning i.* into v_interaction;
  perform hil.end_pause(v_interaction, at);
  perform hil.write_ending(v_interaction, at);
  perform hil.log(v_interaction, 'INFO', format('%s by %s', initcap(v_outcome),
    coalesce(by ->> 'email', by ->> 'slack', by ->> 'user', by ->> 'webhook', 'the service')),
    jsonb_build_object('by', by), at);
  perform hil.broadcast(v_interaction);
  return jsonb_build_object('result', 'decided', 'votes', v_votes);
end
$function$;

create or replace function hil.decide (
  interaction_id uuid,
  response       uuid,
  by             jsonb,
  decision       text,
  data           jsonb,
  comment        text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_interaction public.human_interactions := hil.hold(decide.interaction_id);
  v_now timestamptz := engine.now();
  v_result jsonb;
begin
  -- its time may be over, or its end asked for, and nobody have come to it yet
  if v_interaction.status = 'pending' and exists (
      select from public.workflow_executions e
      where e.id = v_interaction.execution_id
        and (e.deadline <= v_now or exists (
          select from engine.cancellations c where c.execution_id = e.id))) then
    perform engine.advance(array[v_interaction.execution_id], v_now);
  end if;
  v_result := hil.count_answer(v_interaction, decide.response,
    hil.identify(v_interaction.workspace_id, decide.by) || decide.by, decide.decision, decide.data, decide.comment, v_now);
  if v_result ->> 'result' = 'decided' then
    perform hil.go_on(v_interaction, v_now);
  end if;
  return v_result;
end
$function$;

create or replace function hil.decide_by_token (
  token    text,
  decision text,
  data     jsonb,
  comment  text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_token hil.tokens := hil.of_token(decide_by_token.token);
  v_interaction public.human_interactions := hil.hold(v_token.interaction_id);
  v_channel text := coalesce((select k from jsonb_object_keys(v_token.assignee) k limit 1), 'webhook');
  v_response uuid;
  v_result jsonb;
  v_why text;
begin
  if v_interaction.id is null then
    perform platform.fail(404, 'interaction_not_found', 'There is no such link',
      'Take the link of the newest message.');
  elsif pg_column_size(data) > 262144 then
    perform platform.fail(422, 'response_invalid', 'The answer does not fit the question',
      '[{"code": "answer_too_large", "message": "data has at most 256 KiB", "path": "$.data"}]');
  end if;
  if v_interaction.status = 'pending' then
    v_why := hil.use_token(decide_by_token.token, engine.now());
    if v_why = 'reassigned' then
      perform platform.fail(409, 'interaction_reassigned', 'Others have been asked instead',
        'Take the link of the newest message, if one came.');
    elsif v_why = 'used' then
      perform platform.fail(409, 'token_used', 'This link has been used', 'Its answer counts.');
    elsif v_why = 'expired' then
      perform hil.refuse(v_interaction.id, jsonb '{"result": "expired"}');
    end if;
  end if;
  insert into public.hil_responses (
    workspace_id, workflow_id, source_channel, provider, message_id, raw_payload, received_at)
  values (v_interaction.workspace_id, v_interaction.workflow_id, v_channel, 'link', platform.uuid7()::text,
    jsonb_build_object('decision', decision, 'data', data, 'comment', left(comment, 10000)), engine.now())
  returning id into v_response;
  v_result := hil.decide(v_interaction.id, v_response, v_token.assignee, decision, data, comment);
  perform hil.refuse(v_interaction.id, v_result);
  select * into v_interaction from public.human_interactions i where i.id = v_token.interaction_id;
  return jsonb_build_object(
    'interaction_id', v_interaction.id, 'result', v_result ->> 'result', 'status', v_interaction.status,
    'outcome', v_interaction.outcome, 'responded_by', v_interaction.responded_by,
    'responded_at', v_interaction.responded_at, 'votes', v_result -> 'votes', 'quorum', v_interaction.quorum);
end
$function$;

create or replace function hil.end_pause (
  interaction public.human_interactions,
  at          timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  update public.workflow_execution_pauses p
  set status = case interaction.outcome when 'timed_out' then 'timeout' else 'resumed' end,
    resumed_at = end_pause.at, resume_trigger = interaction.outcome
  where p.id = interaction.id and p.status = 'active';
end
$function$;

create or replace function hil.end_pauses (
  execution_ids uuid[],
  at            timestamp with time zone
)
  returns void
  language sql
  security definer
  set search_path to ''
  as $function$
  update public.workflow_execution_pauses p
  set status = 'resumed', resumed_at = end_pauses.at, resume_trigger = 'ended'
  where p.execution_id = any (end_pauses.execution_ids) and p.status = 'active'
$function$;

create or replace function hil.endpoint_of (
  interaction_id uuid,
  integration_id uuid
)
  returns jsonb
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select coalesce((
    select jsonb_build_object('webhook', i.request_data ->> 'to') from public.human_interactions i
    where i.id = endpoint_of.interaction_id and i.channel_type = 'webhook'
      and i.credentials ->> 'webhook' = endpoint_of.integration_id::text), '{}')
$function$;

create or replace function hil.field_names (
  data   jsonb,
  fields jsonb
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  as $function$
  with common (name, names) as (values
    ('amount', '{amount,sum,total,betrag,summe,montant,somme,importe,monto,cantidad,valor,quantia}'::text[]),
    ('price', '{price,cost,preis,kosten,prix,cout,precio,coste,costo,preco,custo}'),
    ('quantity', '{quantity,count,number,menge,anzahl,quantite,nombre,cantidad,quantidade}'),
    ('date', '{date,day,datum,tag,jour,fecha,dia,data}'),
    ('title', '{title,subject,headline,titel,betreff,titre,objet,titulo,asunto,assunto}'),
    ('discount', '{discount,rabatt,remise,descuento,desconto}'),
    ('currency', '{currency,wahrung,devise,moneda,moeda}'),
    ('recipient', '{recipient,empfanger,destinataire,destinatario}'),
    ('priority', '{priority,prioritat,priorite,prioridad,prioridade}'),
    ('name', '{name,nom,nombre,nome}')
  ), own as (
    select d.key,
      lower(regexp_replace(regexp_replace(d.key, '([a-z0-9])([A-Z])', '\1 \2', 'g'), '[_-]+', ' ', 'g')) as spoken
    from jsonb_each(case jsonb_typeof(data) when 'object' then data else '{}' end) d
    where jsonb_typeof(d.value) in ('number', 'string', 'boolean')
  ), names as (
    select o.spoken as name, o.key, 1 as rank from own o
    union all
    select hil.folded(n.name), o.key, 2
    from own o
    cross join lateral jsonb_array_elements_text(
      case jsonb_typeof(fields -> o.key)
        when 'array' then fields -> o.key
        when 'string' then jsonb_build_array(fields ->> o.key)
        else '[]'
      end) n (name)
    where n.name is not null
    union all
    -- "due date" is a date too; two dates are neither
    select unnest(c.names), min(o.key), 3
    from own o
    join common c on o.spoken = c.name or o.spoken like '% ' || c.name or o.spoken = any (c.names)
    group by c.name, c.names
    having count(*) = 1
  )
  select coalesce(jsonb_object_agg(n.name, n.key order by n.rank desc), '{}') from names n
$function$;

create or replace function hil.finish_messages (
  worker  text,
  results jsonb
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  c_attempts constant int := 8;
  v_now timestamptz := engine.now();
  v_result record;
  v_message hil.messages;
  v_done int := 0;
begin
  for v_result in
    select r.* from jsonb_to_recordset(finish_messages.results) r (
      id uuid, status text, external_id text, thread jsonb, error jsonb, retry_after_seconds float8)
    order by r.id
  loop
    update hil.messages m
    set status = case
        when v_result.status = 'sent' then 'sent'
        when v_result.status = 'retry' and m.attempt < c_attempts and (m.kind = 'decided' or exists (
            select from public.human_interactions i where i.id = m.interaction_id and i.status = 'pending'))
          then 'pending'
        else 'failed' end,
      due_at = v_now + make_interval(secs => least(coalesce(v_result.retry_after_seconds,
        5 * power(2, m.attempt - 1) * (1 + random() / 5)), 86400)),
      worker_id = null, lease_until = null,
      sent_at = case when v_result.status = 'sent' then v_now end,
      external_id = btrim(v_result.external_id, '<> '), thread = v_result.thread, error = v_result.error
    where m.id = v_result.id and m.worker_id = finish_messages.worker and m.status = 'pending'
    returning m.* into v_message;
    continue when v_message.id is null;
    v_done := v_done + 1;
    if v_message.status = 'failed' then
      update hil.messages f
      set status = 'failed',
        error = jsonb '{"code": "nothing_to_follow", "message": "What it follows was not sent"}'
      where f.workspace_id = v_message.workspace_id and f.interaction_id = v_message.interaction_id
        and f.follows = v_message.id and f.status = 'pending';
      perform hil.log(i, 'WARNING', format('A message to %s could not be sent: %s', v_message.recipient,
        coalesce(v_message.error ->> 'message', 'no reason given')), v_message.error, v_now)
      from public.human_interactions i where i.id = v_message.interaction_id;
    elsif v_message.status = 'sent' then
      -- who answers fast may have answered before we knew what he answers to
      perform hil.match_again(r.id) from public.hil_responses r
      where r.status = 'unmatched' and r.integration_id = v_message.integration_id
        and r.received_at > v_now - interval '10 minutes';
    end if;
    v_message := null;
  end loop;
  return v_done;
end
$function$;

create or replace function hil.folded (
  text text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  as $function$
begin
  if octet_length(text) = length(text) then
    return lower(text);
  end if;
  return replace(lower(regexp_replace(
    regexp_replace(normalize(text, nfd), '\m([sS])[iI]\u0301(?![a-zA-Z])', '\1ii', 'g'),
    '[\u0300-\u036f]', '', 'g')), 'ß', 'ss');
end
$function$;

create or replace function hil.go_on (
  interaction public.human_interactions,
  at          timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  update engine.waits w set until = go_on.at where w.id = interaction.id and w.kind = 'human';
  if not exists (
      select from public.workflow_executions e where e.id = interaction.execution_id and e.status = 'PAUSED') then
    perform engine.advance(array[interaction.execution_id], at);
  end if;
end
$function$;

create or replace function hil.hash_of (
  token text
)
  returns bytea
  language sql
  immutable
  set search_path to ''
  as $function$
  select sha256(convert_to(lower(hash_of.token), 'UTF8'))
$function$;

create or replace function hil.hold (
  interaction_id uuid
)
  returns public.human_interactions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_interaction public.human_interactions;
begin
  perform from public.workflow_executions e
  where e.id = (select i.execution_id from public.human_interactions i where i.id = hold.interaction_id)
  for no key update;
  perform engine.pause_point('interaction_held');
  select * into v_interaction from public.human_interactions i where i.id = hold.interaction_id
  for no key update;
  return v_interaction;
end
$function$;

create or replace function hil.identify (
  workspace_id uuid,
  by           jsonb
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  return coalesce((
      select jsonb_build_object('user', u.id, 'email', lower(u.email))
      from auth.users u
      join public.workspace_members m on m.user_id = u.id and m.workspace_id = identify.workspace_id
      where lower(u.email) = lower(identify.by ->> 'email') or u.id::text = identify.by ->> 'user'
      limit 1), identify.by);
end
$function$;

create or replace function hil.is_addressed (
  channel   text,
  addressee text,
  by        jsonb
)
  returns boolean
  language sql
  immutable
  set search_path to ''
  as $function$
  select coalesce(case is_addressed.channel
    when 'email' then lower(btrim(addressee)) = lower(is_addressed.by ->> 'email')
    when 'slack' then addressee in (is_addressed.by ->> 'slack', is_addressed.by ->> 'channel')
    when 'webhook' then addressee = is_addressed.by ->> 'webhook'
  end, false)
$function$;

create or replace function hil.is_automated (
  context jsonb
)
  returns boolean
  language sql
  stable
  set search_path to ''
  as $function$
  select coalesce(bool_or(case lower(h.key)
    when 'auto-submitted' then h.value !~* '^\s*no\M'
    when 'x-autoreply' then h.value !~* '^\s*(no|false|0)\M'
    when 'x-autorespond' then true
    when 'x-auto-reply' then h.value !~* '^\s*(no|false|0)\M'
    when 'x-autoresponder' then true
    when 'x-failed-recipients' then true
    when 'list-unsubscribe' then true
    when 'precedence' then h.value ~* '^\s*(bulk|junk|list|auto_reply)'
    when 'return-path' then h.value ~ '^\s*<>'
    when 'content-type' then h.value ~* 'multipart/report'
    when 'from' then h.value ~* '(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@'
    else false
  end), false)
  from jsonb_each_text(case jsonb_typeof(context -> 'headers') when 'object' then context -> 'headers' else '{}' end) h
$function$;

create or replace function hil.is_crafted (
  text text
)
  returns boolean
  language plpgsql
  immutable
  set search_path to ''
  as $function$
begin
  -- most replies are a few plain words
  if text ~ '^[[:alnum:] .,!?;]*$' then
    return false;
  end if;
  return text ~* '(decision|status|intent|action|approved?|verdict|outcome|classification|result|role|confidence|is_approved|response)["''`*]*\s*(:|=|=>)\s*["''`*]*(approv|true|yes|accept|granted|system|assistant|confirmed|1\M|0\.\d)'
    or text ~* '(^|\n|[.!?]\s|[\[<(#*])\s*(system|assistant|developer|admin|administrator|user|human|operator|root|systeme?|sistema|assistent|asistente|tool|instructions?|note to (the )?(ai|bot|classifier|system|model))\s*(message|prompt|override)?\s*[\]>)]*\s*:'
    or text ~* '</?\s*(system|assistant|user|instructions?|prompt|decision|approve[d]?|message|data|untrusted|reply|response|inst|im_start|tool)\M[^>]*>|<\||\[/?(INST|SYSTEM|ADMIN)\]|<<SYS>>|```|<!--'
    or text ~* 'display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0|color\s*:\s*(white|#fff|transparent)'
    or text ~ '[[:alnum:]][\u200b-\u200d\u2060-\u2064\u00ad][[:alnum:]]|[\u202a\u202b\u202d\u202e]|[\U000e0020-\U000e007e]'
    or text ~ '(\s*\n){12,}';
end
$function$;

create or replace function hil.key_of (
  by jsonb
)
  returns text
  language sql
  immutable
  set search_path to ''
  as $function$
  select coalesce('user:' || (key_of.by ->> 'user'), 'email:' || lower(key_of.by ->> 'email'),
    'slack:' || (key_of.by ->> 'slack'), 'webhook:' || (key_of.by ->> 'webhook'), 'service')
$function$;

create or replace function hil.lexicon()
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  with phrases as (
    select r.language, r.kind, btrim(p.phrase) as phrase
    from hil.lexicon_rows() r
    cross join lateral regexp_split_to_table(r.phrases, '\s*\|\s*') p (phrase)
  ), spelled as (
    select p.language, p.kind, p.phrase, p.phrase !~ '\.\.\.' as is_whole, 0 as mistakes from phrases p
    union all
    -- one letter missing, or two swapped, in a long word that decides
    select p.language, p.kind, t.typo, true, 1
    from phrases p
    cross join lateral generate_series(2, length(p.phrase) - 1) i
    cross join lateral (values
      (overlay(p.phrase placing '' from i for 1)),
      (overlay(p.phrase placing substr(p.phrase, i + 1, 1) || substr(p.phrase, i, 1) from i for 2))) t (typo)
    where p.kind in ('approve', 'reject') and p.phrase ~ '^[a-z]{7,}$'
  ), ranked as (
    select s.*, min(s.mistakes) over (partition by s.phrase) as least from spelled s where s.is_whole
  ), meanings as (
    -- a real word is never read as another's misspelling
    select r.phrase, r.language, min(r.kind) as kind from ranked r where r.mistakes = r.least group by 1, 2
  ), entries as (
    select m.phrase, jsonb_object_agg(m.language, m.kind)
      || jsonb_build_object('*', (array_agg(m.kind order by array_position('{*,en,de,fr,es,pt}'::text[], m.language)))[1])
      as entry
    from meanings m
    group by m.phrase
  ), continued as (
    select split_part(s.phrase, ' ', 1) as word, split_part(s.phrase, ' ', 2) as next,
      max(cardinality(string_to_array(s.phrase, ' '))) as words,
      max(s.kind) filter (where not s.is_whole) as kind, max(regexp_replace(s.phrase, '^.* ', '')) as last
    from spelled s
    where s.mistakes = 0 and s.phrase ~ ' '
    group by 1, 2, s.is_whole, case when not s.is_whole then s.phrase end
  ), beginnings as (
    select c.word,
      jsonb_build_object('n', jsonb_object_agg(c.next, c.words) filter (where c.kind is null),
        'ends', jsonb_object_agg(c.last, c.kind) filter (where c.kind is not null)) as beginning
    from continued c
    group by c.word
  )
  select jsonb_object_agg(l.letters, l.phrases)
  from (
    select left(coalesce(e.phrase, b.word), 2) as letters,
      jsonb_object_agg(coalesce(e.phrase, b.word),
        coalesce(e.entry, '{}') || coalesce(jsonb_strip_nulls(b.beginning), '{}')) as phrases
    from entries e
    full join beginnings b on b.word = e.phrase
    group by 1
  ) l
$function$;

create or replace function hil.lexicon_rows()
  returns table (
    language text,
    kind     text,
    phrases  text
  )
  language sql
  immutable
  set search_path to ''
  as $function$
  values
    ('*', 'yes', 'emojiyes | +1 | lgtm | ok | okay | okey | oki | okok | k | kk | y | ack'),
    ('*', 'no', 'emojino | -1 | nack | nak'),
    ('*', 'irony', 'emojiirony | /s | lol | lmao | rofl | haha | hahaha | jaja | jajaja | kkkk | kkkkk | rsrs | mdr | ptdr'),
    ('*', 'ask', 'emojiask'),
    ('*', 'filler', 'emojismile | fyi | pls | plz | thx | ty | asap'),
    ('*', 'auto', 'autoreply | auto reply | auto response | autoresponder | noreply | mailer daemon | ooo'),
    ('*', 'machine', 'chatgpt | gpt | llm | gemini | claude | copilot | openai'),
    ('*', 'claim', 'jailbreak | sudo | systemprompt'),

    ('en', 'yes', 'accept | accepted | i accept | go ahead | please go ahead | please proceed | proceed | granted | confirmed | i confirm | confirm | cleared | released | endorse | endorsed | yes | yep | yeah | yup | yess | ya | sure | sure thing | fine | alright | all right | agreed | i agree | agree | '
      'sounds good | looks good | looks good to me | looks fine | looks right | good to go | all good | fine by me | fine with me | '
      'works for me | ok with me | ok by me | absolutely | definitely | of course | certainly | no problem | no problems | no objection | '
      'no objections | no concerns | no issues | not a problem | nothing against it | why not do it | correct | perfect | '
      'go for it | do it | ship it | please do | by all means | thumbs up | affirmative | roger | aye | indeed | totally | makes sense'),
    ('en', 'approve', 'approve | approved | approves | approving | i approve | we approve | approval | approval granted | aproved | approvd | '
      'aprove | apporved | apprved | appoved | aprroved | approoved | '
      'you can go ahead | you may go ahead | you may proceed | you can proceed | green light | greenlight | '
      'you have my approval | you have my ok | you have my go | you have my blessing | authorise | authorize | authorised | authorized | '
      'permission granted | signed off | sign off | i sign off | happy to approve | '
      'consider it approved | give it a go'),
    ('en', 'reject', 'reject | rejected | rejecting | rejcet | rejcted | rejeted | i reject | decline | declined | declining | i decline | '
      'deny | denied | i deny | refuse | refused | i refuse | disapprove | disapproved | i disapprove | veto | vetoed | turn down | '
      'turn it down | turned down | disagree | i disagree | no way | no thanks | no thank you | absolutely not | definitely not | '
      'certainly not | of course not | hell no | by no means | not acceptable | unacceptable | not ok with me | do not proceed | dont proceed | '
      'dont do it | do not do it | dont do this | dont do that | stop it | stop this | cancel it | cancel this | kill it | not happening | permission denied | '
      'thumbs down | not a chance | no chance | please dont | out of the question | over my dead body | unapproved | no go | nogo | not going to happen'),
    ('en', 'no', 'no | nope | nah | nay | negative | noo | nooo'),
    ('en', 'not', 'not | dont | cant | cannot | wont | isnt | arent | doesnt | didnt | never | wouldnt | shouldnt | couldnt | havent | hasnt | aint | '
      'unable | without | neither | nor | none | nobody | refrain | nothing | hardly | far from | rather than | against | wasnt | stop'),
    ('en', 'filler', 'great | good | a | an | the | i d take | i d like | i d prefer | i would like | i d go with | this | that | it | its | i | m | my | me | we | us | our | you | your | am | is | are | be | been | have | has | '
      'on | of | for | in | from | side | part | end | and | so | to | with | just | hereby | please | thanks | thank | thank you | many thanks | much | very | again | '
      'hi | hello | hey | dear | team | all good here | everyone | folks | morning | good morning | afternoon | good afternoon | good evening | cheers | best | regards | kind | sincerely | request | refund | '
      'payment | invoice | budget | order | purchase | expense | as is | as proposed | as requested | as discussed | as planned | as it is | now | today | '
      'here | there | formally | fully | gladly | happily | too | also | s | ve | ll | amount | total | one | im | ive | quick | quickly | note | then | '
      'let me know if | let us know if | if you need anything | if anything else | if you have questions | if you have any questions | if there are questions | if needed | when you can | when ready | '
      'dont hesitate | cant wait | no worries | for the record | after review | after reviewing | after careful review | after checking | reviewed | checked | i have reviewed | i checked | no doubt | no need | nothing else | '
      'no further changes | without changes | without changes needed | no changes needed | no changes | no further questions | no questions | nothing to add | not needed anymore | final answer | nice work | good work | well done | good job | nice | job | work'),
    ('en', 'but', 'but | however | except | although | though | yet | provided'),
    ('en', 'if', 'if | unless | only if | provided that | as long as | so long as | assuming | once | until | subject to | depending | depends | when | after | before | '
      'only when | on condition | conditional | conditionally | contingent | pending | up to | at most | in case | whenever | on the condition | otherwise | given that | only'),
    ('en', 'maybe', 'too much | too high | too expensive | by mistake | wrong | maybe | perhaps | probably | possibly | i think | i guess | i suppose | not sure | unsure | kind of | sort of | might | may | could | would | should | d | '
      'seems | in theory | theoretically | in principle | no idea | dont know | no clue | not certain | undecided | doubt | doubtful | not convinced | tempted | leaning | '
      'not opposed | on the fence | mixed feelings | whatever | meh | hmm | hm | i see | hard to say | not necessarily | dunno | yes and no | hopefully | ideally | almost | partly | partially | tentatively | normally | usually'),
    ('en', 'later', 'later | wait | hold on | hold off | on hold | hang on | not yet | not now | not today | tomorrow | next week | let me check | let me look | let me think | let me ask | '
      'i ll check | i ll look | i ll ask | i ll think | i ll approve | i will approve | i will check | i will ask | i ll get back | i ll review | i will review | get back to you | need more | need to | '
      'need time | more info | more information | more details | reviewing | will review | looking into | checking | still waiting | remind me | give me | in a meeting | bear with me | will | ll decide | going to | '
      'i need | we need | first need | want to | trying to | about to'),
    ('en', 'ask', 'who | what | whats | why | where | which | how | how come | can i | can we | can you | could you | could i | should i | should we | shall i | may i | do i | do we | '
      'do you | does this | does it | is this | is it | is that | are you | are these | was this | did you | did we | have you | has this | has anyone | would you | will this | will it | when will | when is | when does | whose | wdym'),
    ('en', 'irony', 'yeah right | yeah sure | sure jan | oh great | oh sure | oh yes sure | oh wonderful | oh brilliant | oh fantastic | as if | burn | money pit | what could go wrong | what could possibly go wrong | genius | '
      'brilliant | pigs fly | hell freezes over | ha ha | very funny | nice try | good joke | joking | kidding | just kidding | waste | bankrupt | fantastic idea | what a great idea | great idea as always | '
      'because that went so well | that went well | why dont we also | while we re at it | while you re at it | like last time | as always | my favorite | my favourite | in your dreams | dream on | keep dreaming | obviously a great | who needs | sarcasm | '
      'money grows on trees | grow on trees | free money | slow clap | bravo | sure sure | sure whatever | right right | totally not | love it when | just what we needed | exactly what we needed | best idea ever | what else'),
    ('en', 'third', 'has been approved | have been approved | was approved | must be approved | he | she | they | legal | finance | boss | manager | somebody | someone | others | said | says | told | was | were | has been | had | on behalf of | according to | him | her | them | '
      'ceo | cfo | hr | everybody else | another | thinks | claims | got approved | gets approved | being | previously | earlier | last week | last month | yesterday | last time | usual'),
    ('en', 'change', 'change | set | make | make it | update | reduce | increase | lower | raise | use | put | correct | adjust | replace | switch | edit | modify | rename | cap | limit | bump | cut | move'),
    ('en', 'instead', 'instead of | instead | rather than'),
    ('en', 'forward', 'ask | please ask | forward | forward to | forward it to | forward this to | please forward | talk to | check with | speak to | reach out to | contact | reassign | reassign to | assign to | '
      'assign it to | assign this to | send to | send it to | send this to | pass to | pass it to | pass this to | hand over to | hand it to | redirect to | escalate to | route to | route it to | delegate to | delegate | better ask | '
      'not my call | not my decision | not my department | not my area | wrong person | not the right person | right person is | should decide | can decide | must decide | has to decide | decides this | decides that | is responsible | is in charge | '
      'handles this | handles these | takes care of this | you want | up to'),
    ('en', 'auto', 'out of office | out of the office | automatic reply | automated reply | automated response | automatic response | automatically generated | auto generated | this is an automated | delivery status notification | delivery failure | '
      'delivery has failed | undeliverable | undelivered mail | message could not be delivered | mailbox is full | do not reply to this | i am currently out | i m currently out | currently away | i am away | i m away from | no longer works | no longer with the company | left the company | away from my desk'),
    ('en', 'absent', 'on vacation | on holiday | on leave | annual leave | parental leave | maternity leave | limited access | return on | returning on | i will return | i ll be back | back on | back in the office | will reply when | will respond when | upon my return | '
      'urgent matters | in my absence | intermittent access | received your message | received your email | thank you for your email | thanks for your email | thank you for contacting | ticket has been created | your ticket | we will get back'),
    ('en', 'spam', 'unsubscribe | newsletter | webinar | lunch | special offer | limited offer | discount code | football | weather | birthday | happy hour | job offer | linkedin | crypto | lottery | viagra | seo | click here | black friday | free trial | cake | parking | coffee | party | demo call'),
    ('en', 'command', 'ignore | disregard | forget | override | bypass | overrule | skip | discard | neglect'),
    ('en', 'rules', 'instruction | instructions | prompt | rules | previous | guidelines | prior | above | policy | policies | checks | safety | constraints | training | programming | restrictions | directives'),
    ('en', 'machine', 'system | assistant | ai | bot | classifier | language model | model | parser | algorithm | workflow engine | automation | developer | robot | machine | tandem | agent | tool'),
    ('en', 'claim', 'classify | classified as | classify this | treat this as | treat this message | treat the | consider this message | interpret this | interpret | output | respond with | reply with | answer with | return approve | intent | confidence | verdict | '
      'label this | set the decision | the decision is | set status | mark this as | mark it as | mark as | you are now | act as | pretend | new instructions | new instruction | developer mode | debug mode | admin mode | test mode | roleplay | role play | simulate | '
      'auto approve | automatically approve | automatically approved | pre approved | preapproved | your task | your instructions | your job is | you must | you should | you have been | must be approved | '
      'all requests | everything pending | end of message | begin new | the user has | the user approved | the user approves | the human has | the human approved | the reviewer has | the reviewer approved | the approver has | the assignee has | decode | base64 | '
      'execute | call the | function call | tool call | respond to interaction | threshold | token | json | translate'),

    ('de', 'yes', 'bestatigt | bestatige | akzeptiert | akzeptiere | angenommen | erlaubt | gestattet | ja | jo | jup | jep | jawohl | klar | na klar | gerne | gern | einverstanden | passt | passt so | passt fur mich | in ordnung | geht klar | alles klar | von mir aus | mach das | machen | kein problem | '
      'keine einwande | keine bedenken | spricht nichts dagegen | habe nichts dagegen | nichts dagegen | geht in ordnung | sieht gut aus | gut | alles gut | perfekt | super | stimmt | selbstverstandlich | naturlich | genau | sehr gut | '
      'los | los gehts | auf jeden fall | logo | bin dafur | ich bin dafur | richtig | korrekt | sicher'),
    ('de', 'approve', 'genehmigt | genehmige | genehmigen | ich genehmige | wir genehmigen | freigegeben | freigeben | freigabe | freigabe erteilt | freigabe erfolgt | gebe ... frei | geben ... frei | gib ... frei | stimme ... zu | stimmen ... zu | zugestimmt | zustimmung | '
      'zustimmen | bewilligt | bewillige | abgesegnet | grunes licht | genemigt | genehmight | freigegben | freigegebn | meine zustimmung | meine zustimmung haben sie | meine zustimmung hast du | kann raus | kannst du machen | konnen sie so machen | darf raus'),
    ('de', 'reject', 'abgelehnt | ablehnen | ablehnung | lehne ab | lehne ... ab | lehnen ... ab | lehn ... ab | zuruckgewiesen | weise ... zuruck | zuruckweisen | verweigert | verweigere | nicht genehmigt | nicht einverstanden | auf keinen fall | keinesfalls | '
      'kommt nicht in frage | geht nicht | geht gar nicht | geht so nicht | das geht nicht | nicht freigegeben | untersagt | dagegen | bin dagegen | ich bin dagegen | abgeleht | abgelent | abgelehn | niemals | nie im leben | nicht machen | lass das | lasst das | stoppen | nein danke | vergiss es | auf gar keinen fall | widerspreche | veto'),
    ('de', 'no', 'nein | nee | no | nope | ne | nein nein | negativ'),
    ('de', 'not', 'nicht | kein | keine | keinen | keiner | keinem | keineswegs | nie | ohne | nichts | niemand | weder | kaum | nich | ned | net | gegen'),
    ('de', 'filler', 'frei | ab | zuruck | ich | wir | du | sie | das | die | der | den | dem | des | dies | dieser | diese | diesen | dieses | es | ist | sind | bin | hab | habe | haben | so | fur | mich | mir | uns | meiner | meine | mein | seite | seits | meinerseits | hiermit | '
      'bitte | danke | dank | vielen | vielen dank | besten | hallo | moin | guten | tag | morgen zusammen | guten morgen | guten tag | zusammen | liebe | lieber | grusse | gruss | viele grusse | mit freundlichen grussen | freundlichen | mfg | lg | vg | und | von | zu | zur | zum | auf | in | im | an | auch | '
      'ein | eine | einen | wie | wie besprochen | wie vorgeschlagen | wie angefragt | antrag | anfrage | rechnung | zahlung | bestellung | erstattung | ruckerstattung | betrag | budget | jetzt | heute | sofort | gerne so | nun | dann | mal | ja auch | nach prufung | gepruft | habe gepruft | '
      'sag bescheid wenn | meldet euch wenn | melde dich wenn | melden sie sich wenn | bei fragen | wenn du noch etwas brauchst | falls ihr noch etwas braucht | ohne anderungen | keine fragen | keine anderungen | nichts weiter | kein thema | ware | hat | hatte gern | gute arbeit | als | am | beim | aus | ihr | euch | sehr | alle'),
    ('de', 'but', 'aber | jedoch | allerdings | ausser | sondern | nur'),
    ('de', 'if', 'wenn | falls | sofern | sobald | vorausgesetzt | unter der bedingung | unter vorbehalt | vorbehaltlich | solange | nachdem | bevor | erst wenn | nur wenn | es sei denn | je nachdem | abhangig | hangt davon ab | bis | maximal | hochstens | soweit | erst | ansonsten | sonst'),
    ('de', 'maybe', 'zu viel | zu hoch | zu teuer | fehlt | falsch | vielleicht | eventuell | evtl | moglicherweise | wahrscheinlich | ich glaube | ich denke | glaube | denke | vermutlich | nicht sicher | unsicher | weiss nicht | keine ahnung | wurde | konnte | sollte | durfte | mochte | jein | hm | hmm | mal sehen | schwer zu sagen | naja | na ja | egal | grundsatzlich | im prinzip | eigentlich | teilweise | theoretisch | kann sein | anscheinend | normalerweise | hoffentlich'),
    ('de', 'later', 'spater | warte | warten | moment | einen moment | noch nicht | jetzt nicht | nicht jetzt | morgen | nachste woche | muss noch | ich schaue | schaue mir | schau mir | ich prufe | prufe | prufen | ich frage | klare das | melde mich | brauche noch | brauche | brauchen | benotige | benotigen | mehr infos | mehr informationen | mehr details | bin im meeting | gleich | werde | ich muss | wir mussen | muss erst'),
    ('de', 'ask', 'wer | was | warum | wieso | weshalb | wann | wo | welche | welcher | welches | wie viel | wieviel | wie hoch | kann ich | konnen wir | soll ich | sollen wir | darf ich | kannst du | konnen sie | konntest du | konnten sie | ist das | ist dies | hast du | haben sie | muss ich | wofur | worum | gibt es | wessen'),
    ('de', 'irony', 'ja klar | ja genau | ja ja | jaja | ja sicher | ja ne is klar | ja nee is klar | na toll | na super | na bravo | von wegen | is klar | ist klar | ganz toll | tolle idee | geniale idee | super idee | verbrennt | verbrennen | aus dem fenster | fenster werfen | wer braucht schon | was soll schon schiefgehen | was kann da schon schiefgehen | scherz | witz | witzig | ironie | pleite | traum weiter | traumt weiter | wie immer | hat ja letztes mal | wir habens ja | haben s ja | haben ja genug | geld wachst'),
    ('de', 'third', 'er | hat gesagt | sagt | sagte | rechtsabteilung | chef | chefin | vorgesetzter | buchhaltung | finanzabteilung | jemand | war | wurde ... genehmigt | wurden | wurde genehmigt | wurde freigegeben | worden | laut | gestern | letzte woche | letztes mal | angeblich | ihm | ihn | kollege | kollegin | im auftrag'),
    ('de', 'change', 'andere | andern | setze | setzen | setz | mach | mache | machen sie | reduziere | reduzieren | erhohe | erhohen | senke | senken | korrigiere | korrigieren | anpassen | passe | nimm | nehmen sie | verwende | verwenden | ersetze | geandert | kurze | kurzen'),
    ('de', 'instead', 'statt | anstatt | anstelle von | statt dessen'),
    ('de', 'forward', 'bin ich nicht zustandig | bin nicht ich zustandig | frag | frage | fragen sie | fragt | frag bitte | bitte frag | leite | leiten sie | leite weiter an | weiterleiten an | weiterleiten | bitte an | weiter an | schick | schicke | schicken sie | sprich mit | sprechen sie mit | wende dich an | wenden sie sich an | zustandig ist | zustandig | ist zustandig | nicht zustandig | bin nicht zustandig | '
      'nicht meine entscheidung | nicht mein bereich | falscher ansprechpartner | soll entscheiden | muss entscheiden | entscheidet das | ubertrage an | delegiere an | zuweisen an | weise zu | kummert sich'),
    ('de', 'auto', 'abwesenheitsnotiz | abwesenheit | automatische antwort | automatisch generiert | automatisch erstellt | nicht im buro | nicht im haus | bin abwesend | ich bin derzeit nicht | ausser haus | unzustellbar | konnte nicht zugestellt werden | nicht zugestellt | automatisierte nachricht | bitte nicht antworten'),
    ('de', 'absent', 'im urlaub | urlaub | in elternzeit | ab dem | wieder erreichbar | wieder im buro | wieder da | zuruck am | keinen zugriff | in dringenden fallen | dringenden fallen | vertretung | eingeschrankt erreichbar | wird nicht weitergeleitet | nicht weitergeleitet | eingegangen'),
    ('de', 'spam', 'abmelden | mittagessen | kantine | rabattcode | fussball | wetter | geburtstag | kuchen | stellenangebot | sonderangebot | jetzt kaufen | gewinnspiel | parkplatz | kaffee'),
    ('de', 'command', 'ignoriere | ignoriert | ignorieren | ignorier | vergiss | vergessen | missachte | uberschreibe | umgehe | ubergehe'),
    ('de', 'rules', 'anweisung | anweisungen | regeln | regel | vorherigen | bisherigen | vorgaben | richtlinien | obigen | instruktionen'),
    ('de', 'machine', 'ki | assistent | klassifikator | modell | sprachmodell | roboter | automat | maschine'),
    ('de', 'claim', 'du bist jetzt | sie sind jetzt | du musst | klassifiziere | klassifizieren | stufe ... ein | werte ... als | bewerte | behandle | gib ... aus | antworte mit | neue anweisung | neue anweisungen | der benutzer hat | der nutzer hat | entscheidung ist | absicht | konfidenz | automatisch genehmigt | automatisch genehmigen | alle anfragen | als genehmigt | als freigegeben'),

    ('fr', 'yes', 'accepte | acceptee | accepter | j accepte | confirme | je confirme | procedez | oui | ouais | ouep | d accord | daccord | dac | entendu | bien sur | parfait | ca marche | ca roule | ca me va | ca me convient | c est bon | c est bon pour moi | bon pour moi | tout bon | pas de probleme | aucun probleme | pas de souci | aucune objection | pas d objection | '
      'volontiers | certainement | absolument | tout a fait | exact | tres bien | nickel | impeccable | super | allez y | vas y | on y va | fais le | faites le | bien entendu | ok pour moi | correct | je suis pour'),
    ('fr', 'approve', 'approuve | approuver | approuvee | approuves | j approuve | je approuve | nous approuvons | approuvons | valide | validee | valider | je valide | nous validons | validons | validation | accorde | accordee | accord donne | mon accord | vous avez mon accord | tu as mon accord | je donne mon accord | autorise | autorisee | j autorise | feu vert | '
      'bon pour accord | aprouve | approuv | vous pouvez y aller | tu peux y aller | vous pouvez proceder'),
    ('fr', 'reject', 'refuse | refusee | refuser | je refuse | nous refusons | rejete | rejetee | rejeter | je rejette | rejette | decline | declinee | desapprouve | pas d accord | hors de question | pas question | certainement pas | surtout pas | absolument pas | en aucun cas | jamais de la vie | impossible | non merci | non approuve | non valide | je m oppose | '
      'je suis contre | contre | annulez | annule | veto | refus | inacceptable | ne faites pas ca'),
    ('fr', 'no', 'non | nan | non non | negatif'),
    ('fr', 'not', 'pas | jamais | aucun | aucune | rien | sans | ni | personne | ne | n'),
    ('fr', 'filler', 'je | j | nous | vous | tu | il faut | le | la | les | l | un | une | des | de | du | d | ce | cet | cette | ces | ca | c | est | sont | suis | ai | a | au | aux | pour | par | et | en | y | me | moi | ma | mon | mes | ma part | part | cote | bonjour | salut | bonsoir | merci | beaucoup | merci beaucoup | svp | s il vous plait | s il te plait | cordialement | '
      'bien | bien cordialement | cher | chere | equipe | tous | demande | facture | paiement | commande | remboursement | montant | budget | maintenant | aujourd hui | comme propose | comme prevu | comme convenu | tel quel | que | qui concerne | voila | donc | aussi | apres verification | apres lecture | si besoin | n hesitez pas | n hesite pas | si vous avez des questions | sans modification | sans changement | sans reserve | sans probleme | tres | '
      'bonne journee | pas besoin de plus | rien a ajouter | rien a redire | votre | vos | notre | avec plaisir | plaisir | avec | on | ensemble | midi'),
    ('fr', 'but', 'mais | cependant | toutefois | sauf | neanmoins | par contre'),
    ('fr', 'if', 'si | a condition | sous reserve | pourvu | des que | une fois | lorsque | quand | seulement si | uniquement si | tant que | selon | ca depend | depend | a moins | apres | avant | jusqu a | jusqu | maximum | au maximum | en cas | sinon | uniquement | seulement'),
    ('fr', 'maybe', 'trop | trop cher | par erreur | faux | peut etre | probablement | sans doute | eventuellement | je pense | je crois | je suppose | pas sur | pas sure | pas certain | aucune idee | je ne sais pas | sais pas | je sais pas | bof | hum | hmm | on verra | difficile a dire | pourrait | devrait | pourrais | devrais | faudrait | aimerais | voudrais | en principe | en theorie | theoriquement | normalement | plutot | j hesite | hesite | mouais | partiellement'),
    ('fr', 'later', 'plus tard | attends | attendez | un instant | un moment | pas encore | pas maintenant | demain | la semaine prochaine | je regarde | je verifie | je vais | je dois | je demande | je reviens | laisse moi | laissez moi | besoin de | plus d informations | plus d infos | plus de details | en reunion | j attends | il faut d abord | d abord | tout a l heure | vais | approuverai | validerai'),
    ('fr', 'ask', 'qui | qui est | quoi | pourquoi | ou est | combien | comment | quel | quelle | quels | quelles | est ce que | est ce | puis je | dois je | peux tu | pouvez vous | pourriez vous | peut on | c est quoi | c est qui | qu est ce | qu est | as tu | avez vous | faut il | quand est'),
    ('fr', 'irony', 'mais oui bien sur | oui bien sur et | bien sur et | ben voyons | ben tiens | et puis quoi encore | c est ca | c est ca oui | cause toujours | tu reves | vous revez | quelle bonne idee | quelle idee geniale | genial | geniale | bravo | brulons | bruler | jeter l argent | jetons | par les fenetres | poules auront des dents | blague | rigole | ironie | comme si | comme d habitude | la bonne blague | quelle surprise | on a que ca'),
    ('fr', 'third', 'il | elle | ils | elles | on m a dit | a dit | dit | juridique | service juridique | chef | patron | directeur | directrice | comptabilite | quelqu un | a ete | ete | etait | hier | semaine derniere | d apres | au nom de | lui | leur | collegue'),
    ('fr', 'change', 'change | changez | changer | modifie | modifiez | modifier | mets | mettez | mettre | reduis | reduisez | reduire | augmente | augmentez | corrige | corrigez | corriger | remplace | remplacez | ramene | ramenez | passe | passez | ajuste | ajustez | limite | utilisez | plafonne'),
    ('fr', 'instead', 'au lieu de | plutot que | a la place de'),
    ('fr', 'forward', 'demande a | demandez a | demandez plutot a | demande plutot a | transfere | transferez | transfere a | transferez a | transmettez a | transmets a | voyez avec | vois avec | adressez vous a | adresse toi a | contactez | contacte | parlez a | parle a | envoie a | envoyez a | envoyez ca a | envoyez le a | c est a | '
      'pas de mon ressort | pas ma decision | pas moi qui decide | mauvaise personne | doit decider | decide de ca | s en occupe | est responsable | reassignez a | assignez a | confiez a'),
    ('fr', 'auto', 'reponse automatique | message automatique | absent du bureau | absence du bureau | je suis absent | je suis absente | actuellement absent | actuellement absente | notification d absence | message d absence | ne pas repondre | n a pas pu etre remis | non distribue | genere automatiquement | echec de remise'),
    ('fr', 'absent', 'en conge | en conges | en vacances | conge maternite | de retour le | mon retour | acces limite | en cas d urgence | mon absence | accuse de reception | bien recu votre message | bien recu'),
    ('fr', 'spam', 'desabonner | desinscription | infolettre | dejeuner | dejeune | on dejeune | code promo | foot | meteo | anniversaire | gateau | offre speciale | offre d emploi | cliquez ici | cafe | parking'),
    ('fr', 'command', 'ignorez | ignore | ignorer | oublie | oubliez | contourne | contournez | outrepasse | outrepassez'),
    ('fr', 'rules', 'consignes | consigne | regles | regle | precedentes | precedents | directives | ci dessus'),
    ('fr', 'machine', 'systeme | ia | classificateur | classifieur | modele | machine | automate'),
    ('fr', 'claim', 'tu es maintenant | vous etes maintenant | tu dois | vous devez | classe ce | classez | classifie | considere ce | considerez | considere | traite ce | traitez | reponds | repondez | nouvelle instruction | nouvelles instructions | l utilisateur a | automatiquement | la decision est | intention | confiance | toutes les demandes | comme approuve | comme approuvee | comme valide'),

    ('es', 'yes', 'acepto | aceptado | aceptada | aceptar | confirmo | confirmado | confirmada | procede | proceda | concedido | concedida | conforme con todo | sii | si si | sip | claro | claro que si | por supuesto | de acuerdo | vale | dale | bueno | perfecto | esta bien | todo bien | me parece bien | me parece | sin problema | sin problemas | ningun problema | no hay problema | no hay inconveniente | sin objeciones | no tengo objeciones | ninguna objecion | '
      'correcto | exacto | adelante | hazlo | hagalo | muy bien | bien | conforme | listo | estoy de acuerdo | cuenta con ello | desde luego | genial adelante | venga | orale | sale'),
    ('es', 'approve', 'aprobado | aprobada | apruebo | aprobar | lo apruebo | la apruebo | aprobamos | aprueba | aprobacion | autorizo | autorizado | autorizada | autorizar | doy mi aprobacion | doy el visto bueno | visto bueno | luz verde | tienes mi aprobacion | tiene mi aprobacion | '
      'pueden proceder | puede proceder | puedes proceder | aprovado | aprobdo | apobado | validado | doy mi conformidad'),
    ('es', 'reject', 'rechazado | rechazada | rechazo | lo rechazo | rechazar | rechazamos | denegado | denegada | deniego | denegar | negado | me niego | no estoy de acuerdo | de ninguna manera | ni hablar | para nada | en absoluto | ni loco | ni pensarlo | jamas | desaprobado | desapruebo | no procede | cancelalo | cancelen | declino | me opongo | inaceptable | veto | nunca jamas | '
      'no gracias | en contra | estoy en contra | rechasado | que va'),
    ('es', 'no', 'no | nop | nel | no no | nones | negativo'),
    ('es', 'not', 'nunca | tampoco | ningun | ninguna | sin | ni | nada | nadie'),
    ('es', 'filler', 'yo | lo | la | el | los | las | un | una | de | del | al | a | en | por | para | y | es | esta | este | esto | esa | ese | eso | son | soy | me | mi | mis | nos | parte | por mi parte | de mi parte | hola | buenas | buenos dias | buenas tardes | gracias | muchas | muchas gracias | saludos | cordiales | un saludo | por favor | estimados | estimado | equipo | '
      'solicitud | pedido | factura | pago | reembolso | importe | monto | presupuesto | compra | gasto | ahora | hoy | ya | como esta | como se propone | tal cual | asi | tambien | pues | entonces | que | se | todo | muy | tras revisar | revisado | lo he revisado | si necesitas algo | si necesitan algo | si tienes preguntas | si hay preguntas | cualquier cosa | sin cambios | '
      'no hay cambios | no dudes | no duden | nada mas | buen trabajo | con gusto | con | mucho | gusto | he | ha | por la manana | de la manana | juntos'),
    ('es', 'but', 'pero | sin embargo | excepto | salvo | aunque | sino'),
    ('es', 'if', 'si | siempre que | siempre y cuando | cuando | a menos | solo si | con la condicion | a condicion | en cuanto | una vez | despues | antes | hasta | depende | segun | sujeto a | como maximo | maximo | en caso | mientras | solo | solamente | con tal'),
    ('es', 'maybe', 'demasiado | por error | equivocado | quizas | quiza | tal vez | talvez | probablemente | posiblemente | creo | creo que si | supongo | pienso | no se | no lo se | no estoy seguro | no estoy segura | ni idea | podria | deberia | querria | seria | a lo mejor | puede ser | mmm | hmm | ya veremos | dudo | duda | dudas | dificil decir | mas o menos | en principio | en teoria | normalmente | parcialmente | da igual | ojala'),
    ('es', 'later', 'luego | mas tarde | espera | espere | esperen | un momento | todavia no | aun no | ahora no | no ahora | manana | la proxima semana | dejame | dejenme | voy a | tengo que | lo reviso | lo miro | reviso | necesito | necesitamos | mas informacion | mas detalles | mas datos | en una reunion | te aviso | les aviso | pregunto | preguntare | aprobare | pendiente | hay que | falta'),
    ('es', 'ask', 'quien | quien es | que es | que significa | por que | porque | donde | cual | cuales | cuanto | cuanta | cuantos | como puedo | puedo | debo | podemos | puedes | puede usted | podrias | podria usted | es esto | hay que | para que es | de que | que pasa | es urgente | cuando es'),
    ('es', 'irony', 'si claro | sii claro | claro claro | claro como no | sii como no | si como no | si seguro | sii seguro | aja | aja si | que gran idea | gran idea | excelente idea | brillante | genial idea | quememos | quemar | tirar el dinero | tiremos | por la ventana | vacas vuelen | ranas crien pelo | broma | bromeas | ironia | como siempre | que podria salir mal | que puede salir mal | suena | bravo | nos sobra | como si'),
    ('es', 'third', 'fue aprobado | ha sido aprobado | ellos | ella | dijo | dice | dicen | legal | finanzas | jefe | jefa | gerente | contabilidad | alguien | fue | fueron | ha sido | ayer | la semana pasada | la ultima vez | segun el | en nombre de | le | les | su | companero | juridico | director | directora'),
    ('es', 'change', 'cambia | cambie | cambiar | cambialo | cambien | pon | ponga | poner | ponlo | modifica | modifique | modificar | reduce | reduzca | reducir | aumenta | aumente | aumentar | corrige | corrija | corregir | ajusta | ajuste | ajustar | baja | baje | sube | suba | usa | use | reemplaza | reemplace | dejalo | limita'),
    ('es', 'instead', 'en lugar de | en vez de'),
    ('es', 'forward', 'pregunta a | preguntale a | pregunte a | preguntele a | preguntalo a | pregunten a | preguntenle a | reenvia a | reenvialo a | reenvielo a | reenvie a | habla con | hable con | hablen con | consulta a | consulta con | consulte con | contacta a | contacte a | contacta con | envialo a | envielo a | envia esto a | pasalo a | paselo a | pasaselo a | asignalo a | asigna a | reasigna a | reasignalo a | deriva a | '
      'no me corresponde | no me toca | no es mi decision | no es mi area | persona equivocada | debe decidir | decide eso | le corresponde a | le toca a | se encarga | es responsable'),
    ('es', 'auto', 'respuesta automatica | mensaje automatico | fuera de la oficina | fuera de oficina | estoy ausente | me encuentro ausente | ausente de la oficina | no responder a este | no se pudo entregar | no entregado | generado automaticamente | me encuentro fuera'),
    ('es', 'absent', 'de vacaciones | vacaciones | licencia | regreso el | vuelvo el | volvere | acceso limitado | en caso de urgencia | durante mi ausencia | mi ausencia | hemos recibido su mensaje | recibido su correo | de baja'),
    ('es', 'spam', 'darse de baja | suscripcion | boletin | almuerzo | comemos | codigo de descuento | futbol | el tiempo | cumpleanos | pastel | oferta especial | oferta de empleo | haz clic | cafe | fiesta | estacionamiento'),
    ('es', 'command', 'ignora | ignore | ignorar | olvida | olvide | omite | omita | salta | sobrescribe'),
    ('es', 'rules', 'instrucciones | instruccion | reglas | regla | anteriores | previas | directrices | indicaciones'),
    ('es', 'machine', 'sistema | asistente | clasificador | modelo | maquina | automata'),
    ('es', 'claim', 'ahora eres | eres un | eres una | debes | clasifica | clasifique | clasificar | considera | considere | trata este | interpreta | responde | responda | nueva instruccion | nuevas instrucciones | el usuario ha | el usuario aprobo | automaticamente | la decision es | intencion | confianza | todas las solicitudes | como aprobado | como aprobada | marca como'),

    ('pt', 'yes', 'aceito | aceita | aceitar | confirmo | confirmado | confirmada | prossiga | prossigam | concedido | deferido | sim | sim sim | claro | com certeza | de acordo | concordo | estou de acordo | tudo bem | tudo certo | ta bom | esta bom | ta otimo | beleza | blz | certo | perfeito | pode ser feito | pode sim | sem problema | sem problemas | nenhum problema | nao ha problema | sem objecoes | nenhuma objecao | nao tenho objecoes | combinado | '
      'otimo | muito bem | bom | exato | correto | manda ver | pode fazer | pode mandar | por mim tudo bem | fechado | isso mesmo | valeu | show | joia'),
    ('pt', 'approve', 'aprovado | aprovada | aprovo | aprovar | eu aprovo | aprovamos | aprova | aprovacao | autorizo | autorizado | autorizada | autorizar | pode prosseguir | podem prosseguir | pode seguir | podem seguir | pode seguir em frente | siga em frente | liberado | liberada | libero | '
      'sinal verde | dou meu aval | dou minha aprovacao | tem minha aprovacao | tem o meu aval | aprovdo | aporvado | validado | pode aprovar'),
    ('pt', 'reject', 'rejeitado | rejeitada | rejeito | rejeitar | rejeitamos | recusado | recusada | recuso | recusar | negado | negada | nego | indeferido | discordo | nao concordo | de jeito nenhum | de forma alguma | de maneira nenhuma | nem pensar | reprovado | reprovada | reprovo | desaprovo | sou contra | contra | jamais | cancela | cancele | nao pode | veto | inaceitavel | '
      'nao obrigado | nao obrigada | rejeitdo | reijeitado | me oponho | nem a pau'),
    ('pt', 'no', 'nao | naum | nao nao | negativo'),
    ('pt', 'not', 'nunca | nem | nenhum | nenhuma | sem | nada | ninguem | tampouco'),
    ('pt', 'filler', 'eu | o | os | as | a | um | uma | de | do | da | dos | das | no | na | nos | nas | em | por | para | pra | e | eh | esta | este | isto | isso | essa | esse | sao | sou | me | meu | minha | parte | da minha parte | por mim | ola | oi | bom dia | boa tarde | boa noite | obrigado | obrigada | muito | muito obrigado | muito obrigada | abraco | abracos | atenciosamente | att | por favor | prezados | prezado | equipe | pessoal | '
      'pedido | solicitacao | fatura | pagamento | reembolso | valor | orcamento | compra | despesa | agora | hoje | ja | como esta | como proposto | como combinado | assim | tambem | entao | que | se precisar | se precisarem | qualquer coisa | qualquer duvida | sem alteracoes | sem mudancas | apos revisao | revisado | nada mais | bom trabalho | com prazer | com | foi um prazer | ao | aos | pelo | pela | estou'),
    ('pt', 'but', 'mas | porem | contudo | exceto | entretanto | todavia | embora'),
    ('pt', 'if', 'se | caso | desde que | contanto | quando | assim que | a menos | somente se | apenas se | so se | depois | antes | ate | depende | conforme | sujeito a | com a condicao | no maximo | maximo | enquanto | so | somente | apenas | senao'),
    ('pt', 'maybe', 'demais | por engano | errado | talvez | provavelmente | possivelmente | acho | acho que sim | creio | penso | suponho | nao sei | nao tenho certeza | sei la | nem ideia | nao faco ideia | poderia | deveria | gostaria | seria | pode ser | quem sabe | hum | hmm | vamos ver | veremos | duvido | duvida | duvidas | dificil dizer | mais ou menos | em principio | em teoria | normalmente | parcialmente | tanto faz | tomara'),
    ('pt', 'later', 'mais tarde | espera | espere | aguarde | aguardem | um momento | ainda nao | agora nao | amanha | semana que vem | na proxima semana | deixa eu | deixe me | vou | tenho que | preciso | precisamos | vou ver | vou verificar | mais informacoes | mais detalhes | mais dados | em reuniao | te aviso | aviso | pendente | falta | logo mais'),
    ('pt', 'ask', 'quem | quem e | o que | o que e | por que | porque | onde | qual | quais | quanto | quanta | quantos | como faco | posso | devo | podemos | voce pode | poderia me | e isso | do que | para que | pra que | que isso | ja foi'),
    ('pt', 'irony', 'aham | aham sei | ah ta | ta bom entao | sei sei | ate parece | so que nao | sqn | que otima ideia | otima ideia | que ideia genial | ideia genial | genial | brilhante | queimar | queimem | vamos queimar | jogar dinheiro | jogar o dinheiro | pela janela | vaca tossir | galinha criar dentes | piada | brincadeira | ironia | como sempre | o que poderia dar errado | o que pode dar errado | parabens | dinheiro sobrando | claro claro | conta outra'),
    ('pt', 'third', 'foi aprovado | ja foi aprovado | ele | ela | eles | elas | disse | diz | juridico | financeiro | chefe | gerente | diretor | diretora | contabilidade | alguem | foi | foram | ontem | semana passada | da ultima vez | segundo | em nome de | lhe | seu | colega'),
    ('pt', 'change', 'mude | muda | mudar | altere | altera | alterar | coloque | coloca | colocar | troque | troca | reduza | reduzir | aumente | aumentar | corrija | corrigir | ajuste | ajusta | ajustar | baixe | baixa | deixe | use | usa | substitua | limite'),
    ('pt', 'instead', 'em vez de | ao inves de | no lugar de'),
    ('pt', 'forward', 'pergunte a | pergunte ao | pergunte para | pergunta pra | pergunta para | pergunte pra | encaminhe a | encaminhe ao | encaminhe para | encaminha para | encaminha pra | fale com | fala com | converse com | consulte | consulte a | consulte o | contate | envie para | envia para | manda para | manda pra | mande para | passe para | passa pra | atribua a | atribua ao | reatribua a | repasse para | '
      'nao e comigo | nao cabe a mim | nao e minha decisao | nao e minha area | pessoa errada | deve decidir | tem que decidir | quem decide | cuida disso | e responsavel'),
    ('pt', 'auto', 'resposta automatica | mensagem automatica | fora do escritorio | estou ausente | ausente do escritorio | nao responda a este | nao foi entregue | nao entregue | gerada automaticamente | falha na entrega | ausencia temporaria'),
    ('pt', 'absent', 'de ferias | ferias | licenca | retorno em | retorno no dia | volto em | volto no dia | acesso limitado | em caso de urgencia | minha ausencia | durante minha ausencia | recebemos sua mensagem | recebemos seu email'),
    ('pt', 'spam', 'descadastrar | cancelar inscricao | boletim | almoco | almocar | codigo promocional | cupom | futebol | aniversario | bolo | oferta especial | vaga de emprego | clique aqui | cafe | estacionamento'),
    ('pt', 'command', 'ignore | ignora | ignorar | esqueca | esquece | desconsidere | desconsidera | pule | contorne'),
    ('pt', 'rules', 'instrucoes | instrucao | regras | regra | anteriores | previas | diretrizes | orientacoes'),
    ('pt', 'machine', 'sistema | assistente | classificador | modelo | ia | robo | maquina'),
    ('pt', 'claim', 'agora voce e | voce e um | voce deve | voce agora | classifique | classifica | considere | considera esta | trate esta | interprete | responda | nova instrucao | novas instrucoes | o usuario | automaticamente | a decisao e | intencao | confianca | todos os pedidos | todas as solicitacoes | como aprovado | como aprovada | marque como')
$function$;

create or replace function hil.list_mine (
  workspace_id uuid,
  status       text,
  priority     text,
  channel      text,
  page_size    integer,
  cursor       text,
  with_counts  boolean
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_by jsonb := jsonb_build_object('user', (select auth.uid()), 'email', (
    select lower(u.email) from auth.users u where u.id = (select auth.uid())));
  v_workspaces uuid[];
  v_size int := coalesce(page_size, 50);
  v_items jsonb;
  v_last text;
begin
  if v_size not between 1 and 200 then
    perform platform.fail(422, 'page_size_invalid', 'A page has 1 to 200 interactions', 'Ask for fewer.');
  elsif coalesce(list_mine.status, 'pending') not in ('pending', 'responded', 'timeout', 'error', 'cancelled', 'all')
     or list_mine.priority not in ('low', 'normal', 'high', 'critical')
     or list_mine.channel not in ('slack', 'email', 'webhook', 'in_app')
     or list_mine.cursor !~ '^[0-3]:[0-9a-f-]{36}$' then
    perform platform.fail(422, 'filter_invalid', 'A filter has a value that there is not',
      'status, priority and channel are those of interactions, or status all; cursor is next_cursor of a page.');
  end if;
  if list_mine.workspace_id is not null then
    perform workspaces.require(list_mine.workspace_id, 'viewer');
    v_workspaces := array[list_mine.workspace_id];
  else
    v_workspaces := array(select r from workspaces.readable() r);
  end if;
  with page as (
    select i, hil.urgency(i.priority) as urgency
    from public.human_interactions i
    where i.workspace_id = any (v_workspaces)
      and (list_mine.status = 'all' or i.status = coalesce(list_mine.status, 'pending'))
      and (list_mine.priority is null or i.priority = list_mine.priority)
      and (list_mine.channel is null or i.channel_type = list_mine.channel)
      and (list_mine.cursor is null or (hil.urgency(i.priority), i.id)
        < (split_part(list_mine.cursor, ':', 1)::int, split_part(list_mine.cursor, ':', 2)::uuid))
      and (workspaces.caller_bypasses_rls() or hil.may_decide(i, v_by))
      and i.workflow_id <> all (array(select workflows.deleted()))
    order by hil.urgency(i.priority) desc, i.id desc
    limit v_size + 1
  ),
  numbered as (
    select p.*, row_number() over (order by p.urgency desc, (p.i).id desc) as n from page p
  )
  select coalesce(jsonb_agg(to_jsonb(n.i) order by n.n) filter (where n.n <= v_size), '[]'),
    case when count(*) > v_size
      then max(n.urgency || ':' || (n.i).id) filter (where n.n = v_size) end
  into v_items, v_last
  from numbered n;
  return jsonb_build_object('items', v_items, 'next_cursor', v_last)
    || case when with_counts then jsonb_build_object('counts', (
      select jsonb_build_object(
        'pending', count(*), 'critical', count(*) filter (where i.priority = 'critical'),
        'high', count(*) filter (where i.priority = 'high'),
        'normal', count(*) filter (where i.priority = 'normal'), 'low', count(*) filter (where i.priority = 'low'),
        'due_within_a_day', count(*) filter (where i.timeout_at < engine.now() + interval '1 day'),
        'by_channel', (
          select coalesce(jsonb_object_agg(c.channel_type, c.n), '{}') from (
            select k.channel_type, count(*) as n from public.human_interactions k
            where k.workspace_id = any (v_workspaces) and k.status = 'pending'
              and (workspaces.caller_bypasses_rls() or hil.may_decide(k, v_by))
            group by 1) c))
      from public.human_interactions i
      where i.workspace_id = any (v_workspaces) and i.status = 'pending'
        and (workspaces.caller_bypasses_rls() or hil.may_decide(i, v_by)))) else '{}' end;
end
$function$;

create or replace function hil.log (
  interaction public.human_interactions,
  level       text,
  message     text,
  data        jsonb,
  at          timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, log_category, event_type, level, message, data, node_id, node_type,
    user_friendly_message, display_priority, is_milestone, created_at)
  values (
    interaction.execution_id, interaction.workspace_id, 'BUSINESS', 'workflow_progress', log.level, log.message,
    jsonb_strip_nulls(jsonb_build_object('interaction_id', interaction.id) || coalesce(log.data, '{}')),
    interaction.node_id, 'HUMAN_IN_THE_LOOP.' || upper(interaction.interaction_type),
    log.message, 7, true, log.at);
end
$function$;

create or replace function hil.managed (
  interaction_id uuid
)
  returns public.human_interactions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_interaction public.human_interactions;
begin
  select * into v_interaction from public.human_interactions i
  where i.id = managed.interaction_id and not exists (
    select from public.workflows w where w.id = i.workflow_id and w.deleted_at is not null);
  perform workspaces.require(v_interaction.workspace_id, 'editor', 'interaction', managed.interaction_id);
  v_interaction := hil.hold(v_interaction.id);
  if v_interaction.status <> 'pending' then
    perform hil.refuse(v_interaction.id, jsonb_build_object('result',
      case v_interaction.status when 'timeout' then 'expired' else 'too_late' end));
  elsif v_interaction.timeout_at <= engine.now() then
    perform hil.refuse(v_interaction.id, jsonb '{"result": "expired"}');
  end if;
  return v_interaction;
end
$function$;

create or replace function hil.match (
  response public.hil_responses
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_hints jsonb := response.hints;
  v_slack jsonb := v_hints -> 'slack';
  v_email jsonb := v_hints -> 'email';
  v_sender text := lower(v_email ->> 'from');
  v_by jsonb;
  v_token hil.tokens;
  v_given text := coalesce(v_hints ->> 'token', v_hints #>> '{email,tag}');
  v_found uuid[];
begin
  -- what the provider vouches for
  v_by := jsonb_strip_nulls(case
    when v_slack ? 'user' then jsonb_build_object('slack', v_slack -> 'user', 'channel', v_slack -> 'channel')
    when v_sender is not null then jsonb_build_object('email', v_sender)
    else '{}' end);
  if v_given is not null then
    v_token := hil.of_token(v_given);
    if (select i.workspace_id from public.human_interactions i where i.id = v_token.interaction_id)
        = response.workspace_id then
      -- a mail that was passed on does not make its reader the one who was asked
      return jsonb_build_object('interaction_id', v_token.interaction_id, 'how', 'token',
        'by', case when v_by = '{}' then v_token.assignee else v_by end);
    elsif v_hints ? 'token' then
      return jsonb '{"how": "token", "problem": "There is no such token"}';
    end if;
  end if;
  if v_hints ? 'action' then
    v_found := array(
      select i.id from public.human_interactions i
      where i.id = case when pg_input_is_valid(v_hints #>> '{action,interaction_id}', 'uuid')
          then (v_hints #>> '{action,interaction_id}')::uuid end
        and i.workspace_id = response.workspace_id);
    if cardinality(v_found) = 1 then
      return jsonb_build_object('interaction_id', v_found[1], 'how', 'action', 'by', v_by);
    end if;
    return jsonb '{"how": "action", "problem": "There is no such question"}';
  end if;
  if v_slack ? 'thread_ts' then
    v_found := array(
      select i.id from hil.messages m
      join public.human_interactions i on i.id = m.interaction_id
      where m.workspace_id = response.workspace_id and m.integration_id = response.integration_id
        and m.thread ->> 'channel' = v_slack ->> 'channel'
        and coalesce(m.thread ->> 'team', '') in ('', coalesce(v_slack ->> 'team', ''))
        -- who answers in a thread answers what began it
        and m.external_id = v_slack ->> 'thread_ts'
      group by i.id, i.status
      order by i.status = 'pending' desc, i.id desc);
    if hil.only_one(v_found) is not null then
      return jsonb_build_object('interaction_id', hil.only_one(v_found), 'how', 'thread', 'by', v_by);
    elsif cardinality(v_found) > 0 then
      return jsonb '{"how": "thread", "problem": "Several questions are in this thread"}';
    end if;
  end if;
  if v_email ?| '{in_reply_to,references}' then
    v_found := array(
      -- first, whatever the planner thinks of tables that were empty when it looked
      with m as materialized (
        select m.workspace_id, m.interaction_id, m.channel from hil.messages m
        where m.external_id <> '' and m.external_id = any (array(
          select btrim(r, '<> ') from regexp_split_to_table(coalesce(v_email ->> 'in_reply_to', ''), '\s+') r
          union
          select btrim(r, '<> ') from jsonb_array_elements_text(case jsonb_typeof(v_email -> 'references')
            when 'array' then v_email -> 'references'
            else to_jsonb(regexp_split_to_array(coalesce(v_email ->> 'references', ''), '\s+')) end) r)))
      select i.id from m
      join public.human_interactions i on i.id = m.interaction_id
      where m.workspace_id = response.workspace_id and m.channel = 'email'
      group by i.id, i.status
      order by i.status = 'pending' desc, i.id desc);
    if hil.only_one(v_found) is not null then
      return jsonb_build_object('interaction_id', hil.only_one(v_found), 'how', 'reply', 'by', v_by);
    elsif cardinality(v_found) > 0 then
      return jsonb '{"how": "reply", "problem": "It answers several questions"}';
    end if;
  end if;
  if v_hints ? 'correlation_id' then
    v_found := array(
      select i.id from public.human_interactions i
      where i.workspace_id = response.workspace_id and i.correlation_id = v_hints ->> 'correlation_id'
      order by i.status = 'pending' desc, i.id desc);
    if hil.only_one(v_found) is not null then
      return jsonb_build_object('interaction_id', hil.only_one(v_found), 'how', 'correlation_id', 'by',
        case when v_by = '{}' then hil.endpoint_of(hil.only_one(v_found), response.integration_id) else v_by end);
    end if;
    -- it may be asked yet
    return jsonb_build_object('how', 'correlation_id', 'problem', case
      when cardinality(v_found) > 0 then 'Several questions have this correlation id'
      else 'No question has this correlation id yet' end);
  end if;
  -- anybody can write any sender into a mail: where the provider could tell and it is not his, it proves nothing
  if v_by ?| '{slack,email}' and v_email -> 'authenticated' is distinct from 'false' then
    v_found := array(
      select i.id from public.human_interactions i
      where i.workspace_id = response.workspace_id and i.status = 'pending'
        and (i.assignees @> jsonb_build_array(v_by - 'channel')
          or exists (
            select from hil.messages m
            where m.workspace_id = i.workspace_id and m.interaction_id = i.id
              and lower(m.recipient) = coalesce(v_sender, lower(v_by ->> 'slack'))
              and m.channel = case when v_sender is null then 'slack' else 'email' end))
      limit 2);
    if cardinality(v_found) = 1 then
      return jsonb_build_object('interaction_id', v_found[1], 'how', 'sender', 'by', v_by);
    elsif cardinality(v_found) > 1 then
      return jsonb '{"how": "sender", "problem": "Its sender has several questions to answer"}';
    end if;
  end if;
  return jsonb '{"problem": "Nothing says which question it answers"}';
end
$function$;

create or replace function hil.match_again (
  response_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_response public.hil_responses;
  v_found uuid;
begin
  select * into v_response from public.hil_responses r
  where r.id = match_again.response_id and r.status = 'unmatched'
  for update skip locked;
  v_found := (hil.match(v_response) ->> 'interaction_id')::uuid;
  if v_found is null then
    return;
  end if;
  perform from public.workflow_executions e
  where e.id = (select i.execution_id from public.human_interactions i where i.id = v_found)
  for no key update skip locked;
  if found then
    perform hil.process(v_response.id);
  end if;
end
$function$;

create or replace function hil.may_decide (
  interaction public.human_interactions,
  by          jsonb
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_rank int := coalesce((
    select workspaces.rank(m.role) from public.workspace_members m
    where m.workspace_id = interaction.workspace_id and m.user_id::text = by ->> 'user'), 0);
  v_escalation jsonb := case when interaction.escalated_at is not null
    then interaction.request_data -> 'escalation' end;
begin
  return by ? 'service'
    or interaction.assignees = '[]' and v_rank >= workspaces.rank('editor')
    or exists (
      select from jsonb_array_elements(
        interaction.assignees || coalesce(nullif(v_escalation -> 'assignees', 'null'), '[]')) a
      where v_rank > 0 and a ->> 'user' = by ->> 'user'
        or v_rank >= greatest(workspaces.rank(a ->> 'role'), workspaces.rank('editor')) and a ? 'role'
        or lower(a ->> 'email') = lower(by ->> 'email')
        or a ->> 'slack' in (by ->> 'slack', by ->> 'channel'))
    or interaction.assignees = '[]'
      and hil.is_addressed(interaction.channel_type, interaction.request_data ->> 'to', by)
    or v_escalation is not null and coalesce(nullif(v_escalation -> 'assignees', 'null'), '[]') = '[]'
      and hil.is_addressed(coalesce(v_escalation ->> 'channel', interaction.channel_type), v_escalation ->> 'to', by);
end
$function$;

create or replace function hil.new_token (
  interaction public.human_interactions,
  assignee    jsonb
)
  returns text
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  c_alphabet constant text := 'abcdefghijklmnopqrstuvwxyz234567';
  v_bits bit varying := ('x' || encode(sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex')
    )::bit(256) || B'0000';
  v_token text := '';
begin
  for i in 0 .. 51 loop
    v_token := v_token || substr(c_alphabet, 1 + substring(v_bits from i * 5 + 1 for 5)::bit(5)::int, 1);
  end loop;
  insert into hil.tokens (token_hash, interaction_id, assignee, expires_at)
  values (hil.hash_of(v_token), interaction.id, new_token.assignee, interaction.timeout_at);
  return v_token;
end
$function$;

create or replace function hil.next_due (
  interaction public.human_interactions
)
  returns timestamp with time zone
  language sql
  stable
  set search_path to ''
  as $function$
  select least(
    interaction.timeout_at,
    (select min(interaction.created_at + make_interval(secs => s::float8))
     from jsonb_array_elements_text(coalesce(interaction.request_data -> 'reminders', '[]')) s
     where interaction.created_at + make_interval(secs => s::float8)
       > coalesce(interaction.reminded_at, interaction.created_at)),
    case when interaction.escalated_at is null then interaction.created_at
      + make_interval(secs => (interaction.request_data #>> '{escalation,after_seconds}')::float8) end)
$function$;

create or replace function hil.nudge (
  interaction public.human_interactions,
  at          timestamp with time zone
)
  returns public.human_interactions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_escalation jsonb := nullif(interaction.request_data -> 'escalation', 'null');
  v_escalates boolean := interaction.escalated_at is null and v_escalation is not null
    and interaction.created_at + make_interval(secs => (v_escalation ->> 'after_seconds')::float8) <= at;
  v_reminds boolean := exists (
    select from jsonb_array_elements_text(coalesce(interaction.request_data -> 'reminders', '[]')) s
    where interaction.created_at + make_interval(secs => s::float8)
      between coalesce(interaction.reminded_at, interaction.created_at) + interval '1 microsecond' and at);
begin
  if not v_escalates and not v_reminds then
    return interaction;
  end if;
  update public.human_interactions i
  set reminded_at = case when v_reminds then at else i.reminded_at end,
    escalated_at = case when v_escalates then at else i.escalated_at end
  where i.id = interaction.id
  returning i.* into interaction;
  if v_reminds then
    perform hil.write_messages(interaction, 'reminder', interaction.channel_type,
      interaction.request_data ->> 'to', interaction.assignees, at);
    perform hil.log(interaction, 'INFO', 'Reminded', null, at);
  end if;
  if v_escalates then
    perform hil.write_messages(interaction, 'escalation',
      coalesce(v_escalation ->> 'channel', interaction.channel_type), v_escalation ->> 'to',
      coalesce(nullif(v_escalation -> 'assignees', 'null'), '[]'), at);
    perform hil.log(interaction, 'WARNING',
      'Nobody answered yet: asked ' || coalesce(v_escalation ->> 'to', 'others'), null, at);
  end if;
  perform hil.broadcast(interaction);
  return interaction;
end
$function$;

create or replace function hil.of_token (
  token text
)
  returns hil.tokens
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select t from hil.tokens t where t.token_hash = hil.hash_of(of_token.token)
$function$;

create or replace function hil.only_one (
  interaction_ids uuid[]
)
  returns uuid
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  if cardinality(only_one.interaction_ids) < 2 then
    return only_one.interaction_ids[1];
  end if;
  return (
    select case when count(*) = 1 then (array_agg(i.id))[1] end
    from public.human_interactions i where i.id = any (only_one.interaction_ids) and i.status = 'pending');
end
$function$;

create or replace function hil.output_of (
  interaction  public.human_interactions,
  outcome      text,
  data         jsonb,
  comment      text,
  responded_by jsonb,
  at           timestamp with time zone
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  return jsonb_build_object(
      'outcome', output_of.outcome, 'data', output_of.data, 'comment', output_of.comment,
      'responded_by', output_of.responded_by, 'responded_at', output_of.at, 'interaction_id', interaction.id,
      'responses', coalesce((
        select jsonb_agg(jsonb_build_object('outcome', r.outcome, 'data', r.data, 'comment', r.comment,
          'responded_by', r.responded_by, 'responded_at', r.processed_at, 'channel', r.source_channel)
          order by r.processed_at, r.id)
        from public.hil_responses r
        where r.matched_interaction_id = interaction.id and r.outcome is not null), '[]'));
end
$function$;

create or replace function hil.own_words (
  text text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_text text := replace(normalize(left(text, 8000), nfkc), E'\r', '');
  v_unquoted text;
begin
  -- most replies are a few plain words
  if v_text ~ '^[[:alnum:] .,!?;]*$' then
    return btrim(v_text);
  end if;
  v_text := regexp_replace(v_text, '[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]', '', 'g');
  if v_text ~ '<' then
    v_text := regexp_replace(v_text, '<mailto:([^|>\s]+)[^>]*>', '\1', 'gi');
    v_text := regexp_replace(v_text, '<@([A-Z0-9]+)[^>]*>', '@\1', 'g');
    v_text := regexp_replace(v_text, '<!--.*?-->|<(style|script|blockquote)\M.*?</\1>|<[a-z/!][^>@]*>', ' ', 'gi');
  end if;
  if v_text ~ '[>:_-]' then
    v_unquoted := regexp_replace(v_text, '(^|\n)[ \t]*>[^\n]*', '\1', 'g');
    -- an answer may stand below what it quotes, but not below history that nothing marks
    v_text := regexp_replace(v_unquoted,
      '(^|\n)[ \t]*(On|Am|Le|El|Em)\s[^\n]{4,120}(\n[^\n]{0,80})?(wrote|schrieb|a écrit|escribió|escreveu)[^\n]{0,60}:'
      || case when v_unquoted = v_text then '.*' else '' end, '\1');
    v_text := regexp_replace(v_text,
      '(^|\n)[ \t]*(-{3,}|_{5,}|(From|Von|De|Sent|Gesendet|Envoyé|Enviado)[ \t]?:[^\n]*\n|--[ \t]*\n).*$', '');
  end if;
  -- what follows a screenful of nothing was not meant to be seen
  v_text := regexp_replace(v_text, '(\s*\n){8,}.*$', '');
  return btrim(regexp_replace(v_text,
    '\n[ \t]*((Sent|Get Outlook|Gesendet|Envoyé|Enviado) (from|for|von|de|do|desde|depuis)\M|((best|kind|warm) )?regards\M|best,|cheers,|mit freundlichen|(viele |liebe |beste )gr(ü|ue)(ß|ss)e|mfg\M|'
    'cordialement|bien à vous|(un |cordiales )?saludos?\M|atenciosamente|abraços?\M)[^\n]{0,60}(\n.{0,200})?$', '', 'i'), E' \n\t');
end
$function$;

create or replace function hil.process (
  response_id uuid,
  held        public.human_interactions default null::public.human_interactions
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_response public.hil_responses;
  v_match jsonb;
  v_interaction public.human_interactions;
  v_said jsonb;
  v_understood jsonb;
  v_result jsonb;
  v_error jsonb;
  v_by jsonb;
  v_status text;
  v_now timestamptz := engine.now();
  v_given text;
begin
  select * into v_response from public.hil_responses r where r.id = process.response_id;
  v_match := hil.match(v_response);
  select * into v_interaction from public.human_interactions i where i.id = (v_match ->> 'interaction_id')::uuid;
  if v_interaction.id is null or held.id is not null and held.id <> v_interaction.id then
    update public.hil_responses r
    set status = 'unmatched', processed_at = v_now,
      responder = case when v_match ? 'by' then hil.key_of(v_match -> 'by') end,
      error = jsonb_build_object('code', 'unmatched', 'message', v_match ->> 'problem')
    where r.id = v_response.id;
    return jsonb_build_object('status', 'unmatched', 'code', 'unmatched', 'message', v_match ->> 'problem');
  end if;
  v_by := hil.identify(v_interaction.workspace_id, v_match -> 'by') || (v_match -> 'by');
  if coalesce(v_response.hints ->> 'text', '') <> '' and v_response.hints ->> 'decision' is null
     and not v_response.hints ? 'action' then
    v_said := hil.classify(v_response.hints ->> 'text',
      hil.circumstances(v_interaction, v_response, v_match ->> 'how', hil.may_decide(v_interaction, v_by)));
  end if;
  v_understood := hil.understand(v_interaction, v_response.hints, v_said);
  update public.hil_responses r
  set workflow_id = v_interaction.workflow_id, classification = v_said,
    ai_relevance_score = round(least(greatest((v_said ->> 'relevance_score')::numeric, 0), 1), 2),
    ai_reasoning = left(v_said ->> 'reasoning', 4000)
  where r.id = v_response.id;
  if v_understood ? 'none' then
    v_status := case when v_understood ->> 'intent' in ('auto_reply', 'unrelated')
      then 'filtered_out' else 'matched' end;
    update public.hil_responses r
    set status = v_status, processed_at = v_now, matched_interaction_id = v_interaction.id,
      responder = hil.key_of(v_by), responded_by = v_by, comment = left(v_response.hints ->> 'text', 10000),
      error = jsonb_build_object(
        'code', coalesce(v_understood ->> 'intent', 'unclear'), 'message', v_understood ->> 'none')
    where r.id = v_response.id;
    return jsonb_build_object('status', v_status, 'interaction_id', v_interaction.id, 'outcome', null,
      'code', coalesce(v_understood ->> 'intent', 'unclear'), 'intent', v_said -> 'intent',
      'message', v_understood ->> 'none');
  end if;
  if held.id is not null then
    v_result := hil.count_answer(v_interaction, v_response.id, v_by, v_understood ->> 'decision',
      v_understood -> 'data', v_understood ->> 'comment', v_now);
  else
    v_given := case when v_match ->> 'how' = 'token'
      then coalesce(v_response.hints ->> 'token', v_response.hints #>> '{email,tag}') end;
    v_interaction := hil.hold(v_interaction.id);
    -- the token of a reply address takes many mails, but none once others are asked
    if v_given is not null and v_interaction.status = 'pending'
       and (hil.of_token(v_given)).revoked_at is not null then
      v_error := jsonb '{"code": "interaction_reassigned", "message": "Others have been asked instead"}';
      update public.hil_responses r
      set status = 'error', processed_at = v_now, matched_interaction_id = v_interaction.id, responded_by = v_by,
        error = v_error
      where r.id = v_response.id;
      return jsonb_build_object('status', 'error', 'interaction_id', v_interaction.id,
        'message', v_error ->> 'message', 'code', v_error ->> 'code');
    end if;
    v_result := hil.decide(v_interaction.id, v_response.id, v_by, v_understood ->> 'decision',
      v_understood -> 'data', v_understood ->> 'comment');
    if v_given is not null and v_result ->> 'result' in ('decided', 'recorded') then
      perform hil.use_token(v_given, v_now);
    end if;
  end if;
  select * into v_interaction from public.human_interactions i where i.id = v_interaction.id;
  select r.status, r.error into v_status, v_error from public.hil_responses r where r.id = v_response.id;
  return jsonb_build_object(
    'status', v_status, 'result', v_result ->> 'result', 'interaction_id', v_interaction.id,
    'outcome', v_interaction.outcome, 'decided_by', v_interaction.responded_by,
    'responded_at', v_interaction.responded_at, 'votes', v_result -> 'votes', 'quorum', v_interaction.quorum,
    'code', v_error -> 'code', 'problems', v_result -> 'problems',
    'message', coalesce(v_error ->> 'message', case v_result ->> 'result'
      when 'decided' then 'The workflow goes on' else 'It is counted; others have to agree' end));
end
$function$;

create or replace function hil.read_decision (
  interaction public.human_interactions,
  decision    text,
  data        jsonb,
  comment     text
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_type text := interaction.interaction_type;
  v_asked jsonb := interaction.request_data -> 'data';
  v_data jsonb := nullif(data, 'null');
  v_allowed text[] := case v_type
    when 'approval' then '{approve,reject}'
    when 'review' then array(select jsonb_array_elements_text(
      coalesce(interaction.request_data -> 'allow', '["accept", "edit", "respond", "ignore"]')))
    else '{answer,reject}' end;
  v_decision text := case
    when v_type = 'approval' and decision = 'accept' then 'approve'
    when v_type = 'approval' and decision = 'edit' then 'approve'
    when v_type = 'review' and decision = 'approve' then case when v_data is null then 'accept' else 'edit' end
    when v_type = 'review' and decision = 'reject' then 'ignore'
    else decision end;
  v_problems jsonb := jsonb '[]';
  v_values jsonb;
begin
  if v_decision is null or v_decision <> all (v_allowed) then
    return jsonb_build_object('problems', jsonb_build_array(jsonb_build_object('code', 'decision_not_allowed',
      'message', format('decision is one of %s', array_to_string(v_allowed, ', ')), 'path', '$.decision')));
  elsif pg_column_size(v_data) > 262144 or length(comment) > 10000 then
    v_problems := v_problems || jsonb '{"code": "answer_too_large",
      "message": "data has at most 256 KiB, a comment 10000 characters", "path": "$.data"}';
  elsif v_decision = 'edit' and v_data is null then
    v_problems := v_problems || jsonb '{"code": "data_missing",
      "message": "data has what was edited", "path": "$.data"}';
  elsif v_decision = 'respond' and coalesce(comment, '') = '' and v_data is null then
    v_problems := v_problems || jsonb '{"code": "data_missing",
      "message": "comment says what to answer", "path": "$.comment"}';
  elsif v_decision = 'answer' and v_type = 'selection' then
    v_values := case when jsonb_typeof(v_data) = 'array' then v_data else jsonb_build_array(v_data) end;
    if v_data is null or v_values = '[]' then
      v_problems := v_problems || jsonb '{"code": "data_missing",
        "message": "data is what was selected", "path": "$.data"}';
    elsif coalesce(interaction.request_data -> 'multiple', 'false') <> 'true' and jsonb_array_length(v_values) > 1 then
      v_problems := v_problems || jsonb '{"code": "parameter_value",
        "message": "one value can be selected", "path": "$.data"}';
    elsif exists (
        select from jsonb_array_elements(v_values) v
        where not exists (
          select from jsonb_array_elements(interaction.request_data -> 'options') o where o -> 'value' = v)) then
      v_problems := v_problems || jsonb_build_object('code', 'parameter_value', 'path', '$.data',
        'message', format('is none of %s', (
          select string_agg(o ->> 'value', ', ') from jsonb_array_elements(interaction.request_data -> 'options') o)));
    end if;
    v_data := case when interaction.request_data -> 'multiple' = 'true' then v_values else v_values -> 0 end;
  elsif v_decision = 'answer' then
    begin
      select coalesce(jsonb_agg(jsonb_build_object('code', p ->> 'code', 'message', p ->> 'message',
        'path', workflows.path_of('$.data', array(select jsonb_array_elements_text(p -> 'at'))))), '[]')
      into v_problems
      from jsonb_array_elements(workflows.schema_problems(
        coalesce(nullif(interaction.request_data -> 'schema', 'null'), '{}'), coalesce(v_data, 'null'), false)) p;
    exception when others then
      -- the form's schema is its author's: one that cannot be read checks nothing
      v_problems := jsonb '[]';
    end;
  end if;
  if v_problems <> '[]' then
    return jsonb_build_object('problems', v_problems);
  end if;
  return jsonb_build_object(
    'outcome', case
      when v_decision in ('approve', 'accept', 'edit') then 'approved'
      when v_decision in ('reject', 'ignore') then 'rejected'
      else 'answered' end,
    'data', case when v_decision in ('reject', 'ignore') then coalesce(v_data, v_asked)
      when v_decision = 'accept' then v_asked
      when v_decision = 'respond' then coalesce(v_data, to_jsonb(comment))
      else coalesce(v_data, v_asked) end);
end
$function$;

create or replace function hil.read_edits (
  raw    text[],
  folded text[],
  quotes text[],
  data   jsonb,
  fields jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_edits jsonb := jsonb '{}';
  v_names jsonb := hil.field_names(data, fields);
  v_words constant text[] :=
    '{to,is,be,as,at,of,the,should,must,=,only,auf,zu,ist,sein,soll,sollte,als,a,au,est,doit,etre,en,es,de,para,por,sea,ser,seja,e,il,le,la,el,o,and,field,value,just,with,it,instead}'::text[];
  v_from constant text[] := '{from,von,depuis,desde}'::text[];
  v_numbered constant text[] := '{request,order,invoice,case,ticket,number,item,option,bestellung,rechnung,antrag,nummer,commande,demande,facture,numero,pedido,factura,solicitud,fatura,solicitacao}'::text[];
  v_numbers text[];
  v_named boolean := false;
  v_quote int := 0;
  v_last int := cardinality(folded);
  v_key text;
  v_at int;
  v_number numeric;
  v_value text;
  v_i int := 1;
begin
  v_numbers := array(
    select d.key from jsonb_each(case jsonb_typeof(data) when 'object' then data else '{}' end) d
    where jsonb_typeof(d.value) = 'number');
  while v_i <= v_last loop
    v_quote := v_quote + (folded[v_i] = 'quotedtext')::int;
    v_key := null;
    for v_length in reverse 3 .. 1 loop
      v_key := v_names ->> array_to_string(folded[v_i:v_i + v_length - 1], ' ');
      if v_key is not null and v_i + v_length - 1 <= v_last then
        v_at := v_i + v_length;
        exit;
      end if;
    end loop;
    if v_key is null then
      v_i := v_i + 1;
      continue;
    end if;
    v_named := true;
    if folded[v_at] = any (v_from) and hil.read_number(raw[v_at + 1]) is not null then
      v_at := v_at + 2;
    end if;
    while folded[v_at] = any (v_words) loop
      v_at := v_at + 1;
    end loop;
    v_i := greatest(v_at, v_i + 1);
    case jsonb_typeof(data -> v_key)
      when 'number' then
        v_number := hil.read_number(raw[v_at]);
        if v_number is null and v_at > 3 then
          -- 40 as the amount
          select hil.read_number(raw[p]) into v_number
          from generate_series(v_at - 1, greatest(v_at - 5, 1), -1) p
          where hil.read_number(raw[p]) is not null
          limit 1;
        end if;
        if v_number is not null and v_number <> (data ->> v_key)::numeric then
          v_edits := v_edits || jsonb_build_object(v_key, v_number);
        end if;
      when 'boolean' then
        if folded[v_at] = any ('{true,yes,on,ja,wahr,oui,vrai,sii,sim,verdadero,verdadeiro}') then
          v_edits := v_edits || jsonb_build_object(v_key, true);
        elsif folded[v_at] = any ('{false,no,off,nein,falsch,non,faux,nao,falso}') then
          v_edits := v_edits || jsonb_build_object(v_key, false);
        end if;
      else
        if folded[v_at] = 'quotedtext' then
          v_value := quotes[v_quote + 1];
        elsif data ->> v_key !~ '\s' then
          v_value := raw[v_at];
        else
          select string_agg(w.word, ' ' order by w.place) into v_value
          from unnest(raw[v_at:v_at + 7]) with ordinality w (word, place)
          where not exists (
            select from unnest(folded[v_at:v_at + 7]) with ordinality e (word, place)
            where e.place <= w.place and e.word = any ('{",",|,|?,and,und,et,y,then,please,bitte,instead,statt}'));
        end if;
        if v_value <> '' and v_value <> data ->> v_key then
          v_edits := v_edits || jsonb_build_object(v_key, btrim(v_value, ' .!"'''));
        end if;
    end case;
  end loop;
  -- the number of an order is no amount
  if not v_named and cardinality(v_numbers) = 1 and not folded && v_numbered then
    -- the number before "instead of" is the new one, and so is the last without it
    select n.number into v_number
    from (
      select hil.read_number(w.word) as number, w.place from unnest(raw) with ordinality w (word, place)
    ) n
    where n.number is not null
      and n.place < coalesce(
        array_position(folded, 'instead'), array_position(folded, 'statt'), array_position(folded, 'lieu'),
        array_position(folded, 'lugar'), array_position(folded, 'vez'), array_position(folded, 'inves'), 1000)
    order by n.place desc
    limit 1;
    if v_number <> (data ->> v_numbers[1])::numeric then
      v_edits := jsonb_build_object(v_numbers[1], v_number);
    end if;
  end if;
  return v_edits;
end
$function$;

create or replace function hil.read_number (
  word text
)
  returns numeric
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_match text[] := regexp_match(word, '^[€$£]?(-?\d[\d.,]{0,17})(k?)(?:€|\$|£|%|eur|usd|gbp|brl)?$', 'i');
  v_digits text := rtrim(v_match[1], '.,');
begin
  if v_digits is null then
    return null;
  end if;
  v_digits := case
    when v_digits ~ '^-?\d{1,3}(,\d{3})+(\.\d+)?$' then replace(v_digits, ',', '')
    when v_digits ~ '^-?\d{1,3}(\.\d{3})+(,\d+)?$' then replace(replace(v_digits, '.', ''), ',', '.')
    when v_digits ~ '^-?\d+,\d+$' then replace(v_digits, ',', '.')
    when v_digits ~ '^-?\d+(\.\d+)?$' then v_digits
  end;
  return v_digits::numeric * case when v_match[2] = '' then 1 else 1000 end;
end
$function$;

create or replace function hil.read_reply (
  text     text,
  own      text,
  context  jsonb,
  settings jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_lexicon constant jsonb := hil.lexicon();
  v_languages constant text[] := '{en,de,fr,es,pt}'::text[];
  v_type constant text := coalesce(upper(context ->> 'type'), 'APPROVAL');
  v_spaced text := hil.spaced_words(own);
  v_raw text[];
  v_words text[];
  v_quotes text[] := '{}'::text[];
  v_count int;
  v_topic text[];
  v_language text;
  v_scores real[] := '{0,0,0,0,0}'::real[];
  v_entries jsonb[];
  v_entry jsonb;
  v_kind text;
  v_word text;
  v_length int;
  v_langs int;
  v_phrase text;
  v_longest int;
  v_i int := 1;
  v_best real := 0;
  -- of the clause
  c_words int := 0; c_known int := 0; c_yes int := 0; c_approve int := 0; c_reject int := 0; c_no int := 0; c_not int := 0;
  c_third int := 0; c_reported boolean := false; c_cover numeric;
  -- of the sentence
  s_from int := 1; s_words int := 0; s_known int := 0; s_first text; s_for numeric := 0; s_for_cover numeric; s_against numeric := 0;
  s_against_cover numeric; s_flags text[] := '{}'::text[]; s_change boolean := false; s_forward int; s_content int := 0; s_number boolean := false;
  s_is_question boolean;
  -- of the reply: strength of the words for and against (1 weak, 2 strong), and how well understood
  r_for numeric := 0; r_for_cover numeric := 0; r_for_length int; r_for_unknown int := 0; r_for_sentence int; r_for_to int; r_against numeric := 0;
  r_against_cover numeric := 0; r_questions int := 0; r_sentences int := 0; r_words int := 0; r_known int := 0; r_change int; r_change_to int;
  r_forward int; r_forward_sentence int;
  v_flags text[] := '{}'::text[]; v_command int := 0; v_rules int := 0; v_machine int := 0; v_claim int := 0; v_auto int := 0; v_absent int := 0;
  v_spam int := 0;
  v_previous_unknown boolean := false;
  v_first_injection int;
  v_injection boolean; v_crafted constant boolean := hil.is_crafted(left(text, 8000)); v_total int;
  v_edits jsonb := jsonb '{}'; v_target text; v_answer jsonb; v_matches int; v_joined text;
  v_intent text; v_confidence numeric; v_why text; v_topics numeric; v_content int; v_decision numeric := 0;
begin
  if v_spaced ~ 'quotedtext' then
    v_quotes := array(
      select coalesce(m[1], m[2]) from regexp_matches(translate(own, '’‘“”„«»`', '''''""""""'),
        '"([^"]{1,250})"|(?<![[:alnum:]])''([^''\n]{1,250})''(?![[:alnum:]])', 'g') m);
  end if;
  v_raw := (string_to_array(v_spaced, ' '))[1:(settings ->> 'words_read')::int];
  v_words := (string_to_array(hil.folded(v_spaced), ' '))[1:(settings ->> 'words_read')::int];
  v_count := coalesce(cardinality(v_words), 0);
  v_total := cardinality(string_to_array(v_spaced, ' '));
  v_topic := string_to_array(translate(hil.folded(left(context ->> 'question', 2000)), '.,;:!?()"''-', '           '), ' ');

  select array_agg(v_lexicon -> left(w.word, 2) -> w.word order by w.place) into v_entries
  from unnest(v_words) with ordinality w (word, place);

  -- which language: each word counts for those that know it, less where many do
  for i in 1 .. least(v_count, 60) loop
    v_entry := v_entries[i];
    continue when v_entry is null;
    v_langs := (v_entry ? 'en')::int + (v_entry ? 'de')::int + (v_entry ? 'fr')::int + (v_entry ? 'es')::int + (v_entry ? 'pt')::int;
    continue when v_langs = 0;
    for l in 1 .. 5 loop
      if v_entry ? v_languages[l] then
        v_scores[l] := v_scores[l] + 1::real / v_langs;
      end if;
    end loop;
  end loop;
  for l in 1 .. 5 loop
    if v_scores[l] > v_best or v_scores[l] = v_best and v_best > 0 and v_languages[l] = left(context ->> 'language', 2) then
      v_best := v_scores[l];
      v_language := v_languages[l];
    end if;
  end loop;

  while v_i <= v_count + 1 loop
    v_word := coalesce(v_words[v_i], '|');
    v_length := 1;
    v_kind := null;
    if v_word not in ('|', '|?', ',') then
      v_entry := v_entries[v_i];
      if v_entry is null and v_word ~ '(.)\1' then
        -- yesss, nooo
        v_phrase := regexp_replace(v_word, '(.)\1+', '\1', 'g');
        v_entry := v_lexicon -> left(v_phrase, 2) -> v_phrase;
        if v_entry is null then
          v_phrase := regexp_replace(v_word, '(.)\1{2,}', '\1\1', 'g');
          v_entry := v_lexicon -> left(v_phrase, 2) -> v_phrase;
        end if;
      end if;
      if v_entry is not null then
        v_kind := coalesce(v_entry ->> v_language, v_entry ->> '*');
        v_longest := coalesce(least((v_entry -> 'n' ->> v_words[v_i + 1])::int, v_count - v_i + 1), 1);
        v_phrase := v_word;
        for n in 2 .. v_longest loop
          v_phrase := v_phrase || ' ' || v_words[v_i + n - 1];
          v_entry := v_lexicon -> left(v_phrase, 2) -> v_phrase;
          if v_entry ? '*' then
            v_kind := coalesce(v_entry ->> v_language, v_entry ->> '*');
            v_length := n;
          end if;
        end loop;
        if v_length = 1 and v_entries[v_i] ? 'ends' then
          -- gebe ... frei
          for n in 1 .. 8 loop
            exit when coalesce(v_words[v_i + n], '|') in ('|', '|?', ',');
            if v_entries[v_i] -> 'ends' ? v_words[v_i + n] then
              v_kind := v_entries[v_i] -> 'ends' ->> v_words[v_i + n];
              exit;
            end if;
          end loop;
        end if;
      end if;
      if v_kind is null or v_kind = 'machine' then
        if v_word = any (v_topic) then
          v_kind := 'filler';
        elsif v_word ~ '\d' and hil.read_number(v_raw[v_i]) is not null then
          v_kind := 'number';
        end if;
      end if;
    end if;

    if v_word in ('|', '|?', ',') or v_kind = 'but' then
      c_cover := case when c_words = 0 then 1 else c_known::numeric / c_words end;
      if c_approve > 0 and c_reject > 0 then
        s_flags := s_flags || '{contradiction}'::text[];
      elsif c_approve > 0 and (c_not > 0 or c_no > 0) then
        if c_yes > 0 or c_not + c_no > 1 and v_language in ('en', 'de') then
          s_flags := s_flags || '{negation}'::text[];
        else
          s_against := 2;
          s_against_cover := greatest(c_cover, 0.75);
        end if;
      elsif c_approve > 0 and (c_third > 0 or c_reported) then
        s_flags := s_flags || '{reported}'::text[];
      elsif c_approve > 0 then
        s_for := 2;
        s_for_cover := greatest(s_for_cover, c_cover);
      elsif c_reject > 0 and c_not > 0 then
        s_flags := s_flags || '{negation}'::text[];
      elsif c_reject > 0 and c_third > 0 then
        s_flags := s_flags || '{reported}'::text[];
      elsif c_reject > 0 then
        s_against := 2;
        s_against_cover := greatest(s_against_cover, c_cover, 0.7);
      elsif c_yes > 0 and c_not > 0 then
        s_against := greatest(s_against, 1);
        s_against_cover := greatest(s_against_cover, c_cover);
      elsif c_yes > 0 and c_no > 0 then
        s_flags := s_flags || '{contradiction}'::text[];
      elsif c_yes > 0 and (s_for = 0 or c_cover >= 0.6) and not (s_against = 2 and c_cover < 1) then
        s_for := greatest(s_for, 1);
        s_for_cover := coalesce(s_for_cover, c_cover);
      elsif c_no > 0 and c_cover >= 0.5 then
        s_against := greatest(s_against, 1);
        s_against_cover := greatest(s_against_cover, c_cover);
      elsif c_not > 0 or c_no > 0 then
        s_flags := s_flags || '{not}'::text[];
      end if;
      if v_kind = 'but' then
        s_flags := s_flags || case when s_for > 0 then 'but' else 'but_first' end;
        s_content := 0;
        s_first := coalesce(s_first, 'but');
        s_known := s_known + 1;
        s_words := s_words + 1;
      end if;
      c_words := 0; c_known := 0; c_yes := 0; c_approve := 0; c_reject := 0; c_no := 0; c_not := 0; c_third := 0; c_reported := false;
      v_previous_unknown := false;

      if v_word in ('|', '|?') then
        if s_words > 0 then
          s_is_question := v_word = '|?' or s_first = 'ask';
          if s_for + s_against > 0 or s_first is not null or s_known < s_words or s_is_question then
            r_sentences := r_sentences + 1;
          end if;
          r_words := r_words + s_words;
          r_known := r_known + s_known;
          if s_forward is not null and not s_is_question and r_forward is null then
            r_forward := s_forward;
            r_forward_sentence := r_sentences;
          end if;
          if s_is_question then
            r_questions := r_questions + 1;
            if s_flags <> '{}' then
              v_flags := v_flags || array(select f from unnest(s_flags) f where f in ('irony', 'later', 'maybe'));
            end if;
          else
            if s_for > 0 and s_against > 0 then
              s_flags := s_flags || '{contradiction}'::text[];
            end if;
            if s_for > r_for and r_sentences <= 3 then
              r_for := s_for;
              r_for_cover := case when s_for = 2 then (s_for_cover + s_known::numeric / s_words) / 2 else s_known::numeric / s_words end;
              r_for_unknown := case when s_for = 2 then (s_for_cover < 1)::int else s_words - s_known end;
              r_for_length := s_words;
              r_for_sentence := r_sentences;
              r_for_to := v_i - 1;
            elsif s_for > 0 and r_for = 0 then
              s_flags := s_flags || '{late}'::text[];
            end if;
            if s_against > r_against then
              r_against := s_against;
              r_against_cover := s_against_cover;
            end if;
            -- what is left open elsewhere does not touch a plain decision that came before
            if s_flags = '{}' then
              null;
            elsif r_for < 2 or r_for_sentence = r_sentences or s_for > 0 or s_first in ('but', 'if', 'later', 'not', 'no') then
              v_flags := v_flags || s_flags;
            else
              v_flags := v_flags || array(select f from unnest(s_flags) f where f in ('irony', 'contradiction', 'reported'));
            end if;
            if s_change or s_number and s_for > 0 then
              r_change := coalesce(r_change, s_from);
              r_change_to := v_i - 1;
              if s_change and (r_for < 2 or r_sentences <= r_for_sentence + 1) then
                v_flags := v_flags || '{change}'::text[];
              end if;
            end if;
          end if;
        end if;
        s_from := v_i + 1; s_words := 0; s_known := 0; s_first := null; s_for := 0; s_for_cover := null; s_against := 0; s_against_cover := null;
        s_flags := '{}'; s_change := false; s_forward := null; s_content := 0; s_number := false;
      end if;
      v_i := v_i + v_length;
      continue;
    end if;

    c_words := c_words + v_length;
    s_words := s_words + v_length;
    if v_kind is null then
      -- "Bob approved", not "Bob, approved"
      v_previous_unknown := true;
      s_content := s_content + 1;
    else
      if v_kind not in ('spam', 'command', 'rules', 'machine', 'claim') then
        c_known := c_known + v_length;
        s_known := s_known + v_length;
      end if;
      if v_kind <> 'filler' then
        s_first := coalesce(s_first, v_kind);
      end if;
      case v_kind
        when 'yes' then c_yes := c_yes + 1;
        when 'approve' then
          c_reported := c_reported or v_previous_unknown and c_approve = 0;
          c_approve := c_approve + 1;
        when 'reject' then c_reject := c_reject + 1;
        when 'no' then c_no := c_no + 1;
        when 'not' then
          -- ne ... pas is one negation
          if v_word not in ('n', 'ne') or c_not = 0 and not ('pas' = any (v_words[v_i:v_i + 4])) then
            c_not := c_not + 1;
          end if;
        when 'third' then c_third := c_third + 1;
        when 'if' then s_flags := s_flags || '{if}'::text[];
        when 'maybe' then s_flags := s_flags || '{maybe}'::text[];
        when 'later' then s_flags := s_flags || '{later}'::text[];
        when 'irony' then s_flags := s_flags || '{irony}'::text[];
        when 'ask' then s_flags := s_flags || '{ask}'::text[];
        when 'change' then s_change := true;
        when 'instead' then s_change := true;
        when 'number' then
          s_number := true;
          s_content := s_content + 1;
        when 'forward' then s_forward := v_i + v_length;
        when 'auto' then v_auto := v_auto + 1;
        when 'absent' then v_absent := v_absent + 1;
        when 'spam' then v_spam := v_spam + 1;
        when 'command' then v_command := v_command + 1; v_first_injection := coalesce(v_first_injection, v_i);
        when 'rules' then v_rules := v_rules + 1;
        when 'machine' then v_machine := v_machine + 1; v_first_injection := coalesce(v_first_injection, v_i);
        when 'claim' then v_claim := v_claim + 1; v_first_injection := coalesce(v_first_injection, v_i);
        else null;
      end case;
      if v_kind not in ('filler', 'yes') then
        v_previous_unknown := false;
      end if;
    end if;
    v_i := v_i + v_length;
  end loop;

  v_injection := v_crafted
    or v_command > 0 and v_rules > 0
    or v_claim > 0
    or v_machine > 0 and (r_for > 0 or r_against > 0 or v_flags && '{contradiction,negation,reported,late}');
  if v_injection then
    v_flags := v_flags || '{injection}'::text[];
    -- a plain decision that stands before it may be the person's own
    if not (r_for = 2 and r_for_sentence = 1 and r_for_cover >= 0.9 and r_for_length <= 8
        and v_first_injection > r_for_to and not v_crafted) then
      v_flags := v_flags || '{no_own_words}'::text[];
    end if;
  end if;

  -- how much the reply is about what was asked
  select count(*), count(*) filter (where w.word = any (v_topic)) into v_content, v_matches
  from unnest(v_words) w (word)
  where length(w.word) > 3 and (v_lexicon -> left(w.word, 2) -> w.word is null or w.word = any (v_topic));
  v_topics := case when v_topic is null or v_content = 0 then 0.5 else round(0.2 + 0.8 * least(1, v_matches / least(v_content, 4)::numeric), 2) end;

  v_joined := ' ' || array_to_string(v_words, ' ') || ' ';
  if jsonb_typeof(context -> 'options') = 'array' then
    select jsonb_agg(o.value order by o.place), count(*) into v_answer, v_matches
    from (
      select coalesce(e.option -> 'value', e.option) as value, e.place,
        hil.folded(hil.spaced_words(coalesce(e.option ->> 'label', e.option #>> '{}'))) as label,
        hil.folded(hil.spaced_words(coalesce(e.option ->> 'value', e.option #>> '{}'))) as code
      from jsonb_array_elements(context -> 'options') with ordinality e (option, place)
    ) o
    where position(' ' || o.label || ' ' in v_joined) > 0 or position(' ' || o.code || ' ' in v_joined) > 0
      or v_joined ~ ('^ (option |nummer |numero |number |opcion |opcao |# ?|no )?' || o.place || ' ?(,|\||$)');
  end if;

  if r_forward is not null then
    v_target := (regexp_match(array_to_string(v_raw[r_forward:r_forward + 3], ' '), '[^\s<>,;|]+@[^\s<>,;|]+\.[a-zA-Z]{2,}'))[1];
    v_target := coalesce(v_target, (regexp_match(array_to_string(v_raw[r_forward:r_forward + 2], ' '), '@[[:alnum:]._-]+'))[1]);
    v_target := coalesce(v_target,
      (regexp_match(array_to_string(v_raw[r_forward:r_forward + 5], ' '),
        '^(?:[a-zäöüß]{1,5} ){0,2}([[:upper:]][[:alpha:].''-]+(?: [[:upper:]][[:alpha:].''-]+)?)'))[1]);
    v_target := coalesce(v_target,
      (regexp_match(array_to_string(v_raw[greatest(r_forward - 5, 1):r_forward - 1], ' '),
        '(?:^| )([[:upper:]][[:alpha:].''-]+(?: [[:upper:]][[:alpha:].''-]+)?) (?:should|can|must|has|handles|takes|is|soll|muss|entscheidet|ist|kümmert|doit|decide|décide|est|s|debe|tiene|se|es|deve|tem|cuida|é)\M'))[1]);
    v_target := nullif(btrim(v_target, '.'), '');
  end if;
  if r_change is not null then
    v_edits := hil.read_edits(v_raw[r_change:r_change_to], v_words[r_change:r_change_to], v_quotes, context -> 'data', context -> 'fields');
  end if;

  -- how sure, from here on, is about the words alone
  -- of a long text the decision must be a sentence of its own near the beginning
  v_confidence := case when r_for = 2 then 0.97 else 0.95 end * (0.55 + 0.45 * r_for_cover);
  -- a word that nobody knows may turn the clause: "approve the other one"
  if r_for_unknown > 0 then
    v_confidence := least(v_confidence, 0.78);
  end if;
  if v_total > (settings ->> 'long_from')::int and (r_for_length > (settings ->> 'sentence_of_its_own')::int or r_for_sentence > 2) then
    v_confidence := least(v_confidence, (settings ->> 'capped')::numeric);
  end if;
  if v_total > v_count and r_for > 0 and (r_for < 2 or r_for_sentence > 1 or exists (
    select from unnest((string_to_array(hil.folded(v_spaced), ' '))[v_count + 1:]) w (word)
    where v_lexicon -> left(w.word, 2) -> w.word ->> '*' in ('reject', 'irony', 'command', 'machine', 'claim')
  )) then
    v_confidence := least(v_confidence, (settings ->> 'capped')::numeric);
  end if;
  v_decision := case when r_for = 2 or r_against = 2 then 1 when r_for + r_against > 0 then 0.8 else 0 end;

  case
    when context ? 'headers' and hil.is_automated(context) then
      v_intent := 'auto_reply'; v_confidence := 0.99; v_why := 'The headers say that a machine sent it.';
      v_flags := v_flags || '{automated}'::text[];
    when v_auto > 0 or v_absent > 1 or v_absent > 0 and r_for < 2 and r_against < 2
        or context ? 'subject' and hil.folded(context ->> 'subject') ~ '^\s*((automatic|automatische|reponse|respuesta|resposta|auto) ?-?(reply|antwort|automatique|automatica)|out of office|abwesen|undeliver|fuera de|fora do)' then
      v_intent := 'auto_reply'; v_confidence := case when v_auto > 0 then 0.95 else 0.85 end;
      v_why := 'It reads like an automatic reply or a notice of absence.';
      v_flags := v_flags || '{automated}'::text[];
    when v_injection and 'no_own_words' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.9;
      v_why := 'It addresses the system or claims a decision by markup instead of deciding in plain words.';
    when v_words is null or v_count = 0 or own = '' then
      v_intent := 'unclear'; v_confidence := 0.95; v_why := 'Nothing was written but quotes, markup or a signature.';
    when v_type in ('INPUT', 'SELECTION') and r_against < 2 and r_forward is null
        and not (v_flags && '{irony,contradiction}') then
      if coalesce(v_matches, 0) > 0 and not v_flags && '{not,if,maybe,later,negation}' and r_against = 0 and r_questions = 0
          and (v_matches = 1 or context ->> 'multiple' = 'true') then
        v_intent := 'answer'; v_confidence := 0.95; v_decision := 1;
        v_answer := case when context ->> 'multiple' = 'true' then v_answer else v_answer -> 0 end;
        v_why := 'It names what was offered.';
      elsif r_questions > 0 or v_flags && '{later,maybe,ask,if}' then
        v_intent := 'unclear'; v_confidence := 0.8; v_why := 'It asks or puts off instead of answering.'; v_answer := null;
      elsif v_type = 'SELECTION' then
        v_intent := case when v_spam > 0 then 'unrelated' else 'unclear' end; v_confidence := 0.8;
        v_why := 'It does not name exactly one of the options.'; v_answer := null;
      elsif v_spam > 0 and v_topics < 0.5 then
        v_intent := 'unrelated'; v_confidence := 0.8; v_why := 'It is about something else.';
      else
        v_intent := 'answer'; v_confidence := 0.85; v_decision := 0.8; v_answer := to_jsonb(own);
        v_why := 'It answers the question in free text.';
      end if;
    when 'irony' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.85; v_why := 'It does not seem to be meant as it is written.';
    when r_forward is not null and (v_target is not null or r_for + r_against = 0) and r_for < 2 and r_against < 2
        and not (v_flags && '{contradiction,negation,not,later,if}') and r_for = 0 then
      v_intent := 'reassign'; v_confidence := case when v_target is null then 0.75 else 0.92 end;
      v_why := case when v_target is null then 'Somebody else is to decide, and it does not say who.' else format('It asks for %s to decide.', v_target) end;
      v_decision := 0.8;
    when r_for > 0 and r_against > 0 or v_flags && '{contradiction}' then
      v_intent := 'unclear'; v_confidence := 0.85; v_why := 'It says both yes and no.';
    when v_flags && '{negation,reported}' and r_against < 2 then
      v_intent := 'unclear'; v_confidence := 0.75;
      v_why := case when 'reported' = any (v_flags) then 'It reports a decision rather than making one.' else 'Its negations leave the decision open.' end;
    when r_against > 0 then
      v_confidence := case when r_against = 2 then 0.96 else 0.94 end * (0.55 + 0.45 * r_against_cover);
      if v_flags && '{if,maybe,later}' and r_against < 2 or v_flags && '{if,maybe}' or r_for = 0 and v_edits <> '{}' and r_against < 2 then
        v_intent := 'unclear'; v_confidence := 0.75; v_why := 'It refuses, but leaves something open.';
      else
        v_intent := 'reject'; v_why := case when r_against = 2 then 'It refuses in so many words.' else 'It says no.' end;
      end if;
    when r_for > 0 and 'if' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.9; v_why := 'It agrees on a condition only.';
    when r_for > 0 and v_flags && '{maybe,later}' then
      v_intent := 'unclear'; v_confidence := 0.85; v_why := 'It hesitates or puts the decision off.';
    when r_for > 0 and r_forward is not null and r_for_sentence = r_forward_sentence then
      v_intent := 'unclear'; v_confidence := 0.75; v_why := 'It agrees and passes the question on at once.';
    when r_for > 0 and v_edits <> '{}' then
      v_intent := 'approve_with_edit'; v_confidence := 0.9;
      v_why := format('It agrees with a change of %s.', (select string_agg(k, ', ') from jsonb_object_keys(v_edits) k));
    when r_for > 0 and v_flags && '{change,but,but_first}' then
      v_intent := 'unclear'; v_confidence := 0.8; v_why := 'It agrees with a reservation that names no field of the data.';
    when r_for > 0 and v_flags && '{not}' then
      v_intent := 'unclear'; v_confidence := 0.75; v_why := 'It agrees and negates something.';
    when r_for > 0 and r_questions > 0 and r_for < 2 then
      v_intent := 'unclear'; v_confidence := 0.8; v_why := 'It asks something back.';
    when r_for = 1 and r_for_unknown > 0 then
      v_intent := 'unclear'; v_confidence := 0.7; v_why := 'It seems to agree, among words that say something else.';
    when r_for > 0 then
      v_intent := 'approve';
      if r_for = 1 and r_words > 12 then
        v_confidence := least(v_confidence, 0.95 * (0.55 + 0.45 * r_known / r_words));
      end if;
      v_why := case when v_confidence < (settings ->> 'threshold')::numeric then 'It seems to agree, among words that say something else.'
        when r_for = 2 then 'It approves in so many words.' else 'It says yes.' end;
    when 'late' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.7; v_why := 'Words of a decision come late, after much else.';
    when v_type = 'REVIEW' and v_edits <> '{}' or v_flags && '{change}' then
      v_intent := 'unclear'; v_confidence := 0.7; v_why := 'It asks for a change and does not say whether it agrees.';
    when v_spam > 0 then
      v_intent := 'unrelated'; v_confidence := 0.85; v_why := 'It is about something else.';
    when r_questions > 0 or 'ask' = any (v_flags) then
      v_intent := 'unclear'; v_confidence := 0.9; v_why := 'It is a question.';
    when v_flags && '{if,maybe,later,not,but,but_first}' then
      v_intent := 'unclear'; v_confidence := 0.8; v_why := 'It decides nothing.';
    when v_content >= 3 and v_topics < 0.4 and v_spaced !~ 'quotedtext' then
      v_intent := 'unrelated'; v_confidence := 0.7; v_why := 'It has no word of a decision and none of the question''s.';
    else
      v_intent := 'unclear'; v_confidence := 0.7; v_why := 'It has no word of a decision.';
  end case;

  if v_intent in ('approve', 'approve_with_edit') and v_injection then
    v_confidence := least(v_confidence, (settings ->> 'capped')::numeric);
  end if;
  return jsonb_build_object(
    'intent', v_intent, 'confidence', v_confidence::numeric(3, 2), 'reasoning', v_why, 'language', v_language,
    'flags', to_jsonb(array(select distinct f from unnest(v_flags) f where f not in ('ask', 'no_own_words', 'but_first') order by f)),
    'signals', jsonb_build_object('words', v_total, 'topic', v_topics, 'decision', v_decision,
      'is_question', r_questions > 0 and r_for + r_against = 0))
    || case when v_edits <> '{}' and v_intent not in ('auto_reply', 'unrelated') then jsonb_build_object('edits', v_edits) else '{}' end
    || case when v_intent = 'reassign' and v_target is not null then jsonb_build_object('reassign_to', v_target) else '{}' end
    || case when v_intent = 'answer' then jsonb_build_object('answer', v_answer) else '{}' end;
end
$function$;

create or replace function hil.reassign (
  interaction_id uuid,
  assignees      jsonb,
  reason         text
)
  returns public.human_interactions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_interaction public.human_interactions := hil.managed(reassign.interaction_id);
  v_now timestamptz := engine.now();
  v_problem text := case when jsonb_typeof(reassign.assignees) = 'array' and reassign.assignees <> '[]'
    then hil.request_problem('APPROVAL', jsonb_build_object('message', '-', 'quorum', v_interaction.quorum,
      'assignees', reassign.assignees))
    else 'assignees names at least one' end;
begin
  if v_problem is not null then
    perform platform.fail(422, 'assignees_invalid', 'Nobody can be asked: ' || v_problem,
      'Give a list of {user}, {role}, {email} or {slack}.');
  end if;
  update hil.tokens t set revoked_at = v_now
  where t.interaction_id = v_interaction.id and t.revoked_at is null;
  update hil.messages m
  set status = 'failed', error = jsonb '{"code": "interaction_reassigned", "message": "Others are asked instead"}'
  where m.workspace_id = v_interaction.workspace_id and m.interaction_id = v_interaction.id
    and m.status = 'pending';
  update public.human_interactions i
  set assignees = reassign.assignees, request_data = i.request_data - 'escalation'
  where i.id = v_interaction.id
  returning i.* into v_interaction;
  -- where the message went is no longer who is asked, but a Slack channel is where all are
  perform hil.write_messages(v_interaction, 'request', v_interaction.channel_type,
    case when v_interaction.channel_type = 'slack' and not exists (
        select from jsonb_array_elements(reassign.assignees) a where a ? 'slack')
      then v_interaction.request_data ->> 'to' end, v_interaction.assignees, v_now);
  perform hil.log(v_interaction, 'INFO', 'Others are asked' || coalesce(': ' || nullif(left(reason, 1000), ''), ''),
    jsonb_build_object('by', (select auth.uid()), 'assignees', reassign.assignees), v_now);
  perform hil.broadcast(v_interaction);
  return v_interaction;
end
$function$;

create or replace function hil.receive (
  provider       text,
  integration_id uuid,
  message_id     text,
  raw            jsonb,
  headers        jsonb,
  hints          jsonb
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
#variable_conflict use_column
declare
  v_workspace uuid;
  v_response public.hil_responses;
  v_token hil.tokens;
  v_answer jsonb;
begin
  if receive.integration_id is not null then
    select i.workspace_id into v_workspace from public.integrations i
    where i.id = receive.integration_id and i.is_active;
  else
    v_token := hil.of_token(receive.hints ->> 'token');
    select i.workspace_id into v_workspace from public.human_interactions i where i.id = v_token.interaction_id;
  end if;
  if v_workspace is null then
    perform platform.fail(404, 'integration_not_found', 'Nothing takes this answer', 'Check the address.');
  end if;
  insert into public.hil_responses as r (
    workspace_id, source_channel, provider, integration_id, message_id, raw_payload, headers, hints, received_at)
  values (v_workspace,
    case when receive.provider = 'slack' then 'slack'
      when receive.provider in ('resend', 'sendgrid', 'mailgun', 'postmark') then 'email' else 'webhook' end,
    receive.provider, receive.integration_id, left(receive.message_id, 500), receive.raw, receive.headers,
    -- a token is kept as its hash only
    coalesce(receive.hints, '{}'), engine.now())
  on conflict do nothing
  returning r.* into v_response;
  if v_response.id is null then
    select r.* into strict v_response from public.hil_responses r
    where r.provider = receive.provider and r.integration_id is not distinct from receive.integration_id
      and r.message_id = left(receive.message_id, 500);
    if v_response.status <> 'unprocessed' then
      return hil.answer_of(v_response);
    end if;
  end if;
  perform engine.pause_point('response_stored');
  begin
    v_answer := hil.process(v_response.id);
  exception
  when deadlock_detected or serialization_failure or lock_not_available or query_canceled then
    raise;
  when others then
    update public.hil_responses r
    set status = 'error', processed_at = engine.now(),
      error = jsonb_build_object('code', 'processing_failed', 'message', sqlerrm)
    where r.id = v_response.id;
    v_answer := jsonb_build_object('status', 'error', 'code', 'processing_failed', 'message', sqlerrm);
  end;
  update public.hil_responses r set hints = hil.without_tokens(r.hints) where r.id = v_response.id;
  return jsonb_build_object('response_id', v_response.id, 'repeated', false) || v_answer;
end
$function$;

create or replace function hil.receive_delivery (
  provider         text,
  integration_id   uuid,
  message_id       text,
  raw              jsonb,
  headers          jsonb,
  hints            jsonb,
  single_use_token text  default null::text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_integration public.integrations;
begin
  if single_use_token is not null then
    select i.* into v_integration from public.integrations i where i.id = receive_delivery.integration_id;
    if v_integration.id is null or not triggers.use_token(v_integration, single_use_token) then
      return null;
    end if;
  end if;
  return hil.receive(receive_delivery.provider, receive_delivery.integration_id, receive_delivery.message_id,
    receive_delivery.raw, receive_delivery.headers, receive_delivery.hints);
end
$function$;

create or replace function hil.receive_reply (
  provider         text,
  integration_id   uuid,
  message_id       text,
  raw              jsonb,
  headers          jsonb,
  hints            jsonb,
  single_use_token text  default null::text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_answered text[] := array(
    select btrim(r, '<> ') from jsonb_array_elements_text(
      jsonb_build_array(hints #> '{slack,thread_ts}', hints #> '{email,in_reply_to}')
      || coalesce(hints #> '{email,references}', '[]')) r
    where r is not null);
  v_is_ours boolean;
begin
  if exists (
      select from triggers.used_tokens u
      where u.integration_id = receive_reply.integration_id
        and u.token_hash = sha256(convert_to(single_use_token, 'UTF8'))) then
    return null;
  end if;
  v_is_ours := exists (
      select from hil.messages m
      where m.integration_id = receive_reply.integration_id and m.external_id = any (v_answered))
    or exists (
      select from hil.tokens t
      join public.human_interactions i on i.id = t.interaction_id
      join public.integrations g on g.workspace_id = i.workspace_id
      where t.token_hash = hil.hash_of(hints ->> 'token') and g.id = receive_reply.integration_id)
    -- a direct message, not in a thread
    or hints #>> '{slack,thread_ts}' is null and hints #>> '{slack,user}' is not null and exists (
      select from public.integrations g
      join hil.messages m on m.workspace_id = g.workspace_id and m.channel = 'slack'
        and lower(m.recipient) = lower(hints #>> '{slack,user}')
      join public.human_interactions i on i.id = m.interaction_id and i.status = 'pending'
      where g.id = receive_reply.integration_id)
    -- who answers fast may do so before we know what he answers to
    or exists (
      select from hil.messages m
      where m.status = 'pending' and m.lease_until > v_now and m.due_at between v_now and v_now + interval '60 seconds'
        and m.integration_id = receive_reply.integration_id);
  if not v_is_ours then
    return null;
  end if;
  return hil.receive(receive_reply.provider, receive_reply.integration_id, receive_reply.message_id,
    receive_reply.raw, receive_reply.headers, receive_reply.hints);
end
$function$;

create or replace function hil.recipients (
  workspace_id uuid,
  channel      text,
  addressee    text,
  assignees    jsonb
)
  returns setof text
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select distinct r.recipient from (
    select nullif(btrim(recipients.addressee), '')
    union all
    select case recipients.channel when 'slack' then a ->> 'slack' when 'email' then lower(a ->> 'email') end
    from jsonb_array_elements(recipients.assignees) a
    union all
    select lower(u.email)
    from jsonb_array_elements(recipients.assignees) a
    join public.workspace_members m on m.workspace_id = recipients.workspace_id
      and (m.user_id::text = a ->> 'user'
        or workspaces.rank(m.role) >= greatest(workspaces.rank(a ->> 'role'), workspaces.rank('editor'))
          and a ? 'role')
    join auth.users u on u.id = m.user_id
    -- with an address of its own the message goes there, and the members find it in the app
    where recipients.channel = 'email' and recipients.addressee is null
  ) r (recipient)
  where r.recipient is not null
  limit 50
$function$;

create or replace function hil.reconcile (
  rules   jsonb,
  model   jsonb,
  context jsonb,
  own     text
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_settings constant jsonb := hil.classifier_settings();
  v_flags constant jsonb := rules -> 'flags';
  v_intent constant text := model ->> 'intent';
  v_confidence numeric := case jsonb_typeof(model -> 'confidence')
    when 'number' then greatest(0, least(1, (model ->> 'confidence')::numeric)) end;
  v_edits jsonb;
  v_result jsonb;
begin
  if v_confidence is null or v_flags ?| '{automated,injection}'
    or coalesce(v_intent, '') <> all ('{approve,approve_with_edit,reject,answer,unclear,reassign,auto_reply,unrelated}')
  then
    return rules;
  end if;
  if v_intent = rules ->> 'intent' then
    v_confidence := greatest(v_confidence, (rules ->> 'confidence')::numeric);
  end if;
  if v_intent in ('approve', 'approve_with_edit', 'answer') and v_intent <> rules ->> 'intent' and (
      v_flags ?| '{irony,contradiction,negation,reported,if,maybe,later,not,change,but}'
      or rules ->> 'intent' in ('reject', 'reassign', 'approve_with_edit')
      -- in words of no language that the rules know, they could not see an injection either
      or rules ->> 'language' is null
      or (rules ->> 'relevance_score')::numeric < 0.4
      or jsonb_typeof(model -> 'edits') = 'object' and v_intent = 'approve' and model -> 'edits' <> '{}') then
    v_confidence := least(v_confidence, (v_settings ->> 'capped')::numeric);
  end if;
  -- a model gives text, the field has the type; what the person did not write is not his edit
  select coalesce(jsonb_object_agg(e.key, e.typed), '{}') into v_edits
  from (
    select m.key, context -> 'data' -> m.key as current,
      case jsonb_typeof(context -> 'data' -> m.key)
        when 'number' then to_jsonb(hil.read_number(m.value))
        when 'boolean' then case lower(m.value) when 'true' then jsonb 'true' when 'false' then jsonb 'false' end
        when 'string' then case when position(lower(m.value) in lower(own)) > 0 then to_jsonb(m.value) end
      end as typed
    from jsonb_each_text(case jsonb_typeof(model -> 'edits') when 'object' then model -> 'edits' else '{}' end) m
    where v_intent = 'approve_with_edit'
  ) e
  where e.typed <> e.current and (
    jsonb_typeof(e.typed) <> 'number'
    or exists (
      select from regexp_split_to_table(own, '[\s:;()]+') w (word)
      where to_jsonb(hil.read_number(rtrim(w.word, '.,!?'))) = e.typed));
  if v_intent = 'approve_with_edit' and v_edits = '{}' then
    if rules ? 'edits' and rules ->> 'intent' = v_intent then
      v_edits := rules -> 'edits';
    else
      v_confidence := least(v_confidence, (v_settings ->> 'capped')::numeric);
    end if;
  end if;
  v_result := rules - '{edits,reassign_to,answer}'::text[] || jsonb_build_object(
    'intent', v_intent, 'confidence', v_confidence::numeric(3, 2), 'classified_by', 'model',
    'reasoning', coalesce(nullif(left(model ->> 'reasoning', 300), ''), rules ->> 'reasoning'));
  return v_result
    || case when v_edits <> '{}' then jsonb_build_object('edits', v_edits) else '{}' end
    || case
      when v_intent = 'answer' then jsonb_build_object('answer', coalesce(rules -> 'answer', to_jsonb(own))) else '{}' end
    || case
      when v_intent = 'reassign' and length(model ->> 'reassign_to') between 2 and 200
        and position(lower(model ->> 'reassign_to') in lower(own)) > 0
        then jsonb_build_object('reassign_to', model ->> 'reassign_to')
      when v_intent = 'reassign' and rules ? 'reassign_to' then jsonb_build_object('reassign_to', rules -> 'reassign_to')
      else '{}'
    end;
end
$function$;

create or replace function hil.refuse (
  interaction_id uuid,
  result         jsonb
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_interaction public.human_interactions;
begin
  select * into v_interaction from public.human_interactions i where i.id = refuse.interaction_id;
  case result ->> 'result'
    when 'forbidden' then
      perform platform.fail(403, 'role_insufficient', 'Somebody else was asked',
        'An editor of the workspace may reassign it.');
    when 'invalid' then
      perform platform.fail(422, 'response_invalid', 'The answer does not fit the question',
        (result -> 'problems')::text);
    when 'too_late' then
      perform platform.fail(409, 'interaction_decided',
        format('It is over: %s', v_interaction.outcome), jsonb_build_object(
          'outcome', v_interaction.outcome, 'responded_by', v_interaction.responded_by,
          'responded_at', v_interaction.responded_at, 'hint', 'The first answer counts.')::text);
    when 'expired' then
      perform platform.fail(410, 'interaction_expired', 'The time to answer is over',
        jsonb_build_object('outcome', 'timed_out', 'timeout_at', v_interaction.timeout_at,
          'hint', 'The workflow has gone on without an answer.')::text);
    else null;
  end case;
end
$function$;

create or replace function hil.relevance (
  reading  jsonb,
  context  jsonb,
  settings jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_signals constant jsonb := reading -> 'signals';
  v_flags constant jsonb := reading -> 'flags';
  v_days numeric := case jsonb_typeof(context -> 'seconds_since_request')
    when 'number' then (context ->> 'seconds_since_request')::numeric / 86400 end;
  v_words int := (v_signals ->> 'words')::int;
  v_factors jsonb;
  v_score numeric;
begin
  v_factors := jsonb_build_object(
    'thread', coalesce((settings -> 'thread' ->> (context ->> 'matched_by'))::numeric, 0.5),
    'sender', case context ->> 'sender_is_assignee' when 'true' then 1 when 'false' then 0 else 0.5 end,
    'timing', case
      when context ->> 'is_expired' = 'true' then 0
      when v_days is null then 0.5
      when v_days < 0 then 0.3
      else round(1 / (1 + v_days / 7), 2)
    end,
    'decision', (v_signals ->> 'decision')::numeric,
    'topic', (v_signals ->> 'topic')::numeric,
    'form', case
      when reading ->> 'intent' = 'auto_reply' then 0
      when (v_signals ->> 'is_question')::boolean then 0.3
      when v_words = 0 then 0
      when v_words <= 25 then 1
      when v_words <= (settings ->> 'long_from')::int then 0.7
      else 0.4
    end,
    'language', case
      when reading ->> 'language' is null or context ->> 'language' is null then 0.7
      when reading ->> 'language' = left(context ->> 'language', 2) then 1
      else 0.4
    end,
    'authenticity', case
      when v_flags ? 'automated' then 0
      when v_flags ? 'injection' then 0.1
      when v_flags ? 'irony' then 0.5
      else 1
    end);
  select sum(f.value::numeric * (settings -> 'weights' ->> f.key)::numeric) into v_score
  from jsonb_each_text(v_factors) f;
  return jsonb_build_object('factors', v_factors, 'relevance_score', v_score::numeric(3, 2));
end
$function$;

create or replace function hil.request_problem (
  subtype    text,
  parameters jsonb
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_seconds float8;
  v_persons int;
begin
  if coalesce(parameters ->> 'message', '') = '' then
    return 'message is empty';
  elsif coalesce(parameters ->> 'priority', 'normal') not in ('low', 'normal', 'high', 'critical') then
    return 'priority is low, normal, high or critical';
  elsif jsonb_typeof(coalesce(nullif(parameters -> 'assignees', 'null'), '[]')) <> 'array'
     or exists (
       select from jsonb_array_elements(
         case jsonb_typeof(parameters -> 'assignees') when 'array' then parameters -> 'assignees' else '[]' end) a
       where jsonb_typeof(a) <> 'object' or not a ?| '{user,role,email,slack}'
         or (a ? 'role' and a ->> 'role' not in ('owner', 'admin', 'editor'))) then
    return 'assignees is a list of {user}, {role: admin or editor}, {email} or {slack}';
  elsif coalesce(parameters ->> 'channel', 'in_app') <> 'in_app' and coalesce(parameters ->> 'to', '') = ''
     and coalesce(nullif(parameters -> 'assignees', 'null'), '[]') = '[]' then
    return 'to is empty';
  elsif coalesce(parameters ->> 'channel', 'in_app') = 'email'
     and parameters ->> 'to' !~ '^[^@\s]+@[^@\s]+$' then
    return 'to is no email address';
  elsif parameters ? 'timeout_seconds' then
    if not coalesce(pg_input_is_valid(parameters ->> 'timeout_seconds', 'float8'), false) then
      return 'timeout_seconds is no number';
    end if;
    v_seconds := (parameters ->> 'timeout_seconds')::float8;
    if v_seconds is null or not v_seconds between 1 and 31536000 then
      return 'timeout_seconds is 1 to 31536000';
    end if;
  end if;
  if subtype = 'SELECTION' and (
      jsonb_typeof(parameters -> 'options') <> 'array'
      or jsonb_array_length(parameters -> 'options') not between 1 and 100
      or exists (
        select from jsonb_array_elements(parameters -> 'options') o where not coalesce(o ? 'value', false))) then
    return 'options is a list of 1 to 100 {value, label}';
  end if;
  select count(*) into v_persons
  from jsonb_array_elements(coalesce(nullif(parameters -> 'assignees', 'null'), '[]')) a;
  if coalesce(engine.count_of(parameters -> 'quorum'), 1) > v_persons and v_persons > 0 and not exists (
      select from jsonb_array_elements(parameters -> 'assignees') a
      where a ? 'role' or a ->> 'slack' ~ '^[CG]') then
    return format('quorum is %s of %s assignees', parameters ->> 'quorum', v_persons);
  end if;
  return null;
end
$function$;

create or replace function hil.respond (
  interaction_id  uuid,
  decision        text,
  data            jsonb,
  comment         text,
  idempotency_key text
)
  returns public.human_interactions
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_interaction public.human_interactions;
  v_by jsonb := case
    when (select auth.uid()) is null then jsonb '{"service": true}'
    else jsonb_build_object('user', (select auth.uid())) end;
  v_response uuid;
  v_result jsonb;
begin
  select * into v_interaction from public.human_interactions i
  where i.id = respond.interaction_id and not exists (
    select from public.workflows w where w.id = i.workflow_id and w.deleted_at is not null);
  perform workspaces.require(v_interaction.workspace_id, 'viewer', 'interaction', respond.interaction_id);
  if length(idempotency_key) not between 1 and 255 then
    perform platform.fail(422, 'idempotency_key_invalid',
      'An idempotency key has 1 to 255 characters', 'Give another.');
  end if;
  if pg_column_size(data) > 262144 then
    perform platform.fail(422, 'response_invalid', 'The answer does not fit the question',
      '[{"code": "answer_too_large", "message": "data has at most 256 KiB", "path": "$.data"}]');
  end if;
  insert into public.hil_responses (
    workspace_id, workflow_id, source_channel, provider, message_id, raw_payload, received_at)
  values (v_interaction.workspace_id, v_interaction.workflow_id, 'in_app', 'in_app',
    v_interaction.id || ' ' || hil.key_of(v_by) || ' '
      || coalesce('key ' || respond.idempotency_key, platform.uuid7()::text),
    jsonb_build_object('decision', decision, 'data', data, 'comment', left(comment, 10000)),
    engine.now())
  on conflict do nothing
  returning id into v_response;
  -- asked again after a lost answer: what it came to
  if v_response is not null then
    v_result := hil.decide(v_interaction.id, v_response, v_by, decision, data, comment);
    perform hil.refuse(v_interaction.id, v_result);
  end if;
  select * into v_interaction from public.human_interactions i where i.id = respond.interaction_id;
  return v_interaction;
end
$function$;

create or replace function hil.review (
  wait engine.waits,
  at   timestamp with time zone
)
  returns hil.reviewed
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_reviewed hil.reviewed;
  v_settled engine.settled;
  v_interaction public.human_interactions;
  v_action text;
  v_error jsonb;
begin
  select * into v_interaction from public.human_interactions i where i.id = wait.id for no key update;
  if v_interaction.status = 'pending' and v_interaction.correlation_id is not null then
    v_interaction := hil.take_early(v_interaction, at);
  end if;
  if v_interaction.status = 'pending' and v_interaction.timeout_at <= at then
    v_interaction := hil.time_out(v_interaction, at);
  end if;
  if v_interaction.status = 'pending' then
    v_interaction := hil.nudge(v_interaction, at);
    wait.until := hil.next_due(v_interaction);
    v_reviewed.wait := wait;
    return v_reviewed;
  end if;
  v_settled.token := engine.token_of(wait);
  v_settled.started_at := wait.since;
  v_settled.ended_at := at;
  v_settled.passes := false;
  v_action := v_interaction.request_data ->> 'timeout_action';
  if v_interaction.id is null then
    v_error := jsonb '{"code": "interaction_lost", "message": "The question is no longer there"}';
  elsif v_interaction.status = 'cancelled' then
    v_error := jsonb_build_object('code', 'interaction_cancelled', 'message',
      coalesce(v_interaction.response_data ->> 'reason', 'The question was taken back'));
  elsif v_interaction.status = 'timeout' and v_action in ('error', 'fail') then
    v_error := jsonb_build_object('code', 'interaction_timed_out', 'message', 'Nobody answered in time',
      'details', jsonb_build_object('interaction_id', v_interaction.id, 'timeout_action', v_action));
  else
    v_settled.output := v_interaction.response_data;
    v_settled.output_index := case
      when v_interaction.status = 'timeout' and v_action = 'default' then 0
      when v_interaction.status = 'timeout' then 2
      when v_interaction.outcome = 'rejected' then 1
      else 0
    end;
  end if;
  v_settled.error := v_error;
  v_reviewed.settled := v_settled;
  return v_reviewed;
end
$function$;

create or replace function hil.show (
  token text
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_token hil.tokens := hil.of_token(show.token);
  v_interaction public.human_interactions;
begin
  select * into v_interaction from public.human_interactions i where i.id = v_token.interaction_id;
  if v_interaction.id is null then
    return null;
  end if;
  return jsonb_build_object(
    'state', case
      when v_interaction.status = 'timeout' then 'expired'
      when v_interaction.status <> 'pending' then 'decided'
      when v_token.revoked_at is not null then 'reassigned'
      when v_interaction.timeout_at <= engine.now() then 'expired'
      when v_token.used_at is not null then 'used'
      else 'open' end,
    'interaction', hil.content_of(v_interaction),
    'assignee', v_token.assignee,
    'outcome', v_interaction.outcome, 'responded_by', v_interaction.responded_by,
    'responded_at', v_interaction.responded_at,
    'votes', (select count(distinct r.responder) from public.hil_responses r
      where r.matched_interaction_id = v_interaction.id and r.outcome in ('approved', 'answered')));
end
$function$;

create or replace function hil.spaced_words (
  text text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_text text := text;
begin
  if v_text ~ ':' then
    v_text := regexp_replace(v_text, ':(\+1|thumbsup|white_check_mark|heavy_check_mark|ballot_box_with_check|ok_hand|ok)(::skin-tone-\d)?:', ' emojiyes ', 'g');
    v_text := regexp_replace(v_text, ':(-1|thumbsdown|x|no_entry|no_entry_sign|octagonal_sign)(::skin-tone-\d)?:', ' emojino ', 'g');
    v_text := regexp_replace(v_text, ':(eyes|thinking_face|thinking|question|shrug):', ' emojiask ', 'g');
    v_text := regexp_replace(v_text, ':(rolling_on_the_floor_laughing|joy|face_with_rolling_eyes|clown_face|upside_down_face|rofl):', ' emojiirony ', 'g');
  end if;
  if v_text ~ '[^\u0001-\u21ff]' then
    v_text := regexp_replace(v_text, '[\u2705\u2714\u2611\U0001f44d\U0001f44c\U0001f197]', ' emojiyes ', 'g');
    v_text := regexp_replace(v_text, '[\u274c\u274e\u2716\u26d4\U0001f44e\U0001f6ab\U0001f6d1\U0001f645]', ' emojino ', 'g');
    v_text := regexp_replace(v_text, '[\U0001f644\U0001f612\U0001f921\U0001f923\U0001f602\U0001f643\U0001f911\U0001f62c]', ' emojiirony ', 'g');
    v_text := regexp_replace(v_text, '[\u2753\u2754\U0001f914\U0001f937\U0001f440]', ' emojiask ', 'g');
    v_text := regexp_replace(v_text, '[\u2600-\u27bf\U0001f300-\U0001faff]', ' emojismile ', 'g');
  end if;
  if v_text ~ '["“”„«»`~*_''’‘]' then
    v_text := translate(v_text, '’‘“”„«»`', '''''""""""');
    if v_text !~ '^\s*"[^"]*"\s*$' then
      v_text := regexp_replace(v_text, '"[^"]{1,250}"|~[^~\n]{1,250}~|(?<![[:alnum:]])''[^''\n]{1,250}''(?![[:alnum:]])', ' quotedtext ', 'g');
    end if;
    v_text := regexp_replace(v_text, '([[:alpha:]])n''t\M', '\1nt', 'gi');
    v_text := regexp_replace(v_text, '[''"*_~]', ' ', 'g');
  end if;
  v_text := regexp_replace(v_text, '[.!…]*[?]+[?!.]*', ' |? ', 'g');
  v_text := regexp_replace(v_text, '[.!…]+(?=\s|$)|\n\s*\n|!+', ' | ', 'g');
  v_text := regexp_replace(v_text, '[,;:()]+(?=\D|$)|\s[-/]+\s|[–—\n]|--', ' , ', 'g');
  return btrim(regexp_replace(v_text, '[¿¡\s]+', ' ', 'g'));
end
$function$;

create or replace function hil.take_early (
  interaction public.human_interactions,
  at          timestamp with time zone
)
  returns public.human_interactions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_response uuid;
begin
  for v_response in
    select r.id from public.hil_responses r
    where r.workspace_id = interaction.workspace_id and r.status = 'unmatched'
      and r.hints ->> 'correlation_id' = interaction.correlation_id
      and r.received_at > at - interval '30 days'
    order by r.id
    for update skip locked
  loop
    perform hil.process(v_response, interaction);
  end loop;
  select * into interaction from public.human_interactions i where i.id = interaction.id;
  return interaction;
end
$function$;

create or replace function hil.time_out (
  interaction public.human_interactions,
  at          timestamp with time zone
)
  returns public.human_interactions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_interaction public.human_interactions;
begin
  -- the same condition as of a decision, the other way round
  update public.human_interactions i
  set status = 'timeout', outcome = 'timed_out',
    response_data = hil.output_of(i, 'timed_out',
      case when i.request_data ->> 'timeout_action' = 'default' then i.request_data -> 'default_response'
        else i.request_data -> 'data' end, null, null, at)
  where i.id = interaction.id and i.status = 'pending' and i.timeout_at <= at
  returning i.* into v_interaction;
  perform hil.end_pause(v_interaction, at);
  perform hil.write_ending(v_interaction, at);
  perform hil.log(v_interaction, 'WARNING', 'Nobody answered in time', null, at);
  perform hil.broadcast(v_interaction);
  return v_interaction;
end
$function$;

create or replace function hil.understand (
  interaction public.human_interactions,
  hints       jsonb,
  said        jsonb
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_least float8 := coalesce(platform.setting('hil.min_confidence'), hil.classifier_settings() -> 'threshold')::float8;
  v_type text := interaction.interaction_type;
  v_text text := btrim(hints ->> 'text');
  v_intent text := said ->> 'intent';
  v_asked jsonb := interaction.request_data -> 'data';
  v_field text;
  v_chosen jsonb;
begin
  if hints ->> 'decision' is not null then
    return jsonb_build_object('decision', hints -> 'decision', 'data', hints -> 'data',
      'comment', coalesce(hints -> 'comment', hints -> 'text'));
  elsif hints #>> '{action,value}' in ('approve', 'reject', 'answer', 'accept', 'edit', 'respond', 'ignore') then
    return jsonb_build_object('decision', hints #> '{action,value}', 'data', hints -> 'data',
      'comment', coalesce(hints -> 'comment', hints -> 'text'));
  elsif hints #> '{action,value}' is not null and v_type = 'selection' then
    return jsonb_build_object('decision', 'answer', 'data', hints #> '{action,value}');
  elsif hints -> 'data' is not null and v_type in ('input', 'selection') then
    return jsonb_build_object('decision', 'answer', 'data', hints -> 'data', 'comment', hints -> 'text');
  elsif coalesce(v_text, '') = '' then
    return jsonb '{"none": "It says nothing"}';
  end if;
  -- the exact words of an option need no rules
  if v_type = 'selection' then
    select case when count(*) = 1 then (jsonb_agg(o -> 'value')) -> 0 end into v_chosen
    from jsonb_array_elements(interaction.request_data -> 'options') o
    where lower(v_text) in (lower(o ->> 'value'), lower(o ->> 'label'));
    if v_chosen is not null then
      return jsonb_build_object('decision', 'answer', 'data', v_chosen);
    end if;
  end if;
  if v_intent in ('auto_reply', 'unrelated', 'unclear', 'reassign') or v_intent is null then
    return jsonb_build_object('none', coalesce(said ->> 'reasoning', 'Its meaning is not clear'), 'intent', v_intent);
  elsif coalesce((said ->> 'confidence')::float8, 0) < v_least then
    return jsonb_build_object('none', format('Its meaning is not sure: %s', said ->> 'reasoning'), 'intent', 'unclear');
  end if;
  if v_intent = 'reject' then
    return jsonb_build_object('decision', 'reject', 'comment', v_text);
  elsif v_type in ('approval', 'review') and v_intent = 'approve' then
    return jsonb_build_object('decision', 'approve', 'comment', v_text);
  elsif v_type in ('approval', 'review') and v_intent = 'approve_with_edit' then
    if jsonb_typeof(said -> 'edits') = 'object' and jsonb_typeof(v_asked) = 'object' and said -> 'edits' <> '{}'
       -- only what was shown can be edited in words
       and not exists (select from jsonb_object_keys(said -> 'edits') k where not v_asked ? k) then
      return jsonb_build_object('decision', case v_type when 'review' then 'edit' else 'approve' end,
        'data', v_asked || (said -> 'edits'), 'comment', v_text);
    end if;
    return jsonb '{"none": "It wants a change that is not clear", "intent": "unclear"}';
  elsif v_type = 'review' and v_intent = 'answer' then
    return jsonb_build_object('decision', 'respond', 'comment', coalesce(said ->> 'answer', v_text));
  elsif v_type = 'selection' and v_intent = 'answer' and said ? 'answer' then
    return jsonb_build_object('decision', 'answer', 'data', said -> 'answer', 'comment', v_text);
  elsif v_type = 'input' and v_intent in ('answer', 'approve') and jsonb_typeof(said -> 'answer') = 'object' then
    return jsonb_build_object('decision', 'answer', 'data', said -> 'answer', 'comment', v_text);
  elsif v_type = 'input' and v_intent in ('answer', 'approve') then
    -- a form of one text is answered in words
    select case when count(*) = 1 then min(p.key) filter (where p.value ->> 'type' = 'string') end into v_field
    from jsonb_each(case jsonb_typeof(interaction.request_data #> '{schema,properties}')
      when 'object' then interaction.request_data #> '{schema,properties}' else '{}' end) p;
    if jsonb_typeof(said -> 'edits') = 'object' and said -> 'edits' <> '{}' then
      return jsonb_build_object('decision', 'answer', 'data', said -> 'edits', 'comment', v_text);
    elsif v_field is not null then
      return jsonb_build_object('decision', 'answer',
        'data', jsonb_build_object(v_field, coalesce(said ->> 'answer', v_text)));
    end if;
  end if;
  return jsonb '{"none": "It does not answer what was asked", "intent": "unclear"}';
end
$function$;

create or replace function hil.urgency (
  priority text
)
  returns integer
  language sql
  immutable
  set search_path to ''
  as $function$
  select array_position('{low,normal,high,critical}', urgency.priority) - 1
$function$;

create or replace function hil.use_token (
  token text,
  at    timestamp with time zone
)
  returns text
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_token hil.tokens;
begin
  update hil.tokens t set used_at = use_token.at
  where t.token_hash = hil.hash_of(use_token.token) and t.used_at is null and t.revoked_at is null
    and t.expires_at > use_token.at;
  if found then
    return null;
  end if;
  v_token := hil.of_token(use_token.token);
  return case
    when v_token.revoked_at is not null then 'reassigned'
    when v_token.used_at is not null then 'used'
    else 'expired' end;
end
$function$;

create or replace function hil.withdraw (
  execution_ids uuid[],
  at            timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_interaction public.human_interactions;
begin
  for v_interaction in
    update public.human_interactions i
    set status = 'cancelled', outcome = 'cancelled',
      response_data = jsonb '{"outcome": "cancelled", "reason": "The execution ended"}'
    where i.execution_id = any (withdraw.execution_ids) and i.status = 'pending'
    returning i.*
  loop
    perform hil.end_pause(v_interaction, at);
    perform hil.write_ending(v_interaction, at);
    perform hil.broadcast(v_interaction);
  end loop;
  perform hil.end_pauses(withdraw.execution_ids, at);
end
$function$;

create or replace function hil.without_tokens (
  hints jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select (without_tokens.hints - 'token') #- '{email,tag}'
$function$;

create or replace function hil.write_ending (
  interaction public.human_interactions,
  at          timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  update hil.messages m
  set status = 'failed', error = jsonb '{"code": "interaction_ended", "message": "It was over before it was sent"}'
  -- not "= 'pending'": the index of what is due, which has everybody's messages, would seem a way
  where m.interaction_id = interaction.id and m.status not in ('sent', 'failed')
    and m.lease_until is null and m.kind <> 'decided';
  insert into hil.messages (
    workspace_id, interaction_id, kind, channel, integration_id, recipient, content, follows, due_at)
  select m.workspace_id, m.interaction_id, 'decided', m.channel, m.integration_id, m.recipient,
    m.content || jsonb_strip_nulls(jsonb_build_object(
      'outcome', interaction.outcome, 'responded_by', interaction.responded_by,
      'responded_by_name', (
        select coalesce(nullif(u.raw_user_meta_data ->> 'full_name', ''), u.email) from auth.users u
        where u.id::text = interaction.responded_by ->> 'user'),
      'responded_at', coalesce(interaction.responded_at, write_ending.at),
      'comment', interaction.response_data -> 'comment', 'result', interaction.response_data -> 'data')),
    m.id, write_ending.at
  from hil.messages m
  where m.interaction_id = interaction.id
    and m.kind in ('request', 'escalation') and m.status <> 'failed';
end
$function$;

create or replace function hil.write_messages (
  interaction public.human_interactions,
  kind        text,
  channel     text,
  addressee   text,
  assignees   jsonb,
  at          timestamp with time zone
)
  returns void
  language sql
  security definer
  set search_path to ''
  as $function$
  insert into hil.messages (
    workspace_id, interaction_id, kind, channel, integration_id, recipient, content, due_at)
  select interaction.workspace_id, interaction.id, write_messages.kind, write_messages.channel,
    (interaction.credentials ->> write_messages.channel)::uuid, r, hil.content_of(interaction), write_messages.at
  from hil.recipients(interaction.workspace_id, write_messages.channel, write_messages.addressee,
    write_messages.assignees) r
  where write_messages.channel <> 'in_app'
$function$;

create or replace function integrations.administered (
  integration_id uuid
)
  returns public.integrations
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_integration public.integrations;
begin
  select * into v_integration from public.integrations i where i.id = administered.integration_id;
  perform workspaces.require(v_integration.workspace_id, 'admin', 'integration', administered.integration_id);
  select * into v_integration from public.integrations i where i.id = administered.integration_id for update;
  if not found then
    perform workspaces.not_found('integration', administered.integration_id);
  end if;
  return v_integration;
end
$function$;

create or replace function integrations.check_config (
  provider text,
  config   jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  as $function$
declare
  v_schema jsonb;
  v_problems jsonb;
begin
  v_schema := integrations.config_schema(provider, case when provider = 'webhook' then config ->> 'type' end);
  if v_schema is null then
    v_problems := jsonb_build_array(case
      when provider = 'webhook' then jsonb_build_object('code', 'invalid', 'path', '$.config.type',
        'message', 'is none of hmac, basic, header, standard_webhooks')
      else jsonb_build_object('code', 'invalid', 'path', '$.provider', 'message', 'is no known provider')
    end);
  else
    select jsonb_agg(jsonb_build_object('code', p.problem ->> 'code', 'message', p.problem ->> 'message',
      'path', workflows.path_of('$.config', array(select jsonb_array_elements_text(p.problem -> 'at')))))
    into v_problems
    from jsonb_array_elements(workflows.schema_problems(v_schema, config, false)) p (problem);
  end if;
  if v_problems is not null then
    perform platform.fail(422, 'integration_invalid', 'The integration is not valid', v_problems::text);
  end if;
end
$function$;

create or replace function integrations.config_schema (
  provider text,
  type     text default null::text
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select jsonb_build_object('type', 'object', 'additionalProperties', false,
    'required', f.required, 'properties', f.properties || case
      when config_schema.provider in ('resend', 'sendgrid', 'mailgun', 'postmark') then m.sending || a.api
      when config_schema.provider = 'slack' then a.api
      else '{}' end)
  from (
    values
      ('github', null, jsonb '[]', jsonb '{}'),
      ('slack', null, '[]', '{}'),
      ('resend', null, '[]', '{}'),
      -- how old a signature may be; not checked when left out, as SendGrid does not tell how old retries get
      ('sendgrid', null, '[]', '{
        "tolerance_seconds": {"type": "integer", "minimum": 60, "maximum": 604800},
        "region": {"type": "string", "enum": ["us", "eu"]}
      }'),
      -- the domain that sends: that of "from" when left out
      ('mailgun', null, '[]', '{
        "domain": {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,253}$"},
        "region": {"type": "string", "enum": ["us", "eu"]}
      }'),
      ('postmark', null, '[]', '{
        "username": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"},
        "message_stream": {"type": "string", "pattern": "^[a-z0-9-]{1,30}$"}
      }'),
      ('webhook', 'hmac', '["type", "header"]', '{
        "type": {"type": "string"},
        "header": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$"},
        "algorithm": {"type": "string", "enum": ["sha256", "sha1", "sha512"]},
        "encoding": {"type": "string", "enum": ["hex", "base64"]},
        "prefix": {"type": "string", "maxLength": 50},
        "timestamp_header": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$"},
        "tolerance_seconds": {"type": "integer", "minimum": 1, "maximum": 86400}
      }'),
      ('webhook', 'basic', '["type"]', '{
        "type": {"type": "string"},
        "username": {"type": "string", "pattern": "^[A-Za-z0-9._@-]{1,100}$"}
      }'),
      ('webhook', 'header', '["type", "header"]', '{
        "type": {"type": "string"},
        "header": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$"}
      }'),
      ('webhook', 'standard_webhooks', '["type"]', '{"type": {"type": "string"}}')
  ) f (provider, type, required, properties)
  cross join (
    -- who our mails are from, and where answers are received: with "+" and a token of 52 characters its local
    -- part still has no more than 64
    select jsonb '{
      "from": {"type": "string", "maxLength": 320,
        "pattern": "^([^<>\\r\\n\"]{1,100} <)?[^@<>\\s]{1,64}@[A-Za-z0-9.-]{1,190}>?$"},
      "inbound_address": {"type": "string", "pattern": "^[^@<>+\\s]{1,11}@[A-Za-z0-9.-]{1,190}$"}
    }'
  ) m (sending)
  cross join (
    -- what stands in for the provider's API: a host that the workspace may reach
    select jsonb '{
      "api_url": {"type": "string", "pattern": "^https?://[^\\s/@?#]{1,200}(/[^\\s?#]{0,200})?$"}
    }'
  ) a (api)
  where f.provider = config_schema.provider and f.type is not distinct from config_schema.type
$function$;

create or replace function integrations."create" (
  workspace_id uuid,
  provider     text,
  name         text,
  external_id  text,
  config       jsonb,
  secrets      jsonb
)
  returns public.integrations
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workspace uuid := coalesce("create".workspace_id, workspaces.default_id());
  v_integration public.integrations;
begin
  perform workspaces.require(v_workspace, 'admin');
  perform integrations.check_config(provider, coalesce(config, '{}'));
  if length("create".name) not between 1 and 200 or length("create".external_id) not between 1 and 200 then
    perform platform.fail(422, 'integration_invalid', 'A name and an external id have 1 to 200 characters');
  end if;
  if (select count(*) from public.integrations i where i.workspace_id = v_workspace) >= 200 then
    perform platform.fail(422, 'too_many_integrations', 'A workspace has at most 200 integrations',
      'Delete those that nothing uses.');
  end if;
  insert into public.integrations as i (workspace_id, provider, name, external_id, config)
  values (v_workspace, "create".provider, "create".name, "create".external_id,
    coalesce("create".config, '{}'))
  returning i.* into v_integration;
  perform integrations.put_secret(v_integration, s.key, s.value, 0)
  from jsonb_each_text("create".secrets) s;
  return v_integration;
end
$function$;

create or replace function integrations.delete (
  integration_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_integration public.integrations := integrations.administered("delete".integration_id);
  v_workflows jsonb;
begin
  select jsonb_agg(distinct t.workflow_id) into v_workflows
  from public.trigger_index t where t.integration_id = v_integration.id;
  if v_workflows is not null then
    perform platform.fail(409, 'integration_in_use', 'Deployed triggers name this integration',
      jsonb_build_object('workflows', v_workflows, 'hint', 'Undeploy these workflows first.')::text);
  end if;
  delete from public.integrations i where i.id = v_integration.id;
end
$function$;

create or replace function integrations.for_delivery (
  integration_id uuid
)
  returns jsonb
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select jsonb_build_object(
    'id', i.id, 'workspace_id', i.workspace_id, 'provider', i.provider, 'external_id', i.external_id,
    'config', i.config, 'is_active', i.is_active,
    'secrets', coalesce((
      select jsonb_agg(jsonb_build_object('purpose', s.purpose, 'ciphertext', s.ciphertext)
        order by s.created_at desc, s.id)
      from integrations.secrets s
      where s.workspace_id = i.workspace_id and s.integration_id = i.id
        and (s.expires_at is null or s.expires_at > engine.now())), '[]'))
  from public.integrations i
  where i.id = for_delivery.integration_id
$function$;

create or replace function integrations.put_secret (
  integration   public.integrations,
  purpose       text,
  ciphertext    text,
  grace_seconds integer
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_now timestamptz := engine.now();
begin
  update integrations.secrets s
  set expires_at = least(s.expires_at, v_now + make_interval(secs => grace_seconds))
  where s.workspace_id = integration.workspace_id and s.integration_id = integration.id
    and s.purpose = put_secret.purpose;
  delete from integrations.secrets s
  where s.workspace_id = integration.workspace_id and s.integration_id = integration.id
    and (s.expires_at <= v_now or s.purpose = put_secret.purpose and s.id not in (
      -- each is tried on every delivery
      select k.id from integrations.secrets k
      where k.workspace_id = integration.workspace_id and k.integration_id = integration.id
        and k.purpose = put_secret.purpose
      order by k.created_at desc, k.id
      limit 3));
  insert into integrations.secrets (workspace_id, integration_id, purpose, ciphertext)
  values (integration.workspace_id, integration.id, put_secret.purpose, put_secret.ciphertext);
end
$function$;

create or replace function integrations.rotate (
  integration_id uuid,
  secrets        jsonb,
  grace_seconds  integer
)
  returns public.integrations
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_integration public.integrations := integrations.administered(rotate.integration_id);
begin
  if rotate.grace_seconds is null or rotate.grace_seconds not between 0 and 2592000 then
    perform platform.fail(422, 'integration_invalid', 'A grace period has 0 to 2592000 seconds');
  end if;
  perform integrations.put_secret(v_integration, s.key, s.value, rotate.grace_seconds)
  from jsonb_each_text(rotate.secrets) s;
  update public.integrations i set updated_at = engine.now() where i.id = v_integration.id
  returning i.* into v_integration;
  return v_integration;
end
$function$;

create or replace function integrations.update (
  integration_id uuid,
  name           text,
  external_id    text,
  config         jsonb,
  is_active      boolean
)
  returns public.integrations
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_integration public.integrations := integrations.administered("update".integration_id);
begin
  perform integrations.check_config(v_integration.provider, coalesce("update".config, v_integration.config));
  if v_integration.provider = 'webhook' and "update".config is not null
     and "update".config ->> 'type' is distinct from v_integration.config ->> 'type'
     and 'standard_webhooks' in ("update".config ->> 'type', v_integration.config ->> 'type') then
    perform platform.fail(422, 'integration_invalid',
      'This type of authentication takes another kind of secret', 'Make a new integration.');
  end if;
  if length("update".name) not between 1 and 200 or length("update".external_id) > 200 then
    perform platform.fail(422, 'integration_invalid', 'A name and an external id have 1 to 200 characters');
  end if;
  update public.integrations i
  set name = coalesce("update".name, i.name),
    external_id = nullif(coalesce("update".external_id, i.external_id), ''),
    config = coalesce("update".config, i.config),
    is_active = coalesce("update".is_active, i.is_active)
  where i.id = v_integration.id
  returning i.* into v_integration;
  return v_integration;
end
$function$;

create or replace function nodes.give_to_role()
  returns void
  language plpgsql
  set search_path to ''
  as $function$
begin
  if not exists (select from pg_roles r where r.rolname = 'tandem_nodes') then
    begin
      create role tandem_nodes nologin noinherit nobypassrls;
    exception when duplicate_object or unique_violation then
      null; -- another database of this cluster made it just now
    end;
  end if;
  grant tandem_nodes to current_user;
  grant usage, create on schema nodes to tandem_nodes;
  alter function nodes.invoke(text, jsonb, jsonb) owner to tandem_nodes;
  revoke create on schema nodes from tandem_nodes;
end
$function$;

create or replace function nodes.invoke (
  name      text,
  arguments jsonb,
  context   jsonb
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_output jsonb;
begin
  execute format('select nodes.%I($1, $2)', invoke.name) into v_output using arguments, context;
  return v_output;
end
$function$;

create or replace function platform.fail (
  status  integer,
  code    text,
  message text,
  hint    text    default null::text
)
  returns void
  language plpgsql
  set search_path to ''
  as $function$
begin
  raise exception '%', fail.message
    using errcode = 'PT' || fail.status, detail = fail.code, hint = coalesce(fail.hint, '');
end
$function$;

create or replace function platform.page_size (
  asked integer
)
  returns integer
  language sql
  immutable
  set search_path to ''
  as $function$
  select least(greatest(coalesce(asked, 50), 1), 200)
$function$;

create or replace function platform.set (
  key   text,
  value jsonb
)
  returns void
  language sql
  set search_path to ''
  as $function$
  insert into platform.settings as s (key, value) values (set.key, set.value)
  on conflict on constraint settings_pkey do update set value = excluded.value, updated_at = clock_timestamp()
  where s.value is distinct from excluded.value
$function$;

create or replace function platform.setting (
  key           text,
  default_value jsonb default null::jsonb
)
  returns jsonb
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select coalesce((select s.value from platform.settings s where s.key = setting.key), setting.default_value)
$function$;

create or replace function platform.setup()
  returns void
  language plpgsql
  set search_path to ''
  as $function$
begin
  if exists (select from pg_available_extensions where name = 'pg_cron')
     and current_database() = current_setting('cron.database_name', true) then
    create extension if not exists pg_cron;
  end if;
  perform engine.create_partitions();
  perform workflows.seed_node_specifications();
  perform nodes.give_to_role();
  perform engine.allow_listening();
  perform engine.schedule_jobs();
end
$function$;

create or replace function platform.touch()
  returns trigger
  language plpgsql
  set search_path to ''
  as $function$
begin
  new.updated_at := engine.now();
  return new;
end
$function$;

create or replace function platform.uuid7()
  returns uuid
  language plpgsql
  parallel safe
  set search_path to ''
  as $function$
declare
  v_us bigint := extract(epoch from clock_timestamp()) * 1000000;
begin
  return encode(
    overlay(
      uuid_send(gen_random_uuid())
      placing int8send(((v_us / 1000) << 16) | 28672 | ((v_us % 1000) * 4096 / 1000)) from 1 for 8
    ), 'hex')::uuid;
end
$function$;

create or replace function platform.uuid7_floor (
  at timestamp with time zone
)
  returns uuid
  language sql
  immutable
  parallel safe
  set search_path to ''
  as $function$
  select encode(
    int8send(((extract(epoch from at) * 1000)::bigint << 16) | 28672) || '\x8000000000000000'::bytea,
    'hex')::uuid
$function$;

create or replace function public.accept_invitation (
  token text
)
  returns public.workspace_members
  language sql
  set search_path to ''
  as $function$
  select workspaces.accept(accept_invitation.token)
$function$;

revoke all on function "public"."accept_invitation"(text) from public, "anon";

create or replace function public.activate_workflow (
  workflow_id uuid
)
  returns public.workflows
  language sql
  set search_path to ''
  as $function$
  select workflows.set_status(activate_workflow.workflow_id, 'active')
$function$;

revoke all on function "public"."activate_workflow"(uuid) from public, "anon";

create or replace function public.archive_workflow (
  workflow_id uuid
)
  returns public.workflows
  language sql
  set search_path to ''
  as $function$
  select workflows.archive(archive_workflow.workflow_id)
$function$;

revoke all on function "public"."archive_workflow"(uuid) from public, "anon";

create or replace function public.assign_response (
  response_id    uuid,
  interaction_id uuid
)
  returns public.hil_responses
  language sql
  set search_path to ''
  as $function$
  select hil.assign(assign_response.response_id, assign_response.interaction_id)
$function$;

revoke all on function "public"."assign_response"(uuid, uuid) from public, "anon";

create or replace function public.cancel_execution (
  execution_id uuid,
  reason       text default null::text
)
  returns public.workflow_executions
  language sql
  set search_path to ''
  as $function$
  select engine.cancel(cancel_execution.execution_id, cancel_execution.reason)
$function$;

revoke all on function "public"."cancel_execution"(uuid, text) from public, "anon";

create or replace function public.cancel_interaction (
  interaction_id uuid,
  reason         text default null::text
)
  returns public.human_interactions
  language sql
  set search_path to ''
  as $function$
  select hil.cancel(cancel_interaction.interaction_id, cancel_interaction.reason)
$function$;

revoke all on function "public"."cancel_interaction"(uuid, text) from public, "anon";

create or replace function public.complete_execution (
  execution_id   uuid,
  status         text,
  outputs        jsonb   default null::jsonb,
  error          jsonb   default null::jsonb,
  nodes_executed integer default null::integer
)
  returns public.workflow_executions
  language sql
  set search_path to ''
  as $function$
  select engine.complete_by_caller(
    complete_execution.execution_id, complete_execution.status, complete_execution.outputs,
    complete_execution.error, complete_execution.nodes_executed)
$function$;

revoke all on function "public"."complete_execution"(uuid, text, jsonb, jsonb, integer) from public, "anon";

create or replace function public.create_session (
  session_type text  default 'chat'::text,
  title        text  default null::text,
  metadata     jsonb default '{}'::jsonb,
  workspace_id uuid  default null::uuid
)
  returns public.sessions
  language sql
  set search_path to ''
  as $function$
  select workflows.open_session(create_session.session_type, create_session.title, create_session.metadata,
    create_session.workspace_id)
$function$;

revoke all on function "public"."create_session"(text, text, jsonb, uuid) from public, "anon";

create or replace function public.create_workflow (
  name         text,
  definition   jsonb  default '{"nodes": [], "connections": []}'::jsonb,
  description  text   default null::text,
  tags         text[] default '{}'::text[],
  folder       text   default null::text,
  workspace_id uuid   default null::uuid,
  icon_url     text   default null::text,
  session_id   uuid   default null::uuid
)
  returns public.workflows
  language sql
  set search_path to ''
  as $function$
  select workflows.create_one(create_workflow.name, create_workflow.definition, create_workflow.description,
    create_workflow.tags, create_workflow.folder, create_workflow.workspace_id, create_workflow.icon_url,
    create_workflow.session_id)
$function$;

revoke all
  on function "public"."create_workflow"(text, jsonb, text, text[], text, uuid, text, uuid)
  from public, "anon";

create or replace function public.create_workflow_version (
  workflow_id uuid,
  definition  jsonb   default null::jsonb,
  note        text    default null::text,
  revision    integer default null::integer
)
  returns public.workflow_versions
  language sql
  set search_path to ''
  as $function$
  select workflows.add_version(create_workflow_version.workflow_id, create_workflow_version.definition,
    create_workflow_version.note, create_workflow_version.revision)
$function$;

revoke all on function "public"."create_workflow_version"(uuid, jsonb, text, integer) from public, "anon";

create or replace function public.create_workspace (
  name text
)
  returns public.workspaces
  language sql
  set search_path to ''
  as $function$
  select workspaces.create_one(create_workspace.name)
$function$;

revoke all on function "public"."create_workspace"(text) from public, "anon";

create or replace function public.delete_execution_limit (
  limit_id uuid
)
  returns void
  language sql
  set search_path to ''
  as $function$
  select engine.delete_limit(delete_execution_limit.limit_id)
$function$;

revoke all on function "public"."delete_execution_limit"(uuid) from public, "anon";

create or replace function public.delete_integration (
  integration_id uuid
)
  returns void
  language sql
  set search_path to ''
  as $function$
  select integrations.delete(delete_integration.integration_id)
$function$;

revoke all on function "public"."delete_integration"(uuid) from public, "anon";

create or replace function public.delete_session (
  session_id uuid
)
  returns void
  language sql
  set search_path to ''
  as $function$
  select workflows.remove_session(delete_session.session_id)
$function$;

revoke all on function "public"."delete_session"(uuid) from public, "anon";

create or replace function public.delete_workflow (
  workflow_id uuid
)
  returns void
  language sql
  set search_path to ''
  as $function$
  select workflows.delete_one(delete_workflow.workflow_id)
$function$;

revoke all on function "public"."delete_workflow"(uuid) from public, "anon";

create or replace function public.deploy_workflow (
  workflow_id uuid,
  version     integer default null::integer,
  note        text    default null::text,
  running     text    default 'keep'::text
)
  returns jsonb
  language sql
  set search_path to ''
  as $function$
  select triggers.answer('deploy_workflow', triggers.deploy(
    deploy_workflow.workflow_id, deploy_workflow.version, deploy_workflow.note, deploy_workflow.running))
$function$;

revoke all on function "public"."deploy_workflow"(uuid, integer, text, text) from public, "anon";

create or replace function public.diff_workflow_versions (
  workflow_id uuid,
  a           integer,
  b           integer
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_a jsonb;
  v_b jsonb;
begin
  if not exists (
      select from public.workflows w where w.id = diff_workflow_versions.workflow_id
        and workspaces.may_read(w.workspace_id)) then
    perform workspaces.not_found('workflow', diff_workflow_versions.workflow_id);
  end if;
  select v.definition into v_a from public.workflow_versions v
  where v.workflow_id = diff_workflow_versions.workflow_id and v.version = a;
  select v.definition into v_b from public.workflow_versions v
  where v.workflow_id = diff_workflow_versions.workflow_id and v.version = b;
  if v_a is null or v_b is null then
    perform platform.fail(404, 'version_not_found',
      format('The workflow has no version %s', case when v_a is null then a else b end),
      'List its versions with get_version_history.');
  end if;
  return jsonb_build_object('a', a, 'b', b) || workflows.diff(v_a, v_b);
end
$function$;

revoke all on function "public"."diff_workflow_versions"(uuid, integer, integer) from public, "anon";

create or replace function public.duplicate_workflow (
  workflow_id  uuid,
  name         text default null::text,
  workspace_id uuid default null::uuid,
  folder       text default null::text
)
  returns jsonb
  language sql
  set search_path to ''
  as $function$
  select workflows.duplicate(duplicate_workflow.workflow_id, duplicate_workflow.name,
    duplicate_workflow.workspace_id, duplicate_workflow.folder)
$function$;

revoke all on function "public"."duplicate_workflow"(uuid, text, uuid, text) from public, "anon";

create or replace function public.enable_function (
  function_name text,
  workspace_id  uuid    default null::uuid,
  enabled       boolean default true,
  specification jsonb   default null::jsonb
)
  returns boolean
  language sql
  set search_path to ''
  as $function$
  select engine.enable_function(enable_function.function_name, enable_function.workspace_id,
    enable_function.enabled, enable_function.specification)
$function$;

revoke all on function "public"."enable_function"(text, uuid, boolean, jsonb) from public, "anon";

create or replace function public.get_deployment_history (
  workflow_id uuid,
  page_size   integer default 50,
  before      uuid    default null::uuid
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  as $function$
  select triggers.history(
    get_deployment_history.workflow_id, get_deployment_history.page_size, get_deployment_history.before)
$function$;

revoke all on function "public"."get_deployment_history"(uuid, integer, uuid) from public, "anon";

create or replace function public.get_execution (
  execution_id uuid
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_execution public.workflow_executions;
begin
  select * into v_execution from public.workflow_executions e where e.id = get_execution.execution_id;
  if not found then
    perform workspaces.not_found('execution', get_execution.execution_id);
  end if;
  return jsonb_build_object(
    'execution', to_jsonb(v_execution),
    'nodes', coalesce((
      select jsonb_agg(to_jsonb(d) - '{execution_id,workspace_id}'::text[] order by d.start_time nulls last, d.id)
      from public.execution_data d where d.execution_id = v_execution.id), jsonb '[]'),
    'children', coalesce((
      select jsonb_agg(public.get_execution(c.id) order by c.id)
      from (
        select x.id from public.workflow_executions x
        where x.parent_execution_id = v_execution.id and x.parent_run_id is not null
        order by x.id limit 200) c), jsonb '[]'));
end
$function$;

revoke all on function "public"."get_execution"(uuid) from public, "anon";

create or replace function public.get_execution_events (
  execution_id uuid,
  after        bigint  default 0,
  max_events   integer default 200
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_execution record;
begin
  -- the status first: an execution that has ended has no later event than the ones read after it
  select e.status, e.end_time into v_execution from public.workflow_executions e
  where e.id = get_execution_events.execution_id;
  if not found then
    perform workspaces.not_found('execution', get_execution_events.execution_id);
  end if;
  return jsonb_build_object(
    'status', v_execution.status,
    'ended', v_execution.end_time is not null,
    'events', coalesce((
      select jsonb_agg(to_jsonb(l) - 'workspace_id' order by l.id)
      from (
        select g.* from public.workflow_execution_logs g
        where g.execution_id = get_execution_events.execution_id and g.id > get_execution_events.after
        order by g.id
        limit least(greatest(get_execution_events.max_events, 1), 1000)
      ) l
    ), jsonb '[]'));
end
$function$;

revoke all on function "public"."get_execution_events"(uuid, bigint, integer) from public, "anon";

create or replace function public.get_execution_stats (
  workflow_id uuid,
  since       timestamp with time zone default null::timestamp with time zone
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
begin
  if not exists (
      select from public.workflows w where w.id = get_execution_stats.workflow_id
        -- everybody sees a public template
        and workspaces.may_read(w.workspace_id)) then
    perform workspaces.not_found('workflow', get_execution_stats.workflow_id);
  end if;
  return (
    select jsonb_build_object(
      'total_executions', count(*),
      'successful_executions', count(*) filter (where e.status = 'SUCCESS'),
      'failed_executions', count(*) filter (where e.status = 'ERROR'),
      'canceled', count(*) filter (where e.status = 'CANCELED'),
      'timed_out', count(*) filter (where e.status = 'TIMEOUT'),
      'running', count(*) filter (where e.end_time is null),
      -- of those that came to an end by themselves
      'success_rate', round(count(*) filter (where e.status = 'SUCCESS')::numeric
        / nullif(count(*) filter (where e.status in ('SUCCESS', 'ERROR', 'TIMEOUT')), 0), 4),
      'avg_duration_ms', round(avg(d.ms)),
      'p50_duration_ms', round(percentile_cont(0.5) within group (order by d.ms)),
      'p95_duration_ms', round(percentile_cont(0.95) within group (order by d.ms)),
      'last_execution_at', max(e.created_at))
    from public.workflow_executions e
    cross join lateral (
      select case when e.status in ('SUCCESS', 'ERROR', 'TIMEOUT')
        then extract(epoch from e.end_time - e.start_time)::float8 * 1000 end as ms) d
    where e.workflow_id = get_execution_stats.workflow_id
      and e.id >= platform.uuid7_floor(
        least(greatest(get_execution_stats.since, '2020-01-01'), '2200-01-01') - interval '1 day')
      and e.created_at >= coalesce(get_execution_stats.since, '-infinity'));
end
$function$;

revoke all on function "public"."get_execution_stats"(uuid, timestamp with time zone) from public, "anon";

create or replace function public.get_triggers (
  workflow_id uuid
)
  returns jsonb
  language sql
  set search_path to ''
  as $function$
  select triggers.of_workflow(get_triggers.workflow_id)
$function$;

revoke all on function "public"."get_triggers"(uuid) from public, "anon";

create or replace function public.get_version_history (
  workflow_id uuid,
  page_size   integer default 50,
  before      integer default null::integer
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows;
  v_limit int := platform.page_size(get_version_history.page_size);
begin
  select * into v_workflow from public.workflows w
  where w.id = get_version_history.workflow_id and workspaces.may_read(w.workspace_id);
  if not found then
    perform workspaces.not_found('workflow', get_version_history.workflow_id);
  end if;
  return (
    select jsonb_build_object(
      'versions', coalesce(jsonb_agg(jsonb_build_object(
        'version', p.version, 'parent_version', p.parent_version, 'note', p.note, 'checksum', p.checksum,
        'is_locked', p.is_locked, 'is_current', p.version = v_workflow.current_version,
        'is_deployed', coalesce(p.version = v_workflow.deployed_version, false),
        'created_by', p.created_by, 'created_at', p.created_at, 'updated_at', p.updated_at
      ) order by p.version desc) filter (where p.n <= v_limit), '[]'),
      'next_before', case when count(*) > v_limit then min(p.version) filter (where p.n <= v_limit) end)
    from (
      select v.*, row_number() over (order by v.version desc) as n
      from public.workflow_versions v
      where v.workflow_id = v_workflow.id
        and (get_version_history.before is null or v.version < get_version_history.before)
      order by v.version desc
      limit v_limit + 1) p);
end
$function$;

revoke all on function "public"."get_version_history"(uuid, integer, integer) from public, "anon";

create or replace function public.get_workflow (
  workflow_id uuid,
  version     integer default null::integer
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  as $function$
  select workflows.get_one(get_workflow.workflow_id, get_workflow.version)
$function$;

revoke all on function "public"."get_workflow"(uuid, integer) from public, "anon";

create or replace function public.invite_member (
  workspace_id uuid,
  email        text,
  role         text default 'editor'::text
)
  returns jsonb
  language sql
  set search_path to ''
  as $function$
  select workspaces.invite(invite_member.workspace_id, invite_member.email, invite_member.role)
$function$;

revoke all on function "public"."invite_member"(uuid, text, text) from public, "anon";

create or replace function public.list_folders (
  workspace_id uuid default null::uuid
)
  returns table (
    folder          text,
    workflows       bigint,
    workflows_below bigint
  )
  language sql
  stable
  set search_path to ''
  as $function$
  with own as (
    select w.folder, count(*) as n from public.workflows w
    where ((select workspaces.caller_bypasses_rls())
        or w.workspace_id = any (array(select workspaces.readable())))
      and w.status <> 'archived'
      and (list_folders.workspace_id is null or w.workspace_id = list_folders.workspace_id)
      and w.folder is not null
    group by w.folder
  ),
  -- 'ops' too, where there is only 'ops/mail'
  level as (
    select o.folder as leaf, o.n,
      array_to_string((string_to_array(o.folder, '/'))[:i], '/') as folder
    from own o cross join generate_series(1, array_length(string_to_array(o.folder, '/'), 1)) i
  )
  select l.folder, coalesce(sum(l.n) filter (where l.leaf = l.folder), 0)::bigint, sum(l.n)::bigint
  from level l
  group by l.folder
  order by l.folder collate "C"
$function$;

revoke all on function "public"."list_folders"(uuid) from public, "anon";

create or replace function public.list_my_interactions (
  workspace_id uuid    default null::uuid,
  status       text    default 'pending'::text,
  priority     text    default null::text,
  channel      text    default null::text,
  page_size    integer default 50,
  cursor       text    default null::text,
  with_counts  boolean default false
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  as $function$
  select hil.list_mine(list_my_interactions.workspace_id, list_my_interactions.status, list_my_interactions.priority,
    list_my_interactions.channel, list_my_interactions.page_size, list_my_interactions.cursor,
    list_my_interactions.with_counts)
$function$;

revoke all
  on function "public"."list_my_interactions"(uuid, text, text, text, integer, text, boolean)
  from public, "anon";

create or replace function public.list_tags (
  workspace_id uuid default null::uuid
)
  returns table (
    tag       text,
    workflows bigint
  )
  language sql
  stable
  set search_path to ''
  as $function$
  select t.tag, count(*)
  from public.workflows w cross join unnest(w.tags) t (tag)
  where ((select workspaces.caller_bypasses_rls())
      or w.workspace_id = any (array(select workspaces.readable())))
    and w.status <> 'archived'
    and (list_tags.workspace_id is null or w.workspace_id = list_tags.workspace_id)
  group by t.tag
  order by 2 desc, 1
$function$;

revoke all on function "public"."list_tags"(uuid) from public, "anon";

create or replace function public.list_workflows (
  workspace_id       uuid    default null::uuid,
  status             text[]  default null::text[],
  tags               text[]  default null::text[],
  folder             text    default null::text,
  include_subfolders boolean default false,
  is_template        boolean default null::boolean,
  is_public          boolean default null::boolean,
  template_category  text    default null::text,
  is_favorite        boolean default null::boolean,
  is_deployed        boolean default null::boolean,
  query              text    default null::text,
  session_id         uuid    default null::uuid,
  created_by         uuid    default null::uuid,
  order_by           text    default null::text,
  order_direction    text    default null::text,
  page_size          integer default 50,
  page_offset        integer default 0,
  cursor             text    default null::text,
  with_total         boolean default false
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  as $function$
  select workflows.list(
    list_workflows.workspace_id, list_workflows.status, list_workflows.tags, list_workflows.folder,
    list_workflows.include_subfolders, list_workflows.is_template, list_workflows.is_public,
    list_workflows.template_category, list_workflows.is_favorite, list_workflows.is_deployed,
    list_workflows.query, list_workflows.session_id, list_workflows.created_by, list_workflows.order_by,
    list_workflows.order_direction, list_workflows.page_size, list_workflows.page_offset,
    list_workflows."cursor", list_workflows.with_total)
$function$;

revoke all
  on function
    "public"."list_workflows"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean,
    text, uuid, uuid, text, text, integer, integer, text, boolean)
  from public, "anon";

create or replace function public.next_runs (
  expression text,
  timezone   text                     default 'UTC'::text,
  n          integer                  default 5,
  after      timestamp with time zone default null::timestamp with time zone
)
  returns setof timestamp with time zone
  language sql
  stable
  set search_path to ''
  as $function$
  select * from triggers.next_runs(
    next_runs.expression, next_runs.timezone, next_runs.n, next_runs.after)
$function$;

revoke all on function "public"."next_runs"(text, text, integer, timestamp with time zone) from public, "anon";

create or replace function public.pause_execution (
  execution_id uuid,
  reason       text default null::text
)
  returns public.workflow_executions
  language sql
  set search_path to ''
  as $function$
  select engine.pause(pause_execution.execution_id, pause_execution.reason)
$function$;

revoke all on function "public"."pause_execution"(uuid, text) from public, "anon";

create or replace function public.pause_workflow (
  workflow_id uuid
)
  returns public.workflows
  language sql
  set search_path to ''
  as $function$
  select workflows.set_status(pause_workflow.workflow_id, 'paused')
$function$;

revoke all on function "public"."pause_workflow"(uuid) from public, "anon";

create or replace function public.purge_workflow_versions (
  workflow_id uuid,
  keep        integer default 20
)
  returns integer
  language sql
  set search_path to ''
  as $function$
  select workflows.purge_versions(purge_workflow_versions.workflow_id, purge_workflow_versions.keep)
$function$;

revoke all on function "public"."purge_workflow_versions"(uuid, integer) from public, "anon";

create or replace function public.reassign_interaction (
  interaction_id uuid,
  assignees      jsonb,
  reason         text  default null::text
)
  returns public.human_interactions
  language sql
  set search_path to ''
  as $function$
  select hil.reassign(reassign_interaction.interaction_id, reassign_interaction.assignees, reassign_interaction.reason)
$function$;

revoke all on function "public"."reassign_interaction"(uuid, jsonb, text) from public, "anon";

create or replace function public.remove_member (
  workspace_id uuid,
  user_id      uuid default auth.uid()
)
  returns public.workspace_members
  language sql
  set search_path to ''
  as $function$
  select workspaces.change_member(remove_member.workspace_id, remove_member.user_id, null)
$function$;

revoke all on function "public"."remove_member"(uuid, uuid) from public, "anon";

create or replace function public.respond_to_interaction (
  interaction_id  uuid,
  decision        text,
  data            jsonb default null::jsonb,
  comment         text  default null::text,
  idempotency_key text  default null::text
)
  returns public.human_interactions
  language sql
  set search_path to ''
  as $function$
  select hil.respond(respond_to_interaction.interaction_id, respond_to_interaction.decision,
    respond_to_interaction.data, respond_to_interaction.comment, respond_to_interaction.idempotency_key)
$function$;

revoke all on function "public"."respond_to_interaction"(uuid, text, jsonb, text, text) from public, "anon";

create or replace function public.restore_workflow_version (
  workflow_id uuid,
  version     integer,
  note        text    default null::text,
  revision    integer default null::integer
)
  returns public.workflow_versions
  language sql
  set search_path to ''
  as $function$
  select workflows.restore_version(restore_workflow_version.workflow_id, restore_workflow_version.version,
    restore_workflow_version.note, restore_workflow_version.revision)
$function$;

revoke all on function "public"."restore_workflow_version"(uuid, integer, text, integer) from public, "anon";

create or replace function public.resume_execution (
  execution_id uuid
)
  returns public.workflow_executions
  language sql
  set search_path to ''
  as $function$
  select engine.resume(resume_execution.execution_id)
$function$;

revoke all on function "public"."resume_execution"(uuid) from public, "anon";

create or replace function public.retry_execution (
  execution_id      uuid,
  node_execution_id uuid    default null::uuid,
  version           integer default null::integer
)
  returns public.workflow_executions
  language sql
  set search_path to ''
  as $function$
  select engine.retry(
    retry_execution.execution_id, retry_execution.node_execution_id, retry_execution.version)
$function$;

revoke all on function "public"."retry_execution"(uuid, uuid, integer) from public, "anon";

create or replace function public.revoke_invitation (
  invitation_id uuid
)
  returns void
  language sql
  set search_path to ''
  as $function$
  select workspaces.revoke(revoke_invitation.invitation_id)
$function$;

revoke all on function "public"."revoke_invitation"(uuid) from public, "anon";

create or replace function public.rollback_workflow (
  workflow_id uuid,
  version     integer default null::integer,
  note        text    default null::text,
  running     text    default 'keep'::text
)
  returns jsonb
  language sql
  set search_path to ''
  as $function$
  select triggers.answer('rollback_workflow', triggers.rollback(
    rollback_workflow.workflow_id, rollback_workflow.version, rollback_workflow.note,
    rollback_workflow.running))
$function$;

revoke all on function "public"."rollback_workflow"(uuid, integer, text, text) from public, "anon";

create or replace function public.rotate_trigger (
  workflow_id uuid,
  node_id     text
)
  returns jsonb
  language sql
  set search_path to ''
  as $function$
  select triggers.rotate(rotate_trigger.workflow_id, rotate_trigger.node_id)
$function$;

revoke all on function "public"."rotate_trigger"(uuid, text) from public, "anon";

create or replace function public.send_event (
  name         text,
  payload      jsonb default '{}'::jsonb,
  key          text  default null::text,
  workspace_id uuid  default null::uuid
)
  returns jsonb
  language sql
  set search_path to ''
  as $function$
  select engine.send_event(send_event.name, send_event.payload, send_event.key, send_event.workspace_id)
$function$;

revoke all on function "public"."send_event"(text, jsonb, text, uuid) from public, "anon";

create or replace function public.set_execution_limit (
  workflow_id         uuid    default null::uuid,
  max_concurrency     integer default null::integer,
  rate_limit          integer default null::integer,
  rate_window_seconds integer default null::integer,
  policy              text    default 'queue'::text,
  key                 text    default null::text,
  workspace_id        uuid    default null::uuid
)
  returns public.execution_limits
  language sql
  set search_path to ''
  as $function$
  select engine.set_limit(
    set_execution_limit.workspace_id, set_execution_limit.workflow_id, set_execution_limit.key,
    set_execution_limit.max_concurrency, set_execution_limit.rate_limit,
    set_execution_limit.rate_window_seconds, set_execution_limit.policy)
$function$;

revoke all
  on function "public"."set_execution_limit"(uuid, integer, integer, integer, text, text, uuid)
  from public, "anon";

create or replace function public.set_favorite (
  workflow_id uuid,
  is_favorite boolean default true
)
  returns boolean
  language sql
  set search_path to ''
  as $function$
  select workflows.mark_favorite(set_favorite.workflow_id, set_favorite.is_favorite)
$function$;

revoke all on function "public"."set_favorite"(uuid, boolean) from public, "anon";

create or replace function public.set_member_role (
  workspace_id uuid,
  user_id      uuid,
  role         text
)
  returns public.workspace_members
  language plpgsql
  set search_path to ''
  as $function$
begin
  perform workspaces.check_role(set_member_role.role);
  return workspaces.change_member(
    set_member_role.workspace_id, set_member_role.user_id, set_member_role.role);
end
$function$;

revoke all on function "public"."set_member_role"(uuid, uuid, text) from public, "anon";

create or replace function public.set_static_data (
  workflow_id uuid,
  data        jsonb
)
  returns public.workflow_static_data
  language sql
  set search_path to ''
  as $function$
  select engine.replace_static_data(set_static_data.workflow_id, set_static_data.data)
$function$;

revoke all on function "public"."set_static_data"(uuid, jsonb) from public, "anon";

create or replace function public.start_execution (
  workflow_id        uuid,
  input              jsonb                    default '{}'::jsonb,
  idempotency_key    text                     default null::text,
  version            integer                  default null::integer,
  priority           integer                  default 0,
  start_at           timestamp with time zone default null::timestamp with time zone,
  timeout_seconds    integer                  default null::integer,
  executed_by_caller boolean                  default false
)
  returns public.workflow_executions
  language sql
  set search_path to ''
  as $function$
  select engine.start_by_user(
    start_execution.workflow_id, start_execution.input, start_execution.idempotency_key,
    start_execution.version, start_execution.priority, start_execution.start_at,
    start_execution.timeout_seconds, start_execution.executed_by_caller)
$function$;

revoke all
  on function "public"."start_execution"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  from public, "anon";

create or replace function public.unarchive_workflow (
  workflow_id uuid
)
  returns public.workflows
  language sql
  set search_path to ''
  as $function$
  select workflows.unarchive(unarchive_workflow.workflow_id)
$function$;

revoke all on function "public"."unarchive_workflow"(uuid) from public, "anon";

create or replace function public.undeploy_workflow (
  workflow_id uuid,
  running     text default 'keep'::text,
  note        text default null::text
)
  returns jsonb
  language sql
  set search_path to ''
  as $function$
  select triggers.undeploy(
    undeploy_workflow.workflow_id, undeploy_workflow.running, undeploy_workflow.note)
$function$;

revoke all on function "public"."undeploy_workflow"(uuid, text, text) from public, "anon";

create or replace function public.update_integration (
  integration_id uuid,
  name           text    default null::text,
  external_id    text    default null::text,
  config         jsonb   default null::jsonb,
  is_active      boolean default null::boolean
)
  returns public.integrations
  language sql
  set search_path to ''
  as $function$
  select integrations.update(
    update_integration.integration_id, update_integration.name, update_integration.external_id,
    update_integration.config, update_integration.is_active)
$function$;

revoke all on function "public"."update_integration"(uuid, text, text, jsonb, boolean) from public, "anon";

create or replace function public.update_session (
  session_id uuid,
  title      text  default null::text,
  metadata   jsonb default null::jsonb
)
  returns public.sessions
  language sql
  set search_path to ''
  as $function$
  select workflows.change_session(update_session.session_id, update_session.title, update_session.metadata)
$function$;

revoke all on function "public"."update_session"(uuid, text, jsonb) from public, "anon";

create or replace function public.update_workflow (
  workflow_id       uuid,
  revision          integer default null::integer,
  definition        jsonb   default null::jsonb,
  name              text    default null::text,
  description       text    default null::text,
  tags              text[]  default null::text[],
  folder            text    default null::text,
  icon_url          text    default null::text,
  note              text    default null::text,
  is_template       boolean default null::boolean,
  template_category text    default null::text,
  is_public         boolean default null::boolean,
  session_id        uuid    default null::uuid
)
  returns public.workflows
  language sql
  set search_path to ''
  as $function$
  select workflows.update_one(
    update_workflow.workflow_id, update_workflow.revision, update_workflow.definition, update_workflow.name,
    update_workflow.description, update_workflow.tags, update_workflow.folder, update_workflow.icon_url,
    update_workflow.note, update_workflow.is_template, update_workflow.template_category,
    update_workflow.is_public, update_workflow.session_id)
$function$;

revoke all
  on function
    "public"."update_workflow"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  from public, "anon";

create or replace function public.validate_definition (
  definition   jsonb,
  workspace_id uuid  default null::uuid
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  as $function$
  select workflows.validate(validate_definition.definition, validate_definition.workspace_id)
$function$;

revoke all on function "public"."validate_definition"(jsonb, uuid) from public, "anon";

create or replace function triggers.accepts (
  trigger_subtype text,
  config          jsonb,
  event           jsonb
)
  returns boolean
  language sql
  immutable
  set search_path to ''
  as $function$
  select case trigger_subtype
    when 'GITHUB' then
      (not config ? 'events' or config -> 'events' ? (event ->> 'event'))
      and (not config ? 'actions' or not event ? 'action' or config -> 'actions' ? (event ->> 'action'))
      and (not config ? 'branches' or not event ? 'branch' or exists (
        select from jsonb_array_elements_text(config -> 'branches') b (pattern)
        where triggers.matches_glob(b.pattern, event ->> 'branch')))
    when 'SLACK' then
      (not config ? 'channels' or coalesce(config -> 'channels' ? (event ->> 'channel'), false))
      and (coalesce((config ->> 'include_bots')::boolean, false)
        or not coalesce((event ->> 'is_bot')::boolean, false))
    when 'EMAIL' then
      not config ? 'from' or exists (
        select from jsonb_array_elements_text(config -> 'from') f (sender)
        where lower(f.sender) = case
          when f.sender like '@%' then right(event ->> 'from', length(f.sender))
          else event ->> 'from'
        end)
    else false
  end
$function$;

create or replace function triggers.admit_delivery (
  hook_id         uuid,
  burst           double precision default null::double precision,
  rate_per_second double precision default null::double precision
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_burst double precision := coalesce(burst, platform.setting('hooks.burst', '1000')::double precision);
  v_rate double precision := coalesce(
    rate_per_second, platform.setting('hooks.rate_per_second', '50')::double precision);
  v_level double precision;
begin
  insert into triggers.buckets as b (hook_id, level, filled_at)
  values (admit_delivery.hook_id, v_burst - 1, v_now)
  on conflict (hook_id) do update
  set filled_at = v_now, level = least(v_burst,
    b.level + v_rate * greatest(0, extract(epoch from v_now - b.filled_at))) - 1
  where b.level + v_rate * greatest(0, extract(epoch from v_now - b.filled_at)) >= 1;
  if found then
    return null;
  end if;
  select b.level + v_rate * greatest(0, extract(epoch from v_now - b.filled_at)) into v_level
  from triggers.buckets b where b.hook_id = admit_delivery.hook_id;
  return greatest(1, ceil((1 - v_level) / v_rate));
end
$function$;

create or replace function triggers.answer (
  verb   text,
  result jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  as $function$
declare
  v_error jsonb := result -> 'error';
begin
  if v_error is null then
    return result;
  elsif current_setting('request.path', true) like '%/rpc/' || verb then
    perform set_config('response.status', v_error ->> 'status', true);
    return jsonb_build_object('code', 'PT' || (v_error ->> 'status'), 'message', v_error -> 'message',
      'details', v_error -> 'code', 'hint', v_error -> 'hint');
  end if;
  perform platform.fail(
    (v_error ->> 'status')::int, v_error ->> 'code', v_error ->> 'message', v_error ->> 'hint');
  return null;
end
$function$;

create or replace function triggers.attempt (
  workflow    public.workflows,
  version     integer,
  action      text,
  previous_id uuid,
  running     text,
  note        text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  c_started constant timestamptz := engine.now();
  v_from text := workflow.deployment_status;
  v_previous_version int := workflow.deployed_version;
  v_version public.workflow_versions;
  v_config jsonb := jsonb_build_object('running', attempt.running, 'note', attempt.note);
  v_logs jsonb := jsonb '[]';
  v_problems jsonb;
  v_warnings jsonb;
  v_changes jsonb;
  v_canceled int := 0;
  v_id uuid := platform.uuid7();
  v_state text;
  v_code text;
  v_message text;
  v_hint text;
begin
  begin
    if workflow.status = 'archived' then
      perform platform.fail(409, 'workflow_archived',
        'An archived workflow cannot be deployed', 'Unarchive it first.');
    end if;
    perform workflows.check_note(attempt.note);
    perform workflows.lock_version(workflow.id, attempt.version);
    v_version := workflows.version_of(workflow, attempt.version);

    -- again, also of a version that was compiled before: credentials and functions come and go
    select coalesce(jsonb_agg(to_jsonb(d)) filter (where d.blocks is not null), jsonb '[]'),
      coalesce(jsonb_agg(to_jsonb(d) - 'blocks') filter (where d.blocks is null), jsonb '[]')
    into v_problems, v_warnings
    from workflows.check_definition(v_version.definition, workflow.workspace_id) d;
    perform workflows.refuse_invalid(v_problems);
    v_logs := v_logs || triggers.step('validated',
      jsonb_build_object('warnings', jsonb_array_length(v_warnings)));
    if engine.trigger_of(workflow.id, v_version.version) is null then
      perform engine.compile(workflow.id, v_version.version);
      v_logs := v_logs || triggers.step('compiled');
    end if;

    v_changes := triggers.write_index(workflow, v_version.version);
    v_logs := v_logs || triggers.step('triggers', v_changes);
    perform engine.pause_point('deployment_indexed');
    update public.workflows w
    set deployment_status = 'DEPLOYED', deployed_version = v_version.version, deployed_at = c_started,
      deployed_by = (select auth.uid()), status = 'active'
    where w.id = workflow.id
    returning w.* into workflow;
    perform engine.apply_settings(workflow.id, v_version.version);
    perform triggers.plan_schedules(workflow.id);
    v_logs := v_logs || triggers.step('schedules', jsonb_build_object('planned', array(
      select c.node_id from public.workflow_schedules c where c.workflow_id = workflow.id order by 1)));
    v_config := v_config || jsonb_build_object('triggers', (
      select coalesce(jsonb_agg(to_jsonb(t) order by t.node_id), jsonb '[]')
      from triggers.triggers_of(workflow.id, v_version.version) t));
    if attempt.running = 'cancel' then
      v_canceled := triggers.cancel_running(workflow, v_version.version, 'DEPLOY', v_from);
      v_logs := v_logs || triggers.step('executions_canceled', jsonb_build_object('count', v_canceled));
    end if;
  exception
    when serialization_failure or deadlock_detected or lock_not_available then
      raise; -- nobody's fault: to be repeated
    when others then
      get stacked diagnostics v_state = returned_sqlstate, v_code = pg_exception_detail,
        v_message = message_text, v_hint = pg_exception_hint;
      if v_state not like 'PT4__' then
        raise warning 'Deploying version % of workflow % failed: % (%)',
          attempt.version, workflow.id, v_message, v_state;
        v_code := 'deployment_failed';
        v_message := format('Something went wrong on our side (%s)', v_state);
        v_hint := 'Try again; if it stays, report it.';
        v_state := 'PT500';
      end if;
  end;

  insert into public.workflow_deployment_history (
    id, workspace_id, workflow_id, deployment_action, from_status, to_status, deployment_version,
    deployment_config, previous_id, started_at, completed_at, error_message, deployment_logs)
  values (
    v_id, workflow.workspace_id, workflow.id,
    case when v_state is null then attempt.action else 'DEPLOY_FAILED' end,
    v_from, case when v_state is null then 'DEPLOYED' else v_from end, attempt.version,
    jsonb_strip_nulls(v_config), case when v_state is null then attempt.previous_id end,
    c_started, engine.now(), v_message,
    v_logs || case
      when v_state is null then triggers.step('deployed')
      else triggers.step('failed', jsonb_build_object('code', v_code))
    end);
  if v_state is not null then
    return jsonb_build_object('error', jsonb_build_object(
      'status', substr(v_state, 3)::int, 'code', v_code, 'message', v_message, 'hint', v_hint));
  end if;
  return jsonb_build_object(
    'deployment', jsonb_build_object(
      'id', v_id, 'action', attempt.action, 'workflow_id', workflow.id, 'version', workflow.deployed_version,
      'previous_version', v_previous_version, 'status', workflow.deployment_status,
      'deployed_at', workflow.deployed_at, 'deployed_by', workflow.deployed_by),
    'triggers', triggers.deployed(workflow.id),
    'warnings', v_warnings,
    'canceled', v_canceled);
end
$function$;

create or replace function triggers.cancel_running (
  workflow       public.workflows,
  except_version integer,
  kind           text,
  from_status    text
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_reason text := coalesce('Canceled when version ' || except_version || ' was deployed',
    'Canceled when the workflow was undeployed');
  v_running uuid[];
  v_id uuid;
begin
  v_running := array(
    select e.id from public.workflow_executions e
    where e.workflow_id = workflow.id and e.end_time is null and e.version is distinct from except_version
    order by e.id);
  if cardinality(v_running) = 0 then
    return 0;
  end if;
  insert into public.workflow_deployment_history (
    workspace_id, workflow_id, deployment_action, from_status, to_status, deployment_version, started_at,
    deployment_logs)
  values (
    workflow.workspace_id, workflow.id, kind || '_STARTED', cancel_running.from_status,
    workflow.deployment_status,
    coalesce(workflow.deployed_version, (triggers.last_deployment(workflow)).deployment_version,
      workflow.current_version),
    engine.now(),
    jsonb_build_array(triggers.step('executions_asked_to_end',
      jsonb_build_object('count', cardinality(v_running)))))
  returning id into v_id;
  insert into engine.cancellations (execution_id, reason)
  select r, v_reason from unnest(v_running) r;
  insert into triggers.draining (deployment_id, execution_id) select v_id, r from unnest(v_running) r;
  return cardinality(v_running);
end
$function$;

create or replace function triggers.complete_deployments (
  at    timestamp with time zone,
  batch integer
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_touched uuid[];
begin
  if not exists (select from triggers.draining) then
    return 0;
  end if;
  with ended as (
    delete from triggers.draining d
    where (d.deployment_id, d.execution_id) in (
      select k.deployment_id, k.execution_id from triggers.draining k
      where not exists (
        select from public.workflow_executions e where e.id = k.execution_id and e.end_time is null)
      limit complete_deployments.batch
      for update skip locked)
    returning d.deployment_id
  )
  select array_agg(distinct e.deployment_id) into v_touched from ended e;
  insert into public.workflow_deployment_history (
    workspace_id, workflow_id, deployment_action, from_status, to_status, deployment_version, previous_id,
    triggered_by, started_at, completed_at, deployment_logs)
  select h.workspace_id, h.workflow_id, replace(h.deployment_action, 'STARTED', 'COMPLETED'),
    h.from_status, h.to_status, h.deployment_version, h.id, h.triggered_by, h.started_at,
    complete_deployments.at,
    jsonb_build_array(triggers.step('executions_ended', (h.deployment_logs #> '{0}') - '{at,step}'::text[]))
  from public.workflow_deployment_history h
  where h.id = any (v_touched) and not exists (
    select from triggers.draining d where d.deployment_id = h.id);
  return coalesce(cardinality(v_touched), 0);
exception when others then
  -- nothing waits for it: it must not stop the tick
  raise warning 'Deployments are not completed: %', sqlerrm;
  return 0;
end
$function$;

create or replace function triggers.cron_problem (
  expression text,
  timezone   text
)
  returns text
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select coalesce(r.problem, triggers.timezone_problem(cron_problem.timezone))
  from triggers.read_cron(cron_problem.expression) r
$function$;

create or replace function triggers.delivery_key (
  hook_id     uuid,
  delivery_id text,
  node_id     text
)
  returns text
  language sql
  immutable
  set search_path to ''
  as $function$
  select encode(sha256(convert_to(hook_id || ':' || delivery_id || ':' || node_id, 'UTF8')), 'hex')
$function$;

create or replace function triggers.deploy (
  workflow_id uuid,
  version     integer,
  note        text,
  running     text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows := triggers.take_workflow(deploy.workflow_id, deploy.running);
  v_last public.workflow_deployment_history := triggers.last_deployment(v_workflow);
  v_version int := coalesce(deploy.version, v_workflow.current_version);
begin
  return triggers.attempt(v_workflow, v_version,
    case v_workflow.deployment_status when 'DEPLOYED' then 'UPDATE' else 'DEPLOY' end,
    -- the same version again is no step to go back
    case v_last.deployment_version when v_version then v_last.previous_id else v_last.id end,
    deploy.running, deploy.note);
end
$function$;

create or replace function triggers.deployed (
  workflow_id uuid
)
  returns jsonb
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', t.id, 'node_id', t.node_id, 'subtype', t.trigger_subtype, 'index_key', t.index_key,
    'path', case t.trigger_subtype when 'WEBHOOK' then t.index_key end,
    'method', case t.trigger_subtype when 'WEBHOOK' then t.trigger_config -> 'method' end,
    'integration_id', t.integration_id, 'provider', i.provider, 'next_run_at', s.next_run_at
  ) order by t.node_id), jsonb '[]')
  from public.trigger_index t
  left join public.workflow_schedules s on s.trigger_id = t.id
  left join public.integrations i on i.workspace_id = t.workspace_id and i.id = t.integration_id
  where t.workflow_id = deployed.workflow_id
$function$;

create or replace function triggers.fail_run (
  trigger_id uuid,
  state      text,
  message    text,
  at         timestamp with time zone
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_next timestamptz;
begin
  begin
    select triggers.next_time(s.cron, s.timezone, greatest(s.next_run_at, at)) into v_next
    from public.workflow_schedules s where s.trigger_id = fail_run.trigger_id;
  exception when others then
    -- a zone that is no more: until it is deployed again
    v_next := null;
  end;
  if state = 'PT429' then
    -- a limit that drops what has no room
    update public.workflow_schedules s
    set last_skipped_at = s.next_run_at, last_skip_reason = 'execution_limit_reached', next_run_at = v_next
    where s.trigger_id = fail_run.trigger_id;
  else
    raise warning 'Schedule % cannot start: %', fail_run.trigger_id, message;
    update public.workflow_schedules s
    set last_error_at = fail_run.at, next_run_at = v_next,
      last_error = jsonb_build_object(
        'sqlstate', state, 'scheduled_at', s.next_run_at,
        -- members read it: what is not said to them is the log's
        'message', case when state like 'PT4__' then left(message, 1000) else 'Something went wrong on our side' end)
    where s.trigger_id = fail_run.trigger_id;
  end if;
end
$function$;

create or replace function triggers.fire (
  trigger_ids uuid[],
  at          timestamp with time zone
)
  returns uuid[]
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  c_grace constant interval := triggers.grace();
  v_schedule public.workflow_schedules;
  v_trigger public.trigger_index;
  v_workflow public.workflows;
  v_at timestamptz;
  v_scheduled_at text;
  v_payload jsonb;
  v_started engine.started;
  v_left uuid[] := array[]::uuid[];
begin
  for v_schedule in
    select s.* from public.workflow_schedules s
    where s.trigger_id = any (fire.trigger_ids)
    order by s.next_run_at
  loop
    if not pg_try_advisory_xact_lock_shared(workflows.lock_key(v_schedule.workflow_id)) then
      v_left := v_left || v_schedule.trigger_id;
      continue;
    end if;
    -- read behind the lock: what is deployed now stays deployed until this commits
    select t.* into strict v_trigger from public.trigger_index t where t.id = v_schedule.trigger_id;
    perform engine.pause_point('fire');
    select w.* into v_workflow from public.workflows w where w.id = v_schedule.workflow_id;
    if v_workflow.status <> 'active' then
      update public.workflow_schedules s set is_active = false where s.trigger_id = v_schedule.trigger_id;
      continue;
    end if;

    v_at := case
      when v_schedule.next_run_at >= at - c_grace then v_schedule.next_run_at
      when v_schedule.misfire = 'skip' then
        triggers.next_time(v_schedule.cron, v_schedule.timezone, at - c_grace - interval '1 microsecond')
      else coalesce((triggers.last_times(v_schedule.cron, v_schedule.timezone, v_schedule.next_run_at, at,
        case v_schedule.misfire when 'all' then v_schedule.misfire_limit else 1 end))[1],
        v_schedule.next_run_at)
    end;
    if v_at > v_schedule.next_run_at or v_at is null then
      v_schedule.last_skipped_at := v_schedule.next_run_at;
      v_schedule.last_skip_reason := 'misfire';
    end if;
    if v_at > at or v_at is null then
      v_schedule.next_run_at := v_at;
    elsif v_schedule.overlap = 'skip' and exists (
        select from public.workflow_executions e
        where e.workflow_id = v_schedule.workflow_id and e.trigger_node_id = v_schedule.node_id
          and e.mode = 'SCHEDULE' and e.end_time is null) then
      v_schedule.last_skipped_at := v_at;
      v_schedule.last_skip_reason := 'overlap';
      v_schedule.next_run_at := triggers.next_time(v_schedule.cron, v_schedule.timezone, v_at);
    else
      v_scheduled_at := to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
      v_payload := jsonb_build_object(
        'scheduled_at', v_scheduled_at, 'timezone', v_schedule.timezone, 'expression', v_schedule.expression);
      if not triggers.take_limits(v_schedule.workspace_id, v_schedule.workflow_id, v_payload) then
        v_left := v_left || v_schedule.trigger_id;
        continue;
      end if;
      if v_schedule.overlap = 'cancel_previous' then
        insert into engine.cancellations (execution_id, reason)
        select e.id, 'Canceled to make room for the next scheduled run' from public.workflow_executions e
        where e.workflow_id = v_schedule.workflow_id and e.trigger_node_id = v_schedule.node_id
          and e.mode = 'SCHEDULE' and e.end_time is null;
      end if;
      v_started := engine.start(v_workflow, v_trigger.version, v_schedule.node_id, 'SCHEDULE', v_payload,
        -- one execution a time, whoever fires it and whatever was deployed since
        encode(sha256(convert_to(v_schedule.node_id || ':' || v_scheduled_at, 'UTF8')), 'hex'), 0);
      v_schedule.last_execution_id := (v_started.execution).id;
      v_schedule.last_run_at := v_at;
      v_schedule.next_run_at := triggers.next_time(v_schedule.cron, v_schedule.timezone, v_at);
    end if;
    update public.workflow_schedules s
    set next_run_at = v_schedule.next_run_at, last_run_at = v_schedule.last_run_at,
      last_execution_id = v_schedule.last_execution_id, last_skipped_at = v_schedule.last_skipped_at,
      last_skip_reason = v_schedule.last_skip_reason
    where s.trigger_id = v_schedule.trigger_id;
  end loop;
  return v_left;
end
$function$;

create or replace function triggers.fire_due (
  at    timestamp with time zone,
  batch integer                  default 1000,
  most  interval                 default '00:00:00.25'::interval
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set lock_timeout to '1s'
  as $function$
declare
  v_until timestamptz := clock_timestamp() + most;
  -- first those on time: what an outage left may take long, and would make them late as well
  v_from timestamptz := at - triggers.grace();
  v_due uuid[];
  v_left uuid[] := array[]::uuid[];
  v_now_left uuid[];
  v_schedule uuid;
  v_done int := 0;
begin
  loop
    v_due := array(
      select s.trigger_id from public.workflow_schedules s
      where s.is_active and s.next_run_at >= v_from and s.next_run_at <= fire_due.at
        and s.trigger_id <> all (v_left)
      order by s.next_run_at
      limit least(20, batch - v_done)
      for update skip locked);
    if v_due = '{}' then
      exit when v_from = '-infinity';
      v_from := '-infinity';
      continue;
    end if;
    begin
      v_now_left := triggers.fire(v_due, at);
    exception when others then
      v_now_left := array[]::uuid[];
      foreach v_schedule in array v_due loop
        begin
          v_now_left := v_now_left || triggers.fire(array[v_schedule], at);
        exception
        when serialization_failure or deadlock_detected or lock_not_available then
          -- not its fault: the next tick
          v_now_left := v_now_left || v_schedule;
        when others then
          perform triggers.fail_run(v_schedule, sqlstate, sqlerrm, at);
        end;
      end loop;
    end;
    v_left := v_left || v_now_left;
    v_done := v_done + cardinality(v_due) - cardinality(v_now_left);
    exit when v_done >= batch or clock_timestamp() >= v_until;
  end loop;
  return v_done;
end
$function$;

create or replace function triggers.follow_status()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  update public.workflow_schedules s set is_active = new.status = 'active' where s.workflow_id = new.id;
  return null;
end
$function$;

create or replace function triggers.follow_workflow()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  update public.trigger_index t set is_active = new.status = 'active' where t.workflow_id = new.id;
  return null;
end
$function$;

create or replace function triggers.grace()
  returns interval
  language plpgsql
  immutable
  set search_path to ''
  as $function$
begin
  return interval '60 seconds';
end
$function$;

create or replace function triggers.history (
  workflow_id uuid,
  page_size   integer,
  before      uuid
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_workspace uuid := (workflows.found(history.workflow_id, 'viewer')).workspace_id;
  v_limit int := platform.page_size(history.page_size);
  v_rows jsonb;
begin
  select coalesce(jsonb_agg(to_jsonb(h) order by h.id desc), '[]') into v_rows
  from (
    select h.* from public.workflow_deployment_history h
    where h.workspace_id = v_workspace and h.workflow_id = history.workflow_id
      and (history.before is null or h.id < history.before)
    order by h.id desc
    limit v_limit + 1) h;
  return jsonb_build_object(
    'history', case
      when jsonb_array_length(v_rows) > v_limit then v_rows - v_limit
      else v_rows
    end,
    'next_before', case
      when jsonb_array_length(v_rows) > v_limit then v_rows -> (v_limit - 1) -> 'id'
    end);
end
$function$;

create or replace function triggers.last_deployment (
  workflow public.workflows,
  version  integer          default null::integer
)
  returns public.workflow_deployment_history
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select h from public.workflow_deployment_history h
  where h.workspace_id = workflow.workspace_id and h.workflow_id = workflow.id
    and h.deployment_action in ('DEPLOY', 'UPDATE', 'ROLLBACK')
    and (last_deployment.version is null or h.deployment_version = last_deployment.version)
  order by h.id desc
  limit 1
$function$;

create or replace function triggers.last_times (
  cron     triggers.cron,
  timezone text,
  since    timestamp with time zone,
  until    timestamp with time zone,
  n        integer
)
  returns timestamp with time zone[]
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_back interval := interval '2 minutes';
  v_from timestamptz;
  v_at timestamptz;
  v_times timestamptz[];
begin
  loop
    v_from := greatest(since, until - v_back);
    v_times := array[]::timestamptz[];
    v_at := triggers.next_time(cron, timezone, v_from - interval '1 microsecond');
    while v_at <= until loop
      v_times := v_times || v_at;
      if cardinality(v_times) > n then
        v_times := v_times[2:];
      end if;
      v_at := triggers.next_time(cron, timezone, v_at);
    end loop;
    if cardinality(v_times) = n or v_from = since then
      return v_times;
    end if;
    v_back := v_back * 2;
  end loop;
  return null;
end
$function$;

create or replace function triggers.match_path (
  pattern text,
  path    text
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select case
    when array_length(string_to_array(pattern, '/'), 1)
         is distinct from array_length(string_to_array(btrim(path, '/'), '/'), 1) then null
    when bool_and(s.want = s.got or (s.want like ':%' and s.got <> ''))
      then coalesce(jsonb_object_agg(substr(s.want, 2), s.got) filter (where s.want like ':%'), jsonb '{}')
  end
  from unnest(string_to_array(pattern, '/'), string_to_array(btrim(path, '/'), '/')) s (want, got)
$function$;

create or replace function triggers.matches_glob (
  pattern text,
  subject text
)
  returns boolean
  language sql
  immutable
  set search_path to ''
  as $function$
  select subject like replace(regexp_replace(pattern, '([\\%_])', '\\\1', 'g'), '*', '%')
$function$;

create or replace function triggers.next_match (
  cron     triggers.cron,
  at_least timestamp without time zone
)
  returns timestamp without time zone
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_year int := extract(year from at_least);
  v_month int := extract(month from at_least);
  v_day int := extract(day from at_least);
  v_hour int := extract(hour from at_least);
  v_minute int := extract(minute from at_least);
  v_last_year int := v_year + 50;
  v_first date;
  v_weekday int;
  v_weekdays bigint;
  v_bits bigint;
  v_found int;
begin
  while v_year <= v_last_year loop
    v_bits := cron.months >> v_month << v_month;
    if v_bits = 0 then
      v_year := v_year + 1;
      v_month := 1;
      v_day := 1;
      v_hour := 0;
      v_minute := 0;
      continue;
    end if;
    -- the lowest bit, here and below
    v_found := strpos(reverse(v_bits::bit(64)::text), '1') - 1;
    if v_found > v_month then
      v_month := v_found;
      v_day := 1;
      v_hour := 0;
      v_minute := 0;
    end if;
    v_first := make_date(v_year, v_month, 1);
    v_weekday := extract(dow from v_first);
    -- the week as the month begins it, five times, from bit 1
    v_weekdays := ((cron.weekdays >> v_weekday) | (cron.weekdays << 7 - v_weekday)) & 127;
    v_weekdays := v_weekdays * (2 + (1 << 8) + (1 << 15) + (1 << 22) + (1 << 29));
    v_bits := case when cron.either_day then cron.days | v_weekdays else cron.days & v_weekdays end
      & ((2::bigint << extract(day from v_first + interval '1 month - 1 day')::int) - 1);
    v_bits := v_bits >> v_day << v_day;
    if v_bits = 0 then
      v_month := v_month + 1;
      v_day := 1;
      v_hour := 0;
      v_minute := 0;
      continue;
    end if;
    v_found := strpos(reverse(v_bits::bit(64)::text), '1') - 1;
    if v_found > v_day then
      v_day := v_found;
      v_hour := 0;
      v_minute := 0;
    end if;
    if (cron.hours >> v_hour) & 1 = 1 then
      v_bits := cron.minutes >> v_minute << v_minute;
      if v_bits <> 0 then
        v_minute := strpos(reverse(v_bits::bit(64)::text), '1') - 1;
        return make_timestamp(v_year, v_month, v_day, v_hour, v_minute, 0);
      end if;
    end if;
    v_bits := cron.hours >> v_hour + 1 << v_hour + 1;
    if v_bits <> 0 then
      v_hour := strpos(reverse(v_bits::bit(64)::text), '1') - 1;
      v_minute := strpos(reverse(cron.minutes::bit(64)::text), '1') - 1;
      return make_timestamp(v_year, v_month, v_day, v_hour, v_minute, 0);
    end if;
    v_day := v_day + 1;
    v_hour := 0;
    v_minute := 0;
  end loop;
  return null;
end
$function$;

create or replace function triggers.next_runs (
  expression text,
  timezone   text,
  n          integer,
  after      timestamp with time zone
)
  returns setof timestamp with time zone
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_read record;
  v_problem text := triggers.timezone_problem(timezone);
  v_at timestamptz := coalesce(after, engine.now());
begin
  select * into v_read from triggers.read_cron(expression);
  if v_read.problem is not null then
    perform platform.fail(422, 'cron_invalid', v_read.problem,
      'Write it as 30 9 * * MON-FRI, or as @daily.');
  elsif v_problem is not null then
    perform platform.fail(422, 'timezone_unknown', v_problem, 'Name it as Europe/Berlin.');
  end if;
  for i in 1 .. least(n, 1000) loop
    v_at := triggers.next_time(v_read.cron, timezone, v_at);
    exit when v_at is null;
    return next v_at;
  end loop;
end
$function$;

create or replace function triggers.next_time (
  cron     triggers.cron,
  timezone text,
  after    timestamp with time zone
)
  returns timestamp with time zone
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  -- longer than any change, shorter than the time between two
  c_near constant interval := interval '26 hours';
  v_from timestamptz := after;
  v_offset interval := (after at time zone timezone) - (after at time zone 'UTC');
  v_local timestamp := date_trunc('minute', after at time zone timezone) + interval '1 minute';
  v_match timestamp;
  v_at timestamptz;
  v_near timestamptz;
  v_other interval;
  v_change timestamptz;
begin
  if cron.is_fixed then
    v_near := after - c_near;
    v_other := (v_near at time zone timezone) - (v_near at time zone 'UTC');
    if v_other > v_offset then
      v_change := triggers.offset_change(timezone, v_near, after);
      v_local := greatest(v_local, (v_change at time zone 'UTC') + v_other);
    end if;
  end if;
  loop
    v_local := date_trunc('minute', v_local + interval '59.999999 seconds');
    v_match := triggers.next_match(cron, v_local);
    if v_match is null then
      return null;
    end if;
    v_at := (v_match - v_offset) at time zone 'UTC';
    v_near := least(v_at, v_from + c_near);
    v_other := (v_near at time zone timezone) - (v_near at time zone 'UTC');
    if v_other = v_offset then
      if v_near = v_at then
        return v_at;
      end if;
      -- nothing happens before; changes on the way only matter close to the match
      v_from := greatest(v_near, v_at - c_near - c_near);
      v_offset := (v_from at time zone timezone) - (v_from at time zone 'UTC');
      v_local := v_match;
      continue;
    end if;
    v_change := triggers.offset_change(timezone, v_from, v_near);
    v_other := (v_change at time zone timezone) - (v_change at time zone 'UTC');
    v_local := (v_change at time zone 'UTC') + v_other;
    if v_other > v_offset then
      if v_match < v_local and cron.is_fixed and v_other - v_offset < interval '24 hours' then
        return v_change;
      end if;
      v_local := greatest(v_local, v_match);
    elsif cron.is_fixed then
      v_local := v_match;
    end if;
    v_from := v_change;
    v_offset := v_other;
  end loop;
  return null;
end
$function$;

create or replace function triggers.of_workflow (
  workflow_id uuid
)
  returns jsonb
  language sql
  security definer
  set search_path to ''
  as $function$
  select jsonb_build_object('triggers', triggers.deployed(w.id))
  from workflows.found(of_workflow.workflow_id, 'editor') w
$function$;

create or replace function triggers.offset_change (
  timezone text,
  low      timestamp with time zone,
  high     timestamp with time zone
)
  returns timestamp with time zone
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_offset interval := (low at time zone timezone) - (low at time zone 'UTC');
  v_low bigint := floor(extract(epoch from low));
  v_high bigint := floor(extract(epoch from high));
  v_middle bigint;
  v_at timestamptz;
begin
  while v_high - v_low > 1 loop
    v_middle := (v_low + v_high) / 2;
    v_at := to_timestamp(v_middle);
    if (v_at at time zone timezone) - (v_at at time zone 'UTC') = v_offset then
      v_low := v_middle;
    else
      v_high := v_middle;
    end if;
  end loop;
  return to_timestamp(v_high);
end
$function$;

create or replace function triggers.plan_schedules (
  workflow_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_trigger record;
  v_problem text;
begin
  for v_trigger in
    select t.*, w.status = 'active' as is_active, t.trigger_config ->> 'expression' as expression,
      coalesce(t.trigger_config ->> 'timezone', 'UTC') as timezone
    from public.trigger_index t
    join public.workflows w on w.id = t.workflow_id
    where t.workflow_id = plan_schedules.workflow_id and t.trigger_subtype = 'CRON'
    order by t.node_id
  loop
    v_problem := triggers.cron_problem(v_trigger.expression, v_trigger.timezone);
    if v_problem is not null then
      perform platform.fail(422, 'cron_invalid', format('%s: %s', v_trigger.node_id, v_problem),
        'Write it as 30 9 * * MON-FRI, or as @daily, with a zone as Europe/Berlin.');
    end if;
    insert into public.workflow_schedules as s (
      trigger_id, workspace_id, workflow_id, node_id, version, expression, timezone, cron,
      misfire, misfire_limit, overlap, is_active, next_run_at)
    select v_trigger.id, v_trigger.workspace_id, v_trigger.workflow_id, v_trigger.node_id, v_trigger.version,
      v_trigger.expression, v_trigger.timezone, r.cron,
      coalesce(v_trigger.trigger_config ->> 'misfire', 'once'),
      coalesce((v_trigger.trigger_config ->> 'misfire_limit')::int, 10),
      coalesce(v_trigger.trigger_config ->> 'overlap', 'allow'),
      v_trigger.is_active, triggers.next_time(r.cron, v_trigger.timezone, v_now)
    from triggers.read_cron(v_trigger.expression) r
    on conflict on constraint workflow_schedules_pkey do update
    set version = excluded.version, expression = excluded.expression, timezone = excluded.timezone,
      cron = excluded.cron, misfire = excluded.misfire, misfire_limit = excluded.misfire_limit,
      overlap = excluded.overlap, is_active = excluded.is_active,
      next_run_at = case
        when s.expression = excluded.expression and s.timezone = excluded.timezone
          -- later than the next one: the clock was ahead when it ran last
          then least(s.next_run_at, excluded.next_run_at)
        else excluded.next_run_at
      end;
  end loop;
end
$function$;

create or replace function triggers.read_cron (
  expression text
)
  returns triggers.reading
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_text text := coalesce(upper(btrim(expression, E' \t\r\n')), '');
  v_fields text[];
  v_masks bigint[];
  v_read record;
  v_reading triggers.reading;
begin
  v_text := case v_text
    when '@YEARLY' then '0 0 1 1 *'
    when '@ANNUALLY' then '0 0 1 1 *'
    when '@MONTHLY' then '0 0 1 * *'
    when '@WEEKLY' then '0 0 * * 0'
    when '@DAILY' then '0 0 * * *'
    when '@MIDNIGHT' then '0 0 * * *'
    when '@HOURLY' then '0 * * * *'
    else v_text
  end;
  if v_text like '@%' then
    v_reading.problem := split_part(lower(v_text), ' ', 1)
      || ' is not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly';
    return v_reading;
  end if;
  v_fields := regexp_split_to_array(v_text, '\s+');
  if cardinality(v_fields) <> 5 or v_text = '' then
    v_reading.problem := 'A cron expression has five fields: minute, hour, day of month, month, day of week'
      || case cardinality(v_fields) when 6 then '; there are no seconds' else '' end;
    return v_reading;
  end if;
  for v_read in
    select f.place, r.bits, r.problem
    from (values
      (1, 'minute', 0, 59, null),
      (2, 'hour', 0, 23, null),
      (3, 'day of month', 1, 31, null),
      (4, 'month', 1, 12,
        '{JAN,FEB,MAR,APR,MAY,JUN,JUL,AUG,SEP,OCT,NOV,DEC}'::text[]),
      (5, 'day of week', 0, 6, '{SUN,MON,TUE,WED,THU,FRI,SAT}'::text[])
    ) f (place, what, low, high, names)
    cross join lateral triggers.read_cron_field(
      -- of the day fields, ? says "any"
      case when f.place in (3, 5) and v_fields[f.place] = '?' then '*' else v_fields[f.place] end,
      f.what, f.low, f.high, f.names) r
    order by f.place
  loop
    if v_read.problem is not null then
      v_reading.problem := v_read.problem;
      return v_reading;
    end if;
    v_masks[v_read.place] := v_read.bits;
  end loop;
  v_reading.cron := row(
    v_masks[1], v_masks[2], v_masks[3], v_masks[4], v_masks[5],
    -- as in Vixie's cron: a field that starts with a star leaves the choice to the other one
    left(v_fields[3], 1) not in ('*', '?') and left(v_fields[5], 1) not in ('*', '?'),
    (v_fields[1] || v_fields[2]) !~ '[*/]')::triggers.cron;
  if not (v_reading.cron).either_day and not exists (
    select from unnest('{31,29,31,30,31,30,31,31,30,31,30,31}'::int[]) with ordinality l (length, month)
    where ((v_reading.cron).months >> l.month::int) & 1 = 1
      and (v_reading.cron).days & ((2::bigint << l.length) - 1) <> 0
  ) then
    v_reading.cron := null;
    v_reading.problem := 'No month that is named has such a day: it would never run';
  end if;
  return v_reading;
end
$function$;

create or replace function triggers.read_cron_field (
  field text,
  what  text,
  low   integer,
  high  integer,
  names text[],
  out   bits bigint,
  out   problem text
)
  returns record
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_part text;
  v_match text[];
  v_from int;
  v_to int;
  v_step int;
  -- Sunday is 0 and 7
  v_top int := case when what = 'day of week' then 7 else high end;
begin
  bits := 0;
  foreach v_part in array string_to_array(field, ',') loop
    v_match := regexp_match(v_part, '^(\*|\d{1,4}|[A-Z]+)(?:-(\d{1,4}|[A-Z]+))?(?:/(\d{1,4}))?$');
    problem := format(case
      when v_part = '' then '%s: a value is missing'
      when v_part ~ '#|(^|\d|-)(L|W|LW)$' then '%s: "%s" is not supported, as L, W and # are not'
      when v_match is null or v_match[1] = '*' and v_match[2] is not null
        then '%s: "%s" is not a value, a range, a step or *'
    end, what, v_part);
    if problem is not null then
      return;
    end if;
    v_from := case
      when v_match[1] = '*' then low
      when v_match[1] ~ '^\d' then v_match[1]::int
      else array_position(names, v_match[1]) - 1 + low
    end;
    v_to := case
      when v_match[2] is null and (v_match[1] = '*' or v_match[3] is not null) then high
      when v_match[2] is null then v_from
      when v_match[2] ~ '^\d' then v_match[2]::int
      when v_top > high and v_match[2] = names[1] then v_top
      else array_position(names, v_match[2]) - 1 + low
    end;
    if v_from > high and v_from = v_top and v_match[2] is null then
      v_from := low;
      v_to := case when v_match[3] is null then low else high end;
    end if;
    v_step := coalesce(v_match[3]::int, 1);
    problem := case
      when v_from is null or v_to is null then format('%s: "%s" has an unknown name', what, v_part)
      when v_from not between low and v_top or v_to not between low and v_top then
        format('%s: "%s" is not between %s and %s', what, v_part, low, v_top)
      when v_from > v_to then format('%s: the range "%s" goes backwards', what, v_part)
      when v_step not between 1 and high - low + 1 then
        format('%s: the step of "%s" is not between 1 and %s', what, v_part, high - low + 1)
    end;
    if problem is not null then
      return;
    end if;
    for i in v_from .. v_to by v_step loop
      bits := bits | (1::bigint << case when i > high then low else i end);
    end loop;
  end loop;
end
$function$;

create or replace function triggers.receive_event (
  integration_id   uuid,
  subtype          text,
  keys             text[],
  event            jsonb,
  payload          jsonb,
  delivery_id      text,
  single_use_token text   default null::text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
#variable_conflict use_column
declare
  v_integration public.integrations;
  v_keys text[] := array_append(receive_event.keys, '*');
  v_workflows uuid[];
  v_lock bigint;
  v_trigger public.trigger_index;
  v_workflow public.workflows;
  v_started engine.started;
  v_executions jsonb := jsonb '[]';
begin
  v_workflows := array(
    select distinct t.workflow_id from public.trigger_index t
    where t.integration_id = receive_event.integration_id and t.index_key = any (v_keys)
      and t.trigger_subtype = receive_event.subtype);
  for v_lock in select workflows.lock_key(w) from unnest(v_workflows) w order by 1 loop
    perform pg_advisory_xact_lock_shared(v_lock);
  end loop;
  perform engine.pause_point('receive_event');

  select * into v_integration from public.integrations i where i.id = receive_event.integration_id;
  if v_integration.id is null or not v_integration.is_active then
    perform platform.fail(409, 'integration_inactive', 'The integration is turned off',
      'Turn it on with update_integration.');
  end if;
  if single_use_token is not null and not triggers.use_token(v_integration, single_use_token) then
    return jsonb_build_object('executions', v_executions);
  end if;
  -- of all starts at once, since one start after the other would take them in any order
  for v_lock in
    select engine.lock_of_limit(l.id, engine.key_of(l, receive_event.payload))
    from public.execution_limits l
    where l.workspace_id = v_integration.workspace_id
      and (l.workflow_id is null or l.workflow_id = any (v_workflows))
    order by l.id
  loop
    perform pg_advisory_xact_lock(v_lock);
  end loop;

  for v_trigger in
    select t.* from public.trigger_index t
    where t.integration_id = v_integration.id and t.index_key = any (v_keys)
      and t.trigger_subtype = receive_event.subtype and t.workflow_id = any (v_workflows)
      and triggers.accepts(t.trigger_subtype, t.trigger_config, receive_event.event)
    order by t.workflow_id, t.node_id
  loop
    select * into v_workflow from public.workflows w where w.id = v_trigger.workflow_id;
    continue when v_workflow.status <> 'active';
    begin
      v_started := engine.start(v_workflow, v_trigger.version, v_trigger.node_id, 'TRIGGER', payload,
        triggers.delivery_key(v_integration.id, delivery_id, v_trigger.node_id), 0);
      v_executions := v_executions || jsonb_build_object(
        'workflow_id', v_workflow.id, 'node_id', v_trigger.node_id,
        'execution_id', (v_started.execution).id, 'status', (v_started.execution).status,
        'duplicate', not v_started.created);
    exception when sqlstate 'PT429' then
      -- one workflow's limit that drops starts is not the others' affair
      v_executions := v_executions || jsonb_build_object(
        'workflow_id', v_workflow.id, 'node_id', v_trigger.node_id, 'execution_id', null,
        'status', 'DROPPED', 'duplicate', false);
    end;
  end loop;
  return jsonb_build_object('executions', v_executions);
end
$function$;

create or replace function triggers.receive_webhook (
  trigger_id     uuid,
  method         text,
  path           text,
  request        jsonb,
  delivery_key   text,
  integration_id uuid  default null::uuid
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  as $function$
declare
  v_trigger public.trigger_index;
  v_workflow public.workflows;
  v_params jsonb;
  v_input jsonb;
  v_started engine.started;
begin
  select * into v_trigger from public.trigger_index t where t.id = receive_webhook.trigger_id;
  if found then
    perform pg_advisory_xact_lock_shared(workflows.lock_key(v_trigger.workflow_id));
    perform engine.pause_point('receive_webhook');
  end if;
  select * into v_trigger from public.trigger_index t
  where t.id = receive_webhook.trigger_id and t.trigger_subtype = 'WEBHOOK';
  v_params := triggers.match_path(v_trigger.index_key, coalesce(receive_webhook.path, ''));
  if v_trigger.id is null or v_params is null then
    perform platform.fail(404, 'trigger_not_found', 'No deployed webhook at this URL',
      'Take the URL that deploying the workflow answered.');
  end if;
  if v_trigger.integration_id is distinct from receive_webhook.integration_id then
    perform platform.fail(409, 'trigger_changed',
      'The webhook asks for another proof than it did a moment ago', 'Deliver again.');
  end if;
  if v_trigger.trigger_config ->> 'method' not in ('ANY', upper(receive_webhook.method)) then
    perform platform.fail(405, 'method_not_allowed',
      format('This webhook takes %s', v_trigger.trigger_config ->> 'method'),
      'Send that method, or change the trigger''s.');
  end if;
  if v_trigger.integration_id is not null and not exists (
      select from public.integrations i where i.id = v_trigger.integration_id and i.is_active) then
    perform platform.fail(409, 'integration_inactive', 'The integration is turned off',
      'Turn it on with update_integration.');
  end if;
  select * into v_workflow from public.workflows w where w.id = v_trigger.workflow_id;
  if v_workflow.status <> 'active' then
    perform platform.fail(409, 'workflow_not_startable', format('The workflow is %s', v_workflow.status),
      'Activate it first.');
  end if;
  v_input := receive_webhook.request || jsonb_build_object('params', v_params);
  v_started := engine.start(v_workflow, v_trigger.version, v_trigger.node_id, 'WEBHOOK', v_input,
    triggers.delivery_key(v_trigger.id, receive_webhook.delivery_key, v_trigger.node_id), 0);
  return jsonb_build_object('execution_id', (v_started.execution).id, 'status', (v_started.execution).status,
    'duplicate', not v_started.created,
    -- the key is the sender's own choice: whoever guesses one must not be shown what another was answered
    'same_request', (v_started.execution).input - 'headers' is not distinct from v_input - 'headers');
end
$function$;

create or replace function triggers.rollback (
  workflow_id uuid,
  version     integer,
  note        text,
  running     text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows := triggers.take_workflow(rollback.workflow_id, rollback.running);
  v_target public.workflow_deployment_history := triggers.last_deployment(v_workflow, rollback.version);
begin
  if rollback.version is null then
    while v_target.id is not null and (
        v_target.deployment_version is not distinct from v_workflow.deployed_version
        or not exists (
          select from public.workflow_versions v
          where v.workflow_id = v_workflow.id and v.version = v_target.deployment_version)) loop
      select h.* into v_target from public.workflow_deployment_history h where h.id = v_target.previous_id;
    end loop;
  elsif rollback.version = v_workflow.deployed_version then
    v_target := null;
  end if;
  if v_target.id is null then
    perform platform.fail(409, 'nothing_to_roll_back_to',
      case
        when rollback.version is null then 'No other version was deployed before'
        when rollback.version = v_workflow.deployed_version
          then format('Version %s is the one that is deployed', rollback.version)
        else format('Version %s was never deployed', rollback.version)
      end,
      'Deploy a version instead; the history says which ones were deployed.');
  end if;
  return triggers.attempt(v_workflow, v_target.deployment_version, 'ROLLBACK', v_target.previous_id,
    rollback.running, rollback.note);
end
$function$;

create or replace function triggers.rotate (
  workflow_id uuid,
  node_id     text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_workflow public.workflows := triggers.take_workflow(rotate.workflow_id, 'keep');
  v_id uuid := gen_random_uuid();
begin
  -- others have no URL of their own
  update triggers.trigger_ids k set id = v_id
  where k.workflow_id = v_workflow.id and k.node_id = rotate.node_id and k.trigger_subtype = 'WEBHOOK';
  if not found then
    perform platform.fail(404, 'trigger_not_found',
      format('%s is no WEBHOOK trigger that was ever deployed', rotate.node_id),
      'Name the node of a deployed webhook.');
  end if;
  update public.trigger_index t set id = v_id
  where t.workflow_id = v_workflow.id and t.node_id = rotate.node_id and t.trigger_subtype = 'WEBHOOK';
  return jsonb_build_object('trigger', coalesce(
    (select t from jsonb_array_elements(triggers.deployed(v_workflow.id)) t where t ->> 'id' = v_id::text),
    jsonb_build_object('id', v_id, 'node_id', rotate.node_id, 'subtype', 'WEBHOOK')));
end
$function$;

create or replace function triggers.step (
  step text,
  more jsonb default '{}'::jsonb
)
  returns jsonb
  language sql
  set search_path to ''
  as $function$
  select jsonb_build_object('at', engine.now(), 'step', step.step) || step.more
$function$;

create or replace function triggers.sweep()
  returns void
  language sql
  security definer
  set search_path to ''
  as $function$
  -- full again, and perhaps of hooks that are gone
  delete from triggers.buckets b where b.filled_at < engine.now() - interval '1 day';
  -- a token is good eight hours before and after its time
  delete from triggers.used_tokens u where u.used_at < engine.now() - interval '17 hours';
$function$;

create or replace function triggers.take_limits (
  workspace_id uuid,
  workflow_id  uuid,
  input        jsonb
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  return coalesce((
    select bool_and(pg_try_advisory_xact_lock(
      engine.lock_of_limit(l.id, engine.key_of(l, take_limits.input))))
    from public.execution_limits l
    where l.workspace_id = take_limits.workspace_id
      and (l.workflow_id is null or l.workflow_id = take_limits.workflow_id)), true);
end
$function$;

create or replace function triggers.take_workflow (
  workflow_id uuid,
  running     text
)
  returns public.workflows
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows := workflows.found(take_workflow.workflow_id, 'editor');
begin
  if take_workflow.running is null or take_workflow.running not in ('keep', 'cancel') then
    perform platform.fail(422, 'running_invalid', 'Running executions are kept or canceled',
      'Give running as keep or cancel.');
  end if;
  perform pg_advisory_xact_lock(workflows.lock_key(take_workflow.workflow_id));
  v_workflow := workflows.found(take_workflow.workflow_id, 'editor', true);
  perform engine.pause_point('deployment_locked');
  return v_workflow;
end
$function$;

create or replace function triggers.timezone_problem (
  timezone text
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  as $function$
begin
  if coalesce(timezone, '') !~ ('^(UTC|GMT|Etc/GMT(\+(\d|1[0-2])|-(\d|1[0-4]))|'
       '[A-Z][A-Za-z_-]*(/[A-Z][A-Za-z_-]*){1,2})$') then
    return format('"%s" is not an IANA time zone, as Europe/Berlin or UTC', left(timezone, 100));
  end if;
  perform timestamp '2000-01-01' at time zone timezone;
  return null;
exception when invalid_parameter_value then
  return format('There is no time zone "%s"', left(timezone, 100));
end
$function$;

create or replace function triggers.triggers_of (
  workflow_id uuid,
  version     integer
)
  returns table (
    node_id         text,
    trigger_subtype text,
    index_key       text,
    integration_id  uuid,
    trigger_config  jsonb
  )
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_problems jsonb;
begin
  perform from public.integrations i
  where i.id::text in (
    select lower(c.value) from public.nodes n
    cross join jsonb_each_text(n.credentials) c
    where n.workflow_id = triggers_of.workflow_id and n.version = triggers_of.version
      and n.node_type = 'TRIGGER' and not n.disabled and jsonb_typeof(n.credentials) = 'object')
    and i.workspace_id = (select w.workspace_id from public.workflows w where w.id = triggers_of.workflow_id)
  order by i.id
  for key share;

  with asked as (
    select n.node_id, n.ordinal, n.workspace_id, c ->> 'name' as credential,
      c -> 'providers' as providers, (c ->> 'required')::boolean as is_required,
      n.credentials ->> (c ->> 'name') as given
    from public.nodes n
    join public.node_specifications s on s.node_type = n.node_type and s.node_subtype = n.node_subtype
    cross join jsonb_array_elements(coalesce(s.specification_data -> 'credentials', '[]')) c
    where n.workflow_id = triggers_of.workflow_id and n.version = triggers_of.version
      and n.node_type = 'TRIGGER' and not n.disabled
  )
  select jsonb_agg(jsonb_build_object('node_id', a.node_id,
    'code', case when a.given is null then 'credentials_missing' else 'credential_unknown' end,
    'message', case
      when a.given is null then format('%s needs an integration as its credential', a.node_id)
      else format('%s names no integration of this workspace that is of %s', a.node_id,
        (select string_agg(p, ', ') from jsonb_array_elements_text(a.providers) p))
    end,
    'path', format('$.nodes[%s].credentials.%s', a.ordinal - 1, a.credential)) order by a.ordinal)
  into v_problems
  from asked a
  where (a.given is null and a.is_required) or (a.given is not null and not exists (
    select from public.integrations i
    where i.workspace_id = a.workspace_id and i.id::text = lower(a.given) and a.providers ? i.provider));
  if v_problems is not null then
    perform platform.fail(422, 'definition_invalid', 'The workflow''s triggers are not valid',
      v_problems::text);
  end if;

  return query
  select n.node_id, n.node_subtype,
    case n.node_subtype
      when 'WEBHOOK' then btrim(n.parameters ->> 'path', '/')
      when 'CRON' then n.parameters ->> 'expression'
      when 'GITHUB' then coalesce(lower(n.parameters ->> 'repository'), '*')
      when 'SLACK' then coalesce(n.parameters ->> 'command', n.parameters ->> 'event', '*')
      when 'EMAIL' then coalesce(lower(n.parameters ->> 'address'), '*')
      else ''
    end,
    (n.credentials ->> (s.specification_data #>> '{credentials,0,name}'))::uuid,
    -- a default is a parameter that was left out
    coalesce((
      select jsonb_object_agg(p.key, p.value -> 'default')
      from jsonb_each(s.specification_data #> '{parameters,properties}') p
      where p.value ? 'default'
    ), jsonb '{}') || n.parameters
  from public.nodes n
  join public.node_specifications s on s.node_type = n.node_type and s.node_subtype = n.node_subtype
  where n.workflow_id = triggers_of.workflow_id and n.version = triggers_of.version
    and n.node_type = 'TRIGGER' and not n.disabled;
end
$function$;

create or replace function triggers.undeploy (
  workflow_id uuid,
  running     text,
  note        text default null::text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_workflow public.workflows := triggers.take_workflow(undeploy.workflow_id, undeploy.running);
  -- behind the lock, as in the history of all
  c_started constant timestamptz := engine.now();
  v_from text := v_workflow.deployment_status;
  v_version int := v_workflow.deployed_version;
  v_removed text[];
  v_canceled int := 0;
begin
  perform workflows.check_note(undeploy.note);
  if v_version is not null then
    with removed as (
      delete from public.trigger_index t where t.workflow_id = v_workflow.id returning t.node_id
    )
    select array_agg(r.node_id order by r.node_id) into v_removed from removed r;
    update public.workflows w
    set deployment_status = 'UNDEPLOYED', deployed_version = null, undeployed_at = c_started
    where w.id = v_workflow.id
    returning w.* into v_workflow;
    perform engine.apply_settings(v_workflow.id, null);
    perform triggers.plan_schedules(v_workflow.id);
    perform engine.pause_point('deployment_indexed');
    insert into public.workflow_deployment_history (
      workspace_id, workflow_id, deployment_action, from_status, to_status, deployment_version,
      deployment_config, started_at, completed_at, deployment_logs)
    values (
      v_workflow.workspace_id, v_workflow.id, 'UNDEPLOY', v_from, v_workflow.deployment_status, v_version,
      jsonb_strip_nulls(jsonb_build_object('running', undeploy.running, 'note', undeploy.note)),
      c_started, engine.now(),
      jsonb_build_array(triggers.step('triggers', jsonb_build_object('removed', v_removed))));
  end if;
  -- also later: who let them run may think again
  if undeploy.running = 'cancel' then
    v_canceled := triggers.cancel_running(v_workflow, null, 'UNDEPLOY', v_from);
  end if;
  return jsonb_build_object(
    'deployment', jsonb_build_object(
      'workflow_id', v_workflow.id, 'version', null, 'previous_version', v_version,
      'status', v_workflow.deployment_status, 'undeployed_at', v_workflow.undeployed_at),
    'triggers', jsonb '[]',
    'changed', v_version is not null,
    'canceled', v_canceled);
end
$function$;

create or replace function triggers.use_token (
  integration public.integrations,
  token       text
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  insert into triggers.used_tokens (workspace_id, integration_id, token_hash, used_at)
  values (integration.workspace_id, integration.id, sha256(convert_to(token, 'UTF8')), engine.now())
  on conflict do nothing;
  return found;
end
$function$;

create or replace function triggers.webhook_config (
  trigger_id uuid
)
  returns jsonb
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select jsonb_build_object(
    'response_mode', coalesce(t.trigger_config ->> 'response_mode', 'async'),
    'raw_body', coalesce((t.trigger_config ->> 'raw_body')::boolean, false),
    'integration', case
      when t.integration_id is not null then integrations.for_delivery(t.integration_id)
    end)
  from public.trigger_index t
  where t.id = webhook_config.trigger_id and t.trigger_subtype = 'WEBHOOK'
$function$;

create or replace function triggers.write_index (
  workflow public.workflows,
  version  integer
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_before jsonb := (
    select coalesce(jsonb_object_agg(i.node_id, i.id), '{}') from public.trigger_index i
    where i.workflow_id = workflow.id);
  v_after jsonb;
begin
  insert into triggers.trigger_ids (workspace_id, workflow_id, node_id, trigger_subtype)
  select workflow.workspace_id, workflow.id, t.node_id, t.trigger_subtype
  from triggers.triggers_of(workflow.id, write_index.version) t
  on conflict do nothing;
  delete from public.trigger_index i
  where i.workflow_id = workflow.id and not exists (
    select from triggers.triggers_of(workflow.id, write_index.version) t
    where t.node_id = i.node_id and t.trigger_subtype = i.trigger_subtype);
  insert into public.trigger_index as i
    (id, workspace_id, workflow_id, version, node_id, trigger_subtype, index_key, integration_id,
      trigger_config)
  select k.id, workflow.workspace_id, workflow.id, write_index.version,
    t.node_id, t.trigger_subtype, t.index_key, t.integration_id, t.trigger_config
  from triggers.triggers_of(workflow.id, write_index.version) t
  join triggers.trigger_ids k on k.workflow_id = workflow.id
    and k.node_id = t.node_id and k.trigger_subtype = t.trigger_subtype
  on conflict on constraint a_trigger_node_is_indexed_once do update
  set version = excluded.version, index_key = excluded.index_key, integration_id = excluded.integration_id,
    trigger_config = excluded.trigger_config;
  select coalesce(jsonb_object_agg(i.node_id, i.id), '{}') into v_after
  from public.trigger_index i where i.workflow_id = workflow.id;
  return jsonb_build_object(
    'added', array(
      select a.key from jsonb_each(v_after) a where v_before -> a.key is distinct from a.value order by 1),
    'removed', array(
      select b.key from jsonb_each(v_before) b where v_after -> b.key is distinct from b.value order by 1),
    'kept', array(select a.key from jsonb_each(v_after) a where v_before -> a.key = a.value order by 1));
end
$function$;

create or replace function workflows.add_version (
  workflow_id uuid,
  definition  jsonb,
  note        text,
  revision    integer
)
  returns public.workflow_versions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows := workflows.being_saved(add_version.workflow_id, add_version.revision);
begin
  return workflows.append_version(v_workflow, v_workflow.current_version,
    coalesce(add_version.definition, (
      select v.definition from public.workflow_versions v
      where v.workflow_id = v_workflow.id and v.version = v_workflow.current_version)),
    add_version.note);
end
$function$;

create or replace function workflows.append_version (
  workflow       public.workflows,
  parent_version integer,
  definition     jsonb,
  note           text
)
  returns public.workflow_versions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows;
  v_version public.workflow_versions;
begin
  v_version := workflows.write_version(workflow, workflow.current_version + 1, append_version.parent_version,
    append_version.definition, append_version.note);
  update public.workflows w set current_version = v_version.version where w.id = workflow.id
  returning w.* into v_workflow;
  perform workflows.index_words(v_workflow);
  return v_version;
end
$function$;

create or replace function workflows.archive (
  workflow_id uuid
)
  returns public.workflows
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows := workflows.found(archive.workflow_id, 'editor');
begin
  if v_workflow.status = 'archived' then
    return v_workflow;
  end if;
  perform triggers.undeploy(archive.workflow_id, 'keep');
  update public.workflows w set status = 'archived'
  where w.id = archive.workflow_id and w.deleted_at is null and w.status <> 'archived';
  return workflows.found(archive.workflow_id, 'editor');
end
$function$;

create or replace function workflows.being_saved (
  workflow_id uuid,
  revision    integer
)
  returns public.workflows
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows := workflows.found(being_saved.workflow_id, 'editor', true);
begin
  perform engine.pause_point('save_has_locked');
  if v_workflow.status = 'archived' then
    perform platform.fail(409, 'workflow_archived',
      'An archived workflow is not changed', 'Unarchive it first.');
  elsif being_saved.revision <> v_workflow.revision then
    perform platform.fail(409, 'workflow_changed',
      format('The workflow is at revision %s, not %s: somebody has saved it since',
        v_workflow.revision, being_saved.revision),
      jsonb_build_object(
        'current_version', v_workflow.current_version, 'revision', v_workflow.revision,
        'updated_at', v_workflow.updated_at,
        'hint', 'Load it again, and save with its revision.')::text);
  end if;
  return v_workflow;
end
$function$;

create or replace function workflows.call_problems (
  node         jsonb,
  workspace_id uuid
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_called text;
begin
  if node ->> 'subtype' = 'SUB_WORKFLOW' then
    v_called := node #>> '{parameters,workflow_id}';
    -- a template is no uuid, and must not be read as one
    if pg_input_is_valid(v_called, 'uuid') then
      if not exists (
          select from public.workflows w
          where w.id = v_called::uuid and w.workspace_id = call_problems.workspace_id) then
        return workflows.problem('sub_workflow_unknown',
          'This workspace has no such workflow', '{parameters,workflow_id}');
      end if;
    end if;
  elsif node ->> 'subtype' = 'SQL_FUNCTION' then
    v_called := node #>> '{parameters,function}';
    if not exists (
        select from public.workspace_functions f
        where f.workspace_id = call_problems.workspace_id and f.function_name = v_called) then
      return workflows.problem('function_not_enabled',
        format('The function %s is not enabled in this workspace', v_called), '{parameters,function}');
    end if;
  end if;
  return jsonb '[]';
end
$function$;

create or replace function workflows.change_session (
  session_id uuid,
  title      text,
  metadata   jsonb
)
  returns public.sessions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_session public.sessions := workflows.writable_session(change_session.session_id);
begin
  v_session.title := nullif(btrim(coalesce(change_session.title, v_session.title)), '');
  v_session.metadata := coalesce(change_session.metadata, v_session.metadata);
  perform workflows.check_session(v_session);
  update public.sessions s set title = v_session.title, metadata = v_session.metadata
  where s.id = v_session.id
  returning s.* into v_session;
  return v_session;
end
$function$;

create or replace function workflows.changed_fields (
  a      jsonb,
  b      jsonb,
  within text  default ''::text
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select coalesce(jsonb_agg(c.change order by c.path), '[]')
  from (
    select k as path, jsonb_build_object('path', within || k)
      || case when a ? k then jsonb_build_object('from', a -> k) else '{}' end
      || case when b ? k then jsonb_build_object('to', b -> k) else '{}' end as change
    from (select jsonb_object_keys(a) union select jsonb_object_keys(b)) f (k)
    where a -> k is distinct from b -> k
      and not (within = '' and k in ('parameters', 'credentials') and jsonb_typeof(a -> k) = 'object'
        and jsonb_typeof(b -> k) = 'object')
    union all
    select p || i.o, i.change
    from unnest(case when within = '' then '{parameters,credentials}'::text[] end) p
    cross join jsonb_array_elements(workflows.changed_fields(a -> p, b -> p, p || '.'))
      with ordinality i (change, o)
    where jsonb_typeof(a -> p) = 'object' and jsonb_typeof(b -> p) = 'object'
  ) c
$function$;

create or replace function workflows.check_definition (
  definition   jsonb,
  workspace_id uuid  default null::uuid
)
  returns setof workflows.diagnostic
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_problem text := workflows.size_problem(definition);
  v_nodes jsonb;
  v_connections jsonb;
  v_specifications jsonb;
  v_reached text[];  -- nodes that an enabled trigger leads to, where the graph can be followed
  v_within text[];   -- those that are reached inside of a FOR_EACH
  v_loops jsonb;     -- joins and loops that cannot be, as [node id, problem]
begin
  if v_problem is not null then
    return query select v_problem,
      case v_problem
        when 'definition_shape' then 'A definition is an object {nodes, connections}'
        else 'A definition has at most 1 MiB, 1000 nodes and 5000 connections'
      end, null::text, '$', 'error', 'saving';
    return;
  end if;
  v_nodes := workflows.list_of(definition -> 'nodes');
  v_connections := workflows.list_of(definition -> 'connections');
  v_specifications := workflows.specifications_of(v_nodes, workspace_id);
  select array_agg(distinct s.node_id) filter (where s.problem is null),
    array_agg(distinct s.node_id) filter (where cardinality(s.stack) > 0),
    jsonb_agg(distinct jsonb_build_array(s.node_id, s.problem)) filter (where s.problem is not null)
  into v_reached, v_within, v_loops
  from workflows.scopes(v_nodes, v_connections) s;
  return query select * from workflows.shape_problems(definition);
  if found then
    v_reached := null;
  end if;
  return query select * from workflows.node_problems(v_nodes, v_specifications, v_within, workspace_id);
  return query
    select * from workflows.connection_problems(v_nodes, v_connections, v_specifications, v_within);
  return query select * from workflows.graph_problems(
    v_nodes, v_connections, v_reached, v_loops, definition #>> '{settings,node,error_handling}');
end
$function$;

create or replace function workflows.check_note (
  note text
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  as $function$
begin
  if length(note) > 2000 then
    perform platform.fail(422, 'note_invalid', 'A note has at most 2000 characters', 'Give a shorter one.');
  end if;
end
$function$;

create or replace function workflows.check_session (
  session public.sessions
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  as $function$
begin
  if session.session_type not in ('chat', 'editing') or length(session.title) > 255
     or jsonb_typeof(session.metadata) <> 'object' or octet_length(session.metadata::text) > 65536 then
    perform platform.fail(422, 'session_invalid',
      'A session is of type chat or editing, its title has at most 255 characters, '
      'its metadata are an object of at most 64 KiB',
      'Give such values.');
  end if;
end
$function$;

create or replace function workflows.checked (
  workflow public.workflows
)
  returns public.workflows
  language plpgsql
  set search_path to ''
  as $function$
begin
  workflow.name := btrim(workflow.name);
  if length(coalesce(workflow.name, '')) not between 1 and 255 then
    perform platform.fail(422, 'name_invalid',
      'A workflow name has 1 to 255 characters', 'Give another name.');
  end if;
  workflow.description := nullif(workflow.description, '');
  workflow.icon_url := nullif(workflow.icon_url, '');
  workflow.template_category := nullif(btrim(workflow.template_category), '');
  workflow.folder := workflows.folder_path(workflow.folder);
  -- each tag once, in the order given
  workflow.tags := array(
    select t.tag from (
      select btrim(u.tag) as tag, min(u.o) as o from unnest(workflow.tags) with ordinality u (tag, o)
      group by 1) t
    where t.tag <> '' order by t.o);
  if length(workflow.description) > 20000 or length(workflow.icon_url) > 2000
     or length(workflow.template_category) > 100
     or cardinality(workflow.tags) > 50 or octet_length(workflow.tags::text) > 5000
     or workflow.icon_url !~ '^(https?://|data:image/|/)' then
    perform platform.fail(422, 'workflow_invalid',
      'A description has at most 20000 characters, a category 100, an icon_url 2000 (http, https, data:image/ '
      'or a path); there are at most 50 tags, of 5000 bytes together',
      'Give shorter values.');
  end if;
  if workflow.session_id is not null and not exists (
      select from public.sessions s
      where s.id = workflow.session_id and s.workspace_id = workflow.workspace_id) then
    perform workspaces.not_found('session', workflow.session_id);
  end if;
  return workflow;
end
$function$;

create or replace function workflows.checksum (
  definition jsonb
)
  returns text
  language sql
  immutable
  set search_path to ''
  as $function$
  select encode(sha256(convert_to(definition::text, 'UTF8')), 'hex')
$function$;

create or replace function workflows.compile_parameters (
  parameters jsonb,
  schema     jsonb
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  c_template constant text := '\{\{(.*?)\}\}';
  v_string record;
  v_content text;
  v_parameters jsonb := parameters;
  v_bindings jsonb := jsonb '[]';
  v_compiled jsonb[];
  v_one jsonb;
  v_count int := 0;
  v_reads jsonb := jsonb '[]';
  v_nodes jsonb := jsonb '[]';
  v_items jsonb := jsonb '[]';
  v_problems jsonb := jsonb '[]';
  v_paths text[];
  v_literals text[];
  v_parts jsonb;
begin
  for v_string in select s.place, s.content, s.format from workflows.templates_in(parameters, schema) s loop
    if v_string.format in ('predicate', 'item_predicate') then
      v_one := workflows.compile_predicate(v_string.content);
      if v_string.format = 'predicate' then
        v_bindings := v_bindings || jsonb_build_object(
          'at', v_string.place::text, 'predicate', v_one ->> 'path');
      elsif v_one ? 'path' then
        v_parameters := jsonb_set(v_parameters, v_string.place, v_one -> 'path');
        v_one := v_one || jsonb_build_object('reads', (v_one -> 'reads') - 'item');
      end if;
      v_compiled := array[v_one];
    else
      continue when position('{{' in v_string.content) = 0;
      v_content := btrim(v_string.content);
      if left(v_content, 2) = '{{' and position('}}' in v_content) = length(v_content) - 1
         and position('{{' in substr(v_content, 3)) = 0 then
        -- one template and nothing around it keeps its JSON type
        v_one := workflows.compile_path(substr(v_content, 3, length(v_content) - 4));
        v_compiled := array[v_one];
        v_bindings := v_bindings || jsonb_build_object('at', v_string.place::text,
          'path', v_one ->> 'path', 'many', coalesce(v_one -> 'many', 'false'));
      else
        v_paths := array(select m[1] from regexp_matches(v_string.content, c_template, 'g') m);
        v_literals := regexp_split_to_array(v_string.content, c_template);
        if position('{{' in v_literals[cardinality(v_literals)]) > 0 then
          v_problems := v_problems || jsonb_build_object(
            'code', 'template_unclosed', 'message', '{{ without }}', 'at', v_string.place);
        end if;
        continue when cardinality(v_paths) = 0;
        v_compiled := '{}';
        v_parts := '[]';
        for i in 1 .. cardinality(v_literals) loop
          v_parts := v_parts || to_jsonb(v_literals[i]);
          if i <= cardinality(v_paths) then
            v_one := workflows.compile_path(v_paths[i]);
            v_compiled := v_compiled || v_one;
            v_parts := v_parts || jsonb_build_object(
              'path', v_one ->> 'path', 'many', coalesce(v_one -> 'many', 'false'));
          end if;
        end loop;
        v_bindings := v_bindings || jsonb_build_object('at', v_string.place::text, 'text', v_parts);
      end if;
    end if;
    foreach v_one in array v_compiled loop
      v_count := v_count + 1;
      v_reads := v_reads || coalesce(v_one -> 'reads', '[]');
      v_nodes := v_nodes || coalesce(v_one -> 'nodes', '[]');
      if v_one -> 'reads' ? 'item' then
        v_items := v_items || jsonb_build_array(v_string.place);
      end if;
      if v_one -> 'problems' <> '[]' then
        v_problems := v_problems || (
          select jsonb_agg(p || jsonb_build_object('at', v_string.place))
          from jsonb_array_elements(v_one -> 'problems') p);
      end if;
    end loop;
  end loop;
  if v_count > 200 then
    v_problems := v_problems || jsonb_build_object(
      'code', 'templates_too_many',
      'message', format('A node has at most 200 templates; this one has %s', v_count),
      'at', jsonb '[]');
  end if;
  if jsonb_array_length(v_reads) > 1 then
    v_reads := to_jsonb(array(select distinct r from jsonb_array_elements_text(v_reads) r order by 1));
  end if;
  if jsonb_array_length(v_nodes) > 1 then
    v_nodes := to_jsonb(array(select distinct n from jsonb_array_elements_text(v_nodes) n order by 1));
  end if;
  return jsonb_build_object('parameters', v_parameters, 'bindings', v_bindings,
    'reads', v_reads, 'nodes', v_nodes, 'items', v_items, 'problems', v_problems);
end
$function$;

create or replace function workflows.compile_path (
  source text
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  c_roots constant text[] := '{input,trigger,nodes,item,execution,workflow,vars,now}'::text[];
  -- what most templates are: a root that needs no further look, and plain keys
  c_plain constant text :=
    '^\$\.(input|trigger|item|vars|now|execution|nodes\.[A-Za-z_][A-Za-z0-9_]*)(\.[A-Za-z_][A-Za-z0-9_]*)*$';
  c_each constant text := '\[\*\]|\.\*|\[[^]]* to ';  -- steps that yield several values
  c_static constant text := '\$\."workflow"\."static"\."((?:\\.|[^"\\])*)"';
  -- before an operator, or behind one
  c_calculated constant text := c_static || '(?= [-+*/%])|[-+*/%] ?' || c_static || '(?![.\[])';
  v_source text := btrim(source);
  v_strict boolean;
  v_path text;       -- canonical: keys and strings in double quotes
  v_bare text;       -- the same with every quoted token emptied
  v_outside text := '';  -- v_bare without filters and subscripts
  v_inside text := '';   -- v_bare's filters
  v_segment text;
  v_tokens text[];   -- the quoted tokens, in order
  v_between text[];  -- what stands before each of them
  v_reads text[] := '{}'::text[];
  v_nodes text[] := '{}'::text[];
  v_problems jsonb := jsonb '[]';
  v_stack text := '';    -- open brackets: f a filter, ( a group, [ a subscript
  v_char text;
begin
  if length(v_source) > 500 then
    return jsonb_build_object('problems', jsonb_build_array(jsonb_build_object('code', 'path_too_long',
      'message', format('A path has at most 500 characters; this one has %s', length(v_source)))));
  end if;
  if v_source = '' or not pg_input_is_valid(v_source, 'jsonpath') then
    return jsonb_build_object('problems', jsonb_build_array(jsonb_build_object('code', 'path_malformed',
      'message', format('%L is no SQL/JSON path: %s', v_source,
        coalesce((select i.message from pg_input_error_info(v_source, 'jsonpath') i), 'it is empty')))));
  end if;

  v_path := v_source::jsonpath::text;
  if v_source ~ c_plain then
    return jsonb_build_object('path', v_path, 'many', false,
      'reads', jsonb_build_array(split_part(v_source, '.', 2)),
      'nodes', case split_part(v_source, '.', 2)
        when 'nodes' then jsonb_build_array(split_part(v_source, '.', 3)) else '[]' end,
      'problems', jsonb '[]');
  end if;
  v_bare := regexp_replace(v_path, '"(\\.|[^"\\])*"', '""', 'g');
  v_between := string_to_array(v_bare, '""');
  v_tokens := array(select ('"' || m[1] || '"')::jsonb #>> '{}'
                    from regexp_matches(v_path, '"((?:\\.|[^"\\])*)"', 'g') m);

  if v_bare !~ '\[|\?' then
    v_outside := translate(v_bare, '()', '');
  else
    for i in 1 .. length(v_bare) loop
      v_char := substr(v_bare, i, 1);
      if v_char = '(' and substr(v_bare, i - 1, 1) = '?' then
        if position('f' in v_stack) > 0 then
          v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
            'message', 'A filter inside a filter is not allowed');
        end if;
        v_stack := v_stack || 'f';
      elsif v_char in ('(', '[') then
        v_stack := v_stack || v_char;
      elsif v_char in (')', ']') then
        v_stack := left(v_stack, -1);
      elsif position('f' in v_stack) = 0 and position('[' in v_stack) = 0 then
        v_outside := v_outside || v_char;
      end if;
      if position('f' in v_stack) > 0 then
        v_inside := v_inside || v_char;
      end if;
    end loop;
  end if;

  if v_bare ~ '\*\*' then
    v_problems := v_problems || jsonb_build_object('code', 'path_forbidden', 'message', '.** is not allowed');
  end if;
  if v_bare ~ 'like_regex' then
    v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
      'message', 'like_regex is not allowed');
  end if;
  if v_bare ~ '\[[^]]*,' then
    v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
      'message', 'A list of subscripts is not allowed');
  end if;
  v_strict := v_inside ~ '\$';
  if v_strict and v_inside ~ c_each then
    v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
      'message', 'A filter that reads $ compares single values: no [*], .* or range in it');
  end if;
  foreach v_segment in array regexp_split_to_array(v_bare, '&&|\|\||\?') loop
    if regexp_count(v_segment, '[$@]') > 1 then
      if regexp_count(v_segment, c_each) > 1 then
        v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
          'message', 'A comparison has [*], .* or a range on one side at most');
      end if;
      v_strict := true;
    end if;
  end loop;
  if v_strict and v_path !~ '^strict ' then
    v_path := 'strict ' || v_path;
  end if;
  if v_bare ~ '\$(?!\."")' then
    v_problems := v_problems || jsonb_build_object('code', 'path_root_unknown',
      'message', format('$ is followed by one of %s', array_to_string(c_roots, ', ')));
  end if;
  for i in 1 .. coalesce(array_length(v_tokens, 1), 0) loop
    if v_between[i] ~ '\$\.$' then
      if v_tokens[i] = any (c_roots) then
        v_reads := v_reads || v_tokens[i];
      else
        v_problems := v_problems || jsonb_build_object('code', 'path_root_unknown',
          'message', format('$.%s is unknown; $ is followed by one of %s',
            v_tokens[i], array_to_string(c_roots, ', ')));
      end if;
      if v_tokens[i] = 'workflow' and (
          v_between[i + 1] = '.' and v_tokens[i + 1] in ('id', 'name', 'version')) is not true then
        v_reads := v_reads || 'workflow.static'::text;
      end if;
      if v_tokens[i] = 'nodes' then
        if v_between[i + 1] = '.' and i < array_length(v_tokens, 1) then
          v_nodes := v_nodes || v_tokens[i + 1];
        else
          v_problems := v_problems || jsonb_build_object('code', 'path_root_unknown',
            'message', '$.nodes is followed by a node''s id: $.nodes.fetch.body, $.nodes."node-1".body');
        end if;
      end if;
    end if;
  end loop;

  v_reads := v_reads || array(
    select 'workflow.static:' || (('"' || coalesce(m[1], m[2]) || '"')::jsonb #>> '{}')
    from regexp_matches(v_path, c_calculated, 'g') m);

  return jsonb_build_object(
    'path', v_path,
    'many', v_outside !~ '(==|<>|[<>]=?|&&|\|\|| starts with | is unknown|^!|exists)'
            and (v_bare ~ c_each or v_bare ~ '\?\(|\.keyvalue\(\)'),
    'reads', to_jsonb(array(select distinct unnest(v_reads) order by 1)),
    'nodes', to_jsonb(array(select distinct unnest(v_nodes) order by 1)),
    'problems', v_problems);
end
$function$;

create or replace function workflows.compile_predicate (
  source text
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
begin
  return workflows.compile_path(regexp_replace(compile_predicate.source, '^\s*\{\{(.*)\}\}\s*$', '\1'));
end
$function$;

create or replace function workflows.complete_specification (
  executor text,
  data     jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select jsonb '{"inputs": ["main"], "credentials": []}'
    || jsonb_build_object('order', coalesce((
      select jsonb_agg(p order by complete_specification.data #> '{parameters,required}' ? p desc nulls last, p)
      from jsonb_object_keys(complete_specification.data #> '{parameters,properties}') p), '[]'))
    || complete_specification.data
    || jsonb_build_object('retryable_errors', coalesce(complete_specification.data -> 'retryable_errors', '[]')
      || case when complete_specification.data -> 'calls_function' = 'true' then jsonb '[
          {"code": "function_failed",
            "when": "a serialization failure, a deadlock, a lock that was not free (40001, 40P01, 55P03)"}]'
        else jsonb '[]'
      end
      || case complete_specification.executor
        when 'edge' then jsonb '[
          {"code": "timeout", "when": "an attempt took longer than timeout_seconds"},
          {"code": "lease_expired", "when": "the worker did not answer in time"},
          {"code": "node_crashed", "when": "the node failed in a way it does not know"}]'
        else jsonb '[]'
      end)
$function$;

create or replace function workflows.connection_problems (
  nodes          jsonb,
  connections    jsonb,
  specifications jsonb,
  within         text[]
)
  returns setof workflows.diagnostic
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_ids text[] := array(select n ->> 'id' from jsonb_array_elements(nodes) n);
  v_for_each text[] := array(
    select n ->> 'id' from jsonb_array_elements(nodes) n
    where n ->> 'type' = 'FLOW' and n ->> 'subtype' = 'FOR_EACH' and n -> 'disabled' is distinct from 'true');
begin
  return query
    with node as (
      select distinct on (n ->> 'id') n ->> 'id' as id, n ->> 'type' as type,
        case
          when s.specification -> 'outputs_any' = 'true' then null
          else jsonb_array_length(s.specification -> 'outputs') + case
            when not s.specification ? 'outputs_by' then 0
            when jsonb_typeof(n -> 'parameters' -> (s.specification ->> 'outputs_by')) = 'array'
              then jsonb_array_length(n -> 'parameters' -> (s.specification ->> 'outputs_by'))
          end
        end as outputs,
        coalesce((s.specification ->> 'inputs_limit')::int, 1) as inputs
      from jsonb_array_elements(nodes) n
      cross join lateral (
        select specifications -> ((n ->> 'type') || '.' || (n ->> 'subtype'))) s (specification)
    )
    select t.code, t.message, c.connection ->> 'source',
      '$.connections[' || (c.o - 1) || ']' || t.field, 'error', 'deploying'
    from jsonb_array_elements(connections) with ordinality c (connection, o)
    left join node source on source.id = c.connection ->> 'source'
    left join node target on target.id = c.connection ->> 'target'
    cross join lateral (
      select coalesce(c.connection ->> 'type', 'MAIN') as type,
        coalesce(c.connection -> 'conditions', 'null') in ('null', '{}') as is_open
    ) k
    cross join lateral (values
      ('output_unknown', 'Nothing leaves this node', '.source', source.outputs = 0),
      ('output_unknown', format('The source has outputs 0 to %s', source.outputs - 1), '.index',
        source.outputs > 0 and k.type in ('MAIN', 'CONDITIONAL')
        and jsonb_typeof(c.connection -> 'index') = 'number'
        and (c.connection ->> 'index')::numeric >= source.outputs),
      ('input_unknown',
        case target.inputs
          when 1 then 'The target has one input, 0'
          else format('The target has inputs 0 to %s', target.inputs - 1)
        end,
        '.target_index',
        jsonb_typeof(c.connection -> 'target_index') = 'number'
        and (c.connection ->> 'target_index')::numeric > target.inputs - 1),
      ('trigger_has_no_input', 'Nothing leads to a TRIGGER node', '.target', target.type = 'TRIGGER'),
      ('connection_type_not_taken', 'These two nodes connect by MAIN, SUCCESS, ERROR or CONDITIONAL', '.type',
        k.type not in ('MAIN', 'SUCCESS', 'ERROR', 'CONDITIONAL')),
      ('conditions_missing', 'A CONDITIONAL connection has conditions', '.conditions',
        k.type = 'CONDITIONAL' and k.is_open),
      ('conditions_not_taken', 'A connection of this type has no conditions', '.conditions',
        k.type not in ('MAIN', 'SUCCESS', 'CONDITIONAL') and not k.is_open),
      ('conditions_not_taken', 'Conditions are a path predicate, as $.input.amount > 100', '.conditions',
        k.type in ('MAIN', 'SUCCESS', 'CONDITIONAL') and not k.is_open
        and jsonb_typeof(c.connection -> 'conditions') <> 'string')
    ) t (code, message, field, is_broken)
    where jsonb_typeof(c.connection) = 'object' and t.is_broken;
  return query
    select e.p ->> 'code', e.p ->> 'message', c.connection ->> 'source',
      '$.connections[' || (c.o - 1) || '].conditions', 'error', 'deploying'
    from jsonb_array_elements(connections) with ordinality c (connection, o)
    cross join lateral workflows.compile_predicate(c.connection ->> 'conditions') k
    cross join lateral (
      select p from jsonb_array_elements(k -> 'problems') p
      union all
      select jsonb_build_object(
        'code', 'node_reference_unknown', 'message', format('$.nodes.%s: there is no such node', r))
      from jsonb_array_elements_text(k -> 'nodes') r
      where (r = any (v_ids)) is not true
      union all
      select jsonb_build_object(
        'code', 'path_root_unknown', 'message', '$.item is only there inside a FOR_EACH')
      where k -> 'reads' ? 'item'
        and (c.connection ->> 'source' = any (within || v_for_each)) is not true
    ) e (p)
    where jsonb_typeof(c.connection -> 'conditions') = 'string'
      and coalesce(c.connection ->> 'type', 'MAIN') in ('MAIN', 'SUCCESS', 'CONDITIONAL');
end
$function$;

create or replace function workflows.connections_of (
  definition jsonb
)
  returns table (
    place      jsonb,
    connection jsonb,
    o          bigint
  )
  language sql
  immutable
  set search_path to ''
  as $function$
  select jsonb_build_object('source', d.c -> 'source', 'target', d.c -> 'target', 'type', d.c -> 'type',
      'index', d.c -> 'index', 'target_index', d.c -> 'target_index'),
    d.c, d.o
  from (
    select jsonb '{"type": "MAIN", "index": 0, "target_index": 0}' || jsonb_strip_nulls(e.c)
        - case when e.c -> 'conditions' = '{}' then 'conditions' else '' end, e.o
    from jsonb_array_elements(definition -> 'connections') with ordinality e (c, o)
  ) d (c, o)
$function$;

create or replace function workflows.count_revision()
  returns trigger
  language plpgsql
  set search_path to ''
  as $function$
begin
  new.updated_at := engine.now();
  new.archived_at := case when new.status = 'archived' then coalesce(old.archived_at, engine.now()) end;
  if new.revision = old.revision and (
      new.name, new.description, new.tags, new.folder, new.icon_url, new.is_template, new.template_category,
      new.is_public, new.session_id, new.current_version
    ) is distinct from (
      old.name, old.description, old.tags, old.folder, old.icon_url, old.is_template, old.template_category,
      old.is_public, old.session_id, old.current_version) then
    new.revision := old.revision + 1;
  end if;
  return new;
end
$function$;

create or replace function workflows.create_one (
  name         text,
  definition   jsonb,
  description  text,
  tags         text[],
  folder       text,
  workspace_id uuid,
  icon_url     text,
  session_id   uuid
)
  returns public.workflows
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows;
begin
  v_workflow.workspace_id := coalesce(create_one.workspace_id, workspaces.default_id());
  perform workspaces.require(v_workflow.workspace_id, 'editor');
  v_workflow.name := create_one.name;
  v_workflow.description := create_one.description;
  v_workflow.tags := coalesce(create_one.tags, '{}');
  v_workflow.folder := create_one.folder;
  v_workflow.icon_url := create_one.icon_url;
  v_workflow.session_id := create_one.session_id;
  return workflows.insert_workflow(
    v_workflow, coalesce(create_one.definition, '{"nodes": [], "connections": []}'), null);
end
$function$;

create or replace function workflows.credential_problems (
  node          jsonb,
  specification jsonb,
  workspace_id  uuid
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_given jsonb := coalesce(node -> 'credentials', '{}');
  v_taken jsonb := coalesce(specification -> 'credentials', '[]');
  v_credential jsonb;
  v_name text;
  v_id jsonb;
  v_problems jsonb := jsonb '[]';
begin
  if specification is null or specification -> 'is_placeholder' = 'true' then
    return v_problems;
  elsif v_taken = '[]' then
    return case
      when v_given in ('{}', '[]', 'null') then v_problems
      else workflows.problem(
        'credentials_not_taken', 'This type of node takes no credentials', '{credentials}')
    end;
  elsif jsonb_typeof(v_given) <> 'object' then
    return v_problems;
  end if;
  for v_name in select jsonb_object_keys(v_given) loop
    if not v_taken @> jsonb_build_array(jsonb_build_object('name', v_name)) then
      v_problems := v_problems || workflows.problem('credentials_not_taken',
        format('This type of node takes no credentials called %s', v_name), array['credentials', v_name]);
    end if;
  end loop;
  for v_credential in select e from jsonb_array_elements(v_taken) e loop
    v_name := v_credential ->> 'name';
    v_id := v_given -> v_name;
    if coalesce(v_id, 'null') in ('null', '""') then
      if v_credential -> 'required' = 'true'
         or v_credential ->> 'required_for_channel'
           in (node #>> '{parameters,channel}', node #>> '{parameters,escalation,channel}') then
        v_problems := v_problems || workflows.problem('credentials_missing',
          format('Needs an integration of %s', (
            select string_agg(p, ' or ') from jsonb_array_elements_text(v_credential -> 'providers') p)),
          array['credentials', v_name]);
      end if;
    elsif not workflows.is_integration(
        v_id #>> '{}', v_credential -> 'providers', credential_problems.workspace_id) then
      v_problems := v_problems || workflows.problem('credential_unknown',
        format('No active integration of %s in this workspace', (
          select string_agg(p, ' or ') from jsonb_array_elements_text(v_credential -> 'providers') p)),
        array['credentials', v_name]);
    end if;
  end loop;
  return v_problems;
end
$function$;

create or replace function workflows.cursor_of (
  order_by        text,
  order_direction text,
  key             text,
  id              uuid
)
  returns text
  language sql
  immutable
  set search_path to ''
  as $function$
  select translate(encode(convert_to(
    jsonb_build_object('o', order_by, 'd', order_direction, 'k', key, 'i', id)::text, 'UTF8'), 'base64'),
    E'\n', '')
$function$;

create or replace function workflows.cycle_problems (
  nodes       jsonb,
  connections jsonb
)
  returns setof workflows.diagnostic
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_count int;
  v_sources int[];
  v_targets int[];
  v_components int[];
  v_nodes jsonb[];
begin
  select array_agg(n.node order by n.o), count(*) into v_nodes, v_count
  from (
    select distinct on (e.node ->> 'id') e.node, e.o
    from jsonb_array_elements(nodes) with ordinality e (node, o)
    where jsonb_typeof(e.node -> 'id') = 'string'
    order by e.node ->> 'id', e.o) n;
  with node as (
    select u.node ->> 'id' as id, u.n::int from unnest(v_nodes) with ordinality u (node, n)
  )
  select array_agg(s.n order by s.n, e.o), array_agg(t.n order by s.n, e.o) into v_sources, v_targets
  from jsonb_array_elements(connections) with ordinality e (connection, o)
  join node s on s.id = e.connection ->> 'source'
  join node t on t.id = e.connection ->> 'target';
  if v_sources is null then
    return;
  end if;
  v_components := (engine.analyze(v_sources, v_targets, array_fill(null::int, array[cardinality(v_sources)]),
    array_fill(false, array[v_count]), array_fill(false, array[v_count]), array_fill(false, array[v_count])
  )).components;
  if not exists (select from unnest(v_components) c where c is not null) then
    return;
  end if;
  return query
    with node as (
      select u.node ->> 'id' as id, u.n, u.component, u.node -> 'parameters' as parameters,
        u.node ->> 'type' as type,
        case when u.node -> 'disabled' = 'true' then '' else u.node ->> 'subtype' end as subtype
      from unnest(v_nodes, v_components) with ordinality u (node, component, n)
    ),
    leaving as (
      select s.component, s.id, coalesce(c ->> 'index', '0') as output,
        t.component is not distinct from s.component as is_inside,
        coalesce(c -> 'conditions', 'null') not in ('null', '{}')
          or t.type = 'FLOW' and t.subtype = 'STOP' as ends
      from jsonb_array_elements(connections) c
      join node s on s.id = c ->> 'source' and s.component is not null
      join node t on t.id = c ->> 'target'
    ),
    bounded as (
      select n.component from node n
      where n.type = 'HUMAN_IN_THE_LOOP' or n.type = 'FLOW' and (
        n.subtype in ('WAIT', 'FOR_EACH')
        or n.subtype = 'SUB_WORKFLOW' and n.parameters -> 'wait' is distinct from 'false'
        or n.subtype in ('IF', 'SWITCH') and (
          select count(distinct l.output) from leaving l where l.id = n.id and l.is_inside
        ) < case n.subtype when 'IF' then 2
          else case jsonb_typeof(n.parameters -> 'rules')
            when 'array' then 1 + jsonb_array_length(n.parameters -> 'rules') else 1000 end
          end)
      union
      select l.component from leaving l where l.ends
    )
    select 'cycle_unbounded',
      format('Nothing ends the loop %s: lead out of it by an IF, or put a WAIT into it',
        string_agg(n.id, ', ' order by n.n)),
      (array_agg(n.id order by n.n))[1],
      '$.nodes[' || (
        select e.o - 1 from jsonb_array_elements(nodes) with ordinality e (node, o)
        where e.node ->> 'id' = (array_agg(n.id order by n.n))[1] limit 1) || ']',
      'warning', null::text
    from node n
    where n.component is not null
      and n.component not in (select b.component from bounded b where b.component is not null)
    group by n.component;
end
$function$;

create or replace function workflows.delete_one (
  workflow_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_workflow public.workflows;
  v_live bigint;
begin
  v_workflow := workflows.found(delete_one.workflow_id, 'editor');
  -- who did not make it needs to be an admin
  if v_workflow.user_id is distinct from (select auth.uid()) then
    perform workspaces.require(v_workflow.workspace_id, 'admin', 'workflow', delete_one.workflow_id);
  end if;
  perform pg_advisory_xact_lock(workflows.lock_key(delete_one.workflow_id));
  v_workflow := workflows.found(delete_one.workflow_id, 'editor', true);
  perform engine.pause_point('delete_has_locked');
  select count(*) into v_live from (
    select from public.workflow_executions e
    where e.workflow_id = v_workflow.id and e.end_time is null limit 1000) live;
  if v_workflow.deployed_version is not null or v_live > 0 or exists (
      -- a SUB_WORKFLOW that waits: it has items to start
      select from engine.waits c
      where c.kind = 'children' and c.data ->> 'workflow_id' = v_workflow.id::text) then
    perform platform.fail(409, 'workflow_in_use',
      case when v_workflow.deployed_version is not null then 'The workflow is deployed'
        when v_live > 0 then format('%s executions of the workflow are under way', v_live)
        else 'An execution of another workflow is calling it' end,
      jsonb_build_object('deployed_version', v_workflow.deployed_version, 'live_executions', v_live,
        'hint', 'Undeploy or archive it, and cancel what runs, or wait for its end.')::text);
  end if;
  delete from public.workflow_favorites f
  where f.workspace_id = v_workflow.workspace_id and f.workflow_id = v_workflow.id;
  delete from public.execution_limits l
  where l.workspace_id = v_workflow.workspace_id and l.workflow_id = v_workflow.id;
  delete from public.workflow_static_data s where s.workflow_id = v_workflow.id;
  delete from public.workflow_deployment_history h
  where h.workspace_id = v_workflow.workspace_id and h.workflow_id = v_workflow.id;
  delete from workflows.search_terms s where s.workflow_id = v_workflow.id;
  update public.workflows w
  set deleted_at = engine.now(), status = 'archived', session_id = null
  where w.id = v_workflow.id;
  -- a small one is gone at once
  for i in 1 .. 3 loop
    exit when workflows.remove_history(v_workflow.id, 200) = 0;
  end loop;
end
$function$;

create or replace function workflows.deleted()
  returns setof uuid
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select w.id from public.workflows w
  where w.deleted_at is not null and w.workspace_id = any (array(select workspaces.readable()))
$function$;

create or replace function workflows.diagnostics (
  definition   jsonb,
  blocking     text[] default '{saving,deploying}'::text[],
  workspace_id uuid   default null::uuid
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  -- most drafts are saved more often than they are deployed
  if blocking = '{saving}' and workflows.size_problem(definition) is null then
    return (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from workflows.shape_problems(definition) d);
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(d)), '[]')
    from workflows.check_definition(definition, workspace_id) d
    where d.blocks = any (blocking));
end
$function$;

create or replace function workflows.diff (
  a jsonb,
  b jsonb
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_nodes jsonb;
  v_connections jsonb;
  v_rest jsonb;
  v_diff jsonb;
begin
  with node as (
    select coalesce(x.id, y.id) as id, x.node as x, y.node as y, coalesce(y.o, x.o) as o
    from workflows.nodes_of(a) x full join workflows.nodes_of(b) y on y.id = x.id
  ),
  compared as (
    select n.*, workflows.changed_fields(x - 'position', y - 'position') as fields,
      x -> 'position' is distinct from y -> 'position' as is_moved
    from node n
  )
  select jsonb_build_object(
    'added', coalesce(jsonb_agg(workflows.node_label(y) order by o) filter (where x is null), '[]'),
    'removed', coalesce(jsonb_agg(workflows.node_label(x) order by o) filter (where y is null), '[]'),
    'changed', coalesce(jsonb_agg(workflows.node_label(y) || jsonb_build_object('fields', fields) order by o)
      filter (where x is not null and y is not null and fields <> '[]'), '[]'),
    'moved', coalesce(jsonb_agg(workflows.node_label(y)
      || jsonb_build_object('from', x -> 'position', 'to', y -> 'position') order by o)
      filter (where x is not null and y is not null and is_moved), '[]'))
  into v_nodes from compared;

  with connection as (
    select x.place as x_place, y.place as y_place, coalesce(y.place, x.place) as place, x.connection as x,
      y.connection as y, coalesce(y.o, x.o) as o,
      row_number() over (partition by x.place is null or y.place is null order by x.o) as x_order,
      row_number() over (partition by x.place is null or y.place is null order by y.o) as y_order
    from workflows.connections_of(a) x full join workflows.connections_of(b) y on y.place = x.place
  )
  select jsonb_build_object(
    'added', coalesce(jsonb_agg(y order by o) filter (where x is null), '[]'),
    'removed', coalesce(jsonb_agg(x order by o) filter (where y is null), '[]'),
    'changed', coalesce(
      jsonb_agg(place || jsonb_build_object('fields', workflows.changed_fields(x, y)) order by o)
      filter (where x is not null and y is not null and x <> y), '[]'),
    'is_reordered', coalesce(
      bool_or(x_order <> y_order) filter (where x is not null and y is not null), false))
  into v_connections from connection;

  v_rest := workflows.changed_fields(a - '{nodes,connections,settings,pin_data}'::text[],
    b - '{nodes,connections,settings,pin_data}'::text[], '$.');
  v_diff := jsonb_build_object(
    'nodes', v_nodes, 'connections', v_connections,
    'settings', workflows.changed_fields(
      workflows.object_of(a -> 'settings'), workflows.object_of(b -> 'settings'), 'settings.'),
    'pin_data', workflows.changed_fields(
      workflows.object_of(a -> 'pin_data'), workflows.object_of(b -> 'pin_data'), 'pin_data.'),
    'other', v_rest);
  return v_diff || jsonb_build_object(
    -- nothing but places on the canvas, and what only editors read
    'is_equivalent', v_nodes - 'moved' = '{"added": [], "removed": [], "changed": []}'
      and v_connections = '{"added": [], "removed": [], "changed": [], "is_reordered": false}'
      and v_diff -> 'settings' = '[]' and v_diff -> 'pin_data' = '[]',
    'is_identical', a = b);
end
$function$;

create or replace function workflows.duplicate (
  workflow_id  uuid,
  name         text,
  workspace_id uuid,
  folder       text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_read record;
  v_source public.workflows;
  v_copy public.workflows;
  v_definition jsonb;
  v_workspace uuid := duplicate.workspace_id;
  v_removed jsonb := jsonb '[]';
  v_is_member boolean;
begin
  select w as workflow, v.definition into v_read
  from public.workflows w
  join public.workflow_versions v on v.workflow_id = w.id and v.version = w.current_version
  where w.id = duplicate.workflow_id and w.deleted_at is null;
  v_source := v_read.workflow;
  v_definition := v_read.definition;
  v_is_member := v_source.id is not null and workspaces.may_read(v_source.workspace_id);
  if v_source.id is null
     or not v_is_member and not (v_source.is_public and v_source.archived_at is null) then
    perform workspaces.not_found('workflow', duplicate.workflow_id);
  end if;
  v_workspace := coalesce(v_workspace,
    case when v_is_member then v_source.workspace_id else workspaces.default_id() end);
  perform workspaces.require(v_workspace, 'editor');
  if v_workspace <> v_source.workspace_id then
    select p -> 'definition', p -> 'removed' into v_definition, v_removed
    from workflows.without_private(v_definition) p;
  end if;
  v_copy.workspace_id := v_workspace;
  v_copy.name := coalesce(nullif(btrim(duplicate.name), ''), left(v_source.name, 248) || ' (copy)');
  v_copy.description := v_source.description;
  v_copy.tags := v_source.tags;
  v_copy.folder := coalesce(duplicate.folder,
    case when v_workspace = v_source.workspace_id then v_source.folder end);
  v_copy.icon_url := v_source.icon_url;
  v_copy.is_template := false;
  v_copy := workflows.insert_workflow(
    v_copy, v_definition, format('Copied from %s, version %s', v_source.name, v_source.current_version));
  return jsonb_build_object('workflow', to_jsonb(v_copy) - 'deleted_at', 'removed', v_removed);
end
$function$;

create or replace function workflows.folder_path (
  folder text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_folder text := nullif(regexp_replace(btrim(folder, '/ '), '\s*/+\s*', '/', 'g'), '');
begin
  if length(v_folder) > 500 then
    perform platform.fail(422, 'folder_invalid',
      'A folder''s path has at most 500 characters', 'Give a shorter one, as ops/mail.');
  end if;
  return v_folder;
end
$function$;

create or replace function workflows.found (
  workflow_id uuid,
  role        text,
  is_locked   boolean default false
)
  returns public.workflows
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows;
begin
  select * into v_workflow from public.workflows w where w.id = found.workflow_id and w.deleted_at is null;
  perform workspaces.require(v_workflow.workspace_id, found.role, 'workflow', found.workflow_id);
  if found.is_locked then
    select * into v_workflow from public.workflows w where w.id = found.workflow_id and w.deleted_at is null
    for no key update;
    if v_workflow.id is null then
      perform workspaces.not_found('workflow', found.workflow_id);
    end if;
  end if;
  return v_workflow;
end
$function$;

create or replace function workflows.get_one (
  workflow_id uuid,
  version     integer
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  as $function$
declare
  v_workflow public.workflows;
  v_version public.workflow_versions;
  v_is_member boolean;
begin
  select * into v_workflow from public.workflows w where w.id = get_one.workflow_id and w.deleted_at is null;
  v_is_member := v_workflow.id is not null and workspaces.may_read(v_workflow.workspace_id);
  if v_workflow.id is null
     or not v_is_member and not (v_workflow.is_public and v_workflow.archived_at is null) then
    perform workspaces.not_found('workflow', get_one.workflow_id);
  end if;
  v_version := workflows.version_of(v_workflow, case when v_is_member then get_one.version end);
  return workflows.summary(v_workflow) || jsonb_build_object(
    'version', v_version.version,
    'parent_version', v_version.parent_version,
    -- they tell of what is taken out, and of where it came from
    'note', case when v_is_member then v_version.note end,
    'checksum', case when v_is_member then v_version.checksum end,
    'is_locked', v_version.is_locked,
    'definition', case when v_is_member
      then v_version.definition
      else workflows.without_private(v_version.definition) -> 'definition' end,
    'static_data', case when v_is_member then engine.static_data(v_workflow.id, '{}') end);
end
$function$;

create or replace function workflows.graph_problems (
  nodes          jsonb,
  connections    jsonb,
  reached        text[],
  loops          jsonb,
  error_handling text
)
  returns setof workflows.diagnostic
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  c_codes constant jsonb := jsonb '{
    "collect_without_for_each": "A MERGE of mode collect follows a FOR_EACH, whose items it collects",
    "merge_depths_differ": "The ways here lead through different FOR_EACH: collect their items first",
    "for_each_recursion": "Items of a FOR_EACH lead here again, or from five others: collect them first",
    "scopes_too_many": "More than ten ways through different FOR_EACH lead here",
    "merge_has_no_input": "Nothing leads to this MERGE",
    "merge_unreachable": "No trigger leads to this MERGE: it never fires",
    "node_unreachable": "No trigger leads here: it never runs",
    "error_output_unused": "Its error handling continues on its error output, but no connection takes it",
    "error_connection_unused": "Its error handling never continues on this connection",
    "respond_without_webhook": "No WEBHOOK trigger has response_mode respond: nobody waits for this",
    "response_without_respond_node": "No RESPOND node answers: the request gets its answer when all has ended"
  }';
  v_entered text[] := array(select distinct c ->> 'target' from jsonb_array_elements(connections) c);
  v_handled text[] := array(
    select distinct c ->> 'source' from jsonb_array_elements(connections) c
    where c ->> 'type' = 'ERROR' and c ? 'source');
  v_attached text[] := array(
    select a from jsonb_array_elements(nodes) n,
      jsonb_array_elements_text(workflows.list_of(n -> 'attached_nodes')) a);
begin
  return query
    with node as (
      select distinct on (n.node ->> 'id') n.node ->> 'id' as id, n.o, n.node ->> 'type' as type,
        (n.node ->> 'type') || '.' || (n.node ->> 'subtype') as kind,
        n.node #>> '{parameters,response_mode}' as response_mode,
        n.node -> 'disabled' is distinct from 'true' as is_enabled,
        n.node ->> 'id' = any (reached) is true as is_reached,
        n.node ->> 'error_handling' as own_handling,
        coalesce(n.node ->> 'error_handling', graph_problems.error_handling)
          is not distinct from 'CONTINUE_ERROR_OUTPUT_ON_ERROR' as follows_errors
      from jsonb_array_elements(nodes) with ordinality n (node, o)
      where jsonb_typeof(n.node -> 'id') = 'string'
      order by n.node ->> 'id', n.o
    ),
    problem (code, node_id, path, severity) as (
      select l ->> 1, n.id, '$.nodes[' || (n.o - 1) || ']', 'error'
      from jsonb_array_elements(loops) l join node n on n.id = l ->> 0
      union all
      select
        case when n.id = any (v_entered) then 'merge_unreachable' else 'merge_has_no_input' end,
        n.id, '$.nodes[' || (n.o - 1) || ']',
        -- real graphs have leftovers on their canvas, which harm nobody
        case when n.id = any (v_entered) then 'warning' else 'error' end
      from node n
      where n.kind = 'FLOW.MERGE' and n.is_enabled and not n.is_reached
        -- behind a loop that cannot be nothing is known; without a trigger nothing is reached
        and (loops is null and reached is not null or (n.id = any (v_entered)) is not true)
      union all
      select 'node_unreachable', n.id, '$.nodes[' || (n.o - 1) || ']', 'warning'
      from node n
      where not n.is_reached and loops is null and reached is not null and n.type <> 'TRIGGER'
        and not (n.kind = 'FLOW.MERGE' and n.is_enabled)
        and n.id <> all (v_attached)
      union all
      select 'error_output_unused', n.id, '$.nodes[' || (n.o - 1) || '].error_handling', 'warning'
      from node n
      where n.own_handling = 'CONTINUE_ERROR_OUTPUT_ON_ERROR' and n.is_enabled and n.type <> 'TRIGGER'
        and n.id <> all (v_handled)
      union all
      select 'error_connection_unused', n.id, '$.connections[' || (c.o - 1) || '].type', 'warning'
      from jsonb_array_elements(connections) with ordinality c (connection, o)
      join node n on n.id = c.connection ->> 'source'
      where c.connection ->> 'type' = 'ERROR' and n.is_enabled and not n.follows_errors
      union all
      select 'respond_without_webhook', n.id, '$.nodes[' || (n.o - 1) || ']', 'warning'
      from node n
      where n.kind = 'FLOW.RESPOND' and n.is_enabled and not exists (
        select from node w where w.kind = 'TRIGGER.WEBHOOK' and w.is_enabled and w.response_mode = 'respond')
      union all
      select 'response_without_respond_node', n.id, '$.nodes[' || (n.o - 1) || '].parameters.response_mode',
        'warning'
      from node n
      where n.kind = 'TRIGGER.WEBHOOK' and n.is_enabled and n.response_mode = 'respond' and not exists (
        select from node w where w.kind = 'FLOW.RESPOND' and w.is_enabled and w.is_reached)
    )
    select p.code, c_codes ->> p.code, p.node_id, p.path, p.severity,
      case p.severity when 'error' then 'deploying' end
    from problem p;
  return query select * from workflows.cycle_problems(nodes, connections);
end
$function$;

create or replace function workflows.index_renamed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  perform workflows.index_words(new);
  return null;
end
$function$;

create or replace function workflows.index_words (
  workflow public.workflows
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_nodes text;
  v_terms tsvector;
begin
  select string_agg(distinct n.name || ' ' || lower(n.node_subtype), ' ') into v_nodes
  from public.nodes n
  where n.workflow_id = workflow.id and n.version = workflow.current_version;
  v_terms := array_to_tsvector(array[workflows.scope_term(workflow.workspace_id)]
      || case when workflow.is_public then array[workflows.scope_term(null)] else '{}' end)
    || workflows.words(workflow.name, 'A')
    || workflows.words(array_to_string(workflow.tags, ' '), 'B')
    || workflows.words(coalesce(v_nodes, ''), 'B')
    || workflows.words(coalesce(workflow.description, ''), 'C');
  insert into workflows.search_terms as s (workflow_id, workspace_id, terms)
  values (workflow.id, workflow.workspace_id, v_terms)
  on conflict on constraint search_terms_pkey do update set terms = excluded.terms
  where s.terms is distinct from excluded.terms;
end
$function$;

create or replace function workflows.insert_workflow (
  workflow   public.workflows,
  definition jsonb,
  note       text
)
  returns public.workflows
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows := workflows.checked(workflow);
begin
  insert into public.workflows as w (
    workspace_id, name, description, tags, folder, icon_url, session_id, is_template, template_category,
    created_at, updated_at)
  values (
    v_workflow.workspace_id, v_workflow.name, v_workflow.description, v_workflow.tags, v_workflow.folder,
    v_workflow.icon_url, v_workflow.session_id, coalesce(v_workflow.is_template, false),
    v_workflow.template_category, engine.now(), engine.now())
  returning w.* into v_workflow;
  perform workflows.write_version(v_workflow, 1, null, insert_workflow.definition, insert_workflow.note);
  perform workflows.index_words(v_workflow);
  return v_workflow;
end
$function$;

create or replace function workflows.is_integration (
  id           text,
  providers    jsonb,
  workspace_id uuid
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  if not coalesce(pg_input_is_valid(is_integration.id, 'uuid'), false) then
    return false;
  elsif is_integration.workspace_id is null then
    return true;
  end if;
  return exists (
    select from public.integrations i
    where i.workspace_id = is_integration.workspace_id and i.id = is_integration.id::uuid
      and i.is_active and is_integration.providers ? i.provider);
end
$function$;

create or replace function workflows.keys_of (
  problem jsonb
)
  returns text[]
  language sql
  immutable
  set search_path to ''
  as $function$
  select array(select jsonb_array_elements_text(problem -> 'at'))
$function$;

create or replace function workflows.list (
  workspace_id       uuid,
  status             text[],
  tags               text[],
  folder             text,
  include_subfolders boolean,
  is_template        boolean,
  is_public          boolean,
  template_category  text,
  is_favorite        boolean,
  is_deployed        boolean,
  query              text,
  session_id         uuid,
  created_by         uuid,
  order_by           text,
  order_direction    text,
  page_size          integer,
  page_offset        integer,
  cursor             text,
  with_total         boolean
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_workspaces uuid[];
  v_user uuid := (select auth.uid());
  v_order text := coalesce(
    order_by, case when nullif(btrim(list.query), '') is null then 'updated_at' else 'rank' end);
  v_direction text := coalesce(lower(order_direction), case when v_order = 'name' then 'asc' else 'desc' end);
  v_is_public boolean := coalesce(list.is_public, false);
  v_query tsquery;
  v_words tsquery;
  -- '' is the root, null any
  v_folder text := case
    when btrim(list.folder, '/ ') <> '' then workflows.folder_path(list.folder) else list.folder
  end;
  v_after jsonb;
  -- the order's key, and how it compares with a cursor
  v_key text;
  v_type text;
  v_from text := 'public.workflows w';
  v_where text := 'w.deleted_at is null';
  v_page text;
  v_ids uuid[];
  v_keys text[];
  v_total bigint;
  v_limit int := platform.page_size(list.page_size);
  v_offset int := greatest(coalesce(list.page_offset, 0), 0);
  v_more boolean;
begin
  if list.workspace_id is not null and not v_is_public then
    perform workspaces.require(list.workspace_id, 'viewer');
  end if;
  v_workspaces := case
    when list.workspace_id is not null then array[list.workspace_id]
    when workspaces.caller_bypasses_rls() then array(select w.id from public.workspaces w)
    else array(select workspaces.readable())
  end;
  if nullif(btrim(list.query), '') is not null then
    v_words := workflows.query_of(list.query);
    v_query := v_words;
    if v_query is null then
      return jsonb_build_object('workflows', jsonb '[]', 'next_cursor', null,
        'total', case when list.with_total then 0 end);
    end if;
  end if;
  v_key := case v_order
    when 'updated_at' then 'w.updated_at'
    when 'created_at' then 'w.created_at'
    when 'name' then 'lower(w.name)'
    when 'latest_execution' then $q$coalesce((
      select coalesce(x.start_time, x.created_at) from public.workflow_executions x
      where x.workflow_id = w.id and (not w.is_public or workspaces.may_read(w.workspace_id))
      order by x.id desc limit 1), '-infinity')$q$
    -- 32: between 0 and 1, so that it is of any use beside another figure
    when 'rank' then case when v_query is null then 'w.updated_at' else 'ts_rank(s.terms, $15, 32)' end
  end;
  v_type := case when v_order = 'name' then 'text' when v_order = 'rank' and v_query is not null then 'float4'
    else 'timestamptz' end;
  if v_key is null or v_direction not in ('asc', 'desc') then
    perform platform.fail(422, 'order_invalid',
      'order_by is updated_at, created_at, name, latest_execution or rank; order_direction asc or desc',
      'Give one of these.');
  end if;
  v_after := workflows.read_cursor(list."cursor", v_order, v_direction);

  if v_query is not null then
    v_from := 'workflows.search_terms s join public.workflows w on w.id = s.workflow_id';
    v_where := v_where || ' and s.terms operator(pg_catalog.@@) $2';
    v_query := (
      select string_agg(quote_literal(workflows.scope_term(i)), '|')
      from unnest(case when v_is_public then array[null::uuid] else v_workspaces end) i)::tsquery && v_query;
  end if;
  if v_is_public then
    v_where := v_where || ' and w.is_public and w.archived_at is null'
      || case when list.workspace_id is not null then ' and w.workspace_id = any ($1)' else '' end;
  end if;
  v_where := v_where || concat(
    case
      when list.status is not null then ' and w.status = any ($3)'
      else ' and w.status <> ''archived'''
    end,
    case when cardinality(list.tags) > 0 then ' and w.tags operator(pg_catalog.@>) $4' end,
    case
      when v_folder is null then null
      -- all below 'ops' is between 'ops/' and 'ops0', which follows in order of bytes
      when coalesce(include_subfolders, false) and v_folder <> '' then
        $q$ and (w.folder collate "C" = $5
          or w.folder collate "C" >= $5 || '/' and w.folder collate "C" < $5 || '0')$q$
      when coalesce(include_subfolders, false) then null
      when v_folder = '' then ' and w.folder is null'
      else ' and w.folder collate "C" = $5'
    end,
    case when list.is_template is not null then ' and w.is_template = $6' end,
    case when not list.is_public then ' and not w.is_public' end,
    case when list.template_category is not null then ' and w.template_category = $7' end,
    case when list.is_favorite is not null then
      case when list.is_favorite then ' and' else ' and not' end
      || ' exists (select from public.workflow_favorites f where f.user_id = $8 and f.workflow_id = w.id)'
    end,
    case list.is_deployed
      when true then ' and w.deployed_version is not null' when false then ' and w.deployed_version is null'
    end,
    case when list.session_id is not null then ' and w.session_id = $9' end,
    case when list.created_by is not null then ' and w.user_id = $10' end);

  if list.with_total then
    execute format('select count(*) from %s where %s%s', v_from, v_where,
      case when v_query is null and not v_is_public then ' and w.workspace_id = any ($1)' end)
    using v_workspaces, v_query, list.status, list.tags, v_folder, list.is_template, list.template_category,
      v_user, list.session_id, list.created_by
    into v_total;
  end if;
  v_page := format('select w.id, %s as key from %s where %s%s%s order by 2 %s, 1 %s limit $11',
    v_key, v_from, v_where,
    case when v_query is null and not v_is_public then ' and w.workspace_id = x.id' end,
    case when v_after is not null then format(' and (%s, w.id) %s ($12::%s, $13)', v_key,
      case v_direction when 'asc' then '>' else '<' end, v_type) end,
    v_direction, v_direction);
  -- a page of each workspace, in order by its index; then the page of them all
  v_page := format(
    'select array_agg(p.id order by p.key %1$s, p.id %1$s),
       array_agg(p.key::text order by p.key %1$s, p.id %1$s)
     from (select q.* from %2$s order by q.key %1$s, q.id %1$s limit $11 - $14 offset $14) p',
    v_direction,
    case when v_query is null and not v_is_public
      then format('unnest($1) x (id) cross join lateral (%s) q', v_page) else format('(%s) q', v_page) end);
  execute v_page
  using v_workspaces, v_query, list.status, list.tags, v_folder, list.is_template, list.template_category,
    v_user, list.session_id, list.created_by, v_limit + 1 + v_offset, v_after ->> 'k',
    (v_after ->> 'i')::uuid, v_offset, v_words
  into v_ids, v_keys;
  v_more := cardinality(v_ids) > v_limit;
  return jsonb_build_object(
    'workflows', coalesce((
      select jsonb_agg(workflows.summary(w) || case when v_type = 'float4'
        then jsonb_build_object('rank', v_keys[i.n]::float4) else '{}' end order by i.n)
      from unnest(v_ids[:v_limit]) with ordinality i (id, n)
      join public.workflows w on w.id = i.id), '[]'),
    'total', v_total,
    'next_cursor', case
      when v_more then workflows.cursor_of(v_order, v_direction, v_keys[v_limit], v_ids[v_limit])
    end);
end
$function$;

create or replace function workflows.list_of (
  value jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select case jsonb_typeof(value) when 'array' then value else '[]' end
$function$;

create or replace function workflows.lock_key (
  workflow_id uuid
)
  returns bigint
  language plpgsql
  immutable
  set search_path to ''
  as $function$
begin
  return hashtextextended('tandem:workflow:' || lock_key.workflow_id, 0);
end
$function$;

create or replace function workflows.lock_version (
  workflow_id uuid,
  version     integer
)
  returns void
  language sql
  security definer
  set search_path to ''
  as $function$
  update public.workflow_versions v set is_locked = true
  where v.workflow_id = lock_version.workflow_id and v.version = lock_version.version and not v.is_locked
$function$;

create or replace function workflows.mark_favorite (
  workflow_id uuid,
  is_favorite boolean
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  -- locked: somebody may be deleting it
  v_workflow public.workflows := workflows.found(mark_favorite.workflow_id, 'viewer', true);
  v_user uuid := (select auth.uid());
begin
  if v_user is null then
    perform platform.fail(422, 'user_needed',
      'A favorite is a user''s', 'Call it signed in, not with a secret key.');
  end if;
  if coalesce(mark_favorite.is_favorite, true) then
    insert into public.workflow_favorites (workspace_id, workflow_id, user_id, created_at)
    values (v_workflow.workspace_id, v_workflow.id, v_user, engine.now())
    on conflict do nothing;
    return true;
  end if;
  delete from public.workflow_favorites f where f.user_id = v_user and f.workflow_id = v_workflow.id;
  return false;
end
$function$;

create or replace function workflows.meta_problems (
  schema jsonb,
  place  text[]
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  c_count constant jsonb := jsonb '{"type": "integer", "minimum": 0, "maximum": 1000000}';
  c_names constant jsonb := jsonb '{"type": "array", "items": {"type": "string"}}';
  c_needed constant jsonb := jsonb_build_object('type', 'object', 'required', '["required"]'::jsonb,
    'additionalProperties', false, 'properties', jsonb_build_object('required', c_names));
  c_schema constant jsonb := jsonb_build_object('type', 'object', 'additionalProperties', false,
    'properties', jsonb '{
      "title": {"type": "string"}, "description": {"type": "string"}, "default": {},
      "enum": {"type": "array"}, "examples": {"type": "array"},
      "format": {"type": "string", "enum": ["literal", "opaque", "predicate", "item_predicate", "date-time"]},
      "type": {"type": ["string", "array"]}, "uniqueItems": {"type": "boolean"},
      "properties": {"type": "object", "additionalProperties": {"type": "object"}},
      "additionalProperties": {"type": ["boolean", "object"]}, "items": {"type": "object"},
      "pattern": {"type": "string", "maxLength": 500},
      "minimum": {"type": "number"}, "maximum": {"type": "number"}
    }' || jsonb_build_object(
      'minItems', c_count, 'maxItems', c_count, 'minLength', c_count, 'maxLength', c_count,
      'required', c_names, 'not', c_needed,
      'oneOf', jsonb_build_object('type', 'array', 'minItems', 1, 'items', c_needed),
      'dependentRequired', jsonb_build_object('type', 'object', 'additionalProperties', c_names)));
  v_problems jsonb := workflows.schema_problems(c_schema, schema, false, place);
  v_key text;
  v_part jsonb;
begin
  if v_problems <> '[]' then
    return v_problems;
  end if;
  if exists (
    select from jsonb_path_query(schema, '$.type[*]') t
    where t not in ('"string"', '"number"', '"integer"', '"boolean"', '"object"', '"array"', '"null"')
  ) then
    v_problems := workflows.problem(
      'parameter_value', 'names a type that JSON has not', place || 'type'::text);
  end if;
  if schema ? 'pattern' then
    begin
      -- a pattern with back references or with constraints that look around can burn minutes
      if schema ->> 'pattern' ~ '\\[1-9]' then
        v_problems := v_problems || workflows.problem(
          'parameter_value', 'refers back to a group', place || 'pattern'::text);
      elsif schema ->> 'pattern' ~ '\(\?<?[=!]' then
        v_problems := v_problems || workflows.problem(
          'parameter_value', 'looks ahead or behind', place || 'pattern'::text);
      elsif '' ~ (schema ->> 'pattern') then
        null;
      end if;
    exception when invalid_regular_expression then
      v_problems := v_problems || workflows.problem(
        'parameter_value', 'is no regular expression', place || 'pattern'::text);
    end;
  end if;
  for v_key, v_part in select p.key, p.value from jsonb_each(schema -> 'properties') p loop
    v_problems := v_problems || workflows.meta_problems(v_part, place || array['properties', v_key]);
  end loop;
  foreach v_key in array '{items,additionalProperties}'::text[] loop
    if jsonb_typeof(schema -> v_key) = 'object' then
      v_problems := v_problems || workflows.meta_problems(schema -> v_key, place || v_key);
    end if;
  end loop;
  return v_problems;
end
$function$;

create or replace function workflows.node_label (
  node jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select jsonb_build_object(
    'id', node -> 'id', 'name', node -> 'name', 'type', node -> 'type', 'subtype', node -> 'subtype')
$function$;

create or replace function workflows.node_problems (
  nodes          jsonb,
  specifications jsonb,
  within         text[],
  workspace_id   uuid
)
  returns setof workflows.diagnostic
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_ids text[] := array(select n ->> 'id' from jsonb_array_elements(nodes) n);
begin
  if not exists (
    select from jsonb_array_elements(nodes) n
    where n ->> 'type' = 'TRIGGER' and n -> 'disabled' is distinct from 'true'
  ) then
    return query
      select 'trigger_missing', 'A workflow starts at a TRIGGER node; there is none that is enabled',
        null::text, '$.nodes', 'error', 'deploying';
  end if;
  return query
    select p ->> 'code', p ->> 'message', n.node ->> 'id',
      workflows.path_of('$.nodes[' || (n.o - 1) || ']', workflows.keys_of(p)),
      w.severity, case w.severity when 'error' then 'deploying' end
    from jsonb_array_elements(nodes) with ordinality n (node, o)
    cross join lateral (
      select specifications -> ((n.node ->> 'type') || '.' || (n.node ->> 'subtype'))
      offset 0  -- taken out once, not at each use
    ) s (specification)
    cross join lateral jsonb_array_elements(
      workflows.type_problems(n.node, s.specification)
      || workflows.parameter_problems(n.node, s.specification)
      || workflows.template_problems(n.node, s.specification, v_ids, within)
      || workflows.credential_problems(n.node, s.specification, workspace_id)
      || case when node_problems.workspace_id is not null
        then workflows.call_problems(n.node, node_problems.workspace_id) else '[]' end
    ) p
    cross join lateral (
      select case
        when n.node -> 'disabled' = 'true'
          or p ->> 'code' in ('sub_workflow_unknown', 'function_not_enabled') then 'warning'
        else 'error'
      end
    ) w (severity)
    where jsonb_typeof(n.node) = 'object';
end
$function$;

create or replace function workflows.nodes_of (
  definition jsonb
)
  returns table (
    id   text,
    node jsonb,
    o    bigint
  )
  language sql
  immutable
  set search_path to ''
  as $function$
  select n ->> 'id',
    jsonb_build_object('name', n -> 'id', 'disabled', false, 'type_version', 1,
      'parameters', jsonb '{}', 'credentials', jsonb '{}', 'attached_nodes', jsonb '[]')
      || jsonb_strip_nulls(n - '{parameters,credentials,position}'::text[])
      || (select coalesce(jsonb_object_agg(k.key, k.value), '{}') from jsonb_each(n) k
          where k.key in ('parameters', 'credentials', 'position') and k.value <> 'null'),
    e.o
  from jsonb_array_elements(definition -> 'nodes') with ordinality e (n, o)
$function$;

create or replace function workflows.object_of (
  value jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select case jsonb_typeof(value) when 'object' then value else '{}' end
$function$;

create or replace function workflows.open_session (
  session_type text,
  title        text,
  metadata     jsonb,
  workspace_id uuid
)
  returns public.sessions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_session public.sessions;
begin
  v_session.workspace_id := coalesce(open_session.workspace_id, workspaces.default_id());
  v_session.session_type := coalesce(open_session.session_type, 'chat');
  v_session.title := nullif(btrim(open_session.title), '');
  v_session.metadata := coalesce(open_session.metadata, '{}');
  perform workspaces.require(v_session.workspace_id, 'editor');
  perform workflows.check_session(v_session);
  insert into public.sessions as s (workspace_id, session_type, title, metadata, created_at, updated_at)
  values (v_session.workspace_id, v_session.session_type, v_session.title, v_session.metadata,
    engine.now(), engine.now())
  returning s.* into v_session;
  return v_session;
end
$function$;

create or replace function workflows.parameter_problems (
  node          jsonb,
  specification jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
declare
  v_given jsonb := coalesce(node -> 'parameters', '{}');
  v_kind text := (node ->> 'type') || '.' || (node ->> 'subtype');
  v_templates jsonb := jsonb '[]';
  v_problems jsonb;
  v_message text;
begin
  if specification is null or jsonb_typeof(v_given) <> 'object' then
    return jsonb '[]';
  end if;
  v_problems := workflows.schema_problems(specification -> 'parameters', v_given);
  if node ->> 'type' = 'TRIGGER' then
    v_templates := coalesce((
      select jsonb_agg(to_jsonb(t.place)) from workflows.templates_in(v_given, null) t
      where position('{{' in t.content) > 0), '[]');
  end if;
  if v_problems <> '[]' or v_templates <> '[]' then
    v_problems := coalesce((
      select jsonb_agg(p || jsonb_build_object(
        'at', jsonb '["parameters"]' || (p -> 'at'),
        'message', case
          when p ->> 'code' in ('parameter_missing', 'parameter_unknown') or p -> 'at' = '[]'
            then p ->> 'message'
          else ltrim(workflows.path_of('', workflows.keys_of(p)), '.') || ' ' || (p ->> 'message')
        end))
      from jsonb_array_elements(v_problems) p
      where not v_templates @> jsonb_build_array(p -> 'at')
        or p ->> 'code' in ('parameter_missing', 'parameter_unknown')), '[]')
    || coalesce((
      select jsonb_agg(jsonb_build_object('code', 'trigger_config_template',
        'message', 'What a trigger listens to is fixed when it is deployed: no templates',
        'at', jsonb '["parameters"]' || t))
      from jsonb_array_elements(v_templates) t), '[]');
    return v_problems;
  end if;

  if node ->> 'type' = 'HUMAN_IN_THE_LOOP' then
    -- the assignees are reached where the channel knows them
    if coalesce(v_given ->> 'channel', 'in_app') <> 'in_app'
       and coalesce(v_given ->> 'to', '') = '' and coalesce(v_given -> 'assignees', '[]') = '[]' then
      v_problems := workflows.problem('parameter_missing',
        format('to is required: whom %s asks', v_given ->> 'channel'), '{parameters,to}');
    end if;
  elsif v_kind = 'TRIGGER.CRON' then
    v_message := triggers.cron_problem(v_given ->> 'expression', 'UTC');
    if v_message is not null then
      v_problems := workflows.problem('cron_invalid', v_message, '{parameters,expression}');
    end if;
    v_message := triggers.cron_problem('@daily', coalesce(v_given ->> 'timezone', 'UTC'));
    if v_message is not null then
      v_problems := v_problems || workflows.problem('timezone_unknown', v_message, '{parameters,timezone}');
    end if;
  elsif v_kind = 'TRIGGER.WEBHOOK' then
    select string_agg(format('%s is there twice', d.segment), ', ') into v_message
    from (
      select s as segment from string_to_table(v_given ->> 'path', '/') s
      where s like ':%' group by 1 having count(*) > 1) d;
    if v_message is not null then
      v_problems := workflows.problem('path_parameter_duplicate', v_message, '{parameters,path}');
    end if;
  end if;
  return v_problems;
end
$function$;

create or replace function workflows.path_of (
  base  text,
  place text[]
)
  returns text
  language sql
  immutable
  set search_path to ''
  as $function$
  select path_of.base || coalesce(string_agg(
    case
      when p ~ '^\d+$' then '[' || p || ']'
      when p ~ '^[A-Za-z_][A-Za-z0-9_]*$' then '.' || p
      else '.' || to_jsonb(p)::text
    end, '' order by o), '')
  from unnest(path_of.place) with ordinality u (p, o)
$function$;

create or replace function workflows.plain_text (
  content text
)
  returns text
  language sql
  immutable
  set search_path to ''
  as $function$
  select regexp_replace(
    translate(plain_text.content,
      '/_.:@àáâãäåçèéêëìíîïñòóôõöøùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝ',
      '     aaaaaaceeeeiiiinoooooouuuuyyaaaaaaceeeeiiiinoooooouuuuy'),
    '([\u3041-\u30fc\u3400-\u4dbf\u4e00-\u9fff])', ' \1 ', 'g')
$function$;

create or replace function workflows.problem (
  code    text,
  message text,
  at      text[]
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select jsonb_build_array(jsonb_build_object('code', code, 'message', message, 'at', to_jsonb(at)))
$function$;

create or replace function workflows.purge_by_retention (
  batch integer default 100
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_due record;
  v_gone int := 0;
begin
  for v_due in
    select w.id, s.versions_kept
    from public.workspaces s
    join public.workflows w
      on w.workspace_id = s.id and w.current_version > s.versions_kept and w.deleted_at is null
    where s.versions_kept is not null
      and exists (
        select from public.workflow_versions v
        where v.workflow_id = w.id and v.version <= w.current_version - s.versions_kept
          and v.version is distinct from w.deployed_version
          and not exists (
            select from public.workflow_deployment_history h
            where h.workspace_id = w.workspace_id and h.workflow_id = w.id
              and h.deployment_version = v.version and h.deployment_action <> 'DEPLOY_FAILED'))
    order by random()
    limit batch
  loop
    if pg_try_advisory_xact_lock(workflows.lock_key(v_due.id)) then
      v_gone := v_gone + workflows.purge_versions_of(v_due.id, v_due.versions_kept);
    end if;
  end loop;
  return v_gone;
end
$function$;

create or replace function workflows.purge_versions (
  workflow_id uuid,
  keep        integer
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  perform workflows.found(purge_versions.workflow_id, 'editor');
  if keep is null or keep < 1 then
    perform platform.fail(422, 'keep_invalid', 'At least one version is kept', 'Give keep => 1 or more.');
  end if;
  perform pg_advisory_xact_lock(workflows.lock_key(purge_versions.workflow_id));
  return workflows.purge_versions_of(purge_versions.workflow_id, keep);
end
$function$;

create or replace function workflows.purge_versions_of (
  workflow_id uuid,
  keep        integer
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_workflow public.workflows;
  v_candidates int[];
  v_gone int[];
begin
  select * into v_workflow from public.workflows w
  where w.id = purge_versions_of.workflow_id and w.deleted_at is null for no key update;
  perform engine.pause_point('purge_has_locked');
  v_candidates := array(
    select v.version from public.workflow_versions v
    where v.workflow_id = v_workflow.id
      and v.version <> v_workflow.current_version
      and v.version is distinct from v_workflow.deployed_version
      and v.version <= (
        select n.version from public.workflow_versions n
        where n.workflow_id = v_workflow.id order by n.version desc offset greatest(keep, 1) limit 1)
      and not exists (
        select from public.workflow_deployment_history h
        where h.workspace_id = v_workflow.workspace_id and h.workflow_id = v_workflow.id
          and h.deployment_version = v.version and h.deployment_action <> 'DEPLOY_FAILED')
      -- a SUB_WORKFLOW that waits starts its next items in the version that it began with
      and not exists (
        select from engine.waits c
        where c.kind = 'children' and c.data ->> 'workflow_id' = v_workflow.id::text
          and (c.data ->> 'version')::int = v.version)
    order by v.version
    limit 1000);
  if cardinality(v_candidates) = 0 then
    return 0;
  end if;
  v_gone := array(
    select v.version from public.workflow_versions v
    where v.workflow_id = v_workflow.id and v.version = any (v_candidates)
      and (not v.is_locked or v.version not in (
        select e.version from public.workflow_executions e where e.workflow_id = v_workflow.id)));
  perform workflows.remove_versions(v_workflow.id, v_gone);
  return cardinality(v_gone);
end
$function$;

create or replace function workflows.query_of (
  query text
)
  returns tsquery
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_text text := workflows.plain_text(left(query, 1000));
  v_plain tsquery := websearch_to_tsquery('pg_catalog.simple', v_text);
  v_last text;
  v_query tsquery;
begin
  -- inside a phrase or after a space the last word is finished
  if v_text ~ '[[:alnum:]]$' and length(replace(v_text, '"', '')) % 2 = length(v_text) % 2 then
    v_last := substring(v_text from '(?:^|[[:space:]])([[:alnum:]]+)$');
  end if;
  v_query := v_plain || websearch_to_tsquery('pg_catalog.english', v_text);
  if v_last is not null and lower(v_last) <> 'or' then
    v_query := v_query || (
      websearch_to_tsquery('pg_catalog.simple', left(v_text, length(v_text) - length(v_last)))
      && (quote_literal(lower(v_last)) || ':*')::tsquery);
  end if;
  return case when numnode(v_query) > 0 then v_query end;
end
$function$;

create or replace function workflows.read_cursor (
  cursor          text,
  order_by        text,
  order_direction text
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_after jsonb;
begin
  if "cursor" is null then
    return null;
  end if;
  begin
    v_after := convert_from(decode("cursor", 'base64'), 'UTF8')::jsonb;
    if v_after ->> 'o' = order_by and v_after ->> 'd' = order_direction
       and (v_after ->> 'i')::uuid is not null then
      return v_after;
    end if;
  exception when others then
    null; -- no cursor of ours
  end;
  perform platform.fail(422, 'cursor_invalid',
    'The cursor is not one of this list', 'Take next_cursor of an answer with the same order.');
  return null;
end
$function$;

create or replace function workflows.refuse_change_of_locked()
  returns trigger
  language plpgsql
  set search_path to ''
  as $function$
begin
  if (new.definition, new.checksum, new.parent_version, new.version, new.is_locked)
     is distinct from (old.definition, old.checksum, old.parent_version, old.version, old.is_locked) then
    raise exception 'Version % was deployed or executed, and stays as it is', old.version
      using errcode = 'PT409', detail = 'version_locked', hint = 'Save the next version.';
  end if;
  return new;
end
$function$;

create or replace function workflows.refuse_invalid (
  diagnostics jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  as $function$
begin
  if diagnostics <> '[]' then
    perform platform.fail(422, 'definition_invalid',
      format('The definition has %s problem%s: %s',
        jsonb_array_length(diagnostics),
        case jsonb_array_length(diagnostics) when 1 then '' else 's' end,
        (select string_agg(format('%s at %s', d ->> 'code', d ->> 'path'), ', ' order by o)
         from jsonb_array_elements(diagnostics) with ordinality e (d, o))),
      diagnostics::text);
  end if;
end
$function$;

create or replace function workflows.remove_deleted (
  batch integer default 500
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow uuid;
  v_removed int;
begin
  for v_workflow in
    select w.id from public.workflows w where w.deleted_at is not null order by w.deleted_at, w.id
    for update skip locked
  loop
    v_removed := workflows.remove_history(v_workflow, remove_deleted.batch);
    if v_removed > 0 then
      return v_removed;
    end if;
  end loop;
  return 0;
end
$function$;

create or replace function workflows.remove_history (
  workflow_id uuid,
  batch       integer
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_executions uuid[];
  v_versions int[];
begin
  v_executions := array(
    select e.id from public.workflow_executions e
    where e.workflow_id = remove_history.workflow_id and e.end_time is not null
    order by e.id desc limit batch
    for update skip locked);
  if cardinality(v_executions) > 0 then
    delete from public.node_executions n where n.execution_id = any (v_executions);
    delete from public.workflow_execution_logs l where l.execution_id = any (v_executions);
    delete from engine.slots s where s.execution_id = any (v_executions);
    delete from engine.retried r where r.execution_id = any (v_executions);
    perform engine.drop_messages();
    delete from public.workflow_executions e where e.id = any (v_executions);
    return cardinality(v_executions);
  end if;
  if exists (select from public.workflow_executions e where e.workflow_id = remove_history.workflow_id) then
    return 0;
  end if;
  v_versions := array(
    select v.version from public.workflow_versions v
    where v.workflow_id = remove_history.workflow_id order by v.version limit greatest(batch / 10, 1));
  perform workflows.remove_versions(remove_history.workflow_id, v_versions);
  if not exists (select from public.workflow_versions v where v.workflow_id = remove_history.workflow_id) then
    delete from public.workflows w where w.id = remove_history.workflow_id and w.deleted_at is not null;
  end if;
  return cardinality(v_versions);
end
$function$;

create or replace function workflows.remove_session (
  session_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  perform workflows.writable_session(remove_session.session_id);
  delete from public.sessions s where s.id = remove_session.session_id;
end
$function$;

create or replace function workflows.remove_versions (
  workflow_id uuid,
  versions    integer[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
begin
  delete from engine.plan p
  where p.workflow_id = remove_versions.workflow_id and p.version = any (versions);
  delete from engine.reach r
  where r.workflow_id = remove_versions.workflow_id and r.version = any (versions);
  delete from public.node_connections c
  where c.workflow_id = remove_versions.workflow_id and c.version = any (versions);
  delete from public.workflow_versions v
  where v.workflow_id = remove_versions.workflow_id and v.version = any (versions);
end
$function$;

create or replace function workflows.requirement_problems (
  schema  jsonb,
  subject jsonb,
  place   text[]
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_field text;
  v_needed text[];
  v_choices text[];
  v_met int;
  v_problems jsonb := jsonb '[]';
begin
  for i in 0 .. coalesce(jsonb_array_length(schema -> 'required'), 0) - 1 loop
    v_field := schema -> 'required' ->> i;
    if not subject ? v_field then
      v_problems := v_problems
        || workflows.problem('parameter_missing', format('%s is required', v_field), place || v_field);
    end if;
  end loop;
  if schema ? 'dependentRequired' then
    for v_field, v_needed in
      select d.key, array(select jsonb_array_elements_text(d.value))
      from jsonb_each(schema -> 'dependentRequired') d
    loop
      if subject ? v_field and not subject ?& v_needed then
        v_problems := v_problems || workflows.problem('parameter_value',
          format('goes with %s only', array_to_string(v_needed, ' and ')), place || v_field);
      end if;
    end loop;
  end if;
  if schema ? 'oneOf' then
    select count(*) filter (where subject ?& c.needed),
      array_agg(array_to_string(c.needed, ' with ') order by c.o)
    into v_met, v_choices
    from (
      select array(select jsonb_array_elements_text(e -> 'required')) as needed, o
      from jsonb_array_elements(schema -> 'oneOf') with ordinality u (e, o)) c;
    if v_met = 0 then
      v_problems := v_problems || workflows.problem('parameter_missing',
        format('one of %s is required', array_to_string(v_choices, ', ')), place);
    elsif v_met > 1 then
      v_problems := v_problems || workflows.problem('parameter_value',
        format('only one of %s can be given', array_to_string(v_choices, ', ')), place);
    end if;
  end if;
  if schema ? 'not' then
    v_choices := array(select jsonb_array_elements_text(schema #> '{not,required}'));
    if subject ?& v_choices then
      v_problems := v_problems || workflows.problem('parameter_value',
        format('only one of %s can be given', array_to_string(v_choices, ', ')),
        place || v_choices[cardinality(v_choices)]);
    end if;
  end if;
  return v_problems;
end
$function$;

create or replace function workflows.restore_version (
  workflow_id uuid,
  version     integer,
  note        text,
  revision    integer
)
  returns public.workflow_versions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows := workflows.being_saved(restore_version.workflow_id, restore_version.revision);
  v_old public.workflow_versions := workflows.version_of(v_workflow, restore_version.version);
begin
  return workflows.append_version(v_workflow, v_old.version, v_old.definition,
    coalesce(restore_version.note, format('Restored from version %s', v_old.version)));
end
$function$;

create or replace function workflows.save_definition (
  workflow   public.workflows,
  definition jsonb,
  note       text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_current public.workflow_versions;
  v_note text := nullif(save_definition.note, '');
begin
  -- whoever starts it just now locks it: then this waits, and makes the next
  select * into v_current from public.workflow_versions v
  where v.workflow_id = workflow.id and v.version = workflow.current_version
  for no key update;
  perform engine.pause_point('save_has_read');
  if save_definition.definition is null or v_current.definition = save_definition.definition then
    if save_definition.note is not null and v_note is distinct from v_current.note then
      perform workflows.check_note(v_note);
      update public.workflow_versions v set note = v_note
      where v.workflow_id = workflow.id and v.version = v_current.version;
    end if;
  elsif v_current.is_locked then
    perform workflows.append_version(
      workflow, v_current.version, save_definition.definition, save_definition.note);
  else
    perform workflows.write_version(
      workflow, v_current.version, null, save_definition.definition, save_definition.note);
    update public.workflows w set revision = w.revision + 1 where w.id = workflow.id
    returning w.* into workflow;
    perform workflows.index_words(workflow);
  end if;
end
$function$;

create or replace function workflows.schema_problems (
  schema    jsonb,
  subject   jsonb,
  templates boolean default true,
  place     text[]  default '{}'::text[]
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_type text := jsonb_typeof(subject);
  v_text text;
  v_types jsonb := schema -> 'type';
  v_part jsonb;
  v_key text;
  v_value jsonb;
  v_problems jsonb := jsonb '[]';
begin
  if v_type in ('string', 'number') then
    v_text := subject #>> '{}';
    if templates and v_type = 'string' and position('{{' in v_text) > 0
       and schema ->> 'format' is distinct from 'literal' then
      return v_problems;
    end if;
  end if;
  if v_types is not null and not v_types ? v_type
     and not (v_type = 'number' and v_types ? 'integer' and v_text::numeric % 1 = 0) then
    return workflows.problem('parameter_type', format('is %s, not %s', v_type, case jsonb_typeof(v_types)
      when 'array' then (select string_agg(t, ' or ') from jsonb_array_elements_text(v_types) t)
      else v_types #>> '{}'
    end), place);
  end if;
  if schema ? 'enum' and not (schema -> 'enum') @> subject then
    return workflows.problem('parameter_value', format('is none of %s',
      (select string_agg(e, ', ') from jsonb_array_elements_text(schema -> 'enum') e)), place);
  end if;

  if v_type = 'string' then
    if length(v_text) < (schema ->> 'minLength')::int then
      return workflows.problem('parameter_value',
        format('has fewer than %s characters', schema ->> 'minLength'), place);
    elsif length(v_text) > (schema ->> 'maxLength')::int then
      return workflows.problem('parameter_value',
        format('has more than %s characters', schema ->> 'maxLength'), place);
    elsif v_text !~ (schema ->> 'pattern') then
      return workflows.problem('parameter_value',
        'does not look like ' || coalesce(schema -> 'examples' ->> 0 || ', ', '') || (schema ->> 'pattern'),
        place);
    elsif schema ->> 'format' = 'date-time' and not pg_input_is_valid(v_text, 'timestamptz') then
      return workflows.problem('parameter_value', 'is no time, as 2027-01-31T09:00:00Z', place);
    end if;
  elsif v_type = 'number' then
    if v_text::numeric < (schema ->> 'minimum')::numeric then
      return workflows.problem('parameter_value', format('is less than %s', schema ->> 'minimum'), place);
    elsif v_text::numeric > (schema ->> 'maximum')::numeric then
      return workflows.problem('parameter_value', format('is more than %s', schema ->> 'maximum'), place);
    end if;
  elsif schema ->> 'format' = 'opaque' then
    return v_problems;
  elsif v_type = 'array' then
    if jsonb_array_length(subject) < (schema ->> 'minItems')::int then
      v_problems := workflows.problem('parameter_value',
        format('has fewer than %s elements', schema ->> 'minItems'), place);
    elsif jsonb_array_length(subject) > (schema ->> 'maxItems')::int then
      v_problems := workflows.problem('parameter_value',
        format('has more than %s elements', schema ->> 'maxItems'), place);
    elsif schema -> 'uniqueItems' = 'true' and exists (
        select from jsonb_array_elements(subject) e group by e having count(*) > 1) then
      v_problems := workflows.problem('parameter_value', 'has one element twice', place);
    end if;
    if schema ? 'items' then
      for v_key, v_value in
        select e.n - 1, e.item from jsonb_array_elements(subject) with ordinality e (item, n)
      loop
        v_problems := v_problems
          || workflows.schema_problems(schema -> 'items', v_value, templates, place || v_key);
        -- a list of a hundred thousand would take minutes to put together
        exit when jsonb_array_length(v_problems) >= 100;
      end loop;
    end if;
  elsif v_type = 'object' then
    if schema ?| '{required,dependentRequired,oneOf,not}' then
      v_problems := workflows.requirement_problems(schema, subject, place);
    end if;
    if not schema ?| '{properties,additionalProperties}' then
      return v_problems;
    end if;
    for v_key, v_value in select e.key, e.value from jsonb_each(subject) e loop
      v_part := coalesce(schema -> 'properties' -> v_key, schema -> 'additionalProperties');
      if v_part = 'false' then
        v_problems := v_problems || workflows.problem('parameter_unknown',
          format('%s is no parameter of this node', v_key) || coalesce((
            select '; there are ' || string_agg(k, ', ' order by k)
            from jsonb_object_keys(schema -> 'properties') k), ''), place || v_key);
      elsif v_part is not null then
        v_problems := v_problems || workflows.schema_problems(v_part, v_value, templates, place || v_key);
      end if;
      exit when jsonb_array_length(v_problems) >= 100;
    end loop;
  end if;
  return v_problems;
end
$function$;

create or replace function workflows.scope_term (
  workspace_id uuid
)
  returns text
  language sql
  immutable
  set search_path to ''
  as $function$
  select ' ' || coalesce(workspace_id::text, 'public')
$function$;

create or replace function workflows.scopes (
  nodes       jsonb,
  connections jsonb
)
  returns table (
    node_id   text,
    stack     text[],
    collected text,
    problem   text
  )
  language plpgsql
  immutable
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  c_max_depth constant int := 5;
  c_max_scopes constant int := 10;  -- of a node: a chain of FOR_EACH with ways around has no end of them
  v_ids text[];
  v_kinds text[];
  v_sources int[];
  v_targets int[];
  v_items boolean[];      -- edges that items go along, of a FOR_EACH
  v_first int[];          -- a node's first edge
  v_latest int[];         -- a node's latest place
  v_places int[];         -- how many it has
  -- places: a node and the stack with which it is reached, written /4/17
  v_nodes int[] := array[]::int[];
  v_stacks text[] := array[]::text[];
  v_earlier int[] := array[]::int[];
  v_next int := 0;
  v_node int;
  v_target int;
  v_edge int;
  v_stack text;
  v_onto text;
  v_place int;
begin
  select array_agg(n.id order by n.o), array_agg(n.kind order by n.o) into v_ids, v_kinds
  from (
    select distinct on (e.node ->> 'id') e.node ->> 'id' as id, e.o,
      case
        when e.node ->> 'type' = 'TRIGGER' and e.node -> 'disabled' is distinct from 'true' then 'trigger'
        when e.node ->> 'type' <> 'FLOW' or e.node -> 'disabled' = 'true' then 'other'
        when e.node ->> 'subtype' = 'FOR_EACH' then 'for_each'
        when e.node ->> 'subtype' <> 'MERGE' then 'other'
        when e.node #>> '{parameters,mode}' = 'collect' then 'collect'
        else 'merge'
      end as kind
    from jsonb_array_elements(nodes) with ordinality e (node, o)
    where jsonb_typeof(e.node -> 'id') = 'string'
    order by e.node ->> 'id', e.o) n;
  select array_agg(c.source order by c.source, c.o), array_agg(c.target order by c.source, c.o),
    array_agg(c.items order by c.source, c.o)
  into v_sources, v_targets, v_items
  from (
    select s.n::int as source, t.n::int as target, e.o,
      v_kinds[s.n] = 'for_each' and e.connection ->> 'type' is distinct from 'ERROR' as items
    from jsonb_array_elements(connections) with ordinality e (connection, o)
    join unnest(v_ids) with ordinality s (id, n) on s.id = e.connection ->> 'source'
    join unnest(v_ids) with ordinality t (id, n) on t.id = e.connection ->> 'target') c;
  v_first := array_fill(null::int, array[coalesce(cardinality(v_ids), 0)]);
  v_latest := v_first;
  v_places := array_fill(0, array[coalesce(cardinality(v_ids), 0)]);
  for i in reverse coalesce(cardinality(v_sources), 0) .. 1 loop
    v_first[v_sources[i]] := i;
  end loop;
  for i in 1 .. coalesce(cardinality(v_ids), 0) loop
    if v_kinds[i] = 'trigger' then
      v_nodes := v_nodes || i;
      v_stacks := array_append(v_stacks, '');
      v_earlier := array_append(v_earlier, null);
      v_latest[i] := cardinality(v_nodes);
    end if;
  end loop;

  while v_next < cardinality(v_nodes) loop
    v_next := v_next + 1;
    v_node := v_nodes[v_next];
    v_stack := v_stacks[v_next];
    node_id := v_ids[v_node];
    problem := null;
    collected := null;
    if v_kinds[v_node] = 'collect' then
      collected := v_ids[substring(v_stack from '[0-9]+$')::int];
      v_stack := regexp_replace(v_stack, '/[0-9]+$', '');
    end if;
    stack := array(
      select v_ids[p.n::int] from string_to_array(ltrim(v_stack, '/'), '/') a,
        unnest(a) with ordinality p (n, o) order by p.o);
    return next;

    stack := null;
    collected := null;
    v_edge := v_first[v_node];
    while v_sources[v_edge] = v_node loop
      v_target := v_targets[v_edge];
      v_onto := v_stack || case when v_items[v_edge] then '/' || v_node else '' end;
      v_place := v_latest[v_target];
      while v_stacks[v_place] <> v_onto loop
        v_place := v_earlier[v_place];
      end loop;
      v_edge := v_edge + 1;
      continue when v_place is not null;
      node_id := v_ids[v_target];
      problem := case
        when v_kinds[v_target] = 'collect' and v_onto = '' then 'collect_without_for_each'
        when v_kinds[v_target] in ('collect', 'merge') and v_places[v_target] > 0 then 'merge_depths_differ'
        when v_kinds[v_target] = 'for_each'
          and (v_onto || '/' like '%/' || v_target || '/%' or regexp_count(v_onto, '/') >= c_max_depth)
          then 'for_each_recursion'
        when v_places[v_target] >= c_max_scopes then 'scopes_too_many'
      end;
      if problem is not null then
        return next;
        continue;
      end if;
      v_nodes := v_nodes || v_target;
      v_stacks := v_stacks || v_onto;
      v_earlier := array_append(v_earlier, v_latest[v_target]);
      v_latest[v_target] := cardinality(v_nodes);
      v_places[v_target] := v_places[v_target] + 1;
    end loop;
  end loop;
end
$function$;

create or replace function workflows.seed_node_specifications()
  returns void
  language sql
  set search_path to ''
  as $function$
  -- json keeps the order in which the parameters are written
  with specification (node_type, node_subtype, executor, data) as (values
    ('TRIGGER', 'MANUAL', 'sql', json '{
      "description": "Starts when somebody starts it. Its output is the input it was started with.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {}},
      "inputs": [],
      "outputs": ["main"],
      "examples": [{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}]
    }'),
    ('TRIGGER', 'WEBHOOK', 'sql', '{
      "description": "Starts on an HTTP request to the URL that deploying answers. Its output is {method, path, params, query, headers, body}.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["path"], "properties": {
        "path": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 200,
          "pattern": "^/?(:?[A-Za-z0-9._~-]+)(/:?[A-Za-z0-9._~-]+)*$",
          "description": "The end of the URL; a segment like :id matches anything and is given as params.id",
          "examples": ["orders", "orders/:id/paid"]},
        "method": {"type": "string", "format": "literal",
          "enum": ["ANY", "GET", "POST", "PUT", "PATCH", "DELETE"], "default": "POST",
          "description": "Requests of other methods are refused", "examples": ["POST", "ANY"]},
        "response_mode": {"type": "string", "format": "literal", "enum": ["async", "last_node", "respond"],
          "default": "async",
          "description": "async: 202 at once; last_node: the output of the execution; respond: what a RESPOND node says",
          "examples": ["respond"]},
        "raw_body": {"type": "boolean", "format": "literal", "default": false,
          "description": "Also raw_body: the body as it came, as text, or as base64 where it is none",
          "examples": [true]}
      }},
      "inputs": [],
      "credentials": [{"name": "webhook", "providers": ["webhook"], "required": false,
        "description": "How callers prove who they are; without one the URL is the only secret"}],
      "outputs": ["main"],
      "examples": [
        {"id": "order_paid", "type": "TRIGGER", "subtype": "WEBHOOK", "parameters": {"path": "orders/:id/paid"}},
        {"id": "quote", "type": "TRIGGER", "subtype": "WEBHOOK",
          "parameters": {"path": "quote", "method": "GET", "response_mode": "respond"},
          "credentials": {"webhook": "0198c0de-0000-7000-8000-000000000001"}}
      ]
    }'),
    ('TRIGGER', 'CRON', 'sql', '{
      "description": "Starts by the clock. Its output is {scheduled_at, timezone, expression}.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["expression"],
        "dependentRequired": {"misfire_limit": ["misfire"]}, "properties": {
        "expression": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 200,
          "description": "Five fields (minute, hour, day of month, month, day of week), or a macro, as @daily",
          "examples": ["30 9 * * MON-FRI", "*/15 * * * *", "@daily"]},
        "timezone": {"type": "string", "format": "literal", "maxLength": 100, "default": "UTC",
          "description": "An IANA time zone, whose clock the expression is about",
          "examples": ["Europe/Berlin", "America/New_York"]},
        "misfire": {"type": "string", "format": "literal", "enum": ["skip", "once", "all"], "default": "once",
          "description": "What becomes of times that were missed: nothing, one run, or one each up to misfire_limit",
          "examples": ["skip"]},
        "misfire_limit": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 100, "default": 10,
          "description": "Of misfire all: how many missed times are made up for, the latest ones",
          "examples": [24]},
        "overlap": {"type": "string", "format": "literal", "enum": ["allow", "skip", "cancel_previous"],
          "default": "allow", "description": "What to do while the run before has not ended",
          "examples": ["skip"]}
      }},
      "inputs": [],
      "outputs": ["main"],
      "examples": [
        {"id": "every_morning", "type": "TRIGGER", "subtype": "CRON",
          "parameters": {"expression": "30 9 * * MON-FRI", "timezone": "Europe/Berlin", "overlap": "skip"}},
        {"id": "hourly", "type": "TRIGGER", "subtype": "CRON",
          "parameters": {"expression": "@hourly", "misfire": "all", "misfire_limit": 24}}
      ]
    }'),
    ('TRIGGER', 'GITHUB', 'sql', '{
      "description": "Starts on an event of a repository. Its output is {event, action, delivery_id, repository, sender, payload}.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "repository": {"type": "string", "format": "literal", "pattern": "^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$",
          "description": "As owner/name; all of the integration when left out", "examples": ["octocat/hello-world"]},
        "events": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "pattern": "^[a-z_]+$"},
          "description": "Names of events; all when left out", "examples": [["issues", "push"]]},
        "actions": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "pattern": "^[a-z_]+$"},
          "description": "The payload''s action; all when left out", "examples": [["opened", "reopened"]]},
        "branches": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 255},
          "description": "Of push, pull_request and workflow_run; * stands for anything, all when left out",
          "examples": [["main", "release/*"]]}
      }},
      "inputs": [],
      "credentials": [{"name": "github", "providers": ["github"], "required": true,
        "description": "The webhook whose secret signs the events"}],
      "outputs": ["main"],
      "examples": [
        {"id": "issue_opened", "type": "TRIGGER", "subtype": "GITHUB",
          "parameters": {"repository": "octocat/hello-world", "events": ["issues"], "actions": ["opened"]},
          "credentials": {"github": "0198c0de-0000-7000-8000-000000000001"}}
      ]
    }'),
    ('TRIGGER', 'SLACK', 'sql', '{
      "description": "Starts on an event or a slash command of Slack. Its output is {kind, event, command, text, user, channel, team, payload}.",
      "parameters": {"type": "object", "additionalProperties": false,
        "oneOf": [{"required": ["event"]}, {"required": ["command"]}], "properties": {
        "event": {"type": "string", "format": "literal", "pattern": "^[a-z_.]+$",
          "description": "Type of an event", "examples": ["app_mention", "message"]},
        "command": {"type": "string", "format": "literal", "pattern": "^/[a-z0-9_-]+$",
          "description": "A slash command", "examples": ["/deploy"]},
        "channels": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "pattern": "^[A-Z0-9]+$"},
          "description": "Ids of channels; all when left out", "examples": [["C0123456789"]]},
        "include_bots": {"type": "boolean", "format": "literal", "default": false,
          "description": "Also what bots write", "examples": [true]}
      }},
      "inputs": [],
      "credentials": [{"name": "slack", "providers": ["slack"], "required": true,
        "description": "The app whose secret signs the requests"}],
      "outputs": ["main"],
      "examples": [
        {"id": "mentioned", "type": "TRIGGER", "subtype": "SLACK", "parameters": {"event": "app_mention"},
          "credentials": {"slack": "0198c0de-0000-7000-8000-000000000001"}},
        {"id": "slash", "type": "TRIGGER", "subtype": "SLACK", "parameters": {"command": "/deploy"},
          "credentials": {"slack": "0198c0de-0000-7000-8000-000000000001"}}
      ]
    }'),
    ('TRIGGER', 'EMAIL', 'sql', '{
      "description": "Starts on an e-mail to an address. Its output is {from, to, cc, subject, text, html, tag, message_id, in_reply_to, references, attachments, spam, provider}.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "address": {"type": "string", "format": "literal", "maxLength": 320, "pattern": "^[^@+\\s]+@[^@\\s]+$",
          "description": "Who it is to; mail to orders+42@ has the tag 42. All when left out",
          "examples": ["orders@in.example.com"]},
        "from": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 320},
          "description": "Senders, or @domains; all when left out. A sender''s name proves little",
          "examples": [["ann@example.com", "@partner.example"]]}
      }},
      "inputs": [],
      "credentials": [{"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"],
        "required": true, "description": "The service that receives the mail and hands it on"}],
      "outputs": ["main"],
      "examples": [
        {"id": "order_mail", "type": "TRIGGER", "subtype": "EMAIL",
          "parameters": {"address": "orders@in.example.com", "from": ["@partner.example"]},
          "credentials": {"email": "0198c0de-0000-7000-8000-000000000001"}}
      ]
    }'),
    ('FLOW', 'IF', 'sql', '{
      "description": "Passes its input on through output 0 when the condition holds, else through output 1.",
      "parameters": {"type": "object", "additionalProperties": false,
        "required": ["condition"], "properties": {
        "condition": {"type": "string", "minLength": 1, "format": "predicate",
          "description": "A path predicate; what is not there makes it false",
          "examples": ["$.input.amount > 100", "exists ($.input.tags[*] ? (@ == \"urgent\"))"]}
      }},
      "outputs": ["true", "false"],
      "examples": [
        {"id": "is_large", "type": "FLOW", "subtype": "IF", "parameters": {"condition": "$.input.amount > 100"}}
      ]
    }'),
    ('FLOW', 'SWITCH', 'sql', '{
      "description": "Passes its input on through the output of the first rule that holds, counted from 0; if none does, through the output after the last rule.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["rules"], "properties": {
        "rules": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 100,
          "items": {"type": "string", "minLength": 1, "format": "predicate"},
          "description": "Path predicates, asked in their order",
          "examples": [["$.input.kind == \"order\"", "$.input.kind == \"refund\""]]}
      }},
      "outputs": ["fallback"], "outputs_by": "rules",
      "examples": [
        {"id": "by_kind", "type": "FLOW", "subtype": "SWITCH",
          "parameters": {"rules": ["$.input.kind == \"order\"", "$.input.kind == \"refund\""]}}
      ]
    }'),
    ('FLOW', 'FILTER', 'sql', '{
      "description": "Its output is the list of the items for which the condition holds.",
      "parameters": {"type": "object", "additionalProperties": false,
        "required": ["items", "condition"], "properties": {
        "items": {"description": "A list; another single value is a list of one, null an empty one",
          "examples": ["{{ $.input.orders }}"]},
        "condition": {"type": "string", "minLength": 1, "format": "item_predicate",
          "description": "A path predicate over each item, which is $.item", "examples": ["$.item.amount > 100"]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "large_ones", "type": "FLOW", "subtype": "FILTER",
          "parameters": {"items": "{{ $.input.orders }}", "condition": "$.item.amount > 100"}}
      ]
    }'),
    ('FLOW', 'MERGE', 'sql', '{
      "description": "Brings tokens together that arrive at its inputs. all: an object of the inputs'' values; append: the list of them; combine: their fields in one object, later inputs win; any: the first that comes, the rest is dropped; collect: the list of what came of the items of the FOR_EACH around it.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["mode"], "properties": {
        "mode": {"type": "string", "format": "literal", "enum": ["all", "append", "combine", "any", "collect"],
          "description": "How the inputs become one output", "examples": ["all", "collect"]},
        "inputs": {"type": "array", "format": "literal", "maxItems": 100, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 100, "pattern": "[^0-9]"},
          "description": "Names of the inputs in the output of mode all; one without a name goes by its number",
          "examples": [["customer", "orders"]]}
      }},
      "inputs": ["0", "1"], "inputs_limit": 100,
      "outputs": ["main"],
      "examples": [
        {"id": "both", "type": "FLOW", "subtype": "MERGE",
          "parameters": {"mode": "all", "inputs": ["customer", "orders"]}},
        {"id": "results", "type": "FLOW", "subtype": "MERGE", "parameters": {"mode": "collect"}}
      ]
    }'),
    ('FLOW', 'FOR_EACH', 'sql', '{
      "description": "Lets what follows run once for each item: $.item and the first node''s $.input. A MERGE of mode collect takes the results together.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["items"], "properties": {
        "items": {"description": "A list; another single value is one item, null none. At most 10,000",
          "examples": ["{{ $.input.orders }}", [1, 2, 3]]},
        "max_concurrency": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 10000,
          "description": "How many items run at a time; all when left out", "examples": [5]}
      }},
      "outputs": ["item"],
      "examples": [
        {"id": "each_order", "type": "FLOW", "subtype": "FOR_EACH",
          "parameters": {"items": "{{ $.input.orders }}", "max_concurrency": 5}}
      ]
    }'),
    ('FLOW', 'WAIT', 'wait', '{
      "description": "Waits, then passes its input on. An event''s payload is its output instead; an event that does not come in time is an error.",
      "parameters": {"type": "object", "additionalProperties": false,
        "oneOf": [{"required": ["seconds"]}, {"required": ["until"]}, {"required": ["event"]}],
        "dependentRequired": {"key": ["event"], "timeout_seconds": ["event"]}, "properties": {
        "seconds": {"type": "number", "minimum": 0, "maximum": 31536000, "description": "How long",
          "examples": [60, "{{ $.input.delay }}"]},
        "until": {"type": "string", "minLength": 1, "format": "date-time", "description": "A time with its zone",
          "examples": ["2027-01-31T09:00:00Z", "{{ $.input.due_at }}"]},
        "event": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Name of an event",
          "examples": ["payment_received"]},
        "key": {"type": ["string", "number"], "description": "Which of the events of this name; any when left out",
          "examples": ["{{ $.input.order_id }}"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the event", "examples": [86400]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "an_hour", "type": "FLOW", "subtype": "WAIT", "parameters": {"seconds": 3600}},
        {"id": "payment", "type": "FLOW", "subtype": "WAIT",
          "parameters": {"event": "payment_received", "key": "{{ $.input.order_id }}", "timeout_seconds": 86400}}
      ]
    }'),
    ('FLOW', 'SUB_WORKFLOW', 'wait', '{
      "description": "Starts another workflow and waits for its output; with items one for each, and the output is the list of theirs.",
      "parameters": {"type": "object", "additionalProperties": false,
        "required": ["workflow_id"], "dependentRequired": {"max_concurrency": ["items"]}, "properties": {
        "workflow_id": {"type": "string",
          "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
          "description": "A workflow of the same workspace",
          "examples": ["0198c0de-0000-7000-8000-000000000001", "{{ $.input.workflow_id }}"]},
        "input": {"description": "The workflow''s input, any JSON; this node''s input when left out",
          "examples": [{"order": "{{ $.input }}"}]},
        "wait": {"type": "boolean", "default": true, "description": "false: go on at once", "examples": [false]},
        "items": {"description": "A list: each is the input of an execution. One execution when left out",
          "examples": ["{{ $.input.orders }}"]},
        "max_concurrency": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 10000,
          "description": "How many items run at a time; all when left out", "examples": [5]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait", "examples": [3600]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "fulfil", "type": "FLOW", "subtype": "SUB_WORKFLOW", "parameters": {
          "workflow_id": "0198c0de-0000-7000-8000-000000000001", "items": "{{ $.input.orders }}",
          "max_concurrency": 5}}
      ]
    }'),
    ('FLOW', 'STOP', 'sql', '{
      "description": "Ends the execution.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "status": {"type": "string", "format": "literal", "enum": ["SUCCESS", "ERROR"], "default": "SUCCESS",
          "description": "How the execution ends", "examples": ["ERROR"]},
        "message": {"type": "string", "description": "Why; of an ERROR it is the execution''s error. None when left out",
          "examples": ["Order {{ $.input.id }} has no items"]}
      }},
      "outputs": [],
      "examples": [
        {"id": "refuse", "type": "FLOW", "subtype": "STOP",
          "parameters": {"status": "ERROR", "message": "Order {{ $.input.id }} has no items"}}
      ]
    }'),
    ('FLOW', 'RESPOND', 'sql', '{
      "description": "Answers the request that a WEBHOOK trigger of response_mode respond holds open, and passes its input on. The first RESPOND of an execution answers.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "status": {"type": "integer", "minimum": 200, "maximum": 599, "default": 200,
          "description": "The HTTP status", "examples": [201, 404]},
        "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]},
          "default": {}, "description": "Headers beside the content type", "examples": [{"x-order": "{{ $.input.id }}"}]},
        "body": {"description": "Any JSON, sent as JSON; a text is sent as it is; this node''s input when left out",
          "examples": [{"received": "{{ $.input.id }}"}]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "answer", "type": "FLOW", "subtype": "RESPOND",
          "parameters": {"status": 201, "body": {"received": "{{ $.input.id }}"}}}
      ]
    }'),
    ('ACTION', 'SET_STATIC_DATA', 'sql', '{
      "description": "Changes what the workflow remembers between executions ($.workflow.static), one execution at a time. Its output is all that is remembered.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["values"], "properties": {
        "values": {"type": "object", "description": "Fields to set; null removes one",
          "examples": [{"seen": "{{ $.workflow.static.seen + 1 }}", "last": null}]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "count", "type": "ACTION", "subtype": "SET_STATIC_DATA",
          "parameters": {"values": {"seen": "{{ $.workflow.static.seen + 1 }}"}}}
      ]
    }'),
    ('ACTION', 'PLACEHOLDER', 'sql', '{
      "description": "Stands for a node of another system that has no counterpart here, with its original parameters. Cannot run: replace it, or leave it disabled, when it passes its input on.",
      "parameters": {"type": "object", "format": "opaque", "properties": {
        "source": {"format": "opaque", "description": "The original, untouched",
          "examples": [{"type": "n8n-nodes-base.ftp", "parameters": {"path": "={{ $json.path }}"}}]}
      }},
      "inputs_limit": 1001,
      "outputs": ["main"], "outputs_any": true, "is_placeholder": true,
      "examples": [
        {"id": "ftp", "type": "ACTION", "subtype": "PLACEHOLDER", "disabled": true,
          "parameters": {"source": {"type": "n8n-nodes-base.ftp", "parameters": {"path": "={{ $json.path }}"}}}}
      ]
    }'),
    ('ACTION', 'SQL_FUNCTION', 'edge', '{
      "description": "Calls a function that the project''s owner has put into the schema nodes. Its output is what the function answers.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["function"], "properties": {
        "function": {"type": "string", "format": "literal", "pattern": "^[a-z_][a-z0-9_]{0,62}$",
          "description": "Its name; an admin of the workspace has enabled it", "examples": ["reserve_stock"]},
        "arguments": {"type": "object", "default": {}, "description": "By name, any JSON with templates",
          "examples": [{"sku": "{{ $.input.sku }}", "count": 1}]}
      }},
      "outputs": ["main"], "calls_function": true,
      "examples": [
        {"id": "reserve", "type": "ACTION", "subtype": "SQL_FUNCTION",
          "parameters": {"function": "reserve_stock", "arguments": {"sku": "{{ $.input.sku }}", "count": 1}}}
      ]
    }'),
    ('ACTION', 'TRANSFORM', 'sql', '{
      "description": "Builds its output from a JSON value with templates.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["output"], "properties": {
        "output": {"description": "Any JSON; a template is replaced by what its path finds",
          "examples": [{"name": "{{ $.input.name }}", "greeting": "Hello {{ $.input.name }}"}]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "greet", "type": "ACTION", "subtype": "TRANSFORM",
          "parameters": {"output": {"greeting": "Hello {{ $.input.name }}"}}}
      ]
    }'),
    ('HUMAN_IN_THE_LOOP', 'APPROVAL', 'wait', '{
      "description": "Asks people to approve or reject, and waits. Its output is {outcome, data, comment, responded_by, responded_at, interaction_id, responses}; data as they left it.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["message"], "properties": {
        "title": {"type": "string", "maxLength": 500, "default": "", "description": "What it is about, in a line",
          "examples": ["Refund of order {{ $.input.id }}"]},
        "message": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "What is asked",
          "examples": ["May {{ $.input.amount }} EUR be paid back?"]},
        "data": {"description": "Shown with it, and editable; the input when left out",
          "examples": [{"amount": "{{ $.input.amount }}"}]},
        "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"],
          "default": "in_app", "description": "How people are asked; whatever it is, the app can answer",
          "examples": ["slack"]},
        "to": {"type": "string", "minLength": 1, "maxLength": 2000,
          "description": "Where the message goes: a Slack channel or user, an email address, a URL; to the assignees when left out",
          "examples": ["C0123456789", "finance@example.com"]},
        "assignees": {"type": "array", "maxItems": 50, "default": [], "items": {"type": "object", "additionalProperties": false,
            "oneOf": [{"required": ["user"]}, {"required": ["role"]}, {"required": ["email"]}, {"required": ["slack"]}],
            "properties": {"user": {"type": "string"}, "role": {"type": "string", "enum": ["admin", "editor"]},
              "email": {"type": "string"}, "slack": {"type": "string"}}},
          "description": "Who may answer; any editor of the workspace, and whom the message goes to, when empty",
          "examples": [[{"role": "admin"}, {"email": "ann@example.com"}]]},
        "priority": {"type": "string", "enum": ["low", "normal", "high", "critical"], "default": "normal",
          "description": "Its place in the inbox", "examples": ["high"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the answer", "examples": [86400]},
        "timeout_action": {"type": "string", "format": "literal", "enum": ["continue", "default", "error", "fail"],
          "default": "continue",
          "description": "Without an answer: on through output 2; through output 0 with default_response; in error, as error_handling says; or the execution ends in error",
          "examples": ["default"]},
        "default_response": {"description": "The data of timeout_action default; null when left out", "examples": [{"amount": 0}]},
        "reminders": {"type": "array", "format": "literal", "maxItems": 20,
          "items": {"type": "integer", "minimum": 1, "maximum": 31536000}, "default": [],
          "description": "Seconds after which the message is sent again", "examples": [[3600, 86400]]},
        "escalation": {"type": "object", "additionalProperties": false, "required": ["after_seconds"], "properties": {
            "after_seconds": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 31536000},
            "to": {"type": "string", "minLength": 1, "maxLength": 2000},
            "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"]},
            "assignees": {"type": "array", "maxItems": 50, "items": {"type": "object"}}},
          "description": "Who else is asked when nobody has answered, and may answer then; nobody when left out",
          "examples": [{"after_seconds": 3600, "channel": "email", "to": "head@example.com"}]},
        "quorum": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
          "description": "How many have to agree; one rejection rejects", "examples": [2]},
        "correlation_id": {"type": "string", "maxLength": 255,
          "description": "What an answer may name instead of the question''s id, also before it is asked; nothing when left out",
          "examples": ["order-{{ $.input.id }}"]},
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 100}, "default": [],
          "description": "For filters of the inbox", "examples": [["refund"]]}
      }},
      "credentials": [
        {"name": "slack", "providers": ["slack"], "required": false, "required_for_channel": "slack",
          "description": "The app that writes to Slack"},
        {"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"], "required": false,
          "required_for_channel": "email", "description": "The service that sends the mail"},
        {"name": "webhook", "providers": ["webhook"], "required": false, "required_for_channel": "webhook",
          "description": "What signs the requests"}],
      "outputs": ["approved", "rejected", "timed_out"],
      "examples": [
        {"id": "approve_refund", "type": "HUMAN_IN_THE_LOOP", "subtype": "APPROVAL",
          "parameters": {"message": "May {{ $.input.amount }} EUR be paid back?", "assignees": [{"role": "admin"}]}}
      ]
    }'),
    ('HUMAN_IN_THE_LOOP', 'INPUT', 'wait', '{
      "description": "Asks people to fill in a form, and waits. Its output is as of APPROVAL, data what they filled in.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["message", "schema"], "properties": {
        "title": {"type": "string", "maxLength": 500, "default": "", "description": "What it is about, in a line",
          "examples": ["Refund of order {{ $.input.id }}"]},
        "message": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "What is asked",
          "examples": ["May {{ $.input.amount }} EUR be paid back?"]},
        "data": {"description": "Shown with it; the input when left out",
          "examples": [{"amount": "{{ $.input.amount }}"}]},
        "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"],
          "default": "in_app", "description": "How people are asked; whatever it is, the app can answer",
          "examples": ["slack"]},
        "to": {"type": "string", "minLength": 1, "maxLength": 2000,
          "description": "Where the message goes: a Slack channel or user, an email address, a URL; to the assignees when left out",
          "examples": ["C0123456789", "finance@example.com"]},
        "assignees": {"type": "array", "maxItems": 50, "default": [], "items": {"type": "object", "additionalProperties": false,
            "oneOf": [{"required": ["user"]}, {"required": ["role"]}, {"required": ["email"]}, {"required": ["slack"]}],
            "properties": {"user": {"type": "string"}, "role": {"type": "string", "enum": ["admin", "editor"]},
              "email": {"type": "string"}, "slack": {"type": "string"}}},
          "description": "Who may answer; any editor of the workspace, and whom the message goes to, when empty",
          "examples": [[{"role": "admin"}, {"email": "ann@example.com"}]]},
        "priority": {"type": "string", "enum": ["low", "normal", "high", "critical"], "default": "normal",
          "description": "Its place in the inbox", "examples": ["high"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the answer", "examples": [86400]},
        "timeout_action": {"type": "string", "format": "literal", "enum": ["continue", "default", "error", "fail"],
          "default": "continue",
          "description": "Without an answer: on through output 2; through output 0 with default_response; in error, as error_handling says; or the execution ends in error",
          "examples": ["default"]},
        "default_response": {"description": "The data of timeout_action default; null when left out", "examples": [{"amount": 0}]},
        "reminders": {"type": "array", "format": "literal", "maxItems": 20,
          "items": {"type": "integer", "minimum": 1, "maximum": 31536000}, "default": [],
          "description": "Seconds after which the message is sent again", "examples": [[3600, 86400]]},
        "escalation": {"type": "object", "additionalProperties": false, "required": ["after_seconds"], "properties": {
            "after_seconds": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 31536000},
            "to": {"type": "string", "minLength": 1, "maxLength": 2000},
            "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"]},
            "assignees": {"type": "array", "maxItems": 50, "items": {"type": "object"}}},
          "description": "Who else is asked when nobody has answered, and may answer then; nobody when left out",
          "examples": [{"after_seconds": 3600, "channel": "email", "to": "head@example.com"}]},
        "quorum": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
          "description": "How many have to agree; one rejection rejects", "examples": [2]},
        "correlation_id": {"type": "string", "maxLength": 255,
          "description": "What an answer may name instead of the question''s id, also before it is asked; nothing when left out",
          "examples": ["order-{{ $.input.id }}"]},
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 100}, "default": [],
          "description": "For filters of the inbox", "examples": [["refund"]]},
        "schema": {"type": "object", "format": "opaque", "description": "The JSON Schema of the form",
          "examples": [{"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string"}}}]}
      }},
      "credentials": [
        {"name": "slack", "providers": ["slack"], "required": false, "required_for_channel": "slack",
          "description": "The app that writes to Slack"},
        {"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"], "required": false,
          "required_for_channel": "email", "description": "The service that sends the mail"},
        {"name": "webhook", "providers": ["webhook"], "required": false, "required_for_channel": "webhook",
          "description": "What signs the requests"}],
      "outputs": ["answered", "rejected", "timed_out"],
      "examples": [
        {"id": "ask_iban", "type": "HUMAN_IN_THE_LOOP", "subtype": "INPUT",
          "parameters": {"message": "Where shall it be paid to?", "schema": {"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string"}}}}}
      ]
    }'),
    ('HUMAN_IN_THE_LOOP', 'SELECTION', 'wait', '{
      "description": "Asks people to choose, and waits. Its output is as of APPROVAL, data the value chosen, or a list of them.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["message", "options"], "properties": {
        "title": {"type": "string", "maxLength": 500, "default": "", "description": "What it is about, in a line",
          "examples": ["Refund of order {{ $.input.id }}"]},
        "message": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "What is asked",
          "examples": ["May {{ $.input.amount }} EUR be paid back?"]},
        "data": {"description": "Shown with it; the input when left out",
          "examples": [{"amount": "{{ $.input.amount }}"}]},
        "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"],
          "default": "in_app", "description": "How people are asked; whatever it is, the app can answer",
          "examples": ["slack"]},
        "to": {"type": "string", "minLength": 1, "maxLength": 2000,
          "description": "Where the message goes: a Slack channel or user, an email address, a URL; to the assignees when left out",
          "examples": ["C0123456789", "finance@example.com"]},
        "assignees": {"type": "array", "maxItems": 50, "default": [], "items": {"type": "object", "additionalProperties": false,
            "oneOf": [{"required": ["user"]}, {"required": ["role"]}, {"required": ["email"]}, {"required": ["slack"]}],
            "properties": {"user": {"type": "string"}, "role": {"type": "string", "enum": ["admin", "editor"]},
              "email": {"type": "string"}, "slack": {"type": "string"}}},
          "description": "Who may answer; any editor of the workspace, and whom the message goes to, when empty",
          "examples": [[{"role": "admin"}, {"email": "ann@example.com"}]]},
        "priority": {"type": "string", "enum": ["low", "normal", "high", "critical"], "default": "normal",
          "description": "Its place in the inbox", "examples": ["high"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the answer", "examples": [86400]},
        "timeout_action": {"type": "string", "format": "literal", "enum": ["continue", "default", "error", "fail"],
          "default": "continue",
          "description": "Without an answer: on through output 2; through output 0 with default_response; in error, as error_handling says; or the execution ends in error",
          "examples": ["default"]},
        "default_response": {"description": "The data of timeout_action default; null when left out", "examples": [{"amount": 0}]},
        "reminders": {"type": "array", "format": "literal", "maxItems": 20,
          "items": {"type": "integer", "minimum": 1, "maximum": 31536000}, "default": [],
          "description": "Seconds after which the message is sent again", "examples": [[3600, 86400]]},
        "escalation": {"type": "object", "additionalProperties": false, "required": ["after_seconds"], "properties": {
            "after_seconds": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 31536000},
            "to": {"type": "string", "minLength": 1, "maxLength": 2000},
            "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"]},
            "assignees": {"type": "array", "maxItems": 50, "items": {"type": "object"}}},
          "description": "Who else is asked when nobody has answered, and may answer then; nobody when left out",
          "examples": [{"after_seconds": 3600, "channel": "email", "to": "head@example.com"}]},
        "quorum": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
          "description": "How many have to agree; one rejection rejects", "examples": [2]},
        "correlation_id": {"type": "string", "maxLength": 255,
          "description": "What an answer may name instead of the question''s id, also before it is asked; nothing when left out",
          "examples": ["order-{{ $.input.id }}"]},
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 100}, "default": [],
          "description": "For filters of the inbox", "examples": [["refund"]]},
        "options": {"type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "object", "required": ["value"],
            "additionalProperties": false, "properties": {"value": {}, "label": {"type": "string"}}},
          "description": "What there is to choose from",
          "examples": [[{"value": "a", "label": "The first"}, {"value": "b", "label": "The second"}]]},
        "multiple": {"type": "boolean", "default": false, "description": "More than one can be chosen", "examples": [true]}
      }},
      "credentials": [
        {"name": "slack", "providers": ["slack"], "required": false, "required_for_channel": "slack",
          "description": "The app that writes to Slack"},
        {"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"], "required": false,
          "required_for_channel": "email", "description": "The service that sends the mail"},
        {"name": "webhook", "providers": ["webhook"], "required": false, "required_for_channel": "webhook",
          "description": "What signs the requests"}],
      "outputs": ["answered", "rejected", "timed_out"],
      "examples": [
        {"id": "choose", "type": "HUMAN_IN_THE_LOOP", "subtype": "SELECTION",
          "parameters": {"message": "Which one?", "options": [{"value": "a", "label": "The first"}, {"value": "b", "label": "The second"}]}}
      ]
    }'),
    ('HUMAN_IN_THE_LOOP', 'REVIEW', 'wait', '{
      "description": "Asks people to look at data and accept, edit, respond to or ignore it, and waits. Its output is as of APPROVAL; accepted and edited are approved, responded is answered, ignored is rejected.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["message"], "properties": {
        "title": {"type": "string", "maxLength": 500, "default": "", "description": "What it is about, in a line",
          "examples": ["Refund of order {{ $.input.id }}"]},
        "message": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "What is asked",
          "examples": ["May {{ $.input.amount }} EUR be paid back?"]},
        "data": {"description": "Shown with it, and editable; the input when left out",
          "examples": [{"amount": "{{ $.input.amount }}"}]},
        "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"],
          "default": "in_app", "description": "How people are asked; whatever it is, the app can answer",
          "examples": ["slack"]},
        "to": {"type": "string", "minLength": 1, "maxLength": 2000,
          "description": "Where the message goes: a Slack channel or user, an email address, a URL; to the assignees when left out",
          "examples": ["C0123456789", "finance@example.com"]},
        "assignees": {"type": "array", "maxItems": 50, "default": [], "items": {"type": "object", "additionalProperties": false,
            "oneOf": [{"required": ["user"]}, {"required": ["role"]}, {"required": ["email"]}, {"required": ["slack"]}],
            "properties": {"user": {"type": "string"}, "role": {"type": "string", "enum": ["admin", "editor"]},
              "email": {"type": "string"}, "slack": {"type": "string"}}},
          "description": "Who may answer; any editor of the workspace, and whom the message goes to, when empty",
          "examples": [[{"role": "admin"}, {"email": "ann@example.com"}]]},
        "priority": {"type": "string", "enum": ["low", "normal", "high", "critical"], "default": "normal",
          "description": "Its place in the inbox", "examples": ["high"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the answer", "examples": [86400]},
        "timeout_action": {"type": "string", "format": "literal", "enum": ["continue", "default", "error", "fail"],
          "default": "continue",
          "description": "Without an answer: on through output 2; through output 0 with default_response; in error, as error_handling says; or the execution ends in error",
          "examples": ["default"]},
        "default_response": {"description": "The data of timeout_action default; null when left out", "examples": [{"amount": 0}]},
        "reminders": {"type": "array", "format": "literal", "maxItems": 20,
          "items": {"type": "integer", "minimum": 1, "maximum": 31536000}, "default": [],
          "description": "Seconds after which the message is sent again", "examples": [[3600, 86400]]},
        "escalation": {"type": "object", "additionalProperties": false, "required": ["after_seconds"], "properties": {
            "after_seconds": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 31536000},
            "to": {"type": "string", "minLength": 1, "maxLength": 2000},
            "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"]},
            "assignees": {"type": "array", "maxItems": 50, "items": {"type": "object"}}},
          "description": "Who else is asked when nobody has answered, and may answer then; nobody when left out",
          "examples": [{"after_seconds": 3600, "channel": "email", "to": "head@example.com"}]},
        "quorum": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
          "description": "How many have to agree; one rejection rejects", "examples": [2]},
        "correlation_id": {"type": "string", "maxLength": 255,
          "description": "What an answer may name instead of the question''s id, also before it is asked; nothing when left out",
          "examples": ["order-{{ $.input.id }}"]},
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 100}, "default": [],
          "description": "For filters of the inbox", "examples": [["refund"]]},
        "allow": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 4, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "enum": ["accept", "edit", "respond", "ignore"]},
          "default": ["accept", "edit", "respond", "ignore"], "description": "What they can do",
          "examples": [["accept", "edit"]]}
      }},
      "credentials": [
        {"name": "slack", "providers": ["slack"], "required": false, "required_for_channel": "slack",
          "description": "The app that writes to Slack"},
        {"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"], "required": false,
          "required_for_channel": "email", "description": "The service that sends the mail"},
        {"name": "webhook", "providers": ["webhook"], "required": false, "required_for_channel": "webhook",
          "description": "What signs the requests"}],
      "outputs": ["approved", "rejected", "timed_out"],
      "examples": [
        {"id": "check_draft", "type": "HUMAN_IN_THE_LOOP", "subtype": "REVIEW",
          "parameters": {"message": "Is this draft good?", "data": {"draft": "{{ $.input.text }}"}, "allow": ["accept", "edit"]}}
      ]
    }'),
    ('ACTION', 'HTTP_REQUEST', 'edge', '{
      "description": "Sends an HTTP request. Its output is {status, headers, body}; a status of 400 or more is an error.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["url"],
        "not": {"required": ["body", "form"]}, "properties": {
        "method": {"type": "string",
          "enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"], "default": "GET",
          "description": "The method; GET and HEAD have no body", "examples": ["POST"]},
        "url": {"type": "string", "minLength": 1, "maxLength": 8000, "description": "An http or https URL",
          "examples": ["https://example.com/orders/{{ $.input.id }}"]},
        "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]},
          "default": {}, "description": "Headers by name", "examples": [{"accept": "application/json"}]},
        "query": {"type": "object",
          "additionalProperties": {"type": ["string", "number", "boolean", "array", "null"]},
          "default": {}, "description": "Added to the URL; a list repeats its name",
          "examples": [{"page": 2, "tag": ["a", "b"]}]},
        "body": {"description": "Sent as JSON; nothing when left out", "examples": [{"amount": "{{ $.input.amount }}"}]},
        "form": {"type": "object", "description": "Sent URL-encoded, instead of body",
          "examples": [{"grant_type": "client_credentials"}]},
        "response": {"type": "string", "enum": ["json", "text", "base64"],
          "description": "How to read the answer; by its content type when left out", "examples": ["text"]}
      }},
      "outputs": ["main"],
      "retryable_errors": [
        {"code": "network_error", "when": "the name has no address, or the connection failed or broke"},
        {"code": "http_408", "when": "the server answered so, as with the following; Retry-After is kept"},
        {"code": "http_409"}, {"code": "http_425"}, {"code": "http_429"},
        {"code": "http_5xx", "when": "the server answered 500 or more"}
      ],
      "examples": [
        {"id": "get_order", "type": "ACTION", "subtype": "HTTP_REQUEST",
          "parameters": {"url": "https://example.com/orders/{{ $.input.id }}"}},
        {"id": "notify", "type": "ACTION", "subtype": "HTTP_REQUEST", "max_retries": 5,
          "parameters": {"method": "POST", "url": "https://example.com/events",
            "headers": {"authorization": "Bearer {{ $.vars.token }}"}, "body": {"amount": "{{ $.input.amount }}"}}}
      ]
    }'),
    ('ACTION', 'NOOP', 'edge', '{
      "description": "Does nothing in the execute function and passes its input on: for drafts, and the yardstick of the benchmark.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {}},
      "outputs": ["main"],
      "examples": [{"id": "later", "type": "ACTION", "subtype": "NOOP"}]
    }')
  )
  insert into public.node_specifications as s (node_type, node_subtype, executor, specification_data)
  select t.node_type, t.node_subtype, t.executor,
    workflows.complete_specification(t.executor, t.data::jsonb || jsonb_build_object('order', coalesce((
      select jsonb_agg(u.name order by u.n)
      from json_object_keys(t.data #> '{parameters,properties}') with ordinality u (name, n)), '[]')))
  from specification t
  on conflict on constraint a_type_has_one_specification do update
  set executor = excluded.executor, specification_data = excluded.specification_data
  where (s.executor, s.specification_data) is distinct from (excluded.executor, excluded.specification_data)
$function$;

create or replace function workflows.set_status (
  workflow_id uuid,
  status      text
)
  returns public.workflows
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workflow public.workflows := workflows.found(set_status.workflow_id, 'editor', true);
begin
  if v_workflow.status = 'archived' then
    perform platform.fail(409, 'workflow_archived',
      'An archived workflow is neither active nor paused', 'Unarchive it first.');
  end if;
  update public.workflows w set status = set_status.status
  where w.id = v_workflow.id and w.status <> set_status.status;
  select * into v_workflow from public.workflows w where w.id = set_status.workflow_id;
  return v_workflow;
end
$function$;

create or replace function workflows.shape_problems (
  definition jsonb
)
  returns setof workflows.diagnostic
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  c_node constant jsonb := jsonb '{"type": "object", "required": ["id", "type", "subtype"], "properties": {
    "id": {"type": "string", "minLength": 1, "maxLength": 255},
    "name": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": {"type": ["string", "null"]},
    "type": {"type": "string", "enum": [
      "TRIGGER", "AI_AGENT", "EXTERNAL_ACTION", "ACTION", "FLOW", "HUMAN_IN_THE_LOOP", "TOOL", "MEMORY"]},
    "subtype": {"type": "string", "minLength": 1, "maxLength": 100},
    "type_version": {"type": "integer", "minimum": 1, "maximum": 1000},
    "disabled": {"type": "boolean"},
    "position": {"type": "object", "properties": {
      "x": {"type": "number", "minimum": -1e9, "maximum": 1e9},
      "y": {"type": "number", "minimum": -1e9, "maximum": 1e9}}},
    "parameters": {"type": "object"},
    "credentials": {"type": "object"},
    "attached_nodes": {"type": "array"},
    "error_handling": {"type": "string", "enum": [
      "STOP_WORKFLOW_ON_ERROR", "CONTINUE_REGULAR_OUTPUT_ON_ERROR", "CONTINUE_ERROR_OUTPUT_ON_ERROR"]},
    "max_retries": {"type": "integer", "minimum": 0, "maximum": 100},
    "retry_wait_time": {"type": "number", "minimum": 0, "maximum": 86400},
    "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": 3600},
    "notes": {"type": ["string", "null"]}
  }}';
  c_connection constant jsonb := jsonb '{"type": "object", "required": ["source", "target"], "properties": {
    "source": {"type": "string"},
    "target": {"type": "string"},
    "type": {"type": "string", "enum": [
      "MAIN", "ERROR", "SUCCESS", "CONDITIONAL", "AI_AGENT", "AI_CHAIN", "AI_DOCUMENT", "AI_EMBEDDING",
      "AI_LANGUAGE_MODEL", "AI_MEMORY", "AI_OUTPUT_PARSER", "AI_RETRIEVER", "AI_RERANKER", "AI_TEXT_SPLITTER",
      "AI_TOOL", "AI_VECTOR_STORE", "MEMORY_ATTACHMENT", "CONTEXT_PROVIDER"]},
    "index": {"type": "integer", "minimum": 0, "maximum": 1000},
    "target_index": {"type": "integer", "minimum": 0, "maximum": 1000},
    "label": {"type": ["string", "null"]}
  }}';
  -- those of nodes are the defaults of their own fields
  c_settings constant jsonb := jsonb '{"type": ["object", "null"], "properties": {
    "timeout_seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": 31536000},
    "node": {"type": ["object", "null"], "properties": {
      "timeout_seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": 3600},
      "max_retries": {"type": ["integer", "null"], "minimum": 0, "maximum": 100},
      "retry_wait_time": {"type": ["number", "null"], "minimum": 0, "maximum": 86400},
      "error_handling": {"type": ["string", "null"], "enum": [null,
        "STOP_WORKFLOW_ON_ERROR", "CONTINUE_REGULAR_OUTPUT_ON_ERROR", "CONTINUE_ERROR_OUTPUT_ON_ERROR"]}
    }},
    "max_concurrency": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000},
    "concurrency_policy": {"type": ["string", "null"], "enum": [null, "queue", "drop", "cancel_oldest"]},
    "rate_limit": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000},
    "rate_window_seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": 31536000}
  }}';
  v_nodes jsonb := workflows.list_of(definition -> 'nodes');
  v_connections jsonb := workflows.list_of(definition -> 'connections');
  v_ids text[] := array(select n ->> 'id' from jsonb_array_elements(v_nodes) n);
begin
  return query
    select 'definition_shape', f.field || ' is ' || f.shape, null::text, '$.' || f.field, 'error', 'saving'
    from (values
      ('nodes', 'an array', jsonb_typeof(definition -> 'nodes') is distinct from 'array'),
      ('connections', 'an array', jsonb_typeof(definition -> 'connections') is distinct from 'array'),
      ('pin_data', 'an object {node id: output}',
        jsonb_typeof(definition -> 'pin_data') not in ('object', 'null'))
    ) f (field, shape, is_broken)
    where f.is_broken;
  return query
    select 'settings_shape', workflows.path_of('settings', workflows.keys_of(p)) || ' ' || (p ->> 'message'),
      null::text, workflows.path_of('$.settings', workflows.keys_of(p)), 'error', 'saving'
    from jsonb_array_elements(
      workflows.schema_problems(c_settings, coalesce(definition -> 'settings', 'null'), false)) p;
  return query
    select case p ->> 'code' when 'parameter_missing' then i.missing else i.broken end,
      case p ->> 'code'
        when 'parameter_missing' then p ->> 'message'
        else concat_ws(' ', p #>> '{at,0}', p ->> 'message')
      end,
      i.node_id, workflows.path_of(i.path, workflows.keys_of(p)), 'error', 'saving'
    from (
      select 'node_field' as broken, 'node_field_missing' as missing, c_node as schema,
        n.item, n.item ->> 'id' as node_id, '$.nodes[' || (n.o - 1) || ']' as path
      from jsonb_array_elements(v_nodes) with ordinality n (item, o)
      union all
      select 'connection_field', 'connection_field_missing', c_connection,
        c.item, c.item ->> 'source', '$.connections[' || (c.o - 1) || ']'
      from jsonb_array_elements(v_connections) with ordinality c (item, o)) i
    cross join lateral jsonb_array_elements(workflows.schema_problems(i.schema, i.item, false)) p;
  return query
    select 'node_id_duplicate', format('The id %L is used by %s nodes', n.node ->> 'id', count(*)),
      n.node ->> 'id', '$.nodes[' || (max(n.o) - 1) || '].id', 'error', 'saving'
    from jsonb_array_elements(v_nodes) with ordinality n (node, o)
    where jsonb_typeof(n.node) = 'object' and n.node ? 'id'
    group by n.node ->> 'id' having count(*) > 1;
  return query
    select 'connection_node_unknown', format('There is no node %L', c.connection ->> e.field),
      c.connection ->> 'source', '$.connections[' || (c.o - 1) || '].' || e.field, 'error', 'saving'
    from jsonb_array_elements(v_connections) with ordinality c (connection, o)
    cross join (values ('source'), ('target')) e (field)
    where jsonb_typeof(c.connection -> e.field) = 'string'
      and (c.connection ->> e.field) not in (select i from unnest(v_ids) i where i is not null);
  return query
    select 'connection_duplicate', 'The same connection is drawn twice', c.connection ->> 'source',
      '$.connections[' || (max(c.o) - 1) || ']', 'error', 'saving'
    from jsonb_array_elements(v_connections) with ordinality c (connection, o)
    where jsonb_typeof(c.connection) = 'object'
    group by c.connection ->> 'source', c.connection ->> 'target', coalesce(c.connection ->> 'type', 'MAIN'),
      coalesce(c.connection ->> 'index', '0'), coalesce(c.connection ->> 'target_index', '0')
    having count(*) > 1;
  if jsonb_typeof(definition -> 'pin_data') = 'object' then
    return query
      select 'pin_data_node_unknown', format('There is no node %L', p), p,
        workflows.path_of('$.pin_data', array[p]), 'error', 'saving'
      from jsonb_object_keys(definition -> 'pin_data') p
      where (p = any (v_ids)) is not true;
  end if;
end
$function$;

create or replace function workflows.size_problem (
  definition jsonb
)
  returns text
  language sql
  immutable
  set search_path to ''
  as $function$
  select case
    when jsonb_typeof(definition) is distinct from 'object' then 'definition_shape'
    when octet_length(definition::text) > 1048576
      or jsonb_array_length(workflows.list_of(definition -> 'nodes')) > 1000
      or jsonb_array_length(workflows.list_of(definition -> 'connections')) > 5000 then 'definition_too_large'
  end
$function$;

create or replace function workflows.specification_problems (
  specification jsonb
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_problems jsonb;
begin
  if octet_length(specification::text) > 65536 then
    return workflows.problem('specification_too_large', 'has more than 64 KiB', '{}');
  end if;
  v_problems := workflows.schema_problems(jsonb '{
    "type": "object", "additionalProperties": false, "properties": {
      "description": {"type": "string", "minLength": 1, "maxLength": 2000},
      "parameters": {"type": "object"},
      "examples": {"type": "array", "maxItems": 20, "items": {"type": "object"}}
    }}', specification, false);
  if v_problems <> '[]' or not specification ? 'parameters' then
    return v_problems;
  end if;
  if specification #> '{parameters,type}' is distinct from '"object"' then
    return workflows.problem('parameter_value', 'is not the type of an object', '{parameters,type}');
  end if;
  return workflows.meta_problems(specification -> 'parameters', '{parameters}');
end
$function$;

create or replace function workflows.specifications_of (
  nodes        jsonb,
  workspace_id uuid
)
  returns jsonb
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select coalesce(
    jsonb_object_agg(
      s.node_type || '.' || s.node_subtype, s.specification_data - '{description,examples}'::text[]),
    '{}')
  from (
    select distinct n ->> 'type' as type, n ->> 'subtype' as subtype
    from jsonb_array_elements(specifications_of.nodes) n) k
  join public.node_specifications s on s.node_type = k.type and s.node_subtype = k.subtype
  where s.is_active and (s.workspace_id is null or s.workspace_id = specifications_of.workspace_id)
$function$;

create or replace function workflows.summary (
  workflow public.workflows
)
  returns jsonb
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select to_jsonb(workflow) - '{deleted_at,undeployed_at,deployed_by}'::text[] || jsonb_build_object(
    'is_favorite', exists (
      select from public.workflow_favorites f
      where f.user_id = (select auth.uid()) and f.workflow_id = workflow.id),
    'latest_execution_id', e.id,
    'latest_execution_status', coalesce(e.status, 'IDLE'),
    'latest_execution_time', coalesce(e.start_time, e.created_at))
    || case when one.is_others then jsonb '{"folder": null, "session_id": null}' else '{}' end
  from (select workflow.is_public and not workspaces.may_read(workflow.workspace_id) as is_others) one
  left join lateral (
    select x.id, x.status, x.start_time, x.created_at from public.workflow_executions x
    where x.workflow_id = workflow.id and not one.is_others order by x.id desc limit 1
  ) e on true
$function$;

create or replace function workflows.template_problems (
  node          jsonb,
  specification jsonb,
  ids           text[],
  within        text[]
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  as $function$
declare
  v_compiled jsonb;
begin
  if jsonb_typeof(node -> 'parameters') is distinct from 'object' or node ->> 'type' = 'TRIGGER' then
    return jsonb '[]';
  end if;
  v_compiled := workflows.compile_parameters(node -> 'parameters', specification -> 'parameters');
  if v_compiled -> 'reads' = '[]' and v_compiled -> 'problems' = '[]' then
    return jsonb '[]';
  end if;
  return coalesce((
    select jsonb_agg(jsonb_build_object('code', e.code, 'message', e.message, 'at',
      jsonb '["parameters"]' || coalesce(e.at, '[]')))
    from (
      select p ->> 'code', p ->> 'message', p -> 'at'
      from jsonb_array_elements(v_compiled -> 'problems') p
      union all
      select 'node_reference_unknown', format('$.nodes.%s: there is no such node', r), null
      from jsonb_array_elements_text(v_compiled -> 'nodes') r
      where (r = any (ids)) is not true
      union all
      select distinct 'path_root_unknown', '$.item is only there inside a FOR_EACH', i
      from jsonb_array_elements(v_compiled -> 'items') i
      where (node ->> 'id' = any (within)) is not true
    ) e (code, message, at)), '[]');
end
$function$;

create or replace function workflows.templates_in (
  value  jsonb,
  schema jsonb
)
  returns table (
    place   text[],
    content text,
    format  text
  )
  language plpgsql
  immutable
  set search_path to ''
  as $function$
#variable_conflict use_column
begin
  return query
    with recursive walk (place, value, schema) as (
      select '{}'::text[], templates_in.value, templates_in.schema
      union all
      select w.place || e.key, e.value, e.schema
      from walk w
      cross join lateral (
        select o.key, o.value, coalesce(w.schema -> 'properties' -> o.key, w.schema -> 'additionalProperties')
        from jsonb_each(case jsonb_typeof(w.value) when 'object' then w.value else '{}' end) o
        union all
        select (a.ordinality - 1)::text, a.value, w.schema -> 'items'
        from jsonb_array_elements(case jsonb_typeof(w.value) when 'array' then w.value else '[]' end)
          with ordinality a
      ) e (key, value, schema)
      where w.schema ->> 'format' is distinct from 'opaque'
    )
    select w.place, w.value #>> '{}', w.schema ->> 'format'
    from walk w
    where jsonb_typeof(w.value) = 'string'
      and coalesce(w.schema ->> 'format', '') not in ('literal', 'opaque');
end
$function$;

create or replace function workflows.type_problems (
  node          jsonb,
  specification jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  as $function$
begin
  if jsonb_typeof(node -> 'type') = 'string' and jsonb_typeof(node -> 'subtype') = 'string'
     and specification is null then
    return workflows.problem('node_type_unknown',
      format('There is no node type %s.%s', node ->> 'type', node ->> 'subtype') || coalesce((
        select format('; of %s there are %s', s.node_type,
          string_agg(s.node_subtype, ', ' order by s.node_subtype))
        from public.node_specifications s
        where s.node_type = upper(node ->> 'type') and s.workspace_id is null and s.is_active
        group by s.node_type), ''), '{subtype}');
  elsif specification -> 'is_placeholder' = 'true' then
    return case
      when node -> 'disabled' = 'true' then workflows.problem('placeholder_disabled',
        'A placeholder passes its input on and does nothing: replace it', '{}')
      else workflows.problem('placeholder_enabled',
        'A placeholder cannot run: replace it, or disable it', '{}')
    end;
  elsif coalesce(node -> 'attached_nodes', '[]') not in ('{}', '[]', 'null') then
    return workflows.problem('attached_nodes_not_taken',
      'This type of node takes no attached nodes', '{attached_nodes}');
  end if;
  return jsonb '[]';
end
$function$;

create or replace function workflows.unarchive (
  workflow_id uuid
)
  returns public.workflows
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  perform workflows.found(unarchive.workflow_id, 'editor', true);
  update public.workflows w set status = 'draft'
  where w.id = unarchive.workflow_id and w.status = 'archived';
  return workflows.found(unarchive.workflow_id, 'editor');
end
$function$;

create or replace function workflows.update_one (
  workflow_id       uuid,
  revision          integer,
  definition        jsonb,
  name              text,
  description       text,
  tags              text[],
  folder            text,
  icon_url          text,
  note              text,
  is_template       boolean,
  template_category text,
  is_public         boolean,
  session_id        uuid
)
  returns public.workflows
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_old public.workflows := workflows.being_saved(update_one.workflow_id, update_one.revision);
  v_new public.workflows := v_old;
begin
  v_new.name := coalesce(update_one.name, v_old.name);
  v_new.description := coalesce(update_one.description, v_old.description);
  v_new.tags := coalesce(update_one.tags, v_old.tags);
  v_new.folder := coalesce(update_one.folder, v_old.folder);
  v_new.icon_url := coalesce(update_one.icon_url, v_old.icon_url);
  v_new.session_id := coalesce(update_one.session_id, v_old.session_id);
  v_new.template_category := coalesce(update_one.template_category, v_old.template_category);
  v_new.is_public := coalesce(
    update_one.is_public, v_old.is_public and coalesce(update_one.is_template, true));
  v_new.is_template := coalesce(update_one.is_template, v_old.is_template or v_new.is_public);
  v_new := workflows.checked(v_new);
  if v_new.is_public and not v_new.is_template then
    perform platform.fail(422, 'template_invalid',
      'What is public is a template', 'Set is_template as well.');
  elsif v_new.is_public and not v_old.is_public then
    -- it becomes readable outside of the workspace
    perform workspaces.require(v_old.workspace_id, 'admin');
  end if;
  if v_new is distinct from v_old then
    update public.workflows w
    set name = v_new.name, description = v_new.description, tags = v_new.tags, folder = v_new.folder,
      icon_url = v_new.icon_url, session_id = v_new.session_id, is_template = v_new.is_template,
      template_category = v_new.template_category, is_public = v_new.is_public
    where w.id = v_old.id;
  end if;
  perform workflows.save_definition(v_old, update_one.definition, update_one.note);
  select * into v_new from public.workflows w where w.id = v_old.id;
  return v_new;
end
$function$;

create or replace function workflows.validate (
  definition   jsonb,
  workspace_id uuid
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  if validate.workspace_id is not null then
    perform workspaces.require(validate.workspace_id, 'viewer');
  end if;
  return (
    select jsonb_build_object(
      'valid', coalesce(bool_and(d.severity <> 'error'), true),
      'diagnostics', coalesce(jsonb_agg(to_jsonb(d)), '[]'))
    from workflows.check_definition(validate.definition, validate.workspace_id) d);
end
$function$;

create or replace function workflows.version_of (
  workflow public.workflows,
  version  integer
)
  returns public.workflow_versions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_version public.workflow_versions;
begin
  select * into v_version from public.workflow_versions v
  where v.workflow_id = workflow.id and v.version = coalesce(version_of.version, workflow.current_version);
  if not found then
    perform platform.fail(404, 'version_not_found',
      format('The workflow has no version %s', version_of.version),
      format('Its current version is %s.', workflow.current_version));
  end if;
  return v_version;
end
$function$;

create or replace function workflows.with_defaults (
  parameters jsonb,
  schema     jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select coalesce(jsonb_object_agg(p.key, p.value -> 'default') filter (where p.value ? 'default'), '{}')
    || coalesce(parameters, '{}')
  from jsonb_each(schema -> 'properties') p
$function$;

create or replace function workflows.without_credentials (
  node jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  select (node - 'credentials') #- '{n8n,credentials}'
      #- case node ->> 'subtype'
        when 'PLACEHOLDER' then '{parameters,source,credentials}' else '{-}'
      end::text[]
    || case jsonb_typeof(node -> 'attached_nodes')
      when 'array' then jsonb_build_object('attached_nodes', (
        select coalesce(jsonb_agg(
          case jsonb_typeof(a) when 'object' then workflows.without_credentials(a) else a end order by o), '[]')
        from jsonb_array_elements(node -> 'attached_nodes') with ordinality e (a, o)))
      else '{}'
    end
$function$;

create or replace function workflows.without_private (
  definition jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  as $function$
  with node as (
    select n, o,
      array_remove(array[
        -- an empty list of them is no loss
        case
          when workflows.without_credentials(n)
            <> case when n -> 'credentials' in ('{}', 'null') then n - 'credentials' else n end
            then 'credentials'
        end,
        case when n #>> '{parameters,workflow_id}' !~ '^\{\{' then 'parameters.workflow_id' end
      ], null) as hidden
    from jsonb_array_elements(definition -> 'nodes') with ordinality e (n, o)
  )
  select jsonb_build_object(
    'definition', (definition - 'pin_data') #- '{meta,source,workflow}'
      || jsonb_build_object('nodes', coalesce(jsonb_agg(
        workflows.without_credentials(n)
        -- a webhook without the proof that it asked for would take anybody's requests
        || case
          when 'credentials' = any (hidden) and n ->> 'type' = 'TRIGGER' and n ->> 'subtype' = 'WEBHOOK'
            then jsonb '{"disabled": true}'
          else '{}'
        end
        #- case
          when 'parameters.workflow_id' = any (hidden) then '{parameters,workflow_id}'::text[] else '{-}'
        end order by o), '[]')),
    'removed', coalesce((
      select jsonb_agg(jsonb_build_object('node_id', r.n -> 'id', 'path', h.path) order by r.o, h.path)
      from node r cross join unnest(r.hidden) h (path)), '[]') || coalesce((
      select jsonb_agg(jsonb_build_object('node_id', p, 'path', 'pin_data') order by p)
      from jsonb_object_keys(case jsonb_typeof(definition -> 'pin_data')
        when 'object' then definition -> 'pin_data' else '{}' end) p), '[]')
      || case when definition #> '{meta,source,workflow}' is null then '[]'
        else jsonb '[{"node_id": null, "path": "meta.source.workflow"}]' end)
  from node
$function$;

create or replace function workflows.words (
  content text,
  weight  "char"
)
  returns tsvector
  language sql
  immutable
  set search_path to ''
  as $function$
  select setweight(
    to_tsvector('pg_catalog.simple', t) || v.gap || to_tsvector('pg_catalog.english', t) || v.gap, weight)
  -- what is not written side by side is no phrase
  from (select workflows.plain_text(left(content, 20000)), tsvector ''' gap'':9') v (t, gap)
$function$;

create or replace function workflows.writable_session (
  session_id uuid
)
  returns public.sessions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_session public.sessions;
begin
  select * into v_session from public.sessions s where s.id = writable_session.session_id for no key update;
  perform workspaces.require(v_session.workspace_id,
    case when v_session.user_id = (select auth.uid()) then 'editor' else 'admin' end,
    'session', writable_session.session_id);
  return v_session;
end
$function$;

create or replace function workflows.write_nodes (
  version public.workflow_versions
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_default jsonb := coalesce(version.definition #> '{settings,node}', '{}');
begin
  delete from public.nodes n
  where n.workflow_id = version.workflow_id and n.version = write_nodes.version.version;
  insert into public.nodes (workspace_id, workflow_id, version, node_id, ordinal,
    name, description, node_type, node_subtype, type_version,
    disabled, position_x, position_y,
    parameters, credentials, attached_nodes,
    error_handling, max_retries, retry_wait_time, timeout_seconds, notes)
  select version.workspace_id, version.workflow_id, version.version, n ->> 'id', o,
    coalesce(n ->> 'name', n ->> 'id'), n ->> 'description',
    n ->> 'type', n ->> 'subtype', coalesce((n ->> 'type_version')::numeric::int, 1),
    coalesce((n ->> 'disabled')::boolean, false),
    coalesce((n #>> '{position,x}')::float8, 0), coalesce((n #>> '{position,y}')::float8, 0),
    coalesce(n -> 'parameters', '{}'), coalesce(n -> 'credentials', '{}'),
    coalesce(n -> 'attached_nodes', '[]'),
    coalesce(n ->> 'error_handling', v_default ->> 'error_handling', 'STOP_WORKFLOW_ON_ERROR'),
    coalesce((n ->> 'max_retries')::numeric::int, (v_default ->> 'max_retries')::numeric::int, 3),
    coalesce((n ->> 'retry_wait_time')::float8, (v_default ->> 'retry_wait_time')::float8, 5),
    coalesce((n ->> 'timeout_seconds')::numeric::int, (v_default ->> 'timeout_seconds')::numeric::int, 60),
    n ->> 'notes'
  from jsonb_array_elements(version.definition -> 'nodes') with ordinality e (n, o);
  insert into public.node_connections (workspace_id, workflow_id, version, ordinal,
    source_node_id, target_node_id, connection_type,
    connection_index, target_index, label, conditions)
  select version.workspace_id, version.workflow_id, version.version, o,
    c ->> 'source', c ->> 'target', coalesce(c ->> 'type', 'MAIN'),
    coalesce((c ->> 'index')::numeric::int, 0), coalesce((c ->> 'target_index')::numeric::int, 0),
    c ->> 'label', nullif(c -> 'conditions', 'null')
  from jsonb_array_elements(version.definition -> 'connections') with ordinality e (c, o);
end
$function$;

create or replace function workflows.write_version (
  workflow       public.workflows,
  version        integer,
  parent_version integer,
  definition     jsonb,
  note           text
)
  returns public.workflow_versions
  language plpgsql
  security definer
  set search_path to ''
  as $function$
#variable_conflict use_column
declare
  v_version public.workflow_versions;
begin
  perform workflows.refuse_invalid(workflows.diagnostics(write_version.definition, '{saving}'));
  perform workflows.check_note(write_version.note);
  insert into public.workflow_versions as v
    (workspace_id, workflow_id, version, parent_version, definition, note, checksum, created_at, updated_at)
  values (workflow.workspace_id, workflow.id, write_version.version, write_version.parent_version,
    write_version.definition, nullif(write_version.note, ''), workflows.checksum(write_version.definition),
    engine.now(), engine.now())
  on conflict on constraint workflow_versions_pkey do update
  set definition = excluded.definition, checksum = excluded.checksum, updated_at = excluded.updated_at,
    note = case when write_version.note is null then v.note else excluded.note end
  returning v.* into v_version;
  perform workflows.write_nodes(v_version);
  return v_version;
end
$function$;

create or replace function workspaces.accept (
  token text
)
  returns public.workspace_members
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_user uuid := (select auth.uid());
  v_invitation public.workspace_invitations;
  v_member public.workspace_members;
begin
  select * into v_invitation from public.workspace_invitations i
  where i.token_hash = sha256(coalesce(accept.token, '')::bytea)
    and i.accepted_at is null and i.expires_at > engine.now()
  for update;
  if v_user is null or v_invitation.id is null
     or v_invitation.email is distinct from (select lower(u.email) from auth.users u where u.id = v_user) then
    perform platform.fail(404, 'invitation_not_found', 'No open invitation of your address with this token',
      'Sign in with the invited address, or ask for a new invitation.');
  end if;
  insert into public.workspace_members as m (workspace_id, user_id, role)
  values (v_invitation.workspace_id, v_user, v_invitation.role)
  -- an invitation never lowers a role
  on conflict on constraint workspace_members_pkey do update set role = excluded.role
  where workspaces.rank(m.role) < workspaces.rank(excluded.role);
  update public.workspace_invitations i set accepted_at = engine.now(), accepted_by = v_user
  where i.id = v_invitation.id;
  select * into v_member from public.workspace_members m
  where m.workspace_id = v_invitation.workspace_id and m.user_id = v_user;
  return v_member;
end
$function$;

create or replace function workspaces.administered()
  returns setof uuid
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select m.workspace_id from public.workspace_members m
  where m.user_id = (select auth.uid()) and m.role in ('owner', 'admin')
$function$;

create or replace function workspaces.at_sign_up()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  perform workspaces.ensure_personal(new.id, new.email);
  return null;
exception when others then
  raise warning 'No personal workspace at sign-up of %: %', new.id, sqlerrm;
  return null;
end
$function$;

create or replace function workspaces.caller_bypasses_rls()
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  return (
    select r.rolbypassrls or r.rolsuper
    from pg_catalog.pg_roles r
    where r.rolname = coalesce(nullif(current_setting('role'), 'none'), session_user));
end
$function$;

create or replace function workspaces.change_member (
  workspace_id uuid,
  user_id      uuid,
  role         text
)
  returns public.workspace_members
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_self boolean := (select auth.uid()) is not distinct from change_member.user_id;
  v_before public.workspace_members;
  v_after public.workspace_members;
begin
  perform workspaces.require(change_member.workspace_id, 'viewer');
  perform from public.workspaces w where w.id = change_member.workspace_id for no key update;
  select * into v_before from public.workspace_members m
  where m.workspace_id = change_member.workspace_id and m.user_id = change_member.user_id;
  if not (v_self and change_member.role is null) then
    perform workspaces.require_over(change_member.workspace_id, v_before.role);
    perform workspaces.require_over(change_member.workspace_id, change_member.role);
  end if;
  if v_before.user_id is null then
    perform workspaces.not_found('member', change_member.user_id);
  end if;
  if v_before.role = 'owner' and change_member.role is distinct from 'owner'
     and not exists (
       select from public.workspace_members m
       where m.workspace_id = change_member.workspace_id and m.role = 'owner'
         and m.user_id <> change_member.user_id
     ) then
    perform platform.fail(409, 'last_owner', 'The last owner of a workspace stays',
      'Make another member an owner first.');
  end if;
  if workspaces.rank(coalesce(change_member.role, '')) < workspaces.rank(v_before.role) then
    -- an invitation does not outlive the rights of who wrote it, nor bring back who was sent away
    delete from public.workspace_invitations i
    where i.workspace_id = change_member.workspace_id and i.accepted_at is null
      and (i.invited_by = change_member.user_id
        or i.email = (select lower(u.email) from auth.users u where u.id = change_member.user_id));
  end if;
  if change_member.role is null then
    -- the next default workspace of who leaves is a new one
    update public.workspaces w set personal_for = null
    where w.id = change_member.workspace_id and w.personal_for = change_member.user_id;
    delete from public.workspace_members m
    where m.workspace_id = change_member.workspace_id and m.user_id = change_member.user_id;
    return v_before;
  end if;
  update public.workspace_members m set role = change_member.role
  where m.workspace_id = change_member.workspace_id and m.user_id = change_member.user_id
  returning * into v_after;
  return v_after;
end
$function$;

create or replace function workspaces.check_role (
  role text
)
  returns void
  language plpgsql
  set search_path to ''
  as $function$
begin
  if workspaces.rank(check_role.role) is distinct from 0 and check_role.role is not null then
    return;
  end if;
  perform platform.fail(422, 'role_unknown', format('%L is no role', check_role.role),
    'Roles: owner, admin, editor, viewer.');
end
$function$;

create or replace function workspaces.create_one (
  name text
)
  returns public.workspaces
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_user uuid := (select auth.uid());
  v_workspace public.workspaces;
begin
  if v_user is null then
    perform platform.fail(401, 'sign_in_required',
      'A workspace needs an owner', 'Call this as a signed-in user.');
  end if;
  if length(btrim(coalesce(create_one.name, ''))) not between 1 and 200 then
    perform platform.fail(422, 'name_invalid',
      'A workspace name has 1 to 200 characters', 'Give another name.');
  end if;
  insert into public.workspaces (name) values (btrim(create_one.name)) returning * into v_workspace;
  insert into public.workspace_members (workspace_id, user_id, role) values (v_workspace.id, v_user, 'owner');
  return v_workspace;
end
$function$;

create or replace function workspaces.default_id()
  returns uuid
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_user uuid := (select auth.uid());
  v_id uuid;
begin
  if v_user is null then
    return null;
  end if;
  select w.id into v_id
  from public.workspaces w
  join public.workspace_members m on m.workspace_id = w.id and m.user_id = v_user
  where w.personal_for = v_user;
  if v_id is null then
    select workspaces.ensure_personal(u.id, u.email) into v_id from auth.users u where u.id = v_user;
  end if;
  return v_id;
end
$function$;

create or replace function workspaces.ensure_personal (
  user_id uuid,
  email   text
)
  returns uuid
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_id uuid;
begin
  insert into public.workspaces (name, personal_for)
  values (
    coalesce(left(nullif(split_part(ensure_personal.email, '@', 1), ''), 180), 'Personal') || '''s workspace',
    ensure_personal.user_id)
  on conflict on constraint a_user_has_one_personal_workspace do nothing
  returning id into v_id;
  if v_id is not null then
    insert into public.workspace_members (workspace_id, user_id, role)
    values (v_id, ensure_personal.user_id, 'owner');
  else
    select w.id into v_id from public.workspaces w where w.personal_for = ensure_personal.user_id;
  end if;
  return v_id;
end
$function$;

create or replace function workspaces.inherit_ownership()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  as $function$
begin
  -- two owners who go at once must not each count on the other
  perform from public.workspaces w where w.id = old.workspace_id for no key update;
  if old.role = 'owner'
     and not exists (
       select from public.workspace_members m where m.workspace_id = old.workspace_id and m.role = 'owner'
     ) then
    update public.workspace_members m set role = 'owner'
    where (m.user_id, m.workspace_id) = (
      select h.user_id, h.workspace_id from public.workspace_members h
      where h.workspace_id = old.workspace_id
      order by workspaces.rank(h.role) desc, h.created_at
      limit 1
    );
  end if;
  return null;
end
$function$;

create or replace function workspaces.invite (
  workspace_id uuid,
  email        text,
  role         text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  v_invitation public.workspace_invitations;
begin
  perform workspaces.check_role(invite.role);
  perform workspaces.require_over(invite.workspace_id, invite.role);
  if coalesce(invite.email, '') !~ '^[^@\s]+@[^@\s]+$' or length(invite.email) > 320 then
    perform platform.fail(422, 'email_invalid', format('%L is no email address', invite.email),
      'Give an address like name@example.com.');
  end if;
  insert into public.workspace_invitations (workspace_id, email, role, token_hash, invited_by, expires_at)
  values (invite.workspace_id, lower(invite.email), invite.role, sha256(v_token::bytea),
    (select auth.uid()), engine.now() + interval '7 days')
  returning * into v_invitation;
  return jsonb_build_object(
    'id', v_invitation.id, 'token', v_token, 'email', v_invitation.email, 'role', v_invitation.role,
    'expires_at', v_invitation.expires_at);
end
$function$;

create or replace function workspaces.may_read (
  workspace_id uuid
)
  returns boolean
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select workspaces.caller_bypasses_rls() or exists (
    select from public.workspace_members m
    where m.workspace_id = may_read.workspace_id and m.user_id = (select auth.uid()))
$function$;

create or replace function workspaces.not_found (
  what text,
  id   uuid
)
  returns void
  language sql
  set search_path to ''
  as $function$
  select platform.fail(404, not_found.what || '_not_found',
    format('No %s %s in your workspaces', not_found.what, coalesce(not_found.id::text, '(none given)')),
    'Check the id, and that you are a member of its workspace.')
$function$;

create or replace function workspaces.rank (
  role text
)
  returns integer
  language sql
  immutable
  parallel safe
  set search_path to ''
  as $function$
  select case role
    when 'owner' then 4
    when 'admin' then 3
    when 'editor' then 2
    when 'viewer' then 1
    else 0
  end
$function$;

create or replace function workspaces.readable()
  returns setof uuid
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select m.workspace_id from public.workspace_members m where m.user_id = (select auth.uid())
$function$;

create or replace function workspaces.require (
  workspace_id uuid,
  role         text,
  what         text default 'workspace'::text,
  id           uuid default null::uuid
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
declare
  v_role text;
begin
  if workspaces.caller_bypasses_rls() then
    if require.workspace_id is null
       or not exists (select from public.workspaces w where w.id = require.workspace_id) then
      perform workspaces.not_found(require.what, coalesce(require.id, require.workspace_id));
    end if;
    return;
  end if;
  select m.role into v_role from public.workspace_members m
  where m.workspace_id = require.workspace_id and m.user_id = (select auth.uid());
  if v_role is null then
    perform workspaces.not_found(require.what, coalesce(require.id, require.workspace_id));
  elsif workspaces.rank(v_role) < workspaces.rank(require.role) then
    perform platform.fail(403, 'role_insufficient',
      format('Your role in this workspace is %s; this needs %s', v_role, require.role),
      'Ask an owner or admin of the workspace to change your role.');
  end if;
end
$function$;

create or replace function workspaces.require_over (
  workspace_id uuid,
  role         text
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  as $function$
begin
  perform workspaces.require(require_over.workspace_id, 'admin');
  if require_over.role = 'owner' then
    perform workspaces.require(require_over.workspace_id, 'owner');
  end if;
end
$function$;

create or replace function workspaces.revoke (
  invitation_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  as $function$
declare
  v_workspace uuid;
begin
  select i.workspace_id into v_workspace from public.workspace_invitations i
  where i.id = revoke.invitation_id and i.accepted_at is null;
  perform workspaces.require(v_workspace, 'admin', 'invitation', revoke.invitation_id);
  delete from public.workspace_invitations i where i.id = revoke.invitation_id and i.accepted_at is null;
end
$function$;

create or replace function workspaces.writable()
  returns setof uuid
  language sql
  stable
  security definer
  set search_path to ''
  as $function$
  select m.workspace_id from public.workspace_members m
  where m.user_id = (select auth.uid()) and m.role in ('owner', 'admin', 'editor')
$function$;

alter table "hil"."messages"
  add constraint "a_message_belongs_to_its_interaction" foreign key (workspace_id, interaction_id)
    references public.human_interactions(workspace_id, id) on delete cascade;

alter table "public"."hil_responses"
  add constraint "a_matched_interaction_is_of_the_workspace"
    foreign key (workspace_id, matched_interaction_id) references public.human_interactions(workspace_id, id)
    on delete cascade;

alter table "hil"."tokens"
  add constraint "tokens_interaction_id_fkey" foreign key (interaction_id)
    references public.human_interactions(id) on delete cascade;

alter table "public"."node_executions"
  add constraint "a_status_is_terminal"
    check ((status = any (array['SUCCESS'::text, 'ERROR'::text, 'SKIPPED'::text, 'CANCELED'::text])));

alter table "public"."node_executions"
  add constraint "an_error_says_why" check (((status <> 'ERROR'::text) or (error_data is not null)));

alter table "public"."node_executions"
  add constraint "node_executions_pkey" primary key (execution_id, id);

alter table "public"."node_connections"
  add constraint "a_source_is_a_node" foreign key (workspace_id, workflow_id, version, source_node_id)
    references public.nodes(workspace_id, workflow_id, version, node_id) on delete cascade;

alter table "public"."node_connections"
  add constraint "a_target_is_a_node" foreign key (workspace_id, workflow_id, version, target_node_id)
    references public.nodes(workspace_id, workflow_id, version, node_id) on delete cascade;

alter table "public"."workflow_execution_logs"
  add constraint "a_category_is_known"
    check ((log_category = any (array['TECHNICAL'::text, 'BUSINESS'::text])));

alter table "public"."workflow_execution_logs"
  add constraint "a_level_is_known"
    check ((level = any (array['DEBUG'::text, 'INFO'::text, 'WARNING'::text, 'ERROR'::text])));

alter table "public"."workflow_execution_logs"
  add constraint "an_event_type_is_known"
    check
    ((event_type = any (array['workflow_started'::text, 'workflow_completed'::text, 'workflow_progress'::text,
    'step_started'::text,
    'step_input'::text, 'step_output'::text, 'step_completed'::text, 'step_error'::text, 'separator'::text])));

alter table "public"."workflow_execution_logs"
  add constraint "workflow_execution_logs_pkey" primary key (execution_id, id);

alter table "public"."workflow_schedules"
  add constraint "a_misfire_limit_is_1_to_100" check (((misfire_limit >= 1) and (misfire_limit <= 100)));

alter table "public"."workflow_schedules"
  add constraint "a_misfire_policy_is_known"
    check ((misfire = any (array['skip'::text, 'once'::text, 'all'::text])));

alter table "public"."workflow_schedules"
  add constraint "an_overlap_policy_is_known"
    check ((overlap = any (array['allow'::text, 'skip'::text, 'cancel_previous'::text])));

alter table "public"."workflow_schedules"
  add constraint "workflow_schedules_trigger_id_fkey" foreign key (trigger_id)
    references public.trigger_index(id) on delete cascade;

alter table "public"."node_connections"
  add constraint "a_connection_belongs_to_its_version" foreign key (workspace_id, workflow_id, version)
    references public.workflow_versions(workspace_id, workflow_id, version) on delete cascade;

alter table "public"."nodes"
  add constraint "a_node_belongs_to_its_version" foreign key (workspace_id, workflow_id, version)
    references public.workflow_versions(workspace_id, workflow_id, version) on delete cascade;

alter table "public"."trigger_index"
  add constraint "a_trigger_belongs_to_its_version" foreign key (workspace_id, workflow_id, version)
    references public.workflow_versions(workspace_id, workflow_id, version) on delete cascade;

alter table "public"."workflows"
  add constraint "workflows_deployed_by_fkey" foreign key (deployed_by) references auth.users(id) on delete
    set null;

alter table "public"."node_specifications"
  add constraint "an_own_type_is_an_enabled_function" foreign key (workspace_id, node_subtype)
    references public.workspace_functions(workspace_id, function_name) on delete cascade;

alter table "public"."workspace_invitations"
  add constraint "workspace_invitations_accepted_by_fkey" foreign key (accepted_by) references auth.users(id)
    on delete set null;

alter table "public"."workspace_invitations"
  add constraint "workspace_invitations_invited_by_fkey" foreign key (invited_by) references auth.users(id)
    on delete set null;

alter table "public"."workspace_members"
  add constraint "workspace_members_user_id_fkey" foreign key (user_id) references auth.users(id)
    on delete cascade;

alter table "public"."workspaces"
  add constraint "workspaces_personal_for_fkey" foreign key (personal_for) references auth.users(id) on delete
    set null;

create view "public"."interaction_metrics" with (security_invoker=true) as  select workspace_id,
    workflow_id,
    channel_type,
    coalesce(('user:'::text || (responded_by ->> 'user'::text)), ('email:'::text || (responded_by ->> 'email'::text)), ('slack:'::text || (responded_by ->> 'slack'::text)), ('webhook:'::text || (responded_by ->> 'webhook'::text)), 'service'::text) as assignee,
    count(*) as answers,
    count(*) filter (where (outcome = 'approved'::text)) as approved,
    count(*) filter (where (outcome = 'rejected'::text)) as rejected,
    count(*) filter (where (outcome = 'answered'::text)) as answered,
    avg(extract(epoch from (responded_at - created_at))) as average_seconds,
    percentile_cont((0.5)::double precision) within group (order by ((extract(epoch from (responded_at - created_at)))::double precision)) as median_seconds,
    percentile_cont((0.95)::double precision) within group (order by ((extract(epoch from (responded_at - created_at)))::double precision)) as p95_seconds,
    max(responded_at) as last_answer_at
   from public.human_interactions i
  where (status = 'responded'::text)
  group by workspace_id, workflow_id, channel_type, coalesce(('user:'::text || (responded_by ->> 'user'::text)), ('email:'::text || (responded_by ->> 'email'::text)), ('slack:'::text || (responded_by ->> 'slack'::text)), ('webhook:'::text || (responded_by ->> 'webhook'::text)), 'service'::text);

revoke all on table "public"."interaction_metrics" from "anon";

create view "public"."live_node_executions" with (security_invoker=true) as  select t.execution_id,
    t.id,
    t.workspace_id,
    t.node_id,
    t.run_index,
    t.attempt,
        case
            when (t.leased_at is not null) then 'RUNNING'::text
            when (t.attempt > 1) then 'RETRYING'::text
            else 'PENDING'::text
        end as status,
    null::text as waits_for,
    t.source_id,
    t.input_id,
    t.target_index,
    t.scope,
    t.lap,
    t.leased_at as start_time,
    t.lease_until as until
   from engine.tasks t
union all
 select w.execution_id,
    w.id,
    w.workspace_id,
    w.node_id,
    w.run_index,
    w.attempt,
        case
            when (w.kind = 'retry'::text) then 'RETRYING'::text
            when (w.kind = any (array['merge'::text, 'collect'::text, 'human'::text])) then 'WAITING_INPUT'::text
            when (w.kind = any (array['ready'::text, 'turn'::text, 'slot'::text])) then 'PENDING'::text
            else 'RUNNING'::text
        end as status,
        case w.kind
            when 'event'::text then ('event '::text || w.event_name)
            else w.kind
        end as waits_for,
    w.source_id,
    w.input_id,
    w.target_index,
    w.scope,
    w.lap,
        case
            when (w.kind = any (array['timer'::text, 'event'::text, 'children'::text, 'human'::text, 'caller'::text])) then w.since
            else null::timestamp with time zone
        end as start_time,
    w.until
   from engine.waits w
  where (w.kind <> 'for_each'::text);

create view "public"."execution_data" with (security_invoker=true) as  select execution_id,
    workspace_id,
    id,
    node_id,
    run_index,
    (nullif(split_part(scope, ':'::text, '-1'::integer), ''::text))::integer as item_index,
    scope,
    lap,
    attempt,
    status,
    waits_for,
    source_id,
    reused_from,
    engine.value_at(execution_id, engine.reference(input_id, scope)) as input,
        case
            when (passes_input and (output_data is null)) then engine.value_at(execution_id, engine.reference(input_id, scope))
            else output_data
        end as output,
    error_data as error,
    start_time,
    end_time,
    until
   from ( select n.execution_id,
            n.workspace_id,
            n.id,
            n.node_id,
            n.run_index,
            n.scope,
            n.lap,
            n.attempt,
            n.status,
            null::text as waits_for,
            n.source_id,
            n.reused_from,
            n.input_id,
            n.passes_input,
            n.output_data,
            n.error_data,
            n.start_time,
            n.end_time,
            null::timestamp with time zone as until
           from public.node_executions n
        union all
         select l.execution_id,
            l.workspace_id,
            l.id,
            l.node_id,
            l.run_index,
            l.scope,
            l.lap,
            l.attempt,
            l.status,
            l.waits_for,
            l.source_id,
            null::uuid as reused_from,
            l.input_id,
            false as passes_input,
            null::jsonb as output_data,
            null::jsonb as error_data,
            l.start_time,
            null::timestamp with time zone as end_time,
            nullif(l.until, 'infinity'::timestamp with time zone) as until
           from public.live_node_executions l) r;

revoke all on table "public"."execution_data" from "anon";

revoke all on table "public"."live_node_executions" from "anon";

create view "public"."pending_interaction_timeouts" with (security_invoker=true) as  select id,
    workspace_id,
    workflow_id,
    execution_id,
    node_id,
    interaction_type,
    channel_type,
    priority,
    (request_data ->> 'title'::text) as title,
    assignees,
    created_at,
    timeout_at,
    extract(epoch from (timeout_at - engine.now())) as seconds_left,
    (request_data ->> 'timeout_action'::text) as timeout_action,
    reminded_at,
    escalated_at
   from public.human_interactions i
  where (status = 'pending'::text);

revoke all on table "public"."pending_interaction_timeouts" from "anon";

create index cancellations_of on engine.cancellations using btree (execution_id);

create index ended_children_of on engine.ended_children using btree (execution_id);

create index plan_triggers on engine.plan using btree (workflow_id, version)
  where (node_type = 'TRIGGER'::text);

create index retried_of_execution on engine.retried using btree (execution_id);

create index slots_admitted on engine.slots using btree (limit_id, key, admitted_at)
  where (admitted_at is not null);

create index slots_held on engine.slots using btree (limit_id, key)
  where ((admitted_at is not null) and (released_at is null));

create index slots_queued on engine.slots using btree (limit_id, key, priority desc, asked_at)
  where (admitted_at is null);

create index tasks_execution on engine.tasks using btree (execution_id, scope);

create index tasks_leased on engine.tasks using btree (lease_until)
  where (lease_token is not null);

create index tasks_ready on engine.tasks using btree (workspace_id, priority desc, id)
  where (lease_token is null);

create index waits_calling on engine.waits using btree (((data ->> 'workflow_id'::text)))
  where (kind = 'children'::text);

create index waits_due on engine.waits using btree (until)
  where ((not is_held) and (until < 'infinity'::timestamp with time zone));

create index waits_event on engine.waits using btree (workspace_id, event_name, event_key)
  where (kind = 'event'::text);

create index waits_execution on engine.waits using btree (execution_id, scope);

create index messages_due on hil.messages using btree (due_at)
  where (status = 'pending'::text);

create index messages_external on hil.messages using btree (external_id, integration_id)
  where (external_id is not null);

create index messages_of_interaction on hil.messages using btree (interaction_id, workspace_id);

create index messages_recipient on hil.messages using btree (workspace_id, channel, lower(recipient));

create index tokens_of_interaction on hil.tokens using btree (interaction_id);

create index secrets_of_integration on integrations.secrets using btree (workspace_id, integration_id);

create unique index an_idempotency_key_starts_once on public.workflow_executions
  using btree (workflow_id, mode, idempotency_key)
  where (idempotency_key is not null);

create index hil_responses_matched on public.hil_responses using btree (matched_interaction_id)
  where (matched_interaction_id is not null);

create index hil_responses_unmatched on public.hil_responses using btree (integration_id, received_at)
  where (status = 'unmatched'::text);

create index human_interactions_correlation on public.human_interactions
  using btree (workspace_id, correlation_id)
  where (correlation_id is not null);

create index human_interactions_execution on public.human_interactions using btree (execution_id);

create index human_interactions_inbox on public.human_interactions using btree (workspace_id, status, id desc);

create index human_interactions_pending_timeout on public.human_interactions using btree (timeout_at)
  where (status = 'pending'::text);

create index human_interactions_workflow on public.human_interactions using btree (workspace_id, workflow_id);

create index node_connections_source on public.node_connections
  using btree (workspace_id, workflow_id, version, source_node_id);

create index node_connections_target on public.node_connections
  using btree (workspace_id, workflow_id, version, target_node_id);

create index node_specifications_kind on public.node_specifications using btree (node_type, node_subtype)
  where is_active;

create index nodes_kind on public.nodes using btree (workspace_id, node_type, node_subtype);

create index sessions_recent on public.sessions using btree (workspace_id, updated_at desc);

create index trigger_index_events on public.trigger_index using btree (integration_id, index_key)
  where (integration_id is not null);

create index trigger_index_workspace on public.trigger_index using btree (workspace_id, workflow_id, version);

create index workflow_events_expiry on public.workflow_events using btree (expires_at);

create index workflow_execution_pauses_active on public.workflow_execution_pauses
  using btree (workspace_id, paused_at)
  where (status = 'active'::text);

create index workflow_execution_pauses_execution on public.workflow_execution_pauses
  using btree (execution_id);

create index workflow_executions_deadline on public.workflow_executions using btree (deadline)
  where ((end_time is null) and (deadline is not null));

create index workflow_executions_of_parent on public.workflow_executions
  using btree (parent_execution_id, parent_run_id)
  where (parent_execution_id is not null);

create index workflow_favorites_workflow on public.workflow_favorites using btree (workspace_id, workflow_id);

create index workflow_schedules_due on public.workflow_schedules using btree (next_run_at)
  where is_active;

create index workflow_schedules_workflow on public.workflow_schedules using btree (workspace_id, workflow_id);

create index workflow_static_data_workspace on public.workflow_static_data
  using btree (workspace_id, workflow_id);

create index workflows_tags on public.workflows using gin (tags);

create index workspace_invitations_workspace on public.workspace_invitations
  using btree (workspace_id, created_at desc);

create index workspace_members_workspace on public.workspace_members using btree (workspace_id, role);

create index search_terms_words on workflows.search_terms using gin (terms)
  with (fastupdate=off);

create index search_terms_workspace on workflows.search_terms using btree (workspace_id, workflow_id);

create trigger tandem_personal_workspace
  after insert on auth.users
  for each row
  execute function workspaces.at_sign_up();

create trigger touch
  before update on public.human_interactions
  for each row
  execute function platform.touch();

create trigger touch
  before update on public.integrations
  for each row
  execute function platform.touch();

create trigger touch
  before update on public.node_specifications
  for each row
  execute function platform.touch();

create trigger touch
  before update on public.sessions
  for each row
  execute function platform.touch();

create trigger touch
  before update on public.trigger_index
  for each row
  execute function platform.touch();

create trigger touch
  before update on public.workflow_execution_pauses
  for each row
  execute function platform.touch();

create trigger terminal_states_absorb
  before update on public.workflow_executions
  for each row
  when ((old.end_time is not null))
  execute function engine.refuse_to_wake();

create trigger touch
  before update on public.workflow_schedules
  for each row
  execute function platform.touch();

create trigger locked_versions_stay
  before update on public.workflow_versions
  for each row
  when (old.is_locked)
  execute function workflows.refuse_change_of_locked();

create trigger count_revision
  before update on public.workflows
  for each row
  execute function workflows.count_revision();

create trigger schedules_follow_status
  after update of status on public.workflows
  for each row
  when ((old.status is distinct from new.status))
  execute function triggers.follow_status();

create trigger triggers_follow_workflow
  after update of status on public.workflows
  for each row
  when ((old.status is distinct from new.status))
  execute function triggers.follow_workflow();

create trigger words_follow
  after update of name, description, tags, is_public on public.workflows
  for each row
  when
    (((old.name is distinct from new.name) or (old.description is distinct from new.description) or (old.tags
    is distinct from new.tags) or (old.is_public is distinct from new.is_public)))
  execute function workflows.index_renamed();

create trigger inherit_ownership
  after delete on public.workspace_members
  for each row
  execute function workspaces.inherit_ownership();

create trigger touch
  before update on public.workspaces
  for each row
  execute function platform.touch();

create policy "members read" on "engine"."tasks"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "members read" on "engine"."waits"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "members read" on "public"."execution_limits"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "admins read" on "public"."hil_responses"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.administered() as administered))));

create policy "members read" on "public"."human_interactions"
  for select
  to "authenticated"
  using
    (((workspace_id = any (array( select workspaces.readable() as readable))) and (workflow_id <> all (array(
    select workflows.deleted() as deleted)))));

create policy "members read" on "public"."node_connections"
  for select
  to "authenticated"
  using
    (((workspace_id = any (array( select workspaces.readable() as readable))) and (workflow_id <> all (array(
    select workflows.deleted() as deleted)))));

create policy "everyone signed in reads the system's, members their own" on "public"."node_specifications"
  for select
  to "authenticated"
  using (((workspace_id is null) or (workspace_id = any (array( select workspaces.readable() as readable)))));

create policy "members read" on "public"."nodes"
  for select
  to "authenticated"
  using
    (((workspace_id = any (array( select workspaces.readable() as readable))) and (workflow_id <> all (array(
    select workflows.deleted() as deleted)))));

create policy "members read" on "public"."sessions"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "editors read" on "public"."trigger_index"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.writable() as writable))));

create policy "members read" on "public"."workflow_deployment_history"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "members read" on "public"."workflow_events"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "members read" on "public"."workflow_execution_pauses"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "members read" on "public"."workflow_executions"
  for select
  to "authenticated"
  using
    (((workspace_id = any (array( select workspaces.readable() as readable))) and (workflow_id <> all (array(
    select workflows.deleted() as deleted)))));

create policy "members read" on "public"."workflow_schedules"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "members read" on "public"."workflow_static_data"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "members read" on "public"."workflow_versions"
  for select
  to "authenticated"
  using
    (((workspace_id = any (array( select workspaces.readable() as readable))) and (workflow_id <> all (array(
    select workflows.deleted() as deleted)))));

create policy "members read" on "public"."workspace_functions"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

create policy "admins read" on "public"."workspace_invitations"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.administered() as administered))));

create policy "members read" on "public"."workspace_members"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

comment on column "public"."workspaces"."allowed_hosts" is 'Hosts that HTTP nodes may reach although they resolve to a private address. Set by the operator alone: a tenant''s admin does not own the network.';

comment on function "engine"."abort_execution"(uuid, jsonb) is 'End an execution whose results cannot be applied. A no-op on one that has ended.';

comment on function "engine"."admit"(timestamp with time zone) is 'Let queued executions begin where there is room.';

comment on function "engine"."admit_to"(uuid, text, timestamp with time zone) is 'Let executions begin that wait for a limit''s key.';

comment on function "engine"."advance"(uuid[], timestamp with time zone) is 'Fire what is due in locked executions.';

comment on function "engine"."after_end"(public.workflow_executions[], timestamp
  with time zone, boolean) is 'What the end of executions sets free; answers parents that wait for it.';

comment on function "engine"."allow_listening"() is 'The policy on realtime.messages. Idempotent; does nothing without Supabase Realtime.';

comment on function "engine"."analyze"(integer[], integer[], integer[], boolean[], boolean[], boolean[]) is
  'Cycles, back edges and what lies ahead of each node.';

comment on function "engine"."answer"(engine.token, jsonb) is 'What a RESPOND node does.';

comment on function
  "engine"."apply"(engine.settled[], engine.token[], engine.place[], public.workflow_execution_logs[]) is
  'The transition: results and tokens in, everything that follows from them out.';

comment on function "engine"."apply_settings"(uuid, integer) is 'Limit a workflow as its deployed version''s settings say; null: nothing is deployed.';

comment on function "engine"."ask_slots"(public.workflow_executions, boolean) is 'Ask for the slots of an execution that begins. Errors: execution_limit_reached.';

comment on function "engine"."begin"(engine.waits, timestamp with time zone) is 'Let an execution begin whose start is due.';

comment on function "engine"."broadcast"(public.workflow_executions[]) is 'Broadcast the status of executions to their workspaces.';

comment on function "engine"."call_function"(text, uuid, uuid) is 'Execute a SQL_FUNCTION task and apply its result; false when its lease is gone.';

comment on function "engine"."call_workflow"(engine.token, jsonb, timestamp
  with time zone) is 'What a SUB_WORKFLOW node does.';

comment on function "engine"."cancel"(uuid, text) is 'See public.cancel_execution.';

comment on function "engine"."cancel_descendants"(uuid, timestamp with time zone) is 'Cancel the executions below one.';

comment on function "engine"."canceled_run"(engine.token, engine.plan, timestamp
  with time zone) is 'The history of a token that was on its way when its execution ended.';

comment on function "engine"."claim"(text, integer) is 'Lease up to `capacity` tasks: {tasks}.';

comment on function "engine"."clock_is_movable"() is 'May sessions move the clock and stop at pause points? Only in test databases.';

comment on function "engine"."collect"(engine.token) is 'Keep a token that arrived at a collect.';

comment on function "engine"."collect_of"(engine.token, text, integer, timestamp
  with time zone) is 'The join row of a FOR_EACH run at a collect.';

comment on function "engine"."compile"(uuid, integer) is 'Compile a version for the engine. Errors: definition_invalid.';

comment on function "engine"."complete"(uuid, timestamp with time zone) is 'End an execution without a live token.';

comment on function "engine"."complete_by_caller"(uuid, text, jsonb, jsonb, integer) is
  'See public.complete_execution.';

comment on function "engine"."complete_executions"(uuid[], timestamp
  with time zone, jsonb) is 'End executions without a live token.';

comment on function "engine"."completed_log"(public.workflow_executions) is 'The log line of an execution that succeeded.';

comment on function "engine"."context"(engine.token, text[], jsonb) is 'What templates and predicates see.';

comment on function "engine"."controlled"(uuid) is 'Lock an execution for a verb. Errors: execution_not_found, role_insufficient.';

comment on function
  "engine"."copy_execution"(public.workflow_executions, uuid, integer, engine.waits, integer, timestamp
  with time zone) is 'An execution that goes on where another ended. Errors: node_not_in_version.';

comment on function "engine"."count_of"(jsonb) is 'A number of at least 1, or null.';

comment on function "engine"."create_partitions"() is 'Partitions of the history tables for the months to come. Idempotent.';

comment on function "engine"."delete_limit"(uuid) is 'See public.delete_execution_limit.';

comment on function "engine"."deliver_events"(timestamp with time zone) is 'Hand fresh events over to those who wait.';

comment on function "engine"."describe_tasks"(text, uuid[]) is 'Leased tasks with resolved parameters.';

comment on function "engine"."drop_messages"() is 'Remove messages that nobody will take.';

comment on function "engine"."enable_function"(text, uuid, boolean, jsonb) is 'See public.enable_function.';

comment on function "engine"."end_executions"(uuid[], text, jsonb, timestamp
  with time zone) is 'End executions now and cancel what is live in them.';

comment on function "engine"."enqueue"(engine.token[]) is 'Put tokens into the ready queue.';

comment on function "engine"."find"(jsonb, jsonb) is 'The value of one template.';

comment on function "engine"."finish"(text, bigint, jsonb, integer) is 'Apply results [{id, lease_token, status, output | error, duration_ms}] and lease the next tasks: {tasks, refused}. Errors: sequence_out_of_order.';

comment on function "engine"."first_token"(public.workflow_executions) is 'The token that an execution starts with.';

comment on function "engine"."gather"(engine.waits, timestamp with time zone) is 'A fired collect as a result.';

comment on function "engine"."has_room"(public.execution_limits, text) is 'Is there a free slot? The caller holds the key''s lock.';

comment on function "engine"."heartbeat"(text, jsonb) is 'Renew leases of [{id, lease_token, progress}]: {gone: [ids no longer held]}.';

comment on function "engine"."hold_static"(uuid, boolean) is 'Take the right to change what a workflow remembers, until commit.';

comment on function "engine"."is_manual"(uuid) is 'Was the execution started by hand? Pinned outputs count then.';

comment on function "engine"."is_node_function"(text) is 'Is there a function nodes.<name>(jsonb, jsonb)?';

comment on function "engine"."items_of"(jsonb) is 'A value as a list of items.';

comment on function "engine"."key_of"(public.execution_limits, jsonb) is 'The value of a limit''s key for an input.';

comment on function "engine"."lease"(text, integer) is 'Lease ready tasks, fairly between workspaces.';

comment on function "engine"."lease_of"(uuid, integer, text) is 'Lease ready tasks of one workspace.';

comment on function "engine"."lock_of_event"(uuid, text) is 'The advisory lock of an event''s name.';

comment on function "engine"."lock_of_limit"(uuid, text) is 'The advisory lock of a limit''s key.';

comment on function "engine"."lock_of_static"(uuid) is 'The advisory lock of what a workflow remembers.';

comment on function "engine"."lock_tree"(uuid) is 'Lock an execution and the live ones that it waits for.';

comment on function "engine"."log_control"(public.workflow_executions, text, text, text, timestamp
  with time zone) is 'Log who did what to an execution.';

comment on function "engine"."log_start"(public.workflow_executions, timestamp
  with time zone) is 'Log and tell that an execution begins.';

comment on function "engine"."maintain"() is 'Hourly upkeep.';

comment on function "engine"."mark_asking"(uuid[]) is 'Say which executions wait for people alone.';

comment on function "engine"."matching"(jsonb, text, jsonb) is 'The items for which a predicate holds.';

comment on function "engine"."merge"(engine.waits[], text, jsonb, timestamp
  with time zone) is 'A fired merge as a result.';

comment on function "engine"."now"() is 'The time; movable in test databases.';

comment on function "engine"."output_of"(uuid) is 'The output of an execution that ends now.';

comment on function "engine"."park"(engine.waits[]) is 'Let tokens wait.';

comment on function "engine"."pause"(uuid, text) is 'See public.pause_execution.';

comment on function "engine"."pause_point"(text) is 'Where a test may stop a session; does nothing elsewhere.';

comment on function "engine"."queue_of"(uuid, text, integer) is 'Who begins next where a limit''s key has room.';

comment on function "engine"."reference"(uuid, text) is 'Where an input is kept, as text.';

comment on function "engine"."refuse_to_wake"() is 'Trigger: terminal states are absorbing.';

comment on function "engine"."release"(text, uuid[]) is 'Hand leases back unspent; answers how many there were.';

comment on function "engine"."release_slots"(uuid[], timestamp with time zone) is 'Give the slots of ended executions back.';

comment on function "engine"."remember"(uuid, uuid, jsonb) is 'What a SET_STATIC_DATA node does.';

comment on function "engine"."repair"() is 'Mend broken invariants that can be mended safely.';

comment on function "engine"."replace_static_data"(uuid, jsonb) is 'See public.set_static_data.';

comment on function "engine"."resolve"(jsonb, jsonb, jsonb) is 'Put values into a node''s parameters.';

comment on function "engine"."resume"(uuid) is 'See public.resume_execution.';

comment on function "engine"."retry"(uuid, uuid, integer) is 'See public.retry_execution.';

comment on function "engine"."retry_delay"(engine.plan, integer, jsonb) is 'How long to wait before the next attempt.';

comment on function "engine"."review_children"(engine.waits, timestamp
  with time zone) is 'What the children of a SUB_WORKFLOW run have come to.';

comment on function "engine"."ring"() is 'Call workers when ready work exceeds live capacity; true if it did.';

comment on function "engine"."ripen"(engine.place[], timestamp with time zone) is 'What joins do next in the given scopes.';

comment on function "engine"."same_start"(public.workflow_executions, jsonb, integer, boolean) is
  'Answer a repeated start. Errors: idempotency_key_reused.';

comment on function "engine"."schedule_jobs"() is 'The engine''s pg_cron jobs. Idempotent; does nothing without pg_cron.';

comment on function "engine"."send_event"(text, jsonb, text, uuid) is 'See public.send_event.';

comment on function "engine"."set_limit"(uuid, uuid, text, integer, integer, integer, text) is
  'See public.set_execution_limit.';

comment on function "engine"."start"(public.workflows, integer, text, text, jsonb, text, integer, timestamp
  with time zone, integer) is 'Start an execution; the caller has checked who asks.';

comment on function "engine"."start_by_caller"(public.workflows, integer, jsonb, text, integer, integer) is
  'Start an execution that its caller runs; who asks has been checked. Errors: execution_limit_reached.';

comment on function "engine"."start_by_user"(uuid, jsonb, text, integer, integer, timestamp
  with time zone, integer, boolean) is 'See public.start_execution.';

comment on function "engine"."start_children"(engine.waits, integer, integer, boolean, timestamp
  with time zone) is 'Start executions of sub-workflows.';

comment on function "engine"."started_log"(public.workflow_executions) is 'The log line of an execution that begins.';

comment on function "engine"."static_data"(uuid, text[]) is 'What a workflow remembers, as a node sees it.';

comment on function "engine"."static_data_error"(jsonb) is 'What keeps data from being remembered, or null.';

comment on function "engine"."take_due"(uuid[], timestamp with time zone) is 'Take due waits of locked executions.';

comment on function "engine"."task_list"(text, uuid[]) is 'Leased tasks as a worker gets them.';

comment on function "engine"."tick"(integer) is 'Fire what is due and ring for workers. Called by pg_cron several times a second.';

comment on function "engine"."token_of"(engine.tasks) is 'The token of a task.';

comment on function "engine"."token_of"(engine.waits) is 'The token of a row that waits.';

comment on function "engine"."trigger_of"(uuid, integer) is 'The trigger node at which a start by hand begins.';

comment on function "engine"."try_abort"(uuid, jsonb) is 'abort_execution() that never raises.';

comment on function "engine"."undone_runs"(uuid, uuid) is 'The runs that a retry does again.';

comment on function "engine"."value_at"(uuid, text) is 'The value that a reference means.';

comment on function "engine"."verify_doorbell"(text) is 'Is this a doorbell token that still lives?';

comment on function "engine"."violations"() is 'Broken invariants of the engine; empty, always.';

comment on function "engine"."wait_for"(engine.token, jsonb, timestamp
  with time zone) is 'What a WAIT node does.';

comment on function "engine"."wait_for_static"(uuid) is 'hold_static() where another has it: waits 200 ms at most.';

comment on function "engine"."wait_of"(engine.token, text, timestamp with time zone, timestamp
  with time zone) is 'A token as a row that waits.';

comment on function "engine"."webhook_response"(uuid) is 'What to answer to the request that started an execution: {ended, status, response, output, error}. response: {status, headers, body} of the RESPOND node that came first, once it has.';

comment on function "engine"."workspaces_with_work"(uuid, integer) is 'Workspaces with ready work.';

comment on function "engine"."write_history"(public.node_executions[]) is 'Write ended node runs.';

comment on function "engine"."write_logs"(public.workflow_execution_logs[], timestamp
  with time zone) is 'Write log lines.';

comment on function "hil"."admit"(text) is 'Count a look at a link: null, or after how many seconds to try again.';

comment on function "hil"."answer_link"(text, text, jsonb, text) is 'Answer through a link, the same to the same answer: as hil.decide_by_token(), with its errors; null where there is no such link.';

comment on function "hil"."answer_of"(public.hil_responses) is 'What came of a stored answer.';

comment on function "hil"."ask"(engine.token, text, jsonb, timestamp
  with time zone) is 'What a HUMAN_IN_THE_LOOP node does.';

comment on function "hil"."assign"(uuid, uuid) is 'See public.assign_response.';

comment on function "hil"."broadcast"(public.human_interactions) is 'Broadcast the status of an interaction to its workspace.';

comment on function "hil"."cancel"(uuid, text) is 'See public.cancel_interaction.';

comment on function "hil"."circumstances"(public.human_interactions, public.hil_responses, text, boolean) is
  'What the classifier is told of an answer.';

comment on function "hil"."claim_messages"(text, integer) is 'Lease messages: [{id, workspace_id, interaction_id, kind, channel, integration_id, recipient, content, attempt, token, external_id, thread}]; the last two of the message that it follows.';

comment on function "hil"."classifier_settings"() is 'Constants of hil.classify(): who decides compares its confidence with "threshold".';

comment on function "hil"."classify"(text, jsonb) is 'What a free-text reply means, by rules. Decides nothing.';

comment on function "hil"."content_of"(public.human_interactions) is 'What a message about an interaction says.';

comment on function "hil"."count_answer"(public.human_interactions, uuid, jsonb, text, jsonb, text, timestamp
  with time zone) is 'Count a stored answer to an interaction.';

comment on function "hil"."decide"(uuid, uuid, jsonb, text, jsonb, text) is 'Apply a stored answer: {result, error, problems, votes}.';

comment on function "hil"."decide_by_token"(text, text, jsonb, text) is 'Answer through a link: {interaction_id, result: decided | recorded, status, outcome, responded_by, responded_at, votes, quorum}. Errors: interaction_not_found, interaction_decided, interaction_expired, interaction_reassigned, token_used, role_insufficient, response_invalid.';

comment on function "hil"."end_pause"(public.human_interactions, timestamp
  with time zone) is 'End the pause of an interaction.';

comment on function "hil"."end_pauses"(uuid[], timestamp with time zone) is 'End the pauses of executions that end.';

comment on function "hil"."endpoint_of"(uuid, uuid) is 'Whom a verified webhook speaks for.';

comment on function "hil"."field_names"(jsonb, jsonb) is 'How a reply may call the fields of the data.';

comment on function "hil"."finish_messages"(text, jsonb) is 'What became of leased messages: [{id, status: sent | retry | failed, external_id, thread, error, retry_after_seconds}]. Answers how many were this worker''s.';

comment on function "hil"."folded"(text) is 'Text in lower case without accents.';

comment on function "hil"."go_on"(public.human_interactions, timestamp
  with time zone) is 'Let an execution go on after its answer.';

comment on function "hil"."hash_of"(text) is 'What is kept of a token.';

comment on function "hil"."hold"(uuid) is 'Lock an interaction and its execution.';

comment on function "hil"."identify"(uuid, jsonb) is 'A responder as the member that it is.';

comment on function "hil"."is_addressed"(text, text, jsonb) is 'Was the message sent to this person?';

comment on function "hil"."is_automated"(jsonb) is 'Whether a mail''s headers say that a machine sent it.';

comment on function "hil"."is_crafted"(text) is 'Whether a text claims a decision by markup or hides words.';

comment on function "hil"."key_of"(jsonb) is 'A responder as one key.';

comment on function "hil"."lexicon"() is 'The lexicon by phrase, for hil.read_sentences().';

comment on function "hil"."lexicon_rows"() is 'What words mean in a reply, by language.';

comment on function "hil"."list_mine"(uuid, text, text, text, integer, text, boolean) is
  'See public.list_my_interactions.';

comment on function "hil"."log"(public.human_interactions, text, text, jsonb, timestamp
  with time zone) is 'Log what happens to an interaction.';

comment on function "hil"."managed"(uuid) is 'Lock a pending interaction for a verb. Errors: interaction_not_found, role_insufficient, interaction_decided, interaction_expired.';

comment on function "hil"."match"(public.hil_responses) is 'Which interaction a stored answer belongs to: {interaction_id, by, how} or {how, problem}.';

comment on function "hil"."match_again"(uuid) is 'Look again at an answer that matched nothing.';

comment on function "hil"."may_decide"(public.human_interactions, jsonb) is 'May this person decide?';

comment on function "hil"."new_token"(public.human_interactions, jsonb) is 'A token for a link, shown once; its hash is kept.';

comment on function "hil"."next_due"(public.human_interactions) is 'When a pending interaction wants attention.';

comment on function "hil"."nudge"(public.human_interactions, timestamp
  with time zone) is 'Send reminders and the escalation that are due.';

comment on function "hil"."of_token"(text) is 'What is kept of a token.';

comment on function "hil"."only_one"(uuid[]) is 'The one interaction, or the only pending one.';

comment on function "hil"."output_of"(public.human_interactions, text, jsonb, text, jsonb, timestamp
  with time zone) is 'The output of a HUMAN_IN_THE_LOOP node.';

comment on function "hil"."own_words"(text) is 'A reply without quoted history, signature, markup and what cannot be seen.';

comment on function "hil"."process"(uuid, public.human_interactions) is 'Make of a stored answer what there is to make of it: {status, result, interaction_id, outcome, decided_by, message}.';

comment on function "hil"."read_decision"(public.human_interactions, text, jsonb, text) is
  'What an answer amounts to, or what is wrong with it.';

comment on function "hil"."read_edits"(text[], text[], text[], jsonb, jsonb) is 'The values that a sentence gives to fields.';

comment on function "hil"."read_number"(text) is 'A word as a number, or null.';

comment on function "hil"."read_reply"(text, text, jsonb, jsonb) is 'What a reply says, word by word.';

comment on function "hil"."reassign"(uuid, jsonb, text) is 'See public.reassign_interaction.';

comment on function "hil"."receive"(text, uuid, text, jsonb, jsonb, jsonb) is 'Take an answer that a provider delivered: {response_id, status, result, interaction_id, outcome, decided_by, message, repeated}. hints: {token, action: {interaction_id, value}, slack: {team, channel, thread_ts, user}, email: {from, in_reply_to, references, tag}, correlation_id, text, decision, data, comment, classification}. Errors: integration_not_found.';

comment on function "hil"."receive_delivery"(text, uuid, text, jsonb, jsonb, jsonb, text) is
  'hil.receive(), or null of a delivery that was made before.';

comment on function "hil"."receive_reply"(text, uuid, text, jsonb, jsonb, jsonb, text) is
  'hil.receive() where it answers a question, else null.';

comment on function "hil"."recipients"(uuid, text, text, jsonb) is 'Whom a message goes to.';

comment on function "hil"."reconcile"(jsonb, jsonb, jsonb, text) is 'The rules'' classification with a model''s, clamped.';

comment on function "hil"."refuse"(uuid, jsonb) is 'Raise what kept an answer from counting. Errors: role_insufficient, response_invalid, interaction_decided, interaction_expired.';

comment on function "hil"."relevance"(jsonb, jsonb, jsonb) is 'How likely a reply belongs to its question: eight factors.';

comment on function "hil"."request_problem"(text, jsonb) is 'Why a question cannot be asked; null where it can.';

comment on function "hil"."respond"(uuid, text, jsonb, text, text) is 'See public.respond_to_interaction.';

comment on function "hil"."review"(engine.waits, timestamp with time zone) is 'What a due wait of kind human has come to.';

comment on function "hil"."show"(text) is 'What a link shows: {state: open | used | decided | expired | reassigned, interaction, assignee, outcome, responded_by, responded_at, votes}; null where there is no such link.';

comment on function "hil"."spaced_words"(text) is 'A text as words and marks, with single spaces between them.';

comment on function "hil"."take_early"(public.human_interactions, timestamp
  with time zone) is 'Count answers that came before their question.';

comment on function "hil"."time_out"(public.human_interactions, timestamp
  with time zone) is 'End an interaction that nobody answered.';

comment on function "hil"."understand"(public.human_interactions, jsonb, jsonb) is 'What an answer decides: {decision, data, comment}, or {none, intent}.';

comment on function "hil"."urgency"(text) is 'Priorities in order.';

comment on function "hil"."use_token"(text, timestamp with time zone) is 'Take a token; answers why not: reassigned, used, expired.';

comment on function "hil"."withdraw"(uuid[], timestamp with time zone) is 'Cancel what executions that end were asking.';

comment on function "hil"."without_tokens"(jsonb) is 'Hints without what opens an interaction.';

comment on function "hil"."write_ending"(public.human_interactions, timestamp
  with time zone) is 'Tell those who were asked how an interaction ended.';

comment on function "hil"."write_messages"(public.human_interactions, text, text, text, jsonb, timestamp
  with time zone) is 'Put messages of an interaction into the outbox.';

comment on function "integrations"."administered"(uuid) is 'Lock an integration for its admin. Errors: integration_not_found, role_insufficient.';

comment on function "integrations"."check_config"(text, jsonb) is 'Refuse a config that its provider does not have. Errors: integration_invalid.';

comment on function "integrations"."config_schema"(text, text) is 'The JSON Schema of a provider''s config; of webhook by the config''s type. Null where there is none.';

comment on function "integrations"."create"(uuid, text, text, text, jsonb, jsonb) is 'Make an integration. Errors: workspace_not_found, role_insufficient, integration_invalid, too_many_integrations.';

comment on function "integrations"."delete"(uuid) is 'See public.delete_integration.';

comment on function "integrations"."for_delivery"(uuid) is 'An integration with its encrypted secrets, or null: {id, workspace_id, provider, external_id, config, is_active, secrets: [{purpose, ciphertext}]}.';

comment on function "integrations"."put_secret"(public.integrations, text, text, integer) is
  'Make a secret the one of its purpose; the one before holds on for a while, at most three of them. The caller has checked who asks.';

comment on function "integrations"."rotate"(uuid, jsonb, integer) is 'Replace secrets. Errors: integration_not_found, role_insufficient, integration_invalid.';

comment on function "integrations"."update"(uuid, text, text, jsonb, boolean) is 'See public.update_integration.';

comment on function "nodes"."give_to_role"() is 'Give invoke() to the role tandem_nodes. Idempotent.';

comment on function "nodes"."invoke"(text, jsonb, jsonb) is 'Call a function of this schema with few rights.';

comment on function "platform"."fail"(integer, text, text, text) is 'Raise an error with an HTTP status and a stable code.';

comment on function "platform"."page_size"(integer) is 'The rows of a page: 50 unless asked otherwise, 1 to 200.';

comment on function "platform"."set"(text, jsonb) is 'Write a project-wide setting. For the operator (role postgres).';

comment on function "platform"."setting"(text, jsonb) is 'A project-wide setting, or its default. Not granted to clients: settings may hold URLs.';

comment on function "platform"."setup"() is 'Idempotent set-up of extensions, partitions, seed rows and cron jobs. For the operator (role postgres).';

comment on function "platform"."touch"() is 'Trigger: keeps updated_at true.';

comment on function "platform"."uuid7"() is 'A time-ordered UUID (RFC 9562, version 7).';

comment on function "platform"."uuid7_floor"(timestamp with time zone) is 'The smallest version 7 UUID made at or after a time.';

comment on function "public"."accept_invitation"(text) is 'Join the workspace that invited the caller''s address. Errors: invitation_not_found.';

comment on function "public"."activate_workflow"(uuid) is 'A workflow may be started (again). Events start it once it is deployed. Errors: workflow_not_found, role_insufficient, workflow_archived.';

comment on function "public"."archive_workflow"(uuid) is 'Put a workflow away: undeployed, not to be started or changed, in lists only where asked for. What runs goes on. Errors: workflow_not_found, role_insufficient.';

comment on function "public"."assign_response"(uuid, uuid) is 'Say which question an answer belongs to that matched none; it counts as the answer of who says so. Errors: response_not_found, role_insufficient, interaction_not_found, interaction_decided, interaction_expired, response_invalid, response_counted.';

comment on function "public"."cancel_execution"(uuid, text) is 'Cancel an execution and the sub-workflows that it waits for; a no-op on one that has ended. Errors: execution_not_found, role_insufficient.';

comment on function "public"."cancel_interaction"(uuid, text) is 'Take a question back: its node ends with the error interaction_cancelled, and its error_handling decides. Errors: interaction_not_found, role_insufficient, interaction_decided, interaction_expired.';

comment on function "public"."complete_execution"(uuid, text, jsonb, jsonb, integer) is
  'End an execution that was started with executed_by_caller: SUCCESS, ERROR or CANCELED, outputs by node id, and why it failed. Repeating it with the same result changes nothing. Errors: execution_not_found, role_insufficient, execution_not_by_caller, execution_ended, result_invalid, output_too_large.';

comment on function "public"."create_session"(text, text, jsonb, uuid) is 'Begin a chat or editing session, in the caller''s personal workspace unless one is named. Errors: workspace_not_found, role_insufficient, session_invalid.';

comment on function "public"."create_workflow"(text, jsonb, text, text[], text, uuid, text, uuid) is
  'Make a workflow and its version 1, in the caller''s personal workspace unless one is named. Errors: workspace_not_found, role_insufficient, name_invalid, folder_invalid, workflow_invalid, session_not_found, definition_invalid.';

comment on function "public"."create_workflow_version"(uuid, jsonb, text, integer) is
  'Save a definition (without one: the current one) as the workflow''s next version. `revision` is the one that the caller saw. Errors: workflow_not_found, role_insufficient, workflow_changed, workflow_archived, note_invalid, definition_invalid.';

comment on function "public"."create_workspace"(text) is 'Make a workspace that the caller owns. Errors: sign_in_required, name_invalid.';

comment on function "public"."delete_execution_limit"(uuid) is 'Take a limit away; what waits for it begins. Errors: execution_limit_not_found, role_insufficient.';

comment on function "public"."delete_integration"(uuid) is 'Delete an integration and its secrets (admins). Errors: integration_not_found, role_insufficient, integration_in_use.';

comment on function "public"."delete_session"(uuid) is 'Delete one''s session (an admin any). Workflows that came from it stay. Errors: session_not_found, role_insufficient.';

comment on function "public"."delete_workflow"(uuid) is 'Delete a workflow for good, with versions, executions and all they left: by who made it, or an admin. Refused while it is deployed or executions of it are under way. Errors: workflow_not_found, role_insufficient, workflow_in_use.';

comment on function "public"."deploy_workflow"(uuid, integer, text, text) is 'Let events start a version (the current one unless named): {deployment, triggers, warnings, canceled}. Executions of other versions go on, or are canceled (running: keep or cancel). Errors: workflow_not_found, role_insufficient, version_not_found, workflow_archived, definition_invalid, note_invalid, running_invalid.';

comment on function "public"."diff_workflow_versions"(uuid, integer, integer) is 'What version b changes of version a: {a, b, nodes: {added, removed, changed: [{id, ..., fields: [{path, from, to}]}], moved}, connections: {added, removed, changed, is_reordered}, settings, pin_data, other, is_equivalent (both do the same), is_identical}. Errors: workflow_not_found, version_not_found.';

comment on function "public"."duplicate_workflow"(uuid, text, uuid, text) is 'Copy the current version of a workflow, or of a public template, as a new draft: {workflow, removed: [{node_id, path}]}. In its workspace unless another is named (a template of others: in the personal one). What belongs to a workspace stays there: a copy in another has no credentials (webhooks that had some are disabled), no reference to workflows that it called and no pinned outputs; `removed` says where. Errors: workflow_not_found, workspace_not_found, role_insufficient, name_invalid, folder_invalid.';

comment on function "public"."enable_function"(text, uuid, boolean, jsonb) is 'Let a workspace''s workflows call a function of schema nodes, or no longer; it is a type of node, too, as its specification {description, parameters: JSON Schema, examples} says. Errors: workspace_not_found, role_insufficient, function_not_found, specification_invalid.';

comment on function "public"."get_deployment_history"(uuid, integer, uuid) is 'A workflow''s deployments, newest first: {history, next_before}; `next_before` is `before` of the next page. Errors: workflow_not_found.';

comment on function "public"."get_execution"(uuid) is 'An execution with its node runs in the order in which they ran, ended and live, and the executions of its sub-workflows (the first 200): {execution, nodes, children}. Errors: execution_not_found.';

comment on function "public"."get_execution_events"(uuid, bigint, integer) is 'The execution''s log after a cursor, in commit order, and whether it has ended: {status, ended, events}. Errors: execution_not_found.';

comment on function "public"."get_execution_stats"(uuid, timestamp
  with time zone) is 'Counts of a workflow''s executions by how they ended, and how long those took that were not canceled: {total_executions, successful_executions, failed_executions, canceled, timed_out, running, success_rate, avg_duration_ms, p50_duration_ms, p95_duration_ms, last_execution_at}. Errors: workflow_not_found.';

comment on function "public"."get_triggers"(uuid) is 'What starts the deployed version of a workflow: {triggers}, none where nothing is deployed. Errors: workflow_not_found, role_insufficient.';

comment on function "public"."get_version_history"(uuid, integer, integer) is 'A workflow''s versions, newest first, without their definitions: {versions: [{version, parent_version, note, checksum, is_locked, is_current, is_deployed, created_by, created_at, updated_at}], next_before}; `next_before` is `before` of the next page. Errors: workflow_not_found.';

comment on function "public"."get_workflow"(uuid, integer) is 'A workflow with the definition of its current version, or of the one named: {id, name, ..., is_favorite, latest_execution_id, latest_execution_status, latest_execution_time, version, parent_version, note, checksum, is_locked, definition, static_data}. Who is no member gets public templates, without note, checksum, executions, credentials and pinned outputs. Errors: workflow_not_found, version_not_found.';

comment on function "public"."invite_member"(uuid, text, text) is 'Invite an email address: {id, token, email, role, expires_at}. The token is shown once; send it to the person. Errors: workspace_not_found, role_insufficient, role_unknown, email_invalid.';

comment on function "public"."list_folders"(uuid) is 'Folders of a workspace, or of all the caller''s, with how many workflows are in each, and in it and below. Archived workflows do not count.';

comment on function "public"."list_my_interactions"(uuid, text, text, text, integer, text, boolean) is
  'The inbox: questions that the caller may decide, most urgent and newest first: {items, next_cursor, counts}. Errors: workspace_not_found, page_size_invalid, filter_invalid.';

comment on function "public"."list_tags"(uuid) is 'Tags of a workspace''s workflows, or of all the caller''s, most used first. Archived workflows do not count.';

comment on function
  "public"."list_workflows"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean,
  text, uuid, uuid, text, text, integer, integer, text, boolean) is 'Workflows of one workspace, or of all the caller''s, without their definitions: {workflows: [...], total, next_cursor}. Without a status all but archived ones; `tags` must all be there; folder '''' is the root; is_public lists everybody''s public templates; `query` is a web search (words, "phrases", -not, or) over name, tags, nodes and description. order_by: updated_at, created_at, name, latest_execution, or rank (of a query). Pages by next_cursor or by page_offset; the total is counted with with_total. Errors: workspace_not_found, order_invalid, cursor_invalid, folder_invalid.';

comment on function "public"."next_runs"(text, text, integer, timestamp
  with time zone) is 'When a schedule would run next, at most 1000 times; after now unless another time is given. Errors: cron_invalid, timezone_unknown.';

comment on function "public"."pause_execution"(uuid, text) is 'Let nothing more of an execution begin, nor of the sub-workflows that it waits for. Errors: execution_not_found, role_insufficient, execution_ended.';

comment on function "public"."pause_workflow"(uuid) is 'Nothing starts a workflow any more: events are refused, schedules skipped. What runs goes on. Errors: workflow_not_found, role_insufficient, workflow_archived.';

comment on function "public"."purge_workflow_versions"(uuid, integer) is 'Remove a workflow''s old versions, all but the newest `keep`; answers how many. The current one, those that were ever deployed and those with executions stay. Errors: workflow_not_found, role_insufficient, keep_invalid.';

comment on function "public"."reassign_interaction"(uuid, jsonb, text) is 'Ask others: [{user} | {role} | {email} | {slack}]. Links that were sent are dead, an escalation is dropped. Errors: interaction_not_found, role_insufficient, assignees_invalid, interaction_decided, interaction_expired.';

comment on function "public"."remove_member"(uuid, uuid) is 'Remove a member, or leave (without user_id). What a member made stays. Errors: workspace_not_found, member_not_found, role_insufficient, last_owner.';

comment on function "public"."respond_to_interaction"(uuid, text, jsonb, text, text) is
  'Answer a question of a workflow: approve or reject an approval, answer or reject an input or a selection, accept, edit, respond to or ignore a review. With a quorum it stays pending until enough have agreed. Repeating it with the same idempotency key changes nothing. Errors: interaction_not_found, role_insufficient, response_invalid, interaction_decided, interaction_expired, idempotency_key_invalid.';

comment on function "public"."restore_workflow_version"(uuid, integer, text, integer) is
  'Save an old version''s definition as the next version, whose parent it is; nothing in between is lost. Errors: workflow_not_found, role_insufficient, version_not_found, workflow_changed, workflow_archived, note_invalid, definition_invalid.';

comment on function "public"."resume_execution"(uuid) is 'Let a paused execution go on, with the sub-workflows that it waits for. Errors: execution_not_found, role_insufficient, execution_not_paused.';

comment on function "public"."retry_execution"(uuid, uuid, integer) is 'A new execution that does one node run of an ended one again, with what followed from it and what was canceled or stopped with it (without one: only that; all of one that succeeded), in the same version or another. The rest is taken over and not run again. Errors: execution_not_found, role_insufficient, execution_not_retryable, version_not_found, node_execution_not_found, node_not_in_version, definition_invalid, execution_limit_reached.';

comment on function "public"."revoke_invitation"(uuid) is 'Take an open invitation back. Errors: invitation_not_found, role_insufficient.';

comment on function "public"."rollback_workflow"(uuid, integer, text, text) is 'Deploy again what was deployed before, or an earlier version by its number; answers as deploy_workflow. Errors: nothing_to_roll_back_to, and those of deploy_workflow.';

comment on function "public"."rotate_trigger"(uuid, text) is 'Give a webhook another URL; the old one is no more: {trigger}. Errors: workflow_not_found, role_insufficient, trigger_not_found.';

comment on function "public"."send_event"(text, jsonb, text, uuid) is 'Send an event to the executions of a workspace (the caller''s personal one unless one is named): {id, name, key, created}. With a key the first payload counts, for whoever waits now or later; without one it resumes whoever waits now, else the next. Errors: workspace_not_found, role_insufficient, event_name_invalid, input_too_large.';

comment on function "public"."set_execution_limit"(uuid, integer, integer, integer, text, text, uuid) is
  'Limit the executions of a workflow (editors), or of a workspace (admins). Errors: workflow_not_found, workspace_not_found, role_insufficient, limit_invalid, limit_key_invalid.';

comment on function "public"."set_favorite"(uuid, boolean) is 'Keep a workflow among the caller''s favorites, or no longer. Answers whether it is one. Errors: workflow_not_found, user_needed.';

comment on function "public"."set_member_role"(uuid, uuid, text) is 'Give a member another role. Errors: workspace_not_found, member_not_found, role_unknown, role_insufficient, last_owner.';

comment on function "public"."set_static_data"(uuid, jsonb) is 'Replace what a workflow remembers between executions ($.workflow.static). Errors: workflow_not_found, role_insufficient, static_data_invalid, static_data_too_large.';

comment on function "public"."start_execution"(uuid, jsonb, text, integer, integer, timestamp
  with time zone, integer, boolean) is 'Start a workflow: its deployed version, else its current one, unless one is named. Same idempotency key, same execution. Not before start_at; in TIMEOUT after timeout_seconds. executed_by_caller: no node runs here; whoever called does the work and says complete_execution(). Errors: workflow_not_found, role_insufficient, version_not_found, workflow_not_startable, input_too_large, definition_invalid, idempotency_key_reused, idempotency_key_invalid, priority_invalid, start_at_invalid, timeout_invalid, execution_limit_reached.';

comment on function "public"."unarchive_workflow"(uuid) is 'Take an archived workflow out again, as a draft: deploy it to let events start it. Errors: workflow_not_found, role_insufficient.';

comment on function "public"."undeploy_workflow"(uuid, text, text) is 'Let no event start a workflow any more: {deployment, triggers: [], changed, canceled}; changed is false where nothing was deployed. What runs goes on, or is canceled (running: keep or cancel). Errors: workflow_not_found, role_insufficient, running_invalid, note_invalid.';

comment on function "public"."update_integration"(uuid, text, text, jsonb, boolean) is
  'Change what is given of an integration (admins); an empty external_id takes it away. Errors: integration_not_found, role_insufficient, integration_invalid.';

comment on function "public"."update_session"(uuid, text, jsonb) is 'Change one''s session (an admin any): null leaves a field as it is, an empty title takes it away. Errors: session_not_found, role_insufficient, session_invalid.';

comment on function
  "public"."update_workflow"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
  boolean, uuid) is 'Save a workflow: null leaves a field as it is, '''' takes it away. A definition goes over the current version while that was neither deployed nor executed, else it becomes the next one. `revision` is the one that the caller saw. Publishing a template to everybody is an admin''s. Errors: workflow_not_found, role_insufficient, workflow_changed, workflow_archived, name_invalid, folder_invalid, workflow_invalid, template_invalid, note_invalid, session_not_found, definition_invalid.';

comment on function "public"."validate_definition"(jsonb, uuid) is 'Everything that is wrong with a definition: {valid, diagnostics: [{code, message, node_id, path, severity, blocks}]}. Warnings leave it valid. With a workspace also what depends on it: credentials, own types of nodes. Errors: workspace_not_found.';

comment on function "triggers"."accepts"(text, jsonb, jsonb) is 'Do a trigger''s filters let an event through?';

comment on function "triggers"."admit_delivery"(uuid, double precision, double precision) is
  'Count a delivery to a hook: null, or after how many seconds to try again.';

comment on function "triggers"."answer"(text, jsonb) is 'The answer of a verb whose refusals are kept in the history.';

comment on function "triggers"."attempt"(public.workflows, integer, text, uuid, text, text) is
  'Let a version serve, or say in the history why it does not. The caller holds the workflow''s key.';

comment on function "triggers"."cancel_running"(public.workflows, integer, text, text) is
  'Cancel a workflow''s live executions but those of a version; answers how many.';

comment on function "triggers"."complete_deployments"(timestamp
  with time zone, integer) is 'Note which deployments have seen the last execution end that they cancel.';

comment on function "triggers"."cron_problem"(text, text) is 'What is wrong with a cron expression or its time zone, or null.';

comment on function "triggers"."delivery_key"(uuid, text, text) is 'The idempotency key of a delivery to a node; null without a delivery id.';

comment on function "triggers"."deploy"(uuid, integer, text, text) is 'See public.deploy_workflow; answers a refusal as {error}, which the caller raises when this is committed.';

comment on function "triggers"."deployed"(uuid) is 'The deployed triggers of a workflow, for its editors.';

comment on function "triggers"."fail_run"(uuid, text, text, timestamp
  with time zone) is 'Record that a run could not be started, and go on to the next.';

comment on function "triggers"."fire"(uuid[], timestamp with time zone) is 'Start one run of each schedule that is due.';

comment on function "triggers"."fire_due"(timestamp
  with time zone, integer, interval) is 'Start what schedules ask for. Called by engine.tick().';

comment on function "triggers"."follow_status"() is 'Trigger: only active workflows have active schedules.';

comment on function "triggers"."follow_workflow"() is 'Trigger: only active workflows have active triggers.';

comment on function "triggers"."grace"() is 'How late a scheduled run may begin and not be missed.';

comment on function "triggers"."history"(uuid, integer, uuid) is 'See public.get_deployment_history.';

comment on function "triggers"."last_deployment"(public.workflows, integer) is 'The newest deployment that served.';

comment on function "triggers"."last_times"(triggers.cron, text, timestamp with time zone, timestamp
  with time zone, integer) is 'The newest runs of a schedule within a time, oldest first.';

comment on function "triggers"."match_path"(text, text) is 'The parameters of a path under a pattern, or null.';

comment on function "triggers"."matches_glob"(text, text) is 'Does a text match a pattern with * for anything?';

comment on function "triggers"."next_match"(triggers.cron, timestamp without time zone) is
  'The first time on the wall clock, from a full minute on, that a cron expression means.';

comment on function "triggers"."next_runs"(text, text, integer, timestamp
  with time zone) is 'See public.next_runs.';

comment on function "triggers"."next_time"(triggers.cron, text, timestamp
  with time zone) is 'The first run of a schedule after a time, or null.';

comment on function "triggers"."of_workflow"(uuid) is 'See public.get_triggers.';

comment on function "triggers"."offset_change"(text, timestamp with time zone, timestamp
  with time zone) is 'When the clocks of a zone change between two times.';

comment on function "triggers"."plan_schedules"(uuid) is 'Keep a workflow''s schedules in step with trigger_index; part of deploying. Errors: cron_invalid.';

comment on function "triggers"."read_cron"(text) is 'A cron expression as bits, or what is wrong with it.';

comment on function "triggers"."read_cron_field"(text, text, integer, integer, text[]) is
  'A field of a cron expression as bits, or what is wrong with it.';

comment on function "triggers"."receive_event"(uuid, text, text[], jsonb, jsonb, text, text) is
  'Start workflows for a verified event: {executions: [{workflow_id, node_id, execution_id, status, duplicate}]}. Errors: integration_inactive.';

comment on function "triggers"."receive_webhook"(uuid, text, text, jsonb, text, uuid) is
  'Start a workflow for a webhook request: {execution_id, status, duplicate, same_request}; same_request: but for its headers, it is the one that started the execution. Errors: trigger_not_found, trigger_changed, integration_inactive, method_not_allowed, workflow_not_startable.';

comment on function "triggers"."rollback"(uuid, integer, text, text) is 'See public.rollback_workflow; answers a refusal as triggers.deploy() does.';

comment on function "triggers"."rotate"(uuid, text) is 'See public.rotate_trigger.';

comment on function "triggers"."step"(text, jsonb) is 'A line of deployment_logs.';

comment on function "triggers"."sweep"() is 'Hourly upkeep of what receiving remembers.';

comment on function "triggers"."take_limits"(uuid, uuid, jsonb) is 'Lock the limits that a start falls under, or say that somebody holds one.';

comment on function "triggers"."take_workflow"(uuid, text) is 'Lock a workflow to change what serves. Errors: workflow_not_found, role_insufficient, running_invalid.';

comment on function "triggers"."timezone_problem"(text) is 'What is wrong with a time zone''s name, or null.';

comment on function "triggers"."triggers_of"(uuid, integer) is 'The enabled triggers of a version, ready for trigger_index. Errors: definition_invalid.';

comment on function "triggers"."undeploy"(uuid, text, text) is 'See public.undeploy_workflow.';

comment on function "triggers"."use_token"(public.integrations, text) is 'False where the token was used before.';

comment on function "triggers"."webhook_config"(uuid) is 'How to treat requests to a WEBHOOK trigger: {response_mode, raw_body, integration}, this one as for_delivery() answers it, or null.';

comment on function "triggers"."write_index"(public.workflows, integer) is 'Let a version''s triggers be the workflow''s.';

comment on function "workflows"."add_version"(uuid, jsonb, text, integer) is 'See public.create_workflow_version.';

comment on function "workflows"."append_version"(public.workflows, integer, jsonb, text) is
  'Add a version to a locked workflow. Errors: definition_invalid, note_invalid.';

comment on function "workflows"."archive"(uuid) is 'See public.archive_workflow.';

comment on function "workflows"."being_saved"(uuid, integer) is 'A workflow that the caller may save, locked. Errors: workflow_not_found, role_insufficient, workflow_archived, workflow_changed.';

comment on function "workflows"."call_problems"(jsonb, uuid) is 'Which workflow or function that a node calls is not there.';

comment on function "workflows"."change_session"(uuid, text, jsonb) is 'See public.update_session.';

comment on function "workflows"."changed_fields"(jsonb, jsonb, text) is 'The fields in which two objects differ.';

comment on function "workflows"."check_definition"(jsonb, uuid) is 'Everything that is wrong with a definition: code, message, node, path, severity (error or warning), and what it blocks (saving or deploying; null of a warning). With a workspace also what depends on it.';

comment on function "workflows"."check_note"(text) is 'Refuse a version''s or deployment''s note that is too long. Errors: note_invalid.';

comment on function "workflows"."check_session"(public.sessions) is 'Refuse values that a session cannot have. Errors: session_invalid.';

comment on function "workflows"."checked"(public.workflows) is 'A workflow''s fields as they are kept. Errors: name_invalid, folder_invalid, workflow_invalid, session_not_found.';

comment on function "workflows"."checksum"(jsonb) is 'sha256 of a definition''s canonical text.';

comment on function "workflows"."compile_parameters"(jsonb, jsonb) is 'Turn the templates in a node''s parameters into bindings.';

comment on function "workflows"."compile_path"(text) is 'Check a path and say what it reads. Problems: path_too_long, path_malformed, path_forbidden, path_root_unknown.';

comment on function "workflows"."compile_predicate"(text) is 'compile_path() of a predicate, braces or not.';

comment on function "workflows"."complete_specification"(text, jsonb) is 'A specification with what it leaves out.';

comment on function "workflows"."connection_problems"(jsonb, jsonb, jsonb, text[]) is
  'What is wrong with connections.';

comment on function "workflows"."connections_of"(jsonb) is 'A definition''s connections, with defaults, and what each joins.';

comment on function "workflows"."count_revision"() is 'Trigger: keeps updated_at, archived_at and revision true.';

comment on function "workflows"."create_one"(text, jsonb, text, text[], text, uuid, text, uuid) is
  'See public.create_workflow.';

comment on function "workflows"."credential_problems"(jsonb, jsonb, uuid) is 'What is wrong with the credentials of a node.';

comment on function "workflows"."cursor_of"(text, text, text, uuid) is 'The cursor behind a row of a list.';

comment on function "workflows"."cycle_problems"(jsonb, jsonb) is 'Loops that nothing ends: cycle_unbounded.';

comment on function "workflows"."delete_one"(uuid) is 'See public.delete_workflow.';

comment on function "workflows"."deleted"() is 'Workflows of the caller that are deleted, and whose history is still being removed.';

comment on function "workflows"."diagnostics"(jsonb, text[], uuid) is 'What blocks a definition, as a JSON array: check_definition() without warnings.';

comment on function "workflows"."diff"(jsonb, jsonb) is 'How two definitions differ; see public.diff_workflow_versions.';

comment on function "workflows"."duplicate"(uuid, text, uuid, text) is 'See public.duplicate_workflow.';

comment on function "workflows"."folder_path"(text) is 'A folder''s path in its one spelling. Errors: folder_invalid.';

comment on function "workflows"."found"(uuid, text, boolean) is 'A workflow that the caller may see or change, locked if asked. Errors: workflow_not_found, role_insufficient.';

comment on function "workflows"."get_one"(uuid, integer) is 'See public.get_workflow.';

comment on function "workflows"."graph_problems"(jsonb, jsonb, text[], jsonb, text) is
  'What is wrong with the graph as a whole.';

comment on function "workflows"."index_renamed"() is 'Trigger: what a workflow is found by follows its name.';

comment on function "workflows"."index_words"(public.workflows) is 'Keep what a workflow is found by.';

comment on function "workflows"."insert_workflow"(public.workflows, jsonb, text) is 'Make a workflow and its version 1. Errors: as public.create_workflow.';

comment on function "workflows"."is_integration"(text, jsonb, uuid) is 'Is this an active integration of the workspace with one of the providers?';

comment on function "workflows"."keys_of"(jsonb) is 'The place of a problem of schema_problems().';

comment on function
  "workflows"."list"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text,
  uuid, uuid, text, text, integer, integer, text, boolean) is 'See public.list_workflows.';

comment on function "workflows"."list_of"(jsonb) is 'The value if it is a list, else an empty one.';

comment on function "workflows"."lock_key"(uuid) is 'The advisory lock between starting a workflow and changing what a start meets.';

comment on function "workflows"."lock_version"(uuid, integer) is 'From here on a version never changes.';

comment on function "workflows"."mark_favorite"(uuid, boolean) is 'See public.set_favorite.';

comment on function "workflows"."meta_problems"(jsonb, text[]) is 'What is wrong with a JSON Schema, or not understood.';

comment on function "workflows"."node_label"(jsonb) is 'What a diff says of a node.';

comment on function "workflows"."node_problems"(jsonb, jsonb, text[], uuid) is 'What is wrong with nodes, each by itself.';

comment on function "workflows"."nodes_of"(jsonb) is 'A definition''s nodes, with defaults.';

comment on function "workflows"."object_of"(jsonb) is 'The value if it is an object, else an empty one.';

comment on function "workflows"."open_session"(text, text, jsonb, uuid) is 'See public.create_session.';

comment on function "workflows"."parameter_problems"(jsonb, jsonb) is 'What is wrong with the parameters of a node, templates aside.';

comment on function "workflows"."path_of"(text, text[]) is 'A place in a document, written as a JSON path.';

comment on function "workflows"."plain_text"(text) is 'A text without accents, and with its words apart.';

comment on function "workflows"."problem"(text, text, text[]) is 'A list of one problem.';

comment on function "workflows"."purge_by_retention"(integer) is 'Remove old versions where the workspace keeps only so many. Called by engine.maintain().';

comment on function "workflows"."purge_versions"(uuid, integer) is 'See public.purge_workflow_versions.';

comment on function "workflows"."purge_versions_of"(uuid, integer) is 'Remove a workflow''s old versions that nothing needs; answers how many.';

comment on function "workflows"."query_of"(text) is 'A text search in web syntax, with a last word that may be unfinished.';

comment on function "workflows"."read_cursor"(text, text, text) is 'What a cursor says of where to go on: {k: key, i: id}; null without one. Errors: cursor_invalid.';

comment on function "workflows"."refuse_change_of_locked"() is 'Trigger: what was deployed or executed never changes.';

comment on function "workflows"."refuse_invalid"(jsonb) is 'Raise definition_invalid with all diagnostics (as JSON in the hint).';

comment on function "workflows"."remove_deleted"(integer) is 'Remove a batch of what deleted workflows left; answers 0 when nothing is left. Called by engine.maintain().';

comment on function "workflows"."remove_history"(uuid, integer) is 'Remove a batch of what a deleted workflow left.';

comment on function "workflows"."remove_session"(uuid) is 'See public.delete_session.';

comment on function "workflows"."remove_versions"(uuid, integer[]) is 'Remove versions with all that was made of them.';

comment on function "workflows"."requirement_problems"(jsonb, jsonb, text[]) is 'The part of schema_problems() about which fields an object has.';

comment on function "workflows"."restore_version"(uuid, integer, text, integer) is 'See public.restore_workflow_version.';

comment on function "workflows"."save_definition"(public.workflows, jsonb, text) is 'Save a definition over the draft, or as the next version. Errors: definition_invalid, note_invalid.';

comment on function "workflows"."schema_problems"(jsonb, jsonb, boolean, text[]) is 'What is wrong with a value under a JSON Schema. Codes: parameter_type, parameter_value, parameter_missing, parameter_unknown.';

comment on function "workflows"."scope_term"(uuid) is 'What a search is kept within: a workspace, or (null) public templates.';

comment on function "workflows"."scopes"(jsonb, jsonb) is 'In which scopes the nodes of a definition are reached, and what is wrong with them.';

comment on function "workflows"."seed_node_specifications"() is 'Keep the system''s rows of node_specifications. Idempotent.';

comment on function "workflows"."set_status"(uuid, text) is 'See public.pause_workflow and public.activate_workflow.';

comment on function "workflows"."shape_problems"(jsonb) is 'What of a definition has no shape to be saved.';

comment on function "workflows"."size_problem"(jsonb) is 'Why nothing more can be said of a definition, or null.';

comment on function "workflows"."specification_problems"(jsonb) is 'What is wrong with a given specification.';

comment on function "workflows"."specifications_of"(jsonb, uuid) is 'Specifications of the types of some nodes.';

comment on function "workflows"."summary"(public.workflows) is 'A workflow as lists show it: its row, is_favorite, its latest execution.';

comment on function "workflows"."template_problems"(jsonb, jsonb, text[], text[]) is 'What is wrong with the templates of a node.';

comment on function "workflows"."templates_in"(jsonb, jsonb) is 'Every string in a JSON value that may hold a template, with its place and format.';

comment on function "workflows"."type_problems"(jsonb, jsonb) is 'What is wrong with the type of a node.';

comment on function "workflows"."unarchive"(uuid) is 'See public.unarchive_workflow.';

comment on function
  "workflows"."update_one"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text, boolean,
  uuid) is 'See public.update_workflow.';

comment on function "workflows"."validate"(jsonb, uuid) is 'See public.validate_definition.';

comment on function "workflows"."version_of"(public.workflows, integer) is 'A version of a workflow, the current one unless named. Errors: version_not_found.';

comment on function "workflows"."with_defaults"(jsonb, jsonb) is 'A node''s parameters, with its schema''s defaults where they say nothing.';

comment on function "workflows"."without_credentials"(jsonb) is 'A node without the credentials that it or its parts use.';

comment on function "workflows"."without_private"(jsonb) is 'A definition without credentials, called workflows, pinned outputs and its export, and what was taken out.';

comment on function "workflows"."words"(text, "char") is 'The words of a text and their English stems, weighted.';

comment on function "workflows"."writable_session"(uuid) is 'A session that the caller may change, locked. Errors: session_not_found, role_insufficient.';

comment on function "workflows"."write_nodes"(public.workflow_versions) is 'A version''s nodes and connections in normal form.';

comment on function "workflows"."write_version"(public.workflows, integer, integer, jsonb, text) is
  'Write a version with its nodes and connections. Errors: definition_invalid, note_invalid.';

comment on function "workspaces"."accept"(text) is 'See public.accept_invitation.';

comment on function "workspaces"."administered"() is 'The workspaces that the caller manages.';

comment on function "workspaces"."at_sign_up"() is 'Trigger on auth.users: a personal workspace for everyone who signs up.';

comment on function "workspaces"."caller_bypasses_rls"() is 'Is the caller a role that row level security lets through (service_role, the operator)?';

comment on function "workspaces"."change_member"(uuid, uuid, text) is 'See public.set_member_role and public.remove_member.';

comment on function "workspaces"."check_role"(text) is 'Refuse an unknown role.';

comment on function "workspaces"."create_one"(text) is 'See public.create_workspace.';

comment on function "workspaces"."default_id"() is 'The caller''s personal workspace: the default of every workspace_id. Null without a user.';

comment on function "workspaces"."ensure_personal"(uuid, text) is 'A user''s personal workspace, made on first need.';

comment on function "workspaces"."inherit_ownership"() is 'Trigger: a workspace with members has an owner.';

comment on function "workspaces"."invite"(uuid, text, text) is 'See public.invite_member.';

comment on function "workspaces"."may_read"(uuid) is 'May the caller read rows of the workspace?';

comment on function "workspaces"."not_found"(text, uuid) is 'The one answer for "not there" and "not yours".';

comment on function "workspaces"."rank"(text) is 'Roles in order: owner 4, admin 3, editor 2, viewer 1.';

comment on function "workspaces"."readable"() is 'The workspaces whose rows the caller may read.';

comment on function "workspaces"."require"(uuid, text, text, uuid) is 'Refuse a caller whose role in the workspace is too low. Errors: <what>_not_found, role_insufficient.';

comment on function "workspaces"."require_over"(uuid, text) is 'Refuse a caller who may not manage members of a role.';

comment on function "workspaces"."revoke"(uuid) is 'See public.revoke_invitation.';

comment on function "workspaces"."writable"() is 'The workspaces whose rows the caller may write.';

comment on schema "engine" is 'Runs workflows: the ready queue, waits, transitions, the clock and the tick.';

comment on schema "hil" is 'Human in the loop: who is asked, by what way, and what they answered.';

comment on schema "integrations" is 'Connections of a workspace to other systems, and their encrypted secrets.';

comment on schema "nodes" is 'Functions that SQL_FUNCTION nodes call; the project''s own.';

comment on schema "platform" is 'Ids, errors, settings and set-up: what every other domain stands on. Never exposed by the Data API.';

comment on schema "triggers" is 'What starts workflows: deployed triggers and the deliveries that match them.';

comment on schema "workflows" is 'Definitions: validated, kept in versions, compiled to nodes and connections.';

comment on schema "workspaces" is 'Who may do what: the predicates of every policy, and the verbs of tenancy.';

comment on table "engine"."cancellations" is 'Executions to be canceled with their parent, to make room, or when deploying.';

comment on table "engine"."collected" is 'Results of items that wait in a collect for the others.';

comment on table "engine"."doorbell" is 'When workers were last called.';

comment on table "engine"."doorbell_tokens" is 'Short-lived tokens that let pg_net wake workers.';

comment on table "engine"."ended_children" is 'Parents to be told that a sub-workflow has ended.';

comment on table "engine"."merged" is 'Merges of mode any that have fired.';

comment on table "engine"."node_runs" is 'Run counters of nodes in live executions.';

comment on table "engine"."plan" is 'Versions compiled for the engine.';

comment on table "engine"."reach" is 'From where the inputs of a merge can be reached.';

comment on table "engine"."retried" is 'Runs of SUB_WORKFLOW nodes that are retried.';

comment on table "engine"."slots" is 'Who holds, or waits for, a slot of a limit.';

comment on table "engine"."tasks" is 'Ready and leased work of the execute function.';

comment on table "engine"."waits" is 'Tokens that wait: for what, and until when.';

comment on table "engine"."workers" is 'Workers that were heard of lately.';

comment on table "hil"."messages" is 'Messages to be sent and how that went: the outbox of interactions.';

comment on table "hil"."tokens" is 'Hashes of the tokens in links and reply addresses.';

comment on table "integrations"."secrets" is 'Encrypted secrets of integrations, the functions'' own.';

comment on table "platform"."settings" is 'Project-wide settings, the operator''s alone.';

comment on table "public"."execution_limits" is 'Limits of concurrency and rate.';

comment on table "public"."hil_responses" is 'What people sent in answer to interactions, as it came.';

comment on table "public"."human_interactions" is 'Questions that executions ask people, and what they came to.';

comment on table "public"."integrations" is 'Connections to accounts of other systems; their secrets are encrypted elsewhere and read by no client.';

comment on table "public"."node_connections" is 'The connections of each version, in normal form.';

comment on table "public"."node_executions" is 'Ended runs and attempts of nodes, with what went in and out by reference.';

comment on table "public"."node_specifications" is 'The types of nodes that a workflow can use: the system''s, and a workspace''s own.';

comment on table "public"."nodes" is 'The nodes of each version, in normal form.';

comment on table "public"."sessions" is 'Chats and editing sessions that workflows came from.';

comment on table "public"."trigger_index" is 'Deployed triggers.';

comment on table "public"."workflow_deployment_history" is 'Who deployed and undeployed which version, and when.';

comment on table "public"."workflow_events" is 'Events sent to executions, kept for a month.';

comment on table "public"."workflow_execution_logs" is 'What happened in an execution, in order.';

comment on table "public"."workflow_execution_pauses" is 'When executions waited for people, and what let them go on.';

comment on table "public"."workflow_executions" is 'Runs of workflows, pinned to their version.';

comment on table "public"."workflow_favorites" is 'Each user''s favorite workflows.';

comment on table "public"."workflow_schedules" is 'When CRON triggers run next, and how the last run went.';

comment on table "public"."workflow_static_data" is 'What workflows remember between executions.';

comment on table "public"."workflow_versions" is 'Versions of a workflow''s definition; locked ones never change.';

comment on table "public"."workflows" is 'A workflow''s identity: name, place, current and deployed version.';

comment on table "public"."workspace_functions" is 'Functions of schema nodes that a workspace has enabled.';

comment on table "public"."workspace_invitations" is 'Invitations by email address; accepted with a single-use token by a user of that address.';

comment on table "public"."workspace_members" is 'Who belongs to a workspace: viewers read, editors write, admins manage members, owners manage admins and owners.';

comment on table "public"."workspaces" is 'A tenant: its members share workflows, executions and everything made by them.';

comment on table "triggers"."buckets" is 'Leaky buckets of hooks: what keeps one sender from taking all the others'' time.';

comment on table "triggers"."draining" is 'Executions that a deployment cancels and that have not ended.';

comment on table "triggers"."trigger_ids" is 'The lasting ids of trigger nodes, deployed or not.';

comment on table "triggers"."used_tokens" is 'Single-use tokens of deliveries, for longer than they are good.';

comment on table "workflows"."search_terms" is 'Words of name (A), tags and nodes (B) and description (C) of workflows, plain and as English stems.';

comment on type "triggers"."cron" is 'A cron expression as bits.';

comment on view "public"."execution_data" is 'Node runs, ended and live, with their input and output.';

comment on view "public"."interaction_metrics" is 'Time to answer, by assignee and channel.';

comment on view "public"."live_node_executions" is 'Node runs that have not ended: pending, running, or waiting, for what and until when.';

comment on view "public"."pending_interaction_timeouts" is 'Questions without an answer and how long there is to give one; order by timeout_at.';

revoke all on function "engine"."abort_execution"(uuid, jsonb) from public;

revoke all on function "engine"."abort_execution"(uuid, jsonb) from "postgres";

grant execute on function "engine"."abort_execution"(uuid, jsonb) to "postgres";

revoke all on function "engine"."admit"(timestamp with time zone) from public;

revoke all on function "engine"."admit"(timestamp with time zone) from "postgres";

grant execute on function "engine"."admit"(timestamp with time zone) to "postgres";

revoke all on function "engine"."admit_to"(uuid, text, timestamp with time zone) from public;

revoke all on function "engine"."admit_to"(uuid, text, timestamp with time zone) from "postgres";

grant execute on function "engine"."admit_to"(uuid, text, timestamp with time zone) to "postgres";

revoke all on function "engine"."advance"(uuid[], timestamp with time zone) from public;

revoke all on function "engine"."advance"(uuid[], timestamp with time zone) from "postgres";

grant execute on function "engine"."advance"(uuid[], timestamp with time zone) to "postgres";

revoke all
  on function "engine"."after_end"(public.workflow_executions[], timestamp with time zone, boolean)
  from public;

revoke all
  on function "engine"."after_end"(public.workflow_executions[], timestamp with time zone, boolean)
  from "postgres";

grant execute
  on function "engine"."after_end"(public.workflow_executions[], timestamp with time zone, boolean)
  to "postgres";

revoke all on function "engine"."allow_listening"() from public;

revoke all on function "engine"."allow_listening"() from "postgres";

grant execute on function "engine"."allow_listening"() to "postgres";

revoke all
  on function "engine"."analyze"(integer[], integer[], integer[], boolean[], boolean[], boolean[])
  from public;

revoke all
  on function "engine"."analyze"(integer[], integer[], integer[], boolean[], boolean[], boolean[])
  from "postgres";

grant execute
  on function "engine"."analyze"(integer[], integer[], integer[], boolean[], boolean[], boolean[])
  to "postgres";

revoke all on function "engine"."answer"(engine.token, jsonb) from public;

revoke all on function "engine"."answer"(engine.token, jsonb) from "postgres";

grant execute on function "engine"."answer"(engine.token, jsonb) to "postgres";

revoke all
  on function
    "engine"."apply"(engine.settled[], engine.token[], engine.place[], public.workflow_execution_logs[])
  from public;

revoke all
  on function
    "engine"."apply"(engine.settled[], engine.token[], engine.place[], public.workflow_execution_logs[])
  from "postgres";

grant execute
  on function
    "engine"."apply"(engine.settled[], engine.token[], engine.place[], public.workflow_execution_logs[])
  to "postgres";

revoke all on function "engine"."apply_settings"(uuid, integer) from public;

revoke all on function "engine"."apply_settings"(uuid, integer) from "postgres";

grant execute on function "engine"."apply_settings"(uuid, integer) to "postgres";

revoke all on function "engine"."ask_slots"(public.workflow_executions, boolean) from public;

revoke all on function "engine"."ask_slots"(public.workflow_executions, boolean) from "postgres";

grant execute on function "engine"."ask_slots"(public.workflow_executions, boolean) to "postgres";

revoke all on function "engine"."begin"(engine.waits, timestamp with time zone) from public;

revoke all on function "engine"."begin"(engine.waits, timestamp with time zone) from "postgres";

grant execute on function "engine"."begin"(engine.waits, timestamp with time zone) to "postgres";

revoke all on function "engine"."broadcast"(public.workflow_executions[]) from public;

revoke all on function "engine"."broadcast"(public.workflow_executions[]) from "postgres";

grant execute on function "engine"."broadcast"(public.workflow_executions[]) to "postgres";

revoke all on function "engine"."call_function"(text, uuid, uuid) from public;

revoke all on function "engine"."call_function"(text, uuid, uuid) from "postgres";

grant execute on function "engine"."call_function"(text, uuid, uuid) to "postgres";

revoke all on function "engine"."call_workflow"(engine.token, jsonb, timestamp with time zone) from public;

revoke all on function "engine"."call_workflow"(engine.token, jsonb, timestamp with time zone) from "postgres";

grant execute
  on function "engine"."call_workflow"(engine.token, jsonb, timestamp with time zone)
  to "postgres";

revoke all on function "engine"."cancel"(uuid, text) from public;

grant execute on function "engine"."cancel"(uuid, text) to "authenticated";

revoke all on function "engine"."cancel"(uuid, text) from "postgres";

grant execute on function "engine"."cancel"(uuid, text) to "postgres";

grant execute on function "engine"."cancel"(uuid, text) to "service_role";

revoke all on function "engine"."cancel_descendants"(uuid, timestamp with time zone) from public;

revoke all on function "engine"."cancel_descendants"(uuid, timestamp with time zone) from "postgres";

grant execute on function "engine"."cancel_descendants"(uuid, timestamp with time zone) to "postgres";

revoke all
  on function "engine"."canceled_run"(engine.token, engine.plan, timestamp with time zone)
  from public;

revoke all
  on function "engine"."canceled_run"(engine.token, engine.plan, timestamp with time zone)
  from "postgres";

grant execute
  on function "engine"."canceled_run"(engine.token, engine.plan, timestamp with time zone)
  to "postgres";

revoke all on function "engine"."claim"(text, integer) from public;

revoke all on function "engine"."claim"(text, integer) from "postgres";

grant execute on function "engine"."claim"(text, integer) to "postgres";

revoke all on function "engine"."clock_is_movable"() from public;

grant execute on function "engine"."clock_is_movable"() to "authenticated";

revoke all on function "engine"."clock_is_movable"() from "postgres";

grant execute on function "engine"."clock_is_movable"() to "postgres";

grant execute on function "engine"."clock_is_movable"() to "service_role";

revoke all on function "engine"."collect"(engine.token) from public;

revoke all on function "engine"."collect"(engine.token) from "postgres";

grant execute on function "engine"."collect"(engine.token) to "postgres";

revoke all
  on function "engine"."collect_of"(engine.token, text, integer, timestamp with time zone)
  from public;

revoke all
  on function "engine"."collect_of"(engine.token, text, integer, timestamp with time zone)
  from "postgres";

grant execute
  on function "engine"."collect_of"(engine.token, text, integer, timestamp with time zone)
  to "postgres";

revoke all on function "engine"."compile"(uuid, integer) from public;

revoke all on function "engine"."compile"(uuid, integer) from "postgres";

grant execute on function "engine"."compile"(uuid, integer) to "postgres";

revoke all on function "engine"."complete"(uuid, timestamp with time zone) from public;

revoke all on function "engine"."complete"(uuid, timestamp with time zone) from "postgres";

grant execute on function "engine"."complete"(uuid, timestamp with time zone) to "postgres";

revoke all on function "engine"."complete_by_caller"(uuid, text, jsonb, jsonb, integer) from public;

grant execute on function "engine"."complete_by_caller"(uuid, text, jsonb, jsonb, integer) to "authenticated";

revoke all on function "engine"."complete_by_caller"(uuid, text, jsonb, jsonb, integer) from "postgres";

grant execute on function "engine"."complete_by_caller"(uuid, text, jsonb, jsonb, integer) to "postgres";

grant execute on function "engine"."complete_by_caller"(uuid, text, jsonb, jsonb, integer) to "service_role";

revoke all on function "engine"."complete_executions"(uuid[], timestamp with time zone, jsonb) from public;

revoke all on function "engine"."complete_executions"(uuid[], timestamp with time zone, jsonb) from "postgres";

grant execute
  on function "engine"."complete_executions"(uuid[], timestamp with time zone, jsonb)
  to "postgres";

revoke all on function "engine"."completed_log"(public.workflow_executions) from public;

revoke all on function "engine"."completed_log"(public.workflow_executions) from "postgres";

grant execute on function "engine"."completed_log"(public.workflow_executions) to "postgres";

revoke all on function "engine"."context"(engine.token, text[], jsonb) from public;

revoke all on function "engine"."context"(engine.token, text[], jsonb) from "postgres";

grant execute on function "engine"."context"(engine.token, text[], jsonb) to "postgres";

revoke all on function "engine"."controlled"(uuid) from public;

revoke all on function "engine"."controlled"(uuid) from "postgres";

grant execute on function "engine"."controlled"(uuid) to "postgres";

revoke all
  on function
    "engine"."copy_execution"(public.workflow_executions, uuid, integer, engine.waits, integer, timestamp
    with time zone)
  from public;

revoke all
  on function
    "engine"."copy_execution"(public.workflow_executions, uuid, integer, engine.waits, integer, timestamp
    with time zone)
  from "postgres";

grant execute
  on function
    "engine"."copy_execution"(public.workflow_executions, uuid, integer, engine.waits, integer, timestamp
    with time zone)
  to "postgres";

revoke all on function "engine"."count_of"(jsonb) from public;

revoke all on function "engine"."count_of"(jsonb) from "postgres";

grant execute on function "engine"."count_of"(jsonb) to "postgres";

revoke all on function "engine"."create_partitions"() from public;

revoke all on function "engine"."create_partitions"() from "postgres";

grant execute on function "engine"."create_partitions"() to "postgres";

revoke all on function "engine"."delete_limit"(uuid) from public;

grant execute on function "engine"."delete_limit"(uuid) to "authenticated";

revoke all on function "engine"."delete_limit"(uuid) from "postgres";

grant execute on function "engine"."delete_limit"(uuid) to "postgres";

grant execute on function "engine"."delete_limit"(uuid) to "service_role";

revoke all on function "engine"."deliver_events"(timestamp with time zone) from public;

revoke all on function "engine"."deliver_events"(timestamp with time zone) from "postgres";

grant execute on function "engine"."deliver_events"(timestamp with time zone) to "postgres";

revoke all on function "engine"."describe_tasks"(text, uuid[]) from public;

revoke all on function "engine"."describe_tasks"(text, uuid[]) from "postgres";

grant execute on function "engine"."describe_tasks"(text, uuid[]) to "postgres";

revoke all on function "engine"."drop_messages"() from public;

revoke all on function "engine"."drop_messages"() from "postgres";

grant execute on function "engine"."drop_messages"() to "postgres";

revoke all on function "engine"."enable_function"(text, uuid, boolean, jsonb) from public;

grant execute on function "engine"."enable_function"(text, uuid, boolean, jsonb) to "authenticated";

revoke all on function "engine"."enable_function"(text, uuid, boolean, jsonb) from "postgres";

grant execute on function "engine"."enable_function"(text, uuid, boolean, jsonb) to "postgres";

grant execute on function "engine"."enable_function"(text, uuid, boolean, jsonb) to "service_role";

revoke all on function "engine"."end_executions"(uuid[], text, jsonb, timestamp with time zone) from public;

revoke all
  on function "engine"."end_executions"(uuid[], text, jsonb, timestamp with time zone)
  from "postgres";

grant execute
  on function "engine"."end_executions"(uuid[], text, jsonb, timestamp with time zone)
  to "postgres";

revoke all on function "engine"."enqueue"(engine.token[]) from public;

revoke all on function "engine"."enqueue"(engine.token[]) from "postgres";

grant execute on function "engine"."enqueue"(engine.token[]) to "postgres";

revoke all on function "engine"."find"(jsonb, jsonb) from public;

revoke all on function "engine"."find"(jsonb, jsonb) from "postgres";

grant execute on function "engine"."find"(jsonb, jsonb) to "postgres";

revoke all on function "engine"."finish"(text, bigint, jsonb, integer) from public;

revoke all on function "engine"."finish"(text, bigint, jsonb, integer) from "postgres";

grant execute on function "engine"."finish"(text, bigint, jsonb, integer) to "postgres";

revoke all on function "engine"."first_token"(public.workflow_executions) from public;

revoke all on function "engine"."first_token"(public.workflow_executions) from "postgres";

grant execute on function "engine"."first_token"(public.workflow_executions) to "postgres";

revoke all on function "engine"."gather"(engine.waits, timestamp with time zone) from public;

revoke all on function "engine"."gather"(engine.waits, timestamp with time zone) from "postgres";

grant execute on function "engine"."gather"(engine.waits, timestamp with time zone) to "postgres";

revoke all on function "engine"."has_room"(public.execution_limits, text) from public;

revoke all on function "engine"."has_room"(public.execution_limits, text) from "postgres";

grant execute on function "engine"."has_room"(public.execution_limits, text) to "postgres";

revoke all on function "engine"."heartbeat"(text, jsonb) from public;

revoke all on function "engine"."heartbeat"(text, jsonb) from "postgres";

grant execute on function "engine"."heartbeat"(text, jsonb) to "postgres";

revoke all on function "engine"."hold_static"(uuid, boolean) from public;

revoke all on function "engine"."hold_static"(uuid, boolean) from "postgres";

grant execute on function "engine"."hold_static"(uuid, boolean) to "postgres";

revoke all on function "engine"."is_manual"(uuid) from public;

revoke all on function "engine"."is_manual"(uuid) from "postgres";

grant execute on function "engine"."is_manual"(uuid) to "postgres";

revoke all on function "engine"."is_node_function"(text) from public;

revoke all on function "engine"."is_node_function"(text) from "postgres";

grant execute on function "engine"."is_node_function"(text) to "postgres";

revoke all on function "engine"."items_of"(jsonb) from public;

revoke all on function "engine"."items_of"(jsonb) from "postgres";

grant execute on function "engine"."items_of"(jsonb) to "postgres";

revoke all on function "engine"."key_of"(public.execution_limits, jsonb) from public;

revoke all on function "engine"."key_of"(public.execution_limits, jsonb) from "postgres";

grant execute on function "engine"."key_of"(public.execution_limits, jsonb) to "postgres";

revoke all on function "engine"."lease"(text, integer) from public;

revoke all on function "engine"."lease"(text, integer) from "postgres";

grant execute on function "engine"."lease"(text, integer) to "postgres";

revoke all on function "engine"."lease_of"(uuid, integer, text) from public;

revoke all on function "engine"."lease_of"(uuid, integer, text) from "postgres";

grant execute on function "engine"."lease_of"(uuid, integer, text) to "postgres";

revoke all on function "engine"."lock_of_event"(uuid, text) from public;

revoke all on function "engine"."lock_of_event"(uuid, text) from "postgres";

grant execute on function "engine"."lock_of_event"(uuid, text) to "postgres";

revoke all on function "engine"."lock_of_limit"(uuid, text) from public;

revoke all on function "engine"."lock_of_limit"(uuid, text) from "postgres";

grant execute on function "engine"."lock_of_limit"(uuid, text) to "postgres";

revoke all on function "engine"."lock_of_static"(uuid) from public;

revoke all on function "engine"."lock_of_static"(uuid) from "postgres";

grant execute on function "engine"."lock_of_static"(uuid) to "postgres";

revoke all on function "engine"."lock_tree"(uuid) from public;

revoke all on function "engine"."lock_tree"(uuid) from "postgres";

grant execute on function "engine"."lock_tree"(uuid) to "postgres";

revoke all
  on function "engine"."log_control"(public.workflow_executions, text, text, text, timestamp with time zone)
  from public;

revoke all
  on function "engine"."log_control"(public.workflow_executions, text, text, text, timestamp with time zone)
  from "postgres";

grant execute
  on function "engine"."log_control"(public.workflow_executions, text, text, text, timestamp with time zone)
  to "postgres";

revoke all on function "engine"."log_start"(public.workflow_executions, timestamp with time zone) from public;

revoke all
  on function "engine"."log_start"(public.workflow_executions, timestamp with time zone)
  from "postgres";

grant execute
  on function "engine"."log_start"(public.workflow_executions, timestamp with time zone)
  to "postgres";

revoke all on function "engine"."maintain"() from public;

revoke all on function "engine"."maintain"() from "postgres";

grant execute on function "engine"."maintain"() to "postgres";

revoke all on function "engine"."mark_asking"(uuid[]) from public;

revoke all on function "engine"."mark_asking"(uuid[]) from "postgres";

grant execute on function "engine"."mark_asking"(uuid[]) to "postgres";

revoke all on function "engine"."matching"(jsonb, text, jsonb) from public;

revoke all on function "engine"."matching"(jsonb, text, jsonb) from "postgres";

grant execute on function "engine"."matching"(jsonb, text, jsonb) to "postgres";

revoke all on function "engine"."merge"(engine.waits[], text, jsonb, timestamp with time zone) from public;

revoke all on function "engine"."merge"(engine.waits[], text, jsonb, timestamp with time zone) from "postgres";

grant execute
  on function "engine"."merge"(engine.waits[], text, jsonb, timestamp with time zone)
  to "postgres";

revoke all on function "engine"."now"() from public;

grant execute on function "engine"."now"() to "authenticated";

revoke all on function "engine"."now"() from "postgres";

grant execute on function "engine"."now"() to "postgres";

grant execute on function "engine"."now"() to "service_role";

revoke all on function "engine"."output_of"(uuid) from public;

revoke all on function "engine"."output_of"(uuid) from "postgres";

grant execute on function "engine"."output_of"(uuid) to "postgres";

revoke all on function "engine"."park"(engine.waits[]) from public;

revoke all on function "engine"."park"(engine.waits[]) from "postgres";

grant execute on function "engine"."park"(engine.waits[]) to "postgres";

revoke all on function "engine"."pause"(uuid, text) from public;

grant execute on function "engine"."pause"(uuid, text) to "authenticated";

revoke all on function "engine"."pause"(uuid, text) from "postgres";

grant execute on function "engine"."pause"(uuid, text) to "postgres";

grant execute on function "engine"."pause"(uuid, text) to "service_role";

revoke all on function "engine"."pause_point"(text) from public;

revoke all on function "engine"."pause_point"(text) from "postgres";

grant execute on function "engine"."pause_point"(text) to "postgres";

revoke all on function "engine"."queue_of"(uuid, text, integer) from public;

revoke all on function "engine"."queue_of"(uuid, text, integer) from "postgres";

grant execute on function "engine"."queue_of"(uuid, text, integer) to "postgres";

revoke all on function "engine"."reference"(uuid, text) from public;

grant execute on function "engine"."reference"(uuid, text) to "authenticated";

revoke all on function "engine"."reference"(uuid, text) from "postgres";

grant execute on function "engine"."reference"(uuid, text) to "postgres";

grant execute on function "engine"."reference"(uuid, text) to "service_role";

revoke all on function "engine"."refuse_to_wake"() from public;

revoke all on function "engine"."refuse_to_wake"() from "postgres";

grant execute on function "engine"."refuse_to_wake"() to "postgres";

revoke all on function "engine"."release"(text, uuid[]) from public;

revoke all on function "engine"."release"(text, uuid[]) from "postgres";

grant execute on function "engine"."release"(text, uuid[]) to "postgres";

revoke all on function "engine"."release_slots"(uuid[], timestamp with time zone) from public;

revoke all on function "engine"."release_slots"(uuid[], timestamp with time zone) from "postgres";

grant execute on function "engine"."release_slots"(uuid[], timestamp with time zone) to "postgres";

revoke all on function "engine"."remember"(uuid, uuid, jsonb) from public;

revoke all on function "engine"."remember"(uuid, uuid, jsonb) from "postgres";

grant execute on function "engine"."remember"(uuid, uuid, jsonb) to "postgres";

revoke all on function "engine"."repair"() from public;

revoke all on function "engine"."repair"() from "postgres";

grant execute on function "engine"."repair"() to "postgres";

revoke all on function "engine"."replace_static_data"(uuid, jsonb) from public;

grant execute on function "engine"."replace_static_data"(uuid, jsonb) to "authenticated";

revoke all on function "engine"."replace_static_data"(uuid, jsonb) from "postgres";

grant execute on function "engine"."replace_static_data"(uuid, jsonb) to "postgres";

grant execute on function "engine"."replace_static_data"(uuid, jsonb) to "service_role";

revoke all on function "engine"."resolve"(jsonb, jsonb, jsonb) from public;

revoke all on function "engine"."resolve"(jsonb, jsonb, jsonb) from "postgres";

grant execute on function "engine"."resolve"(jsonb, jsonb, jsonb) to "postgres";

revoke all on function "engine"."resume"(uuid) from public;

grant execute on function "engine"."resume"(uuid) to "authenticated";

revoke all on function "engine"."resume"(uuid) from "postgres";

grant execute on function "engine"."resume"(uuid) to "postgres";

grant execute on function "engine"."resume"(uuid) to "service_role";

revoke all on function "engine"."retry"(uuid, uuid, integer) from public;

grant execute on function "engine"."retry"(uuid, uuid, integer) to "authenticated";

revoke all on function "engine"."retry"(uuid, uuid, integer) from "postgres";

grant execute on function "engine"."retry"(uuid, uuid, integer) to "postgres";

grant execute on function "engine"."retry"(uuid, uuid, integer) to "service_role";

revoke all on function "engine"."retry_delay"(engine.plan, integer, jsonb) from public;

revoke all on function "engine"."retry_delay"(engine.plan, integer, jsonb) from "postgres";

grant execute on function "engine"."retry_delay"(engine.plan, integer, jsonb) to "postgres";

revoke all on function "engine"."review_children"(engine.waits, timestamp with time zone) from public;

revoke all on function "engine"."review_children"(engine.waits, timestamp with time zone) from "postgres";

grant execute on function "engine"."review_children"(engine.waits, timestamp with time zone) to "postgres";

revoke all on function "engine"."ring"() from public;

revoke all on function "engine"."ring"() from "postgres";

grant execute on function "engine"."ring"() to "postgres";

revoke all on function "engine"."ripen"(engine.place[], timestamp with time zone) from public;

revoke all on function "engine"."ripen"(engine.place[], timestamp with time zone) from "postgres";

grant execute on function "engine"."ripen"(engine.place[], timestamp with time zone) to "postgres";

revoke all on function "engine"."same_start"(public.workflow_executions, jsonb, integer, boolean) from public;

revoke all
  on function "engine"."same_start"(public.workflow_executions, jsonb, integer, boolean)
  from "postgres";

grant execute
  on function "engine"."same_start"(public.workflow_executions, jsonb, integer, boolean)
  to "postgres";

revoke all on function "engine"."schedule_jobs"() from public;

revoke all on function "engine"."schedule_jobs"() from "postgres";

grant execute on function "engine"."schedule_jobs"() to "postgres";

revoke all on function "engine"."send_event"(text, jsonb, text, uuid) from public;

grant execute on function "engine"."send_event"(text, jsonb, text, uuid) to "authenticated";

revoke all on function "engine"."send_event"(text, jsonb, text, uuid) from "postgres";

grant execute on function "engine"."send_event"(text, jsonb, text, uuid) to "postgres";

grant execute on function "engine"."send_event"(text, jsonb, text, uuid) to "service_role";

revoke all on function "engine"."set_limit"(uuid, uuid, text, integer, integer, integer, text) from public;

grant execute
  on function "engine"."set_limit"(uuid, uuid, text, integer, integer, integer, text)
  to "authenticated";

revoke all on function "engine"."set_limit"(uuid, uuid, text, integer, integer, integer, text) from "postgres";

grant execute
  on function "engine"."set_limit"(uuid, uuid, text, integer, integer, integer, text)
  to "postgres";

grant execute
  on function "engine"."set_limit"(uuid, uuid, text, integer, integer, integer, text)
  to "service_role";

revoke all
  on function "engine"."start"(public.workflows, integer, text, text, jsonb, text, integer, timestamp
    with time zone, integer)
  from public;

revoke all
  on function "engine"."start"(public.workflows, integer, text, text, jsonb, text, integer, timestamp
    with time zone, integer)
  from "postgres";

grant execute
  on function "engine"."start"(public.workflows, integer, text, text, jsonb, text, integer, timestamp
    with time zone, integer)
  to "postgres";

revoke all
  on function "engine"."start_by_caller"(public.workflows, integer, jsonb, text, integer, integer)
  from public;

revoke all
  on function "engine"."start_by_caller"(public.workflows, integer, jsonb, text, integer, integer)
  from "postgres";

grant execute
  on function "engine"."start_by_caller"(public.workflows, integer, jsonb, text, integer, integer)
  to "postgres";

revoke all
  on function "engine"."start_by_user"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  from public;

grant execute
  on function "engine"."start_by_user"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  to "authenticated";

revoke all
  on function "engine"."start_by_user"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  from "postgres";

grant execute
  on function "engine"."start_by_user"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  to "postgres";

grant execute
  on function "engine"."start_by_user"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  to "service_role";

revoke all
  on function "engine"."start_children"(engine.waits, integer, integer, boolean, timestamp with time zone)
  from public;

revoke all
  on function "engine"."start_children"(engine.waits, integer, integer, boolean, timestamp with time zone)
  from "postgres";

grant execute
  on function "engine"."start_children"(engine.waits, integer, integer, boolean, timestamp with time zone)
  to "postgres";

revoke all on function "engine"."started_log"(public.workflow_executions) from public;

revoke all on function "engine"."started_log"(public.workflow_executions) from "postgres";

grant execute on function "engine"."started_log"(public.workflow_executions) to "postgres";

revoke all on function "engine"."static_data"(uuid, text[]) from public;

revoke all on function "engine"."static_data"(uuid, text[]) from "postgres";

grant execute on function "engine"."static_data"(uuid, text[]) to "postgres";

revoke all on function "engine"."static_data_error"(jsonb) from public;

revoke all on function "engine"."static_data_error"(jsonb) from "postgres";

grant execute on function "engine"."static_data_error"(jsonb) to "postgres";

revoke all on function "engine"."take_due"(uuid[], timestamp with time zone) from public;

revoke all on function "engine"."take_due"(uuid[], timestamp with time zone) from "postgres";

grant execute on function "engine"."take_due"(uuid[], timestamp with time zone) to "postgres";

revoke all on function "engine"."task_list"(text, uuid[]) from public;

revoke all on function "engine"."task_list"(text, uuid[]) from "postgres";

grant execute on function "engine"."task_list"(text, uuid[]) to "postgres";

revoke all on function "engine"."tick"(integer) from public;

revoke all on function "engine"."tick"(integer) from "postgres";

grant execute on function "engine"."tick"(integer) to "postgres";

revoke all on function "engine"."token_of"(engine.tasks) from public;

revoke all on function "engine"."token_of"(engine.tasks) from "postgres";

grant execute on function "engine"."token_of"(engine.tasks) to "postgres";

revoke all on function "engine"."token_of"(engine.waits) from public;

revoke all on function "engine"."token_of"(engine.waits) from "postgres";

grant execute on function "engine"."token_of"(engine.waits) to "postgres";

revoke all on function "engine"."trigger_of"(uuid, integer) from public;

revoke all on function "engine"."trigger_of"(uuid, integer) from "postgres";

grant execute on function "engine"."trigger_of"(uuid, integer) to "postgres";

revoke all on function "engine"."try_abort"(uuid, jsonb) from public;

revoke all on function "engine"."try_abort"(uuid, jsonb) from "postgres";

grant execute on function "engine"."try_abort"(uuid, jsonb) to "postgres";

revoke all on function "engine"."undone_runs"(uuid, uuid) from public;

revoke all on function "engine"."undone_runs"(uuid, uuid) from "postgres";

grant execute on function "engine"."undone_runs"(uuid, uuid) to "postgres";

revoke all on function "engine"."value_at"(uuid, text) from public;

grant execute on function "engine"."value_at"(uuid, text) to "authenticated";

revoke all on function "engine"."value_at"(uuid, text) from "postgres";

grant execute on function "engine"."value_at"(uuid, text) to "postgres";

grant execute on function "engine"."value_at"(uuid, text) to "service_role";

revoke all on function "engine"."verify_doorbell"(text) from public;

revoke all on function "engine"."verify_doorbell"(text) from "postgres";

grant execute on function "engine"."verify_doorbell"(text) to "postgres";

revoke all on function "engine"."violations"() from public;

revoke all on function "engine"."violations"() from "postgres";

grant execute on function "engine"."violations"() to "postgres";

revoke all on function "engine"."wait_for"(engine.token, jsonb, timestamp with time zone) from public;

revoke all on function "engine"."wait_for"(engine.token, jsonb, timestamp with time zone) from "postgres";

grant execute on function "engine"."wait_for"(engine.token, jsonb, timestamp with time zone) to "postgres";

revoke all on function "engine"."wait_for_static"(uuid) from public;

revoke all on function "engine"."wait_for_static"(uuid) from "postgres";

grant execute on function "engine"."wait_for_static"(uuid) to "postgres";

revoke all
  on function "engine"."wait_of"(engine.token, text, timestamp with time zone, timestamp with time zone)
  from public;

revoke all
  on function "engine"."wait_of"(engine.token, text, timestamp with time zone, timestamp with time zone)
  from "postgres";

grant execute
  on function "engine"."wait_of"(engine.token, text, timestamp with time zone, timestamp with time zone)
  to "postgres";

revoke all on function "engine"."webhook_response"(uuid) from public;

revoke all on function "engine"."webhook_response"(uuid) from "postgres";

grant execute on function "engine"."webhook_response"(uuid) to "postgres";

revoke all on function "engine"."workspaces_with_work"(uuid, integer) from public;

revoke all on function "engine"."workspaces_with_work"(uuid, integer) from "postgres";

grant execute on function "engine"."workspaces_with_work"(uuid, integer) to "postgres";

revoke all on function "engine"."write_history"(public.node_executions[]) from public;

revoke all on function "engine"."write_history"(public.node_executions[]) from "postgres";

grant execute on function "engine"."write_history"(public.node_executions[]) to "postgres";

revoke all
  on function "engine"."write_logs"(public.workflow_execution_logs[], timestamp with time zone)
  from public;

revoke all
  on function "engine"."write_logs"(public.workflow_execution_logs[], timestamp with time zone)
  from "postgres";

grant execute
  on function "engine"."write_logs"(public.workflow_execution_logs[], timestamp with time zone)
  to "postgres";

revoke all on function "hil"."admit"(text) from public;

revoke all on function "hil"."admit"(text) from "postgres";

grant execute on function "hil"."admit"(text) to "postgres";

revoke all on function "hil"."answer_link"(text, text, jsonb, text) from public;

revoke all on function "hil"."answer_link"(text, text, jsonb, text) from "postgres";

grant execute on function "hil"."answer_link"(text, text, jsonb, text) to "postgres";

revoke all on function "hil"."answer_of"(public.hil_responses) from public;

revoke all on function "hil"."answer_of"(public.hil_responses) from "postgres";

grant execute on function "hil"."answer_of"(public.hil_responses) to "postgres";

revoke all on function "hil"."ask"(engine.token, text, jsonb, timestamp with time zone) from public;

revoke all on function "hil"."ask"(engine.token, text, jsonb, timestamp with time zone) from "postgres";

grant execute on function "hil"."ask"(engine.token, text, jsonb, timestamp with time zone) to "postgres";

revoke all on function "hil"."assign"(uuid, uuid) from public;

grant execute on function "hil"."assign"(uuid, uuid) to "authenticated";

revoke all on function "hil"."assign"(uuid, uuid) from "postgres";

grant execute on function "hil"."assign"(uuid, uuid) to "postgres";

grant execute on function "hil"."assign"(uuid, uuid) to "service_role";

revoke all on function "hil"."broadcast"(public.human_interactions) from public;

revoke all on function "hil"."broadcast"(public.human_interactions) from "postgres";

grant execute on function "hil"."broadcast"(public.human_interactions) to "postgres";

revoke all on function "hil"."cancel"(uuid, text) from public;

grant execute on function "hil"."cancel"(uuid, text) to "authenticated";

revoke all on function "hil"."cancel"(uuid, text) from "postgres";

grant execute on function "hil"."cancel"(uuid, text) to "postgres";

grant execute on function "hil"."cancel"(uuid, text) to "service_role";

revoke all
  on function "hil"."circumstances"(public.human_interactions, public.hil_responses, text, boolean)
  from public;

revoke all
  on function "hil"."circumstances"(public.human_interactions, public.hil_responses, text, boolean)
  from "postgres";

grant execute
  on function "hil"."circumstances"(public.human_interactions, public.hil_responses, text, boolean)
  to "postgres";

revoke all on function "hil"."claim_messages"(text, integer) from public;

revoke all on function "hil"."claim_messages"(text, integer) from "postgres";

grant execute on function "hil"."claim_messages"(text, integer) to "postgres";

revoke all on function "hil"."classifier_settings"() from public;

revoke all on function "hil"."classifier_settings"() from "postgres";

grant execute on function "hil"."classifier_settings"() to "postgres";

revoke all on function "hil"."classify"(text, jsonb) from public;

revoke all on function "hil"."classify"(text, jsonb) from "postgres";

grant execute on function "hil"."classify"(text, jsonb) to "postgres";

grant execute on function "hil"."classify"(text, jsonb) to "service_role";

revoke all on function "hil"."content_of"(public.human_interactions) from public;

revoke all on function "hil"."content_of"(public.human_interactions) from "postgres";

grant execute on function "hil"."content_of"(public.human_interactions) to "postgres";

revoke all
  on function "hil"."count_answer"(public.human_interactions, uuid, jsonb, text, jsonb, text, timestamp
    with time zone)
  from public;

revoke all
  on function "hil"."count_answer"(public.human_interactions, uuid, jsonb, text, jsonb, text, timestamp
    with time zone)
  from "postgres";

grant execute
  on function "hil"."count_answer"(public.human_interactions, uuid, jsonb, text, jsonb, text, timestamp
    with time zone)
  to "postgres";

revoke all on function "hil"."decide"(uuid, uuid, jsonb, text, jsonb, text) from public;

revoke all on function "hil"."decide"(uuid, uuid, jsonb, text, jsonb, text) from "postgres";

grant execute on function "hil"."decide"(uuid, uuid, jsonb, text, jsonb, text) to "postgres";

revoke all on function "hil"."decide_by_token"(text, text, jsonb, text) from public;

revoke all on function "hil"."decide_by_token"(text, text, jsonb, text) from "postgres";

grant execute on function "hil"."decide_by_token"(text, text, jsonb, text) to "postgres";

revoke all on function "hil"."end_pause"(public.human_interactions, timestamp with time zone) from public;

revoke all on function "hil"."end_pause"(public.human_interactions, timestamp with time zone) from "postgres";

grant execute on function "hil"."end_pause"(public.human_interactions, timestamp with time zone) to "postgres";

revoke all on function "hil"."end_pauses"(uuid[], timestamp with time zone) from public;

revoke all on function "hil"."end_pauses"(uuid[], timestamp with time zone) from "postgres";

grant execute on function "hil"."end_pauses"(uuid[], timestamp with time zone) to "postgres";

revoke all on function "hil"."endpoint_of"(uuid, uuid) from public;

revoke all on function "hil"."endpoint_of"(uuid, uuid) from "postgres";

grant execute on function "hil"."endpoint_of"(uuid, uuid) to "postgres";

revoke all on function "hil"."field_names"(jsonb, jsonb) from public;

revoke all on function "hil"."field_names"(jsonb, jsonb) from "postgres";

grant execute on function "hil"."field_names"(jsonb, jsonb) to "postgres";

revoke all on function "hil"."finish_messages"(text, jsonb) from public;

revoke all on function "hil"."finish_messages"(text, jsonb) from "postgres";

grant execute on function "hil"."finish_messages"(text, jsonb) to "postgres";

revoke all on function "hil"."folded"(text) from public;

revoke all on function "hil"."folded"(text) from "postgres";

grant execute on function "hil"."folded"(text) to "postgres";

revoke all on function "hil"."go_on"(public.human_interactions, timestamp with time zone) from public;

revoke all on function "hil"."go_on"(public.human_interactions, timestamp with time zone) from "postgres";

grant execute on function "hil"."go_on"(public.human_interactions, timestamp with time zone) to "postgres";

revoke all on function "hil"."hash_of"(text) from public;

revoke all on function "hil"."hash_of"(text) from "postgres";

grant execute on function "hil"."hash_of"(text) to "postgres";

revoke all on function "hil"."hold"(uuid) from public;

revoke all on function "hil"."hold"(uuid) from "postgres";

grant execute on function "hil"."hold"(uuid) to "postgres";

revoke all on function "hil"."identify"(uuid, jsonb) from public;

revoke all on function "hil"."identify"(uuid, jsonb) from "postgres";

grant execute on function "hil"."identify"(uuid, jsonb) to "postgres";

revoke all on function "hil"."is_addressed"(text, text, jsonb) from public;

revoke all on function "hil"."is_addressed"(text, text, jsonb) from "postgres";

grant execute on function "hil"."is_addressed"(text, text, jsonb) to "postgres";

revoke all on function "hil"."is_automated"(jsonb) from public;

revoke all on function "hil"."is_automated"(jsonb) from "postgres";

grant execute on function "hil"."is_automated"(jsonb) to "postgres";

revoke all on function "hil"."is_crafted"(text) from public;

revoke all on function "hil"."is_crafted"(text) from "postgres";

grant execute on function "hil"."is_crafted"(text) to "postgres";

revoke all on function "hil"."key_of"(jsonb) from public;

revoke all on function "hil"."key_of"(jsonb) from "postgres";

grant execute on function "hil"."key_of"(jsonb) to "postgres";

revoke all on function "hil"."lexicon"() from public;

revoke all on function "hil"."lexicon"() from "postgres";

grant execute on function "hil"."lexicon"() to "postgres";

revoke all on function "hil"."lexicon_rows"() from public;

revoke all on function "hil"."lexicon_rows"() from "postgres";

grant execute on function "hil"."lexicon_rows"() to "postgres";

revoke all on function "hil"."list_mine"(uuid, text, text, text, integer, text, boolean) from public;

grant execute on function "hil"."list_mine"(uuid, text, text, text, integer, text, boolean) to "authenticated";

revoke all on function "hil"."list_mine"(uuid, text, text, text, integer, text, boolean) from "postgres";

grant execute on function "hil"."list_mine"(uuid, text, text, text, integer, text, boolean) to "postgres";

grant execute on function "hil"."list_mine"(uuid, text, text, text, integer, text, boolean) to "service_role";

revoke all
  on function "hil"."log"(public.human_interactions, text, text, jsonb, timestamp with time zone)
  from public;

revoke all
  on function "hil"."log"(public.human_interactions, text, text, jsonb, timestamp with time zone)
  from "postgres";

grant execute
  on function "hil"."log"(public.human_interactions, text, text, jsonb, timestamp with time zone)
  to "postgres";

revoke all on function "hil"."managed"(uuid) from public;

revoke all on function "hil"."managed"(uuid) from "postgres";

grant execute on function "hil"."managed"(uuid) to "postgres";

revoke all on function "hil"."match"(public.hil_responses) from public;

revoke all on function "hil"."match"(public.hil_responses) from "postgres";

grant execute on function "hil"."match"(public.hil_responses) to "postgres";

revoke all on function "hil"."match_again"(uuid) from public;

revoke all on function "hil"."match_again"(uuid) from "postgres";

grant execute on function "hil"."match_again"(uuid) to "postgres";

revoke all on function "hil"."may_decide"(public.human_interactions, jsonb) from public;

revoke all on function "hil"."may_decide"(public.human_interactions, jsonb) from "postgres";

grant execute on function "hil"."may_decide"(public.human_interactions, jsonb) to "postgres";

revoke all on function "hil"."new_token"(public.human_interactions, jsonb) from public;

revoke all on function "hil"."new_token"(public.human_interactions, jsonb) from "postgres";

grant execute on function "hil"."new_token"(public.human_interactions, jsonb) to "postgres";

revoke all on function "hil"."next_due"(public.human_interactions) from public;

revoke all on function "hil"."next_due"(public.human_interactions) from "postgres";

grant execute on function "hil"."next_due"(public.human_interactions) to "postgres";

revoke all on function "hil"."nudge"(public.human_interactions, timestamp with time zone) from public;

revoke all on function "hil"."nudge"(public.human_interactions, timestamp with time zone) from "postgres";

grant execute on function "hil"."nudge"(public.human_interactions, timestamp with time zone) to "postgres";

revoke all on function "hil"."of_token"(text) from public;

revoke all on function "hil"."of_token"(text) from "postgres";

grant execute on function "hil"."of_token"(text) to "postgres";

revoke all on function "hil"."only_one"(uuid[]) from public;

revoke all on function "hil"."only_one"(uuid[]) from "postgres";

grant execute on function "hil"."only_one"(uuid[]) to "postgres";

revoke all
  on function "hil"."output_of"(public.human_interactions, text, jsonb, text, jsonb, timestamp with time zone)
  from public;

revoke all
  on function "hil"."output_of"(public.human_interactions, text, jsonb, text, jsonb, timestamp with time zone)
  from "postgres";

grant execute
  on function "hil"."output_of"(public.human_interactions, text, jsonb, text, jsonb, timestamp with time zone)
  to "postgres";

revoke all on function "hil"."own_words"(text) from public;

revoke all on function "hil"."own_words"(text) from "postgres";

grant execute on function "hil"."own_words"(text) to "postgres";

revoke all on function "hil"."process"(uuid, public.human_interactions) from public;

revoke all on function "hil"."process"(uuid, public.human_interactions) from "postgres";

grant execute on function "hil"."process"(uuid, public.human_interactions) to "postgres";

revoke all on function "hil"."read_decision"(public.human_interactions, text, jsonb, text) from public;

revoke all on function "hil"."read_decision"(public.human_interactions, text, jsonb, text) from "postgres";

grant execute on function "hil"."read_decision"(public.human_interactions, text, jsonb, text) to "postgres";

revoke all on function "hil"."read_edits"(text[], text[], text[], jsonb, jsonb) from public;

revoke all on function "hil"."read_edits"(text[], text[], text[], jsonb, jsonb) from "postgres";

grant execute on function "hil"."read_edits"(text[], text[], text[], jsonb, jsonb) to "postgres";

revoke all on function "hil"."read_number"(text) from public;

revoke all on function "hil"."read_number"(text) from "postgres";

grant execute on function "hil"."read_number"(text) to "postgres";

revoke all on function "hil"."read_reply"(text, text, jsonb, jsonb) from public;

revoke all on function "hil"."read_reply"(text, text, jsonb, jsonb) from "postgres";

grant execute on function "hil"."read_reply"(text, text, jsonb, jsonb) to "postgres";

revoke all on function "hil"."reassign"(uuid, jsonb, text) from public;

grant execute on function "hil"."reassign"(uuid, jsonb, text) to "authenticated";

revoke all on function "hil"."reassign"(uuid, jsonb, text) from "postgres";

grant execute on function "hil"."reassign"(uuid, jsonb, text) to "postgres";

grant execute on function "hil"."reassign"(uuid, jsonb, text) to "service_role";

revoke all on function "hil"."receive"(text, uuid, text, jsonb, jsonb, jsonb) from public;

revoke all on function "hil"."receive"(text, uuid, text, jsonb, jsonb, jsonb) from "postgres";

grant execute on function "hil"."receive"(text, uuid, text, jsonb, jsonb, jsonb) to "postgres";

revoke all on function "hil"."receive_delivery"(text, uuid, text, jsonb, jsonb, jsonb, text) from public;

revoke all on function "hil"."receive_delivery"(text, uuid, text, jsonb, jsonb, jsonb, text) from "postgres";

grant execute on function "hil"."receive_delivery"(text, uuid, text, jsonb, jsonb, jsonb, text) to "postgres";

revoke all on function "hil"."receive_reply"(text, uuid, text, jsonb, jsonb, jsonb, text) from public;

revoke all on function "hil"."receive_reply"(text, uuid, text, jsonb, jsonb, jsonb, text) from "postgres";

grant execute on function "hil"."receive_reply"(text, uuid, text, jsonb, jsonb, jsonb, text) to "postgres";

revoke all on function "hil"."recipients"(uuid, text, text, jsonb) from public;

revoke all on function "hil"."recipients"(uuid, text, text, jsonb) from "postgres";

grant execute on function "hil"."recipients"(uuid, text, text, jsonb) to "postgres";

revoke all on function "hil"."reconcile"(jsonb, jsonb, jsonb, text) from public;

revoke all on function "hil"."reconcile"(jsonb, jsonb, jsonb, text) from "postgres";

grant execute on function "hil"."reconcile"(jsonb, jsonb, jsonb, text) to "postgres";

revoke all on function "hil"."refuse"(uuid, jsonb) from public;

revoke all on function "hil"."refuse"(uuid, jsonb) from "postgres";

grant execute on function "hil"."refuse"(uuid, jsonb) to "postgres";

revoke all on function "hil"."relevance"(jsonb, jsonb, jsonb) from public;

revoke all on function "hil"."relevance"(jsonb, jsonb, jsonb) from "postgres";

grant execute on function "hil"."relevance"(jsonb, jsonb, jsonb) to "postgres";

revoke all on function "hil"."request_problem"(text, jsonb) from public;

revoke all on function "hil"."request_problem"(text, jsonb) from "postgres";

grant execute on function "hil"."request_problem"(text, jsonb) to "postgres";

revoke all on function "hil"."respond"(uuid, text, jsonb, text, text) from public;

grant execute on function "hil"."respond"(uuid, text, jsonb, text, text) to "authenticated";

revoke all on function "hil"."respond"(uuid, text, jsonb, text, text) from "postgres";

grant execute on function "hil"."respond"(uuid, text, jsonb, text, text) to "postgres";

grant execute on function "hil"."respond"(uuid, text, jsonb, text, text) to "service_role";

revoke all on function "hil"."review"(engine.waits, timestamp with time zone) from public;

revoke all on function "hil"."review"(engine.waits, timestamp with time zone) from "postgres";

grant execute on function "hil"."review"(engine.waits, timestamp with time zone) to "postgres";

revoke all on function "hil"."show"(text) from public;

revoke all on function "hil"."show"(text) from "postgres";

grant execute on function "hil"."show"(text) to "postgres";

revoke all on function "hil"."spaced_words"(text) from public;

revoke all on function "hil"."spaced_words"(text) from "postgres";

grant execute on function "hil"."spaced_words"(text) to "postgres";

revoke all on function "hil"."take_early"(public.human_interactions, timestamp with time zone) from public;

revoke all on function "hil"."take_early"(public.human_interactions, timestamp with time zone) from "postgres";

grant execute
  on function "hil"."take_early"(public.human_interactions, timestamp with time zone)
  to "postgres";

revoke all on function "hil"."time_out"(public.human_interactions, timestamp with time zone) from public;

revoke all on function "hil"."time_out"(public.human_interactions, timestamp with time zone) from "postgres";

grant execute on function "hil"."time_out"(public.human_interactions, timestamp with time zone) to "postgres";

revoke all on function "hil"."understand"(public.human_interactions, jsonb, jsonb) from public;

revoke all on function "hil"."understand"(public.human_interactions, jsonb, jsonb) from "postgres";

grant execute on function "hil"."understand"(public.human_interactions, jsonb, jsonb) to "postgres";

revoke all on function "hil"."urgency"(text) from public;

revoke all on function "hil"."urgency"(text) from "postgres";

grant execute on function "hil"."urgency"(text) to "postgres";

revoke all on function "hil"."use_token"(text, timestamp with time zone) from public;

revoke all on function "hil"."use_token"(text, timestamp with time zone) from "postgres";

grant execute on function "hil"."use_token"(text, timestamp with time zone) to "postgres";

revoke all on function "hil"."withdraw"(uuid[], timestamp with time zone) from public;

revoke all on function "hil"."withdraw"(uuid[], timestamp with time zone) from "postgres";

grant execute on function "hil"."withdraw"(uuid[], timestamp with time zone) to "postgres";

revoke all on function "hil"."without_tokens"(jsonb) from public;

revoke all on function "hil"."without_tokens"(jsonb) from "postgres";

grant execute on function "hil"."without_tokens"(jsonb) to "postgres";

revoke all on function "hil"."write_ending"(public.human_interactions, timestamp with time zone) from public;

revoke all
  on function "hil"."write_ending"(public.human_interactions, timestamp with time zone)
  from "postgres";

grant execute
  on function "hil"."write_ending"(public.human_interactions, timestamp with time zone)
  to "postgres";

revoke all
  on function "hil"."write_messages"(public.human_interactions, text, text, text, jsonb, timestamp
    with time zone)
  from public;

revoke all
  on function "hil"."write_messages"(public.human_interactions, text, text, text, jsonb, timestamp
    with time zone)
  from "postgres";

grant execute
  on function "hil"."write_messages"(public.human_interactions, text, text, text, jsonb, timestamp
    with time zone)
  to "postgres";

revoke all on function "integrations"."administered"(uuid) from public;

revoke all on function "integrations"."administered"(uuid) from "postgres";

grant execute on function "integrations"."administered"(uuid) to "postgres";

revoke all on function "integrations"."check_config"(text, jsonb) from public;

revoke all on function "integrations"."check_config"(text, jsonb) from "postgres";

grant execute on function "integrations"."check_config"(text, jsonb) to "postgres";

revoke all on function "integrations"."config_schema"(text, text) from public;

revoke all on function "integrations"."config_schema"(text, text) from "postgres";

grant execute on function "integrations"."config_schema"(text, text) to "postgres";

revoke all on function "integrations"."create"(uuid, text, text, text, jsonb, jsonb) from public;

grant execute on function "integrations"."create"(uuid, text, text, text, jsonb, jsonb) to "authenticated";

revoke all on function "integrations"."create"(uuid, text, text, text, jsonb, jsonb) from "postgres";

grant execute on function "integrations"."create"(uuid, text, text, text, jsonb, jsonb) to "postgres";

grant execute on function "integrations"."create"(uuid, text, text, text, jsonb, jsonb) to "service_role";

revoke all on function "integrations"."delete"(uuid) from public;

grant execute on function "integrations"."delete"(uuid) to "authenticated";

revoke all on function "integrations"."delete"(uuid) from "postgres";

grant execute on function "integrations"."delete"(uuid) to "postgres";

grant execute on function "integrations"."delete"(uuid) to "service_role";

revoke all on function "integrations"."for_delivery"(uuid) from public;

revoke all on function "integrations"."for_delivery"(uuid) from "postgres";

grant execute on function "integrations"."for_delivery"(uuid) to "postgres";

revoke all on function "integrations"."put_secret"(public.integrations, text, text, integer) from public;

revoke all on function "integrations"."put_secret"(public.integrations, text, text, integer) from "postgres";

grant execute on function "integrations"."put_secret"(public.integrations, text, text, integer) to "postgres";

revoke all on function "integrations"."rotate"(uuid, jsonb, integer) from public;

grant execute on function "integrations"."rotate"(uuid, jsonb, integer) to "authenticated";

revoke all on function "integrations"."rotate"(uuid, jsonb, integer) from "postgres";

grant execute on function "integrations"."rotate"(uuid, jsonb, integer) to "postgres";

grant execute on function "integrations"."rotate"(uuid, jsonb, integer) to "service_role";

revoke all on function "integrations"."update"(uuid, text, text, jsonb, boolean) from public;

grant execute on function "integrations"."update"(uuid, text, text, jsonb, boolean) to "authenticated";

revoke all on function "integrations"."update"(uuid, text, text, jsonb, boolean) from "postgres";

grant execute on function "integrations"."update"(uuid, text, text, jsonb, boolean) to "postgres";

grant execute on function "integrations"."update"(uuid, text, text, jsonb, boolean) to "service_role";

revoke all on function "nodes"."give_to_role"() from public;

revoke all on function "nodes"."give_to_role"() from "postgres";

grant execute on function "nodes"."give_to_role"() to "postgres";

revoke all on function "nodes"."invoke"(text, jsonb, jsonb) from public;

revoke all on function "nodes"."invoke"(text, jsonb, jsonb) from "postgres";

grant execute on function "nodes"."invoke"(text, jsonb, jsonb) to "postgres";

revoke all on function "platform"."fail"(integer, text, text, text) from public;

grant execute on function "platform"."fail"(integer, text, text, text) to "authenticated";

revoke all on function "platform"."fail"(integer, text, text, text) from "postgres";

grant execute on function "platform"."fail"(integer, text, text, text) to "postgres";

grant execute on function "platform"."fail"(integer, text, text, text) to "service_role";

revoke all on function "platform"."page_size"(integer) from public;

grant execute on function "platform"."page_size"(integer) to "authenticated";

revoke all on function "platform"."page_size"(integer) from "postgres";

grant execute on function "platform"."page_size"(integer) to "postgres";

grant execute on function "platform"."page_size"(integer) to "service_role";

revoke all on function "platform"."set"(text, jsonb) from public;

revoke all on function "platform"."set"(text, jsonb) from "postgres";

grant execute on function "platform"."set"(text, jsonb) to "postgres";

revoke all on function "platform"."setting"(text, jsonb) from public;

revoke all on function "platform"."setting"(text, jsonb) from "postgres";

grant execute on function "platform"."setting"(text, jsonb) to "postgres";

revoke all on function "platform"."setup"() from public;

revoke all on function "platform"."setup"() from "postgres";

grant execute on function "platform"."setup"() to "postgres";

revoke all on function "platform"."touch"() from public;

revoke all on function "platform"."touch"() from "postgres";

grant execute on function "platform"."touch"() to "postgres";

revoke all on function "platform"."uuid7"() from public;

grant execute on function "platform"."uuid7"() to "authenticated";

revoke all on function "platform"."uuid7"() from "postgres";

grant execute on function "platform"."uuid7"() to "postgres";

grant execute on function "platform"."uuid7"() to "service_role";

revoke all on function "platform"."uuid7_floor"(timestamp with time zone) from public;

grant execute on function "platform"."uuid7_floor"(timestamp with time zone) to "authenticated";

revoke all on function "platform"."uuid7_floor"(timestamp with time zone) from "postgres";

grant execute on function "platform"."uuid7_floor"(timestamp with time zone) to "postgres";

grant execute on function "platform"."uuid7_floor"(timestamp with time zone) to "service_role";

grant execute on function "public"."accept_invitation"(text) to "authenticated";

revoke all on function "public"."accept_invitation"(text) from "postgres";

grant execute on function "public"."accept_invitation"(text) to "postgres";

grant execute on function "public"."accept_invitation"(text) to "service_role";

grant execute on function "public"."activate_workflow"(uuid) to "authenticated";

revoke all on function "public"."activate_workflow"(uuid) from "postgres";

grant execute on function "public"."activate_workflow"(uuid) to "postgres";

grant execute on function "public"."activate_workflow"(uuid) to "service_role";

grant execute on function "public"."archive_workflow"(uuid) to "authenticated";

revoke all on function "public"."archive_workflow"(uuid) from "postgres";

grant execute on function "public"."archive_workflow"(uuid) to "postgres";

grant execute on function "public"."archive_workflow"(uuid) to "service_role";

grant execute on function "public"."assign_response"(uuid, uuid) to "authenticated";

revoke all on function "public"."assign_response"(uuid, uuid) from "postgres";

grant execute on function "public"."assign_response"(uuid, uuid) to "postgres";

grant execute on function "public"."assign_response"(uuid, uuid) to "service_role";

grant execute on function "public"."cancel_execution"(uuid, text) to "authenticated";

revoke all on function "public"."cancel_execution"(uuid, text) from "postgres";

grant execute on function "public"."cancel_execution"(uuid, text) to "postgres";

grant execute on function "public"."cancel_execution"(uuid, text) to "service_role";

grant execute on function "public"."cancel_interaction"(uuid, text) to "authenticated";

revoke all on function "public"."cancel_interaction"(uuid, text) from "postgres";

grant execute on function "public"."cancel_interaction"(uuid, text) to "postgres";

grant execute on function "public"."cancel_interaction"(uuid, text) to "service_role";

grant execute on function "public"."complete_execution"(uuid, text, jsonb, jsonb, integer) to "authenticated";

revoke all on function "public"."complete_execution"(uuid, text, jsonb, jsonb, integer) from "postgres";

grant execute on function "public"."complete_execution"(uuid, text, jsonb, jsonb, integer) to "postgres";

grant execute on function "public"."complete_execution"(uuid, text, jsonb, jsonb, integer) to "service_role";

grant execute on function "public"."create_session"(text, text, jsonb, uuid) to "authenticated";

revoke all on function "public"."create_session"(text, text, jsonb, uuid) from "postgres";

grant execute on function "public"."create_session"(text, text, jsonb, uuid) to "postgres";

grant execute on function "public"."create_session"(text, text, jsonb, uuid) to "service_role";

grant execute
  on function "public"."create_workflow"(text, jsonb, text, text[], text, uuid, text, uuid)
  to "authenticated";

revoke all
  on function "public"."create_workflow"(text, jsonb, text, text[], text, uuid, text, uuid)
  from "postgres";

grant execute
  on function "public"."create_workflow"(text, jsonb, text, text[], text, uuid, text, uuid)
  to "postgres";

grant execute
  on function "public"."create_workflow"(text, jsonb, text, text[], text, uuid, text, uuid)
  to "service_role";

grant execute on function "public"."create_workflow_version"(uuid, jsonb, text, integer) to "authenticated";

revoke all on function "public"."create_workflow_version"(uuid, jsonb, text, integer) from "postgres";

grant execute on function "public"."create_workflow_version"(uuid, jsonb, text, integer) to "postgres";

grant execute on function "public"."create_workflow_version"(uuid, jsonb, text, integer) to "service_role";

grant execute on function "public"."create_workspace"(text) to "authenticated";

revoke all on function "public"."create_workspace"(text) from "postgres";

grant execute on function "public"."create_workspace"(text) to "postgres";

grant execute on function "public"."create_workspace"(text) to "service_role";

grant execute on function "public"."delete_execution_limit"(uuid) to "authenticated";

revoke all on function "public"."delete_execution_limit"(uuid) from "postgres";

grant execute on function "public"."delete_execution_limit"(uuid) to "postgres";

grant execute on function "public"."delete_execution_limit"(uuid) to "service_role";

grant execute on function "public"."delete_integration"(uuid) to "authenticated";

revoke all on function "public"."delete_integration"(uuid) from "postgres";

grant execute on function "public"."delete_integration"(uuid) to "postgres";

grant execute on function "public"."delete_integration"(uuid) to "service_role";

grant execute on function "public"."delete_session"(uuid) to "authenticated";

revoke all on function "public"."delete_session"(uuid) from "postgres";

grant execute on function "public"."delete_session"(uuid) to "postgres";

grant execute on function "public"."delete_session"(uuid) to "service_role";

grant execute on function "public"."delete_workflow"(uuid) to "authenticated";

revoke all on function "public"."delete_workflow"(uuid) from "postgres";

grant execute on function "public"."delete_workflow"(uuid) to "postgres";

grant execute on function "public"."delete_workflow"(uuid) to "service_role";

grant execute on function "public"."deploy_workflow"(uuid, integer, text, text) to "authenticated";

revoke all on function "public"."deploy_workflow"(uuid, integer, text, text) from "postgres";

grant execute on function "public"."deploy_workflow"(uuid, integer, text, text) to "postgres";

grant execute on function "public"."deploy_workflow"(uuid, integer, text, text) to "service_role";

grant execute on function "public"."diff_workflow_versions"(uuid, integer, integer) to "authenticated";

revoke all on function "public"."diff_workflow_versions"(uuid, integer, integer) from "postgres";

grant execute on function "public"."diff_workflow_versions"(uuid, integer, integer) to "postgres";

grant execute on function "public"."diff_workflow_versions"(uuid, integer, integer) to "service_role";

grant execute on function "public"."duplicate_workflow"(uuid, text, uuid, text) to "authenticated";

revoke all on function "public"."duplicate_workflow"(uuid, text, uuid, text) from "postgres";

grant execute on function "public"."duplicate_workflow"(uuid, text, uuid, text) to "postgres";

grant execute on function "public"."duplicate_workflow"(uuid, text, uuid, text) to "service_role";

grant execute on function "public"."enable_function"(text, uuid, boolean, jsonb) to "authenticated";

revoke all on function "public"."enable_function"(text, uuid, boolean, jsonb) from "postgres";

grant execute on function "public"."enable_function"(text, uuid, boolean, jsonb) to "postgres";

grant execute on function "public"."enable_function"(text, uuid, boolean, jsonb) to "service_role";

grant execute on function "public"."get_deployment_history"(uuid, integer, uuid) to "authenticated";

revoke all on function "public"."get_deployment_history"(uuid, integer, uuid) from "postgres";

grant execute on function "public"."get_deployment_history"(uuid, integer, uuid) to "postgres";

grant execute on function "public"."get_deployment_history"(uuid, integer, uuid) to "service_role";

grant execute on function "public"."get_execution"(uuid) to "authenticated";

revoke all on function "public"."get_execution"(uuid) from "postgres";

grant execute on function "public"."get_execution"(uuid) to "postgres";

grant execute on function "public"."get_execution"(uuid) to "service_role";

grant execute on function "public"."get_execution_events"(uuid, bigint, integer) to "authenticated";

revoke all on function "public"."get_execution_events"(uuid, bigint, integer) from "postgres";

grant execute on function "public"."get_execution_events"(uuid, bigint, integer) to "postgres";

grant execute on function "public"."get_execution_events"(uuid, bigint, integer) to "service_role";

grant execute on function "public"."get_execution_stats"(uuid, timestamp with time zone) to "authenticated";

revoke all on function "public"."get_execution_stats"(uuid, timestamp with time zone) from "postgres";

grant execute on function "public"."get_execution_stats"(uuid, timestamp with time zone) to "postgres";

grant execute on function "public"."get_execution_stats"(uuid, timestamp with time zone) to "service_role";

grant execute on function "public"."get_triggers"(uuid) to "authenticated";

revoke all on function "public"."get_triggers"(uuid) from "postgres";

grant execute on function "public"."get_triggers"(uuid) to "postgres";

grant execute on function "public"."get_triggers"(uuid) to "service_role";

grant execute on function "public"."get_version_history"(uuid, integer, integer) to "authenticated";

revoke all on function "public"."get_version_history"(uuid, integer, integer) from "postgres";

grant execute on function "public"."get_version_history"(uuid, integer, integer) to "postgres";

grant execute on function "public"."get_version_history"(uuid, integer, integer) to "service_role";

grant execute on function "public"."get_workflow"(uuid, integer) to "authenticated";

revoke all on function "public"."get_workflow"(uuid, integer) from "postgres";

grant execute on function "public"."get_workflow"(uuid, integer) to "postgres";

grant execute on function "public"."get_workflow"(uuid, integer) to "service_role";

grant execute on function "public"."invite_member"(uuid, text, text) to "authenticated";

revoke all on function "public"."invite_member"(uuid, text, text) from "postgres";

grant execute on function "public"."invite_member"(uuid, text, text) to "postgres";

grant execute on function "public"."invite_member"(uuid, text, text) to "service_role";

grant execute on function "public"."list_folders"(uuid) to "authenticated";

revoke all on function "public"."list_folders"(uuid) from "postgres";

grant execute on function "public"."list_folders"(uuid) to "postgres";

grant execute on function "public"."list_folders"(uuid) to "service_role";

grant execute
  on function "public"."list_my_interactions"(uuid, text, text, text, integer, text, boolean)
  to "authenticated";

revoke all
  on function "public"."list_my_interactions"(uuid, text, text, text, integer, text, boolean)
  from "postgres";

grant execute
  on function "public"."list_my_interactions"(uuid, text, text, text, integer, text, boolean)
  to "postgres";

grant execute
  on function "public"."list_my_interactions"(uuid, text, text, text, integer, text, boolean)
  to "service_role";

grant execute on function "public"."list_tags"(uuid) to "authenticated";

revoke all on function "public"."list_tags"(uuid) from "postgres";

grant execute on function "public"."list_tags"(uuid) to "postgres";

grant execute on function "public"."list_tags"(uuid) to "service_role";

grant execute
  on function
    "public"."list_workflows"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean,
    text, uuid, uuid, text, text, integer, integer, text, boolean)
  to "authenticated";

revoke all
  on function
    "public"."list_workflows"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean,
    text, uuid, uuid, text, text, integer, integer, text, boolean)
  from "postgres";

grant execute
  on function
    "public"."list_workflows"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean,
    text, uuid, uuid, text, text, integer, integer, text, boolean)
  to "postgres";

grant execute
  on function
    "public"."list_workflows"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean,
    text, uuid, uuid, text, text, integer, integer, text, boolean)
  to "service_role";

grant execute
  on function "public"."next_runs"(text, text, integer, timestamp with time zone)
  to "authenticated";

revoke all on function "public"."next_runs"(text, text, integer, timestamp with time zone) from "postgres";

grant execute on function "public"."next_runs"(text, text, integer, timestamp with time zone) to "postgres";

grant execute
  on function "public"."next_runs"(text, text, integer, timestamp with time zone)
  to "service_role";

grant execute on function "public"."pause_execution"(uuid, text) to "authenticated";

revoke all on function "public"."pause_execution"(uuid, text) from "postgres";

grant execute on function "public"."pause_execution"(uuid, text) to "postgres";

grant execute on function "public"."pause_execution"(uuid, text) to "service_role";

grant execute on function "public"."pause_workflow"(uuid) to "authenticated";

revoke all on function "public"."pause_workflow"(uuid) from "postgres";

grant execute on function "public"."pause_workflow"(uuid) to "postgres";

grant execute on function "public"."pause_workflow"(uuid) to "service_role";

grant execute on function "public"."purge_workflow_versions"(uuid, integer) to "authenticated";

revoke all on function "public"."purge_workflow_versions"(uuid, integer) from "postgres";

grant execute on function "public"."purge_workflow_versions"(uuid, integer) to "postgres";

grant execute on function "public"."purge_workflow_versions"(uuid, integer) to "service_role";

grant execute on function "public"."reassign_interaction"(uuid, jsonb, text) to "authenticated";

revoke all on function "public"."reassign_interaction"(uuid, jsonb, text) from "postgres";

grant execute on function "public"."reassign_interaction"(uuid, jsonb, text) to "postgres";

grant execute on function "public"."reassign_interaction"(uuid, jsonb, text) to "service_role";

grant execute on function "public"."remove_member"(uuid, uuid) to "authenticated";

revoke all on function "public"."remove_member"(uuid, uuid) from "postgres";

grant execute on function "public"."remove_member"(uuid, uuid) to "postgres";

grant execute on function "public"."remove_member"(uuid, uuid) to "service_role";

grant execute on function "public"."respond_to_interaction"(uuid, text, jsonb, text, text) to "authenticated";

revoke all on function "public"."respond_to_interaction"(uuid, text, jsonb, text, text) from "postgres";

grant execute on function "public"."respond_to_interaction"(uuid, text, jsonb, text, text) to "postgres";

grant execute on function "public"."respond_to_interaction"(uuid, text, jsonb, text, text) to "service_role";

grant execute on function "public"."restore_workflow_version"(uuid, integer, text, integer) to "authenticated";

revoke all on function "public"."restore_workflow_version"(uuid, integer, text, integer) from "postgres";

grant execute on function "public"."restore_workflow_version"(uuid, integer, text, integer) to "postgres";

grant execute on function "public"."restore_workflow_version"(uuid, integer, text, integer) to "service_role";

grant execute on function "public"."resume_execution"(uuid) to "authenticated";

revoke all on function "public"."resume_execution"(uuid) from "postgres";

grant execute on function "public"."resume_execution"(uuid) to "postgres";

grant execute on function "public"."resume_execution"(uuid) to "service_role";

grant execute on function "public"."retry_execution"(uuid, uuid, integer) to "authenticated";

revoke all on function "public"."retry_execution"(uuid, uuid, integer) from "postgres";

grant execute on function "public"."retry_execution"(uuid, uuid, integer) to "postgres";

grant execute on function "public"."retry_execution"(uuid, uuid, integer) to "service_role";

grant execute on function "public"."revoke_invitation"(uuid) to "authenticated";

revoke all on function "public"."revoke_invitation"(uuid) from "postgres";

grant execute on function "public"."revoke_invitation"(uuid) to "postgres";

grant execute on function "public"."revoke_invitation"(uuid) to "service_role";

grant execute on function "public"."rollback_workflow"(uuid, integer, text, text) to "authenticated";

revoke all on function "public"."rollback_workflow"(uuid, integer, text, text) from "postgres";

grant execute on function "public"."rollback_workflow"(uuid, integer, text, text) to "postgres";

grant execute on function "public"."rollback_workflow"(uuid, integer, text, text) to "service_role";

grant execute on function "public"."rotate_trigger"(uuid, text) to "authenticated";

revoke all on function "public"."rotate_trigger"(uuid, text) from "postgres";

grant execute on function "public"."rotate_trigger"(uuid, text) to "postgres";

grant execute on function "public"."rotate_trigger"(uuid, text) to "service_role";

grant execute on function "public"."send_event"(text, jsonb, text, uuid) to "authenticated";

revoke all on function "public"."send_event"(text, jsonb, text, uuid) from "postgres";

grant execute on function "public"."send_event"(text, jsonb, text, uuid) to "postgres";

grant execute on function "public"."send_event"(text, jsonb, text, uuid) to "service_role";

grant execute
  on function "public"."set_execution_limit"(uuid, integer, integer, integer, text, text, uuid)
  to "authenticated";

revoke all
  on function "public"."set_execution_limit"(uuid, integer, integer, integer, text, text, uuid)
  from "postgres";

grant execute
  on function "public"."set_execution_limit"(uuid, integer, integer, integer, text, text, uuid)
  to "postgres";

grant execute
  on function "public"."set_execution_limit"(uuid, integer, integer, integer, text, text, uuid)
  to "service_role";

grant execute on function "public"."set_favorite"(uuid, boolean) to "authenticated";

revoke all on function "public"."set_favorite"(uuid, boolean) from "postgres";

grant execute on function "public"."set_favorite"(uuid, boolean) to "postgres";

grant execute on function "public"."set_favorite"(uuid, boolean) to "service_role";

grant execute on function "public"."set_member_role"(uuid, uuid, text) to "authenticated";

revoke all on function "public"."set_member_role"(uuid, uuid, text) from "postgres";

grant execute on function "public"."set_member_role"(uuid, uuid, text) to "postgres";

grant execute on function "public"."set_member_role"(uuid, uuid, text) to "service_role";

grant execute on function "public"."set_static_data"(uuid, jsonb) to "authenticated";

revoke all on function "public"."set_static_data"(uuid, jsonb) from "postgres";

grant execute on function "public"."set_static_data"(uuid, jsonb) to "postgres";

grant execute on function "public"."set_static_data"(uuid, jsonb) to "service_role";

grant execute
  on function "public"."start_execution"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  to "authenticated";

revoke all
  on function "public"."start_execution"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  from "postgres";

grant execute
  on function "public"."start_execution"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  to "postgres";

grant execute
  on function "public"."start_execution"(uuid, jsonb, text, integer, integer, timestamp
    with time zone, integer, boolean)
  to "service_role";

grant execute on function "public"."unarchive_workflow"(uuid) to "authenticated";

revoke all on function "public"."unarchive_workflow"(uuid) from "postgres";

grant execute on function "public"."unarchive_workflow"(uuid) to "postgres";

grant execute on function "public"."unarchive_workflow"(uuid) to "service_role";

grant execute on function "public"."undeploy_workflow"(uuid, text, text) to "authenticated";

revoke all on function "public"."undeploy_workflow"(uuid, text, text) from "postgres";

grant execute on function "public"."undeploy_workflow"(uuid, text, text) to "postgres";

grant execute on function "public"."undeploy_workflow"(uuid, text, text) to "service_role";

grant execute on function "public"."update_integration"(uuid, text, text, jsonb, boolean) to "authenticated";

revoke all on function "public"."update_integration"(uuid, text, text, jsonb, boolean) from "postgres";

grant execute on function "public"."update_integration"(uuid, text, text, jsonb, boolean) to "postgres";

grant execute on function "public"."update_integration"(uuid, text, text, jsonb, boolean) to "service_role";

grant execute on function "public"."update_session"(uuid, text, jsonb) to "authenticated";

revoke all on function "public"."update_session"(uuid, text, jsonb) from "postgres";

grant execute on function "public"."update_session"(uuid, text, jsonb) to "postgres";

grant execute on function "public"."update_session"(uuid, text, jsonb) to "service_role";

grant execute
  on function
    "public"."update_workflow"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  to "authenticated";

revoke all
  on function
    "public"."update_workflow"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  from "postgres";

grant execute
  on function
    "public"."update_workflow"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  to "postgres";

grant execute
  on function
    "public"."update_workflow"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  to "service_role";

grant execute on function "public"."validate_definition"(jsonb, uuid) to "authenticated";

revoke all on function "public"."validate_definition"(jsonb, uuid) from "postgres";

grant execute on function "public"."validate_definition"(jsonb, uuid) to "postgres";

grant execute on function "public"."validate_definition"(jsonb, uuid) to "service_role";

revoke all on function "triggers"."accepts"(text, jsonb, jsonb) from public;

revoke all on function "triggers"."accepts"(text, jsonb, jsonb) from "postgres";

grant execute on function "triggers"."accepts"(text, jsonb, jsonb) to "postgres";

revoke all on function "triggers"."admit_delivery"(uuid, double precision, double precision) from public;

revoke all on function "triggers"."admit_delivery"(uuid, double precision, double precision) from "postgres";

grant execute on function "triggers"."admit_delivery"(uuid, double precision, double precision) to "postgres";

revoke all on function "triggers"."answer"(text, jsonb) from public;

grant execute on function "triggers"."answer"(text, jsonb) to "authenticated";

revoke all on function "triggers"."answer"(text, jsonb) from "postgres";

grant execute on function "triggers"."answer"(text, jsonb) to "postgres";

grant execute on function "triggers"."answer"(text, jsonb) to "service_role";

revoke all on function "triggers"."attempt"(public.workflows, integer, text, uuid, text, text) from public;

revoke all on function "triggers"."attempt"(public.workflows, integer, text, uuid, text, text) from "postgres";

grant execute
  on function "triggers"."attempt"(public.workflows, integer, text, uuid, text, text)
  to "postgres";

revoke all on function "triggers"."cancel_running"(public.workflows, integer, text, text) from public;

revoke all on function "triggers"."cancel_running"(public.workflows, integer, text, text) from "postgres";

grant execute on function "triggers"."cancel_running"(public.workflows, integer, text, text) to "postgres";

revoke all on function "triggers"."complete_deployments"(timestamp with time zone, integer) from public;

revoke all on function "triggers"."complete_deployments"(timestamp with time zone, integer) from "postgres";

grant execute on function "triggers"."complete_deployments"(timestamp with time zone, integer) to "postgres";

revoke all on function "triggers"."cron_problem"(text, text) from public;

grant execute on function "triggers"."cron_problem"(text, text) to "authenticated";

revoke all on function "triggers"."cron_problem"(text, text) from "postgres";

grant execute on function "triggers"."cron_problem"(text, text) to "postgres";

grant execute on function "triggers"."cron_problem"(text, text) to "service_role";

revoke all on function "triggers"."delivery_key"(uuid, text, text) from public;

revoke all on function "triggers"."delivery_key"(uuid, text, text) from "postgres";

grant execute on function "triggers"."delivery_key"(uuid, text, text) to "postgres";

revoke all on function "triggers"."deploy"(uuid, integer, text, text) from public;

grant execute on function "triggers"."deploy"(uuid, integer, text, text) to "authenticated";

revoke all on function "triggers"."deploy"(uuid, integer, text, text) from "postgres";

grant execute on function "triggers"."deploy"(uuid, integer, text, text) to "postgres";

grant execute on function "triggers"."deploy"(uuid, integer, text, text) to "service_role";

revoke all on function "triggers"."deployed"(uuid) from public;

revoke all on function "triggers"."deployed"(uuid) from "postgres";

grant execute on function "triggers"."deployed"(uuid) to "postgres";

revoke all on function "triggers"."fail_run"(uuid, text, text, timestamp with time zone) from public;

revoke all on function "triggers"."fail_run"(uuid, text, text, timestamp with time zone) from "postgres";

grant execute on function "triggers"."fail_run"(uuid, text, text, timestamp with time zone) to "postgres";

revoke all on function "triggers"."fire"(uuid[], timestamp with time zone) from public;

revoke all on function "triggers"."fire"(uuid[], timestamp with time zone) from "postgres";

grant execute on function "triggers"."fire"(uuid[], timestamp with time zone) to "postgres";

revoke all on function "triggers"."fire_due"(timestamp with time zone, integer, interval) from public;

revoke all on function "triggers"."fire_due"(timestamp with time zone, integer, interval) from "postgres";

grant execute on function "triggers"."fire_due"(timestamp with time zone, integer, interval) to "postgres";

revoke all on function "triggers"."follow_status"() from public;

revoke all on function "triggers"."follow_status"() from "postgres";

grant execute on function "triggers"."follow_status"() to "postgres";

revoke all on function "triggers"."follow_workflow"() from public;

revoke all on function "triggers"."follow_workflow"() from "postgres";

grant execute on function "triggers"."follow_workflow"() to "postgres";

revoke all on function "triggers"."grace"() from public;

revoke all on function "triggers"."grace"() from "postgres";

grant execute on function "triggers"."grace"() to "postgres";

revoke all on function "triggers"."history"(uuid, integer, uuid) from public;

grant execute on function "triggers"."history"(uuid, integer, uuid) to "authenticated";

revoke all on function "triggers"."history"(uuid, integer, uuid) from "postgres";

grant execute on function "triggers"."history"(uuid, integer, uuid) to "postgres";

grant execute on function "triggers"."history"(uuid, integer, uuid) to "service_role";

revoke all on function "triggers"."last_deployment"(public.workflows, integer) from public;

revoke all on function "triggers"."last_deployment"(public.workflows, integer) from "postgres";

grant execute on function "triggers"."last_deployment"(public.workflows, integer) to "postgres";

revoke all
  on function "triggers"."last_times"(triggers.cron, text, timestamp with time zone, timestamp
    with time zone, integer)
  from public;

revoke all
  on function "triggers"."last_times"(triggers.cron, text, timestamp with time zone, timestamp
    with time zone, integer)
  from "postgres";

grant execute
  on function "triggers"."last_times"(triggers.cron, text, timestamp with time zone, timestamp
    with time zone, integer)
  to "postgres";

revoke all on function "triggers"."match_path"(text, text) from public;

revoke all on function "triggers"."match_path"(text, text) from "postgres";

grant execute on function "triggers"."match_path"(text, text) to "postgres";

revoke all on function "triggers"."matches_glob"(text, text) from public;

revoke all on function "triggers"."matches_glob"(text, text) from "postgres";

grant execute on function "triggers"."matches_glob"(text, text) to "postgres";

revoke all on function "triggers"."next_match"(triggers.cron, timestamp without time zone) from public;

revoke all on function "triggers"."next_match"(triggers.cron, timestamp without time zone) from "postgres";

grant execute on function "triggers"."next_match"(triggers.cron, timestamp without time zone) to "postgres";

revoke all on function "triggers"."next_runs"(text, text, integer, timestamp with time zone) from public;

grant execute
  on function "triggers"."next_runs"(text, text, integer, timestamp with time zone)
  to "authenticated";

revoke all on function "triggers"."next_runs"(text, text, integer, timestamp with time zone) from "postgres";

grant execute on function "triggers"."next_runs"(text, text, integer, timestamp with time zone) to "postgres";

grant execute
  on function "triggers"."next_runs"(text, text, integer, timestamp with time zone)
  to "service_role";

revoke all on function "triggers"."next_time"(triggers.cron, text, timestamp with time zone) from public;

revoke all on function "triggers"."next_time"(triggers.cron, text, timestamp with time zone) from "postgres";

grant execute on function "triggers"."next_time"(triggers.cron, text, timestamp with time zone) to "postgres";

revoke all on function "triggers"."of_workflow"(uuid) from public;

grant execute on function "triggers"."of_workflow"(uuid) to "authenticated";

revoke all on function "triggers"."of_workflow"(uuid) from "postgres";

grant execute on function "triggers"."of_workflow"(uuid) to "postgres";

grant execute on function "triggers"."of_workflow"(uuid) to "service_role";

revoke all
  on function "triggers"."offset_change"(text, timestamp with time zone, timestamp with time zone)
  from public;

revoke all
  on function "triggers"."offset_change"(text, timestamp with time zone, timestamp with time zone)
  from "postgres";

grant execute
  on function "triggers"."offset_change"(text, timestamp with time zone, timestamp with time zone)
  to "postgres";

revoke all on function "triggers"."plan_schedules"(uuid) from public;

revoke all on function "triggers"."plan_schedules"(uuid) from "postgres";

grant execute on function "triggers"."plan_schedules"(uuid) to "postgres";

revoke all on function "triggers"."read_cron"(text) from public;

revoke all on function "triggers"."read_cron"(text) from "postgres";

grant execute on function "triggers"."read_cron"(text) to "postgres";

revoke all on function "triggers"."read_cron_field"(text, text, integer, integer, text[]) from public;

revoke all on function "triggers"."read_cron_field"(text, text, integer, integer, text[]) from "postgres";

grant execute on function "triggers"."read_cron_field"(text, text, integer, integer, text[]) to "postgres";

revoke all on function "triggers"."receive_event"(uuid, text, text[], jsonb, jsonb, text, text) from public;

revoke all
  on function "triggers"."receive_event"(uuid, text, text[], jsonb, jsonb, text, text)
  from "postgres";

grant execute
  on function "triggers"."receive_event"(uuid, text, text[], jsonb, jsonb, text, text)
  to "postgres";

revoke all on function "triggers"."receive_webhook"(uuid, text, text, jsonb, text, uuid) from public;

revoke all on function "triggers"."receive_webhook"(uuid, text, text, jsonb, text, uuid) from "postgres";

grant execute on function "triggers"."receive_webhook"(uuid, text, text, jsonb, text, uuid) to "postgres";

revoke all on function "triggers"."rollback"(uuid, integer, text, text) from public;

grant execute on function "triggers"."rollback"(uuid, integer, text, text) to "authenticated";

revoke all on function "triggers"."rollback"(uuid, integer, text, text) from "postgres";

grant execute on function "triggers"."rollback"(uuid, integer, text, text) to "postgres";

grant execute on function "triggers"."rollback"(uuid, integer, text, text) to "service_role";

revoke all on function "triggers"."rotate"(uuid, text) from public;

grant execute on function "triggers"."rotate"(uuid, text) to "authenticated";

revoke all on function "triggers"."rotate"(uuid, text) from "postgres";

grant execute on function "triggers"."rotate"(uuid, text) to "postgres";

grant execute on function "triggers"."rotate"(uuid, text) to "service_role";

revoke all on function "triggers"."step"(text, jsonb) from public;

revoke all on function "triggers"."step"(text, jsonb) from "postgres";

grant execute on function "triggers"."step"(text, jsonb) to "postgres";

revoke all on function "triggers"."sweep"() from public;

revoke all on function "triggers"."sweep"() from "postgres";

grant execute on function "triggers"."sweep"() to "postgres";

revoke all on function "triggers"."take_limits"(uuid, uuid, jsonb) from public;

revoke all on function "triggers"."take_limits"(uuid, uuid, jsonb) from "postgres";

grant execute on function "triggers"."take_limits"(uuid, uuid, jsonb) to "postgres";

revoke all on function "triggers"."take_workflow"(uuid, text) from public;

revoke all on function "triggers"."take_workflow"(uuid, text) from "postgres";

grant execute on function "triggers"."take_workflow"(uuid, text) to "postgres";

revoke all on function "triggers"."timezone_problem"(text) from public;

revoke all on function "triggers"."timezone_problem"(text) from "postgres";

grant execute on function "triggers"."timezone_problem"(text) to "postgres";

revoke all on function "triggers"."triggers_of"(uuid, integer) from public;

revoke all on function "triggers"."triggers_of"(uuid, integer) from "postgres";

grant execute on function "triggers"."triggers_of"(uuid, integer) to "postgres";

revoke all on function "triggers"."undeploy"(uuid, text, text) from public;

grant execute on function "triggers"."undeploy"(uuid, text, text) to "authenticated";

revoke all on function "triggers"."undeploy"(uuid, text, text) from "postgres";

grant execute on function "triggers"."undeploy"(uuid, text, text) to "postgres";

grant execute on function "triggers"."undeploy"(uuid, text, text) to "service_role";

revoke all on function "triggers"."use_token"(public.integrations, text) from public;

revoke all on function "triggers"."use_token"(public.integrations, text) from "postgres";

grant execute on function "triggers"."use_token"(public.integrations, text) to "postgres";

revoke all on function "triggers"."webhook_config"(uuid) from public;

revoke all on function "triggers"."webhook_config"(uuid) from "postgres";

grant execute on function "triggers"."webhook_config"(uuid) to "postgres";

revoke all on function "triggers"."write_index"(public.workflows, integer) from public;

revoke all on function "triggers"."write_index"(public.workflows, integer) from "postgres";

grant execute on function "triggers"."write_index"(public.workflows, integer) to "postgres";

revoke all on function "workflows"."add_version"(uuid, jsonb, text, integer) from public;

grant execute on function "workflows"."add_version"(uuid, jsonb, text, integer) to "authenticated";

revoke all on function "workflows"."add_version"(uuid, jsonb, text, integer) from "postgres";

grant execute on function "workflows"."add_version"(uuid, jsonb, text, integer) to "postgres";

grant execute on function "workflows"."add_version"(uuid, jsonb, text, integer) to "service_role";

revoke all on function "workflows"."append_version"(public.workflows, integer, jsonb, text) from public;

revoke all on function "workflows"."append_version"(public.workflows, integer, jsonb, text) from "postgres";

grant execute on function "workflows"."append_version"(public.workflows, integer, jsonb, text) to "postgres";

revoke all on function "workflows"."archive"(uuid) from public;

grant execute on function "workflows"."archive"(uuid) to "authenticated";

revoke all on function "workflows"."archive"(uuid) from "postgres";

grant execute on function "workflows"."archive"(uuid) to "postgres";

grant execute on function "workflows"."archive"(uuid) to "service_role";

revoke all on function "workflows"."being_saved"(uuid, integer) from public;

revoke all on function "workflows"."being_saved"(uuid, integer) from "postgres";

grant execute on function "workflows"."being_saved"(uuid, integer) to "postgres";

revoke all on function "workflows"."call_problems"(jsonb, uuid) from public;

revoke all on function "workflows"."call_problems"(jsonb, uuid) from "postgres";

grant execute on function "workflows"."call_problems"(jsonb, uuid) to "postgres";

revoke all on function "workflows"."change_session"(uuid, text, jsonb) from public;

grant execute on function "workflows"."change_session"(uuid, text, jsonb) to "authenticated";

revoke all on function "workflows"."change_session"(uuid, text, jsonb) from "postgres";

grant execute on function "workflows"."change_session"(uuid, text, jsonb) to "postgres";

grant execute on function "workflows"."change_session"(uuid, text, jsonb) to "service_role";

revoke all on function "workflows"."changed_fields"(jsonb, jsonb, text) from public;

grant execute on function "workflows"."changed_fields"(jsonb, jsonb, text) to "authenticated";

revoke all on function "workflows"."changed_fields"(jsonb, jsonb, text) from "postgres";

grant execute on function "workflows"."changed_fields"(jsonb, jsonb, text) to "postgres";

grant execute on function "workflows"."changed_fields"(jsonb, jsonb, text) to "service_role";

revoke all on function "workflows"."check_definition"(jsonb, uuid) from public;

revoke all on function "workflows"."check_definition"(jsonb, uuid) from "postgres";

grant execute on function "workflows"."check_definition"(jsonb, uuid) to "postgres";

revoke all on function "workflows"."check_note"(text) from public;

revoke all on function "workflows"."check_note"(text) from "postgres";

grant execute on function "workflows"."check_note"(text) to "postgres";

revoke all on function "workflows"."check_session"(public.sessions) from public;

revoke all on function "workflows"."check_session"(public.sessions) from "postgres";

grant execute on function "workflows"."check_session"(public.sessions) to "postgres";

revoke all on function "workflows"."checked"(public.workflows) from public;

revoke all on function "workflows"."checked"(public.workflows) from "postgres";

grant execute on function "workflows"."checked"(public.workflows) to "postgres";

revoke all on function "workflows"."checksum"(jsonb) from public;

revoke all on function "workflows"."checksum"(jsonb) from "postgres";

grant execute on function "workflows"."checksum"(jsonb) to "postgres";

revoke all on function "workflows"."compile_parameters"(jsonb, jsonb) from public;

revoke all on function "workflows"."compile_parameters"(jsonb, jsonb) from "postgres";

grant execute on function "workflows"."compile_parameters"(jsonb, jsonb) to "postgres";

revoke all on function "workflows"."compile_path"(text) from public;

revoke all on function "workflows"."compile_path"(text) from "postgres";

grant execute on function "workflows"."compile_path"(text) to "postgres";

revoke all on function "workflows"."compile_predicate"(text) from public;

revoke all on function "workflows"."compile_predicate"(text) from "postgres";

grant execute on function "workflows"."compile_predicate"(text) to "postgres";

revoke all on function "workflows"."complete_specification"(text, jsonb) from public;

revoke all on function "workflows"."complete_specification"(text, jsonb) from "postgres";

grant execute on function "workflows"."complete_specification"(text, jsonb) to "postgres";

revoke all on function "workflows"."connection_problems"(jsonb, jsonb, jsonb, text[]) from public;

revoke all on function "workflows"."connection_problems"(jsonb, jsonb, jsonb, text[]) from "postgres";

grant execute on function "workflows"."connection_problems"(jsonb, jsonb, jsonb, text[]) to "postgres";

revoke all on function "workflows"."connections_of"(jsonb) from public;

grant execute on function "workflows"."connections_of"(jsonb) to "authenticated";

revoke all on function "workflows"."connections_of"(jsonb) from "postgres";

grant execute on function "workflows"."connections_of"(jsonb) to "postgres";

grant execute on function "workflows"."connections_of"(jsonb) to "service_role";

revoke all on function "workflows"."count_revision"() from public;

revoke all on function "workflows"."count_revision"() from "postgres";

grant execute on function "workflows"."count_revision"() to "postgres";

revoke all on function "workflows"."create_one"(text, jsonb, text, text[], text, uuid, text, uuid) from public;

grant execute
  on function "workflows"."create_one"(text, jsonb, text, text[], text, uuid, text, uuid)
  to "authenticated";

revoke all
  on function "workflows"."create_one"(text, jsonb, text, text[], text, uuid, text, uuid)
  from "postgres";

grant execute
  on function "workflows"."create_one"(text, jsonb, text, text[], text, uuid, text, uuid)
  to "postgres";

grant execute
  on function "workflows"."create_one"(text, jsonb, text, text[], text, uuid, text, uuid)
  to "service_role";

revoke all on function "workflows"."credential_problems"(jsonb, jsonb, uuid) from public;

revoke all on function "workflows"."credential_problems"(jsonb, jsonb, uuid) from "postgres";

grant execute on function "workflows"."credential_problems"(jsonb, jsonb, uuid) to "postgres";

revoke all on function "workflows"."cursor_of"(text, text, text, uuid) from public;

revoke all on function "workflows"."cursor_of"(text, text, text, uuid) from "postgres";

grant execute on function "workflows"."cursor_of"(text, text, text, uuid) to "postgres";

revoke all on function "workflows"."cycle_problems"(jsonb, jsonb) from public;

revoke all on function "workflows"."cycle_problems"(jsonb, jsonb) from "postgres";

grant execute on function "workflows"."cycle_problems"(jsonb, jsonb) to "postgres";

revoke all on function "workflows"."delete_one"(uuid) from public;

grant execute on function "workflows"."delete_one"(uuid) to "authenticated";

revoke all on function "workflows"."delete_one"(uuid) from "postgres";

grant execute on function "workflows"."delete_one"(uuid) to "postgres";

grant execute on function "workflows"."delete_one"(uuid) to "service_role";

revoke all on function "workflows"."deleted"() from public;

grant execute on function "workflows"."deleted"() to "authenticated";

revoke all on function "workflows"."deleted"() from "postgres";

grant execute on function "workflows"."deleted"() to "postgres";

revoke all on function "workflows"."diagnostics"(jsonb, text[], uuid) from public;

revoke all on function "workflows"."diagnostics"(jsonb, text[], uuid) from "postgres";

grant execute on function "workflows"."diagnostics"(jsonb, text[], uuid) to "postgres";

revoke all on function "workflows"."diff"(jsonb, jsonb) from public;

grant execute on function "workflows"."diff"(jsonb, jsonb) to "authenticated";

revoke all on function "workflows"."diff"(jsonb, jsonb) from "postgres";

grant execute on function "workflows"."diff"(jsonb, jsonb) to "postgres";

grant execute on function "workflows"."diff"(jsonb, jsonb) to "service_role";

revoke all on function "workflows"."duplicate"(uuid, text, uuid, text) from public;

grant execute on function "workflows"."duplicate"(uuid, text, uuid, text) to "authenticated";

revoke all on function "workflows"."duplicate"(uuid, text, uuid, text) from "postgres";

grant execute on function "workflows"."duplicate"(uuid, text, uuid, text) to "postgres";

grant execute on function "workflows"."duplicate"(uuid, text, uuid, text) to "service_role";

revoke all on function "workflows"."folder_path"(text) from public;

revoke all on function "workflows"."folder_path"(text) from "postgres";

grant execute on function "workflows"."folder_path"(text) to "postgres";

revoke all on function "workflows"."found"(uuid, text, boolean) from public;

revoke all on function "workflows"."found"(uuid, text, boolean) from "postgres";

grant execute on function "workflows"."found"(uuid, text, boolean) to "postgres";

revoke all on function "workflows"."get_one"(uuid, integer) from public;

grant execute on function "workflows"."get_one"(uuid, integer) to "authenticated";

revoke all on function "workflows"."get_one"(uuid, integer) from "postgres";

grant execute on function "workflows"."get_one"(uuid, integer) to "postgres";

grant execute on function "workflows"."get_one"(uuid, integer) to "service_role";

revoke all on function "workflows"."graph_problems"(jsonb, jsonb, text[], jsonb, text) from public;

revoke all on function "workflows"."graph_problems"(jsonb, jsonb, text[], jsonb, text) from "postgres";

grant execute on function "workflows"."graph_problems"(jsonb, jsonb, text[], jsonb, text) to "postgres";

revoke all on function "workflows"."index_renamed"() from public;

revoke all on function "workflows"."index_renamed"() from "postgres";

grant execute on function "workflows"."index_renamed"() to "postgres";

revoke all on function "workflows"."index_words"(public.workflows) from public;

revoke all on function "workflows"."index_words"(public.workflows) from "postgres";

grant execute on function "workflows"."index_words"(public.workflows) to "postgres";

revoke all on function "workflows"."insert_workflow"(public.workflows, jsonb, text) from public;

revoke all on function "workflows"."insert_workflow"(public.workflows, jsonb, text) from "postgres";

grant execute on function "workflows"."insert_workflow"(public.workflows, jsonb, text) to "postgres";

revoke all on function "workflows"."is_integration"(text, jsonb, uuid) from public;

revoke all on function "workflows"."is_integration"(text, jsonb, uuid) from "postgres";

grant execute on function "workflows"."is_integration"(text, jsonb, uuid) to "postgres";

revoke all on function "workflows"."keys_of"(jsonb) from public;

revoke all on function "workflows"."keys_of"(jsonb) from "postgres";

grant execute on function "workflows"."keys_of"(jsonb) to "postgres";

revoke all
  on function
    "workflows"."list"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text,
    uuid, uuid, text, text, integer, integer, text, boolean)
  from public;

grant execute
  on function
    "workflows"."list"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text,
    uuid, uuid, text, text, integer, integer, text, boolean)
  to "authenticated";

revoke all
  on function
    "workflows"."list"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text,
    uuid, uuid, text, text, integer, integer, text, boolean)
  from "postgres";

grant execute
  on function
    "workflows"."list"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text,
    uuid, uuid, text, text, integer, integer, text, boolean)
  to "postgres";

grant execute
  on function
    "workflows"."list"(uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text,
    uuid, uuid, text, text, integer, integer, text, boolean)
  to "service_role";

revoke all on function "workflows"."list_of"(jsonb) from public;

revoke all on function "workflows"."list_of"(jsonb) from "postgres";

grant execute on function "workflows"."list_of"(jsonb) to "postgres";

revoke all on function "workflows"."lock_key"(uuid) from public;

revoke all on function "workflows"."lock_key"(uuid) from "postgres";

grant execute on function "workflows"."lock_key"(uuid) to "postgres";

revoke all on function "workflows"."lock_version"(uuid, integer) from public;

revoke all on function "workflows"."lock_version"(uuid, integer) from "postgres";

grant execute on function "workflows"."lock_version"(uuid, integer) to "postgres";

revoke all on function "workflows"."mark_favorite"(uuid, boolean) from public;

grant execute on function "workflows"."mark_favorite"(uuid, boolean) to "authenticated";

revoke all on function "workflows"."mark_favorite"(uuid, boolean) from "postgres";

grant execute on function "workflows"."mark_favorite"(uuid, boolean) to "postgres";

grant execute on function "workflows"."mark_favorite"(uuid, boolean) to "service_role";

revoke all on function "workflows"."meta_problems"(jsonb, text[]) from public;

revoke all on function "workflows"."meta_problems"(jsonb, text[]) from "postgres";

grant execute on function "workflows"."meta_problems"(jsonb, text[]) to "postgres";

revoke all on function "workflows"."node_label"(jsonb) from public;

grant execute on function "workflows"."node_label"(jsonb) to "authenticated";

revoke all on function "workflows"."node_label"(jsonb) from "postgres";

grant execute on function "workflows"."node_label"(jsonb) to "postgres";

grant execute on function "workflows"."node_label"(jsonb) to "service_role";

revoke all on function "workflows"."node_problems"(jsonb, jsonb, text[], uuid) from public;

revoke all on function "workflows"."node_problems"(jsonb, jsonb, text[], uuid) from "postgres";

grant execute on function "workflows"."node_problems"(jsonb, jsonb, text[], uuid) to "postgres";

revoke all on function "workflows"."nodes_of"(jsonb) from public;

grant execute on function "workflows"."nodes_of"(jsonb) to "authenticated";

revoke all on function "workflows"."nodes_of"(jsonb) from "postgres";

grant execute on function "workflows"."nodes_of"(jsonb) to "postgres";

grant execute on function "workflows"."nodes_of"(jsonb) to "service_role";

revoke all on function "workflows"."object_of"(jsonb) from public;

grant execute on function "workflows"."object_of"(jsonb) to "authenticated";

revoke all on function "workflows"."object_of"(jsonb) from "postgres";

grant execute on function "workflows"."object_of"(jsonb) to "postgres";

grant execute on function "workflows"."object_of"(jsonb) to "service_role";

revoke all on function "workflows"."open_session"(text, text, jsonb, uuid) from public;

grant execute on function "workflows"."open_session"(text, text, jsonb, uuid) to "authenticated";

revoke all on function "workflows"."open_session"(text, text, jsonb, uuid) from "postgres";

grant execute on function "workflows"."open_session"(text, text, jsonb, uuid) to "postgres";

grant execute on function "workflows"."open_session"(text, text, jsonb, uuid) to "service_role";

revoke all on function "workflows"."parameter_problems"(jsonb, jsonb) from public;

revoke all on function "workflows"."parameter_problems"(jsonb, jsonb) from "postgres";

grant execute on function "workflows"."parameter_problems"(jsonb, jsonb) to "postgres";

revoke all on function "workflows"."path_of"(text, text[]) from public;

revoke all on function "workflows"."path_of"(text, text[]) from "postgres";

grant execute on function "workflows"."path_of"(text, text[]) to "postgres";

revoke all on function "workflows"."plain_text"(text) from public;

revoke all on function "workflows"."plain_text"(text) from "postgres";

grant execute on function "workflows"."plain_text"(text) to "postgres";

revoke all on function "workflows"."problem"(text, text, text[]) from public;

revoke all on function "workflows"."problem"(text, text, text[]) from "postgres";

grant execute on function "workflows"."problem"(text, text, text[]) to "postgres";

revoke all on function "workflows"."purge_by_retention"(integer) from public;

revoke all on function "workflows"."purge_by_retention"(integer) from "postgres";

grant execute on function "workflows"."purge_by_retention"(integer) to "postgres";

revoke all on function "workflows"."purge_versions"(uuid, integer) from public;

grant execute on function "workflows"."purge_versions"(uuid, integer) to "authenticated";

revoke all on function "workflows"."purge_versions"(uuid, integer) from "postgres";

grant execute on function "workflows"."purge_versions"(uuid, integer) to "postgres";

grant execute on function "workflows"."purge_versions"(uuid, integer) to "service_role";

revoke all on function "workflows"."purge_versions_of"(uuid, integer) from public;

revoke all on function "workflows"."purge_versions_of"(uuid, integer) from "postgres";

grant execute on function "workflows"."purge_versions_of"(uuid, integer) to "postgres";

revoke all on function "workflows"."query_of"(text) from public;

revoke all on function "workflows"."query_of"(text) from "postgres";

grant execute on function "workflows"."query_of"(text) to "postgres";

revoke all on function "workflows"."read_cursor"(text, text, text) from public;

revoke all on function "workflows"."read_cursor"(text, text, text) from "postgres";

grant execute on function "workflows"."read_cursor"(text, text, text) to "postgres";

revoke all on function "workflows"."refuse_change_of_locked"() from public;

revoke all on function "workflows"."refuse_change_of_locked"() from "postgres";

grant execute on function "workflows"."refuse_change_of_locked"() to "postgres";

revoke all on function "workflows"."refuse_invalid"(jsonb) from public;

revoke all on function "workflows"."refuse_invalid"(jsonb) from "postgres";

grant execute on function "workflows"."refuse_invalid"(jsonb) to "postgres";

revoke all on function "workflows"."remove_deleted"(integer) from public;

revoke all on function "workflows"."remove_deleted"(integer) from "postgres";

grant execute on function "workflows"."remove_deleted"(integer) to "postgres";

revoke all on function "workflows"."remove_history"(uuid, integer) from public;

revoke all on function "workflows"."remove_history"(uuid, integer) from "postgres";

grant execute on function "workflows"."remove_history"(uuid, integer) to "postgres";

revoke all on function "workflows"."remove_session"(uuid) from public;

grant execute on function "workflows"."remove_session"(uuid) to "authenticated";

revoke all on function "workflows"."remove_session"(uuid) from "postgres";

grant execute on function "workflows"."remove_session"(uuid) to "postgres";

grant execute on function "workflows"."remove_session"(uuid) to "service_role";

revoke all on function "workflows"."remove_versions"(uuid, integer[]) from public;

revoke all on function "workflows"."remove_versions"(uuid, integer[]) from "postgres";

grant execute on function "workflows"."remove_versions"(uuid, integer[]) to "postgres";

revoke all on function "workflows"."requirement_problems"(jsonb, jsonb, text[]) from public;

revoke all on function "workflows"."requirement_problems"(jsonb, jsonb, text[]) from "postgres";

grant execute on function "workflows"."requirement_problems"(jsonb, jsonb, text[]) to "postgres";

revoke all on function "workflows"."restore_version"(uuid, integer, text, integer) from public;

grant execute on function "workflows"."restore_version"(uuid, integer, text, integer) to "authenticated";

revoke all on function "workflows"."restore_version"(uuid, integer, text, integer) from "postgres";

grant execute on function "workflows"."restore_version"(uuid, integer, text, integer) to "postgres";

grant execute on function "workflows"."restore_version"(uuid, integer, text, integer) to "service_role";

revoke all on function "workflows"."save_definition"(public.workflows, jsonb, text) from public;

revoke all on function "workflows"."save_definition"(public.workflows, jsonb, text) from "postgres";

grant execute on function "workflows"."save_definition"(public.workflows, jsonb, text) to "postgres";

revoke all on function "workflows"."schema_problems"(jsonb, jsonb, boolean, text[]) from public;

revoke all on function "workflows"."schema_problems"(jsonb, jsonb, boolean, text[]) from "postgres";

grant execute on function "workflows"."schema_problems"(jsonb, jsonb, boolean, text[]) to "postgres";

revoke all on function "workflows"."scope_term"(uuid) from public;

revoke all on function "workflows"."scope_term"(uuid) from "postgres";

grant execute on function "workflows"."scope_term"(uuid) to "postgres";

revoke all on function "workflows"."scopes"(jsonb, jsonb) from public;

revoke all on function "workflows"."scopes"(jsonb, jsonb) from "postgres";

grant execute on function "workflows"."scopes"(jsonb, jsonb) to "postgres";

revoke all on function "workflows"."seed_node_specifications"() from public;

revoke all on function "workflows"."seed_node_specifications"() from "postgres";

grant execute on function "workflows"."seed_node_specifications"() to "postgres";

revoke all on function "workflows"."set_status"(uuid, text) from public;

grant execute on function "workflows"."set_status"(uuid, text) to "authenticated";

revoke all on function "workflows"."set_status"(uuid, text) from "postgres";

grant execute on function "workflows"."set_status"(uuid, text) to "postgres";

grant execute on function "workflows"."set_status"(uuid, text) to "service_role";

revoke all on function "workflows"."shape_problems"(jsonb) from public;

revoke all on function "workflows"."shape_problems"(jsonb) from "postgres";

grant execute on function "workflows"."shape_problems"(jsonb) to "postgres";

revoke all on function "workflows"."size_problem"(jsonb) from public;

revoke all on function "workflows"."size_problem"(jsonb) from "postgres";

grant execute on function "workflows"."size_problem"(jsonb) to "postgres";

revoke all on function "workflows"."specification_problems"(jsonb) from public;

revoke all on function "workflows"."specification_problems"(jsonb) from "postgres";

grant execute on function "workflows"."specification_problems"(jsonb) to "postgres";

revoke all on function "workflows"."specifications_of"(jsonb, uuid) from public;

revoke all on function "workflows"."specifications_of"(jsonb, uuid) from "postgres";

grant execute on function "workflows"."specifications_of"(jsonb, uuid) to "postgres";

revoke all on function "workflows"."summary"(public.workflows) from public;

revoke all on function "workflows"."summary"(public.workflows) from "postgres";

grant execute on function "workflows"."summary"(public.workflows) to "postgres";

revoke all on function "workflows"."template_problems"(jsonb, jsonb, text[], text[]) from public;

revoke all on function "workflows"."template_problems"(jsonb, jsonb, text[], text[]) from "postgres";

grant execute on function "workflows"."template_problems"(jsonb, jsonb, text[], text[]) to "postgres";

revoke all on function "workflows"."templates_in"(jsonb, jsonb) from public;

revoke all on function "workflows"."templates_in"(jsonb, jsonb) from "postgres";

grant execute on function "workflows"."templates_in"(jsonb, jsonb) to "postgres";

revoke all on function "workflows"."type_problems"(jsonb, jsonb) from public;

revoke all on function "workflows"."type_problems"(jsonb, jsonb) from "postgres";

grant execute on function "workflows"."type_problems"(jsonb, jsonb) to "postgres";

revoke all on function "workflows"."unarchive"(uuid) from public;

grant execute on function "workflows"."unarchive"(uuid) to "authenticated";

revoke all on function "workflows"."unarchive"(uuid) from "postgres";

grant execute on function "workflows"."unarchive"(uuid) to "postgres";

grant execute on function "workflows"."unarchive"(uuid) to "service_role";

revoke all
  on function
    "workflows"."update_one"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  from public;

grant execute
  on function
    "workflows"."update_one"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  to "authenticated";

revoke all
  on function
    "workflows"."update_one"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  from "postgres";

grant execute
  on function
    "workflows"."update_one"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  to "postgres";

grant execute
  on function
    "workflows"."update_one"(uuid, integer, jsonb, text, text, text[], text, text, text, boolean, text,
    boolean, uuid)
  to "service_role";

revoke all on function "workflows"."validate"(jsonb, uuid) from public;

grant execute on function "workflows"."validate"(jsonb, uuid) to "authenticated";

revoke all on function "workflows"."validate"(jsonb, uuid) from "postgres";

grant execute on function "workflows"."validate"(jsonb, uuid) to "postgres";

grant execute on function "workflows"."validate"(jsonb, uuid) to "service_role";

revoke all on function "workflows"."version_of"(public.workflows, integer) from public;

revoke all on function "workflows"."version_of"(public.workflows, integer) from "postgres";

grant execute on function "workflows"."version_of"(public.workflows, integer) to "postgres";

revoke all on function "workflows"."with_defaults"(jsonb, jsonb) from public;

revoke all on function "workflows"."with_defaults"(jsonb, jsonb) from "postgres";

grant execute on function "workflows"."with_defaults"(jsonb, jsonb) to "postgres";

revoke all on function "workflows"."without_credentials"(jsonb) from public;

revoke all on function "workflows"."without_credentials"(jsonb) from "postgres";

grant execute on function "workflows"."without_credentials"(jsonb) to "postgres";

revoke all on function "workflows"."without_private"(jsonb) from public;

revoke all on function "workflows"."without_private"(jsonb) from "postgres";

grant execute on function "workflows"."without_private"(jsonb) to "postgres";

revoke all on function "workflows"."words"(text, "char") from public;

revoke all on function "workflows"."words"(text, "char") from "postgres";

grant execute on function "workflows"."words"(text, "char") to "postgres";

revoke all on function "workflows"."writable_session"(uuid) from public;

revoke all on function "workflows"."writable_session"(uuid) from "postgres";

grant execute on function "workflows"."writable_session"(uuid) to "postgres";

revoke all on function "workflows"."write_nodes"(public.workflow_versions) from public;

revoke all on function "workflows"."write_nodes"(public.workflow_versions) from "postgres";

grant execute on function "workflows"."write_nodes"(public.workflow_versions) to "postgres";

revoke all
  on function "workflows"."write_version"(public.workflows, integer, integer, jsonb, text)
  from public;

revoke all
  on function "workflows"."write_version"(public.workflows, integer, integer, jsonb, text)
  from "postgres";

grant execute
  on function "workflows"."write_version"(public.workflows, integer, integer, jsonb, text)
  to "postgres";

revoke all on function "workspaces"."accept"(text) from public;

grant execute on function "workspaces"."accept"(text) to "authenticated";

revoke all on function "workspaces"."accept"(text) from "postgres";

grant execute on function "workspaces"."accept"(text) to "postgres";

grant execute on function "workspaces"."accept"(text) to "service_role";

revoke all on function "workspaces"."administered"() from public;

grant execute on function "workspaces"."administered"() to "authenticated";

revoke all on function "workspaces"."administered"() from "postgres";

grant execute on function "workspaces"."administered"() to "postgres";

revoke all on function "workspaces"."at_sign_up"() from public;

revoke all on function "workspaces"."at_sign_up"() from "postgres";

grant execute on function "workspaces"."at_sign_up"() to "postgres";

revoke all on function "workspaces"."caller_bypasses_rls"() from public;

grant execute on function "workspaces"."caller_bypasses_rls"() to "authenticated";

revoke all on function "workspaces"."caller_bypasses_rls"() from "postgres";

grant execute on function "workspaces"."caller_bypasses_rls"() to "postgres";

grant execute on function "workspaces"."caller_bypasses_rls"() to "service_role";

revoke all on function "workspaces"."change_member"(uuid, uuid, text) from public;

grant execute on function "workspaces"."change_member"(uuid, uuid, text) to "authenticated";

revoke all on function "workspaces"."change_member"(uuid, uuid, text) from "postgres";

grant execute on function "workspaces"."change_member"(uuid, uuid, text) to "postgres";

grant execute on function "workspaces"."change_member"(uuid, uuid, text) to "service_role";

revoke all on function "workspaces"."check_role"(text) from public;

grant execute on function "workspaces"."check_role"(text) to "authenticated";

revoke all on function "workspaces"."check_role"(text) from "postgres";

grant execute on function "workspaces"."check_role"(text) to "postgres";

grant execute on function "workspaces"."check_role"(text) to "service_role";

revoke all on function "workspaces"."create_one"(text) from public;

grant execute on function "workspaces"."create_one"(text) to "authenticated";

revoke all on function "workspaces"."create_one"(text) from "postgres";

grant execute on function "workspaces"."create_one"(text) to "postgres";

grant execute on function "workspaces"."create_one"(text) to "service_role";

revoke all on function "workspaces"."default_id"() from public;

grant execute on function "workspaces"."default_id"() to "authenticated";

revoke all on function "workspaces"."default_id"() from "postgres";

grant execute on function "workspaces"."default_id"() to "postgres";

grant execute on function "workspaces"."default_id"() to "service_role";

revoke all on function "workspaces"."ensure_personal"(uuid, text) from public;

revoke all on function "workspaces"."ensure_personal"(uuid, text) from "postgres";

grant execute on function "workspaces"."ensure_personal"(uuid, text) to "postgres";

revoke all on function "workspaces"."inherit_ownership"() from public;

revoke all on function "workspaces"."inherit_ownership"() from "postgres";

grant execute on function "workspaces"."inherit_ownership"() to "postgres";

revoke all on function "workspaces"."invite"(uuid, text, text) from public;

grant execute on function "workspaces"."invite"(uuid, text, text) to "authenticated";

revoke all on function "workspaces"."invite"(uuid, text, text) from "postgres";

grant execute on function "workspaces"."invite"(uuid, text, text) to "postgres";

grant execute on function "workspaces"."invite"(uuid, text, text) to "service_role";

revoke all on function "workspaces"."may_read"(uuid) from public;

grant execute on function "workspaces"."may_read"(uuid) to "authenticated";

revoke all on function "workspaces"."may_read"(uuid) from "postgres";

grant execute on function "workspaces"."may_read"(uuid) to "postgres";

grant execute on function "workspaces"."may_read"(uuid) to "service_role";

revoke all on function "workspaces"."not_found"(text, uuid) from public;

grant execute on function "workspaces"."not_found"(text, uuid) to "authenticated";

revoke all on function "workspaces"."not_found"(text, uuid) from "postgres";

grant execute on function "workspaces"."not_found"(text, uuid) to "postgres";

grant execute on function "workspaces"."not_found"(text, uuid) to "service_role";

revoke all on function "workspaces"."rank"(text) from public;

grant execute on function "workspaces"."rank"(text) to "authenticated";

revoke all on function "workspaces"."rank"(text) from "postgres";

grant execute on function "workspaces"."rank"(text) to "postgres";

grant execute on function "workspaces"."rank"(text) to "service_role";

revoke all on function "workspaces"."readable"() from public;

grant execute on function "workspaces"."readable"() to "authenticated";

revoke all on function "workspaces"."readable"() from "postgres";

grant execute on function "workspaces"."readable"() to "postgres";

grant execute on function "workspaces"."readable"() to "service_role";

revoke all on function "workspaces"."require"(uuid, text, text, uuid) from public;

grant execute on function "workspaces"."require"(uuid, text, text, uuid) to "authenticated";

revoke all on function "workspaces"."require"(uuid, text, text, uuid) from "postgres";

grant execute on function "workspaces"."require"(uuid, text, text, uuid) to "postgres";

grant execute on function "workspaces"."require"(uuid, text, text, uuid) to "service_role";

revoke all on function "workspaces"."require_over"(uuid, text) from public;

revoke all on function "workspaces"."require_over"(uuid, text) from "postgres";

grant execute on function "workspaces"."require_over"(uuid, text) to "postgres";

revoke all on function "workspaces"."revoke"(uuid) from public;

grant execute on function "workspaces"."revoke"(uuid) to "authenticated";

revoke all on function "workspaces"."revoke"(uuid) from "postgres";

grant execute on function "workspaces"."revoke"(uuid) to "postgres";

grant execute on function "workspaces"."revoke"(uuid) to "service_role";

revoke all on function "workspaces"."writable"() from public;

grant execute on function "workspaces"."writable"() to "authenticated";

revoke all on function "workspaces"."writable"() from "postgres";

grant execute on function "workspaces"."writable"() to "postgres";

grant usage on schema "engine" to "authenticated", "service_role";

grant usage on schema "hil" to "authenticated", "service_role";

grant usage on schema "integrations" to "authenticated", "service_role";

grant usage on schema "platform" to "authenticated", "service_role";

grant usage on schema "triggers" to "authenticated", "service_role";

grant usage on schema "workflows" to "authenticated", "service_role";

grant usage on schema "workspaces" to "authenticated", "service_role";

grant select ("attempt") on table "engine"."tasks" to "authenticated";

grant select ("execution_id") on table "engine"."tasks" to "authenticated";

grant select ("id") on table "engine"."tasks" to "authenticated";

grant select ("input_id") on table "engine"."tasks" to "authenticated";

grant select ("lap") on table "engine"."tasks" to "authenticated";

grant select ("lease_until") on table "engine"."tasks" to "authenticated";

grant select ("leased_at") on table "engine"."tasks" to "authenticated";

grant select ("node_id") on table "engine"."tasks" to "authenticated";

grant select ("priority") on table "engine"."tasks" to "authenticated";

grant select ("run_index") on table "engine"."tasks" to "authenticated";

grant select ("scope") on table "engine"."tasks" to "authenticated";

grant select ("source_id") on table "engine"."tasks" to "authenticated";

grant select ("target_index") on table "engine"."tasks" to "authenticated";

grant select ("version") on table "engine"."tasks" to "authenticated";

grant select ("worker_id") on table "engine"."tasks" to "authenticated";

grant select ("workflow_id") on table "engine"."tasks" to "authenticated";

grant select ("workspace_id") on table "engine"."tasks" to "authenticated";

grant select ("attempt") on table "engine"."tasks" to "service_role";

grant select ("execution_id") on table "engine"."tasks" to "service_role";

grant select ("id") on table "engine"."tasks" to "service_role";

grant select ("input_id") on table "engine"."tasks" to "service_role";

grant select ("lap") on table "engine"."tasks" to "service_role";

grant select ("lease_until") on table "engine"."tasks" to "service_role";

grant select ("leased_at") on table "engine"."tasks" to "service_role";

grant select ("node_id") on table "engine"."tasks" to "service_role";

grant select ("priority") on table "engine"."tasks" to "service_role";

grant select ("run_index") on table "engine"."tasks" to "service_role";

grant select ("scope") on table "engine"."tasks" to "service_role";

grant select ("source_id") on table "engine"."tasks" to "service_role";

grant select ("target_index") on table "engine"."tasks" to "service_role";

grant select ("version") on table "engine"."tasks" to "service_role";

grant select ("worker_id") on table "engine"."tasks" to "service_role";

grant select ("workflow_id") on table "engine"."tasks" to "service_role";

grant select ("workspace_id") on table "engine"."tasks" to "service_role";

grant select on table "engine"."waits" to "authenticated", "service_role";

revoke all on table "public"."execution_limits" from "authenticated";

grant select on table "public"."execution_limits" to "authenticated";

revoke all on table "public"."execution_limits" from "service_role";

grant select on table "public"."execution_limits" to "service_role";

revoke all on table "public"."hil_responses" from "authenticated";

grant select on table "public"."hil_responses" to "authenticated";

revoke all on table "public"."hil_responses" from "service_role";

grant select on table "public"."hil_responses" to "service_role";

revoke all on table "public"."human_interactions" from "authenticated";

grant select on table "public"."human_interactions" to "authenticated";

revoke all on table "public"."human_interactions" from "service_role";

grant select on table "public"."human_interactions" to "service_role";

revoke all on table "public"."integrations" from "authenticated";

grant select on table "public"."integrations" to "authenticated";

revoke all on table "public"."integrations" from "service_role";

grant select on table "public"."integrations" to "service_role";

revoke all on table "public"."node_connections" from "authenticated";

grant select on table "public"."node_connections" to "authenticated";

revoke all on table "public"."node_connections" from "service_role";

grant select on table "public"."node_connections" to "service_role";

revoke all on table "public"."node_executions" from "authenticated";

grant select on table "public"."node_executions" to "authenticated";

revoke all on table "public"."node_executions" from "service_role";

grant select on table "public"."node_executions" to "service_role";

revoke all on table "public"."node_specifications" from "authenticated";

grant select on table "public"."node_specifications" to "authenticated";

revoke all on table "public"."node_specifications" from "service_role";

grant select on table "public"."node_specifications" to "service_role";

revoke all on table "public"."nodes" from "authenticated";

grant select on table "public"."nodes" to "authenticated";

revoke all on table "public"."nodes" from "service_role";

grant select on table "public"."nodes" to "service_role";

revoke all on table "public"."sessions" from "authenticated";

grant select on table "public"."sessions" to "authenticated";

revoke all on table "public"."sessions" from "service_role";

grant select on table "public"."sessions" to "service_role";

revoke all on table "public"."trigger_index" from "authenticated";

grant select on table "public"."trigger_index" to "authenticated";

revoke all on table "public"."trigger_index" from "service_role";

grant select on table "public"."trigger_index" to "service_role";

revoke all on table "public"."workflow_deployment_history" from "authenticated";

grant select on table "public"."workflow_deployment_history" to "authenticated";

revoke all on table "public"."workflow_deployment_history" from "service_role";

grant select on table "public"."workflow_deployment_history" to "service_role";

revoke all on table "public"."workflow_events" from "authenticated";

grant select on table "public"."workflow_events" to "authenticated";

revoke all on table "public"."workflow_events" from "service_role";

grant select on table "public"."workflow_events" to "service_role";

revoke all on table "public"."workflow_execution_logs" from "authenticated";

grant select on table "public"."workflow_execution_logs" to "authenticated";

revoke all on table "public"."workflow_execution_logs" from "service_role";

grant select on table "public"."workflow_execution_logs" to "service_role";

revoke all on table "public"."workflow_execution_pauses" from "authenticated";

grant select on table "public"."workflow_execution_pauses" to "authenticated";

revoke all on table "public"."workflow_execution_pauses" from "service_role";

grant select on table "public"."workflow_execution_pauses" to "service_role";

revoke all on table "public"."workflow_executions" from "authenticated";

grant select on table "public"."workflow_executions" to "authenticated";

revoke all on table "public"."workflow_executions" from "service_role";

grant select on table "public"."workflow_executions" to "service_role";

revoke all on table "public"."workflow_favorites" from "authenticated";

grant select on table "public"."workflow_favorites" to "authenticated";

revoke all on table "public"."workflow_favorites" from "service_role";

grant select on table "public"."workflow_favorites" to "service_role";

revoke all on table "public"."workflow_schedules" from "authenticated";

revoke all ("created_at") on table "public"."workflow_schedules" from "authenticated";

grant select ("created_at") on table "public"."workflow_schedules" to "authenticated";

revoke all ("expression") on table "public"."workflow_schedules" from "authenticated";

grant select ("expression") on table "public"."workflow_schedules" to "authenticated";

revoke all ("is_active") on table "public"."workflow_schedules" from "authenticated";

grant select ("is_active") on table "public"."workflow_schedules" to "authenticated";

revoke all ("last_error_at") on table "public"."workflow_schedules" from "authenticated";

grant select ("last_error_at") on table "public"."workflow_schedules" to "authenticated";

revoke all ("last_error") on table "public"."workflow_schedules" from "authenticated";

grant select ("last_error") on table "public"."workflow_schedules" to "authenticated";

revoke all ("last_execution_id") on table "public"."workflow_schedules" from "authenticated";

grant select ("last_execution_id") on table "public"."workflow_schedules" to "authenticated";

revoke all ("last_run_at") on table "public"."workflow_schedules" from "authenticated";

grant select ("last_run_at") on table "public"."workflow_schedules" to "authenticated";

revoke all ("last_skip_reason") on table "public"."workflow_schedules" from "authenticated";

grant select ("last_skip_reason") on table "public"."workflow_schedules" to "authenticated";

revoke all ("last_skipped_at") on table "public"."workflow_schedules" from "authenticated";

grant select ("last_skipped_at") on table "public"."workflow_schedules" to "authenticated";

revoke all ("misfire_limit") on table "public"."workflow_schedules" from "authenticated";

grant select ("misfire_limit") on table "public"."workflow_schedules" to "authenticated";

revoke all ("misfire") on table "public"."workflow_schedules" from "authenticated";

grant select ("misfire") on table "public"."workflow_schedules" to "authenticated";

revoke all ("next_run_at") on table "public"."workflow_schedules" from "authenticated";

grant select ("next_run_at") on table "public"."workflow_schedules" to "authenticated";

revoke all ("node_id") on table "public"."workflow_schedules" from "authenticated";

grant select ("node_id") on table "public"."workflow_schedules" to "authenticated";

revoke all ("overlap") on table "public"."workflow_schedules" from "authenticated";

grant select ("overlap") on table "public"."workflow_schedules" to "authenticated";

revoke all ("timezone") on table "public"."workflow_schedules" from "authenticated";

grant select ("timezone") on table "public"."workflow_schedules" to "authenticated";

revoke all ("updated_at") on table "public"."workflow_schedules" from "authenticated";

grant select ("updated_at") on table "public"."workflow_schedules" to "authenticated";

revoke all ("version") on table "public"."workflow_schedules" from "authenticated";

grant select ("version") on table "public"."workflow_schedules" to "authenticated";

revoke all ("workflow_id") on table "public"."workflow_schedules" from "authenticated";

grant select ("workflow_id") on table "public"."workflow_schedules" to "authenticated";

revoke all ("workspace_id") on table "public"."workflow_schedules" from "authenticated";

grant select ("workspace_id") on table "public"."workflow_schedules" to "authenticated";

revoke all on table "public"."workflow_schedules" from "service_role";

grant select on table "public"."workflow_schedules" to "service_role";

revoke all on table "public"."workflow_static_data" from "authenticated";

grant select on table "public"."workflow_static_data" to "authenticated";

revoke all on table "public"."workflow_static_data" from "service_role";

grant select on table "public"."workflow_static_data" to "service_role";

revoke all on table "public"."workflow_versions" from "authenticated";

grant select on table "public"."workflow_versions" to "authenticated";

revoke all on table "public"."workflow_versions" from "service_role";

grant select on table "public"."workflow_versions" to "service_role";

revoke all on table "public"."workflows" from "authenticated";

revoke all ("description") on table "public"."workflows" from "authenticated";

grant update ("description") on table "public"."workflows" to "authenticated";

revoke all ("folder") on table "public"."workflows" from "authenticated";

grant update ("folder") on table "public"."workflows" to "authenticated";

revoke all ("name") on table "public"."workflows" from "authenticated";

grant update ("name") on table "public"."workflows" to "authenticated";

revoke all ("tags") on table "public"."workflows" from "authenticated";

grant update ("tags") on table "public"."workflows" to "authenticated";

grant select on table "public"."workflows" to "authenticated";

revoke all on table "public"."workflows" from "service_role";

revoke all ("description") on table "public"."workflows" from "service_role";

grant update ("description") on table "public"."workflows" to "service_role";

revoke all ("folder") on table "public"."workflows" from "service_role";

grant update ("folder") on table "public"."workflows" to "service_role";

revoke all ("name") on table "public"."workflows" from "service_role";

grant update ("name") on table "public"."workflows" to "service_role";

revoke all ("tags") on table "public"."workflows" from "service_role";

grant update ("tags") on table "public"."workflows" to "service_role";

grant select on table "public"."workflows" to "service_role";

revoke all on table "public"."workspace_functions" from "authenticated";

grant select on table "public"."workspace_functions" to "authenticated";

revoke all on table "public"."workspace_functions" from "service_role";

grant select on table "public"."workspace_functions" to "service_role";

revoke all on table "public"."workspace_invitations" from "authenticated";

revoke all ("accepted_at") on table "public"."workspace_invitations" from "authenticated";

grant select ("accepted_at") on table "public"."workspace_invitations" to "authenticated";

revoke all ("accepted_by") on table "public"."workspace_invitations" from "authenticated";

grant select ("accepted_by") on table "public"."workspace_invitations" to "authenticated";

revoke all ("created_at") on table "public"."workspace_invitations" from "authenticated";

grant select ("created_at") on table "public"."workspace_invitations" to "authenticated";

revoke all ("email") on table "public"."workspace_invitations" from "authenticated";

grant select ("email") on table "public"."workspace_invitations" to "authenticated";

revoke all ("expires_at") on table "public"."workspace_invitations" from "authenticated";

grant select ("expires_at") on table "public"."workspace_invitations" to "authenticated";

revoke all ("invited_by") on table "public"."workspace_invitations" from "authenticated";

grant select ("invited_by") on table "public"."workspace_invitations" to "authenticated";

revoke all ("role") on table "public"."workspace_invitations" from "authenticated";

grant select ("role") on table "public"."workspace_invitations" to "authenticated";

revoke all ("workspace_id") on table "public"."workspace_invitations" from "authenticated";

grant select ("workspace_id") on table "public"."workspace_invitations" to "authenticated";

revoke all on table "public"."workspace_invitations" from "service_role";

revoke all ("accepted_at") on table "public"."workspace_invitations" from "service_role";

grant select ("accepted_at") on table "public"."workspace_invitations" to "service_role";

revoke all ("accepted_by") on table "public"."workspace_invitations" from "service_role";

grant select ("accepted_by") on table "public"."workspace_invitations" to "service_role";

revoke all ("created_at") on table "public"."workspace_invitations" from "service_role";

grant select ("created_at") on table "public"."workspace_invitations" to "service_role";

revoke all ("email") on table "public"."workspace_invitations" from "service_role";

grant select ("email") on table "public"."workspace_invitations" to "service_role";

revoke all ("expires_at") on table "public"."workspace_invitations" from "service_role";

grant select ("expires_at") on table "public"."workspace_invitations" to "service_role";

revoke all ("invited_by") on table "public"."workspace_invitations" from "service_role";

grant select ("invited_by") on table "public"."workspace_invitations" to "service_role";

revoke all ("role") on table "public"."workspace_invitations" from "service_role";

grant select ("role") on table "public"."workspace_invitations" to "service_role";

revoke all ("workspace_id") on table "public"."workspace_invitations" from "service_role";

grant select ("workspace_id") on table "public"."workspace_invitations" to "service_role";

revoke all on table "public"."workspace_members" from "authenticated";

grant select on table "public"."workspace_members" to "authenticated";

revoke all on table "public"."workspace_members" from "service_role";

grant select on table "public"."workspace_members" to "service_role";

revoke all on table "public"."workspaces" from "authenticated";

revoke all ("name") on table "public"."workspaces" from "authenticated";

grant update ("name") on table "public"."workspaces" to "authenticated";

revoke all ("variables") on table "public"."workspaces" from "authenticated";

grant update ("variables") on table "public"."workspaces" to "authenticated";

revoke all ("versions_kept") on table "public"."workspaces" from "authenticated";

grant update ("versions_kept") on table "public"."workspaces" to "authenticated";

grant select on table "public"."workspaces" to "authenticated";

revoke all on table "public"."workspaces" from "service_role";

revoke all ("allowed_hosts") on table "public"."workspaces" from "service_role";

grant update ("allowed_hosts") on table "public"."workspaces" to "service_role";

revoke all ("max_leases") on table "public"."workspaces" from "service_role";

grant update ("max_leases") on table "public"."workspaces" to "service_role";

revoke all ("name") on table "public"."workspaces" from "service_role";

grant update ("name") on table "public"."workspaces" to "service_role";

revoke all ("variables") on table "public"."workspaces" from "service_role";

grant update ("variables") on table "public"."workspaces" to "service_role";

revoke all ("versions_kept") on table "public"."workspaces" from "service_role";

grant update ("versions_kept") on table "public"."workspaces" to "service_role";

revoke all ("weight") on table "public"."workspaces" from "service_role";

grant update ("weight") on table "public"."workspaces" to "service_role";

grant select on table "public"."workspaces" to "service_role";

revoke all on table "public"."execution_data" from "authenticated";

grant select on table "public"."execution_data" to "authenticated";

revoke all on table "public"."execution_data" from "service_role";

grant select on table "public"."execution_data" to "service_role";

revoke all on table "public"."interaction_metrics" from "authenticated";

grant select on table "public"."interaction_metrics" to "authenticated";

revoke all on table "public"."interaction_metrics" from "service_role";

grant select on table "public"."interaction_metrics" to "service_role";

revoke all on table "public"."live_node_executions" from "authenticated";

grant select on table "public"."live_node_executions" to "authenticated";

revoke all on table "public"."live_node_executions" from "service_role";

grant select on table "public"."live_node_executions" to "service_role";

revoke all on table "public"."pending_interaction_timeouts" from "authenticated";

grant select on table "public"."pending_interaction_timeouts" to "authenticated";

revoke all on table "public"."pending_interaction_timeouts" from "service_role";

grant select on table "public"."pending_interaction_timeouts" to "service_role";

alter default privileges for role "postgres" revoke all on functions from public;

alter table "hil"."messages"
  add column "id" uuid not null default platform.uuid7();

alter table "hil"."messages"
  add constraint "messages_pkey" primary key (id);

alter table "public"."execution_limits"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."execution_limits"
  add constraint "execution_limits_pkey" primary key (id);

alter table "public"."hil_responses"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."hil_responses"
  add constraint "hil_responses_pkey" primary key (id);

create index hil_responses_queue on public.hil_responses using btree (workspace_id, status, id desc);

alter table "public"."integrations"
  add column "workspace_id" uuid not null default workspaces.default_id();

alter table "public"."integrations"
  add constraint "an_integration_has_one_workspace" unique (workspace_id, id);

alter table "integrations"."secrets"
  add constraint "a_secret_belongs_to_its_integration" foreign key (workspace_id, integration_id)
    references public.integrations(workspace_id, id) on delete cascade;

alter table "public"."trigger_index"
  add constraint "a_trigger_belongs_to_its_integration" foreign key (workspace_id, integration_id)
    references public.integrations(workspace_id, id) on delete cascade;

alter table "triggers"."used_tokens"
  add constraint "a_token_belongs_to_its_integration" foreign key (workspace_id, integration_id)
    references public.integrations(workspace_id, id) on delete cascade;

create policy "members read" on "public"."integrations"
  for select
  to "authenticated"
  using ((workspace_id = any (array( select workspaces.readable() as readable))));

alter table "public"."integrations"
  add constraint "integrations_created_by_fkey" foreign key (created_by) references auth.users(id) on delete
    set null;

alter table "public"."node_specifications"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."node_specifications"
  add constraint "node_specifications_pkey" primary key (id);

alter table "public"."sessions"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."sessions"
  add constraint "a_session_has_one_workspace" unique (workspace_id, id);

alter table "public"."sessions"
  add constraint "sessions_pkey" primary key (id);

alter table "public"."sessions"
  add constraint "sessions_user_id_fkey" foreign key (user_id) references auth.users(id) on delete set null;

alter table "public"."workflow_deployment_history"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."workflow_deployment_history"
  add constraint "workflow_deployment_history_pkey" primary key (id);

alter table "triggers"."draining"
  add constraint "draining_deployment_id_fkey" foreign key (deployment_id)
    references public.workflow_deployment_history(id) on delete cascade;

create index workflow_deployment_history_workflow on public.workflow_deployment_history
  using btree (workspace_id, workflow_id, id desc);

alter table "public"."workflow_deployment_history"
  add constraint "workflow_deployment_history_triggered_by_fkey" foreign key (triggered_by)
    references auth.users(id) on delete set null;

alter table "public"."workflow_events"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."workflow_events"
  add constraint "workflow_events_pkey" primary key (id);

create index workflow_events_fresh on public.workflow_events using btree (id)
  where (delivered_at is null);

create index workflow_events_kept on public.workflow_events using btree (workspace_id, name, id)
  where (key is null);

alter table "public"."workflow_execution_pauses"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."workflow_execution_pauses"
  add constraint "workflow_execution_pauses_pkey" primary key (id);

alter table "public"."workflow_executions"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."workflow_executions"
  add constraint "workflow_executions_pkey" primary key (id);

alter table "public"."workflow_execution_pauses"
  add constraint "workflow_execution_pauses_execution_id_fkey" foreign key (execution_id)
    references public.workflow_executions(id) on delete cascade;

create index workflow_executions_live on public.workflow_executions using btree (workflow_id, id)
  where (end_time is null);

create index workflow_executions_of_workflow on public.workflow_executions using btree (workflow_id, id desc);

create index workflow_executions_recent on public.workflow_executions using btree (workspace_id, id desc);

create policy "members read" on "public"."node_executions"
  for select
  to "authenticated"
  using
    (((workspace_id = any (array( select workspaces.readable() as readable))) and (( select (not (exists (
    select workflows.deleted() as deleted)))) or (exists ( select
   from public.workflow_executions e
  where (e.id = node_executions.execution_id))))));

create policy "members read" on "public"."workflow_execution_logs"
  for select
  to "authenticated"
  using
    (((workspace_id = any (array( select workspaces.readable() as readable))) and (( select (not (exists (
    select workflows.deleted() as deleted)))) or (exists ( select
   from public.workflow_executions e
  where (e.id = workflow_execution_logs.execution_id))))));

alter table "public"."workflow_favorites"
  add constraint "workflow_favorites_user_id_fkey" foreign key (user_id) references auth.users(id)
    on delete cascade;

create policy "one's own, of workspaces one is in" on "public"."workflow_favorites"
  for select
  to "authenticated"
  using
    (((user_id = ( select auth.uid() as uid)) and (workspace_id = any (array( select workspaces.readable() as
    readable)))));

alter table "public"."workflow_versions"
  add constraint "workflow_versions_created_by_fkey" foreign key (created_by) references auth.users(id)
    on delete set null;

alter table "public"."workflows"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."workflows"
  add constraint "workflows_pkey" primary key (id);

create index workflows_public on public.workflows using btree (updated_at desc, id desc)
  where is_public;

alter table "public"."workflows"
  add column "workspace_id" uuid not null default workspaces.default_id();

alter table "public"."workflows"
  add constraint "a_workflow_came_from_a_session" foreign key (workspace_id, session_id)
    references public.sessions(workspace_id, id) on delete set null (session_id);

alter table "public"."workflows"
  add constraint "a_workflow_has_one_workspace" unique (workspace_id, id);

alter table "public"."execution_limits"
  add constraint "a_limit_belongs_to_its_workflow" foreign key (workspace_id, workflow_id)
    references public.workflows(workspace_id, id) on delete cascade;

alter table "public"."human_interactions"
  add constraint "an_interaction_belongs_to_a_workflow" foreign key (workspace_id, workflow_id)
    references public.workflows(workspace_id, id) on delete cascade;

alter table "public"."workflow_deployment_history"
  add constraint "a_deployment_belongs_to_its_workflow" foreign key (workspace_id, workflow_id)
    references public.workflows(workspace_id, id) on delete cascade;

alter table "public"."workflow_favorites"
  add constraint "a_favorite_belongs_to_its_workflow" foreign key (workspace_id, workflow_id)
    references public.workflows(workspace_id, id) on delete cascade;

alter table "public"."workflow_schedules"
  add constraint "a_schedule_belongs_to_its_workflow" foreign key (workspace_id, workflow_id)
    references public.workflows(workspace_id, id) on delete cascade;

alter table "public"."workflow_static_data"
  add constraint "it_belongs_to_its_workflow" foreign key (workspace_id, workflow_id)
    references public.workflows(workspace_id, id) on delete cascade;

alter table "public"."workflow_versions"
  add constraint "a_version_belongs_to_its_workflow" foreign key (workspace_id, workflow_id)
    references public.workflows(workspace_id, id) on delete cascade;

alter table "triggers"."trigger_ids"
  add constraint "an_id_belongs_to_a_workflow" foreign key (workspace_id, workflow_id)
    references public.workflows(workspace_id, id) on delete cascade;

alter table "workflows"."search_terms"
  add constraint "terms_belong_to_their_workflow" foreign key (workspace_id, workflow_id)
    references public.workflows(workspace_id, id) on delete cascade;

create view "public"."workflow_overview" with (security_invoker=true) as  select w.id,
    w.workspace_id,
    w.name,
    w.description,
    w.tags,
    w.folder,
    w.status,
    w.current_version,
    w.deployment_status,
    w.deployed_version,
    w.created_at,
    w.updated_at,
    coalesce(e.status, 'IDLE'::text) as latest_execution_status,
    e.id as latest_execution_id,
    coalesce(e.start_time, e.created_at) as latest_execution_time
   from (public.workflows w
     left join lateral ( select x.id,
            x.status,
            x.start_time,
            x.created_at
           from public.workflow_executions x
          where (x.workflow_id = w.id)
          order by x.id desc
         limit 1) e on (true))
  where ((not w.is_public) or workspaces.may_read(w.workspace_id));

revoke all on table "public"."workflow_overview" from "anon";

create index workflows_by_name on public.workflows using btree (workspace_id, lower(name), id);

create index workflows_created on public.workflows using btree (workspace_id, created_at desc, id desc);

create index workflows_deleted on public.workflows using btree (workspace_id, id)
  where (deleted_at is not null);

create index workflows_folder on public.workflows using btree (workspace_id, folder collate "C");

create index workflows_recent on public.workflows using btree (workspace_id, updated_at desc, id desc);

create index workflows_session on public.workflows using btree (workspace_id, session_id)
  where (session_id is not null);

create policy "editors update" on "public"."workflows"
  for update
  to "authenticated"
  using (((deleted_at is null) and (workspace_id = any (array( select workspaces.writable() as writable)))))
  with check ((workspace_id = any (array( select workspaces.writable() as writable))));

create policy "members read, and everybody public templates" on "public"."workflows"
  for select
  to "authenticated"
  using
    (((deleted_at is null) and ((workspace_id = any (array( select workspaces.readable() as readable))) or
    (is_public and (archived_at is null)))));

comment on view "public"."workflow_overview" is 'Workflows with the status of their latest execution.';

revoke all on table "public"."workflow_overview" from "authenticated";

grant select on table "public"."workflow_overview" to "authenticated";

revoke all on table "public"."workflow_overview" from "service_role";

grant select on table "public"."workflow_overview" to "service_role";

alter table "public"."workflows"
  add constraint "workflows_user_id_fkey" foreign key (user_id) references auth.users(id) on delete set null;

alter table "public"."workspace_invitations"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."workspace_invitations"
  add constraint "workspace_invitations_pkey" primary key (id);

revoke all ("id") on table "public"."workspace_invitations" from "authenticated";

grant select ("id") on table "public"."workspace_invitations" to "authenticated";

revoke all ("id") on table "public"."workspace_invitations" from "service_role";

grant select ("id") on table "public"."workspace_invitations" to "service_role";

alter table "public"."workspaces"
  add column "id" uuid not null default platform.uuid7();

alter table "public"."workspaces"
  add constraint "workspaces_pkey" primary key (id);

alter table "public"."execution_limits"
  add constraint "execution_limits_workspace_id_fkey" foreign key (workspace_id)
    references public.workspaces(id) on delete cascade;

alter table "public"."hil_responses"
  add constraint "hil_responses_workspace_id_fkey" foreign key (workspace_id) references public.workspaces(id)
    on delete cascade;

alter table "public"."integrations"
  add constraint "integrations_workspace_id_fkey" foreign key (workspace_id) references public.workspaces(id)
    on delete cascade;

alter table "public"."node_specifications"
  add constraint "node_specifications_workspace_id_fkey" foreign key (workspace_id)
    references public.workspaces(id) on delete cascade;

alter table "public"."sessions"
  add constraint "sessions_workspace_id_fkey" foreign key (workspace_id) references public.workspaces(id)
    on delete cascade;

alter table "public"."workflow_events"
  add constraint "workflow_events_workspace_id_fkey" foreign key (workspace_id)
    references public.workspaces(id) on delete cascade;

alter table "public"."workflows"
  add constraint "workflows_workspace_id_fkey" foreign key (workspace_id) references public.workspaces(id)
    on delete cascade;

alter table "public"."workspace_functions"
  add constraint "workspace_functions_workspace_id_fkey" foreign key (workspace_id)
    references public.workspaces(id) on delete cascade;

alter table "public"."workspace_invitations"
  add constraint "workspace_invitations_workspace_id_fkey" foreign key (workspace_id)
    references public.workspaces(id) on delete cascade;

alter table "public"."workspace_members"
  add constraint "workspace_members_workspace_id_fkey" foreign key (workspace_id)
    references public.workspaces(id) on delete cascade;

create policy "admins update" on "public"."workspaces"
  for update
  to "authenticated"
  using ((id = any (array( select workspaces.administered() as administered))))
  with check ((id = any (array( select workspaces.administered() as administered))));

create policy "members read" on "public"."workspaces"
  for select
  to "authenticated"
  using ((id = any (array( select workspaces.readable() as readable))));

select platform.setup();
