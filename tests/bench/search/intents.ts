// What people ask of web applications, in their words: tests/data/webarena. Intents of one template mean the same.
export interface Intent {
  intent: string;
  template: number;
}

export const intents: Intent[] = Deno.readTextFileSync(new URL("../../data/webarena/intents.jsonl", import.meta.url))
  .trim().split("\n").map((line) => JSON.parse(line));
