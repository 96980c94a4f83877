// How long this isolate has been busy. A hosted isolate is ended after about 2 s of CPU time, and its runtime tells
// nobody how much of it is gone: getrusage would answer for all isolates of the process.
let counted = 0;

/** Runs synchronous work whose time counts; such work does not call itself. */
export function busy<T>(work: () => T): T {
  const began = performance.now();
  try {
    return work();
  } finally {
    counted += performance.now() - began;
  }
}

/**
 * Milliseconds since the isolate began: what the event loop says it was active where the runtime keeps that count
 * (Deno's answers 0), else the time spent in `busy` work: reading and writing JSON. The latter is a part of the whole,
 * so a budget for it is a part of the limit.
 */
export function busyMs(): number {
  const { eventLoopUtilization } = performance as { eventLoopUtilization?: () => { active?: number } };
  return Math.max(counted, eventLoopUtilization?.().active ?? 0);
}
