// JSON as this system may hold it: of bounded depth, and without the code points that jsonb cannot store.
import { busy } from "./busy_time.ts";
import { apiError } from "./errors.ts";

export const maximumDepth = 100;

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is an object, else an empty one. */
export function record(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The value if it is a list, else an empty one. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Parses UTF-8 JSON. Throws json_invalid or json_too_deep. */
export function parseJson(bytes: Uint8Array, depth = maximumDepth): unknown {
  return busy(() => parse(bytes, depth));
}

function parse(bytes: Uint8Array, depth: number): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw apiError("json_invalid", { message: "The body is not valid UTF-8" });
  }
  if (text.trim() === "") throw apiError("json_invalid", { message: "The body is empty" });
  // Before parsing: a parser of nested values may itself exhaust the stack.
  if (isTooDeep(text, depth)) {
    throw apiError("json_too_deep", { message: `The JSON is nested more than ${depth} levels deep` });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the text around the fault, which may hold secrets; its position is enough.
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    throw apiError("json_invalid", { details: position ? { position: Number(position) } : undefined });
  }
}

export function isTooDeep(text: string, limit = maximumDepth): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (quoted) {
      if (character === 0x5c) i++;
      else if (character === 0x22) quoted = false;
    } else if (character === 0x22) quoted = true;
    else if (character === 0x7b || character === 0x5b) {
      if (++depth > limit) return true;
    } else if (character === 0x7d || character === 0x5d) depth--;
  }
  return false;
}

/** The value as JSON text that jsonb takes: U+0000 and lone surrogates become U+FFFD. */
export function storableJson(value: unknown): string {
  return busy(() => write(value));
}

function write(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  if (!/\\u(0000|d[89a-f]..)/i.test(text)) return text;
  return JSON.stringify(value, (_, part) => {
    if (typeof part === "string") return storableText(part);
    if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [storableText(key), inner]));
  });
}

function storableText(text: string): string {
  return text.replaceAll("\0", "\ufffd").toWellFormed();
}
