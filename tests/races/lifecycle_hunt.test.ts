// Everything that changes a workflow, beside everything that starts and runs it.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Node, noop, random, type Session, success, type Task, trigger, World } from "./world.ts";

const refusals = [
  "definition_invalid",
  "execution_ended",
  "execution_limit_reached",
  "execution_not_by_caller",
  "execution_not_found",
  "execution_not_paused",
  "execution_not_retryable",
  "integration_in_use",
  "integration_inactive",
  "integration_not_found",
  "node_not_in_version",
  "nothing_to_roll_back_to",
  "trigger_changed",
  "trigger_not_found",
  "version_not_found",
  "workflow_archived",
  "workflow_changed",
  "workflow_in_use",
  "workflow_not_found",
  "workflow_not_startable",
];

/** What served from a moment on: a version, or nothing. */
interface Change {
  workflow: string;
  version: number | null;
  from: number;
  to: number;
}

interface Accepted {
  workflow: string;
  execution: string;
  key: string;
  from: number;
  to: number;
}

class Storm {
  readonly workflows: string[] = [];
  readonly hooks = new Map<string, string>();
  readonly changes: Change[] = [];
  readonly accepted: Accepted[] = [];
  readonly done = new Map<string, number>();
  readonly refused = new Map<string, number>();
  integration = "";
  #revision = 0;

  constructor(readonly world: World) {}

  definition(): postgres.JSONValue {
    const callee = this.workflows.at(0);
    const nodes: Node[] = [
      trigger,
      {
        id: "clock",
        type: "TRIGGER",
        subtype: "CRON",
        parameters: { expression: "* * * * *", overlap: "cancel_previous" },
      },
      { id: "hook", type: "TRIGGER", subtype: "WEBHOOK", parameters: { path: "x" } },
      { id: "push", type: "TRIGGER", subtype: "GITHUB", credentials: { github: this.integration } } as Node,
      {
        id: "count",
        type: "ACTION",
        subtype: "SET_STATIC_DATA",
        parameters: { values: { n: "{{ $.workflow.static.n + 1 }}" } },
      },
      noop(`work${this.#revision++ % 2}`, { max_retries: 1, retry_wait_time: 0 }),
      callee
        ? {
          id: "call",
          type: "FLOW",
          subtype: "SUB_WORKFLOW",
          parameters: { workflow_id: callee },
          error_handling: "CONTINUE_REGULAR_OUTPUT_ON_ERROR",
        }
        : noop("call"),
    ];
    const work = nodes[5]!.id;
    return {
      nodes,
      connections: [
        ...["start", "clock", "hook", "push"].map((source) => ({ source, target: "count" })),
        { source: "count", target: work },
        { source: work, target: "call" },
      ],
    } as unknown as postgres.JSONValue;
  }

  async integrate({ sql }: Session): Promise<void> {
    const [row] = await sql<{ id: string }[]>`
      select id from integrations.create(${this.world.workspace}, 'github', 'GitHub', null, '{}',
        jsonb_build_object('signing', 'gAAAAA' || repeat('x', 94)))`;
    this.integration = row!.id;
  }

  async make(session: Session): Promise<void> {
    const [row] = await session.sql<{ id: string }[]>`
      select id from public.create_workflow('hunted', ${session.sql.json(this.definition())},
        workspace_id => ${this.world.workspace})`;
    this.workflows.push(row!.id);
  }
}

async function serve(storm: Storm, workflow: string, change: () => Promise<number | null | undefined>) {
  const from = performance.now();
  const version = await change();
  if (version !== undefined) storm.changes.push({ workflow, version, from, to: performance.now() });
}

interface Deployed {
  deployment: { version: number | null };
  triggers: { id: string; subtype: string }[];
  changed?: boolean;
}

