// A workflow as an SVG image: self-contained, without script, every text escaped.
import { type Box, type Picture, runText } from "./graph.ts";
import { boxHeight, boxWidth, layOut, partHeight, partWidth, type Place } from "./layout.ts";
import { classOf } from "./mermaid.ts";

type Theme = "auto" | "light" | "dark";

const light = `.paper{fill:#fff}.box{fill:#f6f7f9;stroke:#57606a}.name,.title{fill:#1b1f24}.kind,.label{fill:#57606a}
.edge{stroke:#6e7781}.head{fill:#6e7781}.halo{stroke:#fff}.error{fill:#ffdcd7;stroke:#b42318}.success{fill:#d3f2dc;stroke:#1a7f37}
.running{fill:#d7e8ff;stroke:#1f5fbf}.waiting{fill:#fff1c9;stroke:#96690a}.skipped{fill:#eceef1;stroke:#6b7280}
.taken{stroke:#1b1f24}.fails{stroke:#b42318}`;
const dark = `.paper{fill:#0d1117}.box{fill:#1c2129;stroke:#8b949e}.name,.title{fill:#f0f3f6}.kind,.label{fill:#aab3bd}
.edge{stroke:#8b949e}.head{fill:#8b949e}.halo{stroke:#0d1117}.error{fill:#5c1a14;stroke:#ff7b72}.success{fill:#12391f;stroke:#4ac26b}
.running{fill:#0f2f5c;stroke:#6cb0ff}.waiting{fill:#4a3605;stroke:#e3b341}.skipped{fill:#2b3038;stroke:#8b949e}
.taken{stroke:#f0f3f6}.fails{stroke:#ff7b72}`;
const always =
  `text{font-family:system-ui,sans-serif;font-size:12px}.title{font-size:16px;font-weight:600}.name{font-weight:600}
.kind{font-size:10px}.label{font-size:11px}.box{stroke-width:1.5}.edge{fill:none;stroke-width:1.5}.taken{stroke-width:3.5}
.fails{stroke-dasharray:6 4}.halo{stroke-width:4;paint-order:stroke;stroke-linejoin:round}.disabled,.skipped{stroke-dasharray:3 3}`;

/** The text of the one style element, by whose hash a policy allows it. */
export function styleOf(theme: Theme): string {
  const styles = { light, dark, auto: `${light}@media(prefers-color-scheme:dark){${dark}}` };
  return styles[theme] + always;
}

const margin = 40;
const heading = 40;

export function svg(picture: Picture, theme: Theme = "auto"): string {
  const { places, bends } = layOut(picture);
  const least = (values: number[]) => values.length > 0 ? Math.min(...values) : 0;
  const top = least(places.map(({ y }) => y));
  const start = least(places.map(({ x }) => x));
  const moved = places.map((place) => ({ ...place, x: place.x - start + margin, y: place.y - top + margin + heading }));
  const shift = (point: { x: number; y: number }) => ({
    x: point.x - start + margin,
    y: point.y - top + margin + heading,
  });
  const ports = portsOf(picture);

  let bottom = Math.max(heading + margin, ...moved.map(({ y, height }) => y + height));
  let right = Math.max(320, ...moved.map(({ x, width }) => x + width));
  let lane = bottom + 18;
  const edges: string[] = [];
  const labels: string[] = [];
  picture.arrows.forEach((arrow, i) => {
    const from = moved[arrow.source]!;
    const to = moved[arrow.target]!;
    const [out, outs] = ports.out[i]!;
    const [into, intos] = ports.into[i]!;
    const a = { x: from.x + boxWidth, y: from.y + boxHeight * (out + 1) / (outs + 1) };
    const b = { x: to.x - 7, y: to.y + boxHeight * (into + 1) / (intos + 1) };
    let path: string;
    if (arrow.source === arrow.target) {
      // round above the box
      const above = from.y - 22;
      path = `M${n(a.x)} ${n(a.y)}C${n(a.x + 40)} ${n(a.y)} ${n(a.x + 40)} ${n(above)} ${n(a.x - 10)} ${n(above)}L${
        n(b.x + 10)
      } ${n(above)}C${n(b.x - 40)} ${n(above)} ${n(b.x - 40)} ${n(b.y)} ${n(b.x)} ${n(b.y)}`;
    } else if (b.x > a.x) {
      const points = [a, ...(bends[i] ?? []).map(shift).filter(({ x }) => x > a.x + 20 && x < b.x - 20), b];
      path = `M${n(a.x)} ${n(a.y)}` + points.slice(1).map((point, j) => {
        const before = points[j]!;
        const half = (point.x - before.x) / 2;
        return `C${n(before.x + half)} ${n(before.y)} ${n(point.x - half)} ${n(point.y)} ${n(point.x)} ${n(point.y)}`;
      }).join("");
    } else {
      // back, below everything, each in a lane of its own
      path = `M${n(a.x)} ${n(a.y)}C${n(a.x + 44)} ${n(a.y)} ${n(a.x + 44)} ${n(lane)} ${n(a.x)} ${n(lane)}L${n(b.x)} ${
        n(lane)
      }C${n(b.x - 36)} ${n(lane)} ${n(b.x - 36)} ${n(b.y)} ${n(b.x)} ${n(b.y)}`;
      bottom = lane;
      lane += 10;
    }
    right = Math.max(right, a.x + 40);
    const classes = `edge${arrow.isError ? " fails" : ""}${arrow.isTaken ? " taken" : ""}`;
    edges.push(`<path class="${classes}" d="${path}" marker-end="url(#head)"/>`);
    if (arrow.label !== "") labels.push(label(a.x + 5, a.y - 4, arrow.label, "start"));
    if (arrow.input !== "") labels.push(label(b.x - 1, b.y - 4, arrow.input, "end"));
  });

  const width = Math.ceil(right + margin);
  const height = Math.ceil(bottom + margin);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(picture.title)}</title>`,
    `<style>${styleOf(theme)}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">' +
    '<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="${margin}" y="${margin}">${escape(cut(picture.title, 80))}</text>`,
    ...edges,
    ...picture.boxes.map((box, i) => drawn(box, moved[i]!)),
    ...labels,
    "</svg>",
  ].join("\n");
}

