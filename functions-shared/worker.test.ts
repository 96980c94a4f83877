import assert from "node:assert/strict";
import type { Beat, Engine, Task, TaskError, TaskResult } from "./engine.ts";
import { NodeError, type NodeExecutor } from "./nodes/node.ts";
import { createWorker, type WorkerOptions } from "./worker.ts";

/**
 * The rules of the verbs in memory: leases, sequence numbers, repeated answers. `fault` may throw before a call
 * takes effect, or return an error to throw after it did (a lost answer).
 */
class FakeEngine implements Engine {
  ready: Task[] = [];
  leased = new Map<string, Task>();
  applied: TaskResult[] = [];
  released: string[] = [];
  aborted: [string, TaskError][] = [];
  calls: string[] = [];
  batches: number[] = [];
  fault: (verb: string, results?: TaskResult[]) => Error | void = () => {};
  onApplied: (result: TaskResult) => void = () => {};
  forgotten = false;
  beats: Beat[][] = [];
  /** What is handed back is ready again. */
  again = false;
  /** What a function does; its lease is checked before and after it. */
  body: (task: { id: string }, signal: AbortSignal) => Promise<unknown> = () => Promise.resolve();
  called: string[] = [];
  #workers = new Map<string, { sequence: number; answer: { tasks: Task[]; refused: string[] } }>();

  add(...ids: string[]): void {
    for (const id of ids) this.ready.push(task(id));
  }

