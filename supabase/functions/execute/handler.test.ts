import assert from "node:assert/strict";
import { createAuthenticator } from "shared/auth.ts";
import type { Caller } from "shared/auth.ts";
import type { Database } from "shared/db.ts";
import { environment, publishableKey, secretKey, signShared, userClaims } from "shared/tokens.testing.ts";
import { createExecuteApp } from "./handler.ts";

const executionId = "0198c0de-0000-7000-8000-000000000001";
const workflowId = "0198c0de-0000-7000-8000-000000000002";
const triggerId = "0198c0de-0000-7000-8000-000000000003";
const token = await signShared(userClaims);
const json = { "content-type": "application/json" };
const asUser = { authorization: `Bearer ${token}`, ...json };

const verbs = ["cancel", "pause", "resume", "retry"];

type Answer = (sql: string, values: unknown[]) => unknown;

/** Stands in for the SQL verbs: each statement is answered by `answer`, with the caller it ran as. */
function build(answer: Answer, options: { streamLifetimeMs?: number; accepting?: boolean } = {}) {
  const statements: { sql: string; values: unknown[]; caller: Caller | null }[] = [];
  const wakes = { count: 0 };
  const lines: Record<string, unknown>[] = [];
  const sqlAs = (caller: Caller | null) => async (parts: TemplateStringsArray, ...values: unknown[]) => {
    const sql = parts.join("?").replace(/\s+/g, " ").trim();
    statements.push({ sql, values, caller });
    const value = await answer(sql, values);
    return [
      sql.includes("start_execution")
        ? { id: value }
        : sql.includes(" as valid")
        ? { valid: value }
        : { answer: value },
    ];
  };
  const database = {
    sql: sqlAs(null),
    asCaller: (caller: Caller, work: (sql: unknown) => unknown) => work(sqlAs(caller)),
    ping: () => answer("ping", []),
    close: () => Promise.resolve(),
  } as unknown as Database;
  const app = createExecuteApp({
    url: "http://project.test",
    authenticate: createAuthenticator(environment, () => Promise.resolve(Response.json({ keys: [] }))),
    database,
    worker: { accepting: options.accepting ?? true, wake: () => Promise.resolve(void wakes.count++) },
    log: (line) => lines.push(line),
    streamLifetimeMs: options.streamLifetimeMs,
  });
  const request = async (path: string, init: RequestInit = {}) => await app.request(`/execute${path}`, init);
  return { request, statements, wakes, lines };
}

const execution = (status: string) => ({
  execution: { id: executionId, status, end_time: status === "RUNNING" ? null : "2026-01-01T00:00:00Z" },
  nodes: [],
});
const refuse = (code: string, detail?: string) =>
  Promise.reject(Object.assign(new Error("No such thing"), { code, detail, severity: "ERROR" }));

async function errorOf(response: Response): Promise<[number, string]> {
  const body = await response.json();
  assert.equal(body.request_id, response.headers.get("x-request-id"));
  return [response.status, body.error.code];
}

Deno.test("starting runs as the caller, wakes the worker and answers 202", async () => {
  const { request, statements, wakes } = build((sql) =>
    sql.includes("start_execution") ? executionId : execution("RUNNING")
  );
  const response = await request("/", {
    method: "POST",
    headers: asUser,
    body: JSON.stringify({ workflow_id: workflowId, input: { a: "x\0" }, idempotency_key: "k", priority: 5 }),
  });
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { execution: execution("RUNNING").execution });
  assert.deepEqual(statements[0]!.values, [workflowId, '{"a":"x\ufffd"}', "k", null, 5, null, null]);
  assert.equal(statements[0]!.caller?.kind, "user");
  assert.equal(wakes.count, 1);
});

Deno.test("the key of the header serves where the body has none; the input is {} where it is left out", async () => {
  const { request, statements } = build((sql) => sql.includes("start_execution") ? executionId : execution("RUNNING"));
  await request("/", {
    method: "POST",
    headers: { ...asUser, "idempotency-key": "from-header" },
    body: JSON.stringify({ workflow_id: workflowId }),
  });
  assert.deepEqual(statements[0]!.values, [workflowId, "{}", "from-header", null, 0, null, null]);
});

