-- What each word of a search gives a step: the parts whose sum is the step's text score.
create function search.explain_words(
  terms tsvector,
  given text[],
  lexemes text[],
  frequencies bigint[],
  weights double precision[],
  average_length double precision
)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'word', w.given, 'corrected_to', nullif(w.lexeme, w.given), 'steps', w.df,
    'weight', round(w.weight::numeric, 6), 'frequency', round(w.f::numeric, 6),
    'score', round((w.weight * (c.k1 + 1) * w.f / (w.f + c.k1 * (
      1 - c.b + c.b * length(explain_words.terms) / explain_words.average_length)))::numeric, 6)))
    order by w.o), '[]')
  from search.bm25() c
  cross join lateral (
    select u.*,
      ts_rank(c.weights, explain_words.terms, search.lexeme_query(u.lexeme))::float8 * 1.64493406685 as f
    from unnest(explain_words.given, explain_words.lexemes, explain_words.frequencies, explain_words.weights)
      with ordinality u (given, lexeme, df, weight, o)) w
$$;
comment on function search.explain_words(
  tsvector, text[], text[], bigint[], double precision[], double precision) is
  'What each word of a search gives a step.';

-- The fields of a step in which words of a search stand: HTML, escaped, with the words in <mark>.
create function search.highlights(step public.workflow_steps, lexemes text[])
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(f.name, h.marked) filter (where h.marked like '%<mark>%'), '{}')
  from (values
    ('app_name', step.app_name), ('window_title', step.window_title), ('step_name', step.step_name),
    ('element_path', step.element_path), ('workflow_name', step.workflow_name)) f (name, content)
  cross join lateral (select ts_headline('pg_catalog.english',
    replace(replace(replace(replace(replace(left(f.content, 2000),
      '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;'),
    search.any_of(highlights.lexemes), 'HighlightAll=true, StartSel=<mark>, StopSel=</mark>') as marked) h
$$;
comment on function search.highlights(public.workflow_steps, text[]) is
  'The fields of a step with the words of a search marked.';
