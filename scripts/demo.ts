// `npm run demo`: on the running stack, a new user creates and deploys the workflow of examples/github-issue-triage, a
// real GitHub payload is posted to its webhook, and the run is shown as it happens. Then the workflow of examples/digest
// is put on a schedule. A second time it takes the same user and workflows, posts the same delivery once more and then a
// new one, and lists what the schedule started since; with --wait it waits for the next start. Anything that is not as
// promised is an error.
import { isDeepStrictEqual } from "node:util";
import { createClient } from "@supabase/supabase-js";
import { createTandem, type Result } from "shared/client.ts";
import type { Database } from "shared/database.types.ts";
import { serverEvents } from "./demo/events.ts";
import { bold, compact, cut, dim, duration, green, red, row, yellow } from "./demo/terminal.ts";
import { checkout, main, Problem, stackFile as ownStackFile } from "./stack/places.ts";
import type { StackDetails } from "./stack/stack.ts";

const example = `${checkout}/examples/github-issue-triage`;
const stackFile = Deno.env.get("TANDEM_STACK") ?? ownStackFile;
const memoryFile = stackFile.replace(/[^/]*$/, "demo.json");

/** What the demo keeps for its next run. */
interface Memory {
  email: string;
  password: string;
  workflow_id: string;
  delivery: string;
  execution_id: string;
  digest_id?: string;
}
interface Received {
  execution_id: string | null;
  delivery: string | null;
  body: unknown;
}
interface NodeRun {
  id: string;
  node_id: string;
  status: string;
  input: unknown;
  output: unknown;
  error: unknown;
  start_time: string;
  end_time: string | null;
}
interface ExecutionAnswer {
  execution: { id: string; status: string; output: unknown; error: unknown; start_time: string; end_time: string };
  nodes: NodeRun[];
}
type Client = ReturnType<typeof createClient<Database>>;

function promise(kept: boolean, what: string): asserts kept {
  if (!kept) throw new Problem(`${red("The demo failed:")} ${what}.`);
}

