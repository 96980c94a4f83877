import assert from "node:assert/strict";
import { createEmbedder, type Embedder } from "./embedder.ts";
import { localLexical } from "./local_lexical.ts";
import {
  createEmbeddingWorker,
  type EmbeddingJob,
  type EmbeddingQueue,
  type EmbeddingResult,
  type EmbeddingWorkerOptions,
  vectorText,
} from "./worker.ts";

function job(n: number): EmbeddingJob {
  return {
    source_id: 1,
    row_id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
    model_id: 1,
    model: "local-lexical-v1",
    dimensions: 8,
    provider: "local",
    max_tokens: 8191,
    content_hash: "00",
    content: `text ${n}`,
    lease_token: crypto.randomUUID(),
    attempts: 0,
  };
}

/** Stands in for the SQL verbs. `fault` may throw before a call takes effect. */
function queue(count: number) {
  const waiting = Array.from({ length: count }, (_, n) => job(n));
  const results: EmbeddingResult[] = [];
  const claims: number[] = [];
  const state = { leased: 0, mostLeased: 0, fault: (_verb: string) => {} };
  const fake: EmbeddingQueue = {
    async claim(_, capacity) {
      await Promise.resolve();
      state.fault("claim");
      claims.push(capacity);
      const taken = waiting.splice(0, capacity);
      if (taken.length > 0) state.mostLeased = Math.max(state.mostLeased, ++state.leased);
      return taken;
    },
    async finish(_, given) {
      await Promise.resolve();
      state.fault("finish");
      results.push(...given);
      state.leased--;
      const written = given.filter(({ embedding }) => embedding).length;
      return { written, stale: 0, retried: given.length - written, dead: 0 };
    },
  };
  return { fake, waiting, results, claims, state };
}

function worker(fake: EmbeddingQueue, more: Partial<EmbeddingWorkerOptions> = {}) {
  const lines: string[] = [];
  const log = (event: string, fields: Record<string, unknown>) => lines.push(JSON.stringify({ event, ...fields }));
  const pollMs = { least: 1, most: 5 };
  const made = createEmbeddingWorker({ queue: fake, embedder: createEmbedder({ openai: null }), pollMs, log, ...more });
  return { made, lines };
}

const loss = () => Object.assign(new Error("gone"), { code: "CONNECTION_CLOSED" });
const slowly = (work: (signal: AbortSignal) => Promise<void>): Pick<Embedder, "embedEach"> => ({
  async embedEach(_, texts, { signal } = {}) {
    await work(signal!);
    return { outcomes: texts.map((text) => localLexical(text, 8)), tokens: texts.length };
  },
});

Deno.test("a wake works off all that waits, in batches that grow while they are quick", async () => {
  const { fake, results, claims, state } = queue(1_000);
  const { made, lines } = worker(fake);
  await made.wake();
  assert.equal(results.length, 1_000);
  assert.equal(new Set(results.map(({ row_id }) => row_id)).size, 1_000);
  for (const { row_id, embedding } of results) {
    assert.equal(embedding, vectorText(localLexical(`text ${Number(row_id.slice(-12))}`, 8)));
  }
  assert.deepEqual(lines, []);
  assert.equal(claims[0], 32);
  assert.equal(Math.max(...claims), 256);
  assert.equal(state.mostLeased, 2, "one is embedded while another is written");
});

Deno.test("vectors are written so that they are read back to the bit", () => {
  const vector = localLexical("save the document", 768);
  assert.deepEqual(Float32Array.from(JSON.parse(vectorText(vector))), vector);
  const extremes = Float32Array.of(1e-7, -0.1, 1 / 3, 0, 65_504, 1.1754943508222875e-38);
  assert.deepEqual(Float32Array.from(JSON.parse(vectorText(extremes))), extremes);
});

Deno.test("a wake during the last look is not lost", async () => {
  const { fake, results, waiting, claims } = queue(1);
  const { made } = worker(fake);
  const { claim } = fake;
  fake.claim = async (...given) => {
    const taken = await claim(...given);
    if (claims.length === 2) {
      waiting.push(job(7));
      void made.wake();
    }
    return taken;
  };
  await made.wake();
  assert.equal(results.length, 2);
});

Deno.test("it claims no more when its time is over, and rings where work is left", async () => {
  for (const [busy, waiting, rings] of [[true, 100, 1], [true, 10, 0], [false, 100, 0]] as const) {
    const { fake, results } = queue(waiting);
    let rung = 0;
    const { made } = worker(fake, {
      lanes: 1,
      cpuBudgetMs: 1_000,
      busyMs: () => busy && results.length > 0 ? 1_000 : 0,
      ring: () => Promise.resolve(void rung++),
    });
    await made.wake();
    assert.equal(rung, rings);
    assert.equal(results.length, busy ? Math.min(waiting, 32) : waiting);
    assert.equal(made.accepting, !busy);
  }
});

Deno.test("a batch that takes too long is told as such, and the next is smaller", async () => {
  const { fake, results, claims } = queue(40);
  const { made } = worker(fake, {
    lanes: 1,
    batchTimeoutMs: 30,
    embedder: slowly((signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
    ),
  });
  await made.wake();
  assert.equal(results.length, 40);
  assert.ok(results.every(({ error }) => error?.code === "timeout" && error.retryable));
  assert.deepEqual(claims.slice(0, 2), [32, 16]);
});

Deno.test("whoever is stopped ends what it can, and hands the rest back without an attempt", async () => {
  const { fake, results } = queue(100);
  const started = Promise.withResolvers<void>();
  const { made } = worker(fake, {
    lanes: 1,
    embedder: slowly((signal) => {
      started.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }),
  });
  const work = made.wake();
  await started.promise;
  await made.stop(10);
  await work;
  assert.equal(results.length, 32);
  assert.deepEqual(results[0]!.error, {
    code: "released",
    message: "The worker was stopped",
    retryable: true,
    retry_after_seconds: 0,
  });
  await made.wake();
  assert.equal(results.length, 32, "it takes nothing more");
});

Deno.test("results are told again when the connection was lost, and claims are tried again", async () => {
  const { fake, results, state } = queue(10);
  let losses = 0;
  state.fault = () => {
    if (losses++ % 2 === 0 && losses < 6) throw loss();
  };
  const { made, lines } = worker(fake, { lingerMs: 200 });
  await made.wake();
  assert.equal(results.length, 10);
  assert.ok(lines.every((line) => line.includes("embeddings_not_claimed")), lines.join());
});

Deno.test("without a queue it gives up quietly, and looks again at the next wake", async () => {
  const { fake, claims, state } = queue(5);
  const missing = Object.assign(new Error("no schema search"), { code: "3F000", severity: "ERROR" });
  let failing = true;
  let calls = 0;
  state.fault = () => {
    calls++;
    if (failing) throw missing;
  };
  const { made, lines } = worker(fake, { lingerMs: 10_000 });
  await made.wake();
  assert.deepEqual([calls, lines.length, claims.length], [3, 1, 0]);
  failing = false;
  const again = worker(fake);
  await again.made.wake();
  assert.equal(claims.length > 0, true);
});

Deno.test("a fault of ours fails the batch, and is logged without its texts", async () => {
  const { fake, results } = queue(3);
  const { made, lines } = worker(fake, { embedder: { embedEach: () => Promise.reject(new TypeError("undefined")) } });
  await made.wake();
  assert.deepEqual(results.map(({ error }) => error?.code), Array(3).fill("worker_failed"));
  assert.ok(lines.some((line) => line.includes("embedding_crashed")));
  assert.ok(!lines.join().includes("text 1"));
});
