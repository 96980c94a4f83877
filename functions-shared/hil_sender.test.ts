import assert from "node:assert/strict";
import { fakeMail, mailKeys } from "./channels/email.testing.ts";
import type { OutboxRow } from "./channels/message.ts";
import { outboxRow, project } from "./channels/messages.testing.ts";
import { fakeSlack } from "./channels/slack.testing.ts";
import { keyRing, newFernetKey } from "./fernet.ts";
import {
  type Account,
  createSender,
  type Outbox,
  type SenderOptions,
  type SendingIntegration,
  type SendResult,
  withSender,
} from "./hil_sender.ts";
import { testServer } from "./nodes/http_server.testing.ts";
import { newStandardSecret } from "./signatures/standard_webhooks.ts";
import type { Worker } from "./worker.ts";

const keys = keyRing([newFernetKey()]);
const botToken = "xoxb-test-token";

async function integration(more: Partial<SendingIntegration>, secrets: Record<string, string>) {
  return {
    id: outboxRow().integration_id!,
    workspace_id: outboxRow().workspace_id,
    provider: "slack",
    external_id: null,
    config: {},
    is_active: true,
    ...more,
    secrets: await Promise.all(
      Object.entries(secrets).map(async ([purpose, secret]) => ({ purpose, ciphertext: await keys.encrypt(secret) })),
    ),
  };
}

/** Stands in for the SQL verbs. */
function outbox(rows: OutboxRow[], account: Account) {
  const results: SendResult[] = [];
  const claims: number[] = [];
  const fake: Outbox = {
    claim(_, most) {
      claims.push(most);
      return Promise.resolve(rows.splice(0, most));
    },
    finish(_, given) {
      results.push(...given);
      return Promise.resolve();
    },
    account: () => Promise.resolve(account),
  };
  return { fake, results, claims, rows };
}

function sender(fake: Outbox, more: Partial<SenderOptions> = {}) {
  const lines: string[] = [];
  const log = (event: string, fields: Record<string, unknown>) => lines.push(JSON.stringify({ event, ...fields }));
  const made = createSender({ outbox: fake, keys, projectUrl: project, lingerMs: 0, log, ...more });
  return { ...made, lines };
}

Deno.test("a wake sends all that is due, each by its channel, and tells how it went", async () => {
  await using slack = fakeSlack();
  await using mail = fakeMail();
  await using hook = testServer(() => new Response(null, { status: 204 }));
  const allowedHosts = [slack.host, mail.host, "127.0.0.1"];
  const accounts: Record<string, SendingIntegration> = {
    slack: await integration({ config: { api_url: slack.url } }, {
      api_key: botToken,
      signing: "unused-signing-secret",
    }),
    email: await integration({ provider: "postmark", config: { api_url: mail.url, from: "a@example.com" } }, {
      api_key: mailKeys.postmark,
    }),
    webhook: await integration({ provider: "webhook", config: { type: "standard_webhooks" } }, {
      signing: newStandardSecret(),
    }),
  };
  const rows = [
    outboxRow({ channel: "slack", integration_id: "slack" }),
    outboxRow({ channel: "email", integration_id: "email", recipient: "ana@example.com" }),
    outboxRow({ channel: "webhook", integration_id: "webhook", recipient: hook.url }),
    ...Array.from({ length: 30 }, () => outboxRow({ channel: "slack", integration_id: "slack" })),
  ];
  const ids = rows.map(({ id }) => id);
  const { fake, results, claims } = outbox(rows, { integration: null, allowedHosts });
  fake.account = (_, id) => Promise.resolve({ integration: accounts[id!]!, allowedHosts });
  const { wake, lines } = sender(fake, { capacity: 10 });
  await wake();
  assert.deepEqual(lines, []);
  assert.deepEqual(results.map(({ id }) => id).sort(), ids.sort());
  assert.ok(results.every(({ status, external_id, thread }) => status === "sent" && external_id && thread));
  assert.deepEqual([slack.posts.length, mail.mails.length, hook.received.length], [31, 1, 1]);
  assert.equal(claims[0], 10);
  assert.ok(claims.every((most) => most >= 1 && most <= 10));
  assert.ok(claims.length < 20, "not a question for each message");
});

