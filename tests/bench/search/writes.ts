// What writing costs: statistics beside the document's wide table, new steps, their embeddings, and the archive. Each
// works on a copy of the loaded databases.
import type postgres from "postgres";
import { createDatabase, dropDatabase } from "../../../scripts/stack/databases.ts";
import type { Cluster } from "../../../scripts/stack/postgres.ts";
import { share } from "../engine.ts";
import { type Gauge, gaugeOf, quantile } from "../gauge.ts";
import { embed } from "./embed.ts";
import { writeByHttp } from "./http.ts";
import { connection, type Database } from "./prepared.ts";
import { random } from "./random.ts";
import { actAs } from "./session.ts";
import { step } from "./steps.ts";

export interface Write {
  name: string;
  rows: number;
  connections: number;
  perSecond: number;
  cpuMs: number;
  walBytes: number;
  /** Of one call, which may be of many rows. */
  p50: number;
  p95: number;
}

export interface Writes {
  rows: number;
  statistics: Write[];
  others: Write[];
}

export interface WritesSize {
  /** Updates of statistics: of ours, and of the document's table, which is slower. */
  updates: number;
  wideUpdates: number;
  created: number;
  /** Of the requests that are sent in full. */
  httpPart: number;
  /** Rows without a vector when the measurement of the queue begins, and how many of them are embedded. */
  pending: number;
  embedded: number;
}

export async function measureWrites(
  cluster: Cluster,
  database: Database,
  size: WritesSize,
  say: (what: string) => void = () => {},
): Promise<Writes> {
  const [ours, document] = ["writes", "writes_document"];
  for (const [name, template] of [[ours, database.name], [document, database.document]] as const) {
    await dropDatabase(cluster, name);
    await createDatabase(cluster, name, template);
  }
  const admin = cluster.connect("postgres", "supabase_admin", 1);
  try {
    const gauge = await gaugeOf(admin);
    const user = database.tenants[0]!.user_id;
    const bench: Bench = { cluster, ours, document, user, gauge, database, size };
    const run = async <T>(what: string, work: (bench: Bench) => Promise<T>) => {
      say(what);
      await tidy(cluster, ours);
      return await work(bench);
    };
    return {
      rows: database.rows,
      statistics: await run("statistics", statistics),
      others: [
        ...await run("new steps", creation),
        ...await writeByHttp(size.httpPart, say),
        ...await run("embeddings", embeddings),
        ...await run("archive", archive),
      ],
    };
  } finally {
    await admin.end();
    for (const name of [ours, document]) await dropDatabase(cluster, name);
  }
}

interface Bench {
  cluster: Cluster;
  ours: string;
  document: string;
  /** The giant's owner. */
  user: string;
  gauge: Gauge;
  database: Database;
  size: WritesSize;
}

async function tidy(cluster: Cluster, database: string): Promise<void> {
  const sql = connection(cluster, database);
  await sql`checkpoint`;
  await sql.end();
}

/** Calls, shared by connections; each is of so many rows. */
async function measured(
  bench: Bench,
  name: string,
  pool: postgres.Sql[],
  calls: number,
  rowsACall: number,
  call: (sql: postgres.Sql, n: number) => Promise<unknown>,
  unmeasured = 0,
): Promise<Write> {
  const taken: number[] = [];
  let next = 0;
  // a page is written to the log as a whole when it is first changed behind a checkpoint: not while it is measured
  for (let n = 0; n < unmeasured; n++) await call(pool[0]!, n);
  const cost = await bench.gauge(calls * rowsACall, 1, () =>
    share(pool, calls, 1, async (sql) => {
      const n = next++;
      const began = performance.now();
      await call(sql, n);
      taken.push(performance.now() - began);
    }));
  return {
    name,
    rows: calls * rowsACall,
    connections: pool.length,
    perSecond: cost.executionsPerSecond,
    cpuMs: cost.cpuMsPerStep,
    walBytes: cost.walBytesPerStep,
    p50: quantile(taken, 0.5),
    p95: quantile(taken, 0.95),
  };
}

const close = (pool: postgres.Sql[]) => Promise.all(pool.map((sql) => sql.end()));

async function users({ cluster, ours, user }: Bench, count: number): Promise<postgres.Sql[]> {
  const pool = Array.from({ length: count }, () => connection(cluster, ours));
  for (const sql of pool) await actAs(sql, user);
  return pool;
}

