// The latency against rows as a picture, both on logarithmic scales.
import type { Cell } from "./latency.ts";

const width = 800;
const height = 440;
const frame = { left: 64, top: 56, right: 540, bottom: 380 };
const colours: Record<string, string> = {
  "ours: keyword": "#56b4e9",
  "ours: two_stage": "#0072b2",
  "ours: hybrid": "#009e73",
  "document 000: keyword": "#e69f00",
  "document 000: two-stage": "#d55e00",
  "Supabase's guide: hybrid": "#cc79a7",
  "Supabase's guide: hybrid, index used": "#999999",
};
/** Milliseconds at p95 that were promised. */
const target = 50;

export function plot(cells: Cell[]): string {
  const shown = cells.filter(({ filter, tenant }) => filter === "none" && tenant !== "small");
  const sizes = [...new Set(shown.map(({ rows }) => rows))].sort((a, b) => a - b);
  const values = [...shown.flatMap(({ p50, p95 }) => [p50, p95]), target];
  // to whole ones, twos and fives
  const nice = [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000].flatMap((power) => [1, 2, 5].map((times) => power * times));
  const low = nice.findLast((value) => value <= Math.min(...values))!;
  const high = nice.find((value) => value >= Math.max(...values))!;
  const across = (rows: number) => {
    const part = sizes.length === 1 ? 0.5 : Math.log(rows / sizes[0]!) / Math.log(sizes.at(-1)! / sizes[0]!);
    return frame.left + 16 + part * (frame.right - frame.left - 32);
  };
  const down = (ms: number) => frame.bottom - Math.log(ms / low) / Math.log(high / low) * (frame.bottom - frame.top);
  const parts: string[] = [];
  for (const ms of nice.filter((value) => value >= low && value <= high)) {
    const y = down(ms).toFixed(1);
    const colour = Number.isInteger(Math.log10(ms)) ? "#c8c8c8" : "#ececec";
    parts.push(`<line x1="${frame.left}" y1="${y}" x2="${frame.right}" y2="${y}" stroke="${colour}"/>`);
    parts.push(label(frame.left - 8, down(ms) + 4, `${Number(ms.toPrecision(1))}`, "end"));
  }
  for (const rows of sizes) {
    const x = across(rows).toFixed(1);
    parts.push(`<line x1="${x}" y1="${frame.top}" x2="${x}" y2="${frame.bottom}" stroke="#ececec"/>`);
    parts.push(label(across(rows), frame.bottom + 20, rows.toLocaleString("en"), "middle"));
  }
  const y = down(target).toFixed(1);
  parts.push(`<line x1="${frame.left}" y1="${y}" x2="${frame.right}" y2="${y}" stroke="#888" stroke-dasharray="2 3"/>`);
  const names = Object.keys(colours).filter((method) => shown.some((cell) => cell.method === method));
  const ends: { method: string; text: string; y: number }[] = [];
  for (const method of names) {
    const line = sizes.flatMap((rows) => shown.filter((cell) => cell.method === method && cell.rows === rows));
    const points = (of: "p50" | "p95") =>
      line.map((cell) => `${across(cell.rows).toFixed(1)},${down(cell[of]).toFixed(1)}`);
    const stroke = `fill="none" stroke="${colours[method]}"`;
    parts.push(`<polyline points="${points("p95").join(" ")}" ${stroke} stroke-width="2.5"/>`);
    parts.push(`<polyline points="${points("p50").join(" ")}" ${stroke} stroke-width="1.5" stroke-dasharray="5 4"/>`);
    for (const point of points("p95")) {
      const [x, y] = point.split(",");
      parts.push(`<circle cx="${x}" cy="${y}" r="3.5" fill="${colours[method]}"/>`);
    }
    const { p95, empty } = line.at(-1)!;
    const without = empty > 0.01 ? `, ${Math.round(100 * empty)} % empty` : "";
    ends.push({ method, text: method + without, y: down(p95) });
  }
  // names beside the ends of their lines, pushed apart
  ends.sort((a, b) => a.y - b.y);
  ends.forEach((end, i) => end.y = Math.max(end.y, i === 0 ? frame.top : ends[i - 1]!.y + 18));
  for (const { method, text, y } of ends) {
    parts.push(label(frame.right + 10, y + 4, escaped(text), "start", colours[method]));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
${label(frame.left, 24, "Milliseconds of a search, no filter: p95 (solid) and p50 (dashed)", "start", "#222")}
${
    label(
      frame.left,
      42,
      `Five kinds of queries, the workspace with most rows; dotted: the target of ${target} ms`,
      "start",
    )
  }
${parts.join("\n")}
${label((frame.left + frame.right) / 2, frame.bottom + 44, "steps", "middle")}
</svg>
`;
}

const label = (x: number, y: number, text: string, anchor: string, colour = "#555") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${text}</text>`;
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("'", "&#39;");
