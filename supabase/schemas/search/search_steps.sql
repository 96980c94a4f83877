create function public.search_steps_keyword(
  search_query text,
  filter_app text default null,
  filter_window text default null,
  filter_workflow text default null,
  filter_author text default null,
  date_from timestamptz default null,
  date_to timestamptz default null,
  min_succeeded int default 0,
  result_limit int default 500,
  workspace_id uuid default null,
  ranking text default 'document',
  order_by text default 'relevance',
  "cursor" text default null,
  with_highlights boolean default false,
  with_explanation boolean default false
)
returns table (
  step_id uuid,
  app_name text,
  window_title text,
  step_name text,
  workflow_name text,
  ranking numeric,
  succeeded int,
  failed int,
  last_executed_at timestamptz,
  text_score numeric,
  highlights jsonb,
  explanation jsonb,
  "cursor" text
)
language sql
stable
security invoker
set search_path = ''
as $$
  select f.step_id, f.app_name, f.window_title, f.step_name, f.workflow_name, f.ranking, f.succeeded,
    f.failed, f.last_executed_at, f.text_score, f.highlights, f.explanation, f."cursor"
  from search.find_steps(row(
    search_steps_keyword.search_query, 'keyword', null, null, null, 'definition',
    row(search_steps_keyword.filter_app, search_steps_keyword.filter_window,
      search_steps_keyword.filter_workflow, search_steps_keyword.filter_author,
      search_steps_keyword.date_from, search_steps_keyword.date_to,
      search_steps_keyword.min_succeeded)::search.step_filter,
    search_steps_keyword.workspace_id, greatest(search_steps_keyword.result_limit, 1000),
    search_steps_keyword.result_limit, search_steps_keyword.ranking, search_steps_keyword.order_by, null,
    search_steps_keyword."cursor", search_steps_keyword.with_highlights, search_steps_keyword.with_explanation
  )::search.step_search) f
$$;
comment on function public.search_steps_keyword(
  text, text, text, text, text, timestamptz, timestamptz, int, int, uuid, text, text, text, boolean,
  boolean) is
  'Steps by words, the best first by relevance (order_by ''ranking'': those by ranking). "Phrases" and '
  '-words are conditions, plain words are not. Errors: search_invalid, workspace_not_found, '
  'workspace_needed, cursor_invalid.';
grant execute on function public.search_steps_keyword(
  text, text, text, text, text, timestamptz, timestamptz, int, int, uuid, text, text, text, boolean, boolean)
  to authenticated, service_role;

create function public.search_steps_two_stage(
  search_query text,
  query_embedding extensions.vector default null,
  filter_app text default null,
  filter_window text default null,
  filter_workflow text default null,
  stage1_limit int default 500,
  stage2_limit int default 20,
  filter_author text default null,
  date_from timestamptz default null,
  date_to timestamptz default null,
  min_succeeded int default 0,
  workspace_id uuid default null,
  mode text default 'two_stage',
  ranking text default 'document',
  similarity_query text default null,
  embedding_model text default null,
  embedding_type text default 'definition',
  min_similarity double precision default null,
  "cursor" text default null,
  with_highlights boolean default false,
  with_explanation boolean default false
)
returns table (
  step_id uuid,
  app_name text,
  window_title text,
  step_name text,
  definition text,
  workflow_name text,
  ranking numeric,
  keyword_rank int,
  similarity_score numeric,
  combined_score numeric,
  text_score numeric,
  highlights jsonb,
  explanation jsonb,
  "cursor" text
)
language sql
stable
security invoker
set search_path = ''
as $$
  select f.step_id, f.app_name, f.window_title, f.step_name, f.definition, f.workflow_name, f.ranking,
    f.keyword_rank, f.similarity_score, f.combined_score, f.text_score, f.highlights, f.explanation,
    f."cursor"
  from search.find_steps(row(
    search_steps_two_stage.search_query,
    case when search_steps_two_stage.mode <> 'keyword' then search_steps_two_stage.mode end,
    search_steps_two_stage.query_embedding, search_steps_two_stage.similarity_query,
    search_steps_two_stage.embedding_model, search_steps_two_stage.embedding_type,
    row(search_steps_two_stage.filter_app, search_steps_two_stage.filter_window,
      search_steps_two_stage.filter_workflow, search_steps_two_stage.filter_author,
      search_steps_two_stage.date_from, search_steps_two_stage.date_to,
      search_steps_two_stage.min_succeeded)::search.step_filter,
    search_steps_two_stage.workspace_id, search_steps_two_stage.stage1_limit,
    search_steps_two_stage.stage2_limit, search_steps_two_stage.ranking, 'relevance',
    search_steps_two_stage.min_similarity, search_steps_two_stage."cursor",
    search_steps_two_stage.with_highlights, search_steps_two_stage.with_explanation
  )::search.step_search) f
$$;
comment on function public.search_steps_two_stage(
  text, extensions.vector, text, text, text, int, int, text, timestamptz, timestamptz, int, uuid, text, text,
  text, text, text, double precision, text, boolean, boolean) is
  'Steps by words, the best of them then by 0.3 * ranking / 100 + 0.7 * similarity; mode hybrid adds the '
  'nearest by vector. Without query_embedding and similarity_query the text score takes the place of '
  'similarity. Errors: search_invalid, workspace_not_found, workspace_needed, '
  'embedding_model_mismatch, embedding_needed, embedding_dimensions_mismatch, cursor_invalid.';
grant execute on function public.search_steps_two_stage(
  text, extensions.vector, text, text, text, int, int, text, timestamptz, timestamptz, int, uuid, text, text,
  text, text, text, double precision, text, boolean, boolean) to authenticated, service_role;

create function public.search_steps_similarity(
  step_ids uuid[],
  query_embedding extensions.vector default null,
  embedding_type text default 'definition',
  result_limit int default 20,
  ranking text default 'document',
  similarity_query text default null,
  embedding_model text default null,
  min_similarity double precision default null
)
returns table (
  step_id uuid,
  app_name text,
  window_title text,
  step_name text,
  definition text,
  workflow_name text,
  ranking numeric,
  similarity_score numeric
)
language sql
stable
security invoker
set search_path = ''
as $$
  select f.step_id, f.app_name, f.window_title, f.step_name, f.definition, f.workflow_name, f.ranking,
    f.similarity_score
  from search.compare_steps(search_steps_similarity.step_ids, row(
    null, 'two_stage', search_steps_similarity.query_embedding, search_steps_similarity.similarity_query,
    search_steps_similarity.embedding_model, search_steps_similarity.embedding_type, null, null, 2000,
    search_steps_similarity.result_limit, search_steps_similarity.ranking, 'relevance',
    search_steps_similarity.min_similarity, null, false, false)::search.step_search) f
$$;
comment on function public.search_steps_similarity(
  uuid[], extensions.vector, text, int, text, text, text, double precision) is
  'The most similar of given steps that have a vector; steps of others are left out. Errors: search_invalid, '
  'embedding_model_mismatch, embedding_needed, embedding_dimensions_mismatch.';
grant execute on function public.search_steps_similarity(
  uuid[], extensions.vector, text, int, text, text, text, double precision) to authenticated, service_role;
