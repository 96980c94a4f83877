\ir ../helpers.sql
select plan(3);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select is((test.execution(test.run(test.workflow('{"gone": {"PLACEHOLDER": {"source": {"type": "n8n"}}, "disabled": true}, "end": {"TRANSFORM": "{{ $.input }}"}}', 'start>gone gone>end'), '5'))).output, '{"end": 5}',
  'one that is disabled passes its input on');
select results_eq($$select executor, handler from test.compiled(test.definition('{"gone": {"PLACEHOLDER": {}, "disabled": true}}', '')) where node_id = 'gone'$$, $$values ('sql', 'pass')$$, 'as every node');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
