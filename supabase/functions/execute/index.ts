import { createAuthenticator } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { doorbell } from "shared/doorbell.ts";
import { sqlEngine } from "shared/engine.ts";
import { isHosted, readEnvironment } from "shared/env.ts";
import { keyRing } from "shared/fernet.ts";
import { createSender, sqlOutbox, withSender } from "shared/hil_sender.ts";
import { nodeRunner } from "shared/nodes/registry.ts";
import { serve } from "shared/serve.ts";
import { createWorker } from "shared/worker.ts";
import { createExecuteApp } from "./handler.ts";

serve(() => {
  const environment = readEnvironment();
  const database = connect(environment.databaseUrl);
  const keys = environment.encryptionKeys.length > 0 ? keyRing(environment.encryptionKeys) : undefined;
  const log = (event: string, fields: Record<string, unknown>) =>
    console.log(JSON.stringify({ level: "info", event, function: "execute", ...fields }));
  const tasks = createWorker({
    // Connections of its own: results never queue behind requests.
    engine: sqlEngine((poolSize) => connect(environment.databaseUrl, { poolSize })),
    run: nodeRunner(),
    capacity: environment.workerCapacity,
    budgetMs: environment.workerTimeBudgetSeconds * 1000,
    cpuBudgetMs: environment.workerCpuBudgetMs,
    // elsewhere a process ends when its stack does
    ...(isHosted() && { ring: doorbell("execute", environment) }),
    log,
  });
  const sender = createSender({
    outbox: sqlOutbox(() => connect(environment.databaseUrl, { poolSize: 1 })),
    projectUrl: environment.publicUrl,
    mayClaim: () => tasks.accepting,
    log,
    ...(keys && { keys }),
  });
  const worker = withSender(tasks, sender);
  const authenticate = createAuthenticator(environment);
  const app = createExecuteApp({
    url: environment.publicUrl,
    authenticate,
    database,
    worker,
    classifier: environment.classifier,
    ...(keys && { keys }),
  });
  return { fetch: (request) => app.fetch(request), stop: (graceMs) => worker.stop(graceMs) };
});
