// Hands what a person sent to SQL, which keeps it first and then finds out what it answers.
import { askModel, type ClassifierEndpoint, type ModelClassification } from "../classifier.ts";
import type { Database } from "../db.ts";
import { storableJson } from "../json.ts";
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
  /** What a model makes of the text, where one is configured; hil.reconcile() holds it to the rules. */
  classification?: ModelClassification;
}

/** The hints of free text with what a model makes of it. Without a model, or where it is not in time, as they are. */
export async function classified(
  hints: Hints,
  endpoint: ClassifierEndpoint | null | undefined,
  timeoutMs: number,
): Promise<Hints> {
  if (!endpoint || !hints.text || hints.decision || hints.action || hints.email?.automatic) return hints;
  const classification = await askModel(endpoint, { text: hints.text }, { timeoutMs });
  return classification ? { ...hints, classification } : hints;
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
}

/** Null of a delivery whose single-use token was used before. */
export async function receiveAnswer(database: Pick<Database, "sql">, answer: Answer): Promise<Received | null> {
  const { provider, integrationId, raw, headers, hints, singleUseToken = null } = answer;
  const [row] = await repeated(() =>
    database.sql`
      select hil.receive_delivery(
        ${provider}, ${integrationId}, ${messageIdOf(answer)}, ${withoutTokens(raw)}::text::jsonb,
        ${storableJson(headers)}::text::jsonb, ${storableJson(hints)}::text::jsonb, ${singleUseToken}) as answer`
  );
  return row!.answer;
}

/** Of a hook that triggers listen to, too: null unless it answers a question. */
export async function receiveReply(database: Pick<Database, "sql">, answer: Answer): Promise<Received | null> {
  const { provider, integrationId, raw, headers, hints, singleUseToken = null } = answer;
  const [row] = await repeated(() =>
    database.sql`
      select hil.receive_reply(
        ${provider}, ${integrationId}, ${messageIdOf(answer)}, ${withoutTokens(raw)}::text::jsonb,
        ${storableJson(headers)}::text::jsonb, ${storableJson(hints)}::text::jsonb, ${singleUseToken}) as answer`
  );
  return row!.answer;
}

/** Where the token is all that is signed, another content with it is the same delivery. */
function messageIdOf({ messageId, singleUseToken }: Answer): string {
  return singleUseToken ? `token ${singleUseToken}` : messageId;
}

/** What a link or a reply address opens its question with is kept as a hash only: not in what quotes it, either. */
export function withoutTokens(raw: unknown): string {
  return storableJson(raw).replaceAll(/(?<![A-Za-z0-9])[a-z2-7]{52}(?![A-Za-z0-9])/gi, "[token]");
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
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
