// React Flow's graphs and our definitions, each as the other and back without loss.
//
// A node of ours is `{id, type: "FLOW.IF", position, data}` in React Flow; everything else that the definition says of it
// (name, parameters, max_retries, unknown fields ...) is in `data`. React Flow's own fields (width, selected ...) are kept
// in the definition as `react_flow`. A node of another type, as `{type: "polymarket-stream", data: {config}}`, is foreign
// to the engine: it is kept whole as `react_flow_node` beside `{type: "EXTERNAL_ACTION", subtype: "polymarket-stream"}`.
// A draft may hold it; deploying does not.
//
// An edge's handles are the numbers of outputs and inputs ("0", "1" ...); handles with names are kept and get numbers.

export interface DefinitionNode {
  id: string;
  /** TRIGGER, AI_AGENT, EXTERNAL_ACTION, ACTION, FLOW, HUMAN_IN_THE_LOOP, TOOL or MEMORY */
  type: string;
  subtype: string;
  position?: { x: number; y: number };
  parameters?: Record<string, unknown>;
  [field: string]: unknown;
}

export interface DefinitionConnection {
  source: string;
  target: string;
  /** MAIN when left out */
  type?: string;
  /** The source's output: of an IF 0 is true and 1 false */
  index?: number;
  /** The target's input, of a MERGE */
  target_index?: number;
  label?: string | null;
  conditions?: unknown;
  [field: string]: unknown;
}

/** What is stored, exactly as it is stored: its keys are snake_case here too. */
export interface Definition {
  nodes: DefinitionNode[];
  connections: DefinitionConnection[];
  settings?: Record<string, unknown>;
  pin_data?: Record<string, unknown>;
  [field: string]: unknown;
}

/** A node as React Flow has it; `Node` of @xyflow/react is one. */
export interface FlowNode {
  id: string;
  type?: string;
  position: { x: number; y: number };
  // deno-lint-ignore no-explicit-any
  data: any;
  // deno-lint-ignore no-explicit-any
  [field: string]: any;
}

/** An edge as React Flow has it; `Edge` of @xyflow/react is one. */
export interface FlowEdge {
  id: string;
  source: string;
  target: string;
  sourceHandle?: string | null;
  targetHandle?: string | null;
  // deno-lint-ignore no-explicit-any
  [field: string]: any;
}

/** Nodes and edges of an application's own types are taken too. */
export interface FlowInput {
  nodes: readonly (FlowNode | { id: string; type?: string; position: { x: number; y: number }; data?: unknown })[];
  edges: readonly (
    | FlowEdge
    | { id: string; source: string; target: string; sourceHandle?: string | null; targetHandle?: string | null }
  )[];
  viewport?: FlowViewport;
}

export interface FlowViewport {
  x: number;
  y: number;
  zoom: number;
}

export interface Flow {
  nodes: FlowNode[];
  edges: FlowEdge[];
  viewport?: FlowViewport;
}

export interface FlowProblem {
  code: string;
  message: string;
  /** As `$.edges[2].target` */
  path: string;
}

type Fields = Record<string, unknown>;

const nodeTypes = new Set(
  ["TRIGGER", "AI_AGENT", "EXTERNAL_ACTION", "ACTION", "FLOW", "HUMAN_IN_THE_LOOP", "TOOL", "MEMORY"],
);
const connectionTypes = new Set(
  [
    "MAIN",
    "ERROR",
    "SUCCESS",
    "CONDITIONAL",
    "AI_AGENT",
    "AI_CHAIN",
    "AI_DOCUMENT",
    "AI_EMBEDDING",
    "AI_LANGUAGE_MODEL",
    "AI_MEMORY",
    "AI_OUTPUT_PARSER",
    "AI_RETRIEVER",
    "AI_RERANKER",
    "AI_TEXT_SPLITTER",
    "AI_TOOL",
    "AI_VECTOR_STORE",
    "MEMORY_ATTACHMENT",
    "CONTEXT_PROVIDER",
  ],
);
// Keys of `data` that would be taken for a field of the node or the connection itself.
const reservedOfNode = new Set(["id", "type", "subtype", "position", "react_flow", "react_flow_node"]);
const reservedOfConnection = new Set([
  "id",
  "source",
  "target",
  "index",
  "target_index",
  "label",
  "react_flow",
  "react_flow_error",
]);
const lastPort = 1000;

