// Rows become vectors: through POST /embed/work, on a database of its own, by a service that fails in every way.
import assert from "node:assert/strict";
import type postgres from "postgres";
import { createAuthenticator } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { createEmbedder } from "shared/embeddings/embedder.ts";
import { localLexical } from "shared/embeddings/local_lexical.ts";
import {
  type Answer,
  embeddingsKey,
  type FakeOpenAi,
  fakeOpenAi,
  hang,
  status,
  vectorFor,
} from "shared/embeddings/openai.testing.ts";
import { createEmbeddingWorker, sqlQueue, vectorText } from "shared/embeddings/worker.ts";
import { environment, publishableKey, secretKey } from "shared/tokens.testing.ts";
import { createEmbedApp } from "../../supabase/functions/embed/handler.ts";
import { type IsolatedDatabase, isolatedDatabase } from "../stack.ts";

class World implements AsyncDisposable {
  workspace = "";
  #open: { close(): Promise<void> }[] = [];
  app!: ReturnType<typeof createEmbedApp>;
  #worker!: ReturnType<typeof createEmbeddingWorker>;
  /** The worker's only session: its clock is the worker's. */
  #queue!: postgres.Sql;

  private constructor(readonly database: IsolatedDatabase, readonly sql: postgres.Sql, readonly openai: FakeOpenAi) {}

