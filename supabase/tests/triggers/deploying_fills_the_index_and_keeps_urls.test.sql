\ir ../helpers.sql
select plan(22);
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"hook": {"WEBHOOK": {"path": "/orders/:id"}}, "second": {"WEBHOOK": {"path": "second", "method": "ANY"}}, "end": {"TRANSFORM": 1}}', 'start>end hook>end') as flow \gset

select deploy_workflow(:'flow') as answer \gset
select is((:'answer'::jsonb -> 'deployment') - '{id,deployed_at}'::text[], jsonb_build_object('action', 'DEPLOY', 'workflow_id', :'flow', 'version', 1, 'previous_version', null, 'status', 'DEPLOYED', 'deployed_by', :'ann'), 'the answer tells of the deployment');
select is((select jsonb_agg(t - '{id,index_key,integration_id,provider,next_run_at}'::text[]) from jsonb_array_elements(:'answer'::jsonb -> 'triggers') t),
  '[{"node_id": "hook", "subtype": "WEBHOOK", "path": "orders/:id", "method": "POST"}, {"node_id": "second", "subtype": "WEBHOOK", "path": "second", "method": "ANY"},
    {"node_id": "start", "subtype": "MANUAL", "path": null, "method": null}]', 'and of its triggers');
select results_eq(format('select id::text, node_id, index_key, trigger_config ->> ''method'', version from trigger_index where workflow_id = %L and node_id = ''hook''', :'flow'),
  format($$values (%L, 'hook', 'orders/:id', 'POST', 1)$$, :'answer'::jsonb #>> '{triggers,0,id}'), 'they are in the index');
select results_eq(format('select status, deployment_status, deployed_version, deployed_by from workflows where id = %L', :'flow'),
  format($$values ('active', 'DEPLOYED', 1, %L::uuid)$$, :'ann'), 'the workflow is active');

-- a redeployment: hook moves, second goes, third comes
select create_workflow_version(:'flow', test.definition('{"hook": {"WEBHOOK": {"path": "moved", "method": "PUT"}}, "third": {"WEBHOOK": {"path": "third"}},
  "off": {"WEBHOOK": {"path": "off"}, "disabled": true}, "end": {"TRANSFORM": 2}}', 'start>end hook>end')) \g /dev/null
select is((start_execution(:'flow')).version, 1, 'a new version is not deployed by itself');
select deploy_workflow(:'flow') as again \gset
select is(:'again'::jsonb #>> '{triggers,0,id}', :'answer'::jsonb #>> '{triggers,0,id}', 'a trigger keeps its id, and so its URL');
select results_eq(format('select node_id, index_key, trigger_config ->> ''method'', version from trigger_index where workflow_id = %L order by 1', :'flow'),
  $$values ('hook', 'moved', 'PUT', 2), ('start', '', null, 2), ('third', 'third', 'POST', 2)$$,
  'the index is the new version''s, without disabled triggers');
select is((start_execution(:'flow')).output, '{"end": 2}', 'a start takes the deployed version');
select is((start_execution(:'flow', version => 1)).output, '{"end": 1}', 'unless another is named');
select is(deploy_workflow(:'flow', 1) #> '{deployment,version}', '1', 'an earlier version can be deployed');
select is((select id::text from trigger_index where workflow_id = :'flow' and node_id = 'hook'), :'answer'::jsonb #>> '{triggers,0,id}', 'with the same id still');
select results_eq(format('select deployment_version, deployment_action, from_status, to_status, triggered_by from workflow_deployment_history where workflow_id = %L order by id', :'flow'),
  format($$values (1, 'DEPLOY', 'IDLE', 'DEPLOYED', %1$L::uuid), (2, 'UPDATE', 'DEPLOYED', 'DEPLOYED', %1$L), (1, 'UPDATE', 'DEPLOYED', 'DEPLOYED', %1$L)$$, :'ann'), 'each deployment is in the history');

-- a node that becomes another kind of trigger is another trigger
select create_workflow_version(:'flow', jsonb '{"nodes": [{"id": "hook", "type": "TRIGGER", "subtype": "MANUAL"}], "connections": []}') \g /dev/null
select isnt(deploy_workflow(:'flow') #>> '{triggers,0,id}', :'answer'::jsonb #>> '{triggers,0,id}', 'its old URL goes');

-- what is refused
select create_workflow_version(:'flow', test.definition('{"call": {"HTTP_REQUEST": {}}}', 'start>call')) \g /dev/null
select is(test.outcome(format('select deploy_workflow(%L)', :'flow')), 'PT422 definition_invalid', 'an invalid definition is refused');
select is((select deployed_version from workflows where id = :'flow'), 3, 'and the deployed version stays');
select is((select count(*) from workflow_deployment_history where workflow_id = :'flow'), 4::bigint, 'with no line in the history');
select is(test.outcome(format('select deploy_workflow(%L, 9)', :'flow')), 'PT404 version_not_found', 'a version that is not there');
select is(test.outcome(format('select deploy_workflow(%L)', gen_random_uuid())), 'PT404 workflow_not_found', 'a workflow that is not there');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select deploy_workflow(%L)', :'flow')), 'PT404 workflow_not_found', 'or is another''s');
select test.act_as_role('postgres') \g /dev/null
select archive_workflow(:'flow') \g /dev/null
insert into workspace_members (workspace_id, user_id, role) select workspace_id, :'eve', 'viewer' from workflows where id = :'flow';
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select deploy_workflow(%L, 1)', :'flow')), 'PT409 workflow_archived', 'an archived workflow');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select deploy_workflow(%L, 1)', :'flow')), 'PT403 role_insufficient', 'a viewer does not deploy');
select is_empty('select id from trigger_index', 'nor read the ids, which start workflows');
select * from finish();
