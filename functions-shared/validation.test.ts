import assert from "node:assert/strict";
import { z } from "@hono/zod-openapi";
import { problemsOf } from "./validation.ts";

const Text = z.string().min(1).max(10);
const schema = z.strictObject({
  input: z.union([Text, z.array(Text)]),
  at: z.iso.datetime({ offset: true }).nullish(),
});

function problems(value: unknown, parameters?: { reportInput: boolean }): string[] {
  const parsed = schema.safeParse(value, parameters);
  return parsed.success ? [] : problemsOf(parsed.error, "$", value).map((one) => `${one.path}: ${one.message}`);
}

Deno.test("a problem with one of several forms is told of the form that was meant", () => {
  for (const parameters of [undefined, { reportInput: true }]) {
    assert.deepEqual(problems({}, parameters), ["$.input: This field is required"]);
    assert.deepEqual(problems({ input: 3 }, parameters), ["$.input: Invalid input: expected string or array"]);
    assert.deepEqual(problems({ input: "" }, parameters), [
      "$.input: Too small: expected string to have >=1 characters",
    ]);
    assert.deepEqual(problems({ input: ["a", 3, "", "b"] }, parameters), [
      "$.input[1]: Invalid input: expected string, received number",
      "$.input[2]: Too small: expected string to have >=1 characters",
    ]);
  }
});

Deno.test("a time says how it is written", () => {
  for (const at of ["yesterday", "2026-11-21", "2026-11-21T09:30:00"]) {
    assert.deepEqual(problems({ input: "a", at }), ["$.at: Not a time with its offset, like 2026-11-21T09:30:00Z"]);
  }
});

Deno.test("a field is missing where nothing was given, also in a body that was made of another", () => {
  const wrapped = z.preprocess(
    (step) => ({ steps: [step] }),
    z.object({ steps: z.array(z.object({ name: z.string() })) }),
  );
  const said = (value: unknown) => {
    const parsed = wrapped.safeParse(value, { reportInput: true });
    return parsed.success ? [] : problemsOf(parsed.error, "$", value).map((one) => `${one.path} ${one.code}`);
  };
  assert.deepEqual(said({ name: 5 }), ["$.steps[0].name invalid_type"]);
  assert.deepEqual(said({}), ["$.steps[0].name required"]);
});
