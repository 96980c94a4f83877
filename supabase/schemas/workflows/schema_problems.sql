-- A place in a document as a path: $.nodes[2].parameters."content-type"
create function workflows.path_of(base text, place text[])
returns text
language sql
immutable
set search_path = ''
as $$
  select path_of.base || coalesce(string_agg(
    case
      when p ~ '^\d+$' then '[' || p || ']'
      when p ~ '^[A-Za-z_][A-Za-z0-9_]*$' then '.' || p
      else '.' || to_jsonb(p)::text
    end, '' order by o), '')
  from unnest(path_of.place) with ordinality u (p, o)
$$;
comment on function workflows.path_of(text, text[]) is 'A place in a document, written as a JSON path.';

-- Checks a value against the part of JSON Schema that node specifications use: type, enum, required,
-- properties, additionalProperties, items, minItems, maxItems, minLength, maxLength, pattern, minimum,
-- maximum. A string with a template in it may become anything, so it fits everywhere that takes templates:
-- not where the schema says "format": "literal".
create function workflows.schema_problems(
  schema jsonb,
  subject jsonb,
  path text,
  templates boolean default true
)
returns table (code text, message text, at text)
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_type text := jsonb_typeof(subject);
  v_text text := subject #>> '{}';
  v_key text;
  v_value jsonb;
begin
  if templates and v_type = 'string' and position('{{' in v_text) > 0
     and schema ->> 'format' is distinct from 'literal' then
    return;
  end if;
  if schema ? 'type' and not (
       (schema -> 'type') @> to_jsonb(v_type)
       or (schema -> 'type') @> '"integer"' and v_type = 'number' and v_text::numeric % 1 = 0) then
    return query
      select 'parameter_type',
        format('is %s, not %s', v_type, coalesce((
          select string_agg(t, ' or ')
          from jsonb_array_elements_text(
            case jsonb_typeof(schema -> 'type')
              when 'array' then schema -> 'type'
              else jsonb_build_array(schema -> 'type')
            end) t), '')),
        path;
    return;
  end if;
  if schema ? 'enum' and not (schema -> 'enum') @> subject then
    return query
      select 'parameter_value',
        format('is none of %s',
          (select string_agg(e, ', ') from jsonb_array_elements_text(schema -> 'enum') e)),
        path;
  end if;
  if v_type = 'string' then
    if length(v_text) < (schema ->> 'minLength')::int then
      return query
        select 'parameter_value', format('has fewer than %s characters', schema ->> 'minLength'), path;
    elsif length(v_text) > (schema ->> 'maxLength')::int then
      return query
        select 'parameter_value', format('has more than %s characters', schema ->> 'maxLength'), path;
    elsif v_text !~ (schema ->> 'pattern') then
      return query select 'parameter_value', format('does not look like %s', schema ->> 'pattern'), path;
    end if;
  elsif v_type = 'number' then
    if v_text::numeric < (schema ->> 'minimum')::numeric then
      return query select 'parameter_value', format('is less than %s', schema ->> 'minimum'), path;
    elsif v_text::numeric > (schema ->> 'maximum')::numeric then
      return query select 'parameter_value', format('is more than %s', schema ->> 'maximum'), path;
    end if;
  elsif v_type = 'array' then
    if jsonb_array_length(subject) < (schema ->> 'minItems')::int then
      return query
        select 'parameter_value', format('has fewer than %s elements', schema ->> 'minItems'), path;
    elsif jsonb_array_length(subject) > (schema ->> 'maxItems')::int then
      return query
        select 'parameter_value', format('has more than %s elements', schema ->> 'maxItems'), path;
    end if;
    return query
      select p.* from jsonb_array_elements(subject) with ordinality e (item, n),
        workflows.schema_problems(
          coalesce(schema -> 'items', '{}'), e.item,
          workflows.path_of(path, array[(e.n - 1)::text]), templates) p;
  elsif v_type = 'object' then
    return query
      select 'parameter_missing', format('%s is required', r), workflows.path_of(path, array[r])
      from jsonb_array_elements_text(coalesce(schema -> 'required', '[]')) r
      where not subject ? r;
    for v_key, v_value in select e.key, e.value from jsonb_each(subject) e loop
      if schema -> 'properties' ? v_key then
        return query
          select * from workflows.schema_problems(
            schema -> 'properties' -> v_key, v_value, workflows.path_of(path, array[v_key]), templates);
      elsif jsonb_typeof(schema -> 'additionalProperties') = 'object' then
        return query
          select * from workflows.schema_problems(
            schema -> 'additionalProperties', v_value, workflows.path_of(path, array[v_key]), templates);
      elsif schema -> 'additionalProperties' = 'false' then
        return query
          select 'parameter_unknown', format('%s is no parameter of this node', v_key),
            workflows.path_of(path, array[v_key]);
      end if;
    end loop;
  end if;
end
$$;
comment on function workflows.schema_problems(jsonb, jsonb, text, boolean) is
  'What is wrong with a value under a JSON Schema. '
  'Codes: parameter_type, parameter_value, parameter_missing, parameter_unknown.';
