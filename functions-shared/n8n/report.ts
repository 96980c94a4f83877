// What became of each node and edge of an export.

export interface NodeReport {
  source: string;
  type: string;
  status: "translated" | "translated_with_changes" | "placeholder" | "attached" | "annotation";
  node_id: string | null;
  /** Nodes that this one brought along. */
  helpers?: string[];
  notes: string[];
  /** Of a placeholder: where in the original it failed. */
  path?: string;
  expression?: string;
}

export interface ConnectionReport {
  source: string;
  target: string;
  type: string;
  index: number;
  target_index: number;
  status: "kept" | "rewired" | "attached" | "dropped";
  notes: string[];
}

export interface Report {
  nodes: NodeReport[];
  connections: ConnectionReport[];
  settings: { key: string; value: unknown; status: "translated" | "not_translated"; note: string }[];
  notes: string[];
  static_data?: unknown;
  summary: Record<
    "nodes" | "translated" | "placeholders" | "attached" | "annotations" | "connections" | "dropped",
    number
  >;
}
