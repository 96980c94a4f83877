// `npm run bench:answers [-- --quick] [-- --write]`: what people's answers cost while many questions are pending, how soon
// other systems' are answered over HTTP and their executions go on, whether one is lost, and how long it takes when all
// run out of time at one second.
import type postgres from "postgres";
import { createDatabase, migrate } from "../../scripts/stack/databases.ts";
import type { Cluster } from "../../scripts/stack/postgres.ts";
import { withScratchCluster } from "../../scripts/stack/scratch.ts";
import { type Arrivals, arrive, startReceiver } from "./answers_http.ts";
import { asMarkdown, asText } from "./answers_report.ts";
import { run } from "./command.ts";
import { deploy, makeWorkspace, share } from "./engine.ts";
import { cpuMsOf, type Gauge, gaugeOf, quantile } from "./gauge.ts";

export interface Size {
  durable: boolean;
  pending: number;
  connections: number;
  /** Requests a second. */
  rate: number;
}

export const sizes = {
  full: { durable: true, pending: 10_000, connections: 4, rate: 1_000 },
  quick: { durable: true, pending: 1_000, connections: 4, rate: 500 },
  smoke: { durable: false, pending: 20, connections: 2, rate: 100 },
} satisfies Record<string, Size>;

/** One way in which answers come. */
export interface Way {
  name: string;
  answers: number;
  perSecond: number;
  p50: number;
  p99: number;
  cpuMs: number;
  /** Executions that had not ended when the last answer was given. */
  behind: number;
}

export interface Figures {
  size: Size;
  seconds: number;
  askedPerSecond: number;
  arrivals: Arrivals;
  ways: Way[];
  /** Answers delivered a second time, that changed something. */
  countedTwice: number;
  timeouts: Timeouts;
  violations: number;
}

export interface Timeouts {
  due: number;
  seconds: number;
  cpuMs: number;
  lost: number;
  /** What the start of another workflow takes, in ms: while nothing else happens, and while all that runs out. */
  quiet: { p50: number; p99: number };
  busy: { p50: number; p99: number };
}

type Hints = Record<string, postgres.JSONValue>;
interface Question {
  interaction_id: string;
  correlation_id: string;
  token: string;
  recipient: string;
  ts: string;
}

const words = ["approved", "yes, go ahead", "no", "ok, fine by me"];

