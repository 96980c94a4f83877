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
  -- what a sql node does: pass, branch, output
  handler text,
  parameters jsonb not null,
  -- see workflows.compile_parameters; null without templates
  bindings jsonb,
  -- roots that the templates read
  reads text[] not null,
  -- a later node reads $.nodes.<this>
  is_referenced boolean not null,
  -- a later node reads $.nodes.<any>, so tokens from here carry their ancestors
  keeps_ancestors boolean not null,
  -- at most one token can ever arrive: it needs no counter
  runs_once boolean not null,
  -- [{type, index, target, target_index}] in the order in which tokens leave
  edges jsonb not null,
  error_handling text not null,
  max_retries int not null,
  retry_wait_time double precision not null,
  timeout_seconds int not null,
  total_nodes int not null,
  primary key (workflow_id, version, node_id),
  constraint a_sql_node_has_a_handler check ((executor = 'sql') = (handler is not null))
);
comment on table engine.plan is 'Versions compiled for the engine.';
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
begin
  select v.definition into v_definition from public.workflow_versions v
  where v.workflow_id = compile.workflow_id and v.version = compile.version;
  perform workflows.refuse_invalid(workflows.diagnostics(v_definition));

  with recursive node as (
    select n.*, s.executor,
      workflows.compile_parameters(n.parameters, s.specification_data -> 'parameters') as compiled
    from public.nodes n
    join public.node_specifications s on s.node_type = n.node_type and s.node_subtype = n.node_subtype
    where n.workflow_id = compile.workflow_id and n.version = compile.version
  ),
  edge as (
    select c.* from public.node_connections c
    where c.workflow_id = compile.workflow_id and c.version = compile.version
  ),
  arrivals as (select e.target_node_id as node_id, count(*) as n from edge e group by 1),
  -- from the triggers along nodes with a single way in
  once as (
    select n.node_id from node n where not exists (select from arrivals a where a.node_id = n.node_id)
    union
    select e.target_node_id from once o
    join edge e on e.source_node_id = o.node_id
    join arrivals a on a.node_id = e.target_node_id and a.n = 1
  ),
  -- against the arrows from every node that reads another's output
  before_a_reader as (
    select e.source_node_id as node_id from edge e
    join node n on n.node_id = e.target_node_id
    where n.compiled -> 'nodes' <> '[]'
    union
    select e.source_node_id from before_a_reader b
    join edge e on e.target_node_id = b.node_id
  ),
  read as (select distinct r as node_id from node n, jsonb_array_elements_text(n.compiled -> 'nodes') r)
  insert into engine.plan (
    workflow_id, version, node_id, ordinal, name, node_type, node_subtype,
    executor, handler, parameters, bindings, reads, is_referenced, keeps_ancestors, runs_once, edges,
    error_handling, max_retries, retry_wait_time, timeout_seconds, total_nodes)
  select
    n.workflow_id, n.version, n.node_id, n.ordinal, n.name, n.node_type, n.node_subtype,
    case when n.disabled then 'sql' else n.executor end,
    case
      when n.disabled or n.node_type = 'TRIGGER' then 'pass'
      when n.executor <> 'sql' then null
      when n.node_subtype = 'IF' then 'branch'
      when n.node_subtype = 'TRANSFORM' then 'output'
    end,
    n.parameters,
    case when n.disabled then null else nullif(n.compiled -> 'bindings', '[]') end,
    array(select jsonb_array_elements_text(n.compiled -> 'reads')),
    exists (select from read r where r.node_id = n.node_id),
    exists (select from before_a_reader b where b.node_id = n.node_id),
    exists (select from once o where o.node_id = n.node_id),
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'type', e.connection_type, 'index', e.connection_index,
        'target', e.target_node_id, 'target_index', e.target_index) order by e.ordinal)
      from edge e where e.source_node_id = n.node_id), '[]'),
    n.error_handling, n.max_retries, n.retry_wait_time, n.timeout_seconds, count(*) over ()
  from node n
  -- one order for everybody: two who compile at once must not wait for each other
  order by n.ordinal
  on conflict do nothing;
end
$$;
comment on function engine.compile(uuid, int) is
  'Compile a version for the engine. Errors: definition_invalid.';
