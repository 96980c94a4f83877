-- Takes up to `capacity` ready tasks for a worker: from each workspace with ready work its share by weight,
-- beginning behind the one that this worker looked at last, then what is left of the capacity from whoever
-- has more. A workspace with max_leases at work gets none, so that long tasks of one cannot fill all workers.
-- A lease lasts a minute and is renewed by heartbeats; the node's timeout bounds it.
create function engine.lease(worker_id text, capacity int)
returns uuid[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  c_most constant int := 64;
  v_free int := least(greatest(lease.capacity, 0), c_most);
  v_after uuid;
  v_spaces uuid[];
  v_rooms int[];
  v_weights int[];
  v_total int;
  v_share int;
  v_got uuid[];
  v_ids uuid[] := array[]::uuid[];
begin
  if v_free = 0 then
    return v_ids;
  end if;
  select w.last_workspace into v_after from engine.workers w where w.worker_id = lease.worker_id;
  v_spaces := engine.workspaces_with_work(coalesce(v_after, '00000000-0000-0000-0000-000000000000'), c_most);
  if cardinality(v_spaces) = 0 then
    return v_ids;
  end if;
  with at_work as materialized (
    -- as many as the workers can work on: few. The bound names the index, also while the planner knows of
    -- none
    select t.workspace_id, count(*)::int as leases from engine.tasks t
    where t.lease_token is not null and t.lease_until > '-infinity'
    group by t.workspace_id
  )
  select array_agg(w.id order by s.o), array_agg(w.weight order by s.o), sum(w.weight),
    array_agg(w.max_leases - coalesce(l.leases, 0) order by s.o)
  into v_spaces, v_weights, v_total, v_rooms
  from unnest(v_spaces) with ordinality s (id, o)
  join public.workspaces w on w.id = s.id
  left join at_work l on l.workspace_id = w.id;
  -- two rounds: everybody's share, then the rest
  for v_round in 1 .. 2 loop
    for i in 1 .. cardinality(v_spaces) loop
      exit when v_free = 0;
      v_share := least(v_free, v_rooms[i], case v_round
        when 1 then greatest(1, (least(greatest(lease.capacity, 0), c_most) * v_weights[i]) / v_total)
        else v_free
      end);
      continue when v_share <= 0;
      v_got := engine.lease_of(v_spaces[i], v_share, lease.worker_id);
      if cardinality(v_got) < v_share then
        v_rooms[i] := 0;
      else
        v_rooms[i] := v_rooms[i] - v_share;
      end if;
      v_free := v_free - cardinality(v_got);
      v_ids := v_ids || v_got;
      v_after := v_spaces[i];
    end loop;
    exit when v_free = 0;
  end loop;
  if cardinality(v_spaces) > 1 then
    update engine.workers w set last_workspace = v_after where w.worker_id = lease.worker_id;
  end if;
  return v_ids;
end
$$;
comment on function engine.lease(text, int) is 'Lease ready tasks, fairly between workspaces.';

-- Workspaces with ready work, in a circle behind `after`. One index probe each, however long their queues
-- are.
create function engine.workspaces_with_work(after uuid, most int)
returns uuid[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_spaces uuid[] := array[]::uuid[];
  v_at uuid := workspaces_with_work.after;
  v_wrapped boolean := false;
begin
  while cardinality(v_spaces) < workspaces_with_work.most loop
    v_at := (
      select t.workspace_id from engine.tasks t
      where t.lease_token is null and t.workspace_id > v_at
      order by t.workspace_id
      limit 1);
    if v_wrapped and (v_at is null or v_at > workspaces_with_work.after) then
      exit;
    elsif v_at is null then
      v_wrapped := true;
      v_at := '00000000-0000-0000-0000-000000000000';
    else
      v_spaces := v_spaces || v_at;
    end if;
  end loop;
  return v_spaces;
end
$$;
comment on function engine.workspaces_with_work(uuid, int) is 'Workspaces with ready work.';

-- Two statements: a plan of one for any limit would expect a tenth of the queue, and scan it.
create function engine.lease_of(workspace_id uuid, most int, worker_id text)
returns uuid[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := engine.now();
  v_token uuid := gen_random_uuid();
  v_ids uuid[] := array(
    select t.id from engine.tasks t
    where t.workspace_id = lease_of.workspace_id and t.lease_token is null
    order by t.priority desc, t.id
    limit lease_of.most
    for update skip locked);
begin
  update engine.tasks t
  -- the worker gives up at the node's timeout; the lease leaves it time to say so
  set lease_token = v_token, worker_id = lease_of.worker_id, leased_at = v_now,
    lease_until = v_now + make_interval(secs => least(p.timeout_seconds, 60) + 15)
  from engine.plan p
  where t.id = any (v_ids)
    and p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id;
  return v_ids;
end
$$;
comment on function engine.lease_of(uuid, int, text) is 'Lease ready tasks of one workspace.';

-- Says that tasks are still worked on: their leases last another minute, up to the node's timeout. Answers
-- those that the worker no longer holds, which it had better stop. Progress is written to the log.
create function engine.heartbeat(worker_id text, tasks jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_held uuid[];
begin
  update engine.workers w set seen_at = engine.now() where w.worker_id = heartbeat.worker_id;
  with beating as (
    select t.id, t.leased_at, p.timeout_seconds
    from jsonb_to_recordset(heartbeat.tasks) b (id uuid, lease_token uuid)
    join engine.tasks t on t.id = b.id and t.lease_token = b.lease_token
    join engine.plan p on p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id
    order by t.id
    for update of t skip locked
  ),
  renewed as (
    update engine.tasks t
    set lease_until = greatest(t.lease_until, least(
      engine.now() + interval '75 seconds', b.leased_at + make_interval(secs => b.timeout_seconds + 15)))
    from beating b
    where t.id = b.id
  )
  -- one that another session has locked just now is not renewed this time, but it is there
  select array_agg(t.id) into v_held
  from jsonb_to_recordset(heartbeat.tasks) b (id uuid, lease_token uuid)
  join engine.tasks t on t.id = b.id and t.lease_token = b.lease_token;
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, event_type, message, data, node_id, node_name, node_type, created_at)
  select t.execution_id, t.workspace_id, 'workflow_progress',
    left(coalesce(b.progress ->> 'message', p.name || ' goes on'), 1000),
    jsonb_strip_nulls(jsonb_build_object('percent', b.progress -> 'percent', 'attempt', t.attempt)),
    t.node_id, p.name, p.node_type || '.' || p.node_subtype, engine.now()
  from jsonb_to_recordset(heartbeat.tasks) b (id uuid, lease_token uuid, progress jsonb)
  join engine.tasks t on t.id = b.id and t.lease_token = b.lease_token
  join engine.plan p on p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id
  where jsonb_typeof(b.progress) = 'object';
  return jsonb_build_object('gone', (
    select coalesce(jsonb_agg(b.id), '[]') from jsonb_to_recordset(heartbeat.tasks) b (id uuid)
    where b.id <> all (coalesce(v_held, '{}'))));
end
$$;
comment on function engine.heartbeat(text, jsonb) is
  'Renew leases of [{id, lease_token, progress}]: {gone: [ids no longer held]}.';

-- Leased tasks as a worker gets them. A task whose parameters cannot be resolved must not keep the others
-- from being handed out: it goes out with a `problem` instead, which the worker answers as its error.
create function engine.task_list(worker_id text, task_ids uuid[])
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_tasks jsonb := jsonb '[]';
  v_id uuid;
  v_problem jsonb;
begin
  return engine.describe_tasks(task_list.worker_id, task_list.task_ids);
exception when others then
  foreach v_id in array task_list.task_ids loop
    begin
      v_tasks := v_tasks || engine.describe_tasks(task_list.worker_id, array[v_id]);
    exception when others then
      v_problem := jsonb_build_object(
        'code', 'parameters_unresolvable', 'message', sqlerrm, 'retryable', false);
      v_tasks := v_tasks || (
        select coalesce(jsonb_agg(jsonb_build_object(
          'id', t.id, 'lease_token', t.lease_token, 'lease_until', t.lease_until,
          'execution_id', t.execution_id, 'workspace_id', t.workspace_id,
          'workflow_id', t.workflow_id, 'version', t.version,
          'node_id', t.node_id, 'node_name', p.name, 'type', p.node_type, 'subtype', p.node_subtype,
          'attempt', t.attempt, 'max_retries', p.max_retries, 'timeout_seconds', p.timeout_seconds,
          'parameters', jsonb '{}', 'input', null,
          'allowed_hosts', jsonb '[]', 'problem', v_problem)), jsonb '[]')
        from engine.tasks t
        join engine.plan p
          on p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id
        where t.id = v_id and t.worker_id = task_list.worker_id);
    end;
  end loop;
  return v_tasks;
end
$$;
comment on function engine.task_list(text, uuid[]) is 'Leased tasks as a worker gets them.';

-- With resolved parameters and input.
create function engine.describe_tasks(worker_id text, task_ids uuid[])
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', t.id, 'lease_token', t.lease_token, 'lease_until', t.lease_until,
      'execution_id', t.execution_id, 'workspace_id', t.workspace_id,
      'workflow_id', t.workflow_id, 'version', t.version,
      'node_id', t.node_id, 'node_name', p.name, 'type', p.node_type, 'subtype', p.node_subtype,
      'attempt', t.attempt, 'max_retries', p.max_retries, 'timeout_seconds', p.timeout_seconds,
      'parameters', case
        when p.bindings is null then p.parameters
        else engine.resolve(p.parameters, p.bindings, engine.context(
          row(t.id, t.workspace_id, t.execution_id, t.workflow_id, t.version, t.node_id, t.target_index,
            t.run_index, t.attempt, t.source_id, t.input_id, t.ancestors, t.scope, t.lap,
            t.priority)::engine.token, p.reads, i.input))
      end,
      'input', i.input, 'allowed_hosts', w.allowed_hosts) order by t.priority desc, t.id), jsonb '[]')
    from engine.tasks t
    join engine.plan p on p.workflow_id = t.workflow_id and p.version = t.version and p.node_id = t.node_id
    join public.workspaces w on w.id = t.workspace_id
    cross join lateral (
      select engine.value_at(t.execution_id, engine.reference(t.input_id, t.scope)) as input
    ) i
    where t.id = any (describe_tasks.task_ids) and t.worker_id = describe_tasks.worker_id);
