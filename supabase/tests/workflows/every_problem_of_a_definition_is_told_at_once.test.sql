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
  ('{connections,1,target}', '"start"', '{trigger_has_no_input check $.connections[1].target,node_unreachable call $.nodes[2]}', 'deploying'),
  ('{connections,1,type}', '"AI_TOOL"', '{connection_type_not_taken check $.connections[1].type}', 'deploying'),
  ('{connections,1,conditions}', '{"a": 1}', '{conditions_not_taken check $.connections[1].conditions}', 'deploying'),
  ('{connections,1,conditions}', '"$.input.n >"', '{path_malformed check $.connections[1].conditions}', 'deploying'),
  ('{connections,1,conditions}', '"$.nodes.ghost.n > 1"', '{node_reference_unknown check $.connections[1].conditions}', 'deploying'),
  ('{connections,1,conditions}', '"$.item.n > 1"', '{path_root_unknown check $.connections[1].conditions}', 'deploying'),
  ('{connections,1,type}', '"CONDITIONAL"', '{conditions_missing check $.connections[1].conditions}', 'deploying'),
  ('{connections,1}', '{"source": "check", "target": "call", "type": "ERROR", "conditions": "$.input.n > 1"}', '{conditions_not_taken check $.connections[1].conditions,error_connection_unused check $.connections[1].type}', 'deploying'),
  ('{connections,1}', '{"source": "check", "target": "call", "type": "CONDITIONAL", "conditions": "$.input.n > 1", "index": 2}', '{output_unknown check $.connections[1].index}', 'deploying'),
  ('{pin_data}', '[]', '{definition_shape - $.pin_data}', 'saving'),
  ('{pin_data}', '{"check": null, "ghost": 1}', '{pin_data_node_unknown ghost $.pin_data.ghost}', 'saving'),
  ('{nodes,2,parameters,url}', '"https://{{ $.item.host }}/{{ $.item.path }}"', '{path_root_unknown call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,url}', '"{{ $.input.id"', '{template_unclosed call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,url}', '"{{ }}"', '{path_malformed call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,url}', '"{{ $.inptu.id }}"', '{path_root_unknown call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,url}', '"{{ $.input.** }}"', '{path_forbidden call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,body}', '{"a": [1, {"b c": "{{ $.input. }}"}]}', '{"path_malformed call $.nodes[2].parameters.body.a[1].\"b c\""}', 'deploying'),
  ('{nodes,1,parameters,condition}', '"$.input.n >"', '{path_malformed check $.nodes[1].parameters.condition}', 'deploying'),
  ('{nodes,1,parameters,condition}', '"$.nodes.ghost.n > 1"', '{node_reference_unknown check $.nodes[1].parameters}', 'deploying');
