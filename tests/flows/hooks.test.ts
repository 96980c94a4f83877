// What other systems deliver, as they would: signed with the secret of an integration, taken or refused by the stack.
import assert from "node:assert/strict";
import { utf8 } from "shared/encoding.ts";
import { hmac } from "shared/signatures/hmac.ts";
import { signUp, stack, type User } from "../stack.ts";
import { call, chain, createWorkflow, data, json, type Node } from "./wire.ts";

interface Hook {
  id: string;
  url: string;
  secret: string;
}

async function integration(user: User, provider: string, more: Record<string, unknown> = {}): Promise<Hook> {
  const { integration, hook_url, secret } = await json(
    call("deploy/integrations", user, { json: { provider, name: provider, ...more } }),
    201,
  );
  return { id: integration.id, url: hook_url, secret: secret ?? more.secret };
}

/** A deployed workflow that begins with the trigger and ends with its output. */
async function listen(
  user: User,
  subtype: string,
  hook: Hook | null,
  parameters: Record<string, unknown> = {},
): Promise<{ id: string; url?: string }> {
  const credential = { GITHUB: "github", SLACK: "slack", EMAIL: "email", WEBHOOK: "webhook" }[subtype]!;
  const id = await createWorkflow(
    user,
    chain(
      { id: "hook", type: "TRIGGER", subtype, parameters, ...(hook && { credentials: { [credential]: hook.id } }) },
      { id: "got", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.trigger }}" } },
    ),
  );
  const { triggers } = await json(call("deploy", user, { json: { workflow_id: id } }), 200);
  return { id, url: triggers[0].url };
}

const send = (url: string, body: BodyInit, headers: Record<string, string>) =>
  fetch(url, { method: "POST", body, headers });
const started = (answer: { executions: { workflow_id: string }[] }) =>
  answer.executions.map((one) => one.workflow_id).sort();
const output = async (user: User, answer: { executions: { execution_id: string }[] }) =>
  (await json(call(`execute/${answer.executions[0]!.execution_id}`, user), 200)).execution.output.got;

async function signed(secret: string, message: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof message === "string" ? utf8(message) : message;
  return (await hmac("SHA-256", utf8(secret), bytes)).toHex();
}

async function refused(response: Response | Promise<Response>, status = 401, code = "signature_invalid") {
  const { error } = await json(response, status);
  assert.equal(error.code, code);
  return error;
}

// GitHub

const payloads = `${import.meta.dirname}/../data/github-webhooks`;
async function github(
  hook: Hook,
  event: string,
  file: string,
  more: { id?: string; secret?: string; form?: true } = {},
) {
  const payload = await Deno.readTextFile(`${payloads}/${file}.json`);
  const body = more.form ? new URLSearchParams({ payload }).toString() : payload;
  return await send(hook.url, body, {
    "content-type": more.form ? "application/x-www-form-urlencoded" : "application/json",
    "x-github-event": event,
    "x-github-delivery": more.id ?? crypto.randomUUID(),
    "x-hub-signature-256": `sha256=${await signed(more.secret ?? hook.secret, body)}`,
  });
}

