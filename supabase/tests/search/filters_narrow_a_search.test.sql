\ir steps.sql
select plan(13);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select test.step('Save one', 'Chrome', 'Settings', 'Setup', 'ann@example.com') as one \gset
select test.step('Save two', 'Chrome', 'Inbox', 'Mail') as two \gset
select test.step('Save three', 'Word', 'Settings', 'Setup') as three \gset
select test.executed(:'one', 5, 0, '2026-01-10'), test.executed(:'two', 1, 3, '2026-02-10');

select is(test.found('save', 'filter_app => ''Word'''), 'Save three', 'by application');
select is(test.found('save', 'filter_window => ''Inbox'''), 'Save two', 'by window');
select is(test.found('save', 'filter_app => ''Chrome''', 'filter_workflow => ''Setup'''), 'Save one', 'by application and workflow');
select is(test.found('save', 'filter_author => ''ann@example.com'''), 'Save one', 'by author');
select is(test.found('save', 'min_succeeded => 1', 'filter_workflow => ''Mail'''), 'Save two', 'by successes');
select is(test.found('save', 'min_succeeded => 2'), 'Save one', 'of which it needs so many');
select is(test.found('save', 'date_from => ''2026-01-05''', 'date_to => ''2026-02-01'''), 'Save one', 'by the last execution');
select is(test.found('save', 'date_from => ''2026-02-11'''), 'Save three', 'which is its creation where there was none');
select is(test.found(null, 'filter_app => ''Chrome'''), 'Save one, Save two', 'without words, the best ranked first');
select is(test.found('save', 'filter_app => ''Nothing'''), null, 'an unknown application has no steps');
select is(test.found('save', 'filter_app => '''''' or true --'''), null, 'a filter is a value');
select is(
  (select string_agg(step_name, ', ') from public.search_steps_two_stage('save', filter_window => 'Settings', filter_app => 'Word')),
  'Save three', 'the same in two stages');
select is(test.found('save', 'order_by => ''ranking''', 'filter_app => ''Chrome'''), 'Save one, Save two', 'ordered by ranking where asked to');
select * from finish();
