// What all five functions have in common.
import assert from "node:assert/strict";
import { signUp, stack } from "../stack.ts";
import { call, json } from "../flows/wire.ts";

const slugs = ["deploy", "embed", "execute", "hil-webhook", "search"];
const id = "01890000-0000-7000-8000-000000000000";

Deno.test("every function is healthy and describes its routes without a key", async () => {
  for (const slug of slugs) {
    const health = await json(call(`${slug}/health`, null), 200);
    assert.equal(health.status, "ok");
    assert.equal(health.function, slug);
    const document = await json(call(`${slug}/openapi.json`, null), 200);
    assert.equal(document.openapi, "3.1.0");
    assert.equal(document.servers[0].url, `${stack().url}/functions/v1/${slug}`);
    assert.ok(document.paths["/health"].get, slug);
    for (
      const [path, item] of Object.entries<Record<string, { summary?: string; responses: object }>>(document.paths)
    ) {
      for (const operation of Object.values(item)) {
        assert.ok(operation.summary, `${slug} ${path} has no summary`);
        assert.ok("default" in operation.responses, `${slug} ${path} does not describe its errors`);
      }
    }
  }
});

Deno.test("routes that are documented and not there say so", async () => {
  const routes: Record<string, string[]> = {
    search: ["POST /memories", "POST /documents"],
  };
  for (const [slug, list] of Object.entries(routes)) {
    for (const route of list) {
      const [method, path] = route.split(" ") as [string, string];
      const { error } = await json(call(`${slug}${path === "/" ? "" : path}`, null, { method }), 501);
      assert.equal(error.code, "not_implemented", `${slug} ${route}`);
    }
  }
});

Deno.test("an unknown route and an unknown method are told apart", async () => {
  const user = await signUp("surface");
  for (const slug of slugs) {
    assert.equal((await json(call(`${slug}/no/such/route`, user), 404)).error.code, "route_not_found");
    const answer = await call(`${slug}/health`, user, { method: "DELETE" });
    assert.equal(answer.headers.get("allow"), "GET, HEAD");
    assert.equal((await json(answer, 405)).error.code, "method_not_allowed");
  }
  const allowed = { [id]: "GET, HEAD", [`${id}/cancel`]: "POST", [`${id}/events`]: "GET, HEAD", events: "POST" };
  for (const [path, allow] of Object.entries(allowed)) {
    const answer = await call(`execute/${path}`, user, { method: "PUT", body: "{}" });
    assert.equal(answer.headers.get("allow"), allow, path);
    await json(answer, 405);
  }
});

Deno.test("every answer carries a request id: the client's, where it is harmless", async () => {
  const user = await signUp("surface");
  for (const slug of slugs) {
    const given = await call(`${slug}/health`, user, { headers: { "x-request-id": "client-id-0001" } });
    await given.body?.cancel();
    assert.equal(given.headers.get("x-request-id"), "client-id-0001");
    const refused = await call(`${slug}/nothing`, user, { headers: { "x-request-id": "a b\tc; <script>" } });
    const { request_id } = await json(refused, 404);
    assert.match(request_id, /^[0-9a-f-]{36}$/);
    assert.equal(refused.headers.get("x-request-id"), request_id);
  }
  const body = await call("execute", user, { json: {}, headers: { "x-request-id": "client-id-0002" } });
  assert.equal((await json(body, 422)).request_id, "client-id-0002");
});

Deno.test("a browser may call every function from anywhere", async () => {
  const ask = {
    origin: "https://app.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, apikey, content-type, idempotency-key, last-event-id",
  };
  for (const slug of slugs) {
    const preflight = await call(slug, null, { method: "OPTIONS", headers: ask });
    assert.equal(preflight.status, 204, slug);
    assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
    const allowed = preflight.headers.get("access-control-allow-headers")!.split(/, */);
    for (const header of ask["access-control-request-headers"].split(", ")) {
      assert.ok(allowed.includes(header), `${slug} does not allow ${header}`);
    }
    assert.match(preflight.headers.get("access-control-allow-methods")!, /\bPOST\b/);
    const answer = await call(slug, null, { method: "POST", headers: { origin: ask.origin } });
    await answer.body?.cancel();
    assert.ok(answer.status >= 400);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*", `${slug} hides its errors from browsers`);
    assert.match(answer.headers.get("access-control-expose-headers")!, /x-request-id/);
  }
});
