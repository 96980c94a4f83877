import assert from "node:assert/strict";
import type { Task } from "../engine.ts";
import { httpRequest, type HttpRequestOptions, retryAfter } from "./http_request.ts";
import { rawServer, testServer } from "./http_server.testing.ts";
import { NodeError } from "./node.ts";

function task(parameters: Record<string, unknown>, allowed_hosts = ["127.0.0.1"]): Task {
  return { parameters, allowed_hosts } as unknown as Task;
}

interface Output {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

async function call(
  parameters: Record<string, unknown>,
  { allowed, signal = new AbortController().signal, ...options }: HttpRequestOptions & {
    allowed?: string[];
    signal?: AbortSignal;
  } = {},
): Promise<Output> {
  return await httpRequest(options)(task(parameters, allowed), { signal }) as Output;
}

async function failure(promise: Promise<unknown>): Promise<NodeError> {
  const error = await promise.then(() => assert.fail("it succeeded"), (error) => error);
  assert.ok(error instanceof NodeError, `${error}`);
  return error;
}

Deno.test("sends method, query, headers and a JSON body, and reads a JSON answer", async () => {
  await using server = testServer(() => Response.json({ ok: [1, 2] }, { status: 201, headers: { "x-answer": "yes" } }));
  const output = await call({
    method: "post",
    url: `${server.url}/a?x=1`,
    query: { y: "ä b", n: 2, list: ["p", "q"], none: null },
    headers: { "X-Mine": "1", Authorization: "Bearer t" },
    body: { text: "ü", nested: [1] },
  });
  assert.equal(output.status, 201);
  assert.deepEqual(output.body, { ok: [1, 2] });
  assert.equal(output.headers["x-answer"], "yes");
  const [request] = server.received;
  assert.equal(server.received.length, 1);
  assert.equal(request!.method, "POST");
  assert.equal(request!.path, "/a?x=1&y=%C3%A4+b&n=2&list=p&list=q");
  assert.deepEqual(JSON.parse(request!.body), { text: "ü", nested: [1] });
  assert.equal(request!.headers.get("content-type"), "application/json");
  assert.equal(request!.headers.get("x-mine"), "1");
  assert.equal(request!.headers.get("authorization"), "Bearer t");
  assert.equal(request!.headers.get("host"), `127.0.0.1:${server.port}`);
});

Deno.test("sends every method", async () => {
  await using server = testServer(() => new Response(null, { status: 204 }));
  const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
  for (const method of methods) assert.equal((await call({ method, url: server.url })).body, null);
  assert.deepEqual(server.received.map((request) => request.method), methods);
});

Deno.test("sends a form, and text under a type of its own", async () => {
  await using server = testServer(() => new Response("fine"));
  await call({ method: "POST", url: server.url, form: { a: "1 2", b: ["x", "y"], c: true } });
  await call({ method: "PUT", url: server.url, body: "<a/>", headers: { "Content-Type": "application/xml" } });
  await call({ method: "POST", url: server.url, body: "just text" });
  assert.equal(server.received[0]!.body, "a=1+2&b=x&b=y&c=true");
  assert.equal(server.received[0]!.headers.get("content-type"), "application/x-www-form-urlencoded");
  assert.equal(server.received[1]!.body, "<a/>");
  assert.equal(server.received[2]!.body, '"just text"');
});

Deno.test("reads the answer by its content type unless the node says how", async () => {
  const bytes = new Uint8Array([0, 255, 1]);
  await using server = testServer((request) => {
    const path = new URL(request.url).pathname;
    if (path === "/text") return new Response("hallo", { headers: { "content-type": "text/plain; charset=utf-8" } });
    if (path === "/latin1") {
      return new Response(new Uint8Array([0xe4]), { headers: { "content-type": "text/plain; charset=iso-8859-1" } });
    }
    if (path === "/binary") return new Response(bytes, { headers: { "content-type": "image/png" } });
    if (path === "/not-json") return new Response("{", { headers: { "content-type": "application/json" } });
    return Response.json({ a: 1 });
  });
  assert.equal((await call({ url: `${server.url}/text` })).body, "hallo");
  assert.equal((await call({ url: `${server.url}/latin1` })).body, "ä");
  assert.equal((await call({ url: `${server.url}/binary` })).body, "AP8B");
  assert.equal((await call({ url: `${server.url}/not-json` })).body, "{");
  assert.equal((await call({ url: `${server.url}/json`, response: "text" })).body, '{"a":1}');
  assert.equal((await call({ url: `${server.url}/json`, response: "base64" })).body, btoa('{"a":1}'));
  const error = await failure(call({ url: `${server.url}/not-json`, response: "json" }));
  assert.deepEqual([error.code, error.retryable], ["response_not_json", false]);
});

Deno.test("reads gzip, chunks and answers without a length", async () => {
  await using server = testServer((request) => {
    if (!request.headers.get("accept-encoding")?.includes("gzip")) return new Response("plain");
    const stream = new Blob(["x".repeat(5000)]).stream().pipeThrough(new CompressionStream("gzip"));
    return new Response(stream, { headers: { "content-encoding": "gzip", "content-type": "text/plain" } });
  });
  assert.equal((await call({ url: server.url })).body, "x".repeat(5000));
  using chunked = rawServer(
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
  );
  assert.equal((await call({ url: chunked.url })).body, "abcde");
  using open = rawServer("HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nuntil the end");
  assert.equal((await call({ url: open.url })).body, "until the end");
});

Deno.test("a broken answer is a network error that may be retried", async () => {
  for (
    const text of [
      "",
      "nonsense\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
      "HTTP/1.1 200 OK\r\ncontent-length: 1, 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nab\r\n",
      "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nnot gzip",
      `HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}\r\n\r\n`,
    ]
  ) {
    using server = rawServer(text);
    const error = await failure(call({ url: server.url }));
    assert.deepEqual([error.code, error.retryable], ["network_error", true], text.slice(0, 60));
  }
  const error = await failure(call({ url: "http://127.0.0.1:1/" }));
  assert.deepEqual([error.code, error.retryable], ["network_error", true]);
});

Deno.test("status 400 and above is an error; only some may be retried", async () => {
  await using server = testServer((request) => {
    const status = Number(new URL(request.url).pathname.slice(1));
    return Response.json({ why: status }, { status, headers: { "retry-after": "7" } });
  });
  for (const status of [400, 401, 403, 404, 410, 422]) {
    const error = await failure(call({ url: `${server.url}/${status}` }));
    assert.deepEqual([error.code, error.retryable], [`http_${status}`, false]);
    assert.deepEqual(error.details, { status, body: { why: status } });
  }
  for (const status of [408, 409, 425, 429, 500, 502, 503, 504]) {
    const error = await failure(call({ url: `${server.url}/${status}` }));
    assert.deepEqual([error.code, error.retryable, error.retryAfterSeconds], [`http_${status}`, true, 7]);
  }
});

Deno.test("an error stays what its status says when its body breaks off or stalls", async () => {
  for (
    const [text, open] of [["HTTP/1.1 422 No\r\ncontent-length: 99\r\n\r\npart", false], [
      "HTTP/1.1 404 No\r\ncontent-length: 99\r\n\r\npart",
      true,
    ]] as const
  ) {
    using server = rawServer(text, open);
    const error = await failure(call({ url: server.url }));
    assert.deepEqual([error.code, error.retryable, error.details!.body], [`http_${text.slice(9, 12)}`, false, "part"]);
  }
});

Deno.test("an error's body is cut in the details", async () => {
  await using server = testServer(() => new Response("e".repeat(3_000_000), { status: 500 }));
  const { details } = await failure(call({ url: server.url }));
  assert.equal((details!.body as string).length, 2048);
  assert.equal(details!.body_cut, true);
});

Deno.test("Retry-After gives seconds or a date", () => {
  const now = () => Date.parse("2026-01-01T00:00:00Z");
  assert.equal(retryAfter("120", now), 120);
  assert.equal(retryAfter("Thu, 01 Jan 2026 00:01:30 GMT", now), 90);
  assert.equal(retryAfter("Thu, 01 Jan 2020 00:00:00 GMT", now), 0);
  assert.equal(retryAfter("soon", now), undefined);
  assert.equal(retryAfter(null, now), undefined);
});

Deno.test("an answer over the limit is refused while it arrives, packed or not", async () => {
  let sent = 0;
  await using server = testServer((request) => {
    if (new URL(request.url).pathname === "/bomb") {
      const zeros = new Blob([new Uint8Array(4_000_000)]).stream().pipeThrough(new CompressionStream("gzip"));
      return new Response(zeros, { headers: { "content-encoding": "gzip" } });
    }
    return new Response(
      new ReadableStream({
        pull(controller) {
          sent += 65536;
          controller.enqueue(new Uint8Array(65536));
        },
      }),
    );
  });
  for (const path of ["/endless", "/bomb"]) {
    const error = await failure(call({ url: server.url + path }, { responseLimit: 1_000_000 }));
    assert.deepEqual([error.code, error.retryable], ["response_too_large", false]);
  }
  assert.ok(sent < 20_000_000, `the server could send ${sent} bytes`);
});

Deno.test("an answer of exactly the limit is taken", async () => {
  await using server = testServer(() => new Response("x".repeat(1000)));
  assert.equal((await call({ url: server.url }, { responseLimit: 1000 })).body, "x".repeat(1000));
});

Deno.test("an abort ends a request that waits for its answer", async () => {
  const late = Promise.withResolvers<void>();
  await using server = testServer(async () => {
    await late.promise;
    return new Response();
  });
  const reason = new NodeError("timeout", "too long", { retryable: true });
  const controller = new AbortController();
  const pending = failure(call({ url: server.url }, { signal: controller.signal }));
  setTimeout(() => controller.abort(reason), 50);
  assert.equal(await pending, reason);
  late.resolve();
});

Deno.test("an abort ends a request that waits for its name", async () => {
  const reason = new NodeError("timeout", "too long", { retryable: true });
  const signal = AbortSignal.timeout(20);
  const controller = new AbortController();
  signal.addEventListener("abort", () => controller.abort(reason));
  const error = await failure(
    call({ url: "http://slow.example/" }, { signal: controller.signal, resolve: () => new Promise(() => {}) }),
  );
  assert.equal(error, reason);
});

Deno.test("follows redirects by the rules of their methods", async () => {
  await using server = testServer((request) => {
    const { pathname } = new URL(request.url);
    const status = Number(pathname.slice(1));
    return status ? new Response(null, { status, headers: { location: "/end#x" } }) : new Response("end");
  });
  const expected: [number, string, string, string][] = [
    [301, "POST", "GET", ""],
    [302, "POST", "GET", ""],
    [303, "PUT", "GET", ""],
    [301, "PUT", "PUT", '{"a":1}'],
    [307, "POST", "POST", '{"a":1}'],
    [308, "POST", "POST", '{"a":1}'],
  ];
  for (const [status, method, then, body] of expected) {
    server.received.length = 0;
    const output = await call({ method, url: `${server.url}/${status}`, body: { a: 1 } });
    assert.equal(output.body, "end");
    const last = server.received[1]!;
    assert.deepEqual([last.method, last.path, last.body], [then, "/end", body], `${status} ${method}`);
    assert.equal(last.headers.has("content-type"), body !== "", `${status} ${method}`);
  }
});

Deno.test("credentials stay behind when a redirect leaves the origin", async () => {
  await using other = testServer(() => new Response("other"));
  await using server = testServer((request) =>
    new Response(null, {
      status: 307,
      headers: { location: new URL(request.url).pathname === "/out" ? other.url : "/out" },
    })
  );
  const headers = { Authorization: "Bearer t", Cookie: "c=1", "X-Api-Key": "k", "X-Plain": "p" };
  await call({ url: `${server.url}/in`, headers });
  assert.equal(server.received[1]!.headers.get("authorization"), "Bearer t");
  const { headers: seen } = other.received[0]!;
  assert.deepEqual(["authorization", "cookie", "x-api-key"].filter((name) => seen.has(name)), []);
  assert.equal(seen.get("x-plain"), "p");
});

Deno.test("follows five redirects and not six", async () => {
  await using server = testServer((request) => {
    const left = Number(new URL(request.url).pathname.slice(1));
    return left === 0
      ? new Response("end")
      : new Response(null, { status: 302, headers: { location: `/${left - 1}` } });
  });
  assert.equal((await call({ url: `${server.url}/5` })).body, "end");
  const error = await failure(call({ url: `${server.url}/6` }));
  assert.deepEqual([error.code, error.retryable], ["too_many_redirects", false]);
  assert.equal(server.received.length, 12);
});

Deno.test("a redirect to a private address, another scheme or with a password is refused", async () => {
  await using server = testServer((request) =>
    new Response(null, {
      status: 302,
      headers: { location: new URL(request.url).searchParams.get("to")! },
    })
  );
  const to = (target: string) => `${server.url}/?to=${encodeURIComponent(target)}`;
  const allowed = [`127.0.0.1:${server.port}`];
  const port = server.port === 65535 ? 65534 : server.port + 1;
  assert.equal((await failure(call({ url: to("http://10.0.0.1/") }, { allowed }))).code, "address_not_allowed");
  assert.equal(
    (await failure(call({ url: to(`http://127.0.0.1:${port}/`) }, { allowed }))).code,
    "address_not_allowed",
  );
  assert.equal((await failure(call({ url: to("file:///etc/passwd") }, { allowed }))).code, "redirect_invalid");
  assert.equal((await failure(call({ url: to("http://a:b@example.com/") }, { allowed }))).code, "redirect_invalid");
});

Deno.test("names every bad parameter at once and is not retried", async () => {
  const error = await failure(call({
    method: "BREW",
    url: "ftp://example.com",
    headers: { "bad name": "x", Host: "evil", "X-Split": "a\r\nb: c" },
    response: "xml",
    query: { deep: { a: 1 } },
  }));
  assert.deepEqual([error.code, error.retryable], ["parameters_invalid", false]);
  const paths = (error.details!.problems as { path: string }[]).map((problem) => problem.path);
  assert.deepEqual(
    paths.sort(),
    ['$.headers."X-Split"', '$.headers."bad name"', "$.headers.Host", "$.method", "$.query.deep", "$.response", "$.url"]
      .sort(),
  );
  assert.equal((await failure(call({}))).code, "parameters_invalid");
  assert.equal((await failure(call({ url: "http://u:p@example.com" }))).code, "parameters_invalid");
  assert.equal((await failure(call({ url: "http://127.0.0.1", body: 1 }))).code, "parameters_invalid");
  assert.equal(
    (await failure(call({ url: "http://127.0.0.1", method: "POST", body: 1, form: {} }))).code,
    "parameters_invalid",
  );
});
