-- Mends what violations() finds and what can be mended without guessing: leftovers of ended executions go,
-- joins that are ripe fire, executions that have nothing left to do end, lost messages are sent again. What
-- cannot go on ends in ERROR. For the operator: select * from engine.repair(). Answers what was found and
-- what was done. Locks each execution by itself, and leaves those that are at work alone.
create function engine.repair()
returns table (rule text, execution_id uuid, action text)
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_found record;
  v_execution public.workflow_executions;
begin
  for v_found in
    select v.rule, v.execution_id from engine.violations() v
    where v.execution_id is not null
    group by v.rule, v.execution_id
    order by v.execution_id, v.rule
  loop
    rule := v_found.rule;
    execution_id := v_found.execution_id;
    action := null;
    select e.* into v_execution from public.workflow_executions e where e.id = v_found.execution_id
    for no key update skip locked;
    if not found then
      if exists (select from public.workflow_executions e where e.id = v_found.execution_id) then
        action := 'at work: try again';
        return next;
        continue;
      end if;
    end if;
    if v_execution.id is null or v_execution.end_time is not null then
      delete from engine.tasks t where t.execution_id = v_found.execution_id;
      delete from engine.waits w where w.execution_id = v_found.execution_id;
      delete from engine.node_runs r where r.execution_id = v_found.execution_id;
      delete from engine.collected c where c.execution_id = v_found.execution_id;
      delete from engine.merged m where m.execution_id = v_found.execution_id;
      delete from engine.cancellations c where c.execution_id = v_found.execution_id;
      perform engine.release_slots(array[v_found.execution_id], v_now);
      perform hil.withdraw(array[v_found.execution_id], v_now);
      action := 'leftovers removed';
    elsif v_found.rule = 'a wait is held exactly while its execution is paused' then
      update engine.waits w set is_held = v_execution.status = 'PAUSED'
      where w.execution_id = v_execution.id and w.kind not in ('merge', 'collect', 'for_each');
      action := 'waits held or let go';
    elsif v_found.rule = 'an execution waits for people exactly when nothing else moves' then
      perform engine.mark_asking(array[v_execution.id]);
      action := 'status set';
    elsif v_found.rule = 'a question''s pause ends with it' then
      update public.workflow_execution_pauses p
      set status = 'resumed', resumed_at = v_now, resume_trigger = 'ended'
      where p.execution_id = v_execution.id and p.status = 'active' and case p.pause_reason
        when 'human_interaction' then not exists (
          select from public.human_interactions i where i.id = p.id and i.status = 'pending')
        else v_execution.status <> 'PAUSED' end;
      action := 'pause ended';
    elsif v_found.rule = 'a question waits for its answer' then
      -- its token is gone: an answer would lead nowhere
      update public.human_interactions i
      set status = 'cancelled', outcome = 'cancelled',
        response_data = jsonb '{"outcome": "cancelled", "reason": "Nothing waited for the answer"}'
      where i.execution_id = v_execution.id and i.status = 'pending'
        and not exists (select from engine.waits w where w.id = i.id and w.kind = 'human');
      action := 'question taken back';
    elsif v_found.rule = 'who waits for an answer has asked' then
      update engine.waits w set until = v_now
      where w.execution_id = v_execution.id and w.kind = 'human' and not exists (
        select from public.human_interactions i where i.id = w.id and i.status = 'pending');
      action := 'looked at by the next tick';
    elsif v_execution.executed_by_caller and v_found.rule = 'a live execution has a live token' then
      perform engine.park(array[
        engine.wait_of(engine.first_token(v_execution), 'caller', v_now, v_execution.deadline)]);
      update engine.waits w set is_held = v_execution.status = 'PAUSED' where w.execution_id = v_execution.id;
      action := 'waits for its caller again';
    elsif v_found.rule = 'a sub-workflow''s end is told' then
      insert into engine.ended_children (execution_id, run_id)
      select w.execution_id, w.id from engine.waits w
      where w.execution_id = v_execution.id and w.kind = 'children';
      action := 'told again';
    elsif v_found.rule in ('a live execution has a live token', 'a live execution can move',
        'a start waits exactly while its execution is new') then
      perform engine.apply(null, null, array(
        select distinct row(w.execution_id, w.scope)::engine.place from engine.waits w
        where w.execution_id = v_execution.id));
      perform engine.complete(v_execution.id, v_now);
      action := 'brought to an end';
      if exists (
          select from engine.violations() v
          where v.execution_id = v_execution.id and v.rule = v_found.rule) then
        perform engine.end_executions(array[v_execution.id], 'ERROR', jsonb_build_object(v_execution.id,
          jsonb_build_object('code', 'stalled', 'message', 'Nothing of the execution could go on')), v_now);
        action := 'ended in ERROR';
      end if;
    else
      action := 'left as it is';
    end if;
    return next;
  end loop;
end
$$;
comment on function engine.repair() is 'Mend broken invariants that can be mended safely.';
