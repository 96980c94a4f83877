// The figures of search.ts as text for the terminal and as SEARCH.md.
import type { Figures, Measured } from "../search.ts";
import { type Cell, measured } from "./latency.ts";
import type { IndexBuild } from "./load.ts";
import { kinds } from "./queries.ts";
import { ways } from "./recall.ts";
import type { Storage } from "./storage.ts";
import type { Write } from "./writes.ts";

type Row = string[];
interface Table {
  title: string;
  heads: Row;
  rows: Row[];
  /** How many of the columns hold words. */
  words: number;
}

const count = (n: number) => Math.round(n).toLocaleString("en");
const ms = (n: number) => n < 10 ? n.toFixed(1) : count(n);
const percent = (part: number, digits = 0) => `${(100 * part).toFixed(digits)} %`;
const times = (n: number) => `${n < 10 ? n.toFixed(1) : count(n)}`;

function qualityTable({ quality }: Figures): Table[] {
  if (!quality) return [];
  return [{
    title: "quality",
    heads: ["", "how", "nDCG@10", "recall@100", "no answer"],
    words: 2,
    rows: quality.data.map(({ name, note, ndcg10, recall100, empty }) => [
      name,
      note,
      ndcg10.toFixed(3),
      recall100.toFixed(3),
      percent(empty, 1),
    ]),
  }];
}

const sizesOf = (cells: Cell[]) => [...new Set(cells.map(({ rows }) => rows))].sort((a, b) => a - b);

function latencyTables({ latency }: Figures): Table[] {
  if (!latency) return [];
  const { cells, recalls } = latency.data;
  return [
    ...sizesOf(cells).map((rows): Table => ({
      title: `${count(rows)} steps`,
      heads: ["", "workspace", "filter", "p50 ms", "p95 ms", "p99 ms", "no answer"],
      words: 3,
      rows: cells.filter((cell) => cell.rows === rows).map((cell) => [
        cell.method,
        cell.tenant,
        cell.filter,
        ms(cell.p50),
        ms(cell.p95),
        ms(cell.p99),
        percent(cell.empty),
      ]),
    })),
    ...sizesOf(cells).slice(-1).map((rows): Table => ({
      title: `by kind of query, ${count(rows)} steps, p50 / p95 ms`,
      heads: ["", ...kinds],
      words: 1,
      rows: cells.filter((cell) => cell.rows === rows && cell.filter === "none" && cell.tenant !== "small").map((
        cell,
      ) => [
        cell.method,
        ...kinds.map((kind) => `${ms(cell.byKind[kind]!.p50)} / ${ms(cell.byKind[kind]!.p95)}`),
      ]),
    })),
    {
      title: "recall at 20 of what goes by vectors",
      heads: ["steps", "way", "filter", "rows it leaves", "mean", "worst", "p50 ms", "p95 ms"],
      words: 3,
      rows: recalls.map(({ rows, way, filter, reachable, mean, worst, p50, p95 }) => [
        count(rows),
        way,
        filter,
        count(reachable),
        mean.toFixed(3),
        worst.toFixed(2),
        ms(p50),
        ms(p95),
      ]),
    },
  ];
}

function writesTables({ writes }: Figures): Table[] {
  if (!writes) return [];
  const heads = ["", "connections", "rows a second", "CPU ms a row", "WAL bytes a row", "p50 ms a call", "p95 ms"];
  const rowOf = (write: Write) => [
    write.name,
    `${write.connections}`,
    count(write.perSecond),
    write.cpuMs.toFixed(3),
    count(write.walBytes),
    ms(write.p50),
    ms(write.p95),
  ];
  return [
    { title: "statistics", heads, words: 1, rows: writes.data.statistics.map(rowOf) },
    { title: "other writes", heads, words: 1, rows: writes.data.others.map(rowOf) },
  ];
}

function storageTables({ latency }: Figures): Table[] {
  if (!latency) return [];
  const { storage, loads } = latency.data;
  const groups = new Map<string, Map<number, number>>();
  for (const { rows, relations } of storage) {
    for (const { table, name, kind, bytes } of relations) {
      const what = groupOf(table, name, kind);
      const bySize = groups.get(what) ?? new Map<number, number>();
      groups.set(what, bySize.set(rows, (bySize.get(rows) ?? 0) + bytes));
    }
  }
  const sizes = storage.map(({ rows }) => rows);
  const builds = (of: (load: typeof loads[number]) => IndexBuild[]) =>
    loads.flatMap((load) =>
      of(load).filter(({ method }) => method === "hnsw").map((build) => ({ ...build, rows: load.rows }))
    );
  const all = [...builds((load) => load.builds), ...builds((load) => load.documentBuilds)].filter(({ bytes, rows }) =>
    bytes > 100 * rows / 10
  );
  return [
    {
      title: "bytes a step",
      heads: ["", ...sizes.map(count)],
      words: 1,
      rows: [...groups].map(([what, bySize]) => [what, ...sizes.map((rows) => count((bySize.get(rows) ?? 0) / rows))]),
    },
    {
      title: "building the indexes of vectors",
      heads: ["", "steps", "seconds", "bytes a step"],
      words: 1,
      rows: all.map(({ name, rows, seconds, bytes }) => [name, count(rows), ms(seconds), count(bytes / rows)]),
    },
  ];
}

