// The nodes that a worker can run, by `type.subtype`.
import { NodeError, type NodeExecutor } from "./node.ts";
import { httpRequest } from "./http_request.ts";
import { noop } from "./noop.ts";

export const nodes: ReadonlyMap<string, NodeExecutor> = new Map<string, NodeExecutor>([
  ["ACTION.HTTP_REQUEST", httpRequest()],
  ["ACTION.NOOP", noop],
]);

/** Runs a task with the executor of its type; an unknown type is an error that no retry mends. */
export function nodeRunner(known: ReadonlyMap<string, NodeExecutor> = nodes): NodeExecutor {
  return (task, context) => {
    const name = `${task.type}.${task.subtype}`;
    const executor = known.get(name);
    if (!executor) throw new NodeError("node_type_unknown", `This worker has no node ${name}`);
    return executor(task, context);
  };
}
