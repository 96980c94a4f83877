\ir ../helpers.sql
select plan(16);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"hook": {"WEBHOOK": {"path": "a"}}, "end": {"TRANSFORM": 1}}', 'start>end hook>end') as flow \gset
select test.workflow('{"hook": {"WEBHOOK": {"path": "a"}}}', '') as other \gset
select deploy_workflow(:'other') \g /dev/null
select is(undeploy_workflow(:'flow') - '{deployment,triggers}'::text[], '{"changed": false, "canceled": 0}', 'what was never deployed is not undeployed');
select is((select deployment_status from workflows where id = :'flow'), 'IDLE', 'nor said to be');
select deploy_workflow(:'flow') #>> '{triggers,0,id}' as hook \gset
select test.act_as_role('postgres') \g /dev/null
select triggers.receive_webhook(:'hook', 'POST', 'a', '{}', 'delivery') as delivered \gset
select test.act_as(:'ann') \g /dev/null

select undeploy_workflow(:'flow') as answer \gset
select is((:'answer'::jsonb -> 'deployment') - 'undeployed_at', jsonb_build_object('workflow_id', :'flow', 'version', null, 'previous_version', 1, 'status', 'UNDEPLOYED'), 'the answer says what served');
select is(:'answer'::jsonb -> 'changed', 'true', 'and that it does no more');
select results_eq('select distinct workflow_id from trigger_index', format('values (%L::uuid)', :'other'), 'its triggers are gone, no other''s');
select results_eq(format('select deployment_status, deployed_version, undeployed_at is not null, status from workflows where id = %L', :'flow'),
  $$values ('UNDEPLOYED', null::int, true, 'active')$$, 'the workflow says so');
select is((start_execution(:'flow')).status, 'SUCCESS', 'it can still be started by hand');
select is(undeploy_workflow(:'flow') -> 'changed', 'false', 'undeploying twice changes nothing');
select is((select count(*) from workflow_deployment_history where workflow_id = :'flow' and deployment_action = 'UNDEPLOY'), 1::bigint, 'and is no second line');
select test.act_as_role('postgres') \g /dev/null
select is(test.outcome(format('select triggers.receive_webhook(%L, ''POST'', ''a'', ''{}'', null)', :'hook')), 'PT404 trigger_not_found', 'a delivery finds nothing');
select test.act_as(:'ann') \g /dev/null

select is(deploy_workflow(:'flow') #>> '{triggers,0,id}', :'hook', 'deployed again, it has the same URL');
select test.act_as_role('postgres') \g /dev/null
select is(triggers.receive_webhook(:'hook', 'POST', 'a', '{}', 'delivery') - 'status', (:'delivered'::jsonb || '{"duplicate": true}') - 'status', 'and knows what was delivered before');
select test.act_as(:'ann') \g /dev/null

-- a node that is away for a version
select create_workflow_version(:'flow', test.definition('{"end": {"TRANSFORM": 1}}', 'start>end')) \g /dev/null
select is(jsonb_array_length(deploy_workflow(:'flow') -> 'triggers'), 1, 'a version without the node');
select is(rollback_workflow(:'flow') #>> '{triggers,0,id}', :'hook', 'and back again: the URL is the same');

-- its triggers sleep while it is paused
select test.act_as_role('postgres') \g /dev/null
update workflows set status = 'paused' where id = :'flow';
select results_eq(format('select distinct is_active, deployment_status, trigger_type from trigger_index where workflow_id = %L', :'flow'), $$values (false, 'inactive', 'TRIGGER')$$,
  'a paused workflow''s triggers are not active');
select test.act_as(:'ann') \g /dev/null
select deploy_workflow(:'flow') \g /dev/null
select results_eq(format('select distinct w.status, t.is_active, t.deployment_status from trigger_index t join workflows w on w.id = t.workflow_id where w.id = %L', :'flow'),
  $$values ('active', true, 'active')$$, 'deploying activates it');
select * from finish();
