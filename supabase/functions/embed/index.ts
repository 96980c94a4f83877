import { createAuthenticator } from "shared/auth.ts";
import { readEnvironment } from "shared/env.ts";
import { serve } from "shared/serve.ts";
import { createEmbedApp } from "./handler.ts";

serve(() => {
  const environment = readEnvironment();
  const app = createEmbedApp({ url: environment.publicUrl, authenticate: createAuthenticator(environment) });
  return { fetch: (request) => app.fetch(request) };
});
