\ir ../helpers.sql
select plan(19);
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select (create_workflow('  Orders ', description => 'd', tags => '{a,b}', folder => 'f')).id as id \gset
select results_eq(format('select name, description, tags, folder, status, current_version, user_id from workflows where id = %L', :'id'),
  format('values (''Orders'', ''d'', ''{a,b}''::text[], ''f'', ''draft'', 1, %L::uuid)', :'ann'), 'a workflow is made');
select is((select definition from workflow_versions where workflow_id = :'id'), '{"nodes": [], "connections": []}', 'with an empty version 1');
select is(test.outcome($$select create_workflow(' ')$$), 'PT422 name_invalid', 'a name is needed');
select is(test.outcome($$select create_workflow(null)$$), 'PT422 name_invalid', 'no name at all');
select is(test.outcome(format('select create_workflow(%L)', repeat('x', 256))), 'PT422 name_invalid', 'of 255 characters at most');
select is(test.outcome(format('select create_workflow(%L)', repeat('x', 255))), 'ok', '255 are fine');

select is((create_workflow_version(:'id', test.definition('{"work": {"NOOP": {}, "retry_wait_time": 1.5, "max_retries": 0}}', 'start>work start!>work'), 'more')).version, 2, 'a version is added');
select is((create_workflow_version(:'id', '{
  "nodes": [
    {"id": "a", "type": "TRIGGER", "subtype": "MANUAL", "color": "red"},
    {"id": "b", "name": "B", "description": "d", "type": "ACTION", "subtype": "NOOP", "type_version": 2, "disabled": true, "position": {"x": 1.5, "y": -2},
     "parameters": {"p": 1}, "credentials": {"c": "1"}, "attached_nodes": ["t"], "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR",
     "max_retries": 7, "retry_wait_time": 0.5, "timeout_seconds": 9, "notes": "n"}],
  "connections": [{"source": "a", "target": "b", "type": "SUCCESS", "index": 3, "target_index": 2, "label": "l", "conditions": {"x": 1}}, {"source": "b", "target": "b"}]
}')).parent_version, 2, 'on the one before');
select is((select current_version from workflows where id = :'id'), 3, 'and is the current one');
select is((select definition #>> '{nodes,0,color}' from workflow_versions where workflow_id = :'id' and version = 3), 'red', 'unknown fields survive');
select results_eq(format($$select ordinal, node_id, name, description, node_type, node_subtype, type_version, disabled, position_x, position_y, parameters, credentials,
    attached_nodes, error_handling, max_retries, retry_wait_time, timeout_seconds, notes from nodes where workflow_id = %L and version = 3 order by ordinal$$, :'id'),
  $$values (1, 'a', 'a', null, 'TRIGGER', 'MANUAL', 1, false, 0::float8, 0::float8, jsonb '{}', jsonb '{}', jsonb '[]', 'STOP_WORKFLOW_ON_ERROR', 3, 5::float8, 60, null),
    (2, 'b', 'B', 'd', 'ACTION', 'NOOP', 2, true, 1.5, -2, '{"p": 1}', '{"c": "1"}', '["t"]', 'CONTINUE_ERROR_OUTPUT_ON_ERROR', 7, 0.5, 9, 'n')$$,
  'nodes in normal form, with defaults');
select results_eq(format($$select ordinal, source_node_id, target_node_id, connection_type, connection_index, target_index, label, conditions
    from node_connections where workflow_id = %L and version = 3 order by ordinal$$, :'id'),
  $$values (1, 'a', 'b', 'SUCCESS', 3, 2, 'l', jsonb '{"x": 1}'), (2, 'b', 'b', 'MAIN', 0, 0, null, null)$$, 'connections in normal form, with defaults');
select is((select count(*) from nodes where workflow_id = :'id' and version = 2), 2::bigint, 'the versions before keep theirs');
select is((select count(distinct checksum) from workflow_versions where workflow_id = :'id'), 3::bigint, 'different definitions have different checksums');
select is(test.outcome(format('update workflow_versions set definition = ''{}'' where workflow_id = %L', :'id')), '42501', 'a version never changes');

select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select create_workflow_version(%L, ''{}'')', :'id')), 'PT404 workflow_not_found', 'another''s workflow is not there');
select is(test.outcome(format('select create_workflow_version(%L, ''{}'')', gen_random_uuid())), 'PT404 workflow_not_found', 'like one that is not');
select is(test.outcome(format('select create_workflow(''x'', workspace_id => %L)', gen_random_uuid())), 'PT404 workspace_not_found', 'nor is a workspace that is not there');
select test.act_as_role('service_role') \g /dev/null
select is(test.outcome($$select create_workflow('x')$$), 'PT404 workspace_not_found', 'without a user a workspace is named');
select * from finish();
