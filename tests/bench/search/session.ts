// A connection that acts as a signed-in user, as the Data API and functions do: the role, and who it is.
import type postgres from "postgres";

export async function actAs(sql: postgres.Sql, user: string): Promise<void> {
  await sql`select set_config('role', 'authenticated', false),
    set_config('request.jwt.claims', ${JSON.stringify({ role: "authenticated", sub: user })}, false)`;
}
