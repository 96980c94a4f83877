-- A new execution that runs one node run of an ended one again, with all that followed from it, and whatever
-- was canceled or stopped with it. Everything else is taken over: its history keeps ids and outputs, so
-- nothing that succeeded runs, or is paid, twice.

-- Which runs of an execution are done again: the chosen one (all its attempts), what followed from it, and
-- what ended without a result.
create function engine.undone_runs(execution_id uuid, chosen uuid)
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  with recursive run as (
    select n.id, n.source_id, n.joined, n.node_id, n.scope, n.run_index, n.status, n.attempt,
      p.error_handling, max(n.attempt) over (partition by n.node_id, n.scope, n.run_index) as attempts
    from public.node_executions n
    join public.workflow_executions e on e.id = n.execution_id
    join engine.plan p on p.workflow_id = e.workflow_id and p.version = e.version and p.node_id = n.node_id
    where n.execution_id = undone_runs.execution_id
  ),
  follows as (
    select r.id, r.source_id from run r
    union
    select r.id, (j ->> 'source_id')::uuid from run r, jsonb_array_elements(r.joined) j
  ),
  undone as (
    select r.id from run r
    where r.status = 'CANCELED'
      or (r.status = 'ERROR' and r.attempt = r.attempts and r.error_handling = 'STOP_WORKFLOW_ON_ERROR')
      or (r.node_id, r.scope, r.run_index) = (
        select c.node_id, c.scope, c.run_index from run c where c.id = undone_runs.chosen)
    union
    select f.id from follows f join undone u on u.id = f.source_id
  )
  select u.id from undone u
  union
  -- the attempts before
  select r.id from run r join run l
    on l.node_id = r.node_id and l.scope = r.scope and l.run_index = r.run_index
  join undone u on u.id = l.id
$$;
comment on function engine.undone_runs(uuid, uuid) is 'The runs that a retry does again.';

-- Makes the new execution and answers the tokens that it begins with. `parent` is set where a SUB_WORKFLOW is
-- retried from within.
create function engine.copy_execution(
  old public.workflow_executions, chosen uuid, version int, parent engine.waits, parent_item int,
  at timestamptz
)
returns engine.called
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_new public.workflow_executions;
  v_called engine.called;
  v_undone uuid[] := array(select engine.undone_runs(old.id, copy_execution.chosen));
  v_tokens engine.token[] := array[]::engine.token[];
  v_token engine.token;
  v_wait engine.waits;
  v_place record;
  v_missing text;
