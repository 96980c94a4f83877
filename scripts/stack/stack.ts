// A whole stack: PostgreSQL, objects, Data API and Auth, the functions, the doorbell, and the gateway before them.
import postgres from "postgres";
import { checkout, makeFolder, Problem } from "./places.ts";
import { adoptCluster, type Cluster, installPostgres, PortTaken, startCluster } from "./postgres.ts";
import { freePort } from "./ports.ts";
import { bootstrap, migrate } from "./databases.ts";
import { functionProgram, functionSlugs, launchProgram } from "./programs.ts";
import { startGateway } from "./gateway.ts";
import { secretsOf } from "./secrets.ts";
import { Supervisor } from "./supervisor.ts";

export interface StackOptions {
  /** Where its data and secrets lie. */
  folder: string;
  logs: string;
  /** The file that tells clients where everything is; there while the stack is healthy. */
  stackFile: string;
  /** The gateway's port, or the next free one; any when left out. */
  port?: number;
  databasePort?: number;
  /** Data that nobody will miss. */
  throwAway?: boolean;
  /** Lets the setting clock.offset_seconds move the clock of the whole private server: for tests. */
  movableClock?: boolean;
  /** Of the functions that take answers: a model to ask, and hosts that stand in for providers. For tests. */
  answers?: { variables?: Record<string, string>; hosts?: string[] };
  /** Another Postgres, or a Supabase project, to use instead of a private one. */
  databaseUrl?: string;
  /** Further work on the private server, done while the rest starts. */
  prepareCluster?(cluster: Cluster): Promise<void>;
  report(line: string): void;
}

/** What stack.json holds. */
export interface StackDetails {
  url: string;
  publishable_key: string;
  secret_key: string;
  jwt_secret: string;
  database_url: string;
  s3: { endpoint: string; bucket: string; access_key_id: string; secret_access_key: string };
  pids: Record<string, number>;
}

