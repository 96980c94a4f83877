// Executions under control, over HTTP and through the worker.
import assert from "node:assert/strict";
import { signUp, type User } from "../stack.ts";
import {
  call,
  chain,
  createWorkflow,
  data,
  database,
  type Definition,
  deploy,
  ended,
  json,
  manual,
  type Node,
  receiver,
  run,
} from "../flows/wire.ts";

const post = (id: string, url: string): Node => ({
  id,
  type: "ACTION",
  subtype: "HTTP_REQUEST",
  parameters: { url, method: "POST", body: { by: id } },
});
const start = async (
  user: User,
  definition: Definition,
  more: Record<string, unknown> = {},
) => {
  const workflow_id = await createWorkflow(user, definition);
  return (await json(
    call("execute", user, { json: { workflow_id, ...more } }),
    202,
  )).execution;
};
const control = async (user: User, id: string, verb: string, body?: unknown) =>
  (await json(
    call(`execute/${id}/${verb}`, user, { method: "POST", json: body }),
    202,
  )).execution;

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !await holds();) {
    if (Date.now() > deadline) throw new Error("It did not come about");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A server that keeps its answers until it is told to give them. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, answer: () => promise.then(() => Response.json({})) };
}

Deno.test("a canceled execution stays canceled, whatever its node answers", async () => {
  const user = await signUp("control");
  const { open, answer } = gate();
  await using server = await receiver([user], answer);
  const { id } = await start(
    user,
    chain(manual, post("first", server.url), post("second", server.url)),
  );
  await until(() => server.received.length === 1);
  const canceled = await control(user, id, "cancel", { reason: "wrong order" });
  assert.deepEqual([canceled.id, canceled.status, canceled.error.code], [
    id,
    "CANCELED",
    "canceled",
  ]);
  assert.match(canceled.error.message, /wrong order/);
  open();
  const again = await control(user, id, "cancel");
  assert.deepEqual([again.status, again.end_time], [
    "CANCELED",
    canceled.end_time,
  ]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { nodes } = await json(call(`execute/${id}`, user), 200);
  assert.deepEqual(
    nodes.map((node: Node) => `${node.node_id} ${node.status}`),
    ["start SUCCESS", "first CANCELED"],
  );
  assert.equal(server.received.length, 1);
});

Deno.test("while an execution is paused, what runs ends and nothing begins", async () => {
  const user = await signUp("control");
  const { open, answer } = gate();
  await using server = await receiver([user], answer);
  const { id } = await start(
    user,
    chain(manual, post("first", server.url), post("second", server.url)),
  );
  await until(() => server.received.length === 1);
  assert.equal((await control(user, id, "pause")).status, "PAUSED");
  open();
  await until(async () => {
    const { nodes } = await json(call(`execute/${id}`, user), 200);
    return nodes.some((node: Node) => node.node_id === "first" && node.status === "SUCCESS");
  });
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(server.received.length, 1);
  assert.notEqual((await control(user, id, "resume")).status, "PAUSED");
  assert.equal((await ended(user, id)).execution.status, "SUCCESS");
  assert.equal(server.received.length, 2);
  const { error } = await json(
    call(`execute/${id}/resume`, user, { method: "POST" }),
    409,
  );
  assert.equal(error.code, "execution_not_paused");
});

Deno.test("a retry does what failed, and pays for nothing twice", async () => {
  const user = await signUp("control");
  let broken = true;
  await using server = await receiver(
    [user],
    ({ body }) =>
      new Response("{}", {
        status: body.by === "second" && broken ? 400 : 200,
      }),
  );
  const failed = await start(
    user,
    chain(manual, post("first", server.url), post("second", server.url)),
  );
  const before = await ended(user, failed.id);
  assert.equal(before.execution.status, "ERROR");
  broken = false;
  const retried = await control(user, failed.id, "retry");
  assert.notEqual(retried.id, failed.id);
  assert.equal(retried.mode, "RETRY");
  assert.equal((await ended(user, retried.id)).execution.status, "SUCCESS");
  assert.deepEqual(server.received.map(({ body }) => body.by), [
    "first",
    "second",
    "second",
  ]);

  const first = before.nodes.find((node) => node.node_id === "first")!;
  const whole = await control(user, failed.id, "retry", {
    node_execution_id: first.id,
  });
  assert.equal((await ended(user, whole.id)).execution.status, "SUCCESS");
  assert.deepEqual(server.received.slice(3).map(({ body }) => body.by), [
    "first",
    "second",
  ]);
  const unknown = { node_execution_id: crypto.randomUUID() };
  const { error } = await json(
    call(`execute/${failed.id}/retry`, user, { json: unknown }),
    404,
  );
  assert.equal(error.code, "node_execution_not_found");
});

Deno.test("an event resumes what waits for it, and is its output", async () => {
  const user = await signUp("control");
  const wait = {
    id: "wait",
    type: "FLOW",
    subtype: "WAIT",
    parameters: { event: "paid", key: "{{ $.input.order }}" },
  };
  const { id } = await start(user, chain(manual, wait), {
    input: { order: "o-1" },
  });
  const send = (body: unknown) => json(call("execute/events", user, { json: body }), 202);
  await send({ name: "paid", key: "o-2", payload: { sum: 2 } });
  const sent = await send({ name: "paid", key: "o-1", payload: { sum: 1 } });
  assert.deepEqual([sent.name, sent.key, sent.created], ["paid", "o-1", true]);
  const { execution } = await ended(user, id);
  assert.deepEqual([execution.status, execution.output], ["SUCCESS", {
    wait: { sum: 1 },
  }]);
  const again = await send({ name: "paid", key: "o-1", payload: { sum: 9 } });
  assert.deepEqual([again.id, again.created], [sent.id, false]);
});

Deno.test("a start for later begins then; one that takes longer than it may ends in TIMEOUT", async () => {
  const user = await signUp("control");
  const { open, answer } = gate();
  await using server = await receiver([user], answer);
  const definition = chain(manual, post("call", server.url));
  const start_at = new Date(Date.now() + 1_500).toISOString();
  const later = await start(user, definition, { start_at });
  assert.equal(later.status, "NEW");
  const bounded = await start(user, definition, { timeout_seconds: 1 });
  assert.equal((await ended(user, bounded.id)).execution.status, "TIMEOUT");
  await until(() => server.received.length === 2);
  assert.ok(Date.now() >= Date.parse(start_at));
  open();
  assert.equal((await ended(user, later.id)).execution.status, "SUCCESS");
});

Deno.test("a sub-workflow's execution and its nodes are shown below the one that started it", async () => {
  const user = await signUp("control");
  const child = await deploy(
    user,
    chain(manual, {
      id: "double",
      type: "ACTION",
      subtype: "TRANSFORM",
      parameters: { output: "{{ $.input.n }}" },
    }),
  );
  const sub = {
    id: "sub",
    type: "FLOW",
    subtype: "SUB_WORKFLOW",
    parameters: { workflow_id: child.id, input: { n: 7 } },
  };
  const workflow = await createWorkflow(user, chain(manual, sub));
  // deno-lint-ignore no-explicit-any
  const answer = await run(user, workflow) as any;
  assert.equal(answer.execution.status, "SUCCESS");
  const [below] = answer.children;
  assert.deepEqual([answer.children.length, below.children], [1, []]);
  assert.deepEqual([below.execution.workflow_id, below.execution.status], [
    child.id,
    "SUCCESS",
  ]);
  assert.deepEqual(below.nodes.map((node: Node) => node.node_id), [
    "start",
    "double",
  ]);
});

Deno.test("a function of the project runs once, with what it is given, and its errors are the node's", async () => {
  const user = await signUp("control");
  await using sql = database();
  const name = `test_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await sql.unsafe(`
    create function nodes.${name}(arguments jsonb, context jsonb) returns jsonb language plpgsql as $$
    begin
      if arguments ->> 'do' = 'fail' then raise exception 'No stock of %', arguments ->> 'of'; end if;
      if arguments ->> 'do' = 'sleep' then perform pg_sleep(20); end if;
      return jsonb_build_object('got', arguments, 'node', context ->> 'node_id');
    end $$`);
  await sql.unsafe(
    `grant execute on function nodes.${name}(jsonb, jsonb) to public`,
  );
  try {
    data(
      await user.client.rpc(
        "enable_function" as never,
        { function_name: name } as never,
      ),
    );
    const outcome = async (
      args: Record<string, unknown>,
      more: Partial<Node> = {},
    ) => {
      const node = {
        id: "fn",
        type: "ACTION",
        subtype: "SQL_FUNCTION",
        max_retries: 0,
        parameters: { function: name, arguments: args },
        ...more,
      };
      const { execution, nodes } = await run(
        user,
        await createWorkflow(user, chain(manual, node)),
        { n: 3 },
      );
      const runs = nodes.filter((run) => run.node_id === "fn");
      assert.equal(runs.length, 1);
      return {
        status: execution.status,
        output: runs[0]!.output,
        error: runs[0]!.error,
      };
    };
    const got = await outcome({ n: "{{ $.input.n }}" });
    assert.deepEqual([got.status, got.output], ["SUCCESS", {
      got: { n: 3 },
      node: "fn",
    }]);
    const failed = await outcome({ do: "fail", of: "nails" });
    assert.deepEqual([failed.status, failed.error?.code], [
      "ERROR",
      "function_failed",
    ]);
    assert.match(failed.error!.message, /No stock of nails/);
    const slow = await outcome({ do: "sleep" }, { timeout_seconds: 1 });
    assert.deepEqual([slow.status, slow.error?.code], ["ERROR", "timeout"]);
  } finally {
    await sql.unsafe(`drop function nodes.${name}(jsonb, jsonb)`);
  }
});
