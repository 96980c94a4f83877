-- A tick that comes later than this has missed the time.
create function triggers.grace()
returns interval
language plpgsql
immutable
set search_path = ''
as $$
begin
  return interval '60 seconds';
end
$$;
comment on function triggers.grace() is 'How late a scheduled run may begin and not be missed.';

-- Starts what is due, for the tick, which must stay short: until `batch` schedules are done or `most` has
-- passed; the next tick goes on. A batch that fails is tried one schedule at a time, and the offender's row
-- says why, so that one broken schedule cannot stop the others.
-- Locks: schedules (skipping what others hold), then, without waiting, the workflow's key and those of
-- its limits. What cannot be had is left to the next tick.
create function triggers.fire_due(at timestamptz, batch int default 1000, most interval default '250 ms')
returns int
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set lock_timeout = '1s'
as $$
declare
  v_until timestamptz := clock_timestamp() + most;
  -- first those on time: what an outage left may take long, and would make them late as well
  v_from timestamptz := at - triggers.grace();
  v_due uuid[];
  v_left uuid[] := array[]::uuid[];
  v_now_left uuid[];
  v_schedule uuid;
  v_done int := 0;
begin
  loop
    v_due := array(
      select s.trigger_id from public.workflow_schedules s
      where s.is_active and s.next_run_at >= v_from and s.next_run_at <= fire_due.at
        and s.trigger_id <> all (v_left)
      order by s.next_run_at
      limit least(20, batch - v_done)
      for update skip locked);
    if v_due = '{}' then
      exit when v_from = '-infinity';
      v_from := '-infinity';
      continue;
    end if;
    begin
      v_now_left := triggers.fire(v_due, at);
    exception when others then
      v_now_left := array[]::uuid[];
      foreach v_schedule in array v_due loop
        begin
          v_now_left := v_now_left || triggers.fire(array[v_schedule], at);
        exception
        when serialization_failure or deadlock_detected or lock_not_available then
          -- not its fault: the next tick
          v_now_left := v_now_left || v_schedule;
        when others then
          perform triggers.fail_run(v_schedule, sqlstate, sqlerrm, at);
        end;
      end loop;
    end;
    v_left := v_left || v_now_left;
    v_done := v_done + cardinality(v_due) - cardinality(v_now_left);
    exit when v_done >= batch or clock_timestamp() >= v_until;
  end loop;
  return v_done;
end
$$;
comment on function triggers.fire_due(timestamptz, int, interval) is
  'Start what schedules ask for. Called by engine.tick().';

-- Runs the one time of each schedule whose turn it is, and says when it is due next. Answers those that must
-- wait for the next tick. The caller has locked the schedules.
create function triggers.fire(trigger_ids uuid[], at timestamptz)
returns uuid[]
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  c_grace constant interval := triggers.grace();
  v_schedule public.workflow_schedules;
  v_trigger public.trigger_index;
  v_workflow public.workflows;
  v_at timestamptz;
  v_scheduled_at text;
  v_payload jsonb;
  v_started engine.started;
  v_left uuid[] := array[]::uuid[];