export interface Stack {
  details: StackDetails;
  /** The private server; null where DATABASE_URL names another. */
  cluster: Cluster | null;
  /** Settles, with the reason, when the stack can't go on. */
  failed: Promise<string>;
  stop(): Promise<void>;
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, logs, report } = options;
  await makeFolder(folder, 0o711);
  await makeFolder(logs);
  const secrets = await secretsOf(folder);
  const supervisor = new Supervisor(report, () => void writeDetails());
  let gateway: Deno.HttpServer<Deno.NetAddr> | undefined;
  let details: StackDetails | undefined;

  const writeDetails = async () => {
    if (!details) return;
    details.pids = { stack: Deno.pid, ...supervisor.pids };
    const draft = `${options.stackFile}.draft`;
    await Deno.writeTextFile(draft, JSON.stringify(details, null, 2) + "\n", { mode: 0o600 });
    await Deno.rename(draft, options.stackFile);
  };
  const stop = async () => {
    await Deno.remove(options.stackFile).catch(() => {});
    // open streams would hold a graceful end up
    await Promise.all([gateway?.shutdown(), supervisor.stop()].map((work) => Promise.race([work, pause(12_000)])));
  };

  try {
    let cluster: Cluster | null = null;
    if (options.databaseUrl) await prepareExternal(options.databaseUrl);
    else cluster = await privateCluster();
    const databaseUrl = options.databaseUrl ?? cluster!.url();

    const objects = {
      endpoint: `http://127.0.0.1:${freePort()}`,
      bucket: "tandem",
      access_key_id: secrets.s3_access_key_id,
      secret_access_key: secrets.s3_secret_access_key,
    };
    const keys = {
      publishable: secrets.publishable_key,
      secret: secrets.secret_key,
      jwt: secrets.jwt_secret,
      encryption: secrets.encryption_keys,
    };
    const dataApi = `http://127.0.0.1:${freePort()}`;
    const functions = functionSlugs.map((slug) => ({ slug, origin: `http://127.0.0.1:${freePort()}` }));
    const origins: Record<string, string> = Object.fromEntries(functions.map(({ slug, origin }) => [slug, origin]));

    const checks: Record<string, () => Promise<boolean>> = {
      rest: () => answers(`${dataApi}/rest/v1/workspaces?select=id&limit=1`, keys.secret),
      auth: () => answers(`${dataApi}/auth/v1/health`, keys.publishable),
      objects: () => responds(objects.endpoint),
      ...Object.fromEntries(functions.map(({ slug, origin }) => [slug, () => answers(`${origin}/${slug}/health`)])),
    };
    gateway = startGateway(
      options.port,
      [
        { prefix: "/rest/v1", origin: dataApi },
        { prefix: "/auth/v1", origin: dataApi },
        ...functions.map(({ slug, origin }) => ({ prefix: `/functions/v1/${slug}`, origin, strip: "/functions/v1" })),
      ],
      async () => {
        const states = await Promise.all(
          Object.entries(checks).map(async ([name, check]) => [name, await check() ? "up" : "down"]),
        );
        const status = states.every(([, state]) => state === "up") ? 200 : 503;
        return Response.json({ status: status === 200 ? "up" : "degraded", parts: Object.fromEntries(states) }, {
          status,
        });
      },
    );

    const url = `http://127.0.0.1:${gateway.addr.port}`;
    const database = new URL(databaseUrl);
    const databaseHost = `${database.hostname}:${database.port || 5432}`;
    await Promise.all([
      cluster && options.prepareCluster?.(cluster),
      supervisor.start({
        name: "objects",
        essential: true,
        healthy: checks.objects!,
        launch: () =>
          launchProgram({
            name: "objects",
            script: `${checkout}/scripts/stack/objects.ts`,
            logs,
            net: [new URL(objects.endpoint).host],
            mayRead: "any",
            permissions: [
              "--allow-sys",
              `--allow-read=${checkout}/node_modules,${folder}/objects`,
              `--allow-write=${folder}/objects`,
            ],
            env: {
              OBJECTS_FOLDER: `${folder}/objects`,
              OBJECTS_PORT: new URL(objects.endpoint).port,
              S3_BUCKET: objects.bucket,
              S3_ACCESS_KEY_ID: objects.access_key_id,
              S3_SECRET_ACCESS_KEY: objects.secret_access_key,
            },
          }),
      }),
      supervisor.start({
        name: "data_api",
        essential: true,
        healthy: async () => await checks.auth!() && await checks.rest!(),
        launch: () =>
          launchProgram({
            name: "data_api",
            script: `${checkout}/scripts/stack/data_api.ts`,
            logs,
            net: [new URL(dataApi).host, databaseHost],
            mayRead: "any",
            permissions: [`--allow-read=${checkout}/node_modules`, "--allow-sys"],
            env: {
              DATA_API_PORT: new URL(dataApi).port,
              DATABASE_URL: databaseUrl,
              JWT_SECRET: keys.jwt,
              PUBLISHABLE_KEY: keys.publishable,
              SECRET_KEY: keys.secret,
              SITE_URL: url,
              LITE_TELEMETRY: "0",
            },
          }),
      }),
      ...functionSlugs.map((slug) =>
        supervisor.start({
          name: slug,
          essential: false,
          healthy: checks[slug]!,
          launch: () =>
            launchProgram(functionProgram({
              slug,
              port: Number(new URL(origins[slug]!).port),
              gatewayUrl: url,
              databaseUrl,
              keys,
              objects,
              logs,
              ...options.answers,
            })),
        })
      ),
    ]);
    await supervisor.start({
      name: "doorbell",
      essential: true,
      healthy: () => Promise.resolve(true),
      launch: () =>
        launchProgram({
          name: "doorbell",
          script: `${checkout}/scripts/stack/doorbell.ts`,
          logs,
          net: [new URL(url).host, databaseHost],
          mayRead: "any",
          env: {
            DATABASE_URL: databaseUrl,
            FUNCTIONS_URL: `${url}/functions/v1`,
            SECRET_KEY: keys.secret,
          },
        }),
    });

    details = {
      url,
      publishable_key: keys.publishable,
      secret_key: keys.secret,
      jwt_secret: keys.jwt,
      database_url: databaseUrl,
      s3: objects,
      pids: {},
    };
    await writeDetails();
    return { details, cluster, failed: supervisor.failed, stop };
  } catch (error) {
    await stop();
    throw error instanceof Problem ? error : new Problem((error as Error).message);
  }

  async function privateCluster(): Promise<Cluster> {
    await installPostgres();
    const data = `${folder}/postgres`;
    const passwords = { admin: secrets.admin_password, postgres: secrets.postgres_password };
    const log = `${logs}/postgres.log`;
    let port = freePort(options.databasePort);
    let cluster: Cluster | undefined;
    await supervisor.start({
      name: "postgres",
      essential: true,
      healthy: () => Promise.resolve(true),
      launch: async () => {
        const settings = { data, log, passwords, throwAway: options.throwAway };
        // whoever restarts the server by hand (pg_ctl restart) has the first right to start it again
        if (cluster) {
          cluster = await adoptCluster({ ...settings, port }, 3_000) ?? await startCluster({ ...settings, port });
        }
        while (!cluster) {
          try {
            cluster = await startCluster({ ...settings, port });
          } catch (error) {
            if (!(error instanceof PortTaken)) throw error;
            port = freePort(port + 1);
          }
        }
        return cluster.process;
      },
    });
    await prepare(cluster!);
    return cluster!;
  }

  async function prepare(cluster: Cluster): Promise<void> {
    await bootstrapIfBare(cluster.url("postgres", "supabase_admin"), secrets.postgres_password);
    await migrateAndListen(cluster.url());
    if (options.movableClock) await letClockMove(cluster.url(), cluster.url("postgres", "supabase_admin"));
  }
}

