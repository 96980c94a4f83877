import assert from "node:assert/strict";
import { type Node, noop, trigger, value, World } from "./world.ts";

const clock: Node = { id: "clock", type: "TRIGGER", subtype: "CRON", parameters: { expression: "* * * * *" } };
const nodes = [trigger, clock, noop("work")];
const connections = [{ source: "clock", target: "work" }, { source: "start", target: "work" }];

async function fire({ sql }: { sql: World["sql"] }): Promise<number> {
  const [row] = await sql<{ done: number }[]>`select triggers.fire_due(engine.now()) as done`;
  return row!.done;
}

/** Versions of the executions that schedules started, in order. */
async function versions(world: World): Promise<number[]> {
  const rows = await world.sql<{ version: number }[]>`
    select version from public.workflow_executions where mode = 'SCHEDULE' order by id`;
  return rows.map((row) => row.version);
}

async function newVersion(world: World, workflow: string): Promise<void> {
  const definition = { nodes: [...nodes, noop("more")], connections } as never;
  await world.sql`select public.create_workflow_version(${workflow}, ${world.sql.json(definition)})`;
}

Deno.test("two that fire at once start each time once, and neither waits", async () => {
  await using world = await World.make();
  for (let i = 0; i < 3; i++) await world.workflow(nodes, connections);
  const [one, two] = [await world.session(), await world.session()];
  await one.later(61);
  await two.later(61);
  const { results: [first, second], blocked } = await world.interleave(
    "fire",
    one,
    () => fire(one),
    two,
    () => fire(two),
  );
  assert.equal(blocked, false);
  assert.equal(value(first) + value(second), 3);
  assert.deepEqual(await versions(world), [1, 1, 1]);
  assert.equal(await fire(two), 0);
  await world.noViolations();
});

Deno.test("who dies while he fires has started nothing, and the next one starts it once", async () => {
  await using world = await World.make();
  await world.workflow(nodes, connections);
  const [one, two] = [await world.session(), await world.session()];
  await one.later(61);
  await two.later(61);
  await one.sql`begin`;
  assert.equal(await fire(one), 1);
  await world.sql`select pg_terminate_backend(${one.pid})`;
  for (const until = Date.now() + 10_000; await fire(two) === 0;) assert.ok(Date.now() < until);
  assert.deepEqual(await versions(world), [1]);
});

Deno.test("what is being deployed is left to the next tick, which starts the new version", async () => {
  await using world = await World.make();
  const workflow = await world.workflow(nodes, connections);
  await world.workflow(nodes, connections);
  await newVersion(world, workflow);
  const [deployer, ticker] = [await world.session(), await world.session()];
  await ticker.later(61);
  const { results: [, fired], blocked } = await world.overlap(
    deployer,
    () => deployer.sql`select public.deploy_workflow(${workflow})`,
    ticker,
    () => fire(ticker),
  );
  assert.equal(blocked, false, "the tick waits for no deployment");
  assert.equal(value(fired), 1, "the other one starts");
  assert.equal(await fire(ticker), 1);
  assert.deepEqual(await versions(world), [1, 2], "one each");
});

Deno.test("a deployment waits for a start that is under way, which is of the old version", async () => {
  await using world = await World.make();
  const workflow = await world.workflow(nodes, connections);
  await newVersion(world, workflow);
  const [ticker, deployer] = [await world.session(), await world.session()];
  await ticker.later(61);
  const { results, blocked } = await world.interleave(
    "fire",
    ticker,
    () => fire(ticker),
    deployer,
    () => deployer.sql`select public.deploy_workflow(${workflow})`,
  );
  results.forEach((result) => value<unknown>(result));
  assert.equal(blocked, true);
  await ticker.later(121);
  assert.equal(await fire(ticker), 1);
  assert.deepEqual(await versions(world), [1, 2]);
});

Deno.test("a limit whose key somebody holds is left to the next tick", async () => {
  await using world = await World.make();
  const workflow = await world.workflow(nodes, connections);
  await world.workflow(nodes, connections);
  await world.sql`select public.set_execution_limit(${workflow}, 5)`;
  const [starter, ticker] = [await world.session(), await world.session()];
  await ticker.later(61);
  const { results: [, fired], blocked } = await world.overlap(
    starter,
    () => starter.start(workflow),
    ticker,
    () => fire(ticker),
  );
  assert.equal(blocked, false, "the tick waits for nobody");
  assert.equal(value(fired), 1, "the other one starts");
  assert.equal(await fire(ticker), 1);
  assert.equal((await versions(world)).length, 2);
  await world.noViolations();
});
