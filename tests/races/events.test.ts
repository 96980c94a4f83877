import assert from "node:assert/strict";
import { type Node, noop, success, trigger, value, World } from "./world.ts";

const wait = (parameters: Node["parameters"], id = "wait"): Node => ({ id, type: "FLOW", subtype: "WAIT", parameters });

const waiting = (world: World, parameters: Node["parameters"]) =>
  world.workflow([trigger, wait(parameters)], [{ source: "start", target: "wait" }]);

const parameters = {
  signal: { event: "go" },
  fact: { event: "go", key: "{{ $.input.order }}" },
};

for (const kind of ["signal", "fact"] as const) {
  const key = kind === "fact" ? "7" : undefined;
  const start = { input: { order: "7" } };

  Deno.test(`an event (${kind}) that is sent while the wait for it begins is not lost`, async () => {
    await using world = await World.make();
    const [one, two] = [await world.session(), await world.session()];
    const workflow = await waiting(world, parameters[kind]);
    const { results: [started, sent], blocked } = await world.overlap(
      one,
      () => one.start(workflow, start),
      two,
      () => two.send(world.workspace, "go", { n: 1 }, key),
    );
    assert.equal(blocked, false, "who sends an event waits for nobody");
    assert.equal(value(sent), true);
    await two.tick();
    assert.deepEqual((await world.execution(value(started))).output, { wait: { n: 1 } });
    await world.noViolations();
  });

  Deno.test(`a wait that begins while its event (${kind}) is sent gets it`, async () => {
    await using world = await World.make();
    const [one, two] = [await world.session(), await world.session()];
    const workflow = await waiting(world, parameters[kind]);
    const send = () => two.send(world.workspace, "go", { n: 1 }, key);
    const begin = () => one.start(workflow, start);
    const sent = await world.interleave("event_sent", two, send, one, begin);
    assert.equal(sent.blocked, false);
    assert.deepEqual((await world.execution(value(sent.results[1]))).output, { wait: { n: 1 } });
    await world.noViolations();
  });

  Deno.test(`a wait that begins when its event (${kind}) is sent but not yet to be seen gets it`, async () => {
    await using world = await World.make();
    const [one, two] = [await world.session(), await world.session()];
    const workflow = await waiting(world, parameters[kind]);
    const { results: [, started], blocked } = await world.overlap(
      two,
      () => two.send(world.workspace, "go", { n: 1 }, key),
      one,
      () => one.start(workflow, start),
    );
    assert.equal(blocked, false);
    await two.later(1);
    await two.tick();
    assert.deepEqual((await world.execution(value(started))).output, { wait: { n: 1 } });
    await world.noViolations();
  });
}

Deno.test("a signal reaches all who wait, also one whose execution was just locked, and nobody else first", async () => {
  await using world = await World.make();
  const [one, two, three] = [await world.session(), await world.session(), await world.session()];
  const workflow = await world.workflow([trigger, wait(parameters.signal), noop("a")], [
    { source: "start", target: "wait" },
    { source: "start", target: "a" },
  ]);
  const [free, locked] = [await one.start(workflow), await one.start(workflow)];
  const tasks = await one.claim("w", 2);
  const { results: [, sent], blocked } = await world.overlap(
    one,
    () => one.finish("w", 1, tasks.filter((task) => task.execution_id === locked).map(success)),
    two,
    () => two.send(world.workspace, "go", { n: 1 }),
  );
  assert.equal(blocked, false);
  assert.equal(value(sent), true);
  assert.ok((await world.runs(free)).includes("wait SUCCESS"));
  const late = await three.start(workflow);
  await two.tick();
  for (const id of [locked, late]) {
    assert.ok((await world.runs(id)).includes("wait SUCCESS"), id === late ? "the late one" : "the locked one");
  }
  await world.noViolations();
});

for (const timesOutFirst of [false, true]) {
  Deno.test(`an event that comes just ${timesOutFirst ? "after" : "before"} the time is over, and one of both counts`, async () => {
    await using world = await World.make();
    const [one, two] = [await world.session(), await world.session()];
    const workflow = await waiting(world, { event: "go", timeout_seconds: 60 });
    const execution = await one.start(workflow);
    await two.later(61);
    const send = () => one.send(world.workspace, "go", { n: 1 });
    const tick = () => two.tick();
    const { results, blocked } = timesOutFirst
      ? await world.overlap<unknown, unknown>(two, tick, one, send)
      : await world.overlap<unknown, unknown>(one, send, two, tick);
    assert.equal(blocked, false);
    results.forEach(value);
    await two.tick();
    const { status, error } = await world.execution(execution);
    assert.deepEqual([status, error?.code], timesOutFirst ? ["ERROR", "wait_timed_out"] : ["SUCCESS", undefined]);
    assert.equal((await world.runs(execution)).length, 2);
    await world.noViolations();
    // what nobody got is kept for the next
    const next = await one.start(workflow);
    assert.equal((await world.execution(next)).status, timesOutFirst ? "SUCCESS" : "RUNNING");
  });
}

Deno.test("of two events with one key at once the first counts", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(await waiting(world, { event: "go", key: "k" }));
  const { results: [first, second], blocked } = await world.interleave(
    "event_sent",
    one,
    () => one.send(world.workspace, "go", { n: 1 }, "k"),
    two,
    () => two.send(world.workspace, "go", { n: 2 }, "k"),
  );
  assert.equal(blocked, true);
  assert.deepEqual([value(first), value(second)], [true, false]);
  assert.deepEqual((await world.execution(execution)).output, { wait: { n: 1 } });
  await world.noViolations();
});

Deno.test("an event and a cancellation at once do not wait for each other, and one of both counts", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(await waiting(world, parameters.signal));
  const { results: [canceled, sent], blocked } = await world.overlap(
    one,
    () => one.cancel(execution),
    two,
    () => two.send(world.workspace, "go", {}),
  );
  assert.equal(blocked, false);
  assert.deepEqual([value(canceled), value(sent)], ["CANCELED", true]);
  await two.tick();
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "wait CANCELED"]);
  await world.noViolations();
});

Deno.test("an event that comes while its waiter is paused is kept for it", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(await waiting(world, parameters.signal));
  const { results, blocked } = await world.overlap<unknown, unknown>(
    one,
    () => one.pause(execution),
    two,
    () => two.send(world.workspace, "go", { n: 1 }),
  );
  assert.equal(blocked, false);
  results.forEach(value);
  await two.tick();
  assert.equal((await world.execution(execution)).status, "PAUSED");
  await two.resume(execution);
  assert.deepEqual((await world.execution(execution)).output, { wait: { n: 1 } });
  await world.noViolations();
});
