// Checks definitions and puts versions of workflows to work.
import { z } from "@hono/zod-openapi";
import { type AppDependencies, createApp } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import type { KeyRing } from "shared/fernet.ts";
import { storableJson } from "shared/json.ts";
import { addDeploymentRoutes } from "./deployment_routes.ts";
import { addDiagramRoutes } from "./diagram_routes.ts";
import { addImportRoutes } from "./import_routes.ts";
import { addIntegrationRoutes } from "./integration_routes.ts";
import { addSpecificationRoutes } from "./specification_routes.ts";

export interface DeployDependencies extends AppDependencies {
  database: Database;
  /** Of integrations' secrets. */
  keys?: KeyRing;
}

const ValidateBody = z.strictObject({
  definition: z.looseObject({}).openapi({
    description: "{nodes, connections}",
  }),
  workspace_id: z.uuid().nullish().openapi({
    description: "Where it would run: its credentials and own node types count",
  }),
}).openapi("Validate");

const Diagnosis = z.object({
  valid: z.boolean(),
  diagnostics: z.array(z.object({
    code: z.string(),
    message: z.string(),
    node_id: z.string().nullish(),
    path: z.string().nullish(),
    severity: z.enum(["error", "warning"]),
    blocks: z.enum(["saving", "deploying"]).nullish().openapi({
      description: "Nothing, of a warning",
    }),
  })),
}).openapi("Diagnosis");

export function createDeployApp(dependencies: DeployDependencies) {
  const { database } = dependencies;
  const app = createApp(
    "deploy",
    "Validate and deploy workflows.",
    dependencies,
  );
  const callers = ["user", "service"] as const;

  addDeploymentRoutes(app, dependencies);

  app.route({
    method: "post",
    path: "/validate",
    summary: "Check a definition; every problem at once",
    callers,
    body: ValidateBody,
    responses: { 200: { description: "The diagnosis", schema: Diagnosis } },
  }, async ({ c, caller, body }) =>
    c.json(
      await database.asCaller(
        caller,
        async (sql) =>
          (await sql`select public.validate_definition(
            ${storableJson(body.definition)}::text::jsonb, ${body.workspace_id ?? null}) as answer`)[0]!.answer,
        { repeatable: true },
      ),
    ));

  addIntegrationRoutes(app, dependencies);
  addSpecificationRoutes(app, dependencies);

  addImportRoutes(app, dependencies);
  addDiagramRoutes(app, dependencies);

  return app.build();
}
