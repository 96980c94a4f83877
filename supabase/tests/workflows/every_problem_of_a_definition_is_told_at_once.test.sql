-- Each fault alone, by code, node and place; then many at once; then what is no fault.
\ir ../helpers.sql

create function test.problems(definition jsonb) returns setof text language sql as $$
  select format('%s %s %s', d ->> 'code', coalesce(d ->> 'node_id', '-'), d ->> 'path')
  from jsonb_array_elements(public.validate_definition(problems.definition) -> 'diagnostics') d
$$;

-- a sound definition with something set in it
create function test.broken(place text, value jsonb) returns jsonb language sql as $$
  select case when value is null then base #- place::text[] else jsonb_set(base, place::text[], value) end
  from (select jsonb '{
    "nodes": [
      {"id": "start", "type": "TRIGGER", "subtype": "MANUAL"},
      {"id": "check", "type": "FLOW", "subtype": "IF", "parameters": {"condition": "$.input.n > 1"}},
      {"id": "call", "name": "Call", "type": "ACTION", "subtype": "HTTP_REQUEST", "parameters": {"url": "https://example.com/{{ $.input.id }}"}}
    ],
    "connections": [
      {"source": "start", "target": "check"},
      {"source": "check", "target": "call", "type": "MAIN", "index": 0, "target_index": 0, "conditions": null}
    ]}' as base) b
$$;