Deno.test("GitHub's own payloads start the workflows whose filters let them through, of one workspace", async () => {
  const [ann, bob] = await Promise.all([signUp("ann"), signUp("bob")]);
  const [anns, bobs] = [await integration(ann, "github"), await integration(bob, "github")];
  const repository = "codertocat/hello-world";
  const flows: Record<string, string> = {};
  for (
    const [name, parameters] of Object.entries({
      issues: { repository: "Codertocat/Hello-World", events: ["issues"], actions: ["opened"] },
      closed: { repository, events: ["issues"], actions: ["closed"] },
      branches: { repository, branches: ["master"] },
      tags: { repository, events: ["push"] },
      other: { repository: "octo-org/octo-repo" },
      all: {},
    })
  ) flows[(await listen(ann, "GITHUB", anns, parameters)).id] = name;
  await listen(bob, "GITHUB", bobs, { repository });
  const names = async (response: Promise<Response>) =>
    started(await json(response, 202)).map((id) => flows[id] ?? "another's").sort();

  assert.deepEqual(await names(github(anns, "issues", "issues-opened.payload")), ["all", "branches", "issues"]);
  assert.deepEqual(await names(github(anns, "push", "push-payload")), ["all", "tags"], "a tag is on no branch");
  assert.deepEqual(await names(github(anns, "pull_request", "pull_request-opened.payload")), ["all", "branches"]);
  assert.deepEqual(await names(github(anns, "issue_comment", "issue_comment-created.payload")), ["all", "branches"]);
  assert.deepEqual(await names(github(anns, "release", "release-published.payload")), ["all", "branches"]);
  assert.deepEqual(await names(github(anns, "workflow_run", "workflow_run-completed.payload")), ["all", "other"]);
  assert.deepEqual(await names(github(anns, "issues", "issues-opened.payload", { form: true })), [
    "all",
    "branches",
    "issues",
  ], "as a form too");

  const forBob = await json(github(bobs, "issues", "issues-opened.payload", { id: "d-1" }), 202);
  assert.equal(forBob.executions.length, 1, "the same repository in another workspace is another's");
  const { event, action, delivery_id, repository: full, sender, payload } = await output(bob, forBob);
  assert.deepEqual([event, action, delivery_id, full, sender], [
    "issues",
    "opened",
    "d-1",
    "Codertocat/Hello-World",
    "Codertocat",
  ]);
  assert.equal(payload.issue.title, "Spelling error in the README file");
});

Deno.test("a GitHub delivery starts once, a ping nothing, and what is not signed is refused", async () => {
  const ann = await signUp("ann");
  const hook = await integration(ann, "github");
  const { id } = await listen(ann, "GITHUB", hook);
  const first = await json(github(hook, "push", "push-payload", { id: "same" }), 202);
  const again = await json(github(hook, "push", "push-payload", { id: "same" }), 202);
  assert.deepEqual(again.executions, [{ ...first.executions[0], duplicate: true }]);

  const ping = '{"zen":"Keep it logically awesome.","hook_id":1}';
  const headers = { "x-github-event": "ping", "x-hub-signature-256": `sha256=${await signed(hook.secret, ping)}` };
  assert.deepEqual(await json(send(hook.url, ping, headers), 200), { executions: [] });

  await refused(github(hook, "push", "push-payload", { secret: "another secret" }));
  await refused(send(hook.url, ping, { "x-github-event": "ping" }));
  await refused(send(hook.url, `${ping} `, headers));
  const unknown = { ...hook, url: hook.url.replace(hook.id, crypto.randomUUID()) };
  const told = [
    await refused(github(unknown, "push", "push-payload")),
    await refused(github(hook, "push", "push-payload", { secret: "x" })),
  ];
  assert.deepEqual(told[0], told[1], "an integration that is not there is refused like a wrong signature");
  await refused(send(hook.url.replace("/github/", "/slack/"), ping, headers));
  await refused(send(hook.url.replace(hook.id, "not-an-id"), ping, headers), 404, "route_not_found");
  const { data: executions } = await ann.client.from("workflow_executions").select("id").eq("workflow_id", id);
  assert.equal(executions!.length, 1);

  // the header is not signed: what it says is checked like anybody's
  await refused(send(hook.url, ping, { ...headers, "x-github-event": "*" }), 422, "request_invalid");
  const text = "no json";
  await refused(
    send(hook.url, text, {
      "x-github-event": "push",
      "x-hub-signature-256": `sha256=${await signed(hook.secret, text)}`,
    }),
    400,
    "json_invalid",
  );
});

Deno.test("a secret is exchanged without losing an event, and the old one goes", async () => {
  const ann = await signUp("ann");
  const hook = await integration(ann, "github");
  const rotate = (body: unknown) => json(call(`deploy/integrations/${hook.id}/rotate`, ann, { json: body }), 200);
  const { secret } = await rotate({ grace_seconds: 3600 });
  assert.notEqual(secret, hook.secret);
  for (const good of [secret, hook.secret]) {
    assert.equal((await github(hook, "push", "push-payload", { secret: good })).status, 202);
  }
  const next = (await rotate({ grace_seconds: 0 })).secret;
  for (const old of [secret, hook.secret]) await refused(github(hook, "push", "push-payload", { secret: old }));
  assert.equal((await github(hook, "push", "push-payload", { secret: next })).status, 202);
  assert.equal((await rotate({ secret: "one of my own, long enough" })).secret, undefined, "a given one is not told");

  data(await ann.client.rpc("update_integration", { integration_id: hook.id, is_active: false }));
  const own = { secret: "one of my own, long enough" };
  await refused(github(hook, "push", "push-payload", own), 409, "integration_inactive");
  await refused(github(hook, "push", "push-payload"), 401);
});

