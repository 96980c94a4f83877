// The figures of answers.ts as text for the terminal and as ANSWERS.md.
import type { Figures, Way } from "./answers.ts";

const count = (n: number) => Math.round(n).toLocaleString("en");
const heads = ["", "answers", "a second", "p50 ms", "p99 ms", "CPU ms each", "not ended yet"];

function rowOf({ name, answers, perSecond, p50, p99, cpuMs, behind }: Way): string[] {
  return [name, count(answers), count(perSecond), p50.toFixed(1), p99.toFixed(1), cpuMs.toFixed(2), count(behind)];
}

function timeoutsOf({ timeouts: { due, seconds, ticks, longestTickMs, lost } }: Figures): string {
  return `${count(due)} questions that run out at the same second: all have gone on after ${seconds.toFixed(1)} s, in ${
    count(ticks)
  } ticks of at most ${count(longestTickMs)} ms; ${count(lost)} lost.`;
}

export function asText(figures: Figures): string {
  const rows = figures.ways.map(rowOf);
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const table = [heads, ...rows].map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ").trimEnd()
  );
  return [
    ...table,
    "",
    timeoutsOf(figures),
    `${figures.countedTwice} of the answers that came twice counted twice; ${figures.violations} violations.`,
  ].join("\n");
}

export function asMarkdown(figures: Figures, command: string): string {
  const { size, seconds, askedPerSecond, ways } = figures;
  const table = [heads, heads.map((_, i) => i === 0 ? "---" : "---:"), ...ways.map(rowOf)]
    .map((row) => `| ${row.join(" | ")} |`).join("\n");
  return `# What answers cost

Measured on ${new Date().toISOString().slice(0, 10)} by \`${command}\`, in ${
    seconds.toFixed(0)
  } s, on ${navigator.hardwareConcurrency} cores, with
PostgreSQL's default settings; the client that sends them runs on the same cores.

## Answers while ${count(2 * size.pending)} questions are pending

${size.connections} connections deliver answers through \`hil.receive_delivery()\`, one a transaction, as fast as they are
taken. It stores the answer, finds its question, decides, and lets the execution go on to its end: so the time of an
answer is the time to resume, too. Asked and sent were ${
    count(askedPerSecond)
  } a second. The aim is 1,000 answers a second.

${table}

All executions have ended, and none was lost. ${figures.countedTwice} of the answers that were delivered twice counted
twice. \`engine.violations()\` names ${figures.violations}.

## Timeouts

${timeoutsOf(figures)}
`;
}
