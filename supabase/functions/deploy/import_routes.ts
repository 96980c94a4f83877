// Imports workflows of n8n.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import { apiError } from "shared/errors.ts";
import { storableJson } from "shared/json.ts";
import { importN8n } from "shared/n8n/import.ts";

const ImportBody = z.strictObject({
  workflow: z.unknown().openapi({
    description: "A workflow as n8n exports it: {name, nodes, connections, ...}",
  }),
  name: z.string().trim().min(1).max(255).optional(),
  folder: z.string().nullish(),
  workspace_id: z.uuid().nullish(),
  workflow_ids: z.record(z.string(), z.uuid()).optional().openapi({
    description: "Workflows that were imported before: their ids by n8n's",
  }),
  dry_run: z.boolean().optional().openapi({
    description: "Save nothing; the answer has the definition instead",
  }),
}).openapi("Import");

const ImportedWorkflow = z.object({
  workflow: z.looseObject({}).nullable(),
  definition: z.looseObject({}).optional(),
  report: z.looseObject({}),
  diagnostics: z.array(z.looseObject({})),
}).openapi("Imported");

export function addImportRoutes(
  app: App,
  { database }: { database: Database },
): void {
  app.route({
    method: "post",
    path: "/import",
    summary: "Import an n8n workflow; the report says what became of each node and connection",
    callers: ["user", "service"],
    body: ImportBody,
    responses: {
      200: {
        description: "What would be saved (dry_run)",
        schema: ImportedWorkflow,
      },
      201: { description: "Imported", schema: ImportedWorkflow },
    },
  }, async ({ c, caller, body }) => {
    const imported = importN8n(body.workflow, { workflows: body.workflow_ids });
    if ("problems" in imported) {
      const problems = imported.problems.map((problem) => ({
        ...problem,
        path: problem.path.replace("$", "$.workflow"),
      }));
      throw apiError("import_invalid", { details: { problems } });
    }
    const { definition, report } = imported;
    const text = storableJson(definition);
    const answer = await database.asCaller(caller, async (sql) => {
      const [{ diagnostics }] = await sql`
        select public.validate_definition(definition => ${text}::text::jsonb) -> 'diagnostics' as diagnostics` as unknown as [
        { diagnostics: unknown[] },
      ];
      if (body.dry_run) {
        return {
          workflow: null,
          definition: JSON.parse(text),
          report,
          diagnostics,
        };
      }
      const [{ workflow }] = await sql`
        select to_jsonb(w) as workflow from public.create_workflow(
          name => ${storable(body.name ?? imported.name)}, definition => ${text}::text::jsonb,
          tags => array(select jsonb_array_elements_text(${storableJson(imported.tags)}::text::jsonb)),
          folder => ${body.folder ?? null}, workspace_id => ${body.workspace_id ?? null}) w` as unknown as [
        { workflow: unknown },
      ];
      return { workflow, report, diagnostics };
    });
    return c.json(JSON.parse(storableJson(answer)), body.dry_run ? 200 : 201);
  });
}

function storable(text: string): string {
  return JSON.parse(storableJson(text));
}
