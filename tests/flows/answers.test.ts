// What people answer, by every way that leads in: a link, Slack, e-mail, a webhook; over the wire.
import assert from "node:assert/strict";
import { hmac } from "shared/signatures/hmac.ts";
import { utf8 } from "shared/encoding.ts";
import { signUp, stack, type User } from "../stack.ts";
import { call, chain, createWorkflow, data, database, type Definition, ended, json, manual } from "./wire.ts";

const manager = "manager@example.com";

/** A refund that waits for somebody: its execution and its interaction. */
async function ask(
  user: User,
  parameters: Record<string, unknown> = {},
  subtype = "APPROVAL",
): Promise<{ execution: string; interaction: string }> {
  const question = {
    title: "Refund 50?",
    message: "Order 7 of <Ana & Co>",
    data: { amount: 50, reason: "broken" },
    assignees: [{ email: manager }, { slack: "U1" }],
    ...parameters,
  };
  const node = { id: "ask", type: "HUMAN_IN_THE_LOOP", subtype, parameters: question };
  const definition: Definition = {
    nodes: [
      ...chain(manual, node).nodes,
      { id: "yes", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input }}" } },
      { id: "no", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input }}" } },
      { id: "late", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input }}" } },
    ],
    connections: [
      { source: "start", target: "ask" },
      { source: "ask", target: "yes", index: 0 },
      { source: "ask", target: "no", index: 1 },
      { source: "ask", target: "late", index: 2 },
    ],
  };
  const workflow = await createWorkflow(user, definition);
  const { execution } = await json(call("execute", user, { json: { workflow_id: workflow } }), 202);
  assert.equal(execution.status, "WAITING_FOR_HUMAN");
  const { id } = data(
    await user.client.from("human_interactions").select("id").eq("execution_id", execution.id).single(),
  );
  return { execution: execution.id, interaction: id };
}

/** What a message to somebody would have in its link and its reply address. */
async function tokenFor(interaction: string, email = manager): Promise<string> {
  await using sql = database();
  const [row] = await sql`
    select hil.new_token(i, ${
    sql.json({ email })
  }) as token from public.human_interactions i where i.id = ${interaction}`;
  return row!.token;
}

const outputOf = async (user: User, execution: string) => (await ended(user, execution)).execution.output!;
const link = (token: string, init: RequestInit & { json?: unknown } = {}) =>
  call(`hil-webhook/respond/${token}`, null, init);
const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
const form = (fields: Record<string, string>, accept = browser.accept) => ({
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded", accept },
  body: new URLSearchParams(fields).toString(),
});

async function integration(user: User, provider: string, more: Record<string, unknown> = {}) {
  const made = await json(
    call("deploy/integrations", user, { json: { provider, name: provider, ...more } }),
    201,
  );
  return { id: made.integration.id as string, secret: (made.secret ?? more.secret) as string };
}

