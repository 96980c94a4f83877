import assert from "node:assert/strict";
import { noop, success, trigger, value, World } from "./world.ts";

const twoSteps = (world: World) =>
  world.workflow([trigger, noop("a", { timeout_seconds: 600 }), noop("b")], [
    { source: "start", target: "a" },
    { source: "a", target: "b" },
  ]);

async function arrange(world: World) {
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(await twoSteps(world));
  return { one, two, execution };
}

Deno.test("a result that was there before the cancellation is kept, and what follows from it is canceled", async () => {
  await using world = await World.make();
  const { one, two, execution } = await arrange(world);
  const [task] = await one.claim("w", 1);
  const { results: [finished, canceled], blocked } = await world.interleave(
    "finish_locked",
    one,
    () => one.finish("w", 1, [success(task!)], 1),
    two,
    () => two.cancel(execution),
  );
  assert.equal(blocked, true);
  assert.deepEqual(value(finished).refused, []);
  assert.equal(value(canceled), "CANCELED");
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS", "b CANCELED"]);
  assert.deepEqual((await one.finish("w", 2, [success(value(finished).tasks[0]!)])).refused.length, 1);
  await world.noViolations();
});

Deno.test("a result that comes while its execution is canceled is refused", async () => {
  await using world = await World.make();
  const { one, two, execution } = await arrange(world);
  const [task] = await one.claim("w", 1);
  const { results: [canceled, finished], blocked } = await world.interleave(
    "cancel_locked",
    two,
    () => two.cancel(execution),
    one,
    () => one.finish("w", 1, [success(task!)], 1),
  );
  assert.equal(blocked, true);
  assert.equal(value(canceled), "CANCELED");
  assert.deepEqual(value(finished), { tasks: [], refused: [task!.id] });
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a CANCELED"]);
  await world.noViolations();
});

Deno.test("two cancellations at once are one", async () => {
  await using world = await World.make();
  const { one, two, execution } = await arrange(world);
  const { results, blocked } = await world.interleave(
    "cancel_locked",
    one,
    () => one.cancel(execution),
    two,
    () => two.cancel(execution),
  );
  assert.equal(blocked, true);
  assert.deepEqual(results.map(value), ["CANCELED", "CANCELED"]);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a CANCELED"]);
  await world.noViolations();
});

for (const pausesFirst of [false, true]) {
  const order = pausesFirst ? "after" : "before";
  Deno.test(`a result that comes just ${order} a pause is kept, and what follows begins when it is resumed`, async () => {
    await using world = await World.make();
    const { one, two, execution } = await arrange(world);
    const [task] = await one.claim("w", 1);
    const finish = () => one.finish("w", 1, [success(task!)]);
    const pause = () => two.pause(execution);
    const { results, blocked } = pausesFirst
      ? await world.interleave<unknown, unknown>("pause_locked", two, pause, one, finish)
      : await world.interleave<unknown, unknown>("finish_locked", one, finish, two, pause);
    assert.equal(blocked, true);
    results.forEach(value);
    assert.equal((await world.execution(execution)).status, "PAUSED");
    assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS"]);
    assert.deepEqual(await world.live(execution), ["b PENDING"]);
    await two.tick();
    assert.deepEqual(await one.claim("w", 5), []);
    await world.noViolations();
    await two.resume(execution);
    const [next] = await one.claim("w", 5);
    await one.finish("w", 2, [success(next!)]);
    assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS", "b SUCCESS"]);
    assert.equal((await world.execution(execution)).status, "SUCCESS");
    await world.noViolations();
  });
}

Deno.test("a task that is claimed while its execution is paused is at work, and runs once", async () => {
  await using world = await World.make();
  const { one, two, execution } = await arrange(world);
  const { results: [claimed, paused], blocked } = await world.overlap(
    one,
    () => one.claim("w", 1),
    two,
    () => two.pause(execution),
  );
  assert.equal(blocked, false, "a pause leaves alone what is being claimed");
  assert.equal(value(paused), "PAUSED");
  assert.deepEqual(await world.live(execution), ["a RUNNING"]);
  await world.noViolations();
  assert.deepEqual((await one.finish("w", 1, value(claimed).map(success), 5)).tasks, []);
  await two.resume(execution);
  const { tasks: [next] } = await one.finish("w", 2, [], 5);
  await one.finish("w", 3, [success(next!)]);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS", "b SUCCESS"]);
  await world.noViolations();
});

