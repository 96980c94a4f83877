// An event meets one version, or none: deploying, undeploying and rolling back beside deliveries that come at any time.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { noop, random, type Session, success, trigger, value, World } from "./world.ts";

interface Delivered {
  execution_id: string;
  duplicate: boolean;
}

/** A webhook with versions 1 to 3, of which the first is deployed. */
async function arrange(world: World) {
  const definition = (name: string): postgres.JSONValue => ({
    nodes: [
      { id: "hook", name, type: "TRIGGER", subtype: "WEBHOOK", parameters: { path: "x" } },
      { ...noop("work") },
    ],
    connections: [{ source: "hook", target: "work" }],
  });
  const [row] = await world.sql<{ id: string }[]>`
    select id from public.create_workflow('hook', ${
    world.sql.json(definition("1"))
  }, workspace_id => ${world.workspace})`;
  const workflow = row!.id;
  for (const name of ["2", "3"]) {
    await world.sql`select public.create_workflow_version(${workflow}, ${world.sql.json(definition(name))})`;
  }
  const [{ deployed }] = await world.sql<[{ deployed: { triggers: { id: string }[] } }]>`
    select public.deploy_workflow(${workflow}, 1) as deployed`;
  const trigger = deployed.triggers[0]!.id;
  const deliver = async (session: Session, key: string) => {
    const [{ answer }] = await session.sql<[{ answer: Delivered }]>`
      select triggers.receive_webhook(${trigger}, 'POST', 'x', '{"body": {}}', ${key}) as answer`;
    return answer;
  };
  const deploy = (session: Session, version: number, running = "keep") =>
    session.sql`select public.deploy_workflow(${workflow}, ${version}, running => ${running})`;
  const undeploy = (session: Session, running = "keep") =>
    session.sql`select public.undeploy_workflow(${workflow}, ${running})`;
  const rollback = (session: Session) => session.sql`select public.rollback_workflow(${workflow})`;
  return {
    workflow,
    deliver,
    deploy,
    undeploy,
    rollback,
    versionOf: ({ execution_id }: Delivered) => versionOf(world, execution_id),
  };
}

const versionOf = async (world: World, execution: string) =>
  (await world.sql`select version from public.workflow_executions where id = ${execution}`)[0]!.version;

const code = (result: PromiseSettledResult<unknown>) =>
  result.status === "rejected" ? (result.reason as postgres.PostgresError).detail : "ok";

Deno.test("a deployment waits for a delivery that has met the version before", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { deliver, deploy, versionOf } = await arrange(world);
  const { results: [delivered, deployed], blocked } = await world.interleave(
    "receive_webhook",
    one,
    () => deliver(one, "a"),
    two,
    () => deploy(two, 2),
  );
  assert.deepEqual([blocked, code(deployed)], [true, "ok"]);
  assert.equal(await versionOf(value(delivered)), 1);
  assert.equal(await versionOf(await deliver(one, "b")), 2);
});

Deno.test("a delivery that comes while a version is deployed waits, and starts that one", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { deliver, deploy, rollback, versionOf } = await arrange(world);
  for (const [change, version] of [[() => deploy(one, 2), 2], [() => rollback(one), 1]] as const) {
    const { results: [changed, delivered], blocked } = await world.interleave(
      "deployment_indexed",
      one,
      change,
      two,
      () => deliver(two, `for ${version}`),
    );
    assert.deepEqual([blocked, code(changed)], [true, "ok"]);
    assert.equal(await versionOf(value(delivered)), version);
  }
});

Deno.test("a delivery that comes while a workflow is undeployed waits, and is refused", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { deliver, undeploy } = await arrange(world);
  const { results: [, delivered], blocked } = await world.interleave(
    "deployment_indexed",
    one,
    () => undeploy(one),
    two,
    () => deliver(two, "a"),
  );
  assert.deepEqual([blocked, code(delivered)], [true, "trigger_not_found"]);
  const [count] = await world.sql`select count(*)::int as n from public.workflow_executions`;
  assert.equal(count!.n, 0);
});

