-- An execution is WAITING_FOR_HUMAN exactly when all that could move in it waits for people (joins wait for
-- others of it). Asked after transitions of versions that have such nodes; the caller holds the executions.
create function engine.mark_asking(execution_ids uuid[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_changed public.workflow_executions[];
begin
  with found as (
    select e.id, (
        exists (select from engine.waits w where w.execution_id = e.id and w.kind = 'human')
        and not exists (select from engine.tasks t where t.execution_id = e.id)
        and not exists (
          select from engine.waits w
          where w.execution_id = e.id and w.kind not in ('human', 'merge', 'collect', 'for_each'))
      ) as asks
    from public.workflow_executions e
    where e.id = any (execution_ids) and e.status in ('RUNNING', 'WAITING_FOR_HUMAN')
  ),
  changed as (
    update public.workflow_executions e
    set status = case when f.asks then 'WAITING_FOR_HUMAN' else 'RUNNING' end
    from found f
    where e.id = f.id and f.asks <> (e.status = 'WAITING_FOR_HUMAN')
    returning e.*
  )
  select array_agg(c::public.workflow_executions) into v_changed from changed c;
  if cardinality(v_changed) > 0 then
    perform engine.broadcast(v_changed);
  end if;
end
$$;
comment on function engine.mark_asking(uuid[]) is
  'Say which executions wait for people alone.';
