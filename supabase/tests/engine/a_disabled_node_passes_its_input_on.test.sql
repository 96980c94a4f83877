\ir ../helpers.sql
select plan(4);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"off": {"TRANSFORM": "{{ $.input.a }}", "disabled": true}, "call": {"NOOP": {}, "disabled": true},
  "gate": {"IF": "1 == 2", "disabled": true}, "end": {"TRANSFORM": {"got": "{{ $.input.a }}"}}, "other": {"TRANSFORM": 1}}',
  'start>off off>call call>gate gate>end gate:1>other'), '{"a": 5}') as id \gset
select is(test.story(:'id'), 'start[0]#1 SUCCESS, off[0]#1 SUCCESS, call[0]#1 SUCCESS, gate[0]#1 SUCCESS, end[0]#1 SUCCESS', 'whatever its type, through output 0');
select is((test.execution(:'id')).output, '{"end": {"got": 5}}', 'with its input unchanged');
select is(test.claim(), '[]', 'and without a worker');
select is(test.outcome($$select test.run(create_workflow.id) from create_workflow('x', '{"nodes": [{"id": "t", "type": "TRIGGER", "subtype": "MANUAL", "disabled": true}], "connections": []}')$$),
  'PT422 definition_invalid', 'a disabled trigger starts nothing');
select * from finish();
