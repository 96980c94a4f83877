import assert from "node:assert/strict";
import { newStandardSecret, verifyStandard } from "../signatures/standard_webhooks.ts";
import { utf8 } from "../encoding.ts";
import { testServer } from "../nodes/http_server.testing.ts";
import { ChannelError } from "./call.ts";
import { interactionId, message } from "./messages.testing.ts";
import { sendWebhook } from "./webhook.ts";

const secrets = [newStandardSecret(), newStandardSecret()];
const host = "127.0.0.1";
const network = (allowedHosts = [host]) => ({ allowedHosts, signal: AbortSignal.timeout(5_000) });

async function failure(promise: Promise<unknown>): Promise<ChannelError> {
  const error = await promise.then(() => assert.fail("it succeeded"), (error) => error);
  assert.ok(error instanceof ChannelError, `${error}`);
  return error;
}

Deno.test("an event is signed by every secret that holds, over the bytes that are sent", async () => {
  await using server = testServer(() => new Response(null, { status: 204 }));
  const request = message({ channel: "webhook", recipient: `${server.url}/hook?x=1#part` });
  const { external_id } = await sendWebhook(request, { secrets }, network());
  const [received] = server.received;
  assert.equal(received!.path, "/hook?x=1");
  const now = Math.floor(Date.now() / 1000);
  for (const secret of secrets) {
    assert.equal(await verifyStandard([secret], received!.headers, utf8(received!.body), now), null);
  }
  assert.equal(await verifyStandard([newStandardSecret()], received!.headers, utf8(received!.body), now), "mismatch");
  assert.equal(received!.headers.get("webhook-id"), request.id);
  assert.equal(external_id, request.id);
  const body = JSON.parse(received!.body);
  assert.equal(body.type, "interaction.requested");
  assert.equal(body.data.interaction_id, interactionId);
  assert.equal(body.data.respond_url, request.link);
  assert.deepEqual(body.data.data, { order: 42, amount: 120 });
});

Deno.test("a decision says who and what, and has no link", async () => {
  await using server = testServer(() => new Response("ok"));
  const decided = message({ kind: "decided", recipient: server.url }, {
    outcome: "rejected",
    responded_by: { email: "a@b.c" },
  });
  await sendWebhook(decided, { secrets }, network());
  const body = JSON.parse(server.received[0]!.body);
  assert.equal(body.type, "interaction.decided");
  assert.deepEqual([body.data.outcome, body.data.responded_by], ["rejected", { email: "a@b.c" }]);
  assert.ok(!("respond_url" in body.data));
});

Deno.test("what the receiver answers decides about a retry; it is not followed elsewhere", async () => {
  const answers: [Response, boolean, number?][] = [
    [new Response(null, { status: 500 }), true],
    [new Response(null, { status: 429, headers: { "retry-after": "11" } }), true, 11],
    [new Response(null, { status: 410 }), false],
    [new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } }), false],
  ];
  await using server = testServer(() => answers[server.received.length - 1]![0]);
  for (const [, retryable, wait] of answers) {
    const error = await failure(sendWebhook(message({ recipient: server.url }), { secrets }, network()));
    assert.deepEqual([error.retryable, error.retryAfterSeconds], [retryable, wait]);
  }
  assert.equal(server.received.length, answers.length);
});

Deno.test("private addresses, http to strangers, passwords and other schemes are refused", async () => {
  const refused = async (recipient: string, allowed: string[] = []) =>
    await sendWebhook(message({ recipient }), { secrets }, network(allowed)).then(() => "sent", (error) => error.code);
  assert.equal(await refused("https://127.0.0.1/"), "address_not_allowed");
  assert.equal(await refused("https://169.254.169.254/latest"), "address_not_allowed");
  assert.equal(await refused("http://example.com/"), "recipient_invalid");
  assert.equal(await refused("https://user:pass@example.com/"), "recipient_invalid");
  assert.equal(await refused("file:///etc/passwd"), "recipient_invalid");
  assert.equal(await refused("not a url"), "recipient_invalid");
});

Deno.test("nothing is sent unsigned", async () => {
  const error = await failure(sendWebhook(message({ recipient: `http://${host}:1/` }), { secrets: [] }, network()));
  assert.deepEqual([error.code, error.retryable], ["integration_incomplete", false]);
});
