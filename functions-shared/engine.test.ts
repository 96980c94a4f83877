import assert from "node:assert/strict";
import { connect } from "./db.ts";
import { sqlEngine } from "./engine.ts";

/** A Postgres that accepts and becomes ready, and then says nothing. Counts who came to ask, not who came to cancel. */
function silentPostgres() {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const open: Deno.Conn[] = [];
  const state = { startups: 0 };
  (async () => {
    for await (const connection of listener) {
      open.push(connection);
      (async () => {
        const first = new Uint8Array(1024);
        await connection.read(first);
        if (new DataView(first.buffer).getInt32(4) !== 0x30000) return;
        state.startups++;
        // AuthenticationOk, ReadyForQuery
        await connection.write(Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49));
        while (await connection.read(first) !== null);
      })().catch(() => {});
    }
  })();
  return {
    state,
    url: `postgresql://u:p@127.0.0.1:${listener.addr.port}/d`,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // it is closed already
        }
      }
    },
  };
}

Deno.test({
  name: "a database that has gone silent is asked again over a new connection",
  // what the client leaves behind of a silent connection ends with the process
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    using server = silentPostgres();
    const opened: { close(): Promise<void> }[] = [];
    const engine = sqlEngine(() => {
      const database = connect(server.url, { poolSize: 1 });
      opened.push(database);
      return database;
    }, 300);
    for (let call = 0; call < 3; call++) {
      await assert.rejects(engine.claim("w", 1), { code: "CONNECT_TIMEOUT" });
    }
    assert.equal(server.state.startups, 3);
    await Promise.all(opened.map((database) => database.close()));
  },
});
