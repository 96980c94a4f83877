// Search: the routes are documented, their part is not there.
import { type AppDependencies, createApp } from "shared/app.ts";

export function createSearchApp(dependencies: AppDependencies) {
  const app = createApp("search", "Search steps, memories, documents and vectors.", dependencies);
  app.notImplemented("post", "/steps", "Search steps");
  app.notImplemented("get", "/steps/:id/state", "A step's state");
  app.notImplemented("get", "/steps/:id/outcome", "A step's outcome");
  app.notImplemented("post", "/memories", "Search memories");
  app.notImplemented("post", "/documents", "Search documents");
  app.notImplemented("post", "/vectors", "Search vectors");
  return app.build();
}