begin
  for v_schedule in
    select s.* from public.workflow_schedules s
    where s.trigger_id = any (fire.trigger_ids)
    order by s.next_run_at
  loop
    if not pg_try_advisory_xact_lock_shared(workflows.lock_key(v_schedule.workflow_id)) then
      v_left := v_left || v_schedule.trigger_id;
      continue;
    end if;
    -- read behind the lock: what is deployed now stays deployed until this commits
    select t.* into strict v_trigger from public.trigger_index t where t.id = v_schedule.trigger_id;
    perform engine.pause_point('fire');
    select w.* into v_workflow from public.workflows w where w.id = v_schedule.workflow_id;
    if v_workflow.status <> 'active' then
      update public.workflow_schedules s set is_active = false where s.trigger_id = v_schedule.trigger_id;
      continue;
    end if;

    v_at := case
      when v_schedule.next_run_at >= at - c_grace then v_schedule.next_run_at
      when v_schedule.misfire = 'skip' then
        triggers.next_time(v_schedule.cron, v_schedule.timezone, at - c_grace - interval '1 microsecond')
      else coalesce((triggers.last_times(v_schedule.cron, v_schedule.timezone, v_schedule.next_run_at, at,
        case v_schedule.misfire when 'all' then v_schedule.misfire_limit else 1 end))[1],
        v_schedule.next_run_at)
    end;
    if v_at > v_schedule.next_run_at or v_at is null then
      v_schedule.last_skipped_at := v_schedule.next_run_at;
      v_schedule.last_skip_reason := 'misfire';
    end if;
    if v_at > at or v_at is null then
      v_schedule.next_run_at := v_at;
    elsif v_schedule.overlap = 'skip' and exists (
        select from public.workflow_executions e
        where e.workflow_id = v_schedule.workflow_id and e.trigger_node_id = v_schedule.node_id
          and e.mode = 'SCHEDULE' and e.end_time is null) then
      v_schedule.last_skipped_at := v_at;
      v_schedule.last_skip_reason := 'overlap';
      v_schedule.next_run_at := triggers.next_time(v_schedule.cron, v_schedule.timezone, v_at);
    else
      v_scheduled_at := to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
      v_payload := jsonb_build_object(
        'scheduled_at', v_scheduled_at, 'timezone', v_schedule.timezone, 'expression', v_schedule.expression);
      if not triggers.take_limits(v_schedule.workspace_id, v_schedule.workflow_id, v_payload) then
        v_left := v_left || v_schedule.trigger_id;
        continue;
      end if;
      if v_schedule.overlap = 'cancel_previous' then
        insert into engine.cancellations (execution_id, reason)
        select e.id, 'Canceled to make room for the next scheduled run' from public.workflow_executions e
        where e.workflow_id = v_schedule.workflow_id and e.trigger_node_id = v_schedule.node_id
          and e.mode = 'SCHEDULE' and e.end_time is null;
      end if;
      v_started := engine.start(v_workflow, v_trigger.version, v_schedule.node_id, 'SCHEDULE', v_payload,
        -- one execution a time, whoever fires it and whatever was deployed since
        encode(sha256(convert_to(v_schedule.node_id || ':' || v_scheduled_at, 'UTF8')), 'hex'), 0);
      v_schedule.last_execution_id := (v_started.execution).id;
      v_schedule.last_run_at := v_at;
      v_schedule.next_run_at := triggers.next_time(v_schedule.cron, v_schedule.timezone, v_at);
    end if;
    update public.workflow_schedules s
    set next_run_at = v_schedule.next_run_at, last_run_at = v_schedule.last_run_at,
      last_execution_id = v_schedule.last_execution_id, last_skipped_at = v_schedule.last_skipped_at,
      last_skip_reason = v_schedule.last_skip_reason
    where s.trigger_id = v_schedule.trigger_id;
  end loop;
  return v_left;
end
$$;
comment on function triggers.fire(uuid[], timestamptz) is 'Start one run of each schedule that is due.';

-- The keys of the limits that a start will ask, taken without waiting: the tick waits for nobody, since it
-- holds keys in any order.
create function triggers.take_limits(workspace_id uuid, workflow_id uuid, input jsonb)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  return coalesce((
    select bool_and(pg_try_advisory_xact_lock(
      engine.lock_of_limit(l.id, engine.key_of(l, take_limits.input))))
    from public.execution_limits l
    where l.workspace_id = take_limits.workspace_id
      and (l.workflow_id is null or l.workflow_id = take_limits.workflow_id)), true);
end
$$;
comment on function triggers.take_limits(uuid, uuid, jsonb) is
  'Lock the limits that a start falls under, or say that somebody holds one.';

-- A run that cannot be started is not tried again: the schedule goes on with its next time.
create function triggers.fail_run(trigger_id uuid, state text, message text, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_next timestamptz;
begin
  begin
    select triggers.next_time(s.cron, s.timezone, greatest(s.next_run_at, at)) into v_next
    from public.workflow_schedules s where s.trigger_id = fail_run.trigger_id;
  exception when others then
    -- a zone that is no more: until it is deployed again
    v_next := null;
  end;
  if state = 'PT429' then
    -- a limit that drops what has no room
    update public.workflow_schedules s
    set last_skipped_at = s.next_run_at, last_skip_reason = 'execution_limit_reached', next_run_at = v_next
    where s.trigger_id = fail_run.trigger_id;
  else
    raise warning 'Schedule % cannot start: %', fail_run.trigger_id, message;
    update public.workflow_schedules s
    set last_error_at = fail_run.at, next_run_at = v_next,
      last_error = jsonb_build_object(
        'sqlstate', state, 'scheduled_at', s.next_run_at,
        -- members read it: what is not said to them is the log's
        'message', case
          when state like 'PT4__' then left(message, 1000) else 'Something went wrong on our side' end)
    where s.trigger_id = fail_run.trigger_id;
  end if;
end
$$;
comment on function triggers.fail_run(uuid, text, text, timestamptz) is
  'Record that a run could not be started, and go on to the next.';
