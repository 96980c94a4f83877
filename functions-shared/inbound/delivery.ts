// Requests of other systems to a hook of ours: who sends them is proved before anything is read out of them.
import { bodyLimit, readBytes } from "../app.ts";
import { apiBase } from "../channels/call.ts";
import type { Database } from "../db.ts";
import type { Bytes } from "../encoding.ts";
import { apiError, isConflict } from "../errors.ts";
import { FernetError, type KeyRing } from "../fernet.ts";
import { verifyConfiguredHmac } from "../signatures/configured_hmac.ts";
import { verifyMailgun } from "../signatures/mailgun.ts";
import { verifySendgrid } from "../signatures/sendgrid.ts";
import { verifyBasic, verifyHeader } from "../signatures/shared_secret.ts";
import { newStandardSecret, verifyStandard } from "../signatures/standard_webhooks.ts";
import type { Verdict } from "../signatures/verdict.ts";
import { type InboundEvent, readForm } from "./event.ts";
import { mailgunSignature, parseMailgun } from "./mailgun.ts";
import { parsePostmark } from "./postmark.ts";
import { parseResend, resendUrl } from "./resend.ts";
import { parseSendgrid } from "./sendgrid.ts";

export interface DeliveryDependencies {
  database: Pick<Database, "sql">;
  /** Of integrations' secrets; without it none can be verified. */
  keys?: KeyRing;
  /** Where the content of Resend's e-mails is fetched; theirs unless a test says another. */
  resendUrl?: string;
  /** What keeps the deliveries counts them to their hook's rate. */
  countedLater?: boolean;
  log?: (line: Record<string, unknown>) => void;
}

export interface Integration {
  id: string;
  workspace_id: string;
  provider: string;
  external_id: string | null;
  // deno-lint-ignore no-explicit-any
  config: any;
  secrets: { purpose: "signing" | "api_key"; ciphertext: string }[];
}

export const emailProviders = [
  "resend",
  "sendgrid",
  "mailgun",
  "postmark",
] as const;
export type EmailProvider = typeof emailProviders[number];
const emailLimit = 25 * 1024 * 1024;
const now = () => Math.floor(Date.now() / 1000);

/** The integration that a hook's URL names, or null: to be refused like a wrong signature, by requireVerdict. */
export async function findIntegration(
  { database }: DeliveryDependencies,
  id: string,
  provider: string,
): Promise<Integration | null> {
  const integration = await nextLookup(database, id);
  return integration?.provider === provider ? integration : null;
}

type Lookups = Map<string, { running: Promise<unknown>; next: Promise<Integration | null> | null }>;
const lookups = new WeakMap<Pick<Database, "sql">, Lookups>();

/** Those that come while one integration is looked up share the next query for it, which begins after they came. */
function nextLookup(database: Pick<Database, "sql">, id: string): Promise<Integration | null> {
  const known: Lookups = lookups.get(database) ?? new Map();
  lookups.set(database, known);
  const look = async () => {
    const [row] = await database.sql`select integrations.for_delivery(${id}) as answer`;
    return row!.answer as Integration | null;
  };
  const lookup = known.get(id);
  if (lookup) return lookup.next ??= lookup.running.then(() => begin(), () => begin());
  return begin();

  function begin(): Promise<Integration | null> {
    const running = look();
    const entry = { running: running as Promise<unknown>, next: null as Promise<Integration | null> | null };
    known.set(id, entry);
    const end = () => {
      if (!entry.next) known.delete(id);
    };
    running.then(end, end);
    return running;
  }
}

/**
 * Throws signature_invalid unless one of the integration's secrets verifies the request, and rate_limited where it
 * delivers too much. Without an integration about the same work is done with a secret that nobody has, and the answer is
 * the same: what ids exist is not told.
 */
export async function requireVerdict(
  dependencies: DeliveryDependencies,
  integration: Integration | null,
  verify: (secrets: string[]) => Promise<Verdict>,
): Promise<void> {
  // one that only sends has no secret to verify anything with
  const verifies = integration?.secrets.some(({ purpose }) => purpose === "signing");
  if (!verifies) integration = null;
  const secrets = integration ? await secretsOf(dependencies, integration, "signing") : [newStandardSecret()];
  const refusal = await verify(secrets);
  if (refusal !== null || !integration) {
    const log = dependencies.log ??
      ((line) => console.log(JSON.stringify(line)));
    log({
      level: "info",
      event: "hook_refused",
      integration_id: integration?.id ?? null,
      reason: refusal,
    });
    throw apiError("signature_invalid");
  }
  if (!dependencies.countedLater) await admitDelivery(dependencies, integration.id);
}

export async function admitDelivery(
  { database }: DeliveryDependencies,
  hookId: string,
): Promise<void> {
  const [row] = await database
    .sql`select triggers.admit_delivery(${hookId}) as answer`;
  if (row!.answer !== null) {
    throw apiError("rate_limited", {
      headers: { "retry-after": String(row!.answer) },
    });
  }
}

/** What an e-mail provider delivers; null where it is no e-mail. */
export async function verifiedEmail(
  dependencies: DeliveryDependencies,
  provider: EmailProvider,
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
  const bytes = await readBytes(
    request,
    provider === "resend" ? bodyLimit : emailLimit,
  );
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
  return await parseResend(
    bytes,
    await secretsOf(dependencies, integration!, "api_key"),
    dependencies.resendUrl ?? await contentUrl(dependencies, integration!),
  );
}

/** As for sending: where the integration says another, it is a host that the workspace may reach. */
async function contentUrl({ database }: DeliveryDependencies, { config, workspace_id }: Integration): Promise<string> {
  if (!config.api_url) return resendUrl;
  const [row] = await database
    .sql`select to_jsonb(w.allowed_hosts) as hosts from public.workspaces w where w.id = ${workspace_id}`;
  try {
    return apiBase(resendUrl, config.api_url, row?.hosts ?? []);
  } catch (cause) {
    throw apiError("provider_failed", { cause });
  }
}

/** The body of a request that proves what a webhook integration asks for; unread where the headers disprove it. */
export async function verifiedWebhook(
  dependencies: DeliveryDependencies,
  integration: Integration | null,
  request: Request,
): Promise<Bytes> {
  const { headers } = request;
  const config = integration?.config ?? { type: "standard_webhooks" };
  const require = (verify: (secrets: string[]) => Promise<Verdict>) =>
    requireVerdict(dependencies, integration, verify);
  switch (config.type) {
    case "basic":
      await require((secrets) => verifyBasic(secrets, config.username ?? "tandem", headers));
      return await readBytes(request);
    case "header":
      await require((secrets) => verifyHeader(secrets, config.header, headers));
      return await readBytes(request);
  }
  const bytes = await readBytes(request);
  await require((secrets) => {
    if (config.type === "hmac") {
      return verifyConfiguredHmac(secrets, config, headers, bytes, now());
    }
    if (config.type === "standard_webhooks") {
      return verifyStandard(secrets, headers, bytes, now());
    }
    // what is not known proves nothing
    return Promise.resolve("malformed");
  });
  return bytes;
}

/** Throws encryption_unavailable where there is none that the ring decrypts. */
export async function secretsOf(
  { keys }: DeliveryDependencies,
  integration: Integration,
  purpose: string,
): Promise<string[]> {
  const tokens = integration.secrets.filter((one) => one.purpose === purpose)
    .map((one) => one.ciphertext);
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
