create type engine.started as (
  execution public.workflow_executions,
  created boolean
);

-- Starts an execution at a trigger node and runs it as far as it goes without a worker; with `start_at` in
-- the future it waits until then, and where a limit has no room until there is some. With a key that was used
-- before it answers the execution of that time; `created` says which. Without a timeout the version's counts.
create function engine.start(
  workflow public.workflows, version int, trigger_node_id text, mode text, input jsonb,
  idempotency_key text, priority int, start_at timestamptz default null, timeout_seconds int default null
)
returns engine.started
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_execution public.workflow_executions;
  v_token engine.token;
  v_begins text := 'later';
begin
  insert into public.workflow_executions as e (
    workspace_id, workflow_id, version, status, mode, trigger_node_id, triggered_by,
    priority, idempotency_key, input, created_at, start_time, deadline)
  values (
    workflow.workspace_id, workflow.id, start.version,
    case when start.start_at > v_now then 'NEW' else 'RUNNING' end,
    start.mode, start.trigger_node_id, (select auth.uid()),
    start.priority, start.idempotency_key, start.input, v_now,
    case when start.start_at > v_now then null else v_now end,
    greatest(v_now, start.start_at) + make_interval(secs => coalesce(start.timeout_seconds, (
      -- the row that the trigger's step reads next
      select p.execution_timeout_seconds from engine.plan p
      where p.workflow_id = workflow.id and p.version = start.version
        and p.node_id = start.trigger_node_id))))
  on conflict (workflow_id, mode, idempotency_key) where idempotency_key is not null do nothing
  returning e.* into v_execution;
  if v_execution.id is null then
    select e.* into strict v_execution from public.workflow_executions e
    where e.workflow_id = workflow.id and e.mode = start.mode and e.idempotency_key = start.idempotency_key;
    return row(v_execution, false)::engine.started;
  end if;
  v_token := engine.first_token(v_execution);
  if v_execution.status = 'RUNNING' then
    v_begins := engine.ask_slots(v_execution, true);
  end if;
  if v_begins = 'admitted' then
    perform engine.broadcast(array[v_execution]);
    perform engine.apply(null, array[v_token], '{}', array[engine.started_log(v_execution)]);
  else
    if v_begins = 'queued' then
      update public.workflow_executions e set status = 'NEW', start_time = null where e.id = v_execution.id;
    end if;
    perform engine.park(array[engine.wait_of(v_token,
      case v_begins when 'queued' then 'slot' else 'turn' end, v_now,
      case v_begins when 'queued' then 'infinity' else start.start_at end)]);
  end if;
  select e.* into v_execution from public.workflow_executions e where e.id = v_execution.id;
  return row(v_execution, true)::engine.started;
end
$$;
comment on function engine.start(public.workflows, int, text, text, jsonb, text, int, timestamptz, int) is
  'Start an execution; the caller has checked who asks.';

create function engine.first_token(execution public.workflow_executions)
returns engine.token
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_token engine.token;
begin
  v_token.id := platform.uuid7();
  v_token.workspace_id := execution.workspace_id;
  v_token.execution_id := execution.id;
  v_token.workflow_id := execution.workflow_id;
  v_token.version := execution.version;
  v_token.node_id := execution.trigger_node_id;
  v_token.target_index := 0;
  v_token.attempt := 1;
  v_token.scope := '';
  v_token.lap := 0;
  v_token.priority := execution.priority;
  return v_token;
end
$$;
comment on function engine.first_token(public.workflow_executions) is
  'The token that an execution starts with.';

create function engine.started_log(execution public.workflow_executions)
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
  v_log.event_type := 'workflow_started';
  v_log.level := 'INFO';
  v_log.message := 'Execution started: ' || execution.mode;
  v_log.user_friendly_message := 'The workflow started.';
  v_log.display_priority := 8;
  v_log.is_milestone := true;
  return v_log;
end
$$;
comment on function engine.started_log(public.workflow_executions) is
  'The log line of an execution that begins.';

