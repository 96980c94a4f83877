import assert from "node:assert/strict";
import { isolatedDatabase } from "../stack.ts";
import { random, runAlone } from "./graphs.ts";
import { Model } from "./model.ts";
import { board, playRandomly } from "./play.ts";
import { realCase, realGraphs } from "./real_graphs.ts";

const graphs = realGraphs();

Deno.test("every real graph ends in the model, whatever its workers choose", () => {
  assert.equal(graphs.length, 677);
  const statuses = new Set<string>();
  for (const graph of graphs) {
    for (let seed = 1; seed <= 3; seed++) {
      const { definition, input, script } = realCase(graph, seed);
      // a deadlock raises
      statuses.add(runAlone(new Model(definition, input, 5000), script).status);
    }
  }
  assert.deepEqual(statuses, new Set(["SUCCESS", "ERROR"]));
});

Deno.test("every real graph ends in the engine as it does in the model", async () => {
  await using database = await isolatedDatabase();
  const sql = database.connect();
  const workspace = await board(sql);
  const cases = graphs.map((graph) => realCase(graph, 1));
  const size = 170;
  for (let i = 0; i < cases.length; i += size) {
    await playRandomly(sql, workspace, cases.slice(i, i + size), random(i), 6);
  }
});
