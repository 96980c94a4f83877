-- The identity of a workflow. What it does is in workflow_versions.
create table public.workflows (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null default workspaces.default_id()
    references public.workspaces (id) on delete cascade,
  user_id uuid default auth.uid() references auth.users (id) on delete set null,
  name text not null,
  description text,
  tags text[] not null default '{}',
  -- a path: 'ops/mail'
  folder text,
  icon_url text,
  status text not null default 'draft',
  -- a workflow to copy from; public ones are everybody's who is signed in, in their current version
  is_template boolean not null default false,
  template_category text,
  is_public boolean not null default false,
  -- the chat or editing session that it came from
  session_id uuid,
  current_version int not null default 1,
  -- counts every change of what editors edit: who saves says which one he saw
  revision int not null default 1,
  deployment_status text not null default 'IDLE',
  deployed_version int,
  deployed_at timestamptz,
  deployed_by uuid references auth.users (id) on delete set null,
  undeployed_at timestamptz,
  archived_at timestamptz,
  -- hidden from everybody; maintain() removes what is left of it
  deleted_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- what a foreign key that a client can set refers to
  constraint a_workflow_has_one_workspace unique (workspace_id, id),
  constraint a_workflow_came_from_a_session foreign key (workspace_id, session_id)
    references public.sessions (workspace_id, id) on delete set null (session_id),
  constraint a_name_has_1_to_255_characters check (length(name) between 1 and 255),
  constraint a_description_has_at_most_20000_characters check (length(description) <= 20000),
  constraint there_are_at_most_50_tags check (cardinality(tags) <= 50 and octet_length(tags::text) <= 5000),
  constraint a_folder_is_a_path check (folder ~ '^[^/]+(/[^/]+)*$' and length(folder) <= 500),
  constraint an_icon_url_has_at_most_2000_characters check (length(icon_url) <= 2000),
  constraint a_category_has_at_most_100_characters check (length(template_category) <= 100),
  constraint a_public_workflow_is_a_template check (is_template or not is_public),
  constraint a_status_is_known check (status in ('draft', 'active', 'paused', 'archived')),
  constraint archived_exactly_with_a_time check ((status = 'archived') = (archived_at is not null)),
  constraint a_deleted_workflow_is_archived check (deleted_at is null or status = 'archived'),
  constraint a_deployment_status_is_known check (deployment_status in ('IDLE', 'DEPLOYED', 'UNDEPLOYED')),
  constraint deployed_exactly_with_a_version check (
    (deployment_status = 'DEPLOYED') = (deployed_version is not null))
);
comment on table public.workflows is 'A workflow''s identity: name, place, current and deployed version.';
-- the list of a workspace's workflows, by each order
create index workflows_recent on public.workflows (workspace_id, updated_at desc, id desc);
create index workflows_created on public.workflows (workspace_id, created_at desc, id desc);
create index workflows_by_name on public.workflows (workspace_id, lower(name), id);
-- find by folder: in order of bytes, all that is below one is a range
create index workflows_folder on public.workflows (workspace_id, folder collate "C");
-- find by tag
create index workflows_tags on public.workflows using gin (tags);
-- everybody's templates, newest change first
create index workflows_public on public.workflows (updated_at desc, id desc) where is_public;
-- what came from a session, and the foreign key
create index workflows_session on public.workflows (workspace_id, session_id) where session_id is not null;
-- what maintain() has to remove, and what its executions are hidden by
create index workflows_deleted on public.workflows (workspace_id, id) where deleted_at is not null;

-- Keeps updated_at, archived_at and revision true, whoever writes: verbs, or an editor who renames.
-- Deploying, pausing and archiving are no change of what is edited.
create function workflows.count_revision()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := engine.now();
  new.archived_at := case when new.status = 'archived' then coalesce(old.archived_at, engine.now()) end;
  if new.revision = old.revision and (
      new.name, new.description, new.tags, new.folder, new.icon_url, new.is_template, new.template_category,
      new.is_public, new.session_id, new.current_version
    ) is distinct from (
      old.name, old.description, old.tags, old.folder, old.icon_url, old.is_template, old.template_category,
      old.is_public, old.session_id, old.current_version) then
    new.revision := old.revision + 1;
  end if;
  return new;
end
$$;
comment on function workflows.count_revision() is 'Trigger: keeps updated_at, archived_at and revision true.';
create trigger count_revision before update on public.workflows
  for each row execute function workflows.count_revision();

alter table public.workflows enable row level security;
-- one policy: two would be joined by OR all the same
create policy "members read, and everybody public templates" on public.workflows for select to authenticated
  using (
    deleted_at is null
    and (workspace_id = any (array(select workspaces.readable())) or (is_public and archived_at is null)));
create policy "editors update" on public.workflows for update to authenticated
  using (deleted_at is null and workspace_id = any (array(select workspaces.writable())))
  with check (workspace_id = any (array(select workspaces.writable())));
-- how a workflow is named and filed is the editors'; status, versions and deployment move by verbs
grant select, update (name, description, tags, folder) on public.workflows to authenticated, service_role;
-- no insert: create_workflow() also makes version 1; no delete: delete_workflow() looks at what runs

-- The workflow that a verb is about, for whoever has the role; what was deleted is not there.
create function workflows.found(workflow_id uuid, role text, is_locked boolean default false)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows;
begin
  select * into v_workflow from public.workflows w where w.id = found.workflow_id and w.deleted_at is null;
  perform workspaces.require(v_workflow.workspace_id, found.role, 'workflow', found.workflow_id);
  if found.is_locked then
    select * into v_workflow from public.workflows w where w.id = found.workflow_id and w.deleted_at is null
    for no key update;
    if v_workflow.id is null then
      perform workspaces.not_found('workflow', found.workflow_id);
    end if;
  end if;
  return v_workflow;
end
$$;
comment on function workflows.found(uuid, text, boolean) is
  'A workflow that the caller may see or change, locked if asked. Errors: workflow_not_found, '
  'role_insufficient.';

-- Starts hold it shared until they commit; whoever changes what a start meets (deploys, undeploys, purges,
-- deletes) holds it alone: so a start meets one version, or none. Taken before anything of the workflow is
-- read and before any row, several ascending; who holds rows already does not wait for it.
-- In plpgsql, like all that runs in every start.
create function workflows.lock_key(workflow_id uuid)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
begin
  return hashtextextended('tandem:workflow:' || lock_key.workflow_id, 0);
end
$$;
comment on function workflows.lock_key(uuid) is
  'The advisory lock between starting a workflow and changing what a start meets.';

-- What no longer counts although rows of it are left: executions and versions of deleted workflows.
create function workflows.deleted()
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select w.id from public.workflows w
  where w.deleted_at is not null and w.workspace_id = any (array(select workspaces.readable()))
$$;
comment on function workflows.deleted() is
  'Workflows of the caller that are deleted, and whose history is still being removed.';
grant execute on function workflows.deleted() to authenticated;
