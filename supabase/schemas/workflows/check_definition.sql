-- What is wrong with a definition. Errors block saving (shape: without it there are no nodes and connections
-- to keep) or deploying and starting (meaning: a draft may be half drawn). Warnings block nothing.
create type workflows.diagnostic as (
  code text,
  message text,
  node_id text,
  -- $.nodes[2].parameters.url
  path text,
  -- error or warning
  severity text,
  -- saving or deploying; null of a warning
  blocks text
);

-- Everything at once. With a workspace also what depends on it: its credentials, its own types of nodes.
create function workflows.check_definition(definition jsonb, workspace_id uuid default null)
returns setof workflows.diagnostic
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_problem text := workflows.size_problem(definition);
  v_nodes jsonb;
  v_connections jsonb;
  v_specifications jsonb;
  v_reached text[];  -- nodes that an enabled trigger leads to, where the graph can be followed
  v_within text[];   -- those that are reached inside of a FOR_EACH
  v_loops jsonb;     -- joins and loops that cannot be, as [node id, problem]
begin
  if v_problem is not null then
    return query select v_problem,
      case v_problem
        when 'definition_shape' then 'A definition is an object {nodes, connections}'
        else 'A definition has at most 1 MiB, 1000 nodes and 5000 connections'
      end, null::text, '$', 'error', 'saving';
    return;
  end if;
  v_nodes := workflows.list_of(definition -> 'nodes');
  v_connections := workflows.list_of(definition -> 'connections');
  v_specifications := workflows.specifications_of(v_nodes, workspace_id);
  select array_agg(distinct s.node_id) filter (where s.problem is null),
    array_agg(distinct s.node_id) filter (where cardinality(s.stack) > 0),
    jsonb_agg(distinct jsonb_build_array(s.node_id, s.problem)) filter (where s.problem is not null)
  into v_reached, v_within, v_loops
  from workflows.scopes(v_nodes, v_connections) s;
  return query select * from workflows.shape_problems(definition);
  if found then
    v_reached := null;
  end if;
  return query select * from workflows.node_problems(v_nodes, v_specifications, v_within, workspace_id);
  return query
    select * from workflows.connection_problems(v_nodes, v_connections, v_specifications, v_within);
  return query select * from workflows.graph_problems(
    v_nodes, v_connections, v_reached, v_loops, definition #>> '{settings,node,error_handling}');
end
$$;
comment on function workflows.check_definition(jsonb, uuid) is
  'Everything that is wrong with a definition: code, message, node, path, severity (error or warning), '
  'and what it blocks (saving or deploying; null of a warning). With a workspace also what depends on it.';

create function workflows.list_of(value jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select case jsonb_typeof(value) when 'array' then value else '[]' end
$$;
comment on function workflows.list_of(jsonb) is 'The value if it is a list, else an empty one.';

-- Within these limits all further checks are cheap.
create function workflows.size_problem(definition jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select case
    when jsonb_typeof(definition) is distinct from 'object' then 'definition_shape'
    when octet_length(definition::text) > 1048576
      or jsonb_array_length(workflows.list_of(definition -> 'nodes')) > 1000
      or jsonb_array_length(workflows.list_of(definition -> 'connections')) > 5000 then 'definition_too_large'
  end
$$;
comment on function workflows.size_problem(jsonb) is 'Why nothing more can be said of a definition, or null.';

create function workflows.diagnostics(
  definition jsonb, blocking text[] default '{saving,deploying}', workspace_id uuid default null
)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  -- most drafts are saved more often than they are deployed
  if blocking = '{saving}' and workflows.size_problem(definition) is null then
    return (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from workflows.shape_problems(definition) d);
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(d)), '[]')
    from workflows.check_definition(definition, workspace_id) d
    where d.blocks = any (blocking));
end
$$;
comment on function workflows.diagnostics(jsonb, text[], uuid) is
  'What blocks a definition, as a JSON array: check_definition() without warnings.';

create function workflows.refuse_invalid(diagnostics jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if diagnostics <> '[]' then
    perform platform.fail(422, 'definition_invalid',
      format('The definition has %s problem%s: %s',
        jsonb_array_length(diagnostics),
        case jsonb_array_length(diagnostics) when 1 then '' else 's' end,
        (select string_agg(format('%s at %s', d ->> 'code', d ->> 'path'), ', ' order by o)
         from jsonb_array_elements(diagnostics) with ordinality e (d, o))),
      diagnostics::text);
  end if;
end
$$;
comment on function workflows.refuse_invalid(jsonb) is
  'Raise definition_invalid with all diagnostics (as JSON in the hint).';

create function workflows.validate(definition jsonb, workspace_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if validate.workspace_id is not null then
    perform workspaces.require(validate.workspace_id, 'viewer');
  end if;
  return (
    select jsonb_build_object(
      'valid', coalesce(bool_and(d.severity <> 'error'), true),
      'diagnostics', coalesce(jsonb_agg(to_jsonb(d)), '[]'))
    from workflows.check_definition(validate.definition, validate.workspace_id) d);
end
$$;
comment on function workflows.validate(jsonb, uuid) is 'See public.validate_definition.';
grant execute on function workflows.validate(jsonb, uuid) to authenticated, service_role;

create function public.validate_definition(definition jsonb, workspace_id uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select workflows.validate(validate_definition.definition, validate_definition.workspace_id)
$$;
comment on function public.validate_definition(jsonb, uuid) is
  'Everything that is wrong with a definition: '
  '{valid, diagnostics: [{code, message, node_id, path, severity, blocks}]}. Warnings leave it valid. '
  'With a workspace also what depends on it: credentials, own types of nodes. '
  'Errors: workspace_not_found.';
grant execute on function public.validate_definition(jsonb, uuid) to authenticated, service_role;
