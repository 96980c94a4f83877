\ir ../helpers.sql
select plan(22);
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"hook": {"WEBHOOK": {"path": "a"}}, "end": {"TRANSFORM": 1}}', 'start>end hook>end') as flow \gset
select deploy_workflow(:'flow') \g /dev/null
select jsonb_agg(to_jsonb(t) order by t.id) as before from trigger_index t \gset
select create_workflow_version(:'flow', test.definition('{"call": {"HTTP_REQUEST": {}}}', 'start>call')) \g /dev/null
select create_workflow_version(:'flow', '{"nodes": [{"id": "end", "type": "ACTION", "subtype": "NOOP"}], "connections": []}') \g /dev/null

-- in SQL it is raised, and the caller's transaction decides
select is(test.outcome(format('select deploy_workflow(%L, %s)', :'flow', v.version)), v.expected, v.why) from (values
  (2, 'PT422 definition_invalid', 'a definition with an error'),
  (3, 'PT422 definition_invalid', 'one without a trigger'),
  (9, 'PT404 version_not_found', 'a version that is not there')
) v (version, expected, why);
select is((select count(*) from workflow_deployment_history), 1::bigint, 'what was raised took its line with it');

-- over the Data API it is answered with its status, and is in the history
set local request.path = '/rpc/deploy_workflow';
select deploy_workflow(:'flow', 2, running => 'cancel') as answer \gset
select is(current_setting('response.status'), '422', 'the answer has the status of the refusal');
select is(:'answer'::jsonb - '{message,hint}'::text[], '{"code": "PT422", "details": "definition_invalid"}', 'and the body of a raised one');
select is(:'answer'::jsonb ->> 'hint' like '[{%"node_id": "call"%', true, 'with every problem');
select results_eq('select deployment_action, deployment_version, from_status, to_status, triggered_by, error_message from workflow_deployment_history order by id desc limit 1',
  format($$values ('DEPLOY_FAILED', 2, 'DEPLOYED', 'DEPLOYED', %L::uuid, %L)$$, :'ann', :'answer'::jsonb ->> 'message'), 'the history says who tried what, and why it failed');
select results_eq($$select l - 'at' from (select deployment_logs from workflow_deployment_history order by id desc limit 1) h, jsonb_array_elements(h.deployment_logs) l$$,
  $$values (jsonb '{"step": "failed", "code": "definition_invalid"}')$$, 'and how far it came');
select is((select jsonb_agg(to_jsonb(t) order by t.id) from trigger_index t), :'before'::jsonb, 'the triggers are those of before');
select results_eq(format('select deployed_version, status from workflows where id = %L', :'flow'), $$values (1, 'active')$$, 'the version too');
select is((select is_locked from workflow_versions where workflow_id = :'flow' and version = 2), false, 'what does not serve may be mended');
select is(deploy_workflow(:'flow', 9) ->> 'details', 'version_not_found', 'a version that is not there');
select is((select error_message from workflow_deployment_history order by id desc limit 1), 'The workflow has no version 9', 'is told in the history as well');
select is(deploy_workflow(:'flow', 1, repeat('x', 2001)) ->> 'details', 'note_invalid', 'a note that is too long');
select is(test.outcome(format('select rollback_workflow(%L)', :'flow')), 'PT409 nothing_to_roll_back_to', 'what failed was not deployed: there is nothing to roll back to');
select is(test.outcome(format('select deploy_workflow(%L, running => ''kill'')', :'flow')), 'PT422 running_invalid', 'executions are kept or canceled');

-- what breaks at the end: nothing of it stays
select test.act_as_role('postgres') \g /dev/null
alter table public.trigger_index add constraint no_hooks check (version = 1) not valid;
update workflow_versions set definition = test.definition('{"end": {"TRANSFORM": 1}}', 'start>end') where workflow_id = :'flow' and version = 2;
select test.act_as(:'ann') \g /dev/null
set local client_min_messages = error;
select is(deploy_workflow(:'flow', 2) - '{message,hint}'::text[], '{"code": "PT500", "details": "deployment_failed"}', 'a fault of ours is one of ours');
select is((select error_message from workflow_deployment_history order by id desc limit 1), 'Something went wrong on our side (23514)', 'and told without internals');
select is((select jsonb_agg(to_jsonb(t) order by t.id) from trigger_index t), :'before'::jsonb, 'the triggers still are those of before');

-- who may not deploy writes no history
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select deploy_workflow(%L, 2)', :'flow')), 'PT404 workflow_not_found', 'a stranger is refused');
select test.act_as(:'ann') \g /dev/null
select is((select count(*) from workflow_deployment_history where deployment_action = 'DEPLOY_FAILED'), 4::bigint, 'and leaves no line');
select * from finish();
