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

/** The fields of a form, in either of its encodings. Throws body_unreadable. */
export async function readForm(headers: Headers, bytes: Bytes): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { "content-type": headers.get("content-type") ?? "" } }).formData();
  } catch (cause) {
    throw apiError("body_unreadable", { message: "The form could not be read", cause });
  }
}
