\ir ../helpers.sql
select plan(21);
select platform.set('clock.movable', 'true') \g /dev/null
select test.sign_up('ann') as ann, test.sign_up('vic') as vic, test.sign_up('bob') as bob \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as ws \gset
select test.become_member(:'ws', :'vic', 'viewer') \g /dev/null
select set_config('tandem.now', '2025-01-01 00:00:00+00', true) \g /dev/null
insert into public.workflow_steps (app_name, window_title, element_path, step_name, definition, workflow_name, workflow_description)
values ('Chrome', 'Shop', '/', 'Never ran', 'click()', 'Order', 'Buys'), ('Chrome', 'Shop', '/', 'Ran', 'click()', 'Order', 'Buys'),
  ('Chrome', 'Shop', '/', 'Edited', 'click()', 'Order', 'Buys');
select id as ran from public.workflow_steps where step_name = 'Ran' \gset
select id as never from public.workflow_steps where step_name = 'Never ran' \gset
select public.increment_step_stats(:'ran', true, 5) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
update public.workflow_steps set state_object_key = id || '_state.json.gz' where id = :'never';
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2025-06-01 00:00:00+00', true) \g /dev/null
update public.workflow_steps set step_name = 'Edited again' where step_name = 'Edited';
select test.act_as_role('postgres') \g /dev/null
select s as before from public.workflow_steps s where id = :'never' \gset
select set_config('tandem.now', '2025-12-31 23:00:00+00', true) \g /dev/null
select is(search.archive_steps(), 0, 'a year is not over');
select set_config('tandem.now', '2026-01-01 01:00:00+00', true) \g /dev/null
select is(search.maintain_steps() > 0, true, 'now it is');
select is(search.maintain_steps(), 0, 'and once');
select results_eq('select step_name from public.workflow_steps order by 1', array['Edited again', 'Ran'], 'what ran or changed stays');
select is((select state_object_key from public.archived_steps), :'never' || '_state.json.gz', 'what never ran is in the archive');
select is_empty('select from search.object_deletions', 'its objects are kept');
select test.act_as(:'bob') \g /dev/null
select is_empty('select from public.archived_steps', 'a stranger does not see it');
select is(test.outcome(format('select public.restore_archived_step(%L)', :'never')), 'PT404 archived_step_not_found', 'nor brings it back');
select test.act_as(:'vic') \g /dev/null
select is(test.outcome(format('select public.restore_archived_step(%L)', :'never')), 'PT403 role_insufficient', 'a viewer neither');
select test.act_as(:'ann') \g /dev/null
select is((public.restore_archived_step(:'never')).definition, 'click()', 'an editor brings it back');
select test.act_as_role('postgres') \g /dev/null
select is((select s - 'updated_at' from (select to_jsonb(s) from public.workflow_steps s where id = :'never') x (s)),
  (select to_jsonb(:'before'::public.workflow_steps) - 'updated_at'), 'as it was');
select is_empty('select from public.archived_steps union all select from search.object_deletions', 'it left the archive, with its objects');
select is(test.outcome('set constraints all immediate'), 'ok', 'its workflow has its text');
select is(search.archive_steps(), 0, 'it is young again');
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select public.restore_archived_step(%L)', :'never')), 'PT404 archived_step_not_found', 'and there is nothing to bring back');

-- a step that is there again
select test.act_as_role('postgres') \g /dev/null
insert into public.archived_steps (id, workspace_id, step, archived_at)
select s.id, s.workspace_id, to_jsonb(s) || '{"step_name": "Older"}', engine.now() from public.workflow_steps s where s.id = :'never';
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select public.restore_archived_step(%L)', :'never')), 'PT409 step_exists', 'an id that is there again is refused');
select results_eq(format('select a.step ->> ''step_name'', s.step_name from public.archived_steps a join public.workflow_steps s using (id) where id = %L', :'never'),
  $$values ('Older', 'Never ran')$$, 'and both stay as they were');
select test.workflow('{"work": {"NOOP": {}}}', 'start>work') as workflow \gset
select test.act_as_role('postgres') \g /dev/null
delete from public.archived_steps;
update public.workflow_steps set workflow_id = :'workflow', node_id = 'work' where id = :'never';
insert into public.archived_steps (id, workspace_id, step, archived_at)
select 'aaaaaaaa-0000-4000-8000-000000000001', s.workspace_id, to_jsonb(s) || '{"id": "aaaaaaaa-0000-4000-8000-000000000001", "state_object_key": null}', engine.now()
from public.workflow_steps s where s.id = :'never';
select test.act_as(:'ann') \g /dev/null
select is(test.outcome($$select public.restore_archived_step('aaaaaaaa-0000-4000-8000-000000000001')$$), 'PT409 step_exists', 'so is a node that has a step again');
delete from public.workflow_steps where id = :'never';
select is((public.restore_archived_step('aaaaaaaa-0000-4000-8000-000000000001')).node_id, 'work', 'until it is deleted');
-- an id that another workspace's archive has
set constraints all deferred;
select test.act_as_role('postgres') \g /dev/null
insert into public.archived_steps (id, workspace_id, step, archived_at) values (:'never', :'ws', '{}', engine.now());
select test.act_as(:'bob') \g /dev/null
select set_config('tandem.now', '2024-01-01 00:00:00+00', true) \g /dev/null
delete from public.workflow_steps;
select test.act_as_role('postgres') \g /dev/null
delete from public.workflow_steps where id = :'never';
select test.act_as(:'bob') \g /dev/null
insert into public.workflow_steps (id, app_name, window_title, element_path, step_name, workflow_name)
values (:'never', 'Chrome', 'Shop', '/', 'The same id', 'Order'), (platform.uuid7(), 'Chrome', 'Shop', '/', 'Another', 'Order');
select test.act_as_role('postgres') \g /dev/null
select set_config('tandem.now', '2026-06-01 01:00:00+00', true) \g /dev/null
select ok(search.maintain_steps() > 0 and search.maintain_steps() > 0, 'an id of another''s archive stops no upkeep');
select results_eq('select step_name from public.workflow_steps where workspace_id <> ' || quote_literal(:'ws'), array['The same id'], 'which archives what it can');
select * from finish();
