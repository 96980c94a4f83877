import { createAuthenticator } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { createEmbedder } from "shared/embeddings/embedder.ts";
import { readEnvironment } from "shared/env.ts";
import { createObjectStore } from "shared/objects.ts";
import { serve } from "shared/serve.ts";
import { createStepUsage } from "shared/step_usage.ts";
import { createSearchApp } from "./handler.ts";

serve(() => {
  const environment = readEnvironment();
  const database = connect(environment.databaseUrl);
  const log = (event: string, fields: Record<string, unknown>) =>
    console.log(JSON.stringify({ level: "info", event, function: "search", ...fields }));
  const usage = createStepUsage(database, { log });
  const app = createSearchApp({
    url: environment.publicUrl,
    authenticate: createAuthenticator(environment),
    database,
    // somebody waits for the answer
    embedder: createEmbedder({ openai: environment.embeddings, timeoutMs: 10_000 }),
    objects: environment.objects && createObjectStore(environment.objects),
    usage,
  });
  return { fetch: (request) => app.fetch(request), stop: () => usage.flush() };
});
