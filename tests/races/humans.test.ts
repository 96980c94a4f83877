import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Node, type Session, trigger, value, World } from "./world.ts";

const ask = (more: Record<string, postgres.JSONValue> = {}): Node => ({
  id: "ask",
  type: "HUMAN_IN_THE_LOOP",
  subtype: "APPROVAL",
  parameters: { message: "?", timeout_seconds: 60, ...more },
});
const end = (id: string): Node => ({ id, type: "ACTION", subtype: "TRANSFORM", parameters: { output: id } });

/** An execution that waits for an approval, and its interaction. */
async function asking(world: World, session: Session, more: Record<string, postgres.JSONValue> = {}) {
  const workflow = await world.workflow([trigger, ask(more), end("yes"), end("no"), end("late")], [
    { source: "start", target: "ask" },
    { source: "ask", target: "yes", index: 0 },
    { source: "ask", target: "no", index: 1 },
    { source: "ask", target: "late", index: 2 },
  ]);
  const execution = await session.start(workflow);
  const [row] = await world.sql<{ id: string }[]>`
    select id from public.human_interactions where execution_id = ${execution}`;
  return { execution, question: row!.id };
}

const respond = (session: Session, question: string, decision: string) => async () => {
  const [row] = await session.sql<{ outcome: string | null }[]>`
    select outcome from public.respond_to_interaction(${question}, ${decision})`;
  return row!.outcome;
};

const byLink = (session: Session, token: string, decision: string) => async () => {
  const [row] = await session.sql<{ answer: { outcome: string | null } }[]>`
    select hil.decide_by_token(${token}, ${decision}, null, null) as answer`;
  return row!.answer.outcome;
};

/** A link to the question, as somebody would have been sent it. */
async function link(world: World, question: string, assignee: postgres.JSONValue): Promise<string> {
  const [row] = await world.sql<{ token: string }[]>`
    select hil.new_token(i, ${
    world.sql.json(assignee)
  }) as token from public.human_interactions i where i.id = ${question}`;
  return row!.token;
}

const refusal = (result: PromiseSettledResult<unknown>) => {
  assert.equal(result.status, "rejected", JSON.stringify(result));
  const { code, detail, hint } = (result as PromiseRejectedResult).reason;
  return { code, detail, details: hint?.startsWith("{") ? JSON.parse(hint) : hint };
};

async function outcome(world: World, question: string): Promise<string> {
  const [row] = await world.sql<{ is: string }[]>`
    select status || coalesce(' ' || outcome, '') as is from public.human_interactions where id = ${question}`;
  return row!.is;
}

Deno.test("of two answers at once the first one counts, and the other is told", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { execution, question } = await asking(world, one);
  const { results: [first, second], blocked } = await world.overlap(
    one,
    respond(one, question, "approve"),
    two,
    respond(two, question, "reject"),
  );
  assert.equal(blocked, true);
  assert.equal(value(first), "approved");
  const { code, detail, details } = refusal(second);
  assert.deepEqual([code, detail, details.outcome, details.responded_by], [
    "PT409",
    "interaction_decided",
    "approved",
    { service: true },
  ]);
  assert.deepEqual((await world.execution(execution)).output, { yes: "yes" });
  await world.noViolations();
});

Deno.test("an answer and the expiry: one of both", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const early = await asking(world, one);
  await two.later(61);
  // the answer holds the execution: the tick passes it by
  await world.overlap<unknown, unknown>(one, respond(one, early.question, "approve"), two, () => two.tick());
  assert.equal(await outcome(world, early.question), "responded approved");
  await two.tick();
  assert.deepEqual((await world.execution(early.execution)).output, { yes: "yes" });

  const late = await asking(world, one);
  await one.later(59);
  await two.later(61);
  const { results: [, refused], blocked } = await world.overlap<unknown, unknown>(
    two,
    () => two.tick(),
    one,
    respond(one, late.question, "approve"),
  );
  assert.equal(blocked, true);
  assert.equal(refusal(refused).code, "PT410");
  assert.equal(await outcome(world, late.question), "timeout timed_out");
  assert.deepEqual((await world.execution(late.execution)).output, { late: "late" });
  await world.noViolations();
});

