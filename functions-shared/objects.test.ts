import assert from "node:assert/strict";
import { type Bytes, utf8 } from "./encoding.ts";
import { createObjectStore, type ObjectLimits, type ObjectStore, ObjectStoreError, pack, unpacked } from "./objects.ts";
import { fakeObjects, testObjects } from "./objects.testing.ts";
import type { ObjectSettings } from "./objects.ts";

// The SDK keeps its connections open for the next call.
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });

function open(settings: ObjectSettings, limits: Partial<ObjectLimits> = {}): ObjectStore & Disposable {
  const store = createObjectStore(settings, limits);
  return { ...store, [Symbol.dispose]: () => store.close() };
}

async function failsWith(code: string, work: Promise<unknown>): Promise<ObjectStoreError> {
  const error = await work.then(() => null, (error) => error);
  assert.ok(error instanceof ObjectStoreError, `it should fail with ${code}: ${error}`);
  assert.equal(error.code, code);
  return error;
}

const text = async (body: ReadableStream<Bytes>) => await new Response(body).text();
const tree = {
  role: "window",
  name: "Réglages ☃",
  children: Array.from({ length: 500 }, (_, id) => ({ id, on: true })),
};

test("what is stored comes back, from a real server", async () => {
  await using server = await testObjects();
  using store = open(server.settings);
  const packed = await pack(tree);
  assert.ok(packed.packed.length < packed.rawBytes / 5);
  await store.put("a_state.json.gz", packed);
  assert.deepEqual(await store.read("a_state.json.gz"), tree);

  const info = await store.head("a_state.json.gz");
  assert.deepEqual(info, { sha256: packed.sha256, storedBytes: packed.packed.length, tag: packed.sha256 });
  const download = await store.open("a_state.json.gz");
  assert.equal(download.isPacked, true);
  assert.equal(await text(unpacked(download.body, true)), JSON.stringify(tree));

  // JSON of any kind is a value
  for (const [n, value] of [null, false, 0, "", [], "\u0000"].entries()) {
    // at a key of its own, as objects are never written anew
    await store.put(`${n}_state.json.gz`, await pack(value));
    assert.deepEqual(await store.read(`${n}_state.json.gz`), value);
  }
  await store.delete("a_state.json.gz");
  await store.delete("a_state.json.gz");
  assert.equal(await store.head("a_state.json.gz"), null);
  assert.equal((await failsWith("object_not_found", store.open("a_state.json.gz"))).status, 404);
});

test("a presigned URL is downloaded by anybody, and by nobody who changes it", async () => {
  await using server = await testObjects();
  using store = open(server.settings);
  await store.put("a_state.json.gz", await pack(tree));
  const { url, expiresAt } = await store.presign("a_state.json.gz");
  const left = expiresAt.getTime() - Date.now();
  assert.ok(left > 55_000 && left <= 60_000, `${left}`);
  assert.equal(new URL(url).searchParams.get("X-Amz-Expires"), "60");
  const answer = await fetch(url);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.deepEqual(await answer.json(), tree);
  const unsigned = await fetch(url.split("?")[0]!);
  await unsigned.body?.cancel();
  assert.equal(unsigned.status, 403);
});

test("a server that is away is said to be, and found again", async () => {
  await using server = await testObjects();
  using store = open(server.settings, { callMs: 5_000 });
  const packed = await pack(tree);
  await server.stop();
  const error = await failsWith("object_store_unavailable", store.put("a_state.json.gz", packed));
  assert.equal(error.status, 503);
  assert.equal(error.headers["retry-after"], "2");
  await failsWith("object_store_unavailable", store.head("a_state.json.gz"));
  await server.start();
  await store.put("a_state.json.gz", packed);
  assert.deepEqual(await store.read("a_state.json.gz"), tree);
});

test("no checksum header is sent that R2 would refuse", async () => {
  await using server = fakeObjects();
  using store = open(server.settings);
  const packed = await pack(tree);
  await store.put("a_state.json.gz", packed);
  assert.deepEqual(await store.read("a_state.json.gz"), tree);
  await store.delete("a_state.json.gz");
  assert.deepEqual(server.requests.map(({ method }) => method), ["PUT", "GET", "DELETE"]);
  for (const { headers } of server.requests) {
    assert.deepEqual([...headers.keys()].filter((name) => /checksum|trailer|x-amz-decoded/.test(name)), []);
  }
  const sent = server.requests[0]!.headers;
  assert.equal(sent.get("content-encoding"), "gzip");
  assert.equal(sent.get("content-length"), String(packed.packed.length));
  assert.equal(sent.get("x-amz-meta-sha256"), packed.sha256);
});

test("a busy server is asked again, a few times", async () => {
  await using server = fakeObjects();
  using store = open(server.settings);
  const busy = () => new Response("<Error><Code>SlowDown</Code></Error>", { status: 503 });
  server.failures.push(busy, busy);
  await store.put("a_state.json.gz", await pack(tree));
  assert.equal(server.requests.length, 3);

  server.failures.push(busy, busy, busy, busy);
  await failsWith("object_store_unavailable", store.put("b_state.json.gz", await pack(tree)));
  assert.equal(server.requests.length, 6);
  assert.deepEqual([...server.stored.keys()], ["a_state.json.gz"]);
});

