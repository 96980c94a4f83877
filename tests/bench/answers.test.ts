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
  const { arrivals, timeouts } = figures;
  assert.equal(Object.values(arrivals.statuses).reduce((sum, times) => sum + times, 0), 20);
  assert.ok(Object.keys(arrivals.statuses).every((status) => ["200", "202"].includes(status)), "all are taken");
  assert.ok(arrivals.p99 >= arrivals.p50 && arrivals.resumed.p50 > 0);
  assert.equal(arrivals.lost, 0);
  assert.deepEqual([timeouts.due, timeouts.lost], [20, 0]);
  assert.ok(timeouts.seconds > 0 && timeouts.busy.p99 > 0);
  assert.match(asText(figures), /CPU ms each/);
  assert.match(asMarkdown(figures, "command"), /\| a click in Slack \|/);
});
