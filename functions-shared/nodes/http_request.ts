// ACTION.HTTP_REQUEST: calls a URL and gives its answer as {status, headers, body}.
import { z } from "@hono/zod-openapi";
import { busy } from "../busy_time.ts";
import { toBase64 } from "../encoding.ts";
import { isTooDeep } from "../json.ts";
import { problemsOf } from "../validation.ts";
import { checkedAddresses, type Resolve, systemResolve } from "./address_guard.ts";
import { exchange, ExchangeError, type ExchangeReply } from "./http_exchange.ts";
import { NodeError, type NodeExecutor } from "./node.ts";

const maximumRedirects = 5;
const defaultResponseLimit = 1024 * 1024;
/** Of an error's body this much is read, and this much goes into the error's details. */
const errorBodyLimit = 16 * 1024;
const errorDetailLimit = 2048;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const values = z.union([scalar, z.null(), z.array(scalar)]);
const bodyless = ["GET", "HEAD"];
// These are the transport's: setting them could split a request in two, or name another host than the checked one.
const reservedHeaders =
  /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*)$/i;
const credentialHeaders = /^(authorization|cookie)$|(^|-)(token|secret|password|api-?key)$/i;

const HeaderValues = z.record(z.string(), scalar.nullable()).superRefine((headers, context) => {
  for (const [name, value] of Object.entries(headers)) {
    const fault = !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)
      ? "This is not a header's name"
      : reservedHeaders.test(name)
      ? "This header is set by the platform"
      : !/^[\t\x20-\x7e\x80-\xff]*$/.test(String(value))
      ? "The value has characters that a header cannot carry"
      : null;
    if (fault) context.addIssue({ code: "custom", path: [name], message: fault });
  }
});

const HttpRequestParameters = z.object({
  method: z.string().transform((method) => method.toUpperCase()).pipe(
    z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
  ).nullish(),
  url: z.string().trim().transform((text, context) => {
    const url = URL.parse(text);
    const fault = !url
      ? "is not an absolute URL"
      : !/^https?:$/.test(url.protocol)
      ? "must begin with http:// or https://"
      : url.username || url.password
      ? "must not contain a user name or password"
      : null;
    if (fault === null) return url!;
    context.addIssue({ code: "custom", message: `The URL ${fault}` });
    return z.NEVER;
  }),
  headers: HeaderValues.nullish(),
  query: z.record(z.string(), values).nullish(),
  body: z.unknown().optional(),
  form: z.record(z.string(), values).nullish(),
  response: z.enum(["json", "text", "base64"]).nullish(),
}).superRefine((parameters, context) => {
  const issue = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  const body = parameters.body ?? null;
  if (body !== null && parameters.form) issue(["form"], "Give either body or form");
  if ((body !== null || parameters.form) && bodyless.includes(parameters.method ?? "GET")) {
    issue([body !== null ? "body" : "form"], "GET and HEAD have no body");
  }
});

export interface HttpRequestOptions {
  resolve?: Resolve;
  responseLimit?: number;
  caCerts?: string[];
  now?: () => number;
}

/**
 * Errors: parameters_invalid, address_not_allowed, too_many_redirects, redirect_invalid, response_too_large,
 * response_not_json (no retry helps); network_error, timeout; http_<status> for 400 and above.
 */
export function httpRequest(options: HttpRequestOptions = {}): NodeExecutor {
  const resolve = options.resolve ?? systemResolve;
  const responseLimit = options.responseLimit ?? defaultResponseLimit;

  return async (task, { signal }) => {
    const parsed = HttpRequestParameters.safeParse(task.parameters ?? {});
    if (!parsed.success) {
      throw new NodeError("parameters_invalid", "The parameters of this HTTP request are not valid", {
        details: { problems: problemsOf(parsed.error, "$", task.parameters) },
      });
    }
    const parameters = parsed.data;
    let url = parameters.url;
    for (const [name, value] of pairs(parameters.query)) url.searchParams.append(name, value);
    url.hash = "";
    let method: string = parameters.method ?? "GET";
    let { headers, body } = message(parameters);

    for (let redirects = 0;; redirects++) {
      const addresses = await abortable(checkedAddresses(url, task.allowed_hosts ?? [], resolve), signal);
      const reply = await attempt({
        method,
        url,
        addresses,
        headers,
        body,
        signal,
        caCerts: options.caCerts,
        limit: (status) =>
          status >= 400 ? { bytes: errorBodyLimit, overflow: "cut" } : { bytes: responseLimit, overflow: "refuse" },
      });
      const location = [301, 302, 303, 307, 308].includes(reply.status) ? reply.headers.get("location") : null;
      if (location === null) return answer(reply, parameters.response ?? null, options.now ?? Date.now);

      if (redirects === maximumRedirects) {
        throw new NodeError("too_many_redirects", `More than ${maximumRedirects} redirects`, {
          details: { status: reply.status },
        });
      }
      const next = URL.parse(location, url);
      if (!next || !/^https?:$/.test(next.protocol) || next.username || next.password) {
        throw new NodeError("redirect_invalid", "The server redirects to a URL that cannot be followed", {
          details: { status: reply.status },
        });
      }
      next.hash = "";
      headers = new Headers(headers);
      if (reply.status === 303 ? method !== "HEAD" : method === "POST" && reply.status < 303) {
        method = "GET";
        body = null;
        for (const name of [...headers.keys()]) if (name.startsWith("content-")) headers.delete(name);
      }
      if (next.origin !== url.origin) {
        for (const name of [...headers.keys()]) if (credentialHeaders.test(name)) headers.delete(name);
      }
      url = next;
    }
  };
}

