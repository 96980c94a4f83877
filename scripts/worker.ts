// `npm run worker`: the worker of the execute function as a process of its own, in any container that reaches
// DATABASE_URL. It takes work until SIGTERM, then lets what runs end for WORKER_GRACE_SECONDS and hands the rest back.
// With ENCRYPTION_KEYS and PUBLIC_URL it sends the messages of interactions too. It embeds what the local model can, and
// with EMBEDDINGS_URL or EMBEDDINGS_KEY whatever waits.
import { connect } from "shared/db.ts";
import { createEmbedder } from "shared/embeddings/embedder.ts";
import { createEmbeddingWorker, sqlQueue } from "shared/embeddings/worker.ts";
import { sqlEngine } from "shared/engine.ts";
import { openAiUrl } from "shared/env.ts";
import { fernetKey, keyRing } from "shared/fernet.ts";
import { createSender, sqlOutbox, withSender } from "shared/hil_sender.ts";
import { nodeRunner } from "shared/nodes/registry.ts";
import { createWorker } from "shared/worker.ts";

const problems: string[] = [];
const databaseUrl = Deno.env.get("DATABASE_URL") ?? "";
if (!/^postgres(ql)?:$/.test(URL.parse(databaseUrl)?.protocol ?? "")) {
  problems.push("DATABASE_URL is not a URL that begins with postgresql://");
}
const capacity = integer("WORKER_CAPACITY", 10, 1, 200);
// docker stop kills after 10 s
const graceSeconds = integer("WORKER_GRACE_SECONDS", 8, 0, 3600);
const keys = (Deno.env.get("ENCRYPTION_KEYS") ?? "").split(",").map((key) => key.trim()).filter((key) => key !== "");
if (keys.some((key) => fernetKey(key) === null)) {
  problems.push("ENCRYPTION_KEYS is not a list of keys of 32 bytes in base64url, the newest first");
}
const publicUrl = Deno.env.get("PUBLIC_URL")?.trim() ?? "";
if (keys.length > 0 && !/^https?:$/.test(URL.parse(publicUrl)?.protocol ?? "")) {
  problems.push("PUBLIC_URL is not the project's URL: the links in messages lead there");
}
const embeddingsUrl = Deno.env.get("EMBEDDINGS_URL")?.trim().replace(/\/+$/, "") ?? "";
const embeddingsKey = Deno.env.get("EMBEDDINGS_KEY")?.trim() ?? "";
if (embeddingsUrl !== "" && !/^https?:$/.test(URL.parse(embeddingsUrl)?.protocol ?? "")) {
  problems.push("EMBEDDINGS_URL is not a URL that begins with http:// or https://");
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  Deno.exit(1);
}

const log = (event: string, fields: Record<string, unknown> = {}) =>
  console.log(JSON.stringify({ level: "info", event, function: "worker", ...fields }));
const tasks = createWorker({
  engine: sqlEngine((poolSize) => connect(databaseUrl, { poolSize })),
  run: nodeRunner(),
  capacity,
  // nobody wakes it: it asks four times a second, and a database that is away as long as that takes
  lingerMs: Infinity,
  patienceMs: Infinity,
  log,
});
const worker = keys.length === 0 ? tasks : withSender(
  tasks,
  createSender({
    outbox: sqlOutbox(() => connect(databaseUrl, { poolSize: 1 })),
    keys: keyRing(keys),
    projectUrl: publicUrl,
    mayClaim: () => tasks.accepting,
    lingerMs: Infinity,
    log,
  }),
);
const endpoint = embeddingsUrl || embeddingsKey
  ? { url: embeddingsUrl || openAiUrl, key: embeddingsKey || null }
  : null;
const embeddings = createEmbeddingWorker({
  queue: sqlQueue(() => connect(databaseUrl, { poolSize: 3 }), endpoint ? ["local", "openai"] : ["local"]),
  embedder: createEmbedder({ openai: endpoint }),
  lingerMs: Infinity,
  log,
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.addSignalListener(signal, () => {
    // whoever asks twice does not want to wait
    if (!worker.accepting) Deno.exit(130);
    log("stopping", { signal });
    void worker.stop(graceSeconds * 1000);
    void embeddings.stop(graceSeconds * 1000);
  });
}
log("working", { capacity });
await Promise.all([worker, embeddings].map(async (one) => {
  while (one.accepting) await one.wake();
}));
log("stopped");
Deno.exit(0);

function integer(name: string, fallback: number, least: number, most: number): number {
  const text = Deno.env.get(name)?.trim();
  if (!text) return fallback;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    problems.push(`${name} is not a whole number from ${least} to ${most}`);
  }
  return number;
}
