-- What the shape of a version's graph means: arrays by node or by edge, as engine.analyze() takes them.
create type engine.graph as (
  -- number of a node's cyclic component; null outside of cycles
  components int[],
  -- edges to a node on the way to their own source
  back_edges boolean[],
  -- at most one token of a scope can arrive
  runs_once boolean[],
  -- a reader lies ahead of the node
  leads_to_reader boolean[],
  -- which marks lie ahead of a node, and which of them without a back edge of the mark's component
  reaches bit varying[],
  reaches_ahead bit varying[]
);

-- One walk over the graph of nodes 1 to n: depth-first, from the triggers and then from what is left, edges
-- in their order. Components are Tarjan's (Depth-first search and linear graph algorithms, 1972): each is
-- complete before all that lead into it, so what lies ahead of a node is known with its own component.
-- Edges are sorted by source. marks: the number, from 1, that an edge carries, or null. joins: nodes that do
-- not count as running once.
create function engine.analyze(
  sources int[], targets int[], marks int[],
  triggers boolean[], joins boolean[], readers boolean[]
)
returns engine.graph
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_nodes int := cardinality(triggers);
  v_edges int := coalesce(cardinality(sources), 0);
  -- bit 0 stands for readers
  v_none bit varying := repeat('0', coalesce((select max(m) from unnest(marks) m), 0) + 1)::bit varying;
  v_graph engine.graph;
  v_components int[] := array_fill(null::int, array[v_nodes]);
  v_back boolean[] := array_fill(false, array[v_edges]);
  v_once boolean[] := array_fill(false, array[v_nodes]);
  v_reaches bit varying[] := array_fill(v_none, array[v_nodes]);
  v_beyond bit varying[] := array_fill(v_none, array[v_nodes]);  -- what lies ahead outside of its component
  v_ahead bit varying[] := array_fill(v_none, array[v_nodes]);   -- inside of it, until that is complete
  v_cursors int[] := array_fill(0, array[v_nodes]);              -- the next edge to follow
  v_numbers int[] := array_fill(0, array[v_nodes]);              -- in the order of discovery; 0: not yet
  v_found int[] := array_fill(0, array[v_nodes]);                -- the nodes in that order
  v_parents int[] := array_fill(0, array[v_nodes]);
  v_lowest int[] := array_fill(0, array[v_nodes]);               -- lowest number that it leads back to
  v_arrivals int[] := array_fill(0, array[v_nodes]);             -- edges from nodes that a trigger reaches
  v_complete boolean[] := array_fill(false, array[v_nodes]);
  v_on_path boolean[] := array_fill(false, array[v_nodes]);
  v_path int[] := array_fill(0, array[v_nodes]);
  v_depth int := 0;
  v_open int[] := array_fill(0, array[v_nodes]);                 -- found, component not complete
  v_height int := 0;
  v_bottom int;
  v_count int := 0;
  v_component int := 0;
  v_is_cyclic boolean;
  v_node int;
  v_target int;
  v_edge int;
  v_mark bit varying;
  v_all bit varying;
  v_out bit varying;
  v_own bit varying;
