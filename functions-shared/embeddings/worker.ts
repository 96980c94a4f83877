// Works off the embedding jobs: claims texts of one model, has them embedded, and tells what became of each.
import { busy, busyMs as realBusyMs, countExchange } from "../busy_time.ts";
import { type Database, within } from "../db.ts";
import { createPause, described, insistently } from "../polling.ts";
import type { Worker } from "../worker.ts";
import type { Embedder } from "./embedder.ts";
import { EmbeddingError, type EmbeddingModel } from "./model.ts";

/** What search.claim_embeddings answers, and what the model reads. */
export interface EmbeddingJob {
  source_id: number;
  row_id: string;
  model_id: number;
  model: string;
  dimensions: number;
  provider: EmbeddingModel["provider"];
  max_tokens: number;
  content_hash: string;
  content: string;
  lease_token: string;
  attempts: number;
}

export interface EmbeddingResult {
  source_id: number;
  row_id: string;
  model_id: number;
  lease_token: string;
  content_hash: string;
  /** As pgvector writes it. */
  embedding: string | null;
  error: { code: string; message: string; retryable: boolean; retry_after_seconds?: number } | null;
}

export interface Finished {
  written: number;
  stale: number;
  retried: number;
  dead: number;
}

export interface EmbeddingQueue {
  claim(worker: string, capacity: number): Promise<EmbeddingJob[]>;
  finish(worker: string, results: EmbeddingResult[]): Promise<Finished>;
}

export interface EmbeddingWorkerOptions {
  queue: EmbeddingQueue;
  embedder: Pick<Embedder, "embedEach">;
  /** Batches under way at once: one is embedded while another is written. */
  lanes?: number;
  /** Texts of a batch, at first and at most. */
  batch?: { first: number; most: number };
  /** After this long it claims no more (0: no limit). */
  budgetMs?: number;
  /** The same after the isolate has been busy for so long (0: no limit). */
  cpuBudgetMs?: number;
  busyMs?: () => number;
  /** Of a batch; the lease is a minute, and its results have to be written too. */
  batchTimeoutMs?: number;
  /** Calls another worker, when this one's time is over with work left. */
  ring?: () => Promise<void>;
  /** How long it looks for more after the last work. */
  lingerMs?: number;
  pollMs?: { least: number; most: number };
  log?: (event: string, fields: Record<string, unknown>) => void;
}

// What a batch should take, so that neither a slow provider nor a slow isolate lets leases run out.
const batchMs = { short: 2_000, long: 8_000 };