/** The verbs, by name; each is done to a workflow by chance. */
function deeds(storm: Storm, session: Session, name: string, chance: () => number) {
  const { sql } = session;
  const { world } = storm;
  let sequence = 0;
  let held: Task[] = [];
  const one = async <T>(query: postgres.PendingQuery<postgres.Row[]>) => (await query)[0]! as T;
  const execution = async (condition: postgres.PendingQuery<postgres.Row[]>) =>
    (await sql<{ id: string }[]>`
      select id from public.workflow_executions e where ${condition} order by md5(id::text || ${chance()}::text) limit 1`)[
      0
    ]?.id;
  const running = () => chance() < 0.4 ? "cancel" : "keep";
  const deployed = (workflow: string, query: postgres.PendingQuery<postgres.Row[]>) =>
    serve(storm, workflow, async () => {
      const { answer } = await one<{ answer: Deployed }>(query);
      const hook = answer.triggers.find((t) => t.subtype === "WEBHOOK")?.id;
      if (hook) storm.hooks.set(workflow, hook);
      return answer.changed === false ? undefined : answer.deployment.version;
    });
  const receive = async (workflow: string, key: string, query: postgres.PendingQuery<postgres.Row[]>) => {
    const from = performance.now();
    const { id } = await one<{ id: string }>(query);
    storm.accepted.push({ workflow, execution: id, key, from, to: performance.now() });
  };
  const all: Record<string, (workflow: string) => Promise<unknown>> = {
    start: (w) => session.start(w, { key: `s${Math.floor(chance() * 300)}` }),
    startByCaller: (w) => sql`select public.start_execution(${w}, executed_by_caller => true)`,
    async complete() {
      const id = await execution(sql`end_time is null and executed_by_caller`);
      if (id) await sql`select public.complete_execution(${id}, 'SUCCESS')`;
    },
    webhook(w) {
      const hook = storm.hooks.get(w);
      // another URL is another sender
      const key = `d${Math.floor(chance() * 200)} ${hook}`;
      return hook
        ? receive(
          w,
          key,
          sql`
          select triggers.receive_webhook(${hook}, 'POST', 'x', '{"body": {}}', ${key}) ->> 'execution_id' as id`,
        )
        : Promise.resolve();
    },
    async event() {
      const { integration } = storm;
      const key = `g${Math.floor(chance() * 100)} ${integration}`;
      const from = performance.now();
      const rows = await sql<{ workflow: string; id: string | null }[]>`
        select e ->> 'workflow_id' as workflow, e ->> 'execution_id' as id
        from jsonb_array_elements(triggers.receive_event(${integration}, 'GITHUB', '{}', '{"event": "push"}',
          '{"n": 1}', ${key}) -> 'executions') e`;
      const to = performance.now();
      for (const { workflow, id } of rows) {
        if (id) storm.accepted.push({ workflow, execution: id, key, from, to });
      }
    },
    deploy: (w) => deployed(w, sql`select public.deploy_workflow(${w}, running => ${running()}) as answer`),
    rollback: (w) => deployed(w, sql`select public.rollback_workflow(${w}, running => ${running()}) as answer`),
    undeploy: (w) => deployed(w, sql`select public.undeploy_workflow(${w}, ${running()}) as answer`),
    rotate: async (w) => {
      const { id } = await one<{ id: string }>(sql`
        select public.rotate_trigger(${w}, 'hook') #>> '{trigger,id}' as id`);
      storm.hooks.set(w, id);
    },
    save: (w) => sql`select public.update_workflow(${w}, definition => ${sql.json(storm.definition())})`,
    restore: (w) => sql`select public.restore_workflow_version(${w}, 1)`,
    purge: (w) => sql`select public.purge_workflow_versions(${w}, 1)`,
    archive: (w) =>
      serve(storm, w, async () => {
        await sql`select public.archive_workflow(${w})`;
        return null;
      }),
    unarchive: (w) => sql`select public.unarchive_workflow(${w})`,
    pauseWorkflow: (w) => sql`select public.pause_workflow(${w})`,
    activate: (w) => sql`select public.activate_workflow(${w})`,
    duplicate: async (w) => {
      const { id } = await one<{ id: string }>(sql`
        select public.duplicate_workflow(${w}) #>> '{workflow,id}' as id`);
      storm.workflows.push(id);
      await session.start(id);
      await deployed(id, sql`select public.deploy_workflow(${id}) as answer`);
    },
    async delete(w) {
      if (storm.workflows.indexOf(w) === 0) return;
      await deployed(w, sql`select public.undeploy_workflow(${w}, 'cancel') as answer`);
      await session.tick();
      await sql`select public.delete_workflow(${w})`;
      await storm.make(session);
    },
    remember: (w) => sql`select public.set_static_data(${w}, '{"n": 1}')`,
    limit: (w) =>
      sql`select public.set_execution_limit(${w}, max_concurrency => 5,
        policy => ${["queue", "cancel_oldest", "drop"][Math.floor(chance() * 3)]!})`,
    limitAll: () => sql`select public.set_execution_limit(max_concurrency => 40, workspace_id => ${world.workspace})`,
    async unlimit() {
      const [limit] = await sql`select id from public.execution_limits order by random() limit 1`;
      if (limit) {
        await sql`select public.delete_execution_limit(${limit.id})`.catch((error) => {
          if (error.detail !== "execution_limit_not_found") throw error;
        });
      }
    },
    rotateSecret: () =>
      sql`select integrations.rotate(${storm.integration}, jsonb_build_object('signing', 'gAAAAA' || repeat('y', 94)), 60)`,
    async deleteIntegration() {
      // what is deployed from here on names another
      const { integration } = storm;
      await storm.integrate(session);
      await sql`select public.delete_integration(${integration})`;
    },
    async pause() {
      const id = await execution(sql`end_time is null and status <> 'PAUSED'`);
      if (id) await session.pause(id);
    },
    async resume() {
      const id = await execution(sql`status = 'PAUSED'`);
      if (id) await session.resume(id);
    },
    async cancel() {
      const id = await execution(sql`end_time is null`);
      if (id) await session.cancel(id);
    },
    async retry() {
      const id = await execution(sql`end_time is not null`);
      if (id) await sql`select public.retry_execution(${id})`;
    },
    async claim() {
      held = [...held, ...await session.claim(name, 5)];
    },
    async finish() {
      const { tasks } = await session.finish(name, ++sequence, held.map(success), 5);
      held = tasks;
    },
    async heartbeat() {
      const gone = await session.heartbeat(name, held);
      held = held.filter((task) => !gone.includes(task.id));
    },
    tick: async () => {
      await session.later(Math.floor(chance() * 180));
      await session.tick();
      await session.later(0);
    },
    maintain: () => sql`select engine.maintain()`,
  };
  return all;
}

