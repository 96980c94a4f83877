// The life of a workflow, told once from outside: supabase-js where rows are asked for, HTTP where functions are.
import assert from "node:assert/strict";
import { hmac } from "shared/signatures/hmac.ts";
import { utf8 } from "shared/encoding.ts";
import { signUp, type User } from "../stack.ts";
import { call, data, type Definition, json } from "./wire.ts";

const orderDesk: Definition = {
  nodes: [
    { id: "order", type: "TRIGGER", subtype: "WEBHOOK", parameters: { path: "orders", response_mode: "respond" } },
    {
      id: "nightly",
      type: "TRIGGER",
      subtype: "CRON",
      parameters: { expression: "30 3 * * MON-FRI", timezone: "Europe/Vienna" },
    },
    { id: "large", type: "FLOW", subtype: "IF", parameters: { condition: "$.input.body.total > 1000" } },
    {
      id: "ask",
      type: "FLOW",
      subtype: "RESPOND",
      parameters: { status: 202, body: { order: "{{ $.input.body.id }}", says: "We will call you" } },
    },
    {
      id: "thank",
      type: "FLOW",
      subtype: "RESPOND",
      parameters: { status: 201, body: { order: "{{ $.input.body.id }}", says: "Thank you" } },
    },
    { id: "report", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input.scheduled_at }}" } },
  ],
  connections: [
    { source: "order", target: "large" },
    { source: "large", target: "ask", index: 0 },
    { source: "large", target: "thank", index: 1 },
    { source: "nightly", target: "report" },
  ],
};

// deno-lint-ignore no-explicit-any
type Row = any;

