import assert from "node:assert/strict";
import { EmbeddingError, type EmbeddingModel } from "./model.ts";
import { openai } from "./openai.ts";
import { type Answer, embeddingsKey, type FakeOpenAi, fakeOpenAi, hang, status, vectorFor } from "./openai.testing.ts";

const model: EmbeddingModel = {
  name: "text-embedding-3-small",
  dimensions: 768,
  provider: "openai",
  maxTokens: 8191,
};

const provider = (fake: FakeOpenAi, more: { timeoutMs?: number; key?: string; fetch?: typeof fetch } = {}) =>
  openai({ url: fake.url, key: more.key ?? embeddingsKey }, more);

async function failure(work: Promise<unknown>): Promise<EmbeddingError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof EmbeddingError) return error;
    throw error;
  }
  throw new Error("It did not fail");
}

Deno.test("texts become vectors of the dimension that was asked for, in their order", async () => {
  await using fake = fakeOpenAi();
  const texts = ["save the file", "", "   ", "\ud800", "log in", "👍"];
  const { vectors, tokens } = await provider(fake)(model, texts, {});
  assert.deepEqual(fake.faults, []);
  assert.deepEqual(fake.batches, [["save the file", "-", "-", "\ufffd", "log in", "👍"]]);
  assert.deepEqual(vectors, fake.batches[0]!.map((text) => vectorFor(text, 768)));
  assert.ok(tokens > 0);
});

Deno.test("answers in another order are put in order by their index, or taken as they come without one", async () => {
  await using fake = fakeOpenAi();
  const texts = ["one", "two", "three"];
  const wanted = texts.map((text) => vectorFor(text, 768));
  fake.next.push(
    (body) => ({ ...body, data: body.data.toReversed() }),
    (body) => ({ ...body, data: body.data.map(({ embedding }) => ({ embedding })) as typeof body.data }),
  );
  assert.deepEqual((await provider(fake)(model, texts, {})).vectors, wanted);
  assert.deepEqual((await provider(fake)(model, texts, {})).vectors, wanted);
});

Deno.test("requests are divided by count and by tokens, and long texts are cut to what the model reads", async () => {
  await using fake = fakeOpenAi();
  await provider(fake)({ ...model, dimensions: 8 }, Array.from({ length: 5_000 }, (_, i) => `text ${i}`), {});
  assert.deepEqual(fake.batches.map((batch) => batch.length), [2048, 2048, 904]);
  fake.batches.length = 0;
  await provider(fake)({ ...model, dimensions: 1536 }, Array.from({ length: 1_000 }, (_, i) => `text ${i}`), {});
  assert.deepEqual(fake.batches.map((batch) => batch.length), [976, 24], "no more numbers than an isolate can hold");
  fake.batches.length = 0;
  const long = [
    "save the document to the folder ".repeat(2_000),
    "設定を保存する。".repeat(2_000),
    "x".repeat(60_000),
    "👩‍👩‍👧‍👦".repeat(3_000),
    "<|endoftext|> ".repeat(3_000),
    "a \n".repeat(10_000),
  ];
  await provider(fake)(model, long, {});
  assert.deepEqual(fake.faults, []);
  fake.batches.flat().forEach((text, i) => {
    if (text === "-") return;
    assert.ok(long[i]!.startsWith(text), `${i}`);
    assert.ok(text.length > 5_000 || i === 3, `${i}: ${text.length}`);
  });
  fake.batches.length = 0;
  const many = Array.from({ length: 60 }, (_, i) => `${i} ${"word ".repeat(6_000)}`);
  await provider(fake)(model, many, {});
  assert.deepEqual(fake.faults, []);
  assert.ok(fake.batches.length >= 2);
  assert.deepEqual(fake.batches.flat(), many);
});

Deno.test("a service whose model has one dimension is asked without it, and must have the right one", async () => {
  await using fake = fakeOpenAi();
  fake.onlyDimension = 384;
  const own = { ...model, name: "own-model", dimensions: 384 };
  const embed = provider(fake);
  assert.equal((await embed(own, ["text"], {})).vectors[0]!.length, 384);
  assert.equal(fake.requests, 2);
  await embed(own, ["text"], {});
  assert.equal(fake.requests, 3, "it is not asked for a dimension again");
  const error = await failure(embed({ ...own, dimensions: 768 }, ["text"], {}));
  assert.deepEqual([error.code, error.divisible, error.retryAfterSeconds! > 0], ["dimensions_differ", false, true]);
});

