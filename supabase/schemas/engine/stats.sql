-- Of a workflow's executions, all or those since a time. Read by the index of the workflow's executions,
-- whose ids are bounded by that time, with a day for clocks that differ.
create function public.get_execution_stats(workflow_id uuid, since timestamptz default null)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if not exists (
      select from public.workflows w where w.id = get_execution_stats.workflow_id
        -- everybody sees a public template
        and workspaces.may_read(w.workspace_id)) then
    perform workspaces.not_found('workflow', get_execution_stats.workflow_id);
  end if;
  return (
    select jsonb_build_object(
      'total_executions', count(*),
      'successful_executions', count(*) filter (where e.status = 'SUCCESS'),
      'failed_executions', count(*) filter (where e.status = 'ERROR'),
      'canceled', count(*) filter (where e.status = 'CANCELED'),
      'timed_out', count(*) filter (where e.status = 'TIMEOUT'),
      'running', count(*) filter (where e.end_time is null),
      -- of those that came to an end by themselves
      'success_rate', round(count(*) filter (where e.status = 'SUCCESS')::numeric
        / nullif(count(*) filter (where e.status in ('SUCCESS', 'ERROR', 'TIMEOUT')), 0), 4),
      'avg_duration_ms', round(avg(d.ms)),
      'p50_duration_ms', round(percentile_cont(0.5) within group (order by d.ms)),
      'p95_duration_ms', round(percentile_cont(0.95) within group (order by d.ms)),
      'last_execution_at', max(e.created_at))
    from public.workflow_executions e
    cross join lateral (
      select case when e.status in ('SUCCESS', 'ERROR', 'TIMEOUT')
        then extract(epoch from e.end_time - e.start_time)::float8 * 1000 end as ms) d
    where e.workflow_id = get_execution_stats.workflow_id
      and e.id >= platform.uuid7_floor(
        least(greatest(get_execution_stats.since, '2020-01-01'), '2200-01-01') - interval '1 day')
      and e.created_at >= coalesce(get_execution_stats.since, '-infinity'));
end
$$;
comment on function public.get_execution_stats(uuid, timestamptz) is
  'Counts of a workflow''s executions by how they ended, and how long those took that were not canceled: '
  '{total_executions, successful_executions, failed_executions, canceled, timed_out, running, success_rate, '
  'avg_duration_ms, p50_duration_ms, p95_duration_ms, last_execution_at}. Errors: workflow_not_found.';
grant execute on function public.get_execution_stats(uuid, timestamptz) to authenticated, service_role;
