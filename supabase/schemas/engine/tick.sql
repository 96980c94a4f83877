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
  v_due := array(
    select e.id from public.workflow_executions e
    where e.id in (
      select t.execution_id from (
        select t.execution_id from engine.tasks t
        where t.lease_token is not null and t.lease_until < v_now order by t.lease_until limit tick.batch) t
      union
      select w.execution_id from (
        select w.execution_id from engine.waits w where w.until <= v_now order by w.until limit tick.batch) w)
    order by e.id
    for no key update skip locked);
  if cardinality(v_due) > 0 then
    begin
      v_done := engine.advance(v_due, v_now);
    exception when others then
      foreach v_execution in array v_due loop
        begin
          v_done := v_done + engine.advance(array[v_execution], v_now);
        exception when others then
          perform engine.try_abort(v_execution, jsonb_build_object(
            'code', 'transition_failed', 'message', sqlerrm,
            'details', jsonb_build_object('sqlstate', sqlstate)));
        end;
      end loop;
    end;
  end if;
  begin
    perform engine.ring();
  exception when others then
    raise warning 'The doorbell does not ring: %', sqlerrm;
  end;
  return v_done;
end
$$;
comment on function engine.tick(int) is
  'Fire what is due and ring for workers. Called by pg_cron several times a second.';

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

-- Expired leases and due waits of executions that the caller has locked. Waits beyond a thousand are due
-- again in the next tick.
create function engine.advance(execution_ids uuid[], at timestamptz)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_settled engine.settled[];
  v_turns engine.token[];
  v_retries engine.token[];
begin
  with expired as (
    delete from engine.tasks t
    where t.execution_id = any (advance.execution_ids)
      and t.lease_token is not null and t.lease_until < advance.at
    returning t.*
  )
  select array_agg(row(
    row(x.id, x.workspace_id, x.execution_id, x.workflow_id, x.version, x.node_id, x.run_index, x.attempt,
      x.source_id, x.input_id, x.ancestors, x.scope, x.priority)::engine.token,
    null,
    jsonb_build_object(
      'code', 'lease_expired', 'message', 'The worker did not answer in time', 'retryable', true,
      'details', jsonb_build_object('worker_id', x.worker_id)),
    x.leased_at, advance.at)::engine.settled order by x.execution_id, x.id)
  into v_settled from expired x;

  with due as (
    delete from engine.waits w
    where w.id in (
      select d.id from engine.waits d
      where d.execution_id = any (advance.execution_ids) and d.until <= advance.at
      order by d.until, d.id
      limit 1000)
    returning
      w.kind, w.execution_id, w.id,
      row(
        w.id, w.workspace_id, w.execution_id, w.workflow_id, w.version, w.node_id, w.run_index, w.attempt,
        w.source_id, w.input_id, w.ancestors, w.scope, w.priority)::engine.token as token
  )
  select
    array_agg(d.token) filter (where d.kind = 'retry'),
    array_agg(d.token order by d.execution_id, d.id) filter (where d.kind = 'turn')
  into v_retries, v_turns from due d;

  perform engine.enqueue(v_retries);
  perform engine.apply(v_settled, v_turns);
  return coalesce(cardinality(v_settled), 0) + coalesce(cardinality(v_turns), 0)
    + coalesce(cardinality(v_retries), 0);
end
$$;
comment on function engine.advance(uuid[], timestamptz) is 'Fire what is due in locked executions.';
