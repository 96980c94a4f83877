// What other systems deliver: verified by a secret of the workspace's integration before anything is read out of it,
// then matched with triggers by SQL.
import { z } from "@hono/zod-openapi";
import { type App, bodyLimit, readBytes } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import { apiError, isConflict } from "shared/errors.ts";
import { FernetError, type KeyRing } from "shared/fernet.ts";
import { type InboundEvent, readForm } from "shared/inbound/event.ts";
import { parseGithub } from "shared/inbound/github.ts";
import { mailgunSignature, parseMailgun } from "shared/inbound/mailgun.ts";
import { parsePostmark } from "shared/inbound/postmark.ts";
import { parseResend } from "shared/inbound/resend.ts";
import { parseSendgrid } from "shared/inbound/sendgrid.ts";
import { parseSlack } from "shared/inbound/slack.ts";
import { storableJson } from "shared/json.ts";
import { background } from "shared/serve.ts";
import { verifyGithub } from "shared/signatures/github.ts";
import { verifyMailgun } from "shared/signatures/mailgun.ts";
import { verifySendgrid } from "shared/signatures/sendgrid.ts";
import { verifyBasic } from "shared/signatures/shared_secret.ts";
import { verifySlack } from "shared/signatures/slack.ts";
import { newStandardSecret, verifyStandard } from "shared/signatures/standard_webhooks.ts";
import type { Verdict } from "shared/signatures/verdict.ts";
import type { Worker } from "shared/worker.ts";

export interface HookDependencies {
  database: Pick<Database, "sql">;
  worker: Pick<Worker, "wake">;
  /** Of integrations' secrets; without it none can be verified. */
  keys?: KeyRing;
  /** Where the content of Resend's e-mails is fetched; theirs unless a test says another. */
  resendUrl?: string;
  log?: (line: Record<string, unknown>) => void;
}

export interface Integration {
  id: string;
  provider: string;
  external_id: string | null;
  // deno-lint-ignore no-explicit-any
  config: any;
  secrets: { purpose: "signing" | "api_key"; ciphertext: string }[];
}

const emailLimit = 25 * 1024 * 1024;
const emailProviders = ["resend", "sendgrid", "mailgun", "postmark"] as const;
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
  const { database, worker, resendUrl } = dependencies;

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
    const inbound = await verifiedEmail(provider, integration, c.req.raw);
    return c.json(inbound ? await receive(integration!, "EMAIL", inbound) : { executions: [] }, 200);
  });

  async function verifiedEmail(
    provider: typeof emailProviders[number],
    integration: Integration | null,
    request: Request,
  ): Promise<InboundEvent | null> {
    const { headers } = request;
    const require = (verify: (secrets: string[]) => Promise<Verdict>) =>
      requireVerdict(dependencies, integration, verify);
    if (provider === "postmark") {
      await require((secrets) => verifyBasic(secrets, integration?.config.username ?? "postmark", headers));
      return parsePostmark(await readBytes(request, emailLimit));
    }
    const bytes = await readBytes(request, provider === "resend" ? bodyLimit : emailLimit);
    if (provider === "mailgun") {
      // the one whose signature lies in the body, which is read as a form for it and for nothing else
      const form = await readForm(headers, bytes);
      await require((secrets) => verifyMailgun(secrets, mailgunSignature(form), now()));
      return await parseMailgun(form);
    }
    if (provider === "sendgrid") {
      const tolerance = integration?.config.tolerance_seconds;
      await require((secrets) => verifySendgrid(secrets, headers, bytes, now(), tolerance));
      return await parseSendgrid(headers, bytes);
    }
    await require((secrets) => verifyStandard(secrets, headers, bytes, now(), "svix"));
    return await parseResend(bytes, await secretsOf(dependencies, integration!, "api_key"), resendUrl);
  }
}

/** The integration that a hook's URL names, or null: to be refused like a wrong signature, by requireVerdict. */
async function findIntegration(
  { database }: HookDependencies,
  id: string,
  provider: string,
): Promise<Integration | null> {
  const [row] = await database.sql`select integrations.for_delivery(${id}) as answer`;
  const integration: Integration | null = row!.answer;
  return integration?.provider === provider ? integration : null;
}

/**
 * Throws signature_invalid unless one of the integration's secrets verifies the request, and rate_limited where it
 * delivers too much. Without an integration about the same work is done with a secret that nobody has, and the answer is
 * the same: what ids exist is not told.
 */
export async function requireVerdict(
  dependencies: HookDependencies,
  integration: Integration | null,
  verify: (secrets: string[]) => Promise<Verdict>,
): Promise<void> {
  // one that only sends has no secret to verify anything with
  const verifies = integration?.secrets.some(({ purpose }) => purpose === "signing");
  if (!verifies) integration = null;
  const secrets = integration ? await secretsOf(dependencies, integration, "signing") : [newStandardSecret()];
  const refusal = await verify(secrets);
  if (refusal !== null || !integration) {
    const log = dependencies.log ?? ((line) => console.log(JSON.stringify(line)));
    log({ level: "info", event: "hook_refused", integration_id: integration?.id ?? null, reason: refusal });
    throw apiError("signature_invalid");
  }
  await admitDelivery(dependencies, integration.id);
}

export async function admitDelivery({ database }: HookDependencies, hookId: string): Promise<void> {
  const [row] = await database.sql`select triggers.admit_delivery(${hookId}) as answer`;
  if (row!.answer !== null) throw apiError("rate_limited", { headers: { "retry-after": String(row!.answer) } });
}

async function secretsOf({ keys }: HookDependencies, integration: Integration, purpose: string): Promise<string[]> {
  const tokens = integration.secrets.filter((one) => one.purpose === purpose).map((one) => one.ciphertext);
  const secrets: string[] = [];
  for (const token of tokens) {
    try {
      if (keys) secrets.push(await keys.decrypt(token));
    } catch (error) {
      // the rest of the ring may do
      if (!(error instanceof FernetError)) throw error;
    }
  }
  if (secrets.length === 0) throw apiError("encryption_unavailable");
  return secrets;
}

/** Deadlocks and the like keep nothing of a statement: it is repeated. */
export async function repeated<T>(call: () => PromiseLike<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!isConflict(error) || attempt === 4) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt * (0.5 + Math.random())));
    }
  }
}
