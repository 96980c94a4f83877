// What a workflow sees of an incoming webhook: {method, path, query, headers, body}.
import { type Bytes, toBase64 } from "shared/encoding.ts";
import { apiError } from "shared/errors.ts";
import { parseJson } from "shared/json.ts";

export interface WebhookRequest {
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  body: unknown;
  /** The body as it came, where the trigger asks for it. */
  raw_body?: string;
  raw_body_encoding?: "utf-8" | "base64";
}

export interface WebhookOptions {
  rawBody?: boolean;
  /** A header that carries a secret or a signature. */
  withheld?: string;
}

/** `path` is what follows the trigger's id. Throws json_invalid, json_too_deep, path_invalid. */
export async function webhookRequest(
  request: Request,
  path: string,
  bytes: Bytes,
  { rawBody = false, withheld }: WebhookOptions = {},
): Promise<WebhookRequest> {
  return {
    method: request.method,
    path: decodePath(path),
    query: collect(new URL(request.url).searchParams),
    headers: safeHeaders(request.headers, withheld),
    body: await readBody(request, bytes),
    ...(rawBody && asItCame(bytes)),
  };
}

function asItCame(bytes: Bytes): Pick<WebhookRequest, "raw_body" | "raw_body_encoding"> {
  const text = decodeText(bytes, "utf-8", true);
  return text === null
    ? { raw_body: toBase64(bytes), raw_body_encoding: "base64" }
    : { raw_body: text, raw_body_encoding: "utf-8" };
}

/** The sender's own id of this delivery: a repeated one starts nothing. */
export function deliveryKey(headers: Headers): string | null {
  for (const name of ["idempotency-key", "x-github-delivery", "webhook-id", "svix-id"]) {
    const value = headers.get(name)?.trim();
    if (!value) continue;
    if (value.length > 255) throw apiError("delivery_key_invalid");
    return value;
  }
  return null;
}

// Credentials and what proxies add stay out: every viewer of the execution could read them. Signatures may stay, they
// prove nothing a second time.
const withheld =
  /^(authorization|authentication|cookie|forwarded|via|x-real-ip|true-client-ip|cdn-loop|x-client-cert.*|(x-amzn|x-envoy|x-ms|x-original|x-rewrite|x-forwarded|cf|sb|proxy)-.*)$|(^|-)(token|secret|password|passwd|credentials?|jwt|session(-id)?|authorization|(?<!idempotency-)key|apikey)$/;

function safeHeaders(headers: Headers, secret?: string): Record<string, string> {
  return Object.fromEntries(
    [...headers].filter(([name]) => !withheld.test(name) && name !== secret?.toLowerCase()),
  );
}

// Segment by segment, so that an encoded slash stays inside its segment.
function decodePath(path: string): string {
  try {
    return path.split("/").filter((segment) => segment !== "")
      .map((segment) => decodeURIComponent(segment).replaceAll("/", "%2F")).join("/");
  } catch {
    throw apiError("path_invalid");
  }
}

async function readBody(request: Request, bytes: Bytes): Promise<unknown> {
  if (bytes.length === 0) return null;
  const type = (request.headers.get("content-type") ?? "").trim();
  if (/^application\/([\w.-]+\+)?json\b/i.test(type)) return parseJson(bytes);
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return collect(new URLSearchParams(new TextDecoder().decode(bytes)));
  }
  if (/^multipart\/form-data\b/i.test(type)) return await readForm(bytes, type);
  if (type === "" || /^(text\/|application\/([\w.-]+\+)?xml\b)/i.test(type)) {
    const charset = /charset="?([\w.:-]+)/i.exec(type)?.[1] ?? "utf-8";
    const text = decodeText(bytes, charset);
    if (text !== null) return text;
  }
  return toBase64(bytes);
}

async function readForm(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<unknown> {
  let form: FormData;
  try {
    form = await new Response(bytes, { headers: { "content-type": type } }).formData();
  } catch (cause) {
    throw apiError("body_unreadable", { message: "The form could not be read", cause });
  }
  const fields: [string, unknown][] = [];
  for (const [name, value] of form) {
    fields.push([
      name,
      typeof value === "string" ? value : {
        filename: value.name,
        content_type: value.type,
        base64: toBase64(new Uint8Array(await value.arrayBuffer())),
      },
    ]);
  }
  return collect(fields);
}

/** Pairs as an object; a name that comes more than once becomes an array. */
function collect<T>(pairs: Iterable<[string, T]>): Record<string, T | T[]> {
  const collected = new Map<string, T | T[]>();
  for (const [name, value] of pairs) {
    const before = collected.get(name);
    if (before === undefined) collected.set(name, value);
    else if (Array.isArray(before)) before.push(value);
    else collected.set(name, [before, value]);
  }
  return Object.fromEntries(collected);
}

/** Text without U+0000, which the database cannot store, or null. */
function decodeText(bytes: Uint8Array, charset: string, ignoreBOM = false): string | null {
  try {
    const text = new TextDecoder(charset, { fatal: true, ignoreBOM }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}
