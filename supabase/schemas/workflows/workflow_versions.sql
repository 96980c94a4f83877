-- The history of a workflow. A version that was deployed or executed never changes: editing it makes the next
-- one, and an execution is pinned to its own.
create table public.workflow_versions (
  workspace_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  -- the version that it was made from
  parent_version int,
  definition jsonb not null,
  note text,
  -- sha256 of the definition's canonical text
  checksum text not null,
  -- it was compiled, to be deployed or started
  is_locked boolean not null default false,
  created_by uuid default auth.uid() references auth.users (id) on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, version),
  constraint a_version_belongs_to_its_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade,
  constraint a_version_has_one_workspace unique (workspace_id, workflow_id, version),
  constraint versions_count_from_1 check (version >= 1 and parent_version < version),
  constraint a_note_has_at_most_2000_characters check (length(note) <= 2000)
);
comment on table public.workflow_versions is
  'Versions of a workflow''s definition; locked ones never change.';

alter table public.workflow_versions enable row level security;
create policy "members read" on public.workflow_versions for select to authenticated
  using (
    workspace_id = any (array(select workspaces.readable()))
    and workflow_id <> all (array(select workflows.deleted())));
grant select on public.workflow_versions to authenticated, service_role;
-- no insert, update or delete: the verbs validate and compile

create function workflows.refuse_change_of_locked()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if (new.definition, new.checksum, new.parent_version, new.version, new.is_locked)
     is distinct from (old.definition, old.checksum, old.parent_version, old.version, old.is_locked) then
    raise exception 'Version % was deployed or executed, and stays as it is', old.version
      using errcode = 'PT409', detail = 'version_locked', hint = 'Save the next version.';
  end if;
  return new;
end
$$;
comment on function workflows.refuse_change_of_locked() is
  'Trigger: what was deployed or executed never changes.';
create trigger locked_versions_stay before update on public.workflow_versions
  for each row when (old.is_locked) execute function workflows.refuse_change_of_locked();

-- Whoever deploys or starts a version locks it first, and reads it then: once in its life. Waits for whoever
-- saves it just now.
create function workflows.lock_version(workflow_id uuid, version int)
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  update public.workflow_versions v set is_locked = true
  where v.workflow_id = lock_version.workflow_id and v.version = lock_version.version and not v.is_locked
$$;
comment on function workflows.lock_version(uuid, int) is 'From here on a version never changes.';

create function workflows.version_of(workflow public.workflows, version int)
returns public.workflow_versions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_version public.workflow_versions;
begin
  select * into v_version from public.workflow_versions v
  where v.workflow_id = workflow.id and v.version = coalesce(version_of.version, workflow.current_version);
  if not found then
    perform platform.fail(404, 'version_not_found',
      format('The workflow has no version %s', version_of.version),
      format('Its current version is %s.', workflow.current_version));
  end if;
  return v_version;
end
$$;
comment on function workflows.version_of(public.workflows, int) is
  'A version of a workflow, the current one unless named. Errors: version_not_found.';

create function workflows.check_note(note text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if length(note) > 2000 then
    perform platform.fail(422, 'note_invalid', 'A note has at most 2000 characters', 'Give a shorter one.');
  end if;
end
$$;
comment on function workflows.check_note(text) is
  'Refuse a version''s or deployment''s note that is too long. Errors: note_invalid.';
