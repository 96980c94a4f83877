-- Tokens that arrived at a collect, until it fires. They are results, no longer live.
create table engine.collected (
  execution_id uuid not null,
  -- the FOR_EACH run
  for_run uuid not null,
  node_id text not null,
  arrival bigint generated always as identity,
  item int not null,
  target_index int not null,
  source_id uuid,
  input_id uuid,
  ancestors jsonb,
  scope text collate "C" not null,
  lap int not null,
  primary key (execution_id, for_run, node_id, arrival)
);
comment on table engine.collected is 'Results of items that wait in a collect for the others.';
alter table engine.collected enable row level security;
-- no policy and no grant: the engine's

-- Merges of mode `any` that have let their first token through.
create table engine.merged (
  execution_id uuid not null,
  scope text collate "C" not null,
  node_id text not null,
  lap int not null,
  primary key (execution_id, scope, node_id, lap)
);
comment on table engine.merged is 'Merges of mode any that have fired.';
alter table engine.merged enable row level security;
-- no policy and no grant: the engine's

create function engine.collect(token engine.token)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into engine.collected (
    execution_id, for_run, node_id, item, target_index, source_id, input_id, ancestors, scope, lap)
  values (
    token.execution_id, substring(token.scope from '([^/:]*):\d+$')::uuid, token.node_id,
    substring(token.scope from '\d+$')::int, token.target_index, token.source_id, token.input_id,
    token.ancestors, token.scope, token.lap);
end
$$;
comment on function engine.collect(engine.token) is 'Keep a token that arrived at a collect.';

-- The join row of a FOR_EACH run at one of its collects. It stands in the run's own scope, and on its lap
-- where both are in the same cycle.
create function engine.collect_of(run engine.token, node_id text, component int, at timestamptz)
returns engine.waits
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_wait engine.waits := engine.wait_of(run, 'collect', at, 'infinity');
begin
  v_wait.id := platform.uuid7();
  v_wait.node_id := collect_of.node_id;
  v_wait.run_index := null;
  v_wait.attempt := 1;
  v_wait.target_index := 0;
  v_wait.source_id := run.id;
  v_wait.input_id := run.id;
  v_wait.for_run := run.id;
  if (select p.component from engine.plan p where p.workflow_id = run.workflow_id
        and p.version = run.version and p.node_id = collect_of.node_id)
     is distinct from collect_of.component then
    v_wait.lap := 0;
  end if;
  return v_wait;
end
$$;
comment on function engine.collect_of(engine.token, text, int, timestamptz) is
  'The join row of a FOR_EACH run at a collect.';

-- The joins that fire now that nothing moves by itself in the given scopes: merges whose inputs are complete
-- or whose missing ones are dead, collects without a live item; and items that have room to go out.
-- A missing input is dead when no live token of the same scope can reach it, seen from its lap: a token ahead
-- of the merge's lap never comes back to it, one on the same lap not through a back edge.
create function engine.ripen(places engine.place[], at timestamptz)
returns engine.due
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_due engine.due;
  v_places engine.place[] := array(select distinct p from unnest(places) p);
  v_outer engine.place[];
  v_group record;
  v_join engine.waits;
  v_tokens engine.waits[];
  v_settled engine.settled;
  v_token engine.token;
  v_step engine.step;
  v_items jsonb;
  v_live int;
