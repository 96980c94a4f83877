// Zod's findings in the shape of our errors: every problem at once, each with a code, a sentence and a JSON path.
import type { z } from "@hono/zod-openapi";
import type { Problem } from "./errors.ts";

/** Problems of a failed parse; `root` begins the paths ("$" for a body). Values are never repeated in a message. */
export function problemsOf(error: z.ZodError, root = "$", value?: unknown): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = [...issue.path];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        code: "unknown_field",
        message: `There is no field ${JSON.stringify(key)}`,
        path: jsonPath(root, [...path, key]),
      }));
    }
    if (issue.code === "invalid_type" && at(value, path) === undefined) {
      return [{ code: "required", message: "This field is required", path: jsonPath(root, path) }];
    }
    const code = issue.code === "custom" ? "invalid" : issue.code;
    return [{ code, message: issue.message, path: jsonPath(root, path) }];
  });
}

export function jsonPath(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return /^[A-Za-z_]\w*$/.test(String(step)) ? `${text}.${String(step)}` : `${text}.${JSON.stringify(String(step))}`;
  }, root);
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[step] : undefined,
    value,
  );
}