end
$$;
comment on function engine.describe_tasks(text, uuid[]) is 'Leased tasks with resolved parameters.';

-- {tasks}: takes up to `capacity` ready tasks. For a worker that has no results to give.
create function engine.claim(worker_id text, capacity int)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_ids uuid[];
begin
  -- the worker first: the lock order
  insert into engine.workers as k (worker_id, capacity, seen_at)
  values (claim.worker_id, claim.capacity, engine.now())
  on conflict on constraint workers_pkey do update
  set capacity = excluded.capacity, seen_at = excluded.seen_at;
  v_ids := engine.lease(claim.worker_id, claim.capacity);
  if cardinality(v_ids) > 0 then
    update engine.workers k set capacity = claim.capacity - cardinality(v_ids)
    where k.worker_id = claim.worker_id;
  end if;
  return jsonb_build_object('tasks', engine.task_list(claim.worker_id, v_ids));
end
$$;
comment on function engine.claim(text, int) is 'Lease up to `capacity` tasks: {tasks}.';

-- {tasks, refused}: applies results and takes the next tasks, in one round trip. A result whose lease is gone
-- (expired and given to another, or its execution ended) is refused and changes nothing. Repeating a call
-- with the same sequence, after an answer was lost, gives that answer again.
-- Locks: the worker, the executions in id order, then their tasks.
create function engine.finish(worker_id text, sequence bigint, results jsonb, capacity int)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_worker engine.workers;
  v_settled engine.settled[];
  v_claim uuid[];
  v_refused uuid[];
