// `npm run migration <name>`: writes the migration that leads from the existing ones to the declared schemas, and
// proves it by applying it and comparing again.
import { main, Problem } from "./stack/places.ts";
import { checkout } from "./stack/places.ts";
import { createDatabase, dropDatabase, migrate } from "./stack/databases.ts";
import { buildBoth, schemaDiff } from "./stack/schema_diff.ts";
import { withScratchCluster } from "./stack/scratch.ts";

/** Writes supabase/migrations/<timestamp>_<name>.sql in a tree; null when there is nothing to migrate. */
export function writeMigration(name: string, tree = checkout): Promise<string | null> {
  return withScratchCluster(async (cluster) => {
    await buildBoth(cluster, tree);
    const sql = await schemaDiff(cluster, "template", "shadow", tree);
    if (sql === "") return null;
    const timestamp = new Date().toISOString().replaceAll(/\D/g, "").slice(0, 14);
    const path = `${tree}/supabase/migrations/${timestamp}_${name}.sql`;
    await Deno.mkdir(`${tree}/supabase/migrations`, { recursive: true });
    await Deno.writeTextFile(path, `${sql}\n\nselect platform.setup();\n`);

    // a fresh copy, so that every migration is proved to apply from nothing
    try {
      await dropDatabase(cluster, "template");
      await createDatabase(cluster, "template", "base");
      await migrate(cluster.url("template"), tree);
    } catch (error) {
      throw new Problem(`${path} was written but does not apply.\n${(error as Error).message}`);
    }
    const rest = await schemaDiff(cluster, "template", "shadow", tree);
    if (rest !== "") {
      throw new Problem(`${path} was written but does not lead to the schemas; still missing:\n\n${rest}`);
    }
    return path;
  });
}

if (import.meta.main) {
  await main(async () => {
    const name = Deno.args[0]?.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
    if (!name) throw new Problem("Name the migration: npm run migration <name>.");
    const path = await writeMigration(name);
    console.log(path === null ? "The migrations already lead to the schemas." : `Wrote ${path}.`);
  });
}
