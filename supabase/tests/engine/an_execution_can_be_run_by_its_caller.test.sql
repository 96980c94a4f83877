\ir ../helpers.sql
select plan(48);
create function test.by_caller(workflow_id uuid, key text default null, timeout int default null) returns uuid language sql as $$
  select (public.start_execution(by_caller.workflow_id, '{"a": 1}', by_caller.key, timeout_seconds => by_caller.timeout, executed_by_caller => true)).id
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('eve') as eve \gset
select set_config('tandem.now', '2030-01-02T00:00:00Z', true) \g /dev/null
select test.act_as(:'ann') \g /dev/null
-- nodes of kinds that only the caller knows
select (create_workflow('browser', '{"nodes": [{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}, {"id": "draw", "type": "ACTION", "subtype": "CANVAS"}], "connections": [{"source": "start", "target": "draw"}]}')).id as flow \gset
select (start_execution(:'flow', '{"a": 1}', executed_by_caller => true)).* \gset one_
select is(:'one_status' || ' ' || :'one_mode' || ' ' || :'one_trigger_node_id' || ' ' || :'one_executed_by_caller', 'RUNNING MANUAL start t', 'it runs, whatever its nodes are');
select is(:'one_deadline'::timestamptz, '2030-02-01T00:00:00Z', 'for thirty days at most');
select is(test.claim(), '[]', 'no worker sees it');
select is((select is_locked from workflow_versions where workflow_id = :'flow'), true, 'its version stays what it is');
select is(test.waiting(:'one_id'), '{"caller": 1}', 'it waits for its caller');
select results_eq(format('select node_id, status, waits_for from live_node_executions where execution_id = %L', :'one_id'), $$values ('start', 'RUNNING', 'caller')$$, 'as everybody can see');
select is_empty('select test.violations()', 'which is how it should be');
select test.move_clock('1 minute') \g /dev/null
select (complete_execution(:'one_id', 'SUCCESS', '{"draw": {"px": 3}}', nodes_executed => 2)).* \gset done_
select is(:'done_status' || ' ' || :'done_output' || ' ' || :'done_nodes_executed', 'SUCCESS {"draw": {"px": 3}} 2', 'its caller ends it');
select is(:'done_end_time'::timestamptz, '2030-01-02T00:01:00Z', 'now');
select is((complete_execution(:'one_id', 'SUCCESS', '{"draw": {"px": 3}}', nodes_executed => 2)).end_time, :'done_end_time', 'saying it again gives the same answer');
select is(test.outcome(format('select complete_execution(%L, %s)', :'one_id', a)), 'PT409 execution_ended', 'another result does not: ' || a)
from (values ($$'ERROR'$$), ($$'SUCCESS'$$), ($$'SUCCESS', '{"draw": {"px": 4}}', nodes_executed => 2$$), ($$'SUCCESS', '{"draw": {"px": 3}}', nodes_executed => 3$$)) v (a);
select results_eq(format('select event_type, level, message, duration_ms, data -> ''nodes_executed'' from workflow_execution_logs where execution_id = %L order by id', :'one_id'),
  $$values ('workflow_started', 'INFO', 'Execution started: MANUAL', null::bigint, null::jsonb), ('workflow_completed', 'INFO', 'Execution succeeded', 60000, '2')$$, 'the log says so');
select is(test.waiting(:'one_id'), '{}', 'nothing is left of it');

-- failures
select test.by_caller(:'flow') as id \gset
select (complete_execution(:'id', 'ERROR', '{"draw": null}', '{"message": "no canvas", "node_id": "draw", "errors": [1]}', 1)).* \gset done_
select is(:'done_status' || ' ' || :'done_error' || ' ' || :'done_output', 'ERROR {"code": "failed", "errors": [1], "message": "no canvas", "node_id": "draw"} {"draw": null}', 'a failure says why, and what there was');
select is((select level || ' ' || message || ' ' || node_id from workflow_execution_logs where execution_id = :'id' and event_type = 'workflow_completed'), 'ERROR Execution ended with ERROR: no canvas draw', 'also in the log');
select is((complete_execution(test.by_caller(:'flow'), 'ERROR')).error ->> 'code', 'failed', 'also without a reason');
select is((complete_execution(test.by_caller(:'flow'), 'CANCELED')).status, 'CANCELED', 'a caller may give up');
select test.by_caller(:'flow') as id \gset
select is(test.outcome(format('select complete_execution(%L, %s)', :'id', a)), c, a) from (values
  ($$'TIMEOUT'$$, 'PT422 result_invalid'), ($$null$$, 'PT422 result_invalid'), ($$'SUCCESS', '[]'$$, 'PT422 result_invalid'), ($$'ERROR', null, '"x"'$$, 'PT422 result_invalid'),
  ($$'SUCCESS', null, '{"code": "x"}'$$, 'PT422 result_invalid'), ($$'SUCCESS', nodes_executed => -1$$, 'PT422 result_invalid'),
  ($$'SUCCESS', jsonb_build_object('x', repeat('x', 1048576))$$, 'PT413 output_too_large')) v (a, c);
