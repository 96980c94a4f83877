-- Steps counted, for each workspace of the caller. Reads all of a workspace's statistics: for people who
-- look, not for every request. The size is the whole table's, and so the operator's alone.
create view public.step_stats
with (security_invoker = true)
as
select
  w.id as workspace_id,
  n.total_steps,
  t.steps_with_success,
  -- steps that were never executed have ranking 0
  coalesce(round(t.ranking / nullif(n.total_steps, 0), 6), 0) as avg_ranking,
  t.total_successes,
  t.total_failures,
  case when (select workspaces.caller_bypasses_rls())
    then pg_size_pretty(pg_total_relation_size('public.workflow_steps')) end as table_size
from public.workspaces w
cross join lateral (
  select count(*) as total_steps from public.workflow_steps s where s.workspace_id = w.id) n
cross join lateral (
  select
    count(*) filter (where c.succeeded > 0) as steps_with_success,
    sum(search.document_rank(c.succeeded, c.failed, c.duration_ms, c.last_executed_at,
      (select engine.now()))) as ranking,
    coalesce(sum(c.succeeded), 0) as total_successes,
    coalesce(sum(c.failed), 0) as total_failures
  from public.workflow_step_stats c
  where c.workspace_id = w.id) t;
comment on view public.step_stats is
  'How many steps there are, how they are ranked and how they went, by workspace.';
grant select on public.step_stats to authenticated, service_role;
