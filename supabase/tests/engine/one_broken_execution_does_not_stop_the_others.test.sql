\ir ../helpers.sql
select plan(16);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select to_jsonb(repeat('x', 500000)) as big \gset
-- a sql node whose templates find too much, at a start, behind a task, behind a timer, in a join and in a loop
select (select jsonb_agg(format('{{ $.input.%s }}', k)) from unnest(array['a', 'a', 'a', 'a', 'a', 'a']) k) as greedy \gset
select test.workflow(json_build_object('much', json_build_object('TRANSFORM', :'greedy'::json)), 'start>much') as flow \gset
select is(test.outcome(format('select test.run(%L, jsonb_build_object(''a'', repeat(''x'', 500000)))', :'flow')), 'PT413 parameters_too_large', 'a start that is too much is refused');
select is((select count(*) from workflow_executions where workflow_id = :'flow'), 0::bigint, 'and leaves nothing');

select test.workflow(json_build_object('work', '{"NOOP": {}}'::json, 'much', json_build_object('TRANSFORM', :'greedy'::json)), 'start>work work>much') as flow \gset
select test.workflow('{"work": {"NOOP": {}}, "fine": {"TRANSFORM": "fine"}}', 'start>work work>fine') as good_flow \gset
select test.workflow(json_build_object('wait', '{"WAIT": {"seconds": 10}}'::json, 'much', json_build_object('TRANSFORM', :'greedy'::json)), 'start>wait wait>much') as timer_flow \gset
select test.workflow('{"wait": {"WAIT": {"seconds": 10}}, "fine": {"TRANSFORM": "fine"}}', 'start>wait wait>fine') as good_timer_flow \gset
select test.workflow(json_build_object('call', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'timer_flow', 'input', '{{ $.input }}'))), 'start>call') as parent_flow \gset
select jsonb_build_object('a', repeat('x', 500000)) as large \gset
-- the tick: timers of both, in one batch
select test.run(:'timer_flow', :'large') as bad, test.run(:'good_timer_flow') as good, test.run(:'parent_flow', :'large') as parent \gset
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('10 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'good')).output, '{"fine": "fine"}', 'the clock goes on for the others');
select is((test.execution(:'bad')).status, 'ERROR', 'the offender ends');
select is((test.execution(:'bad')).error ->> 'code', 'transition_failed', 'with an error that says so');
select is_empty('select test.violations()', 'no invariant is broken');
select engine.tick() \g /dev/null
select is((test.execution(:'parent')).status, 'ERROR', 'who called it hears of it');

-- outputs that are too large, from sql nodes, merges and loops
select test.act_as(:'ann') \g /dev/null
select to_jsonb((select string_agg(md5(i::text), '') from generate_series(1, 20000) i)) as random \gset
select test.run(test.workflow('{"m": {"MERGE": {"mode": "append"}, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}, "bad": {"TRANSFORM": "{{ $.input.error.code }}"}}', 'start>m@0 start>m@1 m!>bad'), :'random') as id \gset
select is((test.execution(:'id')).output, '{"bad": "output_too_large"}', 'a merge whose output is too large fails, and its strategy decides');
select test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "x": {"TRANSFORM": "{{ $.trigger[0] }}"}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>x x>got'), jsonb_build_array(:'random'::jsonb, 1)) as id \gset
select is((test.execution(:'id')).error ->> 'code', 'output_too_large', 'so does a collect');

-- a claim: a task that cannot be described goes out with its problem
select test.workflow(json_build_object('call', json_build_object('HTTP_REQUEST', json_build_object('url', 'https://example.com', 'body', :'greedy'::json), 'max_retries', 3)), 'start>call') as poison \gset
select test.run(:'poison', :'large') as bad, test.run(:'good_flow') as good \gset
select test.claim() as tasks \gset
select is(test.task(:'tasks', 'call') #>> '{problem,code}', 'parameters_unresolvable', 'a task whose templates find too much goes out with its problem');
select is(test.task(:'tasks', 'work') -> 'problem', null, 'the others without');
select test.finish(jsonb_build_array(test.failure(test.task(:'tasks', 'call'), test.task(:'tasks', 'call') -> 'problem'), test.success(test.task(:'tasks', 'work')))) \g /dev/null
select is(array[(test.execution(:'bad')).status, (test.execution(:'good')).status], '{ERROR,SUCCESS}', 'each ends as it should, without another attempt');
-- a function's call whose arguments cannot be found
select test.run(test.workflow(json_build_object('call', json_build_object('SQL_FUNCTION', json_build_object('function', 'any', 'arguments', json_build_object('a', :'greedy'::json)))), 'start>call'), :'large') as id \gset
select test.claim() -> 0 as task \gset
select test.act_as_role('postgres') \g /dev/null
select engine.call_function('w', (:'task'::jsonb ->> 'id')::uuid, (:'task'::jsonb ->> 'lease_token')::uuid) \g /dev/null
select is((test.execution(:'id')).error ->> 'code', 'parameters_unresolvable', 'a function''s call with such arguments fails too');

-- finish: the whole call fails, one execution at a time shows the offender
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow', :'large') as bad, test.run(:'good_flow') as good \gset
select test.claim() as tasks \gset
select is(test.outcome(format('select test.finish(%L)', (select jsonb_agg(test.success(t, case t ->> 'execution_id' when :'bad' then :'large'::jsonb else '{}' end)) from jsonb_array_elements(:'tasks') t))), 'PT413 parameters_too_large',
  'a call of finish with a result that cannot be applied is refused');
select test.finish((select jsonb_agg(test.success(t)) from jsonb_array_elements(:'tasks') t where t ->> 'execution_id' = :'good')) \g /dev/null
select is((test.execution(:'good')).output, '{"fine": "fine"}', 'without it the others go on');
select test.act_as_role('postgres') \g /dev/null
select engine.abort_execution(:'bad', '{"code": "transition_failed", "message": "x"}') \g /dev/null
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
