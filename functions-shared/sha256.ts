import { type Bytes, utf8 } from "./encoding.ts";

/** Of a text: of its UTF-8. */
export async function sha256(content: string | Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", typeof content === "string" ? utf8(content) : content));
}
