import assert from "node:assert/strict";
import type postgres from "postgres";
import {
  type Connection,
  failure,
  type Node,
  noop,
  random,
  type Session,
  success,
  type Task,
  trigger,
  World,
} from "./world.ts";

const ended = ["SUCCESS", "ERROR", "CANCELED", "TIMEOUT"];
const strategies = [
  "STOP_WORKFLOW_ON_ERROR",
  "CONTINUE_REGULAR_OUTPUT_ON_ERROR",
  "CONTINUE_ERROR_OUTPUT_ON_ERROR",
];

const runsBelow = (count: number): Node["parameters"] => ({ condition: `$.execution.node_runs < ${count}` });

/** A worker whose answers and accidents are chosen by chance; what it was told is checked at the end. */
class Hand {
  #sequence = 0;
  #held: Task[] = [];
  #life = 0;

  constructor(
    readonly session: Session,
    readonly name: string,
    readonly chance: () => number,
    readonly accepted: Set<string>,
  ) {}

  get #worker() {
    return `${this.name}.${this.#life}`;
  }

  async claim(): Promise<void> {
    this.#hold(await this.session.claim(this.#worker, 1 + Math.floor(this.chance() * 6)));
  }

  /** A task that it gets again has expired in its hands. */
  #hold(tasks: Task[]): void {
    this.#held = [...this.#held.filter((old) => tasks.every((task) => task.id !== old.id)), ...tasks];
  }

  async finish(errors = 0.2): Promise<void> {
    const count = Math.ceil(this.chance() * this.#held.length);
    const now = this.#held.toSorted(() => this.chance() - 0.5).slice(0, count);
    const results = now.map((task) => this.chance() < errors ? failure(task, this.chance() < 0.5) : success(task));
    const { tasks, refused } = await this.session.finish(
      this.#worker,
      ++this.#sequence,
      results,
      Math.floor(this.chance() * 5),
    );
    for (const task of now) {
      if (!refused.includes(task.id)) {
        const key = `${task.id} ${task.attempt}`;
        assert.ok(!this.accepted.has(key), `${key} was accepted twice`);
        this.accepted.add(key);
      }
    }
    this.#held = this.#held.filter((task) => !now.includes(task));
    this.#hold(tasks);
  }

  async release(): Promise<void> {
    await this.session.release(this.#worker, this.#held.toSorted(() => this.chance() - 0.5));
    this.#held = [];
  }

  async heartbeat(): Promise<void> {
    const gone = await this.session.heartbeat(this.#worker, this.#held);
    this.#held = this.#held.filter((task) => !gone.includes(task.id));
  }

  /** Forgets all that it holds, as a killed process does. */
  crash(): void {
    this.#held = [];
    this.#sequence = 0;
    this.#life++;
  }
}

/** Runs everything to its end by a worker that makes no mistakes. */
async function drain(world: World, hand: Hand, seconds: number): Promise<void> {
  hand.crash();
  for (let round = 0; round < 400; round++) {
    await hand.session.later(seconds + round * 7200);
    await hand.session.tick();
    await hand.claim();
    await hand.finish(0);
    const [row] = await world.sql<{ live: number }[]>`
      select count(*)::int as live from public.workflow_executions where end_time is null`;
    if (row!.live === 0) return;
  }
  const live = await world.sql`select * from public.live_node_executions limit 5`;
  throw new Error(`Executions do not end: ${JSON.stringify(live)}`);
}

async function assertDrained(world: World, accepted: Set<string>, hint: string): Promise<void> {
  await world.noViolations(hint);
  const left = await world.sql`select id, status from public.workflow_executions where status <> all (${ended})`;
  assert.deepEqual(Array.from(left), [], hint);
  const runs = await world.sql<{ id: string; node_id: string; attempt: number; source: string | null }[]>`
    select id, node_id, attempt, source_id as source from public.node_executions`;
  assert.equal(new Set(runs.map((run) => run.id)).size, runs.length, `${hint}: a run id appears twice`);
  // a failed attempt that is retried has a row id of its own, so the rest of its key is counted
  const [counted] = await world.sql<{ doubles: number; results: number }[]>`
    select (select count(*)::int from (
        select from public.node_executions where run_index is not null
        group by execution_id, node_id, scope, run_index, attempt having count(*) > 1) d) as doubles,
      (select count(*)::int from public.node_executions
       where node_type = 'ACTION.NOOP' and status in ('SUCCESS', 'ERROR')
         and coalesce(error_data ->> 'code', '') not in ('lease_expired', 'max_node_runs')) as results`;
  assert.equal(counted!.doubles, 0, `${hint}: an attempt of a run appears twice`);
  assert.equal(counted!.results, accepted.size, `${hint}: results that were accepted and results that were kept`);
  const orphans = runs.filter((run) => run.source !== null && !runs.some((other) => other.id === run.source));
  assert.deepEqual(orphans, [], `${hint}: runs that nothing led to`);
}

async function sharedWorkflows(world: World): Promise<string[]> {
  const loop = await world.workflow([
    trigger,
    noop("work", { error_handling: strategies[1], retry_wait_time: 0, max_retries: 1 }),
    { id: "again", type: "FLOW", subtype: "IF", parameters: runsBelow(4) },
    noop("last"),
  ], [
    { source: "start", target: "work" },
    { source: "work", target: "again" },
    { source: "again", target: "work", index: 0 },
    { source: "again", target: "last", index: 1 },
  ]);
  const fan = await world.workflow([
    trigger,
    ...["a", "b", "c", "d"].map((id, i) => noop(id, { error_handling: strategies[i % 3], retry_wait_time: 0 })),
    noop("join"),
    noop("rescue"),
  ], [
    ...["a", "b", "c", "d"].flatMap((id) => [{ source: "start", target: id }, { source: id, target: "join" }]),
    { source: "c", target: "rescue", type: "ERROR" },
  ]);
  return [loop, fan];
}

Deno.test("six sessions that do everything at once never deadlock, and leave nothing behind", async () => {
  await using world = await World.make();
  const workflows = await sharedWorkflows(world);
  const seed = 20261121;
  const accepted = new Set<string>();
  const keys = random(seed);
  const hands = await Promise.all(
    Array.from({ length: 6 }, async (_, i) => new Hand(await world.session(), `w${i}`, random(seed + i), accepted)),
  );
  await Promise.all(hands.map(async (hand) => {
    const { chance, session } = hand;
    for (let i = 0; i < 120; i++) {
      const die = chance();
      if (die < 0.2) {
        await session.start(workflows[Math.floor(chance() * 2)]!, { key: `k${Math.floor(keys() * 200)}` });
      } else if (die < 0.4) await hand.claim();
      else if (die < 0.75) await hand.finish();
      else if (die < 0.85) {
        await session.later(chance() < 0.3 ? 3600 : 30);
        await session.tick();
        await session.later(0);
      } else if (die < 0.92) {
        const [live] = await session.sql`
          select id from public.workflow_executions where end_time is null order by md5(id::text || ${i}::text) limit 1`;
        if (live) await session.abort(live.id);
      } else if (die < 0.97) await hand.release();
      else hand.crash();
    }
  }));
  await drain(world, hands[0]!, 7200);
  await assertDrained(world, accepted, `seed ${seed}`);
  const statuses = await world.sql<{ status: string }[]>`select distinct status from public.workflow_executions`;
  assert.deepEqual(statuses.map((row) => row.status).sort(), ["ERROR", "SUCCESS"]);
});

/** Joins, items, sub-workflows, events, limits and static data: what one execution does here, others wait for. */
async function entangledWorkflows(world: World): Promise<string[]> {
  const flow = (id: string, subtype: string, parameters: Node["parameters"]): Node => ({
    id,
    type: "FLOW",
    subtype,
    parameters,
  });
  const patient = { error_handling: strategies[1], retry_wait_time: 0, max_retries: 1 };
  const count: Node = {
    id: "count",
    type: "ACTION",
    subtype: "SET_STATIC_DATA",
    parameters: { values: { n: "{{ $.workflow.static.n + 1 }}" } },
  };
  const merged = await world.workflow([
    trigger,
    count,
    noop("a", patient),
    noop("b", patient),
    { ...flow("wait", "WAIT", { event: "go", timeout_seconds: 600 }), error_handling: strategies[1] },
    flow("join", "MERGE", { mode: "all" }),
    noop("after", patient),
  ], [
    { source: "start", target: "a" },
    { source: "start", target: "b" },
    { source: "b", target: "count" },
    { source: "count", target: "wait" },
    { source: "a", target: "join", target_index: 0 },
    { source: "wait", target: "join", target_index: 1 },
    { source: "join", target: "after" },
  ]);
  const items = await world.workflow([
    trigger,
    flow("each", "FOR_EACH", { items: [1, 2, 3, 4], max_concurrency: 2 }),
    noop("work", patient),
    count,
    flow("all", "MERGE", { mode: "collect" }),
    noop("last", patient),
  ], [
    { source: "start", target: "each" },
    { source: "each", target: "work" },
    { source: "work", target: "count" },
    { source: "count", target: "all" },
    { source: "all", target: "last" },
  ]);
  const calling = (workflow_id: string, more: Node["parameters"] = {}) =>
    world.workflow([
      trigger,
      { ...flow("call", "SUB_WORKFLOW", { workflow_id, ...more }), error_handling: strategies[1] },
      count,
      noop("last", patient),
    ], [
      { source: "start", target: "call" },
      { source: "call", target: "count" },
      { source: "count", target: "last" },
    ]);
  const children = await calling(items, { items: [1, 2, 3], max_concurrency: 2 });
  const tree = await calling(children, { items: [1, 2] });
  await world.sql`select public.set_execution_limit(${merged}, max_concurrency => 3)`;
  await world.sql`select public.set_execution_limit(${items}, max_concurrency => 2, policy => 'cancel_oldest')`;
  return [merged, items, children, tree];
}

const refusals = ["execution_ended", "execution_not_paused"];

async function unlessRefused(verb: Promise<unknown>): Promise<void> {
  try {
    await verb;
  } catch (error) {
    if (!refusals.includes((error as postgres.PostgresError).detail!)) throw error;
  }
}

Deno.test("five sessions that control entangled executions while others work never deadlock", async () => {
  await using world = await World.make();
  const workflows = await entangledWorkflows(world);
  const seed = 20261122;
  const accepted = new Set<string>();
  const hands = await Promise.all(
    Array.from({ length: 5 }, async (_, i) => new Hand(await world.session(), `w${i}`, random(seed + i), accepted)),
  );
  await Promise.all(hands.map(async (hand) => {
    const { chance, session } = hand;
    const pick = async (paused = false) => {
      const [row] = await session.sql<{ id: string }[]>`
        select id from public.workflow_executions
        where end_time is null and (status = 'PAUSED') = ${paused} order by md5(id::text || ${chance()}::text) limit 1`;
      return row?.id;
    };
    for (let i = 0; i < 120; i++) {
      const die = chance();
      if (die < 0.12) await session.start(workflows[Math.floor(chance() * workflows.length)]!);
      else if (die < 0.3) await hand.claim();
      else if (die < 0.6) await hand.finish(0.1);
      else if (die < 0.64) await hand.heartbeat();
      else if (die < 0.74) {
        await session.later(chance() < 0.2 ? 900 : 5);
        await session.tick();
        await session.later(0);
      } else if (die < 0.78) await session.send(world.workspace, "go", { i });
      else if (die < 0.86) {
        const id = await pick();
        if (id) await unlessRefused(session.pause(id));
      } else if (die < 0.93) {
        const id = await pick(true);
        if (id) await unlessRefused(session.resume(id));
      } else if (die < 0.95) {
        const id = await pick();
        if (id) await session.cancel(id);
      } else if (die < 0.97) await hand.release();
      else hand.crash();
    }
  }));
  await world.noViolations(`seed ${seed}`);
  for (const { id } of await world.sql`select id from public.workflow_executions where status = 'PAUSED' order by id`) {
    await unlessRefused(hands[0]!.session.resume(id));
  }
  await drain(world, hands[0]!, 7200);
  await assertDrained(world, accepted, `seed ${seed}`);
  const counts = await world.sql<{ runs: number; counted: number }[]>`
    select count(*)::int as runs, coalesce((s.data ->> 'n')::int, 0) as counted
    from public.node_executions n
    join public.workflow_executions e on e.id = n.execution_id
    left join public.workflow_static_data s on s.workflow_id = e.workflow_id
    where n.node_id = 'count' and n.status = 'SUCCESS'
    group by s.workflow_id, s.data`;
  assert.equal(counts.length, workflows.length, "each workflow has counted");
  for (const { runs, counted } of counts) assert.equal(counted, runs, "each run is counted once");
  const statuses = await world.sql<{ status: string }[]>`
    select distinct status || coalesce(': ' || (error ->> 'code'), '') as status from public.workflow_executions
    where status <> 'CANCELED'`;
  assert.deepEqual(statuses.map((row) => row.status), ["SUCCESS"]);
});

function randomGraph(chance: () => number): { nodes: Node[]; connections: Connection[] } {
  const pick = <T>(values: T[]): T => values[Math.floor(chance() * values.length)]!;
  const nodes: Node[] = [trigger];
  const connections = new Map<string, Connection>();
  const connect = (connection: Connection) => connections.set(JSON.stringify(connection), connection);
  const count = 3 + Math.floor(chance() * 6);
  const ids = Array.from({ length: count }, (_, i) => `n${i}`);
  ids.forEach((id, i) => {
    const before = i === 0 ? "start" : pick(["start", ...ids.slice(0, i)]);
    const kind = chance();
    if (kind < 0.3) {
      // the way back: an IF that lets few tokens pass it, so that every cycle ends
      nodes.push({ id, type: "FLOW", subtype: "IF", parameters: runsBelow(2 + Math.floor(chance() * 2)) });
      connect({ source: id, target: pick(ids.slice(0, i + 1)), index: 0 });
      if (i + 1 < count) connect({ source: id, target: pick(ids.slice(i + 1)), index: 1 });
    } else if (kind < 0.5) {
      nodes.push({
        id,
        type: "ACTION",
        subtype: "TRANSFORM",
        parameters: {
          output: { run: "{{ $.execution.node_runs }}", from: "{{ $.input }}", start: "{{ $.nodes.start }}" },
        },
      });
    } else {
      const strategy = pick(strategies);
      nodes.push(noop(id, { error_handling: strategy, max_retries: Math.floor(chance() * 3), retry_wait_time: 0 }));
      if (strategy === strategies[2] && i + 1 < count) {
        connect({ source: id, target: pick(ids.slice(i + 1)), type: "ERROR" });
      }
    }
    connect({ source: before, target: id, index: 0 });
    if (i > 0 && chance() < 0.3) connect({ source: pick(ids.slice(0, i)), target: id, index: 0 });
  });
  return { nodes, connections: [...connections.values()] };
}

const seeds = Array.from({ length: 30 }, (_, i) => 1000 + i);

Deno.test("random graphs under random schedules end, with each run once", async () => {
  await using world = await World.make();
  const session = await world.session();
  const accepted = new Set<string>();
  for (const seed of seeds) {
    const hint = `seed ${seed}`;
    const chance = random(seed);
    const graph = randomGraph(chance);
    try {
      const workflow = await world.workflow(graph.nodes, graph.connections);
      const input: postgres.JSONValue = { seed };
      for (let i = 0; i < 3; i++) await session.start(workflow, { input });
      const hands = ["a", "b"].map((name) => new Hand(session, `${seed}${name}`, chance, accepted));
      for (let i = 0; i < 40; i++) {
        const hand = hands[Math.floor(chance() * 2)]!;
        const die = chance();
        if (die < 0.3) await hand.claim();
        else if (die < 0.7) await hand.finish();
        else if (die < 0.8) await hand.release();
        else if (die < 0.9) hand.crash();
        else {
          await session.later(chance() < 0.5 ? 1 : 3600);
          await session.tick();
          await session.later(0);
        }
        await world.noViolations(`${hint}, step ${i}`);
      }
      await drain(world, hands[0]!, 7200);
      await session.later(0);
    } catch (error) {
      throw new Error(`${hint}: ${JSON.stringify(graph)}`, { cause: error });
    }
    await assertDrained(world, accepted, hint);
  }
});
