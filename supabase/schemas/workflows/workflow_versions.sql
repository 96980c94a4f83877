-- The history of a workflow. A version never changes: editing makes the next one,
-- and an execution is pinned to its own.
create table public.workflow_versions (
  workspace_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  parent_version int,
  definition jsonb not null,
  note text,
  -- sha256 of the definition's canonical text
  checksum text not null,
  -- it was compiled, to be deployed or started
  is_locked boolean not null default false,
  created_by uuid default auth.uid() references auth.users (id) on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, version),
  constraint a_version_belongs_to_its_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade,
  constraint a_version_has_one_workspace unique (workspace_id, workflow_id, version),
  constraint versions_count_from_1 check (version >= 1 and parent_version < version)
);
comment on table public.workflow_versions is 'Immutable versions of a workflow''s definition.';

alter table public.workflow_versions enable row level security;
create policy "members read" on public.workflow_versions for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.workflow_versions to authenticated, service_role;
-- no insert, update or delete: create_workflow_version() validates and compiles
