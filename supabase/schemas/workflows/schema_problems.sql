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
-- dependentRequired, properties, additionalProperties, items, minItems, maxItems, uniqueItems, minLength,
-- maxLength, pattern, minimum, maximum, oneOf and not (of required fields); of forms also exclusiveMinimum,
-- exclusiveMaximum, multipleOf and oneOf of constants. A string with a template in it
-- may become anything, so it fits everywhere that takes templates: not where the schema says
-- "format": "literal". What is "opaque" is not looked into. Answers [{code, message, at: [keys]}], of a list
-- or an object the first hundred.
create function workflows.schema_problems(
  schema jsonb,
  subject jsonb,
  templates boolean default true,
  place text[] default '{}'
)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_type text := jsonb_typeof(subject);
  v_text text;
  v_types jsonb := schema -> 'type';
  v_part jsonb;
  v_key text;
  v_value jsonb;
  v_problems jsonb := jsonb '[]';
begin
  if v_type in ('string', 'number') then
    v_text := subject #>> '{}';
    if templates and v_type = 'string' and position('{{' in v_text) > 0
       and schema ->> 'format' is distinct from 'literal' then
      return v_problems;
    end if;
  end if;
  if v_types is not null and not v_types ? v_type
     and not (v_type = 'number' and v_types ? 'integer' and v_text::numeric % 1 = 0) then
    return workflows.problem('parameter_type', format('is %s, not %s', v_type, case jsonb_typeof(v_types)
      when 'array' then (select string_agg(t, ' or ') from jsonb_array_elements_text(v_types) t)
      else v_types #>> '{}'
    end), place);
  end if;
  if schema ? 'enum' and not (schema -> 'enum') @> subject then
    return workflows.problem('parameter_value', format('is none of %s',
      (select string_agg(e, ', ') from jsonb_array_elements_text(schema -> 'enum') e)), place);
  elsif schema #> '{oneOf,0}' ? 'const' then
    if not exists (select from jsonb_array_elements(schema -> 'oneOf') o where o -> 'const' = subject) then
      return workflows.problem('parameter_value', format('is none of %s',
        (select string_agg(o ->> 'const', ', ') from jsonb_array_elements(schema -> 'oneOf') o)), place);
    end if;
    return v_problems;
  end if;

  if v_type = 'string' then
    if length(v_text) < (schema ->> 'minLength')::int then
      return workflows.problem('parameter_value',
        format('has fewer than %s characters', schema ->> 'minLength'), place);
    elsif length(v_text) > (schema ->> 'maxLength')::int then
      return workflows.problem('parameter_value',
        format('has more than %s characters', schema ->> 'maxLength'), place);
    elsif v_text !~ (schema ->> 'pattern') then
      return workflows.problem('parameter_value',
        'does not look like ' || coalesce(schema -> 'examples' ->> 0 || ', ', '') || (schema ->> 'pattern'),
        place);
    elsif schema ->> 'format' = 'date-time' and not pg_input_is_valid(v_text, 'timestamptz') then
      return workflows.problem('parameter_value', 'is no time, as 2027-01-31T09:00:00Z', place);
    end if;
  elsif v_type = 'number' then
    if v_text::numeric < (schema ->> 'minimum')::numeric then
      return workflows.problem('parameter_value', format('is less than %s', schema ->> 'minimum'), place);
    elsif v_text::numeric > (schema ->> 'maximum')::numeric then
      return workflows.problem('parameter_value', format('is more than %s', schema ->> 'maximum'), place);
    elsif v_text::numeric <= (schema ->> 'exclusiveMinimum')::numeric then
      return workflows.problem('parameter_value',
        format('is not more than %s', schema ->> 'exclusiveMinimum'), place);
    elsif v_text::numeric >= (schema ->> 'exclusiveMaximum')::numeric then
      return workflows.problem('parameter_value',
        format('is not less than %s', schema ->> 'exclusiveMaximum'), place);
    elsif v_text::numeric % (schema ->> 'multipleOf')::numeric <> 0 then
      return workflows.problem('parameter_value',
        format('is no multiple of %s', schema ->> 'multipleOf'), place);
    end if;
  elsif schema ->> 'format' = 'opaque' then
    return v_problems;
  elsif v_type = 'array' then
    if jsonb_array_length(subject) < (schema ->> 'minItems')::int then
      v_problems := workflows.problem('parameter_value',
        format('has fewer than %s elements', schema ->> 'minItems'), place);
    elsif jsonb_array_length(subject) > (schema ->> 'maxItems')::int then
      v_problems := workflows.problem('parameter_value',
        format('has more than %s elements', schema ->> 'maxItems'), place);
    elsif schema -> 'uniqueItems' = 'true' and exists (
        select from jsonb_array_elements(subject) e group by e having count(*) > 1) then
      v_problems := workflows.problem('parameter_value', 'has one element twice', place);
    end if;
    if schema ? 'items' then
      for v_key, v_value in
        select e.n - 1, e.item from jsonb_array_elements(subject) with ordinality e (item, n)
      loop
        v_problems := v_problems
          || workflows.schema_problems(schema -> 'items', v_value, templates, place || v_key);
        -- a list of a hundred thousand would take minutes to put together
        exit when jsonb_array_length(v_problems) >= 100;
      end loop;
    end if;
  elsif v_type = 'object' then
    if schema ?| '{required,dependentRequired,oneOf,not}' then
      v_problems := workflows.requirement_problems(schema, subject, place);
    end if;
    if not schema ?| '{properties,additionalProperties}' then
      return v_problems;
    end if;
    for v_key, v_value in select e.key, e.value from jsonb_each(subject) e loop
      v_part := coalesce(schema -> 'properties' -> v_key, schema -> 'additionalProperties');
      if v_part = 'false' then
        v_problems := v_problems || workflows.problem('parameter_unknown',
          format('%s is no parameter of this node', v_key) || coalesce((
            select '; there are ' || string_agg(k, ', ' order by k)
            from jsonb_object_keys(schema -> 'properties') k), ''), place || v_key);
      elsif v_part is not null then
        v_problems := v_problems || workflows.schema_problems(v_part, v_value, templates, place || v_key);
      end if;
      exit when jsonb_array_length(v_problems) >= 100;
    end loop;
  end if;
  return v_problems;
