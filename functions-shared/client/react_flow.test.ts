import assert from "node:assert/strict";
import {
  type Definition,
  type DefinitionConnection,
  type Flow,
  type FlowEdge,
  type FlowNode,
  fromReactFlow,
  toReactFlow,
} from "./react_flow.ts";

const root = new URL("../../", import.meta.url);

/** What Postgres and the network do to JSON: keys in another order, and what is undefined is gone. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value));

function back(flow: Flow, base?: Definition): Flow {
  const { definition, problems } = fromReactFlow(flow, base);
  assert.equal(problems, null);
  return toReactFlow(stored(definition!));
}

function definitionOf(flow: Flow, base?: Definition): Definition {
  const { definition, problems } = fromReactFlow(stored(flow), base);
  assert.equal(problems, null);
  return definition!;
}

// xorshift32: the same graphs on every run
function random(seed: number): () => number {
  let state = seed * 2654435761 >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const awkward = [
  "a",
  "node-1",
  "with spaces",
  "Ünï—🦊",
  "__proto__x",
  "true",
  "0",
  "1",
  "error",
  "a.b",
  '"quoted"',
  "connection-x",
  "x".repeat(300),
];
const keys = [
  ...[
    "id",
    "type",
    "subtype",
    "position",
    "react_flow",
    "react_flow_node",
    "react_flow_error",
    "data",
    "label",
    "name",
    "parameters",
  ],
  ...[
    "source",
    "target",
    "index",
    "target_index",
    "conditions",
    "sourceHandle",
    "tandem",
    "config",
    "snake_case",
    "ü ü",
  ],
];

function randomFlow(seed: number): Flow {
  const chance = random(seed);
  const below = (limit: number) => Math.floor(chance() * limit);
  const one = <T>(values: readonly T[]): T => values[below(values.length)]!;
  const value = (depth = 0): unknown =>
    one<() => unknown>([
      () => null,
      () => below(1000) / 8,
      () => one(awkward),
      () => chance() < 0.5,
      () => "{{ $.input.x }}",
      () => depth > 2 ? 1 : Array.from({ length: below(3) }, () => value(depth + 1)),
      () => depth > 2 ? 2 : fields(below(4), depth + 1),
    ])();
  const fields = (count: number, depth = 0): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length: count }, () => [one(keys), value(depth)]));
  const data = () => one([fields(below(6)), {}, null, "text", [1], 7]);

  const ids = [...new Set(Array.from({ length: 1 + below(8) }, (_, i) => `${one(awkward)}${below(2) ? "" : i}`))];
  const nodes = ids.map((id): FlowNode => ({
    ...(below(3) ? {} : { width: 120, height: 40.5, selected: true, dragging: false, measured: { width: 1 } }),
    ...(below(4) ? {} : { parentId: one(ids), extent: "parent", style: { color: "red" }, className: "x y" }),
    ...(below(5) ? {} : { name: value(), parameters: value(), disabled: value(), subtype: value() }),
    ...(below(3) ? { data: below(3) ? fields(below(6)) : data() } : {}),
    ...(below(4)
      ? {
        type: one([
          "polymarket-stream",
          "filter",
          "FLOW.IF",
          "FLOW.MERGE",
          "FLOW.SWITCH",
          "ACTION.NOOP",
          "ACTION.",
          "",
        ]),
      }
      : {}),
    id,
    position: one([{ x: 0, y: 0 }, { x: -12.5, y: 1e6 }, { x: 1, y: 2, z: 3 }]),
  } as FlowNode));
  const handle = () =>
    one([undefined, undefined, null, "0", "1", "7", "1001", "01", "true", "false", "error", "a", ""]);
  const edges = Array.from({ length: below(14) }, (_, i): FlowEdge => {
    const [sourceHandle, targetHandle] = [handle(), handle()];
    return {
      ...(below(3) ? {} : { animated: true, style: { stroke: "#f00" }, markerEnd: { type: "arrow" }, selected: false }),
      ...(below(3) ? {} : { type: one(["smoothstep", "ERROR", "custom"]) }),
      ...(below(3) ? {} : { label: one(["yes", "", null, 5, { text: "x" }]) }),
      ...(below(2) ? {} : { data: data() }),
      ...(below(3) ? {} : { data: { type: one(["ERROR", "MAIN", "AI_TOOL", "mine", 3]), conditions: "$.input > 1" } }),
      ...(below(6) ? {} : { index: 4, conditions: "x", react_flow_error: "data", error_by: 1 }),
      ...(sourceHandle !== undefined && { sourceHandle }),
      ...(targetHandle !== undefined && { targetHandle }),
      id: `${one(awkward)}-${i}`,
      source: one(ids),
      target: one(ids),
    };
  });
  return { nodes, edges, ...(below(2) ? { viewport: { x: 1, y: -2, zoom: 0.5 } } : {}) };
}

Deno.test("a React Flow graph comes back as it was, whatever it holds", () => {
  for (let seed = 1; seed <= 1500; seed++) {
    const flow = randomFlow(seed);
    assert.deepEqual(back(flow), stored(flow), `seed ${seed}`);
  }
});

Deno.test("and its definition may be saved: every node has a known type, every connection is drawn once", () => {
  const types = ["TRIGGER", "AI_AGENT", "EXTERNAL_ACTION", "ACTION", "FLOW", "HUMAN_IN_THE_LOOP", "TOOL", "MEMORY"];
  for (let seed = 1; seed <= 500; seed++) {
    const { nodes, connections } = definitionOf(randomFlow(seed));
    for (const node of nodes) {
      assert.ok(types.includes(node.type), `seed ${seed}: ${node.type}`);
      assert.ok(node.subtype.length >= 1 && [...node.subtype].length <= 100, `seed ${seed}`);
    }
    const drawn = connections.map(({ source, target, type = "MAIN", index = 0, target_index = 0 }) => {
      assert.ok(Number.isInteger(index) && index >= 0 && index <= 1000);
      assert.ok(Number.isInteger(target_index) && target_index >= 0 && target_index <= 1000);
      return JSON.stringify([source, target, type, index, target_index]);
    });
    assert.equal(new Set(drawn).size, drawn.length, `seed ${seed}`);
  }
});

/** Definitions in the shapes of real workflows, with fields that React Flow knows nothing of. */
function realDefinitions(): Definition[] {
  const lines = Deno.readTextFileSync(new URL("tests/data/workflow-shapes.jsonl", root)).trim().split("\n");
  const types: Record<string, string> = {
    ai_tool: "AI_TOOL",
    ai_languageModel: "AI_LANGUAGE_MODEL",
    ai_memory: "AI_MEMORY",
    ai_embedding: "AI_EMBEDDING",
    ai_document: "AI_DOCUMENT",
    ai_vectorStore: "AI_VECTOR_STORE",
    ai_outputParser: "AI_OUTPUT_PARSER",
    ai_textSplitter: "AI_TEXT_SPLITTER",
    ai_retriever: "AI_RETRIEVER",
    ai_reranker: "AI_RERANKER",
  };
  return lines.map((line, l) => {
    const shape = JSON.parse(line) as { nodes: string[][]; edges: [number, number, number, number, string?][] };
    return {
      nodes: shape.nodes.map(([type, subtype], i) => ({
        id: `node ${i}`,
        name: `Node ${i}`,
        type: type === "AI_PART" ? "TOOL" : type === "HIL" ? "HUMAN_IN_THE_LOOP" : type!,
        subtype: (subtype || "other").toUpperCase(),
        ...(i % 3 > 0 && { position: { x: i * 200, y: l } }),
        parameters: { url: "{{ $.input.url }}", type: "x", inputs: ["a", "b"] },
        credentials: { http: "01890000-0000-7000-8000-000000000000" },
        attached_nodes: [],
        ...(i % 4 === 0 && { max_retries: 2, of_another_tool: { deep: [null, 1.5] }, width: 3, label: "x" }),
      })),
      // some have the same connection twice, which may not be saved
      connections: [...new Map(shape.edges.map((edge) => [String(edge), edge])).values()].map((
        [source, index, target, target_index, type],
        i,
      ) => ({
        source: `node ${source}`,
        target: `node ${target}`,
        ...(i % 2 === 0 && { index }),
        ...(index > 0 && { index }),
        ...(target_index > 0 && { target_index }),
        ...(type && { type: types[type] ?? "AI_CHAIN" }),
        ...(i % 5 === 0 && { conditions: "$.input.x > 1", label: "big", of_another_tool: 1 }),
        ...(i % 7 === 0 && { conditions: null, label: null, data: 1, animated: true }),
      })),
      settings: { timeout_seconds: 60 },
      pin_data: { "node 0": { any_key: 1 } },
      of_another_tool: "kept",
    };
  });
}

