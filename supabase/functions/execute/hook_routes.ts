// What other systems deliver: verified by a secret of the workspace's integration before anything is read out of it,
// then matched with triggers by SQL.
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type App, readBytes } from "shared/app.ts";
import { apiError } from "shared/errors.ts";
import type { ClassifierEndpoint } from "shared/classifier.ts";
import { keptHeaders, receiveAnswer, type Receiving } from "shared/inbound/answer.ts";
import {
  type DeliveryDependencies,
  emailProviders,
  findIntegration,
  type Integration,
  repeated,
  requireVerdict,
  verifiedEmail,
} from "shared/inbound/delivery.ts";
import { emailAnswer } from "shared/inbound/email_answer.ts";
import type { InboundEvent } from "shared/inbound/event.ts";
import { parseGithub } from "shared/inbound/github.ts";
import { parseSlack } from "shared/inbound/slack.ts";
import { storableJson } from "shared/json.ts";
import { background } from "shared/serve.ts";
import { verifyGithub } from "shared/signatures/github.ts";
import { verifySlack } from "shared/signatures/slack.ts";
import type { Worker } from "shared/worker.ts";

export interface HookDependencies extends DeliveryDependencies {
  /** What is asked about words that leave a doubt, if anything. */
  classifier?: ClassifierEndpoint | null;
  worker: Pick<Worker, "wake">;
}

const now = () => Math.floor(Date.now() / 1000);

const Executions = z.object({
  executions: z.array(z.object({
    workflow_id: z.uuid(),
    node_id: z.string(),
    execution_id: z.uuid().nullable(),
    status: z.string(),
    duplicate: z.boolean().openapi({ description: "True where the delivery had started it before" }),
  })),
}).openapi("StartedByEvent");
type Executions = z.infer<typeof Executions>;

export function addHookRoutes(app: App, dependencies: HookDependencies): void {
  const { database, worker } = dependencies;
  const receiving: Receiving = { ...dependencies, onRead: () => background(worker.wake()) };

  /** What answers a question is no event for triggers, too. */
  function answeredQuestion(c: Context): Response {
    background(worker.wake());
    return c.json({ executions: [] }, 200);
  }

  /** The executions of an event whose request was verified. */
  async function receive(integration: Integration, subtype: string, inbound: InboundEvent): Promise<Executions> {
    const { keys, event, payload, deliveryId, singleUseToken = null } = inbound;
    const [row] = await repeated(() =>
      database.sql`
        select triggers.receive_event(
          ${integration.id}, ${subtype},
          array(select jsonb_array_elements_text(${storableJson(keys)}::text::jsonb)),
          ${storableJson(event)}::text::jsonb, ${storableJson(payload)}::text::jsonb,
          ${deliveryId}, ${singleUseToken}) as answer`
    );
    background(worker.wake());
    return row!.answer;
  }

  app.route({
    method: "post",
    path: "/hooks/github/:integration",
    uuids: ["integration"],
    summary: "Deliver a GitHub event",
    description: "Signed with the integration's secret (X-Hub-Signature-256). A repeated delivery starts nothing.",
    responses: {
      200: { description: "A ping", schema: Executions },
      202: { description: "What it started, if anything", schema: Executions },
    },
  }, async ({ c }) => {
    const { headers } = c.req.raw;
    const integration = await findIntegration(dependencies, c.req.param("integration")!, "github");
    const bytes = await readBytes(c.req.raw);
    await requireVerdict(dependencies, integration, (secrets) => verifyGithub(secrets, headers, bytes));
    const inbound = parseGithub(headers, bytes);
    if (!inbound) return c.json({ executions: [] }, 200);
    return c.json(await receive(integration!, "GITHUB", inbound), 202);
  });

  app.route({
    method: "post",
    path: "/hooks/slack/:integration",
    uuids: ["integration"],
    summary: "Deliver a Slack event or a slash command",
    description: "Signed with the app's signing secret (X-Slack-Signature). Repeated events start nothing.",
    responses: {
      200: {
        description: "The challenge, the executions of an event, or a command's answer",
        schema: z.object({}).loose(),
      },
    },
  }, async ({ c }) => {
    const { headers } = c.req.raw;
    const integration = await findIntegration(dependencies, c.req.param("integration")!, "slack");
    const bytes = await readBytes(c.req.raw);
    await requireVerdict(dependencies, integration, (secrets) => verifySlack(secrets, headers, bytes, now()));
    const request = parseSlack(headers, bytes);
    if (request.kind === "challenge") return c.json({ challenge: request.challenge }, 200);
    if (request.kind === "ignored") return c.json({ executions: [] }, 200);
    const { external_id } = integration!;
    // An app may be installed in many teams with one signing secret.
    if (external_id !== null && !request.teams.includes(external_id)) throw apiError("signature_invalid");
    const { reply } = request;
    if (reply) {
      const { messageId, text, ...slack } = reply;
      const received = await receiveAnswer(receiving, {
        provider: "slack",
        integrationId: integration!.id,
        messageId,
        raw: request.event.payload.payload,
        headers: keptHeaders(headers),
        hints: { slack, text: text.slice(0, 20_000) },
      }, { onlyReplies: true });
      if (received?.interaction_id) return answeredQuestion(c);
    }
    const { executions } = await receive(integration!, "SLACK", request.event);
    if (request.kind === "event") return c.json({ executions }, 200);
    if (executions.length > 0) return c.body(null, 200);
    return c.json({ response_type: "ephemeral", text: "No workflow takes this command." }, 200);
  });

  app.route({
    method: "post",
    path: "/hooks/email/:provider/:integration",
    uuids: ["integration"],
    summary: "Deliver an e-mail",
    description: "From Resend, SendGrid (with a security policy), Mailgun or Postmark (with Basic authentication).",
    // not 202: to Mailgun and Postmark anything but 200 means to deliver again
    responses: { 200: { description: "What it started, if anything", schema: Executions } },
  }, async ({ c }) => {
    const provider = emailProviders.find((known) => known === c.req.param("provider"));
    if (!provider) throw apiError("route_not_found");
    const integration = await findIntegration(dependencies, c.req.param("integration")!, provider);
    const inbound = await verifiedEmail(dependencies, provider, integration, c.req.raw);
    if (!inbound) return c.json({ executions: [] }, 200);
    const received = await receiveAnswer(receiving, {
      provider,
      integrationId: integration!.id,
      messageId: inbound.deliveryId ?? crypto.randomUUID(),
      ...emailAnswer(inbound),
      ...(inbound.singleUseToken && { singleUseToken: inbound.singleUseToken }),
    }, { onlyReplies: true });
    if (received?.interaction_id) return answeredQuestion(c);
    return c.json(await receive(integration!, "EMAIL", inbound), 200);
  });
}
