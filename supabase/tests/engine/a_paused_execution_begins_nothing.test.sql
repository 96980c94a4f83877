\ir ../helpers.sql
select plan(36);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select test.workflow('{"a": {"NOOP": {}, "max_retries": 1, "retry_wait_time": 1}, "b": {"NOOP": {}}, "wait": {"WAIT": {"seconds": 60}}, "after": {"TRANSFORM": "after {{ $.input }}"}, "late": {"TRANSFORM": "late"}, "m": {"MERGE": {"mode": "append"}}}',
  'start>a start>b start>wait a>after after>m@0 wait>late late>m@1 b>m@2') as flow \gset
select test.run(:'flow') as id \gset
select test.claim('w', 1) as tasks \gset
select is(:'tasks'::jsonb #>> '{0,node_id}', 'a', 'one node is at work');
select is((pause_execution(:'id', 'lunch')).status, 'PAUSED', 'pausing');
select is(test.claim(), '[]', 'what was ready is held');
select is((test.execution(:'id')).status, 'PAUSED', 'the execution is paused');
select is((pause_execution(:'id')).status, 'PAUSED', 'again is a no-op');
select is((select jsonb_agg(jsonb_build_array(message, data) order by id) from workflow_execution_logs where execution_id = :'id' and event_type = 'workflow_progress'),
  jsonb_build_array(jsonb_build_array('Paused: lunch', jsonb_build_object('by', :'ann', 'reason', 'lunch'))), 'the log tells who and why, once');
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '"A"'))) \g /dev/null
select is(test.story(:'id'), 'start[0]#1 SUCCESS, a[0]#1 SUCCESS', 'what is at work may finish; what follows is held, also a sql node');
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('61 s') \g /dev/null
select is(engine.tick(), 0, 'a timer that is due meanwhile does not fire');
select is_empty('select test.violations()', 'no invariant is broken while it is paused');
select test.act_as(:'ann') \g /dev/null
select is((resume_execution(:'id')).status, 'RUNNING', 'resuming');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, a[0]#1 SUCCESS, wait[0]#1 SUCCESS, after[0]#1 SUCCESS, late[0]#1 SUCCESS', 'what was due goes on at once');
select test.claim() as tasks \gset
select is(:'tasks'::jsonb #>> '{0,node_id}', 'b', 'what was ready is ready again');
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '"B"'))) \g /dev/null
select is((test.execution(:'id')).output, '{"m": ["after A", "late", "B"]}', 'and all ends as if nothing had been');
-- verbs in the wrong state
select is(test.outcome(format('select resume_execution(%L)', :'id')), 'PT409 execution_not_paused', 'an ended execution is not resumed');
select is(test.outcome(format('select pause_execution(%L)', :'id')), 'PT409 execution_ended', 'nor paused');
select test.run(:'flow') as id \gset
select is(test.outcome(format('select resume_execution(%L)', :'id')), 'PT409 execution_not_paused', 'a running one is not resumed');
select test.become_member((test.execution(:'id')).workspace_id, :'bob', 'viewer') \g /dev/null
select test.act_as(:'bob') \g /dev/null
select is(array[test.outcome(format('select pause_execution(%L)', :'id')), test.outcome(format('select resume_execution(%L)', :'id'))], '{PT403 role_insufficient,PT403 role_insufficient}', 'viewers may not');
select test.act_as(:'eve') \g /dev/null
select is(array[test.outcome(format('select pause_execution(%L)', :'id')), test.outcome(format('select resume_execution(%L)', :'id'))], '{PT404 execution_not_found,PT404 execution_not_found}', 'for strangers it is not there');
select is((test.execution(:'id')).status, 'RUNNING', 'and nothing has changed');
-- a failed attempt while paused: its retry is held
select test.act_as(:'ann') \g /dev/null
select test.claim('w', 1) as tasks \gset
select pause_execution(:'id') \g /dev/null
select test.finish(jsonb_build_array(test.failure(:'tasks'::jsonb -> 0))) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('30 s') \g /dev/null
select is(engine.tick(), 0, 'a retry is held');
select is_empty('select test.violations()', 'no invariant is broken');
select test.act_as(:'ann') \g /dev/null
select resume_execution(:'id') \g /dev/null
select is(test.task(test.claim(), 'a') -> 'attempt', '2', 'until it is resumed');
-- a lease that is lost while paused
select pause_execution(:'id') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('1 hour') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).status, 'ERROR', 'a lost lease still counts as an attempt');
-- the deadline runs on
select test.act_as(:'ann') \g /dev/null
select (start_execution(:'flow', timeout_seconds => 100)).id as id \gset
select pause_execution(:'id') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('99 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).status, 'PAUSED', 'within its time');
select test.move_clock('1 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).status, 'TIMEOUT', 'the deadline runs on while it is paused');
select is((test.execution(:'id')).error ->> 'code', 'execution_timed_out', 'and is told');
-- an event that comes while paused
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"wait": {"WAIT": {"event": "go"}}}', 'start>wait')) as id \gset
select pause_execution(:'id') \g /dev/null
select send_event('go', '"now"') \g /dev/null
select is((test.execution(:'id')).status, 'PAUSED', 'an event does not wake it');
select resume_execution(:'id') \g /dev/null
select is((test.execution(:'id')).output, '{"wait": "now"}', 'but is not lost');
-- sub-workflows
select test.workflow('{"work": {"NOOP": {}}}', 'start>work') as child \gset
select test.run(test.workflow(json_build_object('call', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'child'))), 'start>call')) as id \gset
select id as child_id from workflow_executions where parent_execution_id = :'id' \gset
select pause_execution(:'id') \g /dev/null
select is((test.execution(:'child_id')).status, 'PAUSED', 'a sub-workflow is paused with its parent');
select is(test.claim(), '[]', 'and begins nothing');
select resume_execution(:'id') \g /dev/null
select is((test.execution(:'child_id')).status, 'RUNNING', 'and resumed with it');
-- the child ends while the parent alone is paused
select test.claim() as tasks \gset
select pause_execution(:'id') \g /dev/null
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '"done"'))) \g /dev/null
select is((test.execution(:'child_id')).status, 'SUCCESS', 'a child''s last node may finish');
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).status, 'PAUSED', 'its paused parent hears of it later');
select is_empty('select test.violations()', 'no invariant is broken');
select test.act_as(:'ann') \g /dev/null
select resume_execution(:'id') \g /dev/null
select is((test.execution(:'id')).output, '{"call": {"work": "done"}}', 'when it is resumed');
select test.act_as_role('postgres') \g /dev/null
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
