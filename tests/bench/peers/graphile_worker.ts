import postgres from "postgres";
import { Logger, makeWorkerUtils, run, runMigrations } from "graphile-worker";
import { batch } from "../engine.ts";
import type { Shape } from "../shapes.ts";
import { Countdown, isJoined, type Job, jobsOf, joins, type Peer } from "./peer.ts";

const quiet = new Logger(() => () => {});
const concurrency = 20;

const join = "A job adds the next ones; joins are a counter in a table of the user's. ";
const keeps = "Done jobs are deleted: no history, no outputs, no inputs by reference.";

/** One fetch and one completion for many jobs, with the settings of its manual's chapter on performance. */
export const graphileBatched: Peer = {
  name: "Graphile Worker, batched",
  note: `0.18.0; local queue of ${2 * concurrency}, completions batched. ${join}${keeps}`,
  install,
  open: (url) =>
    open(url, {
      localQueue: { size: 2 * concurrency },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    }, batch),
};

export const graphileSingle: Peer = {
  name: "Graphile Worker, one by one",
  note: `0.18.0 as it comes: a fetch and a completion for each job. ${join}${keeps}`,
  install,
  open: (url) => open(url, {}, 1),
};

async function install(url: string): Promise<void> {
  await runMigrations({ connectionString: url, logger: quiet });
  const sql = postgres(url, { max: 1 });
  await joins.install(sql);
  await sql.end();
}

async function open(url: string, settings: GraphileConfig.WorkerOptions, startsAtOnce: number) {
  let shape: Shape;
  let countdown: Countdown;
  const client = await makeWorkerUtils({ connectionString: url, logger: quiet });
  const runner = await run({
    preset: {
      worker: {
        connectionString: url,
        concurrentJobs: concurrency,
        maxPoolSize: concurrency + 2,
        logger: quiet,
        ...settings,
      },
    },
    noHandleSignals: true,
    taskList: {
      async step(given, helpers) {
        const { execution, layer } = given as Job;
        const next = jobsOf(shape, execution, layer + 1);
        const last = !isJoined(shape, layer) ||
          (await helpers.query<{ done: number }>(joins.arrive, [execution, layer, 1])).rows[0]!.done ===
            shape.layers[layer];
        if (last && next.length === 1) await helpers.addJob("step", next[0]);
        else if (last && next.length > 1) await helpers.addJobs(next.map(specify));
        countdown.count();
      },
    },
  });
  return {
    async run(given: Shape, executions: number) {
      shape = given;
      countdown = new Countdown(shape, executions);
      for (let left = executions; left > 0; left -= startsAtOnce) {
        const jobs = Array.from(
          { length: Math.min(left, startsAtOnce) },
          () => jobsOf(shape, crypto.randomUUID(), 0),
        ).flat();
        if (jobs.length === 1) await client.addJob("step", jobs[0]);
        else await client.addJobs(jobs.map(specify));
      }
      await countdown.over;
    },
    async close() {
      await runner.stop();
      await runner.promise;
      await client.release();
    },
  };
}

const specify = (payload: Job) => ({ identifier: "step", payload });
