import assert from "node:assert/strict";
import { readBytes } from "shared/app.ts";
import { deliveryKey, type WebhookOptions, webhookRequest as read } from "./webhook_request.ts";

const webhookRequest = async (request: Request, path: string, options?: WebhookOptions) =>
  await read(request, path, await readBytes(request), options);

async function bodyOf(body: BodyInit | null, type?: string): Promise<unknown> {
  const headers = new Headers(type === undefined ? {} : { "content-type": type });
  const request = new Request("http://x/", { method: "POST", body, headers });
  if (type === undefined) request.headers.delete("content-type");
  return (await webhookRequest(request, "")).body;
}
const code = (promise: Promise<unknown>) => promise.then(() => null, (error) => error.code);

Deno.test("a body is read by its content type", async () => {
  assert.deepEqual(await bodyOf('{"a":1}', "application/json; charset=utf-8"), { a: 1 });
  assert.deepEqual(await bodyOf('{"a":1}', "application/cloudevents+json"), { a: 1 });
  assert.deepEqual(await bodyOf("a=1&b=x+y&a=2", "application/x-www-form-urlencoded"), { a: ["1", "2"], b: "x y" });
  assert.equal(await bodyOf("hallo", "text/plain"), "hallo");
  assert.equal(await bodyOf(new Uint8Array([0xe4]), "text/plain; charset=iso-8859-1"), "ä");
  assert.equal(await bodyOf("<a/>", "application/atom+xml"), "<a/>");
  assert.equal(await bodyOf(new Uint8Array([0, 255]), "application/octet-stream"), "AP8=");
  assert.equal(await bodyOf(new Uint8Array([255, 254, 253]), "text/plain"), "//79");
  assert.equal(await bodyOf("plain", undefined), "plain");
  assert.equal(await bodyOf(null, "application/json"), null);
});

Deno.test("a form's files become base64", async () => {
  const form = new FormData();
  form.append("name", "a");
  form.append("file", new File([new Uint8Array([1, 2])], "a.bin", { type: "application/x-a" }));
  const body = await webhookRequest(new Request("http://x/", { method: "POST", body: form }), "").then((r) => r.body);
  assert.deepEqual(body, { name: "a", file: { filename: "a.bin", content_type: "application/x-a", base64: "AQI=" } });
});

Deno.test("a body that is not what it says, or too large, is refused", async () => {
  assert.equal(await code(bodyOf("{", "application/json")), "json_invalid");
  assert.equal(await code(bodyOf("x", "multipart/form-data; boundary=y")), "body_unreadable");
  assert.equal(await code(bodyOf("x".repeat(1_048_577), "text/plain")), "body_too_large");
  assert.equal((await bodyOf("x".repeat(1_048_576), "text/plain") as string).length, 1_048_576);
});

Deno.test("header names are lower case; credentials and what proxies add are left out", async () => {
  const given = {
    ...{ "X-Hub-Signature-256": "s", "X-Event": "e", "Idempotency-Key": "i", "Webhook-Id": "w" },
    ...{ Authorization: "a", Cookie: "c", ApiKey: "k", "X-Api-Key": "k", "X-Gitlab-Token": "t", Forwarded: "f" },
    ...{ "X-Auth-Key": "k", "X-Session-Id": "s", "X-Original-Uri": "u", "X-Envoy-Original-Path": "u", "X-Jwt": "j" },
    ...{ "X-Forwarded-For": "1", "X-Forwarded-Host": "h", "X-Real-Ip": "1", "CF-Ray": "r", "Proxy-Authorization": "p" },
  };
  const { headers } = await webhookRequest(new Request("http://x/", { method: "POST", headers: given }), "");
  assert.deepEqual(Object.keys(headers).sort(), ["idempotency-key", "webhook-id", "x-event", "x-hub-signature-256"]);
});

Deno.test("paths are decoded segment by segment", async () => {
  const path = async (text: string) => (await webhookRequest(new Request("http://x/"), text)).path;
  assert.equal(await path("/a/b%20c/%C3%A4/"), "a/b c/ä");
  assert.equal(await path("//a//b%2Fc"), "a/b%2Fc");
  assert.equal(await path(""), "");
  assert.equal(await code(path("/%zz")), "path_invalid");
  assert.equal(await code(path("/%ff")), "path_invalid");
});

Deno.test("the sender's id of a delivery is found under its usual names, our own first", () => {
  const key = (headers: Record<string, string>) => deliveryKey(new Headers(headers));
  assert.equal(key({ "X-GitHub-Delivery": "g", "Idempotency-Key": "i" }), "i");
  assert.equal(key({ "X-GitHub-Delivery": " g " }), "g");
  assert.equal(key({ "webhook-id": "w" }), "w");
  assert.equal(key({ "svix-id": "s" }), "s");
  assert.equal(key({ "x-request-id": "r" }), null);
  assert.throws(() => key({ "webhook-id": "w".repeat(256) }), { code: "delivery_key_invalid" });
});

Deno.test("the raw body is given where it is asked for, byte by byte", async () => {
  const raw = async (body: BodyInit | null, type: string) => {
    const request = new Request("http://x/", { method: "POST", body, headers: { "content-type": type } });
    const { raw_body, raw_body_encoding } = await webhookRequest(request, "", { rawBody: true });
    return [raw_body, raw_body_encoding];
  };
  assert.deepEqual(await raw('{ "a":1 }', "application/json"), ['{ "a":1 }', "utf-8"]);
  assert.deepEqual(await raw("\ufeffx", "text/plain"), ["\ufeffx", "utf-8"]);
  assert.deepEqual(await raw(new Uint8Array([0xff, 0]), "text/plain"), ["/wA=", "base64"]);
  assert.deepEqual(await raw(new Uint8Array([0x61, 0]), "text/plain"), ["YQA=", "base64"]);
  assert.deepEqual(await raw(null, "text/plain"), ["", "utf-8"]);
  assert.equal("raw_body" in await webhookRequest(new Request("http://x/"), ""), false);
});

Deno.test("the header that carries a trigger's secret is withheld", async () => {
  const headers = { "x-signature": "s3cret", "x-other": "1" };
  const seen = await webhookRequest(new Request("http://x/", { headers }), "", { withheld: "X-Signature" });
  assert.deepEqual(seen.headers, { "x-other": "1" });
});
