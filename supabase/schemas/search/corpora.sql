-- What BM25 and the rankings must know of all steps of a workspace, as of the last refresh.
create table search.corpora (
  workspace_id uuid primary key references public.workspaces (id) on delete cascade,
  documents bigint not null,
  average_length double precision not null,
  max_executions int not null default 0,
  -- rows whose words are not in search.lexemes as they are now: updated, deleted, or inserted by the million
  drift bigint not null default 0,
  refreshed_at timestamptz not null,
  constraint documents_are_counted check (documents >= 0 and drift >= 0 and max_executions >= 0),
  constraint a_length_is_not_negative check (average_length >= 0)
);
comment on table search.corpora is
  'Number and average length of the steps of a workspace, as of the last refresh.';
alter table search.corpora enable row level security;
-- no policy and no grant: search.find_steps() reads it for its caller

-- What has happened to steps since: a row a statement and workspace, taken by search.refresh_corpora().
-- Inserted rows are named, not found by their ids: a row may be committed long after its id was made, and a
-- client may give one.
create table search.corpus_changes (
  id bigint generated always as identity primary key,
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  inserted uuid[] not null,
  drifted bigint not null
);
comment on table search.corpus_changes is
  'Steps that came, changed and went since the last refresh of a corpus.';
-- the foreign key
create index corpus_changes_workspace on search.corpus_changes (workspace_id);
alter table search.corpus_changes enable row level security;
-- no policy and no grant: triggers write it, the refresh takes it

create function search.note_new_steps()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- the words of very many rows are counted faster with all the others
  insert into search.corpus_changes (workspace_id, inserted, drifted)
  select n.workspace_id,
    case when count(*) <= 10000 then array_agg(n.id) else '{}' end,
    case when count(*) <= 10000 then 0 else count(*) end
  from new_steps n group by n.workspace_id;
  return null;
end
$$;
comment on function search.note_new_steps() is 'Trigger: new steps count in their workspace''s frequencies.';
create trigger new_steps_are_counted after insert on public.workflow_steps
  referencing new table as new_steps
  for each statement execute function search.note_new_steps();

create function search.note_changed_steps()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into search.corpus_changes (workspace_id, inserted, drifted)
  select o.workspace_id, '{}', count(*)
  from old_steps o join new_steps n on n.id = o.id
  where n.search_vector is distinct from o.search_vector
  group by o.workspace_id;
  return null;
end
$$;
comment on function search.note_changed_steps() is
  'Trigger: changed steps make their workspace''s frequencies drift.';
create trigger changed_steps_drift after update on public.workflow_steps
  referencing old table as old_steps new table as new_steps
  for each statement execute function search.note_changed_steps();

create function search.note_gone_steps()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- a workspace that goes takes its steps and its frequencies along
  insert into search.corpus_changes (workspace_id, inserted, drifted)
  select o.workspace_id, '{}', count(*)
  from old_steps o join public.workspaces w on w.id = o.workspace_id
  group by o.workspace_id;
  return null;
end
$$;
comment on function search.note_gone_steps() is
  'Trigger: deleted steps make their workspace''s frequencies drift.';
create trigger gone_steps_drift after delete on public.workflow_steps
  referencing old table as old_steps
  for each statement execute function search.note_gone_steps();
