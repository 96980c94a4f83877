-- How similar given steps are to a vector: exact, and without an index, for there are few.
create function search.compare_steps(step_ids uuid[], asked search.step_search)
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
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  v_vector record;
  v_at timestamptz := engine.now();
begin
  if cardinality(compare_steps.step_ids) > 10000 then
    perform platform.fail(422, 'search_invalid', 'step_ids has more than 10000 ids',
      'Compare fewer at once.');
  end if;
  perform search.check_step_search(asked);
  select * into v_vector from search.query_vector(asked);
  if v_vector.embedding is null then
    perform platform.fail(422, 'search_invalid', 'There is nothing to compare with',
      'Give query_embedding or similarity_query.');
  end if;
  return query
  with given as materialized (
    select s.id, s.workspace_id, s.workflow_text_id from public.workflow_steps s
    where s.id = any (compare_steps.step_ids)
      and ((select workspaces.caller_bypasses_rls())
        or s.workspace_id = any (array(select workspaces.readable())))
  ),
  compared as (
    select g.id, g.workspace_id,
      round((1 - (v.embedding operator(extensions.<=>) v_vector.embedding))::numeric, 6) as similarity
    from given g
    join search.vectors v on v.source_id = v_vector.source_id and v.model_id = v_vector.model_id
      and v.row_id = case v_vector.source_id when 1 then g.id else g.workflow_text_id end
  )
  select s.id, s.app_name, s.window_title, s.step_name, s.definition, s.workflow_name,
    search.rank_step(asked.ranking, t, v_at, coalesce(c.max_executions, 0)), k.similarity
  from (
    select * from compared p
    where asked.min_similarity is null or p.similarity >= asked.min_similarity
    order by p.similarity desc, p.id desc limit asked.answered) k
  join public.workflow_steps s on s.id = k.id
  left join public.workflow_step_stats t on t.step_id = k.id
  left join search.corpora c on c.workspace_id = k.workspace_id
  order by k.similarity desc, k.id desc;
end
$$;
comment on function search.compare_steps(uuid[], search.step_search) is
  'The most similar of given steps. Errors: search_invalid, embedding_model_mismatch, embedding_needed, '
  'embedding_dimensions_mismatch.';
grant execute on function search.compare_steps(uuid[], search.step_search) to authenticated, service_role;

create function search.rank_step(
  formula text, stats public.workflow_step_stats, at timestamptz, max_executions int
)
returns numeric
language plpgsql
stable
parallel safe
set search_path = ''
as $$
begin
  if stats.step_id is null then
    return 0;
  elsif formula = 'robust' then
    return search.robust_rank(
      stats.succeeded, stats.failed, stats.duration_ms, stats.last_executed_at, at, max_executions);
  end if;
  return search.document_rank(stats.succeeded, stats.failed, stats.duration_ms, stats.last_executed_at, at);
end
$$;
comment on function search.rank_step(text, public.workflow_step_stats, timestamptz, int) is
  'The ranking of a step by its statistics, 0 to 100; 0 of one that never ran.';