  #take(capacity: number): Task[] {
    const tasks = this.ready.splice(0, capacity);
    for (const one of tasks) this.leased.set(one.id, one);
    return tasks;
  }

  claim(_worker: string, capacity: number) {
    this.calls.push("claim");
    const lost = this.fault("claim");
    const tasks = this.#take(capacity);
    return lost ? Promise.reject(lost) : Promise.resolve({ tasks });
  }

  async finish(worker: string, sequence: number, results: TaskResult[], capacity: number) {
    this.calls.push(`finish ${sequence}`);
    await Promise.resolve();
    const lost = this.fault("finish", results);
    if (this.forgotten) this.#workers.clear();
    this.forgotten = false;
    const last = this.#workers.get(worker) ?? { sequence: 0, answer: { tasks: [], refused: [] } };
    this.#workers.set(worker, last);
    if (sequence !== last.sequence) {
      if (sequence !== last.sequence + 1) {
        throw Object.assign(new Error("out of order"), {
          code: "PT409",
          severity: "ERROR",
          detail: "sequence_out_of_order",
        });
      }
      const refused: string[] = [];
      this.batches.push(results.length);
      for (const result of results) {
        if (this.leased.delete(result.id)) {
          this.applied.push(result);
          this.onApplied(result);
        } else refused.push(result.id);
      }
      Object.assign(last, { sequence, answer: { tasks: this.#take(capacity), refused } });
    }
    if (lost) throw lost;
    return last.answer;
  }

  async heartbeat(_worker: string, tasks: Beat[]) {
    this.calls.push(`heartbeat ${tasks.length}`);
    await Promise.resolve();
    this.fault("heartbeat");
    this.beats.push(tasks);
    return { gone: tasks.filter(({ id }) => !this.leased.has(id)).map(({ id }) => id) };
  }

  async callFunction(_worker: string, task: { id: string }, signal: AbortSignal) {
    this.calls.push("function");
    const lost = this.fault("function");
    if (!this.leased.has(task.id)) return false;
    await this.body(task, signal);
    if (!this.leased.delete(task.id)) return false;
    this.called.push(task.id);
    if (lost) throw lost;
    return true;
  }

  release(_worker: string, ids: string[]) {
    this.calls.push(`release ${ids.length}`);
    this.released.push(...ids);
    for (const id of ids) {
      const task = this.leased.get(id);
      if (task && this.again) this.ready.push(task);
      this.leased.delete(id);
    }
    return Promise.resolve();
  }

  abortExecution(executionId: string, error: TaskError) {
    this.calls.push("abort");
    this.aborted.push([executionId, error]);
    return Promise.resolve();
  }
}

function task(id: string): Task {
  return { id, lease_token: `t-${id}`, execution_id: `e-${id}`, timeout_seconds: 60, input: id } as Task;
}

const sqlFunction = (id: string, more: Partial<Task> = {}): Task => ({
  ...task(id),
  type: "ACTION",
  subtype: "SQL_FUNCTION",
  ...more,
});

const echo: NodeExecutor = (task) => task.input;
const lost = () => Object.assign(new Error("gone"), { code: "CONNECTION_CLOSED" });
const sqlError = (code: string) => Object.assign(new Error("sql"), { code, severity: "ERROR" });

function worker(engine: Engine, options: Partial<WorkerOptions> = {}) {
  return createWorker({
    engine,
    run: echo,
    lingerMs: 30,
    pollMs: { least: 2, most: 10 },
    backoffMs: { least: 2, most: 10 },
    ...options,
  });
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const ids = (results: { id: string }[]) => results.map((result) => result.id).sort();

Deno.test("runs what is ready, delivers each result once and ends", async () => {
  const engine = new FakeEngine();
  engine.add("a", "b", "c");
  await worker(engine).wake();
  assert.deepEqual(ids(engine.applied), ["a", "b", "c"]);
  const { duration_ms, ...result } = engine.applied.find((result) => result.id === "a")!;
  assert.deepEqual(result, { id: "a", lease_token: "t-a", status: "success", output: "a" });
  assert.ok(Number.isInteger(duration_ms) && duration_ms >= 0);
  assert.equal(engine.calls.at(-1), "release 0");
});

Deno.test("results that end together go together, and bring the next tasks with them", async () => {
  const engine = new FakeEngine();
  engine.add(..."abcdefgh");
  await worker(engine, { capacity: 4 }).wake();
  assert.deepEqual(engine.batches, [4, 4]);
  assert.equal(engine.calls.filter((call) => call === "claim").length > 0, true);
  assert.deepEqual(engine.calls.slice(0, 3), ["claim", "finish 1", "finish 2"]);
});

Deno.test("never runs more than its capacity at once", async () => {
  const engine = new FakeEngine();
  engine.add(...Array.from({ length: 25 }, (_, i) => `t${i}`));
  let now = 0, most = 0;
  const run: NodeExecutor = async () => {
    most = Math.max(most, ++now);
    await sleep(Math.random() * 8);
    now--;
  };
  await worker(engine, { capacity: 5, run }).wake();
  assert.equal(engine.applied.length, 25);
  assert.equal(most, 5);
});

Deno.test("a fast task does not wait for a slow one", async () => {
  const engine = new FakeEngine();
  engine.add("slow", "fast");
  const order: string[] = [];
  engine.onApplied = (result) => order.push(result.id);
  await worker(engine, { run: async (task) => task.id === "slow" && await sleep(80) }).wake();
  assert.deepEqual(order, ["fast", "slow"]);
});

Deno.test("a follow-up that becomes ready shortly after is found without a wake", async () => {
  const engine = new FakeEngine();
  engine.add("first");
  engine.onApplied = (result) => {
    if (result.id === "first") setTimeout(() => engine.add("second"), 15);
  };
  await worker(engine, { lingerMs: 600 }).wake();
  assert.deepEqual(ids(engine.applied), ["first", "second"]);
});

Deno.test("wakes during a run join it", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  const one = worker(engine, { run: () => sleep(20) });
  await Promise.all([one.wake(), one.wake(), one.wake()]);
  assert.equal(engine.calls.filter((call) => call.startsWith("release")).length, 1);
  assert.deepEqual(ids(engine.applied), ["a"]);
});

Deno.test("a wake that comes while the loop says goodbye is not lost", async () => {
  const engine = new FakeEngine();
  const one = worker(engine);
  const release = engine.release.bind(engine);
  let again = true;
  engine.release = async (id, tasks) => {
    if (again) {
      again = false;
      engine.add("late");
      void one.wake();
    }
    return await release(id, tasks);
  };
  await one.wake();
  assert.deepEqual(ids(engine.applied), ["late"]);
});

Deno.test("a lost answer is asked for again with the same number: no effect twice, no task lost", async () => {
  const engine = new FakeEngine();
  engine.add("a", "b", "c", "d");
  let losses = 3;
  engine.fault = (verb) => verb === "finish" && losses-- > 0 ? lost() : undefined;
  const runs: string[] = [];
  await worker(engine, { capacity: 2, run: (task) => void runs.push(task.id) }).wake();
  assert.deepEqual(runs.sort(), ["a", "b", "c", "d"]);
  assert.deepEqual(ids(engine.applied), ["a", "b", "c", "d"]);
  assert.deepEqual(engine.calls.filter((call) => call === "finish 1").length, 4);
});

Deno.test("finished results survive a database that is away, and are delivered when it is back", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  let away = false;
  let runs = 0;
  engine.fault = () => {
    if (away) throw lost();
  };
  const run: NodeExecutor = async () => {
    runs++;
    away = true;
    setTimeout(() => away = false, 60);
    return await Promise.resolve("done");
  };
  await worker(engine, { run }).wake();
  assert.equal(runs, 1);
  assert.deepEqual(ids(engine.applied), ["a"]);
});

Deno.test("a claim that fails is tried again", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  let failures = 4;
  engine.fault = (verb) => {
    if (verb === "claim" && failures-- > 0) throw lost();
  };
  await worker(engine).wake();
  assert.deepEqual(ids(engine.applied), ["a"]);
});

