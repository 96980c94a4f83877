// Answers that come at the same time are kept in one statement, and whoever sent them is told at once; what they decide is
// found in statements behind it. Nothing is lost with this isolate: engine.tick() looks for what nobody has processed.
import type { Database } from "../db.ts";
import { apiError, isConflict, isConnectionLoss } from "../errors.ts";
import { storableJson } from "../json.ts";
import { background } from "../serve.ts";
import { type Answer, readable, receiveAnswer, type Received, withoutTokens } from "./answer.ts";
import { repeated } from "./delivery.ts";

export interface Mailbox {
  /**
   * Keeps an answer whose sender is proved, and counts it to its hook's rate. Resolves with what it came to, or, where that
   * would take long, with status `unprocessed`: it is kept, and will be processed. Throws rate_limited.
   */
  put(answer: Answer): Promise<Received>;
}

export interface MailboxOptions {
  /** How many deliveries one statement keeps, and one transaction decides. */
  most?: number;
  /** Behind how many that are not decided yet nobody waits for what his own came to. */
  patience?: number;
  /** How long anybody waits. */
  patienceMs?: number;
}

interface Entry {
  answer: Answer;
  resolve(received: Received): void;
  reject(error: unknown): void;
}

interface Stored {
  id: string;
  /** Where somebody waits for what it comes to. */
  tell?: (received: Received) => void;
  /** He no longer does. */
  isLate?: boolean;
}

type Kept = Received & { repeated: boolean };
type StoreAnswer = Kept | { retry_after: number } | null;

export function createMailbox(database: Pick<Database, "sql">, options: MailboxOptions = {}): Mailbox {
  const { most = 50, patience = 25, patienceMs = 2_000 } = options;
  const arrived: Entry[] = [];
  const stored: Stored[] = [];
  let storing = false;
  let deciding = false;

  async function store(): Promise<void> {
    if (storing) return;
    storing = true;
    // what comes in this turn of the event loop goes together
    await Promise.resolve();
    while (arrived.length > 0) await keep(arrived.splice(0, most));
    storing = false;
  }

  async function keep(entries: Entry[]): Promise<void> {
    let answers: StoreAnswer[];
    try {
      const deliveries = `[${entries.map(({ answer }) => deliveryOf(answer)).join()}]`;
      const [row] = await repeated(() => database.sql`select hil.store(${deliveries}::text::jsonb, true) as answer`);
      answers = row!.answer;
    } catch (error) {
      if (entries.length === 1 || isConflict(error) || isConnectionLoss(error)) {
        for (const entry of entries) entry.reject(error);
        return;
      }
      // one of them cannot be kept: the others can
      for (const entry of entries) await keep([entry]);
      return;
    }
    entries.forEach((entry, i) => {
      const answer = answers[i] ?? null;
      // SQL says why nothing takes it
      if (answer === null) {
        receiveAnswer({ database }, entry.answer).then((received) => entry.resolve(received!), entry.reject);
      } else if ("retry_after" in answer) {
        entry.reject(apiError("rate_limited", { headers: { "retry-after": String(answer.retry_after) } }));
      } else if (answer.status !== "unprocessed") entry.resolve(answer);
      else if (stored.length >= patience) {
        stored.push({ id: answer.response_id });
        entry.resolve(answer);
      } else {
        const one: Stored = {
          id: answer.response_id,
          tell(received) {
            clearTimeout(late);
            const told: Kept = { ...received, repeated: answer.repeated };
            entry.resolve(told);
          },
        };
        const late = setTimeout(() => {
          one.isLate = true;
          entry.resolve(answer);
        }, patienceMs);
        stored.push(one);
      }
    });
    if (!deciding && stored.length > 0) background(decide());
  }

  async function decide(): Promise<void> {
    deciding = true;
    try {
      while (stored.length > 0) {
        // to keep what comes goes before deciding what is kept: after a second the tick does that, too
        while (arrived.length >= most) await pause(20);
        const batch = stored.slice(0, most);
        const results = await processed(batch.map(({ id }) => id)).catch((error) => {
          // what is not decided now is the tick's
          stored.splice(0, batch.length);
          throw error;
        });
        stored.splice(0, batch.length);
        let busy = 0;
        for (const one of batch) {
          const result = results.get(one.id);
          if (!one.tell || one.isLate) continue;
          if (result && result.status !== "unprocessed") one.tell(result);
          // somebody else is at it, or at its execution: who waits for it hears of it a little later
          else busy += stored.push(one) && 1;
        }
        if (busy > 0 && busy === stored.length) await pause(25);
      }
    } finally {
      deciding = false;
    }
  }

  async function processed(ids: string[]): Promise<Map<string, Received>> {
    const [row] = await repeated(() =>
      database.sql`select hil.process_stored(${`{${ids.join()}}`}::text::uuid[]) as answer`
    );
    return new Map((row!.answer as Received[]).map((result) => [result.response_id, result]));
  }

  return {
    put: (answer) =>
      new Promise((resolve, reject) => {
        arrived.push({ answer, resolve, reject });
        void store();
      }),
  };
}

/** As hil.store() takes it. */
function deliveryOf({ provider, integrationId, messageId, raw, headers, hints }: Answer): string {
  const named = storableJson({
    provider,
    integration_id: integrationId,
    message_id: messageId,
    headers,
    hints: readable(hints),
  });
  return `${named.slice(0, -1)},"raw":${withoutTokens(raw)}}`;
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
