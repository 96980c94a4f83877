// What the rows take on disk, and how long their indexes took to build: what ten million need is reckoned from it.
import type { Cluster } from "../../../scripts/stack/postgres.ts";
import { connection, type Database } from "./prepared.ts";

export interface Storage {
  rows: number;
  /** Bytes of each table without its indexes, and of each index. */
  relations: { table: string; name: string; kind: string; bytes: number }[];
}

const tables = [
  "public.workflow_steps",
  "public.workflow_step_stats",
  "search.workflow_texts",
  "search.step_definition_vectors",
  "search.step_workflow_vectors",
  "search.lexemes",
];

export async function measureStorage(cluster: Cluster, database: Database): Promise<Storage> {
  const ours = await relations(cluster, database.name, tables);
  const theirs = await relations(cluster, database.document, ["document.workflow_steps"]);
  return { rows: database.rows, relations: [...ours, ...theirs] };
}

async function relations(cluster: Cluster, database: string, tables: string[]): Promise<Storage["relations"]> {
  const sql = connection(cluster, database);
  try {
    const rows = await sql<{ table: string; name: string; kind: string; bytes: string }[]>`
      select t.name as table, c.relname as name, 'heap' as kind, pg_table_size(c.oid) as bytes
      from unnest(${tables}::text[]) t (name) join pg_class c on c.oid = t.name::regclass
      union all
      select t.name, c.relname, m.amname, pg_relation_size(c.oid)
      from unnest(${tables}::text[]) t (name)
      join pg_index i on i.indrelid = t.name::regclass
      join pg_class c on c.oid = i.indexrelid
      join pg_am m on m.oid = c.relam`;
    return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
  } finally {
    await sql.end();
  }
}
