-- Where a deployed workflow listens, asked later: deploying answers it once.
create function triggers.of_workflow(workflow_id uuid)
returns jsonb
language sql
volatile
security definer
set search_path = ''
as $$
  select jsonb_build_object('triggers', triggers.deployed(w.id))
  from workflows.found(of_workflow.workflow_id, 'editor') w
$$;
comment on function triggers.of_workflow(uuid) is 'See public.get_triggers.';
grant execute on function triggers.of_workflow(uuid) to authenticated, service_role;

create function public.get_triggers(workflow_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select triggers.of_workflow(get_triggers.workflow_id)
$$;
comment on function public.get_triggers(uuid) is
  'What starts the deployed version of a workflow: {triggers}, none where nothing is deployed. '
  'Errors: workflow_not_found, role_insufficient.';
grant execute on function public.get_triggers(uuid) to authenticated, service_role;
