// A system of the customer's own: one JSON event, signed by Standard Webhooks (standardwebhooks.com).
import { signStandard } from "../signatures/standard_webhooks.ts";
import { bareHost, effectivePort } from "../nodes/address_guard.ts";
import { ChannelError, type Network, post, refusal } from "./call.ts";
import { fitted, type Message, type Thread } from "./message.ts";

const types = {
  request: "interaction.requested",
  reminder: "interaction.reminder",
  escalation: "interaction.escalated",
  decided: "interaction.decided",
  notice: "interaction.notice",
} as const;
// of the whole event; the standard advises at most 20 kB, and what is larger is had through the link
const dataLimit = 64 * 1024;

export function composeWebhook(message: Message, now: Date): Record<string, unknown> {
  const json = JSON.stringify(message.data ?? null);
  return {
    type: types[message.kind],
    timestamp: now.toISOString(),
    data: {
      interaction_id: message.interactionId,
      interaction_type: message.type,
      title: message.title,
      text: fitted(message.text, 20_000),
      priority: message.priority,
      timeout_at: message.timeoutAt?.toISOString() ?? null,
      workflow: message.workflowName,
      ...(json.length <= dataLimit ? { data: message.data ?? null } : { data: null, data_shortened: true }),
      ...(message.type === "input" && { schema: message.schema }),
      ...(message.type === "selection" && { options: message.options, multiple: message.multiple }),
      ...(message.type === "review" && { allow: message.allow }),
      ...(message.kind === "escalation" && { escalated_from: message.escalatedFrom }),
      // GET shows it, POST {decision, data, comment} decides
      ...(message.link && { respond_url: message.link }),
      ...(message.decision && {
        outcome: message.decision.outcome,
        responded_by: message.decision.by,
        responded_at: message.decision.at?.toISOString() ?? null,
        comment: message.decision.comment,
        result: message.decision.data,
      }),
    },
  };
}

export interface WebhookAccount {
  /** All that hold now: each signs, so that the receiver may know either. */
  secrets: readonly string[];
}

/** Throws ChannelError. */
export async function sendWebhook(
  message: Message,
  { secrets }: WebhookAccount,
  network: Network,
  now = new Date(),
): Promise<{ external_id: string; thread: Thread }> {
  const url = URL.parse(message.recipient);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new ChannelError("recipient_invalid", "The recipient is no https:// URL without a password");
  }
  url.hash = "";
  const host = bareHost(url);
  const isAllowed = network.allowedHosts.some((one) =>
    [host, `${host}:${effectivePort(url)}`].includes(one.trim().toLowerCase())
  );
  // the link in it is a key
  if (url.protocol === "http:" && !isAllowed) {
    throw new ChannelError("recipient_invalid", "A webhook is sent by https:// only");
  }
  if (secrets.length === 0) {
    throw new ChannelError("integration_incomplete", "The integration has no secret to sign with", {
      details: { missing: "secret" },
    });
  }
  const body = JSON.stringify(composeWebhook(message, now));
  const signed = await signStandard(secrets, message.id, Math.floor(now.getTime() / 1000), body);
  const reply = await post({ url, headers: { "content-type": "application/json", ...signed }, body }, network);
  if (reply.status < 200 || reply.status >= 300) throw refusal("webhook", reply);
  return { external_id: message.id, thread: { webhook_id: message.id } };
}
