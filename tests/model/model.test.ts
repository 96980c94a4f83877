import assert from "node:assert/strict";
import { isolatedDatabase } from "../stack.ts";
import { random, runAlone, type Script } from "./graphs.ts";
import { Model } from "./model.ts";
import type { Json } from "./paths.ts";
import { board, type Case, Disagreement, playRandomly, randomCases, valid } from "./play.ts";
import type { Connection, Node } from "./shape.ts";

const start: Node = { id: "start", type: "TRIGGER", subtype: "MANUAL" };
const noop = (id: string): Node => ({ id, type: "ACTION", subtype: "NOOP", retry_wait_time: 0 });
const merge = (id: string, mode: string): Node => ({ id, type: "FLOW", subtype: "MERGE", parameters: { mode } });
const runsBelow = (id: string, limit: number): Node => ({
  id,
  type: "FLOW",
  subtype: "IF",
  parameters: { condition: `$.execution.node_runs < ${limit}` },
});
const forEach = (id: string, items: Json, room?: number): Node => ({
  id,
  type: "FLOW",
  subtype: "FOR_EACH",
  parameters: { items, ...(room ? { max_concurrency: room } : {}) },
});

/** `a>b`, `a>b:1` to input 1, `a.1>b` from output 1. */
function edges(text: string): Connection[] {
  return text.split(" ").map((edge) => {
    const [, source, index, target, input] = edge.match(/^(\w+)(?:\.(\d))?>(\w+)(?::(\d))?$/)!;
    return { source: source!, target: target!, index: Number(index ?? 0), target_index: Number(input ?? 0) };
  });
}

/** Each task answers where it was: its run, and the item it was in. */
const where: Script = (key) => {
  const [, scope, run] = key.match(/^\w+(\/.*)? run (\d+) /)!;
  return { output: { run: Number(run), item: scope ?? null } };
};

interface Named extends Case {
  /** How often nodes run. */
  runs: Record<string, number>;
  output?: Json;
  /** What every output of a node must be like. */
  each?: [string, (value: Json) => boolean];
}

const isPair = (field: string) => (value: Json) => {
  const { 0: a, 1: b } = value as Record<string, Record<string, Json>>;
  return a![field] === b![field];
};

const examples: Omit<Named, "input" | "script">[] = [
  {
    name: "a merge that feeds itself fires without waiting for its own output",
    definition: {
      nodes: [start, noop("a"), merge("m", "all"), runsBelow("again", 3), noop("last")],
      connections: edges("start>a a>m:0 m>again again.0>m:1 again.1>last"),
    },
    runs: { a: 1, m: 3, again: 3, last: 1 },
  },
  {
    name: "of two merges that wait for each other the first fires",
    definition: {
      nodes: [
        start,
        noop("a"),
        noop("b"),
        merge("m1", "all"),
        merge("m2", "all"),
        runsBelow("again", 2),
        noop("last"),
      ],
      connections: edges("start>a start>b a>m1:0 b>m2:0 m1>m2:1 m2>again again.0>m1:1 again.1>last"),
    },
    runs: { m1: 2, m2: 2, again: 2, last: 1 },
  },
  {
    name: "a merge in a loop never pairs two of its iterations",
    definition: {
      nodes: [start, noop("h"), noop("x"), noop("y"), runsBelow("again", 4), merge("m", "all"), {
        ...runsBelow("never", 1),
        parameters: { condition: "$.input.none == 1" },
      }],
      connections: edges("start>h h>x h>y h>again again.0>h x>m:0 y>m:1 m>never never.0>h"),
    },
    // x and y run as often as h, in its order: their runs tell the iteration
    runs: { h: 4, x: 4, y: 4, m: 4, never: 4 },
    each: ["m", isPair("run")],
  },
  {
    name: "items that overtake each other on two branches stay together",
    definition: {
      nodes: [start, forEach("f", [1, 2, 3, 4]), noop("x"), noop("y"), merge("m", "all"), merge("c", "collect")],
      connections: edges("start>f f>x f>y x>m:0 y>m:1 m>c"),
    },
    runs: { x: 4, y: 4, m: 4, c: 1 },
    output: {
      c: [0, 1, 2, 3].map((i) => ({ 0: { run: 0, item: `/f#0:${i}` }, 1: { run: 0, item: `/f#0:${i}` } })),
    },
    each: ["m", isPair("item")],
  },
  {
    name: "a collect of no items fires, and a merge goes on with it",
    definition: {
      nodes: [start, noop("a"), forEach("f", []), noop("x"), merge("c", "collect"), merge("m", "append")],
      connections: edges("start>a start>f f>x x>c c>m:0 a>m:1"),
    },
    runs: { x: 0, c: 1, m: 1 },
    output: { m: [[], { run: 0, item: null }] },
  },
  {
    name: "a collect waits for a merge in its last item",
    definition: {
      nodes: [start, forEach("f", [1, 2], 1), merge("m", "all"), noop("x"), merge("c", "collect")],
      connections: edges("start>f f>m:0 m>x x>c"),
    },
    runs: { m: 2, x: 2, c: 1 },
    output: { c: [{ run: 0, item: "/f#0:0" }, { run: 0, item: "/f#0:1" }] },
  },
  {
    name: "nested loops give nested lists, in item order",
    definition: {
      nodes: [
        start,
        forEach("outer", [[1, 2], [], [3]]),
        forEach("inner", "{{ $.item }}", 1),
        noop("x"),
        merge("c1", "collect"),
        merge("c2", "collect"),
      ],
      connections: edges("start>outer outer>inner inner>x x>c1 c1>c2"),
    },
    runs: { inner: 3, x: 3, c1: 3, c2: 1 },
    output: {
      c2: [
        [{ run: 0, item: "/outer#0:0/inner#0:0" }, { run: 0, item: "/outer#0:0/inner#0:1" }],
        [],
        [{ run: 0, item: "/outer#0:2/inner#0:0" }],
      ],
    },
  },
];
const named: Named[] = examples.map((one) => ({ input: {}, script: where, ...one }));

