// `npm test [-- path...]`: runs the pgTAP files and the Deno tests, all or those in the named files and folders, on a
// stack of its own.
import { runDenoTests } from "./stack/deno_tests.ts";
import { runPgTap } from "./stack/pgtap.ts";
import { checkout, main, Problem } from "./stack/places.ts";
import { Report } from "./stack/test_report.ts";
import { type TestStack, withTestStack } from "./stack/test_stack.ts";

const roots = ["supabase/tests", "supabase/functions", "functions-shared", "tests", "scripts"];

/** The test files in some files and folders, by what runs them. */
export async function findTests(paths: string[] = roots): Promise<{ sql: string[]; deno: string[] }> {
  const files = new Set<string>();
  const visit = async (path: string) => {
    const info = await Deno.stat(path);
    if (info.isFile && /\.test\.(sql|ts)$/.test(path)) files.add(path);
    if (!info.isDirectory) return;
    for await (const entry of Deno.readDir(path)) {
      if (entry.name !== "node_modules") await visit(`${path}/${entry.name}`);
    }
  };
  for (const path of paths) {
    const absolute = path.startsWith("/") ? path.replace(/\/$/, "") : `${checkout}/${path.replace(/\/$/, "")}`;
    try {
      await visit(absolute);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      if (paths !== roots) throw new Problem(`There is no ${path}.`);
    }
  }
  const sorted = [...files].sort();
  return { sql: sorted.filter((file) => file.endsWith(".sql")), deno: sorted.filter((file) => file.endsWith(".ts")) };
}

export async function runTests(stack: TestStack, report: Report, paths?: string[]): Promise<void> {
  const { sql, deno } = await findTests(paths);
  await Promise.all([runPgTap(stack.cluster, sql, report.add), runDenoTests(deno, stack.stackFile, report.add)]);
}

if (import.meta.main) {
  await main(async () => {
    const paths = Deno.args.length > 0 ? Deno.args : undefined;
    const { sql, deno } = await findTests(paths);
    const report = new Report();
    if (sql.length + deno.length > 0) await withTestStack((stack) => runTests(stack, report, paths));
    return report.finish();
  });
}
