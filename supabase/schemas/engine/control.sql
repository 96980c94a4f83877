-- Executions that are to be canceled by whoever next holds their lock: an execution of the same tree is never
-- locked by the one that asks for it. Messages, of which there may be several: who asks waits for nobody who
-- asks too.
create table engine.cancellations (
  id bigint generated always as identity primary key,
  execution_id uuid not null,
  -- null: its parent was
  reason text
);
comment on table engine.cancellations is
  'Executions to be canceled with their parent, to make room, or when deploying.';
-- what there is for an execution
create index cancellations_of on engine.cancellations (execution_id);
alter table engine.cancellations enable row level security;
-- no policy and no grant: the engine's

-- Locks an execution that the caller may control, or refuses.
create function engine.controlled(execution_id uuid)
returns public.workflow_executions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_execution public.workflow_executions;
begin
  select * into v_execution from public.workflow_executions e where e.id = controlled.execution_id;
  perform workspaces.require(v_execution.workspace_id, 'editor', 'execution', controlled.execution_id);
  select * into v_execution from public.workflow_executions e where e.id = controlled.execution_id
  for no key update;
  return v_execution;
end
$$;
comment on function engine.controlled(uuid) is
  'Lock an execution for a verb. Errors: execution_not_found, role_insufficient.';

-- Locks what waits below an execution as well: all of them in id order and before any of their waits, since a
-- child that ends touches the wait of its parent.
create function engine.lock_tree(execution_id uuid)
returns uuid[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_tree uuid[];
  v_locked uuid[] := array[]::uuid[];
begin
  loop
    with recursive tree as (
      select lock_tree.execution_id as id
      union all
      select c.id from tree t
      join public.workflow_executions c on c.parent_execution_id = t.id
      where c.parent_run_id is not null and c.end_time is null
    )
    select array_agg(t.id order by t.id) into v_tree from tree t;
    exit when v_tree <@ v_locked;
    perform from public.workflow_executions e where e.id = any (v_tree) order by e.id for no key update;
    v_locked := v_tree;
  end loop;
  return v_tree;
end
$$;
comment on function engine.lock_tree(uuid) is 'Lock an execution and the live ones that it waits for.';

create function engine.log_control(
  execution public.workflow_executions, what text, friendly text, reason text, at timestamptz
)
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, log_category, event_type, message, data,
    user_friendly_message, display_priority, is_milestone, created_at)
  values (
    execution.id, execution.workspace_id, 'BUSINESS', 'workflow_progress',
    what || coalesce(': ' || reason, ''),
    jsonb_strip_nulls(jsonb_build_object('by', (select auth.uid()), 'reason', log_control.reason)),
    friendly, 8, true, log_control.at)
$$;
comment on function engine.log_control(public.workflow_executions, text, text, text, timestamptz) is
  'Log who did what to an execution.';

-- Cancels an execution and every execution that it waits for. One that has ended stays as it is: canceling
-- again is a no-op that answers it, so a client may repeat the call after a lost answer.
create function engine.cancel(execution_id uuid, reason text)
returns public.workflow_executions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_execution public.workflow_executions := engine.controlled(cancel.execution_id);
  v_now timestamptz := engine.now();
begin
  perform engine.pause_point('cancel_locked');
  if v_execution.end_time is null then
    perform engine.log_control(v_execution, 'Canceled', 'The workflow was canceled.', left(reason, 1000),
      v_now);
    perform engine.end_executions(array[v_execution.id], 'CANCELED', jsonb_build_object(v_execution.id,
      jsonb_build_object('code', 'canceled', 'message', coalesce(left(reason, 1000), 'Canceled'))), v_now);
    perform engine.cancel_descendants(v_execution.id, v_now);
    select * into v_execution from public.workflow_executions e where e.id = v_execution.id;
  end if;
  return v_execution;
end
$$;
comment on function engine.cancel(uuid, text) is 'See public.cancel_execution.';
grant execute on function engine.cancel(uuid, text) to authenticated, service_role;

