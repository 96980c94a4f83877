-- Steps older than a year that never ran: out of the way of search, and there to be brought back.
create table public.archived_steps (
  id uuid primary key,
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  -- the row as it was
  step jsonb not null,
  -- what the objects of a step are kept for
  state_object_key text,
  outcome_diff_key text,
  archived_at timestamptz not null
);
comment on table public.archived_steps is
  'Steps that nobody executed in a year; restore_archived_step() brings one back.';
-- a workspace's archive, latest first
create index archived_steps_latest on public.archived_steps (workspace_id, archived_at desc);
alter table public.archived_steps enable row level security;
create policy "members read" on public.archived_steps for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.archived_steps to authenticated, service_role;
-- no write: archive_steps() and restore_archived_step() move rows

-- Moves some old steps that never ran; answers how many. One that changed lately (a restored one has) is
-- young. Objects stay: what the deletion just queued is taken back in the same transaction.
create function search.archive_steps(batch int default 1000)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := engine.now();
  v_before timestamptz := v_now - interval '1 year';
  v_workspace uuid;
  v_steps uuid[];
  v_keys text[];
begin
  for v_workspace in select w.id from public.workspaces w order by w.id loop
    v_steps := array(
      select s.id from public.workflow_steps s
      where s.workspace_id = v_workspace and s.created_at < v_before and s.updated_at < v_before
        and not exists (select from public.workflow_step_stats t where t.step_id = s.id)
        -- a client may have given its step an id that is in the archive, of whatever workspace
        and not exists (select from public.archived_steps a where a.id = s.id)
      order by s.created_at
      limit archive_steps.batch
      for update skip locked);
    continue when v_steps = '{}';
    -- a new snapshot: an execution that was counted before the row was locked is seen now
    with moved as (
      delete from public.workflow_steps s
      where s.id = any (v_steps)
        and not exists (select from public.workflow_step_stats t where t.step_id = s.id)
      returning s.*
    ),
    kept as (
      insert into public.archived_steps (
        id, workspace_id, step, state_object_key, outcome_diff_key, archived_at)
      select m.id, m.workspace_id, to_jsonb(m) - '{search_vector,workflow_text_id}'::text[],
        m.state_object_key, m.outcome_diff_key, v_now
      from moved m
      returning archived_steps.*
    )
    select array_agg(k.id), array_agg(o.object_key) filter (where o.object_key is not null)
    into v_steps, v_keys
    from kept k
    cross join lateral (values (k.state_object_key), (k.outcome_diff_key)) o (object_key);
    if v_keys is not null then
      delete from search.object_deletions d where d.object_key = any (v_keys);
    end if;
    if v_steps is not null then
      return (select count(distinct i) from unnest(v_steps) i);
    end if;
  end loop;
  return 0;
end
$$;
comment on function search.archive_steps(int) is
  'Move a batch of steps older than a year that never ran into the archive.';

create function search.restore_step(step_id uuid)
returns public.workflow_steps
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_archived public.archived_steps;
  v_step public.workflow_steps;
begin
  select * into v_archived from public.archived_steps a where a.id = restore_step.step_id;
  perform workspaces.require(v_archived.workspace_id, 'editor', 'archived_step', restore_step.step_id);
  delete from public.archived_steps a where a.id = restore_step.step_id;
  if not found then
    -- somebody was faster
    perform workspaces.not_found('archived_step', restore_step.step_id);
  end if;
  v_step := jsonb_populate_record(null::public.workflow_steps, v_archived.step);
  insert into public.workflow_steps as s (
    id, workspace_id, user_id, app_name, window_title, element_path, step_name, definition, state_object_key,
    outcome_diff_key, workflow_name, workflow_description, workflow_id, node_id, terminator_version,
    environment, author, created_at, updated_at)
  select
    v_step.id, v_archived.workspace_id, (select u.id from auth.users u where u.id = v_step.user_id),
    v_step.app_name, v_step.window_title, v_step.element_path, v_step.step_name, v_step.definition,
    v_step.state_object_key, v_step.outcome_diff_key, v_step.workflow_name, v_step.workflow_description,
    (select w.id from public.workflows w
     where w.workspace_id = v_archived.workspace_id and w.id = v_step.workflow_id),
    v_step.node_id, v_step.terminator_version, v_step.environment, v_step.author, v_step.created_at,
    engine.now()
  on conflict do nothing
  returning s.* into v_step;
  if not found then
    perform platform.fail(409, 'step_exists',
      format('There is a step again with the id, or of the node, of archived step %s', restore_step.step_id),
      'The archived one stays where it is: delete the other step first.');
  end if;
  delete from search.object_deletions d
  where d.object_key in (v_step.state_object_key, v_step.outcome_diff_key);
  return v_step;
end
$$;
comment on function search.restore_step(uuid) is 'See public.restore_archived_step.';
grant execute on function search.restore_step(uuid) to authenticated, service_role;

create function public.restore_archived_step(step_id uuid)
returns public.workflow_steps
language sql
volatile
security invoker
set search_path = ''
as $$
  select search.restore_step(restore_archived_step.step_id)
$$;
comment on function public.restore_archived_step(uuid) is
  'Bring an archived step back, as it was; it is embedded anew. '
  'Errors: archived_step_not_found, role_insufficient, step_exists.';
grant execute on function public.restore_archived_step(uuid) to authenticated, service_role;
