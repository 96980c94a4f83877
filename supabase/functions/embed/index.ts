import { createAuthenticator } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { doorbell } from "shared/doorbell.ts";
import { createEmbedder } from "shared/embeddings/embedder.ts";
import { createEmbeddingWorker, sqlQueue } from "shared/embeddings/worker.ts";
import { isHosted, readEnvironment } from "shared/env.ts";
import { sweepObjects, withSweeper } from "shared/object_sweep.ts";
import { createObjectStore } from "shared/objects.ts";
import { serve } from "shared/serve.ts";
import { createEmbedApp } from "./handler.ts";

serve(() => {
  const environment = readEnvironment();
  const embedder = createEmbedder({ openai: environment.embeddings });
  const database = connect(environment.databaseUrl);
  const objects = environment.objects && createObjectStore(environment.objects);
  const log = (event: string, fields: Record<string, unknown>) =>
    console.log(JSON.stringify({ level: "info", event, function: "embed", ...fields }));
  const embeddings = createEmbeddingWorker({
    // Connections of its own: results never queue behind requests.
    queue: sqlQueue(() => connect(environment.databaseUrl, { poolSize: 3 })),
    embedder,
    budgetMs: environment.workerTimeBudgetSeconds * 1000,
    cpuBudgetMs: environment.workerCpuBudgetMs,
    // elsewhere a process ends when its stack does
    ...(isHosted() && { ring: doorbell("embed", environment) }),
    log,
  });
  const worker = withSweeper(embeddings, (signal) => sweepObjects(database, objects, { signal }), log);
  const app = createEmbedApp({
    url: environment.publicUrl,
    authenticate: createAuthenticator(environment),
    database,
    embedder,
    objects,
    worker,
  });
  return { fetch: (request) => app.fetch(request), stop: (graceMs) => worker.stop(graceMs) };
});
