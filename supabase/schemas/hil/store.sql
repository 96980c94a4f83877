-- What providers delivered and a function has verified, many in one statement: [{provider, integration_id,
-- message_id, raw, headers, hints}], hints as of hil.receive(). Nothing is made of them yet:
-- hil.process_stored() does. Answers of each, in their order, {response_id, status, repeated}: unprocessed,
-- or what became of one that was here before; null where nothing takes it; {retry_after} of what is too much
-- for its hook, where it `admits`.
create function hil.store(deliveries jsonb, admits boolean default false)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_delivery jsonb;
  v_row public.hil_responses;
  v_rows public.hil_responses[] := array[]::public.hil_responses[];
  v_stored uuid[];
  v_answers jsonb := jsonb '[]';
  v_hook uuid;
  v_count int;
  -- by hook: {how many are taken yet, when to try the others again}
  v_rooms jsonb := jsonb '{}';
  v_room jsonb;
begin
  if admits then
    for v_hook, v_count in
      select (d ->> 'integration_id')::uuid, count(*)
      from jsonb_array_elements(deliveries) d group by 1 order by 1
    loop
      v_rooms := v_rooms || jsonb_build_object(v_hook, triggers.admit_deliveries(v_hook, v_count));
    end loop;
  end if;
  for v_delivery in select d from jsonb_array_elements(deliveries) d loop
    v_row := null;
    -- in their order, whatever that of their insertion is
    v_row.id := platform.uuid7();
    v_row.provider := v_delivery ->> 'provider';
    v_row.integration_id := (v_delivery ->> 'integration_id')::uuid;
    v_row.message_id := left(v_delivery ->> 'message_id', 500);
    if v_row.integration_id is null then
      select i.workspace_id into v_row.workspace_id from hil.tokens t
      join public.human_interactions i on i.id = t.interaction_id
      where t.token_hash = hil.hash_of(v_delivery #>> '{hints,token}');
    else
      select i.workspace_id into v_row.workspace_id from public.integrations i
      where i.id = v_row.integration_id and i.is_active;
    end if;
    if admits then
      v_room := v_rooms -> (v_delivery ->> 'integration_id');
      if v_room -> 0 = '0' then
        v_row.error := jsonb_build_object('retry_after', v_room -> 1);
        v_row.workspace_id := null;
      else
        v_rooms := jsonb_set(v_rooms, array[v_delivery ->> 'integration_id', '0'],
          to_jsonb((v_room ->> 0)::int - 1));
      end if;
    end if;
    v_row.source_channel := case
      when v_row.provider = 'slack' then 'slack'
      when v_row.provider in ('resend', 'sendgrid', 'mailgun', 'postmark') then 'email'
      else 'webhook' end;
    v_row.raw_payload := coalesce(v_delivery -> 'raw', 'null');
    v_row.headers := nullif(v_delivery -> 'headers', 'null');
    v_row.hints := hil.without_tokens(v_delivery -> 'hints');
    v_rows := v_rows || v_row;
  end loop;
  with stored as (
    insert into public.hil_responses as r (
      id, workspace_id, source_channel, provider, integration_id, message_id, raw_payload, headers,
      hints, received_at)
    select g.id, g.workspace_id, g.source_channel, g.provider, g.integration_id, g.message_id, g.raw_payload,
      g.headers, g.hints, v_now
    from unnest(v_rows) g
    where g.workspace_id is not null
    -- who stores the same at the same time waits, never in a circle
    order by g.integration_id, g.message_id, g.id
    on conflict do nothing
    returning r.id
  )
  select coalesce(array_agg(s.id), '{}') into v_stored from stored s;
  foreach v_row in array v_rows loop
    v_answers := v_answers || jsonb_build_array(case
      when v_row.error is not null then v_row.error
      when v_row.id = any (v_stored)
        then jsonb_build_object('response_id', v_row.id, 'status', 'unprocessed', 'repeated', false)
      when v_row.workspace_id is not null then (
        select hil.answer_of(r) from public.hil_responses r
        where r.provider = v_row.provider and r.message_id = v_row.message_id
          and r.integration_id is not distinct from v_row.integration_id) end);
  end loop;
  return v_answers;
end
$$;
comment on function hil.store(jsonb, boolean) is
  'Keep what providers delivered: [{response_id, status, repeated}], null where nothing takes it, '
  '{retry_after} of what is too much.';

-- What a token opens nobody is to find: its hash is kept.
create function hil.without_tokens(hints jsonb)
returns jsonb
language plpgsql  -- which keeps the plan
immutable
set search_path = ''
as $$
begin
  if hints ? 'token' then
    hints := hints - 'token' || jsonb_build_object(
      'token_hash', encode(hil.hash_of(hints ->> 'token'), 'hex'));
  end if;
  if hints #> '{email,tag}' is not null then
    hints := jsonb_set(hints #- '{email,tag}', '{email,tag_hash}',
      coalesce(to_jsonb(encode(hil.hash_of(hints #>> '{email,tag}'), 'hex')), 'null'));
  end if;
  return hints;
end
$$;
comment on function hil.without_tokens(jsonb) is 'Hints without what opens an interaction.';