// Slack

const slackSecret = "8f742231b10e8888abcd99yyyzzz85a5";
async function slack(
  hook: Hook,
  body: string,
  more: { secret?: string; at?: number; headers?: Record<string, string> } = {},
) {
  const at = more.at ?? Math.floor(Date.now() / 1000);
  return await send(hook.url, body, {
    "content-type": body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": String(at),
    "x-slack-signature": `v0=${await signed(more.secret ?? hook.secret, `v0:${at}:${body}`)}`,
    ...more.headers,
  });
}
const slackEvent = (id: string, event: Record<string, unknown>, team = "T061EG9R6") =>
  JSON.stringify({
    token: "z26uFbvR1xHJEdHE1OQiO6t8",
    team_id: team,
    api_app_id: "A0FFV41KK",
    event: { user: "U061F7AUR", channel: "C0LAN2Q65", ts: "1515449522.000016", event_ts: "1515449522000016", ...event },
    type: "event_callback",
    event_id: id,
    event_time: 1515449522,
    authorizations: [{ enterprise_id: null, team_id: team, user_id: "U0BOT", is_bot: true }],
  });

Deno.test("Slack's URL is verified, its events start once, and bots are left alone", async () => {
  const ann = await signUp("ann");
  const hook = await integration(ann, "slack", { secret: slackSecret, external_id: "T061EG9R6" });
  const mentions = (await listen(ann, "SLACK", hook, { event: "app_mention" })).id;
  const messages = (await listen(ann, "SLACK", hook, { event: "message.channels", channels: ["C0LAN2Q65"] })).id;
  const bots = (await listen(ann, "SLACK", hook, { event: "message", include_bots: true })).id;

  const challenge =
    '{"token":"x","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}';
  assert.deepEqual(await json(slack(hook, challenge), 200), {
    challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
  });
  await refused(slack(hook, challenge, { secret: "another" }));

  const mention = slackEvent("Ev1", { type: "app_mention", text: "<@U0BOT> hello" });
  const first = await json(slack(hook, mention), 200);
  assert.deepEqual(started(first), [mentions]);
  const { payload, ...seen } = await output(ann, first);
  assert.deepEqual(seen, {
    kind: "event",
    event: "app_mention",
    command: null,
    text: "<@U0BOT> hello",
    user: "U061F7AUR",
    channel: "C0LAN2Q65",
    team: "T061EG9R6",
  });
  assert.equal(payload.event_id, "Ev1");
  assert.equal("token" in payload, false, "the app's verification token is kept from readers");
  const retry = await json(
    slack(hook, mention, { headers: { "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout" } }),
    200,
  );
  assert.deepEqual(retry.executions, [{ ...first.executions[0], duplicate: true }]);

  const message = { type: "message", channel_type: "channel", text: "hi" };
  assert.deepEqual(started(await json(slack(hook, slackEvent("Ev2", message)), 200)), [messages, bots].sort());
  assert.deepEqual(started(await json(slack(hook, slackEvent("Ev3", { ...message, channel: "C2" })), 200)), [bots]);
  assert.deepEqual(started(await json(slack(hook, slackEvent("Ev4", { ...message, bot_id: "B1" })), 200)), [bots]);
  assert.deepEqual(started(await json(slack(hook, slackEvent("Ev5", { ...message, user: "U0BOT" })), 200)), [bots]);
  assert.deepEqual(started(await json(slack(hook, slackEvent("Ev6", { type: "reaction_added" })), 200)), []);

  const now = Math.floor(Date.now() / 1000);
  for (const at of [now - 320, now + 320, 0]) await refused(slack(hook, mention, { at }));
  await refused(slack(hook, slackEvent("Ev7", { type: "app_mention" }, "T0OTHER")));
  const click = new URLSearchParams({ payload: '{"type":"block_actions"}' }).toString();
  assert.deepEqual(await json(slack(hook, click), 200), { executions: [] });
});