begin
  insert into public.workflow_executions as e (
    workspace_id, workflow_id, version, mode, trigger_node_id, triggered_by, priority, input, created_at,
    start_time, parent_execution_id, parent_run_id, parent_item, depth, retry_of, deadline)
  values (
    old.workspace_id, old.workflow_id, copy_execution.version, 'RETRY', old.trigger_node_id,
    (select auth.uid()), old.priority, old.input, copy_execution.at, copy_execution.at,
    parent.execution_id, parent.id, copy_execution.parent_item, old.depth, old.id,
    copy_execution.at + (old.deadline - old.start_time))
  returning e.* into v_new;
  insert into public.node_executions (
    execution_id, id, workspace_id, node_id, node_type, run_index, attempt, status, source_id, input_id,
    passes_input, output_data, error_data, ancestors, scope, lap, target_index, joined, reused_from, is_end,
    start_time, end_time)
  select
    v_new.id, n.id, n.workspace_id, n.node_id, n.node_type, n.run_index, n.attempt, n.status, n.source_id,
    n.input_id, n.passes_input, n.output_data, n.error_data, n.ancestors, n.scope, n.lap, n.target_index,
    n.joined, coalesce(n.reused_from, old.id), n.is_end, n.start_time, n.end_time
  from public.node_executions n
  where n.execution_id = old.id and n.id <> all (v_undone);

  -- a token for each run that is done again although what it followed from is not
  for v_place in
    select t.* from (
      (select distinct on (n.node_id, n.scope, n.run_index, case when n.run_index is null then n.id end)
        n.id, n.node_id, n.scope, n.lap, n.target_index, n.source_id, n.input_id, n.ancestors, n.id as place
      from public.node_executions n
      where n.execution_id = old.id and n.id = any (v_undone)
        and (n.source_id is null or n.source_id <> all (v_undone))
        -- a token that was parked at a join has joined nothing; a join comes back with what it took
        and (n.joined is null or n.status = 'CANCELED')
      order by n.node_id, n.scope, n.run_index, case when n.run_index is null then n.id end, n.attempt desc)
      union all
      select null, n.node_id, j ->> 'scope', (j ->> 'lap')::int, (j ->> 'target_index')::int,
        (j ->> 'source_id')::uuid, (j ->> 'input_id')::uuid, nullif(j -> 'ancestors', 'null'),
        (j ->> 'source_id')::uuid
      from public.node_executions n, jsonb_array_elements(n.joined) j
      where n.execution_id = old.id and n.id = any (v_undone)
        and (j ->> 'source_id')::uuid <> all (v_undone)) t
    order by t.place
  loop
    v_token := engine.first_token(v_new);
    v_token.node_id := v_place.node_id;
    v_token.target_index := v_place.target_index;
    v_token.source_id := v_place.source_id;
    v_token.input_id := v_place.input_id;
    v_token.ancestors := v_place.ancestors;
    v_token.scope := v_place.scope;
    v_token.lap := v_place.lap;
    v_tokens := v_tokens || v_token;
    insert into engine.retried (execution_id, run_id, old_execution_id, old_run_id)
    select v_new.id, v_token.id, old.id, v_place.id
    where exists (
      select from public.workflow_executions c
      where c.parent_execution_id = old.id and c.parent_run_id = v_place.id);
  end loop;
  select string_agg(distinct t.node_id, ', ') into v_missing
  from unnest(v_tokens) t
  where not exists (
    select from engine.plan p where p.workflow_id = v_new.workflow_id and p.version = v_new.version
      and p.node_id = t.node_id);
  if v_missing is not null then
    perform platform.fail(422, 'node_not_in_version',
      format('Version %s has no node %s, where the retry would go on', v_new.version, v_missing),
      'Retry with a version that has it, or from an earlier node.');
  end if;

  -- what the engine keeps beside history: counters, merges of mode any, joins, items that were not sent out
  insert into engine.node_runs (execution_id, scope, node_id, runs)
  select v_new.id, n.scope, n.node_id, count(distinct n.run_index)
  from public.node_executions n
  join engine.plan p
    on p.workflow_id = v_new.workflow_id and p.version = v_new.version and p.node_id = n.node_id
  where n.execution_id = v_new.id and not p.runs_once
  group by n.scope, n.node_id;
  insert into engine.merged (execution_id, scope, node_id, lap)
  select distinct v_new.id, n.scope, n.node_id, n.lap
  from public.node_executions n
  join engine.plan p
    on p.workflow_id = v_new.workflow_id and p.version = v_new.version and p.node_id = n.node_id
  where n.execution_id = v_new.id and n.status = 'SUCCESS' and p.merge_mode = 'any';
  for v_place in
    select n.*, p.collects, p.component, p.parameters, jsonb_array_length(n.output_data) as items, c.next_item
    from public.node_executions n
    join engine.plan p
      on p.workflow_id = v_new.workflow_id and p.version = v_new.version and p.node_id = n.node_id
    cross join lateral (
      select coalesce(max(split_part(split_part(i.scope, n.id || ':', 2), '/', 1)::int) + 1, 0) as next_item
      from public.node_executions i
      where i.execution_id = old.id and i.scope like '%' || n.id || ':%') c
    where n.execution_id = v_new.id and n.status = 'SUCCESS' and p.handler = 'for_each'
  loop
    v_token := engine.first_token(v_new);
    v_token.id := v_place.id;
    v_token.node_id := v_place.node_id;
    v_token.run_index := v_place.run_index;
    v_token.source_id := v_place.source_id;
    v_token.input_id := v_place.input_id;
    v_token.ancestors := v_place.ancestors;
    v_token.scope := v_place.scope;
    v_token.lap := v_place.lap;
    for i in 1 .. cardinality(v_place.collects) loop
      if not exists (
          select from public.node_executions n where n.execution_id = v_new.id
            and n.node_id = v_place.collects[i] and n.source_id = v_place.id and n.joined is not null) then
        v_wait := engine.collect_of(v_token, v_place.collects[i], v_place.component, at);
        perform engine.park(array[v_wait]);
      end if;
    end loop;
    if v_place.next_item < v_place.items
       and engine.count_of(v_place.parameters -> 'max_concurrency') is not null then
      v_wait := engine.wait_of(v_token, 'for_each', at, 'infinity');
      v_wait.id := platform.uuid7();
      v_wait.for_run := v_place.id;
      v_wait.max_concurrency := engine.count_of(v_place.parameters -> 'max_concurrency');
      v_wait.next_item := v_place.next_item;
      v_wait.items := v_place.items;
      perform engine.park(array[v_wait]);
    end if;
  end loop;
  v_called.started := v_tokens;
  v_called.output := to_jsonb(v_new.id);
  return v_called;
end
$$;
comment on function engine.copy_execution(
  public.workflow_executions, uuid, int, engine.waits, int, timestamptz) is
  'An execution that goes on where another ended. Errors: node_not_in_version.';

