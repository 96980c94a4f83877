// Embeddings: texts to vectors, for whoever asks and for the rows that wait for theirs.
import { type AppDependencies, createApp } from "shared/app.ts";
import { addWorkRoute, type WorkDependencies } from "shared/work_route.ts";
import { addTextRoutes, type TextDependencies } from "./text_routes.ts";

export interface EmbedDependencies extends AppDependencies, TextDependencies, WorkDependencies {
  database: TextDependencies["database"];
}

export function createEmbedApp(dependencies: EmbedDependencies) {
  const app = createApp("embed", "Turn texts into vectors.", dependencies);
  addTextRoutes(app, dependencies);
  app.notImplemented("post", "/steps", "Create steps");
  addWorkRoute(app, dependencies);
  return app.build();
}
