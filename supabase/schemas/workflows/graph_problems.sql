-- What the graph as a whole means: joins and loops that cannot be, and what looks like a slip (warnings).
-- `reached` are the nodes that an enabled trigger leads to, null where that is not known; `loops` is what
-- scopes() found, as [node id, problem].
create function workflows.graph_problems(
  nodes jsonb, connections jsonb, reached text[], loops jsonb, error_handling text
)
returns setof workflows.diagnostic
language plpgsql
stable
set search_path = ''
as $$
declare
  c_codes constant jsonb := jsonb '{
    "collect_without_for_each": "A MERGE of mode collect follows a FOR_EACH, whose items it collects",
    "merge_depths_differ": "The ways here lead through different FOR_EACH: collect their items first",
    "for_each_recursion": "Items of a FOR_EACH lead here again, or from five others: collect them first",
    "scopes_too_many": "More than ten ways through different FOR_EACH lead here",
    "merge_has_no_input": "Nothing leads to this MERGE",
    "merge_unreachable": "No trigger leads to this MERGE: it never fires",
    "node_unreachable": "No trigger leads here: it never runs",
    "error_output_unused": "Its error handling continues on its error output, but no connection takes it",
    "error_connection_unused": "Its error handling never continues on this connection",
    "respond_without_webhook": "No WEBHOOK trigger has response_mode respond: nobody waits for this",
    "response_without_respond_node": "No RESPOND node answers: the request gets its answer when all has ended"
  }';
  v_entered text[] := array(select distinct c ->> 'target' from jsonb_array_elements(connections) c);
  v_handled text[] := array(
    select distinct c ->> 'source' from jsonb_array_elements(connections) c
    where c ->> 'type' = 'ERROR' and c ? 'source');
  v_attached text[] := array(
    select a from jsonb_array_elements(nodes) n,
      jsonb_array_elements_text(workflows.list_of(n -> 'attached_nodes')) a);
begin
  return query
    with node as (
      select distinct on (n.node ->> 'id') n.node ->> 'id' as id, n.o, n.node ->> 'type' as type,
        (n.node ->> 'type') || '.' || (n.node ->> 'subtype') as kind,
        n.node #>> '{parameters,response_mode}' as response_mode,
        n.node -> 'disabled' is distinct from 'true' as is_enabled,
        n.node ->> 'id' = any (reached) is true as is_reached,
        n.node ->> 'error_handling' as own_handling,
        coalesce(n.node ->> 'error_handling', graph_problems.error_handling)
          is not distinct from 'CONTINUE_ERROR_OUTPUT_ON_ERROR' as follows_errors
      from jsonb_array_elements(nodes) with ordinality n (node, o)
      where jsonb_typeof(n.node -> 'id') = 'string'
      order by n.node ->> 'id', n.o
    ),
    problem (code, node_id, path, severity) as (
      select l ->> 1, n.id, '$.nodes[' || (n.o - 1) || ']', 'error'
      from jsonb_array_elements(loops) l join node n on n.id = l ->> 0
      union all
      select
        case when n.id = any (v_entered) then 'merge_unreachable' else 'merge_has_no_input' end,
        n.id, '$.nodes[' || (n.o - 1) || ']',
        -- real graphs have leftovers on their canvas, which harm nobody
        case when n.id = any (v_entered) then 'warning' else 'error' end
      from node n
      where n.kind = 'FLOW.MERGE' and n.is_enabled and not n.is_reached
        -- behind a loop that cannot be nothing is known; without a trigger nothing is reached
        and (loops is null and reached is not null or (n.id = any (v_entered)) is not true)
      union all
      select 'node_unreachable', n.id, '$.nodes[' || (n.o - 1) || ']', 'warning'
      from node n
      where not n.is_reached and loops is null and reached is not null and n.type <> 'TRIGGER'
        and not (n.kind = 'FLOW.MERGE' and n.is_enabled)
        and n.id <> all (v_attached)
      union all
      select 'error_output_unused', n.id, '$.nodes[' || (n.o - 1) || '].error_handling', 'warning'
      from node n
      where n.own_handling = 'CONTINUE_ERROR_OUTPUT_ON_ERROR' and n.is_enabled and n.type <> 'TRIGGER'
        and n.id <> all (v_handled)
      union all
      select 'error_connection_unused', n.id, '$.connections[' || (c.o - 1) || '].type', 'warning'
      from jsonb_array_elements(connections) with ordinality c (connection, o)
      join node n on n.id = c.connection ->> 'source'
      where c.connection ->> 'type' = 'ERROR' and n.is_enabled and not n.follows_errors
      union all
      select 'respond_without_webhook', n.id, '$.nodes[' || (n.o - 1) || ']', 'warning'
      from node n
      where n.kind = 'FLOW.RESPOND' and n.is_enabled and not exists (
        select from node w where w.kind = 'TRIGGER.WEBHOOK' and w.is_enabled and w.response_mode = 'respond')
      union all
      select 'response_without_respond_node', n.id, '$.nodes[' || (n.o - 1) || '].parameters.response_mode',
        'warning'
      from node n
      where n.kind = 'TRIGGER.WEBHOOK' and n.is_enabled and n.response_mode = 'respond' and not exists (
        select from node w where w.kind = 'FLOW.RESPOND' and w.is_enabled and w.is_reached)
    )
    select p.code, c_codes ->> p.code, p.node_id, p.path, p.severity,
      case p.severity when 'error' then 'deploying' end
    from problem p;
  return query select * from workflows.cycle_problems(nodes, connections);
