// Measures on a cluster of its own. Postgres' CPU time is read from /proc: it is what a step costs wherever it runs,
// while elapsed time depends on what else this machine does.
import type postgres from "postgres";
import { createDatabase, migrate } from "../../scripts/stack/databases.ts";
import { withScratchCluster } from "../../scripts/stack/scratch.ts";
import { writeEdgeFloor, writeSqlFloor } from "./floor.ts";

export interface Cost {
  executionsPerSecond: number;
  cpuMsPerStep: number;
  walBytesPerStep: number;
}

export interface Figures {
  rounds: number;
  costs: Record<"sqlBatched" | "sqlSingle" | "sqlFloor" | "edge" | "edgeSteps" | "edgeFloor", Cost>;
  /** p50 of one execution of the sql chain, for its caller. */
  latencyMs: number;
  /** p50 of a claim of 20, by the number of tasks in the queue. */
  claims: { queued: number; ms: number }[];
}

export const batch = 20;
const sessions = 2;
const sqlSteps = 4;
const edgeSteps = 3;
// 100 bytes of JSON
const payload = { customer: "c-4711", items: [1, 2, 3], note: "x".repeat(53) };

export const sqlChain = {
  nodes: [
    { id: "start", type: "TRIGGER", subtype: "MANUAL" },
    {
      id: "a",
      type: "ACTION",
      subtype: "TRANSFORM",
      parameters: { output: { customer: "{{ $.input.customer }}", first: "{{ $.input.items[0] }}", step: 1 } },
    },
    {
      id: "b",
      type: "ACTION",
      subtype: "TRANSFORM",
      parameters: { output: { text: "Order of {{ $.input.customer }}", first: "{{ $.input.first }}", step: 2 } },
    },
    {
      id: "c",
      type: "ACTION",
      subtype: "TRANSFORM",
      parameters: { output: { text: "{{ $.input.text }}", note: "{{ $.trigger.note }}", step: 3 } },
    },
  ],
  connections: [{ source: "start", target: "a" }, { source: "a", target: "b" }, { source: "b", target: "c" }],
};

export const edgeChain = {
  nodes: [
    { id: "start", type: "TRIGGER", subtype: "MANUAL" },
    ...["a", "b", "c"].map((id) => ({ id, type: "ACTION", subtype: "NOOP" })),
  ],
  connections: sqlChain.connections,
};

interface Task {
  id: string;
  lease_token: string;
  input: postgres.JSONValue;
}

interface Answer {
  tasks: Task[];
  refused: string[];
}

export async function measure({ short }: { short: boolean }): Promise<Figures> {
  const rounds = short ? 1 : 3;
  const sqlCount = short ? 80 : 1000;
  const edgeCount = short ? 80 : 800;
  return await withScratchCluster(async (cluster) => {
    await createDatabase(cluster, "bench", "base");
    await migrate(cluster.url("bench"));
    const admin = cluster.connect("bench", "supabase_admin", 1);
    const pool = Array.from({ length: sessions }, () => cluster.connect("bench", "postgres", 1));
    try {
      const workflows = await prepare(pool[0]!);
      const gauge = await gaugeOf(admin, pool);

      const startBatch = (workflow: string) => (sql: postgres.Sql, size: number) =>
        sql`select public.start_execution(${workflow}, ${sql.json(payload)}) from generate_series(1, ${size}::int)`;
      const startOne = async (sql: postgres.Sql, size: number) => {
        for (let i = 0; i < size; i++) await sql`select public.start_execution(${workflows.sql}, ${sql.json(payload)})`;
      };
      const startEdge = (count: number) => share(pool, count, startBatch(workflows.edge));
      const drainEdge = () => Promise.all(pool.map(drain));
      interface Work {
        steps: number;
        count: number;
        arrange?(count: number): Promise<void>;
        run(count: number): Promise<unknown>;
      }
      const work: Record<keyof Figures["costs"], Work> = {
        sqlBatched: { steps: sqlSteps, count: sqlCount, run: (count) => share(pool, count, startBatch(workflows.sql)) },
        sqlSingle: { steps: sqlSteps, count: sqlCount, run: (count) => share(pool, count, startOne) },
        sqlFloor: {
          steps: sqlSteps,
          count: sqlCount,
          run: (count) => share(pool, count, (sql, size) => writeSqlFloor(sql, workflows.sql, payload, size)),
        },
        edge: { steps: edgeSteps, count: edgeCount, run: (count) => startEdge(count).then(drainEdge) },
        edgeSteps: { steps: edgeSteps, count: edgeCount, arrange: startEdge, run: drainEdge },
        edgeFloor: {
          steps: edgeSteps,
          count: edgeCount,
          run: (count) => share(pool, count, (sql, size) => writeEdgeFloor(sql, workflows.edge, payload, size)),
        },
      };

      const measured: Partial<Record<keyof Figures["costs"], Cost[]>> = {};
      for (let round = 0; round < rounds; round++) {
        for (const [name, { steps, count, arrange, run }] of Object.entries(work)) {
          await admin`checkpoint`;
          const warmUp = Math.max(2 * batch, count / 5);
          await arrange?.(warmUp);
          await run(warmUp);
          await arrange?.(count);
          const cost = await gauge(count, steps, () => run(count));
          (measured[name as keyof Figures["costs"]] ??= []).push(cost);
        }
      }
      await assertSound(admin);

      const costs = Object.fromEntries(
        Object.entries(measured).map(([name, all]) => [name, {
          executionsPerSecond: median(all.map((cost) => cost.executionsPerSecond)),
          cpuMsPerStep: median(all.map((cost) => cost.cpuMsPerStep)),
          walBytesPerStep: median(all.map((cost) => cost.walBytesPerStep)),
        }]),
      ) as Figures["costs"];
      const latencyMs = await times(short ? 20 : 200, () => startOne(pool[0]!, 1));
      const claims: Figures["claims"] = [];
      for (const queued of short ? [100, 1_000] : [100, 10_000]) {
        claims.push({ queued, ms: await claimTime(pool[0]!, workflows.edge, queued) });
      }
      return { rounds, costs, latencyMs, claims };
    } finally {
      await Promise.all([admin, ...pool].map((sql) => sql.end({ timeout: 1 })));
    }
  }, { durable: true });
}

