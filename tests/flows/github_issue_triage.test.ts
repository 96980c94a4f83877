// The story of `npm run demo`, and its crowd.
import assert from "node:assert/strict";
import { signUp, stack } from "../stack.ts";
import { call, database, deliver, deploy, ended, issueOpened, json, receiver, triage } from "./wire.ts";

Deno.test("a bug is summarised and posted once, however often it is delivered", async () => {
  const user = await signUp("triage");
  await using inbox = await receiver([user]);
  const { id, url } = await deploy(user, triage.definition);
  const first = await json(deliver(url, "d-1"), 202);
  assert.equal(first.duplicate, false);

  const { execution, nodes } = await ended(user, first.execution_id);
  assert.equal(execution.status, "SUCCESS");
  assert.equal(execution.mode, "WEBHOOK");
  assert.deepEqual(nodes.map((node) => [node.node_id, node.status, node.attempt]), [
    ["issue_opened", "SUCCESS", 1],
    ["is_bug", "SUCCESS", 1],
    ["summarise", "SUCCESS", 1],
    ["tell", "SUCCESS", 1],
  ]);
  const summary = {
    title: "Spelling error in the README file",
    number: 1,
    repository: "Codertocat/Hello-World",
    author: "Codertocat",
    labels: ["bug"],
    url: "https://github.com/Codertocat/Hello-World/issues/1",
    text: "Bug in Codertocat/Hello-World: #1 Spelling error in the README file (by Codertocat)",
  };
  assert.deepEqual(nodes[2]!.output, summary);
  assert.deepEqual(nodes[3]!.input, summary);
  assert.deepEqual(inbox.received.map(({ body }) => body), [summary]);
  assert.equal(inbox.received[0]!.headers.get("idempotency-key"), execution.id);
  assert.equal(inbox.received[0]!.headers.get("x-github-delivery"), "d-1");
  assert.deepEqual((execution.output as { tell: { status: number; body: unknown } }).tell.body, { count: 1 });

  const again = await json(deliver(url, "d-1"), 202);
  assert.deepEqual([again.execution_id, again.duplicate], [execution.id, true]);
  // neither is it known by its content: the same issue under another delivery id is another delivery
  const other = await json(deliver(url, "d-2"), 202);
  assert.equal(other.duplicate, false);
  await ended(user, other.execution_id);
  assert.equal(inbox.received.length, 2);
  const { count } = await user.client.from("workflow_executions").select("id", { count: "exact", head: true })
    .eq("workflow_id", id);
  assert.equal(count, 2);
});

Deno.test("ten copies of one delivery that arrive at once start one execution", async () => {
  const user = await signUp("triage");
  await using inbox = await receiver([user]);
  const { url } = await deploy(user, triage.definition);
  const answers = await Promise.all(Array.from({ length: 10 }, () => json(deliver(url, "d-1"), 202)));
  assert.equal(new Set(answers.map((answer) => answer.execution_id)).size, 1);
  assert.equal(answers.filter((answer) => !answer.duplicate).length, 1);
  await ended(user, answers[0].execution_id);
  assert.equal(inbox.received.length, 1);
});

Deno.test("what is not a bug is set aside", async () => {
  const user = await signUp("triage");
  await using inbox = await receiver([user]);
  const { url } = await deploy(user, triage.definition);
  const issue = { ...issueOpened.issue, labels: [{ name: "question" }, { name: "help wanted" }] };
  const { execution_id } = await json(deliver(url, "d-1", { ...issueOpened, issue }), 202);
  const { execution, nodes } = await ended(user, execution_id);
  assert.deepEqual(nodes.map((node) => node.node_id), ["issue_opened", "is_bug", "set_aside"]);
  assert.deepEqual(execution.output, {
    set_aside: {
      title: "Spelling error in the README file",
      number: 1,
      labels: ["question", "help wanted"],
      reason: 'The issue has no label "bug".',
    },
  });
  const unlabelled = { ...issueOpened, issue: { ...issueOpened.issue, labels: [] } };
  const bare = await json(deliver(url, "d-2", unlabelled), 202);
  assert.deepEqual(Object.keys((await ended(user, bare.execution_id)).execution.output!), ["set_aside"]);
  assert.equal(inbox.received.length, 0);
});

