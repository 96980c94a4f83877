// A throw-away cluster for checks and tests, gone with its data when the work is done.
import { dataRoot, makeFolder } from "./places.ts";
import { freePort } from "./ports.ts";
import { type Cluster, installPostgres, startCluster } from "./postgres.ts";
import { bootstrap, createDatabase } from "./databases.ts";
import { endDescendants, isRunning } from "./processes.ts";

export const scratch = `${dataRoot}/scratch`;

/**
 * Starts a cluster with the database `base`, runs the work on it, and leaves nothing behind. A durable one writes to
 * disk as in production, for work that measures it.
 */
export async function withScratchCluster<T>(
  work: (cluster: Cluster) => Promise<T>,
  { durable = false } = {},
): Promise<T> {
  await installPostgres();
  await removeLeftovers(scratch);
  const folder = `${scratch}/${Deno.pid}-${crypto.randomUUID()}`;
  await makeFolder(folder);
  const cluster = await startCluster({
    data: `${folder}/postgres`,
    port: freePort(),
    log: `${folder}/postgres.log`,
    passwords: { admin: crypto.randomUUID(), postgres: crypto.randomUUID() },
    throwAway: !durable,
  });
  const stop = async () => {
    await cluster.stop();
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  };
  const interrupted = () => void endDescendants().then(stop).then(() => Deno.exit(130));
  Deno.addSignalListener("SIGINT", interrupted);
  Deno.addSignalListener("SIGTERM", interrupted);
  try {
    await createDatabase(cluster, "base");
    await bootstrap(cluster.url("base", "supabase_admin"), new URL(cluster.url()).password);
    return await work(cluster);
  } finally {
    Deno.removeSignalListener("SIGINT", interrupted);
    Deno.removeSignalListener("SIGTERM", interrupted);
    await stop();
  }
}

/** Removes what runs that are over have left in a folder, named by their process ids (and more). */
export async function removeLeftovers(folder: string): Promise<void> {
  await makeFolder(folder);
  for await (const entry of Deno.readDir(folder)) {
    if (!await isRunning(parseInt(entry.name))) {
      await Deno.remove(`${folder}/${entry.name}`, { recursive: true }).catch(() => {});
    }
  }
}
