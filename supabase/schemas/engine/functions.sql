-- Which functions of schema nodes a workspace's workflows may call.
create table public.workspace_functions (
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  function_name text not null,
  enabled_by uuid,
  enabled_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, function_name),
  constraint a_name_is_plain check (function_name ~ '^[a-z_][a-z0-9_]{0,62}$')
);
comment on table public.workspace_functions is 'Functions of schema nodes that a workspace has enabled.';
alter table public.workspace_functions enable row level security;
create policy "members read" on public.workspace_functions for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.workspace_functions to authenticated, service_role;
-- no write: enable_function() checks that there is such a function

create function engine.is_node_function(name text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select case
    when is_node_function.name ~ '^[a-z_][a-z0-9_]{0,62}$'
      and is_node_function.name not in ('invoke', 'give_to_role')
      then to_regprocedure(format('nodes.%I(jsonb,jsonb)', is_node_function.name)) is not null
    else false
  end
$$;
comment on function engine.is_node_function(text) is 'Is there a function nodes.<name>(jsonb, jsonb)?';

-- An enabled function is also a type of node of the workspace, ACTION.<name>, whose parameters are the
-- function's arguments. What it takes is what the admin says, else any object; what it does stands in its
-- comment.
create function engine.enable_function(
  function_name text, workspace_id uuid, enabled boolean, specification jsonb
)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workspace uuid := coalesce(enable_function.workspace_id, workspaces.default_id());
  v_name text := enable_function.function_name;
  v_specification jsonb := coalesce(nullif(enable_function.specification, 'null'), '{}');
  v_problems jsonb;
begin
  perform workspaces.require(v_workspace, 'admin');
  if not coalesce(enable_function.enabled, true) then
    -- its type goes with it; deployed workflows that call it end in function_not_enabled
    delete from public.workspace_functions f
    where f.workspace_id = v_workspace and f.function_name = v_name;
    return false;
  end if;
  if not coalesce(engine.is_node_function(v_name), false) then
    perform platform.fail(404, 'function_not_found',
      format('There is no function nodes.%s(arguments jsonb, context jsonb)', v_name),
      'The project''s owner adds one by a migration.');
  end if;
  v_problems := workflows.specification_problems(v_specification);
  if v_problems <> '[]' then
    perform platform.fail(422, 'specification_invalid',
      format('The specification has %s problems', jsonb_array_length(v_problems)), v_problems::text);
  end if;
  insert into public.workspace_functions as f (workspace_id, function_name, enabled_by)
  values (v_workspace, v_name, (select auth.uid()))
  on conflict do nothing;
  if not found and enable_function.specification is null then
    return true;
  end if;
  insert into public.node_specifications as s
    (workspace_id, node_type, node_subtype, executor, specification_data)
  values (v_workspace, 'ACTION', v_name, 'edge',
    workflows.complete_specification('edge', jsonb_build_object(
      'description', coalesce(
        obj_description(to_regprocedure(format('nodes.%I(jsonb,jsonb)', v_name)), 'pg_proc'),
        format('Calls the function %s.', v_name)),
      'parameters', jsonb '{"type": "object"}',
      'outputs', jsonb '["main"]',
      'examples', jsonb '[]',
      'calls_function', true) || v_specification))
  on conflict on constraint a_type_has_one_specification do update
  set specification_data = excluded.specification_data;
  return true;
end
$$;
comment on function engine.enable_function(text, uuid, boolean, jsonb) is 'See public.enable_function.';
grant execute on function engine.enable_function(text, uuid, boolean, jsonb) to authenticated, service_role;

create function public.enable_function(
  function_name text, workspace_id uuid default null, enabled boolean default true,
  specification jsonb default null
)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.enable_function(enable_function.function_name, enable_function.workspace_id,
    enable_function.enabled, enable_function.specification)
$$;
comment on function public.enable_function(text, uuid, boolean, jsonb) is
  'Let a workspace''s workflows call a function of schema nodes, or no longer; it is a type of node, too, as '
  'its specification {description, parameters: JSON Schema, examples} says. '
  'Errors: workspace_not_found, role_insufficient, function_not_found, specification_invalid.';
grant execute on function public.enable_function(text, uuid, boolean, jsonb) to authenticated, service_role;

-- Executes a leased task, SQL_FUNCTION or a type of the workspace's own, and applies its result in the same
-- transaction: what the function wrote and the state change commit exactly once, or not at all. False when
-- the lease is gone.
-- Locks: the execution, then the task.
create function engine.call_function(worker_id text, task_id uuid, lease_token uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_task engine.tasks;
  v_described jsonb;
  v_name text;
  v_arguments jsonb;
  v_settled engine.settled;
begin
  perform from public.workflow_executions e
  where e.id = (select t.execution_id from engine.tasks t where t.id = call_function.task_id)
  for no key update;
  select * into v_task from engine.tasks t
  where t.id = call_function.task_id and t.lease_token = call_function.lease_token
    and t.worker_id = call_function.worker_id
  for update;
  if not found then
    return false;
  end if;
  v_described := engine.task_list(call_function.worker_id, array[v_task.id]) -> 0;
  v_name := v_described ->> 'subtype';
  v_arguments := v_described -> 'parameters';
  if v_name = 'SQL_FUNCTION' then
    v_name := v_arguments ->> 'function';
    v_arguments := v_arguments -> 'arguments';
  end if;
  v_settled.error := v_described -> 'problem';
  if v_settled.error is null and not (
      coalesce(engine.is_node_function(v_name), false) and exists (
        select from public.workspace_functions f
        where f.workspace_id = v_task.workspace_id and f.function_name = v_name)) then
    v_settled.error := jsonb_build_object('code', 'function_not_enabled',
      'message', format('The function %s is not enabled in this workspace', v_name));
  end if;
  if v_settled.error is null then
    begin
      v_settled.output := coalesce(nodes.invoke(v_name,
        coalesce(v_arguments, '{}'),
        jsonb_build_object(
          'workspace_id', v_task.workspace_id, 'workflow_id', v_task.workflow_id,
          'execution_id', v_task.execution_id, 'node_id', v_task.node_id,
          'attempt', v_task.attempt)), 'null');
    exception when others then
      v_settled.output := null;
      v_settled.error := jsonb_build_object('code', 'function_failed', 'message', sqlerrm,
        'details', jsonb_build_object('sqlstate', sqlstate),
        'retryable', sqlstate in ('40001', '40P01', '55P03'));
    end;
  end if;
  delete from engine.tasks t where t.id = v_task.id;
  v_settled.token := engine.token_of(v_task);
  v_settled.started_at := v_task.leased_at;
  v_settled.ended_at := engine.now();
  v_settled.passes := false;
  perform engine.apply(array[v_settled], null);
  return true;
end
$$;
comment on function engine.call_function(text, uuid, uuid) is
  'Execute a SQL_FUNCTION task and apply its result; false when its lease is gone.';
