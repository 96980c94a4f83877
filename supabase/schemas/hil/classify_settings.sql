-- Every constant of the classifier that somebody may want to look up or change.
create function hil.classifier_settings()
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select jsonb '{
    "threshold": 0.80,
    "weights": {
      "thread": 0.20, "sender": 0.20, "timing": 0.10, "decision": 0.20,
      "topic": 0.10, "form": 0.08, "language": 0.05, "authenticity": 0.07
    },
    "thread": {"token": 1, "action": 1, "thread": 1, "references": 0.9, "sender": 0.6, "none": 0.1},
    "words_read": 100,
    "long_from": 60,
    "sentence_of_its_own": 14,
    "capped": 0.70
  }'
$$;
comment on function hil.classifier_settings() is
  'Constants of hil.classify(): who decides compares its confidence with "threshold".';
