// Loads generated steps in bulk: into our tables and, from the same pass, into the document's wide table. Triggers rest
// and indexes are built behind the rows, timed; through the verbs a million rows would take hours.
import { createHash } from "node:crypto";
import type postgres from "postgres";
import { copyInto, Tuple } from "./copy.ts";
import type { Embed } from "./embed.ts";
import { type Shape, type Step, step, type Tenant } from "./steps.ts";

export const dimensions = 768;

export interface IndexBuild {
  table: string;
  name: string;
  method: string;
  seconds: number;
  bytes: number;
}

export interface Loaded {
  rows: number;
  tenants: Tenant[];
  /** When the newest row was made. */
  end: number;
  seconds: { generate: number; index: number };
  builds: IndexBuild[];
  documentBuilds: IndexBuild[];
}

export interface LoadOptions {
  rows: number;
  tenants: number;
  giant: number;
  executed: number;
  /** Workers that help to build an index. */
  helpers: number;
  /** The document's table gets what only its updates pay for: the other vector, and both HNSW indexes. */
  wideVectors: boolean;
}

/** People with a personal workspace each; the first will have most of the rows. */
async function makeTenants(sql: postgres.Sql, count: number): Promise<Tenant[]> {
  await sql`
    insert into auth.users (id, email)
    select gen_random_uuid(), 'bench-' || n || '@example.com' from generate_series(1, ${count}::int) n`;
  return await sql<Tenant[]>`
    select m.workspace_id, m.user_id from public.workspace_members m
    join auth.users u on u.id = m.user_id
    order by length(u.email), u.email`;
}

export async function load(
  ours: () => postgres.Sql,
  document: (() => postgres.Sql) | null,
  embed: Embed,
  options: LoadOptions,
  say: (what: string) => void,
): Promise<Loaded> {
  const { rows, giant, executed } = options;
  const [sql, wide] = [ours(), document?.()];
  try {
    const tenants = await makeTenants(sql, options.tenants);
    const shape: Shape = { rows, tenants, giant, executed, end: Date.now() };
    const tables = [
      "public.workflow_steps",
      "public.workflow_step_stats",
      "search.workflow_texts",
      "search.step_definition_vectors",
      "search.step_workflow_vectors",
    ];
    const definitions = await dropIndexes(sql, tables);
    const began = performance.now();
    await sql`
      create unlogged table public.loaded_stats (
        step_id uuid, workspace_id uuid, succeeded int, failed int, duration_ms int, last_executed_at timestamptz)`;
    await write(ours, document, embed, shape, options, say);
    // whose last column only Postgres knows
    await sql`
      insert into public.workflow_step_stats
        (step_id, workspace_id, succeeded, failed, duration_ms, last_executed_at, stored_rank)
      select s.*, search.rank_bucket(null, s.succeeded, s.failed, s.duration_ms) from public.loaded_stats s`;
    await sql`drop table public.loaded_stats`;
    const generate = (performance.now() - began) / 1000;
    await settings(sql, options.helpers);
    const builds = await buildIndexes(sql, definitions, say);
    builds.push(...await buildIndexes(sql, [binaryQuantisation], say));
    await sql`drop index search.binary_quantisation`;
    let documentBuilds: IndexBuild[] = [];
    if (wide) {
      await settings(wide, options.helpers);
      documentBuilds = await buildIndexes(wide, await documentIndexes(options.wideVectors), say);
      await wide`vacuum analyze document.workflow_steps`;
    }
    say("counting words");
    await settle(sql);
    const index = (performance.now() - began) / 1000 - generate;
    return { rows, tenants, end: shape.end, seconds: { generate, index }, builds, documentBuilds };
  } finally {
    await Promise.all([sql.end(), wide?.end()]);
  }
}

/** What cron jobs do behind rows that were loaded without triggers. */
export async function settle(sql: postgres.Sql): Promise<void> {
  await sql`select count(search.recount_corpus(w.id)) from public.workspaces w`;
  await sql`vacuum analyze`;
}