Deno.test("a start may be for later, and bounded; a time without its offset is refused", async () => {
  const { request, statements } = build((sql) => sql.includes("start_execution") ? executionId : execution("NEW"));
  const start = (start_at: unknown, timeout_seconds: unknown) =>
    request("/", {
      method: "POST",
      headers: asUser,
      body: JSON.stringify({ workflow_id: workflowId, start_at, timeout_seconds }),
    });
  assert.equal((await start("2026-12-24T18:00:00+01:00", 3600)).status, 202);
  assert.deepEqual(statements[0]!.values.slice(5), ["2026-12-24T18:00:00+01:00", 3600]);
  const asked = statements.length;
  for (
    const [at, seconds] of [["2026-12-24", 1], ["2026-12-24T18:00:00", 1], ["tomorrow", 1], [null, 0], [null, 1.5]]
  ) {
    assert.deepEqual(await errorOf(await start(at, seconds)), [422, "request_invalid"], `${at} ${seconds}`);
  }
  assert.equal(statements.length, asked);
});

Deno.test("wait_ms answers 200 with the nodes as soon as it ends", async () => {
  let polls = 0;
  const { request } = build((sql) => {
    if (sql.includes("start_execution")) return executionId;
    if (sql.includes("events")) return { events: [], status: "RUNNING", ended: ++polls >= 3 };
    return execution(polls >= 3 ? "SUCCESS" : "RUNNING");
  });
  const started = performance.now();
  const response = await request("/", {
    method: "POST",
    headers: asUser,
    body: JSON.stringify({ workflow_id: workflowId, wait_ms: 20_000 }),
  });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), execution("SUCCESS"));
  assert.ok(performance.now() - started < 2_000);
});

Deno.test("wait_ms that passes answers 202 with the state of then", async () => {
  const { request } = build((sql) => {
    if (sql.includes("start_execution")) return executionId;
    return sql.includes("events") ? { events: [], status: "RUNNING", ended: false } : execution("RUNNING");
  });
  const started = performance.now();
  const response = await request("/", {
    method: "POST",
    headers: asUser,
    body: JSON.stringify({ workflow_id: workflowId, wait_ms: 60 }),
  });
  assert.equal(response.status, 202);
  assert.ok(performance.now() - started >= 55);
});

Deno.test("a request's problems come all at once, and nothing is started", async () => {
  const { request, statements } = build(() => assert.fail("SQL was called"));
  const response = await request("/", {
    method: "POST",
    headers: asUser,
    body: JSON.stringify({ workflow_id: "x", wait_ms: 30_001, version: 0, priority: "high", colour: "red", size: 1 }),
  });
  assert.equal(response.status, 422);
  const { error } = await response.json();
  assert.equal(error.code, "request_invalid");
  assert.deepEqual(
    error.details.problems.map((problem: { code: string; path: string }) => `${problem.code} ${problem.path}`).sort(),
    [
      "invalid_format $.workflow_id",
      "invalid_type $.priority",
      "too_big $.wait_ms",
      "too_small $.version",
      "unknown_field $.colour",
      "unknown_field $.size",
    ],
  );
  assert.equal(statements.length, 0);
  const empty = await request("/", { method: "POST", headers: asUser, body: "{}" });
  assert.equal((await empty.json()).error.details.problems[0].code, "required");
});

Deno.test("broken JSON, no JSON, and too much of it are refused", async () => {
  const { request } = build(() => assert.fail("SQL was called"));
  const post = async (body: BodyInit, headers: HeadersInit = asUser) =>
    await errorOf(await request("/", { method: "POST", headers, body }));
  assert.deepEqual(await post("{"), [400, "json_invalid"]);
  assert.deepEqual(await post(""), [400, "json_invalid"]);
  assert.deepEqual(await post("[".repeat(5_000)), [400, "json_too_deep"]);
  assert.deepEqual(await post("a=1", { ...asUser, "content-type": "text/plain" }), [415, "unsupported_media_type"]);
  assert.deepEqual(await post("{}", { authorization: asUser.authorization }), [415, "unsupported_media_type"]);
  assert.deepEqual(await post("x".repeat(5_000_000)), [413, "body_too_large"]);
});

Deno.test("a body without a length is counted while it arrives", async () => {
  const { request } = build(() => assert.fail("SQL was called"));
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      sent += 65536;
      controller.enqueue(new Uint8Array(65536).fill(0x20));
    },
  });
  assert.deepEqual(await errorOf(await request("/", { method: "POST", headers: asUser, body })), [
    413,
    "body_too_large",
  ]);
  assert.ok(sent < 2_000_000, `${sent}`);
});

