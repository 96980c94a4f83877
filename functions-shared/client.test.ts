// The client with a transport that records what is asked and answers what the test wants.
import assert from "node:assert/strict";
import { camel, isoTime, toTandemError } from "./client/call.ts";
import { createTandem, type Definition, type SupabaseLike } from "./client.ts";

type Answer = { data?: unknown; error?: unknown; status?: number; count?: number | null };
type Call = { verb: string; args: Record<string, unknown> };

/** Answers verbs and, for tables, a query whose every step is recorded. */
function transport(answer: (name: string, args: Record<string, unknown>) => Answer | Promise<Answer>) {
  const calls: Call[] = [];
  const settled = async (verb: string, args: Record<string, unknown>) => {
    calls.push({ verb, args });
    return { data: null, error: null, ...await answer(verb, args) };
  };
  const client: SupabaseLike = {
    rpc: (name, args) => settled(name, args),
    from(table: string) {
      const steps: Record<string, unknown[]> = {};
      const query: unknown = new Proxy({}, {
        get: (_, step: string) => {
          if (step === "then") {
            const result = settled(table, steps);
            return result.then.bind(result);
          }
          return (...args: unknown[]) => (steps[step] = [...(steps[step] ?? []), ...args], query);
        },
      });
      return query;
    },
  };
  return { client, calls };
}

const id = "01890000-0000-7000-8000-000000000000";
const definition: Definition = { nodes: [], connections: [] };
const step = { appName: "a", windowTitle: "", elementPath: "", stepName: "s", workflowName: "w" };
/** Only they can do it, and the clients here have none. */
const byFunctions = /^steps\.(create|search|getState|getOutcome)/;
const row = {
  id,
  workspace_id: id,
  name: "n",
  definition,
  revision: 3,
  is_favorite: false,
  deleted_at: null,
  created_at: "2026-01-31 09:00:00.5+00",
};

Deno.test("nothing is called before a method is", () => {
  const { client, calls } = transport(() => ({}));
  createTandem(client);
  assert.deepEqual(calls, []);
});

