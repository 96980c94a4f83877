// Driving this engine: starting executions, and a worker that does its steps.
import type postgres from "postgres";
import { inputOf, payload, type Shape } from "./shapes.ts";

export const batch = 20;

export interface Task {
  id: string;
  lease_token: string;
  workspace_id: string;
}

export async function makeWorkspace(sql: postgres.Sql, name: string): Promise<string> {
  const [workspace] = await sql<{ id: string }[]>`insert into public.workspaces (name) values (${name}) returning id`;
  return workspace!.id;
}

export async function deploy(sql: postgres.Sql, workspace: string, definition: object): Promise<string> {
  const [workflow] = await sql<{ id: string }[]>`
    select id from public.create_workflow('bench', ${
    sql.json(definition as postgres.JSONValue)
  }, workspace_id => ${workspace})`;
  await sql`select public.deploy_workflow(${workflow!.id})`;
  return workflow!.id;
}

/** Starts executions in one transaction. */
export async function start(sql: postgres.Sql, workflow: string, shape: Shape, size = 1): Promise<void> {
  await sql`
    select public.start_execution(${workflow}, ${sql.json(inputOf(shape))}) from generate_series(1, ${size}::int)`;
}

/** Splits work among sessions, each taking a batch at a time. */
export async function share(
  pool: postgres.Sql[],
  count: number,
  size: number,
  run: (sql: postgres.Sql, size: number) => Promise<unknown>,
): Promise<void> {
  let left = count;
  await Promise.all(pool.map(async (sql) => {
    while (left > 0) {
      const taken = Math.min(size, left);
      left -= taken;
      await run(sql, taken);
    }
  }));
}

/** A worker that holds a lease on its tasks until it answers them, and gets the next with the answer. */
export class Worker {
  readonly #id = crypto.randomUUID();
  #sequence = 0;

  constructor(readonly sql: postgres.Sql) {}

  async claim(): Promise<Task[]> {
    const [row] = await this.sql<{ answer: { tasks: Task[] } }[]>`select engine.claim(${this.#id}, ${batch}) as answer`;
    return row!.answer.tasks;
  }

  async finish(tasks: Task[]): Promise<Task[]> {
    const results = tasks.map(({ id, lease_token }) => ({
      id,
      lease_token,
      status: "success",
      output: payload,
      duration_ms: 1,
    }));
    const [row] = await this.sql<{ answer: { tasks: Task[]; refused: string[] } }[]>`
      select engine.finish(${this.#id}, ${++this.#sequence}, ${this.sql.json(results)}, ${batch}) as answer`;
    if (row!.answer.refused.length > 0) throw new Error("A result was refused.");
    return row!.answer.tasks;
  }

  /** Works until every execution has ended. */
  async drain(): Promise<void> {
    for (let tasks = await this.claim();;) {
      if (tasks.length > 0) {
        tasks = await this.finish(tasks);
        continue;
      }
      // what is left is with another worker, or cut off behind a thousand steps and the tick's
      const [row] = await this.sql`
        select engine.tick() as ticked, exists (select from public.workflow_executions where end_time is null) as live`;
      if (!row!.live) return;
      if (row!.ticked === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      tasks = await this.claim();
    }
  }
}
