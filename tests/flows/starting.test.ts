import assert from "node:assert/strict";
import { signUp } from "../stack.ts";
import { call, chain, createWorkflow, data, ended, json, manual, receiver, triage } from "./wire.ts";

const echo = { id: "echo", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input }}" } };
const post = { id: "post", type: "ACTION", subtype: "HTTP_REQUEST" };

Deno.test("a start that waits gets the result", async () => {
  const user = await signUp("starting");
  const id = await createWorkflow(user, chain(manual, echo));
  const body = { workflow_id: id, input: { n: [1, "two", null] }, wait_ms: 10_000 };
  const { execution, nodes } = await json(call("execute", user, { json: body }), 200);
  assert.deepEqual([execution.status, execution.mode], ["SUCCESS", "MANUAL"]);
  assert.deepEqual(execution.output, { echo: { n: [1, "two", null] } });
  assert.equal(nodes.length, 2);
});

Deno.test("a start that waits too short gets the execution as it is", async () => {
  const user = await signUp("starting");
  const { promise: answer, resolve: release } = Promise.withResolvers<Response>();
  await using gate = await receiver([user], () => answer);
  const id = await createWorkflow(user, chain(manual, { ...post, parameters: { url: gate.url } }));
  const began = performance.now();
  const waited = await json(call("execute", user, { json: { workflow_id: id, wait_ms: 200 } }), 202);
  assert.ok(performance.now() - began >= 200);
  assert.deepEqual(Object.keys(waited), ["execution"]);
  assert.deepEqual([waited.execution.status, waited.execution.end_time], ["RUNNING", null]);
  release(Response.json({}));
  assert.equal((await ended(user, waited.execution.id)).execution.status, "SUCCESS");
});

Deno.test("the same idempotency key is the same start, by supabase-js, by body and by header", async () => {
  const user = await signUp("starting");
  const workflow_id = await createWorkflow(user, chain(manual, echo));
  const input = { order: 7 };
  const start = (idempotency_key: string, given: unknown = input) =>
    user.client.rpc("start_execution", { workflow_id, input: given as never, idempotency_key });
  const first = data(await start("k-1"));
  assert.equal(data(await start("k-1")).id, first.id);
  const byBody = await json(call("execute", user, { json: { workflow_id, input, idempotency_key: "k-1" } }), 202);
  assert.equal(byBody.execution.id, first.id);
  const headers = { "idempotency-key": "k-1" };
  const byHeader = await json(call("execute", user, { json: { workflow_id, input }, headers }), 202);
  assert.equal(byHeader.execution.id, first.id);

  const refused = await start("k-1", { order: 8 });
  assert.deepEqual([refused.status, refused.error?.code, refused.error?.details], [
    409,
    "PT409",
    "idempotency_key_reused",
  ]);
  const other = { workflow_id, input: { order: 8 } };
  const { error } = await json(call("execute", user, { json: other, headers }), 409);
  assert.equal(error.code, "idempotency_key_reused");
  assert.match(error.hint, new RegExp(first.id));

  assert.notEqual(data(await start("k-2")).id, first.id);
  const executions = data(await user.client.from("workflow_executions").select("idempotency_key").order("id"));
  assert.deepEqual(executions.map((row) => row.idempotency_key), ["k-1", "k-2"]);
});

Deno.test("twenty starts with one key at once are one", async () => {
  const user = await signUp("starting");
  const workflow_id = await createWorkflow(user, chain(manual, echo));
  const body = { workflow_id, idempotency_key: "once" };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => json(call("execute", user, { json: body }), 202)),
  );
  assert.equal(new Set(answers.map(({ execution }) => execution.id)).size, 1);
  assert.equal(data(await user.client.from("workflow_executions").select("id")).length, 1);
});

Deno.test("an execution keeps to the version it was started with", async () => {
  const user = await signUp("starting");
  const workflow_id = await createWorkflow(user, chain(manual, echo));
  await json(call("deploy", user, { json: { workflow_id } }), 200);
  const second = { ...echo, parameters: { output: "second" } };
  const saved = data(
    await user.client.rpc("create_workflow_version", { workflow_id, definition: chain(manual, second) as never }),
  );
  assert.equal(saved.version, 2);
  const outputOf = async (version?: number) => {
    const body = { workflow_id, input: "first", version, wait_ms: 10_000 };
    const { execution } = await json(call("execute", user, { json: body }), 200);
    return [execution.version, execution.output.echo];
  };
  assert.deepEqual(await outputOf(), [1, "first"]);
  assert.deepEqual(await outputOf(2), [2, "second"]);
  assert.deepEqual(await outputOf(1), [1, "first"]);
  const { error } = await json(call("execute", user, { json: { workflow_id, version: 3 } }), 404);
  assert.equal(error.code, "version_not_found");
});

Deno.test("a definition comes back from the database as it was saved", async () => {
  const user = await signUp("starting");
  const definition = {
    ...triage.definition,
    edges: [{ id: "e1", animated: true }],
    nodes: triage.definition.nodes.map((node) => ({ ...node, colour: "#d73a4a" })),
  };
  const id = await createWorkflow(user, definition);
  const version = data(await user.client.from("workflow_versions").select("definition").eq("workflow_id", id).single());
  assert.deepEqual(version.definition, definition);
});
