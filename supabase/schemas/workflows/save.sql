-- Writes a version and its normal form. The caller has checked who asks and holds the workflow's row.
create function workflows.write_version(workflow public.workflows, version int, definition jsonb, note text)
returns public.workflow_versions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_version public.workflow_versions;
  -- what nodes do that do not say it themselves
  v_defaults jsonb := coalesce(write_version.definition #> '{settings,node}', '{}');
begin
  perform workflows.refuse_invalid(workflows.diagnostics(write_version.definition, '{saving}'));
  insert into public.workflow_versions
    (workspace_id, workflow_id, version, parent_version, definition, note, checksum)
  values (workflow.workspace_id, workflow.id,
    write_version.version, nullif(write_version.version - 1, 0), write_version.definition, write_version.note,
    encode(sha256(convert_to(write_version.definition::text, 'UTF8')), 'hex'))
  returning * into v_version;
  insert into public.nodes (workspace_id, workflow_id, version, node_id, ordinal,
    name, description, node_type, node_subtype, type_version,
    disabled, position_x, position_y,
    parameters, credentials, attached_nodes,
    error_handling, max_retries, retry_wait_time, timeout_seconds, notes)
  select workflow.workspace_id, workflow.id, v_version.version, n ->> 'id', o,
    coalesce(n ->> 'name', n ->> 'id'), n ->> 'description',
    n ->> 'type', n ->> 'subtype', coalesce((n ->> 'type_version')::numeric::int, 1),
    coalesce((n ->> 'disabled')::boolean, false),
    coalesce((n #>> '{position,x}')::float8, 0), coalesce((n #>> '{position,y}')::float8, 0),
    coalesce(n -> 'parameters', '{}'), coalesce(n -> 'credentials', '{}'),
    coalesce(n -> 'attached_nodes', '[]'),
    coalesce(n ->> 'error_handling', v_defaults ->> 'error_handling', 'STOP_WORKFLOW_ON_ERROR'),
    coalesce((coalesce(n ->> 'max_retries', v_defaults ->> 'max_retries'))::numeric::int, 3),
    coalesce((coalesce(n ->> 'retry_wait_time', v_defaults ->> 'retry_wait_time'))::float8, 5),
    coalesce((coalesce(n ->> 'timeout_seconds', v_defaults ->> 'timeout_seconds'))::numeric::int, 60), n ->> 'notes'
  from jsonb_array_elements(write_version.definition -> 'nodes') with ordinality e (n, o);
  insert into public.node_connections (workspace_id, workflow_id, version, ordinal,
    source_node_id, target_node_id, connection_type,
    connection_index, target_index, label, conditions)
  select workflow.workspace_id, workflow.id, v_version.version, o,
    c ->> 'source', c ->> 'target', coalesce(c ->> 'type', 'MAIN'),
    coalesce((c ->> 'index')::numeric::int, 0), coalesce((c ->> 'target_index')::numeric::int, 0),
    c ->> 'label', nullif(c -> 'conditions', 'null')
  from jsonb_array_elements(write_version.definition -> 'connections') with ordinality e (c, o);
  return v_version;
end
$$;
comment on function workflows.write_version(public.workflows, int, jsonb, text) is
  'Write a version with its nodes and connections. Errors: definition_invalid.';

create function workflows.create_one(
  name text,
  definition jsonb,
  description text,
  tags text[],
  folder text,
  workspace_id uuid
)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows;
  v_workspace uuid := coalesce(create_one.workspace_id, workspaces.default_id());
begin
  perform workspaces.require(v_workspace, 'editor');
  if length(btrim(coalesce(create_one.name, ''))) not between 1 and 255 then
    perform platform.fail(422, 'name_invalid',
      'A workflow name has 1 to 255 characters', 'Give another name.');
  end if;
  insert into public.workflows (workspace_id, name, description, tags, folder)
  values (v_workspace, btrim(create_one.name), create_one.description,
    coalesce(create_one.tags, '{}'), create_one.folder)
  returning * into v_workflow;
  perform workflows.write_version(v_workflow, 1,
    coalesce(create_one.definition, '{"nodes": [], "connections": []}'), null);
  return v_workflow;
end
$$;
comment on function workflows.create_one(text, jsonb, text, text[], text, uuid) is
  'See public.create_workflow.';
grant execute on function workflows.create_one(text, jsonb, text, text[], text, uuid)
  to authenticated, service_role;

create function public.create_workflow(
  name text,
  definition jsonb default '{"nodes": [], "connections": []}',
  description text default null,
  tags text[] default '{}',
  folder text default null,
  workspace_id uuid default null
)
returns public.workflows
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.create_one(create_workflow.name, create_workflow.definition, create_workflow.description,
    create_workflow.tags, create_workflow.folder, create_workflow.workspace_id)
$$;
comment on function public.create_workflow(text, jsonb, text, text[], text, uuid) is
  'Make a workflow and its version 1, in the caller''s personal workspace unless one is named. '
  'Errors: workspace_not_found, role_insufficient, name_invalid, definition_invalid.';
grant execute on function public.create_workflow(text, jsonb, text, text[], text, uuid)
  to authenticated, service_role;

-- Locks the workflow: two editors who save at once get consecutive versions.
create function workflows.add_version(workflow_id uuid, definition jsonb, note text)
returns public.workflow_versions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows;
  v_version public.workflow_versions;
begin
  select * into v_workflow from public.workflows w where w.id = add_version.workflow_id;
  perform workspaces.require(v_workflow.workspace_id, 'editor', 'workflow', add_version.workflow_id);
  select * into v_workflow from public.workflows w where w.id = add_version.workflow_id for no key update;
  v_version := workflows.write_version(
    v_workflow, v_workflow.current_version + 1, add_version.definition, add_version.note);
  update public.workflows w set current_version = v_version.version where w.id = v_workflow.id;
  return v_version;
end
$$;
comment on function workflows.add_version(uuid, jsonb, text) is 'See public.create_workflow_version.';
grant execute on function workflows.add_version(uuid, jsonb, text) to authenticated, service_role;

create function public.create_workflow_version(workflow_id uuid, definition jsonb, note text default null)
returns public.workflow_versions
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.add_version(
    create_workflow_version.workflow_id, create_workflow_version.definition, create_workflow_version.note)
$$;
comment on function public.create_workflow_version(uuid, jsonb, text) is
  'Save a definition as the workflow''s next version. '
  'Errors: workflow_not_found, role_insufficient, definition_invalid.';
grant execute on function public.create_workflow_version(uuid, jsonb, text) to authenticated, service_role;