async function demo(): Promise<void> {
  const stack = await runningStack();
  const withoutSession = { auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false } };
  const client = createClient<Database>(stack.url, stack.publishable_key, withoutSession);
  const operator = createClient<Database>(stack.url, stack.secret_key, withoutSession);
  const workflow = JSON.parse(await Deno.readTextFile(`${example}/workflow.json`));
  const payload = await Deno.readTextFile(`${example}/issues-opened.payload.json`);
  const names: Record<string, string> = Object.fromEntries(
    workflow.definition.nodes.map((node: { id: string; name: string }) => [node.id, node.name]),
  );

  console.log(`\n${bold(workflow.name)} ${dim(`on ${stack.url}`)}\n`);
  const before = await returningUser(client);
  const { email, password, token } = before ?? await newUser(client);
  row("user", `${email} ${dim(before ? "signed in" : "signed up")}`);

  const received: Received[] = [];
  await using receiver = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const header = (name: string) => request.headers.get(name);
    received.push({
      execution_id: header("idempotency-key"),
      delivery: header("x-github-delivery"),
      body: await request.json(),
    });
    return Response.json({ received: received.length });
  });
  const host = `127.0.0.1:${receiver.addr.port}`;
  await allow(client, operator, host);
  row("receiver", `http://${host} ${dim("allowed by the operator, named by the user's variable receiver_url")}`);

  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${stack.url}/functions/v1/${path}`, {
      ...init,
      headers: {
        apikey: stack.publishable_key,
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        ...init.headers,
      },
    });
  const saved = await saveWorkflow(client, workflow, before?.workflow_id);
  row("workflow", `${workflow.name}, version ${saved.version} ${dim(saved.how)}`);
  const deployed = await answer(
    await call("deploy", { method: "POST", body: JSON.stringify({ workflow_id: saved.id }) }),
  );
  const url: string = deployed.triggers[0].url;
  row("webhook", url, { whole: true });

  const post = async (delivery: string) => {
    const began = performance.now();
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-github-event": "issues", "x-github-delivery": delivery },
      body: payload,
    });
    const posted: { execution_id: string; duplicate: boolean } = await answer(response);
    console.log();
    row("POST", bold(`issues-opened.payload.json, delivery ${delivery}`), { indent: 0 });
    const text = `${response.status} in ${duration(performance.now() - began)}, execution ${posted.execution_id}`;
    row("", posted.duplicate ? `${text}, seen before` : text, { indent: 0 });
    return posted;
  };
  const postAgain = async (delivery: string, execution: string) => {
    const calls = received.length;
    const runs = await countRuns(client, saved.id);
    const posted = await post(delivery);
    promise(posted.duplicate, "a delivery that was seen before was taken for a new one");
    promise(posted.execution_id === execution, "a repeated delivery was answered with another execution");
    promise(await countRuns(client, saved.id) === runs, "a repeated delivery started an execution");
    promise(received.length === calls, "a repeated delivery reached the receiver");
    row("", `${green("nothing was started")}: still ${runs} ${runs === 1 ? "execution" : "executions"}`, { indent: 0 });
  };

  if (before && before.workflow_id === saved.id) await postAgain(before.delivery, before.execution_id);

  const delivery = crypto.randomUUID();
  const began = performance.now();
  const { execution_id, duplicate } = await post(delivery);
  promise(!duplicate, "a new delivery was taken for one that was seen before");
  console.log();
  const { execution, nodes } = await follow(call, execution_id, names);
  const took = duration(Date.parse(execution.end_time) - Date.parse(execution.start_time));
  const seen = duration(performance.now() - began);
  const colour = execution.status === "SUCCESS" ? green : red;
  console.log();
  row("result", `${colour(execution.status)} in ${took} ${dim(`(${seen} from the request to the last event)`)}`);
  row("output", compact(execution.output ?? execution.error));
  promise(execution.status === "SUCCESS", `the execution ended with ${execution.status}`);
  const ran = nodes.map((node) => node.node_id).join(", ");
  promise(ran === "issue_opened, is_bug, summarise, tell", `these nodes ran: ${ran}`);
  promise(received.length === 1, `the receiver got ${received.length} requests`);
  promise(received[0]!.execution_id === execution_id, "the receiver got another execution's request");
  promise(received[0]!.delivery === delivery, "the receiver got another delivery's request");
  promise(
    isDeepStrictEqual(received[0]!.body, nodes.find((node) => node.node_id === "summarise")!.output),
    "the receiver did not get the summary",
  );
  row("received", bold(compact(received[0]!.body)), { whole: true });

  await postAgain(delivery, execution_id);
  const digest_id = await digest(client, before?.digest_id);
  const memory: Memory = { email, password, workflow_id: saved.id, delivery, execution_id, digest_id };
  await Deno.writeTextFile(memoryFile, JSON.stringify(memory, null, 2) + "\n", { mode: 0o600 });
  console.log();
}

/** Puts a workflow on a schedule, or shows what its schedule has started; answers its id. */
async function digest(client: Client, known?: string): Promise<string> {
  const { workflows, executions, schedules } = createTandem(client);
  const { definition, ...rest } = JSON.parse(await Deno.readTextFile(`${checkout}/examples/digest/workflow.json`));
  const before = known ? (await workflows.getWorkflow(known)).data : null;
  const { id } = before ?? got(await workflows.createWorkflow({ ...rest, definition }));
  if (!before) got(await workflows.deploy(id));
  const [schedule] = got(await schedules.listSchedules({ workflowId: id }));
  promise(schedule !== undefined && schedule.nextRunAt !== null, "a deployed schedule has no next run");
  console.log(`\n${bold(rest.name)}\n`);
  row("schedule", `${schedule.expression} in ${schedule.timezone}`);
  const expected = got(await schedules.nextRuns(schedule.expression, { timezone: schedule.timezone, count: 2 }));
  row("next", expected.map((run) => new Date(run).toLocaleTimeString()).join(", "));

  const seen = new Set<string>();
  const show = async () => {
    const runs = got(await executions.listExecutions({ workflowId: id, status: "completed", limit: 3 }));
    for (const run of runs.reverse()) {
      if (seen.has(run.id)) continue;
      seen.add(run.id);
      const { text, due_at } = (run.outputs as { write: { text: string; due_at: string } }).write;
      row(
        run.mode.toLowerCase(),
        `${green(text)} ${dim(`due ${due_at}, begun ${late(run.startTime!, due_at)} later`)}`,
      );
    }
    return seen.size;
  };
  const shown = await show();
  if (Deno.args.includes("--wait")) {
    for (const until = Date.now() + 65_000; await show() === shown;) {
      promise(Date.now() < until, "the schedule did not start anything within a minute");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } else if (shown === 0) {
    row(
      "",
      dim("it runs every minute from now on: npm run demo shows what it did, npm run demo -- --wait waits for it"),
    );
  }
  return id;
}

const late = (begun: string, due: string) => duration(Date.parse(begun) - Date.parse(due));

function got<T>({ data, error }: Result<T>): T {
  promise(!error, `the client answered ${error?.code}: ${error?.message}`);
  return data as T;
}

async function runningStack(): Promise<StackDetails> {
  const none = new Problem("No stack runs in this checkout: start it with npm start -- --detach, then npm run demo.");
  const text = await Deno.readTextFile(stackFile).catch(() => null);
  if (text === null) throw none;
  const stack: StackDetails = JSON.parse(text);
  // a stack that was killed leaves its file behind
  const health = await fetch(`${stack.url}/functions/v1/execute/health`).catch(() => null);
  if (!health) throw none;
  await health.body?.cancel();
  promise(health.ok, `the stack at ${stack.url} is not healthy, see .tandem/logs`);
  return stack;
}

/** The user of the last run, unless the database is another one by now. */
async function returningUser(client: Client): Promise<(Memory & { token: string }) | null> {
  const text = await Deno.readTextFile(memoryFile).catch(() => null);
  if (text === null) return null;
  const memory: Memory = JSON.parse(text);
  const { data, error } = await client.auth.signInWithPassword({ email: memory.email, password: memory.password });
  return error ? null : { ...memory, token: data.session.access_token };
}

async function newUser(client: Client) {
  const email = `demo-${crypto.randomUUID().slice(0, 8)}@example.com`;
  const password = crypto.randomUUID();
  const { data, error } = await client.auth.signUp({ email, password });
  promise(!error && data.session !== null, `signing up answered ${error?.message ?? "no session"}`);
  return { email, password, token: data.session.access_token };
}

async function allow(client: Client, operator: Client, host: string): Promise<void> {
  const workspace = await client.from("workspaces").select("id, variables").single();
  promise(!workspace.error, `the workspace cannot be read: ${workspace.error?.message}`);
  const { id } = workspace.data;
  const [allowed, set] = await Promise.all([
    operator.from("workspaces").update({ allowed_hosts: [host] }).eq("id", id).select("id").single(),
    client.from("workspaces").update({
      variables: { ...workspace.data.variables as Record<string, never>, receiver_url: `http://${host}/issues` },
    }).eq("id", id).select("id").single(),
  ]);
  const error = allowed.error ?? set.error;
  promise(!error, `the workspace cannot be set up: ${error?.message}`);
}

