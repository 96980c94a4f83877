// Who counts, adds and sweeps steps at the same time.
import assert from "node:assert/strict";
import { type Session, value, World } from "./world.ts";

const step = (workspace: string, name: string, workflow = "Order") => ({
  workspace_id: workspace,
  app_name: "Chrome",
  window_title: "Shop",
  element_path: "/",
  step_name: name,
  workflow_name: workflow,
});

async function addSteps(world: World, names: string[]): Promise<string[]> {
  const rows = await world.sql<{ id: string }[]>`
    insert into public.workflow_steps ${world.sql(names.map((name) => step(world.workspace, name)))} returning id`;
  return rows.map(({ id }) => id).sort();
}

async function count(session: Session, ids: string[]): Promise<number> {
  const outcomes = ids.map((step_id) => ({ step_id, success: true, duration_ms: 10 }));
  const [row] = await session.sql<{ answer: { counted: number } }[]>`
    select public.increment_step_stats_batch(${session.sql.json(outcomes)}) as answer`;
  return row!.answer.counted;
}

const texts = async (world: World) =>
  (await world.sql`select workflow_name as name from search.workflow_texts order by 1`).map((row) => row.name);

Deno.test("two batches with the same steps in opposite order lose nothing and never wait in a circle", async () => {
  await using world = await World.make();
  const ids = await addSteps(world, Array.from({ length: 200 }, (_, i) => `Step ${i}`));
  const [one, other] = [await world.session(), await world.session()];
  // new rows, then rows that are there
  for (let round = 0; round < 10; round++) {
    const counted = await Promise.all([count(one, ids), count(other, ids.toReversed())]);
    assert.deepEqual(counted, [200, 200]);
  }
  // held by the one while the other comes from the other end
  const { results, blocked } = await world.overlap(
    one,
    () => count(one, ids.slice(0, 100)),
    other,
    () => count(other, ids.toReversed()),
  );
  results.forEach((result) => value(result as PromiseSettledResult<number>));
  assert.ok(blocked, "the second waits for the first");
  const [row] = await world.sql`
    select min(succeeded) as least, max(succeeded) as most, sum(succeeded) as all from public.workflow_step_stats`;
  assert.deepEqual([row!.least, row!.most, Number(row!.all)], [21, 22, 200 * 21 + 100]);
});

Deno.test("the first two outcomes of a step are both counted", async () => {
  await using world = await World.make();
  const ids = await addSteps(world, ["Pay"]);
  const [one, other] = [await world.session(), await world.session()];
  const { results } = await world.overlap(one, () => count(one, ids), other, () => count(other, ids));
  results.forEach((result) => value(result as PromiseSettledResult<number>));
  const [row] = await world.sql`select succeeded, duration_ms from public.workflow_step_stats`;
  assert.deepEqual([row!.succeeded, row!.duration_ms], [2, 10]);
});

Deno.test("of one step that two count by itself, new or known, both are counted", async () => {
  await using world = await World.make();
  const [id] = await addSteps(world, ["Pay"]);
  const [one, other] = [await world.session(), await world.session()];
  const increment = (session: Session, duration: number) => async () => {
    const [row] = await session.sql<{ succeeded: number }[]>`
      select succeeded from public.increment_step_stats(${id!}, true, ${duration})`;
    return row!.succeeded;
  };
  for (const round of [0, 1]) {
    const { results, blocked } = await world.overlap(one, increment(one, 100), other, increment(other, 200));
    assert.ok(blocked, "the second waits for the first");
    assert.deepEqual(results.map((result) => value(result as PromiseSettledResult<number>)), [
      2 * round + 1,
      2 * round + 2,
    ]);
  }
  const [row] = await world.sql`
    select t.succeeded, t.failed, t.duration_ms, a.times_executed
    from public.workflow_step_stats t join public.step_analytics a on a.step_id = t.step_id`;
  // 100, 120, 116, 132.8
  assert.deepEqual({ ...row }, { succeeded: 4, failed: 0, duration_ms: 133, times_executed: 4 });
});

