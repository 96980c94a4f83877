import assert from "node:assert/strict";
import { EnvironmentError, readEnvironment } from "./env.ts";

const good: Record<string, string> = {
  SUPABASE_URL: "http://127.0.0.1:54321/",
  SUPABASE_DB_URL: "postgresql://postgres:secret-password@127.0.0.1:5432/postgres",
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_0123456789"}',
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_0123456789","other":"sb_secret_9876543210"}',
};
const read = (changes: Record<string, string | undefined> = {}) =>
  readEnvironment((name) => ({ ...good, ...changes })[name]);

function problems(changes: Record<string, string | undefined>): string[] {
  try {
    read(changes);
  } catch (error) {
    assert.ok(error instanceof EnvironmentError);
    assert.ok(!error.message.includes("secret-password"));
    return error.problems;
  }
  return [];
}

Deno.test("reads hosted Supabase's names", () => {
  const environment = read();
  assert.equal(environment.url, "http://127.0.0.1:54321");
  assert.equal(environment.publicUrl, environment.url);
  assert.deepEqual(environment.secretKeys, ["sb_secret_0123456789", "sb_secret_9876543210"]);
  const { workerCapacity, workerTimeBudgetSeconds, workerCpuBudgetMs } = environment;
  assert.deepEqual([workerCapacity, workerTimeBudgetSeconds, workerCpuBudgetMs], [10, 0, 0]);
  assert.equal(read({ PUBLIC_URL: "https://api.example.com" }).publicUrl, "https://api.example.com");
});

Deno.test("takes legacy keys beside or instead of new ones", () => {
  const legacy = "eyJhbGciOiJIUzI1NiJ9.e30.sig";
  assert.deepEqual(read({ SUPABASE_ANON_KEY: legacy }).publishableKeys, ["sb_publishable_0123456789", legacy]);
  assert.deepEqual(
    read({ SUPABASE_SECRET_KEYS: undefined, SUPABASE_SERVICE_ROLE_KEY: legacy }).secretKeys,
    [legacy],
  );
});

Deno.test("takes a key set in both of its forms", () => {
  const key = { kty: "EC" };
  assert.deepEqual(read({ SUPABASE_JWKS: JSON.stringify([key]) }).jwks, { keys: [key] });
  assert.deepEqual(read({ SUPABASE_JWKS: JSON.stringify({ keys: [key] }) }).jwks, { keys: [key] });
});

Deno.test("takes a ring of encryption keys, the newest first, or none", () => {
  assert.deepEqual(read().encryptionKeys, []);
  const [one, two] = ["cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=", "JrdICDH6x3M7duQeM8dJEMK4Y5TkBIsYDw1lPy35RiY="];
  assert.deepEqual(read({ ENCRYPTION_KEYS: ` ${one}, ${two},` }).encryptionKeys, [one, two]);
});

Deno.test("takes all of an object storage, or none", () => {
  assert.equal(read().objects, null);
  const s3 = {
    S3_ENDPOINT: "https://account.r2.cloudflarestorage.com/",
    S3_BUCKET: "steps",
    S3_ACCESS_KEY_ID: "id",
    S3_SECRET_ACCESS_KEY: "secret",
  };
  assert.deepEqual(read(s3).objects, {
    endpoint: "https://account.r2.cloudflarestorage.com",
    bucket: "steps",
    region: "auto",
    accessKeyId: "id",
    secretAccessKey: "secret",
  });
  assert.equal(read({ ...s3, S3_REGION: "eu-central-1" }).objects?.region, "eu-central-1");
  const [problem] = problems({ ...s3, S3_BUCKET: undefined });
  assert.match(problem!, /S3_BUCKET.* belong together/);
});

Deno.test("lists every problem at once, without values", () => {
  const found = problems({
    SUPABASE_URL: undefined,
    SUPABASE_DB_URL: "mysql://x:secret-password@y",
    SUPABASE_SECRET_KEYS: '{"default":""}',
    SUPABASE_PUBLISHABLE_KEYS: undefined,
    SUPABASE_JWKS: "{",
    JWT_SECRET: "short",
    ENCRYPTION_KEYS: "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=,secret-password",
    WORKER_CAPACITY: "many",
    WORKER_CPU_BUDGET_MS: "-1",
    PUBLIC_URL: "ftp://x",
  });
  assert.deepEqual(found.map((problem) => problem.split(" ")[0]).sort(), [
    "ENCRYPTION_KEYS",
    "JWT_SECRET",
    "PUBLIC_URL",
    "SUPABASE_DB_URL",
    "SUPABASE_JWKS",
    "SUPABASE_PUBLISHABLE_KEYS",
    "SUPABASE_SECRET_KEYS",
    "SUPABASE_URL",
    "WORKER_CAPACITY",
    "WORKER_CPU_BUDGET_MS",
  ]);
});

Deno.test("a classifier has an endpoint, a key and a model, or there is none", () => {
  assert.equal(read().classifier, null);
  const all = { CLASSIFIER_URL: "https://api.openai.com/v1/", CLASSIFIER_KEY: "sk-1", CLASSIFIER_MODEL: "some-model" };
  assert.deepEqual(read(all).classifier, { url: "https://api.openai.com/v1", key: "sk-1", model: "some-model" });
  assert.deepEqual(problems({ ...all, CLASSIFIER_KEY: undefined }), [
    "CLASSIFIER_URL, CLASSIFIER_KEY and CLASSIFIER_MODEL belong together: set all or none",
  ]);
});

Deno.test("takes a key for embeddings, an address of one's own, or both", () => {
  const key = "sk-0123456789";
  assert.equal(read().embeddings, null);
  assert.deepEqual(read({ EMBEDDINGS_KEY: key }).embeddings, { url: "https://api.openai.com/v1", key });
  const url = "http://127.0.0.1:11434/v1";
  assert.deepEqual(read({ EMBEDDINGS_URL: `${url}/` }).embeddings, { url, key: null });
  assert.deepEqual(read({ EMBEDDINGS_URL: url, EMBEDDINGS_KEY: key }).embeddings, { url, key });
  assert.deepEqual(problems({ EMBEDDINGS_URL: "ollama" }), [
    "EMBEDDINGS_URL is not a URL that begins with http:// or https://",
  ]);
});
