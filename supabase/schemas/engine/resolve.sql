-- Where a value is kept: the run whose output it is; an item of a FOR_EACH run is `<run>:<item>`. Null is the
-- execution's input. Only what stands in an item's scope can have that item as its input.
create function engine.reference(input_id uuid, scope text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  if scope <> '' and starts_with(substring(scope from '[^/]*$'), input_id || ':') then
    return substring(scope from '[^/]*$');
  end if;
  return input_id;
end
$$;
comment on function engine.reference(uuid, text) is 'Where an input is kept, as text.';
grant execute on function engine.reference(uuid, text) to authenticated, service_role;

create function engine.value_at(execution_id uuid, reference text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
  if reference is null then
    return (select e.input from public.workflow_executions e where e.id = value_at.execution_id);
  elsif reference like '%:%' then
    return (
      select n.output_data -> split_part(reference, ':', 2)::int from public.node_executions n
      where n.execution_id = value_at.execution_id and n.id = split_part(reference, ':', 1)::uuid);
  end if;
  return (
    select n.output_data from public.node_executions n
    where n.execution_id = value_at.execution_id and n.id = reference::uuid);
end
$$;
comment on function engine.value_at(uuid, text) is 'The value that a reference means.';
grant execute on function engine.value_at(uuid, text) to authenticated, service_role;

-- What templates see: {input, trigger, nodes, item, execution, workflow, vars, now}, as far as it is read.
-- `input` is the token's input where the caller has it at hand, else null and it is looked up.
create function engine.context(token engine.token, reads text[], input jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_context jsonb := jsonb '{}';
  v_execution record;
begin
  if reads && '{trigger,execution}'::text[] then
    select e.input, e.mode, e.start_time, e.trigger_node_id into v_execution
    from public.workflow_executions e where e.id = token.execution_id;
  end if;
  if 'input' = any (reads) then
    v_context := jsonb_build_object('input', coalesce(context.input,
      engine.value_at(token.execution_id, engine.reference(token.input_id, token.scope))));
  end if;
  if 'item' = any (reads) and token.scope <> '' then
    v_context := v_context || jsonb_build_object('item',
      engine.value_at(token.execution_id, substring(token.scope from '[^/]*$')));
  end if;
  if 'trigger' = any (reads) then
    v_context := v_context || jsonb_build_object('trigger', v_execution.input);
  end if;
  if 'nodes' = any (reads) then
    v_context := v_context || jsonb_build_object('nodes', coalesce((
      select jsonb_object_agg(a.key, engine.value_at(token.execution_id, a.value))
      from jsonb_each_text(token.ancestors) a), '{}'));
  end if;
  if 'execution' = any (reads) then
    v_context := v_context || jsonb_build_object('execution', jsonb_build_object(
      'id', token.execution_id, 'mode', v_execution.mode, 'start_time', v_execution.start_time,
      'trigger_node_id', v_execution.trigger_node_id, 'node_runs', token.run_index + 1));
  end if;
  if 'workflow' = any (reads) then
    v_context := v_context || jsonb_build_object('workflow', (
      select jsonb_build_object('id', w.id, 'name', w.name, 'version', token.version)
      from public.workflows w where w.id = token.workflow_id));
    if 'workflow.static' = any (reads) then
      v_context := jsonb_set(v_context, '{workflow,static}', engine.static_data(token.workflow_id, reads));
    end if;
  end if;
  if 'vars' = any (reads) then
    v_context := v_context || jsonb_build_object('vars', (
      select w.variables from public.workspaces w where w.id = token.workspace_id));
  end if;
  if 'now' = any (reads) then
    v_context := v_context || jsonb_build_object('now', engine.now());
  end if;
  return v_context;
end
$$;
comment on function engine.context(engine.token, text[], jsonb) is 'What templates and predicates see.';

-- What a parameter `items` found, as a list: nothing is no item, a single value is one.
create function engine.items_of(found jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select case
    when coalesce(found, 'null') = 'null' then jsonb '[]'
    when jsonb_typeof(found) <> 'array' then jsonb_build_array(found)
    -- a path with [*] over a single list finds that list's values; one that finds the list itself unpacks it
    else found
  end
$$;
comment on function engine.items_of(jsonb) is 'A value as a list of items.';

create function engine.count_of(value jsonb)
returns int
language sql
immutable
set search_path = ''
as $$
  select case
    when jsonb_typeof(value) = 'number' and value::numeric >= 1 then least(value::numeric, 2147483647)::int
  end
$$;
comment on function engine.count_of(jsonb) is 'A number of at least 1, or null.';

create function engine.matching(items jsonb, condition text, context jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(i order by o), '[]') from jsonb_array_elements(items) with ordinality e (i, o)
  where jsonb_path_match_tz(
    context || jsonb_build_object('item', i), condition::jsonpath, jsonb '{}', true)
$$;
comment on function engine.matching(jsonb, text, jsonb) is 'The items for which a predicate holds.';

-- Puts values into parameters. Paths never raise: what is not there is null in a template and false in a
-- predicate. Without `_tz` a path that compares a date with a time of a zone would raise, silent or not.
-- Bounded: many templates that each find much would take the claim of everybody else with them.
create function engine.resolve(parameters jsonb, bindings jsonb, context jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  c_max_bytes constant int := 2097152;
  v_resolved jsonb := parameters;
  v_binding jsonb;
  v_value jsonb;
  v_pieces text[];
  v_piece text;
  v_part jsonb;
  v_bytes bigint := 0;
begin
  for v_binding in select b from jsonb_array_elements(bindings) b loop
    if v_binding ? 'predicate' then
      v_value := to_jsonb(coalesce(
        jsonb_path_match_tz(context, (v_binding ->> 'predicate')::jsonpath, jsonb '{}', true), false));
    elsif v_binding ? 'path' then
      v_value := engine.find(context, v_binding);
      v_bytes := v_bytes + pg_column_size(v_value);
    else
      v_pieces := array[]::text[];
      for v_part in select p from jsonb_array_elements(v_binding -> 'text') p loop
        v_piece := coalesce(
          case jsonb_typeof(v_part) when 'string' then v_part else engine.find(context, v_part) end #>> '{}',
          '');
        v_pieces := v_pieces || v_piece;
        v_bytes := v_bytes + octet_length(v_piece);
        exit when v_bytes > c_max_bytes;
      end loop;
      v_value := to_jsonb(array_to_string(v_pieces, ''));
    end if;
    if v_bytes > c_max_bytes then
      perform platform.fail(413, 'parameters_too_large',
        format('The parameters of this node came to more than %s bytes', c_max_bytes),
        'Let its templates find less: pass an address of the data.');
    end if;
    v_resolved := jsonb_set(v_resolved, (v_binding ->> 'at')::text[], v_value);
  end loop;
  return v_resolved;
end
$$;
comment on function engine.resolve(jsonb, jsonb, jsonb) is 'Put values into a node''s parameters.';

create function engine.find(context jsonb, template jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if (template -> 'many')::boolean then
    return jsonb_path_query_array_tz(context, (template ->> 'path')::jsonpath, jsonb '{}', true);
  end if;
  return coalesce(
    jsonb_path_query_first_tz(context, (template ->> 'path')::jsonpath, jsonb '{}', true), jsonb 'null');
end
$$;
comment on function engine.find(jsonb, jsonb) is 'The value of one template.';
