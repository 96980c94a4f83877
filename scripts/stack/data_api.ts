// The Data API and Auth of the local stack, a process of its own: Supabase's REST and sign-in endpoints on our database.
import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";

const variable = (name: string) => Deno.env.get(name)!;

// It hands objects for JSON parameters over as text, which must not be quoted once more.
const json = (oid: number) => ({ to: oid, from: [oid], serialize: jsonText, parse: JSON.parse });
function jsonText(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

// As clients of PostgREST see it: what is written 60.300000 is a number too.
const numeric = {
  to: 1700,
  from: [1700],
  serialize: String,
  parse: (text: string) => Number.isFinite(Number(text)) ? Number(text) : text,
};

const connection = createPostgresConnection({
  url: variable("DATABASE_URL"),
  postgresOptions: {
    onnotice() {},
    types: { json: json(114), jsonb: json(3802), numeric },
    max: 20,
    idle_timeout: 60,
    connect_timeout: 5,
    backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 1),
    connection: { application_name: "data_api", statement_timeout: 15_000 },
  },
});
// Before its first request it would grant everything on every schema with policies to anon, authenticated and
// service_role. Our grants are written out in the schemas, so it has to believe that this has been done.
Object.assign(connection, { rlsState: "active" });

const app = new App({
  connection,
  auth: {
    enabled: true,
    jwt_secret: variable("JWT_SECRET"),
    publishable_key: variable("PUBLISHABLE_KEY"),
    secret_key: variable("SECRET_KEY"),
    site_url: variable("SITE_URL"),
    minimum_password_length: 8,
    email: { enable_confirmations: false },
  },
  db: { migrations: { enabled: false } },
  options: { server: { admin: false } },
});
await app.init();

Deno.serve({ hostname: "127.0.0.1", port: Number(variable("DATA_API_PORT")), onListen() {} }, async (request, info) => {
  const response = await app.fetch(request, { peerAddress: info.remoteAddr.hostname });
  // an internal error while the database is away is only the database being away
  if (response.status !== 500 || await databaseAnswers()) return response;
  await response.body?.cancel();
  const requestId = crypto.randomUUID();
  const error = {
    code: "database_unavailable",
    message: "The database does not answer at the moment.",
    details: {},
    hint: "Try again in a moment.",
  };
  return Response.json({ error, request_id: requestId }, {
    status: 503,
    headers: { "retry-after": "1", "x-request-id": requestId, "access-control-allow-origin": "*" },
  });
});

async function databaseAnswers(): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1_000));
  return await Promise.race([connection.driver`select 1`.then(() => true, () => false), late]);
}
