// Where things lie. A checkout keeps its state in .tandem/. Run as root, PostgreSQL serves as the unprivileged uid
// 65534, which may not reach the checkout (a clone in root's home), so its programs and data lie under /var then.
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

export const checkout = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
export const state = `${checkout}/.tandem`;
export const logs = `${state}/logs`;
export const stackFile = `${state}/stack.json`;

const root = Deno.uid() === 0;
export const serverUid = root ? 65534 : null;
export const postgresPrefix = root ? "/var/cache/tandem/postgres-17" : `${state}/postgres-17`;
export const dataRoot = root
  ? `/var/lib/tandem/${createHash("sha256").update(checkout).digest("hex").slice(0, 16)}`
  : `${state}/data`;

/** Makes a folder, or says in one sentence why that is impossible. */
export async function makeFolder(path: string, mode = 0o755): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode });
  } catch (error) {
    throw new Problem(`The folder ${path} cannot be written: ${(error as Error).message}.`);
  }
}

/** An error whose message is all that a person needs; shown without a stack trace. */
export class Problem extends Error {}

/** Runs a command's main function: a Problem ends it with its one sentence, anything else with a stack trace. */
export async function main(run: () => Promise<number | void>): Promise<never> {
  try {
    Deno.exit(await run() ?? 0);
  } catch (error) {
    console.error(error instanceof Problem ? error.message : error);
    Deno.exit(1);
  }
}
