\ir ../helpers.sql
select plan(71);

create function test.codes(path text) returns text[] language sql as $$
  select array(select p ->> 'code' from jsonb_array_elements(coalesce(workflows.compile_path(path) -> 'problems', '[]')) p order by 1)
$$;

select is(test.codes(v.path), v.codes::text[], format('%s: %s', left(v.path, 60), v.codes)) from (values
  ('$.input.a', '{}'), ('  $.trigger.headers."content-type" ', '{}'), ('$.nodes.fetch.body.x', '{}'), ('$.nodes."node-1".x', '{}'),
  ('$.execution.node_runs < 3', '{}'), ('$.workflow.name', '{}'), ('$.vars.key', '{}'), ('$.now', '{}'), ('$.input[0]', '{}'),
  ('$.input[*] ? (@.n > $.vars.limit)', '{}'), ('strict $.input.a', '{}'), ('$.input ? (@.a == 1) ? (@.b == 2)', '{}'),
  ('$.input."**" == "like_regex ? (x ? (y"', '{}'), ('$.input.text == "$.else.x"', '{}'), ('$.input.a starts with "$"', '{}'),
  ('', '{path_malformed}'), ('input.a', '{path_malformed}'), ('$.input.', '{path_malformed}'), ('$.input[', '{path_malformed}'), ('1 +', '{path_malformed}'),
  ('$.input.**', '{path_forbidden}'), ('$.input.**{2}.a', '{path_forbidden}'), ('$.input ? (@.** == 1)', '{path_forbidden}'),
  ('$.input.a like_regex "(a+)+$"', '{path_forbidden}'), ('$.input ? (@.a like_regex "x" flag "i")', '{path_forbidden}'),
  ('$.input ? (exists (@.a ? (@.b == 1)))', '{path_forbidden}'), ('$.input ? (@.a[0].b ? (@ > 1) == 2)', '{path_forbidden}'),
  -- whatever pairs every value of one list with every value of another
  ('$.input[0, 1]', '{path_forbidden}'), ('$.input[*] == $.trigger[*]', '{path_forbidden}'), ('$.input[*] ? (@.a == $.trigger[*].b)', '{path_forbidden}'),
  ('$.input[*] ? ($.trigger[*] == 1)', '{path_forbidden}'), ('$.input.a[*].b[*].c', '{}'), ('$.input.a[*] == 1 && $.input.b[*] == 2', '{}'),
  ('$', '{path_root_unknown}'), ('$.*', '{path_root_unknown}'), ('$[*]', '{path_root_unknown}'), ('$.inputs.a', '{path_root_unknown}'),
  ('$.item.a', '{}'), ('$.input ? (@.a == $.secrets.b)', '{path_root_unknown}'), ('$x.a', '{path_root_unknown}'),
  ('$.nodes', '{path_root_unknown}'), ('$.nodes.*', '{path_root_unknown}'), ('$.nodes[0].a', '{path_root_unknown}'), ('$.nodes ? (@.a == 1)', '{path_root_unknown}'),
  ('$.input.' || repeat('x', 492), '{}'), ('$.input.' || repeat('x', 493), '{path_too_long}')
) v (path, codes);

-- what can yield several values gives an array; a predicate has one
select is(workflows.compile_path(v.path) -> 'many', to_jsonb(v.many), format('%s yields %s', v.path, case when v.many then 'many' else 'one' end)) from (values
  ('$.input.a', false), ('$.input.a[0]', false), ('$.input.a[last]', false), ('$.input.a.size()', false), ('$.input.a * 2', false),
  ('$.input.a[*]', true), ('$.input.*', true), ('$.input.a[0 to 2]', true), ('$.input.a ? (@ > 1)', true), ('$.input.keyvalue()', true),
  ('$.input.a[*] ? (@.b == 1).c', true), ('$.input.a[*] == 1', false), ('exists ($.input.a[*])', false), ('!($.input.a[*] > 1)', false),
  ('$.input.a[*] starts with "x"', false), ('$.input."[*]"', false), ('($.input.a[*] == 1) is unknown', false)
) v (path, many);

select is(workflows.compile_path('$.nodes.a.x == $.input.n && $.nodes."b-1".y > $.vars.z') - 'path' - 'many',
  '{"reads": ["input", "nodes", "vars"], "nodes": ["a", "b-1"], "problems": []}', 'it reads what it names');
select is(workflows.compile_path('$.nodes."a\"b".x') -> 'nodes', '["a\"b"]', 'quoted ids are unquoted');
select is(workflows.compile_path('$.input.text == "$.nodes.a"') -> 'nodes', '[]', 'a string is no reference');
select is(workflows.compile_path('$.input.a == $.trigger.b') ->> 'path', 'strict ($."input"."a" == $."trigger"."b")',
  'a comparison of two values does not unwrap arrays');
select is(workflows.compile_path('$.input.list[*] ? (@.id == $.vars.id)') ->> 'path', 'strict $."input"."list"[*]?(@."id" == $."vars"."id")',
  'nor does a filter that reads both');
select is(workflows.compile_path('$.input.labels[*].name == "bug"') ->> 'path', '($."input"."labels"[*]."name" == "bug")', 'others stay lax');
select is(workflows.compile_path('strict $.input.a == $.trigger.b') ->> 'path', 'strict ($."input"."a" == $."trigger"."b")', 'strict once is enough');
select is(workflows.compile_path('  $.input.a  ') ->> 'path', '$."input"."a"', 'the path is kept in canonical form');
select * from finish();
