// How long answers take, from the client's side of one local connection, warm: each query is asked of every method in
// turn, so that whatever else the machine does is shared fairly.
import type postgres from "postgres";
import type { Cluster } from "../../../scripts/stack/postgres.ts";
import { quantile } from "../gauge.ts";
import { embed } from "./embed.ts";
import { dimensions } from "./load.ts";
import { connection, type Database } from "./prepared.ts";
import { type Kind, kinds, queries, type Query } from "./queries.ts";
import { actAs } from "./session.ts";
import { author } from "./steps.ts";
import { apps } from "./words.ts";

export interface Timing {
  calls: number;
  p50: number;
  p95: number;
  p99: number;
  /** The part of the calls without an answer. */
  empty: number;
}

export interface Cell extends Timing {
  rows: number;
  method: string;
  tenant: "giant" | "small" | "all";
  filter: string;
  byKind: Partial<Record<Kind, Timing>>;
}

/** For the report. */
export const measured =
  "Milliseconds from the client's side of one local connection, warm, each query asked of every method in turn, its " +
  "vector computed before. Ours are asked as a signed-in user by the public functions, in a workspace that has 60 % of " +
  "the rows and in a small one. The document's and the guide's know no tenants and search the rows of all; where they " +
  "find nothing, which the last column tells, they are quick. The document's table has all of its indexes but HNSW, which " +
  "its search never reads; the guide's method has our table and our HNSW index.";

interface Call {
  kind: Kind;
  ms: number;
  count: number;
}

interface Contender {
  method: string;
  tenant: Cell["tenant"];
  filter: string;
  /** Only every so many of a kind's queries: it is slow. */
  every?: number;
  ask(query: Query): Promise<number>;
}

export interface Filters {
  filter_app?: string;
  filter_author?: string;
  date_from?: Date;
  date_to?: Date;
}

export async function measureLatency(
  cluster: Cluster,
  database: Database,
  each: number,
  say: (what: string) => void = () => {},
): Promise<Cell[]> {
  const connections = {
    giant: connection(cluster, database.name),
    small: connection(cluster, database.name),
    guide: connection(cluster, database.name),
    document: connection(cluster, database.document),
  };
  try {
    const [giant, small] = [database.tenants[0]!, database.tenants[Math.min(20, database.tenants.length - 1)]!];
    await actAs(connections.giant, giant.user_id);
    await actAs(connections.small, small.user_id);
    const contenders = contendersOf(connections, database);
    await warm(connection(cluster, database.name));
    await warm(connection(cluster, database.document));
    const asked = queries(each, embed, dimensions);
    // one part for the caches, of queries that are not measured
    const warmUp = queries(each + Math.ceil(each / 4), embed, dimensions).slice(asked.length);
    const calls = new Map<Contender, Call[]>(contenders.map((contender) => [contender, []]));
    for (const [i, query] of [...warmUp, ...asked].entries()) {
      say(`${database.rows.toLocaleString("en")} rows: query ${i + 1} of ${warmUp.length + asked.length}`);
      for (let turn = 0; turn < contenders.length; turn++) {
        const contender = contenders[(i + turn) % contenders.length]!;
        if (Math.floor((i - warmUp.length) / kinds.length) % (contender.every ?? 1) !== 0) continue;
        const began = performance.now();
        const count = await contender.ask(query);
        const ms = performance.now() - began;
        if (i >= warmUp.length) calls.get(contender)!.push({ kind: query.kind, ms, count });
      }
    }
    return contenders.map((contender) => {
      const { method, tenant, filter } = contender;
      const own = calls.get(contender)!;
      const byKind = Object.fromEntries(kinds.map((kind) => [kind, timing(own.filter((call) => call.kind === kind))]));
      return { rows: database.rows, method, tenant, filter, ...timing(own), byKind };
    });
  } finally {
    await Promise.all(Object.values(connections).map((sql) => sql.end()));
  }
}

/** Reads all that is stored, so that no disk is measured. */
async function warm(sql: postgres.Sql): Promise<void> {
  await sql`create extension if not exists pg_prewarm`;
  await sql`
    select sum(pg_prewarm(c.oid, 'read')) from pg_class c
    where c.relkind in ('r', 'i', 't', 'm') and pg_relation_size(c.oid) > 0`;
  await sql`drop extension pg_prewarm`;
  await sql.end();
}

