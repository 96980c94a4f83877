\ir ../helpers.sql
-- Graphs of joins, branches, loops and tasks drawn at random, worked on in a random order: each comes to an end,
-- breaks no invariant, loses no token and joins only what belongs together. What was drawn is told by its seed.
\set from 1
\set to 150
select plan(4);
select test.sign_up('ann') as ann \gset
select id as space from workspaces where personal_for = :'ann' \gset
create table test.drawn (seed int, definition jsonb, outcome text, detail text);

create function test.draw(seed int) returns jsonb language plpgsql as $$
declare
  v_nodes jsonb := '[{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}]';
  v_edges jsonb := '[]';
  v_count int := 4 + floor(random() * 7);
  v_kinds text[] := '{}';
  v_kind text;
  v_target int;
begin
  for i in 1 .. v_count loop
    v_kind := (array['NOOP', 'NOOP', 'TRANSFORM', 'IF', 'IF', 'all', 'append', 'any', 'collect', 'collect', 'FOR_EACH', 'TIMER'])[1 + floor(random() * 12)];
    v_kinds := v_kinds || v_kind;
    v_nodes := v_nodes || jsonb_build_object('id', 'n' || i,
      'type', case when v_kind in ('NOOP', 'TRANSFORM') then 'ACTION' else 'FLOW' end,
      'subtype', case when v_kind in ('all', 'append', 'any', 'collect') then 'MERGE' when v_kind = 'TIMER' then 'WAIT' else v_kind end,
      'parameters', case v_kind
        when 'NOOP' then '{}'
        when 'TRANSFORM' then '{"output": 1}'
        when 'IF' then jsonb_build_object('condition', '$.execution.node_runs < ' || 2 + floor(random() * 2))
        when 'FOR_EACH' then jsonb_build_object('items', '[1, 2]'::jsonb, 'max_concurrency', 1 + floor(random() * 2))
        when 'TIMER' then '{"seconds": 1}'
        else jsonb_build_object('mode', v_kind) end,
      'error_handling', case when random() < 0.5 then 'CONTINUE_REGULAR_OUTPUT_ON_ERROR' else 'CONTINUE_ERROR_OUTPUT_ON_ERROR' end);
    -- one or two ways in from before, and from an IF perhaps one back
    for j in 1 .. 1 + floor(random() * 2.3) loop
      v_target := floor(random() * i);
      v_edges := v_edges || jsonb_build_object('source', case v_target when 0 then 'start' else 'n' || v_target end, 'target', 'n' || i,
        'type', case when v_target > 0 and v_kinds[v_target] = 'NOOP' and random() < 0.2 then 'ERROR' else 'MAIN' end,
        'index', case when v_target > 0 and v_kinds[v_target] = 'IF' then floor(random() * 2) else 0 end,
        'target_index', case when v_kind in ('all', 'append', 'any', 'collect') then j - 1 else 0 end);
    end loop;
    if v_kind = 'IF' and random() < 0.6 then
      v_target := 1 + floor(random() * i);
      v_edges := v_edges || jsonb_build_object('source', 'n' || i, 'target', 'n' || v_target, 'index', 0,
        'target_index', case when v_kinds[v_target] in ('all', 'append', 'any', 'collect') then floor(random() * 3) else 0 end);
    end if;
  end loop;
  return jsonb_build_object('nodes', v_nodes, 'connections', (select jsonb_agg(e) from (select distinct e from jsonb_array_elements(v_edges) e) d));
end
$$;

create function test.work_at_random(id uuid) returns text language plpgsql as $$
declare
  v_tasks jsonb := '[]';
  v_some jsonb;
begin
  for i in 1 .. 80 loop
    exit when (test.execution(id)).end_time is not null;
    v_tasks := v_tasks || (engine.claim('w', 1 + floor(random() * 3)::int) -> 'tasks');
    -- a task's lease may have gone with its execution's end or time
    v_tasks := coalesce((select jsonb_agg(t) from jsonb_array_elements(v_tasks) t where exists (select from engine.tasks k where k.id = (t ->> 'id')::uuid)), '[]');
    v_some := coalesce((select jsonb_agg(t) from jsonb_array_elements(v_tasks) t where random() < 0.5), '[]');
    perform test.finish((select coalesce(jsonb_agg(case when random() < 0.2 then test.failure(t, '{"code": "no"}') else test.success(t, t -> 'input') end), '[]') from jsonb_array_elements(v_some) t));
    if random() < 0.1 and (test.execution(id)).status = 'RUNNING' then
      perform pause_execution(id);
    elsif random() < 0.5 and (test.execution(id)).status = 'PAUSED' then
      perform resume_execution(id);
    end if;
    if random() < 0.3 or v_tasks = '[]' then
      perform set_config('tandem.now', (engine.now() + interval '2 s')::text, true);
      perform engine.tick();
    end if;
  end loop;
  return (test.execution(id)).status;
