import { createAuthenticator } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { readEnvironment } from "shared/env.ts";
import { keyRing } from "shared/fernet.ts";
import { serve } from "shared/serve.ts";
import { createHilWebhookApp } from "./handler.ts";

serve(() => {
  const environment = readEnvironment();
  const app = createHilWebhookApp({
    url: environment.publicUrl,
    authenticate: createAuthenticator(environment),
    database: connect(environment.databaseUrl),
    classifier: environment.classifier,
    pageUrl: environment.respondPageUrl,
    ...(environment.encryptionKeys.length > 0 && { keys: keyRing(environment.encryptionKeys) }),
  });
  return { fetch: (request) => app.fetch(request) };
});