Deno.test("with nothing in hand, it stops asking a database that stays away", async () => {
  const engine = new FakeEngine();
  engine.fault = () => {
    throw lost();
  };
  await worker(engine, { patienceMs: 40 }).wake();
  assert.ok(engine.calls.length > 2);
});

Deno.test("conflicts repeat the same call", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  const states = ["40001", "40P01"];
  engine.fault = (verb) => {
    if (verb === "finish" && states.length > 0) throw sqlError(states.shift()!);
  };
  await worker(engine).wake();
  assert.deepEqual(engine.calls.filter((call) => call.startsWith("finish")), ["finish 1", "finish 1", "finish 1"]);
  assert.deepEqual(engine.aborted, []);
});

Deno.test("a database that is read-only for a while gets its results when it writes again", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  const states = ["25006", "25006", "58030", "42883"];
  engine.fault = (verb) => {
    if (verb === "finish" && states.length > 0) throw sqlError(states.shift()!);
  };
  await worker(engine).wake();
  assert.deepEqual(ids(engine.applied), ["a"]);
  assert.deepEqual(engine.aborted, []);
});

Deno.test("the execution that SQL cannot apply ends alone; the others of its batch are delivered", async () => {
  const engine = new FakeEngine();
  engine.add("a", "bad", "c");
  engine.fault = (verb, results) => {
    if (verb === "finish" && results!.some((result) => result.id === "bad")) throw sqlError("22000");
  };
  await worker(engine).wake();
  assert.deepEqual(ids(engine.applied), ["a", "c"]);
  assert.deepEqual(engine.aborted.map(([id]) => id), ["e-bad"]);
  assert.equal(engine.aborted[0]![1].details!.sqlstate, "22000");
});

Deno.test("a worker that the engine has forgotten takes a new name; its results count, nothing is aborted", async () => {
  const engine = new FakeEngine();
  engine.add("a", "b");
  engine.onApplied = ({ id }) => void (engine.forgotten = id === "a");
  await worker(engine, { capacity: 1 }).wake();
  assert.deepEqual(engine.applied.map(({ id }) => id), ["a", "b"]);
  assert.deepEqual(engine.aborted, []);
});

Deno.test("a task that comes with a problem is not executed: the problem is its error", async () => {
  const engine = new FakeEngine();
  engine.ready.push({
    ...task("a"),
    problem: { code: "parameters_unresolvable", message: "too large", retryable: false },
  });
  const ran: string[] = [];
  await worker(engine, { run: (task) => ran.push(task.id) }).wake();
  assert.deepEqual(ran, []);
  assert.deepEqual(engine.applied.map((result) => result.status === "error" && result.error), [
    { code: "parameters_unresolvable", message: "too large", retryable: false },
  ]);
});

Deno.test("a statement that was too slow is tried again before its execution is given up", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  let slow = 2;
  engine.fault = (verb) => {
    if (verb === "finish" && slow-- > 0) throw sqlError("57014");
  };
  await worker(engine).wake();
  assert.deepEqual([ids(engine.applied), engine.aborted], [["a"], []]);
});

