-- Workflows with their latest execution: read from its index, not written to the workflow, which every
-- execution would have to lock.
create view public.workflow_overview with (security_invoker = true) as
  select
    w.id, w.workspace_id, w.name, w.description, w.tags, w.folder, w.status, w.current_version,
    w.deployment_status, w.deployed_version, w.created_at, w.updated_at,
    coalesce(e.status, 'IDLE') as latest_execution_status, e.id as latest_execution_id,
    coalesce(e.start_time, e.created_at) as latest_execution_time
  from public.workflows w
  left join lateral (
    select x.id, x.status, x.start_time, x.created_at from public.workflow_executions x
    where x.workflow_id = w.id order by x.id desc limit 1
  ) e on true
  -- everybody's public templates are in list_workflows(is_public)
  where not w.is_public or workspaces.may_read(w.workspace_id);
comment on view public.workflow_overview is 'Workflows with the status of their latest execution.';
grant select on public.workflow_overview to authenticated, service_role;
