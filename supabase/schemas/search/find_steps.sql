-- The search for steps, for its caller: every search_steps_ function of the Data API is a view of it. It
-- filters by the caller's workspaces itself: under row level security no index of words or vectors would be
-- used.
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
  v_workspaces uuid[];
  v_filter search.step_filter := asked.filter;
  v_vector record;
  v_query search.step_query;
  v_corpus record;
  v_after record;
  v_at timestamptz;
  v_filtered bigint;
  -- whether all vectors that may be found are compared, and not those that an index finds
  v_is_exact boolean;
  -- how far is counted what a filter leaves: as far as it is read, by words or by vectors
  v_counted int;
  v_words search.word_hits;
  v_compared search.step_query;
  v_hash text;
  v_best numeric;
  v_near uuid[];
begin
  perform search.check_step_search(asked);
  v_workspaces := search.workspaces_of_caller(asked.workspace_id);
  select * into v_vector from search.query_vector(asked);
  v_hash := search.step_search_hash(asked);
  select * into v_after from search.read_step_cursor(asked."cursor", v_hash);
  v_at := coalesce(v_after.at, engine.now());
  v_query := search.read_query(coalesce(asked.query, ''));
  select * into v_corpus from search.corpus_of(v_workspaces);
  if v_corpus.documents = 0 then
    return;
  end if;
  v_counted := case
    when asked.mode = 'hybrid' or cardinality(v_query.words) = 0 then (search.read_whole()).by_vectors
    else (search.read_whole()).by_words
  end;
  v_filtered := search.count_filtered(v_workspaces, v_filter, v_counted);
  -- a filter that leaves many has been counted only so far
  v_is_exact := case when v_filtered <= v_counted then v_filtered else v_corpus.documents end
    <= (search.read_whole()).by_vectors;

  if cardinality(v_query.words) > 0 or v_vector.embedding is null then
    v_words := search.find_by_words(v_query, v_workspaces, v_filter, v_corpus.documents,
      v_corpus.average_length, v_filtered,
      case when asked.mode = 'hybrid' and not v_is_exact then 2 else 1 end * asked.kept);
  end if;
  v_words.ids := coalesce(v_words.ids, '{}');

  -- vectors find what shares no word with the search
  if v_vector.embedding is not null and v_words.is_enough is not true
     and (asked.mode = 'hybrid' or cardinality(v_words.ids) = 0)
  then
    v_near := search.nearest_steps(v_vector.source_id, v_vector.model_id, v_vector.dimensions,
      v_vector.embedding, v_workspaces, v_filter, v_query.barred, v_is_exact,
      least(greatest(asked.answered, 200), 1000));
    if not v_is_exact and asked.similarity_query is distinct from asked.query then
      -- an index misses some of the nearest, and words find most of those
      v_compared := search.words_alone(asked.similarity_query, v_query.barred);
      if cardinality(v_compared.words) > 0 then
        v_near := array(
          select unnest(v_near)
          union
          select unnest((search.find_by_words(v_compared, v_workspaces, v_filter, v_corpus.documents,
            v_corpus.average_length, v_filtered, 2 * asked.kept)).ids));
      end if;
    end if;
  end if;

  v_best := (select max(k) from unnest(v_words.scores) k);

  return query
  with hit as (
    select h.id, h.o::int as place, h.score
    from unnest(v_words.ids, v_words.scores) with ordinality h (id, score, o)
    union all
    select n.id, null, null from unnest(v_near) n (id) where not n.id = any (v_words.ids)
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
      end - case
        when coalesce(b.place, v_words.with_phrases + 1) > v_words.with_phrases then 1000
        else 0
      end as key,
      case
        when asked.mode = 'keyword' and asked.order_by = 'relevance' then b.ranking
        else coalesce(b.score, 0)
      end as tie
    from combined b
  ),
  page as (
    select p.* from placed p
    where v_after.id is null or (p.key, p.tie, p.id) < (v_after.key, v_after.tie, v_after.id)
    order by p.key desc, p.tie desc, p.id desc limit asked.answered
  )
  select p.id, s.app_name, s.window_title, s.step_name,
    case when asked.mode <> 'keyword' then s.definition end, s.workflow_name, p.ranking,
    coalesce(p.succeeded, 0), coalesce(p.failed, 0), p.last_executed_at, p.place, p.score, p.similarity,
    p.combined,
    case when asked.with_highlights then search.highlights(s, v_words.lexemes) end,
    case when asked.with_explanation then jsonb_build_object(
      'ranking', jsonb_build_object(
        'formula', asked.ranking, 'score', p.ranking, 'part', round(p.ranking * 0.003, 6)),
      'similarity', p.similarity,
      'text', jsonb_build_object(
        'score', p.score, 'length', length(s.search_vector), 'average_length', v_corpus.average_length,
        'found_by', case
          when p.place is null then 'vector' when v_words.candidates is null then 'ranking' else 'words'
        end,
        'has_phrases', p.place <= v_words.with_phrases,
        'words', search.explain_words(s.search_vector, v_words.given, v_words.lexemes, v_words.frequencies,
          v_words.weights, v_corpus.average_length)),
      'combined', p.combined)
    end,
    search.step_cursor(v_hash, v_at, p.key, p.tie, p.id)
  from page p join public.workflow_steps s on s.id = p.id
  order by p.key desc, p.tie desc, p.id desc;
end
$$;
comment on function search.find_steps(search.step_search) is
  'Steps of the caller by words, by vectors, or both. Errors: search_invalid, workspace_not_found, '
  'workspace_needed, embedding_model_mismatch, embedding_needed, embedding_dimensions_mismatch, '
  'cursor_invalid.';
grant execute on function search.find_steps(search.step_search) to authenticated, service_role;
