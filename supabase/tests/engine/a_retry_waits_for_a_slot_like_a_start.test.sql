\ir ../helpers.sql
select plan(5);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"a": {"NOOP": {}}, "b": {"NOOP": {}}}', 'start>a a>b') as flow \gset
select set_execution_limit(:'flow', 1) \g /dev/null
select test.run(:'flow') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.finish(jsonb_build_array(test.success(test.claim() -> 0))) \g /dev/null
select test.finish(jsonb_build_array(test.failure(test.claim() -> 0, '{"code": "broken", "message": "It broke"}'))) \g /dev/null
select is((test.execution(:'id')).status, 'ERROR', 'its second task fails');
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow') as other \gset
select (retry_execution(:'id')).id as again \gset
select test.act_as_role('postgres') \g /dev/null
select is((test.execution(:'again')).status, 'NEW', 'the retry waits while another runs');
select test.act_as(:'ann') \g /dev/null
select cancel_execution(:'other') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select results_eq(format('select status, start_time is not null from workflow_executions where id = %L', :'again'),
  $$values ('RUNNING', true)$$, 'then it begins, in the middle');
select test.finish(jsonb_build_array(test.success(test.claim() -> 0))) \g /dev/null
select is((test.execution(:'again')).status, 'SUCCESS', 'and ends');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