Deno.test("a definition comes back as it was: the examples and the shapes of real workflows", async () => {
  const definitions = realDefinitions();
  assert.equal(definitions.length, 677);
  for await (const example of Deno.readDir(new URL("examples/", root))) {
    const text = await Deno.readTextFile(new URL(`examples/${example.name}/workflow.json`, root));
    definitions.push(JSON.parse(text).definition);
  }
  assert.ok(definitions.length > 677);
  for (const definition of definitions) {
    const flow = toReactFlow(definition);
    assert.equal(new Set(flow.edges.map((edge) => edge.id)).size, flow.edges.length, "React Flow needs ids of edges");
    assert.deepEqual(stored(definitionOf(flow, definition)), stored(definition));
    // and once more, after an editor has kept it
    assert.deepEqual(back(flow, definition), stored(flow));
  }
});

Deno.test("a graph of document 002 is foreign to the engine, and named after its types", () => {
  const flow: Flow = {
    nodes: [
      {
        id: "node-1",
        type: "polymarket-stream",
        position: { x: 100, y: 100 },
        data: { config: { categories: ["Politics"] } },
      },
      { id: "node-2", type: "filter", position: { x: 300, y: 100 }, data: { label: "Big ones", config: {} } },
    ],
    edges: [{ id: "edge-1", source: "node-1", target: "node-2" }],
  };
  const definition = definitionOf(flow);
  assert.deepEqual(
    definition.nodes.map(({ id, type, subtype, name, position }) => ({ id, type, subtype, name, position })),
    [
      {
        id: "node-1",
        type: "EXTERNAL_ACTION",
        subtype: "polymarket-stream",
        name: undefined,
        position: { x: 100, y: 100 },
      },
      { id: "node-2", type: "EXTERNAL_ACTION", subtype: "filter", name: "Big ones", position: { x: 300, y: 100 } },
    ],
  );
  assert.deepEqual(definition.connections, [{ id: "edge-1", source: "node-1", target: "node-2" }]);
  assert.deepEqual(toReactFlow(stored(definition)), flow);
});

