import assert from "node:assert/strict";
import { measure, sizes } from "./measure.ts";
import { asMarkdown, asText } from "./report.ts";

Deno.test("the benchmark runs and gives every figure", async () => {
  const figures = await measure(sizes.smoke);
  const [workers, postgres] = figures.contests;
  const ours = ["Tandem", "floor"];
  const peers = ["Graphile Worker, batched", "Graphile Worker, one by one", "pg-boss, jobs insert the next", "DBOS"];
  assert.deepEqual(workers?.shapes.map(({ costs }) => costs.map((result) => result.name)), [
    ["Tandem", "Tandem, without the starts", "floor", ...peers],
    [...ours, ...peers],
    [...ours, ...peers],
  ]);
  assert.equal(postgres?.shapes[0]?.costs.length, 3);
  assert.equal(figures.latencies.length, 2);
  assert.equal(figures.claims.length, 4);
  assert.equal(figures.heldSnapshot.loads.filter((load) => load.held).length, 4);
  assert.equal(figures.flood.batches.length, 5);
  assert.equal(figures.schedules.due, 30);
  assertNumbers(figures);
  assert.match(asText(figures), /x floor/);
  assert.match(asMarkdown(figures, "command"), /\| target/);
});

function assertNumbers(value: unknown, path = "figures"): void {
  if (typeof value === "number") assert.ok(Number.isFinite(value) && value >= 0, `${path} is ${value}`);
  else if (typeof value === "object") {
    for (const [key, inner] of Object.entries(value ?? {})) assertNumbers(inner, `${path}.${key}`);
  }
}
