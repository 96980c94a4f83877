-- What runs out next, and what was missed.
create view public.pending_interaction_timeouts with (security_invoker = true) as
  select i.id, i.workspace_id, i.workflow_id, i.execution_id, i.node_id, i.interaction_type,
    i.channel_type, i.priority, i.request_data ->> 'title' as title, i.assignees, i.created_at, i.timeout_at,
    extract(epoch from i.timeout_at - engine.now()) as seconds_left,
    i.request_data ->> 'timeout_action' as timeout_action, i.reminded_at, i.escalated_at
  from public.human_interactions i
  where i.status = 'pending';
comment on view public.pending_interaction_timeouts is
  'Questions without an answer and how long there is to give one; order by timeout_at.';
grant select on public.pending_interaction_timeouts to authenticated, service_role;

-- How long answers take, by who gave them and by the way in which they were asked for.
create view public.interaction_metrics with (security_invoker = true) as
  select i.workspace_id, i.workflow_id, i.channel_type,
    coalesce('user:' || (i.responded_by ->> 'user'), 'email:' || (i.responded_by ->> 'email'),
      'slack:' || (i.responded_by ->> 'slack'), 'webhook:' || (i.responded_by ->> 'webhook'),
      'service') as assignee,
    count(*) as answers,
    count(*) filter (where i.outcome = 'approved') as approved,
    count(*) filter (where i.outcome = 'rejected') as rejected,
    count(*) filter (where i.outcome = 'answered') as answered,
    avg(extract(epoch from i.responded_at - i.created_at)) as average_seconds,
    percentile_cont(0.5) within group (order by extract(epoch from i.responded_at - i.created_at))
      as median_seconds,
    percentile_cont(0.95) within group (order by extract(epoch from i.responded_at - i.created_at))
      as p95_seconds,
    max(i.responded_at) as last_answer_at
  from public.human_interactions i
  where i.status = 'responded'
  group by 1, 2, 3, 4;
comment on view public.interaction_metrics is 'Time to answer, by assignee and channel.';
grant select on public.interaction_metrics to authenticated, service_role;