Deno.test("what a retry mends is told apart, and nothing secret is in errors and logs", async () => {
  await using slack = fakeSlack();
  const account = {
    integration: await integration({ config: { api_url: slack.url } }, { api_key: botToken }),
    allowedHosts: [slack.host],
  };
  const row = outboxRow();
  const { fake, results, rows } = outbox([row], account);
  // a provider that repeats what it was sent
  const echo = {
    ok: false,
    error: "invalid_blocks",
    response_metadata: { messages: [`Bearer ${botToken} ${row.token}`] },
  };
  slack.next.push(() => Response.json(echo));
  const { wake, lines } = sender(fake);
  await wake();
  rows.push(row);
  slack.next.push(() => new Response(null, { status: 429, headers: { "retry-after": "9" } }));
  await wake();
  assert.deepEqual(
    results.map(({ status, error, retry_after_seconds }) => [status, error!.code, retry_after_seconds]),
    [
      ["failed", "slack_invalid_blocks", undefined],
      ["retry", "slack_429", 9],
    ],
  );
  assert.equal(results[0]!.error!.details!.said, "Bearer *** ***");
  const all = JSON.stringify([results, lines]);
  for (const secret of [botToken, row.token!]) assert.ok(!all.includes(secret));
  assert.equal(lines.length, 2);
});

Deno.test("an integration must be the workspace's own, active, of the channel, and have a key", async () => {
  await using slack = fakeSlack();
  const config = { api_url: slack.url };
  const secrets = { api_key: botToken };
  const other = keyRing([newFernetKey()]);
  const lost = await integration({ config }, {});
  lost.secrets.push({ purpose: "api_key", ciphertext: await other.encrypt(botToken) });
  const faulty: [SendingIntegration | null, string, string][] = [
    [null, "failed", "integration_missing"],
    [await integration({ config, workspace_id: crypto.randomUUID() }, secrets), "failed", "integration_missing"],
    [await integration({ config, provider: "resend" }, secrets), "failed", "integration_missing"],
    [await integration({ config, is_active: false }, secrets), "failed", "integration_inactive"],
    [await integration({ config }, { signing: "only-a-signing-secret" }), "failed", "integration_incomplete"],
    [lost, "retry", "encryption_unavailable"],
  ];
  for (const [given, status, code] of faulty) {
    const { fake, results } = outbox([outboxRow()], { integration: given, allowedHosts: [slack.host] });
    await sender(fake).wake();
    assert.deepEqual([results[0]!.status, results[0]!.error!.code], [status, code]);
  }
  const hmac = await integration({ provider: "webhook", config: { type: "hmac" } }, { signing: "secret-of-hmac-type" });
  const { fake, results } = outbox([outboxRow({ channel: "webhook" })], { integration: hmac, allowedHosts: [] });
  await sender(fake).wake();
  assert.equal(results[0]!.error!.code, "integration_missing");
  assert.equal(slack.calls.length, 0);
});

Deno.test("what has ended meanwhile is not asked any more", async () => {
  await using slack = fakeSlack();
  const account = {
    integration: await integration({ config: { api_url: slack.url } }, { api_key: botToken }),
    allowedHosts: [slack.host],
  };
  const { fake, results } = outbox([outboxRow({ token: null })], account);
  await sender(fake).wake();
  assert.deepEqual([results[0]!.status, results[0]!.error!.code], ["failed", "interaction_ended"]);
  assert.equal(slack.calls.length, 0);
});

Deno.test("a provider that does not answer is given up in time, and the others are told meanwhile", async () => {
  const hang = Promise.withResolvers<Response>();
  await using hook = testServer(async (request) =>
    request.url.endsWith("/slow") ? await hang.promise : new Response(null, { status: 204 })
  );
  const account = {
    integration: await integration({ provider: "webhook", config: { type: "standard_webhooks" } }, {
      signing: newStandardSecret(),
    }),
    allowedHosts: ["127.0.0.1"],
  };
  const rows = ["slow", "fast"].map((path) => outboxRow({ channel: "webhook", recipient: `${hook.url}/${path}` }));
  const { fake, results } = outbox(rows, account);
  await sender(fake, { timeoutMs: 300 }).wake();
  hang.resolve(new Response());
  assert.deepEqual(results.map(({ status, error }) => [status, error?.code]), [["sent", undefined], [
    "retry",
    "timeout",
  ]]);
});

