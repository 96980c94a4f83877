\ir steps.sql
select plan(10);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select test.step(format('Press the save button %s', i)) from generate_series(10, 22) i;
select test.step('Press save beside the button'), test.step('Export the report'), test.step('Cancel the export');

select is((select count(*) from public.search_steps_keyword('"save button"')), 13::bigint, 'a phrase is words side by side');
select is((select count(*) from public.search_steps_keyword('save button')), 14::bigint, 'words are not');
select is((select count(*) from public.search_steps_keyword('"save button" export')), 13::bigint, 'other words do not replace it');
select is(test.found('export -cancel'), 'Export the report', 'an exclusion keeps steps out');
select is(test.found('-press -cancel'), 'Export the report', 'also without any other word');
select is(test.found('export -"cancel the"'), 'Export the report', 'also a phrase');
select is((select count(*) from public.search_steps_keyword('"save button" or "export the report"')), 14::bigint, 'one phrase or the other');
select is(test.found('report or cancel -export'), 'Export the report', 'an exclusion is of its part');

-- where few have the phrase
select is(test.found('"cancel the export" report'), 'Cancel the export, Export the report', 'others follow behind the few that have a phrase');
select is(test.found('"export the save" -press -cancel'), 'Export the report', 'but never what is excluded');
select * from finish();
