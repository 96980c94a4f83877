-- The rules' reading with a model's. The rules stand where they saw a machine or an injection; an approval
-- that they refused for a reason stays below the threshold; edits and names are taken from the model only
-- where they fit.
create function hil.reconcile(rules jsonb, model jsonb, context jsonb, own text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_settings constant jsonb := hil.classifier_settings();
  v_flags constant jsonb := rules -> 'flags';
  v_intent constant text := model ->> 'intent';
  v_confidence numeric := case jsonb_typeof(model -> 'confidence')
    when 'number' then greatest(0, least(1, (model ->> 'confidence')::numeric)) end;
  v_edits jsonb;
  v_result jsonb;
begin
  if v_confidence is null or v_flags ?| '{automated,injection}'
    or coalesce(v_intent, '')
      <> all ('{approve,approve_with_edit,reject,answer,unclear,reassign,auto_reply,unrelated}')
  then
    return rules;
  end if;
  if v_intent = rules ->> 'intent' then
    v_confidence := greatest(v_confidence, (rules ->> 'confidence')::numeric);
  end if;
  if v_intent in ('approve', 'approve_with_edit', 'answer') and v_intent <> rules ->> 'intent' and (
      v_flags ?| '{irony,contradiction,negation,reported,if,maybe,later,not,change,but}'
      or rules ->> 'intent' in ('reject', 'reassign', 'approve_with_edit')
      -- a question back is none, whatever a model has read in what was asked
      or rules ->> 'intent' = 'unclear' and (rules ->> 'confidence')::numeric >= 0.85
      -- in words of no language that the rules know, they could not see an injection either
      or rules ->> 'language' is null
      or (rules ->> 'relevance_score')::numeric < 0.4
      -- which of the options is meant the rules have to see
      or v_intent = 'answer' and context ->> 'type' = 'SELECTION' and not rules ? 'answer'
      or jsonb_typeof(model -> 'edits') = 'object' and v_intent = 'approve' and model -> 'edits' <> '{}') then
    v_confidence := least(v_confidence, (v_settings ->> 'capped')::numeric);
  end if;
  -- a model gives text, the field has the type; what the person did not write is not his edit
  select coalesce(jsonb_object_agg(e.key, e.typed), '{}') into v_edits
  from (
    select m.key, context -> 'data' -> m.key as current,
      case jsonb_typeof(context -> 'data' -> m.key)
        when 'number' then to_jsonb(hil.read_number(m.value))
        when 'boolean'
          then case lower(m.value) when 'true' then jsonb 'true' when 'false' then jsonb 'false' end
        when 'string' then case when position(lower(m.value) in lower(own)) > 0 then to_jsonb(m.value) end
      end as typed
    from jsonb_each_text(
      case jsonb_typeof(model -> 'edits') when 'object' then model -> 'edits' else '{}' end) m
    where v_intent = 'approve_with_edit'
  ) e
  where e.typed <> e.current and (
    jsonb_typeof(e.typed) <> 'number'
    or exists (
      select from regexp_split_to_table(own, '[\s:;()]+') w (word)
      where to_jsonb(hil.read_number(rtrim(w.word, '.,!?'))) = e.typed));
  if v_intent = 'approve_with_edit' and v_edits = '{}' then
    if rules ? 'edits' and rules ->> 'intent' = v_intent then
      v_edits := rules -> 'edits';
    else
      v_confidence := least(v_confidence, (v_settings ->> 'capped')::numeric);
    end if;
  end if;
  v_result := rules - '{edits,reassign_to,answer}'::text[] || jsonb_build_object(
    'intent', v_intent, 'confidence', v_confidence::numeric(3, 2), 'classified_by', 'model',
    'reasoning', coalesce(nullif(left(model ->> 'reasoning', 300), ''), rules ->> 'reasoning'));
  return v_result
    || case when v_edits <> '{}' then jsonb_build_object('edits', v_edits) else '{}' end
    || case
      when v_intent = 'answer'
        then jsonb_build_object('answer', coalesce(rules -> 'answer', to_jsonb(own)))
      else '{}'
    end
    || case
      when v_intent = 'reassign' and length(model ->> 'reassign_to') between 2 and 200
        and position(lower(model ->> 'reassign_to') in lower(own)) > 0
        then jsonb_build_object('reassign_to', model ->> 'reassign_to')
      when v_intent = 'reassign' and rules ? 'reassign_to'
        then jsonb_build_object('reassign_to', rules -> 'reassign_to')
      else '{}'
    end;
end
$$;
comment on function hil.reconcile(jsonb, jsonb, jsonb, text) is
  'The rules'' classification with a model''s, clamped.';