Deno.test("every route for people wants a person or the secret key", async () => {
  const { request } = build(() => execution("SUCCESS"));
  for (
    const [method, path] of [
      ["POST", "/"],
      ["GET", `/${executionId}`],
      ["GET", `/${executionId}/events`],
      ["POST", "/events"],
      ...verbs.map((verb) => ["POST", `/${executionId}/${verb}`] as const),
    ] as const
  ) {
    const call = async (headers: HeadersInit) => await errorOf(await request(path, { method, headers }));
    assert.deepEqual(await call({}), [401, "authentication_required"], path);
    assert.deepEqual(await call({ apikey: "wrong" }), [401, "invalid_api_key"], path);
    assert.deepEqual(await call({ apikey: publishableKey }), [401, "authentication_required"], path);
    assert.deepEqual(await call({ authorization: "Bearer x.y.z" }), [401, "invalid_token"], path);
  }
  assert.equal((await request(`/${executionId}`, { headers: { apikey: secretKey } })).status, 200);
});

Deno.test("SQL's refusal reaches the client with its own code", async () => {
  const { request } = build(() => refuse("PT404", "execution_not_found"));
  assert.deepEqual(await errorOf(await request(`/${executionId}`, { headers: asUser })), [404, "execution_not_found"]);
  assert.deepEqual(
    await errorOf(await request(`/${executionId}/events`, { headers: asUser })),
    [404, "execution_not_found"],
  );
});

Deno.test("unknown routes are 404, known ones with another method 405 with Allow", async () => {
  const { request } = build(() => assert.fail("SQL was called"));
  assert.deepEqual(await errorOf(await request("/nothing/here", { headers: asUser })), [404, "route_not_found"]);
  assert.deepEqual(await errorOf(await request("/not-a-uuid", { headers: asUser })), [404, "route_not_found"]);
  const wrong = await request("/work", { method: "GET" });
  assert.equal(wrong.headers.get("allow"), "POST");
  assert.deepEqual(await errorOf(wrong), [405, "method_not_allowed"]);
  assert.deepEqual(await errorOf(await request("", { method: "DELETE" })), [405, "method_not_allowed"]);
  assert.deepEqual(await errorOf(await request("/steps/1", { method: "POST" })), [404, "route_not_found"]);
});

Deno.test("/execute and /execute/ are the same route", async () => {
  const { request } = build(() => assert.fail("SQL was called"));
  for (const path of ["", "/"]) assert.equal((await request(path, { method: "POST" })).status, 401);
});

Deno.test("CORS: preflights are answered, and every answer may be read", async () => {
  const { request } = build(() => assert.fail("SQL was called"));
  const preflight = await request("/", {
    method: "OPTIONS",
    headers: { origin: "http://app", "access-control-request-method": "POST" },
  });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get("access-control-allow-headers")!, /authorization.*apikey.*content-type/);
  const refused = await request("/", { method: "POST", headers: { origin: "http://app" } });
  assert.equal(refused.headers.get("access-control-allow-origin"), "*");
  assert.match(refused.headers.get("access-control-expose-headers")!, /x-request-id/);
});

Deno.test("a harmless request id is kept, any other replaced; the log line has it and no secret", async () => {
  const { request, lines } = build(() => execution("SUCCESS"));
  const headers = { ...asUser, "x-request-id": "trace-0123:456" };
  await request(`/${executionId}`, { headers });
  assert.deepEqual(
    [lines[0]!.request_id, lines[0]!.caller, lines[0]!.status, lines[0]!.path],
    ["trace-0123:456", "user", 200, `/execute/${executionId}`],
  );
  assert.ok(typeof lines[0]!.duration_ms === "number");
  const other = await request(`/${executionId}`, { headers: { ...asUser, "x-request-id": 'a" b' } });
  assert.match(other.headers.get("x-request-id")!, /^[0-9a-f-]{36}$/);
  await request(`/hooks/webhook/${triggerId}/secret/path?token=abc`, { method: "POST", body: "secret body" });
  assert.ok(!/secret|abc|000000000003/.test(JSON.stringify(lines)), JSON.stringify(lines));
  assert.ok(!JSON.stringify(lines).includes(token));
});

