import postgres from "postgres";
import { type FlowJob, PgBoss } from "pg-boss";
import { batch } from "../engine.ts";
import { type Shape, shapes } from "../shapes.ts";
import { Countdown, isJoined, type Job, jobsOf, joins, type Peer } from "./peer.ts";

const queue = "step";
const fetchers = 2;

const settled = `12.35.0; two fetchers, ${batch} jobs fetched and completed at once. `;
const keeps = "Keeps done jobs with their input for 7 days; outputs only if given.";

export const pgBossInserts: Peer = {
  name: "pg-boss, jobs insert the next",
  note: `${settled}Joins are a counter in a table of the user's. ${keeps}`,
  isCheap: true,
  install,
  open: (url) => open(url, false),
};

/** Its own graph: all jobs are inserted at the start, and a background pass frees those whose parents are done. */
export const pgBossFlows: Peer = {
  name: "pg-boss, flows",
  note:
    `${settled}Its own graph, freed by a pass each second (the shortest it allows), so its rate is the pass's. ${keeps}`,
  shapes: [shapes.chain3],
  isCheap: true,
  install,
  open: (url) => open(url, true),
};

async function install(url: string): Promise<void> {
  const boss = new PgBoss(url);
  await boss.start();
  await boss.createQueue(queue);
  await boss.stop({ graceful: false });
  const sql = postgres(url, { max: 1 });
  await joins.install(sql);
  await sql.end();
}

async function open(url: string, asFlow: boolean) {
  const boss = new PgBoss({ connectionString: url, flowIntervalSeconds: 1 });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  const sql = postgres(url, { max: fetchers });

  async function next(shape: Shape, jobs: Job[]): Promise<Job[]> {
    const added: Job[] = [];
    for (const [layer, ofLayer] of Map.groupBy(jobs, (job) => job.layer)) {
      for (const [execution, done] of Map.groupBy(ofLayer, (job) => job.execution)) {
        if (isJoined(shape, layer)) {
          const [row] = await sql.unsafe(joins.arrive, [execution, layer, done.length]);
          if (row!.done === shape.layers[layer]) added.push(...jobsOf(shape, execution, layer + 1));
        } else if (shape.layers[layer] === 1) added.push(...jobsOf(shape, execution, layer + 1));
      }
    }
    return added;
  }

  async function work(shape: Shape, countdown: Countdown): Promise<void> {
    while (!countdown.isOver) {
      const jobs = await boss.fetch<Job>(queue, { batchSize: batch });
      if (jobs.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, asFlow ? 50 : 5));
        continue;
      }
      const added = asFlow ? [] : await next(shape, jobs.map((job) => job.data));
      if (added.length > 0) await boss.insert(queue, added.map((data) => ({ data })));
      await boss.complete(queue, jobs.map((job) => job.id));
      countdown.count(jobs.length);
    }
  }

  return {
    async run(shape: Shape, executions: number) {
      const countdown = new Countdown(shape, executions);
      const workers = Array.from({ length: fetchers }, () => work(shape, countdown));
      for (let left = executions; left > 0; left -= batch) {
        const ids = Array.from({ length: Math.min(left, batch) }, () => crypto.randomUUID());
        if (asFlow) await boss.flow(ids.flatMap((id) => flowOf(shape, id)));
        else await boss.insert(queue, ids.flatMap((id) => jobsOf(shape, id, 0)).map((data) => ({ data })));
      }
      await Promise.all(workers);
    },
    async close() {
      await boss.stop({ graceful: false });
      await sql.end();
    },
  };
}

function flowOf(shape: Shape, execution: string): FlowJob[] {
  const ref = (layer: number) => (_: unknown, i: number) => `${execution}-${layer}-${i}`;
  return shape.layers.flatMap((_, layer) =>
    jobsOf(shape, execution, layer).map((data, i) => ({
      ref: ref(layer)(data, i),
      name: queue,
      data,
      dependsOn: layer === 0 ? [] : jobsOf(shape, execution, layer - 1).map(ref(layer - 1)),
    }))
  );
}