Deno.test("a slash command starts its workflow, and is answered at once", async () => {
  const ann = await signUp("ann");
  const hook = await integration(ann, "slack", { secret: slackSecret });
  const { id } = await listen(ann, "SLACK", hook, { command: "/deploy" });
  const command = (name: string, trigger: string) =>
    new URLSearchParams({
      token: "gIkuvaNzQIHg97ATvDxqgjtO",
      team_id: "T0001",
      channel_id: "C2147483705",
      user_id: "U2147483697",
      command: name,
      text: "v1.2 now",
      response_url: "https://hooks.slack.com/commands/1234/5678",
      trigger_id: trigger,
    }).toString();
  const answer = await slack(hook, command("/deploy", "13345224609.738474920.8088930838d88f008e0"));
  assert.deepEqual([answer.status, await answer.text()], [200, ""]);
  await slack(hook, command("/deploy", "13345224609.738474920.8088930838d88f008e0"));
  const executions = data(await ann.client.from("workflow_executions").select("input").eq("workflow_id", id)) as {
    input: Record<string, unknown>;
  }[];
  assert.equal(executions.length, 1);
  const { kind, command: name, text, user, channel, team, payload } = executions[0]!.input;
  assert.deepEqual([kind, name, text, user, channel, team], [
    "command",
    "/deploy",
    "v1.2 now",
    "U2147483697",
    "C2147483705",
    "T0001",
  ]);
  assert.equal((payload as Record<string, unknown>).response_url, "https://hooks.slack.com/commands/1234/5678");
  const other = await json(slack(hook, command("/other", "2")), 200);
  assert.equal(other.response_type, "ephemeral");
});

// e-mail

