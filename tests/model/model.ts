// The engine's semantics in small: one execution as lists of tokens, every rule spelled out and looked up anew each
// time. It takes the commands that the engine gets and says what must be live and what must have run.
import { type Context, fill, holds, type Json } from "./paths.ts";
import { type Definition, isForEach, mergeMode, type Node, Shape } from "./shape.ts";

/** What a worker says of a task. */
export type Outcome = { output: Json } | { error: string; retryable: boolean };

export type Status = "RUNNING" | "PAUSED" | "SUCCESS" | "ERROR" | "CANCELED";

export interface Token {
  /** In the order in which tokens are made. */
  id: number;
  node: string;
  input: number;
  /** The items it is in: `/<FOR_EACH>#<its run>:<item>` each. */
  scope: string;
  lap: number;
  value: Json;
  /** Outputs by node that `$.nodes` finds from here, with the runs' numbers. */
  nodes: Map<string, { run: number; value: Json }>;
  run?: number;
  attempt: number;
}

export interface Run {
  node: string;
  scope: string;
  /** Null of a token that was canceled before it arrived, or parked. */
  run: number | null;
  attempt: number;
  status: "SUCCESS" | "ERROR" | "SKIPPED" | "CANCELED";
}

interface Task extends Token {
  run: number;
  leasedUntil?: number;
}

interface Wait {
  kind: "retry" | "ready" | "turn" | "timer";
  token: Token;
  /** Earliest and latest time at which it is due: retries wait with some jitter. */
  due: [number, number];
}

interface Parked extends Token {
  arrival: number;
}

/** A FOR_EACH run's row at one of its collects; it stands in the run's own scope. */
interface Join {
  token: Token;
  /** What the scopes of the run's items begin with. */
  items: string;
  collected: { item: number; token: Token }[];
}

/** Items of a FOR_EACH run that have not been sent out. */
interface Rest {
  run: Token;
  items: string;
  next: number;
  list: Json[];
  room: number;
}

type Step =
  | { token: Token; result?: Result }
  /** A FOR_EACH run sends out an item. */
  | { token: Token; item: number; value: Json };

type Result = { output: Json; index?: number } | { error: string; retryable?: boolean };

const mostRuns = 1000;
const mostItems = 10_000;

/** More runs than a test has patience for. */
export class TooLong extends Error {}

export class Model {
  readonly shape: Shape;
  status: Status = "RUNNING";
  error: { code: string; node?: string } | null = null;
  /** By node: the outputs of its last runs that nothing followed; several where they ended at the same time. */
  readonly outputs = new Map<string, { at: number; values: Json[] }>();
  readonly runs: Run[] = [];

  #tasks: Task[] = [];
  #waits: Wait[] = [];
  #parked: Parked[] = [];
  #joins: Join[] = [];
  #rests: Rest[] = [];
  #fired = new Set<string>();
  #counts = new Map<string, number>();
  #values = new Map<string, Json>();
  #made = 0;
  #arrivals = 0;
  #numbered = 0;
  #now = 0;
  #queue: Step[] = [];
  #stop: { status: Status; error: Model["error"] } | null = null;

  constructor(definition: Definition | Shape, readonly input: Json, readonly patience = Infinity) {
    this.shape = definition instanceof Shape ? definition : new Shape(definition);
  }

  get ended(): boolean {
    return this.status !== "RUNNING" && this.status !== "PAUSED";
  }

