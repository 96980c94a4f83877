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
  v_content text;
  v_parameters jsonb := parameters;
  v_bindings jsonb := jsonb '[]';
  v_compiled jsonb[];
  v_one jsonb;
  v_count int := 0;
  v_reads jsonb := jsonb '[]';
  v_nodes jsonb := jsonb '[]';
  v_items jsonb := jsonb '[]';
  v_problems jsonb := jsonb '[]';
  v_paths text[];
  v_literals text[];
  v_parts jsonb;
begin
  for v_string in select s.place, s.content, s.format from workflows.templates_in(parameters, schema) s loop
    if v_string.format in ('predicate', 'item_predicate') then
      v_one := workflows.compile_predicate(v_string.content);
      if v_string.format = 'predicate' then
        v_bindings := v_bindings || jsonb_build_object(
          'at', v_string.place::text, 'predicate', v_one ->> 'path');
      elsif v_one ? 'path' then
        v_parameters := jsonb_set(v_parameters, v_string.place, v_one -> 'path');
        v_one := v_one || jsonb_build_object('reads', (v_one -> 'reads') - 'item');
      end if;
      v_compiled := array[v_one];
    else
      continue when position('{{' in v_string.content) = 0;
      v_content := btrim(v_string.content);
      if left(v_content, 2) = '{{' and position('}}' in v_content) = length(v_content) - 1
         and position('{{' in substr(v_content, 3)) = 0 then
        -- one template and nothing around it keeps its JSON type
        v_one := workflows.compile_path(substr(v_content, 3, length(v_content) - 4));
        v_compiled := array[v_one];
        v_bindings := v_bindings || jsonb_build_object('at', v_string.place::text,
          'path', v_one ->> 'path', 'many', coalesce(v_one -> 'many', 'false'));
      else
        v_paths := array(select m[1] from regexp_matches(v_string.content, c_template, 'g') m);
        v_literals := regexp_split_to_array(v_string.content, c_template);
        if position('{{' in v_literals[cardinality(v_literals)]) > 0 then
          v_problems := v_problems || jsonb_build_object(
            'code', 'template_unclosed', 'message', '{{ without }}', 'at', v_string.place);
        end if;
        continue when cardinality(v_paths) = 0;
        v_compiled := '{}';
        v_parts := '[]';
        for i in 1 .. cardinality(v_literals) loop
          v_parts := v_parts || to_jsonb(v_literals[i]);
          if i <= cardinality(v_paths) then
            v_one := workflows.compile_path(v_paths[i]);
            v_compiled := v_compiled || v_one;
            v_parts := v_parts || jsonb_build_object(
              'path', v_one ->> 'path', 'many', coalesce(v_one -> 'many', 'false'));
          end if;
        end loop;
        v_bindings := v_bindings || jsonb_build_object('at', v_string.place::text, 'text', v_parts);
      end if;
    end if;
    foreach v_one in array v_compiled loop
      v_count := v_count + 1;
      v_reads := v_reads || coalesce(v_one -> 'reads', '[]');
      v_nodes := v_nodes || coalesce(v_one -> 'nodes', '[]');
      if v_one -> 'reads' ? 'item' then
        v_items := v_items || jsonb_build_array(v_string.place);
      end if;
      if v_one -> 'problems' <> '[]' then
        v_problems := v_problems || (
          select jsonb_agg(p || jsonb_build_object('at', v_string.place))
          from jsonb_array_elements(v_one -> 'problems') p);
      end if;
    end loop;
  end loop;
  if v_count > 200 then
    v_problems := v_problems || jsonb_build_object(
      'code', 'templates_too_many',
      'message', format('A node has at most 200 templates; this one has %s', v_count),
      'at', jsonb '[]');
  end if;
  if jsonb_array_length(v_reads) > 1 then
    v_reads := to_jsonb(array(select distinct r from jsonb_array_elements_text(v_reads) r order by 1));
  end if;
  if jsonb_array_length(v_nodes) > 1 then
    v_nodes := to_jsonb(array(select distinct n from jsonb_array_elements_text(v_nodes) n order by 1));
  end if;
  return jsonb_build_object('parameters', v_parameters, 'bindings', v_bindings,
    'reads', v_reads, 'nodes', v_nodes, 'items', v_items, 'problems', v_problems);
end
$$;
comment on function workflows.compile_parameters(jsonb, jsonb) is
  'Turn the templates in a node''s parameters into bindings.';
