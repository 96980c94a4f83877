// Plays graphs against the engine and the model at once: the same commands to both, and after each of them the same
// tasks and waits in both. Many executions share each command, since a round trip costs more than what it does.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { below, type Chance, pick, randomCase, type Script, shuffled } from "./graphs.ts";
import { Model, type Outcome, TooLong } from "./model.ts";
import type { Json } from "./paths.ts";
import type { Definition } from "./shape.ts";

export interface Case {
  name: string;
  definition: Definition;
  input: Json;
  script: Script;
}

/** Tasks are named `<case>|<key>`; those that are not there are passed over, so that a list may be cut down. */
export type Command =
  | { do: "claim"; capacity: number; keep?: string[] }
  | { do: "finish"; results: string[]; capacity: number; keep?: string[]; repeat?: boolean; stale?: boolean }
  | { do: "release"; tasks: string[] }
  | { do: "tick"; seconds: number }
  | { do: "pause" | "resume" | "cancel"; case: number };

export class Disagreement extends Error {
  constructor(readonly index: number, message: string, readonly commands: Command[]) {
    super(message);
  }
}

interface Task {
  id: string;
  lease_token: string;
}

interface Answer {
  tasks: Task[];
  refused: string[];
}

interface Row {
  execution: string;
  id: string;
  kind: string;
  node: string;
  scope: string;
  run: number | null;
  attempt: number;
  lap: number;
  input: number;
  for_run: string | null;
  next_item: number | null;
}

interface State {
  executions: { id: string; status: string; error: { code: string; node_id?: string } | null; output: Json }[];
  rows: Row[];
  loops: { id: string; node: string; scope: string; run: number }[];
}

const lease = 75;

/** Which of the cases does the validator take? */
export async function valid(sql: postgres.Sql, cases: Case[]): Promise<Case[]> {
  const rows = await sql<{ valid: boolean }[]>`
    select (public.validate_definition(d) -> 'valid')::boolean as valid
    from jsonb_array_elements(${sql.json(cases.map((each) => each.definition) as unknown as postgres.JSONValue)})
      with ordinality e (d, o)
    order by o`;
  return cases.filter((_, i) => rows[i]!.valid);
}

export class Game {
  readonly commands: Command[] = [];
  #models: Model[] = [];
  #executions: string[] = [];
  #given_up = new Set<number>();
  #compared = new Set<number>();
  #loops = new Map<string, string>();
  #ids = new Map<string, string>();
  #held = new Map<string, Task & { until: number }>();
  #stale: Task[] = [];
  #worker = `w${crypto.randomUUID()}`;
  #sequence = 0;
  #now = 0;
  #chance: Chance = () => 0;

  private constructor(readonly sql: postgres.Sql, readonly cases: Case[], readonly origin: number) {}

