-- A step with all that is known of it, as one row: what describes it, its statistics, its ranking now, its
-- vectors by the models that serve. Rankings and vectors are computed where they are selected: name the
-- columns that you need, and find steps by search_steps_*(), not by sorting this.
create view public.step_overview
with (security_invoker = true)
as
select
  s.id, s.workspace_id, s.user_id, s.app_name, s.window_title, s.element_path, s.step_name, s.definition,
  coalesce(t.succeeded, 0) as succeeded,
  coalesce(t.failed, 0) as failed,
  t.duration_ms,
  search.document_rank(t.succeeded, t.failed, t.duration_ms, t.last_executed_at,
    (select engine.now())) as ranking,
  search.robust_rank(t.succeeded, t.failed, t.duration_ms, t.last_executed_at, (select engine.now()),
    search.most_executions(s.workspace_id)) as robust_ranking,
  s.state_object_key, s.outcome_diff_key, s.workflow_name, s.workflow_description, s.workflow_text_id,
  s.workflow_id, s.node_id, s.terminator_version, s.environment, s.author, s.created_at, s.updated_at,
  -- a step that was never executed: when it came about
  coalesce(t.last_executed_at, s.created_at) as last_executed_at,
  (
    select v.embedding from search.vectors v
    where v.source_id = 1 and v.row_id = s.id
      and v.model_id = (select m.id from search.serving_model('steps.definition') m)
  ) as definition_embedding,
  (
    select v.embedding from search.vectors v
    where v.source_id = 2 and v.row_id = s.workflow_text_id
      and v.model_id = (select m.id from search.serving_model('steps.workflow') m)
  ) as workflow_embedding,
  s.search_vector
from public.workflow_steps s
left join public.workflow_step_stats t on t.step_id = s.id;
comment on view public.step_overview is
  'Steps with statistics, rankings and vectors. ranking: the document''s formula; '
  'robust_ranking: certain success.';
grant select on public.step_overview to authenticated, service_role;

-- How often a workspace's most executed step was, as search ranks it: what refreshing corpora found.
create function search.most_executions(workspace_id uuid)
returns int
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return coalesce((
    select c.max_executions from search.corpora c where c.workspace_id = most_executions.workspace_id
      and workspaces.may_read(c.workspace_id)), 0);
end
$$;
comment on function search.most_executions(uuid) is
  'Executions of the workspace''s most executed step, a number for ranking.';
grant execute on function search.most_executions(uuid) to authenticated, service_role;
