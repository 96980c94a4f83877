-- Which fields of two objects differ: [{path, from, to}]; what is absent has no `from` or no `to`.
-- Parameters, credentials and settings are compared field by field, anything else as a whole.
create function workflows.changed_fields(a jsonb, b jsonb, within text default '')
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(c.change order by c.path), '[]')
  from (
    select k as path, jsonb_build_object('path', within || k)
      || case when a ? k then jsonb_build_object('from', a -> k) else '{}' end
      || case when b ? k then jsonb_build_object('to', b -> k) else '{}' end as change
    from (select jsonb_object_keys(a) union select jsonb_object_keys(b)) f (k)
    where a -> k is distinct from b -> k
      and not (within = '' and k in ('parameters', 'credentials') and jsonb_typeof(a -> k) = 'object'
        and jsonb_typeof(b -> k) = 'object')
    union all
    select p || i.o, i.change
    from unnest(case when within = '' then '{parameters,credentials}'::text[] end) p
    cross join jsonb_array_elements(workflows.changed_fields(a -> p, b -> p, p || '.'))
      with ordinality i (change, o)
    where jsonb_typeof(a -> p) = 'object' and jsonb_typeof(b -> p) = 'object'
  ) c
$$;
comment on function workflows.changed_fields(jsonb, jsonb, text) is 'The fields in which two objects differ.';

