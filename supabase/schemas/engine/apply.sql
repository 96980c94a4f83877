-- What a worker (or the tick, for a lost lease) says of a task: exactly one of output and error.
create type engine.settled as (
  token engine.token,
  output jsonb,
  -- {code, message, details, retryable, retry_after_seconds}
  error jsonb,
  started_at timestamptz,
  ended_at timestamptz
);

-- One thing to do in a transition: a token that arrives (result is null), or one that was executed.
create type engine.step as (
  token engine.token,
  result engine.settled,
  -- the token's input where this transaction has made it; null: look it up
  input jsonb,
  -- sql steps behind it in this transaction
  depth int
);

-- Seconds before the next attempt: the provider's wish, else doubling from the node's wait
-- with up to a fifth of jitter.
create function engine.retry_delay(plan engine.plan, attempt int, error jsonb)
returns interval
language sql
volatile
set search_path = ''
as $$
  select make_interval(secs => case
    -- asked for first: greatest() skips nulls
    when (error ->> 'retry_after_seconds') is not null
      then least(greatest((error ->> 'retry_after_seconds')::float8, 0), 86400)
    else least(plan.retry_wait_time * power(2, least(attempt - 1, 30)), 3600) * (1 + random() / 5)
  end)
$$;
comment on function engine.retry_delay(engine.plan, int, jsonb) is
  'How long to wait before the next attempt.';