async function statistics(bench: Bench): Promise<Write[]> {
  const { cluster, ours, document, size } = bench;
  const admin = connection(cluster, ours);
  const workspace = bench.database.tenants[0]!.workspace_id;
  const ids = (await admin<{ id: string }[]>`
    select s.id from public.workflow_steps s where s.workspace_id = ${workspace} order by md5(s.id::text) limit 20000`)
    .map((row) => row.id);
  await admin.end();
  const id = (n: number) => ids[n % ids.length]!;
  const chance = random(1);
  const duration = () => 100 + chance.below(1000);
  const writes: Write[] = [];
  for (const connections of [1, 4]) {
    const pool = Array.from({ length: connections }, () => connection(cluster, document));
    await tidy(cluster, document);
    writes.push(
      await measured(
        bench,
        "document 000: increment_step_stats(), all indexes",
        pool,
        size.wideUpdates,
        1,
        (sql, n) => sql`select document.increment_step_stats(${id(n)}, ${n % 10 > 0}, ${duration()})`,
        connections === 1 ? size.wideUpdates : 0,
      ),
    );
    await close(pool);
  }
  for (const connections of [1, 4]) {
    const pool = await users(bench, connections);
    writes.push(
      await measured(
        bench,
        "ours: increment_step_stats()",
        pool,
        size.updates,
        1,
        (sql, n) => sql`select public.increment_step_stats(${id(n)}, ${n % 10 > 0}, ${duration()})`,
        connections === 1 ? size.updates : 0,
      ),
    );
    await close(pool);
  }
  // how far a single durable update can be from the wide table at all; the rows are there by now
  for (const connections of [1, 4]) {
    const pool = Array.from({ length: connections }, () => connection(cluster, ours));
    writes.push(
      await measured(
        bench,
        "floor: one update of a bare row by its key, committed",
        pool,
        size.updates,
        1,
        (sql, n) => sql`update public.workflow_step_stats set succeeded = succeeded + 1 where step_id = ${id(n)}`,
      ),
    );
    await close(pool);
  }
  const pool = await users(bench, 1);
  const batch = 100;
  writes.push(
    await measured(
      bench,
      "ours: increment_step_stats_batch(), 100 at once",
      pool,
      Math.ceil(size.updates / batch),
      batch,
      (sql, n) =>
        sql`select public.increment_step_stats_batch(${
          sql.json(Array.from({ length: batch }, (_, i) => ({
            step_id: id(n * batch + i),
            success: i % 10 > 0,
            duration_ms: duration(),
          })))
        })`,
    ),
  );
  await close(pool);
  return writes;
}

async function creation(bench: Bench): Promise<Write[]> {
  const { database, size } = bench;
  const shape = { ...database, rows: database.rows, giant: 1, executed: 0 };
  const row = (n: number) => {
    const made = step(database.rows + n, shape);
    const { id: _id, stats: _stats, workspace_id, user_id: _user, workflow_text_id: _text, created_at: _at, ...rest } =
      made;
    return { ...rest, workspace_id };
  };
  const writes: Write[] = [];
  for (const [name, batch] of [["ours: insert, one at a time", 1], ["ours: insert, 500 at once", 500]] as const) {
    const pool = await users(bench, 1);
    let next = writes.length * size.created;
    const calls = Math.ceil(size.created / batch / (batch === 1 ? 4 : 1));
    writes.push(
      await measured(bench, name, pool, calls, batch, (sql) => {
        const rows = Array.from({ length: batch }, () => row(next++));
        return sql`insert into public.workflow_steps ${sql(rows)}`;
      }),
    );
    await close(pool);
  }
  return writes;
}

/** As embed/work does, without HTTP: claim, embed, hand in. */
async function embeddings(bench: Bench): Promise<Write[]> {
  const { cluster, ours, size, database } = bench;
  const admin = connection(cluster, ours);
  // vectors that are gone are computed anew
  await admin`truncate search.embedding_jobs`;
  await admin`
    insert into search.embedding_jobs (source_id, row_id, model_id, workspace_id, content_hash, size, enqueued_at, run_at)
    select v.source_id, v.row_id, v.model_id, v.workspace_id, v.content_hash, 250, now(), now()
    from search.step_definition_vectors v limit ${Math.min(size.pending, database.rows)}`;
  await admin`
    delete from search.step_definition_vectors v using search.embedding_jobs j
    where v.source_id = j.source_id and v.row_id = j.row_id and v.model_id = j.model_id`;
  await admin`vacuum analyze search.embedding_jobs`;
  await admin.end();
  const batch = 100;
  const pool = Array.from({ length: 1 }, () => cluster.connect(ours, "postgres", 1));
  const written = await measured(
    bench,
    `ours: embedding queue, ${size.pending.toLocaleString("en")} pending`,
    pool,
    Math.ceil(size.embedded / batch),
    batch,
    async (sql) => {
      const jobs: { source_id: number; content: string; dimensions: number }[] = await sql`
        select * from search.claim_embeddings('bench', ${batch})`;
      const results = jobs.map(({ content, dimensions, ...job }) => ({
        ...job,
        embedding: Array.from(embed(content, dimensions)),
        error: null,
      }));
      await sql`select * from search.finish_embeddings('bench', ${sql.json(results as postgres.JSONValue)})`;
    },
  );
  await close(pool);
  return [written];
}

/** Those of the steps that never ran are made older than a year first. */
async function archive(bench: Bench): Promise<Write[]> {
  const { cluster, ours, size } = bench;
  const admin = connection(cluster, ours);
  const batch = 500;
  const calls = Math.ceil(size.created / batch);
  await admin.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`
      update public.workflow_steps s set created_at = created_at - interval '2 years', updated_at = created_at - interval '2 years'
      where s.id in (
        select o.id from public.workflow_steps o
        where not exists (select from public.workflow_step_stats t where t.step_id = o.id)
        limit ${batch * calls})`;
  });
  await admin.end();
  const pool = [cluster.connect(ours, "postgres", 1)];
  const written = await measured(
    bench,
    `ours: archive_steps(), ${batch} at once`,
    pool,
    calls,
    batch,
    (sql) => sql`select search.archive_steps(${batch})`,
  );
  await close(pool);
  return [written];
}
