// What a viewer, an editor, a stranger and an anonymous caller get from each verb and each route. Verbs are read from
// the catalog and routes from the functions' OpenAPI documents, so that one without a line here fails.
import assert from "node:assert/strict";
import { asOperator, type Caller, type Cast, definition, makeCast, nobody, ok, request } from "./cast.ts";

const callers = ["viewer", "editor", "stranger", "anonymous"] as const;
type Expected = readonly [viewer: string, editor: string, stranger: string, anonymous: string];

const callerOf = (cast: Cast, name: typeof callers[number]): Caller => name === "anonymous" ? nobody() : cast[name];
const missing = crypto.randomUUID();
// what the Data API answers where nothing is granted
const denied = "401 42501";

// The workspace is the editors' to write and the viewers' to read; a stranger is told the same as of what is not there.
const write = (what: string, success = "200"): Expected => [
  "403 role_insufficient",
  success,
  `404 ${what}_not_found`,
  denied,
];
const manage: Expected = ["403 role_insufficient", "403 role_insufficient", "404 workspace_not_found", denied];
const administer = (what: string): Expected => [
  "403 role_insufficient",
  "403 role_insufficient",
  `404 ${what}_not_found`,
  denied,
];
const read = (what: string): Expected => ["200", "200", `404 ${what}_not_found`, denied];
const anyone: Expected = ["200", "200", "200", denied];
const none = (answer: string): Expected => [answer, answer, answer, denied];

async function addStep({ owner, workspace }: Cast): Promise<string> {
  const { id } = await ok(
    owner.client.from("workflow_steps").insert({
      workspace_id: workspace,
      app_name: "Chrome",
      window_title: "Shop",
      element_path: "/",
      step_name: "Pay",
      workflow_name: "Order",
    }).select("id").single(),
  );
  return id;
}

async function archiveStep(cast: Cast): Promise<string> {
  const id = await addStep(cast);
  await asOperator(async (sql) => {
    // the touch of an update would make it young again
    await sql`with old as (delete from public.workflow_steps where id = ${id} returning *)
      insert into public.archived_steps (id, workspace_id, step, archived_at)
      select id, workspace_id, to_jsonb(old) - '{search_vector,workflow_text_id}'::text[], now() from old`;
  });
  return id;
}

