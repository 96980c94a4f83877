-- The constants of BM25: field weights {D, C, B, A} of ts_rank(), k1 and b. The README says how they were
-- found.
create function search.bm25(out weights real[], out k1 double precision, out b double precision)
language sql
immutable
parallel safe
set search_path = ''
as $$
  select '{0.1, 0.4, 1.0, 0.8}'::real[], 1.5, 0.9
$$;
comment on function search.bm25() is 'Constants of the text score.';

create type search.scored_step as (step_id uuid, score double precision);
comment on type search.scored_step is 'A step, and what the words of a search give it.';

-- Stage 1: the steps that match `candidates` (or, without, any of the words), at most `budget` of them, each
-- scored by all words, or by rank where there are none; the best `most`. The way to them is `words` (the text
-- index), `filter` (all that it leaves), `walk` (the best-ranked and the newest), or `sample` (some of what
-- the filter leaves, as they lie). The terms of the sum are written out: a subquery over the words of each of
-- thousands of steps would take most of the time. Most steps have one or two of the words: to ask is cheaper
-- than ts_rank(). And numbers are written as double precision, for numeric is slow.
create function search.score_steps(
  workspaces uuid[],
  filter search.step_filter,
  candidates tsquery,
  condition tsquery,
  lexemes text[],
  weights double precision[],
  average_length double precision,
  budget int,
  most int,
  way text
)
returns setof search.scored_step
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
-- the text index: the planner would hope to meet enough matches soon
set enable_indexscan = off
set enable_bitmapscan = on
as $$
declare
  c record;
  v_terms text;
  v_late text := search.stats_filter_sql(filter);
begin
  select * into c from search.bm25();
  -- w * f / (f + k), where ts_rank() of one lexeme is f over 1.64493406685; nothing where f is 0
  v_terms := (
    select string_agg(format(
      'case when s.search_vector @@ %1$L then %2$L::float8
         * (1 - s.k / (ts_rank(%3$L::real[], s.search_vector, %1$L) * 1.64493406685::float8 + s.k))
         else 0 end',
      search.lexeme_query(score_steps.lexemes[i]), score_steps.weights[i] * (c.k1 + 1), c.weights),
      ' + ' order by i)
    from generate_series(1, cardinality(score_steps.lexemes)) i);
  if score_steps.way <> 'words' then
    -- and here the text index would read all postings of the commonest words
    perform set_config('enable_indexscan', 'on', true), set_config('enable_bitmapscan', 'off', true);
  end if;
  return query execute format(
    'select s.id, s.score
     from (
       select s.id, s.created_at, round((%s) * 1e6::float8) / 1e6::float8 as score
       from (
         select s.id, s.created_at, s.search_vector,
           %L::float8 * (%L::float8 + %L::float8 * length(s.search_vector) / $2) as k
         from %s where s.workspace_id = any ($1)%s%s
         limit %s) s
       order by score desc, s.id desc offset 0) s
     where true%s limit %s',
    coalesce(v_terms,
      'coalesce((
         select t.stored_rank from public.workflow_step_stats t where t.step_id = s.id), -1)::float8'),
    c.k1, 1 - c.b, c.b,
    case score_steps.way
      -- each by its key: a planner without statistics would compare all steps with all that are to be tried
      when 'walk' then format(
        'search.walk_steps($1, %L, %s) w
         cross join lateral (select s.* from public.workflow_steps s where s.id = w.step_id offset 0) s',
        filter, score_steps.budget)
      when 'sample' then format(
        '(select s.* from public.workflow_steps s where s.workspace_id = any ($1)%s limit %s) s',
        search.filter_sql(filter), score_steps.budget)
      else 'public.workflow_steps s'
    end,
    search.match_sql(search.all_of(array[
      coalesce(score_steps.candidates, search.any_of(score_steps.lexemes)), score_steps.condition])),
    search.filter_sql(filter),
    -- what is filtered only afterwards, and so the best first, must not have been cut off
    score_steps.budget * case when v_late = '' then 1 else 4 end, v_late, score_steps.most)
  using score_steps.workspaces, score_steps.average_length;
end
$$;
comment on function search.score_steps(
  uuid[], search.step_filter, tsquery, tsquery, text[], double precision[], double precision, int, int,
  text) is
  'Stage 1 of a search: candidates scored by BM25.';

-- Steps to try one by one: half of them those of the best stored rank, half the newest. Where dates or
-- successes are wanted, those that have them, among the 50,000 of the best rank; and the newest of the dates.
create function search.walk_steps(workspaces uuid[], filter search.step_filter, visits int)
returns table (step_id uuid)
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_sort = off
as $$
declare
  c_looked_at constant int := 50000;
  v_workspaces int := greatest(cardinality(walk_steps.workspaces), 1);
  v_each int := greatest(walk_steps.visits / 2 / v_workspaces, 1);
  v_from timestamptz := coalesce((filter).executed_from, timestamptz '-infinity');
  v_to timestamptz := coalesce((filter).executed_to, timestamptz 'infinity');
  v_succeeded int := coalesce((filter).min_succeeded, 0);
  v_looked_at int := case
    when search.stats_filter_sql(filter) = '' then v_each
    else greatest(c_looked_at / v_workspaces, v_each)
  end;
begin
  return query
  select b.step_id from unnest(walk_steps.workspaces) w (id) cross join lateral (
    select r.step_id from (
      select t.step_id, t.succeeded, t.last_executed_at
      from public.workflow_step_stats t where t.workspace_id = w.id
      order by t.stored_rank desc, t.step_id desc limit v_looked_at) r
    where r.succeeded >= v_succeeded and r.last_executed_at between v_from and v_to
    limit v_each) b
  union
  select n.id from unnest(walk_steps.workspaces) w (id) cross join lateral (
    select s.id from public.workflow_steps s
    where s.workspace_id = w.id and s.created_at between v_from and v_to
    order by s.created_at desc, s.id desc limit v_each) n;
end
$$;
comment on function search.walk_steps(uuid[], search.step_filter, int) is
  'The best-ranked and the newest steps of some workspaces.';