Deno.test("a step that is deleted while somebody counts is not there, or counted where it stays", async () => {
  await using world = await World.make();
  const [one, other] = [await world.session(), await world.session()];
  const increment = async (id: string) =>
    await other.sql<{ succeeded: number }[]>`select succeeded from public.increment_step_stats(${id}, true, 100)`.then(
      ([row]) => row!.succeeded,
      (error) => error.detail,
    );
  for (const [end, before] of [["rollback", 0], ["rollback", 1], ["commit", 0], ["commit", 1]] as const) {
    const [id] = await addSteps(world, [end]);
    await world.sql`select public.record_step_usage(array[${id!}::uuid])`;
    if (before > 0) assert.equal(await increment(id!), before);
    await one.sql`begin`;
    await one.sql`delete from public.workflow_steps where id = ${id!}`;
    const counted = increment(id!);
    await world.waits(other.pid);
    await one.sql.unsafe(end);
    assert.equal(await counted, end === "commit" ? "step_not_found" : before + 1);
    const rows = await world.sql`
      select t.succeeded, a.times_executed
      from public.workflow_step_stats t full join public.step_analytics a on a.step_id = t.step_id
      where coalesce(t.step_id, a.step_id) = ${id!}`;
    assert.deepEqual([...rows], end === "commit" ? [] : [{ succeeded: before + 1, times_executed: before + 1 }]);
  }
  // the other way round: the deletion waits, and takes along what was counted
  const [id] = await addSteps(world, ["last"]);
  await increment(id!);
  await other.sql`begin`;
  assert.equal(await increment(id!), 2);
  const deleted = one.sql`delete from public.workflow_steps where id = ${id!}`.execute();
  await world.waits(one.pid);
  await other.sql`commit`;
  await deleted;
  const left = await world.sql`
    select step_id from public.workflow_step_stats where step_id = ${id!}
    union all select step_id from public.step_analytics where step_id = ${id!}`;
  assert.equal(left.length, 0);
});

Deno.test("two who bring steps of the same new workflows share their texts", async () => {
  await using world = await World.make();
  const [one, other] = [await world.session(), await world.session()];
  const names = Array.from({ length: 20 }, (_, i) => `Workflow ${String(i).padStart(2, "0")}`);
  const add = (session: Session, workflows: string[]) => async () =>
    await session.sql`insert into public.workflow_steps ${
      session.sql(workflows.map((name) => step(world.workspace, "Pay", name)))
    }`;
  const { results, blocked } = await world.overlap(one, add(one, names), other, add(other, names.toReversed()));
  results.forEach((result) => value(result as PromiseSettledResult<unknown>));
  assert.ok(blocked, "the second waits to see whether the first one's texts stay");
  assert.deepEqual(await texts(world), names);
  // at once, again and again, in opposite order
  for (let round = 0; round < 10; round++) {
    const more = names.map((name) => `${name}, ${round}`);
    await Promise.all([add(one, more)(), add(other, more.toReversed())()]);
  }
  assert.equal((await texts(world)).length, 220);
  const [row] = await world.sql`
    select count(*) as n from public.workflow_steps s
    where not exists (select from search.workflow_texts t where t.id = s.workflow_text_id)`;
  assert.equal(Number(row!.n), 0);
});

Deno.test("one whose workflow's text was rolled back by another makes it himself", async () => {
  await using world = await World.make();
  const [one, other] = [await world.session(), await world.session()];
  await one.sql`begin`;
  await one.sql`insert into public.workflow_steps ${one.sql(step(world.workspace, "Pay"))}`;
  const added = other.sql`insert into public.workflow_steps ${other.sql(step(world.workspace, "Pay"))}`.execute();
  await world.waits(other.pid);
  await one.sql`rollback`;
  await added;
  assert.deepEqual(await texts(world), ["Order"]);
});

