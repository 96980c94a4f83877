// Zod's findings in the shape of our errors: every problem at once, each with a code, a sentence and a JSON path.
import type { z } from "@hono/zod-openapi";
import type { Problem } from "./errors.ts";

/** Problems of a failed parse; `root` begins the paths ("$" for a body). Values are never repeated in a message. */
export function problemsOf(error: Pick<z.ZodError, "issues">, root = "$", value?: unknown): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = [...issue.path];
    // a body may have been made of what was sent: what was looked at counts
    const given = "input" in issue ? issue.input : at(value, path);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        code: "unknown_field",
        message: `There is no field ${JSON.stringify(key)}`,
        path: jsonPath(root, [...path, key]),
      }));
    }
    if ((issue.code === "invalid_type" || issue.code === "invalid_union") && given === undefined) {
      return [{ code: "required", message: "This field is required", path: jsonPath(root, path) }];
    }
    if (issue.code === "invalid_union") {
      // What is of the right type for one of several forms is held against that one.
      const wrongTypes = issue.errors.map((issues) =>
        issues.flatMap((one) => one.code === "invalid_type" && one.path.length === 0 ? [one.expected] : [])
      );
      const meant = issue.errors.find((_, form) => wrongTypes[form]!.length === 0);
      if (meant) return problemsOf({ issues: meant }, jsonPath(root, path), given);
      const expected = wrongTypes.flat().join(" or ");
      if (expected) {
        return [{ code: "invalid_type", message: `Invalid input: expected ${expected}`, path: jsonPath(root, path) }];
      }
    }
    const code = issue.code === "custom" ? "invalid" : issue.code;
    const message = issue.code === "invalid_format" && issue.format === "datetime"
      ? "Not a time with its offset, like 2026-11-21T09:30:00Z"
      : issue.message;
    return [{ code, message, path: jsonPath(root, path) }];
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
