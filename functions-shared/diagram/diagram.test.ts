import assert from "node:assert/strict";
import { type RealGraph, realGraphs } from "../../tests/model/real_graphs.ts";
import { pictureOf, type Runs } from "./graph.ts";
import { layOut, overlap } from "./layout.ts";
import { mermaid } from "./mermaid.ts";
import { svg } from "./svg.ts";

/** Whether a text is well-formed XML with one root; the elements and attributes that it has. */
function elementsOf(xml: string): Set<string> {
  const found = new Set<string>();
  const open: string[] = [];
  const token = /<(\/?)([A-Za-z]+)((?:\s+[A-Za-z-:]+="[^"<&]*(?:&[#\w]+;[^"<&]*)*")*)\s*(\/?)>|([^<]+)/gy;
  let roots = 0;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const match = token.exec(xml);
    assert.ok(match, `no XML at ${at}: ${xml.slice(at, at + 80)}`);
    const [, close, name, attributes, empty, text] = match;
    if (text !== undefined) {
      assert.match(text, /^(?:[^&]|&(?:#\d+|amp|lt|gt|quot);)*$/, "a bare &");
      continue;
    }
    if (close) assert.equal(open.pop(), name);
    else {
      if (open.length === 0) roots++;
      found.add(name!);
      for (const [, attribute] of attributes!.matchAll(/([A-Za-z-:]+)=/g)) found.add(`@${attribute}`);
      if (!empty) open.push(name!);
    }
  }
  assert.deepEqual([open, roots], [[], 1]);
  return found;
}

const drawn = [
  "svg",
  "title",
  "style",
  "defs",
  "marker",
  "path",
  "rect",
  "text",
  "g",
  "@xmlns",
  "@viewBox",
  "@width",
  "@height",
  "@role",
  "@id",
  "@refX",
  "@refY",
  "@markerWidth",
  "@markerHeight",
  "@markerUnits",
  "@orient",
  "@class",
  "@d",
  "@x",
  "@y",
  "@rx",
  "@marker-end",
  "@text-anchor",
  "@stroke-dasharray",
];

const names = [
  "<script>alert(1)</script>",
  '"] --> x["',
  "a --> b",
  "line\nbreak\r\n\tend",
  "🚀 日本語 é",
  "&amp; ]]> <!-- -->",
  "\u0000\u0007\ud800\u202e",
  "end",
  "'; onload='x",
  "%%{init: {}}%%",
  "",
];

Deno.test("no name leaves its label, in neither format", () => {
  const nodes = names.map((name, i) => ({
    id: `i${i}`,
    name,
    type: i % 2 ? "FLOW" : "ACTION",
    subtype: name || "IF",
    attached_nodes: i === 0 ? names.map((one) => ({ id: one, name: one, type: "TOOL" })) : [],
  }));
  const connections = names.map((label, i) => ({ source: `i${i}`, target: `i${(i + 1) % names.length}`, label }));
  const picture = pictureOf(names.join(" "), { nodes, connections }, null);
  for (const element of elementsOf(svg(picture))) assert.ok(drawn.includes(element), element);
  assert.ok(!svg(picture).includes("<script"));
  const lines = mermaid(picture).trimEnd().split("\n");
  const line =
    /^(---|title: "[^"]*"|flowchart LR| {2}n\d+(p\d+)?([[({\\/]{1,2})"[^"[\]{}<>|]*(<br\/>disabled)?"([\])}\\/]{1,2})| {2}n\d+ (-->|==>|-\.->)(\|"[^"[\]{}<>|]*"\|)? n\d+| {2}n\d+ -\.- n\d+p\d+| {2}class n\d+ \w+| {2}classDef .*)$/;
  for (const one of lines) assert.match(one, line);
});

Deno.test("a picture of an execution says its statuses in words, and marks the way that was taken", () => {
  const runs: Runs = {
    status: "ERROR",
    nodes: { a: { status: "SUCCESS", runs: 3, seconds: 0.25 }, b: { status: "ERROR", runs: 1, seconds: 3 } },
    taken: [["a", "b"]],
  };
  const nodes = ["a", "b", "c"].map((id) => ({ id, type: "FLOW", subtype: "IF" }));
  const connections = [{ source: "a", target: "b" }, { source: "a", target: "c", index: 1 }];
  const picture = pictureOf("W", { nodes, connections }, runs);
  const image = svg(picture);
  for (const said of ["✓ success 250 ms ×3", "✕ error 3.0 s", "– not run", "true", "false", "W (✕ ERROR)"]) {
    assert.ok(image.includes(said), said);
  }
  assert.equal(image.match(/class="edge taken"/g)?.length, 1);
  assert.match(mermaid(picture), /n0 ==>\|"true"\| n1/);
});

Deno.test("positions are kept where no box covers another, else boxes are laid out in layers", () => {
  const nodes = (gap: number) =>
    ["a", "b"].map((id, i) => ({ id, type: "ACTION", subtype: "NOOP", position: { x: i * gap, y: 7 } }));
  const connections = [{ source: "a", target: "b" }, { source: "b", target: "a" }, { source: "b", target: "b" }];
  const wide = layOut(pictureOf("W", { nodes: nodes(300), connections }, null));
  assert.deepEqual([wide.isLayered, wide.places.map(({ x }) => x)], [false, [0, 300]]);
  const narrow = layOut(pictureOf("W", { nodes: nodes(20), connections }, null));
  assert.deepEqual([narrow.isLayered, overlap(narrow.places)], [true, false]);
  assert.equal(svg(pictureOf("W", { nodes: nodes(300), connections }, null)).match(/marker-end/g)?.length, 3);
});

Deno.test("what many outputs and inputs are called can be read: in their order, one below the other", () => {
  const rules = ["a", "b", "c", "d"];
  const ends = [...rules, "other"];
  const nodes = [
    { id: "s", type: "FLOW", subtype: "SWITCH", parameters: { rules } },
    ...ends.map((id) => ({ id, type: "ACTION", subtype: "NOOP" })),
    { id: "m", type: "FLOW", subtype: "MERGE" },
  ];
  const connections = ends.flatMap((id, i) => [
    { source: "s", target: id, index: i },
    { source: id, target: "m", target_index: i },
  ]);
  const image = svg(pictureOf("W", { nodes, connections }, null));
  const labels = [...image.matchAll(/class="label halo" x="[\d.]+" y="([\d.]+)" text-anchor="(\w+)">([^<]*)</g)];
  for (
    const [side, expected] of [["start", ["rule 0", "rule 1", "rule 2", "rule 3", "else"]], ["end", [
      ..."01234",
    ]]] as const
  ) {
    const column = labels.filter(([, , anchor]) => anchor === side).sort((a, b) => Number(a[1]) - Number(b[1]));
    assert.deepEqual(column.map(([, , , name]) => name), expected);
    column.slice(1).forEach(([, y], i) => assert.ok(Number(y) - Number(column[i]![1]) >= 16, "they overlap"));
  }
});

Deno.test("an arrow goes round the box in its way, else it would seem to end there", () => {
  const at = (id: string, x: number, y = 0) => ({ id, type: "ACTION", subtype: "NOOP", position: { x, y } });
  const nodes = [at("a", 0), at("b", 220), at("c", 440), at("far", 220, 300)];
  const connections = [{ source: "a", target: "b" }, { source: "b", target: "c" }, { source: "a", target: "c" }];
  const { bends, places, heads } = layOut(pictureOf("W", { nodes, connections }, null));
  assert.deepEqual([bends[0], bends[1], bends[2]!.length], [[], [], 2]);
  for (const { y } of bends[2]!) assert.ok(y < places[1]!.y || y > places[1]!.y + heads[1]!);
});

Deno.test("a name ends where its box does, in any writing", () => {
  for (const name of ["Fetch the page number 17 of many", "請求書を処理する長い名前のノード", "W".repeat(40)]) {
    const image = svg(pictureOf("W", { nodes: [{ id: "a", name, type: "ACTION", subtype: "NOOP" }] }, null));
    const shown = /class="name"[^>]*>([^<]*…)</.exec(image)![1]!;
    assert.ok(name.startsWith(shown.slice(0, -1)));
    assert.ok([...shown].length <= { F: 19, 請: 11, W: 12 }[name[0]!]!, shown);
    assert.ok(image.includes(`${name} (ACTION.NOOP)`), "the whole name where the mouse rests");
  }
});

Deno.test("no name is a list to Mermaid", () => {
  const nodes = ["1. Fetch", "- Fetch", "v1.2"].map((name, i) => ({
    id: `n${i}`,
    name,
    type: "ACTION",
    subtype: "NOOP",
  }));
  const flowchart = mermaid(pictureOf("W", { nodes }, null));
  for (const said of ['"1#46; Fetch"', '"#45; Fetch"', '"v1.2"']) assert.ok(flowchart.includes(said), said);
});

Deno.test("every real graph is drawn: no box covers another, and the XML is well-formed", () => {
  for (const graph of realGraphs()) {
    const picture = pictureOf(graph.id, definitionOf(graph), null);
    const layout = layOut(picture);
    assert.ok(layout.isLayered || graph.nodes.length === 0, graph.id);
    assert.equal(overlap(layout.places), false, graph.id);
    assert.ok(layout.places.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)), graph.id);
    elementsOf(svg(picture));
    assert.equal(mermaid(picture).includes("undefined"), false);
  }
});

Deno.test("broken definitions make pictures too", () => {
  for (const definition of [{}, { nodes: null }, { nodes: [1, {}], connections: [{ source: 1 }] }]) {
    elementsOf(svg(pictureOf("", definition, null)));
    assert.match(mermaid(pictureOf("", definition, null)), /flowchart LR/);
  }
});

function definitionOf(graph: RealGraph) {
  return {
    nodes: graph.nodes.map(([type, subtype], i) => ({
      id: `n${i}`,
      name: `${type} ${i}`,
      type,
      subtype: subtype ?? "",
    })),
    connections: graph.edges.map(([source, index, target, input]) => ({
      source: `n${source}`,
      target: `n${target}`,
      index,
      target_index: input,
    })),
  };
}
