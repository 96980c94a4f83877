// The order of things in a hook: who sends it is known before anything of it is read, kept or started.
import assert from "node:assert/strict";
import { createAuthenticator } from "shared/auth.ts";
import type { Database } from "shared/db.ts";
import { utf8 } from "shared/encoding.ts";
import { keyRing, newFernetKey } from "shared/fernet.ts";
import { hmac } from "shared/signatures/hmac.ts";
import { newStandardSecret, standardKey } from "shared/signatures/standard_webhooks.ts";
import { environment } from "shared/tokens.testing.ts";
import { createExecuteApp } from "./handler.ts";
import type { WebhookState } from "./webhook_response.ts";

const id = "0198c0de-0000-4000-8000-000000000001";
const triggerId = "0198c0de-0000-4000-8000-000000000002";
const executionId = "0198c0de-0000-7000-8000-000000000003";
const keys = keyRing([newFernetKey()]);

interface World {
  provider: string;
  config: Record<string, unknown>;
  secrets: Record<string, string>;
  /** Without it the key ring cannot read the secrets. */
  lostKeys: boolean;
  wait: number | null;
  webhook: { response_mode: string; raw_body: boolean; integration: unknown } | null;
  states: WebhookState[];
  /** False: a key was sent before with another request. */
  sameRequest: boolean;
  resendUrl: string;
  maximumWaitMs: number;
}

async function build(world: Partial<World>) {
  const verbs: string[] = [];
  const values: unknown[][] = [];
  const integration = world.provider
    ? {
      id,
      provider: world.provider,
      external_id: null,
      config: world.config ?? {},
      is_active: true,
      secrets: await Promise.all(
        Object.entries(world.secrets ?? {}).map(async ([purpose, secret]) => ({
          purpose,
          ciphertext: await keys.encrypt(secret),
        })),
      ),
    }
    : null;
  const states = [...world.states ?? []];
  const answers: Record<string, (given: unknown[]) => unknown> = {
    "integrations.for_delivery": () => integration,
    "triggers.admit_delivery": () => world.wait ?? null,
    // only replies are asked for
    "hil.receive_delivery": (given) => given.at(-1) === true ? null : { interaction_id: id },
    "triggers.receive_event": () => ({ executions: [] }),
    "triggers.webhook_config": () =>
      world.webhook === undefined ? { response_mode: "async", raw_body: false, integration } : world.webhook,
    "triggers.receive_webhook": () => ({
      execution_id: executionId,
      status: "RUNNING",
      duplicate: !(world.sameRequest ?? true),
      same_request: world.sameRequest ?? true,
    }),
    "engine.webhook_response": () => states.length > 1 ? states.shift() : states[0],
  };
  const database = {
    sql: (parts: TemplateStringsArray, ...given: unknown[]) => {
      const verb = /select (\w+\.\w+)/.exec(parts.join("?"))![1]!;
      verbs.push(verb);
      values.push(given);
      return Promise.resolve([{ answer: answers[verb]!(given) }]);
    },
    ping: () => Promise.resolve(),
  } as unknown as Database;
  const app = createExecuteApp({
    url: "http://project.test",
    authenticate: createAuthenticator(environment),
    database,
    worker: { accepting: true, wake: () => Promise.resolve() },
    keys: world.lostKeys ? keyRing([newFernetKey()]) : keys,
    log: () => {},
    resendUrl: world.resendUrl,
    maximumWaitMs: world.maximumWaitMs,
  });
  const post = async (path: string, body: BodyInit, headers: HeadersInit = {}) =>
    await app.request(`/execute/hooks/${path}`, { method: "POST", body, headers });
  return { post, verbs, values };
}

const codeOf = async (response: Response) => [response.status, (await response.json()).error.code];
const secret = "a secret of GitHub's";
const signature = async (body: string) => `sha256=${(await hmac("SHA-256", utf8(secret), utf8(body))).toHex()}`;

Deno.test("an unsigned request reaches nothing but the integration's row, however it is broken", async () => {
  const { post, verbs } = await build({ provider: "github", secrets: { signing: secret } });
  for (
    const [body, headers] of [
      ["{}", {}],
      ["not json", { "x-hub-signature-256": "sha256=00" }],
      ["{}", { "x-hub-signature-256": await signature("{} ") }],
      ["", { "x-hub-signature-256": "" }],
    ] as const
  ) assert.deepEqual(await codeOf(await post(`github/${id}`, body, headers)), [401, "signature_invalid"]);
  assert.deepEqual([...new Set(verbs)], ["integrations.for_delivery"]);
});

