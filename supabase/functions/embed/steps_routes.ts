// POST /embed/steps: creates steps, one or up to 500, with their large values in object storage.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Caller } from "shared/auth.ts";
import type { Database } from "shared/db.ts";
import { toHex } from "shared/encoding.ts";
import { apiError } from "shared/errors.ts";
import { isObject, storableJson } from "shared/json.ts";
import { noObjectStore, type ObjectStore, ObjectStoreError, pack, type PackedObject } from "shared/objects.ts";
import { background } from "shared/serve.ts";
import { sha256 } from "shared/sha256.ts";
import { stepFields } from "shared/step_fields.ts";

export interface StepDependencies {
  database: Database;
  /** Null where no object storage is configured: steps without large values are created all the same. */
  objects: ObjectStore | null;
  /** Of embedding jobs; without one others work on them. */
  worker?: { wake(): Promise<unknown> };
  log?: (line: Record<string, unknown>) => void;
}

const bodyBytes = 25 * 1024 * 1024;
// A tree of UI elements takes two levels of JSON for one of its own.
const bodyDepth = 1_000;
const uploadsAtOnce = 12;
const uploadMs = 60_000;
const embedMs = 15_000;

const Step = z.strictObject({
  ...stepFields,
  current_state: z.unknown().optional().openapi({
    description: "Any JSON: the UI tree before; kept outside of the row",
  }),
  outcome_diff: z.unknown().optional().openapi({ description: "Any JSON: what the step changed; kept likewise" }),
  workflow_id: z.uuid().nullish().openapi({
    description: "A workflow of this workspace, with the node that this step is",
  }),
  node_id: z.string().max(255).nullish().openapi({ description: "A node has one step" }),
});
type Step = z.infer<typeof Step>;

const CreateSteps = z.strictObject({
  workspace_id: z.uuid().nullish().openapi({ description: "The caller's personal workspace without it" }),
  embed: z.enum(["later", "now"]).default("later").openapi({
    description: "now: waits for the vectors where their provider answers in time",
  }),
  steps: z.array(Step).min(1).max(500),
}).openapi("CreateSteps");

// A step alone is the same as a list of one.
const Body = z.preprocess((value) => {
  if (!isObject(value) || "steps" in value) return value;
  const { workspace_id, embed, ...step } = value;
  return { workspace_id, embed, steps: [step] };
}, CreateSteps);

const CreatedStep = z.looseObject({
  id: z.uuid(),
  workspace_id: z.uuid(),
  state_object_key: z.string().nullable(),
  outcome_diff_key: z.string().nullable(),
}).openapi("CreatedStep");

const Created = z.object({
  steps: z.array(CreatedStep.nullable()).openapi({
    description: "In the order of the request, without definitions; null for one that was deleted since",
  }),
  created: z.boolean().openapi({ description: "False where the Idempotency-Key had created them before" }),
  embedding: z.enum(["pending", "done"]),
}).openapi("CreatedSteps");

interface Upload {
  index: number;
  kind: "state" | "outcome";
  object: PackedObject;
}

interface Begun {
  request_id: string;
  completed: boolean;
  steps?: (z.infer<typeof CreatedStep> | null)[];
  uploads?: { index: number; kind: string; step_id: string; object_key: string }[];
}

interface Finished {
  created: boolean;
  steps: (z.infer<typeof CreatedStep> | null)[];
}

