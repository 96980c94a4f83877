-- How many executions may run, or begin in a window, at once: of a workspace, of one workflow, and of each
-- value that `key` (a path over {input}) finds. A sub-workflow's execution runs in its root's slot.
create table public.execution_limits (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  -- null: of all workflows of the workspace together
  workflow_id uuid,
  key text,
  max_concurrency int,
  rate_limit int,
  rate_window_seconds int,
  -- what happens to a start without room: queue (it begins when there is), drop (it is refused),
  -- cancel_oldest (it begins, and the oldest that runs is canceled)
  policy text not null default 'queue',
  -- its numbers are those of the deployed version's settings; one that was set by hand wins
  is_from_settings boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  constraint a_limit_belongs_to_its_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade,
  constraint a_limit_is_set_once unique nulls not distinct (workspace_id, workflow_id, key),
  constraint a_limit_limits check (num_nonnulls(max_concurrency, rate_limit) > 0),
  constraint numbers_are_positive check (max_concurrency > 0 and rate_limit > 0),
  constraint a_rate_has_a_window check (
    (rate_limit is null) = (rate_window_seconds is null) and rate_window_seconds between 1 and 86400),
  constraint a_policy_is_known check (policy in ('queue', 'drop', 'cancel_oldest'))
);
comment on table public.execution_limits is 'Limits of concurrency and rate.';

alter table public.execution_limits enable row level security;
create policy "members read" on public.execution_limits for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.execution_limits to authenticated, service_role;
-- no write: set_execution_limit() checks the key

-- Occupancy: a row for each execution and limit. Read and written under the key's lock.
create table engine.slots (
  execution_id uuid not null,
  limit_id uuid not null,
  key text not null,
  priority int not null,
  asked_at timestamptz not null,
  admitted_at timestamptz,
  released_at timestamptz,
  primary key (execution_id, limit_id)
);
comment on table engine.slots is 'Who holds, or waits for, a slot of a limit.';
-- who is next
create index slots_queued on engine.slots (limit_id, key, priority desc, asked_at) where admitted_at is null;
-- how many run
create index slots_held on engine.slots (limit_id, key) where admitted_at is not null and released_at is null;
-- how many began lately
create index slots_admitted on engine.slots (limit_id, key, admitted_at) where admitted_at is not null;
alter table engine.slots enable row level security;
-- no policy and no grant: the engine's

create function engine.set_limit(
  workspace_id uuid, workflow_id uuid, key text, max_concurrency int, rate_limit int,
  rate_window_seconds int, policy text
)
returns public.execution_limits
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_limit public.execution_limits;
  v_workspace uuid := set_limit.workspace_id;
  v_key jsonb;
