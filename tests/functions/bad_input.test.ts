import assert from "node:assert/strict";
import { signShared } from "shared/tokens.testing.ts";
import { signUp, stack } from "../stack.ts";
import { call, chain, createWorkflow, data, deploy, json, manual, run, webhook } from "../flows/wire.ts";

const echo = { id: "echo", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input }}" } };
const raw = (body: BodyInit | null, type: string | null = "application/json") => {
  const headers = new Headers();
  if (type) headers.set("content-type", type);
  return { method: "POST", body, headers };
};
interface Problem {
  code: string;
  path: string;
}

Deno.test("every problem of a body is told at once, and nothing is started", async () => {
  const user = await signUp("input");
  const workflow_id = await createWorkflow(user, chain(manual, echo));
  const body = {
    workflow_id,
    inputs: {},
    priority: "high",
    wait_ms: 30_001,
    version: 0,
    idempotency_key: "",
    start_at: "tomorrow",
    timeout_seconds: 0,
  };
  const { error } = await json(call("execute", user, { json: body }), 422);
  assert.equal(error.code, "request_invalid");
  assert.deepEqual(error.details.problems.map(({ code, path }: Problem) => `${code} ${path}`).sort(), [
    "invalid_format $.start_at",
    "invalid_type $.priority",
    "too_big $.wait_ms",
    "too_small $.idempotency_key",
    "too_small $.timeout_seconds",
    "too_small $.version",
    "unknown_field $.inputs",
  ]);
  assert.match(error.message, /7 problems/);
  assert.deepEqual(data(await user.client.from("workflow_executions").select("id")), []);

  const empty = await json(call("execute", user, { json: {} }), 422);
  assert.deepEqual(empty.error.details.problems.map(({ code, path }: Problem) => [code, path]), [
    ["required", "$.workflow_id"],
  ]);
  for (const body of [[], "text", 1, null]) await json(call("execute", user, { json: body }), 422);
  const query = await json(call(`execute/${crypto.randomUUID()}/events?since=1&after=x`, user), 422);
  assert.deepEqual(query.error.details.problems.map(({ path }: Problem) => path).sort(), [
    "query.after",
    "query.since",
  ]);
});

Deno.test("a body that is not JSON is refused before it is looked at", async () => {
  const user = await signUp("input");
  const deep = "[".repeat(101) + "]".repeat(101);
  const cases: [number, string, RequestInit][] = [
    [400, "json_invalid", raw('{"workflow_id": ')],
    [400, "json_invalid", raw("")],
    [400, "json_invalid", raw(new Uint8Array([0x22, 0xff, 0x22]))],
    [400, "json_too_deep", raw(deep)],
    [415, "unsupported_media_type", raw("{}", "text/plain")],
    [415, "unsupported_media_type", raw("a=1", "application/x-www-form-urlencoded")],
    [415, "unsupported_media_type", raw(new Uint8Array([0x7b, 0x7d]), null)],
  ];
  for (const route of ["execute", "execute/events", "deploy", "deploy/validate"]) {
    for (const [status, code, init] of cases) {
      const { error } = await json(call(route, user, init), status);
      assert.equal(error.code, code, route);
    }
  }
});

Deno.test("a control may come without a body, and says everything that is wrong with one", async () => {
  const user = await signUp("input");
  const id = crypto.randomUUID();
  const bodies: Record<string, [body: unknown, problems: string[]]> = {
    cancel: [{ reason: 7, force: true }, ["invalid_type $.reason", "unknown_field $.force"]],
    pause: [{ until: 1 }, ["unknown_field $.until"]],
    resume: [{ reason: "x" }, ["unknown_field $.reason"]],
    retry: [{ node_execution_id: "a", version: 0 }, ["invalid_format $.node_execution_id", "too_small $.version"]],
  };
  for (const [verb, [body, problems]] of Object.entries(bodies)) {
    const { error } = await json(call(`execute/${id}/${verb}`, user, { json: body }), 422);
    assert.equal(error.code, "request_invalid");
    assert.deepEqual(error.details.problems.map(({ code, path }: Problem) => `${code} ${path}`).sort(), problems);
    for (const init of [{ method: "POST" }, raw("", null), { json: {} }]) {
      const { error } = await json(call(`execute/${id}/${verb}`, user, init), 404);
      assert.equal(error.code, "execution_not_found", verb);
    }
  }
  const event = { key: "", payload: {}, to: "all" };
  const { error } = await json(call("execute/events", user, { json: event }), 422);
  assert.deepEqual(error.details.problems.map(({ code, path }: Problem) => `${code} ${path}`).sort(), [
    "required $.name",
    "too_small $.key",
    "unknown_field $.to",
  ]);
});

