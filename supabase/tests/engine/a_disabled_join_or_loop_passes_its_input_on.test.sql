\ir ../helpers.sql
select plan(8);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"a": {"TRANSFORM": "a"}, "b": {"TRANSFORM": "b"}, "m": {"MERGE": {"mode": "append"}, "disabled": true}, "after": {"TRANSFORM": "{{ $.input }}"}}', 'start>a start>b a>m@0 b>m@1 m>after')) as id \gset
select is(test.outputs(:'id', 'after'), '["a", "b"]', 'a disabled merge lets each token pass');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}, "disabled": true}, "x": {"TRANSFORM": {"got": "{{ $.input }}"}}}', 'start>each each>x'), '[1, 2]'))).output, '{"x": {"got": [1, 2]}}',
  'a disabled loop passes the list on as one');
select is((test.execution(test.run(test.workflow('{"stop": {"STOP": {"status": "ERROR"}, "disabled": true}}', 'start>stop'), '1'))).output, '{"stop": 1}', 'a disabled STOP stops nothing');
select is((test.execution(test.run(test.workflow('{"wait": {"WAIT": {"event": "never"}, "disabled": true}}', 'start>wait'), '2'))).output, '{"wait": 2}', 'a disabled WAIT does not wait');
select is((test.execution(test.run(test.workflow('{"pick": {"SWITCH": {"rules": ["1 == 2"]}, "disabled": true}, "a": {"TRANSFORM": "a"}, "b": {"TRANSFORM": "b"}}', 'start>pick pick>a pick:1>b')))).output, '{"a": "a"}', 'a disabled SWITCH takes output 0');
select is((test.execution(test.run(test.workflow('{"call": {"SUB_WORKFLOW": {"workflow_id": "00000000-0000-0000-0000-000000000001"}, "disabled": true}}', 'start>call'), '3'))).output, '{"call": 3}', 'a disabled SUB_WORKFLOW calls nothing');
-- a merge further on still waits for what comes through it
select test.run(test.workflow('{"work": {"NOOP": {}}, "off": {"MERGE": {"mode": "all"}, "disabled": true}, "m": {"MERGE": {"mode": "append"}}}', 'start>work work>off off>m@0 start>m@1'), '4') as id \gset
select test.work() \g /dev/null
select is((test.execution(:'id')).output, '{"m": [4, 4]}', 'what is behind it counts on its tokens');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
