import assert from "node:assert/strict";
import { noop, success, type Task, trigger, value, World } from "./world.ts";

const oneStep = (world: World, more = {}) =>
  world.workflow([trigger, noop("a", { retry_wait_time: 0, max_retries: 1, ...more })], [
    { source: "start", target: "a" },
  ]);

Deno.test("a lease that expires while its result is applied does not expire", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(await oneStep(world));
  const [task] = await one.claim("w", 1);
  await two.later(3600);
  const { results: [first, second], blocked } = await world.interleave(
    "finish_locked",
    one,
    () => one.finish("w", 1, [success(task!)]),
    two,
    () => two.tick(),
  );
  assert.equal(blocked, false, "the tick leaves locked executions to the next tick");
  assert.equal(value(second), 0);
  assert.deepEqual(value(first).refused, []);
  assert.equal(await two.tick(), 0);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS"]);
  await world.noViolations();
});

Deno.test("a result that comes while its lease expires is refused, and the next attempt counts", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(await oneStep(world));
  const [task] = await one.claim("w", 1);
  await two.later(3600);
  const { results: [first, second], blocked } = await world.interleave(
    "apply_before_end",
    two,
    () => two.tick(),
    one,
    () => one.finish("w", 1, [success(task!)]),
  );
  assert.equal(blocked, true);
  assert.equal(value(first), 1);
  assert.deepEqual(value(second).refused, [task!.id]);
  await two.later(3700);
  assert.equal(await two.tick(), 1);
  const [again] = await one.claim("w", 1);
  assert.deepEqual([again!.id, again!.attempt], [task!.id, 2]);
  await one.finish("w", 2, [success(again!)]);
  assert.deepEqual((await world.runs(execution)).sort(), ["a ERROR", "a SUCCESS", "start SUCCESS"]);
  assert.equal((await world.execution(execution)).status, "SUCCESS");
  await world.noViolations();
});

Deno.test("the tick goes on with other executions while one is locked", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await oneStep(world, { max_retries: 0 });
  const locked = await one.start(workflow);
  const free = await one.start(workflow);
  const tasks = await one.claim("w", 2);
  await two.later(3600);
  const { results: [, ticked], blocked } = await world.interleave(
    "finish_locked",
    one,
    () => one.finish("w", 1, [success(tasks.find((task) => task.execution_id === locked)!)]),
    two,
    () => two.tick(),
  );
  assert.equal(blocked, false);
  assert.equal(value(ticked), 1);
  assert.equal((await world.execution(locked)).status, "SUCCESS");
  assert.equal((await world.execution(free)).error?.code, "lease_expired");
  await world.noViolations();
});

Deno.test("of two ticks at once one works and the other goes home", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  await one.start(await oneStep(world));
  await one.claim("w", 1);
  await one.later(3600);
  await two.later(3600);
  const { results: [first, second], blocked } = await world.interleave(
    "apply_before_end",
    one,
    () => one.tick(),
    two,
    () => two.tick(),
  );
  assert.equal(blocked, false);
  assert.deepEqual([value(first), value(second)], [1, 0]);
  await world.noViolations();
});

Deno.test("a lease that is handed back while it expires is spent, and one that was handed back does not expire", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await oneStep(world);
  const execution = await one.start(workflow);
  const expiring = await one.claim("w", 1);
  await two.later(3600);
  const { results: [first, second] } = await world.interleave(
    "apply_before_end",
    two,
    () => two.tick(),
    one,
    () => one.release("w", expiring),
  );
  assert.deepEqual([value(first), value(second)], [1, 0]);
  assert.deepEqual((await world.runs(execution)).sort(), ["a ERROR", "start SUCCESS"]);

  await one.start(workflow);
  const [handedBack] = await one.claim("w", 1);
  await one.sql`begin`;
  assert.equal(await one.release("w", [handedBack!]), 1);
  const ticked = two.tick();
  await one.sql`commit`;
  await ticked;
  await two.later(3600);
  await two.tick();
  const again = await two.claim("v", 5);
  assert.deepEqual(
    again.map((task) => [task.id, task.attempt]).sort(),
    [
      [expiring[0]!.id, 2],
      [handedBack!.id, 1],
    ].sort(),
  );
  await world.noViolations();
});

Deno.test("a worker that hands leases back does not wait for what ends their execution, nor is waited for", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const fan = ["a", "b", "c"];
  const workflow = await world.workflow([trigger, ...fan.map((id) => noop(id))], [
    ...fan.map((target) => ({ source: "start", target })),
  ]);
  const execution = await one.start(workflow);
  const tasks = await one.claim("w", 3);
  const byId = (way: number) => tasks.toSorted((a, b) => way * a.id.localeCompare(b.id));
  await one.sql`begin`;
  await one.sql`select from engine.tasks where id = ${byId(1)[2]!.id} for update`;
  await two.sql`begin`;
  assert.equal(await two.release("w", byId(-1)), 2);
  await two.sql`commit`;
  await one.abort(execution);
  await one.sql`commit`;
  assert.deepEqual((await world.runs(execution)).sort(), [
    "a CANCELED",
    "b CANCELED",
    "c CANCELED",
    "start SUCCESS",
  ]);
  await world.noViolations();
});

Deno.test("claims at once never lease a task twice, nor more than was asked for", async () => {
  await using world = await World.make();
  const workflow = await oneStep(world);
  const sessions = await Promise.all(Array.from({ length: 5 }, () => world.session()));
  await world.sql`select public.start_execution(${workflow}) from generate_series(1, 150)`;
  const leased = new Map<string, Task>();
  for (let round = 0; leased.size < 150; round++) {
    assert.ok(round < 100, `only ${leased.size} of 150 tasks after ${round} rounds`);
    const capacities = sessions.map((_, i) => (round + i) % 4);
    const answers = await Promise.all(sessions.map((session, i) => session.claim(`w${i}`, capacities[i]!)));
    answers.forEach((tasks, i) => {
      assert.ok(tasks.length <= capacities[i]!, `${tasks.length} tasks for a capacity of ${capacities[i]}`);
      for (const task of tasks) {
        assert.ok(!leased.has(task.id), `${task.id} was leased twice`);
        leased.set(task.id, task);
      }
    });
  }
  assert.equal((await sessions[0]!.claim("w0", 10)).length, 0);
  await world.noViolations();
});
