import assert from "node:assert/strict";
import { measure, parts, sizes } from "./search.ts";
import { plot } from "./search/plot.ts";
import { asMarkdown, asText } from "./search/report.ts";

Deno.test("the benchmark of search runs and gives every figure, and our answers are as good as promised", async () => {
  const figures = await measure(sizes.smoke, parts);
  const { quality, latency, writes } = figures;
  assert.equal(quality!.data.length, 6);
  for (const { name, queries, ndcg10, recall100, empty } of quality!.data) {
    assert.equal(queries, 197, name);
    assert.ok(ndcg10 > 0 && ndcg10 <= 1 && recall100 > 0 && recall100 <= 1, name);
    if (!name.startsWith("ours")) continue;
    // the same in every run: nothing of it is measured in time
    assert.equal(empty, 0, name);
    assert.ok(ndcg10 >= 0.93, `${name}: ${ndcg10}`);
  }
  assert.ok(quality!.data[0]!.empty > 0.9, "the document's keywords find nothing");
  const methods = new Set(latency!.data.cells.map(({ method }) => method));
  assert.equal(methods.size, 7);
  for (const { method, p50, p95 } of latency!.data.cells) assert.ok(p50 > 0 && p95 >= p50, method);
  for (const { filter, mean } of latency!.data.recalls) assert.ok(mean >= 0.95, filter);
  for (const write of [...writes!.data.statistics, ...writes!.data.others]) {
    assert.ok(write.perSecond > 0 && write.walBytes > 0 && write.p95 >= write.p50, write.name);
  }
  assert.match(asText(figures), /nDCG@10/);
  assert.match(asMarkdown(figures, "command"), /\| ours: two_stage \|/);
  assert.match(plot(latency!.data.cells), /ours: hybrid/);
});
