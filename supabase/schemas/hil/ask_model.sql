-- Where the rules leave a doubt about somebody's words, and the function has a model to ask: the answer is
-- kept, whoever delivers it hears so at once, and the function asks. What the model says comes back here, and
-- is held to the rules by hil.reconcile(). Where it does not come back in time engine.tick() goes by the
-- rules alone.

-- Of who may decide, and where a model is listened to.
create function hil.is_doubtful(said jsonb, understood jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select understood ? 'none' and said is not null
    and not coalesce(said -> 'flags', '[]') ?| '{automated,injection}' and said ->> 'intent' <> 'auto_reply'
    and (said ->> 'intent' <> 'reassign' or not said ? 'reassign_to')
$$;
comment on function hil.is_doubtful(jsonb, jsonb) is 'Do the rules leave a doubt that a model may clear up?';

-- A question shows what others have written, too: where that talks to a model it is asked nothing.
create function hil.talks_to_models(interaction public.human_interactions)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from unnest(array[
      concat_ws(E'\n', interaction.request_data ->> 'title', interaction.request_data ->> 'message'),
      (select string_agg(t #>> '{}', E'\n') from jsonb_path_query(
        jsonb_build_array(interaction.request_data -> 'data', interaction.request_data -> 'options'),
        'strict $.** ? (@.type() == "string")') t)]) w (words)
    where hil.classify(left(w.words, 8000), '{}') -> 'flags' ? 'injection')
$$;
comment on function hil.talks_to_models(public.human_interactions) is
  'Does what a question shows address the model that reads its answers?';

create function hil.await_model(reading hil.reading, at timestamptz)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_patience float8 := platform.setting('hil.model_patience_seconds', '30')::float8;
  v_interaction public.human_interactions;
begin
  update public.hil_responses r
  set asked_until = await_model.at + make_interval(secs => v_patience),
    matched_interaction_id = reading.interaction_id
  where r.id = (reading.response).id;
  select * into v_interaction from public.human_interactions i where i.id = reading.interaction_id;
  return jsonb_build_object(
    'response_id', (reading.response).id, 'status', 'unprocessed', 'interaction_id', reading.interaction_id,
    'message', 'It is kept, and will be read',
    'ask', jsonb_build_object(
      'type', v_interaction.interaction_type, 'title', v_interaction.request_data -> 'title',
      'message', v_interaction.request_data -> 'message', 'data', v_interaction.request_data -> 'data',
      'options', (
        select jsonb_agg(coalesce(o -> 'label', o -> 'value')) from jsonb_array_elements(
          case jsonb_typeof(v_interaction.request_data -> 'options') when 'array'
            then v_interaction.request_data -> 'options' else '[]' end) o)));
end
$$;
comment on function hil.await_model(hil.reading, timestamptz) is
  'Keep an answer until a model has said what it means; ask: what it is about.';

-- What the model made of an answer; null where it could not be asked.
create function hil.take_reading(response_id uuid, classification jsonb)
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
  v_response public.hil_responses;
begin
  select r.* into v_response from public.hil_responses r where r.id = take_reading.response_id
  for no key update;
  if v_response.status <> 'unprocessed' or v_response.asked_until is null then
    -- the tick was faster
    return hil.answer_of(v_response);
  end if;
  update public.hil_responses r
  set asked_until = engine.now(), hints = r.hints || case jsonb_typeof(take_reading.classification)
    when 'object' then jsonb_build_object('classification', take_reading.classification) else '{}' end
  where r.id = v_response.id;
  return hil.process_each(array[v_response.id], true) -> 0;
end
$$;
comment on function hil.take_reading(uuid, jsonb) is
  'Process an answer that a model was asked about: as hil.receive().';
