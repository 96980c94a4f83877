// A real HTTP server for tests: answers by a function, keeps what it was sent.
export interface Received {
  method: string;
  path: string;
  headers: Headers;
  body: string;
}

export interface TestServer extends AsyncDisposable {
  port: number;
  url: string;
  received: Received[];
}

export function testServer(answer: (request: Request, body: string) => Response | Promise<Response>): TestServer {
  const received: Received[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    received.push({ method: request.method, path: pathname + search, headers: request.headers, body });
    return await answer(request, body);
  });
  return {
    port: server.addr.port,
    url: `http://127.0.0.1:${server.addr.port}`,
    received,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A raw TCP server: sends the given text to every connection, whatever it was asked, and closes. */
export function rawServer(text: string | Uint8Array, staysOpen = false): { url: string; [Symbol.dispose](): void } {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  (async () => {
    for await (const connection of listener) {
      try {
        await connection.read(new Uint8Array(8192));
        const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
        for (let offset = 0; offset < bytes.length;) offset += await connection.write(bytes.subarray(offset));
      } catch {
        // the client has gone
      } finally {
        // until the client goes
        if (staysOpen) await connection.read(new Uint8Array(1)).catch(() => {});
        connection.close();
      }
    }
  })();
  return { url: `http://127.0.0.1:${listener.addr.port}`, [Symbol.dispose]: () => listener.close() };
}
