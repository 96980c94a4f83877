\ir ../helpers.sql
select plan(9);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
create function pg_temp.fail(strategy text) returns uuid language plpgsql as $$
declare
  v_id uuid := test.run(test.workflow(format('{"work": {"NOOP": {}, "max_retries": 0, "error_handling": %s}, "next": {"TRANSFORM": "{{ $.input }}"},
    "rescue": {"TRANSFORM": {"why": "{{ $.input.error.message }}"}}, "good": {"TRANSFORM": 1}}', to_json(fail.strategy))::json, 'start>work work>next work!>rescue work+>good'));
begin
  perform test.finish(jsonb_build_array(test.failure(test.claim() -> 0, '{"code": "bad", "message": "wrong"}')));
  return v_id;
end
$$;
select pg_temp.fail('STOP_WORKFLOW_ON_ERROR') as stop, pg_temp.fail('CONTINUE_REGULAR_OUTPUT_ON_ERROR') as regular,
  pg_temp.fail('CONTINUE_ERROR_OUTPUT_ON_ERROR') as error \gset
select is(test.story(:'stop'), 'start[0]#1 SUCCESS, work[0]#1 ERROR', 'stop: nothing follows');
select is((test.execution(:'stop')).error, '{"code": "bad", "message": "wrong", "node_id": "work"}', 'and the execution''s error names the node');
select is(test.story(:'error'), 'start[0]#1 SUCCESS, work[0]#1 ERROR, rescue[0]#1 SUCCESS', 'error output: what is connected by ERROR follows');
select is((test.execution(:'error')).output, '{"rescue": {"why": "wrong"}}', 'with the error as its input');
select is((test.execution(:'error')).status, 'SUCCESS', 'and the execution succeeds');
select is((test.execution(:'regular')).output, '{"next": {"error": {"code": "bad", "message": "wrong"}}}', 'regular output: the error goes the usual way, not along SUCCESS');

select test.run(test.workflow('{"work": {"NOOP": {}, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}, "next": {"TRANSFORM": 1}, "rescue": {"TRANSFORM": 2}, "good": {"TRANSFORM": 3}}',
  'start>work work>next work!>rescue work+>good')) as id \gset
select test.finish(jsonb_build_array(test.success(test.claim() -> 0))) \g /dev/null
select is((test.execution(:'id')).output, '{"next": 1, "good": 3}', 'success goes along MAIN and SUCCESS');
select test.run(test.workflow('{"work": {"NOOP": {}, "max_retries": 0, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}}', 'start>work')) as id \gset
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0, '{"code": "bad", "message": "wrong"}'))) \g /dev/null
select is((test.execution(:'id')).output, '{"work": {"error": {"code": "bad", "message": "wrong"}}}', 'an error output that leads nowhere ends with the error as output');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
