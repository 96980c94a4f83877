\ir ../helpers.sql
select plan(19);
create function test.answered(kind text, parameters jsonb, decision text, data jsonb default null, comment text default null) returns text language plpgsql as $$
declare
  v_id uuid := test.run(test.workflow(json_build_object('ask', jsonb_build_object(answered.kind, jsonb '{"message": "?"}' || answered.parameters)), 'start>ask'), '{"n": 1}');
  v_question uuid := (select i.id from human_interactions i where i.execution_id = v_id);
  v_outcome text;
begin
  v_outcome := test.outcome(format('select respond_to_interaction(%L, %L, %L, %L)', v_question, answered.decision, answered.data, answered.comment));
  return case when v_outcome <> 'ok' then v_outcome
    else (select concat_ws(' ', i.outcome, i.response_data ->> 'data') from human_interactions i where i.id = v_question) end;
end
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select is(test.answered('APPROVAL', '{}', 'approve'), 'approved {"n": 1}', 'what was shown flows on');
select is(test.answered('APPROVAL', '{"data": 5}', 'approve', '6'), 'approved 6', 'or what became of it');
select is(test.answered('APPROVAL', '{}', 'answer', '6'), 'PT422 response_invalid', 'an approval is not answered');
select is(test.answered('INPUT', '{"schema": {"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string", "minLength": 3}}}}', 'answer', '{"iban": "DE1"}'), 'answered {"iban": "DE1"}', 'a form is filled in');
select is(test.answered('INPUT', '{"schema": {"type": "object", "required": ["iban"]}}', 'answer', '{}'), 'PT422 response_invalid', 'as its schema says');
select is(test.answered('INPUT', '{"schema": {"type": "object", "properties": {"iban": {"type": "string"}}}}', 'answer', '{"iban": 1}'), 'PT422 response_invalid', 'with the right types');
select is(test.answered('INPUT', '{"schema": {"type": "object"}}', 'answer'), 'PT422 response_invalid', 'and not with nothing');
select is(test.answered('INPUT', '{"schema": {"type": "object"}}', 'reject', null, 'no'), 'rejected {"n": 1}', 'nobody must');
select is(test.answered('SELECTION', '{"options": [{"value": "a"}, {"value": 2}]}', 'answer', '2'), 'answered 2', 'one is selected');
select is(test.answered('SELECTION', '{"options": [{"value": "a"}, {"value": 2}]}', 'answer', '["a", 2]'), 'PT422 response_invalid', 'not two');
select is(test.answered('SELECTION', '{"options": [{"value": "a"}, {"value": 2}], "multiple": true}', 'answer', '["a", 2]'), 'answered ["a", 2]', 'unless two may be');
select is(test.answered('SELECTION', '{"options": [{"value": "a"}, {"value": 2}]}', 'answer', '"2"'), 'PT422 response_invalid', 'nor what is not there');
select is(test.answered('REVIEW', '{}', 'accept', '{"n": 2}'), 'approved {"n": 1}', 'what is accepted stays as it was');
select is(test.answered('REVIEW', '{}', 'edit', '{"n": 2}'), 'approved {"n": 2}', 'what is edited does not');
select is(test.answered('REVIEW', '{}', 'edit'), 'PT422 response_invalid', 'nothing is no edit');
select is(test.answered('REVIEW', '{}', 'respond', null, 'shorter, please'), 'answered shorter, please', 'a response is an answer');
select is(test.answered('REVIEW', '{}', 'ignore'), 'rejected {"n": 1}', 'to ignore is to reject');
select is(test.answered('REVIEW', '{"allow": ["accept"]}', 'edit', '{"n": 2}'), 'PT422 response_invalid', 'where it is allowed');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
