import assert from "node:assert/strict";
import { measure, sizes } from "./lifecycle.ts";
import { asMarkdown, asText } from "./lifecycle_report.ts";

Deno.test("the benchmark of the library runs and gives every figure", async () => {
  const figures = await measure(sizes.smoke);
  assert.equal(figures.workflows, 30);
  assert.equal(figures.triggers, 60);
  assert.equal(figures.operations.length, 8);
  for (const { name, asUser, bare } of [...figures.operations, ...figures.matching]) {
    for (const { p50, p95 } of [asUser, ...bare ? [bare] : []]) assert.ok(p50 > 0 && p95 >= p50, name);
  }
  assert.match(asText(figures), /without RLS/);
  assert.match(asMarkdown(figures, "command"), /\| save in place/);
});
