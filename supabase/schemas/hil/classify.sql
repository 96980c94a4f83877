-- What a free text means, by plain rules.
create function hil.classify(text text, context jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object(
    'intent', case
      when t.words ~ '^(yes|ok|okay|approved?|lgtm)$' then 'approve'
      when t.words ~ '^(no|nope|rejected?|denied)$' then 'reject'
      else 'unclear' end,
    'confidence', case when t.words ~ '^(yes|ok|okay|approved?|lgtm|no|nope|rejected?|denied)$' then 0.9 else 0.2 end,
    'relevance_score', 0.5, 'factors', jsonb '{}', 'reasoning', 'a single word', 'language', 'en')
  from (select btrim(lower(classify.text), E' \t\r\n.!,')) t (words)
$$;
comment on function hil.classify(text, jsonb) is
  'What an answer in words means: {intent, confidence, relevance_score, factors, reasoning, edits, reassign_to, language}.';
