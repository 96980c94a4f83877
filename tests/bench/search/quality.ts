// How good the answers are: each of WebArena's intents is a step and, in its turn, a query; the others of its template
// are what should be found. All methods are given the same vectors.
import type postgres from "postgres";
import type { Cluster } from "../../../scripts/stack/postgres.ts";
import { createDatabase, dropDatabase } from "../../../scripts/stack/databases.ts";
import { copyInto, Tuple } from "./copy.ts";
import { embed } from "./embed.ts";
import { intents } from "./intents.ts";
import { dimensions, settle, vectorColumns, vectorTuple } from "./load.ts";
import { connection, runFile } from "./prepared.ts";
import { actAs } from "./session.ts";

export interface Quality {
  name: string;
  note: string;
  queries: number;
  ndcg10: number;
  recall100: number;
  /** The part of the queries without an answer. */
  empty: number;
}

interface Method {
  name: string;
  note: string;
  table: "public.workflow_steps" | "document.workflow_steps";
  /** Ids of the answer, the best first. */
  search(sql: postgres.Sql, text: string, vector: string): Promise<{ step_id: string }[]>;
}

const wanted = 100;

/** The database is a copy of `template`, which has Tandem's schemas. */
export async function measureQuality(
  cluster: Cluster,
  template: string,
  everyNth: number,
  say: (what: string) => void = () => {},
): Promise<Quality[]> {
  const [name, document] = ["intents", "intents_document"];
  for (const database of [name, document]) await dropDatabase(cluster, database);
  await createDatabase(cluster, name, template);
  await createDatabase(cluster, document, "base");
  await runFile(cluster, document, "document.sql");
  await runFile(cluster, name, "guide.sql");
  const ids = await insertIntents(cluster, name, document);
  const templates = new Map(intents.map(({ template }, i) => [ids[i]!, template]));
  const asked = intents.map((intent, i) => ({ ...intent, id: ids[i]! }))
    .filter(({ template, id }) => intents.some((other, i) => other.template === template && ids[i] !== id))
    .filter((_, i) => i % everyNth === 0);
  const [ours, theirs] = [connection(cluster, name), connection(cluster, document)];
  try {
    const [tenant] = await ours<{ user_id: string }[]>`select user_id from public.workspace_members`;
    const qualities: Quality[] = [];
    for (const { name, note, table, search } of methods) {
      say(`quality: ${name}`);
      const sums = { ndcg10: 0, recall100: 0, empty: 0 };
      for (const { intent, template, id } of asked) {
        const found = await without(table === "public.workflow_steps" ? ours : theirs, table, id, async (sql) => {
          if (name.startsWith("ours")) await actAs(sql, tenant!.user_id);
          return await search(sql, intent, `[${embed(intent, dimensions).join(",")}]`);
        });
        const relevant = intents.filter((other) => other.template === template).length - 1;
        const hits = found.map(({ step_id }) => templates.get(step_id) === template);
        sums.ndcg10 += gain(hits.slice(0, 10)) / gain(Array(Math.min(10, relevant)).fill(true));
        sums.recall100 += hits.slice(0, 100).filter(Boolean).length / Math.min(100, relevant);
        sums.empty += found.length === 0 ? 1 : 0;
      }
      const mean = (sum: number) => sum / asked.length;
      qualities.push({
        name,
        note,
        queries: asked.length,
        ndcg10: mean(sums.ndcg10),
        recall100: mean(sums.recall100),
        empty: mean(sums.empty),
      });
    }
    return qualities;
  } finally {
    await Promise.all([ours.end(), theirs.end()]);
  }
}

/** Searches where a step is not there, in a transaction that is rolled back. */
async function without<T>(
  sql: postgres.Sql,
  table: string,
  id: string,
  search: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const done = new Error("rolled back");
  let found: T | undefined;
  await sql.begin(async (transaction) => {
    await transaction.unsafe(`delete from ${table} where id = '${id}'`);
    found = await search(transaction as unknown as postgres.Sql);
    throw done;
  }).catch((error) => {
    if (error !== done) throw error;
  });
  return found!;
}

