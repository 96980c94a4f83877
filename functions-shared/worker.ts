// The worker loop, one per isolate. It claims tasks, runs up to `capacity` of them at once, and delivers results: each
// call of engine.finish hands a batch over and brings the next one. A finished result is kept until the database has it,
// since its effect has happened; only one call to the database is under way at a time, functions of the database aside.
import { busyMs, countExchange } from "./busy_time.ts";
import { attemptMs, type Engine, functionsAtOnce, type Progress, type Task } from "./engine.ts";
import type { TaskError, TaskResult } from "./engine.ts";
import { isConflict, isConnectionLoss, sqlState } from "./errors.ts";
import { NodeError, type NodeExecutor } from "./nodes/node.ts";

export interface WorkerOptions {
  engine: Engine;
  run: NodeExecutor;
  workerId?: string;
  /** Tasks under way at once. */
  capacity?: number;
  /** After this long it claims no more (0: no limit), lets what runs end, and hands the rest back. */
  budgetMs?: number;
  /** The same after the isolate has been busy for so long, as `busyMs` counts it (0: no limit). */
  cpuBudgetMs?: number;
  busyMs?: () => number;
  drainMs?: number;
  /** Calls another worker, once when its time is over with work left, and once when it has handed leases back. */
  ring?: () => Promise<void>;
  /** How long a task runs before its lease is extended, and then again. */
  heartbeatMs?: number;
  /** How long it polls after the last work: a chain's next step, or a new start, finds it awake. */
  lingerMs?: number;
  /** How long a result waits for others while tasks are still running. */
  coalesceMs?: number;
  pollMs?: { least: number; most: number };
  backoffMs?: { least: number; most: number };
  /** How long it keeps asking a database that is away when it holds nothing; the doorbell wakes it later. */
  patienceMs?: number;
  log?: (event: string, fields: Record<string, unknown>) => void;
}

export interface Worker {
  /** Starts the loop or makes it look at once; resolves when the loop has ended. Wakes during a run join it. */
  wake(): Promise<void>;
  /** Claims no more, gives running tasks `graceMs` to end, hands the rest back. */
  stop(graceMs?: number): Promise<void>;
  /** False once its time is over or it was stopped: a wake then does nothing. */
  readonly accepting: boolean;
}

interface Running {
  task: Task;
  controller: AbortController;
  /** When it was claimed, or its lease was extended. */
  leasedAt: number;
  progress?: Progress;
  /** A function that waits for one of the connections. */
  inLine?: boolean;
}
interface Finished {
  executionId: string;
  result: TaskResult;
}
type Outcome = { status: "success"; output: unknown } | { status: "error"; error: TaskError };

// The most that one claim brings.
const largestClaim = 64;

export function createWorker(options: WorkerOptions): Worker {
  return new Loop(options);
}

class Loop implements Worker {
  readonly #engine: Engine;
  readonly #options: Required<Omit<WorkerOptions, "engine" | "workerId">>;
  #workerId: string;
  readonly #born = performance.now();
  #sequence = 0;
  #running = new Map<string, Running>();
  #finished: Finished[] = [];
  #firstFinishedAt = 0;
  #current: Promise<void> | null = null;
  #woken = false;
  /** When the last running tasks are handed back; set by stop(). */
  #stopAt: number | null = null;
  /** When its time was over, by the clock or by its busy time. */
  #overAt = Infinity;
  #mayBeMore = false;
  #handedBack = false;
  #rungAt = -Infinity;
  #rings: Promise<void>[] = [];
  #beatAfter = 0;
  #calls = new Set<Promise<unknown>>();
  #line: (() => void)[] = [];
  #rouse: () => void = () => {};

  #lastWork = 0;
  #nextPoll = 0;
  #pollDelay = 0;
  #awaySince: number | null = null;
  #failures = 0;