Deno.test("a slow provider holds up nobody else", async () => {
  const hang = Promise.withResolvers<Response>();
  await using hook = testServer(async (request) =>
    request.url.endsWith("/slow") ? await hang.promise : new Response(null, { status: 204 })
  );
  const account = {
    integration: await integration({ provider: "webhook", config: { type: "standard_webhooks" } }, {
      signing: newStandardSecret(),
    }),
    allowedHosts: ["127.0.0.1"],
  };
  const rows = ["slow", ...Array(20).fill("fast")].map((path) =>
    outboxRow({ channel: "webhook", recipient: `${hook.url}/${path}` })
  );
  const { fake, results } = outbox(rows, account);
  const done = sender(fake, { capacity: 2, timeoutMs: 5_000 }).wake();
  for (let waited = 0; results.length < 20 && waited < 4_000; waited += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(results.length, 20);
  hang.resolve(new Response(null, { status: 204 }));
  await done;
  assert.deepEqual(results.map(({ status }) => status), Array(21).fill("sent"));
});

Deno.test("one result that the database refuses does not lose the others", async () => {
  await using slack = fakeSlack();
  const account = {
    integration: await integration({ config: { api_url: slack.url } }, { api_key: botToken }),
    allowedHosts: [slack.host],
  };
  const rows = Array.from({ length: 6 }, () => outboxRow());
  const bad = rows[3]!.id;
  const { fake, results } = outbox(rows, account);
  const { finish } = fake;
  const batches: number[] = [];
  fake.finish = async (worker, batch) => {
    batches.push(batch.length);
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (batch.some(({ id }) => id === bad)) throw Object.assign(new Error("odd"), { code: "22P05", severity: "ERROR" });
    await finish(worker, batch);
  };
  await sender(fake).wake();
  assert.equal(results.length, 5);
  assert.ok(Math.max(...batches) > 1);
});

Deno.test("a result is told again when the connection was lost, and claims are tried again", async () => {
  await using slack = fakeSlack();
  const account = {
    integration: await integration({ config: { api_url: slack.url } }, { api_key: botToken }),
    allowedHosts: [slack.host],
  };
  const { fake, results } = outbox([outboxRow()], account);
  const loss = Object.assign(new Error("gone"), { code: "CONNECTION_CLOSED" });
  const { claim, finish } = fake;
  let losses = 0;
  fake.claim = (...given) => losses++ === 0 ? Promise.reject(loss) : claim(...given);
  fake.finish = (...given) => losses++ === 2 ? Promise.reject(loss) : finish(...given);
  const { wake, lines } = sender(fake, { lingerMs: 100, pollMs: { least: 5, most: 5 } });
  await wake();
  assert.deepEqual(results.map(({ status }) => status), ["sent"]);
  assert.equal(slack.posts.length, 1);
  assert.equal(lines.length, 1);
});

Deno.test("without an outbox it gives up quietly, and looks again at the next wake", async () => {
  const { fake, claims } = outbox([], { integration: null, allowedHosts: [] });
  const { claim } = fake;
  let calls = 0;
  fake.claim = (...given) =>
    calls++ < 3 ? Promise.reject(Object.assign(new Error("no schema hil"), { code: "3F000" })) : claim(...given);
  const { wake, lines } = sender(fake, { lingerMs: 1_000, pollMs: { least: 1, most: 1 } });
  await wake();
  assert.deepEqual([calls, lines.length, claims.length], [3, 1, 0]);
  const again = sender(fake);
  await again.wake();
  assert.equal(claims.length, 1);
});

Deno.test("a wake during a run is not lost, and none claims when its time is over", async () => {
  await using slack = fakeSlack();
  const account = {
    integration: await integration({ config: { api_url: slack.url } }, { api_key: botToken }),
    allowedHosts: [slack.host],
  };
  const { fake, results, rows, claims } = outbox([outboxRow()], account);
  const { finish } = fake;
  let open = true;
  const { wake, stop } = sender(fake, { mayClaim: () => open });
  fake.finish = async (...given) => {
    await finish(...given);
    if (results.length > 1) return;
    rows.push(outboxRow());
    void wake();
  };
  await wake();
  assert.equal(results.length, 2);
  const before = claims.length;
  open = false;
  await wake();
  open = true;
  await stop();
  await wake();
  assert.equal(claims.length, before);
});

Deno.test("a worker's wake sends too: at once, and what its tasks brought about", async () => {
  await using slack = fakeSlack();
  const account = {
    integration: await integration({ config: { api_url: slack.url } }, { api_key: botToken }),
    allowedHosts: [slack.host],
  };
  const { fake, results, rows } = outbox([outboxRow()], account);
  const stopped: string[] = [];
  const tasks: Worker = {
    accepting: true,
    async wake() {
      while (results.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      rows.push(outboxRow());
    },
    stop: () => Promise.resolve(void stopped.push("tasks")),
  };
  const { wake, stop } = sender(fake);
  const both = withSender(tasks, { wake, stop });
  assert.equal(both.accepting, true);
  await both.wake();
  assert.equal(results.length, 2);
  await both.stop();
  assert.deepEqual(stopped, ["tasks"]);
});
