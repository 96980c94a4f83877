// Two people, or a person and an event, at one workflow at once.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Session, trigger, value, World } from "./world.ts";

const definition = (node: string): postgres.JSONValue => ({
  nodes: [{ id: "start", type: "TRIGGER", subtype: "MANUAL" }, { id: node, type: "ACTION", subtype: "NOOP" }],
  connections: [{ source: "start", target: node }],
});

interface Saved {
  revision: number;
  current_version: number;
}

class Person {
  constructor(readonly session: Session) {}

  async save(workflow: string, node: string, revision: number | null = null): Promise<Saved> {
    const [row] = await this.session.sql<Saved[]>`
      select revision, current_version from public.update_workflow(${workflow}, ${revision},
        ${this.session.sql.json(definition(node))})`;
    return row!;
  }

  async addVersion(workflow: string, node: string): Promise<number> {
    const [row] = await this.session.sql<{ version: number }[]>`
      select version from public.create_workflow_version(${workflow}, ${this.session.sql.json(definition(node))})`;
    return row!.version;
  }

  async start(workflow: string, version: number | null = null): Promise<string> {
    const [row] = await this.session.sql<{ id: string }[]>`
      select id from public.start_execution(${workflow}, version => ${version})`;
    return row!.id;
  }

  async deploy(workflow: string): Promise<number> {
    const [row] = await this.session.sql<{ version: number }[]>`
      select (public.deploy_workflow(${workflow}) #>> '{deployment,version}')::int as version`;
    return row!.version;
  }

  async delete(workflow: string): Promise<void> {
    await this.session.sql`select public.delete_workflow(${workflow})`;
  }

  async purge(workflow: string): Promise<number> {
    const [row] = await this.session.sql<{ gone: number }[]>`
      select public.purge_workflow_versions(${workflow}, 1) as gone`;
    return row!.gone;
  }

  async cancelAll(workflow: string): Promise<void> {
    const live = await this.session.sql<{ id: string }[]>`
      select id from public.workflow_executions where workflow_id = ${workflow} and end_time is null`;
    for (const { id } of live) await this.session.cancel(id);
  }

  async copy(workflow: string): Promise<string> {
    const [row] = await this.session.sql<{ id: string }[]>`
      select public.duplicate_workflow(${workflow}) #>> '{workflow,id}' as id`;
    return row!.id;
  }
}

async function draft(world: World): Promise<string> {
  const [row] = await world.sql<{ id: string }[]>`
    select id from public.create_workflow('race', ${
    world.sql.json(definition("a"))
  }, workspace_id => ${world.workspace})`;
  return row!.id;
}

async function people(world: World): Promise<[Person, Person]> {
  return [new Person(await world.session()), new Person(await world.session())];
}

const codeOf = (result: PromiseSettledResult<unknown>): unknown =>
  result.status === "rejected" ? result.reason.detail : "done";

async function nodesOf(world: World, workflow: string, version: number): Promise<string> {
  const rows = await world.sql<{ node_id: string }[]>`
    select node_id from public.nodes where workflow_id = ${workflow} and version = ${version} order by ordinal`;
  return rows.map((row) => row.node_id).join();
}

const count = async (world: World, workflow: string): Promise<Record<string, number>> => {
  const [row] = await world.sql`
    select (select count(*)::int from public.workflows where id = ${workflow}) as workflows,
      (select count(*)::int from public.workflow_executions where workflow_id = ${workflow}) as executions`;
  return { ...row } as Record<string, number>;
};

Deno.test("of two who save what both saw the same, the second is told", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const workflow = await draft(world);
  const { results: [first, second], blocked } = await world.interleave(
    "save_has_locked",
    one.session,
    () => one.save(workflow, "b", 1),
    two.session,
    () => two.save(workflow, "c", 1),
  );
  assert.equal(blocked, true);
  assert.deepEqual(value(first), { revision: 2, current_version: 1 });
  assert.equal(codeOf(second), "workflow_changed");
  const { hint, updated_at, ...details } = JSON.parse((second as PromiseRejectedResult).reason.hint);
  assert.deepEqual(details, { revision: 2, current_version: 1 });
  assert.ok(hint && updated_at);
  assert.equal(await nodesOf(world, workflow, 1), "start,b");
});