create table test.faults (place text, value jsonb, expected text[], blocks text);
insert into test.faults values
  -- shape: there is nothing to save
  ('{nodes}', null, '{definition_shape - $.nodes,connection_node_unknown start $.connections[0].source,connection_node_unknown start $.connections[0].target,connection_node_unknown check $.connections[1].source,connection_node_unknown check $.connections[1].target,trigger_missing - $.nodes}', 'saving'),
  ('{connections}', '{}', '{definition_shape - $.connections}', 'saving'),
  ('{nodes,2}', '"call"', '{node_field - $.nodes[2],connection_node_unknown check $.connections[1].target}', 'saving'),
  ('{nodes,2,id}', null, '{node_field_missing - $.nodes[2].id,connection_node_unknown check $.connections[1].target}', 'saving'),
  ('{nodes,2,id}', '""', '{node_field  $.nodes[2].id,connection_node_unknown check $.connections[1].target}', 'saving'),
  ('{nodes,1,id}', '7', '{node_field 7 $.nodes[1].id,connection_node_unknown start $.connections[0].target,connection_node_unknown check $.connections[1].source}', 'saving'),
  ('{nodes,2,id}', '"check"', '{node_id_duplicate check $.nodes[2].id,connection_node_unknown check $.connections[1].target}', 'saving'),
  ('{nodes,2,type}', null, '{node_field_missing call $.nodes[2].type}', 'saving'),
  ('{nodes,2,type}', '"ACTOR"', '{node_field call $.nodes[2].type,node_type_unknown call $.nodes[2].subtype}', 'saving'),
  ('{nodes,2,subtype}', null, '{node_field_missing call $.nodes[2].subtype}', 'saving'),
  ('{nodes,2,name}', '5', '{node_field call $.nodes[2].name}', 'saving'),
  ('{nodes,2,description}', '5', '{node_field call $.nodes[2].description}', 'saving'),
  ('{nodes,2,type_version}', '1.5', '{node_field call $.nodes[2].type_version}', 'saving'),
  ('{nodes,2,disabled}', '"yes"', '{node_field call $.nodes[2].disabled}', 'saving'),
  ('{nodes,2,position}', '{"x": "left"}', '{node_field call $.nodes[2].position.x}', 'saving'),
  ('{nodes,2,parameters}', '[]', '{node_field call $.nodes[2].parameters}', 'saving'),
  ('{nodes,2,credentials}', '"x"', '{node_field call $.nodes[2].credentials,credentials_not_taken call $.nodes[2].credentials}', 'saving'),
  ('{nodes,2,error_handling}', '"IGNORE"', '{node_field call $.nodes[2].error_handling}', 'saving'),
  ('{nodes,2,max_retries}', '-1', '{node_field call $.nodes[2].max_retries}', 'saving'),
  ('{nodes,2,max_retries}', '101', '{node_field call $.nodes[2].max_retries}', 'saving'),
  ('{nodes,2,retry_wait_time}', '1e9', '{node_field call $.nodes[2].retry_wait_time}', 'saving'),
  ('{nodes,2,timeout_seconds}', '0', '{node_field call $.nodes[2].timeout_seconds}', 'saving'),
  ('{nodes,2,notes}', '{}', '{node_field call $.nodes[2].notes}', 'saving'),
  ('{connections,1}', '7', '{connection_field - $.connections[1]}', 'saving'),
  ('{connections,1,source}', null, '{connection_field_missing - $.connections[1].source}', 'saving'),
  ('{connections,1,target}', '3', '{connection_field check $.connections[1].target}', 'saving'),
  ('{connections,1,target}', '"nowhere"', '{connection_node_unknown check $.connections[1].target}', 'saving'),
  ('{connections,1,source}', '"nowhere"', '{connection_node_unknown nowhere $.connections[1].source}', 'saving'),
  ('{connections,1,type}', '"WIRE"', '{connection_field check $.connections[1].type,connection_type_not_taken check $.connections[1].type}', 'saving'),
  ('{connections,1,index}', '-1', '{connection_field check $.connections[1].index}', 'saving'),
  ('{connections,1,target_index}', '1.5', '{connection_field check $.connections[1].target_index,input_unknown check $.connections[1].target_index}', 'saving'),
  ('{connections,1,label}', '1', '{connection_field check $.connections[1].label}', 'saving'),
  ('{connections,1}', '{"source": "start", "target": "check", "index": 0}', '{connection_duplicate start $.connections[1]}', 'saving'),
  -- meaning: a draft may be half drawn
  ('{nodes,0,disabled}', 'true', '{trigger_missing - $.nodes}', 'deploying'),
  ('{nodes,2,subtype}', '"TELEPORT"', '{node_type_unknown call $.nodes[2].subtype}', 'deploying'),
  ('{nodes,2,parameters,url}', null, '{parameter_missing call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,url}', '7', '{parameter_type call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,url}', '""', '{parameter_value call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,method}', '"FETCH"', '{parameter_value call $.nodes[2].parameters.method}', 'deploying'),
  ('{nodes,2,parameters,verb}', '1', '{parameter_unknown call $.nodes[2].parameters.verb}', 'deploying'),
  ('{nodes,2,parameters,headers}', '{"x-a b": {}}', '{"parameter_type call $.nodes[2].parameters.headers.\"x-a b\""}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "WEBHOOK", "parameters": {"path": "a b"}}', '{parameter_value start $.nodes[0].parameters.path}', 'deploying'),
  ('{nodes,2,parameters}', '{"url": "https://a.example", "body": 1, "form": {}}', '{parameter_value call $.nodes[2].parameters.form}', 'deploying'),
  ('{nodes,2,credentials}', '{"http": "x"}', '{credentials_not_taken call $.nodes[2].credentials}', 'deploying'),
  ('{nodes,2,attached_nodes}', '["x"]', '{attached_nodes_not_taken call $.nodes[2].attached_nodes}', 'deploying'),
  ('{connections,1,index}', '2', '{output_unknown check $.connections[1].index}', 'deploying'),
  ('{connections,1,target_index}', '1', '{input_unknown check $.connections[1].target_index}', 'deploying'),
  ('{connections,1,target}', '"start"', '{trigger_has_no_input check $.connections[1].target}', 'deploying'),
  ('{connections,1,type}', '"AI_TOOL"', '{connection_type_not_taken check $.connections[1].type}', 'deploying'),
  ('{connections,1,conditions}', '{"a": 1}', '{conditions_not_taken check $.connections[1].conditions}', 'deploying'),
  ('{nodes,2,parameters,url}', '"{{ $.input.id"', '{template_unclosed call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,url}', '"{{ }}"', '{path_malformed call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,url}', '"{{ $.inptu.id }}"', '{path_root_unknown call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,url}', '"{{ $.input.** }}"', '{path_forbidden call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,body}', '{"a": [1, {"b c": "{{ $.input. }}"}]}', '{"path_malformed call $.nodes[2].parameters.body.a[1].\"b c\""}', 'deploying'),
  ('{nodes,1,parameters,condition}', '"$.input.n >"', '{path_malformed check $.nodes[1].parameters.condition}', 'deploying'),
  ('{nodes,1,parameters,condition}', '"$.nodes.ghost.n > 1"', '{node_reference_unknown check $.nodes[1].parameters}', 'deploying');
insert into test.faults
values ('{nodes,2,parameters,url}', to_jsonb('{{ $.input.' || repeat('x', 500) || ' }}'), '{path_too_long call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,body}', to_jsonb(repeat('x', 1048576)), '{definition_too_large - $}', 'saving'),
  ('{connections}', (select jsonb_agg(jsonb_build_object('source', 'start', 'target', 'check', 'index', i)) from generate_series(1, 5001) i), '{definition_too_large - $}', 'saving'),
  ('{nodes}', (select jsonb_agg(jsonb_build_object('id', 'n' || i, 'type', 'ACTION', 'subtype', 'NOOP')) from generate_series(1, 1001) i), '{definition_too_large - $}', 'saving');

