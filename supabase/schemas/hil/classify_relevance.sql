-- Eight factors from 0 to 1, and their weighted sum. What the context does not say counts half.
create function hil.relevance(reading jsonb, context jsonb, settings jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_signals constant jsonb := reading -> 'signals';
  v_flags constant jsonb := reading -> 'flags';
  v_days numeric := case jsonb_typeof(context -> 'seconds_since_request')
    when 'number' then (context ->> 'seconds_since_request')::numeric / 86400 end;
  v_words int := (v_signals ->> 'words')::int;
  v_factors jsonb;
  v_score numeric;
begin
  v_factors := jsonb_build_object(
    'thread', coalesce((settings -> 'thread' ->> (context ->> 'matched_by'))::numeric, 0.5),
    'sender', case context ->> 'sender_is_assignee' when 'true' then 1 when 'false' then 0 else 0.5 end,
    'timing', case
      when context ->> 'is_expired' = 'true' then 0
      when v_days is null then 0.5
      when v_days < 0 then 0.3
      else round(1 / (1 + v_days / 7), 2)
    end,
    'decision', (v_signals ->> 'decision')::numeric,
    'topic', (v_signals ->> 'topic')::numeric,
    'form', case
      when reading ->> 'intent' = 'auto_reply' then 0
      when (v_signals ->> 'is_question')::boolean then 0.3
      when v_words = 0 then 0
      when v_words <= 25 then 1
      when v_words <= (settings ->> 'long_from')::int then 0.7
      else 0.4
    end,
    'language', case
      when reading ->> 'language' is null or context ->> 'language' is null then 0.7
      when reading ->> 'language' = left(context ->> 'language', 2) then 1
      else 0.4
    end,
    'authenticity', case
      when v_flags ? 'automated' then 0
      when v_flags ? 'injection' then 0.1
      when v_flags ? 'irony' then 0.5
      else 1
    end);
  select sum(f.value::numeric * (settings -> 'weights' ->> f.key)::numeric) into v_score
  from jsonb_each_text(v_factors) f;
  return jsonb_build_object('factors', v_factors, 'relevance_score', v_score::numeric(3, 2));
end
$$;
comment on function hil.relevance(jsonb, jsonb, jsonb) is
  'How likely a reply belongs to its question: eight factors.';
