-- The search for steps, for its caller: every search_steps_ function of the Data API is a view of it. It filters by
-- the caller's workspaces itself: under row level security no index of words or vectors would be used.
create function search.find_steps(asked search.step_search)
returns table (
  step_id uuid,
  app_name text,
  window_title text,
  step_name text,
  definition text,
  workflow_name text,
  ranking numeric,
  succeeded int,
  failed int,
  last_executed_at timestamptz,
  keyword_rank int,
  text_score numeric,
  similarity_score numeric,
  combined_score numeric,
  highlights jsonb,
  explanation jsonb,
  "cursor" text
)
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  -- what may be read for a search by its words; of what a filter leaves, which is read in its own order; by vectors
  c_budget constant int := 8000;
  c_filtered constant int := 20000;
  c_compared constant int := 30000;
  -- where fewer steps have its phrases, a search goes on without them, behind those
  c_enough constant int := 10;
  v_workspaces uuid[];
  v_filter search.step_filter := asked.filter;
  v_vector record;
  v_query record;
  v_corpus record;
  v_after record;
  v_at timestamptz;
  v_lexemes text[];
  v_given text[];
  v_frequencies bigint[];
  v_weights double precision[];
  v_reachable bigint;
  -- whether all of what may be found is read
  v_whole boolean;
  -- how far is counted what a filter leaves
  v_counted int;
  v_budget int;
  v_candidates tsquery;
  v_ids uuid[] := '{}';
  v_scores double precision[] := '{}';
  v_more_ids uuid[];
  v_more_scores double precision[];
  -- how many steps fulfil the demand
  v_strict int;
  v_hash text;
  v_best numeric;
  v_near uuid[] := '{}';
