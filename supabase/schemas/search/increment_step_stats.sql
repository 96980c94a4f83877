-- The average after another duration, which counts a fifth.
create function search.moving_average(average int, duration int)
returns int
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  return case
    when duration is null then average
    when average is null then duration
    else (average * 0.8 + duration * 0.2)::int
  end;
end
$$;
comment on function search.moving_average(int, int) is
  'The moving average of durations in milliseconds, after another one.';

-- The average after further durations: a number, several in their order, or null. Each is rounded, so that
-- several at once give what one after the other gives.
create function search.moving_average(average int, durations jsonb)
returns int
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  v_average int := average;
  v_duration int;
begin
  if jsonb_typeof(durations) is distinct from 'array' then
    return search.moving_average(v_average, nullif(durations, 'null')::int);
  end if;
  for v_duration in select d::int from jsonb_array_elements(durations) d loop
    v_average := search.moving_average(v_average, v_duration);
  end loop;
  return v_average;
end
$$;
comment on function search.moving_average(int, jsonb) is
  'The moving average of durations in milliseconds, after further ones.';

-- Counts outcomes: arrays of equal length, those of one step in the order in which they came about. Ids that
-- no step has are passed over, also those of steps that are deleted in this moment: then it looks again.
create function search.add_outcomes(
  step_ids uuid[], successes boolean[], durations int[], times timestamptz[]
)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  for attempt in 1 .. 10 loop
    begin
      perform search.add_outcomes_of_steps(step_ids, successes, durations, times);
      return;
    exception when foreign_key_violation then
      if attempt = 10 then
        raise;
      end if;
    end;
  end loop;
end
$$;
comment on function search.add_outcomes(uuid[], boolean[], int[], timestamptz[]) is
  'Count outcomes of steps; the caller has checked whose they are.';

-- In the order of ids: two batches with the same steps wait for each other but never in a circle, and no
-- outcome is lost.
create function search.add_outcomes_of_steps(
  step_ids uuid[], successes boolean[], durations int[], times timestamptz[]
)
returns void
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
  v_repeated jsonb;
begin
  if (select count(distinct i) from unnest(step_ids) i) < cardinality(step_ids) then
    v_repeated := (
      select jsonb_object_agg(r.step_id, r.durations)
      from (
        select o.step_id,
          jsonb_agg(o.duration order by o.ordinality) filter (where o.duration is not null) as durations
        from unnest(step_ids, durations) with ordinality o (step_id, duration, ordinality)
        group by o.step_id
        having count(*) > 1) r);
  end if;
  -- months before totals: so a step that is deleted takes them along
  insert into public.step_analytics as a (step_id, month, workspace_id, times_executed)
  select g.step_id, g.month, s.workspace_id, g.executed
  from (
    select o.step_id, date_trunc('month', o.at at time zone 'UTC')::date as month, count(*)::int as executed
    from unnest(step_ids, times) o (step_id, at)
    group by 1, 2) g
  join public.workflow_steps s on s.id = g.step_id
  order by g.step_id, g.month
  on conflict (step_id, month) do update set
    times_executed = least(a.times_executed::bigint + excluded.times_executed, 2147483647)::int;
  insert into public.workflow_step_stats as t (
    step_id, workspace_id, succeeded, failed, duration_ms, last_executed_at, stored_rank)
  select c.step_id, c.workspace_id, c.succeeded, c.failed, c.duration_ms, c.at,
    search.rank_bucket(null::smallint, c.succeeded, c.failed, c.duration_ms)
  from (
    select g.step_id, s.workspace_id, g.succeeded, g.failed, g.at,
      case when v_repeated ? g.step_id::text then search.moving_average(null, v_repeated -> g.step_id::text)
        else g.duration end as duration_ms
    from (
      select o.step_id, (count(*) filter (where o.success))::int as succeeded,
        (count(*) filter (where not o.success))::int as failed, max(o.at) as at, min(o.duration) as duration
      from unnest(step_ids, successes, durations, times) o (step_id, success, duration, at)
      group by o.step_id) g
    join public.workflow_steps s on s.id = g.step_id
    order by g.step_id
    -- what is joined is read in this order too
    offset 0) c
  on conflict (step_id) do update set
    (succeeded, failed, duration_ms, last_executed_at, stored_rank) = (
      select n.succeeded, n.failed, n.duration_ms, greatest(t.last_executed_at, excluded.last_executed_at),
        search.rank_bucket(t.stored_rank, n.succeeded, n.failed, n.duration_ms)
      from (
        select least(t.succeeded::bigint + excluded.succeeded, 2147483647)::int,
          least(t.failed::bigint + excluded.failed, 2147483647)::int,
          search.moving_average(t.duration_ms, case
            when v_repeated ? excluded.step_id::text then v_repeated -> excluded.step_id::text
            else to_jsonb(excluded.duration_ms)
          end)
        offset 0) n (succeeded, failed, duration_ms));
