import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Session, value, World } from "./world.ts";

interface Job {
  source_id: number;
  row_id: string;
  model_id: number;
  lease_token: string;
  content_hash: string;
  content: string;
}

/** Notes that are embedded by a model of three numbers; a bigger one is there to change to. */
async function notes(): Promise<World> {
  const world = await World.make();
  await world.sql`
    insert into search.embedding_models (id, name, dimensions, provider)
    values (101, 'tiny', 3, 'openai'), (102, 'small', 4, 'openai')`;
  await world.sql`
    create table public.notes (id uuid primary key default gen_random_uuid(), workspace_id uuid not null, body text)`;
  await world.sql`select search.declare_source('notes', 'public.notes', 'body', 'tiny', 3)`;
  return world;
}

async function add(world: World, ...bodies: string[]): Promise<string[]> {
  const rows = await world.sql<{ id: string }[]>`
    insert into public.notes (workspace_id, body)
    select ${world.workspace}, b from unnest(${bodies}::text[]) b returning id`;
  return rows.map((row) => row.id);
}

const claim = ({ sql }: Session, worker: string, capacity = 100) =>
  sql<Job[]>`select * from search.claim_embeddings(${worker}, ${capacity})`.then((jobs) => Array.from(jobs));

const embedded = (jobs: Job[]) =>
  jobs.map(({ content, ...job }) => ({
    ...job,
    embedding: job.model_id === 101 ? [1, 2, content.length] : [1, 2, 3, content.length],
  }));

async function finish({ sql }: Session, worker: string, jobs: Job[]) {
  const [row] = await sql<{ answer: { written: number; stale: number } }[]>`
    select search.finish_embeddings(${worker}, ${sql.json(embedded(jobs) as postgres.JSONValue)}) as answer`;
  return [row!.answer.written, row!.answer.stale];
}

const write = ({ sql }: Session, id: string, body: string) =>
  sql`update public.notes set body = ${body} where id = ${id}`;

const tend = ({ sql }: { sql: World["sql"] }) => sql`select search.tend_sources()`;

/** What vectors there are: the model, and whether it is of the text as it is now. */
async function vectors({ sql }: World): Promise<string[]> {
  const rows = await sql<{ vector: string }[]>`
    select coalesce(n.body, 'gone') || ' ' || v.model_id
      || case when v.content_hash = sha256(convert_to(n.body, 'UTF8')) then '' else ' old' end as vector
    from search.vectors v left join public.notes n on n.id = v.row_id
    where v.source_id > 2 order by 1`;
  return rows.map((row) => row.vector);
}

async function jobs({ sql }: World): Promise<string[]> {
  const rows = await sql<{ job: string }[]>`
    select coalesce(n.body, 'gone') || ' ' || j.model_id || case when j.lease_token is null then '' else ' leased' end as job
    from search.embedding_jobs j left join public.notes n on n.id = j.row_id order by 1`;
  return rows.map((row) => row.job);
}

/** Works until nothing is left; nobody else is at work. */
async function settle(world: World, session: Session): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const taken = await claim(session, "settle");
    await finish(session, "settle", taken);
    await tend(session);
  }
  assert.deepEqual(await jobs(world), []);
}

Deno.test("two workers claim disjoint texts, and neither waits", async () => {
  await using world = await notes();
  await add(world, "a", "b", "c", "d", "e");
  const [one, two] = [await world.session(), await world.session()];
  const { results: [first, second], blocked } = await world.interleave(
    "claim_embeddings",
    one,
    () => claim(one, "one", 3),
    two,
    () => claim(two, "two", 3),
  );
  assert.equal(blocked, false);
  const bodies = [...value(first), ...value(second)].map((job) => job.content);
  assert.deepEqual(bodies.sort(), ["a", "b", "c", "d", "e"]);
  assert.deepEqual(await finish(two, "two", value(first)), [0, 3], "who did not claim a text writes nothing");
  assert.deepEqual(await finish(one, "one", value(first)), [3, 0]);
});

Deno.test("a row that changes while its embedding is computed is embedded again", async () => {
  await using world = await notes();
  const [id] = await add(world, "before");
  const [worker, writer] = [await world.session(), await world.session()];
  const taken = await claim(worker, "w");
  await write(writer, id!, "after");
  assert.deepEqual(await jobs(world), ["after 101"], "anybody may have it");
  assert.deepEqual(await finish(worker, "w", taken), [0, 1]);
  assert.deepEqual(await vectors(world), []);
  await settle(world, worker);
  assert.deepEqual(await vectors(world), ["after 101"]);
});

