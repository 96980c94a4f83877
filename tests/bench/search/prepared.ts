// A cluster with loaded databases: made for the run, or kept in a folder for the next one.
import type postgres from "postgres";
import { applySchemas, bootstrap, createDatabase, dropDatabase } from "../../../scripts/stack/databases.ts";
import { dataRoot, makeFolder } from "../../../scripts/stack/places.ts";
import { freePort } from "../../../scripts/stack/ports.ts";
import { type Cluster, installPostgres, startCluster } from "../../../scripts/stack/postgres.ts";
import { endDescendants } from "../../../scripts/stack/processes.ts";
import { schemaDiff } from "../../../scripts/stack/schema_diff.ts";
import type { Embed } from "./embed.ts";
import { load, type Loaded, type LoadOptions, settle } from "./load.ts";

export interface Prepared {
  cluster: Cluster;
  databases: Database[];
}

export interface Database extends Loaded {
  /** Where Tandem and the guide's method are, and where the document's. */
  name: string;
  document: string;
}

export interface PreparedOptions {
  /** Where the data stays; made for the run and removed after it without. */
  data: string | null;
  loads: LoadOptions[];
  /** Of Postgres, such as a real project of this size has. */
  settings: Record<string, string>;
  embed: Embed;
}

export async function withPrepared<T>(
  options: PreparedOptions,
  work: (prepared: Prepared) => Promise<T>,
  say: (what: string) => void,
): Promise<T> {
  await installPostgres();
  const folder = options.data ?? `${dataRoot}/scratch/${Deno.pid}-${crypto.randomUUID()}`;
  await makeFolder(folder);
  const passwords = await readJson<{ admin: string; postgres: string }>(`${folder}/passwords.json`, () => ({
    admin: crypto.randomUUID(),
    postgres: crypto.randomUUID(),
  }));
  const start = (throwAway: boolean) =>
    startCluster({ data: `${folder}/postgres`, port: freePort(), log: `${folder}/postgres.log`, passwords, throwAway });
  let cluster = await start(true);
  const stop = async () => {
    await cluster.stop();
    if (!options.data) await Deno.remove(folder, { recursive: true }).catch(() => {});
  };
  const interrupted = () => void endDescendants().then(stop).then(() => Deno.exit(130));
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, interrupted);
  try {
    await configure(cluster, options.settings);
    await cluster.stop();
    cluster = await start(true);
    await once(`${folder}/base.json`, async () => {
      await createDatabase(cluster, "base");
      await bootstrap(cluster.url("base", "supabase_admin"), passwords.postgres);
    });
    await dropDatabase(cluster, "declared");
    await createDatabase(cluster, "declared", "base");
    await applySchemas(cluster.url("declared"));
    const databases: Database[] = [];
    for (const wanted of options.loads) {
      const [name, document] = [`tandem_${wanted.rows}`, `document_${wanted.rows}`];
      const loaded = await once(`${folder}/${name}.json`, async () => {
        for (const database of [name, document]) await dropDatabase(cluster, database);
        await createDatabase(cluster, name, "declared");
        await createDatabase(cluster, document, "base");
        await runFile(cluster, document, "document.sql");
        const ours = connection(cluster, name);
        await ours`select platform.setup()`;
        await ours.end();
        return await load(
          () => connection(cluster, name),
          () => connection(cluster, document),
          options.embed,
          wanted,
          (what) => say(`${wanted.rows.toLocaleString("en")} rows: ${what}`),
        );
      });
      say(`bringing ${name} up to date`);
      await bringUpToDate(cluster, name);
      databases.push({ ...loaded, name, document });
    }
    // what is measured is measured as in production: with a disk that is waited for
    await cluster.stop();
    cluster = await start(false);
    return await work({ cluster, databases });
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, interrupted);
    await stop();
  }
}

export const connection = (cluster: Cluster, database: string): postgres.Sql =>
  cluster.connect(database, "supabase_admin", 1);

async function configure(cluster: Cluster, settings: Record<string, string>): Promise<void> {
  const sql = connection(cluster, "postgres");
  for (const [name, value] of Object.entries(settings)) await sql.unsafe(`alter system set ${name} = '${value}'`);
  await sql.end();
}

/** The schemas may have changed since the rows were loaded. */
async function bringUpToDate(cluster: Cluster, name: string): Promise<void> {
  const sql = connection(cluster, name);
  try {
    await sql`drop schema if exists guide cascade`;
    const changes = await schemaDiff(cluster, name, "declared");
    if (changes) {
      await sql.begin(async (transaction) => {
        await transaction`set local role postgres`;
        await transaction`set local check_function_bodies = off`;
        await transaction.unsafe(changes);
      });
    }
    await sql`select platform.setup()`;
    if (changes) await settle(sql);
  } finally {
    await sql.end();
  }
  await runFile(cluster, name, "guide.sql");
}

export async function runFile(cluster: Cluster, database: string, file: string): Promise<void> {
  const sql = connection(cluster, database);
  try {
    await sql.unsafe(await Deno.readTextFile(new URL(file, import.meta.url)));
  } finally {
    await sql.end();
  }
}

/** What a file tells was done; done and told otherwise. */
async function once<T>(file: string, work: () => Promise<T>): Promise<T> {
  const told = await Deno.readTextFile(file).catch(() => null);
  if (told !== null) return JSON.parse(told || "null");
  const result = await work();
  await Deno.writeTextFile(file, JSON.stringify(result ?? null), { mode: 0o600 });
  return result;
}

const readJson = <T>(file: string, make: () => T): Promise<T> => once(file, () => Promise.resolve(make()));
