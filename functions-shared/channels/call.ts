// A request to a channel's provider: to a checked address only, never redirected, and told apart by what a retry mends.
import { busy } from "../busy_time.ts";
import { isTooDeep } from "../json.ts";
import { checkedAddresses, type Resolve, systemResolve } from "../nodes/address_guard.ts";
import { exchange, ExchangeError } from "../nodes/http_exchange.ts";
import { retryAfter } from "../nodes/http_request.ts";
import { NodeError } from "../nodes/node.ts";

export interface Network {
  /** Of the workspace: hosts that may be private, and that may stand in for a provider. */
  allowedHosts: readonly string[];
  signal: AbortSignal;
  resolve?: Resolve;
  caCerts?: string[];
}

export interface Call {
  url: URL;
  headers: Record<string, string>;
  body: string;
}

export interface Reply {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any
  json: any;
}

const replyLimit = 64 * 1024;

export class ChannelError extends NodeError {
  override name = "ChannelError";
}

/** Throws address_not_allowed or network_error; every answer of the server is a reply. */
export async function post({ url, headers, body }: Call, network: Network): Promise<Reply> {
  const addresses = await checkedAddresses(url, network.allowedHosts, network.resolve ?? systemResolve);
  try {
    const reply = await exchange({
      method: "POST",
      url,
      addresses,
      headers: new Headers({ accept: "application/json", "user-agent": "Tandem", ...headers }),
      body: new TextEncoder().encode(body),
      signal: network.signal,
      limit: () => ({ bytes: replyLimit, overflow: "cut" }),
      ...(network.caCerts && { caCerts: network.caCerts }),
    });
    return { status: reply.status, headers: reply.headers, json: jsonOrNull(reply.body) };
  } catch (error) {
    network.signal.throwIfAborted();
    if (!(error instanceof ExchangeError)) throw error;
    throw new ChannelError("network_error", error.message, {
      retryable: true,
      details: { reason: error.fault, host: url.host },
      cause: error,
    });
  }
}

/** What a status other than 2xx means; `said` is the provider's own word for it. */
export function refusal(provider: string, { status, headers }: Reply, said?: unknown): ChannelError {
  const wait = retryAfter(headers.get("retry-after"));
  return new ChannelError(`${provider}_${status}`, `${provider} answered ${status}`, {
    retryable: status >= 500 || [408, 409, 425, 429].includes(status),
    ...(wait !== undefined && { retryAfterSeconds: wait }),
    details: { status, ...(typeof said === "string" && { said: said.slice(0, 500) }) },
  });
}

/**
 * Where a provider's API is: at `api_url` where the config names one, which must be a host that the workspace may reach
 * (the operator's list), so that an admin cannot send another's key to a host of her own.
 */
export function apiBase(standard: string, configured: unknown, allowedHosts: readonly string[]): string {
  if (typeof configured !== "string" || configured === "") return standard;
  const url = URL.parse(configured);
  const hosts = allowedHosts.map((host) => host.trim().toLowerCase());
  if (!url || !/^https?:$/.test(url.protocol) || !(hosts.includes(url.host) || hosts.includes(url.hostname))) {
    throw new ChannelError("address_not_allowed", "The integration's api_url is not a host that the workspace allows");
  }
  return configured.replace(/\/+$/, "");
}

/** Tries the newest key, and the one before while they are exchanged. */
export async function withKeys(
  keys: readonly string[],
  isRefused: (reply: Reply) => boolean,
  call: (key: string) => Promise<Reply>,
): Promise<Reply> {
  let last: Reply | undefined;
  for (const key of keys) {
    last = await call(key);
    if (!isRefused(last)) return last;
  }
  if (last) return last;
  throw new ChannelError("integration_incomplete", "The integration has no key to send with", {
    details: { missing: "api_key" },
  });
}

function jsonOrNull(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "" || isTooDeep(text)) return null;
  try {
    return busy(() => JSON.parse(text));
  } catch {
    return null;
  }
}
