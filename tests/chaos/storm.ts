// Executions of many shapes, while the processes that work on them are killed and the database is restarted.
import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import type { Database } from "shared/database.types.ts";
import { checkout, makeFolder, state } from "../../scripts/stack/places.ts";
import { isRunning } from "../../scripts/stack/processes.ts";
import { removeLeftovers, scratch } from "../../scripts/stack/scratch.ts";
import { startStack } from "../../scripts/stack/stack.ts";
import { data, database, type Definition, manual, type Node, receiver } from "../flows/wire.ts";

export interface Weather {
  /** How many executions are started, and how many at a time. */
  executions: number;
  batch: number;
  /** A worker process is killed each time, at most so often. */
  killEveryMs: number;
  kills: number;
  /** The database is stopped at once each time, at most so often. */
  restartEveryMs: number;
  restarts: number;
  withinMs: number;
}

export interface Damage {
  executions: number;
  kills: number;
  restarts: number;
  /** Calls that the receiver got, the effects they were for, and how many of them it refused. */
  calls: number;
  effects: number;
  refusals: number;
  lostLeases: number;
  seconds: number;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// a lost lease is noticed 15 s after the timeout; killed workers and refusals cost attempts
const patient = { timeout_seconds: 1, max_retries: 20, retry_wait_time: 0 };
const noop = (id: string): Node => ({ id, type: "ACTION", subtype: "NOOP", ...patient });
const flow = (id: string, subtype: string, parameters: Node["parameters"]): Node => ({
  id,
  type: "FLOW",
  subtype,
  parameters,
});

/** The definitions, each with the number of successful runs that its executions have. */
function shapes(url: string, chainId: () => string): Record<string, { definition: Definition; runs: number }> {
  const post = (id: string, item = ""): Node => ({
    id,
    type: "ACTION",
    subtype: "HTTP_REQUEST",
    parameters: { method: "POST", url, body: { effect: `{{ $.execution.id }} ${id}${item}` } },
    ...patient,
  });
  const along = (...ids: string[]) => ids.slice(1).map((target, i) => ({ source: ids[i]!, target }));
  return {
    chain: {
      definition: {
        nodes: [manual, post("one"), noop("between"), post("two")],
        connections: along("start", "one", "between", "two"),
      },
      runs: 4,
    },
    fan: {
      definition: {
        nodes: [manual, post("a"), post("b"), noop("c"), flow("join", "MERGE", { mode: "all" }), post("last")],
        connections: [
          ...["a", "b", "c"].flatMap((id, i) => [
            { source: "start", target: id },
            { source: id, target: "join", target_index: i },
          ]),
          { source: "join", target: "last" },
        ],
      },
      runs: 6,
    },
    items: {
      definition: {
        nodes: [
          manual,
          flow("each", "FOR_EACH", { items: [1, 2, 3], max_concurrency: 2 }),
          post("work", " {{ $.item }}"),
          flow("all", "MERGE", { mode: "collect" }),
          noop("last"),
        ],
        connections: along("start", "each", "work", "all", "last"),
      },
      runs: 7,
    },
    waiting: {
      definition: {
        nodes: [manual, flow("wait", "WAIT", { seconds: 2 }), post("after")],
        connections: along("start", "wait", "after"),
      },
      runs: 3,
    },
    get calling() {
      return {
        definition: {
          nodes: [manual, flow("call", "SUB_WORKFLOW", { workflow_id: chainId(), items: [1, 2] }), noop("last")],
          connections: along("start", "call", "last"),
        },
        runs: 3,
      };
    },
  };
}

export async function storm(weather: Weather, report: (line: string) => void = () => {}): Promise<Damage> {
  await removeLeftovers(scratch);
  const folder = `${scratch}/${Deno.pid}-${crypto.randomUUID()}`;
  await makeFolder(folder);
  const began = performance.now();
  const stack = await startStack({
    folder,
    logs: `${state}/test-logs/${Deno.pid}-storm`,
    stackFile: `${folder}/stack.json`,
    report,
  });
  const workers: Deno.ChildProcess[] = [];
  const work = () => {
    workers.push(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "scripts/worker.ts"],
        cwd: checkout,
        env: { DATABASE_URL: stack.details.database_url },
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn(),
    );
  };
  const kill = async () => {
    const worker = workers.shift()!;
    worker.kill("SIGKILL");
    await worker.status;
  };
  try {
    const effects = new Map<string, number>();
    let calls = 0, refusals = 0;
    await using inbox = await receiver([], ({ body }) => {
      calls++;
      const effect = String(body.effect);
      const count = effects.get(effect) ?? 0;
      // flaky: every third call for something new is refused
      if (!effects.has(effect) && calls % 3 === 0) {
        refusals++;
        effects.set(effect, 0);
        return new Response(null, { status: 503 });
      }
      effects.set(effect, count + 1);
      return Response.json({ count });
    });
    const { url, publishable_key, secret_key } = stack.details;
    const withoutSession = { auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false } };
    const client = createClient<Database>(url, publishable_key, withoutSession);
    const operator = createClient<Database>(url, secret_key, withoutSession);
    await client.auth.signUp({ email: "storm@example.com", password: crypto.randomUUID() });
    const { id: workspace } = data(await client.from("workspaces").select("id").single());
    data(await operator.from("workspaces").update({ allowed_hosts: [inbox.host] }).eq("id", workspace).select());
    const ids: Record<string, string> = {};
    const runs = new Map<string, number>();
    const known = shapes(inbox.url, () => ids.chain!);
    for (const name of Object.keys(known)) {
      const { definition, runs: expected } = known[name]!;
      ids[name] = data(await client.rpc("create_workflow", { name, definition: definition as never })).id;
      runs.set(ids[name]!, expected);
    }