Deno.test("two who save over each other take turns", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const workflow = await draft(world);
  const { results } = await world.interleave(
    "save_has_locked",
    one.session,
    () => one.save(workflow, "b"),
    two.session,
    () => two.save(workflow, "c"),
  );
  assert.deepEqual(results.map((result) => value(result).revision), [2, 3]);
  assert.equal(await nodesOf(world, workflow, 1), "start,c");
  const versions = await world.overlap(
    one.session,
    () => one.addVersion(workflow, "d"),
    two.session,
    () => two.addVersion(workflow, "e"),
  );
  assert.equal(versions.blocked, true);
  assert.deepEqual(versions.results.map(value), [2, 3]);
});

Deno.test("who starts a draft that is being saved waits for it and runs what was saved", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const workflow = await draft(world);
  const { results: [saved, started], blocked } = await world.interleave<Saved, string>(
    "save_has_read",
    one.session,
    () => one.save(workflow, "b"),
    two.session,
    () => two.start(workflow),
  );
  assert.equal(blocked, true);
  assert.equal(value(saved).current_version, 1);
  assert.deepEqual(await world.live(value(started)), ["b PENDING"]);
  await world.noViolations();
});

Deno.test("who saves a draft that is being started makes the next version", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const workflow = await draft(world);
  const { results: [started, saved], blocked } = await world.overlap<string, Saved>(
    one.session,
    () => one.start(workflow),
    two.session,
    () => two.save(workflow, "b"),
  );
  assert.equal(blocked, true);
  assert.equal(value(saved).current_version, 2);
  assert.deepEqual(await world.live(value(started)), ["a PENDING"]);
  assert.deepEqual([await nodesOf(world, workflow, 1), await nodesOf(world, workflow, 2)], ["start,a", "start,b"]);
  await world.noViolations();
});

Deno.test("a draft that is saved while it is deployed is deployed as it was, or as it became", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const deployedFirst = await draft(world);
  const before = await world.overlap<number, Saved>(
    one.session,
    () => one.deploy(deployedFirst),
    two.session,
    () => two.save(deployedFirst, "b"),
  );
  assert.equal(value(before.results[0]), 1);
  assert.equal(value(before.results[1]).current_version, 2);
  assert.equal(await nodesOf(world, deployedFirst, 1), "start,a");
  const savedFirst = await draft(world);
  const after = await world.overlap<Saved, number>(
    one.session,
    () => one.save(savedFirst, "b"),
    two.session,
    () => two.deploy(savedFirst),
  );
  assert.equal(after.blocked, true);
  assert.equal(value(after.results[1]), 1);
  const [row] = await world.sql`
    select string_agg(node_id, ',' order by ordinal) as nodes from engine.plan where workflow_id = ${savedFirst}`;
  assert.equal(row!.nodes, "start,b");
});

Deno.test("who deletes a workflow that is being started is refused", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const workflow = await draft(world);
  const { results: [started, deleted], blocked } = await world.overlap<string, void>(
    one.session,
    () => one.start(workflow),
    two.session,
    () => two.delete(workflow),
  );
  assert.equal(blocked, true);
  assert.equal(codeOf(deleted), "workflow_in_use");
  assert.equal((await world.execution(value(started))).status, "RUNNING");
  await world.noViolations();
});

Deno.test("who starts a workflow that is being deleted finds none", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const workflow = await draft(world);
  await world.sql`select public.cancel_execution(${await one.start(workflow)})`;
  const { results: [deleted, started], blocked } = await world.interleave<void, string>(
    "delete_has_locked",
    one.session,
    () => one.delete(workflow),
    two.session,
    () => two.start(workflow),
  );
  assert.equal(blocked, true);
  value(deleted);
  assert.equal(codeOf(started), "workflow_not_found");
  assert.deepEqual(await count(world, workflow), { workflows: 0, executions: 0 });
  await world.noViolations();
});

Deno.test("a workflow that is deleted while another calls it is not there for the call", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const workflow = await draft(world);
  const caller = await world.workflow(
    [trigger, { id: "call", type: "FLOW", subtype: "SUB_WORKFLOW", parameters: { workflow_id: workflow } }],
    [{ source: "start", target: "call" }],
  );
  const { results: [deleted, started], blocked } = await world.interleave<void, string>(
    "delete_has_locked",
    one.session,
    () => one.delete(workflow),
    two.session,
    () => two.start(caller),
  );
  // who is in an execution waits for nobody who changes a workflow
  assert.equal(blocked, false);
  value(deleted);
  assert.deepEqual(await world.live(value(started)), ["call PENDING"]);
  await two.session.later(1);
  await two.session.tick();
  await two.session.later(0);
  assert.deepEqual([(await world.execution(value(started))).error?.code], ["sub_workflow_not_found"]);
  const called = await draft(world);
  const other = await world.workflow(
    [trigger, { id: "call", type: "FLOW", subtype: "SUB_WORKFLOW", parameters: { workflow_id: called } }],
    [{ source: "start", target: "call" }],
  );
  const late = await world.overlap<string, void>(
    one.session,
    () => one.start(other),
    two.session,
    () => two.delete(called),
  );
  assert.equal(late.blocked, true);
  assert.equal(codeOf(late.results[1]), "workflow_in_use");
  await world.noViolations();
});

