import assert from "node:assert/strict";
import type { Caller } from "./auth.ts";
import type { Database } from "./db.ts";
import { createStepOutcomes, type StepOutcome } from "./step_outcomes.ts";

const user = (sub: string, claims = {}): Caller => ({
  kind: "user",
  userId: sub,
  claims: { sub, role: "authenticated", ...claims },
  expiresAt: Infinity,
});
const ann = user("ann");
const outcome = (step_id: string): StepOutcome => ({ step_id, success: true, duration_ms: 1 });

/** A database in which every step is there except "gone", and whose statements end when `commit` does. */
function build(commit: (steps: string[]) => unknown = () => {}, most?: number) {
  const calls: string[] = [];
  const database = {
    async asCaller(caller: Caller, work: (sql: unknown) => Promise<unknown>) {
      const who = caller.kind === "user" ? caller.userId : caller.kind;
      let steps: string[] = [];
      const answer = await work((parts: TemplateStringsArray, value: string) => {
        const single = parts.join().includes("increment_step_stats");
        steps = single ? [value] : JSON.parse(value).map((one: StepOutcome) => one.step_id);
        calls.push(`${who}: ${steps.join(" ")}`);
        if (single && value === "gone") throw new Error("step_not_found");
        const rows = steps.filter((step) => step !== "gone").map((step_id) => ({ step_id, succeeded: 1 }));
        return [{ answer: single ? rows[0] : rows }];
      });
      await commit(steps);
      return answer;
    },
  } as unknown as Pick<Database, "asCaller">;
  const { count } = createStepOutcomes(database, { ...most && { most } });
  const tell = async (caller: Caller, ...steps: string[]) => {
    const results = await Promise.allSettled(steps.map((step) => count(caller, outcome(step))));
    return results.map((result) => result.status === "fulfilled" ? result.value.step_id : result.reason.message);
  };
  return { tell, calls };
}

Deno.test("outcomes that come while others are counted go together after them, so many at a time", async () => {
  const gate = Promise.withResolvers<void>();
  const { tell, calls } = build(() => gate.promise, 2);
  const first = tell(ann, "a");
  await Promise.resolve();
  const others = tell(ann, "b", "c", "d");
  let answered = false;
  first.then(() => answered = true);
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(calls, ["ann: a"]);
  assert.ok(!answered, "nothing is committed yet");
  gate.resolve();
  assert.deepEqual(await first, ["a"]);
  assert.deepEqual(await others, ["b", "c", "d"]);
  assert.deepEqual(calls, ["ann: a", "ann: b c", "ann: d"]);
});

Deno.test("callers with other rights share no statement, and wait for nobody else's", async () => {
  const gate = Promise.withResolvers<void>();
  const { tell, calls } = build((steps) => steps[0] === "a" && gate.promise);
  const held = tell(ann, "a", "b");
  const others = await Promise.all([
    tell(user("bob"), "c", "d"),
    tell(user("ann", { session_id: "other" }), "e", "f"),
    tell({ kind: "service" }, "g", "h"),
  ]);
  assert.deepEqual(others, [["c", "d"], ["e", "f"], ["g", "h"]]);
  assert.deepEqual(calls.toSorted(), ["ann: a b", "ann: e f", "bob: c d", "service: g h"]);
  gate.resolve();
  assert.deepEqual(await held, ["a", "b"]);
});

Deno.test("what cannot be counted is told to its sender alone", async () => {
  const { tell, calls } = build();
  assert.deepEqual(await tell(ann, "a", "gone", "b"), ["a", "step_not_found", "b"]);
  assert.deepEqual(calls, ["ann: a gone b", "ann: gone"]);
});

Deno.test("where a statement is refused each outcome is counted by itself", async () => {
  const { tell, calls } = build((steps) => {
    if (steps.includes("bad")) throw new Error("role_insufficient");
  });
  assert.deepEqual(await tell(ann, "a", "bad", "b"), ["a", "role_insufficient", "b"]);
  assert.deepEqual(calls, ["ann: a bad b", "ann: a", "ann: bad", "ann: b"]);
});

Deno.test("nobody is refused for what another one's outcome waits for", async () => {
  const { tell, calls } = build((steps) => {
    if (steps.includes("busy")) throw Object.assign(new Error("deadlock"), { code: "40P01", severity: "ERROR" });
  });
  assert.deepEqual(await tell(ann, "a", "busy", "b"), ["a", "deadlock", "b"]);
  assert.deepEqual(calls, ["ann: a busy b", "ann: a", "ann: busy", "ann: b"]);
});

Deno.test("what may have been committed with a lost connection is not counted again", async () => {
  let lost = true;
  const { tell, calls } = build(() => {
    if (lost) throw Object.assign(new Error("lost"), { code: "CONNECTION_CLOSED" });
  });
  assert.deepEqual(await tell(ann, "a", "b"), ["lost", "lost"]);
  lost = false;
  assert.deepEqual(await tell(ann, "c"), ["c"]);
  assert.deepEqual(calls, ["ann: a b", "ann: c"]);
});