async function saveWorkflow(
  client: Client,
  { definition, ...rest }: { name: string; description: string; tags: string[]; definition: never },
  id?: string,
): Promise<{ id: string; version: number; how: string }> {
  const known = id
    ? await client.from("workflow_versions").select("workflow_id, version, definition").eq("workflow_id", id)
      .order("version", { ascending: false }).limit(1).maybeSingle()
    : null;
  if (known?.data) {
    const { workflow_id, version } = known.data;
    if (isDeepStrictEqual(known.data.definition, definition)) return { id: workflow_id, version, how: "as before" };
    const next = await client.rpc("create_workflow_version", { workflow_id, definition });
    promise(!next.error, `the definition cannot be saved: ${next.error?.message}`);
    return { id: workflow_id, version: next.data.version, how: "saved" };
  }
  const created = await client.rpc("create_workflow", { ...rest, definition });
  promise(!created.error, `the workflow cannot be created: ${created.error?.message}`);
  return { id: created.data.id, version: created.data.current_version, how: "created" };
}

async function countRuns(client: Client, workflowId: string): Promise<number> {
  const { count, error } = await client.from("workflow_executions").select("id", { count: "exact", head: true })
    .eq("workflow_id", workflowId);
  promise(!error && count !== null, `executions cannot be counted: ${error?.message}`);
  return count;
}

/** Prints each node when its event arrives; answers the ended execution. */
async function follow(
  call: (path: string, init?: RequestInit) => Promise<Response>,
  id: string,
  names: Record<string, string>,
): Promise<ExecutionAnswer> {
  const read = async (): Promise<ExecutionAnswer> => await answer(await call(`execute/${id}`));
  const shown = new Set<string>();
  let latest: ExecutionAnswer | undefined;
  for (let after = "0", streams = 0;;) {
    promise(++streams <= 5, "the stream of events ended five times without an end");
    const stream = await call(`execute/${id}/events`, {
      headers: { "last-event-id": after },
      signal: AbortSignal.timeout(30_000),
    });
    promise(stream.ok, `the events answered ${stream.status}`);
    for await (const { id: eventId, event, data } of serverEvents(stream)) {
      if (event === "end") return latest?.execution.end_time ? latest : await read();
      after = eventId ?? after;
      if (!event.startsWith("step_")) continue;
      const next = () =>
        latest?.nodes.find((run) => run.node_id === data.node_id && run.end_time && !shown.has(run.id));
      if (!next()) latest = await read();
      const run = next();
      promise(run !== undefined, `event ${eventId} names a run of ${data.node_id} that is not there`);
      shown.add(run.id);
      showRun(names[run.node_id] ?? run.node_id, String(data.node_type), run);
    }
  }
}

function showRun(name: string, type: string, run: NodeRun): void {
  const mark = run.status === "SUCCESS" ? green("✓") : run.status === "ERROR" ? red("✗") : yellow("-");
  const took = duration(Date.parse(run.end_time!) - Date.parse(run.start_time));
  console.log(`  ${mark} ${bold(name.padEnd(20))} ${run.status.padEnd(8)} ${took.padStart(8)}  ${dim(cut(type, 30))}`);
  row("in", compact(run.input), { indent: 4 });
  const same = run.status === "SUCCESS" && isDeepStrictEqual(run.input, run.output);
  row(run.error ? "error" : "out", same ? dim("what went in") : compact(run.error ?? run.output), { indent: 4 });
}

// deno-lint-ignore no-explicit-any
async function answer(response: Response): Promise<any> {
  const text = await response.text();
  promise(response.ok, `${new URL(response.url).pathname} answered ${response.status}: ${cut(text, 300)}`);
  return JSON.parse(text);
}

await main(demo);
