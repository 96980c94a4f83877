// Steps: what was done in applications, kept, counted and found again.
import {
  callFunction,
  camel,
  failed,
  isRow,
  ok,
  reading,
  refused,
  type Result,
  type Row,
  settle,
  snake,
  type SupabaseLike,
  verbsOf,
} from "./call.ts";

export interface NewStep {
  appName: string;
  /** May be empty */
  windowTitle: string;
  /** May be empty */
  elementPath: string;
  stepName: string;
  workflowName: string;
  workflowDescription?: string | null;
  /** What was done, as code; at most 32 kB */
  definition?: string | null;
  /** Any JSON, of megabytes if need be: kept in object storage */
  currentState?: unknown;
  /** Likewise */
  outcomeDiff?: unknown;
  author?: string | null;
  environment?: string | null;
  terminatorVersion?: string | null;
  /** A workflow of Tandem, with the node that the step is */
  workflowId?: string | null;
  nodeId?: string | null;
}

export interface CreateStepsOptions {
  /** The same key and steps again answer what was created */
  idempotencyKey?: string;
  /** The personal workspace without it */
  workspaceId?: string;
  /** now: waits for the vectors, at most 15 s */
  embed?: "later" | "now";
}

/** A step as creating it answers: without its definition. */
export interface CreatedStep {
  id: string;
  workspaceId: string;
  appName: string;
  stepName: string;
  workflowName: string;
  stateObjectKey: string | null;
  outcomeDiffKey: string | null;
  createdAt: string;
  [field: string]: unknown;
}

export interface Step {
  id: string;
  workspaceId: string;
  userId: string | null;
  appName: string;
  windowTitle: string;
  elementPath: string;
  stepName: string;
  definition: string | null;
  succeeded: number;
  failed: number;
  /** Moving average */
  durationMs: number | null;
  /** 0 to 100: success, how often, how recently, how fast */
  ranking: number;
  /** 0 to 100: success that is certain, how recently, how often */
  robustRanking: number;
  stateObjectKey: string | null;
  outcomeDiffKey: string | null;
  workflowName: string;
  workflowDescription: string | null;
  workflowTextId: string | null;
  workflowId: string | null;
  nodeId: string | null;
  terminatorVersion: string | null;
  environment: string | null;
  author: string | null;
  createdAt: string;
  updatedAt: string;
  /** When it was created, of one that never ran */
  lastExecutedAt: string;
}

export interface StepSearch {
  /** Words, "phrases", -exclusions, or */
  searchQuery?: string;
  /** Embedded, and compared with each step */
  similarityQuery?: string;
  /** In place of similarityQuery, by the model that serves */
  queryEmbedding?: number[];
  embeddingModel?: string;
  embeddingType?: "definition" | "workflow";
  /** two_stage: what words find, ordered by ranking and similarity; hybrid: the nearest by vector as well */
  mode?: "two_stage" | "hybrid";
  ranking?: "document" | "robust";
  filterApp?: string;
  filterWindow?: string;
  filterWorkflow?: string;
  filterAuthor?: string;
  /** Last executed then or later; of one that never ran, created */
  dateFrom?: string | Date;
  dateTo?: string | Date;
  minSucceeded?: number;
  minSimilarity?: number;
  workspaceId?: string;
  /** How many words may find (500) */
  stage1Limit?: number;
  /** How many a page has (20) */
  stage2Limit?: number;
  /** `nextCursor` of the page before */
  cursor?: string;
  withHighlights?: boolean;
  withExplanation?: boolean;
}

export interface FoundStep {
  stepId: string;
  appName: string;
  windowTitle: string;
  stepName: string;
  definition: string | null;
  workflowName: string;
  ranking: number;
  /** Null for one that only its vector found */
  keywordRank: number | null;
  similarityScore: number | null;
  combinedScore: number;
  textScore: number | null;
  /** HTML, escaped, with the words in <mark>; by column */
  highlights: Record<string, string> | null;
  explanation: unknown;
}

export interface FoundMore {
  /** Null on the last page */
  nextCursor: string | null;
  hasSimilarity: boolean;
  /** Why words had to do */
  similarityError: { code: string; message: string } | null;
}

export interface StepOutcome {
  success: boolean;
  /** Left out, it does not change the average */
  durationMs?: number;
}

export interface StepStatistics {
  stepId: string;
  succeeded: number;
  failed: number;
  durationMs: number | null;
  lastExecutedAt: string;
  [field: string]: unknown;
}

/** Of a workspace. */
export interface StepSums {
  workspaceId: string;
  totalSteps: number;
  stepsWithSuccess: number;
  avgRanking: number;
  totalSuccesses: number;
  totalFailures: number;
  /** For the operator */
  tableSize: string | null;
}

export interface EmbeddingStatus {
  source: string;
  servingModel: string;
  /** While the model is changed */
  nextModel: string | null;
  dimensions: number;
  /** Share of rows that have their vector, 0 to 1 */
  done: number;
  pending: number;
  inFlight: number;
  failed: number;
  dead: number;
  oldestAgeSeconds: number;
  /** How many of those that wait do so until the workspace's budget fills */
  held: number;
}

// all but the vectors and the words
const columns = "id,workspace_id,user_id,app_name,window_title,element_path,step_name,definition,succeeded,failed," +
  "duration_ms,ranking,robust_ranking,state_object_key,outcome_diff_key,workflow_name,workflow_description," +
  "workflow_text_id,workflow_id,node_id,terminator_version,environment,author,created_at,updated_at,last_executed_at";

