// Questions that leave the house: the stack sends them to a Slack, a mail provider and a webhook on loopback, which are as
// strict as the real ones, and tells them what was decided.
import assert from "node:assert/strict";
import { fakeMail, mailKeys } from "shared/channels/email.testing.ts";
import { emailProviders } from "shared/channels/email_providers.ts";
import { readSlackAction } from "shared/channels/slack.ts";
import { fakeSlack } from "shared/channels/slack.testing.ts";
import { testServer } from "shared/nodes/http_server.testing.ts";
import { verifyStandard } from "shared/signatures/standard_webhooks.ts";
import { utf8 } from "shared/encoding.ts";
import { signUp, type User } from "../stack.ts";
import {
  allow,
  call,
  chain,
  createWorkflow,
  data,
  database,
  ended,
  integrate,
  json,
  manual,
  until,
  violations,
} from "./wire.ts";

const botToken = "xoxb-test-token";

/** Starts a workflow that asks, and gives its id and the interaction's. */
async function ask(
  user: User,
  subtype: string,
  parameters: Record<string, unknown>,
  credentials: Record<string, string>,
) {
  const definition = chain(manual, { id: "ask", type: "HUMAN_IN_THE_LOOP", subtype, parameters, credentials });
  const workflow = await createWorkflow(user, definition, "Refunds");
  const { execution } = await json(
    call("execute", user, { json: { workflow_id: workflow, input: { order: 42 } } }),
    202,
  );
  return { workflow, execution: execution.id as string };
}

const decide = async (user: User, interaction_id: string, decision: string, more: Record<string, unknown> = {}) =>
  data(await user.client.rpc("respond_to_interaction", { interaction_id, decision, ...more } as never));

Deno.test("Slack is asked, asked again after its rate limit, and told what was decided in the app", async () => {
  await using slack = fakeSlack(botToken);
  await using sql = database();
  const ann = await signUp("ann");
  await allow(ann, slack.host);
  const account = await integrate(ann, "slack", {
    api_key: botToken,
    external_id: "T0TEAM",
    config: { api_url: slack.url },
  });
  slack.next.push(() =>
    Response.json({ ok: false, error: "ratelimited" }, { status: 429, headers: { "retry-after": "1" } })
  );
  const { workflow, execution } = await ask(ann, "APPROVAL", {
    channel: "slack",
    to: "C0REFUNDS",
    title: "Refund {{ $.input.order }}?",
    message: "<!channel> it came back",
  }, { slack: account.id });
  const post = await until("Slack is asked", () => slack.posts[0]);
  assert.equal(post.channel, "C0REFUNDS");
  assert.match(JSON.stringify(post.blocks), /Refund 42\?.*&lt;!channel&gt; it came back/);
  const answer = readSlackAction(slack.click(post, "approve"))!;
  const [asked] = await sql`select id from public.human_interactions where execution_id = ${execution}`;
  assert.deepEqual(answer, { interaction_id: asked!.id, decision: "approve" });
  const { url } = post.blocks.flatMap((block) => block.elements ?? []).find((element) => element.url);
  const token = url.split("/").at(-1);
  // what is kept of the link is a hash
  const [kept] = await sql`
    select count(*) filter (where m::text like ${`%${token}%`})::int as told,
      (select count(*)::int from hil.tokens t where t.interaction_id = ${
    asked!.id
  } and t.token_hash = hil.hash_of(${token})) as hashed
    from hil.messages m where m.interaction_id = ${asked!.id}`;
  assert.deepEqual({ ...kept }, { told: 0, hashed: 1 });

  await decide(ann, asked!.id, "approve", { comment: "fine" });
  await until("the message is changed", () => post.edited);
  assert.match(JSON.stringify(post.blocks), /Approved by ann-[^*]*@example\.com.*Comment: fine/);
  assert.ok(!post.blocks.some(({ type }) => type === "actions"));
  assert.equal((await ended(ann, execution)).execution.status, "SUCCESS");
  assert.deepEqual(await violations(sql, workflow), []);
  const messages = await sql`
    select kind, status, attempt, external_id from hil.messages where interaction_id = ${asked!.id} order by id`;
  assert.deepEqual(messages.map((row) => ({ ...row })), [
    { kind: "request", status: "sent", attempt: 2, external_id: post.ts },
    { kind: "decided", status: "sent", attempt: 1, external_id: post.ts },
  ]);
});

Deno.test("each provider of e-mail is asked with our Message-ID and an address for the answer", async () => {
  await using mail = fakeMail();
  await using sql = database();
  const ann = await signUp("ann");
  await allow(ann, mail.host);
  for (const provider of emailProviders) {
    const config = {
      api_url: mail.url,
      from: "Refunds <refunds@example.com>",
      inbound_address: "approvals@in.example.com",
    };
    const secret = provider === "resend" ? "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQ=" : undefined;
    const account = await integrate(ann, provider, { api_key: mailKeys[provider], secret, config });
    const { execution } = await ask(ann, "INPUT", {
      channel: "email",
      to: "boss@example.com",
      title: "How much?",
      message: "Say it",
      schema: { type: "object", required: ["amount"], properties: { amount: { type: "number" } } },
    }, { email: account.id });
    const sent = await until(`${provider} is asked`, () => mail.mails.find((one) => one.provider === provider));
    assert.deepEqual([sent.to, sent.subject], ["boss@example.com", "How much?"]);
    assert.match(sent.replyTo!, /^approvals\+[a-z2-7]{52}@in\.example\.com$/);
    assert.match(sent.text, /Asked for: amount \(required\)/);
    const [asked] = await sql`select id from public.human_interactions where execution_id = ${execution}`;
    await decide(ann, asked!.id, "answer", { data: { amount: 40 } });
    const told = await until("it is told", () => mail.mails.find((one) => one.provider === provider && one !== sent));
    assert.equal(told.headers.get("in-reply-to"), sent.headers.get("message-id"));
    assert.match(told.text, /Answered by/);
  }
  assert.deepEqual(mail.refused, []);
});

Deno.test("a webhook gets a signed event; what cannot be sent says why to nobody but the workspace", async () => {
  await using hook = testServer(() => new Response(null, { status: 204 }));
  await using sql = database();
  const ann = await signUp("ann");
  await allow(ann, `127.0.0.1:${hook.port}`);
  const account = await integrate(ann, "webhook", { config: { type: "standard_webhooks" } });
  await ask(ann, "SELECTION", {
    channel: "webhook",
    to: `${hook.url}/decide`,
    message: "Which?",
    options: [{ value: "a", label: "A" }],
  }, { webhook: account.id });
  const received = await until("the webhook is called", () => hook.received[0]);
  const now = Math.floor(Date.now() / 1000);
  assert.equal(await verifyStandard([account.secret], received.headers, utf8(received.body), now), null);
  assert.deepEqual(JSON.parse(received.body).data.options, [{ value: "a", label: "A" }]);

  const { execution } = await ask(ann, "APPROVAL", { channel: "webhook", to: "https://127.0.0.1:1/", message: "?" }, {
    webhook: account.id,
  });
  const [failed] = await until("it is given up", async () => {
    const rows = await sql`
      select m.error from hil.messages m join public.human_interactions i on i.id = m.interaction_id
      where i.execution_id = ${execution} and m.status = 'failed'`;
    return rows.length > 0 ? rows : undefined;
  });
  assert.equal(failed!.error.code, "address_not_allowed");
});
