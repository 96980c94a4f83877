// Slack: what a message looks like in Block Kit, how it is sent and changed, and what a click on it says.
import { apiBase, ChannelError, type Network, post, refusal, type Reply, withKeys } from "./call.ts";
import { retryAfter } from "../nodes/http_request.ts";
import { type Form, type FormView, slackForm } from "./slack_form.ts";
import { asJson, fitted, hasData, type Message, outcomeLine, plainFields, type Thread } from "./message.ts";

// docs.slack.dev, Block Kit reference
export const slackLimits = {
  blocks: 50,
  headerText: 150,
  sectionText: 3000,
  fieldText: 2000,
  buttonText: 75,
  buttonValue: 2000,
  actionId: 255,
  optionText: 75,
  optionValue: 150,
  options: 100,
  url: 3000,
};
// of `text`, which notifications show
const fallbackLimit = 3000;
/** A text longer than this many sections is cut. */
const mostSections = 4;

export type Block = { type: string; [field: string]: unknown };
export interface SlackMessage {
  text: string;
  blocks: Block[];
}

/** What Slack reads as markup is only what we write. */
export function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const cut = (text: string, limit: number) => fitted(text, limit, escapeSlack);
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const plainText = (text: string, limit: number) => ({ type: "plain_text", text: fitted(text, limit), emoji: false });
const section = (text: string): Block => ({ type: "section", text: mrkdwn(text) });
const context = (...texts: string[]): Block => ({ type: "context", elements: texts.map(mrkdwn) });

export function composeSlack(message: Message): SlackMessage {
  if (message.kind === "decided") return decided(message);
  if (message.kind === "notice") return { text: cut(message.text, fallbackLimit), blocks: texts(message.text) };
  if (message.kind === "reminder" && message.thread) return reminder(message);
  return question(message);
}

function question(message: Message): SlackMessage {
  const prefix = message.kind === "reminder" ? "Reminder: " : message.kind === "escalation" ? "Escalated: " : "";
  const notes = [
    message.kind === "escalation"
      ? message.escalatedFrom ? `${cut(message.escalatedFrom, 200)} did not answer.` : "Nobody answered so far."
      : "",
    message.priority === "high" || message.priority === "critical" ? `*Priority: ${message.priority}*` : "",
    message.timeoutAt ? `Open until ${slackDate(message.timeoutAt)}` : "",
    message.workflowName ? `Workflow: ${cut(message.workflowName, 200)}` : "",
  ].filter((note) => note !== "");
  return {
    text: cut(`${prefix}${message.title}${message.text ? `: ${message.text}` : ""}`, fallbackLimit),
    blocks: [
      { type: "header", text: plainText(prefix + message.title, slackLimits.headerText) },
      ...texts(message.text),
      ...dataBlocks(message.data),
      ...(message.type === "input" && message.fields.length > 0 ? [fieldList(message)] : []),
      ...(notes.length > 0 ? [context(...notes)] : []),
      ...controls(message),
    ],
  };
}

function reminder(message: Message): SlackMessage {
  const until = message.timeoutAt ? ` It is open until ${slackDate(message.timeoutAt)}.` : "";
  const open = message.link ? [actions(message, [linkButton(message, "Open", message.link)])] : [];
  return {
    text: cut(`Reminder: ${message.title}`, fallbackLimit),
    blocks: [section(`*Reminder:* ${cut(message.title, 500)} still waits for an answer.${until}`), ...open],
  };
}

function decided(message: Message): SlackMessage {
  const decision = message.decision!;
  const { by, at, comment, data } = decision;
  const mention = by?.slack && /^[UW][A-Z0-9]{1,30}$/.test(by.slack) ? by.slack : null;
  const line = cut(outcomeLine(decision, () => mention), 500);
  const shown = mention ? line.replace(new RegExp(`${mention}$`), `<@${mention}>`) : line;
  const when = at ? `, ${slackDate(at)}` : "";
  return {
    text: `${cut(message.title, 500)}: ${shown}`,
    blocks: [
      { type: "header", text: plainText(message.title, slackLimits.headerText) },
      ...texts(message.text),
      ...dataBlocks(message.data),
      section(`*${shown}*${when}`),
      ...(comment ? [section(`Comment: ${cut(comment, slackLimits.sectionText - 9)}`)] : []),
      ...(hasData(data) && JSON.stringify(data) !== JSON.stringify(message.data)
        ? [context("With these data:"), ...dataBlocks(data)]
        : []),
    ],
  };
}