function groupOf(table: string, name: string, kind: string): string {
  const whose = table.startsWith("document.") ? "document 000" : "ours";
  const what = table.endsWith("vectors")
    ? "vectors"
    : table.endsWith("lexemes")
    ? "lexemes"
    : table.endsWith("stats")
    ? "statistics"
    : "steps";
  return `${whose}: ${what}, ${
    { heap: "rows", btree: "b-trees", gin: "GIN", hnsw: "HNSW" }[kind] ?? `${kind} ${name}`
  }`;
}

export function asText(figures: Figures): string {
  const tables = [
    ...qualityTable(figures),
    ...latencyTables(figures),
    ...writesTables(figures),
    ...storageTables(figures),
  ];
  return [
    ...tables.map(({ title, heads, rows, words }) => {
      const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
      const lines = [heads, ...rows].map((row) =>
        row.map((cell, i) => i < words ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ").trimEnd()
      );
      return [title, ...lines].join("\n");
    }),
    ...verdicts(figures),
  ].join("\n\n");
}

const markdown = ({ heads, rows, words }: Table) =>
  [heads, heads.map((_, i) => i < words ? "---" : "---:"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** What was promised, and what became of it. */
export function verdicts({ quality, latency, writes }: Figures): string[] {
  const said: string[] = [];
  const say = (met: boolean, what: string) => said.push(`${met ? "Met" : "Missed"}: ${what}`);
  if (quality) {
    const ours = quality.data.filter(({ name }) => name.startsWith("ours"));
    const [worst, empty] = [
      Math.min(...ours.map(({ ndcg10 }) => ndcg10)),
      Math.max(...ours.map(({ empty }) => empty)),
    ];
    say(worst >= 0.93, `nDCG@10 of at least 0.93 in each of our modes; the lowest is ${worst.toFixed(3)}.`);
    say(empty === 0, `no query of ours without an answer; ${percent(empty, 1)}.`);
  }
  if (latency) {
    const { cells, recalls } = latency.data;
    const sizes = sizesOf(cells);
    const at = (rows: number, method: string) =>
      cells.find((cell) =>
        cell.rows === rows && cell.method === method && cell.filter === "none" && cell.tenant === "giant"
      )!;
    const largest = sizes.at(-1)!;
    const natural = at(largest, "ours: two_stage").byKind["natural language"]!;
    say(
      natural.p95 < 50,
      `two-stage at ${count(largest)} steps under 50 ms at p95 for natural language; ${
        ms(natural.p95)
      } ms (all kinds: ${ms(at(largest, "ours: two_stage").p95)} ms).`,
    );
    const smaller = sizes.at(-2);
    if (smaller) {
      const ratios = ["ours: keyword", "ours: two_stage", "ours: hybrid"].map((method) => {
        const [less, more] = [at(smaller, method), at(largest, method)];
        return { method, p50: more.p50 / less.p50, p95: more.p95 / less.p95 };
      });
      say(
        ratios.every(({ p50, p95 }) => Math.max(p50, p95) <= 2),
        `a query among ${count(largest)} at most twice one among ${count(smaller)}; ${
          ratios.map(({ method, p50, p95 }) => `${method.slice(6)} ${p50.toFixed(1)} at p50, ${p95.toFixed(1)} at p95`)
            .join("; ")
        }.`,
      );
    }
    for (const way of ways) {
      const lowest = recalls.filter((recall) => recall.way === way).toSorted((a, b) => a.mean - b.mean)[0]!;
      say(
        lowest.mean >= 0.95,
        `recall of at least 0.95 at 20, ${way}; the lowest is ${lowest.mean.toFixed(3)} (${
          count(lowest.rows)
        } steps, filter: ${lowest.filter}).`,
      );
    }
  }
  if (writes) {
    const of = (name: string, connections: number) =>
      writes.data.statistics.find((write) => write.name.includes(name) && write.connections === connections)!;
    for (
      const { how, ours, theirs, floor } of [
        ...[1, 4].map((connections) => ({
          how: `one at a time, ${connections === 1 ? "one connection" : "four connections"}`,
          ours: of("ours: increment_step_stats()", connections),
          theirs: of("document", connections),
          floor: of("floor", connections),
        })),
        {
          how: "100 at once beside one at a time",
          ours: of("_batch", 1),
          theirs: of("document", 1),
          floor: of("floor", 1),
        },
      ]
    ) {
      const rate = ours.perSecond / theirs.perSecond;
      say(
        rate >= 20,
        `statistics at least 20 times faster than in the wide table, ${how}; ${times(rate)} times as many a second, ${
          times(theirs.cpuMs / ours.cpuMs)
        } times less CPU, ${times(theirs.walBytes / ours.walBytes)} times less WAL. The floor comes to ${
          times(floor.perSecond / theirs.perSecond)
        } times the wide table's rate; ours to ${
          (ours.perSecond / floor.perSecond).toFixed(2)
        } times the floor's, with ${(ours.cpuMs / floor.cpuMs).toFixed(2)} times its CPU.`,
      );
    }
  }
  return said;
}

function when<T>(part: Measured<T> | undefined): string {
  if (!part) return "";
  return `Measured on ${part.at.slice(0, 10)} in ${count(part.seconds)} s; others used ${
    percent(part.others)
  } of the machine's CPU time meanwhile.`;
}

/** Ten million rows, reckoned from the largest measurement. */
function tenMillion({ latency }: Figures): string {
  if (!latency) return "";
  const { storage, loads } = latency.data;
  const largest: Storage = storage.at(-1)!;
  const sum = (wanted: (kind: string, table: string) => boolean) =>
    largest.relations.filter(({ kind, table }) => !table.startsWith("document.") && wanted(kind, table))
      .reduce((total, { bytes }) => total + bytes, 0) / largest.rows;
  const gigabytes = (bytesARow: number) => `${(bytesARow * 1e7 / 2 ** 30).toFixed(0)} GB`;
  const [hnsw, vectors, all] = [
    sum((kind) => kind === "hnsw"),
    sum((kind, table) => kind !== "hnsw" && table.endsWith("vectors")),
    sum(() => true),
  ];
  const build = (name: string) => {
    const builds = loads.flatMap((load) =>
      load.builds.filter((build) => build.name === name).map(({ seconds }) => ({ rows: load.rows, seconds }))
    ).filter(({ seconds }) => seconds > 1).slice(-2);
    if (builds.length < 2) return null;
    const [less, more] = builds as [typeof builds[0], typeof builds[0]];
    const exponent = Math.log(more.seconds / less.seconds) / Math.log(more.rows / less.rows);
    return { exponent, hours: more.seconds * (1e7 / more.rows) ** exponent / 3600 };
  };
  const [half, binary] = [build("step_definition_vectors_768"), build("binary_quantisation")];
  return [
    `- Disk: about ${gigabytes(all)}; of that the vectors ${gigabytes(vectors)}, their HNSW index ${
      gigabytes(hnsw)
    }. The index has to be in memory to be fast.`,
    ...half
      ? [
        `- Building the HNSW index of \`halfvec\`: ${
          half.hours.toFixed(1)
        } hours if time goes on growing with rows to the ${
          half.exponent.toFixed(2)
        }, and if \`maintenance_work_mem\` holds the graph (about the size of the index).`,
      ]
      : [],
    ...binary
      ? [`- By binary quantisation: ${binary.hours.toFixed(1)} hours (exponent ${binary.exponent.toFixed(2)}).`]
      : [],
  ].join("\n");
}

export function asMarkdown(figures: Figures, command: string): string {
  const { quality, latency, writes } = figures;
  const section = (title: string, text: string, tables: Table[]) =>
    `## ${title}\n\n${text}\n\n${
      tables.map((table) => `${tables.length > 1 ? `### ${capital(table.title)}\n\n` : ""}${markdown(table)}`).join(
        "\n\n",
      )
    }\n`;
  return [
    `# What a search of steps finds and costs

By \`${command}\`, on ${navigator.hardwareConcurrency} cores with ${
      (Deno.systemMemoryInfo().total / 2 ** 30).toFixed(0)
    } GiB of memory, PostgreSQL 17; the client runs on the same cores.

${verdicts(figures).map((line) => `- ${line}`).join("\n")}
`,
    quality
      ? section(
        "What is found",
        `${when(quality)} Each of WebArena's 812 intents is a step and, where its template has others, a query; what ` +
          `should be found are the others of its template. All methods have the same vectors, of \`local-lexical-v1\`, 768 ` +
          `numbers; a step is taken away while its intent is searched. \`npm test\` holds ours to at least 0.93 and to no query ` +
          `without an answer.`,
        qualityTable(figures),
      )
      : "",
    latency
      ? section(
        "How long it takes",
        `${
          when(latency)
        } The rows are generated (\`search/steps.ts\`). ${measured}\n\n![Latency against rows](search.svg)`,
        latencyTables(figures),
      )
      : "",
    writes
      ? section(
        "What writing costs",
        `${when(writes)} Copies of the database of ${
          count(writes.data.rows)
        } steps, with a disk that is waited for. The ` +
          `document's table has all of its indexes, both of vectors too; its updates write each of them anew, since ` +
          `\`last_executed_at\` is indexed. Ours change a narrow row in place, and that of its month. The floor is a ` +
          `prepared \`update\` of one narrow row by its key, committed, without a function, a month or a look at rights: no ` +
          `single durable update is faster. CPU time is the database's, over HTTP too.`,
        writesTables(figures),
      )
      : "",
    latency
      ? section("What ten million need", `Measured:`, storageTables(figures)) + `
Reckoned from that, not measured:

${tenMillion(figures)}
- A partition of \`search.vectors\` holds one source; past ten million, a source's partition is split by hash of
  \`workspace_id\`: every search names its workspaces, and an index of a tenth is built in a tenth of the memory.
`
      : "",
  ].filter(Boolean).join("\n");
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
