// Answers of other systems, proved as their integration says.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import { apiError } from "shared/errors.ts";
import { type Answer, contentId, keptHeaders, receiveAnswer, type Received } from "shared/inbound/answer.ts";
import { admitDelivery, findIntegration, verifiedWebhook } from "shared/inbound/delivery.ts";
import { createMailbox } from "shared/inbound/mailbox.ts";
import { parseJson } from "shared/json.ts";
import { problemsOf } from "shared/validation.ts";
import type { HilWebhookDependencies } from "./handler.ts";

export const decisions = ["approve", "reject", "answer", "accept", "edit", "respond", "ignore"] as const;

const Body = z.looseObject({
  token: z.string().min(1).max(200).optional().openapi({ description: "The last part of the question's respond_url" }),
  interaction_id: z.uuid().optional(),
  correlation_id: z.string().min(1).max(255).optional()
    .openapi({ description: "The asker's own id; its answer may come before the question" }),
  decision: z.enum(decisions).optional(),
  data: z.unknown().optional(),
  comment: z.string().max(10_000).optional(),
  text: z.string().max(100_000).optional().openapi({ description: "A person's words, where no decision is given" }),
});

export const ReceivedSchema = z.looseObject({
  response_id: z.uuid(),
  status: z.string().openapi({ description: "matched, unmatched, filtered_out or error; of 202 unprocessed" }),
  interaction_id: z.uuid().nullish(),
  outcome: z.string().nullish(),
  decided_by: z.unknown().optional(),
  message: z.string().nullish(),
}).openapi("ReceivedAnswer");

export function addWebhookRoutes(app: App, dependencies: HilWebhookDependencies): void {
  const mailbox = createMailbox(dependencies.database);
  app.route({
    method: "post",
    path: "/webhook/:integration",
    uuids: ["integration"],
    summary: "An answer of another system",
    description: "Proved as the integration says, by Standard Webhooks at best; webhook-id is the delivery's id. " +
      "Body: {interaction_id | token | correlation_id, decision, data?, comment?} or {text}. A repeated delivery " +
      "changes nothing, and tells what became of the first.",
    responses: {
      200: { description: "It was kept, and what it came to", schema: ReceivedSchema },
      202: { description: "It was kept, and will be decided: many are before it", schema: ReceivedSchema },
    },
  }, async ({ c }) => {
    const { headers } = c.req.raw;
    const integration = await findIntegration(dependencies, c.req.param("integration")!, "webhook");
    const bytes = await verifiedWebhook({ ...dependencies, countedLater: true }, integration, c.req.raw);
    const raw = parseJson(bytes);
    const body = Body.safeParse(raw);
    if (!body.success) throw apiError("request_invalid", { details: { problems: problemsOf(body.error, "$", raw) } });
    const { token, interaction_id, correlation_id, decision, data, comment, text } = body.data;
    // of Standard Webhooks the one id that is signed
    const isStandard = integration!.config.type === "standard_webhooks";
    const answer: Answer = {
      provider: "webhook",
      integrationId: integration!.id,
      messageId: headers.get(isStandard ? "webhook-id" : "idempotency-key") ?? await contentId(bytes),
      raw,
      headers: keptHeaders(headers),
      hints: {
        ...(token && { token }),
        ...(interaction_id && { action: { interaction_id, value: decision ?? "" } }),
        ...(correlation_id && { correlation_id }),
        ...(decision && { decision }),
        ...(data !== undefined && { data }),
        ...(comment && { comment }),
        ...(text && { text }),
      },
    };
    const received = text && !decision && dependencies.classifier ? await read(answer) : await mailbox.put(answer);
    return c.json(received as z.infer<typeof ReceivedSchema>, received.status === "unprocessed" ? 202 : 200);
  });

  /** Words, where a model may be asked what they mean. */
  async function read(answer: Answer): Promise<Received> {
    await admitDelivery(dependencies, answer.integrationId);
    return (await receiveAnswer(dependencies, answer))!;
  }
}
