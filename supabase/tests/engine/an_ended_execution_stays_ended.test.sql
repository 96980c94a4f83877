\ir ../helpers.sql
select plan(23);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"bad": {"NOOP": {}, "max_retries": 0}, "leased": {"NOOP": {}}, "ready": {"NOOP": {}}, "waiting": {"NOOP": {}, "retry_wait_time": 60}}',
  'start>bad start>leased start>waiting start>ready')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim('w', 3) as tasks \gset
select t as bad from jsonb_array_elements(:'tasks') t where t ->> 'node_id' = 'bad' \gset
select t as leased from jsonb_array_elements(:'tasks') t where t ->> 'node_id' = 'leased' \gset
select t as waiting from jsonb_array_elements(:'tasks') t where t ->> 'node_id' = 'waiting' \gset
select test.finish(jsonb_build_array(test.failure(:'waiting'))) \g /dev/null
select is((select array_agg(node_id || ' ' || status order by node_id) from live_node_executions where execution_id = :'id'),
  '{"bad RUNNING","leased RUNNING","ready PENDING","waiting RETRYING"}', 'before: tokens in every state');

select test.finish(jsonb_build_array(test.failure(:'bad', '{"code": "bad", "message": "wrong"}'))) \g /dev/null
select is((test.execution(:'id')).status, 'ERROR', 'a node that stops the workflow ends the execution');
select bag_eq(format('select node_id, attempt, status from node_executions where execution_id = %L', :'id'), $$values ('start', 1, 'SUCCESS'), ('bad', 1, 'ERROR'),
  ('waiting', 1, 'ERROR'), ('leased', 1, 'CANCELED'), ('ready', 1, 'CANCELED'), ('waiting', 2, 'CANCELED')$$, 'everything live in it is cancelled');
select is((select count(*) from live_node_executions where execution_id = :'id'), 0::bigint, 'nothing is left alive');
select is(test.finish(jsonb_build_array(test.success(:'leased', '"late"'))) -> 'refused', jsonb_build_array(:'leased'::jsonb -> 'id'), 'a late result is refused');
select is((select status from node_executions where execution_id = :'id' and node_id = 'leased'), 'CANCELED', 'and changes nothing');
select is(test.claim(), '[]', 'nothing of it is claimed');
select is((select array_agg(status) from (select (e.error ->> 'code') as status from workflow_executions e where e.id = :'id') s), '{bad}', 'the first error is the execution''s');
select is((select count(*) from workflow_execution_logs where execution_id = :'id' and event_type = 'workflow_completed'), 1::bigint, 'its end is told once');

-- terminal states absorb, even for the owner of the table
select is(test.outcome(format('update workflow_executions set status = %L, end_time = %s where id = %L', s, case s when 'RUNNING' then 'null' else 'end_time' end, :'id')),
  'PT409 execution_ended', 'ERROR does not become ' || s) from unnest('{RUNNING,SUCCESS,CANCELED,TIMEOUT,ERROR}'::text[]) s;
select is(test.outcome(format('select engine.abort_execution(%L, ''{"code": "x", "message": "y"}'')', :'id')), 'ok', 'aborting it again is a no-op');
select is((test.execution(:'id')).error ->> 'code', 'bad', 'that changes nothing');

-- states without what belongs to them cannot be written
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"work": {"NOOP": {}}}', 'start>work')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select is(test.outcome(format('update workflow_executions set %s where id = %L', s, :'id')), '23514', s || ' is no state')
from unnest(array['status = ''SUCCESS''', 'end_time = now()', 'status = ''ERROR'', end_time = now()', 'status = ''DONE'', end_time = now()', 'mode = ''MAGIC''']) s;

-- aborted by the worker
select engine.abort_execution(:'id', '{"code": "transition_failed", "message": "cannot be applied"}') \g /dev/null
select results_eq(format('select status, error ->> ''code'' from workflow_executions where id = %L', :'id'), $$values ('ERROR', 'transition_failed')$$, 'an execution that cannot go on is ended');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
