// Standard Webhooks (headers webhook-*) and Svix (svix-*), which Resend uses: the base64 HMAC of "<id>.<timestamp>.<body>"
// after "v1,", several in one header while a secret is rotated, not older than five minutes.
import { type Bytes, fromBase64, joined, toBase64 } from "../encoding.ts";
import { hmac, hmacMatches } from "./hmac.ts";
import { checkTime, type Verdict } from "./verdict.ts";

const standardTolerance = 300;

/** The key in "whsec_<base64>" (the prefix may be left out), or null. */
export function standardKey(secret: string): Bytes | null {
  return fromBase64(secret.startsWith("whsec_") ? secret.slice(6) : secret);
}

export function newStandardSecret(): string {
  return `whsec_${toBase64(crypto.getRandomValues(new Uint8Array(32)))}`;
}

export async function verifyStandard(
  secrets: string[],
  headers: Headers,
  body: Bytes,
  now: number,
  prefix: "webhook" | "svix" = "webhook",
): Promise<Verdict> {
  const id = headers.get(`${prefix}-id`);
  const timestamp = headers.get(`${prefix}-timestamp`);
  const header = headers.get(`${prefix}-signature`);
  if (!id || !timestamp || !header) return "missing";
  // A full stop in the id would let its end pass for the timestamp.
  if (!/^[\w-]{1,255}$/.test(id)) return "malformed";
  const signatures = header.trim().split(/ +/).slice(0, 20).flatMap((part) =>
    (part.startsWith("v1,") ? fromBase64(part.slice(3)) : null) ?? []
  );
  if (signatures.length === 0) return "malformed";
  const late = checkTime(timestamp, now, standardTolerance);
  if (late) return late;
  const keys = secrets.flatMap((secret) => standardKey(secret) ?? []);
  const message = joined(`${id}.${timestamp}.`, body);
  return await hmacMatches("SHA-256", keys, message, signatures) ? null : "mismatch";
}

/** The headers that prove a body to whoever has one of the secrets. The id stays the same when it is sent again. */
export async function signStandard(
  secrets: readonly string[],
  id: string,
  timestamp: number,
  body: string,
): Promise<{ "webhook-id": string; "webhook-timestamp": string; "webhook-signature": string }> {
  const message = joined(`${id}.${timestamp}.`, body);
  const signatures = await Promise.all(secrets.map(async (secret) => {
    const key = standardKey(secret);
    if (!key) throw new Error("A secret is not whsec_ and base64");
    return `v1,${toBase64(await hmac("SHA-256", key, message))}`;
  }));
  return { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signatures.join(" ") };
}
