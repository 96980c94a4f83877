import assert from "node:assert/strict";
import { createApp } from "shared/app.ts";
import { createAuthenticator } from "shared/auth.ts";
import type { Caller } from "shared/auth.ts";
import type { Database } from "shared/db.ts";
import { environment, publishableKey, signShared, userClaims } from "shared/tokens.testing.ts";
import { addSpecificationRoutes } from "./specification_routes.ts";

const workspace = "0198c0de-0000-7000-8000-000000000001";
const headers = { authorization: `Bearer ${await signShared(userClaims)}` };

function build(answer: (values: unknown[]) => unknown) {
  const database = {
    asCaller: (_: Caller, work: (sql: unknown) => unknown) =>
      work((_: TemplateStringsArray, ...values: unknown[]) => Promise.resolve([{ answer: answer(values) }])),
  } as unknown as Database;
  const app = createApp("deploy", "", {
    url: "http://project.test",
    authenticate: createAuthenticator(environment),
    log: () => {},
  });
  addSpecificationRoutes(app, { database });
  const built = app.build();
  return async (path: string, more: Record<string, string> = headers) =>
    await built.request(`/deploy/specifications${path}`, { headers: more });
}

Deno.test("types of nodes are listed, filtered by what the query names", async () => {
  const get = build((values) => {
    assert.deepEqual(values, [workspace, "ACTION", "NOOP"]);
    return [{ node_type: "ACTION", node_subtype: "NOOP" }];
  });
  const response = await get(`?type=ACTION&subtype=NOOP&workspace_id=${workspace}`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.deepEqual(await response.json(), { specifications: [{ node_type: "ACTION", node_subtype: "NOOP" }] });
  assert.equal((await build(() => [])("")).status, 200);
});

Deno.test("an unchanged list is answered by 304, a changed one in full", async () => {
  let specifications = [{ id: 1 }];
  const get = build(() => specifications);
  const etag = (await get("")).headers.get("etag")!;
  assert.match(etag, /^"[0-9a-f]{64}"$/);
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const response = await get("", { ...headers, "if-none-match": tag });
    assert.deepEqual([response.status, await response.text(), response.headers.get("etag")], [304, "", etag], tag);
  }
  assert.equal((await get("", { ...headers, "if-none-match": '"other"' })).status, 200);
  specifications = [{ id: 2 }];
  const changed = await get("", { ...headers, "if-none-match": etag });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get("etag"), etag);
});

Deno.test("nobody lists them without a token, and no query is guessed", async () => {
  const get = build(() => assert.fail("SQL was called"));
  assert.equal((await get("", {})).status, 401);
  assert.equal((await get("", { apikey: publishableKey })).status, 401);
  assert.equal((await get("?workspace_id=mine")).status, 422);
  assert.equal((await get("?kind=ACTION")).status, 422);
});
