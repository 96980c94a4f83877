// `npm start`: runs the stack until Ctrl-C. `npm start -- --detach` returns once everything is healthy; DATABASE_URL
// names another Postgres, or a Supabase project, to use instead of a private one.
import { dataRoot, logs, main, makeFolder, Problem, stackFile, state } from "./stack/places.ts";
import { endDescendants } from "./stack/processes.ts";
import { becomeTheStack, runningDetails, runningStack } from "./stack/running.ts";
import { type StackDetails, startStack } from "./stack/stack.ts";

Deno.env.set("SUPABASE_TELEMETRY_DISABLED", "1");

async function run(): Promise<number> {
  if (!await becomeTheStack()) throw new Problem(await alreadyRunning());
  await Deno.remove(logs, { recursive: true }).catch(() => {});
  const began = Date.now();
  const report = (line: string) => console.error(line);

  let interrupt!: () => void;
  const interrupted = new Promise<void>((resolve) => interrupt = resolve);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, interrupt);
  endWithParent(interrupt);

  console.log("Starting Tandem");
  const starting = startStack({
    folder: dataRoot,
    logs,
    stackFile,
    port: 54321,
    databasePort: 54322,
    databaseUrl: Deno.env.get("DATABASE_URL"),
    report,
  });
  const stack = await Promise.race([starting, interrupted]);
  if (!stack) {
    starting.catch(() => {});
    await endDescendants();
    return 130;
  }
  console.log(banner(stack.details, Date.now() - began));

  const reason = await Promise.race([stack.failed, interrupted]);
  console.log(reason ?? "Stopping");
  await stack.stop();
  return reason ? 1 : 0;
}

/** Starts the stack in a session of its own and shows what it says until it is healthy. */
async function detach(): Promise<number> {
  if (await runningStack() !== null) {
    console.log(await alreadyRunning());
    return 0;
  }
  await makeFolder(state);
  // the banner names keys
  const log = `${state}/start.log`;
  await Deno.remove(log).catch(() => {});
  await Deno.writeTextFile(log, "", { mode: 0o600 });
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "sh", log, Deno.execPath(), "run", "-A"]
      .concat(new URL(import.meta.url).pathname, "--detached"),
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  let ended: Deno.CommandStatus | undefined;
  child.status.then((status) => ended = status);
  let shown = 0;
  for (;;) {
    const over = ended !== undefined || await runningDetails() !== null;
    // the last words follow the file that says that all is well
    if (over) await new Promise((resolve) => setTimeout(resolve, 100));
    const text = await Deno.readTextFile(log);
    await Deno.stdout.write(new TextEncoder().encode(text.slice(shown)));
    shown = text.length;
    if (over) return ended?.code ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Ends a stack in the foreground with the command that started it, even if that was killed. */
function endWithParent(interrupt: () => void): void {
  if (Deno.args.includes("--detached")) return;
  const parent = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid !== parent) interrupt();
  }, 500);
  Deno.unrefTimer(timer);
}

async function alreadyRunning(): Promise<string> {
  const details = await runningDetails();
  return `The stack of this checkout is already running${details ? ` at ${details.url}` : ""}; npm stop ends it.`;
}

function banner(details: StackDetails, milliseconds: number): string {
  const rows = [
    ["API", details.url],
    ["publishable key", details.publishable_key],
    ["secret key", details.secret_key],
    ["database", details.database_url],
    ["everything else", ".tandem/stack.json, logs in .tandem/logs"],
  ];
  return [
    "",
    `Tandem runs (ready in ${(milliseconds / 1000).toFixed(1)} s).`,
    "",
    ...rows.map(([name, value]) => `  ${name!.padEnd(16)} ${value}`),
    "",
    "Try first:  npm run demo",
    "",
  ].join("\n");
}

if (import.meta.main) await main(Deno.args.includes("--detach") ? detach : run);