Deno.test("a fault of ours is logged with its cause and answered without it", async () => {
  const { request, lines } = build(() => refuse("42P01"));
  const response = await request(`/${executionId}`, { headers: asUser });
  assert.deepEqual(await errorOf(response), [500, "internal_error"]);
  const line = lines.find((line) => line.event === "failure")!;
  assert.deepEqual([line.cause_code, line.cause], ["42P01", "No such thing"]);
});

Deno.test("health tells whether the database answers, to anyone", async () => {
  assert.equal((await build(() => undefined).request("/health")).status, 200);
  const away = () => Promise.reject(Object.assign(new Error("x"), { code: "ECONNREFUSED" }));
  const response = await build(away).request("/health");
  assert.equal(response.headers.get("retry-after"), "2");
  assert.deepEqual(await errorOf(response), [503, "database_unavailable"]);
});

Deno.test("openapi.json describes every route from its schemas", async () => {
  const document = await (await build(() => undefined).request("/openapi.json")).json();
  assert.equal(document.openapi, "3.1.0");
  assert.equal(document.servers[0].url, "http://project.test/functions/v1/execute");
  const paths = Object.keys(document.paths);
  for (const path of ["/", "/{id}", "/{id}/events", "/hooks/webhook/{triggerId}/{path}", "/work", "/health"]) {
    assert.ok(paths.includes(path), path);
  }
  const schema = document.components.schemas.StartExecution;
  assert.equal(schema.additionalProperties, false);
  assert.deepEqual(schema.required, ["workflow_id"]);
  assert.equal(schema.properties.wait_ms.maximum, 30_000);
  assert.ok(document.paths["/"].post.responses[202]);
  assert.deepEqual(document.components.schemas.ExecutionWithNodes.properties.children.items, {
    $ref: "#/components/schemas/ExecutionWithNodes",
  });
  for (const verb of verbs) {
    const operation = document.paths[`/{id}/${verb}`].post;
    assert.deepEqual(Object.keys(operation.responses), ["202", "default"], verb);
    assert.equal(operation.requestBody.required, false, verb);
  }
  assert.equal(document.paths["/events"].post.requestBody.required, true);
  assert.ok(document.paths["/steps/{id}"].post.responses[200]);
});

Deno.test("a step's outcome is counted as its caller, and one that cannot be is refused before", async () => {
  const stepId = "0198c0de-0000-7000-8000-000000000007";
  const statistics = { step_id: stepId, succeeded: 1, failed: 0, duration_ms: 250, last_executed_at: "2026-01-01" };
  const { request, statements } = build(() => statistics);
  const send = (body: unknown) =>
    request(`/steps/${stepId}`, { method: "POST", headers: asUser, body: JSON.stringify(body) });
  const response = await send({ success: true, duration_ms: 250 });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { statistics });
  await send({ success: false });
  assert.deepEqual(statements.map(({ values }) => values), [[stepId, true, 250], [stepId, false, null]]);
  assert.equal(statements[0]!.caller!.kind, "user");
  for (
    const body of [{}, { success: "yes" }, { success: true, duration_ms: -1 }, { success: true, duration_ms: 0.5 }]
  ) {
    assert.deepEqual(await errorOf(await send(body)), [422, "request_invalid"], JSON.stringify(body));
  }
  assert.equal(statements.length, 2);
});

