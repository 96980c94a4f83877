// Slack's Events API and slash commands. Block actions and the like belong to whoever asked for them (hil-webhook).
import type { Bytes } from "../encoding.ts";
import { isObject, type JsonObject } from "../json.ts";
import { type InboundEvent, isForm, objectAt, parseObject, textAt } from "./event.ts";

export type SlackRequest =
  | { kind: "challenge"; challenge: string }
  | { kind: "ignored" }
  | { kind: "event" | "command"; teams: string[]; event: InboundEvent; reply?: SlackReply };

/** A person's words in a thread, or in a direct message to the app: perhaps the answer to a question. */
export interface SlackReply {
  /** One message is one, by whichever of its events it comes. */
  messageId: string;
  text: string;
  team: string | null;
  channel: string;
  /** Null in a direct message outside of threads. */
  thread_ts: string | null;
  user: string;
}

/** Throws json_invalid, json_too_deep. */
export function parseSlack(headers: Headers, bytes: Bytes): SlackRequest {
  if (isForm(headers)) return parseForm(new URLSearchParams(new TextDecoder().decode(bytes)));
  const body = parseObject(bytes);
  if (body.type === "url_verification") return { kind: "challenge", challenge: textAt(body, "challenge") ?? "" };
  const event = objectAt(body, "event");
  const type = textAt(event, "type");
  if (body.type !== "event_callback" || type === null) return { kind: "ignored" };
  const channel = textAt(event, "channel") ?? textAt(objectAt(event, "channel"), "id") ??
    textAt(objectAt(event, "item"), "channel");
  const authorizations = Array.isArray(body.authorizations) ? body.authorizations.filter(isObject) : [];
  const user = textAt(event, "user") ?? textAt(objectAt(event, "user"), "id");
  const team = textAt(body, "team_id");
  const bots = isBots(event, user, authorizations);
  const reply = bots ? null : replyIn(event, type, { team, channel, user });
  return {
    kind: "event",
    ...(reply && { reply }),
    teams: [team, ...authorizations.map((one) => textAt(one, "team_id"))].filter((id) => id !== null),
    event: {
      keys: [type, ...subscriptions(event, type)],
      event: { channel, is_bot: bots },
      payload: {
        kind: "event",
        event: type,
        command: null,
        text: textAt(event, "text"),
        user,
        channel,
        team,
        payload: withoutToken(body),
      },
      deliveryId: textAt(body, "event_id"),
    },
  };
}

function parseForm(form: URLSearchParams): SlackRequest {
  const command = form.get("command");
  if (!command) return { kind: "ignored" };
  const fields = Object.fromEntries(form);
  return {
    kind: "command",
    teams: [form.get("team_id"), form.get("enterprise_id")].filter((id) => id !== null),
    event: {
      keys: [command],
      event: { channel: form.get("channel_id"), is_bot: false },
      payload: {
        kind: "command",
        event: null,
        command,
        text: form.get("text"),
        user: form.get("user_id"),
        channel: form.get("channel_id"),
        team: form.get("team_id"),
        payload: withoutToken(fields),
      },
      deliveryId: form.get("trigger_id"),
    },
  };
}

function replyIn(
  event: JsonObject,
  type: string,
  { team, channel, user }: { team: string | null; channel: string | null; user: string | null },
): SlackReply | null {
  if (type !== "message" && type !== "app_mention") return null;
  // edits, deletions and people who join are no answers
  if (![null, "file_share", "thread_broadcast"].includes(textAt(event, "subtype"))) return null;
  const ts = textAt(event, "ts");
  const thread_ts = textAt(event, "thread_ts");
  const isAnswer = thread_ts !== null ? thread_ts !== ts : event.channel_type === "im";
  if (!isAnswer || ts === null || channel === null || user === null) return null;
  // whom a mention calls is who is answered anyway
  const text = (textAt(event, "text") ?? "").replace(/^(\s*<@[A-Z0-9]+>[:,]?)+\s*/, "");
  return { messageId: `${channel} ${ts}`, text: plainText(text), team, channel, thread_ts, user };
}

/** Slack escapes three characters and marks links. */
function plainText(text: string): string {
  return text.replaceAll(/<(?:mailto:|tel:)?([^<>|]*)(?:\|([^<>]*))?>/g, (_, target, label) => label ?? target)
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** The names under which an app subscribes to messages: message.channels, message.im, ... */
function subscriptions(event: JsonObject, type: string): string[] {
  const kind = textAt(event, "channel_type");
  if (type !== "message" || kind === null) return [];
  return [`message.${{ channel: "channels", group: "groups" }[kind] ?? kind}`];
}

function isBots(event: JsonObject, user: string | null, authorizations: JsonObject[]): boolean {
  return textAt(event, "bot_id") !== null || event.subtype === "bot_message" ||
    // our own: answering them would go round in circles
    authorizations.some((one) => one.is_bot === true && user !== null && one.user_id === user);
}

/** Slack's old verification token is a secret of the app, which whoever reads the execution needs not know. */
function withoutToken({ token: _, ...rest }: JsonObject): JsonObject {
  return rest;
}
