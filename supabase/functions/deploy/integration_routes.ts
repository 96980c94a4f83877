// Integrations: what SQL cannot do about them is to make, encrypt and judge secrets.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import { toBase64Url } from "shared/encoding.ts";
import { apiError, type Problem } from "shared/errors.ts";
import type { KeyRing } from "shared/fernet.ts";
import { storableJson } from "shared/json.ts";
import { sendgridKey } from "shared/signatures/sendgrid.ts";
import { newStandardSecret, standardKey } from "shared/signatures/standard_webhooks.ts";
import { hookUrl } from "./hook_urls.ts";

export interface IntegrationDependencies {
  database: Database;
  url: string;
  /** Without it, or without a key in it, no integration can be made. */
  keys?: KeyRing;
}

const providers = ["github", "slack", "resend", "sendgrid", "mailgun", "postmark", "webhook"] as const;
type Provider = typeof providers[number];
type Config = { type?: unknown; [field: string]: unknown };

const Secret = z.string().min(1).max(4096);
const Integration = z.looseObject({
  id: z.uuid(),
  workspace_id: z.uuid(),
  provider: z.enum(providers),
  name: z.string(),
  external_id: z.string().nullable(),
  config: z.looseObject({}),
  is_active: z.boolean(),
  hook_url: z.url().nullable().openapi({
    description: "Where the other system delivers to; null of webhook, whose triggers have their own",
  }),
}).openapi("Integration");

const CreateBody = z.strictObject({
  provider: z.enum(providers),
  name: z.string().min(1).max(200),
  external_id: z.string().min(1).max(200).nullish()
    .openapi({ description: "The account's id over there; of slack the team, and others are refused" }),
  config: z.looseObject({}).nullish().openapi({ description: "Of webhook {type: hmac|basic|header|..., ...}" }),
  secret: Secret.nullish().openapi({
    description: "Signing secret of slack and resend, public key of sendgrid, webhook signing key of mailgun: not " +
      "needed by slack, sendgrid and mailgun to send only; of github, postmark and webhook one is made when it is left out",
  }),
  api_key: Secret.nullish().openapi({
    description: "What we send with: Slack's bot token, an API key of the e-mail provider (Postmark's server token). " +
      "Resend always needs it: its hook says what came, the API what is in it",
  }),
  workspace_id: z.uuid().nullish().openapi({ description: "The caller's personal workspace without it" }),
}).openapi("CreateIntegration");

const RotateBody = z.strictObject({
  secret: Secret.nullish(),
  api_key: Secret.nullish(),
  grace_seconds: z.int().min(0).max(2_592_000).default(86_400)
    .openapi({ description: "How long the secret before stays valid" }),
}).openapi("RotateIntegration");

const WithSecret = z.object({
  integration: Integration,
  hook_url: z.url().nullable(),
  secret: z.string().optional().openapi({ description: "The one that was made: it is not shown again" }),
}).openapi("IntegrationWithSecret");

