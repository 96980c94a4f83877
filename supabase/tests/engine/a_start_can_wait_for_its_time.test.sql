\ir ../helpers.sql
select plan(14);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select test.workflow('{"a": {"TRANSFORM": "{{ $.execution.start_time }}"}}', 'start>a') as flow \gset
select (start_execution(:'flow', start_at => '2030-01-01T01:00:00Z', timeout_seconds => 60)).id as id \gset
select results_eq(format('select status, start_time, deadline from test.execution(%L)', :'id'), $$values ('NEW', null::timestamptz, timestamptz '2030-01-01T01:01:00Z')$$, 'a start in the future is new, its time counts from then');
select is((select count(*) from workflow_execution_logs where execution_id = :'id'), 0::bigint, 'nothing has begun');
select (start_execution(:'flow', start_at => '2030-01-01T01:00:00Z')).id as paused, (start_execution(:'flow', start_at => '2030-01-01T02:00:00Z')).id as early \gset
select pause_execution(:'paused') \g /dev/null
select pause_execution(:'early') \g /dev/null
select is((resume_execution(:'early')).status, 'NEW', 'paused and resumed before its time it is new');
select test.act_as_role('postgres') \g /dev/null
select is_empty('select test.violations()', 'no invariant is broken while it waits');
select test.move_clock('59 min 59 s') \g /dev/null
select is(engine.tick(), 0, 'not before its time');
select test.move_clock('1 s') \g /dev/null
select engine.tick() \g /dev/null
select results_eq(format('select status, start_time from test.execution(%L)', :'id'), $$values ('SUCCESS', timestamptz '2030-01-01T01:00:00Z')$$, 'then it runs');
select is((test.execution(:'paused')).status, 'PAUSED', 'but not while it is paused');
select test.act_as(:'ann') \g /dev/null
select is((resume_execution(:'paused')).status, 'SUCCESS', 'resumed after its time it begins at once');
select is((start_execution(:'flow', start_at => '2029-01-01T00:00:00Z')).status, 'SUCCESS', 'a past time is now');
select is(test.outcome(format('select start_execution(%L, start_at => ''2032-01-01'')', :'flow')), 'PT422 start_at_invalid', 'at most a year ahead');
select is(array[test.outcome(format('select start_execution(%L, timeout_seconds => 0)', :'flow')), test.outcome(format('select start_execution(%L, timeout_seconds => 31536001)', :'flow'))],
  '{PT422 timeout_invalid,PT422 timeout_invalid}', 'a timeout has bounds');
-- the deadline of a running one, with a worker at work
select (start_execution(test.workflow('{"work": {"NOOP": {}, "error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}}', 'start>work'), timeout_seconds => 10)).id as id \gset
select test.claim() as tasks \gset
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('10 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).status, 'TIMEOUT', 'an execution ends at its deadline, whatever is at work');
select is(test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0))) -> 'refused', jsonb_build_array(:'tasks'::jsonb #> '{0,id}'), 'a result that comes later is refused');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
