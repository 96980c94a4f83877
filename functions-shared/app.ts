// What all functions have in common: callers, validation, errors, request ids, CORS, limits, logs, health, OpenAPI.
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Authenticate, Caller, CallerKind } from "./auth.ts";
import { countExchange } from "./busy_time.ts";
import type { Database } from "./db.ts";
import { concatenated } from "./encoding.ts";
import { ApiError, apiError, errorBody, type Problem, toApiError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { problemsOf } from "./validation.ts";

export interface AppDependencies {
  authenticate: Authenticate;
  /** Given where the function uses the database: health checks it. */
  database?: Pick<Database, "ping">;
  /** Public base URL of the project. */
  url: string;
  log?: (line: Record<string, unknown>) => void;
}

export type Method = "get" | "post" | "put" | "patch" | "delete";
type Schema = z.ZodType;
type Parsed<S extends Schema | undefined> = S extends Schema ? z.output<S> : undefined;

export interface RouteLimits {
  bytes?: number;
  depth?: number;
}

export interface RouteSpec<Q extends Schema | undefined, B extends Schema | undefined> {
  method: Method | "all";
  /** Hono's path below the function's name, e.g. "/:id/events". Parameters in `uuids` match UUIDs only. */
  path: string;
  uuids?: string[];
  summary: string;
  description?: string;
  /** Who may call; without it the route asks for no caller. */
  callers?: readonly CallerKind[];
  query?: Q;
  body?: B;
  /** A request without a body means {}. */
  bodyOptional?: boolean;
  /** Where the body may be larger, or nested deeper, than bodies are elsewhere. */
  bodyLimits?: RouteLimits;
  responses: Record<number, { description: string; schema?: Schema; contentType?: string }>;
}

export interface Input<Q extends Schema | undefined, B extends Schema | undefined> {
  c: Context;
  caller: Caller;
  requestId: string;
  query: Parsed<Q>;
  body: Parsed<B>;
}

export interface App {
  route<Q extends Schema | undefined = undefined, B extends Schema | undefined = undefined>(
    spec: RouteSpec<Q, B>,
    handler: (input: Input<Q, B>) => Promise<Response> | Response,
  ): void;
  /** A documented route whose part is not there: 501. */
  notImplemented(method: Method, path: string, summary: string): void;
  /** Closes the list of routes; call it last. */
  build(): OpenAPIHono;
}

export const bodyLimit = 1024 * 1024;

const uuidPattern = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
const ErrorResponse = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
    hint: z.string().optional(),
  }),
  request_id: z.string(),
}).openapi("Error");

