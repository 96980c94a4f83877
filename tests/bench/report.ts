// The figures as tables, for a terminal and for RESULTS.md.
import { batch } from "./engine.ts";
import { median } from "./gauge.ts";
import type { Figures } from "./measure.ts";
import { shapes } from "./shapes.ts";
import { verdicts } from "./targets.ts";

interface Section {
  title: string;
  rows?: string[][];
  lines?: string[];
}

const number = (value: number, digits = 0) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

function sections(figures: Figures): Section[] {
  const { contests, latencies, claims, heldSnapshot, flood, schedules } = figures;
  return [
    ...contests.flatMap(({ name, notes, shapes }): Section[] => [
      ...shapes.map(({ name: shape, costs }) => {
        const floor = costs.find((result) => result.isFloor)?.cost;
        const against = (ours: number, theirs?: number) => theirs ? number(ours / theirs, 1) : "";
        return {
          title: `${name}: ${shape}`,
          rows: [
            ["", "executions/s", "CPU ms/step", "x floor", "WAL B/step", "x floor"],
            ...costs.map(({ name, isFloor, cost }) => [
              name,
              number(cost.executionsPerSecond, cost.executionsPerSecond < 10 ? 1 : 0),
              number(cost.cpuMsPerStep, 3),
              isFloor ? "" : against(cost.cpuMsPerStep, floor?.cpuMsPerStep),
              number(cost.walBytesPerStep),
              isFloor ? "" : against(cost.walBytesPerStep, floor?.walBytesPerStep),
            ]),
          ],
        };
      }),
      ...furtherSteps(name, shapes),
      { title: `${name}: what each does`, lines: notes.map(({ name, note }) => `${name}: ${note}`) },
    ]),
    {
      title: "One execution at a time, from its start to its end, for its caller",
      rows: [
        ["", "p50 ms", "p99 ms"],
        ...latencies.map(({ name, p50, p99 }) => [name, number(p50, 2), number(p99, 2)]),
      ],
    },
    {
      title: `A claim of ${batch}`,
      rows: [
        ["ready tasks", "finished runs", "CPU ms", "p50 ms"],
        ...claims.map(({ ready, finished, cpuMs, ms }) => [
          number(ready),
          number(finished),
          number(cpuMs, 2),
          number(ms, 2),
        ]),
      ],
    },
    {
      title: `A transaction that holds a snapshot, beside loads of ${number(heldSnapshot.executions)} chains of 3`,
      rows: [
        ["load", "snapshot held", "executions/s", "CPU ms/step", "dead tuples after a vacuum"],
        ...heldSnapshot.loads.map((load, i) => [
          String(i + 1),
          load.held ? "yes" : "no",
          number(load.executionsPerSecond),
          number(load.cpuMsPerStep, 3),
          number(load.deadTuples),
        ]),
      ],
    },
    {
      title: `A workspace with ${number(flood.queued)} ready tasks, and a neighbour who starts one execution`,
      lines: [
        `Batches of ${batch} until the neighbour's task was leased, in ${flood.batches.length} trials: ` +
        `${flood.batches.join(", ")} (median ${median(flood.batches)}).`,
      ],
    },
    {
      title: `${number(schedules.due)} schedules due at once`,
      lines: [
        `The last one started after ${number(schedules.seconds, 1)} s, in ${
          number(schedules.ticks)
        } ticks, of which the ` +
        `longest took ${number(schedules.longestTickMs)} ms; a start cost ${
          number(schedules.cpuMsPerStart, 2)
        } ms of CPU.`,
        `A neighbour's start of a sql chain of 3 took ${number(schedules.neighbour.before.p50, 1)} ms before and ` +
        `${number(schedules.neighbour.meanwhile.p50, 1)} ms meanwhile (p50), ` +
        `${number(schedules.neighbour.before.p99, 1)} and ${number(schedules.neighbour.meanwhile.p99, 1)} ms (p99).`,
      ],
    },
    {
      title: "A tick with nothing to do",
      rows: [
        ["schedules that are not due", "p50 ms"],
        ...schedules.idle.map(({ schedules, tickMs }) => [number(schedules), number(tickMs, 2)]),
      ],
    },
    {
      title: "Targets",
      rows: [
        ["target", "limit", "measured", "met", "why not"],
        ...verdicts(figures).map(({ target, limit, measured, isMet, reason }) => [
          target,
          limit,
          measured,
          isMet ? "yes" : "no",
          reason ?? "",
        ]),
      ],
    },
    {
      title: "How it is measured",
      lines: [
        "CPU is user and system time of all processes of the cluster, background ones too, from /proc; the clients' is " +
        "not in it. WAL is what the cluster wrote. Executions/s share the machine with the clients.",
        `Medians of ${figures.rounds} interleaved round(s); fsync and synchronous_commit on; a payload of 100 bytes. ` +
        "Before each measurement come a vacuum with analyze, as autovacuum does every minute, a checkpoint, and then a " +
        "fifth of the same work, so that the hot pages' full images are in nobody's figures.",
        "Steps are the worker's, and what starts, joins and ends an execution is spread over them. Of steps that Postgres " +
        "does itself the trigger is one.",
        "Peers do less or more than this engine: what, stands above. Compare with that in mind.",
      ],
    },
  ];
}

