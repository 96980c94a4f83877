// Pictures of workflows and of what executions made of them.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import { type Definition, pictureOf, type Runs } from "shared/diagram/graph.ts";
import { mermaid } from "shared/diagram/mermaid.ts";
import { styleOf, svg } from "shared/diagram/svg.ts";
import { toBase64 } from "shared/encoding.ts";
import { ApiError } from "shared/errors.ts";
import { answerWithEtag } from "shared/etag.ts";
import { sha256 } from "shared/sha256.ts";

const DiagramQuery = z.strictObject({
  format: z.enum(["svg", "mermaid"]).default("svg"),
  version: z.coerce.number().int().min(1).max(2147483647).optional()
    .openapi({ description: "The execution's, else the current version when it is left out" }),
  execution: z.uuid().optional().openapi({ description: "Colours the nodes by this execution's statuses" }),
  theme: z.enum(["auto", "light", "dark"]).default("auto"),
});

export function addDiagramRoutes(app: App, { database }: { database: Database }): void {
  app.route({
    method: "get",
    path: "/:workflow_id/diagram",
    uuids: ["workflow_id"],
    summary: "A picture of a workflow",
    callers: ["user", "service"],
    query: DiagramQuery,
    responses: {
      200: { description: "SVG, or Mermaid as text", schema: z.string(), contentType: "image/svg+xml" },
      304: { description: "The picture is the one of If-None-Match" },
    },
  }, async ({ c, caller, query }) => {
    const id = c.req.param("workflow_id")!;
    const { format, theme } = query;
    const picture = await database.asCaller(caller, async (sql) => {
      const [workflow] = await sql`
        select w.name, w.current_version from public.workflows w where w.id = ${id} and w.deleted_at is null`;
      if (!workflow) throw missing("workflow", id);
      let version: number = query.version ?? workflow.current_version;
      let runs: Runs | null = null;
      if (query.execution) {
        const [execution] = await sql`
          select e.version, e.status from public.workflow_executions e
          where e.id = ${query.execution} and e.workflow_id = ${id}`;
        if (!execution) throw missing("execution", query.execution);
        version = query.version ?? execution.version;
        const [{ nodes, taken }] = await sql`
          with runs as materialized (
            select n.id, n.node_id, n.status, n.start_time, n.end_time, n.source_id, n.joined
            from public.node_executions n where n.execution_id = ${query.execution}
            union all
            select l.id, l.node_id, l.status, l.start_time, null, l.source_id, null
            from public.live_node_executions l where l.execution_id = ${query.execution}
          ),
          latest as (
            select distinct on (r.node_id) r.node_id, r.status,
              extract(epoch from r.end_time - r.start_time)::float8 as seconds, count(*) over (partition by r.node_id) as runs
            from runs r
            order by r.node_id, r.start_time desc nulls first, r.id desc
          ),
          followed as (
            select r.node_id, r.source_id from runs r where r.source_id is not null
            union
            select r.node_id, (j ->> 'source_id')::uuid
            from runs r, jsonb_array_elements(case jsonb_typeof(r.joined) when 'array' then r.joined else '[]' end) j
          )
          select
            (select coalesce(jsonb_object_agg(l.node_id, to_jsonb(l) - 'node_id'), '{}') from latest l) as nodes,
            (select coalesce(jsonb_agg(distinct jsonb_build_array(s.node_id, f.node_id)), '[]')
             from followed f join runs s on s.id = f.source_id) as taken` as unknown as [Pick<Runs, "nodes" | "taken">];
        runs = { status: execution.status, nodes, taken };
      }
      const [row] = await sql`
        select v.definition from public.workflow_versions v where v.workflow_id = ${id} and v.version = ${version}`;
      if (!row) throw missing("version", String(version));
      return pictureOf(`${workflow.name} · version ${version}`, row.definition as Definition, runs);
    }, { repeatable: true });

    const text = format === "svg" ? svg(picture, theme) : mermaid(picture, theme);
    return await answerWithEtag(c.req.raw, text, {
      "x-content-type-options": "nosniff",
      "content-security-policy": format === "svg"
        ? `default-src 'none'; style-src 'sha256-${toBase64(await sha256(styleOf(theme)))}'; sandbox`
        : "default-src 'none'; sandbox",
      "content-type": format === "svg" ? "image/svg+xml; charset=utf-8" : "text/plain; charset=utf-8",
    });
  });
}

function missing(what: "workflow" | "execution" | "version", id: string): ApiError {
  return new ApiError({ status: 404, code: `${what}_not_found`, message: `There is no ${what} ${id} for you here` });
}
