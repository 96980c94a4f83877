// The figures of answers.ts as text for the terminal and as ANSWERS.md.
import type { Figures, Way } from "./answers.ts";

const count = (n: number) => Math.round(n).toLocaleString("en");
const heads = ["", "answers", "a second", "p50 ms", "p99 ms", "CPU ms each", "not ended yet"];

function rowOf({ name, answers, perSecond, p50, p99, cpuMs, behind }: Way): string[] {
  return [name, count(answers), count(perSecond), p50.toFixed(1), p99.toFixed(1), cpuMs.toFixed(2), count(behind)];
}

function timeoutsOf({ timeouts: { due, seconds, cpuMs, lost, quiet, busy } }: Figures): string {
  return `${count(due)} questions that run out at the same second: all have gone on after ${
    seconds.toFixed(1)
  } s, for ${cpuMs.toFixed(2)} ms of CPU each; ${count(lost)} lost. The start of another workflow takes ${
    busy.p50.toFixed(1)
  } ms meanwhile (p99 ${busy.p99.toFixed(1)}), and ${quiet.p50.toFixed(1)} (${
    quiet.p99.toFixed(1)
  }) while nothing else happens.`;
}

function arrivalsOf(
  { arrivals: { perSecond, answers, statuses, p50, p95, p99, resumed, behind, behindMs, lost, ...cpu } }: Figures,
) {
  const told = Object.entries(statuses).map(([status, times]) => `${count(times)} with ${status}`).join(", ");
  const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0);
  return `${count(answers)} requests, ${count(perSecond)} a second, answered: ${told}. To its answer a request took ${
    ms(p50)
  } ms (p50), ${ms(p95)} (p95), ${ms(p99)} (p99). Until its execution had ended, as every fiftieth shows: ${
    ms(resumed.p50)
  } ms (p50), ${ms(resumed.p95)} (p95), ${ms(resumed.p99)} (p99). ${
    count(behind)
  } had not ended when the last request was answered, and all had ${ms(behindMs)} ms later; ${
    count(lost)
  } are lost. An answer costs ${cpu.databaseCpuMs.toFixed(2)} ms of the database's CPU and ${
    cpu.functionCpuMs.toFixed(2)
  } of the function's.`;
}

export function asText(figures: Figures): string {
  const rows = figures.ways.map(rowOf);
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const table = [heads, ...rows].map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ").trimEnd()
  );
  return [
    arrivalsOf(figures),
    "",
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

## Answers over HTTP

Other systems' answers, signed as Standard Webhooks asks, to hil-webhook: a process of its own, as the stack starts it,
without the gateway. Each is sent at its time, whatever became of those before it, while ${
    count(size.pending * 3)
  } questions
are pending and ticks go as pg_cron has them go. What comes at the same time is kept in one statement and answered; what it decides
is found behind it. A hook's rate (settings hooks.rate_per_second, 50, and hooks.burst, 1,000) is set higher. Status 200 tells what an answer came to, 202 that it is kept. The aim is 1,000 answers a second.

${arrivalsOf(figures)}

## Answers whose sender waits for what they come to

${size.connections} connections deliver answers through \`hil.receive_delivery()\`, one a transaction, as fast as they are
taken, while ${
    count(2 * size.pending)
  } questions are pending. It stores the answer, finds its question, decides, and lets the execution go on to its end: so the time of an
answer is the time to resume, too. Asked and sent were ${count(askedPerSecond)} a second.

${table}

All executions have ended, and none was lost. ${figures.countedTwice} of the answers that were delivered twice counted
twice. \`engine.violations()\` names ${figures.violations}.

## Timeouts

${timeoutsOf(figures)}
`;
}
