import assert from "node:assert/strict";

Deno.test("an isolate that is about to end hands back at once, and stays until that is done", async () => {
  const script = `
    import { serve } from ${JSON.stringify(import.meta.resolve("./serve.ts"))};
    globalThis.EdgeRuntime = { waitUntil: (promise) => promise.then(() => { console.log("done"); Deno.exit(0); }) };
    const stop = async (graceMs) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log("stopped with " + graceMs);
    };
    serve(() => ({ fetch: () => new Response(), stop }));
    dispatchEvent(new Event("beforeunload"));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `data:application/typescript,${encodeURIComponent(script)}`],
    env: { DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n").filter((line) => !line.startsWith("{"));
  assert.deepEqual(lines, ["stopped with 0", "done"]);
});
