// What the index of vectors finds, beside what a look at every vector finds: for a workspace among others, and with
// filters that leave little. search.find_steps() chooses by how much there is; here it is chosen.
import assert from "node:assert/strict";
import { random } from "../races/world.ts";
import { isolatedDatabase } from "../stack.ts";

Deno.test("the index finds 95 of 100 nearest steps, also in a small workspace and behind a selective filter", async () => {
  await using database = await isolatedDatabase();
  const sql = database.connect({ connection: { statement_timeout: 120_000 } });
  const next = random(7);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  // texts are alike in groups, and so are their vectors
  const centres = Array.from({ length: 40 }, () => Array.from({ length: 384 }, gauss));
  const vector = () => {
    const centre = centres[Math.floor(next() * centres.length)]!;
    return `[${centre.map((x) => (x + 0.8 * gauss()).toFixed(3)).join(",")}]`;
  };

  await sql`update search.embedding_sources set serving_model = 2 where name = 'steps.definition'`;
  const workspaces = (await sql`
    insert into public.workspaces (name) select 'w' || i from generate_series(1, 2) i returning id`).map((row) =>
    row.id
  );
  const vectors = Array.from({ length: 2400 }, vector);
  await sql`
    with step as (
      insert into public.workflow_steps (workspace_id, user_id, app_name, window_title, element_path, step_name, workflow_name)
      select case when i % 10 = 0 then ${workspaces[1]}::uuid else ${workspaces[0]}::uuid end, null,
        case when i % 25 = 1 then 'rare' else 'common' end, '', '', 'Save', 'x'
      from generate_series(1, ${vectors.length}::int) i returning id, workspace_id
    ),
    numbered as (select s.*, row_number() over () as n from step s)
    insert into search.vectors (source_id, row_id, model_id, workspace_id, dimensions, embedding, content_hash, embedded_at)
    select 1, s.id, 2, s.workspace_id, 384, v.vector::extensions.halfvec, '\\x00', now()
    from numbered s
    join jsonb_array_elements_text(${JSON.stringify(vectors)}::text::jsonb) with ordinality v (vector, n) on v.n = s.n`;
  await sql`analyze public.workflow_steps, search.vectors`;

  const nearest = async (query: string, workspace: string, app: string | null, isExact: boolean) => {
    const [row] = await sql`
      select search.nearest_steps(1::smallint, 2::smallint, 384, ${query}::text::extensions.halfvec, array[${workspace}]::uuid[],
        row(${app}::text, null, null, null, null, null, null)::search.step_filter, null, ${isExact}, 200) as ids`;
    return (row!.ids as string[]).slice(0, 20);
  };
  for (
    const [what, workspace, app] of [
      ["a workspace", workspaces[0], null],
      ["a tenth of all", workspaces[1], null],
      ["a filter that leaves 1 of 25", workspaces[0], "rare"],
    ] as const
  ) {
    let found = 0;
    let all = 0;
    for (let round = 0; round < 30; round++) {
      const query = vector();
      const exact = await nearest(query, workspace, app, true);
      const indexed = new Set(await nearest(query, workspace, app, false));
      assert.equal(exact.length, 20, what);
      all += exact.length;
      found += exact.filter((id) => indexed.has(id)).length;
    }
    assert.ok(found / all >= 0.95, `${what}: ${found} of ${all}`);
  }

  // and it is the index that was asked
  const plan = await sql.begin(async (t) => {
    await t`set local enable_sort = off`;
    await t`set local enable_seqscan = off`;
    await t`set local enable_bitmapscan = off`;
    return await t.unsafe(`
      explain select v.row_id from search.step_definition_vectors v where v.dimensions = 384
      order by v.embedding::extensions.halfvec(384) operator(extensions.<=>) '${vector()}'::extensions.halfvec limit 20`);
  });
  assert.match(JSON.stringify(plan), /step_definition_vectors_384/);
});
