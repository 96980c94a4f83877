// The figures of lifecycle.ts as text for the terminal and as LIFECYCLE.md.
import type { Figures, Operation } from "./lifecycle.ts";

const ms = (value: number) => value < 10 ? value.toFixed(2) : value.toFixed(1);

function rowOf({ name, target, asUser, bare }: Operation): string[] {
  return [
    name,
    ms(asUser.p50),
    ms(asUser.p95),
    bare ? ms(bare.p50) : "",
    bare ? ms(bare.p95) : "",
    bare ? (asUser.p50 / bare.p50).toFixed(1) : "",
    target === null ? "" : `${target}`,
    target === null ? "" : asUser.p95 <= target ? "met" : asUser.p50 <= target ? "met at p50" : "missed",
  ];
}

const heads = ["", "p50 ms", "p95 ms", "without RLS: p50", "p95", "ratio", "target ms", ""];

export function asText(figures: Figures): string {
  const rows = [...figures.operations, ...figures.matching].map(rowOf);
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  return [heads, ...rows].map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ").trimEnd()
  ).join("\n");
}

export function asMarkdown(figures: Figures, command: string): string {
  const table = (operations: Operation[]) =>
    [heads, heads.map((_, i) => i === 0 ? "---" : "---:"), ...operations.map(rowOf)]
      .map((row) => `| ${row.join(" | ")} |`).join("\n");
  const day = new Date().toISOString().slice(0, 10);
  const count = (n: number) => n.toLocaleString("en");
  return `# What a library of workflows costs

Measured on ${day} by \`${command}\`, in ${
    figures.seconds.toFixed(0)
  } s, on ${navigator.hardwareConcurrency} cores, with
PostgreSQL's default settings. Milliseconds from the client's side of one local connection; each call is another user's.

## ${count(figures.workflows)} workflows of ${count(figures.size.users)} users

As \`authenticated\`, under row level security; beside it the same without, as the owner of the tables.

${table(figures.operations)}

## Finding the triggers of an event among ${count(figures.triggers)}

${table(figures.matching)}
`;
}