begin
  perform search.check_step_search(asked);
  v_workspaces := search.workspaces_of_caller(asked.workspace_id);
  select * into v_vector from search.query_vector(asked);
  v_hash := search.step_search_hash(asked);
  select * into v_after from search.read_step_cursor(asked."cursor", v_hash);
  v_at := coalesce(v_after.at, engine.now());
  select * into v_query from search.read_query(coalesce(asked.query, ''));
  select * into v_corpus from search.corpus_of(v_workspaces);
  if v_corpus.documents = 0 then
    return;
  end if;
  v_counted := case when asked.mode = 'hybrid' or cardinality(v_query.words) = 0 then c_compared else c_filtered end;
  v_reachable := search.count_filtered(v_workspaces, v_filter, v_counted);
  v_whole := coalesce(v_reachable <= c_filtered, v_corpus.documents <= c_budget);
  v_budget := case when v_whole then c_filtered else c_budget end;
  -- a filter that leaves many has been counted only so far
  if v_reachable is null or v_reachable > v_counted then
    v_reachable := v_corpus.documents;
  end if;

  -- stage 1: words
  if cardinality(v_query.words) > 0 then
    select array_agg(w.lexeme), array_agg(w.given), array_agg(w.df),
      array_agg(w.likeness * sqrt(ln(1 + (v_corpus.documents - w.df + 0.5) / (w.df + 0.5))))
    into v_lexemes, v_given, v_frequencies, v_weights
    from (
      select k.lexeme, k.given, least(k.df, v_corpus.documents) as df, k.likeness
      from search.weigh_words(v_workspaces, v_query.words) k order by k.df, k.lexeme) w;
  end if;
  if v_lexemes is not null then
    v_candidates := case
      when v_whole then search.any_of(v_lexemes)
      else search.plan_candidates(v_lexemes, v_frequencies, v_corpus.documents, v_corpus.documents, c_budget)
    end;
    if v_query.has_phrases then
      select array_agg(k.step_id), array_agg(k.score) into v_ids, v_scores
      from search.score_steps(v_workspaces, v_filter,
        case when v_query.only_phrases then v_query.demand else v_candidates end, v_query.demand, v_lexemes, v_weights,
        v_corpus.average_length, v_budget, asked.kept,
        not v_whole and (v_query.only_phrases or v_candidates is not null)) k;
      v_strict := coalesce(cardinality(v_ids), 0);
    end if;
    if v_strict is null or v_strict < c_enough then
      select array_agg(k.step_id), array_agg(k.score) into v_more_ids, v_more_scores
      from search.score_steps(v_workspaces, v_filter, v_candidates, v_query.relaxed, v_lexemes, v_weights,
        v_corpus.average_length, v_budget, asked.kept,
        not v_whole and v_candidates is not null) k
      where v_strict is null or v_strict = 0 or not k.step_id = any (v_ids);
      if v_more_ids is null and coalesce(v_strict, 0) = 0 and v_candidates is not null and not v_whole then
        -- nothing in the filter has those words: any of them, then, in the best-ranked
        v_candidates := null;
        select array_agg(k.step_id), array_agg(k.score) into v_more_ids, v_more_scores
        from search.score_steps(v_workspaces, v_filter, null, v_query.relaxed, v_lexemes, v_weights,
          v_corpus.average_length, c_budget, asked.kept, false) k;
      end if;
      v_ids := v_ids || v_more_ids;
      v_scores := v_scores || v_more_scores;
    end if;
  elsif v_vector.embedding is null and cardinality(v_query.words) = 0 then
    -- nothing to look for: what the filter leaves, by ranking
    select array_agg(k.step_id), array_agg(k.score) into v_ids, v_scores
    from search.score_steps(v_workspaces, v_filter, null, v_query.demand, '{}', '{}',
      v_corpus.average_length, c_budget, asked.kept, false) k;
  end if;
  v_ids := coalesce(v_ids, '{}');

  -- vectors find what shares no word with the search
  if v_vector.embedding is not null and coalesce(v_strict, 0) < c_enough
     and (asked.mode = 'hybrid' or cardinality(v_ids) = 0)
  then
    v_near := search.nearest_steps(v_vector.source_id, v_vector.model_id, v_vector.dimensions, v_vector.embedding,
      v_workspaces, v_filter, v_query.barred, v_reachable, least(greatest(asked.answered, 200), 1000));
  end if;

  v_best := (select max(k) from unnest(v_scores) k);

  return query
  with hit as (
    select h.id, h.o::int as place, h.score from unnest(v_ids, v_scores) with ordinality h (id, score, o)
    union all
    select n.id, null, null from unnest(v_near) n (id) where not n.id = any (v_ids)
  ),
  -- else what is computed here would be computed wherever it is used
  measured as materialized (
    select h.id, h.place, h.score::numeric as score, t.succeeded, t.failed, t.last_executed_at,
      search.rank_step(asked.ranking, t, v_at, v_corpus.max_executions) as ranking,
      case when v_vector.embedding is not null then (
        select round((1 - (v.embedding operator(extensions.<=>) v_vector.embedding))::numeric, 6)
        from search.vectors v
        where v.source_id = v_vector.source_id and v.model_id = v_vector.model_id
          and v.row_id = case v_vector.source_id when 1 then h.id else (
            select s.workflow_text_id from public.workflow_steps s where s.id = h.id) end)
      end as similarity
    from hit h
    left join public.workflow_step_stats t on t.step_id = h.id
  ),
  combined as materialized (
    select m.id, m.place, m.score, m.succeeded, m.failed, m.last_executed_at, m.similarity,
      m.ranking,
      round(case
        when v_vector.embedding is not null then
          m.ranking * 0.003 + 0.7 * greatest(coalesce(m.similarity, 0), 0)
        -- the text takes the place of similarity
        when v_best > 0 then m.ranking * 0.003 + 0.7 * m.score / v_best
        else m.ranking / 100
      end, 6) as combined
    from measured m
    where asked.min_similarity is null or m.similarity >= asked.min_similarity
  ),
  placed as (
    select b.*,
      case
        when asked.mode <> 'keyword' then b.combined
        when asked.order_by = 'ranking' then b.ranking
        else b.score
      end - case when coalesce(b.place, v_strict + 1) > v_strict then 1000 else 0 end as key,
      case when asked.mode = 'keyword' and asked.order_by = 'relevance' then b.ranking else coalesce(b.score, 0) end
        as tie
    from combined b
  ),
  page as (
    select p.* from placed p
    where v_after.id is null or (p.key, p.tie, p.id) < (v_after.key, v_after.tie, v_after.id)
    order by p.key desc, p.tie desc, p.id desc limit asked.answered
  )
  select p.id, s.app_name, s.window_title, s.step_name, case when asked.mode <> 'keyword' then s.definition end,
    s.workflow_name, p.ranking, coalesce(p.succeeded, 0), coalesce(p.failed, 0), p.last_executed_at, p.place,
    p.score, p.similarity, p.combined,
    case when asked.with_highlights then search.highlights(s, v_lexemes) end,
    case when asked.with_explanation then jsonb_build_object(
      'ranking', jsonb_build_object('formula', asked.ranking, 'score', p.ranking, 'part', round(p.ranking * 0.003, 6)),
      'similarity', p.similarity,
      'text', jsonb_build_object(
        'score', p.score, 'length', length(s.search_vector), 'average_length', v_corpus.average_length,
        'found_by', case when p.place is null then 'vector' when v_candidates is null then 'ranking' else 'words' end,
        'has_phrases', p.place <= v_strict,
        'words', search.explain_words(s.search_vector, v_given, v_lexemes, v_frequencies, v_weights,
          v_corpus.average_length)),
      'combined', p.combined)
    end,
    search.step_cursor(v_hash, v_at, p.key, p.tie, p.id)
  from page p join public.workflow_steps s on s.id = p.id
  order by p.key desc, p.tie desc, p.id desc;
end
$$;
comment on function search.find_steps(search.step_search) is
  'Steps of the caller by words, by vectors, or both. Errors: search_invalid, workspace_not_found, workspace_needed, '
  'embedding_model_mismatch, embedding_needed, embedding_dimensions_mismatch, cursor_invalid.';
grant execute on function search.find_steps(search.step_search) to authenticated, service_role;