/** The React Flow graph of a definition. */
export function toReactFlow(definition: Definition): Flow {
  const nodes = definition.nodes.map(toFlowNode);
  const byId = new Map(definition.nodes.map((node) => [node.id, node]));
  const edges = definition.connections.map((connection) => toFlowEdge(connection, byId));
  const kept = isFields(definition.react_flow) ? definition.react_flow : {};
  for (const { at, edge } of (kept.edges ?? []) as { at: number; edge: FlowEdge }[]) {
    if (byId.has(edge.source) && byId.has(edge.target)) edges.splice(at, 0, edge);
  }
  return { nodes, edges, ...(kept.viewport !== undefined && { viewport: kept.viewport as FlowViewport }) };
}

/**
 * The definition of a React Flow graph, or everything that is wrong with it. What React Flow knows nothing of (settings,
 * pinned outputs, unknown fields) is taken from `base`, usually the definition that the graph came from.
 */
export function fromReactFlow(
  graph: FlowInput,
  base: Partial<Definition> = {},
): { definition: Definition; problems: null } | { definition: null; problems: FlowProblem[] } {
  const flow = graph as Flow;
  const problems = problemsOf(flow);
  if (problems.length > 0) return { definition: null, problems };

  const nodes = flow.nodes.map(fromFlowNode);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const connections: DefinitionConnection[] = [];
  const again: { at: number; edge: FlowEdge }[] = [];
  const drawn = new Set<string>();
  const ports = new Ports(flow.edges, byId);
  flow.edges.forEach((edge, at) => {
    const connection = fromFlowEdge(edge, ports);
    // drawn twice it is one connection: the picture of the second is kept beside
    const key = keyOf(connection);
    if (drawn.has(key)) return again.push({ at, edge: copy(edge) });
    drawn.add(key);
    connections.push(connection);
  });

  const { react_flow: before, pin_data, ...rest } = base;
  const viewport = flow.viewport ?? (isFields(before) ? before.viewport : undefined);
  const kept = { ...(viewport !== undefined && { viewport }), ...(again.length > 0 && { edges: again }) };
  return {
    definition: {
      ...rest,
      nodes,
      connections,
      // a node that is gone takes its pinned output along
      ...(pin_data !== undefined && { pin_data: isFields(pin_data) ? pick(pin_data, (id) => byId.has(id)) : pin_data }),
      ...(Object.keys(kept).length > 0 && { react_flow: kept }),
    },
    problems: null,
  };
}

function problemsOf(flow: Flow): FlowProblem[] {
  const problems: FlowProblem[] = [];
  const shape = (message: string, path: string) => problems.push({ code: "react_flow_shape", message, path });
  if (!Array.isArray(flow.nodes)) shape("nodes is an array of React Flow's nodes", "$.nodes");
  if (!Array.isArray(flow.edges)) shape("edges is an array of React Flow's edges", "$.edges");
  if (problems.length > 0) return problems;
  const ids = new Set<unknown>();
  flow.nodes.forEach((node, i) => {
    if (typeof node?.id !== "string") return shape("A node has an id, which is text", `$.nodes[${i}].id`);
    const { x, y } = node.position ?? {};
    if (!isJson(node)) shape("A node's fields are JSON", `$.nodes[${i}]`);
    if (!Number.isFinite(x) || !Number.isFinite(y)) shape("A node has a position {x, y}", `$.nodes[${i}].position`);
    if (ids.has(node.id)) {
      problems.push({
        code: "node_id_duplicate",
        message: `Two nodes have the id ${JSON.stringify(node.id)}`,
        path: `$.nodes[${i}].id`,
      });
    }
    ids.add(node.id);
  });
  flow.edges.forEach((edge, i) => {
    if (typeof edge?.id !== "string") return shape("An edge has an id, which is text", `$.edges[${i}].id`);
    if (!isJson(edge)) shape("An edge's fields are JSON", `$.edges[${i}]`);
    for (const end of ["source", "target"] as const) {
      if (ids.has(edge[end])) continue;
      problems.push({
        code: "connection_node_unknown",
        message: `There is no node ${JSON.stringify(edge[end])}`,
        path: `$.edges[${i}].${end}`,
      });
    }
  });
  return problems;
}