export function addStepRoutes(app: App, { database, objects, worker, log = console.log }: StepDependencies): void {
  app.route({
    method: "post",
    path: "/steps",
    summary: "Create steps, one or up to 500",
    description:
      "The body is a list of steps, or one step without `steps` around it. All are created or none. With the " +
      "header Idempotency-Key, the same request again answers what it created. Large values go to object storage.",
    callers: ["user", "service"],
    body: Body,
    bodyLimits: { bytes: bodyBytes, depth: bodyDepth },
    responses: {
      200: { description: "This request had created them before", schema: Created },
      201: { description: "They were created", schema: Created },
    },
  }, async ({ c, caller, requestId, body }) => {
    const key = c.req.header("idempotency-key") ?? null;
    if (key !== null && (key.length < 1 || key.length > 255)) throw apiError("delivery_key_invalid");
    const { created, steps } = await create(caller, body, key);
    const embedding = await embedded(steps, body.embed).catch((error) => {
      // They are created whatever becomes of their vectors.
      log({
        level: "error",
        event: "embedding_failed",
        function: "embed",
        request_id: requestId,
        cause: String(error),
      });
      return "pending" as const;
    });
    return c.json({ steps, created, embedding }, created ? 201 : 200);
  });

  async function create(caller: Caller, body: z.infer<typeof CreateSteps>, key: string | null): Promise<Finished> {
    const uploads = await packed(body.steps);
    const rows = body.steps.map(({ current_state: _state, outcome_diff: _diff, ...row }) => row);
    const announced = uploads.map(({ index, kind, object }) => ({ index, kind, sha256: object.sha256 }));
    if (uploads.length > 0 && !objects) {
      throw noObjectStore({
        message: "No object storage is configured, and these steps have large values",
        hint: "The operator sets the S3_ variables; without current_state and outcome_diff the steps can be created.",
      });
    }
    const rowsJson = storableJson(rows);
    const nodes = rows.map(({ workflow_id, node_id }) => ({ workflow_id, node_id }));
    const hash = toHex(await sha256(JSON.stringify([body.workspace_id ?? null, rowsJson, announced])));
    const finish = (requestId: string) => (sql: Parameters<Parameters<Database["asCaller"]>[1]>[0]) =>
      sql`select search.finish_steps(${requestId}, ${rowsJson}::text::jsonb) as answer`.then(
        ([row]) => row!.answer as Finished,
      );

    const begun = await database.asCaller(caller, async (sql): Promise<Begun & { finished?: Finished }> => {
      const [row] = await sql`
        select search.begin_steps(
          workspace_id => ${body.workspace_id ?? null}, idempotency_key => ${key},
          request_hash => decode(${hash}, 'hex'),
          steps => ${JSON.stringify(nodes)}::text::jsonb,
          objects => ${JSON.stringify(announced)}::text::jsonb) as answer`;
      const answer = row!.answer as Begun;
      if (answer.completed || uploads.length > 0) return answer;
      // Nothing has to happen outside: one transaction does it.
      return { ...answer, finished: await finish(answer.request_id)(sql) };
    }, { repeatable: key !== null || uploads.length > 0 });
    if (begun.completed) return { created: false, steps: begun.steps! };
    if (begun.finished) return begun.finished;

    const confirmed = await upload(uploads, begun.uploads!);
    await database.sql`select search.confirm_uploads(${JSON.stringify(confirmed)}::text::jsonb)`;
    return await database.asCaller(caller, finish(begun.request_id), { repeatable: true });
  }

  /** All at their places, or object_store_unavailable; what is there by then is found by the next try, or swept. */
  async function upload(uploads: Upload[], places: NonNullable<Begun["uploads"]>) {
    const given = new Map(uploads.map(({ index, kind, object }) => [`${index} ${kind}`, object]));
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), uploadMs);
    const left = places.values();
    const confirmed: { step_id: string; kind: string; sha256: string }[] = [];
    const carry = async () => {
      for (const { index, kind, step_id, object_key } of left) {
        const object = given.get(`${index} ${kind}`)!;
        await objects!.put(object_key, object, controller.signal);
        confirmed.push({ step_id, kind, sha256: object.sha256 });
      }
    };
    try {
      await Promise.all(Array.from({ length: uploadsAtOnce }, carry));
    } catch (error) {
      controller.abort();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return confirmed;
  }

  async function embedded(steps: Finished["steps"], when: "later" | "now"): Promise<"pending" | "done"> {
    if (worker) background(worker.wake());
    if (when === "later") return "pending";
    const rows = JSON.stringify(steps.flatMap((step) => step ? [step.id, step.workflow_text_id] : []));
    const until = performance.now() + embedMs;
    for (let delay = 25;; delay = Math.min(delay * 1.5, 500)) {
      const [row] = await database.sql`
        select count(*) > 0 as missing, count(*) filter (where j.state = 'pending') > 0 as pending
        from search.embedding_sources s
        join search.embedding_jobs j on j.source_id = s.id
          and j.row_id = any (array(select jsonb_array_elements_text(${rows}::text::jsonb)::uuid))
        where s.name in ('steps.definition', 'steps.workflow')`;
      if (!row!.missing) return "done";
      // What was given up comes no sooner for waiting.
      if (!row!.pending || performance.now() + delay > until) return "pending";
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}

/** Each value packed, one after the other: what is packed is a fraction of what it was. */
async function packed(steps: Step[]): Promise<Upload[]> {
  const uploads: Upload[] = [];
  for (const [index, step] of steps.entries()) {
    for (const [kind, field] of [["state", "current_state"], ["outcome", "outcome_diff"]] as const) {
      const value = step[field];
      if (value === undefined || value === null) continue;
      try {
        uploads.push({ index, kind, object: await pack(value) });
      } catch (error) {
        if (!(error instanceof ObjectStoreError)) throw error;
        throw new ObjectStoreError("object_too_large", { message: `$.steps[${index}].${field}: ${error.message}` });
      }
      // from here on only its packed form is needed
      delete step[field];
    }
  }
  return uploads;
}
