// The engine's verbs as a worker sees them. Only this connection's own role may call them.
import { busy } from "./busy_time.ts";
import { cancel, type Database, within } from "./db.ts";
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

/** What a task says about how far it is. */
export interface Progress {
  message?: string;
  percent?: number;
}

export interface Beat {
  id: string;
  lease_token: string;
  progress?: Progress;
}

/** How many functions of the database a worker runs at once, each on a connection of its own. */
export const functionsAtOnce = 4;

export interface Engine {
  claim(workerId: string, capacity: number): Promise<{ tasks: Task[] }>;
  /** `sequence` is 1 for the worker's first call, and grows by one; repeating a call answers the same claim again. */
  finish(
    workerId: string,
    sequence: number,
    results: TaskResult[],
    capacity: number,
  ): Promise<{ tasks: Task[]; refused: string[] }>;
  /** Extends the leases of tasks that run long; `gone` are the ones that the worker no longer holds. */
  heartbeat(workerId: string, tasks: Beat[]): Promise<{ gone: string[] }>;
  /**
   * Runs the function of an ACTION.SQL_FUNCTION and applies its result, in one transaction that ends after the task's
   * timeout: false when the lease is gone, so repeating a call after a lost answer is safe.
   */
  callFunction(
    workerId: string,
    task: Pick<Task, "id" | "lease_token" | "timeout_seconds">,
    signal: AbortSignal,
  ): Promise<boolean>;
  release(workerId: string, taskIds: string[]): Promise<void>;
  abortExecution(executionId: string, error: TaskError): Promise<void>;
}

// Longer than the connection's statement_timeout: the server's own answer is better than none.
const answerTimeoutMs = 35_000;

/** Of an attempt: what the node asks for, within a day. */
export function attemptMs(task: Pick<Task, "timeout_seconds">): number {
  return Math.min(Math.max(task.timeout_seconds, 0.001), 86_400) * 1000;
}

type Connect = (poolSize: number) => Pick<Database, "sql" | "close">;

/**
 * The verbs over a connection that `open` makes, and functions over others. One that does not answer in time is given up
 * for a new one: a peer that has gone silent answers nothing more, and what is asked next would queue behind the question
 * it ignores.
 */
export function sqlEngine(open: Connect, timeoutMs = answerTimeoutMs): Engine {
  const verbs = replaceable(() => open(1));
  const functions = replaceable(() => open(functionsAtOnce));

  const ask = (question: (sql: Database["sql"]) => PromiseLike<Record<string, unknown>[]>, limitMs = timeoutMs) =>
    verbs.use(({ sql }) => within(limitMs, question(sql)));

  /** The JSON that a verb answers; asked for as text, so that the time of its parsing is counted. */
  async function answer(question: Parameters<typeof ask>[0]) {
    const [row] = await ask(question);
    return busy(() => JSON.parse(row!.answer as string));
  }

  return {
    claim: (workerId, capacity) => answer((sql) => sql`select engine.claim(${workerId}, ${capacity})::text as answer`),
    finish: (workerId, sequence, results, capacity) =>
      answer((sql) =>
        sql`select engine.finish(${workerId}, ${sequence}, ${
          storableJson(results)
        }::text::jsonb, ${capacity})::text as answer`
      ),
    heartbeat: (workerId, tasks) =>
      answer((sql) => sql`select engine.heartbeat(${workerId}, ${storableJson(tasks)}::text::jsonb)::text as answer`),
    callFunction: (workerId, task, signal) =>
      functions.use(({ sql }) => {
        const timeout = attemptMs(task);
        const call = sql.begin(async (transaction) => {
          await transaction`select set_config('statement_timeout', ${String(Math.ceil(timeout))}, true)`;
          signal.throwIfAborted();
          const query = transaction`
            select engine.call_function(${workerId}, ${task.id}, ${task.lease_token}) as applied`;
          const abort = () => cancel(query);
          signal.addEventListener("abort", abort);
          try {
            return (await query)[0]!.applied as boolean;
          } finally {
            signal.removeEventListener("abort", abort);
          }
        });
        return within(timeout + timeoutMs, call);
      }),
    async release(workerId, taskIds) {
      const ids = `{${taskIds.join(",")}}`;
      await ask((sql) => sql`select engine.release(${workerId}, ${ids}::text::uuid[])`, 5_000);
    },
    async abortExecution(executionId, error) {
      await ask((sql) => sql`select engine.abort_execution(${executionId}, ${storableJson(error)}::text::jsonb)`);
    },
  };
}

/** A pool that is opened when it is first used, and again after one of its connections has gone silent. */
function replaceable(open: () => ReturnType<Connect>) {
  let current: ReturnType<Connect> | null = null;
  return {
    async use<T>(work: (database: ReturnType<Connect>) => Promise<T>): Promise<T> {
      const database = current ??= open();
      try {
        return await work(database);
      } catch (error) {
        if ((error as { code?: unknown }).code === "CONNECT_TIMEOUT" && database === current) {
          current = null;
          database.close().catch(() => {});
        }
        throw error;
      }
    },
  };
}
