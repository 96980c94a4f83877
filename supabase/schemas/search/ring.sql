-- When workers of embeddings were last called.
create table search.doorbell (
  only_row boolean primary key default true,
  rung_at timestamptz not null,
  constraint one_row check (only_row)
);
comment on table search.doorbell is 'When workers of embeddings were last called.';
alter table search.doorbell enable row level security;
-- no policy and no grant: the tick's

-- Calls embed/work when jobs are ready, once a second at most, until there is a worker for each 500 of them
-- (four at most). Nothing depends on its being heard: the next tick rings again. With nothing to do it costs
-- a few probes of indexes. Settings: doorbell.listener (true: pg_notify), embeddings.work_url (POST by
-- pg_net; unless it is set, doorbell.url with embed instead of execute).
create function search.ring()
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_now timestamptz := engine.now();
  v_ready int;
  v_workers int;
  v_missing int;
  -- the same worker deletes what no row points at in object storage
  v_sweeps boolean := search.object_sweeps_are_due();
begin
  if not v_sweeps
    and not exists (select from search.embedding_jobs j where j.state = 'pending' and j.lease_token is null)
    and not exists (
      select from search.embedding_jobs j where j.lease_token is not null and j.lease_until < v_now) then
    return false;
  end if;
  perform search.take_back(v_now);
  select coalesce(sum(r.n), 0) into v_ready
  from search.ready_models(v_now) m
  cross join lateral (
    select count(*) as n from (
      select from search.waiting_for(m.model_id, m.is_background, v_now, 500) w
      cross join lateral (
        select from search.embedding_jobs j
        where j.model_id = m.model_id and j.priority = w.priority and j.workspace_id = w.workspace_id
          and j.state = 'pending' and j.lease_token is null and j.run_at <= v_now
        limit 2000) j
      limit 2000) j) r;
  if v_ready = 0 and not v_sweeps then
    return false;
  end if;
  -- of those that claimed lately: others may be gone, although their leases are not over
  select count(distinct w.worker_id) into v_workers from (
    select j.worker_id from search.embedding_jobs j
    where j.lease_token is not null and j.lease_until > v_now + interval '30 seconds' limit 5000) w;
  v_missing := greatest(least(4, (v_ready + 499) / 500), v_sweeps::int) - v_workers;
  if v_missing <= 0 then
    return false;
  end if;
  insert into search.doorbell as d (rung_at) values (v_now)
  on conflict on constraint doorbell_pkey do update set rung_at = excluded.rung_at
  where d.rung_at <= excluded.rung_at - interval '1 second';
  if not found then
    return false;
  end if;
  if platform.setting('doorbell.listener') = 'true' then
    perform pg_notify('tandem_doorbell', 'embed');
  end if;
  perform engine.call_workers(coalesce(
    platform.setting('embeddings.work_url') #>> '{}',
    regexp_replace(platform.setting('doorbell.url') #>> '{}', '/execute/work$', '/embed/work')), v_missing);
  return true;
end
$$;
comment on function search.ring() is
  'Call workers when jobs are ready; true if it did. Called by engine.tick().';
