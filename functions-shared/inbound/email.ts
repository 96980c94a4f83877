// One form for the e-mails of all providers.
import PostalMime, { addressParser } from "postal-mime";
import { toBase64 } from "../encoding.ts";
import type { InboundEvent } from "./event.ts";

export interface InboundEmail {
  /** The sender as the mail says: without SPF and DKIM it proves nothing. */
  from: string | null;
  from_name: string | null;
  to: string[];
  cc: string[];
  /** To whom it was delivered, where the provider tells: also blind copies. */
  recipients: string[];
  subject: string;
  text: string | null;
  html: string | null;
  /** 42 in orders+42@example.com */
  tag: string | null;
  message_id: string | null;
  in_reply_to: string | null;
  references: string[];
  /** Nobody wrote it: an answer of an absent person's mailbox, a report of delivery. */
  automatic: boolean;
  attachments: Attachment[];
  spam: { is_spam: boolean | null; score: number | null };
  provider: string;
}

export interface Attachment {
  filename: string | null;
  content_type: string;
  size: number | null;
  /** Left out where it is too large, or where the provider keeps it. */
  base64?: string;
  /** The provider's, where it keeps the content. */
  id?: string;
}

export interface Mail extends Omit<InboundEmail, "tag"> {
  /** The provider's own id where it has one that stays the same when it delivers again. */
  deliveryId?: string | null;
}

const textLimit = 256 * 1024;
const attachmentLimit = 256 * 1024;
const attachmentsLimit = 768 * 1024;

export function emailEvent(mail: Mail, singleUseToken?: string): InboundEvent {
  const { deliveryId, ...rest } = mail;
  const addressed = [...mail.recipients, ...mail.to, ...mail.cc];
  const tag = addressed.map((address) => /^[^@+]+\+([^@]+)@/.exec(address)?.[1]).find((found) => found) ?? null;
  const keys = [...new Set(addressed.map(withoutTag))].slice(0, 200);
  const email: InboundEmail = {
    ...rest,
    text: shortened(mail.text),
    html: shortened(mail.html),
    tag,
    attachments: withinLimits(mail.attachments),
  };
  return {
    keys,
    event: { from: mail.from?.toLowerCase() ?? null },
    payload: { ...email },
    // Senders choose the Message-ID: another sender's is another mail.
    deliveryId: deliveryId ?? (mail.message_id ? `${mail.message_id} ${mail.from}` : null),
    ...(singleUseToken !== undefined && { singleUseToken }),
  };
}

/** orders@example.com of Orders+42@Example.com */
export function withoutTag(address: string): string {
  return address.toLowerCase().replace(/^([^@+]+)\+[^@]*@/, "$1@");
}

/** "Ann <ann@example.com>, bob@example.com" */
export function addresses(text: string | null | undefined): { address: string; name: string }[] {
  if (!text) return [];
  return addressParser(text.slice(0, 100_000), { flatten: true })
    .flatMap(({ address, name }) => address?.includes("@") ? [{ address, name: name ?? "" }] : []);
}

export const addressesOnly = (text: string | null | undefined): string[] =>
  addresses(text).map(({ address }) => address);

export function sender(text: string | null | undefined): Pick<InboundEmail, "from" | "from_name"> {
  const [first] = addresses(text);
  return { from: first?.address ?? null, from_name: first?.name || null };
}

/** The ids in a References header. */
export function messageIds(text: string | null | undefined): string[] {
  return (text ?? "").slice(0, 20_000).split(/[\s,]+/).filter((id) => id !== "").slice(-100);
}

/** Headers of any provider's list, by lower-case name; the first of a name counts. */
export function headerMap(pairs: Iterable<readonly [string, string]>): Map<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of pairs) if (!map.has(name.toLowerCase())) map.set(name.toLowerCase(), value);
  return map;
}

export function threadOf(
  headers: Map<string, string>,
): Pick<InboundEmail, "message_id" | "in_reply_to" | "references" | "automatic"> {
  return {
    automatic: isAutomatic(headers),
    message_id: headers.get("message-id")?.trim() || null,
    ...answeredIds(headers.get("in-reply-to"), headers.get("references")),
  };
}

/** In-Reply-To may name several; all that it names counts. */
function answeredIds(inReplyTo: string | undefined, references: string | undefined) {
  const [in_reply_to = null, ...more] = messageIds(inReplyTo);
  return { in_reply_to, references: [...new Set([...messageIds(references), ...more])] };
}

/** By RFC 3834, and by what Outlook, Exchange and older programs say instead. */
function isAutomatic(headers: Map<string, string>): boolean {
  const value = (name: string) => headers.get(name)?.trim().toLowerCase() ?? "";
  return !["", "no"].includes(value("auto-submitted").split(";")[0]!.trim()) ||
    /^(auto_reply|auto-reply|bulk|junk)$/.test(value("precedence")) ||
    ["x-autoreply", "x-autorespond", "x-auto-response"].some((name) => headers.has(name)) ||
    // the empty return path of reports
    value("return-path") === "<>";
}

export function numberOrNull(text: unknown): number | null {
  if (typeof text !== "string" || text.trim() === "") return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** A whole mail as it was sent. */
export async function parseMime(
  raw: string | Uint8Array<ArrayBuffer>,
): Promise<Omit<Mail, "provider" | "recipients" | "spam">> {
  const mail = await PostalMime.parse(raw, { attachmentEncoding: "arraybuffer", maxNestingDepth: 50 });
  const list = (people: typeof mail.to): string[] =>
    (people ?? []).flatMap((one) => one.group ? one.group.map(({ address }) => address) : [one.address]).filter((
      address,
    ) => address?.includes("@")) as string[];
  return {
    from: mail.from?.address ?? null,
    from_name: mail.from?.name || null,
    to: list(mail.to),
    cc: list(mail.cc),
    subject: mail.subject ?? "",
    text: mail.text ?? null,
    html: mail.html ?? null,
    message_id: mail.messageId ?? null,
    ...answeredIds(mail.inReplyTo, mail.references),
    automatic: isAutomatic(headerMap(mail.headers.map(({ key, value }) => [key, value] as const))),
    attachments: mail.attachments.map(({ filename, mimeType, content }) => {
      const bytes = new Uint8Array(content as ArrayBuffer);
      return { filename: filename ?? null, content_type: mimeType, ...contentOf(bytes) };
    }),
  };
}

export async function fileAttachments(form: FormData, name: RegExp): Promise<Attachment[]> {
  const files = [...form].filter(([field, value]) => name.test(field) && typeof value !== "string") as [string, File][];
  return await Promise.all(files.map(async ([, file]) => ({
    filename: file.name || null,
    content_type: file.type || "application/octet-stream",
    ...contentOf(file.size <= attachmentLimit ? new Uint8Array(await file.arrayBuffer()) : null, file.size),
  })));
}

function contentOf(bytes: Uint8Array<ArrayBuffer> | null, size = bytes?.length ?? null): Pick<
  Attachment,
  "size" | "base64"
> {
  return { size, ...(bytes && bytes.length <= attachmentLimit && { base64: toBase64(bytes) }) };
}

/** The first ones keep their content, as far as there is room. */
function withinLimits(attachments: Attachment[]): Attachment[] {
  let room = attachmentsLimit * 4 / 3;
  return attachments.slice(0, 100).map(({ base64, ...rest }) => {
    if (base64 === undefined || base64.length > room || base64.length > attachmentLimit * 4 / 3 + 4) return rest;
    room -= base64.length;
    return { ...rest, base64 };
  });
}

function shortened(text: string | null): string | null {
  return text && text.length > textLimit ? text.slice(0, textLimit) : text;
}
