// What a step costs is one thing; what the engine does when there is much, or something is in its way, is another.
import type postgres from "postgres";
import { createDatabase } from "../../scripts/stack/databases.ts";
import type { Cluster } from "../../scripts/stack/postgres.ts";
import { batch, deploy, makeWorkspace, share, start, Worker } from "./engine.ts";
import { cpuOfSession, gaugeOf, median, quantile, times } from "./gauge.ts";
import { edgeWorkflow, payload, shapes, sqlWorkflow, stepsOf } from "./shapes.ts";

const shape = shapes.chain3;

interface Place {
  sql: postgres.Sql;
  workspace: string;
  workflow: string;
  connect(role?: "postgres" | "supabase_admin"): postgres.Sql;
}

/** Works on a fresh database with a deployed chain. */
export async function at<T>(
  cluster: Cluster,
  template: string,
  name: string,
  definition: object,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  await createDatabase(cluster, name, template);
  const open: postgres.Sql[] = [];
  const connect: Place["connect"] = (role) => {
    open.push(cluster.connect(name, role, 1));
    return open.at(-1)!;
  };
  try {
    const sql = connect();
    const workspace = await makeWorkspace(sql, name);
    return await work({ sql, workspace, workflow: await deploy(sql, workspace, definition), connect });
  } finally {
    await Promise.all(open.map((sql) => sql.end({ timeout: 1 })));
  }
}

export interface Latency {
  name: string;
  p50: number;
  p99: number;
}

/** From the call that starts an execution to its end, one at a time, for the caller. */
export async function latencies(cluster: Cluster, template: string, runs: number): Promise<Latency[]> {
  const measured: Latency[] = [];
  const add = (name: string, taken: number[]) =>
    measured.push({ name, p50: median(taken), p99: quantile(taken, 0.99) });
  await at(cluster, template, "latency_sql", sqlWorkflow(shape), async ({ sql, workflow }) => {
    await times(Math.min(20, runs), () => start(sql, workflow, shape));
    add("sql chain of 3", await times(runs, () => start(sql, workflow, shape)));
  });
  await at(cluster, template, "latency_edge", edgeWorkflow(shape), async ({ sql, workflow }) => {
    const worker = new Worker(sql);
    const run = async () => {
      await start(sql, workflow, shape);
      for (let tasks = await worker.claim(); tasks.length > 0;) tasks = await worker.finish(tasks);
    };
    await times(Math.min(20, runs), run);
    add("edge chain of 3, a worker that is awake", await times(runs, run));
  });
  return measured;
}

export interface ClaimCost {
  ready: number;
  finished: number;
  cpuMs: number;
  /** p50, for the worker. */
  ms: number;
}

/** What a claim of `batch` tasks costs, taken back each time, by how many are ready and how many runs have ended. */
export async function claimCosts(
  cluster: Cluster,
  template: string,
  { claims, readies, finished }: { claims: number; readies: number[]; finished: number },
): Promise<ClaimCost[]> {
  const measured: ClaimCost[] = [];
  await at(cluster, template, "claims", edgeWorkflow(shape), async ({ sql, workspace, workflow, connect }) => {
    const admin = connect("supabase_admin");
    for (const history of [0, finished]) {
      await admin`truncate engine.tasks, public.workflow_executions, public.node_executions cascade`;
      if (history > 0) await fillHistory(admin, workspace, workflow, history);
      let queued = 0;
      for (const ready of readies) {
        await fillQueue(admin, workspace, workflow, ready - queued);
        queued = ready;
        await admin`vacuum analyze engine.tasks, public.workflow_executions, public.node_executions`;
        const claim = () =>
          sql.begin(async (transaction) => {
            await transaction`select engine.claim('bench', ${batch})`;
            await transaction`rollback`;
          });
        await times(3, claim);
        let taken: number[] = [];
        const cpuMs = await cpuOfSession(sql, async () => taken = await times(claims, claim)) / claims;
        measured.push({ ready, finished: history, cpuMs, ms: median(taken) });
      }
    }
  });
  return measured;
}

/** Executions whose first step is done and whose second is ready. */
async function fillQueue(admin: postgres.Sql, workspace: string, workflow: string, count: number): Promise<void> {
  await admin`
    with made as materialized (
      select platform.uuid7() as execution_id, platform.uuid7() as run_id from generate_series(1, ${count}::int)),
    executions as (
      insert into public.workflow_executions (id, workspace_id, workflow_id, version, trigger_node_id, input, start_time)
      select execution_id, ${workspace}, ${workflow}, 1, 'start', ${admin.json(payload)}, clock_timestamp() from made),
    runs as (
      insert into public.node_executions (execution_id, id, workspace_id, node_id, node_type, status, output_data,
        start_time, end_time)
      select execution_id, run_id, ${workspace}, 'step0_0', 'ACTION.NOOP', 'SUCCESS', ${admin.json(payload)},
        clock_timestamp(), clock_timestamp()
      from made)
    insert into engine.tasks (id, workspace_id, execution_id, workflow_id, version, node_id, target_index, run_index,
      attempt, source_id, input_id, scope, lap, priority)
    select platform.uuid7(), ${workspace}, execution_id, ${workflow}, 1, 'step1_0', 0, 0, 1, run_id, run_id, '', 0, 0
    from made`;
}