Deno.test("a template becomes a service: versions, deployment, schedule, webhook, rollback, history, picture", async () => {
  const [ann, bob] = await Promise.all([signUp("ann"), signUp("bob")]);
  const rpc = async (user: User, verb: string, args: object): Promise<Row> =>
    data(await user.client.rpc(verb as never, args as never));
  const post = (path: string, body: object, status = 200) => json(call(`deploy${path}`, bob, { json: body }), status);

  // Ann shares what she has made with everybody; Bob finds it and takes a copy, which is his
  const { id: template } = await rpc(ann, "create_workflow", {
    name: "Order desk",
    definition: orderDesk,
    description: "Answers orders, and reports every night",
  });
  const category = `shops-${crypto.randomUUID()}`;
  await rpc(ann, "update_workflow", {
    workflow_id: template,
    is_template: true,
    is_public: true,
    template_category: category,
  });
  const found = await rpc(bob, "list_workflows", {
    is_public: true,
    template_category: category,
    query: "answers ord",
  });
  assert.deepEqual(found.workflows.map((one: Row) => [one.id, one.name]), [[template, "Order desk"]]);
  const { workflow } = await rpc(bob, "duplicate_workflow", { workflow_id: template, name: "Bob's orders" });
  const workflow_id: string = workflow.id;
  assert.deepEqual([workflow.status, workflow.current_version, workflow.is_public], ["draft", 1, false]);

  // only who knows a secret shall order: his shop signs with it. The copy is a draft still, saving writes over it
  const { integration, secret } = await post("/integrations", {
    provider: "webhook",
    name: "Bob's shop",
    config: { type: "hmac", header: "X-Shop-Signature" },
  }, 201);
  const first = structuredClone(orderDesk);
  first.nodes[0]!.credentials = { webhook: integration.id };
  const saved = await rpc(bob, "update_workflow", { workflow_id, revision: workflow.revision, definition: first });
  assert.equal(saved.current_version, 1);

  // deployed, it has a URL and a schedule
  assert.deepEqual(await post("/validate", { definition: first }), { valid: true, diagnostics: [] });
  const deployed = await post("", { workflow_id, note: "Open for business" });
  assert.deepEqual([deployed.deployment.action, deployed.deployment.version], ["DEPLOY", 1]);
  const url: string = deployed.triggers.find((one: Row) => one.subtype === "WEBHOOK").url;
  const schedules = async () =>
    data(await bob.client.from("workflow_schedules").select("next_run_at").eq("workflow_id", workflow_id));
  const [next] = await rpc(bob, "next_runs", { expression: "30 3 * * MON-FRI", timezone: "Europe/Vienna", n: 1 });
  assert.deepEqual((await schedules()).map((one) => Date.parse(one.next_run_at!)), [Date.parse(next)]);

  // orders that are signed are answered by the workflow, each once; others are refused
  const order = async (id: number, total: number, key: string = secret) => {
    const body = JSON.stringify({ id, total });
    const signature = (await hmac("SHA-256", utf8(key), utf8(body))).toHex();
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": `order-${id}`, "x-shop-signature": signature },
      body,
    });
    return [response.status, await response.json()];
  };
  assert.deepEqual(await order(1, 20), [201, { order: 1, says: "Thank you" }]);
  assert.deepEqual(await order(1, 20), [201, { order: 1, says: "Thank you" }], "the same again");
  assert.deepEqual(await order(2, 5000), [202, { order: 2, says: "We will call you" }]);
  const [status, refusal] = await order(3, 20, "guessed");
  assert.deepEqual([status, refusal.error.code], [401, "signature_invalid"]);
  const { data: executions } = await bob.client.from("workflow_executions").select("id, mode, status, version")
    .eq("workflow_id", workflow_id).order("id");
  assert.deepEqual(executions!.map((one) => [one.mode, one.status, one.version]), [
    ["WEBHOOK", "SUCCESS", 1],
    ["WEBHOOK", "SUCCESS", 1],
  ]);

  // what served never changes: saving makes version 2, unless somebody was faster
  const second = structuredClone(first);
  second.nodes.find((node) => node.id === "thank")!.parameters!.body = { says: "Thanks, order {{ $.input.body.id }}!" };
  const stale = await bob.client.rpc("update_workflow", {
    workflow_id,
    revision: workflow.revision,
    definition: second as never,
  });
  assert.deepEqual([stale.status, stale.error!.details], [409, "workflow_changed"]);
  const changed = await rpc(bob, "update_workflow", {
    workflow_id,
    revision: saved.revision,
    definition: second,
    note: "Friendlier",
  });
  assert.equal(changed.current_version, 2);
  const diff = await rpc(bob, "diff_workflow_versions", { workflow_id, a: 1, b: 2 });
  assert.deepEqual(diff.nodes.changed.map((node: Row) => [node.id, node.fields.map((field: Row) => field.path)]), [
    ["thank", ["parameters.body"]],
  ]);
  assert.deepEqual(await order(4, 20), [201, { order: 4, says: "Thank you" }], "saved is not deployed");

  // deployed in its place it answers at the same URL; rolled back, the first one does
  assert.equal((await post("", { workflow_id })).deployment.action, "UPDATE");
  assert.deepEqual(await order(5, 20), [201, { says: "Thanks, order 5!" }]);
  const back = await post("/rollback", { workflow_id, note: "Too friendly" });
  assert.deepEqual([back.deployment.version, back.deployment.previous_version], [1, 2]);
  assert.deepEqual(await order(6, 20), [201, { order: 6, says: "Thank you" }]);

  // a picture of what became of the large order: the way that it took is marked
  const large = executions![1]!.id;
  const picture = await call(`deploy/${workflow_id}/diagram?execution=${large}`, bob);
  const image = await picture.text();
  assert.ok(image.startsWith("<svg ") && image.includes("Bob&#39;s orders"), image.slice(0, 200));
  assert.deepEqual(
    [...image.matchAll(/<title>(\w+) \([A-Z._]+\): . (success|not run)/g)].map(([, node, state]) =>
      `${node}: ${state}`
    ),
    ["order: success", "nightly: not run", "large: success", "ask: success", "thank: not run", "report: not run"],
  );
  assert.equal(image.match(/class="edge taken"/g)?.length, 2);

  // taken out of service nothing reaches it, and what happened is on record
  const undeployed = await post("/undeploy", { workflow_id, note: "Closed" });
  assert.equal(undeployed.changed, true);
  assert.equal((await order(7, 20))[0], 404);
  assert.deepEqual(await schedules(), []);
  const { history } = await json(call(`deploy/${workflow_id}/history`, bob), 200);
  assert.deepEqual(
    history.map((one: Row) => `${one.deployment_action} ${one.deployment_version} ${one.triggered_by === bob.id}`),
    ["UNDEPLOY 1 true", "ROLLBACK 1 true", "UPDATE 2 true", "DEPLOY 1 true"],
  );
  const { versions } = await rpc(bob, "get_version_history", { workflow_id });
  assert.deepEqual(versions.map((one: Row) => [one.version, one.note, one.is_locked]), [
    [2, "Friendlier", true],
    [1, "Copied from Order desk, version 1", true],
  ]);
});