Deno.test("an answer after its time is refused, whether or not anybody has noticed yet", async () => {
  await using world = await World.make();
  const one = await world.session();
  const { question } = await asking(world, one);
  await one.later(61);
  const [refused] = await Promise.allSettled([respond(one, question, "approve")()]);
  assert.deepEqual([refusal(refused!).code, await outcome(world, question)], ["PT410", "pending"]);
  await one.tick();
  assert.equal(await outcome(world, question), "timeout timed_out");
  await world.noViolations();
});

Deno.test("an answer and a cancel: the first one counts", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const canceled = await asking(world, one);
  const { results: [, refused], blocked } = await world.overlap<unknown, unknown>(
    one,
    () => one.cancel(canceled.execution),
    two,
    respond(two, canceled.question, "approve"),
  );
  assert.equal(blocked, true);
  assert.deepEqual([refusal(refused).code, refusal(refused).details.outcome], ["PT409", "cancelled"]);
  assert.equal((await world.execution(canceled.execution)).status, "CANCELED");

  const answered = await asking(world, one);
  const { results: [, status] } = await world.overlap<unknown, unknown>(
    two,
    respond(two, answered.question, "approve"),
    one,
    () => one.cancel(answered.execution),
  );
  assert.equal(value(status), "SUCCESS");
  assert.equal(await outcome(world, answered.question), "responded approved");
  await world.noViolations();
});

Deno.test("an old link and a reassignment: the first one counts", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const assignees = [{ email: "old@example.com" }];
  const reassign = (session: Session, question: string) => async () => {
    const [row] = await session.sql<{ status: string }[]>`
      select status from public.reassign_interaction(${question}, ${session.sql.json([{ email: "new@example.com" }])})`;
    return row!.status;
  };
  const moved = await asking(world, one, { assignees });
  const old = await link(world, moved.question, assignees[0]!);
  const { results: [, refused], blocked } = await world.overlap<unknown, unknown>(
    one,
    reassign(one, moved.question),
    two,
    byLink(two, old, "approve"),
  );
  assert.equal(blocked, true);
  assert.equal(refusal(refused).detail, "interaction_reassigned");
  assert.equal(await outcome(world, moved.question), "pending");
  const fresh = await link(world, moved.question, { email: "new@example.com" });
  assert.equal(await byLink(two, fresh, "approve")(), "approved");

  const decided = await asking(world, one, { assignees });
  const { results: [first, second] } = await world.overlap<unknown, unknown>(
    two,
    byLink(two, await link(world, decided.question, assignees[0]!), "reject"),
    one,
    reassign(one, decided.question),
  );
  assert.equal(value(first), "rejected");
  assert.equal(refusal(second).detail, "interaction_decided");
  await world.noViolations();
});

Deno.test("one link opened twice at once is one answer", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { question } = await asking(world, one, {
    quorum: 2,
    assignees: [{ email: "a@example.com" }, { email: "b@example.com" }],
  });
  const token = await link(world, question, { email: "a@example.com" });
  const { results: [first, second], blocked } = await world.overlap(
    one,
    byLink(one, token, "approve"),
    two,
    byLink(two, token, "approve"),
  );
  assert.equal(blocked, true);
  assert.equal(value(first), null);
  assert.equal(refusal(second).detail, "token_used");
  assert.equal(await outcome(world, question), "pending");
});

Deno.test("a quorum that two reach at once is reached once", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const people = ["a", "b", "c"].map((name) => ({ email: `${name}@example.com` }));
  const { execution, question } = await asking(world, one, { quorum: 2, assignees: people });
  const [a, b, c] = await Promise.all(people.map((person) => link(world, question, person))) as [
    string,
    string,
    string,
  ];
  assert.equal(await byLink(one, a, "approve")(), null);
  const { results: [second, third], blocked } = await world.overlap(
    one,
    byLink(one, b, "approve"),
    two,
    byLink(two, c, "approve"),
  );
  assert.equal(blocked, true);
  assert.equal(value(second), "approved");
  assert.deepEqual(refusal(third).details.responded_by, { email: "b@example.com" });
  assert.deepEqual(await world.runs(execution), ["start SUCCESS", "ask SUCCESS", "yes SUCCESS"]);
  await world.noViolations();
});

Deno.test("an answer while its execution is being paused is kept until it is resumed", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { execution, question } = await asking(world, one);
  const { results: [, answered], blocked } = await world.overlap<unknown, unknown>(
    one,
    () => one.pause(execution),
    two,
    respond(two, question, "approve"),
  );
  assert.equal(blocked, true);
  assert.equal(value(answered), "approved");
  await two.tick();
  assert.equal((await world.execution(execution)).status, "PAUSED");
  assert.equal(await one.resume(execution), "SUCCESS");
  assert.deepEqual((await world.execution(execution)).output, { yes: "yes" });
  await world.noViolations();
});