async function settings(sql: postgres.Sql, helpers: number): Promise<void> {
  await sql`select set_config('maintenance_work_mem', '4GB', false),
    set_config('max_parallel_maintenance_workers', ${String(helpers)}, false)`;
}

async function write(
  ours: () => postgres.Sql,
  document: (() => postgres.Sql) | null,
  embed: Embed,
  shape: Shape,
  { wideVectors }: LoadOptions,
  say: (what: string) => void,
): Promise<void> {
  const steps = await copyInto(ours(), "public.workflow_steps", stepColumns);
  const stats = await copyInto(ours(), "public.loaded_stats", statsColumns);
  const texts = await copyInto(ours(), "search.workflow_texts", textColumns);
  const definitions = await copyInto(ours(), "search.step_definition_vectors", vectorColumns);
  const workflows = await copyInto(ours(), "search.step_workflow_vectors", vectorColumns);
  const wide = document && await copyInto(document(), "document.workflow_steps", wideColumns);
  const copies = [steps, stats, texts, definitions, workflows, ...wide ? [wide] : []];
  const known = new Map<string, Float32Array | null>();
  for (let n = 0; n < shape.rows; n++) {
    const row = step(n, shape);
    const text = `${row.step_name} ${row.definition}`;
    const vector = embed(text, dimensions);
    steps.add(stepTuple(row));
    definitions.add(vectorTuple(1, row.id, row.workspace_id, vector, text));
    if (row.stats) {
      const { succeeded, failed, duration_ms, last_executed_at } = row.stats;
      stats.add(
        new Tuple().uuid(row.id).uuid(row.workspace_id).int4(succeeded).int4(failed).int4(duration_ms)
          .timestamp(last_executed_at),
      );
    }
    if (!known.has(row.workflow_text_id)) {
      const text = `${row.workflow_name} ${row.workflow_description}`;
      const vector = embed(text, dimensions);
      known.set(row.workflow_text_id, wide && wideVectors ? vector : null);
      texts.add(
        new Tuple().uuid(row.workflow_text_id).uuid(row.workspace_id).text(row.workflow_name)
          .text(row.workflow_description).timestamp(row.created_at),
      );
      workflows.add(vectorTuple(2, row.workflow_text_id, row.workspace_id, vector, text));
    }
    wide?.add(wideTuple(row, shape.end, vector, known.get(row.workflow_text_id)!));
    if (n % 250 === 249) { for (const copy of copies) await copy.flush(); }
    if (n % 10_000 === 9_999) say(`row ${(n + 1).toLocaleString("en")} of ${shape.rows.toLocaleString("en")}`);
  }
  for (const copy of copies) await copy.end();
}

const described = "app_name window_title element_path step_name definition workflow_name workflow_description author"
  .split(" ");
const stepColumns = ["id", ...described, "created_at", "workspace_id", "user_id", "updated_at"];
const statsColumns = ["step_id", "workspace_id", "succeeded", "failed", "duration_ms", "last_executed_at"];
const textColumns = ["id", "workspace_id", "workflow_name", "workflow_description", "created_at"];
export const vectorColumns = "source_id row_id model_id workspace_id dimensions embedding content_hash embedded_at"
  .split(" ");
const wideColumns = [
  ...["id", ...described, "created_at", "succeeded", "failed", "duration_ms", "last_executed_at", "ranking"],
  ...["definition_embedding", "workflow_embedding"],
];

function describedTuple(row: Step): Tuple {
  const tuple = new Tuple().uuid(row.id).text(row.app_name).text(row.window_title).text(row.element_path);
  tuple.text(row.step_name).text(row.definition).text(row.workflow_name).text(row.workflow_description);
  return tuple.text(row.author).timestamp(row.created_at);
}

function stepTuple(row: Step): Tuple {
  return describedTuple(row).uuid(row.workspace_id).uuid(row.user_id).timestamp(row.created_at);
}

