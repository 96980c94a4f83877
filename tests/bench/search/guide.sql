-- The method of Supabase's guide to hybrid search, in our words and over our tables with our indexes, which is to its
-- favour: its HNSW index is of vectors twice the size. Two lists of twice the wanted length, one of all rows that
-- websearch_to_tsquery() matches by ts_rank_cd() and one by similarity, are fused by reciprocal rank with k = 50. It
-- answers at most 30 rows, and it knows no tenants: it searches the rows of all.
create schema guide;

create function guide.hybrid_search(query_text text, query_embedding extensions.halfvec, match_count integer)
returns table (step_id uuid, app_name text, window_title text, step_name text, definition text)
language sql
stable
set search_path = public, extensions, pg_catalog
as $$
  with full_text as (
    select s.id,
      row_number() over (order by ts_rank_cd(s.search_vector, websearch_to_tsquery('english', query_text)) desc) as place
    from public.workflow_steps s
    where s.search_vector @@ websearch_to_tsquery('english', query_text)
    order by place
    limit 2 * least(match_count, 30)
  ),
  semantic as (
    select v.row_id as id,
      row_number() over (order by v.embedding::extensions.halfvec(768) <=> query_embedding) as place
    from search.step_definition_vectors v
    where v.dimensions = 768
    order by place
    limit 2 * least(match_count, 30)
  )
  select s.id, s.app_name, s.window_title, s.step_name, s.definition
  from full_text
  full join semantic on semantic.id = full_text.id
  join public.workflow_steps s on s.id = coalesce(full_text.id, semantic.id)
  order by coalesce(1.0 / (50 + full_text.place), 0) + coalesce(1.0 / (50 + semantic.place), 0) desc
  limit least(match_count, 30)
$$;

-- The same, but for what keeps Postgres from using the index of vectors above: a list that is ordered by a window
-- function over all rows. Here the nearest are taken first and counted then.
create function guide.hybrid_search_by_index(query_text text, query_embedding extensions.halfvec, match_count integer)
returns table (step_id uuid, app_name text, window_title text, step_name text, definition text)
language sql
stable
set search_path = public, extensions, pg_catalog
set hnsw.ef_search = 60
as $$
  with full_text as (
    select s.id,
      row_number() over (order by ts_rank_cd(s.search_vector, websearch_to_tsquery('english', query_text)) desc) as place
    from public.workflow_steps s
    where s.search_vector @@ websearch_to_tsquery('english', query_text)
    order by place
    limit 2 * least(match_count, 30)
  ),
  semantic as (
    select n.id, row_number() over () as place
    from (
      select v.row_id as id
      from search.step_definition_vectors v
      where v.dimensions = 768
      order by v.embedding::extensions.halfvec(768) <=> query_embedding
      limit 2 * least(match_count, 30)
    ) n
  )
  select s.id, s.app_name, s.window_title, s.step_name, s.definition
  from full_text
  full join semantic on semantic.id = full_text.id
  join public.workflow_steps s on s.id = coalesce(full_text.id, semantic.id)
  order by coalesce(1.0 / (50 + full_text.place), 0) + coalesce(1.0 / (50 + semantic.place), 0) desc
  limit least(match_count, 30)
$$;