/** Ended runs, four an execution, an execution every five seconds until now. */
async function fillHistory(admin: postgres.Sql, workspace: string, workflow: string, count: number): Promise<void> {
  const executions = Math.ceil(count / 4);
  await admin`
    insert into public.workflow_executions (id, workspace_id, workflow_id, version, status, trigger_node_id, input,
      output, created_at, start_time, end_time)
    select platform.uuid7_floor(at), ${workspace}, ${workflow}, 1, 'SUCCESS', 'start', ${admin.json(payload)},
      ${admin.json({ step2_0: payload })}, at, at, at + interval '40 ms'
    from generate_series(1, ${executions}::int) i, lateral (select now() - i * interval '5 seconds') t (at)`;
  await admin`
    insert into public.node_executions (execution_id, id, workspace_id, node_id, node_type, status, source_id, input_id,
      passes_input, output_data, is_end, start_time, end_time)
    select platform.uuid7_floor(at), platform.uuid7_floor(at + n * interval '10 ms'), ${workspace},
      case n when 1 then 'start' else format('step%s_0', n - 2) end,
      case n when 1 then 'TRIGGER.MANUAL' else 'ACTION.NOOP' end, 'SUCCESS',
      case when n > 1 then platform.uuid7_floor(at + (n - 1) * interval '10 ms') end,
      case when n > 2 then platform.uuid7_floor(at + (n - 1) * interval '10 ms') end,
      n = 1, case when n > 1 then ${admin.json(payload)}::jsonb end, n = 4, at, at + interval '10 ms'
    from generate_series(1, ${executions}::int) i, lateral (select now() - i * interval '5 seconds') t (at),
      generate_series(1, 4) n`;
}

export interface HeldSnapshot {
  executions: number;
  /** In the order they were measured; dead tuples are what a vacuum leaves of the engine's hot tables. */
  loads: { held: boolean; executionsPerSecond: number; cpuMsPerStep: number; deadTuples: number }[];
}

/** The same load again and again, first alone, then beside a transaction that holds a snapshot and does nothing. */
export function heldSnapshot(cluster: Cluster, template: string, executions: number): Promise<HeldSnapshot> {
  return at(cluster, template, "held", edgeWorkflow(shape), async ({ sql, workflow, connect }) => {
    const [pool, admin, idle] = [[sql, connect()], connect("supabase_admin"), connect()];
    const gauge = await gaugeOf(admin);
    const loads: HeldSnapshot["loads"] = [];
    const load = async (held: boolean) => {
      const { executionsPerSecond, cpuMsPerStep } = await gauge(executions, stepsOf(shape), async () => {
        await share(pool, executions, batch, (sql, size) => start(sql, workflow, shape, size));
        await Promise.all(pool.map((sql) => new Worker(sql).drain()));
      });
      for (const sql of pool) await sql`select pg_stat_force_next_flush()`;
      await admin`vacuum engine.tasks, engine.waits, engine.workers, public.workflow_executions`;
      const [row] = await admin<{ dead: number }[]>`
        select sum(n_dead_tup)::int as dead from pg_stat_all_tables
        where relid = any ('{engine.tasks,engine.waits,engine.workers,public.workflow_executions}'::regclass[])`;
      loads.push({ held, executionsPerSecond, cpuMsPerStep, deadTuples: row!.dead });
    };
    await load(false);
    await load(false);
    await idle.begin("isolation level repeatable read", async (transaction) => {
      await transaction`select count(*) from engine.tasks`;
      for (let i = 0; i < 4; i++) await load(true);
    });
    await load(false);
    return { executions, loads };
  });
}

export interface Flood {
  queued: number;
  /** How many batches are claimed until the neighbour's task is among them, in each trial. */
  batches: number[];
}

/** One workspace has a queue, and workers are at it; another starts one execution. */
export function flood(cluster: Cluster, template: string, queued: number): Promise<Flood> {
  return at(cluster, template, "flood", edgeWorkflow(shape), async ({ sql, workspace, workflow, connect }) => {
    await fillQueue(connect("supabase_admin"), workspace, workflow, queued);
    const neighbour = await makeWorkspace(sql, "Neighbour");
    const workflowOfNeighbour = await deploy(sql, neighbour, edgeWorkflow(shape));
    const worker = new Worker(sql);
    const batches: number[] = [];
    let tasks = await worker.claim();
    for (let trial = 0; trial < 5; trial++) {
      for (let i = 0; i < 3; i++) tasks = await worker.finish(tasks);
      await start(sql, workflowOfNeighbour, shape);
      let claimed = 0;
      do {
        tasks = await worker.finish(tasks);
        claimed++;
      } while (!tasks.some((task) => task.workspace_id === neighbour));
      batches.push(claimed);
      // its other steps, so that the next trial starts without them
      while (tasks.some((task) => task.workspace_id === neighbour)) tasks = await worker.finish(tasks);
    }
    return { queued, batches };
  });
}
