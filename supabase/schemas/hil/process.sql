-- What can be said of a stored answer before anything is locked.
create type hil.reading as (
  response public.hil_responses,
  -- null: it matches nothing, which problem explains
  interaction_id uuid,
  execution_id uuid,
  how text,
  problem text,
  token_hash bytea,
  sender jsonb,
  -- the classifier's word
  said jsonb,
  -- {decision, data, comment} or {none, intent}
  understood jsonb,
  -- it leaves a doubt that a model may clear up
  asks_model boolean
);

create function hil.read_answer(response public.hil_responses)
returns hil.reading
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_reading hil.reading;
  v_match jsonb := hil.match(response);
  v_interaction public.human_interactions;
  v_may boolean := false;
begin
  v_reading.response := response;
  v_reading.how := v_match ->> 'how';
  v_reading.problem := v_match ->> 'problem';
  v_reading.sender := v_match -> 'by';
  select * into v_interaction from public.human_interactions i
  where i.id = (v_match ->> 'interaction_id')::uuid;
  if v_interaction.id is null then
    return v_reading;
  end if;
  v_reading.interaction_id := v_interaction.id;
  v_reading.execution_id := v_interaction.execution_id;
  v_reading.token_hash := decode(v_match ->> 'token_hash', 'hex');
  v_reading.sender := hil.identify(v_interaction.workspace_id, v_reading.sender) || v_reading.sender;
  -- a button or a decision needs nobody to say what it means
  if coalesce(response.hints ->> 'text', '') <> '' and response.hints ->> 'decision' is null
     and coalesce(response.hints #>> '{action,value}', '') = '' then
    v_may := hil.may_decide(v_interaction, v_reading.sender);
    v_reading.said := hil.classify(response.hints ->> 'text',
      hil.circumstances(v_interaction, response, v_reading.how, v_may));
  end if;
  v_reading.understood := hil.understand(v_interaction, response.hints, v_reading.said);
  v_reading.asks_model := v_may and response.status = 'unprocessed' and response.asked_until is null
    and response.hints -> 'asks_model' = 'true' and v_interaction.status = 'pending'
    and hil.is_doubtful(v_reading.said, v_reading.understood) and not hil.talks_to_models(v_interaction);
  return v_reading;
end
$$;
comment on function hil.read_answer(public.hil_responses) is
  'What a stored answer is about, whose it is and what it says.';

-- Makes of stored answers, whose rows the caller has locked, what there is to make of them, in their order:
-- of each {response_id, status, result, interaction_id, outcome, decided_by, message, ...}. Decides all in
-- one go, and lets the executions go on in one. Locks executions in the order of their ids; those that
-- somebody else holds are waited for where `is_patient`, else their answers stay as they are. `held` is an
-- interaction whose execution the caller holds: only what answers it is counted, and the caller goes on.
create function hil.process(response_ids uuid[], is_patient boolean, held uuid default null)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_now timestamptz := engine.now();
  v_response public.hil_responses;
  v_reading hil.reading;
  v_readings hil.reading[] := array[]::hil.reading[];
  v_next hil.reading[];
  v_executions uuid[];
  v_answer hil.answer;
  v_answers hil.answer[];
  v_counted hil.counted[];
  v_decided public.human_interactions[] := array[]::public.human_interactions[];
  v_used bytea[] := array[]::bytea[];
  v_asked uuid[];
  v_results jsonb := jsonb '[]';
begin
  for v_response in
    select r.* from public.hil_responses r where r.id = any (response_ids) order by r.id
  loop
    v_reading := hil.read_answer(v_response);
    if v_reading.interaction_id is null or v_reading.interaction_id <> held then
      v_results := v_results || hil.set_aside(v_reading, 'unmatched', v_now);
    elsif v_reading.asks_model and held is null then
      v_results := v_results || hil.await_model(v_reading, v_now);
    elsif v_reading.understood ? 'none' and (held is not null or not hil.is_wish(v_reading)) then
      v_results := v_results || hil.set_aside(v_reading, case
        when v_reading.understood ->> 'intent' in ('auto_reply', 'unrelated') then 'filtered_out'
        else 'matched' end, v_now);
    else
      v_readings := v_readings || v_reading;
    end if;
  end loop;
  if cardinality(v_readings) = 0 then
    return v_results;
  end if;

  v_executions := array(select distinct r.execution_id from unnest(v_readings) r);
  if held is null then
    if is_patient then
      perform from public.workflow_executions e where e.id = any (v_executions)
      order by e.id for no key update;
    else
      v_executions := array(
        select e.id from public.workflow_executions e where e.id = any (v_executions) order by e.id
        for no key update skip locked);
    end if;
    perform engine.pause_point('interaction_held');
    perform hil.end_what_is_over(v_executions, v_now);
  end if;

  -- of several to one interaction, each sees what came of the one before it
  while cardinality(v_readings) > 0 loop
    v_next := array[]::hil.reading[];
    v_answers := array[]::hil.answer[];
    v_asked := array[]::uuid[];
    foreach v_reading in array v_readings loop
      if v_reading.execution_id <> all (v_executions) then
        v_results := v_results || jsonb_build_object(
          'response_id', (v_reading.response).id, 'status', 'unprocessed');
        continue;
      elsif v_reading.interaction_id = any (v_asked) then
        v_next := v_next || v_reading;
        continue;
      end if;
      v_asked := v_asked || v_reading.interaction_id;
      if v_reading.token_hash is not null and held is null then
        -- the token of a reply address takes many mails, but none once others are asked
        if exists (
            select from hil.tokens t
            join public.human_interactions i on i.id = t.interaction_id and i.status = 'pending'
            where t.token_hash = v_reading.token_hash and t.revoked_at is not null) then
          v_results := v_results || hil.set_aside(v_reading, 'error', v_now);
          continue;
        end if;
      end if;
      if v_reading.understood ? 'none' then
        v_results := v_results || hil.carry_out(v_reading, v_now);
        continue;
      end if;
      v_answer.response_id := (v_reading.response).id;
      v_answer.interaction_id := v_reading.interaction_id;
      v_answer.sender := v_reading.sender;
      v_answer.decision := v_reading.understood ->> 'decision';
      v_answer.data := v_reading.understood -> 'data';
      v_answer.comment := v_reading.understood ->> 'comment';
      v_answer.channel := (v_reading.response).source_channel;
      v_answer.received_at := (v_reading.response).received_at;
      v_answer.said := v_reading.said;
      v_answers := v_answers || v_answer;
      if v_reading.token_hash is not null then
        v_used := v_used || v_reading.token_hash;
      end if;
    end loop;
    v_counted := hil.count_answers(v_answers, v_now);
    for i in 1 .. coalesce(cardinality(v_counted), 0) loop
      v_results := v_results || hil.result_of(v_answers[i].response_id, v_counted[i]);
      if v_counted[i].result = 'decided' then
        v_decided := v_decided || v_counted[i].interaction;
      end if;
    end loop;
    v_readings := v_next;
  end loop;
  if held is null and cardinality(v_used) > 0 then
    update hil.tokens t set used_at = v_now
    where t.token_hash = any (v_used) and t.used_at is null and t.revoked_at is null and t.expires_at > v_now
      -- of an answer that was counted
      and exists (
        select from jsonb_array_elements(v_results) r
        where (r ->> 'interaction_id')::uuid = t.interaction_id
          and r ->> 'result' in ('decided', 'recorded'));
  end if;
  if held is null and cardinality(v_decided) > 0 then
    perform hil.go_on(v_decided, v_now);
  end if;
  return v_results;
end
$$;
comment on function hil.process(uuid[], boolean, uuid) is
  'Make of locked stored answers what there is to make of them: [{response_id, status, result, '
  'interaction_id, outcome, decided_by, message}].';

-- An answer that changes nothing: it matches no interaction, its words are not clear, or its token is no
-- longer good.
create function hil.set_aside(reading hil.reading, status text, at timestamptz)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_error jsonb := case set_aside.status
    when 'unmatched' then jsonb_build_object('code', 'unmatched', 'message', reading.problem)
    when 'error' then
      jsonb '{"code": "interaction_reassigned", "message": "Others have been asked instead"}'
    else jsonb_build_object('code', coalesce(reading.understood ->> 'intent', 'unclear'),
      'message', reading.understood ->> 'none') end;
begin
  update public.hil_responses r
  set status = set_aside.status, processed_at = set_aside.at, error = v_error,
    responder = case when reading.sender is not null and set_aside.status <> 'error'
      then hil.key_of(reading.sender) end,
    matched_interaction_id = case when set_aside.status <> 'unmatched' then reading.interaction_id end,
    responded_by = case when set_aside.status <> 'unmatched' then reading.sender end,
    workflow_id = case when set_aside.status <> 'unmatched' then (
      select i.workflow_id from public.human_interactions i where i.id = reading.interaction_id) end,
    comment = case when set_aside.status in ('matched', 'filtered_out')
      then left(r.hints ->> 'text', 10000) end,
    classification = reading.said,
    ai_relevance_score = round(least(greatest((reading.said ->> 'relevance_score')::numeric, 0), 1), 2),
    ai_reasoning = left(reading.said ->> 'reasoning', 4000)
  where r.id = (reading.response).id;
  return jsonb_build_object('response_id', (reading.response).id, 'status', set_aside.status)
    || v_error || case when set_aside.status = 'unmatched' then jsonb '{}'
      else jsonb_build_object('interaction_id', reading.interaction_id) end
    || case when set_aside.status in ('matched', 'filtered_out')
      then jsonb_build_object('outcome', null, 'intent', reading.said -> 'intent') else jsonb '{}' end;
end
$$;
comment on function hil.set_aside(hil.reading, text, timestamptz) is
  'Note that an answer changes nothing, and why.';

-- What whoever sent a counted answer may be told.
create function hil.result_of(response_id uuid, counted hil.counted)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'response_id', result_of.response_id,
    'status', case when counted.result in ('forbidden', 'invalid') then 'error' else 'matched' end,
    'result', counted.result, 'interaction_id', (counted.interaction).id,
    'outcome', (counted.interaction).outcome, 'decided_by', (counted.interaction).responded_by,
    'responded_at', (counted.interaction).responded_at, 'votes', counted.votes,
    'quorum', (counted.interaction).quorum, 'code', counted.error -> 'code', 'problems', counted.problems,
    'message', coalesce(counted.error ->> 'message', case counted.result
      when 'decided' then 'The workflow goes on' else 'It is counted; others have to agree' end));
