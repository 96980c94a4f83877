-- What time brings about: expired leases become failed attempts, due retries become tasks, chains that were
-- cut go on. Each in its own batch; a batch that fails is tried one execution at a time, and the offender
-- ends in ERROR, so that one broken execution cannot stop the clock of all others. Answers how much was done.
-- Locks: executions in id order (skipping what others hold: the next tick comes), then waits and tasks.
create function engine.tick(batch int default 200)
returns int
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_now timestamptz := engine.now();
  v_due uuid[];
  v_execution uuid;
  v_done int := 0;
begin
  if not pg_try_advisory_xact_lock(hashtext('tandem:tick')) then
    return 0;
  end if;
  -- first: what it locks is nobody else's, and what is locked below is wanted by workers
  begin
    v_done := triggers.fire_due(v_now);
  exception when others then
    raise warning 'Schedules do not fire: %', sqlerrm;
  end;
  begin
    perform engine.admit(v_now);
  exception when others then
    raise warning 'Queued executions do not begin: %', sqlerrm;
  end;
  begin
    perform engine.deliver_events(v_now);
  exception when others then
    raise warning 'Events are not delivered: %', sqlerrm;
  end;
  -- before anything runs out: an answer that was received in time counts
  begin
    v_done := v_done + (
      select count(*) from jsonb_array_elements(hil.process_stored(batch => tick.batch)) r
      where r ->> 'status' <> 'unprocessed');
  exception when others then
    raise warning 'Stored answers are not processed: %', sqlerrm;
  end;
  perform engine.drop_messages();
  v_due := array(
    select e.id from public.workflow_executions e
    where e.end_time is null and e.id in (
      select t.execution_id from (
        select t.execution_id from engine.tasks t
        where t.lease_token is not null and t.lease_until < v_now order by t.lease_until limit tick.batch) t
      union
      select w.execution_id from (
        select w.execution_id from engine.waits w
        where not w.is_held and w.until < 'infinity' and w.until <= v_now
        order by w.until limit tick.batch) w
      union
      select d.id from (
        select d.id from public.workflow_executions d
        where d.end_time is null and d.deadline is not null and d.deadline <= v_now
        order by d.deadline limit tick.batch) d
      union
      select c.execution_id from (
        select c.execution_id from engine.cancellations c order by c.id limit tick.batch) c
      union
      select c.execution_id from (
        select c.execution_id from engine.ended_children c order by c.id limit tick.batch) c)
    order by e.id
    for no key update skip locked);
  if cardinality(v_due) > 0 then
    begin
      v_done := v_done + engine.advance(v_due, v_now);
    exception when others then
      foreach v_execution in array v_due loop
        begin
          v_done := v_done + engine.advance(array[v_execution], v_now);
        exception
        when serialization_failure or deadlock_detected or lock_not_available then
          null; -- not its fault: the next tick
        when others then
          perform engine.try_abort(v_execution, jsonb_build_object(
            'code', 'transition_failed', 'message', sqlerrm,
            'details', jsonb_build_object('sqlstate', sqlstate)));
        end;
      end loop;
    end;
  end if;
  perform triggers.complete_deployments(v_now, batch);
  begin
    perform engine.ring();
  exception when others then
    raise warning 'The doorbell does not ring: %', sqlerrm;
  end;
  begin
    perform search.tend_sources();
    perform search.ring();
  exception when others then
    raise warning 'Embeddings do not go on: %', sqlerrm;
  end;
  return v_done;
end
$$;
comment on function engine.tick(int) is
  'Fire what is due and ring for workers. Called by pg_cron several times a second.';

-- Messages to executions that ended meanwhile, or are gone.
create function engine.drop_messages()
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  delete from engine.cancellations c where c.id in (
    select k.id from engine.cancellations k
    where not exists (
      select from public.workflow_executions e where e.id = k.execution_id and e.end_time is null)
    for update skip locked);
  delete from engine.ended_children c where c.id in (
    select k.id from engine.ended_children k
    where not exists (
      select from public.workflow_executions e where e.id = k.execution_id and e.end_time is null)
    for update skip locked);
end
$$;
comment on function engine.drop_messages() is 'Remove messages that nobody will take.';

