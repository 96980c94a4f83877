import assert from "node:assert/strict";
import type postgres from "postgres";
import { embeddingsKey, fakeOpenAi } from "shared/embeddings/openai.testing.ts";
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

Deno.test("a worker process embeds, but leaves a model alone that it cannot ask", async () => {
  await using database = await isolatedDatabase();
  await using openai = fakeOpenAi();
  const sql = database.connect();
  const [workspace] = await sql`insert into public.workspaces (name) values ('Containers') returning id`;
  const step = async (name: string) => {
    const [row] = await sql`
      insert into public.workflow_steps (
        workspace_id, app_name, window_title, element_path, step_name, definition, workflow_name)
      values (${workspace!.id}, 'app', 'window', '/', ${name}, 'click', 'workflow') returning id`;
    return row!.id as string;
  };
  const models = async () =>
    Array.from(
      await sql`
      select s.step_name as step, m.name as model from search.vectors v
      join public.workflow_steps s on s.id = v.row_id
      join search.embedding_models m on m.id = v.model_id order by s.step_name`,
    );
  const first = { step: "first", model: "local-lexical-v1" };
  const running: [Deno.ChildProcess, Promise<unknown>][] = [];
  const run = (env: Record<string, string> = {}) => {
    const process = start({ DATABASE_URL: database.url, WORKER_GRACE_SECONDS: "0", ...env });
    running.push([process, process.output()]);
  };
  try {
    run();
    await step("first");
    await until("it has a vector", async () => (await models()).length === 1);
    assert.deepEqual(await models(), [first]);

    // a model that needs a key
    await sql`update search.embedding_sources set serving_model = 4 where name = 'steps.definition'`;
    const second = await step("second");
    // as long as it takes to look several times
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const [job] = await sql`select attempts, error, lease_token from search.embedding_jobs where row_id = ${second}`;
    assert.deepEqual({ ...job }, { attempts: 0, error: null, lease_token: null });

    run({ EMBEDDINGS_URL: openai.url, EMBEDDINGS_KEY: embeddingsKey });
    await until("it has a vector too", async () => (await models()).length === 2);
    assert.deepEqual(await models(), [first, { step: "second", model: "text-embedding-3-small" }]);
    assert.deepEqual(openai.faults, []);
  } finally {
    for (const [process, output] of running) {
      process.kill("SIGTERM");
      await output;
    }
  }
});

Deno.test("a worker process that cannot work says everything that is wrong, and no secret", async () => {
  const env = {
    DATABASE_URL: "mysql://root:secret@db/x",
    WORKER_CAPACITY: "lots",
    WORKER_GRACE_SECONDS: "-1",
    EMBEDDINGS_URL: "ollama",
  };
  const { code, stderr } = await start(env).output();
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  assert.deepEqual([code, lines.map((line) => line.split(" ")[0])], [
    1,
    ["DATABASE_URL", "WORKER_CAPACITY", "WORKER_GRACE_SECONDS", "EMBEDDINGS_URL"],
  ]);
  assert.ok(!lines.join().includes("secret"));
});
