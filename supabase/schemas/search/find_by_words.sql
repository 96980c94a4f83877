-- What the words of a search find.
create type search.word_hits as (
  ids uuid[],
  scores double precision[],
  -- how many of them, from the first, fulfil the demand; null where there are no phrases
  with_phrases int,
  -- so many do that there is no need to look for others
  is_enough boolean,
  -- the words, as they were given and as they are looked for, with their frequencies and weights
  lexemes text[],
  given text[],
  frequencies bigint[],
  weights double precision[],
  -- null where steps were tried by their ranking
  candidates tsquery
);
comment on type search.word_hits is 'Steps that the words of a search find, and how they were scored.';

-- Stage 1 of a search: the best `most` steps by their words; without words, by ranking, what the filter
-- leaves. Of the `documents` of the workspaces, `filtered` fit the filter as far as it was counted; null
-- where it has nothing that an index counts.
create function search.find_by_words(
  query search.step_query,
  workspaces uuid[],
  filter search.step_filter,
  documents bigint,
  average_length double precision,
  filtered bigint,
  most int
)
returns search.word_hits
language plpgsql
stable
set search_path = ''
as $$
declare
  -- what may be read for a search, and of what a filter leaves, which is read in its own order
  c_budget constant int := 7000;
  c_filtered constant int := (search.read_whole()).by_words;
  -- where fewer steps have its phrases, a search goes on without them, behind those
  c_enough constant int := 10;
  -- whether all of what may be found is read
  v_whole boolean := coalesce(filtered <= c_filtered, documents <= c_budget);
  v_budget int := case when v_whole then c_filtered else c_budget end;
  v_way text := case when v_whole then 'filter' else 'walk' end;
  v_hits search.word_hits;
  v_more_ids uuid[];
  v_more_scores double precision[];
begin
  if cardinality(query.words) = 0 then
    select array_agg(k.step_id), array_agg(0::float8) into v_hits.ids, v_hits.scores
    from search.score_steps(workspaces, filter, null, query.demand, '{}', '{}', average_length, v_budget,
      most, v_way) k;
    if v_hits.ids is null and filtered > c_filtered then
      select array_agg(k.step_id), array_agg(0::float8) into v_hits.ids, v_hits.scores
      from search.score_steps(workspaces, filter, null, query.demand, '{}', '{}', average_length, c_filtered,
        most, 'sample') k;
    end if;
    return v_hits;
  end if;
  select array_agg(w.lexeme), array_agg(w.given), array_agg(w.df),
    array_agg(w.likeness * sqrt(ln(1 + (documents - w.df + 0.5) / (w.df + 0.5))))
  into v_hits.lexemes, v_hits.given, v_hits.frequencies, v_hits.weights
  from (
    select k.lexeme, k.given, least(k.df, documents) as df, k.likeness
    from search.weigh_words(workspaces, query.words) k order by k.df, k.lexeme) w;
  if v_hits.lexemes is null then
    return v_hits;
  end if;
  v_hits.candidates := case
    when v_whole then search.any_of(v_hits.lexemes)
    else search.plan_candidates(v_hits.lexemes, v_hits.frequencies, documents, c_budget)
  end;
  if not v_whole and v_hits.candidates is not null then
    v_way := 'words';
  end if;
  if query.has_phrases then
    select array_agg(k.step_id), array_agg(k.score) into v_hits.ids, v_hits.scores
    from search.score_steps(workspaces, filter,
      case when query.only_phrases then query.demand else v_hits.candidates end, query.demand, v_hits.lexemes,
      v_hits.weights, average_length, v_budget, most,
      case when query.only_phrases and not v_whole then 'words' else v_way end) k;
    v_hits.with_phrases := coalesce(cardinality(v_hits.ids), 0);
    v_hits.is_enough := v_hits.with_phrases >= c_enough;
    if v_hits.is_enough then
      return v_hits;
    end if;
  end if;
  select array_agg(k.step_id), array_agg(k.score) into v_more_ids, v_more_scores
  from search.score_steps(workspaces, filter, v_hits.candidates, query.relaxed, v_hits.lexemes,
    v_hits.weights, average_length, v_budget, most, v_way) k
  where (k.step_id = any (v_hits.ids)) is not true;
  if v_more_ids is null and v_hits.ids is null and v_way = 'words' then
    -- nothing in the filter has those words: any of them, then, in the best-ranked
    v_way := 'walk';
    v_hits.candidates := null;
    select array_agg(k.step_id), array_agg(k.score) into v_more_ids, v_more_scores
    from search.score_steps(workspaces, filter, null, query.relaxed, v_hits.lexemes, v_hits.weights,
      average_length, c_budget, most, v_way) k;
  end if;
  if v_more_ids is null and v_hits.ids is null and v_way = 'walk' and filtered > c_filtered then
    -- none of those is in the filter
    select array_agg(k.step_id), array_agg(k.score) into v_more_ids, v_more_scores
    from search.score_steps(workspaces, filter, null, query.relaxed, v_hits.lexemes, v_hits.weights,
      average_length, c_filtered, most, 'sample') k;
  end if;
  v_hits.ids := v_hits.ids || v_more_ids;
  v_hits.scores := v_hits.scores || v_more_scores;
  return v_hits;
end
$$;
comment on function search.find_by_words(
  search.step_query, uuid[], search.step_filter, bigint, double precision, bigint, int) is
  'Stage 1 of a search: the best steps by words.';
