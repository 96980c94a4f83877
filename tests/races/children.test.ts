import assert from "node:assert/strict";
import { failure, type Node, noop, success, trigger, value, World } from "./world.ts";

/** A workflow that calls one of a single step, once for each item. */
async function family(world: World, more: Record<string, unknown> = { items: [1, 2] }) {
  const child = await world.workflow([trigger, noop("work", { max_retries: 0 })], [{
    source: "start",
    target: "work",
  }]);
  const parameters = { workflow_id: child, ...more } as Node["parameters"];
  return await world.workflow([
    trigger,
    noop("first"),
    { id: "call", type: "FLOW", subtype: "SUB_WORKFLOW", parameters },
    noop("after"),
  ], [
    { source: "start", target: "first" },
    { source: "first", target: "call" },
    { source: "call", target: "after" },
  ]);
}

async function arrange(world: World, more?: Record<string, unknown>) {
  const [one, two] = [await world.session(), await world.session()];
  const parent = await one.start(await family(world, more));
  const [first] = await one.claim("w", 1);
  return { one, two, parent, first: first! };
}

/** The same with its children at work, held by workers "one" and "two". */
async function atWork(world: World, more?: Record<string, unknown>) {
  const { one, two, parent, first } = await arrange(world, more);
  await one.finish("w", 1, [success(first)]);
  const [mine] = await one.claim("one", 1);
  const [other] = await two.claim("two", 1);
  return { one, two, parent, mine: mine!, other: other!, children: await world.children(parent) };
}

const statuses = async (world: World, ids: string[]) =>
  await Promise.all(ids.map(async (id) => (await world.execution(id)).status));

Deno.test("children that begin while their parent is canceled are canceled with it", async () => {
  await using world = await World.make();
  const { one, two, parent, first } = await arrange(world);
  const { results: [finished, canceled], blocked } = await world.interleave(
    "apply_before_end",
    one,
    () => one.finish("w", 1, [success(first)], 5),
    two,
    () => two.cancel(parent),
  );
  assert.equal(blocked, true);
  assert.equal(value(canceled), "CANCELED");
  const children = await world.children(parent);
  assert.equal(children.length, 2);
  await two.tick();
  assert.deepEqual(await statuses(world, children), ["CANCELED", "CANCELED"]);
  const held = value(finished).tasks;
  assert.equal(held.length, 2);
  assert.equal((await one.finish("w", 2, held.map(success))).refused.length, 2);
  await world.noViolations();
});

Deno.test("a result that would begin children is refused when the cancellation was first", async () => {
  await using world = await World.make();
  const { one, two, parent, first } = await arrange(world);
  const { results: [, finished] } = await world.interleave<unknown, { refused: string[] }>(
    "cancel_locked",
    two,
    () => two.cancel(parent),
    one,
    () => one.finish("w", 1, [success(first)]),
  );
  assert.deepEqual(value(finished).refused, [first.id]);
  assert.deepEqual(await world.children(parent), []);
  await world.noViolations();
});

Deno.test("two children that end at once are both told to their parent", async () => {
  await using world = await World.make();
  const { one, two, parent, mine, other } = await atWork(world);
  const { results } = await world.overlap(
    one,
    () => one.finish("one", 1, [success(mine)]),
    two,
    () => two.finish("two", 1, [success(other)]),
  );
  for (const result of results) assert.deepEqual(value(result).refused, []);
  await two.tick();
  const after = await one.claim("one", 5);
  assert.deepEqual(after.map((task) => [task.node_id, task.input]), [
    ["after", [{ work: { by: "work" } }, { work: { by: "work" } }]],
  ]);
  await one.finish("one", 2, after.map(success));
  assert.deepEqual(await world.runs(parent), [
    "start SUCCESS",
    "first SUCCESS",
    "call SUCCESS",
    "after SUCCESS",
  ]);
  await world.noViolations();
});

Deno.test("of two children that end at once, one badly, the parent hears the bad news once", async () => {
  await using world = await World.make();
  const { one, two, parent, mine, other, children } = await atWork(world);
  const { results } = await world.overlap(
    one,
    () => one.finish("one", 1, [success(mine)]),
    two,
    () => two.finish("two", 1, [failure(other)]),
  );
  results.forEach(value);
  await two.tick();
  const { status, error } = await world.execution(parent);
  assert.deepEqual([status, error?.code], ["ERROR", "sub_workflow_failed"]);
  assert.deepEqual((await statuses(world, children)).sort(), ["ERROR", "SUCCESS"]);
  assert.deepEqual((await world.runs(parent)).filter((run) => run.startsWith("call")), ["call ERROR"]);
  await world.noViolations();
});