Deno.test("a claim during a pause waits for nothing and gets nothing", async () => {
  await using world = await World.make();
  const { one, two, execution } = await arrange(world);
  const { results: [, claimed], blocked } = await world.overlap(
    two,
    () => two.pause(execution),
    one,
    () => one.claim("w", 5),
  );
  assert.equal(blocked, false);
  assert.deepEqual(value(claimed), []);
  assert.deepEqual(await one.claim("w", 5), []);
  await world.noViolations();
  await two.resume(execution);
  assert.equal((await one.claim("w", 5)).length, 1);
  assert.equal((await one.claim("w", 5)).length, 0);
  await world.noViolations();
});

for (const pausesFirst of [false, true]) {
  const order = pausesFirst ? "after" : "before";
  Deno.test(`a lease that is handed back just ${order} a pause does not begin before it is resumed`, async () => {
    await using world = await World.make();
    const { one, two, execution } = await arrange(world);
    const tasks = await one.claim("w", 1);
    const release = () => one.release("w", tasks);
    const pause = () => two.pause(execution);
    const { results } = pausesFirst
      ? await world.overlap<unknown, unknown>(two, pause, one, release)
      : await world.overlap<unknown, unknown>(one, release, two, pause);
    results.forEach(value);
    assert.deepEqual(await one.claim("w", 5), []);
    await world.noViolations();
    await two.resume(execution);
    const again = await one.claim("w", 5);
    assert.deepEqual(again.map((task) => [task.id, task.attempt]), [[tasks[0]!.id, 1]]);
    await world.noViolations();
  });
}

Deno.test("a pause and a resumption at once follow each other", async () => {
  await using world = await World.make();
  const { one, two, execution } = await arrange(world);
  const { results: [paused, resumed], blocked } = await world.interleave(
    "pause_locked",
    one,
    () => one.pause(execution),
    two,
    () => two.resume(execution),
  );
  assert.equal(blocked, true);
  assert.deepEqual([value(paused), value(resumed)], ["PAUSED", "RUNNING"]);
  assert.deepEqual(await world.live(execution), ["a PENDING"]);
  await world.noViolations();
});

for (const expiresFirst of [false, true]) {
  const name = expiresFirst
    ? "a heartbeat that comes while the lease expires does not revive it"
    : "a lease that is renewed while it expires does not expire";
  Deno.test(name, async () => {
    await using world = await World.make();
    const { one, two, execution } = await arrange(world);
    const tasks = await one.claim("w", 1);
    // the lease lasts 75 seconds
    await two.later(80);
    await one.later(expiresFirst ? 80 : 70);
    const beat = () => one.heartbeat("w", tasks);
    const tick = () => two.tick();
    if (expiresFirst) {
      const { results: [ticked], blocked } = await world.overlap<number, string[]>(two, tick, one, beat);
      assert.equal(blocked, false, "a heartbeat waits for nobody");
      assert.equal(value(ticked), 1);
      assert.deepEqual(await one.heartbeat("w", tasks), [tasks[0]!.id]);
      assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a ERROR"]);
    } else {
      const { results: [gone, ticked] } = await world.overlap<string[], number>(one, beat, two, tick);
      assert.deepEqual([value(gone), value(ticked)], [[], 0]);
      assert.deepEqual((await one.finish("w", 1, tasks.map(success))).refused, []);
      assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS"]);
    }
  });
}

Deno.test("a heartbeat and a result at once wait for each other, and the task runs once", async () => {
  await using world = await World.make();
  const { one, two, execution } = await arrange(world);
  const tasks = await one.claim("w", 1);
  const { results: [gone, finished] } = await world.overlap(
    two,
    () => two.heartbeat("w", tasks),
    one,
    () => one.finish("w", 1, tasks.map(success)),
  );
  assert.deepEqual([value(gone), value(finished).refused], [[], []]);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "a SUCCESS"]);
  await world.noViolations();
});
