import assert from "node:assert/strict";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createAuthenticator } from "./auth.ts";
import { environment } from "./tokens.testing.ts";
import { createSearchApp } from "../supabase/functions/search/handler.ts";

const dependencies = { url: "http://project.test", authenticate: createAuthenticator(environment), log: () => {} };
const planned: Record<string, { app: OpenAPIHono; routes: string[] }> = {
  search: {
    app: createSearchApp(dependencies),
    routes: ["POST /steps", "GET /steps/1/state", "GET /steps/1/outcome", "POST /memories", "POST /vectors"],
  },
};

for (const [name, { app, routes }] of Object.entries(planned)) {
  Deno.test(`${name} is healthy, describes its routes, and says which are not there`, async () => {
    const health = await app.request(`/${name}/health`);
    assert.deepEqual(await health.json(), { status: "ok", function: name });
    const document = await (await app.request(`/${name}/openapi.json`)).json();
    assert.ok(Object.keys(document.paths).length >= 3);
    for (const route of routes) {
      const [method, path] = route.split(" ");
      const response = await app.request(`/${name}${path}`, { method });
      const { error } = await response.json();
      assert.deepEqual([response.status, error.code], [501, "not_implemented"], route);
      assert.match(error.message, new RegExp(`${method} /${name}`));
    }
    assert.equal((await app.request(`/${name}/nothing`)).status, 404);
    assert.equal((await app.request(`/${name}/health`, { method: "POST" })).status, 405);
  });
}
