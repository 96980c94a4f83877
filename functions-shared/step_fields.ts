// What describes a step, as public.workflow_steps takes it.
import { z } from "@hono/zod-openapi";

const text = (most: number) => z.string().max(most);
const required = (most: number) => text(most).min(1);

export const stepFields = {
  app_name: required(200),
  window_title: text(500),
  element_path: text(8_000).openapi({ description: "JSON or text" }),
  step_name: required(1_000),
  definition: z.string().refine((value) => new TextEncoder().encode(value).length <= 32_768, {
    error: "A definition has at most 32 kB",
  }).nullish().openapi({ description: "What was done, as code; at most 32 kB" }),
  workflow_name: required(255),
  workflow_description: text(20_000).nullish(),
  terminator_version: text(100).nullish(),
  environment: text(100).nullish(),
  author: text(320).nullish(),
};
