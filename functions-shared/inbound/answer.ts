// Hands what a person sent to SQL, which keeps it first and then finds out what it answers. Where words leave a doubt
// and a model is configured, whoever delivered them is answered, and the model is asked behind that.
import { askModel, type ClassifierEndpoint, type Reply } from "../classifier.ts";
import type { Database } from "../db.ts";
import { toHex } from "../encoding.ts";
import { storableJson } from "../json.ts";
import { background } from "../serve.ts";
import { sha256 } from "../sha256.ts";
import { repeated } from "./delivery.ts";

/** What the functions read out of an answer, for hil.receive. */
export interface Hints {
  /** Of a link or a reply address. */
  token?: string;
  action?: { interaction_id: string; value: string };
  correlation_id?: string;
  slack?: { team: string | null; channel: string | null; thread_ts: string | null; user: string | null };
  email?: {
    from: string | null;
    in_reply_to: string | null;
    references: string[];
    tag: string | null;
    automatic: boolean;
    /** Whether the provider vouches for the sender. */
    authenticated: boolean;
  };
  text?: string;
  decision?: string;
  data?: unknown;
  comment?: string;
  /** There is a model that could be asked what the words mean. */
  asks_model?: boolean;
}

/** What takes answers. */
export interface Receiving {
  database: Pick<Database, "sql">;
  /** What is asked about words that leave a doubt, if anything. */
  classifier?: ClassifierEndpoint | null;
  log?: (line: Record<string, unknown>) => void;
  /** Told what an answer came to that a model was asked about. */
  onRead?: (received: Received) => void;
}

export interface Answer {
  provider: string;
  integrationId: string;
  /** The provider's: one that comes again changes nothing. */
  messageId: string;
  raw: unknown;
  headers: Record<string, string>;
  hints: Hints;
  /** What verified it where that is good for one delivery only. */
  singleUseToken?: string;
}

export interface Received {
  response_id: string;
  status: "matched" | "unmatched" | "filtered_out" | "error" | "unprocessed";
  /** What a counted answer came to. */
  result?: string | null;
  interaction_id?: string | null;
  outcome?: string | null;
  decided_by?: unknown;
  /** Where it does not fit the question. */
  problems?: { code: string; message: string; path: string }[] | null;
  /** What the person may be told. */
  message?: string | null;
  /** A model is to be asked: what it is about. */
  ask?: Omit<Reply, "text"> | null;
}

/**
 * Null of a delivery whose single-use token was used before and, where `onlyReplies` are taken since triggers listen to
 * the hook, too, of what answers no question.
 */
export async function receiveAnswer(
  receiving: Receiving,
  answer: Answer,
  { onlyReplies = false } = {},
): Promise<Received | null> {
  const { provider, integrationId, raw, headers, singleUseToken = null } = answer;
  const hints = withModel(receiving, answer.hints);
  const [row] = await repeated(() =>
    receiving.database.sql`
      select hil.receive_delivery(
        ${provider}, ${integrationId}, ${messageIdOf(answer)}, ${withoutTokens(raw)}::text::jsonb,
        ${storableJson(headers)}::text::jsonb, ${storableJson(hints)}::text::jsonb, ${singleUseToken},
        ${onlyReplies}) as answer`
  );
  return readBehind(receiving, row!.answer, hints.text);
}

function withModel({ classifier }: Receiving, given: Hints): Hints {
  const hints = readable(given);
  return classifier && hints.text && !hints.decision && !hints.email?.automatic
    ? { ...hints, asks_model: true }
    : hints;
}

export function readable(hints: Hints): Hints {
  return hints.text ? { ...hints, text: withoutLinks(hints.text) } : hints;
}

/** What is told of an answer now; where a model has to be asked first, it is asked in the background. */
function readBehind(receiving: Receiving, received: Received | null, text = ""): Received | null {
  if (!received?.ask) return received;
  const { ask, ...told } = received;
  background(read(receiving, received.response_id, { ...ask, text }));
  return told;
}

/** Fails only with the database: then engine.tick() goes by the rules alone. */
async function read({ database, classifier, log, onRead }: Receiving, id: string, reply: Reply): Promise<void> {
  const say = log ?? ((line) => console.error(JSON.stringify(line)));
  const classification = await askModel(classifier ?? null, reply, {
    onFailure: (reason) => say({ level: "warning", event: "classifier_failed", response_id: id, reason }),
  });
  const said = classification && storableJson(classification);
  const [row] = await repeated(() => database.sql`select hil.take_reading(${id}, ${said}::text::jsonb) as answer`);
  onRead?.(row!.answer);
}

/** Where the token is all that is signed, another content with it is the same delivery. */
function messageIdOf({ messageId, singleUseToken }: Answer): string {
  return singleUseToken ? `token ${singleUseToken}` : messageId;
}

/**
 * What a link or a reply address opens its question with is kept as a hash only: not in what quotes it, either. An
 * escape may stand before it: JSON's of the end of a line, or a URL's where a mail filter has put the link into its own.
 */
export function withoutTokens(raw: unknown): string {
  return storableJson(raw).replaceAll(
    /(?<=%(?:25)*[0-9a-f]{2}|\\[bfnrt]|\\u[0-9a-f]{4}|(?<![a-z0-9]))[a-z2-7]{52}(?![a-z0-9])/gi,
    "[token]",
  );
}

/** The same of a person's words, which members read, and a model: of quoted links and addresses, not of a word alone. */
export function withoutLinks(text: string): string {
  return text.replaceAll(/(?<=(?:[/#+_]|%(?:25)*(?:2f|23|2b))\s{0,4})[a-z2-7]{52}(?![a-z0-9])/gi, "[token]");
}

const kept = [
  "content-type",
  "user-agent",
  "x-slack-request-timestamp",
  "x-slack-retry-num",
  "x-slack-retry-reason",
  "webhook-id",
  "webhook-timestamp",
  "svix-id",
  "svix-timestamp",
  "x-twilio-email-event-webhook-timestamp",
  "idempotency-key",
];

/** Those that tell how it came; what proved it is not kept. */
export function keptHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(kept.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value.slice(0, 1000)]];
  }));
}

/** The id of what comes without one: the same content is the same message. */
export async function contentId(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return `sha256:${toHex(await sha256(bytes))}`;
}
