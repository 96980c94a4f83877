import assert from "node:assert/strict";
import { createEmbedder } from "./embedder.ts";
import { localLexical } from "./local_lexical.ts";
import { EmbeddingError, type EmbeddingModel } from "./model.ts";
import { embeddingsKey, type FakeOpenAi, fakeOpenAi, status, vectorFor } from "./openai.testing.ts";
import { supabaseAi } from "./supabase_ai.ts";

const model: EmbeddingModel = { name: "text-embedding-3-small", dimensions: 768, provider: "openai", maxTokens: 8191 };
const embedder = (fake: FakeOpenAi) => createEmbedder({ openai: { url: fake.url, key: embeddingsKey } });
const texts = Array.from({ length: 50 }, (_, i) => `text ${i}`);

const codes = (outcomes: (Float32Array | EmbeddingError)[]) =>
  outcomes.map((one) => one instanceof EmbeddingError ? one.code : "ok");
const wanted = (faulty: Record<number, string>) => texts.map((_, i) => faulty[i] ?? "ok");

Deno.test("a batch with one poisonous text is halved until that text is alone, whatever it does", async () => {
  for (
    const [at, kind, code] of [[0, 400, "text_refused"], [49, 500, "http_500"], [23, 0, "embedding_invalid"]] as const
  ) {
    await using fake = fakeOpenAi();
    fake.poison = { word: `text ${at}!`, status: kind };
    const given = texts.map((text, i) => i === at ? `${text}!` : text);
    const { outcomes, tokens } = await embedder(fake).embedEach(model, given);
    assert.deepEqual(codes(outcomes), wanted({ [at]: code }));
    outcomes.forEach((one, i) => i === at || assert.deepEqual(one, vectorFor(given[i]!, 768)));
    assert.equal((outcomes[at] as EmbeddingError).retryable, kind !== 400);
    assert.ok(fake.requests <= 2 * Math.ceil(Math.log2(50)) + 1, `${fake.requests} requests`);
    assert.ok(tokens > 0);
  }
});

Deno.test("several poisonous texts are found too", async () => {
  await using fake = fakeOpenAi();
  fake.poison = { word: "bad", status: 400 };
  const { outcomes } = await embedder(fake).embedEach(
    model,
    texts.map((text, i) => [3, 17, 18, 40].includes(i) ? "bad" : text),
  );
  const refused = "text_refused";
  assert.deepEqual(codes(outcomes), wanted({ 3: refused, 17: refused, 18: refused, 40: refused }));
});

Deno.test("a provider that is down, or refuses everything, is not asked for each text", async () => {
  for (const [code, most] of [[429, 1], [503, 1], [401, 1], [500, 8], [400, 8]] as const) {
    await using fake = fakeOpenAi();
    fake.always = status(code, code === 429 ? { "retry-after": "3" } : {});
    const { outcomes } = await embedder(fake).embedEach(model, texts);
    assert.ok(outcomes.every((one) => one instanceof EmbeddingError));
    assert.equal(outcomes.length, 50);
    assert.ok(fake.requests <= most, `${code}: ${fake.requests} requests`);
    if (code === 429) assert.ok(outcomes.every((one) => (one as EmbeddingError).retryAfterSeconds === 3));
    // not the end of all texts because a service is misconfigured
    if (code === 400) assert.ok(outcomes.filter((one) => !(one as EmbeddingError).retryable).length <= 1);
  }
});

Deno.test("what was embedded before the provider asked for time is kept", async () => {
  await using fake = fakeOpenAi();
  fake.next.push(status(500), (body) => body, status(429, { "retry-after": "5" }));
  const { outcomes } = await embedder(fake).embedEach(model, texts);
  assert.deepEqual(codes(outcomes), [...Array(25).fill("ok"), ...Array(25).fill("rate_limited")]);
});

Deno.test("the local model needs nobody, and no other name is local", async () => {
  const { embed, embedEach } = createEmbedder({ openai: null });
  const local = { ...model, name: "local-lexical-v1", provider: "local" as const };
  const { vectors, tokens } = await embed(local, texts);
  assert.deepEqual(vectors, texts.map((text) => localLexical(text, 768)));
  assert.ok(tokens >= 50);
  assert.deepEqual(await embed(local, []), { vectors: [], tokens: 0 });
  await assert.rejects(embed({ ...local, name: "another" }, texts), { code: "embedding_model_unknown" });
  assert.deepEqual(codes((await embedEach({ ...local, provider: "supabase_ai" }, ["a"])).outcomes), [
    "embedding_unavailable",
  ]);
});

Deno.test("Supabase's models are asked text by text, as its runtime has them", async () => {
  const asked: unknown[] = [];
  const runtime = (answer: (text: string) => unknown) => () => ({
    ai: {
      Session: class {
        constructor(readonly name: string) {
          asked.push(name);
        }
        run(text: string, options: unknown) {
          asked.push([text.length, options]);
          return Promise.resolve(answer(text));
        }
      },
    },
  });
  const gte = { name: "gte-small", dimensions: 3, provider: "supabase_ai" as const, maxTokens: 512 };
  const embed = supabaseAi(runtime(() => [0.5, 0, 0.5]));
  const { vectors } = await embed(gte, ["a", "b".repeat(5_000)], {});
  assert.deepEqual(vectors.map((vector) => Array.from(vector)), [[0.5, 0, 0.5], [0.5, 0, 0.5]]);
  const options = { mean_pool: true, normalize: true };
  assert.deepEqual(asked, ["gte-small", [1, options], [2048, options]]);
  await assert.rejects(supabaseAi(runtime(() => [1]))(gte, ["a"], {}), { code: "embedding_invalid" });
  const failing = supabaseAi(runtime(() => Promise.reject(new Error("out of memory"))));
  await assert.rejects(failing(gte, ["a"], {}), { code: "embedding_failed", divisible: true });
});