function toFlowNode(node: DefinitionNode): FlowNode {
  const { id, type, subtype, position, react_flow, react_flow_node, ...fields } = node;
  const { x = 0, y = 0 } = position ?? {};
  // React Flow draws nothing without a position; what there is of one is kept
  const place = position?.x === undefined || position.y === undefined
    ? { position: { x, y }, unplaced: position ?? true }
    : { position };
  if (isFields(react_flow_node)) {
    const usual: Fields = engineFieldsOf(react_flow_node);
    const since = pick({ type, subtype, ...fields }, (key, value) => value !== usual[key]);
    return { ...react_flow_node, id, ...place, ...(Object.keys(since).length > 0 && { tandem: since }) } as FlowNode;
  }
  const { data, ...own } = isFields(react_flow) ? react_flow : {};
  return { ...own, id, type: `${type}.${subtype}`, ...place, data: { ...fields, ...(data as Fields) } };
}

/** How the engine sees a node whose type it does not know. */
function engineFieldsOf({ type, data }: Fields): { type: string; subtype: string; name?: string } {
  const native = nativeType(type);
  const name = isFields(data) && typeof data.label === "string" ? [...data.label].slice(0, 255).join("") : "";
  return {
    type: native ? native[0] : "EXTERNAL_ACTION",
    subtype: native ? native[1] : [...(typeof type === "string" && type || "default")].slice(0, 100).join(""),
    ...(name !== "" && { name }),
  };
}

function nativeType(type: unknown): [type: string, subtype: string] | null {
  const [, known = "", subtype = ""] = typeof type === "string" ? /^([A-Z_]+)\.(.+)$/s.exec(type) ?? [] : [];
  return nodeTypes.has(known) && [...subtype].length <= 100 ? [known, subtype] : null;
}

function fromFlowNode(node: FlowNode): DefinitionNode {
  const { id, position, unplaced, tandem, ...shown } = copy(node);
  const { x = 0, y = 0 } = isFields(unplaced) ? unplaced : {};
  const place = unplaced === undefined || position.x !== x || position.y !== y
    ? { position }
    : isFields(unplaced)
    ? { position: unplaced as unknown as { x: number; y: number } }
    : {};
  const { type, data, ...own } = shown;
  const native = nativeType(type);
  if (!native || !isFields(data)) {
    return { ...engineFieldsOf(shown), ...tandem, id, ...place, react_flow_node: shown };
  }
  const ambiguous = pick(data, (key) => reservedOfNode.has(key));
  const kept = {
    ...own,
    ...(tandem !== undefined && { tandem }),
    ...(Object.keys(ambiguous).length > 0 && { data: ambiguous }),
  };
  return {
    ...pick(data, (key) => !reservedOfNode.has(key)),
    id,
    type: native[0],
    subtype: native[1],
    ...place,
    ...(Object.keys(kept).length > 0 && { react_flow: kept }),
  };
}

