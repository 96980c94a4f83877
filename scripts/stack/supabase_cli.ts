// The Supabase CLI, without Docker and without a login: every command names its database.
import { checkout, Problem } from "./places.ts";

const environment = {
  SUPABASE_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  // never a question, never a colour in what we parse
  CI: "1",
  NO_COLOR: "1",
};

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command in a project tree and answers what it printed; fails with its last words. */
export async function supabase(args: string[], { tree = checkout } = {}): Promise<string> {
  const { code, stdout, stderr } = await trySupabase(args, { tree });
  if (code !== 0) throw new Problem(`supabase ${args.slice(0, 2).join(" ")} failed: ${essence(stdout, stderr)}`);
  return stdout;
}

export async function trySupabase(args: string[], { tree = checkout } = {}): Promise<Result> {
  const output = await new Deno.Command(`${checkout}/node_modules/.bin/supabase`, {
    args: [...args, "--yes", "--workdir", tree],
    env: environment,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
}

/** What a failed command said, without its frame, its hints, and the address and password of the database. */
function essence(...outputs: string[]): string {
  return outputs.join("\n").split("\n")
    .map((line) => line.replace(/^[│▲●■◇◆\s]+/, "").replaceAll(/postgres(ql)?:\/\/\S+/g, "the database"))
    .filter((line) => line && !/^(Target:|Try rerunning|Connected to|Request pg-delta|supabase issue)/.test(line))
    .join("\n");
}
