-- The specifications of the types of a definition's nodes, {"ACTION.NOOP": {...}}: the system's, and the
-- workspace's own.
create function workflows.specifications_of(nodes jsonb, workspace_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(
    jsonb_object_agg(
      s.node_type || '.' || s.node_subtype, s.specification_data - '{description,examples}'::text[]),
    '{}')
  from (
    select distinct n ->> 'type' as type, n ->> 'subtype' as subtype
    from jsonb_array_elements(specifications_of.nodes) n) k
  join public.node_specifications s on s.node_type = k.type and s.node_subtype = k.subtype
  where s.is_active and (s.workspace_id is null or s.workspace_id = specifications_of.workspace_id)
$$;
comment on function workflows.specifications_of(jsonb, uuid) is 'Specifications of the types of some nodes.';

-- What each node means by itself. Of a disabled node, which never runs, all of it is a warning.
create function workflows.node_problems(
  nodes jsonb, specifications jsonb, within text[], workspace_id uuid
)
returns setof workflows.diagnostic
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_ids text[] := array(select n ->> 'id' from jsonb_array_elements(nodes) n);
begin
  if not exists (
    select from jsonb_array_elements(nodes) n
    where n ->> 'type' = 'TRIGGER' and n -> 'disabled' is distinct from 'true'
  ) then
    return query
      select 'trigger_missing', 'A workflow starts at a TRIGGER node; there is none that is enabled',
        null::text, '$.nodes', 'error', 'deploying';
  end if;
  return query
    select p ->> 'code', p ->> 'message', n.node ->> 'id',
      workflows.path_of('$.nodes[' || (n.o - 1) || ']', workflows.keys_of(p)),
      w.severity, case w.severity when 'error' then 'deploying' end
    from jsonb_array_elements(nodes) with ordinality n (node, o)
    cross join lateral (
      select specifications -> ((n.node ->> 'type') || '.' || (n.node ->> 'subtype'))
      offset 0  -- taken out once, not at each use
    ) s (specification)
    cross join lateral jsonb_array_elements(
      workflows.type_problems(n.node, s.specification)
      || workflows.parameter_problems(n.node, s.specification)
      || workflows.template_problems(n.node, s.specification, v_ids, within)
      || workflows.credential_problems(n.node, s.specification, workspace_id)
      || case when node_problems.workspace_id is not null
        then workflows.call_problems(n.node, node_problems.workspace_id) else '[]' end
    ) p
    cross join lateral (
      select case
        when n.node -> 'disabled' = 'true'
          or p ->> 'code' in ('sub_workflow_unknown', 'function_not_enabled') then 'warning'
        else 'error'
      end
    ) w (severity)
    where jsonb_typeof(n.node) = 'object';
end
$$;
comment on function workflows.node_problems(jsonb, jsonb, text[], uuid) is
  'What is wrong with nodes, each by itself.';

create function workflows.type_problems(node jsonb, specification jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if jsonb_typeof(node -> 'type') = 'string' and jsonb_typeof(node -> 'subtype') = 'string'
     and specification is null then
    return workflows.problem('node_type_unknown',
      format('There is no node type %s.%s', node ->> 'type', node ->> 'subtype') || coalesce((
        select format('; of %s there are %s', s.node_type,
          string_agg(s.node_subtype, ', ' order by s.node_subtype))
        from public.node_specifications s
        where s.node_type = upper(node ->> 'type') and s.workspace_id is null and s.is_active
        group by s.node_type), ''), '{subtype}');
  elsif specification -> 'is_placeholder' = 'true' then
    return case
      when node -> 'disabled' = 'true' then workflows.problem('placeholder_disabled',
        'A placeholder passes its input on and does nothing: replace it', '{}')
      else workflows.problem('placeholder_enabled',
        'A placeholder cannot run: replace it, or disable it', '{}')
    end;
  elsif coalesce(node -> 'attached_nodes', '[]') not in ('{}', '[]', 'null') then
    return workflows.problem('attached_nodes_not_taken',
      'This type of node takes no attached nodes', '{attached_nodes}');
  end if;
  return jsonb '[]';
end
$$;
comment on function workflows.type_problems(jsonb, jsonb) is 'What is wrong with the type of a node.';

-- A trigger is indexed when it is deployed: there is nothing yet that a template could read.
create function workflows.parameter_problems(node jsonb, specification jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_given jsonb := coalesce(node -> 'parameters', '{}');
  v_kind text := (node ->> 'type') || '.' || (node ->> 'subtype');
  v_templates jsonb := jsonb '[]';
  v_problems jsonb;
  v_message text;
begin
  if specification is null or jsonb_typeof(v_given) <> 'object' then
    return jsonb '[]';
  end if;
  v_problems := workflows.schema_problems(specification -> 'parameters', v_given);
  if node ->> 'type' = 'TRIGGER' then
    v_templates := coalesce((
      select jsonb_agg(to_jsonb(t.place)) from workflows.templates_in(v_given, null) t
      where position('{{' in t.content) > 0), '[]');
  end if;
  if v_problems <> '[]' or v_templates <> '[]' then
    v_problems := coalesce((
      select jsonb_agg(p || jsonb_build_object(
        'at', jsonb '["parameters"]' || (p -> 'at'),
        'message', case
          when p ->> 'code' in ('parameter_missing', 'parameter_unknown') or p -> 'at' = '[]'
            then p ->> 'message'
          else ltrim(workflows.path_of('', workflows.keys_of(p)), '.') || ' ' || (p ->> 'message')
        end))
      from jsonb_array_elements(v_problems) p
      where not v_templates @> jsonb_build_array(p -> 'at')
        or p ->> 'code' in ('parameter_missing', 'parameter_unknown')), '[]')
    || coalesce((
      select jsonb_agg(jsonb_build_object('code', 'trigger_config_template',
        'message', 'What a trigger listens to is fixed when it is deployed: no templates',
        'at', jsonb '["parameters"]' || t))
      from jsonb_array_elements(v_templates) t), '[]');
    return v_problems;
  end if;

  if node ->> 'type' = 'HUMAN_IN_THE_LOOP' then
    -- the assignees are reached where the channel knows them
    if coalesce(v_given ->> 'channel', 'in_app') <> 'in_app'
       and coalesce(v_given ->> 'to', '') = '' and coalesce(v_given -> 'assignees', '[]') = '[]' then
      v_problems := workflows.problem('parameter_missing',
        format('to is required: whom %s asks', v_given ->> 'channel'), '{parameters,to}');
    end if;
    if v_kind = 'HUMAN_IN_THE_LOOP.INPUT' then
      v_problems := v_problems || hil.form_problems(v_given -> 'schema', '{parameters,schema}');
    end if;
  elsif v_kind = 'TRIGGER.CRON' then
    v_message := triggers.cron_problem(v_given ->> 'expression', 'UTC');
    if v_message is not null then
      v_problems := workflows.problem('cron_invalid', v_message, '{parameters,expression}');
    end if;
    v_message := triggers.cron_problem('@daily', coalesce(v_given ->> 'timezone', 'UTC'));
    if v_message is not null then
      v_problems := v_problems || workflows.problem('timezone_unknown', v_message, '{parameters,timezone}');
    end if;
  elsif v_kind = 'TRIGGER.WEBHOOK' then
    select string_agg(format('%s is there twice', d.segment), ', ') into v_message
    from (
      select s as segment from string_to_table(v_given ->> 'path', '/') s
      where s like ':%' group by 1 having count(*) > 1) d;
    if v_message is not null then
      v_problems := workflows.problem('path_parameter_duplicate', v_message, '{parameters,path}');
    end if;
  end if;
  return v_problems;
end
$$;
comment on function workflows.parameter_problems(jsonb, jsonb) is
  'What is wrong with the parameters of a node, templates aside.';

create function workflows.template_problems(node jsonb, specification jsonb, ids text[], within text[])
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_compiled jsonb;
begin
  if jsonb_typeof(node -> 'parameters') is distinct from 'object' or node ->> 'type' = 'TRIGGER' then
    return jsonb '[]';
  end if;
  v_compiled := workflows.compile_parameters(node -> 'parameters', specification -> 'parameters');
  if v_compiled -> 'reads' = '[]' and v_compiled -> 'problems' = '[]' then
    return jsonb '[]';
  end if;
  return coalesce((
    select jsonb_agg(jsonb_build_object('code', e.code, 'message', e.message, 'at',
      jsonb '["parameters"]' || coalesce(e.at, '[]')))
    from (
      select p ->> 'code', p ->> 'message', p -> 'at'
      from jsonb_array_elements(v_compiled -> 'problems') p
      union all
      select 'node_reference_unknown', format('$.nodes.%s: there is no such node', r), null
      from jsonb_array_elements_text(v_compiled -> 'nodes') r
      where (r = any (ids)) is not true
      union all
      select distinct 'path_root_unknown', '$.item is only there inside a FOR_EACH', i
      from jsonb_array_elements(v_compiled -> 'items') i
      where (node ->> 'id' = any (within)) is not true
    ) e (code, message, at)), '[]');
end
$$;
comment on function workflows.template_problems(jsonb, jsonb, text[], text[]) is
  'What is wrong with the templates of a node.';

-- node.credentials is {name: integration id}. Which integrations there are is the workspace's.
create function workflows.credential_problems(node jsonb, specification jsonb, workspace_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_given jsonb := coalesce(node -> 'credentials', '{}');
  v_taken jsonb := coalesce(specification -> 'credentials', '[]');
  v_credential jsonb;
  v_name text;
  v_id jsonb;
  v_problems jsonb := jsonb '[]';
begin
  if specification is null or specification -> 'is_placeholder' = 'true' then
    return v_problems;
  elsif v_taken = '[]' then
    return case
      when v_given in ('{}', '[]', 'null') then v_problems
      else workflows.problem(
        'credentials_not_taken', 'This type of node takes no credentials', '{credentials}')
    end;
  elsif jsonb_typeof(v_given) <> 'object' then
    return v_problems;
  end if;
  for v_name in select jsonb_object_keys(v_given) loop
    if not v_taken @> jsonb_build_array(jsonb_build_object('name', v_name)) then
      v_problems := v_problems || workflows.problem('credentials_not_taken',
        format('This type of node takes no credentials called %s', v_name), array['credentials', v_name]);
    end if;
  end loop;
  for v_credential in select e from jsonb_array_elements(v_taken) e loop
    v_name := v_credential ->> 'name';
    v_id := v_given -> v_name;
    if coalesce(v_id, 'null') in ('null', '""') then
      if v_credential -> 'required' = 'true'
         or v_credential ->> 'required_for_channel'
           in (node #>> '{parameters,channel}', node #>> '{parameters,escalation,channel}') then
        v_problems := v_problems || workflows.problem('credentials_missing',
          format('Needs an integration of %s', (
            select string_agg(p, ' or ') from jsonb_array_elements_text(v_credential -> 'providers') p)),
          array['credentials', v_name]);
      end if;
    elsif not workflows.is_integration(
        v_id #>> '{}', v_credential -> 'providers', credential_problems.workspace_id) then
      v_problems := v_problems || workflows.problem('credential_unknown',
        format('No active integration of %s in this workspace', (
          select string_agg(p, ' or ') from jsonb_array_elements_text(v_credential -> 'providers') p)),
        array['credentials', v_name]);
    end if;
  end loop;
  return v_problems;
end
$$;
comment on function workflows.credential_problems(jsonb, jsonb, uuid) is
  'What is wrong with the credentials of a node.';

-- Without a workspace nothing but its form can be told.
create function workflows.is_integration(id text, providers jsonb, workspace_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if not coalesce(pg_input_is_valid(is_integration.id, 'uuid'), false) then
    return false;
  elsif is_integration.workspace_id is null then
    return true;
  end if;
  return exists (
    select from public.integrations i
    where i.workspace_id = is_integration.workspace_id and i.id = is_integration.id::uuid
      and i.is_active and is_integration.providers ? i.provider);
end
$$;
comment on function workflows.is_integration(text, jsonb, uuid) is
  'Is this an active integration of the workspace with one of the providers?';

-- What a node calls may be made later: warnings.
create function workflows.call_problems(node jsonb, workspace_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_called text;
begin
  if node ->> 'subtype' = 'SUB_WORKFLOW' then
    v_called := node #>> '{parameters,workflow_id}';
    -- a template is no uuid, and must not be read as one
    if pg_input_is_valid(v_called, 'uuid') then
      if not exists (
          select from public.workflows w
          where w.id = v_called::uuid and w.workspace_id = call_problems.workspace_id) then
        return workflows.problem('sub_workflow_unknown',
          'This workspace has no such workflow', '{parameters,workflow_id}');
      end if;
    end if;
  elsif node ->> 'subtype' = 'SQL_FUNCTION' then
    v_called := node #>> '{parameters,function}';
    if not exists (
        select from public.workspace_functions f
        where f.workspace_id = call_problems.workspace_id and f.function_name = v_called) then
      return workflows.problem('function_not_enabled',
        format('The function %s is not enabled in this workspace', v_called), '{parameters,function}');
    end if;
  end if;
  return jsonb '[]';
end
$$;
comment on function workflows.call_problems(jsonb, uuid) is
  'Which workflow or function that a node calls is not there.';