export type Steps = ReturnType<typeof createSteps>;

export function createSteps(client: SupabaseLike) {
  const verb = verbsOf(client);

  const objectOf = (kind: "state" | "outcome") => (id: string): Promise<Result<unknown>> =>
    callFunction(client, `search/steps/${encodeURIComponent(id)}/${kind}`, undefined, "GET");

  const create = async (steps: NewStep[], options: CreateStepsOptions): Promise<Result<(CreatedStep | null)[]>> => {
    const { idempotencyKey, workspaceId, embed } = options;
    const answer = await callFunction(
      client,
      "embed/steps",
      { steps: steps.map(snake), workspace_id: workspaceId, embed },
      "POST",
      idempotencyKey === undefined ? undefined : { "idempotency-key": idempotencyKey },
    );
    return reading(
      answer,
      (data) => (data as { steps: unknown[] }).steps.map((step) => camel<CreatedStep | null>(step)),
    );
  };

  return {
    /** Null: it was created under this idempotency key before, and has been deleted since. */
    async createStep(step: NewStep, options: CreateStepsOptions = {}): Promise<Result<CreatedStep | null>> {
      const { data, error } = await create([step], options);
      return error ? failed(error) : ok(data[0]!);
    },
    /** Up to 500: all or none, in their order. */
    createSteps: (steps: NewStep[], options: CreateStepsOptions = {}): Promise<Result<(CreatedStep | null)[]>> =>
      create(steps, options),

    /** The best first; `nextCursor` beside them. */
    async searchSteps(search: StepSearch): Promise<Result<FoundStep[], FoundMore>> {
      const { stage1Limit, stage2Limit, ...rest } = search;
      const answer = await callFunction(client, "search/steps", {
        ...snake(rest),
        stage1_limit: stage1Limit,
        stage2_limit: stage2Limit,
      });
      const { data, error } = reading(answer, (found) => {
        const { results, ...more } = found as { results: unknown[] } & Row;
        return { steps: results.map((step) => camel<FoundStep>(step)), more };
      });
      if (error) return failed(error);
      const { next_cursor, has_similarity, similarity_error } = data.more;
      return {
        ...ok(data.steps),
        nextCursor: next_cursor as string | null,
        hasSimilarity: has_similarity as boolean,
        similarityError: isRow(similarity_error) ? similarity_error as unknown as FoundMore["similarityError"] : null,
      };
    },

    /** With statistics and rankings. */
    async getStep(id: string): Promise<Result<Step>> {
      const answer = await settle(() => client.from("step_overview").select(columns).eq("id", id).limit(1));
      const { data, error } = reading(answer, (rows) => (rows as unknown[]).map((row) => camel<Step>(row)));
      if (error) return failed(error);
      return data[0]
        ? ok(data[0])
        : failed({ ...refused("step_not_found", `No step ${id} in your workspaces`), status: 404 });
    },
    /** What was given as `currentState`. */
    getState: objectOf("state"),
    /** What was given as `outcomeDiff`. */
    getOutcome: objectOf("outcome"),
    /** Its vectors and objects go with it. */
    async deleteStep(id: string): Promise<Result<{ id: string }>> {
      const answer = await settle(() => client.from("workflow_steps").delete().eq("id", id).select("id"));
      const { data, error } = reading(answer, (rows) => (rows as unknown[]).map((row) => camel<{ id: string }>(row)));
      if (error) return failed(error);
      return data[0]
        ? ok(data[0])
        : failed({ ...refused("step_not_found", `No step ${id} in your workspaces`), status: 404 });
    },

    /** Counts one execution of a step; sent twice it counts twice. */
    recordOutcome: (id: string, outcome: StepOutcome): Promise<Result<StepStatistics>> =>
      verb("increment_step_stats", {
        step_id: id,
        is_success: outcome.success,
        execution_duration: outcome.durationMs,
      }, (row) => camel<StepStatistics>(Array.isArray(row) ? row[0] : row)),
    /** Up to 1000, in their order. What is not there is told as `unknown`, and spoils nothing. */
    recordOutcomes: (
      outcomes: (StepOutcome & { stepId: string })[],
    ): Promise<Result<{ counted: number; unknown: string[] }>> =>
      verb("increment_step_stats_batch", {
        outcomes: outcomes.map(({ stepId, success, durationMs }) => ({
          step_id: stepId,
          success,
          ...(durationMs !== undefined && { duration_ms: durationMs }),
        })),
      }, (answer) => answer as { counted: number; unknown: string[] }),

    /** Sums of each workspace. */
    async getStepStats(workspaceId?: string): Promise<Result<StepSums[]>> {
      const answer = await settle(() => {
        const query = client.from("step_stats").select("*");
        return workspaceId === undefined ? query : query.eq("workspace_id", workspaceId);
      });
      return reading(answer, (rows) => (rows as unknown[]).map((row) => camel<StepSums>(row)));
    },
    /** How far the vectors are: of steps' definitions and of their workflows. */
    getEmbeddingStatus: (): Promise<Result<EmbeddingStatus[]>> =>
      verb("get_embedding_status", {}, (rows) => (rows as unknown[]).map((row) => camel<EmbeddingStatus>(row))),
  };
}
