// What became of a step that somebody executed: one verb of SQL, which counts.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Database } from "shared/db.ts";

const OutcomeBody = z.strictObject({
  success: z.boolean(),
  duration_ms: z.int().min(0).max(2147483647).nullish()
    .openapi({ description: "How long it took; left out, it does not change the average" }),
}).openapi("StepOutcome");

const StepStatistics = z.looseObject({
  step_id: z.uuid(),
  succeeded: z.int(),
  failed: z.int(),
  duration_ms: z.int().nullable().openapi({ description: "Moving average: 0.8 of what it was, 0.2 of the latest" }),
  last_executed_at: z.string(),
}).openapi("StepStatistics");

export function addStepRoutes(app: App, { database }: { database: Database }): void {
  app.route({
    method: "post",
    path: "/steps/:id",
    uuids: ["id"],
    summary: "Record a step's outcome",
    description: "Counts one execution of the step; sent twice it counts twice. Many at once: " +
      "rpc/increment_step_stats_batch.",
    callers: ["user", "service"],
    body: OutcomeBody,
    responses: {
      200: { description: "The step's statistics now", schema: z.object({ statistics: StepStatistics }) },
    },
  }, async ({ c, caller, body }) => {
    const [row] = await database.asCaller(caller, async (sql) =>
      await sql`
        select to_jsonb(t) - '{workspace_id,stored_rank}'::text[] as answer
        from public.increment_step_stats(
          step_id => ${c.req.param("id")!}, is_success => ${body.success},
          execution_duration => ${body.duration_ms ?? null}) t`);
    return c.json({ statistics: row!.answer as z.infer<typeof StepStatistics> }, 200);
  });
}
