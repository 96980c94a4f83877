\ir ../helpers.sql
-- Graphs of joins, branches, loops and tasks drawn at random, worked on in a random order: each comes to an end,
-- breaks no invariant, loses no token and joins only what belongs together. What was drawn is told by its seed.
\set from 1
\set to 40
select plan(3);
select test.sign_up('ann') as ann \gset
select id as space from workspaces where personal_for = :'ann' \gset
create table test.drawn (seed int, definition jsonb, outcome text, detail text);

create sequence test.node_number;
create function test.node(subtype text, parameters jsonb) returns jsonb language sql as $$
  select jsonb_build_object('id', 'n' || nextval('test.node_number'), 'subtype', node.subtype, 'parameters', node.parameters,
    'type', case when node.subtype in ('NOOP', 'TRANSFORM') then 'ACTION' else 'FLOW' end,
    'error_handling', case when random() < 0.7 then 'CONTINUE_REGULAR_OUTPUT_ON_ERROR' else 'CONTINUE_ERROR_OUTPUT_ON_ERROR' end)
$$;

create function test.edge(source jsonb, target jsonb, target_index int default 0) returns jsonb language sql as $$
  select jsonb_build_object('source', edge.source -> 'id', 'index', coalesce(edge.source -> 'out', '0'), 'target', edge.target -> 'id', 'target_index', edge.target_index,
    'type', case when edge.source ->> 'subtype' = 'NOOP' and random() < 0.15 then 'ERROR' else 'MAIN' end)
$$;

-- a part of a graph: {nodes, edges, first, last}
create function test.draw(depth int) returns jsonb language plpgsql as $$
declare
  v_shape text := case when depth = 0 then 'node' else (array['node', 'row', 'row', 'fork', 'fork', 'branch', 'cycle', 'each', 'each'])[1 + floor(random() * 9)] end;
  v_a jsonb;
  v_b jsonb;
  v_first jsonb;
  v_last jsonb;
  v_edges jsonb;
begin
  if v_shape = 'node' then
    v_first := case floor(random() * 3) when 0 then test.node('NOOP', '{}') when 1 then test.node('TRANSFORM', '{"output": 1}') else test.node('WAIT', '{"seconds": 1}') end;
    return jsonb_build_object('nodes', jsonb_build_array(v_first), 'edges', '[]'::jsonb, 'first', v_first, 'last', v_first);
  end if;
  v_a := test.draw(depth - 1);
  v_b := case when v_shape in ('row', 'fork', 'branch') then test.draw(depth - 1) else '{"nodes": [], "edges": []}' end;
  if v_shape = 'row' then
    return jsonb_build_object('nodes', v_a -> 'nodes' || (v_b -> 'nodes'), 'edges', v_a -> 'edges' || (v_b -> 'edges') || test.edge(v_a -> 'last', v_b -> 'first'),
      'first', v_a -> 'first', 'last', v_b -> 'last');
  elsif v_shape in ('fork', 'branch') then
    v_first := case v_shape when 'fork' then test.node('TRANSFORM', '{"output": 2}') else test.node('IF', '{"condition": "$.execution.node_runs < 2"}') end;
    v_last := test.node('MERGE', jsonb_build_object('mode', (array['all', 'append', 'append', 'any'])[1 + floor(random() * 4)]));
    v_edges := jsonb_build_array(test.edge(v_first, v_a -> 'first'), test.edge(v_first || jsonb_build_object('out', (v_shape = 'branch')::int), v_b -> 'first'),
      test.edge(v_a -> 'last', v_last, 0), test.edge(v_b -> 'last', v_last, 1), test.edge(v_first, v_last, 2));
  elsif v_shape = 'cycle' then
    v_first := test.node('MERGE', jsonb_build_object('mode', (array['append', 'all', 'any'])[1 + floor(random() * 3)]));
    v_last := test.node('IF', '{"condition": "$.execution.node_runs < 3"}');
    v_edges := jsonb_build_array(test.edge(v_first, v_a -> 'first'), test.edge(v_a -> 'last', v_last), test.edge(v_last, v_first, 1));
    v_last := v_last || '{"out": 1}';
  else
    v_first := test.node('FOR_EACH', jsonb_build_object('items', (array['[1, 2]', '[1, 2, 3]', '[]'])[1 + floor(random() * 3)]::jsonb, 'max_concurrency', 1 + floor(random() * 2)));
    v_last := test.node('MERGE', '{"mode": "collect"}');
    v_edges := jsonb_build_array(test.edge(v_first, v_a -> 'first'), test.edge(v_a -> 'last', v_last));
  end if;
  return jsonb_build_object('nodes', jsonb_build_array(v_first, v_last - 'out') || (v_a -> 'nodes') || (v_b -> 'nodes'), 'edges', v_a -> 'edges' || (v_b -> 'edges') || v_edges,
    'first', v_first, 'last', v_last);
end
$$;

create function test.work_at_random(id uuid) returns text language plpgsql as $$
declare
  v_tasks jsonb := '[]';
  v_some jsonb;
begin
  for i in 1 .. 150 loop
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
  v_definition := test.draw(3);
  v_definition := jsonb_build_object(
    'nodes', jsonb '[{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}]' || (v_definition -> 'nodes'),
    'connections', v_definition -> 'edges' || test.edge('{"id": "start"}', v_definition -> 'first'));
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
select count(*) as ran, count(*) filter (where t = 'SUCCESS') as ended from (select test.try(s, :'space') as t from generate_series(:from, :to) s) d \gset
select ok(:ended >= :ran * 0.8, 'most come to their end within the steps that are allowed');
select is_empty('select seed, detail, outcome from test.drawn where detail is not null', 'no invariant is broken');
select is_empty($$select seed, outcome from test.drawn where outcome not in ('SUCCESS', 'LONG', 'ERROR')$$, 'none hangs');
select * from finish();
