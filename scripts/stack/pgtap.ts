// Runs pgTAP files: each in a transaction of its own that is rolled back, several at once, each in a database that no
// other file uses at the time.
import { createDatabase } from "./databases.ts";
import { checkout, postgresPrefix } from "./places.ts";
import type { Cluster } from "./postgres.ts";
import type { FileResult } from "./test_report.ts";

const psql = `${postgresPrefix}/root/usr/lib/postgresql/17/bin/psql`;
const MOST_AT_ONCE = 4;

export async function runPgTap(cluster: Cluster, files: string[], done: (result: FileResult) => void): Promise<void> {
  if (files.length === 0) return;
  await createDatabase(cluster, "pgtap", "template");
  const sql = cluster.connect("pgtap", "supabase_admin", 1);
  await sql`create extension pgtap with schema extensions`;
  await sql.end();

  const queue = [...files];
  const runner = async (number: number) => {
    const database = `pgtap_${number}`;
    await createDatabase(cluster, database, "pgtap");
    for (let file = queue.shift(); file; file = queue.shift()) done(await runFile(cluster.url(database), file));
  };
  // databases are copied one at a time, so the first files run while the next copy is made
  const runners: Promise<void>[] = [];
  for (let number = 1; number <= Math.min(MOST_AT_ONCE, files.length); number++) runners.push(runner(number));
  await Promise.all(runners);
}

async function runFile(url: string, file: string): Promise<FileResult> {
  const began = performance.now();
  // a file may open and roll back its transaction itself
  const own = /^\s*begin\s*;/im.test(await Deno.readTextFile(file));
  const { code, stdout, stderr } = await new Deno.Command(psql, {
    args: ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]
      .concat(own ? [`--file=${file}`] : ["--command=begin", `--file=${file}`, "--command=rollback"], url),
    cwd: checkout,
    env: {
      PGOPTIONS: "-c client_min_messages=warning -c statement_timeout=60s",
      PGTZ: "GMT",
      PGCLIENTENCODING: "UTF8",
    },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    file: file.slice(checkout.length + 1),
    ms: performance.now() - began,
    ...readTap(text(stdout), text(stderr), code),
  };
}

/** Counts the tests of a TAP stream; a broken plan and an SQL error are failures of their own. */
export function readTap(tap: string, errors = "", code = 0): Pick<FileResult, "passed" | "failures"> {
  let planned: number | null = null;
  let skipped = false;
  let passed = 0;
  const failures: FileResult["failures"] = [];
  let last: { name: string; output: string } | null = null;
  for (const line of tap.split("\n")) {
    const plan = line.match(/^1\.\.(\d+)(\s*# skip)?/i);
    const test = line.match(/^(not )?ok\b\s*\d*\s*-?\s*(.*)$/);
    if (plan) {
      planned = Number(plan[1]);
      skipped = Boolean(plan[2]);
    } else if (test) {
      const [, not, name = ""] = test;
      last = null;
      if (!not || /# (todo|skip)\b/i.test(name)) passed++;
      else failures.push(last = { name, output: "" });
    } else if (line.startsWith("#") && last) {
      last.output += line.replace(/^# ?/, "") + "\n";
    }
  }
  const ran = passed + failures.length;
  if (code !== 0) failures.push({ name: "the file ended with an error", output: errors.trim() });
  else if (planned === null) failures.push({ name: "the file has no plan", output: tap.trim() });
  else if (planned !== ran && !skipped) failures.push({ name: `planned ${planned} tests but ran ${ran}`, output: "" });
  return { passed, failures };
}
