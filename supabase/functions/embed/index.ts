import { createAuthenticator } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { readEnvironment } from "shared/env.ts";
import { createObjectStore } from "shared/objects.ts";
import { serve } from "shared/serve.ts";
import { createEmbedApp } from "./handler.ts";

serve(() => {
  const environment = readEnvironment();
  const database = connect(environment.databaseUrl);
  const app = createEmbedApp({
    url: environment.publicUrl,
    authenticate: createAuthenticator(environment),
    database,
    objects: environment.objects && createObjectStore(environment.objects),
  });
  return { fetch: (request) => app.fetch(request) };
});
