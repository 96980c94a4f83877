import assert from "node:assert/strict";
import { type Node, noop, trigger, value, World } from "./world.ts";

/** An execution whose claimed task calls a function that writes a row, and two sessions. */
async function arrange(world: World) {
  await world.sql`create table nodes.written (run int)`;
  await world.sql`
    create function nodes.write(arguments jsonb, context jsonb) returns jsonb language plpgsql security definer as $$
    begin
      insert into nodes.written values (1);
      perform engine.pause_point('function_written');
      return '{"written": true}';
    end $$`;
  await world.sql`grant execute on function nodes.write(jsonb, jsonb) to public`;
  await world.sql`select public.enable_function('write', ${world.workspace})`;
  const call: Node = { id: "call", type: "ACTION", subtype: "SQL_FUNCTION", parameters: { function: "write" } };
  const workflow = await world.workflow([trigger, call, noop("after")], [
    { source: "start", target: "call" },
    { source: "call", target: "after" },
  ]);
  const [one, two] = [await world.session(), await world.session()];
  const execution = await one.start(workflow);
  const [task] = await one.claim("w", 1);
  const written = async () => (await world.sql`select from nodes.written`).length;
  return { one, two, execution, task: task!, written };
}

Deno.test("a function that is called twice at once is executed once", async () => {
  await using world = await World.make();
  const { one, two, execution, task, written } = await arrange(world);
  const { results, blocked } = await world.interleave(
    "function_written",
    one,
    () => one.call("w", task),
    two,
    () => two.call("w", task),
  );
  assert.equal(blocked, true);
  assert.deepEqual(results.map(value), [true, false]);
  assert.equal(await written(), 1);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "call SUCCESS"]);
  await world.noViolations();
});

Deno.test("a function that was called before its execution is canceled has its effect", async () => {
  await using world = await World.make();
  const { one, two, execution, task, written } = await arrange(world);
  const { results: [called, canceled], blocked } = await world.interleave(
    "function_written",
    one,
    () => one.call("w", task),
    two,
    () => two.cancel(execution),
  );
  assert.equal(blocked, true);
  assert.deepEqual([value(called), value(canceled)], [true, "CANCELED"]);
  assert.equal(await written(), 1);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "call SUCCESS", "after CANCELED"]);
  await world.noViolations();
});

Deno.test("a function that is called while its execution is canceled is not executed", async () => {
  await using world = await World.make();
  const { one, two, execution, task, written } = await arrange(world);
  const { results: [, called], blocked } = await world.interleave(
    "cancel_locked",
    two,
    () => two.cancel(execution),
    one,
    () => one.call("w", task),
  );
  assert.equal(blocked, true);
  assert.equal(value(called), false);
  assert.equal(await written(), 0);
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "call CANCELED"]);
  await world.noViolations();
});
