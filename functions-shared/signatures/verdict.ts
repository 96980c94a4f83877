// What the checks of signatures have in common. Each is a pure function of the raw bytes; null means verified.
import type { Bytes } from "../encoding.ts";

/** Why a request was refused: for logs; whoever sent it is told only that it was. */
export type Refusal = "missing" | "malformed" | "too_old" | "too_new" | "mismatch";
export type Verdict = Refusal | null;

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

/** Joined bytes; texts as UTF-8. */
export function joined(...parts: (string | Bytes)[]): Bytes {
  const all = parts.map((part) => typeof part === "string" ? utf8(part) : part);
  const bytes = new Uint8Array(all.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of all) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Whether a time of the sender's clock is within the tolerance around ours; both in seconds. */
export function checkTime(timestamp: string, now: number, tolerance: number): Verdict {
  if (!/^\d{1,12}$/.test(timestamp)) return "malformed";
  const age = now - Number(timestamp);
  if (age > tolerance) return "too_old";
  return age < -tolerance ? "too_new" : null;
}
