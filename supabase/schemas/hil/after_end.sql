-- What the end of interactions brings about, however they ended: their pauses end, what was not sent need not
-- be, who was asked is told. The caller holds their executions.
create function hil.after_end(interactions public.human_interactions[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_interaction public.human_interactions;
begin
  update public.workflow_execution_pauses p
  set status = case i.outcome when 'timed_out' then 'timeout' else 'resumed' end,
    resumed_at = after_end.at, resume_trigger = i.outcome
  from unnest(interactions) i
  where p.id = i.id and p.status = 'active';
  update hil.messages m
  set status = 'failed',
    error = jsonb '{"code": "interaction_ended", "message": "It was over before it was sent"}'
  -- not "= 'pending'": the index of what is due, which has everybody's messages, would seem a way
  where m.interaction_id = any (array(select i.id from unnest(interactions) i))
    and m.status not in ('sent', 'failed') and m.lease_until is null and m.kind <> 'decided';
  insert into hil.messages (
    workspace_id, interaction_id, kind, channel, integration_id, recipient, content, follows, due_at)
  select m.workspace_id, m.interaction_id, 'decided', m.channel, m.integration_id, m.recipient,
    m.content || jsonb_strip_nulls(jsonb_build_object(
        'outcome', i.outcome, 'responded_by', i.responded_by,
        'responded_at', coalesce(i.responded_at, after_end.at))
      -- as behind a link: what it came to is for those who were asked to the end
      || case when m.content ? 'reassigned' then '{}' else jsonb_build_object(
        'responded_by_name', case when i.responded_by ? 'user' then hil.name_of(i.responded_by) end,
        'comment', i.response_data -> 'comment', 'result', i.response_data -> 'data') end),
    m.id, after_end.at
  from unnest(interactions) i
  join hil.messages m on m.interaction_id = i.id
  where m.kind in ('request', 'escalation') and m.status <> 'failed';
  foreach v_interaction in array interactions loop
    perform hil.broadcast(v_interaction);
  end loop;
end
$$;
comment on function hil.after_end(public.human_interactions[], timestamptz) is
  'What the end of interactions brings about.';

-- A line of the execution's log about an interaction.
create function hil.log_line(interaction public.human_interactions, level text, message text, data jsonb)
returns public.workflow_execution_logs
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_log public.workflow_execution_logs;
begin
  v_log.execution_id := interaction.execution_id;
  v_log.workspace_id := interaction.workspace_id;
  v_log.log_category := 'BUSINESS';
  v_log.event_type := 'workflow_progress';
  v_log.level := log_line.level;
  v_log.message := log_line.message;
  v_log.data := jsonb_strip_nulls(
    jsonb_build_object('interaction_id', interaction.id) || coalesce(log_line.data, '{}'));
  v_log.node_id := interaction.node_id;
  v_log.node_type := 'HUMAN_IN_THE_LOOP.' || upper(interaction.interaction_type);
  v_log.user_friendly_message := log_line.message;
  v_log.display_priority := 7;
  v_log.is_milestone := true;
  return v_log;
end
$$;
comment on function hil.log_line(public.human_interactions, text, text, jsonb) is
  'A log line about an interaction.';
