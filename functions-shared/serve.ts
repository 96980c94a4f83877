// Serves a function, and lets it finish what it holds before the process or the isolate ends.
import { EnvironmentError } from "./env.ts";

interface Runtime {
  waitUntil?(promise: Promise<unknown>): void;
}

export function serve(build: () => { fetch: (request: Request) => Response | Promise<Response>; stop?: Stop }): void {
  let handler: ReturnType<typeof build>;
  try {
    handler = build();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
  const server = Deno.serve({
    onListen: (address) => console.log(JSON.stringify({ level: "info", event: "listening", port: address.port })),
  }, (request) => handler.fetch(request));

  // Hosted isolates announce their end here; nothing after it is certain to run.
  addEventListener("beforeunload", () => background(handler.stop?.(0) ?? Promise.resolve()));

  const end = async () => {
    const late = setTimeout(() => Deno.exit(0), 5_000);
    await handler.stop?.(1_500);
    // Streams stay open as long as their clients; they may reconnect elsewhere.
    await Promise.race([server.shutdown(), new Promise((resolve) => setTimeout(resolve, 250))]);
    clearTimeout(late);
    Deno.exit(0);
  };
  let ending = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    try {
      Deno.addSignalListener(signal, () => {
        if (!ending) void end();
        ending = true;
      });
    } catch {
      // hosted isolates receive no signals
    }
  }
}

export type Stop = (graceMs: number) => Promise<void>;

/** Keeps a hosted isolate alive until the promise settles; elsewhere the process lives anyway. */
export function background(promise: Promise<unknown>): void {
  const runtime = (globalThis as { EdgeRuntime?: Runtime }).EdgeRuntime;
  const guarded = promise.catch((error) =>
    console.error(JSON.stringify({ level: "error", event: "background", cause: String(error) }))
  );
  runtime?.waitUntil?.(guarded);
}