Deno.test("no integration, another provider's, and a wrong signature are told the same", async () => {
  const answer = async (world: Partial<World>) => {
    const { post } = await build(world);
    const response = await post(`github/${id}`, "{}", {
      "x-hub-signature-256": await signature("x"),
      "x-request-id": "request-1",
    });
    return [response.status, await response.json()];
  };
  const wrong = await answer({ provider: "github", secrets: { signing: secret } });
  assert.deepEqual(await answer({}), wrong);
  assert.deepEqual(await answer({ provider: "slack", secrets: { signing: secret } }), wrong);
});

Deno.test("a body is refused as soon as it is too large, signed or not", async () => {
  const { post, verbs } = await build({ provider: "github", secrets: { signing: secret } });
  assert.deepEqual(await codeOf(await post(`github/${id}`, "x".repeat(1024 * 1024 + 1))), [413, "body_too_large"]);
  assert.deepEqual(verbs, ["integrations.for_delivery"]);
});

Deno.test("who is verified may still deliver too much", async () => {
  const { post, verbs } = await build({ provider: "github", secrets: { signing: secret }, wait: 7 });
  const response = await post(`github/${id}`, "not json", { "x-hub-signature-256": await signature("not json") });
  assert.equal(response.headers.get("retry-after"), "7");
  assert.deepEqual(await codeOf(response), [429, "rate_limited"]);
  assert.deepEqual(verbs, ["integrations.for_delivery", "triggers.admit_delivery"]);
});

Deno.test("a secret that no key of the ring reads is our fault, and the sender's to send again", async () => {
  const { post } = await build({ provider: "github", lostKeys: true, secrets: { signing: secret } });
  const response = await post(`github/${id}`, "{}", { "x-hub-signature-256": await signature("{}") });
  assert.deepEqual(await codeOf(response), [503, "encryption_unavailable"]);
});

Deno.test("an integration that only sends lets nothing in", async () => {
  for (const secrets of [{}, { api_key: secret }] as Record<string, string>[]) {
    const { post, verbs } = await build({ provider: "github", secrets });
    const response = await post(`github/${id}`, "{}", { "x-hub-signature-256": await signature("{}") });
    assert.deepEqual(await codeOf(response), [401, "signature_invalid"]);
    assert.deepEqual(verbs, ["integrations.for_delivery"]);
  }
});

Deno.test("an e-mail of a provider that there is not has no route", async () => {
  const { post, verbs } = await build({ provider: "postmark", secrets: { signing: secret } });
  assert.deepEqual(await codeOf(await post(`email/example/${id}`, "{}")), [404, "route_not_found"]);
  assert.deepEqual(await codeOf(await post(`email/mailgun/${id}`, new FormData())), [401, "signature_invalid"]);
  assert.deepEqual(await codeOf(await post(`email/postmark/1`, "{}")), [404, "route_not_found"]);
  assert.deepEqual([...new Set(verbs)], ["integrations.for_delivery"]);
});

Deno.test("Resend's e-mail is fetched with its key once its hook is verified, and not before", async () => {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked.push(request.headers.get("authorization")!);
    return Response.json({ from: "a@x.example", to: ["b@y.example"], subject: "Hi", text: "there", headers: {} });
  });
  try {
    const signing = newStandardSecret();
    const { post, verbs, values } = await build({
      provider: "resend",
      secrets: { signing, api_key: "re_123" },
      resendUrl: `http://127.0.0.1:${server.addr.port}`,
    });
    const body = JSON.stringify({ type: "email.received", data: { email_id: "m-1" } });
    const headers = async (at: number) => ({
      "svix-id": "msg_1",
      "svix-timestamp": String(at),
      "svix-signature": `v1,${(await hmac("SHA-256", standardKey(signing)!, utf8(`msg_1.${at}.${body}`))).toBase64()}`,
    });
    const now = Math.floor(Date.now() / 1000);
    for (const odd of [await headers(now - 400), { ...await headers(now), "svix-id": "msg_2" }]) {
      assert.deepEqual(await codeOf(await post(`email/resend/${id}`, body, odd)), [401, "signature_invalid"]);
    }
    assert.deepEqual(asked, []);
    assert.equal((await post(`email/resend/${id}`, body, await headers(now))).status, 200);
    assert.deepEqual(asked, ["Bearer re_123"]);
    assert.equal(verbs.at(-1), "triggers.receive_event");
    const [, subtype, addresses, , payload, delivery] = values.at(-1)!;
    assert.deepEqual([subtype, JSON.parse(addresses as string), JSON.parse(payload as string).text, delivery], [
      "EMAIL",
      ["b@y.example"],
      "there",
      "m-1",
    ]);
  } finally {
    await server.shutdown();
  }
});

