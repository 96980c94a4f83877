// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
export interface SentEvent {
  id?: string;
  event: string;
  data: unknown;
}

export function encodeEvent({ id, event, data }: SentEvent): string {
  // JSON has no raw line breaks; a name or id with one would end the field early.
  const line = (text: string) => text.replace(/[\r\n\0]/g, " ");
  return `${id === undefined ? "" : `id: ${line(id)}\n`}event: ${line(event)}\ndata: ${
    JSON.stringify(data ?? null)
  }\n\n`;
}

/** Resolves when the client has room for more. */
export type Emit = (event: SentEvent) => Promise<void>;

/**
 * A response that `follow` writes to until it returns or the client goes away (then `signal` aborts). A comment every
 * `heartbeatMs` keeps proxies from closing a quiet stream; `retry` tells the client when to come back.
 */
export function eventStream(
  follow: (emit: Emit, signal: AbortSignal) => Promise<void>,
  { heartbeatMs = 15_000, retryMs = 1_000 }: { heartbeatMs?: number; retryMs?: number } = {},
): Response {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let makeRoom = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        if (!gone.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      write(`retry: ${retryMs}\n\n`);
      heartbeat = setInterval(() => write(": still here\n\n"), heartbeatMs);
      const emit: Emit = (event) => {
        write(encodeEvent(event));
        if (gone.signal.aborted || (controller.desiredSize ?? 0) > 0) return Promise.resolve();
        return new Promise((resolve) => makeRoom = resolve);
      };
      follow(emit, gone.signal).catch(() => {
        // The stream ends without `end`: the client reconnects after its last event.
      }).finally(() => {
        clearInterval(heartbeat);
        if (!gone.signal.aborted) controller.close();
      });
    },
    pull() {
      makeRoom();
    },
    cancel() {
      clearInterval(heartbeat);
      gone.abort();
      makeRoom();
    },
  }, { highWaterMark: 16 });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      // buffering proxies would hold events back
      "x-accel-buffering": "no",
    },
  });
}

/** Waits; returns false at once when the signal aborts. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve(true);
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