  static async make(
    options: { model?: string; dimensions?: number; batchTimeoutMs?: number; timeoutMs?: number } = {},
  ) {
    const database = await isolatedDatabase();
    const world = new World(database, database.connect({ max: 2 }), fakeOpenAi());
    const { model = "text-embedding-3-small", dimensions = 768, ...times } = options;
    const { sql } = world;
    const [row] = await sql`insert into public.workspaces (name) values ('Steps') returning id`;
    world.workspace = row!.id;
    await sql`select search.set_model('steps.definition', ${model}, ${dimensions})`;
    for (let n = 0; n < 10; n++) await sql`select search.tend_sources()`;
    assert.equal((await sql`select name from search.serving_model('steps.definition')`)[0]!.name, model);

    const pool = connect(database.url);
    world.#open.push(pool);
    const embedder = createEmbedder({
      openai: { url: world.openai.url, key: embeddingsKey },
      timeoutMs: times.timeoutMs ?? 5_000,
    });
    world.#queue = database.connect();
    world.#worker = createEmbeddingWorker({
      queue: sqlQueue(() => ({ sql: world.#queue })),
      embedder,
      lanes: 1,
      batch: { first: 64, most: 256 },
      ...(times.batchTimeoutMs && { batchTimeoutMs: times.batchTimeoutMs }),
    });
    world.app = createEmbedApp({
      url: environment.url,
      authenticate: createAuthenticator(environment),
      database: pool,
      embedder,
      objects: null,
      worker: world.#worker,
      log: () => {},
    });
    return world;
  }

  async steps(definitions: string[]): Promise<string[]> {
    const rows = definitions.map((definition, i) => ({
      workspace_id: this.workspace,
      app_name: "app",
      window_title: "window",
      element_path: "/",
      step_name: `step ${i}`,
      definition,
      workflow_name: "workflow",
    }));
    const inserted = await this.sql`insert into public.workflow_steps ${this.sql(rows)} returning id, step_name`;
    return inserted.toSorted((a, b) => Number(a.step_name.slice(5)) - Number(b.step_name.slice(5))).map(({ id }) => id);
  }

  /** Rings at the route, and waits until what that began is over; `later` moves the worker's clock. */
  async work(later = 0): Promise<void> {
    await this
      .#queue`select set_config('tandem.now', (clock_timestamp() + make_interval(secs => ${later}))::text, false)`;
    const response = await this.app.request("/embed/work", { method: "POST", headers: { apikey: secretKey } });
    assert.deepEqual([response.status, await response.json()], [202, { working: true }]);
    await this.#worker.wake();
  }

  async jobs() {
    return await this.sql<{ row_id: string; state: string; attempts: number; leased: boolean; code: string | null }[]>`
      select row_id, state, attempts, lease_token is not null as leased, error ->> 'code' as code
      from search.embedding_jobs where source_id = 1 order by enqueued_at, row_id`;
  }

  /** Steps whose vector is exactly that of the text. */
  async vectors(texts: Record<string, string>): Promise<string[]> {
    const wanted = Object.entries(texts).map(([id, text]) => ({ id, vector: vectorText(vectorFor(text, 768)) }));
    const rows = await this.sql<{ row_id: string }[]>`
      select v.row_id from search.vectors v
      join jsonb_to_recordset(${this.sql.json(wanted)}) as w (id uuid, vector text) on w.id = v.row_id
      where v.source_id = 1 and v.embedding::text = w.vector::extensions.halfvec::text`;
    return rows.map(({ row_id }) => row_id);
  }

  async count(): Promise<number> {
    return (await this.sql`select count(*)::int as n from search.vectors where source_id = 1`)[0]!.n;
  }

  async [Symbol.asyncDispose]() {
    await this.#worker?.stop();
    await Promise.all(this.#open.map((one) => one.close()));
    await this.openai[Symbol.asyncDispose]();
    await this.database[Symbol.asyncDispose]();
  }
}

const fifty = Array.from({ length: 50 }, (_, i) => `click element ${i}`);

Deno.test("steps become vectors, one request for many", async () => {
  await using world = await World.make();
  const ids = await world.steps(fifty);
  await world.work();
  const texts = Object.fromEntries(ids.map((id, i) => [id, `step ${i} ${fifty[i]}`]));
  assert.deepEqual((await world.vectors(texts)).sort(), ids.toSorted());
  assert.deepEqual(Array.from(await world.jobs()), []);
  assert.deepEqual([world.openai.batches.length, world.openai.faults], [1, []]);
});

Deno.test("one poisonous text among fifty is given up alone", async () => {
  await using world = await World.make();
  world.openai.poison = { word: "poison", status: 400 };
  const ids = await world.steps(fifty.map((text, i) => i === 31 ? "poison" : text));
  await world.work();
  assert.equal(await world.count(), 49);
  const jobs = await world.jobs();
  assert.deepEqual(jobs.map(({ row_id, state, code }) => [row_id, state, code]), [[ids[31], "dead", "text_refused"]]);
  assert.ok(world.openai.requests <= 13, `${world.openai.requests} requests`);
});

Deno.test("a text that the model makes nothing of fails alone, and is tried again", async () => {
  await using world = await World.make();
  world.openai.poison = { word: "poison", status: 0 };
  const ids = await world.steps(fifty.map((text, i) => i === 0 ? "poison" : text));
  await world.work();
  assert.equal(await world.count(), 49);
  const [job] = await world.jobs();
  assert.deepEqual(
    [job!.row_id, job!.state, job!.attempts, job!.code],
    [ids[0], "pending", 1, "embedding_invalid"],
  );
  world.openai.poison = null;
  await world.work(30);
  assert.equal(await world.count(), 50);
});

Deno.test("a provider that asks for time gets it, and no attempt is spent", async () => {
  await using world = await World.make();
  await world.steps(fifty);
  world.openai.next.push(status(429, { "retry-after": "40" }));
  await world.work();
  assert.deepEqual([world.openai.requests, await world.count()], [1, 0]);
  for (const { state, attempts, leased, code } of await world.jobs()) {
    assert.deepEqual([state, attempts, leased, code], ["pending", 0, false, "rate_limited"]);
  }
  await world.work(30);
  assert.equal(world.openai.requests, 1, "it is not asked before");
  await world.work(45);
  assert.deepEqual([world.openai.requests, await world.count()], [2, 50]);
});

Deno.test("a provider that fails, hangs or talks nonsense is asked a few times only, and later again", async () => {
  const nonsense: Answer = () => new Response("<html>502</html>");
  for (
    const [answer, code, most] of [
      [status(500), "http_500", 8],
      [status(503), "http_503", 1],
      [hang, "timeout", 1],
      [nonsense, "answer_malformed", 1],
      [(body) => ({ ...body, data: body.data.slice(1) }), "answer_malformed", 8],
    ] as [Answer, string, number][]
  ) {
    await using world = await World.make({ timeoutMs: 300 });
    await world.steps(fifty);
    world.openai.always = answer;
    await world.work();
    assert.ok(world.openai.requests <= most, `${code}: ${world.openai.requests} requests`);
    const jobs = await world.jobs();
    assert.equal(jobs.length, 50);
    for (const job of jobs) {
      assert.deepEqual([job.state, job.attempts, job.leased, job.code], ["pending", 1, false, code]);
    }
    world.openai.always = null;
    await world.work(30);
    assert.equal(await world.count(), 50, code);
  }
});

Deno.test("a wrong dimension and a wrong key wait for whoever mends them", async () => {
  await using world = await World.make();
  await world.steps(fifty);
  const short: Answer = (body) => ({ ...body, data: body.data.map((one) => ({ ...one, embedding: [1, 2, 3] })) });
  for (const [answer, code, later] of [[short, "dimensions_differ", 0], [status(401), "key_refused", 700]] as const) {
    world.openai.next.push(answer);
    await world.work(later);
    for (const job of await world.jobs()) {
      assert.deepEqual([job.state, job.attempts, job.code], ["pending", 0, code]);
    }
  }
  await world.work(1_400);
  assert.equal(await world.count(), 50);
});

Deno.test("a step that changes while its vector is computed gets that of the new text", async () => {
  await using world = await World.make();
  const [id, other] = await world.steps(["old", "other"]) as [string, string];
  world.openai.next.push(async (body) => {
    await world.sql`update public.workflow_steps set definition = 'new' where id = ${id}`;
    return body;
  });
  await world.work();
  assert.deepEqual(world.openai.batches.map((batch) => batch.toSorted()), [["step 0 old", "step 1 other"], [
    "step 0 new",
  ]]);
  assert.deepEqual(
    (await world.vectors({ [id]: "step 0 new", [other]: "step 1 other" })).sort(),
    [id, other].sort(),
  );
  assert.deepEqual(Array.from(await world.jobs()), []);
});

Deno.test("a step that is deleted while its vector is computed leaves nothing", async () => {
  await using world = await World.make();
  const [id, other] = await world.steps(["gone", "other"]) as [string, string];
  world.openai.next.push(async (body) => {
    await world.sql`delete from public.workflow_steps where id = ${id}`;
    return body;
  });
  await world.work();
  assert.deepEqual(await world.vectors({ [id]: "step 0 gone", [other]: "step 1 other" }), [other]);
  assert.equal(await world.count(), 1);
  assert.deepEqual(Array.from(await world.jobs()), []);
});

Deno.test("a worker whose lease has run out writes nothing, and the next one's vector stays", async () => {
  await using world = await World.make();
  const [id] = await world.steps(["text"]) as [string];
  world.openai.next.push(async (body) => {
    const later = world.database.connect();
    await later`select set_config('tandem.now', (clock_timestamp() + interval '2 minutes')::text, false)`;
    // of one model at a time
    const jobs = [
      ...await later`select * from search.claim_embeddings('another', 10)`,
      ...await later`select * from search.claim_embeddings('another', 10)`,
    ];
    const job = jobs.find(({ row_id }) => row_id === id);
    const result = {
      ...job,
      embedding: vectorText(vectorFor("another worker's", 768)),
      error: null,
    };
    await later`select search.finish_embeddings('another', ${later.json([result] as never)})`;
    return body;
  });
  await world.work();
  assert.deepEqual(await world.vectors({ [id]: "another worker's" }), [id]);
});

Deno.test("the local model's vectors are SQL's own", async () => {
  await using world = await World.make({ model: "local-lexical-v1" });
  const ids = await world.steps(["save the document", "設定を保存する", "  ", "x".repeat(5_000)]);
  await world.work();
  const rows = await world.sql`
    select v.row_id from search.vectors v join public.workflow_steps s on s.id = v.row_id
    where v.source_id = 1
      and v.embedding::text = search.local_lexical(s.step_name || ' ' || s.definition, 768)::text`;
  assert.deepEqual(rows.map(({ row_id }) => row_id).sort(), ids.toSorted());
  assert.equal(localLexical("a", 768).length, 768);
  assert.equal(world.openai.requests, 0);
});

Deno.test("only the doorbell and the secret key wake the worker", async () => {
  await using world = await World.make();
  const work = async (headers: HeadersInit) => {
    const response = await world.app.request("/embed/work", { method: "POST", headers });
    return [response.status, (await response.json()).error?.code];
  };
  assert.deepEqual(await work({}), [401, "authentication_required"]);
  assert.deepEqual(await work({ apikey: publishableKey }), [403, "forbidden"]);
  assert.deepEqual(await work({ authorization: "Bearer guessed-doorbell-token" }), [401, "invalid_token"]);
  const token = "a-doorbell-token-0123456789";
  await world.sql`
    insert into engine.doorbell_tokens (token_hash, expires_at)
    values (sha256(convert_to(${token}, 'UTF8')), engine.now() + interval '1 minute')`;
  assert.deepEqual(await work({ authorization: `Bearer ${token}` }), [202, undefined]);
});
