create function hil.respond(
  interaction_id uuid, decision text, data jsonb, comment text, idempotency_key text
)
returns public.human_interactions
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_interaction public.human_interactions;
  v_by jsonb := case
    when (select auth.uid()) is null then jsonb '{"service": true}'
    else jsonb_build_object('user', (select auth.uid())) end;
  v_response uuid;
  v_result jsonb;
begin
  select * into v_interaction from public.human_interactions i
  where i.id = respond.interaction_id and not exists (
    select from public.workflows w where w.id = i.workflow_id and w.deleted_at is not null);
  perform workspaces.require(v_interaction.workspace_id, 'viewer', 'interaction', respond.interaction_id);
  if length(idempotency_key) not between 1 and 255 then
    perform platform.fail(422, 'idempotency_key_invalid',
      'An idempotency key has 1 to 255 characters', 'Give another.');
  end if;
  if pg_column_size(data) > 262144 then
    perform platform.fail(422, 'response_invalid', 'The answer does not fit the question',
      '[{"code": "answer_too_large", "message": "data has at most 256 KiB", "path": "$.data"}]');
  end if;
  insert into public.hil_responses (
    workspace_id, workflow_id, source_channel, provider, message_id, raw_payload, received_at)
  values (v_interaction.workspace_id, v_interaction.workflow_id, 'in_app', 'in_app',
    v_interaction.id || ' ' || hil.key_of(v_by) || ' '
      || coalesce('key ' || respond.idempotency_key, platform.uuid7()::text),
    jsonb_build_object('decision', decision, 'data', data, 'comment', left(comment, 10000)),
    engine.now())
  on conflict do nothing
  returning id into v_response;
  -- asked again after a lost answer: what it came to
  if v_response is not null then
    v_result := hil.decide(v_interaction.id, v_response, v_by, decision, data, comment);
    perform hil.refuse(v_interaction.id, v_result);
  end if;
  select * into v_interaction from public.human_interactions i where i.id = respond.interaction_id;
  return v_interaction;
end
$$;
comment on function hil.respond(uuid, text, jsonb, text, text) is 'See public.respond_to_interaction.';
grant execute on function hil.respond(uuid, text, jsonb, text, text) to authenticated, service_role;

create function public.respond_to_interaction(
  interaction_id uuid, decision text, data jsonb default null, comment text default null,
  idempotency_key text default null
)
returns public.human_interactions
language sql
volatile
security invoker
set search_path = ''
as $$
  select hil.respond(respond_to_interaction.interaction_id, respond_to_interaction.decision,
    respond_to_interaction.data, respond_to_interaction.comment, respond_to_interaction.idempotency_key)
$$;
comment on function public.respond_to_interaction(uuid, text, jsonb, text, text) is
  'Answer a question of a workflow: approve or reject an approval, answer or reject an input or a selection, '
  'accept, edit, respond to or ignore a review. With a quorum it stays pending until enough have agreed. '
  'Repeating it with the same idempotency key changes nothing. '
  'Errors: interaction_not_found, role_insufficient, response_invalid, interaction_decided, '
  'interaction_expired, idempotency_key_invalid.';
grant execute on function public.respond_to_interaction(uuid, text, jsonb, text, text)
  to authenticated, service_role;
