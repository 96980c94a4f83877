\ir ../helpers.sql
select plan(21);
create function test.answered(id uuid) returns jsonb language sql security definer as $$ select engine.webhook_response(answered.id) $$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}}, "say": {"RESPOND": {"status": 201, "headers": {"X-Order": "{{ $.input.id }}", "x-none": "{{ $.input.none }}", "x-yes": true}, "body": {"ok": "{{ $.input.id }}"}}},
  "then": {"TRANSFORM": {"in": "{{ $.input.id }}", "said": "{{ $.nodes.say.id }}"}}, "more": {"NOOP": {}}}', 'start>work work>say say>then then>more') as flow \gset
select test.run(:'flow', '{"id": 7}') as id \gset
select is(test.answered(:'id'), '{"ended": false, "status": "RUNNING", "response": null, "output": null, "error": null}', 'before the node nothing is answered');
select test.finish(jsonb_build_array(test.success(test.claim() -> 0, '{"id": 7}'))) \g /dev/null
select is((test.answered(:'id')) - '{output,error}'::text[], '{"ended": false, "status": "RUNNING", "response": {"status": 201, "headers": {"X-Order": "7", "x-yes": "true"}, "body": {"ok": 7}}}',
  'it is answered while the execution goes on');
select is(test.outputs(:'id', 'say'), '[{"status": 201, "headers": {"X-Order": "7", "x-yes": "true"}, "body": {"ok": 7}}]', 'history says what was answered');
select is(test.outputs(:'id', 'then'), '[{"in": 7, "said": 7}]', 'what follows gets its input');
select test.work() \g /dev/null
select is(test.answered(:'id') -> 'ended', 'true', 'and its end is told');
select is(test.answered(:'id') -> 'output', '{"more": {"in": 7, "said": 7}}', 'with the output');

select test.run(test.workflow('{"a": {"RESPOND": {"body": "first"}}, "b": {"RESPOND": {"status": "{{ $.input }}", "body": "second"}}, "c": {"RESPOND": {"body": "third"}}}', 'start>a a>b b>c'), '"in"') as id \gset
select is(test.answered(:'id') -> 'response', '{"status": 200, "headers": {}, "body": "first"}', 'the first one answers');
select is(test.outputs(:'id', 'b') || test.outputs(:'id', 'c'), '["in", "in"]', 'later ones pass their input on, whatever they would say');
select is((test.execution(:'id')).output, '{"c": "in"}', 'which is the execution''s output');
select is(test.answered(test.run(test.workflow('{"a": {"RESPOND": {}}}', 'start>a'), '{"x": [1]}')) #> '{response,body}', '{"x": [1]}', 'without a body the input is answered');
select is((test.execution(test.run(test.workflow('{"a": {"RESPOND": {"body": "no"}}}', 'start>a'), '{"x": 1}'))).output, '{"a": {"x": 1}}', 'an execution that ends there has its input as output');
select test.run(test.workflow('{"big": {"TRANSFORM": {"x": "{{ $.input }}{{ $.input }}"}}, "a": {"RESPOND": {}}}', 'start>big big>a'), to_jsonb(repeat('x', 9000))) as id \gset
select is(length(test.answered(:'id') #>> '{response,body,x}'), 18000, 'a large input is found where it is kept');
select is(length((test.execution(:'id')).output #>> '{a,x}'), 18000, 'and passed on');
select is(test.answered(test.run(test.workflow('{"a": {"RESPOND": {"status": "{{ $.input.s }}"}}}', 'start>a'), '{"s": "404"}')) #> '{response,status}', '404', 'a status may come as text');
select is(test.answered(test.run(test.workflow('{"a": {"RESPOND": {"status": "{{ $.input.s }}"}}}', 'start>a'), '{}')) #> '{response,status}', '200', 'and is 200 where nothing is found');
select is(test.answered(test.run(test.workflow('{"a": {"TRANSFORM": 1}}', 'start>a'))) - 'output', '{"ended": true, "status": "SUCCESS", "response": null, "error": null}', 'an execution may end without an answer');
select is(test.answered(gen_random_uuid()), null, 'nothing is said of what is not there');

create temp table broken as select test.workflow('{"a": {"RESPOND": {"status": "{{ $.input.s }}", "headers": "{{ $.input.h }}", "body": 1}}, "b": {"RESPOND": {"body": "sorry"}}}', 'start>a a>b') as id;
select is(test.answered(test.run((select id from broken), i::jsonb)) #> '{error,code}', '"response_invalid"', 'no answer: ' || i)
from (values ('{"s": 99}'), ('{"h": {"a b": 1}}'), ('{"h": {"a": "x\r\nset-cookie: y"}}')) v (i);
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