begin
  if set_limit.workflow_id is not null then
    -- locked: somebody may be deleting it
    v_workspace := (workflows.found(set_limit.workflow_id, 'editor', true)).workspace_id;
  else
    v_workspace := coalesce(v_workspace, workspaces.default_id());
    perform workspaces.require(v_workspace, 'admin');
  end if;
  v_key := case when set_limit.key is not null then workflows.compile_path(set_limit.key) end;
  if v_key is not null and (v_key -> 'problems' <> '[]' or v_key -> 'reads' <> '["input"]') then
    perform platform.fail(422, 'limit_key_invalid', 'A limit''s key is a path over $.input',
      coalesce(v_key #>> '{problems,0,message}', 'Write it as $.input.customer.'));
  end if;
  if coalesce(num_nonnulls(set_limit.max_concurrency, set_limit.rate_limit), 0) = 0
     or set_limit.max_concurrency < 1 or set_limit.rate_limit < 1
     or (set_limit.rate_limit is null) <> (set_limit.rate_window_seconds is null)
     or set_limit.rate_window_seconds not between 1 and 86400
     or coalesce(set_limit.policy, '') not in ('queue', 'drop', 'cancel_oldest') then
    perform platform.fail(422, 'limit_invalid',
      'A limit has max_concurrency, or rate_limit with rate_window_seconds (1 to 86400), and a policy',
      'Numbers are at least 1; policies are queue, drop and cancel_oldest.');
  end if;
  insert into public.execution_limits as l (
    workspace_id, workflow_id, key, max_concurrency, rate_limit, rate_window_seconds, policy)
  values (
    v_workspace, set_limit.workflow_id, v_key ->> 'path', set_limit.max_concurrency, set_limit.rate_limit,
    set_limit.rate_window_seconds, set_limit.policy)
  on conflict on constraint a_limit_is_set_once do update
  set max_concurrency = excluded.max_concurrency, rate_limit = excluded.rate_limit,
    rate_window_seconds = excluded.rate_window_seconds, policy = excluded.policy, is_from_settings = false
  returning l.* into v_limit;
  return v_limit;
end
$$;
comment on function engine.set_limit(uuid, uuid, text, int, int, int, text) is
  'See public.set_execution_limit.';
grant execute on function engine.set_limit(uuid, uuid, text, int, int, int, text)
  to authenticated, service_role;

create function public.set_execution_limit(
  workflow_id uuid default null, max_concurrency int default null, rate_limit int default null,
  rate_window_seconds int default null, policy text default 'queue', key text default null,
  workspace_id uuid default null
)
returns public.execution_limits
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.set_limit(
    set_execution_limit.workspace_id, set_execution_limit.workflow_id, set_execution_limit.key,
    set_execution_limit.max_concurrency, set_execution_limit.rate_limit,
    set_execution_limit.rate_window_seconds, set_execution_limit.policy)
$$;
comment on function public.set_execution_limit(uuid, int, int, int, text, text, uuid) is
  'Limit the executions of a workflow (editors), or of a workspace (admins). '
  'Errors: workflow_not_found, workspace_not_found, role_insufficient, limit_invalid, limit_key_invalid.';
grant execute on function public.set_execution_limit(uuid, int, int, int, text, text, uuid)
  to authenticated, service_role;

create function engine.delete_limit(limit_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_limit public.execution_limits;
  v_deployed int;
begin
  select * into v_limit from public.execution_limits l where l.id = delete_limit.limit_id;
  perform workspaces.require(v_limit.workspace_id,
    case when v_limit.workflow_id is null then 'admin' else 'editor' end,
    'execution_limit', delete_limit.limit_id);
  select w.deployed_version into v_deployed from public.workflows w where w.id = v_limit.workflow_id
  for no key update;
  delete from public.execution_limits l where l.id = delete_limit.limit_id;
  -- it stood before the settings'
  if not v_limit.is_from_settings and v_limit.key is null then
    perform engine.apply_settings(v_limit.workflow_id, v_deployed);
  end if;
  -- whoever waited for this one only has nothing more to wait for: the tick lets it begin
end
$$;
comment on function engine.delete_limit(uuid) is 'See public.delete_execution_limit.';
grant execute on function engine.delete_limit(uuid) to authenticated, service_role;

create function public.delete_execution_limit(limit_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.delete_limit(delete_execution_limit.limit_id)
$$;
comment on function public.delete_execution_limit(uuid) is
  'Take a limit away; what waits for it begins. Errors: execution_limit_not_found, role_insufficient.';
grant execute on function public.delete_execution_limit(uuid) to authenticated, service_role;

-- The limit of a workflow that its deployed version's settings ask for; without a version (nothing is
-- deployed), or without such settings, there is none. The caller holds the workflow's row.
create function engine.apply_settings(workflow_id uuid, version int)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_settings jsonb;
  v_workspace uuid;
begin
  select w.workspace_id into v_workspace from public.workflows w where w.id = apply_settings.workflow_id;
  select v.definition -> 'settings' into v_settings from public.workflow_versions v
  where v.workflow_id = apply_settings.workflow_id and v.version = apply_settings.version;
  if num_nonnulls(v_settings ->> 'max_concurrency', v_settings ->> 'rate_limit') > 0 then
    insert into public.execution_limits as l (
      workspace_id, workflow_id, max_concurrency, rate_limit, rate_window_seconds, policy, is_from_settings)
    values (
      v_workspace, apply_settings.workflow_id, (v_settings ->> 'max_concurrency')::numeric::int,
      (v_settings ->> 'rate_limit')::numeric::int,
      case when v_settings ->> 'rate_limit' is not null
        then coalesce((v_settings ->> 'rate_window_seconds')::numeric::int, 60) end,
      coalesce(v_settings ->> 'concurrency_policy', 'queue'), true)
    on conflict on constraint a_limit_is_set_once do update
    set max_concurrency = excluded.max_concurrency, rate_limit = excluded.rate_limit,
      rate_window_seconds = excluded.rate_window_seconds, policy = excluded.policy
    where l.is_from_settings;
  else
    delete from public.execution_limits l
    where l.workspace_id = v_workspace and l.workflow_id = apply_settings.workflow_id and l.is_from_settings;
  end if;
end
$$;
comment on function engine.apply_settings(uuid, int) is
  'Limit a workflow as its deployed version''s settings say; null: nothing is deployed.';

create function engine.has_room(bound public.execution_limits, key text)
returns boolean
language sql
volatile
security definer
set search_path = ''
as $$
  select (bound.max_concurrency is null or bound.max_concurrency > (
      select count(*) from engine.slots s
      where s.limit_id = bound.id and s.key = has_room.key
        and s.admitted_at is not null and s.released_at is null
        -- what makes room already
        and not (bound.policy = 'cancel_oldest' and exists (
          select from engine.cancellations c where c.execution_id = s.execution_id))))
    and (bound.rate_limit is null or bound.rate_limit > (
      select count(*) from engine.slots s
      where s.limit_id = bound.id and s.key = has_room.key
        and s.admitted_at > engine.now() - make_interval(secs => bound.rate_window_seconds)))
$$;
comment on function engine.has_room(public.execution_limits, text) is
  'Is there a free slot? The caller holds the key''s lock.';

-- What of an input a limit counts by; '' where it counts all together.
create function engine.key_of(bound public.execution_limits, input jsonb)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce(jsonb_path_query_first_tz(
    jsonb_build_object('input', key_of.input), bound.key::jsonpath, '{}', true) #>> '{}', '');
end
$$;
comment on function engine.key_of(public.execution_limits, jsonb) is
  'The value of a limit''s key for an input.';

create function engine.lock_of_limit(limit_id uuid, key text)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended('tandem:limit:' || limit_id || ':' || key, 0)
$$;
comment on function engine.lock_of_limit(uuid, text) is 'The advisory lock of a limit''s key.';

-- Executions that wait for a key, most urgent first, then oldest: without paused ones, and without those
-- that another limit holds back, which must not keep others from room that they cannot use themselves.
-- Looks at the first thousand.
create function engine.queue_of(limit_id uuid, key text, most int)
returns setof uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_waiting uuid;
  v_full text[] := array[]::text[];
  v_held_back text;
  v_count int := 0;
begin
  for v_waiting in
    select s.execution_id from engine.slots s
    where s.limit_id = queue_of.limit_id and s.key = queue_of.key and s.admitted_at is null
      and not exists (
        select from engine.waits w
        where w.execution_id = s.execution_id and w.kind = 'slot' and w.is_held)
    order by s.priority desc, s.asked_at, s.execution_id
    limit 1000
  loop
    continue when exists (
      select from engine.slots s
      where s.execution_id = v_waiting and s.limit_id || s.key = any (v_full));
    select s.limit_id || s.key into v_held_back
    from engine.slots s
    join public.execution_limits l on l.id = s.limit_id
    where s.execution_id = v_waiting and s.limit_id <> queue_of.limit_id and not engine.has_room(l, s.key)
    limit 1;
    if found then
      v_full := v_full || v_held_back;
      continue;
    end if;
    return next v_waiting;
    v_count := v_count + 1;
    exit when v_count = most;
  end loop;
end
$$;
comment on function engine.queue_of(uuid, text, int) is 'Who begins next where a limit''s key has room.';

-- Asks for a slot of each limit that an execution falls under: admitted, queued, or busy (somebody else
-- counts just now; only without `may_wait`). Refuses what a limit drops.
-- Locks: the keys in the order of limits; before any execution's lock where it waits.
create function engine.ask_slots(execution public.workflow_executions, may_wait boolean)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_limit public.execution_limits;
  v_limits public.execution_limits[];
  v_keys text[] := array[]::text[];
  v_key text;
  v_queued boolean := false;
  v_oldest uuid;
  v_now timestamptz := engine.now();
begin
  v_limits := array(
    select l from public.execution_limits l
    where l.workspace_id = execution.workspace_id
      and (l.workflow_id is null or l.workflow_id = execution.workflow_id)
    order by l.id);
  if cardinality(v_limits) = 0 then
    return 'admitted';
  end if;
  foreach v_limit in array v_limits loop
    v_key := engine.key_of(v_limit, execution.input);
    v_keys := v_keys || v_key;
    if may_wait then
      perform pg_advisory_xact_lock(engine.lock_of_limit(v_limit.id, v_key));
    elsif not pg_try_advisory_xact_lock(engine.lock_of_limit(v_limit.id, v_key)) then
      return 'busy';
    end if;
  end loop;
  for i in 1 .. cardinality(v_limits) loop
    v_limit := v_limits[i];
    v_key := v_keys[i];
    continue when engine.has_room(v_limit, v_key) and not exists (
      select from engine.queue_of(v_limit.id, v_key, 1));
    if v_limit.policy = 'drop' then
      perform platform.fail(429, 'execution_limit_reached',
        'As many executions as the limit allows are running or began lately',
        'Try again later, or raise the limit.');
    elsif v_limit.policy = 'cancel_oldest' then
      select s.execution_id into v_oldest from engine.slots s
      where s.limit_id = v_limit.id and s.key = v_key
        and s.admitted_at is not null and s.released_at is null
        and not exists (select from engine.cancellations c where c.execution_id = s.execution_id)
      order by s.admitted_at, s.execution_id
      limit 1;
      insert into engine.cancellations (execution_id, reason)
      select v_oldest, 'Canceled to make room for a newer one' where v_oldest is not null;
      continue when v_oldest is not null;
    end if;
    v_queued := true;
  end loop;
  insert into engine.slots (execution_id, limit_id, key, priority, asked_at, admitted_at)
  select execution.id, (v_limits[i]).id, v_keys[i], execution.priority, v_now,
    case when not v_queued then v_now end
  from generate_subscripts(v_limits, 1) i;
  update public.workflow_executions e set is_limited = true where e.id = execution.id;
  return case when v_queued then 'queued' else 'admitted' end;
end
$$;
comment on function engine.ask_slots(public.workflow_executions, boolean) is
  'Ask for the slots of an execution that begins. Errors: execution_limit_reached.';

-- Lets queued executions begin where there is room again: 200 keys at a time, others in the next tick. Waits
-- for nobody: a key that another session counts is looked at in the next tick.
create function engine.admit(at timestamptz default engine.now())
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_key record;
begin
  for v_key in
    select k.limit_id, k.key
    from (select distinct s.limit_id, s.key from engine.slots s where s.admitted_at is null) k
    -- any, so that full ones do not keep others from their turn
    order by random()
    limit 200
  loop
    perform engine.admit_to(v_key.limit_id, v_key.key, at);
  end loop;
end
$$;
comment on function engine.admit(timestamptz) is 'Let queued executions begin where there is room.';

-- An execution whose wait another session holds, to cancel or to pause it, is looked at in the next tick.
create function engine.admit_to(limit_id uuid, key text, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_limit public.execution_limits;
  v_next uuid;
begin
  if not pg_try_advisory_xact_lock(engine.lock_of_limit(admit_to.limit_id, admit_to.key)) then
    return;
  end if;
  select * into v_limit from public.execution_limits l where l.id = admit_to.limit_id;
  if not engine.has_room(v_limit, admit_to.key) then
    return;
  end if;
  for v_next in select q from engine.queue_of(admit_to.limit_id, admit_to.key, 1000) q loop
    exit when not engine.has_room(v_limit, admit_to.key);
    -- who ends it takes the wait first, then the slots
    perform from engine.waits w
    where w.execution_id = v_next and w.kind = 'slot' and not w.is_held
    for update skip locked;
    continue when not found;
    continue when not (
      select coalesce(bool_and(
        pg_try_advisory_xact_lock(engine.lock_of_limit(s.limit_id, s.key))
        and engine.has_room(l, s.key)), true)
      from engine.slots s
      join public.execution_limits l on l.id = s.limit_id
      where s.execution_id = v_next);
    update engine.slots s set admitted_at = admit_to.at where s.execution_id = v_next;
    update engine.waits w set until = admit_to.at where w.execution_id = v_next and w.kind = 'slot';
  end loop;
end
$$;
comment on function engine.admit_to(uuid, text, timestamptz) is
  'Let executions begin that wait for a limit''s key.';

create function engine.release_slots(execution_ids uuid[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_key record;
begin
  perform engine.pause_point('release_slots');
  delete from engine.slots s where s.execution_id = any (execution_ids) and s.admitted_at is null;
  for v_key in
    with released as (
      update engine.slots s set released_at = release_slots.at
      where s.execution_id = any (execution_ids) and s.released_at is null
      returning s.limit_id, s.key
    )
    select distinct r.limit_id, r.key from released r order by r.limit_id, r.key
  loop
    perform engine.admit_to(v_key.limit_id, v_key.key, at);
  end loop;
end
$$;
comment on function engine.release_slots(uuid[], timestamptz) is 'Give the slots of ended executions back.';
