// How the client calls: results instead of exceptions, our error codes, camelCase outside and snake_case inside.

import type { Database } from "../database.types.ts";

/** A client of @supabase/supabase-js, as far as we use it. */
export interface SupabaseLike {
  // deno-lint-ignore no-explicit-any
  rpc(name: any, args?: any): PromiseLike<{ data: unknown; error: unknown; status?: number }>;
  // deno-lint-ignore no-explicit-any
  from(table: any): any;
  functions?: {
    // deno-lint-ignore no-explicit-any
    invoke(name: string, options?: any): Promise<{ data: unknown; error: unknown }>;
  };
  // deno-lint-ignore no-explicit-any
  channel?(topic: string, options?: any): any;
}

/** What went wrong: `code` is stable (the README of each domain lists them), the rest is for people. */
export interface TandemError {
  code: string;
  message: string;
  /** The HTTP status; 0 where no answer came */
  status: number;
  /** As `{problems: [{code, message, path}]}`, or `{currentVersion, revision, updatedAt}` of workflow_changed */
  details?: Record<string, unknown>;
  hint?: string;
  /** Of the edge functions: what their log has it under */
  requestId?: string;
}

/** Nothing is thrown for what can be expected: bad input, a lost race, no permission, no network. */
export type Result<T, More = unknown> =
  & ({ data: T; error: null } | { data: null; error: TandemError })
  & Partial<More>;

export type Row = Record<string, unknown>;

export const ok = <T>(data: T): { data: T; error: null } => ({ data, error: null });
export const failed = (error: TandemError): { data: null; error: TandemError } => ({ data: null, error });

/** An error that was found before anything was sent. */
export function refused(code: string, message: string, details?: Record<string, unknown>): TandemError {
  return { code, message, status: 422, ...(details && { details }) };
}

export type Verbs = Database["public"]["Functions"];

/** Calls a verb of SQL, whose name and parameters the compiler compares with the database's, and reads its answer. */
export type CallVerb = <Name extends keyof Verbs, T>(
  name: Name,
  args: { [Parameter in keyof Verbs[Name]["Args"]]?: unknown },
  read: (data: unknown) => T,
) => Promise<Result<T>>;

export function verbsOf(client: SupabaseLike): CallVerb {
  return async (name, args, read) => reading(await settle(() => client.rpc(name, withoutUndefined(args))), read);
}

/** Makes of an answer what the caller gets; one that makes no sense is an error too. */
export function reading<T>(answer: Result<unknown>, read: (data: unknown) => T): Result<T> {
  if (answer.error) return failed(answer.error);
  try {
    return ok(read(answer.data));
  } catch (thrown) {
    return failed({
      code: "answer_invalid",
      message: `The answer has an unexpected form: ${(thrown as Error).message}`,
      status: 502,
      hint: "Is the database of another version than this client?",
    });
  }
}

/** Calls a route of an edge function. */
export async function callFunction(
  client: SupabaseLike,
  path: string,
  body: Row | undefined,
  method = "POST",
  headers?: Record<string, string>,
): Promise<Result<unknown>> {
  if (!client.functions) return failed(refused("functions_needed", "This goes through the project's edge functions"));
  let answer: { data: unknown; error: unknown };
  try {
    answer = await client.functions.invoke(path, {
      method,
      ...(headers && { headers }),
      ...(body && { body: withoutUndefined(body) }),
    });
  } catch (thrown) {
    return failed(noAnswer(thrown));
  }
  return answer.error ? failed(await functionError(answer.error)) : ok(answer.data);
}

/** Awaits a call of the Data API, whatever becomes of it. */
export async function settle(
  call: () => PromiseLike<{ data: unknown; error: unknown; status?: number; count?: number | null }>,
): Promise<Result<unknown, { count: number | null }>> {
  try {
    const { data, error, status, count } = await call();
    if (error) return failed(toTandemError(error as Row, status));
    return { ...ok(data), count: count ?? null };
  } catch (thrown) {
    return failed(noAnswer(thrown));
  }
}

/** The error of a call of the Data API: ours by its own code, PostgREST's and Postgres' by what it means. */
export function toTandemError(error: Row, answered?: number): TandemError {
  const given = typeof error.code === "string" ? error.code : "";
  const message = String(error.message ?? "") || "The call failed";
  const declared = /^PT([45]\d\d)$/.exec(given);
  if (declared) {
    return {
      code: typeof error.details === "string" && error.details ? error.details : "error",
      message,
      status: Number(declared[1]),
      ...explained(error.hint),
    };
  }
  if (answered === 0 || (given === "" && answered === undefined)) return noAnswer(error);
  const meant = meanings.find(([pattern]) => pattern.test(given));
  const status = meant?.[1] ?? answered ?? 500;
  return {
    code: meant?.[2] ?? byStatus(status),
    message,
    status,
    ...(given !== "" && { details: { code: given, ...(error.details ? { said: error.details } : {}) } }),
    ...(typeof error.hint === "string" && error.hint && { hint: error.hint }),
  };
}

