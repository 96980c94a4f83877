// The HTTP APIs that send a mail: hosted functions cannot open SMTP ports. Tracking is off everywhere: it would lead
// links, and the tokens in them, over other hosts.
import { toBase64 } from "../encoding.ts";
import { apiBase, type Call, ChannelError, type Network, post, refusal, type Reply, withKeys } from "./call.ts";
import { composeEmail, type EmailConfig, type Mail, parseAddress } from "./email.ts";
import type { Message } from "./message.ts";

export const emailProviders = ["resend", "sendgrid", "mailgun", "postmark"] as const;
export type EmailProvider = typeof emailProviders[number];

export interface EmailAccount {
  keys: readonly string[];
  config: EmailConfig & { api_url?: unknown; region?: unknown; domain?: unknown; message_stream?: unknown };
}

interface Provider {
  url(config: EmailAccount["config"]): string;
  call(mail: Mail, key: string, config: EmailAccount["config"], message: Message): Omit<Call, "url"> & { path: string };
  /** The id under which the provider knows the mail; null where it was refused. */
  accepted(reply: Reply): string | null;
  /** The provider's word for what is wrong. */
  said(json: Reply["json"]): unknown;
}

const json = { "content-type": "application/json" };
const isEu = (config: EmailAccount["config"]) => config.region === "eu";

const providers: Record<EmailProvider, Provider> = {
  // resend.com/docs/api-reference/emails/send-email
  resend: {
    url: () => "https://api.resend.com",
    call: (mail, key, _, message) => ({
      path: "/emails",
      headers: { ...json, authorization: `Bearer ${key}`, "idempotency-key": message.id },
      body: JSON.stringify({
        from: mail.from,
        to: [mail.to],
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        ...(mail.replyTo && { reply_to: mail.replyTo }),
        headers: mail.headers,
      }),
    }),
    accepted: ({ status, json }) =>
      status === 200 && typeof json?.id === "string"
        ? json.id
        // it went out with an earlier attempt, whose answer was lost, and whose link was another
        : status === 409 && json?.name === "invalid_idempotent_request"
        ? ""
        : null,
    said: (json) => json?.name ?? json?.message,
  },
  // twilio.com/docs/sendgrid/api-reference/mail-send
  sendgrid: {
    url: (config) => isEu(config) ? "https://api.eu.sendgrid.com" : "https://api.sendgrid.com",
    call: (mail, key) => {
      const from = parseAddress(mail.from)!;
      return {
        path: "/v3/mail/send",
        headers: { ...json, authorization: `Bearer ${key}` },
        body: JSON.stringify({
          personalizations: [{ to: [{ email: mail.to }] }],
          from: { email: from.address, ...(from.name && { name: from.name }) },
          ...(mail.replyTo && { reply_to: { email: mail.replyTo } }),
          subject: mail.subject,
          content: [{ type: "text/plain", value: mail.text }, { type: "text/html", value: mail.html }],
          headers: mail.headers,
          tracking_settings: {
            click_tracking: { enable: false, enable_text: false },
            open_tracking: { enable: false },
            subscription_tracking: { enable: false },
          },
        }),
      };
    },
    accepted: ({ status, headers }) => status === 202 ? headers.get("x-message-id") ?? "" : null,
    said: (json) => json?.errors?.[0]?.message,
  },
  // documentation.mailgun.com/docs/mailgun/api-reference
  mailgun: {
    url: (config) => isEu(config) ? "https://api.eu.mailgun.net" : "https://api.mailgun.net",
    call: (mail, key, config) => {
      const { domain } = config;
      const form = new URLSearchParams({
        from: mail.from,
        to: mail.to,
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        "o:tracking": "no",
        "o:tracking-clicks": "no",
        "o:tracking-opens": "no",
      });
      if (mail.replyTo) form.set("h:Reply-To", mail.replyTo);
      for (const [name, value] of Object.entries(mail.headers)) form.set(`h:${name}`, value);
      const sending = typeof domain === "string" && domain !== ""
        ? domain
        : parseAddress(mail.from)!.address.replace(/^.*@/, "");
      return {
        path: `/v3/${encodeURIComponent(sending)}/messages`,
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          authorization: `Basic ${toBase64(new TextEncoder().encode(`api:${key}`))}`,
        },
        body: form.toString(),
      };
    },
    accepted: ({ status, json }) => status === 200 && typeof json?.id === "string" ? json.id : null,
    said: (json) => json?.message,
  },
  // postmarkapp.com/developer/api/email-api
  postmark: {
    url: () => "https://api.postmarkapp.com",
    call: (mail, key, config) => ({
      path: "/email",
      headers: { ...json, "x-postmark-server-token": key },
      body: JSON.stringify({
        From: mail.from,
        To: mail.to,
        Subject: mail.subject,
        TextBody: mail.text,
        HtmlBody: mail.html,
        ...(mail.replyTo && { ReplyTo: mail.replyTo }),
        // without X-PM-KeepID Postmark writes a Message-ID of its own
        Headers: Object.entries({ ...mail.headers, "X-PM-KeepID": "true" }).map(([Name, Value]) => ({ Name, Value })),
        MessageStream: typeof config.message_stream === "string" ? config.message_stream : "outbound",
        TrackOpens: false,
        TrackLinks: "None",
      }),
    }),
    accepted: ({ status, json }) =>
      status === 200 && json?.ErrorCode === 0 && typeof json.MessageID === "string" ? json.MessageID : null,
    said: (json) => typeof json?.ErrorCode === "number" ? `${json.ErrorCode}: ${json.Message}` : undefined,
  },
};

/** Throws ChannelError. */
export async function sendEmail(message: Message, name: EmailProvider, account: EmailAccount, network: Network) {
  const provider = providers[name];
  const { config } = account;
  const mail = composeEmail(message, config);
  const base = apiBase(provider.url(config), config.api_url, network.allowedHosts);
  const reply = await withKeys(account.keys, ({ status }) => status === 401 || status === 403, (key) => {
    const { path, ...call } = provider.call(mail, key, config, message);
    return post({ url: new URL(base + path), ...call }, network);
  });
  const id = provider.accepted(reply);
  if (id === null) {
    if (reply.status >= 200 && reply.status < 300) {
      throw new ChannelError(`${name}_malformed`, `${name}'s answer is not what it documents`, { retryable: true });
    }
    throw refusal(name, reply, provider.said(reply.json));
  }
  return { external_id: mail.messageId, thread: { ...mail.thread, provider: name, provider_id: id } };
}
