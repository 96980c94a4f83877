// Our cron against an independent one. TANDEM_CRON_CASES=100000 tries more, TANDEM_SEED=7 others.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { random } from "../races/world.ts";
import { isolatedDatabase } from "../stack.ts";
import { type Case, endsGapOverMidnight, offsetAt, randomCase, runsByCroner } from "./cron_expressions.ts";

const hour = 3_600_000;
const count = 6;

Deno.test("random expressions run when croner says, in every zone, also when clocks change", async () => {
  const cases = Number(Deno.env.get("TANDEM_CRON_CASES") ?? 3000);
  const seed = Number(Deno.env.get("TANDEM_SEED") ?? 1);
  const next = random(seed);
  await using database = await isolatedDatabase();
  const sql = database.connect();
  const known = await sql<{ name: string }[]>`
    select z as name from unnest(${Intl.supportedValuesOf("timeZone")}::text[]) z
    where triggers.timezone_problem(z) is null`;
  const zones = known.map((row) => row.name);
  assert.ok(zones.length > 350, `only ${zones.length} zones are known to both`);

  const seen = { compared: 0, refused: 0, otherClocks: 0, gapsOverMidnight: 0, ran: 0 };
  for (let done = 0; done < cases; done += 500) {
    const batch = Array.from({ length: Math.min(500, cases - done) }, () => randomCase(next, zones));
    const answers = await askPostgres(sql, batch);
    for (const [index, answer] of answers.entries()) {
      const one = batch[index]!;
      const hint = `seed ${seed}: '${one.expression}' in ${one.timezone} after ${one.after.toISOString()}`;
      const theirs = runsByCroner(one, count);
      if (answer.problem !== null) {
        assert.match(answer.problem, /would never run/, `${hint}: ${answer.problem}`);
        assert.deepEqual(theirs, [], `${hint} never runs`);
        seen.refused++;
        continue;
      }
      const ours = answer.runs.filter((at) => theirs.includes(at) || !endsGapOverMidnight(one.timezone, at));
      seen.gapsOverMidnight += answer.runs.length - ours.length;
      const length = Math.min(ours.length, theirs.length);
      if (isSame(ours.slice(0, length), theirs.slice(0, length)) && length > 0) {
        seen.compared++;
        seen.ran += length;
      } else if (await clocksDiffer(sql, one, [...ours, ...theirs])) {
        seen.otherClocks++;
      } else {
        assert.deepEqual(ours.map(asText), theirs.map(asText), hint);
      }
    }
  }
  console.log(`${cases} cases, seed ${seed}, ${zones.length} zones: ${JSON.stringify(seen)}`);
  assert.ok(seen.compared > cases * 0.9, `most were compared: ${JSON.stringify(seen)}`);
  assert.ok(seen.otherClocks <= cases * 0.01, `both know the same zones: ${JSON.stringify(seen)}`);
});

const asText = (at: number) => new Date(at).toISOString();
const isSame = (a: number[], b: number[]) => a.every((at, index) => at === b[index]);

async function askPostgres(
  sql: postgres.Sql,
  cases: Case[],
): Promise<{ problem: string | null; runs: number[] }[]> {
  const rows = await sql<{ problem: string | null; runs: string[] | null }[]>`
    select p.problem, case when p.problem is null then array(
      select extract(epoch from r)::bigint from public.next_runs(c.expression, c.timezone, ${count}, c.after) r) end as runs
    from unnest(${cases.map((one) => one.expression)}::text[], ${cases.map((one) => one.timezone)}::text[],
      ${
    cases.map((one) => one.after.toISOString())
  }::text[]::timestamptz[]) with ordinality c (expression, timezone, after, place)
    cross join lateral triggers.cron_problem(c.expression, c.timezone) p (problem)
    order by c.place`;
  return rows.map(({ problem, runs }) => ({ problem, runs: (runs ?? []).map((seconds) => Number(seconds) * 1000) }));
}

/** Whether Postgres and this runtime know other offsets of a zone around the times in question. */
async function clocksDiffer(sql: postgres.Sql, { timezone, after }: Case, runs: number[]): Promise<boolean> {
  const at = [Number(after), ...runs].flatMap((time) =>
    Array.from({ length: 104 }, (_, index) => Math.floor(time / 1000) * 1000 + (index - 52) * hour / 2)
  );
  const rows = await sql<{ offset: number }[]>`
    select extract(epoch from (t at time zone ${timezone}) - (t at time zone 'UTC'))::int * 1000 as offset
    from unnest(${at.map(asText)}::text[]::timestamptz[]) with ordinality u (t, place) order by place`;
  return rows.some(({ offset }, index) => offset !== offsetAt(timezone, at[index]!));
}
