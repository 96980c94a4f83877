\ir ../helpers.sql
select plan(17);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"end": {"TRANSFORM": 1}}', 'start>end') as flow \gset
select create_workflow_version(:'flow', test.definition(format('{"end": {"TRANSFORM": %s}}', n)::json, 'start>end')) from generate_series(2, 4) n \g /dev/null
select is(test.outcome(format('select rollback_workflow(%L)', :'flow')), 'PT409 nothing_to_roll_back_to', 'what was never deployed has nothing behind it');
select deploy_workflow(:'flow', 1) \g /dev/null
select is(test.outcome(format('select rollback_workflow(%L)', :'flow')), 'PT409 nothing_to_roll_back_to', 'nor has a first deployment');

create function pg_temp.back(flow uuid, version int default null) returns jsonb language sql as $$
  select rollback_workflow(flow, version) #> '{deployment,version}'
$$;
select deploy_workflow(:'flow', v) from unnest(array[2, 3, 3, 1]) v \g /dev/null
select is(pg_temp.back(:'flow'), '3', 'what was deployed before');
select is((start_execution(:'flow')).output, '{"end": 3}', 'is what starts');
select is(pg_temp.back(:'flow'), '2', 'once more goes further back, not forth; the same version twice counts once');
select is(pg_temp.back(:'flow'), '1', 'to the first');
select is(test.outcome(format('select rollback_workflow(%L)', :'flow')), 'PT409 nothing_to_roll_back_to', 'and no further');
select is((select array_agg(deployment_version order by id) from workflow_deployment_history where deployment_action = 'ROLLBACK'), array[3, 2, 1], 'each is in the history');

-- from here on, forth
select deploy_workflow(:'flow', 4) \g /dev/null
select is(pg_temp.back(:'flow'), '1', 'a deployment after a rollback goes back to what served then');

-- by number
select is(pg_temp.back(:'flow', 3), '3', 'a version that was deployed at some time');
select is(pg_temp.back(:'flow'), '2', 'and from there, what was before it');
select is(test.outcome(format('select rollback_workflow(%L, 2)', :'flow')), 'PT409 nothing_to_roll_back_to', 'not to the one that is deployed');
select create_workflow_version(:'flow', test.definition('{"end": {"TRANSFORM": 5}}', 'start>end')) \g /dev/null
select is(test.outcome(format('select rollback_workflow(%L, 5)', :'flow')), 'PT409 nothing_to_roll_back_to', 'nor to one that never was');

-- after undeploying
select undeploy_workflow(:'flow') \g /dev/null
select is(pg_temp.back(:'flow'), '2', 'what was undeployed comes back');
select is((select from_status from workflow_deployment_history order by id desc limit 1), 'UNDEPLOYED', 'from being undeployed');

-- what was purged is passed over
select deploy_workflow(:'flow', 3) \g /dev/null
select deploy_workflow(:'flow', 4) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
delete from workflow_versions where workflow_id = :'flow' and version = 3;
select test.act_as(:'ann') \g /dev/null
select is(pg_temp.back(:'flow'), '2', 'a version that is no more is passed over');
select is((select count(*) from workflow_deployment_history where deployment_version = 3), 5::bigint, 'and stays in the history');
select * from finish();
