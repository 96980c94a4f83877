// The difference between what the migrations make and what supabase/schemas declares, as SQL.
import { applySchemas, createDatabase, migrate } from "./databases.ts";
import { checkout } from "./places.ts";
import type { Cluster } from "./postgres.ts";
import { supabase } from "./supabase_cli.ts";

/** Makes `template` (base and migrations) and `shadow` (base and schemas) unless the caller has made them. */
export async function buildBoth(cluster: Cluster, tree = checkout): Promise<void> {
  await createDatabase(cluster, "template", "base");
  await createDatabase(cluster, "shadow", "base");
  await Promise.all([migrate(cluster.url("template"), tree), applySchemas(cluster.url("shadow"), tree)]);
}

/** The SQL that leads from one database to another; empty when they agree. */
export async function schemaDiff(cluster: Cluster, from: string, to: string, tree = checkout): Promise<string> {
  for (const database of [from, to]) await setUp(cluster, database);
  const file = await Deno.makeTempFile({ suffix: ".sql" });
  try {
    const url = (database: string) => `${cluster.url(database)}?sslmode=disable`;
    await supabase(["db", "diff", `--from=${url(from)}`, `--to=${url(to)}`, `--output=${file}`, "--strict-coverage"], {
      tree,
    });
    const unseen = await columnSettings(cluster, from, to);
    return [asMigration(await Deno.readTextFile(file)), ...unseen].filter((part) => part !== "").join("\n\n");
  } finally {
    await Deno.remove(file);
  }
}

/** Settings of columns that the tool does not compare: planner statistics, storage and compression. */
async function columnSettings(cluster: Cluster, from: string, to: string): Promise<string[]> {
  const read = async (database: string) => {
    const sql = cluster.connect(database, "supabase_admin", 1);
    const rows = await sql<{ target: string; setting: string; regular: boolean }[]>`
      select format('alter table %I.%I alter column %I set', n.nspname, c.relname, a.attname) as target, setting, regular
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'm') and not c.relispartition
      join pg_namespace n on n.oid = c.relnamespace
      join pg_type t on t.oid = a.atttypid
      cross join lateral (values
        ('statistics ' || coalesce(a.attstattarget, -1), a.attstattarget is null),
        ('storage ' || (jsonb '{"p":"plain","e":"external","m":"main","x":"extended"}' ->> a.attstorage::text),
          a.attstorage = t.typstorage),
        ('compression ' || coalesce(jsonb '{"p":"pglz","l":"lz4"}' ->> a.attcompression::text, 'default'),
          a.attcompression = '')
      ) as settings (setting, regular)
      where a.attnum > 0 and not a.attisdropped
        and n.nspname not in ('pg_catalog', 'information_schema', 'auth', 'extensions', 'supabase_migrations')
      order by 1, 2`;
    await sql.end();
    return rows;
  };
  const before = new Map((await read(from)).map((row) => [`${row.target} ${row.setting.split(" ")[0]}`, row.setting]));
  return (await read(to)).flatMap(({ target, setting, regular }) => {
    const known = before.get(`${target} ${setting.split(" ")[0]}`);
    return known === setting || (known === undefined && regular) ? [] : [`${target} ${setting};`];
  });
}

/**
 * What platform.setup() does and nothing declares must not count as a difference: partitions come and go with time, and
 * a role of the cluster owns the wrapper of nodes' functions.
 */
async function setUp(cluster: Cluster, database: string): Promise<void> {
  const sql = cluster.connect(database, "supabase_admin", 1);
  try {
    const partitions = await sql<{ name: string }[]>`
      select c.oid::regclass::text as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relispartition and c.relkind in ('r', 'p') and n.nspname = 'engine'`;
    for (const { name } of partitions) await sql.unsafe(`drop table if exists ${name} cascade`);
    const [role] = await sql`
      select exists (select from pg_roles where rolname = 'tandem_nodes')
        and to_regprocedure('nodes.invoke(text,jsonb,jsonb)') is not null as there`;
    if (role!.there) {
      await sql.unsafe(`
        alter function nodes.invoke(text, jsonb, jsonb) owner to postgres;
        revoke all on schema nodes from tandem_nodes`);
    }
  } finally {
    await sql.end();
  }
}

/**
 * The tool's output as a migration: extensions may be there already in the project that it is applied to, and keywords
 * are lower case (names that need capitals are quoted, so everything outside quotes may be lowered).
 */
function asMigration(sql: string): string {
  const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1/;
  return sql
    .replaceAll(new RegExp(`${quoted.source}|[A-Z]+`, "g"), (text) => /^[A-Z]/.test(text) ? text.toLowerCase() : text)
    .replaceAll(/^create extension "/gm, 'create extension if not exists "')
    .replaceAll(/^comment on extension [^;]*;\n*/gm, "")
    .trim();
}
