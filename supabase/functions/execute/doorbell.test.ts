import assert from "node:assert/strict";
import { environment, secretKey } from "shared/tokens.testing.ts";
import { doorbell } from "./doorbell.ts";

Deno.test("the bell is a POST to this function's own /work with the secret key", async () => {
  const asked: [string, string, string | null][] = [];
  await doorbell(environment, (url, init) => {
    const { method, headers } = new Request(url as string, init);
    asked.push([String(url), method, headers.get("apikey")]);
    return Promise.resolve(Response.json({ working: true }, { status: 202 }));
  })();
  assert.deepEqual(asked, [[`${environment.url}/functions/v1/execute/work`, "POST", secretKey]]);
});

Deno.test("a bell that nobody answers with success fails, and says only the status", async () => {
  const ring = doorbell(environment, () => Promise.resolve(new Response("inside", { status: 503 })));
  await assert.rejects(ring, { message: "/work answered 503" });
});
