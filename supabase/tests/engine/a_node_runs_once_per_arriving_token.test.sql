\ir ../helpers.sql
select plan(15);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null

select test.run(test.workflow('{"a": {"TRANSFORM": "A"}, "b": {"TRANSFORM": "B"}, "c": {"TRANSFORM": "{{ $.input }}"}}', 'start>a start>b a>c b>c')) as joined \gset
select is(test.story(:'joined'), 'start[0]#1 SUCCESS, a[0]#1 SUCCESS, b[0]#1 SUCCESS, c[0]#1 SUCCESS, c[1]#1 SUCCESS', 'two edges into a node are an OR-join');
select is((select array_agg(output_data order by run_index) from node_executions where execution_id = :'joined' and node_id = 'c'), array[jsonb '"A"', '"B"'],
  'each run has its own input');
select is((test.execution(:'joined')).output, '{"c": "B"}', 'the last run''s output is the execution''s');

-- loops
select test.run(test.workflow('{"again": {"IF": "$.execution.node_runs < 4"}, "done": {"TRANSFORM": "{{ $.input }}"}}', 'start>again again>again again:1>done'), '7') as self \gset
select is(test.story(:'self'), 'start[0]#1 SUCCESS, again[0]#1 SUCCESS, again[1]#1 SUCCESS, again[2]#1 SUCCESS, again[3]#1 SUCCESS, done[0]#1 SUCCESS',
  'a node connected to itself runs until its condition ends it');
select is((test.execution(:'self')).output, '{"done": 7}', 'and leaves by the other output');

select test.run(test.workflow('{"step": {"TRANSFORM": {"n": "{{ $.input.n + 1 }}"}}, "more": {"IF": "$.input.n < 5"}, "done": {"TRANSFORM": "{{ $.input.n }}"}}',
  'start>step step>more more>step more:1>done'), '{"n": 2}') as counted \gset
select is((test.execution(:'counted')).output, '{"done": 5}', 'a loop carries its counter along');
select is((select count(*) from node_executions where execution_id = :'counted' and node_id = 'step'), 3::bigint, 'and runs as often as it counts');

-- a loop without a way out
select test.run(test.workflow('{"spin": {"TRANSFORM": 1, "error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}}', 'start>spin spin>spin')) as runaway \gset
select is((test.execution(:'runaway')).status, 'RUNNING', 'a call runs a limited number of steps');
select is((select array_agg(status) from live_node_executions where execution_id = :'runaway'), '{PENDING}', 'and leaves the rest to the tick');
select test.act_as_role('postgres') \g /dev/null
select is_empty('select * from engine.violations()', 'between turns no invariant is broken');
select engine.tick() from generate_series(1, 6) \g /dev/null
select results_eq(format($$select status, error ->> 'code', error ->> 'node_id' from workflow_executions where id = %L$$, :'runaway'),
  $$values ('ERROR', 'max_node_runs', 'spin')$$, 'a runaway loop ends with an error, whatever the node''s error strategy');
select is((select count(*) from node_executions where execution_id = :'runaway' and node_id = 'spin' and status = 'SUCCESS'), 1000::bigint, 'after 1000 runs');

-- a chain that is longer than one turn
select test.act_as(:'ann') \g /dev/null
select test.run((create_workflow('long', jsonb_build_object(
  'nodes', jsonb '[{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}]' || (select jsonb_agg(jsonb_build_object('id', 'n' || i, 'type', 'ACTION', 'subtype', 'TRANSFORM',
    'parameters', jsonb '{"output": "{{ $.input + 1 }}"}')) from generate_series(1, 450) i),
  'connections', (select jsonb_agg(jsonb_build_object('source', case i when 1 then 'start' else 'n' || i - 1 end, 'target', 'n' || i)) from generate_series(1, 450) i)))).id, '0') as long \gset
select test.act_as_role('postgres') \g /dev/null
select is((select array_agg(kind) from engine.waits where execution_id = :'long'), '{turn}', 'a long chain waits for its next turn');
select engine.tick() from generate_series(1, 2) \g /dev/null
select is((test.execution(:'long')).output, '{"n450": 450}', 'and comes to its end');
select is_empty('select * from engine.violations()', 'no invariant is broken');
select * from finish();
