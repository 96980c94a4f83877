// Embeddings: texts to vectors, for whoever asks and for the rows that wait for theirs; and steps with their large
// values.
import { type AppDependencies, createApp } from "shared/app.ts";
import { addWorkRoute, type WorkDependencies } from "shared/work_route.ts";
import { addStepRoutes, type StepDependencies } from "./steps_routes.ts";
import { addTextRoutes, type TextDependencies } from "./text_routes.ts";

export interface EmbedDependencies extends AppDependencies, TextDependencies, StepDependencies, WorkDependencies {
  database: TextDependencies["database"];
  worker: WorkDependencies["worker"];
  log?: AppDependencies["log"];
}

export function createEmbedApp(dependencies: EmbedDependencies) {
  const app = createApp("embed", "Turn texts into vectors, and keep steps.", dependencies);
  addTextRoutes(app, dependencies);
  addStepRoutes(app, dependencies);
  addWorkRoute(app, dependencies);
  return app.build();
}
