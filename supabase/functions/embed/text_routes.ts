// POST /embed: texts to vectors, within the budget of a workspace.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Database } from "shared/db.ts";
import { answerTo } from "shared/embeddings/answer_to.ts";
import { spendTokens } from "shared/embeddings/budget.ts";
import type { Embedder } from "shared/embeddings/embedder.ts";
import { EmbeddingError, type EmbeddingModel } from "shared/embeddings/model.ts";
import { apiError } from "shared/errors.ts";

export interface TextDependencies {
  database: Database;
  embedder: Pick<Embedder, "embed">;
}

export const mostTexts = 256;
const mostCharacters = 65_536;

const Text = z.string().min(1).max(mostCharacters);
const EmbedBody = z.strictObject({
  input: z.union([Text, z.array(Text).min(1).max(mostTexts)]).openapi({
    description: `A text or up to ${mostTexts}; what a model does not read of a long one is cut off`,
  }),
  model: z.string().min(1).max(200).nullish().openapi({ description: "The one that steps are searched by without it" }),
  dimensions: z.int().min(1).max(4000).nullish(),
  workspace_id: z.uuid().nullish().openapi({
    description: "Whose budget is spent: the caller's personal workspace without it",
  }),
}).openapi("EmbedTexts");

const Embeddings = z.object({
  model: z.string(),
  dimensions: z.int(),
  embeddings: z.array(z.array(z.number())).openapi({ description: "In the order of the texts" }),
  usage: z.object({ tokens: z.int() }),
}).openapi("Embeddings");

export function addTextRoutes(app: App, { database, embedder }: TextDependencies): void {
  app.route({
    method: "post",
    path: "/",
    summary: "Texts to vectors",
    description: "By the model that steps are searched by, or another of search.embedding_models. " +
      "Vectors of two models cannot be compared.",
    callers: ["user", "service"],
    body: EmbedBody,
    responses: { 200: { description: "The vectors", schema: Embeddings } },
  }, async ({ c, caller, body }) => {
    const texts = typeof body.input === "string" ? [body.input] : body.input;
    const model = await modelFor(body.model ?? null, body.dimensions ?? null);
    await spendTokens(database, caller, body.workspace_id ?? null, texts);
    try {
      const { vectors, tokens } = await embedder.embed(model, texts, { signal: c.req.raw.signal });
      return c.json({
        model: model.name,
        dimensions: model.dimensions,
        embeddings: vectors.map(numbersOf),
        usage: { tokens },
      });
    } catch (error) {
      throw error instanceof EmbeddingError ? answerTo(error) : error;
    }
  });

  async function modelFor(name: string | null, dimensions: number | null): Promise<EmbeddingModel> {
    const [model] = await database.sql<EmbeddingModel[]>`
      select m.name, m.dimensions, m.provider, m.max_tokens as "maxTokens"
      from search.embedding_models m
      cross join search.serving_model('steps.definition') s
      where m.name = coalesce(${name}::text, s.name)
        and (${dimensions}::int is null or m.dimensions = ${dimensions}::int)
      order by m.dimensions = s.dimensions desc, m.id
      limit 1`;
    if (model) return model;
    const known = await database
      .sql`select m.name, m.dimensions from search.embedding_models m order by m.id limit 100`;
    throw apiError("embedding_model_not_found", { details: { models: known.map((row) => ({ ...row })) } });
  }
}

/** Nine digits are all that a number of 32 bits has. */
function numbersOf(vector: Float32Array): number[] {
  return Array.from(vector, (number) => Number(number.toPrecision(9)));
}
