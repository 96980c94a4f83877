-- Every string in a JSON value, with its place.
create function workflows.strings_in(value jsonb)
returns table (place text[], content text)
language sql
immutable
set search_path = ''
as $$
  with recursive walk (place, value) as (
    select '{}'::text[], strings_in.value
    union all
    select w.place || e.key, e.value
    from walk w
    cross join lateral (
      select o.key, o.value
      from jsonb_each(case jsonb_typeof(w.value) when 'object' then w.value else '{}' end) o
      union all
      select (a.ordinality - 1)::text, a.value
      from jsonb_array_elements(case jsonb_typeof(w.value) when 'array' then w.value else '[]' end)
        with ordinality a
    ) e
  )
  select w.place, w.value #>> '{}' from walk w where jsonb_typeof(w.value) = 'string'
$$;
comment on function workflows.strings_in(jsonb) is 'Every string in a JSON value, with its place.';

-- The part of a JSON Schema that describes a place of the document.
create function workflows.schema_at(schema jsonb, place text[])
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_schema jsonb := schema;
  v_key text;
begin
  foreach v_key in array place loop
    v_schema := coalesce(v_schema #> array['properties', v_key],
      v_schema -> case when v_key ~ '^[0-9]+$' then 'items' else 'additionalProperties' end);
  end loop;
  return v_schema;
end
$$;
comment on function workflows.schema_at(jsonb, text[]) is 'The schema of a place in a document.';

-- Turns the templates of a node's parameters into bindings that engine.resolve() applies:
--   {parameters,
--    bindings: [{at, path, many} | {at, predicate} | {at, text: [literal, {path}, literal, ...]}],
--    reads: [roots], nodes: [ids], items: [places that read $.item], problems: [{code, message, at}]}
-- A string whose schema says "format": "predicate" is a path itself, braces or not. So is an
-- "item_predicate", but it has no binding, as the engine asks it of each item: `parameters` holds its
-- canonical text, and the $.item in it is its own. A "literal" has no templates.
create function workflows.compile_parameters(parameters jsonb, schema jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_template constant text := '\{\{(.*?)\}\}';
  v_string record;
  v_format text;
  v_parameters jsonb := parameters;
  v_bindings jsonb := jsonb '[]';
  v_compiled jsonb;
  v_all jsonb := jsonb '[]';
  v_problems jsonb := jsonb '[]';
  v_paths text[];
  v_literals text[];
  v_parts jsonb;
begin
  for v_string in select s.place, s.content from workflows.strings_in(parameters) s loop
    v_format := workflows.schema_at(schema, v_string.place) ->> 'format';
    continue when v_format = 'literal';
    if v_format in ('predicate', 'item_predicate') then
      v_compiled := workflows.compile_predicate(v_string.content);
      if v_format = 'predicate' then
        v_bindings := v_bindings || jsonb_build_object(
          'at', v_string.place::text, 'predicate', v_compiled ->> 'path');
      elsif v_compiled ? 'path' then
        v_parameters := jsonb_set(v_parameters, v_string.place, v_compiled -> 'path');
        v_compiled := v_compiled || jsonb_build_object('reads', (v_compiled -> 'reads') - 'item');
      end if;
      v_all := v_all || (v_compiled || jsonb_build_object('at', v_string.place));
      continue;
    end if;
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
