import assert from "node:assert/strict";
import { connect, within } from "./db.ts";

Deno.test({
  name: "a query that is given up where nobody takes the cancel request fails alone",
  // what the client leaves behind of a silent connection ends with the process
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const database = connect(`postgresql://u:p@127.0.0.1:${listener.addr.port}/d`, { poolSize: 1 });
    const asked = within(200, database.sql`select 1`);
    asked.catch(() => {});
    const connection = await listener.accept();
    listener.close();
    await connection.read(new Uint8Array(1024));
    // AuthenticationOk, ReadyForQuery; the query is answered by nothing
    await connection.write(Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49));
    await assert.rejects(asked, { code: "CONNECT_TIMEOUT" });
    // a rejection that nobody handles would end the process here
    await new Promise((resolve) => setTimeout(resolve, 100));
    connection.close();
    await database.close();
  },
});