export function measure(size: Size, say: (what: string) => void = () => {}): Promise<Figures> {
  const began = performance.now();
  return withScratchCluster(async (cluster) => {
    await createDatabase(cluster, "answers", "base");
    await migrate(cluster.url("answers"));
    const admin = cluster.connect("answers", "supabase_admin", 1);
    const pool = Array.from({ length: size.connections }, () => cluster.connect("answers", "postgres", 1));
    const sql = pool[0]!;
    const gauge = await gaugeOf(admin);
    try {
      const workspace = await makeWorkspace(sql, "Bench");
      const asked = performance.now();
      say("asking by webhook");
      const webhook = await ask(pool, workspace, "webhook", size.pending);
      say("asking in Slack");
      const slack = await ask(pool, workspace, "slack", size.pending);
      const askedPerSecond = 2 * size.pending / (performance.now() - asked) * 1000;
      const arrivals = await overHttp(cluster, pool, admin, gauge, workspace, size, say);
      await admin`vacuum analyze`;

      const half = Math.floor(size.pending / 2);
      const answer = async (name: string, provider: string, integration: string, hints: Hints[]): Promise<Way> => {
        say(name);
        const taken: number[] = [];
        let next = 0;
        const { executionsPerSecond, cpuMsPerStep } = await gauge(
          hints.length,
          1,
          () =>
            share(pool, hints.length, 1, async (connection) => {
              const i = next++;
              const start = performance.now();
              await deliver(connection, provider, integration, `${name} ${i}`, hints[i]!);
              taken.push(performance.now() - start);
            }),
        );
        const [row] = await admin<{ behind: number }[]>`
          select count(*)::int as behind from public.human_interactions i
          join public.workflow_executions e on e.id = i.execution_id
          where i.id = any (select r.matched_interaction_id from public.hil_responses r where r.message_id like ${`${name} %`}) and e.end_time is null`;
        return {
          name,
          answers: hints.length,
          perSecond: executionsPerSecond,
          p50: quantile(taken, 0.5),
          p99: quantile(taken, 0.99),
          cpuMs: cpuMsPerStep,
          behind: row!.behind,
        };
      };
      const byToken = webhook.questions.slice(0, half).map(({ token }) => ({ token, decision: "approve" }));
      const byId = webhook.questions.slice(half).map(({ correlation_id }) => ({ correlation_id, decision: "reject" }));
      const where = ({ recipient, ts }: Question) => ({ team: "T1", channel: recipient, thread_ts: ts, user: "U1" });
      const clicks = slack.questions.slice(0, half).map((question) => ({
        action: { interaction_id: question.interaction_id, value: "approve" },
        slack: where(question),
        decision: "approve",
      }));
      const inWords = slack.questions.slice(half).map((question, i) => ({
        slack: where(question),
        text: words[i % words.length]!,
      }));
      const ways = [
        await answer("by webhook, with the token", "webhook", webhook.integration, byToken),
        await answer("by webhook, with the asker's id", "webhook", webhook.integration, byId),
        await answer("a click in Slack", "slack", slack.integration, clicks),
        await answer("words in a thread of Slack", "slack", slack.integration, inWords),
      ];
      let countedTwice = 0;
      for (let i = 0; i < Math.min(100, byId.length); i++) {
        const again = await deliver(sql, "webhook", webhook.integration, `${ways[1]!.name} ${i}`, byId[i]!);
        if (!again.repeated) countedTwice++;
      }
      const [row] = await admin<{ counted: number; lost: number }[]>`
        select count(*) filter (where i.status = 'responded')::int as counted,
          count(*) filter (where e.end_time is null)::int as lost
        from public.human_interactions i join public.workflow_executions e on e.id = i.execution_id`;
      if (row!.counted !== 3 * size.pending || row!.lost > 0) {
        throw new Error(
          `${row!.counted} of ${3 * size.pending} answers counted, ${row!.lost} executions have not ended.`,
        );
      }
      const timeouts = await runOut(pool, admin, gauge, workspace, size, say);
      say("checking");
      const violations = (await admin`select engine.violations()`).length;
      return {
        size,
        askedPerSecond,
        arrivals,
        ways,
        countedTwice,
        timeouts,
        violations,
        seconds: (performance.now() - began) / 1000,
      };
    } finally {
      await Promise.all([admin, ...pool].map((connection) => connection.end()));
    }
  }, { durable: size.durable });
}

/** Signed answers at a fixed rate to the function, while ticks go as pg_cron has them go. */
async function overHttp(
  cluster: Cluster,
  pool: postgres.Sql[],
  admin: postgres.Sql,
  gauge: Gauge,
  workspace: string,
  { pending, rate }: Size,
  say: (what: string) => void,
): Promise<Arrivals> {
  const sql = pool[0]!;
  await sql`select platform.set('hooks.rate_per_second', '100000'), platform.set('hooks.burst', '100000')`;
  const receiver = await startReceiver(cluster, "answers");
  try {
    const integration = await receiver.integration(workspace);
    say("asking over HTTP");
    const { workflow, questions } = await ask(pool, workspace, "webhook", pending, integration.id);
    const found = await admin<{ id: string; execution_id: string }[]>`
      select id, execution_id from public.human_interactions where workflow_id = ${workflow}`;
    const executions = new Map(found.map(({ id, execution_id }) => [id, execution_id]));
    await admin`vacuum analyze`;
    say("answering over HTTP");
    let going = true;
    const ticking = (async () => {
      while (going) await runTickJob(sql);
    })();
    const functionCpu = await cpuMsOf(receiver.pid);
    let arrivals: Omit<Arrivals, "databaseCpuMs" | "functionCpuMs">;
    const { cpuMsPerStep } = await gauge(pending, 1, async () => {
      const sent = questions.map(({ interaction_id, correlation_id }) => ({
        execution: executions.get(interaction_id)!,
        body: JSON.stringify({ correlation_id, decision: "approve" }),
      }));
      arrivals = await arrive(receiver, admin, integration, workflow, sent, rate);
    });
    going = false;
    await ticking;
    return {
      ...arrivals!,
      databaseCpuMs: cpuMsPerStep,
      functionCpuMs: (await cpuMsOf(receiver.pid) - functionCpu) / pending,
    };
  } finally {
    await receiver.stop();
  }
}

