-- What a reply means. Context, all optional: question (title and message), type (APPROVAL, INPUT, SELECTION,
-- REVIEW), data, fields {field: [names]}, options [{value, label}], multiple, language, subject, headers,
-- matched_by (token, action, thread, references, sender, none), sender_is_assignee, seconds_since_request,
-- is_expired, model (what a model said; see hil.reconcile). Answers {intent, confidence, relevance_score,
-- factors, reasoning, language, flags} and, where there are, {edits, reassign_to, answer}. Never raises for
-- what somebody wrote.
create function hil.classify(text text, context jsonb default '{}')
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_settings constant jsonb := hil.classifier_settings();
  v_context constant jsonb := case jsonb_typeof(context) when 'object' then context else '{}' end;
  v_own text := hil.own_words(coalesce(classify.text, ''));
  v_read jsonb;
  v_result jsonb;
begin
  v_read := hil.read_reply(coalesce(classify.text, ''), v_own, v_context, v_settings);
  v_result := v_read || hil.relevance(v_read, v_context, v_settings);
  -- words that fit are no decision where everything else speaks against it
  if (v_result ->> 'relevance_score')::numeric < 0.4 and v_result ->> 'intent' <> 'auto_reply' then
    v_result := v_result || jsonb_build_object('confidence',
      least((v_result ->> 'confidence')::numeric, (v_settings ->> 'capped')::numeric));
  end if;
  v_result := v_result - '{signals}'::text[];
  return case
    when jsonb_typeof(v_context -> 'model') = 'object'
      then hil.reconcile(v_result, v_context -> 'model', v_context, v_own)
    else v_result
  end;
end
$$;
comment on function hil.classify(text, jsonb) is 'What a free-text reply means, by rules. Decides nothing.';
grant execute on function hil.classify(text, jsonb) to service_role;
