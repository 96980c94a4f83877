// An editor and an admin write past the verbs, over the wire and in SQL: each attempt fails, and nothing has changed.
import assert from "node:assert/strict";
import { asOperator, type Cast, makeCast, ok } from "./cast.ts";

/** Everything of a workspace that an attempt could have changed. */
function everything(workspace: string): Promise<string> {
  return asOperator(async (sql) => {
    const tables = await sql<{ name: string; tenant: string }[]>`
      select format('%I.%I', n.nspname, c.relname) as name, case when c.relname = 'workspaces' then 'id' else 'workspace_id' end as tenant
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'engine', 'integrations') and c.relkind in ('r', 'p') and not c.relispartition and (c.relname = 'workspaces' or exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped))
      order by 1`;
    const rows: unknown[] = [];
    for (const { name, tenant } of tables) {
      rows.push([
        name,
        await sql.unsafe(
          `select t.*::text as row from ${name} t where t.${tenant} = $1 order by 1`,
          [workspace],
        ),
      ]);
    }
    return JSON.stringify(rows, null, 1);
  });
}

// deno-lint-ignore no-explicit-any
type Attempt = (
  cast: Cast,
  client: any,
) => PromiseLike<{ data: unknown; error: { code: string } | null }>;
const id = () => crypto.randomUUID();

