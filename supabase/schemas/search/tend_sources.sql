-- Goes on with what goes over all rows of a source: filling in what is missing, a thousand rows at a time,
-- then the switch to the next model, then removing the vectors of others. Called by engine.tick(); idle, it
-- reads a few rows. Each begins when all transactions are over that began before it was decided: they may
-- have read the source as it was, and rows or jobs of theirs would be passed by. Locks: sources, then jobs.
-- An insert into jobs may wait for a writer of a row, who may wait for ours, or for an execution that the
-- tick holds: so it gives up soon, and goes on in the next tick.
create function search.tend_sources(batch int default 1000)
returns void
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set lock_timeout = '20ms'
as $$
declare
  v_source search.embedding_sources;
begin
  if not exists (select from search.embedding_sources s where s.task is not null) then
    return;
  end if;
  for v_source in
    select * from search.embedding_sources s where s.task is not null order by s.id for update skip locked
  loop
    if v_source.task_barrier is null then
      update search.embedding_sources s set task_barrier = pg_current_xact_id() where s.id = v_source.id;
      continue;
    end if;
    continue when not search.is_passed(v_source.task_barrier);
    begin
      if v_source.task = 'fill' then
        perform search.fill(v_source, batch);
      else
        perform search.sweep(v_source, batch);
      end if;
    exception when lock_not_available then
      null; -- a writer is at work on a row: the next tick
    end;
  end loop;
end
$$;
comment on function search.tend_sources(int) is
  'Go on with filling and sweeping the vectors of sources. Called by engine.tick().';

-- Are all transactions of this database over that began before one? What runs in other databases of the
-- cluster cannot have read anything here; neither has autovacuum.
create function search.is_passed(barrier xid8)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if pg_snapshot_xmin(pg_current_snapshot()) >= barrier then
    return true;
  end if;
  return not exists (
    select from pg_snapshot_xip(pg_current_snapshot()) x (id)
    -- each transaction that writes holds its own id
    join pg_catalog.pg_locks l
      on l.locktype = 'transactionid' and l.transactionid = x.id::xid and l.mode = 'ExclusiveLock'
        and l.granted
    left join pg_catalog.pg_stat_activity a on a.pid = l.pid
    left join pg_catalog.pg_prepared_xacts p on p.transaction = l.transactionid
    where x.id < barrier and coalesce(a.datname, p.database, current_database()) = current_database()
      -- autovacuum is nobody's
      and (a.pid is null or a.usesysid is not null));
end
$$;
comment on function search.is_passed(xid8) is
  'Are all writing transactions of this database over that began before this one?';

-- Enqueues rows of a source that lack a true vector of the model to fill, in the order of their keys; after
-- the last, when no job is left, the next model serves.
create function search.fill(source search.embedding_sources, batch int)
returns void
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  c_enough constant int := 10000;
  v_model smallint := coalesce(source.next_model, source.serving_model);
  v_last uuid;
  v_texts search.row_text[];
begin
  -- enough to do: the queue stays short, and what it says true
  if exists (
      select from search.embedding_jobs j
      where j.model_id = v_model and j.priority = 2 and j.state = 'pending' and j.lease_token is null
      offset c_enough limit 1) then
    return;
  end if;
  execute format(
    'select max(k.key::text)::uuid from (
       select %1$I as key from %2$s where %1$I > $1 order by %1$I limit $2) k',
    source.key_column, to_regclass(source.table_name))
  into v_last using coalesce(source.task_cursor, '00000000-0000-0000-0000-000000000000'), batch;
  if v_last is not null then
    execute search.hashed(
      search.texts_of(source, condition => format('%1$I > $1 and %1$I <= $2', source.key_column)))
    into v_texts using coalesce(source.task_cursor, '00000000-0000-0000-0000-000000000000'), v_last;
    insert into search.embedding_jobs (
      source_id, row_id, model_id, workspace_id, content_hash, size, priority, enqueued_at, run_at)
    select source.id, t.row_id, v_model, t.workspace_id, t.content_hash, t.size, 2, engine.now(), engine.now()
    from unnest(v_texts) t
    where t.content_hash is not null and not exists (
      select from search.vectors v
      where v.source_id = source.id and v.row_id = t.row_id and v.model_id = v_model
        and v.content_hash = t.content_hash)
    order by t.row_id
    on conflict do nothing;
    update search.embedding_sources s set task_cursor = v_last where s.id = source.id;
    return;
  end if;
  if source.next_model is null then
    update search.embedding_sources s set task = null, task_cursor = null, task_barrier = null
    where s.id = source.id;
  elsif not exists (
      select from search.embedding_jobs j
      where j.source_id = source.id and j.model_id = source.next_model) then
    update search.embedding_sources s
    set serving_model = s.next_model, next_model = null, task = 'sweep', task_cursor = null,
      task_barrier = null
    where s.id = source.id;
  end if;
end
$$;
comment on function search.fill(search.embedding_sources, int) is 'Enqueue what a model has no vector of.';

-- Removes vectors and jobs of models that a source has left behind.
create function search.sweep(source search.embedding_sources, batch int)
returns void
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_keys uuid[];
begin
  v_keys := array(
    select distinct k.row_id from (
      select v.row_id from search.vectors v
      where v.source_id = source.id
        and v.row_id > coalesce(source.task_cursor, '00000000-0000-0000-0000-000000000000')
      order by v.row_id
      limit batch) k
    order by k.row_id);
  if v_keys <> '{}' then
    delete from search.vectors v
    where v.source_id = source.id and v.row_id = any (v_keys)
      and v.model_id <> source.serving_model and v.model_id is distinct from source.next_model;
    update search.embedding_sources s set task_cursor = v_keys[cardinality(v_keys)] where s.id = source.id;
    return;
  end if;
  -- claims drop those as well
  delete from search.embedding_jobs j
  where j.source_id = source.id and (j.row_id, j.model_id) in (
    select k.row_id, k.model_id from search.embedding_jobs k
    where k.source_id = source.id and k.model_id <> source.serving_model
      and k.model_id is distinct from source.next_model
    order by k.row_id, k.model_id
    for update skip locked);
  update search.embedding_sources s set task = null, task_cursor = null, task_barrier = null
  where s.id = source.id;
end
$$;
comment on function search.sweep(search.embedding_sources, int) is
  'Remove vectors of models that no longer serve.';
