-- Name and description of the workflows that steps belong to, once for all steps of one: the row that a
-- workflow's vector is made of. Its id is made of what it says (workflow_steps.workflow_text_id), so a step
-- knows it without looking.
create table search.workflow_texts (
  id uuid primary key,
  -- no foreign key to workspaces: the steps have one, and texts without steps are swept
  workspace_id uuid not null,
  workflow_name text not null,
  workflow_description text,
  created_at timestamptz not null,
  constraint a_text_has_one_workspace unique (workspace_id, id)
);
comment on table search.workflow_texts is
  'Names and descriptions of workflows that have steps, for their vectors.';
-- what the sweep looks at
create index workflow_texts_age on search.workflow_texts (created_at);
alter table search.workflow_texts enable row level security;
-- no policy and no grant: every step carries its workflow's name and description

-- Sees to it that the texts of a statement's steps exist. Two that bring the same new workflow: the second
-- waits for the first, and both go through texts in the order of their ids. What is there already is held
-- against the sweep until the step is committed.
create function search.keep_workflow_texts()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform from search.workflow_texts t
  where t.id in (select n.workflow_text_id from new_rows n)
  order by t.id
  for key share;
  insert into search.workflow_texts (id, workspace_id, workflow_name, workflow_description, created_at)
  select distinct on (n.workflow_text_id)
    n.workflow_text_id, n.workspace_id, n.workflow_name, n.workflow_description, engine.now()
  from new_rows n
  where not exists (select from search.workflow_texts t where t.id = n.workflow_text_id)
  order by n.workflow_text_id
  on conflict do nothing;
  return null;
end
$$;
comment on function search.keep_workflow_texts() is
  'Trigger: the texts of the workflows that steps belong to.';
create trigger keep_texts_of_inserted after insert on public.workflow_steps
  referencing new table as new_rows
  for each statement execute function search.keep_workflow_texts();
create trigger keep_texts_of_updated after update on public.workflow_steps
  referencing new table as new_rows
  for each statement execute function search.keep_workflow_texts();

-- Removes texts that no step has had for a day. A text that a step was just given is locked by it, or, when
-- that is committed, seen by the second statement, whose snapshot is taken behind the locks.
create function search.sweep_workflow_texts(batch int default 1000)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_unused uuid[];
  v_swept int;
begin
  v_unused := array(
    select t.id from search.workflow_texts t
    where t.created_at < engine.now() - interval '1 day'
      and not exists (
        select from public.workflow_steps s
        where s.workspace_id = t.workspace_id and s.workflow_text_id = t.id)
    order by t.created_at
    limit sweep_workflow_texts.batch
    for update skip locked);
  delete from search.workflow_texts t
  where t.id = any (v_unused)
    and not exists (
      select from public.workflow_steps s
      where s.workspace_id = t.workspace_id and s.workflow_text_id = t.id);
  get diagnostics v_swept = row_count;
  return v_swept;
end
$$;
comment on function search.sweep_workflow_texts(int) is
  'Remove texts of workflows that have no step any more.';
