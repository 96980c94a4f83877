-- Goes back along the deployments that served: once more leads further back, not forth again. Versions that
-- were purged are passed over.
create function triggers.rollback(workflow_id uuid, version int, note text, running text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows := triggers.take_workflow(rollback.workflow_id, rollback.running);
  v_target public.workflow_deployment_history := triggers.last_deployment(v_workflow, rollback.version);
begin
  if rollback.version is null then
    while v_target.id is not null and (
        v_target.deployment_version is not distinct from v_workflow.deployed_version
        or not exists (
          select from public.workflow_versions v
          where v.workflow_id = v_workflow.id and v.version = v_target.deployment_version)) loop
      select h.* into v_target from public.workflow_deployment_history h where h.id = v_target.previous_id;
    end loop;
  elsif rollback.version = v_workflow.deployed_version then
    v_target := null;
  end if;
  if v_target.id is null then
    perform platform.fail(409, 'nothing_to_roll_back_to',
      case
        when rollback.version is null then 'No other version was deployed before'
        when rollback.version = v_workflow.deployed_version
          then format('Version %s is the one that is deployed', rollback.version)
        else format('Version %s was never deployed', rollback.version)
      end,
      'Deploy a version instead; the history says which ones were deployed.');
  end if;
  return triggers.attempt(v_workflow, v_target.deployment_version, 'ROLLBACK', v_target.previous_id,
    rollback.running, rollback.note);
end
$$;
comment on function triggers.rollback(uuid, int, text, text) is
  'See public.rollback_workflow; answers a refusal as triggers.deploy() does.';
grant execute on function triggers.rollback(uuid, int, text, text) to authenticated, service_role;

create function public.rollback_workflow(
  workflow_id uuid, version int default null, note text default null, running text default 'keep'
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select triggers.answer('rollback_workflow', triggers.rollback(
    rollback_workflow.workflow_id, rollback_workflow.version, rollback_workflow.note,
    rollback_workflow.running))
$$;
comment on function public.rollback_workflow(uuid, int, text, text) is
  'Deploy again what was deployed before, or an earlier version by its number; answers as deploy_workflow. '
  'Errors: nothing_to_roll_back_to, and those of deploy_workflow.';
grant execute on function public.rollback_workflow(uuid, int, text, text) to authenticated, service_role;
