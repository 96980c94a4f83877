\ir steps.sql
select plan(16);
select test.sign_up('ann') as ann \gset
create function test.frequency(word text) returns bigint language sql security definer as $$
  select df from search.lexemes where lexeme = word
$$;
create function test.corpus() returns text language sql security definer as $$
  select format('%s of %s, %s drifted', documents, round(average_length::numeric, 2), drift) from search.corpora
$$;
grant execute on all functions in schema test to authenticated;
select test.act_as(:'ann');
select test.step('Save ' || i) from generate_series(1, 20) i;
select is(test.frequency('save'), null, 'nothing is known before the first refresh');
select is(test.refresh(), 1, 'which is of workspaces where something happened');
select is(test.frequency('save'), 20::bigint, 'and counts all');
select is(test.corpus(), '20 of 6.00, 0 drifted', 'and how long they are');
select test.step('Save more than that'), test.step('Open');
select is(test.refresh(), 1, 'new steps');
select results_eq('select test.frequency(''save''), test.frequency(''open''), test.corpus()', $$values (21::bigint, 1::bigint, '22 of 5.91, 0 drifted')$$, 'are added');
delete from public.workflow_steps where step_name in ('Save 1', 'Save 2', 'Save 3');
update public.workflow_steps set definition = 'other()';
update public.workflow_steps set step_name = 'Close' where step_name = 'Open';
select test.refresh();
select is(test.corpus(), '22 of 5.91, 4 drifted', 'what was deleted or has other words is counted');
select is(test.refresh(), 0, 'once');
delete from public.workflow_steps where step_name in ('Save 4', 'Save 5');
select test.refresh();
select results_eq('select test.frequency(''save''), test.frequency(''open''), test.frequency(''close''), test.corpus()',
  $$values (16::bigint, null::bigint, 1::bigint, '17 of 5.88, 0 drifted')$$, 'until it is a fifth: then all are counted anew');
-- what is new and what has drifted are counted apart
insert into public.workflow_steps (step_name, app_name, window_title, element_path, workflow_name, definition) select 'Save more ' || i, 'Chrome', 'Page', 'Pane', 'Work', 'run()' from generate_series(1, 10) i;
delete from public.workflow_steps where step_name = 'Close';
select test.refresh();
select is(test.corpus(), '27 of 5.93, 1 drifted', 'many new steps beside one that is gone');
select test.act_as_role('postgres');
-- a first count sees all, also what a refresh would come to only the next time
delete from search.corpora;
select test.act_as(:'ann');
select test.step('Print');
select test.act_as_role('postgres');
insert into search.corpus_changes (workspace_id, inserted, drifted) select w.id, '{}', 0 from public.workspaces w, generate_series(1, 10000) limit 10000;
select test.act_as(:'ann');
select test.step('Print it');
select is(test.refresh(), 1, 'more changes than are taken at once');
select is(test.frequency('print'), 2::bigint, 'all are counted');
select is(test.refresh() || ' ' || test.frequency('print'), '0 2', 'once');
select test.executed(id, 2147483647, 2147483647) from public.workflow_steps where step_name = 'Save 6';
select test.step('Pay') as pay \gset
select test.executed(:'pay', 2147483647, 1);
select is(test.outcome('select test.refresh()'), 'ok', 'more executions than a number holds stop no refresh');
update public.workflow_steps set step_name = step_name || ' anew';
select is(test.outcome('select test.refresh()'), 'ok', 'nor a count of all');
select test.act_as_role('postgres');
delete from public.workspaces;
select is(test.refresh(), 0, 'a workspace that goes leaves nothing');
select * from finish();
