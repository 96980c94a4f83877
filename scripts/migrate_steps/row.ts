// A row from elsewhere as a step: what of it is taken over, and what is wrong with it.
import { z } from "@hono/zod-openapi";
import { stepFields } from "shared/step_fields.ts";
import { problemsOf } from "shared/validation.ts";

const count = z.int().min(0).max(2_147_483_647);
const time = z.iso.datetime({ offset: true, local: true });
const vector = z.union([z.string(), z.array(z.number()).transform((numbers) => JSON.stringify(numbers))]);

// Columns that are not known here are left behind.
const Imported = z.object({
  ...stepFields,
  id: z.uuid(),
  created_at: time.nullish(),
  succeeded: count.nullish().transform((value) => value ?? 0),
  failed: count.nullish().transform((value) => value ?? 0),
  duration_ms: count.nullish(),
  last_executed_at: time.nullish(),
  definition_embedding: vector.nullish(),
  workflow_embedding: vector.nullish(),
});
export type ImportedStep = z.infer<typeof Imported>;

export interface LargeValue {
  kind: "state" | "outcome";
  /** The value itself, or the key of the object that holds it. */
  value?: unknown;
  objectKey?: string;
}

export type Converted =
  | { step: ImportedStep; large: LargeValue[] }
  | { problems: { code: string; message: string; path: string }[] };

// Under which names large values are found, the first that there is.
const valueColumns = {
  state: ["current_state", "large_state", "state"],
  outcome: ["outcome_diff", "large_outcome", "outcome"],
};
const keyColumns = { state: "state_object_key", outcome: "outcome_diff_key" } as const;

export function convert(row: Record<string, unknown> | null): Converted {
  if (row === null) return { problems: [{ code: "json_invalid", message: "This is not a JSON object", path: "$" }] };
  const element = row.element_path;
  const given = {
    ...row,
    element_path: typeof element === "object" && element !== null ? JSON.stringify(element) : element,
  };
  const parsed = Imported.safeParse(given);
  if (!parsed.success) return { problems: problemsOf(parsed.error, "$", given) };
  const large: LargeValue[] = [];
  for (const kind of ["state", "outcome"] as const) {
    const column = valueColumns[kind].find((name) => row[name] !== undefined && row[name] !== null);
    const objectKey = row[keyColumns[kind]];
    if (column) large.push({ kind, value: jsonIn(row[column]) });
    else if (typeof objectKey === "string" && objectKey !== "") large.push({ kind, objectKey });
  }
  return { step: parsed.data, large };
}

/** A column of text may hold what is meant as JSON. */
function jsonIn(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
