-- Everything that is wrong with a definition, at once. What blocks saving is shape: without it there are no
-- nodes and connections to keep. What blocks deploying is meaning: a draft may be half drawn.
create function workflows.definition_problems(definition jsonb)
returns table (code text, message text, node_id text, path text, blocks text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  c_max_bytes constant int := 1048576;
  c_max_nodes constant int := 1000;
  c_max_connections constant int := 5000;
  c_node_fields constant jsonb := jsonb '{
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
  }';
  c_connection_fields constant jsonb := jsonb '{
    "source": {"type": "string"},
    "target": {"type": "string"},
    "type": {"type": "string", "enum": [
      "MAIN", "ERROR", "SUCCESS", "CONDITIONAL", "AI_AGENT", "AI_CHAIN", "AI_DOCUMENT", "AI_EMBEDDING",
      "AI_LANGUAGE_MODEL", "AI_MEMORY", "AI_OUTPUT_PARSER", "AI_RETRIEVER", "AI_RERANKER", "AI_TEXT_SPLITTER",
      "AI_TOOL", "AI_VECTOR_STORE", "MEMORY_ATTACHMENT", "CONTEXT_PROVIDER"]},
    "index": {"type": "integer", "minimum": 0, "maximum": 1000},
    "target_index": {"type": "integer", "minimum": 0, "maximum": 1000},
    "label": {"type": ["string", "null"]}
  }';
  v_nodes jsonb;
  v_connections jsonb;
  v_ids text[];
  v_within text[];      -- nodes that are reached inside of a FOR_EACH
  v_for_each text[];
  v_unreachable jsonb;  -- how nodes cannot be reached