/** Every method, with arguments that make sense. */
function everyMethod(client: SupabaseLike): Record<string, () => unknown> {
  const { workflows: w, executions: e, sessions: s, schedules: c, interactions: i, steps: t } = createTandem(client);
  const calls: Record<string, Record<string, () => unknown>> = {
    workflows: {
      listWorkflows: () => w.listWorkflows(),
      getWorkflow: () => w.getWorkflow(id),
      createWorkflow: () => w.createWorkflow({ name: "n" }),
      updateWorkflow: () => w.updateWorkflow(id, { nodes: [], edges: [] }),
      createVersion: () => w.createVersion(id),
      restoreVersion: () => w.restoreVersion(id, 1),
      diffVersions: () => w.diffVersions(id, 1, 2),
      getVersionHistory: () => w.getVersionHistory("by name"),
      purgeVersions: () => w.purgeVersions(id),
      deleteWorkflow: () => w.deleteWorkflow(id),
      archiveWorkflow: () => w.archiveWorkflow(id),
      unarchive: () => w.unarchive(id),
      pause: () => w.pause(id),
      activate: () => w.activate(id),
      duplicateWorkflow: () => w.duplicateWorkflow(id),
      toggleFavorite: () => w.toggleFavorite(id),
      listTemplates: () => w.listTemplates(),
      createFromTemplate: () => w.createFromTemplate(id),
      listFolders: () => w.listFolders(),
      listTags: () => w.listTags(),
      validate: () => w.validate({ definition }),
      deploy: () => w.deploy(id),
      undeploy: () => w.undeploy(id),
      rollback: () => w.rollback(id),
      listDeployments: () => w.listDeployments(id),
      listTriggers: () => w.listTriggers(id),
      rotateTrigger: () => w.rotateTrigger(id, "hook"),
      setStaticData: () => w.setStaticData(id, {}),
    },
    executions: {
      startExecution: () => e.startExecution(id),
      completeExecution: () => e.completeExecution(id, { status: "completed" }),
      listExecutions: () => e.listExecutions(),
      getExecutionStats: () => e.getExecutionStats(id),
      getExecution: () => e.getExecution(id),
      cancelExecution: () => e.cancelExecution(id),
      pause: () => e.pause(id),
      resume: () => e.resume(id),
      retry: () => e.retry(id),
      sendEvent: () => e.sendEvent("n"),
      waitForExecution: () => e.waitForExecution(id, { timeoutMs: 5, minIntervalMs: 1 }),
      subscribe: () => e.subscribe(id, () => {}),
    },
    sessions: {
      createSession: () => s.createSession(),
      updateSession: () => s.updateSession(id, {}),
      deleteSession: () => s.deleteSession(id),
      listSessions: () => s.listSessions(),
    },
    schedules: { nextRuns: () => c.nextRuns("@daily"), listSchedules: () => c.listSchedules() },
    interactions: {
      listMyInteractions: () => i.listMyInteractions(),
      respond: () => i.respond(id, { decision: "approve" }),
      reassign: () => i.reassign(id, [{ role: "admin" }]),
      cancel: () => i.cancel(id),
    },
    steps: {
      createStep: () => t.createStep(step),
      createSteps: () => t.createSteps([step]),
      searchSteps: () => t.searchSteps({ searchQuery: "save" }),
      getStep: () => t.getStep(id),
      getState: () => t.getState(id),
      getOutcome: () => t.getOutcome(id),
      deleteStep: () => t.deleteStep(id),
      recordOutcome: () => t.recordOutcome(id, { success: true }),
      recordOutcomes: () => t.recordOutcomes([{ stepId: id, success: true }]),
      getStepStats: () => t.getStepStats(),
      getEmbeddingStatus: () => t.getEmbeddingStatus(),
    },
  };
  const tandem = createTandem(client) as unknown as Record<string, Record<string, unknown>>;
  for (const [part, methods] of Object.entries(tandem)) {
    assert.deepEqual(Object.keys(calls[part]!).sort(), Object.keys(methods).sort(), `every method of ${part} is here`);
  }
  return Object.fromEntries(
    Object.entries(calls).flatMap(([part, of]) => Object.entries(of).map(([name, call]) => [`${part}.${name}`, call])),
  );
}

Deno.test("no method throws, whatever becomes of the call", async () => {
  const declared = { code: "PT404", message: "No", details: "workflow_not_found", hint: "Look." };
  const broken: Record<string, [client: SupabaseLike, codes: RegExp]> = {
    "the network throws": [
      transport(() => {
        throw new TypeError("fetch failed");
      }).client,
      /^network_error$/,
    ],
    "the network rejects": [transport(() => Promise.reject(new TypeError("fetch failed"))).client, /^network_error$/],
    "supabase-js tells of no network": [
      transport(() => ({ error: { message: "TypeError: fetch failed", code: "" }, status: 0 })).client,
      /^network_error$/,
    ],
    "the client is none": [{} as SupabaseLike, /^network_error$/],
    "a verb refuses": [transport(() => ({ error: declared, status: 404 })).client, /^workflow_not_found$/],
    "a gateway answers a page": [
      transport(() => ({ error: { message: "<html>Bad gateway</html>" }, status: 502 })).client,
      /^database_unavailable$/,
    ],
    "an answer makes no sense": [transport(() => ({ data: 7 })).client, /./],
    "there is no answer": [transport(() => ({ data: undefined })).client, /./],
  };
  for (const [what, [client, codes]] of Object.entries(broken)) {
    for (const [name, call] of Object.entries(everyMethod(client))) {
      const answer = await call() as { data: unknown; error: { code: string; message: string; status: number } | null };
      assert.ok("data" in answer && "error" in answer, `${name}: ${what}`);
      if (answer.error === null) {
        assert.match(what, /^an answer makes|^there is no/, `${name}: ${what}`);
        continue;
      }
      assert.equal(answer.data, null, name);
      assert.equal(typeof answer.error.message, "string");
      assert.equal(typeof answer.error.status, "number");
      if (name === "executions.subscribe") continue;
      assert.match(answer.error.code, byFunctions.test(name) ? /^functions_needed$/ : codes, `${name}: ${what}`);
    }
  }
});

