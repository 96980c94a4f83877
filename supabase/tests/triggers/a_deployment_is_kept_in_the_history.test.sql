\ir ../helpers.sql
select plan(17);
select test.sign_up('ann') as ann, test.sign_up('eve') as eve, test.sign_up('vic') as vic \gset
select test.act_as(:'ann') \g /dev/null
set local tandem.now = '2026-03-01 12:00+00';
select test.workflow('{"hook": {"WEBHOOK": {"path": "a"}}, "end": {"TRANSFORM": 1}}', 'start>end hook>end') as flow \gset
select deploy_workflow(:'flow', note => 'The first') as answer \gset
select create_workflow_version(:'flow', test.definition('{"new": {"WEBHOOK": {"path": "b"}}, "end": {"TRANSFORM": 2}}', 'start>end')) \g /dev/null
set local tandem.now = '2026-03-01 12:05+00';
select deploy_workflow(:'flow') \g /dev/null
select rollback_workflow(:'flow', note => 'It was worse') \g /dev/null
select undeploy_workflow(:'flow') \g /dev/null
select deploy_workflow(:'flow', 2) \g /dev/null

create function pg_temp.history() returns setof workflow_deployment_history language sql as $$
  select h from workflow_deployment_history h order by h.id
$$;
select results_eq('select deployment_action, deployment_version, from_status, to_status from pg_temp.history()',
  $$values ('DEPLOY', 1, 'IDLE', 'DEPLOYED'), ('UPDATE', 2, 'DEPLOYED', 'DEPLOYED'), ('ROLLBACK', 1, 'DEPLOYED', 'DEPLOYED'),
    ('UNDEPLOY', 1, 'DEPLOYED', 'UNDEPLOYED'), ('DEPLOY', 2, 'UNDEPLOYED', 'DEPLOYED')$$, 'each deployment is a row');
select is((select array_agg(distinct triggered_by) from pg_temp.history()), array[:'ann'::uuid], 'with who did it');
select results_eq('select distinct started_at, completed_at from pg_temp.history() order by 1',
  $$values (timestamptz '2026-03-01 12:00+00', timestamptz '2026-03-01 12:00+00'), ('2026-03-01 12:05+00', '2026-03-01 12:05+00')$$, 'and when');
select is((select deployment_config from pg_temp.history() limit 1), jsonb_build_object('running', 'keep', 'note', 'The first', 'triggers', jsonb '[
  {"node_id": "hook", "trigger_subtype": "WEBHOOK", "index_key": "a", "trigger_config": {"path": "a", "method": "POST", "raw_body": false, "response_mode": "async"}},
  {"node_id": "start", "trigger_subtype": "MANUAL", "index_key": "", "trigger_config": {}}]'), 'the triggers as they were deployed, and the note');
select ok(not exists (select from pg_temp.history() h, trigger_index t where to_jsonb(h)::text like '%' || t.id || '%'), 'no id of a trigger: viewers read it');
select results_eq($$select l ->> 'step' from (select deployment_logs from pg_temp.history() limit 1) h, jsonb_array_elements(h.deployment_logs) l$$,
  array['validated', 'compiled', 'triggers', 'schedules', 'deployed'], 'the steps');
select is((select deployment_logs #> '{1}' from pg_temp.history() offset 2 limit 1),
  jsonb '{"step": "triggers", "added": ["hook"], "removed": ["new"], "kept": ["start"]}' || jsonb_build_object('at', timestamptz '2026-03-01 12:05+00'),
  'what became of each trigger; what was compiled before is not compiled again');
select is((select deployment_logs #> '{0,removed}' from pg_temp.history() offset 3 limit 1), '["hook", "start"]', 'undeploying too');
select is((:'answer'::jsonb #>> '{deployment,id}')::uuid, (select id from pg_temp.history() limit 1), 'the answer names its row');

-- read in pages
select get_deployment_history(:'flow', 2) as page \gset
select is((select array_agg(h ->> 'deployment_action') from jsonb_array_elements(:'page'::jsonb -> 'history') h), array['DEPLOY', 'UNDEPLOY'], 'the newest first');
select get_deployment_history(:'flow', 2, (:'page'::jsonb ->> 'next_before')::uuid) as page \gset
select is((select array_agg(h ->> 'deployment_action') from jsonb_array_elements(:'page'::jsonb -> 'history') h), array['ROLLBACK', 'UPDATE'], 'then those before');
select is(get_deployment_history(:'flow', 2, (:'page'::jsonb ->> 'next_before')::uuid) #- '{history,0}', '{"history": [], "next_before": null}', 'until there are none');
select is(jsonb_array_length(get_deployment_history(:'flow', 0) -> 'history'), 1, 'a page has a row at least');

-- by whom
select test.become_member((select workspace_id from workflows where id = :'flow'), :'vic', 'viewer') \g /dev/null
select test.act_as(:'vic') \g /dev/null
select is(jsonb_array_length(get_deployment_history(:'flow') -> 'history'), 5, 'viewers read it');
select is(test.outcome(format('select undeploy_workflow(%L)', :'flow')), 'PT403 role_insufficient', 'and undeploy nothing');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select get_deployment_history(%L)', :'flow')), 'PT404 workflow_not_found', 'strangers are told nothing');
select is_empty('select id from workflow_deployment_history', 'and see none of it');
select * from finish();
