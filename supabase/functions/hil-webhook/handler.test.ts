// Where links lead by environment, what of them is logged, and what a click in Slack waits for and is told.
import assert from "node:assert/strict";
import { createAuthenticator } from "shared/auth.ts";
import type { Database } from "shared/db.ts";
import { keyRing, newFernetKey } from "shared/fernet.ts";
import { hmac } from "shared/signatures/hmac.ts";
import { environment } from "shared/tokens.testing.ts";
import { createHilWebhookApp, type HilWebhookDependencies } from "./handler.ts";

const id = "0198c0de-0000-4000-8000-000000000001";
const interaction = "0198c0de-0000-7000-8000-000000000002";
const token = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst";
const keys = keyRing([newFernetKey()]);
const secret = "a secret of Slack's";

async function build(
  answers: Record<string, () => unknown>,
  more: Partial<HilWebhookDependencies> = {},
) {
  const calls: { verb: string; values: unknown[] }[] = [];
  const logged: string[] = [];
  const integration = {
    id,
    provider: "slack",
    external_id: "T1",
    config: {},
    secrets: [{ purpose: "signing", ciphertext: await keys.encrypt(secret) }],
  };
  const all: Record<string, () => unknown> = {
    "integrations.for_delivery": () => integration,
    "triggers.admit_delivery": () => null,
    "hil.admit": () => null,
    ...answers,
  };
  const database = {
    sql: async (parts: TemplateStringsArray, ...values: unknown[]) => {
      const verb = /select (\w+\.\w+)/.exec(parts.join("?"))![1]!;
      calls.push({ verb, values });
      return [{ answer: await all[verb]!() }];
    },
    ping: () => Promise.resolve(),
  } as unknown as Database;
  const app = createHilWebhookApp({
    url: "http://project.test",
    authenticate: createAuthenticator(environment),
    database,
    keys,
    log: (line) => logged.push(JSON.stringify(line)),
    ...more,
  });
  return { app, calls, logged };
}

const open = {
  state: "open",
  interaction: { interaction_id: interaction, type: "approval", title: "Refund?", timeout_at: "2026-12-21T10:00:00Z" },
  assignee: { email: "manager@example.com" },
};
const html = { headers: { accept: "text/html" } };

Deno.test("a hosted project leads browsers to its page, with the token where no server sees it", async () => {
  const pageUrl = "https://pages.example/respond.html";
  const { app, calls } = await build({ "hil.show": () => open }, { url: "https://x.supabase.co", pageUrl });
  const led = await app.request(`/hil-webhook/respond/${token}`, html);
  assert.deepEqual([led.status, led.headers.get("location")], [303, `${pageUrl}#${token}`]);
  assert.equal(led.headers.get("referrer-policy"), "no-referrer");
  assert.equal(calls.length, 0, "looking at it is the page's");
  assert.equal((await (await app.request(`/hil-webhook/respond/${token}`)).json()).title, "Refund?");

  const without = await build({ "hil.show": () => open }, { url: "https://x.supabase.co" });
  const json = await without.app.request(`/hil-webhook/respond/${token}`, html);
  assert.match(json.headers.get("content-type")!, /^application\/json/);
  const { assignee, ...shown } = await json.json();
  assert.deepEqual([shown.title, assignee], ["Refund?", undefined]);

  const own = await build({ "hil.show": () => open }, { url: "https://api.example.com" });
  const page = await own.app.request(`/hil-webhook/respond/${token}`, html);
  assert.match(page.headers.get("content-type")!, /^text\/html/);
});

Deno.test("no log line has a token in it, also where the request fails", async () => {
  const { app, logged } = await build({
    "hil.show": () => {
      throw new Error("broken");
    },
  });
  const failed = await app.request(`/hil-webhook/respond/${token}`);
  assert.deepEqual([failed.status, failed.headers.get("cache-control")], [500, "no-store"]);
  assert.equal(logged.length, 2);
  assert.ok(!logged.join().includes(token.slice(0, 8)), logged.join());
});

