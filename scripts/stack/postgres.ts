// A private PostgreSQL 17: unpacked once, a cluster per data folder, reached over loopback only.
import postgres from "postgres";
import { adopt, type Child, isRunning, launch, tail } from "./processes.ts";
import { checkout, makeFolder, postgresPrefix, Problem, serverUid } from "./places.ts";

export interface ClusterOptions {
  /** The folder of the cluster's files; made and initialised when it is not there. */
  data: string;
  port: number;
  log: string;
  passwords: { admin: string; postgres: string };
  /** Data that nobody will miss: no fsync, so that tests run fast. */
  throwAway?: boolean;
}

export interface Cluster {
  process: Child;
  port: number;
  /** The address of a database for a role, by default the one that migrations and functions use. */
  url(database?: string, role?: "postgres" | "supabase_admin"): string;
  /** A connection pool; end it. */
  connect(database?: string, role?: "postgres" | "supabase_admin", max?: number): postgres.Sql;
  stop(): Promise<void>;
}

/** Somebody took the port between our look at it and the server's start. */
export class PortTaken extends Problem {}

const bin = `${postgresPrefix}/root/usr/lib/postgresql/17/bin`;

/** Unpacks the programs unless they are there; another first run at the same time is waited for. */
export async function installPostgres(): Promise<void> {
  try {
    await Deno.stat(`${postgresPrefix}/complete`);
    return;
  } catch {
    // the first run
  }
  const { success, stderr } = await new Deno.Command("bash", {
    args: [`${checkout}/scripts/stack/install_postgres.sh`, postgresPrefix],
    stdin: "null",
    stdout: "inherit",
  }).output();
  if (!success) throw new Problem(new TextDecoder().decode(stderr).trim());
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { data, port, log, passwords, throwAway } = options;
  await stopLeftover(data);
  await initialise(data, passwords.admin);
  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "200",
    max_worker_processes: "32",
    shared_preload_libraries: "pg_cron,pg_stat_statements",
    "cron.use_background_workers": "on",
    "cron.database_name": "postgres",
    "cron.log_run": "off",
    "cron.log_statement": "off",
    jit: "off",
    // the host may lack time zone data
    log_timezone: "GMT",
    timezone: "GMT",
    ...(throwAway ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_wal_size: "4GB" } : {}),
  };
  const command = [`${bin}/postgres`, "-D", data];
  for (const [name, value] of Object.entries(settings)) command.push("-c", `${name}=${value}`);

  // A server that was killed needs a moment until its last children have let go of the shared memory.
  for (let attempt = 1;; attempt++) {
    const child = launch({ name: "postgres", command, log, cwd: "/", asServer: true, stopSignal: "SIGINT" });
    const cluster = clusterOf(child, options);
    if (await answers(cluster.url("postgres", "supabase_admin"), child)) return cluster;
    await child.stop();
    const report = await tail(log);
    if (/could not bind .*Address already in use/.test(report)) throw new PortTaken(`Port ${port} is taken.`);
    if (attempt === 20 || !/pre-existing shared memory|lock file .* already exists/.test(report)) {
      throw new Problem(`PostgreSQL did not start; the end of ${log}:\n${report}`);
    }
    await pause(250);
  }
}

/** The server on this data folder that somebody else has started within the time, or null. */
export async function adoptCluster(options: ClusterOptions, milliseconds: number): Promise<Cluster | null> {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await pause(50)) {
    const lines = (await Deno.readTextFile(`${options.data}/postmaster.pid`).catch(() => "")).split("\n");
    const pid = Number(lines[0]);
    // a server that shuts down takes its file away; one that was killed leaves it, and nobody is at work
    if (pid && !await isRunning(pid)) return null;
    if (!pid || lines[3] !== String(options.port)) continue;
    const child = adopt("postgres", pid, options.log, "SIGINT");
    const cluster = clusterOf(child, options);
    if (await answers(cluster.url("postgres", "supabase_admin"), child)) return cluster;
  }
  return null;
}

/** Stops the server that a killed stack has left on a data folder; false when there is none. */
export async function stopLeftover(data: string): Promise<boolean> {
  const pid = Number((await Deno.readTextFile(`${data}/postmaster.pid`).catch(() => "")).split("\n")[0]);
  // the number may be another process's by now
  const command = pid ? await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "") : "";
  if (!command.split("\0").includes(data)) return false;
  await adopt("postgres", pid, "", "SIGINT").stop();
  return true;
}

function clusterOf(process: Child, { port, passwords }: ClusterOptions): Cluster {
  const url = (database = "postgres", role: "postgres" | "supabase_admin" = "postgres") =>
    `postgresql://${role}:${role === "postgres" ? passwords.postgres : passwords.admin}@127.0.0.1:${port}/${database}`;
  return {
    process,
    port,
    url,
    connect: (database, role, max = 4) => postgres(url(database, role), { max, onnotice: () => {} }),
    stop: () => process.stop(),
  };
}

async function initialise(data: string, password: string): Promise<void> {
  const exists = await Deno.stat(`${data}/PG_VERSION`).then(() => true, () => false);
  if (exists) return;
  // initialised beside its place and then moved there, so that an interrupted first run leaves nothing half made
  const draft = `${data}.draft`;
  await Deno.remove(draft, { recursive: true }).catch(() => {});
  await makeFolder(draft, 0o700);
  const passwordFile = `${draft}.password`;
  await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  const owner = serverUid === null ? {} : { uid: serverUid, gid: serverUid };
  if (serverUid !== null) { for (const path of [draft, passwordFile]) await Deno.chown(path, serverUid, serverUid); }
  const { success, stderr } = await new Deno.Command(`${bin}/initdb`, {
    args: ["-D", draft, "-U", "supabase_admin", "-A", "scram-sha-256", `--pwfile=${passwordFile}`]
      .concat("-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions", "-c", "scram_iterations=1024"),
    cwd: "/",
    ...owner,
  }).output();
  await Deno.remove(passwordFile);
  if (!success) throw new Problem(`PostgreSQL's data folder ${data} cannot be made: ${lastLine(stderr)}`);
  await Deno.rename(draft, data);
}

/** Waits until the server accepts a connection; false when it ended instead. */
async function answers(url: string, child: Child): Promise<boolean> {
  let ended = false;
  child.exited.then(() => ended = true);
  const deadline = Date.now() + 60_000;
  while (!ended && Date.now() < deadline) {
    const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} });
    const answer = await sql`select 1`.then(() => true, () => false);
    await sql.end({ timeout: 1 });
    if (answer && !ended) return true;
    await pause(30);
  }
  return false;
}

function lastLine(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim().split("\n").at(-1) ?? "";
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