Deno.test("a webhook's headers are judged before its body is read, a signature over it before it is parsed", async () => {
  const sent: BodyInit[] = [];
  const unread = () => {
    const stream = new ReadableStream({ pull: () => void sent.push("read") }, { highWaterMark: 0 });
    return stream;
  };
  for (const config of [{ type: "basic" }, { type: "header", header: "x-key" }]) {
    const { post, verbs } = await build({ provider: "webhook", config, secrets: { signing: secret } });
    assert.deepEqual(await codeOf(await post(`webhook/${triggerId}/x`, unread())), [401, "signature_invalid"]);
    assert.deepEqual([verbs, sent], [["triggers.webhook_config"], []]);
  }
  for (const config of [{ type: "hmac", header: "x-mac" }, { type: "standard_webhooks" }, { type: "unknown" }, {}]) {
    const { post, verbs } = await build({ provider: "webhook", config, secrets: { signing: secret } });
    const response = await post(`webhook/${triggerId}/x`, "{", { "content-type": "application/json", "x-mac": "00" });
    assert.deepEqual(await codeOf(response), [401, "signature_invalid"]);
    assert.deepEqual(verbs, ["triggers.webhook_config"]);
  }
});

Deno.test("of a standard webhook only the signed id makes a delivery the same", async () => {
  const signing = newStandardSecret();
  const { post, values } = await build({
    provider: "webhook",
    config: { type: "standard_webhooks" },
    secrets: { signing },
  });
  const at = String(Math.floor(Date.now() / 1000));
  const response = await post(`webhook/${triggerId}/x`, "{}", {
    "content-type": "application/json",
    "idempotency-key": "chosen by whoever repeats it",
    "webhook-id": "msg_1",
    "webhook-timestamp": at,
    "webhook-signature": `v1,${(await hmac("SHA-256", standardKey(signing)!, utf8(`msg_1.${at}.{}`))).toBase64()}`,
  });
  assert.equal(response.status, 202);
  assert.deepEqual(values.at(-1)!.slice(4), ["msg_1", id]);
});

const running: WebhookState = { ended: false, status: "RUNNING", response: null, output: null };
const waiting = (response_mode: string, states: WebhookState[], maximumWaitMs = 5_000) =>
  build({ webhook: { response_mode, raw_body: false, integration: null }, states, maximumWaitMs });

Deno.test("a webhook that waits too long is told where to look", async () => {
  const { post } = await waiting("last_node", [running], 60);
  const response = await post(`webhook/${triggerId}/x`, "");
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("location"), `http://project.test/functions/v1/execute/${executionId}`);
  assert.equal((await response.json()).execution_id, executionId);
});

Deno.test("one webhook's requests do not take the places of all that wait", async () => {
  const { post } = await waiting("last_node", [running], 1_000);
  const ask = async (id: string) => {
    const begin = performance.now();
    const response = await post(`webhook/${id}/x`, "");
    assert.equal(response.status, 202);
    return performance.now() - begin >= 995;
  };
  const other = "0198c0de-0000-4000-8000-00000000000a";
  const [others, ...own] = await Promise.all([other, ...Array<string>(60).fill(triggerId)].map(ask));
  assert.equal(own.filter((waited) => waited).length, 50);
  assert.ok(others, "there is room for another's");
});