-- and what concerns triggers, credentials, settings
insert into test.faults values
  ('{settings}', '[]', '{settings_shape - $.settings}', 'saving'),
  ('{settings}', '{"node": {"max_retries": 500}, "concurrency_policy": "wait"}', '{settings_shape - $.settings.node.max_retries,settings_shape - $.settings.concurrency_policy}', 'saving'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "CRON", "parameters": {"expression": "60 * * * *"}}', '{cron_invalid start $.nodes[0].parameters.expression}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "CRON", "parameters": {"expression": "@daily", "timezone": "Europe/Atlantis"}}', '{timezone_unknown start $.nodes[0].parameters.timezone}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "CRON", "parameters": {"expression": "{{ $.vars.when }}"}}', '{trigger_config_template start $.nodes[0].parameters.expression}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "WEBHOOK", "parameters": {"path": "{{ $.vars.path }}", "methods": 1}}', '{trigger_config_template start $.nodes[0].parameters.path,parameter_unknown start $.nodes[0].parameters.methods}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "WEBHOOK", "parameters": {"path": "a/:id/:id"}}', '{path_parameter_duplicate start $.nodes[0].parameters.path}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "GITHUB"}', '{credentials_missing start $.nodes[0].credentials.github}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "GITHUB", "credentials": {"github": "", "gitlab": "x"}}', '{credentials_missing start $.nodes[0].credentials.github,credentials_not_taken start $.nodes[0].credentials.gitlab}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "GITHUB", "credentials": {"github": "mine"}}', '{credential_unknown start $.nodes[0].credentials.github}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "SLACK", "credentials": {"slack": "0198c0de-0000-7000-8000-000000000001"}}', '{parameter_missing start $.nodes[0].parameters}', 'deploying'),
  ('{nodes,0}', '{"id": "start", "type": "TRIGGER", "subtype": "SLACK", "parameters": {"event": "message", "command": "/a"}, "credentials": {"slack": "0198c0de-0000-7000-8000-000000000001"}}', '{parameter_value start $.nodes[0].parameters}', 'deploying'),
  ('{nodes,2}', '{"id": "call", "type": "HUMAN_IN_THE_LOOP", "subtype": "INPUT", "parameters": {"message": "?", "schema": {"properties": {"a": {"pattern": "("}}, "$ref": "x"}}}', '{"parameter_value call $.nodes[2].parameters.schema.\"$ref\"",parameter_value call $.nodes[2].parameters.schema.properties.a.pattern}', 'deploying'),
  ('{nodes,2}', '{"id": "call", "type": "HUMAN_IN_THE_LOOP", "subtype": "INPUT", "parameters": {"message": "?", "schema": "{{ $.input.form }}"}}', '{parameter_type call $.nodes[2].parameters.schema}', 'deploying'),
  ('{nodes,2}', '{"id": "call", "type": "ACTION", "subtype": "PLACEHOLDER", "parameters": {"source": {"url": "={{ $json.x }"}}}', '{placeholder_enabled call $.nodes[2]}', 'deploying');
insert into test.faults
values ('{nodes,2,parameters,url}', to_jsonb('{{ $.input.' || repeat('x', 500) || ' }}'), '{path_too_long call $.nodes[2].parameters.url}', 'deploying'),
  ('{nodes,2,parameters,body}', to_jsonb(repeat('x', 1048576)), '{definition_too_large - $}', 'saving'),
  ('{connections}', (select jsonb_agg(jsonb_build_object('source', 'start', 'target', 'check', 'index', i)) from generate_series(1, 5001) i), '{definition_too_large - $}', 'saving'),
  ('{nodes}', (select jsonb_agg(jsonb_build_object('id', 'n' || i, 'type', 'ACTION', 'subtype', 'NOOP')) from generate_series(1, 1001) i), '{definition_too_large - $}', 'saving');

