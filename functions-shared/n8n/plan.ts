// What becomes of one of n8n's nodes: one of ours, or several.
import { list, record } from "../json.ts";
import { type Shape, type Translator, Untranslatable } from "./expression.ts";
import { type SourceNode, text } from "./source.ts";

export interface Plan {
  type: string;
  subtype: string;
  /**
   * node: one node. set: one that adds to its input (three nodes). split: an item for each value. loop: until a
   * collecting merge. all: takes the items together. list: so, and gives a list.
   */
  form: "node" | "set" | "split" | "loop" | "all" | "list";
  /** Its regular outputs; what comes after them is n8n's error output. */
  outputs: number;
  /** Where an output of n8n leaves ours. */
  outputsOf?: (index: number) => number[];
  /** How its output lies: as its input, or so. */
  out: "input" | Shape | ((input: Shape) => Shape);
  parameters: (t: Translator) => Record<string, unknown>;
  /** Inputs must lie plainly: they are joined. */
  plainInput?: boolean;
  /** More triggers of the same kind. */
  more?: Record<string, unknown>[];
  disabled?: boolean;
  timeout?: number;
  retries?: boolean;
  notes: string[];
}

export interface Context {
  timezone: string | undefined;
  /** Whether what comes out of an appending merge runs item by item; else only the first goes on. */
  eachAppended: boolean;
  /** Our ids of other workflows, by n8n's. */
  workflows: Record<string, string>;
}

export type Mapper = (node: SourceNode, context: Context) => Plan;

export const passing = (subtype: string, parameters: Plan["parameters"], more: Partial<Plan> = {}): Plan => ({
  type: "FLOW",
  subtype,
  form: "node",
  outputs: 1,
  out: "input",
  parameters,
  notes: [],
  ...more,
});

/** Whether an error goes on as an item. */
export function continues(node: SourceNode): boolean {
  return node.given.onError === "continueRegularOutput" ||
    node.given.onError === undefined && node.given.continueOnFail === true;
}

/** [{name, value}] as an object; a name that comes twice has the last value. */
export function pairs(given: unknown, at: string, t: Translator, what = "value"): Record<string, unknown> {
  return Object.fromEntries(
    list(given).map((one, i) => {
      const pair = record(one);
      const name = text(pair.name);
      if (name.startsWith("=")) throw new Untranslatable("A name is computed", `${at}[${i}].name`, name);
      return [name, t.value(pair[what] ?? "", `${at}[${i}].${what}`)];
    }).filter(([name]) => name !== ""),
  );
}

/** A resource locator's value, or the value itself. */
export function located(given: unknown): string {
  return text(record(given).value ?? given);
}

/** Sets a field by its dotted name. */
export function put(target: Record<string, unknown>, name: string, value: unknown, dotted: boolean): void {
  const keys = dotted ? name.split(".") : [name];
  let at = target;
  for (const key of keys.slice(0, -1)) {
    const inner = Object.hasOwn(at, key) ? at[key] : undefined;
    const next = record(inner) === inner ? inner as Record<string, unknown> : {};
    Object.defineProperty(at, key, { value: next, enumerable: true, configurable: true, writable: true });
    at = next;
  }
  Object.defineProperty(at, keys.at(-1)!, { value, enumerable: true, configurable: true, writable: true });
}