end
$$;
comment on function search.add_outcomes_of_steps(uuid[], boolean[], int[], timestamptz[]) is
  'Count outcomes of steps; fails where one is just deleted.';

-- [{step_id, success, duration_ms?}]. All that is wrong is told at once, and nothing counted then; a step
-- that is gone, or not the caller's, spoils nothing. Where asked for, tells the statistics that steps then
-- have.
create function search.count_outcomes(outcomes jsonb, with_statistics boolean default false)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  c_most constant int := 1000;
  v_problems jsonb;
  v_unknown uuid[];
  v_workspace uuid;
  v_workspaces uuid[];
  v_now timestamptz := engine.now();
  v_steps uuid[];
  v_successes boolean[];
  v_durations int[];
  v_answer jsonb;
begin
  if jsonb_typeof(outcomes) is distinct from 'array' or jsonb_array_length(outcomes) > c_most then
    perform platform.fail(422, 'outcomes_invalid', format('Outcomes are an array of at most %s', c_most),
      'Give [{"step_id": "...", "success": true, "duration_ms": 250}].');
  end if;
  select jsonb_agg(jsonb_build_object(
    'code', 'value_invalid', 'path', format('$[%s].%s', o.ordinality - 1, p.field),
    'message', p.field || ' ' || p.message) order by o.ordinality, p.field)
  into v_problems
  from jsonb_array_elements(outcomes) with ordinality o (item, ordinality)
  cross join lateral (values
    ('step_id', 'is not the id of a step', coalesce(jsonb_typeof(o.item -> 'step_id') <> 'string'
      or not pg_input_is_valid(o.item ->> 'step_id', 'uuid'), true)),
    ('success', 'is not true or false', coalesce(jsonb_typeof(o.item -> 'success') <> 'boolean', true)),
    ('duration_ms', 'is not a whole number of milliseconds from 0 to 2147483647', case
      when coalesce(jsonb_typeof(o.item -> 'duration_ms'), 'null') = 'null' then false
      when jsonb_typeof(o.item -> 'duration_ms') <> 'number' then true
      else (o.item -> 'duration_ms')::numeric not between 0 and 2147483647
        or (o.item -> 'duration_ms')::numeric % 1 <> 0
    end)) p (field, message, is_broken)
  where p.is_broken;
  if v_problems is not null then
    perform platform.fail(422, 'outcomes_invalid',
      format('%s of the outcomes'' fields cannot be counted', jsonb_array_length(v_problems)),
      v_problems::text);
  end if;
  select array_agg((o.item ->> 'step_id')::uuid order by o.ordinality),
    array_agg((o.item ->> 'success')::boolean order by o.ordinality),
    array_agg((o.item ->> 'duration_ms')::numeric::int order by o.ordinality)
  into v_steps, v_successes, v_durations
  from jsonb_array_elements(outcomes) with ordinality o (item, ordinality);
  v_workspaces := array(
    select w.id
    from (select distinct s.workspace_id from public.workflow_steps s where s.id = any (v_steps)) w (id)
    where workspaces.may_read(w.id));
  foreach v_workspace in array v_workspaces loop
    perform workspaces.require(v_workspace, 'editor', 'workspace');
  end loop;
  v_unknown := array(
    select distinct i.id from unnest(v_steps) i (id)
    left join public.workflow_steps s on s.id = i.id and s.workspace_id = any (v_workspaces)
    where s.id is null);
  select array_agg(o.step_id order by o.ordinality), array_agg(o.success order by o.ordinality),
    array_agg(o.duration order by o.ordinality)
  into v_steps, v_successes, v_durations
  from unnest(v_steps, v_successes, v_durations) with ordinality o (step_id, success, duration, ordinality)
  where o.step_id <> all (v_unknown);
  perform search.add_outcomes(v_steps, v_successes, v_durations,
    array_fill(v_now, array[coalesce(cardinality(v_steps), 0)]));
  v_answer := jsonb_build_object(
    'counted', coalesce(cardinality(v_steps), 0), 'unknown', to_jsonb(v_unknown));
  if with_statistics then
    v_answer := v_answer || jsonb_build_object('statistics', (
      select coalesce(jsonb_agg(to_jsonb(t) - '{workspace_id,stored_rank}'::text[]), '[]')
      from public.workflow_step_stats t
      where t.step_id = any (v_steps)));
  end if;
  return v_answer;
