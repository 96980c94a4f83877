// What a node that the `edge` executor runs gets and gives.
import type { Progress, Task } from "../engine.ts";

export interface NodeContext {
  /** Aborts at the task's timeout, and when its lease is gone or handed back. */
  signal: AbortSignal;
  /** Tells how far a long task is; the next heartbeat takes the last word along. */
  progress?: (progress: Progress) => void;
}

/** Resolves to the node's output (any JSON value); throws NodeError for a failure that the workflow should see. */
export type NodeExecutor = (task: Task, context: NodeContext) => Promise<unknown> | unknown;

export class NodeError extends Error {
  override name = "NodeError";
  code: string;
  retryable: boolean;
  details: Record<string, unknown> | undefined;
  retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, more: {
    retryable?: boolean;
    details?: Record<string, unknown>;
    retryAfterSeconds?: number;
    cause?: unknown;
  } = {}) {
    super(message, { cause: more.cause });
    this.code = code;
    this.retryable = more.retryable ?? false;
    this.details = more.details;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}
