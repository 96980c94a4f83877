// What work costs a cluster. CPU time is read from /proc: it is what a step costs wherever it runs, while elapsed time
// depends on what else this machine does.
import type postgres from "postgres";

export interface Cost {
  executionsPerSecond: number;
  cpuMsPerStep: number;
  walBytesPerStep: number;
}

/** Linux counts in hundredths of a second towards user space, whatever its own clock. */
const msPerTick = 10;

export type Gauge = (executions: number, steps: number, run: () => Promise<unknown>) => Promise<Cost>;

export async function gaugeOf(admin: postgres.Sql): Promise<Gauge> {
  const [backend] = await admin<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const postmaster = Number((await stat(backend!.pid))[1]);
  const wal = async () => {
    const [row] = await admin<{ bytes: string }[]>`select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as bytes`;
    return Number(row!.bytes);
  };
  return async (executions, steps, run) => {
    const [cpuBefore, walBefore, began] = [await cpuMs(postmaster), await wal(), performance.now()];
    await run();
    const elapsed = performance.now() - began;
    const [cpuAfter, walAfter] = [await cpuMs(postmaster), await wal()];
    return {
      executionsPerSecond: executions / elapsed * 1000,
      cpuMsPerStep: (cpuAfter - cpuBefore) / executions / steps,
      walBytesPerStep: (walAfter - walBefore) / executions / steps,
    };
  };
}

/** Begins to watch; answers the part of the machine's CPU time that others than this process and the cluster used since. */
export async function watchOthers(admin: postgres.Sql): Promise<() => Promise<number>> {
  const [backend] = await admin<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const postmaster = Number((await stat(backend!.pid))[1]);
  const now = async () => {
    const [line] = (await Deno.readTextFile("/proc/stat")).split("\n");
    // user nice system idle iowait irq softirq steal
    const ticks = line!.trim().split(/\s+/).slice(1, 9).map(Number);
    const all = ticks.reduce((sum, part) => sum + part, 0);
    const [user, system] = (await stat(Deno.pid)).slice(11, 13).map(Number);
    return { all, busy: all - ticks[3]! - ticks[4]!, own: user! + system! + await cpuMs(postmaster) / msPerTick };
  };
  const before = await now();
  return async () => {
    const after = await now();
    return Math.max(0, (after.busy - before.busy - (after.own - before.own)) / (after.all - before.all));
  };
}

/** CPU time of one session's work alone, in ms. */
export async function cpuOfSession(sql: postgres.Sql, run: () => Promise<unknown>): Promise<number> {
  const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const ticks = async () => {
    const [user, system] = (await stat(backend!.pid)).slice(11, 13).map(Number);
    return user! + system!;
  };
  const before = await ticks();
  await run();
  return (await ticks() - before) * msPerTick;
}

/** CPU time of a process, in ms. */
export async function cpuMsOf(pid: number): Promise<number> {
  const [user, system] = (await stat(pid)).slice(11, 13).map(Number);
  return (user! + system!) * msPerTick;
}

/** The fields of /proc/<pid>/stat behind the name: state, parent, ... */
async function stat(pid: number): Promise<string[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** CPU time of a server and its processes; those that have ended are in the postmaster's sums. */
async function cpuMs(postmaster: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${postmaster}/task/${postmaster}/children`);
  let ticks = 0;
  for (const pid of [postmaster, ...children.trim().split(" ").map(Number)]) {
    const fields = await stat(pid).catch(() => null);
    if (!fields) continue;
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
    ticks += user! + system! + (pid === postmaster ? endedUser! + endedSystem! : 0);
  }
  return ticks * msPerTick;
}

export async function times(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await run();
    taken.push(performance.now() - began);
  }
  return taken;
}

export function quantile(values: number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!;
}

export const median = (values: number[]) => quantile(values, 0.5);
