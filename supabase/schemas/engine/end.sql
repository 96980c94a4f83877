-- Ends executions that have no live token left. Those that have one stay as they are.
-- In plpgsql, like all that runs in every transition: it keeps its plan, a function in SQL
-- makes it anew at each call.
create function engine.complete_executions(execution_ids uuid[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  with ended as (
    update public.workflow_executions e
    set status = 'SUCCESS', end_time = complete_executions.at, output = coalesce((
      select jsonb_object_agg(n.node_id, coalesce(
        case
          when not n.passes_input then n.output_data
          when n.input_id is null then e.input
          else (
            select i.output_data from public.node_executions i
            where i.execution_id = e.id and i.id = n.input_id)
        end, 'null'))
      from (
        -- the last of each node's runs that ended a branch
        select distinct on (l.node_id) l.node_id, l.passes_input, l.output_data, l.input_id
        from public.node_executions l where l.execution_id = e.id and l.is_end
        order by l.node_id, l.end_time desc, l.id desc) n), jsonb '{}')
    where e.id = any (execution_ids) and e.end_time is null
      and not exists (select from engine.tasks t where t.execution_id = e.id)
      and not exists (select from engine.waits w where w.execution_id = e.id)
    returning e.id, e.workspace_id, e.start_time
  ),
  counters as (delete from engine.node_runs r using ended where r.execution_id = ended.id)
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, log_category, event_type,
    message, user_friendly_message, duration_ms, display_priority, is_milestone, created_at)
  select
    ended.id, ended.workspace_id, 'BUSINESS', 'workflow_completed',
    'Execution succeeded', 'The workflow finished.',
    extract(epoch from complete_executions.at - ended.start_time) * 1000, 8, true, complete_executions.at
  from ended;
end
$$;
comment on function engine.complete_executions(uuid[], timestamptz) is 'End executions without a live token.';

-- Ends executions now, whatever is live in them: ready, leased and waiting tokens become CANCELED runs.
-- A worker that still holds one of the leases is refused when it comes back.
create function engine.end_executions(execution_ids uuid[], status text, errors jsonb, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  with tasks as (delete from engine.tasks t where t.execution_id = any (execution_ids) returning t.*),
  waits as (delete from engine.waits w where w.execution_id = any (execution_ids) returning w.*),
  live as (
    select
      t.execution_id, t.id, t.workspace_id, t.workflow_id, t.version, t.node_id, t.run_index, t.attempt,
      t.source_id, t.input_id, t.ancestors, t.scope, coalesce(t.leased_at, end_executions.at) as since
    from tasks t
    union all
    select
      w.execution_id, w.id, w.workspace_id, w.workflow_id, w.version, w.node_id, w.run_index, w.attempt,
      w.source_id, w.input_id, w.ancestors, w.scope, w.since
    from waits w
  ),
  history as (
    insert into public.node_executions (
      execution_id, id, workspace_id, node_id, node_type,
      run_index, attempt, status, source_id, input_id, ancestors, scope, start_time, end_time)
    select
      l.execution_id, l.id, l.workspace_id, l.node_id, p.node_type || '.' || p.node_subtype,
      l.run_index, l.attempt, 'CANCELED', l.source_id, l.input_id, l.ancestors, l.scope,
      l.since, end_executions.at
    from live l
    join engine.plan p on p.workflow_id = l.workflow_id and p.version = l.version and p.node_id = l.node_id
  ),
  counters as (delete from engine.node_runs r where r.execution_id = any (execution_ids)),
  ended as (
    update public.workflow_executions e
    set status = end_executions.status, end_time = end_executions.at, error = errors -> e.id::text
    where e.id = any (execution_ids) and e.end_time is null
    returning e.*
  )
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, log_category, event_type, level, message, data,
    user_friendly_message, node_id, duration_ms, display_priority, is_milestone, created_at)
  select
    e.id, e.workspace_id, 'BUSINESS', 'workflow_completed', 'ERROR',
    format('Execution ended with %s: %s', e.status, coalesce(e.error ->> 'message', 'no reason given')),
    e.error,
    'The workflow stopped: ' || coalesce(e.error ->> 'message', e.status) || '.',
    e.error ->> 'node_id',
    extract(epoch from end_executions.at - e.start_time) * 1000, 9, true, end_executions.at
  from ended e;
end
$$;
comment on function engine.end_executions(uuid[], text, jsonb, timestamptz) is
  'End executions now and cancel what is live in them.';

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
