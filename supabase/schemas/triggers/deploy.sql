-- Makes a version the one that events start. Locks the workflow; the triggers,
-- the history and the status change together.
create function triggers.deploy(workflow_id uuid, version int)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workflow public.workflows;
  v_version int;
begin
  select * into v_workflow from public.workflows w where w.id = deploy.workflow_id;
  perform workspaces.require(v_workflow.workspace_id, 'editor', 'workflow', deploy.workflow_id);
  perform pg_advisory_xact_lock(triggers.lock_key(deploy.workflow_id));
  select * into v_workflow from public.workflows w where w.id = deploy.workflow_id for no key update;
  v_version := coalesce(deploy.version, v_workflow.current_version);
  if v_workflow.status = 'archived' then
    perform platform.fail(409, 'workflow_archived',
      'An archived workflow cannot be deployed', 'Restore it first.');
  end if;
  if not exists (
    select from public.workflow_versions v where v.workflow_id = v_workflow.id and v.version = v_version
  ) then
    perform platform.fail(404, 'version_not_found', format('The workflow has no version %s', v_version),
      format('Its current version is %s.', v_workflow.current_version));
  end if;
  if engine.trigger_of(v_workflow.id, v_version) is null then
    perform engine.compile(v_workflow.id, v_version);
  end if;

  perform triggers.write_index(v_workflow, v_version);

  perform engine.apply_settings(v_workflow.id, v_version);
  insert into public.workflow_deployment_history
    (workspace_id, workflow_id, version, deployment_action, from_status, to_status)
  values (v_workflow.workspace_id, v_workflow.id, v_version,
    case v_workflow.deployment_status when 'DEPLOYED' then 'UPDATE' else 'DEPLOY' end,
    v_workflow.deployment_status, 'DEPLOYED');
  update public.workflows w
  set deployment_status = 'DEPLOYED', deployed_version = v_version,
    deployed_at = engine.now(), deployed_by = (select auth.uid()),
    status = 'active'
  where w.id = v_workflow.id
  returning * into v_workflow;

  return jsonb_build_object(
    'deployment', jsonb_build_object(
      'workflow_id', v_workflow.id, 'version', v_workflow.deployed_version,
      'status', v_workflow.deployment_status,
      'deployed_at', v_workflow.deployed_at, 'deployed_by', v_workflow.deployed_by),
    'triggers', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', t.id, 'node_id', t.node_id, 'subtype', t.trigger_subtype,
        'path', nullif(t.index_key, ''), 'method', t.trigger_config -> 'method'
      ) order by t.node_id), jsonb '[]')
      from public.trigger_index t where t.workflow_id = v_workflow.id));
end
$$;
comment on function triggers.deploy(uuid, int) is 'See public.deploy_workflow.';
grant execute on function triggers.deploy(uuid, int) to authenticated, service_role;

create function public.deploy_workflow(workflow_id uuid, version int default null)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select triggers.deploy(deploy_workflow.workflow_id, deploy_workflow.version)
$$;
comment on function public.deploy_workflow(uuid, int) is
  'Let events start a version (the current one unless named): {deployment, triggers}. '
  'Errors: workflow_not_found, role_insufficient, version_not_found, workflow_archived, definition_invalid.';
grant execute on function public.deploy_workflow(uuid, int) to authenticated, service_role;
