// Exports of n8n through the wire, and the shapes of real workflows with types of nodes at random.
import assert from "node:assert/strict";
import { type Imported, importN8n } from "../../functions-shared/n8n/import.ts";
import { storableJson } from "../../functions-shared/json.ts";
import { call, data, database, json, run } from "../flows/wire.ts";
import { below, random } from "../model/graphs.ts";
import { type RealGraph, realGraphs } from "../model/real_graphs.ts";
import { signUp } from "../stack.ts";

const folder = new URL("../data/n8n/", import.meta.url);
const examples = [...Deno.readDirSync(folder)].map(({ name }) => [
  name,
  JSON.parse(Deno.readTextFileSync(new URL(name, folder))),
]);

interface Diagnostic {
  code: string;
  blocks: string;
  path: string;
  message: string;
}

Deno.test("every example is imported, saved and validated; its paths compile", async () => {
  const user = await signUp("importer");
  for (const [name, workflow] of examples) {
    const preview = await json(
      call("deploy/import", user, { json: { workflow, dry_run: true } }),
      200,
    );
    assert.equal(preview.workflow, null);
    const answer = await json(
      call("deploy/import", user, { json: { workflow, folder: "/n8n" } }),
      201,
    );
    assert.deepEqual(answer.report, preview.report);
    assert.equal(answer.workflow.name, workflow.name);
    const diagnostics = answer.diagnostics as Diagnostic[];
    assert.deepEqual(
      diagnostics.filter(({ blocks }) => blocks === "saving"),
      [],
      name,
    );
    assert.deepEqual(
      diagnostics.filter(({ code }) => code.startsWith("path_") || code.startsWith("template")),
      [],
      name,
    );
    const saved = data(
      await user.client.from("workflow_versions").select("definition").eq(
        "workflow_id",
        answer.workflow.id,
      ).single(),
    );
    assert.deepEqual(saved.definition, preview.definition);
  }
});

Deno.test("an import acts in its caller's name, and a bad export saves nothing", async () => {
  const [owner, stranger] = [
    await signUp("importer"),
    await signUp("importer"),
  ];
  const { id } = data(
    await owner.client.from("workspaces").select("id").single(),
  );
  const workflow = examples[0]![1];
  const refused = await json(
    call("deploy/import", stranger, { json: { workflow, workspace_id: id } }),
    404,
  );
  assert.equal(refused.error.code, "workspace_not_found");
  const invalid = await json(
    call("deploy/import", owner, { json: { workflow: { nodes: [{}] } } }),
    422,
  );
  assert.deepEqual(
    [invalid.error.code, invalid.error.details.problems[0].path],
    [
      "import_invalid",
      "$.workflow.nodes[0].name",
    ],
  );
  assert.equal(
    data(await owner.client.from("workflows").select("id")).length,
    0,
  );
});

