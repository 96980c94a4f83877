// Sends what interactions have put into the outbox: claims messages, hands each to its channel, and says how it went.
// A message may go out twice where the answer was lost; its id, and where a provider knows one its idempotency key, is
// the same each time.
import { countExchange } from "./busy_time.ts";
import { ChannelError, type Network } from "./channels/call.ts";
import { type EmailProvider, emailProviders, sendEmail } from "./channels/email_providers.ts";
import { messageOf, type OutboxRow, type Thread } from "./channels/message.ts";
import { sendSlack } from "./channels/slack.ts";
import { sendWebhook } from "./channels/webhook.ts";
import { type Database, within } from "./db.ts";
import { FernetError, type KeyRing } from "./fernet.ts";
import { storableJson } from "./json.ts";
import type { Resolve } from "./nodes/address_guard.ts";
import { NodeError } from "./nodes/node.ts";
import { createPause, described, insistently } from "./polling.ts";
import type { Worker } from "./worker.ts";

/** What of an integration a message needs, as integrations.for_delivery answers it. */
export interface SendingIntegration {
  id: string;
  workspace_id: string;
  provider: string;
  external_id: string | null;
  // deno-lint-ignore no-explicit-any
  config: any;
  is_active: boolean;
  secrets: { purpose: string; ciphertext: string }[];
}

export interface Account {
  integration: SendingIntegration | null;
  /** Of the workspace. */
  allowedHosts: string[];
}

export interface SendResult {
  id: string;
  status: "sent" | "retry" | "failed";
  external_id?: string;
  thread?: Thread;
  error?: { code: string; message: string; details?: Record<string, unknown> };
  retry_after_seconds?: number;
}

export interface Outbox {
  claim(worker: string, most: number): Promise<OutboxRow[]>;
  finish(worker: string, results: SendResult[]): Promise<void>;
  account(workspaceId: string, integrationId: string | null): Promise<Account>;
}

export interface SenderOptions {
  outbox: Outbox;
  /** Of integrations' secrets; without it nothing can be sent. */
  keys?: KeyRing;
  /** The project as clients see it, for links. */
  projectUrl: string | null;
  /** False once no more is to be claimed. */
  mayClaim?: () => boolean;
  /** Messages under way at once. */
  capacity?: number;
  /** Of one message; the lease is a minute. */
  timeoutMs?: number;
  /** How long it looks for more after the last one was sent. */
  lingerMs?: number;
  pollMs?: { least: number; most: number };
  /** For tests. */
  resolve?: Resolve;
  log?: (event: string, fields: Record<string, unknown>) => void;
}

export interface Sender {
  /**
   * Sends what is due, looks for more for a while and as long as `work` lasts, and resolves; a wake meanwhile makes it
   * look at once.
   */
  wake(work?: Promise<unknown>): Promise<void>;
  /** Claims no more; what is under way ends. */
  stop(): Promise<void>;
}

