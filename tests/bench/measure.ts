// Measures on a cluster of its own, everything in one run.
import { createDatabase, migrate } from "../../scripts/stack/databases.ts";
import type { Cluster } from "../../scripts/stack/postgres.ts";
import { withScratchCluster } from "../../scripts/stack/scratch.ts";
import { type Contender, contestsOn } from "./contenders.ts";
import { type Cost, gaugeOf, median } from "./gauge.ts";
import { type Schedules, schedules } from "./schedules.ts";
import { type Shape, shapes } from "./shapes.ts";
import {
  type ClaimCost,
  claimCosts,
  type Flood,
  flood,
  type HeldSnapshot,
  heldSnapshot,
  latencies,
  type Latency,
} from "./situations.ts";

export interface Size {
  /** As in production, with a disk that is waited for; else the figures are nobody's. */
  durable: boolean;
  shapes: Shape[];
  rounds: number;
  /** About how many steps a measurement has. */
  steps: number;
  latencyRuns: number;
  claims: number;
  readies: number[];
  finished: number;
  heldExecutions: number;
  queued: number;
  /** How many schedules are due at once, and how many are not due, in turn. */
  scheduled: number;
  idle: number[];
  ticks: number;
}

export const sizes = {
  full: {
    durable: true,
    shapes: Object.values(shapes),
    rounds: 3,
    steps: 1000,
    latencyRuns: 300,
    claims: 150,
    readies: [100, 10_000, 100_000],
    finished: 1_000_000,
    heldExecutions: 600,
    queued: 10_000,
    scheduled: 10_000,
    idle: [0, 1000, 100_000],
    ticks: 200,
  },
  quick: {
    durable: true,
    shapes: Object.values(shapes),
    rounds: 1,
    steps: 150,
    latencyRuns: 50,
    claims: 50,
    readies: [100, 10_000],
    finished: 50_000,
    heldExecutions: 100,
    queued: 1_000,
    scheduled: 1_000,
    idle: [0, 1000],
    ticks: 50,
  },
  smoke: {
    durable: false,
    shapes: [
      { name: "chain of 2", layers: [1, 1] },
      { name: "fan-out 2, fan-in", layers: [1, 2, 1] },
      { name: "3 items, collected", layers: [1, 3, 1], forEach: true },
    ],
    rounds: 1,
    steps: 1,
    latencyRuns: 3,
    claims: 3,
    readies: [20, 40],
    finished: 40,
    heldExecutions: 2,
    queued: 500,
    scheduled: 30,
    idle: [0, 10],
    ticks: 3,
  },
} satisfies Record<string, Size>;

export interface Figures {
  rounds: number;
  seconds: number;
  machine: { cores: number; memoryGiB: number; postgres: string; loadBefore: number };
  contests: { name: string; notes: Note[]; shapes: { name: string; costs: Result[] }[] }[];
  latencies: Latency[];
  claims: ClaimCost[];
  heldSnapshot: HeldSnapshot;
  flood: Flood;
  schedules: Schedules;
}

export type Note = Pick<Contender, "name" | "note">;

export interface Result {
  name: string;
  isFloor: boolean;
  /** How many steps of an execution the cost is divided by. */
  divisor: number;
  cost: Cost;
}

export async function measure(size: Size, say: (what: string) => void = () => {}): Promise<Figures> {
  const [began, loadBefore] = [performance.now(), Deno.loadavg()[0] ?? 0];
  const template = "template_of_engine";
  return await withScratchCluster(async (cluster) => {
    await createDatabase(cluster, template, "base");
    await migrate(cluster.url(template));
    const admin = cluster.connect("postgres", "supabase_admin", 1);
    const { contests, assertSound, close } = await contestsOn(cluster, template, size.shapes);
    try {
      const gauge = await gaugeOf(admin);
      const costs = new Map<Contender, Map<Shape, Cost[]>>();
      for (let round = 0; round < size.rounds; round++) {
        for (const { contender, shape } of pairs(contests)) {
          say(`round ${round + 1} of ${size.rounds}: ${shape.name}: ${contender.name}`);
          const steps = contender.steps(shape);
          const executions = Math.max(1, Math.round(size.steps * (contender.isCheap ? 3 : 1) / steps));
          const session = await contender.open(shape);
          if (size.durable) await tidy(cluster, contender.database);
          const warmUp = Math.max(1, Math.round(executions / 5));
          await session.arrange?.(warmUp);
          await session.run(warmUp);
          await session.arrange?.(executions);
          const cost = await gauge(executions, steps, () => session.run(executions));
          await session.close?.();
          const ofContender = costs.get(contender) ?? new Map<Shape, Cost[]>();
          costs.set(contender, ofContender.set(shape, [...ofContender.get(shape) ?? [], cost]));
        }
      }
      say("checking that all went well");
      await assertSound();
      const [version] = await admin<{ version: string }[]>`select current_setting('server_version') as version`;
      const situation = <T>(what: string, work: () => Promise<T>) => (say(what), work());
      return {
        rounds: size.rounds,
        machine: {
          cores: navigator.hardwareConcurrency,
          memoryGiB: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
          postgres: version!.version.split(" ")[0]!,
          loadBefore,
        },
        contests: contests.map(({ name, contenders }) => ({
          name,
          notes: contenders.map(({ name, note }) => ({ name, note })),
          shapes: [...new Set(contenders.flatMap((contender) => contender.shapes))].map((shape) => ({
            name: shape.name,
            costs: contenders.filter((contender) => contender.shapes.includes(shape)).map((contender) => ({
              name: contender.name,
              isFloor: contender.isFloor ?? false,
              divisor: contender.steps(shape),
              cost: medians(costs.get(contender)!.get(shape)!),
            })),
          })),
        })),
        latencies: await situation("latency", () => latencies(cluster, template, size.latencyRuns)),
        claims: await situation("claims", () => claimCosts(cluster, template, size)),
        heldSnapshot: await situation("a held snapshot", () => heldSnapshot(cluster, template, size.heldExecutions)),
        flood: await situation("a flood", () => flood(cluster, template, size.queued)),
        schedules: await situation("schedules", () => schedules(cluster, template, size)),
        seconds: (performance.now() - began) / 1000,
      };
    } finally {
      await close();
      await admin.end({ timeout: 1 });
    }
  }, { durable: size.durable });
}

/** What Postgres does now and then comes before a measurement, not during it. */
async function tidy(cluster: Cluster, database: string): Promise<void> {
  const sql = cluster.connect(database, "supabase_admin", 1);
  await sql`vacuum (analyze)`;
  await sql`checkpoint`;
  await sql.end();
}

/** Shape by shape, so that those who are compared are measured close to each other. */
function pairs(contests: { contenders: Contender[] }[]): { contender: Contender; shape: Shape }[] {
  return contests.flatMap(({ contenders }) => {
    const shapes = [...new Set(contenders.flatMap((contender) => contender.shapes))];
    return shapes.flatMap((shape) =>
      contenders.filter((contender) => contender.shapes.includes(shape)).map((contender) => ({ contender, shape }))
    );
  });
}

function medians(costs: Cost[]): Cost {
  const of = (field: keyof Cost) => median(costs.map((cost) => cost[field]));
  return {
    executionsPerSecond: of("executionsPerSecond"),
    cpuMsPerStep: of("cpuMsPerStep"),
    walBytesPerStep: of("walBytesPerStep"),
  };
}