function message(parameters: z.infer<typeof HttpRequestParameters>): { headers: Headers; body: Uint8Array | null } {
  const headers = new Headers({ accept: "*/*", "user-agent": "Tandem" });
  for (const [name, value] of Object.entries(parameters.headers ?? {})) {
    if (value !== null) headers.set(name, String(value));
  }
  const defaultType = (type: string) => headers.has("content-type") || headers.set("content-type", type);
  const encoder = new TextEncoder();
  if (parameters.form) {
    defaultType("application/x-www-form-urlencoded");
    return { headers, body: encoder.encode(new URLSearchParams(pairs(parameters.form)).toString()) };
  }
  const value = parameters.body ?? null;
  if (value === null) return { headers, body: null };
  const type = headers.get("content-type");
  // Text under a type that is not JSON is meant as it stands.
  if (typeof value === "string" && type !== null && !isJson(type)) return { headers, body: encoder.encode(value) };
  defaultType("application/json");
  return { headers, body: busy(() => encoder.encode(JSON.stringify(value))) };
}

function pairs(record: Record<string, z.infer<typeof values>> | null | undefined): [string, string][] {
  return Object.entries(record ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : value === null ? [] : [value]).map((one): [string, string] => [name, String(one)])
  );
}

async function attempt(request: Parameters<typeof exchange>[0]): Promise<ExchangeReply> {
  try {
    return await exchange(request);
  } catch (error) {
    request.signal.throwIfAborted();
    if (!(error instanceof ExchangeError)) throw error;
    if (error.fault === "too_large") throw new NodeError("response_too_large", error.message, { cause: error });
    throw new NodeError("network_error", error.message, {
      retryable: true,
      details: { reason: error.fault, host: request.url.host },
      cause: error,
    });
  }
}

function answer(reply: ExchangeReply, wanted: "json" | "text" | "base64" | null, now: () => number) {
  if (reply.status >= 400) throw statusError(reply, now);
  return {
    status: reply.status,
    headers: Object.fromEntries(reply.headers),
    body: responseBody(reply, wanted),
  };
}

function responseBody(reply: ExchangeReply, wanted: "json" | "text" | "base64" | null): unknown {
  const type = reply.headers.get("content-type") ?? "";
  if (wanted === "base64") return toBase64(reply.body);
  if (wanted === "text") return decode(reply.body, type);
  if (reply.body.length === 0) return null;
  if (wanted === "json" || isJson(type)) {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(reply.body);
      if (isTooDeep(text)) throw new RangeError("nested too deeply");
      return busy(() => JSON.parse(text));
    } catch (cause) {
      if (wanted === "json") {
        throw new NodeError("response_not_json", "The answer is not JSON", {
          details: { status: reply.status },
          cause,
        });
      }
      return decode(reply.body, type);
    }
  }
  if (/^(text\/|application\/([\w.-]+\+)?xml|application\/(javascript|x-www-form-urlencoded|yaml))/i.test(type)) {
    return decode(reply.body, type);
  }
  if (type === "") {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(reply.body);
    } catch {
      // not text: base64 below
    }
  }
  return toBase64(reply.body);
}

function statusError(reply: ExchangeReply, now: () => number): NodeError {
  const { status } = reply;
  const type = reply.headers.get("content-type") ?? "";
  const text = decode(reply.body, type);
  let body: unknown = text.length > errorDetailLimit ? text.slice(0, errorDetailLimit) : text;
  if (isJson(type) && text.length <= errorDetailLimit && !isTooDeep(text)) {
    try {
      body = busy(() => JSON.parse(text));
    } catch {
      // it only says that it is JSON: kept as text
    }
  }
  return new NodeError(`http_${status}`, `The server answered ${status}`, {
    retryable: status >= 500 || [408, 409, 425, 429].includes(status),
    retryAfterSeconds: retryAfter(reply.headers.get("retry-after"), now),
    details: { status, body, ...((reply.cut || text.length > errorDetailLimit) && { body_cut: true }) },
  });
}

/** Seconds of a Retry-After header, which gives seconds or a date; undefined where it gives neither. */
export function retryAfter(header: string | null, now: () => number = Date.now): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now()) / 1000));
}

async function abortable<T>(step: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([step, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function isJson(type: string): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(type.trim());
}

function decode(bytes: Uint8Array, type: string): string {
  const charset = /charset="?([\w.:-]+)/i.exec(type)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