function texts(text: string): Block[] {
  const blocks: Block[] = [];
  for (let rest = text; rest !== "" && blocks.length < mostSections;) {
    if (blocks.length === mostSections - 1) {
      blocks.push(section(cut(rest, slackLimits.sectionText)));
      break;
    }
    const part = firstPart(rest, slackLimits.sectionText);
    if (part.trim() !== "") blocks.push(section(escapeSlack(part)));
    rest = rest.slice(part.length);
  }
  return blocks;
}

/** As much of the text as one section holds, up to the end of a line where there is one late enough. */
function firstPart(text: string, limit: number): string {
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += escapeSlack(character).length;
    if (size > limit) break;
    end += character.length;
  }
  if (end === text.length) return text;
  const line = text.lastIndexOf("\n", end);
  return text.slice(0, line > end / 2 ? line + 1 : end);
}

function dataBlocks(data: unknown): Block[] {
  if (!hasData(data)) return [];
  const fields = plainFields(data);
  if (fields) {
    return [{
      type: "section",
      fields: fields.map(([name, value]) =>
        mrkdwn(fitted(`*${escapeSlack(name)}*\n${escapeSlack(value)}`, slackLimits.fieldText))
      ),
    }];
  }
  // three backticks would end the block
  const json = asJson(data).replaceAll("```", "'''");
  return [section("```" + cut(json, slackLimits.sectionText - 6) + "```")];
}

function fieldList(message: Message): Block {
  const names = message.fields.map((field) => `${field.title}${field.required ? " (required)" : ""}`);
  return section(`Asked for: ${cut(names.join(", "), slackLimits.sectionText - 20)}`);
}

// -- buttons ------------------------------------------------------------------------------------------------------------

type Verb = "approve" | "reject" | "accept" | "ignore" | "select" | "choice" | "answer" | "form" | "open";
const actionId = (verb: Verb, message: Message) => `hil:${verb}:${message.interactionId}`;
const blockId = (message: Message, part: string) => `hil:${part}:${message.interactionId}`;

function actions(message: Message, elements: unknown[]): Block {
  return { type: "actions", block_id: blockId(message, "actions"), elements };
}

function button(message: Message, verb: Verb, text: string, style?: "primary" | "danger") {
  return {
    type: "button",
    action_id: actionId(verb, message),
    text: plainText(text, slackLimits.buttonText),
    value: message.interactionId,
    ...(style && { style }),
  };
}

function linkButton(message: Message, text: string, url: string) {
  return { ...button(message, "open", text), url };
}

function controls(message: Message): Block[] {
  const link = message.link !== null && message.link.length <= slackLimits.url ? message.link : null;
  const open = (text: string) => link ? [linkButton(message, text, link)] : [];
  const row = (...elements: unknown[]) =>
    elements.length > 0 ? [actions(message, elements)] : [context("Answer it in the app.")];
  if (message.type === "approval") {
    return row(
      button(message, "approve", "Approve", "primary"),
      button(message, "reject", "Reject", "danger"),
      ...open("Edit or comment"),
    );
  }
  if (message.type === "review") {
    const { allow } = message;
    return row(
      ...(allow.includes("accept") ? [button(message, "accept", "Accept", "primary")] : []),
      ...(allow.includes("ignore") ? [button(message, "ignore", "Ignore")] : []),
      ...(allow.includes("edit") || allow.includes("respond") ? open("Edit or respond") : []),
    );
  }
  if (message.type === "selection") {
    const options = selectOptions(message);
    if (options && message.multiple) {
      return [
        {
          type: "section",
          block_id: blockId(message, "choice"),
          text: mrkdwn("Choose one or more:"),
          accessory: {
            type: "multi_static_select",
            action_id: actionId("choice", message),
            placeholder: plainText("Choose", 150),
            options,
          },
        },
        ...row(button(message, "answer", "Send", "primary"), ...open("Open")),
      ];
    }
    if (options) {
      return row({
        type: "static_select",
        action_id: actionId("select", message),
        placeholder: plainText("Choose", 150),
        options,
        confirm: {
          title: plainText("Send this answer?", 100),
          text: plainText("It cannot be changed afterwards.", 300),
          confirm: plainText("Send", 30),
          deny: plainText("Back", 30),
        },
      }, ...open("Open"));
    }
    return row(...open("Choose"));
  }
  return slackForm(message)
    ? row(button(message, "form", "Answer", "primary"), ...open("Answer on a page"))
    : row(...open("Answer"));
}

