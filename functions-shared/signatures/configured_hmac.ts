// HMAC in whatever header and form a sender uses: of the body or, with a timestamp header, of "<timestamp>.<body>".
import { type Bytes, fromBase64, fromHex, joined, utf8 } from "../encoding.ts";
import { type Hash, hmacMatches } from "./hmac.ts";
import { checkTime, type Verdict } from "./verdict.ts";

export interface HmacConfig {
  header: string;
  algorithm?: "sha256" | "sha1" | "sha512";
  encoding?: "hex" | "base64";
  /** Before the signature, as "sha256=" */
  prefix?: string;
  timestamp_header?: string;
  tolerance_seconds?: number;
}

const hashes: Record<string, Hash> = { sha256: "SHA-256", sha1: "SHA-1", sha512: "SHA-512" };

export async function verifyConfiguredHmac(
  secrets: string[],
  config: HmacConfig,
  headers: Headers,
  body: Bytes,
  now: number,
): Promise<Verdict> {
  const { prefix = "", timestamp_header } = config;
  const header = headers.get(config.header);
  const timestamp = timestamp_header ? headers.get(timestamp_header) : null;
  if (!header || (timestamp_header && !timestamp)) return "missing";
  const text = header.startsWith(prefix) ? header.slice(prefix.length) : "";
  const signature = config.encoding === "base64" ? fromBase64(text) : fromHex(text);
  if (!signature) return "malformed";
  const late = timestamp && checkTime(timestamp, now, config.tolerance_seconds ?? 300);
  if (late) return late;
  const message = timestamp ? joined(timestamp, ".", body) : body;
  const hash = hashes[config.algorithm ?? "sha256"]!;
  return await hmacMatches(hash, secrets.map(utf8), message, [signature]) ? null : "mismatch";
}
