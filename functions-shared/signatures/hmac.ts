// HMAC and secrets compared in constant time: by the platform's own verify, which does not tell how much agreed.
import type { Bytes } from "../encoding.ts";

export type Hash = "SHA-1" | "SHA-256" | "SHA-512";

/** Whether one of the keys made one of the signatures. An empty key makes none. */
export async function hmacMatches(
  hash: Hash,
  keys: Bytes[],
  message: Bytes,
  signatures: Bytes[],
): Promise<boolean> {
  let matches = false;
  for (const key of keys) {
    if (key.length === 0) continue;
    const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["verify"]);
    for (const signature of signatures) {
      if (await crypto.subtle.verify("HMAC", imported, signature, message)) matches = true;
    }
  }
  return matches;
}

export async function hmac(hash: Hash, key: Bytes, message: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

/** Whether a text is one of the secrets. Compares MACs under a key of the moment: equal length, constant time. */
export async function isSecret(given: Bytes, secrets: Bytes[]): Promise<boolean> {
  const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  const mac = await crypto.subtle.sign("HMAC", key, given);
  let matches = false;
  for (const secret of secrets) {
    if (secret.length > 0 && await crypto.subtle.verify("HMAC", key, mac, secret)) matches = true;
  }
  return matches;
}