Deno.test("a link shows its question to people and programs, and looking decides nothing", async () => {
  const ann = await signUp("ann");
  const { interaction } = await ask(ann);
  const token = await tokenFor(interaction);
  const shown = await json(link(token), 200);
  assert.deepEqual([shown.state, shown.title, shown.data], ["open", "Refund 50?", { amount: 50, reason: "broken" }]);
  assert.ok(!JSON.stringify(shown).includes(manager));

  for (let i = 0; i < 10; i++) {
    for (const method of ["GET", "HEAD"]) {
      const page = await link(token, { method, headers: browser });
      const html = await page.text();
      assert.equal(page.status, 200);
      assert.deepEqual(
        ["cache-control", "referrer-policy", "x-frame-options"].map((name) => page.headers.get(name)),
        ["no-store", "no-referrer", "DENY"],
      );
      assert.match(page.headers.get("content-security-policy")!, /default-src 'none'.*form-action 'self'/);
      if (method === "HEAD") continue;
      assert.match(html, /Order 7 of &lt;Ana &amp; Co&gt;/);
      assert.ok(!html.includes(token), "the page has no token to pass on");
      assert.ok(!/<script|https?:\/\//.test(html), "nothing in it runs or comes from elsewhere");
    }
  }
  const still = data(await ann.client.from("human_interactions").select("status").eq("id", interaction).single());
  assert.equal(still.status, "pending");
  await using sql = database();
  const [{ used }] = await sql`
    select count(used_at)::int as used from hil.tokens where interaction_id = ${interaction}` as unknown as [
    { used: number },
  ];
  assert.equal(used, 0);
});

Deno.test("an approval by the page goes on with what was edited there; twice is once, another is told who decided", async () => {
  const ann = await signUp("ann");
  const { execution, interaction } = await ask(ann);
  const [token, others] = [await tokenFor(interaction), await tokenFor(interaction, "other@example.com")];
  const wrong = await link(token, form({ decision: "approve", "data.amount": "forty", "data.reason": "broken" }));
  const again = await wrong.text();
  assert.equal(wrong.status, 422);
  assert.match(again, /role="alert"[^]*not a number[^]*value="forty"/);

  const fields = { decision: "approve", "data.amount": "40", "data.reason": "broken", comment: "less" };
  const first = await link(token, form(fields));
  assert.equal(first.status, 200);
  assert.match(await first.text(), /Approved/);
  const body = { decision: "approve", data: { amount: 40, reason: "broken" }, comment: "less" };
  const repeated = await json(link(token, { json: body }), 200);
  assert.deepEqual([repeated.result, repeated.outcome], ["decided", "approved"]);

  const { error } = await json(link(token, { json: { decision: "reject" } }), 409);
  assert.equal(error.code, "interaction_decided");
  assert.deepEqual([error.details.outcome, error.details.responded_by.email], ["approved", manager]);
  const refused = await link(token, form({ decision: "reject" }));
  assert.equal(refused.status, 409);
  assert.match(await refused.text(), /Approved by <bdi>manager@example.com/);
  assert.ok((await link(others, { json: { decision: "reject" } })).status >= 400);

  const { yes } = await outputOf(ann, execution) as { yes: Record<string, unknown> };
  assert.deepEqual([yes.outcome, yes.data, yes.comment], ["approved", { amount: 40, reason: "broken" }, "less"]);
  const page = await (await link(token, { headers: browser })).text();
  assert.match(page, /Approved by/);
  assert.ok(!page.includes("<form"));
});

Deno.test("a wrong and an expired link decide nothing, and say which they are", async () => {
  const ann = await signUp("ann");
  const unknown = "a".repeat(52);
  for (const token of [unknown, "x", "%00", "a".repeat(5000)]) {
    const shown = await json(link(token), 404);
    assert.equal(shown.error.code, "link_not_found", token.slice(0, 60));
  }
  assert.equal((await json(link(unknown, { json: { decision: "approve" } }), 404)).error.code, "interaction_not_found");
  const page = await link(unknown, { headers: browser });
  assert.match(await page.text(), /leads nowhere/);

  const { interaction, execution } = await ask(ann, { timeout_seconds: 1 });
  const token = await tokenFor(interaction);
  const { late } = await outputOf(ann, execution) as { late: Record<string, unknown> };
  assert.equal(late.outcome, "timed_out");
  assert.equal((await json(link(token), 410)).state, "expired");
  assert.equal((await json(link(token, { json: { decision: "approve" } }), 410)).error.code, "interaction_expired");
  const html = await link(token, form({ decision: "approve" }));
  assert.equal(html.status, 410);
  assert.match(await html.text(), /Expired without an answer/);
});

Deno.test("two clicks at once are one decision, and the other is told", async () => {
  const ann = await signUp("ann");
  const { execution, interaction } = await ask(ann, { assignees: [{ email: manager }, { email: "boss@example.com" }] });
  const tokens = [await tokenFor(interaction), await tokenFor(interaction, "boss@example.com")];
  const answers = await Promise.all([
    link(tokens[0]!, { json: { decision: "approve" } }),
    link(tokens[1]!, { json: { decision: "reject" } }),
    link(tokens[0]!, { json: { decision: "approve" } }),
    link(tokens[1]!, { json: { decision: "reject" } }),
  ]);
  const statuses = answers.map((one) => one.status);
  const bodies = await Promise.all(answers.map((one) => one.json()));
  assert.deepEqual(statuses.toSorted(), [200, 200, 409, 409], JSON.stringify(bodies));
  const output = await outputOf(ann, execution);
  const approved = statuses[0] === 200;
  assert.deepEqual(Object.keys(output), [approved ? "yes" : "no"]);
  assert.equal(bodies[approved ? 1 : 0].error.code, "interaction_decided");
});

Deno.test("a link is asked for so often only", async () => {
  const ann = await signUp("ann");
  const { interaction } = await ask(ann);
  const token = await tokenFor(interaction);
  const statuses = new Set<number>();
  for (let i = 0; i < 10 && !statuses.has(429); i++) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => link(token)));
    for (const answer of answers) {
      statuses.add(answer.status);
      if (answer.status === 429) assert.match(answer.headers.get("retry-after")!, /^\d+$/);
      await answer.body?.cancel();
    }
  }
  assert.deepEqual([...statuses].toSorted(), [200, 429]);
});