end
$$;
comment on function workflows.graph_problems(jsonb, jsonb, text[], jsonb, text) is
  'What is wrong with the graph as a whole.';

-- A warning for each loop that nothing ends but an error. A loop is bounded where one of its nodes waits
-- (WAIT, HUMAN_IN_THE_LOOP, a SUB_WORKFLOW that is waited for), goes through items (FOR_EACH), has an output
-- that does not lead back (IF, SWITCH), or has a connection with conditions or to a STOP.
create function workflows.cycle_problems(nodes jsonb, connections jsonb)
returns setof workflows.diagnostic
language plpgsql
stable
set search_path = ''
as $$
declare
  v_count int;
  v_sources int[];
  v_targets int[];
  v_components int[];
  v_nodes jsonb[];
begin
  select array_agg(n.node order by n.o), count(*) into v_nodes, v_count
  from (
    select distinct on (e.node ->> 'id') e.node, e.o
    from jsonb_array_elements(nodes) with ordinality e (node, o)
    where jsonb_typeof(e.node -> 'id') = 'string'
    order by e.node ->> 'id', e.o) n;
  with node as (
    select u.node ->> 'id' as id, u.n::int from unnest(v_nodes) with ordinality u (node, n)
  )
  select array_agg(s.n order by s.n, e.o), array_agg(t.n order by s.n, e.o) into v_sources, v_targets
  from jsonb_array_elements(connections) with ordinality e (connection, o)
  join node s on s.id = e.connection ->> 'source'
  join node t on t.id = e.connection ->> 'target';
  if v_sources is null then
    return;
  end if;
  v_components := (engine.analyze(v_sources, v_targets, array_fill(null::int, array[cardinality(v_sources)]),
    array_fill(false, array[v_count]), array_fill(false, array[v_count]), array_fill(false, array[v_count])
  )).components;
  if not exists (select from unnest(v_components) c where c is not null) then
    return;
  end if;
  return query
    with node as (
      select u.node ->> 'id' as id, u.n, u.component, u.node -> 'parameters' as parameters,
        u.node ->> 'type' as type,
        case when u.node -> 'disabled' = 'true' then '' else u.node ->> 'subtype' end as subtype
      from unnest(v_nodes, v_components) with ordinality u (node, component, n)
    ),
    leaving as (
      select s.component, s.id, coalesce(c ->> 'index', '0') as output,
        t.component is not distinct from s.component as is_inside,
        coalesce(c -> 'conditions', 'null') not in ('null', '{}')
          or t.type = 'FLOW' and t.subtype = 'STOP' as ends
      from jsonb_array_elements(connections) c
      join node s on s.id = c ->> 'source' and s.component is not null
      join node t on t.id = c ->> 'target'
    ),
    bounded as (
      select n.component from node n
      where n.type = 'HUMAN_IN_THE_LOOP' or n.type = 'FLOW' and (
        n.subtype in ('WAIT', 'FOR_EACH')
        or n.subtype = 'SUB_WORKFLOW' and n.parameters -> 'wait' is distinct from 'false'
        or n.subtype in ('IF', 'SWITCH') and (
          select count(distinct l.output) from leaving l where l.id = n.id and l.is_inside
        ) < case n.subtype when 'IF' then 2
          else case jsonb_typeof(n.parameters -> 'rules')
            when 'array' then 1 + jsonb_array_length(n.parameters -> 'rules') else 1000 end
          end)
      union
      select l.component from leaving l where l.ends
    )
    select 'cycle_unbounded',
      format('Nothing ends the loop %s: lead out of it by an IF, or put a WAIT into it',
        string_agg(n.id, ', ' order by n.n)),
      (array_agg(n.id order by n.n))[1],
      '$.nodes[' || (
        select e.o - 1 from jsonb_array_elements(nodes) with ordinality e (node, o)
        where e.node ->> 'id' = (array_agg(n.id order by n.n))[1] limit 1) || ']',
      'warning', null::text
    from node n
    where n.component is not null
      and n.component not in (select b.component from bounded b where b.component is not null)
    group by n.component;
end
$$;
comment on function workflows.cycle_problems(jsonb, jsonb) is 'Loops that nothing ends: cycle_unbounded.';
