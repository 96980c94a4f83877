\ir ../helpers.sql
select plan(17);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"check": {"IF": "$.input.amount > 100"}, "big": {"TRANSFORM": {"kept": "{{ $.input.amount }}", "from": "{{ $.trigger.name }}"}},
  "small": {"TRANSFORM": "small"}, "note": {"TRANSFORM": ["{{ $.input.kept }}", "{{ $.workflow.version }}", "{{ $.execution.mode }}"]}}',
  'start>check check>big check:1>small big>note') as flow \gset

select (start_execution(:'flow', '{"amount": 150, "name": "A"}')).* \gset big_
select is(:'big_status'::text, 'SUCCESS', 'a chain of sql nodes ends within the start');
select isnt(:'big_end_time'::text, '', 'and has its end');
select is(test.story(:'big_id'), 'start[0]#1 SUCCESS, check[0]#1 SUCCESS, big[0]#1 SUCCESS, note[0]#1 SUCCESS', 'IF takes the way of true');
select is(:'big_output'::jsonb, '{"note": [150, 1, "MANUAL"]}', 'the output is the ending node''s, by its id');
select is((select jsonb_object_agg(n ->> 'node_id', n -> 'output') from jsonb_array_elements(get_execution(:'big_id') -> 'nodes') n),
  '{"start": {"amount": 150, "name": "A"}, "check": {"amount": 150, "name": "A"}, "big": {"kept": 150, "from": "A"}, "note": [150, 1, "MANUAL"]}',
  'a trigger and IF pass their input on, TRANSFORM builds its own');
select is((select array_agg(n ->> 'node_id') from jsonb_array_elements(get_execution(:'big_id') -> 'nodes') n), '{start,check,big,note}', 'nodes in the order in which they ran');
select is((select array_agg(event_type order by id) from workflow_execution_logs where execution_id = :'big_id'),
  '{workflow_started,step_completed,step_completed,step_completed,step_completed,workflow_completed}', 'with its log lines');
select is(get_execution_events(:'big_id') -> 'ended', 'true', 'the events say that it ended');
select is((select count(*) from jsonb_array_elements(get_execution_events(:'big_id',
  (get_execution_events(:'big_id', 0, 2) #>> '{events,1,id}')::bigint) -> 'events')), 4::bigint, 'and go on after a cursor');

select is((start_execution(:'flow', '{"amount": 1}')).output, '{"small": "small"}', 'IF takes the way of false');
select is((start_execution(:'flow')).output, '{"small": "small"}', 'also without input');
select is((start_execution(:'flow', '[1]')).input, '[1]', 'any JSON is an input');
select is((start_execution(:'flow', 'null')).status, 'SUCCESS', 'also null');

select is((start_execution(test.workflow('{}', ''), '{"a": 1}')).output, '{"start": {"a": 1}}', 'a trigger alone gives its input');
select is((start_execution(test.workflow('{"check": {"IF": "$.input.x == 1"}}', 'start>check'), '{"x": 2}')).output, '{"check": {"x": 2}}', 'an output that leads nowhere ends');
select is((start_execution(test.workflow('{"a": {"TRANSFORM": 1}, "b": {"TRANSFORM": 2}}', 'start>a start>b'))).output, '{"a": 1, "b": 2}', 'each ending node is in the output');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