const flowOf = (type: string, data: object, ...edges: Partial<FlowEdge>[]): Flow => ({
  nodes: ["a", "b", "c"].map((id, i) => ({ id, type: i === 0 ? type : "ACTION.NOOP", position: { x: 0, y: 0 }, data })),
  edges: edges.map((edge, i) => ({ id: `${i}`, source: "a", target: i % 2 ? "b" : "c", ...edge })),
});
const brief = ({ type, index, target_index }: DefinitionConnection) =>
  [type, index, target_index].filter((x) => x !== undefined).join(" ");

Deno.test("handles say which output and input", () => {
  const IF = flowOf("FLOW.IF", {}, { sourceHandle: "false" }, { sourceHandle: "true" }, { sourceHandle: "error" });
  assert.deepEqual(definitionOf(IF).connections.map(brief), ["1", "0", "ERROR"]);
  const numbers = flowOf("FLOW.SWITCH", {}, { sourceHandle: "2" }, { sourceHandle: null }, {});
  numbers.edges[2]!.target = "a";
  assert.deepEqual(definitionOf(numbers).connections.map(brief), ["2", "", ""]);
  const merge = flowOf("FLOW.MERGE", { parameters: { inputs: ["left", "right"] } });
  merge.edges = ["right", "left", "3"].map((targetHandle, i) => ({
    id: `${i}`,
    source: "b",
    target: "a",
    targetHandle,
  }));
  assert.deepEqual(definitionOf(merge).connections.map(brief), ["1", "0", "3"]);
  const sides = flowOf("ACTION.NOOP", {}, { targetHandle: "top" }, { targetHandle: "left" });
  assert.deepEqual(definitionOf(sides).connections.map(brief), ["0", "0"]);
  const foreign = flowOf("filter", {}, { sourceHandle: "passed" }, { sourceHandle: "failed" }, {
    sourceHandle: "passed",
  });
  assert.deepEqual(definitionOf(foreign).connections.map((c) => c.index), [0, 1]);
});

Deno.test("what an IF's handle means is never guessed: deploying asks", () => {
  const flow = flowOf("FLOW.IF", {}, { sourceHandle: "no" }, { sourceHandle: "yes" });
  assert.deepEqual(definitionOf(flow).connections.map((c) => c.index), [1000, 999]);
  assert.deepEqual(back(flow), flow);
});

