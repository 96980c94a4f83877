\ir ../helpers.sql
select plan(20);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}}, "wait": {"WAIT": {"seconds": 60}}, "m": {"MERGE": {"mode": "append"}}, "each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "item": {"NOOP": {}}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>work start>wait work>m@0 wait>m@1 start>m@2 start>each each>item item>got') as flow \gset
select test.run(:'flow', '[1, 2]') as id \gset
select test.claim('w', 1) as tasks \gset
select test.become_member((test.execution(:'id')).workspace_id, :'bob', 'viewer') \g /dev/null
select test.act_as(:'bob') \g /dev/null
select is(test.outcome(format('select cancel_execution(%L)', :'id')), 'PT403 role_insufficient', 'a viewer may not');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select cancel_execution(%L)', :'id')), 'PT404 execution_not_found', 'for strangers it is not there');
select test.act_as(:'ann') \g /dev/null
select is((test.execution(:'id')).status, 'RUNNING', 'and nothing has changed');
select results_eq(format('select status, error, output from cancel_execution(%L, ''wrong data'')', :'id'), $$values ('CANCELED', jsonb '{"code": "canceled", "message": "wrong data"}', null::jsonb)$$, 'canceling, with a reason');
select is((select jsonb_object_agg(node_id, status) from node_executions where execution_id = :'id' and node_id <> 'start'),
  '{"work": "CANCELED", "wait": "CANCELED", "m": "CANCELED", "each": "SUCCESS", "item": "CANCELED"}', 'what was ready, leased or waiting is canceled');
select is((select jsonb_agg(jsonb_build_array(message, data) order by id) from workflow_execution_logs where execution_id = :'id' and event_type = 'workflow_progress'),
  jsonb_build_array(jsonb_build_array('Canceled: wrong data', jsonb_build_object('by', :'ann', 'reason', 'wrong data'))), 'the log tells who and why');
select is(test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0))) -> 'refused', jsonb_build_array(:'tasks'::jsonb #> '{0,id}'), 'a result that comes later is refused');
select is(test.claim(), '[]', 'nothing is left to do');
select (test.execution(:'id')).end_time as ended \gset
select is((cancel_execution(:'id', 'again')).error ->> 'message', 'wrong data', 'again is a no-op that answers the execution');
select is(((test.execution(:'id')).end_time, (select count(*) from workflow_execution_logs where execution_id = :'id' and message like 'Canceled%'))::text, format('(%I,1)', (:'ended')::timestamptz), 'and changes nothing');
select is((cancel_execution(test.run(test.workflow('{}', '')))).status, 'SUCCESS', 'one that has ended stays as it is');
-- a tree
select test.workflow('{"work": {"NOOP": {}}}', 'start>work') as leaf \gset
select test.workflow(json_build_object('call', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'leaf', 'items', '{{ $.input }}'))), 'start>call') as middle \gset
select test.run(test.workflow(json_build_object('call', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'middle', 'input', '{{ $.input }}')),
  'free', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'leaf', 'wait', false))), 'start>call start>free'), '[1, 2]') as id \gset
select is((select count(*) from workflow_executions where end_time is null), 5::bigint, 'a tree of executions');
select cancel_execution(:'id') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is((select jsonb_agg(status order by depth, id) from workflow_executions where id = :'id' or workflow_id = :'middle' or parent_run_id is not null), '["CANCELED", "CANCELED", "CANCELED", "CANCELED"]', 'is canceled from its root');
select is((select count(*) from workflow_executions where end_time is null), 1::bigint, 'but for what it does not wait for');
select is((select error ->> 'message' from workflow_executions where workflow_id = :'middle'), 'Canceled with its parent', 'which says why');
select engine.tick() \g /dev/null
select is_empty('select test.violations()', 'no invariant is broken');
-- a child: its parent hears of it
select test.act_as(:'ann') \g /dev/null
select test.run(:'middle', '[1, 2]') as id \gset
select cancel_execution((select id from workflow_executions where parent_execution_id = :'id' order by id limit 1)) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).error ->> 'code', 'sub_workflow_failed', 'a child that is canceled is an error of the node that called it');
-- paused and new ones
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow', '[1]') as id \gset
select pause_execution(:'id') \g /dev/null
select is((cancel_execution(:'id')).status, 'CANCELED', 'a paused execution can be canceled');
select is((cancel_execution((start_execution(:'flow', start_at => now() + interval '1 day')).id)).status, 'CANCELED', 'and one that has not begun');
select test.act_as_role('postgres') \g /dev/null
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
