// The one way to a vector: by the model's provider, in a batch, and text by text where a batch fails.
import { busy } from "../busy_time.ts";
import { localLexical } from "./local_lexical.ts";
import { type Embedded, EmbeddingError, type EmbeddingModel, type EmbedOptions, estimatedTokens } from "./model.ts";
import type { Provider } from "./model.ts";
import { openai, type OpenAiEndpoint } from "./openai.ts";
import { supabaseAi } from "./supabase_ai.ts";

export interface Embedder {
  /** All or none; throws EmbeddingError, or the signal's reason. */
  embed(model: EmbeddingModel, texts: string[], options?: EmbedOptions): Promise<Embedded>;
  /** What fails for one text does not fail for the others. Throws the signal's reason only. */
  embedEach(
    model: EmbeddingModel,
    texts: string[],
    options?: EmbedOptions,
  ): Promise<{ outcomes: (Float32Array | EmbeddingError)[]; tokens: number }>;
}

export interface EmbedderConfig {
  /** Null where neither an address nor a key is set. */
  openai: OpenAiEndpoint | null;
  /** Of one request to a provider. */
  timeoutMs?: number;
}

export function createEmbedder({ openai: endpoint, timeoutMs = 20_000 }: EmbedderConfig): Embedder {
  const providers: Record<EmbeddingModel["provider"], Provider> = {
    local: embedLocally,
    openai: openai(endpoint, { timeoutMs }),
    supabase_ai: supabaseAi(),
  };

  const embed: Embedder["embed"] = async (model, texts, options = {}) => {
    options.signal?.throwIfAborted();
    if (texts.length === 0) return { vectors: [], tokens: 0 };
    return await providers[model.provider](model, texts, options);
  };

  const embedEach: Embedder["embedEach"] = async (model, texts, options = {}) => {
    const outcomes: (Float32Array | EmbeddingError)[] = [];
    let tokens = 0;
    // One text that fails does so on one way down, and something on that way's side succeeds. Where nothing does, the
    // provider is at fault, whatever it says, and need not be asked for each text.
    let failures = 0;
    const mostFailures = Math.ceil(Math.log2(Math.max(1, texts.length))) + 2;
    let hopeless: EmbeddingError | null = null;

    const part = async (some: string[]): Promise<void> => {
      if (hopeless) return void outcomes.push(...some.map(() => hopeless!));
      try {
        const embedded = await embed(model, some, options);
        outcomes.push(...embedded.vectors);
        tokens += embedded.tokens;
        failures = 0;
      } catch (error) {
        if (!(error instanceof EmbeddingError)) throw error;
        failures++;
        if (!error.divisible) hopeless = error;
        else if (failures >= mostFailures && texts.length > 1) {
          const { code, message, cause } = error;
          hopeless = new EmbeddingError(code, message, { retryable: true, cause });
        }
        if (hopeless || some.length === 1) return void outcomes.push(...some.map(() => hopeless ?? error));
        const middle = Math.ceil(some.length / 2);
        await part(some.slice(0, middle));
        await part(some.slice(middle));
      }
    };
    if (texts.length > 0) await part(texts);
    return { outcomes, tokens };
  };

  return { embed, embedEach };
}

const embedLocally: Provider = (model, texts) => {
  if (model.name !== "local-lexical-v1") {
    const message = `There is no local model ${model.name}`;
    return Promise.reject(new EmbeddingError("embedding_model_unknown", message, { retryable: false }));
  }
  const vectors = busy(() => texts.map((text) => localLexical(text, model.dimensions)));
  return Promise.resolve({ vectors, tokens: estimatedTokens(texts) });
};
