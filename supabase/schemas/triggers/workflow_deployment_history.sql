-- Who let which version serve, and when. A deployment is one transaction and one row, begun and completed;
-- one that was refused is a row too. Only what outlives its transaction has a row for its start and one for
-- its end: the executions that it cancels ([UN]DEPLOY_STARTED, and [UN]DEPLOY_COMPLETED when all have ended).
create table public.workflow_deployment_history (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null,
  workflow_id uuid not null,
  deployment_action text not null,
  from_status text not null,
  to_status text not null,
  -- no foreign key: what was deployed stays known after the version is purged
  deployment_version int not null,
  -- {triggers: as deployed, running, note}
  deployment_config jsonb not null default '{}',
  -- the deployment that rolling this one back leads to; of *_COMPLETED, the row of its start
  previous_id uuid,
  triggered_by uuid default auth.uid() references auth.users (id) on delete set null,
  started_at timestamptz not null,
  completed_at timestamptz,
  error_message text,
  -- [{at, step, ...}]
  deployment_logs jsonb not null default '[]',
  constraint a_deployment_belongs_to_its_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade,
  constraint an_action_is_known check (deployment_action in (
    'DEPLOY', 'UNDEPLOY', 'UPDATE', 'ROLLBACK', 'DEPLOY_STARTED', 'DEPLOY_COMPLETED', 'DEPLOY_FAILED',
    'UNDEPLOY_STARTED', 'UNDEPLOY_COMPLETED')),
  constraint a_failure_says_why check ((deployment_action = 'DEPLOY_FAILED') = (error_message is not null)),
  constraint only_a_start_is_incomplete check (
    (completed_at is null) = (deployment_action in ('DEPLOY_STARTED', 'UNDEPLOY_STARTED')))
);
comment on table public.workflow_deployment_history is 'Who deployed and undeployed which version, and when.';
-- a workflow's history, newest first, and the policy's column
create index workflow_deployment_history_workflow
  on public.workflow_deployment_history (workspace_id, workflow_id, id desc);

alter table public.workflow_deployment_history enable row level security;
create policy "members read" on public.workflow_deployment_history for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.workflow_deployment_history to authenticated, service_role;
-- no write: the deploy verbs'

-- The newest deployment of a workflow that served, or the newest one of a version.
create function triggers.last_deployment(workflow public.workflows, version int default null)
returns public.workflow_deployment_history
language sql
stable
security definer
set search_path = ''
as $$
  select h from public.workflow_deployment_history h
  where h.workspace_id = workflow.workspace_id and h.workflow_id = workflow.id
    and h.deployment_action in ('DEPLOY', 'UPDATE', 'ROLLBACK')
    and (last_deployment.version is null or h.deployment_version = last_deployment.version)
  order by h.id desc
  limit 1
$$;
comment on function triggers.last_deployment(public.workflows, int) is 'The newest deployment that served.';

create function triggers.step(step text, more jsonb default '{}')
returns jsonb
language sql
volatile
set search_path = ''
as $$
  select jsonb_build_object('at', engine.now(), 'step', step.step) || step.more
$$;
comment on function triggers.step(text, jsonb) is 'A line of deployment_logs.';

create function triggers.history(workflow_id uuid, page_size int, before uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_workspace uuid := (workflows.found(history.workflow_id, 'viewer')).workspace_id;
  v_limit int := platform.page_size(history.page_size);
  v_rows jsonb;
begin
  select coalesce(jsonb_agg(to_jsonb(h) order by h.id desc), '[]') into v_rows
  from (
    select h.* from public.workflow_deployment_history h
    where h.workspace_id = v_workspace and h.workflow_id = history.workflow_id
      and (history.before is null or h.id < history.before)
    order by h.id desc
    limit v_limit + 1) h;
  return jsonb_build_object(
    'history', case
      when jsonb_array_length(v_rows) > v_limit then v_rows - v_limit
      else v_rows
    end,
    'next_before', case
      when jsonb_array_length(v_rows) > v_limit then v_rows -> (v_limit - 1) -> 'id'
    end);
end
$$;
comment on function triggers.history(uuid, int, uuid) is 'See public.get_deployment_history.';
grant execute on function triggers.history(uuid, int, uuid) to authenticated, service_role;

create function public.get_deployment_history(
  workflow_id uuid, page_size int default 50, before uuid default null
)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select triggers.history(
    get_deployment_history.workflow_id, get_deployment_history.page_size, get_deployment_history.before)
$$;
comment on function public.get_deployment_history(uuid, int, uuid) is
  'A workflow''s deployments, newest first: {history, next_before}; `next_before` is `before` of the next '
  'page. Errors: workflow_not_found.';
grant execute on function public.get_deployment_history(uuid, int, uuid) to authenticated, service_role;