select is((test.execution(:'id')).status, 'RUNNING', 'what makes no sense ends nothing');

-- control
select is((pause_execution(:'id')).status, 'PAUSED', 'it can be paused');
select is_empty('select test.violations()', 'and is held');
select is((resume_execution(:'id')).status, 'RUNNING', 'and resumed');
select is((complete_execution((pause_execution(:'id')).id, 'SUCCESS')).status, 'SUCCESS', 'its caller can end it while it is paused');
select test.by_caller(:'flow') as id \gset
select is((cancel_execution(:'id', 'enough')).status, 'CANCELED', 'it can be canceled');
select is_empty(format('select from node_executions where execution_id = %L', :'id'), 'nothing of it ran here');
select is(test.outcome(format('select complete_execution(%L, ''SUCCESS'')', :'id')), 'PT409 execution_ended', 'its caller is told');
select is(test.outcome(format('select retry_execution(%L)', :'id')), 'PT409 execution_not_retryable', 'only the caller can run it again');
select test.by_caller(:'flow', timeout => 30) as id \gset
select test.move_clock('31 seconds') \g /dev/null
select test.tick() \g /dev/null
select is((test.execution(:'id')).status || ' ' || ((test.execution(:'id')).error ->> 'code'), 'TIMEOUT execution_timed_out', 'one that is never ended ends in time');
select create_workflow('timed', '{"nodes": [], "connections": [], "settings": {"timeout_seconds": 60}}') \g /dev/null
select is((start_execution((select id from workflows where name = 'timed'), executed_by_caller => true)).deadline, engine.now() + interval '60 seconds', 'settings say how long, also without a node');
select is(test.outcome(format('select start_execution(%L, start_at => engine.now() + ''1 hour'', executed_by_caller => true)', :'flow')), 'PT422 start_at_invalid', 'it begins at once');

-- keys and limits
select test.by_caller(:'flow', 'k') as id \gset
select is(test.by_caller(:'flow', 'k'), :'id', 'the same key is the same execution');
select test.workflow('{}', '') as plain \gset
select test.by_caller(:'plain', 'k') \g /dev/null
select is(test.outcome(format($$select start_execution(%L, '{"a": 1}', 'k')$$, :'plain')), 'PT409 idempotency_key_reused', 'but not one that the engine runs');
select set_execution_limit(:'plain', max_concurrency => 1) \g /dev/null
select test.by_caller(:'plain') as id \gset
select is(test.outcome(format('select test.by_caller(%L)', :'plain')), 'PT429 execution_limit_reached', 'limits count, but nobody is queued');
select test.run(:'plain') as queued \gset
select is((test.execution(:'queued')).status, 'NEW', 'others queue behind it');
select complete_execution(:'id', 'SUCCESS') \g /dev/null
select test.tick() \g /dev/null
select is((test.execution(:'queued')).status, 'SUCCESS', 'until it ends');
select is(test.outcome(format('select complete_execution(%L, ''SUCCESS'')', :'queued')), 'PT409 execution_not_by_caller', 'nobody ends what the engine runs');

-- who
select test.by_caller(:'flow') as id \gset
select test.become_member((select workspace_id from workflows where id = :'flow'), :'bob', 'viewer') \g /dev/null
select test.act_as(:'bob') \g /dev/null
select is(test.outcome(format('select complete_execution(%L, ''SUCCESS'')', :'id')), 'PT403 role_insufficient', 'viewers end nothing');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select complete_execution(%L, ''SUCCESS'')', :'id')), 'PT404 execution_not_found', 'strangers neither');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
