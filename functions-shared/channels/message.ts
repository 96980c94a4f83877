// What goes out to people: one plain form for all channels, made of a row of the outbox (hil.claim_messages).

export type Kind = "request" | "reminder" | "escalation" | "decided" | "notice";
export type InteractionType = "approval" | "input" | "selection" | "review";
export type Outcome = "approved" | "rejected" | "answered" | "timed_out" | "cancelled";
export type Channel = "slack" | "email" | "webhook";

/** As hil.claim_messages answers it. */
export interface OutboxRow {
  id: string;
  workspace_id: string;
  interaction_id: string;
  kind: Kind;
  channel: string;
  integration_id: string | null;
  recipient: string;
  attempt: number;
  /** Of the message before it to the same place. */
  thread?: Thread | null;
  /** Made when it was claimed: what is stored is its hash. Null once the interaction has ended. */
  token?: string | null;
  content: Content;
}

export interface Content {
  type: InteractionType;
  title?: string;
  message?: string;
  data?: unknown;
  priority?: string;
  timeout_at?: string;
  workflow?: string;
  /** INPUT: JSON Schema of the form. */
  schema?: unknown;
  /** SELECTION. */
  options?: GivenOption[];
  multiple?: boolean;
  /** REVIEW: of accept, edit, respond, ignore. */
  allow?: string[];
  escalated_from?: string;
  /** Of kind notice: what becomes of an answer, for who sent it. */
  notice?: string;
  // of kind decided
  outcome?: Outcome;
  responded_by?: By | null;
  responded_by_name?: string | null;
  responded_at?: string;
  comment?: string | null;
  result?: unknown;
}

/** Whose answer decided. */
export interface By {
  user?: string;
  email?: string;
  slack?: string;
  webhook?: string;
  service?: unknown;
}

export interface Option {
  value: unknown;
  label: string;
}
interface GivenOption {
  value: unknown;
  label?: unknown;
}

export interface Decision {
  outcome: Outcome;
  by: By | null;
  byName: string | null;
  at: Date | null;
  comment: string | null;
  data: unknown;
}

/** Where a message went, for those that follow it and for answers to it. */
export interface Thread {
  [field: string]: unknown;
}

export interface Message {
  id: string;
  interactionId: string;
  kind: Kind;
  recipient: string;
  type: InteractionType;
  title: string;
  text: string;
  data: unknown;
  priority: string;
  timeoutAt: Date | null;
  workflowName: string | null;
  fields: Field[];
  schema: unknown;
  options: Option[];
  multiple: boolean;
  allow: string[];
  escalatedFrom: string | null;
  decision: Decision | null;
  /** Shows the question; opening it decides nothing. */
  link: string | null;
  /** What an answer's address carries. */
  replyTag: string | null;
  thread: Thread | null;
}

export interface Field {
  name: string;
  title: string;
  required: boolean;
}

/** Where a link leads: `projectUrl` is what clients see of the project. */
export function respondUrl(projectUrl: string, token: string): string {
  return `${projectUrl.replace(/\/+$/, "")}/functions/v1/hil-webhook/respond/${encodeURIComponent(token)}`;
}

export function messageOf(row: OutboxRow, projectUrl: string | null): Message {
  const { content } = row;
  const decided = row.kind === "decided";
  if (row.kind === "notice") return noticeOf(row);
  return {
    id: row.id,
    interactionId: row.interaction_id,
    kind: row.kind,
    recipient: (row.recipient ?? "").trim(),
    type: content.type,
    title: oneLine(content.title ?? "") || headings[content.type] || "Answer needed",
    text: plain(content.message ?? ""),
    data: content.data ?? null,
    priority: content.priority ?? "normal",
    timeoutAt: time(content.timeout_at),
    workflowName: oneLine(content.workflow ?? "") || null,
    fields: fieldsOf(content.schema),
    schema: content.schema ?? null,
    options: (content.options ?? []).map(({ value, label }) => ({ value, label: labelOf(value, label) })),
    multiple: content.multiple ?? false,
    allow: content.allow ?? ["accept", "edit", "respond", "ignore"],
    escalatedFrom: oneLine(content.escalated_from ?? "") || null,
    decision: decided
      ? {
        outcome: content.outcome ?? "answered",
        by: content.responded_by ?? null,
        byName: oneLine(content.responded_by_name ?? "") || null,
        at: time(content.responded_at),
        comment: plain(content.comment ?? "").trim() || null,
        data: content.result ?? null,
      }
      : null,
    link: row.token && projectUrl && !decided ? respondUrl(projectUrl, row.token) : null,
    replyTag: row.token && !decided ? row.token : null,
    thread: row.thread ?? null,
  };
}

