\ir ../helpers.sql
select plan(18);
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select '{
  "nodes": [
    {"id": "start", "type": "TRIGGER", "subtype": "MANUAL"},
    {"id": "get", "type": "ACTION", "subtype": "HTTP_REQUEST", "parameters": {"url": "https://a.example", "method": "GET"}, "position": {"x": 1, "y": 1}},
    {"id": "old", "type": "ACTION", "subtype": "NOOP"}],
  "connections": [{"source": "start", "target": "get"}, {"source": "get", "target": "old"}],
  "settings": {"timeout_seconds": 5}, "pin_data": {"get": 1}}' as a \gset
select (create_workflow('x', :'a')).id as id \gset
select create_workflow_version(:'id', '{
  "nodes": [
    {"id": "start", "name": "start", "type": "TRIGGER", "subtype": "MANUAL", "parameters": {}, "disabled": false, "position": {"x": 9, "y": 9}},
    {"id": "get", "type": "ACTION", "subtype": "HTTP_REQUEST", "parameters": {"url": "https://b.example", "headers": {}}, "max_retries": 1, "position": {"x": 1, "y": 1}},
    {"id": "new", "name": "New", "type": "ACTION", "subtype": "NOOP"}],
  "connections": [{"source": "start", "target": "get", "type": "MAIN", "index": 0, "label": "go"}, {"source": "get", "target": "new"}],
  "settings": {"timeout_seconds": 6}}') \g /dev/null
select diff_workflow_versions(:'id', 1, 2) as diff \gset
select is(:'diff'::jsonb #> '{nodes,added}', '[{"id": "new", "name": "New", "type": "ACTION", "subtype": "NOOP"}]', 'a node that came');
select is(:'diff'::jsonb #> '{nodes,removed,0,id}', '"old"', 'one that went');
select is(:'diff'::jsonb #> '{nodes,changed}', '[{"id": "get", "name": "get", "type": "ACTION", "subtype": "HTTP_REQUEST", "fields": [
  {"path": "max_retries", "to": 1}, {"path": "parameters.headers", "to": {}}, {"path": "parameters.method", "from": "GET"},
  {"path": "parameters.url", "from": "https://a.example", "to": "https://b.example"}]}]', 'fields that changed, came and went; defaults are no change');
select is(jsonb_path_query_array(:'diff', '$.nodes.moved[*].id'), '["start"]', 'one that moved');
select is(jsonb_path_query_array(:'diff', '$.connections.added[*].target'), '["new"]', 'a connection that came');
select is(jsonb_path_query_array(:'diff', '$.connections.removed[*].target'), '["old"]', 'one that went');
select is(:'diff'::jsonb #> '{connections,changed,0,fields}', '[{"path": "label", "to": "go"}]', 'one that changed');
select is(:'diff'::jsonb -> 'settings', '[{"path": "settings.timeout_seconds", "from": 5, "to": 6}]', 'settings');
select is(:'diff'::jsonb -> 'pin_data', '[{"path": "pin_data.get", "from": 1}]', 'pinned outputs');
select is(array[:'diff'::jsonb -> 'is_equivalent', :'diff'::jsonb -> 'is_identical'], '{false,false}', 'they are not the same');

select create_workflow_version(:'id', jsonb_set(:'a', '{nodes,1,position,x}', '7')) \g /dev/null
select is(diff_workflow_versions(:'id', 1, 3) #> '{nodes,moved}', '[{"id": "get", "name": "get", "type": "ACTION", "subtype": "HTTP_REQUEST", "from": {"x": 1, "y": 1}, "to": {"x": 7, "y": 1}}]', 'a move alone');
select is(diff_workflow_versions(:'id', 1, 3) -> 'is_equivalent', 'true', 'changes no meaning');
select create_workflow_version(:'id', jsonb_set(:'a', '{connections}', '[{"source": "get", "target": "old"}, {"source": "start", "target": "get"}]')) \g /dev/null
select is(diff_workflow_versions(:'id', 1, 4) -> 'connections', '{"added": [], "removed": [], "changed": [], "is_reordered": true}', 'the order of connections');
select is(diff_workflow_versions(:'id', 1, 4) -> 'is_equivalent', 'false', 'has a meaning');
select is(diff_workflow_versions(:'id', 1, 1) -> 'is_identical', 'true', 'a version is like itself');
select is(workflows.diff('{"nodes": [], "connections": [], "viewport": {"x": 1}}', '{"nodes": [], "connections": []}') -> 'other', '[{"path": "$.viewport", "from": {"x": 1}}]', 'what else is in a definition');
select is(test.outcome(format('select diff_workflow_versions(%L, 1, 7)', :'id')), 'PT404 version_not_found', 'a version must be there');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select diff_workflow_versions(%L, 1, 2)', :'id')), 'PT404 workflow_not_found', 'and be one''s own');
select * from finish();
