-- What has no shape of a definition, and so cannot be saved: fields of nodes, connections, settings and
-- pinned outputs, ids. Fields that are not named here are their owners' and survive.
create function workflows.shape_problems(definition jsonb)
returns setof workflows.diagnostic
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_node constant jsonb := jsonb '{"type": "object", "required": ["id", "type", "subtype"], "properties": {
    "id": {"type": "string", "minLength": 1, "maxLength": 255},
    "name": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": {"type": ["string", "null"]},
    "type": {"type": "string", "enum": [
      "TRIGGER", "AI_AGENT", "EXTERNAL_ACTION", "ACTION", "FLOW", "HUMAN_IN_THE_LOOP", "TOOL", "MEMORY"]},
    "subtype": {"type": "string", "minLength": 1, "maxLength": 100},
    "type_version": {"type": "integer", "minimum": 1, "maximum": 1000},
    "disabled": {"type": "boolean"},
    "position": {"type": "object", "properties": {
      "x": {"type": "number", "minimum": -1e9, "maximum": 1e9},
      "y": {"type": "number", "minimum": -1e9, "maximum": 1e9}}},
    "parameters": {"type": "object"},
    "credentials": {"type": "object"},
    "attached_nodes": {"type": "array"},
    "error_handling": {"type": "string", "enum": [
      "STOP_WORKFLOW_ON_ERROR", "CONTINUE_REGULAR_OUTPUT_ON_ERROR", "CONTINUE_ERROR_OUTPUT_ON_ERROR"]},
    "max_retries": {"type": "integer", "minimum": 0, "maximum": 100},
    "retry_wait_time": {"type": "number", "minimum": 0, "maximum": 86400},
    "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": 3600},
    "notes": {"type": ["string", "null"]}
  }}';
  c_connection constant jsonb := jsonb '{"type": "object", "required": ["source", "target"], "properties": {
    "source": {"type": "string"},
    "target": {"type": "string"},
    "type": {"type": "string", "enum": [
      "MAIN", "ERROR", "SUCCESS", "CONDITIONAL", "AI_AGENT", "AI_CHAIN", "AI_DOCUMENT", "AI_EMBEDDING",
      "AI_LANGUAGE_MODEL", "AI_MEMORY", "AI_OUTPUT_PARSER", "AI_RETRIEVER", "AI_RERANKER", "AI_TEXT_SPLITTER",
      "AI_TOOL", "AI_VECTOR_STORE", "MEMORY_ATTACHMENT", "CONTEXT_PROVIDER"]},
    "index": {"type": "integer", "minimum": 0, "maximum": 1000},
    "target_index": {"type": "integer", "minimum": 0, "maximum": 1000},
    "label": {"type": ["string", "null"]}
  }}';
  -- those of nodes are the defaults of their own fields
  c_settings constant jsonb := jsonb '{"type": ["object", "null"], "properties": {
    "timeout_seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": 31536000},
    "node": {"type": ["object", "null"], "properties": {
      "timeout_seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": 3600},
      "max_retries": {"type": ["integer", "null"], "minimum": 0, "maximum": 100},
      "retry_wait_time": {"type": ["number", "null"], "minimum": 0, "maximum": 86400},
      "error_handling": {"type": ["string", "null"], "enum": [null,
        "STOP_WORKFLOW_ON_ERROR", "CONTINUE_REGULAR_OUTPUT_ON_ERROR", "CONTINUE_ERROR_OUTPUT_ON_ERROR"]}
    }},
    "max_concurrency": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000},
    "concurrency_policy": {"type": ["string", "null"], "enum": [null, "queue", "drop", "cancel_oldest"]},
    "rate_limit": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000},
    "rate_window_seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": 31536000},
    "record_steps": {"type": ["boolean", "null"]}
  }}';
  v_nodes jsonb := workflows.list_of(definition -> 'nodes');
  v_connections jsonb := workflows.list_of(definition -> 'connections');
  v_ids text[] := array(select n ->> 'id' from jsonb_array_elements(v_nodes) n);
