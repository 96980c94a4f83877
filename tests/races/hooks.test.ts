// Deliveries of other systems at the same time as each other, and as their integration goes.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Session, value, World } from "./world.ts";

interface Received {
  executions: { workflow_id: string; execution_id: string; duplicate: boolean }[];
}

async function integration(world: World): Promise<string> {
  const [row] = await world.sql<{ id: string }[]>`
    select id from integrations.create(${world.workspace}, 'github', 'GitHub', null, '{}',
      jsonb_build_object('signing', 'gAAAAA' || repeat('x', 94)))`;
  return row!.id;
}

async function listener(world: World, integration: string, deploy = true): Promise<string> {
  const definition = {
    nodes: [{ id: "hook", type: "TRIGGER", subtype: "GITHUB", credentials: { github: integration } }],
    connections: [],
  } as unknown as postgres.JSONValue;
  const [row] = await world.sql<{ id: string }[]>`
    select id from public.create_workflow('hook', ${world.sql.json(definition)}, workspace_id => ${world.workspace})`;
  if (deploy) await world.sql`select public.deploy_workflow(${row!.id})`;
  return row!.id;
}

const receive =
  (session: Session, integration: string, delivery: string | null, token: string | null = null) => async () => {
    const [row] = await session.sql<{ answer: Received }[]>`
    select triggers.receive_event(${integration}, 'GITHUB', '{}', '{"event": "push"}', '{"n": 1}', ${delivery}, ${token}) as answer`;
    return row!.answer;
  };
const remove = (session: Session, integration: string) => async () => {
  await session.sql`select public.delete_integration(${integration})`;
};
const failure = (result: PromiseSettledResult<unknown>) =>
  result.status === "rejected" ? (result.reason as postgres.PostgresError).detail : null;

Deno.test("one event that is delivered twice at once starts each of its workflows once", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const hook = await integration(world);
  const workflows = [await listener(world, hook), await listener(world, hook), await listener(world, hook)].sort();
  const { results: [first, second], blocked } = await world.interleave(
    "apply_before_end",
    one,
    receive(one, hook, "d-1"),
    two,
    receive(two, hook, "d-1"),
  );
  assert.equal(blocked, true);
  assert.deepEqual(value(first).executions.map((e) => [e.workflow_id, e.duplicate]), workflows.map((w) => [w, false]));
  assert.deepEqual(value(second).executions, value(first).executions.map((e) => ({ ...e, duplicate: true })));
  const [count] = await world.sql`select count(*)::int as n from public.workflow_executions`;
  assert.equal(count!.n, 3);
  await world.noViolations();
});

Deno.test("a token that comes twice at once verifies one delivery", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const hook = await integration(world);
  await listener(world, hook);
  const { results: [first, second], blocked } = await world.overlap(
    one,
    receive(one, hook, null, "token"),
    two,
    receive(two, hook, null, "token"),
  );
  assert.equal(blocked, true);
  assert.deepEqual([value(first).executions.length, value(second).executions.length], [1, 0]);
});

Deno.test("a token whose delivery failed verifies the next one", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const hook = await integration(world);
  await listener(world, hook);
  await one.sql`begin`;
  await receive(one, hook, null, "token")();
  const second = receive(two, hook, null, "token")();
  await world.waits(two.pid);
  await one.sql`rollback`;
  assert.equal((await second).executions.length, 1);
});

Deno.test("an integration that is deleted while a workflow is deployed on it is named by nothing", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const deploy = (session: Session, workflow: string) => async () => {
    await session.sql`select public.deploy_workflow(${workflow})`;
  };
  const hook = await integration(world);
  const workflow = await listener(world, hook, false);
  const deleted = await world.overlap(one, remove(one, hook), two, deploy(two, workflow));
  assert.deepEqual([deleted.blocked, failure(deleted.results[1])], [true, "definition_invalid"]);

  const kept = await integration(world);
  const other = await listener(world, kept, false);
  const deployed = await world.overlap(one, deploy(one, other), two, remove(two, kept));
  assert.deepEqual([deployed.blocked, failure(deployed.results[1])], [true, "integration_in_use"]);
  assert.equal((await receive(one, kept, null)()).executions.length, 1);
});

Deno.test("an event for several workflows takes their limits in one order, whatever starts beside it", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const hook = await integration(world);
  const [, second] = [await listener(world, hook), await listener(world, hook)].sort();
  // the first start of the event asks for the workspace's, the second one for its own, which comes before
  await world.sql`select public.set_execution_limit(${second!}, max_concurrency => 10)`;
  await world.sql`select public.set_execution_limit(max_concurrency => 10, workspace_id => ${world.workspace})`;
  const { results: [received, started] } = await world.interleave(
    "apply_before_end",
    one,
    receive(one, hook, "d-1"),
    two,
    () => two.start(second!),
  );
  assert.equal(value(received).executions.length, 2);
  value(started);
  await world.noViolations();
});
