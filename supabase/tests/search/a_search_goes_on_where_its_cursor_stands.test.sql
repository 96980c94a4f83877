\ir steps.sql
select plan(6);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select test.step(format('Save %s', i)) from generate_series(1, 25) i;
select test.executed(id, 3, 1, '2026-01-01') from public.workflow_steps where step_name in ('Save 3', 'Save 7');
set tandem.now = '2026-01-05';
create temp table page as select 1 as n, f.step_name, f.combined_score, f."cursor" from public.search_steps_two_stage('save', stage2_limit => 10) f;
-- a later page is of the same rankings
set tandem.now = '2026-01-20';
insert into page select 2, f.step_name, f.combined_score, f."cursor" from public.search_steps_two_stage('save', stage2_limit => 10, "cursor" => (select "cursor" from page offset (select count(*) - 1 from page))) f;
insert into page select 3, f.step_name, f.combined_score, f."cursor" from public.search_steps_two_stage('save', stage2_limit => 10, "cursor" => (select "cursor" from page offset (select count(*) - 1 from page))) f;
select results_eq('select n, count(*) from page group by n order by n', 'values (1, 10::bigint), (2, 10), (3, 5)', 'three pages');
select is((select count(distinct step_name) from page), 25::bigint, 'have every step once');
select is_empty(format('select * from public.search_steps_two_stage(''save'', "cursor" => %L)', (select "cursor" from page offset (select count(*) - 1 from page))), 'then there is nothing');
select is(test.outcome(format('select public.search_steps_two_stage(''open'', "cursor" => %L)', (select "cursor" from page offset (select count(*) - 1 from page)))),
  'PT422 cursor_invalid', 'a cursor belongs to its search');
select is(test.outcome(format('select public.search_steps_keyword(''save'', "cursor" => %L)', (select "cursor" from page offset (select count(*) - 1 from page)))),
  'PT422 cursor_invalid', 'and to its kind');
select is(test.outcome('select public.search_steps_two_stage(''save'', "cursor" => ''nonsense'')'), 'PT422 cursor_invalid', 'anything else is none');
select * from finish();
