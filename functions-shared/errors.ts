// The one catalogue of errors that functions raise themselves. Errors of SQL verbs pass through with their own codes
// (each domain's README). errors.md explains every code below: cause and remedy.
export const catalogue = {
  authentication_required: [
    401,
    "This route needs a caller",
    "Send a user's token as Authorization: Bearer, or a key as apikey.",
  ],
  invalid_api_key: [
    401,
    "The API key is not one of this project",
    "Copy a key from the project's settings (locally: .tandem/stack.json).",
  ],
  invalid_token: [401, "The token is not valid", "Sign in again and send the new access token."],
  token_expired: [401, "The token has expired", "Refresh the session and send the new access token."],
  signature_invalid: [
    401,
    "The request is not signed by a secret of this integration",
    "Check the integration's id in the URL, its secret, and the sender's clock.",
  ],
  forbidden: [403, "This caller may not do this", "Use an account with the role that the action needs."],
  route_not_found: [404, "There is no such route", "GET openapi.json of this function lists its routes."],
  trigger_not_found: [404, "There is no such trigger", "Deploy the workflow and use the URL that deploying answers."],
  object_not_found: [404, "There is no such object", "It may have been deleted, or the step has none of this kind."],
  link_not_found: [
    404,
    "This link leads nowhere",
    "It may have been replaced: look for a newer message, or ask again.",
  ],
  embedding_model_not_found: [
    404,
    "There is no such embedding model",
    "details.models lists the models; the operator adds others to search.embedding_models.",
  ],
  method_not_allowed: [405, "This route does not take that method", "The Allow header lists the methods."],
  integration_inactive: [409, "The integration is turned off", "Turn it on with update_integration."],
  body_too_large: [413, "The body is too large", "Send less, or store the data elsewhere and send a reference."],
  object_too_large: [413, "The object is too large", "Store less of it, or parts of it."],
  unsupported_media_type: [415, "The body must be JSON", "Send Content-Type: application/json."],
  json_invalid: [400, "The body is not valid JSON", "Check the body with a JSON parser."],
  json_too_deep: [400, "The JSON is nested too deeply", "Flatten the value."],
  body_unreadable: [400, "The body could not be read", "Check the body's encoding and length."],
  path_invalid: [400, "The path is not valid", "Percent-encode the path as UTF-8."],
  delivery_key_invalid: [
    400,
    "The delivery id or Idempotency-Key is empty or too long",
    "Send one of 1 to 255 characters, or none.",
  ],
  value_invalid: [400, "A value has the wrong form", "Compare the request with the function's openapi.json."],
  import_invalid: [422, "The export cannot be read", "details.problems lists every problem."],
  request_invalid: [422, "The request is not valid", "details.problems lists every problem."],
  text_refused: [422, "The embedding model refuses a text", "Send the texts one by one to find out which."],
  too_many_streams: [429, "Too many event streams are open", "Close some, or come back after the time in Retry-After."],
  rate_limited: [429, "Too many deliveries at once", "Deliver again after the time in Retry-After."],
  execution_failed: [
    500,
    "The workflow ended without a result",
    "The workflow's members find out why in the execution.",
  ],
  not_implemented: [501, "This route is not implemented", "Watch the project's releases."],
  internal_error: [500, "Something went wrong on our side", "Try again; if it stays, report the request_id."],
  object_corrupt: [500, "The stored object is not what was stored", "Create the step again."],
  embedding_failed: [502, "The texts could not be embedded", "details.reason says why; try again."],
  provider_failed: [502, "The e-mail's content could not be fetched from its provider", "Deliver it again later."],
  encryption_unavailable: [
    503,
    "Secrets cannot be encrypted or read here",
    "Set ENCRYPTION_KEYS: supabase secrets set ENCRYPTION_KEYS=<32 bytes in base64url>.",
  ],
  embedding_unavailable: [
    503,
    "Texts cannot be embedded now",
    "details.reason says why; try again after the time in Retry-After.",
  ],
  database_unavailable: [503, "The database cannot be reached", "Try again after the time in Retry-After."],
  object_store_unavailable: [
    503,
    "The object storage cannot be reached",
    "Try again after the time in Retry-After; the operator checks the S3_ variables.",
  ],
  keys_unavailable: [
    503,
    "The keys that tokens are checked with cannot be fetched",
    "Try again after the time in Retry-After.",
  ],
  timeout: [504, "The database took too long to answer", "Try again, or ask for less at once."],
} as const satisfies Record<string, readonly [status: number, message: string, hint: string]>;

