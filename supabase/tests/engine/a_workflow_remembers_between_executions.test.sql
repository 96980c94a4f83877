\ir ../helpers.sql
select plan(33);
create function test.static(workflow_id uuid) returns jsonb language sql as $$
  select s.data from public.workflow_static_data s where s.workflow_id = static.workflow_id
$$;
create function test.output(id uuid) returns jsonb language sql as $$ select (test.execution(output.id)).output $$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('bob') as bob \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"count": {"SET_STATIC_DATA": {"values": {"n": "{{ $.workflow.static.n + 1 }}", "last": "{{ $.input.x }}"}}}}', 'start>count') as flow \gset
select is(test.output(test.run(:'flow', '{"x": "a"}')), '{"count": {"n": 1, "last": "a"}}', 'a field that is calculated with counts from 0; the output is all that is remembered');
select is(test.output(test.run(:'flow', '{"x": "b"}')), '{"count": {"n": 2, "last": "b"}}', 'the next execution sees it');
select is(test.output(test.run(:'flow', '{}')), '{"count": {"n": 3}}', 'null removes a field');
select is(test.static(:'flow'), '{"n": 3}', 'members read it as a row');

select test.workflow('{"read": {"TRANSFORM": {"none": "{{ $.workflow.static.n }}", "all": "{{ $.workflow.static }}", "sum": "{{ 2 + $.workflow.static.\"odd \\\" key\" }}",
  "deep": "{{ $.workflow.static.a.b + 1 }}", "text": "n={{ $.workflow.static.n }}"}}}', 'start>read') as empty \gset
select is(test.output(test.run(:'empty')), '{"read": {"none": null, "all": {"odd \" key": 0}, "sum": 2, "deep": null, "text": "n="}}', 'what is not there is {}, null, or 0 where it is calculated with at the top');
select is(test.output(test.run(test.workflow('{"read": {"TRANSFORM": "{{ $.workflow }}"}}', 'start>read'))) #> '{read,static}', '{}', 'it is part of $.workflow');
select is(test.output(test.run(test.workflow('{"check": {"IF": "$.workflow.static.n > 1"}, "no": {"TRANSFORM": 0}}', 'start>check check:1>no'))), '{"no": 0}', 'a predicate without it does not hold');
select is(test.output(test.run(test.workflow('{"a": {"SET_STATIC_DATA": {"values": {"go": true}}}, "b": {"TRANSFORM": 1}, "c": {"TRANSFORM": 1}}',
  'start>a a>b{$.workflow.static.go == true} a>c{$.workflow.static.go != true}'))), '{"b": 1}', 'a connection''s condition sees it');

select results_eq($$select node_id, reads from test.compiled(test.definition('{"a": {"TRANSFORM": "{{ $.workflow.name }} {{ $.workflow.\"id\" }}"}, "b": {"TRANSFORM": "{{ $.workflow.static.x }}"},
  "c": {"TRANSFORM": "{{ $.workflow.static.x * 2 }}"}, "d": {"TRANSFORM": "{{ $.workflow.static.list[*] }}"}}', ''))$$,
  $$values ('start', '{}'::text[]), ('a', '{workflow}'), ('b', '{workflow,workflow.static}'), ('c', '{workflow,workflow.static,workflow.static:x}'), ('d', '{workflow,workflow.static}')$$,
  'only what reads it fetches it');

select is(test.output(test.run(test.workflow('{"a": {"SET_STATIC_DATA": {"values": {"x": 1, "o": {"a": 1, "b": 2}}}}, "b": {"SET_STATIC_DATA": {"values": {"o": {"c": 3}}}}}', 'start>a a>b'))),
  '{"b": {"x": 1, "o": {"c": 3}}}', 'fields replace each other whole');
select test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "add": {"SET_STATIC_DATA": {"values": {"sum": "{{ $.workflow.static.sum + $.item }}", "n": "{{ $.workflow.static.n + 1 }}"}}}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>add add>got') as each \gset
select test.run(:'each', '[1, 2, 3, 4]') as id \gset
select is(test.outputs(:'id', 'add'), '[{"n": 1, "sum": 1}, {"n": 2, "sum": 3}, {"n": 3, "sum": 6}, {"n": 4, "sum": 10}]', 'items of one transition see each other''s');
select is(test.static(:'each'), '{"n": 4, "sum": 10}', 'and none is lost');
select test.run(:'each', (select jsonb_agg(1) from generate_series(1, 1500))) as id \gset
select is((test.static(:'each'))['n'], '1002', 'a transition does a thousand steps');
select test.tick() \g /dev/null
select is(test.static(:'each'), '{"n": 1504, "sum": 1510}', 'and the next one goes on');

-- errors
select test.workflow('{"big": {"SET_STATIC_DATA": {"values": {"x": "{{ $.input }}"}}}}', 'start>big') as big \gset
select is(((test.execution(test.run(:'big', to_jsonb(repeat('x', 262144))))).error)['code'], '"static_data_too_large"', 'more than 256 KiB is an error of the node');
select is(test.static(:'big'), null, 'that leaves nothing behind');
select is((test.execution(test.run(:'big', to_jsonb(repeat('x', 262000))))).status, 'SUCCESS', 'less is kept');
select is(((test.execution(test.run(test.workflow('{"a": {"SET_STATIC_DATA": {"values": "{{ $.input }}"}}}', 'start>a'), '[1]'))).error)['code'], '"static_data_invalid"', 'values that come to no object are an error');
select is(test.output(test.run(test.workflow('{"a": {"SET_STATIC_DATA": {"values": "{{ $.input }}"}, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}, "b": {"TRANSFORM": "{{ $.input.error.code }}"}}', 'start>a a!>b'), '1')),
  '{"b": "static_data_invalid"}', 'that follows the node''s strategy');

-- a retry goes on behind it
select test.workflow('{"count": {"SET_STATIC_DATA": {"values": {"n": "{{ $.workflow.static.n + 1 }}"}}}, "work": {"NOOP": {}, "max_retries": 0}, "end": {"TRANSFORM": "{{ $.nodes.count.n }} of {{ $.workflow.static.n }}"}}',
  'start>count count>work work>end') as retried \gset
select test.run(:'retried') as id \gset
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0))) \g /dev/null
select (retry_execution(:'id')).id as again \gset
select test.work() \g /dev/null
select is(test.output(:'again'), '{"end": "1 of 1"}', 'a retry does not do it again');

