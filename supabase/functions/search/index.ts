import { createAuthenticator } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { readEnvironment } from "shared/env.ts";
import { createObjectStore } from "shared/objects.ts";
import { serve } from "shared/serve.ts";
import { createSearchApp } from "./handler.ts";

serve(() => {
  const environment = readEnvironment();
  const database = connect(environment.databaseUrl);
  const app = createSearchApp({
    url: environment.publicUrl,
    authenticate: createAuthenticator(environment),
    database,
    objects: environment.objects && createObjectStore(environment.objects),
  });
  return { fetch: (request) => app.fetch(request) };
});