begin
  return query
    select 'definition_shape', f.field || ' is ' || f.shape, null::text, '$.' || f.field, 'error', 'saving'
    from (values
      ('nodes', 'an array', jsonb_typeof(definition -> 'nodes') is distinct from 'array'),
      ('connections', 'an array', jsonb_typeof(definition -> 'connections') is distinct from 'array'),
      ('pin_data', 'an object {node id: output}',
        jsonb_typeof(definition -> 'pin_data') not in ('object', 'null'))
    ) f (field, shape, is_broken)
    where f.is_broken;
  return query
    select 'settings_shape', workflows.path_of('settings', workflows.keys_of(p)) || ' ' || (p ->> 'message'),
      null::text, workflows.path_of('$.settings', workflows.keys_of(p)), 'error', 'saving'
    from jsonb_array_elements(
      workflows.schema_problems(c_settings, coalesce(definition -> 'settings', 'null'), false)) p;
  return query
    select case p ->> 'code' when 'parameter_missing' then i.missing else i.broken end,
      case p ->> 'code'
        when 'parameter_missing' then p ->> 'message'
        else concat_ws(' ', p #>> '{at,0}', p ->> 'message')
      end,
      i.node_id, workflows.path_of(i.path, workflows.keys_of(p)), 'error', 'saving'
    from (
      select 'node_field' as broken, 'node_field_missing' as missing, c_node as schema,
        n.item, n.item ->> 'id' as node_id, '$.nodes[' || (n.o - 1) || ']' as path
      from jsonb_array_elements(v_nodes) with ordinality n (item, o)
      union all
      select 'connection_field', 'connection_field_missing', c_connection,
        c.item, c.item ->> 'source', '$.connections[' || (c.o - 1) || ']'
      from jsonb_array_elements(v_connections) with ordinality c (item, o)) i
    cross join lateral jsonb_array_elements(workflows.schema_problems(i.schema, i.item, false)) p;
  return query
    select 'node_id_duplicate', format('The id %L is used by %s nodes', n.node ->> 'id', count(*)),
      n.node ->> 'id', '$.nodes[' || (max(n.o) - 1) || '].id', 'error', 'saving'
    from jsonb_array_elements(v_nodes) with ordinality n (node, o)
    where jsonb_typeof(n.node) = 'object' and n.node ? 'id'
    group by n.node ->> 'id' having count(*) > 1;
  return query
    select 'connection_node_unknown', format('There is no node %L', c.connection ->> e.field),
      c.connection ->> 'source', '$.connections[' || (c.o - 1) || '].' || e.field, 'error', 'saving'
    from jsonb_array_elements(v_connections) with ordinality c (connection, o)
    cross join (values ('source'), ('target')) e (field)
    where jsonb_typeof(c.connection -> e.field) = 'string'
      and (c.connection ->> e.field) not in (select i from unnest(v_ids) i where i is not null);
  return query
    select 'connection_duplicate', 'The same connection is drawn twice', c.connection ->> 'source',
      '$.connections[' || (max(c.o) - 1) || ']', 'error', 'saving'
    from jsonb_array_elements(v_connections) with ordinality c (connection, o)
    where jsonb_typeof(c.connection) = 'object'
    group by c.connection ->> 'source', c.connection ->> 'target', coalesce(c.connection ->> 'type', 'MAIN'),
      coalesce(c.connection ->> 'index', '0'), coalesce(c.connection ->> 'target_index', '0')
    having count(*) > 1;
  if jsonb_typeof(definition -> 'pin_data') = 'object' then
    return query
      select 'pin_data_node_unknown', format('There is no node %L', p), p,
        workflows.path_of('$.pin_data', array[p]), 'error', 'saving'
      from jsonb_object_keys(definition -> 'pin_data') p
      where (p = any (v_ids)) is not true;
  end if;
end
$$;
comment on function workflows.shape_problems(jsonb) is 'What of a definition has no shape to be saved.';

create function workflows.keys_of(problem jsonb)
returns text[]
language sql
immutable
set search_path = ''
as $$
  select array(select jsonb_array_elements_text(problem -> 'at'))
$$;
comment on function workflows.keys_of(jsonb) is 'The place of a problem of schema_problems().';