Deno.test("a delivery that comes twice at once is stored and counted once", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const [integration] = await world.sql<{ id: string }[]>`
    insert into public.integrations (workspace_id, provider, name) values (${world.workspace}, 'slack', 'Slack') returning id`;
  const { question } = await asking(world, one, { assignees: [{ slack: "U1" }, { slack: "U2" }], quorum: 2 });
  const receive = (session: Session) => async () => {
    const hints = { slack: { user: "U1" }, action: { interaction_id: question, value: "approve" } };
    const [row] = await session.sql<{ answer: { status: string; repeated: boolean } }[]>`
      select hil.receive('slack', ${integration!.id}, 'm1', '{}', null, ${session.sql.json(hints)}) as answer`;
    return [row!.answer.status, row!.answer.repeated];
  };
  const { results, blocked } = await world.overlap(one, receive(one), two, receive(two));
  assert.equal(blocked, true);
  assert.deepEqual(results.map(value), [["matched", false], ["matched", true]]);
  const [row] = await world.sql<{ count: number }[]>`select count(*)::int from public.hil_responses`;
  assert.equal(row!.count, 1);
});

/** Keeps answers as hil-webhook does; of each its id and whether it was there. */
const store =
  (session: Session, integration: string, ...answers: [message: string, hints: postgres.JSONValue][]) => async () => {
    const deliveries = answers.map(([message, hints]) => ({
      provider: "slack",
      integration_id: integration,
      message_id: message,
      raw: {},
      hints,
    }));
    const [row] = await session.sql<{ answer: { response_id: string; status: string; repeated: boolean }[] }[]>`
    select hil.store(${session.sql.json(deliveries)}) as answer`;
    return row!.answer;
  };

const process = (session: Session, responses: string[]) => async () => {
  const [row] = await session.sql<{ answer: { response_id: string; status: string; result?: string }[] }[]>`
    select hil.process_stored(${responses}::uuid[]) as answer`;
  return row!.answer.map(({ status, result }) => [status, result ?? null]);
};

async function slack(world: World): Promise<string> {
  const [row] = await world.sql<{ id: string }[]>`
    insert into public.integrations (workspace_id, provider, name) values (${world.workspace}, 'slack', 'Slack') returning id`;
  return row!.id;
}

const click = (question: string, user: string, value = "approve") => ({
  slack: { user },
  action: { interaction_id: question, value },
});
const toAnybody = { assignees: [{ slack: "U1" }, { slack: "U2" }] };

Deno.test("an answer that was stored by a function that died is decided by the tick", async () => {
  await using world = await World.make();
  const one = await world.session();
  const { execution, question } = await asking(world, one, toAnybody);
  await store(one, await slack(world), ["m1", click(question, "U1")])();
  await one.tick();
  assert.equal(await outcome(world, question), "pending", "the function may be at it");
  await one.later(2);
  await one.tick();
  assert.equal(await outcome(world, question), "responded approved");
  assert.deepEqual((await world.execution(execution)).output, { yes: "yes" });
  await world.noViolations();
});

Deno.test("an answer that nobody looks at for a minute is a violation", async () => {
  await using world = await World.make();
  const one = await world.session();
  const { question } = await asking(world, one, toAnybody);
  await store(one, await slack(world), ["m1", click(question, "U1")])();
  await world.noViolations();
  await one.later(61);
  const rules = (await one.sql<{ rule: string }[]>`select rule from engine.violations()`).map(({ rule }) => rule);
  assert.ok(rules.includes("a stored answer is looked at"), rules.join());
});

