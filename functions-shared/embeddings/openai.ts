// OpenAI's embeddings, or any service that speaks its protocol (https://platform.openai.com/docs/api-reference/embeddings).
import { busy, countExchange } from "../busy_time.ts";
import { retryAfter } from "../nodes/http_request.ts";
import { EmbeddingError, type EmbeddingModel, estimatedTokens, type Provider } from "./model.ts";
import { secondsUntilMended, vectorOf } from "./model.ts";
import { cutToTokens } from "./tokens.ts";

export interface OpenAiEndpoint {
  /** Base URL without a trailing slash, as https://api.openai.com/v1 */
  url: string;
  /** Services of one's own may need none. */
  key: string | null;
}

// Of one request, as OpenAI documents them; and as many numbers as an isolate can hold beside their JSON.
const mostTexts = 2048;
const mostTokens = 300_000;
const mostNumbers = 1_500_000;
const mostAnswerBytes = 64 * 1024 * 1024;

export function openai(
  endpoint: OpenAiEndpoint | null,
  { timeoutMs = 20_000, fetch: send = fetch }: { timeoutMs?: number; fetch?: typeof fetch } = {},
): Provider {
  // models of services that refuse to be asked for a dimension
  const ofOneDimension = new Set<string>();

  return async (model, texts, { signal }) => {
    if (!endpoint) {
      throw new EmbeddingError("embedding_unavailable", "EMBEDDINGS_KEY is not set: nobody computes the vectors", {
        retryable: true,
        retryAfterSeconds: secondsUntilMended,
      });
    }
    const vectors: Float32Array[] = [];
    let tokens = 0;
    for (const batch of batchesOf(await readable(texts, model.maxTokens), model)) {
      const answer = await ask(endpoint, model, batch, signal);
      vectors.push(...answer.vectors);
      tokens += answer.tokens;
    }
    return { vectors, tokens };
  };

  async function ask(endpoint: OpenAiEndpoint, model: EmbeddingModel, input: string[], signal?: AbortSignal) {
    const withDimensions = !ofOneDimension.has(model.name);
    const response = await request(endpoint, {
      model: model.name,
      input,
      encoding_format: "float",
      ...(withDimensions && { dimensions: model.dimensions }),
    }, signal);
    if (response.status === 400 && withDimensions && /dimension/i.test(response.text)) {
      ofOneDimension.add(model.name);
      return ask(endpoint, model, input, signal);
    }
    if (response.status < 200 || response.status > 299) throw refusal(response);
    return read(response.text, model, input);
  }

  async function request(endpoint: OpenAiEndpoint, body: unknown, signal?: AbortSignal): Promise<Reply> {
    const timeout = AbortSignal.timeout(timeoutMs);
    countExchange();
    try {
      const response = await send(`${endpoint.url}/embeddings`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          ...(endpoint.key && { authorization: `Bearer ${endpoint.key}` }),
        },
        body: busy(() => JSON.stringify(body)),
        // a redirect could carry the key elsewhere
        redirect: "error",
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      return { status: response.status, headers: response.headers, text: await limitedText(response) };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof EmbeddingError) throw error;
      if (timeout.aborted) {
        throw new EmbeddingError("timeout", `The provider took longer than ${timeoutMs / 1000} s`, { retryable: true });
      }
      throw new EmbeddingError("network_error", "The provider cannot be reached", { retryable: true, cause: error });
    }
  }
}

interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

/** Texts as the service takes them: not blank, not longer than the model reads. */
async function readable(texts: string[], maxTokens: number): Promise<string[]> {
  const cut: string[] = [];
  for (const text of texts) {
    cut.push(await cutToTokens(text.trim() === "" ? "-" : text.toWellFormed(), maxTokens));
  }
  return cut;
}

function* batchesOf(texts: string[], { dimensions, maxTokens }: EmbeddingModel): Generator<string[]> {
  const most = Math.max(1, Math.min(mostTexts, Math.floor(mostNumbers / dimensions)));
  const encoder = new TextEncoder();
  let batch: string[] = [];
  let tokens = 0;
  for (const text of texts) {
    // no text has more tokens than bytes, nor more than the model reads
    const bound = Math.min(text.length * 3 <= 64 ? text.length * 3 : encoder.encode(text).length, maxTokens);
    if (batch.length === most || (batch.length > 0 && tokens + bound > mostTokens)) {
      yield batch;
      batch = [];
      tokens = 0;
    }
    batch.push(text);
    tokens += bound;
  }
  if (batch.length > 0) yield batch;
}

