// An isolated database with a workspace, and what races need: sessions that stop at pause points, and a way to see that
// a session waits instead of guessing when it does.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type IsolatedDatabase, isolatedDatabase } from "../stack.ts";

export interface Node {
  id: string;
  type: string;
  subtype: string;
  parameters?: Record<string, postgres.JSONValue>;
  error_handling?: string;
  max_retries?: number;
  retry_wait_time?: number;
  timeout_seconds?: number;
}

export interface Connection {
  source: string;
  target: string;
  type?: string;
  index?: number;
  target_index?: number;
}

export interface Task {
  id: string;
  lease_token: string;
  execution_id: string;
  node_id: string;
  attempt: number;
  input: postgres.JSONValue;
}

export interface Answer {
  tasks: Task[];
  refused: string[];
}

export type Result = Record<string, postgres.JSONValue>;

export const trigger: Node = { id: "start", type: "TRIGGER", subtype: "MANUAL" };
export const noop = (id: string, more: Partial<Node> = {}): Node => ({ id, type: "ACTION", subtype: "NOOP", ...more });

export const success = (task: Task): Result => ({
  id: task.id,
  lease_token: task.lease_token,
  status: "success",
  output: { by: task.node_id },
  duration_ms: 1,
});

export const failure = (task: Task, retryable = false): Result => ({
  id: task.id,
  lease_token: task.lease_token,
  status: "error",
  error: { code: "broken", message: "It broke", retryable },
  duration_ms: 1,
});

/** One session of its own. */
export class Session {
  constructor(readonly sql: postgres.Sql, readonly pid: number) {}

  async claim(worker: string, capacity: number): Promise<Task[]> {
    const [row] = await this.sql<{ answer: Answer }[]>`select engine.claim(${worker}, ${capacity}) as answer`;
    return row!.answer.tasks;
  }

  async finish(worker: string, sequence: number, results: Result[], capacity = 0): Promise<Answer> {
    const [row] = await this.sql<{ answer: Answer }[]>`
      select engine.finish(${worker}, ${sequence}, ${this.sql.json(results)}, ${capacity}) as answer`;
    return row!.answer;
  }

  async release(worker: string, tasks: Task[]): Promise<number> {
    const [row] = await this.sql<{ released: number }[]>`
      select engine.release(${worker}, ${tasks.map((task) => task.id)}::uuid[]) as released`;
    return row!.released;
  }

  async tick(): Promise<number> {
    const [row] = await this.sql<{ done: number }[]>`select engine.tick() as done`;
    return row!.done;
  }

  async cancel(execution: string): Promise<string> {
    const [row] = await this.sql<{ status: string }[]>`select status from public.cancel_execution(${execution})`;
    return row!.status;
  }

  async pause(execution: string): Promise<string> {
    const [row] = await this.sql<{ status: string }[]>`select status from public.pause_execution(${execution})`;
    return row!.status;
  }

  async resume(execution: string): Promise<string> {
    const [row] = await this.sql<{ status: string }[]>`select status from public.resume_execution(${execution})`;
    return row!.status;
  }

  /** Sends an event to a workspace; answers whether it is a new one. */
  async send(workspace: string, name: string, payload: postgres.JSONValue, key?: string): Promise<boolean> {
    const [row] = await this.sql<{ answer: { created: boolean } }[]>`
      select public.send_event(${name}, ${this.sql.json(payload)}, ${key ?? null}, ${workspace}) as answer`;
    return row!.answer.created;
  }

  /** Renews leases; answers the tasks that the worker no longer holds. */
  async heartbeat(worker: string, tasks: Task[]): Promise<string[]> {
    const beats = tasks.map(({ id, lease_token }) => ({ id, lease_token }));
    const [row] = await this.sql<{ answer: { gone: string[] } }[]>`
      select engine.heartbeat(${worker}, ${this.sql.json(beats)}) as answer`;
    return row!.answer.gone;
  }

  async call(worker: string, task: Task): Promise<boolean> {
    const [row] = await this.sql<{ called: boolean }[]>`
      select engine.call_function(${worker}, ${task.id}, ${task.lease_token}) as called`;
    return row!.called;
  }

  async abort(execution: string): Promise<void> {
    await this.sql`select engine.abort_execution(${execution}, '{"code": "aborted", "message": "Aborted"}')`;
  }

  async start(workflow: string, more: { input?: postgres.JSONValue; key?: string } = {}): Promise<string> {
    const [row] = await this.sql<{ id: string }[]>`
      select id from public.start_execution(${workflow}, ${this.sql.json(more.input ?? {})}, ${more.key ?? null})`;
    return row!.id;
  }

  /** Moves this session's clock forward from the real time. */
  async later(seconds: number): Promise<void> {
    await this
      .sql`select set_config('tandem.now', (clock_timestamp() + make_interval(secs => ${seconds}))::text, false)`;
  }

  async pauseAt(name: string | null): Promise<void> {
    await this.sql`select set_config('tandem.pause_at', ${name ?? ""}, false)`;
  }
}

