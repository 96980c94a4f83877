// npm run migrate:steps as a process: from a table with the guide's columns, killed on the way, and from a file.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { createObjectStore, pack } from "shared/objects.ts";
import { testObjects } from "shared/objects.testing.ts";
import { isolatedDatabase } from "../stack.ts";

// The SDK keeps its connections open for the next call.
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });

const script = new URL("../../scripts/migrate-steps.ts", import.meta.url).pathname;
const config = new URL("../../deno.json", import.meta.url).pathname;

async function world() {
  const isolated = await isolatedDatabase();
  const sql = isolated.connect();
  const server = await testObjects();
  const store = createObjectStore(server.settings);
  const folder = await Deno.makeTempDir();
  const [ann] =
    await sql`insert into auth.users (id, email) values (gen_random_uuid(), 'ann@example.com') returning id`;
  const [workspace] = await sql`select id from public.workspaces where personal_for = ${ann!.id}`;
  const stateFile = `${folder}/state.json`;
  const start = (...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-check", "-A", `--config=${config}`, script, `--to=${isolated.url}`],
        ...[`--workspace=${workspace!.id}`, `--state=${stateFile}`, ...args],
      ],
      env: {
        S3_ENDPOINT: server.settings.endpoint,
        S3_BUCKET: server.settings.bucket,
        S3_ACCESS_KEY_ID: server.settings.accessKeyId,
        S3_SECRET_ACCESS_KEY: server.settings.secretAccessKey,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  return {
    url: isolated.url,
    sql,
    server,
    store,
    folder,
    stateFile,
    workspace: workspace!.id as string,
    start,
    async run(code: number, ...args: string[]) {
      const output = await start(...args).output();
      const [out, err] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
      assert.equal(output.code, code, `${out}\n${err}`);
      return { out: out!, err: err! };
    },
    async [Symbol.asyncDispose]() {
      store.close();
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
      await isolated[Symbol.asyncDispose]();
    },
  };
}

async function oldTable(sql: postgres.Sql, rows: number): Promise<void> {
  await sql`
    create table public.old_steps (
      id uuid primary key default gen_random_uuid(),
      app_name text, window_title text, element_path text, step_name text, definition text,
      succeeded int default 0, failed int default 0, duration_ms int, ranking numeric,
      large_state jsonb, outcome_diff jsonb, state_object_key text, workflow_name text, workflow_description text,
      terminator_version text, environment text, author text,
      created_at timestamptz default now(), last_executed_at timestamptz default now(),
      definition_embedding text, workflow_embedding text)`;
  await sql`
    insert into public.old_steps (
      app_name, window_title, element_path, step_name, definition, succeeded, failed, duration_ms, large_state,
      outcome_diff, workflow_name, workflow_description, author, created_at, last_executed_at)
    select 'App ' || n % 7, 'Window ' || n % 50, 'Window > Button[' || n || ']', 'Click ' || n, 'await click(' || n || ')',
      n % 11, n % 3, case when n % 5 > 0 then n end,
      case when n % 20 = 0 then jsonb_build_object('tree', n, 'text', repeat('x', 500)) end,
      case when n % 50 = 0 then jsonb_build_array(n) end,
      'Workflow ' || n % 30, 'What workflow ' || n % 30 || ' does', 'user' || n % 9 || '@example.com',
      timestamptz '2024-01-01' + n * interval '1 hour', timestamptz '2025-01-01' + n * interval '1 minute'
    from generate_series(1, ${rows}::int) n`;
}

// The columns that are taken over, as they are in the old and in the new tables.
const differences = (sql: postgres.Sql) =>
  sql`
    select id from (
      select o.id, o.app_name, o.window_title, o.element_path, o.step_name, o.definition, o.workflow_name,
        o.workflow_description, o.author, o.created_at, nullif(o.succeeded, 0) as succeeded, nullif(o.failed, 0) as failed,
        case when o.succeeded + o.failed > 0 then o.duration_ms end as duration_ms,
        case when o.succeeded + o.failed > 0 then o.last_executed_at end as last_executed_at,
        case when o.large_state is not null then o.id || '_state.json.gz' end as state_object_key,
        case when o.outcome_diff is not null then o.id || '_outcome.json.gz' end as outcome_diff_key
      from public.old_steps o
      except
      select s.id, s.app_name, s.window_title, s.element_path, s.step_name, s.definition, s.workflow_name,
        s.workflow_description, s.author, s.created_at, nullif(t.succeeded, 0), nullif(t.failed, 0), t.duration_ms,
        t.last_executed_at, s.state_object_key, s.outcome_diff_key
      from public.workflow_steps s left join public.workflow_step_stats t on t.step_id = s.id) d`;

test("two thousand steps, killed on the way and taken up again, arrive once and whole", async () => {
  await using w = await world();
  await oldTable(w.sql, 2_000);
  const from = [`--from=${w.url}`, "--table=public.old_steps", "--batch=50"];

  const dry = await w.run(0, ...from, "--dry-run");
  assert.match(dry.out, /2000 read, 2000 would be imported, 0 were there, 0 failed, 140 objects/);
  assert.equal((await w.sql`select count(*)::int as n from public.workflow_steps`)[0]!.n, 0);

  let kills = 0;
  for (const far of [300, 1_200]) {
    const child = w.start(...from);
    for (;;) {
      const [{ n }] = await w.sql`select count(*)::int as n from public.workflow_steps` as unknown as [{ n: number }];
      if (n >= far) break;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    child.kill("SIGKILL");
    await child.output();
    const { n } = (await w.sql`select count(*)::int as n from public.workflow_steps`)[0]!;
    if (n < 2_000) kills++;
  }
  assert.equal(kills, 2);
  const { out, err } = await w.run(0, ...from);
  assert.match(out, /^2\d{3} read|^2000 read/);
  assert.match(err, /\[#{30}\] \d+\/2000 100 %/);
  assert.deepEqual([...await differences(w.sql)], []);
  assert.equal((await w.sql`select count(*)::int as n from public.workflow_steps`)[0]!.n, 2_000);
  // each has a job for its vector, and each of the thirty workflows one for all its steps
  const jobs = await w.sql`select source_id, count(*)::int as n from search.embedding_jobs group by 1 order by 1`;
  assert.deepEqual(jobs.map(({ n }) => n), [2_000, 30]);
  const withState = await w.sql`select id, large_state from public.old_steps where large_state is not null`;
  assert.equal(withState.length, 100);
  for (const { id, large_state } of withState) assert.deepEqual(await w.store.read(`${id}_state.json.gz`), large_state);
  assert.equal((await w.sql`select count(*)::int as n from search.object_uploads`)[0]!.n, 0);

  // once more from the beginning, and once more from the end
  assert.match((await w.run(0, ...from, "--restart")).out, /2000 read, 0 imported, 2000 were there, 0 failed/);
  await w.sql`insert into public.old_steps (id, app_name, window_title, element_path, step_name, workflow_name)
    values ('ffffffff-ffff-4fff-bfff-ffffffffffff', 'late', '', '', 'late', 'late')`;
  assert.match((await w.run(0, ...from)).out, /2001 read, 1 imported/);
});

test("rows that cannot be taken over are named and counted, the others are there", async () => {
  await using w = await world();
  await oldTable(w.sql, 60);
  const broken: string[] = (await w.sql`select id from public.old_steps order by id limit 4 offset 10`).map(({ id }) =>
    id
  );
  const [nameless, long, negative, lost] = broken;
  await w.sql`update public.old_steps set app_name = null, step_name = '' where id = ${nameless!}`;
  await w.sql`update public.old_steps set definition = repeat('x', 40000) where id = ${long!}`;
  await w.sql`update public.old_steps set succeeded = -1 where id = ${negative!}`;
  await w.sql`update public.old_steps set large_state = null, state_object_key = 'nowhere.json.gz' where id = ${lost!}`;
  const { out, err } = await w.run(2, "--from=target", "--table=old_steps", "--batch=7");
  assert.match(out, /60 read, 56 imported, 0 were there, 4 failed/);
  assert.match(err, new RegExp(`row ${nameless}: row_invalid: \\$\\.app_name: .*; \\$\\.step_name: `));
  assert.match(err, new RegExp(`row ${lost}: object_not_found`));
  const failures = (await Deno.readTextFile(`${w.stateFile}.errors.jsonl`)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(failures.map(({ id }) => id).sort(), [...broken].sort());
  // mended, they come with the next try from the beginning
  await w.sql`delete from public.old_steps where id = ${lost!}`;
  await w.sql`
    update public.old_steps set app_name = coalesce(app_name, 'App'), step_name = coalesce(nullif(step_name, ''), 'Click'),
      definition = left(definition, 100), succeeded = abs(succeeded)`;
  assert.match(
    (await w.run(0, "--from=target", "--table=old_steps", "--restart")).out,
    /59 read, 3 imported, 56 were there/,
  );
  assert.deepEqual([...await differences(w.sql)], []);
});

test("vectors of the model that serves are taken over, others are computed", async () => {
  await using w = await world();
  await oldTable(w.sql, 10);
  const vector = (dimensions: number, at: number) =>
    JSON.stringify(Array.from({ length: dimensions }, (_, i) => i === at ? 1 : 0));
  await w.sql`update public.old_steps set definition_embedding = ${vector(768, 3)}, workflow_embedding = ${
    vector(768, 5)
  }`;
  const [odd] = await w.sql`select id from public.old_steps limit 1`;
  await w.sql`update public.old_steps set definition_embedding = ${vector(12, 3)} where id = ${odd!.id}`;
  const refused = await w.run(1, "--from=target", "--table=old_steps", "--vectors=text-embedding-3-small/768");
  assert.match(refused.err, /local-lexical-v1\/768/);
  await w.run(0, "--from=target", "--table=old_steps", "--vectors=local-lexical-v1/768");
  const jobs = await w.sql`select source_id, row_id from search.embedding_jobs`;
  assert.deepEqual(jobs.map(({ row_id }) => row_id), [odd!.id]);
  const [vectors] = await w.sql`
    select count(*) filter (where source_id = 1)::int as steps, count(*) filter (where source_id = 2)::int as workflows
    from search.vectors`;
  assert.deepEqual({ ...vectors }, { steps: 9, workflows: 10 });
});

test("from a file of JSON lines, with objects that lie in a bucket already", async () => {
  await using w = await world();
  const id = crypto.randomUUID();
  await w.store.put("old/key.json.gz", await pack({ tree: 1 }));
  const row = {
    app_name: "Chrome",
    window_title: "Settings",
    element_path: ["Window", "Button"],
    step_name: "Save",
    workflow_name: "Forms",
    surprise: true,
  };
  const lines = [
    JSON.stringify({
      id,
      ...row,
      state_object_key: "old/key.json.gz",
      outcome_diff: '[{"text": "is JSON"}]',
      succeeded: 3,
    }),
    "",
    "no JSON",
    JSON.stringify({ id, ...row }),
    JSON.stringify({ ...row }),
  ];
  await Deno.writeTextFile(`${w.folder}/steps.jsonl`, lines.join("\n"));
  const { out, err } = await w.run(2, `--from=${w.folder}/steps.jsonl`);
  assert.match(out, /4 read, 1 imported, 0 were there, 3 failed, 2 objects/);
  assert.match(err, /row 3: row_invalid: \$: This is not a JSON object/);
  assert.match(err, /id_taken/);
  assert.match(err, /row 5: row_invalid: \$\.id/);
  const [step] = await w.sql`select element_path from public.workflow_steps where id = ${id}`;
  assert.equal(step!.element_path, '["Window","Button"]');
  assert.deepEqual(await w.store.read(`${id}_state.json.gz`), { tree: 1 });
  assert.deepEqual(await w.store.read(`${id}_outcome.json.gz`), [{ text: "is JSON" }]);
});

test("what cannot begin says why in a sentence", async () => {
  await using w = await world();
  const says = async (pattern: RegExp, ...args: string[]) => assert.match((await w.run(1, ...args)).err, pattern);
  await says(/npm run migrate:steps/);
  await says(/neither a file nor the URL/, "--from=/nowhere.jsonl");
  await says(/no table none/, "--from=target", "--table=none");
  await says(/is not a name/, "--from=target", "--table=a; drop table b");
  await says(/own table/, "--from=target");
  await says(/from 1 to 5000/, "--from=target", "--table=old_steps", "--batch=0");
  await oldTable(w.sql, 40);
  await w.server.stop();
  await says(/Run it again/, "--from=target", "--table=old_steps");
  await w.server.start();
  await w.run(0, "--from=target", "--table=old_steps");
  assert.deepEqual([...await differences(w.sql)], []);
});
