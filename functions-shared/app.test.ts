import assert from "node:assert/strict";
import { createAuthenticator } from "./auth.ts";
import { connect } from "./db.ts";
import { environment } from "./tokens.testing.ts";
import { createSearchApp } from "../supabase/functions/search/handler.ts";

Deno.test("search describes its routes, and says which are not there", async () => {
  const app = createSearchApp({
    url: "http://project.test",
    authenticate: createAuthenticator(environment),
    // connects when it is asked for something, which is never
    database: connect("postgresql://127.0.0.1:1/nothing"),
    objects: null,
    embedder: { embed: () => Promise.reject(new Error("nobody asks it")) },
    log: () => {},
  });
  const { paths } = await (await app.request("/search/openapi.json")).json();
  for (const path of ["/memories", "/documents", "/vectors"]) {
    assert.ok(paths[path].post.responses["501"], path);
    const response = await app.request(`/search${path}`, { method: "POST" });
    const { error } = await response.json();
    assert.deepEqual([response.status, error.code], [501, "not_implemented"]);
    assert.equal(error.message, `POST /search${path} is not implemented`);
  }
  assert.equal((await app.request("/search/nothing")).status, 404);
  assert.equal((await app.request("/search/health", { method: "POST" })).status, 405);
});