Deno.test("errors have stable codes, statuses and what is known besides", () => {
  const known: [error: Record<string, unknown>, status: number | undefined, expected: Record<string, unknown>][] = [
    [
      { code: "PT409", message: "m", details: "workflow_changed", hint: '{"current_version": 3, "hint": "Load it."}' },
      409,
      { code: "workflow_changed", status: 409, message: "m", details: { currentVersion: 3 }, hint: "Load it." },
    ],
    [
      { code: "PT422", message: "m", details: "definition_invalid", hint: '[{"code": "c", "node_id": "snake_case"}]' },
      422,
      {
        code: "definition_invalid",
        status: 422,
        message: "m",
        details: { problems: [{ code: "c", nodeId: "snake_case" }] },
      },
    ],
    [{ code: "PT403", message: "m", details: "role_insufficient", hint: "Ask." }, 403, {
      code: "role_insufficient",
      status: 403,
      message: "m",
      hint: "Ask.",
    }],
    [{ code: "PT400", message: "m", details: "x", hint: "{no json" }, 400, {
      code: "x",
      status: 400,
      message: "m",
      hint: "{no json",
    }],
    [{ code: "PGRST303", message: "JWT expired", details: null, hint: null }, 401, {
      code: "token_expired",
      status: 401,
      message: "JWT expired",
      details: { code: "PGRST303" },
    }],
    [{ code: "42501", message: "permission denied", details: null, hint: null }, 403, {
      code: "forbidden",
      status: 403,
      message: "permission denied",
      details: { code: "42501" },
    }],
    [{ code: "22P02", message: "bad uuid" }, 400, {
      code: "value_invalid",
      status: 400,
      message: "bad uuid",
      details: { code: "22P02" },
    }],
    [{ code: "57014", message: "too long" }, 500, {
      code: "timeout",
      status: 504,
      message: "too long",
      details: { code: "57014" },
    }],
  ];
  for (const [error, status, expected] of known) assert.deepEqual(toTandemError(error, status), expected);
  assert.equal(toTandemError({ message: "AbortError: The operation was aborted", code: "" }, 0).code, "aborted");
  assert.equal(toTandemError({ message: "" }, 500).code, "internal_error");
});

Deno.test("only a row's own keys are renamed, and only its own times", () => {
  const user = { snake_case: { inner_key: ["a_b"], camelCase: 1 }, created_at: "2026-01-31 09:00:00+00" };
  assert.deepEqual(camel({ input: user, workflow_id: 1, p50_duration_ms: 2, created_at: "2026-01-31 09:00:00+02" }), {
    input: user,
    workflowId: 1,
    p50DurationMs: 2,
    createdAt: "2026-01-31T09:00:00+02:00",
  });
  assert.equal(isoTime("2026-01-31T09:00:00.123456+00:00"), "2026-01-31T09:00:00.123456+00:00");
  assert.equal(isoTime("2026-01-31 09:00:00.5+05:30"), "2026-01-31T09:00:00.5+05:30");
  assert.equal(isoTime(null), null);
});

Deno.test("filters are parameters of the verb, under its names", async () => {
  const { client, calls } = transport(() => ({ data: { workflows: [row], total: 1, next_cursor: "c" } }));
  const { workflows } = createTandem(client);
  const answer = await workflows.listWorkflows({
    status: "active",
    tags: ["a"],
    isFavorite: false,
    searchQuery: "momentum",
    isCurrentVersion: true,
    orderBy: "latestExecution",
    orderDirection: "asc",
    limit: 20,
    withTotal: true,
  });
  assert.deepEqual(calls, [{
    verb: "list_workflows",
    args: {
      status: ["active"],
      tags: ["a"],
      is_favorite: false,
      query: "momentum",
      order_by: "latest_execution",
      order_direction: "asc",
      page_size: 20,
      with_total: true,
    },
  }]);
  assert.deepEqual([answer.total, answer.nextCursor], [1, "c"]);
  assert.equal("deletedAt" in answer.data![0]!, false);
  assert.equal(answer.data![0]!.createdAt, "2026-01-31T09:00:00.5+00:00");
});

