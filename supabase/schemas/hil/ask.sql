-- A HUMAN_IN_THE_LOOP node: asks, and answers the row that waits, or (id null) in data {error} why it cannot
-- ask. The caller holds the execution.
create function hil.ask(token engine.token, subtype text, parameters jsonb, at timestamptz)
returns engine.waits
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_wait engine.waits;
  v_interaction public.human_interactions;
  v_problem text := hil.request_problem(subtype, parameters);
begin
  v_interaction.channel_type := coalesce(parameters ->> 'channel', 'in_app');
  if v_problem is null then
    select coalesce(jsonb_object_agg(c.key, c.value), '{}'),
      string_agg(format('the integration for %s is not there or not active', c.key), ', ')
        filter (where i.id is null)
    into v_interaction.credentials, v_problem
    from public.nodes n
    cross join lateral jsonb_each_text(n.credentials) c
    left join public.integrations i
      on i.workspace_id = token.workspace_id and i.id::text = c.value and i.is_active
    where n.workflow_id = token.workflow_id and n.version = token.version and n.node_id = token.node_id;
  end if;
  if v_problem is not null then
    v_wait.data := jsonb_build_object('error', jsonb_build_object('code', 'interaction_invalid',
      'message', 'Nobody can be asked: ' || v_problem));
    return v_wait;
  end if;
  v_interaction.id := token.id;
  v_interaction.workspace_id := token.workspace_id;
  v_interaction.workflow_id := token.workflow_id;
  v_interaction.execution_id := token.execution_id;
  v_interaction.node_id := token.node_id;
  v_interaction.run_index := token.run_index;
  v_interaction.interaction_type := lower(subtype);
  v_interaction.priority := coalesce(parameters ->> 'priority', 'normal');
  v_interaction.assignees := coalesce(nullif(parameters -> 'assignees', 'null'), '[]');
  v_interaction.quorum := coalesce(engine.count_of(parameters -> 'quorum'), 1);
  v_interaction.correlation_id := nullif(left(parameters ->> 'correlation_id', 255), '');
  v_interaction.tags := array(select left(t, 100) from jsonb_array_elements_text(
    coalesce(nullif(parameters -> 'tags', 'null'), '[]')) t limit 20);
  v_interaction.request_data := (
    parameters - '{channel,priority,assignees,quorum,timeout_seconds,correlation_id,tags}'::text[])
    || jsonb_build_object(
      'message', coalesce(parameters ->> 'message', ''),
      'timeout_action', coalesce(parameters ->> 'timeout_action', 'continue'));
  v_interaction.created_at := at;
  v_interaction.timeout_at := at
    + make_interval(secs => coalesce((parameters ->> 'timeout_seconds')::float8, 2592000));
  insert into public.human_interactions as h (
    id, workspace_id, workflow_id, execution_id, node_id, run_index, interaction_type, channel_type, priority,
    request_data, assignees, quorum, credentials, created_at, updated_at, timeout_at, correlation_id, tags)
  values (
    v_interaction.id, v_interaction.workspace_id, v_interaction.workflow_id, v_interaction.execution_id,
    v_interaction.node_id, v_interaction.run_index, v_interaction.interaction_type,
    v_interaction.channel_type,
    v_interaction.priority, v_interaction.request_data, v_interaction.assignees, v_interaction.quorum,
    v_interaction.credentials, at, at, v_interaction.timeout_at,
    v_interaction.correlation_id, v_interaction.tags)
  returning h.* into v_interaction;
  insert into public.workflow_execution_pauses (
    id, workspace_id, execution_id, paused_at, paused_node_id, pause_reason, resume_conditions, created_at)
  values (token.id, token.workspace_id, token.execution_id, at, token.node_id, 'human_interaction',
    jsonb_build_object('interaction_id', token.id, 'timeout_at', v_interaction.timeout_at), at);
  perform hil.write_messages(v_interaction, 'request', v_interaction.channel_type, parameters ->> 'to',
    v_interaction.assignees, at);
  perform hil.log(v_interaction, 'INFO', format('Waits for an answer: %s',
    coalesce(nullif(v_interaction.request_data ->> 'title', ''),
      left(v_interaction.request_data ->> 'message', 200))),
    jsonb_build_object('channel', v_interaction.channel_type, 'timeout_at', v_interaction.timeout_at), at);
  perform hil.broadcast(v_interaction);
  v_wait := engine.wait_of(token, 'human', at, hil.next_due(v_interaction));
  -- the answer may have come before the question: the tick looks at it
  if v_interaction.correlation_id is not null and exists (
      select from public.hil_responses r
      where r.workspace_id = v_interaction.workspace_id and r.status = 'unmatched'
        and r.hints ->> 'correlation_id' = v_interaction.correlation_id) then
    v_wait.until := at;
  end if;
  return v_wait;
