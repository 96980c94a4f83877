\ir ../helpers.sql
select plan(15);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"work": {"NOOP": {}, "max_retries": 1, "retry_wait_time": 0, "timeout_seconds": 30}}', 'start>work')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('0') \g /dev/null

select test.claim('dead') -> 0 as task \gset
select test.move_clock('45 s') \g /dev/null
select is(engine.tick(), 0, 'a lease holds until its last moment');
select test.move_clock('0.001 s') \g /dev/null
select is(engine.tick(), 1, 'then it is taken back');
select results_eq(format('select attempt, error_data ->> ''code'', error_data #>> ''{details,worker_id}'' from node_executions where execution_id = %L and status = ''ERROR''', :'id'),
  $$values (1, 'lease_expired', 'dead')$$, 'as a failed attempt that names the worker');
select is(test.finish(jsonb_build_array(test.success(:'task', '"late"')), 'dead') -> 'refused', jsonb_build_array(:'task'::jsonb -> 'id'), 'the late result is refused');
select is((test.execution(:'id')).status, 'RUNNING', 'and changes nothing');
select is(engine.tick(), 1, 'the retry is due at once');
select test.claim('next') -> 0 as task \gset
select is(:'task'::jsonb -> 'attempt', '2', 'the next worker has the second attempt');
select is(test.finish(jsonb_build_array(test.success(:'task'::jsonb || '{"lease_token": "00000000-0000-0000-0000-000000000000"}', '"late"')), 'dead') -> 'refused',
  jsonb_build_array(:'task'::jsonb -> 'id'), 'the first one''s result is refused while the second works');

select test.move_clock('46 s') \g /dev/null
select engine.tick() \g /dev/null
select results_eq(format('select status, error ->> ''code'', error ->> ''node_id'' from workflow_executions where id = %L', :'id'),
  $$values ('ERROR', 'lease_expired', 'work')$$, 'when all attempts are lost the execution ends with an error');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, work[0]#1 ERROR, work[0]#2 ERROR', 'after max_retries');
select is(engine.tick(), 0, 'nothing is left to do');

-- a second life: lost once, then done
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"work": {"NOOP": {}, "max_retries": 1, "retry_wait_time": 0, "timeout_seconds": 30}}', 'start>work')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim('dead') \g /dev/null
select test.move_clock('1 day') \g /dev/null
select is(engine.tick() + engine.tick(), 2, 'a lease that was lost long ago is taken back too');
select test.finish(jsonb_build_array(test.success(test.claim('next') -> 0, '"done"')), 'next') \g /dev/null
select is((test.execution(:'id')).output, '{"work": "done"}', 'the task runs again, once');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, work[0]#1 ERROR, work[0]#2 SUCCESS', 'and both attempts are kept');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