Deno.test("the model answers the counter-examples of the simpler rules as the contract does", () => {
  for (const { name, definition, input, script, runs, output } of named) {
    const model = runAlone(new Model(definition, input, 100), script);
    assert.equal(model.status, "SUCCESS", name);
    const counts = Object.fromEntries(
      Object.keys(runs).map((node) => [
        node,
        model.runs.filter((run) => run.node === node && run.status === "SUCCESS").length,
      ]),
    );
    assert.deepEqual(counts, runs, name);
    if (output) {
      assert.deepEqual(
        Object.fromEntries([...model.outputs].map(([node, { values }]) => [node, values[0]])),
        output,
        name,
      );
    }
  }
});

Deno.test("the engine does so under every schedule", async (test) => {
  await using database = await isolatedDatabase();
  const sql = database.connect();
  const workspace = await board(sql);
  assert.equal((await valid(sql, named)).length, named.length);
  for (const one of named) {
    await test.step(one.name, async () => {
      // the same graph many times, each time with another schedule
      const copies = Array.from({ length: 12 }, () => one);
      const game = await playRandomly(sql, workspace, copies, random(7), 10);
      if (!one.each) return;
      const [node, holds] = one.each;
      const values = await game.values(node);
      assert.ok(values.length > 0);
      for (const value of values) assert.ok(holds(value), JSON.stringify(value));
    });
  }
});

Deno.test("a token cannot meet the items of a FOR_EACH: the definition is refused", async () => {
  await using database = await isolatedDatabase();
  const sql = database.connect();
  const definition = {
    nodes: [start, noop("a"), forEach("f", [1, 2, 3]), noop("x"), merge("m", "all")],
    connections: edges("start>a start>f f>x x>m:0 a>m:1"),
  };
  const [row] = await sql<{ codes: string[] }[]>`
    select array(select d ->> 'code' from jsonb_array_elements(
      public.validate_definition(${sql.json(definition as unknown as Parameters<typeof sql.json>[0])})
        -> 'diagnostics') d) as codes`;
  assert.deepEqual(row!.codes, ["merge_depths_differ"]);
});

Deno.test("random graphs run in the engine as in the model", async () => {
  await using database = await isolatedDatabase();
  const sql = database.connect();
  const workspace = await board(sql);
  for (let seed = 100_001; seed < 100_151; seed += 25) {
    try {
      await playRandomly(sql, workspace, await randomCases(sql, seed, 25), random(seed));
    } catch (error) {
      if (!(error instanceof Disagreement)) throw error;
      throw new Error(`npm run fuzz -- --seed ${seed} --graphs 25 shows how\n${error.message}`, { cause: error });
    }
  }
});
