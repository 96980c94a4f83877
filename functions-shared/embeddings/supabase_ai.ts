// Models that hosted Supabase runs inside the isolate: gte-small, one text at a time.
import { EmbeddingError, estimatedTokens, type Provider, secondsUntilMended, vectorOf } from "./model.ts";

interface Session {
  run(text: string, options: { mean_pool: true; normalize: true }): Promise<unknown>;
}
interface Runtime {
  ai?: { Session: new (model: string) => Session };
}

/** Elsewhere than in that runtime every call throws embedding_unavailable. */
export function supabaseAi(
  runtime: () => Runtime | undefined = () => (globalThis as { Supabase?: Runtime }).Supabase,
): Provider {
  const sessions = new Map<string, Session>();
  return async (model, texts, { signal }) => {
    const ai = runtime()?.ai;
    if (!ai) {
      throw new EmbeddingError("embedding_unavailable", `${model.name} runs on hosted Supabase only`, {
        retryable: true,
        retryAfterSeconds: secondsUntilMended,
      });
    }
    let session = sessions.get(model.name);
    if (!session) sessions.set(model.name, session = new ai.Session(model.name));
    const vectors: Float32Array[] = [];
    for (const text of texts) {
      signal?.throwIfAborted();
      let numbers: unknown;
      try {
        // four characters a token or less; what is beyond the model's reach costs time only
        numbers = await session.run(text.slice(0, model.maxTokens * 4), { mean_pool: true, normalize: true });
      } catch (error) {
        throw new EmbeddingError("embedding_failed", `${model.name} failed`, {
          retryable: true,
          divisible: true,
          cause: error,
        });
      }
      vectors.push(vectorOf(numbers, model));
    }
    return { vectors, tokens: estimatedTokens(texts) };
  };
}