function wideTuple(row: Step, now: number, definition: Float32Array, workflow: Float32Array | null): Tuple {
  const { succeeded, failed, duration_ms, last_executed_at } = row.stats ??
    { succeeded: 0, failed: 0, duration_ms: null, last_executed_at: row.created_at };
  const tuple = describedTuple(row).int4(succeeded).int4(failed);
  if (duration_ms === null) tuple.null();
  else tuple.int4(duration_ms);
  tuple.timestamp(last_executed_at).numeric(ranking(row, now)).vector(definition);
  return workflow ? tuple.vector(workflow) : tuple.null();
}

export function vectorTuple(source: number, row: string, workspace: string, vector: Float32Array, text: string): Tuple {
  const hash = createHash("sha256").update(text).digest();
  return new Tuple().int2(source).uuid(row).int2(1).uuid(workspace).int4(vector.length).halfvec(vector).raw(hash)
    .timestamp(Date.now());
}

/** As document.ranking() has it. */
function ranking({ stats }: Step, now: number): number {
  if (!stats) return 0;
  const runs = stats.succeeded + stats.failed;
  const days = (now - stats.last_executed_at) / 86_400_000;
  return 40 * stats.succeeded / runs + 30 * Math.min(runs / 100, 1) + 20 * Math.max(1 - days / 30, 0) +
    10 * Math.min(1000 / stats.duration_ms, 1);
}

interface Definition {
  table: string;
  name: string;
  method: string;
  definition: string;
}

/** For comparison only: what an index of the vectors' signs costs, 96 bytes each. */
const binaryQuantisation: Definition = {
  table: "search.step_definition_vectors",
  name: "binary_quantisation",
  method: "hnsw",
  definition: `create index binary_quantisation on search.step_definition_vectors using hnsw
    ((extensions.binary_quantize(embedding::extensions.halfvec(768))::bit(768)) extensions.bit_hamming_ops)
    with (m = 24, ef_construction = 100)`,
};

async function dropIndexes(sql: postgres.Sql, tables: string[]): Promise<Definition[]> {
  const definitions: Definition[] = [];
  for (const table of tables) {
    // those that belong to an index of the partitioned table stay
    const found = await sql<(Definition & { index: string })[]>`
      select ${table} as table, c.relname as name, m.amname as method, pg_get_indexdef(c.oid) as definition,
        c.oid::regclass::text as index
      from pg_index i
      join pg_class c on c.oid = i.indexrelid
      join pg_am m on m.oid = c.relam
      where i.indrelid = ${table}::regclass and not i.indisunique and not c.relispartition`;
    for (const { index, ...definition } of found) {
      await sql.unsafe(`drop index ${index}`);
      definitions.push(definition);
    }
  }
  return definitions;
}

async function documentIndexes(vectors: boolean): Promise<Definition[]> {
  const files = ["document_indexes.sql", ...vectors ? ["document_vector_indexes.sql"] : []];
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(new URL(file, import.meta.url))));
  return texts.flatMap((text) =>
    [...text.matchAll(/^create index (\w+) on ([\w.]+)(?: using (\w+))?[^;]*;/gm)].map((found) => ({
      definition: found[0],
      name: found[1]!,
      table: found[2]!,
      method: found[3] ?? "btree",
    }))
  );
}

async function buildIndexes(sql: postgres.Sql, definitions: Definition[], say: (what: string) => void) {
  const builds: IndexBuild[] = [];
  for (const { definition, table, name, method } of definitions) {
    say(`building ${name}`);
    const began = performance.now();
    await sql.unsafe(definition);
    const seconds = (performance.now() - began) / 1000;
    const [size] = await sql<{ bytes: string }[]>`
      select sum(pg_relation_size(c.oid)) as bytes from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = ${table}::regclass and c.relname = ${name}`;
    builds.push({ table, name, method, seconds, bytes: Number(size!.bytes) });
  }
  return builds;
}
