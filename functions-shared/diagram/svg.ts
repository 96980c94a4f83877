// A workflow as an SVG image: self-contained, without script, every text escaped.
import { type Box, type Picture, runText } from "./graph.ts";
import {
  boxHeight,
  type Layout,
  layOut,
  leadOf,
  outOf,
  partHeight,
  partWidth,
  type Place,
  type Point,
  widthOf,
} from "./layout.ts";
import { classOf } from "./mermaid.ts";

type Theme = "auto" | "light" | "dark";

const light = `.paper{fill:#fff}.box{fill:#f6f7f9;stroke:#57606a}.name,.title{fill:#1b1f24}.kind,.label{fill:#57606a}
.edge{stroke:#6e7781}.head{fill:#6e7781}.halo{stroke:#fff}.error{fill:#ffdcd7;stroke:#b42318}.success{fill:#d3f2dc;stroke:#1a7f37}
.running{fill:#d7e8ff;stroke:#1f5fbf}.waiting{fill:#fff1c9;stroke:#96690a}.skipped{fill:#eceef1;stroke:#6b7280}
.taken{stroke:#1b1f24}.fails{stroke:#b42318}
.head.taken{fill:#1b1f24}.head.fails{fill:#b42318}`;
const dark = `.paper{fill:#0d1117}.box{fill:#1c2129;stroke:#8b949e}.name,.title{fill:#f0f3f6}.kind,.label{fill:#aab3bd}
.edge{stroke:#8b949e}.head{fill:#8b949e}.halo{stroke:#0d1117}.error{fill:#5c1a14;stroke:#ff7b72}.success{fill:#12391f;stroke:#4ac26b}
.running{fill:#0f2f5c;stroke:#6cb0ff}.waiting{fill:#4a3605;stroke:#e3b341}.skipped{fill:#2b3038;stroke:#8b949e}
.taken{stroke:#f0f3f6}.fails{stroke:#ff7b72}
.head.taken{fill:#f0f3f6}.head.fails{fill:#ff7b72}`;
const always =
  `text{font-family:system-ui,sans-serif;font-size:12px}.title{font-size:16px;font-weight:600}.name{font-weight:600}
.kind{font-size:10px}.label{font-size:11px}.box{stroke-width:1.5}.edge{fill:none;stroke-width:1.5}.edge.taken{stroke-width:3.5}
.edge.fails{stroke-dasharray:6 4}.head{stroke:none}.halo{stroke-width:4;paint-order:stroke;stroke-linejoin:round}.disabled,.skipped{stroke-dasharray:3 3}`;

/** The text of the one style element, by whose hash a policy allows it. */
export function styleOf(theme: Theme): string {
  const styles = { light, dark, auto: `${light}@media(prefers-color-scheme:dark){${dark}}` };
  return styles[theme] + always;
}

const margin = 40;
const heading = 40;

