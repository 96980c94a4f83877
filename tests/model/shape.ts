// What the shape of a definition means, computed from the rules alone: cycles, back edges, what a token can still
// reach, and which FOR_EACH a collect belongs to.
import type { Json } from "./paths.ts";

export interface Node {
  id: string;
  type: string;
  subtype: string;
  parameters?: Record<string, Json>;
  error_handling?: string;
  max_retries?: number;
  retry_wait_time?: number;
  disabled?: boolean;
}

export interface Connection {
  source: string;
  target: string;
  type?: string;
  index?: number;
  target_index?: number;
  conditions?: string;
}

export interface Definition {
  nodes: Node[];
  connections: Connection[];
  pin_data?: Record<string, Json>;
}

export class Shape {
  readonly nodes: Map<string, Node>;
  readonly #leaving = new Map<string, Connection[]>();
  readonly #component = new Map<string, string>();
  readonly #back = new Set<Connection>();
  readonly #around = new Map<string, string[]>();
  readonly #reached = new Map<string, boolean>();

  constructor(readonly definition: Definition) {
    this.nodes = new Map(definition.nodes.map((node) => [node.id, node]));
    for (const node of definition.nodes) this.#leaving.set(node.id, []);
    for (const connection of definition.connections) this.#leaving.get(connection.source)!.push(connection);
    this.#findComponents();
    this.#findBackEdges();
    this.#findScopes();
  }

  leaving(node: string): Connection[] {
    return this.#leaving.get(node)!;
  }

  /** The inputs of a merge that something leads to, ascending. */
  inputs(node: string): number[] {
    const arriving = this.definition.connections.filter((connection) => connection.target === node);
    return [...new Set(arriving.map((connection) => connection.target_index ?? 0))].sort((a, b) => a - b);
  }

  /** The name of a node's cycle; undefined outside of cycles. */
  component(node: string): string | undefined {
    return this.#component.get(node);
  }

  shareCycle(a: string, b: string): boolean {
    return this.component(a) !== undefined && this.component(a) === this.component(b);
  }

  isBackEdge(connection: Connection): boolean {
    return this.#back.has(connection);
  }

  /** The merges that collect the items of a FOR_EACH. */
  collects(forEach: string): string[] {
    return this.definition.nodes.filter((node) =>
      mergeMode(node) === "collect" && this.#around.get(node.id)?.at(-1) === forEach
    )
      .map((node) => node.id).sort();
  }

  /** Can a token that stands at a node come to an input of a merge, with or without the back edges of its cycle? */
  reaches(from: string, merge: string, input: number, ahead: boolean): boolean {
    const key = JSON.stringify([from, merge, input, ahead]);
    let answer = this.#reached.get(key);
    if (answer === undefined) {
      const seen = new Set<string>();
      const open = [from];
      answer = false;
      while (open.length > 0 && !answer) {
        for (const connection of this.leaving(open.pop()!)) {
          if (ahead && this.isBackEdge(connection) && this.shareCycle(connection.source, merge)) continue;
          if (connection.target === merge && (connection.target_index ?? 0) === input) answer = true;
          if (!seen.has(connection.target)) {
            seen.add(connection.target);
            open.push(connection.target);
          }
        }
      }
      this.#reached.set(key, answer);
    }
    return answer;
  }

  #findComponents(): void {
    const follow = (from: string): Set<string> => {
      const seen = new Set<string>();
      const open = [from];
      while (open.length > 0) {
        for (const { target } of this.leaving(open.pop()!)) {
          if (!seen.has(target)) {
            seen.add(target);
            open.push(target);
          }
        }
      }
      return seen;
    };
    const reached = new Map(this.definition.nodes.map(({ id }) => [id, follow(id)]));
    for (const { id } of this.definition.nodes) {
      if (!reached.get(id)!.has(id)) continue;
      const cycle = this.definition.nodes.filter((other) =>
        reached.get(id)!.has(other.id) && reached.get(other.id)!.has(id)
      );
      this.#component.set(id, cycle[0]!.id);
    }
  }

  #findBackEdges(): void {
    const visited = new Set<string>();
    const path = new Set<string>();
    const visit = (node: string) => {
      visited.add(node);
      path.add(node);
      for (const connection of this.leaving(node)) {
        if (path.has(connection.target)) this.#back.add(connection);
        else if (!visited.has(connection.target)) visit(connection.target);
      }
      path.delete(node);
    };
    const isTrigger = (node: Node) => node.type === "TRIGGER";
    for (const node of [...this.definition.nodes.filter(isTrigger), ...this.definition.nodes]) {
      if (!visited.has(node.id)) visit(node.id);
    }
  }

  /** The FOR_EACH around each node, outermost first. The validator refuses merges where there are two answers. */
  #findScopes(): void {
    const open: [string, string[]][] = this.definition.nodes.filter((node) => node.type === "TRIGGER").map((
      node,
    ) => [node.id, []]);
    const seen = new Set<string>();
    while (open.length > 0) {
      const [id, around] = open.shift()!;
      const key = JSON.stringify([id, around]);
      if (seen.has(key) || around.length > 6) continue;
      seen.add(key);
      if (!this.#around.has(id)) this.#around.set(id, around);
      const node = this.nodes.get(id)!;
      for (const connection of this.leaving(id)) {
        if (isForEach(node) && connection.type !== "ERROR") open.push([connection.target, [...around, id]]);
        else open.push([connection.target, mergeMode(node) === "collect" ? around.slice(0, -1) : around]);
      }
    }
  }
}

export const isForEach = (node: Node) => node.type === "FLOW" && node.subtype === "FOR_EACH" && !node.disabled;

export const mergeMode = (node: Node): string | undefined =>
  node.type === "FLOW" && node.subtype === "MERGE" && !node.disabled ? node.parameters!.mode as string : undefined;