function timing(calls: Call[]): Timing {
  const taken = calls.map(({ ms }) => ms);
  return {
    calls: calls.length,
    p50: quantile(taken, 0.5),
    p95: quantile(taken, 0.95),
    p99: quantile(taken, 0.99),
    empty: calls.filter(({ count }) => count === 0).length / calls.length,
  };
}

const text = (vector: Float32Array) => `[${vector.join(",")}]`;

/** By name, from wide to selective and back; the third leaves the giant at a million rows with nearly as many as are compared one by one. */
export function filtersOf({ end }: Database): Record<string, Filters> {
  const days = (count: number) => new Date(end - count * 86_400_000);
  return {
    "none": {},
    "an app of 1 in 5 rows": { filter_app: apps[0]! },
    "an app of 1 in 24 rows": { filter_app: apps[5]! },
    "an app of 1 in 150 rows": { filter_app: apps.at(-1)! },
    "an author, 60 days": { filter_author: author(50), date_from: days(60), date_to: days(0) },
    "11 of 12 months": { date_from: days(335), date_to: days(0) },
  };
}

/** Every filter for the giant's two ways that read vectors; without and by application for the rest. */
function contendersOf(
  sql: Record<"giant" | "small" | "guide" | "document", postgres.Sql>,
  database: Database,
): Contender[] {
  const filters = filtersOf(database);
  const contenders: Contender[] = [];
  const modes = {
    "ours: keyword": (sql: postgres.Sql, { text: words }: Query, f: Filters) =>
      sql`select step_id from public.search_steps_keyword(${words}, filter_app => ${f.filter_app ?? null},
        filter_author => ${f.filter_author ?? null}, date_from => ${f.date_from ?? null},
        date_to => ${f.date_to ?? null}, result_limit => 20)`,
    "ours: two_stage": (sql: postgres.Sql, { text: words, vector }: Query, f: Filters) =>
      sql`select step_id from public.search_steps_two_stage(${words}, ${text(vector)}::text::extensions.vector,
        filter_app => ${f.filter_app ?? null}, filter_author => ${f.filter_author ?? null},
        date_from => ${f.date_from ?? null}, date_to => ${f.date_to ?? null})`,
    "ours: hybrid": (sql: postgres.Sql, { text: words, vector }: Query, f: Filters) =>
      sql`select step_id from public.search_steps_two_stage(${words}, ${text(vector)}::text::extensions.vector,
        filter_app => ${f.filter_app ?? null}, filter_author => ${f.filter_author ?? null},
        date_from => ${f.date_from ?? null}, date_to => ${f.date_to ?? null}, mode => 'hybrid')`,
  };
  const all = Object.keys(filters);
  for (const [method, search] of Object.entries(modes)) {
    for (const tenant of ["giant", "small"] as const) {
      for (const filter of tenant === "giant" && method !== "ours: keyword" ? all : all.slice(0, 2)) {
        const ask = async (query: Query) => (await search(sql[tenant], query, filters[filter]!)).length;
        contenders.push({ method, tenant, filter, ask });
      }
    }
  }
  for (const filter of all.slice(0, 4)) {
    contenders.push({
      method: "document 000: two-stage",
      tenant: "all",
      filter,
      ask: async ({ text: words, vector }) =>
        (await sql.document`select step_id from document.search_steps_two_stage(${words},
          ${text(vector)}::text::extensions.vector, filter_app => ${filters[filter]!.filter_app ?? null})`).length,
    });
  }
  for (const filter of all) {
    const f = filters[filter]!;
    contenders.push({
      method: "document 000: keyword",
      tenant: "all",
      filter,
      ask: async ({ text: words }) =>
        (await sql.document`select step_id from document.search_steps_keyword(${words},
          filter_app => ${f.filter_app ?? null}, filter_author => ${f.filter_author ?? null},
          date_from => ${f.date_from ?? null}, date_to => ${f.date_to ?? null}, result_limit => 20)`).length,
    });
  }
  const guide = {
    "Supabase's guide: hybrid": { every: 5, name: "hybrid_search" },
    "Supabase's guide: hybrid, index used": { every: 1, name: "hybrid_search_by_index" },
  };
  for (const [method, { every, name }] of Object.entries(guide)) {
    contenders.push({
      method,
      tenant: "all",
      filter: "none",
      every,
      ask: async ({ text: words, vector }) =>
        (await sql.guide`select step_id from ${sql.guide(`guide.${name}`)}(${words},
          ${text(vector)}::text::extensions.halfvec, 20)`).length,
    });
  }
  return contenders;
}
