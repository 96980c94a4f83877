// An exported n8n workflow as a definition, with a report in which every node and edge of the export stands once.
//
// n8n runs a node for a list of items; a token of ours is one value. So an item is a token: where a list becomes
// items there is a FOR_EACH, and where items are taken together a MERGE of mode `collect`.
import type { Problem } from "../errors.ts";
import { type JsonObject as Json, list, record } from "../json.ts";
import { pathOf, plain, type Shape, Translator, Untranslatable, wholePath } from "./expression.ts";
import { mappers } from "./nodes.ts";
import { type Context, continues, type Plan } from "./plan.ts";
import type { ConnectionReport, NodeReport, Report } from "./report.ts";
import { number, readSource, type Source, type SourceEdge, type SourceNode, text } from "./source.ts";

export interface ImportOptions {
  /** Our ids of other workflows, by n8n's ids. */
  workflows?: Record<string, string>;
}

export interface Imported {
  name: string;
  tags: string[];
  definition: Json & { nodes: Json[]; connections: Json[] };
  report: Report;
}

/** Never throws for what is in the export: what cannot be read comes back as problems. */
export function importN8n(given: unknown, options: ImportOptions = {}): Imported | { problems: Problem[] } {
  const read = readSource(given);
  if ("problems" in read) return read;
  const forced = new Map<string, Untranslatable>();
  let eachAppended = true;
  for (;;) {
    const builder = new Builder(read.source, forced, eachAppended, options.workflows ?? {});
    const built = builder.build();
    if (builder.tooManyParts) {
      const message = `Parts would be attached more than ${mostParts} times`;
      return { problems: [{ code: "import_too_large", message, path: "$.connections" }] };
    }
    // what depends on what surrounds a node is known late: then all is built again around its placeholder
    const failed = [...built.failed].filter(([name]) => !forced.has(name));
    if (failed.length > 0) {
      for (const [name, reason] of failed) forced.set(name, reason);
    } else if (eachAppended && built.depthsDiffer) eachAppended = false;
    else {
      const most = 1000;
      const { nodes } = built.imported.definition;
      if (nodes.length <= most) return built.imported;
      const message = `It would have ${nodes.length} nodes; a workflow has at most ${most}`;
      return { problems: [{ code: "import_too_large", message, path: "$.nodes" }] };
    }
  }
}

interface Scope {
  id: string;
  kind: "loop" | "items";
}

/** What an item stands in, and whether it is a list of items. */
interface State {
  stack: Scope[];
  isList: boolean;
}

interface Part {
  id: string;
  type: string;
  subtype: string;
  owner: string | null;
  x: number;
  y: number;
  out: Plan["out"];
  plainInput: boolean;
  parameters: (t: Translator) => Json;
  fields: Json;
}

interface Wire {
  source: string;
  target: string;
  type: "MAIN" | "ERROR";
  index: number;
  targetIndex: number;
}

const connectionTypes: Record<string, string> = {
  ai_agent: "AI_AGENT",
  ai_chain: "AI_CHAIN",
  ai_document: "AI_DOCUMENT",
  ai_embedding: "AI_EMBEDDING",
  ai_languageModel: "AI_LANGUAGE_MODEL",
  ai_memory: "AI_MEMORY",
  ai_outputParser: "AI_OUTPUT_PARSER",
  ai_retriever: "AI_RETRIEVER",
  ai_reranker: "AI_RERANKER",
  ai_textSplitter: "AI_TEXT_SPLITTER",
  ai_tool: "AI_TOOL",
  ai_vectorStore: "AI_VECTOR_STORE",
};

const deepestAttachment = 8;
// a part of several hosts is attached to each: without a bound, parts of parts of parts would multiply
const mostParts = 2000;

class Builder {
  readonly failed = new Map<string, Untranslatable>();
  depthsDiffer = false;
  tooManyParts = false;
  #partsMade = 0;
  #nodes: Map<string, SourceNode>;
  #ids = new Map<string, string>();
  #taken = new Set<string>();
  #plans = new Map<string, Plan>();
  #parts = new Map<string, Part>();
  #wires = new Map<string, Wire>();
  #states = new Map<string, State>();
  #loops = new Map<string, Set<string>>();
  #reports = new Map<string, NodeReport>();
  #connections: ConnectionReport[] = [];
  #attached = new Set<string>();
  #annotations = new Set<string>();
  #main: { edge: SourceEdge; report: ConnectionReport }[] = [];
  #source: Source;
  #forced: Map<string, Untranslatable>;
  #context: Context;

  constructor(
    source: Source,
    forced: Map<string, Untranslatable>,
    eachAppended: boolean,
    workflows: Record<string, string>,
  ) {
    this.#source = source;
    this.#forced = forced;
    const zone = text(record(source.given.settings).timezone);
    this.#context = { timezone: zone && zone !== "DEFAULT" ? zone.slice(0, 100) : undefined, eachAppended, workflows };
    this.#nodes = new Map(source.nodes.map((node) => [node.name, node]));
  }

