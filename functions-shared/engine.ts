// The engine's verbs as a worker sees them. Only this connection's own role may call them.
import { type Database, within } from "./db.ts";
import { storableJson } from "./json.ts";

export interface Task {
  id: string;
  lease_token: string;
  lease_until: string;
  execution_id: string;
  workspace_id: string;
  workflow_id: string;
  version: number;
  node_id: string;
  node_name: string;
  type: string;
  subtype: string;
  attempt: number;
  max_retries: number;
  timeout_seconds: number;
  /** Templates are resolved. */
  parameters: Record<string, unknown>;
  input: unknown;
  allowed_hosts: string[];
  /** Why the parameters could not be resolved: nothing to execute, this is the task's error. */
  problem?: TaskError;
}

export interface TaskError {
  code: string;
  message: string;
  details?: Record<string, unknown>;
  retryable: boolean;
  retry_after_seconds?: number;
}

export type TaskResult =
  & { id: string; lease_token: string; duration_ms: number }
  & ({ status: "success"; output: unknown } | { status: "error"; error: TaskError });

export interface Engine {
  claim(workerId: string, capacity: number): Promise<{ tasks: Task[] }>;
  /** `sequence` is 1 for the worker's first call, and grows by one; repeating a call answers the same claim again. */
  finish(
    workerId: string,
    sequence: number,
    results: TaskResult[],
    capacity: number,
  ): Promise<{ tasks: Task[]; refused: string[] }>;
  release(workerId: string, taskIds: string[]): Promise<void>;
  abortExecution(executionId: string, error: TaskError): Promise<void>;
}

// Longer than the connection's statement_timeout: the server's own answer is better than none.
const answerTimeoutMs = 35_000;

/**
 * The verbs over a connection that `open` makes. One that does not answer in time is given up for a new one: a peer that
 * has gone silent answers nothing more, and what is asked next would queue behind the question it ignores.
 */
export function sqlEngine(open: () => Pick<Database, "sql" | "close">, timeoutMs = answerTimeoutMs): Engine {
  let database = open();

  async function answer(ask: (sql: Database["sql"]) => PromiseLike<Record<string, unknown>[]>, limitMs = timeoutMs) {
    const asked = database;
    try {
      return (await within(limitMs, ask(asked.sql)))[0]?.answer;
    } catch (error) {
      if ((error as { code?: unknown }).code === "CONNECT_TIMEOUT" && asked === database) {
        database = open();
        asked.close().catch(() => {});
      }
      throw error;
    }
  }

  return {
    claim: (workerId, capacity) =>
      answer((sql) => sql`select engine.claim(${workerId}, ${capacity}) as answer`) as ReturnType<Engine["claim"]>,
    finish: (workerId, sequence, results, capacity) =>
      answer((sql) =>
        sql`select engine.finish(${workerId}, ${sequence}, ${
          storableJson(results)
        }::text::jsonb, ${capacity}) as answer`
      ) as ReturnType<Engine["finish"]>,
    async release(workerId, taskIds) {
      const ids = `{${taskIds.join(",")}}`;
      await answer((sql) => sql`select engine.release(${workerId}, ${ids}::text::uuid[])`, 5_000);
    },
    async abortExecution(executionId, error) {
      await answer((sql) => sql`select engine.abort_execution(${executionId}, ${storableJson(error)}::text::jsonb)`);
    },
  };
}
