-- The steps nearest to a vector. Few are compared one by one; of many the index finds the nearest, and goes
-- on looking while the workspace and the filter leave too few.
create function search.nearest_steps(
  source_id smallint,
  model_id smallint,
  dimensions int,
  embedding extensions.halfvec,
  workspaces uuid[],
  filter search.step_filter,
  barred tsquery,
  is_exact boolean,
  most int
)
returns uuid[]
language plpgsql
stable
set search_path = ''
-- what is set for the index below is undone at the end
set enable_sort = on
set enable_hashjoin = on
set enable_mergejoin = on
set enable_seqscan = on
set enable_bitmapscan = on
as $$
declare
  v_partition text := case source_id
    when 1 then 'search.step_definition_vectors' else 'search.step_workflow_vectors'
  end;
  v_key text := case source_id when 1 then 's.id' else 's.workflow_text_id' end;
  v_filter text := search.filter_sql(filter) || search.stats_filter_sql(filter) || search.match_sql(barred);
  -- a vector knows its workspace: without a filter the step itself is not asked
  v_join text := case
    when source_id <> 1 or v_filter <> '' then
      'join public.workflow_steps s on ' || v_key || ' = v.row_id'
  end;
  v_ids uuid[];
begin
  if is_exact or dimensions not in (384, 768, 1536) then
    -- the bare column: an index orders by its expression
    execute format(
      'select array_agg(n.id) from (
         select s.id from public.workflow_steps s
         join %s v on v.row_id = %s and v.source_id = $5 and v.model_id = $2
         where s.workspace_id = any ($3)%s
         order by v.embedding operator(extensions.<=>) $1, s.id desc limit $4) n',
      v_partition, v_key, v_filter)
    using embedding, model_id, workspaces, most, source_id into v_ids;
    return coalesce(v_ids, '{}');
  end if;
  perform set_config('hnsw.iterative_scan', 'relaxed_order', true),
    set_config('hnsw.ef_search', '1000', true),
    set_config('hnsw.max_scan_tuples', '40000', true),
    set_config('enable_sort', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('enable_bitmapscan', 'off', true);
  execute format(
    'with near as materialized (
       select %5$s as id, v.embedding::extensions.halfvec(%1$s) operator(extensions.<=>) $1 as distance
       from %2$s v %3$s
       where v.dimensions = %1$s and v.model_id = $2 and v.workspace_id = any ($3)%4$s
       order by v.embedding::extensions.halfvec(%1$s) operator(extensions.<=>) $1 limit $4)
     select array_agg(n.id order by n.distance, n.id desc) from near n',
    dimensions, v_partition, v_join, v_filter, case source_id when 1 then 'v.row_id' else 's.id' end)
  using embedding, model_id, workspaces, most into v_ids;
  return coalesce(v_ids, '{}');
end
$$;
comment on function search.nearest_steps(
  smallint, smallint, int, extensions.halfvec, uuid[], search.step_filter, tsquery, boolean, int) is
  'The steps whose vectors are nearest, nearest first.';