export function addIntegrationRoutes(app: App, { database, url, keys }: IntegrationDependencies): void {
  const callers = ["user", "service"] as const;

  const shown = (row: Record<string, unknown>) =>
    ({ ...row, hook_url: hookUrl(url, row) }) as z.infer<typeof Integration>;

  const encrypted = async (secrets: Record<string, string>): Promise<string> => {
    if (!keys) throw apiError("encryption_unavailable");
    const pairs = Object.entries(secrets).map(async ([purpose, secret]) => [purpose, await keys.encrypt(secret)]);
    return JSON.stringify(Object.fromEntries(await Promise.all(pairs)));
  };

  app.route({
    method: "post",
    path: "/integrations",
    summary: "Connect an account of another system",
    description: "For admins of the workspace. A secret that is made is answered once.",
    callers,
    body: CreateBody,
    responses: { 201: { description: "The integration", schema: WithSecret } },
  }, async ({ c, caller, body }) => {
    const config: Config = body.config ?? {};
    const { made, secrets } = await chosenSecrets(body.provider, config, body);
    const ciphertexts = await encrypted(secrets);
    const [row] = await database.asCaller(caller, async (sql) =>
      await sql`
        select to_jsonb(i) as answer
        from integrations.create(
          ${body.workspace_id ?? null}::uuid, ${body.provider}, ${body.name}, ${body.external_id ?? null},
          ${storableJson(config)}::text::jsonb, ${ciphertexts}::text::jsonb) i`);
    const integration = shown(row!.answer);
    return c.json({ integration, hook_url: integration.hook_url, ...(made && { secret: made }) }, 201);
  });

  app.route({
    method: "get",
    path: "/integrations",
    summary: "The integrations of the caller's workspaces, without secrets",
    callers,
    query: z.strictObject({ workspace_id: z.uuid().optional() }),
    responses: { 200: { description: "By name", schema: z.object({ integrations: z.array(Integration) }) } },
  }, async ({ c, caller, query }) => {
    const rows = await database.asCaller(caller, async (sql) =>
      await sql`
        select to_jsonb(i) as answer from public.integrations i
        where ${query.workspace_id ?? null}::uuid is null or i.workspace_id = ${query.workspace_id ?? null}::uuid
        order by i.name, i.id limit 1000`, { repeatable: true });
    return c.json({ integrations: rows.map((row) => shown(row.answer)) }, 200);
  });

  app.route({
    method: "post",
    path: "/integrations/:id/rotate",
    uuids: ["id"],
    summary: "Replace an integration's secret",
    description: "The one before stays valid for grace_seconds: a day, unless another time is given.",
    callers,
    body: RotateBody,
    bodyOptional: true,
    responses: { 200: { description: "The integration", schema: WithSecret } },
  }, async ({ c, caller, body }) => {
    const id = c.req.param("id")!;
    let made: string | undefined;
    const [row] = await database.asCaller(caller, async (sql) => {
      const [known] = await sql`select i.provider, i.config from public.integrations i where i.id = ${id}`;
      if (!known) return await sql`select workspaces.not_found('integration', ${id})`;
      const chosen = await chosenSecrets(known.provider, known.config, body, true);
      made = chosen.made;
      const ciphertexts = await encrypted(chosen.secrets);
      return await sql`
        select to_jsonb(i) as answer
        from integrations.rotate(${id}, ${ciphertexts}::text::jsonb, ${body.grace_seconds}) i`;
    });
    const integration = shown(row!.answer);
    return c.json({ integration, hook_url: integration.hook_url, ...(made && { secret: made }) }, 200);
  });

  app.route({
    method: "delete",
    path: "/integrations/:id",
    uuids: ["id"],
    summary: "Delete an integration",
    description: "Refused while deployed triggers name it.",
    callers,
    responses: { 204: { description: "It is gone" } },
  }, async ({ c, caller }) => {
    await database.asCaller(
      caller,
      async (sql) => await sql`select public.delete_integration(${c.req.param("id")!})`,
    );
    return c.body(null, 204);
  });
}

interface Given {
  secret?: string | null;
  api_key?: string | null;
}

/** The secrets to keep, and the one that was made for want of a given one. Throws request_invalid. */
async function chosenSecrets(
  provider: Provider,
  config: Config,
  { secret, api_key }: Given,
  rotating = false,
): Promise<{ made?: string; secrets: Record<string, string> }> {
  const problems: Problem[] = [];
  const problem = (field: string, code: string, message: string) =>
    problems.push({ code, message, path: `$.${field}` });
  const weAreFree = provider === "github" || provider === "postmark" || provider === "webhook";
  const sendsOnly = provider === "slack" || provider === "sendgrid" || provider === "mailgun";
  const isStandard = provider === "webhook" && config.type === "standard_webhooks";

  // a key that is rotated leaves the secret beside it as it is
  const made = weAreFree && !secret && !(rotating && api_key) ? isStandard ? newStandardSecret() : random() : undefined;
  const signing = secret ?? made;
  if (!signing && !(api_key && (rotating || sendsOnly))) {
    problem("secret", "required", `${provider} gives a secret: send it`);
  }
  const wrong = secret && await wrongSecret(provider, isStandard, secret);
  if (wrong) problem("secret", "invalid", wrong);

  if (api_key && (provider === "github" || provider === "webhook")) {
    problem("api_key", "unknown_field", `${provider} needs no API key`);
  }
  if (!api_key && provider === "resend" && !rotating) {
    problem("api_key", "required", "Resend's hook leaves the content out: its API is asked for it");
  }
  if (api_key && !/^[\x21-\x7e]+$/.test(api_key)) {
    problem("api_key", "invalid", "An API key is of ASCII characters without spaces");
  }
  if (problems.length > 0) {
    const message = problems.length === 1 ? "The request has a problem" : `The request has ${problems.length} problems`;
    throw apiError("request_invalid", { message, details: { problems } });
  }
  return { made, secrets: { ...(signing && { signing }), ...(api_key && { api_key }) } };
}

/** What is wrong with a given secret, without repeating it. */
async function wrongSecret(provider: Provider, isStandard: boolean, secret: string): Promise<string | null> {
  if (provider === "sendgrid") return await sendgridKey(secret) ? null : "This is no ECDSA public key of P-256";
  if (provider === "resend" || isStandard) {
    return (standardKey(secret)?.length ?? 0) >= 16 ? null : "This is not whsec_ and 16 bytes or more in base64";
  }
  if (!/^[\x20-\x7e]+$/.test(secret) || secret.trim() !== secret) {
    return "It has characters that are not ASCII, or spaces around it";
  }
  return secret.length >= 16 ? null : "It has fewer than 16 characters";
}

function random(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32))).replaceAll("=", "");
}
