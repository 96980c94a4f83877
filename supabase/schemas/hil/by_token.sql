-- The interaction and the addressee of a token; null where it was never given out.
create function hil.of_token(token text)
returns hil.tokens
language sql
stable
security definer
set search_path = ''
as $$
  select t from hil.tokens t where t.token_hash = hil.hash_of(of_token.token)
$$;
comment on function hil.of_token(text) is 'What is kept of a token.';

-- What a link shows. Looking changes nothing: mail scanners open links, too.
create function hil.show(token text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_token hil.tokens := hil.of_token(show.token);
  v_interaction public.human_interactions;
begin
  select * into v_interaction from public.human_interactions i where i.id = v_token.interaction_id;
  if v_interaction.id is null then
    return null;
  end if;
  return jsonb_build_object(
    'state', case
      when v_interaction.status = 'timeout' then 'expired'
      when v_interaction.status <> 'pending' then 'decided'
      when v_token.revoked_at is not null then 'reassigned'
      when v_interaction.timeout_at <= engine.now() then 'expired'
      when v_token.used_at is not null then 'used'
      else 'open' end,
    'interaction', hil.content_of(v_interaction),
    'assignee', v_token.assignee,
    'outcome', v_interaction.outcome, 'responded_by', v_interaction.responded_by,
    'responded_at', v_interaction.responded_at,
    'votes', (select count(distinct r.responder) from public.hil_responses r
      where r.matched_interaction_id = v_interaction.id and r.outcome in ('approved', 'answered')))
    -- what it came to is for those who were asked to the end
    || case when v_interaction.status = 'responded' and v_token.revoked_at is null
      then jsonb_build_object('responded_by_name', hil.name_of(v_interaction.responded_by),
        'comment', v_interaction.response_data -> 'comment', 'result', v_interaction.response_data -> 'data')
      else '{}' end;
end
$$;
comment on function hil.show(text) is
  'What a link shows: {state: open | used | decided | expired | reassigned, interaction, assignee, outcome, '
  'responded_by, responded_at, votes} and, once somebody decided, {responded_by_name, comment, result}; null '
  'where there is no such link.';

-- Takes a token for one answer. The caller holds its interaction. Null: it is taken.
create function hil.use_token(token text, at timestamptz)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_token hil.tokens;
begin
  update hil.tokens t set used_at = use_token.at
  where t.token_hash = hil.hash_of(use_token.token) and t.used_at is null and t.revoked_at is null
    and t.expires_at > use_token.at;
  if found then
    return null;
  end if;
  v_token := hil.of_token(use_token.token);
  return case
    when v_token.revoked_at is not null then 'reassigned'
    when v_token.used_at is not null then 'used'
    else 'expired' end;
end
$$;
comment on function hil.use_token(text, timestamptz) is
  'Take a token; answers why not: reassigned, used, expired.';

-- An answer through a link. Errors are raised, and leave the token as it was.
create function hil.decide_by_token(token text, decision text, data jsonb, comment text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_token hil.tokens := hil.of_token(decide_by_token.token);
  v_interaction public.human_interactions := hil.hold(v_token.interaction_id);
  v_channel text := coalesce((select k from jsonb_object_keys(v_token.assignee) k limit 1), 'webhook');
  v_response uuid;
  v_result jsonb;
  v_why text;
begin
  if v_interaction.id is null then
    perform platform.fail(404, 'interaction_not_found', 'There is no such link',
      'Take the link of the newest message.');
  elsif pg_column_size(data) > 262144 then
    perform platform.fail(422, 'response_invalid', 'The answer does not fit the question',
      '[{"code": "answer_too_large", "message": "data has at most 256 KiB", "path": "$.data"}]');
  end if;
  if v_interaction.status = 'pending' then
    v_why := hil.use_token(decide_by_token.token, engine.now());
    if v_why = 'reassigned' then
      perform platform.fail(409, 'interaction_reassigned', 'Others have been asked instead',
        'Take the link of the newest message, if one came.');
    elsif v_why = 'used' then
      perform platform.fail(409, 'token_used', 'This link has been used', 'Its answer counts.');
    elsif v_why = 'expired' then
      perform hil.refuse(v_interaction.id, jsonb '{"result": "expired"}');
    end if;
  end if;
  insert into public.hil_responses (
    workspace_id, workflow_id, source_channel, provider, message_id, raw_payload, received_at)
  values (v_interaction.workspace_id, v_interaction.workflow_id, v_channel, 'link', platform.uuid7()::text,
    jsonb_build_object('decision', decision, 'data', data, 'comment', left(comment, 10000)), engine.now())
  returning id into v_response;
  v_result := hil.decide(v_interaction.id, v_response, v_token.assignee, decision, data, comment);
  perform hil.refuse(v_interaction.id, v_result);
  select * into v_interaction from public.human_interactions i where i.id = v_token.interaction_id;
  return jsonb_build_object(
    'interaction_id', v_interaction.id, 'result', v_result ->> 'result', 'status', v_interaction.status,
    'outcome', v_interaction.outcome, 'responded_by', v_interaction.responded_by,
    'responded_at', v_interaction.responded_at, 'votes', v_result -> 'votes', 'quorum', v_interaction.quorum);
end
$$;
comment on function hil.decide_by_token(text, text, jsonb, text) is
  'Answer through a link: {interaction_id, result: decided | recorded, status, outcome, responded_by, '
  'responded_at, votes, quorum}. Errors: interaction_not_found, interaction_decided, interaction_expired, '
  'interaction_reassigned, token_used, role_insufficient, response_invalid.';

-- The form of a question for who clicked in Slack. Only of the integration's workspace.
create function hil.form_for(integration_id uuid, interaction_id uuid, by jsonb)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_interaction public.human_interactions;
  v_hosts text[];
begin
  select i.* into v_interaction
  from public.human_interactions i
  join public.integrations g on g.workspace_id = i.workspace_id and g.is_active
  where i.id = form_for.interaction_id and g.id = form_for.integration_id;
  if v_interaction.id is null then
    return null;
  end if;
  select w.allowed_hosts into v_hosts from public.workspaces w where w.id = v_interaction.workspace_id;
  return jsonb_build_object(
    'state', case
      when v_interaction.status = 'timeout'
        or v_interaction.status = 'pending' and v_interaction.timeout_at <= engine.now()
        then 'expired'
      when v_interaction.status <> 'pending' then 'decided'
      when not hil.may_decide(v_interaction, form_for.by) then 'forbidden'
      else 'open' end,
    'outcome', v_interaction.outcome, 'interaction', hil.content_of(v_interaction), 'allowed_hosts', v_hosts);
end
$$;
comment on function hil.form_for(uuid, uuid, jsonb) is
  'A question for who wants to fill in its form: {state: open | forbidden | decided | expired, outcome, '
  'interaction, allowed_hosts}; null where the integration''s workspace has none.';
