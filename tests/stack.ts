// The stack that `npm test` has started, as tests see it, or one of a test's own.
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import type { Database } from "shared/database.types.ts";
import type { StackDetails } from "../scripts/stack/stack.ts";

export type Client = SupabaseClient<Database>;

const withoutSession = { auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false } };

let own: StackDetails | null = null;

/** Lets all that is called from this file work on another stack; null: on the one of all again. */
export function useStack(details: StackDetails | null): void {
  own = details;
}

export function stack(): StackDetails {
  if (own) return own;
  const file = Deno.env.get("TANDEM_STACK");
  if (!file) throw new Error("TANDEM_STACK is not set: run tests with npm test.");
  return JSON.parse(Deno.readTextFileSync(file));
}

export interface User {
  id: string;
  email: string;
  token: string;
  client: Client;
}

/** A user who has just signed up, with a client that acts for her. */
export async function signUp(name = "user"): Promise<User> {
  const { url, publishable_key } = stack();
  const client = createClient<Database>(url, publishable_key, withoutSession);
  const email = `${name}-${crypto.randomUUID()}@example.com`;
  const { data, error } = await client.auth.signUp({ email, password: crypto.randomUUID() });
  if (error || !data.session) throw new Error(`Signing up failed: ${error?.message ?? "no session"}`);
  return { id: data.session.user.id, email, token: data.session.access_token, client };
}

/** A client with the project's secret key: it bypasses Row Level Security. */
export function service(): Client {
  const { url, secret_key } = stack();
  return createClient<Database>(url, secret_key, withoutSession);
}

/** A client that is nobody in particular. */
export function anonymous(): Client {
  const { url, publishable_key } = stack();
  return createClient<Database>(url, publishable_key, withoutSession);
}

export interface IsolatedDatabase extends AsyncDisposable {
  url: string;
  /** A new pool of connections as role postgres, one connection unless asked otherwise; ended with the database. */
  connect(options?: postgres.Options<Record<string, never>>): postgres.Sql;
}

/**
 * A database of its own, as the migrations make it: nothing ticks, nothing rings, the clock may be moved. Use it with
 * `await using`, so that it is dropped at the end.
 */
export async function isolatedDatabase(): Promise<IsolatedDatabase> {
  const { database_url } = stack();
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = async (statement: string) => {
    const sql = postgres(database_url, { max: 1, onnotice() {} });
    try {
      await sql.unsafe(statement);
    } finally {
      await sql.end();
    }
  };
  // several tests copy at once, and a copy needs the template to itself for a moment
  for (let attempt = 1;; attempt++) {
    try {
      await admin(`create database ${name} template template`);
      break;
    } catch (error) {
      if ((error as postgres.PostgresError).code !== "55006" || attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100));
    }
  }
  const url = new URL(database_url);
  url.pathname = `/${name}`;
  const pools: postgres.Sql[] = [];
  return {
    url: url.href,
    connect(options = {}) {
      // a session that waits for ever fails, instead of holding the run
      const connection = { statement_timeout: 30_000, ...options.connection };
      const sql = postgres(url.href, { max: 1, onnotice() {}, ...options, connection });
      pools.push(sql as postgres.Sql);
      return sql as postgres.Sql;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pools.map((sql) => sql.end({ timeout: 1 })));
      await admin(`drop database ${name} with (force)`);
    },
  };
}
