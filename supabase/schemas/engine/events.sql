-- Events that executions wait for. With a key an event is a fact: the first payload that was sent for (name,
-- key) is what every run that waits for it gets, whether it waited before or comes later. Without a key it is
-- a signal: it resumes every run that waits for its name now; where none does it is kept for the next one.
create table public.workflow_events (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  name text not null,
  key text,
  payload jsonb not null default '{}',
  sent_by uuid,
  sent_at timestamptz not null,
  -- until when it is kept
  expires_at timestamptz not null,
  -- it was handed to those who waited when it came
  delivered_at timestamptz,
  constraint a_name_has_1_to_200_characters check (length(name) between 1 and 200),
  constraint a_key_has_1_to_200_characters check (length(key) between 1 and 200),
  constraint the_first_event_of_a_key_counts unique (workspace_id, name, key)
);
comment on table public.workflow_events is 'Events sent to executions, kept for a month.';
-- the tick: what has not been handed over
create index workflow_events_fresh on public.workflow_events (id) where delivered_at is null;
-- signals that are kept for the next who waits
create index workflow_events_kept on public.workflow_events (workspace_id, name, id) where key is null;
-- the upkeep: what is no longer kept
create index workflow_events_expiry on public.workflow_events (expires_at);

alter table public.workflow_events enable row level security;
create policy "members read" on public.workflow_events for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.workflow_events to authenticated, service_role;
-- no write: send_event() hands it over

create function engine.lock_of_event(workspace_id uuid, name text)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended('tandem:event:' || workspace_id || ':' || name, 0)
$$;
comment on function engine.lock_of_event(uuid, text) is 'The advisory lock of an event''s name.';

-- A WAIT node: the row that waits, or (id null) what it comes to at once in data: {payload} of an event that
-- was there already, {error} of parameters that make no sense, {} of a time that is over.
-- Whoever waits for an event holds its name's lock shared until commit, whoever hands one over exclusively:
-- so neither overlooks the other. Nobody waits for that lock; the tick tries again.
create function engine.wait_for(token engine.token, parameters jsonb, at timestamptz)
returns engine.waits
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  c_longest constant interval := interval '365 days';
  v_wait engine.waits;
  v_none engine.waits;
  v_name text := parameters ->> 'event';
  v_key text := nullif(parameters ->> 'key', '');
  v_seconds float8;
  v_event public.workflow_events;
begin
  if parameters ? 'event' then
    if coalesce(length(v_name), 0) not between 1 and 200 or length(v_key) > 200 then
      v_none.data := jsonb_build_object('error', jsonb_build_object('code', 'wait_invalid',
        'message', 'The name of an event has 1 to 200 characters, its key at most 200'));
      return v_none;
    end if;
    if not pg_try_advisory_xact_lock_shared(engine.lock_of_event(token.workspace_id, v_name)) then
      return engine.wait_of(token, 'turn', at, at + interval '200 milliseconds');
    end if;
    if v_key is not null then
      select e.* into v_event from public.workflow_events e
      where e.workspace_id = token.workspace_id and e.name = v_name and e.key = v_key;
    else
      delete from public.workflow_events e
      where e.id = (
        select k.id from public.workflow_events k
        where k.workspace_id = token.workspace_id and k.name = v_name and k.key is null
          -- a fresh one is for all who wait, and for this run with them
          and k.delivered_at is not null
        order by k.id
        limit 1
        for update skip locked)
      returning e.* into v_event;
    end if;
    if v_event.id is not null then
      v_none.data := jsonb_build_object('payload', v_event.payload);
      return v_none;
    end if;
    v_wait := engine.wait_of(token, 'event', at, at + make_interval(
      secs => least(coalesce(engine.count_of(parameters -> 'timeout_seconds'), 2592000), 31536000)));
    v_wait.event_name := v_name;
    v_wait.event_key := v_key;
    return v_wait;
  end if;
  v_wait := engine.wait_of(token, 'timer', at, at);
  if parameters ? 'until' and pg_input_is_valid(parameters ->> 'until', 'timestamptz') then
    v_wait.until := (parameters ->> 'until')::timestamptz;
  elsif pg_input_is_valid(parameters ->> 'seconds', 'float8') then
    v_seconds := (parameters ->> 'seconds')::float8;
    v_wait.until := case when v_seconds between 0 and 1e9 then at + make_interval(secs => v_seconds) end;
  else
    v_wait.until := null;
  end if;
  if v_wait.until is null or v_wait.until > at + c_longest then
    v_none.data := jsonb_build_object('error', jsonb_build_object('code', 'wait_invalid',
      'message', format('%s is no time to wait for: give seconds of at least 0, or until as a date and time, '
        'at most a year ahead', coalesce(parameters ->> 'until', parameters ->> 'seconds', 'null'))));
    return v_none;
  elsif v_wait.until <= at then
    v_none.data := '{}';
    return v_none;
  end if;
  return v_wait;