end
$$;
comment on function search.count_outcomes(jsonb, boolean) is 'See public.increment_step_stats_batch.';
grant execute on function search.count_outcomes(jsonb, boolean) to authenticated, service_role;

-- Most steps that are executed have been before, this month too, by somebody who may: then their rows are
-- there, and are counted up by themselves, by two statements that read nothing else. Whatever is wrong, or
-- new, is looked at behind that. Months before totals, as everywhere: so a step that is deleted takes them
-- along.
create function search.count_outcome(step_id uuid, is_success boolean, execution_duration int)
returns public.workflow_step_stats
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_workspace uuid;
  v_user uuid := auth.uid();
  v_at timestamptz := engine.now();
  v_stats public.workflow_step_stats;
begin
  if is_success is null or execution_duration < 0 then
    perform platform.fail(422, 'outcomes_invalid', 'The outcome cannot be counted', (
      select jsonb_agg(jsonb_build_object('code', 'value_invalid', 'path', p.field, 'message', p.message))
      from (values
        ('is_success', is_success is null, 'is_success is not true or false'),
        ('execution_duration', execution_duration < 0,
          'execution_duration is a negative number of milliseconds')) p (field, is_broken, message)
      where p.is_broken)::text);
  end if;
  update public.step_analytics a
  set times_executed = least(a.times_executed::bigint + 1, 2147483647)::int
  where a.step_id = count_outcome.step_id
    and a.month = date_trunc('month', v_at at time zone 'UTC')::date
    and exists (select from public.workflow_step_stats t where t.step_id = count_outcome.step_id)
    -- as workspaces.require(); a scalar, so that it is looked up by its key and never hashed
    and ((
        select m.role from public.workspace_members m
        where m.user_id = v_user and m.workspace_id = a.workspace_id) in ('owner', 'admin', 'editor')
      or workspaces.caller_bypasses_rls());
  if found then
    update public.workflow_step_stats t set
      (succeeded, failed, duration_ms, last_executed_at, stored_rank) = (
        select n.succeeded, n.failed, n.duration_ms, greatest(t.last_executed_at, v_at),
          search.rank_bucket(t.stored_rank, n.succeeded, n.failed, n.duration_ms)
        from (
          select least(t.succeeded::bigint + is_success::int, 2147483647)::int,
            least(t.failed::bigint + (not is_success)::int, 2147483647)::int,
            search.moving_average(t.duration_ms, execution_duration)
          offset 0) n (succeeded, failed, duration_ms))
    where t.step_id = count_outcome.step_id
    returning t.* into v_stats;
  else
    select s.workspace_id into v_workspace from public.workflow_steps s where s.id = count_outcome.step_id;
    perform workspaces.require(v_workspace, 'editor', 'step', count_outcome.step_id);
    perform search.add_outcomes(
      array[count_outcome.step_id], array[is_success], array[execution_duration], array[v_at]);
    select t.* into v_stats from public.workflow_step_stats t where t.step_id = count_outcome.step_id;
  end if;
  if v_stats.step_id is null then
    -- deleted in this moment
    perform workspaces.not_found('step', count_outcome.step_id);
  end if;
  return v_stats;
end
$$;
comment on function search.count_outcome(uuid, boolean, int) is 'See public.increment_step_stats.';
grant execute on function search.count_outcome(uuid, boolean, int) to authenticated, service_role;

-- in plpgsql, which keeps its plan: called for every execution
create function public.increment_step_stats(
  step_id uuid, is_success boolean, execution_duration int default null
)
returns public.workflow_step_stats
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return search.count_outcome(
    increment_step_stats.step_id, increment_step_stats.is_success, increment_step_stats.execution_duration);
end
$$;
comment on function public.increment_step_stats(uuid, boolean, int) is
  'Count one execution of a step, with its milliseconds if known; answers its statistics. '
  'Errors: step_not_found, role_insufficient, outcomes_invalid.';
grant execute on function public.increment_step_stats(uuid, boolean, int) to authenticated, service_role;

create function public.increment_step_stats_batch(outcomes jsonb)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select search.count_outcomes(increment_step_stats_batch.outcomes)
$$;
comment on function public.increment_step_stats_batch(jsonb) is
  'Count up to 1000 executions of steps, in their order: [{step_id, success, duration_ms?}]. '
  'Answers {counted, unknown}: ids that are not there, or not the caller''s, count nothing. '
  'Errors: outcomes_invalid, role_insufficient.';
grant execute on function public.increment_step_stats_batch(jsonb) to authenticated, service_role;
