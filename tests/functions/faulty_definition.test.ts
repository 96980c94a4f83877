import assert from "node:assert/strict";
import { signUp } from "../stack.ts";
import { call, createWorkflow, data, type Definition, json, manual } from "../flows/wire.ts";

interface Diagnostic {
  code: string;
  node_id: string | null;
  path: string;
  message: string;
}
const brief = (list: Diagnostic[]) => list.map(({ code, path }) => `${code} ${path}`).sort();

// What a draft may not be: without its shape there are no nodes and connections to keep.
const shapeless = {
  nodes: [
    { id: "a", type: "TRIGGER", subtype: "MANUAL" },
    { id: "a", type: "ACTION", subtype: "NOOP" },
    { id: "b", type: "ACTION" },
    { id: "c", type: "WISH", subtype: "NOOP" },
    {
      id: "d",
      type: "ACTION",
      subtype: "NOOP",
      max_retries: -1,
      retry_wait_time: "soon",
    },
  ],
  connections: [
    { source: "a" },
    { source: "a", target: "nobody" },
    { source: "a", target: "d", index: 1.5 },
    { source: "b", target: "c" },
    { source: "b", target: "c" },
  ],
};
const shapeFaults = [
  "connection_duplicate $.connections[4]",
  "connection_field $.connections[2].index",
  "connection_field_missing $.connections[0].target",
  "connection_node_unknown $.connections[1].target",
  "node_field $.nodes[3].type",
  "node_field $.nodes[4].max_retries",
  "node_field $.nodes[4].retry_wait_time",
  "node_field_missing $.nodes[2].subtype",
  "node_id_duplicate $.nodes[1].id",
];

// What a draft may be, and a deployed version may not: sixteen faults of sixteen kinds.
const meaningless: Definition = {
  nodes: [
    { ...manual, disabled: true },
    { id: "magic", type: "ACTION", subtype: "MAGIC" },
    {
      id: "ask",
      type: "ACTION",
      subtype: "HTTP_REQUEST",
      parameters: { method: "FETCH", uri: "x", headers: [] },
    },
    {
      id: "if",
      type: "FLOW",
      subtype: "IF",
      parameters: { condition: "$.input.amount >" },
    },
    {
      id: "say",
      type: "ACTION",
      subtype: "TRANSFORM",
      parameters: {
        output: {
          all: "{{ $.input.** }}",
          root: "{{ $.inptu.x }}",
          open: "{{ $.input.x",
          node: "{{ $.nodes.nobody.x }}",
          "long name": [`{{ $.input.${"x".repeat(500)} }}`],
        },
      },
    },
  ],
  connections: [
    { source: "if", target: "say", index: 2 },
    { source: "if", target: "ask", target_index: 1 },
    { source: "say", target: "start" },
    { source: "say", target: "ask", type: "AI_TOOL" },
  ],
};
const meaningFaults = [
  "connection_type_not_taken $.connections[3].type",
  "input_unknown $.connections[1].target_index",
  "node_reference_unknown $.nodes[4].parameters",
  "node_type_unknown $.nodes[1].subtype",
  "output_unknown $.connections[0].index",
  "parameter_missing $.nodes[2].parameters.url",
  "parameter_type $.nodes[2].parameters.headers",
  "parameter_unknown $.nodes[2].parameters.uri",
  "parameter_value $.nodes[2].parameters.method",
  "path_forbidden $.nodes[4].parameters.output.all",
  "path_malformed $.nodes[3].parameters.condition",
  "path_root_unknown $.nodes[4].parameters.output.root",
  'path_too_long $.nodes[4].parameters.output."long name"[0]',
  "template_unclosed $.nodes[4].parameters.output.open",
  "trigger_has_no_input $.connections[2].target",
  "trigger_missing $.nodes",
];

