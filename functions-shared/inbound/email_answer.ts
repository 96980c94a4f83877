// What a reply by e-mail says, for hil.receive.
import type { Hints } from "./answer.ts";
import type { InboundEmail } from "./email.ts";
import type { InboundEvent } from "./event.ts";
import { replyText } from "./reply_text.ts";

// of hil.new_token; mail systems may change the case of an address
const tokenPattern = /^[a-z2-7]{52}$/i;

export function emailAnswer(
  inbound: InboundEvent,
): { raw: Record<string, unknown>; headers: Record<string, string>; hints: Hints } {
  const mail = inbound.payload as unknown as InboundEmail;
  const { from, in_reply_to, references, tag, automatic } = mail;
  return {
    // a list of the attachments, without their content
    raw: { ...mail, attachments: mail.attachments.map(({ base64: _, ...rest }) => rest) },
    // whatever said so in the mail
    headers: automatic ? { "auto-submitted": "auto-generated" } : {},
    hints: {
      ...(tag && tokenPattern.test(tag) && { token: tag.toLowerCase() }),
      // A mail only claims its sender: alone he is no proof of what it answers. What providers found by SPF and DKIM comes as
      // headers, which the mail may bring itself (Postmark, Resend, Mailgun with its filter off), or, SendGrid's, without
      // a word on whether it is the sender's domain that signed.
      email: { from, in_reply_to, references, tag, automatic, authenticated: false },
      text: replyText(mail).slice(0, 20_000),
    },
  };
}
