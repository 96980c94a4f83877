\ir ../helpers.sql
select plan(15);
create function test.deployed(parameters json) returns uuid language plpgsql as $$
declare
  v_flow uuid := test.workflow(json_build_object('clock', json_build_object('CRON', parameters)), '');
begin
  perform deploy_workflow(v_flow);
  return v_flow;
end $$;
create function test.tick(at text) returns int language plpgsql security definer as $$
begin
  perform set_config('tandem.now', at, true);
  -- as ticks do, however busy the machine is
  return triggers.fire_due(engine.now(), most => '1 minute');
end $$;
create function test.runs(id uuid) returns text language sql security definer as $$
  select coalesce(string_agg(to_char((e.input ->> 'scheduled_at')::timestamptz at time zone 'UTC', 'DD HH24:MI'), ', ' order by e.id), '') from workflow_executions e where e.workflow_id = runs.id
$$;
create function test.schedule(id uuid) returns workflow_schedules language sql security definer as $$ select s from workflow_schedules s where s.workflow_id = id $$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null

select set_config('tandem.now', '2026-06-01T00:00:30Z', true) \g /dev/null
select test.deployed('{"expression": "0 * * * *", "misfire": "skip"}') as skip, test.deployed('{"expression": "0 * * * *"}') as once,
  test.deployed('{"expression": "0 * * * *", "misfire": "all"}') as all, test.deployed('{"expression": "0 * * * *", "misfire": "all", "misfire_limit": 3}') as three,
  test.deployed('{"expression": "* * * * *", "misfire": "skip"}') as minutes, test.deployed('{"expression": "* * * * *", "misfire": "once"}') as minutes_once \gset
select test.act_as_role('postgres') \g /dev/null
-- a minute late is on time
select test.tick('2026-06-01T01:01:00Z') \g /dev/null
select is(array[test.runs(:'skip'), test.runs(:'once'), test.runs(:'all'), test.runs(:'three')], array_fill('01 01:00'::text, array[4]), 'up to a minute late is on time');
select is(test.runs(:'minutes'), '01 01:00, 01 01:01', 'times a minute apart too');
-- down from then until 12:30 of the next day
select test.tick('2026-06-02T12:30:10Z') \g /dev/null
select is(test.runs(:'skip'), '01 01:00', 'skip: what was missed does not run');
select is((test.schedule(:'skip')).next_run_at, '2026-06-02T13:00Z', 'the next one will');
select is((test.schedule(:'skip')).last_skipped_at, '2026-06-01T02:00Z', 'what was skipped first is said');
select is((test.schedule(:'skip')).last_skip_reason, 'misfire', 'and why');
select is(test.runs(:'minutes'), '01 01:00, 01 01:01, 02 12:30', 'skip: what is on time runs');
select is(test.runs(:'once'), '01 01:00, 02 12:00', 'once: the newest that was missed runs');
select is(test.runs(:'minutes_once'), '01 01:01, 02 12:30', 'also where it is on time');
select is(test.runs(:'all'), '01 01:00, 02 03:00, 02 04:00, 02 05:00, 02 06:00, 02 07:00, 02 08:00, 02 09:00, 02 10:00, 02 11:00, 02 12:00', 'all: ten unless said otherwise, oldest first');
select is(test.runs(:'three'), '01 01:00, 02 10:00, 02 11:00, 02 12:00', 'all: as many as the limit says, the newest');
select is((test.schedule(:'three')).next_run_at, '2026-06-02T13:00Z', 'then time goes on');
select is((test.schedule(:'three')).last_skipped_at, '2026-06-01T02:00Z', 'the others are skipped');
-- years later, each minute: quick
select test.tick('2031-06-02T12:30:10Z') \g /dev/null
select is(right(test.runs(:'minutes_once'), 8), '02 12:30', 'years of minutes are one run');
select is_empty('select 1 from workflow_schedules where next_run_at <= engine.now()', 'nothing piles up');
select * from finish();