Deno.test("every caller gets from every verb of the Data API what the role allows", async () => {
  const cast = await makeCast();
  const { workspace, workflow, execution, integration, owner } = cast;
  const [spare, old] = [
    await ok(owner.client.rpc("create_workflow", { name: "Spare", workspace_id: workspace })),
    await ok(owner.client.rpc("create_workflow", { name: "Old", workspace_id: workspace })),
  ].map((made) => made.id);
  const asking = await ok(owner.client.rpc("create_workflow", {
    name: "Asking",
    workspace_id: workspace,
    definition: {
      nodes: [
        { id: "start", type: "TRIGGER", subtype: "MANUAL" },
        { id: "ask", type: "HUMAN_IN_THE_LOOP", subtype: "APPROVAL", parameters: { message: "?" } },
      ],
      connections: [{ source: "start", target: "ask" }],
    },
  }));
  const questions: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { id } = await ok(owner.client.rpc("start_execution", { workflow_id: asking.id }));
    questions.push(
      (await ok(owner.client.from("human_interactions").select("id").eq("execution_id", id).single())).id,
    );
  }
  const [toAnswer, toCancel, toReassign] = questions;
  const step = await addStep(cast);
  const { id: session } = await ok(owner.client.rpc("create_session", { workspace_id: workspace }));
  const verbs: Record<string, [parameters: Record<string, unknown>, expected: Expected]> = {
    accept_invitation: [{ token: "guess" }, none("404 invitation_not_found")],
    activate_workflow: [{ workflow_id: spare }, write("workflow")],
    archive_workflow: [{ workflow_id: old }, write("workflow")],
    assign_response: [{ response_id: missing, interaction_id: missing }, none("404 response_not_found")],
    cancel_interaction: [{ interaction_id: toCancel }, write("interaction")],
    list_my_interactions: [{ workspace_id: workspace }, read("workspace")],
    reassign_interaction: [{ interaction_id: toReassign, assignees: [{ role: "admin" }] }, write("interaction")],
    // a viewer has not been named
    respond_to_interaction: [{ interaction_id: toAnswer, decision: "approve" }, write("interaction")],
    cancel_execution: [{ execution_id: execution }, write("execution")],
    // the engine runs it: what is refused is not who asks
    complete_execution: [
      { execution_id: execution, status: "SUCCESS" },
      write("execution", "409 execution_not_by_caller"),
    ],
    create_session: [{ workspace_id: workspace }, write("workspace")],
    create_workflow: [{ name: "x", workspace_id: workspace }, write("workspace")],
    create_workflow_version: [{ workflow_id: workflow, definition }, write("workflow")],
    create_workspace: [{ name: "x" }, anyone],
    delete_execution_limit: [{ limit_id: missing }, none("404 execution_limit_not_found")],
    delete_integration: [{ integration_id: integration }, administer("integration")],
    delete_session: [{ session_id: session }, write("session", "403 role_insufficient")],
    // its owner's and the admins'
    delete_workflow: [{ workflow_id: old }, write("workflow", "403 role_insufficient")],
    deploy_workflow: [{ workflow_id: workflow }, write("workflow")],
    diff_workflow_versions: [{ workflow_id: workflow, a: 1, b: 1 }, read("workflow")],
    duplicate_workflow: [{ workflow_id: workflow }, write("workflow")],
    enable_function: [{ function_name: "none", workspace_id: workspace }, manage],
    explain_step_query: [{ search_query: "pay", workspace_id: workspace }, read("workspace")],
    get_deployment_history: [{ workflow_id: workflow }, read("workflow")],
    get_embedding_status: [{}, anyone],
    get_execution: [{ execution_id: execution }, read("execution")],
    get_execution_events: [{ execution_id: execution }, read("execution")],
    get_execution_stats: [{ workflow_id: workflow }, read("workflow")],
    get_version_history: [{ workflow_id: workflow }, read("workflow")],
    get_workflow: [{ workflow_id: workflow }, read("workflow")],
    increment_step_stats: [{ step_id: step, is_success: true }, write("step")],
    // a step that is not the caller's is told as unknown
    increment_step_stats_batch: [{ outcomes: [{ step_id: step, success: true }] }, [
      "403 role_insufficient",
      "200",
      "200",
      denied,
    ]],
    record_step_usage: [{ appeared: [step] }, anyone],
    restore_archived_step: [{ step_id: await archiveStep(cast) }, write("archived_step")],
    invite_member: [{ workspace_id: workspace, email: "x@example.com", role: "viewer" }, manage],
    next_runs: [{ expression: "@daily" }, anyone],
    list_folders: [{ workspace_id: workspace }, anyone],
    list_tags: [{ workspace_id: workspace }, anyone],
    list_workflows: [{ workspace_id: workspace }, read("workspace")],
    // the execution has ended: what is refused is not who asks
    pause_execution: [{ execution_id: execution }, write("execution", "409 execution_ended")],
    pause_workflow: [{ workflow_id: spare }, write("workflow")],
    purge_workflow_versions: [{ workflow_id: spare }, write("workflow")],
    remove_member: [{ workspace_id: workspace, user_id: owner.id }, manage],
    restore_workflow_version: [{ workflow_id: spare, version: 1 }, write("workflow")],
    resume_execution: [{ execution_id: execution }, write("execution", "409 execution_not_paused")],
    retry_execution: [{ execution_id: execution }, write("execution")],
    // to the version before the one that the editor deployed above
    rollback_workflow: [{ workflow_id: workflow }, write("workflow")],
    get_triggers: [{ workflow_id: workflow }, write("workflow")],
    rotate_trigger: [{ workflow_id: workflow, node_id: "none" }, write("workflow", "404 trigger_not_found")],
    revoke_invitation: [
      { invitation_id: crypto.randomUUID() },
      none("404 invitation_not_found"),
    ],
    search_steps_keyword: [{ search_query: "pay", workspace_id: workspace }, read("workspace")],
    // steps of others are as if they were not there
    search_steps_similarity: [{ step_ids: [step], similarity_query: "pay" }, anyone],
    search_steps_two_stage: [{ search_query: "pay", workspace_id: workspace }, read("workspace")],
    send_event: [{ name: "paid", workspace_id: workspace }, write("workspace")],
    set_execution_limit: [{ workflow_id: workflow, max_concurrency: 1000 }, write("workflow")],
    set_favorite: [{ workflow_id: workflow }, read("workflow")],
    set_member_role: [{ workspace_id: workspace, user_id: owner.id, role: "viewer" }, manage],
    set_static_data: [{ workflow_id: workflow, data: {} }, write("workflow")],
    start_execution: [{ workflow_id: workflow }, write("workflow")],
    undeploy_workflow: [{ workflow_id: workflow }, write("workflow")],
    update_integration: [{ integration_id: integration, name: "x" }, administer("integration")],
    unarchive_workflow: [{ workflow_id: old }, write("workflow")],
    update_session: [{ session_id: session }, write("session", "403 role_insufficient")],
    update_workflow: [{ workflow_id: spare, name: "y" }, write("workflow")],
    validate_definition: [{ definition }, anyone],
  };
  const inCatalog = await asOperator((sql) =>
    sql`select distinct proname from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f' order by 1`
  );
  assert.deepEqual(Object.keys(verbs).sort(), inCatalog.map((row) => row.proname), "every verb has a line");

  for (const [verb, [parameters, expected]] of Object.entries(verbs)) {
    for (const [index, name] of callers.entries()) {
      const { status, error } = await callerOf(cast, name).client.rpc(verb as never, parameters as never);
      assert.deepEqual(describe(status, error as SqlError | null), expected[index], `${verb} by ${name}`);
    }
  }
});

