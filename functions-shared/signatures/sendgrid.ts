// SendGrid's event webhook and, with a security policy, its inbound parse: ECDSA on P-256 over "<timestamp><body>". The
// key is public (SubjectPublicKeyInfo in base64), the signature in DER, which WebCrypto does not take.
import { type Bytes, fromBase64, joined } from "../encoding.ts";
import { checkTime, type Verdict } from "./verdict.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256" } as const;

/** A public key as SendGrid shows it, or as PEM; null where it is none. */
export async function sendgridKey(text: string): Promise<CryptoKey | null> {
  const bytes = fromBase64(text.replaceAll(/-----(BEGIN|END) PUBLIC KEY-----|\s/g, ""));
  if (!bytes) return null;
  try {
    return await crypto.subtle.importKey("spki", bytes, algorithm, false, ["verify"]);
  } catch {
    return null;
  }
}

/** `tolerance` in seconds; without it a signature is good for ever, and only deduplication stops a replay. */
export async function verifySendgrid(
  publicKeys: string[],
  headers: Headers,
  body: Bytes,
  now: number,
  tolerance?: number,
): Promise<Verdict> {
  const header = headers.get("x-twilio-email-event-webhook-signature");
  const timestamp = headers.get("x-twilio-email-event-webhook-timestamp");
  if (!header || !timestamp) return "missing";
  const der = fromBase64(header);
  const signature = der && fixedLength(der);
  // Ten digits: nothing separates the timestamp from the body, whose first digits could pass for its last.
  if (!signature || !/^\d{10}$/.test(timestamp)) return "malformed";
  const late = checkTime(timestamp, now, tolerance ?? Infinity);
  if (late) return late;
  const message = joined(timestamp, body);
  for (const publicKey of publicKeys) {
    const key = await sendgridKey(publicKey);
    if (key && await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, message)) return null;
  }
  return "mismatch";
}

/** DER's SEQUENCE of two INTEGERs as the 64 bytes of IEEE P1363, or null. */
function fixedLength(der: Bytes): Bytes | null {
  if (der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const numbers = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1];
    if (der[at] !== 0x02 || length === undefined || length === 0 || at + 2 + length > der.length) return null;
    let digits = der.subarray(at + 2, at + 2 + length);
    // a leading zero keeps a high bit from meaning a negative number
    if (digits.length > 1 && digits[0] === 0) digits = digits.subarray(1);
    if (digits.length > 32) return null;
    numbers.set(digits, end - digits.length);
    at += 2 + length;
  }
  return at === der.length ? numbers : null;
}