function read(text: string, model: EmbeddingModel, input: string[]) {
  let body: { data?: unknown; usage?: { total_tokens?: unknown } } | null = null;
  try {
    body = busy(() => JSON.parse(text));
  } catch {
    // told below
  }
  const data = body?.data;
  if (!Array.isArray(data)) {
    throw new EmbeddingError("answer_malformed", "The provider's answer is no list of embeddings", { retryable: true });
  }
  if (data.length !== input.length) {
    throw new EmbeddingError(
      "answer_malformed",
      `The provider answered ${data.length} vectors to ${input.length} texts`,
      {
        retryable: true,
        divisible: true,
      },
    );
  }
  const dimensions = new Set(data.map((one) => Array.isArray(one?.embedding) ? one.embedding.length : null));
  const [only] = dimensions;
  if (dimensions.size === 1 && typeof only === "number" && only !== model.dimensions) {
    throw new EmbeddingError(
      "dimensions_differ",
      `${model.name} answers vectors of ${only} dimensions, not of ${model.dimensions}`,
      { retryable: true, retryAfterSeconds: secondsUntilMended },
    );
  }
  const vectors = new Array<Float32Array | undefined>(input.length).fill(undefined);
  busy(() =>
    data.forEach((one, i) => {
      // services that leave it out answer in order
      const index = one?.index ?? i;
      if (!Number.isInteger(index) || index < 0 || index >= input.length || vectors[index]) {
        throw new EmbeddingError(
          "answer_malformed",
          "The provider's answer does not say which vector is of which text",
          {
            retryable: true,
            divisible: true,
          },
        );
      }
      vectors[index] = vectorOf(one.embedding, model);
    })
  );
  const tokens = body?.usage?.total_tokens;
  return {
    vectors: vectors as Float32Array[],
    tokens: typeof tokens === "number" && tokens >= 0 ? tokens : estimatedTokens(input),
  };
}

function refusal({ status, headers, text }: Reply): EmbeddingError {
  const code = errorCode(text);
  const wait = retryAfter(headers.get("retry-after"));
  if (status === 429) {
    return code === "insufficient_quota"
      ? new EmbeddingError("quota_exhausted", "The account's quota at the provider is exhausted", {
        retryable: true,
        retryAfterSeconds: wait ?? secondsUntilMended,
      })
      : new EmbeddingError("rate_limited", "The provider is asked too much", {
        retryable: true,
        retryAfterSeconds: wait ?? 10,
      });
  }
  if (status === 401 || status === 403) {
    return new EmbeddingError("key_refused", `The provider refuses the key of EMBEDDINGS_KEY (${status})`, {
      retryable: true,
      retryAfterSeconds: secondsUntilMended,
    });
  }
  if (status === 404 || status === 405) {
    return new EmbeddingError(
      "model_not_found",
      `The provider has no such model, or EMBEDDINGS_URL is wrong (${status})`,
      {
        retryable: true,
        retryAfterSeconds: secondsUntilMended,
      },
    );
  }
  // what the provider says may repeat the text, so only its code is kept
  const said = code ? `: ${code}` : "";
  if (status >= 500 || [408, 409, 425].includes(status)) {
    return new EmbeddingError(`http_${status}`, `The provider answered ${status}${said}`, {
      retryable: true,
      ...(wait !== undefined && { retryAfterSeconds: wait }),
      // some services fail at a text that they should refuse
      divisible: status === 500 && wait === undefined,
    });
  }
  return new EmbeddingError("text_refused", `The provider refuses the text (${status})${said}`, {
    retryable: false,
    divisible: true,
  });
}

function errorCode(text: string): string | null {
  try {
    const { error } = JSON.parse(text);
    const code = error?.code ?? error?.type;
    return typeof code === "string" && /^[\w.-]{1,64}$/.test(code) ? code : null;
  } catch {
    return null;
  }
}

async function limitedText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > mostAnswerBytes) {
      throw new EmbeddingError("answer_malformed", "The provider's answer is too large", { retryable: true });
    }
    parts.push(part);
  }
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
}