interface SqlError {
  code: string;
  details: string | null;
}

function describe(status: number, error: SqlError | null): string {
  if (!error) return `${status === 201 || status === 204 ? 200 : status}`;
  return error.code.startsWith("PT") ? `${status} ${error.details}` : `${status} ${error.code}`;
}

Deno.test("every caller gets from every route what the role allows", async () => {
  const cast = await makeCast();
  const { workspace, workflow, execution, trigger, integration } = cast;
  const everyone = (answer: string): Expected => [answer, answer, answer, answer];
  const signedIn = (expected: Expected): Expected => [
    expected[0],
    expected[1],
    expected[2],
    "401 authentication_required",
  ];
  const later = everyone("501 not_implemented");
  const hook = everyone("202");
  const wrongMethod = everyone("405 method_not_allowed");
  const created = await request(cast.owner, "POST", "embed/steps", {
    workspace_id: workspace,
    app_name: "Chrome",
    window_title: "",
    element_path: "",
    step_name: "Open",
    workflow_name: "x",
    current_state: { tree: [] },
    outcome_diff: [],
  });
  assert.equal(created.status, 201);
  const withObjects = created.body.steps[0].id;
  const routes: Record<string, [path: string, body: unknown, expected: Expected]> = {
    "POST /execute": ["execute", { workflow_id: workflow }, signedIn(write("workflow", "202"))],
    "GET /execute/{id}": [`execute/${execution}`, undefined, signedIn(read("execution"))],
    "GET /execute/{id}/events": [`execute/${execution}/events`, undefined, signedIn(read("execution"))],
    // the execution has ended: canceling it is done already, the others are refused for that
    "POST /execute/{id}/cancel": [`execute/${execution}/cancel`, {}, signedIn(write("execution", "202"))],
    "POST /execute/{id}/pause": [`execute/${execution}/pause`, {}, signedIn(write("execution", "409 execution_ended"))],
    "POST /execute/{id}/resume": [
      `execute/${execution}/resume`,
      {},
      signedIn(write("execution", "409 execution_not_paused")),
    ],
    "POST /execute/{id}/retry": [`execute/${execution}/retry`, {}, signedIn(write("execution", "202"))],
    "POST /execute/events": [
      "execute/events",
      { name: "paid", workspace_id: workspace },
      signedIn(write("workspace", "202")),
    ],
    "POST /execute/steps/{id}": [`execute/steps/${await addStep(cast)}`, { success: true }, signedIn(write("step"))],
    "POST /execute/work": ["execute/work", {}, everyone("403 forbidden")],
    "POST /execute/hooks/webhook/{triggerId}/{path}": [`execute/hooks/webhook/${trigger}/in`, {}, hook],
    ...Object.fromEntries(["GET", "PUT", "PATCH", "DELETE"].map((method) => [
      `${method} /execute/hooks/webhook/{triggerId}/{path}`,
      [`execute/hooks/webhook/${trigger}/in`, undefined, wrongMethod],
    ])),
    ...Object.fromEntries(["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => [
      `${method} /execute/hooks/webhook/{triggerId}`,
      [`execute/hooks/webhook/${missing}`, undefined, everyone("404 trigger_not_found")],
    ])),
    "POST /embed": ["embed", { input: "a", workspace_id: workspace }, signedIn(read("workspace"))],
    "POST /embed/work": ["embed/work", {}, everyone("403 forbidden")],
    "POST /deploy": ["deploy", { workflow_id: workflow }, signedIn(write("workflow"))],
    "POST /deploy/undeploy": [
      "deploy/undeploy",
      { workflow_id: workflow },
      signedIn(write("workflow")),
    ],
    "POST /deploy/rollback": [
      "deploy/rollback",
      { workflow_id: workflow, version: 1 },
      signedIn(write("workflow")),
    ],
    "GET /deploy/{workflow_id}/history": [`deploy/${workflow}/history`, undefined, signedIn(read("workflow"))],
    "GET /deploy/{workflow_id}/triggers": [`deploy/${workflow}/triggers`, undefined, signedIn(write("workflow"))],
    "POST /deploy/triggers/rotate": [
      "deploy/triggers/rotate",
      { workflow_id: workflow, node_id: "hook" },
      signedIn(write("workflow")),
    ],
    "POST /deploy/import": [
      "deploy/import",
      { workflow: { name: "imported", nodes: [], connections: {} }, workspace_id: workspace },
      signedIn(write("workspace", "201")),
    ],
    "GET /deploy/{workflow_id}/diagram": [`deploy/${workflow}/diagram`, undefined, signedIn(read("workflow"))],
    // a signature decides, not who calls; and nobody is told whether an integration is there
    "POST /execute/hooks/github/{integration}": [
      `execute/hooks/github/${integration}`,
      {},
      everyone("401 signature_invalid"),
    ],
    "POST /execute/hooks/slack/{integration}": [
      `execute/hooks/slack/${missing}`,
      {},
      everyone("401 signature_invalid"),
    ],
    "POST /execute/hooks/email/{provider}/{integration}": [
      `execute/hooks/email/postmark/${integration}`,
      {},
      everyone("401 signature_invalid"),
    ],
    // a link's token decides, and a guess is told the same by all
    "GET /hil-webhook/respond/{token}": ["hil-webhook/respond/guess", undefined, everyone("404 link_not_found")],
    "POST /hil-webhook/respond/{token}": [
      "hil-webhook/respond/guess",
      { decision: "approve" },
      everyone("404 link_not_found"),
    ],
    "POST /hil-webhook/slack/{integration}": [
      `hil-webhook/slack/${missing}`,
      {},
      everyone("401 signature_invalid"),
    ],
    "POST /hil-webhook/email/{provider}/{integration}": [
      `hil-webhook/email/postmark/${integration}`,
      {},
      everyone("401 signature_invalid"),
    ],
    "POST /hil-webhook/webhook/{integration}": [
      `hil-webhook/webhook/${integration}`,
      {},
      everyone("401 signature_invalid"),
    ],
    "POST /deploy/integrations": [
      "deploy/integrations",
      { provider: "github", name: "x", workspace_id: workspace },
      signedIn(manage),
    ],
    "GET /deploy/integrations": ["deploy/integrations", undefined, signedIn(anyone)],
    "POST /deploy/integrations/{id}/rotate": [
      `deploy/integrations/${integration}/rotate`,
      {},
      signedIn(administer("integration")),
    ],
    "DELETE /deploy/integrations/{id}": [
      `deploy/integrations/${integration}`,
      undefined,
      signedIn(administer("integration")),
    ],
    "GET /deploy/specifications": [`deploy/specifications?workspace_id=${workspace}`, undefined, signedIn(anyone)],
    "POST /deploy/validate": ["deploy/validate", { definition }, signedIn(anyone)],
    "POST /embed/steps": [
      "embed/steps",
      {
        workspace_id: workspace,
        app_name: "Chrome",
        window_title: "",
        element_path: "",
        step_name: "Save",
        workflow_name: "x",
        current_state: {},
      },
      signedIn(write("workspace", "201")),
    ],
    "POST /search/steps": [
      "search/steps",
      { search_query: "save", workspace_id: workspace },
      signedIn(read("workspace")),
    ],
    ...Object.fromEntries(["state", "outcome"].map((kind) => [
      `GET /search/steps/{id}/${kind}`,
      [`search/steps/${withObjects}/${kind}`, undefined, signedIn(read("step"))],
    ])),
  };
  const documented: string[] = [];
  for (const slug of ["execute", "deploy", "embed", "search", "hil-webhook"]) {
    const { body } = await request(nobody(), "GET", `${slug}/openapi.json`);
    for (const [path, operations] of Object.entries(body.paths as Record<string, Record<string, Operation>>)) {
      for (const [method, operation] of Object.entries(operations)) {
        const documentedPath = path.startsWith(`/${slug}`) ? path : `/${slug}${path}`;
        const route = `${method.toUpperCase()} ${documentedPath.replace(/\/$/, "")}`;
        documented.push(route);
        const concrete = documentedPath.slice(1).replaceAll(/\{\w+\}/g, missing);
        if (route.endsWith("/health") || route.endsWith("/openapi.json")) {
          routes[route] = [concrete, undefined, everyone("200")];
        } else if (operation.responses["501"]) {
          routes[route] = [concrete, method === "get" ? undefined : {}, later];
        }
      }
    }
  }
  assert.deepEqual(Object.keys(routes).sort(), documented.sort(), "every route has a line");

  for (const [route, [path, body, expected]] of Object.entries(routes)) {
    for (const [index, name] of callers.entries()) {
      const answer = await request(callerOf(cast, name), route.split(" ")[0]!, path, body);
      const code = answer.body?.error?.code;
      assert.deepEqual(`${answer.status}${code ? ` ${code}` : ""}`, expected[index], `${route} by ${name}`);
    }
  }
});