begin
  if jsonb_typeof(definition) is distinct from 'object' then
    return query
      select 'definition_shape', 'A definition is an object {nodes, connections}', null::text, '$', 'saving';
    return;
  end if;
  if octet_length(definition::text) > c_max_bytes then
    return query
      select 'definition_too_large', format('A definition has at most %s bytes', c_max_bytes),
        null::text, '$', 'saving';
    return;
  end if;
  if jsonb_typeof(definition -> 'nodes') is distinct from 'array' then
    return query select 'definition_shape', 'nodes is an array', null::text, '$.nodes', 'saving';
  end if;
  if jsonb_typeof(definition -> 'connections') is distinct from 'array' then
    return query select 'definition_shape', 'connections is an array', null::text, '$.connections', 'saving';
  end if;
  v_nodes := case jsonb_typeof(definition -> 'nodes') when 'array' then definition -> 'nodes' else '[]' end;
  v_connections := case jsonb_typeof(definition -> 'connections')
    when 'array' then definition -> 'connections'
    else '[]'
  end;
  if jsonb_array_length(v_nodes) > c_max_nodes or jsonb_array_length(v_connections) > c_max_connections then
    return query
      select 'definition_too_large',
        format('A definition has at most %s nodes and %s connections', c_max_nodes, c_max_connections),
        null::text, '$', 'saving';
    return;
  end if;

  v_ids := array(select n ->> 'id' from jsonb_array_elements(v_nodes) n);

  -- shape of nodes
  return query
    select case p.code when 'parameter_missing' then 'node_field_missing' else 'node_field' end,
      case p.code
        when 'parameter_missing' then p.message
        else split_part(p.at, '.', 3) || ' ' || p.message
      end,
      n.node ->> 'id', p.at, 'saving'
    from jsonb_array_elements(v_nodes) with ordinality n (node, o),
      workflows.schema_problems(
        jsonb_build_object(
          'type', 'object',
          'required', '["id", "type", "subtype"]'::jsonb,
          'properties', c_node_fields),
        n.node, '$.nodes[' || (n.o - 1) || ']', false) p;
  return query
    select 'node_id_duplicate', format('The id %L is used by %s nodes', n.node ->> 'id', count(*)),
      n.node ->> 'id', '$.nodes[' || (max(n.o) - 1) || '].id', 'saving'
    from jsonb_array_elements(v_nodes) with ordinality n (node, o)
    where jsonb_typeof(n.node) = 'object' and n.node ? 'id'
    group by n.node ->> 'id' having count(*) > 1;

  -- shape of connections
  return query
    select case p.code when 'parameter_missing' then 'connection_field_missing' else 'connection_field' end,
      case p.code
        when 'parameter_missing' then p.message
        else split_part(p.at, '.', 3) || ' ' || p.message
      end,
      c.connection ->> 'source', p.at, 'saving'
    from jsonb_array_elements(v_connections) with ordinality c (connection, o),
      workflows.schema_problems(
        jsonb_build_object(
          'type', 'object',
          'required', '["source", "target"]'::jsonb,
          'properties', c_connection_fields),
        c.connection, '$.connections[' || (c.o - 1) || ']', false) p;
  return query
    select 'connection_node_unknown', format('There is no node %L', c.connection ->> e.field),
      c.connection ->> 'source', '$.connections[' || (c.o - 1) || '].' || e.field, 'saving'
    from jsonb_array_elements(v_connections) with ordinality c (connection, o)
    cross join (values ('source'), ('target')) e (field)
    where jsonb_typeof(c.connection -> e.field) = 'string'
      and (c.connection ->> e.field = any (v_ids)) is not true;
  return query
    select 'connection_duplicate', 'The same connection is drawn twice', c.connection ->> 'source',
      '$.connections[' || (max(c.o) - 1) || ']', 'saving'
    from jsonb_array_elements(v_connections) with ordinality c (connection, o)
    where jsonb_typeof(c.connection) = 'object'
    group by c.connection ->> 'source', c.connection ->> 'target', coalesce(c.connection ->> 'type', 'MAIN'),
      coalesce(c.connection ->> 'index', '0'), coalesce(c.connection ->> 'target_index', '0')
    having count(*) > 1;

  -- pinned outputs
  if jsonb_typeof(definition -> 'pin_data') not in ('object', 'null') then
    return query
      select 'definition_shape', 'pin_data is an object {node id: output}',
        null::text, '$.pin_data', 'saving';
  else
    return query
      select 'pin_data_node_unknown', format('There is no node %L', p), p,
        workflows.path_of('$.pin_data', array[p]), 'saving'
      from jsonb_object_keys(coalesce(nullif(definition -> 'pin_data', 'null'), '{}')) p
      where (p = any (v_ids)) is not true;
  end if;

  select array_agg(distinct s.node_id) filter (where cardinality(s.stack) > 0),
    jsonb_agg(distinct jsonb_build_array(s.node_id, s.problem)) filter (where s.problem is not null)
  into v_within, v_unreachable
  from workflows.scopes(v_nodes, v_connections) s;
  v_for_each := array(
    select n ->> 'id' from jsonb_array_elements(v_nodes) n
    where n ->> 'type' = 'FLOW' and n ->> 'subtype' = 'FOR_EACH' and n -> 'disabled' is distinct from 'true');

  -- meaning of nodes
  if not exists (
    select from jsonb_array_elements(v_nodes) n
    where n ->> 'type' = 'TRIGGER' and n -> 'disabled' is distinct from 'true'
  ) then
    return query
      select 'trigger_missing', 'A workflow starts at a TRIGGER node; there is none that is enabled',
        null::text, '$.nodes', 'deploying';
  end if;
  return query
    select 'node_type_unknown',
      format('There is no node type %s.%s', n.node ->> 'type', n.node ->> 'subtype'),
      n.node ->> 'id', '$.nodes[' || (n.o - 1) || '].subtype', 'deploying'
    from jsonb_array_elements(v_nodes) with ordinality n (node, o)
    where jsonb_typeof(n.node -> 'type') = 'string' and jsonb_typeof(n.node -> 'subtype') = 'string'
      and not exists (
        select from public.node_specifications s
        where s.is_active and s.node_type = n.node ->> 'type' and s.node_subtype = n.node ->> 'subtype');
  return query
    select p.code, split_part(p.at, 'parameters.', 2) || ' ' || p.message, n.node ->> 'id', p.at, 'deploying'
    from jsonb_array_elements(v_nodes) with ordinality n (node, o)
    join public.node_specifications s
      on s.is_active and s.node_type = n.node ->> 'type' and s.node_subtype = n.node ->> 'subtype',
      workflows.schema_problems(s.specification_data -> 'parameters', coalesce(n.node -> 'parameters', '{}'),
        '$.nodes[' || (n.o - 1) || '].parameters') p
    where jsonb_typeof(coalesce(n.node -> 'parameters', '{}')) = 'object';
  return query
    select r.code, r.message, n.node ->> 'id',
      workflows.path_of('$.nodes[' || (n.o - 1) || '].parameters', r.place), 'deploying'
    from (
      select e.node, e.o, e.node ->> 'type' || '.' || (e.node ->> 'subtype') as kind,
        coalesce(e.node -> 'parameters', '{}') as given
      from jsonb_array_elements(v_nodes) with ordinality e (node, o)
      where jsonb_typeof(coalesce(e.node -> 'parameters', '{}')) = 'object'
    ) n
    cross join lateral (values
      ('ACTION.HTTP_REQUEST', 'parameter_value', '{form}'::text[], 'give body or form, not both',
        n.given ?& '{body,form}'),
      ('FLOW.WAIT', 'parameter_missing', '{}', 'one of seconds, until and event is required',
        not n.given ?| '{seconds,until,event}'),
      ('FLOW.WAIT', 'parameter_value', '{}', 'give one of seconds, until and event',
        n.given ?& '{seconds,until}' or n.given ?& '{seconds,event}' or n.given ?& '{until,event}'),
      ('FLOW.WAIT', 'parameter_value', '{key}', 'key is of an event',
        n.given ? 'key' and not n.given ? 'event'),
      ('FLOW.WAIT', 'parameter_value', '{timeout_seconds}', 'timeout_seconds is of an event',
        n.given ? 'timeout_seconds' and not n.given ? 'event'),
      ('FLOW.WAIT', 'parameter_value', '{until}', 'until is a time, as 2027-01-31T09:00:00Z',
        position('{{' in n.given ->> 'until') = 0
        and not pg_input_is_valid(n.given ->> 'until', 'timestamptz')),
      ('FLOW.SUB_WORKFLOW', 'parameter_value', '{max_concurrency}', 'max_concurrency is of items',
        n.given ? 'max_concurrency' and not n.given ? 'items'),
      ('FLOW.MERGE', 'parameter_value', '{inputs}', 'inputs names one twice',
        jsonb_typeof(n.given -> 'inputs') = 'array' and exists (
          select from jsonb_path_query(n.given, '$.inputs[*]') i group by i having count(*) > 1))
    ) r (kind, code, place, message, broken)
    where r.kind = n.kind and r.broken;
  return query
    select t.code, t.message, n.node ->> 'id', '$.nodes[' || (n.o - 1) || '].' || t.field, 'deploying'
    from jsonb_array_elements(v_nodes) with ordinality n (node, o)
    cross join lateral (values
      ('credentials', 'credentials_not_taken', 'This type of node takes no credentials'),
      ('attached_nodes', 'attached_nodes_not_taken', 'This type of node takes no attached nodes')
    ) t (field, code, message)
    where coalesce(n.node -> t.field, '{}') not in ('{}', '[]', 'null');

  -- joins and loops
  return query
    select 'merge_has_no_input', 'Nothing leads to this MERGE',
      n.node ->> 'id', '$.nodes[' || (n.o - 1) || ']', 'deploying'
    from jsonb_array_elements(v_nodes) with ordinality n (node, o)
    where n.node ->> 'type' = 'FLOW' and n.node ->> 'subtype' = 'MERGE'
      and n.node -> 'disabled' is distinct from 'true'
      and not exists (select from jsonb_array_elements(v_connections) c where c -> 'target' = n.node -> 'id');
  return query
    select m.code, m.message, n.node ->> 'id', '$.nodes[' || (n.o - 1) || ']', 'deploying'
    from jsonb_array_elements(v_unreachable) u
    join jsonb_array_elements(v_nodes) with ordinality n (node, o) on n.node -> 'id' = u -> 0
    join (values
      ('collect_without_for_each', 'A MERGE of mode collect follows a FOR_EACH, whose items it collects'),
      ('merge_depths_differ',
        'The ways to this MERGE lead through different FOR_EACH: collect their items first'),
      ('for_each_recursion', 'Items of a FOR_EACH lead here again, or from five others: collect them first'),
      ('scopes_too_many', 'More than ten ways through different FOR_EACH lead here')
    ) m (code, message) on m.code = u ->> 1;

  -- templates
  return query
    select p ->> 'code', p ->> 'message', n.node ->> 'id',
      workflows.path_of(
        '$.nodes[' || (n.o - 1) || '].parameters', array(select jsonb_array_elements_text(p -> 'at'))),
      'deploying'
    from jsonb_array_elements(v_nodes) with ordinality n (node, o)
    left join public.node_specifications s
      on s.node_type = n.node ->> 'type' and s.node_subtype = n.node ->> 'subtype'
    cross join lateral workflows.compile_parameters(
      n.node -> 'parameters', s.specification_data -> 'parameters') c
    cross join lateral (
      select e as p from jsonb_array_elements(c -> 'problems') e
      union all
      select jsonb_build_object(
        'code', 'node_reference_unknown',
        'message', format('$.nodes.%s: there is no such node', r),
        'at', '[]'::jsonb)
      from jsonb_array_elements_text(c -> 'nodes') r
      where (r = any (v_ids)) is not true
      union all
      select distinct jsonb_build_object(
        'code', 'path_root_unknown', 'message', '$.item is only there inside a FOR_EACH', 'at', i)
      from jsonb_array_elements(c -> 'items') i
      where (n.node ->> 'id' = any (v_within)) is not true
    ) e (p)
    where jsonb_typeof(n.node -> 'parameters') = 'object';

  -- meaning of connections
  return query
    select t.code, t.message, c.connection ->> 'source',
      '$.connections[' || (c.o - 1) || ']' || t.field, 'deploying'
    from jsonb_array_elements(v_connections) with ordinality c (connection, o)
    left join (
      select distinct on (n ->> 'id') n ->> 'id' as id,
        jsonb_array_length(s.specification_data -> 'outputs') + case
          when not s.specification_data ? 'outputs_by' then 0
          when jsonb_typeof(n -> 'parameters' -> (s.specification_data ->> 'outputs_by')) = 'array'
            then jsonb_array_length(n -> 'parameters' -> (s.specification_data ->> 'outputs_by'))
        end as outputs
      from jsonb_array_elements(v_nodes) n
      join public.node_specifications s on s.node_type = n ->> 'type' and s.node_subtype = n ->> 'subtype'
    ) source on source.id = c.connection ->> 'source'
    left join (
      select distinct on (n ->> 'id') n ->> 'id' as id, n ->> 'type' as type,
        case when n ->> 'type' = 'FLOW' and n ->> 'subtype' = 'MERGE' then 100 else 1 end as inputs
      from jsonb_array_elements(v_nodes) n
    ) target on target.id = c.connection ->> 'target'
    cross join lateral (
      select coalesce(c.connection ->> 'type', 'MAIN') as type,
        coalesce(c.connection -> 'conditions', 'null') in ('null', '{}') as is_open
    ) k
    cross join lateral (values
      ('output_unknown', 'Nothing leaves this node', '.source', source.outputs = 0),
      ('output_unknown', format('The source has outputs 0 to %s', source.outputs - 1), '.index',
        source.outputs > 0 and k.type in ('MAIN', 'CONDITIONAL')
        and jsonb_typeof(c.connection -> 'index') = 'number'
        and (c.connection ->> 'index')::numeric >= source.outputs),
      ('input_unknown',
        case target.inputs when 100 then 'A MERGE has inputs 0 to 99' else 'The target has one input, 0' end,
        '.target_index',
        jsonb_typeof(c.connection -> 'target_index') = 'number'
        and (c.connection ->> 'target_index')::numeric > target.inputs - 1),
      ('trigger_has_no_input', 'Nothing leads to a TRIGGER node', '.target', target.type = 'TRIGGER'),
      ('connection_type_not_taken', 'These two nodes connect by MAIN, SUCCESS, ERROR or CONDITIONAL', '.type',
        k.type not in ('MAIN', 'SUCCESS', 'ERROR', 'CONDITIONAL')),
      ('conditions_missing', 'A CONDITIONAL connection has conditions', '.conditions',
        k.type = 'CONDITIONAL' and k.is_open),
      ('conditions_not_taken', 'A connection of this type has no conditions', '.conditions',
        k.type not in ('MAIN', 'SUCCESS', 'CONDITIONAL') and not k.is_open),
      ('conditions_not_taken', 'Conditions are a path predicate, as $.input.amount > 100', '.conditions',
        k.type in ('MAIN', 'SUCCESS', 'CONDITIONAL') and not k.is_open
        and jsonb_typeof(c.connection -> 'conditions') <> 'string')
    ) t (code, message, field, broken)
    where jsonb_typeof(c.connection) = 'object' and t.broken;
  return query
    select e.p ->> 'code', e.p ->> 'message', c.connection ->> 'source',
      '$.connections[' || (c.o - 1) || '].conditions', 'deploying'
    from jsonb_array_elements(v_connections) with ordinality c (connection, o)
    cross join lateral workflows.compile_predicate(c.connection ->> 'conditions') k
    cross join lateral (
      select p from jsonb_array_elements(k -> 'problems') p
      union all
      select jsonb_build_object(
        'code', 'node_reference_unknown', 'message', format('$.nodes.%s: there is no such node', r))
      from jsonb_array_elements_text(k -> 'nodes') r
      where (r = any (v_ids)) is not true
      union all
      select jsonb_build_object(
        'code', 'path_root_unknown', 'message', '$.item is only there inside a FOR_EACH')
      where k -> 'reads' ? 'item'
        and (c.connection ->> 'source' = any (v_within || v_for_each)) is not true
    ) e (p)
    where jsonb_typeof(c.connection -> 'conditions') = 'string'
      and coalesce(c.connection ->> 'type', 'MAIN') in ('MAIN', 'SUCCESS', 'CONDITIONAL');