Deno.test("the sweep leaves a text that a step was just given", async () => {
  await using world = await World.make();
  const [one, other] = [await world.session(), await world.session()];
  await addSteps(world, ["Pay"]);
  await world.sql`delete from public.workflow_steps`;
  const sweep = async () => {
    await other.later(2 * 86400);
    const [row] = await other.sql<{ swept: number }[]>`select search.sweep_workflow_texts() as swept`;
    return row!.swept;
  };
  const add = async () => await one.sql`insert into public.workflow_steps ${one.sql(step(world.workspace, "Pay"))}`;
  const { results } = await world.overlap(one, add, other, sweep);
  assert.equal(value(results[1] as PromiseSettledResult<number>), 0);
  assert.deepEqual(await texts(world), ["Order"]);
  // the other way round: the step waits, and makes the text again
  await world.sql`delete from public.workflow_steps`;
  const back = await world.overlap(other, sweep, one, add);
  assert.equal(value(back.results[0] as PromiseSettledResult<number>), 1);
  value(back.results[1] as PromiseSettledResult<unknown>);
  assert.deepEqual(await texts(world), ["Order"]);
});

Deno.test("a step that is executed while the archive looks at it stays", async () => {
  await using world = await World.make();
  const [id] = await addSteps(world, ["Pay"]);
  const [one, other] = [await world.session(), await world.session()];
  const archive = async () => {
    await other.later(2 * 366 * 86400);
    const [row] = await other.sql<{ moved: number }[]>`select search.archive_steps() as moved`;
    return row!.moved;
  };
  const { results } = await world.overlap(one, () => count(one, [id!]), other, archive);
  assert.equal(value(results[1] as PromiseSettledResult<number>), 0);
  assert.equal(Number((await world.sql`select count(*) as n from public.workflow_step_stats`)[0]!.n), 1);
});

/** A workflow whose executions record their step. */
async function recording(world: World, name: string): Promise<string> {
  const definition = {
    nodes: [
      { id: "start", type: "TRIGGER", subtype: "MANUAL" },
      { id: "note", type: "ACTION", subtype: "TRANSFORM", parameters: { output: 1 } },
    ],
    connections: [{ source: "start", target: "note" }],
    settings: { record_steps: true },
  };
  const [workflow] = await world.sql<{ id: string }[]>`
    select id from public.create_workflow(${name}, ${world.sql.json(definition)}, workspace_id => ${world.workspace})`;
  return workflow!.id;
}

const record = async ({ sql }: Session, batch = 50): Promise<number> =>
  (await sql<{ n: number }[]>`select search.record_executions(${batch}) as n`)[0]!.n;

Deno.test("two recorders count an ended execution once", async () => {
  await using world = await World.make();
  const workflow = await recording(world, "race");
  const [one, other] = [await world.session(), await world.session()];
  for (let n = 0; n < 5; n++) await one.start(workflow);
  const { results } = await world.overlap(one, () => record(one), other, () => record(other));
  assert.deepEqual(results.map((result) => value(result as PromiseSettledResult<number>)), [5, 0]);
  assert.equal(await record(one), 0);
  const [row] = await world.sql`select succeeded from public.workflow_step_stats`;
  assert.equal(row!.succeeded, 5);
});

Deno.test("a step that somebody holds keeps those of other workflows waiting for nothing", async () => {
  await using world = await World.make();
  const [held, free] = [await recording(world, "held"), await recording(world, "free")];
  const [recorder, client] = [await world.session(), await world.session()];
  for (const workflow of [held, free]) await recorder.start(workflow);
  assert.equal(await record(recorder), 2);
  const counts = () =>
    world.sql<{ row: string }[]>`
      select s.workflow_name || ' ' || t.succeeded as row
      from public.workflow_step_stats t join public.workflow_steps s on s.id = t.step_id order by 1`.then((rows) =>
      rows.map(({ row }) => row)
    );

  await client.sql`begin`;
  await client.sql`update public.workflow_step_stats set failed = 0 where step_id = (
    select id from public.workflow_steps where workflow_name = 'held')`;
  for (let n = 0; n < 3; n++) await recorder.start(held);
  for (let n = 0; n < 3; n++) await recorder.start(free);
  // batches of two: what is held must not be all that it ever looks at
  let done = 0;
  for (let round = 0; round < 4; round++) done += await record(recorder, 2);
  assert.equal(done, 3);
  assert.deepEqual(await counts(), ["free 4", "held 1"]);
  await client.sql`commit`;
  await recorder.later(11);
  assert.equal(await record(recorder), 3);
  assert.deepEqual(await counts(), ["free 4", "held 4"]);
});