// Slack

async function slack(id: string, secret: string, payload: unknown, path = "hil-webhook/slack") {
  const body = path.startsWith("hil")
    ? new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
    : JSON.stringify(payload);
  const at = String(Math.floor(Date.now() / 1000));
  const signature = (await hmac("SHA-256", utf8(secret), utf8(`v0:${at}:${body}`))).toHex();
  return await call(`${path}/${id}`, null, {
    method: "POST",
    body,
    headers: {
      "content-type": path.startsWith("hil") ? "application/x-www-form-urlencoded" : "application/json",
      "x-slack-request-timestamp": at,
      "x-slack-signature": `v0=${signature}`,
    },
  });
}
const click = (interaction: string, verb: string, user = "U1", trigger = crypto.randomUUID()) => ({
  type: "block_actions",
  team: { id: "T1" },
  user: { id: user, team_id: "T1" },
  channel: { id: "C1" },
  container: { message_ts: "1.2", channel_id: "C1" },
  trigger_id: trigger,
  actions: [{ action_id: `hil:${verb}:${interaction}`, type: "button", value: interaction }],
});

Deno.test("a click in Slack decides: of its team, of who was asked, once", async () => {
  const ann = await signUp("ann");
  const secret = "8f742231b10e8888abcd99yyyzzz85a5";
  const { id } = await integration(ann, "slack", { secret, external_id: "T1" });
  const { execution, interaction } = await ask(ann);
  const other = await slack(id, secret, { ...click(interaction, "approve"), team: { id: "T2" }, user: { id: "U1" } });
  assert.equal(other.status, 401);
  assert.equal((await slack(id, "another secret, as long", click(interaction, "approve"))).status, 401);
  for (const [verb, user] of [["approve", "U9"], ["open", "U1"]] as const) {
    const taken = await slack(id, secret, click(interaction, verb, user));
    assert.deepEqual([taken.status, await taken.text()], [200, ""]);
  }
  const still = data(await ann.client.from("human_interactions").select("status").eq("id", interaction).single());
  assert.equal(still.status, "pending", "neither a stranger's click nor an opened link decides");

  const once = click(interaction, "approve");
  for (let i = 0; i < 2; i++) assert.equal((await slack(id, secret, once)).status, 200);
  const { yes } = await outputOf(ann, execution) as { yes: Record<string, unknown> };
  assert.equal(yes.outcome, "approved");
  const responses = data(
    await ann.client.from("hil_responses").select("raw_payload, status, responder").eq(
      "matched_interaction_id",
      interaction,
    ),
  );
  assert.equal(responses.filter((one) => one.responder === "slack:U1").length, 1);
  // of a stranger too what was sent is kept
  assert.equal(responses.length, 2);
});

Deno.test("an answer in the thread comes with Slack's events, and starts no trigger", async () => {
  const ann = await signUp("ann");
  const secret = "8f742231b10e8888abcd99yyyzzz85a5";
  const { id } = await integration(ann, "slack", { secret, external_id: "T1" });
  const listener = await createWorkflow(
    ann,
    chain({ id: "hook", type: "TRIGGER", subtype: "SLACK", parameters: { event: "message" }, credentials: { slack: id } }, {
      id: "end",
      type: "ACTION",
      subtype: "TRANSFORM",
      parameters: { output: "{{ $.trigger.text }}" },
    }),
  );
  await json(call("deploy", ann, { json: { workflow_id: listener } }), 200);
  const { execution, interaction } = await ask(ann);
  await using sql = database();
  // as the sender leaves it
  await sql`
    insert into hil.messages (id, workspace_id, interaction_id, kind, channel, integration_id, recipient, content, status,
      due_at, external_id, thread)
    select gen_random_uuid(), i.workspace_id, i.id, 'request', 'slack', ${id}, 'C1', '{}', 'sent', now(), '10.1',
      ${sql.json({ team: "T1", channel: "C1", ts: "10.1", thread_ts: "10.1" })}
    from public.human_interactions i where i.id = ${interaction}`;
  const event = (more: Record<string, unknown>) => ({
    type: "event_callback",
    team_id: "T1",
    event_id: crypto.randomUUID(),
    authorizations: [{ team_id: "T1", user_id: "UBOT", is_bot: true }],
    event: { type: "message", channel_type: "channel", channel: "C1", user: "U1", text: "yes", ts: "10.2", ...more },
  });
  const send = (payload: unknown) => json(slack(id, secret, payload, "execute/hooks/slack"), 200);
  assert.equal((await send(event({ thread_ts: "9.9" }))).executions.length, 1, "a thread of others is an event");
  assert.equal((await send(event({}))).executions.length, 1, "no thread");
  const answer = event({ thread_ts: "10.1", ts: "10.3", text: "<@UBOT> yes, approved" });
  assert.deepEqual(await send(answer), { executions: [] });
  assert.deepEqual(await send({ ...answer, event_id: "again" }), { executions: [] });
  const { yes } = await outputOf(ann, execution) as { yes: Record<string, unknown> };
  assert.equal(yes.outcome, "approved");
});

