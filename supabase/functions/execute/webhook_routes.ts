// Requests to WEBHOOK triggers: proved where the trigger asks for it, then started by SQL; answered at once or, by the
// trigger's response_mode, with what the workflow says.
import { z } from "@hono/zod-openapi";
import { type App, readBytes } from "shared/app.ts";
import { apiError } from "shared/errors.ts";
import { admitDelivery, type Integration, repeated, verifiedWebhook } from "shared/inbound/delivery.ts";
import { storableJson } from "shared/json.ts";
import { background } from "shared/serve.ts";
import { pause } from "shared/sse.ts";
import type { HookDependencies } from "./hook_routes.ts";
import { deliveryKey, webhookRequest } from "./webhook_request.ts";
import { answerOf, type WebhookState } from "./webhook_response.ts";

export interface WebhookDependencies extends HookDependencies {
  /** Public base URL of the project. */
  url: string;
  /** How long a request waits for its answer. */
  maximumWaitMs?: number;
}

interface Config {
  response_mode: "async" | "last_node" | "respond";
  raw_body: boolean;
  integration: Integration | null;
}

interface Received {
  execution_id: string;
  status: string;
  duplicate: boolean;
  /** It is, but for its headers, the request that started the execution. */
  same_request: boolean;
}

// each asks the database several times a second
const mostThatWait = 200;
// so that no one webhook, whose workflow may take its time, has all of them
const mostOfOne = 50;

export function addWebhookRoutes(app: App, dependencies: WebhookDependencies): void {
  const { database, worker, url, maximumWaitMs = 30_000 } = dependencies;
  const waiting = new Map<string, number>();
  const waitingFor = (triggerId: string) => waiting.get(triggerId) ?? 0;

  for (const path of ["/hooks/webhook/:triggerId", "/hooks/webhook/:triggerId/*"]) {
    app.route({
      method: "all",
      path,
      summary: "Deliver a webhook to a trigger",
      description: "The trigger's id is a secret; it may ask for a signature, a header or Basic authentication too. " +
        "A repeated delivery id starts nothing; the same request with it is answered the same.",
      responses: {
        200: { description: "By response_mode: the workflow's answer, whatever its status", schema: z.unknown() },
        202: {
          description: "Received",
          schema: z.object({ execution_id: z.uuid(), status: z.string(), duplicate: z.boolean() }),
        },
      },
    }, async ({ c }) => {
      const triggerId = c.req.param("triggerId")!;
      if (!z.uuid().safeParse(triggerId).success) throw apiError("trigger_not_found");
      const sent = deliveryKey(c.req.raw.headers);
      // Link checkers ask so; no provider delivers so.
      if (c.req.method === "HEAD" || c.req.method === "OPTIONS") throw apiError("method_not_allowed");
      const prefix = `/hooks/webhook/${triggerId}`;
      const pathname = new URL(c.req.url).pathname;
      const at = pathname.indexOf(prefix);
      if (at < 0) throw apiError("trigger_not_found");
      const rest = pathname.slice(at + prefix.length);

      const [row] = await database.sql`select triggers.webhook_config(${triggerId}) as answer`;
      const config: Config | null = row!.answer;
      if (!config) throw apiError("trigger_not_found");
      const { integration } = config;
      // the one id that is signed
      const key = integration?.config.type === "standard_webhooks" ? c.req.header("webhook-id") ?? null : sent;
      const bytes = integration
        ? await verifiedWebhook(dependencies, integration, c.req.raw)
        : await admitDelivery(dependencies, triggerId).then(() => readBytes(c.req.raw));
      const request = await webhookRequest(c.req.raw, rest, bytes, {
        rawBody: config.raw_body,
        // a secret, or a signature that would be good again
        ...(integration?.config.header && { withheld: integration.config.header }),
      });
      const [started] = await repeated(() =>
        database.sql`
          select triggers.receive_webhook(
            ${triggerId}, ${request.method}, ${request.path}, ${storableJson(request)}::text::jsonb, ${key},
            ${integration?.id ?? null}) as answer`
      );
      background(worker.wake());
      const { same_request, ...received }: Received = started!.answer;
      if (config.response_mode === "async" || !same_request) return c.json(received, 202);
      const state = await answered(
        triggerId.toLowerCase(),
        received.execution_id,
        config.response_mode === "respond",
        c.req.raw.signal,
      );
      if (state) return answerOf(state, received.execution_id);
      return c.json(received, 202, { location: `${url}/functions/v1/execute/${received.execution_id}` });
    });
  }

  /** What an execution answers, or null where that takes too long or the sender has gone. */
  async function answered(
    triggerId: string,
    id: string,
    mayRespond: boolean,
    signal: AbortSignal,
  ): Promise<WebhookState | null> {
    const all = waiting.values().reduce((sum, some) => sum + some, 0);
    if (all >= mostThatWait || waitingFor(triggerId) >= mostOfOne) return null;
    waiting.set(triggerId, waitingFor(triggerId) + 1);
    try {
      const until = performance.now() + maximumWaitMs;
      for (let delay = 8; !signal.aborted;) {
        const [row] = await database.sql`select engine.webhook_response(${id}) as answer`;
        const state: WebhookState = row!.answer;
        if (state.ended || (mayRespond && state.response)) {
          return mayRespond ? state : { ...state, response: null };
        }
        const left = until - performance.now();
        if (left <= 0 || !await pause(Math.min(delay, left), signal)) return null;
        delay = Math.min(delay * 1.5, 250);
      }
      return null;
    } finally {
      const left = waitingFor(triggerId) - 1;
      if (left > 0) waiting.set(triggerId, left);
      else waiting.delete(triggerId);
    }
  }
}
