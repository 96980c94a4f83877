// Resend's email.received says what came; what is in it is asked of its API, with the integration's key. Attachments
// stay there and are listed by id.
import type { Bytes } from "../encoding.ts";
import { apiError } from "../errors.ts";
import { parseJson } from "../json.ts";
import { isObject, type JsonObject } from "../json.ts";
import { addressesOnly, emailEvent, headerMap, messageIds, sender, threadOf } from "./email.ts";
import { type InboundEvent, objectAt, parseObject, textAt } from "./event.ts";

export const resendUrl = "https://api.resend.com";
const contentLimit = 10 * 1024 * 1024;

/** Null for other events. Throws provider_failed where the content cannot be had: the hook is delivered again. */
export async function parseResend(
  bytes: Bytes,
  apiKeys: string[],
  baseUrl = resendUrl,
  signal: AbortSignal = AbortSignal.timeout(10_000),
): Promise<InboundEvent | null> {
  const body = parseObject(bytes);
  if (body.type !== "email.received") return null;
  const data = objectAt(body, "data");
  const id = textAt(data, "email_id");
  if (!id || !/^[\w-]{1,100}$/.test(id)) {
    const problem = { code: "required", message: "It names the e-mail", path: "$.data.email_id" };
    throw apiError("request_invalid", { details: { problems: [problem] } });
  }
  const mail = await fetchMail(`${baseUrl}/emails/receiving/${id}?html_format=cid`, apiKeys, signal);
  const headers = headerMap(
    Object.entries(objectAt(mail, "headers")).map(([name, value]) => [name, String(value)] as const),
  );
  const thread = threadOf(headers);
  const list = (name: string) => [mail[name] ?? data[name] ?? []].flat().flatMap((one) => addressesOnly(String(one)));
  const attachments = [mail.attachments ?? data.attachments ?? []].flat().filter(isObject);
  return emailEvent({
    ...sender(textAt(mail, "from") ?? textAt(data, "from")),
    to: list("to"),
    cc: list("cc"),
    recipients: [...list("received_for"), ...list("bcc")],
    subject: textAt(mail, "subject") ?? textAt(data, "subject") ?? "",
    text: textAt(mail, "text"),
    html: textAt(mail, "html"),
    ...thread,
    message_id: thread.message_id ?? messageIds(textAt(mail, "message_id") ?? textAt(data, "message_id"))[0] ?? null,
    attachments: attachments.map((one) => ({
      filename: textAt(one, "filename"),
      content_type: textAt(one, "content_type") ?? "application/octet-stream",
      size: typeof one.size === "number" ? one.size : null,
      ...(textAt(one, "id") && { id: textAt(one, "id")! }),
    })),
    spam: { is_spam: null, score: null },
    provider: "resend",
    deliveryId: id,
  });
}

async function fetchMail(url: string, apiKeys: string[], signal: AbortSignal): Promise<JsonObject> {
  let status = 0;
  try {
    for (const key of apiKeys) {
      const response = await fetch(url, {
        headers: { authorization: `Bearer ${key}`, accept: "application/json" },
        redirect: "error",
        signal,
      });
      status = response.status;
      if (!response.ok) {
        await response.body?.cancel();
        // the one before, while they are exchanged
        if (status === 401 || status === 403) continue;
        break;
      }
      const mail = parseJson(await limited(response));
      if (isObject(mail)) return mail;
      break;
    }
  } catch (cause) {
    throw apiError("provider_failed", { cause });
  }
  throw apiError("provider_failed", { details: { provider: "resend", status }, headers: { "retry-after": "60" } });
}

async function limited(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > contentLimit) throw new Error(`The e-mail is larger than ${contentLimit} bytes`);
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}