Deno.test("an execution is controlled by its caller, with or without a body, and the worker looks what is next", async () => {
  const nodeRun = "0198c0de-0000-7000-8000-000000000009";
  const cases: [verb: string, body: unknown, values: unknown[]][] = [
    ["cancel", undefined, [executionId, null]],
    ["cancel", { reason: "wrong order" }, [executionId, "wrong order"]],
    ["pause", { reason: null }, [executionId, null]],
    ["resume", undefined, [executionId]],
    ["resume", {}, [executionId]],
    ["retry", undefined, [executionId, null, null]],
    ["retry", { node_execution_id: nodeRun, version: 3 }, [executionId, nodeRun, 3]],
  ];
  for (const [verb, body, values] of cases) {
    const callers: Record<string, string>[] = [{ authorization: asUser.authorization }, { apikey: secretKey }];
    for (const headers of callers) {
      const { request, statements, wakes } = build(() => execution("RUNNING").execution);
      const response = await request(`/${executionId}/${verb}`, {
        method: "POST",
        headers: { ...headers, ...(body === undefined ? {} : json) },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      assert.equal(response.status, 202, verb);
      assert.deepEqual(await response.json(), { execution: execution("RUNNING").execution });
      const [{ sql, values: given, caller }] = statements as [typeof statements[0]];
      assert.match(sql, new RegExp(`from public\\.${verb}_execution\\( ?execution_id => \\?`));
      assert.deepEqual([given, caller?.kind], [values, "apikey" in headers ? "service" : "user"]);
      assert.deepEqual([statements.length, wakes.count], [1, 1]);
    }
  }
});

Deno.test("what is wrong with a control's body is told before anything happens", async () => {
  const { request, statements, wakes } = build(() => assert.fail("SQL was called"));
  const post = async (verb: string, body: BodyInit, headers: HeadersInit = asUser) =>
    await errorOf(await request(`/${executionId}/${verb}`, { method: "POST", headers, body }));
  for (const verb of verbs) {
    assert.deepEqual(await post(verb, '{"why": 1}'), [422, "request_invalid"], verb);
    assert.deepEqual(await post(verb, "{"), [400, "json_invalid"], verb);
    assert.deepEqual(await post(verb, "null"), [422, "request_invalid"], verb);
    const text = { authorization: asUser.authorization, "content-type": "text/plain" };
    assert.deepEqual(await post(verb, "{}", text), [415, "unsupported_media_type"], verb);
    assert.deepEqual(
      await errorOf(await request(`/not-an-id/${verb}`, { method: "POST", headers: asUser })),
      [404, "route_not_found"],
    );
  }
  for (const body of [{ reason: 1 }, { reason: "x".repeat(1001) }]) {
    assert.deepEqual(await post("cancel", JSON.stringify(body)), [422, "request_invalid"]);
  }
  for (const body of [{ node_execution_id: "first" }, { version: 0 }, { version: "2" }]) {
    assert.deepEqual(await post("retry", JSON.stringify(body)), [422, "request_invalid"]);
  }
  assert.deepEqual([statements.length, wakes.count], [0, 0]);
});

Deno.test("a control that SQL refuses wakes nobody", async () => {
  const { request, wakes } = build(() => refuse("PT409", "execution_ended"));
  const response = await request(`/${executionId}/cancel`, { method: "POST", headers: asUser });
  assert.deepEqual(await errorOf(response), [409, "execution_ended"]);
  assert.equal(wakes.count, 0);
});

Deno.test("an event is sent as the caller; its payload is {} only where it is left out", async () => {
  const sent = { id: executionId, name: "paid", key: "o-1", created: true };
  const { request, statements, wakes } = build(() => sent);
  const post = (body: unknown) => request("/events", { method: "POST", headers: asUser, body: JSON.stringify(body) });
  const response = await post({ name: "paid", payload: { sum: "1\0" }, key: "o-1", workspace_id: workflowId });
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), sent);
  assert.match(statements[0]!.sql, /^select public\.send_event\( name => \?/);
  assert.equal(statements[0]!.caller?.kind, "user");
  await post({ name: "paid" });
  await post({ name: "paid", payload: null, key: null });
  assert.deepEqual(statements.map(({ values }) => values), [
    ["paid", '{"sum":"1\ufffd"}', "o-1", workflowId],
    ["paid", "{}", null, null],
    ["paid", "null", null, null],
  ]);
  assert.equal(wakes.count, 3);
});

Deno.test("an event needs a name, and its fields their forms", async () => {
  const { request } = build(() => assert.fail("SQL was called"));
  const bodies = [{}, { name: "" }, { name: "x".repeat(201) }, { name: "a", key: "" }, { name: "a", event: 1 }];
  for (const body of [...bodies, { name: "a", workspace_id: "mine" }]) {
    const response = await request("/events", { method: "POST", headers: asUser, body: JSON.stringify(body) });
    assert.deepEqual(await errorOf(response), [422, "request_invalid"], JSON.stringify(body));
  }
  const empty = await request("/events", { method: "POST", headers: asUser });
  assert.deepEqual(await errorOf(empty), [400, "json_invalid"]);
});

function pages(...list: unknown[]): Answer {
  return () => list.length > 1 ? list.shift() : list[0];
}
const event = (id: number) => ({ id, event_type: "node_ended", message: "a\nb" });

Deno.test("events are replayed after the last one known, followed, and ended with the status", async () => {
  const { request, statements } = build(pages(
    { events: [event(6), event(7)], status: "RUNNING", ended: false },
    { events: [], status: "RUNNING", ended: false },
    { events: [event(9)], status: "SUCCESS", ended: true },
    { events: [], status: "SUCCESS", ended: true },
  ));
  const response = await request(`/${executionId}/events`, { headers: { ...asUser, "last-event-id": "5" } });
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const messages = (await response.text()).trim().split("\n\n");
  assert.deepEqual(messages, [
    "retry: 1000",
    `id: 6\nevent: node_ended\ndata: ${JSON.stringify(event(6))}`,
    `id: 7\nevent: node_ended\ndata: ${JSON.stringify(event(7))}`,
    `id: 9\nevent: node_ended\ndata: ${JSON.stringify(event(9))}`,
    'event: end\ndata: {"status":"SUCCESS"}',
  ]);
  assert.deepEqual(statements.map((statement) => statement.values[1]), ["5", "7", "7", "9"]);
});

Deno.test("a client that cannot send headers resumes with ?after=; the header wins", async () => {
  const { request, statements } = build(pages({ events: [], status: "SUCCESS", ended: true }));
  await (await request(`/${executionId}/events?after=41`, { headers: asUser })).text();
  await (await request(`/${executionId}/events?after=41`, { headers: { ...asUser, "last-event-id": "42" } })).text();
  assert.deepEqual(statements.map((statement) => statement.values[1]), ["41", "42"]);
});

Deno.test("a stream stops asking when its client goes away", async () => {
  const { request, statements } = build(pages({ events: [], status: "RUNNING", ended: false }));
  const response = await request(`/${executionId}/events`, { headers: asUser });
  await response.body!.cancel();
  const asked = statements.length;
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.ok(statements.length <= asked + 1, `${asked} ${statements.length}`);
});

Deno.test("one person follows twenty executions at once, not more; a stream that ends makes room", async () => {
  const { request } = build(pages({ events: [], status: "RUNNING", ended: false }), { streamLifetimeMs: 5_000 });
  const follow = () => request(`/${executionId}/events`, { headers: asUser });
  const streams = await Promise.all(Array.from({ length: 20 }, follow));
  assert.ok(streams.every((response) => response.status === 200));
  const refused = await follow();
  assert.equal(refused.headers.get("retry-after"), "5");
  assert.deepEqual(await errorOf(refused), [429, "too_many_streams"]);
  await streams[0]!.body!.cancel();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const next = await follow();
  assert.equal(next.status, 200);
  await Promise.all([next, ...streams.slice(1)].map((response) => response.body!.cancel()));
  await new Promise((resolve) => setTimeout(resolve, 300));
});

Deno.test("a stream ends by itself after its time, without `end`", async () => {
  const { request } = build(pages({ events: [], status: "RUNNING", ended: false }), { streamLifetimeMs: 250 });
  const text = await (await request(`/${executionId}/events`, { headers: asUser })).text();
  assert.equal(text, "retry: 1000\n\n");
});

Deno.test("a stream survives a short loss of the database", async () => {
  let asked = 0;
  const { request } = build(() => {
    if (++asked === 2) return Promise.reject(Object.assign(new Error(), { code: "CONNECTION_CLOSED" }));
    return { events: [], status: "SUCCESS", ended: asked > 2 };
  });
  const text = await (await request(`/${executionId}/events`, { headers: asUser })).text();
  assert.match(text, /event: end\n/);
});

Deno.test("a wrong last event id is refused", async () => {
  const { request } = build(() => assert.fail("SQL was called"));
  const headers = { ...asUser, "last-event-id": "abc" };
  assert.deepEqual(await errorOf(await request(`/${executionId}/events`, { headers })), [422, "request_invalid"]);
  assert.deepEqual(
    await errorOf(await request(`/${executionId}/events?after=-1&x=1`, { headers: asUser })),
    [422, "request_invalid"],
  );
});

const received = { execution_id: executionId, status: "NEW", duplicate: false };
const webhookConfig = { response_mode: "async", raw_body: false, integration: null };
/** What SQL answers to a webhook that is there and has room. */
const webhook = (sql: string) =>
  sql.includes("webhook_config") ? webhookConfig : sql.includes("admit_delivery") ? null : received;

Deno.test("a webhook needs no key, and reaches SQL as the worker's role", async () => {
  const { request, statements, wakes } = build(webhook);
  const response = await request(`/hooks/webhook/${triggerId}/github/a%20b?x=1&x=2&y=`, {
    method: "POST",
    headers: { ...json, "X-GitHub-Delivery": "d-1", "X-GitHub-Event": "issues", Authorization: "Bearer z" },
    body: '{"action":"opened"}',
  });
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), received);
  assert.deepEqual(statements.map(({ caller }) => caller), [null, null, null]);
  const { values } = statements[2]!;
  assert.deepEqual(values.slice(0, 3), [triggerId, "POST", "github/a b"]);
  assert.deepEqual(JSON.parse(values[3] as string), {
    method: "POST",
    path: "github/a b",
    query: { x: ["1", "2"], y: "" },
    headers: { "content-type": "application/json", "x-github-delivery": "d-1", "x-github-event": "issues" },
    body: { action: "opened" },
  });
  assert.equal(values[4], "d-1");
  assert.equal(wakes.count, 1);
});

