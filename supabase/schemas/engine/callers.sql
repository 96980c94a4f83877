-- Executions that their caller runs: a browser, or a program of his own. The engine keeps their book: start,
-- limits, deadline, end. One wait of kind `caller` stands for all that goes on elsewhere; no worker sees it.

-- Limits count, but nothing is queued: the caller begins at once, or is refused.
create function engine.start_by_caller(
  workflow public.workflows, version int, input jsonb, idempotency_key text, priority int, timeout_seconds int
)
returns engine.started
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  c_longest constant int := 2592000;
  v_now timestamptz := engine.now();
  v_execution public.workflow_executions;
begin
  perform workflows.lock_version(workflow.id, start_by_caller.version);
  insert into public.workflow_executions as e (
    workspace_id, workflow_id, version, mode, executed_by_caller, trigger_node_id, triggered_by,
    priority, idempotency_key, input, created_at, start_time, deadline)
  select
    workflow.workspace_id, workflow.id, v.version, 'MANUAL', true, coalesce((
      -- the nodes may be of a kind that only the caller knows
      select n.node_id from public.nodes n
      where n.workflow_id = v.workflow_id and n.version = v.version
        and n.node_type = 'TRIGGER' and not n.disabled
      order by (n.node_subtype = 'MANUAL') desc, n.ordinal
      limit 1), ''),
    (select auth.uid()), start_by_caller.priority, start_by_caller.idempotency_key, start_by_caller.input,
    v_now, v_now, v_now + make_interval(secs => coalesce(start_by_caller.timeout_seconds,
      (v.definition #>> '{settings,timeout_seconds}')::numeric::int, c_longest))
  from public.workflow_versions v
  where v.workflow_id = workflow.id and v.version = start_by_caller.version
  on conflict (workflow_id, mode, idempotency_key) where idempotency_key is not null do nothing
  returning e.* into v_execution;
  if v_execution.id is null then
    select e.* into strict v_execution from public.workflow_executions e
    where e.workflow_id = workflow.id and e.mode = 'MANUAL'
      and e.idempotency_key = start_by_caller.idempotency_key;
    return row(v_execution, false)::engine.started;
  end if;
  if engine.ask_slots(v_execution, true) <> 'admitted' then
    perform platform.fail(429, 'execution_limit_reached',
      'As many executions as the limit allows are running or began lately',
      'An execution that its caller runs is not queued: try again later.');
  end if;
  perform engine.park(array[
    engine.wait_of(engine.first_token(v_execution), 'caller', v_now, v_execution.deadline)]);
  perform engine.log_start(v_execution, v_now);
  select e.* into v_execution from public.workflow_executions e where e.id = v_execution.id;
  return row(v_execution, true)::engine.started;
end
$$;
comment on function engine.start_by_caller(public.workflows, int, jsonb, text, int, int) is
  'Start an execution that its caller runs; who asks has been checked. Errors: execution_limit_reached.';

-- Ends it once: a client that lost the answer may repeat the call. Also while it is paused, since that does
-- not keep the caller from his work.
create function engine.complete_by_caller(
  execution_id uuid, status text, outputs jsonb, error jsonb, nodes_executed int
)
returns public.workflow_executions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_execution public.workflow_executions := engine.controlled(complete_by_caller.execution_id);
  v_now timestamptz := engine.now();
  v_output jsonb := nullif(outputs, 'null');
  v_error jsonb := nullif(error, 'null');
  v_log public.workflow_execution_logs;
begin
  if not v_execution.executed_by_caller then
    perform platform.fail(409, 'execution_not_by_caller', 'The engine runs this execution itself',
      'Cancel it, or start one with executed_by_caller.');
  elsif status is null or status not in ('SUCCESS', 'ERROR', 'CANCELED') then
    perform platform.fail(422, 'result_invalid', 'An execution ends with SUCCESS, ERROR or CANCELED',
      'Give one of these as status.');
  elsif jsonb_typeof(v_output) <> 'object' or jsonb_typeof(v_error) <> 'object' or nodes_executed < 0
        or (status = 'SUCCESS' and v_error is not null) then
    perform platform.fail(422, 'result_invalid',
      'outputs is {node id: output}, error {code, message, ...} and none of a SUCCESS, nodes_executed a '
      'count',
      'Give objects.');
  elsif pg_column_size(v_output) > 1048576 or pg_column_size(v_error) > 1048576 then
    perform platform.fail(413, 'output_too_large',
      'outputs and error have at most 1 MiB each', 'Put large data into storage and pass its address.');
  end if;
  v_output := coalesce(v_output, case when status = 'SUCCESS' then jsonb '{}' end);
  if status <> 'SUCCESS' then
    v_error := (case status
        when 'ERROR' then jsonb '{"code": "failed", "message": "The caller gave no reason"}'
        else jsonb '{"code": "canceled", "message": "Canceled by its caller"}'
      end) || coalesce(v_error, '{}');
  end if;
  if v_execution.end_time is not null then
    if (v_execution.status, v_execution.output, v_execution.error, v_execution.nodes_executed)
       is distinct from (status, v_output, v_error, complete_by_caller.nodes_executed) then
      perform platform.fail(409, 'execution_ended',
        format('The execution has ended with %s', v_execution.status), 'Its end stays what it was.');
    end if;
    return v_execution;
  end if;
  delete from engine.waits w where w.execution_id = v_execution.id;
  if v_execution.status = 'PAUSED' then
    perform hil.end_pauses(array[v_execution.id], v_now);
  end if;
  update public.workflow_executions e
  set status = complete_by_caller.status, end_time = v_now, output = v_output, error = v_error,
    nodes_executed = complete_by_caller.nodes_executed
  where e.id = v_execution.id
  returning e.* into v_execution;
  v_log := engine.completed_log(v_execution);
  v_log.node_id := v_error ->> 'node_id';
  v_log.data := jsonb_strip_nulls(jsonb_build_object(
    'by', (select auth.uid()), 'nodes_executed', complete_by_caller.nodes_executed, 'error', v_error));
  if status <> 'SUCCESS' then
    v_log.level := case status when 'CANCELED' then 'WARNING' else 'ERROR' end;
    v_log.message := format('Execution ended with %s: %s', status, v_error ->> 'message');
    v_log.user_friendly_message := format('The workflow stopped: %s.', v_error ->> 'message');
  end if;
  perform engine.write_logs(array[v_log], v_now);
  perform engine.after_end(array[v_execution], v_now, false);
  return v_execution;
end
$$;
comment on function engine.complete_by_caller(uuid, text, jsonb, jsonb, int) is
  'See public.complete_execution.';
grant execute on function engine.complete_by_caller(uuid, text, jsonb, jsonb, int)
  to authenticated, service_role;

create function public.complete_execution(
  execution_id uuid, status text, outputs jsonb default null, error jsonb default null,
  nodes_executed int default null
)
returns public.workflow_executions
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.complete_by_caller(
    complete_execution.execution_id, complete_execution.status, complete_execution.outputs,
    complete_execution.error, complete_execution.nodes_executed)
$$;
comment on function public.complete_execution(uuid, text, jsonb, jsonb, int) is
  'End an execution that was started with executed_by_caller: SUCCESS, ERROR or CANCELED, outputs by node '
  'id, and why it failed. Repeating it with the same result changes nothing. '
  'Errors: execution_not_found, role_insufficient, execution_not_by_caller, execution_ended, result_invalid, '
  'output_too_large.';
grant execute on function public.complete_execution(uuid, text, jsonb, jsonb, int)
  to authenticated, service_role;
