-- Credentials are checked where a workspace is named: those of another are as unknown as those that do not exist.
\ir ../helpers.sql
select plan(13);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as space, test.workflow('{}', '') as flow \gset
select test.act_as(:'bob') \g /dev/null
select workspaces.default_id() as other, test.workflow('{}', '') as foreign_flow \gset
select test.act_as_role('postgres') \g /dev/null
insert into integrations (workspace_id, provider, name, is_active)
values (:'space', 'github', 'ours', true), (:'space', 'github', 'off', false), (:'space', 'slack', 'chat', true), (:'other', 'github', 'theirs', true);

create function test.codes(definition jsonb, workspace_id uuid default null) returns text language sql as $$
  select coalesce(string_agg(format('%s %s %s', d ->> 'severity', d ->> 'code', d ->> 'path'), ', '), '')
  from jsonb_array_elements(public.validate_definition(codes.definition, codes.workspace_id) -> 'diagnostics') d
$$;
create function test.listening(integration text) returns jsonb language sql as $$
  select jsonb_build_object('connections', '[]'::jsonb, 'nodes', jsonb_build_array(jsonb_build_object(
    'id', 'g', 'type', 'TRIGGER', 'subtype', 'GITHUB', 'credentials', jsonb_build_object('github', integration))))
$$;
select test.listening(id::text) as ours from integrations where name = 'ours' \gset
select test.listening(id::text) as off from integrations where name = 'off' \gset
select test.listening(id::text) as chat from integrations where name = 'chat' \gset
select test.listening(id::text) as theirs from integrations where name = 'theirs' \gset
grant execute on all functions in schema test to authenticated;

select test.act_as(:'ann') \g /dev/null
select is(test.codes(:'ours', :'space'), '', 'an active one of the workspace and the provider');
select is(test.codes(:'off', :'space'), 'error credential_unknown $.nodes[0].credentials.github', 'one that is switched off');
select is(test.codes(:'chat', :'space'), 'error credential_unknown $.nodes[0].credentials.github', 'one of another provider');
select is(test.codes(:'theirs', :'space'), 'error credential_unknown $.nodes[0].credentials.github', 'one of another workspace');
select is(test.codes(test.listening(gen_random_uuid()::text), :'space'), 'error credential_unknown $.nodes[0].credentials.github', 'one that is not there');
select is(test.codes(:'theirs'), '', 'without a workspace only its form is checked');
select is(test.outcome(format('select validate_definition(%L, %L)', :'theirs', :'other')), 'PT404 workspace_not_found', 'a stranger cannot ask for another''s');
select is(test.outcome(format('select start_execution((create_workflow(''x'', %L)).id)', :'theirs')), 'PT422 definition_invalid', 'a start checks for the workflow''s workspace');
select lives_ok(format('select start_execution((create_workflow(''x'', %L)).id)', :'ours'), 'and takes its own');

select is(test.codes(test.definition(format('{"c": {"SUB_WORKFLOW": {"workflow_id": "%s"}}, "d": {"SUB_WORKFLOW": {"workflow_id": "{{ $.input.id }}"}}}', :'flow')::json, 'start>c start>d'), :'space'),
  '', 'a workflow of the workspace');
select is(test.codes(test.definition(format('{"c": {"SUB_WORKFLOW": {"workflow_id": "%s"}}}', :'foreign_flow')::json, 'start>c'), :'space'),
  'warning sub_workflow_unknown $.nodes[1].parameters.workflow_id', 'a workflow of another: it may be made yet, here');
select is(test.codes(test.definition('{"q": {"SQL_FUNCTION": {"function": "total"}}}', 'start>q'), :'space'),
  'warning function_not_enabled $.nodes[1].parameters.function', 'a function that is not enabled');
select is(test.codes(test.definition(format('{"c": {"SUB_WORKFLOW": {"workflow_id": "%s"}}, "q": {"SQL_FUNCTION": {"function": "total"}}}', :'foreign_flow')::json, 'start>c start>q')),
  '', 'without a workspace nothing is said of them');
select * from finish();