create function engine.log_start(execution public.workflow_executions, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform engine.write_logs(array[engine.started_log(execution)], at);
  perform engine.broadcast(array[execution]);
end
$$;
comment on function engine.log_start(public.workflow_executions, timestamptz) is
  'Log and tell that an execution begins.';

-- A start token is due: its execution begins, unless a limit has no room (then it waits on for a slot).
create function engine.begin(wait engine.waits, at timestamptz)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_execution public.workflow_executions;
  v_begins text := 'admitted';
begin
  select e.* into strict v_execution from public.workflow_executions e where e.id = wait.execution_id;
  if v_execution.status <> 'NEW' then
    return true;
  end if;
  if not v_execution.is_limited and v_execution.parent_run_id is null then
    begin
      v_begins := engine.ask_slots(v_execution, false);
    exception when sqlstate 'PT429' then
      perform engine.end_executions(array[v_execution.id], 'CANCELED', jsonb_build_object(v_execution.id,
        jsonb_build_object('code', 'execution_limit_reached', 'message', sqlerrm)), at);
      return false;
    end;
  end if;
  if v_begins <> 'admitted' then
    wait.kind := case v_begins when 'queued' then 'slot' else 'turn' end;
    wait.until := case v_begins when 'queued' then 'infinity' else at + interval '200 milliseconds' end;
    perform engine.park(array[wait]);
    return false;
  end if;
  update public.workflow_executions e set status = 'RUNNING', start_time = begin.at
  where e.id = v_execution.id
  returning e.* into v_execution;
  perform engine.log_start(v_execution, at);
  return true;
end
$$;
comment on function engine.begin(engine.waits, timestamptz) is 'Let an execution begin whose start is due.';

create function engine.is_manual(execution_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (
    select e.mode = 'MANUAL' from public.workflow_executions e where e.id = is_manual.execution_id);
end
$$;
comment on function engine.is_manual(uuid) is 'Was the execution started by hand? Pinned outputs count then.';

-- Same key, same execution; with another input, or another version or runner asked for, the key was taken by
-- mistake.
create function engine.same_start(
  execution public.workflow_executions, input jsonb, version int, executed_by_caller boolean
)
returns public.workflow_executions
language plpgsql
volatile
set search_path = ''
as $$
begin
  if execution.input <> coalesce(same_start.input, jsonb '{}')
     or execution.version <> coalesce(same_start.version, execution.version)
     or execution.executed_by_caller <> coalesce(same_start.executed_by_caller, false) then
    perform platform.fail(409, 'idempotency_key_reused',
      'This idempotency key started an execution with another input, version or runner',
      format('Take a new key, or read execution %s.', execution.id));
  end if;
  return execution;
end
$$;
comment on function engine.same_start(public.workflow_executions, jsonb, int, boolean) is
  'Answer a repeated start. Errors: idempotency_key_reused.';

create function engine.start_by_user(
  workflow_id uuid, input jsonb, idempotency_key text, version int, priority int, start_at timestamptz,
  timeout_seconds int, executed_by_caller boolean
)
returns public.workflow_executions
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_workflow public.workflows;
  v_version int;
  v_trigger text;
  v_existing public.workflow_executions;
  v_started engine.started;
begin
  -- against who deploys meanwhile, or removes the workflow or this version
  perform pg_advisory_xact_lock_shared(workflows.lock_key(start_by_user.workflow_id));
  select * into v_workflow from public.workflows w
  where w.id = start_by_user.workflow_id and w.deleted_at is null;
  perform workspaces.require(v_workflow.workspace_id, 'editor', 'workflow', start_by_user.workflow_id);
  -- a repeated start is answered whatever has become of the workflow since
  if start_by_user.idempotency_key is not null then
    select e.* into v_existing from public.workflow_executions e
    where e.workflow_id = v_workflow.id and e.mode = 'MANUAL'
      and e.idempotency_key = start_by_user.idempotency_key;
    if found then
      return engine.same_start(
        v_existing, start_by_user.input, start_by_user.version, start_by_user.executed_by_caller);
    end if;
  end if;
  v_version := coalesce(start_by_user.version, v_workflow.deployed_version, v_workflow.current_version);
  if v_workflow.status not in ('draft', 'active') then
    perform platform.fail(409, 'workflow_not_startable',
      format('The workflow is %s', v_workflow.status),
      case v_workflow.status when 'archived' then 'Unarchive it first.' else 'Activate it first.' end);
  end if;
  if not exists (
    select from public.workflow_versions v where v.workflow_id = v_workflow.id and v.version = v_version) then
    perform platform.fail(404, 'version_not_found', format('The workflow has no version %s', v_version),
      format('Its current version is %s.', v_workflow.current_version));
  end if;
  if start_by_user.priority not between -1000 and 1000 then
    perform platform.fail(422, 'priority_invalid',
      'A priority is between -1000 and 1000', 'Higher runs first; 0 is usual.');
  end if;
  if length(start_by_user.idempotency_key) not between 1 and 255 then
    perform platform.fail(422, 'idempotency_key_invalid',
      'An idempotency key has 1 to 255 characters', 'Give a shorter key.');
  end if;
  if pg_column_size(start_by_user.input) > 1048576 then
    perform platform.fail(413, 'input_too_large',
      'An input has at most 1 MiB', 'Put large data into storage and pass its address.');
  end if;
  if start_by_user.start_at > engine.now() + interval '1 year' then
    perform platform.fail(422, 'start_at_invalid',
      'A start lies at most a year ahead', 'Give an earlier time.');
  end if;
  if start_by_user.timeout_seconds not between 1 and 31536000 then
    perform platform.fail(422, 'timeout_invalid',
      'An execution''s timeout is 1 second to 365 days', 'Give timeout_seconds in that range.');
  end if;
  if start_by_user.executed_by_caller then
    if start_by_user.start_at > engine.now() then
      perform platform.fail(422, 'start_at_invalid',
        'An execution that its caller runs begins at once', 'Start it when its time has come.');
    end if;
    v_started := engine.start_by_caller(v_workflow, v_version, coalesce(start_by_user.input, jsonb '{}'),
      start_by_user.idempotency_key, coalesce(start_by_user.priority, 0), start_by_user.timeout_seconds);
  else
    v_trigger := engine.trigger_of(v_workflow.id, v_version);
    if v_trigger is null then
      perform engine.compile(v_workflow.id, v_version);
      v_trigger := engine.trigger_of(v_workflow.id, v_version);
    end if;
    v_started := engine.start(v_workflow, v_version, v_trigger, 'MANUAL',
      coalesce(start_by_user.input, jsonb '{}'), start_by_user.idempotency_key,
      coalesce(start_by_user.priority, 0), start_by_user.start_at, start_by_user.timeout_seconds);
  end if;
  if not v_started.created then
    return engine.same_start(
      v_started.execution, start_by_user.input, start_by_user.version, start_by_user.executed_by_caller);
  end if;
  return v_started.execution;
end
$$;
comment on function engine.start_by_user(uuid, jsonb, text, int, int, timestamptz, int, boolean) is
  'See public.start_execution.';
grant execute on function engine.start_by_user(uuid, jsonb, text, int, int, timestamptz, int, boolean)
  to authenticated, service_role;

-- Where somebody's start begins: the manual trigger if there is one, else the first. Null before compilation.
create function engine.trigger_of(workflow_id uuid, version int)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (
    select p.node_id from engine.plan p
    where p.workflow_id = trigger_of.workflow_id and p.version = trigger_of.version
      and p.node_type = 'TRIGGER' and not p.is_disabled
    order by (p.node_subtype = 'MANUAL') desc, p.ordinal
    limit 1);
end
$$;
comment on function engine.trigger_of(uuid, int) is 'The trigger node at which a start by hand begins.';

create function public.start_execution(
  workflow_id uuid, input jsonb default '{}', idempotency_key text default null, version int default null,
  priority int default 0, start_at timestamptz default null, timeout_seconds int default null,
  executed_by_caller boolean default false
)
returns public.workflow_executions
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.start_by_user(
    start_execution.workflow_id, start_execution.input, start_execution.idempotency_key,
    start_execution.version, start_execution.priority, start_execution.start_at,
    start_execution.timeout_seconds, start_execution.executed_by_caller)
$$;
comment on function public.start_execution(uuid, jsonb, text, int, int, timestamptz, int, boolean) is
  'Start a workflow: its deployed version, else its current one, unless one is named. '
  'Same idempotency key, same execution. Not before start_at; in TIMEOUT after timeout_seconds. '
  'executed_by_caller: no node runs here; whoever called does the work and says complete_execution(). '
  'Errors: workflow_not_found, role_insufficient, version_not_found, workflow_not_startable, '
  'input_too_large, definition_invalid, idempotency_key_reused, idempotency_key_invalid, priority_invalid, '
  'start_at_invalid, timeout_invalid, execution_limit_reached.';
grant execute on function public.start_execution(uuid, jsonb, text, int, int, timestamptz, int, boolean)
  to authenticated, service_role;
