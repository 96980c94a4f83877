// Child processes: each leads its own session, so that Ctrl-C in the terminal reaches only the stack, which stops its
// children in order; each dies with the stack even if that is killed; each writes its own log.
import { logs, serverUid } from "./places.ts";

type StopSignal = "SIGTERM" | "SIGINT";

export interface LaunchOptions {
  name: string;
  command: string[];
  env?: Record<string, string>;
  cwd?: string;
  clearEnv?: boolean;
  asServer?: boolean;
  stopSignal?: StopSignal;
  log?: string;
}

export interface Child {
  name: string;
  pid: number;
  log: string;
  exited: Promise<Deno.CommandStatus>;
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 10_000;

export function launch(options: LaunchOptions): Child {
  const { name, command, stopSignal = "SIGTERM" } = options;
  const log = options.log ?? `${logs}/${name}.log`;
  const drop = options.asServer && serverUid !== null
    ? [`--reuid=${serverUid}`, `--regid=${serverUid}`, "--clear-groups"]
    : [];
  const child = new Deno.Command("/bin/sh", {
    // the shell opens the log with our rights, then becomes the program
    args: [
      "-c",
      'log=$1; shift; exec "$@" >>"$log" 2>&1',
      "sh",
      log,
      "setpriv",
      ...drop,
      `--pdeathsig=${stopSignal.slice(3)}`,
      ...command,
    ],
    cwd: options.cwd,
    env: { PATH: Deno.env.get("PATH") ?? "", ...options.env },
    clearEnv: options.clearEnv ?? false,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  return handle(name, child.pid, log, stopSignal, child.status);
}

/** A process that somebody else started; the kernel does not tell us how it ends. */
export function adopt(name: string, pid: number, log: string, stopSignal: StopSignal): Child {
  const gone = async () => {
    const start = await processStart(pid);
    while (start !== null && await processStart(pid) === start) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { success: false, code: 1, signal: null };
  };
  return handle(name, pid, log, stopSignal, gone());
}

function handle(
  name: string,
  pid: number,
  log: string,
  stopSignal: StopSignal,
  exited: Promise<Deno.CommandStatus>,
): Child {
  let ended = false;
  exited.then(() => ended = true);
  return {
    name,
    pid,
    log,
    exited,
    async stop() {
      if (ended) return;
      signal(pid, stopSignal);
      const timer = setTimeout(() => signal(pid, "SIGKILL"), STOP_GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Sends a signal; a process that is already gone is fine. */
export function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}

export async function isRunning(pid: number): Promise<boolean> {
  return await processStart(pid) !== null;
}

/** Ends everything that this process has started, whatever it is doing, and waits until it is gone. */
export async function endDescendants(): Promise<void> {
  const descendants = async (pid: number): Promise<number[]> => {
    const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
    const pids = children.split(" ").filter(Boolean).map(Number);
    return [...pids, ...(await Promise.all(pids.map(descendants))).flat()];
  };
  const pids = await descendants(Deno.pid);
  for (const pid of pids) signal(pid, "SIGTERM");
  for (const deadline = Date.now() + 5_000; (await Promise.all(pids.map(isRunning))).some(Boolean);) {
    if (Date.now() > deadline) { for (const pid of pids) signal(pid, "SIGKILL"); }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The kernel's start time of a process, which tells it from a later one of the same id; null when it is gone. */
export async function processStart(pid: number): Promise<string | null> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : fields[19] ?? null;
  } catch {
    return null;
  }
}

/** The last lines of a log, for a report of what went wrong. */
export async function tail(log: string, lines = 20): Promise<string> {
  const text = await Deno.readTextFile(log).catch(() => "");
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}