// e-mail and webhooks

const postmark = (id: string, secret: string, mail: Record<string, unknown>) =>
  call(`hil-webhook/email/postmark/${id}`, null, {
    json: mail,
    headers: { authorization: `Basic ${btoa(`postmark:${secret}`)}` },
  });

Deno.test("a reply by mail changes the amount, and what it quotes says nothing", async () => {
  const ann = await signUp("ann");
  const { id, secret } = await integration(ann, "postmark");
  const { execution, interaction } = await ask(ann);
  const token = await tokenFor(interaction);
  const mail = {
    MessageID: crypto.randomUUID(),
    FromFull: { Email: "Manager@Example.com", Name: "Man" },
    ToFull: [{ Email: `hil+${token.toUpperCase()}@in.example.com` }],
    Subject: "Re: Refund 50?",
    TextBody: "Yes, but change the amount to 40\n\nSent from my iPhone\n\n" +
      `> On 21. Nov 2026, at 10:02, Tandem <hil+${token}@in.example.com> wrote:\n> reject it? ${token}\n`,
    Headers: [{ Name: "Message-ID", Value: "<r1@example.com>" }],
  };
  assert.equal((await postmark(id, "another secret", mail)).status, 401);
  const away = await json(
    postmark(id, secret, {
      ...mail,
      MessageID: crypto.randomUUID(),
      TextBody: "I am out of office. Yes, approve.",
      Headers: [{ Name: "Auto-Submitted", Value: "auto-replied" }],
    }),
    200,
  );
  assert.equal(away.status, "filtered_out", JSON.stringify(away));
  const received = await json(postmark(id, secret, mail), 200);
  assert.deepEqual([received.status, received.outcome], ["matched", "approved"], JSON.stringify(received));
  const again = await json(postmark(id, secret, mail), 200);
  assert.equal(again.response_id, received.response_id);
  const { yes } = await outputOf(ann, execution) as { yes: { data: { amount: number } } };
  assert.equal(yes.data.amount, 40);
  const kept = data(await ann.client.from("hil_responses").select("raw_payload, hints").eq("id", received.response_id));
  assert.ok(!JSON.stringify(kept).toLowerCase().includes(token), "a token is kept as a hash only");
});

Deno.test("a system answers by webhook, as its raw body proves", async () => {
  const ann = await signUp("ann");
  const { id, secret } = await integration(ann, "webhook", { config: { type: "standard_webhooks" } });
  const { execution, interaction } = await ask(ann, { assignees: [] });
  const token = await tokenFor(interaction);
  const send = async (body: string, messageId = `msg_${crypto.randomUUID()}`, signed = body) => {
    const at = String(Math.floor(Date.now() / 1000));
    const mac = await hmac("SHA-256", Uint8Array.fromBase64(secret.slice(6)), utf8(`${messageId}.${at}.${signed}`));
    return await call(`hil-webhook/webhook/${id}`, null, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "webhook-id": messageId,
        "webhook-timestamp": at,
        "webhook-signature": `v1,${mac.toBase64()}`,
      },
    });
  };
  // the same JSON, written otherwise
  assert.equal(
    (await send(`{ "token": "${token}","decision":"approve"}`, "msg_1", `{"token":"${token}"}`)).status,
    401,
  );
  assert.equal((await send('{"decision":"destroy"}')).status, 422);
  assert.equal((await send("not json")).status, 400);
  const unmatched = await json(send('{"decision":"approve"}'), 200);
  assert.equal(unmatched.status, "unmatched");
  assert.equal(
    (await json(call(`hil-webhook/webhook/${id}`, null, { json: {} }), 401)).error.code,
    "signature_invalid",
  );

  const bob = await signUp("bob");
  const bobs = await ask(bob);
  const foreign = await json(
    send(JSON.stringify({ interaction_id: bobs.interaction, decision: "approve" })),
    200,
  );
  assert.equal(foreign.status, "unmatched", "of another workspace nothing is decided");
  assert.ok(!foreign.interaction_id);
  void execution;
  assert.ok(stack().url);
});
