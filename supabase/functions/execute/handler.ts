// Starts, shows, follows and controls executions, receives webhooks and events, and runs the tasks that SQL cannot.
import { z } from "@hono/zod-openapi";
import { type AppDependencies, createApp } from "shared/app.ts";
import type { Caller } from "shared/auth.ts";
import type { Database, Transaction } from "shared/db.ts";
import { apiError, isConnectionLoss } from "shared/errors.ts";
import type { KeyRing } from "shared/fernet.ts";
import { storableJson } from "shared/json.ts";
import { background } from "shared/serve.ts";
import type { ClassifierEndpoint } from "shared/classifier.ts";
import { type Emit, eventStream, pause } from "shared/sse.ts";
import { addWorkRoute } from "shared/work_route.ts";
import type { Worker } from "shared/worker.ts";
import { addHookRoutes } from "./hook_routes.ts";
import { addStepRoutes } from "./step_routes.ts";
import { addWebhookRoutes } from "./webhook_routes.ts";

export interface ExecuteDependencies extends AppDependencies {
  database: Database;
  worker: Pick<Worker, "wake" | "accepting">;
  /** Of integrations' secrets; without it nothing that they send can be verified. */
  keys?: KeyRing;
  /** Where the content of Resend's e-mails is fetched; theirs unless a test says another. */
  resendUrl?: string;
  /** What is asked about replies that leave a doubt, if anything. */
  classifier?: ClassifierEndpoint | null;
  /** How long a webhook waits for what its workflow answers. */
  maximumWaitMs?: number;
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
  scope: z.string().optional().openapi({ description: "The items of FOR_EACH runs around it; empty at top level" }),
  lap: z.int().optional().openapi({ description: "How often its loop has been gone through" }),
  target_index: z.int().optional().openapi({ description: "The input at which it arrived" }),
  child_execution_id: z.uuid().nullish().openapi({ description: "What a SUB_WORKFLOW started" }),
}).openapi("NodeExecution");

interface ExecutionWithNodes {
  execution: z.infer<typeof Execution>;
  nodes: z.infer<typeof NodeExecution>[];
  children?: ExecutionWithNodes[];
}
const ExecutionWithNodes: z.ZodType<ExecutionWithNodes> = z.looseObject({
  execution: Execution,
  nodes: z.array(NodeExecution),
  children: z.array(z.lazy(() => ExecutionWithNodes)).optional()
    .openapi({ description: "The executions of its sub-workflows" }),
}).openapi("ExecutionWithNodes");
const ExecutionOnly = z.object({ execution: Execution });

const StartBody = z.strictObject({
  workflow_id: z.uuid(),
  input: z.unknown().optional().openapi({ description: "Any JSON; {} when it is left out" }),
  idempotency_key: z.string().min(1).max(255).nullish()
    .openapi({ description: "The same key gives the same execution; the header Idempotency-Key does the same" }),
  version: z.int().min(1).max(2147483647).nullish(),
  priority: z.int().min(-1000).max(1000).default(0),
  start_at: z.iso.datetime({ offset: true }).nullish().openapi({ description: "Not before then; at once without it" }),
  timeout_seconds: z.int().min(1).max(2147483647).nullish()
    .openapi({ description: "How long it may take in all, waiting and pauses included" }),
  wait_ms: z.int().min(0).max(maximumWaitMs).default(0)
    .openapi({ description: "How long to wait for the end before answering" }),
}).openapi("StartExecution");

const Reason = z.strictObject({
  reason: z.string().max(1000).nullish().openapi({ description: "For people; it stays with the execution" }),
}).openapi("Reason");

const RetryBody = z.strictObject({
  node_execution_id: z.uuid().nullish().openapi({
    description: "Without it, what was stopped or canceled; all of one that succeeded",
  }),
  version: z.int().min(1).max(2147483647).nullish()
    .openapi({ description: "The version to run; the execution's own without it" }),
}).openapi("RetryExecution");

const SendEventBody = z.strictObject({
  name: z.string().min(1).max(200),
  payload: z.unknown().optional().openapi({ description: "Any JSON; {} when it is left out" }),
  key: z.string().min(1).max(200).nullish().openapi({ description: "What it is about, as an order's number" }),
  workspace_id: z.uuid().nullish().openapi({ description: "The caller's personal workspace without it" }),
}).openapi("SendEvent");

