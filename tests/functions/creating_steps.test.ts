// POST /embed/steps, GET /search/steps/:id/{state,outcome} and the sweeping of objects, with a database and an S3 server
// of their own: the clock is moved, and the server goes away.
import assert from "node:assert/strict";
import { createEmbedder } from "shared/embeddings/embedder.ts";
import { createEmbeddingWorker, sqlQueue } from "shared/embeddings/worker.ts";
import { sweepObjects, withSweeper } from "shared/object_sweep.ts";
import { createStepUsage } from "shared/step_usage.ts";
import type { Worker } from "shared/worker.ts";
import type { Caller } from "shared/auth.ts";
import { connect, type Database } from "shared/db.ts";
import { createObjectStore, type ObjectLimits, type ObjectStore } from "shared/objects.ts";
import { type FakeObjects, fakeObjects, type TestObjects, testObjects } from "shared/objects.testing.ts";
import type postgres from "postgres";
import { createEmbedApp } from "../../supabase/functions/embed/handler.ts";
import { createSearchApp } from "../../supabase/functions/search/handler.ts";
import { until } from "../flows/wire.ts";
import { isolatedDatabase } from "../stack.ts";

// The SDK keeps its connections open for the next call.
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });

interface World<S> extends AsyncDisposable {
  sql: postgres.Sql;
  database: Database;
  store: ObjectStore;
  server: S;
  ann: string;
  stranger: string;
  /** A request to embed or search, as a person (by id), as the service, or as nobody. */
  request(path: string, who: string, init?: RequestInit & { json?: unknown }): Promise<Response>;
}

async function world<S extends TestObjects | FakeObjects>(
  server: S,
  { withObjects = true, works = false, limits = {} }: {
    withObjects?: boolean;
    works?: boolean;
    limits?: Partial<ObjectLimits>;
  } = {},
): Promise<World<S>> {
  const isolated = await isolatedDatabase();
  const sql = isolated.connect({ max: 2 });
  const person = async (name: string) => {
    const [row] = await sql`insert into auth.users (id, email) values (gen_random_uuid(), ${name}) returning id`;
    return row!.id as string;
  };
  const [ann, stranger] = [await person("ann@example.com"), await person("stranger@example.com")];
  const database = connect(isolated.url);
  const store = createObjectStore(server.settings, limits);
  const embedder = createEmbedder({ openai: null });
  const embeddings = createEmbeddingWorker({ queue: sqlQueue(() => database), embedder });
  // vectors are computed where a test asks for them
  const worker: Worker = works ? withSweeper(embeddings, (signal) => sweepObjects(database, store, { signal })) : {
    accepting: false,
    wake: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const dependencies = {
    url: "http://project.test",
    authenticate: (headers: Headers): Promise<Caller> => {
      const who = headers.get("x-who")!;
      if (who === "service") return Promise.resolve({ kind: "service" });
      if (who === "nobody") return Promise.resolve({ kind: "anonymous" });
      const claims = { sub: who, role: "authenticated" };
      return Promise.resolve({ kind: "user", userId: who, claims, expiresAt: Infinity });
    },
    database,
    objects: withObjects ? store : null,
    embedder,
    worker,
    log: () => {},
  };
  const apps = { embed: createEmbedApp(dependencies), search: createSearchApp(dependencies) };
  return {
    sql,
    database,
    store,
    server,
    ann,
    stranger,
    async request(path, who, { json, ...init } = {}) {
      const headers = new Headers(init.headers);
      headers.set("x-who", who);
      if (json !== undefined) headers.set("content-type", "application/json");
      const slug = path.split("/")[1] as keyof typeof apps;
      return await apps[slug].request(path, {
        ...init,
        headers,
        ...(json !== undefined && { method: "POST", body: JSON.stringify(json) }),
      });
    },
    async [Symbol.asyncDispose]() {
      await worker.stop(0);
      await database.close();
      store.close();
      await isolated[Symbol.asyncDispose]();
    },
  };
}

// deno-lint-ignore no-explicit-any
async function json(response: Response | Promise<Response>, status: number): Promise<any> {
  const answer = await response;
  const text = await answer.text();
  assert.equal(answer.status, status, text.slice(0, 2_000));
  return JSON.parse(text);
}

const step = (n = 0, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  app_name: "Chrome",
  window_title: "Settings",
  element_path: 'Window > Button[name="Save"]',
  step_name: `Click save ${n}`,
  definition: `await element.click(${n})`,
  workflow_name: "Form submission",
  workflow_description: "Submit forms",
  ...more,
});
const large = (n: number) => step(n, { current_state: { tree: [n, "x".repeat(2_000)] }, outcome_diff: [{ added: n }] });
const keyed = (key: string, body: unknown) => ({ json: body, headers: { "idempotency-key": key } });
const rowCount = async (sql: postgres.Sql) => (await sql`select count(*)::int as n from public.workflow_steps`)[0]!.n;
const stored = async (server: TestObjects) => {
  const names = new Set<string>();
  for await (const file of Deno.readDir(`${server.folder}/tandem`)) names.add(file.name.split("._S3rver")[0]!);
  return [...names].sort();
};

