import assert from "node:assert/strict";
import { signUp } from "../stack.ts";
import { call, chain, createWorkflow, data, json, manual, receiver, run, until } from "./wire.ts";

const columns = "id, node_id, app_name, workflow_name, definition, succeeded, failed, duration_ms, ranking" as const;

Deno.test("a workflow that records its steps remembers how its nodes went", async () => {
  const user = await signUp("steps");
  await using shop = await receiver([user], () => new Response("broken", { status: 400 }));
  const order = {
    id: "order",
    name: "Place the order",
    type: "ACTION",
    subtype: "HTTP_REQUEST",
    parameters: { method: "POST", url: `${shop.url}/orders?token=abc`, headers: { authorization: "Bearer abc" } },
    error_handling: "CONTINUE_REGULAR_OUTPUT_ON_ERROR",
  };
  const note = { id: "note", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.trigger }}" } };
  const id = await createWorkflow(user, { ...chain(manual, order, note), settings: { record_steps: true } } as never);
  const silent = await createWorkflow(user, chain(manual, note), "silent");

  assert.equal((await run(user, silent)).execution.status, "SUCCESS");
  for (let n = 0; n < 2; n++) assert.equal((await run(user, id, { n })).execution.status, "SUCCESS");
  const steps = async () =>
    data(await user.client.from("step_overview").select(columns).not("workflow_id", "is", null).order("node_id"));
  await until("the steps are counted", async () => (await steps()).some((step) => step.succeeded === 2));
  const [first, second, ...others] = await steps();
  assert.deepEqual(others, []);
  assert.deepEqual([first!.node_id, first!.app_name, first!.workflow_name], ["note", "ACTION.TRANSFORM", "flow"]);
  assert.deepEqual([first!.succeeded, first!.failed], [2, 0]);
  assert.deepEqual([second!.node_id, second!.app_name], ["order", "ACTION.HTTP_REQUEST"]);
  assert.deepEqual([second!.succeeded, second!.failed], [0, 2]);
  assert.ok(first!.ranking! > second!.ranking!, `${first!.ranking} above ${second!.ranking}`);
  assert.ok(!second!.definition!.includes("abc"), second!.definition!);

  // what others do with a step counts as well
  const { statistics } = await json(
    call(`execute/steps/${second!.id}`, user, { json: { success: true, duration_ms: 0 } }),
    200,
  );
  assert.deepEqual([statistics.succeeded, statistics.failed], [1, 2]);
  assert.equal(statistics.duration_ms, Math.round(second!.duration_ms! * 0.8));
});