-- and in graphs that loop and join
create table test.graph_faults (nodes json, arrows text, expected text[]);
insert into test.graph_faults values
  ('{"s": {"SWITCH": {"rules": []}}}', 'start>s', '{parameter_value s $.nodes[1].parameters.rules}'),
  ('{"s": {"SWITCH": {"rules": "{{ $.input.rules }}"}}}', 'start>s s:4>s', '{parameter_type s $.nodes[1].parameters.rules}'),
  ('{"s": {"SWITCH": {"rules": ["$.input.a", "$.inptu.b == 1"]}}, "t": {"NOOP": {}}}', 'start>s s:2>t s:3>t',
    '{path_root_unknown s $.nodes[1].parameters.rules[1],output_unknown s $.connections[2].index}'),
  ('{"f": {"FILTER": {"items": "{{ $.item }}", "condition": "$.item.a == $.nodes.ghost.b"}}}', 'start>f',
    '{path_root_unknown f $.nodes[1].parameters.items,node_reference_unknown f $.nodes[1].parameters}'),
  ('{"f": {"FILTER": {"items": [], "condition": "$.item.** == 1"}}}', 'start>f', '{path_forbidden f $.nodes[1].parameters.condition}'),
  ('{"m": {"MERGE": {"mode": "{{ $.input.mode }}"}}}', 'start>m', '{parameter_value m $.nodes[1].parameters.mode}'),
  ('{"m": {"MERGE": {"mode": "all", "inputs": ["a", "a"]}}}', 'start>m', '{parameter_value m $.nodes[1].parameters.inputs}'),
  ('{"m": {"MERGE": {"mode": "all", "inputs": ["7"]}}}', 'start>m', '{parameter_value m $.nodes[1].parameters.inputs[0]}'),
  ('{"m": {"MERGE": {"mode": "all"}}}', 'start>m@100', '{input_unknown start $.connections[0].target_index}'),
  ('{"m": {"MERGE": {"mode": "any"}}}', '', '{merge_has_no_input m $.nodes[1]}'),
  ('{"w": {"WAIT": {}}}', 'start>w', '{parameter_missing w $.nodes[1].parameters}'),
  ('{"w": {"WAIT": {"seconds": 1, "event": "paid"}}}', 'start>w', '{parameter_value w $.nodes[1].parameters}'),
  ('{"w": {"WAIT": {"seconds": 1, "key": "a", "timeout_seconds": 9}}}', 'start>w',
    '{parameter_value w $.nodes[1].parameters.key,parameter_value w $.nodes[1].parameters.timeout_seconds}'),
  ('{"w": {"WAIT": {"until": "soon"}}}', 'start>w', '{parameter_value w $.nodes[1].parameters.until}'),
  ('{"c": {"SUB_WORKFLOW": {"workflow_id": "mine", "max_concurrency": 2}}}', 'start>c',
    '{parameter_value c $.nodes[1].parameters.workflow_id,parameter_value c $.nodes[1].parameters.max_concurrency}'),
  ('{"e": {"STOP": {"status": "CANCELED"}}, "t": {"NOOP": {}}}', 'start>e e>t',
    '{parameter_value e $.nodes[1].parameters.status,output_unknown e $.connections[1].source}'),
  ('{"q": {"SQL_FUNCTION": {"function": "pg_catalog.now", "arguments": []}}}', 'start>q',
    '{parameter_value q $.nodes[1].parameters.function,parameter_type q $.nodes[1].parameters.arguments}'),
  ('{"e": {"FOR_EACH": {"max_concurrency": 0}}}', 'start>e',
    '{parameter_missing e $.nodes[1].parameters.items,parameter_value e $.nodes[1].parameters.max_concurrency}'),
  -- a connection on error carries no item; what is collected is outside again
  ('{"e": {"FOR_EACH": {"items": []}}, "b": {"TRANSFORM": "{{ $.item }}"}, "x": {"TRANSFORM": "{{ $.item }}"}}', 'start>e e>b e!>x',
    '{error_connection_unused e $.connections[2].type,path_root_unknown x $.nodes[3].parameters.output}'),
  ('{"e": {"FOR_EACH": {"items": []}}, "c": {"MERGE": {"mode": "collect"}}, "x": {"TRANSFORM": "{{ $.item }}"}}', 'start>e e>c c>x{$.item.n > 1}',
    '{path_root_unknown x $.nodes[3].parameters.output,path_root_unknown c $.connections[2].conditions}'),
  ('{"e": {"FOR_EACH": {"items": []}, "disabled": true}, "x": {"TRANSFORM": "{{ $.item }}"}}', 'start>e e>x{$.item.n > 1}',
    '{path_root_unknown x $.nodes[2].parameters.output,path_root_unknown e $.connections[1].conditions}'),
  ('{"c": {"MERGE": {"mode": "collect"}}}', 'start>c', '{collect_without_for_each c $.nodes[1]}'),
  ('{"e": {"FOR_EACH": {"items": []}}, "c": {"MERGE": {"mode": "collect"}}}', 'start>e e>c e!>c', '{error_connection_unused e $.connections[2].type,collect_without_for_each c $.nodes[2]}'),
  ('{"e": {"FOR_EACH": {"items": []}}, "m": {"MERGE": {"mode": "append"}}}', 'start>e start>m@1 e>m', '{merge_depths_differ m $.nodes[2]}'),
  ('{"e": {"FOR_EACH": {"items": []}}, "f": {"FOR_EACH": {"items": []}}, "c": {"MERGE": {"mode": "collect"}}}', 'start>e start>f e>c f>c',
    '{merge_depths_differ c $.nodes[3]}'),
  ('{"e": {"FOR_EACH": {"items": []}}, "t": {"NOOP": {}}}', 'start>e e>t t>e', '{for_each_recursion e $.nodes[1]}'),
  ('{"a": {"FOR_EACH": {"items": []}}, "b": {"FOR_EACH": {"items": []}}, "c": {"FOR_EACH": {"items": []}}, "d": {"FOR_EACH": {"items": []}},
     "e": {"FOR_EACH": {"items": []}}, "f": {"FOR_EACH": {"items": []}}}', 'start>a a>b b>c c>d d>e e>f', '{for_each_recursion f $.nodes[6]}'),
  ('{"a": {"FOR_EACH": {"items": []}}, "b": {"FOR_EACH": {"items": []}}, "c": {"FOR_EACH": {"items": []}}, "d": {"FOR_EACH": {"items": []}}, "t": {"NOOP": {}}}',
    'start>a start>b start>c start>d start>t a>b a>c a>d a>t b>c b>d b>t c>d c>t d>t', '{scopes_too_many t $.nodes[5]}');