test("a step alone, and its state and outcome as they were sent", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const answer = await json(w.request("/embed/steps", w.ann, { json: large(1) }), 201);
  assert.deepEqual([answer.created, answer.embedding, answer.steps.length], [true, "pending", 1]);
  const [{ id, ...made }] = answer.steps;
  assert.equal(made.step_name, "Click save 1");
  assert.equal(made.user_id, w.ann);
  assert.equal(made.state_object_key, `${id}_state.json.gz`);
  assert.equal(made.outcome_diff_key, `${id}_outcome.json.gz`);
  assert.equal("definition" in made, false);
  const [row] = await w.sql`select definition from public.workflow_steps where id = ${id}`;
  assert.equal(row!.definition, "await element.click(1)");
  assert.deepEqual(await stored(server), [`${id}_outcome.json.gz`, `${id}_state.json.gz`]);

  const state = await w.request(`/search/steps/${id}/state`, w.ann);
  assert.equal(state.headers.get("content-type"), "application/json");
  assert.equal(state.headers.get("content-encoding"), null);
  assert.deepEqual(await json(state, 200), large(1).current_state);
  assert.deepEqual(await json(w.request(`/search/steps/${id}/outcome`, w.ann), 200), [{ added: 1 }]);
  // nothing is left behind that says it is still under way
  assert.equal((await w.sql`select count(*)::int as n from search.object_uploads`)[0]!.n, 0);
});

test("five hundred steps in one request, in their order", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const steps = Array.from({ length: 500 }, (_, n) => n % 10 === 0 ? large(n) : step(n));
  const answer = await json(w.request("/embed/steps", w.ann, { json: { steps } }), 201);
  assert.deepEqual(answer.steps.map((made: { step_name: string }) => made.step_name), steps.map((s) => s.step_name));
  const ids = answer.steps.map((made: { id: string }) => made.id);
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(ids).size, 500);
  assert.equal(ids.every((id: string) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/.test(id)), true);
  assert.equal((await stored(server)).length, 100);
  assert.deepEqual(
    answer.steps.map((made: { state_object_key: string | null }) => made.state_object_key !== null),
    steps.map((_, n) => n % 10 === 0),
  );
  const { error } = await json(w.request("/embed/steps", w.ann, { json: { steps: [...steps, step()] } }), 422);
  assert.equal(error.details.problems[0].path, "$.steps");
});

