// What became of a step that somebody executed: counted in SQL, by statements that one caller's requests share.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import { createStepOutcomes } from "shared/step_outcomes.ts";

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
  const outcomes = createStepOutcomes(database);
  app.route({
    method: "post",
    path: "/steps/:id",
    uuids: ["id"],
    summary: "Record a step's outcome",
    description:
      "Counts one execution of the step; sent twice it counts twice. What a caller sends at once is counted " +
      "together, and answered with what the step has then. Many in one request: rpc/increment_step_stats_batch.",
    callers: ["user", "service"],
    body: OutcomeBody,
    responses: {
      200: { description: "The step's statistics now", schema: z.object({ statistics: StepStatistics }) },
    },
  }, async ({ c, caller, body }) => {
    const statistics = await outcomes.count(caller, {
      step_id: c.req.param("id")!,
      success: body.success,
      duration_ms: body.duration_ms ?? null,
    });
    return c.json({ statistics }, 200);
  });
}