insert into test.graph_faults values
  ('{"a": {"NOOP": {}}, "m": {"MERGE": {"mode": "all"}}}', 'a>m', '{node_unreachable a $.nodes[1],merge_unreachable m $.nodes[2]}'),
  -- what looks like a slip
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}, "disabled": true}, "p": {"PLACEHOLDER": {"source": "{{"}, "disabled": true}}', 'a>b p>p',
    '{node_unreachable a $.nodes[1],node_unreachable b $.nodes[2],node_unreachable p $.nodes[3],placeholder_disabled p $.nodes[3],cycle_unbounded p $.nodes[3]}'),
  ('{"a": {"NOOP": {}}, "b": {"TRANSFORM": 1}}', 'start>a a>b b>a', '{cycle_unbounded a $.nodes[1]}'),
  ('{"a": {"NOOP": {}}, "b": {"IF": "$.input.a"}, "c": {"IF": "$.input.a"}}', 'start>a a>a start>b b>c b:1>b c>b c:1>c', '{cycle_unbounded a $.nodes[1],cycle_unbounded b $.nodes[2]}'),
  ('{"a": {"NOOP": {}, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}}', 'start>a', '{error_output_unused a $.nodes[1].error_handling}'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}, "error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}, "c": {"NOOP": {}}}', 'start>a start>b a!>c b!>c',
    '{error_connection_unused a $.connections[2].type,error_connection_unused b $.connections[3].type}'),
  ('{"h": {"WEBHOOK": {"path": "a"}}, "r": {"RESPOND": {}}}', 'h>r', '{respond_without_webhook r $.nodes[2]}'),
  ('{"h": {"WEBHOOK": {"path": "a", "response_mode": "respond"}}, "r": {"RESPOND": {}, "disabled": true}}', 'h>r',
    '{response_without_respond_node h $.nodes[1].parameters.response_mode}'),
  ('{"a": {"NOOP": {"x": 1}, "disabled": true, "credentials": {"a": "b"}}, "b": {"TRANSFORM": "{{ $.nodes.ghost", "disabled": true}, "c": {"TELEPORT": {}, "disabled": true}}',
    'start>a a>b b>c', '{parameter_unknown a $.nodes[1].parameters.x,credentials_not_taken a $.nodes[1].credentials,template_unclosed b $.nodes[2].parameters.output,node_type_unknown c $.nodes[3].subtype}');