export class World implements AsyncDisposable {
  workspace = "";
  #control!: postgres.Sql;

  private constructor(readonly database: IsolatedDatabase) {}

  static async make(): Promise<World> {
    const world = new World(await isolatedDatabase());
    world.#control = world.database.connect();
    const [row] = await world.#control<{ id: string }[]>`
      insert into public.workspaces (name) values ('Races') returning id`;
    world.workspace = row!.id;
    return world;
  }

  /** For looking and arranging; never paused. */
  get sql(): postgres.Sql {
    return this.#control;
  }

  async session(options: postgres.Options<Record<string, never>> = {}): Promise<Session> {
    // a session that waits for its own test is an error, not a test that never ends
    const sql = this.database.connect({ ...options, connection: { lock_timeout: 20_000 } });
    const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    return new Session(sql, row!.pid);
  }

  async workflow(nodes: Node[], connections: Connection[]): Promise<string> {
    const definition = { nodes, connections } as unknown as postgres.JSONValue;
    const [row] = await this.sql<{ id: string }[]>`
      select id from public.create_workflow('race', ${this.sql.json(definition)}, workspace_id => ${this.workspace})`;
    await this.sql`select public.deploy_workflow(${row!.id})`;
    return row!.id;
  }

  /** Runs `first` up to a pause point, then `second` until it waits too (or has ended), then lets both go on. */
  async interleave<A, B>(
    at: string,
    session: Session,
    first: () => Promise<A>,
    other: Session,
    second: () => Promise<B>,
  ) {
    await using gate = await this.close(at);
    await session.pauseAt(at);
    const one = settle(first());
    await this.waits(session.pid);
    const ended = new AbortController();
    const two = settle(second()).finally(() => ended.abort());
    await this.waits(other.pid, ended.signal);
    const blocked = !ended.signal.aborted;
    await gate.open();
    const results = [await one, await two] as const;
    await session.pauseAt(null);
    return { results: results as [PromiseSettledResult<A>, PromiseSettledResult<B>], blocked };
  }

  /** Runs `first` in a transaction that stays open until `second` waits for it, or has ended. */
  async overlap<A, B>(session: Session, first: () => Promise<A>, other: Session, second: () => Promise<B>) {
    await session.sql`begin`;
    const one = await settle(first());
    const ended = new AbortController();
    const two = settle(second()).finally(() => ended.abort());
    await this.waits(other.pid, ended.signal);
    const blocked = !ended.signal.aborted;
    await session.sql`commit`;
    const results = [one, await two] as const;
    return { results: results as [PromiseSettledResult<A>, PromiseSettledResult<B>], blocked };
  }

  /** Holds a pause point's lock until it is opened. */
  async close(name: string) {
    const sql = this.database.connect();
    await sql`select pg_advisory_lock(hashtext(${name}))`;
    let open = false;
    const release = async () => {
      if (open) return;
      open = true;
      await sql`select pg_advisory_unlock(hashtext(${name}))`;
    };
    return { open: release, [Symbol.asyncDispose]: release };
  }

  /** Returns when a session waits for a lock; after `end` it no longer matters. */
  async waits(pid: number, end?: AbortSignal): Promise<void> {
    for (const deadline = Date.now() + 20_000; !end?.aborted;) {
      const [row] = await this.sql<{ waits: boolean }[]>`select cardinality(pg_blocking_pids(${pid})) > 0 as waits`;
      if (row!.waits) return;
      if (Date.now() > deadline) throw new Error(`Session ${pid} does not wait.`);
    }
  }

  async execution(id: string) {
    const [row] = await this.sql<{ status: string; output: postgres.JSONValue; error: { code: string } | null }[]>`
      select status, output, error from public.workflow_executions where id = ${id}`;
    return row!;
  }

  /** The ended runs of an execution's nodes: "node status", in order of their ends. */
  async runs(execution: string): Promise<string[]> {
    const rows = await this.sql<{ run: string }[]>`
      select node_id || ' ' || status as run from public.node_executions
      where execution_id = ${execution} order by end_time, id`;
    return rows.map((row) => row.run);
  }

  /** What is live in an execution: "node status". */
  async live(execution: string): Promise<string[]> {
    const rows = await this.sql<{ run: string }[]>`
      select node_id || ' ' || status as run from public.live_node_executions
      where execution_id = ${execution} order by 1`;
    return rows.map((row) => row.run);
  }

  async children(execution: string): Promise<string[]> {
    const rows = await this.sql<{ id: string }[]>`
      select id from public.workflow_executions where parent_execution_id = ${execution} order by parent_item`;
    return rows.map((row) => row.id);
  }

  async noViolations(hint = ""): Promise<void> {
    assert.deepEqual(Array.from(await this.sql`select * from engine.violations()`), [], hint);
  }

  async [Symbol.asyncDispose]() {
    await this.database[Symbol.asyncDispose]();
  }
}

function settle<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  return Promise.allSettled([promise]).then(([result]) => result!);
}

/** The value of a call that must have succeeded. */
export function value<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** Numbers in [0, 1) that a seed repeats. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
