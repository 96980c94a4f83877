// The typed client through the real supabase-js, against the running stack.
import assert from "node:assert/strict";
import { createTandem, type Definition, type Result, type Tandem } from "shared/client.ts";
import { anonymous, service, signUp, type User } from "../stack.ts";

async function someone(name = "user"): Promise<User & { tandem: Tandem }> {
  const user = await signUp(name);
  return { ...user, tandem: createTandem(user.client) };
}

async function data<T>(call: Promise<Result<T>> | Result<T>): Promise<T> {
  const { data, error } = await call;
  if (error) throw new Error(JSON.stringify(error));
  return data;
}

/** The error's code and status. */
async function refusal(call: Promise<Result<unknown>>): Promise<string> {
  const { data, error } = await call;
  assert.equal(data, null);
  return `${error!.status} ${error!.code}`;
}

const steps = (...texts: string[]): Definition => ({
  nodes: [
    { id: "start", type: "TRIGGER", subtype: "MANUAL", position: { x: 0, y: 0 } },
    ...texts.map((text, i) => ({
      id: `step_${i}`,
      name: text,
      type: "ACTION",
      subtype: "TRANSFORM",
      parameters: { output: { text, snake_case: "{{ $.trigger.someCase }}" } },
    })),
  ],
  connections: texts.map((_, i) => ({ source: i === 0 ? "start" : `step_${i - 1}`, target: `step_${i}` })),
});

const bot = {
  name: "Momentum Strategy",
  description: "Buy markets with >5% momentum in politics category",
  tags: ["momentum", "politics"],
  nodes: [
    {
      id: "node-1",
      type: "polymarket-stream",
      position: { x: 100, y: 100 },
      data: { config: { categories: ["Politics"], min_volume: 1 } },
    },
    {
      id: "node-2",
      type: "filter",
      position: { x: 300, y: 100 },
      selected: true,
      data: { label: "Rising", config: { conditions: [{ field: "momentum", operator: "gt", value: 0.05 }] } },
    },
  ],
  edges: [{ id: "edge-1", source: "node-1", target: "node-2", animated: true }],
};