const attempts: Record<string, Attempt> = {
  "gives an execution another status": ({ execution }, c) =>
    c.from("workflow_executions").update({ status: "RUNNING", end_time: null })
      .eq("id", execution).select(),
  "rewrites an execution's output": ({ execution }, c) =>
    c.from("workflow_executions").update({ output: { forged: true } }).eq(
      "id",
      execution,
    ).select(),
  "inserts an execution": ({ workspace, workflow }, c) =>
    c.from("workflow_executions").insert({
      workspace_id: workspace,
      workflow_id: workflow,
      version: 1,
      trigger_node_id: "hook",
    }).select(),
  "deletes an execution": ({ execution }, c) => c.from("workflow_executions").delete().eq("id", execution).select(),
  "inserts a node run": ({ workspace, execution }, c) =>
    c.from("node_executions").insert({
      execution_id: execution,
      id: id(),
      workspace_id: workspace,
      node_id: "end",
      node_type: "ACTION.TRANSFORM",
      status: "SUCCESS",
      start_time: "2026-01-01",
      end_time: "2026-01-01",
    }).select(),
  "rewrites a node run": ({ execution }, c) =>
    c.from("node_executions").update({ output_data: 1 }).eq(
      "execution_id",
      execution,
    ).select(),
  "inserts a log line": ({ workspace, execution }, c) =>
    c.from("workflow_execution_logs").insert({
      execution_id: execution,
      workspace_id: workspace,
      event_type: "separator",
      message: "forged",
    }).select(),
  "deletes log lines": ({ execution }, c) =>
    c.from("workflow_execution_logs").delete().eq("execution_id", execution)
      .select(),
  "writes a live run through the view": ({ workspace, execution }, c) =>
    c.from("live_node_executions").insert({
      execution_id: execution,
      workspace_id: workspace,
      id: id(),
      node_id: "end",
    }).select(),
  "adds a member": ({ workspace, stranger }, c) =>
    c.from("workspace_members").insert({
      workspace_id: workspace,
      user_id: stranger.id,
      role: "owner",
    }).select(),
  "promotes himself": ({ workspace, editor, admin }, c) =>
    c.from("workspace_members").update({ role: "owner" }).eq(
      "workspace_id",
      workspace,
    ).in("user_id", [
      editor.id,
      admin.id,
    ]).select(),
  "promotes himself by the verb": ({ workspace, editor }, c) =>
    c.rpc("set_member_role", {
      workspace_id: workspace,
      user_id: editor.id,
      role: "owner",
    }),
  "removes the owner": ({ workspace, owner }, c) =>
    c.from("workspace_members").delete().eq("workspace_id", workspace).eq(
      "user_id",
      owner.id,
    ).select(),
  "inserts an invitation": ({ workspace }, c) =>
    c.from("workspace_invitations").insert({
      workspace_id: workspace,
      email: "x@example.com",
      role: "owner",
      token_hash: "\\x00",
      expires_at: "2099-01-01",
    }).select("id"),
  "prolongs an invitation": ({ workspace }, c) =>
    c.from("workspace_invitations").update({ expires_at: "2099-01-01" }).eq(
      "workspace_id",
      workspace,
    ).select("id"),
  "reads invitations' token hashes": (_, c) => c.from("workspace_invitations").select("token_hash"),
  "writes what a workflow remembers past its verb": (
    { workspace, workflow },
    c,
  ) =>
    c.from("workflow_static_data").upsert({
      workspace_id: workspace,
      workflow_id: workflow,
      data: { forged: true },
    })
      .select(),
  "inserts a trigger": ({ workspace, workflow }, c) =>
    c.from("trigger_index").insert({
      workspace_id: workspace,
      workflow_id: workflow,
      version: 1,
      node_id: "end",
      trigger_subtype: "WEBHOOK",
      index_key: "forged",
    }).select(),
  "moves a trigger to another path": ({ trigger }, c) =>
    c.from("trigger_index").update({ index_key: "forged" }).eq("id", trigger)
      .select(),
  "inserts a deployment": ({ workspace, workflow }, c) =>
    c.from("workflow_deployment_history").insert({
      workspace_id: workspace,
      workflow_id: workflow,
      deployment_version: 1,
      started_at: new Date().toISOString(),
      deployment_action: "DEPLOY",
      from_status: "IDLE",
      to_status: "DEPLOYED",
    }).select(),
  "moves a workflow to another workspace": ({ workflow }, c) =>
    c.from("workflows").update({ workspace_id: id() }).eq("id", workflow)
      .select(),
  "moves a workflow along with an honest change": ({ workflow }, c) =>
    c.from("workflows").update({ name: "x", workspace_id: id() }).eq(
      "id",
      workflow,
    ).select(),
  "changes the deployed version": ({ workflow }, c) =>
    c.from("workflows").update({ deployed_version: 7 }).eq("id", workflow)
      .select(),
  "changes the current version": ({ workflow }, c) =>
    c.from("workflows").update({ current_version: 7 }).eq("id", workflow)
      .select(),
  "changes a workflow's status": ({ workflow }, c) =>
    c.from("workflows").update({ status: "archived" }).eq("id", workflow)
      .select(),
  "changes a workflow's owner": ({ workflow, editor }, c) =>
    c.from("workflows").update({ user_id: editor.id }).eq("id", workflow)
      .select(),
  "inserts a workflow": ({ workspace }, c) =>
    c.from("workflows").insert({ workspace_id: workspace, name: "x" }).select(),
  "deletes a workflow": ({ workflow }, c) => c.from("workflows").delete().eq("id", workflow).select(),
  "upserts a workflow": ({ workspace, workflow }, c) =>
    c.from("workflows").upsert({
      id: workflow,
      workspace_id: workspace,
      name: "x",
    }).select(),
  "rewrites a version": ({ workflow }, c) =>
    c.from("workflow_versions").update({ definition: {} }).eq(
      "workflow_id",
      workflow,
    ).select(),
  "inserts a version": ({ workspace, workflow }, c) =>
    c.from("workflow_versions").insert({
      workspace_id: workspace,
      workflow_id: workflow,
      version: 2,
      definition: {},
      checksum: "x",
    }).select(),
  "rewrites a node": ({ workflow }, c) =>
    c.from("nodes").update({ parameters: {} }).eq("workflow_id", workflow)
      .select(),
  "deletes a connection": ({ workflow }, c) => c.from("node_connections").delete().eq("workflow_id", workflow).select(),
  "allows himself a private host": ({ workspace }, c) =>
    c.from("workspaces").update({ allowed_hosts: ["127.0.0.1:1"] }).eq(
      "id",
      workspace,
    ).select(),
  "makes the workspace his personal one": ({ workspace, editor }, c) =>
    c.from("workspaces").update({ personal_for: editor.id }).eq("id", workspace)
      .select(),
  "deletes the workspace": ({ workspace }, c) => c.from("workspaces").delete().eq("id", workspace).select(),
  "teaches the project a new node": (_, c) =>
    c.from("node_specifications").update({ is_active: false }).neq(
      "node_type",
      "",
    ).select(),
  "points an integration at another account": ({ integration }, c) =>
    c.from("integrations").update({ external_id: "forged" }).eq(
      "id",
      integration,
    ).select(),
  "inserts an integration": ({ workspace }, c) =>
    c.from("integrations").insert({
      workspace_id: workspace,
      provider: "github",
      name: "x",
    }).select(),
  "deletes an integration past its verb": ({ integration }, c) =>
    c.from("integrations").delete().eq("id", integration).select(),
  "reads secrets": (_, c) => c.schema("integrations").from("secrets").select(),
  "reads what verifies a delivery": ({ integration }, c) =>
    c.schema("integrations").rpc("for_delivery", {
      integration_id: integration,
    }),
  "gives an integration a secret of his own": ({ integration }, c) =>
    c.schema("integrations").rpc("rotate", {
      integration_id: integration,
      secrets: { signing: `gAAAAA${"x".repeat(94)}` },
      grace_seconds: 0,
    }),
  "receives an event by SQL": ({ integration }, c) =>
    c.schema("triggers").rpc("receive_event", {
      integration_id: integration,
      subtype: "GITHUB",
      keys: [],
      event: {},
      payload: {},
      delivery_id: null,
    }),
  "claims work": (_, c) => c.schema("engine").rpc("claim", { worker_id: "me", capacity: 1 }),
  "delivers by SQL": ({ trigger }, c) =>
    c.schema("triggers").rpc("receive_webhook", {
      trigger_id: trigger,
      method: "POST",
      path: "in",
      request: {},
      delivery_key: null,
    }),
};