test("all problems of all steps are told at once, and nothing is kept", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const steps = [
    large(0),
    step(1, { app_name: "", surprise: 1 }),
    step(2, { definition: "ä".repeat(16_385), step_name: undefined }),
    step(3, { workflow_id: "none" }),
  ];
  const { error } = await json(w.request("/embed/steps", w.ann, { json: { steps } }), 422);
  assert.equal(error.code, "request_invalid");
  const paths = error.details.problems.map((problem: { path: string }) => problem.path).sort();
  assert.deepEqual(paths, [
    "$.steps[1].app_name",
    "$.steps[1].surprise",
    "$.steps[2].definition",
    "$.steps[2].step_name",
    "$.steps[3].workflow_id",
  ]);

  // what only the database knows: somebody else's workflow is none
  const [theirs] = await w.database.asCaller(
    { kind: "user", userId: w.stranger, claims: { sub: w.stranger, role: "authenticated" }, expiresAt: 0 },
    (sql) => sql`select id from public.create_workflow('theirs')`.then((rows) => [...rows]),
  );
  const [hers] = await w.database.asCaller(
    { kind: "user", userId: w.ann, claims: { sub: w.ann, role: "authenticated" }, expiresAt: 0 },
    (sql) => sql`select id from public.create_workflow('hers')`.then((rows) => [...rows]),
  );
  const ofNode = step(3, { workflow_id: hers!.id, node_id: "save" });
  const named = [
    large(0),
    step(1, { workflow_id: theirs!.id }),
    step(2, { workflow_id: crypto.randomUUID(), node_id: "x" }),
    ofNode,
    ofNode,
  ];
  const refused = await json(w.request("/embed/steps", w.ann, { json: { steps: named } }), 422);
  assert.equal(refused.error.code, "steps_invalid");
  assert.deepEqual(refused.error.details.problems.map((p: { path: string; code: string }) => [p.code, p.path]), [
    ["workflow_not_found", "$.steps[1].workflow_id"],
    ["required", "$.steps[1].node_id"],
    ["workflow_not_found", "$.steps[2].workflow_id"],
    ["step_exists", "$.steps[4].node_id"],
  ]);
  assert.deepEqual(await stored(server), []);
  assert.equal(await rowCount(w.sql), 0);
  assert.equal((await w.sql`select count(*)::int as n from search.step_requests`)[0]!.n, 0);

  // a node has one step, whoever made it
  await json(w.request("/embed/steps", w.ann, { json: ofNode }), 201);
  const second = await json(w.request("/embed/steps", w.ann, { json: ofNode }), 422);
  assert.deepEqual(second.error.details.problems.map((p: { code: string }) => p.code), ["step_exists"]);

  const headers = { "content-type": "application/json" };
  const tooMuch = await w.request("/embed/steps", w.ann, {
    method: "POST",
    headers,
    body: JSON.stringify(step(0, { current_state: "x".repeat(26 * 1024 * 1024) })),
  });
  assert.equal((await json(tooMuch, 413)).error.code, "body_too_large");
  const { error: big } = await json(
    w.request("/embed/steps", w.ann, {
      json: { steps: [step(), step(1, { outcome_diff: "x".repeat(24 * 1024 * 1024 + 1) })] },
    }),
    413,
  );
  assert.equal(big.code, "object_too_large");
  assert.match(big.message, /^\$\.steps\[1\]\.outcome_diff: /);
  const deep = (levels: number) => step(0, { current_state: JSON.parse("[".repeat(levels) + "]".repeat(levels)) });
  const { steps: [made] } = await json(w.request("/embed/steps", w.ann, { json: deep(900) }), 201);
  assert.equal(JSON.stringify(await json(w.request(`/search/steps/${made.id}/state`, w.ann), 200)).length, 1800);
  assert.equal((await json(w.request("/embed/steps", w.ann, { json: deep(1_200) }), 400)).error.code, "json_too_deep");
});

test("the same request again is the same steps, another body under its key is refused", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const body = { steps: [large(1), step(2)] };
  const first = await json(w.request("/embed/steps", w.ann, keyed("k1", body)), 201);
  const again = await json(w.request("/embed/steps", w.ann, keyed("k1", body)), 200);
  assert.deepEqual(again.steps, first.steps);
  assert.equal(again.created, false);
  for (const other of [{ steps: [large(1), step(3)] }, { steps: [large(2), step(2)] }, { steps: [large(1)] }]) {
    const { error } = await json(w.request("/embed/steps", w.ann, keyed("k1", other)), 409);
    assert.equal(error.code, "idempotency_conflict");
  }
  assert.equal(await rowCount(w.sql), 2);
  assert.equal((await stored(server)).length, 2);
  // another workspace's keys are its own, and without one every request is a new one
  await json(w.request("/embed/steps", w.stranger, keyed("k1", body)), 201);
  await json(w.request("/embed/steps", w.ann, { json: step(2) }), 201);
  await json(w.request("/embed/steps", w.ann, { json: step(2) }), 201);
  assert.equal(await rowCount(w.sql), 6);
  const { error } = await json(w.request("/embed/steps", w.ann, keyed("k".repeat(256), body)), 400);
  assert.equal(error.code, "delivery_key_invalid");
  assert.equal((await json(w.request("/embed/steps", w.ann, keyed("", body)), 400)).error.code, error.code);

  // what was deleted since stays deleted
  await w.sql`delete from public.workflow_steps where id = ${first.steps[0].id}`;
  const { steps } = await json(w.request("/embed/steps", w.ann, keyed("k1", body)), 200);
  assert.deepEqual([steps[0], steps[1].id], [null, first.steps[1].id]);
});

