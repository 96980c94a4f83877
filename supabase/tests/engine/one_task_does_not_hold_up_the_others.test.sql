\ir ../helpers.sql
select plan(9);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow(json_build_object('work', json_build_object('HTTP_REQUEST',
  json_build_object('url', 'https://example.com', 'body', repeat('{{ $.input.text }}', 100)), 'max_retries', 5)), 'start>work') as flow \gset
select (start_execution(:'flow', jsonb_build_object('text', repeat('x', 30000)), priority => 10)).id as large,
  test.run(:'flow', '{"text": "x"}') as small \gset
select test.claim() as tasks \gset
select results_eq(
  format('select t ->> ''execution_id'', t #>> ''{problem,code}'', t -> ''parameters'' <> ''{}'' from jsonb_array_elements(%L) t', :'tasks'),
  format('values (%L, ''parameters_unresolvable'', false), (%L, null, true)', :'large', :'small'),
  'a task whose parameters come to too much goes out with its problem, beside the others');
select test.finish(jsonb_build_array(test.failure(:'tasks'::jsonb -> 0, :'tasks'::jsonb #> '{0,problem}'), test.success(:'tasks'::jsonb -> 1))) \g /dev/null
select is((test.execution(:'large')).error ->> 'code', 'parameters_unresolvable', 'which ends it');
select is((test.execution(:'small')).status, 'SUCCESS', 'and the others go on');
select is(test.outcome(format('select start_execution(%L, %L)', test.workflow(json_build_object('grow', json_build_object('TRANSFORM',
  repeat('{{ $.input.text }}', 100))), 'start>grow'), jsonb_build_object('text', repeat('x', 30000)))), 'PT413 parameters_too_large',
  'a start that would run such a sql node is refused');

-- an integer of milliseconds ends after 25 days
select test.run(test.workflow('{"work": {"NOOP": {}, "max_retries": 0}}', 'start>work')) as old \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() \g /dev/null
select test.move_clock('60 days') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'old')).status, 'ERROR', 'an execution of 60 days ends like any other');

-- a transition that SQL cannot make: the node has vanished from the plan
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}, "max_retries": 0}}', 'start>work') as broken_flow \gset
select test.run(:'broken_flow') as broken, test.run(test.workflow('{"work": {"NOOP": {}, "max_retries": 0}}', 'start>work')) as sound \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() \g /dev/null
delete from engine.plan where workflow_id = :'broken_flow' and node_id = 'work';
select test.move_clock('2 minutes') \g /dev/null
select lives_ok('select engine.tick()', 'the tick survives a transition that fails');
select is((test.execution(:'broken')).error ->> 'code', 'transition_failed', 'ends its execution');
select is((test.execution(:'sound')).error ->> 'code', 'lease_expired', 'and serves the others');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
