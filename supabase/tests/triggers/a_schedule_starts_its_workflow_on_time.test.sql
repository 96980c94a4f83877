\ir ../helpers.sql
select plan(26);
create function test.now(at text) returns void language sql as $$ select set_config('tandem.now', at, true) $$;
create function test.tick(at text) returns int language plpgsql security definer as $$
begin
  perform set_config('tandem.now', at, true);
  return engine.tick();
end $$;
create function test.schedule(id uuid) returns workflow_schedules language sql security definer as $$ select s from workflow_schedules s where s.workflow_id = id $$;
create function test.runs(id uuid) returns text[] language sql security definer as $$
  select coalesce(array_agg(e.input ->> 'scheduled_at' order by e.id), '{}') from workflow_executions e where e.workflow_id = runs.id
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select test.now('2026-06-01T10:00:00Z') \g /dev/null
select test.workflow('{"clock": {"CRON": {"expression": "30 9 * * *", "timezone": "Europe/Berlin"}}, "got": {"TRANSFORM": "{{ $.trigger }}"}}', 'clock>got') as flow \gset
select is_empty('select node_id from workflow_schedules', 'a draft has no schedule');
select deploy_workflow(:'flow') \g /dev/null
select results_eq('select workflow_id, node_id, version, expression, timezone, misfire, overlap, is_active, next_run_at, last_run_at from workflow_schedules',
  format($$values (%L::uuid, 'clock', 1, '30 9 * * *', 'Europe/Berlin', 'once', 'allow', true, timestamptz '2026-06-02T07:30Z', null::timestamptz)$$, :'flow'), 'a deployed one has, for its members to see');
select test.act_as_role('postgres') \g /dev/null
select is(test.tick('2026-06-02T07:29:59.9Z'), 0, 'before its time nothing happens');
select is(test.tick('2026-06-02T07:30:00Z'), 1, 'at its time it starts');
select is(test.tick('2026-06-02T07:30:00.2Z'), 0, 'once');
select results_eq(format('select mode, status, version, trigger_node_id, triggered_by, input, output from workflow_executions where workflow_id = %L', :'flow'),
  $$values ('SCHEDULE', 'SUCCESS', 1, 'clock', null::uuid, jsonb '{"scheduled_at": "2026-06-02T07:30:00Z", "timezone": "Europe/Berlin", "expression": "30 9 * * *"}',
    jsonb '{"got": {"scheduled_at": "2026-06-02T07:30:00Z", "timezone": "Europe/Berlin", "expression": "30 9 * * *"}}')$$, 'an execution of its own, which knows its time');
select is((test.schedule(:'flow')).next_run_at, '2026-06-03T07:30Z', 'the next time is set');
select is((test.schedule(:'flow')).last_run_at, '2026-06-02T07:30Z', 'the last one is known');
select is((test.schedule(:'flow')).last_execution_id, (select id from workflow_executions where workflow_id = :'flow'), 'and what it started');

-- one execution a time, also if the schedule forgets: after a restore, or a redeployment in that second
update workflow_schedules set next_run_at = '2026-06-02T07:30Z' where workflow_id = :'flow';
select test.tick('2026-06-02T07:30:01Z') \g /dev/null
select is(test.runs(:'flow'), '{2026-06-02T07:30:00Z}', 'a time that has run does not run again');
select is((test.schedule(:'flow')).next_run_at, '2026-06-03T07:30Z', 'and the schedule goes on');

-- redeploying
select test.act_as(:'ann') \g /dev/null
select test.now('2026-06-03T07:30:05Z') \g /dev/null
select create_workflow_version(:'flow', test.definition('{"clock": {"CRON": {"expression": "30 9 * * *", "timezone": "Europe/Berlin", "overlap": "skip"}}, "got": {"TRANSFORM": 2}}', 'clock>got')) \g /dev/null
select deploy_workflow(:'flow') \g /dev/null
select is((test.schedule(:'flow')).next_run_at, '2026-06-03T07:30Z', 'the same expression and zone keep the next time, even one that is due');
select is((test.schedule(:'flow')).overlap, 'skip', 'policies change');
select test.act_as_role('postgres') \g /dev/null
select test.tick('2026-06-03T07:30:06Z') \g /dev/null
select is((select array_agg(version order by id) from workflow_executions where workflow_id = :'flow'), '{1,2}', 'which runs the new version');
select test.act_as(:'ann') \g /dev/null
select create_workflow_version(:'flow', test.definition('{"clock": {"CRON": {"expression": "0 * * * *"}}, "other": {"CRON": {"expression": "@daily"}}, "off": {"CRON": {"expression": "* * * * *"}, "disabled": true}}', '')) \g /dev/null
select deploy_workflow(:'flow') \g /dev/null
select results_eq('select node_id, next_run_at, timezone from workflow_schedules order by 1',
  $$values ('clock', timestamptz '2026-06-03T08:00Z', 'UTC'), ('other', '2026-06-04T00:00Z', 'UTC')$$, 'another expression begins anew; each trigger has a schedule, disabled ones none');
select deploy_workflow(:'flow', 1) \g /dev/null
select results_eq('select node_id, version from workflow_schedules', $$values ('clock', 1)$$, 'what is no longer a trigger goes');
select test.act_as(:'eve') \g /dev/null
select is_empty('select node_id from workflow_schedules', 'a stranger sees none');
select is(test.outcome('update workflow_schedules set next_run_at = now()'), '42501', 'nobody writes');
select is(test.outcome('select trigger_id from workflow_schedules'), '42501', 'or reads a trigger''s id');

-- a workflow that is not active
select test.act_as(:'ann') \g /dev/null
select pause_workflow(:'flow') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is((test.schedule(:'flow')).is_active, false, 'a paused workflow''s schedule is not active');
select is(test.tick('2026-06-06T12:00:00Z'), 0, 'and does not run');
select test.act_as(:'ann') \g /dev/null
select activate_workflow(:'flow') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is(test.tick('2026-06-06T12:00:00Z'), 1, 'when it is active again the misfire policy decides: one run');
select is((test.runs(:'flow'))[3], '2026-06-06T07:30:00Z', 'for the newest time');

-- undeployed
select test.act_as(:'ann') \g /dev/null
select archive_workflow(:'flow') \g /dev/null
select is_empty('select node_id from workflow_schedules', 'without its trigger a schedule is gone');
select test.act_as_role('postgres') \g /dev/null
select is(test.tick('2026-06-08T12:00:00Z'), 0, 'and starts nothing');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
