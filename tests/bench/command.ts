// What a benchmark does when it is run: it says how far it is, prints its figures and, with --write, keeps them.
import { fileURLToPath } from "node:url";
import { main } from "../../scripts/stack/places.ts";

export interface Benchmark<Size, Figures> {
  /** npm run ... */
  script: string;
  /** The file beside this one that --write makes. */
  results: string;
  sizes: Record<"full" | "quick", Size>;
  measure(size: Size, say: (what: string) => void): Promise<Figures>;
  asText(figures: Figures): string;
  asMarkdown(figures: Figures, command: string): string;
}

export async function run<Size, Figures>(benchmark: Benchmark<Size, Figures>): Promise<void> {
  const { script, results, sizes, measure, asText, asMarkdown } = benchmark;
  await main(async () => {
    const quick = Deno.args.includes("--quick");
    const isTerminal = Deno.stderr.isTerminal();
    const say = (what: string) => isTerminal && Deno.stderr.writeSync(new TextEncoder().encode(`\x1b[2K\r${what}`));
    const figures = await measure(quick ? sizes.quick : sizes.full, say);
    say("");
    console.log(asText(figures));
    if (Deno.args.includes("--write")) {
      const command = [`npm run ${script} --`, ...quick ? ["--quick"] : [], "--write"].join(" ");
      const file = fileURLToPath(new URL(results, import.meta.url));
      await Deno.writeTextFile(file, asMarkdown(figures, command));
      await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file] }).output();
    }
  });
}
