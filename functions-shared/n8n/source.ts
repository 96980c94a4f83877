// An export of n8n, read with distrust: what is not as it should be becomes a problem or a note, never a throw.
import type { Problem } from "../errors.ts";
import { list, record } from "../json.ts";

export interface SourceNode {
  name: string;
  /** The type without its package: httpRequest. */
  kind: string;
  type: string;
  version: number;
  parameters: Record<string, unknown>;
  x: number;
  y: number;
  /** The node as it stands in the export. */
  given: Record<string, unknown>;
}

export interface SourceEdge {
  source: string;
  target: string;
  type: string;
  index: number;
  targetIndex: number;
}

export interface Source {
  nodes: SourceNode[];
  edges: SourceEdge[];
  given: Record<string, unknown>;
}

const mostNodes = 1000;
const mostEdges = 5000;

export function text(given: unknown): string {
  return typeof given === "string" ? given : typeof given === "number" ? String(given) : "";
}

export function number(given: unknown, otherwise: number): number {
  return typeof given === "number" && Number.isFinite(given) ? given : otherwise;
}

export function readSource(given: unknown): { source: Source } | { problems: Problem[] } {
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    return { problems: [{ code: "import_shape", message: "An export is an object {nodes, connections}", path: "$" }] };
  }
  const whole = given as Record<string, unknown>;
  if (!Array.isArray(whole.nodes)) {
    return { problems: [{ code: "import_shape", message: "nodes is an array", path: "$.nodes" }] };
  }
  if (whole.connections != null && record(whole.connections) !== whole.connections) {
    return { problems: [{ code: "import_shape", message: "connections is an object", path: "$.connections" }] };
  }
  if (whole.nodes.length > mostNodes) {
    const message = `A workflow has at most ${mostNodes} nodes; this one has ${whole.nodes.length}`;
    return { problems: [{ code: "import_too_large", message, path: "$.nodes" }] };
  }
  const problems: Problem[] = [];
  const nodes: SourceNode[] = [];
  const names = new Set<string>();
  whole.nodes.forEach((one, i) => {
    const node = record(one);
    const path = `$.nodes[${i}]`;
    if (node !== one) return problems.push({ code: "import_node", message: "A node is an object", path });
    if (typeof node.name !== "string" || node.name === "") {
      return problems.push({ code: "import_node", message: "A node has a name", path: `${path}.name` });
    }
    if (typeof node.type !== "string" || node.type === "") {
      return problems.push({ code: "import_node", message: "A node has a type", path: `${path}.type` });
    }
    if (names.has(node.name)) {
      // connections go by name: whose they are could only be guessed
      const message = `Two nodes have the name ${JSON.stringify(node.name.slice(0, 100))}`;
      return problems.push({ code: "import_name_duplicate", message, path: `${path}.name` });
    }
    names.add(node.name);
    const position = list(node.position);
    const within = (value: unknown) => Math.max(-1e9, Math.min(1e9, number(value, 0)));
    nodes.push({
      name: node.name,
      kind: node.type.replace(/^.*\./, ""),
      type: node.type,
      version: number(node.typeVersion, 1),
      parameters: record(node.parameters),
      x: within(position[0]),
      y: within(position[1]),
      given: node,
    });
  });

  const edges: SourceEdge[] = [];
  for (const [source, types] of Object.entries(record(whole.connections))) {
    for (const [type, outputs] of Object.entries(record(types))) {
      list(outputs).forEach((targets, index) => {
        list(targets).forEach((one) => {
          const target = record(one);
          edges.push({ source, target: text(target.node), type, index, targetIndex: number(target.index, 0) });
        });
      });
    }
  }
  if (edges.length > mostEdges) {
    const message = `A workflow has at most ${mostEdges} connections; this one has ${edges.length}`;
    problems.push({ code: "import_too_large", message, path: "$.connections" });
  }
  return problems.length > 0 ? { problems: problems.slice(0, 100) } : { source: { nodes, edges, given: whole } };
}
