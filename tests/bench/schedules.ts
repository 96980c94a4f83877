// Schedules that are all due at once, beside somebody else's work; and what they cost while they are not due.
import type postgres from "postgres";
import type { Cluster } from "../../scripts/stack/postgres.ts";
import { deploy, makeWorkspace, start } from "./engine.ts";
import { cpuOfSession, median, quantile, times } from "./gauge.ts";
import { edgeWorkflow, shapes, sqlWorkflow } from "./shapes.ts";
import { at } from "./situations.ts";

const shape = shapes.chain3;

export interface Schedules {
  due: number;
  /** From the time they are due to the start of the last one. */
  seconds: number;
  ticks: number;
  longestTickMs: number;
  /** Of the ticks' session. */
  cpuMsPerStart: number;
  /** How long a neighbour's start of a sql chain of 3 takes, before and meanwhile. */
  neighbour: { before: Percentiles; meanwhile: Percentiles };
  /** A tick that has nothing to do, by how many schedules are not due. */
  idle: { schedules: number; tickMs: number }[];
}

interface Percentiles {
  p50: number;
  p99: number;
}

const percentiles = (taken: number[]): Percentiles => ({ p50: median(taken), p99: quantile(taken, 0.99) });

export async function schedules(
  cluster: Cluster,
  template: string,
  { scheduled, idle, ticks }: { scheduled: number; idle: number[]; ticks: number },
): Promise<Schedules> {
  const { nodes, connections } = edgeWorkflow(shape);
  const clock = { id: "start", type: "TRIGGER", subtype: "CRON", parameters: { expression: "@yearly" } };
  const definition = { nodes: [clock, ...nodes.slice(1)], connections };
  const measured: Schedules["idle"] = [];
  await at(cluster, template, "schedules_idle", definition, async ({ sql, workflow, connect }) => {
    const admin = connect("supabase_admin");
    await admin`delete from public.workflow_schedules`;
    let existing = 0;
    for (const count of idle) {
      await fillIdle(admin, workflow, existing, count);
      existing = count;
      await admin`vacuum analyze public.workflow_schedules`;
      await times(3, () => sql`select engine.tick()`);
      measured.push({ schedules: count, tickMs: median(await times(ticks, () => sql`select engine.tick()`)) });
    }
  });
  return await at(cluster, template, "schedules_due", definition, async ({ sql, workflow, connect }) => {
    const [admin, neighbour] = [connect("supabase_admin"), connect()];
    await copyWorkflow(admin, workflow, scheduled - 1);
    const other = await deploy(sql, await makeWorkspace(sql, "Neighbour"), sqlWorkflow(shape));
    const startOther = () => start(neighbour, other, shape);
    await admin`vacuum analyze`;
    await times(Math.min(20, ticks), startOther);
    const before = percentiles(await times(ticks, startOther));

    await admin`update public.workflow_schedules set next_run_at = clock_timestamp()`;
    await admin`vacuum public.workflow_schedules`;
    await admin`update public.workflow_schedules set next_run_at = clock_timestamp()`;
    const began = performance.now();
    const taken: number[] = [];
    const meanwhile: number[] = [];
    let firing = true;
    const others = (async () => {
      do meanwhile.push(...await times(1, startOther)); while (firing);
    })();
    const cpuMs = await cpuOfSession(sql, async () => {
      while (true) {
        taken.push(...await times(1, () => sql`select engine.tick()`));
        const [row] = await sql`
        select exists (select from public.workflow_schedules where is_active and next_run_at <= clock_timestamp()) as due`;
        if (!row!.due) break;
        // as the job of pg_cron does
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    });
    const seconds = (performance.now() - began) / 1000;
    firing = false;
    await others;
    const [row] = await sql<{ started: number }[]>`
      select count(*)::int as started from public.workflow_executions where mode = 'SCHEDULE'`;
    if (row!.started !== scheduled) throw new Error(`${row!.started} of ${scheduled} schedules started.`);
    return {
      due: scheduled,
      seconds,
      ticks: taken.length,
      longestTickMs: Math.max(...taken),
      cpuMsPerStart: cpuMs / scheduled,
      neighbour: { before, meanwhile: percentiles(meanwhile) },
      idle: measured,
    };
  });
}

/** More workflows like a deployed one, with all that deploying makes. */
async function copyWorkflow(admin: postgres.Sql, workflow: string, count: number): Promise<void> {
  await admin`create temporary table copies as
    select platform.uuid7() as id, gen_random_uuid() as trigger_id from generate_series(1, ${count}::int)`;
  await admin`analyze copies`;
  await admin`
    insert into public.workflows
    select r.* from public.workflows w cross join copies c
    cross join lateral jsonb_populate_record(w, jsonb_build_object('id', c.id)) r where w.id = ${workflow}`;
  for (
    const table of [
      "public.workflow_versions",
      "public.nodes",
      "public.node_connections",
      "engine.plan",
      "engine.reach",
    ]
  ) {
    await admin`
      insert into ${admin(table)}
      select r.* from ${admin(table)} t cross join copies c
      cross join lateral jsonb_populate_record(t, jsonb_build_object('workflow_id', c.id)) r
      where t.workflow_id = ${workflow}`;
  }
  await admin`
    insert into public.trigger_index (id, workspace_id, workflow_id, version, node_id, trigger_subtype, index_key)
    select c.trigger_id, t.workspace_id, c.id, t.version, t.node_id, t.trigger_subtype, t.index_key
    from public.trigger_index t cross join copies c where t.workflow_id = ${workflow}`;
  await admin`
    insert into public.workflow_schedules
    select r.* from public.workflow_schedules s cross join copies c
    cross join lateral jsonb_populate_record(s, jsonb_build_object('workflow_id', c.id, 'trigger_id', c.trigger_id)) r
    where s.workflow_id = ${workflow}`;
}

/** Schedules of triggers that no node has: nothing fires them. */
async function fillIdle(admin: postgres.Sql, workflow: string, from: number, to: number): Promise<void> {
  await admin`
    with made as (
      insert into public.trigger_index (id, workspace_id, workflow_id, version, node_id, trigger_subtype, index_key)
      select gen_random_uuid(), t.workspace_id, t.workflow_id, t.version, 'clock' || i, 'CRON', '@yearly'
      from public.trigger_index t cross join generate_series(${from + 1}::int, ${to}::int) i
      where t.workflow_id = ${workflow} and t.node_id = 'start'
      returning *)
    insert into public.workflow_schedules (trigger_id, workspace_id, workflow_id, node_id, version, expression,
      timezone, cron, misfire, misfire_limit, overlap, is_active, next_run_at)
    select m.id, m.workspace_id, m.workflow_id, m.node_id, m.version, m.index_key, 'UTC', r.cron, 'once', 10, 'allow',
      true, now() + random() * interval '300 days' + interval '1 day'
    from made m cross join triggers.read_cron('@yearly') r`;
}
