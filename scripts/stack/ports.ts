import { Problem } from "./places.ts";

const given = new Set<number>();

/**
 * The wanted port or, when that is taken, the next free one; without a wish any outside the kernel's own range, and
 * never the same twice.
 */
export function freePort(wanted?: number): number {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = wanted === undefined ? 20_000 + Math.floor(Math.random() * 10_000) : wanted + attempt;
    if (wanted === undefined && given.has(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      given.add(port);
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw new Problem(`Cannot listen on port ${port}: ${error}.`);
    }
  }
  throw new Problem(`All ports from ${wanted ?? 20_000} on are taken.`);
}
