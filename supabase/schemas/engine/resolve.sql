-- What templates see: {input, trigger, nodes, execution, workflow, vars, now}, as far as the node reads it.
-- `input` is the node's input where the caller has it at hand, else null and it is looked up.
create function engine.context(token engine.token, plan engine.plan, input jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_context jsonb := jsonb '{}';
  v_execution record;
  v_input jsonb := context.input;
begin
  if plan.reads && '{trigger,execution}'::text[]
     or (v_input is null and token.input_id is null and 'input' = any (plan.reads)) then
    select e.input, e.mode, e.start_time, e.trigger_node_id into v_execution
    from public.workflow_executions e where e.id = token.execution_id;
  end if;
  if 'input' = any (plan.reads) then
    if v_input is null and token.input_id is null then
      v_input := v_execution.input;
    elsif v_input is null then
      select n.output_data into v_input from public.node_executions n
      where n.execution_id = token.execution_id and n.id = token.input_id;
    end if;
    v_context := jsonb_build_object('input', v_input);
  end if;
  if 'trigger' = any (plan.reads) then
    v_context := v_context || jsonb_build_object('trigger', v_execution.input);
  end if;
  if 'nodes' = any (plan.reads) then
    -- an ancestor that only passed its input on refers to the run whose output that was; null is
    -- the execution's input
    v_context := v_context || jsonb_build_object('nodes', coalesce((
      select jsonb_object_agg(a.key, case when a.value = 'null'
        then (select e.input from public.workflow_executions e where e.id = token.execution_id)
        else (select n.output_data from public.node_executions n
              where n.execution_id = token.execution_id and n.id = (a.value #>> '{}')::uuid) end)
      from jsonb_each(token.ancestors) a), '{}'));
  end if;
  if 'execution' = any (plan.reads) then
    v_context := v_context || jsonb_build_object('execution', jsonb_build_object(
      'id', token.execution_id, 'mode', v_execution.mode, 'start_time', v_execution.start_time,
      'trigger_node_id', v_execution.trigger_node_id, 'node_runs', token.run_index + 1));
  end if;
  if 'workflow' = any (plan.reads) then
    v_context := v_context || jsonb_build_object('workflow', (
      select jsonb_build_object('id', w.id, 'name', w.name, 'version', token.version)
      from public.workflows w where w.id = token.workflow_id));
  end if;
  if 'vars' = any (plan.reads) then
    v_context := v_context || jsonb_build_object('vars', (
      select w.variables from public.workspaces w where w.id = token.workspace_id));
  end if;
  if 'now' = any (plan.reads) then
    v_context := v_context || jsonb_build_object('now', engine.now());
  end if;
  return v_context;
end
$$;
comment on function engine.context(engine.token, engine.plan, jsonb) is 'What the templates of a node see.';

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
