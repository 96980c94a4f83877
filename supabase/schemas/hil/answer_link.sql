-- How often a link may be asked for: null, or after how many seconds to try again. What is no link has no
-- bucket, so that guessing fills no table.
create function hil.admit(token text)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_hash bytea := hil.hash_of(admit.token);
begin
  if not exists (select from hil.tokens t where t.token_hash = v_hash) then
    return null;
  end if;
  return triggers.admit_delivery(
    encode(substring(v_hash from 1 for 16), 'hex')::uuid,
    platform.setting('hil.link_burst', '60')::float8,
    platform.setting('hil.link_rate_per_second', '1')::float8);
end
$$;
comment on function hil.admit(text) is
  'Count a look at a link: null, or after how many seconds to try again.';

-- An answer through a link, which may be sent twice: by a double click, or after a lost answer. The same one
-- again is answered the same. Two at once wait for each other here.
create function hil.answer_link(token text, decision text, data jsonb, comment text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_token hil.tokens := hil.of_token(answer_link.token);
  v_interaction public.human_interactions := hil.hold(v_token.interaction_id);
  v_response public.hil_responses;
begin
  if v_interaction.id is null then
    return null;
  end if;
  select r.* into v_response from public.hil_responses r
  where r.matched_interaction_id = v_interaction.id and r.provider = 'link' and r.outcome is not null
    and r.responder = hil.key_of(hil.identify(v_interaction.workspace_id, v_token.assignee)
      || v_token.assignee)
    and r.raw_payload = jsonb_build_object(
      'decision', answer_link.decision, 'data', answer_link.data, 'comment', left(answer_link.comment, 10000))
  limit 1;
  if v_response.id is null then
    return hil.decide_by_token(answer_link.token, answer_link.decision,
      answer_link.data, answer_link.comment);
  end if;
  return jsonb_build_object(
    'interaction_id', v_interaction.id,
    'result', case
      when v_interaction.responded_at = v_response.processed_at then 'decided' else 'recorded' end,
    'status', v_interaction.status, 'outcome', v_interaction.outcome,
    'responded_by', v_interaction.responded_by, 'responded_at', v_interaction.responded_at,
    'votes', (
      select count(distinct r.responder) from public.hil_responses r
      where r.matched_interaction_id = v_interaction.id and r.outcome in ('approved', 'answered')),
    'quorum', v_interaction.quorum);
end
$$;
comment on function hil.answer_link(text, text, jsonb, text) is
  'Answer through a link, the same to the same answer: as hil.decide_by_token(), with its errors; null where '
  'there is no such link.';