end
$$;
comment on function hil.result_of(uuid, hil.counted) is 'What is told of a counted answer.';

-- The same, whatever one of them is like: where they do not go together they go one by one, and what cannot
-- be processed is kept with its error.
create function hil.process_each(response_ids uuid[], is_patient boolean, held uuid default null)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_response uuid;
  v_results jsonb := jsonb '[]';
begin
  begin
    return hil.process(response_ids, is_patient, held);
  exception
  when deadlock_detected or serialization_failure or lock_not_available or query_canceled then
    raise;
  when others then
    if cardinality(response_ids) = 1 then
      update public.hil_responses r
      set status = 'error', processed_at = engine.now(),
        -- its words may be of other rows: whoever sent the answer is not told them
        error = jsonb_build_object('code', 'processing_failed',
          'message', 'It could not be processed', 'reason', sqlerrm)
      where r.id = response_ids[1];
      return jsonb_build_array(jsonb_build_object('response_id', response_ids[1], 'status', 'error',
        'code', 'processing_failed', 'message', 'It could not be processed'));
    end if;
  end;
  foreach v_response in array response_ids loop
    v_results := v_results || hil.process_each(array[v_response], is_patient, held);
  end loop;
  return v_results;
end
$$;
comment on function hil.process_each(uuid[], boolean, uuid) is
  'hil.process(), of which one bad answer keeps no other.';