test("answers that are no use are not taken for one", async () => {
  await using server = fakeObjects();
  using store = open(server.settings);
  const answers: [number, string][] = [[412, "PreconditionFailed"], [403, "AccessDenied"], [404, "NoSuchBucket"]];
  for (const [status, code] of answers) {
    server.failures.push(() =>
      new Response(`<Error><Code>${code}</Code></Error>`, { status, headers: { "content-type": "application/xml" } })
    );
    const error = await failsWith("object_store_unavailable", store.open("a_state.json.gz"));
    assert.equal(/keys/.test(error.message), status === 403);
  }
  // none of these is worth a second try
  assert.equal(server.requests.length, answers.length);
});

test("a server that never answers, or stops in the middle, holds nobody up", async () => {
  await using server = fakeObjects();
  using store = open(server.settings, { requestMs: 200, callMs: 3_000, attempts: 2 });
  const silent = Promise.withResolvers<Response>();
  server.failures.push(() => silent.promise, () => silent.promise);
  await failsWith("object_store_unavailable", store.put("a_state.json.gz", await pack(tree)));
  silent.resolve(new Response());
  assert.equal(server.requests.length, 2);

  const { packed } = await pack(tree);
  const stalled = Promise.withResolvers<void>();
  server.failures.push(() =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(packed.subarray(0, 100)),
        pull: () => stalled.promise,
      }),
    )
  );
  await failsWith("object_store_unavailable", store.read("a_state.json.gz"));
  stalled.resolve();
});

test("the caller's signal ends a call", async () => {
  await using server = fakeObjects();
  using store = open(server.settings);
  const silent = Promise.withResolvers<Response>();
  const controller = new AbortController();
  server.failures.push(() => {
    controller.abort();
    return silent.promise;
  });
  await failsWith("object_store_unavailable", store.put("a_state.json.gz", await pack(tree), controller.signal));
  silent.resolve(new Response());
});

test("too much is refused before it is sent, packed or not", async () => {
  await using server = fakeObjects();
  using store = open(server.settings, { rawBytes: 5_000, storedBytes: 1_000 });
  await failsWith("object_too_large", pack(tree, { rawBytes: 5_000, storedBytes: 5_000 }));
  const noise = Array.from(crypto.getRandomValues(new Uint8Array(1_200)));
  await failsWith("object_too_large", pack(noise, { rawBytes: 10_000, storedBytes: 1_000 }));
  const error = await failsWith("object_too_large", pack("x".repeat(5_000), { rawBytes: 5_000, storedBytes: 1_000 }));
  assert.equal(error.status, 413);
  assert.equal(server.requests.length, 0);
  await store.put("a_state.json.gz", await pack("x".repeat(4_000)));
  assert.equal(await store.read("a_state.json.gz"), "x".repeat(4_000));
});

test("what unpacks to far more than it is, is not unpacked whole", async () => {
  await using server = fakeObjects();
  using writer = open(server.settings);
  const bomb = await pack("0".repeat(20_000_000));
  assert.ok(bomb.packed.length < 25_000);
  await writer.put("bomb", bomb);
  using store = open(server.settings, { rawBytes: 100_000, storedBytes: 50_000 });
  await failsWith("object_too_large", store.read("bomb"));
  const { body, isPacked } = await store.open("bomb");
  let seen = 0;
  const drain = async () => {
    for await (const chunk of unpacked(body, isPacked, 100_000)) seen += chunk.length;
  };
  await failsWith("object_too_large", drain());
  assert.ok(seen <= 100_000, `${seen} bytes came out`);

  // and a stored object that is too large as it lies there
  using small = open(server.settings, { storedBytes: 1_000 });
  await failsWith("object_too_large", small.open("bomb"));
});

test("what is not what was stored is not passed on as if it were", async () => {
  await using server = fakeObjects();
  using store = open(server.settings);
  const good = await pack({ a: 1 });
  const other = await pack({ a: 2 });
  await store.put("swapped", { ...other, sha256: good.sha256 });
  await failsWith("object_corrupt", store.read("swapped"));
  await store.put("cut", { ...good, packed: good.packed.slice(0, good.packed.length - 6) });
  await failsWith("object_corrupt", store.read("cut"));
  await store.put("plain", { ...good, packed: utf8("no JSON") });
  await failsWith("object_corrupt", store.read("plain"));
});

test("an object that something else wrote, without gzip or hash, is read too", async () => {
  await using server = fakeObjects();
  using store = open(server.settings);
  server.stored.set("foreign", { body: utf8('{"a":[1]}'), headers: new Headers() });
  assert.deepEqual(await store.read("foreign"), { a: [1] });
  const { isPacked, sha256, tag, body } = await store.open("foreign");
  assert.deepEqual([isPacked, sha256, tag], [false, null, "0123456789abcdef0123456789abcdef"]);
  assert.equal(await text(body), '{"a":[1]}');
  server.stored.set("empty", { body: new Uint8Array(0), headers: new Headers() });
  await failsWith("object_corrupt", store.read("empty"));
});