-- Cancels what is below an execution that has just ended, as far as nobody else holds it: the tick does the
-- rest.
create function engine.cancel_descendants(execution_id uuid, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_above uuid[] := array[cancel_descendants.execution_id];
begin
  while cardinality(v_above) > 0 loop
    v_above := array(
      select c.id from public.workflow_executions c
      where c.parent_execution_id = any (v_above) and c.parent_run_id is not null and c.end_time is null
      order by c.id
      for no key update skip locked);
    perform engine.end_executions(v_above, 'CANCELED',
      (select jsonb_object_agg(c, jsonb_build_object(
         'code', 'canceled', 'message', 'Canceled with its parent'))
       from unnest(v_above) c), at);
  end loop;
end
$$;
comment on function engine.cancel_descendants(uuid, timestamptz) is 'Cancel the executions below one.';

create function public.cancel_execution(execution_id uuid, reason text default null)
returns public.workflow_executions
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.cancel(cancel_execution.execution_id, cancel_execution.reason)
$$;
comment on function public.cancel_execution(uuid, text) is
  'Cancel an execution and the sub-workflows that it waits for; a no-op on one that has ended. '
  'Errors: execution_not_found, role_insufficient.';
grant execute on function public.cancel_execution(uuid, text) to authenticated, service_role;

-- Nothing of a paused execution begins: what is at work ends, what follows is held, and so is what becomes
-- due. Its deadline runs on. Sub-workflows that it waits for are paused with it.
create function engine.pause(execution_id uuid, reason text)
returns public.workflow_executions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_execution public.workflow_executions := engine.controlled(pause.execution_id);
  v_now timestamptz := engine.now();
  v_paused public.workflow_executions[];
  v_ids uuid[];
  v_parked engine.waits[];
begin
  perform engine.pause_point('pause_locked');
  if v_execution.end_time is not null then
    perform platform.fail(409, 'execution_ended',
      format('The execution has ended with %s', v_execution.status), 'Start a new one, or retry it.');
  elsif v_execution.status = 'PAUSED' then
    return v_execution;
  end if;
  v_ids := engine.lock_tree(v_execution.id);
  with paused as (
    update public.workflow_executions e set status = 'PAUSED'
    where e.id = any (v_ids) and e.end_time is null and e.status <> 'PAUSED'
    returning e.*
  )
  select array_agg(row(p.*)::public.workflow_executions order by p.id), array_agg(p.id)
  into v_paused, v_ids from paused p;
  with ready as (
    delete from engine.tasks t
    where t.id in (
      select k.id from engine.tasks k
      where k.execution_id = any (v_ids) and k.lease_token is null
      -- one that is being claimed just now is at work
      for update skip locked)
    returning engine.token_of(t) as token
  )
  select array_agg(engine.wait_of(r.token, 'ready', v_now, v_now)) into v_parked from ready r;
  perform engine.park(v_parked);
  update engine.waits w set is_held = true where w.execution_id = any (v_ids);
  insert into public.workflow_execution_pauses (
    workspace_id, execution_id, paused_at, pause_reason, resume_conditions, created_at)
  select u.workspace_id, u.id, v_now, 'user',
    jsonb_strip_nulls(jsonb_build_object('by', (select auth.uid()), 'reason', left(pause.reason, 1000))),
    v_now
  from unnest(v_paused) u;
  foreach v_execution in array v_paused loop
    perform engine.log_control(v_execution, 'Paused', 'The workflow was paused.', left(reason, 1000), v_now);
  end loop;
  perform engine.broadcast(v_paused);
  select * into v_execution from public.workflow_executions e where e.id = pause.execution_id;
  return v_execution;
end
$$;
comment on function engine.pause(uuid, text) is 'See public.pause_execution.';
grant execute on function engine.pause(uuid, text) to authenticated, service_role;

create function public.pause_execution(execution_id uuid, reason text default null)
returns public.workflow_executions
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.pause(pause_execution.execution_id, pause_execution.reason)
$$;
comment on function public.pause_execution(uuid, text) is
  'Let nothing more of an execution begin, nor of the sub-workflows that it waits for. '
  'Errors: execution_not_found, role_insufficient, execution_ended.';
grant execute on function public.pause_execution(uuid, text) to authenticated, service_role;

create function engine.resume(execution_id uuid)
returns public.workflow_executions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_execution public.workflow_executions := engine.controlled(resume.execution_id);
  v_now timestamptz := engine.now();
  v_resumed public.workflow_executions[];
  v_ids uuid[];
begin
  if v_execution.status <> 'PAUSED' then
    perform platform.fail(409, 'execution_not_paused',
      format('The execution is %s', v_execution.status), 'Only a paused execution can be resumed.');
  end if;
  v_ids := engine.lock_tree(v_execution.id);
  with resumed as (
    update public.workflow_executions e
    set status = case when e.start_time is null then 'NEW' else 'RUNNING' end
    where e.id = any (v_ids) and e.status = 'PAUSED'
    returning e.*
  )
  select array_agg(row(r.*)::public.workflow_executions order by r.id), array_agg(r.id order by r.id)
  into v_resumed, v_ids from resumed r;
  update engine.waits w set is_held = false where w.execution_id = any (v_ids);
  foreach v_execution in array v_resumed loop
    perform engine.log_control(v_execution, 'Resumed', 'The workflow goes on.', null, v_now);
  end loop;
  perform engine.broadcast(v_resumed);
  update public.workflow_execution_pauses p
  set status = 'resumed', resumed_at = v_now, resume_trigger = 'user'
  where p.execution_id = any (v_ids) and p.pause_reason = 'user' and p.status = 'active';
  perform engine.advance(v_ids, v_now);
  perform engine.mark_asking(v_ids);
  select * into v_execution from public.workflow_executions e where e.id = resume.execution_id;
  return v_execution;
end
$$;
comment on function engine.resume(uuid) is 'See public.resume_execution.';
grant execute on function engine.resume(uuid) to authenticated, service_role;

create function public.resume_execution(execution_id uuid)
returns public.workflow_executions
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.resume(resume_execution.execution_id)
$$;
comment on function public.resume_execution(uuid) is
  'Let a paused execution go on, with the sub-workflows that it waits for. '
  'Errors: execution_not_found, role_insufficient, execution_not_paused.';
grant execute on function public.resume_execution(uuid) to authenticated, service_role;
