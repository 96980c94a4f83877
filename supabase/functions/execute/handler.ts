// Starts, shows and follows executions, receives webhooks, and runs the tasks that SQL cannot.
import { z } from "@hono/zod-openapi";
import { type AppDependencies, createApp } from "shared/app.ts";
import { bearerToken, type Caller } from "shared/auth.ts";
import type { Database } from "shared/db.ts";
import { apiError, isConnectionLoss } from "shared/errors.ts";
import { storableJson } from "shared/json.ts";
import { background } from "shared/serve.ts";
import { type Emit, eventStream, pause } from "shared/sse.ts";
import type { Worker } from "shared/worker.ts";
import { deliveryKey, webhookRequest } from "./webhook_request.ts";

export interface ExecuteDependencies extends AppDependencies {
  database: Database;
  worker: Pick<Worker, "wake" | "accepting">;
  /** A stream ends after this long, and the client comes back: hosted isolates do not live longer. */
  streamLifetimeMs?: number;
}

const maximumWaitMs = 30_000;

export const Execution = z.looseObject({
  id: z.uuid(),
  workflow_id: z.uuid(),
  version: z.int().nullable(),
  status: z.enum([
    "NEW",
    "RUNNING",
    "PAUSED",
    "WAITING_FOR_HUMAN",
    "SUCCESS",
    "ERROR",
    "CANCELED",
    "TIMEOUT",
  ]),
  mode: z.string(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  error: z.unknown().optional(),
  start_time: z.string().nullable(),
  end_time: z.string().nullable(),
}).openapi("Execution");

export const NodeExecution = z.looseObject({
  id: z.uuid(),
  node_id: z.string(),
  run_index: z.int(),
  item_index: z.int().nullable(),
  attempt: z.int(),
  status: z.string(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  error: z.unknown().optional(),
  start_time: z.string().nullable(),
  end_time: z.string().nullable(),
}).openapi("NodeExecution");

const ExecutionWithNodes = z.object({ execution: Execution, nodes: z.array(NodeExecution) });
const ExecutionOnly = z.object({ execution: Execution });
type ExecutionWithNodes = z.infer<typeof ExecutionWithNodes>;

const StartBody = z.strictObject({
  workflow_id: z.uuid(),
  input: z.unknown().optional().openapi({ description: "Any JSON; {} when it is left out" }),
  idempotency_key: z.string().min(1).max(255).nullish()
    .openapi({ description: "The same key gives the same execution; the header Idempotency-Key does the same" }),
  version: z.int().min(1).max(2147483647).nullish(),
  priority: z.int().min(-1000).max(1000).default(0),
  wait_ms: z.int().min(0).max(maximumWaitMs).default(0)
    .openapi({ description: "How long to wait for the end before answering" }),
}).openapi("StartExecution");

const EventsQuery = z.strictObject({
  after: z.string().regex(/^\d{1,18}$/, "This is not an event's id").optional(),
});

interface EventPage {
  events: { id: number | string; event_type: string }[];
  status: string;
  ended: boolean;
}

// Each stream asks the database once or more a second: whoever opens hundreds would keep others from starting anything.
function openStreams(mostOfOne = 20, most = 200) {
  const open = new Map<string, number>();
  let total = 0;
  return {
    /** Throws too_many_streams; the answer is called when the stream ends. */
    enter(userId: string | null): () => void {
      const mine = userId === null ? 0 : open.get(userId) ?? 0;
      if (total >= most || mine >= mostOfOne) throw apiError("too_many_streams", { headers: { "retry-after": "5" } });
      total++;
      if (userId !== null) open.set(userId, mine + 1);
      return () => {
        total--;
        if (userId === null) return;
        const left = open.get(userId)! - 1;
        if (left > 0) open.set(userId, left);
        else open.delete(userId);
      };
    },
  };
}

export function createExecuteApp(dependencies: ExecuteDependencies) {
  const { database, worker, streamLifetimeMs = 110_000 } = dependencies;
  const app = createApp("execute", "Start, read and follow executions; receive webhooks; work.", dependencies);
  const people = ["user", "service"] as const;
  const streams = openStreams();

  const readExecution = (caller: Caller, id: string): Promise<ExecutionWithNodes> =>
    database.asCaller(
      caller,
      async (sql) => (await sql`select public.get_execution(${id}) as answer`)[0]!.answer,
      { repeatable: true },
    );
  const readEvents = (caller: Caller, id: string, after: string, most: number): Promise<EventPage> =>
    database.asCaller(
      caller,
      async (sql) => (await sql`select public.get_execution_events(${id}, ${after}, ${most}) as answer`)[0]!.answer,
      { repeatable: true },
    );

  app.route({
    method: "post",
    path: "/",
    summary: "Start an execution",
    callers: people,
    body: StartBody,
    responses: {
      200: { description: "It ended within wait_ms", schema: ExecutionWithNodes },
      202: { description: "It was started", schema: ExecutionOnly },
    },
  }, async ({ c, caller, body }) => {
    const until = performance.now() + body.wait_ms;
    const key = body.idempotency_key ?? c.req.header("idempotency-key") ?? null;
    if (key !== null && key.length > 255) throw apiError("delivery_key_invalid");
    const started = await database.asCaller(caller, async (sql) => {
      const [row] = await sql`
        select id from public.start_execution(
          workflow_id => ${body.workflow_id}, input => ${storableJson(body.input ?? {})}::text::jsonb,
          idempotency_key => ${key}, version => ${body.version ?? null}, priority => ${body.priority})`;
      return (await sql`select public.get_execution(${row!.id}) as answer`)[0]!.answer as ExecutionWithNodes;
      // With a key, a second start is the same start.
    }, { repeatable: key !== null });
    background(worker.wake());

    if (body.wait_ms === 0) return c.json({ execution: started.execution }, 202);
    await ended(caller, started.execution.id, until, c.req.raw.signal);
    const latest = await readExecution(caller, started.execution.id);
    return latest.execution.end_time === null ? c.json({ execution: latest.execution }, 202) : c.json(latest, 200);
  });

  // Asks for the state only, at growing distances: short runs are answered at once, long ones cost little.
  async function ended(caller: Caller, id: string, until: number, signal: AbortSignal): Promise<void> {
    const behindAll = "999999999999999999";
    for (let delay = 8; !signal.aborted;) {
      if ((await readEvents(caller, id, behindAll, 1)).ended) return;
      const left = until - performance.now();
      if (left <= 0 || !await pause(Math.min(delay, left), signal)) return;
      delay = Math.min(delay * 1.5, 250);
    }
  }

  app.route({
    method: "get",
    path: "/:id",
    uuids: ["id"],
    summary: "An execution and its nodes, in the order in which they ran",
    callers: people,
    responses: { 200: { description: "The execution", schema: ExecutionWithNodes } },
  }, async ({ c, caller }) => c.json(await readExecution(caller, c.req.param("id")!)));

  app.route({
    method: "get",
    path: "/:id/events",
    uuids: ["id"],
    summary: "Follow an execution as server-sent events",
    description: "Replays the events after Last-Event-ID (or `after`), then follows. The last event is `end`.",
    callers: people,
    query: EventsQuery,
    responses: { 200: { description: "Events", schema: z.string(), contentType: "text/event-stream" } },
  }, async ({ c, caller, query }) => {
    const id = c.req.param("id")!;
    const lastId = c.req.header("last-event-id")?.trim() || query.after || "0";
    if (!/^\d{1,18}$/.test(lastId)) {
      const problem = { code: "invalid", message: "This is not an event's id", path: "headers.last-event-id" };
      throw apiError("request_invalid", { message: "The request has a problem", details: { problems: [problem] } });
    }
    // Before the stream begins, so that a missing execution is an ordinary 404.
    let page = await readEvents(caller, id, lastId, 200);
    const leave = streams.enter(caller.kind === "user" ? caller.userId : null);
    const follow = async (emit: Emit, gone: AbortSignal) => {
      const until = performance.now() + lifetime(caller);
      let after = lastId;
      let delay = 100;
      while (!gone.aborted) {
        for (const event of page.events) {
          after = String(event.id);
          await emit({ id: after, event: event.event_type, data: event });
        }
        if (page.ended && page.events.length === 0) return await emit({ event: "end", data: { status: page.status } });
        delay = page.events.length > 0 ? 100 : Math.min(delay * 1.4, 1_000);
        if (performance.now() + delay > until) return;
        // A full or final page has its rest right behind it.
        if (page.events.length === 0 && !await pause(delay, gone)) return;
        try {
          page = await readEvents(caller, id, after, 200);
        } catch (error) {
          if (!isConnectionLoss(error)) throw error;
          page = { events: [], status: page.status, ended: false };
        }
      }
    };
    return eventStream((emit, gone) => follow(emit, gone).finally(leave));
  });

  function lifetime(caller: Caller): number {
    const tokenMs = caller.kind === "user" ? caller.expiresAt * 1000 - Date.now() : Infinity;
    return Math.max(0, Math.min(streamLifetimeMs, tokenMs));
  }

  for (const path of ["/hooks/webhook/:triggerId", "/hooks/webhook/:triggerId/*"]) {
    app.route({
      method: "all",
      path,
      summary: "Deliver a webhook to a trigger",
      description: "The trigger's id is the secret: no key is needed. A repeated delivery id starts nothing.",
      responses: {
        202: {
          description: "Received",
          schema: z.object({ execution_id: z.uuid(), status: z.string(), duplicate: z.boolean() }),
        },
      },
    }, async ({ c }) => {
      const triggerId = c.req.param("triggerId")!;
      if (!z.uuid().safeParse(triggerId).success) throw apiError("trigger_not_found");
      const key = deliveryKey(c.req.raw.headers);
      // Link checkers ask so; no provider delivers so.
      if (c.req.method === "HEAD" || c.req.method === "OPTIONS") throw apiError("method_not_allowed");
      const prefix = `/hooks/webhook/${triggerId}`;
      const pathname = new URL(c.req.url).pathname;
      const at = pathname.indexOf(prefix);
      if (at < 0) throw apiError("trigger_not_found");
      const rest = pathname.slice(at + prefix.length);
      const request = await webhookRequest(c.req.raw, rest);
      const [row] = await database.sql`
        select triggers.receive_webhook(
          ${triggerId}, ${request.method}, ${request.path}, ${storableJson(request)}::text::jsonb, ${key}) as answer`;
      background(worker.wake());
      return c.json(row!.answer, 202);
    });
  }

  app.route({
    method: "post",
    path: "/work",
    summary: "Wake the worker",
    description: "For the doorbell: the secret key, the service_role token, or the doorbell's own short-lived token.",
    responses: { 202: { description: "Whether this isolate takes work", schema: z.object({ working: z.boolean() }) } },
  }, async ({ c }) => {
    await requireWorkerCaller(c.req.raw.headers);
    await c.req.raw.body?.cancel().catch(() => {});
    const working = worker.accepting;
    if (working) background(worker.wake());
    return c.json({ working }, 202);
  });

  async function requireWorkerCaller(headers: Headers): Promise<void> {
    const token = bearerToken(headers);
    let refusal: unknown;
    try {
      if ((await dependencies.authenticate(headers)).kind === "service") return;
      refusal = apiError("forbidden");
    } catch (error) {
      refusal = error;
    }
    // A key that is wrong, or a person's token, is no doorbell either; and no text that could not be one reaches SQL.
    if (token && !headers.has("apikey") && /^[\w.~+/=:-]{16,512}$/.test(token)) {
      const [row] = await database.sql`select engine.verify_doorbell(${token}) as valid`;
      if (row!.valid === true) return;
    }
    throw refusal;
  }

  for (const verb of ["cancel", "pause", "resume", "retry"]) {
    app.notImplemented("post", `/:id/${verb}`, `${verb[0]!.toUpperCase()}${verb.slice(1)} an execution`);
  }
  app.notImplemented("post", "/hooks/github", "Deliver a GitHub event");
  app.notImplemented("post", "/hooks/slack", "Deliver a Slack event");
  app.notImplemented("post", "/hooks/email/:provider", "Deliver an e-mail");
  app.notImplemented("post", "/steps/:id", "Record a step's outcome");
  return app.build();
}