    await using sql = database(stack.details);
    /** Asks until the database answers. */
    const insist = async <T>(question: () => Promise<T>): Promise<T> => {
      for (const deadline = Date.now() + 30_000;;) {
        try {
          return await question();
        } catch (error) {
          if (Date.now() > deadline) throw error;
          await pause(100);
        }
      }
    };
    const workflows = Object.values(ids);
    let started = 0;
    const startSome = async () => {
      const first = started;
      const count = Math.min(weather.batch, weather.executions - first);
      // the keys let it ask again after a lost answer
      await insist(() =>
        sql`
          select public.start_execution(w.id, '{}', 'k' || n)
          from generate_series(${first}::int, ${first + count - 1}::int) n
          join unnest(${workflows}::uuid[]) with ordinality w (id, o) on w.o = 1 + n % ${workflows.length}::int`
      );
      started += count;
    };
    const live = () =>
      insist(async () => {
        const [row] = await sql<{ n: number }[]>`
          select count(*)::int as n from public.workflow_executions where end_time is null`;
        return row!.n;
      });

    for (let i = 0; i < 3; i++) work();
    let kills = 0, restarts = 0;
    let lastKill = performance.now(), lastRestart = performance.now();
    const deadline = performance.now() + weather.withinMs;
    for (;;) {
      if (started < weather.executions) await startSome();
      // a storm of so many kills and restarts lasts until they are done, one without a number as long as there is work
      const raging = Number.isFinite(weather.kills) && (kills < weather.kills || restarts < weather.restarts);
      const now = performance.now();
      if (kills < weather.kills && now - lastKill >= weather.killEveryMs) {
        lastKill = now;
        kills++;
        await kill();
        work();
      }
      if (restarts < weather.restarts && now - lastRestart >= weather.restartEveryMs) {
        lastRestart = now;
        restarts++;
        const pid = stack.details.pids.postgres!;
        // what pg_ctl calls an immediate shutdown
        Deno.kill(pid, "SIGQUIT");
        while (await isRunning(pid)) await pause(20);
        await insist(() => sql`select 1`);
      }
      const left = await live();
      if (left === 0 && !raging && started === weather.executions) break;
      report(`${started} started, ${left} live, ${kills} kills, ${restarts} restarts, ${calls} calls`);
      if (performance.now() > deadline) throw new Error(`${left} executions do not end: ${await stuck(sql)}`);
      await pause(250);
    }

    assert.ok(kills > 0 && restarts > 0, "the storm was over before it broke");

    const ended = await sql<{ workflow_id: string; status: string; n: number; successes: number }[]>`
      select e.workflow_id, e.status, count(*)::int as n,
        (select count(*) from public.node_executions x
         where x.execution_id = any (array_agg(e.id)) and x.status = 'SUCCESS')::int as successes
      from public.workflow_executions e group by e.workflow_id, e.status`;
    const count = ended.reduce((sum, row) => sum + row.n, 0);
    const calling = Math.floor(weather.executions / workflows.length) +
      (weather.executions % workflows.length > workflows.indexOf(ids.calling!) ? 1 : 0);
    assert.equal(count, weather.executions + 2 * calling);
    assert.ok(ended.every((row) => row.status === "SUCCESS"), JSON.stringify(ended));
    for (const { workflow_id, n, successes } of ended) {
      assert.equal(successes, n * runs.get(workflow_id)!, `successful runs of workflow ${workflow_id}`);
    }
    const twice = await sql`
      select execution_id, node_id, scope, run_index from public.node_executions where status = 'SUCCESS'
      group by 1, 2, 3, 4 having count(*) > 1`;
    assert.deepEqual([...twice], [], "runs that succeeded twice");
    const posts = await sql<{ effect: string }[]>`
      select n.execution_id || ' ' || n.node_id
        || case when n.scope = '' then '' else ' ' || 1 + substring(n.scope from '\\d+$')::int end as effect
      from public.node_executions n where n.status = 'SUCCESS' and n.node_type = 'ACTION.HTTP_REQUEST'`;
    const missing = posts.filter(({ effect }) => !effects.get(effect));
    assert.deepEqual(missing, [], "runs that succeeded without their effect");
    assert.equal(effects.size, posts.length);
    assert.deepEqual([...await sql`select * from engine.violations()`], []);
    const [lost] = await sql<{ n: number }[]>`
      select count(*)::int as n from public.node_executions where error_data ->> 'code' = 'lease_expired'`;
    return {
      executions: count,
      kills,
      restarts,
      calls,
      effects: effects.size,
      refusals,
      lostLeases: lost!.n,
      seconds: Math.round((performance.now() - began) / 1000),
    };
  } finally {
    while (workers.length > 0) await kill();
    await stack.stop();
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

async function stuck(sql: postgres.Sql): Promise<string> {
  return JSON.stringify(await sql`select * from public.live_node_executions limit 5`);
}