Deno.test("Postmark's, Mailgun's and SendGrid's mails come in one form, through their own proof", async () => {
  const ann = await signUp("ann");
  const bob = await signUp("bob");

  const postmark = await integration(ann, "postmark");
  const orders = await listen(ann, "EMAIL", postmark, { address: "Orders@in.example.com" });
  const mail = {
    From: "ann@customer.example",
    FromFull: { Email: "ann@customer.example", Name: "Ann", MailboxHash: "" },
    ToFull: [{ Email: "orders+42@In.Example.com", Name: "", MailboxHash: "42" }],
    CcFull: [{ Email: "copy@example.com", Name: "", MailboxHash: "" }],
    OriginalRecipient: "orders+42@in.example.com",
    Subject: "An order",
    MessageID: crypto.randomUUID(),
    TextBody: "Two, please",
    HtmlBody: "<p>Two, please</p>",
    Headers: [{ Name: "Message-ID", Value: "<a@customer.example>" }, { Name: "X-Spam-Status", Value: "No" }],
    Attachments: [{ Name: "a.txt", Content: "aGk=", ContentType: "text/plain", ContentLength: 2, ContentID: "" }],
  };
  const basic = { authorization: `Basic ${btoa(`postmark:${postmark.secret}`)}`, "content-type": "application/json" };
  const answer = await json(send(postmark.url, JSON.stringify(mail), basic), 200);
  assert.deepEqual(started(answer), [orders.id]);
  assert.deepEqual(await output(ann, answer), {
    from: "ann@customer.example",
    from_name: "Ann",
    to: ["orders+42@In.Example.com"],
    cc: ["copy@example.com"],
    recipients: ["orders+42@in.example.com"],
    subject: "An order",
    text: "Two, please",
    html: "<p>Two, please</p>",
    tag: "42",
    message_id: "<a@customer.example>",
    in_reply_to: null,
    references: [],
    attachments: [{ filename: "a.txt", content_type: "text/plain", size: 2, base64: "aGk=" }],
    spam: { is_spam: false, score: null },
    provider: "postmark",
  });
  const again = await json(send(postmark.url, JSON.stringify(mail), basic), 200);
  assert.equal(again.executions[0].duplicate, true);
  await refused(
    send(postmark.url, JSON.stringify(mail), { ...basic, authorization: `Basic ${btoa("postmark:guess")}` }),
  );
  await refused(send(postmark.url, JSON.stringify(mail), { "content-type": "application/json" }));

  // Bob names Ann's address: his integration gets no mail of hers, and hers starts nothing of his
  const mailgun = await integration(bob, "mailgun", { secret: "key-0123456789abcdef" });
  const listener = await listen(bob, "EMAIL", mailgun, { address: "orders@in.example.com" });
  assert.deepEqual(started(await json(send(postmark.url, JSON.stringify({ ...mail, MessageID: "2" }), basic), 200)), [
    orders.id,
  ]);

  const timestamp = String(Math.floor(Date.now() / 1000));
  const token = "06c96bafc3f42a66b9edd546347a2fe18dc23461fe80dc52f0";
  const form = (fields: Record<string, string | File>) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return body;
  };
  const fields = {
    recipient: "orders@in.example.com",
    sender: "bounce@customer.example",
    from: "Ann B. <ann@customer.example>",
    subject: "Another",
    "body-plain": "Three",
    "message-headers":
      '[["Message-Id","<b@customer.example>"],["To","orders@in.example.com"],["References","<a@x> <b@x>"]]',
    timestamp,
    token,
    signature: await signed(mailgun.secret, timestamp + token),
    "attachment-1": new File(["hi"], "b.txt", { type: "text/plain" }),
  };
  const first = await json(fetch(mailgun.url, { method: "POST", body: form(fields) }), 200);
  assert.deepEqual(started(first), [listener.id]);
  const got = await output(bob, first);
  assert.deepEqual([got.from, got.from_name, got.text, got.references, got.attachments[0].base64, got.provider], [
    "ann@customer.example",
    "Ann B.",
    "Three",
    ["<a@x>", "<b@x>"],
    "aGk=",
    "mailgun",
  ]);
  const replayed = { ...fields, "message-headers": '[["Message-Id","<c@x>"]]', "body-plain": "Pay me" };
  assert.deepEqual(
    started(await json(fetch(mailgun.url, { method: "POST", body: form(replayed) }), 200)),
    [],
    "a token counts once",
  );
  await refused(fetch(mailgun.url, { method: "POST", body: form({ ...fields, token: token.replace("0", "1") }) }));
  await refused(fetch(mailgun.url, { method: "POST", body: form({ subject: "x" }) }));
  const old = String(Number(timestamp) - 9 * 3600);
  await refused(fetch(mailgun.url, {
    method: "POST",
    body: form({ ...fields, timestamp: old, signature: await signed(mailgun.secret, old + token) }),
  }));

  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey)).toBase64();
  const sendgrid = await integration(ann, "sendgrid", { secret: publicKey });
  const all = await listen(ann, "EMAIL", sendgrid, { from: ["@customer.example"] });
  const request = new Request(sendgrid.url, {
    method: "POST",
    body: form({
      headers: "Message-ID: <d@customer.example>\nIn-Reply-To:\n <a@x>\nSubject: Hi\n",
      from: "Ann <ann@customer.example>",
      to: "x+7@parse.example.com",
      subject: "Hi",
      text: "there",
      envelope: '{"to":["x+7@parse.example.com"],"from":"ann@customer.example"}',
      spam_score: "0.1",
      attachments: "1",
      attachment1: new File(["hi"], "c.txt", { type: "text/plain" }),
    }),
  });
  const bytes = new Uint8Array(await request.arrayBuffer());
  const signature = new Uint8Array(
    await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      keys.privateKey,
      new Uint8Array([...utf8(timestamp), ...bytes]),
    ),
  );
  const headers = {
    "content-type": request.headers.get("content-type")!,
    "x-twilio-email-event-webhook-timestamp": timestamp,
    "x-twilio-email-event-webhook-signature": der(signature).toBase64(),
  };
  const parsed = await json(send(sendgrid.url, bytes, headers), 200);
  assert.deepEqual(started(parsed), [all.id]);
  const mailOf = await output(ann, parsed);
  assert.deepEqual([mailOf.tag, mailOf.message_id, mailOf.in_reply_to, mailOf.spam, mailOf.attachments[0].filename], [
    "7",
    "<d@customer.example>",
    "<a@x>",
    { is_spam: false, score: 0.1 },
    "c.txt",
  ]);
  bytes[bytes.length - 1]! ^= 1;
  await refused(send(sendgrid.url, bytes, headers));
});

