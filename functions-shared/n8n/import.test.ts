import assert from "node:assert/strict";
import { type Imported, importN8n } from "./import.ts";
import { parse, Translator, Untranslatable } from "./expression.ts";

const translator = () =>
  new Translator({
    input: { path: ["body"] },
    node: (name) => ({ base: `$.nodes.${name}`, shape: { path: [] } }),
    note() {},
  });

function imported(given: unknown): Imported {
  const result = importN8n(given);
  assert.ok(!("problems" in result), JSON.stringify(result));
  return result;
}

// deno-lint-ignore no-explicit-any
const example = (name: string): any =>
  JSON.parse(Deno.readTextFileSync(new URL(`../../tests/data/n8n/${name}.json`, import.meta.url)));

Deno.test("expressions of every kind become paths", () => {
  const cases: [string, unknown][] = [
    ["={{ $json.a.b }}", "{{ $.input.body.a.b }}"],
    ['={{$json["a b"].c[0]}}', '{{ $.input.body."a b".c[0] }}'],
    ['={{ $node["x"].json.a }}', "{{ $.nodes.x.a }}"],
    ["={{ $node.x.json }}", "{{ $.nodes.x }}"],
    ["={{ $('x').item.json.a }}", "{{ $.nodes.x.a }}"],
    ["={{ $('x').first().json?.a }}", "{{ $.nodes.x.a }}"],
    ["={{ $input.item.json.a }}", "{{ $.input.body.a }}"],
    ['={{ $items("x")[0].json.a }}', "{{ $.nodes.x.a }}"],
    ["={{ $now }}", "{{ $.now }}"],
    ["={{ $execution.id }}/{{ $workflow.name }}", "{{ $.execution.id }}/{{ $.workflow.name }}"],
    ["={{ $vars.key }}", "{{ $.vars.key }}"],
    ["={{ $json.a * 2 }}", "{{ ($.input.body.a * 2) }}"],
    ["={{ 'a' + $json.b }}", "a{{ $.input.body.b }}"],
    ["={{ `a ${$json.b}!` }}", "a {{ $.input.body.b }}!"],
    ["={{ $json.a === 'x' && !($json.b > 2) }}", '{{ ($.input.body.a == "x" && !($.input.body.b > 2)) }}'],
    ["={{ 5 }}", 5],
    ["={{ true }}", true],
    ["plain {{ $json.a }}", '{{ "\\u007b\\u007b" }} $json.a }}'.replace(/^/, "plain ")],
    ["={{{ $json.a }}", undefined],
  ];
  for (const [source, expected] of cases) {
    if (expected === undefined) assert.throws(() => translator().value(source, "p"), Untranslatable);
    else assert.deepEqual(translator().value(source, "p"), expected, source);
  }
});

Deno.test("what a path cannot say is refused with a reason, never with another error", () => {
  for (
    const source of [
      "$json.a.toUpperCase()",
      "$json.a ? 1 : 2",
      "$json.a || 'x'",
      "$json.items.length",
      "$json[$json.key]",
      "$json.a + $json.b",
      "Math.max(1, 2)",
      "$('x').all()",
      "(() => 1)()",
      "{ a: 1 }",
      "$json.a; process.exit()",
      '"unclosed',
      "`${",
      "$",
      "$json..a",
      "$json['a'",
      "(".repeat(5000),
      "!".repeat(5000),
      "",
    ]
  ) {
    assert.throws(
      () => {
        const value = parse(source);
        translator().template(value);
      },
      Untranslatable,
      source,
    );
  }
});

Deno.test("braces next to a template stay text", () => {
  const text = translator().value("={{ '{' }}{{ $json.a }}", "p");
  assert.equal(text, '{{ "\\u007b" }}{{ $.input.body.a }}');
  assert.throws(() => translator().value("={{{ $json.a }}}", "p"), Untranslatable);
});

Deno.test("a loop over items becomes a FOR_EACH whose items are collected", () => {
  const { definition } = imported(example("loop"));
  const node = (id: string) => definition.nodes.find((one) => one.id === id)!;
  assert.deepEqual(node("loop_over_items").parameters, { items: "{{ $.input.body }}", max_concurrency: 1 });
  assert.equal(node("loop_over_items_done").subtype, "MERGE");
  assert.deepEqual(node("each").parameters, {
    method: "GET",
    url: "https://api.example.com/{{ $.item.id }}/{{ $.input.name }}",
  });
  assert.ok(
    definition.connections.some(({ source, target }) => source === "keep" && target === "loop_over_items_done"),
  );
  const open = example("loop");
  open.connections.Keep.main = [[]];
  const report = imported(open).report.nodes.find(({ source }) => source === "Loop Over Items")!;
  assert.equal(report.status, "placeholder");
});

Deno.test("parts of an agent are attached to it, nested ones inside", () => {
  const { definition, report } = imported(example("agent"));
  const agent = definition.nodes.find(({ type }) => type === "AI_AGENT")!;
  const parts = agent.attached_nodes as {
    id: string;
    type: string;
    connection_type: string;
    attached_nodes: unknown[];
  }[];
  assert.deepEqual(parts.map((part) => [part.id, part.type, part.connection_type, part.attached_nodes.length]), [
    ["model", "AI_LANGUAGE_MODEL", "AI_LANGUAGE_MODEL", 0],
    ["memory", "MEMORY", "AI_MEMORY", 0],
    ["sub_tool", "TOOL", "AI_TOOL", 1],
  ]);
  assert.equal(report.summary.attached, 3);
});

