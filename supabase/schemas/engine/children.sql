-- What calling a workflow comes to: children that begin and a row that waits for them, or an answer at once.
create type engine.called as (
  started engine.token[],
  wait engine.waits,
  output jsonb,
  error jsonb
);

-- A SUB_WORKFLOW node: an execution of another workflow of the workspace, in its deployed version, else its
-- current one; with `items` one for each. The node's run waits for them, unless `wait` is false.
create function engine.call_workflow(token engine.token, parameters jsonb, at timestamptz)
returns engine.called
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  c_max_depth constant int := 20;
  c_max_items constant int := 10000;
  v_called engine.called;
  v_parent record;
  v_callee uuid;
  v_workflow public.workflows;
  v_version int;
  v_problems jsonb;
  v_waits boolean := parameters -> 'wait' is distinct from 'false';
  v_is_list boolean := parameters ? 'items';
  v_inputs jsonb;
  v_count int;
  v_room int;
begin
  select e.depth into strict v_parent from public.workflow_executions e where e.id = token.execution_id;
  select w.id into v_callee from public.workflows w
  where w.id::text = parameters ->> 'workflow_id' and w.workspace_id = token.workspace_id;
  -- who deploys it, or removes it or this version, may wait for what is locked here: this does not wait for
  -- him
  if not pg_try_advisory_xact_lock_shared(workflows.lock_key(v_callee)) then
    v_called.wait := engine.wait_of(token, 'turn', at, at + interval '200 milliseconds');
    return v_called;
  end if;
  select w.* into v_workflow from public.workflows w where w.id = v_callee and w.deleted_at is null;
  v_version := coalesce(v_workflow.deployed_version, v_workflow.current_version);
  v_inputs := case
    when not v_is_list then jsonb_build_array(coalesce(parameters -> 'input', '{}'))
    when parameters ? 'input' then (
      select coalesce(jsonb_agg(
        case jsonb_typeof(parameters -> 'input') when 'object' then parameters -> 'input' else '{}' end
          || jsonb_build_object('item', i) order by o), '[]')
      from jsonb_array_elements(engine.items_of(parameters -> 'items')) with ordinality e (i, o))
    else engine.items_of(parameters -> 'items')
  end;
  v_count := jsonb_array_length(v_inputs);
  if v_workflow.id is null then
    v_called.error := jsonb_build_object('code', 'sub_workflow_not_found', 'message',
      format('There is no workflow %s in this workspace', coalesce(parameters ->> 'workflow_id', '(none)')));
  elsif v_workflow.status not in ('draft', 'active') then
    v_called.error := jsonb_build_object('code', 'sub_workflow_not_startable', 'message',
      format('The workflow %s is %s', v_workflow.name, v_workflow.status));
  elsif v_parent.depth >= c_max_depth then
    v_called.error := jsonb_build_object('code', 'sub_workflow_too_deep', 'message',
      format('Sub-workflows nest at most %s deep: does one call itself without an end?', c_max_depth));
  elsif v_count > c_max_items then
    v_called.error := jsonb_build_object('code', 'too_many_items', 'message',
      format('There are %s items; at most %s are taken', v_count, c_max_items));
  elsif engine.trigger_of(v_workflow.id, v_version) is null then
    select workflows.diagnostics(v.definition, workspace_id => v.workspace_id) into v_problems
    from public.workflow_versions v
    where v.workflow_id = v_workflow.id and v.version = v_version;
    if v_problems = '[]' then
      perform engine.compile(v_workflow.id, v_version);
    else
      v_called.error := jsonb_build_object('code', 'sub_workflow_invalid', 'message',
        format('The workflow %s has faults', v_workflow.name), 'details',
        jsonb_build_object('problems', v_problems));
    end if;
  end if;
  if v_called.error is not null then
    return v_called;
  elsif v_count = 0 then
    v_called.output := '[]';
    return v_called;
  end if;
  v_room := coalesce(engine.count_of(parameters -> 'max_concurrency'), v_count);
  if not v_waits then
    v_room := v_count;
  end if;
  v_called.wait := engine.wait_of(token, 'children', at,
    at + make_interval(secs => least(coalesce(engine.count_of(parameters -> 'timeout_seconds'), 2592000),
      31536000)));
  v_called.wait.deadline := (v_called.wait).until;
  v_called.wait.next_item := least(v_room, v_count);
  v_called.wait.items := v_count;
  v_called.wait.max_concurrency := v_room;
  v_called.wait.data := jsonb_build_object(
    'workflow_id', v_workflow.id, 'version', v_version, 'is_list', v_is_list, 'inputs', v_inputs);
  v_called.started := engine.start_children(v_called.wait, v_parent.depth, 0, v_waits, at);
  -- children that were taken over have ended already: the tick looks at them
  if v_waits and exists (select from engine.retried r where r.run_id = token.id) then
    v_called.wait.until := at;
  end if;
  if not v_waits then
    v_called.output := case
      when v_is_list then (
        select jsonb_agg(jsonb_build_object('execution_id', t.execution_id)) from unnest(v_called.started) t)
      else jsonb_build_object('execution_id', (v_called.started[1]).execution_id)
    end;
    v_called.wait := null;
  end if;
  return v_called;
end
$$;
comment on function engine.call_workflow(engine.token, jsonb, timestamptz) is
  'What a SUB_WORKFLOW node does.';

