// What a picture shows of a workflow: boxes, arrows, and what an execution made of them.
import { list, record } from "../json.ts";

export interface Definition {
  nodes?: unknown;
  connections?: unknown;
}

/** What an execution has to say, by node id. */
export interface Runs {
  status: string;
  nodes: Record<string, { status: string; runs: number; seconds: number | null }>;
  /** Pairs of node ids: the second ran after the first. */
  taken: [string, string][];
}

export interface Part {
  name: string;
  kind: string;
}

export interface Box {
  id: string;
  name: string;
  type: string;
  subtype: string;
  disabled: boolean;
  position: { x: number; y: number } | null;
  parts: Part[];
  /** Null in a picture without an execution. */
  run: { status: string; runs: number; seconds: number | null } | null;
}

export interface Arrow {
  /** Indexes of boxes. */
  source: number;
  target: number;
  index: number;
  label: string;
  input: string;
  isError: boolean;
  isTaken: boolean;
}

export interface Picture {
  title: string;
  boxes: Box[];
  arrows: Arrow[];
}

/** A symbol and a word for each status, so that nobody has to tell colours apart; symbols that common fonts have. */
const symbols: Record<string, string> = {
  SUCCESS: "✓",
  ERROR: "✕",
  TIMEOUT: "✕",
  RUNNING: "►",
  NEW: "…",
  PENDING: "…",
  PAUSED: "‖",
  WAITING_INPUT: "‖",
  WAITING_FOR_HUMAN: "‖",
  RETRYING: "↻",
  SKIPPED: "↷",
  CANCELED: "⊘",
  NOT_RUN: "–",
};

const mostParts = 12;

export function pictureOf(title: string, definition: Definition, runs: Runs | null): Picture {
  const nodes = list(definition.nodes).map(record).filter((node) => typeof node.id === "string");
  const at = new Map(nodes.map((node, i) => [node.id as string, i]));
  const taken = new Set((runs?.taken ?? []).map((pair) => JSON.stringify(pair)));
  const boxes = nodes.map((node): Box => {
    const position = record(node.position);
    const parts = list(node.attached_nodes).map(record).map((part) => ({
      name: text(part.name) || text(part.id),
      kind: text(part.type) || "TOOL",
    }));
    const id = node.id as string;
    return {
      id,
      name: text(node.name) || id,
      type: text(node.type),
      subtype: text(node.subtype),
      disabled: node.disabled === true,
      position: typeof position.x === "number" && typeof position.y === "number"
        ? { x: position.x, y: position.y }
        : null,
      parts: parts.length > mostParts
        ? [...parts.slice(0, mostParts - 1), { name: `${parts.length - mostParts + 1} more`, kind: "" }]
        : parts,
      run: runs && (Object.hasOwn(runs.nodes, id) ? runs.nodes[id]! : { status: "NOT_RUN", runs: 0, seconds: null }),
    };
  });
  const arrows = list(definition.connections).map(record).flatMap((connection): Arrow[] => {
    const source = at.get(text(connection.source));
    const target = at.get(text(connection.target));
    if (source === undefined || target === undefined) return [];
    const index = typeof connection.index === "number" ? connection.index : 0;
    const input = typeof connection.target_index === "number" ? connection.target_index : 0;
    const isError = connection.type === "ERROR";
    return [{
      source,
      target,
      index,
      label: text(connection.label) || (isError ? "error" : portLabel(nodes[source]!, index)),
      input: nodes[target]!.subtype === "MERGE" || input > 0 ? String(input) : "",
      isError,
      isTaken: taken.has(JSON.stringify([connection.source, connection.target])),
    }];
  });
  return { title: runs ? `${title} (${symbols[runs.status] ?? "?"} ${runs.status})` : title, boxes, arrows };
}

function portLabel(node: Record<string, unknown>, index: number): string {
  if (node.type !== "FLOW") return index > 0 ? String(index) : "";
  if (node.subtype === "IF") return index === 0 ? "true" : "false";
  if (node.subtype === "FOR_EACH") return "item";
  if (node.subtype !== "SWITCH") return index > 0 ? String(index) : "";
  return index === list(record(node.parameters).rules).length ? "else" : `rule ${index}`;
}

export function runText(run: NonNullable<Box["run"]>): string {
  const time = run.seconds === null
    ? ""
    : run.seconds < 1
    ? ` ${Math.round(run.seconds * 1000)} ms`
    : run.seconds < 120
    ? ` ${run.seconds.toFixed(1)} s`
    : ` ${Math.round(run.seconds / 60)} min`;
  const count = run.runs > 1 ? ` ×${run.runs}` : "";
  return `${symbols[run.status] ?? "?"} ${run.status.replaceAll("_", " ").toLowerCase()}${time}${count}`;
}

function text(given: unknown): string {
  return typeof given === "string" ? given : "";
}