export function createEmbeddingWorker(options: EmbeddingWorkerOptions): Worker {
  const {
    queue,
    embedder,
    lanes = 2,
    batch = { first: 32, most: 256 },
    budgetMs = 0,
    cpuBudgetMs = 0,
    busyMs = realBusyMs,
    batchTimeoutMs = 40_000,
    ring = () => Promise.resolve(),
    lingerMs = 0,
    pollMs = { least: 50, most: 1_000 },
    log = () => {},
  } = options;
  const workerId = crypto.randomUUID();
  const born = performance.now();
  const aborted = new AbortController();
  const running = new Set<Promise<void>>();
  let current: Promise<void> | null = null;
  let stopped = false;
  let woken = false;
  const { pause, rouse } = createPause();
  let capacity = batch.first;
  let mayBeMore = false;
  let lastWork = 0;

  const timeIsOver = () =>
    budgetMs > 0 && performance.now() >= born + budgetMs || cpuBudgetMs > 0 && busyMs() >= cpuBudgetMs;
  const accepting = () => !stopped && !timeIsOver();

  /** While one batch is embedded another is claimed or written, as long as there is more than a batch. */
  async function loop(): Promise<void> {
    let delay = pollMs.least;
    for (let failures = 0;;) {
      if (woken) {
        woken = false;
        lastWork = performance.now();
        delay = pollMs.least;
      }
      if (accepting() && running.size < lanes) {
        const asked = capacity;
        try {
          const jobs = await queue.claim(workerId, asked);
          failures = 0;
          mayBeMore = jobs.length >= asked;
          if (jobs.length > 0) {
            start(jobs);
            delay = pollMs.least;
            if (mayBeMore) continue;
          }
        } catch (error) {
          if (failures++ === 0) log("embeddings_not_claimed", described(error));
          delay = lingerMs === Infinity ? 5_000 : pollMs.most;
        }
      }
      // after three failures the doorbell comes again, where there is one
      const enough = performance.now() - lastWork >= lingerMs || failures >= 3 && lingerMs !== Infinity;
      if (running.size === 0 && !woken && (enough || !accepting())) break;
      await pause(delay);
      delay = Math.min(delay * 1.5, Math.max(delay, pollMs.most));
    }
    if (!stopped && timeIsOver() && mayBeMore) {
      await ring().catch((error) => log("ring_failed", described(error)));
    }
  }

  function start(jobs: EmbeddingJob[]): void {
    const work = one(jobs).finally(() => {
      running.delete(work);
      lastWork = performance.now();
      rouse();
    });
    running.add(work);
  }

  async function one(jobs: EmbeddingJob[]): Promise<void> {
    countExchange();
    const [{ model, dimensions, provider, max_tokens }] = jobs as [EmbeddingJob];
    const began = performance.now();
    const timeout = AbortSignal.timeout(batchTimeoutMs);
    let results: EmbeddingResult[];
    let tooLong = false;
    try {
      const { outcomes } = await embedder.embedEach(
        { name: model, dimensions, provider, maxTokens: max_tokens },
        jobs.map(({ content }) => content),
        { signal: AbortSignal.any([aborted.signal, timeout]) },
      );
      results = busy(() => jobs.map((job, i) => resultOf(job, outcomes[i]!)));
    } catch (error) {
      const failure = aborted.signal.aborted
        // another worker takes it at once
        ? new EmbeddingError("released", "The worker was stopped", { retryable: true, retryAfterSeconds: 0 })
        : timeout.aborted
        ? new EmbeddingError("timeout", `The batch took longer than ${batchTimeoutMs / 1000} s`, { retryable: true })
        : new EmbeddingError("worker_failed", "The worker failed in a way that we do not know", { retryable: true });
      tooLong = failure.code === "timeout";
      if (failure.code === "worker_failed") log("embedding_crashed", described(error));
      results = jobs.map((job) => resultOf(job, failure));
    }
    const took = performance.now() - began;
    if (tooLong || took > batchMs.long) capacity = Math.max(1, Math.floor(capacity / 2));
    else if (took < batchMs.short && jobs.length >= capacity) capacity = Math.min(batch.most, capacity * 2);
    await tell(results);
  }

  async function tell(results: EmbeddingResult[]): Promise<void> {
    const failed = results.find(({ error }) => error)?.error;
    try {
      // a second time finds nothing leased, and changes nothing
      const { written, stale, retried, dead } = await insistently(() => queue.finish(workerId, results));
      if (failed) log("embeddings_failed", { code: failed.code, written, stale, retried, dead });
    } catch (error) {
      // their leases run out, and they are computed again
      log("embeddings_lost", { texts: results.length, ...described(error) });
    }
  }

  const wake = (): Promise<void> => {
    woken = true;
    rouse();
    if (!current) {
      if (!accepting()) return Promise.resolve();
      current = loop().catch((error) => log("embedding_worker_failed", described(error))).then(() => {
        current = null;
        // woken while the last run was saying goodbye
        if (woken && accepting()) return wake();
      });
    }
    return current;
  };

  return {
    get accepting() {
      return accepting();
    },
    wake,
    async stop(graceMs = 0) {
      stopped = true;
      rouse();
      const timer = setTimeout(() => aborted.abort(), graceMs);
      await current;
      clearTimeout(timer);
    },
  };
}

function resultOf(job: EmbeddingJob, outcome: Float32Array | EmbeddingError): EmbeddingResult {
  const { source_id, row_id, model_id, lease_token, content_hash } = job;
  const same = { source_id, row_id, model_id, lease_token, content_hash };
  if (!(outcome instanceof EmbeddingError)) return { ...same, embedding: vectorText(outcome), error: null };
  const { code, message, retryable, retryAfterSeconds } = outcome;
  return {
    ...same,
    embedding: null,
    error: {
      code,
      message,
      retryable,
      ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
    },
  };
}

/** Nine digits are all that a number of 32 bits has. */
export function vectorText(vector: Float32Array): string {
  let text = "[";
  for (let i = 0; i < vector.length; i++) {
    if (i > 0) text += ",";
    text += vector[i] === 0 ? "0" : vector[i]!.toPrecision(9);
  }
  return text + "]";
}

/**
 * The queue's verbs over connections that `open` makes when it is first used. With `only`, nothing is claimed while a
 * model of another provider is in use: a worker that cannot ask it would hold it back for those that can.
 */
export function sqlQueue(
  open: () => Pick<Database, "sql">,
  only?: EmbeddingModel["provider"][],
): EmbeddingQueue {
  let database: Pick<Database, "sql"> | null = null;
  const sql = () => (database ??= open()).sql;
  const patience = 25_000;
  return {
    async claim(worker, capacity) {
      return await within(
        patience,
        sql()<EmbeddingJob[]>`
          select c.*, m.max_tokens
          from search.claim_embeddings(${worker}, case
            when ${only === undefined} then ${capacity}::int
            when exists (
              select from search.embedding_sources s
              join search.embedding_models m on m.id in (s.serving_model, s.next_model)
              where m.provider <> all (string_to_array(${(only ?? []).join()}, ','))) then 0
            else ${capacity}::int end) c
          join search.embedding_models m on m.id = c.model_id`,
      );
    },
    async finish(worker, results) {
      const [row] = await within(
        patience,
        sql()`select search.finish_embeddings(${worker}, ${
          busy(() => JSON.stringify(results))
        }::text::jsonb) as answer`,
      );
      return row!.answer;
    },
  };
}