begin
  insert into engine.workers (worker_id, capacity, seen_at)
  values (finish.worker_id, 0, engine.now())
  on conflict do nothing;
  select * into v_worker from engine.workers w where w.worker_id = finish.worker_id for update;
  if v_worker.sequence = finish.sequence then
    return jsonb_build_object(
      'tasks', engine.task_list(finish.worker_id, v_worker.last_claim),
      'refused', to_jsonb(v_worker.last_refused));
  elsif finish.sequence <> v_worker.sequence + 1 then
    perform platform.fail(409, 'sequence_out_of_order',
      format('Call %s of worker %s came after call %s', finish.sequence, finish.worker_id, v_worker.sequence),
      'A worker counts its calls of finish from 1; a new worker takes a new id.');
  end if;

  perform from public.workflow_executions e
  where e.id in (
    select t.execution_id from jsonb_to_recordset(finish.results) r (id uuid)
    join engine.tasks t on t.id = r.id)
  order by e.id
  for no key update;
  perform engine.pause_point('finish_locked');

  with given as (
    select r.* from jsonb_to_recordset(finish.results) r (
      id uuid, lease_token uuid, status text, output jsonb, error jsonb, duration_ms float8)
  ),
  taken as (
    delete from engine.tasks t using given g where t.id = g.id and t.lease_token = g.lease_token
    returning row(
      row(t.id, t.workspace_id, t.execution_id, t.workflow_id, t.version, t.node_id, t.target_index,
        t.run_index, t.attempt, t.source_id, t.input_id, t.ancestors, t.scope, t.lap,
        t.priority)::engine.token,
      case when g.status = 'success' then coalesce(g.output, jsonb 'null') end,
      case when g.status is distinct from 'success'
        then coalesce(g.error, jsonb '{"code": "error_missing", "message": "The worker gave no reason"}') end,
      t.leased_at,
      case
        when g.duration_ms >= 0
          then least(t.leased_at + make_interval(secs => g.duration_ms / 1000), engine.now())
        else engine.now()
      end,
      false, null, null
    )::engine.settled as settled, t.execution_id, t.id
  )
  select array_agg(k.settled order by k.execution_id, k.id),
    array(select r.id from jsonb_to_recordset(finish.results) r (id uuid) where r.id is not null
          except select ((u.settled).token).id from taken u)
  into v_settled, v_refused
  from taken k;
  perform engine.apply(v_settled, null);

  v_claim := engine.lease(finish.worker_id, finish.capacity);
  update engine.workers w
  set sequence = finish.sequence, last_claim = v_claim, last_refused = v_refused,
    capacity = greatest(finish.capacity, 0) - cardinality(v_claim), seen_at = engine.now()
  where w.worker_id = finish.worker_id;
  return jsonb_build_object(
    'tasks', engine.task_list(finish.worker_id, v_claim), 'refused', to_jsonb(v_refused));
