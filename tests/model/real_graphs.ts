// Real workflows as definitions: the shapes of tests/data/workflow-shapes.jsonl, whose nodes are named by kind only and
// whose edges are [source, output, target, input]; an edge with a fifth element attaches a part to an AI node.
import { below, type Chance, random, type Script } from "./graphs.ts";
import type { Case } from "./play.ts";
import type { Connection, Definition, Node } from "./shape.ts";

export interface RealGraph {
  id: string;
  nodes: string[][];
  edges: (number | string)[][];
}

export function realGraphs(): RealGraph[] {
  const lines = Deno.readTextFileSync(new URL("../data/workflow-shapes.jsonl", import.meta.url)).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** One of the ways to start a graph, and workers that choose where to branch. */
export function realCase(graph: RealGraph, seed: number): Case {
  const chance = random(seed);
  return {
    name: graph.id,
    definition: definitionOf(graph, chance),
    input: {},
    script: branching(seed),
  };
}

function definitionOf(graph: RealGraph, chance: Chance): Definition {
  const edges = graph.edges.filter((edge) => edge.length === 4) as [number, number, number, number][];
  const targets = new Set(edges.map(([, , target]) => target));
  const isMerge = (node: number) => graph.nodes[node]![0] === "FLOW" && graph.nodes[node]![1] === "merge";
  const outputs = graph.nodes.map((_, i) =>
    Math.max(0, ...edges.filter(([source]) => source === i).map((edge) => edge[1]))
  );
  const all = graph.nodes.map((_, i) => i);
  const triggers = all.filter((i) => graph.nodes[i]![0] === "TRIGGER" && !targets.has(i));
  const starts = triggers.length > 0
    ? triggers
    : all.filter((i) => !targets.has(i) && edges.some(([source]) => source === i));
  const started = starts[below(chance, starts.length)];

  const nodes: Node[] = [{ id: "start", type: "TRIGGER", subtype: "MANUAL" }];
  const connections = new Map<string, Connection>();
  const connect = (connection: Connection) => connections.set(JSON.stringify(connection), connection);
  for (const i of all) {
    if (isMerge(i) && targets.has(i)) {
      nodes.push({ id: `n${i}`, type: "FLOW", subtype: "MERGE", parameters: { mode: "all" } });
    } else nodes.push({ id: `n${i}`, type: "ACTION", subtype: "NOOP", retry_wait_time: 0, max_retries: 1 });
    if (outputs[i]! > 0) {
      const rules = Array.from({ length: outputs[i]! }, (_, output) => `$.input.branch == ${output}`);
      nodes.push({ id: `n${i}_out`, type: "FLOW", subtype: "SWITCH", parameters: { rules } });
      connect({ source: `n${i}`, target: `n${i}_out` });
    }
  }
  if (started !== undefined) connect({ source: "start", target: `n${started}` });
  for (const [source, output, target, input] of edges) {
    connect({
      source: outputs[source]! > 0 ? `n${source}_out` : `n${source}`,
      target: `n${target}`,
      index: output,
      ...(isMerge(target) ? { target_index: input } : {}),
    });
  }
  return { nodes, connections: [...connections.values()] };
}

/** Any output, later rather the first or the last; what runs for the ninth time fails, so that every loop ends. */
function branching(seed: number): Script {
  return (key) => {
    const run = Number(key.match(/ run (\d+) /)![1]);
    if (run >= 8) return { error: "enough", retryable: false };
    let hash = seed;
    for (const char of key) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    const chance = random(hash);
    if (chance() < 0.03) return { error: "unlucky", retryable: true };
    const branch = run < 3 ? below(chance, 5) : chance() < 0.7 ? 0 : 99;
    return { output: { branch, v: below(chance, 10) } };
  };
}
