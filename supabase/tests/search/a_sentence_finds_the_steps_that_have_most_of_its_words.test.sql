\ir steps.sql
select plan(12);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select test.step('Save the invoice', 'Billing'), test.step('Open the invoice list', 'Billing'),
  test.step('Save the file', 'Editor'), test.step('Click the toolbar', 'Editor'), test.step('Print the customer''s file', 'Editor');

select is(test.found('please save my new invoice somewhere'), 'Save the invoice, Save the file, Open the invoice list',
  'a step needs no more than one word of the sentence; more and rarer ones come first');
select is(test.found('saving invoices'), 'Save the invoice, Save the file, Open the invoice list', 'word forms do not matter');
select is(test.found('editor toolbar'), 'Click the toolbar, Save the file, Print the customer''s file', 'the application is searched too');
select is(test.found('customer''s'), 'Print the customer''s file', 'punctuation is none of the words');
select is(test.found('''; drop table public.workflow_steps; --'), null, 'SQL in a search is text');
select is(test.found('save & ! invoice | <-> :* ( )'), 'Save the invoice, Save the file, Open the invoice list',
  'so are the operators of text search');
select is(test.found(string_agg('word' || i, ' ') || ' toolbar'), 'Click the toolbar', 'ten thousand words are read')
from generate_series(1, 10000) i;
select is(test.found('zebra'), null, 'what is nowhere is not found');
select is(test.found('the of and'), test.found(null), 'of stop words alone nothing is asked');
select matches(test.found(''), 'Print.*Click.*Save.*Open.*Save', 'and all there is is answered');

select test.refresh();
select is(test.found('please save my new invoice somewhere'), 'Save the invoice, Save the file, Open the invoice list',
  'the same when the frequencies are known');
select test.step('Save a zebra');
select is(test.found('zebra'), 'Save a zebra', 'and what has come since is found at once');
select * from finish();