select plan(28 + (select count(*) from test.faults)::int + (select count(*) from test.graph_faults)::int);
select bag_eq(format('select test.problems(test.definition(%L, %L))', f.nodes, f.arrows), f.expected,
  format('%s in %s', array_to_string(f.expected, ', '), f.arrows)) from test.graph_faults f;
select bag_eq(format('select test.problems(test.broken(%L, %L))', f.place, f.value), f.expected,
  format('%s at %s', split_part(f.expected[1], ' ', 1), f.place)) from test.faults f;

-- one severity each
select is_empty(
  $$select f.expected, d from test.graph_faults f, lateral jsonb_array_elements(validate_definition(test.definition(f.nodes, f.arrows)) -> 'diagnostics') d
    where (d ->> 'severity' = 'warning') <> (d -> 'blocks' = 'null') or (d ->> 'severity' = 'error') <> (d ->> 'blocks' in ('saving', 'deploying'))$$,
  'what is a warning blocks nothing, what is an error blocks something');
select set_eq(
  $$select distinct d ->> 'code' from test.graph_faults f, lateral jsonb_array_elements(validate_definition(test.definition(f.nodes, f.arrows)) -> 'diagnostics') d
    where d ->> 'severity' = 'warning'$$,
  '{merge_unreachable,node_unreachable,placeholder_disabled,cycle_unbounded,error_output_unused,error_connection_unused,respond_without_webhook,response_without_respond_node,parameter_unknown,credentials_not_taken,template_unclosed,node_type_unknown}'::text[],
  'these warn');

select is_empty(
  $$select f.place, f.expected from test.faults f
    where f.blocks is distinct from (validate_definition(test.broken(f.place, f.value)) -> 'diagnostics' -> 0 ->> 'blocks')
      and not exists (select from jsonb_array_elements(validate_definition(test.broken(f.place, f.value)) -> 'diagnostics') d
        where d ->> 'blocks' = f.blocks and f.blocks = 'saving')$$,
  'a fault of shape blocks saving, one of meaning only deploying');

-- every code that the sources name has a case above
select set_eq(
  $$select distinct m[1] from pg_proc p, regexp_matches(p.prosrc,
      '''((?:definition|pin_data|settings|placeholder|cron|timezone|cycle|error|response|respond|node|connection|trigger|parameter|credentials?|attached|output|input|conditions|template|path|merge|collect|for_each|scopes)_[a-z_]+)''',
      'g') m
    where p.pronamespace = 'workflows'::regnamespace and (p.proname ~ '_problems?$' or p.proname in ('check_definition', 'scopes', 'compile_parameters', 'compile_path'))
      and p.proname not in ('specification_problems', 'meta_problems')
      and m[1] not in ('node_id', 'attached_nodes', 'node_type', 'node_subtype', 'outputs_by', 'error_handling', 'response_mode')$$,
  $$select distinct split_part(e, ' ', 1) from (select expected from test.faults union all select expected from test.graph_faults) f, unnest(f.expected) e$$,
  'every code has a case');

select set_eq($$select test.problems('7')$$, array['definition_shape - $'], 'no object');
select set_eq($$select test.problems(null)$$, array['definition_shape - $'], 'nothing at all');
select is(validate_definition(test.broken('{nodes,2,x_own_field}', '1')), '{"valid": true, "diagnostics": []}', 'a sound definition, with a field of its own');
select is(validate_definition(test.broken('{nodes,2,parameters,method}', '"{{ $.input.method }}"')) -> 'valid', 'true', 'a template fits everywhere');
select is(validate_definition(test.definition('{"again": {"IF": "$.execution.node_runs < 3"}}', 'start>again again>again')) -> 'valid', 'true',
  'a connection from a node to itself is legal');

