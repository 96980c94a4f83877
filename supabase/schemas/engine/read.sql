create function public.get_execution(execution_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_execution public.workflow_executions;
begin
  select * into v_execution from public.workflow_executions e where e.id = get_execution.execution_id;
  if not found then
    perform workspaces.not_found('execution', get_execution.execution_id);
  end if;
  return jsonb_build_object(
    'execution', to_jsonb(v_execution),
    'nodes', coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', r.id, 'node_id', r.node_id, 'run_index', r.run_index,
        'item_index', r.scope -> 'item_index', 'attempt', r.attempt,
        'status', r.status, 'source_id', r.source_id,
        'input', i.input, 'output', case when r.passes_input then i.input else r.output_data end,
        'error', r.error_data, 'start_time', r.start_time, 'end_time', r.end_time
      ) order by r.start_time nulls last, r.id)
      from (
        select
          n.id, n.node_id, n.run_index, n.scope, n.attempt, n.status, n.source_id, n.input_id,
          n.passes_input, n.output_data, n.error_data, n.start_time, n.end_time
        from public.node_executions n where n.execution_id = v_execution.id
        union all
        select
          l.id, l.node_id, l.run_index, l.scope, l.attempt, l.status, l.source_id, l.input_id,
          false, null, null, l.start_time, null
        from public.live_node_executions l where l.execution_id = v_execution.id
      ) r
      cross join lateral (
        select case when r.input_id is null then v_execution.input
          else (
            select s.output_data from public.node_executions s
            where s.execution_id = v_execution.id and s.id = r.input_id)
        end as input
      ) i
    ), jsonb '[]'));
end
$$;
comment on function public.get_execution(uuid) is
  'An execution and its node runs in the order in which they ran, ended and live: {execution, nodes}. '
  'Errors: execution_not_found.';
grant execute on function public.get_execution(uuid) to authenticated, service_role;

create function public.get_execution_events(
  execution_id uuid, after bigint default 0, max_events int default 200
)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_execution record;
begin
  -- the status first: an execution that has ended has no later event than the ones read after it
  select e.status, e.end_time into v_execution from public.workflow_executions e
  where e.id = get_execution_events.execution_id;
  if not found then
    perform workspaces.not_found('execution', get_execution_events.execution_id);
  end if;
  return jsonb_build_object(
    'status', v_execution.status,
    'ended', v_execution.end_time is not null,
    'events', coalesce((
      select jsonb_agg(to_jsonb(l) - 'workspace_id' order by l.id)
      from (
        select g.* from public.workflow_execution_logs g
        where g.execution_id = get_execution_events.execution_id and g.id > get_execution_events.after
        order by g.id
        limit least(greatest(get_execution_events.max_events, 1), 1000)
      ) l
    ), jsonb '[]'));
end
$$;
comment on function public.get_execution_events(uuid, bigint, int) is
  'The execution''s log after a cursor, in commit order, and whether it has ended: {status, ended, events}. '
  'Errors: execution_not_found.';
grant execute on function public.get_execution_events(uuid, bigint, int) to authenticated, service_role;