test("the same request twice at once is the same steps", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const body = { steps: Array.from({ length: 20 }, (_, n) => large(n)) };
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => w.request("/embed/steps", w.ann, keyed("at once", body))),
  );
  const read = await Promise.all(answers.map((answer) => json(answer, answer.status)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 201]);
  for (const { steps } of read) assert.deepEqual(steps, read[0].steps);
  assert.equal(await rowCount(w.sql), 20);
  for (const { id } of read[0].steps) await json(w.request(`/search/steps/${id}/state`, w.ann), 200);
});

test("without object storage nothing is half written, and the key finds its way later", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const body = { steps: [large(1), step(2), large(3)] };
  await server.stop();
  const away = await w.request("/embed/steps", w.ann, keyed("k", body));
  assert.equal(away.headers.get("retry-after"), "2");
  assert.equal((await json(away, 503)).error.code, "object_store_unavailable");
  assert.equal(await rowCount(w.sql), 0);
  // what needs none is created meanwhile
  await json(w.request("/embed/steps", w.ann, { json: step(9) }), 201);
  await server.start();
  const { steps } = await json(w.request("/embed/steps", w.ann, keyed("k", body)), 201);
  assert.equal(await rowCount(w.sql), 4);
  assert.deepEqual(await json(w.request(`/search/steps/${steps[2].id}/state`, w.ann), 200), large(3).current_state);
});

test("a server that fails in the middle leaves no row, and the next try sends the rest", async () => {
  await using server = fakeObjects();
  await using w = await world(server);
  const refuse = () => new Response("<Error><Code>InternalError</Code></Error>", { status: 412 });
  server.failures.push(null, refuse);
  const body = { steps: [large(1), large(2)] };
  assert.equal(
    (await json(w.request("/embed/steps", w.ann, keyed("k", body)), 503)).error.code,
    "object_store_unavailable",
  );
  assert.equal(await rowCount(w.sql), 0);
  const { steps } = await json(w.request("/embed/steps", w.ann, keyed("k", body)), 201);
  const keys = steps.flatMap((s: Record<string, string>) => [s.state_object_key, s.outcome_diff_key]).sort();
  assert.deepEqual([...server.stored.keys()].sort(), keys);
});

test("a silent server does not hold a request for ever", async () => {
  await using server = fakeObjects();
  await using w = await world(server, { limits: { requestMs: 200, callMs: 2_000 } });
  const silent = Promise.withResolvers<Response>();
  server.failures.push(...Array.from({ length: 20 }, () => () => silent.promise));
  const { error } = await json(w.request("/embed/steps", w.ann, { json: large(1) }), 503);
  assert.equal(error.code, "object_store_unavailable");
  silent.resolve(new Response());
});

test("where none is configured, steps without large values can be created, others say why not", async () => {
  await using server = fakeObjects();
  await using w = await world(server, { withObjects: false });
  const { steps: [made] } = await json(w.request("/embed/steps", w.ann, { json: step(1) }), 201);
  const { error } = await json(w.request("/embed/steps", w.ann, { json: large(1) }), 503);
  assert.match(error.hint, /S3_/);
  assert.equal((await json(w.request(`/search/steps/${made.id}/state`, w.ann), 404)).error.code, "object_not_found");
});

