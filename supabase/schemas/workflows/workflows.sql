-- The identity of a workflow. What it does is in workflow_versions.
create table public.workflows (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null default workspaces.default_id()
    references public.workspaces (id) on delete cascade,
  user_id uuid default auth.uid() references auth.users (id) on delete set null,
  name text not null,
  description text,
  tags text[] not null default '{}',
  folder text,
  status text not null default 'draft',
  current_version int not null default 1,
  deployment_status text not null default 'IDLE',
  deployed_version int,
  deployed_at timestamptz,
  deployed_by uuid references auth.users (id) on delete set null,
  undeployed_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- what a foreign key that a client can set refers to
  constraint a_workflow_has_one_workspace unique (workspace_id, id),
  constraint a_name_has_1_to_255_characters check (length(name) between 1 and 255),
  constraint a_status_is_known check (status in ('draft', 'active', 'paused', 'archived')),
  constraint a_deployment_status_is_known check (deployment_status in ('IDLE', 'DEPLOYED', 'UNDEPLOYED')),
  constraint deployed_exactly_with_a_version check (
    (deployment_status = 'DEPLOYED') = (deployed_version is not null))
);
comment on table public.workflows is 'A workflow''s identity: name, place, current and deployed version.';
-- the list of a workspace's workflows, newest change first
create index workflows_recent on public.workflows (workspace_id, updated_at desc);
-- find by tag
create index workflows_tags on public.workflows using gin (tags);

create trigger touch before update on public.workflows for each row execute function platform.touch();

alter table public.workflows enable row level security;
create policy "members read" on public.workflows for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
create policy "editors update" on public.workflows for update to authenticated
  using (workspace_id = any (array(select workspaces.writable())))
  with check (workspace_id = any (array(select workspaces.writable())));
-- how a workflow is named and filed is the editors'; status, versions and deployment move by verbs
grant select, update (name, description, tags, folder) on public.workflows to authenticated, service_role;
-- no insert: create_workflow() also makes version 1; no delete yet: executions refer to their workflow
