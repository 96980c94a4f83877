-- A version compiled for the engine: one row a node, with all that a transition needs to know. Filled when a
-- version is first started or deployed; immutable like the version.
create table engine.plan (
  workflow_id uuid not null,
  version int not null,
  node_id text not null,
  ordinal int not null,
  name text not null,
  node_type text not null,
  node_subtype text not null,
  executor text not null,
  -- what the transition does at it: pass, branch, switch, output, filter, merge, for_each, stop, wait,
  -- call_workflow, respond, set_static, ask, placeholder
  handler text,
  -- as workflows.compile_parameters() answers them
  parameters jsonb not null,
  -- see workflows.compile_parameters; null without templates
  bindings jsonb,
  -- roots that the templates read; see workflows.compile_path
  reads text[] not null,
  -- a later node reads $.nodes.<this>
  is_referenced boolean not null,
  -- a later node reads $.nodes.<any>, so tokens from here carry their ancestors
  keeps_ancestors boolean not null,
  -- at most one token of a scope can ever arrive: it needs no counter
  runs_once boolean not null,
  is_disabled boolean not null,
  -- [{type, index, target, target_index, lap, predicate}] in the order in which tokens leave. lap: next on a
  -- back edge, first where the edge leaves a cyclic component, else absent; predicate: a path, or absent
  edges jsonb not null,
  -- roots that the edges' predicates read
  edge_reads text[] not null,
  -- the cyclic component that it is in; null outside of cycles
  component int,
  -- of a merge: its mode, and the inputs that are connected
  merge_mode text,
  inputs int[],
  -- of a FOR_EACH: the merges that collect its items
  collects text[],
  -- the version has a merge or a FOR_EACH
  has_joins boolean not null,
  -- joins, or a node that needs a counter: something is kept of executions while they live
  keeps_state boolean not null,
  -- the version has a node that asks people
  asks boolean not null,
  -- the version's executions update the statistics of its nodes' steps: settings.record_steps
  records_steps boolean not null,
  -- its output in executions by hand; it is not executed there
  pinned jsonb,
  error_handling text not null,
  max_retries int not null,
  retry_wait_time double precision not null,
  timeout_seconds int not null,
  total_nodes int not null,
  -- how long an execution may take that is started without saying so: settings.timeout_seconds
  execution_timeout_seconds int,
  primary key (workflow_id, version, node_id),
  constraint an_edge_node_has_no_handler check ((executor = 'edge') = (handler is null)),
  constraint a_merge_has_a_mode_and_inputs check (
    ((handler is not distinct from 'merge') = (merge_mode is not null))
    and (merge_mode is null) = (inputs is null)),
  constraint a_for_each_has_collects check (
    (handler is not distinct from 'for_each') = (collects is not null))
);
comment on table engine.plan is 'Versions compiled for the engine.';
-- where an execution begins
create index plan_triggers on engine.plan (workflow_id, version) where node_type = 'TRIGGER';
alter table engine.plan enable row level security;
-- no policy and no grant: the engine's

create function engine.compile(workflow_id uuid, version int)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_definition jsonb;
  v_workspace uuid;
  -- by node
  v_compiled jsonb[];
  v_modes text[];
  v_triggers boolean[];
  -- by edge, sorted by source
  v_ordinals int[];
  v_sources int[];
  v_targets int[];
  v_marks int[];
  v_predicates jsonb[];
  v_read text[];
  v_readers boolean[];
  v_graph engine.graph;
