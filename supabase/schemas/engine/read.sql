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
      select jsonb_agg(to_jsonb(d) - '{execution_id,workspace_id}'::text[]
        order by d.start_time nulls last, d.id)
      from public.execution_data d where d.execution_id = v_execution.id), jsonb '[]'),
    'children', coalesce((
      select jsonb_agg(public.get_execution(c.id) order by c.id)
      from (
        select x.id from public.workflow_executions x
        where x.parent_execution_id = v_execution.id and x.parent_run_id is not null
        order by x.id limit 200) c), jsonb '[]'));
end
$$;
comment on function public.get_execution(uuid) is
  'An execution with its node runs in the order in which they ran, ended and live, and the executions of its '
  'sub-workflows (the first 200): {execution, nodes, children}. Errors: execution_not_found.';
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

-- What went through each node run, with the data that history keeps by reference.
create view public.execution_data with (security_invoker = true) as
  select
    r.execution_id, r.workspace_id, r.id, r.node_id, r.run_index,
    nullif(split_part(r.scope, ':', -1), '')::int as item_index, r.scope,
    r.lap, r.attempt, r.status, r.waits_for, r.source_id, r.reused_from,
    engine.value_at(r.execution_id, engine.reference(r.input_id, r.scope)) as input,
    case
      -- a RESPOND node's is the answer that it gave
      when r.passes_input and r.output_data is null
        then engine.value_at(r.execution_id, engine.reference(r.input_id, r.scope))
      else r.output_data
    end as output,
    r.error_data as error, r.start_time, r.end_time, r.until
  from (
    select
      n.execution_id, n.workspace_id, n.id, n.node_id, n.run_index, n.scope, n.lap, n.attempt, n.status,
      null::text as waits_for, n.source_id, n.reused_from, n.input_id, n.passes_input,
      n.output_data, n.error_data, n.start_time, n.end_time, null::timestamptz as until
    from public.node_executions n
    union all
    select
      l.execution_id, l.workspace_id, l.id, l.node_id, l.run_index, l.scope, l.lap, l.attempt, l.status,
      l.waits_for, l.source_id, null::uuid as reused_from, l.input_id, false as passes_input,
      null::jsonb as output_data, null::jsonb as error_data, l.start_time, null::timestamptz as end_time,
      nullif(l.until, 'infinity') as until
    from public.live_node_executions l
  ) r;
comment on view public.execution_data is 'Node runs, ended and live, with their input and output.';
grant select on public.execution_data to authenticated, service_role;
