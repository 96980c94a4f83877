// A stack of a test's own, whose clock it moves: what waits for hours is due at once, in all sessions and functions.
import postgres from "postgres";
import { makeFolder, state } from "../scripts/stack/places.ts";
import { removeLeftovers, scratch } from "../scripts/stack/scratch.ts";
import { type StackOptions, startStack } from "../scripts/stack/stack.ts";
import { useStack } from "./stack.ts";

export interface OwnStack extends AsyncDisposable {
  sql: postgres.Sql;
  /** Of the stack's processes, by name. */
  pids(): Record<string, number>;
  /** What a process has logged. */
  log(name: string): Promise<string>;
  /** From here on it is that much later than it was. */
  moveClock(bySeconds: number): Promise<void>;
}

/**
 * All that this file calls from now on works on it, until it is disposed of. The test needs `sanitizeOps: false` and
 * `sanitizeResources: false`: the stack's sockets and processes are ended, but were not opened by it.
 */
export async function ownStack(answers: StackOptions["answers"] = {}): Promise<OwnStack> {
  await removeLeftovers(scratch);
  const folder = `${scratch}/${Deno.pid}-${crypto.randomUUID()}`;
  const logs = `${state}/test-logs/${Deno.pid}-${crypto.randomUUID()}`;
  await makeFolder(folder);
  const stack = await startStack({
    folder,
    logs,
    stackFile: `${folder}/stack.json`,
    throwAway: true,
    movableClock: true,
    answers,
    report() {},
  });
  useStack(stack.details);
  const sql = postgres(stack.details.database_url, { max: 2, onnotice() {} });
  let offset = 0;
  return {
    sql,
    pids: () => stack.details.pids,
    log: (name) => Deno.readTextFile(`${logs}/${name}.log`),
    async moveClock(bySeconds) {
      offset += bySeconds;
      await sql`select platform.set('clock.offset_seconds', ${sql.json(offset)})`;
      await sql`select engine.tick()`;
    },
    async [Symbol.asyncDispose]() {
      useStack(null);
      await sql.end({ timeout: 1 });
      await stack.stop();
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    },
  };
}