Deno.test("a worker does not wait for a writer, whose text is embedded afterwards", async () => {
  await using world = await notes();
  const [first, second] = await add(world, "one", "two");
  const [worker, writer] = [await world.session(), await world.session()];
  const taken = await claim(worker, "w");
  const { results: [, finished], blocked } = await world.overlap(
    writer,
    () => write(writer, first!, "one changed"),
    worker,
    () => finish(worker, "w", taken),
  );
  assert.equal(blocked, false);
  assert.deepEqual(value(finished), [1, 1]);
  assert.deepEqual(await vectors(world), ["two 101"]);
  assert.ok(second);
  await settle(world, worker);
  assert.deepEqual(await vectors(world), ["one changed 101", "two 101"]);
});

Deno.test("a writer who comes while a vector is written waits, and enqueues the new text", async () => {
  await using world = await notes();
  const [id] = await add(world, "before");
  const [worker, writer] = [await world.session(), await world.session()];
  const taken = await claim(worker, "w");
  const { results: [finished], blocked } = await world.interleave(
    "finish_embeddings",
    worker,
    () => finish(worker, "w", taken),
    writer,
    () => write(writer, id!, "after"),
  );
  assert.equal(blocked, true);
  assert.deepEqual(value(finished), [1, 0]);
  assert.deepEqual(await jobs(world), ["after 101"]);
  await settle(world, worker);
  assert.deepEqual(await vectors(world), ["after 101"]);
});

Deno.test("back to an earlier text, while the vector of the one between is written", async () => {
  await using world = await notes();
  const [id] = await add(world, "first");
  const [worker, writer] = [await world.session(), await world.session()];
  await settle(world, worker);
  await write(writer, id!, "between");
  const taken = await claim(worker, "w");
  await world.interleave(
    "finish_embeddings",
    worker,
    () => finish(worker, "w", taken),
    writer,
    () => write(writer, id!, "first"),
  );
  await settle(world, worker);
  assert.deepEqual(await vectors(world), ["first 101"]);
});

Deno.test("a row that is deleted while its embedding is computed leaves nothing", async () => {
  await using world = await notes();
  const [first, second] = await add(world, "one", "two");
  const [worker, writer] = [await world.session(), await world.session()];
  const taken = await claim(worker, "w");
  await writer.sql`delete from public.notes where id = ${first!}`;
  assert.deepEqual(await finish(worker, "w", taken), [1, 1]);
  assert.deepEqual(await vectors(world), ["two 101"]);

  await write(writer, second!, "two again");
  const again = await claim(worker, "w");
  const { results: [finished], blocked } = await world.interleave(
    "finish_embeddings",
    worker,
    () => finish(worker, "w", again),
    writer,
    () => writer.sql`delete from public.notes where id = ${second!}`,
  );
  assert.equal(blocked, true, "the vector is removed behind whoever writes it");
  assert.deepEqual(value(finished), [1, 0]);
  assert.deepEqual([...await vectors(world), ...await jobs(world)], []);
});

Deno.test("a lease that has expired is taken over, and who held it writes nothing", async () => {
  await using world = await notes();
  await add(world, "a");
  const [one, two] = [await world.session(), await world.session()];
  const taken = await claim(one, "one");
  await two.later(59);
  assert.deepEqual(await claim(two, "two"), []);
  await two.later(61);
  const over = await claim(two, "two");
  assert.equal(over.length, 1);
  assert.deepEqual(await finish(one, "one", taken), [0, 1]);
  assert.deepEqual(await finish(two, "two", over), [1, 0]);
  assert.deepEqual(await vectors(world), ["a 101"]);
});

Deno.test("two who take over the same lease get it once", async () => {
  await using world = await notes();
  await add(world, "a", "b");
  const [one, two, three] = [await world.session(), await world.session(), await world.session()];
  await claim(one, "one");
  await two.later(61);
  await three.later(61);
  const { results: [first, second], blocked } = await world.interleave(
    "claim_embeddings",
    two,
    () => claim(two, "two", 1),
    three,
    () => claim(three, "three", 2),
  );
  assert.equal(blocked, false);
  assert.equal(value(first).length, 1);
  // both were taken back by the first, whose transaction was not over
  assert.equal(value(second).length, 0);
  assert.equal((await claim(three, "three", 2)).length, 1);
});

Deno.test("a change of model waits for writers that do not know of it", async () => {
  await using world = await notes();
  const [id] = await add(world, "one");
  const [worker, writer, operator] = [await world.session(), await world.session(), await world.session()];
  await settle(world, worker);
  await writer.sql`begin`;
  await write(writer, id!, "one changed");
  await operator.sql`select search.set_model('notes', 'small', 4)`;
  for (let tick = 0; tick < 5; tick++) await tend(worker);
  assert.deepEqual(await jobs(world), [], "nothing is filled in before the writer has ended");
  await writer.sql`commit`;
  await settle(world, worker);
  assert.deepEqual(await vectors(world), ["one changed 102"]);
});