begin
  for i in reverse v_edges .. 1 loop
    v_cursors[sources[i]] := i;
  end loop;

  for v_round in 1 .. 2 * v_nodes loop
    v_target := case when v_round <= v_nodes then v_round else v_round - v_nodes end;
    continue when v_numbers[v_target] > 0 or v_round <= v_nodes and not triggers[v_target];
    loop
      if v_target is not null then
        v_count := v_count + 1;
        v_numbers[v_target] := v_count;
        v_found[v_count] := v_target;
        v_lowest[v_target] := v_count;
        v_depth := v_depth + 1;
        v_path[v_depth] := v_target;
        v_on_path[v_target] := true;
        v_height := v_height + 1;
        v_open[v_height] := v_target;
      end if;
      v_node := v_path[v_depth];
      v_edge := v_cursors[v_node];
      v_target := null;

      if sources[v_edge] = v_node then
        v_cursors[v_node] := v_edge + 1;
        v_target := targets[v_edge];
        if v_round <= v_nodes then
          v_arrivals[v_target] := v_arrivals[v_target] + 1;
        end if;
        if v_numbers[v_target] = 0 then
          v_parents[v_target] := v_node;
          continue;
        end if;
        if not v_complete[v_target] then
          v_lowest[v_node] := least(v_lowest[v_node], v_numbers[v_target]);
          v_back[v_edge] := v_on_path[v_target];
        end if;
        v_target := null;
        continue;
      end if;

      -- all its edges are followed; one to an incomplete component stays in its own
      v_all := v_none;
      v_out := v_none;
      v_own := v_none;
      v_edge := v_edge - 1;
      while sources[v_edge] = v_node loop
        v_target := targets[v_edge];
        v_mark := v_none;
        if marks[v_edge] is not null then
          v_mark := set_bit(v_none, marks[v_edge], 1);
        end if;
        if readers[v_target] then
          v_mark := set_bit(v_mark, 0, 1);
        end if;
        v_all := v_all | v_mark;
        if v_complete[v_target] then
          v_all := v_all | v_reaches[v_target];
          v_out := v_out | v_mark | v_ahead[v_target];
        elsif not v_back[v_edge] then
          v_own := v_own | v_mark | v_ahead[v_target];
        end if;
        v_edge := v_edge - 1;
      end loop;
      v_reaches[v_node] := v_all;
      v_beyond[v_node] := v_out;
      v_ahead[v_node] := v_own;

      if v_lowest[v_node] = v_numbers[v_node] then
        -- the first found of a component: what was found since belongs to it
        v_all := v_none;
        v_out := v_none;
        v_bottom := v_height;
        loop
          v_all := v_all | v_reaches[v_open[v_bottom]];
          v_out := v_out | v_beyond[v_open[v_bottom]];
          exit when v_open[v_bottom] = v_node;
          v_bottom := v_bottom - 1;
        end loop;
        v_is_cyclic := v_bottom < v_height;
        v_edge := v_cursors[v_node] - 1;
        while not v_is_cyclic and sources[v_edge] = v_node loop
          v_is_cyclic := targets[v_edge] = v_node;
          v_edge := v_edge - 1;
        end loop;
        v_component := v_component + v_is_cyclic::int;
        for i in v_bottom .. v_height loop
          v_target := v_open[i];
          v_complete[v_target] := true;
          v_reaches[v_target] := v_all;
          v_ahead[v_target] := v_ahead[v_target] | v_out;
          if v_is_cyclic then
            v_components[v_target] := v_component;
          end if;
        end loop;
        v_height := v_bottom - 1;
      end if;

      v_target := null;
      v_on_path[v_node] := false;
      v_depth := v_depth - 1;
      exit when v_depth = 0;
      v_lowest[v_path[v_depth]] := least(v_lowest[v_path[v_depth]], v_lowest[v_node]);
    end loop;
  end loop;

  -- the only way in comes from a node found before
  for i in 1 .. v_nodes loop
    v_node := v_found[i];
    v_once[v_node] := not joins[v_node]
      and (triggers[v_node] or v_arrivals[v_node] = 1 and v_once[v_parents[v_node]]);
  end loop;

  v_graph.components := v_components;
  v_graph.back_edges := v_back;
  v_graph.runs_once := v_once;
  v_graph.leads_to_reader := array(
    select get_bit(r.marks, 0) = 1 from unnest(v_reaches) with ordinality r (marks, n) order by r.n);
  v_graph.reaches := v_reaches;
  v_graph.reaches_ahead := v_ahead;
  return v_graph;
end
$$;
comment on function engine.analyze(int[], int[], int[], boolean[], boolean[], boolean[]) is
  'Cycles, back edges and what lies ahead of each node.';

-- For each merge of mode all, append or combine: the nodes from which its inputs can be reached. A token
-- there may still bring what an input of the merge waits for.
create table engine.reach (
  workflow_id uuid not null,
  version int not null,
  merge_node_id text not null,
  node_id text not null,
  inputs int[] not null,
  -- without the back edges of the merge's component
  inputs_ahead int[] not null,
  -- the node is in the merge's component, so that their laps compare
  same_component boolean not null,
  primary key (workflow_id, version, merge_node_id, node_id)
);
comment on table engine.reach is 'From where the inputs of a merge can be reached.';
alter table engine.reach enable row level security;
-- no policy and no grant: the engine's
