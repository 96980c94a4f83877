\ir ../helpers.sql
select plan(9);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
-- counted for each item by itself
select test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "again": {"IF": "$.execution.node_runs < 400"}, "end": {"TRANSFORM": "{{ $.item }}"}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>again again>again again:1>end end>got'), '[1, 2, 3]') as id \gset
select test.act_as_role('postgres') \g /dev/null
create function test.tick_to_end(id uuid) returns text language plpgsql as $$
begin
  for i in 1 .. 100 loop
    exit when (test.execution(id)).end_time is not null;
    perform engine.tick();
  end loop;
  return (test.execution(id)).status;
end
$$;
select is(test.tick_to_end(:'id'), 'SUCCESS', 'a node may run often in each item');
select is((test.execution(:'id')).output, '{"got": [1, 2, 3]}', 'all of them end well');
select is((select count(*) from node_executions where execution_id = :'id' and node_id = 'again'), 1200::bigint, 'although together they are more than a thousand');
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "again": {"IF": "$.item == 2", "error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>again again>again again:1>got'), '[1, 2]') as id \gset
select test.act_as_role('postgres') \g /dev/null
select is(test.tick_to_end(:'id'), 'ERROR', 'one item''s loop without a way out ends the execution');
select is((test.execution(:'id')).error - 'message', '{"code": "max_node_runs", "node_id": "again"}', 'whatever the node''s error strategy');
-- a loop through a merge, and through a sub-workflow of items
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"m": {"MERGE": {"mode": "append"}}, "x": {"TRANSFORM": 1}}', 'start>m@0 m>x x>m@1')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select is(test.tick_to_end(:'id'), 'ERROR', 'a loop through a merge too');
select is((test.execution(:'id')).error ->> 'code', 'max_node_runs', 'for the same reason');
select is((select count(*) from engine.waits) + (select count(*) from engine.tasks) + (select count(*) from engine.node_runs), 0::bigint, 'nothing of them is left');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
