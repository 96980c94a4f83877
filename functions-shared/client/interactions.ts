// Questions that workflows ask people: the inbox, and what is done with them there.
import { camel, failed, ok, type Result, type SupabaseLike, verbsOf } from "./call.ts";

export type InteractionStatus = "pending" | "responded" | "timeout" | "error" | "cancelled";
export type InteractionPriority = "low" | "normal" | "high" | "critical";

/** Who may decide, or did. */
export type Person = { user: string } | { role: string } | { email: string } | { slack: string };

export interface Interaction {
  id: string;
  workspaceId: string;
  workflowId: string;
  executionId: string;
  nodeId: string;
  runIndex: number;
  interactionType: "approval" | "input" | "selection" | "review";
  channelType: "slack" | "email" | "webhook" | "in_app";
  status: InteractionStatus;
  outcome: "approved" | "rejected" | "answered" | "timed_out" | "cancelled" | null;
  priority: InteractionPriority;
  /** What is asked: title, message, data, schema, options, ... */
  requestData: Record<string, unknown>;
  /** What the node puts out: outcome, data, comment, ... */
  responseData: Record<string, unknown> | null;
  /** None: any editor, and whom the message is addressed to */
  assignees: Person[];
  quorum: number;
  credentials: Record<string, string>;
  createdAt: string;
  updatedAt: string;
  respondedAt: string | null;
  respondedBy: Record<string, unknown> | null;
  timeoutAt: string;
  remindedAt: string | null;
  escalatedAt: string | null;
  correlationId: string | null;
  tags: string[];
  /** Somebody wants another to be asked, and an editor has to see to it */
  wish: Record<string, unknown> | null;
}

export interface InteractionFilters {
  workspaceId?: string;
  /** pending without it */
  status?: InteractionStatus | "all";
  priority?: InteractionPriority;
  channel?: Interaction["channelType"];
  /** At most 200; 50 without it */
  limit?: number;
  /** `nextCursor` of the page before */
  cursor?: string;
  withCounts?: boolean;
}

export interface InteractionCounts {
  pending: number;
  critical: number;
  high: number;
  normal: number;
  low: number;
  dueWithinADay: number;
  byChannel: Record<string, number>;
}

export interface InteractionAnswer {
  /** approve, reject; answer; accept, edit, respond or ignore a review */
  decision: "approve" | "reject" | "answer" | "accept" | "edit" | "respond" | "ignore";
  /** What goes on: edited fields, a form's, the chosen options */
  data?: unknown;
  comment?: string;
  /** The same key again changes nothing */
  idempotencyKey?: string;
}

export type Interactions = ReturnType<typeof createInteractions>;

export function createInteractions(client: SupabaseLike) {
  const verb = verbsOf(client);
  const read = (row: unknown) => camel<Interaction>(Array.isArray(row) ? row[0] : row);

  return {
    /** Those that the caller may decide, the most urgent first; `nextCursor` and, if asked for, `counts` beside them. */
    async listMyInteractions(
      filters: InteractionFilters = {},
    ): Promise<Result<Interaction[], { nextCursor: string | null; counts: InteractionCounts | null }>> {
      const { data, error } = await verb("list_my_interactions", {
        workspace_id: filters.workspaceId,
        status: filters.status,
        priority: filters.priority,
        channel: filters.channel,
        page_size: filters.limit,
        cursor: filters.cursor,
        with_counts: filters.withCounts,
      }, (answer) => {
        const { items, next_cursor, counts } = answer as {
          items: unknown[];
          next_cursor: string | null;
          counts?: object;
        };
        return { items: items.map(read), nextCursor: next_cursor, counts: counts && camel<InteractionCounts>(counts) };
      });
      if (error) return failed(error);
      return { ...ok(data.items), nextCursor: data.nextCursor, counts: data.counts ?? null };
    },
    /** With a quorum it stays pending until enough have agreed. */
    respond: (id: string, answer: InteractionAnswer): Promise<Result<Interaction>> =>
      verb("respond_to_interaction", {
        interaction_id: id,
        decision: answer.decision,
        data: answer.data,
        comment: answer.comment,
        idempotency_key: answer.idempotencyKey,
      }, read),
    /** Links that were sent are dead, an escalation is dropped. */
    reassign: (id: string, assignees: Person[], reason?: string): Promise<Result<Interaction>> =>
      verb("reassign_interaction", { interaction_id: id, assignees, reason }, read),
    cancel: (id: string, reason?: string): Promise<Result<Interaction>> =>
      verb("cancel_interaction", { interaction_id: id, reason }, read),
  };
}
