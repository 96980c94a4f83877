// `npm run bench:search [-- quality latency writes] [--rows 100000,1000000] [--data <folder>] [--quick] [--write]`:
// what a search of steps finds and costs, and what writing costs, beside document 000's SQL and the method of Supabase's
// guide to hybrid search. Loading a million rows takes about an hour; --data keeps them for the next run. With --write
// the figures, and those of the last run of the parts that were left out, go to SEARCH.md and search.svg.
import { fileURLToPath } from "node:url";
import { main, makeFolder, Problem, state } from "../../scripts/stack/places.ts";
import { watchOthers } from "./gauge.ts";
import { embed } from "./search/embed.ts";
import { type Cell, measureLatency } from "./search/latency.ts";
import type { Loaded, LoadOptions } from "./search/load.ts";
import { plot } from "./search/plot.ts";
import { connection, type Prepared, withPrepared } from "./search/prepared.ts";
import { measureQuality, type Quality } from "./search/quality.ts";
import { measureRecall, type Recall } from "./search/recall.ts";
import { asMarkdown, asText } from "./search/report.ts";
import { measureStorage, type Storage } from "./search/storage.ts";
import { measureWrites, type Writes, type WritesSize } from "./search/writes.ts";

export interface Size {
  /** How many steps the databases have; those of the second are written to. */
  rows: number[];
  written: number;
  tenants: number;
  /** Of the intents, for quality. */
  everyNth: number;
  /** Queries of each kind, for latency. */
  queries: number;
  writes: WritesSize;
  settings: Record<string, string>;
}

export const sizes = {
  full: {
    rows: [10_000, 100_000, 1_000_000],
    written: 100_000,
    tenants: 401,
    everyNth: 1,
    queries: 24,
    writes: { updates: 4000, wideUpdates: 400, created: 4000, httpPart: 1, pending: 100_000, embedded: 4000 },
    settings: { shared_buffers: "4GB" },
  },
  quick: {
    rows: [10_000, 100_000],
    written: 100_000,
    tenants: 401,
    everyNth: 1,
    queries: 10,
    writes: { updates: 1000, wideUpdates: 100, created: 1000, httpPart: 0.5, pending: 100_000, embedded: 1000 },
    settings: { shared_buffers: "1GB" },
  },
  smoke: {
    rows: [600],
    written: 600,
    tenants: 4,
    everyNth: 4,
    queries: 1,
    writes: { updates: 20, wideUpdates: 5, created: 20, httpPart: 0, pending: 200, embedded: 100 },
    settings: {},
  },
} satisfies Record<string, Size>;

export const parts = ["quality", "latency", "writes"] as const;
type Part = typeof parts[number];

/** When a part was measured, how long it took, and what part of the machine's CPU time others used meanwhile. */
export interface Measured<T> {
  at: string;
  seconds: number;
  others: number;
  data: T;
}

export interface Figures {
  quality?: Measured<Quality[]>;
  latency?: Measured<{ cells: Cell[]; recalls: Recall[]; loads: Omit<Loaded, "tenants">[]; storage: Storage[] }>;
  writes?: Measured<Writes>;
}

export function measure(
  size: Size,
  wanted: readonly Part[],
  data: string | null = null,
  say: (what: string) => void = () => {},
): Promise<Figures> {
  const needed = [
    ...new Set([
      ...wanted.includes("latency") ? size.rows : [],
      ...wanted.includes("writes") ? [size.written] : [],
    ]),
  ].sort((a, b) => a - b);
  const loads = needed.map((rows): LoadOptions => ({
    rows,
    tenants: size.tenants,
    giant: 0.6,
    executed: 0.3,
    helpers: navigator.hardwareConcurrency - 1,
    wideVectors: rows === size.written,
  }));
  return withPrepared({ data, loads, settings: size.settings, embed }, async (prepared) => {
    const figures: Figures = {};
    if (wanted.includes("quality")) {
      figures.quality = await watched(prepared, () => measureQuality(prepared.cluster, "declared", size.everyNth, say));
    }
    if (wanted.includes("latency")) {
      figures.latency = await watched(prepared, async () => {
        const [cells, recalls, storage]: [Cell[], Recall[], Storage[]] = [[], [], []];
        for (const database of prepared.databases.filter(({ rows }) => size.rows.includes(rows))) {
          cells.push(...await measureLatency(prepared.cluster, database, size.queries, say));
          recalls.push(...await measureRecall(prepared.cluster, database, size.queries, say));
          storage.push(await measureStorage(prepared.cluster, database));
        }
        const loads = prepared.databases.map(({ tenants: _tenants, ...loaded }) => loaded);
        return { cells, recalls, loads, storage };
      });
    }
    if (wanted.includes("writes")) {
      const database = prepared.databases.find(({ rows }) => rows === size.written)!;
      figures.writes = await watched(prepared, () => measureWrites(prepared.cluster, database, size.writes, say));
    }
    return figures;
  }, say);
}

async function watched<T>({ cluster }: Prepared, work: () => Promise<T>): Promise<Measured<T>> {
  const admin = connection(cluster, "postgres");
  try {
    const [at, began, others] = [new Date().toISOString(), performance.now(), await watchOthers(admin)];
    const data = await work();
    return { at, seconds: (performance.now() - began) / 1000, others: await others(), data };
  } finally {
    await admin.end();
  }
}

async function run(): Promise<void> {
  const quick = Deno.args.includes("--quick");
  const option = (name: string) => {
    const at = Deno.args.indexOf(name);
    return at < 0 ? null : Deno.args[at + 1] ?? null;
  };
  const values = new Set([option("--rows"), option("--data")]);
  const named = Deno.args.filter((argument) => !argument.startsWith("--") && !values.has(argument));
  const unknown = named.find((name) => !parts.includes(name as Part));
  if (unknown) throw new Problem(`There is no part ${unknown}; there are ${parts.join(", ")}.`);
  const size: Size = { ...quick ? sizes.quick : sizes.full };
  const rows = option("--rows")?.split(",").map(Number);
  if (rows?.some((count) => !Number.isInteger(count) || count < 1)) throw new Problem("--rows takes whole numbers.");
  if (rows) size.rows = rows;
  const isTerminal = Deno.stderr.isTerminal();
  const say = (what: string) => isTerminal && Deno.stderr.writeSync(new TextEncoder().encode(`\x1b[2K\r${what}`));
  const figures = await measure(size, named.length > 0 ? named as Part[] : parts, option("--data"), say);
  say("");
  console.log(asText(figures));
  await makeFolder(state);
  const file = `${state}/bench-search.json`;
  const last: Figures = JSON.parse(await Deno.readTextFile(file).catch(() => "{}"));
  const all = { ...last, ...figures };
  await Deno.writeTextFile(file, JSON.stringify(all));
  if (Deno.args.includes("--write")) {
    const command = ["npm run bench:search --", ...named, ...quick ? ["--quick"] : [], "--write"].join(" ");
    const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    if (all.latency) await Deno.writeTextFile(here("search.svg"), plot(all.latency.data.cells));
    await Deno.writeTextFile(here("SEARCH.md"), asMarkdown(all, command));
    await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", here("SEARCH.md")] }).output();
  }
}

if (import.meta.main) await main(run);
