import assert from "node:assert/strict";
import type postgres from "postgres";
import { isolatedDatabase } from "../tests/stack.ts";

function start(env: Record<string, string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    // what package.json says
    args: ["run", "--no-prompt", "--allow-net", "--allow-env", "--no-check", "scripts/worker.ts"],
    cwd: new URL("..", import.meta.url).pathname,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !await holds();) {
    if (Date.now() > deadline) throw new Error(`It did not happen that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("npm run worker is what the test below starts", async () => {
  const { scripts } = JSON.parse(await Deno.readTextFile(new URL("../package.json", import.meta.url)));
  assert.equal(
    scripts.worker,
    "exec node_modules/@deno/*/deno run --no-prompt --allow-net --allow-env scripts/worker.ts",
  );
});

Deno.test("a worker process takes work until SIGTERM, then hands back what still runs", async () => {
  await using database = await isolatedDatabase();
  const sql = database.connect();
  const reached = Promise.withResolvers<void>();
  const never = Promise.withResolvers<Response>();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    reached.resolve();
    return never.promise;
  });
  const host = `127.0.0.1:${server.addr.port}`;
  const [workspace] = await sql`
    insert into public.workspaces (name, allowed_hosts) values ('Containers', ${[host]}) returning id`;
  const execution = async (node: Record<string, postgres.JSONValue>): Promise<string> => {
    const definition = {
      nodes: [{ id: "start", type: "TRIGGER", subtype: "MANUAL" }, { id: "do", type: "ACTION", ...node }],
      connections: [{ source: "start", target: "do" }],
    };
    const [workflow] = await sql`
      select id from public.create_workflow('work', ${sql.json(definition)}, workspace_id => ${workspace!.id})`;
    return (await sql`select id from public.start_execution(${workflow!.id}, ${sql.json({ n: 1 })})`)[0]!.id;
  };
  const before = await execution({ subtype: "NOOP" });

  const process = start({ DATABASE_URL: database.url, WORKER_GRACE_SECONDS: "0" });
  const output = process.output();
  try {
    const status = async (id: string) =>
      (await sql`select status from public.workflow_executions where id = ${id}`)[0]!.status;
    await until("what was ready is done", async () => await status(before) === "SUCCESS");
    // longer than a worker of a function stays after its last work
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const later = await execution({ subtype: "NOOP" });
    await until("what came later is done too", async () => await status(later) === "SUCCESS");

    await execution({ subtype: "HTTP_REQUEST", parameters: { url: `http://${host}/` } });
    await reached.promise;
    process.kill("SIGTERM");
    const { code, stdout, stderr } = await output;
    const events = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line).event);
    assert.deepEqual([code, new TextDecoder().decode(stderr), events], [0, "", ["working", "stopping", "stopped"]]);
    const tasks = await sql`select lease_token, attempt from engine.tasks`;
    assert.deepEqual(Array.from(tasks), [{ lease_token: null, attempt: 1 }]);
    assert.deepEqual(Array.from(await sql`select capacity from engine.workers`), [{ capacity: 0 }]);
  } finally {
    try {
      process.kill("SIGKILL");
    } catch {
      // it has ended
    }
    await output;
    never.resolve(new Response());
  }
});

Deno.test("a worker process that cannot work says everything that is wrong, and no secret", async () => {
  const env = { DATABASE_URL: "mysql://root:secret@db/x", WORKER_CAPACITY: "lots", WORKER_GRACE_SECONDS: "-1" };
  const { code, stderr } = await start(env).output();
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  assert.deepEqual([code, lines.map((line) => line.split(" ")[0])], [
    1,
    ["DATABASE_URL", "WORKER_CAPACITY", "WORKER_GRACE_SECONDS"],
  ]);
  assert.ok(!lines.join().includes("secret"));
});
