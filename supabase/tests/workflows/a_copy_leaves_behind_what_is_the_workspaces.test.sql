\ir ../helpers.sql
select plan(32);
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select (create_workspace('Team')).id as team \gset
select test.workflow('{"a": {"NOOP": {}}}', 'start>a') as called \gset
select format('{"nodes": [
    {"id": "start", "type": "TRIGGER", "subtype": "MANUAL"},
    {"id": "call", "type": "FLOW", "subtype": "SUB_WORKFLOW", "parameters": {"workflow_id": "%s", "wait": false}},
    {"id": "get", "type": "ACTION", "subtype": "HTTP_REQUEST", "parameters": {"url": "https://a.example"}, "credentials": {"http": "%s"}}],
  "connections": [{"source": "start", "target": "call"}, {"source": "start", "target": "get"}], "pin_data": {"get": {"secret": 1}}}', :'called', gen_random_uuid()) as definition \gset
select (create_workflow('Orders', :'definition', 'd', '{x}', 'ops')).id as id \gset
select duplicate_workflow(:'id') as copy \gset
select is(:'copy'::jsonb #>> '{workflow,name}', 'Orders (copy)', 'a copy has a name of its own');
select is(:'copy'::jsonb -> 'removed', '[]', 'within the workspace all is kept');
select :'copy'::jsonb #>> '{workflow,id}' as copy_id \gset
select is(get_workflow(:'copy_id') -> 'definition', :'definition'::jsonb, 'credentials, references and pinned outputs');
select results_eq(format('select description, tags, folder, status, current_version, revision, is_template from workflows where id = %L', :'copy_id'),
  $$values ('d', '{x}'::text[], 'ops', 'draft', 1, 1, false)$$, 'it is a draft beside the other');
select is(get_workflow(:'copy_id') ->> 'note', 'Copied from Orders, version 1', 'and says where it came from');
select duplicate_workflow(:'id', 'Shared', :'team') as copy \gset
select is(:'copy'::jsonb -> 'removed', '[{"node_id": "call", "path": "parameters.workflow_id"}, {"node_id": "get", "path": "credentials"}, {"node_id": "get", "path": "pin_data"}]', 'in another workspace it is told what was taken out');
select get_workflow((:'copy'::jsonb #>> '{workflow,id}')::uuid) as copied \gset
select is(:'copied'::jsonb #> '{definition,nodes,1,parameters}', '{"wait": false}', 'the reference');
select is(:'copied'::jsonb #> '{definition,nodes,2}', '{"id": "get", "type": "ACTION", "subtype": "HTTP_REQUEST", "parameters": {"url": "https://a.example"}}', 'the credentials');
select is(:'copied'::jsonb #> '{definition,pin_data}', null, 'the pinned outputs');
select is(:'copied'::jsonb ->> 'workspace_id', :'team', 'and it is there');

-- what an import keeps: its export with all that was in it, the names of credentials, and parts with their own
select (create_workflow('Imported', $${"nodes": [
    {"id": "start", "type": "TRIGGER", "subtype": "MANUAL", "n8n": {"id": "1", "credentials": {"a": {"name": "hidden-1"}}}},
    {"id": "agent", "type": "AI_AGENT", "subtype": "AGENT", "credentials": {}, "attached_nodes": [
      {"id": "tool", "credentials": {"x": "hidden-2"}, "attached_nodes": [{"id": "deep", "n8n": {"credentials": "hidden-3"}}]}, "odd"]},
    {"id": "lost", "type": "ACTION", "subtype": "PLACEHOLDER", "parameters": {"source": {"name": "Lost", "credentials": {"id": "hidden-4"}}}},
    {"id": "proved", "type": "TRIGGER", "subtype": "WEBHOOK", "parameters": {"path": "a"}, "credentials": {"webhook": "hidden-7"}},
    {"id": "open", "type": "TRIGGER", "subtype": "WEBHOOK", "parameters": {"path": "b"}},
    {"id": "kept", "type": "ACTION", "subtype": "NOOP", "parameters": {"source": {"credentials": "kept"}}, "credentials": {}}],
  "connections": [], "meta": {"source": {"system": "n8n", "workflow": {"pinData": "hidden-5", "staticData": "hidden-6"}}}}$$)).id as imported \gset
select duplicate_workflow(:'imported', workspace_id => :'team') as copy \gset
select get_workflow((:'copy'::jsonb #>> '{workflow,id}')::uuid) -> 'definition' as copied \gset
select unalike(:'copied'::text, '%hidden%', 'an import leaves behind what was in its export');
select is(:'copied'::jsonb #>> '{nodes,5,parameters,source,credentials}', 'kept', 'what is only called so stays');
select is(:'copy'::jsonb -> 'removed', '[{"node_id": "start", "path": "credentials"}, {"node_id": "agent", "path": "credentials"},
  {"node_id": "lost", "path": "credentials"}, {"node_id": "proved", "path": "credentials"}, {"node_id": null, "path": "meta.source.workflow"}]', 'and that is told');
select is(:'copied'::jsonb #> '{nodes,3,disabled}', 'true', 'a webhook that asked for a proof takes nothing until it has one again');
select is(:'copied'::jsonb #> '{nodes,4,disabled}', null, 'others stay as they are');

-- templates
select is(test.outcome(format('select update_workflow(%L, is_public => true, is_template => false)', :'id')), 'PT422 template_invalid', 'what is public is a template');
select results_eq(format('select is_template, is_public, template_category from update_workflow(%L, is_public => true, template_category => ''sales'')', :'id'),
  $$values (true, true, 'sales')$$, 'publishing makes a template');
select test.become_member(:'team', :'eve', 'viewer') \g /dev/null
select start_execution(:'called') \g /dev/null
select update_workflow(w.id::uuid, is_public => true) from (values (:'called'), (:'copy_id')) w (id) \g /dev/null
select test.act_as(:'eve') \g /dev/null
select is((select name from workflows where id = :'id'), 'Orders', 'everybody sees a public template');
select is_empty(format('select * from workflow_versions where workflow_id = %L', :'id'), 'its versions by the verb');
select is(get_workflow(:'id', 1) #> '{definition,nodes,2}' ? 'credentials', false, 'without credentials');
select is(get_workflow(:'id') -> 'definition' ? 'pin_data', false, 'and pinned outputs');
select is(get_workflow(v.id::uuid) -> v.field, v.expected, format('nothing of how it is used: %s', v.field)) from (values
  (:'called', 'latest_execution_id', 'null'::jsonb), (:'called', 'latest_execution_status', '"IDLE"'), (:'id', 'static_data', 'null'),
  (:'id', 'folder', 'null'), (:'copy_id', 'note', 'null')) v (id, field, expected);
select is(list_workflows(is_public => true, order_by => 'latest_execution') #>> '{workflows,0,latest_execution_time}', null, 'nor in the list');
select is(duplicate_workflow(:'id') #>> '{workflow,workspace_id}', workspaces.default_id()::text, 'it is copied into one''s own workspace');
select is(test.outcome(format('select duplicate_workflow(%L, workspace_id => %L)', :'id', :'team')), 'PT403 role_insufficient', 'or where one is an editor');
select is(test.outcome(format('select update_workflow(%L, name => ''x'')', :'id')), 'PT404 workflow_not_found', 'nobody else changes it');
select test.act_as(:'ann') \g /dev/null
select is((update_workflow(:'id', is_template => false)).is_public, false, 'what is no template is not public');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select duplicate_workflow(%L)', :'id')), 'PT404 workflow_not_found', 'and not there for others');
select * from finish();
