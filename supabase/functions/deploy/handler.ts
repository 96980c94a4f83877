// Checks definitions and puts versions of workflows to work.
import { z } from "@hono/zod-openapi";
import { type AppDependencies, createApp } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import type { KeyRing } from "shared/fernet.ts";
import { storableJson } from "shared/json.ts";
import { addDiagramRoutes } from "./diagram_routes.ts";
import { addImportRoutes } from "./import_routes.ts";
import { addIntegrationRoutes } from "./integration_routes.ts";

export interface DeployDependencies extends AppDependencies {
  database: Database;
  /** Of integrations' secrets. */
  keys?: KeyRing;
}

const DeployBody = z.strictObject({
  workflow_id: z.uuid(),
  version: z.int().min(1).max(2147483647).nullish().openapi({ description: "The current version when it is left out" }),
}).openapi("Deploy");

const Trigger = z.looseObject({
  id: z.uuid(),
  node_id: z.string(),
  subtype: z.string(),
  path: z.string().nullish(),
  url: z.url().optional().openapi({ description: "Where to deliver to; of WEBHOOK triggers" }),
}).openapi("Trigger");

const Deployed = z.object({ deployment: z.looseObject({}), triggers: z.array(Trigger) }).openapi("Deployed");

const ValidateBody = z.strictObject({
  definition: z.looseObject({}).openapi({ description: "{nodes, connections}" }),
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
    blocks: z.enum(["saving", "deploying"]).nullish().openapi({ description: "Nothing, of a warning" }),
  })),
}).openapi("Diagnosis");

export function createDeployApp(dependencies: DeployDependencies) {
  const { database, url } = dependencies;
  const app = createApp("deploy", "Validate and deploy workflows.", dependencies);
  const callers = ["user", "service"] as const;

  app.route({
    method: "post",
    path: "/",
    summary: "Deploy a version of a workflow",
    callers,
    body: DeployBody,
    responses: { 200: { description: "Deployed", schema: Deployed } },
  }, async ({ c, caller, body }) => {
    const { deployment, triggers }: z.infer<typeof Deployed> = await database.asCaller(
      caller,
      async (sql) =>
        (await sql`select public.deploy_workflow(
          workflow_id => ${body.workflow_id}, version => ${body.version ?? null}) as answer`)[0]!.answer,
    );
    return c.json({
      deployment,
      triggers: triggers.map((trigger) => ({
        ...trigger,
        ...(trigger.subtype === "WEBHOOK" && { url: webhookUrl(url, trigger.id, trigger.path ?? "") }),
      })),
    });
  });

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
  addImportRoutes(app, dependencies);
  addDiagramRoutes(app, dependencies);

  app.notImplemented("post", "/undeploy", "Take a workflow's triggers away");
  app.notImplemented("post", "/rollback", "Deploy the version before");
  return app.build();
}

export function webhookUrl(projectUrl: string, triggerId: string, path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "").map(encodeURIComponent);
  return [`${projectUrl}/functions/v1/execute/hooks/webhook/${triggerId}`, ...segments].join("/")
    // a path pattern such as orders/:id stays readable
    .replaceAll("%3A", ":");
}