/** A long chain less a short one is what a step costs apart from its execution, and an execution apart from its steps. */
function furtherSteps(contest: string, all: Figures["contests"][number]["shapes"]): Section[] {
  const [short, long] = [shapes.chain3, shapes.chain12].map(({ name }) =>
    all.find((shape) => shape.name === name)?.costs
  );
  if (!short || !long) return [];
  const [few, many] = [shapes.chain3.layers.length, shapes.chain12.layers.length];
  // the peers' batches grow with the load, so that their chains are not alike
  const rows = long.filter((result) => result.name.startsWith("Tandem")).map(({ name, cost, divisor }) => {
    const before = short.find((result) => result.name === name)!;
    const apart = (field: "cpuMsPerStep" | "walBytesPerStep") => {
      const step = (cost[field] * divisor - before.cost[field] * before.divisor) / (many - few);
      return [step, before.cost[field] * before.divisor - step * few] as const;
    };
    const [cpu, wal] = [apart("cpuMsPerStep"), apart("walBytesPerStep")];
    return [name, number(cpu[0], 3), number(wal[0]), number(cpu[1], 3), number(wal[1])];
  });
  return [{
    title: `${contest}: chain of 12 less chain of 3`,
    rows: [["", "CPU ms a further step", "WAL B", "CPU ms of an execution without steps", "WAL B"], ...rows],
  }];
}

export function asText(figures: Figures): string {
  return sections(figures).map(({ title, rows, lines }) =>
    [title, ...rows ? [plainTable(rows)] : lines!.map((line) => `- ${line}`)].join("\n")
  ).join("\n\n");
}

export function asMarkdown(figures: Figures, command: string): string {
  const { machine } = figures;
  const { cores, memoryGiB, postgres } = machine;
  const head = [
    "# What the engine costs",
    `Measured on ${new Date().toISOString().slice(0, 10)} by \`${command}\`, in ${number(figures.seconds)} s, on ` +
    `${cores} cores with ${memoryGiB} GiB of memory and PostgreSQL ${postgres} with its default settings; load before it began: ${
      number(machine.loadBefore, 1)
    }.`,
  ];
  const body = sections(figures).map(({ title, rows, lines }) =>
    `## ${title}\n\n${rows ? markdownTable(rows) : lines!.map((line) => `- ${line}`).join("\n")}`
  );
  return [...head, ...body].join("\n\n") + "\n";
}

function widths(rows: string[][]): number[] {
  return rows[0]!.map((_, column) => Math.max(3, ...rows.map((cells) => cells[column]!.length)));
}

// names to the left, figures to the right
const isText = (rows: string[][], column: number) =>
  column === 0 || rows.some((cells) => /[a-z]{4}/.test(cells[column]!) && cells !== rows[0]);

function padded(rows: string[][]): string[][] {
  const wide = widths(rows);
  return rows.map((cells) =>
    cells.map((cell, column) => isText(rows, column) ? cell.padEnd(wide[column]!) : cell.padStart(wide[column]!))
  );
}

const plainTable = (rows: string[][]) => padded(rows).map((cells) => cells.join("  ").trimEnd()).join("\n");

function markdownTable(rows: string[][]): string {
  const [head, ...body] = padded(rows).map((cells) => `| ${cells.join(" | ")} |`);
  const rule = widths(rows).map((width, column) =>
    isText(rows, column) ? "-".repeat(width) : "-".repeat(width - 1) + ":"
  );
  return [head, `| ${rule.join(" | ")} |`, ...body].join("\n");
}