function toFlowEdge(connection: DefinitionConnection, nodes: Map<string, DefinitionNode>): FlowEdge {
  const { id, source, target, type, index, target_index, label, conditions, react_flow, react_flow_error, ...fields } =
    connection;
  const { sourceHandle, targetHandle, data, ...own } = (isFields(react_flow) ? react_flow : {}) as Fields;
  const byHandle = type === "ERROR" && index === undefined && react_flow_error !== "data" && sourceHandle === undefined;
  const said = pick(
    { type: react_flow_error === "handle" ? undefined : type, conditions },
    (_, value) => value !== undefined,
  );
  const described = { ...fields, ...said };
  return {
    ...own,
    id: typeof id === "string" ? id : edgeId(connection),
    source,
    target,
    ...port(
      "sourceHandle",
      byHandle ? "error" : sourceHandle,
      index,
      outputOf(nodes.get(source), sourceHandle),
    ),
    ...port("targetHandle", targetHandle, target_index, inputOf(nodes.get(target), targetHandle)),
    ...(label !== undefined && { label }),
    ...(isFields(data)
      ? { data: { ...described, ...data } }
      : Object.keys(described).length > 0
      ? { data: described }
      : data !== undefined
      ? { data }
      : {}),
  };
}

/** A handle that was kept counts, unless the definition has since been given another number. */
function port(name: string, kept: unknown, number: number | undefined, meant: number | undefined): Fields {
  const stale = number !== undefined && (kept === null || (meant !== undefined && meant !== number));
  if (kept !== undefined && !stale) return { [name]: kept };
  return number === undefined ? {} : { [name]: String(number) };
}

function fromFlowEdge(edge: FlowEdge, ports: Ports): DefinitionConnection {
  const { id, source, target, sourceHandle, targetHandle, label, data, ...own } = copy(edge);
  const kept: Fields = { ...own };
  const fields: Fields = {};
  const connection: DefinitionConnection = { source, target };
  if (isFields(data)) {
    const { type, conditions, ...rest } = data;
    if (typeof type === "string" && connectionTypes.has(type)) connection.type = type;
    else if (type !== undefined) kept.data = { type };
    if (conditions !== undefined) connection.conditions = conditions;
    for (const [key, value] of Object.entries(rest)) {
      if (reservedOfConnection.has(key)) kept.data = { ...(kept.data as Fields), [key]: value };
      else fields[key] = value;
    }
    if (Object.keys(data).length === 0) kept.data = {};
  } else if (data !== undefined) kept.data = data;

  const output = ports.output(edge);
  if (output === "error") {
    if (connection.type === undefined) connection.react_flow_error = "handle";
    connection.type = "ERROR";
  } else {
    if (output !== undefined) connection.index = output;
    else if (connection.type === "ERROR") connection.react_flow_error = "data";
    if (sourceHandle !== undefined && sourceHandle !== String(output)) kept.sourceHandle = sourceHandle;
  }
  const input = ports.input(edge);
  if (input !== undefined) connection.target_index = input;
  if (targetHandle !== undefined && targetHandle !== String(input)) kept.targetHandle = targetHandle;

  if (label === null || typeof label === "string") connection.label = label;
  else if (label !== undefined) kept.label = label;
  if (Object.keys(kept).length > 0) connection.react_flow = kept;
  const whole = { ...fields, ...connection };
  return id === edgeId(whole) ? whole : { id, ...whole };
}

/** The numbers of outputs and inputs that edges lead between. */
class Ports {
  #outputs: Map<string, Map<string, number>>;
  #inputs: Map<string, Map<string, number>>;
  #nodes: Map<string, DefinitionNode>;

  constructor(edges: FlowEdge[], nodes: Map<string, DefinitionNode>) {
    this.#nodes = nodes;
    this.#outputs = numbered(edges, (edge) => edge.source, (edge) => this.#knownOutput(edge), "sourceHandle", nodes);
    this.#inputs = numbered(edges, (edge) => edge.target, (edge) => this.#knownInput(edge), "targetHandle", nodes);
  }

  output(edge: FlowEdge): number | "error" | undefined {
    return this.#knownOutput(edge) ?? assigned(this.#outputs.get(edge.source), edge.sourceHandle);
  }

  input(edge: FlowEdge): number | undefined {
    return this.#knownInput(edge) ?? assigned(this.#inputs.get(edge.target), edge.targetHandle);
  }

