import assert from "node:assert/strict";
import { storm } from "./storm.ts";

Deno.test({
  name: "executions all end, with each effect, while workers are killed and the database is restarted",
  // the stack's own sockets and processes are ended by storm()
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  const { kills, restarts } = await storm({
    executions: 150,
    batch: 25,
    killEveryMs: 800,
    kills: 3,
    restartEveryMs: 2_000,
    restarts: 1,
    withinMs: 60_000,
  });
  assert.deepEqual([kills, restarts], [3, 1]);
});
