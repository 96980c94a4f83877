\ir ../helpers.sql
select plan(24);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob \gset
select test.act_as(:'bob') \g /dev/null
select test.integration('github') as bobs \gset
select test.workflow(format('{"hook": {"GITHUB": {"repository": "Acme/App"}, "credentials": {"github": "%s"}}, "end": {"TRANSFORM": 1}}', :'bobs')::json, 'hook>end') as bobs_flow \gset
select deploy_workflow(:'bobs_flow') \g /dev/null

select test.act_as(:'ann') \g /dev/null
select test.integration('github') as github, test.integration('slack') as slack \gset
create function pg_temp.listens(integration text, parameters text) returns uuid language sql as $$
  select test.workflow(format('{"hook": {"GITHUB": %s, "credentials": {"github": "%s"}}, "end": {"TRANSFORM": "{{ $.trigger.event }}"}}', parameters, integration)::json, 'hook>end')
$$;
select pg_temp.listens(:'github', '{"repository": "Acme/App"}') as app, pg_temp.listens(:'github', '{}') as any,
  pg_temp.listens(:'github', '{"repository": "acme/other"}') as other, pg_temp.listens(:'github', '{"events": ["release"]}') as releases,
  pg_temp.listens(:'github', '{"repository": "acme/app"}') as undeployed \gset
select deploy_workflow(w::uuid) from unnest(array[:'app', :'any', :'other', :'releases']) w \g /dev/null

create function pg_temp.receive(integration text, keys text[], event jsonb, delivery text default null, subtype text default 'GITHUB', token text default null) returns jsonb language sql as $$
  select triggers.receive_event(integration::uuid, subtype, keys, event, event || '{"n": 1}', delivery, token) -> 'executions'
$$;
create function pg_temp.started(executions jsonb) returns text[] language sql as $$
  select array_agg(e ->> 'workflow_id' order by e ->> 'workflow_id') from jsonb_array_elements(executions) e
$$;
select is(test.outcome(format('select pg_temp.receive(%L, ''{}'', ''{}'')', :'github')), '42501', 'clients do not receive by SQL');
select test.act_as_role('postgres') \g /dev/null
select pg_temp.receive(:'github', '{acme/app}', '{"event": "issues", "action": "opened"}', 'd-1') as first \gset
select is(pg_temp.started(:'first'), (select array_agg(w order by w) from unnest(array[:'app', :'any']) w), 'the workflows of this repository and of any start');
select results_eq(format('select mode, status, trigger_node_id, input, output, triggered_by from workflow_executions where id = %L', :'first'::jsonb #>> '{0,execution_id}'),
  $$values ('TRIGGER', 'SUCCESS', 'hook', '{"n": 1, "event": "issues", "action": "opened"}'::jsonb, '{"end": "issues"}'::jsonb, null::uuid)$$, 'with the event as their input');
select is(:'first'::jsonb #>> '{0,status}', 'SUCCESS', 'the answer says how they do');
select is((select count(*)::int from workflow_executions where workflow_id = :'bobs_flow'), 0, 'another workspace that names the same repository hears nothing');
select is(pg_temp.started(pg_temp.receive(:'bobs', '{acme/app}', '{"event": "issues"}', 'd-1')), array[:'bobs_flow'], 'but what its own integration verified, even by the same delivery id');
select is(pg_temp.started(pg_temp.receive(:'github', '{}', '{"event": "organization"}')), array[:'any'], 'an event without a repository starts who asks for none');
select is(pg_temp.receive(:'slack', '{acme/app}', '{}'), '[]', 'another integration of the workspace starts nothing');
select is(pg_temp.receive(:'github', '{acme/app}', '{}', subtype => 'SLACK'), '[]', 'nor another kind of event');
select is(test.outcome(format('select pg_temp.receive(%L, ''{}'', ''{}'')', gen_random_uuid())), 'PT409 integration_inactive', 'nor an integration that is gone');

-- delivered again
select is(pg_temp.receive(:'github', '{acme/app}', '{"event": "issues"}', 'd-1'),
  (select jsonb_agg(e || '{"duplicate": true}' order by e ->> 'workflow_id') from jsonb_array_elements(:'first') e), 'a delivery that comes again answers its executions');
select is(jsonb_array_length(pg_temp.receive(:'github', '{acme/app}', '{"event": "issues", "action": "opened"}', 'd-2')), 2, 'another one starts');
select test.act_as(:'ann') \g /dev/null
select create_workflow_version(:'app', (select definition || '{"x": 1}' from workflow_versions where workflow_id = :'app'), 'next') \g /dev/null
select deploy_workflow(:'app') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is((select e from jsonb_array_elements(pg_temp.receive(:'github', '{acme/app}', '{"event": "issues"}', 'd-1')) e where e ->> 'workflow_id' = :'app') -> 'duplicate', 'true', 'also under the next version');
select is((select (test.execution((e ->> 'execution_id')::uuid)).version from jsonb_array_elements(pg_temp.receive(:'github', '{acme/app}', '{"event": "issues"}', 'd-3')) e where e ->> 'workflow_id' = :'app'), 2, 'which a new one starts');
select isnt(pg_temp.receive(:'github', '{}', '{"event": "x"}') -> 0 -> 'execution_id', pg_temp.receive(:'github', '{}', '{"event": "x"}') -> 0 -> 'execution_id', 'without an id each starts one');

-- a token that verifies once
select is(jsonb_array_length(pg_temp.receive(:'github', '{}', '{"event": "x"}', token => 'once')), 1, 'a token counts');
select is(pg_temp.receive(:'github', '{}', '{"event": "another"}', token => 'once'), '[]', 'once, whatever comes with it');
select is(jsonb_array_length(pg_temp.receive(:'github', '{}', '{"event": "x"}', token => 'other')), 1, 'another does');
select test.move_clock('18 hours'), engine.maintain() \g /dev/null
select is((select count(*)::int from triggers.used_tokens), 0, 'tokens are forgotten when they are no longer good');

-- who does not start
select test.act_as(:'ann') \g /dev/null
select set_execution_limit(:'any', max_concurrency => 1, rate_limit => 1, rate_window_seconds => 3600, policy => 'drop') \g /dev/null
select update_integration(:'slack', is_active => false) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select pg_temp.receive(:'github', '{}', '{"event": "x"}') \g /dev/null
select pg_temp.receive(:'github', '{acme/app}', '{"event": "x"}', 'd-9') as limited \gset
select is((select jsonb_object_agg(e ->> 'workflow_id', e ->> 'status') from jsonb_array_elements(:'limited') e), jsonb_build_object(:'app', 'SUCCESS', :'any', 'DROPPED'), 'a limit that drops one start leaves the others');
select is(test.outcome(format('select pg_temp.receive(%L, ''{}'', ''{}'')', :'slack')), 'PT409 integration_inactive', 'an integration that is turned off is refused');
update workflows set status = 'paused' where id = :'app';
select is(pg_temp.started(pg_temp.receive(:'github', '{acme/app}', '{"event": "y"}')), array[:'any'], 'a paused workflow does not start');

-- an integration in use stays
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select delete_integration(%L)', :'github')), 'PT409 integration_in_use', 'an integration that triggers name is not deleted');
select is(test.outcome(format('select delete_integration(%L)', :'slack')), 'ok', 'one that none names is');
select * from finish();
