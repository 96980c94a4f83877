import assert from "node:assert/strict";
import { measure, sizes } from "./answers.ts";
import { asMarkdown, asText } from "./answers_report.ts";

Deno.test("the benchmark of answers runs and gives every figure", async () => {
  const figures = await measure(sizes.smoke);
  assert.equal(figures.ways.length, 4);
  for (const { name, answers, perSecond, p50, p99, behind } of figures.ways) {
    assert.equal(answers, 10, name);
    assert.ok(perSecond > 0 && p50 > 0 && p99 >= p50, name);
    assert.equal(behind, 0, name);
  }
  assert.deepEqual([figures.countedTwice, figures.violations], [0, 0]);
  const { due, lost, ticks, longestTickMs } = figures.timeouts;
  assert.deepEqual([due, lost], [20, 0]);
  assert.ok(ticks > 0 && longestTickMs > 0);
  assert.match(asText(figures), /CPU ms each/);
  assert.match(asMarkdown(figures, "command"), /\| a click in Slack \|/);
});
