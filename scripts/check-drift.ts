// Proves that the migrations and supabase/schemas agree: prints the difference and fails when there is one.
import { checkout, main } from "./stack/places.ts";
import { buildBoth, schemaDiff } from "./stack/schema_diff.ts";
import { withScratchCluster } from "./stack/scratch.ts";

export function drift(tree = checkout): Promise<string> {
  return withScratchCluster(async (cluster) => {
    await buildBoth(cluster, tree);
    return await schemaDiff(cluster, "template", "shadow", tree);
  });
}

if (import.meta.main) {
  await main(async () => {
    const sql = await drift();
    if (sql === "") return console.log("The migrations lead to the schemas.");
    console.error(`The schemas declare what no migration makes; run npm run migration <name>.\n\n${sql}`);
    return 1;
  });
}
