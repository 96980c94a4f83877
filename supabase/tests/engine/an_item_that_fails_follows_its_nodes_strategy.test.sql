\ir ../helpers.sql
select plan(13);
create function test.each_fails(strategy text, arrows text, bound int default null) returns uuid language sql as $$
  select test.run(test.workflow(json_build_object(
    'each', json_build_object('FOR_EACH', json_strip_nulls(json_build_object('items', '{{ $.input }}', 'max_concurrency', bound))),
    'work', json_build_object('NOOP', '{}'::json, 'max_retries', 0, 'error_handling', each_fails.strategy),
    'bad', json_build_object('TRANSFORM', 'bad {{ $.item }}'), 'got', json_build_object('MERGE', '{"mode": "collect"}'::json)), each_fails.arrows || ' work!>bad'), '[1, 2, 3]')
$$;
-- the second item fails, the others succeed
create function test.fail_second() returns void language plpgsql security definer as $$
declare
  v_tasks jsonb;
begin
  loop
    v_tasks := test.claim();
    exit when v_tasks = '[]';
    perform test.finish((select jsonb_agg(case t -> 'input' when '2' then test.failure(t) else test.success(t, t -> 'input') end) from jsonb_array_elements(v_tasks) t));
  end loop;
end
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.each_fails('STOP_WORKFLOW_ON_ERROR', 'start>each each>work work>got') as id \gset
select test.fail_second() \g /dev/null
select is((test.execution(:'id')).status, 'ERROR', 'stop: the execution ends');
select is((test.execution(:'id')).error ->> 'node_id', 'work', 'with the item''s error');
select test.each_fails('STOP_WORKFLOW_ON_ERROR', 'start>each each>work work>got', 1) as id \gset
select test.fail_second() \g /dev/null
select is(test.story(:'id'), 'start[0]#1 SUCCESS, each[0]#1 SUCCESS, work[0]#1 SUCCESS, work[0]#1 ERROR, got[]#1 CANCELED', 'no further item begins');
select test.each_fails('CONTINUE_REGULAR_OUTPUT_ON_ERROR', 'start>each each>work work>got') as id \gset
select test.fail_second() \g /dev/null
select is((test.execution(:'id')).output, '{"got": [1, {"error": {"code": "boom", "message": "it broke"}}, 3]}', 'continue: its error takes its place');
select test.each_fails('CONTINUE_REGULAR_OUTPUT_ON_ERROR', 'start>each each>work work+>got') as id \gset
select test.fail_second() \g /dev/null
select is((test.execution(:'id')).output -> 'got', '[1, 3]', 'but not along SUCCESS connections');
select test.each_fails('CONTINUE_ERROR_OUTPUT_ON_ERROR', 'start>each each>work work>got', 1) as id \gset
select test.fail_second() \g /dev/null
select is((test.execution(:'id')).output, '{"got": [1, 3], "bad": "bad 2"}', 'error output: the item leaves the way to the collect');
select test.each_fails('CONTINUE_ERROR_OUTPUT_ON_ERROR', 'start>each each>work work>got bad>got') as id \gset
select test.fail_second() \g /dev/null
select is((test.execution(:'id')).output, '{"got": [1, "bad 2", 3]}', 'or comes back to it, in its place');

-- the loop itself fails
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input.n[*] }}"}}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>got'),
  jsonb_build_object('n', (select jsonb_agg(i) from generate_series(1, 10001) i))))).error - 'message', '{"code": "too_many_items", "node_id": "each"}', 'more than 10,000 items are an error');
select (select jsonb_agg(i) from generate_series(1, 10001) i) as many \gset
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}, "error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>got'), :'many')))
  .output, '{"got": []}', 'continuing: a loop that fails has no items');
select test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}, "bad": {"TRANSFORM": "{{ $.input.error.code }}"}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>got each!>bad'), :'many') as id \gset
select is((test.execution(:'id')).output, '{"bad": "too_many_items"}', 'or takes its error output, once');
select results_eq(format('select scope from node_executions where execution_id = %L and node_id = ''bad''', :'id'), $$values ('' collate "C")$$, 'outside of the items');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}}', 'start>each'), (:'many'::jsonb - 0)))).status, 'SUCCESS', '10,000 are taken');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