  #knownOutput(edge: FlowEdge): number | "error" | undefined {
    const node = this.#nodes.get(edge.source);
    const says = isFields(edge.data) ? edge.data.type : undefined;
    if (edge.sourceHandle === "error" && (says === "ERROR" || says === undefined && isNative(node))) return "error";
    return outputOf(node, edge.sourceHandle);
  }

  #knownInput(edge: FlowEdge): number | undefined {
    return inputOf(this.#nodes.get(edge.target), edge.targetHandle);
  }
}

const assigned = (numbers: Map<string, number> | undefined, handle: string | null | undefined) =>
  handle == null ? undefined : numbers?.get(handle);

/**
 * Numbers for handles that have other names, of each node. Those of foreign nodes are counted as they come. An IF's, a
 * SWITCH's and a MERGE's are counted down from the last possible: the picture is kept, and deploying asks what is meant.
 */
function numbered(
  edges: FlowEdge[],
  nodeOf: (edge: FlowEdge) => string,
  known: (edge: FlowEdge) => number | "error" | undefined,
  field: "sourceHandle" | "targetHandle",
  nodes: Map<string, DefinitionNode>,
): Map<string, Map<string, number>> {
  const taken = new Map<string, Set<number>>();
  for (const edge of edges) {
    const number = edge[field] == null ? 0 : known(edge);
    if (typeof number !== "number") continue;
    taken.set(nodeOf(edge), (taken.get(nodeOf(edge)) ?? new Set()).add(number));
  }
  const all = new Map<string, Map<string, number>>();
  for (const edge of edges) {
    const handle = edge[field];
    if (handle == null || known(edge) !== undefined) continue;
    const node = nodeOf(edge);
    const mine = all.get(node) ?? new Map<string, number>();
    all.set(node, mine);
    if (mine.has(handle)) continue;
    const used = taken.get(node) ?? new Set();
    taken.set(node, used);
    const strict = isStrict(nodes.get(node), field);
    let number = strict ? lastPort : 0;
    while (used.has(number)) number += strict ? -1 : 1;
    used.add(number);
    mine.set(handle, number);
  }
  return all;
}

function isStrict(node: DefinitionNode | undefined, field: "sourceHandle" | "targetHandle"): boolean {
  if (!isNative(node) || node!.type !== "FLOW") return false;
  return field === "targetHandle" ? node!.subtype === "MERGE" : ["IF", "SWITCH"].includes(node!.subtype);
}

function outputOf(node: DefinitionNode | undefined, handle: unknown): number | undefined {
  if (isNative(node) && node!.type === "FLOW" && node!.subtype === "IF") {
    if (handle === "true") return 0;
    if (handle === "false") return 1;
  }
  return numberOf(handle);
}

function inputOf(node: DefinitionNode | undefined, handle: unknown): number | undefined {
  if (typeof handle !== "string") return undefined;
  const number = numberOf(handle);
  if (number !== undefined || !isNative(node)) return number;
  // what is no MERGE has one input, wherever its handle is drawn
  if (node!.type !== "FLOW" || node!.subtype !== "MERGE") return 0;
  const names = node!.parameters?.inputs;
  const place = Array.isArray(names) ? names.indexOf(handle) : -1;
  return place < 0 ? undefined : place;
}

function numberOf(handle: unknown): number | undefined {
  if (typeof handle !== "string" || !/^(0|[1-9]\d{0,3})$/.test(handle)) return undefined;
  return Number(handle) <= lastPort ? Number(handle) : undefined;
}

const isNative = (node: DefinitionNode | undefined) => node !== undefined && node.react_flow_node === undefined;

function keyOf({ source, target, type = "MAIN", index = 0, target_index = 0 }: DefinitionConnection): string {
  return JSON.stringify([source, target, type, index, target_index]);
}

/** The id of an edge whose connection has none. */
const edgeId = (connection: DefinitionConnection) => `connection-${keyOf(connection)}`;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const pick = (fields: Fields, wanted: (key: string, value: unknown) => boolean): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key, value]) => wanted(key, value)));

/** As it is stored: without what is undefined, and apart from what the editor goes on changing. */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