export function createSender(options: SenderOptions): Sender {
  const {
    outbox,
    keys,
    projectUrl,
    mayClaim = () => true,
    capacity = 10,
    timeoutMs = 20_000,
    lingerMs = 1_000,
    pollMs = { least: 50, most: 500 },
    log = () => {},
  } = options;
  const worker = crypto.randomUUID();
  const running = new Set<Promise<void>>();
  const results: SendResult[] = [];
  let telling: Promise<void> | null = null;
  let current: Promise<void> | null = null;
  let stopped = false;
  let woken = false;
  let works = 0;
  let mayBeMore = false;
  let lastWork = 0;
  const { pause, rouse } = createPause();

  const accepting = () => !stopped && mayClaim();

  /** What is under way does not keep others waiting: a slow provider takes its own place only. */
  async function loop(): Promise<void> {
    let delay = pollMs.least;
    for (let failures = 0;;) {
      if (woken) {
        woken = false;
        lastWork = performance.now();
        delay = pollMs.least;
      }
      const free = capacity - running.size;
      if (accepting() && free > 0) {
        try {
          const rows = await outbox.claim(worker, free);
          failures = 0;
          mayBeMore = rows.length === free;
          if (rows.length > 0) {
            lastWork = performance.now();
            delay = pollMs.least;
            start(rows);
          }
        } catch (error) {
          if (failures++ === 0) log("sender_failed", described(error));
          delay = lingerMs === Infinity ? 5_000 : pollMs.most;
        }
      }
      // after three failures the doorbell comes again, where there is one
      const enough = performance.now() - lastWork >= lingerMs || failures >= 3 && lingerMs !== Infinity;
      if (running.size === 0 && !woken && (enough && (works === 0 || failures >= 3) || !accepting())) break;
      await pause(accepting() ? delay : 1_000);
      delay = Math.min(delay * 1.5, Math.max(delay, pollMs.most));
    }
    await telling;
  }

  function start(rows: OutboxRow[]): void {
    const accounts = new Map<string, Promise<Account>>();
    const account = ({ workspace_id, integration_id }: OutboxRow) => {
      const key = `${workspace_id} ${integration_id}`;
      let known = accounts.get(key);
      if (!known) accounts.set(key, known = outbox.account(workspace_id, integration_id));
      return known;
    };
    for (const row of rows) {
      const one = outcome(row, () => account(row)).then((result) => {
        const { status, error } = result;
        if (error) log("message_not_sent", { message: row.id, channel: row.channel, status, code: error.code });
        results.push(result);
        telling ??= tell().finally(() => telling = null);
        running.delete(one);
        lastWork = performance.now();
        // not a question to the database for each message
        if (running.size === 0 || mayBeMore && running.size <= capacity / 2) rouse();
      });
      running.add(one);
    }
  }

  /** Results that come while others are told go together. What is not told is sent again when its lease runs out. */
  async function tell(): Promise<void> {
    while (results.length > 0) {
      const batch = results.splice(0);
      if (await told(batch)) continue;
      if (batch.length > 1) { for (const result of batch) await told([result]); }
    }
  }

  async function told(batch: SendResult[]): Promise<boolean> {
    try {
      await insistently(() => outbox.finish(worker, batch));
      return true;
    } catch (error) {
      log("results_lost", { messages: batch.map(({ id }) => id), ...described(error) });
      return false;
    }
  }

  async function outcome(row: OutboxRow, account: () => Promise<Account>): Promise<SendResult> {
    countExchange();
    let secrets: string[] = [];
    try {
      const { integration, allowedHosts } = await account();
      secrets = await decrypted(row, integration);
      const network: Network = {
        allowedHosts,
        signal: AbortSignal.timeout(timeoutMs),
        ...(options.resolve && { resolve: options.resolve }),
      };
      return { id: row.id, status: "sent", ...await send(row, integration!, secrets, network) };
    } catch (error) {
      return failed(row, error, [...secrets, row.token ?? ""]);
    }
  }

  function send(row: OutboxRow, integration: SendingIntegration, secrets: string[], network: Network) {
    const message = messageOf(row, projectUrl);
    const { provider, config, external_id } = integration;
    if (row.channel === "slack") return sendSlack(message, { keys: secrets, team: external_id, config }, network);
    if (row.channel === "email") {
      return sendEmail(message, provider as EmailProvider, { keys: secrets, config }, network);
    }
    return sendWebhook(message, { secrets }, network);
  }

  async function decrypted(row: OutboxRow, integration: SendingIntegration | null): Promise<string[]> {
    if (row.kind !== "decided" && row.kind !== "notice" && !row.token) {
      throw new ChannelError("interaction_ended", "It was over before it was sent");
    }
    // a row names what the node's credentials name: looked at again, since they may have changed hands
    if (!integration || integration.workspace_id !== row.workspace_id || !fits(row.channel, integration)) {
      throw new ChannelError("integration_missing", `The message names no integration that sends by ${row.channel}`);
    }
    if (!integration.is_active) throw new ChannelError("integration_inactive", "The integration is turned off");
    const purpose = row.channel === "webhook" ? "signing" : "api_key";
    const tokens = integration.secrets.filter((one) => one.purpose === purpose);
    const secrets: string[] = [];
    for (const { ciphertext } of tokens) {
      try {
        if (keys) secrets.push(await keys.decrypt(ciphertext));
      } catch (error) {
        // the rest of the ring may do
        if (!(error instanceof FernetError)) throw error;
      }
    }
    if (tokens.length > 0 && secrets.length === 0) {
      throw new ChannelError("encryption_unavailable", "No key of the ring decrypts the integration's secret", {
        retryable: true,
      });
    }
    return secrets;
  }

  function failed(row: OutboxRow, error: unknown, secrets: string[]): SendResult {
    const known = error instanceof NodeError
      ? error
      : (error as { name?: unknown }).name === "TimeoutError"
      ? new ChannelError("timeout", `The provider took longer than ${timeoutMs / 1000} s`, { retryable: true })
      : null;
    if (!known) log("sender_crashed", { message: row.id, ...described(error) });
    const { code, message, details, retryable, retryAfterSeconds } = known ??
      new ChannelError("sender_crashed", "Sending failed in a way that we do not know", { retryable: true });
    return {
      id: row.id,
      status: retryable ? "retry" : "failed",
      error: without(secrets, { code, message, ...(details && { details }) }),
      ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
    };
  }

  const wake = (work?: Promise<unknown>): Promise<void> => {
    woken = true;
    rouse();
    if (work) {
      works++;
      const over = () => {
        works--;
        // what its end has brought about
        lastWork = performance.now();
        rouse();
      };
      work.then(over, over);
    }
    if (!current) {
      if (!accepting()) return Promise.resolve();
      current = loop().catch((error) => log("sender_failed", described(error))).then(() => {
        current = null;
        // woken while the last run was saying goodbye
        if (woken && accepting()) return wake();
      });
    }
    return current;
  };

  return {
    wake,
    async stop() {
      stopped = true;
      rouse();
      await current;
    },
  };
}

