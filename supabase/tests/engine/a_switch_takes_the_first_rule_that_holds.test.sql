\ir ../helpers.sql
select plan(7);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"pick": {"SWITCH": {"rules": ["$.input.n > 10", "$.input.n > 5", "$.input.s == \"x\""]}},
  "a": {"TRANSFORM": "a"}, "b": {"TRANSFORM": "b"}, "c": {"TRANSFORM": "c"}, "other": {"TRANSFORM": "{{ $.input.n }}"}, "also": {"TRANSFORM": "also"}}',
  'start>pick pick>a pick:1>b pick:2>c pick:3>other pick:1>also') as flow \gset
select is((test.execution(test.run(:'flow', '{"n": 11}'))).output, '{"a": "a"}', 'of two rules that hold the first is taken');
select is((test.execution(test.run(:'flow', '{"n": 6}'))).output, '{"b": "b", "also": "also"}', 'the second has its own output, with all its connections');
select is((test.execution(test.run(:'flow', '{"s": "x"}'))).output, '{"c": "c"}', 'a rule about what is not there does not hold');
select is((test.execution(test.run(:'flow', '{"n": 1}'))).output, '{"other": 1}', 'when none holds it is the output after the last rule');
select is((test.execution(test.run(:'flow', '{"n": "many"}'))).output, '{"other": "many"}', 'nor does a comparison that makes no sense');
select test.run(test.workflow('{"pick": {"SWITCH": {"rules": ["$.input == 1"]}}, "a": {"TRANSFORM": "a"}}', 'start>pick pick>a'), '2') as id \gset
select is((test.execution(:'id')).output, '{"pick": 2}', 'an output without a connection ends the branch with what it passed on');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
