-- overlap, and limits without room
\ir ../helpers.sql
select plan(12);
create function test.deployed(overlap text) returns uuid language plpgsql as $$
declare
  v_flow uuid := test.workflow(json_build_object('clock', json_build_object('CRON', json_build_object('expression', '0 * * * *', 'overlap', overlap)), 'work', '{"NOOP": {}}'::json),
    'start>work clock>work');
begin
  perform deploy_workflow(v_flow);
  return v_flow;
end $$;
create function test.tick(at text) returns int language plpgsql security definer as $$
begin
  perform set_config('tandem.now', at, true);
  return engine.tick();
end $$;
create function test.runs(id uuid) returns text language sql security definer as $$
  select coalesce(string_agg(to_char((e.input ->> 'scheduled_at')::timestamptz at time zone 'UTC', 'HH24:MI') || ' ' || e.status, ', ' order by e.id), '')
  from workflow_executions e where e.workflow_id = runs.id and e.mode = 'SCHEDULE'
$$;
create function test.schedule(id uuid) returns workflow_schedules language sql security definer as $$ select s from workflow_schedules s where s.workflow_id = id $$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2026-06-01T00:30:00Z', true) \g /dev/null
select test.deployed('allow') as allow, test.deployed('skip') as skip, test.deployed('cancel_previous') as cancel, test.deployed('allow') as dropped \gset
select set_execution_limit(:'dropped', 1, policy => 'drop') \g /dev/null
-- somebody's own execution does not count
select test.run(:'skip') as mine, test.run(:'cancel') as mine_too \gset
select test.act_as_role('postgres') \g /dev/null
select test.tick('2026-06-01T01:00:00Z') \g /dev/null
select is(array[test.runs(:'allow'), test.runs(:'skip'), test.runs(:'cancel'), test.runs(:'dropped')], array_fill('01:00 RUNNING'::text, array[4]), 'the first run is alone');
select test.tick('2026-06-01T02:00:00Z') \g /dev/null
select is(test.runs(:'allow'), '01:00 RUNNING, 02:00 RUNNING', 'allow: another beside it');
select is(test.runs(:'skip'), '01:00 RUNNING', 'skip: none');
select is(array[(test.schedule(:'skip')).last_skipped_at::text, (test.schedule(:'skip')).last_skip_reason, (test.schedule(:'skip')).next_run_at::text],
  array['2026-06-01T02:00Z'::timestamptz::text, 'overlap', '2026-06-01T03:00Z'::timestamptz::text], 'which is said');
select is(test.runs(:'cancel'), '01:00 CANCELED, 02:00 RUNNING', 'cancel_previous: instead of it');
select is((select error ->> 'message' from workflow_executions where workflow_id = :'cancel' and status = 'CANCELED'), 'Canceled to make room for the next scheduled run', 'which is said');
select is((test.execution(:'mine_too')).status, 'RUNNING', 'somebody''s own execution is not canceled');
select is(test.runs(:'dropped'), '01:00 RUNNING', 'a limit that drops what has no room: none');
select is(array[(test.schedule(:'dropped')).last_skipped_at::text, (test.schedule(:'dropped')).last_skip_reason, (test.schedule(:'dropped')).next_run_at::text, (test.schedule(:'dropped')).last_error::text],
  array['2026-06-01T02:00Z'::timestamptz::text, 'execution_limit_reached', '2026-06-01T03:00Z'::timestamptz::text, null], 'which is said, and no error');
select test.work() \g /dev/null
select test.tick('2026-06-01T03:00:00Z') \g /dev/null
select is(test.runs(:'skip'), '01:00 SUCCESS, 03:00 RUNNING', 'when it has ended the next runs');
select is(test.runs(:'dropped'), '01:00 SUCCESS, 03:00 RUNNING', 'there too');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