Deno.test("a body of 5 MB is refused by every route that takes one", async () => {
  const user = await signUp("input");
  const { url } = await deploy(user, chain(webhook, echo));
  const text = JSON.stringify({ filler: "x".repeat(5 * 1024 * 1024) });
  const controls = ["cancel", "pause", "resume", "retry"].map((verb) => `execute/${crypto.randomUUID()}/${verb}`);
  for (const route of ["execute", "execute/events", ...controls, "deploy", "deploy/validate", "embed"]) {
    const { error } = await json(call(route, user, raw(text)), 413);
    assert.equal(error.code, "body_too_large");
  }
  const { error } = await json(fetch(url, raw(text)), 413);
  assert.equal(error.code, "body_too_large");
  // the length is not announced, so it shows only while it is read
  const pieces = ReadableStream.from(Array.from({ length: 80 }, () => new Uint8Array(65_536).fill(0x20)));
  const streamed = await json(call("execute", user, raw(pieces)), 413);
  assert.equal(streamed.error.code, "body_too_large");
  assert.deepEqual(data(await user.client.from("workflow_executions").select("id")), []);
});

Deno.test("nobody in particular, a wrong key and a wrong token are told apart", async () => {
  const user = await signUp("input");
  const { jwt_secret, publishable_key, secret_key } = stack();
  const claims = { sub: user.id, role: "authenticated", aud: "authenticated" };
  const past = Math.floor(Date.now() / 1000) - 3600;
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const [header, payload, signature] = user.token.split(".") as [string, string, string];
  const forged = btoa(atob(payload.replaceAll("-", "+").replaceAll("_", "/")).replace(user.id, crypto.randomUUID()))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const cases: [string, HeadersInit, string][] = [
    ["no key", {}, "authentication_required"],
    ["only the publishable key", { apikey: publishable_key }, "authentication_required"],
    ["a wrong key", { apikey: "sb_publishable_wrong" }, "invalid_api_key"],
    ["a wrong secret key", { apikey: `${secret_key}x` }, "invalid_api_key"],
    ["a wrong key beside a good token", { apikey: "sb_secret_wrong", ...bearer(user.token) }, "invalid_api_key"],
    ["a wrong secret key as a token", bearer("sb_secret_wrong"), "invalid_api_key"],
    ["no token at all", bearer("token"), "invalid_token"],
    ["an expired token", bearer(await signShared({ ...claims, exp: past }, jwt_secret)), "token_expired"],
    ["a token of another secret", bearer(await signShared(claims, "x".repeat(40))), "invalid_token"],
    ["a token for another user under the old signature", bearer(`${header}.${forged}.${signature}`), "invalid_token"],
    ["a token without a signature", bearer(`${btoa('{"alg":"none"}').replace("=", "")}.${payload}.x`), "invalid_token"],
    [
      "a token of another role",
      bearer(await signShared({ ...claims, role: "postgres" }, jwt_secret)),
      "invalid_token",
    ],
    ["a token without a person", bearer(await signShared({ ...claims, sub: "me" }, jwt_secret)), "invalid_token"],
  ];
  const id = crypto.randomUUID();
  for (const [name, headers, code] of cases) {
    const answers = await Promise.all([
      json(call(`execute/${id}`, null, { headers }), 401),
      json(call("execute", null, { headers, json: { workflow_id: id } }), 401),
      json(call("deploy", null, { headers, json: { workflow_id: id } }), 401),
    ]);
    for (const { error } of answers) assert.equal(error.code, code, name);
  }
  // the same secret, claims in order: so it is the claims that were refused above
  const good = bearer(await signShared(claims, jwt_secret));
  assert.equal((await json(call(`execute/${id}`, null, { headers: good }), 404)).error.code, "execution_not_found");
});

Deno.test("only the service may wake a worker", async () => {
  const user = await signUp("input");
  for (const route of ["execute/work", "embed/work"]) {
    const work = (headers: HeadersInit) => call(route, null, { method: "POST", headers });
    assert.equal((await json(work({}), 401)).error.code, "authentication_required");
    assert.equal((await json(work({ apikey: stack().publishable_key }), 403)).error.code, "forbidden");
    assert.equal((await json(call(route, user, { method: "POST" }), 403)).error.code, "forbidden");
    const guess = { authorization: `Bearer ${crypto.randomUUID()}` };
    assert.equal((await json(work(guess), 401)).error.code, "invalid_token");
    assert.deepEqual(await json(work({ apikey: stack().secret_key }), 202), { working: true });
  }
});

