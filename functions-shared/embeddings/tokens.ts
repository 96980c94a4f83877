// Cuts texts to what a model reads, by cl100k, the tokens of OpenAI's embedding models.

// The tokenizer takes time that grows with the square of a word's length, so it gets no more at once; a cut inside a
// word can only add a token.
const pieceCharacters = 256;

/** The text as far as the model reads it. Loads the tokenizer, which is large, only for texts that may be too long. */
export async function cutToTokens(text: string, most: number): Promise<string> {
  // a token has a byte at least
  if (mostBytes(text) <= most || new TextEncoder().encode(text).length <= most) return text;
  const { encode } = await import("gpt-tokenizer/encoding/cl100k_base");
  let left = most;
  for (let start = 0; start < text.length;) {
    const piece = pieceAt(text, start);
    const tokens = count(piece);
    if (tokens > left) return text.slice(0, start) + longestWithin(piece, left);
    left -= tokens;
    start += piece.length;
  }
  return text;

  function count(piece: string): number {
    return encode(piece, { disallowedSpecial: new Set<string>() }).length;
  }

  function longestWithin(piece: string, tokens: number): string {
    const characters = [...piece];
    let [fits, exceeds] = [0, characters.length];
    while (exceeds - fits > 1) {
      const middle = (fits + exceeds) >> 1;
      if (count(characters.slice(0, middle).join("")) <= tokens) fits = middle;
      else exceeds = middle;
    }
    return characters.slice(0, fits).join("");
  }
}

function mostBytes(text: string): number {
  return text.length * 3;
}

/** Up to the last space before its limit, and never half a surrogate pair. */
function pieceAt(text: string, start: number): string {
  const end = start + pieceCharacters;
  if (end >= text.length) return text.slice(start);
  const space = text.lastIndexOf(" ", end);
  if (space > start) return text.slice(start, space);
  const code = text.charCodeAt(end - 1);
  return text.slice(start, code >= 0xd800 && code <= 0xdbff ? end - 1 : end);
}