Deno.test("a link that is asked for too often looks nothing up", async () => {
  const { app, calls } = await build({ "hil.admit": () => 7 });
  for (const method of ["GET", "POST"]) {
    const body = method === "POST" ? JSON.stringify({ decision: "approve" }) : null;
    const refused = await app.request(`/hil-webhook/respond/${token}`, {
      method,
      body,
      headers: { "content-type": "application/json" },
    });
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "7"]);
  }
  assert.deepEqual([...new Set(calls.map(({ verb }) => verb))], ["hil.admit"]);
});

Deno.test("what is sent to a link is JSON or a form, of known fields", async () => {
  const { app, calls } = await build({});
  const send = async (type: string, body: string) => {
    const answer = await app.request(`/hil-webhook/respond/${token}`, {
      method: "POST",
      body,
      headers: { "content-type": type },
    });
    return [answer.status, (await answer.json()).error.code];
  };
  assert.deepEqual(await send("text/plain", '{"decision":"approve"}'), [415, "unsupported_media_type"]);
  assert.deepEqual(await send("application/json", "{"), [400, "json_invalid"]);
  assert.deepEqual(await send("application/json", '{"decision":"yes"}'), [422, "request_invalid"]);
  assert.deepEqual(await send("application/json", '{"decision":"approve","by":"me"}'), [422, "request_invalid"]);
  assert.deepEqual(await send("application/json", " ".repeat(1024 * 1024 + 1)), [413, "body_too_large"]);
  assert.deepEqual(calls, []);
});