-- What would change if definition b took the place of a. Where a node stands on the canvas means nothing: it
-- is told apart. A field at its default is one that is not there; the order of connections counts, since
-- tokens leave in it.
create function workflows.diff(a jsonb, b jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_nodes jsonb;
  v_connections jsonb;
  v_rest jsonb;
  v_diff jsonb;
begin
  with node as (
    select coalesce(x.id, y.id) as id, x.node as x, y.node as y, coalesce(y.o, x.o) as o
    from workflows.nodes_of(a) x full join workflows.nodes_of(b) y on y.id = x.id
  ),
  compared as (
    select n.*, workflows.changed_fields(x - 'position', y - 'position') as fields,
      x -> 'position' is distinct from y -> 'position' as is_moved
    from node n
  )
  select jsonb_build_object(
    'added', coalesce(jsonb_agg(workflows.node_label(y) order by o) filter (where x is null), '[]'),
    'removed', coalesce(jsonb_agg(workflows.node_label(x) order by o) filter (where y is null), '[]'),
    'changed', coalesce(jsonb_agg(workflows.node_label(y) || jsonb_build_object('fields', fields) order by o)
      filter (where x is not null and y is not null and fields <> '[]'), '[]'),
    'moved', coalesce(jsonb_agg(workflows.node_label(y)
      || jsonb_build_object('from', x -> 'position', 'to', y -> 'position') order by o)
      filter (where x is not null and y is not null and is_moved), '[]'))
  into v_nodes from compared;

  with connection as (
    select x.place as x_place, y.place as y_place, coalesce(y.place, x.place) as place, x.connection as x,
      y.connection as y, coalesce(y.o, x.o) as o,
      row_number() over (partition by x.place is null or y.place is null order by x.o) as x_order,
      row_number() over (partition by x.place is null or y.place is null order by y.o) as y_order
    from workflows.connections_of(a) x full join workflows.connections_of(b) y on y.place = x.place
  )
  select jsonb_build_object(
    'added', coalesce(jsonb_agg(y order by o) filter (where x is null), '[]'),
    'removed', coalesce(jsonb_agg(x order by o) filter (where y is null), '[]'),
    'changed', coalesce(
      jsonb_agg(place || jsonb_build_object('fields', workflows.changed_fields(x, y)) order by o)
      filter (where x is not null and y is not null and x <> y), '[]'),
    'is_reordered', coalesce(
      bool_or(x_order <> y_order) filter (where x is not null and y is not null), false))
  into v_connections from connection;

  v_rest := workflows.changed_fields(a - '{nodes,connections,settings,pin_data}'::text[],
    b - '{nodes,connections,settings,pin_data}'::text[], '$.');
  v_diff := jsonb_build_object(
    'nodes', v_nodes, 'connections', v_connections,
    'settings', workflows.changed_fields(
      workflows.object_of(a -> 'settings'), workflows.object_of(b -> 'settings'), 'settings.'),
    'pin_data', workflows.changed_fields(
      workflows.object_of(a -> 'pin_data'), workflows.object_of(b -> 'pin_data'), 'pin_data.'),
    'other', v_rest);
  return v_diff || jsonb_build_object(
    -- nothing but places on the canvas, and what only editors read
    'is_equivalent', v_nodes - 'moved' = '{"added": [], "removed": [], "changed": []}'
      and v_connections = '{"added": [], "removed": [], "changed": [], "is_reordered": false}'
      and v_diff -> 'settings' = '[]' and v_diff -> 'pin_data' = '[]',
    'is_identical', a = b);
end
$$;
comment on function workflows.diff(jsonb, jsonb) is
  'How two definitions differ; see public.diff_workflow_versions.';

create function workflows.object_of(value jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select case jsonb_typeof(value) when 'object' then value else '{}' end
$$;
comment on function workflows.object_of(jsonb) is 'The value if it is an object, else an empty one.';

create function workflows.nodes_of(definition jsonb)
returns table (id text, node jsonb, o bigint)
language sql
immutable
set search_path = ''
as $$
  select n ->> 'id',
    jsonb_build_object('name', n -> 'id', 'disabled', false, 'type_version', 1,
      'parameters', jsonb '{}', 'credentials', jsonb '{}', 'attached_nodes', jsonb '[]')
      || jsonb_strip_nulls(n - '{parameters,credentials,position}'::text[])
      || (select coalesce(jsonb_object_agg(k.key, k.value), '{}') from jsonb_each(n) k
          where k.key in ('parameters', 'credentials', 'position') and k.value <> 'null'),
    e.o
  from jsonb_array_elements(definition -> 'nodes') with ordinality e (n, o)
$$;
comment on function workflows.nodes_of(jsonb) is 'A definition''s nodes, with defaults.';

create function workflows.node_label(node jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', node -> 'id', 'name', node -> 'name', 'type', node -> 'type', 'subtype', node -> 'subtype')
$$;
comment on function workflows.node_label(jsonb) is 'What a diff says of a node.';

create function workflows.connections_of(definition jsonb)
returns table (place jsonb, connection jsonb, o bigint)
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object('source', d.c -> 'source', 'target', d.c -> 'target', 'type', d.c -> 'type',
      'index', d.c -> 'index', 'target_index', d.c -> 'target_index'),
    d.c, d.o
  from (
    select jsonb '{"type": "MAIN", "index": 0, "target_index": 0}' || jsonb_strip_nulls(e.c)
        - case when e.c -> 'conditions' = '{}' then 'conditions' else '' end, e.o
    from jsonb_array_elements(definition -> 'connections') with ordinality e (c, o)
  ) d (c, o)
$$;
comment on function workflows.connections_of(jsonb) is
  'A definition''s connections, with defaults, and what each joins.';

create function public.diff_workflow_versions(workflow_id uuid, a int, b int)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_a jsonb;
  v_b jsonb;
begin
  if not exists (
      select from public.workflows w where w.id = diff_workflow_versions.workflow_id
        and workspaces.may_read(w.workspace_id)) then
    perform workspaces.not_found('workflow', diff_workflow_versions.workflow_id);
  end if;
  select v.definition into v_a from public.workflow_versions v
  where v.workflow_id = diff_workflow_versions.workflow_id and v.version = a;
  select v.definition into v_b from public.workflow_versions v
  where v.workflow_id = diff_workflow_versions.workflow_id and v.version = b;
  if v_a is null or v_b is null then
    perform platform.fail(404, 'version_not_found',
      format('The workflow has no version %s', case when v_a is null then a else b end),
      'List its versions with get_version_history.');
  end if;
  return jsonb_build_object('a', a, 'b', b) || workflows.diff(v_a, v_b);
end
$$;
comment on function public.diff_workflow_versions(uuid, int, int) is
  'What version b changes of version a: {a, b, nodes: {added, removed, changed: [{id, ..., fields: [{path, '
  'from, to}]}], moved}, connections: {added, removed, changed, is_reordered}, settings, pin_data, other, '
  'is_equivalent (both do the same), is_identical}. Errors: workflow_not_found, version_not_found.';
grant execute on function public.diff_workflow_versions(uuid, int, int) to authenticated, service_role;
grant execute on function workflows.diff(jsonb, jsonb) to authenticated, service_role;
grant execute on function workflows.changed_fields(jsonb, jsonb, text) to authenticated, service_role;
grant execute on function workflows.object_of(jsonb) to authenticated, service_role;
grant execute on function workflows.nodes_of(jsonb) to authenticated, service_role;
grant execute on function workflows.node_label(jsonb) to authenticated, service_role;
grant execute on function workflows.connections_of(jsonb) to authenticated, service_role;
