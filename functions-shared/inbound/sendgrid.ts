// SendGrid's inbound parse: a multipart form, parsed or, with "POST the raw, full MIME message", raw.
import { type Bytes, joined, toBase64 } from "../encoding.ts";
import { apiError } from "../errors.ts";
import {
  addressesOnly,
  emailEvent,
  fileAttachments,
  headerMap,
  type Mail,
  numberOrNull,
  parseMime,
  sender,
  threadOf,
} from "./email.ts";
import { isObject } from "../json.ts";
import { type InboundEvent, readForm } from "./event.ts";

export async function parseSendgrid(headers: Headers, bytes: Bytes): Promise<InboundEvent> {
  const form = await readForm(headers, bytes);
  const field = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : null;
  };
  const score = numberOrNull(field("spam_score"));
  // Without a Message-ID it is what was signed that a replay has in common with what it repeats. Not the signature: of
  // each, anybody can make others that are as good.
  const signed = joined(headers.get("x-twilio-email-event-webhook-timestamp") ?? "", bytes);
  const digest = toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", signed)));
  const identified = (event: InboundEvent): InboundEvent => ({ ...event, deliveryId: event.deliveryId ?? digest });
  const shared = {
    recipients: envelopeTo(field("envelope")),
    // SpamAssassin's own threshold
    spam: { is_spam: score === null ? null : score >= 5, score },
    provider: "sendgrid",
  };
  const raw = form.get("email");
  if (raw !== null) {
    const mime = typeof raw === "string" ? raw : new Uint8Array(await raw.arrayBuffer());
    return identified(emailEvent({ ...await parseMime(mime), ...shared }));
  }
  if (field("from") === null && field("envelope") === null) {
    throw apiError("body_unreadable", { message: "This is no e-mail of SendGrid's inbound parse" });
  }
  const mail: Mail = {
    ...shared,
    ...sender(field("from")),
    to: addressesOnly(field("to")),
    cc: addressesOnly(field("cc")),
    subject: field("subject") ?? "",
    text: field("text"),
    html: field("html"),
    ...threadOf(rawHeaders(field("headers") ?? "")),
    attachments: await fileAttachments(form, /^attachment\d+$/),
  };
  return identified(emailEvent(mail));
}

function envelopeTo(text: string | null): string[] {
  try {
    const envelope: unknown = JSON.parse(text ?? "{}");
    const to = isObject(envelope) && Array.isArray(envelope.to) ? envelope.to : [];
    return to.filter((address) => typeof address === "string").slice(0, 100);
  } catch {
    return [];
  }
}

/** Header lines as they stood in the mail; a line that begins with a space goes on. */
function rawHeaders(text: string): Map<string, string> {
  const lines = text.slice(0, 200_000).replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  return headerMap(lines.flatMap((line) => {
    const at = line.indexOf(":");
    return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const] : [];
  }));
}