test("who may not write creates nothing, who may not read sees nothing", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const [workspace] = await w.sql`select id from public.workspaces where personal_for = ${w.ann}`;
  const body = { workspace_id: workspace!.id, ...large(1) };
  const refused = await json(w.request("/embed/steps", w.stranger, { json: body }), 404);
  assert.equal(refused.error.code, "workspace_not_found");
  await w.sql`insert into public.workspace_members (workspace_id, user_id, role) values (${
    workspace!.id
  }, ${w.stranger}, 'viewer')`;
  assert.equal(
    (await json(w.request("/embed/steps", w.stranger, { json: body }), 403)).error.code,
    "role_insufficient",
  );
  assert.deepEqual(await stored(server), []);
  assert.equal(
    (await json(w.request("/embed/steps", "nobody", { json: body }), 401)).error.code,
    "authentication_required",
  );

  const { steps: [made] } = await json(w.request("/embed/steps", "service", { json: body }), 201);
  assert.equal(made.user_id, null);
  assert.equal(
    (await json(w.request("/embed/steps", "service", { json: step(1) }), 422)).error.code,
    "workspace_needed",
  );
  await json(w.request(`/search/steps/${made.id}/state`, w.stranger), 200);
  await w.sql`delete from public.workspace_members where user_id = ${w.stranger} and workspace_id = ${workspace!.id}`;
  for (const path of [`/search/steps/${made.id}/state`, `/search/steps/${made.id}/state?presigned=true`]) {
    assert.equal((await json(w.request(path, w.stranger), 404)).error.code, "step_not_found");
    assert.equal((await json(w.request(path, "nobody"), 401)).error.code, "authentication_required");
  }
  await json(w.request(`/search/steps/${made.id}/state`, "service"), 200);
  assert.equal(
    (await json(w.request(`/search/steps/${crypto.randomUUID()}/state`, w.ann), 404)).error.code,
    "step_not_found",
  );
});

test("a caller who calls the verbs himself gets no row with an object that was not uploaded", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const ann: Caller = { kind: "user", userId: w.ann, claims: { sub: w.ann, role: "authenticated" }, expiresAt: 0 };
  const sha256 = "ab".repeat(32);
  const begun = await w.database.asCaller(ann, (sql) =>
    sql`
      select search.begin_steps(null, 'forged', decode(${sha256}, 'hex'), '[{}]',
        ${JSON.stringify([{ index: 0, kind: "state", sha256 }])}::text::jsonb) as answer`.then(([row]) => row!.answer));
  const finish = () =>
    w.database.asCaller(ann, (sql) =>
      sql`
        select search.finish_steps(${begun.request_id}, ${JSON.stringify([step(1)])}::text::jsonb) as answer`.then((
        [row],
      ) => row!.answer));
  const outcome = (work: Promise<unknown>) => work.then(() => "ok", (error) => error.detail || error.code);
  assert.equal(await outcome(finish()), "upload_incomplete");
  const confirm = (sql: postgres.Sql | postgres.TransactionSql, hash: string) => {
    const uploads = [{ step_id: begun.uploads[0].step_id, kind: "state", sha256: hash }];
    return sql`select search.confirm_uploads(${JSON.stringify(uploads)}::text::jsonb) as n`;
  };
  // the caller may not confirm, and what the function confirms is what was announced
  assert.equal(await outcome(w.database.asCaller(ann, async (sql) => await confirm(sql, sha256))), "42501");
  assert.equal((await confirm(w.sql, "cd".repeat(32)))[0]!.n, 0);
  assert.equal(await outcome(finish()), "upload_incomplete");
  assert.equal(await rowCount(w.sql), 0);
  // nor may anybody else finish it
  const other: Caller = {
    kind: "user",
    userId: w.stranger,
    claims: { sub: w.stranger, role: "authenticated" },
    expiresAt: 0,
  };
  const theirs = w.database.asCaller(
    other,
    async (sql) => await sql`select search.finish_steps(${begun.request_id}, '[]')`,
  );
  assert.equal(await outcome(theirs), "step_request_not_found");
  // nor give a row an object's key
  const write = (statement: string) => w.database.asCaller(ann, async (sql) => await sql.unsafe(statement));
  const { steps: [made] } = await json(w.request("/embed/steps", w.ann, { json: step(1) }), 201);
  const update = `update public.workflow_steps set state_object_key = 'x' where id = '${made.id}'`;
  assert.equal(await outcome(write(update)), "42501");
  for (const table of ["object_uploads", "object_deletions", "step_requests"]) {
    assert.equal(await outcome(write(`select * from search.${table}`)), "42501");
    assert.equal(await outcome(write(`delete from search.${table}`)), "42501");
  }

  await confirm(w.sql, sha256);
  const { steps: [owned] } = await finish();
  assert.equal(owned.state_object_key, begun.uploads[0].object_key);
});