select is(array(select test.problems(test.definition(v.nodes::json, v.arrows) || v.more::jsonb)), '{}', v.why) from (values
  ('{"s": {"SWITCH": {"rules": ["{{ $.input.a == 1 }}"]}}, "t": {"NOOP": {}}}', 'start>s s:1>t s:0>t', '{}', 'a SWITCH has an output more than it has rules'),
  ('{"f": {"FILTER": {"items": "{{ $.input }}", "condition": "$.item.a == $.vars.b"}}}', 'start>f', '{}', 'a FILTER has an item outside of any FOR_EACH'),
  ('{"m": {"MERGE": {"mode": "all", "inputs": ["a b", "{{b}}"]}}, "a": {"NOOP": {}}}', 'start>m@99 start>a a>m', '{}', 'a MERGE has up to a hundred inputs'),
  ('{"e": {"FOR_EACH": {"items": []}}, "x": {"TRANSFORM": "{{ $.item.a }}"}, "c": {"MERGE": {"mode": "collect"}}}',
    'start>e e>x{$.item.a > 1} x>c{$.item.a > 2} c>e', '{}', 'a loop around a FOR_EACH whose items are collected'),
  ('{"a": {"FOR_EACH": {"items": []}}, "b": {"FOR_EACH": {"items": "{{ $.item }}"}}, "c": {"MERGE": {"mode": "collect"}}, "d": {"MERGE": {"mode": "collect"}},
     "m": {"MERGE": {"mode": "combine"}}}', 'start>a a>b b>c c>m@0 a>m@1 m>d', '{}', 'a FOR_EACH in a FOR_EACH, joined in between'),
  ('{"e": {"FOR_EACH": {"items": []}}, "x": {"TRANSFORM": "{{ $.item.a }}"}}', 'start>e start>x e>x', '{}', 'a node both in a FOR_EACH and not'),
  ('{"m": {"MERGE": {"mode": "collect"}, "disabled": true}, "n": {"MERGE": {"mode": "any"}, "disabled": true}}', 'start>m start>n', '{}', 'a disabled MERGE is none'),
  ('{"e": {"FOR_EACH": {"items": []}, "disabled": true}, "m": {"MERGE": {"mode": "all"}}}', 'start>e start>m e>m@1', '{}', 'nor is a disabled FOR_EACH one'),
  ('{"w": {"WAIT": {"until": "{{ $.input.at }}"}}, "v": {"WAIT": {"event": "paid", "key": "{{ $.input.id }}", "timeout_seconds": 60}}}', 'start>w w>v', '{}', 'waits'),
  ('{"c": {"SUB_WORKFLOW": {"workflow_id": "{{ $.input.id }}", "items": "{{ $.input.list }}", "max_concurrency": 3}}, "e": {"STOP": {}}}', 'start>c c?>e{exists ($.input.a)}', '{}',
    'a sub-workflow, a condition, an end'),
  ('{"q": {"SQL_FUNCTION": {"function": "total", "arguments": {"of": "{{ $.input }}"}}}}', 'start>q', '{"pin_data": {"q": {"sum": 3}}}', 'a function, pinned'),
  ('{}', '', '{"pin_data": null, "settings": {"a": 1, "node": {"max_retries": 0}, "concurrency_policy": "drop", "timeout_seconds": null}}', 'nothing pinned, and a field of its own')
) v (nodes, arrows, more, why);

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
-- of what is wrong a hundred thousand times, enough: putting them all together would take minutes
set local statement_timeout = '10s';
select cmp_ok(jsonb_array_length(validate_definition(test.broken(v.at, v.wrong)) -> 'diagnostics'), '<', 300, v.why) from (values
  ('{nodes,2,parameters}', (select jsonb_object_agg('k' || i, 1) from generate_series(1, 50000) i), 'parameters that are unknown'),
  ('{nodes,2,parameters}', jsonb_build_object('url', 'https://a.example', 'method', 'GET', 'headers', (select jsonb_object_agg('h' || i, '[]'::jsonb) from generate_series(1, 50000) i)), 'headers that are none')
) v (at, wrong, why);
select * from finish();