/** Null where Slack cannot hold them. A value is its JSON, so that it comes back as what it was. */
function selectOptions(message: Message): unknown[] | null {
  const { options } = message;
  if (options.length === 0 || options.length > slackLimits.options) return null;
  const values = options.map((option) => JSON.stringify(option.value ?? null));
  if (values.some((value) => value.length > slackLimits.optionValue) || new Set(values).size < values.length) {
    return null;
  }
  return options.map((option, i) => ({
    text: plainText(option.label, slackLimits.optionText),
    value: values[i]!,
  }));
}

export interface SlackAnswer {
  interaction_id: string;
  decision: "approve" | "reject" | "answer" | "accept" | "ignore";
  data?: unknown;
}

/**
 * What a block_actions payload says, once its signature was verified; null of what decides nothing (a link was opened, a
 * choice is not sent yet, or it is none of ours).
 */
// deno-lint-ignore no-explicit-any
export function readSlackAction(payload: any): SlackAnswer | null {
  const [action] = Array.isArray(payload?.actions) ? payload.actions : [];
  const match = /^hil:([a-z]+):([0-9a-f-]{36})$/.exec(String(action?.action_id ?? ""));
  if (!match) return null;
  const verb = match[1] as Verb;
  const interaction_id = match[2]!;
  if (verb === "approve" || verb === "reject" || verb === "accept" || verb === "ignore") {
    return { interaction_id, decision: verb };
  }
  if (verb === "select") {
    const data = parsed(action.selected_option?.value);
    return data === undefined ? null : { interaction_id, decision: "answer", data };
  }
  if (verb === "answer") {
    const chosen = payload.state?.values?.[`hil:choice:${interaction_id}`]?.[`hil:choice:${interaction_id}`]
      ?.selected_options;
    const data = (Array.isArray(chosen) ? chosen : []).map((option) => parsed(option?.value));
    return data.includes(undefined) ? null : { interaction_id, decision: "answer", data };
  }
  return null;
}

/** The question whose form somebody wants to fill in; null of other clicks. */
// deno-lint-ignore no-explicit-any
export function readSlackFormClick(payload: any): { interactionId: string; triggerId: string } | null {
  const [action] = Array.isArray(payload?.actions) ? payload.actions : [];
  const match = /^hil:form:([0-9a-f-]{36})$/.exec(String(action?.action_id ?? ""));
  return match && typeof payload.trigger_id === "string"
    ? { interactionId: match[1]!, triggerId: payload.trigger_id }
    : null;
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** Shown in each reader's own time zone. */
function slackDate(at: Date): string {
  const text = at.toISOString().slice(0, 16).replace("T", " ");
  return `<!date^${Math.floor(at.getTime() / 1000)}^{date_short_pretty} {time}|${text} UTC>`;
}

// -- sending ------------------------------------------------------------------------------------------------------------

export interface SlackThread extends Thread {
  team: string | null;
  channel: string;
  /** The message itself. */
  ts: string;
  /** What answers in its thread are known by. */
  thread_ts: string;
}

const standardUrl = "https://slack.com/api";
const passing = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
  "accesslimited",
]);
const refusedKey = new Set(["invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"]);
// the message that a decision would change: what is left is to say it in the thread
const gone = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