Deno.test("a task that takes too long ends with a retryable timeout, even if it ignores its signal", async () => {
  const engine = new FakeEngine();
  engine.ready.push({ ...task("deaf"), timeout_seconds: 0.02 });
  const hung = Promise.withResolvers<void>();
  await worker(engine, { run: () => hung.promise }).wake();
  const [result] = engine.applied;
  assert.ok(result?.status === "error");
  assert.deepEqual([result.error.code, result.error.retryable], ["timeout", true]);
  hung.resolve();
});

Deno.test("errors of nodes keep their fields; others say nothing of the inside", async () => {
  const engine = new FakeEngine();
  engine.add("known", "crash");
  const run: NodeExecutor = (task) => {
    if (task.id === "crash") throw new TypeError("secret inside");
    throw new NodeError("http_429", "slow down", { retryable: true, retryAfterSeconds: 9, details: { status: 429 } });
  };
  await worker(engine, { run }).wake();
  const errors = Object.fromEntries(
    engine.applied.map((result) => [result.id, result.status === "error" && result.error]),
  );
  assert.deepEqual(errors.known, {
    code: "http_429",
    message: "slow down",
    retryable: true,
    retry_after_seconds: 9,
    details: { status: 429 },
  });
  assert.equal((errors.crash as TaskError).code, "node_crashed");
  assert.ok(!JSON.stringify(errors.crash).includes("secret"));
});

Deno.test("stopping hands back what still runs, delivers what has ended, and claims no more", async () => {
  const engine = new FakeEngine();
  engine.add("quick", "endless", "later");
  let aborted = false;
  const run: NodeExecutor = (task, { signal }) =>
    task.id === "quick" ? sleep(10) : new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        aborted = true;
        reject(signal.reason);
      });
    });
  const one = worker(engine, { run, capacity: 2, coalesceMs: 200 });
  const loop = one.wake();
  await sleep(30);
  await one.stop(20);
  await loop;
  assert.deepEqual(ids(engine.applied), ["quick"]);
  assert.deepEqual(engine.released, ["endless"]);
  assert.ok(aborted);
  assert.deepEqual(ids(engine.ready), ["later"]);
  assert.equal(one.accepting, false);
  await one.wake();
  assert.deepEqual(ids(engine.ready), ["later"]);
});

Deno.test("a task that ends within the grace is delivered, not handed back", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  const one = worker(engine, { run: () => sleep(30) });
  void one.wake();
  await sleep(5);
  await one.stop(1_000);
  assert.deepEqual(ids(engine.applied), ["a"]);
  assert.deepEqual(engine.released, []);
});

Deno.test("at the end of its time budget it claims no more and hands back what outlasts the drain", async () => {
  const engine = new FakeEngine();
  engine.add("endless");
  const never = Promise.withResolvers<void>();
  const one = worker(engine, { run: () => never.promise, budgetMs: 40, drainMs: 20, lingerMs: 10_000 });
  const loop = one.wake();
  await sleep(45);
  engine.add("too late");
  await loop;
  assert.deepEqual(engine.released, ["endless"]);
  assert.deepEqual(ids(engine.ready), ["too late"]);
  never.resolve();
});

/** A node that ends when it is aborted, and says so. */
function endless() {
  const aborted: [string, string][] = [];
  const run: NodeExecutor = (task, { signal }) =>
    new Promise((_, reject) =>
      signal.addEventListener("abort", () => {
        aborted.push([task.id, (signal.reason as NodeError).code]);
        reject(signal.reason);
      })
    );
  return { run, aborted };
}

Deno.test("a task that runs long has its lease extended, again and again, in one call with the others", async () => {
  const engine = new FakeEngine();
  engine.add("a", "b", "quick");
  const run: NodeExecutor = (task) => sleep(task.id === "quick" ? 5 : 130);
  await worker(engine, { run, heartbeatMs: 40 }).wake();
  assert.deepEqual(ids(engine.applied), ["a", "b", "quick"]);
  assert.ok(engine.beats.length >= 2, `${engine.beats.length} heartbeats`);
  for (const beat of engine.beats) {
    assert.deepEqual(beat, [{ id: "a", lease_token: "t-a" }, { id: "b", lease_token: "t-b" }]);
  }
});