Deno.test("200 deliveries at once all end well, with one call each", async () => {
  const user = await signUp("triage");
  await using inbox = await receiver([user]);
  await using sql = database();
  const { id, url } = await deploy(user, triage.definition);
  const deliveries = Array.from({ length: 200 }, (_, i) => `d-${i}`);
  const started = await Promise.all(deliveries.map((delivery) => json(deliver(url, delivery), 202)));
  assert.equal(new Set(started.map((one) => one.execution_id)).size, 200);

  const deadline = Date.now() + 60_000;
  const live = async () =>
    (await sql`select count(*)::int as n from public.workflow_executions where workflow_id = ${id} and end_time is null`)[
      0
    ]!.n;
  while (await live() > 0) {
    assert.ok(Date.now() < deadline, `${await live()} executions have not ended after a minute`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const statuses = await sql`
    select status, count(*)::int as n from public.workflow_executions where workflow_id = ${id} group by 1`;
  assert.deepEqual(statuses.map((row) => ({ ...row })), [{ status: "SUCCESS", n: 200 }]);
  const calls = inbox.received.map(({ headers }) => headers.get("x-github-delivery")).sort();
  assert.deepEqual(calls, [...deliveries].sort());
  assert.deepEqual(
    new Set(inbox.received.map(({ headers }) => headers.get("idempotency-key"))),
    new Set(started.map((one) => one.execution_id)),
  );
  const runs = await sql`
    select n.node_id, n.status, n.attempt, count(*)::int as n from public.node_executions n
    join public.workflow_executions e on e.id = n.execution_id where e.workflow_id = ${id} group by 1, 2, 3 order by 1`;
  assert.deepEqual(
    runs.map((row) => [row.node_id, row.status, row.attempt, row.n]),
    ["is_bug", "issue_opened", "summarise", "tell"].map((node) => [node, "SUCCESS", 1, 200]),
  );
  assert.deepEqual([...await sql`select * from engine.violations()`], []);
});

Deno.test("npm run demo succeeds, and again with what it has kept", async () => {
  const demo = async () => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("../../scripts/demo.ts", import.meta.url).pathname],
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assert.ok(success, decoder.decode(stdout) + decoder.decode(stderr));
    return decoder.decode(stdout);
  };
  const first = await demo();
  assert.match(first, /signed up/);
  assert.match(first, /✓ Tell the receiver +SUCCESS/);
  assert.match(first, /nothing was started: still 1 execution\n/);
  const second = await demo();
  assert.match(second, /signed in/);
  assert.match(second, /version 1 as before/);
  // the delivery of the first run, and then the second run's own
  assert.match(second, /still 1 execution\n[\s\S]*still 2 executions\n/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(first + second, /\x1b/);
  const memory = Deno.env.get("TANDEM_STACK")!.replace(/[^/]*$/, "demo.json");
  assert.equal((await Deno.stat(memory)).mode! & 0o777, 0o600);
});

Deno.test("the demo says in one sentence that no stack runs", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("../../scripts/demo.ts", import.meta.url).pathname],
    env: { TANDEM_STACK: `${Deno.makeTempDirSync()}/stack.json` },
    stdin: "null",
  }).output();
  assert.equal(code, 1);
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.match(new TextDecoder().decode(stderr), /^No stack runs in this checkout: .*npm start.*\n$/);
});

Deno.test("the trigger's URL is the secret: another id, path or method finds nothing", async () => {
  const user = await signUp("triage");
  const { url } = await deploy(user, triage.definition);
  const elsewhere = url.replace(/[0-9a-f-]{36}/, crypto.randomUUID());
  for (const wrong of [elsewhere, `${url}/more`, url.replace(/\/issues$/, "")]) {
    const { error } = await json(deliver(wrong, "d-1"), 404);
    assert.equal(error.code, "trigger_not_found", wrong);
  }
  const { error } = await json(fetch(url), 405);
  assert.equal(error.code, "method_not_allowed");
  assert.equal(new URL(url).origin, stack().url);
  const { data } = await user.client.from("workflow_executions").select("id");
  assert.deepEqual(data, []);
  await json(call("execute/health", null), 200);
});