Deno.test("validating tells everything that is wrong with a definition", async () => {
  const user = await signUp("faults");
  const validate = (definition: unknown) => json(call("deploy/validate", user, { json: { definition } }), 200);
  for (
    const [definition, faults] of [[shapeless, shapeFaults], [
      meaningless,
      meaningFaults,
    ]] as const
  ) {
    const { valid, diagnostics } = await validate(definition);
    assert.equal(valid, false);
    const told = brief(diagnostics);
    for (const fault of faults) {
      assert.ok(
        told.includes(fault),
        `${fault} is not among\n${told.join("\n")}`,
      );
    }
    for (const { code, message } of diagnostics) {
      assert.ok(message.length > 5, `${code} says: ${message}`);
    }
  }
  const { diagnostics } = await validate(meaningless);
  const node = (code: string) => diagnostics.find((one: Diagnostic) => one.code === code).node_id;
  assert.deepEqual([
    node("node_type_unknown"),
    node("path_malformed"),
    node("trigger_missing"),
  ], ["magic", "if", null]);
  assert.ok(
    new Set(
      [...shapeFaults, ...meaningFaults].map((fault) => fault.split(" ")[0]),
    ).size >= 12,
  );
});

Deno.test("a shapeless definition is not saved, and the refusal lists its faults", async () => {
  const user = await signUp("faults");
  const { status, error } = await user.client.rpc("create_workflow", {
    name: "x",
    definition: shapeless,
  });
  assert.deepEqual([status, error?.code, error?.details], [
    422,
    "PT422",
    "definition_invalid",
  ]);
  assert.deepEqual(brief(JSON.parse(error!.hint!)), shapeFaults);
  assert.deepEqual(data(await user.client.from("workflows").select("id")), []);

  const id = await createWorkflow(user, { nodes: [manual], connections: [] });
  const version = await user.client.rpc("create_workflow_version", {
    workflow_id: id,
    definition: shapeless,
  });
  assert.deepEqual([version.status, version.error?.details], [
    422,
    "definition_invalid",
  ]);
  assert.deepEqual(
    data(await user.client.from("workflow_versions").select("version")),
    [{ version: 1 }],
  );
});

Deno.test("a half drawn definition is a draft, and neither deploys nor starts", async () => {
  const user = await signUp("faults");
  const id = await createWorkflow(user, meaningless);
  const refusals = [
    await json(call("deploy", user, { json: { workflow_id: id } }), 422),
    await json(call("execute", user, { json: { workflow_id: id } }), 422),
  ];
  for (const { error } of refusals) {
    assert.equal(error.code, "definition_invalid");
    assert.equal(error.hint, "details.problems lists every problem.");
    assert.deepEqual(brief(error.details.problems), meaningFaults);
  }
  const rpc = await user.client.rpc("deploy_workflow", { workflow_id: id });
  assert.deepEqual([rpc.status, rpc.error?.details], [
    422,
    "definition_invalid",
  ]);
  assert.deepEqual(brief(JSON.parse(rpc.error!.hint!)), meaningFaults);
  const workflow = data(
    await user.client.from("workflows").select("status, deployment_status").eq(
      "id",
      id,
    ).single(),
  );
  assert.deepEqual(workflow, { status: "draft", deployment_status: "IDLE" });
  assert.deepEqual(
    data(await user.client.from("workflow_executions").select("id")),
    [],
  );
});

Deno.test("a definition that is no definition at all says so", async () => {
  const user = await signUp("faults");
  const { diagnostics } = await json(
    call("deploy/validate", user, { json: { definition: {} } }),
    200,
  );
  assert.ok(brief(diagnostics).includes("definition_shape $.nodes"));
  assert.ok(brief(diagnostics).includes("definition_shape $.connections"));
  for (const definition of [[], "text", null]) {
    const { error } = await json(
      call("deploy/validate", user, { json: { definition } }),
      422,
    );
    assert.equal(error.code, "request_invalid");
    const { error: refused } = await user.client.rpc("create_workflow", {
      name: "x",
      definition: definition as never,
    });
    if (definition !== null) {
      assert.equal(
        refused?.details,
        "definition_invalid",
        JSON.stringify(definition),
      );
    }
  }
  const { valid } = await json(
    call("deploy/validate", user, {
      json: { definition: { nodes: [manual], connections: [] } },
    }),
    200,
  );
  assert.equal(valid, true);
});
