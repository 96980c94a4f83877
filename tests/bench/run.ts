// `npm run bench [-- --short]`: what a step costs Postgres, beside the floor: the same facts written by plain SQL.
import { main } from "../../scripts/stack/places.ts";
import { type Cost, type Figures, measure } from "./measure.ts";

const bars: Record<string, { cpu: number; wal?: number }> = {
  "sql chain": { cpu: 0.15 },
  "edge chain": { cpu: 0.5, wal: 2500 },
};

const digits = (value: number, count: number) => value.toFixed(count);

function row(name: string, cost: Cost, floor?: Cost): string[] {
  const against = (ours: number, theirs: number | undefined) => theirs === undefined ? "" : digits(ours / theirs, 1);
  return [
    name,
    digits(cost.executionsPerSecond, 0),
    digits(cost.cpuMsPerStep, 3),
    against(cost.cpuMsPerStep, floor?.cpuMsPerStep),
    digits(cost.walBytesPerStep, 0),
    against(cost.walBytesPerStep, floor?.walBytesPerStep),
  ];
}

function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  return rows.map((cells) =>
    cells.map((cell, column) => column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join("  ")
  ).join("\n");
}

function show(figures: Figures): string {
  const { costs, latencyMs, claims } = figures;
  const lines = [
    table([
      ["", "executions/s", "CPU ms/step", "x floor", "WAL B/step", "x floor"],
      row("sql chain, 20 starts a transaction", costs.sqlBatched, costs.sqlFloor),
      row("sql chain, a start a transaction", costs.sqlSingle, costs.sqlFloor),
      row("  floor of the sql chain", costs.sqlFloor),
      row("edge chain, 20 results a call", costs.edge, costs.edgeFloor),
      row("  of it after the start: claims and results", costs.edgeSteps),
      row("  floor of the edge chain", costs.edgeFloor),
    ]),
    "",
    `One run of the sql chain, as its caller sees it, commit included: p50 ${digits(latencyMs, 2)} ms`,
    "A claim of 20: " +
    claims.map(({ queued, ms }) => `${digits(ms, 2)} ms with ${queued.toLocaleString("en")} tasks queued`).join(", "),
    "",
    "Bars: " +
    Object.entries(bars).map(([name, bar]) =>
      `${name} ${bar.cpu} ms` + (bar.wal ? ` and ${bar.wal} B` : "") + " a step"
    ).join(", ") + ", one run 5 ms.",
    "Steps: the trigger and three TRANSFORMs count as four steps of a sql chain; of an edge chain the three NOOPs count,",
    "and its trigger and start are spread over them. CPU is user and system time of all processes of the cluster.",
    `Median of ${figures.rounds} rounds, two sessions, fsync and synchronous_commit on. Before each measurement comes a`,
    "checkpoint and then the same work unmeasured, so that the hot pages' full images are in nobody's figures.",
  ];
  return lines.join("\n");
}

if (import.meta.main) {
  await main(async () => {
    const figures = await measure({ short: Deno.args.includes("--short") });
    console.log(show(figures));
  });
}
