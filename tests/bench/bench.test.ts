import assert from "node:assert/strict";
import { measure } from "./measure.ts";

Deno.test("the benchmark runs and gives every figure", async () => {
  const { rounds, costs, latencyMs, claims } = await measure({ short: true });
  assert.equal(rounds, 1);
  assert.deepEqual(Object.keys(costs).sort(), [
    "edge",
    "edgeFloor",
    "edgeSteps",
    "sqlBatched",
    "sqlFloor",
    "sqlSingle",
  ]);
  const figures = [
    latencyMs,
    ...claims.map((claim) => claim.ms),
    ...Object.values(costs).flatMap((cost) => Object.values(cost)),
  ];
  assert.equal(figures.length, 21);
  for (const figure of figures) assert.ok(Number.isFinite(figure) && figure >= 0, JSON.stringify({ costs, claims }));
});
