// `npm run fuzz [-- --seed N --graphs N --batch N --failures N --real N]`: random graphs under random schedules, the
// engine against the model, on a throw-away database; with --real the real graphs instead, with N seeds each. Says which
// seed goes wrong, and how with as little as possible.
import { createDatabase, migrate } from "../../scripts/stack/databases.ts";
import { main } from "../../scripts/stack/places.ts";
import { withScratchCluster } from "../../scripts/stack/scratch.ts";
import { random } from "./graphs.ts";
import { board, commandsOf, Disagreement, playRandomly, randomCases, shrink } from "./play.ts";
import { realCase, realGraphs } from "./real_graphs.ts";

const option = (name: string, otherwise: number): number => {
  const at = Deno.args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
};

await main(async () => {
  const first = option("seed", 1);
  const real = option("real", 0);
  const shapes = realGraphs();
  const realCases = Array.from({ length: real }, (_, i) => shapes.map((shape) => realCase(shape, first + i))).flat();
  const graphs = real > 0 ? realCases.length : option("graphs", 5000);
  const batch = option("batch", 25);
  const most = option("failures", 1);
  return await withScratchCluster(async (cluster) => {
    await createDatabase(cluster, "fuzz", "base");
    await migrate(cluster.url("fuzz"));
    const sql = cluster.connect("fuzz", "postgres", 1);
    await sql`select platform.set('clock.movable', 'true'::jsonb)`;
    const workspace = await board(sql);
    let played = 0;
    let failures = 0;
    for (let seed = first; seed < first + graphs && failures < most; seed += batch) {
      const size = Math.min(batch, first + graphs - seed);
      const cases = real > 0 ? realCases.slice(seed - first, seed - first + size) : await randomCases(sql, seed, size);
      try {
        await playRandomly(sql, workspace, cases, random(seed));
      } catch (error) {
        if (!(error instanceof Disagreement)) throw error;
        failures++;
        const wrong = cases[error.index];
        console.log(`\n${wrong?.name ?? `batch ${seed}`}: ${error.message}`);
        const small = wrong && await shrink(sql, workspace, wrong, commandsOf(error.index, error.commands));
        if (!small) console.log(`Only together with others: --seed ${seed} --graphs ${batch}`);
        else {
          console.log(small.problem.message);
          console.log(JSON.stringify(small.one.definition));
          console.log(`input ${JSON.stringify(small.one.input)}`);
          for (const command of small.problem.commands) console.log(JSON.stringify(command));
        }
        await sql`select public.cancel_execution(e.id) from public.workflow_executions e where e.end_time is null`;
      }
      played += cases.length;
      if ((seed - first) % (batch * 8) === 0) console.log(`${played} graphs played, up to seed ${seed + batch - 1}`);
    }
    await sql.end();
    console.log(`${played} graphs played, ${failures} batches disagreed.`);
    return failures > 0 ? 1 : 0;
  });
});
