// The worker's side of engine.call_function: its connections, its timeout, its end. What the function does is stood in
// for here; supabase/tests proves what the engine makes of it.
import assert from "node:assert/strict";
import { connect } from "shared/db.ts";
import { functionsAtOnce, sqlEngine } from "shared/engine.ts";
import { type IsolatedDatabase, isolatedDatabase } from "../stack.ts";

const task = (timeout_seconds: number) => ({
  id: crypto.randomUUID(),
  lease_token: crypto.randomUUID(),
  timeout_seconds,
});

/** An engine whose function is `body`; it may use its parameters. */
async function engineWith(database: IsolatedDatabase, body: string) {
  const sql = database.connect();
  await sql`drop function if exists engine.call_function(text, uuid, uuid)`;
  await sql`create table calls (worker_id text, task_id uuid, lease_token uuid, statement_timeout text)`;
  await sql.unsafe(`
    create function engine.call_function(worker_id text, task_id uuid, lease_token uuid)
    returns boolean language plpgsql as $$
    begin
      insert into public.calls values (worker_id, task_id, lease_token, current_setting('statement_timeout'));
      ${body}
    end $$`);
  const pools: ReturnType<typeof connect>[] = [];
  const engine = sqlEngine((poolSize) => {
    const pool = connect(database.url, { poolSize });
    pools.push(pool);
    return pool;
  });
  return {
    sql,
    engine,
    [Symbol.asyncDispose]: () => Promise.all(pools.map((pool) => pool.close())).then(() => {}),
  };
}

const forEver = () => new AbortController().signal;

Deno.test("a function is called with its lease and its timeout, which ends with the call", async () => {
  await using database = await isolatedDatabase();
  await using world = await engineWith(
    database,
    "return task_id <> lease_token;",
  );
  const one = task(2.5);
  assert.equal(await world.engine.callFunction("w", one, forEver()), true);
  assert.equal(
    await world.engine.callFunction(
      "w",
      { ...one, lease_token: one.id },
      forEver(),
    ),
    false,
  );
  const [first] = await world.sql`select * from calls`;
  assert.deepEqual({ ...first }, {
    worker_id: "w",
    task_id: one.id,
    lease_token: one.lease_token,
    statement_timeout: "2500ms",
  });
});

Deno.test("a function that takes longer than its timeout is ended, and nothing of it is kept", async () => {
  await using database = await isolatedDatabase();
  await using world = await engineWith(
    database,
    "perform pg_sleep(20); return true;",
  );
  const began = performance.now();
  await assert.rejects(world.engine.callFunction("w", task(0.3), forEver()), {
    code: "57014",
  });
  assert.ok(performance.now() - began < 5_000);
  assert.equal((await world.sql`select from calls`).length, 0);
});

Deno.test("a function whose task is gone is canceled in the database", async () => {
  await using database = await isolatedDatabase();
  await using world = await engineWith(
    database,
    "perform pg_sleep(20); return true;",
  );
  const controller = new AbortController();
  const call = world.engine.callFunction("w", task(60), controller.signal);
  const asleep = () =>
    world
      .sql`select from pg_stat_activity where query like '%call_function%' and wait_event = 'PgSleep'`;
  while ((await asleep()).length === 0);
  controller.abort();
  await assert.rejects(call, { code: "57014" });
  assert.equal((await asleep()).length, 0);
  await assert.rejects(
    world.engine.callFunction("w", task(60), AbortSignal.abort()),
    { name: "AbortError" },
  );
});

Deno.test("functions have connections of their own: the other verbs do not wait for them", async () => {
  await using database = await isolatedDatabase();
  await using world = await engineWith(
    database,
    "perform pg_sleep(0.5); return true;",
  );
  const began = performance.now();
  const calls = Array.from(
    { length: functionsAtOnce },
    () => world.engine.callFunction("w", task(60), forEver()),
  );
  assert.deepEqual(await world.engine.claim("w", 1), { tasks: [] });
  const claimed = performance.now() - began;
  assert.deepEqual(await Promise.all(calls), Array(functionsAtOnce).fill(true));
  const ended = performance.now() - began;
  assert.ok(claimed < 450 && ended < 950, `${claimed} ${ended}`);
});

Deno.test("a heartbeat hands the leases and their progress over, and brings what is gone", async () => {
  await using database = await isolatedDatabase();
  await using world = await engineWith(database, "return true;");
  await world.sql`drop function if exists engine.heartbeat(text, jsonb)`;
  await world.sql`
    create function engine.heartbeat(worker_id text, tasks jsonb) returns jsonb language sql as $$
      select jsonb_build_object('gone', jsonb_build_array(worker_id, tasks)) $$`;
  const beats = [{
    id: "a",
    lease_token: "b",
    progress: { message: "half\0", percent: 50 },
  }];
  assert.deepEqual(await world.engine.heartbeat("w", beats), {
    gone: ["w", [{
      id: "a",
      lease_token: "b",
      progress: { message: "half\ufffd", percent: 50 },
    }]],
  });
});
