\ir ../helpers.sql
select plan(26);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}}, "after": {"TRANSFORM": {"got": "{{ $.input.x }}"}}}', 'start>work work>after') as flow \gset
select test.run(:'flow', '{"r": 1}') as one, test.run(:'flow', '{"r": 2}') as two, test.run(:'flow', '{"r": 3}') as three \gset
select test.act_as_role('postgres') \g /dev/null

select test.claim('w', 1) -> 0 as task \gset
select engine.finish('w', 1, jsonb_build_array(test.success(:'task', '{"x": 5}')), 1) as answer \gset
select is((test.execution(:'one')).output, '{"after": {"got": 5}}', 'the output goes on to what follows');
select is((test.execution(:'one')).status, 'SUCCESS', 'the execution ends with its last node');
select is(jsonb_array_length(:'answer'::jsonb -> 'tasks'), 1, 'the answer is the next claim');
select is(:'answer'::jsonb -> 'refused', '[]', 'nothing is refused');
select results_eq(format('select end_time - start_time from node_executions where execution_id = %L and node_id = ''work''', :'one'), array[interval '0 s' + (
  select least(interval '5 ms', end_time - start_time) from node_executions where execution_id = :'one' and node_id = 'work')], 'its duration is the worker''s');

-- the answer was lost: the same call again
select is(engine.finish('w', 1, jsonb_build_array(test.success(:'task', '{"x": 6}')), 1), :'answer'::jsonb, 'repeating a call gives its answer again');
select is((test.execution(:'one')).output, '{"after": {"got": 5}}', 'and changes nothing');
select is(test.story(:'one'), 'start[0]#1 SUCCESS, work[0]#1 SUCCESS, after[0]#1 SUCCESS', 'no node ran twice');
select is((select count(*) from engine.tasks where lease_token is not null), 1::bigint, 'nor was more claimed');

-- calls are counted
select is(test.outcome($$select engine.finish('w', 3, '[]', 0)$$), 'PT409 sequence_out_of_order', 'a call too far ahead is refused');
select is(test.outcome($$select engine.finish('w', 0, '[]', 0)$$), 'PT409 sequence_out_of_order', 'one from long ago too');
select is(test.outcome($$select engine.finish('new', 2, '[]', 0)$$), 'PT409 sequence_out_of_order', 'a new worker counts from 1');
select is(test.outcome($$select engine.finish('new', 1, '[]', 0)$$), 'ok', 'and may finish nothing');

-- somebody else's lease
select :'answer'::jsonb #> '{tasks,0}' as task \gset
select engine.finish('w', 2, jsonb_build_array(test.success(:'task'::jsonb || jsonb_build_object('lease_token', gen_random_uuid()), '{"x": 6}')), 0) as answer \gset
select is(:'answer'::jsonb, jsonb_build_object('tasks', '[]'::jsonb, 'refused', jsonb_build_array(:'task'::jsonb -> 'id')), 'a wrong lease token is refused');
select is((test.execution(:'two')).status, 'RUNNING', 'and changes nothing');
select is(engine.finish('w', 2, '[]', 0), :'answer'::jsonb, 'a repeated call tells of the refusal again');
select is(engine.finish('w', 3, '[]', 0) -> 'refused', '[]', 'the next does not');

-- handed back
select is(engine.release('other', array[(:'task'::jsonb ->> 'id')::uuid]), 0, 'a worker hands back its own leases only');
select is(engine.release('w', array[(:'task'::jsonb ->> 'id')::uuid, gen_random_uuid()]), 1, 'a lease is handed back');
select is(engine.finish('w', 4, jsonb_build_array(test.success(:'task', '{"x": 6}')), 0) -> 'refused', jsonb_build_array(:'task'::jsonb -> 'id'),
  'a result that comes after it is refused');
select test.claim('other') as tasks \gset
select is((select array_agg(t ->> 'execution_id' order by o) from jsonb_array_elements(:'tasks'::jsonb) with ordinality x (t, o)), array[:'two', :'three'], 'it is claimed again, in its old place');
select is(:'tasks'::jsonb #> '{0,attempt}', '1', 'and no attempt was spent');
select is(engine.finish('other', 1, (select jsonb_agg(test.success(t, jsonb_build_object('x', t #> '{input,r}'))) from jsonb_array_elements(:'tasks'::jsonb) t)
    || jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '{"x": 2}')), 0) -> 'refused', '[]', 'a batch is applied together, a result given twice once');
select is(array[(test.execution(:'two')).output, (test.execution(:'three')).output], array[jsonb '{"after": {"got": 2}}', '{"after": {"got": 3}}'], 'each to its execution');
select is((test.execution(:'two')).status, 'SUCCESS', 'all end');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
