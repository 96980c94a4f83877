-- Who it is, as one key: one vote each.
create function hil.key_of(by jsonb)
returns text
language plpgsql  -- which keeps the plan
immutable
set search_path = ''
as $$
begin
  return coalesce('user:' || (key_of.by ->> 'user'), 'email:' || lower(key_of.by ->> 'email'),
    'slack:' || (key_of.by ->> 'slack'), 'webhook:' || (key_of.by ->> 'webhook'), 'service');
end
$$;
comment on function hil.key_of(jsonb) is 'A responder as one key.';

-- A person known by a verified address who is a member of the workspace is that member.
create function hil.identify(workspace_id uuid, by jsonb)
returns jsonb
language plpgsql  -- which keeps the plan
stable
security definer
set search_path = ''
as $$
begin
  return coalesce((
      select jsonb_build_object('user', u.id, 'email', lower(u.email))
      from auth.users u
      join public.workspace_members m on m.user_id = u.id and m.workspace_id = identify.workspace_id
      where lower(u.email) = lower(identify.by ->> 'email') or u.id::text = identify.by ->> 'user'
      limit 1), identify.by);
end
$$;
comment on function hil.identify(uuid, jsonb) is 'A responder as the member that it is.';

-- Viewers only where they are named. Somebody outside of the workspace decides where the question was put to
-- him by name, or was sent to his address and nobody else is named. After the escalation those of it decide,
-- too.
create function hil.may_decide(interaction public.human_interactions, by jsonb)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_rank int := coalesce((
    select workspaces.rank(m.role) from public.workspace_members m
    where m.workspace_id = interaction.workspace_id and m.user_id::text = by ->> 'user'), 0);
  v_escalation jsonb := case when interaction.escalated_at is not null
    then interaction.request_data -> 'escalation' end;
begin
  return by ? 'service'
    or interaction.assignees = '[]' and v_rank >= workspaces.rank('editor')
    or exists (
      select from jsonb_array_elements(
        interaction.assignees || coalesce(nullif(v_escalation -> 'assignees', 'null'), '[]')) a
      where v_rank > 0 and a ->> 'user' = by ->> 'user'
        or v_rank >= hil.rank_asked(a ->> 'role')
        -- who has no address is not whom a template named that came to nothing
        or lower(a ->> 'email') = nullif(lower(by ->> 'email'), '')
        or a ->> 'slack' in (by ->> 'slack', by ->> 'channel'))
    or interaction.assignees = '[]'
      and hil.is_addressed(interaction.channel_type, interaction.request_data ->> 'to', by)
    or v_escalation is not null and coalesce(nullif(v_escalation -> 'assignees', 'null'), '[]') = '[]'
      and hil.is_addressed(coalesce(v_escalation ->> 'channel', interaction.channel_type),
        v_escalation ->> 'to', by);
end
$$;
comment on function hil.may_decide(public.human_interactions, jsonb) is 'May this person decide?';

-- Roles stand for themselves and those above; viewers are meant by their own name only.
create function hil.rank_asked(role text)
returns int
language sql
immutable
set search_path = ''
as $$
  select case when rank_asked.role = 'viewer' then workspaces.rank('viewer')
    else greatest(workspaces.rank(rank_asked.role), workspaces.rank('editor')) end
  where rank_asked.role is not null
$$;
comment on function hil.rank_asked(text) is 'The least role that an assignment of a role asks; null of none.';

create function hil.is_addressed(channel text, addressee text, by jsonb)
returns boolean
language plpgsql  -- which keeps the plan
immutable
set search_path = ''
as $$
begin
  return coalesce(case is_addressed.channel
    when 'email' then lower(btrim(addressee)) = lower(is_addressed.by ->> 'email')
    when 'slack' then addressee in (is_addressed.by ->> 'slack', is_addressed.by ->> 'channel')
    when 'webhook' then addressee = is_addressed.by ->> 'webhook'
  end, false);
end
$$;
comment on function hil.is_addressed(text, text, jsonb) is 'Was the message sent to this person?';

