-- Writes a version and its normal form: a new one, or the draft anew. The caller has checked who asks and
-- holds the workflow's row.
create function workflows.write_version(
  workflow public.workflows, version int, parent_version int, definition jsonb, note text
)
returns public.workflow_versions
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_version public.workflow_versions;
begin
  perform workflows.refuse_invalid(workflows.diagnostics(write_version.definition, '{saving}'));
  perform workflows.check_note(write_version.note);
  insert into public.workflow_versions as v
    (workspace_id, workflow_id, version, parent_version, definition, note, checksum, created_at, updated_at)
  values (workflow.workspace_id, workflow.id, write_version.version, write_version.parent_version,
    write_version.definition, nullif(write_version.note, ''), workflows.checksum(write_version.definition),
    engine.now(), engine.now())
  on conflict on constraint workflow_versions_pkey do update
  set definition = excluded.definition, checksum = excluded.checksum, updated_at = excluded.updated_at,
    note = case when write_version.note is null then v.note else excluded.note end
  returning v.* into v_version;
  perform workflows.write_nodes(v_version);
  return v_version;
end
$$;
comment on function workflows.write_version(public.workflows, int, int, jsonb, text) is
  'Write a version with its nodes and connections. Errors: definition_invalid, note_invalid.';

create function workflows.checksum(definition jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select encode(sha256(convert_to(definition::text, 'UTF8')), 'hex')
$$;
comment on function workflows.checksum(jsonb) is 'sha256 of a definition''s canonical text.';

-- A version's nodes and connections in normal form, with the defaults that its settings give nodes.
create function workflows.write_nodes(version public.workflow_versions)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_default jsonb := coalesce(version.definition #> '{settings,node}', '{}');
begin
  delete from public.nodes n
  where n.workflow_id = version.workflow_id and n.version = write_nodes.version.version;
  insert into public.nodes (workspace_id, workflow_id, version, node_id, ordinal,
    name, description, node_type, node_subtype, type_version,
    disabled, position_x, position_y,
    parameters, credentials, attached_nodes,
    error_handling, max_retries, retry_wait_time, timeout_seconds, notes)
  select version.workspace_id, version.workflow_id, version.version, n ->> 'id', o,
    coalesce(n ->> 'name', n ->> 'id'), n ->> 'description',
    n ->> 'type', n ->> 'subtype', coalesce((n ->> 'type_version')::numeric::int, 1),
    coalesce((n ->> 'disabled')::boolean, false),
    coalesce((n #>> '{position,x}')::float8, 0), coalesce((n #>> '{position,y}')::float8, 0),
    coalesce(n -> 'parameters', '{}'), coalesce(n -> 'credentials', '{}'),
    coalesce(n -> 'attached_nodes', '[]'),
    coalesce(n ->> 'error_handling', v_default ->> 'error_handling', 'STOP_WORKFLOW_ON_ERROR'),
    coalesce((n ->> 'max_retries')::numeric::int, (v_default ->> 'max_retries')::numeric::int, 3),
    coalesce((n ->> 'retry_wait_time')::float8, (v_default ->> 'retry_wait_time')::float8, 5),
    coalesce((n ->> 'timeout_seconds')::numeric::int, (v_default ->> 'timeout_seconds')::numeric::int, 60),
    n ->> 'notes'
  from jsonb_array_elements(version.definition -> 'nodes') with ordinality e (n, o);
  insert into public.node_connections (workspace_id, workflow_id, version, ordinal,
    source_node_id, target_node_id, connection_type,
    connection_index, target_index, label, conditions)
  select version.workspace_id, version.workflow_id, version.version, o,
    c ->> 'source', c ->> 'target', coalesce(c ->> 'type', 'MAIN'),
    coalesce((c ->> 'index')::numeric::int, 0), coalesce((c ->> 'target_index')::numeric::int, 0),
    c ->> 'label', nullif(c -> 'conditions', 'null')
  from jsonb_array_elements(version.definition -> 'connections') with ordinality e (c, o);
end
$$;
comment on function workflows.write_nodes(public.workflow_versions) is
  'A version''s nodes and connections in normal form.';
