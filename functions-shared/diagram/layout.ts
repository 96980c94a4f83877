// Where boxes and arrows are drawn: at the definition's positions, or in layers where it has none that serve.
import dagre from "@dagrejs/dagre";
import type { Picture } from "./graph.ts";

export interface Place {
  /** The corner and size of a box with its attached parts below it. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export const boxWidth = 168;
export const boxHeight = 56;
export const partWidth = 104;
export const partHeight = 28;
const partGap = 8;
const partsPerRow = 3;

export interface Layout {
  places: Place[];
  /** The bends of an arrow; of one that runs forward in layers. */
  bends: ({ x: number; y: number }[] | null)[];
  isLayered: boolean;
}

export function layOut(picture: Picture): Layout {
  const sizes = picture.boxes.map(({ parts }) => {
    const rows = Math.ceil(parts.length / partsPerRow);
    const columns = Math.min(parts.length, partsPerRow);
    return {
      width: Math.max(boxWidth, columns * (partWidth + partGap) - partGap),
      height: boxHeight + (rows > 0 ? 20 + rows * (partHeight + partGap) - partGap : 0),
    };
  });
  const given = picture.boxes.map(({ position }, i) => position && { ...position, ...sizes[i]! });
  const places = given.filter((place) => place !== null);
  if (places.length === given.length && !overlap(places) && isCompact(places)) {
    return { places, bends: picture.arrows.map(() => null), isLayered: false };
  }

  // dagre takes seconds from about a hundred boxes on
  if (picture.boxes.length + picture.arrows.length > 160) {
    return { places: inColumns(picture, sizes), bends: picture.arrows.map(() => null), isLayered: true };
  }

  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 36, ranksep: 84, edgesep: 16, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  sizes.forEach((size, i) => graph.setNode(String(i), { ...size }));
  picture.arrows.forEach(({ source, target }, i) => {
    if (source !== target) graph.setEdge(String(source), String(target), {}, String(i));
  });
  dagre.layout(graph);
  const layered = picture.boxes.map((_, i) => {
    const { x, y } = graph.node(String(i)) as { x: number; y: number };
    return { x: x - sizes[i]!.width / 2, y: y - sizes[i]!.height / 2, ...sizes[i]! };
  });
  const bends = picture.arrows.map(({ source, target }, i) => {
    if (source === target || layered[target]!.x <= layered[source]!.x + layered[source]!.width) return null;
    const { points } = graph.edge(String(source), String(target), String(i)) as { points: { x: number; y: number }[] };
    return points.slice(1, -1);
  });
  return { places: layered, bends, isLayered: true };
}

export function overlap(places: Place[]): boolean {
  const sorted = [...places].sort((a, b) => a.x - b.x);
  return sorted.some((a, i) => {
    for (let j = i + 1; j < sorted.length && sorted[j]!.x < a.x + a.width; j++) {
      const b = sorted[j]!;
      if (b.y < a.y + a.height && a.y < b.y + b.height) return true;
    }
    return false;
  });
}

/** Boxes that are far apart would make a picture in which nothing can be read. */
function isCompact(places: Place[]): boolean {
  const room = 600 * (places.length + 2);
  const span = (values: number[]) => Math.max(...values) - Math.min(...values);
  return places.length === 0 ||
    span(places.map(({ x }) => x)) <= room &&
      span(places.map(({ y }) => y)) <= room;
}

/** Boxes in columns, by how many arrows lead to them from where it starts. */
function inColumns({ boxes, arrows }: Picture, sizes: { width: number; height: number }[]): Place[] {
  const entered = new Set(arrows.map(({ target }) => target));
  const leaving = Map.groupBy(arrows, ({ source }) => source);
  const columns = new Map<number, number>();
  const all = boxes.map((_, i) => i);
  for (const start of [...all.filter((i) => !entered.has(i)), ...all]) {
    if (columns.has(start)) continue;
    columns.set(start, 0);
    const open = [start];
    for (const i of open) {
      for (const { target } of leaving.get(i) ?? []) {
        if (columns.has(target)) continue;
        columns.set(target, columns.get(i)! + 1);
        open.push(target);
      }
    }
  }
  const widest = Math.max(...sizes.map(({ width }) => width));
  const filled = new Map<number, number>();
  return all.map((i) => {
    const column = columns.get(i)!;
    const y = filled.get(column) ?? 0;
    filled.set(column, y + sizes[i]!.height + 36);
    return { x: column * (widest + 84), y, ...sizes[i]! };
  });
}