begin
  v_due.settled := array[]::engine.settled[];
  v_due.items := array[]::engine.step[];
  for v_group in
    with parked as (
      select w.execution_id, w.workflow_id, w.version, w.node_id, w.scope, w.lap,
        array_agg(distinct w.target_index) as present, min(w.arrival) as first
      from unnest(v_places) p
      join engine.waits w on w.execution_id = p.execution_id and w.scope = p.scope
      where w.kind = 'merge'
      group by 1, 2, 3, 4, 5, 6
    ),
    live as materialized (
      select t.execution_id, t.scope, t.node_id, t.lap, false as is_parked
      from unnest(v_places) p
      join engine.tasks t on t.execution_id = p.execution_id and t.scope = p.scope
      where exists (select from parked)
      union
      select w.execution_id, w.scope, w.node_id, w.lap, w.kind = 'merge'
      from unnest(v_places) p
      join engine.waits w on w.execution_id = p.execution_id and w.scope = p.scope
      where w.kind <> 'for_each' and exists (select from parked)
    )
    select k.*, p.merge_mode, p.parameters, p.inputs
    from parked k
    join engine.plan p on p.workflow_id = k.workflow_id and p.version = k.version and p.node_id = k.node_id
    where k.present @> p.inputs or not exists (
      select from live l
      join engine.reach r
        on r.workflow_id = k.workflow_id and r.version = k.version
        and r.merge_node_id = k.node_id and r.node_id = l.node_id
      cross join lateral (select case when r.same_component then l.lap else 0 end as lap) a
      where l.execution_id = k.execution_id and l.scope = k.scope
        and not (l.is_parked and l.node_id = k.node_id and l.lap = k.lap)
        and a.lap <= k.lap
        and exists (
          select from unnest(case when a.lap = k.lap then r.inputs_ahead else r.inputs end) i
          where i <> all (k.present)))
    order by k.first
  loop
    with first as (
      select distinct on (w.target_index) w.id from engine.waits w
      where w.execution_id = v_group.execution_id and w.scope = v_group.scope
        and w.node_id = v_group.node_id and w.lap = v_group.lap and w.kind = 'merge'
      order by w.target_index, w.arrival
    ),
    taken as (delete from engine.waits w using first f where w.id = f.id returning w.*)
    select array_agg(t::engine.waits order by t.target_index) into v_tokens from taken t;
    v_settled := engine.merge(v_tokens, v_group.merge_mode, v_group.parameters -> 'inputs', at);
    v_due.settled := v_due.settled || v_settled;
  end loop;

  -- the scopes around those given, and they themselves: a FOR_EACH run may have had no items
  with recursive around as (
    select distinct p.execution_id, p.scope from unnest(v_places) p
    union
    select a.execution_id, regexp_replace(a.scope, '/[^/]*$', '') from around a where a.scope <> ''
  )
  select array_agg(row(a.execution_id, a.scope)::engine.place) into v_outer from around a;

  for v_join in
    select w.* from unnest(v_outer) p
    join engine.waits w on w.execution_id = p.execution_id and w.scope = p.scope
    where w.kind = 'for_each'
      -- what fires now goes on inside of an item: it is looked at again when that is known
      and not exists (
        select from unnest(v_due.settled) s
        where (s.token).execution_id = w.execution_id
          and starts_with((s.token).scope, format('%s/%s:', w.scope, w.for_run)))
    order by w.id
  loop
    select count(distinct split_part(substr(l.scope, length(v_join.scope) + 2), '/', 1)) into v_live
    from (
      select t.scope from engine.tasks t
      where t.execution_id = v_join.execution_id
        and t.scope >= format('%s/%s:', v_join.scope, v_join.for_run)
        and t.scope < format('%s/%s;', v_join.scope, v_join.for_run)
      union all
      select w.scope from engine.waits w
      where w.execution_id = v_join.execution_id
        and w.scope >= format('%s/%s:', v_join.scope, v_join.for_run)
        and w.scope < format('%s/%s;', v_join.scope, v_join.for_run)) l;
    continue when v_live >= v_join.max_concurrency;
    v_token := engine.token_of(v_join);
    v_token.id := v_join.for_run;
    v_items := engine.value_at(v_join.execution_id, v_join.for_run::text);
    v_live := least(v_join.max_concurrency - v_live, v_join.items - v_join.next_item);
    for i in v_join.next_item .. v_join.next_item + v_live - 1 loop
      v_step := null;
      v_step.token := v_token;
      v_step.item := i;
      v_step.input := v_items -> i;
      v_step.depth := 0;
      v_due.items := v_due.items || v_step;
    end loop;
    if v_join.next_item + v_live = v_join.items then
      delete from engine.waits w where w.id = v_join.id;
    else
      update engine.waits w set next_item = v_join.next_item + v_live where w.id = v_join.id;
    end if;
  end loop;

  for v_join in
    with complete as (
      delete from engine.waits c
      where c.id in (
        select w.id from unnest(v_outer) p
        join engine.waits w on w.execution_id = p.execution_id and w.scope = p.scope
        where w.kind = 'collect'
          and not exists (
            select from engine.tasks t
            where t.execution_id = w.execution_id
              and t.scope >= w.scope || '/' || w.for_run || ':'
              and t.scope < w.scope || '/' || w.for_run || ';')
          and not exists (
            select from engine.waits o
            where o.execution_id = w.execution_id
              and o.scope >= w.scope || '/' || w.for_run || ':'
              and o.scope < w.scope || '/' || w.for_run || ';')
          and not exists (
            select from engine.waits o
            where o.execution_id = w.execution_id and o.scope = w.scope and o.kind = 'for_each'
              and o.for_run = w.for_run)
          and not exists (
            select from (
              select (s.token).execution_id, (s.token).scope from unnest(v_due.settled) s
              union all
              select (i.token).execution_id, format('%s/%s:', (i.token).scope, (i.token).id)
              from unnest(v_due.items) i) d
            where d.execution_id = w.execution_id
              and starts_with(d.scope, format('%s/%s:', w.scope, w.for_run))))
      returning c.*
    )
    select c.* from complete c order by c.id
  loop
    v_settled := engine.gather(v_join, at);
    v_due.settled := v_due.settled || v_settled;
  end loop;
  return v_due;