-- Which run of a retried execution stands for which: so that a SUB_WORKFLOW goes on with the children of its
-- former run.
create table engine.retried (
  execution_id uuid not null,
  run_id uuid primary key,
  old_execution_id uuid not null,
  old_run_id uuid not null
);
comment on table engine.retried is 'Runs of SUB_WORKFLOW nodes that are retried.';
-- gone with the execution
create index retried_of_execution on engine.retried (execution_id);
alter table engine.retried enable row level security;
-- no policy and no grant: the engine's

create function engine.retry(execution_id uuid, node_execution_id uuid, version int)
returns public.workflow_executions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_old public.workflow_executions;
  v_new public.workflow_executions;
  v_version int;
  v_chosen uuid := retry.node_execution_id;
  v_called engine.called;
  v_wait engine.waits;
  v_now timestamptz := engine.now();
begin
  -- against who deploys meanwhile, or removes the workflow or the version
  perform pg_advisory_xact_lock_shared(workflows.lock_key(e.workflow_id))
  from public.workflow_executions e where e.id = retry.execution_id;
  v_old := engine.controlled(retry.execution_id);
  v_version := coalesce(retry.version, v_old.version);
  if not exists (
      select from public.workflows w where w.id = v_old.workflow_id and w.deleted_at is null) then
    perform workspaces.not_found('execution', retry.execution_id);
  end if;
  if v_old.end_time is null then
    perform platform.fail(409, 'execution_not_retryable',
      format('The execution is %s', v_old.status), 'Wait for its end, or cancel it first.');
  elsif v_old.executed_by_caller then
    perform platform.fail(409, 'execution_not_retryable', 'Its caller ran this execution',
      'Only the caller can run it again: start another one with executed_by_caller.');
  elsif not exists (
      select from public.workflow_versions v
      where v.workflow_id = v_old.workflow_id and v.version = v_version) then
    perform platform.fail(404, 'version_not_found',
      format('The workflow has no version %s', v_version), 'List its versions.');
  elsif v_chosen is not null and not exists (
      select from public.node_executions n where n.execution_id = v_old.id and n.id = v_chosen) then
    perform platform.fail(404, 'node_execution_not_found',
      format('Execution %s has no node run %s', v_old.id, v_chosen), 'Read the execution for its node runs.');
  end if;
  if engine.trigger_of(v_old.workflow_id, v_version) is null then
    perform engine.compile(v_old.workflow_id, v_version);
  end if;
  if v_chosen is null and v_old.status = 'SUCCESS' then
    -- all of it
    v_chosen := (
      select n.id from public.node_executions n
      where n.execution_id = v_old.id and n.source_id is null order by n.start_time limit 1);
  end if;
  v_called := engine.copy_execution(v_old, v_chosen, v_version, null, null, v_now);
  select e.* into strict v_new from public.workflow_executions e
  where e.id = (v_called.output #>> '{}')::uuid;
  perform engine.log_control(v_old, 'Retried', 'The workflow is run again.', 'as ' || v_new.id, v_now);
  if engine.ask_slots(v_new, true) = 'queued' then
    update public.workflow_executions e set status = 'NEW', start_time = null where e.id = v_new.id;
    for i in 1 .. cardinality(v_called.started) loop
      v_wait := engine.wait_of(v_called.started[i], 'slot', v_now, 'infinity');
      perform engine.park(array[v_wait]);
    end loop;
  else
    perform engine.log_start(v_new, v_now);
    -- what had not ended may be joins only
    perform engine.apply(null, v_called.started, array(
      select distinct row(w.execution_id, w.scope)::engine.place from engine.waits w
      where w.execution_id = v_new.id));
    perform engine.complete(v_new.id, v_now);
  end if;
  select e.* into v_new from public.workflow_executions e where e.id = v_new.id;
  return v_new;
end
$$;
comment on function engine.retry(uuid, uuid, int) is 'See public.retry_execution.';
grant execute on function engine.retry(uuid, uuid, int) to authenticated, service_role;

create function public.retry_execution(
  execution_id uuid, node_execution_id uuid default null, version int default null
)
returns public.workflow_executions
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.retry(
    retry_execution.execution_id, retry_execution.node_execution_id, retry_execution.version)
$$;
comment on function public.retry_execution(uuid, uuid, int) is
  'A new execution that does one node run of an ended one again, with what followed from it and what was '
  'canceled or stopped with it (without one: only that; all of one that succeeded), in the same version or '
  'another. The rest is taken over and not run again. '
  'Errors: execution_not_found, role_insufficient, execution_not_retryable, version_not_found, '
  'node_execution_not_found, node_not_in_version, definition_invalid, execution_limit_reached.';
grant execute on function public.retry_execution(uuid, uuid, int) to authenticated, service_role;
