// The HTTP answer that a workflow gives to the request that started it.
import { apiError } from "shared/errors.ts";

/** What engine.webhook_response answers. */
export interface WebhookState {
  ended: boolean;
  status: string;
  response: { status?: number | null; headers?: Record<string, unknown> | null; body?: unknown } | null;
  output: unknown;
}

// Connections are ours, cookies, logins, reports and cross-origin rules the project's, and some headers make a proxy
// answer with a file of its own: a workflow speaks for one URL below it only.
const ours =
  /^(connection|keep-alive|proxy-.*|te|trailers?|transfer-encoding|upgrade|content-length|content-encoding|date|server|set-cookie2?|set-login|www-authenticate|authentication-info|clear-site-data|strict-transport-security|public-key-pins.*|expect-ct|alt-svc|nel|report-to|reporting-endpoints|accept-ch|critical-ch|access-control-.*|cross-origin-.*|content-security-policy.*|service-worker-allowed|origin-agent-cluster|use-as-dictionary|x-request-id|x-content-type-options|x-accel-.*|x-sendfile.*|x-lighttpd-send-file|x-reproxy-url)$/;

/** What RESPOND said, else the execution's output. Throws execution_failed, with nothing of why. */
export function answerOf({ status, response, output }: WebhookState, executionId: string): Response {
  if (!response) {
    if (status === "SUCCESS") return Response.json(output ?? null, { headers: safety() });
    throw apiError("execution_failed", { details: { execution_id: executionId } });
  }
  const headers = safety();
  for (const [name, value] of Object.entries(response.headers ?? {})) {
    if (ours.test(name.toLowerCase())) continue;
    try {
      headers.set(name, String(value));
    } catch {
      // a name or value that no header can have
    }
  }
  const code = Number(response.status ?? 200);
  const { body = null } = response;
  if ([204, 205, 304].includes(code)) return new Response(null, { status: code, headers });
  const isText = typeof body === "string";
  if (!headers.has("content-type")) {
    headers.set("content-type", isText ? "text/plain; charset=utf-8" : "application/json");
  }
  return new Response(isText ? body : JSON.stringify(body), { status: code, headers });
}

/** Nothing that a workflow answers runs as a page of the project's origin. */
function safety(): Headers {
  return new Headers({ "x-content-type-options": "nosniff", "content-security-policy": "sandbox" });
}
