-- What is wrong with the JSON Schema of a form, or would go unchecked in silence: what people fill in is held
-- to it by workflows.schema_problems(), and the page and Slack draw their fields from it. Words about a field
-- (title, description, format, ...) may be any.
create function hil.form_problems(schema jsonb, place text[] default '{}')
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  c_count constant jsonb := jsonb '{"type": "integer", "minimum": 0, "maximum": 1000000}';
  c_names constant jsonb := jsonb '{"type": "array", "items": {"type": "string"}}';
  c_number constant jsonb := jsonb '{"type": "number"}';
  c_schema constant jsonb := jsonb_build_object('type', 'object', 'properties', jsonb '{
      "type": {"type": ["string", "array"]}, "enum": {"type": "array", "minItems": 1},
      "properties": {"type": "object", "additionalProperties": {"type": "object"}},
      "additionalProperties": {"type": ["boolean", "object"]}, "items": {"type": "object"},
      "title": {"type": "string"}, "description": {"type": "string"}, "format": {"type": "string"},
      "pattern": {"type": "string", "maxLength": 500}, "uniqueItems": {"type": "boolean"},
      "oneOf": {"type": "array", "minItems": 1, "items": {"type": "object"}}
    }' || jsonb_build_object(
      'minItems', c_count, 'maxItems', c_count, 'minLength', c_count, 'maxLength', c_count,
      'minimum', c_number, 'maximum', c_number, 'exclusiveMinimum', c_number, 'exclusiveMaximum', c_number,
      'multipleOf', c_number || jsonb '{"minimum": 0.000001}', 'required', c_names,
      'dependentRequired', jsonb_build_object('type', 'object', 'additionalProperties', c_names)));
  c_not_taken constant text[] := array['$ref', '$dynamicRef', 'allOf', 'anyOf', 'not', 'if', 'then', 'else',
    'contains', 'prefixItems', 'propertyNames', 'patternProperties', 'dependentSchemas', 'dependencies',
    'minProperties', 'maxProperties', 'minContains', 'maxContains',
    'unevaluatedItems', 'unevaluatedProperties'];
  v_problems jsonb := workflows.schema_problems(c_schema, schema, false, place);
  v_key text;
  v_part jsonb;
begin
  if v_problems <> '[]' then
    return v_problems;
  elsif cardinality(place) > 20 then
    return workflows.problem('parameter_value', 'is nested too deep for a form', place);
  end if;
  select coalesce(jsonb_agg(p), '[]') into v_problems
  from jsonb_object_keys(schema) k
  cross join lateral jsonb_array_elements(
    workflows.problem('parameter_value', 'is not understood in a form', place || k)) p
  where k = any (c_not_taken);
  v_problems := v_problems || workflows.meta_problems(
    (select coalesce(jsonb_object_agg(e.key, e.value), '{}') from jsonb_each(schema) e
     where e.key in ('type', 'pattern')), place);
  -- choices with titles, or fields of which one is needed
  if exists (select from jsonb_array_elements(schema -> 'oneOf') o where not o ? 'const')
     and workflows.meta_problems(jsonb_build_object('oneOf', schema -> 'oneOf'), place) <> '[]' then
    v_problems := v_problems || workflows.problem(
      'parameter_value', 'is a list of {const, title}, or of {required}', place || 'oneOf'::text);
  end if;
  for v_key, v_part in select p.key, p.value from jsonb_each(schema -> 'properties') p loop
    v_problems := v_problems || hil.form_problems(v_part, place || array['properties', v_key]);
  end loop;
  foreach v_key in array '{items,additionalProperties}'::text[] loop
    if jsonb_typeof(schema -> v_key) = 'object' then
      v_problems := v_problems || hil.form_problems(schema -> v_key, place || v_key);
    end if;
  end loop;
  return v_problems;
end
$$;
comment on function hil.form_problems(jsonb, text[]) is 'What is wrong with the JSON Schema of a form.';