  /** What is live, in the words that the engine's rows are put in too. */
  live(): string[] {
    return [
      ...this.#tasks.map((task) =>
        `${task.leasedUntil === undefined ? "task" : "leased"} ${keyOf(task)} lap ${task.lap}`
      ),
      ...this.#waits.map(({ kind, token }) =>
        `${kind} ${token.run === undefined ? placeOf(token) : `${keyOf(token)} lap ${token.lap}`}`
      ),
      ...this.#parked.map((token) => `merge ${placeOf(token)} input ${token.input}`),
      ...this.#joins.map(({ token, items }) => `collect ${placeOf(token)} of ${items}`),
      ...this.#rests.map(({ run, items, next }) => `for_each ${run.node} ${items} next ${next}`),
    ].sort();
  }

  /** Tasks that can be claimed, or that a worker holds. */
  tasks(): { key: string; node: string; leased: boolean }[] {
    return this.#tasks.map((task) => ({ key: keyOf(task), node: task.node, leased: task.leasedUntil !== undefined }));
  }

  /** Is it certain at this time which waits are due? */
  isCertain(now: number): boolean {
    return this.#waits.every(({ due: [earliest, latest] }) => now < earliest || now >= latest);
  }

  start(now: number): void {
    const trigger = this.shape.definition.nodes.find((node) =>
      node.type === "TRIGGER" && node.subtype === "MANUAL" && !node.disabled
    )!;
    const token = { node: trigger.id, input: 0, scope: "", lap: 0, value: this.input, nodes: new Map(), attempt: 1 };
    this.#transition([{ token: this.#make(token) }], now);
  }

  lease(key: string, until: number): void {
    this.#tasks.find((task) => keyOf(task) === key)!.leasedUntil = until;
  }

  /** A worker hands a lease back. */
  release(key: string, now: number): void {
    const task = this.#tasks.find((task) => keyOf(task) === key)!;
    delete task.leasedUntil;
    if (this.status === "PAUSED") this.#hold(task, now);
  }

  finish(outcomes: Map<string, Outcome>, now: number): void {
    this.#transition(
      this.#take((task) => outcomes.has(keyOf(task))).map((token) => ({
        token,
        result: outcomes.get(keyOf(token))!,
      })),
      now,
    );
  }

  /** Lost leases fail, what is due goes on. */
  tick(now: number): void {
    if (this.ended) return;
    const lost = this.#take((task) => task.leasedUntil !== undefined && task.leasedUntil < now);
    const due = this.status === "PAUSED" ? [] : this.#waits.filter((wait) => wait.due[1] <= now);
    this.#waits = this.#waits.filter((wait) => !due.includes(wait));
    due.sort((a, b) => a.due[0] - b.due[0] || a.token.id - b.token.id);
    const of = (...kinds: Wait["kind"][]) => due.filter((wait) => kinds.includes(wait.kind)).map((wait) => wait.token);
    this.#tasks.push(...of("retry", "ready") as Task[]);
    this.#transition([
      ...lost.map((token) => ({ token, result: { error: "lease_expired", retryable: true } })),
      ...of("timer").map((token) => ({ token, result: { output: token.value } })),
      ...of("turn").map((token) => ({ token })),
    ], now);
  }

  pause(now: number): void {
    this.status = "PAUSED";
    for (const task of this.#tasks.filter((task) => task.leasedUntil === undefined)) this.#hold(task, now);
  }

  resume(now: number): void {
    this.status = "RUNNING";
    this.tick(now);
  }

  cancel(): void {
    if (!this.ended) this.#end("CANCELED", { code: "canceled" });
  }

  #hold(task: Task, now: number): void {
    this.#tasks = this.#tasks.filter((other) => other !== task);
    this.#waits.push({ kind: "ready", token: task, due: [now, now] });
  }

  #make(token: Omit<Token, "id">): Token {
    return { ...token, id: this.#made++ };
  }

  /** In the order in which they were made, as results are applied. */
  #take(which: (task: Task) => boolean): Task[] {
    const taken = this.#tasks.filter(which).sort((a, b) => a.id - b.id);
    this.#tasks = this.#tasks.filter((task) => !taken.includes(task));
    for (const task of taken) delete task.leasedUntil;
    return taken;
  }

  #transition(steps: Step[], now: number): void {
    this.#now = now;
    this.#queue = steps;
    do {
      while (this.#queue.length > 0) {
        const step = this.#queue.shift()!;
        if ("item" in step) this.#send(step.token, step.item, step.value);
        else if (step.result) this.#settle(step.token, step.result);
        else this.#arrive(step.token);
      }
      if (!this.#stop) this.#queue = this.#ripen();
    } while (this.#queue.length > 0);
    if (this.#stop) this.#end(this.#stop.status, this.#stop.error);
    else if (!this.ended && this.#tasks.length + this.#waits.length === 0) {
      if (this.#parked.length + this.#joins.length + this.#rests.length > 0) {
        throw new Error(`Deadlock: ${this.live().join(", ")}`);
      }
      this.status = "SUCCESS";
    }
  }

  #arrive(token: Token): void {
    if (this.#stop) return this.#write(token, "CANCELED");
    const node = this.shape.nodes.get(token.node)!;
    const mode = mergeMode(node);
    if (mode === "collect") {
      const [, items, item] = token.scope.match(/^(.*:)(\d+)$/)!;
      const join = this.#joins.find((each) => each.items === items && each.token.node === node.id)!;
      join.collected.push({ item: Number(item), token });
    } else if (mode !== undefined && mode !== "any") {
      this.#parked.push({ ...token, arrival: this.#arrivals++ });
    } else if (this.status === "PAUSED") {
      this.#waits.push({ kind: "turn", token, due: [this.#now, this.#now] });
    } else {
      token = this.#count(token);
      if (token.run! >= mostRuns) this.#settle(token, { error: "max_node_runs" });
      else if (node.type === "ACTION" && node.subtype === "NOOP" && !node.disabled && !this.#isPinned(node)) {
        this.#tasks.push(token as Task);
      } else this.#execute(token, node);
    }
  }

  #isPinned(node: Node): boolean {
    return !node.disabled && Object.hasOwn(this.shape.definition.pin_data ?? {}, node.id);
  }

  #count(token: Token): Token {
    if (token.run !== undefined) return token;
    const key = placeOf({ ...token, lap: 0 });
    const run = this.#counts.get(key) ?? 0;
    this.#counts.set(key, run + 1);
    return { ...token, run };
  }

  #context(token: Token, input: Json): Context {
    const item = this.#values.get(token.scope);
    return {
      input,
      trigger: this.input,
      nodes: Object.fromEntries([...token.nodes].map(([node, { value }]) => [node, value])),
      execution: { node_runs: token.run! + 1 },
      ...(item === undefined ? {} : { item }),
    };
  }

  /** A node that SQL executes. */
  #execute(token: Token, node: Node): void {
    const context = this.#context(token, token.value);
    const parameters = node.parameters ?? {};
    const pass = (index = 0) => this.#settle(token, { output: token.value, index });
    if (this.#isPinned(node)) return this.#settle(token, { output: this.shape.definition.pin_data![node.id]! });
    if (node.disabled || node.type === "TRIGGER") return pass();
    switch (node.subtype) {
      case "IF":
        return pass(holds(parameters.condition as string, context) ? 0 : 1);
      case "SWITCH": {
        const rules = parameters.rules as string[];
        const first = rules.findIndex((rule) => holds(rule, context));
        return pass(first < 0 ? rules.length : first);
      }
      case "TRANSFORM":
        return this.#settle(token, { output: fill(parameters.output!, context) });
      case "FILTER": {
        const items = listOf(fill(parameters.items!, context));
        const output = items.filter((item) => holds(parameters.condition as string, { ...context, item }));
        return this.#settle(token, { output });
      }
      case "FOR_EACH": {
        const output = listOf(fill(parameters.items!, context));
        return this.#settle(token, output.length > mostItems ? { error: "too_many_items" } : { output });
      }
      case "WAIT": {
        const until = this.#now + (parameters.seconds as number);
        this.#waits.push({ kind: "timer", token, due: [until, until] });
        return;
      }
      case "STOP": {
        if (parameters.status === "ERROR") return this.#settle(token, { error: "stopped" });
        this.#write(token, "SUCCESS");
        this.#endsWith(token.node, token.value);
        this.#stop ??= { status: "SUCCESS", error: null };
        return;
      }
      case "MERGE": { // any: the first of its kind
        const group = placeOf(token);
        if (this.#fired.has(group)) return this.#write(token, "SKIPPED");
        this.#fired.add(group);
        return pass();
      }
    }
    throw new Error(`${node.type}.${node.subtype} is not modelled`);
  }

  #settle(arrived: Token, given: Result): void {
    const token = this.#count(arrived);
    const result: Result = token.run! >= mostRuns ? { error: "max_node_runs" } : given;
    const node = this.shape.nodes.get(token.node)!;
    const strategy = node.error_handling ?? "STOP_WORKFLOW_ON_ERROR";
    const failed = "error" in result;
    this.#write(token, failed ? "ERROR" : "SUCCESS");
    if ("error" in result) {
      if (result.retryable && token.attempt <= (node.max_retries ?? 3)) {
        const wait = Math.min((node.retry_wait_time ?? 5) * 2 ** (token.attempt - 1), 3600);
        const due: Wait["due"] = [this.#now + wait, this.#now + wait * 1.2];
        this.#waits.push({ kind: "retry", token: { ...token, attempt: token.attempt + 1 }, due });
        return;
      }
      if (strategy === "STOP_WORKFLOW_ON_ERROR" || node.subtype === "STOP" || result.error === "max_node_runs") {
        this.#stop ??= { status: "ERROR", error: { code: result.error, node: node.id } };
        return;
      }
    }
    const output: Json = "error" in result ? { error: { code: result.error } } : result.output;
    const nodes = failed ? token.nodes : new Map(token.nodes).set(node.id, { run: this.#numbered++, value: output });
    const passed: Token = { ...token, value: output, nodes };
    if (isForEach(node) && !(failed && strategy === "CONTINUE_ERROR_OUTPUT_ON_ERROR")) {
      this.#open(passed, node, failed ? [] : listOf(output));
    } else {
      const type = failed && strategy === "CONTINUE_ERROR_OUTPUT_ON_ERROR" ? "error" : failed ? "regular" : "success";
      if (!this.#follow(passed, type, "error" in result ? 0 : result.index ?? 0)) this.#endsWith(node.id, output);
    }
  }

  /** Sends a token along each matching connection; were there any? */
  #follow(token: Token, type: "success" | "regular" | "error", index: number, scope = token.scope): boolean {
    let followed = false;
    const { run: _, ...rest } = token;
    for (const connection of this.shape.leaving(token.node)) {
      const kind = connection.type ?? "MAIN";
      if (
        type === "error"
          ? kind !== "ERROR"
          : kind === "MAIN" || kind === "CONDITIONAL"
          ? (connection.index ?? 0) !== index
          : kind !== "SUCCESS" || type !== "success"
      ) continue;
      if (connection.conditions !== undefined) {
        if (!holds(connection.conditions, this.#context({ ...token, scope }, token.value))) continue;
      }
      const lap = !this.shape.shareCycle(connection.source, connection.target)
        ? 0
        : token.lap + (this.shape.isBackEdge(connection) ? 1 : 0);
      const input = connection.target_index ?? 0;
      this.#queue.push({ token: this.#make({ ...rest, node: connection.target, input, scope, lap, attempt: 1 }) });
      followed = true;
    }
    return followed;
  }

  /** A FOR_EACH run begins. */
  #open(run: Token, node: Node, list: Json[]): void {
    const items = `${run.scope}/${run.node}#${run.run}:`;
    const collects = this.shape.collects(node.id);
    for (const collect of collects) {
      const lap = this.shape.shareCycle(node.id, collect) ? run.lap : 0;
      const { run: _, ...rest } = run;
      this.#joins.push({
        token: this.#make({ ...rest, node: collect, input: 0, lap, attempt: 1 }),
        items,
        collected: [],
      });
    }
    const room = node.parameters!.max_concurrency as number | undefined ?? list.length;
    if (list.length === 0 && collects.length === 0 || this.shape.leaving(node.id).length === 0) {
      this.#endsWith(node.id, list);
    }
    for (let item = 0; item < Math.min(room, list.length); item++) {
      this.#queue.push({ token: run, item, value: list[item]! });
    }
    if (list.length > room) this.#rests.push({ run, items, next: room, list, room });
  }

  #send(run: Token, item: number, value: Json): void {
    const scope = `${run.scope}/${run.node}#${run.run}:${item}`;
    this.#values.set(scope, value);
    this.#follow({ ...run, value }, "success", 0, scope);
  }

  /** What joins do next, now that nothing moves by itself. */
  #ripen(): Step[] {
    const steps: Step[] = [];
    const groups = Map.groupBy(this.#parked.toSorted((a, b) => a.arrival - b.arrival), placeOf);
    const firing = [...groups.values()].filter((group) => this.#isRipe(group));
    for (const group of firing) {
      const inputs = [...new Set(group.map((token) => token.input))].sort((a, b) => a - b);
      const taken = inputs.map((input) => group.find((token) => token.input === input)!);
      this.#parked = this.#parked.filter((token) => !taken.includes(token));
      steps.push(this.#merge(taken));
    }
    const moving = steps.map((step) => step.token.scope);
    const within = (items: string) => [...this.#scopes(), ...moving].filter((scope) => scope.startsWith(items));
    for (const rest of this.#rests) {
      const live = new Set(within(rest.items).map((scope) => scope.slice(rest.items.length).split("/")[0])).size;
      for (let i = live; i < rest.room && rest.next < rest.list.length; i++) {
        steps.push({ token: rest.run, item: rest.next, value: rest.list[rest.next]! });
        moving.push(`${rest.items}${rest.next++}`);
      }
    }
    const unsent = this.#rests.filter((rest) => rest.next < rest.list.length);
    const complete = this.#joins.filter(({ items }) =>
      within(items).length === 0 && !unsent.some((rest) => rest.items === items)
    );
    this.#rests = unsent;
    this.#joins = this.#joins.filter((join) => !complete.includes(join));
    for (const { token, collected } of complete) {
      const ordered = collected.toSorted((a, b) => a.item - b.item);
      const nodes = latest([token.nodes, ...collected.map((each) => each.token.nodes)]);
      steps.push({ token: { ...token, nodes }, result: { output: ordered.map((each) => each.token.value) } });
    }
    return steps;
  }

  /** The scopes of everything that is live, joins in the scope of their FOR_EACH run. */
  #scopes(): string[] {
    return [
      ...this.#tasks,
      ...this.#waits.map((wait) => wait.token),
      ...this.#parked,
      ...this.#joins.map((join) => join.token),
      ...this.#rests.map((rest) => rest.run),
    ]
      .map((token) => token.scope);
  }

  /** Has each input its token, or can it no longer get one? */
  #isRipe(group: Parked[]): boolean {
    const { node: merge, scope, lap } = group[0]!;
    const tokens = [
      ...this.#tasks,
      ...this.#waits.map((wait) => wait.token),
      ...this.#parked.filter((token) => !group.includes(token)),
      ...this.#joins.map((join) => join.token),
    ];
    return this.shape.inputs(merge).every((input) =>
      group.some((token) => token.input === input) || !tokens.some((token) => {
        if (token.scope !== scope) return false;
        const from = this.shape.shareCycle(token.node, merge) ? token.lap : 0;
        return from <= lap && this.shape.reaches(token.node, merge, input, from === lap);
      })
    );
  }

  #merge(taken: Parked[]): Step {
    const { mode, inputs: names } = this.shape.nodes.get(taken[0]!.node)!.parameters as {
      mode: string;
      inputs?: string[];
    };
    const { arrival: _, ...first } = taken[0]!;
    const token: Token = { ...first, nodes: latest(taken.map((each) => each.nodes)) };
    if (mode === "append") return { token, result: { output: taken.map((each) => each.value) } };
    if (mode === "all") {
      const output = Object.fromEntries(taken.map((each) => [names?.[each.input] ?? `${each.input}`, each.value]));
      return { token, result: { output } };
    }
    const values = taken.map((each) => each.value);
    const areObjects = values.every((value) => value !== null && typeof value === "object" && !Array.isArray(value));
    return {
      token,
      result: areObjects ? { output: Object.assign({}, ...values) } : { error: "merge_input_not_object" },
    };
  }

  #write(token: Token, status: Run["status"]): void {
    if (this.runs.length >= this.patience) throw new TooLong();
    this.runs.push({ node: token.node, scope: token.scope, run: token.run ?? null, attempt: token.attempt, status });
  }

  #endsWith(node: string, value: Json): void {
    const before = this.outputs.get(node);
    if (before?.at === this.#now) before.values.push(value);
    else this.outputs.set(node, { at: this.#now, values: [value] });
  }

  #end(status: Status, error: Model["error"]): void {
    const collected = this.#joins.flatMap((join) => join.collected.map((each) => each.token));
    for (const token of [...this.#tasks, ...this.#waits.map((wait) => wait.token), ...this.#parked, ...collected]) {
      this.#write(token, "CANCELED");
    }
    [this.#tasks, this.#waits, this.#parked, this.#joins, this.#rests] = [[], [], [], [], []];
    this.status = status;
    this.error = error;
    this.#stop = null;
  }
}

/** Of each node the latest of several runs. */
function latest(all: Token["nodes"][]): Token["nodes"] {
  const nodes: Token["nodes"] = new Map();
  for (const [node, found] of all.flatMap((each) => [...each])) {
    if (found.run >= (nodes.get(node)?.run ?? 0)) nodes.set(node, found);
  }
  return nodes;
}

const listOf = (value: Json): Json[] => value === null ? [] : Array.isArray(value) ? value : [value];

const placeOf = (token: Pick<Token, "node" | "scope" | "lap">) => `${token.node}${token.scope} lap ${token.lap}`;

export const keyOf = (token: Pick<Token, "node" | "scope" | "run" | "attempt">) =>
  `${token.node}${token.scope} run ${token.run} attempt ${token.attempt}`;
