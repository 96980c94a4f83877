-- The executions that a deployment cancels, until they have ended: only then it is complete.
create table triggers.draining (
  -- the row of the history that says that it started
  deployment_id uuid not null references public.workflow_deployment_history (id) on delete cascade,
  execution_id uuid not null,
  primary key (deployment_id, execution_id)
);
comment on table triggers.draining is 'Executions that a deployment cancels and that have not ended.';
alter table triggers.draining enable row level security;
-- no policy and no grant: deploying fills it, the tick empties it

-- Asks for the end of a workflow's live executions but those of one version. Asked, not done: whoever holds
-- an execution now, or the tick, ends it, so that deploying locks none of them.
create function triggers.cancel_running(
  workflow public.workflows, except_version int, kind text, from_status text
)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_reason text := coalesce('Canceled when version ' || except_version || ' was deployed',
    'Canceled when the workflow was undeployed');
  v_running uuid[];
  v_id uuid;
begin
  v_running := array(
    select e.id from public.workflow_executions e
    where e.workflow_id = workflow.id and e.end_time is null and e.version is distinct from except_version
    order by e.id);
  if cardinality(v_running) = 0 then
    return 0;
  end if;
  insert into public.workflow_deployment_history (
    workspace_id, workflow_id, deployment_action, from_status, to_status, deployment_version, started_at,
    deployment_logs)
  values (
    workflow.workspace_id, workflow.id, kind || '_STARTED', cancel_running.from_status,
    workflow.deployment_status,
    coalesce(workflow.deployed_version, (triggers.last_deployment(workflow)).deployment_version,
      workflow.current_version),
    engine.now(),
    jsonb_build_array(triggers.step('executions_asked_to_end',
      jsonb_build_object('count', cardinality(v_running)))))
  returning id into v_id;
  insert into engine.cancellations (execution_id, reason)
  select r, v_reason from unnest(v_running) r;
  insert into triggers.draining (deployment_id, execution_id) select v_id, r from unnest(v_running) r;
  return cardinality(v_running);
end
$$;
comment on function triggers.cancel_running(public.workflows, int, text, text) is
  'Cancel a workflow''s live executions but those of a version; answers how many.';

-- Called by the tick: deployments whose executions have all ended.
create function triggers.complete_deployments(at timestamptz, batch int)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_touched uuid[];
begin
  if not exists (select from triggers.draining) then
    return 0;
  end if;
  with ended as (
    delete from triggers.draining d
    where (d.deployment_id, d.execution_id) in (
      select k.deployment_id, k.execution_id from triggers.draining k
      where not exists (
        select from public.workflow_executions e where e.id = k.execution_id and e.end_time is null)
      limit complete_deployments.batch
      for update skip locked)
    returning d.deployment_id
  )
  select array_agg(distinct e.deployment_id) into v_touched from ended e;
  insert into public.workflow_deployment_history (
    workspace_id, workflow_id, deployment_action, from_status, to_status, deployment_version, previous_id,
    triggered_by, started_at, completed_at, deployment_logs)
  select h.workspace_id, h.workflow_id, replace(h.deployment_action, 'STARTED', 'COMPLETED'),
    h.from_status, h.to_status, h.deployment_version, h.id, h.triggered_by, h.started_at,
    complete_deployments.at,
    jsonb_build_array(triggers.step('executions_ended', (h.deployment_logs #> '{0}') - '{at,step}'::text[]))
  from public.workflow_deployment_history h
  where h.id = any (v_touched) and not exists (
    select from triggers.draining d where d.deployment_id = h.id);
  return coalesce(cardinality(v_touched), 0);
exception when others then
  -- nothing waits for it: it must not stop the tick
  raise warning 'Deployments are not completed: %', sqlerrm;
  return 0;
end
$$;
comment on function triggers.complete_deployments(timestamptz, int) is
  'Note which deployments have seen the last execution end that they cancel.';