test("gzip for whom it suits, 304 for who has it, a link for who asks", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const { steps: [made] } = await json(w.request("/embed/steps", w.ann, { json: large(7) }), 201);
  const path = `/search/steps/${made.id}/state`;
  const accepting = (encoding: string) => w.request(path, w.ann, { headers: { "accept-encoding": encoding } });
  const packed = await accepting("br;q=0.5, gzip");
  assert.equal(packed.headers.get("content-encoding"), "gzip");
  assert.match(packed.headers.get("vary")!, /accept-encoding/);
  const unpackedBody = packed.body!.pipeThrough(new DecompressionStream("gzip"));
  assert.deepEqual(await new Response(unpackedBody).json(), large(7).current_state);
  for (const encoding of ["identity", "gzip;q=0", "br"]) {
    const plain = await accepting(encoding);
    assert.equal(plain.headers.get("content-encoding"), null, encoding);
    assert.deepEqual(await plain.json(), large(7).current_state);
  }

  const etag = packed.headers.get("etag")!;
  assert.match(etag, /^W\/"[0-9a-f]{64}"$/);
  assert.equal(packed.headers.get("x-content-type-options"), "nosniff");
  const conditional = (tag: string) => w.request(path, w.ann, { headers: { "if-none-match": tag } });
  const same = await conditional(`"other", ${etag}`);
  assert.deepEqual([same.status, same.body, same.headers.get("etag")], [304, null, etag]);
  await json(conditional('"other"'), 200);

  const link = await json(w.request(`${path}?presigned=true`, w.ann), 200);
  assert.deepEqual(await (await fetch(link.url)).json(), large(7).current_state);
  assert.ok(Date.parse(link.expires_at) - Date.now() <= 60_000);
  assert.equal((await json(w.request(`${path}?presigned=yes`, w.ann), 422)).error.code, "request_invalid");

  // gone from the storage, or the storage gone
  await w.store.delete(made.state_object_key);
  assert.equal((await json(w.request(path, w.ann), 404)).error.code, "object_not_found");
  await server.stop();
  assert.equal((await json(w.request(path, w.ann), 503)).error.code, "object_store_unavailable");
});

test("what no row points at is deleted, what one points at is not", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const { steps } = await json(
    w.request("/embed/steps", w.ann, { json: { steps: [large(1), large(2), step(3)] } }),
    201,
  );
  const due = async () => (await w.sql`select search.object_sweeps_are_due() as due`)[0]!.due;
  assert.equal(await due(), false);
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 0, retried: 0 });
  await w.sql`delete from public.workflow_steps where id in ${w.sql([steps[0].id, steps[2].id])}`;
  assert.equal(await due(), true);

  // while it is away they wait
  await server.stop();
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 0, retried: 2 });
  await server.start();
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 0, retried: 0 });
  await w.sql`update search.object_deletions set due_at = due_at - interval '1 minute'`;
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 2, retried: 0 });
  assert.deepEqual(await stored(server), [steps[1].outcome_diff_key, steps[1].state_object_key].sort());
  await json(w.request(`/search/steps/${steps[1].id}/state`, w.ann), 200);

  // a workspace goes with all that it had
  await w.sql`delete from public.workspaces where personal_for = ${w.ann}`;
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 2, retried: 0 });
  assert.deepEqual(await stored(server), []);
  assert.equal((await w.sql`select count(*)::int as n from search.object_deletions`)[0]!.n, 0);
});

