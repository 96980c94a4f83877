// Deletes objects that no row points at any more: of deleted steps, and of uploads that came to nothing.
import type { Database } from "./db.ts";
import { ApiError } from "./errors.ts";
import { noObjectStore, type ObjectStore } from "./objects.ts";
import type { Worker } from "./worker.ts";

export interface Swept {
  deleted: number;
  retried: number;
}

const atOnce = 8;
// The lease is for a minute, and a call takes 20 s at most: a deletion must not outlive its lease, since by then the
// object may be wanted again.
const beginWithinMs = 30_000;

/**
 * Claims and deletes until nothing is due or the signal says stop; what fails stays claimed no longer than a minute and
 * is tried again later. Ends early where the object storage is away; where none is configured, all fails.
 */
export async function sweepObjects(
  { sql }: Pick<Database, "sql">,
  objects: Pick<ObjectStore, "delete"> | null,
  { signal, capacity = 100 }: { signal?: AbortSignal; capacity?: number } = {},
): Promise<Swept> {
  const swept: Swept = { deleted: 0, retried: 0 };
  while (!signal?.aborted) {
    const claimed = await sql<{ object_key: string; lease_token: string }[]>`
      select * from search.claim_object_sweeps(${capacity})`;
    if (claimed.length === 0) break;
    const results: { object_key: string; lease_token: string; error: { code: string; message: string } | null }[] = [];
    const left = claimed.values();
    const until = performance.now() + beginWithinMs;
    const work = async () => {
      for (const { object_key, lease_token } of left) {
        if (performance.now() > until) return;
        const deleted = objects ? objects.delete(object_key, signal) : Promise.reject(noObjectStore());
        const error = await deleted.then(() => null, toError);
        results.push({ object_key, lease_token, error });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const [row] = await sql`select search.finish_object_sweeps(${JSON.stringify(results)}::text::jsonb) as answer`;
    const { deleted, retried } = row!.answer as Swept;
    swept.deleted += deleted;
    swept.retried += retried;
    if (claimed.length < capacity || retried > 0) break;
  }
  return swept;
}

/** A worker whose wakes delete objects too, one sweep at a time and a second apart. */
export function withSweeper(
  worker: Worker,
  sweep: (signal: AbortSignal) => Promise<Swept>,
  log: (event: string, fields: Record<string, unknown>) => void = () => {},
): Worker {
  const stopped = new AbortController();
  let current: Promise<void> | null = null;
  let again = -Infinity;
  const once = async () => {
    try {
      const swept = await sweep(stopped.signal);
      if (swept.deleted + swept.retried > 0) log("objects_swept", { ...swept });
    } catch (error) {
      // What was claimed is claimable again in a minute.
      log("objects_not_swept", { error_message: String(error) });
    }
    again = performance.now() + 1_000;
    current = null;
  };
  return {
    get accepting() {
      return worker.accepting;
    },
    async wake() {
      if (worker.accepting && performance.now() >= again) current ??= once();
      await Promise.all([worker.wake(), current]);
    },
    async stop(graceMs) {
      stopped.abort();
      await Promise.all([worker.stop(graceMs), current]);
    },
  };
}

function toError(error: unknown): { code: string; message: string } {
  return error instanceof ApiError
    ? { code: error.code, message: error.message }
    : { code: "internal_error", message: String(error) };
}
