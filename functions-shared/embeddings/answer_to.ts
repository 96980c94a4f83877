// How a request that needs a vector is answered where there is none.
import { type ApiError, apiError } from "../errors.ts";
import type { EmbeddingError } from "./model.ts";

export function answerTo(error: EmbeddingError): ApiError {
  const details = { reason: error.code };
  if (error.code === "text_refused") return apiError("text_refused", { cause: error });
  if (error.retryAfterSeconds !== undefined) {
    return apiError("embedding_unavailable", {
      message: error.message,
      details,
      headers: { "retry-after": String(Math.max(1, error.retryAfterSeconds)) },
      cause: error,
    });
  }
  return apiError("embedding_failed", { message: error.message, details, cause: error });
}
