\ir ../helpers.sql
create function test.faults(schema jsonb) returns text[] language sql security definer as $$
  select array(select workflows.path_of('', array(select jsonb_array_elements_text(p -> 'at'))) from jsonb_array_elements(hil.form_problems(faults.schema)) p)
$$;
create table test.forms (schema jsonb, expected text[]);
insert into test.forms values
  ('{"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string", "minLength": 15, "pattern": "^[A-Z]{2}"}}}', '{}'),
  ('{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "T", "properties": {"a": {"format": "email", "placeholder": "x"}}}', '{}'),
  ('{"properties": {"a": {"oneOf": [{"const": 1, "title": "one"}]}, "b": {"type": ["integer", "null"], "exclusiveMinimum": 0, "multipleOf": 5}}}', '{}'),
  ('{"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": true}', '{}'),
  ('"{{ $.input.schema }}"', '{""}'),
  ('{"properties": []}', '{.properties}'),
  ('{"properties": {"a": {"type": "string", "pattern": "("}}}', '{.properties.a.pattern}'),
  ('{"properties": {"a": {"pattern": "(a)\\1"}}}', '{.properties.a.pattern}'),
  ('{"properties": {"a": {"pattern": "^(((x{1,30}){1,30}){1,30})$"}}}', '{.properties.a.pattern}'),
  ('{"properties": {"a": {"pattern": "(?b)^\\(\\(x\\{1,30\\}\\)\\{1,30\\}\\)$"}}}', '{.properties.a.pattern}'),
  ('{"properties": {"a": {"pattern": "^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$"}}}', '{}'),
  ('{"properties": {"a": {"minLength": "three"}, "b": {"enum": []}}}', '{.properties.a.minLength,.properties.b.enum}'),
  ('{"properties": {"a": {"type": "text"}}}', '{.properties.a.type}'),
  ('{"required": "a"}', '{.required}'),
  ('{"items": {"properties": {"a": {"multipleOf": 0}}}}', '{.items.properties.a.multipleOf}'),
  ('{"anyOf": [{"type": "string"}], "properties": {"a": {"$ref": "#/a"}}}', '{.anyOf,".properties.a.\"$ref\""}'),
  ('{"oneOf": [{"properties": {}}]}', '{.oneOf}');
create function test.ask(schema jsonb) returns uuid language sql as $$
  select test.run(test.workflow(json_build_object('ask', json_build_object('INPUT', json_build_object('message', '?', 'schema', ask.schema))), 'start>ask'))
$$;
create function test.filled(schema jsonb, data jsonb) returns text language plpgsql as $$
declare
  v_id uuid := test.ask(filled.schema);
begin
  return test.outcome(format('select respond_to_interaction(%L, ''answer'', %L)', (select i.id from human_interactions i where i.execution_id = v_id), filled.data));
end
$$;
grant execute on all functions in schema test to authenticated;
grant select on test.forms to authenticated;

select (select count(*) from test.forms) + 12 as planned \gset
select plan(:planned::int);
select is(test.faults(schema), expected, schema::text) from test.forms;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select is((test.execution(test.ask('{"properties": {"a": {"type": "string"}}}'))).status, 'WAITING_FOR_HUMAN', 'a form is asked with');
select is(test.outcome($$select test.ask('{"properties": {"a": {"pattern": "("}}}')$$), 'PT422 definition_invalid', 'one that nothing could be checked by is not');
select is(test.filled('{"properties": {"a": {"oneOf": [{"const": "x"}, {"const": 2}]}}}', '{"a": 2}'), 'ok', 'a choice is one of its constants');
select is(test.filled('{"properties": {"a": {"oneOf": [{"const": "x"}, {"const": 2}]}}}', '{"a": 3}'), 'PT422 response_invalid', 'and no other value');
select is(test.filled('{"properties": {"a": {"multipleOf": 0.5}}}', '{"a": 2.5}'), 'ok', 'a number has its steps');
select is(test.filled('{"properties": {"a": {"multipleOf": 0.5}}}', '{"a": 2.7}'), 'PT422 response_invalid', 'none between them');
select is(test.filled('{"properties": {"a": {"exclusiveMinimum": 0}}}', '{"a": 0}'), 'PT422 response_invalid', 'a limit may be out of reach');
select is(test.filled('{"properties": {"a": {"exclusiveMaximum": 5}}}', '{"a": 5}'), 'PT422 response_invalid', 'either way');
select is(test.filled('{"properties": {"a": {"exclusiveMaximum": 5, "exclusiveMinimum": 0}}}', '{"a": 4}'), 'ok', 'between them all is well');
-- asked before forms were looked at
select test.ask('{"properties": {"a": {"type": "string"}}}') as id \gset
select id as q from human_interactions where execution_id = :'id' \gset
select test.act_as_role('postgres') \g /dev/null
select is(hil.request_problem('INPUT', '{"message": "?", "schema": {"properties": {"a": {"pattern": "("}}}}'), 'schema.properties.a.pattern is no regular expression',
  'not by a node of a version that nobody looked at, either');
update human_interactions set request_data = jsonb_set(request_data, '{schema,properties,a,pattern}', '"("') where id = :'q';
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select respond_to_interaction(%L, ''answer'', ''{"a": "b"}'')', :'q')), 'PT422 response_invalid', 'what cannot be checked is not let in');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
