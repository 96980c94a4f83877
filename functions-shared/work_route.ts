// POST /work: where the doorbell wakes a function's worker.
import { z } from "@hono/zod-openapi";
import type { App } from "./app.ts";
import { type Authenticate, bearerToken } from "./auth.ts";
import type { Database } from "./db.ts";
import { apiError } from "./errors.ts";
import { background } from "./serve.ts";
import type { Worker } from "./worker.ts";

export interface WorkDependencies {
  authenticate: Authenticate;
  database: Pick<Database, "sql">;
  worker: Pick<Worker, "wake" | "accepting">;
}

export function addWorkRoute(app: App, { authenticate, database, worker }: WorkDependencies): void {
  app.route({
    method: "post",
    path: "/work",
    summary: "Wake the worker",
    description: "For the doorbell: the secret key, the service_role token, or the doorbell's own short-lived token.",
    responses: { 202: { description: "Whether this isolate takes work", schema: z.object({ working: z.boolean() }) } },
  }, async ({ c }) => {
    await requireWorkerCaller(c.req.raw.headers);
    await c.req.raw.body?.cancel().catch(() => {});
    const working = worker.accepting;
    if (working) background(worker.wake());
    return c.json({ working }, 202);
  });

  async function requireWorkerCaller(headers: Headers): Promise<void> {
    const token = bearerToken(headers);
    let refusal: unknown;
    try {
      if ((await authenticate(headers)).kind === "service") return;
      refusal = apiError("forbidden");
    } catch (error) {
      refusal = error;
    }
    // A key that is wrong, or a person's token, is no doorbell either; and no text that could not be one reaches SQL.
    if (token && !headers.has("apikey") && /^[\w.~+/=:-]{16,512}$/.test(token)) {
      const [row] = await database.sql`select engine.verify_doorbell(${token}) as valid`;
      if (row!.valid === true) return;
    }
    throw refusal;
  }
}