Deno.test("a change of model does not wait for writers in other databases", async () => {
  await using world = await notes();
  await using elsewhere = await World.make();
  await add(world, "one");
  const [worker, writer, operator] = [await world.session(), await elsewhere.session(), await world.session()];
  await settle(world, worker);
  await writer.sql`begin`;
  await writer.sql`select pg_current_xact_id()`;
  await operator.sql`select search.set_model('notes', 'small', 4)`;
  await settle(world, worker);
  assert.deepEqual(await vectors(world), ["one 102"]);
  await writer.sql`rollback`;
});

Deno.test("a writer at repeatable read who began before a change of model is refused", async () => {
  await using world = await notes();
  const [id] = await add(world, "one");
  const [writer, operator] = [await world.session(), await world.session()];
  await writer.sql`begin isolation level repeatable read`;
  await writer.sql`select 1 from public.notes`;
  await operator.sql`select search.set_model('notes', 'small', 4)`;
  await assert.rejects(write(writer, id!, "one changed"), { code: "40001" });
  await writer.sql`rollback`;
});

Deno.test("filling in gives up where a writer is at work, who never waits for it in a circle", async () => {
  await using world = await notes();
  const ids = (await add(world, "a", "b", "c")).sort();
  const [worker, writer, operator] = [await world.session(), await world.session(), await world.session()];
  await settle(world, worker);
  await operator.sql`select search.set_model('notes', 'small', 4)`;
  await tend(worker);
  await writer.sql`begin`;
  await write(writer, ids[2]!, "last changed");
  const ended = new AbortController();
  // it has the jobs of the others, and comes to that of the writer's row
  const filling = tend(worker).finally(() => ended.abort());
  await world.waits(worker.pid, ended.signal);
  await write(writer, ids[0]!, "first changed");
  await filling;
  assert.deepEqual(await jobs(world), [], "the whole batch comes with another tick");
  await writer.sql`commit`;
  await settle(world, worker);
  const all = await vectors(world);
  assert.ok(all.includes("first changed 102") && all.includes("last changed 102"));
  assert.equal(all.filter((vector) => vector.endsWith(" 102")).length, 3);
});

Deno.test("two that go on with a change of model at once do each row once", async () => {
  await using world = await notes();
  await add(world, "a", "b", "c");
  const [one, two, operator] = [await world.session(), await world.session(), await world.session()];
  await settle(world, one);
  await operator.sql`select search.set_model('notes', 'small', 4)`;
  await tend(one);
  const { results, blocked } = await world.overlap(one, () => tend(one), two, () => tend(two));
  assert.equal(blocked, false);
  results.forEach(value);
  assert.equal((await jobs(world)).length, 3);
  await settle(world, one);
  assert.deepEqual(await vectors(world), ["a 102", "b 102", "c 102"]);
});

Deno.test("writers, workers and changes of model at once: no deadlock, and in the end every vector is true", async () => {
  await using world = await notes();
  const ids = await add(world, ...Array.from({ length: 40 }, (_, i) => `note ${i}`));
  const until = Date.now() + 4000;
  const errors: unknown[] = [];
  const loop = async (work: (session: Session, round: number) => Promise<unknown>) => {
    const session = await world.session();
    for (let round = 0; Date.now() < until; round++) {
      await work(session, round).catch((error) => errors.push(error));
    }
  };
  const pick = () => ids[Math.floor(Math.random() * ids.length)]!;
  const writer = (session: Session, round: number) =>
    session.sql.begin(async (sql) => {
      // two statements, in any order of the rows: those of a transaction are sorted, as any writer's have to be
      for (const id of [pick(), pick()].sort()) {
        await sql`update public.notes set body = ${`note ${round % 7}`} where id = ${id}`;
      }
    });
  const worker = (name: string) => async (session: Session) => {
    const taken = await claim(session, name, 7);
    if (taken.length > 0) await finish(session, name, taken);
  };
  await Promise.all([
    loop(writer),
    loop(writer),
    loop(worker("one")),
    loop(worker("two")),
    loop(tend),
    loop(async (session, round) => {
      const [model, dimensions] = round % 2 === 0 ? ["small", 4] as const : ["tiny", 3] as const;
      await session.sql`select search.set_model('notes', ${model}, ${dimensions})`;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }),
    loop(async (session) => {
      const [gone] = await session.sql<{ id: string }[]>`
        delete from public.notes where id = ${pick()} returning id`;
      if (gone) {
        await session
          .sql`insert into public.notes (id, workspace_id, body) values (${gone.id}, ${world.workspace}, 'back')`;
      }
    }),
  ]);
  assert.deepEqual(errors, []);
  const session = await world.session();
  await session.later(61);
  await settle(world, session);
  const [row] = await world.sql<{ serving_model: number; task: string | null }[]>`
    select serving_model, task from search.embedding_sources where name = 'notes'`;
  assert.equal(row!.task, null);
  const all = await vectors(world);
  assert.equal(all.length, ids.length);
  for (const vector of all) assert.match(vector, new RegExp(` ${row!.serving_model}$`));
});