const meanings: [pattern: RegExp, status: number, code: string][] = [
  [/^PGRST303$/, 401, "token_expired"],
  [/^PGRST30[012]$/, 401, "invalid_token"],
  [/^PGRST(202|203|205)$/, 404, "verb_not_found"],
  [/^PGRST116$/, 404, "not_found"],
  [/^PGRST00[0-3]$/, 503, "database_unavailable"],
  [/^42501$/, 403, "forbidden"],
  // a fault of ours, which PostgREST takes for one of the request
  [/^(42|P0|XX)/, 500, "internal_error"],
  [/^(22...|54001)$/, 400, "value_invalid"],
  [/^57014$/, 504, "timeout"],
  [/^(40001|40P01|55P03)$/, 409, "conflict"],
  [/^(08|53|57P)/, 503, "database_unavailable"],
];

function byStatus(status: number): string {
  const codes: Record<number, string> = {
    401: "authentication_required",
    403: "forbidden",
    404: "not_found",
    408: "timeout",
    409: "conflict",
    413: "body_too_large",
    429: "too_many_requests",
    502: "database_unavailable",
    503: "database_unavailable",
    504: "timeout",
  };
  return codes[status] ?? (status >= 500 ? "internal_error" : "request_invalid");
}

/** SQL's hint is a sentence, a JSON list of problems, or a JSON object of details with perhaps a sentence in it. */
function explained(hint: unknown): Pick<TandemError, "details" | "hint"> {
  if (typeof hint !== "string" || hint === "") return {};
  if (!/^[[{]/.test(hint)) return { hint };
  try {
    const parsed = JSON.parse(hint);
    if (Array.isArray(parsed)) return { details: { problems: parsed.map(camel) } };
    const { hint: sentence, ...details } = parsed;
    return { details: camelDetails(details), ...(typeof sentence === "string" && { hint: sentence }) };
  } catch {
    return { hint };
  }
}

function camelDetails(details: Row): Row {
  const named = camel<Row>(details);
  return Array.isArray(named.problems) ? { ...named, problems: named.problems.map(camel) } : named;
}

function noAnswer(thrown: unknown): TandemError {
  const { name, message } = (thrown ?? {}) as { name?: unknown; message?: unknown };
  return {
    code: name === "AbortError" || /abort/i.test(String(message)) ? "aborted" : "network_error",
    message: String(message ?? thrown),
    status: 0,
    hint: "Whether the call took effect is unknown.",
  };
}

async function functionError(error: unknown): Promise<TandemError> {
  const { context, message } = error as { context?: unknown; message?: unknown };
  const response = context as Partial<Response> | undefined;
  if (typeof response?.status !== "number" || typeof response.text !== "function") return noAnswer(context ?? error);
  let body: Row = {};
  try {
    body = JSON.parse(await response.text());
  } catch {
    // a gateway's page
  }
  const said = (body.error ?? {}) as Row;
  return {
    code: typeof said.code === "string" ? said.code : byStatus(response.status),
    message: String(said.message ?? message),
    status: response.status,
    ...(isRow(said.details) && { details: camelDetails(said.details) }),
    ...(typeof said.hint === "string" && { hint: said.hint }),
    ...(typeof body.request_id === "string" && { requestId: body.request_id }),
  };
}

/** A row's own keys in camelCase; what is in its columns is somebody's JSON and stays as it is. */
export function camel<T = Row>(row: unknown): T {
  if (!isRow(row)) return row as T;
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase()),
      /(_at|_time|^deadline|^until)$/.test(key) ? isoTime(value) : value,
    ]),
  ) as T;
}

/** Some gateways answer times as Postgres writes them: `2026-01-31 09:00:00+00`. */
export function isoTime<T>(value: T): T | string {
  const [, day, hour, offset, minutes = "00"] =
    /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(?::?(\d\d))?$/.exec(String(value)) ?? [];
  return day === undefined ? value : `${day}T${hour}${offset}:${minutes}`;
}

/** The other way round, for what is sent. */
export function snake(fields: object): Row {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value instanceof Date ? value.toISOString() : value,
    ]),
  );
}

const withoutUndefined = (fields: Row): Row =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isUuid = (text: unknown): text is string =>
  typeof text === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
