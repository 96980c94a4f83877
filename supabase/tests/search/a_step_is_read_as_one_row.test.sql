\ir ../helpers.sql
select plan(12);
select platform.set('clock.movable', 'true') \g /dev/null
select test.sign_up('ann') as ann, test.sign_up('bob') as bob \gset
select test.act_as(:'bob') \g /dev/null
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name)
values ('Chrome', 'Shop', '/', 'Bob''s', 'Order');
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as ws \gset
select set_config('tandem.now', '2026-11-21 12:00:00+00', true) \g /dev/null
insert into public.workflow_steps (
  app_name, window_title, element_path, step_name, definition, workflow_name, workflow_description, terminator_version, environment, author)
values (
  'Chrome', 'Settings', 'Window > Panel > Button[name="Save"]', 'Click save button', 'await element.click({ button: "left" })',
  'Form Submission Workflow', 'Workflow for submitting forms with validation', 'v1.0.0', 'production', 'user@example.com')
returning id as step \gset
select is((select (succeeded, failed, duration_ms, ranking, robust_ranking)::text from public.step_overview), '(0,0,,0,0)', 'a new step has ranking 0');
select is((select last_executed_at from public.step_overview), timestamptz '2026-11-21 12:00:00+00', 'and is as old as it is');
select public.increment_step_stats_batch((
  select jsonb_agg(jsonb_build_object('step_id', :'step', 'success', i > 5, 'duration_ms', 250)) from generate_series(1, 105) i)) \g /dev/null
select is((select (succeeded, failed, duration_ms, round(ranking, 3))::text from public.step_overview), '(100,5,250,98.095)', 'its statistics and its ranking are columns');
select set_config('tandem.now', '2026-12-06 12:00:00+00', true) \g /dev/null
select is((select round(ranking, 3) from public.step_overview), 88.095, 'which falls as time goes by');
select cmp_ok((select robust_ranking from public.step_overview), '>', 70::numeric, 'the robust one is beside it');
select is_empty(
  $$select c from unnest(array['id', 'app_name', 'window_title', 'element_path', 'step_name', 'definition', 'succeeded', 'failed', 'duration_ms',
      'ranking', 'state_object_key', 'outcome_diff_key', 'workflow_name', 'workflow_description', 'terminator_version', 'environment', 'author',
      'created_at', 'last_executed_at', 'definition_embedding', 'workflow_embedding', 'search_vector']) c
    where not exists (select from pg_attribute a where a.attrelid = 'public.step_overview'::regclass and a.attname = c)$$,
  'every column of the guide''s table is there');
select test.act_as_role('postgres') \g /dev/null
insert into search.vectors (source_id, row_id, model_id, workspace_id, dimensions, embedding, content_hash, embedded_at)
select v.source_id, v.row_id, m.id, s.workspace_id, m.dimensions,
  (select array_agg(0.5)::extensions.halfvec from generate_series(1, m.dimensions)), '\x00', engine.now()
from public.workflow_steps s
cross join lateral (values (1, s.id), (2, s.workflow_text_id)) v (source_id, row_id)
cross join lateral search.serving_model(case v.source_id when 1 then 'steps.definition' else 'steps.workflow' end) m
on conflict do nothing;
select test.act_as(:'ann') \g /dev/null
select is((select count(definition_embedding) || ' ' || count(workflow_embedding) from public.step_overview), '1 1', 'its vectors too');
select is((select (total_steps, steps_with_success, round(avg_ranking, 3), total_successes, total_failures, table_size)::text from public.step_stats),
  '(1,1,88.095,100,5,)', 'a workspace''s steps are counted');
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name) values ('Chrome', '', '', 'Never', 'Order');
select is((select round(avg_ranking, 3) from public.step_stats), 44.048, 'steps that never ran have a part in the average');
select is((select count(*) from public.step_overview), 2::bigint, 'others'' steps are not there');
select test.act_as_role('service_role') \g /dev/null
select is((select count(*) from public.step_stats where table_size is not null), 2::bigint, 'who runs the project sees how large the table is');
select is((select count(*) from public.step_overview), 3::bigint, 'and all steps');
select * from finish();
