// POST /execute/steps/:id as many send it at once: one caller's requests share statements, and nobody notices.
import assert from "node:assert/strict";
import type { Caller } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { createExecuteApp } from "../../supabase/functions/execute/handler.ts";
import { isolatedDatabase } from "../stack.ts";

Deno.test("outcomes that come at once share statements of their caller, and each has its own answer", async () => {
  await using isolated = await isolatedDatabase();
  const sql = isolated.connect({ max: 1 });
  const person = async (name: string) => {
    const [row] = await sql`insert into auth.users (id, email) values (gen_random_uuid(), ${name}) returning id`;
    const [member] = await sql`select workspace_id from public.workspace_members where user_id = ${row!.id}`;
    return { id: row!.id as string, workspace: member!.workspace_id as string };
  };
  const [ann, bob, eve] = [await person("ann@x.test"), await person("bob@x.test"), await person("eve@x.test")];
  await sql`insert into public.workspace_members (workspace_id, user_id, role) values (${bob.workspace}, ${ann.id}, 'viewer')`;
  const steps = async ({ id, workspace }: typeof ann, count: number) => {
    const rows = await sql`
      insert into public.workflow_steps (workspace_id, user_id, app_name, window_title, element_path, step_name, workflow_name)
      select ${workspace}, ${id}, 'Chrome', 'Shop', '/', 'Step ' || n, 'Order' from generate_series(1, ${count}::int) n
      returning id`;
    return rows.map((row) => row.id as string);
  };
  const [anns, bobs, eves] = [await steps(ann, 30), await steps(bob, 20), await steps(eve, 1)];
  const database = connect(isolated.url);
  const app = createExecuteApp({
    url: "http://project.test",
    authenticate: (headers: Headers): Promise<Caller> => {
      const sub = headers.get("x-who")!;
      return Promise.resolve({
        kind: "user",
        userId: sub,
        claims: { sub, role: "authenticated" },
        expiresAt: Infinity,
      });
    },
    database,
    worker: { accepting: false, wake: () => Promise.resolve() },
    log: () => {},
  });
  const post = async (who: string, step: string, body: unknown) => {
    const response = await app.request(`/execute/steps/${step}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-who": who },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...await response.json() };
  };
  const good = { success: true, duration_ms: 100 };
  const send = (who: string, ids: string[]) => Promise.all(ids.map((id) => post(who, id, good)));
  try {
    const [ofAnn, ofBob] = await Promise.all([send(ann.id, anns), send(bob.id, bobs)]);
    for (const [answers, ids] of [[ofAnn, anns], [ofBob, bobs]] as const) {
      assert.deepEqual(answers.map(({ status }) => status), ids.map(() => 200));
      assert.deepEqual(answers.map(({ statistics }) => statistics.step_id), ids);
    }
    const { last_executed_at: _at, ...told } = ofAnn[0]!.statistics;
    assert.deepEqual(told, { step_id: anns[0], succeeded: 1, failed: 0, duration_ms: 100 });
    const written = await sql<{ whose: string; transactions: number; shared: boolean }[]>`
      select s.workspace_id as whose, count(distinct t.xmin::text)::int as transactions
      from public.workflow_step_stats t join public.workflow_steps s on s.id = t.step_id group by 1`;
    assert.equal(written.length, 2);
    for (const { transactions } of written) assert.ok(transactions < 10, `${transactions} transactions`);
    const [row] = await sql`
      select count(distinct (t.xmin::text, t.workspace_id))::int as pairs, count(distinct t.xmin::text)::int as transactions
      from public.workflow_step_stats t`;
    assert.equal(row!.pairs, row!.transactions, "no transaction is of two callers");

    // one step many times, capitals, a body that is wrong, one that is not there, another's, one that is only read
    const gone = crypto.randomUUID();
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => post(ann.id, anns[0]!, good)),
      post(ann.id, anns[1]!.toUpperCase(), { success: false }),
      post(ann.id, anns[2]!, { success: true, duration_ms: -1 }),
      post(ann.id, gone, good),
      post(ann.id, eves[0]!, good),
      post(ann.id, bobs[0]!, good),
      post(ann.id, anns[3]!, { ...good, duration_ms: 600 }),
    ]);
    assert.deepEqual(answers.map(({ status, error }) => error?.code ?? status), [
      ...[200, 200, 200, 200, 200, 200],
      ...["request_invalid", "step_not_found", "step_not_found", "role_insufficient", 200],
    ]);
    assert.ok(answers[7]!.error.message.includes(gone), answers[7]!.error.message);
    assert.equal(Math.max(...answers.slice(0, 5).map(({ statistics }) => statistics.succeeded)), 6);
    assert.deepEqual([answers[5]!.statistics.failed, answers[10]!.statistics.duration_ms], [1, 200]);
    const counted = await sql<{ n: number }[]>`
      select sum(t.succeeded + t.failed)::int as n from public.workflow_step_stats t group by t.workspace_id order by 1`;
    assert.deepEqual(counted.map(({ n }) => n), [20, 37]);
  } finally {
    await database.close();
  }
});
