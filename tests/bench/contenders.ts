// Who is measured, on which shapes: this engine, its floor, and the peers.
import type postgres from "postgres";
import type { Cluster } from "../../scripts/stack/postgres.ts";
import { createDatabase } from "../../scripts/stack/databases.ts";
import { batch, deploy, makeWorkspace, share, start, Worker } from "./engine.ts";
import { writeEdgeFloor, writeSqlFloor } from "./floor.ts";
import { dbos } from "./peers/dbos.ts";
import { graphileBatched, graphileSingle } from "./peers/graphile_worker.ts";
import type { Peer } from "./peers/peer.ts";
import { pgBossFlows, pgBossInserts } from "./peers/pg_boss.ts";
import { edgeWorkflow, type Shape, sqlWorkflow, stepsOf } from "./shapes.ts";

export interface Contender {
  name: string;
  note: string;
  database: string;
  isFloor?: boolean;
  shapes: Shape[];
  /** Cheap steps need many, for the clock of CPU time has ticks of 10 ms. */
  isCheap?: boolean;
  /** What a shape's figures are divided by. */
  steps(shape: Shape): number;
  /** Opened for a measurement and closed behind it, so that nobody's background work is in others' figures. */
  open(shape: Shape): Promise<Session>;
}

export interface Session {
  /** What is not measured. */
  arrange?(executions: number): Promise<void>;
  run(executions: number): Promise<unknown>;
  close?(): Promise<void>;
}

/** Two sorts of steps, hence two sorts of contests: those that a worker does, and those that Postgres does itself. */
export interface Contest {
  name: string;
  contenders: Contender[];
}

const sessions = 2;
const peers: Peer[] = [graphileBatched, graphileSingle, pgBossInserts, pgBossFlows, dbos];

