import assert from "node:assert/strict";
import { signUp } from "../stack.ts";
import { chain, createWorkflow, type Definition, manual, receiver, run } from "./wire.ts";

const post = (url: string, more: Record<string, unknown> = {}) => ({
  id: "post",
  type: "ACTION",
  subtype: "HTTP_REQUEST",
  parameters: { method: "POST", url, body: "{{ $.input }}" },
  ...more,
});

Deno.test("a receiver that is busy is asked again when it says so", async () => {
  const user = await signUp("errors");
  const times: number[] = [];
  await using busy = await receiver([user], (_, count) => {
    times.push(performance.now());
    return count === 1
      ? Response.json({ reason: "busy" }, { status: 503, headers: { "retry-after": "1" } })
      : Response.json({ count });
  });
  // its own patience would be longer than the test's
  const id = await createWorkflow(user, chain(manual, post(busy.url, { retry_wait_time: 3600 })));
  const { execution, nodes } = await run(user, id, { n: 1 });
  assert.equal(execution.status, "SUCCESS");
  const [, failed, succeeded] = nodes;
  assert.deepEqual(nodes.map((node) => [node.node_id, node.status, node.run_index, node.attempt]), [
    ["start", "SUCCESS", 0, 1],
    ["post", "ERROR", 0, 1],
    ["post", "SUCCESS", 0, 2],
  ]);
  assert.equal(failed!.error!.code, "http_503");
  assert.deepEqual(failed!.error!.details, { status: 503, body: { reason: "busy" } });
  assert.deepEqual(succeeded!.input, { n: 1 });
  assert.deepEqual(busy.received.map(({ body }) => body), [{ n: 1 }, { n: 1 }]);
  assert.ok(times[1]! - times[0]! >= 1000, `asked again after ${times[1]! - times[0]!} ms`);
});

Deno.test("a refusal is not tried again and ends the execution", async () => {
  const user = await signUp("errors");
  await using gone = await receiver([user], () => Response.json({ reason: "gone" }, { status: 404 }));
  const after = { id: "after", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "never" } };
  const id = await createWorkflow(user, chain(manual, post(gone.url, { max_retries: 5, retry_wait_time: 0 }), after));
  const { execution, nodes } = await run(user, id);
  assert.equal(execution.status, "ERROR");
  assert.equal(execution.error!.code, "http_404");
  assert.equal(execution.error!.node_id, "post");
  assert.deepEqual(nodes.map((node) => [node.node_id, node.status]), [["start", "SUCCESS"], ["post", "ERROR"]]);
  assert.equal(gone.received.length, 1);
});

Deno.test("when the attempts are used up, the last error ends the execution", async () => {
  const user = await signUp("errors");
  await using broken = await receiver([user], () => new Response("no", { status: 500 }));
  const id = await createWorkflow(user, chain(manual, post(broken.url, { max_retries: 2, retry_wait_time: 0 })));
  const { execution, nodes } = await run(user, id);
  assert.deepEqual([execution.status, execution.error!.code], ["ERROR", "http_500"]);
  assert.deepEqual(nodes.slice(1).map((node) => [node.status, node.attempt]), [["ERROR", 1], ["ERROR", 2], [
    "ERROR",
    3,
  ]]);
  assert.equal(broken.received.length, 3);
});

Deno.test("a node may hand its error on: by the error output, or by the regular one", async () => {
  const user = await signUp("errors");
  await using broken = await receiver([user], () => Response.json({ reason: "broken" }, { status: 400 }));
  const say = (id: string) => ({
    id,
    type: "ACTION",
    subtype: "TRANSFORM",
    parameters: { output: { code: "{{ $.input.error.code }}", by: id } },
  });
  const definition = (error_handling: string): Definition => ({
    nodes: [manual, post(broken.url, { error_handling }), say("regular"), say("rescue")],
    connections: [
      { source: "start", target: "post" },
      { source: "post", target: "regular" },
      { source: "post", target: "rescue", type: "ERROR" },
    ],
  });
  const rescued = await run(user, await createWorkflow(user, definition("CONTINUE_ERROR_OUTPUT_ON_ERROR")));
  assert.equal(rescued.execution.status, "SUCCESS");
  assert.deepEqual(rescued.execution.output, { rescue: { code: "http_400", by: "rescue" } });
  assert.deepEqual(rescued.nodes.map((node) => [node.node_id, node.status]), [
    ["start", "SUCCESS"],
    ["post", "ERROR"],
    ["rescue", "SUCCESS"],
  ]);
  const regular = await run(user, await createWorkflow(user, definition("CONTINUE_REGULAR_OUTPUT_ON_ERROR")));
  assert.equal(regular.execution.status, "SUCCESS");
  assert.deepEqual(regular.execution.output, { regular: { code: "http_400", by: "regular" } });
});

Deno.test("an address that the operator has not allowed is not called", async () => {
  const user = await signUp("errors");
  await using other = await receiver([]);
  const id = await createWorkflow(user, chain(manual, post(other.url)));
  const { execution } = await run(user, id);
  assert.deepEqual([execution.status, execution.error!.code], ["ERROR", "address_not_allowed"]);
  assert.equal(other.received.length, 0);
});

Deno.test("a node that takes too long is given up after its timeout", async () => {
  const user = await signUp("errors");
  const { promise: forever, resolve: give } = Promise.withResolvers<Response>();
  await using slow = await receiver([user], () => forever);
  const id = await createWorkflow(user, chain(manual, post(slow.url, { timeout_seconds: 1, max_retries: 0 })));
  const { execution, nodes } = await run(user, id);
  give(new Response());
  assert.deepEqual([execution.status, execution.error!.code], ["ERROR", "timeout"]);
  const took = Date.parse(nodes[1]!.end_time!) - Date.parse(nodes[1]!.start_time);
  assert.ok(took >= 1000 && took < 5000, `given up after ${took} ms`);
});