/** A worker whose wakes send messages too, within its time: what its tasks bring about is often a question. */
export function withSender(worker: Worker, sender: Sender): Worker {
  return {
    get accepting() {
      return worker.accepting;
    },
    async wake() {
      const work = worker.wake();
      await Promise.all([work, sender.wake(work)]);
    },
    async stop(graceMs) {
      await Promise.all([worker.stop(graceMs), sender.stop()]);
    },
  };
}

/** The outbox's verbs over connections that `open` makes when it is first used. */
export function sqlOutbox(open: () => Pick<Database, "sql">): Outbox {
  let database: Pick<Database, "sql"> | null = null;
  const sql = () => (database ??= open()).sql;
  const patience = 20_000;
  return {
    async claim(worker, most) {
      const [row] = await within(patience, sql()`select hil.claim_messages(${worker}, ${most}) as answer`);
      return row!.answer;
    },
    async finish(worker, results) {
      await within(
        patience,
        sql()`select hil.finish_messages(${worker}, ${storableJson(results)}::text::jsonb)`,
      );
    },
    async account(workspaceId, integrationId) {
      const [row] = await within(
        patience,
        sql()`
          select to_jsonb(w.allowed_hosts) as allowed_hosts, integrations.for_delivery(${integrationId}::uuid) as integration
          from public.workspaces w where w.id = ${workspaceId}`,
      );
      return { integration: row?.integration ?? null, allowedHosts: row?.allowed_hosts ?? [] };
    },
  };
}

function fits(channel: string, { provider, config }: SendingIntegration): boolean {
  if (channel === "email") return emailProviders.some((known) => known === provider);
  if (channel === "webhook") return provider === "webhook" && config?.type === "standard_webhooks";
  return channel === "slack" && provider === "slack";
}

/** A provider's word may repeat what it was sent. */
function without<T>(secrets: string[], value: T): T {
  let text = JSON.stringify(value);
  for (const secret of secrets) {
    if (secret.length >= 8) text = text.replaceAll(JSON.stringify(secret).slice(1, -1), "***");
  }
  return JSON.parse(text);
}