/** WebCrypto's signature as SendGrid sends it. */
function der(signature: Uint8Array): Uint8Array {
  const number = (digits: Uint8Array) => {
    const first = digits.findIndex((digit) => digit !== 0);
    const trimmed = [...digits.subarray(first)];
    if (trimmed[0]! >= 0x80) trimmed.unshift(0);
    return [2, trimmed.length, ...trimmed];
  };
  const both = [...number(signature.subarray(0, 32)), ...number(signature.subarray(32))];
  return new Uint8Array([0x30, both.length, ...both]);
}

// webhooks that ask for more than their URL

Deno.test("a webhook takes only what proves what it asks for, and shows nobody the secret", async () => {
  const ann = await signUp("ann");
  const body = '{"n":1}';
  const cases: [config: Record<string, unknown>, prove: (secret: string) => Promise<Record<string, string>>][] = [
    [
      { type: "basic", username: "ann" },
      (secret) => Promise.resolve({ authorization: `Basic ${btoa(`ann:${secret}`)}` }),
    ],
    [{ type: "header", header: "X-Signed" }, (secret) => Promise.resolve({ "x-signed": secret })],
    [
      { type: "hmac", header: "X-Mac", prefix: "sha256=" },
      async (secret) => ({ "x-mac": `sha256=${await signed(secret, body)}` }),
    ],
    [{ type: "standard_webhooks" }, async (secret) => {
      const at = String(Math.floor(Date.now() / 1000));
      const mac = await hmac("SHA-256", Uint8Array.fromBase64(secret.slice(6)), utf8(`msg_1.${at}.${body}`));
      return { "webhook-id": "msg_1", "webhook-timestamp": at, "webhook-signature": `v1,${mac.toBase64()}` };
    }],
  ];
  for (const [config, prove] of cases) {
    const name = String(config.type);
    const hook = await integration(ann, "webhook", { config });
    assert.equal(hook.url, null, "its triggers have URLs");
    const { id, url } = await listen(ann, "WEBHOOK", hook, { path: "in", raw_body: true });
    const headers = { "content-type": "application/json", ...await prove(hook.secret) };
    const { execution_id } = await json(send(url!, body, headers), 202);
    const seen = (await json(call(`execute/${execution_id}`, ann), 200)).execution.output.got;
    assert.deepEqual([seen.body, seen.raw_body], [{ n: 1 }, body], name);
    assert.ok(!JSON.stringify(seen).includes(hook.secret), `${name} shows the secret`);
    await refused(send(url!, body, { "content-type": "application/json" }));
    await refused(
      send(url!, body, { "content-type": "application/json", ...await prove(`whsec_${btoa("another one, as long")}`) }),
    );
    if (name === "hmac" || name === "standard_webhooks") await refused(send(url!, '{"n":2}', headers));
    // refused before it is read
    await refused(send(url!, "{", { "content-type": "application/json" }));
    data(await ann.client.rpc("update_integration", { integration_id: hook.id, is_active: false }));
    await refused(send(url!, body, headers), 409, "integration_inactive");
    const executions = data(await ann.client.from("workflow_executions").select("id").eq("workflow_id", id));
    assert.equal(executions.length, 1, name);
    if (name === "hmac") assert.equal(seen.headers["x-mac"], undefined, "it would be good again");
  }
});

