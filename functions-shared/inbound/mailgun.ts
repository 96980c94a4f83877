// Mailgun's routes: a form, parsed or, where the URL ends in "mime", raw. Its signature is in the form.
import type { MailgunSignature } from "../signatures/mailgun.ts";
import {
  addressesOnly,
  emailEvent,
  fileAttachments,
  headerMap,
  numberOrNull,
  parseMime,
  sender,
  threadOf,
} from "./email.ts";
import type { InboundEvent } from "./event.ts";

const textOf = (form: FormData, ...names: string[]): string | null => {
  for (const name of names) {
    const value = form.get(name);
    if (typeof value === "string") return value;
  }
  return null;
};

export function mailgunSignature(form: FormData): MailgunSignature {
  const field = (name: string) => textOf(form, name) ?? undefined;
  return { timestamp: field("timestamp"), token: field("token"), signature: field("signature") };
}

/** Of a form whose signature was verified: its token counts once. */
export async function parseMailgun(form: FormData): Promise<InboundEvent> {
  const field = (...names: string[]) => textOf(form, ...names);
  const token = field("token") ?? undefined;
  const headers = headerMap(headerList(field("message-headers")));
  const flag = field("X-Mailgun-Sflag") ?? headers.get("x-mailgun-sflag");
  const shared = {
    recipients: addressesOnly(field("recipient")),
    spam: {
      is_spam: flag ? /^yes$/i.test(flag.trim()) : null,
      score: numberOrNull(field("X-Mailgun-Sscore") ?? headers.get("x-mailgun-sscore")),
    },
    provider: "mailgun",
  };
  const raw = form.get("body-mime");
  if (raw !== null) {
    const mime = typeof raw === "string" ? raw : new Uint8Array(await raw.arrayBuffer());
    return emailEvent({ ...await parseMime(mime), ...shared }, token);
  }
  for (const name of ["Message-Id", "In-Reply-To", "References"]) {
    const value = field(name);
    if (value !== null && !headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value);
  }
  return emailEvent({
    ...shared,
    ...sender(field("from", "From") ?? field("sender")),
    to: addressesOnly(field("To") ?? headers.get("to")),
    cc: addressesOnly(field("Cc") ?? headers.get("cc")),
    subject: field("subject", "Subject") ?? "",
    text: field("body-plain"),
    html: field("body-html"),
    ...threadOf(headers),
    attachments: await fileAttachments(form, /^attachment-\d+$/),
  }, token);
}

/** [["Subject", "Hello"], ...] as JSON text. */
function headerList(text: string | null): [string, string][] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return (Array.isArray(list) ? list : []).filter((pair) =>
      Array.isArray(pair) && typeof pair[0] === "string" && typeof pair[1] === "string"
    );
  } catch {
    return [];
  }
}
