import assert from "node:assert/strict";
import { checkout } from "./stack/places.ts";
import { writeMigration } from "./migration.ts";

async function withTree(schemas: Record<string, string>, test: (tree: string) => Promise<void>): Promise<void> {
  const tree = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${tree}/supabase/schemas`, { recursive: true });
    await Deno.copyFile(`${checkout}/supabase/config.toml`, `${tree}/supabase/config.toml`);
    for (const [name, sql] of Object.entries(schemas)) {
      await Deno.writeTextFile(`${tree}/supabase/schemas/${name}`, sql);
    }
    await test(tree);
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

const setup = "create schema platform; create function platform.setup() returns void language sql as 'select';";

Deno.test("a migration leads to the schemas, privileges and column settings included", () =>
  withTree({
    "a_things.sql": `
      create table public.things (id uuid primary key, kind public.kind not null, body text, embedding extensions.halfvec(3));
      alter table public.things enable row level security;
      alter table public.things alter column body set storage external;
      create policy "readers read" on public.things for select to authenticated using (id = any (platform.readable()));
      grant select (id) on public.things to authenticated;
      create type public.kind as enum ('a', 'b');
      comment on table public.things is 'Things; and more.';`,
    "b_platform.sql": `${setup}
      create extension if not exists vector with schema extensions;
      alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
      alter default privileges revoke execute on functions from public;
      create function platform.readable() returns uuid[] language sql stable security definer set search_path = ''
        as 'select array(select id from public.things)';`,
  }, async (tree) => {
    const path = await writeMigration("first", tree);
    const sql = await Deno.readTextFile(path!);
    assert.match(path!, /\/supabase\/migrations\/\d{14}_first\.sql$/);
    assert.match(sql, /create extension if not exists "vector"/);
    assert.match(sql, /alter table public\.things alter column body set storage external;/);
    assert.match(sql, /\n\nselect platform\.setup\(\);\n$/);
    assert.doesNotMatch(sql, /grant [^;]* to "anon"/);
  }));

Deno.test("what the diff tool cannot express is an error, and so is a statement that does not run", async () => {
  await withTree({
    "a.sql": `${setup} create table public.t (a int, b int); create statistics s on a, b from public.t;`,
  }, (tree) => assert.rejects(writeMigration("first", tree), /statistics object/));
  await withTree(
    { "a.sql": `${setup} create view public.v as select * from public.nowhere;` },
    (tree) =>
      assert.rejects(writeMigration("first", tree), /supabase\/schemas\/a\.sql: relation "public.nowhere" does not/),
  );
});