end
$$;
comment on function engine.finish(text, bigint, jsonb, int) is
  'Apply results [{id, lease_token, status, output | error, duration_ms}] and lease the next tasks: '
  '{tasks, refused}. Errors: sequence_out_of_order.';

-- Hands leases back without spending an attempt, and takes the worker's capacity out of account. What belongs
-- to a paused execution is held with it.
-- Locks: the executions, then their tasks, skipping what is just being finished, expired or canceled.
create function engine.release(worker_id text, task_ids uuid[])
returns int
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_paused uuid[];
  v_held engine.waits[];
  v_released int;
begin
  update engine.workers w set capacity = 0 where w.worker_id = release.worker_id;
  with locked as (
    select e.id, e.status from public.workflow_executions e
    where e.id in (select t.execution_id from engine.tasks t where t.id = any (release.task_ids))
    order by e.id
    for no key update
  )
  select array_agg(l.id) into v_paused from locked l where l.status = 'PAUSED';
  with held as (
    delete from engine.tasks t
    where t.id = any (release.task_ids) and t.worker_id = release.worker_id
      and t.execution_id = any (v_paused)
    returning engine.token_of(t) as token
  )
  select array_agg(engine.wait_of(h.token, 'ready', engine.now(), engine.now())) into v_held from held h;
  for i in 1 .. coalesce(cardinality(v_held), 0) loop
    v_held[i].is_held := true;
  end loop;
  perform engine.park(v_held);
  update engine.tasks t set lease_token = null, worker_id = null, leased_at = null, lease_until = null
  where t.id in (
    select k.id from engine.tasks k
    where k.id = any (release.task_ids) and k.worker_id = release.worker_id
    for update skip locked);
  get diagnostics v_released = row_count;
  return v_released + coalesce(cardinality(v_held), 0);
end
$$;
comment on function engine.release(text, uuid[]) is 'Hand leases back unspent; answers how many there were.';