Deno.test("what is over before that needs no heartbeat", async () => {
  const engine = new FakeEngine();
  engine.add(..."abcdefgh");
  await worker(engine, { run: () => sleep(10), capacity: 2, heartbeatMs: 100 }).wake();
  assert.deepEqual(engine.beats, []);
});

Deno.test("a heartbeat takes a task's last word along, once", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  const run: NodeExecutor = async (_, { progress }) => {
    progress!({ percent: 10 });
    progress!({ message: "half", percent: 50 });
    await sleep(110);
  };
  await worker(engine, { run, heartbeatMs: 30 }).wake();
  assert.deepEqual(engine.beats.slice(0, 2), [
    [{ id: "a", lease_token: "t-a", progress: { message: "half", percent: 50 } }],
    [{ id: "a", lease_token: "t-a" }],
  ]);
});

Deno.test("a task that is gone is aborted, its result dropped, and its place free", async () => {
  const engine = new FakeEngine();
  engine.add("canceled", "kept");
  const { run, aborted } = endless();
  const one = worker(engine, {
    capacity: 2,
    heartbeatMs: 30,
    run: (task, context) => task.id === "canceled" ? run(task, context) : sleep(task.id === "kept" ? 120 : 0),
  });
  setTimeout(() => {
    engine.leased.delete("canceled");
    engine.add("next");
  }, 10);
  await one.wake();
  assert.deepEqual(aborted, [["canceled", "lease_gone"]]);
  assert.deepEqual(engine.applied.map(({ id }) => id), ["next", "kept"]);
  assert.equal(engine.calls.filter((call) => call === "release 1").length, 0);
});

Deno.test("a result that waits while its task is gone is dropped too", async () => {
  const engine = new FakeEngine();
  engine.add("a", "slow");
  const heartbeat = engine.heartbeat.bind(engine);
  const ended = Promise.withResolvers<void>();
  engine.heartbeat = async (id, tasks) => {
    engine.leased.delete("a");
    const answer = await heartbeat(id, tasks);
    ended.resolve();
    await sleep(5);
    return answer;
  };
  const offered: string[] = [];
  engine.fault = (verb, results) => void (verb === "finish" && offered.push(...ids(results!)));
  const run: NodeExecutor = (task) => task.id === "a" ? ended.promise : sleep(60);
  await worker(engine, { run, heartbeatMs: 30 }).wake();
  assert.deepEqual(offered, ["slow"]);
});

Deno.test("a task that comes back to the worker that still runs it counts once", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  const { run, aborted } = endless();
  let attempts = 0;
  const one = worker(engine, { run: (task, context) => ++attempts === 1 ? run(task, context) : "second" });
  setTimeout(() => engine.ready.push({ ...task("a"), lease_token: "t-2" }), 10);
  await one.wake();
  assert.deepEqual(aborted, [["a", "lease_gone"]]);
  assert.deepEqual(engine.applied.map((result) => [result.lease_token, "output" in result && result.output]), [
    ["t-2", "second"],
  ]);
});

Deno.test("a heartbeat that fails is tried again before long, and ends nothing", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  let failures = 3;
  engine.fault = (verb) => {
    if (verb === "heartbeat" && failures-- > 0) throw lost();
  };
  await worker(engine, { run: () => sleep(100), heartbeatMs: 30 }).wake();
  assert.ok(engine.beats.length >= 1);
  assert.deepEqual(ids(engine.applied), ["a"]);
});

Deno.test("leases are extended while a result cannot be delivered", async () => {
  const engine = new FakeEngine();
  engine.add("quick", "slow");
  let away = true;
  setTimeout(() => away = false, 150);
  engine.fault = (verb) => {
    if (verb === "finish" && away) throw sqlError("25006");
  };
  await worker(engine, {
    run: (task) => sleep(task.id === "slow" ? 200 : 1),
    heartbeatMs: 40,
    backoffMs: { least: 20, most: 30 },
  }).wake();
  const finishes = engine.calls.findLastIndex((call) => call === "finish 1");
  assert.ok(engine.calls.indexOf("heartbeat 1") > 0 && engine.calls.indexOf("heartbeat 1") < finishes);
  assert.deepEqual(ids(engine.applied), ["quick", "slow"]);
});

