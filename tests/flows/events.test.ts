import assert from "node:assert/strict";
import type { ServerEvent } from "../../scripts/demo/events.ts";
import { signUp } from "../stack.ts";
import { call, chain, createWorkflow, data, ended, events, json, manual, receiver } from "./wire.ts";

const echo = { id: "echo", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input }}" } };

async function all(stream: AsyncIterable<ServerEvent>): Promise<ServerEvent[]> {
  const list = [];
  for await (const event of stream) list.push(event);
  return list;
}
const kinds = (list: ServerEvent[]) => list.map(({ event, data }) => [event, data.node_id ?? null]);

Deno.test("events are told again from the one that was seen last", async () => {
  const user = await signUp("events");
  const workflow_id = await createWorkflow(user, chain(manual, echo));
  const { execution } = await json(call("execute", user, { json: { workflow_id, wait_ms: 10_000 } }), 200);
  const told = await all(events(user, execution.id));
  assert.deepEqual(kinds(told), [
    ["workflow_started", null],
    ["step_completed", "start"],
    ["step_completed", "echo"],
    ["workflow_completed", null],
    ["end", null],
  ]);
  assert.deepEqual(told.at(-1)!.data, { status: "SUCCESS" });
  const ids = told.slice(0, -1).map(({ id }) => Number(id));
  assert.ok(ids.every((id, i) => id > (ids[i - 1] ?? 0)), String(ids));
  for (let seen = 0; seen < 4; seen++) {
    assert.deepEqual(await all(events(user, execution.id, String(ids[seen]))), told.slice(seen + 1));
  }
  const byQuery = await call(`execute/${execution.id}/events?after=${ids[2]}`, user);
  const text = await byQuery.text();
  assert.equal(byQuery.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.match(text, new RegExp(`^retry: \\d+\\n\\nid: ${ids[3]}\\nevent: workflow_completed\\ndata: {`));
  assert.match(text, /event: end\ndata: {"status":"SUCCESS"}\n\n$/);

  const { error } = await json(
    call(`execute/${execution.id}/events`, user, { headers: { "last-event-id": "yesterday" } }),
    422,
  );
  assert.deepEqual(error.details.problems.map(({ path }: { path: string }) => path), ["headers.last-event-id"]);
});

Deno.test("events arrive while the execution runs", async () => {
  const user = await signUp("events");
  const { promise: answer, resolve: release } = Promise.withResolvers<Response>();
  await using gate = await receiver([user], () => answer);
  const post = { id: "post", type: "ACTION", subtype: "HTTP_REQUEST", parameters: { url: gate.url } };
  const id = await createWorkflow(user, chain(manual, post, echo));
  const { id: execution } = data(await user.client.rpc("start_execution", { workflow_id: id }));
  const told: ServerEvent[] = [];
  for await (const event of events(user, execution)) {
    told.push(event);
    // the request is only answered once what came before it has been told
    if (event.event === "step_completed" && event.data.node_id === "start") release(Response.json({ n: 1 }));
  }
  assert.deepEqual(kinds(told), [
    ["workflow_started", null],
    ["step_completed", "start"],
    ["step_completed", "post"],
    ["step_completed", "echo"],
    ["workflow_completed", null],
    ["end", null],
  ]);
});

Deno.test("a client that goes away and comes back misses nothing", async () => {
  const user = await signUp("events");
  const { promise: answer, resolve: release } = Promise.withResolvers<Response>();
  await using gate = await receiver([user], () => answer);
  const post = { id: "post", type: "ACTION", subtype: "HTTP_REQUEST", parameters: { url: gate.url } };
  const id = await createWorkflow(user, chain(manual, post));
  const { id: execution } = data(await user.client.rpc("start_execution", { workflow_id: id }));
  let last = "0";
  for await (const event of events(user, execution)) {
    last = event.id!;
    if (event.data.node_id === "start") break;
  }
  release(Response.json({}));
  await ended(user, execution);
  const rest = await all(events(user, execution, last));
  assert.deepEqual(kinds(rest), [["step_completed", "post"], ["workflow_completed", null], ["end", null]]);
});
