import assert from "node:assert/strict";
import { failure, noop, success, trigger, value, World } from "./world.ts";

const oneStep = (world: World) => world.workflow([trigger, noop("a")], [{ source: "start", target: "a" }]);

Deno.test("of two workers that finish one lease at once, one is applied and the other refused", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(await oneStep(world));
  const [task] = await one.claim("one", 1);
  const { results: [first, second], blocked } = await world.interleave(
    "finish_locked",
    one,
    () => one.finish("one", 1, [success(task!)]),
    two,
    () => two.finish("two", 1, [success(task!)]),
  );
  assert.equal(blocked, true);
  assert.deepEqual(value(first).refused, []);
  assert.deepEqual(value(second).refused, [task!.id]);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS"]);
  assert.equal((await world.execution(execution)).status, "SUCCESS");
  await world.noViolations();
});

Deno.test("a call sent twice at once gets one answer and is applied once", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await world.workflow([trigger, noop("a"), noop("b")], [
    { source: "start", target: "a" },
    { source: "a", target: "b" },
  ]);
  const execution = await one.start(workflow);
  const [task] = await one.claim("w", 1);
  const stale = { ...success(task!), id: crypto.randomUUID() };
  const call = (session: typeof one) => () => session.finish("w", 1, [success(task!), stale], 5);
  const { results: [first, second], blocked } = await world.interleave("finish_locked", one, call(one), two, call(two));
  assert.equal(blocked, true);
  assert.deepEqual(value(second), value(first));
  assert.deepEqual(value(first).tasks.map((next) => next.node_id), ["b"]);
  assert.deepEqual(value(first).refused, [stale.id]);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS"]);
  await one.finish("w", 2, [success(value(first).tasks[0]!)]);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS", "b SUCCESS"]);
  await world.noViolations();
});

Deno.test("an execution that is aborted while a result is applied keeps the result and refuses nothing", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await world.workflow([trigger, noop("a"), noop("b")], [
    { source: "start", target: "a" },
    { source: "a", target: "b" },
  ]);
  const execution = await one.start(workflow);
  const [task] = await one.claim("w", 1);
  const { results: [first, second], blocked } = await world.interleave(
    "apply_before_end",
    one,
    () => one.finish("w", 1, [success(task!)], 1),
    two,
    () => two.abort(execution),
  );
  assert.equal(blocked, true);
  value(second);
  const { tasks: [next], refused } = value(first);
  assert.deepEqual(refused, []);
  assert.equal((await world.execution(execution)).status, "ERROR");
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS", "b CANCELED"]);
  assert.deepEqual((await one.finish("w", 2, [success(next!)])).refused, [next!.id]);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS", "b CANCELED"]);
  await world.noViolations();
});

Deno.test("a result that comes while its execution is aborted is refused", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(await oneStep(world));
  const [task] = await one.claim("w", 1);
  await one.sql`begin`;
  await one.abort(execution);
  const late = two.finish("w", 1, [success(task!)]);
  await world.waits(two.pid);
  await one.sql`commit`;
  assert.deepEqual((await late).refused, [task!.id]);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a CANCELED"]);
  assert.equal((await world.execution(execution)).error?.code, "aborted");
  await world.noViolations();
});

Deno.test("a result that is delivered together with the one that ends the execution is kept", async () => {
  await using world = await World.make();
  const session = await world.session();
  const workflow = await world.workflow([trigger, noop("a"), noop("b"), noop("c")], [
    { source: "start", target: "a" },
    { source: "start", target: "b" },
    { source: "b", target: "c" },
  ]);
  const execution = await session.start(workflow);
  const tasks = await session.claim("w", 2);
  const of = (node: string) => tasks.find((task) => task.node_id === node)!;
  assert.deepEqual((await session.finish("w", 1, [failure(of("a")), success(of("b"))])).refused, []);
  assert.equal((await world.execution(execution)).status, "ERROR");
  assert.deepEqual((await world.runs(execution)).sort(), ["a ERROR", "b SUCCESS", "c CANCELED", "start SUCCESS"]);
  await world.noViolations();
});
