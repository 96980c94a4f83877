// The page around a question, for readers without JavaScript: nothing in it comes from elsewhere or runs.
import { escapeHtml, pageStyle } from "./question_page.js";

/** What may happen on the page: its own style, and its form to where it came from. */
export async function pageHeaders(): Promise<Record<string, string>> {
  return {
    ...privateHeaders,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src '${await styleHash}'; form-action 'self'; ` +
      "base-uri 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
  };
}

/** Of everything below a link: nobody keeps it, and nobody is told where it was. */
export const privateHeaders: Record<string, string> = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex, nofollow",
  vary: "accept",
};

export function pageHtml(title: string, main: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">' +
    `<meta name="referrer" content="no-referrer"><style>${pageStyle}</style></head><body><main>${main}</main></body></html>`;
}

export async function sha256Base64(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

const styleHash = sha256Base64(pageStyle);

/** Whether the sender would rather have HTML than JSON: browsers say so, programs do not. */
export function prefersHtml(accept: string | null): boolean {
  const weight = (type: string) => {
    let best = 0;
    for (const part of (accept ?? "").toLowerCase().split(",").slice(0, 50)) {
      const [name, ...parameters] = part.split(";").map((one) => one.trim());
      if (name !== type) continue;
      const q = parameters.find((one) => one.startsWith("q="));
      best = Math.max(best, q === undefined ? 1 : Number(q.slice(2)) || 0);
    }
    return best;
  };
  return weight("text/html") > weight("application/json");
}
