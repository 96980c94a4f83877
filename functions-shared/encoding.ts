// Bytes and text. Hosted edge functions run on a Deno whose Uint8Array has no toBase64, toHex and the like yet.

export type Bytes = Uint8Array<ArrayBuffer>;

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

/** Joined bytes; texts as UTF-8. */
export const joined = (...parts: (string | Bytes)[]): Bytes =>
  concatenated(parts.map((part) => typeof part === "string" ? utf8(part) : part));

/** The parts of a stream, which may be more than a call has arguments. */
export function concatenated(parts: Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

/** With padding, as Fernet has it. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_");
}

/** Null where it is not base64 of at least a byte; padding may be left out. */
export function fromBase64(text: string): Bytes | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

export function fromBase64Url(text: string): Bytes | null {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return null;
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Null where it is not hexadecimal of at least a byte. */
export function fromHex(text: string): Bytes | null {
  if (!/^([0-9a-fA-F]{2})+$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
