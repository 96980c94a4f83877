\ir ../helpers.sql
select plan(18);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
-- an IF takes one way: the other input is dead
select test.workflow('{"check": {"IF": "$.input > 0"}, "yes": {"NOOP": {}}, "no": {"NOOP": {}}, "m": {"MERGE": {"mode": "all", "inputs": ["yes", "no", "both"]}}, "side": {"NOOP": {}}}',
  'start>check check>yes check:1>no yes>m@0 no>m@1 start>side side>m@2') as flow \gset
select test.run(:'flow', '1') as yes, test.run(:'flow', '-1') as no \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select test.finish((select jsonb_agg(test.success(t, t -> 'input')) from jsonb_array_elements(:'tasks') t where t ->> 'node_id' <> 'side')) \g /dev/null
select is(test.waiting(:'yes'), '{"merge": 1}', 'while a token can come the merge waits');
select results_eq(format('select node_id, status, waits_for from live_node_executions where execution_id = %L order by 1', :'yes'), $$values ('m', 'WAITING_INPUT', 'merge'), ('side', 'RUNNING', null)$$,
  'and is seen waiting');
select is_empty('select test.violations()', 'no invariant is broken while it waits');
select test.finish((select jsonb_agg(test.success(t, '"s"')) from jsonb_array_elements(:'tasks') t where t ->> 'node_id' = 'side')) \g /dev/null
select is((test.execution(:'yes')).output, '{"m": {"yes": 1, "both": "s"}}', 'then it fires without the input that can no longer come');
select is((test.execution(:'no')).output, '{"m": {"no": -1, "both": "s"}}', 'whichever it is');

-- a task that fails for good and goes another way
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"a": {"NOOP": {}, "max_retries": 0, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}, "b": {"NOOP": {}}, "m": {"MERGE": {"mode": "append"}}, "bad": {"TRANSFORM": "bad"}}',
  'start>a start>b a>m@0 b>m@1 a!>bad'), '{}') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'b'), '"B"'))) \g /dev/null
select is((test.execution(:'id')).status, 'RUNNING', 'a task at work may still lead here');
select test.finish(jsonb_build_array(test.failure(test.task(:'tasks', 'a')))) \g /dev/null
select is((test.execution(:'id')).output, '{"m": ["B"], "bad": "bad"}', 'once it took the other way the input is dead');

-- a timer and a retry upstream are alive
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"wait": {"WAIT": {"seconds": 60}}, "m": {"MERGE": {"mode": "append"}}}', 'start>wait wait>m@1 start>m@0'), '3') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('0') \g /dev/null
select is(test.waiting(:'id'), '{"merge": 1, "timer": 1}', 'a merge waits for a WAIT');
select is(engine.tick(), 0, 'however often the clock ticks');
select test.move_clock('61 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).output, '{"m": [3, 3]}', 'until it is over');

-- two tokens at one input: they are taken in order of arrival, the others stay and fire when nothing can come
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"a1": {"TRANSFORM": "a1"}, "a2": {"TRANSFORM": "a2"}, "b": {"TRANSFORM": "b"}, "m": {"MERGE": {"mode": "append"}}}',
  'start>a1 start>a2 start>b a1>m@0 a2>m@0 b>m@1')) as id \gset
select is(test.outputs(:'id', 'm'), '[["a1", "b"], ["a2"]]', 'of two tokens at an input the earlier is taken; the later fires with what is left');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, a1[0]#1 SUCCESS, a2[0]#1 SUCCESS, b[0]#1 SUCCESS, m[0]#1 SUCCESS, m[1]#1 SUCCESS', 'each in a run of its own');

-- two merges that wait for each other: neither could ever get its other input, so both fire
select test.run(test.workflow('{"m1": {"MERGE": {"mode": "append"}}, "m2": {"MERGE": {"mode": "append"}}, "gate": {"IF": "$.execution.node_runs < 1"}, "gate2": {"IF": "$.execution.node_runs < 1"}}',
  'start>m1@0 start>m2@0 m1>gate gate>m2@1 m2>gate2 gate2>m1@1'), '1') as id \gset
select is((test.execution(:'id')).status, 'SUCCESS', 'merges that wait for each other do not wait for ever');
select ok(jsonb_array_length(test.outputs(:'id', 'm1')) >= 1 and jsonb_array_length(test.outputs(:'id', 'm2')) >= 1, 'each has fired');

-- a merge that feeds itself
select test.run(test.workflow('{"m": {"MERGE": {"mode": "all", "inputs": ["first", "again"]}}, "more": {"IF": "$.execution.node_runs < 3"}}', 'start>m@0 m>more more>m@1'), '7') as id \gset
select is(test.outputs(:'id', 'm'), '[{"first": 7}, {"again": {"first": 7}}, {"again": {"again": {"first": 7}}}]', 'a merge that feeds itself fires with each lap''s token');
select is((test.execution(:'id')).status, 'SUCCESS', 'and comes to an end');
-- one input fed by an error connection that is never taken
select is((test.execution(test.run(test.workflow('{"a": {"TRANSFORM": 1, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}, "m": {"MERGE": {"mode": "append"}}}', 'start>a a>m@0 a!>m@1')))).output, '{"m": [1]}',
  'an input behind an error that did not come is dead');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
