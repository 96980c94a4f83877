// What those have in common who look for work until there has been none for a while, and tell what became of it.
import { isConflict, isConnectionLoss } from "./errors.ts";

/** A pause that somebody may end early, also just before it begins. */
export function createPause(): { pause(milliseconds: number): Promise<void>; rouse(): void } {
  let roused = false;
  let end = () => {};
  return {
    pause: (milliseconds) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => end(), milliseconds);
        end = () => {
          clearTimeout(timer);
          roused = false;
          resolve();
        };
        if (roused) end();
      }),
    rouse() {
      roused = true;
      end();
    },
  };
}

/** Calls again where it was in another's way, or the database was away: five times at most, within about two seconds. */
export async function insistently<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 5 || !(isConflict(error) || isConnectionLoss(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt * (0.5 + Math.random())));
    }
  }
}

/** An error as fields of a log line. */
export function described(error: unknown): Record<string, unknown> {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return { error_code: code ?? null, error_message: message ?? String(error) };
}
