-- What a search wants of a step beside words. Null wants nothing.
create type search.step_filter as (
  app_name text,
  window_title text,
  workflow_name text,
  author text,
  executed_from timestamptz,
  executed_to timestamptz,
  min_succeeded int
);
comment on type search.step_filter is 'What a search wants of a step beside words.';

-- The conditions on a step `s` itself. Values are written out, so that each search is planned for the filters
-- that it has.
create function search.filter_sql(filter search.step_filter)
returns text
language sql
stable
set search_path = ''
as $$
  select concat(
    case when (filter).app_name is not null then format(' and s.app_name = %L', (filter).app_name) end,
    case when (filter).window_title is not null
      then format(' and s.window_title = %L', (filter).window_title) end,
    case when (filter).workflow_name is not null
      then format(' and s.workflow_name = %L', (filter).workflow_name) end,
    case when (filter).author is not null then format(' and s.author = %L', (filter).author) end)
$$;
comment on function search.filter_sql(search.step_filter) is
  'The conditions of a filter on a step s, as SQL.';

-- The conditions on the statistics of a step `s`, which another table has: dear, and no index helps. A step
-- that never ran counts as of its creation.
create function search.stats_filter_sql(filter search.step_filter)
returns text
language sql
stable
set search_path = ''
as $$
  select concat(
    case when (filter).min_succeeded > 0 then format(
      ' and exists (select from public.workflow_step_stats t where t.step_id = s.id and t.succeeded >= %s)',
      (filter).min_succeeded) end,
    case when coalesce((filter).executed_from, (filter).executed_to) is not null then format(
      ' and coalesce((select t.last_executed_at from public.workflow_step_stats t where t.step_id = s.id),'
      ' s.created_at) between %L and %L',
      coalesce((filter).executed_from, '-infinity'), coalesce((filter).executed_to, 'infinity')) end)
$$;
comment on function search.stats_filter_sql(search.step_filter) is
  'The conditions of a filter on the statistics of a step s, as SQL.';

-- Up to how many steps all are read: by words, of what a filter leaves; by vectors, of all that may be found.
create function search.read_whole(out by_words int, out by_vectors int)
language sql
immutable
parallel safe
set search_path = ''
as $$
  select 20000, 30000
$$;
comment on function search.read_whole() is 'Up to how many steps a search reads all of them.';

-- How many steps a filter leaves, counted up to one more than `most`; null where it has nothing that an index
-- counts.
create function search.count_filtered(workspaces uuid[], filter search.step_filter, most int)
returns bigint
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_filter text := search.filter_sql(filter);
  v_count bigint;
begin
  if v_filter <> '' then
    execute format(
      'select count(*) from (
         select from public.workflow_steps s where s.workspace_id = any ($1)%s limit %s) k',
      v_filter, count_filtered.most + 1)
    using count_filtered.workspaces into v_count;
  end if;
  return v_count;
end
$$;
comment on function search.count_filtered(uuid[], search.step_filter, int) is
  'How many steps a filter leaves, as far as it matters.';

create function search.match_sql(query tsquery)
returns text
language sql
immutable
set search_path = ''
as $$
  select case
    when match_sql.query is null then ''
    else format(' and s.search_vector @@ %L', match_sql.query)
  end
$$;
comment on function search.match_sql(tsquery) is
  'The condition that a step s has the words of a query, as SQL.';
