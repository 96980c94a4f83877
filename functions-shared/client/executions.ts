// Starting, following and controlling executions, and those that the caller runs himself.
import {
  camel,
  failed,
  isRow,
  ok,
  reading,
  refused,
  type Result,
  type Row,
  settle,
  type SupabaseLike,
  type TandemError,
  verbsOf,
} from "./call.ts";

export type ExecutionStatus =
  | "NEW"
  | "RUNNING"
  | "PAUSED"
  | "WAITING_FOR_HUMAN"
  | "SUCCESS"
  | "ERROR"
  | "CANCELED"
  | "TIMEOUT";

/** Where a status is given, these are understood too. */
export type StatusAlias = "running" | "completed" | "failed" | "canceled" | "cancelled" | "timeout";

export interface ExecutionError {
  code: string;
  message: string;
  node_id?: string;
  [field: string]: unknown;
}

export interface Execution {
  id: string;
  workspaceId: string;
  workflowId: string;
  version: number;
  status: ExecutionStatus;
  mode: string;
  executedByCaller: boolean;
  triggerNodeId: string;
  triggeredBy: string | null;
  priority: number;
  idempotencyKey: string | null;
  parentExecutionId: string | null;
  retryOf: string | null;
  /** What it was started with; not in lists that were asked for without data */
  input?: unknown;
  /** What the nodes that ended it came to, by node */
  outputs?: Record<string, unknown> | null;
  error: ExecutionError | null;
  errorMessage: string | null;
  /** What a caller that runs it himself said went wrong */
  errors: unknown[];
  nodesExecuted: number | null;
  deadline: string | null;
  createdAt: string;
  startTime: string | null;
  endTime: string | null;
  /** From start to end; null before both */
  durationMs: number | null;
}

export interface NodeExecution {
  id: string;
  nodeId: string;
  runIndex: number;
  itemIndex: number | null;
  attempt: number;
  status: string;
  input: unknown;
  output: unknown;
  error: ExecutionError | null;
  startTime: string | null;
  endTime: string | null;
  [field: string]: unknown;
}

export interface ExecutionDetails extends Execution {
  /** In the order in which they ran */
  nodes: NodeExecution[];
  /** Of its sub-workflows */
  children: ExecutionDetails[];
}

export interface StartOptions {
  input?: unknown;
  /** Same key, same execution */
  idempotencyKey?: string;
  /** The deployed version without it, else the current one */
  version?: number;
  priority?: number;
  /** Not before this time */
  startAt?: string | Date;
  timeoutSeconds?: number;
  /** The caller runs it himself and says with completeExecution how it ended; the engine keeps the book */
  executedByCaller?: boolean;
}

export interface ExecutionResult {
  /** completed is SUCCESS, failed is ERROR */
  status: "completed" | "failed" | "canceled" | "cancelled" | "SUCCESS" | "ERROR" | "CANCELED";
  nodesExecuted?: number;
  /** By node */
  outputs?: Record<string, unknown>;
  errorMessage?: string;
  errors?: unknown[];
}

export interface ExecutionFilters {
  workflowId?: string;
  workspaceId?: string;
  status?: ExecutionStatus | StatusAlias | (ExecutionStatus | StatusAlias)[];
  mode?: string | string[];
  version?: number;
  /** Created then or later */
  since?: string | Date;
  /** Created before */
  until?: string | Date;
  /** Newest first without it */
  orderDirection?: "asc" | "desc";
  /** At most 200; 50 without it */
  limit?: number;
  offset?: number;
  /** `nextCursor` of the page before: cheaper than `offset` */
  cursor?: string;
  /** Inputs and outputs too, unless it is false */
  withData?: boolean;
  /** Count all that the filters let through, as `total` */
  withTotal?: boolean;
}

export interface ExecutionStats {
  totalExecutions: number;
  successfulExecutions: number;
  failedExecutions: number;
  canceled: number;
  timedOut: number;
  running: number;
  /** Of those that came to an end by themselves, 0 to 1 */
  successRate: number | null;
  avgDurationMs: number | null;
  p50DurationMs: number | null;
  p95DurationMs: number | null;
  lastExecutionAt: string | null;
}

export interface WaitOptions {
  /** A minute without it */
  timeoutMs?: number;
  /** Where polling begins (200) and where its backoff ends (5000) */
  minIntervalMs?: number;
  maxIntervalMs?: number;
  signal?: AbortSignal;
}

