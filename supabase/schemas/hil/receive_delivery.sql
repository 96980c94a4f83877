-- What a provider delivered: null where its proof is good for one delivery and was used before. Of a hook
-- that triggers listen to, too, as Slack's events, `only_replies` are taken, which leave the proof to the
-- triggers; null of all else, which is kept nowhere.
create function hil.receive_delivery(
  provider text, integration_id uuid, message_id text, raw jsonb, headers jsonb, hints jsonb,
  single_use_token text default null, only_replies boolean default false
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_integration public.integrations;
begin
  if only_replies then
    if not hil.is_reply(receive_delivery.integration_id, receive_delivery.hints, single_use_token) then
      return null;
    end if;
  elsif single_use_token is not null then
    select i.* into v_integration from public.integrations i where i.id = receive_delivery.integration_id;
    if v_integration.id is null or not triggers.use_token(v_integration, single_use_token) then
      return null;
    end if;
  end if;
  return hil.receive(receive_delivery.provider, receive_delivery.integration_id, receive_delivery.message_id,
    receive_delivery.raw, receive_delivery.headers, receive_delivery.hints);
end
$$;
comment on function hil.receive_delivery(text, uuid, text, jsonb, jsonb, jsonb, text, boolean) is
  'hil.receive(), or null of a delivery that was made before or, where only replies are taken, answers '
  'nothing.';

-- Whether a delivery answers a question that was sent through this integration, or may do so since one is
-- being sent.
create function hil.is_reply(integration_id uuid, hints jsonb, single_use_token text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
begin
  if exists (
      select from triggers.used_tokens u
      where u.integration_id = is_reply.integration_id
        and u.token_hash = sha256(convert_to(single_use_token, 'UTF8'))) then
    return false;
  end if;
  return exists (
      select from hil.messages m
      where m.integration_id = is_reply.integration_id and m.external_id = hints #>> '{slack,thread_ts}')
    or hints ? 'email' and exists (
      select from hil.mails_answered(hints -> 'email') m where m.integration_id = is_reply.integration_id)
    or exists (
      select from hil.tokens t
      join public.human_interactions i on i.id = t.interaction_id
      join public.integrations g on g.workspace_id = i.workspace_id
      where t.token_hash = hil.hash_of(hints ->> 'token') and g.id = is_reply.integration_id)
    -- a direct message, not in a thread
    or hints #>> '{slack,thread_ts}' is null and hints #>> '{slack,user}' is not null and exists (
      select from public.integrations g
      join hil.messages m on m.workspace_id = g.workspace_id and m.channel = 'slack'
        and lower(m.recipient) = lower(hints #>> '{slack,user}')
      join public.human_interactions i on i.id = m.interaction_id and i.status = 'pending'
      where g.id = is_reply.integration_id)
    -- who answers fast may do so before we know what he answers to
    or exists (
      select from hil.messages m
      where m.status = 'pending' and m.lease_until > v_now
        and m.due_at between v_now and v_now + interval '60 seconds'
        and m.integration_id = is_reply.integration_id);
end
$$;
comment on function hil.is_reply(uuid, jsonb, text) is 'Whether a hook''s delivery answers a question.';
