// The databases of a cluster. `base` is what a Supabase project has at its birth, `template` is base and the
// migrations, `shadow` is base and the declared schemas. Whatever is compared or tested is a copy of one of them.
import postgres from "postgres";
import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { analyzeAndSort } from "@supabase/pg-topo";
import type { Cluster } from "./postgres.ts";
import { checkout, Problem } from "./places.ts";
import { supabase } from "./supabase_cli.ts";

const read = (name: string) => Deno.readTextFile(new URL(name, import.meta.url));

/**
 * Gives a database of a bare Postgres what a Supabase project has before its first migration. With a password for the
 * role postgres the database becomes that role's, as in a Supabase project; without, it stays its owner's.
 */
export async function bootstrap(adminUrl: string, postgresPassword?: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(await read("bootstrap.sql"));
    const [row] = await sql`select quote_ident(current_database()) as name`;
    // migrations are applied by the role postgres, whoever connects
    await sql.unsafe(`grant all on database ${row?.name} to postgres`);
    if (postgresPassword) {
      await sql.unsafe(
        `alter role postgres password '${postgresPassword}'; alter database ${row?.name} owner to postgres`,
      );
    }
    await makeAuthTables(adminUrl);
    await sql.unsafe(await read("bootstrap_auth.sql"));
    if (await hasCron(sql)) await sql.unsafe(await read("bootstrap_cron.sql"));
  } finally {
    await sql.end();
  }
}

async function hasCron(sql: postgres.Sql): Promise<boolean> {
  const [row] = await sql`select current_setting('cron.database_name', true) = current_database() as here`;
  return row?.here === true;
}

async function makeAuthTables(url: string): Promise<void> {
  const connection = createPostgresConnection({ url, postgresOptions: { onnotice() {}, max: 1 } });
  const app = new App({
    connection,
    auth: { enabled: true, jwt_secret: "only-needed-to-serve-requests-not-to-make-tables" },
    db: { migrations: { enabled: false } },
    options: { server: { admin: false } },
  });
  await app.ensureSystemSchema();
  await connection.close();
}

/** Creates a database: a copy of another one, which nobody may be connected to, or an empty one to bootstrap. */
export async function createDatabase(cluster: Cluster, name: string, template?: string): Promise<void> {
  const sql = cluster.connect("template1", "supabase_admin", 1);
  try {
    await sql.unsafe(
      `create database "${name}" ${template ? `template "${template}" owner postgres` : "template template0"}`,
    );
  } finally {
    await sql.end();
  }
}

export async function dropDatabase(cluster: Cluster, name: string): Promise<void> {
  const sql = cluster.connect("template1", "supabase_admin", 1);
  try {
    await sql.unsafe(`drop database if exists "${name}" with (force)`);
  } finally {
    await sql.end();
  }
}

/** Applies the migrations that a database lacks, by the Supabase CLI. Says nothing when there is none. */
export async function migrate(url: string, tree = checkout): Promise<void> {
  const wanted = await migrationVersions(tree);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const applied = await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`
    .catch(() => []).finally(() => sql.end());
  const known = new Set(applied.map((row) => row.version));
  if (wanted.every((version) => known.has(version))) return;
  await supabase(["db", "push", "--include-all", `--remote=${url}`], { tree });
}

async function migrationVersions(tree: string): Promise<string[]> {
  const versions: string[] = [];
  try {
    for await (const entry of Deno.readDir(`${tree}/supabase/migrations`)) {
      const version = entry.name.match(/^(\d+)_.*\.sql$/)?.[1];
      if (version) versions.push(version);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return versions.sort();
}

/** Builds the declared schemas in an empty `base` copy, statement by statement in the order of their dependencies. */
export async function applySchemas(url: string, tree = checkout): Promise<void> {
  const files = await sqlFiles(`${tree}/supabase/schemas`);
  const { ordered, diagnostics } = await analyzeAndSort(
    await Promise.all(files.map((file) => Deno.readTextFile(file))),
  );
  const source = (label: string) => {
    const index = Number(label.match(/<input:(\d+)>/)?.[1]);
    return files[index]?.slice(tree.length + 1) ?? label;
  };
  for (const diagnostic of diagnostics) {
    // what the platform brings is unknown to the sorter, and that is fine
    if (diagnostic.code === "UNRESOLVED_DEPENDENCY" || diagnostic.code === "UNKNOWN_STATEMENT_CLASS") continue;
    const where = diagnostic.statementId ? `${source(diagnostic.statementId.filePath)}: ` : "";
    throw new Problem(`${where}${diagnostic.message}`);
  }
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.begin(async (transaction) => {
      // bodies may name what is created after them
      await transaction`set local check_function_bodies = off`;
      let waiting = defaultPrivilegesFirst(ordered);
      while (waiting.length > 0) {
        const failed: { statement: typeof waiting[number]; message: string }[] = [];
        for (const statement of waiting) {
          await transaction.savepoint((inner) => inner.unsafe(statement.sql))
            .catch((error: Error) => failed.push({ statement, message: error.message }));
        }
        // the sorter does not see every dependency: what failed may succeed behind the rest
        if (failed.length === waiting.length) {
          throw new Problem(
            failed.map(({ statement, message }) =>
              `${source(statement.id.filePath)}: ${message}\n  ${statement.sql.trim().split("\n")[0]}`
            ).join("\n"),
          );
        }
        waiting = failed.map(({ statement }) => statement);
      }
    });
  } finally {
    await sql.end();
  }
}

/** Default privileges decide what later statements grant, so they follow the schemas at once. */
function defaultPrivilegesFirst<T extends { sql: string }>(statements: T[]): T[] {
  const rank = ({ sql }: T) => {
    const text = sql.replaceAll(/^\s*--.*$/gm, "").trimStart().toLowerCase();
    return text.startsWith("create schema") ? 0 : text.startsWith("alter default privileges") ? 1 : 2;
  };
  return [0, 1, 2].flatMap((wanted) => statements.filter((statement) => rank(statement) === wanted));
}

export async function sqlFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) files.push(...await sqlFiles(path));
      else if (entry.name.endsWith(".sql")) files.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files.sort();
}