export type ErrorCode = keyof typeof catalogue;
export interface Problem {
  code: string;
  message: string;
  path: string;
}

export class ApiError extends Error {
  override name = "ApiError";
  status: number;
  code: string;
  details: Record<string, unknown> | undefined;
  hint: string | undefined;
  headers: Record<string, string>;

  constructor(fields: {
    status: number;
    code: string;
    message: string;
    details?: Record<string, unknown>;
    hint?: string;
    headers?: Record<string, string>;
    cause?: unknown;
  }) {
    super(fields.message, { cause: fields.cause });
    this.status = fields.status;
    this.code = fields.code;
    this.details = fields.details;
    this.hint = fields.hint;
    this.headers = fields.headers ?? {};
  }
}

export function apiError(code: ErrorCode, more: {
  message?: string;
  details?: Record<string, unknown>;
  hint?: string;
  headers?: Record<string, string>;
  cause?: unknown;
} = {}): ApiError {
  const [status, message, hint] = catalogue[code];
  const headers = status === 503 ? { "retry-after": "2", ...more.headers } : more.headers;
  return new ApiError({ status, code, message, hint, ...more, headers });
}

export function errorBody(error: ApiError, requestId: string) {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.details && { details: error.details }),
      ...(error.hint && { hint: error.hint }),
    },
    request_id: requestId,
  };
}

/** What a client may see of any thrown value: our errors and SQL's declared ones as they are, the rest without internals. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (isConnectionLoss(thrown)) return apiError("database_unavailable", { cause: thrown });
  const state = sqlState(thrown);
  if (state === null) return apiError("internal_error", { cause: thrown });

  const declared = /^PT([45]\d\d)$/.exec(state);
  const { message, detail, hint } = thrown as { message: string; detail?: string; hint?: string };
  if (declared) {
    const details = detailsIn(hint);
    return new ApiError({
      status: Number(declared[1]),
      code: detail || "error",
      message,
      hint: details ? details.hint ?? "details.problems lists every problem." : hint || undefined,
      details: details?.details,
      cause: thrown,
    });
  }
  if (state === "42501") return apiError("forbidden", { cause: thrown });
  if (valueErrors.has(state)) return apiError("value_invalid", { cause: thrown });
  if (state === "57014") return apiError("timeout", { cause: thrown });
  return apiError("internal_error", { cause: thrown });
}

// Text, numbers, dates, ids and JSON that a column or parameter cannot take; 22P05 is U+0000, 54001 too deep a value.
const valueErrors = new Set(["22P02", "22023", "22P05", "22001", "22003", "22007", "22008", "22021", "54001"]);

// Codes of postgres.js and of the socket below it.
const connectionErrors = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]);

/** True where the database could not be reached or cannot take work now; a statement may or may not have happened. */
export function isConnectionLoss(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return false;
  return connectionErrors.has(code) || /^(08|53|57P)/.test(code) && code.length === 5;
}

/** True where the same statements may succeed when they are repeated: nothing of them was kept. */
export function isConflict(thrown: unknown): boolean {
  const state = sqlState(thrown);
  return state === "40001" || state === "40P01";
}

/** SQLSTATE of a server error, or null when the server did not answer one. */
export function sqlState(thrown: unknown): string | null {
  const error = thrown as { code?: unknown; severity?: unknown } | null;
  return typeof error?.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) && error.severity !== undefined
    ? error.code
    : null;
}

/** SQL has one text for what goes beyond a sentence: a list is of problems, an object of details, perhaps with a hint. */
function detailsIn(text: string | undefined): { details: Record<string, unknown>; hint?: string } | null {
  if (!text || !/^[[{]/.test(text)) return null;
  try {
    const parsed = JSON.parse(text);
    if (Array.isArray(parsed)) return { details: { problems: parsed } };
    const { hint = "details says what is there now.", ...details } = parsed;
    return { details, hint };
  } catch {
    return null;
  }
}
