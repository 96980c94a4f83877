\ir ../helpers.sql
select plan(31);
create function test.calls(child uuid, parameters jsonb, node jsonb default '{}') returns uuid language sql as $$
  select test.workflow(json_build_object('call', jsonb_build_object('SUB_WORKFLOW', jsonb_build_object('workflow_id', calls.child) || calls.parameters) || calls.node,
    'after', json_build_object('TRANSFORM', '{{ $.input }}')), 'start>call call>after')
$$;
create function test.children(id uuid) returns setof workflow_executions language sql security definer as $$
  select * from public.workflow_executions e where e.parent_execution_id = children.id order by e.parent_item, e.id
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('bob') as bob \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"double": {"TRANSFORM": {"n": "{{ $.input.n }}", "twice": ["{{ $.input.n }}", "{{ $.input.n }}"]}}}', 'start>double') as quick,
  test.workflow('{"work": {"NOOP": {}, "max_retries": 0}, "check": {"IF": "$.input.fail == true"}, "bad": {"STOP": {"status": "ERROR", "message": "child fails"}}, "good": {"TRANSFORM": "{{ $.input }}"}}',
    'start>work work>check check>bad check:1>good') as slow \gset

-- at once
select test.run(test.calls(:'quick', '{"input": {"n": "{{ $.input.x }}"}}'), '{"x": 4}') as id \gset
select is((test.execution(:'id')).output, '{"after": {"double": {"n": 4, "twice": [4, 4]}}}', 'the child''s output is the node''s');
select results_eq(format('select mode, status, input, depth, workflow_id from test.children(%L)', :'id'), format($$values ('SUB_WORKFLOW', 'SUCCESS', jsonb '{"n": 4}', 1, %L::uuid)$$, :'quick'), 'the child is an execution of its own');
select is(get_execution(:'id') #>> '{children,0,execution,status}', 'SUCCESS', 'and is read with its parent');
-- with a worker in between
select test.run(test.calls(:'slow', '{"input": {"v": 1}}')) as id \gset
select is((test.execution(:'id')).status, 'RUNNING', 'the parent waits');
select results_eq(format('select status, waits_for from live_node_executions where execution_id = %L', :'id'), $$values ('RUNNING', 'children')$$, 'and is seen waiting');
select is_empty('select test.violations()', 'no invariant is broken while it waits');
select test.work() \g /dev/null
select is((test.execution(:'id')).output, '{"after": {"good": {"v": 1}}}', 'it goes on in the moment in which the child ends');
-- an error
select test.run(test.calls(:'slow', '{"input": {"fail": true}}')) as id \gset
select test.work() \g /dev/null
select is((test.execution(:'id')).error - 'details' - 'message', '{"code": "sub_workflow_failed", "node_id": "call"}', 'the child''s error is the node''s');
select ok((test.execution(:'id')).error ->> 'message' like '%child fails' and (test.execution(:'id')).error #>> '{details,error,code}' = 'stopped', 'with what was wrong in the child');
select test.run(test.calls(:'slow', '{"input": {"fail": true}}', '{"error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}')) as id \gset
select test.work() \g /dev/null
select is((test.execution(:'id')).output #>> '{after,error,code}', 'sub_workflow_failed', 'on which its strategy decides');
-- fire and forget
select test.run(test.calls(:'slow', '{"input": {"fail": true}, "wait": false}')) as id \gset
select is((test.execution(:'id')).output #>> '{after,execution_id}', (select id::text from test.children(:'id')), 'wait false: it goes on with the child''s id');
select test.work() \g /dev/null
select is(array[(test.execution(:'id')).status, (select status from test.children(:'id'))], '{SUCCESS,ERROR}', 'and each ends as it will');
-- for each of a list
select test.run(test.calls(:'slow', '{"items": "{{ $.input }}", "max_concurrency": 2}'), '[{"i": 1}, {"i": 2}, {"i": 3}, {"i": 4}, {"i": 5}]') as id \gset
select is((select count(*) from test.children(:'id')), 2::bigint, 'with max_concurrency only so many children begin');
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 1, '{"i": 2}'))) \g /dev/null
select is((select jsonb_agg(jsonb_build_array(parent_item, status)) from test.children(:'id')), '[[0, "RUNNING"], [1, "SUCCESS"], [2, "RUNNING"]]', 'the next when one has ended');
select is_empty('select test.violations()', 'no invariant is broken on the way');
select test.work() \g /dev/null
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '{"i": 1}'))) \g /dev/null
select test.work() \g /dev/null
select is((test.execution(:'id')).output -> 'after', '[{"good": {"i": 1}}, {"good": {"i": 2}}, {"good": {"i": 3}}, {"good": {"i": 4}}, {"good": {"i": 5}}]', 'the outputs come in the items'' order');
select is((test.execution(test.run(test.calls(:'quick', '{"items": "{{ $.input }}", "max_concurrency": 1}'), '[{"n": 1}, {"n": 2}, {"n": 3}]'))).output -> 'after',
  '[{"double": {"n": 1, "twice": [1, 1]}}, {"double": {"n": 2, "twice": [2, 2]}}, {"double": {"n": 3, "twice": [3, 3]}}]', 'one after the other without a worker');