export function svg(picture: Picture, theme: Theme = "auto"): string {
  const layout = layOut(picture);
  const { places, heads, bends } = layout;
  const least = (values: number[]) => values.length > 0 ? Math.min(...values) : 0;
  // a detour or a loop may rise above all boxes
  const top = Math.min(
    least(places.map(({ y }) => y)),
    least(bends.flat().map(({ y }) => y)),
    ...picture.arrows.filter(({ source, target }) => source === target).map(({ source }) => places[source]!.y - 22),
  );
  const start = least(places.map(({ x }) => x));
  const shift = <T extends Point>(point: T): T => ({
    ...point,
    x: point.x - start + margin,
    y: point.y - top + margin + heading,
  });
  const moved = places.map(shift);
  const ports = portsOf(picture, layout);

  let bottom = Math.max(heading + margin, ...moved.map(({ y, height }) => y + height));
  bottom = Math.max(bottom, ...bends.flat().map((point) => shift(point).y));
  let right = Math.max(320, ...moved.map(({ x, width }) => x + width));
  let lane = bottom + 18;
  const edges: string[] = [];
  const labels: string[] = [];
  picture.arrows.forEach((arrow, i) => {
    const from = moved[arrow.source]!;
    const to = moved[arrow.target]!;
    const a = { x: from.x + from.width, y: from.y + heads[arrow.source]! * ports.out[i]! };
    const b = { x: to.x - 7, y: to.y + heads[arrow.target]! * ports.into[i]! };
    const name = fitted(arrow.label, Math.max(24, roomRightOf(a, moved) - 10), 11);
    let path: string;
    if (arrow.source === arrow.target) {
      // round above the box
      const above = from.y - 22;
      path = `M${n(a.x)} ${n(a.y)}C${n(a.x + 40)} ${n(a.y)} ${n(a.x + 40)} ${n(above)} ${n(a.x - 10)} ${n(above)}L${
        n(b.x + 10)
      } ${n(above)}C${n(b.x - 40)} ${n(above)} ${n(b.x - 40)} ${n(b.y)} ${n(b.x)} ${n(b.y)}`;
    } else if (b.x > a.x) {
      // straight on below a label, and before the number of an input
      const lead = Math.max(0, Math.min(leadOf(name), b.x - a.x - 40));
      const last = { x: b.x - (arrow.input === "" ? 0 : Math.min(16, (b.x - a.x - lead) / 3)), y: b.y };
      const first = { x: a.x + lead, y: a.y };
      const points = [first, ...bends[i]!.map(shift).filter(({ x }) => x > first.x && x < last.x), last];
      path = `M${n(a.x)} ${n(a.y)}L${n(first.x)} ${n(first.y)}` + points.slice(1).map((point, j) => {
        const before = points[j]!;
        const half = (point.x - before.x) / 2;
        return `C${n(before.x + half)} ${n(before.y)} ${n(point.x - half)} ${n(point.y)} ${n(point.x)} ${n(point.y)}`;
      }).join("") + (last.x < b.x ? `L${n(b.x)} ${n(b.y)}` : "");
    } else {
      // back, below everything, each in a lane of its own
      path = `M${n(a.x)} ${n(a.y)}C${n(a.x + 44)} ${n(a.y)} ${n(a.x + 44)} ${n(lane)} ${n(a.x)} ${n(lane)}L${n(b.x)} ${
        n(lane)
      }C${n(b.x - 36)} ${n(lane)} ${n(b.x - 36)} ${n(b.y)} ${n(b.x)} ${n(b.y)}`;
      bottom = lane;
      lane += 10;
    }
    right = Math.max(right, a.x + 40);
    const kind = arrow.isError ? " fails" : arrow.isTaken ? " taken" : "";
    const classes = `edge${arrow.isError ? " fails" : ""}${arrow.isTaken ? " taken" : ""}`;
    edges.push(`<path class="${classes}" d="${path}" marker-end="url(#head${kind.replace(" ", "-")})"/>`);
    if (name !== "") labels.push(label(a.x + 5, a.y - 4, name, "start"));
    if (arrow.input !== "") labels.push(label(b.x - 1, b.y - 4, arrow.input, "end"));
  });

  const width = Math.ceil(right + margin);
  const height = Math.ceil(bottom + margin);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(picture.title)}</title>`,
    `<style>${styleOf(theme)}</style>`,
    `<defs>${["", "taken", "fails"].map(marker).join("")}</defs>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="${margin}" y="${margin}">${
      escape(fitted(picture.title, width - 2 * margin, 16, true))
    }</text>`,
    ...edges,
    ...picture.boxes.map((box, i) => drawn(box, moved[i]!, heads[i]!)),
    ...labels,
    "</svg>",
  ].join("\n");
}

function marker(kind: string): string {
  return `<marker id="head${
    kind && "-"
  }${kind}" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" ` +
    `markerUnits="userSpaceOnUse" orient="auto"><path class="${`head ${kind}`.trim()}" d="M0 0L8 4L0 8z"/></marker>`;
}

/** How far it is from a port to the next box beside it. */
function roomRightOf(a: Point, places: Place[]): number {
  return Math.min(
    120,
    ...places.filter(({ x, y, height }) => x >= a.x && y < a.y + 4 && y + height > a.y - 14).map(({ x }) => x - a.x),
  );
}

/** Where on its boxes' sides each arrow begins and ends: in the order of where they lead, so that few cross. */
function portsOf({ arrows }: Picture, { places, heads, bends }: Layout): { out: number[]; into: number[] } {
  const middle = (i: number) => places[i]!.y + heads[i]! / 2;
  const along = (
    node: (i: number) => number,
    port: (i: number) => string,
    heightOf: (i: number) => number,
  ): number[] => {
    const sides = Map.groupBy(arrows.keys(), node);
    const at: number[] = [];
    for (const side of sides.values()) {
      const used = [...Map.groupBy(side, port).values()].map((members) => ({
        members,
        height: members.reduce((sum, i) => sum + heightOf(i), 0) / members.length,
        name: port(members[0]!),
      }));
      used.sort((a, b) => a.height - b.height || a.name.localeCompare(b.name, "en", { numeric: true }));
      used.forEach(({ members }, j) => {
        for (const i of members) at[i] = (j + 1) / (used.length + 1);
      });
    }
    return at;
  };
  // loops go round above, what leads back goes below
  const height = (i: number, other: number, bend: Point | undefined) => {
    const { source, target } = arrows[i]!;
    if (source === target) return -1e9;
    if (places[target]!.x <= places[source]!.x + places[source]!.width) return 1e9;
    return bend?.y ?? middle(other);
  };
  return {
    out: along(
      (i) => arrows[i]!.source,
      (i) => outOf(arrows[i]!),
      (i) => height(i, arrows[i]!.target, bends[i]![0]),
    ),
    into: along(
      (i) => arrows[i]!.target,
      (i) => arrows[i]!.input,
      (i) => height(i, arrows[i]!.source, bends[i]!.at(-1)),
    ),
  };
}

function drawn(box: Box, place: Place, head: number): string {
  const { x, y, width } = place;
  const radius = box.type === "TRIGGER" ? boxHeight / 2 : box.type === "FLOW" ? 2 : 8;
  const indent = box.type === "TRIGGER" ? 22 : 12;
  const room = width - indent - (box.type === "TRIGGER" ? 16 : 8);
  const kind = `${box.type}.${box.subtype}`;
  const state = [...(box.disabled ? ["disabled"] : []), ...(box.run ? [runText(box.run)] : [])].join(" · ");
  const classes = `box ${classOf(box)}`.trim();
  const corners = box.parts.map((_, i) => ({
    left: x + (i % 3) * (partWidth + 8),
    above: y + head + 20 + Math.floor(i / 3) * (partHeight + 8),
  }));
  const lines = corners.map(({ left, above }) =>
    `<path class="edge" stroke-dasharray="2 3" d="M${n(x + width / 2)} ${n(y + head)}L${n(left + partWidth / 2)} ${
      n(above)
    }"/>`
  );
  const parts = box.parts.map((part, i) => {
    const { left, above } = corners[i]!;
    return `<rect class="box" x="${n(left)}" y="${
      n(above)
    }" width="${partWidth}" height="${partHeight}" rx="14"/><text class="kind name" x="${n(left + 10)}" y="${
      n(above + 18)
    }">${escape(fitted(part.name, partWidth - 18, 10, true))}</text>`;
  });
  return [
    `<g><title>${escape(`${box.name} (${kind})${state && `: ${state}`}`)}</title>`,
    ...lines,
    ...parts,
    `<rect class="${classes}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(head)}" rx="${radius}"/>`,
    `<text class="name" x="${n(x + indent)}" y="${n(y + 18)}">${escape(fitted(box.name, room, 12, true))}</text>`,
    `<text class="kind" x="${n(x + indent)}" y="${n(y + 32)}">${escape(fitted(kind, room, 10))}</text>`,
    ...(state === "" ? [] : [
      `<text class="label name" x="${n(x + indent)}" y="${n(y + 47)}">${escape(fitted(state, room, 11, true))}</text>`,
    ]),
    "</g>",
  ].join("");
}

function label(x: number, y: number, text: string, anchor: "start" | "end"): string {
  return `<text class="label halo" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escape(text)}</text>`;
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** As much of a text as there is room for. */
function fitted(text: string, room: number, size: number, isBold = false): string {
  if (widthOf(text, size, isBold) <= room) return text;
  let short = "";
  let width = widthOf("…", size, isBold);
  for (const character of text) {
    width += widthOf(character, size, isBold);
    if (width > room) break;
    short += character;
  }
  return `${short}…`;
}

/** Text of XML: markup escaped, and nothing that XML 1.0 does not know or that turns the direction of writing. */
function escape(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g, " ")
    .replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
