import assert from "node:assert/strict";
import type { Engine, Task, TaskError, TaskResult } from "./engine.ts";
import { NodeError, type NodeExecutor } from "./nodes/node.ts";
import { createWorker, type WorkerOptions } from "./worker.ts";

/**
 * The rules of the four verbs in memory: leases, sequence numbers, repeated answers. `fault` may throw before a call
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

  release(_worker: string, ids: string[]) {
    this.calls.push(`release ${ids.length}`);
    this.released.push(...ids);
    for (const id of ids) this.leased.delete(id);
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
  await worker(engine).wake();
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
