// Which stack runs in this checkout. Its process holds a lock on a file that names it, so neither a stale file nor
// another process with the same id can be mistaken for it.
import { dataRoot, makeFolder, stackFile, state } from "./places.ts";
import { stopLeftover } from "./postgres.ts";
import { isRunning, signal } from "./processes.ts";
import type { StackDetails } from "./stack.ts";

const lockFile = `${state}/stack.lock`;

/** Becomes the checkout's stack until the process ends; false when another one is. */
export async function becomeTheStack(): Promise<boolean> {
  await makeFolder(state);
  const file = await Deno.open(lockFile, { read: true, write: true, create: true });
  if (!await file.tryLock(true)) {
    file.close();
    return false;
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(String(Deno.pid)));
  return true;
}

/** The process of the running stack, or null. */
export async function runningStack(): Promise<number | null> {
  try {
    using file = await Deno.open(lockFile, { read: true, write: true });
    if (await file.tryLock(true)) return null;
    return Number(await Deno.readTextFile(lockFile)) || null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** What the running stack tells its clients; null while it starts and after it has stopped. */
export async function runningDetails(): Promise<StackDetails | null> {
  return await Deno.readTextFile(stackFile).then(JSON.parse, () => null);
}

/** Stops the running stack and waits until it is gone; false when none runs. */
export async function stopStack(): Promise<boolean> {
  const pid = await runningStack();
  if (pid === null) return await stopLeftover(`${dataRoot}/postgres`);
  const parts = Object.values((await runningDetails())?.pids ?? {});
  signal(pid, "SIGTERM");
  const deadline = Date.now() + 20_000;
  while (await runningStack() === pid && Date.now() < deadline) await pause(50);
  signal(pid, "SIGKILL");
  // the kernel ends the parts with the stack; wait for the last of them
  while ((await Promise.all(parts.map(isRunning))).some(Boolean) && Date.now() < deadline) await pause(50);
  return true;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