-- The executions of the items from `first` up to the wait's next_item, and the tokens they start with. Where
-- the run is a retry, a child that succeeded with this input is taken over, another goes on where it stopped.
create function engine.start_children(
  wait engine.waits, depth int, first int, is_awaited boolean, at timestamptz
)
returns engine.token[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_tokens engine.token[] := array[]::engine.token[];
  v_token engine.token;
  v_child public.workflow_executions;
  v_workflow uuid := (wait.data ->> 'workflow_id')::uuid;
  v_version int := (wait.data ->> 'version')::int;
  v_trigger text := engine.trigger_of(v_workflow, v_version);
  v_timeout int := (
    select p.execution_timeout_seconds from engine.plan p
    where p.workflow_id = v_workflow and p.version = v_version and p.node_id = v_trigger);
  v_former public.workflow_executions;
  v_copy engine.called;
begin
  for i in start_children.first .. wait.next_item - 1 loop
    select c.* into v_former
    from engine.retried r
    join public.workflow_executions c
      on c.parent_execution_id = r.old_execution_id and c.parent_run_id = r.old_run_id
    where r.run_id = wait.id and c.parent_item = i and c.end_time is not null
      and c.workflow_id = v_workflow and c.input = wait.data -> 'inputs' -> i
    limit 1;
    if v_former.status = 'SUCCESS' then
      insert into public.workflow_executions (
        workspace_id, workflow_id, version, status, mode, trigger_node_id, priority, input, output,
        created_at, start_time, end_time, parent_execution_id, parent_run_id, parent_item, depth, retry_of)
      values (
        v_former.workspace_id, v_former.workflow_id, v_former.version, 'SUCCESS', 'RETRY',
        v_former.trigger_node_id, v_former.priority, v_former.input, v_former.output, at, at, at,
        wait.execution_id, wait.id, i, v_former.depth, v_former.id);
      continue;
    elsif v_former.id is not null and exists (
        select from engine.undone_runs(v_former.id, null)) then
      v_copy := engine.copy_execution(v_former, null, v_former.version, wait, i, at);
      v_tokens := v_tokens || v_copy.started;
      continue;
    end if;
    insert into public.workflow_executions as e (
      workspace_id, workflow_id, version, mode, trigger_node_id, priority, input, created_at, start_time,
      deadline, parent_execution_id, parent_run_id, parent_item, depth)
    values (
      wait.workspace_id, v_workflow, v_version, 'SUB_WORKFLOW', v_trigger, wait.priority,
      wait.data -> 'inputs' -> i, start_children.at, start_children.at,
      start_children.at + make_interval(secs => v_timeout),
      wait.execution_id, case when is_awaited then wait.id end, i, start_children.depth + 1)
    returning e.* into v_child;
    perform engine.log_start(v_child, at);
    v_token := engine.first_token(v_child);
    v_tokens := v_tokens || v_token;
  end loop;
  return v_tokens;
end
$$;
comment on function engine.start_children(engine.waits, int, int, boolean, timestamptz) is
  'Start executions of sub-workflows.';

-- Looks at the children of a SUB_WORKFLOW run: all have ended well, one has not, its time is over, or more
-- can begin.
create function engine.review_children(wait engine.waits, at timestamptz)
returns engine.called
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_called engine.called;
  v_children record;
  v_depth int;
  v_first int := wait.next_item;
begin
  select
    count(*) filter (where c.end_time is null) as live,
    count(*) filter (where c.status = 'SUCCESS') as succeeded,
    (array_agg(jsonb_build_object(
      'execution_id', c.id, 'status', c.status, 'error', c.error) order by c.end_time, c.id)
      filter (where c.end_time is not null and c.status <> 'SUCCESS'))[1] as failed
  into v_children
  from public.workflow_executions c
  where c.parent_execution_id = wait.execution_id and c.parent_run_id = wait.id;
  if v_children.failed is not null then
    v_called.error := jsonb_build_object('code', 'sub_workflow_failed',
      'message', format('The sub-workflow ended with %s: %s', v_children.failed ->> 'status',
        coalesce(v_children.failed #>> '{error,message}', 'no reason given')),
      'details', v_children.failed);
  elsif v_children.succeeded = wait.items then
    v_called.output := (
      select case when (wait.data -> 'is_list')::boolean
        then jsonb_agg(c.output order by c.parent_item) else (array_agg(c.output))[1] end
      from public.workflow_executions c
      where c.parent_execution_id = wait.execution_id and c.parent_run_id = wait.id);
  elsif wait.deadline <= at then
    v_called.error := jsonb_build_object('code', 'sub_workflow_timed_out',
      'message', 'The sub-workflow did not end in time');
  else
    select e.depth into v_depth from public.workflow_executions e where e.id = wait.execution_id;
    wait.next_item := least(wait.items, v_first + wait.max_concurrency - v_children.live);
    wait.until := wait.deadline;
    v_called.started := engine.start_children(wait, v_depth, v_first, true, at);
    v_called.wait := wait;
    return v_called;
  end if;
  insert into engine.cancellations (execution_id)
  select c.id from public.workflow_executions c
  where c.parent_execution_id = wait.execution_id and c.parent_run_id = wait.id and c.end_time is null;
  return v_called;
end
$$;
comment on function engine.review_children(engine.waits, timestamptz) is
  'What the children of a SUB_WORKFLOW run have come to.';

-- Ends of sub-workflows that their parents have not heard of. A message, since nobody locks two executions of
-- one tree: whoever next holds the parent's lock takes it.
create table engine.ended_children (
  id bigint generated always as identity primary key,
  execution_id uuid not null,
  run_id uuid not null
);
comment on table engine.ended_children is 'Parents to be told that a sub-workflow has ended.';
-- what there is for an execution
create index ended_children_of on engine.ended_children (execution_id);
alter table engine.ended_children enable row level security;
-- no policy and no grant: the engine's