const weights: Record<string, number> = {
  start: 4,
  webhook: 6,
  event: 4,
  deploy: 4,
  save: 3,
  claim: 4,
  finish: 8,
  tick: 8,
  activate: 2,
  unarchive: 2,
  maintain: 0.5,
  retry: 2,
  rollback: 2,
  deleteIntegration: 0.3,
  archive: 0.5,
  pauseWorkflow: 0.5,
};

/** Tables that name a workflow or an execution, by the catalog: whoever adds one need not think of this test. */
async function orphans(world: World): Promise<string[]> {
  const columns = await world.sql<{ name: string; column: string; target: string }[]>`
    select c.oid::regclass::text as name, a.attname as column,
      case a.attname when 'workflow_id' then 'public.workflows' else 'public.workflow_executions' end as target
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and not c.relispartition
    where a.attname in ('workflow_id', 'execution_id') and not a.attisdropped
      and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
    order by 1, 2`;
  assert.ok(columns.length > 20);
  const found: string[] = [];
  for (const { name, column, target } of columns) {
    const [row] = await world.sql.unsafe<{ n: number }[]>(
      `select count(*)::int as n from ${name} t where t.${column} is not null
       and not exists (select from ${target} o where o.id = t.${column})`,
    );
    if (row!.n > 0) found.push(`${name}.${column}: ${row!.n}`);
  }
  return found;
}