Deno.test("a deployment that is taken back leaves the delivery that waited to the version before", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { deliver, deploy, versionOf } = await arrange(world);
  await one.sql`begin`;
  await deploy(one, 2);
  const delivered = deliver(two, "a");
  await world.waits(two.pid);
  await one.sql`rollback`;
  assert.equal(await versionOf(await delivered), 1);
});

Deno.test("a delivery that comes again starts nothing, whatever was deployed meanwhile", async () => {
  await using world = await World.make();
  const session = await world.session();
  const { deliver, deploy, undeploy, rollback } = await arrange(world);
  const first = await deliver(session, "a");
  await deploy(session, 2);
  assert.deepEqual(await deliver(session, "a"), { ...first, duplicate: true });
  await undeploy(session);
  await rollback(session);
  assert.deepEqual(await deliver(session, "a"), { ...first, duplicate: true });
});

Deno.test("canceling what runs waits for none of it", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { deliver, deploy } = await arrange(world);
  const { execution_id } = await deliver(one, "a");
  const [task] = await one.claim("w", 1);
  const { results: [finished, deployed], blocked } = await world.interleave(
    "finish_locked",
    one,
    () => one.finish("w", 1, [success(task!)]),
    two,
    () => deploy(two, 2, "cancel"),
  );
  assert.deepEqual([blocked, code(deployed)], [false, "ok"]);
  assert.deepEqual(value(finished).refused, []);
  await two.tick();
  assert.equal((await world.execution(execution_id)).status, "SUCCESS");
  await two.tick();
  const [last] = await world.sql`
    select deployment_action from public.workflow_deployment_history order by id desc limit 1`;
  assert.equal(last!.deployment_action, "DEPLOY_COMPLETED");
  await world.noViolations();
});

Deno.test("of 500 deliveries beside a hundred deployments each starts once, in what was deployed just then", async () => {
  await using world = await World.make();
  const { deliver, deploy, undeploy, rollback } = await arrange(world);
  const keys = Array.from({ length: 500 }, (_, index) => `delivery ${index}`);
  const next = random(7);
  // each key twice, in an order of its own; the second time mostly by another session
  const queue = [...keys, ...keys].map((key) => ({ key, at: next() })).sort((a, b) => a.at - b.at);
  const accepted = new Map<string, Delivered[]>();
  const refused = new Map<string, string[]>();
  let over = false;

  const deliveries = Array.from({ length: 4 }, async () => {
    const session = await world.session();
    for (let job = queue.pop(); job; job = queue.pop()) {
      const list = (map: Map<string, unknown[]>) => map.get(job!.key) ?? map.set(job!.key, []).get(job!.key)!;
      try {
        list(accepted).push(await deliver(session, job.key));
      } catch (error) {
        list(refused).push((error as postgres.PostgresError).detail ?? String(error));
      }
    }
  });
  let changes = 0;
  const deployer = (async () => {
    const session = await world.session();
    const round = [
      () => deploy(session, 1, "cancel"),
      () => deploy(session, 2),
      () => deploy(session, 3, "cancel"),
      () => undeploy(session),
      () => deploy(session, 2),
      () => rollback(session),
    ];
    // at the end something is deployed
    while (!over || changes % round.length === 4) await round[changes++ % round.length]!();
  })();
  const worker = (async () => {
    const session = await world.session();
    for (let sequence = 1; !over; sequence++) {
      const tasks = await session.claim("w", 20);
      await session.finish("w", sequence, tasks.map((task) => success(task)));
    }
  })();
  const clock = (async () => {
    const session = await world.session();
    while (!over) await session.tick();
  })();
  try {
    await Promise.all(deliveries);
  } finally {
    over = true;
    await Promise.all([deployer, worker, clock]);
  }

  assert.deepEqual([...new Set([...refused.values()].flat())], ["trigger_not_found"]);
  for (const [key, answers] of accepted) {
    if (answers.length === 0) continue;
    assert.equal(new Set(answers.map((answer) => answer.execution_id)).size, 1, key);
    assert.equal(answers.filter((answer) => !answer.duplicate).length, 1, `${key} started once`);
  }
  const answered = [...accepted.values()].filter((answers) => answers.length > 0).length;
  const [count] = await world.sql`select count(*)::int as n from public.workflow_executions`;
  assert.equal(count!.n, answered);
  assert.ok(answered > 50 && refused.size > 5 && changes > 20, `${answered}, ${refused.size}, ${changes}`);
  // the deployment lock is held from started_at until after completed_at, and never while an execution is made
  const strays = await world.sql`
    select e.id, e.version, e.created_at, h.deployment_action, h.deployment_version, h.completed_at
    from public.workflow_executions e
    left join lateral (
      select h.* from public.workflow_deployment_history h
      where h.deployment_action in ('DEPLOY', 'UPDATE', 'ROLLBACK', 'UNDEPLOY') and h.started_at <= e.created_at
      order by h.started_at desc limit 1) h on true
    where h.deployment_version is distinct from e.version or h.deployment_action = 'UNDEPLOY'
      or h.completed_at > e.created_at`;
  assert.deepEqual(Array.from(strays), []);

  // what was to be canceled ends, and nothing is left behind
  const session = await world.session();
  for (let i = 0; i < 20; i++) await session.tick();
  const [open] = await world.sql`
    select (select count(*) from triggers.draining)::int as draining,
      (select count(*) from public.workflow_deployment_history where deployment_action like '%_STARTED')::int as started,
      (select count(*) from public.workflow_deployment_history where deployment_action like '%_COMPLETED')::int as completed`;
  assert.equal(open!.draining, 0);
  assert.equal(open!.completed, open!.started);
  await world.noViolations();
});

