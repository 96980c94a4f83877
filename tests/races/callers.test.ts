import assert from "node:assert/strict";
import { type Session, trigger, value, World } from "./world.ts";

async function begun(world: World, session: Session, timeout: number | null = null): Promise<string> {
  const workflow = await world.workflow([trigger], []);
  const [row] = await session.sql<{ id: string }[]>`
    select id from public.start_execution(${workflow}, timeout_seconds => ${timeout}, executed_by_caller => true)`;
  return row!.id;
}

const complete = (session: Session, execution: string, output: number) => async () => {
  const [row] = await session.sql<{ status: string }[]>`
    select status from public.complete_execution(${execution}, 'SUCCESS', ${session.sql.json({ output })})`;
  return row!.status;
};

const code = (result: PromiseSettledResult<unknown>) => result.status === "rejected" && result.reason.detail;

Deno.test("of two results at once the first one counts", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await begun(world, one);
  const { results: [first, second], blocked } = await world.overlap(
    one,
    complete(one, execution, 1),
    two,
    complete(two, execution, 2),
  );
  assert.equal(blocked, true);
  assert.deepEqual([value(first), code(second)], ["SUCCESS", "execution_ended"]);
  assert.deepEqual((await world.execution(execution)).output, { output: 1 });
  await world.noViolations();
});

Deno.test("the same result twice at once is one end", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await begun(world, one);
  const { results } = await world.overlap(one, complete(one, execution, 1), two, complete(two, execution, 1));
  assert.deepEqual(results.map(value), ["SUCCESS", "SUCCESS"]);
  const [row] = await world.sql<{ lines: number }[]>`
    select count(*)::int as lines from public.workflow_execution_logs where event_type = 'workflow_completed'`;
  assert.equal(row!.lines, 1);
});

Deno.test("a result that comes just after a cancel is refused, one just before it stays", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const [late, early] = [await begun(world, one), await begun(world, one)];
  const { results: [, refused] } = await world.overlap<unknown, unknown>(
    one,
    () => one.cancel(late),
    two,
    complete(two, late, 1),
  );
  assert.equal(code(refused), "execution_ended");
  const { results: [, canceled] } = await world.overlap<unknown, unknown>(
    one,
    complete(one, early, 1),
    two,
    () => two.cancel(early),
  );
  assert.equal(value(canceled), "SUCCESS");
  assert.deepEqual([(await world.execution(late)).status, (await world.execution(early)).status], [
    "CANCELED",
    "SUCCESS",
  ]);
  await world.noViolations();
});

Deno.test("a deadline that passes while the result comes does not end it twice", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const execution = await begun(world, one, 10);
  await two.later(20);
  const { results, blocked } = await world.overlap<unknown, unknown>(
    one,
    complete(one, execution, 1),
    two,
    () => two.tick(),
  );
  results.forEach(value);
  assert.equal(blocked, false);
  await two.tick();
  assert.equal((await world.execution(execution)).status, "SUCCESS");
  const other = await begun(world, one, 10);
  const { results: [, refused] } = await world.overlap<unknown, unknown>(
    two,
    () => two.tick(),
    one,
    complete(one, other, 1),
  );
  assert.equal(code(refused), "execution_ended");
  assert.equal((await world.execution(other)).status, "TIMEOUT");
  await world.noViolations();
});
