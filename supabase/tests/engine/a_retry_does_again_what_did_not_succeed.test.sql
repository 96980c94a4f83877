\ir ../helpers.sql
select plan(27);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null

-- finishes every ready task, some of them in error: {node: error code}
create function pg_temp.work(failing jsonb default '{}') returns int language plpgsql as $$
declare
  v_tasks jsonb;
  v_done int := 0;
begin
  loop
    perform engine.tick();
    v_tasks := test.claim();
    exit when v_tasks = '[]';
    perform test.finish((select jsonb_agg(case
      when work.failing ? (t ->> 'node_id') and (work.failing -> (t ->> 'node_id') in ('true', t #> '{input}'))
        then test.failure(t, '{"code": "broken", "message": "It broke"}')
      else test.success(t, jsonb_build_object('of', t -> 'node_id', 'in', t -> 'input')) end)
      from jsonb_array_elements(v_tasks) t));
    v_done := v_done + jsonb_array_length(v_tasks);
  end loop;
  return v_done;
end
$$;

select test.run(test.workflow('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "c": {"TRANSFORM": {"a": "{{ $.nodes.a.of }}", "b": "{{ $.input.of }}"}}}', 'start>a a>b b>c'), '{"n": 1}') as id \gset
select test.act_as_role('postgres') \g /dev/null
select is(pg_temp.work('{"b": true}'), 2, 'a run fails at its second task');
select is((test.execution(:'id')).status, 'ERROR', 'and ends');
select test.act_as(:'ann') \g /dev/null
select (public.retry_execution(:'id')).id as retry \gset
select test.act_as_role('postgres') \g /dev/null
select is(pg_temp.work(), 1, 'its retry does the failed task only');
select is((test.execution(:'retry')).output, '{"c": {"a": "a", "b": "b"}}', 'what followed sees what had succeeded before');
select is((test.execution(:'retry')).mode || ' ' || ((test.execution(:'retry')).retry_of = :'id'), 'RETRY true', 'it is a new execution that names the old one');
select results_eq(format('select node_id, reused_from = %L from node_executions where execution_id = %L order by end_time, id', :'id', :'retry'),
  $$values ('start', true), ('a', true), ('b', null), ('c', null)$$, 'what was taken over says from where');
select is((test.execution(:'id')).status, 'ERROR', 'the old one stays as it was');
select is((select count(*) from workflow_execution_logs where execution_id = :'id' and message like 'Retried%' and data ->> 'by' = :'ann'), 1::bigint, 'and says who retried it');

-- from a chosen run of one that succeeded
select id as run from node_executions where execution_id = :'retry' and node_id = 'b' \gset
select test.act_as(:'ann') \g /dev/null
select (public.retry_execution(:'retry', :'run')).id as again \gset
select (public.retry_execution(:'retry')).id as whole \gset
select test.act_as_role('postgres') \g /dev/null
select results_eq($$select t ->> 'node_id' from jsonb_array_elements(test.claim()) t order by 1$$, $$values ('a'), ('b')$$,
  'a chosen run is done again; without one all of an execution that succeeded');
select test.move_clock('2 min') \g /dev/null
select pg_temp.work() \g /dev/null

-- what is refused
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"a": {"NOOP": {}}}', 'start>a')) as live \gset
select is(test.outcome(format('select retry_execution(%L)', :'live')), 'PT409 execution_not_retryable', 'a live execution is not retried');
select is(test.outcome(format('select retry_execution(%L, %L)', :'id', gen_random_uuid())), 'PT404 node_execution_not_found', 'nor a run that is not there');
select is(test.outcome(format('select retry_execution(%L, null, 9)', :'id')), 'PT404 version_not_found', 'nor in a version that is not there');
select cancel_execution(:'live') \g /dev/null

-- a branch that was canceled with the failure, and a merge that waits for both
select test.run(test.workflow('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "slow": {"NOOP": {}}, "both": {"MERGE": {"mode": "all", "inputs": ["left", "right"]}}}',
  'start>a start>slow a>b b>both@0 slow>both@1')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(t, '"a"'))) from jsonb_array_elements(:'tasks'::jsonb) t where t ->> 'node_id' = 'a' \g /dev/null