interface Operation {
  responses: Record<string, unknown>;
}

Deno.test("a public template is a stranger's to read and to copy, and nothing that belongs to it", async () => {
  const { owner, stranger, workspace, integration } = await makeCast();
  const private_ = "private-" + crypto.randomUUID();
  const { id } = await ok(owner.client.rpc("create_workflow", {
    name: "Template",
    workspace_id: workspace,
    folder: private_,
    definition: {
      nodes: [
        { id: "start", type: "TRIGGER", subtype: "MANUAL" },
        { id: "clock", type: "TRIGGER", subtype: "CRON", parameters: { expression: "@yearly" } },
        { id: "hub", type: "TRIGGER", subtype: "GITHUB", credentials: { github: integration } },
        { id: "end", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input }}" } },
      ],
      connections: [{ source: "start", target: "end" }],
      pin_data: { start: { of: private_ } },
      meta: { source: { workflow: { pinData: private_ } } },
    },
  }));
  await ok(owner.client.rpc("deploy_workflow", { workflow_id: id, note: private_ }));
  const run = await ok(owner.client.rpc("start_execution", { workflow_id: id, input: { of: private_ } }));
  await ok(owner.client.rpc("set_static_data", { workflow_id: id, data: { of: private_ } }));
  const session = await ok(owner.client.rpc("create_session", { workspace_id: workspace, title: private_ }));
  await ok(owner.client.rpc("update_workflow", { workflow_id: id, is_public: true, session_id: session.id }));

  const verbs = await asOperator((sql) =>
    sql<{ name: string }[]>`
      select proname as name from pg_proc
      where pronamespace = 'public'::regnamespace and prokind = 'f' and 'workflow_id' = any (proargnames) order by 1`
  );
  const more: Record<string, Record<string, unknown>> = {
    diff_workflow_versions: { a: 1, b: 1 },
    restore_workflow_version: { version: 1 },
    rotate_trigger: { node_id: "hub" },
    set_execution_limit: { max_concurrency: 1 },
    set_static_data: { data: {} },
  };
  const answered: string[] = [];
  for (const { name } of verbs) {
    const { status, error } = await stranger.client.rpc(
      name as never,
      { workflow_id: id, ...more[name] } as never,
    );
    if (!error) answered.push(name);
    else assert.equal(describe(status, error as SqlError), "404 workflow_not_found", name);
  }
  assert.deepEqual(answered, ["duplicate_workflow", "get_workflow"]);
  for (
    const path of [`${id}/diagram`, `${id}/diagram?version=1`, `${id}/diagram?execution=${run.id}`, `${id}/history`]
  ) {
    assert.equal((await request(stranger, "GET", `deploy/${path}`)).status, 404, path);
  }

  const { data: copied } = await stranger.client.rpc("duplicate_workflow", { workflow_id: id });
  const lists = ["updated_at", "latest_execution"].map((order_by) =>
    stranger.client.rpc("list_workflows", { is_public: true, order_by, query: "template" })
  );
  const told = JSON.stringify([
    await ok(stranger.client.rpc("get_workflow", { workflow_id: id, version: 1 })),
    copied,
    await ok(
      stranger.client.rpc("get_workflow", { workflow_id: (copied as { workflow: { id: string } }).workflow.id }),
    ),
    ...(await Promise.all(lists)).map(({ data }) => data),
    await ok(stranger.client.rpc("list_folders", {})),
  ]);
  assert.ok(told.includes(id));
  for (const secret of [private_, run.id, session.id, integration, owner.email]) {
    assert.ok(!told.includes(secret), `${secret} in ${told}`);
  }
  assert.deepEqual(await ok(stranger.client.from("workflow_overview").select("id").eq("id", id)), []);
  const tables = await asOperator((sql) =>
    sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workflow_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') order by 1`
  );
  assert.ok(tables.length > 8);
  for (const { name } of tables) {
    const rows = await ok(stranger.client.from(name as "nodes").select("workflow_id").eq("workflow_id", id));
    assert.deepEqual(rows, [], name);
  }
  await ok(owner.client.rpc("update_workflow", { workflow_id: id, is_public: false }));
});

Deno.test("a token that was tampered with reaches nothing", async () => {
  const cast = await makeCast();
  const viewer = await request({ ...cast.viewer, token: `${cast.viewer.token}x` }, "GET", `execute/${cast.execution}`);
  assert.deepEqual([viewer.status, viewer.body.error.code], [401, "invalid_token"]);
  const [header, payload] = cast.viewer.token.split(".");
  const unsigned = `${btoa(JSON.stringify({ alg: "none", typ: "JWT" })).replaceAll("=", "")}.${payload}.x`;
  for (const token of [unsigned, `${header}.${btoa("{}").replaceAll("=", "")}.x`]) {
    const forged = await request({ ...cast.viewer, token }, "GET", `execute/${cast.execution}`);
    assert.deepEqual([forged.status, forged.body.error.code], [401, "invalid_token"]);
  }
});
