import assert from "node:assert/strict";
import type postgres from "postgres";
import { noop, type Session, success, trigger, value, World } from "./world.ts";

async function limited(world: World, policy: string, limit: Record<string, postgres.JSONValue> = {}) {
  const workflow = await world.workflow([trigger, noop("a")], [{ source: "start", target: "a" }]);
  const { max_concurrency = 1, rate_limit = null, rate_window_seconds = null } = limit as Record<string, number | null>;
  await world.sql`
    select public.set_execution_limit(${workflow}, max_concurrency => ${max_concurrency}, rate_limit => ${rate_limit},
      rate_window_seconds => ${rate_window_seconds}, policy => ${policy})`;
  return workflow;
}

const statuses = async (world: World, ids: string[]) =>
  await Promise.all(ids.map(async (id) => (await world.execution(id)).status));

async function startBoth(world: World, workflow: string, one: Session, two: Session) {
  const { results, blocked } = await world.interleave(
    "apply_before_end",
    one,
    () => one.start(workflow),
    two,
    () => two.start(workflow),
  );
  assert.equal(blocked, true, "who asks for a slot waits until the others have counted");
  return results;
}

Deno.test("of two starts at once for one slot one begins and the other is queued until that ends", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const ids = (await startBoth(world, await limited(world, "queue"), one, two)).map(value);
  assert.deepEqual(await statuses(world, ids), ["RUNNING", "NEW"]);
  const tasks = await one.claim("w", 5);
  assert.deepEqual(tasks.map((task) => task.execution_id), [ids[0]]);
  await world.noViolations();
  await one.finish("w", 1, tasks.map(success));
  await two.tick();
  assert.deepEqual(await statuses(world, ids), ["SUCCESS", "RUNNING"]);
  assert.deepEqual((await one.claim("w", 5)).map((task) => task.execution_id), [ids[1]]);
  await world.noViolations();
});

Deno.test("of two starts at once for one slot that drops one is refused", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const [first, second] = await startBoth(world, await limited(world, "drop"), one, two);
  assert.equal((await world.execution(value(first!))).status, "RUNNING");
  assert.equal(second!.status === "rejected" && second!.reason.detail, "execution_limit_reached");
  await world.noViolations();
});

Deno.test("two starts at once each cancel one of those that run before them", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await limited(world, "cancel_oldest");
  const oldest = await one.start(workflow);
  const ids = (await startBoth(world, workflow, one, two)).map(value);
  await two.tick();
  assert.deepEqual(await statuses(world, [oldest, ...ids]), ["CANCELED", "CANCELED", "RUNNING"]);
  assert.deepEqual((await one.claim("w", 5)).map((task) => task.execution_id), [ids[1]]);
  await world.noViolations();
});

Deno.test("the oldest that ends by itself while it is to make room stays as it ended", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await limited(world, "cancel_oldest");
  const oldest = await one.start(workflow);
  const tasks = await one.claim("w", 1);
  const { results: [, started] } = await world.interleave(
    "apply_before_end",
    one,
    () => one.finish("w", 1, tasks.map(success)),
    two,
    () => two.start(workflow),
  );
  await two.tick();
  assert.deepEqual(await statuses(world, [oldest, value(started)]), ["SUCCESS", "RUNNING"]);
  assert.deepEqual(Array.from(await world.sql`select * from engine.cancellations`), []);
  await world.noViolations();
});

for (const admittedFirst of [false, true]) {
  const order = admittedFirst ? "after" : "before";
  Deno.test(`a queued execution that is canceled just ${order} it is admitted takes no slot`, async () => {
    await using world = await World.make();
    const [one, two] = [await world.session(), await world.session()];
    const workflow = await limited(world, "queue");
    const [running, queued, next] = [await one.start(workflow), await one.start(workflow), await one.start(workflow)];
    const tasks = await one.claim("w", 1);
    // what ends admits the queued one in the same transaction
    const finish = () => one.finish("w", 1, tasks.map(success));
    const cancel = () => two.cancel(queued);
    const { results } = admittedFirst
      ? await world.overlap<unknown, unknown>(one, finish, two, cancel)
      : await world.overlap<unknown, unknown>(two, cancel, one, finish);
    results.forEach(value);
    await two.later(1);
    await two.tick();
    assert.deepEqual(await statuses(world, [running, queued, next]), ["SUCCESS", "CANCELED", "RUNNING"]);
    assert.deepEqual((await one.claim("w", 5)).map((task) => task.execution_id), [next]);
    await world.noViolations();
  });
}

Deno.test("a queued execution that is canceled while it is admitted does not hold up whoever admits it", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await limited(world, "queue");
  const [running, queued, next] = [await one.start(workflow), await one.start(workflow), await one.start(workflow)];
  const tasks = await one.claim("w", 1);
  const { results, blocked } = await world.interleave<unknown, unknown>(
    "release_slots",
    two,
    () => two.cancel(queued),
    one,
    () => one.finish("w", 1, tasks.map(success)),
  );
  results.forEach(value);
  assert.equal(blocked, false);
  await two.tick();
  assert.deepEqual(await statuses(world, [running, queued, next]), ["SUCCESS", "CANCELED", "RUNNING"]);
  await world.noViolations();
});

Deno.test("a queued execution that is paused while a slot becomes free leaves it to the next", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const workflow = await limited(world, "queue");
  const [running, queued, next] = [await one.start(workflow), await one.start(workflow), await one.start(workflow)];
  const tasks = await one.claim("w", 1);
  const { results } = await world.overlap<unknown, unknown>(
    two,
    () => two.pause(queued),
    one,
    () => one.finish("w", 1, tasks.map(success)),
  );
  results.forEach(value);
  await two.tick();
  assert.deepEqual(await statuses(world, [running, queued, next]), ["SUCCESS", "PAUSED", "RUNNING"]);
  await world.noViolations();
  await two.resume(queued);
  const last = await one.claim("w", 5);
  assert.deepEqual(last.map((task) => task.execution_id), [next]);
  await one.finish("w", 2, last.map(success));
  await two.tick();
  assert.deepEqual(await statuses(world, [queued, next]), ["RUNNING", "SUCCESS"]);
  await world.noViolations();
});

Deno.test("a hundred starts by five sessions never hold more than three slots", async () => {
  await using world = await World.make();
  const sessions = await Promise.all(Array.from({ length: 5 }, () => world.session()));
  const workflow = await limited(world, "queue", { max_concurrency: 3 });
  let most = 0;
  await Promise.all(sessions.map(async (session, i) => {
    let sequence = 0;
    for (let n = 0; n < 20; n++) {
      await session.start(workflow);
      const tasks = await session.claim(`w${i}`, 3);
      const [row] = await session.sql<{ n: number }[]>`
        select count(*)::int as n from public.workflow_executions where status = 'RUNNING'`;
      most = Math.max(most, row!.n);
      await session.finish(`w${i}`, ++sequence, tasks.map(success));
      if (n % 4 === i % 4) await session.tick();
    }
  }));
  assert.ok(most <= 3, `${most} were running`);
  const [last] = sessions;
  for (let round = 0; round < 200; round++) {
    await last!.tick();
    const tasks = await last!.claim("last", 10);
    if (tasks.length > 0) await last!.finish("last", round + 1, tasks.map(success)).catch(() => {});
    else break;
  }
  await world.noViolations();
});
