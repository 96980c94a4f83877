-- Every broken invariant of the engine. Empty, always. One statement, so that it looks at one moment.
create function engine.violations()
returns table (rule text, execution_id uuid, detail text)
language sql
volatile
security definer
set search_path = ''
as $$
  select 'a live execution has a live token', e.id, e.status
  from public.workflow_executions e
  where e.end_time is null
    and not exists (select from engine.tasks t where t.execution_id = e.id)
    and not exists (select from engine.waits w where w.execution_id = e.id)
  union all
  select 'a live execution can move', e.id, e.status
  from public.workflow_executions e
  where e.end_time is null
    and exists (select from engine.waits w where w.execution_id = e.id)
    and not exists (select from engine.tasks t where t.execution_id = e.id)
    -- joins wait for others of their execution
    and not exists (
      select from engine.waits w
      where w.execution_id = e.id and w.kind not in ('merge', 'collect', 'for_each'))
  union all
  select 'a wait is held exactly while its execution is paused', w.execution_id, w.kind || ' ' || w.id
  from engine.waits w
  join public.workflow_executions e on e.id = w.execution_id
  where w.is_held and e.status <> 'PAUSED'
    or not w.is_held and e.status = 'PAUSED' and w.kind in ('ready', 'turn', 'timer', 'retry', 'caller')
  union all
  select 'nothing of a paused execution is ready', t.execution_id, t.id::text
  from engine.tasks t
  join public.workflow_executions e on e.id = t.execution_id
  where e.status = 'PAUSED' and t.lease_token is null
  union all
  select 'a start waits exactly while its execution is new', e.id, e.status
  from public.workflow_executions e
  where e.status = 'NEW' and not exists (
    select from engine.waits w where w.execution_id = e.id and w.kind in ('turn', 'slot'))
  union all
  select 'a collected result has its join', c.execution_id, c.node_id
  from engine.collected c
  where not exists (
    select from engine.waits w
    where w.execution_id = c.execution_id and w.kind = 'collect' and w.for_run = c.for_run
      and w.node_id = c.node_id)
  union all
  select 'what joins keep belongs to a live execution', m.execution_id, m.node_id
  from (select c.execution_id, c.node_id from engine.collected c
        union all select g.execution_id, g.node_id from engine.merged g) m
  where not exists (
    select from public.workflow_executions e where e.id = m.execution_id and e.end_time is null)
  union all
  select 'a sub-workflow''s end is told', w.execution_id, w.id::text
  from engine.waits w
  where w.kind = 'children' and w.until > (select engine.now()) and not w.is_held and exists (
      select from public.workflow_executions c
      where c.parent_execution_id = w.execution_id and c.parent_run_id = w.id and c.end_time is not null
        and c.status <> 'SUCCESS' and c.end_time < (select engine.now()) - interval '1 minute')
  union all
  select 'a sub-workflow that is waited for has its wait', c.id, c.parent_run_id::text
  from public.workflow_executions c
  where c.end_time is null and c.parent_run_id is not null
    and not exists (select from engine.waits w where w.id = c.parent_run_id)
    and not exists (select from engine.cancellations k where k.execution_id = c.id)
  union all
  select 'a cancellation is carried out', c.execution_id, null
  from engine.cancellations c
  -- one that came too late is the tick's to remove
  where not exists (
    select from public.workflow_executions e
    where e.id = c.execution_id and coalesce(e.end_time >= (select engine.now()) - interval '1 minute', true))
  union all
  select 'a slot belongs to a live execution', s.execution_id, s.key
  from engine.slots s
  where s.released_at is null and not exists (
    select from public.workflow_executions e where e.id = s.execution_id and e.end_time is null)
  union all
  select 'a limit is kept', null, l.id || ' has ' || count(*)
  from engine.slots s
  join public.execution_limits l on l.id = s.limit_id
  where s.admitted_at is not null and s.released_at is null and l.policy <> 'cancel_oldest'
  group by l.id, l.max_concurrency, s.key
  having count(*) > l.max_concurrency
  union all
  select 'a token belongs to a live execution', l.execution_id, l.kind || ' ' || l.id
  from (select t.execution_id, t.id, 'task' as kind from engine.tasks t
        union all select w.execution_id, w.id, 'wait' from engine.waits w) l
  where not exists (
    select from public.workflow_executions e where e.id = l.execution_id and e.end_time is null)
  union all
  select 'a token is in one place', t.execution_id, t.id::text
  from engine.tasks t join engine.waits w on w.id = t.id
  union all
  select 'a live token has not ended', t.execution_id, t.id::text
  from (select t.execution_id, t.id from engine.tasks t
        union all select w.execution_id, w.id from engine.waits w) t
  where exists (select from public.node_executions n where n.execution_id = t.execution_id and n.id = t.id)
  union all
  select 'a token stands at a compiled node', l.execution_id, l.node_id
  from (select t.execution_id, t.workflow_id, t.version, t.node_id from engine.tasks t
        union all
        select w.execution_id, w.workflow_id, w.version, w.node_id
        from engine.waits w where w.kind <> 'caller') l
  where not exists (
    select from engine.plan p
    where p.workflow_id = l.workflow_id and p.version = l.version and p.node_id = l.node_id)
  union all
  select 'an execution that its caller runs waits for him alone', e.id, e.status
  from public.workflow_executions e
  where e.end_time is null and (
    e.executed_by_caller and (
      exists (select from engine.tasks t where t.execution_id = e.id)
      or exists (select from engine.waits w where w.execution_id = e.id and w.kind <> 'caller'))
    or not e.executed_by_caller
      and exists (select from engine.waits w where w.execution_id = e.id and w.kind = 'caller'))
  union all
  select 'a question waits for its answer', i.execution_id, i.node_id || ' ' || i.id
  from public.human_interactions i
  where i.status = 'pending'
    and not exists (select from engine.waits w where w.id = i.id and w.kind = 'human')
  union all
  select 'who waits for an answer has asked', w.execution_id, w.node_id || ' ' || w.id
  from engine.waits w
  where w.kind = 'human' and (
    not exists (select from public.human_interactions i where i.id = w.id)
    -- over, and nobody will look at it
    or w.until > (select engine.now()) + interval '1 minute' and exists (
      select from public.human_interactions i where i.id = w.id and i.status <> 'pending'))
  union all
  select 'a stored answer is looked at', null, r.id || ' was received at ' || r.received_at
  from public.hil_responses r
  where r.status = 'unprocessed' and r.received_at < (select engine.now()) - interval '1 minute'
  union all
  select 'an execution waits for people exactly when nothing else moves', e.id, e.status
  from public.workflow_executions e
  where e.end_time is null and e.status in ('RUNNING', 'WAITING_FOR_HUMAN')
    and (e.status = 'WAITING_FOR_HUMAN') <> (
      exists (select from engine.waits w where w.execution_id = e.id and w.kind = 'human')
      and not exists (select from engine.tasks t where t.execution_id = e.id)
      and not exists (
        select from engine.waits w
        where w.execution_id = e.id and w.kind not in ('human', 'merge', 'collect', 'for_each')))
  union all
  select 'a question''s pause ends with it', p.execution_id, p.id::text
  from public.workflow_execution_pauses p
  where p.status = 'active' and (
    p.pause_reason = 'human_interaction' and not exists (
      select from public.human_interactions i where i.id = p.id and i.status = 'pending')
    or not exists (
      select from public.workflow_executions e where e.id = p.execution_id and e.end_time is null
        and (p.pause_reason <> 'user' or e.status = 'PAUSED')))
  union all
  select 'a lease that expired is taken back', t.execution_id, t.id || ' expired at ' || t.lease_until
  from engine.tasks t where t.lease_until < (select engine.now()) - interval '1 minute'
  union all
  select 'a wait that is due ends', w.execution_id, w.id || ' was due at ' || w.until
  from engine.waits w where w.until < (select engine.now()) - interval '1 minute' and not w.is_held
  union all
  select 'a run counter agrees with its runs', r.execution_id,
    r.node_id || r.scope || ' counts ' || r.runs || ', has ' || a.runs
  from engine.node_runs r
  cross join lateral (
    select count(distinct x.run_index) as runs from (
      select n.run_index from public.node_executions n
      where n.execution_id = r.execution_id and n.scope = r.scope and n.node_id = r.node_id
      union all
      select t.run_index from engine.tasks t
      where t.execution_id = r.execution_id and t.scope = r.scope and t.node_id = r.node_id
      union all
      select w.run_index from engine.waits w
      where w.execution_id = r.execution_id and w.scope = r.scope and w.node_id = r.node_id
        and w.run_index is not null and w.kind not in ('for_each', 'collect', 'merge')) x
  ) a
  where a.runs <> r.runs
  union all
  select 'a counter belongs to a live execution', r.execution_id, r.node_id
  from engine.node_runs r
  where not exists (
    select from public.workflow_executions e where e.id = r.execution_id and e.end_time is null)
  union all
  select v.rule, v.execution_id, v.detail from search.violations() v
$$;
comment on function engine.violations() is 'Broken invariants of the engine; empty, always.';