end
$$;
comment on function hil.ask(engine.token, text, jsonb, timestamptz) is 'What a HUMAN_IN_THE_LOOP node does.';

-- What the templates of a question have come to, and nobody could answer.
create function hil.request_problem(subtype text, parameters jsonb)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_seconds float8;
  v_persons int;
  v_problem jsonb;
begin
  if coalesce(parameters ->> 'message', '') = '' then
    return 'message is empty';
  elsif coalesce(parameters ->> 'priority', 'normal') not in ('low', 'normal', 'high', 'critical') then
    return 'priority is low, normal, high or critical';
  elsif jsonb_typeof(coalesce(nullif(parameters -> 'assignees', 'null'), '[]')) <> 'array'
     or exists (
       select from jsonb_array_elements(
         case jsonb_typeof(parameters -> 'assignees')
           when 'array' then parameters -> 'assignees' else '[]' end) a
       where jsonb_typeof(a) <> 'object' or not a ?| '{user,role,email,slack}'
         or (a ? 'role' and workspaces.rank(a ->> 'role') = 0)) then
    return 'assignees is a list of {user}, {role: admin, editor or viewer}, {email} or {slack}';
  elsif coalesce(parameters ->> 'channel', 'in_app') <> 'in_app' and coalesce(parameters ->> 'to', '') = ''
     and coalesce(nullif(parameters -> 'assignees', 'null'), '[]') = '[]' then
    return 'to is empty';
  elsif coalesce(parameters ->> 'channel', 'in_app') = 'email'
     and parameters ->> 'to' !~ '^[^@\s]+@[^@\s]+$' then
    return 'to is no email address';
  elsif parameters ? 'timeout_seconds' then
    if not coalesce(pg_input_is_valid(parameters ->> 'timeout_seconds', 'float8'), false) then
      return 'timeout_seconds is no number';
    end if;
    v_seconds := (parameters ->> 'timeout_seconds')::float8;
    if v_seconds is null or not v_seconds between 1 and 31536000 then
      return 'timeout_seconds is 1 to 31536000';
    end if;
  end if;
  if subtype = 'SELECTION' and (
      jsonb_typeof(parameters -> 'options') <> 'array'
      or jsonb_array_length(parameters -> 'options') not between 1 and 100
      or exists (
        select from jsonb_array_elements(parameters -> 'options') o
        where not coalesce(o ? 'value', false))) then
    return 'options is a list of 1 to 100 {value, label}';
  elsif subtype = 'INPUT' then
    v_problem := hil.form_problems(parameters -> 'schema') -> 0;
    if v_problem is not null then
      return workflows.path_of('schema', array(select jsonb_array_elements_text(v_problem -> 'at')))
        || ' ' || (v_problem ->> 'message');
    end if;
  end if;
  select count(*) into v_persons
  from jsonb_array_elements(coalesce(nullif(parameters -> 'assignees', 'null'), '[]')) a;
  if coalesce(engine.count_of(parameters -> 'quorum'), 1) > v_persons and v_persons > 0 and not exists (
      select from jsonb_array_elements(parameters -> 'assignees') a
      where a ? 'role' or a ->> 'slack' ~ '^[CG]') then
    return format('quorum is %s of %s assignees', parameters ->> 'quorum', v_persons);
  end if;
  return null;
end
$$;
comment on function hil.request_problem(text, jsonb) is 'Why a question cannot be asked; null where it can.';

