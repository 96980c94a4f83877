-- Which interaction an answer belongs to, and by what: a token; the id that a button carries; a thread; the
-- mail that it answers; the asker's own id; the only pending one of its sender. Never a guess between two.
-- Only of the workspace. Answers {interaction_id, by, how}, or {how: ..., problem}.
create function hil.match(response public.hil_responses)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_hints jsonb := response.hints;
  v_slack jsonb := v_hints -> 'slack';
  v_email jsonb := v_hints -> 'email';
  v_sender text := lower(v_email ->> 'from');
  v_by jsonb;
  v_token hil.tokens;
  v_given text := coalesce(v_hints ->> 'token_hash', v_hints #>> '{email,tag_hash}');
  v_found uuid[];
begin
  -- what the provider vouches for
  v_by := jsonb_strip_nulls(case
    when v_slack ? 'user' then jsonb_build_object('slack', v_slack -> 'user', 'channel', v_slack -> 'channel')
    when v_sender is not null then jsonb_build_object('email', v_sender)
    else '{}' end);
  if v_given is not null then
    select * into v_token from hil.tokens t where t.token_hash = decode(v_given, 'hex');
    if (select i.workspace_id from public.human_interactions i where i.id = v_token.interaction_id)
        = response.workspace_id then
      -- a mail that was passed on does not make its reader the one who was asked
      return jsonb_build_object('interaction_id', v_token.interaction_id, 'how', 'token',
        'token_hash', v_given,
        'by', case when v_by = '{}' then v_token.assignee else v_by end);
    elsif v_hints ? 'token_hash' then
      return jsonb '{"how": "token", "problem": "There is no such token"}';
    end if;
  end if;
  if v_hints ? 'action' then
    v_found := array(
      select i.id from public.human_interactions i
      where i.id = case when pg_input_is_valid(v_hints #>> '{action,interaction_id}', 'uuid')
          then (v_hints #>> '{action,interaction_id}')::uuid end
        and i.workspace_id = response.workspace_id);
    if cardinality(v_found) = 1 then
      return jsonb_build_object('interaction_id', v_found[1], 'how', 'action', 'by',
        case when v_by = '{}' then hil.endpoint_of(v_found[1], response.integration_id) else v_by end);
    end if;
    return jsonb '{"how": "action", "problem": "There is no such question"}';
  end if;
  if v_slack ? 'thread_ts' then
    v_found := array(
      select i.id from hil.messages m
      join public.human_interactions i on i.id = m.interaction_id
      where m.workspace_id = response.workspace_id and m.integration_id = response.integration_id
        and m.thread ->> 'channel' = v_slack ->> 'channel'
        and coalesce(m.thread ->> 'team', '') in ('', coalesce(v_slack ->> 'team', ''))
        -- who answers in a thread answers what began it
        and m.external_id = v_slack ->> 'thread_ts'
      group by i.id, i.status
      order by i.status = 'pending' desc, i.id desc);
    if hil.only_one(v_found) is not null then
      return jsonb_build_object('interaction_id', hil.only_one(v_found), 'how', 'thread', 'by', v_by);
    elsif cardinality(v_found) > 0 then
      return jsonb '{"how": "thread", "problem": "Several questions are in this thread"}';
    end if;
  end if;
  if v_email ?| '{in_reply_to,references}' then
    v_found := array(
      select i.id from hil.mails_answered(v_email) m
      join public.human_interactions i on i.id = m.interaction_id
      where m.workspace_id = response.workspace_id
      group by i.id, i.status
      order by i.status = 'pending' desc, i.id desc);
    if hil.only_one(v_found) is not null then
      return jsonb_build_object('interaction_id', hil.only_one(v_found), 'how', 'reply', 'by', v_by);
    elsif cardinality(v_found) > 0 then
      return jsonb '{"how": "reply", "problem": "It answers several questions"}';
    end if;
  end if;
  if v_hints ? 'correlation_id' then
    v_found := array(
      select i.id from public.human_interactions i
      where i.workspace_id = response.workspace_id and i.correlation_id = v_hints ->> 'correlation_id'
      order by i.status = 'pending' desc, i.id desc);
    if hil.only_one(v_found) is not null then
      return jsonb_build_object('interaction_id', hil.only_one(v_found), 'how', 'correlation_id', 'by',
        case
          when v_by = '{}' then hil.endpoint_of(hil.only_one(v_found), response.integration_id) else v_by
        end);
    end if;
    -- it may be asked yet
    return jsonb_build_object('how', 'correlation_id', 'problem', case
      when cardinality(v_found) > 0 then 'Several questions have this correlation id'
      else 'No question has this correlation id yet' end);
  end if;
  -- anybody can write any sender into a mail: where the provider could tell and it is not his, it proves
  -- nothing
  if v_by ?| '{slack,email}' and v_email -> 'authenticated' is distinct from 'false' then
    v_found := array(
      select i.id from public.human_interactions i
      where i.workspace_id = response.workspace_id and i.status = 'pending'
        and (i.assignees @> jsonb_build_array(v_by - 'channel')
          or exists (
            select from hil.messages m
            where m.workspace_id = i.workspace_id and m.interaction_id = i.id
              and lower(m.recipient) = coalesce(v_sender, lower(v_by ->> 'slack'))
              and m.channel = case when v_sender is null then 'slack' else 'email' end))
      limit 2);
    if cardinality(v_found) = 1 then
      return jsonb_build_object('interaction_id', v_found[1], 'how', 'sender', 'by', v_by);
    elsif cardinality(v_found) > 1 then
      return jsonb '{"how": "sender", "problem": "Its sender has several questions to answer"}';
    end if;
  end if;
  return jsonb '{"problem": "Nothing says which question it answers"}';
end
$$;
comment on function hil.match(public.hil_responses) is
  'Which interaction a stored answer belongs to: {interaction_id, by, how} or {how, problem}.';

-- Of several only the one that is pending.
create function hil.only_one(interaction_ids uuid[])
returns uuid
language plpgsql  -- which keeps the plan
stable
security definer
set search_path = ''
as $$
begin
  if cardinality(only_one.interaction_ids) < 2 then
    return only_one.interaction_ids[1];
  end if;
  return (
    select case when count(*) = 1 then (array_agg(i.id))[1] end
    from public.human_interactions i where i.id = any (only_one.interaction_ids) and i.status = 'pending');
end
$$;
comment on function hil.only_one(uuid[]) is 'The one interaction, or the only pending one.';

-- A system whose requests an integration verified speaks for the address that the question was sent to
-- through it.
create function hil.endpoint_of(interaction_id uuid, integration_id uuid)
returns jsonb
language plpgsql  -- which keeps the plan
stable
security definer
set search_path = ''
as $$
begin
  return coalesce((
    select jsonb_build_object('webhook', i.request_data ->> 'to') from public.human_interactions i
    where i.id = endpoint_of.interaction_id and i.channel_type = 'webhook'
      and i.credentials ->> 'webhook' = endpoint_of.integration_id::text), '{}');
end
$$;
comment on function hil.endpoint_of(uuid, uuid) is 'Whom a verified webhook speaks for.';

-- What the classifier is told. A model's word comes from the function; the rules' limits hold for it.
create function hil.circumstances(
  interaction public.human_interactions, response public.hil_responses, how text, is_assignee boolean
)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'question', concat_ws(' ', interaction.request_data ->> 'title', interaction.request_data ->> 'message'),
    'type', upper(interaction.interaction_type), 'options', interaction.request_data -> 'options',
    'multiple', interaction.request_data -> 'multiple', 'headers', response.headers,
    'subject', response.hints #> '{email,subject}',
    'matched_by', case circumstances.how
      when 'reply' then 'references' when 'correlation_id' then 'token' when 'assigned' then 'action'
      else coalesce(circumstances.how, 'none') end,
    'sender_is_assignee', circumstances.is_assignee,
    'seconds_since_request', extract(epoch from response.received_at - interaction.created_at),
    'is_expired', response.received_at >= interaction.timeout_at,
    'model', response.hints -> 'classification'))
    || jsonb_build_object('data', interaction.request_data -> 'data')
$$;
comment on function hil.circumstances(public.human_interactions, public.hil_responses, text, boolean) is
  'What the classifier is told of an answer.';

-- What an answer decides: what a button says, else what the words mean, where they are clear enough.
-- Permission is asked later, of whoever sent it: words cannot give it. {decision, data, comment} or {none:
-- why}.
create function hil.understand(interaction public.human_interactions, hints jsonb, said jsonb)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_least float8;
  v_type text := interaction.interaction_type;
  v_text text := btrim(hints ->> 'text');
  v_intent text := said ->> 'intent';
  v_asked jsonb := interaction.request_data -> 'data';
  v_field text;
  v_chosen jsonb;
begin
  if hints ->> 'decision' is not null then
    return jsonb_build_object('decision', hints -> 'decision', 'data', hints -> 'data',
      'comment', coalesce(hints -> 'comment', hints -> 'text'));
  elsif hints #>> '{action,value}'
      in ('approve', 'reject', 'answer', 'accept', 'edit', 'respond', 'ignore') then
    return jsonb_build_object('decision', hints #> '{action,value}', 'data', hints -> 'data',
      'comment', coalesce(hints -> 'comment', hints -> 'text'));
  elsif coalesce(hints #>> '{action,value}', '') <> '' and v_type = 'selection' then
    return jsonb_build_object('decision', 'answer', 'data', hints #> '{action,value}');
  elsif hints -> 'data' is not null and v_type in ('input', 'selection') then
    return jsonb_build_object('decision', 'answer', 'data', hints -> 'data', 'comment', hints -> 'text');
  elsif coalesce(v_text, '') = '' then
    return jsonb '{"none": "It says nothing"}';
  end if;
  -- the exact words of an option need no rules, where a person wrote them
  if v_type = 'selection' and coalesce(hints #>> '{email,automatic}', '') <> 'true' then
    select case when count(*) = 1 then (jsonb_agg(o -> 'value')) -> 0 end into v_chosen
    from jsonb_array_elements(interaction.request_data -> 'options') o
    where lower(v_text) in (lower(o ->> 'value'), lower(o ->> 'label'));
    if v_chosen is not null then
      return jsonb_build_object('decision', 'answer', 'data', v_chosen);
    end if;
  end if;
  if v_intent in ('auto_reply', 'unrelated', 'unclear', 'reassign') or v_intent is null then
    return jsonb_build_object('none', coalesce(said ->> 'reasoning', 'Its meaning is not clear'),
      'intent', v_intent);
  end if;
  v_least := coalesce(platform.setting('hil.min_confidence'),
    hil.classifier_settings() -> 'threshold')::float8;
  if coalesce((said ->> 'confidence')::float8, 0) < v_least then
    return jsonb_build_object('none', format('Its meaning is not sure: %s', said ->> 'reasoning'),
      'intent', 'unclear');
  end if;
  if v_intent = 'reject' then
    return jsonb_build_object('decision', 'reject', 'comment', v_text);
  elsif v_type in ('approval', 'review') and v_intent = 'approve' then
    return jsonb_build_object('decision', 'approve', 'comment', v_text);
  elsif v_type in ('approval', 'review') and v_intent = 'approve_with_edit' then
    if jsonb_typeof(said -> 'edits') = 'object' and jsonb_typeof(v_asked) = 'object'
       and said -> 'edits' <> '{}'
       -- only what was shown can be edited in words
       and not exists (select from jsonb_object_keys(said -> 'edits') k where not v_asked ? k) then
      return jsonb_build_object('decision', case v_type when 'review' then 'edit' else 'approve' end,
        'data', v_asked || (said -> 'edits'), 'comment', v_text);
    end if;
    return jsonb '{"none": "It wants a change that is not clear", "intent": "unclear"}';
  elsif v_type = 'review' and v_intent = 'answer' then
    return jsonb_build_object('decision', 'respond', 'comment', coalesce(said ->> 'answer', v_text));
  elsif v_type = 'selection' and v_intent = 'answer' and said ? 'answer' then
    return jsonb_build_object('decision', 'answer', 'data', said -> 'answer', 'comment', v_text);
  elsif v_type = 'input' and v_intent in ('answer', 'approve')
      and jsonb_typeof(said -> 'answer') = 'object' then
    return jsonb_build_object('decision', 'answer', 'data', said -> 'answer', 'comment', v_text);
  elsif v_type = 'input' and v_intent in ('answer', 'approve') then
    -- a form of one text is answered in words
    select case when count(*) = 1 then min(p.key) filter (where p.value ->> 'type' = 'string') end
    into v_field
    from jsonb_each(case jsonb_typeof(interaction.request_data #> '{schema,properties}')
      when 'object' then interaction.request_data #> '{schema,properties}' else '{}' end) p;
    if jsonb_typeof(said -> 'edits') = 'object' and said -> 'edits' <> '{}' then
      return jsonb_build_object('decision', 'answer', 'data', said -> 'edits', 'comment', v_text);
    elsif v_field is not null then
      return jsonb_build_object('decision', 'answer',
        'data', jsonb_build_object(v_field, coalesce(said ->> 'answer', v_text)));
    end if;
  end if;
  return jsonb '{"none": "It does not answer what was asked", "intent": "unclear"}';
end
$$;
comment on function hil.understand(public.human_interactions, jsonb, jsonb) is
  'What an answer decides: {decision, data, comment}, or {none, intent}.';

-- What a provider delivered and the function has verified, stored and decided in one transaction: who
-- delivers it hears what came of it. Of a delivery that was here before, what came of that.
create function hil.receive(
  provider text, integration_id uuid, message_id text, raw jsonb, headers jsonb, hints jsonb
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_stored jsonb := nullif(hil.store(jsonb_build_array(jsonb_build_object(
    'provider', receive.provider, 'integration_id', receive.integration_id, 'message_id', receive.message_id,
    'raw', receive.raw, 'headers', receive.headers, 'hints', coalesce(receive.hints, '{}')))) -> 0, 'null');
  v_response public.hil_responses;
begin
  if v_stored is null then
    perform platform.fail(404, 'integration_not_found', 'Nothing takes this answer', 'Check the address.');
  end if;
  perform engine.pause_point('response_stored');
  -- at one that is here already somebody may be at work
  select * into v_response from public.hil_responses r where r.id = (v_stored ->> 'response_id')::uuid
  for no key update;
  if v_response.status <> 'unprocessed' or v_response.asked_until > engine.now() then
    return hil.answer_of(v_response);
  end if;
  return v_stored || (hil.process_each(array[v_response.id], true) -> 0) || jsonb '{"repeated": false}';
end
$$;
comment on function hil.receive(text, uuid, text, jsonb, jsonb, jsonb) is
  'Take an answer that a provider delivered: {response_id, status, result, interaction_id, outcome, '
  'decided_by, message, repeated}. hints: {token, action: {interaction_id, value}, slack: {team, channel, '
  'thread_ts, user}, email: {from, in_reply_to, references, tag}, correlation_id, text, decision, data, '
  'comment, asks_model}; of one that asks, ask. '
  'Errors: integration_not_found.';

create function hil.answer_of(response public.hil_responses)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'response_id', response.id, 'status', response.status, 'interaction_id', response.matched_interaction_id,
    'outcome', i.outcome, 'decided_by', i.responded_by, 'responded_at', i.responded_at, 'repeated', true,
    'code', response.error -> 'code', 'message', coalesce(response.error ->> 'message',
      case response.status when 'unprocessed' then 'It is kept, and will be read' else 'It is counted' end))
  from (select) one
  left join public.human_interactions i on i.id = response.matched_interaction_id
$$;
comment on function hil.answer_of(public.hil_responses) is 'What came of a stored answer.';

-- Answers that came before their question, in their order. The caller holds its execution.
create function hil.take_early(interaction public.human_interactions, at timestamptz)
returns public.human_interactions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_responses uuid[] := array(
    select r.id from public.hil_responses r
    where r.workspace_id = interaction.workspace_id and r.status = 'unmatched'
      and r.hints ->> 'correlation_id' = interaction.correlation_id
      and r.received_at > at - interval '30 days'
    order by r.id
    for update skip locked);
begin
  if cardinality(v_responses) > 0 then
    perform hil.process_each(v_responses, false, interaction.id);
    select * into interaction from public.human_interactions i where i.id = interaction.id;
  end if;
  return interaction;
end
$$;
comment on function hil.take_early(public.human_interactions, timestamptz) is
  'Count answers that came before their question.';

-- Looks again at one that matched nothing: what it answers may be known by now. Waits for nobody.
create function hil.match_again(response_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_response public.hil_responses;
  v_found uuid;
begin
  select * into v_response from public.hil_responses r
  where r.id = match_again.response_id and r.status = 'unmatched'
  for update skip locked;
  v_found := (hil.match(v_response) ->> 'interaction_id')::uuid;
  if v_found is null then
    return;
  end if;
  perform from public.workflow_executions e
  where e.id = (select i.execution_id from public.human_interactions i where i.id = v_found)
  for no key update skip locked;
  if found then
    perform hil.process(array[v_response.id], false);
  end if;
end
$$;
comment on function hil.match_again(uuid) is 'Look again at an answer that matched nothing.';

-- An answer that matched nothing, by hand. Who assigns it vouches for it, so he must be one who may decide
-- himself.
create function hil.assign(response_id uuid, interaction_id uuid)
returns public.hil_responses
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_response public.hil_responses;
  v_interaction public.human_interactions;
  v_said jsonb;
  v_understood jsonb;
  v_result jsonb;
  v_by jsonb := case when (select auth.uid()) is null then jsonb '{"service": true}'
    else jsonb_build_object('user', (select auth.uid())) end;
begin
  select r.* into v_response from public.hil_responses r where r.id = assign.response_id;
  perform workspaces.require(v_response.workspace_id, 'admin', 'response', assign.response_id);
  select i.* into v_interaction from public.human_interactions i
  where i.id = assign.interaction_id and i.workspace_id = v_response.workspace_id;
  if v_interaction.id is null then
    perform workspaces.not_found('interaction', assign.interaction_id);
  end if;
  -- answers before executions, as everybody who reads one
  select r.* into v_response from public.hil_responses r where r.id = assign.response_id for update;
  v_interaction := hil.hold(v_interaction.id);
  if v_response.outcome is not null then
    perform platform.fail(409, 'response_counted', 'This answer has been counted', 'It stays where it is.');
  end if;
  v_said := hil.classify(coalesce(v_response.hints ->> 'text', ''),
    hil.circumstances(v_interaction, v_response, 'assigned', true));
  v_understood := hil.understand(v_interaction, v_response.hints, v_said);
  if v_understood ? 'none' then
    update public.hil_responses r
    set status = 'matched', processed_at = engine.now(), matched_interaction_id = v_interaction.id,
      workflow_id = v_interaction.workflow_id, classification = v_said,
      ai_relevance_score = round(least(greatest((v_said ->> 'relevance_score')::numeric, 0), 1), 2),
      ai_reasoning = left(v_said ->> 'reasoning', 4000),
      error = jsonb_build_object(
        'code', coalesce(v_understood ->> 'intent', 'unclear'), 'message', v_understood ->> 'none')
    where r.id = v_response.id;
  else
    v_result := hil.decide(v_interaction.id, v_response.id, v_by, v_understood ->> 'decision',
      v_understood -> 'data', v_understood ->> 'comment');
    perform hil.refuse(v_interaction.id, v_result);
  end if;
  select r.* into v_response from public.hil_responses r where r.id = assign.response_id;
  return v_response;
end
$$;
comment on function hil.assign(uuid, uuid) is 'See public.assign_response.';
grant execute on function hil.assign(uuid, uuid) to authenticated, service_role;

create function public.assign_response(response_id uuid, interaction_id uuid)
returns public.hil_responses
language sql
volatile
security invoker
set search_path = ''
as $$
  select hil.assign(assign_response.response_id, assign_response.interaction_id)
$$;
comment on function public.assign_response(uuid, uuid) is
  'Say which question an answer belongs to that matched none; it counts as the answer of who says so. '
  'Errors: response_not_found, role_insufficient, interaction_not_found, interaction_decided, '
  'interaction_expired, response_invalid, response_counted.';
grant execute on function public.assign_response(uuid, uuid) to authenticated, service_role;
