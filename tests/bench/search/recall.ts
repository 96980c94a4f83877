// How many of the 20 nearest steps a search finds that goes by vectors: by one alone, with its text, and beside a search
// for words. It asks the index where many rows may be found, and compares all where few. A row as near as the twentieth
// counts.
import type postgres from "postgres";
import type { Cluster } from "../../../scripts/stack/postgres.ts";
import { quantile } from "../gauge.ts";
import { embed } from "./embed.ts";
import { type Filters, filtersOf } from "./latency.ts";
import { dimensions } from "./load.ts";
import { connection, type Database } from "./prepared.ts";
import { queries } from "./queries.ts";
import { actAs } from "./session.ts";

export const ways = ["a vector alone", "a vector and its text", "hybrid"] as const;

export interface Recall {
  rows: number;
  way: typeof ways[number];
  filter: string;
  /** How many rows the filter leaves. */
  reachable: number;
  queries: number;
  mean: number;
  worst: number;
  p50: number;
  p95: number;
}

const nearest = 20;

export async function measureRecall(
  cluster: Cluster,
  database: Database,
  each: number,
  say: (what: string) => void = () => {},
): Promise<Recall[]> {
  const sql = connection(cluster, database.name);
  const user = connection(cluster, database.name);
  const workspace = database.tenants[0]!.workspace_id;
  const asked = queries(Math.ceil(each / 6), embed, dimensions);
  try {
    await actAs(user, database.tenants[0]!.user_id);
    const recalls: Recall[] = [];
    for (const [filter, wanted] of Object.entries(filtersOf(database))) {
      await sql`drop table if exists pg_temp.reachable`;
      const { count: reachable } = await sql`
        create temporary table reachable as
        select s.id
        from public.workflow_steps s left join public.workflow_step_stats t on t.step_id = s.id
        where s.workspace_id = ${workspace} and ${conditions(sql, wanted)}`;
      await sql`analyze pg_temp.reachable`;
      const found = new Map(ways.map((way) => [way, { parts: [] as number[], taken: [] as number[] }]));
      for (const [n, { text, vector }] of asked.entries()) {
        say(`${database.rows.toLocaleString("en")} rows: recall, ${filter}, query ${n + 1}`);
        const query = `[${vector.join(",")}]`;
        // the bare column: the index has an expression
        const exact = await sql<{ similarity: number }[]>`
          select 1 - (v.embedding operator(extensions.<=>) ${query}::text::extensions.halfvec) as similarity
          from search.step_definition_vectors v
          where v.row_id in (select r.id from pg_temp.reachable r) and v.model_id = 1
          order by 1 desc limit ${nearest}`;
        if (exact.length === 0) continue;
        for (const [way, { parts, taken }] of found) {
          const began = performance.now();
          // the order has the ranking in it: what is asked for is all that is as near as the twentieth
          const near = await user`
            select from public.search_steps_two_stage(${way === "hybrid" ? text : null},
              ${query}::text::extensions.vector, similarity_query => ${way === "a vector and its text" ? text : null},
              filter_app => ${wanted.filter_app ?? null},
              filter_author => ${wanted.filter_author ?? null}, date_from => ${wanted.date_from ?? null},
              date_to => ${wanted.date_to ?? null}, mode => 'hybrid', stage2_limit => ${nearest},
              min_similarity => ${exact.at(-1)!.similarity - 1e-6})`;
          taken.push(performance.now() - began);
          parts.push(Math.min(1, near.length / exact.length));
        }
      }
      for (const [way, { parts, taken }] of found) {
        if (parts.length === 0) continue;
        recalls.push({
          rows: database.rows,
          way,
          filter,
          reachable,
          queries: parts.length,
          mean: parts.reduce((sum, part) => sum + part, 0) / parts.length,
          worst: Math.min(...parts),
          p50: quantile(taken, 0.5),
          p95: quantile(taken, 0.95),
        });
      }
    }
    return recalls;
  } finally {
    await Promise.all([sql, user].map((connection) => connection.end()));
  }
}

function conditions(sql: postgres.Sql, wanted: Filters) {
  const at = sql`coalesce(t.last_executed_at, s.created_at)`;
  return sql`(${wanted.filter_app ?? null}::text is null or s.app_name = ${wanted.filter_app ?? null})
    and (${wanted.filter_author ?? null}::text is null or s.author = ${wanted.filter_author ?? null})
    and (${wanted.date_from ?? null}::timestamptz is null or ${at} >= ${wanted.date_from ?? null})
    and (${wanted.date_to ?? null}::timestamptz is null or ${at} <= ${wanted.date_to ?? null})`;
}
