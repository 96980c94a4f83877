// GET /search/steps/:id/state and /outcome: what lies in object storage, as it comes from there.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import { namesTag } from "shared/etag.ts";
import { noObjectStore, type ObjectStore, unpacked } from "shared/objects.ts";
import type { StepUsage } from "shared/step_usage.ts";

export interface ObjectDependencies {
  database: Database;
  /** Null where no object storage is configured. */
  objects: ObjectStore | null;
  usage?: Pick<StepUsage, "viewed">;
}

const Query = z.strictObject({
  presigned: z.enum(["true", "false"]).default("false").openapi({
    description: "true: answers a URL to download from, good for a minute",
  }),
});
const Link = z.object({ url: z.url(), expires_at: z.string() }).openapi("DownloadLink");

export function addObjectRoutes(app: App, { database, objects, usage }: ObjectDependencies): void {
  for (const [kind, what] of [["state", "the UI tree before it"], ["outcome", "what it changed"]] as const) {
    app.route({
      method: "get",
      path: `/steps/:id/${kind}`,
      uuids: ["id"],
      summary: `A step's ${kind}: ${what}`,
      callers: ["user", "service"],
      query: Query,
      responses: {
        200: { description: "The JSON; with `presigned` a link to it", schema: z.union([Link, z.unknown()]) },
        304: { description: "It is what If-None-Match names" },
      },
    }, async ({ c, caller, query }) => {
      const id = c.req.param("id")!;
      const [row] = await database.asCaller(
        caller,
        (sql) => sql`select search.step_object(${id}, ${kind}) as key`.then((rows) => [...rows]),
        { repeatable: true },
      );
      const key = row!.key as string;
      if (!objects) throw noObjectStore();
      usage?.viewed(id);
      if (query.presigned === "true") {
        const { url, expiresAt } = await objects.presign(key);
        return c.json({ url, expires_at: expiresAt.toISOString() }, 200, { "cache-control": "no-store" });
      }

      const headers = (tag: string) => ({
        "content-type": "application/json",
        // what is in it was written by whoever created the step
        "x-content-type-options": "nosniff",
        // weak: the same for both forms in which it is sent
        etag: `W/"${tag}"`,
        "cache-control": "private, no-cache",
        vary: "authorization, apikey, accept-encoding",
      });
      const asked = c.req.header("if-none-match") ?? null;
      if (asked !== null) {
        const info = await objects.head(key);
        if (info && namesTag(asked, `"${info.tag}"`)) {
          return new Response(null, { status: 304, headers: headers(info.tag) });
        }
      }
      const { body, isPacked, tag } = await objects.open(key);
      if (isPacked && takesGzip(c.req.header("accept-encoding"))) {
        return new Response(body, { headers: { ...headers(tag), "content-encoding": "gzip" } });
      }
      return new Response(unpacked(body, isPacked), { headers: headers(tag) });
    });
  }
}

/** Whether Accept-Encoding names gzip, or everything, without forbidding it. */
function takesGzip(header: string | undefined): boolean {
  const weights = new Map(
    (header ?? "").toLowerCase().split(",").map((part) => {
      const [coding = "", ...parameters] = part.split(";").map((piece) => piece.trim());
      const quality = parameters.find((parameter) => parameter.startsWith("q="));
      return [coding, quality ? Number(quality.slice(2)) : 1];
    }),
  );
  return (weights.get("gzip") ?? weights.get("x-gzip") ?? weights.get("*") ?? 0) > 0;
}
