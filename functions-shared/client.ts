// Tandem for TypeScript: workflows, executions, questions to people and steps through a client of @supabase/supabase-js, in browsers, Node and Deno.
// Nothing is imported at run time. client/README.md shows how to use it.
import { camel, isoTime, reading, type Result, settle, type SupabaseLike, verbsOf } from "./client/call.ts";
import { createExecutions, type Executions } from "./client/executions.ts";
import { createInteractions, type Interactions } from "./client/interactions.ts";
import { createSteps, type Steps } from "./client/steps.ts";
import { createWorkflows, type Workflows } from "./client/workflows.ts";

export type { Result, SupabaseLike, TandemError } from "./client/call.ts";
export * from "./client/executions.ts";
export * from "./client/interactions.ts";
export * from "./client/react_flow.ts";
export * from "./client/steps.ts";
export * from "./client/workflows.ts";

/** A chat, or a sitting in the editor, that workflows came from. */
export interface Session {
  id: string;
  workspaceId: string;
  userId: string | null;
  sessionType: "chat" | "editing";
  title: string | null;
  /** Yours: its keys stay as they are */
  metadata: Record<string, unknown>;
  createdAt: string;
  updatedAt: string;
}

/** When a deployed CRON trigger runs next, and how its last run went. */
export interface Schedule {
  workspaceId: string;
  workflowId: string;
  nodeId: string;
  version: number;
  expression: string;
  timezone: string;
  misfire: string;
  overlap: string;
  nextRunAt: string | null;
  lastRunAt: string | null;
  [field: string]: unknown;
}

export interface Tandem {
  workflows: Workflows;
  executions: Executions;
  sessions: Sessions;
  schedules: Schedules;
  interactions: Interactions;
  steps: Steps;
}
export type Sessions = ReturnType<typeof createSessions>;
export type Schedules = ReturnType<typeof createSchedules>;

/** Everything as the user, or key, that the client acts for. */
export function createTandem(client: SupabaseLike): Tandem {
  return {
    workflows: createWorkflows(client),
    executions: createExecutions(client),
    sessions: createSessions(client),
    schedules: createSchedules(client),
    interactions: createInteractions(client),
    steps: createSteps(client),
  };
}

function createSessions(client: SupabaseLike) {
  const verb = verbsOf(client);
  const read = (row: unknown) => camel<Session>(row);
  return {
    createSession: (
      session: { type?: "chat" | "editing"; title?: string; metadata?: object; workspaceId?: string } = {},
    ): Promise<Result<Session>> =>
      verb("create_session", {
        session_type: session.type,
        title: session.title,
        metadata: session.metadata,
        workspace_id: session.workspaceId,
      }, read),
    /** A title of null takes it away. */
    updateSession: (id: string, changes: { title?: string | null; metadata?: object }): Promise<Result<Session>> =>
      verb("update_session", {
        session_id: id,
        title: changes.title === null ? "" : changes.title,
        metadata: changes.metadata,
      }, read),
    /** The workflows that came from it stay. */
    deleteSession: (id: string): Promise<Result<{ id: string }>> =>
      verb("delete_session", { session_id: id }, () => ({ id })),
    /** Last changed first. */
    async listSessions(
      filters: { workspaceId?: string; limit?: number; offset?: number } = {},
    ): Promise<Result<Session[]>> {
      const { workspaceId, limit = 50, offset = 0 } = filters;
      const answer = await settle(() => {
        const query = client.from("sessions").select("*");
        return (workspaceId === undefined ? query : query.eq("workspace_id", workspaceId))
          .order("updated_at", { ascending: false }).range(offset, offset + limit - 1);
      });
      return reading(answer, (rows) => (rows as unknown[]).map(read));
    },
  };
}

function createSchedules(client: SupabaseLike) {
  const verb = verbsOf(client);
  return {
    /** When an expression runs: `count` times after now, or after another time. */
    nextRuns(
      expression: string,
      options: { timezone?: string; count?: number; after?: string | Date } = {},
    ): Promise<Result<string[]>> {
      const { timezone, count, after } = options;
      return verb("next_runs", {
        expression,
        timezone,
        n: count,
        after: after instanceof Date ? after.toISOString() : after,
      }, (runs) => (runs as string[]).map((run) => isoTime(run)));
    },
    /** Deployed schedules, the next to run first. */
    async listSchedules(
      filters: { workflowId?: string; workspaceId?: string; limit?: number } = {},
    ): Promise<Result<Schedule[]>> {
      const answer = await settle(() => {
        let query = client.from("workflow_schedules").select(scheduleColumns);
        if (filters.workflowId !== undefined) query = query.eq("workflow_id", filters.workflowId);
        if (filters.workspaceId !== undefined) query = query.eq("workspace_id", filters.workspaceId);
        return query.order("next_run_at", { ascending: true }).limit(filters.limit ?? 50);
      });
      return reading(answer, (rows) => (rows as unknown[]).map((row) => camel<Schedule>(row)));
    },
  };
}

const scheduleColumns = "workspace_id,workflow_id,node_id,version,expression,timezone,misfire,misfire_limit,overlap," +
  "is_active,next_run_at,last_run_at,last_execution_id,last_skipped_at,last_skip_reason,last_error_at,last_error," +
  "created_at,updated_at";
