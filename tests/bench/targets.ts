// What DESIGN.md promises, and why a promise is not kept where it is not.
import { batch } from "./engine.ts";
import type { Figures } from "./measure.ts";
import { shapes } from "./shapes.ts";

export interface Verdict {
  target: string;
  limit: string;
  measured: string;
  isMet: boolean;
  /** Said when it is missed. */
  reason?: string;
}

const claimsTarget = "claims: dearest to cheapest, by queue and history";

/** One line a missed target, by its name. Written by hand, from what was found. */
const reasons: Record<string, string> = {
  "WAL of an edge step":
    "a chain of 3 spreads its execution's start and end over three steps, and the bare rows of it " +
    "(the floor) are about as much; claims and results alone, and a further step, keep to it",
  [`CPU of a sql step, ${batch} starts a transaction`]:
    "a chain of 3 spreads its execution's start and end over four " +
    "steps; a further step keeps to it: see chain of 12 less chain of 3",
  [claimsTarget]: "the dearest was a short queue without history, measured first: it does not grow with either",
};

export function verdicts(figures: Figures): Verdict[] {
  const found: Verdict[] = [];
  const add = (target: string, value: number | undefined, limit: number, unit: string, digits = 2) => {
    if (value === undefined) return;
    const isMet = value <= limit;
    const show = (number: number) => `${number.toFixed(digits)} ${unit}`.trim();
    found.push({
      target,
      limit: `at most ${show(limit)}`,
      measured: show(value),
      isMet,
      ...isMet ? {} : { reason: reasons[target] ?? "not looked into yet" },
    });
  };
  const [workers, postgres] = figures.contests;
  const chain = (contest: typeof workers, name: string) =>
    contest?.shapes.find((shape) => shape.name === shapes.chain3.name)?.costs
      .find((result) => result.name.startsWith(name))?.cost;
  add("CPU of an edge step", chain(workers, "Tandem")?.cpuMsPerStep, 0.5, "ms", 3);
  add("WAL of an edge step", chain(workers, "Tandem")?.walBytesPerStep, 2500, "B", 0);
  add(`CPU of a sql step, ${batch} starts a transaction`, chain(postgres, "Tandem, ")?.cpuMsPerStep, 0.15, "ms", 3);
  add("a sql chain of 3, p50", figures.latencies[0]?.p50, 5, "ms");
  add(
    claimsTarget,
    spread(figures.claims.map((claim) => claim.cpuMs)),
    1.2,
    "times",
  );
  add("batches that a flood delays a neighbour by", Math.max(...figures.flood.batches) - 1, 1, "", 0);
  add("schedules due at once: the last start", figures.schedules.seconds, 60, "s", 1);
  return found;
}

/** What is flat: a claim that touches the same number of rows, give or take the caches. */
const spread = (values: number[]) => Math.max(...values) / Math.max(0.01, Math.min(...values));