-- THE transition. Takes results of executed tokens and tokens that arrive, follows them through every sql
-- node, and leaves what the rest needs: tasks, waits, history, logs, the end of executions. All of it
-- commits or none.
-- The caller holds the executions' locks (engine/README.md) and has taken the tokens out of engine.tasks
-- and engine.waits.
create function engine.apply(results engine.settled[], tokens engine.token[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  c_max_depth constant int := 200;
  c_max_steps constant int := 1000;
  c_max_node_runs constant int := 1000;
  c_max_output_bytes constant int := 1048576;
  c_carried_bytes constant int := 8192;      -- larger inputs are looked up, not copied to each follower
  c_unwritten_bytes constant int := 4194304; -- outputs held in memory until they are written
  v_now timestamptz := engine.now();
  v_queue engine.step[] := array[]::engine.step[];
  v_next int := 0;
  v_steps int := 0;
  v_unwritten bigint := 0;
  v_step engine.step;
  v_token engine.token;
  v_follower engine.step;
  v_plan engine.plan;
  v_edge jsonb;
  v_parameters jsonb;
  v_output jsonb;
  v_passes boolean;
  v_index int;
  v_error jsonb;
  v_started timestamptz;
  v_delay interval;
  v_row public.node_executions;
  v_log public.workflow_execution_logs;
  v_wait engine.waits;
  v_rows public.node_executions[] := array[]::public.node_executions[];
  v_logs public.workflow_execution_logs[] := array[]::public.workflow_execution_logs[];
  v_tasks engine.token[] := array[]::engine.token[];
  v_waits engine.waits[] := array[]::engine.waits[];
  v_touched uuid[] := array[]::uuid[];
  v_alive uuid[] := array[]::uuid[];
  v_failed uuid[] := array[]::uuid[];
  v_failures jsonb := jsonb '{}';
begin
  for i in 1 .. coalesce(cardinality(results), 0) loop
    v_follower := null;
    v_follower.token := (results[i]).token;
    v_follower.result := results[i];
    v_follower.depth := 0;
    v_queue := v_queue || v_follower;
  end loop;
  for i in 1 .. coalesce(cardinality(tokens), 0) loop
    v_follower := null;
    v_follower.token := tokens[i];
    v_follower.depth := 0;
    v_queue := v_queue || v_follower;
  end loop;

  while v_next < cardinality(v_queue) loop
    v_next := v_next + 1;
    v_step := v_queue[v_next];
    v_token := v_step.token;
    -- a result is kept even so: its work was done
    continue when v_token.execution_id = any (v_failed) and (v_step.result).started_at is null;
    if v_touched[cardinality(v_touched)] is distinct from v_token.execution_id then
      v_touched := v_touched || v_token.execution_id;
    end if;
    if (v_plan.workflow_id, v_plan.version, v_plan.node_id)
       is distinct from (v_token.workflow_id, v_token.version, v_token.node_id) then
      select * into strict v_plan from engine.plan p
      where p.workflow_id = v_token.workflow_id and p.version = v_token.version
        and p.node_id = v_token.node_id;
    end if;
    v_output := null;
    v_error := null;
    v_passes := false;
    v_index := 0;

    if (v_step.result).started_at is not null then
      v_output := (v_step.result).output;
      v_error := (v_step.result).error;
      v_started := (v_step.result).started_at;
    else
      -- a token arrives
      if v_token.run_index is null then
        v_token.run_index := 0;
        if not v_plan.runs_once then
          insert into engine.node_runs as r (execution_id, node_id, runs)
          values (v_token.execution_id, v_token.node_id, 1)
          on conflict on constraint node_runs_pkey do update set runs = r.runs + 1
          returning r.runs - 1 into v_token.run_index;
        end if;
      end if;
      v_started := v_now;
      if v_token.run_index >= c_max_node_runs then
        v_error := jsonb_build_object('code', 'max_node_runs',
          'message', format('%s ran %s times in this execution: is a loop missing its way out?',
            v_plan.name, c_max_node_runs));
      elsif v_plan.executor = 'edge' then
        v_tasks := v_tasks || v_token;
        v_alive := v_alive || v_token.execution_id;
        continue;
      elsif v_step.depth >= c_max_depth or v_steps >= c_max_steps then
        -- others wait for this transaction's locks: the tick goes on from here
        v_wait := engine.wait_of(v_token, 'turn', v_now, v_now);
        v_waits := v_waits || v_wait;
        v_alive := v_alive || v_token.execution_id;
        continue;
      else
        v_steps := v_steps + 1;
        v_parameters := v_plan.parameters;
        if v_plan.bindings is not null then
          if cardinality(v_rows) > 0
             and ('nodes' = any (v_plan.reads)
                  or (v_step.input is null and v_token.input_id is not null)) then
            -- what it reads may be among the rows that are not written yet
            perform engine.write_history(v_rows);
            v_rows := array[]::public.node_executions[];
          end if;
          v_parameters := engine.resolve(v_parameters, v_plan.bindings,
            engine.context(v_token, v_plan, v_step.input));
        end if;
        case v_plan.handler
          when 'pass' then
            v_passes := true;
          when 'branch' then
            v_passes := true;
            v_index := case when v_parameters -> 'condition' = 'true' then 0 else 1 end;
          when 'output' then
            v_output := v_parameters -> 'output';
        end case;
      end if;
    end if;

    if pg_column_size(v_output) > c_max_output_bytes then
      v_error := jsonb_build_object('code', 'output_too_large',
        'message', format('The output has %s bytes; at most %s are kept: let the node return less',
          pg_column_size(v_output), c_max_output_bytes));
      v_output := null;
    end if;

    v_row := null;
    v_row.execution_id := v_token.execution_id;
    v_row.id := v_token.id;
    v_row.workspace_id := v_token.workspace_id;
    v_row.node_id := v_token.node_id;
    v_row.node_type := v_plan.node_type || '.' || v_plan.node_subtype;
    v_row.run_index := v_token.run_index;
    v_row.attempt := v_token.attempt;
    v_row.source_id := v_token.source_id;
    v_row.input_id := v_token.input_id;
    v_row.ancestors := v_token.ancestors;
    v_row.scope := v_token.scope;
    v_row.start_time := v_started;
    v_row.end_time := coalesce((v_step.result).ended_at, v_now);
    v_row.passes_input := v_passes;
    v_row.is_end := false;

    v_log := null;
    v_log.execution_id := v_token.execution_id;
    v_log.workspace_id := v_token.workspace_id;
    v_log.node_id := v_token.node_id;
    v_log.node_name := v_plan.name;
    v_log.node_type := v_row.node_type;
    v_log.step_number := v_plan.ordinal;
    v_log.total_steps := v_plan.total_nodes;
    v_log.duration_ms := extract(epoch from v_row.end_time - v_row.start_time) * 1000;

    if v_error is null then
      v_row.status := 'SUCCESS';
      v_row.output_data := v_output;
      v_log.event_type := 'step_completed';
      v_log.level := 'INFO';
      v_log.message := v_plan.name || ' completed';
    else
      v_row.status := 'ERROR';
      v_row.error_data := v_error - 'retryable' - 'retry_after_seconds';
      v_log.event_type := 'step_error';
      v_log.level := 'ERROR';
      v_log.message := v_plan.name || ' failed: ' || coalesce(v_error ->> 'message', 'no reason given');
      v_log.data := v_row.error_data;
      if coalesce((v_error ->> 'retryable')::boolean, false) and v_token.attempt <= v_plan.max_retries then
        v_delay := engine.retry_delay(v_plan, v_token.attempt, v_error);
        v_row.id := platform.uuid7();
        v_log.level := 'WARNING';
        v_log.message := format('%s; attempt %s of %s in %s s',
          v_log.message, v_token.attempt + 1, v_plan.max_retries + 1, round(extract(epoch from v_delay), 1));
        v_rows := v_rows || v_row;
        v_logs := v_logs || v_log;
        v_token.attempt := v_token.attempt + 1;
        v_wait := engine.wait_of(v_token, 'retry', v_now, v_now + v_delay);
        v_waits := v_waits || v_wait;
        v_alive := v_alive || v_token.execution_id;
        continue;
      end if;
      if v_plan.error_handling = 'STOP_WORKFLOW_ON_ERROR' or v_error ->> 'code' = 'max_node_runs' then
        v_rows := v_rows || v_row;
        v_logs := v_logs || v_log;
        v_failed := v_failed || v_token.execution_id;
        -- the first failure is the execution's error
        v_failures := jsonb_build_object(v_token.execution_id,
            v_row.error_data || jsonb_build_object('node_id', v_token.node_id))
          || v_failures;
        continue;
      end if;
      v_output := jsonb_build_object('error', v_row.error_data);
      v_row.output_data := v_output;
    end if;

    -- what follows gets a token along each matching connection
    v_follower := null;
    v_follower.depth := v_step.depth + 1;
    v_follower.input := case
      when v_passes then v_step.input
      when pg_column_size(v_output) <= c_carried_bytes then v_output
    end;
    v_follower.token := v_token;
    v_follower.token.run_index := null;
    v_follower.token.attempt := 1;
    v_follower.token.source_id := v_token.id;
    if not v_passes then
      v_follower.token.input_id := v_token.id;
    end if;
    if not v_plan.keeps_ancestors then
      v_follower.token.ancestors := null;
    elsif v_plan.is_referenced and v_error is null then
      v_follower.token.ancestors := coalesce(v_token.ancestors, jsonb '{}')
        || jsonb_build_object(v_token.node_id, (v_follower.token).input_id);
    end if;
    v_row.is_end := true;
    for i in 0 .. jsonb_array_length(v_plan.edges) - 1 loop
      v_edge := v_plan.edges -> i;
      continue when case
        when v_error is not null and v_plan.error_handling = 'CONTINUE_ERROR_OUTPUT_ON_ERROR'
          then v_edge ->> 'type' <> 'ERROR'
        when v_edge ->> 'type' = 'MAIN' then (v_edge ->> 'index')::int <> v_index
        else v_edge ->> 'type' <> 'SUCCESS' or v_error is not null
      end;
      v_follower.token.id := platform.uuid7();
      v_follower.token.node_id := v_edge ->> 'target';
      v_queue := v_queue || v_follower;
      v_row.is_end := false;
    end loop;
    v_rows := v_rows || v_row;
    v_logs := v_logs || v_log;
    v_unwritten := v_unwritten + coalesce(pg_column_size(v_output), 0);
    if v_unwritten > c_unwritten_bytes then
      perform engine.write_history(v_rows);
      v_rows := array[]::public.node_executions[];
      v_unwritten := 0;
    end if;
  end loop;

  perform engine.write_history(v_rows);
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, event_type, level, message, data,
    node_id, node_name, node_type, step_number, total_steps, duration_ms, created_at)
  select
    l.execution_id, l.workspace_id, l.event_type, l.level, l.message, l.data,
    l.node_id, l.node_name, l.node_type, l.step_number, l.total_steps, l.duration_ms, v_now
  from unnest(v_logs) l;
  if cardinality(v_tasks) > 0 then
    perform engine.enqueue(v_tasks);
  end if;
  if cardinality(v_waits) > 0 then
    insert into engine.waits select w.* from unnest(v_waits) w;
  end if;
  perform engine.pause_point('apply_before_end');
  if cardinality(v_failed) > 0 then
    perform engine.end_executions(v_failed, 'ERROR', v_failures, v_now);
  end if;
  v_touched := array(select t from unnest(v_touched) t where t <> all (v_alive) and t <> all (v_failed));
  if cardinality(v_touched) > 0 then
    perform engine.complete_executions(v_touched, v_now);
  end if;
end
$$;
comment on function engine.apply(engine.settled[], engine.token[]) is
  'The transition: results and tokens in, everything that follows from them out.';

create function engine.enqueue(tokens engine.token[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into engine.tasks (
    id, workspace_id, execution_id, workflow_id, version, node_id, run_index, attempt,
    source_id, input_id, ancestors, scope, priority)
  select
    t.id, t.workspace_id, t.execution_id, t.workflow_id, t.version, t.node_id, t.run_index, t.attempt,
    t.source_id, t.input_id, t.ancestors, t.scope, t.priority
  from unnest(tokens) t;
end
$$;
comment on function engine.enqueue(engine.token[]) is 'Put tokens into the ready queue.';

create function engine.wait_of(token engine.token, kind text, since timestamptz, until timestamptz)
returns engine.waits
language sql
immutable
set search_path = ''
as $$
  select row(
    token.id, token.workspace_id, token.execution_id, token.workflow_id, token.version, token.node_id,
    token.run_index, token.attempt, token.source_id, token.input_id, token.ancestors, token.scope,
    token.priority, kind, since, until)::engine.waits
$$;
comment on function engine.wait_of(engine.token, text, timestamptz, timestamptz) is
  'A token as a row that waits.';

create function engine.write_history(history public.node_executions[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into public.node_executions (
    execution_id, id, workspace_id, node_id, node_type, run_index, attempt, status, source_id, input_id,
    passes_input, output_data, error_data, ancestors, scope, is_end, start_time, end_time)
  select
    h.execution_id, h.id, h.workspace_id, h.node_id, h.node_type, h.run_index, h.attempt, h.status,
    h.source_id, h.input_id,
    h.passes_input, h.output_data, h.error_data, h.ancestors, h.scope, h.is_end, h.start_time, h.end_time
  from unnest(history) h;
end
$$;
comment on function engine.write_history(public.node_executions[]) is 'Write ended node runs.';