test("what goes to the archive and comes back keeps its objects, and takes them along when it goes for good", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const { steps: [made] } = await json(w.request("/embed/steps", w.ann, { json: large(1) }), 201);
  await w.sql`update public.workflow_steps set created_at = now() - interval '2 years'`;
  await w.sql`alter table public.workflow_steps disable trigger touch`;
  await w.sql`update public.workflow_steps set updated_at = now() - interval '2 years'`;
  const archive = async () => (await w.sql`select search.archive_steps() as n`)[0]!.n;
  assert.equal(await archive(), 1);
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 0, retried: 0 });
  await w.sql`select public.restore_archived_step(${made.id})`;
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 0, retried: 0 });
  await json(w.request(`/search/steps/${made.id}/state`, w.ann), 200);

  await w.sql`update public.workflow_steps set updated_at = now() - interval '2 years'`;
  assert.equal(await archive(), 1);
  await w.sql`delete from public.workspaces where personal_for = ${w.ann}`;
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 2, retried: 0 });
  assert.deepEqual(await stored(server), []);
});

test("who asks for it waits for the vectors, and the worker deletes objects by the way", async () => {
  await using server = await testObjects();
  await using w = await world(server, { works: true });
  const { steps: [gone] } = await json(w.request("/embed/steps", w.ann, { json: large(0) }), 201);
  await w.sql`delete from public.workflow_steps where id = ${gone.id}`;
  // behind the pause between two sweeps
  await until("the objects are deleted", async () => {
    const body = { embed: "now", steps: [step(1), step(2)] };
    const answer = await json(w.request("/embed/steps", w.ann, { json: body }), 201);
    assert.equal(answer.embedding, "done");
    const [row] = await w.sql`
      select count(*)::int as n from search.vectors
      where row_id in ${w.sql(answer.steps.map(({ id }: { id: string }) => id))}`;
    assert.equal(row!.n, 2);
    return (await stored(server)).length === 0;
  });
});

test("what is looked at is counted, in batches and behind the answer", async () => {
  await using server = await testObjects();
  await using w = await world(server);
  const { steps: [made] } = await json(w.request("/embed/steps", w.ann, { json: large(0) }), 201);
  const usage = createStepUsage(w.database, { afterMs: 600_000, most: 4 });
  const counts = async () =>
    (await w.sql`select times_viewed, times_appeared_in_search from public.step_analytics where step_id = ${made.id}`)
      .map((row) => [row.times_viewed, row.times_appeared_in_search]);
  usage.viewed(made.id);
  usage.viewed(made.id);
  usage.appeared([made.id]);
  assert.deepEqual(await counts(), []);
  usage.viewed(crypto.randomUUID());
  await until("the views are counted", async () => (await counts()).length === 1);
  assert.deepEqual(await counts(), [[2, 1]]);
  usage.viewed(made.id);
  await usage.flush();
  assert.deepEqual(await counts(), [[3, 1]]);
});

test("uploads that came to nothing are swept after an hour, and the key then begins anew", async () => {
  await using server = fakeObjects();
  await using w = await world(server);
  const refuse = () => new Response(null, { status: 412 });
  server.failures.push(null, refuse);
  const body = large(1);
  await json(w.request("/embed/steps", w.ann, keyed("k", body)), 503);
  const [orphan] = [...server.stored.keys()];
  assert.ok(orphan);
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 0, retried: 0 });

  // an hour passes: the sweeper's clock and the table agree
  await w.sql`update search.object_uploads set expires_at = expires_at - interval '61 minutes'`;
  const { steps: [made] } = await json(w.request("/embed/steps", w.ann, keyed("k", body)), 201);
  assert.notEqual(made.state_object_key.slice(0, 36), orphan.slice(0, 36));
  assert.deepEqual(await sweepObjects(w.database, w.store), { deleted: 2, retried: 0 });
  assert.deepEqual([...server.stored.keys()].sort(), [made.outcome_diff_key, made.state_object_key].sort());
  assert.deepEqual(await json(w.request(`/search/steps/${made.id}/state`, w.ann), 200), body.current_state);
});