select plan(12 + (select count(*) from test.faults)::int);
select bag_eq(format('select test.problems(test.broken(%L, %L))', f.place, f.value), f.expected,
  format('%s at %s', split_part(f.expected[1], ' ', 1), f.place)) from test.faults f;

select is_empty(
  $$select f.place, f.expected from test.faults f
    where f.blocks is distinct from (validate_definition(test.broken(f.place, f.value)) -> 'diagnostics' -> 0 ->> 'blocks')
      and not exists (select from jsonb_array_elements(validate_definition(test.broken(f.place, f.value)) -> 'diagnostics') d
        where d ->> 'blocks' = f.blocks and f.blocks = 'saving')$$,
  'a fault of shape blocks saving, one of meaning only deploying');

-- every code that the sources name has a case above
select set_eq(
  $$select distinct m[1] from pg_proc p, regexp_matches(p.prosrc,
      '''((?:definition|node|connection|trigger|parameter|credentials|attached|output|input|conditions|template|path)_[a-z_]+)''', 'g') m
    where p.pronamespace = 'workflows'::regnamespace and p.proname in ('check_definition', 'schema_problems', 'compile_parameters', 'compile_path')
      and m[1] not in ('node_id', 'attached_nodes', 'node_type', 'node_subtype')$$,
  $$select distinct split_part(e, ' ', 1) from test.faults f, unnest(f.expected) e$$,
  'every code has a case');

select set_eq($$select test.problems('7')$$, array['definition_shape - $'], 'no object');
select set_eq($$select test.problems(null)$$, array['definition_shape - $'], 'nothing at all');
select is(validate_definition(test.broken('{nodes,2,x_own_field}', '1')), '{"valid": true, "diagnostics": []}', 'a sound definition, with a field of its own');
select is(validate_definition(test.broken('{nodes,2,parameters,method}', '"{{ $.input.method }}"')) -> 'valid', 'true', 'a template fits everywhere');
select is(validate_definition(test.definition('{"again": {"IF": "$.execution.node_runs < 3"}}', 'start>again again>again')) -> 'valid', 'true',
  'a connection from a node to itself is legal');

-- twelve distinct faults, one answer
select test.sign_up('ann') as ann \gset
select '{
  "nodes": [
    {"id": "hook", "type": "TRIGGER", "subtype": "WEBHOOK", "parameters": {"path": "a b", "secret": 1}},
    {"id": "a", "type": "ACTION", "subtype": "HTTP_REQUEST", "max_retries": "many",
      "parameters": {"method": "FETCH", "headers": [], "body": "{{ $.inptu.x }}"}},
    {"id": "a", "type": "FLOW", "subtype": "TELEPORT"},
    {"type": "FLOW", "subtype": "IF", "parameters": {"condition": "$.input.** == 1"}},
    {"id": "t", "type": "ACTION", "subtype": "TRANSFORM", "credentials": {"a": "b"}, "parameters": {"output": "{{ $.nodes.ghost.x"}}
  ],
  "connections": [
    {"source": "hook", "target": "a"}, {"source": "hook", "target": "a"}, {"source": "a", "target": "nowhere"},
    {"source": "t", "target": "hook", "index": 4}
  ]}' as twelve \gset
select bag_eq(format('select test.problems(%L)', :'twelve'), array[
  'parameter_value hook $.nodes[0].parameters.path', 'parameter_unknown hook $.nodes[0].parameters.secret',
  'node_field a $.nodes[1].max_retries', 'parameter_missing a $.nodes[1].parameters.url', 'parameter_value a $.nodes[1].parameters.method',
  'parameter_type a $.nodes[1].parameters.headers', 'path_root_unknown a $.nodes[1].parameters.body', 'node_id_duplicate a $.nodes[2].id',
  'node_type_unknown a $.nodes[2].subtype', 'node_field_missing - $.nodes[3].id', 'path_forbidden - $.nodes[3].parameters.condition',
  'credentials_not_taken t $.nodes[4].credentials', 'template_unclosed t $.nodes[4].parameters.output', 'connection_duplicate hook $.connections[1]',
  'connection_node_unknown a $.connections[2].target', 'output_unknown t $.connections[3].index', 'trigger_has_no_input t $.connections[3].target'],
  'all faults at once');

grant execute on all functions in schema test to authenticated;
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select create_workflow(''x'', %L)', :'twelve')), 'PT422 definition_invalid', 'it is not saved');
select is_empty('select id from workflows', 'and nothing is half written');
select lives_ok(format('select create_workflow(''x'', %L)', test.broken('{nodes,2,parameters,url}', null)), 'a draft without meaning is saved');
select is(test.outcome('select start_execution(id) from workflows'), 'PT422 definition_invalid', 'but not started');
select * from finish();
