-- What lists show of a workflow: all but what it does. Of a public template, others learn nothing of how its
-- workspace uses it.
create function workflows.summary(workflow public.workflows)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select to_jsonb(workflow) - '{deleted_at,undeployed_at,deployed_by}'::text[] || jsonb_build_object(
    'is_favorite', exists (
      select from public.workflow_favorites f
      where f.user_id = (select auth.uid()) and f.workflow_id = workflow.id),
    'latest_execution_id', e.id,
    'latest_execution_status', coalesce(e.status, 'IDLE'),
    'latest_execution_time', coalesce(e.start_time, e.created_at))
    || case when one.is_others then jsonb '{"folder": null, "session_id": null}' else '{}' end
  from (select workflow.is_public and not workspaces.may_read(workflow.workspace_id) as is_others) one
  left join lateral (
    select x.id, x.status, x.start_time, x.created_at from public.workflow_executions x
    where x.workflow_id = workflow.id and not one.is_others order by x.id desc limit 1
  ) e on true
$$;
comment on function workflows.summary(public.workflows) is
  'A workflow as lists show it: its row, is_favorite, its latest execution.';

-- A node and what is attached to it without credentials: also n8n's, which an import keeps by name and id.
create function workflows.without_credentials(node jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select (node - 'credentials') #- '{n8n,credentials}'
      #- case node ->> 'subtype'
        when 'PLACEHOLDER' then '{parameters,source,credentials}' else '{-}'
      end::text[]
    || case jsonb_typeof(node -> 'attached_nodes')
      when 'array' then jsonb_build_object('attached_nodes', (
        select coalesce(jsonb_agg(
          case jsonb_typeof(a) when 'object' then workflows.without_credentials(a) else a end
            order by o), '[]')
        from jsonb_array_elements(node -> 'attached_nodes') with ordinality e (a, o)))
      else '{}'
    end
$$;
comment on function workflows.without_credentials(jsonb) is
  'A node without the credentials that it or its parts use.';

-- What a definition keeps to itself when it leaves its workspace: which credentials it uses, the workflows
-- that it calls, outputs that were pinned, and the export that it was imported from, which has all of these.
-- Answers {definition, removed: [{node_id, path}]}.
create function workflows.without_private(definition jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  with node as (
    select n, o,
      array_remove(array[
        -- an empty list of them is no loss
        case
          when workflows.without_credentials(n)
            <> case when n -> 'credentials' in ('{}', 'null') then n - 'credentials' else n end
            then 'credentials'
        end,
        case when n #>> '{parameters,workflow_id}' !~ '^\{\{' then 'parameters.workflow_id' end
      ], null) as hidden
    from jsonb_array_elements(definition -> 'nodes') with ordinality e (n, o)
  )
  select jsonb_build_object(
    'definition', (definition - 'pin_data') #- '{meta,source,workflow}'
      || jsonb_build_object('nodes', coalesce(jsonb_agg(
        workflows.without_credentials(n)
        -- a webhook without the proof that it asked for would take anybody's requests
        || case
          when 'credentials' = any (hidden) and n ->> 'type' = 'TRIGGER' and n ->> 'subtype' = 'WEBHOOK'
            then jsonb '{"disabled": true}'
          else '{}'
        end
        #- case
          when 'parameters.workflow_id' = any (hidden) then '{parameters,workflow_id}'::text[] else '{-}'
        end order by o), '[]')),
    'removed', coalesce((
      select jsonb_agg(jsonb_build_object('node_id', r.n -> 'id', 'path', h.path) order by r.o, h.path)
      from node r cross join unnest(r.hidden) h (path)), '[]') || coalesce((
      select jsonb_agg(jsonb_build_object('node_id', p, 'path', 'pin_data') order by p)
      from jsonb_object_keys(case jsonb_typeof(definition -> 'pin_data')
        when 'object' then definition -> 'pin_data' else '{}' end) p), '[]')
      || case when definition #> '{meta,source,workflow}' is null then '[]'
        else jsonb '[{"node_id": null, "path": "meta.source.workflow"}]' end)
  from node
$$;
comment on function workflows.without_private(jsonb) is
  'A definition without credentials, called workflows, pinned outputs and its export, and what was taken '
  'out.';

-- Members see all of it; anybody else a public template, in its current version.
create function workflows.get_one(workflow_id uuid, version int)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
  v_workflow public.workflows;
  v_version public.workflow_versions;
  v_is_member boolean;
begin
  select * into v_workflow from public.workflows w where w.id = get_one.workflow_id and w.deleted_at is null;
  v_is_member := v_workflow.id is not null and workspaces.may_read(v_workflow.workspace_id);
  if v_workflow.id is null
     or not v_is_member and not (v_workflow.is_public and v_workflow.archived_at is null) then
    perform workspaces.not_found('workflow', get_one.workflow_id);
  end if;
  v_version := workflows.version_of(v_workflow, case when v_is_member then get_one.version end);
  return workflows.summary(v_workflow) || jsonb_build_object(
    'version', v_version.version,
    'parent_version', v_version.parent_version,
    -- they tell of what is taken out, and of where it came from
    'note', case when v_is_member then v_version.note end,
    'checksum', case when v_is_member then v_version.checksum end,
    'is_locked', v_version.is_locked,
    'definition', case when v_is_member
      then v_version.definition
      else workflows.without_private(v_version.definition) -> 'definition' end,
    'static_data', case when v_is_member then engine.static_data(v_workflow.id, '{}') end);
end
$$;
comment on function workflows.get_one(uuid, int) is 'See public.get_workflow.';
grant execute on function workflows.get_one(uuid, int) to authenticated, service_role;

create function public.get_workflow(workflow_id uuid, version int default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select workflows.get_one(get_workflow.workflow_id, get_workflow.version)
$$;
comment on function public.get_workflow(uuid, int) is
  'A workflow with the definition of its current version, or of the one named: {id, name, ..., is_favorite, '
  'latest_execution_id, latest_execution_status, latest_execution_time, version, parent_version, note, '
  'checksum, is_locked, definition, static_data}. Who is no member gets public templates, without note, '
  'checksum, executions, credentials and pinned outputs. Errors: workflow_not_found, version_not_found.';
grant execute on function public.get_workflow(uuid, int) to authenticated, service_role;
