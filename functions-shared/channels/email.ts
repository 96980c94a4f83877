// E-mail: what a message looks like as text and as HTML, and its headers. A mail asks and links; nothing in it decides
// by being opened, so a scanner may follow every link.
import { ChannelError } from "./call.ts";
import { asJson, fitted, hasData, type Message, oneLine, outcomeLine, plainFields, type Thread } from "./message.ts";

export interface Mail {
  /** Without brackets; the same each time the message is sent. */
  messageId: string;
  from: string;
  to: string;
  replyTo: string | null;
  subject: string;
  text: string;
  html: string;
  /** Beside From, To, Subject and Reply-To. */
  headers: Record<string, string>;
  thread: EmailThread;
}

export interface EmailThread extends Thread {
  /** Every id, in brackets, by which an answer may name the message. */
  message_ids: string[];
  references: string[];
  subject: string;
}

export interface EmailConfig {
  from?: unknown;
  inbound_address?: unknown;
}

const subjectLimit = 200;
const textLimit = 20_000;
const dataLimit = 20_000;

/** Throws integration_incomplete or recipient_invalid. */
export function composeEmail(message: Message, config: EmailConfig): Mail {
  const from = parseAddress(config.from);
  if (!from) {
    throw new ChannelError("integration_incomplete", "The integration's config names no sender", {
      details: { missing: "config.from" },
    });
  }
  if (!isAddress(message.recipient)) throw new ChannelError("recipient_invalid", "The recipient is no e-mail address");
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1).toLowerCase();
  const messageId = `<${message.id}@${domain}>`;
  const before = emailThread(message.thread);
  // Some providers write a Message-ID of their own; answers still carry what the first message referred to.
  const root = `<${message.id}.root@${domain}>`;
  const references = before ? [...before.references, ...before.message_ids.slice(0, 1)] : [root];
  const unique = [...new Set(references)].slice(-20);
  const subject = before ? `Re: ${before.subject}` : subjectOf(message);
  const replyTo = replyAddress(message, config);
  return {
    messageId,
    from: from.name ? `${quoted(from.name)} <${from.address}>` : from.address,
    to: message.recipient,
    replyTo,
    subject,
    text: textOf(message, replyTo !== null),
    html: htmlOf(message, replyTo !== null),
    headers: {
      "Message-ID": messageId,
      ...(before && { "In-Reply-To": before.message_ids[0]! }),
      References: unique.join(" "),
      // RFC 3834, and Exchange's: no holiday replies to what no person wrote
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
    },
    thread: {
      message_ids: before ? [messageId, ...before.message_ids].slice(0, 20) : [messageId, root],
      references: unique,
      subject: before?.subject ?? subject,
    },
  };
}

function subjectOf(message: Message): string {
  const prefix = message.kind === "reminder" ? "Reminder: " : message.kind === "escalation" ? "Escalated: " : "";
  const urgent = message.priority === "critical" ? "[Critical] " : message.priority === "high" ? "[Important] " : "";
  return fitted(`${urgent}${prefix}${message.title}`, subjectLimit);
}

/** approvals+<tag>@example.com: an answer to it names the interaction, whatever the mail program does with headers. */
function replyAddress(message: Message, { inbound_address }: EmailConfig): string | null {
  const inbound = parseAddress(inbound_address);
  if (!inbound || message.kind === "decided" || message.kind === "notice") return null;
  const at = inbound.address.lastIndexOf("@");
  const local = inbound.address.slice(0, at);
  const { replyTag } = message;
  // RFC 5321: a local part has at most 64 octets
  if (!replyTag || !/^[A-Za-z0-9_-]+$/.test(replyTag) || local.length + 1 + replyTag.length > 64) {
    return inbound.address;
  }
  return `${local}+${replyTag}${inbound.address.slice(at)}`;
}

// -- what it says -------------------------------------------------------------------------------------------------------

/** The paragraphs of both forms. */
function parts(message: Message, mayReply: boolean) {
  const { decision } = message;
  const notes: string[] = [];
  if (message.kind === "escalation") {
    notes.push(message.escalatedFrom ? `${message.escalatedFrom} did not answer.` : "Nobody answered so far.");
  }
  if (message.kind === "reminder") notes.push("This still waits for an answer.");
  const asked = message.fields.map((field) => `${field.title}${field.required ? " (required)" : ""}`);
  const replies: Record<Message["type"], string> = {
    approval: 'Or answer this mail: "approve" or "reject", with a comment if you like.',
    review: 'Or answer this mail: "accept", or what should change.',
    input: "Or answer this mail with what is asked for.",
    selection: "Or answer this mail with your choice.",
  };
  return {
    title: message.title,
    notes,
    text: fitted(message.text, textLimit),
    asked: !decision && message.type === "input" && asked.length > 0 ? `Asked for: ${asked.join(", ")}` : null,
    options: !decision && message.type === "selection" ? message.options.slice(0, 50).map(({ label }) => label) : [],
    moreOptions: Math.max(0, message.options.length - 50),
    fields: plainFields(message.data, 20),
    json: hasData(message.data) ? fitted(asJson(message.data), dataLimit) : null,
    link: message.link,
    linkText: message.type === "approval" ? "Review and decide" : message.type === "review" ? "Review" : "Answer",
    reply: mayReply && !decision
      ? message.link ? replies[message.type] : replies[message.type].slice(3).replace(/^a/, "A")
      : null,
    until: !decision && message.timeoutAt ? `Open until ${utc(message.timeoutAt)}.` : null,
    outcome: decision ? `${outcomeLine(decision)}${decision.at ? `, ${utc(decision.at)}` : ""}` : null,
    comment: decision?.comment ? fitted(decision.comment, textLimit) : null,
    answer: decision && hasData(decision.data) && JSON.stringify(decision.data) !== JSON.stringify(message.data)
      ? { fields: plainFields(decision.data, 20), json: fitted(asJson(decision.data), dataLimit) }
      : null,
    footer: [
      message.workflowName ? `Sent by the workflow ${message.workflowName}.` : "Sent by a workflow.",
      ...(message.link ? ["The link is meant for you: do not forward it. Opening it decides nothing."] : []),
    ].join(" "),
  };
}

