-- The wide table, the indexes and the functions of document 000, as it has them, but for one thing: its column `ranking`
-- cannot be generated, since it depends on now(); here it is a plain column that is filled when rows are loaded. Its
-- comment says that it is updated periodically, so the update of statistics below need not pay for it.
create extension if not exists vector with schema extensions;

create schema document;

create table document.workflow_steps (
  id uuid primary key default gen_random_uuid(),
  app_name text not null,
  window_title text not null,
  element_path text not null,
  step_name text not null,
  definition text,
  succeeded integer default 0,
  failed integer default 0,
  duration_ms integer,
  ranking numeric,
  state_object_key text,
  outcome_diff_key text,
  workflow_name text not null,
  workflow_description text,
  terminator_version text,
  environment text,
  author text,
  created_at timestamptz default now(),
  last_executed_at timestamptz default now(),
  definition_embedding extensions.vector(768),
  workflow_embedding extensions.vector(768),
  search_vector tsvector generated always as (
    setweight(to_tsvector('english', coalesce(app_name, '')), 'A')
    || setweight(to_tsvector('english', coalesce(window_title, '')), 'A')
    || setweight(to_tsvector('english', coalesce(step_name, '')), 'B')
    || setweight(to_tsvector('english', coalesce(element_path, '')), 'C')
    || setweight(to_tsvector('english', coalesce(workflow_name, '')), 'B')
  ) stored
);

create function document.ranking(succeeded integer, failed integer, duration_ms integer, last_executed_at timestamptz)
returns numeric
language sql
stable
as $$
  select case
    when succeeded + failed = 0 then 0
    else (succeeded::numeric / (succeeded + failed) * 0.4
      + least((succeeded + failed)::numeric / 100, 1.0) * 0.3
      + greatest(1.0 - extract(epoch from now() - last_executed_at) / 2592000, 0) * 0.2
      + case when duration_ms > 0 then least(1000.0 / duration_ms, 1.0) * 0.1 else 0 end) * 100
  end
$$;

create function document.search_steps_keyword(
  search_query text,
  filter_app text default null,
  filter_window text default null,
  filter_workflow text default null,
  filter_author text default null,
  date_from timestamptz default null,
  date_to timestamptz default null,
  min_succeeded integer default 0,
  result_limit integer default 500
)
returns table (
  step_id uuid, app_name text, window_title text, step_name text, workflow_name text, ranking numeric,
  succeeded integer, failed integer, last_executed_at timestamptz
)
language plpgsql
stable
as $$
begin
  return query
  select ws.id, ws.app_name, ws.window_title, ws.step_name, ws.workflow_name, ws.ranking, ws.succeeded, ws.failed,
    ws.last_executed_at
  from document.workflow_steps ws
  where (search_query is null or ws.search_vector @@ websearch_to_tsquery('english', search_query))
    and (filter_app is null or ws.app_name = filter_app)
    and (filter_window is null or ws.window_title = filter_window)
    and (filter_workflow is null or ws.workflow_name = filter_workflow)
    and (filter_author is null or ws.author = filter_author)
    and (date_from is null or ws.last_executed_at >= date_from)
    and (date_to is null or ws.last_executed_at <= date_to)
    and ws.succeeded >= min_succeeded
  order by ws.ranking desc, ts_rank_cd(ws.search_vector, websearch_to_tsquery('english', search_query)) desc
  limit result_limit;
end
$$;

create function document.search_steps_two_stage(
  search_query text,
  query_embedding extensions.vector default null,
  filter_app text default null,
  filter_window text default null,
  filter_workflow text default null,
  stage1_limit integer default 500,
  stage2_limit integer default 20
)
returns table (
  step_id uuid, app_name text, window_title text, step_name text, definition text, workflow_name text, ranking numeric,
  keyword_rank integer, similarity_score numeric, combined_score numeric
)
language plpgsql
stable
set search_path = document, public, extensions, pg_catalog
as $$
declare
  filtered_ids uuid[];
begin
  select array_agg(id) into filtered_ids
  from (
    select ws.id
    from document.workflow_steps ws
    where (search_query is null or ws.search_vector @@ websearch_to_tsquery('english', search_query))
      and (filter_app is null or ws.app_name = filter_app)
      and (filter_window is null or ws.window_title = filter_window)
      and (filter_workflow is null or ws.workflow_name = filter_workflow)
    order by ws.ranking desc
    limit stage1_limit
  ) stage1_results;

  if query_embedding is not null and filtered_ids is not null then
    return query
    select ws.id, ws.app_name, ws.window_title, ws.step_name, ws.definition, ws.workflow_name, ws.ranking,
      null::integer as keyword_rank,
      (1 - (ws.definition_embedding <=> query_embedding))::numeric as similarity_score,
      (ws.ranking * 0.003 + (1 - (ws.definition_embedding <=> query_embedding)) * 0.7)::numeric as combined_score
    from document.workflow_steps ws
    where ws.id = any (filtered_ids) and ws.definition_embedding is not null
    order by combined_score desc
    limit stage2_limit;
  else
    return query
    select ws.id, ws.app_name, ws.window_title, ws.step_name, ws.definition, ws.workflow_name, ws.ranking,
      row_number() over ()::integer as keyword_rank,
      null::numeric as similarity_score,
      (ws.ranking / 100.0)::numeric as combined_score
    from document.workflow_steps ws
    where ws.id = any (filtered_ids)
    order by ws.ranking desc
    limit stage2_limit;
  end if;
end
$$;

create function document.increment_step_stats(step_id uuid, is_success boolean, execution_duration integer)
returns void
language plpgsql
as $$
begin
  update document.workflow_steps
  set succeeded = case when is_success then succeeded + 1 else succeeded end,
    failed = case when not is_success then failed + 1 else failed end,
    duration_ms = case
      when duration_ms is null then execution_duration
      else (duration_ms * 0.8 + execution_duration * 0.2)::integer
    end,
    last_executed_at = now()
  where id = step_id;
end
$$;
