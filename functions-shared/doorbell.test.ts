import assert from "node:assert/strict";
import { doorbell } from "./doorbell.ts";
import { environment, secretKey } from "./tokens.testing.ts";

Deno.test("the bell is a POST to a function's own /work with the secret key", async () => {
  for (const slug of ["execute", "embed"] as const) {
    const asked: [string, string, string | null][] = [];
    await doorbell(slug, environment, (url, init) => {
      const { method, headers } = new Request(url as string, init);
      asked.push([String(url), method, headers.get("apikey")]);
      return Promise.resolve(Response.json({ working: true }, { status: 202 }));
    })();
    assert.deepEqual(asked, [[`${environment.url}/functions/v1/${slug}/work`, "POST", secretKey]]);
  }
});

Deno.test("a bell that nobody answers with success fails, and says only the status", async () => {
  const ring = doorbell("execute", environment, () => Promise.resolve(new Response("inside", { status: 503 })));
  await assert.rejects(ring, { message: "/work answered 503" });
});