  build(): { imported: Imported; failed: Map<string, Untranslatable>; depthsDiffer: boolean } {
    for (const node of this.#source.nodes) {
      this.#ids.set(node.name, this.#newId(node.name));
      this.#reports.set(node.name, {
        source: node.name,
        type: node.type,
        status: "translated",
        node_id: this.#ids.get(node.name)!,
        notes: [],
      });
    }
    this.#sortEdges();
    for (const node of this.#steps()) this.#plan(node);
    const leaving = new Map<string, string[]>();
    for (const { edge } of this.#main) leaving.set(edge.source, [...leaving.get(edge.source) ?? [], edge.target]);
    for (const node of this.#steps()) if (this.#plans.get(node.name)!.form === "loop") this.#findLoop(node, leaving);
    this.#walk();
    for (const node of this.#steps()) this.#place(node);
    for (const { edge, report } of this.#main) this.#wire(edge, report);
    const shapes = this.#shape();
    const parameters = this.#translate(shapes);
    return { imported: this.#result(parameters, shapes), failed: this.failed, depthsDiffer: this.depthsDiffer };
  }

  /** The nodes that run. */
  #steps(): SourceNode[] {
    return this.#source.nodes.filter(({ name }) => !this.#attached.has(name) && !this.#annotations.has(name));
  }

  #newId(name: string): string {
    const slug = name.normalize("NFKD").toLowerCase().replace(/\p{M}+/gu, "").replace(/[^a-z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "").slice(0, 60).replace(/_+$/, "");
    const base = slug === "" ? "node" : /^[a-z]/.test(slug) ? slug : `n_${slug}`;
    let id = base;
    for (let i = 2; this.#taken.has(id); i++) id = `${base}_${i}`;
    this.#taken.add(id);
    return id;
  }

  #sortEdges(): void {
    const running = new Set<string>();
    for (const { source, target, type } of this.#source.edges) if (type === "main") running.add(source).add(target);
    for (const node of this.#source.nodes) if (node.kind === "stickyNote") this.#annotations.add(node.name);
    for (const { source, target, type } of this.#source.edges) {
      if (type !== "main" && this.#nodes.has(source) && this.#nodes.has(target) && !running.has(source)) {
        this.#attached.add(source);
      }
    }
    this.#attached = this.#hosted();
    for (const edge of this.#source.edges) {
      const report: ConnectionReport = {
        source: edge.source,
        target: edge.target,
        type: edge.type,
        index: edge.index,
        target_index: edge.targetIndex,
        status: "kept",
        notes: [],
      };
      this.#connections.push(report);
      const drop = (why: string) => {
        report.status = "dropped";
        report.notes.push(why);
      };
      const isPart = (name: string) => this.#attached.has(name) || this.#annotations.has(name);
      if (!this.#nodes.has(edge.source)) drop("There is no node of the source's name");
      else if (!this.#nodes.has(edge.target)) drop("There is no node of the target's name");
      else if (edge.type !== "main") {
        if (this.#attached.has(edge.source)) report.status = "attached";
        else drop("Its source runs by itself, or is attached to nothing that runs");
      } else if (isPart(edge.source) || isPart(edge.target)) drop("It joins what does not run");
      else if (
        !Number.isInteger(edge.targetIndex) || edge.targetIndex < 0 || edge.targetIndex > 99 || edge.index > 999
      ) {
        drop("There is no such input or output");
      } else this.#main.push({ edge, report });
    }
  }

  /** The parts that belong, over other parts, to a node that runs. */
  #hosted(): Set<string> {
    const parts = Map.groupBy(this.#source.edges.filter(({ type }) => type !== "main"), ({ target }) => target);
    const hosted = new Set<string>();
    let level = this.#source.nodes.map(({ name }) => name)
      .filter((name) => !this.#attached.has(name) && !this.#annotations.has(name));
    for (let depth = 0; depth < deepestAttachment && level.length > 0; depth++) {
      level = [...new Set(level.flatMap((name) => (parts.get(name) ?? []).map(({ source }) => source)))]
        .filter((name) => this.#attached.has(name) && !hosted.has(name));
      for (const name of level) hosted.add(name);
    }
    return hosted;
  }

  #plan(node: SourceNode): void {
    let plan: Plan;
    try {
      const reason = this.#forced.get(node.name);
      if (reason) throw reason;
      const mapper = Object.hasOwn(mappers, node.kind) ? mappers[node.kind] : undefined;
      if (!mapper || !/^(n8n-nodes-base|@n8n\/n8n-nodes-langchain)\.[^.]+$/.test(node.type)) {
        throw new Untranslatable("This type of node has no counterpart");
      }
      plan = mapper(node, this.#context);
      if (node.given.disabled === true && (plan.form !== "node" || plan.subtype === "MERGE")) {
        throw new Untranslatable("It was disabled, and would be several nodes");
      }
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      plan = this.#placeholder(node, error);
    }
    this.#plans.set(node.name, plan);
  }

  #placeholder(node: SourceNode, reason: Untranslatable): Plan {
    const report = this.#reports.get(node.name)!;
    report.status = "placeholder";
    report.notes.push(reason.message);
    if (reason.path) report.path = reason.path;
    if (reason.expression) report.expression = reason.expression;
    return {
      type: "ACTION",
      subtype: "PLACEHOLDER",
      form: "node",
      outputs: regularOutputs(node),
      out: "input",
      disabled: true,
      notes: [],
      parameters: () => ({ source: node.given }),
    };
  }

  #findLoop(node: SourceNode, leaving: Map<string, string[]>): void {
    const follow = (from: string[]) => {
      const reached = new Set<string>();
      const open = [...from];
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        if (name === node.name || reached.has(name)) continue;
        reached.add(name);
        open.push(...(leaving.get(name) ?? []));
      }
      return reached;
    };
    const [done, each] = node.version >= 3 ? [0, 1] : [1, 0];
    const targets = (index: number) =>
      this.#main.filter(({ edge }) => edge.source === node.name && edge.index === index).map(({ edge }) => edge.target);
    const body = follow(targets(each));
    const after = follow(targets(done));
    const refuse = (why: string) => void this.failed.set(node.name, new Untranslatable(why));
    if (targets(each).includes(node.name)) return refuse("The loop has no body");
    if (![...body].some((name) => leaving.get(name)?.includes(node.name))) {
      return refuse("Nothing leads back to the loop");
    }
    if ([...body].some((name) => after.has(name))) {
      return refuse("What follows the loop is reached from inside of it too");
    }
    if (this.#main.some(({ edge }) => body.has(edge.target) && !body.has(edge.source) && edge.source !== node.name)) {
      return refuse("A way leads into the loop from outside");
    }
    this.#loops.set(node.name, body);
  }

  /** The regular output, or the error's. */
  #isError(edge: SourceEdge): boolean {
    const node = this.#nodes.get(edge.source)!;
    return node.given.onError === "continueErrorOutput" && edge.index === this.#plans.get(edge.source)!.outputs;
  }

  /** In which FOR_EACH each node stands. */
  #walk(): void {
    const entered = new Set(this.#main.map(({ edge }) => edge.target));
    const leaving = Map.groupBy(this.#main, ({ edge }) => edge.source);
    const all = this.#steps().map(({ name }) => name);
    const starts = [...all.filter((name) => !entered.has(name)), ...all];
    for (const start of starts) {
      if (this.#states.has(start)) continue;
      this.#states.set(start, { stack: [], isList: false });
      const open = [start];
      for (let name = open.shift(); name !== undefined; name = open.shift()) {
        for (const { edge } of leaving.get(name) ?? []) {
          if (this.#isBack(edge)) {
            if (this.#leaves(edge).stack.at(-1)?.id !== this.#ids.get(edge.target)) {
              this.failed.set(edge.target, new Untranslatable("Inside the loop items are split or taken together"));
            }
            continue;
          }
          const state = this.#arrives(edge);
          const known = this.#states.get(edge.target);
          if (!known) {
            this.#states.set(edge.target, state);
            open.push(edge.target);
          } else if (key(known) !== key(state)) {
            const plan = this.#plans.get(edge.target)!;
            if (plan.subtype === "MERGE") this.depthsDiffer = true;
            if (plan.form === "all" || plan.form === "list" || plan.form === "loop") {
              this.failed.set(edge.target, new Untranslatable("Some ways lead here with items, others with lists"));
            } else {
              this.#reports.get(edge.target)!.notes.push("Ways of different loops meet here");
            }
          }
        }
      }
    }
  }

  #isBack(edge: SourceEdge): boolean {
    return this.#loops.get(edge.target)?.has(edge.source) === true;
  }

  #leaves(edge: SourceEdge): State {
    const plan = this.#plans.get(edge.source)!;
    const { stack } = this.#states.get(edge.source)!;
    const node = this.#nodes.get(edge.source)!;
    const id = this.#ids.get(edge.source)!;
    if (this.#isError(edge)) return { stack, isList: false };
    if (plan.form === "split") return { stack: [...stack, { id, kind: "items" }], isList: false };
    if (plan.form === "loop") {
      const isDone = edge.index === (node.version >= 3 ? 0 : 1);
      return isDone ? { stack, isList: true } : { stack: [...stack, { id, kind: "loop" }], isList: false };
    }
    const isList = plan.form === "list" || typeof plan.out === "object" && plan.out.item !== undefined;
    return { stack, isList };
  }

  #takesAll(name: string): boolean {
    return ["all", "list", "loop"].includes(this.#plans.get(name)!.form);
  }

  #arrives(edge: SourceEdge): State {
    const { stack, isList } = this.#leaves(edge);
    if (isList && !this.#takesAll(edge.target)) {
      return { stack: [...stack, { id: this.#helperName(edge), kind: "items" }], isList: false };
    }
    if (!isList && this.#takesAll(edge.target) && stack.at(-1)?.kind === "items") {
      return { stack: stack.slice(0, -1), isList: true };
    }
    return { stack, isList };
  }

  #helperName(edge: SourceEdge): string {
    return `\0items ${edge.source}`;
  }

  #add(part: Part): void {
    this.#parts.set(part.id, part);
  }

  #helper(
    owner: string,
    id: string,
    type: string,
    subtype: string,
    offset: [number, number],
    out: Plan["out"],
    parameters: Part["parameters"],
    plainInput = false,
  ): string {
    const node = this.#nodes.get(owner)!;
    const made = this.#newId(id);
    const name = `${node.name.slice(0, 200)} (${id.slice(id.lastIndexOf("_") + 1)})`;
    (this.#reports.get(owner)!.helpers ??= []).push(made);
    this.#add({
      id: made,
      type,
      subtype,
      owner: null,
      x: node.x + offset[0],
      y: node.y + offset[1],
      out,
      plainInput,
      parameters,
      fields: { name },
    });
    return made;
  }

  #place(node: SourceNode): void {
    const plan = this.#plans.get(node.name)!;
    const report = this.#reports.get(node.name)!;
    const id = this.#ids.get(node.name)!;
    const given = node.given;
    report.notes.push(...plan.notes);
    if (plan.notes.length > 0 && report.status === "translated") report.status = "translated_with_changes";
    const change = (note: string) => {
      report.notes.push(note);
      if (report.status === "translated") report.status = "translated_with_changes";
    };
    if (given.executeOnce === true) change("It runs for every item here, and ran for the first only");
    if (given.alwaysOutputData === true) change("Without output nothing follows here");
    const fields: Json = {
      name: node.name.slice(0, 255),
      ...(typeof given.notes === "string" && { notes: given.notes }),
      ...((given.disabled === true || plan.disabled) && { disabled: true }),
      ...(continues(node) && { error_handling: "CONTINUE_REGULAR_OUTPUT_ON_ERROR" }),
      ...(given.onError === "continueErrorOutput" && { error_handling: "CONTINUE_ERROR_OUTPUT_ON_ERROR" }),
      ...(plan.timeout !== undefined && { timeout_seconds: plan.timeout }),
      n8n: { id: given.id ?? null, type: node.type, type_version: given.typeVersion ?? null },
    };
    if (Object.keys(record(given.credentials)).length > 0 && plan.subtype !== "PLACEHOLDER") {
      fields.n8n = { ...record(fields.n8n), credentials: given.credentials };
      change("Its credentials have to be chosen again");
    }
    if (given.retryOnFail === true) {
      const tries = number(given.maxTries, 3);
      fields.max_retries = Math.max(0, Math.min(100, Math.trunc(tries) - 1));
      fields.retry_wait_time = Math.max(0, Math.min(86_400, number(given.waitBetweenTries, 1000) / 1000));
    } else if (plan.retries) fields.max_retries = 0;
    const parts = this.#attachments(node.name, 0, new Set());
    if (parts.length > 0) {
      if (plan.type === "AI_AGENT") fields.attached_nodes = parts;
      else fields.source_attached_nodes = parts;
    }
    const part: Part = {
      id,
      type: plan.type,
      subtype: plan.subtype,
      owner: node.name,
      x: node.x,
      y: node.y,
      out: plan.out,
      plainInput: plan.plainInput === true,
      parameters: plan.parameters,
      fields,
    };
    if (plan.form === "set") {
      const base = this.#helper(node.name, `${id}_input`, "ACTION", "TRANSFORM", [-180, 0], plain, (t) => ({
        output: t.path(wholePath("$.input", t.shape)),
      }));
      // what is set may fail to translate: then that is this node's failure
      const fresh = this.#newId(`${id}_fields`);
      (this.#reports.get(node.name)!.helpers ??= []).push(fresh);
      this.#add({
        ...part,
        id: fresh,
        subtype: "TRANSFORM",
        x: node.x - 90,
        y: node.y + 100,
        out: plain,
        fields: { name: `${node.name.slice(0, 200)} (fields)` },
      });
      this.#add({
        ...part,
        type: "FLOW",
        subtype: "MERGE",
        out: plain,
        plainInput: true,
        parameters: () => ({ mode: "combine" }),
      });
      this.#connect(base, id, 0, 0);
      this.#connect(base, fresh, 0, 0);
      this.#connect(fresh, id, 0, 1);
      change("Its fields are built beside its input and merged into it");
    } else if (plan.form === "loop") {
      // one value is one item; a list gives its own
      this.#add({ ...part, out: elementOf });
      this.#helper(
        node.name,
        `${id}_done`,
        "FLOW",
        "MERGE",
        [220, -100],
        (input) => ({ path: [], item: input }),
        () => ({
          mode: "collect",
        }),
      );
      change("The way back became a MERGE that collects what came of the items");
    } else this.#add(part);
    for (const [i, parameters] of (plan.more ?? []).entries()) {
      const more = this.#helper(
        node.name,
        `${id}_${i + 2}`,
        plan.type,
        plan.subtype,
        [0, 100 * (i + 1)],
        plan.out,
        () => parameters,
      );
      change(`${more} is the same trigger for another of its rules`);
    }
  }

  #connect(source: string, target: string, index: number, targetIndex: number, type: Wire["type"] = "MAIN"): void {
    const wire = { source, target, type, index, targetIndex };
    this.#wires.set(JSON.stringify(wire), wire);
  }

  #named(owner: string, end: string): string | undefined {
    return this.#reports.get(owner)!.helpers?.find((helper) => this.#parts.get(helper)?.id.includes(end));
  }

  #items = new Map<string, string>();
  #collects = new Map<string, string>();

  #wire(edge: SourceEdge, report: ConnectionReport): void {
    const plan = this.#plans.get(edge.source)!;
    const node = this.#nodes.get(edge.source)!;
    const id = this.#ids.get(edge.source)!;
    const rewired = (note: string) => {
      report.status = "rewired";
      report.notes.push(note);
    };
    const isError = this.#isError(edge);
    let ways: { source: string; index: number }[];
    if (isError) {
      ways = [{ source: id, index: 0 }];
      rewired("It is a connection of type ERROR");
    } else if (plan.form === "loop") {
      const isDone = edge.index === (node.version >= 3 ? 0 : 1);
      ways = [{ source: isDone ? this.#named(edge.source, "_done")! : id, index: 0 }];
      rewired(isDone ? "It leaves the MERGE that collects the items" : "It leaves the FOR_EACH, once for each item");
    } else {
      const outputs = plan.outputsOf?.(edge.index) ?? [edge.index];
      ways = outputs.map((index) => ({ source: id, index }));
      if (outputs.length === 0) {
        report.status = "dropped";
        return void report.notes.push("Nothing leaves by this output");
      }
      if (outputs.length > 1 || outputs[0] !== edge.index) rewired(`It leaves by output ${outputs.join(" and ")}`);
    }
    for (const helper of plan.type === "TRIGGER" && plan.more ? this.#reports.get(edge.source)!.helpers ?? [] : []) {
      ways.push({ source: helper, index: 0 });
    }

    const back = this.#isBack(edge);
    const leaving = this.#leaves(edge);
    if (!back && leaving.isList && !this.#takesAll(edge.target)) {
      for (const way of ways) way.source = this.#itemsOf(edge.source, way.source, way.index);
      for (const way of ways) way.index = 0;
      rewired("A FOR_EACH makes items of the list");
    }
    const target = this.#plans.get(edge.target)!;
    const targetId = this.#ids.get(edge.target)!;
    let entry = targetId;
    let targetIndex = edge.targetIndex;
    if (target.form === "set") entry = this.#named(edge.target, "_input")!;
    if (back) {
      entry = this.#named(edge.target, "_done")!;
      targetIndex = 0;
      rewired("It leads to the MERGE that collects the items, not back");
    } else if (!leaving.isList && this.#takesAll(edge.target) && leaving.stack.at(-1)?.kind === "items") {
      let collect = this.#collects.get(edge.target);
      if (!collect) {
        collect = this.#helper(
          edge.target,
          `${targetId}_all`,
          "FLOW",
          "MERGE",
          [-180, 0],
          (input) => ({ path: [], item: input }),
          () => ({
            mode: "collect",
          }),
        );
        this.#collects.set(edge.target, collect);
        this.#connect(collect, targetId, 0, 0);
      }
      entry = collect;
      rewired("A MERGE collects the items first");
    }
    for (const way of ways) {
      const type = isError ? "ERROR" : "MAIN";
      const wire = JSON.stringify({ source: way.source, target: entry, type, index: way.index, targetIndex });
      if (this.#wires.has(wire)) report.notes.push("The same connection is there already");
      this.#connect(way.source, entry, way.index, targetIndex, type);
    }
  }

  #itemsOf(owner: string, source: string, index: number): string {
    const known = this.#items.get(owner);
    if (known) return known;
    const made = this.#helper(
      owner,
      `${this.#ids.get(owner)}_items`,
      "FLOW",
      "FOR_EACH",
      [180, 0],
      elementOf,
      (t) => ({
        items: t.path(wholePath("$.input", t.shape)),
      }),
    );
    this.#items.set(owner, made);
    this.#connect(source, made, index, 0);
    return made;
  }

  /** How the input of each part lies. Where ways meet on which it lies differently, each is made plain first. */
  #shape(): Map<string, Shape> {
    const forced = new Set<string>();
    const inputs = new Map<string, Map<string, Shape>>();
    const outOf = (id: string): Shape[] => {
      const part = this.#parts.get(id)!;
      if (typeof part.out === "object") return [part.out];
      const given = inputs.get(id);
      const shapes = forced.has(id) || !given || given.size === 0 ? [plain] : [...given.values()];
      const out = part.out;
      return out === "input" ? shapes : shapes.map((shape) => out(shape));
    };
    const entering = Map.groupBy([...this.#wires.values()], ({ target }) => target);
    const leaving = Map.groupBy([...this.#wires.values()], ({ source }) => source);
    for (;;) {
      inputs.clear();
      const roots = [...this.#parts.keys()].filter((id) => !entering.has(id));
      const open = new Set(this.#parts.keys());
      for (const id of roots) inputs.set(id, new Map([["", plain]]));
      for (const id of open) {
        open.delete(id);
        const isKnown = typeof this.#parts.get(id)!.out === "object" || forced.has(id) ||
          (inputs.get(id)?.size ?? 0) > 0;
        if (!isKnown) continue;
        for (const wire of leaving.get(id) ?? []) {
          const known = inputs.get(wire.target) ?? new Map<string, Shape>();
          const before = known.size;
          for (const shape of wire.type === "ERROR" ? [plain] : outOf(id)) {
            if (known.size < 4) known.set(JSON.stringify(shape), shape);
          }
          inputs.set(wire.target, known);
          if (known.size > before) open.add(wire.target);
        }
      }
      const before = forced.size;
      for (const [id, part] of this.#parts) {
        const shapes = [...inputs.get(id)?.values() ?? []];
        const mixed = shapes.length > 1 ||
          part.plainInput && shapes.some((shape) => JSON.stringify(shape) !== JSON.stringify(plain));
        if (mixed) forced.add(id);
      }
      if (forced.size === before) break;
    }
    for (const wire of [...this.#wires.values()]) {
      if (!forced.has(wire.target) || wire.type === "ERROR") continue;
      const shape = outOf(wire.source)[0]!;
      if (JSON.stringify(shape) === JSON.stringify(plain)) continue;
      const part = this.#parts.get(wire.source)!;
      const owner = part.owner ??
        [...this.#reports.values()].find(({ helpers }) => helpers?.includes(wire.source))!.source;
      const plainly = (t: Translator) =>
        shape.renames && shape.path.length === 0
          ? Object.fromEntries(
            Object.entries(shape.renames).map(([name, steps]) => [name, t.path(pathOf("$.input", steps))]),
          )
          : t.path(wholePath("$.input", shape));
      const made = this.#helper(
        owner,
        `${wire.source}_value`,
        "ACTION",
        "TRANSFORM",
        [160, 40],
        plain,
        (t) => ({ output: plainly(t) }),
      );
      this.#wires.delete(JSON.stringify(wire));
      this.#connect(wire.source, made, wire.index, 0);
      this.#connect(made, wire.target, 0, wire.targetIndex);
    }
    return new Map([...this.#parts.keys()].map((id) => {
      const shapes = [...inputs.get(id)?.values() ?? []];
      return [id, forced.has(id) || shapes.length !== 1 ? plain : shapes[0]!];
    }));
  }

  #outShape(id: string, shapes: Map<string, Shape>): Shape {
    const { out } = this.#parts.get(id)!;
    const input = shapes.get(id) ?? plain;
    return out === "input" ? input : typeof out === "function" ? out(input) : out;
  }

  #translate(shapes: Map<string, Shape>): Map<string, Json> {
    const made = new Map<string, Json>();
    for (const [id, part] of this.#parts) {
      const owner = part.owner;
      const notes = new Set<string>();
      const translator = new Translator({
        input: shapes.get(id) ?? plain,
        node: (name, which) => this.#lookUp(name, which, owner, shapes),
        note: (note) => notes.add(note),
      });
      try {
        made.set(id, part.parameters(translator));
      } catch (error) {
        if (!(error instanceof Untranslatable)) throw error;
        const failed = owner ?? [...this.#reports.values()].find(({ helpers }) => helpers?.includes(id))!.source;
        this.failed.set(failed, error);
        made.set(id, {});
      }
      if (owner === null) continue;
      const report = this.#reports.get(owner)!;
      for (const note of notes) report.notes.push(note);
      if (notes.size > 0 && report.status === "translated") report.status = "translated_with_changes";
    }
    return made;
  }

  #lookUp(
    name: string,
    which: "item" | "first",
    reader: string | null,
    shapes: Map<string, Shape>,
  ): { base: string; shape: Shape } {
    const node = this.#nodes.get(name);
    if (!node) throw new Untranslatable(`There is no node ${JSON.stringify(name.slice(0, 100))}`);
    if (this.#attached.has(name) || this.#annotations.has(name)) {
      throw new Untranslatable(`${name.slice(0, 100)} does not run`);
    }
    const id = this.#ids.get(name)!;
    const plan = this.#plans.get(name)!;
    const stack = (reader === null ? undefined : this.#states.get(reader)?.stack) ?? [];
    const scopes = [id, `\0items ${name}`];
    const at = stack.findLastIndex((scope) => scopes.includes(scope.id));
    const shape = this.#outShape(id, shapes);
    if (plan.form === "split" || plan.form === "loop" || shape.item) {
      if (at >= 0 && at === stack.length - 1) {
        return { base: "$.item", shape: shape.item ?? (plan.form === "loop" || plan.form === "split" ? shape : plain) };
      }
      if (at >= 0) throw new Untranslatable(`${name.slice(0, 100)} is a loop further out`);
      if (which === "item") throw new Untranslatable(`Which item of ${name.slice(0, 100)} is meant is not known here`);
      const list = wholePath(`$.nodes.${id}`, { path: shape.item ? shape.path : [] });
      return { base: `${list}[0]`, shape: shape.item ?? shape };
    }
    if (plan.more && plan.more.length > 0) return { base: "$.trigger", shape };
    return { base: `$.nodes.${id}`, shape };
  }

  #attachments(host: string, depth: number, seen: Set<string>): Json[] {
    if (depth >= deepestAttachment || this.tooManyParts) return [];
    const parts: Json[] = [];
    for (const { source, target, type } of this.#source.edges) {
      if (target !== host || type === "main" || !this.#attached.has(source) || seen.has(source)) continue;
      if (++this.#partsMade > mostParts) {
        this.tooManyParts = true;
        return parts;
      }
      const node = this.#nodes.get(source)!;
      const connection = Object.hasOwn(connectionTypes, type) ? connectionTypes[type]! : "AI_TOOL";
      const kind = type === "ai_tool" ? "TOOL" : type === "ai_memory" ? "MEMORY" : connection;
      const report = this.#reports.get(source)!;
      report.status = "attached";
      report.node_id = this.#ids.get(source)!;
      const inside = this.#ids.get(host)!;
      if (!report.notes.includes(`Attached to ${inside}`)) report.notes.push(`Attached to ${inside}`);
      parts.push({
        id: this.#ids.get(source)!,
        name: source.slice(0, 255),
        type: kind,
        subtype: node.kind.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase().slice(0, 100) || "PART",
        connection_type: connection,
        parameters: node.parameters,
        position: { x: node.x, y: node.y },
        ...(node.given.disabled === true && { disabled: true }),
        ...(typeof node.given.notes === "string" && { notes: node.given.notes }),
        n8n: {
          id: node.given.id ?? null,
          type: node.type,
          type_version: node.given.typeVersion ?? null,
          ...(node.given.credentials !== undefined && { credentials: node.given.credentials }),
        },
        attached_nodes: this.#attachments(source, depth + 1, new Set(seen).add(host)),
      });
    }
    return parts;
  }

  #result(parameters: Map<string, Json>, shapes: Map<string, Shape>): Imported {
    const { given } = this.#source;
    const nodes = [...this.#parts.values()].map((part) => ({
      id: part.id,
      type: part.type,
      subtype: part.subtype,
      ...part.fields,
      position: { x: part.x, y: part.y },
      parameters: parameters.get(part.id) ?? {},
    }));
    const connections = [...this.#wires.values()].map(({ source, target, type, index, targetIndex }) => ({
      source,
      target,
      type,
      index,
      target_index: targetIndex,
    }));
    const report: Report = {
      nodes: [...this.#reports.values()],
      connections: this.#connections,
      settings: [],
      notes: [],
      summary: { nodes: 0, translated: 0, placeholders: 0, attached: 0, annotations: 0, connections: 0, dropped: 0 },
    };
    const annotations = [...this.#annotations].map((name) => {
      const node = this.#nodes.get(name)!;
      const line = this.#reports.get(name)!;
      line.status = "annotation";
      line.node_id = null;
      line.notes.push("It is kept in annotations");
      const { content, width, height, color } = node.parameters;
      return {
        name,
        content: content ?? "",
        position: { x: node.x, y: node.y },
        width: width ?? null,
        height: height ?? null,
        color: color ?? null,
      };
    });
    const settings = this.#settings(report);
    const pinned = this.#pinned(shapes, report);
    if (given.staticData != null) {
      report.static_data = given.staticData;
      report.notes.push("What the workflow remembered is in static_data: it is not taken over");
    }
    if (given.active === true) report.notes.push("It was active; here nothing starts it before it is deployed");
    if (!nodes.some((node) => node.type === "TRIGGER" && !("disabled" in node))) {
      report.notes.push("No trigger is left that starts it: add one before deploying");
    }
    if (this.depthsDiffer) report.notes.push("Ways of different loops meet at a merge: the validator says where");
    const size = JSON.stringify(given).length;
    const { summary } = report;
    for (const { status } of report.nodes) {
      summary.nodes++;
      if (status.startsWith("translated")) summary.translated++;
      else if (status === "placeholder") summary.placeholders++;
      else if (status === "attached") summary.attached++;
      else summary.annotations++;
    }
    summary.connections = report.connections.length;
    summary.dropped = report.connections.filter(({ status }) => status === "dropped").length;
    return {
      name: text(given.name).trim().slice(0, 255) || "Imported workflow",
      tags: [
        ...new Set(
          list(given.tags).map((tag) => text(record(tag).name ?? tag).trim().slice(0, 100)).filter((tag) => tag !== ""),
        ),
      ].slice(0, 50),
      definition: {
        nodes,
        connections,
        ...(Object.keys(settings).length > 0 && { settings }),
        ...(Object.keys(pinned).length > 0 && { pin_data: pinned }),
        ...(annotations.length > 0 && { annotations }),
        meta: {
          source: {
            system: "n8n",
            id: given.id ?? null,
            version_id: given.versionId ?? null,
            name: given.name ?? null,
            // the export itself, where it leaves room for the definition
            ...(size <= 300_000 && { workflow: given }),
          },
        },
      },
      report,
    };
  }

  #settings(report: Report): Json {
    const settings: Json = {};
    const add = (key: string, value: unknown, translated: boolean, note: string) =>
      report.settings.push({ key, value, status: translated ? "translated" : "not_translated", note });
    for (const [key, value] of Object.entries(record(this.#source.given.settings))) {
      if (key === "executionTimeout") {
        const seconds = Number(value);
        if (Number.isInteger(seconds) && seconds > 0) {
          settings.timeout_seconds = seconds;
          add(key, value, true, "settings.timeout_seconds");
        } else add(key, value, true, "No time limit");
      } else if (key === "timezone") {
        add(
          key,
          value,
          true,
          value === "DEFAULT" ? "Schedules are in UTC" : "The zone of its schedules; times in expressions are of UTC",
        );
      } else if (key === "errorWorkflow") add(key, value, false, "No other workflow runs when this one fails");
      else add(key, value, false, "It has no counterpart");
    }
    return settings;
  }

  #pinned(shapes: Map<string, Shape>, report: Report): Json {
    const pinned: Json = {};
    for (const [name, items] of Object.entries(record(this.#source.given.pinData))) {
      const node = this.#nodes.get(name);
      const values = list(items).map((item) => record(item).json ?? item);
      const id = this.#ids.get(name);
      if (!node || id === undefined || !this.#parts.has(id) || values.length === 0) {
        report.notes.push(
          `The pinned data of ${JSON.stringify(name.slice(0, 100))} is not taken over: it does not run`,
        );
        continue;
      }
      const shape = this.#outShape(id, shapes);
      const plan = this.#plans.get(name)!;
      const isList = plan.form === "split" || plan.form === "loop" || shape.item !== undefined;
      pinned[id] = isList ? wrapped(values, { path: shape.item ? shape.path : [] }) : wrapped(values[0], shape);
      if (!isList && values.length > 1) {
        this.#reports.get(name)!.notes.push(`Of ${values.length} pinned items the first is taken over`);
      }
    }
    return pinned;
  }
}

/** A value of n8n's as it lies in ours. */
function wrapped(value: unknown, shape: Shape): unknown {
  if (shape.renames && record(value) === value) {
    const whole: Json = {};
    for (const [name, inner] of Object.entries(record(value))) {
      const path = Object.hasOwn(shape.renames, name) ? shape.renames[name]! : [...shape.path, name];
      if (path.length === 0) return inner;
      let at = whole;
      for (const step of path.slice(0, -1)) {
        if (record(at[String(step)]) !== at[String(step)]) at[String(step)] = {};
        at = record(at[String(step)]);
      }
      at[String(path.at(-1))] = inner;
    }
    return whole;
  }
  return shape.path.reduceRight<unknown>(
    (inner, step) => typeof step === "number" ? [inner] : { [step]: inner },
    value,
  );
}

/** How an element of `items` lies, once it is an item. */
function elementOf(input: Shape): Shape {
  const { path, renames } = input.item ?? input;
  return path.length === 0 && renames ? { path, renames } : plain;
}

function key({ stack, isList }: State): string {
  return JSON.stringify([stack.map(({ id }) => id), isList]);
}

/** How many outputs a node of n8n has, where it is not known otherwise: the next one is the error's. */
function regularOutputs(node: SourceNode): number {
  const { kind, parameters } = node;
  if (kind === "if" || kind === "splitInBatches") return kind === "splitInBatches" && node.version < 2 ? 1 : 2;
  if (kind === "compareDatasets") return 4;
  if (kind === "switch") {
    if (node.version < 3) return 4;
    if (parameters.mode === "expression") return number(parameters.numberOutputs, 4);
    return list(record(parameters.rules).values).length +
      (record(parameters.options).fallbackOutput === "extra" ? 1 : 0);
  }
  if (kind === "textClassifier") {
    return list(record(parameters.categories).categories).length +
      (record(parameters.options).fallback === "other" ? 1 : 0);
  }
  return 1;
}
