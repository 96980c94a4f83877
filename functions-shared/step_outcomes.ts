// What became of executed steps: what one caller tells while his last statement is under way goes together in the next
// one. Everybody is answered when his own outcome is committed, or refused.
import type { Caller } from "./auth.ts";
import type { Database } from "./db.ts";
import { isConnectionLoss } from "./errors.ts";

export interface StepOutcome {
  step_id: string;
  success: boolean;
  duration_ms: number | null;
}

/** As public.workflow_step_stats has it, without what is not told. */
export interface StepStatistics {
  step_id: string;
  succeeded: number;
  failed: number;
  duration_ms: number | null;
  last_executed_at: string;
}

export interface StepOutcomes {
  /** Counts it; answers the step's statistics then, with what others have counted in the same moment. */
  count(caller: Caller, outcome: StepOutcome): Promise<StepStatistics>;
}

interface Entry {
  outcome: StepOutcome;
  resolve(statistics: StepStatistics): void;
  reject(error: unknown): void;
}

export function createStepOutcomes(
  database: Pick<Database, "asCaller">,
  { most = 100 }: { most?: number } = {},
): StepOutcomes {
  const waiting = new Map<string, Entry[]>();

  async function one(caller: Caller, { outcome, resolve, reject }: Entry): Promise<void> {
    try {
      const [row] = await database.asCaller(caller, async (sql) =>
        await sql`
          select to_jsonb(t) - '{workspace_id,stored_rank}'::text[] as answer
          from public.increment_step_stats(step_id => ${outcome.step_id}, is_success => ${outcome.success},
            execution_duration => ${outcome.duration_ms}) t`);
      resolve(row!.answer);
    } catch (error) {
      reject(error);
    }
  }

  async function several(caller: Caller, entries: Entry[]): Promise<void> {
    const byItself = (some: Entry[]) => Promise.all(some.map((entry) => one(caller, entry)));
    let counted: StepStatistics[];
    try {
      const outcomes = JSON.stringify(entries.map(({ outcome }) => outcome));
      const [row] = await database.asCaller(
        caller,
        async (sql) =>
          await sql`select search.count_outcomes(${outcomes}::text::jsonb, true) -> 'statistics' as answer`,
      );
      counted = row!.answer;
    } catch (error) {
      if (isConnectionLoss(error)) {
        for (const { reject } of entries) reject(error);
      } else {
        // nothing is counted, perhaps for one of them
        await byItself(entries);
      }
      return;
    }
    const statistics = new Map(counted.map((row) => [row.step_id, row]));
    const unknown: Entry[] = [];
    for (const entry of entries) {
      const row = statistics.get(entry.outcome.step_id.toLowerCase());
      if (row) entry.resolve(row);
      else unknown.push(entry);
    }
    // SQL says why
    await byItself(unknown);
  }

  async function work(key: string, caller: Caller, entries: Entry[]): Promise<void> {
    // what comes in this turn of the event loop goes together
    await Promise.resolve();
    while (entries.length > 0) {
      const some = entries.splice(0, most);
      await (some.length === 1 ? one(caller, some[0]!) : several(caller, some));
    }
    waiting.delete(key);
  }

  return {
    count: (caller, outcome) =>
      new Promise((resolve, reject) => {
        const entry = { outcome, resolve, reject };
        const key = keyOf(caller);
        const entries = waiting.get(key);
        if (entries) return void entries.push(entry);
        const first = [entry];
        waiting.set(key, first);
        void work(key, caller, first);
      }),
  };
}

/** Of callers with the same rights: a person's, by every claim of the token, or those of a key. */
const keyOf = (caller: Caller) => caller.kind === "user" ? JSON.stringify(caller.claims) : caller.kind;
