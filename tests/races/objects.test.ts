import assert from "node:assert/strict";
import { type Session, value, World } from "./world.ts";

const hash = "ab".repeat(32);
const steps = [{ app_name: "a", window_title: "w", element_path: "e", step_name: "s", workflow_name: "f" }];

interface Begun {
  request_id: string;
  completed: boolean;
  uploads?: { step_id: string; object_key: string }[];
}
interface Finished {
  created: boolean;
  steps: { id: string; state_object_key: string }[];
}

async function begin({ sql }: Session, world: World): Promise<Begun> {
  const [row] = await sql`
    select search.begin_steps(${world.workspace}, 'key', decode(${hash}, 'hex'), '[{}]',
      ${sql.json([{ index: 0, kind: "state", sha256: hash }])}) as answer`;
  return row!.answer;
}

async function confirm({ sql }: Session, { uploads }: Begun): Promise<void> {
  await sql`select search.confirm_uploads(${
    sql.json(uploads!.map(({ step_id }) => ({ step_id, kind: "state", sha256: hash })))
  })`;
}

async function finish({ sql }: Session, { request_id }: Begun): Promise<Finished> {
  const [row] = await sql`select search.finish_steps(${request_id}, ${sql.json(steps)}) as answer`;
  return row!.answer;
}

const sweep = async ({ sql }: Session) =>
  (await sql<{ object_key: string }[]>`select object_key from search.claim_object_sweeps(10)`)
    .map(({ object_key }) => object_key);

const code = (result: PromiseSettledResult<unknown>) =>
  result.status === "rejected" ? result.reason.detail : "fulfilled";

Deno.test("one request that is finished twice at once makes its steps once", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const begun = await begin(one, world);
  await confirm(one, begun);
  const { results, blocked } = await world.overlap(one, () => finish(one, begun), two, () => finish(two, begun));
  const [first, second] = results.map(value);
  assert.equal(blocked, true);
  assert.deepEqual([first!.created, second!.created], [true, false]);
  assert.deepEqual(second!.steps, first!.steps);
});

Deno.test("one request that begins twice at once is one", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const { results } = await world.overlap(one, () => begin(one, world), two, () => begin(two, world));
  const [first, second] = results.map(value);
  assert.deepEqual(second, first);
});

Deno.test("a request that comes back while its uploads are swept begins anew", async () => {
  await using world = await World.make();
  const [client, sweeper] = [await world.session(), await world.session()];
  const old = await begin(client, world);
  await confirm(client, old);
  // whose clock is ahead: for the client the hour is not over yet
  await sweeper.later(3_601);
  const { results, blocked } = await world.overlap(
    sweeper,
    () => sweep(sweeper),
    client,
    () => begin(client, world),
  );
  const [swept, begun] = [value(results[0]), value(results[1])];
  assert.equal(blocked, true);
  assert.deepEqual(swept, [old.uploads![0]!.object_key]);
  assert.notEqual(begun.uploads![0]!.object_key, swept[0]);
  await confirm(client, begun);
  const { steps: [made] } = await finish(client, begun);
  assert.equal(made!.state_object_key, begun.uploads![0]!.object_key);
});

Deno.test("uploads that are swept while their steps are created make no step", async () => {
  await using world = await World.make();
  const [client, sweeper] = [await world.session(), await world.session()];
  const begun = await begin(client, world);
  await confirm(client, begun);
  await sweeper.later(3_601);
  const { results, blocked } = await world.overlap(sweeper, () => sweep(sweeper), client, () => finish(client, begun));
  assert.equal(blocked, true);
  assert.equal(code(results[1]), "upload_incomplete");
  assert.equal((await world.sql`select id from public.workflow_steps`).length, 0);
});

Deno.test("the sweeper passes by what is just being taken", async () => {
  await using world = await World.make();
  const [client, sweeper] = [await world.session(), await world.session()];
  const begun = await begin(client, world);
  await confirm(client, begun);
  await sweeper.later(3_601);
  const { results, blocked } = await world.overlap(client, () => finish(client, begun), sweeper, () => sweep(sweeper));
  assert.equal(blocked, false);
  assert.deepEqual(value(results[1]), []);
  assert.equal(value(results[0]).created, true);
  assert.deepEqual(await sweep(sweeper), []);
});

Deno.test("an import of a step whose object is just being deleted waits for another time", async () => {
  await using world = await World.make();
  const [importer, sweeper] = [await world.session(), await world.session()];
  const begun = await begin(importer, world);
  await confirm(importer, begun);
  const { steps: [made] } = await finish(importer, begun);
  await world.sql`delete from public.workflow_steps where id = ${made!.id}`;
  const announce = async () => {
    const objects = importer.sql.json([{ step_id: made!.id, kind: "state", sha256: hash }]);
    const [row] = await importer.sql`select to_jsonb(search.begin_import(${world.workspace}, ${objects})) as busy`;
    return row!.busy as string[];
  };
  const { results, blocked } = await world.overlap(sweeper, () => sweep(sweeper), importer, announce);
  assert.equal(blocked, true);
  assert.deepEqual(value(results[0]), [made!.state_object_key]);
  assert.deepEqual(value(results[1]), [made!.id]);

  // the other way round, the object stays
  await importer.later(61);
  await sweeper.later(61);
  assert.deepEqual(await announce(), []);
  assert.deepEqual(await sweep(sweeper), []);
});

Deno.test("two sweepers share the work", async () => {
  await using world = await World.make();
  const [one, two] = [await world.session(), await world.session()];
  const keys = Array.from({ length: 6 }, (_, n) => `${n}_state.json.gz`);
  const ids = keys.map(() => crypto.randomUUID());
  await world.sql`select search.queue_object_deletions(${keys}::text[], ${ids}::uuid[])`;
  await one.sql`begin`;
  const first = (await one.sql`select object_key from search.claim_object_sweeps(4)`).map((row) => row.object_key);
  assert.equal(first.length, 4);
  assert.deepEqual([...await sweep(two), ...first].sort(), keys);
  await one.sql`commit`;
  assert.deepEqual(await sweep(two), []);
  // whoever claimed them is gone
  await two.later(61);
  assert.deepEqual((await sweep(two)).sort(), keys);
});
