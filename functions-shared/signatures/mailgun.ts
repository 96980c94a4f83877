// Mailgun signs "<timestamp><token>" and not the message: fields of the form itself. So the token must count once only
// (triggers.receive_event remembers it for as long as the timestamp is good).
import { fromHex, joined, utf8 } from "../encoding.ts";
import { hmacMatches } from "./hmac.ts";
import { checkTime, type Verdict } from "./verdict.ts";

/** Mailgun repeats a delivery for eight hours. */
const mailgunTolerance = 8 * 3600;

export interface MailgunSignature {
  timestamp?: string;
  token?: string;
  signature?: string;
}

export async function verifyMailgun(
  secrets: string[],
  { timestamp, token, signature }: MailgunSignature,
  now: number,
): Promise<Verdict> {
  if (!timestamp || !token || !signature) return "missing";
  const mac = fromHex(signature);
  // Digits of the token could otherwise pass for the timestamp's.
  if (!mac || !/^\d{10}$/.test(timestamp) || !/^[A-Za-z0-9]{20,100}$/.test(token)) return "malformed";
  const late = checkTime(timestamp, now, mailgunTolerance);
  if (late) return late;
  return await hmacMatches("SHA-256", secrets.map(utf8), joined(timestamp, token), [mac]) ? null : "mismatch";
}
