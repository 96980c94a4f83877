// Where lists become items, and items are taken together.
import { list, record } from "../json.ts";
import { plain, type Shape, type Step, Untranslatable, wholePath } from "./expression.ts";
import { type Mapper, passing, type Plan, put } from "./plan.ts";
import { number, text } from "./source.ts";

const merge: Mapper = (node, context) => {
  const p = node.parameters;
  const mode = text(p.mode) || "append";
  const combination = text(p.combineBy) || text(p.combinationMode) || "combineByFields";
  const joined = (how: string, out: Plan["out"], notes: string[] = []): Plan =>
    passing("MERGE", () => ({ mode: how }), { out, plainInput: true, notes, outputsOf: () => [0] });
  if (mode === "append") {
    if (context.eachAppended) {
      return { ...joined("append", { path: [], item: plain }), form: "node" };
    }
    return joined("append", { path: [0] }, [
      "What was appended is a list here, of which the first goes on: run item by item it would meet other ways",
    ]);
  }
  const clash = text(record(record(record(p.options).clashHandling).values).resolveClash) || "preferLast";
  const position = mode === "mergeByIndex" || mode === "multiplex" ||
    mode === "combine" && /^(mergeByPosition|combineByPosition|multiplex|combineAll)$/.test(combination);
  if (position) {
    if (clash !== "preferLast" && clash !== "preferInput2") {
      throw new Untranslatable("Of a field of both inputs the last one counts", "parameters.options.clashHandling");
    }
    return joined("combine", plain, ["Items meet one by one, not in lists"]);
  }
  const chosen = (input: number) =>
    joined("all", { path: [String(input)] }, ["It gives the values of all inputs; what follows reads that one"]);
  if (mode === "chooseBranch" && (text(p.output) || "specifiedInput") !== "empty") {
    const input = text(p.useDataOfInput) || text(p.output).replace("input", "") || "1";
    return chosen(Math.max(1, Number(input) || 1) - 1);
  }
  if (mode === "passThrough") return chosen(text(p.output) === "input2" ? 1 : 0);
  throw new Untranslatable(
    `Merging by ${mode === "combine" ? combination : mode} has no counterpart`,
    "parameters.mode",
  );
};

const loop: Mapper = (node) => {
  if (node.version < 2) {
    throw new Untranslatable("This version's loop ends by a condition of its own", "typeVersion");
  }
  const size = number(node.parameters.batchSize, node.version >= 3 ? 1 : 10);
  if (record(node.parameters.options).reset !== undefined && record(node.parameters.options).reset !== false) {
    throw new Untranslatable("A loop cannot be reset", "parameters.options.reset");
  }
  return {
    ...passing("FOR_EACH", (t) => ({
      items: t.path(wholePath("$.input", t.shape)),
      max_concurrency: Math.max(1, Math.min(10_000, Math.trunc(size))),
    })),
    form: "loop",
    outputs: 2,
    out: (input) => input.item ? { ...plain } : input,
    notes: size > 1 ? [`${size} items are at work at a time, each for itself; there are no batches`] : [],
  };
};

const steps = (dotted: unknown): Step[] =>
  text(dotted).replace(/^\$json\./, "").split(".").filter((step) => step !== "");

const split: Mapper = (node) => {
  const p = node.parameters;
  const field = text(p.fieldToSplitOut);
  if (field === "" || field.startsWith("=") || /[,[\]]/.test(field)) {
    throw new Untranslatable("One field by its name is split, no other", "parameters.fieldToSplitOut");
  }
  if ((text(p.include) || "noOtherFields") !== "noOtherFields") {
    throw new Untranslatable("Other fields do not go along with each item", "parameters.include");
  }
  const destination = text(record(p.options).destinationFieldName);
  return {
    ...passing("FOR_EACH", (t) => ({ items: t.input(steps(field)) })),
    form: "split",
    out: destination !== "" ? { path: [], renames: { [destination]: [] } } : plain,
    notes: ["A value that is no object is the item itself here, and was a field of it"],
  };
};

const aggregate: Mapper = (node) => {
  const p = node.parameters;
  const all = text(p.aggregate) === "aggregateAllItemData";
  if (all && (text(p.include) || "allFields") !== "allFields") {
    throw new Untranslatable("Some of the fields are kept, and a path cannot choose", "parameters.include");
  }
  return {
    type: "ACTION",
    subtype: "TRANSFORM",
    form: "all",
    outputs: 1,
    out: plain,
    notes: [],
    parameters(t) {
      const shape = t.shape;
      const field = (path: Step[]) => {
        if (!shape.item) return [t.input(path)];
        const each = wholePath("$.input", { path: [...shape.path], item: undefined }) + "[*]";
        return t.path(
          path.length === 0 && shape.item.path.length === 0
            ? wholePath("$.input", { path: shape.path })
            : each + pathTail(shape.item, path),
        );
      };
      if (all) return { output: { [text(p.destinationFieldName) || "data"]: field([]) } };
      const output: Record<string, unknown> = {};
      for (const one of list(record(p.fieldsToAggregate).fieldToAggregate).map(record)) {
        const name = text(one.fieldToAggregate);
        if (name.startsWith("=")) throw new Untranslatable("A name is computed", "parameters.fieldsToAggregate", name);
        if (name === "") continue;
        const last = one.renameField === true ? text(one.outputFieldName) : steps(name).at(-1);
        put(output, String(last || name), field(steps(name)), false);
      }
      return { output };
    },
  };
};

function pathTail(shape: Shape, path: Step[]): string {
  const [first, ...rest] = path;
  const renamed = typeof first === "string" && shape.renames && Object.hasOwn(shape.renames, first)
    ? shape.renames[first]
    : undefined;
  return wholePath("", { path: renamed ? [...renamed, ...rest] : [...shape.path, ...path] });
}

const limit: Mapper = (node) => {
  const count = number(node.parameters.maxItems, 1);
  if (!(count >= 1 && count <= 10_000)) throw new Untranslatable("1 to 10,000 items are kept", "parameters.maxItems");
  const range = node.parameters.keep === "lastItems" ? `[last - ${count - 1} to last]` : `[0 to ${count - 1}]`;
  return {
    type: "ACTION",
    subtype: "TRANSFORM",
    form: "list",
    outputs: 1,
    out: (input) => ({ path: [], item: input.item ? plain : plain }),
    notes: [],
    parameters: (t) => ({
      output: t.shape.item
        ? t.path(`${wholePath("$.input", { path: t.shape.path })}${range}${pathTail(t.shape.item, [])}`)
        : [t.input()],
    }),
  };
};

const itemLists: Mapper = (node, context) => {
  const operation = text(node.parameters.operation) || "splitOutItems";
  if (operation === "splitOutItems") return split(node, context);
  if (operation === "limit") return limit(node, context);
  if (operation === "aggregateItems" || operation === "concatenateItems") {
    return aggregate(node, context);
  }
  throw new Untranslatable(`${operation} has no counterpart`, "parameters.operation");
};

export const items: Record<string, Mapper> = {
  merge,
  splitInBatches: loop,
  splitOut: split,
  itemLists,
  aggregate,
  limit,
};
