// What words bring about later, or beside others: a model's reading, a wish that another be asked.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Session, trigger, value, World } from "./world.ts";

interface Came {
  response_id: string;
  status: string;
  result?: string;
  code?: string;
  ask?: unknown;
}

/** A question to U1 and U2, and words in answer to it. */
async function arrange() {
  const world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const [integration] = await world.sql<{ id: string }[]>`
    insert into public.integrations (workspace_id, provider, name) values (${world.workspace}, 'slack', 'Slack') returning id`;
  const [zoe] = await world.sql<{ id: string }[]>`
    insert into auth.users (id, email) values (gen_random_uuid(), 'zoe@example.com') returning id`;
  await world.sql`
    insert into public.workspace_members (workspace_id, user_id, role) values (${world.workspace}, ${
    zoe!.id
  }, 'editor')`;
  const ask = async () => {
    const parameters = { message: "May it go?", timeout_seconds: 600, assignees: [{ slack: "U1" }, { slack: "U2" }] };
    const workflow = await world.workflow(
      [trigger, { id: "ask", type: "HUMAN_IN_THE_LOOP", subtype: "APPROVAL", parameters }],
      [{ source: "start", target: "ask" }],
    );
    const execution = await one.start(workflow);
    const [row] = await world.sql<{ id: string }[]>`
      select id from public.human_interactions where execution_id = ${execution}`;
    return row!.id;
  };
  const receive = (session: Session, hints: Record<string, postgres.JSONValue>) => async () => {
    const [row] = await session.sql<{ answer: Came }[]>`
      select hil.receive('slack', ${integration!.id}, ${crypto.randomUUID()}, '{}', null, ${
      session.sql.json(hints)
    }) as answer`;
    return row!.answer;
  };
  const say = (session: Session, text: string, more: Record<string, postgres.JSONValue> = {}) =>
    receive(session, { slack: { user: "U1", channel: "C1" }, text, ...more });
  const click = (session: Session, question: string, user = "U1") =>
    receive(session, { slack: { user, channel: "C1" }, action: { interaction_id: question, value: "approve" } });
  const read = (session: Session, response: string, intent = "approve") => async () => {
    const said = session.sql.json({ intent, confidence: 0.95, reasoning: "The model says so." });
    const [row] = await session.sql<{ answer: Came }[]>`select hil.take_reading(${response}, ${said}) as answer`;
    return row!.answer;
  };
  const outcome = async (question: string) => {
    const [row] = await world.sql<
      { outcome: string | null; assignees: postgres.JSONValue; wish: postgres.JSONValue }[]
    >`
      select outcome, assignees, wish from public.human_interactions where id = ${question}`;
    return row!;
  };
  return { world, one, two, zoe: zoe!.id, ask, say, click, read, outcome };
}

const doubt = "Rock on, you legends";

Deno.test("a model's reading and the tick that no longer waits for it: one of both", async () => {
  const { world, one, two, ask, say, read, outcome } = await arrange();
  await using _ = world;
  const first = await ask();
  const early = await say(one, doubt, { asks_model: true })();
  assert.ok(early.status === "unprocessed" && early.ask, JSON.stringify(early));
  await one.later(31);
  await two.later(31);
  // the tick passes by what somebody else is at
  const { blocked } = await world.overlap<unknown, unknown>(one, read(one, early.response_id), two, () => two.tick());
  assert.deepEqual([blocked, (await outcome(first)).outcome], [false, "approved"]);

  const second = await ask();
  const late = await say(one, doubt, { asks_model: true })();
  // its clock stands where it was set
  await one.later(100);
  await two.later(100);
  const { results: [, reading], blocked: waited } = await world.overlap<unknown, Came>(
    two,
    () => two.tick(),
    one,
    read(one, late.response_id),
  );
  assert.equal(waited, true);
  assert.deepEqual([value(reading).status, value(reading).code], ["matched", "unclear"]);
  assert.equal((await outcome(second)).outcome, null);
  await world.noViolations();
});

Deno.test("two readings of one answer at once count once; a click beside one decides, and it is told", async () => {
  const { world, one, two, ask, say, click, read, outcome } = await arrange();
  await using _ = world;
  const first = await ask();
  const { response_id } = await say(one, doubt, { asks_model: true })();
  const { results: [counted, again] } = await world.overlap(
    one,
    read(one, response_id),
    two,
    read(two, response_id, "reject"),
  );
  assert.deepEqual([value(counted).result, value(again).result], ["decided", undefined]);
  assert.equal((await outcome(first)).outcome, "approved");

  const second = await ask();
  const other = await say(one, doubt, { asks_model: true })();
  const { results: [, late], blocked } = await world.overlap(
    one,
    click(one, second, "U2"),
    two,
    read(two, other.response_id, "reject"),
  );
  assert.deepEqual([blocked, value(late).result, value(late).code], [true, "too_late", "interaction_decided"]);
  assert.equal((await outcome(second)).outcome, "approved");
  await world.noViolations();
});

Deno.test("a wish that another be asked and a click: the first one counts", async () => {
  const { world, one, two, zoe, ask, say, click, outcome } = await arrange();
  await using _ = world;
  const first = await ask();
  const { results: [wished, clicked], blocked } = await world.overlap(
    one,
    say(one, "Please ask zoe@example.com"),
    two,
    click(two, first),
  );
  assert.deepEqual([value(wished).result, blocked, value(clicked).result], ["reassigned", true, "forbidden"]);
  assert.deepEqual(await outcome(first), { outcome: null, assignees: [{ slack: "U2" }, { user: zoe }], wish: null });
  await one.sql`select public.respond_to_interaction(${first}, 'reject')`;

  const second = await ask();
  const { results: [, late], blocked: waited } = await world.overlap(
    two,
    click(two, second),
    one,
    say(one, "Please ask zoe@example.com"),
  );
  assert.deepEqual([waited, value(late).result, value(late).code], [true, undefined, "reassign"]);
  const { assignees, ...rest } = await outcome(second);
  assert.deepEqual(rest, { outcome: "approved", wish: null });
  assert.equal((assignees as unknown[]).length, 2);
  await world.noViolations();
});

Deno.test("an answer that is assigned by hand while its reading comes: never in a circle", async () => {
  const { world, one, two, ask, say, read, outcome } = await arrange();
  await using _ = world;
  const question = await ask();
  const { response_id } = await say(one, doubt, { asks_model: true })();
  const { results: [assigned, reading] } = await world.interleave(
    "interaction_held",
    one,
    () => one.sql<{ status: string }[]>`select status from public.assign_response(${response_id}, ${question})`,
    two,
    read(two, response_id),
  );
  assert.deepEqual([value(assigned)[0]!.status, value(reading).status], ["matched", "matched"]);
  assert.equal((await outcome(question)).outcome, null, "what the hand did came first");
  await world.noViolations();
});
