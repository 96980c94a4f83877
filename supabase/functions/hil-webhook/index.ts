import { createAuthenticator } from "shared/auth.ts";
import { readEnvironment } from "shared/env.ts";
import { serve } from "shared/serve.ts";
import { createHilWebhookApp } from "./handler.ts";

serve(() => {
  const environment = readEnvironment();
  const app = createHilWebhookApp({ url: environment.publicUrl, authenticate: createAuthenticator(environment) });
  return { fetch: (request) => app.fetch(request) };
});