end
$$;
comment on function workflows.definition_problems(jsonb) is 'The problems of check_definition().';

-- Errors block saving or deploying (and starting); warnings block nothing.
create function workflows.check_definition(definition jsonb, workspace_id uuid default null)
returns table (code text, message text, node_id text, path text, severity text, blocks text)
language sql
stable
security definer
set search_path = ''
as $$
  select p.code, p.message, p.node_id, p.path, 'error', p.blocks
  from workflows.definition_problems(check_definition.definition) p
$$;
comment on function workflows.check_definition(jsonb, uuid) is
  'Everything that is wrong with a definition: code, message, node, path, severity (error or warning), '
  'and what it blocks (saving or deploying; null of a warning). With a workspace also what depends on it.';

create function workflows.diagnostics(
  definition jsonb, blocking text[] default '{saving,deploying}', workspace_id uuid default null
)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(d)), '[]')
  from workflows.check_definition(diagnostics.definition, diagnostics.workspace_id) d
  where d.blocks = any (diagnostics.blocking)
$$;
comment on function workflows.diagnostics(jsonb, text[], uuid) is
  'What blocks a definition, as a JSON array: check_definition() without warnings.';

create function workflows.refuse_invalid(diagnostics jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if diagnostics <> '[]' then
    perform platform.fail(422, 'definition_invalid',
      format('The definition has %s problem%s: %s',
        jsonb_array_length(diagnostics),
        case jsonb_array_length(diagnostics) when 1 then '' else 's' end,
        (select string_agg(format('%s at %s', d ->> 'code', d ->> 'path'), ', ' order by o)
         from jsonb_array_elements(diagnostics) with ordinality e (d, o))),
      diagnostics::text);
  end if;
end
$$;
comment on function workflows.refuse_invalid(jsonb) is
  'Raise definition_invalid with all diagnostics (as JSON in the hint).';

create function workflows.validate(definition jsonb, workspace_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if validate.workspace_id is not null then
    perform workspaces.require(validate.workspace_id, 'viewer');
  end if;
  return (
    select jsonb_build_object(
      'valid', coalesce(bool_and(d.severity <> 'error'), true),
      'diagnostics', coalesce(jsonb_agg(to_jsonb(d)), '[]'))
    from workflows.check_definition(validate.definition, validate.workspace_id) d);
end
$$;
comment on function workflows.validate(jsonb, uuid) is 'See public.validate_definition.';
grant execute on function workflows.validate(jsonb, uuid) to authenticated, service_role;

create function public.validate_definition(definition jsonb, workspace_id uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select workflows.validate(validate_definition.definition, validate_definition.workspace_id)
$$;
comment on function public.validate_definition(jsonb, uuid) is
  'Everything that is wrong with a definition: {valid, diagnostics: [{code, message, node_id, path, severity, '
  'blocks}]}. Warnings leave it valid. With a workspace also what depends on it: credentials, own node types. '
  'Errors: workspace_not_found.';
grant execute on function public.validate_definition(jsonb, uuid) to authenticated, service_role;