-- An execution that cannot even be ended must not stop the clock of the others.
create function engine.try_abort(execution_id uuid, error jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform engine.abort_execution(try_abort.execution_id, try_abort.error);
  raise warning 'Execution % ends: %', try_abort.execution_id, try_abort.error;
exception when others then
  raise warning 'Execution % cannot be ended: % after %', try_abort.execution_id, sqlerrm, try_abort.error;
end
$$;
comment on function engine.try_abort(uuid, jsonb) is 'abort_execution() that never raises.';

-- Cancellations, deadlines, expired leases and due waits of executions that the caller has locked. Waits
-- beyond a thousand are due again in the next tick.
create function engine.advance(execution_ids uuid[], at timestamptz)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_canceled uuid[];
  v_errors jsonb;
  v_late uuid[];
  v_settled engine.settled[];
  v_due engine.due;
begin
  with asked as (
    delete from engine.cancellations c where c.execution_id = any (advance.execution_ids) returning c.*
  )
  select array_agg(distinct a.execution_id), jsonb_object_agg(a.execution_id, jsonb_build_object(
    'code', 'canceled', 'message', coalesce(a.reason, 'Canceled with its parent')))
  into v_canceled, v_errors from asked a;
  perform engine.end_executions(v_canceled, 'CANCELED', v_errors, at);
  v_late := array(
    select e.id from public.workflow_executions e
    where e.id = any (advance.execution_ids) and e.end_time is null and e.deadline <= advance.at);
  perform engine.end_executions(v_late, 'TIMEOUT',
    (select jsonb_object_agg(l, jsonb_build_object(
      'code', 'execution_timed_out', 'message', 'The execution took longer than it may'))
     from unnest(v_late) l), at);

  with expired as (
    delete from engine.tasks t
    where t.execution_id = any (advance.execution_ids)
      and t.lease_token is not null and t.lease_until < advance.at
    returning t.*
  )
  select array_agg(row(
    engine.token_of(x::engine.tasks),
    null,
    jsonb_build_object(
      'code', 'lease_expired', 'message', 'The worker did not answer in time', 'retryable', true,
      'details', jsonb_build_object('worker_id', x.worker_id)),
    x.leased_at, advance.at, false, null, null)::engine.settled order by x.execution_id, x.id)
  into v_settled from expired x;
  v_due := engine.take_due(advance.execution_ids, advance.at);
  perform engine.enqueue(v_due.ready);
  perform engine.apply(v_settled || v_due.settled, v_due.arriving);
  return coalesce(cardinality(v_canceled), 0) + cardinality(v_late) + coalesce(cardinality(v_settled), 0)
    + coalesce(cardinality(v_due.settled), 0) + coalesce(cardinality(v_due.arriving), 0)
    + coalesce(cardinality(v_due.ready), 0);
end
$$;
comment on function engine.advance(uuid[], timestamptz) is 'Fire what is due in locked executions.';

-- Takes due waits of executions that the caller has locked, and says what becomes of each.
create function engine.take_due(execution_ids uuid[], at timestamptz)
returns engine.due
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_due engine.due;
  v_wait engine.waits;
  v_token engine.token;
  v_settled engine.settled;
  v_called engine.called;
  v_reviewed hil.reviewed;
begin
  with told as (
    delete from engine.ended_children c where c.execution_id = any (take_due.execution_ids) returning c.run_id
  )
  update engine.waits w set until = least(w.until, take_due.at)
  from told t
  where w.id = t.run_id and w.kind = 'children';
  perform hil.time_out(array(
    select w.id from engine.waits w
    join public.human_interactions i on i.id = w.id
    where w.execution_id = any (take_due.execution_ids) and w.kind = 'human' and w.until <= take_due.at
      and not w.is_held
      -- those whose answers came before them are for hil.review()
      and (i.correlation_id is null or not exists (
        select from public.hil_responses r
        where r.workspace_id = i.workspace_id and r.status = 'unmatched'
          and r.hints ->> 'correlation_id' = i.correlation_id))), at);
  for v_wait in
    with due as (
      delete from engine.waits w
      where w.id in (
        select d.id from engine.waits d
        where d.execution_id = any (take_due.execution_ids) and not d.is_held
          and d.until < 'infinity' and d.until <= take_due.at
        order by d.until, d.id
        limit 1000)
      returning w.*
    )
    select d.* from due d order by d.execution_id, d.until, d.id
  loop
    v_token := engine.token_of(v_wait);
    if v_wait.kind in ('retry', 'ready') and (
        select p.executor from engine.plan p where p.workflow_id = v_wait.workflow_id
          and p.version = v_wait.version and p.node_id = v_wait.node_id) = 'edge' then
      v_due.ready := v_due.ready || v_token;
      continue;
    elsif v_wait.kind in ('retry', 'ready', 'turn', 'slot') then
      -- what waited for a slot may be a retry, which begins anywhere
      if (v_wait.source_id is null or v_wait.kind = 'slot') and not engine.begin(v_wait, at) then
        continue;
      end if;
      v_due.arriving := v_due.arriving || v_token;
      continue;
    end if;
    if v_wait.kind = 'human' then
      v_reviewed := hil.review(v_wait, at);
      if (v_reviewed.wait).id is not null then
        perform engine.park(array[v_reviewed.wait]);
      else
        v_settled := v_reviewed.settled;
        v_due.settled := v_due.settled || v_settled;
      end if;
      continue;
    end if;
    v_settled := null;
    v_settled.token := v_token;
    v_settled.started_at := v_wait.since;
    v_settled.ended_at := at;
    if v_wait.kind = 'timer' then
      v_settled.passes := true;
    elsif v_wait.kind = 'event' and v_wait.data is not null then
      v_settled.output := v_wait.data -> 'payload';
    elsif v_wait.kind = 'event' then
      v_settled.error := jsonb_build_object(
        'code', 'wait_timed_out', 'message', format('The event %s did not come in time', v_wait.event_name));
    else
      v_called := engine.review_children(v_wait, at);
      if (v_called.wait).id is not null then
        perform engine.park(array[v_called.wait]);
        v_due.arriving := v_due.arriving || v_called.started;
        continue;
      end if;
      v_settled.output := v_called.output;
      v_settled.error := v_called.error;
    end if;
    v_due.settled := v_due.settled || v_settled;
  end loop;
  return v_due;
end
$$;
comment on function engine.take_due(uuid[], timestamptz) is 'Take due waits of locked executions.';