Deno.test("an id of somebody else is answered like one that does not exist", async () => {
  const [owner, stranger] = await Promise.all([signUp("owner"), signUp("stranger")]);
  const workflow = await createWorkflow(owner, chain(manual, echo));
  const { execution } = await run(owner, workflow, { secret: "42" });
  const missing = crypto.randomUUID();
  const answersFor = async (id: string) => {
    const answers = await Promise.all([
      call(`execute/${id}`, stranger),
      call(`execute/${id}/events`, stranger),
      ...["cancel", "pause", "resume", "retry"].map((verb) => call(`execute/${id}/${verb}`, stranger, { json: {} })),
      call("execute", stranger, { json: { workflow_id: id } }),
      call("deploy", stranger, { json: { workflow_id: id } }),
    ]);
    return await Promise.all(answers.map(async (answer) => {
      const { error } = await answer.json();
      return [answer.status, JSON.stringify(error).replaceAll(id, "<id>")];
    }));
  };
  const absent = await answersFor(missing);
  assert.deepEqual(absent.map(([status]) => status), Array(8).fill(404));
  assert.deepEqual((await answersFor(execution.id)).slice(0, 6), absent.slice(0, 6));
  assert.deepEqual((await answersFor(workflow)).slice(6), absent.slice(6));

  const rpc = async (id: string) => {
    const answers = [
      await stranger.client.rpc("get_execution", { execution_id: id }),
      await stranger.client.rpc("start_execution", { workflow_id: id }),
      await stranger.client.rpc("deploy_workflow", { workflow_id: id }),
      await stranger.client.rpc("create_workflow_version", { workflow_id: id, definition: {} }),
    ];
    return answers.map(({ status, error }) => [status, error?.code, JSON.stringify(error).replaceAll(id, "<id>")]);
  };
  const [absentExecution, ...absentWorkflow] = await rpc(missing);
  assert.deepEqual([absentExecution!.slice(0, 2), ...absentWorkflow.map((row) => row.slice(0, 2))], [
    [404, "PT404"],
    [404, "PT404"],
    [404, "PT404"],
    [404, "PT404"],
  ]);
  assert.deepEqual((await rpc(execution.id))[0], absentExecution);
  assert.deepEqual((await rpc(workflow)).slice(1), absentWorkflow);
});

Deno.test("text that the database cannot hold does not hurt", async () => {
  const user = await signUp("input");
  const workflow_id = await createWorkflow(user, chain(manual, echo));
  const body = { workflow_id, input: { "a\0b": "c\0d", lone: "\ud800" }, wait_ms: 10_000 };
  const { execution } = await json(call("execute", user, { json: body }), 200);
  assert.deepEqual(execution.output.echo, { "a\ufffdb": "c\ufffdd", lone: "\ufffd" });
  for (const id of ["1", "not-an-id", "%00", "'; drop table workflows; --"]) {
    const { error } = await json(call(`execute/${encodeURIComponent(id)}`, user), 404);
    assert.equal(error.code, "route_not_found");
  }
});

Deno.test("a webhook keeps what it can read, and refuses what it cannot", async () => {
  const user = await signUp("input");
  const { url } = await deploy(user, chain(webhook, echo));
  const bodyOf = async (init: RequestInit) => {
    const { execution_id } = await json(fetch(url, init), 202);
    return (await json(call(`execute/${execution_id}`, user), 200)).execution.output.echo.body;
  };
  assert.deepEqual(await bodyOf(raw('{"a": 1}')), { a: 1 });
  assert.deepEqual(await bodyOf(raw("a=1&b=2&a=3", "application/x-www-form-urlencoded")), { a: ["1", "3"], b: "2" });
  assert.equal(await bodyOf(raw("hello", "text/plain")), "hello");
  assert.equal(await bodyOf(raw(new Uint8Array([0, 255]), "application/octet-stream")), "AP8=");
  assert.equal(await bodyOf(raw(null)), null);
  assert.equal((await json(fetch(url, raw('{"a": ')), 400)).error.code, "json_invalid");
  const long = { ...raw("{}"), headers: { "content-type": "application/json", "x-github-delivery": "x".repeat(256) } };
  assert.equal((await json(fetch(url, long), 400)).error.code, "delivery_key_invalid");
});