Deno.test("what a member forges fails, and changes nothing", async (t) => {
  const cast = await makeCast();
  await ok(
    cast.owner.client.rpc("invite_member", {
      workspace_id: cast.workspace,
      email: "open@example.com",
    }),
  );
  const before = await everything(cast.workspace);
  for (const role of ["editor", "admin"] as const) {
    for (const [what, attempt] of Object.entries(attempts)) {
      if (role === "admin" && what === "promotes himself by the verb") continue;
      await t.step(`an ${role} ${what}`, async () => {
        const { data, error } = await attempt(cast, cast[role].client);
        assert.ok(error, `was answered ${JSON.stringify(data)}`);
        assert.equal(await everything(cast.workspace), before);
      });
    }
  }
});

Deno.test("what a member may write himself is written, and only in the own workspace", async () => {
  const { owner, editor, viewer, stranger, workflow, workspace } = await makeCast();
  const rename = (user: typeof owner, name: string) =>
    user.client.from("workflows").update({ name }).eq("id", workflow).select(
      "name",
    );
  const before = await everything(workspace);
  assert.deepEqual((await rename(editor, "Renamed")).data, [{
    name: "Renamed",
  }]);
  assert.notEqual(await everything(workspace), before, "a change is noticed");
  assert.deepEqual((await rename(viewer, "By a viewer")).data, []);
  assert.deepEqual((await rename(stranger, "By a stranger")).data, []);
  const { data } = await owner.client.from("workflows").select("name").eq(
    "id",
    workflow,
  ).single();
  assert.equal(data?.name, "Renamed");
  const setVariables = (user: typeof owner) =>
    user.client.from("workspaces").update({ variables: { a: 1 } }).eq(
      "id",
      workspace,
    ).select("id");
  assert.deepEqual(
    (await setVariables(editor)).data,
    [],
    "variables are the admins'",
  );
  assert.deepEqual((await setVariables(owner)).data, [{ id: workspace }]);
});
