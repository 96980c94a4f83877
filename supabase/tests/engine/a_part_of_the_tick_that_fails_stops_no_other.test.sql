\ir ../helpers.sql
select plan(7);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2030-01-01T00:00:30Z', true) \g /dev/null
select test.workflow('{"clock": {"CRON": {"expression": "* * * * *"}}, "fine": {"TRANSFORM": "fine"}}', 'clock>fine') as flow \gset
select deploy_workflow(:'flow') \g /dev/null
select test.workflow('{"wait": {"WAIT": {"seconds": 60}}}', 'start>wait') as waiting \gset
select test.run(:'waiting') as waits \gset
select test.act_as_role('postgres') \g /dev/null

create temporary view done as
  select (select count(*) from workflow_executions e where e.mode = 'SCHEDULE' and e.status = 'SUCCESS') as fired,
    (select e.status from workflow_executions e where e.mode = 'MANUAL') as waited;
-- what nobody foresees
create or replace function engine.admit(at timestamptz default engine.now()) returns void language plpgsql as $$ begin raise exception 'broken'; end $$;
create or replace function engine.deliver_events(at timestamptz default engine.now()) returns void language plpgsql as $$ begin raise exception 'broken'; end $$;
create or replace function engine.ring() returns boolean language plpgsql as $$ begin raise exception 'broken'; end $$;
select set_config('tandem.now', '2030-01-01T00:01:10Z', true) \g /dev/null
select lives_ok('select engine.tick()', 'a tick goes on where a part of it fails');
select results_eq('table done', $$values (1::bigint, 'RUNNING')$$, 'schedules fire');
select set_config('tandem.now', '2030-01-01T00:02:10Z', true) \g /dev/null
select lives_ok('select engine.tick()', 'and the next one');
select results_eq('table done', $$values (2::bigint, 'SUCCESS')$$, 'what is due goes on');
create or replace function triggers.fire_due(at timestamptz, batch int default 1000, most interval default '250 ms') returns int language plpgsql as $$ begin raise exception 'broken'; end $$;
select test.act_as(:'ann') \g /dev/null
select test.run(:'waiting') as waits \gset
select test.act_as_role('postgres') \g /dev/null
select set_config('tandem.now', '2030-01-01T00:04:10Z', true) \g /dev/null
select lives_ok('select engine.tick()', 'nor do schedules stop the others');
select is((test.execution(:'waits')).status, 'SUCCESS', 'what is due goes on');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
