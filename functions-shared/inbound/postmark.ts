// Postmark's inbound webhook: JSON.
import type { Bytes } from "../encoding.ts";
import { isObject, type JsonObject } from "../json.ts";
import { type Attachment, emailEvent, headerMap, numberOrNull, sender, threadOf } from "./email.ts";
import { type InboundEvent, objectAt, parseObject, textAt } from "./event.ts";

export function parsePostmark(bytes: Bytes): InboundEvent {
  const body = parseObject(bytes);
  const headers = headerMap(
    objectsAt(body, "Headers").map(({ Name, Value }) => [String(Name), String(Value)] as const),
  );
  const people = (name: string) => objectsAt(body, name).flatMap((one) => textAt(one, "Email") || []);
  const from = objectAt(body, "FromFull");
  const status = headers.get("x-spam-status");
  return emailEvent({
    ...(textAt(from, "Email")
      ? { from: textAt(from, "Email"), from_name: textAt(from, "Name") || null }
      : sender(textAt(body, "From"))),
    to: people("ToFull"),
    cc: people("CcFull"),
    recipients: [textAt(body, "OriginalRecipient") ?? "", ...people("BccFull")].filter((one) => one.includes("@")),
    subject: textAt(body, "Subject") ?? "",
    text: textAt(body, "TextBody"),
    html: textAt(body, "HtmlBody"),
    ...threadOf(headers),
    attachments: objectsAt(body, "Attachments").map(attachment),
    spam: {
      is_spam: status ? /^yes\b/i.test(status.trim()) : null,
      score: numberOrNull(headers.get("x-spam-score")),
    },
    provider: "postmark",
    deliveryId: textAt(body, "MessageID"),
  });
}

function attachment(given: JsonObject): Attachment {
  const base64 = textAt(given, "Content")?.replaceAll(/\s/g, "");
  return {
    filename: textAt(given, "Name"),
    content_type: textAt(given, "ContentType") ?? "application/octet-stream",
    size: typeof given.ContentLength === "number" ? given.ContentLength : null,
    ...(base64 && { base64 }),
  };
}

function objectsAt(body: JsonObject, name: string): JsonObject[] {
  const list = body[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}