Deno.test("an edge drawn twice is one connection, and two edges again in the picture", () => {
  const flow = flowOf("ACTION.NOOP", {}, { target: "b" }, { target: "b", animated: true }, { target: "c" });
  const definition = definitionOf(flow);
  assert.equal(definition.connections.length, 2);
  assert.deepEqual(toReactFlow(definition), flow);
  // without its node it is gone
  const rest = { ...definition, nodes: definition.nodes.filter((node) => node.id !== "b"), connections: [] };
  assert.deepEqual(toReactFlow(rest).edges, []);
});

Deno.test("a change of the definition is seen in the picture, and the other way round", () => {
  const definition = definitionOf(flowOf("FLOW.IF", { name: "Big?" }, { sourceHandle: "true" }));
  definition.connections[0]!.index = 1;
  definition.nodes[0]!.parameters = { condition: "$.input > 1" };
  const flow = toReactFlow(definition);
  assert.equal(flow.edges[0]!.sourceHandle, "1");
  assert.deepEqual(flow.nodes[0]!.data, { name: "Big?", parameters: { condition: "$.input > 1" } });
  flow.nodes[0]!.data.parameters.condition = "$.input > 2";
  assert.deepEqual(definitionOf(flow, definition).nodes[0]!.parameters, { condition: "$.input > 2" });

  const foreign = definitionOf(flowOf("filter", { label: "old" }));
  foreign.nodes[0] = { ...foreign.nodes[0]!, disabled: true, name: "new" };
  assert.deepEqual(stored(definitionOf(toReactFlow(foreign), foreign)), stored(foreign));
});

Deno.test("a node without a position is drawn, and has none until it is moved", () => {
  const definition: Definition = { nodes: [{ id: "a", type: "ACTION", subtype: "NOOP" }], connections: [] };
  const flow = toReactFlow(definition);
  assert.deepEqual(flow.nodes[0]!.position, { x: 0, y: 0 });
  assert.deepEqual(definitionOf(flow), definition);
  const half = { nodes: [{ ...definition.nodes[0]!, position: { x: 5 } }], connections: [] } as unknown as Definition;
  assert.deepEqual(toReactFlow(half).nodes[0]!.position, { x: 5, y: 0 });
  assert.deepEqual(definitionOf(toReactFlow(half)), half);
  flow.nodes[0]!.position = { x: 10, y: 0 };
  assert.deepEqual(definitionOf(flow).nodes[0], { ...definition.nodes[0], position: { x: 10, y: 0 } });
});

Deno.test("what React Flow does not know stays, but a removed node takes its pinned output along", () => {
  const base: Definition = {
    nodes: [{ id: "a", type: "ACTION", subtype: "NOOP" }, { id: "b", type: "ACTION", subtype: "NOOP" }],
    connections: [{ source: "a", target: "b" }],
    settings: { node: { max_retries: 1 } },
    pin_data: { a: 1, b: 2 },
    mine: true,
  };
  const flow = toReactFlow(base);
  assert.deepEqual(definitionOf({ nodes: [flow.nodes[0]!], edges: [] }, base), {
    nodes: [base.nodes[0]],
    connections: [],
    settings: base.settings,
    pin_data: { a: 1 },
    mine: true,
  });
});

Deno.test("everything that is wrong with a graph is said at once", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const place = { x: 0, y: 0 };
  const { definition, problems } = fromReactFlow({
    nodes: [
      { id: "a", position: place, data: {} },
      { id: "a", position: place, data: cyclic },
      { id: "b", position: { x: NaN, y: 0 }, data: {} },
      { position: place, data: {} } as FlowNode,
    ],
    edges: [{ id: "e", source: "a", target: "nobody" }, { source: "x", target: "a" } as FlowEdge],
  });
  assert.equal(definition, null);
  assert.deepEqual(problems!.map((problem) => `${problem.code} ${problem.path}`).sort(), [
    "connection_node_unknown $.edges[0].target",
    "node_id_duplicate $.nodes[1].id",
    "react_flow_shape $.edges[1].id",
    "react_flow_shape $.nodes[1]",
    "react_flow_shape $.nodes[2].position",
    "react_flow_shape $.nodes[3].id",
  ]);
  const nothing = fromReactFlow({ nodes: null, edges: 3 } as unknown as Flow);
  assert.deepEqual(nothing.problems!.map((problem) => problem.path), ["$.nodes", "$.edges"]);
});