/** The second of ticks that pg_cron runs. */
async function runTickJob(sql: postgres.Sql): Promise<void> {
  const [row] = await sql<{ job: string }[]>`select engine.tick_job() as job`;
  await sql.unsafe(row!.job).simple();
}

/** As hil-webhook does where the answer to the request tells what came of it. */
export async function deliver(sql: postgres.Sql, provider: string, integration: string, message: string, hints: Hints) {
  const [row] = await sql<{ answer: { repeated: boolean } }[]>`
    select hil.receive_delivery(${provider}, ${integration}, ${message}, ${sql.json(hints)}, '{}', ${
    sql.json(hints)
  }, null) as answer`;
  return row!.answer;
}

/** Executions that wait for an answer, and their questions, which were sent. */
export async function ask(pool: postgres.Sql[], workspace: string, channel: string, count: number, through?: string) {
  const sql = pool[0]!;
  const [made] = through ? [{ id: through }] : await sql<{ id: string }[]>`
    insert into public.integrations (workspace_id, provider, name)
    values (${workspace}, ${channel}, ${channel}) returning id`;
  const integration = made!.id;
  const workflow = await deploy(sql, workspace, {
    nodes: [
      { id: "start", type: "TRIGGER", subtype: "MANUAL" },
      {
        id: "ask",
        type: "HUMAN_IN_THE_LOOP",
        subtype: "APPROVAL",
        parameters: {
          title: "A refund",
          message: "May {{ $.input.amount }} be refunded?",
          channel,
          to: "{{ $.input.to }}",
          correlation_id: "{{ $.input.order }}",
        },
        credentials: { [channel]: integration },
      },
      { id: "then", type: "ACTION", subtype: "TRANSFORM", parameters: { output: { done: "{{ $.input.outcome }}" } } },
    ],
    connections: [
      { source: "start", target: "ask" },
      { source: "ask", target: "then" },
      { source: "ask", target: "then", index: 1 },
      { source: "ask", target: "then", index: 2 },
    ],
  });
  let started = 0;
  await share(pool, count, 50, async (connection, size) => {
    const first = started;
    started += size;
    await connection`
      select public.start_execution(${workflow}, jsonb_build_object('amount', n, 'order', ${workflow} || n,
        'to', case ${channel} when 'slack' then 'C' || n % 20 else 'https://example.com/' || n end))
      from generate_series(${first}::int, ${first + size - 1}::int) n`;
  });
  const questions: Question[] = [];
  while (true) {
    const claimed: (Omit<Question, "correlation_id" | "ts"> & { id: string; content: Question })[] =
      (await sql`select hil.claim_messages('bench', 100) as messages`)[0]!.messages;
    if (claimed.length === 0) break;
    const sent = claimed.map(({ id, recipient, content, ...rest }, i) => {
      const ts = `${questions.length + i}.1`;
      return { ...rest, id, recipient, ts, correlation_id: content.correlation_id };
    });
    await sql`select hil.finish_messages('bench', ${
      sql.json(sent.map(({ id, recipient, ts }) => ({
        id,
        status: "sent",
        external_id: ts,
        thread: channel === "slack" ? { team: "T1", channel: recipient, ts } : null,
      })))
    })`;
    questions.push(...sent);
  }
  if (questions.length !== count) throw new Error(`${questions.length} of ${count} questions were sent.`);
  return { integration, workflow, questions };
}

