// What turns texts into vectors, and how that fails.

export interface EmbeddingModel {
  name: string;
  dimensions: number;
  provider: "local" | "openai" | "supabase_ai";
  /** What the model reads of a text; the rest is cut off. */
  maxTokens: number;
}

export interface Embedded {
  /** In the order of the texts, each of the model's dimensions, finite, not all zero. */
  vectors: Float32Array[];
  /** As the provider counts them; an estimate where it does not. */
  tokens: number;
}

export interface EmbedOptions {
  signal?: AbortSignal;
}

export type Provider = (model: EmbeddingModel, texts: string[], options: EmbedOptions) => Promise<Embedded>;

export class EmbeddingError extends Error {
  override name = "EmbeddingError";
  readonly retryable: boolean;
  /** The model is to be left alone so long; that spends no attempt of a text. */
  readonly retryAfterSeconds: number | undefined;
  /** One of the texts may be the cause: others may succeed without it. */
  readonly divisible: boolean;

  constructor(readonly code: string, message: string, options: {
    retryable: boolean;
    retryAfterSeconds?: number;
    divisible?: boolean;
    cause?: unknown;
  }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.divisible = options.divisible ?? false;
  }
}

/** What somebody has to mend: until then nothing is lost, and the model is asked now and then. */
export const secondsUntilMended = 600;

/** About what English text has; for budgets, not for limits. */
export function estimatedTokens(texts: string[]): number {
  return texts.reduce((sum, text) => sum + Math.max(1, Math.ceil(text.length / 4)), 0);
}

/** A provider's numbers as a vector; throws embedding_invalid where they are none. */
export function vectorOf(numbers: unknown, { dimensions, name }: EmbeddingModel): Float32Array {
  if (!Array.isArray(numbers) && !(numbers instanceof Float32Array)) {
    throw invalid(`${name} answered something that is no vector`);
  }
  if (numbers.length !== dimensions) {
    throw invalid(`${name} answered ${numbers.length} numbers, not ${dimensions}`);
  }
  const vector = new Float32Array(dimensions);
  let largest = 0;
  for (let i = 0; i < dimensions; i++) {
    const number: unknown = numbers[i];
    if (typeof number !== "number" || !Number.isFinite(number)) {
      throw invalid(`${name} answered a vector with something that is no number`);
    }
    vector[i] = number;
    largest = Math.max(largest, Math.abs(number));
  }
  // what a halfvec cannot hold is as bad
  if (largest < 1e-7 || largest > 65_504) throw invalid(`${name} answered a vector without a direction`);
  return vector;
}

function invalid(message: string): EmbeddingError {
  return new EmbeddingError("embedding_invalid", message, { retryable: true, divisible: true });
}
