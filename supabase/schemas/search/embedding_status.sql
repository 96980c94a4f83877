-- Counters of sources, for some workspaces (null: all), counted from what there is. `done` is the share of
-- rows that have a vector of the next model, or of the serving one where there is no change under way.
create function search.count_embeddings(workspace_ids uuid[])
returns table (
  source text, serving_model text, next_model text, dimensions int, done numeric,
  pending bigint, in_flight bigint, failed bigint, dead bigint, oldest_age_seconds int,
  held bigint
)
language sql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
  select s.name, m.name, n.name, coalesce(n.dimensions, m.dimensions),
    case
      when c.missing = 0 and s.next_model is null then 1
      else trunc(v.target::numeric / greatest(v.serving, v.target + c.missing, 1), 4)
    end,
    c.pending, c.in_flight, c.failed, c.dead, coalesce(c.oldest_age_seconds, 0), c.held
  from search.embedding_sources s
  join search.embedding_models m on m.id = s.serving_model
  left join search.embedding_models n on n.id = s.next_model
  cross join lateral (
    select
      count(*) filter (where j.state = 'pending' and j.lease_token is null and j.attempts = 0) as pending,
      count(*) filter (where j.lease_token is not null) as in_flight,
      count(*) filter (where j.state = 'pending' and j.lease_token is null and j.attempts > 0) as failed,
      count(*) filter (where j.state = 'dead') as dead,
      count(*) filter (where j.model_id = coalesce(s.next_model, s.serving_model)) as missing,
      extract(epoch from engine.now() - min(j.enqueued_at) filter (where j.state = 'pending'))::int
        as oldest_age_seconds,
      count(*) filter (
        where j.state = 'pending' and j.lease_token is null
          and j.workspace_id in (select search.held_workspaces())) as held
    from search.embedding_jobs j
    where j.source_id = s.id
      and (count_embeddings.workspace_ids is null or j.workspace_id = any (count_embeddings.workspace_ids))) c
  cross join lateral (
    select
      count(*) filter (where w.model_id = s.serving_model) as serving,
      count(*) filter (where w.model_id = coalesce(s.next_model, s.serving_model)) as target
    from search.vectors w
    -- only where something is missing
    where w.source_id = s.id and (c.missing > 0 or s.next_model is not null)
      and (count_embeddings.workspace_ids is null or w.workspace_id = any (count_embeddings.workspace_ids))) v
  order by s.id
$$;
comment on function search.count_embeddings(uuid[]) is 'Counters of vectors and jobs by source.';

create function search.get_embedding_status()
returns table (
  source text, serving_model text, next_model text, dimensions int, done numeric,
  pending bigint, in_flight bigint, failed bigint, dead bigint, oldest_age_seconds int,
  held bigint
)
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  return query select c.* from search.count_embeddings(
    case when not workspaces.caller_bypasses_rls() then array(select workspaces.readable()) end) c;
end
$$;
comment on function search.get_embedding_status() is 'See public.get_embedding_status.';
grant execute on function search.get_embedding_status() to authenticated, service_role;

create function public.get_embedding_status()
returns table (
  source text, serving_model text, next_model text, dimensions int, done numeric,
  pending bigint, in_flight bigint, failed bigint, dead bigint, oldest_age_seconds int,
  held bigint
)
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from search.get_embedding_status()
$$;
comment on function public.get_embedding_status() is
  'How far the embeddings of your workspaces'' rows are: by source, what waits (`pending`), is `in_flight`, '
  'waits to be tried again (`failed`), or was given up (`dead`); so many of them wait for a budget (`held`).';
grant execute on function public.get_embedding_status() to authenticated, service_role;

-- For the operator: the same over all workspaces, with what stands in the way.
create view search.embedding_status with (security_invoker = true) as
select c.*, s.task, s.task_cursor, m.provider, m.held_until, m.failures,
  array_remove(array[
    case when m.held_until > engine.now() then 'the model is held back until held_until' end,
    case when c.dead > 0 then 'jobs were given up: search.requeue_dead() or search.drop_dead()' end,
    case when x.version < '{0,8,4}'::int[]
      then format('vacuum may damage HNSW indexes of pgvector %s: update it to 0.8.4, then reindex',
        x.extversion) end
  ], null) as warnings
from search.count_embeddings(null) c
join search.embedding_sources s on s.name = c.source
join search.embedding_models m on m.id = coalesce(s.next_model, s.serving_model)
cross join (
  select e.extversion, string_to_array(e.extversion, '.')::int[] as version
  from pg_extension e where e.extname = 'vector') x;
comment on view search.embedding_status is
  'Counters of embeddings over all workspaces, and warnings. For the operator.';
-- no grant: the operator's
