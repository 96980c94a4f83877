\ir ../helpers.sql
select plan(33);
create function nodes.greet(arguments jsonb, context jsonb) returns jsonb language sql set search_path = '' as $$
  select jsonb_build_object('text', concat_ws(' ', coalesce(arguments ->> 'word', '-'), arguments ->> 'name'), 'arguments', arguments)
$$;
comment on function nodes.greet(jsonb, jsonb) is 'Greets somebody.';
create function nodes.mute(arguments jsonb, context jsonb) returns jsonb language sql set search_path = '' as $$ select '1'::jsonb $$;
grant execute on all functions in schema nodes to tandem_nodes;
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('eve') as eve \gset
create function test.node(subtype text, parameters jsonb) returns jsonb language sql as $$
  select jsonb_build_object('nodes', jsonb_build_array('{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}'::jsonb,
    jsonb_build_object('id', 'f', 'type', 'ACTION', 'subtype', node.subtype, 'parameters', node.parameters)),
    'connections', '[{"source": "start", "target": "f"}]'::jsonb)
$$;
create function test.codes(definition jsonb, workspace_id uuid) returns text language sql as $$
  select coalesce(string_agg(format('%s %s', d ->> 'code', d ->> 'path'), ', '), '')
  from jsonb_array_elements(public.validate_definition(codes.definition, codes.workspace_id) -> 'diagnostics') d
$$;
-- calls what is claimed, as a worker does
create function test.call(node text) returns boolean language sql security definer as $$
  select engine.call_function('w', (t ->> 'id')::uuid, (t ->> 'lease_token')::uuid) from (select test.task(test.claim(), call.node) as t) c
$$;
grant execute on all functions in schema test to authenticated;
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as space \gset
select test.act_as(:'bob') \g /dev/null
select workspaces.default_id() as other \gset
select test.act_as(:'ann') \g /dev/null
select is(test.codes(test.node('greet', '{}'), :'space'), 'node_type_unknown $.nodes[1].subtype', 'it is no type before it is enabled');
select is(enable_function('greet', :'space', specification => '{"parameters": {"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
  "name": {"type": "string", "minLength": 2}, "word": {"type": "string", "enum": ["Hello", "Bye"], "default": "Hello"}}}}'), true, 'an admin enables it, with what it takes');
select is(enable_function('mute'), true, 'and one without saying so');
select is((select specification_data ->> 'description' from node_specifications where node_subtype = 'greet'), 'Greets somebody.', 'what it does stands in its comment');
select is((select specification_data ->> 'description' from node_specifications where node_subtype = 'mute'), 'Calls the function mute.', 'where it has one');
select is((select (specification_data -> 'parameters')::text || (specification_data -> 'inputs')::text from node_specifications where node_subtype = 'mute'), '{"type": "object"}["main"]', 'it takes any object');
select is((select array[is_system_spec::text, executor, specification_data #>> '{retryable_errors,0,code}'] from node_specifications where node_subtype = 'mute'), '{false,edge,function_failed}', 'it is no type of the system');

select is(test.codes(test.node('greet', '{"name": "Ann"}'), :'space'), '', 'it is a type of node of the workspace');
select is(test.codes(test.node('greet', '{"name": "A", "word": "Hi", "x": 1}'), :'space'),
  'parameter_unknown $.nodes[1].parameters.x, parameter_value $.nodes[1].parameters.name, parameter_value $.nodes[1].parameters.word', 'with parameters that are checked');
select is(test.codes(test.node('mute', '{"anything": ["{{ $.input.a }}"]}'), :'space'), '', 'or any');
select is(test.codes(test.node('mute', '{"anything": "{{ $.inptu.a }}"}'), :'space'), 'path_root_unknown $.nodes[1].parameters.anything', 'its templates are checked');
select is(validate_definition(test.node('greet', '{"name": "Ann"}')) -> 'valid', 'false', 'without its workspace it is unknown');

select (create_workflow('greets', test.node('greet', '{"name": "{{ $.input.who }}"}'))).id as flow \gset
select test.run(:'flow', '{"who": "Ann"}') as id \gset
select is(test.call('f'), true, 'a worker calls it');
select is((test.execution(:'id')).output, '{"f": {"text": "Hello Ann", "arguments": {"name": "Ann", "word": "Hello"}}}', 'with its parameters as arguments, defaults filled in');
select is((select node_type from node_executions where execution_id = :'id' and node_id = 'f'), 'ACTION.greet', 'it runs under its own name');
select is_empty('select test.violations()', 'no invariant is broken');

-- nobody else's
select test.act_as(:'bob') \g /dev/null
select is_empty($$select id from node_specifications where node_subtype in ('greet', 'mute')$$, 'another workspace does not see it');
select is(test.codes(test.node('greet', '{"name": "Ann"}'), :'other'), 'node_type_unknown $.nodes[1].subtype', 'nor use it');
select is(enable_function('greet'), true, 'it enables its own');
select is(test.codes(test.node('greet', '{"anything": 1}'), :'other'), '', 'which takes what its own admin says');
select test.act_as_role('postgres') \g /dev/null
select test.become_member(:'space', :'eve', 'editor') \g /dev/null
select test.act_as(:'eve') \g /dev/null
select isnt_empty($$select id from node_specifications where node_subtype = 'greet'$$, 'members see it');
select is(test.outcome(format('select enable_function(''greet'', %L, specification => ''{}'')', :'space')), 'PT403 role_insufficient', 'an editor does not change it');

-- the system's types stay what they are
select test.act_as_role('postgres') \g /dev/null
select throws_ok(format('insert into node_specifications (workspace_id, node_type, node_subtype, executor, specification_data) values (%L, ''ACTION'', ''NOOP'', ''edge'', ''{"outputs": []}'')', :'space'),
  '23514', null, 'none of a workspace stands before one of the system');
select throws_ok($$insert into node_specifications (node_type, node_subtype, executor, specification_data) values ('ACTION', 'NOOP', 'edge', '{"outputs": []}')$$,
  '23505', null, 'there is one of each');

select test.act_as(:'ann') \g /dev/null
select is(enable_function('greet', specification => '{"description": "Says hello.", "parameters": {"type": "object"}}'), true, 'the admin describes it anew');
select is(test.codes(test.node('greet', '{"name": 1}'), :'space'), '', 'which counts from then on');
select is(test.outcome(format('select enable_function(''greet'', specification => %L)', v)), 'PT422 specification_invalid', v) from (values
  ('{"parameters": {"type": "object", "properties": {"a": {"$ref": "#/x"}, "b": {"pattern": "("}, "c": {"type": "date"}}}, "executor": "sql"}'),
  -- each would keep a check of a long text busy for minutes
  ('{"parameters": {"type": "object", "properties": {"a": {"pattern": "(?=.*(?=.*(?=.*z)))"}}}}'),
  ('{"parameters": {"type": "object", "additionalProperties": {"items": {"pattern": "(?<!a.*)(?<=b)"}}}}'),
  ('{"parameters": {"type": "object", "properties": {"a": {"pattern": "(a*)*\\1"}}}}')) x (v);
select test.run(:'flow', '{"who": "Ann"}') as id \gset
select is(enable_function('greet', enabled => false), false, 'disabling it');
select is_empty(format($$select id from node_specifications where node_subtype = 'greet' and workspace_id = %L$$, :'space'), 'takes the type along');
select test.call('f') \g /dev/null
select is((test.execution(:'id')).error ->> 'code', 'function_not_enabled', 'what calls it ends in an error');
select * from finish();
