// The database, as one small pool per isolate. Requests run as their caller; worker verbs as the connection's own role.
import postgres from "postgres";
import type { Caller } from "./auth.ts";
import { isConflict, isConnectionLoss } from "./errors.ts";

export type Sql = postgres.Sql;
export type Transaction = postgres.TransactionSql;

export interface Database {
  /** The connection's own role (bypasses RLS): worker verbs only. */
  sql: Sql;
  /**
   * One transaction with the caller's role and claims. Conflicts repeat; a lost connection repeats once where nothing can
   * have happened yet, or where `repeatable` says that happening twice is the same as once.
   */
  asCaller<T>(caller: Caller, work: (sql: Transaction) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Throws where the database does not answer within two seconds. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
export interface CallOptions {
  repeatable?: boolean;
}

const statementTimeoutMs = 15_000;
const workerStatementTimeoutMs = 30_000;

export function connect(databaseUrl: string, options: { poolSize?: number } = {}): Database {
  const url = new URL(databaseUrl);
  // A transaction-mode pooler refuses startup parameters it does not know; there the role's own timeout holds.
  const pooled = url.port === "6543";
  const ssl = url.searchParams.get("sslmode") ?? url.searchParams.get("ssl");
  const sql = postgres({
    // Every option is given, so that the client asks the environment for none but PGAPPNAME and PGTARGETSESSIONATTRS.
    host: decodeURIComponent(url.hostname.replace(/^\[|\]$/g, "")),
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)) || "postgres",
    username: decodeURIComponent(url.username) || "postgres",
    password: () => decodeURIComponent(url.password),
    ssl: !ssl || ssl === "disable" || ssl === "false" ? false : ssl === "true" ? "require" : ssl as "require",
    max: options.poolSize ?? 5,
    idle_timeout: 20,
    connect_timeout: 5,
    max_lifetime: 1800,
    keep_alive: 30,
    backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 1) * (0.5 + Math.random() / 2),
    prepare: false,
    fetch_types: false,
    debug: false,
    publications: "alltables",
    max_pipeline: 100,
    sslnegotiation: null,
    target_session_attrs: null,
    connection: {
      application_name: "tandem",
      ...(pooled ? {} : { statement_timeout: workerStatementTimeoutMs }),
    },
    onnotice: () => {},
  } as unknown as postgres.Options<Record<string, never>>);

  async function asCaller<T>(
    caller: Caller,
    work: (sql: Transaction) => Promise<T>,
    { repeatable = false }: CallOptions = {},
  ): Promise<T> {
    const { role, claims, subject } = identity(caller);
    let losses = 0;
    for (let attempt = 1;; attempt++) {
      let sent = false;
      try {
        return await sql.begin(async (transaction) => {
          await transaction`select
            set_config('role', ${role}, true),
            set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
            set_config('request.jwt.claim.sub', ${subject}, true),
            set_config('statement_timeout', ${String(statementTimeoutMs)}, true)`;
          sent = true;
          return await work(transaction);
        }) as T;
      } catch (error) {
        const again = isConflict(error)
          ? attempt < 4
          : isConnectionLoss(error) && (repeatable || !sent) && losses++ < 1;
        if (!again) throw error;
        await pause(20 * attempt * (0.5 + Math.random()));
      }
    }
  }

  return {
    sql,
    asCaller,
    async ping() {
      await within(2_000, sql`select 1`);
    },
    close: () => sql.end({ timeout: 2 }),
  };
}

/** Fails with CONNECT_TIMEOUT after the given time, and cancels the query: a dead peer answers nothing at all. */
export async function within<T>(milliseconds: number, query: PromiseLike<T> & Cancelable): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      cancel(query);
      reject(
        Object.assign(new Error(`The database did not answer in ${milliseconds} ms`), { code: "CONNECT_TIMEOUT" }),
      );
    }, milliseconds);
  });
  try {
    return await Promise.race([query, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

interface Cancelable {
  cancel?: () => void;
  /** Of postgres.js: what cancel() calls, and whose rejection it leaves to nobody, which ends the process. */
  canceller?: ((query: unknown) => Promise<void>) | null;
}

/** Asks the server to cancel a query; where it cannot be reached, nothing happens. */
export function cancel(query: Cancelable): void {
  const { canceller } = query;
  if (canceller) query.canceller = (given) => canceller(given).catch(() => {});
  query.cancel?.();
}

function identity(caller: Caller): { role: string; claims: unknown; subject: string } {
  if (caller.kind === "user") return { role: "authenticated", claims: caller.claims, subject: caller.userId };
  const role = caller.kind === "service" ? "service_role" : "anon";
  return { role, claims: { role }, subject: "" };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
