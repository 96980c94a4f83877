\ir ../helpers.sql
select plan(11);
create function test.tick(at text) returns int language plpgsql security definer as $$
begin
  perform set_config('tandem.now', at, true);
  -- as ticks do, however busy the machine is
  return triggers.fire_due(engine.now(), most => '1 minute');
end $$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2026-06-01T00:30:00Z', true) \g /dev/null
create temporary table flow (n int, id uuid);
grant select on flow to public;
insert into flow select i, test.workflow('{"clock": {"CRON": {"expression": "0 * * * *"}}, "fine": {"TRANSFORM": "fine"}}', 'clock>fine') from generate_series(1, 50) i;
select deploy_workflow(id) from flow \g /dev/null
select test.act_as_role('postgres') \g /dev/null
-- what nobody foresees: starts of one fail, another's zone is gone
create function pg_temp.break() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
select id as bad from flow where n = 25 \gset
select format('create trigger break before insert on workflow_executions for each row when (new.workflow_id = %L) execute function pg_temp.break()', :'bad') \gexec
update workflow_schedules set timezone = 'Nowhere/Gone' where workflow_id = (select id from flow where n = 30);
select test.tick('2026-06-01T01:00:00Z') \g /dev/null
select is((select count(*) from workflow_executions e join flow f on f.id = e.workflow_id where e.status = 'SUCCESS'), 48::bigint, 'the others run, each once');
select is((select count(*) from workflow_executions e join flow f on f.id = e.workflow_id), 48::bigint, 'and nothing else does');
select results_eq(format('select last_error, last_error_at, last_run_at, next_run_at from workflow_schedules where workflow_id = %L', :'bad'),
  $$values (jsonb '{"message": "Something went wrong on our side", "sqlstate": "P0001"}' || jsonb_build_object('scheduled_at', timestamptz '2026-06-01T01:00Z'), timestamptz '2026-06-01T01:00Z', null::timestamptz, timestamptz '2026-06-01T02:00Z')$$, 'what could not start says so, and nothing of our insides, and goes on with its next time');
select is((select next_run_at from workflow_schedules where timezone = 'Nowhere/Gone'), null, 'one without a zone waits for a deployment');
drop trigger break on workflow_executions;
select test.tick('2026-06-01T02:00:00Z') \g /dev/null
select is((select count(*) from workflow_executions where workflow_id = :'bad'), 1::bigint, 'it runs when it can');
select is((select count(*) from workflow_executions e join flow f on f.id = e.workflow_id), 97::bigint, 'with the others');

-- a batch ends where it says
update workflow_schedules set next_run_at = '2026-06-01T03:00Z' where next_run_at is not null;
select set_config('tandem.now', '2026-06-01T03:00:00Z', true) \g /dev/null
select is(triggers.fire_due(engine.now(), 7, '1 minute'), 7, 'seven at a time');
select is(triggers.fire_due(engine.now(), most => '0'), 20, 'or as many as the time allows, at least a few');
select is(triggers.fire_due(engine.now(), most => '1 minute'), 22, 'the rest follows');
select is(triggers.fire_due(engine.now()), 0, 'until nothing is due');
-- what an outage left does not make others late
update workflow_schedules set next_run_at = case workflow_id when :'bad' then timestamptz '2026-06-01T05:00Z' else '2026-06-01T04:00Z' end where next_run_at is not null;
select set_config('tandem.now', '2026-06-01T05:00:10Z', true) \g /dev/null
select triggers.fire_due(engine.now(), 1, '1 minute') \g /dev/null
select is((select last_run_at from workflow_schedules where workflow_id = :'bad'), '2026-06-01T05:00Z', 'those on time come first');
select * from finish();