begin
  -- first: whoever saves over a draft is waited for, and from here on there is no draft
  perform workflows.lock_version(compile.workflow_id, compile.version);
  select v.definition, v.workspace_id into v_definition, v_workspace
  from public.workflow_versions v
  where v.workflow_id = compile.workflow_id and v.version = compile.version;
  perform workflows.refuse_invalid(workflows.diagnostics(v_definition, workspace_id => v_workspace));

  select
    array_agg(case
      when n.disabled then jsonb_build_object('parameters', n.parameters, 'nodes', jsonb '[]')
      else workflows.compile_parameters(
        case
          when n.node_type = 'FLOW' and n.node_subtype = 'SUB_WORKFLOW'
             and not n.parameters ?| '{input,items}'
            then n.parameters || jsonb '{"input": "{{ $.input }}"}'
          when n.node_type = 'FLOW' and n.node_subtype = 'RESPOND' and not n.parameters ? 'body'
            then n.parameters || jsonb '{"body": "{{ $.input }}"}'
          when n.node_type = 'HUMAN_IN_THE_LOOP' and not n.parameters ? 'data'
            then n.parameters || jsonb '{"data": "{{ $.input }}"}'
          -- a function of the workspace has no other place for its defaults
          when s.workspace_id is not null
            then workflows.with_defaults(n.parameters, s.specification_data -> 'parameters')
          else n.parameters
        end,
        s.specification_data -> 'parameters')
    end order by n.ordinal),
    array_agg(case
      when n.node_type = 'FLOW' and n.node_subtype = 'MERGE' and not n.disabled then n.parameters ->> 'mode'
    end order by n.ordinal),
    array_agg(n.node_type = 'TRIGGER' order by n.ordinal)
  into v_compiled, v_modes, v_triggers
  from public.nodes n
  -- a disabled node may be of a type that is not there
  left join public.node_specifications s on s.node_type = n.node_type and s.node_subtype = n.node_subtype
    and (s.workspace_id is null or s.workspace_id = n.workspace_id)
  where n.workflow_id = compile.workflow_id and n.version = compile.version;

  -- each input of a merge that waits for its inputs is a mark
  with edge as (
    select c.ordinal, s.ordinal as source, t.ordinal as target, c.target_index,
      v_modes[t.ordinal] in ('all', 'append', 'combine') as is_marked,
      case when jsonb_typeof(c.conditions) = 'string'
        then workflows.compile_predicate(c.conditions #>> '{}') end as predicate
    from public.node_connections c
    join public.nodes s
      on s.workflow_id = c.workflow_id and s.version = c.version and s.node_id = c.source_node_id
    join public.nodes t
      on t.workflow_id = c.workflow_id and t.version = c.version and t.node_id = c.target_node_id
    where c.workflow_id = compile.workflow_id and c.version = compile.version
  ),
  marked as (
    select e.*,
      case when e.is_marked
        then dense_rank() over (partition by e.is_marked order by e.target, e.target_index) end as mark
    from edge e
  )
  select array_agg(e.ordinal order by e.source, e.ordinal), array_agg(e.source order by e.source, e.ordinal),
    array_agg(e.target order by e.source, e.ordinal), array_agg(e.mark order by e.source, e.ordinal),
    array_agg(e.predicate order by e.source, e.ordinal)
  into v_ordinals, v_sources, v_targets, v_marks, v_predicates
  from marked e;

  -- a predicate is read where its edge begins, but after the node there
  v_readers := array(
    select c.compiled -> 'nodes' <> '[]' or exists (
        select from unnest(v_sources, v_predicates) p (source, predicate)
        where p.source = c.n and p.predicate -> 'nodes' <> '[]')
    from unnest(v_compiled) with ordinality c (compiled, n) order by c.n);
  v_read := array(
    select jsonb_array_elements_text(c -> 'nodes') from unnest(v_compiled || v_predicates) c);
  v_graph := engine.analyze(v_sources, v_targets, v_marks, v_triggers,
    array(select coalesce(m <> 'collect', false) from unnest(v_modes) with ordinality u (m, n) order by n),
    v_readers);

  with node as (
    select n.*, s.executor, c.compiled, c.mode, c.component, c.runs_once, c.leads_to_reader,
      not n.disabled and n.node_type = 'FLOW' and n.node_subtype = 'FOR_EACH' as is_for_each
    from public.nodes n
    left join public.node_specifications s on s.node_type = n.node_type and s.node_subtype = n.node_subtype
      and (s.workspace_id is null or s.workspace_id = n.workspace_id)
    join unnest(v_compiled, v_modes, v_graph.components, v_graph.runs_once, v_graph.leads_to_reader)
      with ordinality c (compiled, mode, component, runs_once, leads_to_reader, ordinal)
      on c.ordinal = n.ordinal
    where n.workflow_id = compile.workflow_id and n.version = compile.version
  ),
  edge as (
    select e.source, e.predicate,
      jsonb_strip_nulls(jsonb_build_object(
        'type', c.connection_type, 'index', c.connection_index,
        'target', c.target_node_id, 'target_index', c.target_index,
        'lap', case
          when e.is_back then 'next'
          when v_graph.components[e.source] <> coalesce(v_graph.components[e.target], 0) then 'first'
        end,
        'predicate', e.predicate -> 'path')) as edge,
      c.ordinal
    from public.node_connections c
    join unnest(v_ordinals, v_sources, v_targets, v_predicates, v_graph.back_edges)
      e (ordinal, source, target, predicate, is_back) on e.ordinal = c.ordinal
    where c.workflow_id = compile.workflow_id and c.version = compile.version
  ),
  leaving as (
    select e.source, jsonb_agg(e.edge order by e.ordinal) as edges,
      jsonb_agg(e.predicate -> 'reads') filter (where e.predicate is not null) as reads
    from edge e group by e.source
  ),
  arriving as (
    select c.target_node_id as node_id, array_agg(distinct c.target_index order by c.target_index) as inputs
    from public.node_connections c
    where c.workflow_id = compile.workflow_id and c.version = compile.version
    group by 1
  ),
  collecting as (
    select s.collected as node_id, array_agg(distinct s.node_id order by s.node_id) as collects
    from workflows.scopes(v_definition -> 'nodes', v_definition -> 'connections') s
    where s.collected is not null
    group by 1
  )
  insert into engine.plan (
    workflow_id, version, node_id, ordinal, name, node_type, node_subtype,
    executor, handler, parameters, bindings, reads,
    is_referenced, keeps_ancestors, runs_once, is_disabled,
    edges, edge_reads,
    component, merge_mode, inputs, collects, has_joins, keeps_state, asks, records_steps, pinned,
    error_handling, max_retries, retry_wait_time, timeout_seconds, total_nodes, execution_timeout_seconds)
  select
    n.workflow_id, n.version, n.node_id, n.ordinal, n.name, n.node_type, n.node_subtype,
    case when n.disabled then 'sql' else n.executor end,
    case
      when n.disabled or n.node_type = 'TRIGGER' then 'pass'
      when n.executor = 'edge' then null
      when n.node_type = 'HUMAN_IN_THE_LOOP' then 'ask'
      else case n.node_subtype
        when 'IF' then 'branch'
        when 'SWITCH' then 'switch'
        when 'TRANSFORM' then 'output'
        when 'FILTER' then 'filter'
        when 'MERGE' then 'merge'
        when 'FOR_EACH' then 'for_each'
        when 'STOP' then 'stop'
        when 'WAIT' then 'wait'
        when 'SUB_WORKFLOW' then 'call_workflow'
        when 'RESPOND' then 'respond'
        when 'SET_STATIC_DATA' then 'set_static'
        when 'PLACEHOLDER' then 'placeholder'
      end
    end,
    n.compiled -> 'parameters', nullif(n.compiled -> 'bindings', '[]'),
    array(select jsonb_array_elements_text(n.compiled -> 'reads')),
    n.node_id = any (v_read), n.leads_to_reader or l.reads @> '[["nodes"]]' is true, n.runs_once, n.disabled,
    coalesce(l.edges, '[]'),
    array(
      select distinct r from jsonb_array_elements(l.reads) p, jsonb_array_elements_text(p) r order by r),
    n.component, n.mode, case when n.mode is not null then coalesce(a.inputs, '{}') end,
    case when n.is_for_each then coalesce(c.collects, '{}') end,
    bool_or(n.mode is not null or n.is_for_each) over (),
    bool_or(n.mode is not null or n.is_for_each or not n.runs_once) over (),
    bool_or(n.node_type = 'HUMAN_IN_THE_LOOP' and not n.disabled) over (),
    coalesce((v_definition #> '{settings,record_steps}')::boolean, false),
    case when not n.disabled then v_definition -> 'pin_data' -> n.node_id end,
    n.error_handling, n.max_retries, n.retry_wait_time, n.timeout_seconds, count(*) over (),
    (v_definition #>> '{settings,timeout_seconds}')::numeric::int
  from node n
  left join leaving l on l.source = n.ordinal
  left join arriving a on a.node_id = n.node_id
  left join collecting c on c.node_id = n.node_id
  -- one order for everybody: two who compile at once must not wait for each other
  order by n.ordinal
  on conflict do nothing;
  if not found then
    return;
  end if;

  with mark as (
    select distinct m.target, m.mark, c.target_index
    from unnest(v_ordinals, v_targets, v_marks) m (ordinal, target, mark)
    join public.node_connections c on c.ordinal = m.ordinal
      and c.workflow_id = compile.workflow_id and c.version = compile.version
    where m.mark is not null
  ),
  merge as (
    select m.target as ordinal, min(m.mark) as first, array_agg(m.target_index order by m.mark) as inputs
    from mark m group by 1
  ),
  place as (
    select r.ordinal, r.component, m.ordinal as merge_ordinal, m.inputs,
      substring(r.reaches from m.first + 1 for cardinality(m.inputs)) as reaches,
      substring(r.reaches_ahead from m.first + 1 for cardinality(m.inputs)) as reaches_ahead
    from unnest(v_graph.reaches, v_graph.reaches_ahead, v_graph.components)
      with ordinality r (reaches, reaches_ahead, component, ordinal)
    cross join merge m
    where bit_count(r.reaches) > 0
  )
  insert into engine.reach (
    workflow_id, version, merge_node_id, node_id, inputs, inputs_ahead, same_component)
  select compile.workflow_id, compile.version, m.node_id, n.node_id,
    case bit_count(p.reaches) when cardinality(p.inputs) then p.inputs
      else array(
        select i.input from unnest(p.inputs) with ordinality i (input, n)
        where get_bit(p.reaches, i.n::int - 1) = 1 order by i.n)
    end,
    case bit_count(p.reaches_ahead) when cardinality(p.inputs) then p.inputs when 0 then '{}'
      else array(
        select i.input from unnest(p.inputs) with ordinality i (input, n)
        where get_bit(p.reaches_ahead, i.n::int - 1) = 1 order by i.n)
    end,
    p.component = v_graph.components[p.merge_ordinal] is true
  from place p
  join public.nodes m on m.ordinal = p.merge_ordinal
    and m.workflow_id = compile.workflow_id and m.version = compile.version
  join public.nodes n on n.ordinal = p.ordinal
    and n.workflow_id = compile.workflow_id and n.version = compile.version
  where bit_count(p.reaches) > 0;
end
$$;
comment on function engine.compile(uuid, int) is
  'Compile a version for the engine. Errors: definition_invalid.';