/** `template` names a migrated database. */
export async function contestsOn(cluster: Cluster, template: string, all: Shape[]) {
  const chains = all.filter((shape) => shape.layers.every((width) => width === 1));
  await createDatabase(cluster, "engine", template);
  await createDatabase(cluster, "floor", template);
  const pool = Array.from({ length: sessions }, () => cluster.connect("engine", "postgres", 1));
  const floorPool = Array.from({ length: sessions }, () => cluster.connect("floor", "postgres", 1));
  const workspace = await makeWorkspace(pool[0]!, "Bench");
  const edge = new Map<Shape, string>();
  for (const shape of all) edge.set(shape, await deploy(pool[0]!, workspace, edgeWorkflow(shape)));
  const sql = new Map<Shape, string>();
  for (const shape of chains) sql.set(shape, await deploy(pool[0]!, workspace, sqlWorkflow(shape)));

  /** Contenders that share our two sessions. */
  const ours = (
    given: Omit<Contender, "open" | "database">,
    run: (shape: Shape, executions: number) => Promise<unknown>,
    arrange?: (shape: Shape, executions: number) => Promise<void>,
  ): Contender => ({
    ...given,
    database: given.isFloor ? "floor" : "engine",
    open: (shape) =>
      Promise.resolve({
        run: (executions) => run(shape, executions),
        arrange: async (executions) => await arrange?.(shape, executions),
      }),
  });
  const ofWorkers = { shapes: all, steps: stepsOf };
  // the trigger is one more
  const ofPostgres = { isCheap: true, shapes: chains, steps: (shape: Shape) => stepsOf(shape) + 1 };

  const startAll = (workflows: Map<Shape, string>, shape: Shape, executions: number, size: number) =>
    share(pool, executions, size, (sql, size) => start(sql, workflows.get(shape)!, shape, size));
  const startEdge = (shape: Shape, executions: number) => startAll(edge, shape, executions, shape.forEach ? 1 : batch);
  const drain = () => Promise.all(pool.map((sql) => new Worker(sql).drain()));
  const workers: Contender[] = [
    ours({
      name: "Tandem",
      note:
        `Two workers, ${batch} results a call. Keeps every run with its output, its input by reference, and a log ` +
        "line; resolves, joins and checks by rows. The trigger, the joins and the ends are spread over the steps.",
      ...ofWorkers,
    }, (shape, executions) => startEdge(shape, executions).then(drain)),
    ours(
      {
        name: "Tandem, without the starts",
        note: "The same, but only the claims and results are measured.",
        ...ofWorkers,
        shapes: all.slice(0, 1),
      },
      drain,
      startEdge,
    ),
    ours({
      name: "floor",
      note:
        "The rows that Tandem leaves and its queue's, by plain SQL: nothing is resolved, decided, joined or locked.",
      isFloor: true,
      isCheap: true,
      ...ofWorkers,
    }, (shape, executions) =>
      share(
        floorPool,
        executions,
        Math.max(1, Math.floor(batch / Math.max(...shape.layers))),
        (sql, size) => writeEdgeFloor(sql, edge.get(shape)!, shape, size),
      )),
  ];
  for (const peer of peers) {
    const on = peer.shapes ? all.filter((shape) => peer.shapes!.includes(shape)) : all;
    if (on.length === 0) continue;
    const database = peer.name.toLowerCase().replaceAll(/\W+/g, "_");
    const url = cluster.url(database);
    await createDatabase(cluster, database, "base");
    await peer.install(url);
    workers.push({
      name: peer.name,
      note: peer.note,
      database,
      shapes: on,
      isCheap: peer.isCheap,
      steps: stepsOf,
      async open(shape) {
        const session = await peer.open(url);
        return { run: (executions) => session.run(shape, executions), close: session.close };
      },
    });
  }

  const postgres: Contender[] = [
    ours({
      name: `Tandem, ${batch} starts a transaction`,
      note: "TRANSFORMs with templates, done where the start is: no worker.",
      ...ofPostgres,
    }, (shape, executions) => startAll(sql, shape, executions, batch)),
    ours({
      name: "Tandem, a start a transaction",
      note: "The same, as a caller with one order does it.",
      ...ofPostgres,
    }, (shape, executions) => startAll(sql, shape, executions, 1)),
    ours(
      {
        name: "floor",
        note: `The rows that this leaves, by plain SQL, ${batch} executions a transaction.`,
        isFloor: true,
        ...ofPostgres,
      },
      (shape, executions) =>
        share(floorPool, executions, batch, (given, size) => writeSqlFloor(given, sql.get(shape)!, shape, size)),
    ),
  ];

  return {
    contests: [
      { name: "Steps that a worker does", contenders: workers },
      { name: "Steps that Postgres does itself", contenders: postgres },
    ] satisfies Contest[],
    async assertSound() {
      const nodes = new Map<string, number>();
      for (const [shape, id] of sql) nodes.set(id, stepsOf(shape) + 1);
      for (const [shape, id] of edge) nodes.set(id, runsOf(shape));
      await assertSound(pool[0]!, nodes);
    },
    close: () => Promise.all([...pool, ...floorPool].map((sql) => sql.end({ timeout: 1 }))),
  };
}

/** How many node runs an execution of a shape's edge workflow leaves. */
function runsOf(shape: Shape): number {
  const { nodes } = edgeWorkflow(shape);
  return nodes.length + (shape.forEach ? Math.max(...shape.layers) - 1 : 0);
}

/** Figures of a run that went wrong are worth nothing. */
async function assertSound(sql: postgres.Sql, nodes: Map<string, number>): Promise<void> {
  const wrong = await sql`
    select e.workflow_id, e.status, n.runs, count(*)::int as executions
    from public.workflow_executions e
    cross join lateral (
      select count(*)::int as runs from public.node_executions n
      where n.execution_id = e.id and n.status = 'SUCCESS') n
    join unnest(${[...nodes.keys()]}::uuid[], ${[...nodes.values()]}::int[]) w (id, runs) on w.id = e.workflow_id
    where e.status <> 'SUCCESS' or n.runs <> w.runs
    group by 1, 2, 3`;
  const violations = await sql`select * from engine.violations() limit 5`;
  if (wrong.length + violations.length > 0) {
    throw new Error(`The run is not sound: ${JSON.stringify({ wrong, violations })}`);
  }
}
