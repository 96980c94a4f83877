// Two people who share no workspace: neither sees a row of the other's, in whatever table or view the catalog has, and
// an id of the other's is answered like one that does not exist.
import assert from "node:assert/strict";
import { type Client, service, signUp, stack, type User } from "../stack.ts";
import { asOperator, definition, ok, request } from "./cast.ts";

/** Somebody with rows in every table: an execution that has ended, and one with a request under way and one to repeat. */
async function makeOwner(name: string, host: string): Promise<{ user: User; workspace: string; ids: Ids }> {
  const user = await signUp(name);
  const { id: workspace } = await ok(user.client.from("workspaces").select("id").single());
  await ok(service().from("workspaces").update({ allowed_hosts: [host] }).eq("id", workspace).select("id"));
  await ok(user.client.rpc("invite_member", { workspace_id: workspace, email: "guest@example.com" }));
  const { id: workflow } = await ok(user.client.rpc("create_workflow", { name, definition }));
  await ok(user.client.rpc("deploy_workflow", { workflow_id: workflow }));
  await ok(user.client.rpc("create_session", { title: name }));
  await ok(user.client.rpc("set_favorite", { workflow_id: workflow }));
  const ended = await ok(user.client.rpc("start_execution", { workflow_id: workflow, input: { secret: name } }));
  const slow = await ok(user.client.rpc("create_workflow", {
    name: `${name}, slow`,
    definition: {
      nodes: [
        { id: "start", type: "TRIGGER", subtype: "MANUAL" },
        { id: "slow", type: "ACTION", subtype: "HTTP_REQUEST", parameters: { url: `http://${host}/slow` } },
        {
          id: "busy",
          type: "ACTION",
          subtype: "HTTP_REQUEST",
          parameters: { url: `http://${host}/busy` },
          retry_wait_time: 3600,
        },
      ],
      connections: [{ source: "start", target: "slow" }, { source: "start", target: "busy" }],
    },
  }));
  const live = await ok(user.client.rpc("start_execution", { workflow_id: slow.id }));
  const scheduled = await ok(user.client.rpc("create_workflow", {
    name: `${name}, scheduled`,
    definition: {
      nodes: [{ id: "clock", type: "TRIGGER", subtype: "CRON", parameters: { expression: "@yearly" } }],
      connections: [],
    },
  }));
  await ok(user.client.rpc("deploy_workflow", { workflow_id: scheduled.id }));
  await ok(user.client.rpc("set_execution_limit", { workflow_id: workflow, max_concurrency: 10 }));
  await ok(user.client.rpc("send_event", { name: "paid", key: name }));
  await ok(user.client.rpc("set_static_data", { workflow_id: workflow, data: { of: name } }));
  await ok(user.client.rpc("enable_function", { function_name: "echo" }));
  const asking = await ok(user.client.rpc("create_workflow", {
    name: `${name}, asking`,
    definition: {
      nodes: [
        { id: "start", type: "TRIGGER", subtype: "MANUAL" },
        { id: "first", type: "HUMAN_IN_THE_LOOP", subtype: "APPROVAL", parameters: { message: `${name}?` } },
        { id: "second", type: "HUMAN_IN_THE_LOOP", subtype: "APPROVAL", parameters: { message: `${name}?` } },
      ],
      connections: [{ source: "start", target: "first" }, { source: "first", target: "second" }],
    },
  }));
  const asked = await ok(user.client.rpc("start_execution", { workflow_id: asking.id }));
  const { id: question } = await ok(
    user.client.from("human_interactions").select("id").eq("execution_id", asked.id).single(),
  );
  await ok(user.client.rpc("respond_to_interaction", { interaction_id: question, decision: "approve" }));
  const step = { app_name: "Chrome", window_title: name, element_path: "/", step_name: name, workflow_name: name };
  const { id: stepId } = await ok(user.client.from("workflow_steps").insert(step).select("id").single());
  await ok(user.client.rpc("increment_step_stats", { step_id: stepId, is_success: true }));
  await asOperator(async (sql) => {
    await sql`insert into public.workflow_steps ${
      sql({ ...step, workspace_id: workspace, user_id: user.id, created_at: "2020-01-01", updated_at: "2020-01-01" })
    }`;
    await sql`select search.archive_steps()`;
  });
  const { id: archived } = await ok(user.client.from("archived_steps").select("id").single());
  const hook = await request(user, "POST", "deploy/integrations", { provider: "github", name });
  assert.equal(hook.status, 201);
  for (const until = Date.now() + 20_000;;) {
    const { data } = await user.client.from("live_node_executions").select("status").order("node_id");
    if (data?.map((row) => row.status).join() === "RETRYING,WAITING_INPUT,RUNNING") break;
    assert.ok(Date.now() < until, `the live nodes are ${JSON.stringify(data)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    user,
    workspace,
    ids: {
      workspace,
      workflow,
      execution: ended.id,
      live: live.id,
      integration: hook.body.integration.id,
      step: stepId,
      archived,
    },
  };
}

interface Ids {
  workspace: string;
  workflow: string;
  execution: string;
  live: string;
  integration: string;
  step: string;
  archived: string;
}

const newStep = { app_name: "Chrome", window_title: "", element_path: "/", step_name: "Save", workflow_name: "Work" };

Deno.test("neither of two strangers sees a row of the other's", async (t) => {
  const release = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (incoming) => {
    if (incoming.url.endsWith("/busy")) return new Response(null, { status: 503 });
    await release.promise;
    return Response.json({});
  });
  const host = `127.0.0.1:${server.addr.port}`;
  await asOperator((sql) =>
    sql`create or replace function nodes.echo(arguments jsonb, context jsonb) returns jsonb
      language sql immutable set search_path = '' as 'select arguments'`
  );
  try {
    const [ann, bob] = await Promise.all([makeOwner("ann", host), makeOwner("bob", host)]);

    await t.step("in any table or view of the Data API", async () => {
      const relations = await asOperator((sql) =>
        sql<{ name: string; columns: string[]; tenant: string }[]>`
          select c.relname as name,
            array_agg(a.attname::text) filter (where has_column_privilege('authenticated', c.oid, a.attnum, 'select')) as columns,
            case when bool_or(a.attname = 'workspace_id') then 'workspace_id' when c.relname = 'workspaces' then 'id' end as tenant
          from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
          group by c.oid, c.relname order by 1`
      );
      assert.ok(relations.length > 10);
      for (const { name, columns, tenant } of relations) {
        assert.ok(tenant !== null, `${name} belongs to no tenant: say so here`);
        for (const [reader, other] of [[ann, bob], [bob, ann]] as const) {
          const rows = await readAll(reader.user.client, name, columns);
          assert.ok(rows.length > 0, `${name} has rows of ${reader.user.email}`);
          for (const row of rows) {
            // the system's types of nodes are everybody's
            if (name === "node_specifications" && row[tenant] === null) continue;
            // and public templates everybody's to copy
            if (name === "workflows" && row.is_public) continue;
            assert.equal(row[tenant], reader.workspace, `${name} shows foreign rows`);
          }
          assert.ok(rows.some((row) => row[tenant] === reader.workspace), `${name} has own rows`);
          const foreign = await reader.user.client.from(name as "workflows").select(columns.join(","))
            .eq(tenant as "id", other.workspace);
          assert.deepEqual([foreign.data, foreign.error], [[], null], `${name} by the other's workspace id`);
        }
      }
    });

    await t.step("in SQL as authenticated, in any schema", async () => {
      await asOperator(async (sql) => {
        const tables = await sql<{ name: string; columns: string[] }[]>`
          select format('%I.%I', n.nspname, c.relname) as name,
            array_agg(quote_ident(a.attname)) filter (where has_column_privilege('authenticated', c.oid, a.attnum, 'select')) as columns
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          where n.nspname in ('public', 'platform', 'workspaces', 'workflows', 'engine', 'triggers', 'nodes', 'integrations', 'hil', 'search')
            and c.relkind in ('r', 'p', 'v', 'm') and has_any_column_privilege('authenticated', c.oid, 'select')
          group by 1 order by 1`;
        await sql`
          insert into search.vectors (source_id, row_id, model_id, workspace_id, dimensions, embedding, content_hash, embedded_at)
          select 1, s.id, 2, s.workspace_id, 384, search.local_lexical(s.step_name, 384), '', now()
          from public.workflow_steps s where s.id = any (${[ann.ids.step, bob.ids.step]}::uuid[])`;
        await sql.begin(async (transaction) => {
          await transaction`select set_config('role', 'authenticated', true),
            set_config('request.jwt.claims', ${JSON.stringify({ sub: bob.user.id, role: "authenticated" })}, true)`;
          for (const { name, columns } of tables) {
            const rows = await transaction.unsafe(`select ${columns.join(", ")} from ${name}`);
            assert.ok(rows.length > 0, `${name} has rows of bob's`);
            const text = JSON.stringify(rows);
            for (const id of [ann.user.id, ...Object.values(ann.ids)]) {
              assert.ok(!text.includes(id), `${name} shows ${id}`);
            }
          }
        });
      });
    });

    await t.step("and no word, vector or number of the other's by searching", async () => {
      const steps = [ann.ids.step, bob.ids.step];
      await asOperator((sql) => sql`select search.refresh_corpora()`);
      // the names are words of the steps: neither finds the other's, nor is "anna" corrected to one
      const client = bob.user.client;
      for (const search_query of ["ann", "anna", '"ann"', "-bob", ""]) {
        for (const mode of ["two_stage", "hybrid"]) {
          const found = await ok(
            client.rpc("search_steps_two_stage", {
              search_query,
              similarity_query: "ann",
              mode,
              with_explanation: true,
            }),
          );
          assert.deepEqual(found.filter((row) => row.step_id !== bob.ids.step), [], search_query);
          assert.ok(!JSON.stringify(found).includes("corrected_to"));
        }
        const about = await ok(client.rpc("explain_step_query", { search_query }));
        assert.equal((about as { steps: number }).steps, 1);
        assert.ok(!JSON.stringify(about).includes("corrected_to"));
      }
      const like = await ok(client.rpc("search_steps_similarity", { step_ids: steps, similarity_query: "ann" }));
      assert.ok(like.every((row) => row.step_id === bob.ids.step));
      const counted = await ok(
        client.rpc("increment_step_stats_batch", { outcomes: steps.map((step_id) => ({ step_id, success: true })) }),
      );
      assert.deepEqual(counted, { counted: 1, unknown: [ann.ids.step] });
      assert.equal(await ok(client.rpc("record_step_usage", { appeared: steps, viewed: steps })), 1);
      // an id that is taken stays whose it is
      const taken = { ...newStep, id: ann.ids.step };
      assert.equal((await client.from("workflow_steps").insert(taken)).error?.code, "23505");
      assert.equal((await client.from("workflow_steps").upsert(taken)).error?.code, "42501");
      const stays = await ok(
        ann.user.client.from("step_overview").select("step_name, succeeded").eq("id", ann.ids.step),
      );
      assert.deepEqual(stays, [{ step_name: "ann", succeeded: 1 }]);
    });

    await t.step("and is told the same of the other's ids as of ids that do not exist", async () => {
      const missing: Ids = {
        workspace: crypto.randomUUID(),
        workflow: crypto.randomUUID(),
        execution: crypto.randomUUID(),
        live: crypto.randomUUID(),
        integration: crypto.randomUUID(),
        step: crypto.randomUUID(),
        archived: crypto.randomUUID(),
      };
      const questions = (ids: Ids): [name: string, ask: () => Promise<{ status: number; body: unknown }>][] => [
        ["start", () => request(bob.user, "POST", "execute", { workflow_id: ids.workflow })],
        ["read", () => request(bob.user, "GET", `execute/${ids.execution}`)],
        ["read live", () => request(bob.user, "GET", `execute/${ids.live}`)],
        ["events", () => request(bob.user, "GET", `execute/${ids.execution}/events`)],
        ["deploy", () => request(bob.user, "POST", "deploy", { workflow_id: ids.workflow })],
        ["history", () => request(bob.user, "GET", `deploy/${ids.workflow}/history`)],
        ["count", () => request(bob.user, "POST", `execute/steps/${ids.step}`, { success: true })],
        ["state", () => request(bob.user, "GET", `search/steps/${ids.step}/state`)],
        ["outcome", () => request(bob.user, "GET", `search/steps/${ids.step}/outcome?presigned=true`)],
        [
          "search",
          () => request(bob.user, "POST", "search/steps", { search_query: "ann", workspace_id: ids.workspace }),
        ],
        ["spend", () => request(bob.user, "POST", "embed", { input: "ann", workspace_id: ids.workspace })],
        ["create", () => request(bob.user, "POST", "embed/steps", { ...newStep, workspace_id: ids.workspace })],
        ["rotate", () => request(bob.user, "POST", `deploy/integrations/${ids.integration}/rotate`, {})],
        ["make", () =>
          request(bob.user, "POST", "deploy/integrations", {
            provider: "github",
            name: "x",
            workspace_id: ids.workspace,
          })],
        ["delete", () => request(bob.user, "DELETE", `deploy/integrations/${ids.integration}`)],
        ...Object.entries({
          undeploy_workflow: { workflow_id: ids.workflow },
          rollback_workflow: { workflow_id: ids.workflow },
          get_deployment_history: { workflow_id: ids.workflow },
          rotate_trigger: { workflow_id: ids.workflow, node_id: "hook" },
          start_execution: { workflow_id: ids.workflow },
          deploy_workflow: { workflow_id: ids.workflow },
          create_workflow_version: { workflow_id: ids.workflow, definition },
          update_workflow: { workflow_id: ids.workflow, name: "mine" },
          get_workflow: { workflow_id: ids.workflow },
          duplicate_workflow: { workflow_id: ids.workflow },
          delete_workflow: { workflow_id: ids.workflow },
          list_workflows: { workspace_id: ids.workspace },
          get_execution: { execution_id: ids.execution },
          get_execution_events: { execution_id: ids.execution },
          get_execution_stats: { workflow_id: ids.workflow },
          complete_execution: { execution_id: ids.live, status: "SUCCESS" },
          set_static_data: { workflow_id: ids.workflow, data: {} },
          create_workflow: { name: "x", workspace_id: ids.workspace },
          invite_member: { workspace_id: ids.workspace, email: "bob@example.com", role: "owner" },
          set_member_role: { workspace_id: ids.workspace, user_id: bob.user.id, role: "owner" },
          update_integration: { integration_id: ids.integration, name: "x" },
          delete_integration: { integration_id: ids.integration },
          increment_step_stats: { step_id: ids.step, is_success: true },
          restore_archived_step: { step_id: ids.archived },
          search_steps_keyword: { search_query: "ann", workspace_id: ids.workspace },
          search_steps_two_stage: { search_query: "ann", workspace_id: ids.workspace },
          explain_step_query: { search_query: "ann", workspace_id: ids.workspace },
          remove_member: { workspace_id: ids.workspace, user_id: ann.user.id },
        }).map(([verb, parameters]): [string, () => Promise<{ status: number; body: unknown }>] => [verb, async () => {
          const { status, error } = await bob.user.client.rpc(verb as never, parameters as never);
          return { status, body: error };
        }]),
      ];
      const absent = questions(missing);
      for (const [index, [name, ask]] of questions(ann.ids).entries()) {
        const foreign = await ask();
        assert.equal(foreign.status, 404, name);
        assert.deepEqual(withoutIds(foreign), withoutIds(await absent[index]![1]()), name);
      }
    });
  } finally {
    release.resolve();
    await server.shutdown();
  }
});

async function readAll(client: Client, name: string, columns: string[]): Promise<Record<string, unknown>[]> {
  return await ok(client.from(name as "workflows").select(columns.join(","))) as unknown as Record<string, unknown>[];
}

/** The answer with every id, the request's too, replaced. */
function withoutIds(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id"),
  );
}

Deno.test("nobody who has not signed in sees a row", async () => {
  await signUp("somebody");
  const tables = await asOperator((sql) =>
    sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')`
  );
  const { url, publishable_key } = stack();
  for (const { name } of tables) {
    const response = await fetch(`${url}/rest/v1/${name}?select=*`, { headers: { apikey: publishable_key } });
    const body = await response.json();
    assert.ok([401, 403].includes(response.status), `${name}: ${response.status}`);
    assert.equal(body.code, "42501", name);
  }
});