Deno.test("who sends another request with a key that was used is not shown what the first was answered", async () => {
  const { post, verbs } = await build({
    webhook: { response_mode: "last_node", raw_body: false, integration: null },
    states: [{ ended: true, status: "SUCCESS", response: null, output: { secret: 1 } }],
    sameRequest: false,
  });
  const response = await post(`webhook/${triggerId}/x`, "", { "idempotency-key": "order-1" });
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { execution_id: executionId, status: "RUNNING", duplicate: true });
  assert.ok(!verbs.includes("engine.webhook_response"));
});

Deno.test("what a workflow answers is about its own URL, not about the project's origin or its proxies", async () => {
  const names = [
    ...["Set-Cookie", "WWW-Authenticate", "NEL", "Report-To", "Reporting-Endpoints", "Clear-Site-Data", "Set-Login"],
    ...["Strict-Transport-Security", "Accept-CH", "Content-Security-Policy", "X-Content-Type-Options", "Alt-Svc"],
    ...["X-Accel-Redirect", "X-Accel-Buffering", "X-Sendfile", "X-Reproxy-URL", "Service-Worker-Allowed"],
  ];
  const headers = { ...Object.fromEntries(names.map((name) => [name, "theirs"])), "x-own": "theirs" };
  const { post } = await waiting("respond", [{ ...running, response: { headers, body: "x" } }]);
  const answer = await post(`webhook/${triggerId}/x`, "");
  const kept = [...answer.headers].filter(([, value]) => value === "theirs").map(([name]) => name);
  assert.deepEqual(kept, ["x-own"]);
  assert.equal(answer.headers.get("content-security-policy"), "sandbox");
});

Deno.test("a signature that would be good again is kept from who reads the execution", async () => {
  const config = { type: "hmac", header: "X-Mac" };
  const { post, values } = await build({ provider: "webhook", config, secrets: { signing: secret } });
  const mac = (await hmac("SHA-256", utf8(secret), utf8("{}"))).toHex();
  const headers = { "content-type": "application/json", "x-mac": mac, "x-kept": "1" };
  assert.equal((await post(`webhook/${triggerId}/x`, "{}", headers)).status, 202);
  assert.deepEqual(JSON.parse(values.at(-1)![3] as string).headers, {
    "content-type": "application/json",
    "x-kept": "1",
  });
});

Deno.test("what a workflow answers is sent as it says, as far as it may say", async () => {
  const answer = async (response: WebhookState["response"], mode = "respond", more: Partial<WebhookState> = {}) => {
    const { post } = await waiting(mode, [running, { ...running, response, ...more }]);
    return await post(`webhook/${triggerId}/x`, "");
  };
  const text = await answer({
    status: 418,
    headers: { "Content-Type": "text/csv", "x-n": 5, "bad name": "x", "x-bad": "a\nb" },
    body: "a,b",
  });
  assert.deepEqual([text.status, text.headers.get("content-type"), text.headers.get("x-n"), await text.text()], [
    418,
    "text/csv",
    "5",
    "a,b",
  ]);
  assert.equal(text.headers.get("x-content-type-options"), "nosniff");
  const plain = await answer({ body: "x" });
  assert.deepEqual([plain.status, plain.headers.get("content-type")], [200, "text/plain; charset=utf-8"]);
  assert.deepEqual(await (await answer({ body: ["x", null] })).json(), ["x", null]);
  const empty = await answer({ status: 204, headers: {}, body: { ignored: true } });
  assert.deepEqual([empty.status, await empty.text()], [204, ""]);
  const moved = await answer({ status: 302, headers: { location: "https://example.com" } });
  assert.deepEqual([moved.status, moved.headers.get("location")], [302, "https://example.com"]);

  const ended = { ended: true, status: "SUCCESS", output: { end: 1 } };
  assert.deepEqual(await (await answer(null, "respond", ended)).json(), { end: 1 }, "none: the output");
  assert.deepEqual(
    await (await answer({ body: "x" }, "last_node", ended)).json(),
    { end: 1 },
    "last_node does not ask RESPOND",
  );
  for (const status of ["ERROR", "CANCELED", "TIMEOUT"]) {
    assert.deepEqual(await codeOf(await answer(null, "last_node", { ended: true, status })), [500, "execution_failed"]);
  }
  assert.equal((await answer({ status: 200, body: "said" }, "respond", { ended: true, status: "ERROR" })).status, 200);
});