const SentEvent = z.looseObject({
  id: z.uuid(),
  name: z.string(),
  key: z.string().nullable(),
  created: z.boolean().openapi({ description: "False where the key had been sent before" }),
}).openapi("SentEvent");

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
          idempotency_key => ${key}, version => ${body.version ?? null}, priority => ${body.priority},
          start_at => ${body.start_at ?? null}::text::timestamptz, timeout_seconds => ${body.timeout_seconds ?? null})`;
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

  /** Each is one verb of SQL, which answers the execution as every other route shows it. */
  function control<B extends z.ZodType>(
    route: { verb: string; summary: string; description: string; body: B; answer?: string; repeatable?: boolean },
    call: (sql: Transaction, id: string, body: z.output<B>) => PromiseLike<Record<string, unknown>[]>,
  ): void {
    app.route({
      method: "post",
      path: `/:id/${route.verb}`,
      uuids: ["id"],
      summary: route.summary,
      description: route.description,
      callers: people,
      body: route.body as z.ZodType,
      bodyOptional: true,
      responses: { 202: { description: route.answer ?? "The execution as it is now", schema: ExecutionOnly } },
    }, async ({ c, caller, body }) => {
      const [row] = await database.asCaller(
        caller,
        async (sql) => await call(sql, c.req.param("id")!, body as z.output<B>),
        { repeatable: route.repeatable },
      );
      // Work may be ready now: of this execution, or of one that waits for it.
      background(worker.wake());
      return c.json({ execution: row!.answer as z.infer<typeof Execution> }, 202);
    });
  }

  control({
    verb: "cancel",
    summary: "Stop an execution and the sub-workflows that it waits for",
    description: "What runs is told to end, and its result no longer counts. One that has ended stays as it is.",
    body: Reason,
    repeatable: true,
  }, (sql, id, { reason }) =>
    sql`
      select to_jsonb(e) as answer
      from public.cancel_execution(execution_id => ${id}, reason => ${reason ?? null}) e`);

  control({
    verb: "pause",
    summary: "Begin no further node of an execution",
    description: "What runs may end, here and in the sub-workflows that it waits for. Its deadline runs on.",
    body: Reason,
    repeatable: true,
  }, (sql, id, { reason }) =>
    sql`
      select to_jsonb(e) as answer
      from public.pause_execution(execution_id => ${id}, reason => ${reason ?? null}) e`);

  control({
    verb: "resume",
    summary: "Let a paused execution go on",
    description: "What became ready in the meantime runs now.",
    body: z.strictObject({}),
  }, (sql, id) => sql`select to_jsonb(e) as answer from public.resume_execution(execution_id => ${id}) e`);

  control(
    {
      verb: "retry",
      summary: "Run an execution that has ended again, from a node run on",
      description:
        "Starts a new execution that does the node run again, what followed from it, and what was stopped or " +
        "canceled. The rest is taken over and does not run again.",
      body: RetryBody,
      answer: "The new execution",
    },
    (sql, id, { node_execution_id, version }) =>
      sql`
      select to_jsonb(e) as answer
      from public.retry_execution(
        execution_id => ${id}, node_execution_id => ${node_execution_id ?? null}, version => ${version ?? null}) e`,
  );

  app.route({
    method: "post",
    path: "/events",
    summary: "Send an event to the executions that wait for it",
    description:
      "With a key, the first payload counts, for whoever waits for it now or later; sending it again changes " +
      "nothing. Without one it is for those who wait now, else for the next.",
    callers: people,
    body: SendEventBody,
    responses: { 202: { description: "It was taken", schema: SentEvent } },
  }, async ({ c, caller, body }) => {
    const payload = storableJson(body.payload === undefined ? {} : body.payload);
    const [row] = await database.asCaller(caller, async (sql) =>
      await sql`
        select public.send_event(
          name => ${body.name}, payload => ${payload}::text::jsonb,
          key => ${body.key ?? null}, workspace_id => ${body.workspace_id ?? null}) as answer`, {
      // with a key, a second time is the same time
      repeatable: (body.key ?? null) !== null,
    });
    background(worker.wake());
    return c.json(row!.answer, 202);
  });

  addWebhookRoutes(app, dependencies);
  addHookRoutes(app, dependencies);
  addStepRoutes(app, dependencies);

  addWorkRoute(app, dependencies);

  return app.build();
}