Deno.test("what was left out is left out, and null takes away", async () => {
  const { client, calls } = transport(() => ({ data: row }));
  const { workflows } = createTandem(client);
  await workflows.updateWorkflow(id, { name: "x", description: null, folder: undefined });
  assert.deepEqual(calls, [{ verb: "update_workflow", args: { workflow_id: id, name: "x", description: "" } }]);
});

Deno.test("a graph is saved over the definition that was read, again where that has changed meanwhile", async () => {
  let revision = 3;
  const { client, calls } = transport((verb, args) => {
    if (verb === "get_workflow") {
      return { data: { ...row, revision, definition: { ...definition, settings: { a: revision } } } };
    }
    if (args.revision === 5) return { data: row };
    revision++;
    return { error: { code: "PT409", message: "changed", details: "workflow_changed", hint: "{}" }, status: 409 };
  });
  const { workflows } = createTandem(client);
  assert.equal((await workflows.updateWorkflow(id, { nodes: [], edges: [] })).error, null);
  assert.deepEqual(calls.map((call) => call.verb), Array(3).fill(["get_workflow", "update_workflow"]).flat());
  assert.deepEqual(calls.at(-1)!.args, {
    workflow_id: id,
    revision: 5,
    definition: { nodes: [], connections: [], settings: { a: 5 } },
  });

  // who names the revision that he saw is told instead
  calls.length = 0;
  const { error } = await workflows.updateWorkflow(id, { nodes: [], edges: [], revision: 4 });
  assert.deepEqual([error!.code, calls.length], ["workflow_changed", 2]);
  // and with a definition nothing is read
  calls.length = 0;
  await workflows.createVersion(id, { definition, nodes: [], edges: [], revision: 5 });
  assert.deepEqual(calls, [{ verb: "create_workflow_version", args: { workflow_id: id, definition, revision: 5 } }]);
});

Deno.test("a name that several workflows have is not guessed", async () => {
  const named = (count: number) =>
    createTandem(
      transport((verb) => ({
        data: verb === "workflows" ? Array(count).fill({ id }) : { versions: [], next_before: null },
      })).client,
    ).workflows.getVersionHistory("My Strategy");
  assert.equal((await named(0)).error!.code, "workflow_not_found");
  assert.equal((await named(2)).error!.code, "workflow_name_ambiguous");
  assert.deepEqual((await named(1)).data, []);
});

Deno.test("statuses of both vocabularies are understood", async () => {
  const { client, calls } = transport((verb) => ({
    data: verb === "workflow_executions" ? [] : { id, status: "ERROR" },
  }));
  const { executions } = createTandem(client);
  const errors = [{ nodeId: "node-2", nodeType: "filter", error: "Invalid config", timestamp: 1 }];
  await executions.completeExecution(id, { status: "failed", nodesExecuted: 2, errorMessage: "No", errors });
  await executions.completeExecution(id, { status: "SUCCESS", outputs: { node_1: { someKey: 1 } } });
  assert.deepEqual([...calls], [
    {
      verb: "complete_execution",
      args: {
        execution_id: id,
        status: "ERROR",
        error: { message: "No", details: { errors }, node_id: "node-2" },
        nodes_executed: 2,
      },
    },
    {
      verb: "complete_execution",
      args: { execution_id: id, status: "SUCCESS", outputs: { node_1: { someKey: 1 } } },
    },
  ]);
  await executions.listExecutions({ status: ["completed", "TIMEOUT"], workflowId: id });
  assert.deepEqual(calls[2]!.args.in, ["status", ["SUCCESS", "TIMEOUT"]]);
});

Deno.test("waiting asks again after growing intervals, also where an answer was lost", async () => {
  const asked: number[] = [];
  const { client } = transport((verb) => {
    if (verb === "get_execution") return { data: { execution: { id, status: "SUCCESS" }, nodes: [] } };
    asked.push(performance.now());
    if (asked.length === 2) return { error: { message: "fetch failed", code: "" }, status: 0 };
    return { data: [{ status: asked.length > 5 ? "SUCCESS" : "RUNNING" }] };
  });
  const { executions } = createTandem(client);
  const done = await executions.waitForExecution(id, { minIntervalMs: 20 });
  assert.equal(done.data!.status, "SUCCESS");
  assert.equal(asked.length, 6);
  // 20, 30, 45, 67 and 101 ms, each up to a quarter less
  assert.ok(asked[5]! - asked[4]! > 70, "intervals grow");
});