Deno.test("a workflow is created, saved, versioned, compared and restored", async () => {
  const { tandem: { workflows }, id: userId } = await someone();
  const created = await data(workflows.createWorkflow(bot));
  assert.equal(created.name, bot.name);
  assert.equal(created.userId, userId);
  assert.deepEqual([created.status, created.currentVersion, created.revision], ["draft", 1, 1]);
  assert.match(created.createdAt, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(Object.keys(created).filter((key) => key.includes("_")), []);

  // the graph comes back as it was
  const loaded = await data(workflows.getWorkflow(created.id));
  assert.deepEqual(loaded.nodes, bot.nodes);
  assert.deepEqual(loaded.edges, bot.edges);
  assert.equal(loaded.definition.nodes[0]!.subtype, "polymarket-stream");
  assert.deepEqual([loaded.version, loaded.isLocked, loaded.isFavorite], [1, false, false]);

  // in place, while nothing depends on the version
  const nodes = [...loaded.nodes, { id: "node-3", position: { x: 500, y: 100 }, data: {} }];
  const settings = { timeout_seconds: 60 };
  const saved = await data(workflows.updateWorkflow(created.id, {
    nodes,
    edges: loaded.edges,
    settings,
    viewport: { x: 0, y: 10, zoom: 1.5 },
    revision: loaded.revision,
    folder: "bots/live",
    iconUrl: "https://example.com/i.png",
  }));
  assert.deepEqual([saved.currentVersion, saved.folder, saved.iconUrl], [1, "bots/live", "https://example.com/i.png"]);
  assert.ok(saved.revision > loaded.revision);

  // who saw the one before is told what is there now
  const late = await workflows.updateWorkflow(created.id, { nodes: [], edges: [], revision: loaded.revision });
  assert.deepEqual([late.error?.status, late.error?.code], [409, "workflow_changed"]);
  assert.equal(late.error!.details!.revision, saved.revision);
  assert.equal(late.error!.details!.currentVersion, 1);
  assert.ok(late.error!.details!.updatedAt);

  // what React Flow does not know stays
  await data(workflows.updateWorkflow(created.id, { nodes, edges: [] }));
  const again = await data(workflows.getWorkflow(created.id));
  assert.deepEqual(again.definition.settings, settings);
  assert.deepEqual(again.viewport, { x: 0, y: 10, zoom: 1.5 });
  assert.deepEqual(again.edges, []);
  assert.deepEqual(again.nodes, nodes);

  // null takes away, what is not said stays
  const renamed = await data(
    workflows.updateWorkflow(created.id, { name: "Renamed", description: null, folder: null }),
  );
  assert.deepEqual([renamed.name, renamed.description, renamed.folder, renamed.iconUrl], [
    "Renamed",
    null,
    null,
    "https://example.com/i.png",
  ]);

  const second = await data(workflows.createVersion(created.id, { nodes: bot.nodes, edges: bot.edges, note: "Two" }));
  assert.deepEqual([second.version, second.parentVersion, second.note], [2, 1, "Two"]);
  assert.deepEqual(second.nodes, bot.nodes);
  assert.deepEqual(second.definition.settings, settings);

  const diff = await data(workflows.diffVersions(created.id, 1, 2));
  assert.deepEqual(diff.nodes.removed.map((node) => node.nodeId ?? node.id), ["node-3"]);
  assert.equal(diff.connections.added.length, 1);
  assert.deepEqual([diff.isEquivalent, diff.isIdentical], [false, false]);
  assert.equal((await data(workflows.diffVersions(created.id, 2, 2))).isIdentical, true);

  const restored = await data(workflows.restoreVersion(created.id, 1, { note: "Back" }));
  assert.equal(restored.version, 3);
  assert.deepEqual(restored.nodes, nodes);

  const history = await workflows.getVersionHistory(created.id);
  assert.deepEqual(history.data!.map((version) => version.version), [3, 2, 1]);
  assert.deepEqual(history.data!.map((version) => version.isCurrent), [true, false, false]);
  assert.deepEqual((await data(workflows.getVersionHistory("Renamed"))).length, 3);
  const page = await workflows.getVersionHistory(created.id, { limit: 1 });
  assert.equal(page.nextBefore, 3);
  const next = await workflows.getVersionHistory(created.id, { limit: 1, before: page.nextBefore! });
  assert.equal(next.data![0]!.version, 2);
  assert.deepEqual((await data(workflows.getWorkflow(created.id, 2))).nodes, bot.nodes);
  assert.equal((await data(workflows.purgeVersions(created.id, 1))).removed, 2);
});

Deno.test("two editors who save only the graph take turns", async () => {
  const { tandem: { workflows } } = await someone();
  const { id } = await data(workflows.createWorkflow({ name: "shared", definition: steps("a") }));
  const { nodes, edges } = await data(workflows.getWorkflow(id));
  const answers = await Promise.all(
    [1, 2, 3].map((i) => workflows.updateWorkflow(id, { nodes, edges, settings: { max_concurrency: i } })),
  );
  assert.deepEqual(answers.map((answer) => answer.error), [null, null, null]);
});

Deno.test("workflows are found by every filter, in every order, page by page", async () => {
  const { tandem: { workflows, sessions }, client, id: userId } = await someone();
  const session = await data(sessions.createSession({ title: "Chat", metadata: { snake_case: 1, camelCase: 2 } }));
  const make = (name: string, more: object = {}) =>
    data(workflows.createWorkflow({ name, definition: steps("Fetch weather"), ...more }));
  const alpha = await make("Alpha momentum", { tags: ["a", "b"], folder: "ops" });
  const beta = await make("Beta", { tags: ["a"], folder: "ops/mail", description: "Watches momentum" });
  const gamma = await make("Gamma", { sessionId: session.id });
  const delta = await make("Delta");
  const names = async (filters: Parameters<typeof workflows.listWorkflows>[0]) =>
    (await data(workflows.listWorkflows(filters))).map((workflow) => workflow.name);

  assert.deepEqual(await names({}), ["Delta", "Gamma", "Beta", "Alpha momentum"]);
  assert.deepEqual(await names({ orderBy: "updated_at", orderDirection: "asc" }), [
    "Alpha momentum",
    "Beta",
    "Gamma",
    "Delta",
  ]);
  assert.deepEqual(await names({ orderBy: "name" }), ["Alpha momentum", "Beta", "Delta", "Gamma"]);
  assert.deepEqual(await names({ orderBy: "createdAt", orderDirection: "desc", limit: 2 }), ["Delta", "Gamma"]);
  assert.deepEqual(await names({ tags: ["a"], orderBy: "name" }), ["Alpha momentum", "Beta"]);
  assert.deepEqual(await names({ tags: ["a", "b"] }), ["Alpha momentum"]);
  assert.deepEqual(await names({ folder: "ops" }), ["Alpha momentum"]);
  assert.deepEqual(await names({ folder: "ops", includeSubfolders: true, orderBy: "name" }), [
    "Alpha momentum",
    "Beta",
  ]);
  assert.deepEqual(await names({ folder: "" }), ["Delta", "Gamma"]);
  assert.deepEqual(await names({ sessionId: session.id }), ["Gamma"]);
  assert.deepEqual((await names({ createdBy: userId })).length, 4);
  assert.deepEqual(await names({ searchQuery: "momentum" }), ["Alpha momentum", "Beta"]);
  assert.deepEqual(await names({ searchQuery: "momentum", tags: ["a", "b"] }), ["Alpha momentum"]);
  assert.deepEqual((await names({ searchQuery: "weath" })).length, 4, "by the names of nodes, unfinished");
  assert.deepEqual(await names({ workspaceId: alpha.workspaceId, isCurrentVersion: true, limit: 1 }), ["Delta"]);

  assert.deepEqual(await data(workflows.toggleFavorite(beta.id, true)), { id: beta.id, isFavorite: true });
  assert.deepEqual(await names({ isFavorite: true }), ["Beta"]);
  assert.equal((await data(workflows.getWorkflow(beta.id))).isFavorite, true);
  assert.equal((await data(workflows.toggleFavorite(beta.id))).isFavorite, false);
  assert.deepEqual(await names({ isFavorite: true }), []);

  assert.equal((await data(workflows.pause(delta.id))).status, "paused");
  assert.deepEqual(await names({ status: "paused" }), ["Delta"]);
  assert.equal((await data(workflows.activate(delta.id))).status, "active");
  assert.deepEqual(await names({ status: "active" }), ["Delta"]);
  assert.equal((await data(workflows.archiveWorkflow(gamma.id))).status, "archived");
  assert.deepEqual(await names({ status: ["archived", "active"], orderBy: "name" }), ["Delta", "Gamma"]);
  assert.deepEqual((await names({})).length, 3);
  assert.equal((await data(workflows.unarchive(gamma.id))).status, "draft");
  assert.deepEqual(await names({ isDeployed: true }), []);

  // pages, by cursor and by offset
  const first = await workflows.listWorkflows({ orderBy: "name", limit: 3, withTotal: true });
  assert.deepEqual([first.data!.length, first.total], [3, 4]);
  assert.deepEqual(await names({ orderBy: "name", limit: 3, cursor: first.nextCursor! }), ["Gamma"]);
  assert.deepEqual(await names({ orderBy: "name", limit: 3, offset: 3 }), ["Gamma"]);
  assert.equal(await refusal(workflows.listWorkflows({ orderBy: "colour" as "name" })), "422 order_invalid");

  assert.deepEqual(await data(workflows.listFolders()), [
    { folder: "ops", workflows: 1, workflowsBelow: 2 },
    { folder: "ops/mail", workflows: 1, workflowsBelow: 1 },
  ]);
  assert.deepEqual(await data(workflows.listTags()), [{ tag: "a", workflows: 2 }, { tag: "b", workflows: 1 }]);

  // sessions
  assert.deepEqual(session.metadata, { snake_case: 1, camelCase: 2 });
  const changed = await data(sessions.updateSession(session.id, { title: null }));
  assert.equal(changed.title, null);
  assert.deepEqual((await data(sessions.listSessions())).map((one) => one.id), [session.id]);
  await data(sessions.deleteSession(session.id));
  assert.equal((await data(workflows.getWorkflow(gamma.id))).sessionId, null);
  void client;
});

Deno.test("a public template is everybody's to copy, without what is its workspace's", async () => {
  const [author, other] = await Promise.all([someone("author"), someone("other")]);
  const definition = steps("one");
  definition.pin_data = { step_0: { secret: 1 } };
  const name = `Template ${crypto.randomUUID()}`;
  const { id } = await data(author.tandem.workflows.createWorkflow({ name, definition }));
  assert.equal(await refusal(other.tandem.workflows.getWorkflow(id)), "404 workflow_not_found");
  const published = await data(author.tandem.workflows.updateWorkflow(id, {
    isTemplate: true,
    isPublic: true,
    templateCategory: "weather",
  }));
  assert.deepEqual([published.isTemplate, published.isPublic, published.templateCategory], [true, true, "weather"]);

  const found = await data(other.tandem.workflows.listTemplates({ templateCategory: "weather", searchQuery: name }));
  assert.deepEqual(found.map((template) => template.id), [id]);
  const seen = await data(other.tandem.workflows.getWorkflow(id));
  assert.equal(seen.definition.pin_data, undefined);
  assert.match(await refusal(other.tandem.workflows.updateWorkflow(id, { name: "mine" })), /^(403|404) /);

  const copy = await data(other.tandem.workflows.createFromTemplate(id, "My copy"));
  assert.deepEqual([copy.name, copy.isTemplate, copy.userId], ["My copy", false, other.id]);
  assert.notEqual(copy.workspaceId, published.workspaceId);
  assert.ok(copy.removed.length > 0);
  assert.deepEqual(
    (await data(author.tandem.workflows.listTemplates({ workspaceId: published.workspaceId }))).length,
    1,
  );

  const own = await data(author.tandem.workflows.duplicateWorkflow(id));
  assert.deepEqual([own.name, own.removed], [`${name} (copy)`, []]);
});

Deno.test("an execution is started, awaited, counted and listed", async () => {
  const { tandem: { workflows, executions } } = await someone();
  const { id } = await data(workflows.createWorkflow({ name: "run", definition: steps("hello") }));
  const input = { someCase: "kept", snake_case: { deepKey: 1 } };
  const started = await data(executions.startExecution(id, { input, idempotencyKey: "k", priority: 5 }));
  assert.deepEqual([started.workflowId, started.version, started.mode, started.priority], [id, 1, "MANUAL", 5]);
  assert.equal((await data(executions.startExecution(id, { input, idempotencyKey: "k" }))).id, started.id);
  assert.equal(
    await refusal(executions.startExecution(id, { input: {}, idempotencyKey: "k" })),
    "409 idempotency_key_reused",
  );

  const done = await data(executions.waitForExecution(started.id));
  assert.equal(done.status, "SUCCESS");
  assert.deepEqual(done.input, input);
  assert.deepEqual(done.outputs, { step_0: { text: "hello", snake_case: "kept" } });
  assert.deepEqual(done.nodes.map((node) => [node.nodeId, node.status]), [["start", "SUCCESS"], ["step_0", "SUCCESS"]]);
  assert.deepEqual([done.error, done.errorMessage, done.children], [null, null, []]);
  assert.ok(done.durationMs! >= 0);

  // what was executed never changes
  const saved = await data(workflows.updateWorkflow(id, { definition: steps("hello", "world") }));
  assert.equal(saved.currentVersion, 2);

  const failing = steps("x");
  failing.nodes.push({
    id: "stop",
    type: "FLOW",
    subtype: "STOP",
    parameters: { status: "ERROR", message: "No luck" },
  });
  failing.connections.push({ source: "step_0", target: "stop" });
  await data(workflows.updateWorkflow(id, { definition: failing }));
  const failed = await data(executions.waitForExecution((await data(executions.startExecution(id))).id));
  assert.equal(failed.status, "ERROR");
  assert.match(failed.errorMessage!, /No luck/);
  const retried = await data(executions.retry(failed.id));
  assert.deepEqual([retried.retryOf, retried.mode], [failed.id, "RETRY"]);
  await data(executions.waitForExecution(retried.id));

  const stats = await data(executions.getExecutionStats(id));
  assert.deepEqual([stats.totalExecutions, stats.successfulExecutions, stats.failedExecutions], [3, 1, 2]);
  assert.ok(stats.avgDurationMs! >= 0 && stats.successRate! > 0.3 && stats.successRate! < 0.4);
  assert.equal((await data(executions.getExecutionStats(id, new Date(Date.now() + 1e6)))).totalExecutions, 0);

  const ids = async (filters: object) =>
    (await data(executions.listExecutions({ workflowId: id, ...filters }))).map((execution) => execution.id);
  assert.deepEqual(await ids({}), [retried.id, failed.id, started.id]);
  assert.deepEqual(await ids({ status: "completed" }), [started.id]);
  assert.deepEqual(await ids({ status: ["failed", "SUCCESS"], orderDirection: "asc" }), [
    started.id,
    failed.id,
    retried.id,
  ]);
  assert.deepEqual(await ids({ mode: "RETRY" }), [retried.id]);
  assert.deepEqual(await ids({ version: 1 }), [started.id]);
  assert.deepEqual(await ids({ until: failed.createdAt }), [started.id]);
  assert.deepEqual(await ids({ since: failed.createdAt }), [retried.id, failed.id]);
  const page = await executions.listExecutions({ workflowId: id, limit: 2, withTotal: true, withData: false });
  assert.deepEqual([page.total, page.data!.length, page.data![0]!.input], [3, 2, undefined]);
  assert.deepEqual(await ids({ cursor: page.nextCursor, limit: 2 }), [started.id]);
  assert.deepEqual(await ids({ offset: 2 }), [started.id]);
});

Deno.test("an execution waits for an event, is paused, resumed and canceled", async () => {
  const { tandem: { workflows, executions } } = await someone();
  const { id } = await data(workflows.createWorkflow({
    name: "wait",
    definition: {
      nodes: [
        { id: "start", type: "TRIGGER", subtype: "MANUAL" },
        { id: "wait", type: "FLOW", subtype: "WAIT", parameters: { event: "go" } },
      ],
      connections: [{ source: "start", target: "wait" }],
    },
  }));
  const [first, second] = [await data(executions.startExecution(id)), await data(executions.startExecution(id))];
  assert.equal(
    await refusal(executions.waitForExecution(first.id, { timeoutMs: 50 })),
    "0 wait_timeout",
  );
  const controller = new AbortController();
  const waiting = executions.waitForExecution(first.id, { signal: controller.signal, minIntervalMs: 20_000 });
  controller.abort();
  assert.equal(await refusal(waiting), "0 aborted");

  assert.equal((await data(executions.pause(second.id, "lunch"))).status, "PAUSED");
  assert.equal((await data(executions.resume(second.id))).status, "RUNNING");
  assert.equal(await refusal(executions.resume(second.id)), "409 execution_not_paused");
  const canceled = await data(executions.cancelExecution(second.id, "enough"));
  assert.deepEqual([canceled.status, canceled.errorMessage], ["CANCELED", "enough"]);
  assert.deepEqual((await data(executions.listExecutions({ workflowId: id, status: "running" }))).map((e) => e.id), [
    first.id,
  ]);

  const event = await data(executions.sendEvent("go", { user_key: 1 }));
  assert.equal(event.created, true);
  const done = await data(executions.waitForExecution(first.id));
  assert.equal(done.status, "SUCCESS");
  assert.equal(await refusal(executions.waitForExecution(crypto.randomUUID())), "404 execution_not_found");
});

Deno.test("a caller runs an execution himself, and says how it ended", async () => {
  const { tandem: { workflows, executions } } = await someone();
  const { id } = await data(workflows.createWorkflow(bot));
  const start = () => data(executions.startExecution(id, { executedByCaller: true, input: { x: 1 } }));

  const first = await start();
  assert.deepEqual([first.status, first.executedByCaller], ["RUNNING", true]);
  const result = { "node-1": { some_markets: [1] }, "node-2": { filteredOnes: [] } };
  const done = await data(executions.completeExecution(first.id, {
    status: "completed",
    nodesExecuted: 5,
    outputs: result,
  }));
  assert.deepEqual([done.status, done.nodesExecuted, done.outputs], ["SUCCESS", 5, result]);
  // an answer that was lost is asked for again; another end is refused
  await data(executions.completeExecution(first.id, { status: "SUCCESS", nodesExecuted: 5, outputs: result }));
  assert.equal(await refusal(executions.completeExecution(first.id, { status: "failed" })), "409 execution_ended");

  const second = await start();
  const errors = [{ nodeId: "node-2", nodeType: "filter", error: "Invalid config", timestamp: 1761177600000 }];
  await data(executions.completeExecution(second.id, {
    status: "failed",
    nodesExecuted: 2,
    errorMessage: 'Node "filter" failed: Invalid configuration',
    errors,
  }));
  const failed = await data(executions.getExecution(second.id));
  assert.equal(failed.status, "ERROR");
  assert.equal(failed.errorMessage, 'Node "filter" failed: Invalid configuration');
  assert.deepEqual([failed.errors, failed.error!.node_id, failed.nodesExecuted], [errors, "node-2", 2]);

  const stats = await data(executions.getExecutionStats(id));
  assert.equal(stats.successfulExecutions / stats.totalExecutions, 0.5);
  // the engine's own are not the caller's to end
  const { id: other } = await data(workflows.createWorkflow({ name: "engine", definition: steps("x") }));
  const own = await data(executions.startExecution(other));
  assert.equal(
    await refusal(executions.completeExecution(own.id, { status: "completed" })),
    "409 execution_not_by_caller",
  );
});

Deno.test("a workflow is validated, deployed, scheduled, rolled back and taken out of service", async () => {
  const { tandem: { workflows, executions, schedules } } = await someone();
  const definition = steps("x");
  definition.nodes.push(
    { id: "hook", type: "TRIGGER", subtype: "WEBHOOK", parameters: { path: "orders/:id" } },
    {
      id: "nightly",
      type: "TRIGGER",
      subtype: "CRON",
      parameters: { expression: "0 3 * * *", timezone: "Europe/Paris" },
    },
  );
  definition.connections.push({ source: "hook", target: "step_0" }, { source: "nightly", target: "step_0" });
  assert.deepEqual((await data(workflows.validate({ definition }))).valid, true);
  const { id, workspaceId } = await data(workflows.createWorkflow({ name: "live", definition }));

  // a graph that the engine does not know is a draft: it may be saved, not deployed
  const foreign = await data(workflows.createWorkflow(bot));
  const { data: checked } = await workflows.validate({ nodes: bot.nodes, edges: bot.edges }, workspaceId);
  assert.equal(checked!.valid, false);
  assert.deepEqual(
    checked!.diagnostics.filter((one) => one.code === "node_type_unknown").map((one) => one.nodeId),
    ["node-1", "node-2"],
  );
  const { error } = await workflows.deploy(foreign.id);
  assert.deepEqual([error!.status, error!.code], [422, "definition_invalid"]);
  assert.ok((error!.details!.problems as { nodeId: string }[]).some((problem) => problem.nodeId === "node-1"));

  const deployed = await data(workflows.deploy(id, { note: "First" }));
  assert.deepEqual([deployed.deployment.version, deployed.deployment.status], [1, "DEPLOYED"]);
  const hook = deployed.triggers.find((trigger) => trigger.nodeId === "hook")!;
  const answer = await fetch(`${hook.url!.replace(":id", "7")}`, { method: "POST", body: "{}" });
  assert.equal(answer.status, 202);
  const { execution_id } = await answer.json();
  assert.equal((await data(executions.waitForExecution(execution_id))).mode, "WEBHOOK");

  const [schedule] = await data(schedules.listSchedules({ workflowId: id }));
  assert.deepEqual([schedule!.nodeId, schedule!.timezone], ["nightly", "Europe/Paris"]);
  const [next] = await data(schedules.nextRuns("0 3 * * *", { timezone: "Europe/Paris", count: 1 }));
  assert.equal(Date.parse(next!), Date.parse(schedule!.nextRunAt!));
  assert.deepEqual(
    (await data(schedules.nextRuns("*/30 * * * *", { count: 2, after: new Date("2026-01-01T00:00:00Z") })))
      .map((run) => Date.parse(run)),
    [Date.parse("2026-01-01T00:30:00Z"), Date.parse("2026-01-01T01:00:00Z")],
  );
  assert.equal(await refusal(schedules.nextRuns("every day")), "422 cron_invalid");

  const rotated = await data(workflows.rotateTrigger(id, "hook"));
  assert.notEqual(rotated.id, hook.id);
  assert.equal(rotated.url, hook.url!.replace(hook.id, rotated.id));
  const listening = await data(workflows.listTriggers(id));
  assert.deepEqual(listening.map((trigger) => [trigger.nodeId, trigger.url]), [
    ["hook", rotated.url],
    ["nightly", undefined],
    ["start", undefined],
  ]);
  await data(workflows.updateWorkflow(id, { nodes: (await data(workflows.getWorkflow(id))).nodes, edges: [] }));
  assert.equal((await data(workflows.getWorkflow(id))).currentVersion, 2);
  await data(workflows.createVersion(id, { definition: { ...definition, settings: { timeout_seconds: 60 } } }));
  assert.equal((await data(workflows.deploy(id))).deployment.version, 3);
  assert.equal(await refusal(workflows.deleteWorkflow(id)), "409 workflow_in_use");
  assert.equal((await data(workflows.rollback(id))).deployment.version, 1);
  await data(workflows.undeploy(id, { note: "Enough" }));
  assert.equal((await data(workflows.getWorkflow(id))).deployedVersion, null);
  const history = await data(workflows.listDeployments(id));
  assert.deepEqual(history.map((one) => `${one.deploymentAction} ${one.deploymentVersion}`), [
    "UNDEPLOY 1",
    "ROLLBACK 1",
    "UPDATE 3",
    "DEPLOY 1",
  ]);
  const page = await workflows.listDeployments(id, { limit: 3 });
  assert.deepEqual((await data(workflows.listDeployments(id, { before: page.nextBefore! }))).length, 1);

  const remembered = await data(workflows.setStaticData(id, { last_seen: 1, camelCase: 2 }));
  assert.deepEqual([remembered.workflowId, remembered.data], [id, { last_seen: 1, camelCase: 2 }]);
  assert.deepEqual((await data(workflows.getWorkflow(id))).staticData, { last_seen: 1, camelCase: 2 });

  await data(workflows.archiveWorkflow(id));
  assert.deepEqual(await data(workflows.deleteWorkflow(id)), { id });
  assert.equal(await refusal(workflows.getWorkflow(id)), "404 workflow_not_found");
});

Deno.test("without functions deploying goes by SQL", async () => {
  const { client } = await someone();
  const { rpc, from } = client;
  const { workflows } = createTandem({ rpc: rpc.bind(client), from: from.bind(client) });
  const { id } = await data(workflows.createWorkflow({ name: "sql", definition: steps("x") }));
  const { deployment, triggers } = await data(workflows.deploy(id));
  assert.deepEqual([deployment.workflowId, deployment.version, triggers[0]!.nodeId], [id, 1, "start"]);
  await data(workflows.undeploy(id));
});

Deno.test("strangers see nothing and change nothing; nobody in particular neither", async () => {
  const [owner, stranger] = await Promise.all([someone(), someone("stranger")]);
  const { id } = await data(owner.tandem.workflows.createWorkflow({ name: "mine", definition: steps("x") }));
  const execution = await data(owner.tandem.executions.startExecution(id));
  const { workflows, executions } = stranger.tandem;
  for (
    const call of [
      workflows.getWorkflow(id),
      workflows.updateWorkflow(id, { name: "x" }),
      workflows.updateWorkflow(id, { nodes: [], edges: [] }),
      workflows.createVersion(id, {}),
      workflows.archiveWorkflow(id),
      workflows.deleteWorkflow(id),
      workflows.duplicateWorkflow(id),
      workflows.toggleFavorite(id, true),
      workflows.getVersionHistory(id),
      workflows.getVersionHistory("mine"),
      workflows.deploy(id),
      executions.startExecution(id),
      executions.getExecutionStats(id),
    ]
  ) assert.equal(await refusal(call), "404 workflow_not_found");
  assert.equal(await refusal(executions.getExecution(execution.id)), "404 execution_not_found");
  assert.deepEqual(await data(workflows.listWorkflows()), []);
  assert.deepEqual(await data(executions.listExecutions({ workflowId: id })), []);
  assert.equal((await data(owner.tandem.workflows.getWorkflow(id))).name, "mine");

  const nobody = createTandem(anonymous());
  assert.match(await refusal(nobody.workflows.getWorkflow(id)), /^(401|403) /);
  assert.match(await refusal(nobody.executions.listExecutions()), /^(401|403) /);
  const operator = createTandem(service());
  assert.equal((await data(operator.workflows.getWorkflow(id))).id, id);
});

Deno.test("what cannot be saved says where", async () => {
  const { tandem: { workflows } } = await someone();
  const broken = await workflows.createWorkflow({
    name: "broken",
    nodes: [{ id: "a", position: { x: 0, y: 0 }, data: {} }],
    edges: [{ id: "e", source: "a", target: "nobody" }],
  });
  assert.deepEqual([broken.error!.status, broken.error!.code], [422, "definition_invalid"]);
  assert.deepEqual(broken.error!.details!.problems, [{
    code: "connection_node_unknown",
    message: 'There is no node "nobody"',
    path: "$.edges[0].target",
  }]);
  const refused = await workflows.createWorkflow({
    name: "broken",
    definition: { nodes: [{ id: "a", type: "WHAT", subtype: "x" }], connections: [] },
  });
  assert.equal(refused.error!.code, "definition_invalid");
  assert.equal((refused.error!.details!.problems as { nodeId: string }[])[0]!.nodeId, "a");
  assert.equal(await refusal(workflows.createWorkflow({ name: " " })), "422 name_invalid");
  assert.match(await refusal(workflows.getWorkflow("not-an-id")), /^400 value_invalid$/);
  assert.match(await refusal(workflows.createWorkflow({ name: "nul \u0000" })), /^4\d\d /);
});
