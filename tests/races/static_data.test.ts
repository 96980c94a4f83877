import assert from "node:assert/strict";
import { noop, type Session, success, type Task, trigger, value, World } from "./world.ts";

const count = {
  id: "count",
  type: "ACTION",
  subtype: "SET_STATIC_DATA",
  parameters: { values: { n: "{{ $.workflow.static.n + 1 }}" } },
};

/** Counts at once when it is started. */
const counter = (world: World) => world.workflow([trigger, count], [{ source: "start", target: "count" }]);

/** Counts once a worker has finished `a`. */
const slowCounter = (world: World) =>
  world.workflow([trigger, noop("a"), count], [{ source: "start", target: "a" }, { source: "a", target: "count" }]);

async function counted(world: World, workflow: string): Promise<number | undefined> {
  const [row] = await world.sql<{ data: { n: number } }[]>`
    select data from public.workflow_static_data where workflow_id = ${workflow}`;
  return row?.data.n;
}

const taskOf = (tasks: Task[], execution: string) => tasks.find((task) => task.execution_id === execution)!;

async function tickUntilNothingIsLive(world: World, session: Session): Promise<void> {
  for (let round = 1; round <= 100; round++) {
    const [row] = await world.sql<{ live: number }[]>`
      select count(*)::int as live from public.workflow_executions where end_time is null`;
    if (row!.live === 0) return;
    await session.later(round);
    await session.tick();
  }
  throw new Error("Executions do not end.");
}

Deno.test("a hundred executions of six sessions count to a hundred, each once", async () => {
  await using world = await World.make();
  const [clock, ...sessions] = await Promise.all(Array.from({ length: 6 }, () => world.session()));
  const workflow = await counter(world);
  let working = true;
  const ticking = (async () => {
    await clock!.later(1);
    while (working) await clock!.tick();
  })();
  await Promise.all(sessions.map(async (session) => {
    for (let n = 0; n < 20; n++) await session.start(workflow);
  }));
  working = false;
  await ticking;
  await tickUntilNothingIsLive(world, clock!);
  assert.equal(await counted(world, workflow), 100);
  const rows = await world.sql<{ n: number }[]>`
    select (output -> 'count' ->> 'n')::int as n from public.workflow_executions where status = 'SUCCESS' order by 1`;
  assert.deepEqual(rows.map((row) => row.n), Array.from({ length: 100 }, (_, n) => n + 1));
  await world.noViolations();
});

Deno.test("who finds it taken waits a moment, then comes back", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await counter(world);
  await one.sql`begin`;
  const first = await one.start(workflow);
  const second = await two.start(workflow);
  assert.deepEqual(await world.live(second), ["count PENDING"]);
  await one.sql`commit`;
  assert.equal((await world.execution(first)).status, "SUCCESS");
  await two.later(1);
  await two.tick();
  assert.deepEqual((await world.execution(second)).output, { count: { n: 2 } });
  await world.noViolations();
});

Deno.test("who holds what one workflow remembers waits for no other", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const [red, blue] = [await slowCounter(world), await slowCounter(world)];
  const [redOfOne, blueOfTwo, redOfTwo] = [await one.start(red), await two.start(blue), await two.start(red)];
  const tasks = await one.claim("w", 3);
  const { results, blocked } = await world.overlap(
    one,
    () => one.finish("w", 1, [success(taskOf(tasks, redOfOne))]),
    two,
    // in this order: it holds blue when it comes to red
    () => two.finish("v", 1, [success(taskOf(tasks, blueOfTwo)), success(taskOf(tasks, redOfTwo))]),
  );
  results.forEach(value);
  assert.equal(blocked, false);
  assert.equal((await world.execution(blueOfTwo)).status, "SUCCESS");
  assert.deepEqual(await world.live(redOfTwo), ["count PENDING"]);
  await tickUntilNothingIsLive(world, two);
  assert.deepEqual([await counted(world, red), await counted(world, blue)], [2, 1]);
  await world.noViolations();
});

Deno.test("two transactions that take two workflows the other way round both go through", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const [red, blue] = [await counter(world), await counter(world)];
  await one.sql`begin`;
  await two.sql`begin`;
  await one.start(red);
  await two.start(blue);
  // each asks for what the other one holds
  await Promise.all([one.start(blue), two.start(red)]);
  await one.sql`commit`;
  await two.sql`commit`;
  await tickUntilNothingIsLive(world, one);
  assert.deepEqual([await counted(world, red), await counted(world, blue)], [2, 2]);
  await world.noViolations();
});

Deno.test("what a session that is killed had counted is counted once, when its results come again", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await slowCounter(world);
  const execution = await one.start(workflow);
  const results = (await one.claim("w", 1)).map(success);
  {
    await using _gate = await world.close("apply_before_end");
    await one.pauseAt("apply_before_end");
    const lost = assert.rejects(one.finish("w", 1, results));
    await world.waits(one.pid);
    await world.sql`select pg_terminate_backend(${one.pid})`;
    await lost;
  }
  assert.equal(await counted(world, workflow), undefined);
  await two.finish("w", 1, results);
  await two.finish("w", 1, results);
  assert.equal((await world.execution(execution)).status, "SUCCESS");
  assert.equal(await counted(world, workflow), 1);
  await world.noViolations();
});

Deno.test("what is replaced by hand is what the next execution goes on from", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await counter(world);
  await two.start(workflow);
  const { results } = await world.overlap<unknown, unknown>(
    one,
    () => one.sql`select public.set_static_data(${workflow}, '{"n": 10}')`,
    two,
    () => two.start(workflow),
  );
  results.forEach(value);
  await tickUntilNothingIsLive(world, two);
  assert.equal(await counted(world, workflow), 11);
});

Deno.test("whoever replaces it by hand waits for the transition that changes it", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await counter(world);
  const { results, blocked } = await world.overlap<unknown, unknown>(
    one,
    () => one.start(workflow),
    two,
    () => two.sql`select public.set_static_data(${workflow}, '{"n": 10}')`,
  );
  results.forEach(value);
  assert.equal(blocked, true);
  assert.equal(await counted(world, workflow), 10);
});

Deno.test("of two branches that respond at once the first one answers", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const respond = (id: string) => ({ id, type: "FLOW", subtype: "RESPOND", parameters: { body: id } });
  const workflow = await world.workflow(
    [trigger, noop("a"), noop("b"), respond("red"), respond("blue")],
    [
      { source: "start", target: "a" },
      { source: "start", target: "b" },
      { source: "a", target: "red" },
      { source: "b", target: "blue" },
    ],
  );
  const execution = await one.start(workflow);
  const tasks = await one.claim("w", 2);
  const [a, b] = ["a", "b"].map((id) => [success(tasks.find((task) => task.node_id === id)!)]);
  const { results, blocked } = await world.interleave(
    "apply_before_end",
    two,
    () => two.finish("v", 1, b!),
    one,
    () => one.finish("w", 1, a!),
  );
  results.forEach(value);
  assert.equal(blocked, true);
  const [row] = await world.sql<{ answer: { ended: boolean; response: { body: string } } }[]>`
    select engine.webhook_response(${execution}) as answer`;
  assert.deepEqual([row!.answer.ended, row!.answer.response.body], [true, "blue"]);
  assert.deepEqual((await world.execution(execution)).output, { red: { by: "a" }, blue: { by: "b" } });
  await world.noViolations();
});
