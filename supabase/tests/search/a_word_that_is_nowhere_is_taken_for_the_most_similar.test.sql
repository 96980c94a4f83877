\ir steps.sql
select plan(5);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select test.step('Choose the battery'), test.step('Print the calendar');
select test.refresh();
select is(test.found('batery'), 'Choose the battery', 'a typo finds what was meant');
select is(test.found('the calender'), 'Print the calendar', 'in any word');
select is((select explanation #> '{text,words}' -> 0 ->> 'corrected_to' from public.search_steps_keyword('calender', with_explanation => true)),
  'calendar', 'and the explanation says so');
select is(test.found('xylophone'), null, 'what is like nothing stays what it is');
select test.step('A calender of paper');
select is(test.found('calender'), 'A calender of paper', 'a word that is there is no typo');
select * from finish();
