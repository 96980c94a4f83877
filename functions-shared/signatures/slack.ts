// Slack's v0: "v0=" and the hexadecimal HMAC of "v0:<timestamp>:<body>", not older than five minutes.
import { type Bytes, fromHex, joined, utf8 } from "../encoding.ts";
import { hmacMatches } from "./hmac.ts";
import { checkTime, type Verdict } from "./verdict.ts";

const slackTolerance = 300;

export async function verifySlack(secrets: string[], headers: Headers, body: Bytes, now: number): Promise<Verdict> {
  const header = headers.get("x-slack-signature");
  const timestamp = headers.get("x-slack-request-timestamp");
  if (!header || !timestamp) return "missing";
  const signature = header.startsWith("v0=") ? fromHex(header.slice(3)) : null;
  if (!signature) return "malformed";
  const late = checkTime(timestamp, now, slackTolerance);
  if (late) return late;
  const message = joined(`v0:${timestamp}:`, body);
  return await hmacMatches("SHA-256", secrets.map(utf8), message, [signature]) ? null : "mismatch";
}
