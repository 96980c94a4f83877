import assert from "node:assert/strict";
import { type Node, noop, type Session, success, type Task, trigger, value, World } from "./world.ts";

const merge = (mode: string): Node => ({ id: "join", type: "FLOW", subtype: "MERGE", parameters: { mode } });
const each = (parameters: Node["parameters"]): Node => ({ id: "each", type: "FLOW", subtype: "FOR_EACH", parameters });

async function lastTwo(world: World, workflow: string) {
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(workflow);
  const [first] = await one.claim("one", 1);
  const [second] = await two.claim("two", 1);
  const finish = (session: Session, worker: string, task: Task) => () => session.finish(worker, 1, [success(task)]);
  const { results, blocked } = await world.interleave(
    "apply_before_end",
    one,
    finish(one, "one", first!),
    two,
    finish(two, "two", second!),
  );
  assert.equal(blocked, true);
  for (const result of results) assert.deepEqual(value(result).refused, []);
  await world.noViolations();
  return { one, two, execution };
}

for (const mode of ["all", "append", "combine"]) {
  Deno.test(`a merge (${mode}) whose last two inputs come at once fires once`, async () => {
    await using world = await World.make();
    const workflow = await world.workflow([trigger, noop("a"), noop("b"), merge(mode), noop("after")], [
      { source: "start", target: "a" },
      { source: "start", target: "b" },
      { source: "a", target: "join", target_index: 0 },
      { source: "b", target: "join", target_index: 1 },
      { source: "join", target: "after" },
    ]);
    const { one, execution } = await lastTwo(world, workflow);
    const tasks = await one.claim("one", 5);
    assert.deepEqual(tasks.map((task) => task.node_id), ["after"]);
    const a = { by: "a" }, b = { by: "b" };
    assert.deepEqual(tasks[0]!.input, { all: { 0: a, 1: b }, append: [a, b], combine: b }[mode]);
    await one.finish("one", 2, [success(tasks[0]!)]);
    assert.deepEqual((await world.runs(execution)).sort(), [
      "a SUCCESS",
      "after SUCCESS",
      "b SUCCESS",
      "join SUCCESS",
      "start SUCCESS",
    ]);
    assert.equal((await world.execution(execution)).status, "SUCCESS");
    await world.noViolations();
  });
}

Deno.test("of two tokens that reach a merge (any) at once one passes", async () => {
  await using world = await World.make();
  const workflow = await world.workflow([trigger, noop("a"), noop("b"), merge("any"), noop("after")], [
    { source: "start", target: "a" },
    { source: "start", target: "b" },
    { source: "a", target: "join", target_index: 0 },
    { source: "b", target: "join", target_index: 1 },
    { source: "join", target: "after" },
  ]);
  const { one, execution } = await lastTwo(world, workflow);
  const tasks = await one.claim("one", 5);
  assert.deepEqual(tasks.map((task) => task.node_id), ["after"]);
  await one.finish("one", 2, tasks.map(success));
  const joins = (await world.runs(execution)).filter((run) => run.startsWith("join"));
  assert.deepEqual(joins.sort(), ["join SKIPPED", "join SUCCESS"]);
  assert.equal((await world.execution(execution)).status, "SUCCESS");
  await world.noViolations();
});

Deno.test("a collect whose last two items come at once fires once, with both", async () => {
  await using world = await World.make();
  const workflow = await world.workflow(
    [trigger, each({ items: [7, 8] }), noop("a"), merge("collect"), noop("after")],
    [
      { source: "start", target: "each" },
      { source: "each", target: "a" },
      { source: "a", target: "join" },
      { source: "join", target: "after" },
    ],
  );
  const { one, execution } = await lastTwo(world, workflow);
  const tasks = await one.claim("one", 5);
  assert.deepEqual(tasks.map((task) => [task.node_id, task.input]), [["after", [{ by: "a" }, { by: "a" }]]]);
  await one.finish("one", 2, tasks.map(success));
  assert.equal((await world.runs(execution)).filter((run) => run === "join SUCCESS").length, 1);
  assert.equal((await world.execution(execution)).status, "SUCCESS");
  await world.noViolations();
});

Deno.test("two items that end at once let the next two begin, each once", async () => {
  await using world = await World.make();
  const items = [1, 2, 3, 4];
  const workflow = await world.workflow(
    [trigger, each({ items, max_concurrency: 2 }), noop("a"), merge("collect")],
    [
      { source: "start", target: "each" },
      { source: "each", target: "a" },
      { source: "a", target: "join" },
    ],
  );
  const { one, execution } = await lastTwo(world, workflow);
  const tasks = await one.claim("one", 5);
  assert.deepEqual(tasks.map((task) => task.input).sort(), [3, 4]);
  await one.finish("one", 2, tasks.map(success));
  assert.equal((await world.runs(execution)).filter((run) => run === "a SUCCESS").length, 4);
  assert.equal((await world.execution(execution)).status, "SUCCESS");
  await world.noViolations();
});
