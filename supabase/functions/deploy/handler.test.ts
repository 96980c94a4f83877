import assert from "node:assert/strict";
import { createAuthenticator } from "shared/auth.ts";
import type { Caller } from "shared/auth.ts";
import type { Database } from "shared/db.ts";
import { environment, publishableKey, signShared, userClaims } from "shared/tokens.testing.ts";
import { createDeployApp } from "./handler.ts";
import { webhookUrl } from "./hook_urls.ts";

const id = "0198c0de-0000-7000-8000-000000000002";
const headers = { authorization: `Bearer ${await signShared(userClaims)}`, "content-type": "application/json" };

function build(answer: (values: unknown[]) => unknown) {
  const callers: Caller[] = [];
  const database = {
    asCaller: (caller: Caller, work: (sql: unknown) => unknown) => {
      callers.push(caller);
      return work(async (_: TemplateStringsArray, ...values: unknown[]) => [{ answer: await answer(values) }]);
    },
    ping: () => Promise.resolve(),
  } as unknown as Database;
  const app = createDeployApp({
    url: "http://project.test",
    authenticate: createAuthenticator(environment),
    database,
    log: () => {},
  });
  const post = async (path: string, body: unknown, sent: HeadersInit = headers) =>
    await app.request(`/deploy${path}`, { method: "POST", headers: sent, body: JSON.stringify(body) });
  const get = async (path: string) => await app.request(`/deploy${path}`, { headers });
  return { post, get, callers };
}

Deno.test("deploying runs as the caller and answers the URLs of webhooks", async () => {
  const { post, callers } = build((values) => {
    assert.deepEqual(values, [id, 3, "why", "cancel"]);
    return {
      deployment: { version: 3 },
      triggers: [
        { id, node_id: "hook", subtype: "WEBHOOK", path: "/github issues/:name/" },
        { id, node_id: "manual", subtype: "MANUAL", path: null, integration_id: null, provider: null },
        { id, node_id: "push", subtype: "GITHUB", integration_id: id, provider: "github" },
        { id, node_id: "mail", subtype: "EMAIL", integration_id: id, provider: "postmark" },
      ],
    };
  });
  const response = await post("/", { workflow_id: id, version: 3, note: "why", running: "cancel" });
  assert.equal(response.status, 200);
  const { triggers } = await response.json();
  assert.equal(
    triggers[0].url,
    `http://project.test/functions/v1/execute/hooks/webhook/${id}/github%20issues/:name`,
  );
  assert.equal("url" in triggers[1], false);
  assert.equal(triggers[2].url, `http://project.test/functions/v1/execute/hooks/github/${id}`);
  assert.equal(triggers[3].url, `http://project.test/functions/v1/execute/hooks/email/postmark/${id}`);
  assert.equal(callers[0]!.kind, "user");
});

Deno.test("a webhook without a path ends with the trigger's id", () => {
  assert.equal(webhookUrl("http://p", id, ""), `http://p/functions/v1/execute/hooks/webhook/${id}`);
});

Deno.test("a definition's problems come from SQL, all of them", async () => {
  const problems = [{ code: "cycle", message: "m", node_id: "a", path: "$.nodes[0]" }, { code: "b", message: "n" }];
  // answered by SQL, so that what it wrote is kept
  const { post } = build(() => ({
    error: { status: 422, code: "definition_invalid", message: "Bad", hint: JSON.stringify(problems) },
  }));
  const response = await post("/", { workflow_id: id });
  assert.equal(response.status, 422);
  const { error } = await response.json();
  assert.deepEqual([error.code, error.details.problems], ["definition_invalid", problems]);
});

Deno.test("rolling back and undeploying keep what runs unless asked otherwise", async () => {
  const seen: unknown[][] = [];
  const { post } = build((values) => {
    seen.push(values);
    return { deployment: {}, triggers: [] };
  });
  assert.equal((await post("/rollback", { workflow_id: id })).status, 200);
  assert.equal((await post("/undeploy", { workflow_id: id, running: "cancel" })).status, 200);
  assert.deepEqual(seen, [[id, null, null, "keep"], [id, "cancel", null]]);
});

Deno.test("the history is read in pages", async () => {
  const { get } = build((values) => {
    assert.deepEqual(values, [id, 2, id]);
    return { history: [], next_before: null };
  });
  const response = await get(`/${id}/history?page_size=2&before=${id}`);
  assert.deepEqual([response.status, await response.json()], [200, { history: [], next_before: null }]);
  assert.equal((await get(`/${id}/history?page_size=0`)).status, 422);
  assert.equal((await get(`/${id}/history?before=x`)).status, 422);
  assert.equal((await get(`/${id}/history?limit=2`)).status, 422);
});

Deno.test("a rotated webhook is answered with its new URL", async () => {
  const { post } = build(() => ({ trigger: { id, node_id: "hook", subtype: "WEBHOOK", path: "in" } }));
  const { trigger } = await (await post("/triggers/rotate", { workflow_id: id, node_id: "hook" })).json();
  assert.equal(trigger.url, `http://project.test/functions/v1/execute/hooks/webhook/${id}/in`);
});

Deno.test("validating passes the definition as it is, unknown fields too", async () => {
  const definition = { nodes: [{ id: "a", later: { x: 1 } }], connections: [], viewport: { zoom: 2 } };
  const { post } = build(([text]) => {
    assert.deepEqual(JSON.parse(text as string), definition);
    return { valid: true, diagnostics: [] };
  });
  const response = await post("/validate", { definition });
  assert.deepEqual([response.status, await response.json()], [200, { valid: true, diagnostics: [] }]);
});

Deno.test("wrong requests and callers are refused before SQL", async () => {
  const { post, callers } = build(() => assert.fail("SQL was called"));
  assert.equal((await post("/", { workflow_id: id, force: true })).status, 422);
  assert.equal((await post("/validate", { definition: [] })).status, 422);
  assert.equal((await post("/", { workflow_id: id }, { ...headers, authorization: "" })).status, 401);
  assert.equal((await post("/", { workflow_id: id }, { apikey: publishableKey })).status, 401);
  assert.equal((await post("/rollback", {})).status, 422);
  assert.equal((await post("/undeploy", { workflow_id: id, running: "kill" })).status, 422);
  assert.equal(callers.length, 0);
});
