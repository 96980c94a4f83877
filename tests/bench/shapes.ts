// The graphs that are measured: layers of steps, each of which needs all of the layer before it.
import type postgres from "postgres";

export interface Shape {
  name: string;
  /** How many steps each layer has. A layer of several is joined before the next one, if there is one. */
  layers: number[];
  /** The wide layer is one node that FOR_EACH gives the items to. */
  forEach?: boolean;
}

export const shapes = {
  chain3: { name: "chain of 3", layers: [1, 1, 1] },
  chain12: { name: "chain of 12", layers: Array(12).fill(1) },
  fanOut10: { name: "fan-out 10, fan-in", layers: [1, 10, 1] },
  forEach1000: { name: "1,000 items, collected", layers: [1, 1000, 1], forEach: true },
  layers20: { name: "20 layers of 3", layers: Array(20).fill(3) },
} satisfies Record<string, Shape>;

export const stepsOf = ({ layers }: Shape) => layers.reduce((sum, width) => sum + width, 0);

/** What a step is given and answers: 100 bytes of JSON. */
export const payload = { customer: "c-4711", items: [1, 2, 3], note: "x".repeat(53) };

export const inputOf = ({ layers, forEach }: Shape): postgres.JSONValue =>
  forEach ? { items: Array(Math.max(...layers)).fill(payload) } : payload;

interface Definition {
  nodes: Record<string, postgres.JSONValue>[];
  connections: { source: string; target: string; target_index?: number }[];
}

/** The workflow of a shape, all of its steps for a worker. */
export function edgeWorkflow({ layers, forEach }: Shape): Definition {
  const nodes: Definition["nodes"] = [{ id: "start", type: "TRIGGER", subtype: "MANUAL" }];
  const connections: Definition["connections"] = [];
  let ends = ["start"];
  const add = (node: Record<string, postgres.JSONValue>) => {
    nodes.push(node);
    connections.push(...ends.map((source, target_index) => ({
      source,
      target: node.id as string,
      target_index: node.subtype === "MERGE" ? target_index : 0,
    })));
    return node.id as string;
  };
  layers.forEach((width, layer) => {
    const step = (id: string) => add({ id, type: "ACTION", subtype: "NOOP" });
    if (forEach && width > 1) {
      const items = "{{ $.trigger.items }}";
      ends = [add({ id: `each${layer}`, type: "FLOW", subtype: "FOR_EACH", parameters: { items } })];
      ends = [step(`step${layer}`)];
      ends = [add({ id: `join${layer}`, type: "FLOW", subtype: "MERGE", parameters: { mode: "collect" } })];
      return;
    }
    ends = Array.from({ length: width }, (_, i) => step(`step${layer}_${i}`));
    if (width > 1 && layer < layers.length - 1) {
      ends = [add({ id: `join${layer}`, type: "FLOW", subtype: "MERGE", parameters: { mode: "all" } })];
    }
  });
  return { nodes, connections };
}

/** A chain of steps that Postgres does itself, with templates to resolve. */
export function sqlWorkflow({ layers }: Shape): Definition {
  const ids = layers.map((_, i) => `step${i}`);
  return {
    nodes: [
      { id: "start", type: "TRIGGER", subtype: "MANUAL" },
      ...ids.map((id, i) => ({ id, type: "ACTION", subtype: "TRANSFORM", parameters: { output: transform(i) } })),
    ],
    connections: ids.map((target, i) => ({ source: i === 0 ? "start" : ids[i - 1]!, target })),
  };
}

const transform = (step: number): postgres.JSONValue => ({
  customer: "{{ $.input.customer }}",
  text: "Order of {{ $.input.customer }}",
  first: step === 0 ? "{{ $.input.items[0] }}" : "{{ $.input.first }}",
  step,
});