Deno.test("two that process the same answers at once count each once, and neither waits", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const integration = await slack(world);
  const [a, b] = [await asking(world, one, toAnybody), await asking(world, one, toAnybody)];
  const kept = await store(
    one,
    integration,
    ["m1", click(a.question, "U1")],
    ["m2", click(b.question, "U1")],
    ["m3", click(a.question, "U2", "reject")],
  )();
  const ids = kept.map(({ response_id }) => response_id);
  const { results: [first, second], blocked } = await world.overlap(
    one,
    process(one, ids.slice(0, 2)),
    two,
    process(two, ids),
  );
  assert.equal(blocked, false);
  assert.deepEqual(value(first), [["matched", "decided"], ["matched", "decided"]]);
  // its execution is somebody else's now
  assert.deepEqual(value(second), [["unprocessed", null]]);
  assert.deepEqual(await process(two, ids)(), [["matched", "too_late"], ["matched", null], ["matched", null]]);
  assert.deepEqual(await world.runs(a.execution), ["start SUCCESS", "ask SUCCESS", "yes SUCCESS"]);
  await world.noViolations();
});

Deno.test("a delivery that is stored twice at once is there once", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const integration = await slack(world);
  const [a, b] = [await asking(world, one, toAnybody), await asking(world, one, toAnybody)];
  const answers = [["m1", click(a.question, "U1")], ["m2", click(b.question, "U1")]] as const;
  const { results: [first, second], blocked } = await world.overlap(
    one,
    store(one, integration, [...answers[0]], [...answers[1]], [...answers[0]]),
    two,
    // the other way round: nobody waits in a circle
    store(two, integration, [...answers[1]], [...answers[0]]),
  );
  assert.equal(blocked, true);
  assert.deepEqual(value(first).map(({ repeated }) => repeated), [false, false, true]);
  assert.deepEqual(value(second).map(({ repeated }) => repeated), [true, true]);
  assert.deepEqual(
    value(second).map(({ response_id }) => response_id).toSorted(),
    [
      ...new Set(value(first).map(({ response_id }) => response_id)),
    ].toSorted(),
  );
});

Deno.test("an answer that is delivered again while it is processed hears what came of it", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const integration = await slack(world);
  const { question } = await asking(world, one, toAnybody);
  const [kept] = await store(one, integration, ["m1", click(question, "U1")])();
  const again = async () => {
    const [row] = await two.sql<{ answer: { status: string; outcome: string; repeated: boolean } }[]>`
      select hil.receive('slack', ${integration}, 'm1', '{}', null, ${two.sql.json(click(question, "U1"))}) as answer`;
    return [row!.answer.status, row!.answer.outcome, row!.answer.repeated];
  };
  const { results: [, second], blocked } = await world.overlap<unknown, unknown>(
    one,
    process(one, [kept!.response_id]),
    two,
    again,
  );
  assert.equal(blocked, true);
  assert.deepEqual(value(second), ["matched", "approved", true]);
});

Deno.test("an answer that was received in time counts, though it is looked at after the expiry", async () => {
  await using world = await World.make();
  const [one, two, three] = [await world.session(), await world.session(), await world.session()];
  const integration = await slack(world);
  const { execution, question } = await asking(world, one, toAnybody);
  await one.later(59);
  const [kept] = await store(one, integration, ["m1", click(question, "U1")])();
  await two.later(62);
  // while somebody is at it, its question does not run out
  await world.overlap<unknown, unknown>(
    three,
    async () => await three.sql`select from public.hil_responses where id = ${kept!.response_id} for update`,
    two,
    () => two.tick(),
  );
  assert.equal(await outcome(world, question), "pending");
  await two.tick();
  assert.equal(await outcome(world, question), "responded approved");
  assert.deepEqual((await world.execution(execution)).output, { yes: "yes" });

  const late = await asking(world, one, toAnybody);
  await one.later(130);
  const [tooLate] = await store(one, integration, ["m2", click(late.question, "U1")])();
  assert.deepEqual(await process(one, [tooLate!.response_id])(), [["matched", "expired"]]);
  await one.tick();
  assert.equal(await outcome(world, late.question), "timeout timed_out");
  await world.noViolations();
});

Deno.test("a stored answer to a paused execution is kept until it is resumed", async () => {
  await using world = await World.make();
  const one = await world.session();
  const { execution, question } = await asking(world, one, toAnybody);
  await one.pause(execution);
  const [kept] = await store(one, await slack(world), ["m1", click(question, "U1")])();
  assert.deepEqual(await process(one, [kept!.response_id])(), [["matched", "decided"]]);
  await one.tick();
  assert.equal((await world.execution(execution)).status, "PAUSED");
  assert.equal(await one.resume(execution), "SUCCESS");
  assert.deepEqual((await world.execution(execution)).output, { yes: "yes" });
  await world.noViolations();
});

