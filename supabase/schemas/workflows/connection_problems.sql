-- What a connection joins, and under which condition.
create function workflows.connection_problems(
  nodes jsonb, connections jsonb, specifications jsonb, within text[]
)
returns setof workflows.diagnostic
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_ids text[] := array(select n ->> 'id' from jsonb_array_elements(nodes) n);
  v_for_each text[] := array(
    select n ->> 'id' from jsonb_array_elements(nodes) n
    where n ->> 'type' = 'FLOW' and n ->> 'subtype' = 'FOR_EACH' and n -> 'disabled' is distinct from 'true');
begin
  return query
    with node as (
      select distinct on (n ->> 'id') n ->> 'id' as id, n ->> 'type' as type,
        case
          when s.specification -> 'outputs_any' = 'true' then null
          else jsonb_array_length(s.specification -> 'outputs') + case
            when not s.specification ? 'outputs_by' then 0
            when jsonb_typeof(n -> 'parameters' -> (s.specification ->> 'outputs_by')) = 'array'
              then jsonb_array_length(n -> 'parameters' -> (s.specification ->> 'outputs_by'))
          end
        end as outputs,
        coalesce((s.specification ->> 'inputs_limit')::int, 1) as inputs
      from jsonb_array_elements(nodes) n
      cross join lateral (
        select specifications -> ((n ->> 'type') || '.' || (n ->> 'subtype'))) s (specification)
    )
    select t.code, t.message, c.connection ->> 'source',
      '$.connections[' || (c.o - 1) || ']' || t.field, 'error', 'deploying'
    from jsonb_array_elements(connections) with ordinality c (connection, o)
    left join node source on source.id = c.connection ->> 'source'
    left join node target on target.id = c.connection ->> 'target'
    cross join lateral (
      select coalesce(c.connection ->> 'type', 'MAIN') as type,
        coalesce(c.connection -> 'conditions', 'null') in ('null', '{}') as is_open
    ) k
    cross join lateral (values
      ('output_unknown', 'Nothing leaves this node', '.source', source.outputs = 0),
      ('output_unknown', format('The source has outputs 0 to %s', source.outputs - 1), '.index',
        source.outputs > 0 and k.type in ('MAIN', 'CONDITIONAL')
        and jsonb_typeof(c.connection -> 'index') = 'number'
        and (c.connection ->> 'index')::numeric >= source.outputs),
      ('input_unknown',
        case target.inputs
          when 1 then 'The target has one input, 0'
          else format('The target has inputs 0 to %s', target.inputs - 1)
        end,
        '.target_index',
        jsonb_typeof(c.connection -> 'target_index') = 'number'
        and (c.connection ->> 'target_index')::numeric > target.inputs - 1),
      ('trigger_has_no_input', 'Nothing leads to a TRIGGER node', '.target', target.type = 'TRIGGER'),
      ('connection_type_not_taken', 'These two nodes connect by MAIN, SUCCESS, ERROR or CONDITIONAL', '.type',
        k.type not in ('MAIN', 'SUCCESS', 'ERROR', 'CONDITIONAL')),
      ('conditions_missing', 'A CONDITIONAL connection has conditions', '.conditions',
        k.type = 'CONDITIONAL' and k.is_open),
      ('conditions_not_taken', 'A connection of this type has no conditions', '.conditions',
        k.type not in ('MAIN', 'SUCCESS', 'CONDITIONAL') and not k.is_open),
      ('conditions_not_taken', 'Conditions are a path predicate, as $.input.amount > 100', '.conditions',
        k.type in ('MAIN', 'SUCCESS', 'CONDITIONAL') and not k.is_open
        and jsonb_typeof(c.connection -> 'conditions') <> 'string')
    ) t (code, message, field, is_broken)
    where jsonb_typeof(c.connection) = 'object' and t.is_broken;
  return query
    select e.p ->> 'code', e.p ->> 'message', c.connection ->> 'source',
      '$.connections[' || (c.o - 1) || '].conditions', 'error', 'deploying'
    from jsonb_array_elements(connections) with ordinality c (connection, o)
    cross join lateral workflows.compile_predicate(c.connection ->> 'conditions') k
    cross join lateral (
      select p from jsonb_array_elements(k -> 'problems') p
      union all
      select jsonb_build_object(
        'code', 'node_reference_unknown', 'message', format('$.nodes.%s: there is no such node', r))
      from jsonb_array_elements_text(k -> 'nodes') r
      where (r = any (v_ids)) is not true
      union all
      select jsonb_build_object(
        'code', 'path_root_unknown', 'message', '$.item is only there inside a FOR_EACH')
      where k -> 'reads' ? 'item'
        and (c.connection ->> 'source' = any (within || v_for_each)) is not true
    ) e (p)
    where jsonb_typeof(c.connection -> 'conditions') = 'string'
      and coalesce(c.connection ->> 'type', 'MAIN') in ('MAIN', 'SUCCESS', 'CONDITIONAL');
end
$$;
comment on function workflows.connection_problems(jsonb, jsonb, jsonb, text[]) is
  'What is wrong with connections.';