end
$$;
comment on function engine.wait_for(engine.token, jsonb, timestamptz) is 'What a WAIT node does.';

-- Hands events over to those who wait for them. Waits for nobody: what others hold is for the next tick.
-- Locks: executions, then their waits.
create function engine.deliver_events(at timestamptz default engine.now())
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_event public.workflow_events;
  v_waiting int;
  v_free uuid[];
  v_given int;
begin
  for v_event in
    select e.* from public.workflow_events e where e.delivered_at is null
    order by e.id limit 100
    for update skip locked
  loop
    continue when not pg_try_advisory_xact_lock(
      engine.lock_of_event(v_event.workspace_id, v_event.name));
    v_free := array(
      select x.id from public.workflow_executions x
      where x.id in (
        select w.execution_id from engine.waits w
        where w.workspace_id = v_event.workspace_id and w.kind = 'event' and w.event_name = v_event.name
          and w.event_key is not distinct from v_event.key and w.data is null)
      order by x.id
      for no key update skip locked);
    select count(*) into v_waiting from engine.waits w
    where w.workspace_id = v_event.workspace_id and w.kind = 'event' and w.event_name = v_event.name
      and w.event_key is not distinct from v_event.key and w.data is null;
    update engine.waits w set until = deliver_events.at, data = jsonb_build_object('payload', v_event.payload)
    where w.workspace_id = v_event.workspace_id and w.kind = 'event' and w.event_name = v_event.name
      and w.event_key is not distinct from v_event.key and w.data is null and w.execution_id = any (v_free);
    get diagnostics v_given = row_count;
    -- one that is being ended or timed out just now may still be there in a moment
    continue when v_given < v_waiting;
    if v_event.key is null and v_given > 0 then
      delete from public.workflow_events e where e.id = v_event.id;
    else
      update public.workflow_events e set delivered_at = deliver_events.at where e.id = v_event.id;
    end if;
  end loop;
end
$$;
comment on function engine.deliver_events(timestamptz) is 'Hand fresh events over to those who wait.';

create function engine.send_event(name text, payload jsonb, key text, workspace_id uuid)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_workspace uuid := coalesce(send_event.workspace_id, workspaces.default_id());
  v_event public.workflow_events;
  v_created boolean;
  v_waiting uuid[];
  v_now timestamptz := engine.now();
begin
  perform workspaces.require(v_workspace, 'editor');
  if coalesce(length(send_event.name), 0) not between 1 and 200
     or length(send_event.key) not between 1 and 200 then
    perform platform.fail(422, 'event_name_invalid',
      'The name of an event has 1 to 200 characters, and so has its key if it has one', 'Give another.');
  end if;
  if pg_column_size(send_event.payload) > 1048576 then
    perform platform.fail(413, 'input_too_large',
      'A payload has at most 1 MiB', 'Put large data into storage and pass its address.');
  end if;
  insert into public.workflow_events as e (
    workspace_id, name, key, payload, sent_by, sent_at, expires_at)
  values (
    v_workspace, send_event.name, send_event.key, coalesce(send_event.payload, '{}'), (select auth.uid()),
    v_now, v_now + interval '30 days')
  on conflict on constraint the_first_event_of_a_key_counts do nothing
  returning e.* into v_event;
  v_created := v_event.id is not null;
  if not v_created then
    select e.* into strict v_event from public.workflow_events e
    where e.workspace_id = v_workspace and e.name = send_event.name and e.key = send_event.key;
  else
    perform engine.pause_point('event_sent');
    perform engine.deliver_events(v_now);
    v_waiting := array(
      select x.id from public.workflow_executions x
      where x.end_time is null and x.id in (
        select w.execution_id from engine.waits w
        where w.workspace_id = v_workspace and w.kind = 'event' and w.event_name = send_event.name
          and w.event_key is not distinct from send_event.key and not w.is_held and w.until <= v_now
        limit 100)
      order by x.id
      for no key update skip locked);
    if cardinality(v_waiting) > 0 then
      perform engine.advance(v_waiting, v_now);
    end if;
  end if;
  return jsonb_build_object(
    'id', v_event.id, 'name', v_event.name, 'key', v_event.key, 'created', v_created);
end
$$;
comment on function engine.send_event(text, jsonb, text, uuid) is 'See public.send_event.';
grant execute on function engine.send_event(text, jsonb, text, uuid) to authenticated, service_role;

create function public.send_event(
  name text, payload jsonb default '{}', key text default null, workspace_id uuid default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.send_event(send_event.name, send_event.payload, send_event.key, send_event.workspace_id)
$$;
comment on function public.send_event(text, jsonb, text, uuid) is
  'Send an event to the executions of a workspace (the caller''s personal one unless one is named): '
  '{id, name, key, created}. With a key the first payload counts, for whoever waits now or later; without '
  'one it resumes whoever waits now, else the next. '
  'Errors: workspace_not_found, role_insufficient, event_name_invalid, input_too_large.';
grant execute on function public.send_event(text, jsonb, text, uuid) to authenticated, service_role;
