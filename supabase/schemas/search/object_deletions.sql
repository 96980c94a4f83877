-- Objects that no row points at any more, or never did. A row here outlives step, workspace and all.
create table search.object_deletions (
  object_key text primary key,
  step_id uuid not null,
  due_at timestamptz not null,
  attempts int not null default 0,
  lease_token uuid,
  lease_until timestamptz,
  error jsonb,
  constraint a_lease_has_an_end check ((lease_token is null) = (lease_until is null))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
comment on table search.object_deletions is 'Objects that have to be deleted from object storage.';
alter table search.object_deletions enable row level security;
-- no policy and no grant: workers claim and finish

-- claiming, and what wakes a worker
create index object_deletions_due on search.object_deletions (due_at);

-- A leased one keeps its lease; one that is due already becomes due no later.
create function search.queue_object_deletions(object_keys text[], step_ids uuid[])
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  insert into search.object_deletions (object_key, step_id, due_at)
  select k.object_key, k.step_id, engine.now()
  from unnest(queue_object_deletions.object_keys, queue_object_deletions.step_ids) k (object_key, step_id)
  where k.object_key is not null
  order by k.object_key
  on conflict (object_key) do nothing
$$;
comment on function search.queue_object_deletions(text[], uuid[]) is
  'Let the objects at these keys be deleted.';

-- Also of rows that move into the archive or back: sweeping looks whether anything still points at an object.
create function search.objects_of_deleted_steps()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform search.queue_object_deletions(array_agg(k.object_key), array_agg(d.id))
  from deleted d
  cross join lateral (values (d.state_object_key), (d.outcome_diff_key)) k (object_key)
  where k.object_key is not null
  having count(*) > 0;
  return null;
end
$$;
comment on function search.objects_of_deleted_steps() is
  'Trigger: a deleted step leaves its objects to be swept.';
create trigger objects_are_swept_after_steps after delete on public.workflow_steps
  referencing old table as deleted
  for each statement execute function search.objects_of_deleted_steps();

create trigger objects_are_swept_after_archived_steps after delete on public.archived_steps
  referencing old table as deleted
  for each statement execute function search.objects_of_deleted_steps();

-- Objects to delete now, leased for a minute: what is not finished by then is claimable again. Deleting twice
-- is fine. Locks: uploads whose time is over, then deletions; both skip what is locked.
create function search.claim_object_sweeps(capacity int default 100)
returns table (object_key text, lease_token uuid)
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_capacity int := least(greatest(coalesce(claim_object_sweeps.capacity, 100), 1), 1000);
begin
  perform search.forget_step_requests();
  with over as (
    select u.step_id, u.kind from search.object_uploads u
    where u.expires_at < v_now
    order by u.expires_at limit v_capacity for update skip locked
  ), gone as (
    delete from search.object_uploads u using over o
    where u.step_id = o.step_id and u.kind = o.kind
    returning u.step_id, search.object_key(u.step_id, u.kind) as object_key
  )
  insert into search.object_deletions as d (object_key, step_id, due_at)
  select g.object_key, g.step_id, v_now from gone g
  on conflict (object_key) do nothing;

  -- What a row points at stays: it was restored, or never deleted but moved.
  delete from search.object_deletions d
  where d.due_at <= v_now and d.lease_token is null and (
    exists (
      select from public.workflow_steps s
      where s.id = d.step_id and d.object_key in (s.state_object_key, s.outcome_diff_key))
    or exists (
      select from public.archived_steps a
      where a.id = d.step_id and d.object_key in (a.state_object_key, a.outcome_diff_key)));

  return query
  with due as (
    select d.object_key from search.object_deletions d
    where d.due_at <= v_now and (d.lease_until is null or d.lease_until < v_now)
      -- it is being uploaded (an import brings back what was deleted)
      and not exists (
        select from search.object_uploads u
        where u.step_id = d.step_id and search.object_key(u.step_id, u.kind) = d.object_key)
    order by d.due_at limit v_capacity for update skip locked
  )
  update search.object_deletions d
  set lease_token = gen_random_uuid(), lease_until = v_now + interval '1 minute'
  from due where due.object_key = d.object_key
  returning d.object_key, d.lease_token;
end
$$;
comment on function search.claim_object_sweeps(int) is
  'Lease objects that have to be deleted from object storage. For the functions'' own connection.';

-- results: [{"object_key", "lease_token", "error": null | {"code", "message"}}]. What failed is tried again,
-- later and later, for ever: there is no other record of it.
create function search.finish_object_sweeps(results jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := engine.now();
  v_deleted int;
  v_retried int;
begin
  delete from search.object_deletions d
  using jsonb_to_recordset(finish_object_sweeps.results) r (object_key text, lease_token uuid, error jsonb)
  where r.object_key = d.object_key and r.lease_token = d.lease_token and coalesce(r.error, 'null') = 'null';
  get diagnostics v_deleted = row_count;
  update search.object_deletions d
  set attempts = d.attempts + 1, error = r.error, lease_token = null, lease_until = null,
    due_at = v_now + least(interval '5 seconds' * 2 ^ least(d.attempts, 12), interval '6 hours')
  from jsonb_to_recordset(finish_object_sweeps.results) r (object_key text, lease_token uuid, error jsonb)
  where r.object_key = d.object_key and r.lease_token = d.lease_token and r.error <> 'null';
  get diagnostics v_retried = row_count;
  return jsonb_build_object('deleted', v_deleted, 'retried', v_retried);
end
$$;
comment on function search.finish_object_sweeps(jsonb) is
  'Note what became of claimed objects; answers {deleted, retried}. For the functions'' own connection.';

create function search.object_sweeps_are_due()
returns boolean
language plpgsql  -- which keeps the plan
stable
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := engine.now();
begin
  return exists (
      select from search.object_deletions d
      where d.due_at <= v_now and (d.lease_until is null or d.lease_until < v_now))
    or exists (select from search.object_uploads u where u.expires_at < v_now);
end
$$;
comment on function search.object_sweeps_are_due() is 'Is there an object to delete? Two index probes.';
