// The functions as a client calls them, on the stack that npm test has started.
import postgres from "postgres";
import { serverEvents } from "../../scripts/demo/events.ts";
import type { StackDetails } from "../../scripts/stack/stack.ts";
import { service, stack, type User } from "../stack.ts";

export interface Execution {
  id: string;
  workflow_id: string;
  version: number;
  status: string;
  mode: string;
  input: unknown;
  output: Record<string, unknown> | null;
  error: Record<string, unknown> | null;
  start_time: string;
  end_time: string | null;
}
export interface NodeRun {
  id: string;
  node_id: string;
  run_index: number;
  attempt: number;
  status: string;
  input: unknown;
  output: Record<string, unknown> | null;
  error: { code: string; message: string; details?: Record<string, unknown> } | null;
  start_time: string;
  end_time: string | null;
}
export interface Answer {
  execution: Execution;
  nodes: NodeRun[];
}

export interface Node {
  id: string;
  type: string;
  subtype: string;
  parameters?: Record<string, unknown>;
  [field: string]: unknown;
}
export interface Definition {
  nodes: Node[];
  connections: { source: string; target: string; [field: string]: unknown }[];
  settings?: Record<string, unknown>;
}

/** A call of a function; with a user it carries her token, with none only what `init` says. */
export function call(path: string, user: User | null, init: RequestInit & { json?: unknown } = {}): Promise<Response> {
  const { json, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (user) {
    headers.set("apikey", stack().publishable_key);
    headers.set("authorization", `Bearer ${user.token}`);
  }
  if (json !== undefined) {
    headers.set("content-type", "application/json");
    rest.method ??= "POST";
    rest.body = JSON.stringify(json);
  }
  return fetch(`${stack().url}/functions/v1/${path}`, { ...rest, headers });
}

/** The answer's JSON, where its status is the expected one. */
// deno-lint-ignore no-explicit-any
export async function json(response: Response | Promise<Response>, status: number): Promise<any> {
  const answer = await response;
  const text = await answer.text();
  if (answer.status !== status) {
    throw new Error(`${answer.url} answered ${answer.status} instead of ${status}: ${text}`);
  }
  return JSON.parse(text);
}

/** The result of a call through supabase-js, which must not be an error. */
export function data<T>({ data, error }: { data: T; error: unknown }): NonNullable<T> {
  if (error) throw new Error(JSON.stringify(error));
  return data!;
}

/** Nodes in a row, each leading to the next. */
export function chain(...nodes: Node[]): Definition {
  return { nodes, connections: nodes.slice(1).map((node, i) => ({ source: nodes[i]!.id, target: node.id })) };
}

export const manual: Node = { id: "start", type: "TRIGGER", subtype: "MANUAL" };
export const webhook: Node = { id: "hook", type: "TRIGGER", subtype: "WEBHOOK", parameters: { path: "in" } };

export async function createWorkflow(user: User, definition: Definition, name = "flow"): Promise<string> {
  return data(await user.client.rpc("create_workflow", { name, definition: definition as never })).id;
}

/** Creates and deploys; answers the workflow and its webhook's URL, if it has one. */
export async function deploy(user: User, definition: Definition): Promise<{ id: string; url: string }> {
  const id = await createWorkflow(user, definition);
  const { triggers } = await json(call("deploy", user, { json: { workflow_id: id } }), 200);
  return { id, url: triggers.find((trigger: { url?: string }) => trigger.url)?.url };
}

/** Starts by the function and waits for the end. */
export async function run(user: User, workflowId: string, input: unknown = {}): Promise<Answer> {
  const { execution } = await json(call("execute", user, { json: { workflow_id: workflowId, input } }), 202);
  return await ended(user, execution.id);
}

/** The execution, once it has ended. */
export async function ended(user: User, id: string, withinMs = 60_000): Promise<Answer> {
  for await (const event of events(user, id, "0", withinMs)) {
    if (event.event === "end") return await json(call(`execute/${id}`, user), 200);
  }
  throw new Error(`The events of ${id} stopped without an end`);
}

export async function* events(user: User, id: string, after = "0", withinMs = 60_000) {
  const signal = AbortSignal.timeout(withinMs);
  const response = await call(`execute/${id}/events`, user, { headers: { "last-event-id": after }, signal });
  if (!response.ok) throw new Error(`The events of ${id} answered ${response.status}: ${await response.text()}`);
  yield* serverEvents(response);
}

export interface Received {
  path: string;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface Receiver extends AsyncDisposable {
  url: string;
  host: string;
  received: Received[];
}

/** An HTTP server on loopback that keeps what it gets, and that the users' workflows may reach. */
export async function receiver(
  users: User[],
  answer: (request: Received, count: number) => Response | Promise<Response> = (_, count) => Response.json({ count }),
): Promise<Receiver> {
  const received: Received[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const text = await request.text();
    const one = {
      path: new URL(request.url).pathname,
      headers: request.headers,
      body: text === "" ? null : JSON.parse(text),
    };
    received.push(one);
    return await answer(one, received.length);
  });
  const host = `127.0.0.1:${server.addr.port}`;
  for (const user of users) await allow(user, host);
  return { url: `http://${host}`, host, received, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Lets a user's workspace reach hosts, and calls the first one $.vars.receiver_url. */
export async function allow(user: User, hosts: string | string[], operator = service()): Promise<void> {
  const allowed_hosts = [hosts].flat();
  const { id } = data(await user.client.from("workspaces").select("id").single());
  data(await operator.from("workspaces").update({ allowed_hosts }).eq("id", id).select("id").single());
  const variables = { receiver_url: `http://${allowed_hosts[0]}/issues` };
  data(await user.client.from("workspaces").update({ variables }).eq("id", id).select("id").single());
}

/** A pool of two connections to the stack's database. */
export function database(details: StackDetails = stack()): postgres.Sql & AsyncDisposable {
  const sql = postgres(details.database_url, { max: 2, onnotice() {} });
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) });
}

/** Broken invariants of one workflow's executions: other tests share the database. */
export async function violations(sql: postgres.Sql, workflowId: string): Promise<unknown[]> {
  return [
    ...await sql`
    select v.* from engine.violations() v
    join public.workflow_executions e on e.id = v.execution_id where e.workflow_id = ${workflowId}`,
  ];
}

/** Makes an integration of the user's workspace. */
export async function integrate(
  user: User,
  provider: string,
  more: Record<string, unknown>,
): Promise<{ id: string; secret: string }> {
  const answer = await json(call("deploy/integrations", user, { json: { provider, name: provider, ...more } }), 201);
  return { id: answer.integration.id, secret: answer.secret };
}

/** Looks until there is something to see. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  withinMs = 20_000,
): Promise<T> {
  for (const deadline = Date.now() + withinMs;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`It did not happen that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const triage: { definition: Definition; name: string } = JSON.parse(
  await Deno.readTextFile(new URL("../../examples/github-issue-triage/workflow.json", import.meta.url)),
);
// deno-lint-ignore no-explicit-any
export const issueOpened: any = JSON.parse(
  await Deno.readTextFile(new URL("../../examples/github-issue-triage/issues-opened.payload.json", import.meta.url)),
);

/** Posts an issue to a webhook as GitHub does. */
export function deliver(url: string, delivery: string, payload: unknown = issueOpened): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-github-event": "issues", "x-github-delivery": delivery },
    body: JSON.stringify(payload),
  });
}