/** It asks nothing: of the question only the title. */
function noticeOf({ content: { title, type, workflow, notice }, ...row }: OutboxRow): Message {
  const content = { type, message: notice ?? "", ...(title && { title }), ...(workflow && { workflow }) };
  return { ...messageOf({ ...row, kind: "request", token: null, content }, null), kind: "notice" };
}

function labelOf(value: unknown, label: unknown): string {
  const given = label ?? value;
  return oneLine(typeof given === "object" ? JSON.stringify(given) : String(given)) || JSON.stringify(value) || "-";
}

function time(text: string | undefined): Date | null {
  const at = text ? new Date(text) : null;
  return at && !Number.isNaN(at.getTime()) ? at : null;
}

const headings: Record<InteractionType, string> = {
  approval: "Approval needed",
  input: "Input needed",
  selection: "Choice needed",
  review: "Review needed",
};

const outcomes: Partial<Record<Outcome, string>> = {
  approved: "Approved",
  rejected: "Rejected",
  answered: "Answered",
  cancelled: "Cancelled",
};

/** "Approved by Ana": who and what; when is each channel's own way to show a time. `name` may know who it is. */
export function outcomeLine(decision: Decision, name: (by: By) => string | null = () => null): string {
  const { outcome, by, byName } = decision;
  if (outcome === "timed_out") return "Timed out: nobody answered in time";
  const who = by && (name(by) ?? byName ?? by.email ?? (by.user ? "a member" : by.slack ? "somebody in Slack" : null));
  return who ? `${outcomes[outcome] ?? "Closed"} by ${oneLine(who)}` : outcomes[outcome] ?? "Closed";
}

/** What an object of few plain values says line by line; null where it is better shown as JSON. */
export function plainFields(data: unknown, most = 10): [string, string][] | null {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return null;
  const entries = Object.entries(data);
  if (entries.length === 0 || entries.length > most) return null;
  const isPlain = (value: unknown) => value === null || typeof value !== "object" && String(value).length <= 300;
  if (!entries.every(([name, value]) => name.length <= 80 && isPlain(value))) return null;
  return entries.map(([name, value]) => [oneLine(name), value === null ? "-" : plain(String(value))]);
}

export function hasData(data: unknown): boolean {
  if (data === null || data === undefined || data === "") return false;
  return typeof data !== "object" || Object.keys(data).length > 0;
}

export function asJson(data: unknown): string {
  return typeof data === "string" ? plain(data) : plain(JSON.stringify(data, null, 2) ?? "null");
}

/**
 * The text, or as much of its beginning as fits into `limit` characters once it is escaped, and a word that says so.
 * Counts UTF-16 units, which are never fewer than what a provider counts.
 */
export function fitted(text: string, limit: number, escape: (text: string) => string = (same) => same): string {
  const whole = escape(text);
  if (whole.length <= limit) return whole;
  const note = limit > 200 ? ` … (shortened: ${text.length} characters in all)` : "…";
  let room = limit - note.length;
  let kept = "";
  // by character, so that neither a pair of surrogates nor an entity is cut in two
  for (const character of text) {
    const escaped = escape(character);
    if (escaped.length > room) break;
    room -= escaped.length;
    kept += escaped;
  }
  return kept.trimEnd() + note;
}

/** Without control characters but tabs and line ends. */
export function plain(text: string): string {
  // deno-lint-ignore no-control-regex
  return String(text).toWellFormed().replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
}

/** Fit for a header or a heading. */
export function oneLine(text: string): string {
  return plain(text ?? "").replace(/[\s\u2028\u2029]+/g, " ").trim();
}

function fieldsOf(schema: unknown): Field[] {
  const { properties, required } = (schema ?? {}) as { properties?: Record<string, unknown>; required?: unknown };
  if (typeof properties !== "object" || properties === null) return [];
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties).slice(0, 50).map(([name, property]) => {
    const title = (property as { title?: unknown } | null)?.title;
    return {
      name,
      title: oneLine(typeof title === "string" && title ? title : name),
      required: needed.includes(name),
    };
  });
}
