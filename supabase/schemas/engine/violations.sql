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
        union all select w.execution_id, w.workflow_id, w.version, w.node_id from engine.waits w) l
  where not exists (
    select from engine.plan p
    where p.workflow_id = l.workflow_id and p.version = l.version and p.node_id = l.node_id)
  union all
  select 'a lease that expired is taken back', t.execution_id, t.id || ' expired at ' || t.lease_until
  from engine.tasks t where t.lease_until < (select engine.now()) - interval '1 minute'
  union all
  select 'a wait that is due ends', w.execution_id, w.id || ' was due at ' || w.until
  from engine.waits w where w.until < (select engine.now()) - interval '1 minute'
  union all
  select 'a run counter agrees with its runs', r.execution_id,
    r.node_id || ' counts ' || r.runs || ', has ' || a.runs
  from engine.node_runs r
  cross join lateral (
    select count(distinct x.run_index) as runs from (
      select n.run_index from public.node_executions n
      where n.execution_id = r.execution_id and n.node_id = r.node_id
      union all
      select t.run_index from engine.tasks t
      where t.execution_id = r.execution_id and t.node_id = r.node_id
      union all
      select w.run_index from engine.waits w
      where w.execution_id = r.execution_id and w.node_id = r.node_id and w.run_index is not null) x
  ) a
  where a.runs <> r.runs
  union all
  select 'a counter belongs to a live execution', r.execution_id, r.node_id
  from engine.node_runs r
  where not exists (
    select from public.workflow_executions e where e.id = r.execution_id and e.end_time is null)
$$;
comment on function engine.violations() is 'Broken invariants of the engine; empty, always.';
