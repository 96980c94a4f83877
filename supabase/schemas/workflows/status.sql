-- Whether a workflow may start: draft and active ones may, paused and archived ones not.
create function workflows.set_status(workflow_id uuid, status text)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows := workflows.found(set_status.workflow_id, 'editor', true);
begin
  if v_workflow.status = 'archived' then
    perform platform.fail(409, 'workflow_archived',
      'An archived workflow is neither active nor paused', 'Unarchive it first.');
  end if;
  update public.workflows w set status = set_status.status
  where w.id = v_workflow.id and w.status <> set_status.status;
  select * into v_workflow from public.workflows w where w.id = set_status.workflow_id;
  return v_workflow;
end
$$;
comment on function workflows.set_status(uuid, text) is
  'See public.pause_workflow and public.activate_workflow.';
grant execute on function workflows.set_status(uuid, text) to authenticated, service_role;

create function public.pause_workflow(workflow_id uuid)
returns public.workflows
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.set_status(pause_workflow.workflow_id, 'paused')
$$;
comment on function public.pause_workflow(uuid) is
  'Nothing starts a workflow any more: events are refused, schedules skipped. What runs goes on. '
  'Errors: workflow_not_found, role_insufficient, workflow_archived.';
grant execute on function public.pause_workflow(uuid) to authenticated, service_role;

create function public.activate_workflow(workflow_id uuid)
returns public.workflows
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.set_status(activate_workflow.workflow_id, 'active')
$$;
comment on function public.activate_workflow(uuid) is
  'A workflow may be started (again). Events start it once it is deployed. '
  'Errors: workflow_not_found, role_insufficient, workflow_archived.';
grant execute on function public.activate_workflow(uuid) to authenticated, service_role;

-- Puts a workflow away: out of lists and out of service. What runs goes on.
create function workflows.archive(workflow_id uuid)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows := workflows.found(archive.workflow_id, 'editor');
begin
  if v_workflow.status = 'archived' then
    return v_workflow;
  end if;
  perform triggers.undeploy(archive.workflow_id, 'keep');
  update public.workflows w set status = 'archived'
  where w.id = archive.workflow_id and w.deleted_at is null and w.status <> 'archived';
  return workflows.found(archive.workflow_id, 'editor');
end
$$;
comment on function workflows.archive(uuid) is 'See public.archive_workflow.';
grant execute on function workflows.archive(uuid) to authenticated, service_role;

create function public.archive_workflow(workflow_id uuid)
returns public.workflows
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.archive(archive_workflow.workflow_id)
$$;
comment on function public.archive_workflow(uuid) is
  'Put a workflow away: undeployed, not to be started or changed, in lists only where asked for. What runs '
  'goes on. Errors: workflow_not_found, role_insufficient.';
grant execute on function public.archive_workflow(uuid) to authenticated, service_role;

create function workflows.unarchive(workflow_id uuid)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform workflows.found(unarchive.workflow_id, 'editor', true);
  update public.workflows w set status = 'draft'
  where w.id = unarchive.workflow_id and w.status = 'archived';
  return workflows.found(unarchive.workflow_id, 'editor');
end
$$;
comment on function workflows.unarchive(uuid) is 'See public.unarchive_workflow.';
grant execute on function workflows.unarchive(uuid) to authenticated, service_role;

create function public.unarchive_workflow(workflow_id uuid)
returns public.workflows
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.unarchive(unarchive_workflow.workflow_id)
$$;
comment on function public.unarchive_workflow(uuid) is
  'Take an archived workflow out again, as a draft: deploy it to let events start it. '
  'Errors: workflow_not_found, role_insufficient.';
grant execute on function public.unarchive_workflow(uuid) to authenticated, service_role;
