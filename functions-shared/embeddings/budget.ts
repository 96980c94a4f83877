// Texts that people have embedded at once count to their workspace's budget.
import type { Caller } from "../auth.ts";
import type { Database } from "../db.ts";
import { estimatedTokens } from "./model.ts";

/** A secret key that names no workspace is the operator's, who has no budget. Throws embedding_budget_exceeded. */
export async function spendTokens(
  database: Pick<Database, "asCaller">,
  caller: Caller,
  workspaceId: string | null,
  texts: string[],
): Promise<void> {
  if (caller.kind === "service" && workspaceId === null) return;
  await database.asCaller(caller, (sql) =>
    sql`
      select search.spend_tokens(
        coalesce(${workspaceId}::uuid, workspaces.default_id()), ${estimatedTokens(texts)}::int)`);
}
