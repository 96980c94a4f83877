import assert from "node:assert/strict";
import type postgres from "postgres";
import { noop, trigger, value, World } from "./world.ts";

const definition = (name: string): postgres.JSONValue => ({
  nodes: [{ id: "hook", name, type: "TRIGGER", subtype: "WEBHOOK", parameters: { path: "x" } }],
  connections: [],
});

Deno.test("two starts with one idempotency key at once are one execution", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await world.workflow([trigger, noop("a")], [{ source: "start", target: "a" }]);
  const { results: [first, second], blocked } = await world.interleave(
    "apply_before_end",
    one,
    () => one.start(workflow, { key: "k" }),
    two,
    () => two.start(workflow, { key: "k" }),
  );
  assert.equal(blocked, true);
  assert.equal(value(second), value(first));
  const [count] = await world.sql`select count(*)::int as n from public.workflow_executions`;
  assert.equal(count!.n, 1);
  assert.equal((await one.claim("w", 5)).length, 1);
  await world.noViolations();
});

Deno.test("a start that fails leaves its key to the one that waited", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await world.workflow([trigger, noop("a")], [{ source: "start", target: "a" }]);
  await one.sql`begin`;
  const lost = await one.start(workflow, { key: "k" });
  const second = two.start(workflow, { key: "k" });
  await world.waits(two.pid);
  await one.sql`rollback`;
  assert.notEqual(await second, lost);
  assert.equal((await world.execution(await second)).status, "RUNNING");
  await world.noViolations();
});

Deno.test("two deliveries with one key at once start one execution", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const [workflow] = await world.sql`
    select id from public.create_workflow('hook', ${
    world.sql.json(definition("x"))
  }, workspace_id => ${world.workspace})`;
  const [{ deployed }] = await world.sql<[{ deployed: { triggers: { id: string }[] } }]>`
    select public.deploy_workflow(${workflow!.id}) as deployed`;
  const deliver = (session: typeof one) => async () => {
    const [row] = await session.sql<[{ answer: { execution_id: string; duplicate: boolean } }]>`
      select triggers.receive_webhook(${deployed.triggers[0]!.id}, 'POST', 'x', '{"body": {}}', 'delivery') as answer`;
    return row.answer;
  };
  const { results: [first, second], blocked } = await world.interleave(
    "apply_before_end",
    one,
    deliver(one),
    two,
    deliver(two),
  );
  assert.equal(blocked, true);
  assert.deepEqual([value(first).duplicate, value(second).duplicate], [false, true]);
  assert.equal(value(second).execution_id, value(first).execution_id);
  const [count] = await world.sql`select count(*)::int as n from public.workflow_executions`;
  assert.equal(count!.n, 1);
});

Deno.test("two editors who save at once get consecutive versions", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await world.workflow([trigger], []);
  const save = async (session: typeof one, name: string) => {
    const [row] = await session.sql<{ version: number; parent_version: number }[]>`
      select version, parent_version from public.create_workflow_version(${workflow}, ${
      session.sql.json(definition(name))
    })`;
    return row!;
  };
  await one.sql`begin`;
  assert.deepEqual({ ...await save(one, "first") }, { version: 2, parent_version: 1 });
  const second = save(two, "second");
  await world.waits(two.pid);
  await one.sql`commit`;
  assert.deepEqual({ ...await second }, { version: 3, parent_version: 2 });
  const [row] = await world.sql`select current_version from public.workflows where id = ${workflow}`;
  assert.equal(row!.current_version, 3);
});

Deno.test("of two owners who leave at once one stays", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const users = [crypto.randomUUID(), crypto.randomUUID()];
  for (const user of users) {
    await world.sql`insert into auth.users (id, email) values (${user}, ${user + "@example.com"})`;
    await world.sql`
      insert into public.workspace_members (workspace_id, user_id, role) values (${world.workspace}, ${user}, 'owner')`;
  }
  const leave = async (session: typeof one, user: string) => {
    await session.sql`select set_config('request.jwt.claims', ${
      JSON.stringify({ sub: user, role: "authenticated" })
    }, false)`;
    await session.sql`set role authenticated`;
    await session.sql`select public.remove_member(${world.workspace})`;
  };
  await one.sql`begin`;
  await leave(one, users[0]!);
  const second = leave(two, users[1]!).then(() => null, (error: postgres.PostgresError) => error);
  await world.waits(two.pid);
  await one.sql`commit`;
  assert.equal((await second)?.detail, "last_owner");
  const members = await world.sql`select user_id from public.workspace_members where workspace_id = ${world.workspace}`;
  assert.deepEqual(members.map((member) => member.user_id), [users[1]]);
});

Deno.test("two deployments at once leave the triggers of one version and a history of both", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const [workflow] = await world.sql`
    select id from public.create_workflow('hook', ${
    world.sql.json(definition("x"))
  }, workspace_id => ${world.workspace})`;
  const other = {
    nodes: [{ id: "other", type: "TRIGGER", subtype: "WEBHOOK", parameters: { path: "y" } }],
    connections: [],
  };
  await world.sql`select public.create_workflow_version(${workflow!.id}, ${world.sql.json(other)})`;
  const deploy = (session: typeof one, version: number) =>
    session.sql`select public.deploy_workflow(${workflow!.id}, ${version}::int)`.then(() => {});
  await one.sql`begin`;
  await deploy(one, 1);
  const second = deploy(two, 2);
  await world.waits(two.pid);
  await one.sql`commit`;
  await second;
  const triggers = await world.sql`select version, node_id from public.trigger_index`;
  assert.deepEqual(triggers.map((row) => [row.version, row.node_id]), [[2, "other"]]);
  const [row] = await world.sql`select deployed_version, deployment_status from public.workflows where id = ${
    workflow!.id
  }`;
  assert.deepEqual([row!.deployed_version, row!.deployment_status], [2, "DEPLOYED"]);
  const history = await world.sql`
    select deployment_version as version, deployment_action, from_status from public.workflow_deployment_history order by id`;
  assert.deepEqual(history.map((row) => [row.version, row.deployment_action, row.from_status]), [
    [1, "DEPLOY", "IDLE"],
    [2, "UPDATE", "DEPLOYED"],
  ]);
});