Deno.test("imported loops, splits and merges do what they did", async () => {
  const user = await signUp("importer");
  const base = (name: string, kind: string, typeVersion: number, parameters: unknown) => ({
    name,
    type: `n8n-nodes-base.${kind}`,
    typeVersion,
    parameters,
    position: [0, 0],
  });
  const list = base("List", "set", 3.4, { mode: "raw", jsonOutput: '{"list": [{"id": 1}, {"id": 2}, {"id": 3}]}' });
  const twice = base("Twice", "set", 3.4, {
    includeOtherFields: true,
    assignments: { assignments: [{ name: "twice", value: "={{ $json.id * 2 }}", type: "number" }] },
  });
  const keep = base("Keep", "filter", 2, {
    conditions: {
      conditions: [{ leftValue: "={{ $json.id }}", rightValue: 1, operator: { type: "number", operation: "gt" } }],
    },
  });
  const all = base("All", "aggregate", 1, { aggregate: "aggregateAllItemData" });
  const to = (node: string) => [{ node, type: "main", index: 0 }];
  const nodes = [
    base("Go", "manualTrigger", 1, {}),
    list,
    base("Split", "splitOut", 1, { fieldToSplitOut: "list" }),
    twice,
    keep,
    all,
  ];
  const split = {
    name: "Split",
    nodes,
    connections: {
      Go: { main: [to("List")] },
      List: { main: [to("Split")] },
      Split: { main: [to("Twice")] },
      Twice: { main: [to("Keep")] },
      Keep: { main: [to("All")] },
    },
  };
  const loop = {
    name: "Loop",
    nodes: [...nodes, base("Loop", "splitInBatches", 3, {})],
    connections: {
      Go: { main: [to("List")] },
      List: { main: [to("Split")] },
      Split: { main: [to("Loop")] },
      Loop: { main: [to("All"), to("Twice")] },
      Twice: { main: [to("Keep")] },
      Keep: { main: [to("Loop")] },
    },
  };
  for (const workflow of [split, loop]) {
    const imported = await json(call("deploy/import", user, { json: { workflow } }), 201);
    assert.deepEqual(imported.diagnostics.filter(({ severity }: { severity?: string }) => severity !== "warning"), []);
    const { execution } = await run(user, imported.workflow.id);
    assert.deepEqual(execution.output?.all, { data: [{ id: 2, twice: 4 }, { id: 3, twice: 6 }] }, workflow.name);
  }
});

Deno.test("each node and edge of a real graph stands in the report once, and each import can be saved", async () => {
  await using sql = database();
  const imports = realGraphs().map((graph, seed) => {
    const workflow = exportOf(graph, seed);
    const result = importN8n(workflow);
    assert.ok(!("problems" in result), graph.id);
    accounted(workflow, result, graph.id);
    return result;
  });
  for (let i = 0; i < imports.length; i += 50) {
    const texts = storableJson(
      imports.slice(i, i + 50).map(({ definition }) => definition),
    );
    const problems = await sql`
      select d.code, d.message, d.path from jsonb_array_elements(${texts}::text::jsonb) with ordinality e (definition, o),
        workflows.check_definition(e.definition) d
      where d.blocks = 'saving' or d.code in (
        'path_malformed', 'path_too_long', 'path_forbidden', 'template_unclosed', 'templates_too_many',
        'node_reference_unknown')`;
    assert.deepEqual([...problems], []);
  }
});

// deno-lint-ignore no-explicit-any
function accounted(
  workflow: any,
  { report, definition }: Imported,
  name: string,
): void {
  const ids = new Set(definition.nodes.map(({ id }) => id));
  assert.equal(ids.size, definition.nodes.length, name);
  assert.deepEqual(
    report.nodes.map(({ source }) => source),
    workflow.nodes.map((node: { name: string }) => node.name),
  );
  let edges = 0;
  for (
    const types of Object.values<Record<string, unknown[][]>>(
      workflow.connections,
    )
  ) {
    for (const outputs of Object.values(types)) {
      for (const targets of outputs) edges += targets.length;
    }
  }
  assert.equal(report.connections.length, edges, name);
  const made = new Set<string>();
  for (const line of report.nodes) {
    const own = line.status === "attached" || line.node_id === null ? [] : [line.node_id];
    for (const id of [...own, ...line.helpers ?? []]) {
      assert.ok(ids.has(id) && !made.has(id), `${name} ${id}`);
      made.add(id);
    }
  }
  assert.equal(
    made.size,
    ids.size,
    `${name}: a node of the definition has no line`,
  );
  for (const { source, target } of definition.connections) {
    assert.ok(ids.has(source as string) && ids.has(target as string));
  }
}