Deno.test("a function of the database is called instead of a node, and its result is not delivered again", async () => {
  const engine = new FakeEngine();
  engine.ready.push(sqlFunction("f"));
  engine.add("a");
  const ran: string[] = [];
  await worker(engine, { run: (task) => void ran.push(task.id) }).wake();
  assert.deepEqual([engine.called, ran, ids(engine.applied)], [["f"], ["a"], ["a"]]);
});

Deno.test("what a function brings about is found at once", async () => {
  const engine = new FakeEngine();
  engine.ready.push(sqlFunction("f"));
  engine.body = async () => {
    await sleep(25);
    setTimeout(() => engine.add("next"), 5);
  };
  await worker(engine).wake();
  assert.deepEqual(ids(engine.applied), ["next"]);
});

Deno.test("at most four functions at once, beside other tasks", async () => {
  const engine = new FakeEngine();
  engine.ready.push(...Array.from({ length: 9 }, (_, i) => sqlFunction(`f${i}`)));
  engine.add("node");
  let now = 0, most = 0;
  engine.body = async () => {
    most = Math.max(most, ++now);
    await sleep(15);
    now--;
  };
  await worker(engine, { capacity: 20 }).wake();
  assert.equal(most, 4);
  assert.equal(engine.called.length, 9);
  assert.deepEqual(ids(engine.applied), ["node"]);
});

Deno.test("a function whose turn does not come is handed back, claimed anew, and runs once", async () => {
  const engine = new FakeEngine();
  engine.again = true;
  engine.ready.push(...Array.from({ length: 6 }, (_, i) => sqlFunction(`f${i}`)));
  engine.body = () => sleep(150);
  await worker(engine, { heartbeatMs: 60 }).wake();
  assert.deepEqual(engine.called.sort(), ["f0", "f1", "f2", "f3", "f4", "f5"]);
  assert.ok(engine.released.length > 0 && engine.released.every((id) => id === "f4" || id === "f5"));
  assert.deepEqual(engine.applied, []);
});

Deno.test("a function whose lease is gone leaves no result", async () => {
  const engine = new FakeEngine();
  engine.ready.push(sqlFunction("f"));
  engine.body = () => Promise.resolve(void engine.leased.delete("f"));
  await worker(engine).wake();
  assert.deepEqual([engine.called, engine.applied], [[], []]);
});

Deno.test("a function that is canceled is told to end", async () => {
  const engine = new FakeEngine();
  engine.ready.push(sqlFunction("f"));
  setTimeout(() => engine.leased.delete("f"), 10);
  engine.body = (_, signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(sqlError("57014"))));
  await worker(engine, { heartbeatMs: 30 }).wake();
  assert.deepEqual(engine.applied, []);
});

Deno.test("an answer of a function that was lost is asked for again: one effect", async () => {
  const engine = new FakeEngine();
  engine.ready.push(sqlFunction("f"));
  let losses = 1;
  engine.fault = (verb) => verb === "function" && losses-- > 0 ? lost() : undefined;
  await worker(engine).wake();
  assert.deepEqual([engine.called, engine.applied], [["f"], []]);
  assert.equal(engine.calls.filter((call) => call === "function").length, 2);
});

Deno.test("a call of a function that fails is the task's error; only what may pass is retried", async () => {
  const outcome = async (state: string) => {
    const engine = new FakeEngine();
    engine.ready.push(sqlFunction("f", { timeout_seconds: 7 }));
    engine.body = () => Promise.reject(sqlError(state));
    await worker(engine).wake();
    const [result] = engine.applied;
    assert.ok(result?.status === "error" && engine.applied.length === 1);
    return { ...result.error, calls: engine.calls.filter((call) => call === "function").length };
  };
  assert.deepEqual(await outcome("57014"), {
    code: "timeout",
    message: "The function took longer than 7 s",
    retryable: true,
    calls: 1,
  });
  const failed = (sqlstate: string, retryable: boolean, calls: number) => ({
    code: "function_failed",
    message: "The call of the function failed",
    details: { sqlstate },
    retryable,
    calls,
  });
  assert.deepEqual(await outcome("40P01"), failed("40P01", true, 3));
  assert.deepEqual(await outcome("40001"), failed("40001", true, 3));
  assert.deepEqual(await outcome("55P03"), failed("55P03", true, 1));
  assert.deepEqual(await outcome("42883"), failed("42883", false, 1));
});

