-- What a worker (or the tick, for a lost lease) says of a task: exactly one of output and error.
create type engine.settled as (
  token engine.token,
  output jsonb,
  -- {code, message, details, retryable, retry_after_seconds}
  error jsonb,
  started_at timestamptz,
  ended_at timestamptz,
  -- its output is its input
  passes boolean,
  -- a join: the tokens that it took
  joined jsonb,
  -- the output that it leaves through; null: the first
  output_index int
);

-- One thing to do in a transition: a token that arrives (result is null), one that was executed, or an item
-- that a FOR_EACH run sends out (token is the run, input the item).
create type engine.step as (
  token engine.token,
  result engine.settled,
  item int,
  -- the token's input where this transaction has made it; null: look it up
  input jsonb,
  -- sql steps behind it in this transaction
  depth int
);

-- What a due wait turns into.
create type engine.due as (
  settled engine.settled[],
  -- tokens that go on at their node
  arriving engine.token[],
  -- tokens that go back to the ready queue
  ready engine.token[],
  items engine.step[]
);

-- Where something may have become possible for a join.
create type engine.place as (
  execution_id uuid,
  scope text collate "C"
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
-- node, then lets joins fire, executions end and parents go on, until nothing more follows; it leaves what
-- the rest needs: tasks, waits, history, logs. All of it commits or none. `places` are looked at for joins
-- too, `logs` are written before the steps'.
-- Plans are made once for all parameters: with partitions the planner would else make them anew at each call;
-- and without sequential scans, which it would choose and keep while a queue happens to be empty.
-- The caller holds the executions' locks (engine/README.md) and has taken the tokens out of engine.tasks
-- and engine.waits.
create function engine.apply(
  results engine.settled[], tokens engine.token[], places engine.place[] default '{}',
  logs public.workflow_execution_logs[] default '{}'
)
returns void
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  c_max_depth constant int := 200;
  c_max_steps constant int := 1000;
  c_max_node_runs constant int := 1000;
  c_max_items constant int := 10000;
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
  v_context jsonb;
  v_parameters jsonb;
  v_output jsonb;
  v_passes boolean;
  v_index int;
  v_room int;
  v_error jsonb;
  v_started timestamptz;
  v_delay interval;
  v_called engine.called;
  v_answer jsonb;
  -- it may wait to change what a workflow remembers
  v_is_patient boolean := true;
  v_due engine.due;
  v_row public.node_executions;
  v_log public.workflow_execution_logs;
  v_wait engine.waits;
  v_place engine.place;
  v_rows public.node_executions[] := array[]::public.node_executions[];
  v_logs public.workflow_execution_logs[] := logs;
  v_tasks engine.token[] := array[]::engine.token[];
  v_waits engine.waits[] := array[]::engine.waits[];
  -- where a join may have become ripe
  v_places engine.place[] := places;
  v_touched uuid[] := array[]::uuid[];
  v_alive uuid[] := array[]::uuid[];
  v_paused uuid[] := array[]::uuid[];
  -- executions that end here whatever is live in them; the first reason counts
  v_stopped uuid[] := array[]::uuid[];
  v_ended uuid[] := array[]::uuid[];
  v_errors jsonb := jsonb '{}';
  v_parents uuid[] := array[]::uuid[];
  -- counters or joins were kept
  v_with_state boolean := cardinality(places) > 0;
  -- executions that began here, and what ended their branches: nothing need be looked up at their end
  v_begun uuid[] := array[]::uuid[];
  v_outputs jsonb := jsonb '{}';
  v_ended_now public.workflow_executions[];
  -- executions that may begin or cease to wait for people alone
  v_asking uuid[] := array[]::uuid[];
begin
  v_due.settled := results;
  v_due.arriving := tokens;
  -- one that begins is not paused
  if cardinality(results) > 0 or tokens[1].source_id is not null then
    v_paused := array(
      select e.id from public.workflow_executions e
      where e.status = 'PAUSED' and e.id in (
        select (r.token).execution_id from unnest(results) r
        union all select t.execution_id from unnest(tokens) t));
  end if;

  loop
    v_queue := array[]::engine.step[];
    v_next := 0;
    for i in 1 .. coalesce(cardinality(v_due.settled), 0) loop
      v_follower := null;
      v_follower.token := ((v_due.settled)[i]).token;
      v_follower.result := (v_due.settled)[i];
      v_follower.depth := 0;
      v_queue := v_queue || v_follower;
    end loop;
    for i in 1 .. coalesce(cardinality(v_due.arriving), 0) loop
      v_follower := null;
      v_follower.token := (v_due.arriving)[i];
      v_follower.depth := 0;
      v_queue := v_queue || v_follower;
    end loop;
    v_queue := v_queue || v_due.items;
    while v_next < cardinality(v_queue) loop
      v_next := v_next + 1;
      v_step := v_queue[v_next];
      v_token := v_step.token;
      if v_touched[cardinality(v_touched)] is distinct from v_token.execution_id then
        v_touched := v_touched || v_token.execution_id;
      end if;
      if (v_plan.workflow_id, v_plan.version, v_plan.node_id)
         is distinct from (v_token.workflow_id, v_token.version, v_token.node_id) then
        select * into strict v_plan from engine.plan p
        where p.workflow_id = v_token.workflow_id and p.version = v_token.version
          and p.node_id = v_token.node_id;
      end if;
      v_with_state := v_with_state or v_plan.keeps_state;
      if v_plan.asks and v_asking[cardinality(v_asking)] is distinct from v_token.execution_id then
        v_asking := v_asking || v_token.execution_id;
      end if;
      if v_plan.has_joins and (
          v_place.execution_id is distinct from v_token.execution_id or v_place.scope <> v_token.scope) then
        v_place.execution_id := v_token.execution_id;
        v_place.scope := v_token.scope;
        v_places := v_places || v_place;
      end if;
      v_parameters := v_plan.parameters;
      v_output := null;
      v_error := null;
      v_passes := false;
      v_index := 0;
      v_row := null;

      -- a result is kept even so: its work was done
      if v_step.item is null and (v_step.result).started_at is null
         and (v_token.execution_id = any (v_stopped) or v_token.execution_id = any (v_ended)) then
        v_rows := v_rows || engine.canceled_run(v_token, v_plan, v_now);
        continue;
      end if;
      if v_step.item is null then
        if (v_step.result).started_at is null
           and v_plan.merge_mode in ('all', 'append', 'combine', 'collect') then
          -- it waits for the others; the join's run begins when it fires
          if v_plan.merge_mode = 'collect' then
            perform engine.collect(v_token);
          else
            v_wait := engine.wait_of(v_token, 'merge', v_now, 'infinity');
            v_waits := v_waits || v_wait;
          end if;
          continue;
        end if;
        if v_token.execution_id = any (v_paused) and (v_step.result).started_at is null then
          v_wait := engine.wait_of(v_token, 'turn', v_now, v_now);
          v_wait.is_held := true;
          v_waits := v_waits || v_wait;
          v_alive := v_alive || v_token.execution_id;
          continue;
        end if;
        if v_token.run_index is null then
          if v_token.source_id is null then
            v_begun := v_begun || v_token.execution_id;
          end if;
          v_token.run_index := 0;
          if not v_plan.runs_once then
            insert into engine.node_runs as r (execution_id, scope, node_id, runs)
            values (v_token.execution_id, v_token.scope, v_token.node_id, 1)
            on conflict on constraint node_runs_pkey do update set runs = r.runs + 1
            returning r.runs - 1 into v_token.run_index;
          end if;
        end if;
        v_started := coalesce((v_step.result).started_at, v_now);

        if v_token.run_index >= c_max_node_runs then
          v_error := jsonb_build_object('code', 'max_node_runs',
            'message', format('%s ran %s times in this execution: is a loop missing its way out?',
              v_plan.name, c_max_node_runs));
        elsif (v_step.result).started_at is not null then
          v_output := (v_step.result).output;
          v_error := (v_step.result).error;
          v_passes := coalesce((v_step.result).passes, false);
          v_index := coalesce((v_step.result).output_index, 0);
        elsif v_plan.pinned is not null and engine.is_manual(v_token.execution_id) then
          v_output := case v_plan.handler
            when 'for_each' then engine.items_of(v_plan.pinned) else v_plan.pinned end;
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
        elsif v_plan.handler = 'set_static'
              and not engine.hold_static(v_token.workflow_id, v_is_patient) then
          v_is_patient := false;
          v_wait := engine.wait_of(v_token, 'turn', v_now, v_now + interval '200 milliseconds');
          v_waits := v_waits || v_wait;
          v_alive := v_alive || v_token.execution_id;
          continue;
        else
          v_steps := v_steps + 1;
          v_context := null;
          if v_plan.bindings is not null or v_plan.handler = 'filter' then
            if cardinality(v_rows) > 0
               and (v_plan.reads && '{nodes,item}'
                    or (v_step.input is null and v_token.input_id is not null)) then
              -- what it reads may be among the rows that are not written yet
              perform engine.write_history(v_rows);
              v_rows := array[]::public.node_executions[];
            end if;
            v_context := engine.context(v_token, v_plan.reads, v_step.input);
          end if;
          if v_plan.bindings is not null then
            v_parameters := engine.resolve(v_parameters, v_plan.bindings, v_context);
          end if;
          case v_plan.handler
            when 'pass' then
              v_passes := true;
            when 'branch' then
              v_passes := true;
              v_index := case when v_parameters -> 'condition' = 'true' then 0 else 1 end;
            when 'switch' then
              v_passes := true;
              v_index := jsonb_array_length(v_parameters -> 'rules');
              for i in reverse v_index - 1 .. 0 loop
                v_index := case when v_parameters -> 'rules' -> i = 'true' then i else v_index end;
              end loop;
            when 'output' then
              v_output := v_parameters -> 'output';
            when 'filter' then
              v_output := engine.matching(engine.items_of(v_parameters -> 'items'),
                v_parameters ->> 'condition', v_context);
            when 'for_each' then
              v_output := engine.items_of(v_parameters -> 'items');
              if jsonb_array_length(v_output) > c_max_items then
                v_error := jsonb_build_object('code', 'too_many_items',
                  'message', format('%s has %s items; at most %s are taken: page through them',
                    v_plan.name, jsonb_array_length(v_output), c_max_items));
                v_output := null;
              end if;
            when 'merge' then
              -- any: the first of its kind passes, the others end here
              v_passes := true;
              insert into engine.merged (execution_id, scope, node_id, lap)
              values (v_token.execution_id, v_token.scope, v_token.node_id, v_token.lap)
              on conflict do nothing;
              if not found then
                v_row.status := 'SKIPPED';
              end if;
            when 'stop' then
              v_passes := true;
              if v_parameters ->> 'status' = 'ERROR' then
                v_error := jsonb_build_object('code', 'stopped',
                  'message', coalesce(v_parameters ->> 'message', 'The workflow stopped itself'));
              end if;
            when 'set_static' then
              -- others may wait for what this transaction holds now
              v_is_patient := false;
              v_answer := engine.remember(
                v_token.workspace_id, v_token.workflow_id, v_parameters -> 'values');
              v_output := v_answer -> 'output';
              v_error := v_answer -> 'error';
            when 'respond' then
              -- the answer is its output in history; its token passes the input on
              v_passes := true;
              v_answer := engine.answer(v_token, v_parameters);
              v_output := v_answer -> 'output';
              v_error := v_answer -> 'error';
            when 'placeholder' then
              v_error := jsonb_build_object('code', 'placeholder_not_replaced', 'message',
                v_plan.name || ' stands for a node that is not there: replace it, or disable it');
            when 'wait' then
              v_wait := engine.wait_for(v_token, v_parameters, v_now);
              if v_wait.id is not null then
                v_waits := v_waits || v_wait;
                v_alive := v_alive || v_token.execution_id;
                continue;
              end if;
              -- the event was there already, or what it should wait for makes no sense
              v_output := v_wait.data -> 'payload';
              v_error := v_wait.data -> 'error';
              v_passes := v_output is null and v_error is null;
            when 'ask' then
              v_wait := hil.ask(v_token, v_plan.node_subtype, v_parameters, v_now);
              if v_wait.id is not null then
                v_waits := v_waits || v_wait;
                v_alive := v_alive || v_token.execution_id;
                continue;
              end if;
              v_error := v_wait.data -> 'error';
            when 'call_workflow' then
              v_called := engine.call_workflow(v_token, v_parameters, v_now);
              for i in 1 .. coalesce(cardinality(v_called.started), 0) loop
                v_follower := null;
                v_follower.token := v_called.started[i];
                v_follower.depth := v_step.depth + 1;
                v_queue := v_queue || v_follower;
              end loop;
              if (v_called.wait).id is not null then
                v_wait := v_called.wait;
                v_waits := v_waits || v_wait;
                v_alive := v_alive || v_token.execution_id;
                continue;
              end if;
              v_output := v_called.output;
              v_error := v_called.error;
          end case;
        end if;

        if pg_column_size(v_output) > c_max_output_bytes then
          v_error := jsonb_build_object('code', 'output_too_large',
            'message', format('The output has %s bytes; at most %s are kept: let the node return less',
              pg_column_size(v_output), c_max_output_bytes));
          v_output := null;
        end if;

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
        v_row.target_index := v_token.target_index;
        v_row.scope := v_token.scope;
        v_row.lap := v_token.lap;
        v_row.joined := (v_step.result).joined;
        v_row.start_time := v_started;
        v_row.end_time := coalesce((v_step.result).ended_at, v_now);
        v_row.passes_input := v_passes and v_error is null;
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
          v_row.output_data := v_output;
          v_log.event_type := 'step_completed';
          v_log.level := 'INFO';
          if v_row.status = 'SKIPPED' then
            v_log.message := v_plan.name || ' skipped: another was first';
            v_rows := v_rows || v_row;
            v_logs := v_logs || v_log;
            continue;
          end if;
          v_row.status := 'SUCCESS';
          v_log.message := v_plan.name || ' completed';
          if v_plan.handler = 'stop' then
            v_row.is_end := true;
            v_rows := v_rows || v_row;
            v_logs := v_logs || v_log;
            v_stopped := v_stopped || v_token.execution_id;
            continue;
          end if;
        else
          v_passes := false;
          v_row.status := 'ERROR';
          v_row.error_data := v_error - 'retryable' - 'retry_after_seconds';
          v_log.event_type := 'step_error';
          v_log.level := 'ERROR';
          v_log.message := v_plan.name || ' failed: ' || coalesce(v_error ->> 'message', 'no reason given');
          v_log.data := v_row.error_data;
          if coalesce((v_error ->> 'retryable')::boolean, false)
             and v_token.attempt <= v_plan.max_retries then
            v_delay := engine.retry_delay(v_plan, v_token.attempt, v_error);
            v_row.id := platform.uuid7();
            v_log.level := 'WARNING';
            v_log.message := format('%s; attempt %s of %s in %s s', v_log.message,
              v_token.attempt + 1, v_plan.max_retries + 1, round(extract(epoch from v_delay), 1));
            v_rows := v_rows || v_row;
            v_logs := v_logs || v_log;
            v_token.attempt := v_token.attempt + 1;
            v_wait := engine.wait_of(v_token, 'retry', v_now, v_now + v_delay);
            v_wait.is_held := v_token.execution_id = any (v_paused);
            v_waits := v_waits || v_wait;
            v_alive := v_alive || v_token.execution_id;
            continue;
          end if;
          if v_plan.error_handling = 'STOP_WORKFLOW_ON_ERROR' or v_plan.handler = 'stop'
             or v_error ->> 'code' = 'max_node_runs'
             or v_plan.handler = 'ask' and v_error #>> '{details,timeout_action}' = 'fail' then
            v_rows := v_rows || v_row;
            v_logs := v_logs || v_log;
            v_stopped := v_stopped || v_token.execution_id;
            v_errors := jsonb_build_object(v_token.execution_id,
                v_row.error_data || jsonb_build_object('node_id', v_token.node_id))
              || v_errors;
            continue;
          end if;
          v_output := jsonb_build_object('error', v_row.error_data);
          v_row.output_data := v_output;
        end if;
      end if;

      -- what follows gets a token along each matching connection
      v_follower := null;
      v_follower.depth := v_step.depth + 1;
      v_follower.token := v_token;
      v_follower.token.run_index := null;
      v_follower.token.attempt := 1;
      v_follower.token.source_id := v_token.id;
      if v_step.item is not null then
        v_follower.token.scope := format('%s/%s:%s', v_token.scope, v_token.id, v_step.item);
        v_follower.input := v_step.input;
      elsif v_passes then
        v_follower.input := v_step.input;
      elsif pg_column_size(v_output) <= c_carried_bytes then
        v_follower.input := v_output;
      end if;
      if not v_passes then
        v_follower.token.input_id := v_token.id;
      end if;
      if not v_plan.keeps_ancestors then
        v_follower.token.ancestors := null;
      elsif v_plan.is_referenced and v_error is null and v_step.item is null then
        v_follower.token.ancestors := coalesce(v_token.ancestors, jsonb '{}') || jsonb_build_object(
          v_token.node_id, engine.reference((v_follower.token).input_id, v_token.scope));
      end if;

      v_row.is_end := true;
      if v_plan.handler = 'for_each' and v_step.item is null
         and not (v_error is not null and v_plan.error_handling = 'CONTINUE_ERROR_OUTPUT_ON_ERROR') then
        -- its items follow, now as many as may be live at once; joins that wait for all of them open
        if v_error is not null then
          v_output := '[]';
        end if;
        v_token.ancestors := (v_follower.token).ancestors;
        v_follower.token := v_token;
        v_index := jsonb_array_length(v_output);
        v_room := coalesce(engine.count_of(v_parameters -> 'max_concurrency'), v_index);
        v_row.is_end := (v_index = 0 and v_plan.collects = '{}') or v_plan.edges = '[]';
        for i in 1 .. cardinality(v_plan.collects) loop
          v_wait := engine.collect_of(v_token, v_plan.collects[i], v_plan.component, v_now);
          v_waits := v_waits || v_wait;
        end loop;
        for i in 0 .. least(v_index, v_room) - 1 loop
          v_follower.item := i;
          v_follower.input := case
            when pg_column_size(v_output -> i) <= c_carried_bytes then v_output -> i end;
          v_queue := v_queue || v_follower;
        end loop;
        if v_index > v_room then
          v_wait := engine.wait_of(v_token, 'for_each', v_now, 'infinity');
          v_wait.id := platform.uuid7();
          v_wait.for_run := v_token.id;
          v_wait.max_concurrency := v_room;
          v_wait.next_item := v_room;
          v_wait.items := v_index;
          v_waits := v_waits || v_wait;
        end if;
      else
        v_context := null;
        for i in 0 .. jsonb_array_length(v_plan.edges) - 1 loop
          v_edge := v_plan.edges -> i;
          continue when case
            when v_error is not null and v_plan.error_handling = 'CONTINUE_ERROR_OUTPUT_ON_ERROR'
              then v_edge ->> 'type' <> 'ERROR'
            when v_edge ->> 'type' in ('MAIN', 'CONDITIONAL') then (v_edge ->> 'index')::int <> v_index
            else v_edge ->> 'type' <> 'SUCCESS' or v_error is not null
          end;
          if v_edge ? 'predicate' and v_edge ->> 'type' <> 'ERROR' then
            if v_context is null then
              -- it sees the output as its input
              perform engine.write_history(v_rows);
              v_rows := array[]::public.node_executions[];
              v_follower.token.run_index := v_token.run_index;
              v_context := engine.context(v_follower.token, v_plan.edge_reads,
                case when v_passes or v_step.item is not null then v_follower.input else v_output end);
              if v_plan.edge_reads @> '{nodes}' and v_step.item is null and not v_passes then
                v_context := jsonb_set(v_context, array['nodes', v_token.node_id], v_output);
              end if;
            end if;
            continue when not coalesce(jsonb_path_match_tz(
              v_context, (v_edge ->> 'predicate')::jsonpath, jsonb '{}', true), false);
          end if;
          v_follower.token.id := platform.uuid7();
          v_follower.token.run_index := null;
          v_follower.token.node_id := v_edge ->> 'target';
          v_follower.token.target_index := (v_edge ->> 'target_index')::int;
          v_follower.token.lap := case v_edge ->> 'lap'
            when 'next' then v_token.lap + 1
            when 'first' then 0
            else v_token.lap
          end;
          v_queue := v_queue || v_follower;
          v_row.is_end := false;
        end loop;
      end if;
      if v_step.item is null then
        v_rows := v_rows || v_row;
        v_logs := v_logs || v_log;
        if v_row.is_end and v_token.execution_id = any (v_begun) then
          if v_passes and v_step.input is null then
            v_begun := array_remove(v_begun, v_token.execution_id);
          else
            v_outputs := v_outputs || jsonb_build_object(v_token.execution_id,
              coalesce(v_outputs -> v_token.execution_id::text, '{}') || jsonb_build_object(v_token.node_id,
                coalesce(case when v_passes then v_step.input else v_output end, 'null')));
          end if;
        end if;
      end if;
      v_unwritten := v_unwritten + coalesce(pg_column_size(v_output), 0);
      if v_unwritten > c_unwritten_bytes then
        perform engine.write_history(v_rows);
        v_rows := array[]::public.node_executions[];
        v_unwritten := 0;
      end if;
    end loop;

    perform engine.write_history(v_rows);
    v_rows := array[]::public.node_executions[];
    v_unwritten := 0;
    if cardinality(v_tasks) > 0 then
      perform engine.enqueue(v_tasks);
      v_tasks := array[]::engine.token[];
    end if;
    if cardinality(v_waits) > 0 then
      perform engine.park(v_waits);
      v_waits := array[]::engine.waits[];
    end if;

    if cardinality(v_stopped) > 0 then
      perform engine.write_logs(v_logs, v_now);
      v_logs := array[]::public.workflow_execution_logs[];
      v_parents := v_parents || engine.end_executions(
        array(select s from unnest(v_stopped) s where v_errors ? s::text), 'ERROR', v_errors, v_now)
        || engine.end_executions(
        array(select s from unnest(v_stopped) s where not v_errors ? s::text), 'SUCCESS', null, v_now);
      v_ended := v_ended || v_stopped;
      v_stopped := array[]::uuid[];
      v_places := array(select p from unnest(v_places) p where p.execution_id <> all (v_ended));
    end if;
    if cardinality(v_places) > 0 then
      v_due := engine.ripen(v_places, v_now);
      v_places := array[]::engine.place[];
      v_place := null;
      continue when cardinality(v_due.settled) > 0 or cardinality(v_due.items) > 0;
    end if;

    perform engine.pause_point('apply_before_end');
    v_touched := array(
      select distinct t from unnest(v_touched) t where t <> all (v_alive) and t <> all (v_ended));
    if cardinality(v_touched) > 0 then
      v_ended_now := engine.complete_executions(v_touched, v_now, (
        select coalesce(jsonb_object_agg(b, coalesce(v_outputs -> b::text, '{}')), '{}')
        from unnest(v_begun) b));
      for i in 1 .. coalesce(cardinality(v_ended_now), 0) loop
        v_logs := v_logs || engine.completed_log(v_ended_now[i]);
      end loop;
      if cardinality(v_paused) > 0 and cardinality(v_ended_now) > 0 then
        -- what was at work came to its end nevertheless
        perform hil.end_pauses(
          array(select e.id from unnest(v_ended_now) e where e.id = any (v_paused)), v_now);
      end if;
      v_parents := v_parents || engine.after_end(v_ended_now, v_now, v_with_state);
    end if;
    v_touched := array[]::uuid[];
    exit when cardinality(v_parents) = 0;

    -- parents whose children have ended, if nobody else holds them; else the tick goes on with them
    v_parents := array(
      select e.id from public.workflow_executions e
      where e.id = any (v_parents) and e.end_time is null
      order by e.id
      for no key update skip locked);
    v_due := engine.take_due(v_parents, v_now);
    if cardinality(v_due.ready) > 0 then
      perform engine.enqueue(v_due.ready);
    end if;
    exit when num_nonnulls(v_due.settled, v_due.arriving) = 0;
    v_paused := v_paused || array(
      select e.id from public.workflow_executions e where e.id = any (v_parents) and e.status = 'PAUSED');
    -- what is live in them is not only what was made here
    v_alive := array(select a from unnest(v_alive) a where a <> all (v_parents));
    v_parents := array[]::uuid[];
  end loop;
  if cardinality(v_asking) > 0 then
    perform engine.mark_asking(v_asking);
  end if;
  perform engine.write_logs(v_logs, v_now);
end
$$;
comment on function engine.apply(
  engine.settled[], engine.token[], engine.place[], public.workflow_execution_logs[]) is
  'The transition: results and tokens in, everything that follows from them out.';

-- A token that was on its way when its execution ended.
create function engine.canceled_run(token engine.token, plan engine.plan, at timestamptz)
returns public.node_executions
language plpgsql
stable
set search_path = ''
as $$
declare
  v_row public.node_executions;
begin
  v_row.execution_id := token.execution_id;
  v_row.id := token.id;
  v_row.workspace_id := token.workspace_id;
  v_row.node_id := token.node_id;
  v_row.node_type := plan.node_type || '.' || plan.node_subtype;
  v_row.run_index := token.run_index;
  v_row.attempt := token.attempt;
  v_row.status := 'CANCELED';
  v_row.source_id := token.source_id;
  v_row.input_id := token.input_id;
  v_row.passes_input := false;
  v_row.ancestors := token.ancestors;
  v_row.target_index := token.target_index;
  v_row.scope := token.scope;
  v_row.lap := token.lap;
  v_row.joined := case when plan.merge_mode in ('all', 'append', 'combine', 'collect') then jsonb '[]' end;
  v_row.is_end := false;
  v_row.start_time := at;
  v_row.end_time := at;
  return v_row;
end
$$;
comment on function engine.canceled_run(engine.token, engine.plan, timestamptz) is
  'The history of a token that was on its way when its execution ended.';

create function engine.enqueue(tokens engine.token[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into engine.tasks (
    id, workspace_id, execution_id, workflow_id, version, node_id, target_index, run_index, attempt,
    source_id, input_id, ancestors, scope, lap, priority)
  select
    t.id, t.workspace_id, t.execution_id, t.workflow_id, t.version, t.node_id, t.target_index, t.run_index,
    t.attempt, t.source_id, t.input_id, t.ancestors, t.scope, t.lap, t.priority
  from unnest(tokens) t;
end
$$;
comment on function engine.enqueue(engine.token[]) is 'Put tokens into the ready queue.';

create function engine.wait_of(token engine.token, kind text, since timestamptz, until timestamptz)
returns engine.waits
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_wait engine.waits;
begin
  v_wait.id := token.id;
  v_wait.workspace_id := token.workspace_id;
  v_wait.execution_id := token.execution_id;
  v_wait.workflow_id := token.workflow_id;
  v_wait.version := token.version;
  v_wait.node_id := token.node_id;
  v_wait.target_index := token.target_index;
  v_wait.run_index := token.run_index;
  v_wait.attempt := token.attempt;
  v_wait.source_id := token.source_id;
  v_wait.input_id := token.input_id;
  v_wait.ancestors := token.ancestors;
  v_wait.scope := token.scope;
  v_wait.lap := token.lap;
  v_wait.priority := token.priority;
  v_wait.kind := wait_of.kind;
  v_wait.since := wait_of.since;
  v_wait.until := wait_of.until;
  v_wait.is_held := false;
  return v_wait;
end
$$;
comment on function engine.wait_of(engine.token, text, timestamptz, timestamptz) is
  'A token as a row that waits.';

create function engine.token_of(wait engine.waits)
returns engine.token
language plpgsql  -- which keeps the plan
immutable
set search_path = ''
as $$
begin
  return row(
    wait.id, wait.workspace_id, wait.execution_id, wait.workflow_id, wait.version, wait.node_id,
    wait.target_index, wait.run_index, wait.attempt, wait.source_id, wait.input_id, wait.ancestors,
    wait.scope, wait.lap, wait.priority)::engine.token;
end
$$;
comment on function engine.token_of(engine.waits) is 'The token of a row that waits.';

create function engine.park(waits engine.waits[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into engine.waits (
    id, workspace_id, execution_id, workflow_id, version, node_id, target_index, run_index, attempt,
    source_id, input_id, ancestors, scope, lap, priority, kind, since, until, is_held,
    event_name, event_key, data, for_run, next_item, items, max_concurrency, deadline)
  select
    w.id, w.workspace_id, w.execution_id, w.workflow_id, w.version, w.node_id, w.target_index, w.run_index,
    w.attempt, w.source_id, w.input_id, w.ancestors, w.scope, w.lap, w.priority, w.kind, w.since, w.until,
    w.is_held, w.event_name, w.event_key, w.data, w.for_run, w.next_item, w.items, w.max_concurrency,
    w.deadline
  from unnest(waits) w;
end
$$;
comment on function engine.park(engine.waits[]) is 'Let tokens wait.';

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
    passes_input, output_data, error_data, ancestors, scope, lap, target_index, joined, is_end,
    start_time, end_time)
  select
    h.execution_id, h.id, h.workspace_id, h.node_id, h.node_type, h.run_index, h.attempt, h.status,
    h.source_id, h.input_id, h.passes_input, h.output_data, h.error_data, h.ancestors, h.scope, h.lap,
    h.target_index, h.joined, h.is_end, h.start_time, h.end_time
  from unnest(history) h;
end
$$;
comment on function engine.write_history(public.node_executions[]) is 'Write ended node runs.';

create function engine.write_logs(logs public.workflow_execution_logs[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into public.workflow_execution_logs (
    execution_id, workspace_id, log_category, event_type, level, message, data, node_id, node_name, node_type,
    step_number, total_steps, duration_ms, user_friendly_message, display_priority, is_milestone, created_at)
  select
    l.execution_id, l.workspace_id, coalesce(l.log_category, 'TECHNICAL'), l.event_type, l.level, l.message,
    l.data, l.node_id, l.node_name, l.node_type, l.step_number, l.total_steps, l.duration_ms,
    l.user_friendly_message, coalesce(l.display_priority, 5), coalesce(l.is_milestone, false), write_logs.at
  from unnest(logs) l;
end
$$;
comment on function engine.write_logs(public.workflow_execution_logs[], timestamptz) is 'Write log lines.';
