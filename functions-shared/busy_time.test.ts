import assert from "node:assert/strict";
import { busy, busyMs, countExchange } from "./busy_time.ts";

const spin = (ms: number) => {
  for (const until = performance.now() + ms; performance.now() < until;);
};

Deno.test("work that is counted adds its time, also where it fails; what it answers passes through", () => {
  const before = busyMs();
  assert.equal(busy(() => (spin(20), "answer")), "answer");
  assert.throws(() =>
    busy(() => {
      spin(20);
      throw new Error("broken");
    }), /broken/);
  const spent = busyMs() - before;
  assert.ok(spent >= 40 && spent < 1_000, `${spent}`);
});

Deno.test("a task or a request counts a little", () => {
  const before = busyMs();
  for (let i = 0; i < 1_000; i++) countExchange();
  assert.equal(Math.round(busyMs() - before), 400);
});

Deno.test("waiting is not being busy", async () => {
  const before = busyMs();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(busyMs() - before < 40);
});

Deno.test("an event loop that counts is believed", () => {
  const runtime = performance as { eventLoopUtilization?: () => { active: number } };
  const own = runtime.eventLoopUtilization;
  try {
    runtime.eventLoopUtilization = () => ({ active: 1e9 });
    assert.equal(busyMs(), 1e9);
  } finally {
    runtime.eventLoopUtilization = own;
  }
});
