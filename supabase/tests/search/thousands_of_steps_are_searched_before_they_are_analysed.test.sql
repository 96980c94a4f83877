\ir steps.sql
select plan(3);
-- a planner without statistics takes the steps for one, and would compare them all with all that are to be tried
create function test.by_key() returns bigint language sql security definer as $$
  select coalesce(idx_scan, 0) from pg_stat_xact_user_tables where relid = 'public.workflow_steps'::regclass
$$;
grant execute on function test.by_key() to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
insert into public.workflow_steps (step_name, app_name, window_title, element_path, workflow_name)
select 'Save note ' || i, 'Chrome', 'Page', 'Pane', 'Work' from generate_series(1, 9000) i;
select test.by_key() as before \gset
select is((select count(*) from public.search_steps_keyword('save', result_limit => 10)), 10::bigint, 'a word of all steps is found at once');
select test.by_key() - :before as looks \gset
select ok(:looks between 3500 and 4500, 'each step that is tried is read by its key');
select test.act_as_role('postgres');
select test.refresh();
select test.act_as(:'ann');
select test.by_key() as before \gset
select count(*) from public.search_steps_keyword('save') \g /dev/null
select ok(test.by_key() - :before between 3500 and 5500, 'and so it is when its words are counted');
select * from finish();