-- What an answer amounts to: {outcome, data}, or {problems: [{code, message, path}]}.
create function hil.read_decision(
  interaction public.human_interactions, decision text, data jsonb, comment text
)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_type text := interaction.interaction_type;
  v_asked jsonb := interaction.request_data -> 'data';
  v_data jsonb := nullif(data, 'null');
  v_allowed text[] := case v_type
    when 'approval' then '{approve,reject}'
    when 'review' then array(select jsonb_array_elements_text(
      coalesce(interaction.request_data -> 'allow', '["accept", "edit", "respond", "ignore"]')))
    else '{answer,reject}' end;
  v_decision text := case
    when v_type = 'approval' and decision = 'accept' then 'approve'
    when v_type = 'approval' and decision = 'edit' then 'approve'
    when v_type = 'review' and decision = 'approve'
      then case when v_data is null then 'accept' else 'edit' end
    when v_type = 'review' and decision = 'reject' then 'ignore'
    else decision end;
  v_problems jsonb := jsonb '[]';
  v_values jsonb;
begin
  if v_decision is null or v_decision <> all (v_allowed) then
    return jsonb_build_object('problems', jsonb_build_array(jsonb_build_object('code', 'decision_not_allowed',
      'message', format('decision is one of %s', array_to_string(v_allowed, ', ')), 'path', '$.decision')));
  elsif pg_column_size(v_data) > 262144 or length(comment) > 10000 then
    v_problems := v_problems || jsonb '{"code": "answer_too_large",
      "message": "data has at most 256 KiB, a comment 10000 characters", "path": "$.data"}';
  elsif v_decision = 'edit' and v_data is null then
    v_problems := v_problems || jsonb '{"code": "data_missing",
      "message": "data has what was edited", "path": "$.data"}';
  elsif v_decision = 'respond' and coalesce(comment, '') = '' and v_data is null then
    v_problems := v_problems || jsonb '{"code": "data_missing",
      "message": "comment says what to answer", "path": "$.comment"}';
  elsif v_decision = 'answer' and v_type = 'selection' then
    v_values := case when jsonb_typeof(v_data) = 'array' then v_data else jsonb_build_array(v_data) end;
    if v_data is null or v_values = '[]' then
      v_problems := v_problems || jsonb '{"code": "data_missing",
        "message": "data is what was selected", "path": "$.data"}';
    elsif coalesce(interaction.request_data -> 'multiple', 'false') <> 'true'
        and jsonb_array_length(v_values) > 1 then
      v_problems := v_problems || jsonb '{"code": "parameter_value",
        "message": "one value can be selected", "path": "$.data"}';
    elsif exists (
        select from jsonb_array_elements(v_values) v
        where not exists (
          select from jsonb_array_elements(interaction.request_data -> 'options') o
          where o -> 'value' = v)) then
      v_problems := v_problems || jsonb_build_object('code', 'parameter_value', 'path', '$.data',
        'message', format('is none of %s', (
          select string_agg(o ->> 'value', ', ')
          from jsonb_array_elements(interaction.request_data -> 'options') o)));
    end if;
    v_data := case when interaction.request_data -> 'multiple' = 'true' then v_values else v_values -> 0 end;
  elsif v_decision = 'answer' then
    begin
      select coalesce(jsonb_agg(jsonb_build_object('code', p ->> 'code', 'message', p ->> 'message',
        'path', workflows.path_of('$.data', array(select jsonb_array_elements_text(p -> 'at'))))), '[]')
      into v_problems
      from jsonb_array_elements(workflows.schema_problems(
        coalesce(nullif(interaction.request_data -> 'schema', 'null'), '{}'),
        coalesce(v_data, 'null'), false)) p;
    exception when others then
      -- the form's schema is its author's; one that was asked with before it was looked at lets nothing in
      v_problems := jsonb '[{"code": "schema_unreadable",
        "message": "the form cannot be checked", "path": "$.data"}]';
    end;
  end if;
  if v_problems <> '[]' then
    return jsonb_build_object('problems', v_problems);
  end if;
  return jsonb_build_object(
    'outcome', case
      when v_decision in ('approve', 'accept', 'edit') then 'approved'
      when v_decision in ('reject', 'ignore') then 'rejected'
      else 'answered' end,
    'data', case when v_decision in ('reject', 'ignore') then coalesce(v_data, v_asked)
      when v_decision = 'accept' then v_asked
      when v_decision = 'respond' then coalesce(v_data, to_jsonb(comment))
      else coalesce(v_data, v_asked) end);
end
$$;
comment on function hil.read_decision(public.human_interactions, text, jsonb, text) is
  'What an answer amounts to, or what is wrong with it.';

-- Locks an interaction for whoever changes it. Order: execution, interaction, wait. Null where it is not
-- there.
create function hil.hold(interaction_id uuid)
returns public.human_interactions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_interaction public.human_interactions;
begin
  perform from public.workflow_executions e
  where e.id = (select i.execution_id from public.human_interactions i where i.id = hold.interaction_id)
  for no key update;
  perform engine.pause_point('interaction_held');
  select * into v_interaction from public.human_interactions i where i.id = hold.interaction_id
  for no key update;
  return v_interaction;
