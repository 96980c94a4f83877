import assert from "node:assert/strict";
import { isolatedDatabase } from "../stack.ts";
import { random, runAlone } from "./graphs.ts";
import { Model } from "./model.ts";
import { board, type Case, playRandomly } from "./play.ts";
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
  const cases = graphs.map((graph) => realCase(graph, 1));
  const play = async (mine: Case[], seed: number) => {
    await using database = await isolatedDatabase();
    const sql = database.connect();
    const workspace = await board(sql);
    const size = 170;
    for (let i = 0; i < mine.length; i += size) {
      await playRandomly(sql, workspace, mine.slice(i, i + size), random(seed + i), 6);
    }
  };
  const half = Math.ceil(cases.length / 2);
  await Promise.all([play(cases.slice(0, half), 1), play(cases.slice(half), 2)]);
});
