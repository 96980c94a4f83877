// X-Hub-Signature-256: "sha256=" and the hexadecimal HMAC of the body. There is no time in it: a delivery id that comes
// again starts nothing.
import { type Bytes, fromHex, utf8 } from "../encoding.ts";
import { hmacMatches } from "./hmac.ts";
import type { Verdict } from "./verdict.ts";

export async function verifyGithub(secrets: string[], headers: Headers, body: Bytes): Promise<Verdict> {
  const header = headers.get("x-hub-signature-256");
  if (!header) return "missing";
  const signature = header.startsWith("sha256=") ? fromHex(header.slice(7)) : null;
  if (!signature) return "malformed";
  return await hmacMatches("SHA-256", secrets.map(utf8), body, [signature]) ? null : "mismatch";
}
