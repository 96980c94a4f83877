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

export function sqlEngine({ sql }: Pick<Database, "sql">): Engine {
  return {
    async claim(workerId, capacity) {
      const [row] = await within(answerTimeoutMs, sql`select engine.claim(${workerId}, ${capacity}) as answer`);
      return row!.answer;
    },
    async finish(workerId, sequence, results, capacity) {
      const [row] = await within(
        answerTimeoutMs,
        sql`select engine.finish(${workerId}, ${sequence}, ${
          storableJson(results)
        }::text::jsonb, ${capacity}) as answer`,
      );
      return row!.answer;
    },
    async release(workerId, taskIds) {
      await within(5_000, sql`select engine.release(${workerId}, ${`{${taskIds.join(",")}}`}::text::uuid[])`);
    },
    async abortExecution(executionId, error) {
      await within(
        answerTimeoutMs,
        sql`select engine.abort_execution(${executionId}, ${storableJson(error)}::text::jsonb)`,
      );
    },
  };
}