select is((test.execution(test.run(test.calls(:'quick', '{"items": "{{ $.input }}"}'), '[]'))).output, '{"after": []}', 'no items, no children');
select test.run(test.calls(:'slow', '{"items": "{{ $.input }}"}'), '[{"fail": true}, {}, {}]') as id \gset
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '{"fail": true}'))) \g /dev/null
select is((test.execution(:'id')).error ->> 'code', 'sub_workflow_failed', 'one child''s error is the node''s');
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is((select jsonb_agg(status) from test.children(:'id')), '["ERROR", "CANCELED", "CANCELED"]', 'the others are canceled');
select test.act_as(:'ann') \g /dev/null
select test.run(test.calls(:'slow', '{"items": "{{ $.input }}", "max_concurrency": 2}', '{"error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}'), '[{"fail": true}, {}, {}]') as id \gset
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'work', '{"fail": true}'), '{"fail": true}'))) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is((select jsonb_agg(status) from test.children(:'id')), '["ERROR", "CANCELED"]', 'also where the parent goes on; no further one begins');
select test.act_as(:'ann') \g /dev/null

-- what cannot be
select is((test.execution(test.run(test.calls('00000000-0000-0000-0000-000000000001', '{}')))).error ->> 'code', 'sub_workflow_not_found', 'a workflow that is not there is an error');
select test.act_as(:'bob') \g /dev/null
select is((test.execution(test.run(test.calls(:'quick', '{}')))).error ->> 'code', 'sub_workflow_not_found', 'so is another workspace''s');
select test.act_as(:'ann') \g /dev/null
select test.workflow('{}', '') as self \gset
select create_workflow_version(:'self', test.definition(json_build_object('call', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'self'))), 'start>call')) \g /dev/null
select test.run(:'self') as id \gset
select is((test.execution(:'id')).error ->> 'code', 'sub_workflow_failed', 'a workflow that calls itself comes to an end');
select test.act_as_role('postgres') \g /dev/null
select is((select max(depth) from workflow_executions where workflow_id = :'self'), 20, 'at a depth of 20');
select is((select error ->> 'code' from workflow_executions where workflow_id = :'self' and depth = 20), 'sub_workflow_too_deep', 'with an error that says so');

-- not in time
select test.act_as(:'ann') \g /dev/null
select test.calls(:'slow', '{"timeout_seconds": 60}') as late_flow \gset
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select test.run(:'late_flow') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('59 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).status, 'RUNNING', 'before the timeout the parent waits');
select test.move_clock('1 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).error ->> 'code', 'sub_workflow_timed_out', 'a child that takes too long is an error');
select engine.tick() \g /dev/null
select is((select status from test.children(:'id')), 'CANCELED', 'and canceled');
select is(test.claim(), '[]', 'nothing of it is left to do');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
