// A worker process that may be killed: what the execute function runs, without its HTTP.
// `deno run -A tests/chaos/worker.ts <database url>`
import { connect } from "shared/db.ts";
import { sqlEngine } from "shared/engine.ts";
import { nodeRunner } from "shared/nodes/registry.ts";
import { createWorker } from "shared/worker.ts";

const [url] = Deno.args;
const worker = createWorker({
  engine: sqlEngine((poolSize) => connect(url!, { poolSize })),
  run: nodeRunner(),
  pollMs: { least: 10, most: 100 },
});
for (;;) {
  await worker.wake();
  await new Promise((resolve) => setTimeout(resolve, 100));
}
