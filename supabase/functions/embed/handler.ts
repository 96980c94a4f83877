// Embeddings: texts to vectors, and steps with their large values.
import { type AppDependencies, createApp } from "shared/app.ts";
import { addStepRoutes, type StepDependencies } from "./steps_routes.ts";

export interface EmbedDependencies extends AppDependencies, StepDependencies {
  database: StepDependencies["database"];
}

export function createEmbedApp(dependencies: EmbedDependencies) {
  const app = createApp("embed", "Turn texts into vectors, and keep steps.", dependencies);
  app.notImplemented("post", "/", "Texts to vectors");
  addStepRoutes(app, dependencies);
  app.notImplemented("post", "/work", "Work on embedding jobs");
  return app.build();
}