Deno.test("one answer that cannot be processed keeps no other", async () => {
  await using world = await World.make();
  const one = await world.session();
  const asked = [];
  for (let i = 0; i < 3; i++) asked.push(await asking(world, one, toAnybody));
  const bad = asked[1]!;
  await world.sql.unsafe(`
    create function public.refuse() returns trigger language plpgsql as $$ begin raise 'It is broken'; end $$;
    create trigger refuse before update on public.human_interactions for each row
    when (new.id = '${bad.question}') execute function public.refuse();`);
  const kept = await store(
    one,
    await slack(world),
    ...asked.map(({ question }, i): [string, postgres.JSONValue] => [`m${i}`, click(question, "U1")]),
  )();
  assert.deepEqual(await process(one, kept.map(({ response_id }) => response_id))(), [
    ["matched", "decided"],
    ["error", null],
    ["matched", "decided"],
  ]);
  assert.deepEqual(await Promise.all(asked.map(({ question }) => outcome(world, question))), [
    "responded approved",
    "pending",
    "responded approved",
  ]);
  const [row] = await world.sql`select error from public.hil_responses where id = ${kept[1]!.response_id}`;
  assert.deepEqual(row!.error, {
    code: "processing_failed",
    message: "It could not be processed",
    reason: "It is broken",
  });
  await world.noViolations();
});

Deno.test("several answers to one question that are processed together count in their order", async () => {
  await using world = await World.make();
  const one = await world.session();
  const integration = await slack(world);
  const single = await asking(world, one, toAnybody);
  const both = await asking(world, one, { ...toAnybody, quorum: 2 });
  const kept = await store(
    one,
    integration,
    ["z", click(single.question, "U2", "reject")],
    ["a", click(single.question, "U1")],
    ["y", click(both.question, "U1")],
    ["x", click(both.question, "U1")],
    ["b", click(both.question, "U2")],
  )();
  const results = await process(one, kept.map(({ response_id }) => response_id))();
  assert.deepEqual(results.map(([, result]) => result).toSorted(), [
    "decided",
    "decided",
    "recorded",
    "repeated",
    "too_late",
  ]);
  assert.equal(await outcome(world, single.question), "responded rejected");
  assert.equal(await outcome(world, both.question), "responded approved");
  const [row] = await world.sql<{ users: string[] }[]>`
    select array(select r #>> '{responded_by,slack}' from jsonb_array_elements(response_data -> 'responses') r) as users
    from public.human_interactions where id = ${both.question}`;
  assert.deepEqual(row!.users, ["U1", "U2"]);
  await world.noViolations();
});

Deno.test("an answer that came before its question counts, though nobody looked until its time was over", async () => {
  await using world = await World.make();
  const one = await world.session();
  const hints = { slack: { user: "U1" }, correlation_id: "order 7", decision: "approve" };
  const [early] = await store(one, await slack(world), ["m1", hints])();
  assert.deepEqual(await process(one, [early!.response_id])(), [["unmatched", null]]);
  const { execution, question } = await asking(world, one, { ...toAnybody, correlation_id: "order 7" });
  await one.later(61);
  await one.tick();
  assert.equal(await outcome(world, question), "responded approved");
  assert.deepEqual((await world.execution(execution)).output, { yes: "yes" });
  await world.noViolations();
});

Deno.test("questions that run out together end in few ticks, and each as its node says", async () => {
  await using world = await World.make();
  const one = await world.session();
  const asked = [];
  const actions: Record<string, string | number>[] = [
    {},
    { timeout_action: "default", default_response: 7 },
    { timeout_action: "fail" },
  ];
  for (const more of actions) {
    asked.push(await asking(world, one, more), await asking(world, one, more));
  }
  await one.later(61);
  await one.tick();
  const ends = await Promise.all(asked.map(async ({ execution, question }) => [
    await outcome(world, question),
    (await world.execution(execution)).status,
    (await world.execution(execution)).output,
  ]));
  assert.deepEqual(ends, [
    ["timeout timed_out", "SUCCESS", { late: "late" }],
    ["timeout timed_out", "SUCCESS", { late: "late" }],
    ["timeout timed_out", "SUCCESS", { yes: "yes" }],
    ["timeout timed_out", "SUCCESS", { yes: "yes" }],
    ["timeout timed_out", "ERROR", null],
    ["timeout timed_out", "ERROR", null],
  ]);
  await world.noViolations();
});