for (const purgedFirst of [true, false]) {
  const order = purgedFirst ? "being purged is not there" : "being started is not purged";
  Deno.test(`an old version that is ${order}`, async () => {
    await using world = await World.make();
    const [one, two] = await people(world);
    const workflow = await draft(world);
    await one.addVersion(workflow, "b");
    if (purgedFirst) {
      const { results: [purged, started], blocked } = await world.interleave<number, string>(
        "purge_has_locked",
        one.session,
        () => one.purge(workflow),
        two.session,
        () => two.start(workflow, 1),
      );
      assert.equal(blocked, true);
      assert.equal(value(purged), 1);
      assert.equal(codeOf(started), "version_not_found");
    } else {
      const { results: [started, purged], blocked } = await world.overlap<string, number>(
        one.session,
        () => one.start(workflow, 1),
        two.session,
        () => two.purge(workflow),
      );
      assert.equal(blocked, true);
      assert.equal(value(purged), 0);
      assert.deepEqual(await world.live(value(started)), ["a PENDING"]);
    }
    await world.noViolations();
  });
}

Deno.test("an old version that is deployed while versions are purged is there, or not found", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const workflow = await draft(world);
  await one.addVersion(workflow, "b");
  const deployOld = async () => {
    await two.session.sql`select public.deploy_workflow(${workflow}, 1)`;
  };
  const { results: [purged, deployed], blocked } = await world.interleave<number, void>(
    "purge_has_locked",
    one.session,
    () => one.purge(workflow),
    two.session,
    deployOld,
  );
  assert.equal(blocked, true);
  assert.equal(value(purged), 1);
  assert.equal(codeOf(deployed), "version_not_found");
});

Deno.test("a copy of a workflow that is being deleted is whole", async () => {
  await using world = await World.make();
  const [one, two] = await people(world);
  const workflow = await draft(world);
  const { results: [deleted, copied] } = await world.interleave<void, string>(
    "delete_has_locked",
    one.session,
    () => one.delete(workflow),
    two.session,
    () => two.copy(workflow),
  );
  value(deleted);
  assert.equal(await nodesOf(world, value(copied), 1), "start,a");
  assert.equal((await count(world, workflow)).workflows, 0);
});

Deno.test("many who save, start, copy, purge and delete at once leave nothing broken", async () => {
  await using world = await World.make();
  const persons = await Promise.all(Array.from({ length: 6 }, async () => new Person(await world.session())));
  const workflows = await Promise.all([draft(world), draft(world), draft(world)]);
  const known = ["workflow_in_use", "workflow_not_found", "version_not_found"];
  await Promise.all(persons.map(async (person, who) => {
    for (let turn = 0; turn < 25; turn++) {
      const workflow = workflows[(who + turn) % workflows.length]!;
      const deeds = [
        () => person.save(workflow, `n${turn}`),
        () => person.addVersion(workflow, `v${turn}`),
        () => person.start(workflow),
        () => person.start(workflow, 1),
        () => person.purge(workflow),
        () => person.copy(workflow),
        () => turn > 20 ? person.delete(workflow) : person.cancelAll(workflow),
      ];
      const [result] = await Promise.allSettled([deeds[(who * 3 + turn) % deeds.length]!()]);
      if (result!.status === "rejected") assert.ok(known.includes(result!.reason.detail), String(result!.reason));
    }
  }));
  await world.noViolations();
  const orphans = await world.sql`
    select e.id from public.workflow_executions e
    where not exists (
      select from public.workflow_versions v where v.workflow_id = e.workflow_id and v.version = e.version)
    union all
    select p.workflow_id from engine.plan p
    where not exists (
      select from public.workflow_versions v where v.workflow_id = p.workflow_id and v.version = p.version and v.is_locked)`;
  assert.deepEqual(Array.from(orphans), []);
});
