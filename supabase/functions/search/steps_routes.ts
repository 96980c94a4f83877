// POST /search/steps: steps by words and by similarity.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Caller } from "shared/auth.ts";
import type { Database } from "shared/db.ts";
import { answerTo } from "shared/embeddings/answer_to.ts";
import { spendTokens } from "shared/embeddings/budget.ts";
import type { Embedder } from "shared/embeddings/embedder.ts";
import { EmbeddingError, type EmbeddingModel } from "shared/embeddings/model.ts";
import type { StepUsage } from "shared/step_usage.ts";

export interface StepSearchDependencies {
  database: Database;
  embedder: Pick<Embedder, "embed">;
  usage?: Pick<StepUsage, "appeared">;
}

const Query = z.string().max(100_000);
const filter = z.string().max(8_000).nullish();
const SearchBody = z.strictObject({
  search_query: Query.nullish().openapi({ description: 'Words, "phrases", -exclusions, or' }),
  similarity_query: Query.nullish().openapi({ description: "Embedded, and compared with each step" }),
  query_embedding: z.array(z.number()).min(1).max(4000).nullish().openapi({
    description: "The vector of similarity_query, if you have it",
  }),
  embedding_model: z.string().max(200).nullish().openapi({ description: "Which model query_embedding is of" }),
  embedding_type: z.enum(["definition", "workflow"]).default("definition"),
  filter_app: filter,
  filter_window: filter,
  filter_workflow: filter,
  filter_author: filter,
  date_from: z.iso.datetime({ offset: true }).nullish(),
  date_to: z.iso.datetime({ offset: true }).nullish(),
  min_succeeded: z.int().min(0).max(2_000_000_000).default(0),
  min_similarity: z.number().min(-1).max(1).nullish(),
  workspace_id: z.uuid().nullish(),
  mode: z.enum(["two_stage", "hybrid"]).default("two_stage"),
  ranking: z.enum(["document", "robust"]).default("document"),
  stage1_limit: z.int().min(1).max(2000).default(500),
  stage2_limit: z.int().min(1).max(1000).default(20),
  cursor: z.string().max(1000).nullish(),
  with_highlights: z.boolean().default(false),
  with_explanation: z.boolean().default(false),
}).openapi("SearchSteps");
type Search = z.output<typeof SearchBody>;

const number = z.number().nullable();
const FoundSteps = z.object({
  results: z.array(z.object({
    step_id: z.uuid(),
    app_name: z.string(),
    window_title: z.string(),
    step_name: z.string(),
    definition: z.string().nullable(),
    workflow_name: z.string(),
    ranking: z.number(),
    keyword_rank: number,
    similarity_score: number,
    combined_score: z.number(),
    text_score: number,
    highlights: z.record(z.string(), z.string()).nullable(),
    explanation: z.unknown(),
  })),
  stage1_limit: z.int(),
  stage2_limit: z.int(),
  has_similarity: z.boolean(),
  similarity_error: z.object({ code: z.string(), message: z.string() }).optional().openapi({
    description: "Why the words had to do: similarity_query could not be embedded",
  }),
  next_cursor: z.string().nullable(),
  explanation: z.unknown().optional().openapi({ description: "What was looked for, where nothing was found" }),
}).openapi("FoundSteps");

export function addStepRoutes(app: App, { database, embedder, usage }: StepSearchDependencies): void {
  app.route({
    method: "post",
    path: "/steps",
    summary: "Search steps",
    description: "The steps that words find, the best of them by 0.3 * ranking / 100 + 0.7 * similarity. " +
      "Mode hybrid adds those that are nearest by vector alone.",
    callers: ["user", "service"],
    body: SearchBody,
    responses: { 200: { description: "The steps, best first", schema: FoundSteps } },
  }, async ({ c, caller, body }) => {
    const { vector, model, error } = await embed(caller, body, c.req.raw.signal);
    const embedding = vector ?? body.query_embedding ?? null;
    const explains = body.with_explanation;
    const { rows, about } = await database.asCaller(caller, async (sql) => {
      const found = await sql`
        select to_jsonb(f) - 'cursor' as step, f."cursor"
        from public.search_steps_two_stage(
          search_query => ${body.search_query ?? null},
          query_embedding => ${embedding && JSON.stringify(Array.from(embedding))}::text::extensions.vector,
          filter_app => ${body.filter_app ?? null},
          filter_window => ${body.filter_window ?? null},
          filter_workflow => ${body.filter_workflow ?? null},
          stage1_limit => ${body.stage1_limit},
          stage2_limit => ${body.stage2_limit},
          filter_author => ${body.filter_author ?? null},
          date_from => ${body.date_from ?? null},
          date_to => ${body.date_to ?? null},
          min_succeeded => ${body.min_succeeded},
          workspace_id => ${body.workspace_id ?? null},
          mode => ${body.mode},
          ranking => ${body.ranking},
          -- the text of the vector, whose words find what an index of vectors misses
          similarity_query => ${embedding && body.similarity_query || null},
          embedding_model => ${model ?? body.embedding_model ?? null},
          embedding_type => ${body.embedding_type},
          min_similarity => ${error ? null : body.min_similarity ?? null},
          "cursor" => ${body.cursor ?? null},
          with_highlights => ${body.with_highlights},
          with_explanation => ${explains}) f`;
      const [row] = explains && found.length === 0
        ? await sql`select public.explain_step_query(${body.search_query ?? null}, ${
          body.workspace_id ?? null
        }) as about`
        : [];
      return { rows: [...found], about: row?.about };
    }, { repeatable: true });
    usage?.appeared(rows.map((row) => row.step.step_id));
    return c.json({
      results: rows.map((row) => row.step),
      stage1_limit: body.stage1_limit,
      stage2_limit: body.stage2_limit,
      has_similarity: embedding !== null,
      ...(error && { similarity_error: { code: error.code, message: error.message } }),
      next_cursor: rows.length === body.stage2_limit ? rows.at(-1)!.cursor : null,
      ...(about !== undefined && { explanation: about }),
    });
  });

  /** The vector of similarity_query by the model that serves. Words alone have to do where it cannot be had. */
  async function embed(
    caller: Caller,
    body: Search,
    signal: AbortSignal,
  ): Promise<{ vector?: Float32Array; model?: string; error?: EmbeddingError }> {
    const text = body.similarity_query;
    if (!text?.trim() || body.query_embedding) return {};
    const [model] = await database.sql<EmbeddingModel[]>`
      select m.name, m.dimensions, m.provider, m.max_tokens as "maxTokens"
      from search.serving_model(${`steps.${body.embedding_type}`}) s join search.embedding_models m on m.id = s.id`;
    if (model!.provider !== "local") await spendTokens(database, caller, body.workspace_id ?? null, [text]);
    try {
      const { vectors } = await embedder.embed(model!, [text], { signal });
      return { vector: vectors[0]!, model: model!.name };
    } catch (error) {
      if (!(error instanceof EmbeddingError)) throw error;
      if (!body.search_query?.trim() || error.code === "text_refused") throw answerTo(error);
      return { error };
    }
  }
}