Deno.test("who edits, deploys, deletes, starts and runs workflows at once never meets a deadlock or leaves a trace", async () => {
  await using world = await World.make();
  const storm = new Storm(world);
  const warnings: string[] = [];
  const seed = Number(Deno.env.get("TANDEM_HUNT_SEED") ?? 20261123);
  const turns = Number(Deno.env.get("TANDEM_HUNT_TURNS") ?? 150);
  const sessions = await Promise.all(Array.from({ length: 6 }, () =>
    world.session({
      onnotice: (notice) => {
        if (notice.severity === "WARNING") warnings.push(notice.message!);
      },
    })));
  await storm.integrate(sessions[0]!);
  for (let i = 0; i < 4; i++) await storm.make(sessions[0]!);
  await Promise.all(sessions.map(async (session, i) => {
    const chance = random(seed + i);
    const verbs = deeds(storm, session, `w${i}`, chance);
    const names = Object.keys(verbs);
    const total = names.reduce((sum, name) => sum + (weights[name] ?? 1), 0);
    for (let turn = 0; turn < turns; turn++) {
      let die = chance() * total;
      const name = names.find((n) => (die -= weights[n] ?? 1) < 0) ?? "tick";
      const workflow = storm.workflows.slice(-5)[Math.floor(chance() * Math.min(5, storm.workflows.length))]!;
      try {
        await verbs[name]!(workflow);
        storm.done.set(name, (storm.done.get(name) ?? 0) + 1);
      } catch (error) {
        const { code, detail } = error as postgres.PostgresError;
        storm.refused.set(`${name} ${detail}`, (storm.refused.get(`${name} ${detail}`) ?? 0) + 1);
        assert.ok(
          code?.startsWith("PT4") && refusals.includes(detail!),
          `seed ${seed}, ${name}: ${code} ${detail} ${(error as Error).message}\n${
            (error as postgres.PostgresError).where
          }`,
        );
      }
    }
  }));
  const hint = `seed ${seed}: ${JSON.stringify(Object.fromEntries([...storm.done, ...storm.refused]))}`;
  const idle = Object.keys(deeds(storm, sessions[0]!, "", () => 0)).filter((name) => !storm.done.has(name));
  // chance may refuse a rare one each time
  assert.ok(idle.length < 4, `${idle} never succeeded; ${hint}`);

  // until nothing is to be done
  const last = sessions[0]!;
  for (const { id } of await world.sql`select id from public.workflow_executions where status = 'PAUSED'`) {
    await last.resume(id).catch(() => {});
  }
  await world.sql`update public.workflow_schedules set is_active = false`;
  for (let round = 0, sequence = 0;; round++) {
    await last.later(3600 + round * 7200);
    await last.tick();
    const tasks = await last.claim("last", 100);
    await last.finish("last", ++sequence, tasks.map(success));
    await world.sql`
      select public.complete_execution(id, 'SUCCESS') from public.workflow_executions
      where executed_by_caller and end_time is null`;
    const [row] = await world.sql`select count(*)::int as n from public.workflow_executions where end_time is null`;
    if (row!.n === 0) break;
    assert.ok(round < 200, "Executions do not end");
  }
  await last.later(1_000_000);
  await last.tick();
  while ((await last.sql`select workflows.remove_deleted() as n`)[0]!.n > 0);

  await Promise.all(sessions.map((session) => session.sql.end()));
  const [database] = await world.sql<{ deadlocks: number }[]>`
    select deadlocks::int from pg_stat_database where datname = current_database()`;
  assert.equal(database!.deadlocks, 0, hint);
  await world.noViolations(hint);
  assert.deepEqual([...new Set(warnings)], [], hint);
  assert.deepEqual(await orphans(world), [], hint);
  assert.deepEqual(Array.from(await world.sql`select id from public.workflows where deleted_at is not null`), [], hint);
  assert.deepEqual(Array.from(await world.sql`select * from triggers.draining`), [], hint);

  const versions = new Map(
    (await world.sql<{ id: string; workflow_id: string; version: number }[]>`
    select id, workflow_id, version from public.workflow_executions`).map((e) => [e.id, e]),
  );
  const first = new Map<string, string>();
  let met = 0;
  for (const event of storm.accepted.toSorted((a, b) => a.from - b.from)) {
    const execution = versions.get(event.execution);
    // gone with its workflow
    if (!execution) continue;
    assert.equal(execution.workflow_id, event.workflow);
    const key = `${event.workflow} ${event.key}`;
    const known = first.get(key);
    first.set(key, known ?? event.execution);
    assert.equal(event.execution, known ?? event.execution, `${key} started twice, ${hint}`);
    if (known) continue;
    met++;
    // some change to this version began before the event was answered, and no other one lies wholly between them
    const own = storm.changes.filter((change) => change.workflow === event.workflow);
    const served = own.some((change) =>
      change.version === execution.version && change.from <= event.to &&
      !own.some((later) => later.version !== change.version && later.from > change.to && later.to < event.from)
    );
    assert.ok(served, `${key} met version ${execution.version}, which did not serve then; ${hint}`);
  }
  assert.ok(met > 20, hint);
  const ghosts = await world.sql`
    select e.workflow_id, e.version, e.mode from public.workflow_executions e
    where e.mode in ('SCHEDULE', 'WEBHOOK', 'TRIGGER') and not exists (
      select from public.workflow_deployment_history h
      where h.workflow_id = e.workflow_id and h.deployment_version = e.version and h.error_message is null)`;
  assert.deepEqual(Array.from(ghosts), [], hint);
});
