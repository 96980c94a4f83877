// A worker that says often that it is alive, and the engine, in a database of their own.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { connect } from "shared/db.ts";
import { sqlEngine } from "shared/engine.ts";
import { type NodeExecutor } from "shared/nodes/node.ts";
import { createWorker } from "shared/worker.ts";
import { noop, trigger, World } from "../races/world.ts";

function work(world: World, run: NodeExecutor) {
  const events: string[] = [];
  const pools: ReturnType<typeof connect>[] = [];
  const engine = sqlEngine((poolSize) => {
    const pool = connect(world.database.url, { poolSize });
    pools.push(pool);
    return pool;
  });
  const worker = createWorker({
    engine,
    run,
    heartbeatMs: 100,
    lingerMs: 200,
    log: (event) => events.push(event),
  });
  return {
    events,
    worker,
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}

const oneStep = (world: World, more = {}) =>
  world.workflow([trigger, {
    ...noop("a"),
    timeout_seconds: 600,
    max_retries: 0,
    ...more,
  }], [
    { source: "start", target: "a" },
  ]);

async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("It did not come about");
}

Deno.test("a lease lasts as long as its task is worked on, and what the node says of it is logged", async () => {
  await using world = await World.make();
  const session = await world.session();
  const execution = await session.start(await oneStep(world));
  const done = Promise.withResolvers<string>();
  await using one = work(world, (_, { progress }) => {
    progress!({ message: "halfway", percent: 50 });
    return done.promise;
  });
  const loop = one.worker.wake();
  const until = async () =>
    (await world.sql<
      { until: string }[]
    >`select lease_until as until from engine.tasks`)[0]?.until;
  const first = await eventually(until);
  await eventually(async () => {
    const now = await until();
    return now !== undefined && new Date(now) > new Date(first) ? true : undefined;
  });
  const said = () =>
    world.sql<{ message: string; data: postgres.JSONValue }[]>`
      select message, data from public.workflow_execution_logs where execution_id = ${execution} and message = 'halfway'`;
  assert.deepEqual(await eventually(async () => (await said())[0]), {
    message: "halfway",
    data: { percent: 50, attempt: 1 },
  });
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.equal((await said()).length, 1);
  done.resolve("done");
  await loop;
  assert.deepEqual((await world.execution(execution)).output, { a: "done" });
  await world.noViolations();
});

Deno.test("a node of a canceled execution is told to end, and the worker goes on", async () => {
  await using world = await World.make();
  const session = await world.session();
  const workflow = await oneStep(world);
  const canceled = await session.start(workflow);
  const began = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  await using one = work(world, (task, { signal }) => {
    if (task.execution_id !== canceled) return "done";
    began.resolve();
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        ended.resolve(signal.reason.code);
        reject(signal.reason);
      });
    });
  });
  const loop = one.worker.wake();
  await began.promise;
  await world.sql`select public.cancel_execution(${canceled})`;
  assert.equal(await ended.promise, "lease_gone");
  const next = await session.start(workflow);
  void one.worker.wake();
  await loop;
  assert.deepEqual([
    (await world.execution(canceled)).status,
    (await world.execution(next)).status,
  ], [
    "CANCELED",
    "SUCCESS",
  ]);
  assert.deepEqual(one.events, ["leases_gone"]);
  await world.noViolations();
});

Deno.test("functions that take longer than a heartbeat, more of them than connections, run once each", async () => {
  await using world = await World.make();
  await world.sql.unsafe(`
    create table public.function_calls (execution_id text);
    grant insert on public.function_calls to public;
    create function nodes.slow(arguments jsonb, context jsonb) returns jsonb language plpgsql as $$
    begin
      insert into public.function_calls values (context ->> 'execution_id');
      perform pg_sleep(0.3);
      return arguments -> 'n';
    end $$;
    grant execute on function nodes.slow(jsonb, jsonb) to public`);
  await world.sql`select public.enable_function('slow', ${world.workspace})`;
  const session = await world.session();
  const parameters = { function: "slow", arguments: { n: "{{ $.input.n }}" } };
  const workflow = await oneStep(world, {
    subtype: "SQL_FUNCTION",
    parameters,
  });
  const executions: string[] = [];
  for (let n = 0; n < 9; n++) {
    executions.push(await session.start(workflow, { input: { n } }));
  }
  await using one = work(world, () => assert.fail("a node was called"));
  await one.worker.wake();
  const outputs = await Promise.all(
    executions.map(async (id) => (await world.execution(id)).output),
  );
  assert.deepEqual(outputs, executions.map((_, n) => ({ a: n })));
  const calls = await world
    .sql`select execution_id from public.function_calls order by 1`;
  assert.deepEqual(calls.map((row) => row.execution_id), executions.toSorted());
  assert.deepEqual(one.events, []);
  await world.noViolations();
});
