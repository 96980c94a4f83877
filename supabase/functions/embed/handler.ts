// Embeddings: the routes are documented, their part is not there.
import { type AppDependencies, createApp } from "shared/app.ts";

export function createEmbedApp(dependencies: AppDependencies) {
  const app = createApp("embed", "Turn texts into vectors.", dependencies);
  app.notImplemented("post", "/", "Texts to vectors");
  app.notImplemented("post", "/steps", "Create steps");
  app.notImplemented("post", "/work", "Work on embedding jobs");
  return app.build();
}
