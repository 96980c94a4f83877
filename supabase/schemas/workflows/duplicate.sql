-- A copy of a workflow's current version. Read in one statement, so that a workflow which is deleted
-- meanwhile is copied whole or not at all.
create function workflows.duplicate(workflow_id uuid, name text, workspace_id uuid, folder text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_read record;
  v_source public.workflows;
  v_copy public.workflows;
  v_definition jsonb;
  v_workspace uuid := duplicate.workspace_id;
  v_removed jsonb := jsonb '[]';
  v_is_member boolean;
begin
  select w as workflow, v.definition into v_read
  from public.workflows w
  join public.workflow_versions v on v.workflow_id = w.id and v.version = w.current_version
  where w.id = duplicate.workflow_id and w.deleted_at is null;
  v_source := v_read.workflow;
  v_definition := v_read.definition;
  v_is_member := v_source.id is not null and workspaces.may_read(v_source.workspace_id);
  if v_source.id is null
     or not v_is_member and not (v_source.is_public and v_source.archived_at is null) then
    perform workspaces.not_found('workflow', duplicate.workflow_id);
  end if;
  v_workspace := coalesce(v_workspace,
    case when v_is_member then v_source.workspace_id else workspaces.default_id() end);
  perform workspaces.require(v_workspace, 'editor');
  if v_workspace <> v_source.workspace_id then
    select p -> 'definition', p -> 'removed' into v_definition, v_removed
    from workflows.without_private(v_definition) p;
  end if;
  v_copy.workspace_id := v_workspace;
  v_copy.name := coalesce(nullif(btrim(duplicate.name), ''), left(v_source.name, 248) || ' (copy)');
  v_copy.description := v_source.description;
  v_copy.tags := v_source.tags;
  v_copy.folder := coalesce(duplicate.folder,
    case when v_workspace = v_source.workspace_id then v_source.folder end);
  v_copy.icon_url := v_source.icon_url;
  v_copy.is_template := false;
  v_copy := workflows.insert_workflow(
    v_copy, v_definition, format('Copied from %s, version %s', v_source.name, v_source.current_version));
  return jsonb_build_object('workflow', to_jsonb(v_copy) - 'deleted_at', 'removed', v_removed);
end
$$;
comment on function workflows.duplicate(uuid, text, uuid, text) is 'See public.duplicate_workflow.';
grant execute on function workflows.duplicate(uuid, text, uuid, text) to authenticated, service_role;

create function public.duplicate_workflow(
  workflow_id uuid, name text default null, workspace_id uuid default null, folder text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.duplicate(duplicate_workflow.workflow_id, duplicate_workflow.name,
    duplicate_workflow.workspace_id, duplicate_workflow.folder)
$$;
comment on function public.duplicate_workflow(uuid, text, uuid, text) is
  'Copy the current version of a workflow, or of a public template, as a new draft: {workflow, removed: '
  '[{node_id, path}]}. In its workspace unless another is named (a template of others: in the personal one). '
  'What belongs to a workspace stays there: a copy in another has no credentials (webhooks that had some are '
  'disabled), no reference to workflows that it called and no pinned outputs; `removed` says where. '
  'Errors: workflow_not_found, workspace_not_found, role_insufficient, name_invalid, folder_invalid.';
grant execute on function public.duplicate_workflow(uuid, text, uuid, text) to authenticated, service_role;