Deno.test("a webhook may come with any method and without a path", async () => {
  const { request, statements } = build(webhook);
  for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
    assert.equal((await request(`/hooks/webhook/${triggerId}`, { method })).status, 202, method);
    assert.deepEqual(statements.at(-1)!.values.slice(0, 3), [triggerId, method, ""]);
  }
});

Deno.test("what only asks whether a webhook is there delivers nothing", async () => {
  const { request } = build(() => assert.fail("SQL was called"));
  for (const method of ["HEAD", "OPTIONS"]) {
    assert.equal((await request(`/hooks/webhook/${triggerId}/x`, { method })).status, 405, method);
  }
  const encoded = `%3${triggerId[0]}${triggerId.slice(1)}`;
  assert.equal((await request(`/hooks/webhook/${encoded}/x`, { method: "POST" })).status, 404);
});

Deno.test("an id that is none and one that is unknown get the same answer", async () => {
  const known = await build(() => assert.fail("SQL was called")).request("/hooks/webhook/not-an-id/x", {
    method: "POST",
  });
  assert.deepEqual(await errorOf(known), [404, "trigger_not_found"]);
  const { request } = build(() => null);
  const unknown = await request(`/hooks/webhook/${triggerId}/x`, { method: "POST" });
  assert.deepEqual(await errorOf(unknown), [404, "trigger_not_found"]);
});