Deno.test("a placeholder holds the original, and the report says why and where", () => {
  const given = example("merges");
  const { definition, report } = imported(given);
  const line = report.nodes.find(({ source }) => source === "Ternary")!;
  assert.deepEqual([line.status, line.path, line.expression], [
    "placeholder",
    "parameters.values.string[0].value",
    "={{ $json.b ? 1 : 2 }}",
  ]);
  const node = definition.nodes.find(({ id }) => id === line.node_id)!;
  assert.deepEqual([node.subtype, node.disabled], ["PLACEHOLDER", true]);
  assert.deepEqual(node.parameters, { source: given.nodes.find(({ name }: { name: string }) => name === "Ternary") });
});

Deno.test("a webhook that asked who calls is not opened to everybody", () => {
  const given = example("orders");
  given.nodes[0].parameters.authentication = "headerAuth";
  assert.equal(imported(given).definition.nodes.find(({ id }) => id === "order_hook")!.disabled, true);
});

Deno.test("a schedule's rules become cron expressions, or a placeholder", () => {
  const expression = (interval: unknown) => {
    const node = {
      name: "s",
      type: "n8n-nodes-base.scheduleTrigger",
      typeVersion: 1.2,
      parameters: { rule: { interval } },
    };
    const made = imported({ nodes: [node], connections: {} }).definition.nodes;
    return made.map((one) => (one.parameters as { expression?: string }).expression ?? one.subtype);
  };
  assert.deepEqual(expression([{}]), ["0 0 * * *"]);
  assert.deepEqual(expression([{ field: "seconds", secondsInterval: 10 }]), ["PLACEHOLDER"]);
  assert.deepEqual(expression([{ field: "hours", hoursInterval: 2, triggerAtMinute: 15 }]), ["15 */2 * * *"]);
  assert.deepEqual(expression([{ field: "months", monthsInterval: 3, triggerAtDayOfMonth: 5 }]), ["0 0 5 */3 *"]);
  assert.deepEqual(expression([{ field: "cronExpression", expression: "0 30 9 * * 1-5" }]), ["30 9 * * 1-5"]);
  assert.deepEqual(expression([{ field: "weeks", triggerAtDay: [1, 5], triggerAtHour: 8 }, { field: "minutes" }]), [
    "0 8 * * 1,5",
    "*/5 * * * *",
  ]);
});

Deno.test("what is no export is refused with its problems", () => {
  const node = { name: "a", type: "n8n-nodes-base.noOp" };
  const cases: [unknown, string][] = [
    [null, "import_shape"],
    [[], "import_shape"],
    ["x", "import_shape"],
    [{}, "import_shape"],
    [{ nodes: {} }, "import_shape"],
    [{ nodes: [], connections: [] }, "import_shape"],
    [{ nodes: [1] }, "import_node"],
    [{ nodes: [{ type: "x" }] }, "import_node"],
    [{ nodes: [node, node] }, "import_name_duplicate"],
    [{ nodes: Array.from({ length: 10_000 }, (_, i) => ({ ...node, name: `n${i}` })) }, "import_too_large"],
  ];
  for (const [given, code] of cases) {
    const result = importN8n(given);
    assert.ok("problems" in result, code);
    assert.equal(result.problems[0]!.code, code);
  }
});

Deno.test("an export made to multiply is refused, or does not multiply", () => {
  const wide = 25;
  const layer = (i: number) => Array.from({ length: wide }, (_, j) => `p${i}_${j}`);
  const node = (name: string, kind: string) => ({ name, type: kind, typeVersion: 3, parameters: {} });
  const nodes = [node("a", "@n8n/n8n-nodes-langchain.agent")];
  const connections: Record<string, unknown> = {};
  for (let i = 0; i < 7; i++) {
    for (const name of layer(i)) {
      nodes.push(node(name, "@n8n/n8n-nodes-langchain.toolThink"));
      const targets = i === 0 ? ["a"] : layer(i - 1);
      connections[name] = { ai_tool: [targets.map((target) => ({ node: target, type: "ai_tool", index: 0 }))] };
    }
  }
  const parts = importN8n({ nodes, connections });
  assert.ok("problems" in parts && parts.problems[0]!.code === "import_too_large");

  const loops = Array.from({ length: 1000 }, (_, i) => node(`l${i}`, "n8n-nodes-base.splitInBatches"));
  const to = (i: number) => ({ node: `l${i % 1000}`, type: "main", index: 0 });
  const edges = loops.map(({ name }, i) => [name, { main: [[to(i + 1)], [to(i + 7), to(i + 991)]] }]);
  const { report, definition } = imported({ nodes: loops, connections: Object.fromEntries(edges) });
  assert.equal(report.summary.placeholders, 1000);
  assert.deepEqual([definition.nodes.length, definition.connections.length], [1000, 3000]);
});