/** A Postgres of somebody else's: bootstrapped only where it is bare and we may. */
async function prepareExternal(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice() {}, connect_timeout: 10 });
  try {
    const [row] = await sql`
      select rolsuper as superuser, to_regclass('auth.users') is not null as bootstrapped
      from pg_roles where rolname = current_user`;
    if (!row?.bootstrapped && !row?.superuser) {
      throw new Problem("DATABASE_URL names a database without Supabase's auth schema, and its role may not make one.");
    }
  } catch (error) {
    throw error instanceof Problem
      ? error
      : new Problem(`The database of DATABASE_URL does not answer: ${(error as Error).message}.`);
  } finally {
    await sql.end();
  }
  await bootstrapIfBare(url);
  await migrateAndListen(url);
}

async function bootstrapIfBare(adminUrl: string, postgresPassword?: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice() {} });
  const [row] = await sql`select to_regclass('auth.users') is not null as bootstrapped`;
  await sql.end();
  if (!row?.bootstrapped) await bootstrap(adminUrl, postgresPassword);
}

/** The one setting that only a stack with a doorbell process makes. */
async function migrateAndListen(url: string): Promise<void> {
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice() {} });
  await sql`select platform.set('doorbell.listener', 'true'::jsonb)`;
  // on a new database pg_cron often overlooks the jobs of the first migration until it hears of them again
  await sql`select platform.setup()`;
  await sql.end();
}

/** Sessions take it over when they begin, so this comes before all others. */
async function letClockMove(url: string, adminUrl: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice() {} });
  await sql`select platform.set('clock.movable', 'true'::jsonb)`;
  await sql.end();
  const admin = postgres(adminUrl, { max: 1, onnotice() {} });
  await admin`alter database ${admin(new URL(url).pathname.slice(1))} set tandem.now = 'shared'`;
  await admin.end();
}

async function answers(url: string, apikey?: string): Promise<boolean> {
  try {
    const response = await fetch(url, { headers: apikey ? { apikey } : {}, signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Whether anything at all answers: the S3 server refuses requests without a signature. */
async function responds(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => Deno.unrefTimer(setTimeout(resolve, milliseconds)));
