-- First by hand, then eighty random graphs against what the words say: slowly, by following every edge.
\ir ../helpers.sql
select plan(18);
select test.sign_up('ann') as ann \gset

-- edges that do not keep the lap, as source>target lap
create function test.laps(nodes json, arrows text) returns text[] language sql as $$
  select coalesce(array_agg(format('%s>%s %s', p.node_id, e ->> 'target', e ->> 'lap') order by p.ordinal, o), '{}')
  from test.compiled(test.definition(laps.nodes, laps.arrows)) p, jsonb_array_elements(p.edges) with ordinality x (e, o)
  where e ? 'lap'
$$;
-- what a merge is reached from: node inputs/inputs ahead, with a star where the laps compare
create function test.reach(nodes json, arrows text) returns text[] language plpgsql security definer as $$
declare
  v_workflow uuid := (select distinct c.workflow_id from test.compiled(test.definition(reach.nodes, reach.arrows)) c);
begin
  return array(
    select format('%s<%s %s/%s%s', r.merge_node_id, r.node_id, array_to_string(r.inputs, ','), array_to_string(r.inputs_ahead, ','),
      case when r.same_component then '*' end)
    from engine.reach r join engine.plan p on p.workflow_id = r.workflow_id and p.node_id = r.node_id
    where r.workflow_id = v_workflow order by r.merge_node_id, p.ordinal);
end
$$;
create function test.random_graph(seed float8) returns jsonb language sql as $$
  select setseed(random_graph.seed);
  select jsonb_build_object(
    'nodes', jsonb '[{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}]' || (
      select jsonb_agg(case when i % 3 = 0
        then jsonb_build_object('id', 'n' || i, 'type', 'FLOW', 'subtype', 'MERGE', 'parameters', jsonb '{"mode": "all"}')
        else jsonb_build_object('id', 'n' || i, 'type', 'ACTION', 'subtype', 'NOOP') end order by i)
      from generate_series(1, 12) i),
    'connections', (
      select jsonb_agg(jsonb_build_object('source', e.s, 'target', 'n' || e.t, 'target_index', e.i) order by e.o)
      from (
        select distinct on (s, t) s, t, case when t % 3 = 0 then floor(random() * 3)::int else 0 end as i, o
        from (
          select case when k <= 4 then 'start' else 'n' || 1 + floor(random() * 12)::int end as s,
            case when k <= 4 then k * 3 else 1 + floor(random() * 12)::int end as t, random() as o
          from generate_series(1, 22) k) r
        order by s, t) e))
$$;
grant execute on all functions in schema test to authenticated;
select test.act_as(:'ann') \g /dev/null

select is(test.laps(v.nodes::json, v.arrows), v.laps::text[], v.why) from (values
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}}', 'start>a a>b start>b', '{}', 'without a cycle there are no laps'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}}', 'start>a a>a a>b', '{a>a next,a>b first}', 'a node after itself is a cycle'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "c": {"NOOP": {}}}', 'start>a a>b b!>a b>c', '{b>a next,b>c first}', 'a way back, of whatever type, is the next lap'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}}', 'b>a a>b start>a', '{b>a next}', 'the trigger says which of two ways is back, not the order of nodes'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "c": {"NOOP": {}}}', 'start>c start>a a>b b>c c>a', '{b>c next}', 'the connections'' order says it among those of a node'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "c": {"NOOP": {}}, "d": {"NOOP": {}}}', 'start>a a>b b>a b>c c>d d>c', '{b>a next,b>c first,d>c next}',
    'from cycle to cycle laps begin again'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "c": {"NOOP": {}}}', 'start>a a>b b>c c>b c>a', '{c>b next,c>a next}', 'a cycle in a cycle is one component'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}}', 'a>b b>a', '{b>a next}', 'what no trigger reaches goes by the order of nodes'),
  ('{"a": {"NOOP": {}, "disabled": true}, "b": {"NOOP": {}}}', 'start>a a>b b>a', '{b>a next}', 'a disabled node is on the way')
) v (nodes, arrows, laps, why);

