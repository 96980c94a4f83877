// One port for everything, with Supabase's own paths. Bodies stream through in both directions; a client that leaves
// takes its upstream request along; a part that is down is a JSON error.
import { freePort } from "./ports.ts";

export interface Upstream {
  /** Path prefix on the gateway, such as /rest/v1. */
  prefix: string;
  origin: string;
  /** What to cut from the path before it is passed on. */
  strip?: string;
}

const hopByHop = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Serves on the wanted port or the next free one. */
export function startGateway(
  wantedPort: number | undefined,
  upstreams: Upstream[],
  health: () => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 200, poolIdleTimeout: 20_000 });

  async function forward(request: Request, upstream: Upstream, url: URL, from: string): Promise<Response> {
    const path = upstream.strip ? url.pathname.slice(upstream.strip.length) : url.pathname;
    const headers = new Headers(request.headers);
    for (const name of [...hopByHop, "host"]) headers.delete(name);
    headers.set("x-forwarded-for", from);
    headers.set("x-forwarded-host", url.hostname);
    headers.set("x-forwarded-port", url.port || "80");
    headers.set("x-forwarded-proto", "http");
    // what comes back is passed on as it is
    headers.set("accept-encoding", "identity");
    const response = await fetch(upstream.origin + path + url.search, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      signal: request.signal,
      client,
    });
    const answer = new Headers(response.headers);
    for (const name of hopByHop) answer.delete(name);
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers: answer });
  }

  const handler: Deno.ServeHandler<Deno.NetAddr> = async (request, info) => {
    const url = new URL(request.url);
    if (url.pathname === "/health") return await health();
    const upstream = upstreams.find(({ prefix }) => url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
    if (!upstream) {
      return failure(404, "not_found", `Nothing is served at ${url.pathname}.`, {
        hint: `Paths begin with ${upstreams.map(({ prefix }) => prefix).join(", ")}.`,
      });
    }
    try {
      return await forward(request, upstream, url, info.remoteAddr.hostname);
    } catch (error) {
      if (request.signal.aborted) return new Response(null, { status: 499 });
      return /client error \(Connect\)/.test(String((error as Error).cause))
        ? failure(503, "service_unavailable", `${upstream.prefix} is not running at the moment.`, {
          hint: "Try again; the stack's terminal and .tandem/logs say why.",
          retryAfter: 1,
        })
        : failure(502, "bad_gateway", `${upstream.prefix} broke off without an answer.`, {
          hint: "See .tandem/logs; the request may have had effects.",
        });
    }
  };

  for (let port = freePort(wantedPort);; port = freePort(port + 1)) {
    try {
      return Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, handler);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

function failure(
  status: number,
  code: string,
  message: string,
  { hint, retryAfter }: { hint: string; retryAfter?: number },
): Response {
  const requestId = crypto.randomUUID();
  return Response.json({ error: { code, message, details: {}, hint }, request_id: requestId }, {
    status,
    headers: {
      "access-control-allow-origin": "*",
      "x-request-id": requestId,
      ...(retryAfter ? { "retry-after": String(retryAfter) } : {}),
    },
  });
}
