// What the checks of signatures have in common. Each is a pure function of the raw bytes; null means verified.

/** Why a request was refused: for logs; whoever sent it is told only that it was. */
export type Refusal = "missing" | "malformed" | "too_old" | "too_new" | "mismatch";
export type Verdict = Refusal | null;

/** Whether a time of the sender's clock is within the tolerance around ours; both in seconds. */
export function checkTime(timestamp: string, now: number, tolerance: number): Verdict {
  if (!/^\d{1,12}$/.test(timestamp)) return "malformed";
  const age = now - Number(timestamp);
  if (age > tolerance) return "too_old";
  return age < -tolerance ? "too_new" : null;
}