  static async begin(sql: postgres.Sql, workspace: string, cases: Case[], patience = 400): Promise<Game> {
    const game = new Game(sql, cases, Date.now());
    await game.#setClock();
    const ids = await Promise.all(cases.map(async ({ name, definition }) => {
      const [row] = await sql<{ id: string }[]>`
        select id from public.create_workflow(
          ${name}, ${sql.json(definition as unknown as postgres.JSONValue)}, workspace_id => ${workspace})`;
      return row!.id;
    }));
    game.#executions = await Promise.all(ids.map(async (id, i) => {
      const [row] = await sql<{ id: string }[]>`
        select id from public.start_execution(${id}, ${sql.json(cases[i]!.input as postgres.JSONValue)})`;
      return row!.id;
    }));
    game.#models = cases.map(({ definition, input }, i) => {
      const model = new Model(definition, input, patience);
      game.#try(i, () => model.start(0));
      return model;
    });
    await game.compare();
    return game;
  }

  get live(): number[] {
    return this.#models.flatMap((model, i) => model.ended || this.#given_up.has(i) ? [] : [i]);
  }

  /** What the runs of a node answered, in all executions. */
  async values(node: string): Promise<Json[]> {
    const rows = await this.sql<{ value: Json }[]>`
      select output_data as value from public.node_executions
      where execution_id = any (${this.#executions}::uuid[]) and node_id = ${node} and status = 'SUCCESS'`;
    return rows.map((row) => row.value);
  }

  /** A random command that means something now. */
  choose(chance: Chance): Command {
    this.#chance = chance;
    const die = chance();
    const held = [...this.#held.keys()];
    if (die < 0.35) return { do: "claim", capacity: 1 + below(chance, 64) };
    if (die < 0.75) {
      const results = shuffled(chance, held).slice(0, Math.ceil(chance() * held.length));
      const capacity = chance() < 0.5 ? 0 : below(chance, 64);
      return { do: "finish", results, capacity, repeat: chance() < 0.15, stale: chance() < 0.3 };
    }
    if (die < 0.8) return { do: "release", tasks: held.filter(() => chance() < 0.2) };
    if (die < 0.92) return { do: "tick", seconds: pick(chance, [0, 0, 100, 5000]) };
    const of = pick(chance, this.live);
    if (this.#models[of]!.status === "PAUSED") return { do: "resume", case: of };
    return { do: chance() < 0.9 ? "pause" : "cancel", case: of };
  }

  async play(command: Command): Promise<void> {
    const recorded = { ...command };
    this.commands.push(recorded);
    this.#now++;
    await this.#setClock();
    switch (recorded.do) {
      case "claim": {
        const [row] = await this.sql<{ answer: Answer }[]>`
          select engine.claim(${this.#worker}, ${recorded.capacity}) as answer`;
        recorded.keep = await this.#hold(row!.answer.tasks, recorded.keep);
        break;
      }
      case "finish":
        await this.#finish(recorded);
        break;
      case "release":
        await this.#release(recorded.tasks.filter((name) => this.#held.has(name)));
        break;
      case "tick": {
        do this.#now += recorded.seconds || 1; while (!this.live.every((i) => this.#models[i]!.isCertain(this.#now)));
        await this.#setClock();
        await this.sql`select engine.tick()`;
        for (const i of this.live) this.#try(i, () => this.#models[i]!.tick(this.#now));
        break;
      }
      default:
        await this.#control(recorded.do, recorded.case);
    }
    await this.compare();
  }

  /** Lets everything end: whatever is paused goes on, everything is claimed and answered. */
  async drain(): Promise<void> {
    for (let round = 0; this.live.length > 0; round++) {
      if (round > 1200) this.#fail(this.live[0]!, "It does not end");
      for (const i of this.live) {
        if (this.#models[i]!.status === "PAUSED") await this.play({ do: "resume", case: i });
      }
      await this.play({ do: "claim", capacity: 64 });
      if (this.#held.size > 0) await this.play({ do: "finish", results: [...this.#held.keys()], capacity: 64 });
      else await this.play({ do: "tick", seconds: 5000 });
    }
    const violations = await this.sql<{ rule: string; execution_id: string; detail: string }[]>`
      select * from engine.violations() where execution_id = any (${this.#executions}::uuid[])`;
    const [first] = violations;
    if (first) this.#fail(this.#executions.indexOf(first.execution_id), `Violation: ${first.rule}: ${first.detail}`);
  }

  async #finish(command: Extract<Command, { do: "finish" }>): Promise<void> {
    const names = command.results.filter((name) => this.#held.has(name));
    const outcomes = this.#models.map(() => new Map<string, Outcome>());
    const results: postgres.JSONValue[] = names.map((name) => {
      const [of, key] = apart(name);
      const { id, lease_token } = this.#held.get(name)!;
      const outcome = this.cases[of]!.script(key);
      outcomes[of]!.set(key, outcome);
      this.#held.delete(name);
      if ("output" in outcome) {
        return { id, lease_token, status: "success", output: outcome.output as postgres.JSONValue };
      }
      const error = { code: outcome.error, message: "It broke", retryable: outcome.retryable };
      return { id, lease_token, status: "error", error };
    });
    const accepted = new Set(results.map((result) => (result as unknown as Task).id));
    const stale = command.stale ? this.#stale.filter((task) => !accepted.has(task.id)) : [];
    results.push(...stale.map(({ id, lease_token }) => ({ id, lease_token, status: "success", output: "stale" })));
    const call = async () => {
      const [row] = await this.sql<{ answer: Answer }[]>`
        select engine.finish(
          ${this.#worker}, ${this.#sequence}, ${this.sql.json(results)}, ${command.capacity}) as answer`;
      return row!.answer;
    };
    this.#sequence++;
    const answer = await call();
    // its answer was lost
    if (command.repeat) assert.deepEqual(await call(), answer);
    assert.deepEqual(new Set(answer.refused), new Set(stale.map((task) => task.id)));
    for (const [i, each] of outcomes.entries()) {
      if (each.size > 0) this.#try(i, () => this.#models[i]!.finish(each, this.#now));
    }
    this.#forgetLost();
    await this.#read();
    command.keep = await this.#hold(answer.tasks, command.keep);
  }

  /** Keeps some of the tasks of an answer and hands the others back, so that a replay can have the same. */
  async #hold(tasks: Task[], keep?: string[]): Promise<string[]> {
    const kept: string[] = [];
    const back: string[] = [];
    await this.#read();
    for (const task of tasks) {
      const name = this.#ids.get(task.id);
      if (name === undefined) continue;
      const [of, key] = apart(name);
      if (this.#given_up.has(of)) continue;
      this.#try(of, () => this.#models[of]!.lease(key, this.#now + lease));
      this.#held.set(name, { ...task, until: this.#now + lease });
      if (keep ? keep.includes(name) : this.#chance() < 0.8) kept.push(name);
      else back.push(name);
    }
    await this.#release(back);
    return kept;
  }

  async #release(names: string[]): Promise<void> {
    if (names.length === 0) return;
    const ids = names.map((name) => this.#held.get(name)!.id);
    await this.sql`select engine.release(${this.#worker}, ${ids}::uuid[])`;
    for (const name of names) {
      const [of, key] = apart(name);
      this.#held.delete(name);
      this.#try(of, () => this.#models[of]!.release(key, this.#now));
    }
  }

  async #control(verb: "pause" | "resume" | "cancel", of: number): Promise<void> {
    const model = this.#models[of]!;
    if (this.#given_up.has(of) || model.ended || (model.status === "PAUSED") !== (verb === "resume")) {
      if (verb !== "cancel" || model.ended || this.#given_up.has(of)) return;
    }
    const execution = this.#executions[of]!;
    if (verb === "pause") await this.sql`select public.pause_execution(${execution})`;
    else if (verb === "resume") await this.sql`select public.resume_execution(${execution})`;
    else await this.sql`select public.cancel_execution(${execution})`;
    this.#try(of, () => model[verb](this.#now));
  }

  async #setClock(): Promise<void> {
    const now = new Date(this.origin + this.#now * 1000).toISOString();
    await this.sql`select set_config('tandem.now', ${now}, false)`;
  }

  /** A graph that turns out to run on and on is given up. */
  #try(of: number, work: () => void): void {
    if (this.#given_up.has(of)) return;
    try {
      work();
    } catch (error) {
      if (error instanceof TooLong) this.#given_up.add(of);
      else this.#fail(of, `The model: ${(error as Error).stack}`);
    }
  }

  #fail(index: number, message: string): never {
    throw new Disagreement(index, message, this.commands);
  }

  /** What is no longer leased may still be answered by a slow worker. */
  #forgetLost(): void {
    for (const [name, task] of this.#held) {
      const [of, key] = apart(name);
      const isHeld = !this.#given_up.has(of) &&
        this.#models[of]!.tasks().some((each) => each.key === key && each.leased);
      if (!isHeld) {
        this.#held.delete(name);
        this.#stale.push(task);
      }
    }
    this.#stale = this.#stale.slice(-20);
  }

  async #read(): Promise<State> {
    const ids = this.#executions.filter((_, i) => !this.#compared.has(i));
    const [row] = await this.sql<{ state: State }[]>`
      select jsonb_build_object(
        'executions', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'id', e.id, 'status', e.status, 'error', e.error, 'output', e.output)), '[]')
          from public.workflow_executions e where e.id = any (${ids}::uuid[])),
        'loops', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'id', n.id, 'node', n.node_id, 'scope', n.scope, 'run', n.run_index) order by length(n.scope)), '[]')
          from public.node_executions n
          where n.execution_id = any (${ids}::uuid[]) and n.node_type = 'FLOW.FOR_EACH'),
        'rows', (
          select coalesce(jsonb_agg(r), '[]') from (
            select t.execution_id as execution, t.id, case when t.lease_token is null then 'task' else 'leased' end as kind,
              t.node_id as node, t.scope, t.run_index as run, t.attempt, t.lap, t.target_index as input,
              null::uuid as for_run, null::int as next_item
            from engine.tasks t where t.execution_id = any (${ids}::uuid[])
            union all
            select w.execution_id, w.id, w.kind, w.node_id, w.scope, w.run_index, w.attempt, w.lap, w.target_index,
              w.for_run, w.next_item
            from engine.waits w where w.execution_id = any (${ids}::uuid[])) r)) as state`;
    const state = row!.state;
    for (const { id, node, scope, run } of state.loops) this.#loops.set(id, `${this.#canonical(scope)}/${node}#${run}`);
    const indexes = new Map(this.#executions.map((id, i) => [id, i]));
    for (const row of state.rows) {
      if (row.kind === "task" || row.kind === "leased") {
        const key = `${row.node}${this.#canonical(row.scope)} run ${row.run} attempt ${row.attempt}`;
        this.#ids.set(row.id, `${indexes.get(row.execution)}|${key}`);
      }
    }
    return state;
  }

  /** A scope without run ids: `/<FOR_EACH>#<run>:<item>`. */
  #canonical(scope: string): string {
    if (scope === "") return "";
    const [, id, item] = scope.match(/([^/:]+):(\d+)$/)!;
    return `${this.#loops.get(id!) ?? `/(${id})`}:${item}`;
  }

  async compare(): Promise<void> {
    this.#forgetLost();
    const { executions, rows } = await this.#read();
    const byExecution = Map.groupBy(rows, (row) => row.execution);
    const ended: number[] = [];
    for (const execution of executions) {
      const of = this.#executions.indexOf(execution.id);
      const model = this.#models[of]!;
      if (this.#given_up.has(of)) {
        await this.sql`select public.cancel_execution(${execution.id})`;
        this.#compared.add(of);
        continue;
      }
      const live = (byExecution.get(execution.id) ?? []).map((row) => this.#describe(row)).sort();
      this.#same(of, "what is live", live, model.live());
      this.#same(of, "status", execution.status, model.status);
      if (!model.ended) continue;
      ended.push(of);
      const error = execution.error && { code: execution.error.code, node: execution.error.node_id };
      this.#same(of, "error", error, model.error && { code: model.error.code, node: model.error.node });
      if (model.status === "SUCCESS") this.#sameOutput(of, execution.output as Record<string, Json>);
    }
    if (ended.length === 0) return;
    const runs = await this.sql<{ execution: string; node: string; scope: string; rest: string }[]>`
      select n.execution_id as execution, n.node_id as node, n.scope,
        format(' run %s attempt %s %s', coalesce(n.run_index::text, 'null'), n.attempt, n.status) as rest
      from public.node_executions n where n.execution_id = any (${ended.map((of) => this.#executions[of]!)}::uuid[])`;
    const runsOf = Map.groupBy(runs, (run) => run.execution);
    for (const of of ended) {
      const engine = (runsOf.get(this.#executions[of]!) ?? []).map(({ node, scope, rest }) =>
        `${node}${this.#canonical(scope)}${rest}`
      );
      const model = this.#models[of]!.runs.map((run) =>
        `${run.node}${run.scope} run ${run.run} attempt ${run.attempt} ${run.status}`
      );
      this.#same(of, "runs", engine.sort(), model.sort());
      this.#compared.add(of);
    }
  }

  #describe(row: Row): string {
    const scope = this.#canonical(row.scope);
    const place = `${row.node}${scope} lap ${row.lap}`;
    switch (row.kind) {
      case "merge":
        return `merge ${place} input ${row.input}`;
      case "collect":
        return `collect ${place} of ${this.#loops.get(row.for_run!)}:`;
      case "for_each":
        return `for_each ${row.node} ${this.#loops.get(row.for_run!)}: next ${row.next_item}`;
      default:
        return `${row.kind} ` +
          (row.run === null ? place : `${row.node}${scope} run ${row.run} attempt ${row.attempt} lap ${row.lap}`);
    }
  }

  #same(of: number, what: string, engine: unknown, model: unknown): void {
    try {
      assert.deepEqual(engine, model);
    } catch {
      const [only, missing] = Array.isArray(engine) && Array.isArray(model)
        ? [without(engine, model), without(model, engine)]
        : [engine, model];
      this.#fail(
        of,
        `They disagree about ${what}.\n  only the engine: ${JSON.stringify(only)}\n  only the model:  ${
          JSON.stringify(missing)
        }`,
      );
    }
  }

  /** Of a node that ended several times at once, any of its outputs may be the one that is kept. */
  #sameOutput(of: number, output: Record<string, Json>): void {
    const { outputs } = this.#models[of]!;
    this.#same(of, "the nodes that ended it", Object.keys(output).sort(), [...outputs.keys()].sort());
    for (const [node, value] of Object.entries(output)) {
      const candidates = outputs.get(node)!.values;
      const found = plain(value);
      if (!candidates.some((candidate) => equal(found, plain(candidate)))) {
        this.#same(of, `the output of ${node}`, found, plain(candidates[0]!));
      }
    }
  }
}

