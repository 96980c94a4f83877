\ir ../helpers.sql
select plan(12);
create function test.after_silence(parameters text, more text default '') returns uuid language plpgsql security definer as $$
declare
  v_id uuid := test.run(test.workflow(format('{"ask": {"APPROVAL": {"message": "?", "timeout_seconds": 60, %s}%s}, "yes": {"TRANSFORM": "{{ $.input.data }}"}, "no": {"TRANSFORM": "no"}, "late": {"TRANSFORM": "{{ $.input.outcome }}"}, "broken": {"TRANSFORM": "{{ $.input.error.code }}"}}',
    parameters, more)::json, 'start>ask ask>yes ask:1>no ask:2>late ask!>broken'), '{"n": 1}');
begin
  perform test.move_clock('59 s');
  perform engine.tick();
  if (test.execution(v_id)).status <> 'WAITING_FOR_HUMAN' then
    return null;
  end if;
  perform test.move_clock('1 s');
  perform engine.tick();
  return v_id;
end
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.move_clock('0') \g /dev/null
select test.after_silence('"timeout_action": "continue"') as id \gset
select is((test.execution(:'id')).output, '{"late": "timed_out"}', 'continue leaves through output 2');
select results_eq(format('select status, outcome from human_interactions where execution_id = %L', :'id'), $$values ('timeout', 'timed_out')$$, 'and the question says so');
select results_eq(format('select status, resume_trigger from workflow_execution_pauses where execution_id = %L', :'id'), $$values ('timeout', 'timed_out')$$, 'so does the pause');
select is((test.execution(test.after_silence('"timeout_action": "default", "default_response": {"n": 2}'))).output, '{"yes": {"n": 2}}', 'default answers for them');
select test.after_silence('"timeout_action": "error"', ', "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"') as id \gset
select is((test.execution(:'id')).output, '{"broken": "interaction_timed_out"}', 'error leaves it to the node''s strategy');
select is((test.execution(test.after_silence('"timeout_action": "error"'))).error ->> 'code', 'interaction_timed_out', 'which may be to stop');
select test.after_silence('"timeout_action": "fail"', ', "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"') as id \gset
select is((test.execution(:'id')).status, 'ERROR', 'fail ends the execution whatever the strategy');
select is((test.execution(:'id')).error ->> 'code', 'interaction_timed_out', 'and says why');
-- what cannot be asked is an error of the node
select is((test.execution(test.run(test.workflow('{"ask": {"APPROVAL": {"message": "{{ $.input.nothing }}"}}}', 'start>ask')))).error ->> 'code', 'interaction_invalid', 'a question without words is not asked');
select is((test.execution(test.run(test.workflow('{"ask": {"APPROVAL": {"message": "?", "timeout_seconds": "{{ $.input.n }}"}}}', 'start>ask'), '{"n": -4}'))).error ->> 'code', 'interaction_invalid', 'nor one without time');
select is((test.execution(test.run(test.workflow('{"ask": {"APPROVAL": {"message": "?", "quorum": 3, "assignees": [{"email": "a@b.example"}]}}}', 'start>ask')))).error ->> 'code', 'interaction_invalid', 'nor one that too few can answer');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