export function createApp(name: string, summary: string, dependencies: AppDependencies): App {
  const log = dependencies.log ?? ((line) => console.log(JSON.stringify(line)));
  const hono = new OpenAPIHono({ strict: false });
  const routes = hono.basePath(`/${name}`);
  const methods = new Map<string, Set<string>>();
  const facts = new WeakMap<Request, { requestId: string; caller: CallerKind | null }>();

  const register = (spec: RouteSpec<Schema | undefined, Schema | undefined>, answer: (c: Context) => unknown) => {
    const pattern = (spec.uuids ?? []).reduce(
      (path, parameter) => path.replace(`:${parameter}`, `:${parameter}{${uuidPattern}}`),
      spec.path,
    );
    const handler = answer as (c: Context) => Promise<Response>;
    if (spec.method === "all") return void routes.all(pattern, handler);
    routes.on(spec.method.toUpperCase(), pattern, handler);
    const known = methods.get(pattern) ?? new Set();
    methods.set(pattern, known.add(spec.method.toUpperCase()));
  };

  const document = (spec: RouteSpec<Schema | undefined, Schema | undefined>) => {
    const parameters = [...spec.path.matchAll(/:(\w+)/g)].map((match) => match[1]!);
    const responses = Object.fromEntries(
      Object.entries(spec.responses).map(([status, { description, schema, contentType }]) => [status, {
        description,
        ...(schema && { content: { [contentType ?? "application/json"]: { schema } } }),
      }]),
    );
    for (const method of spec.method === "all" ? ["get", "post", "put", "patch", "delete"] as const : [spec.method]) {
      hono.openAPIRegistry.registerPath({
        method,
        path: spec.path.replace(/:(\w+)/g, "{$1}").replace("/*", "/{path}"),
        summary: spec.summary,
        ...(spec.description && { description: spec.description }),
        ...(spec.callers && { security: security(spec.callers) }),
        request: {
          params: z.object(Object.fromEntries([
            ...parameters.map((parameter) => [
              parameter,
              spec.uuids?.includes(parameter) ? z.uuid() : z.string(),
            ]),
            ...(spec.path.endsWith("/*") ? [["path", z.string()]] : []),
          ])),
          ...(spec.query && { query: spec.query as z.ZodObject }),
          ...(spec.body && {
            body: { required: !spec.bodyOptional, content: { "application/json": { schema: spec.body } } },
          }),
        },
        responses: {
          ...responses,
          default: { description: "An error", content: { "application/json": { schema: ErrorResponse } } },
        },
      });
    }
  };

  hono.use("*", async (c, next) => {
    countExchange();
    const started = performance.now();
    const fact = { requestId: requestId(c.req.raw.headers), caller: null as CallerKind | null };
    facts.set(c.req.raw, fact);
    if (isPreflight(c.req.raw)) c.res = new Response(null, { status: 204 });
    else await next();
    setCommonHeaders(c, fact.requestId);
    // The path holds no secret but a hook's trigger id and a link's token, which are shortened.
    log({
      level: c.res.status >= 500 ? "error" : "info",
      event: "request",
      function: name,
      request_id: fact.requestId,
      method: c.req.method,
      path: c.req.path.replace(/(\/hooks\/webhook\/[^/]{0,8}|\/respond\/[^/]{0,4})[^/]*.*/, "$1..."),
      status: c.res.status,
      caller: fact.caller,
      duration_ms: Math.round((performance.now() - started) * 10) / 10,
    });
  });

  const answerError = (c: Context, thrown: unknown): Response => {
    const error = toApiError(thrown);
    const fact = facts.get(c.req.raw);
    if (error.status >= 500 && error.status !== 501) {
      const cause = (error.cause ?? thrown) as { code?: unknown; message?: unknown; stack?: unknown };
      log({
        level: "error",
        event: "failure",
        function: name,
        request_id: fact?.requestId,
        code: error.code,
        cause_code: cause.code ?? null,
        cause: String(cause.message ?? cause),
        stack: error.code === "internal_error" ? String(cause.stack ?? "") : undefined,
      });
    }
    return Response.json(errorBody(error, fact?.requestId ?? ""), { status: error.status, headers: error.headers });
  };
  hono.onError((error, c) => answerError(c, error));
  hono.notFound((c) => answerError(c, apiError("route_not_found")));

  const app: App = {
    route(spec, handler) {
      document(spec);
      register(spec, async (c) => {
        const fact = facts.get(c.req.raw)!;
        let caller: Caller = { kind: "anonymous" };
        if (spec.callers) {
          caller = await dependencies.authenticate(c.req.raw.headers);
          fact.caller = caller.kind;
          if (!spec.callers.includes(caller.kind)) {
            throw apiError(caller.kind === "anonymous" ? "authentication_required" : "forbidden");
          }
        }
        const { query, body } = await readInput(c, spec);
        return await handler({ c, caller, requestId: fact.requestId, query, body } as Parameters<typeof handler>[0]);
      });
    },

    notImplemented(method, path, summary) {
      const spec = { method, path, summary, responses: { 501: { description: "Not implemented" } } };
      document(spec);
      register(spec, () => {
        throw apiError("not_implemented", {
          message: `${method.toUpperCase()} /${name}${path === "/" ? "" : path} is not implemented`,
        });
      });
    },

    build() {
      app.route({
        method: "get",
        path: "/health",
        summary: "Whether the function works",
        responses: { 200: { description: "It works", schema: z.object({ status: z.literal("ok") }).loose() } },
      }, async ({ c }) => {
        await dependencies.database?.ping();
        return c.json({ status: "ok", function: name, ...(dependencies.database && { database: "ok" }) });
      });

      let description: unknown;
      app.route({
        method: "get",
        path: "/openapi.json",
        summary: "This document",
        responses: { 200: { description: "OpenAPI 3.1", schema: z.object({}).loose() } },
      }, ({ c }) => {
        description ??= hono.getOpenAPI31Document({
          openapi: "3.1.0",
          info: { title: `Tandem: ${name}`, description: summary, version: "1" },
          servers: [{ url: `${dependencies.url}/functions/v1/${name}` }],
        });
        return c.json(description as Record<string, unknown>);
      });
      hono.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
      hono.openAPIRegistry.registerComponent("securitySchemes", "apikey", {
        type: "apiKey",
        in: "header",
        name: "apikey",
      });

      for (const [pattern, known] of methods) {
        const allow = [...known, ...(known.has("GET") ? ["HEAD"] : [])].join(", ");
        routes.all(pattern, () => {
          throw apiError("method_not_allowed", { headers: { allow } });
        });
      }
      return hono;
    },
  };
  return app;
}

