-- The outputs of the nodes that ended an execution, by node id: of each the last run that nothing followed.
create function engine.output_of(execution_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return coalesce((
    select jsonb_object_agg(n.node_id, coalesce(
      case
        when not n.passes_input then n.output_data
        else engine.value_at(output_of.execution_id, engine.reference(n.input_id, n.scope))
      end, 'null'))
    from (
      select distinct on (l.node_id) l.node_id, l.passes_input, l.output_data, l.input_id, l.scope
      from public.node_executions l where l.execution_id = output_of.execution_id and l.is_end
      order by l.node_id, l.end_time desc, l.id desc) n), jsonb '{}');
end
$$;
comment on function engine.output_of(uuid) is 'The output of an execution that ends now.';

-- Ends executions that have no live token left; those that have one stay as they are. Answers the ended ones.
-- `outputs` has the outputs of those that the caller knows whole, by id; the others are looked up.
-- In plpgsql, like all that runs in every transition: it keeps its plan, a function in SQL
-- makes it anew at each call.
create function engine.complete_executions(
  execution_ids uuid[], at timestamptz, outputs jsonb default '{}'
)
returns public.workflow_executions[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_ended public.workflow_executions[];
begin
  with ended as (
    update public.workflow_executions e
    set status = 'SUCCESS', end_time = complete_executions.at,
      output = coalesce(outputs -> e.id::text, engine.output_of(e.id))
    where e.id = any (execution_ids) and e.end_time is null
      and not exists (select from engine.tasks t where t.execution_id = e.id)
      and not exists (select from engine.waits w where w.execution_id = e.id)
    returning e.*
  )
  select array_agg(n::public.workflow_executions) into v_ended from ended n;
  return v_ended;
end
$$;
comment on function engine.complete_executions(uuid[], timestamptz, jsonb) is
  'End executions without a live token.';

create function engine.completed_log(execution public.workflow_executions)
returns public.workflow_execution_logs
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_log public.workflow_execution_logs;
begin
  v_log.execution_id := execution.id;
  v_log.workspace_id := execution.workspace_id;
  v_log.log_category := 'BUSINESS';
  v_log.event_type := 'workflow_completed';
  v_log.level := 'INFO';
  v_log.message := 'Execution succeeded';
  v_log.user_friendly_message := 'The workflow finished.';
  v_log.duration_ms := extract(epoch from execution.end_time - execution.start_time) * 1000;
  v_log.display_priority := 8;
  v_log.is_milestone := true;
  return v_log;
end
$$;
comment on function engine.completed_log(public.workflow_executions) is
  'The log line of an execution that succeeded.';

-- Ends executions now, whatever is live in them: ready, leased and waiting tokens become CANCELED runs.
-- A worker that still holds one of the leases is refused when it comes back. Answers the parents that wait
-- for one of them; its own children are canceled by the tick, since nobody locks two executions of one tree.
create function engine.end_executions(execution_ids uuid[], status text, errors jsonb, at timestamptz)
returns uuid[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_ended public.workflow_executions[];
begin
  if coalesce(cardinality(execution_ids), 0) = 0 then
    return array[]::uuid[];
  end if;
  -- nobody is to answer what will not go on
  if exists (
      select from engine.waits w where w.execution_id = any (execution_ids) and w.kind = 'human')
     or exists (
      select from public.workflow_executions e where e.id = any (execution_ids) and e.status = 'PAUSED') then
    perform hil.withdraw(execution_ids, at);
  end if;
  with tasks as (delete from engine.tasks t where t.execution_id = any (execution_ids) returning t.*),
  waits as (delete from engine.waits w where w.execution_id = any (execution_ids) returning w.*),
  collected as (delete from engine.collected c where c.execution_id = any (execution_ids) returning c.*),
  live as (
    select
      t.execution_id, t.id, t.workspace_id, t.workflow_id, t.version, t.node_id, t.target_index, t.run_index,
      t.attempt, t.source_id, t.input_id, t.ancestors, t.scope, t.lap,
      coalesce(t.leased_at, end_executions.at) as since, null::jsonb as joined
    from tasks t
    union all
    select
      w.execution_id, w.id, w.workspace_id, w.workflow_id, w.version, w.node_id, w.target_index, w.run_index,
      w.attempt, w.source_id, w.input_id, w.ancestors, w.scope, w.lap, w.since,
      -- parked at a join: it is still to be joined
      case when w.kind = 'merge' then jsonb '[]' end
    from waits w
    where w.kind not in ('collect', 'for_each', 'caller')
    union all
    select
      c.execution_id, platform.uuid7(), w.workspace_id, w.workflow_id, w.version, c.node_id, c.target_index,
      null, 1, c.source_id, c.input_id, c.ancestors, c.scope, c.lap, end_executions.at, jsonb '[]'
    from collected c
    join waits w on w.execution_id = c.execution_id and w.for_run = c.for_run and w.node_id = c.node_id
    where w.kind = 'collect'
  )
  insert into public.node_executions (
    execution_id, id, workspace_id, node_id, node_type, target_index, run_index, attempt, status, source_id,
    input_id, ancestors, scope, lap, joined, start_time, end_time)
  select
    l.execution_id, l.id, l.workspace_id, l.node_id, p.node_type || '.' || p.node_subtype, l.target_index,
    l.run_index, l.attempt, 'CANCELED', l.source_id, l.input_id, l.ancestors, l.scope, l.lap,
    l.joined, l.since, end_executions.at
  from live l
  join engine.plan p on p.workflow_id = l.workflow_id and p.version = l.version and p.node_id = l.node_id;

  perform engine.pause_point('waits_ended');
  with ended as (
    update public.workflow_executions e
    set status = end_executions.status, end_time = end_executions.at, error = errors -> e.id::text,
      start_time = coalesce(e.start_time, end_executions.at),
      output = case when end_executions.status = 'SUCCESS' then engine.output_of(e.id) end
    where e.id = any (execution_ids) and e.end_time is null
    returning e.*
  ),
  logged as (
    insert into public.workflow_execution_logs (
      execution_id, workspace_id, log_category, event_type, level, message, data,
      user_friendly_message, node_id, duration_ms, display_priority, is_milestone, created_at)
    select
      e.id, e.workspace_id, 'BUSINESS', 'workflow_completed',
      case e.status when 'SUCCESS' then 'INFO' when 'CANCELED' then 'WARNING' else 'ERROR' end,
      case when e.error is null then 'Execution ended with ' || e.status
        else format('Execution ended with %s: %s', e.status, e.error ->> 'message') end,
      e.error,
      case when e.error is null then 'The workflow finished.'
        else 'The workflow stopped: ' || coalesce(e.error ->> 'message', e.status) || '.' end,
      e.error ->> 'node_id',
      extract(epoch from end_executions.at - e.start_time) * 1000, 9, true, end_executions.at
    from ended e
  )
  select array_agg(row(n.*)::public.workflow_executions) into v_ended from ended n;

  insert into engine.cancellations (execution_id)
  select c.id from public.workflow_executions c
  where c.parent_execution_id = any (execution_ids) and c.parent_run_id is not null and c.end_time is null;
  return engine.after_end(v_ended, at, true);
end
$$;
comment on function engine.end_executions(uuid[], text, jsonb, timestamptz) is
  'End executions now and cancel what is live in them.';

-- What the end of executions sets free: what was kept of them (`with_state`: counters, joins), slots of
-- limits, parents.
create function engine.after_end(
  ended public.workflow_executions[], at timestamptz, with_state boolean
)
returns uuid[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_limited uuid[] := array[]::uuid[];
  v_retries boolean := false;
  v_parents uuid[] := array[]::uuid[];
  v_recorded uuid[] := array[]::uuid[];
  v_execution public.workflow_executions;
begin
  foreach v_execution in array coalesce(ended, '{}') loop
    v_ids := v_ids || v_execution.id;
    v_retries := v_retries or v_execution.retry_of is not null;
    if v_execution.is_limited then
      v_limited := v_limited || v_execution.id;
    end if;
    if (select p.records_steps from engine.plan p where p.workflow_id = v_execution.workflow_id
        and p.version = v_execution.version and p.node_id = v_execution.trigger_node_id) then
      v_recorded := v_recorded || v_execution.id;
    end if;
    if v_execution.parent_run_id is not null then
      v_parents := v_parents || v_execution.parent_execution_id;
      insert into engine.ended_children (execution_id, run_id)
      values (v_execution.parent_execution_id, v_execution.parent_run_id);
    end if;
  end loop;
  if v_ids is null then
    return v_parents;
  end if;
  -- what comes too late is the tick's to remove
  if cardinality(v_parents) > 0 or cardinality(v_limited) > 0 then
    delete from engine.cancellations c where c.execution_id = any (v_ids);
  end if;
  if with_state then
    delete from engine.node_runs r where r.execution_id = any (v_ids);
    delete from engine.merged m where m.execution_id = any (v_ids);
  end if;
  if v_retries then
    delete from engine.retried r where r.execution_id = any (v_ids);
  end if;
  if cardinality(v_limited) > 0 then
    perform engine.release_slots(v_limited, at);
  end if;
  if cardinality(v_recorded) > 0 then
    insert into search.ended_executions (execution_id, due_at)
    select r, at from unnest(v_recorded) r on conflict do nothing;
  end if;
  perform engine.broadcast(ended);
  return v_parents;
end
$$;
comment on function engine.after_end(public.workflow_executions[], timestamptz, boolean) is
  'What the end of executions sets free; answers parents that wait for it.';

-- Ends one execution if it has no live token left, outside of a transition.
create function engine.complete(execution_id uuid, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_ended public.workflow_executions[] := engine.complete_executions(array[complete.execution_id], at);
begin
  if cardinality(v_ended) > 0 then
    perform hil.end_pauses(array[complete.execution_id], at);
    perform engine.write_logs(array[engine.completed_log(v_ended[1])], at);
    perform engine.after_end(v_ended, at, true);
  end if;
end
$$;
comment on function engine.complete(uuid, timestamptz) is 'End an execution without a live token.';

-- What a worker calls when SQL cannot apply an execution's results: the execution ends, the others go on.
create function engine.abort_execution(execution_id uuid, error jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform from public.workflow_executions e
  where e.id = abort_execution.execution_id and e.end_time is null
  for no key update;
  if found then
    perform engine.end_executions(array[abort_execution.execution_id], 'ERROR',
      jsonb_build_object(abort_execution.execution_id,
        coalesce(abort_execution.error, jsonb '{"code": "aborted", "message": "aborted"}')),
      engine.now());
  end if;
end
$$;
comment on function engine.abort_execution(uuid, jsonb) is
  'End an execution whose results cannot be applied. A no-op on one that has ended.';