function apart(name: string): [number, string] {
  const at = name.indexOf("|");
  return [Number(name.slice(0, at)), name.slice(at + 1)];
}

function without(values: unknown[], others: unknown[]): unknown[] {
  const left = [...others];
  return values.filter((value) => {
    const at = left.indexOf(value);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function equal(a: Json, b: Json): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

/** Without what the model does not know of errors: their messages. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const { error } = value;
  if (error !== null && typeof error === "object" && !Array.isArray(error) && "code" in error) {
    return { ...value, error: { code: error.code! } };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** Plays cases with a random schedule of so many commands, then to their ends. */
export async function playRandomly(
  sql: postgres.Sql,
  workspace: string,
  cases: Case[],
  chance: Chance,
  commands = 14,
): Promise<Game> {
  const game = await Game.begin(sql, workspace, cases);
  for (let i = 0; i < commands && game.live.length > 0; i++) await game.play(game.choose(chance));
  await game.drain();
  return game;
}

/** A database to play in, and its workspace. */
export async function board(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into public.workspaces (name, max_leases) values ('Model', 100000) returning id`;
  return row!.id;
}

/** Plays one case with given commands; what disagrees, or nothing. */
export async function replay(
  sql: postgres.Sql,
  workspace: string,
  one: Case,
  commands: Command[],
): Promise<Disagreement | undefined> {
  try {
    const game = await Game.begin(sql, workspace, [one]);
    for (const command of commands) {
      if (game.live.length > 0) await game.play(command);
    }
    await game.drain();
  } catch (error) {
    if (error instanceof Disagreement) return error;
    throw error;
  }
}

/** The commands of one case of several, as if it had been played alone. */
export function commandsOf(index: number, commands: Command[]): Command[] {
  const mine = (names: string[] = []) =>
    names.filter((name) => name.startsWith(`${index}|`)).map((name) => `0|${apart(name)[1]}`);
  return commands.flatMap((command): Command[] => {
    switch (command.do) {
      case "claim":
        return [{ ...command, capacity: 64, keep: mine(command.keep) }];
      case "finish":
        return [{ ...command, results: mine(command.results), capacity: 64, keep: mine(command.keep) }];
      case "release":
        return [{ ...command, tasks: mine(command.tasks) }];
      case "tick":
        return [command];
      default:
        return command.case === index ? [{ ...command, case: 0 }] : [];
    }
  });
}

/** Drops commands, connections and nodes as long as it still goes wrong. */
export async function shrink(
  sql: postgres.Sql,
  workspace: string,
  one: Case,
  commands: Command[],
): Promise<{ one: Case; commands: Command[]; problem: Disagreement } | undefined> {
  let problem = await replay(sql, workspace, one, commands);
  if (!problem) return undefined;
  let best = { one, commands: problem.commands.slice(0, commands.length) };
  const attempt = async (candidate: typeof best) => {
    if ((await valid(sql, [candidate.one])).length === 0) return false;
    const found = await replay(sql, workspace, candidate.one, candidate.commands).catch(() => undefined);
    if (!found) return false;
    best = candidate;
    problem = found;
    return true;
  };
  const withDefinition = (definition: Definition) => ({ ...best, one: { ...best.one, definition } });
  for (let smaller = true, rounds = 0; smaller && rounds < 3; rounds++) {
    smaller = false;
    for (let i = best.commands.length - 1; i >= 0; i--) {
      smaller = await attempt({ ...best, commands: best.commands.toSpliced(i, 1) }) || smaller;
    }
    for (const { id } of best.one.definition.nodes.slice(1)) {
      const { nodes, connections, ...rest } = best.one.definition;
      smaller = await attempt(withDefinition({
        ...rest,
        nodes: nodes.filter((node) => node.id !== id),
        connections: connections.filter((each) => each.source !== id && each.target !== id),
      })) || smaller;
    }
    for (const connection of best.one.definition.connections) {
      const { connections, ...rest } = best.one.definition;
      smaller = await attempt(withDefinition({
        ...rest,
        connections: connections.filter((each) => each !== connection),
      })) ||
        smaller;
    }
  }
  return { ...best, problem: problem! };
}

/** Random cases that the validator takes. */
export async function randomCases(sql: postgres.Sql, seed: number, count: number): Promise<Case[]> {
  const cases = Array.from({ length: count }, (_, i) => ({ name: `graph ${seed + i}`, ...randomCase(seed + i) }));
  return await valid(sql, cases);
}
