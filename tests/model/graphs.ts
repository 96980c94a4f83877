// Random graphs and what their workers answer, from a seed.
import type { Json } from "./paths.ts";
import { type Connection, type Definition, mergeMode, type Node } from "./shape.ts";
import { Model, type Outcome, TooLong } from "./model.ts";

export type Chance = () => number;

/** Numbers in [0, 1) that a seed repeats. */
export function random(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const below = (chance: Chance, limit: number): number => Math.floor(chance() * limit);
export const pick = <T>(chance: Chance, values: readonly T[]): T => values[below(chance, values.length)]!;

/** A worker's answers, by the task's key. */
export type Script = (key: string) => Outcome;

/** Mostly successes with a number that depends on the task, and a short list. */
export function script(seed: number, failures = 0.12): Script {
  return (key) => {
    let hash = seed;
    for (const char of key) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    const chance = random(hash);
    if (chance() < failures) return { error: "broken", retryable: chance() < 0.5 };
    const v = below(chance, 10);
    const list: Json[] = Array.from({ length: below(chance, 4) }, () => ({ v: below(chance, 10) }));
    return { output: { v, list } };
  };
}

const strategies = ["STOP_WORKFLOW_ON_ERROR", "CONTINUE_REGULAR_OUTPUT_ON_ERROR", "CONTINUE_ERROR_OUTPUT_ON_ERROR"];

/** Nodes at one depth of FOR_EACH; edges lead from one to another of the same region. */
interface Region {
  nodes: string[];
  /** The FOR_EACH that it is inside of. */
  owner?: string;
}

/** A random graph that the validator takes and, as far as the model can tell beforehand, that ends soon. */
export function randomCase(seed: number): { definition: Definition; input: Json; script: Script } {
  for (let attempt = 0;; attempt++) {
    const chance = random(seed * 1009 + attempt);
    const definition = randomDefinition(chance);
    const input: Json = { v: below(chance, 10), list: Array.from({ length: below(chance, 4) }, (_, v) => ({ v })) };
    const answers = script(seed, pick(chance, [0, 0.05, 0.15]));
    try {
      const { runs } = runAlone(new Model(definition, input, 70), answers);
      // what only runs straight on is seldom worth it
      const joins = runs.filter((run) => definition.nodes.find((node) => node.id === run.node)!.subtype === "MERGE");
      if (runs.length > 2 && (joins.length > 1 || chance() < 0.2)) return { definition, input, script: answers };
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
    }
  }
}

/** Runs a model to its end, oldest task first. */
export function runAlone(model: Model, answers: Script): Model {
  let now = 0;
  for (model.start(now); !model.ended;) {
    const [task] = model.tasks();
    if (task) model.finish(new Map([[task.key, answers(task.key)]]), ++now);
    else model.tick(now += 10_000);
  }
  return model;
}

function randomDefinition(chance: Chance): Definition {
  const nodes: Node[] = [{ id: "start", type: "TRIGGER", subtype: "MANUAL" }];
  const connections = new Map<string, Connection>();
  const outputs = new Map<string, number>([["start", 1]]);
  const byId = new Map<string, Node>([["start", nodes[0]!]]);
  const top: Region = { nodes: ["start"] };
  const regions = [top];

  const add = (
    region: Region,
    id: string,
    type: string,
    subtype: string,
    parameters?: Node["parameters"],
    count = 1,
  ) => {
    const node: Node = { id, type, subtype, ...(parameters ? { parameters } : {}) };
    if (type !== "TRIGGER" && subtype !== "STOP") {
      const strategy = pick(chance, strategies);
      if (subtype === "NOOP" || subtype === "FOR_EACH" || subtype === "MERGE") node.error_handling = strategy;
      if (subtype === "NOOP") {
        node.max_retries = below(chance, 3);
        node.retry_wait_time = pick(chance, [0, 0, 1000]);
      }
      if (chance() < 0.04 && parameters?.mode !== "collect" && subtype !== "FOR_EACH") node.disabled = true;
    }
    nodes.push(node);
    byId.set(id, node);
    outputs.set(id, count);
    region.nodes.push(id);
    return node;
  };
  const condition = (region: Region) => {
    if (chance() < 0.25) return `$.execution.node_runs < ${2 + below(chance, 3)}`;
    const value = pick(chance, [
      "$.input.v",
      "$.input.v",
      "$.input.v",
      `$.nodes.${pick(chance, nodes).id}.v`,
      region.owner === undefined ? "$.trigger.v" : "$.item.v",
    ]);
    return `${value} ${pick(chance, ["<", ">=", ">"])} ${2 + below(chance, 6)}`;
  };
  const regionOf = (id: string) => regions.find((each) => each.nodes.includes(id))!;
  const connect = (source: string, target: string, more: Partial<Connection> = {}) => {
    const connection: Connection = { source, target, ...more };
    const node = byId.get(target)!;
    if (node.subtype === "MERGE") connection.target_index = below(chance, 3);
    if (connection.type !== "ERROR") {
      const count = outputs.get(source)!;
      if (count > 1) connection.index ??= below(chance, count);
      const die = chance();
      if (die < 0.1) connection.type = "SUCCESS";
      if (die > 0.85) connection.conditions = condition(regionOf(source));
      if (die > 0.95) connection.type = "CONDITIONAL";
    }
    const { conditions: _, ...key } = connection;
    connections.set(JSON.stringify([key.source, key.target, key.type, key.index, key.target_index]), connection);
  };

  // back to an earlier node, a few times
  const addLoop = (id: string) => {
    const region = pick(chance, regions);
    const leading = region.nodes.filter((each) => !["STOP", "FOR_EACH"].includes(byId.get(each)!.subtype));
    const taking = region.nodes.filter((each) => byId.get(each)!.type !== "TRIGGER");
    if (leading.length === 0 || taking.length === 0) return;
    add(region, id, "FLOW", "IF", { condition: `$.execution.node_runs < ${2 + below(chance, 3)}` }, 2);
    const sources = chance() < 0.5 ? leading.slice(-2) : leading;
    connect(pick(chance, sources), id);
    const targets = chance() < 0.5 ? taking.filter((each) => byId.get(each)!.subtype === "MERGE") : taking;
    connect(id, pick(chance, targets.length > 0 ? targets : taking), { index: 0 });
    if (chance() < 0.7) connect(id, pick(chance, taking), { index: 1 });
  };

  const isNested = chance() < 0.3;
  const count = 3 + below(chance, isNested ? 14 : 9);
  for (let i = 0; i < count; i++) {
    const region = isNested && chance() < 0.5 ? regions.at(-1)! : pick(chance, regions.slice(-3));
    const id = `n${i}`;
    // the way in: from where the region's items begin, or from a node of it; a STOP leads nowhere, and a FOR_EACH
    // into its own region
    const sources = region.nodes.filter((other) => !["STOP", "FOR_EACH"].includes(byId.get(other)!.subtype));
    const before = region.owner !== undefined && (sources.length === 0 || chance() < 0.3)
      ? region.owner
      : pick(chance, sources);
    const die = isNested ? Math.min(1, chance() * 1.15) : chance();
    if (die < 0.36) add(region, id, "ACTION", "NOOP");
    else if (die < 0.46) add(region, id, "FLOW", "IF", { condition: condition(region) }, 2);
    else if (die < 0.52) {
      const rules = Array.from({ length: 1 + below(chance, 3) }, () => condition(region));
      add(region, id, "FLOW", "SWITCH", { rules }, rules.length + 1);
    } else if (die < 0.58) {
      const output = pick<Json>(chance, [
        { v: "{{ $.execution.node_runs }}", list: "{{ $.input.list }}" },
        { v: "{{ $.input.v }}", list: [1, "{{ $.trigger.v }}"] },
        { v: `{{ $.nodes.${pick(chance, nodes).id}.v }}`, all: "{{ $.input.list[*].v }}" },
      ]);
      add(region, id, "ACTION", "TRANSFORM", { output });
    } else if (die < 0.6) {
      add(region, id, "FLOW", "FILTER", { items: "{{ $.input.list }}", condition: "$.item.v > 3" });
    } else if (die < 0.615) {
      add(region, id, "FLOW", "WAIT", { seconds: pick(chance, [30, 1000]) });
    } else if (die < 0.63) {
      add(region, id, "FLOW", "STOP", chance() < 0.5 ? { status: "ERROR", message: "Enough" } : {}, 0);
    } else if (die < 0.86) {
      const mode = pick(chance, ["all", "append", "combine", "all", "append", "any"]);
      add(region, id, "FLOW", "MERGE", { mode, ...(chance() < 0.2 ? { inputs: ["left", "right"] } : {}) });
      // it waits for more than one
      for (let more = 0; more < 1 + below(chance, 2); more++) {
        connect(pick(chance, sources.length > 0 ? sources : [before]), id);
      }
    } else {
      const items = pick<Json>(chance, [
        "{{ $.input.list }}",
        "{{ $.trigger.list }}",
        "{{ $.input }}",
        [1, { v: 5 }, 7],
        [],
      ]);
      const room = pick(chance, [undefined, 1, 2]);
      add(region, id, "FLOW", "FOR_EACH", { items, ...(room ? { max_concurrency: room } : {}) });
      regions.push({ nodes: [], owner: id });
    }
    connect(before, id);
  }
  for (let i = 0; i < below(chance, 3); i++) addLoop(`again${i}`);
  for (const region of regions) {
    const leading = region.nodes.filter((id) => byId.get(id)!.subtype !== "STOP");
    if (leading.length === 0) continue;
    const taking = region.nodes.filter((id) => byId.get(id)!.type !== "TRIGGER");
    for (let i = 0; i < below(chance, 2 + leading.length); i++) {
      const source = pick(chance, leading);
      const forEach = byId.get(source)!.subtype === "FOR_EACH";
      const failing = byId.get(source)!.error_handling === strategies[2];
      if (taking.length === 0) continue;
      const target = pick(chance, taking);
      if (failing && chance() < 0.5) connect(source, target, { type: "ERROR" });
      else if (!forEach) connect(source, target);
    }
  }
  // collects: from inside of a FOR_EACH to the region around it
  for (const region of regions.filter((each) => each.owner !== undefined)) {
    const outer = regions.find((each) => each.nodes.includes(region.owner!))!;
    for (let i = 0; i < pick(chance, [0, 1, 1, 1, 2]); i++) {
      const id = `c${i}_${region.owner}`;
      add(outer, id, "FLOW", "MERGE", { mode: "collect" });
      const leading = region.nodes.filter((each) => byId.get(each)!.subtype !== "STOP");
      for (const source of leading) {
        if (byId.get(source)!.subtype !== "FOR_EACH" && chance() < 0.5) connect(source, id);
      }
      if (chance() < 0.3 || ![...connections.values()].some((each) => each.target === id)) connect(region.owner!, id);
      const taking = outer.nodes.filter((each) =>
        byId.get(each)!.type !== "TRIGGER" && each !== id && mergeMode(byId.get(each)!) !== "collect"
      );
      for (let more = 0; more < below(chance, 3) && taking.length > 0; more++) connect(id, pick(chance, taking));
    }
  }
  if (chance() < 0.2) {
    add(top, "other", "TRIGGER", "MANUAL");
    const taking = top.nodes.filter((id) => byId.get(id)!.type !== "TRIGGER" && mergeMode(byId.get(id)!) !== "collect");
    if (taking.length > 0) connect("other", pick(chance, taking));
  }
  const pinned = nodes.filter((node) => node.subtype === "NOOP" && !node.disabled);
  const pins = chance() < 0.1 && pinned.length > 0 ? { pin_data: { [pick(chance, pinned).id]: { v: 3 } as Json } } : {};
  return { nodes, connections: shuffled(chance, [...connections.values()]), ...pins };
}

/** Fisher-Yates. */
export function shuffled<T>(chance: Chance, values: T[]): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = below(chance, i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