Deno.test("a start by hand meets the version before and is canceled with it, or the next one and goes on", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { workflow, deploy, undeploy } = await arrange(world);
  const before = await world.overlap(one, () => one.start(workflow), two, () => deploy(two, 2, "cancel"));
  assert.equal(before.blocked, true);
  await two.tick();
  assert.equal((await world.execution(value(before.results[0]))).status, "CANCELED");
  const after = await world.interleave(
    "deployment_indexed",
    one,
    () => deploy(one, 3, "cancel"),
    two,
    () => two.start(workflow),
  );
  assert.equal(after.blocked, true);
  await two.tick();
  const [row] = await world.sql`
    select version, status from public.workflow_executions where id = ${value(after.results[1])}`;
  assert.deepEqual({ ...row }, { version: 3, status: "RUNNING" });
  // nor is a retry overlooked
  await world.sql`select public.cancel_execution(${value(after.results[1])})`;
  const again = async () =>
    (await one.sql`select id from public.retry_execution(${value(after.results[1])})`)[0]!.id as string;
  const retried = await world.overlap(one, again, two, () => undeploy(two, "cancel"));
  assert.equal(retried.blocked, true);
  await two.tick();
  assert.equal((await world.execution(value(retried.results[0]))).status, "CANCELED");
});

Deno.test("a node that calls a workflow while it is deployed takes a turn, and calls the new version", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { workflow, deploy } = await arrange(world);
  const caller = await world.workflow(
    [trigger, { id: "call", type: "FLOW", subtype: "SUB_WORKFLOW", parameters: { workflow_id: workflow } }],
    [{ source: "start", target: "call" }],
  );
  const { results: [, started], blocked } = await world.interleave(
    "deployment_indexed",
    one,
    () => deploy(one, 2),
    two,
    () => two.start(caller),
  );
  assert.equal(blocked, false);
  await two.later(1);
  await two.tick();
  const [child] = await world.children(value(started));
  assert.equal(await versionOf(world, child!), 2);
  await world.noViolations();
});
