// What becomes of a provider's request once it is verified: what triggers.receive_event takes.
import type { Bytes } from "../encoding.ts";
import { apiError } from "../errors.ts";
import { isObject, type JsonObject, parseJson, record } from "../json.ts";

export interface InboundEvent {
  /** What a trigger may listen to (trigger_index.index_key); "*" need not be among them. */
  keys: string[];
  /** What triggers' filters look at. */
  event: Record<string, unknown>;
  /** The execution's input. */
  payload: Record<string, unknown>;
  /** The provider's own id of what it delivers: one that comes again starts nothing. */
  deliveryId: string | null;
  /** What verified the request where that is good for one delivery only. */
  singleUseToken?: string;
}

/** A JSON object. Throws json_invalid, json_too_deep. */
export function parseObject(bytes: Bytes): JsonObject {
  const value = parseJson(bytes);
  if (!isObject(value)) throw apiError("json_invalid", { message: "The body is no JSON object" });
  return value;
}

export const objectAt = (value: JsonObject, name: string): JsonObject => record(value[name]);

export const textAt = (value: JsonObject, name: string): string | null =>
  typeof value[name] === "string" ? value[name] as string : null;

export function isForm(headers: Headers): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers.get("content-type")?.trim() ?? "");
}

const mostFields = 2_000;
const multipart = /^multipart\/form-data *;(?:[^"]*;)? *boundary=("?)([\w'()+,.\/:=? -]{1,70})\1 *(?:;|$)/i;

/** The fields of a form, in either of its encodings. Throws body_unreadable. */
export async function readForm(headers: Headers, bytes: Bytes): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { "content-type": formType(headers, bytes) } }).formData();
  } catch (cause) {
    throw apiError("body_unreadable", { message: "The form could not be read", cause });
  }
}

/**
 * The form's type, where it has a number of fields that an e-mail may have. Who sends it may not be known yet, and reading
 * millions of empty fields takes many seconds.
 */
function formType(headers: Headers, bytes: Bytes): string {
  const type = headers.get("content-type")?.trim() ?? "";
  const boundary = multipart.exec(type)?.[2]?.trimEnd();
  if (boundary === undefined && !isForm(headers)) throw new Error("This is no type of a form");
  if (timesIn(bytes, boundary === undefined ? "&" : `--${boundary}`, mostFields) > mostFields) {
    throw new Error("The form has too many fields");
  }
  // as it was counted, whatever else the header says
  return boundary === undefined ? type : `multipart/form-data; boundary="${boundary}"`;
}

/** How often an ASCII text is in the bytes, up to more than `most`; each byte is looked at once, whatever is sought. */
function timesIn(bytes: Bytes, text: string, most: number): number {
  const sought = new TextEncoder().encode(text);
  // how much of its beginning ends at each of its bytes (Knuth, Morris, Pratt)
  const known = [0];
  const next = (matched: number, byte: number) => {
    while (matched > 0 && sought[matched] !== byte) matched = known[matched - 1]!;
    return sought[matched] === byte ? matched + 1 : 0;
  };
  for (let i = 1; i < sought.length; i++) known.push(next(known[i - 1]!, sought[i]!));
  let times = 0;
  let matched = 0;
  for (let at = 0; at < bytes.length && times <= most; at++) {
    matched = next(matched, bytes[at]!);
    if (matched < sought.length) continue;
    times++;
    matched = 0;
  }
  return times;
}
