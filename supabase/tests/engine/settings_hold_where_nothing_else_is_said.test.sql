\ir ../helpers.sql
select plan(25);
create function test.with_settings(settings jsonb, nodes json default '{"work": {"NOOP": {}}}', arrows text default 'start>work') returns jsonb language sql as $$
  select test.definition(with_settings.nodes, with_settings.arrows) || jsonb_build_object('settings', with_settings.settings)
$$;
create function test.limits(workflow_id uuid) returns jsonb language sql as $$
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('max', l.max_concurrency, 'rate', l.rate_limit, 'window', l.rate_window_seconds, 'policy', l.policy, 'by', case when l.is_from_settings then 'settings' else 'hand' end)))
  from public.execution_limits l where l.workflow_id = limits.workflow_id
$$;
create function test.apply(workflow_id uuid, version int) returns void language sql security definer as $$ select engine.apply_settings(apply.workflow_id, apply.version) $$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null

-- nodes
select results_eq(
  $$select node_id, error_handling, max_retries, retry_wait_time, timeout_seconds from test.compiled(test.with_settings(
    '{"node": {"timeout_seconds": 7, "max_retries": 0, "retry_wait_time": 0.5, "error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}}',
    '{"a": {"NOOP": {}}, "b": {"NOOP": {}, "timeout_seconds": 9, "max_retries": 2, "retry_wait_time": 1, "error_handling": "STOP_WORKFLOW_ON_ERROR"}}', '')) where node_type <> 'TRIGGER'$$,
  $$values ('a', 'CONTINUE_REGULAR_OUTPUT_ON_ERROR', 0, 0.5::float8, 7), ('b', 'STOP_WORKFLOW_ON_ERROR', 2, 1, 9)$$, 'a node does what the settings say, unless it says so itself');
select results_eq(
  $$select error_handling, max_retries, retry_wait_time, timeout_seconds from test.compiled(test.with_settings('{"node": {"max_retries": 1}}')) where node_id = 'work'$$,
  $$values ('STOP_WORKFLOW_ON_ERROR', 1, 5::float8, 60)$$, 'and else what it always does');

-- executions
select set_config('tandem.now', '2030-01-02T00:00:00Z', true) \g /dev/null
select (create_workflow('timed', test.with_settings('{"timeout_seconds": 90}'))).id as timed \gset
select is((start_execution(:'timed')).deadline, '2030-01-02T00:01:30Z', 'an execution ends in time');
select is((start_execution(:'timed', timeout_seconds => 10)).deadline, '2030-01-02T00:00:10Z', 'a start may say otherwise');
select is((start_execution(:'timed', start_at => timestamptz '2030-01-02T01:00:00Z')).deadline, '2030-01-02T01:01:30Z', 'counted from its beginning');
select is((start_execution(test.workflow('{"work": {"NOOP": {}}}', 'start>work'))).deadline, null, 'without settings it has no deadline');
select test.run(test.workflow(json_build_object('call', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'timed'))), 'start>call')) as parent \gset
select is((select deadline from workflow_executions where parent_execution_id = :'parent'), '2030-01-02T00:01:30Z', 'so does one that is called');
select test.move_clock('91 seconds') \g /dev/null
select test.tick(), test.tick() \g /dev/null
select is((select status from workflow_executions where parent_execution_id = :'parent'), 'TIMEOUT', 'and ends there');
select is((test.execution(:'parent')).error #>> '{code}', 'sub_workflow_failed', 'which its parent is told');
select is((retry_execution((select id from workflow_executions where workflow_id = :'timed' and deadline = '2030-01-02T00:00:10Z'))).deadline, '2030-01-02T00:01:41Z', 'a retry has as much time');

-- limits
select (create_workflow('limited', test.with_settings('{"max_concurrency": 1, "concurrency_policy": "drop"}'))).id as flow \gset
select is(test.limits(:'flow'), null, 'what is not deployed has no limit');
select deploy_workflow(:'flow') \g /dev/null
select is(test.limits(:'flow'), '[{"max": 1, "policy": "drop", "by": "settings"}]', 'deploying sets it');
select test.run(:'flow') \g /dev/null
select is(test.outcome(format('select test.run(%L)', :'flow')), 'PT429 execution_limit_reached', 'it counts');
select create_workflow_version(:'flow', test.with_settings('{"max_concurrency": 2, "rate_limit": 5, "rate_window_seconds": 30}')) \g /dev/null
select is(test.limits(:'flow'), '[{"max": 1, "policy": "drop", "by": "settings"}]', 'saving changes nothing');
select id as limit_id from execution_limits where workflow_id = :'flow' \gset
select deploy_workflow(:'flow') \g /dev/null
select is(test.limits(:'flow'), '[{"max": 2, "rate": 5, "window": 30, "policy": "queue", "by": "settings"}]', 'deploying the next version does');
select is((select id from execution_limits where workflow_id = :'flow'), :'limit_id', 'those that hold its slots still do');
select set_execution_limit(:'flow', max_concurrency => 9) \g /dev/null
select deploy_workflow(:'flow', 1) \g /dev/null
select is(test.limits(:'flow'), '[{"max": 9, "policy": "queue", "by": "hand"}]', 'one that was set by hand wins');
select delete_execution_limit(:'limit_id') \g /dev/null
select is(test.limits(:'flow'), '[{"max": 1, "policy": "drop", "by": "settings"}]', 'without it the deployed version''s counts again');
select set_execution_limit(:'flow', max_concurrency => 3, key => '$.input.customer') \g /dev/null
select test.apply(:'flow', null) \g /dev/null
select is(test.limits(:'flow'), '[{"max": 3, "policy": "queue", "by": "hand"}]', 'undeploying removes it, and no other');
select test.apply(:'flow', 1) \g /dev/null
select create_workflow_version(:'flow', test.with_settings('{"timeout_seconds": 5}')) \g /dev/null
select deploy_workflow(:'flow') \g /dev/null
select is(test.limits(:'flow'), '[{"max": 3, "policy": "queue", "by": "hand"}]', 'so does a version without the setting');
select test.apply(:'flow', 1) \g /dev/null
select set_execution_limit(:'flow', max_concurrency => 4) \g /dev/null
select test.apply(:'flow', null) \g /dev/null
select is(jsonb_array_length(test.limits(:'flow')), 2, 'one that was changed by hand is one by hand');
select delete_execution_limit(id) from execution_limits where workflow_id = :'flow' \g /dev/null
select is(test.limits(:'flow'), null, 'and comes back as the deployed version has it: not at all');
select test.apply(:'timed', 1) \g /dev/null
select is(test.limits(:'timed'), null, 'settings without limits set none');
select (create_workflow('archived', test.with_settings('{"max_concurrency": 1}'))).id as archived \gset
select deploy_workflow(:'archived') \g /dev/null
select archive_workflow(:'archived') \g /dev/null
select is(test.limits(:'archived'), null, 'archiving undeploys');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