  constructor({ engine, workerId = crypto.randomUUID(), ...options }: WorkerOptions) {
    this.#engine = engine;
    this.#workerId = workerId;
    this.#options = {
      capacity: 10,
      budgetMs: 0,
      cpuBudgetMs: 0,
      busyMs,
      drainMs: 30_000,
      ring: () => Promise.resolve(),
      heartbeatMs: 20_000,
      lingerMs: 1_000,
      coalesceMs: 4,
      pollMs: { least: 10, most: 250 },
      backoffMs: { least: 100, most: 5_000 },
      patienceMs: 60_000,
      log: () => {},
      ...options,
    };
  }

  get accepting(): boolean {
    return this.#stopAt === null && this.#timeOverAt() === Infinity;
  }

  wake(): Promise<void> {
    this.#woken = true;
    this.#rouse();
    if (!this.#current) {
      if (!this.accepting) return Promise.resolve();
      this.#current = this.#loop().catch((error) => this.#options.log("worker_failed", describe(error))).then(() => {
        this.#current = null;
        // woken while the last run was saying goodbye
        if (this.#woken && this.accepting) return this.wake();
      });
    }
    return this.#current;
  }

  async stop(graceMs = 0): Promise<void> {
    this.#stopAt = Math.min(this.#stopAt ?? Infinity, performance.now() + graceMs);
    this.#rouse();
    await this.#current;
  }

  async #loop(): Promise<void> {
    this.#awaySince = null;
    this.#failures = 0;
    for (let wasEnding = false;;) {
      const now = performance.now();
      if (this.#woken) this.#lookNow(now);
      const ending = !this.accepting;
      if (ending && !wasEnding && this.#mayBeMore) this.#ring();
      wasEnding = ending;

      if (now >= this.#nextBeat() && !(ending && now >= this.#handBackAt())) {
        await this.#heartbeat();
        continue;
      }
      if (this.#finished.length > 0 && this.#isDeliveryDue(now)) {
        await this.#deliver(this.#finished.splice(0), ending ? 0 : this.#free());
        continue;
      }
      // Finished results are about to bring the next tasks with their own call.
      if (!ending && this.#finished.length === 0 && this.#free() > 0 && now >= this.#nextPoll) {
        await this.#claim();
        continue;
      }
      if (this.#running.size === 0 && this.#finished.length === 0 && (ending || this.#hasNothingToExpect(now))) break;
      if (ending && now >= this.#handBackAt()) {
        if (this.#finished.length > 0) await this.#deliver(this.#finished.splice(0), 0);
        await this.#handBack();
        break;
      }
      await this.#pause(this.#nextEvent(now, ending) - now);
    }
    // An empty hand-back says that this worker is gone: its last claim no longer counts as capacity.
    await this.#release([]);
    if (this.#handedBack) this.#ring();
    await Promise.all(this.#rings.splice(0));
  }

  // -- when -----------------------------------------------------------------------------------------------------------

  #lookNow(now: number): void {
    this.#woken = false;
    this.#lastWork = now;
    this.#pollDelay = this.#options.pollMs.least;
    if (this.#awaySince === null) this.#nextPoll = now;
  }

  #isDeliveryDue(now: number): boolean {
    return this.#running.size === 0 || now >= this.#firstFinishedAt + this.#options.coalesceMs;
  }

  #hasNothingToExpect(now: number): boolean {
    return this.#awaySince === null
      ? now - this.#lastWork >= this.#options.lingerMs
      : now - this.#awaySince >= this.#options.patienceMs;
  }

  #nextEvent(now: number, ending: boolean): number {
    const times = [this.#nextBeat()];
    if (this.#finished.length > 0) times.push(this.#firstFinishedAt + this.#options.coalesceMs);
    if (ending) times.push(this.#handBackAt());
    else {
      if (this.#free() > 0 && this.#finished.length === 0) times.push(this.#nextPoll);
      if (this.#options.budgetMs > 0) times.push(this.#born + this.#options.budgetMs);
    }
    return Math.max(now, Math.min(...times));
  }

  #free(): number {
    return Math.max(0, this.#options.capacity - this.#running.size);
  }

  #timeOverAt(): number {
    if (this.#overAt === Infinity) {
      const { budgetMs, cpuBudgetMs, busyMs } = this.#options;
      const now = performance.now();
      if (budgetMs > 0 && now >= this.#born + budgetMs) this.#overAt = this.#born + budgetMs;
      else if (cpuBudgetMs > 0 && busyMs() >= cpuBudgetMs) this.#overAt = now;
    }
    return this.#overAt;
  }

  #handBackAt(): number {
    return Math.min(this.#stopAt ?? Infinity, this.#timeOverAt() + this.#options.drainMs);
  }

  #nextBeat(): number {
    let next = Infinity;
    for (const { leasedAt, inLine } of this.#running.values()) {
      next = Math.min(next, leasedAt + this.#options.heartbeatMs / (inLine ? 2 : 1));
    }
    return Math.max(next, this.#beatAfter);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wait = Number.isFinite(milliseconds) ? Math.min(milliseconds, 0x7fffffff) : 0x7fffffff;
      const timer = setTimeout(resolve, wait);
      this.#rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  // -- tasks ----------------------------------------------------------------------------------------------------------

  async #adopt(tasks: Task[], asked: number): Promise<void> {
    const now = performance.now();
    if (asked > 0) this.#mayBeMore = tasks.length >= Math.min(asked, largestClaim);
    if (tasks.length > 0) {
      this.#lastWork = now;
      this.#pollDelay = this.#options.pollMs.least;
    } else {
      this.#pollDelay = Math.min(this.#pollDelay * 1.5, this.#options.pollMs.most);
    }
    this.#nextPoll = now + this.#pollDelay;
    if (this.#stopAt === null) { for (const task of tasks) void this.#start(task); }
    // They came with an answer to what was asked before the stop; nothing of them has happened.
    else if (tasks.length > 0) await this.#giveBack(tasks.map((task) => task.id));
  }

  async #start(task: Task): Promise<void> {
    countExchange();
    const started = performance.now();
    const entry: Running = { task, controller: new AbortController(), leasedAt: started };
    // Its lease had run out and is this worker's again: what the earlier attempt brings would be refused.
    this.#running.get(task.id)?.controller.abort(leaseGone());
    this.#running.set(task.id, entry);
    const outcome =
      await (task.problem
        ? { status: "error" as const, error: { ...task.problem, retryable: false } }
        : isFunction(task)
        ? this.#queueCall(entry)
        : this.#run(entry));
    // Handed back or gone meanwhile: another worker may have it, and this result no longer counts.
    if (!this.#holds(entry)) return;
    this.#running.delete(task.id);
    if (outcome) {
      if (this.#finished.length === 0) this.#firstFinishedAt = performance.now();
      this.#finished.push({
        executionId: task.execution_id,
        result: {
          id: task.id,
          lease_token: task.lease_token,
          duration_ms: Math.round(performance.now() - started),
          ...outcome,
        },
      });
    }
    this.#rouse();
  }

  #holds(entry: Running): boolean {
    return this.#running.get(entry.task.id) === entry;
  }

  async #run(entry: Running): Promise<Outcome> {
    const { task, controller } = entry;
    const milliseconds = attemptMs(task);
    const timer = setTimeout(() => {
      const message = `The node took longer than ${milliseconds / 1000} s`;
      controller.abort(new NodeError("timeout", message, { retryable: true }));
    }, milliseconds);
    const progress = (progress: Progress) => void (entry.progress = progress);
    try {
      const output = await settled(
        async () => await this.#options.run(task, { signal: controller.signal, progress }),
        controller,
      );
      return { status: "success", output: output ?? null };
    } catch (error) {
      return { status: "error", error: this.#taskError(task, error) };
    } finally {
      clearTimeout(timer);
    }
  }

  // -- functions of the database --------------------------------------------------------------------------------------

  /** Its turn comes when one of the connections is free; null: there is no result for `finish`. */
  async #queueCall(entry: Running): Promise<Outcome | null> {
    entry.inLine = true;
    while (this.#calls.size >= functionsAtOnce) await new Promise<void>((resolve) => this.#line.push(resolve));
    entry.inLine = false;
    const call = this.#call(entry);
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
      this.#line.shift()?.();
    }
  }

  async #call(entry: Running): Promise<Outcome | null> {
    const { task, controller: { signal } } = entry;
    const { least, most } = this.#options.backoffMs;
    for (let losses = 0, conflicts = 0; this.#holds(entry);) {
      try {
        if (await this.#engine.callFunction(this.#workerId, task, signal)) {
          // What it brought about may be ready.
          this.#lastWork = this.#nextPoll = performance.now();
          this.#pollDelay = least;
        } else this.#options.log("function_lease_gone", { task: task.id });
        return null;
      } catch (error) {
        if (!this.#holds(entry)) return null;
        if (isConnectionLoss(error)) {
          // If it took effect all the same, its lease is gone and the next call does nothing.
          await sleep(Math.min(least * 2 ** losses++, most) * (0.5 + Math.random() / 2));
        } else if (isConflict(error) && ++conflicts < 3) await sleep(5 + Math.random() * 20);
        else return { status: "error", error: this.#callError(task, error) };
      }
    }
    return null;
  }

  #callError(task: Task, error: unknown): TaskError {
    const state = sqlState(error);
    if (state === null) return this.#taskError(task, error);
    if (state === "57014") {
      const message = `The function took longer than ${attemptMs(task) / 1000} s`;
      return { code: "timeout", message, retryable: true };
    }
    this.#options.log("function_failed", { node: `${task.type}.${task.subtype}`, ...describe(error) });
    return {
      code: "function_failed",
      message: "The call of the function failed",
      details: { sqlstate: state },
      retryable: isConflict(error) || state === "55P03",
    };
  }

  #taskError(task: Task, error: unknown): TaskError {
    if (error instanceof NodeError) {
      return {
        code: error.code,
        message: error.message,
        retryable: error.retryable,
        ...(error.details && { details: error.details }),
        ...(error.retryAfterSeconds !== undefined && { retry_after_seconds: error.retryAfterSeconds }),
      };
    }
    this.#options.log("node_crashed", { node: `${task.type}.${task.subtype}`, ...describe(error) });
    return { code: "node_crashed", message: "The node failed in a way it does not know", retryable: true };
  }

  // -- database -------------------------------------------------------------------------------------------------------

  async #claim(): Promise<void> {
    try {
      // What a lost answer claimed is not known here: those leases run out and the tasks run elsewhere.
      const asked = this.#free();
      const { tasks } = await this.#engine.claim(this.#workerId, asked);
      this.#back();
      await this.#adopt(tasks, asked);
    } catch (error) {
      this.#nextPoll = performance.now() + this.#away("claim", error);
    }
  }

  /** Ends when the database has every result, when it has refused them for good, or when there is no time left. */
  async #deliver(batch: Finished[], capacity: number): Promise<void> {
    const results = batch.map((entry) => entry.result);
    // The same call, word for word, until it is answered: an answer may have been lost after the work was done.
    let sequence = this.#sequence + 1;
    for (let slow = 0, troubled = 0;;) {
      try {
        const { tasks, refused } = await this.#engine.finish(this.#workerId, sequence, results, capacity);
        this.#sequence = sequence;
        this.#back();
        // What this brought about may be ready in a moment.
        this.#lastWork = performance.now();
        this.#pollDelay = this.#options.pollMs.least;
        if (refused?.length) this.#options.log("results_refused", { tasks: refused });
        await this.#adopt(tasks, capacity);
        return;
      } catch (error) {
        const state = sqlState(error);
        if ((error as { detail?: unknown }).detail === "sequence_out_of_order") {
          // The engine knows another worker by this name. Results are taken by their leases, whoever brings them.
          this.#workerId = crypto.randomUUID();
          sequence = 1;
          continue;
        }
        const transient = isConnectionLoss(error) || isConflict(error) || state === null ||
          // too slow or locked: perhaps only now
          ((state === "57014" || state === "55P03") && ++slow < 3) ||
          // read-only for a while, out of disk, in the middle of a deployment: about the server, not about the results
          (/^(25006|55000|58|XX|42883|42501|3F000)/.test(state) && ++troubled < 10);
        if (!transient) return await this.#isolate(batch, error);
        const delay = isConflict(error) ? 5 + Math.random() * 20 : this.#away("finish", error);
        if (performance.now() + delay > this.#giveUpAt()) {
          this.#options.log("results_lost", { tasks: results.map((result) => result.id) });
          return;
        }
        await this.#rest(delay);
      }
    }
  }

  // The statement failed, so none of the batch was kept and its sequence number is still free. One execution at a time
  // finds the one that SQL cannot apply; that one ends in ERROR, the others are not held up.
  async #isolate(batch: Finished[], failure: unknown): Promise<void> {
    const executions = Map.groupBy(batch, (entry) => entry.executionId);
    if (executions.size > 1) {
      for (const one of executions.values()) await this.#deliver(one, 0);
      return;
    }
    const [executionId] = executions.keys();
    this.#options.log("execution_aborted", { execution_id: executionId, ...describe(failure) });
    const error: TaskError = {
      code: "result_not_applicable",
      message: "The engine could not apply the results of this execution",
      details: { sqlstate: sqlState(failure) },
      retryable: false,
    };
    for (;;) {
      try {
        return await this.#engine.abortExecution(executionId!, error);
      } catch (thrown) {
        const delay = isConflict(thrown) ? 5 + Math.random() * 20 : this.#away("abort", thrown);
        // Otherwise its leases run out, and the attempt counts as lost.
        if (sqlState(thrown) !== null && !isConflict(thrown) && !isConnectionLoss(thrown)) return;
        if (performance.now() + delay > this.#giveUpAt()) return;
        await this.#rest(delay);
      }
    }
  }

  /** One call for all that runs long: the leases are extended, and what is no longer held ends. */
  async #heartbeat(): Promise<void> {
    const now = performance.now();
    // Those that are due in a while come along now; those that have just begun may never need it.
    const due = [...this.#running.values()].filter((entry) => now >= entry.leasedAt + this.#options.heartbeatMs / 2);
    const held = due.filter((entry) => !entry.inLine);
    // A lease is for the node's timeout, not for waiting in line: that begins anew, and spends no attempt.
    const waiting = due.filter((entry) => entry.inLine);
    if (waiting.length > 0) {
      for (const { task } of waiting) this.#running.delete(task.id);
      await this.#release(waiting.map(({ task }) => task.id));
      this.#nextPoll = 0;
    }
    if (held.length === 0) return;
    const beats = held.map(({ task, progress }) => ({
      id: task.id,
      lease_token: task.lease_token,
      ...(progress && { progress }),
    }));
    try {
      const { gone } = await this.#engine.heartbeat(this.#workerId, beats);
      this.#back();
      held.forEach((entry, index) => {
        entry.leasedAt = now;
        if (entry.progress === beats[index]!.progress) delete entry.progress;
      });
      if (gone.length > 0) this.#drop(held.filter(({ task }) => gone.includes(task.id)));
    } catch (error) {
      this.#beatAfter = performance.now() + this.#away("heartbeat", error);
    }
  }

  #drop(entries: Running[]): void {
    // A function that is gone may just have ended: its own answer is not here yet.
    const lost = entries.filter(({ task }) => !isFunction(task));
    if (lost.length > 0) this.#options.log("leases_gone", { tasks: lost.map(({ task }) => task.id) });
    for (const { task, controller } of entries) {
      if (this.#running.get(task.id)?.controller === controller) this.#running.delete(task.id);
      controller.abort(leaseGone());
      // it may have ended just now
      this.#finished = this.#finished.filter(({ result }) =>
        result.id !== task.id || result.lease_token !== task.lease_token
      );
    }
  }

  /** Between two tries of a call that may take long: leases do not wait for it. */
  async #rest(milliseconds: number): Promise<void> {
    await sleep(milliseconds);
    if (performance.now() >= this.#nextBeat()) await this.#heartbeat();
  }

  async #handBack(): Promise<void> {
    const ids = [...this.#running.keys()];
    const controllers = [...this.#running.values()].map((entry) => entry.controller);
    this.#running.clear();
    for (const controller of controllers) {
      controller.abort(new NodeError("released", "The worker handed the task back"));
    }
    // What is being applied cannot be handed back; a function that is told to end does so at once.
    if (this.#calls.size > 0) await Promise.race([Promise.allSettled(this.#calls), sleep(500)]);
    if (ids.length > 0) await this.#giveBack(ids);
  }

  async #giveBack(ids: string[]): Promise<void> {
    this.#handedBack = true;
    await this.#release(ids);
  }

  #ring(): void {
    const now = performance.now();
    // whoever came then still looks around
    if (now - this.#rungAt < this.#options.lingerMs) return;
    this.#rungAt = now;
    this.#rings.push(
      this.#options.ring().catch((error) => this.#options.log("ring_failed", describe(error))),
    );
  }

  async #release(ids: string[]): Promise<void> {
    try {
      await this.#engine.release(this.#workerId, ids);
    } catch (error) {
      this.#options.log("release_failed", { tasks: ids, ...describe(error) });
    }
  }

  #giveUpAt(): number {
    const at = this.#handBackAt();
    return at === Infinity ? Infinity : at + 2_000;
  }

  #back(): void {
    if (this.#awaySince !== null) this.#options.log("database_back", { after_ms: performance.now() - this.#awaySince });
    this.#awaySince = null;
    this.#failures = 0;
  }

  /** Notes a failure, and gives the time until the next try: growing, and different for each worker. */
  #away(verb: string, error: unknown): number {
    const { least, most } = this.#options.backoffMs;
    if (this.#awaySince === null) {
      this.#awaySince = performance.now();
      this.#options.log("database_away", { verb, ...describe(error) });
    }
    return Math.min(least * 2 ** this.#failures++, most) * (0.5 + Math.random() / 2);
  }
}

// A node that ignores its signal does not hold the worker up.
async function settled<T>(work: () => Promise<T>, { signal }: AbortController): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function isFunction(task: Task): boolean {
  // a workspace's own types of nodes are called like their functions, in lower case
  return task.type === "ACTION" && (task.subtype === "SQL_FUNCTION" || /^[a-z_]/.test(task.subtype));
}

function leaseGone(): NodeError {
  return new NodeError("lease_gone", "The task is no longer this worker's");
}

function describe(error: unknown): Record<string, unknown> {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return { error_code: code ?? null, error_message: message ?? String(error) };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
