\ir ../helpers.sql
select plan(25);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
set local tandem.now = '2026-03-01 12:00+00';
select test.workflow('{"wait": {"WAIT": {"event": "go"}}}', 'start>wait') as flow \gset
select test.workflow('{"wait": {"WAIT": {"event": "go"}}}', 'start>wait') as other \gset
select test.workflow(format('{"call": {"SUB_WORKFLOW": {"workflow_id": "%s"}}}', :'flow')::json, 'start>call') as caller \gset
select create_workflow_version(:'flow', test.definition('{"wait": {"WAIT": {"event": "go"}}}', 'start>wait'), n) from unnest(array['two', 'three']) n \g /dev/null
select deploy_workflow(:'flow', 1) \g /dev/null
select test.run(:'flow') as one, test.run(:'other') as foreign, test.run(:'caller') as parent,
  (start_execution(:'flow', start_at => engine.now() + interval '1 hour')).id as later, (start_execution(:'flow', version => 3)).id as three \gset

create function pg_temp.status(id uuid) returns text language sql as $$
  select status || coalesce(': ' || (error ->> 'message'), '') from workflow_executions e where e.id = status.id
$$;
create function pg_temp.history() returns setof workflow_deployment_history language sql as $$
  select h from workflow_deployment_history h order by h.id desc
$$;

select is(deploy_workflow(:'flow', 2) -> 'canceled', '0', 'what runs is kept unless asked otherwise');
select test.run(:'flow') as two \gset
select test.tick() \g /dev/null
select is(pg_temp.status(:'one'), 'RUNNING', 'it goes on');
select is((test.execution(:'one')).version, 1, 'in its version');

-- now with cancel: its own, that of the caller's child, the one to come, and that of the newer version
select deploy_workflow(:'flow', 2, running => 'cancel') as answer \gset
select is(:'answer'::jsonb -> 'canceled', '4', 'those of other versions are asked to end');
select is(pg_temp.status(:'one'), 'RUNNING', 'deploying waits for none of them');
select results_eq('select deployment_action, completed_at from pg_temp.history() limit 2', $$values ('DEPLOY_STARTED', null::timestamptz), ('UPDATE', '2026-03-01 12:00+00')$$,
  'the version serves, and what the deployment started goes on');
select is((select deployment_logs #- '{0,at}' from pg_temp.history() limit 1), '[{"step": "executions_asked_to_end", "count": 4}]', 'with how many');
set local tandem.now = '2026-03-01 12:01+00';
select test.tick() \g /dev/null
select is(pg_temp.status(v.id), v.expected, v.why) from (values
  (:'one'::uuid, 'CANCELED: Canceled when version 2 was deployed', 'then they end and say why'),
  (:'later', 'CANCELED: Canceled when version 2 was deployed', 'also what had not begun'),
  (:'three', 'CANCELED: Canceled when version 2 was deployed', 'a newer version''s is another one''s too'),
  (:'two', 'RUNNING', 'what is of the version goes on'),
  (:'foreign', 'RUNNING', 'so does another workflow''s')
) v (id, expected, why);
select test.tick() \g /dev/null
select is((select status from workflow_executions where id = :'parent'), 'ERROR', 'who waited for one is told');
select results_eq('select deployment_action, deployment_version, started_at, completed_at, triggered_by from pg_temp.history() limit 1',
  format($$values ('DEPLOY_COMPLETED', 2, timestamptz '2026-03-01 12:00+00', timestamptz '2026-03-01 12:01+00', %L::uuid)$$, :'ann'), 'when all have ended the history says so');
select is((select deployment_logs #- '{0,at}' from pg_temp.history() limit 1), '[{"step": "executions_ended", "count": 4}]', 'with how many');
select is(rollback_workflow(:'flow') #> '{deployment,version}', '1', 'these lines are no deployments to roll back to');

-- undeploying
select test.run(:'flow') as again \gset
select is(undeploy_workflow(:'flow') - '{deployment,triggers}'::text[], '{"changed": true, "canceled": 0}', 'undeploying keeps what runs');
select is(undeploy_workflow(:'flow', 'cancel') - '{deployment,triggers}'::text[], '{"changed": false, "canceled": 2}', 'unless asked otherwise, also later');
select test.tick() \g /dev/null
select is(pg_temp.status(v.id), 'CANCELED: Canceled when the workflow was undeployed', 'then all versions'' end') from unnest(array[:'two', :'again']::uuid[]) v (id);
select results_eq('select deployment_action, deployment_version, from_status, to_status from pg_temp.history() limit 3',
  $$values ('UNDEPLOY_COMPLETED', 1, 'UNDEPLOYED', 'UNDEPLOYED'), ('UNDEPLOY_STARTED', 1, 'UNDEPLOYED', 'UNDEPLOYED'), ('UNDEPLOY', 1, 'DEPLOYED', 'UNDEPLOYED')$$, 'in the history');
select is(undeploy_workflow(:'flow', 'cancel') -> 'canceled', '0', 'where nothing runs nothing is canceled');
select is((select deployment_action from pg_temp.history() limit 1), 'UNDEPLOY_COMPLETED', 'nor written');
select is(test.outcome(format('select undeploy_workflow(%L, null)', :'flow')), 'PT422 running_invalid', 'either keep or cancel');
select is_empty('select test.violations()', 'nothing is left behind');
select * from finish();