select test.claim() as more \gset
select test.finish(jsonb_build_array(test.failure(:'more'::jsonb -> 0, '{"code": "broken", "message": "It broke"}'))) \g /dev/null
select test.act_as(:'ann') \g /dev/null
select (public.retry_execution(:'id')).id as retry \gset
select test.act_as_role('postgres') \g /dev/null
select is(pg_temp.work(), 2, 'what was canceled with the failure is done too');
select is((test.execution(:'retry')).output -> 'both' -> 'right' -> 'of', '"slow"', 'and joins meet');
-- again, from one input of the merge: the other comes back by reference
select id as run from node_executions where execution_id = :'retry' and node_id = 'b' \gset
select test.act_as(:'ann') \g /dev/null
select (public.retry_execution(:'retry', :'run')).id as again \gset
select test.act_as_role('postgres') \g /dev/null
select is(pg_temp.work(), 1, 'one input of a merge is done again');
select is((test.execution(:'again')).output, (test.execution(:'retry')).output, 'the other is taken over');

-- inside a FOR_EACH
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input.list }}"}}, "do": {"NOOP": {}}, "then": {"NOOP": {}}, "all": {"MERGE": {"mode": "collect"}}, "end": {"TRANSFORM": {"n": "{{ $.input[*].in.in }}"}}}',
  'start>each each>do do>then then>all all>end'), '{"list": [1, 2, 3]}') as id \gset
select test.act_as_role('postgres') \g /dev/null
select is(pg_temp.work('{"do": 2}'), 3, 'an item fails; the others are canceled with it');
select test.act_as(:'ann') \g /dev/null
select (public.retry_execution(:'id')).id as retry \gset
select test.act_as_role('postgres') \g /dev/null
select is(pg_temp.work(), 4, 'the failed item and what the others had left are done');
select is((test.execution(:'retry')).output, '{"end": {"n": [1, 2, 3]}}', 'and all are collected');
select id as run from node_executions where execution_id = :'retry' and node_id = 'then' and scope like '%:1' \gset
select test.act_as(:'ann') \g /dev/null
select (public.retry_execution(:'retry', :'run')).id as again \gset
select test.act_as_role('postgres') \g /dev/null
select is(pg_temp.work(), 1, 'one run of one item is done again');
select is((test.execution(:'again')).output, '{"end": {"n": [1, 2, 3]}}', 'the others come back by reference');

-- with another version
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"a": {"NOOP": {}}, "b": {"NOOP": {}}}', 'start>a a>b') as workflow \gset
select test.run(:'workflow') as id \gset
select (public.create_workflow_version(:'workflow', test.definition('{"a": {"NOOP": {}}, "b": {"TRANSFORM": "mended"}}', 'start>a a>b'))).version as mended \gset
select (public.create_workflow_version(:'workflow', test.definition('{"a": {"NOOP": {}}}', 'start>a'))).version as cut \gset
select test.act_as_role('postgres') \g /dev/null
select pg_temp.work('{"b": true}') \g /dev/null
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select retry_execution(%L, null, %s)', :'id', :'cut')), 'PT422 node_not_in_version', 'a version without the node is refused');
select is(test.outcome(format('select retry_execution(%L, null, %s)', :'id', :'mended')), 'ok', 'a version that mends it is taken');
select is((select (status, output) from workflow_executions where version = :'mended' and workflow_id = :'workflow'), ('SUCCESS'::text, '{"b": "mended"}'::jsonb), 'and runs on from there');

-- across the boundary of a sub-workflow
select test.workflow('{"x": {"NOOP": {}}, "y": {"NOOP": {}}}', 'start>x x>y') as child \gset
select test.run(test.workflow(format('{"call": {"SUB_WORKFLOW": {"workflow_id": "%s", "input": {"n": 7}}}}', :'child')::json, 'start>call')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select pg_temp.work('{"y": true}') \g /dev/null
select test.act_as(:'ann') \g /dev/null
select (public.retry_execution(:'id')).id as retry \gset
select test.act_as_role('postgres') \g /dev/null
select is(pg_temp.work(), 1, 'the sub-workflow goes on where it stopped');
select is((test.execution(:'retry')).output #> '{call,y,in,of}', '"x"', 'and its parent with it');
select is_empty('select test.violations()');
select * from finish();
