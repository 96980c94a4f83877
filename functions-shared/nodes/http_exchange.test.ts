import assert from "node:assert/strict";
import type { Task } from "../engine.ts";
import { selfSigned } from "./certificate.testing.ts";
import { httpRequest } from "./http_request.ts";

async function secureServer(host: string) {
  const { cert, key } = await selfSigned(host);
  const names: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", cert, key, onListen: () => {} }, (request) => {
    names.push(request.headers.get("host")!);
    return new Response(`secure ${new URL(request.url).pathname}`);
  });
  return { cert, names, port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function get(url: string, caCerts?: string[]): Promise<{ body: unknown }> {
  const run = httpRequest({ resolve: () => Promise.resolve(["127.0.0.1"]), caCerts });
  const task = { parameters: { url }, allowed_hosts: [new URL(url).host] } as unknown as Task;
  return await run(task, { signal: AbortSignal.timeout(5_000) }) as { body: unknown };
}

Deno.test("HTTPS goes to the checked address and proves the name of the URL", async () => {
  await using server = await secureServer("shop.invalid");
  const url = `https://shop.invalid:${server.port}/a`;
  assert.equal((await get(url, [server.cert])).body, "secure /a");
  assert.deepEqual(server.names, [`shop.invalid:${server.port}`]);
});

Deno.test("a certificate for another name, or one that nobody trusts, is refused", async () => {
  await using server = await secureServer("shop.invalid");
  const refused = { code: "network_error", retryable: true };
  await assert.rejects(() => get(`https://other.invalid:${server.port}/`, [server.cert]), refused);
  await assert.rejects(() => get(`https://shop.invalid:${server.port}/`), refused);
  assert.deepEqual(server.names, []);
});

Deno.test("a server that accepts and says nothing is left at the timeout, TLS or not", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const open: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) open.push(connection);
  })();
  for (const scheme of ["http", "https"]) {
    const run = httpRequest();
    const task = {
      parameters: { url: `${scheme}://127.0.0.1:${listener.addr.port}/` },
      allowed_hosts: ["127.0.0.1"],
    } as unknown as Task;
    const started = performance.now();
    await assert.rejects(async () => await run(task, { signal: AbortSignal.timeout(60) }), { name: "TimeoutError" });
    assert.ok(performance.now() - started < 2_000);
  }
  for (const connection of open) connection.close();
  listener.close();
  await accepting;
});

Deno.test("an answer that comes before the whole body was read still counts", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const serving = (async () => {
    const connection = await listener.accept();
    await connection.read(new Uint8Array(100));
    await connection.write(new TextEncoder().encode("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    connection.close();
  })();
  const task = {
    parameters: { method: "POST", url: `http://127.0.0.1:${listener.addr.port}/`, body: "x".repeat(8_000_000) },
    allowed_hosts: ["127.0.0.1"],
  } as unknown as Task;
  await assert.rejects(async () => await httpRequest()(task, { signal: AbortSignal.timeout(5_000) }), {
    code: "http_413",
    retryable: false,
  });
  await serving;
  listener.close();
});