-- by hand
select is((set_static_data(:'retried', '{"n": 7, "gone": null}')).data, '{"n": 7}', 'an editor replaces it');
select test.run(:'retried') as id \gset
select is(test.static(:'retried'), '{"n": 8}', 'the next execution goes on from there');
select test.work() \g /dev/null
select is(get_workflow(:'retried') -> 'static_data', '{"n": 8}', 'it comes with the workflow');
select is((set_static_data(:'retried', '{}')).data, '{}', 'and empties it');
select is(test.outcome(format('select set_static_data(%L, %L)', :'retried', d)), 'PT422 static_data_invalid', 'it is an object, not ' || d) from (values ('[]'), ('null')) v (d);
select is(test.outcome(format('select set_static_data(%L, null)', :'retried')), 'PT422 static_data_invalid', 'nor nothing');
select is(test.outcome(format('select set_static_data(%L, jsonb_build_object(''x'', repeat(''x'', 262144)))', :'retried')), 'PT413 static_data_too_large', 'of at most 256 KiB');
select test.act_as(:'bob') \g /dev/null
select is(test.outcome(format('select set_static_data(%L, ''{}'')', :'flow')), 'PT404 workflow_not_found', 'a stranger changes nothing');
select is_empty('select * from workflow_static_data', 'and reads nothing');
select test.act_as(:'ann') \g /dev/null
select delete_workflow(:'each') \g /dev/null
select is(test.static(:'each'), null, 'it goes with its workflow');
select is(test.outcome(format('select set_static_data(%L, ''{}'')', :'each')), 'PT404 workflow_not_found', 'and does not come again');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
