// Where boxes and arrows are drawn: at the definition's positions, or in layers where it has none that serve.
import dagre from "@dagrejs/dagre";
import type { Arrow, Picture } from "./graph.ts";

export interface Place {
  /** The corner and size of a box with its attached parts below it. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export const boxWidth = 168;
export const boxHeight = 56;
export const partWidth = 104;
export const partHeight = 28;
const partGap = 8;
const partsPerRow = 3;
/** A line of a label fits between two ports. */
const portGap = 18;
const layerGap = 84;

export interface Layout {
  places: Place[];
  /** How high each box is without its parts: all its ports have their place. */
  heads: number[];
  /** Where an arrow that runs forward passes other boxes. */
  bends: Point[][];
  isLayered: boolean;
}

export function layOut(picture: Picture): Layout {
  const heads = headsOf(picture);
  const sizes = picture.boxes.map(({ parts }, i) => {
    const rows = Math.ceil(parts.length / partsPerRow);
    const columns = Math.min(parts.length, partsPerRow);
    return {
      width: Math.max(boxWidth, columns * (partWidth + partGap) - partGap),
      height: heads[i]! + (rows > 0 ? 20 + rows * (partHeight + partGap) - partGap : 0),
    };
  });
  const given = picture.boxes.map(({ position }, i) => position && { ...position, ...sizes[i]! });
  const places = given.filter((place) => place !== null);
  if (places.length === given.length && !overlap(places) && isCompact(places)) {
    return { places, heads, bends: detours(picture, places, heads), isLayered: false };
  }
  const gap = Math.max(layerGap, ...picture.arrows.map(({ label }) => leadOf(label) + 60));

  // dagre takes seconds from about a hundred boxes on
  if (picture.boxes.length + picture.arrows.length > 160) {
    const columns = inColumns(picture, sizes, gap);
    return { places: columns, heads, bends: detours(picture, columns, heads), isLayered: true };
  }

  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 36, ranksep: gap, edgesep: 16, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  sizes.forEach((size, i) => graph.setNode(String(i), { ...size }));
  picture.arrows.forEach(({ source, target }, i) => {
    if (source !== target) graph.setEdge(String(source), String(target), {}, String(i));
  });
  dagre.layout(graph);
  // dagre does not care which output comes first, people do
  if (isUpsideDown(picture.arrows, (i) => (graph.node(String(i)) as Point).y)) {
    for (const node of graph.nodes()) graph.node(node).y *= -1;
    for (const edge of graph.edges()) for (const point of graph.edge(edge).points ?? []) point.y *= -1;
  }
  const middles = picture.boxes.map((_, i) => graph.node(String(i)) as Point);
  const layered = middles.map(({ x, y }, i) => ({
    x: x - sizes[i]!.width / 2,
    y: y - sizes[i]!.height / 2,
    ...sizes[i]!,
  }));
  const halves = new Map<number, number>();
  middles.forEach(({ x }, i) =>
    halves.set(Math.round(x), Math.max(halves.get(Math.round(x)) ?? 0, sizes[i]!.width / 2))
  );
  const bends = picture.arrows.map(({ source, target }, i): Point[] => {
    if (source === target || layered[target]!.x <= layered[source]!.x + layered[source]!.width) return [];
    const { points } = graph.edge(String(source), String(target), String(i)) as { points: Point[] };
    // where it passes a layer, straight; what dagre bends between layers it bends for labels in the middle
    return points.slice(1, -1).flatMap(({ x, y }) => {
      const half = halves.get(Math.round(x));
      return half === undefined ? [] : [{ x: x - half - 4, y }, { x: x + half + 4, y }];
    });
  });
  return { places: layered, heads, bends, isLayered: true };
}

/** How far an arrow runs straight on below its label. */
export function leadOf(label: string): number {
  return label === "" ? 0 : widthOf(label, 11) + 8;
}

/** About how wide a text is: fonts differ, so rather too wide than too narrow. */
export function widthOf(text: string, size: number, isBold = false): number {
  let ems = 0;
  for (const character of text) {
    ems += /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\u{1f000}-\u{3ffff}]/u.test(
        character,
      )
      ? 1.05
      : /[ijltfrI.,:;|!'()[\]{}/ ]/.test(character)
      ? 0.4
      : /[mwMW@%…]/.test(character)
      ? 0.98
      : /[A-Z]/.test(character)
      ? 0.7
      : 0.63;
  }
  return ems * size * (isBold ? 1.1 : 1);
}

/** Boxes with many ports are higher. */
function headsOf({ boxes, arrows }: Picture): number[] {
  const ports = boxes.map(() => [new Set<string>(), new Set<string>()] as const);
  for (const arrow of arrows) {
    ports[arrow.source]![0].add(outOf(arrow));
    ports[arrow.target]![1].add(arrow.input);
  }
  return ports.map(([out, into]) => Math.max(boxHeight, portGap * (Math.max(out.size, into.size) + 1)));
}

export function outOf({ isError, index }: Arrow): string {
  return isError ? "error" : String(index);
}

/** Ways around the boxes that arrows would run through, unseen, as if they ended there. */
function detours({ arrows }: Picture, places: Place[], heads: number[]): Point[][] {
  const middle = (i: number) => places[i]!.y + heads[i]! / 2;
  let lanes = 0;
  return arrows.map(({ source, target }) => {
    const a = { x: places[source]!.x + places[source]!.width, y: middle(source) };
    const b = { x: places[target]!.x, y: middle(target) };
    if (b.x <= a.x) return [];
    const crossed = places.filter((place, i) => {
      if (i === source || i === target || place.x < a.x || place.x + place.width > b.x) return false;
      // the curve, which is level at both ends
      return [0, 0.25, 0.5, 0.75, 1].some((part) => {
        const t = (place.x + part * place.width - a.x) / (b.x - a.x);
        const y = a.y + (b.y - a.y) * t * t * (3 - 2 * t);
        return y > place.y - 6 && y < place.y + place.height + 6;
      });
    });
    if (crossed.length === 0) return [];
    const left = Math.min(...crossed.map(({ x }) => x)) - 8;
    const right = Math.max(...crossed.map(({ x, width }) => x + width)) + 8;
    const between = places.filter(({ x, width }, i) => i !== source && i !== target && x < right && x + width > left);
    const free = (y: number) => between.every((place) => y < place.y - 4 || y > place.y + place.height + 4);
    const shift = 12 + (lanes++ % 3) * 6;
    const ways = between.flatMap((place) => [place.y - shift, place.y + place.height + shift]).filter(free);
    const level = (a.y + b.y) / 2;
    const y = ways.reduce((best, way) => Math.abs(way - level) < Math.abs(best - level) ? way : best, Infinity);
    return Number.isFinite(y) ? [{ x: left, y }, { x: right, y }] : [];
  });
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

/** Boxes in columns, by how many arrows lead to them from where it starts, in the order in which they are met. */
function inColumns({ boxes, arrows }: Picture, sizes: { width: number; height: number }[], gap: number): Place[] {
  const entered = new Set(arrows.map(({ target }) => target));
  const leaving = Map.groupBy(arrows, ({ source }) => source);
  const columns = new Map<number, number>();
  const parents = new Map<number, number>();
  const all = boxes.map((_, i) => i);
  for (const start of [...all.filter((i) => !entered.has(i)), ...all]) {
    if (columns.has(start)) continue;
    columns.set(start, 0);
    const open = [start];
    for (const i of open) {
      for (const { target } of leaving.get(i) ?? []) {
        if (columns.has(target)) continue;
        columns.set(target, columns.get(i)! + 1);
        parents.set(target, i);
        open.push(target);
      }
    }
  }
  const widest = Math.max(...sizes.map(({ width }) => width));
  const tops: number[] = [];
  for (const members of Map.groupBy(columns.keys(), (i) => columns.get(i)!).values()) {
    let y = 0;
    for (const i of members) {
      tops[i] = y;
      y += sizes[i]!.height + 36;
    }
    // a column is about as high up as what leads to it
    const rises = members.flatMap((i) => parents.has(i) ? [tops[parents.get(i)!]! - tops[i]!] : []);
    const rise = rises.length === 0 ? 0 : rises.reduce((sum, one) => sum + one) / rises.length;
    for (const i of members) tops[i]! += rise;
  }
  return all.map((i) => ({ x: columns.get(i)! * (widest + gap), y: tops[i]!, ...sizes[i]! }));
}

/** Whether most boxes are in the reverse order of the outputs and inputs that join them. */
function isUpsideDown(arrows: Arrow[], heightOf: (i: number) => number): boolean {
  let order = 0;
  const compare = (arrows: Arrow[], port: (arrow: Arrow) => number, other: (arrow: Arrow) => number) => {
    const sorted = [...arrows].sort((a, b) => port(a) - port(b));
    sorted.slice(1).forEach((arrow, j) => {
      order += Math.sign(heightOf(other(arrow)) - heightOf(other(sorted[j]!)));
    });
  };
  const out = ({ isError, index }: Arrow) => isError ? Infinity : index;
  for (const one of Map.groupBy(arrows, ({ source }) => source).values()) compare(one, out, ({ target }) => target);
  for (const one of Map.groupBy(arrows, ({ target }) => target).values()) {
    compare(one, ({ input }) => Number(input), ({ source }) => source);
  }
  return order < 0;
}