select is(test.reach(v.nodes::json, v.arrows), v.reach::text[], v.why) from (values
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "m": {"MERGE": {"mode": "all"}}, "z": {"NOOP": {}}}', 'start>a start>b a>m b>m@4 m>z', '{"m<start 0,4/0,4","m<a 0/0","m<b 4/4"}',
    'before a merge'),
  ('{"m": {"MERGE": {"mode": "append"}}, "z": {"NOOP": {}}}', 'start>m z>m@1 m>z m!>m@1', '{"m<start 0,1/0","m<m 1/*","m<z 1/*"}',
    'only by a way back'),
  ('{"m": {"MERGE": {"mode": "combine"}}, "a": {"NOOP": {}}, "z": {"NOOP": {}}}', 'start>a a>m a>z z>m@1 m>a', '{"m<start 0,1/0,1","m<m 0,1/*","m<a 0,1/0,1*","m<z 0,1/1*"}',
    'inside of a cycle'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "m": {"MERGE": {"mode": "all"}}}', 'start>a a>b b>a b>m', '{"m<start 0/0","m<a 0/0","m<b 0/0"}',
    'a way back of another cycle counts'),
  ('{"a": {"MERGE": {"mode": "any"}}, "e": {"FOR_EACH": {"items": []}}, "c": {"MERGE": {"mode": "collect"}}}', 'start>a a>e e>c', '{}',
    'any and collect do not wait for inputs')
) v (nodes, arrows, reach, why);

select test.act_as_role('postgres') \g /dev/null
create temp table graphs as select g, (test.random_graph(g / 80.0)) as definition from generate_series(1, 80) g;
grant select on graphs to authenticated;
select test.act_as(:'ann') \g /dev/null
create temp table plans as select g.g, p.* from graphs g, test.compiled(g.definition) p;
select test.act_as_role('postgres') \g /dev/null
create temp table edges as
  select p.g, p.node_id as source, e ->> 'target' as target, (e ->> 'target_index')::int as input, e ->> 'lap' as lap, p.component, t.component as to_component
  from plans p, jsonb_array_elements(p.edges) e, plans t where t.g = p.g and t.node_id = e ->> 'target';
-- every way, and every way that takes no way back
create temp table ways as
  with recursive way as (
    select e.g, e.source, e.target from edges e
    union select w.g, w.source, e.target from way w join edges e on e.g = w.g and e.source = w.target)
  select * from way;
create temp table ways_ahead as
  with recursive way as (
    select e.g, e.source, e.target from edges e where e.lap is distinct from 'next'
    union select w.g, w.source, e.target from way w join edges e on e.g = w.g and e.source = w.target where e.lap is distinct from 'next')
  select * from way;

select set_eq(
  $$select a.g, a.node_id as one, b.node_id as other from plans a join plans b on b.g = a.g and b.component = a.component$$,
  $$select w.g, w.source, w.target from ways w join ways b on b.g = w.g and b.source = w.target and b.target = w.source$$,
  'a component is what leads to one another');
select is_empty($$select * from ways_ahead w where w.source = w.target$$, 'no cycle without a way back');
select is_empty($$select * from edges e where e.lap is distinct from case
    when e.lap = 'next' and e.component = e.to_component then 'next' when e.component <> coalesce(e.to_component, 0) then 'first' end$$,
  'a way back stays in its component, and what leaves one begins again');
-- ahead: without the ways back of the merge's component
select set_eq(
  $$select p.g, r.merge_node_id, r.node_id as node, r.inputs, r.inputs_ahead, r.same_component from engine.reach r
    join plans p on p.workflow_id = r.workflow_id and p.node_id = r.node_id$$,
  $$with recursive found as (
      select m.g, m.node_id as merge, m.component, e.source as node, e.input, e.lap = 'next' is true as is_back
      from plans m join edges e on e.g = m.g and e.target = m.node_id where m.merge_mode = 'all'
      union
      select f.g, f.merge, f.component, e.source, f.input, f.is_back or (e.lap = 'next' and e.component = f.component) is true
      from found f join edges e on e.g = f.g and e.target = f.node)
    select f.g, f.merge, f.node, array_agg(distinct f.input order by f.input),
      coalesce(array_agg(distinct f.input order by f.input) filter (where not f.is_back), '{}'), p.component = f.component is true
    from found f join plans p on p.g = f.g and p.node_id = f.node group by f.g, f.merge, f.node, p.component, f.component$$,
  'a merge is reached from where its inputs can be reached');
select * from finish();