function security(callers: readonly CallerKind[]): Record<string, string[]>[] {
  return [
    ...(callers.includes("user") ? [{ token: [] }] : []),
    ...(callers.some((kind) => kind !== "user") ? [{ apikey: [] }] : []),
  ];
}

/** An incoming id is kept where it is harmless in a log and a header. */
function requestId(headers: Headers): string {
  const given = headers.get("x-request-id");
  return given && /^[\w.:-]{8,128}$/.test(given) ? given : crypto.randomUUID();
}

function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("access-control-request-method");
}

function setCommonHeaders(c: Context, id: string): void {
  const preflight = isPreflight(c.req.raw);
  const headers = c.res.headers;
  headers.set("x-request-id", id);
  // Any origin: callers are known by tokens and keys that a page must hold itself, never by cookies.
  headers.set("access-control-allow-origin", "*");
  if (!preflight) return headers.set("access-control-expose-headers", "x-request-id, retry-after, allow, etag");
  headers.set("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
  headers.set(
    "access-control-allow-headers",
    "authorization, apikey, content-type, x-client-info, x-request-id, idempotency-key, last-event-id, if-none-match, " +
      "x-region, x-supabase-api-version, traceparent, tracestate, baggage",
  );
  headers.set("access-control-max-age", "86400");
}

async function readInput(
  c: Context,
  spec: Pick<RouteSpec<Schema | undefined, Schema | undefined>, "query" | "body" | "bodyOptional" | "bodyLimits">,
): Promise<{ query: unknown; body: unknown }> {
  const problems: Problem[] = [];
  const check = (schema: Schema | undefined, root: string, value: unknown) => {
    if (!schema) return undefined;
    const parsed = schema.safeParse(value, { reportInput: true });
    if (!parsed.success) problems.push(...problemsOf(parsed.error, root, value));
    return parsed.data;
  };
  const query = check(spec.query, "query", c.req.query());
  const body = spec.body ? check(spec.body, "$", await readJson(c.req.raw, spec)) : undefined;
  if (problems.length > 0) {
    const message = problems.length === 1 ? "The request has a problem" : `The request has ${problems.length} problems`;
    throw apiError("request_invalid", { message, details: { problems } });
  }
  return { query, body };
}

async function readJson(
  request: Request,
  { bodyOptional: optional = false, bodyLimits = {} }: { bodyOptional?: boolean; bodyLimits?: RouteLimits },
): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  const isJson = /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type.trim());
  if (!isJson && !optional) throw apiError("unsupported_media_type");
  const bytes = await readBytes(request, bodyLimits.bytes);
  if (optional && bytes.length === 0) return {};
  if (!isJson) throw apiError("unsupported_media_type");
  return parseJson(bytes, bodyLimits.depth);
}

/** The body, refused as soon as it proves larger than the limit, whatever Content-Length says. */
export async function readBytes(request: Request, limit = bodyLimit): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => apiError("body_too_large", { message: `The body is larger than ${limit} bytes` });
  if (Number(request.headers.get("content-length") ?? 0) > limit) {
    await request.body?.cancel().catch(() => {});
    throw tooLarge();
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of request.body ?? []) {
      size += part.length;
      // Leaving the loop cancels the stream.
      if (size > limit) throw tooLarge();
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof ApiError ? error : apiError("body_unreadable", { cause: error });
  }
  return concatenated(parts);
}
