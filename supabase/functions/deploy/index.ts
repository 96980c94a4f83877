import { createAuthenticator } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { readEnvironment } from "shared/env.ts";
import { keyRing } from "shared/fernet.ts";
import { serve } from "shared/serve.ts";
import { createDeployApp } from "./handler.ts";

serve(() => {
  const environment = readEnvironment();
  const database = connect(environment.databaseUrl);
  const authenticate = createAuthenticator(environment);
  const app = createDeployApp({
    url: environment.publicUrl,
    authenticate,
    database,
    ...(environment.encryptionKeys.length > 0 &&
      { keys: keyRing(environment.encryptionKeys) }),
  });
  return { fetch: (request) => app.fetch(request) };
});
