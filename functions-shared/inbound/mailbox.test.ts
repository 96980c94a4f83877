import assert from "node:assert/strict";
import type { Database } from "../db.ts";
import type { Answer, Received } from "./answer.ts";
import { createMailbox, type MailboxOptions } from "./mailbox.ts";

const answer = (messageId: string): Answer => ({
  provider: "webhook",
  integrationId: "0198c0de-0000-4000-8000-000000000001",
  messageId,
  raw: { by: messageId },
  headers: {},
  hints: { decision: "approve" },
});

interface Delivery {
  message_id: string;
  raw: unknown;
}
interface World {
  store?: (deliveries: Delivery[]) => unknown;
  process?: (ids: string[]) => unknown;
}

const kept = ({ message_id }: Delivery) => ({ response_id: message_id, status: "unprocessed", repeated: false });
const decided = (id: string) => ({ response_id: id, status: "matched", result: "decided" });

function build(
  { store = (all) => all.map(kept), process = (ids) => ids.map(decided) }: World,
  options?: MailboxOptions,
) {
  const calls: string[] = [];
  const database = {
    sql: async (parts: TemplateStringsArray, value: string) => {
      if (parts.join().includes("hil.store")) {
        const deliveries: Delivery[] = JSON.parse(value);
        calls.push(`store ${deliveries.map(({ message_id }) => message_id).join(" ")}`);
        return [{ answer: await store(deliveries) }];
      }
      assert.ok(parts.join().includes("hil.process_stored"));
      const ids = value.slice(1, -1).split(",");
      calls.push(`process ${ids.join(" ")}`);
      return [{ answer: await process(ids) }];
    },
  } as unknown as Pick<Database, "sql">;
  const mailbox = createMailbox(database, options);
  const put = (...ids: string[]) => Promise.allSettled(ids.map((id) => mailbox.put(answer(id))));
  return { put, calls };
}

const told = (results: PromiseSettledResult<Received>[]) =>
  results.map((result) =>
    result.status === "fulfilled" ? result.value.status : result.reason.code ?? result.reason.message
  );

Deno.test("answers that come at once are kept in one statement and decided in one", async () => {
  const { put, calls } = build({});
  const results = await put("a", "b", "c");
  assert.deepEqual(told(results), ["matched", "matched", "matched"]);
  assert.deepEqual((results[1] as PromiseFulfilledResult<Received>).value, { ...decided("b"), repeated: false });
  assert.deepEqual(calls, ["store a b c", "process a b c"]);
});

Deno.test("answers that come while others are kept go together after them, so many at a time", async () => {
  const gate = Promise.withResolvers<void>();
  let first = true;
  const { put, calls } = build({
    async store(deliveries) {
      if (first) await gate.promise;
      first = false;
      return deliveries.map(kept);
    },
  }, { most: 2 });
  const one = put("a");
  await Promise.resolve().then(() => {});
  const others = put("b", "c", "d");
  gate.resolve();
  assert.deepEqual(told([...await one, ...await others]), ["matched", "matched", "matched", "matched"]);
  assert.deepEqual(calls.filter((call) => call.startsWith("store")), ["store a", "store b c", "store d"]);
});

Deno.test("to keep what comes goes before deciding what is kept", async () => {
  const gate = Promise.withResolvers<void>();
  const { put, calls } = build({
    async store(deliveries) {
      if (deliveries[0]!.message_id === "b") await gate.promise;
      return deliveries.map(kept);
    },
  }, { most: 1, patience: 0 });
  const all = put("a", "b", "c");
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(calls, ["store a", "store b"]);
  gate.resolve();
  assert.deepEqual(told(await all), ["unprocessed", "unprocessed", "unprocessed"]);
  assert.deepEqual(calls.slice(0, 3), ["store a", "store b", "store c"]);
  while (calls.length < 6) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(calls.slice(3), ["process a", "process b", "process c"]);
});

Deno.test("who comes behind many is told that his answer is kept, and it is decided nevertheless", async () => {
  const ended = Promise.withResolvers<void>();
  const { put, calls } = build({
    process(ids) {
      if (ids.includes("c")) ended.resolve();
      return ids.map(decided);
    },
  }, { patience: 2 });
  assert.deepEqual(told(await put("a", "b", "c")), ["matched", "matched", "unprocessed"]);
  await ended.promise;
  assert.deepEqual(calls, ["store a b c", "process a b c"]);
});

Deno.test("nobody waits for ever", async () => {
  const gate = Promise.withResolvers<void>();
  const { put } = build({ process: () => gate.promise.then(() => []) }, { patienceMs: 1 });
  assert.deepEqual(told(await put("a")), ["unprocessed"]);
  gate.resolve();
});

Deno.test("where the deciding fails the answer is kept, for the tick", async () => {
  const { put, calls } = build({ process: () => Promise.reject(new Error("broken")) }, { patienceMs: 1 });
  assert.deepEqual(told(await put("a")), ["unprocessed"]);
  assert.deepEqual(told(await put("b")), ["unprocessed"]);
  assert.deepEqual(calls, ["store a", "process a", "store b", "process b"]);
});

Deno.test("what somebody else decides is asked for again while its sender waits", async () => {
  let times = 0;
  const { put } = build({
    process: (ids) => ++times === 1 ? ids.map((id) => ({ response_id: id, status: "unprocessed" })) : ids.map(decided),
  });
  assert.deepEqual(told(await put("a")), ["matched"]);
  assert.equal(times, 2);
});

Deno.test("one that cannot be kept keeps no other", async () => {
  const { put, calls } = build({
    store(deliveries) {
      if (deliveries.some(({ message_id }) => message_id === "b")) throw new Error("no");
      return deliveries.map(kept);
    },
  });
  assert.deepEqual(told(await put("a", "b", "c")), ["matched", "no", "matched"]);
  assert.deepEqual(calls.slice(0, 4), ["store a b c", "store a", "process a", "store b"]);
});

Deno.test("what is too much for its hook is refused, with when to send it again", async () => {
  const { put } = build({ store: ([first]) => [kept(first!), { retry_after: 7 }] });
  const [one, two] = await put("a", "b");
  assert.deepEqual(told([one!, two!]), ["matched", "rate_limited"]);
  assert.equal(new Headers((two as PromiseRejectedResult).reason.headers).get("retry-after"), "7");
});

Deno.test("one that was here before is told what became of it", async () => {
  const { put, calls } = build({
    store: ([one]) => [{ response_id: one!.message_id, status: "matched", outcome: "rejected", repeated: true }],
  });
  const [result] = await put("a");
  assert.equal((result as PromiseFulfilledResult<Received>).value.outcome, "rejected");
  assert.deepEqual(calls, ["store a"]);
});