async function click(app: Awaited<ReturnType<typeof build>>["app"], payload: Record<string, unknown>) {
  const body = new URLSearchParams({
    payload: JSON.stringify({
      type: "block_actions",
      team: { id: "T1" },
      user: { id: "U1" },
      channel: { id: "C1" },
      message: { ts: "1.1", blocks: [{ text: `/respond/${token}` }] },
      token: "old",
      response_url: "https://hooks.slack.com/actions/x",
      trigger_id: "t1",
      actions: [{ action_id: `hil:approve:${interaction}` }],
      ...payload,
    }),
  }).toString();
  const at = String(Math.floor(Date.now() / 1000));
  const text = new TextEncoder().encode(`v0:${at}:${body}`);
  const key = new TextEncoder().encode(secret);
  const signature = [...await hmac("SHA-256", key, text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return await app.request(`/hil-webhook/slack/${id}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": at,
      "x-slack-signature": `v0=${signature}`,
    },
  });
}

Deno.test("who clicks too late in Slack is told so, alone; whose click counts sees the message change", async () => {
  const told: string[] = [];
  const tellSlack = (url: string, text: string) => Promise.resolve(void told.push(`${url} ${text}`));
  const late = { response_id: id, status: "matched", result: "too_late", message: "It was over: approved" };
  const { app, calls } = await build({ "hil.receive_delivery": () => late }, { tellSlack });
  const answer = await click(app, {});
  assert.deepEqual([answer.status, await answer.text()], [200, ""]);
  assert.deepEqual(told, ["https://hooks.slack.com/actions/x It was over: approved"]);
  const [provider, integration, messageId, raw, , hints] = calls.at(-1)!.values as string[];
  assert.deepEqual([provider, integration, messageId], ["slack", id, "t1"]);
  assert.ok(!/old|hooks\.slack|abcdefgh/.test(raw!), "neither secrets of the conversation nor tokens are kept");
  assert.deepEqual(JSON.parse(hints!), {
    action: { interaction_id: interaction, value: "approve" },
    slack: { team: "T1", channel: "C1", thread_ts: "1.1", user: "U1" },
    decision: "approve",
  });

  const counted = await build({ "hil.receive_delivery": () => ({ ...late, result: "decided" }) }, { tellSlack });
  await click(counted.app, {});
  assert.equal(told.length, 1);
});

Deno.test("Slack is answered in time, whatever the database does", async () => {
  const slow = Promise.withResolvers<unknown>();
  const told = Promise.withResolvers<string>();
  const { app } = await build({ "hil.receive_delivery": () => slow.promise }, {
    slackPatienceMs: 20,
    tellSlack: (_, text) => Promise.resolve(told.resolve(text)),
  });
  assert.equal((await click(app, {})).status, 200);
  slow.resolve({ response_id: id, status: "error", message: "Somebody else was asked" });
  assert.equal(await told.promise, "Somebody else was asked");
});

const fields = {
  "hil:field:name": { string: { type: "plain_text_input", value: "Ana" } },
  "hil:field:count": { integer: { type: "number_input", value: "3" } },
  "hil:field:sizes": { list: { type: "multi_static_select", selected_options: [{ value: '"s"' }, { value: "2" }] } },
  "hil:field:due": { date: { type: "datepicker", selected_date: null } },
  "hil:field:sure": { boolean: { type: "checkboxes", selected_options: [] } },
  "hil:comment": { comment: { type: "plain_text_input", value: "ok" } },
};
const submitted = {
  type: "view_submission",
  actions: undefined,
  view: {
    id: "V1",
    callback_id: "hil:form",
    private_metadata: JSON.stringify({ interaction_id: interaction }),
    blocks: Object.keys(fields).map((block_id) => ({ type: "input", block_id })),
    state: { values: fields },
  },
};

Deno.test("a modal's inputs are the answer, and its person sees at the inputs what is wrong with it", async () => {
  const invalid = {
    response_id: id,
    status: "error",
    result: "invalid",
    message: "is too big",
    problems: [
      { code: "parameter_value", message: "is too big", path: "$.data.count" },
      { code: "parameter_missing", message: "order id is required", path: '$.data."order id"' },
    ],
  };
  const { app, calls } = await build({ "hil.receive_delivery": () => invalid });
  const answer = await click(app, submitted);
  assert.deepEqual(await answer.json(), {
    response_action: "errors",
    errors: { "hil:field:count": "is too big", "hil:field:name": "order id is required" },
  });
  const hints = JSON.parse(calls.at(-1)!.values[5] as string);
  assert.deepEqual([hints.decision, hints.data, hints.comment], [
    "answer",
    { name: "Ana", count: 3, sizes: ["s", 2], sure: false },
    "ok",
  ]);
  const others = await click(app, { ...submitted, view: { ...submitted.view, callback_id: "another app's" } });
  assert.equal(await others.text(), "");
});

Deno.test("a modal closes, or says why its answer changed nothing, and never waits too long", async () => {
  const answers: [unknown, RegExp][] = [
    [{ status: "matched", result: "decided" }, /^\{"response_action":"clear"\}$/],
    [{ status: "matched", result: "too_late", message: "It was over: answered" }, /"update".*Not counted.*It was over/],
    [{ status: "error", result: "invalid", message: "too large" }, /"update".*Not counted.*too large/],
  ];
  for (const [received, told] of answers) {
    const { app } = await build({ "hil.receive_delivery": () => received });
    assert.match(await (await click(app, submitted)).text(), told);
  }
  const slow = Promise.withResolvers<unknown>();
  const { app } = await build({ "hil.receive_delivery": () => slow.promise }, { slackPatienceMs: 20 });
  assert.match(await (await click(app, submitted)).text(), /"update".*takes longer/);
  slow.resolve(null);
});

Deno.test("who may not fill in a form is told so, alone, and Slack is not asked for it", async () => {
  for (
    const [found, told] of [
      [null, /no such question/],
      [{ state: "forbidden" }, /Somebody else/],
      [{ state: "decided" }, /is over/],
      // without a key that could open it
      [{ state: "open", interaction: { type: "input" }, allowed_hosts: [] }, /use the page/],
    ] as const
  ) {
    const texts: string[] = [];
    const { app, calls } = await build({ "hil.form_for": () => found }, {
      tellSlack: (_, text) => Promise.resolve(void texts.push(text)),
    });
    const answer = await click(app, { actions: [{ action_id: `hil:form:${interaction}` }] });
    assert.deepEqual([answer.status, await answer.text()], [200, ""]);
    assert.match(texts.join(), told);
    assert.deepEqual(calls.at(-1)!.values.slice(0, 2), [id, interaction]);
    assert.ok(!calls.some(({ verb }) => verb === "hil.receive_delivery"), "nothing was answered");
  }
});
