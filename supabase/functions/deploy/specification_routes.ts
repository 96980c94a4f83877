// The types of nodes: what an editor draws its forms from, and an agent reads before it writes a workflow.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import { answerWithEtag } from "shared/etag.ts";

export interface SpecificationDependencies {
  database: Database;
}

const Query = z.strictObject({
  type: z.string().max(50).optional().openapi({ example: "ACTION" }),
  subtype: z.string().max(100).optional().openapi({ example: "HTTP_REQUEST" }),
  workspace_id: z.uuid().optional().openapi({ description: "Also the types of its own: the functions it has enabled" }),
});

const Specification = z.looseObject({
  id: z.uuid(),
  workspace_id: z.uuid().nullable().openapi({ description: "Whose type it is; null of the system's" }),
  node_type: z.string(),
  node_subtype: z.string(),
  specification_version: z.string(),
  executor: z.enum(["sql", "edge", "wait"]),
  is_system_spec: z.boolean(),
  specification_data: z.looseObject({
    description: z.string(),
    parameters: z.looseObject({}).openapi({ description: "JSON Schema" }),
    order: z.array(z.string()).openapi({ description: "The parameters' names, in the order for a form" }),
    inputs: z.array(z.string()),
    outputs: z.array(z.string()),
    credentials: z.array(z.looseObject({ name: z.string(), providers: z.array(z.string()), required: z.boolean() })),
    retryable_errors: z.array(z.looseObject({ code: z.string() })),
    examples: z.array(z.looseObject({})),
  }),
  created_at: z.string(),
  updated_at: z.string(),
}).openapi("NodeSpecification");

export function addSpecificationRoutes(app: App, { database }: SpecificationDependencies) {
  app.route({
    method: "get",
    path: "/specifications",
    summary: "The types of nodes: parameters, inputs, outputs, credentials, examples",
    description: "Sends an ETag; with If-None-Match, an unchanged list is answered by 304.",
    callers: ["user", "service"],
    query: Query,
    responses: {
      200: { description: "The types", schema: z.object({ specifications: z.array(Specification) }) },
      304: { description: "Unchanged" },
    },
  }, async ({ c, caller, query }) => {
    const specifications: z.infer<typeof Specification>[] = await database.asCaller(
      caller,
      async (sql) =>
        (await sql`
          select coalesce(jsonb_agg(to_jsonb(s) - 'is_active'
            order by s.workspace_id nulls first, s.node_type, s.node_subtype), '[]') as answer
          from public.node_specifications s
          where s.is_active
            and (s.workspace_id is null or s.workspace_id = ${query.workspace_id ?? null}::uuid)
            and s.node_type = coalesce(${query.type ?? null}, s.node_type)
            and s.node_subtype = coalesce(${query.subtype ?? null}, s.node_subtype)`)[0]!.answer,
      { repeatable: true },
    );
    return await answerWithEtag(c.req.raw, JSON.stringify({ specifications }), { "content-type": "application/json" });
  });
}
