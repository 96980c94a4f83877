// `npm run bench [-- --quick] [-- --write]`: what steps cost Postgres here, by this engine, by its peers, and by the
// floor: the same facts written by plain SQL. With --write the figures go to RESULTS.md too.
import { run } from "./command.ts";
import { measure, sizes } from "./measure.ts";
import { asMarkdown, asText } from "./report.ts";

if (import.meta.main) await run({ script: "bench", results: "RESULTS.md", sizes, measure, asText, asMarkdown });
