// Answers as other systems send them: signed, over HTTP, to the function itself, at a rate that does not wait for anybody.
import type postgres from "postgres";
import { keyRing, newFernetKey } from "shared/fernet.ts";
import { newStandardSecret, signStandard } from "shared/signatures/standard_webhooks.ts";
import { freePort } from "../../scripts/stack/ports.ts";
import type { Cluster } from "../../scripts/stack/postgres.ts";
import { functionProgram, launchProgram } from "../../scripts/stack/programs.ts";
import { quantile } from "./gauge.ts";

export interface Arrivals {
  perSecond: number;
  answers: number;
  /** How many requests were answered with each status; 0: with none. */
  statuses: Record<string, number>;
  /** From the moment a request was due to its answer, in ms. */
  p50: number;
  p95: number;
  p99: number;
  /** From the same moment until the execution had ended, of every fiftieth one, in ms. */
  resumed: { p50: number; p95: number; p99: number };
  /** Executions that had not ended when the last answer had come, and when the last one had, in ms after it. */
  behind: number;
  behindMs: number;
  /** Answers whose executions have not ended, or not as they say. */
  lost: number;
  databaseCpuMs: number;
  functionCpuMs: number;
}

export interface Receiver {
  /** An integration whose secret is known here. */
  integration(workspace: string): Promise<{ id: string; secret: string }>;
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** The function on a database, as the stack starts it. */
export async function startReceiver(cluster: Cluster, database: string): Promise<Receiver> {
  const port = freePort();
  const origin = `http://127.0.0.1:${port}`;
  const encryption = newFernetKey();
  const logs = await Deno.makeTempDir();
  const key = () => crypto.randomUUID();
  const child = launchProgram(functionProgram({
    slug: "hil-webhook",
    port,
    gatewayUrl: origin,
    databaseUrl: cluster.url(database),
    keys: { publishable: key(), secret: key(), jwt: key() + key(), encryption },
    objects: { endpoint: origin, bucket: "bench", access_key_id: key(), secret_access_key: key() },
    logs,
  }));
  for (let attempt = 1; !await healthy(`${origin}/hil-webhook/health`); attempt++) {
    if (attempt === 200) {
      throw new Error(`The function does not start: ${await Deno.readTextFile(`${logs}/hil-webhook.log`)}`);
    }
    await pause(50);
  }
  return {
    url: `${origin}/hil-webhook/webhook`,
    pid: child.pid,
    async integration(workspace) {
      const secret = newStandardSecret();
      const ciphertext = await keyRing([encryption]).encrypt(secret);
      const sql = cluster.connect(database, "postgres", 1);
      try {
        const [row] = await sql<{ id: string }[]>`
          select id from integrations.create(
            ${workspace}, 'webhook', 'Bench', null, '{"type": "standard_webhooks"}', ${
          sql.json({ signing: ciphertext })
        })`;
        return { id: row!.id, secret };
      } finally {
        await sql.end();
      }
    },
    async stop() {
      await child.stop();
      await Deno.remove(logs, { recursive: true });
    },
  };
}

export interface Sent {
  execution: string;
  body: string;
}

/** Sends them to the integration, each at its time, whether or not those before it have been answered. */
export async function arrive(
  receiver: Receiver,
  admin: postgres.Sql,
  integration: { id: string; secret: string },
  workflow: string,
  answers: Sent[],
  perSecond: number,
): Promise<Omit<Arrivals, "databaseCpuMs" | "functionCpuMs">> {
  const at = Math.floor(Date.now() / 1000);
  const requests = await Promise.all(answers.map(async ({ body }, i) => ({
    body,
    headers: { "content-type": "application/json", ...await signStandard([integration.secret], `msg_${i}`, at, body) },
  })));
  const url = `${receiver.url}/${integration.id}`;
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 200, poolIdleTimeout: 20_000 });
  const statuses: Record<string, number> = {};
  const taken: number[] = [];
  const began = performance.now();
  const due = (i: number) => began + i / perSecond * 1000;
  const send = async (i: number) => {
    const status = await fetch(url, { method: "POST", ...requests[i]!, client }).then(async (response) => {
      await response.body?.cancel();
      return response.status;
    }, () => 0);
    taken.push(performance.now() - due(i));
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const watched = new Map(answers.flatMap(({ execution }, i) => i % 50 === 0 ? [[execution, due(i)] as const] : []));
  const resumed: number[] = [];
  const look = async () => {
    const rows = await admin<{ id: string }[]>`
      select id from public.workflow_executions where id = any (${[...watched.keys()]}) and end_time is not null`;
    const seen = performance.now();
    for (const { id } of rows) {
      resumed.push(seen - watched.get(id)!);
      watched.delete(id);
    }
  };
  let sending = true;
  const watching = (async () => {
    for (; sending; await pause(100)) await look();
  })();
  const underway: Promise<void>[] = [];
  while (underway.length < answers.length) {
    while (underway.length < answers.length && due(underway.length) <= performance.now()) {
      underway.push(send(underway.length));
    }
    await pause(1);
  }
  await Promise.all(underway);
  const last = performance.now();
  const behindNow = async () => {
    const [row] = await admin<{ behind: number }[]>`
      select count(*)::int as behind from public.workflow_executions where workflow_id = ${workflow} and end_time is null`;
    return row!.behind;
  };
  const behind = await behindNow();
  let left = behind;
  while (left > 0 && performance.now() - last < 60_000) {
    await pause(100);
    left = await behindNow();
  }
  const behindMs = performance.now() - last;
  sending = false;
  await watching;
  await look();
  client.close();
  const at99 = (values: number[]) => ({
    p50: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    p99: quantile(values, 0.99),
  });
  return {
    perSecond,
    answers: answers.length,
    statuses,
    ...at99(taken),
    resumed: at99(resumed),
    behind,
    behindMs: behind > 0 ? behindMs : 0,
    lost: left,
  };
}

async function healthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