/** A real graph as an export, each kind of node one of several types. */
function exportOf(graph: RealGraph, seed: number) {
  const chance = random(seed);
  const pick = <T>(list: T[]): T => list[below(chance, list.length)]!;
  const names = graph.nodes.map(([kind, part], i) =>
    `${part || kind} ${i} ${pick(["", "é", '"', "{{ }}", "\\", "🚀"])}`
  );
  const read = () =>
    `={{ ${
      pick([
        "$json.a",
        "$json['b c']",
        `$('${names[below(chance, names.length)]!.replace(/[\\']/g, "\\$&")}').first().json.x`,
        "$json.a.trim()",
      ])
    } }}`;
  const condition = () => ({
    options: { caseSensitive: true },
    combinator: "and",
    conditions: [{
      leftValue: read(),
      rightValue: pick(["x", read()]),
      operator: { type: "string", operation: "equals" },
    }],
  });
  const types: Record<string, () => [string, number, unknown]> = {
    http: () => ["n8n-nodes-base.httpRequest", 4.2, {
      url: `=https://a.example/${read().slice(1)}`,
      options: {},
    }],
    set: () => ["n8n-nodes-base.set", 3.4, {
      includeOtherFields: chance() < 0.5,
      assignments: { assignments: [{ name: "x.y", value: read() }] },
    }],
    slack: () => ["n8n-nodes-base.slack", 2, { text: read() }],
    if: () => ["n8n-nodes-base.if", 2, { conditions: condition() }],
    switch: () => ["n8n-nodes-base.switch", 3, {
      rules: {
        values: [{ conditions: condition() }, { conditions: condition() }],
      },
    }],
    merge: () => [
      "n8n-nodes-base.merge",
      3,
      pick([{}, { mode: "combine", combineBy: "combineAll" }, {
        mode: "chooseBranch",
      }, { mode: "combine" }]),
    ],
    splitout: () => ["n8n-nodes-base.splitOut", 1, { fieldToSplitOut: "list" }],
    aggregate: () => ["n8n-nodes-base.aggregate", 1, {
      aggregate: "aggregateAllItemData",
    }],
    loop: () => ["n8n-nodes-base.splitInBatches", 3, {}],
    limit: () => ["n8n-nodes-base.limit", 1, { maxItems: 3 }],
    wait: () => ["n8n-nodes-base.wait", 1.1, { amount: 3 }],
    filter: () => ["n8n-nodes-base.filter", 2, { conditions: condition() }],
    manual: () => ["n8n-nodes-base.manualTrigger", 1, {}],
    webhook: () => ["n8n-nodes-base.webhook", 2, { path: "a" }],
    schedule: () => ["n8n-nodes-base.scheduleTrigger", 1.2, {
      rule: { interval: [{ field: "hours" }, { field: "minutes" }] },
    }],
    agent: () => ["@n8n/n8n-nodes-langchain.agent", 1.7, {
      promptType: "define",
      text: read(),
    }],
    part: () => ["@n8n/n8n-nodes-langchain.toolThink", 1, {}],
  };
  const edges = graph.edges as [number, number, number, number, string?][];
  const nodes = graph.nodes.map(([kind, part], i) => {
    const chosen = part && types[part]
      ? part
      : kind === "TRIGGER"
      ? pick(["manual", "webhook", "schedule"])
      : kind === "AI_AGENT"
      ? "agent"
      : ["TOOL", "MEMORY", "AI_PART"].includes(kind!)
      ? "part"
      : /loop|batch/.test(part ?? "")
      ? "loop"
      : pick([
        "http",
        "set",
        "slack",
        "wait",
        "filter",
        "limit",
        "loop",
        "splitout",
      ]);
    const [type, typeVersion, parameters] = types[chosen]!();
    const more = pick<Record<string, unknown>>([
      {},
      {},
      { onError: "continueErrorOutput" },
      { disabled: true },
      {
        executeOnce: true,
      },
    ]);
    return {
      id: `${i}`,
      name: names[i]!,
      type,
      typeVersion,
      parameters,
      position: [i * 200, 0],
      ...more,
    };
  });
  const connections: Record<
    string,
    Record<string, { node: string; type: string; index: number }[][]>
  > = {};
  for (const [source, output, target, input, type = "main"] of edges) {
    const outputs = (connections[names[source]!] ??= {})[type] ??= [];
    while (outputs.length <= output) outputs.push([]);
    outputs[output]!.push({ node: names[target]!, type, index: input });
  }
  return { name: graph.id, nodes, connections };
}