end
$$;
comment on function hil.hold(uuid) is 'Lock an interaction and its execution.';

-- Lets executions whose interactions are over go on; a paused one keeps it until it is resumed.
create function hil.go_on(interactions public.human_interactions[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_ids uuid[] := array(select i.id from unnest(interactions) i);
  v_executions uuid[] := array(
    select e.id from public.workflow_executions e
    where e.id = any (array(select i.execution_id from unnest(interactions) i)) and e.status <> 'PAUSED');
begin
  update engine.waits w set until = go_on.at where w.id = any (v_ids) and w.kind = 'human';
  if cardinality(v_executions) > 0 then
    perform engine.advance(v_executions, at);
  end if;
end
$$;
comment on function hil.go_on(public.human_interactions[], timestamptz) is
  'Let executions go on after their answers.';

-- Of executions that the caller holds: their time may be over, or their end asked for, and nobody have come
-- to it yet.
create function hil.end_what_is_over(execution_ids uuid[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_over uuid[] := array(
    select e.id from public.workflow_executions e
    where e.id = any (execution_ids) and e.end_time is null and (
      e.deadline <= end_what_is_over.at
      or exists (select from engine.cancellations c where c.execution_id = e.id)));
begin
  if cardinality(v_over) > 0 then
    perform engine.advance(v_over, at);
  end if;
end
$$;
comment on function hil.end_what_is_over(uuid[], timestamptz) is 'End held executions whose end is due.';

-- A stored answer to an interaction, from lock to what follows: see count_answers().
create function hil.decide(
  interaction_id uuid, response uuid, by jsonb, decision text, data jsonb, comment text
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_interaction public.human_interactions := hil.hold(decide.interaction_id);
  v_now timestamptz := engine.now();
  v_answer hil.answer;
  v_counted hil.counted;
begin
  if v_interaction.status = 'pending' then
    perform hil.end_what_is_over(array[v_interaction.execution_id], v_now);
  end if;
  select r.source_channel, r.received_at, r.classification
  into v_answer.channel, v_answer.received_at, v_answer.said
  from public.hil_responses r where r.id = decide.response;
  v_answer.response_id := decide.response;
  v_answer.interaction_id := v_interaction.id;
  v_answer.sender := hil.identify(v_interaction.workspace_id, decide.by) || decide.by;
  v_answer.decision := decide.decision;
  v_answer.data := decide.data;
  v_answer.comment := decide.comment;
  v_counted := (hil.count_answers(array[v_answer], v_now))[1];
  if v_counted.result = 'decided' then
    perform hil.go_on(array[v_counted.interaction], v_now);
  end if;
  return jsonb_build_object('result', v_counted.result, 'error', v_counted.error,
    'problems', v_counted.problems, 'votes', v_counted.votes);
end
$$;
comment on function hil.decide(uuid, uuid, jsonb, text, jsonb, text) is
  'Apply a stored answer: {result, error, problems, votes}.';

-- Refuses, as count_answers() says.
create function hil.refuse(interaction_id uuid, result jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_interaction public.human_interactions;
begin
  select * into v_interaction from public.human_interactions i where i.id = refuse.interaction_id;
  case result ->> 'result'
    when 'forbidden' then
      perform platform.fail(403, 'role_insufficient', 'Somebody else was asked',
        'An editor of the workspace may reassign it.');
    when 'invalid' then
      perform platform.fail(422, 'response_invalid', 'The answer does not fit the question',
        (result -> 'problems')::text);
    when 'too_late' then
      perform platform.fail(409, 'interaction_decided',
        format('It is over: %s', v_interaction.outcome), jsonb_build_object(
          'outcome', v_interaction.outcome, 'responded_by', v_interaction.responded_by,
          'responded_at', v_interaction.responded_at, 'hint', 'The first answer counts.')::text);
    when 'expired' then
      perform platform.fail(410, 'interaction_expired', 'The time to answer is over',
        jsonb_build_object('outcome', 'timed_out', 'timeout_at', v_interaction.timeout_at,
          'hint', 'The workflow has gone on without an answer.')::text);
    else null;
  end case;
end
$$;
comment on function hil.refuse(uuid, jsonb) is
  'Raise what kept an answer from counting. Errors: role_insufficient, response_invalid, '
  'interaction_decided, interaction_expired.';
