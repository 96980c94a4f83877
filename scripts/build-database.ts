// Builds a database from the declared schemas: `deno run -A scripts/build-database.ts <database url> [tree]`.
// The database is a bare Supabase one; statements run in the order of their dependencies, in one transaction.
import { applySchemas } from "./stack/databases.ts";
import { checkout, main, Problem } from "./stack/places.ts";

if (import.meta.main) {
  await main(async () => {
    const [url, tree = checkout] = Deno.args;
    if (!url) throw new Problem("Name the database: deno run -A scripts/build-database.ts <database url>.");
    await applySchemas(url, tree);
  });
}