end
$$;
comment on function workflows.schema_problems(jsonb, jsonb, boolean, text[]) is
  'What is wrong with a value under a JSON Schema. '
  'Codes: parameter_type, parameter_value, parameter_missing, parameter_unknown.';

create function workflows.problem(code text, message text, at text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_array(jsonb_build_object('code', code, 'message', message, 'at', to_jsonb(at)))
$$;
comment on function workflows.problem(text, text, text[]) is 'A list of one problem.';

-- Which fields an object must have, may have only with others, or must not have together.
create function workflows.requirement_problems(schema jsonb, subject jsonb, place text[])
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_field text;
  v_needed text[];
  v_choices text[];
  v_met int;
  v_problems jsonb := jsonb '[]';
begin
  for i in 0 .. coalesce(jsonb_array_length(schema -> 'required'), 0) - 1 loop
    v_field := schema -> 'required' ->> i;
    if not subject ? v_field then
      v_problems := v_problems
        || workflows.problem('parameter_missing', format('%s is required', v_field), place || v_field);
    end if;
  end loop;
  if schema ? 'dependentRequired' then
    for v_field, v_needed in
      select d.key, array(select jsonb_array_elements_text(d.value))
      from jsonb_each(schema -> 'dependentRequired') d
    loop
      if subject ? v_field and not subject ?& v_needed then
        v_problems := v_problems || workflows.problem('parameter_value',
          format('goes with %s only', array_to_string(v_needed, ' and ')), place || v_field);
      end if;
    end loop;
  end if;
  if schema ? 'oneOf' then
    select count(*) filter (where subject ?& c.needed),
      array_agg(array_to_string(c.needed, ' with ') order by c.o)
    into v_met, v_choices
    from (
      select array(select jsonb_array_elements_text(e -> 'required')) as needed, o
      from jsonb_array_elements(schema -> 'oneOf') with ordinality u (e, o)) c;
    if v_met = 0 then
      v_problems := v_problems || workflows.problem('parameter_missing',
        format('one of %s is required', array_to_string(v_choices, ', ')), place);
    elsif v_met > 1 then
      v_problems := v_problems || workflows.problem('parameter_value',
        format('only one of %s can be given', array_to_string(v_choices, ', ')), place);
    end if;
  end if;
  if schema ? 'not' then
    v_choices := array(select jsonb_array_elements_text(schema #> '{not,required}'));
    if subject ?& v_choices then
      v_problems := v_problems || workflows.problem('parameter_value',
        format('only one of %s can be given', array_to_string(v_choices, ', ')),
        place || v_choices[cardinality(v_choices)]);
    end if;
  end if;
  return v_problems;
end
$$;
comment on function workflows.requirement_problems(jsonb, jsonb, text[]) is
  'The part of schema_problems() about which fields an object has.';

create function workflows.with_defaults(parameters jsonb, schema jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(p.key, p.value -> 'default') filter (where p.value ? 'default'), '{}')
    || coalesce(parameters, '{}')
  from jsonb_each(schema -> 'properties') p
$$;
comment on function workflows.with_defaults(jsonb, jsonb) is
  'A node''s parameters, with its schema''s defaults where they say nothing.';
