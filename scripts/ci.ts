// All checks at once, on one test stack: the tests, formatting, lint, types of the code, drift of the schema,
// generated types, and the linters of the database. Run it by .ci/run.
import { typesAreCurrent } from "./gen-types.ts";
import { applySchemas, createDatabase } from "./stack/databases.ts";
import { checkout, main } from "./stack/places.ts";
import type { Cluster } from "./stack/postgres.ts";
import { schemaDiff } from "./stack/schema_diff.ts";
import { trySupabase } from "./stack/supabase_cli.ts";
import { Report } from "./stack/test_report.ts";
import { withTestStack } from "./stack/test_stack.ts";
import { runTests } from "./test.ts";

/** A check answers what is wrong; nothing when all is well. */
type Check = () => Promise<string>;

const inCode: Record<string, Check> = {
  "deno fmt --check": () => deno("fmt", "--check"),
  "deno lint": () => deno("lint"),
  "deno check": () => deno("check", "scripts", "functions-shared", "supabase/functions", "tests"),
};

function inDatabase(cluster: Cluster): Record<string, Check> {
  const copy = async (name: string, template = "template") => {
    await createDatabase(cluster, name, template);
    return `${cluster.url(name)}?sslmode=disable`;
  };
  return {
    "migrations lead to the schemas": async () => {
      await applySchemas(await copy("shadow", "base"));
      await copy("migrated");
      const sql = await schemaDiff(cluster, "migrated", "shadow");
      return sql && `The schemas declare what no migration makes; run npm run migration <name>.\n\n${sql}`;
    },
    "database.types.ts is up to date": async () => {
      await copy("typed");
      return await typesAreCurrent(cluster, "typed") ? "" : "Run npm run types.";
    },
    "supabase db lint": async () => {
      const url = await copy("linted");
      const sql = cluster.connect("linted", "supabase_admin", 1);
      await sql`create extension plpgsql_check with schema extensions`;
      await sql.end();
      return await supabase("db", "lint", `--remote=${url}`, "--level=warning", "--fail-on=warning");
    },
    "supabase db advisors": async () => {
      const url = await copy("advised");
      return await supabase("db", "advisors", `--remote=${url}`, "--level=warn", "--fail-on=warn");
    },
  };
}

async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: checkout,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return success ? "" : `${decoder.decode(stdout)}${decoder.decode(stderr)}` || "failed without a word";
}

async function supabase(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await trySupabase(args);
  return code === 0 ? "" : `${stdout}${stderr}`;
}

async function run(report: Report, checks: Record<string, Check>): Promise<void> {
  for (const [name, check] of Object.entries(checks)) {
    const began = performance.now();
    const output = await check().catch((error: Error) => error.message);
    const failures = output === "" ? [] : [{ name: "does not hold", output }];
    report.add({ file: name, passed: 1 - failures.length, failures, ms: performance.now() - began });
  }
}

await main(async () => {
  const report = new Report();
  // the compiler comes after the tests: beside them it would take the time from those with deadlines
  await withTestStack(async (stack) => {
    await Promise.all([runTests(stack, report), run(report, inDatabase(stack.cluster))]);
  }).catch((error: Error) => {
    report.add({ file: "the stack", passed: 0, failures: [{ name: "does not start", output: error.message }], ms: 0 });
  });
  await run(report, inCode);
  return report.finish();
});
