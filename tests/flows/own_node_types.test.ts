import assert from "node:assert/strict";
import { signUp } from "../stack.ts";
import { call, chain, createWorkflow, data, database, json, manual, run } from "./wire.ts";

Deno.test("a workspace's function is a type of node: listed, checked, run by a worker", async () => {
  const [user, stranger] = [await signUp("own"), await signUp("other")];
  const workspace = data(await user.client.from("workspaces").select("id").single()).id;
  await using sql = database();
  const name = `test_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await sql.unsafe(`create function nodes.${name}(arguments jsonb, context jsonb) returns jsonb
    language sql set search_path = '' as $$ select jsonb_build_object('got', arguments) $$`);
  await sql.unsafe(`comment on function nodes.${name}(jsonb, jsonb) is 'Gives back what it gets.'`);
  await sql.unsafe(`grant execute on function nodes.${name}(jsonb, jsonb) to public`);
  try {
    const parameters = { type: "object", required: ["sku"], properties: { count: { type: "integer", default: 1 } } };
    data(await user.client.rpc("enable_function", { function_name: name, specification: { parameters } }));

    const path = `deploy/specifications?workspace_id=${workspace}`;
    const listed = await call(path, user);
    assert.equal(listed.status, 200);
    const etag = listed.headers.get("etag")!;
    const { specifications } = await listed.json();
    const own = specifications.filter((one: { workspace_id: string | null }) => one.workspace_id !== null);
    assert.deepEqual(own.map((one: { node_subtype: string }) => one.node_subtype), [name]);
    assert.equal(own[0].specification_data.description, "Gives back what it gets.");
    assert.deepEqual(own[0].specification_data.parameters, parameters);
    assert.ok(specifications.length > 20);
    const again = await call(path, user, { headers: { "if-none-match": etag } });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    const theirs = await json(call(path, stranger), 200);
    assert.equal(theirs.specifications.length, specifications.length - 1, "a stranger is not told of it");
    const one = await json(call("deploy/specifications?type=ACTION&subtype=NOOP", user), 200);
    assert.equal(one.specifications.length, 1);
    const byTable = data(
      await user.client.from("node_specifications").select("node_subtype").eq("is_system_spec", false),
    );
    assert.deepEqual(byTable, [{ node_subtype: name }]);

    const definition = (given: Record<string, unknown>) =>
      chain(manual, { id: "own", type: "ACTION", subtype: name, parameters: given });
    const check = async (given: Record<string, unknown>, where: string | null) =>
      (await json(call("deploy/validate", user, { json: { definition: definition(given), workspace_id: where } }), 200))
        .diagnostics.map((found: { code: string }) => found.code);
    assert.deepEqual(await check({ sku: "nail" }, workspace), []);
    assert.deepEqual(await check({ count: "many" }, workspace), ["parameter_missing", "parameter_type"]);
    assert.deepEqual(await check({ sku: "nail" }, null), ["node_type_unknown"]);

    const workflow = await createWorkflow(user, definition({ sku: "{{ $.input.sku }}" }));
    const { execution, nodes } = await run(user, workflow, { sku: "nail" });
    assert.deepEqual([execution.status, nodes.at(-1)!.output], ["SUCCESS", { got: { sku: "nail", count: 1 } }]);

    data(await user.client.rpc("enable_function", { function_name: name, enabled: false }));
    assert.notEqual((await call(path, user, { headers: { "if-none-match": etag } })).status, 304);
    const after = await run(user, workflow, { sku: "nail" });
    assert.deepEqual([after.execution.status, after.nodes.at(-1)!.error?.code], ["ERROR", "function_not_enabled"]);
  } finally {
    await sql.unsafe(`drop function nodes.${name}(jsonb, jsonb)`);
  }
});