Deno.test("a webhook that comes too often is told when to come again, and reads nothing", async () => {
  const { request, statements } = build((sql) => sql.includes("webhook_config") ? webhookConfig : 3);
  const response = await request(`/hooks/webhook/${triggerId}/x`, { method: "POST", body: "{", headers: json });
  assert.equal(response.headers.get("retry-after"), "3");
  assert.deepEqual(await errorOf(response), [429, "rate_limited"]);
  assert.equal(statements.length, 2);
});

Deno.test("work is for the secret key, the service token, and a doorbell's token", async () => {
  const valid = "doorbell-token-0123456789";
  const { request, statements, wakes } = build((_, [given]) => given === valid);
  const work = async (headers: HeadersInit) => (await request("/work", { method: "POST", headers, body: "{}" })).status;
  assert.equal(await work({ apikey: secretKey }), 202);
  assert.equal(await work({ authorization: `Bearer ${await signShared({ role: "service_role" })}` }), 202);
  assert.equal(statements.length, 0);
  assert.equal(await work({ authorization: `Bearer ${valid}` }), 202);
  assert.equal(wakes.count, 3);
  assert.equal(await work({ authorization: "Bearer doorbell-token-9999999999" }), 401);
  assert.equal(await work({ authorization: "Bearer short" }), 401);
  assert.equal(await work({ authorization: `Bearer ${token}` }), 403);
  assert.equal(await work({ apikey: publishableKey }), 403);
  assert.equal(await work({}), 401);
  assert.equal(wakes.count, 3);
});

Deno.test("an isolate whose time is over says so and does not work", async () => {
  const { request, wakes } = build(() => true, { accepting: false });
  const response = await request("/work", { method: "POST", headers: { apikey: secretKey } });
  assert.deepEqual([response.status, await response.json(), wakes.count], [202, { working: false }, 0]);
});
