// Versions that serve and that do not, as clients bring them about.
import assert from "node:assert/strict";
import { signUp, stack } from "../stack.ts";
import { call, chain, createWorkflow, data, json, manual, type Node, webhook } from "../flows/wire.ts";

const says = (version: number): Node => ({
  id: "says",
  type: "ACTION",
  subtype: "TRANSFORM",
  parameters: { output: { version } },
});
const version = (number: number) => chain(webhook, says(number));
const broken = chain(manual, { id: "call", type: "ACTION", subtype: "HTTP_REQUEST", parameters: {} });

async function arrange() {
  const user = await signUp("deployer");
  const id = await createWorkflow(user, version(1));
  await data(await user.client.rpc("create_workflow_version", { workflow_id: id, definition: version(2) as never }));
  await data(await user.client.rpc("create_workflow_version", { workflow_id: id, definition: broken as never }));
  const post = (path: string, more: object = {}) => call(path, user, { json: { workflow_id: id, ...more } });
  const history = async () => (await json(call(`deploy/${id}/history`, user), 200)).history;
  const actions = async () =>
    (await history()).map((row: { deployment_action: string; deployment_version: number }) =>
      `${row.deployment_action} ${row.deployment_version}`
    );
  return { user, id, post, history, actions };
}

/** Delivers to a webhook; answers the version that answered, or the refusal. */
async function delivered(url: string, user: Awaited<ReturnType<typeof signUp>>): Promise<number | string> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
  const body = await response.json();
  if (response.status !== 202) return `${response.status} ${body.error.code}`;
  const id = body.execution?.id ?? body.execution_id;
  const { execution } = await json(call(`execute/${id}`, user), 200);
  return execution.output.says.version;
}

Deno.test("a webhook keeps its URL and answers with the version that is deployed, or not at all", async () => {
  const { user, id, post, actions } = await arrange();
  const first = await json(post("deploy", { version: 1, note: "The first" }), 200);
  const url = first.triggers[0].url;
  assert.equal(url, `${stack().url}/functions/v1/execute/hooks/webhook/${first.triggers[0].id}/in`);
  assert.equal(await delivered(url, user), 1);
  const second = await json(post("deploy", { version: 2 }), 200);
  assert.deepEqual([second.deployment.action, second.deployment.previous_version], ["UPDATE", 1]);
  assert.equal(await delivered(url, user), 2);
  await json(post("deploy/rollback"), 200);
  assert.equal(await delivered(url, user), 1);
  assert.equal((await json(post("deploy/undeploy"), 200)).changed, true);
  assert.equal((await json(post("deploy/undeploy"), 200)).changed, false);
  assert.equal(await delivered(url, user), "404 trigger_not_found");
  assert.equal((await json(post("deploy/rollback"), 200)).triggers[0].url, url);
  assert.equal(await delivered(url, user), 1);
  assert.deepEqual(await actions(), ["ROLLBACK 1", "UNDEPLOY 1", "ROLLBACK 1", "UPDATE 2", "DEPLOY 1"]);
  assert.equal((await json(post("deploy/rollback"), 409)).error.code, "nothing_to_roll_back_to");

  const rotated = await json(post("deploy/triggers/rotate", { node_id: "hook" }), 200);
  assert.equal(await delivered(url, user), "404 trigger_not_found");
  assert.equal(await delivered(rotated.trigger.url, user), 1);

  const page = await json(call(`deploy/${id}/history?page_size=2`, user), 200);
  const rest = await json(call(`deploy/${id}/history?page_size=200&before=${page.next_before}`, user), 200);
  assert.deepEqual([page.history.length, rest.history.length, rest.next_before], [2, 3, null]);
});

Deno.test("a deployment that is refused is told, kept in the history, and changes nothing", async () => {
  const { user, id, post, history, actions } = await arrange();
  const { triggers: [{ url }] } = await json(post("deploy", { version: 1 }), 200);
  const { error } = await json(post("deploy", { version: 3 }), 422);
  assert.equal(error.code, "definition_invalid");
  assert.ok(error.details.problems.some((problem: { node_id: string }) => problem.node_id === "call"));

  // the Data API tells the same in its own form, and the line stays all the same
  const rpc = await user.client.rpc("deploy_workflow", { workflow_id: id, version: 3 });
  assert.deepEqual([rpc.status, rpc.data, rpc.error?.code, rpc.error?.details], [
    422,
    null,
    "PT422",
    "definition_invalid",
  ]);
  assert.deepEqual(JSON.parse(rpc.error!.hint!), error.details.problems);
  const missing = await user.client.rpc("deploy_workflow", { workflow_id: id, version: 9 });
  assert.deepEqual([missing.status, missing.error?.details], [404, "version_not_found"]);

  assert.deepEqual(await actions(), ["DEPLOY_FAILED 9", "DEPLOY_FAILED 3", "DEPLOY_FAILED 3", "DEPLOY 1"]);
  const [, failed] = await history();
  assert.equal(failed.error_message, error.message);
  assert.equal(failed.triggered_by, user.id);
  assert.deepEqual(failed.deployment_logs.map((line: { step: string; code?: string }) => [line.step, line.code]), [
    ["failed", "definition_invalid"],
  ]);
  assert.equal(await delivered(url, user), 1);
});