async function prepare(sql: postgres.Sql): Promise<{ sql: string; edge: string }> {
  const [workspace] = await sql<{ id: string }[]>`insert into public.workspaces (name) values ('Bench') returning id`;
  const make = async (definition: postgres.JSONValue) => {
    const [workflow] = await sql<{ id: string }[]>`
      select id from public.create_workflow('bench', ${sql.json(definition)}, workspace_id => ${workspace!.id})`;
    await sql`select public.deploy_workflow(${workflow!.id})`;
    return workflow!.id;
  };
  return { sql: await make(sqlChain), edge: await make(edgeChain) };
}

/** Splits work among the sessions, each taking a batch at a time. */
async function share(pool: postgres.Sql[], count: number, run: (sql: postgres.Sql, size: number) => Promise<unknown>) {
  let left = count;
  await Promise.all(pool.map(async (sql) => {
    while (left > 0) {
      const size = Math.min(batch, left);
      left -= size;
      await run(sql, size);
    }
  }));
}

/** A worker that answers each task with its input until nothing is ready. */
async function drain(sql: postgres.Sql): Promise<void> {
  const worker = crypto.randomUUID();
  const [first] = await sql<{ answer: Answer }[]>`select engine.claim(${worker}, ${batch}) as answer`;
  let { tasks } = first!.answer;
  for (let sequence = 1; tasks.length > 0; sequence++) {
    const results = tasks.map(({ id, lease_token, input }) => ({
      id,
      lease_token,
      status: "success",
      output: input,
      duration_ms: 1,
    }));
    const [next] = await sql<{ answer: Answer }[]>`
      select engine.finish(${worker}, ${sequence}, ${sql.json(results)}, ${batch}) as answer`;
    if (next!.answer.refused.length > 0) throw new Error("A result was refused.");
    tasks = next!.answer.tasks;
  }
}

async function gaugeOf(admin: postgres.Sql, pool: postgres.Sql[]) {
  for (const sql of pool) await sql`select 1`;
  const [backend] = await admin<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const postmaster = Number((await stat(backend!.pid))[1]);
  const wal = async () => {
    const [row] = await admin<{ bytes: string }[]>`select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as bytes`;
    return Number(row!.bytes);
  };
  return async (count: number, steps: number, run: () => Promise<unknown>): Promise<Cost> => {
    const [cpuBefore, walBefore, began] = [await cpuMs(postmaster), await wal(), performance.now()];
    await run();
    const elapsed = performance.now() - began;
    const [cpuAfter, walAfter] = [await cpuMs(postmaster), await wal()];
    return {
      executionsPerSecond: count / elapsed * 1000,
      cpuMsPerStep: (cpuAfter - cpuBefore) / count / steps,
      walBytesPerStep: (walAfter - walBefore) / count / steps,
    };
  };
}

/** The fields of /proc/<pid>/stat behind the name: state, parent, ... */
async function stat(pid: number): Promise<string[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** CPU time of a server and its processes; those that have ended are in the postmaster's sums. */
async function cpuMs(postmaster: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${postmaster}/task/${postmaster}/children`);
  let ticks = 0;
  for (const pid of [postmaster, ...children.trim().split(" ").map(Number)]) {
    const fields = await stat(pid).catch(() => null);
    if (!fields) continue;
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
    ticks += user! + system! + (pid === postmaster ? endedUser! + endedSystem! : 0);
  }
  // Linux counts in hundredths of a second towards user space, whatever its own clock
  return ticks * 10;
}

/** p50 of a claim of `batch` tasks, taken back each time. */
async function claimTime(sql: postgres.Sql, workflow: string, queued: number): Promise<number> {
  await sql`select public.start_execution(${workflow}) from generate_series(1, ${queued}::int - (select count(*)::int from engine.tasks))`;
  const taken: number[] = [];
  for (let i = 0; i < 30; i++) {
    await sql.begin(async (transaction) => {
      const began = performance.now();
      await transaction`select engine.claim('bench', ${batch})`;
      taken.push(performance.now() - began);
      await transaction`rollback`;
    });
  }
  return median(taken);
}

async function times(count: number, run: () => Promise<void>): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await run();
    taken.push(performance.now() - began);
  }
  return median(taken);
}

/** Figures of a run that went wrong are worth nothing. */
async function assertSound(sql: postgres.Sql): Promise<void> {
  const [row] = await sql<{ unfinished: number; short: number }[]>`
    select (select count(*)::int from public.workflow_executions where status <> 'SUCCESS') as unfinished,
      (select count(*)::int from public.workflow_executions e
       where (select count(*) from public.node_executions n where n.execution_id = e.id and n.status = 'SUCCESS') <> 4) as short`;
  const violations = await sql`select * from engine.violations()`;
  if (row!.unfinished + row!.short + violations.length > 0) {
    throw new Error(`The run is not sound: ${JSON.stringify({ ...row, violations: violations.slice(0, 5) })}`);
  }
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
