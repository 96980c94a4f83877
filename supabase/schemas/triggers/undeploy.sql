-- No event that comes after its commit starts anything. What is not deployed stays as it is, and the answer
-- says so.
create function triggers.undeploy(workflow_id uuid, running text, note text default null)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workflow public.workflows := triggers.take_workflow(undeploy.workflow_id, undeploy.running);
  -- behind the lock, as in the history of all
  c_started constant timestamptz := engine.now();
  v_from text := v_workflow.deployment_status;
  v_version int := v_workflow.deployed_version;
  v_removed text[];
  v_canceled int := 0;
begin
  perform workflows.check_note(undeploy.note);
  if v_version is not null then
    with removed as (
      delete from public.trigger_index t where t.workflow_id = v_workflow.id returning t.node_id
    )
    select array_agg(r.node_id order by r.node_id) into v_removed from removed r;
    update public.workflows w
    set deployment_status = 'UNDEPLOYED', deployed_version = null, undeployed_at = c_started
    where w.id = v_workflow.id
    returning w.* into v_workflow;
    perform engine.apply_settings(v_workflow.id, null);
    perform triggers.plan_schedules(v_workflow.id);
    perform engine.pause_point('deployment_indexed');
    insert into public.workflow_deployment_history (
      workspace_id, workflow_id, deployment_action, from_status, to_status, deployment_version,
      deployment_config, started_at, completed_at, deployment_logs)
    values (
      v_workflow.workspace_id, v_workflow.id, 'UNDEPLOY', v_from, v_workflow.deployment_status, v_version,
      jsonb_strip_nulls(jsonb_build_object('running', undeploy.running, 'note', undeploy.note)),
      c_started, engine.now(),
      jsonb_build_array(triggers.step('triggers', jsonb_build_object('removed', v_removed))));
  end if;
  -- also later: who let them run may think again
  if undeploy.running = 'cancel' then
    v_canceled := triggers.cancel_running(v_workflow, null, 'UNDEPLOY', v_from);
  end if;
  return jsonb_build_object(
    'deployment', jsonb_build_object(
      'workflow_id', v_workflow.id, 'version', null, 'previous_version', v_version,
      'status', v_workflow.deployment_status, 'undeployed_at', v_workflow.undeployed_at),
    'triggers', jsonb '[]',
    'changed', v_version is not null,
    'canceled', v_canceled);
end
$$;
comment on function triggers.undeploy(uuid, text, text) is 'See public.undeploy_workflow.';
grant execute on function triggers.undeploy(uuid, text, text) to authenticated, service_role;

create function public.undeploy_workflow(
  workflow_id uuid, running text default 'keep', note text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select triggers.undeploy(
    undeploy_workflow.workflow_id, undeploy_workflow.running, undeploy_workflow.note)
$$;
comment on function public.undeploy_workflow(uuid, text, text) is
  'Let no event start a workflow any more: {deployment, triggers: [], changed, canceled}; changed is false '
  'where nothing was deployed. What runs goes on, or is canceled (running: keep or cancel). '
  'Errors: workflow_not_found, role_insufficient, running_invalid, note_invalid.';
grant execute on function public.undeploy_workflow(uuid, text, text) to authenticated, service_role;
