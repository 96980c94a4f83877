import assert from "node:assert/strict";
import { startGateway } from "./gateway.ts";
import { freePort } from "./ports.ts";

/** A gateway before one upstream. */
async function withGateway(upstream: Deno.ServeHandler, test: (origin: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, upstream);
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const nowhere = `http://127.0.0.1:${freePort()}`;
  const gateway = startGateway(
    undefined,
    [
      { prefix: "/functions/v1/echo", origin, strip: "/functions/v1" },
      { prefix: "/rest/v1", origin: nowhere },
    ],
    () => Promise.resolve(Response.json({ status: "up" })),
  );
  try {
    await test(`http://127.0.0.1:${gateway.addr.port}`);
  } finally {
    await Promise.all([gateway.shutdown(), server.shutdown()]);
  }
}

Deno.test("the gateway cuts the prefix, keeps the query, and says who asked", () =>
  withGateway((request) => {
    const { pathname, search } = new URL(request.url);
    return Response.json({ path: pathname + search, headers: Object.fromEntries(request.headers) });
  }, async (origin) => {
    const answer = await fetch(`${origin}/functions/v1/echo/a%2Fb?x=1&x=2`, {
      headers: { "x-forwarded-for": "1.2.3.4" },
    });
    const { path, headers } = await answer.json();
    assert.equal(path, "/echo/a%2Fb?x=1&x=2");
    assert.equal(headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(headers["x-forwarded-proto"], "http");
    assert.equal(headers["x-forwarded-host"], "127.0.0.1");
    assert.equal(headers["x-forwarded-port"], new URL(origin).port);
  }));

Deno.test("the gateway passes a body on while it is still being sent", () =>
  withGateway((request) => new Response(request.body), async (origin) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const answer = fetch(`${origin}/functions/v1/echo`, { method: "POST", body: readable });
    await writer.write(new TextEncoder().encode("first "));
    const reader = (await answer).body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "first ");
    await writer.write(new TextEncoder().encode("second"));
    assert.equal((await reader.read()).value, "second");
    await writer.close();
    assert.equal((await reader.read()).done, true);
  }));

Deno.test("the gateway takes a stream's upstream request along when its client leaves", async () => {
  let left!: () => void;
  const upstreamEnded = new Promise<void>((resolve) => left = resolve);
  await withGateway(() => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
      cancel: () => left(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }, async (origin) => {
    const leave = new AbortController();
    const answer = await fetch(`${origin}/functions/v1/echo`, { signal: leave.signal });
    const reader = answer.body!.getReader();
    await reader.read();
    leave.abort();
    await assert.rejects(reader.read());
    await upstreamEnded;
  });
});

Deno.test("the gateway takes an unanswered upstream request along when its client leaves", async () => {
  let left!: () => void;
  const upstreamEnded = new Promise<void>((resolve) => left = resolve);
  await withGateway((request) => {
    request.signal.addEventListener("abort", () => left());
    return new Promise((resolve) => request.signal.addEventListener("abort", () => resolve(new Response())));
  }, async (origin) => {
    await assert.rejects(fetch(`${origin}/functions/v1/echo`, { signal: AbortSignal.timeout(50) }));
    await upstreamEnded;
  });
});

Deno.test("a part that is down is a 503 in our error shape", () =>
  withGateway(() => new Response(), async (origin) => {
    const answer = await fetch(`${origin}/rest/v1/workflows`);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("retry-after"), "1");
    const { error, request_id } = await answer.json();
    assert.equal(error.code, "service_unavailable");
    assert.deepEqual(Object.keys(error), ["code", "message", "details", "hint"]);
    assert.equal(answer.headers.get("x-request-id"), request_id);
  }));

Deno.test("a path that nothing serves is a 404 in our error shape", () =>
  withGateway(() => new Response(), async (origin) => {
    const answer = await fetch(`${origin}/functions/v1/echoes`);
    assert.equal(answer.status, 404);
    assert.equal((await answer.json()).error.code, "not_found");
  }));
