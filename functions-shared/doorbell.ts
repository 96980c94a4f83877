// Wakes another isolate of a function when this one ends with work left.
import type { Environment } from "./env.ts";

/** POSTs to the function's own /work; rejects where that is not accepted within five seconds. */
export function doorbell(
  slug: "execute" | "embed",
  { url, secretKeys }: Pick<Environment, "url" | "secretKeys">,
  send: typeof fetch = fetch,
): () => Promise<void> {
  return async () => {
    const answer = await send(`${url}/functions/v1/${slug}/work`, {
      method: "POST",
      headers: { apikey: secretKeys[0]! },
      signal: AbortSignal.timeout(5_000),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`/work answered ${answer.status}`);
  };
}