Deno.test("subscribing listens to the workspace's private topic", async () => {
  const heard: unknown[] = [];
  const topics: unknown[] = [];
  let tell: (message: unknown) => void = () => {};
  let isOpen = false;
  const channel = {
    on: (_kind: string, filter: unknown, listener: (message: unknown) => void) => {
      topics.push(filter);
      tell = listener;
      return channel;
    },
    subscribe: (listener: (state: string) => void) => {
      isOpen = true;
      listener("SUBSCRIBED");
      return channel;
    },
    unsubscribe: () => {
      isOpen = false;
      return Promise.resolve("ok");
    },
  };
  const { client } = transport(() => ({}));
  const { executions } = createTandem({
    ...client,
    channel: (...args: unknown[]) => (topics.push(args), channel),
  });
  const states: string[] = [];
  const { data } = executions.subscribe("w", (change) => heard.push(change), (state) => states.push(state));
  tell({ payload: { id, workflow_id: "x", status: "SUCCESS" } });
  assert.deepEqual(topics, [["workspace:w", { config: { private: true } }], { event: "execution" }]);
  assert.deepEqual(heard, [{ id, workflowId: "x", status: "SUCCESS" }]);
  assert.deepEqual([states, isOpen], [["SUBSCRIBED"], true]);
  await data!.unsubscribe();
  assert.equal(isOpen, false);
  assert.equal(createTandem(client).executions.subscribe("w", () => {}).error!.code, "realtime_unavailable");
});

Deno.test("deploying goes by the function, whose errors come with their request id", async () => {
  const invoked: unknown[] = [];
  const answers: { data: unknown; error: unknown }[] = [
    {
      data: {
        deployment: { workflow_id: id, version: 1, status: "DEPLOYED", deployed_at: null, deployed_by: null },
        triggers: [{ id, node_id: "hook", subtype: "WEBHOOK", url: "https://x" }],
        warnings: [{ code: "c", message: "m", node_id: "n", path: "$", severity: "warning" }],
      },
      error: null,
    },
    {
      data: null,
      error: {
        message: "Edge Function returned a non-2xx status code",
        context: Response.json({
          error: { code: "definition_invalid", message: "m", details: { problems: [{ node_id: "a" }] }, hint: "h" },
          request_id: "r",
        }, { status: 422 }),
      },
    },
    { data: null, error: { message: "Relay", context: new Response("<html>", { status: 503 }) } },
    { data: null, error: { message: "Failed to send", context: new TypeError("fetch failed") } },
  ];
  const { client } = transport(() => ({}));
  const { workflows } = createTandem({
    ...client,
    functions: {
      invoke: (name, options) => {
        invoked.push([name, options]);
        return Promise.resolve(answers[invoked.length - 1]!);
      },
    },
  });
  const { data } = await workflows.deploy(id, { version: 1, running: "cancel" });
  assert.deepEqual(invoked[0], [
    "deploy",
    { method: "POST", body: { workflow_id: id, version: 1, running: "cancel" } },
  ]);
  assert.deepEqual(data!.triggers, [{ id, nodeId: "hook", subtype: "WEBHOOK", url: "https://x" }]);
  assert.deepEqual([data!.warnings[0]!.nodeId, data!.canceled], ["n", 0]);
  assert.deepEqual((await workflows.undeploy(id)).error, {
    code: "definition_invalid",
    message: "m",
    status: 422,
    details: { problems: [{ nodeId: "a" }] },
    hint: "h",
    requestId: "r",
  });
  assert.deepEqual((await workflows.rollback(id)).error!.code, "database_unavailable");
  assert.deepEqual((await workflows.rollback(id)).error!.code, "network_error");
  assert.deepEqual(invoked.map((one) => (one as unknown[])[0]), [
    "deploy",
    "deploy/undeploy",
    "deploy/rollback",
    "deploy/rollback",
  ]);
});
