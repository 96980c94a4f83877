// Fernet (github.com/fernet/spec) on WebCrypto: what the database keeps of secrets. A token is
// base64url(0x80, time, IV, AES-128-CBC, HMAC-SHA-256 of all before). The first key of the ring encrypts, all decrypt.
import { type Bytes, fromBase64Url, joined, toBase64Url, utf8 } from "./encoding.ts";
import { hmac, hmacMatches } from "./signatures/hmac.ts";

export class FernetError extends Error {
  override name = "FernetError";
}

export interface KeyRing {
  encrypt(text: string): Promise<string>;
  /** Throws FernetError where no key of the ring made the token. */
  decrypt(token: string): Promise<string>;
}

export function newFernetKey(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** The 32 bytes of a key in base64url, or null. */
export function fernetKey(text: string): Bytes | null {
  const bytes = fromBase64Url(text);
  return bytes?.length === 32 ? bytes : null;
}

/** Keys in base64url, the newest first. */
export function keyRing(keys: string[]): KeyRing {
  const ring = keys.map((text) => {
    const key = fernetKey(text);
    if (!key) throw new FernetError("A key of the ring is not 32 bytes in base64url");
    return key;
  });
  // what a token says never changes; hooks ask for the same ones with each request
  const known = new Map<string, string>();
  return {
    async encrypt(text) {
      if (!ring[0]) throw new FernetError("The key ring is empty");
      return await encryptWith(ring[0], utf8(text), Math.floor(Date.now() / 1000), randomIv());
    },
    async decrypt(token) {
      const before = known.get(token);
      if (before !== undefined) return before;
      for (const key of ring) {
        const plain = await decryptWith(key, token);
        if (!plain) continue;
        const text = new TextDecoder().decode(plain);
        if (known.size >= 100) known.clear();
        known.set(token, text);
        return text;
      }
      throw new FernetError("No key of the ring made this token");
    },
  };
}

const randomIv = () => crypto.getRandomValues(new Uint8Array(16));

/** `time` in seconds. The IV must be random: it is a parameter for the specification's vectors. */
export async function encryptWith(key: Bytes, plain: Bytes, time: number, iv: Bytes): Promise<string> {
  const seconds = new Uint8Array(8);
  new DataView(seconds.buffer).setBigUint64(0, BigInt(time));
  const aes = await crypto.subtle.importKey("raw", key.subarray(16), "AES-CBC", false, ["encrypt"]);
  const secret = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv }, aes, plain));
  const signed = joined(new Uint8Array([0x80]), seconds, iv, secret);
  return toBase64Url(joined(signed, await hmac("SHA-256", key.subarray(0, 16), signed)));
}

/** The plain text, or null where the key did not make the token. Its time is not judged: what is stored stays good. */
export async function decryptWith(key: Bytes, token: string): Promise<Bytes | null> {
  const bytes = fromBase64Url(token);
  // version, time, IV, one block, MAC
  if (!bytes || bytes.length < 73 || bytes[0] !== 0x80 || (bytes.length - 57) % 16 !== 0) return null;
  const signed = bytes.subarray(0, -32);
  if (!await hmacMatches("SHA-256", [key.subarray(0, 16)], signed, [bytes.subarray(-32)])) return null;
  const aes = await crypto.subtle.importKey("raw", key.subarray(16), "AES-CBC", false, ["decrypt"]);
  const iv = bytes.subarray(9, 25);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, aes, signed.subarray(25)));
  } catch {
    return null;
  }
}
