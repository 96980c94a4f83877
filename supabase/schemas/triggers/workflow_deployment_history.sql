create table public.workflow_deployment_history (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  deployment_action text not null,
  from_status text not null,
  to_status text not null,
  triggered_by uuid default auth.uid() references auth.users (id) on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  constraint a_deployment_belongs_to_its_version foreign key (workspace_id, workflow_id, version)
    references public.workflow_versions (workspace_id, workflow_id, version) on delete cascade,
  constraint an_action_is_known check (deployment_action in ('DEPLOY', 'UPDATE', 'UNDEPLOY'))
);
comment on table public.workflow_deployment_history is 'Who deployed and undeployed which version, and when.';
-- a workflow's history, and the policy's column
create index workflow_deployment_history_workflow
  on public.workflow_deployment_history (workspace_id, workflow_id, version);

alter table public.workflow_deployment_history enable row level security;
create policy "members read" on public.workflow_deployment_history for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.workflow_deployment_history to authenticated, service_role;
-- no write: the deploy verbs'