-- Answers that hil.store() has kept, oldest first: those that the function names, which does it right after
-- it has stored them; without a list those that nobody has processed for a second, because the function was
-- ended or has too much to do. Waits for nobody: what another holds stays as it is, for the next call.
create function hil.process_stored(response_ids uuid[] default null, batch int default 100)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_ids uuid[];
  v_results jsonb := jsonb '[]';
begin
  if response_ids is null then
    v_ids := array(
      select r.id from public.hil_responses r
      where r.status = 'unprocessed' and r.received_at < engine.now() - interval '1 second'
        and (r.asked_until is null or r.asked_until <= engine.now())
      order by r.received_at, r.id
      limit process_stored.batch
      for no key update skip locked);
  else
    v_ids := array(
      select r.id from public.hil_responses r
      where r.id = any (process_stored.response_ids) and r.status = 'unprocessed'
        and (r.asked_until is null or r.asked_until <= engine.now())
      order by r.id
      for no key update skip locked);
  end if;
  if cardinality(v_ids) > 0 then
    v_results := hil.process_each(v_ids, false);
  end if;
  if cardinality(v_ids) < cardinality(response_ids) then
    -- somebody else was first
    v_results := v_results || coalesce((
      select jsonb_agg(hil.answer_of(r)) from public.hil_responses r
      where r.id = any (process_stored.response_ids) and r.id <> all (v_ids)
        and r.status <> 'unprocessed'), '[]');
  end if;
  return v_results;
end
$$;
comment on function hil.process_stored(uuid[], int) is
  'Process answers that are stored: [{response_id, status, result, interaction_id, outcome, decided_by, '
  'message}]; unprocessed where somebody else holds the execution.';
