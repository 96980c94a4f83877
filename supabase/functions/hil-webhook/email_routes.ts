// Replies by e-mail.
import type { App } from "shared/app.ts";
import { apiError } from "shared/errors.ts";
import { contentId, keptHeaders, receiveAnswer } from "shared/inbound/answer.ts";
import { emailProviders, findIntegration, verifiedEmail } from "shared/inbound/delivery.ts";
import { emailAnswer } from "shared/inbound/email_answer.ts";
import type { HilWebhookDependencies } from "./handler.ts";
import { ReceivedSchema } from "./webhook_routes.ts";

export function addEmailRoutes(app: App, dependencies: HilWebhookDependencies): void {
  app.route({
    method: "post",
    path: "/email/:provider/:integration",
    uuids: ["integration"],
    summary: "A reply by e-mail",
    description: "From Resend, SendGrid (with a security policy), Mailgun or Postmark (with Basic authentication). " +
      "What it answers is known by the address it was sent to (name+token@...), or by In-Reply-To and References.",
    // not 202: to Mailgun and Postmark anything but 200 means to deliver again
    responses: { 200: { description: "It was kept, and what it came to; {} of no e-mail", schema: ReceivedSchema } },
  }, async ({ c }) => {
    const provider = emailProviders.find((known) => known === c.req.param("provider"));
    if (!provider) throw apiError("route_not_found");
    const integration = await findIntegration(dependencies, c.req.param("integration")!, provider);
    const inbound = await verifiedEmail(dependencies, provider, integration, c.req.raw);
    if (!inbound) return c.json({}, 200);
    const answer = emailAnswer(inbound);
    const received = await receiveAnswer(dependencies, {
      provider,
      integrationId: integration!.id,
      messageId: inbound.deliveryId ?? await contentId(new TextEncoder().encode(JSON.stringify(answer.raw))),
      ...answer,
      headers: { ...keptHeaders(c.req.raw.headers), ...answer.headers },
      ...(inbound.singleUseToken && { singleUseToken: inbound.singleUseToken }),
    });
    return c.json(received ?? {}, 200);
  });
}
