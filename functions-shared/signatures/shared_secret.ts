// A secret that is sent along: Basic authentication, or a header of its own. It proves who sends, not what.
import { fromBase64, joined, utf8 } from "../encoding.ts";
import { isSecret } from "./hmac.ts";
import type { Verdict } from "./verdict.ts";

export async function verifyBasic(secrets: string[], username: string, headers: Headers): Promise<Verdict> {
  const header = headers.get("authorization");
  if (!header) return "missing";
  const credentials = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header.trim());
  const given = credentials && fromBase64(credentials[1]!);
  if (!given) return "malformed";
  return await isSecret(given, secrets.map((secret) => joined(username, ":", secret))) ? null : "mismatch";
}

export async function verifyHeader(secrets: string[], name: string, headers: Headers): Promise<Verdict> {
  const given = headers.get(name);
  if (!given) return "missing";
  return await isSecret(utf8(given), secrets.map(utf8)) ? null : "mismatch";
}
