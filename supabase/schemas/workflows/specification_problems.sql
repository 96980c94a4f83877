-- What is wrong with a specification that an admin gives: {description, parameters, examples}. Its schema may
-- use what schema_problems() understands, so that nothing in it goes unchecked in silence.
create function workflows.specification_problems(specification jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_problems jsonb;
begin
  if octet_length(specification::text) > 65536 then
    return workflows.problem('specification_too_large', 'has more than 64 KiB', '{}');
  end if;
  v_problems := workflows.schema_problems(jsonb '{
    "type": "object", "additionalProperties": false, "properties": {
      "description": {"type": "string", "minLength": 1, "maxLength": 2000},
      "parameters": {"type": "object"},
      "examples": {"type": "array", "maxItems": 20, "items": {"type": "object"}}
    }}', specification, false);
  if v_problems <> '[]' or not specification ? 'parameters' then
    return v_problems;
  end if;
  if specification #> '{parameters,type}' is distinct from '"object"' then
    return workflows.problem('parameter_value', 'is not the type of an object', '{parameters,type}');
  end if;
  return workflows.meta_problems(specification -> 'parameters', '{parameters}');
end
$$;
comment on function workflows.specification_problems(jsonb) is 'What is wrong with a given specification.';

-- What is wrong with a JSON Schema, or not understood.
create function workflows.meta_problems(schema jsonb, place text[])
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_count constant jsonb := jsonb '{"type": "integer", "minimum": 0, "maximum": 1000000}';
  c_names constant jsonb := jsonb '{"type": "array", "items": {"type": "string"}}';
  c_needed constant jsonb := jsonb_build_object('type', 'object', 'required', '["required"]'::jsonb,
    'additionalProperties', false, 'properties', jsonb_build_object('required', c_names));
  c_schema constant jsonb := jsonb_build_object('type', 'object', 'additionalProperties', false,
    'properties', jsonb '{
      "title": {"type": "string"}, "description": {"type": "string"}, "default": {},
      "enum": {"type": "array"}, "examples": {"type": "array"},
      "format": {"type": "string", "enum": ["literal", "opaque", "predicate", "item_predicate", "date-time"]},
      "type": {"type": ["string", "array"]}, "uniqueItems": {"type": "boolean"},
      "properties": {"type": "object", "additionalProperties": {"type": "object"}},
      "additionalProperties": {"type": ["boolean", "object"]}, "items": {"type": "object"},
      "pattern": {"type": "string", "maxLength": 500},
      "minimum": {"type": "number"}, "maximum": {"type": "number"}
    }' || jsonb_build_object(
      'minItems', c_count, 'maxItems', c_count, 'minLength', c_count, 'maxLength', c_count,
      'required', c_names, 'not', c_needed,
      'oneOf', jsonb_build_object('type', 'array', 'minItems', 1, 'items', c_needed),
      'dependentRequired', jsonb_build_object('type', 'object', 'additionalProperties', c_names)));
  v_problems jsonb := workflows.schema_problems(c_schema, schema, false, place);
  v_key text;
  v_part jsonb;
begin
  if v_problems <> '[]' then
    return v_problems;
  end if;
  if exists (
    select from jsonb_path_query(schema, '$.type[*]') t
    where t not in ('"string"', '"number"', '"integer"', '"boolean"', '"object"', '"array"', '"null"')
  ) then
    v_problems := workflows.problem(
      'parameter_value', 'names a type that JSON has not', place || 'type'::text);
  end if;
  if schema ? 'pattern' then
    begin
      -- a pattern with back references or with constraints that look around can burn minutes
      if schema ->> 'pattern' ~ '\\[1-9]' then
        v_problems := v_problems || workflows.problem(
          'parameter_value', 'refers back to a group', place || 'pattern'::text);
      elsif schema ->> 'pattern' ~ '\(\?<?[=!]' then
        v_problems := v_problems || workflows.problem(
          'parameter_value', 'looks ahead or behind', place || 'pattern'::text);
      -- so can bounds within bounds, and many of them: all that hooks answer waits for it
      elsif workflows.pattern_size(schema ->> 'pattern') > 1000 then
        v_problems := v_problems || workflows.problem(
          'parameter_value', 'repeats too much: written out it has more than 1000 parts',
          place || 'pattern'::text);
      elsif '' ~ (schema ->> 'pattern') then
        null;
      end if;
    exception when invalid_regular_expression then
      v_problems := v_problems || workflows.problem(
        'parameter_value', 'is no regular expression', place || 'pattern'::text);
    end;
  end if;
  for v_key, v_part in select p.key, p.value from jsonb_each(schema -> 'properties') p loop
    v_problems := v_problems || workflows.meta_problems(v_part, place || array['properties', v_key]);
  end loop;
  foreach v_key in array '{items,additionalProperties}'::text[] loop
    if jsonb_typeof(schema -> v_key) = 'object' then
      v_problems := v_problems || workflows.meta_problems(schema -> v_key, place || v_key);
    end if;
  end loop;
  return v_problems;
end
$$;
comment on function workflows.meta_problems(jsonb, text[]) is
  'What is wrong with a JSON Schema, or not understood.';

-- How many parts a regular expression has once its bounds are written out, as Postgres does it: a{3} is aaa.
-- Infinity of the old dialect, whose brackets are written otherwise.
create function workflows.pattern_size(pattern text)
returns float8
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- of the groups that are open, outermost first
  v_outer float8[] := array[]::float8[];
  v_size float8 := 0;
  v_last float8 := 0;
  v_rest text := pattern;
  v_part text;
  v_times float8;
begin
  if pattern ~ '^(\*\*\*:)?\(\?[a-z]*b' then
    return float8 'Infinity';
  end if;
  while v_rest <> '' loop
    -- an escape, a set of characters, a bound, or one character
    v_part := substring(v_rest from
      '^(?:\\.|\[\^?\]?(?:\[[:.=][^]]*[:.=]\]|\\.|[^]\\])*\]|\{[0-9]+(?:,[0-9]*)?\}|.)');
    v_rest := substr(v_rest, 1 + greatest(length(v_part), 1));
    case
      when v_part = '(' then
        v_outer := v_outer || v_size;
        v_size := 0;
        v_last := 0;
      when v_part = ')' and cardinality(v_outer) > 0 then
        v_last := v_size;
        v_size := v_size + v_outer[cardinality(v_outer)];
        v_outer := trim_array(v_outer, 1);
      when v_part ~ '^\{[0-9]' then
        v_times := coalesce(
          nullif(substring(v_part from ',([0-9]+)'), ''), substring(v_part from '[0-9]+'))::float8;
        v_size := v_size + v_last * greatest(v_times - 1, 0);
        v_last := v_last * greatest(v_times, 1);
      when v_part in ('*', '+', '?', '|', '^', '$') then null;
      else
        v_last := 1;
        v_size := v_size + 1;
    end case;
  end loop;
  return v_size;
end
$$;
comment on function workflows.pattern_size(text) is 'How many parts a regular expression has, written out.';