function textOf(message: Message, mayReply: boolean): string {
  const part = parts(message, mayReply);
  const shown = (data: { fields: [string, string][] | null; json: string | null }) =>
    data.fields ? data.fields.map(([name, value]) => `${name}: ${value}`).join("\n") : data.json;
  return [
    part.title,
    part.outcome,
    part.comment && `Comment: ${part.comment}`,
    part.answer && `With these data:\n${shown(part.answer)}`,
    ...part.notes,
    part.text,
    part.json !== null && shown(part),
    part.asked,
    part.options.length > 0 &&
    [...part.options.map((label) => `- ${label}`), ...(part.moreOptions > 0 ? [`- and ${part.moreOptions} more`] : [])]
      .join("\n"),
    part.link && `${part.linkText}: ${part.link}`,
    part.reply,
    part.until,
    `--\n${part.footer}`,
  ].filter((paragraph) => paragraph).join("\n\n") + "\n";
}

function htmlOf(message: Message, mayReply: boolean): string {
  const part = parts(message, mayReply);
  const lines = (text: string) => escapeHtml(text).replaceAll("\n", "<br>\n");
  const paragraph = (text: string, style = "") => `<p style="margin:0 0 16px${style}">${lines(text)}</p>`;
  const shown = (data: { fields: [string, string][] | null; json: string | null }) =>
    data.fields
      ? `<table style="margin:0 0 16px;border-collapse:collapse">${
        data.fields.map(([name, value]) =>
          `<tr><th scope="row" style="text-align:left;vertical-align:top;padding:4px 16px 4px 0;font-weight:600">${
            escapeHtml(name)
          }</th><td style="padding:4px 0">${lines(value)}</td></tr>`
        ).join("")
      }</table>`
      : `<pre style="margin:0 0 16px;padding:12px;background:#f2f4f7;white-space:pre-wrap;word-break:break-word">${
        escapeHtml(data.json ?? "")
      }</pre>`;
  const body = [
    `<h1 style="margin:0 0 16px;font-size:20px;line-height:28px">${escapeHtml(part.title)}</h1>`,
    part.outcome && paragraph(part.outcome, ";font-weight:600"),
    part.comment && paragraph(`Comment: ${part.comment}`),
    part.answer && paragraph("With these data:") + shown(part.answer),
    ...part.notes.map((note) => paragraph(note, ";font-weight:600")),
    part.text && paragraph(part.text),
    part.json !== null && shown(part),
    part.asked && paragraph(part.asked),
    part.options.length > 0 &&
    `<ul style="margin:0 0 16px;padding-left:20px">${
      [...part.options, ...(part.moreOptions > 0 ? [`and ${part.moreOptions} more`] : [])]
        .map((label) => `<li>${escapeHtml(label)}</li>`).join("")
    }</ul>`,
    part.link &&
    `<p style="margin:24px 0"><a href="${
      escapeHtml(part.link)
    }" style="display:inline-block;padding:12px 24px;background:#1d4ed8;color:#ffffff;text-decoration:none;border-radius:6px">${
      escapeHtml(part.linkText)
    }</a></p>`,
    part.reply && paragraph(part.reply),
    part.until && paragraph(part.until),
    `<p style="margin:24px 0 0;color:#475467;font-size:13px">${escapeHtml(part.footer)}</p>`,
  ].filter((block) => block).join("\n");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer"><title>${escapeHtml(part.title)}</title></head>
<body style="margin:0;padding:24px;background:#ffffff;color:#101828;font:16px/24px system-ui,sans-serif">
<div style="max-width:600px;margin:0 auto">
${body}
</div></body></html>
`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function utc(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

// -- addresses ----------------------------------------------------------------------------------------------------------

/** One address, as providers take it: nothing that could name a second one or end a header. */
export function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s<>()[\]@,;:\\"]{1,64}@[A-Za-z0-9.-]+$/.test(text);
}

/** "Refunds <refunds@example.com>", or the address alone. */
export function parseAddress(text: unknown): { name: string; address: string } | null {
  if (typeof text !== "string") return null;
  const match = /^\s*"?([^"<>\r\n]*?)"?\s*<([^<>\s]+)>\s*$/.exec(text);
  const address = match ? match[2]! : text.trim();
  return isAddress(address) ? { name: match ? oneLine(match[1]!) : "", address } : null;
}

const quoted = (name: string) => `"${name.replace(/["\\]/g, "")}"`;

function emailThread(thread: Thread | null): EmailThread | null {
  const { message_ids, references, subject } = thread ?? {};
  const ids = (list: unknown) => Array.isArray(list) ? list.filter((id) => /^<[^<>\s]{1,250}>$/.test(String(id))) : [];
  const known = ids(message_ids);
  if (known.length === 0) return null;
  return { message_ids: known, references: ids(references), subject: oneLine(String(subject ?? "")) };
}
