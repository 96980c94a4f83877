// `npm run types`: writes functions-shared/database.types.ts from the database that the migrations make;
// with --check it only proves that the file is up to date.
import { createDatabase, migrate } from "./stack/databases.ts";
import { checkout, main } from "./stack/places.ts";
import type { Cluster } from "./stack/postgres.ts";
import { withScratchCluster } from "./stack/scratch.ts";
import { supabase } from "./stack/supabase_cli.ts";

const file = `${checkout}/functions-shared/database.types.ts`;

export async function databaseTypes(cluster: Cluster, database: string): Promise<string> {
  const url = `${cluster.url(database)}?sslmode=disable`;
  const source = await supabase(["gen", "types", "--lang=typescript", "--schema=public", `--remote=${url}`]);
  const fmt = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=ts", "-"],
    cwd: checkout,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = fmt.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { stdout } = await fmt.output();
  return new TextDecoder().decode(stdout);
}

/** Whether the file is what the database says. */
export async function typesAreCurrent(cluster: Cluster, database: string): Promise<boolean> {
  return await databaseTypes(cluster, database) === await Deno.readTextFile(file).catch(() => "");
}

if (import.meta.main) {
  await main(() =>
    withScratchCluster(async (cluster) => {
      await createDatabase(cluster, "template", "base");
      await migrate(cluster.url("template"));
      if (!Deno.args.includes("--check")) {
        await Deno.writeTextFile(file, await databaseTypes(cluster, "template"));
        console.log(`Wrote ${file}.`);
      } else if (!await typesAreCurrent(cluster, "template")) {
        console.error("functions-shared/database.types.ts is out of date; run npm run types.");
        return 1;
      }
    })
  );
}
