\ir ../helpers.sql
select plan(19);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select (create_workflow('x', test.definition('{"hook": {"WEBHOOK": {"path": "in"}}, "a": {"WAIT": {"seconds": 60}}}', 'start>a hook>a'))).id as id \gset
select deploy_workflow(:'id') \g /dev/null
select test.run(:'id') as run \gset
select is((pause_workflow(:'id')).status, 'paused', 'it is paused');
select is(test.outcome(format('select test.run(%L)', :'id')), 'PT409 workflow_not_startable', 'nobody starts it');
select id as trigger from trigger_index where workflow_id = :'id' and trigger_subtype = 'WEBHOOK' \gset
select test.act_as_role('postgres') \g /dev/null
select is(test.outcome(format($$select triggers.receive_webhook(%L, 'POST', 'in', '{}', 'k1')$$, :'trigger')), 'PT409 workflow_not_startable', 'no event does');
select test.act_as(:'ann') \g /dev/null
select is((test.execution(:'run')).status, 'RUNNING', 'what runs goes on');
select is((activate_workflow(:'id')).status, 'active', 'it is active again');
select is(test.outcome(format('select test.run(%L)', :'id')), 'ok', 'and starts');
select is((pause_workflow(:'id')).status || (pause_workflow(:'id')).status, 'pausedpaused', 'pausing twice is pausing once');

select results_eq(format('select status, deployment_status, deployed_version, archived_at is not null from archive_workflow(%L)', :'id'),
  $$values ('archived', 'UNDEPLOYED', null::int, true)$$, 'archiving takes it out of service');
select is_empty(format('select * from trigger_index where workflow_id = %L', :'id'), 'with its triggers');
select is((select deployment_action from workflow_deployment_history where workflow_id = :'id' order by id desc limit 1), 'UNDEPLOY', 'as the history says');
select is((archive_workflow(:'id')).status, 'archived', 'archiving twice is archiving once');
select is(test.outcome(format('select test.run(%L)', :'id')), 'PT409 workflow_not_startable', 'nobody starts it');
select is(test.outcome(format('select deploy_workflow(%L)', :'id')), 'PT409 workflow_archived', 'or deploys it');
select is(test.outcome(format('select update_workflow(%L, name => ''y'')', :'id')), 'PT409 workflow_archived', 'or changes it');
select is(test.outcome(format('select pause_workflow(%L)', :'id')), 'PT409 workflow_archived', 'or pauses it');
select is((test.execution(:'run')).status, 'RUNNING', 'what runs goes on');
select results_eq(format('select status, archived_at from unarchive_workflow(%L)', :'id'), $$values ('draft', null::timestamptz)$$, 'it comes back as a draft');
select is((unarchive_workflow(:'id')).status, 'draft', 'a draft stays one');
select is(test.outcome(format('select deploy_workflow(%L)', :'id')), 'ok', 'and can be deployed');
select * from finish();
