-- In which scopes a definition's nodes are reached: stacks of FOR_EACH ids, outermost first, in which their
-- outputs leave. From the enabled triggers along the connections: an item connection of a FOR_EACH pushes it,
-- a MERGE of mode collect pops the innermost, which is then `collected`. What cannot be is a row with a
-- problem: collect_without_for_each, merge_depths_differ, for_each_recursion, scopes_too_many.
create function workflows.scopes(nodes jsonb, connections jsonb)
returns table (node_id text, stack text[], collected text, problem text)
language plpgsql
immutable
set search_path = ''
as $$
#variable_conflict use_column
declare
  c_max_depth constant int := 5;
  c_max_scopes constant int := 10;  -- of a node: a chain of FOR_EACH with ways around has no end of them
  v_ids text[];
  v_kinds text[];
  v_sources int[];
  v_targets int[];
  v_items boolean[];      -- edges that items go along, of a FOR_EACH
  v_first int[];          -- a node's first edge
  v_latest int[];         -- a node's latest place
  v_places int[];         -- how many it has
  -- places: a node and the stack with which it is reached, written /4/17
  v_nodes int[] := array[]::int[];
  v_stacks text[] := array[]::text[];
  v_earlier int[] := array[]::int[];
  v_next int := 0;
  v_node int;
  v_target int;
  v_edge int;
  v_stack text;
  v_onto text;
  v_place int;
begin
  select array_agg(n.id order by n.o), array_agg(n.kind order by n.o) into v_ids, v_kinds
  from (
    select distinct on (e.node ->> 'id') e.node ->> 'id' as id, e.o,
      case
        when e.node ->> 'type' = 'TRIGGER' and e.node -> 'disabled' is distinct from 'true' then 'trigger'
        when e.node ->> 'type' <> 'FLOW' or e.node -> 'disabled' = 'true' then 'other'
        when e.node ->> 'subtype' = 'FOR_EACH' then 'for_each'
        when e.node ->> 'subtype' <> 'MERGE' then 'other'
        when e.node #>> '{parameters,mode}' = 'collect' then 'collect'
        else 'merge'
      end as kind
    from jsonb_array_elements(nodes) with ordinality e (node, o)
    where jsonb_typeof(e.node -> 'id') = 'string'
    order by e.node ->> 'id', e.o) n;
  select array_agg(c.source order by c.source, c.o), array_agg(c.target order by c.source, c.o),
    array_agg(c.items order by c.source, c.o)
  into v_sources, v_targets, v_items
  from (
    select s.n::int as source, t.n::int as target, e.o,
      v_kinds[s.n] = 'for_each' and e.connection ->> 'type' is distinct from 'ERROR' as items
    from jsonb_array_elements(connections) with ordinality e (connection, o)
    join unnest(v_ids) with ordinality s (id, n) on s.id = e.connection ->> 'source'
    join unnest(v_ids) with ordinality t (id, n) on t.id = e.connection ->> 'target') c;
  v_first := array_fill(null::int, array[coalesce(cardinality(v_ids), 0)]);
  v_latest := v_first;
  v_places := array_fill(0, array[coalesce(cardinality(v_ids), 0)]);
  for i in reverse coalesce(cardinality(v_sources), 0) .. 1 loop
    v_first[v_sources[i]] := i;
  end loop;
  for i in 1 .. coalesce(cardinality(v_ids), 0) loop
    if v_kinds[i] = 'trigger' then
      v_nodes := v_nodes || i;
      v_stacks := array_append(v_stacks, '');
      v_earlier := array_append(v_earlier, null);
      v_latest[i] := cardinality(v_nodes);
    end if;
  end loop;

  while v_next < cardinality(v_nodes) loop
    v_next := v_next + 1;
    v_node := v_nodes[v_next];
    v_stack := v_stacks[v_next];
    node_id := v_ids[v_node];
    problem := null;
    collected := null;
    if v_kinds[v_node] = 'collect' then
      collected := v_ids[substring(v_stack from '[0-9]+$')::int];
      v_stack := regexp_replace(v_stack, '/[0-9]+$', '');
    end if;
    stack := array(
      select v_ids[p.n::int] from string_to_array(ltrim(v_stack, '/'), '/') a,
        unnest(a) with ordinality p (n, o) order by p.o);
    return next;

    stack := null;
    collected := null;
    v_edge := v_first[v_node];
    while v_sources[v_edge] = v_node loop
      v_target := v_targets[v_edge];
      v_onto := v_stack || case when v_items[v_edge] then '/' || v_node else '' end;
      v_place := v_latest[v_target];
      while v_stacks[v_place] <> v_onto loop
        v_place := v_earlier[v_place];
      end loop;
      v_edge := v_edge + 1;
      continue when v_place is not null;
      node_id := v_ids[v_target];
      problem := case
        when v_kinds[v_target] = 'collect' and v_onto = '' then 'collect_without_for_each'
        when v_kinds[v_target] in ('collect', 'merge') and v_places[v_target] > 0 then 'merge_depths_differ'
        when v_kinds[v_target] = 'for_each'
          and (v_onto || '/' like '%/' || v_target || '/%' or regexp_count(v_onto, '/') >= c_max_depth)
          then 'for_each_recursion'
        when v_places[v_target] >= c_max_scopes then 'scopes_too_many'
      end;
      if problem is not null then
        return next;
        continue;
      end if;
      v_nodes := v_nodes || v_target;
      v_stacks := v_stacks || v_onto;
      v_earlier := array_append(v_earlier, v_latest[v_target]);
      v_latest[v_target] := cardinality(v_nodes);
      v_places[v_target] := v_places[v_target] + 1;
    end loop;
  end loop;
end
$$;
comment on function workflows.scopes(jsonb, jsonb) is
  'In which scopes the nodes of a definition are reached, and what is wrong with them.';
