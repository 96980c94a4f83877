// `npm run bench [-- --quick] [-- --write]`: what steps cost Postgres here, by this engine, by its peers, and by the
// floor: the same facts written by plain SQL. With --write the figures go to RESULTS.md too.
import { fileURLToPath } from "node:url";
import { main } from "../../scripts/stack/places.ts";
import { measure, sizes } from "./measure.ts";
import { asMarkdown, asText } from "./report.ts";

if (import.meta.main) {
  await main(async () => {
    const quick = Deno.args.includes("--quick");
    const isTerminal = Deno.stderr.isTerminal();
    const say = (what: string) => isTerminal && Deno.stderr.writeSync(new TextEncoder().encode(`\x1b[2K\r${what}`));
    const figures = await measure(quick ? sizes.quick : sizes.full, say);
    say("");
    console.log(asText(figures));
    if (Deno.args.includes("--write")) {
      const command = ["npm run bench --", ...quick ? ["--quick"] : [], "--write"].join(" ");
      const file = fileURLToPath(new URL("RESULTS.md", import.meta.url));
      await Deno.writeTextFile(file, asMarkdown(figures, command));
      await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file] }).output();
    }
  });
}
