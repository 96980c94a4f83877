import type { NodeExecutor } from "./node.ts";

/** ACTION.NOOP does nothing and returns its input: a placeholder in a draft, and the cheapest task to measure with. */
export const noop: NodeExecutor = (task) => task.input ?? null;
