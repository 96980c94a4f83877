// A stack for tests: free ports, throw-away data, and beside its own database the ones that tests copy.
import { bootstrap, createDatabase, migrate } from "./databases.ts";
import { makeFolder, state } from "./places.ts";
import type { Cluster } from "./postgres.ts";
import { endDescendants } from "./processes.ts";
import { removeLeftovers, scratch } from "./scratch.ts";
import { type Stack, startStack } from "./stack.ts";

const testLogs = `${state}/test-logs`;

export interface TestStack extends Stack {
  cluster: Cluster;
  stackFile: string;
}

/** Starts a stack, runs the work on it, and leaves nothing behind but its logs. */
export async function withTestStack<T>(work: (stack: TestStack) => Promise<T>): Promise<T> {
  await removeLeftovers(scratch);
  await removeLeftovers(testLogs);
  const folder = `${scratch}/${Deno.pid}`;
  const logs = `${testLogs}/${Deno.pid}`;
  await makeFolder(folder);
  const stackFile = `${folder}/stack.json`;
  let stack: Stack | undefined;
  const end = async () => {
    await stack?.stop();
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  };
  const interrupted = () => void endDescendants().then(end).then(() => Deno.exit(130));
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, interrupted);
  try {
    stack = await startStack({
      folder,
      logs,
      stackFile,
      throwAway: true,
      report: (line) => console.error(line),
      prepareCluster: prepareTemplate,
    });
    return await work({ ...stack, cluster: stack.cluster!, stackFile });
  } finally {
    await end();
  }
}

/** `base` and, with a clock that tests may move, `template`. */
async function prepareTemplate(cluster: Cluster): Promise<void> {
  await createDatabase(cluster, "base");
  await bootstrap(cluster.url("base", "supabase_admin"), new URL(cluster.url()).password);
  await createDatabase(cluster, "template", "base");
  await migrate(cluster.url("template"));
  const sql = cluster.connect("template", "postgres", 1);
  await sql`select platform.set('clock.movable', 'true'::jsonb)`;
  await sql.end();
}
