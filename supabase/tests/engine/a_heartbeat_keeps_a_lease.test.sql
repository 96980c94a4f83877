\ir ../helpers.sql
select plan(16);
create function test.beat(worker text, tasks jsonb, progress jsonb default null) returns jsonb language sql security definer as $$
  select engine.heartbeat(beat.worker, (select jsonb_agg(jsonb_build_object('id', t -> 'id', 'lease_token', t -> 'lease_token', 'progress', beat.progress)) from jsonb_array_elements(beat.tasks) t))
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select test.workflow('{"work": {"NOOP": {}, "timeout_seconds": 180, "max_retries": 0, "name": "Long work"}}', 'start>work') as flow \gset
select test.run(:'flow') as id \gset
select test.claim() as tasks \gset
select test.act_as_role('postgres') \g /dev/null
select is((select lease_until from engine.tasks), timestamptz '2030-01-01T00:01:15Z', 'a lease is short, however long the node may take');
select test.move_clock('60 s') \g /dev/null
select is(test.beat('w', :'tasks'), '{"gone": []}', 'a heartbeat');
select is((select lease_until from engine.tasks), timestamptz '2030-01-01T00:02:15Z', 'renews it');
select test.move_clock('60 s') \g /dev/null
select is(engine.tick(), 0, 'so that it is not taken back');
select test.beat('w', :'tasks', '{"percent": 40, "message": "nearly"}') \g /dev/null
select is((select lease_until from engine.tasks), timestamptz '2030-01-01T00:03:15Z', 'again');
select results_eq(format('select message, data, node_id, node_name from workflow_execution_logs where execution_id = %L and event_type = ''workflow_progress''', :'id'),
  $$values ('nearly', jsonb '{"percent": 40, "attempt": 1}', 'work', 'Long work')$$, 'progress is logged');
select test.beat('w', :'tasks', '{"percent": 41}') \g /dev/null
select is((select message from workflow_execution_logs where execution_id = :'id' and data -> 'percent' = '41'), 'Long work goes on', 'also without a message');
select test.move_clock('60 s') \g /dev/null
select test.beat('w', :'tasks') \g /dev/null
select is((select lease_until from engine.tasks), timestamptz '2030-01-01T00:03:15Z', 'but not beyond the node''s timeout');
select is(test.beat('w', jsonb_build_array(:'tasks'::jsonb -> 0 || '{"lease_token": "00000000-0000-0000-0000-000000000000"}')), jsonb_build_object('gone', jsonb_build_array(:'tasks'::jsonb #> '{0,id}')),
  'who holds another lease hears that it is gone');
select test.move_clock('15.001 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).error ->> 'code', 'lease_expired', 'at the timeout it is taken back');
select is(test.beat('w', :'tasks', '{"percent": 99}'), jsonb_build_object('gone', jsonb_build_array(:'tasks'::jsonb #> '{0,id}')), 'and the worker hears of it');
select is((select count(*) from workflow_execution_logs where execution_id = :'id' and data -> 'percent' = '99'), 0::bigint, 'its progress no longer counts');
-- canceled, and several at once
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow') as a, test.run(:'flow') as b \gset
select test.claim() as tasks \gset
select cancel_execution(:'a') \g /dev/null
select is(test.beat('w', :'tasks'), jsonb_build_object('gone', (select jsonb_agg(t -> 'id') from jsonb_array_elements(:'tasks') t where t ->> 'execution_id' = :'a')), 'a canceled execution''s task is gone, the other is not');
select is(test.outcome('select engine.heartbeat(''w'', ''[]'')'), '42501', 'a member does not beat');
select test.act_as_role('postgres') \g /dev/null
select is(engine.heartbeat('w', '[]'), '{"gone": []}', 'a worker may hold nothing');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