async function runOut(
  pool: postgres.Sql[],
  admin: postgres.Sql,
  gauge: Gauge,
  workspace: string,
  { pending }: Size,
  say: (what: string) => void,
): Promise<Timeouts> {
  say("asking once more");
  const [sql, neighbour] = [pool[0]!, pool[1]!];
  const workflow = await deploy(sql, workspace, {
    nodes: [
      { id: "start", type: "TRIGGER", subtype: "MANUAL" },
      { id: "ask", type: "HUMAN_IN_THE_LOOP", subtype: "APPROVAL", parameters: { message: "May it?" } },
      { id: "then", type: "ACTION", subtype: "TRANSFORM", parameters: { output: { done: "{{ $.input.outcome }}" } } },
    ],
    connections: [{ source: "start", target: "ask" }, { source: "ask", target: "then", index: 2 }],
  });
  await share(pool, pending, 50, async (connection, size) => {
    await connection`select public.start_execution(${workflow}, '{}') from generate_series(1, ${size}::int)`;
  });
  const other = await deploy(sql, await makeWorkspace(sql, "Neighbour"), {
    nodes: [
      { id: "start", type: "TRIGGER", subtype: "MANUAL" },
      { id: "then", type: "ACTION", subtype: "TRANSFORM", parameters: { output: { done: "{{ $.input.outcome }}" } } },
    ],
    connections: [{ source: "start", target: "then" }],
  });
  const startWhile = async (goes: () => boolean) => {
    const taken: number[] = [];
    do {
      const start = performance.now();
      await neighbour`select public.start_execution(${other}, '{}')`;
      taken.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 10));
    } while (goes());
    return { p50: quantile(taken, 0.5), p99: quantile(taken, 0.99) };
  };
  await admin`vacuum analyze`;
  say("running out of time");
  let starts = Math.min(pending, 300);
  const quiet = await startWhile(() => --starts > 0);
  const [due] = await admin<{ at: Date }[]>`
    with due as (select date_trunc('second', clock_timestamp()) as at),
      asked as (
        update public.human_interactions i set timeout_at = due.at, created_at = due.at - interval '1 minute' from due
        where i.status = 'pending' returning i.id),
      waiting as (
        update engine.waits w set until = due.at from due where w.id in (select id from asked) returning w.id)
    select at from due, (select count(*) from waiting) w`;
  if (!due) throw new Error("Nothing runs out.");
  let seconds = 0;
  const began = performance.now();
  const isPending = async () => {
    const [row] = await admin<{ pending: boolean }[]>`
      select exists (select from public.human_interactions i where i.status = 'pending') as pending`;
    return row!.pending;
  };
  const busy = startWhile(() => seconds === 0);
  const { cpuMsPerStep } = await gauge(pending, 1, async () => {
    const watching = (async () => {
      while (await isPending()) await new Promise((resolve) => setTimeout(resolve, 50));
      seconds = (performance.now() - began) / 1000;
    })();
    while (seconds === 0) await runTickJob(sql);
    await watching;
  });
  const [row] = await admin<{ ended: number }[]>`
    select count(*)::int as ended from public.human_interactions i
    join public.workflow_executions e on e.id = i.execution_id
    where i.outcome = 'timed_out' and e.status = 'SUCCESS'`;
  return { due: pending, seconds, cpuMs: cpuMsPerStep, lost: pending - row!.ended, quiet, busy: await busy };
}

if (import.meta.main) {
  await run({ script: "bench:answers", results: "ANSWERS.md", sizes, measure, asText, asMarkdown });
}
