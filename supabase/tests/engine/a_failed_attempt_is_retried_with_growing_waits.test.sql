\ir ../helpers.sql
select plan(27);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}, "max_retries": 2, "retry_wait_time": 10}}', 'start>work') as flow \gset
select test.run(:'flow', '1') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('0') \g /dev/null

create function test.wait_seconds(execution_id uuid) returns float8 language sql as $$
  select extract(epoch from w.until - engine.now()) from engine.waits w where w.execution_id = wait_seconds.execution_id
$$;

select test.finish(jsonb_build_array(test.failure(test.claim() -> 0))) \g /dev/null
select is((test.execution(:'id')).status, 'RUNNING', 'a failed attempt does not end the execution');
select results_eq(format('select node_id, status, attempt from live_node_executions where execution_id = %L', :'id'), $$values ('work', 'RETRYING', 2)$$, 'the next one waits');
select ok(test.wait_seconds(:'id') between 10 and 12, 'for the node''s wait, with a fifth of jitter at most');
select is(test.claim(), '[]', 'until then nobody works on it');
select is(engine.tick(), 0, 'nor does the tick');
select is((select level from workflow_execution_logs where execution_id = :'id' and event_type = 'step_error'), 'WARNING', 'it is logged as a warning');

select test.move_clock('12.1 s') \g /dev/null
select is(engine.tick(), 1, 'once it is due');
select results_eq(format('select status, attempt from live_node_executions where execution_id = %L', :'id'), $$values ('RETRYING', 2)$$, 'it is ready');
select test.claim() -> 0 as task \gset
select is(:'task'::jsonb -> 'attempt', '2', 'and claimed as the second attempt');
select test.finish(jsonb_build_array(test.failure(:'task'))) \g /dev/null
select ok(test.wait_seconds(:'id') between 20 and 24, 'the wait doubles');
select is_empty('select test.violations()', 'no invariant is broken while it waits');

select test.move_clock('24.1 s') \g /dev/null
select engine.tick() \g /dev/null
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0, '{"code": "boom", "message": "at last", "details": {"a": 1}, "retryable": true}'))) \g /dev/null
select results_eq(format('select status, error from workflow_executions where id = %L', :'id'),
  $$values ('ERROR', jsonb '{"code": "boom", "message": "at last", "details": {"a": 1}, "node_id": "work"}')$$, 'after max_retries the execution ends with the last error');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, work[0]#1 ERROR, work[0]#2 ERROR, work[0]#3 ERROR', 'a row for each attempt');
select is((select array_agg(error_data ->> 'message' order by attempt) from node_executions where execution_id = :'id' and node_id = 'work'), '{it broke,it broke,at last}', 'with its error');

-- success after a failure
select test.run(:'flow', '{"n": 2}') as id \gset
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0))) \g /dev/null
select test.move_clock('13 s') \g /dev/null
select engine.tick() \g /dev/null
select test.claim() -> 0 as task \gset
select is(:'task'::jsonb -> 'input', '{"n": 2}', 'a later attempt has the same input');
select test.finish(jsonb_build_array(test.success(:'task', '"fine"'))) \g /dev/null
select is((test.execution(:'id')).output, '{"work": "fine"}', 'a later attempt may succeed');

-- what the provider wishes
select test.run(:'flow') as id \gset
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0, '{"code": "busy", "message": "later", "retryable": true, "retry_after_seconds": 77}'))) \g /dev/null
select is(test.wait_seconds(:'id'), 77::float8, 'retry_after wins');
select is((select error_data from node_executions where execution_id = :'id' and status = 'ERROR'), '{"code": "busy", "message": "later"}', 'and is no part of the error');
select engine.abort_execution(:'id', null) \g /dev/null
select test.run(:'flow') as id \gset
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0, '{"code": "busy", "message": "later", "retryable": true, "retry_after_seconds": 1e9}'))) \g /dev/null
select is(test.wait_seconds(:'id'), 86400::float8, 'up to a day');
select engine.abort_execution(:'id', null) \g /dev/null
select test.run(:'flow') as id \gset
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0, '{"code": "busy", "message": "later", "retryable": true, "retry_after_seconds": -5}'))) \g /dev/null
select is(test.wait_seconds(:'id'), 0::float8, 'and never in the past');
select engine.abort_execution(:'id', null) \g /dev/null

-- what is not retried
select test.run(:'flow') as id \gset
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0, '{"code": "bad", "message": "wrong", "retryable": false}'))) \g /dev/null
select is((test.execution(:'id')).error ->> 'code', 'bad', 'an error that is not retryable ends it at once');
select test.run(:'flow') as id \gset
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0, '{"code": "bad", "message": "wrong"}'))) \g /dev/null
select is((test.execution(:'id')).status, 'ERROR', 'so does one that does not say');
select test.run(:'flow') as id \gset
select test.finish(jsonb_build_array(test.claim() -> 0 || '{"status": "error"}')) \g /dev/null
select is((test.execution(:'id')).error ->> 'code', 'error_missing', 'and a failure without an error');
select test.run(w.id) as id from (select (create_workflow('none', test.definition('{"work": {"NOOP": {}, "max_retries": 0}}', 'start>work'),
  workspace_id => (select id from workspaces))).id) w \gset
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0))) \g /dev/null
select is((test.execution(:'id')).status, 'ERROR', 'with max_retries 0 nothing is');

select is(array[extract(epoch from engine.retry_delay(p, 40, '{}')) between 3600 and 4320, extract(epoch from engine.retry_delay(p, 1000000, '{}')) between 3600 and 4320], '{t,t}',
  'however many attempts there were, the next is within an hour and a fifth')
from engine.plan p where p.workflow_id = :'flow' and p.node_id = 'work';
select is(test.claim(), '[]', 'nothing is left');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