const gain = (hits: boolean[]) => hits.reduce((sum, hit, i) => sum + (hit ? 1 / Math.log2(i + 2) : 0), 0);

const methods: Method[] = [
  {
    name: "document 000: keyword",
    note: "websearch_to_tsquery, ranking, then ts_rank_cd",
    table: "document.workflow_steps",
    search: (sql, text) => sql`select step_id from document.search_steps_keyword(${text}, result_limit => ${wanted})`,
  },
  {
    name: "document 000: two-stage",
    note: "the same, the best 500 by ranking, then 30 % ranking and 70 % cosine",
    table: "document.workflow_steps",
    search: (sql, text, vector) =>
      sql`select step_id from document.search_steps_two_stage(${text}, ${vector}::text::extensions.vector,
        stage2_limit => ${wanted})`,
  },
  {
    name: "Supabase's guide: hybrid",
    note: "websearch_to_tsquery by ts_rank_cd, and HNSW, fused by reciprocal rank; at most 30 rows",
    table: "public.workflow_steps",
    search: (sql, text, vector) =>
      sql`select step_id from guide.hybrid_search(${text}, ${vector}::text::extensions.halfvec, ${wanted})`,
  },
  {
    name: "ours: keyword",
    note: "BM25 over the rarest lexemes",
    table: "public.workflow_steps",
    search: (sql, text) => sql`select step_id from public.search_steps_keyword(${text}, result_limit => ${wanted})`,
  },
  {
    name: "ours: two_stage",
    note: "BM25, the best 500, then 30 % ranking and 70 % cosine",
    table: "public.workflow_steps",
    search: (sql, text, vector) =>
      sql`select step_id from public.search_steps_two_stage(${text}, ${vector}::text::extensions.vector,
        stage2_limit => ${wanted})`,
  },
  {
    name: "ours: hybrid",
    note: "the same, with an HNSW arm",
    table: "public.workflow_steps",
    search: (sql, text, vector) =>
      sql`select step_id from public.search_steps_two_stage(${text}, ${vector}::text::extensions.vector,
        stage2_limit => ${wanted}, mode => 'hybrid')`,
  },
];

/** As steps of one workspace; answers their ids, in the order of the intents. */
async function insertIntents(cluster: Cluster, name: string, document: string): Promise<string[]> {
  const sql = connection(cluster, name);
  await sql`select platform.setup()`;
  await sql`insert into auth.users (id, email) values (gen_random_uuid(), 'bench@example.com')`;
  const rows = await sql<{ id: string; workspace_id: string }[]>`
    insert into public.workflow_steps (workspace_id, user_id, app_name, window_title, element_path, step_name, definition,
      workflow_name, workflow_description)
    select m.workspace_id, m.user_id, 'Browser', 'Task', 'Page', i.intent, '', 'Tasks', ''
    from public.workspace_members m cross join unnest(${intents.map(({ intent }) => intent)}::text[])
      with ordinality i (intent, place)
    order by i.place
    returning id, workspace_id`;
  const vectors = await copyInto(connection(cluster, name), "search.step_definition_vectors", vectorColumns);
  const wide = await copyInto(connection(cluster, document), "document.workflow_steps", [
    ...["id", "app_name", "window_title", "element_path", "step_name", "workflow_name", "ranking"],
    "definition_embedding",
  ]);
  rows.forEach(({ id, workspace_id }, i) => {
    const vector = embed(intents[i]!.intent, dimensions);
    vectors.add(vectorTuple(1, id, workspace_id, vector, `${intents[i]!.intent} `));
    wide.add(
      new Tuple().uuid(id).text("Browser").text("Task").text("Page").text(intents[i]!.intent).text("Tasks").numeric(0)
        .vector(vector),
    );
  });
  await vectors.end();
  await wide.end();
  await settle(sql);
  await sql.end();
  return rows.map((row) => row.id);
}
