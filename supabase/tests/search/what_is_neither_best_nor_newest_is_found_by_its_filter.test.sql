\ir steps.sql
select plan(9);
-- steps with a common word, of which thousands are better and thousands newer than the first ones
create function test.steps(name text, app text, number int, succeeded int, failed int) returns void language sql security definer as $$
  with made as (
    insert into public.workflow_steps (workspace_id, step_name, app_name, window_title, element_path, workflow_name)
    select workspaces.default_id(), 'Save ' || steps.name || ' ' || i, app, 'Page', 'Pane', 'Work' from generate_series(1, number) i
    returning id, workspace_id
  )
  insert into public.workflow_step_stats (step_id, workspace_id, succeeded, failed, duration_ms, last_executed_at, stored_rank)
  select m.id, m.workspace_id, succeeded, failed, 10000, engine.now(), search.rank_bucket(null, succeeded, failed, 10000) from made m
  where succeeded + failed > 0
$$;
create function test.found_by(query text, filter search.step_filter, filtered bigint) returns bigint language sql security definer as $$
  select cardinality((search.find_by_words(search.read_query(query), array[workspaces.default_id()], filter, 1000000, 5, filtered, 1000)).ids)
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
set tandem.now = '2025-01-10 00:00:00+00';
select test.steps('never', 'Old', 3, 0, 0), test.steps('poorly', 'Old', 2, 50, 5000);
set tandem.now = '2025-06-01 00:00:00+00';
select test.steps('well', 'New', 4500, 40, 0), test.steps('best', 'New', 1, 49, 0);
set tandem.now = '2026-01-01 00:00:00+00';
select test.steps('lately', 'New', 4500, 0, 0);
select is(test.found('save', 'date_to => ''2025-02-01'''), 'Save poorly 2, Save poorly 1, Save never 3, Save never 2, Save never 1',
  'dates find what was made, and what was executed then');
select is(test.found('save', 'date_from => ''2025-01-01''', 'date_to => ''2025-02-01''', 'min_succeeded => 1'), 'Save poorly 2, Save poorly 1',
  'together with successes');
select is(test.found('save', 'min_succeeded => 50'), 'Save poorly 2, Save poorly 1', 'and successes alone');
select is(test.found('save -poorly', 'date_to => ''2025-02-01'''), 'Save never 3, Save never 2, Save never 1', 'without what is excluded');
select is(test.found('', 'date_to => ''2025-02-01''', 'min_succeeded => 1'), 'Save poorly 2, Save poorly 1', 'also without words');
select is(test.found('', 'filter_app => ''Old'''), 'Save poorly 2, Save poorly 1, Save never 3, Save never 2, Save never 1', 'as what a filter leaves is');
select is(test.found('', 'result_limit => 1'), 'Save best 1', 'without either the best comes first');
-- where a filter leaves more than is read whole
select is(test.found_by('save', row('Old', null, null, null, null, null, null), 20001), 5::bigint, 'where none of the best and the newest is in the filter, some of the others are tried');
select is(test.found_by('', row('Old', null, null, null, null, null, null), 20001), 5::bigint, 'also without words');
select * from finish();
