-- Every string in a JSON value that may be or hold a template, with its place and the format that its schema
-- says. What is "opaque" is not looked into, what is "literal" has no templates.
create function workflows.templates_in(value jsonb, schema jsonb)
returns table (place text[], content text, format text)
language plpgsql  -- which keeps the plan
immutable
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with recursive walk (place, value, schema) as (
      select '{}'::text[], templates_in.value, templates_in.schema
      union all
      select w.place || e.key, e.value, e.schema
      from walk w
      cross join lateral (
        select o.key, o.value, coalesce(w.schema -> 'properties' -> o.key, w.schema -> 'additionalProperties')
        from jsonb_each(case jsonb_typeof(w.value) when 'object' then w.value else '{}' end) o
        union all
        select (a.ordinality - 1)::text, a.value, w.schema -> 'items'
        from jsonb_array_elements(case jsonb_typeof(w.value) when 'array' then w.value else '[]' end)
          with ordinality a
      ) e (key, value, schema)
      where w.schema ->> 'format' is distinct from 'opaque'
    )
    select w.place, w.value #>> '{}', w.schema ->> 'format'
    from walk w
    where jsonb_typeof(w.value) = 'string'
      and coalesce(w.schema ->> 'format', '') not in ('literal', 'opaque');
end
$$;
comment on function workflows.templates_in(jsonb, jsonb) is
  'Every string in a JSON value that may hold a template, with its place and format.';

-- Turns the templates of a node's parameters into bindings that engine.resolve() applies:
--   {parameters,
--    bindings: [{at, path, many} | {at, predicate} | {at, text: [literal, {path}, literal, ...]}],
--    reads: [roots], nodes: [ids], items: [places that read $.item], problems: [{code, message, at}]}
-- A string whose schema says "format": "predicate" is a path itself, braces or not. So is an
-- "item_predicate", but it has no binding, as the engine asks it of each item: `parameters` holds its
-- canonical text, and the $.item in it is its own.
create function workflows.compile_parameters(parameters jsonb, schema jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_template constant text := '\{\{(.*?)\}\}';
  v_string record;
  v_parameters jsonb := parameters;
  v_bindings jsonb := jsonb '[]';
  v_compiled jsonb;
  v_all jsonb := jsonb '[]';
  v_problems jsonb := jsonb '[]';
  v_paths text[];
  v_literals text[];
  v_parts jsonb;
begin
  for v_string in select s.place, s.content, s.format from workflows.templates_in(parameters, schema) s loop
    if v_string.format in ('predicate', 'item_predicate') then
      v_compiled := workflows.compile_predicate(v_string.content);
      if v_string.format = 'predicate' then
        v_bindings := v_bindings || jsonb_build_object(
          'at', v_string.place::text, 'predicate', v_compiled ->> 'path');
      elsif v_compiled ? 'path' then
        v_parameters := jsonb_set(v_parameters, v_string.place, v_compiled -> 'path');
        v_compiled := v_compiled || jsonb_build_object('reads', (v_compiled -> 'reads') - 'item');
      end if;
      v_all := v_all || (v_compiled || jsonb_build_object('at', v_string.place));
      continue;
    end if;
    continue when position('{{' in v_string.content) = 0;
    v_paths := array(select m[1] from regexp_matches(v_string.content, c_template, 'g') m);
    v_literals := regexp_split_to_array(v_string.content, c_template);
    if position('{{' in v_literals[cardinality(v_literals)]) > 0 then
      v_problems := v_problems || jsonb_build_object(
        'code', 'template_unclosed', 'message', '{{ without }}', 'at', v_string.place);
    end if;
    continue when cardinality(v_paths) = 0;
    v_parts := '[]';
    for i in 1 .. cardinality(v_literals) loop
      v_parts := v_parts || to_jsonb(v_literals[i]);
      if i <= cardinality(v_paths) then
        v_compiled := workflows.compile_path(v_paths[i]);
        v_all := v_all || (v_compiled || jsonb_build_object('at', v_string.place));
        v_parts := v_parts || jsonb_build_object(
          'path', v_compiled ->> 'path', 'many', coalesce(v_compiled -> 'many', 'false'));
      end if;
    end loop;
    -- one template and nothing around it keeps its JSON type
    if cardinality(v_paths) = 1 and btrim(array_to_string(v_literals, '')) = '' then
      v_bindings := v_bindings || (v_parts -> 1 || jsonb_build_object('at', v_string.place::text));
    else
      v_bindings := v_bindings || jsonb_build_object('at', v_string.place::text, 'text', v_parts);
    end if;
  end loop;
  if v_all = '[]' and v_problems = '[]' then
    return jsonb_build_object('parameters', v_parameters) || jsonb
      '{"bindings": [], "reads": [], "nodes": [], "items": [], "problems": []}';
  end if;
  if jsonb_array_length(v_all) > 200 then
    v_problems := v_problems || jsonb_build_object(
      'code', 'templates_too_many',
      'message', format('A node has at most 200 templates; this one has %s', jsonb_array_length(v_all)),
      'at', jsonb '[]');
  end if;
  return jsonb_build_object(
    'parameters', v_parameters,
    'bindings', v_bindings,
    'reads', to_jsonb(array(
      select distinct r
      from jsonb_array_elements(v_all) a, jsonb_array_elements_text(a -> 'reads') r
      order by 1)),
    'nodes', to_jsonb(array(
      select distinct n
      from jsonb_array_elements(v_all) a, jsonb_array_elements_text(a -> 'nodes') n
      order by 1)),
    'items', coalesce((
      select jsonb_agg(a -> 'at') from jsonb_array_elements(v_all) a where a -> 'reads' ? 'item'), '[]'),
    'problems', v_problems || coalesce((
      select jsonb_agg(p || jsonb_build_object('at', a -> 'at'))
      from jsonb_array_elements(v_all) a, jsonb_array_elements(a -> 'problems') p), '[]'));
end
$$;
comment on function workflows.compile_parameters(jsonb, jsonb) is
  'Turn the templates in a node''s parameters into bindings.';
