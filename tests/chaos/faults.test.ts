// What fails under a running stack, on one of its own: others would feel it.
import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import type { Database } from "shared/database.types.ts";
import { makeFolder, state } from "../../scripts/stack/places.ts";
import { isRunning, tail } from "../../scripts/stack/processes.ts";
import { removeLeftovers, scratch } from "../../scripts/stack/scratch.ts";
import { startStack } from "../../scripts/stack/stack.ts";
import { type Answer, chain, data, database, json, manual, receiver } from "../flows/wire.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(what: string, withinMs: number, reached: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + withinMs; !await reached(); await pause(25)) {
    assert.ok(Date.now() < deadline, `${what}: not within ${withinMs} ms`);
  }
}

Deno.test({
  name: "a stack goes on after its worker and its database were killed",
  // the stack's own sockets and processes are ended by stop()
  sanitizeOps: false,
  sanitizeResources: false,
}, async (test) => {
  await removeLeftovers(scratch);
  const folder = `${scratch}/${Deno.pid}-${crypto.randomUUID()}`;
  const logs = `${state}/test-logs/${Deno.pid}-faults`;
  await makeFolder(folder);
  const reports: string[] = [];
  // not throw-away: a commit that was answered must survive
  const stack = await startStack({
    folder,
    logs,
    stackFile: `${folder}/stack.json`,
    report: (line) => void reports.push(line),
  });
  const pids = () => stack.details.pids;
  const withoutSession = { auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false } };
  const { url, publishable_key, secret_key } = stack.details;
  try {
    const client = createClient<Database>(url, publishable_key, withoutSession);
    const operator = createClient<Database>(url, secret_key, withoutSession);
    const signedUp = await client.auth.signUp({ email: "chaos@example.com", password: crypto.randomUUID() });
    const token = signedUp.data.session!.access_token;
    const headers = { apikey: publishable_key, authorization: `Bearer ${token}`, "content-type": "application/json" };
    const calls = new Map<string, number>();
    const { promise: never, resolve: release } = Promise.withResolvers<Response>();
    const { promise: stopped, resolve: serverStopped } = Promise.withResolvers<void>();
    await using inbox = await receiver([], async ({ body }) => {
      const name = String(body.name);
      calls.set(name, (calls.get(name) ?? 0) + 1);
      if (name === "killed" && calls.get(name) === 1) return await never;
      if (name.startsWith("late-")) await stopped;
      return Response.json({ name });
    });
    // the receiver's own end waits for what it holds
    using _held = {
      [Symbol.dispose]() {
        serverStopped();
        release(new Response());
      },
    };
    const workspace = data(await client.from("workspaces").select("id").single());
    data(
      await operator.from("workspaces").update({ allowed_hosts: [inbox.host] }).eq("id", workspace.id).select()
        .single(),
    );
    const workflow = async (timeout_seconds: number) => {
      const post = {
        id: "post",
        type: "ACTION",
        subtype: "HTTP_REQUEST",
        parameters: { method: "POST", url: inbox.url, body: "{{ $.input }}" },
        timeout_seconds,
        retry_wait_time: 0,
      };
      const definition = chain(manual, post) as never;
      return data(await client.rpc("create_workflow", { name: `${timeout_seconds} s`, definition })).id;
    };
    // a lease is 15 s longer than the timeout
    const quick = await workflow(1);
    const patient = await workflow(60);
    const start = async (name: string, workflow_id = quick) =>
      data(await client.rpc("start_execution", { workflow_id, input: { name } })).id;
    // by the Data API, so that nobody but the doorbell calls the execute function
    const status = async (id: string) => {
      const { data } = await client.from("workflow_executions").select("status, end_time").eq("id", id).maybeSingle();
      return data?.end_time ? data.status : null;
    };
    const read = async (id: string): Promise<Answer> =>
      await json(fetch(`${url}/functions/v1/execute/${id}`, { headers }), 200);

    await test.step("a start by the Data API is run by the doorbell alone", async () => {
      const id = await start("doorbell");
      await until("the execution ends", 10_000, async () => await status(id) !== null);
      assert.equal(await status(id), "SUCCESS");
      assert.equal(calls.get("doorbell"), 1);
    });

    let killed = "";
    await test.step("an execute function that is killed is reported and comes back", async () => {
      killed = await start("killed");
      await until("the worker calls", 10_000, () => calls.has("killed"));
      const pid = pids().execute!;
      Deno.kill(pid, "SIGKILL");
      await until("the process ends", 5_000, async () => !await isRunning(pid));
      await until("another runs", 20_000, () => pids().execute !== undefined && pids().execute !== pid);
      assert.ok(reports.some((line) => /^execute was ended by SIGKILL/.test(line)), reports.join("\n"));
      await json(fetch(`${url}/functions/v1/execute/health`), 200);
      assert.equal(calls.get("killed"), 1);
    });

    await test.step("executions under way when the database is stopped at once all end", async () => {
      // some are answered before the stop; the others hold every slot of the worker until after it
      const names = Array.from({ length: 60 }, (_, i) => `${i < 5 ? "early" : "late"}-${i}`);
      const ids = await Promise.all(names.map((name) => start(name, patient)));
      await until("calls are under way", 20_000, () => names.some((name) => calls.has(name)));
      const pid = pids().postgres!;
      // what pg_ctl calls an immediate shutdown
      Deno.kill(pid, "SIGQUIT");
      await until("the server ends", 5_000, async () => !await isRunning(pid));
      serverStopped();
      await until("another runs", 20_000, () => pids().postgres !== undefined && pids().postgres !== pid);
      await until("the stack is healthy", 20_000, async () => {
        const health = await fetch(`${url}/health`);
        await health.body?.cancel();
        return health.ok;
      });
      await until("all have ended", 40_000, async () => {
        const { data } = await client.from("workflow_executions").select("id").in("id", ids).is("end_time", null);
        return data?.length === 0;
      });
      await using sql = database(stack.details);
      const rows = await sql`
        select e.input ->> 'name' as name, e.status,
          count(*) filter (where n.node_id = 'post' and n.status = 'SUCCESS')::int as successes
        from public.workflow_executions e join public.node_executions n on n.execution_id = e.id
        where e.id = any (${ids}) group by e.id order by e.id`;
      assert.equal(rows.length, 60);
      for (const row of rows) assert.deepEqual([row.status, row.successes], ["SUCCESS", 1], row.name);
      for (const name of names) assert.ok(calls.get(name)! >= 1, `${name} was not called`);
    });

    await test.step("the task of the killed worker runs again when its lease is over, once", async () => {
      await until("the execution ends", 40_000, async () => await status(killed) !== null);
      const { execution, nodes } = await read(killed);
      assert.equal(execution.status, "SUCCESS");
      const runs = nodes.filter((node) => node.node_id === "post");
      assert.deepEqual(runs.map((run) => [run.status, run.attempt, run.error?.code ?? null]), [
        ["ERROR", 1, "lease_expired"],
        ["SUCCESS", 2, null],
      ]);
      const waited = Date.parse(runs[1]!.start_time) - Date.parse(runs[0]!.start_time);
      assert.ok(waited >= 16_000, `it ran again after ${waited} ms`);
      assert.equal(calls.get("killed"), 2);
    });

    await test.step("the doorbell rings again, and nothing is out of order", async () => {
      const id = await start("afterwards");
      await until("the execution ends", 10_000, async () => await status(id) !== null);
      assert.equal(await status(id), "SUCCESS");
      await using sql = database(stack.details);
      assert.deepEqual([...await sql`select * from engine.violations()`], []);
    });
  } catch (error) {
    console.error(reports.join("\n"), await tail(`${logs}/execute.log`));
    throw error;
  } finally {
    await stack.stop();
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
});