/** Which of its node's outputs and inputs an arrow uses, and of how many. */
function portsOf({ arrows }: Picture): { out: [number, number][]; into: [number, number][] } {
  const along = (node: (i: number) => number, port: (i: number) => string) => {
    const used = new Map<number, string[]>();
    arrows.forEach((_, i) => {
      const known = used.get(node(i)) ?? [];
      if (!known.includes(port(i))) known.push(port(i));
      used.set(node(i), known.sort());
    });
    return arrows.map((_, i): [number, number] => {
      const known = used.get(node(i))!;
      return [known.indexOf(port(i)), known.length];
    });
  };
  const pad = (index: number) => String(index).padStart(5, "0");
  return {
    out: along((i) => arrows[i]!.source, (i) => arrows[i]!.isError ? "~" : pad(arrows[i]!.index)),
    into: along((i) => arrows[i]!.target, (i) => arrows[i]!.input === "" ? "" : pad(Number(arrows[i]!.input))),
  };
}

function drawn(box: Box, place: Place): string {
  const { x, y } = place;
  const radius = box.type === "TRIGGER" ? boxHeight / 2 : box.type === "FLOW" ? 2 : 8;
  const indent = box.type === "TRIGGER" ? 22 : 12;
  const kind = `${box.type}.${box.subtype}${box.disabled ? " · disabled" : ""}`;
  const classes = `box ${classOf(box)}`.trim();
  const parts = box.parts.map((part, i) => {
    const left = x + (i % 3) * (partWidth + 8);
    const above = y + boxHeight + 20 + Math.floor(i / 3) * (partHeight + 8);
    return `<path class="edge" stroke-dasharray="2 3" d="M${n(x + boxWidth / 2)} ${n(y + boxHeight)}L${
      n(left + partWidth / 2)
    } ${n(above)}"/><rect class="box" x="${n(left)}" y="${
      n(above)
    }" width="${partWidth}" height="${partHeight}" rx="14"/><text class="kind name" x="${n(left + 10)}" y="${
      n(above + 18)
    }">${escape(cut(part.name, 15))}</text>`;
  });
  return [
    `<g><title>${escape(`${box.name} (${kind})${box.run ? `: ${runText(box.run)}` : ""}`)}</title>`,
    ...parts,
    `<rect class="${classes}" x="${n(x)}" y="${n(y)}" width="${boxWidth}" height="${boxHeight}" rx="${radius}"/>`,
    `<text class="name" x="${n(x + indent)}" y="${n(y + 18)}">${escape(cut(box.name, 22))}</text>`,
    `<text class="kind" x="${n(x + indent)}" y="${n(y + 32)}">${escape(cut(kind, 28))}</text>`,
    ...(box.run
      ? [`<text class="label name" x="${n(x + indent)}" y="${n(y + 47)}">${escape(cut(runText(box.run), 26))}</text>`]
      : []),
    "</g>",
  ].join("");
}

function label(x: number, y: number, text: string, anchor: "start" | "end"): string {
  return `<text class="label halo" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escape(cut(text, 16))}</text>`;
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : text;
}

/** Text of XML: markup escaped, and nothing that XML 1.0 does not know or that turns the direction of writing. */
function escape(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g, " ")
    .replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