-- When something has to be done about a pending interaction: a reminder, the escalation, the timeout.
create function hil.next_due(interaction public.human_interactions)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select least(
    interaction.timeout_at,
    (select min(interaction.created_at + make_interval(secs => s::float8))
     from jsonb_array_elements_text(coalesce(interaction.request_data -> 'reminders', '[]')) s
     where interaction.created_at + make_interval(secs => s::float8)
       > coalesce(interaction.reminded_at, interaction.created_at)),
    case when interaction.escalated_at is null then interaction.created_at
      + make_interval(secs => (interaction.request_data #>> '{escalation,after_seconds}')::float8) end)
$$;
comment on function hil.next_due(public.human_interactions) is 'When a pending interaction wants attention.';

-- What a wait of kind human has come to: either of both.
create type hil.reviewed as (
  -- it goes on waiting
  wait engine.waits,
  settled engine.settled
);

-- A wait that is due: somebody decided, time is over, or somebody has to be reminded. The caller holds the
-- execution and has taken the wait out.
create function hil.review(wait engine.waits, at timestamptz)
returns hil.reviewed
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_reviewed hil.reviewed;
  v_settled engine.settled;
  v_interaction public.human_interactions;
  v_action text;
  v_error jsonb;
begin
  select * into v_interaction from public.human_interactions i where i.id = wait.id for no key update;
  if v_interaction.status = 'pending' and v_interaction.correlation_id is not null then
    v_interaction := hil.take_early(v_interaction, at);
  end if;
  if v_interaction.status = 'pending' and v_interaction.timeout_at <= at then
    perform hil.time_out(array[v_interaction.id], at);
    select * into v_interaction from public.human_interactions i where i.id = wait.id;
  end if;
  if v_interaction.status = 'pending' then
    v_interaction := hil.nudge(v_interaction, at);
    -- at once again where its time is over and an answer is to be looked at first
    wait.until := greatest(hil.next_due(v_interaction), at + interval '100 milliseconds');
    v_reviewed.wait := wait;
    return v_reviewed;
  end if;
  v_settled.token := engine.token_of(wait);
  v_settled.started_at := wait.since;
  v_settled.ended_at := at;
  v_settled.passes := false;
  v_action := v_interaction.request_data ->> 'timeout_action';
  if v_interaction.id is null then
    v_error := jsonb '{"code": "interaction_lost", "message": "The question is no longer there"}';
  elsif v_interaction.status = 'cancelled' then
    v_error := jsonb_build_object('code', 'interaction_cancelled', 'message',
      coalesce(v_interaction.response_data ->> 'reason', 'The question was taken back'));
  elsif v_interaction.status = 'timeout' and v_action in ('error', 'fail') then
    v_error := jsonb_build_object('code', 'interaction_timed_out', 'message', 'Nobody answered in time',
      'details', jsonb_build_object('interaction_id', v_interaction.id, 'timeout_action', v_action));
  else
    v_settled.output := v_interaction.response_data;
    v_settled.output_index := case
      when v_interaction.status = 'timeout' and v_action = 'default' then 0
      when v_interaction.status = 'timeout' then 2
      when v_interaction.outcome = 'rejected' then 1
      else 0
    end;
  end if;
  v_settled.error := v_error;
  v_reviewed.settled := v_settled;
  return v_reviewed;
end
$$;
comment on function hil.review(engine.waits, timestamptz) is 'What a due wait of kind human has come to.';

-- What the node puts out: `prior` are votes before the one that decided (see votes_of()), which came by
-- `channel`.
create function hil.output_of(
  interaction public.human_interactions, outcome text, data jsonb, comment text,
  responded_by jsonb, at timestamptz, prior jsonb, channel text
)
returns jsonb
language plpgsql  -- which keeps the plan
immutable
set search_path = ''
as $$
declare
  v_output jsonb := jsonb_build_object(
    'outcome', output_of.outcome, 'data', output_of.data, 'comment', output_of.comment,
    'responded_by', output_of.responded_by, 'responded_at', output_of.at);
  v_votes jsonb := jsonb '[]';
begin
  if prior <> '[]' then
    select jsonb_agg(v - 'responder') into v_votes from jsonb_array_elements(prior) v;
  end if;
  if channel is not null then
    v_votes := v_votes || (v_output || jsonb_build_object('channel', output_of.channel));
  end if;
  return v_output || jsonb_build_object('interaction_id', interaction.id, 'responses', v_votes);
end
$$;
comment on function hil.output_of(
  public.human_interactions, text, jsonb, text, jsonb, timestamptz, jsonb, text) is
  'The output of a HUMAN_IN_THE_LOOP node.';

-- Ends interactions that nobody answered in time; not one to which an answer may have been received in time
-- that is not looked at yet. The caller holds their executions.
create function hil.time_out(interaction_ids uuid[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_interaction public.human_interactions;
  v_ended public.human_interactions[] := array[]::public.human_interactions[];
  v_logs public.workflow_execution_logs[] := array[]::public.workflow_execution_logs[];
  v_log public.workflow_execution_logs;
begin
  for v_interaction in
    -- the same condition as of a decision, the other way round
    update public.human_interactions i
    set status = 'timeout', outcome = 'timed_out',
      response_data = hil.output_of(i, 'timed_out',
        case when i.request_data ->> 'timeout_action' = 'default' then i.request_data -> 'default_response'
          else i.request_data -> 'data' end, null, null, time_out.at,
        case when i.quorum > 1 then hil.votes_of(i.id) end, null)
    where i.id = any (time_out.interaction_ids) and i.status = 'pending' and i.timeout_at <= time_out.at
      and not exists (
        select from public.hil_responses r
        where r.workspace_id = i.workspace_id and r.status = 'unprocessed' and r.received_at < i.timeout_at
          -- known of one that a model is asked about
          and (r.matched_interaction_id is null or r.matched_interaction_id = i.id)
          and r.received_at > time_out.at - interval '1 minute')
    returning i.*
  loop
    v_ended := v_ended || v_interaction;
    v_log := hil.log_line(v_interaction, 'WARNING', 'Nobody answered in time', null);
    v_logs := v_logs || v_log;
  end loop;
  if cardinality(v_ended) > 0 then
    perform hil.after_end(v_ended, at);
    perform engine.write_logs(v_logs, at);
  end if;
end
$$;
comment on function hil.time_out(uuid[], timestamptz) is 'End interactions that nobody answered.';

-- Reminders and the escalation of a pending interaction, as far as they are due; several missed reminders are
-- one.
create function hil.nudge(interaction public.human_interactions, at timestamptz)
returns public.human_interactions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_escalation jsonb := nullif(interaction.request_data -> 'escalation', 'null');
  v_escalates boolean := interaction.escalated_at is null and v_escalation is not null
    and interaction.created_at + make_interval(secs => (v_escalation ->> 'after_seconds')::float8) <= at;
  v_reminds boolean := exists (
    select from jsonb_array_elements_text(coalesce(interaction.request_data -> 'reminders', '[]')) s
    where interaction.created_at + make_interval(secs => s::float8)
      between coalesce(interaction.reminded_at, interaction.created_at) + interval '1 microsecond' and at);
begin
  if not v_escalates and not v_reminds then
    return interaction;
  end if;
  update public.human_interactions i
  set reminded_at = case when v_reminds then at else i.reminded_at end,
    escalated_at = case when v_escalates then at else i.escalated_at end
  where i.id = interaction.id
  returning i.* into interaction;
  if v_reminds then
    perform hil.write_messages(interaction, 'reminder', interaction.channel_type,
      interaction.request_data ->> 'to', interaction.assignees, at);
    perform hil.log(interaction, 'INFO', 'Reminded', null, at);
  end if;
  if v_escalates then
    perform hil.write_messages(interaction, 'escalation',
      coalesce(v_escalation ->> 'channel', interaction.channel_type), v_escalation ->> 'to',
      coalesce(nullif(v_escalation -> 'assignees', 'null'), '[]'), at);
    perform hil.log(interaction, 'WARNING',
      'Nobody answered yet: asked ' || coalesce(v_escalation ->> 'to', 'others'), null, at);
  end if;
  perform hil.broadcast(interaction);
  return interaction;
end
$$;
comment on function hil.nudge(public.human_interactions, timestamptz) is
  'Send reminders and the escalation that are due.';

-- Pending interactions of executions that end now. The caller holds the executions.
create function hil.withdraw(execution_ids uuid[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_ended public.human_interactions[];
begin
  with ended as (
    update public.human_interactions i
    set status = 'cancelled', outcome = 'cancelled',
      response_data = jsonb '{"outcome": "cancelled", "reason": "The execution ended"}'
    where i.execution_id = any (withdraw.execution_ids) and i.status = 'pending'
    returning i.*)
  select array_agg(e::public.human_interactions) into v_ended from ended e;
  if cardinality(v_ended) > 0 then
    perform hil.after_end(v_ended, at);
  end if;
  perform hil.end_pauses(withdraw.execution_ids, at);
end
$$;
comment on function hil.withdraw(uuid[], timestamptz) is 'Cancel what executions that end were asking.';

create function hil.end_pauses(execution_ids uuid[], at timestamptz)
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  update public.workflow_execution_pauses p
  set status = 'resumed', resumed_at = end_pauses.at, resume_trigger = 'ended'
  where p.execution_id = any (end_pauses.execution_ids) and p.status = 'active'
$$;
comment on function hil.end_pauses(uuid[], timestamptz) is 'End the pauses of executions that end.';

-- Tells who listens on the private topic `workspace:<id>` of Supabase Realtime that an interaction changed:
-- ids and statuses, never data. Does nothing where there is no Realtime.
create function hil.broadcast(interaction public.human_interactions)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_send regproc;
begin
  if to_regnamespace('realtime') is null then
    return;
  end if;
  v_send := to_regprocedure('realtime.send(jsonb,text,text,boolean)');
  if v_send is null then
    return;
  end if;
  execute format('select %s($1, ''interaction'', $2, true)', v_send)
  using jsonb_build_object('id', interaction.id, 'execution_id', interaction.execution_id,
      'status', interaction.status, 'outcome', interaction.outcome),
    'workspace:' || interaction.workspace_id;
end
$$;
comment on function hil.broadcast(public.human_interactions) is
  'Broadcast the status of an interaction to its workspace.';