Deno.test("a function that still runs when the worker stops is told to end, and handed back", async () => {
  const engine = new FakeEngine();
  engine.ready.push(sqlFunction("f"));
  const order: string[] = [];
  engine.body = (_, signal) =>
    new Promise((_, reject) =>
      signal.addEventListener("abort", () => {
        setTimeout(() => {
          order.push("ended");
          reject(sqlError("57014"));
        }, 20);
      })
    );
  const release = engine.release.bind(engine);
  engine.release = (id, tasks) => {
    order.push(`release ${tasks.length}`);
    return release(id, tasks);
  };
  const one = worker(engine);
  void one.wake();
  await sleep(10);
  await one.stop();
  assert.deepEqual(order, ["ended", "release 1", "release 0"]);
  assert.deepEqual([engine.released, engine.applied], [["f"], []]);
});

function bell() {
  const state = { rings: 0, ring: () => Promise.resolve(void state.rings++) };
  return state;
}

Deno.test("at the end of its time it calls another worker, if its last claim was full", async () => {
  for (const [tasks, rings] of [[1000, 1], [1, 0], [0, 0]] as const) {
    const engine = new FakeEngine();
    engine.add(...Array.from({ length: tasks }, (_, i) => `t${i}`));
    const state = bell();
    const one = worker(engine, { run: () => sleep(3), capacity: 4, budgetMs: 60, lingerMs: 200, ring: state.ring });
    await one.wake();
    assert.equal(state.rings, rings, `${tasks} tasks`);
    assert.equal(one.accepting, false);
    await one.wake();
    assert.equal(state.rings, rings, `${tasks} tasks, woken again`);
  }
});

Deno.test("a worker that has gone to sleep, or holds nothing when it is stopped, calls nobody", async () => {
  const engine = new FakeEngine();
  engine.add("a", "b", "c");
  const state = bell();
  const one = worker(engine, { ring: state.ring });
  await one.wake();
  await one.stop();
  const two = worker(engine, { ring: state.ring, lingerMs: 1_000 });
  void two.wake();
  await sleep(5);
  await two.stop();
  assert.equal(state.rings, 0);
});

Deno.test("leases that were handed back are worth one call, after they were", async () => {
  const engine = new FakeEngine();
  engine.add("a", "b");
  const { run } = endless();
  const released: number[] = [];
  const one = worker(engine, {
    run,
    capacity: 5,
    ring: () => Promise.resolve(void released.push(engine.released.length)),
  });
  void one.wake();
  await sleep(10);
  await one.stop();
  assert.deepEqual(released, [2]);
});

Deno.test("a bell that does not work is only noted", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  const events: string[] = [];
  const one = worker(engine, {
    run: endless().run,
    ring: () => Promise.reject(new Error("no route")),
    log: (event) => events.push(event),
  });
  void one.wake();
  await sleep(10);
  await one.stop();
  assert.deepEqual(events, ["ring_failed"]);
});

Deno.test("tasks that come with an answer after the stop are not begun, but handed back", async () => {
  const engine = new FakeEngine();
  engine.add("a");
  const claim = engine.claim.bind(engine);
  engine.claim = async (id, capacity) => {
    const answer = await claim(id, capacity);
    await sleep(30);
    return answer;
  };
  const ran: string[] = [];
  const one = worker(engine, { run: (task) => void ran.push(task.id) });
  void one.wake();
  await sleep(10);
  await one.stop(1_000);
  assert.deepEqual([ran, engine.released], [[], ["a"]]);
});

Deno.test("an isolate that was busy for too long claims no more, delivers what it has, and calls another", async () => {
  const engine = new FakeEngine();
  engine.add(..."abcdefgh");
  let busy = 0;
  const state = bell();
  const one = worker(engine, {
    run: () => void (busy += 10),
    capacity: 2,
    cpuBudgetMs: 40,
    busyMs: () => busy,
    ring: state.ring,
  });
  await one.wake();
  assert.deepEqual(ids(engine.applied), ["a", "b", "c", "d"]);
  assert.deepEqual([engine.ready.length, engine.released, state.rings, one.accepting], [4, [], 1, false]);
});