Deno.test("a webhook can wait for what its workflow answers", async () => {
  const ann = await signUp("ann");
  const flow = async (mode: string, ...nodes: Node[]) => {
    const hook: Node = {
      id: "hook",
      type: "TRIGGER",
      subtype: "WEBHOOK",
      parameters: { path: "in", response_mode: mode },
    };
    const id = await createWorkflow(ann, chain(hook, ...nodes));
    return (await json(call("deploy", ann, { json: { workflow_id: id } }), 200)).triggers[0].url as string;
  };
  const headers = { "content-type": "application/json" };
  const noop: Node = { id: "slow", type: "ACTION", subtype: "NOOP" };
  const transform: Node = {
    id: "end",
    type: "ACTION",
    subtype: "TRANSFORM",
    parameters: { output: { n: "{{ $.trigger.body.n }}" } },
  };

  const last = await flow("last_node", noop, transform);
  assert.deepEqual(await json(send(last, '{"n":5}', headers), 200), { end: { n: 5 } });
  const keyed = { ...headers, "idempotency-key": "k" };
  assert.deepEqual(await json(send(last, '{"n":6}', keyed), 200), { end: { n: 6 } });
  assert.deepEqual(
    await json(send(last, '{"n":6}', { ...keyed, "x-attempt": "2" }), 200),
    { end: { n: 6 } },
    "delivered again, answered the same",
  );
  const other = await json(send(last, '{"n":7}', keyed), 202);
  assert.deepEqual(
    [Object.keys(other).sort(), other.duplicate],
    [["duplicate", "execution_id", "status"], true],
    "another request with its key is not shown what that one was answered",
  );

  const respond = await flow("respond", noop, {
    id: "answer",
    type: "FLOW",
    subtype: "RESPOND",
    parameters: {
      status: 201,
      headers: {
        "X-Ours": "yes",
        "Set-Cookie": "a=b",
        "Content-Length": "3",
        "Access-Control-Allow-Origin": "https://x",
      },
      body: { got: "{{ $.trigger.body.n }}" },
    },
  }, { id: "later", type: "FLOW", subtype: "WAIT", parameters: { seconds: 3600 } });
  const response = await send(respond, '{"n":8}', headers);
  assert.deepEqual([response.status, await response.json()], [201, { got: 8 }], "as soon as it responds");
  assert.deepEqual(
    ["x-ours", "set-cookie", "access-control-allow-origin", "content-security-policy"].map((name) =>
      response.headers.get(name)
    ),
    ["yes", null, "*", "sandbox"],
  );

  const failing = await flow("last_node", {
    id: "stop",
    type: "FLOW",
    subtype: "STOP",
    parameters: { status: "ERROR", message: "our secret reason" },
  });
  const failed = await send(failing, "{}", headers);
  const text = await failed.text();
  assert.equal(failed.status, 500);
  assert.equal(JSON.parse(text).error.code, "execution_failed");
  assert.ok(!text.includes("secret reason"), text);
});

Deno.test("integrations are made, listed and deleted by their admins, with every problem of a secret told", async () => {
  const ann = await signUp("ann");
  const make = (body: unknown) => call("deploy/integrations", ann, { json: body });
  const paths = async (body: unknown) => {
    const { error } = await json(make(body), 422);
    return error.details.problems.map((problem: { path: string }) => problem.path);
  };
  assert.deepEqual(await paths({ provider: "slack", name: "x" }), ["$.secret"]);
  assert.deepEqual(await paths({ provider: "slack", name: "x", secret: "short" }), ["$.secret"]);
  assert.deepEqual(await paths({ provider: "resend", name: "x", secret: "whsec_?" }), ["$.secret", "$.api_key"]);
  assert.deepEqual(await paths({ provider: "sendgrid", name: "x", secret: "no key" }), ["$.secret"]);
  assert.deepEqual(await paths({ provider: "github", name: "x", api_key: "k" }), ["$.api_key"]);
  assert.deepEqual(await paths({ provider: "webhook", name: "x", config: { type: "hmac" } }), ["$.config.header"]);
  assert.deepEqual(await paths({ provider: "gitlab", name: "" }), ["$.provider", "$.name"]);

  const hook = await integration(ann, "github");
  assert.match(hook.secret, /^[\w-]{43}$/);
  assert.equal(hook.url, `${stack().url}/functions/v1/execute/hooks/github/${hook.id}`);
  const text = JSON.stringify(await json(call("deploy/integrations", ann), 200));
  assert.ok(text.includes(hook.id) && !text.includes(hook.secret));
  const flow = await listen(ann, "GITHUB", hook);
  const remove = () => call(`deploy/integrations/${hook.id}`, ann, { method: "DELETE" });
  const { error } = await json(remove(), 409);
  assert.deepEqual([error.code, error.details.workflows], ["integration_in_use", [flow.id]]);
});
