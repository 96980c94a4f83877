-- A stored answer that says what it decides.
create type hil.answer as (
  response_id uuid,
  interaction_id uuid,
  sender jsonb,
  decision text,
  data jsonb,
  comment text,
  -- the response's
  channel text,
  received_at timestamptz,
  -- what the classifier said of its words
  said jsonb
);

-- What an answer came to.
create type hil.counted as (
  -- decided | recorded | repeated | too_late | expired | forbidden | invalid
  result text,
  -- {code, message}
  error jsonb,
  problems jsonb,
  votes int,
  -- as it is now
  interaction public.human_interactions
);

-- Counts answers that are stored, of each interaction one: what they come to, in their order. The caller
-- holds the executions and lets them go on; nothing here raises. An answer is in time if it was received in
-- time, however late it is looked at.
create function hil.count_answers(answers hil.answer[], at timestamptz)
returns hil.counted[]
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_answer hil.answer;
  v_counted hil.counted;
  v_all hil.counted[] := array[]::hil.counted[];
  v_interaction public.human_interactions;
  v_response public.hil_responses;
  v_responses public.hil_responses[] := array[]::public.hil_responses[];
  v_decided public.human_interactions[] := array[]::public.human_interactions[];
  v_logs public.workflow_execution_logs[] := array[]::public.workflow_execution_logs[];
  v_log public.workflow_execution_logs;
  v_read jsonb;
  v_prior jsonb;
begin
  foreach v_answer in array answers loop
    select * into v_interaction from public.human_interactions i where i.id = v_answer.interaction_id
    for no key update;
    v_counted := null;
    v_counted.votes := 0;
    v_response := null;
    v_response.id := v_answer.response_id;
    v_response.responder := hil.key_of(v_answer.sender);
    v_read := null;
    v_prior := null;
    if not hil.may_decide(v_interaction, v_answer.sender) then
      v_counted.result := 'forbidden';
      v_counted.error := jsonb '{"code": "role_insufficient", "message": "Somebody else was asked"}';
    elsif v_interaction.status <> 'pending' then
      v_counted.result := case v_interaction.status when 'timeout' then 'expired' else 'too_late' end;
      v_counted.error := jsonb_build_object('code', 'interaction_decided',
        'message', format('It was over: %s', replace(v_interaction.outcome, '_', ' ')));
    elsif v_interaction.timeout_at <= v_answer.received_at then
      v_counted.result := 'expired';
      v_counted.error := jsonb '{"code": "interaction_expired", "message": "It came too late"}';
    else
      -- where one decides there is none before it
      if v_interaction.quorum > 1 then
        v_prior := hil.votes_of(v_interaction.id);
        v_counted.votes := (
          select count(distinct v ->> 'responder') from jsonb_array_elements(v_prior) v
          where v ->> 'outcome' in ('approved', 'answered'));
      end if;
      v_read := hil.read_decision(v_interaction, v_answer.decision, v_answer.data, v_answer.comment);
      if v_read ? 'problems' then
        v_counted.result := 'invalid';
        v_counted.problems := v_read -> 'problems';
        v_counted.error := jsonb_build_object(
          'code', 'response_invalid', 'message', v_read #>> '{problems,0,message}');
      elsif v_read ->> 'outcome' <> 'rejected' and exists (
          select from jsonb_array_elements(v_prior) v
          where v ->> 'responder' = v_response.responder
            -- who has joined, or left, since he agreed
            or lower(v #>> '{responded_by,email}') = lower(v_answer.sender ->> 'email')) then
        -- of the same person, to the same effect
        v_counted.result := 'repeated';
        v_counted.error := jsonb '{"code": "vote_counted", "message": "It was counted before"}';
      else
        v_counted.result := 'recorded';
        v_response.outcome := v_read ->> 'outcome';
        v_counted.votes := v_counted.votes + case when v_response.outcome = 'rejected' then 0 else 1 end;
      end if;
    end if;
    v_response.status := case
      when v_counted.result in ('forbidden', 'invalid') then 'error' else 'matched' end;
    v_response.matched_interaction_id := v_interaction.id;
    v_response.workflow_id := v_interaction.workflow_id;
    v_response.responded_by := v_answer.sender;
    v_response.data := v_read -> 'data';
    v_response.comment := left(v_answer.comment, 10000);
    v_response.error := v_counted.error;
    v_response.classification := v_answer.said;
    v_response.ai_relevance_score :=
      round(least(greatest((v_answer.said ->> 'relevance_score')::numeric, 0), 1), 2);
    v_response.ai_reasoning := left(v_answer.said ->> 'reasoning', 4000);
    v_responses := v_responses || v_response;
    if v_response.outcome <> 'rejected' and v_counted.votes < v_interaction.quorum then
      v_log := hil.log_line(v_interaction, 'INFO',
        format('%s of %s agree', v_counted.votes, v_interaction.quorum),
        jsonb_build_object('by', v_answer.sender));
      v_logs := v_logs || v_log;
      perform hil.broadcast(v_interaction);
    elsif v_response.outcome is not null then
      v_counted.result := 'decided';
      v_interaction.status := 'responded';
      v_interaction.outcome := v_response.outcome;
      v_interaction.responded_at := count_answers.at;
      v_interaction.responded_by := v_answer.sender;
      v_interaction.response_data := hil.output_of(v_interaction, v_response.outcome, v_response.data,
        v_response.comment, v_answer.sender, count_answers.at, v_prior, v_answer.channel);
      v_decided := v_decided || v_interaction;
      v_log := hil.log_line(v_interaction, 'INFO', format('%s by %s', initcap(v_response.outcome),
        coalesce(v_answer.sender ->> 'email', v_answer.sender ->> 'slack', v_answer.sender ->> 'user',
          v_answer.sender ->> 'webhook', 'the service')), jsonb_build_object('by', v_answer.sender));
      v_logs := v_logs || v_log;
    end if;
    v_counted.interaction := v_interaction;
    v_all := v_all || v_counted;
  end loop;
  update public.hil_responses r
  set status = u.status, processed_at = count_answers.at, matched_interaction_id = u.matched_interaction_id,
    workflow_id = u.workflow_id, responder = u.responder, responded_by = u.responded_by, outcome = u.outcome,
    data = u.data, comment = u.comment, error = u.error, classification = u.classification,
    ai_relevance_score = u.ai_relevance_score, ai_reasoning = u.ai_reasoning
  from unnest(v_responses) u
  where r.id = u.id;
  if cardinality(v_decided) > 0 then
    update public.human_interactions i
    set status = d.status, outcome = d.outcome, responded_at = d.responded_at, responded_by = d.responded_by,
      response_data = d.response_data
    from unnest(v_decided) d
    where i.id = d.id and i.status = 'pending';
    perform hil.after_end(v_decided, at);
  end if;
  if cardinality(v_logs) > 0 then
    perform engine.write_logs(v_logs, at);
  end if;
  return v_all;
end
$$;
comment on function hil.count_answers(hil.answer[], timestamptz) is
  'Count stored answers to interactions, one of each.';

-- The answers to an interaction that count, in their order.
create function hil.votes_of(interaction_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return coalesce((
    select jsonb_agg(jsonb_build_object('responder', r.responder, 'outcome', r.outcome, 'data', r.data,
      'comment', r.comment, 'responded_by', r.responded_by, 'responded_at', r.processed_at,
      'channel', r.source_channel) order by r.processed_at, r.id)
    from public.hil_responses r
    where r.matched_interaction_id = votes_of.interaction_id and r.outcome is not null), '[]');
end
$$;
comment on function hil.votes_of(uuid) is 'The answers to an interaction that count.';