Deno.test("two children that end at once let the next two begin, each once", async () => {
  await using world = await World.make();
  const { one, two, parent, mine, other } = await atWork(world, { items: [1, 2, 3, 4, 5], max_concurrency: 2 });
  const { results } = await world.overlap(
    one,
    () => one.finish("one", 1, [success(mine)]),
    two,
    () => two.finish("two", 1, [success(other)]),
  );
  results.forEach(value);
  await two.tick();
  const next = await one.claim("one", 10);
  assert.equal(next.length, 2);
  assert.equal((await world.children(parent)).length, 4);
  await world.noViolations();
});

for (const canceledFirst of [false, true]) {
  Deno.test(`a child that ends just ${canceledFirst ? "after" : "before"} its tree is canceled leaves nothing behind`, async () => {
    await using world = await World.make();
    const { one, two, parent, mine, children } = await atWork(world);
    const finish = () => one.finish("one", 1, [success(mine)]);
    const cancel = () => two.cancel(parent);
    const { results } = canceledFirst
      ? await world.overlap<unknown, unknown>(two, cancel, one, finish)
      : await world.overlap<unknown, unknown>(one, finish, two, cancel);
    results.forEach(value);
    await two.tick();
    assert.equal((await world.execution(parent)).status, "CANCELED");
    assert.deepEqual(
      (await statuses(world, children)).sort(),
      canceledFirst ? ["CANCELED", "CANCELED"] : ["CANCELED", "SUCCESS"],
    );
    assert.deepEqual(Array.from(await world.sql`select * from engine.cancellations`), []);
    assert.deepEqual(await one.claim("one", 5), []);
    await world.noViolations();
  });
}

for (const at of ["finish_locked", "apply_before_end"]) {
  Deno.test(`a child that ends while its tree is canceled stays as it ends, and nobody waits (${at})`, async () => {
    await using world = await World.make();
    const { one, two, parent, mine, children } = await atWork(world);
    const { results } = await world.interleave<unknown, unknown>(
      at,
      one,
      () => one.finish("one", 1, [success(mine)]),
      two,
      () => two.cancel(parent),
    );
    results.forEach(value);
    await two.tick();
    assert.equal((await world.execution(parent)).status, "CANCELED");
    assert.deepEqual((await statuses(world, children)).sort(), ["CANCELED", "SUCCESS"]);
    assert.deepEqual(Array.from(await world.sql`select * from engine.cancellations`), []);
    await world.noViolations();
  });
}

for (const at of ["finish_locked", "apply_before_end"]) {
  Deno.test(`a child that ends while its tree is paused is told when it is resumed (${at})`, async () => {
    await using world = await World.make();
    const { one, two, parent, mine, other, children } = await atWork(world);
    const { results: [finished, paused] } = await world.interleave<unknown, string>(
      at,
      one,
      () => one.finish("one", 1, [success(mine)]),
      two,
      () => two.pause(parent),
    );
    value(finished);
    assert.equal(value(paused), "PAUSED");
    assert.deepEqual((await statuses(world, children)).sort(), ["PAUSED", "SUCCESS"]);
    await two.finish("two", 1, [success(other)]);
    await two.tick();
    assert.deepEqual(await one.claim("one", 5), []);
    await world.noViolations();
    assert.equal(await two.resume(parent), "RUNNING");
    await two.tick();
    assert.deepEqual((await one.claim("one", 5)).map((task) => task.node_id), ["after"]);
    await world.noViolations();
  });
}

Deno.test("a child that ends while its tree is resumed is told", async () => {
  await using world = await World.make();
  const { one, two, parent, mine, other } = await atWork(world);
  await two.pause(parent);
  const { results: [finished, resumed] } = await world.interleave<unknown, string>(
    "apply_before_end",
    one,
    () => one.finish("one", 1, [success(mine)]),
    two,
    () => two.resume(parent),
  );
  value(finished);
  assert.equal(value(resumed), "RUNNING");
  await two.finish("two", 1, [success(other)]);
  await two.tick();
  assert.deepEqual((await one.claim("one", 5)).map((task) => task.node_id), ["after"]);
  await world.noViolations();
});

Deno.test("a child that a pause reaches before its parent's result comes begins nothing", async () => {
  await using world = await World.make();
  const { one, two, parent, first } = await arrange(world);
  const { results, blocked } = await world.interleave<unknown, unknown>(
    "finish_locked",
    one,
    () => one.finish("w", 1, [success(first)]),
    two,
    () => two.pause(parent),
  );
  assert.equal(blocked, true);
  results.forEach(value);
  assert.deepEqual(await one.claim("w", 5), []);
  await world.noViolations();
  await two.resume(parent);
  await two.tick();
  assert.equal((await one.claim("w", 5)).length, 2);
  await world.noViolations();
});