end
$$;
comment on function engine.ripen(engine.place[], timestamptz) is 'What joins do next in the given scopes.';

-- A fired merge as a result: one value an input, in input order.
create function engine.merge(tokens engine.waits[], mode text, names jsonb, at timestamptz)
returns engine.settled
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_settled engine.settled;
  v_wait engine.waits;
  v_value jsonb;
  v_output jsonb := case merge.mode when 'append' then jsonb '[]' else jsonb '{}' end;
  v_error jsonb;
  v_ancestors jsonb;
begin
  foreach v_wait in array tokens loop
    v_value := coalesce(
      engine.value_at(v_wait.execution_id, engine.reference(v_wait.input_id, v_wait.scope)), 'null');
    if merge.mode = 'append' then
      v_output := v_output || jsonb_build_array(v_value);
    elsif merge.mode = 'all' then
      v_output := v_output || jsonb_build_object(
        coalesce(merge.names ->> v_wait.target_index, v_wait.target_index::text), v_value);
    elsif jsonb_typeof(v_value) = 'object' then
      v_output := v_output || v_value;
    else
      v_error := jsonb_build_object('code', 'merge_input_not_object', 'message', format(
        'Input %s is of type %s; combine takes objects', v_wait.target_index, jsonb_typeof(v_value)));
    end if;
    v_ancestors := coalesce(v_ancestors || v_wait.ancestors, v_ancestors, v_wait.ancestors);
  end loop;
  v_settled.token := engine.token_of(tokens[1]);
  v_settled.token.input_id := tokens[1].id;
  v_settled.token.target_index := 0;
  v_settled.token.ancestors := v_ancestors;
  v_settled.output := case when v_error is null then v_output end;
  v_settled.error := v_error;
  v_settled.started_at := at;
  v_settled.ended_at := at;
  v_settled.joined := (
    select jsonb_agg(jsonb_build_object(
      'source_id', t.source_id, 'input_id', t.input_id, 'target_index', t.target_index,
      'ancestors', t.ancestors, 'scope', t.scope, 'lap', t.lap) order by t.target_index)
    from unnest(tokens) t);
  return v_settled;
end
$$;
comment on function engine.merge(engine.waits[], text, jsonb, timestamptz) is 'A fired merge as a result.';

-- A fired collect as a result: the items' values in item order.
create function engine.gather(wait engine.waits, at timestamptz)
returns engine.settled
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_settled engine.settled;
  v_ancestors jsonb;
begin
  with taken as (
    delete from engine.collected c
    where c.execution_id = wait.execution_id and c.for_run = wait.for_run and c.node_id = wait.node_id
    returning c.*
  )
  select
    coalesce(jsonb_agg(coalesce(
      engine.value_at(t.execution_id, engine.reference(t.input_id, t.scope)), 'null')
      order by t.item, t.arrival), '[]'),
    coalesce(jsonb_agg(jsonb_build_object(
      'source_id', t.source_id, 'input_id', t.input_id, 'target_index', t.target_index,
      'ancestors', t.ancestors, 'scope', t.scope, 'lap', t.lap) order by t.item, t.arrival), '[]'),
    (select jsonb_object_agg(a.key, a.value order by k.arrival)
     from taken k, jsonb_each(k.ancestors) a)
  into v_settled.output, v_settled.joined, v_ancestors
  from taken t;
  v_settled.token := engine.token_of(wait);
  v_settled.token.input_id := wait.id;
  v_settled.token.ancestors := coalesce(wait.ancestors || v_ancestors, wait.ancestors, v_ancestors);
  v_settled.started_at := at;
  v_settled.ended_at := at;
  return v_settled;
end
$$;
comment on function engine.gather(engine.waits, timestamptz) is 'A fired collect as a result.';