export interface SlackAccount {
  keys: readonly string[];
  team: string | null;
  config: { api_url?: unknown };
}

function caller(account: SlackAccount, network: Network): (method: string, body: unknown) => Promise<Reply> {
  const base = apiBase(standardUrl, account.config.api_url, network.allowedHosts);
  return (method, body) =>
    withKeys(account.keys, ({ json }) => refusedKey.has(json?.error), (key) =>
      post({
        url: new URL(`${base}/${method}`),
        headers: { "content-type": "application/json; charset=utf-8", authorization: `Bearer ${key}` },
        body: JSON.stringify(body),
      }, network));
}

/**
 * Shows the form of a question to who clicked, within 3 s of the click. False where Slack's inputs cannot hold it.
 * Throws ChannelError.
 */
export async function openSlackForm(triggerId: string, form: Form, account: SlackAccount, network: Network) {
  const view: FormView | null = slackForm(form);
  if (!view) return false;
  const reply = await caller(account, network)("views.open", { trigger_id: triggerId, view });
  if (reply.json?.ok !== true) throw slackRefusal(reply);
  return true;
}

/** Throws ChannelError. */
export async function sendSlack(message: Message, account: SlackAccount, network: Network) {
  const call = caller(account, network);
  const thread = slackThread(message.thread);
  const { text, blocks } = composeSlack(message);
  const shown = { text, blocks, unfurl_links: false, unfurl_media: false };

  if (message.kind === "decided" && thread) {
    const reply = await call("chat.update", { channel: thread.channel, ts: thread.ts, text, blocks });
    if (reply.json?.ok === true) return { external_id: thread.ts, thread };
    if (!gone.has(reply.json?.error)) throw slackRefusal(reply);
  }
  if (message.recipient === "" && !thread) {
    throw new ChannelError("recipient_invalid", "No Slack channel or user is named");
  }
  const follows = thread !== null && message.kind !== "escalation";
  const reply = await call("chat.postMessage", {
    channel: follows ? thread.channel : message.recipient,
    ...(follows && { thread_ts: thread.thread_ts }),
    ...(follows && message.kind === "reminder" && { reply_broadcast: true }),
    ...shown,
  });
  const { json } = reply;
  if (json?.ok !== true) throw slackRefusal(reply);
  const made: SlackThread = {
    team: typeof json.message?.team === "string" ? json.message.team : account.team,
    channel: String(json.channel),
    ts: String(json.ts),
    thread_ts: follows ? thread.thread_ts : String(json.ts),
  };
  return { external_id: made.ts, thread: made };
}

function slackThread(thread: Thread | null): SlackThread | null {
  const { team, channel, ts, thread_ts } = thread ?? {};
  if (typeof channel !== "string" || typeof ts !== "string") return null;
  return {
    team: typeof team === "string" ? team : null,
    channel,
    ts,
    thread_ts: typeof thread_ts === "string" ? thread_ts : ts,
  };
}

/** Slack answers 200 to most of what it refuses, and says in `error` why. */
function slackRefusal(reply: Reply): ChannelError {
  const error = reply.json?.error;
  if (typeof error !== "string" || !/^[a-z0-9_]{1,100}$/.test(error)) {
    return reply.status >= 300
      ? refusal("slack", reply)
      : new ChannelError("slack_malformed", "Slack's answer is not what it documents", { retryable: true });
  }
  const wait = retryAfter(reply.headers.get("retry-after"));
  // invalid_blocks says which
  const messages = reply.json.response_metadata?.messages;
  return new ChannelError(`slack_${error}`, `Slack answered ${error}`, {
    retryable: passing.has(error) || reply.status >= 500 || reply.status === 429,
    ...(wait !== undefined && { retryAfterSeconds: wait }),
    details: {
      status: reply.status,
      ...(Array.isArray(messages) && { said: messages.join("; ").slice(0, 500) }),
      ...(typeof reply.json.needed === "string" && { needed: reply.json.needed.slice(0, 200) }),
    },
  });
}