end
$$;

create function test.try(seed int, space uuid) returns text language plpgsql as $$
declare
  v_definition jsonb;
  v_id uuid;
  v_status text;
begin
  perform setseed(seed / 100000.0);
  v_definition := test.draw(seed);
  if workflows.diagnostics(v_definition) <> '[]' then
    return 'invalid';
  end if;
  v_id := (start_execution((create_workflow('drawn', v_definition, workspace_id => try.space)).id)).id;
  v_status := test.work_at_random(v_id);
  if v_status = 'RUNNING' and not exists (select from engine.violations()) then
    v_status := 'LONG';
    perform engine.abort_execution(v_id, null);
  end if;
  insert into test.drawn select try.seed, v_definition, v_status, (select string_agg(rule, ', ') from (
    select v.rule from engine.violations() v
    union all
    select 'what leads on leads somewhere: ' || n.node_id from node_executions n
    where n.execution_id = v_id and v_status = 'SUCCESS' and n.status <> 'SKIPPED' and n.is_end = (
      exists (select from node_executions f where f.execution_id = v_id and f.joined is null and f.source_id = n.id)
      or exists (select from node_executions f, jsonb_array_elements(f.joined) j where f.execution_id = v_id and j ->> 'source_id' = n.id::text)
      or exists (select from node_executions f where f.execution_id = v_id and f.joined = '[]' and f.source_id = n.id))
    union all
    select 'a collect fires once for each loop: ' || c.node_id
    from node_executions n
    join engine.plan p on p.workflow_id = (test.execution(v_id)).workflow_id and p.node_id = n.node_id and p.handler = 'for_each'
    cross join unnest(p.collects) c (node_id)
    where n.execution_id = v_id and v_status = 'SUCCESS'
      and 1 <> (select count(*) from node_executions f where f.execution_id = v_id and f.node_id = c.node_id and f.source_id = n.id)
    union all
    select 'a merge joins one lap of one scope, and each input once: ' || n.node_id
    from node_executions n
    join engine.plan p on p.workflow_id = (test.execution(v_id)).workflow_id and p.node_id = n.node_id and p.merge_mode in ('all', 'append')
    cross join lateral (
      select count(distinct (j -> 'scope', j -> 'lap')) as places, count(*) as tokens, count(distinct j -> 'target_index') as inputs from jsonb_array_elements(n.joined) j) j
    where n.execution_id = v_id and v_status = 'SUCCESS' and (j.places <> 1 or j.tokens <> j.inputs)
    union all
    -- it would have fired once more than the input with the most tokens has
    select 'a merge fires no earlier than it must: ' || r.node_id
    from (
      select n.node_id, j.value -> 'scope' as scope, j.value -> 'lap' as lap, j.value -> 'target_index' as input, count(*) as tokens
      from node_executions n
      join engine.plan p on p.workflow_id = (test.execution(v_id)).workflow_id and p.node_id = n.node_id and p.merge_mode in ('all', 'append')
      cross join jsonb_array_elements(n.joined) j
      where n.execution_id = v_id and v_status = 'SUCCESS'
      group by 1, 2, 3, 4) t
    join (
      select n.node_id, to_jsonb(n.scope) as scope, to_jsonb(n.lap) as lap, count(*) as runs
      from node_executions n where n.execution_id = v_id and n.joined is not null group by 1, 2, 3) r using (node_id, scope, lap)
    group by r.node_id, scope, lap, r.runs
    having r.runs <> max(t.tokens)) broken);
  return v_status;
end
$$;
select test.act_as_role('postgres') \g /dev/null
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select set_config('request.jwt.claims', '{"role": "service_role"}', true) \g /dev/null
select count(*) filter (where t <> 'invalid') as ran, count(*) filter (where t = 'SUCCESS') as ended from (select test.try(s, :'space') as t from generate_series(:from, :to) s) d \gset
select ok(:ran >= 15, 'enough of them are valid');
select ok(:ended >= :ran * 0.8, 'most come to their end within the steps that are allowed');
select is_empty('select seed, detail, outcome from test.drawn where detail is not null', 'no invariant is broken');
select is_empty($$select seed, outcome from test.drawn where outcome not in ('SUCCESS', 'LONG', 'ERROR')$$, 'none hangs');
select * from finish();
