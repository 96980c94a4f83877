-- What events are matched against: a row for each trigger of each deployed version.
create table public.trigger_index (
  -- random, and part of the trigger's URL: it cannot be guessed
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  node_id text not null,
  trigger_subtype text not null,
  -- what an event names: a WEBHOOK's path
  index_key text not null,
  trigger_config jsonb not null default '{}',
  -- whose secret verifies the events; null of MANUAL, CRON and WEBHOOKs that ask for nothing
  integration_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- deploying again keeps the id, and so the URL
  constraint a_trigger_node_is_indexed_once unique (workflow_id, node_id),
  constraint a_trigger_belongs_to_its_version foreign key (workspace_id, workflow_id, version)
    references public.workflow_versions (workspace_id, workflow_id, version) on delete cascade,
  -- the end of a workspace takes both; before that, delete_integration() refuses
  constraint a_trigger_belongs_to_its_integration foreign key (workspace_id, integration_id)
    references public.integrations (workspace_id, id) on delete cascade,
  constraint a_subtype_is_known check (trigger_subtype in
    ('MANUAL', 'CRON', 'WEBHOOK', 'EMAIL', 'GITHUB', 'SLACK'))
);
comment on table public.trigger_index is 'Deployed triggers.';
-- the policy's column and the foreign key
create index trigger_index_workspace on public.trigger_index (workspace_id, workflow_id, version);
-- the triggers that an event of an integration may start, and the foreign key
create index trigger_index_integration on public.trigger_index (integration_id, trigger_subtype, index_key)
  where integration_id is not null;
create trigger touch before update on public.trigger_index for each row execute function platform.touch();

alter table public.trigger_index enable row level security;
-- editors: whoever knows a webhook's id can start it, and a viewer may not start
create policy "editors read" on public.trigger_index for select to authenticated
  using (workspace_id = any (array(select workspaces.writable())));
grant select on public.trigger_index to authenticated, service_role;
-- no write: deploying fills it, undeploying empties it

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
