// Answers that are asked for again and again: sent once, and after that only when they have changed.
import { toHex } from "./encoding.ts";
import { sha256 } from "./sha256.ts";

/**
 * The text, or 304 where If-None-Match names it. For what is the caller's own: it is kept by him alone, and asked for
 * anew each time.
 */
export async function answerWithEtag(
  request: Request,
  text: string,
  headers: Record<string, string>,
): Promise<Response> {
  const etag = `"${toHex(await sha256(text))}"`;
  const all = { ...headers, etag, "cache-control": "private, no-cache", vary: "authorization, apikey" };
  if (namesTag(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers: all });
  return new Response(text, { headers: all });
}

/** If-None-Match compares weakly: a proxy that packs the answer may have put W/ before our tag. */
export function namesTag(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").map((tag) => tag.trim().replace(/^W\//, "")).some((tag) => tag === "*" || tag === etag);
}
