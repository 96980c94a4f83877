// Search, and what belongs to what was found.
import { type AppDependencies, createApp } from "shared/app.ts";
import { addObjectRoutes, type ObjectDependencies } from "./object_routes.ts";
import { addStepRoutes, type StepSearchDependencies } from "./steps_routes.ts";

export interface SearchDependencies extends AppDependencies, ObjectDependencies, StepSearchDependencies {
  database: ObjectDependencies["database"];
  usage?: ObjectDependencies["usage"] & StepSearchDependencies["usage"];
}

export function createSearchApp(dependencies: SearchDependencies) {
  const app = createApp("search", "Search steps, memories, documents and vectors.", dependencies);
  addStepRoutes(app, dependencies);
  addObjectRoutes(app, dependencies);
  app.notImplemented("post", "/memories", "Search memories");
  app.notImplemented("post", "/documents", "Search documents");
  app.notImplemented("post", "/vectors", "Search vectors");
  return app.build();
}