Deno.test("failures are told apart by whose they are and when to come again", async () => {
  await using fake = fakeOpenAi();
  const half: Answer = (body) => ({ ...body, data: body.data.slice(1) });
  const spoil = (value: unknown): Answer => (body) => {
    (body.data[1]!.embedding as unknown[])[5] = value;
    return body;
  };
  const second = (embedding: unknown): Answer => (body) => {
    body.data[1]!.embedding = embedding;
    return body;
  };
  const cases: [string, Answer, string, retryable: boolean, after: number | undefined, divisible: boolean][] = [
    ["429", status(429, { "retry-after": "7" }), "rate_limited", true, 7, false],
    ["429 without a time", status(429), "rate_limited", true, 10, false],
    ["quota", status(429, {}, "insufficient_quota"), "quota_exhausted", true, 600, false],
    ["500", status(500), "http_500", true, undefined, true],
    ["503", status(503), "http_503", true, undefined, false],
    ["503 with a time", status(503, { "retry-after": "30" }), "http_503", true, 30, false],
    ["401", status(401), "key_refused", true, 600, false],
    ["404", status(404), "model_not_found", true, 600, false],
    ["400", status(400), "text_refused", false, undefined, true],
    ["413", status(413), "text_refused", false, undefined, true],
    ["no JSON", () => new Response("<html>"), "answer_malformed", true, undefined, false],
    ["empty", () => new Response(""), "answer_malformed", true, undefined, false],
    ["null", () => Response.json(null), "answer_malformed", true, undefined, false],
    ["no list", () => Response.json({ data: {} }), "answer_malformed", true, undefined, false],
    ["too few", half, "answer_malformed", true, undefined, true],
    [
      "one index twice",
      (body) => ({ ...body, data: body.data.map((one) => ({ ...one, index: 0 })) }),
      "answer_malformed",
      true,
      undefined,
      true,
    ],
    [
      "another dimension",
      (body) => ({ ...body, data: body.data.map((one) => ({ ...one, embedding: [1, 2] })) }),
      "dimensions_differ",
      true,
      600,
      false,
    ],
    ["one of another dimension", second([1, 2]), "embedding_invalid", true, undefined, true],
    ["a null", spoil(null), "embedding_invalid", true, undefined, true],
    ["a text", spoil("NaN"), "embedding_invalid", true, undefined, true],
    ["too large", spoil(1e39), "embedding_invalid", true, undefined, true],
    ["zeros", second(Array(768).fill(0)), "embedding_invalid", true, undefined, true],
    ["no vector", second("AAAA"), "embedding_invalid", true, undefined, true],
  ];
  for (const [name, answer, code, retryable, after, divisible] of cases) {
    fake.next.push(answer);
    const error = await failure(provider(fake)(model, ["one", "two", "three"], {}));
    assert.deepEqual(
      [error.code, error.retryable, error.retryAfterSeconds, error.divisible],
      [code, retryable, after, divisible],
      name,
    );
    assert.ok(!error.message.includes("one"), name);
  }
  const wrongKey = await failure(provider(fake, { key: "another" })(model, ["one"], {}));
  assert.equal(wrongKey.code, "key_refused");
  assert.ok(!wrongKey.message.includes("another"));
});

Deno.test("a service that hangs or is away is given up in time", async () => {
  await using fake = fakeOpenAi();
  fake.next.push(hang);
  const slow = await failure(provider(fake, { timeoutMs: 200 })(model, ["one"], {}));
  assert.deepEqual([slow.code, slow.retryable, slow.divisible], ["timeout", true, false]);
  const away = openai({ url: "http://127.0.0.1:1/v1", key: embeddingsKey });
  const error = await failure(away(model, ["one"], {}));
  assert.deepEqual([error.code, error.retryable], ["network_error", true]);
});

Deno.test("whoever gives up hears its own reason", async () => {
  await using fake = fakeOpenAi();
  fake.next.push(hang);
  const controller = new AbortController();
  const work = provider(fake)(model, ["one"], { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 50);
  await assert.rejects(work, { message: "enough" });
});

Deno.test("a redirect is not followed, and without a key and an address nothing is asked", async () => {
  await using other = fakeOpenAi();
  await using fake = fakeOpenAi();
  fake.next.push(() => Response.redirect(`${other.url}/embeddings`, 307));
  assert.equal((await failure(provider(fake)(model, ["one"], {}))).code, "network_error");
  assert.equal(other.requests, 0);
  const error = await failure(openai(null)(model, ["one"], {}));
  assert.deepEqual([error.code, error.retryAfterSeconds], ["embedding_unavailable", 600]);
});