const ended = ["SUCCESS", "ERROR", "CANCELED", "TIMEOUT"];
const aliases: Record<string, string[]> = {
  running: ["NEW", "RUNNING", "PAUSED", "WAITING_FOR_HUMAN"],
  completed: ["SUCCESS"],
  failed: ["ERROR"],
  canceled: ["CANCELED"],
  cancelled: ["CANCELED"],
  timeout: ["TIMEOUT"],
};
const summaryColumns =
  "id,workspace_id,workflow_id,version,status,mode,executed_by_caller,trigger_node_id,triggered_by," +
  "priority,idempotency_key,parent_execution_id,retry_of,error,nodes_executed,deadline,created_at,start_time,end_time";

export function createExecutions(client: SupabaseLike) {
  const verb = verbsOf(client);
  const getExecution = (id: string): Promise<Result<ExecutionDetails>> =>
    verb("get_execution", { execution_id: id }, parseExecutionDetails);

  return {
    startExecution: (workflowId: string, options: StartOptions = {}): Promise<Result<Execution>> =>
      verb("start_execution", {
        workflow_id: workflowId,
        input: options.input,
        idempotency_key: options.idempotencyKey,
        version: options.version,
        priority: options.priority,
        start_at: time(options.startAt),
        timeout_seconds: options.timeoutSeconds,
        executed_by_caller: options.executedByCaller,
      }, parseExecution),

    /** Ends an execution that was started with `executedByCaller`. Repeating it with the same result changes nothing. */
    async completeExecution(id: string, result: ExecutionResult): Promise<Result<Execution>> {
      const status = aliases[result.status]?.[0] ?? result.status;
      const { errorMessage, errors } = result;
      const first = errors?.find(isRow);
      const nodeId = first?.nodeId ?? first?.node_id;
      const message = errorMessage ?? (typeof first?.error === "string" ? first.error : undefined);
      const error = {
        ...(message !== undefined && { message }),
        ...(errors !== undefined && errors.length > 0 && { details: { errors } }),
        ...(typeof nodeId === "string" && { node_id: nodeId }),
      };
      return await verb("complete_execution", {
        execution_id: id,
        status,
        outputs: result.outputs,
        error: Object.keys(error).length > 0 ? error : undefined,
        nodes_executed: result.nodesExecuted,
      }, parseExecution);
    },

    /** Executions, newest first; `nextCursor` and, if asked for, `total` beside them. */
    async listExecutions(
      filters: ExecutionFilters = {},
    ): Promise<Result<Execution[], { total: number | null; nextCursor: string | null }>> {
      const { limit = 50, offset = 0, orderDirection = "desc", withData = true } = filters;
      if (!(limit >= 1 && limit <= 200)) return failed(refused("value_invalid", "limit is between 1 and 200"));
      const answer = await settle(() => {
        let query = client.from("workflow_executions").select(
          withData ? `${summaryColumns},input,output` : summaryColumns,
          filters.withTotal ? { count: "exact" } : {},
        );
        if (filters.workflowId !== undefined) query = query.eq("workflow_id", filters.workflowId);
        if (filters.workspaceId !== undefined) query = query.eq("workspace_id", filters.workspaceId);
        if (filters.version !== undefined) query = query.eq("version", filters.version);
        if (filters.status !== undefined) {
          query = query.in("status", [filters.status].flat().flatMap((status) => aliases[status] ?? [status]));
        }
        if (filters.mode !== undefined) query = query.in("mode", [filters.mode].flat());
        if (filters.since !== undefined) query = query.gte("created_at", time(filters.since));
        if (filters.until !== undefined) query = query.lt("created_at", time(filters.until));
        // ids follow the time of creation
        if (filters.cursor !== undefined) {
          query = orderDirection === "desc" ? query.lt("id", filters.cursor) : query.gt("id", filters.cursor);
        }
        return query.order("id", { ascending: orderDirection === "asc" }).range(offset, offset + limit - 1);
      });
      const { data, error } = reading(answer, (rows) => (rows as unknown[]).map(parseExecution));
      if (error) return failed(error);
      return {
        ...ok(data),
        total: answer.count ?? null,
        nextCursor: data.length === limit ? data[data.length - 1]!.id : null,
      };
    },

    /** Counts by how they ended, and how long those took that were not canceled. */
    getExecutionStats: (workflowId: string, since?: string | Date): Promise<Result<ExecutionStats>> =>
      verb("get_execution_stats", { workflow_id: workflowId, since: time(since) }, (data) => camel(data)),

    /** With its node runs, and the executions of its sub-workflows. */
    getExecution,

    cancelExecution: (id: string, reason?: string): Promise<Result<Execution>> =>
      verb("cancel_execution", { execution_id: id, reason }, parseExecution),
    pause: (id: string, reason?: string): Promise<Result<Execution>> =>
      verb("pause_execution", { execution_id: id, reason }, parseExecution),
    resume: (id: string): Promise<Result<Execution>> => verb("resume_execution", { execution_id: id }, parseExecution),

    /** A new execution that runs again what failed, or one node run and what followed from it. */
    retry: (
      id: string,
      options: { nodeExecutionId?: string; version?: number } = {},
    ): Promise<Result<Execution>> =>
      verb(
        "retry_execution",
        { execution_id: id, node_execution_id: options.nodeExecutionId, version: options.version },
        parseExecution,
      ),

    /** To executions that wait for it. With a key the first payload counts, for whoever waits now or later. */
    sendEvent: (
      name: string,
      payload?: unknown,
      options: { key?: string; workspaceId?: string } = {},
    ): Promise<Result<{ id: string; name: string; key: string | null; created: boolean }>> =>
      verb(
        "send_event",
        { name, payload, key: options.key, workspace_id: options.workspaceId },
        (data) => camel(data),
      ),

    /**
     * The execution once it has ended. Asks again after growing intervals, also where an answer was lost. When the time
     * is over the error is wait_timeout; the execution goes on.
     */
    async waitForExecution(id: string, options: WaitOptions = {}): Promise<Result<ExecutionDetails>> {
      const { timeoutMs = 60_000, minIntervalMs = 200, maxIntervalMs = 5_000, signal } = options;
      const deadline = Date.now() + timeoutMs;
      let interval = minIntervalMs;
      let last: TandemError | undefined;
      while (true) {
        if (signal?.aborted) return failed({ code: "aborted", message: "Waiting was given up", status: 0 });
        const { data, error } = await settle(() =>
          client.from("workflow_executions").select("status").eq("id", id).limit(1)
        );
        const status = (data as { status: string }[] | null)?.[0]?.status;
        if (!error && (status === undefined || ended.includes(status))) {
          // what is not there is told by the verb
          const whole = await getExecution(id);
          if (!whole.error || !isPassing(whole.error)) return whole;
          last = whole.error;
        } else if (error && !isPassing(error)) return failed(error);
        else last = error ?? undefined;
        const left = deadline - Date.now();
        if (left <= 0) {
          return failed(
            last ?? {
              code: "wait_timeout",
              message: `The execution has not ended within ${timeoutMs} ms`,
              status: 0,
              details: { status },
              hint: "It goes on: wait again, or cancel it.",
            },
          );
        }
        await sleep(Math.min(interval * (0.75 + Math.random() / 2), left), signal);
        interval = Math.min(interval * 1.5, maxIntervalMs);
      }
    },

    /**
     * Tells of executions of a workspace whose status changes, by Supabase Realtime. Ids and statuses only: read what
     * else is needed.
     */
    subscribe(
      workspaceId: string,
      onChange: (change: { id: string; workflowId: string; status: ExecutionStatus }) => void,
      onState?: (state: string) => void,
    ): Result<{ unsubscribe(): Promise<void> }> {
      if (!client.channel) {
        return failed({
          code: "realtime_unavailable",
          message: "This client has no Realtime",
          status: 0,
          hint: "Use waitForExecution, or GET execute/:id/events.",
        });
      }
      try {
        const channel = client.channel(`workspace:${workspaceId}`, { config: { private: true } });
        channel
          .on("broadcast", { event: "execution" }, ({ payload }: { payload: Row }) => onChange(camel(payload)))
          .subscribe((state: string) => onState?.(state));
        return ok({
          async unsubscribe() {
            await channel.unsubscribe();
          },
        });
      } catch (thrown) {
        return failed({
          code: "realtime_unavailable",
          message: String((thrown as Error)?.message ?? thrown),
          status: 0,
        });
      }
    },
  };
}

export type Executions = ReturnType<typeof createExecutions>;

const isPassing = (error: TandemError) => error.code === "network_error" || error.status >= 500 || error.status === 429;

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

const time = (value: string | Date | undefined) => value instanceof Date ? value.toISOString() : value;

export function parseExecution(row: unknown): Execution {
  const { output, ...columns } = row as Row;
  const named = camel<Execution>(columns);
  const { error, startTime, endTime } = named;
  const details = isRow(error?.details) ? error.details : {};
  return {
    ...named,
    ...(output !== undefined && { outputs: output as Record<string, unknown> | null }),
    errorMessage: error?.message ?? null,
    errors: Array.isArray(details.errors) ? details.errors : [],
    durationMs: startTime && endTime ? Date.parse(endTime) - Date.parse(startTime) : null,
  };
}

export function parseExecutionDetails(answer: unknown): ExecutionDetails {
  const { execution, nodes, children } = answer as { execution: unknown; nodes: unknown[]; children?: unknown[] };
  return {
    ...parseExecution(execution),
    nodes: nodes.map((node) => camel<NodeExecution>(node)),
    children: (children ?? []).map(parseExecutionDetails),
  };
}
