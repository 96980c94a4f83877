-- A leased job: what is to be embedded, and by what.
create type search.claimed_text as (
  source_id smallint,
  row_id uuid,
  model_id smallint,
  model text,
  dimensions int,
  provider text,
  content_hash text,
  content text,
  lease_token uuid,
  attempts int
);

-- Leases ready jobs of one model to a worker, for 60 seconds, with their texts as they are now: most urgent
-- first, then oldest, at most `capacity` and about two million characters. Texts are cut far beyond what the
-- model reads. Locks: jobs, skipping what others hold; a claim waits for nobody.
create function search.claim_embeddings(worker text, capacity int)
returns setof search.claimed_text
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  c_most_characters constant int := 2000000;
  v_now timestamptz := engine.now();
  v_token uuid := gen_random_uuid();
  v_room int := least(greatest(claim_embeddings.capacity, 0), 2048);
  v_characters bigint := 0;
  v_model search.embedding_models;
  v_ready record;
  v_taken search.embedding_jobs[];
  v_jobs search.embedding_jobs[] := array[]::search.embedding_jobs[];
  v_source search.embedding_sources;
  v_ids uuid[];
  v_there uuid[];
  v_most_characters int;
begin
  perform search.take_back(v_now);
  for v_ready in
    select * from search.ready_models(v_now)
  loop
    exit when v_room <= 0 or v_characters >= c_most_characters;
    continue when v_model.id <> v_ready.model_id;
    if v_model.id is null then
      select * into v_model from search.embedding_models m where m.id = v_ready.model_id;
      v_most_characters := 16 * v_model.max_tokens;
    end if;
    with ready as (
      select j.ctid, j.run_at, least(j.size, v_most_characters) as size
      from search.embedding_jobs j
      where j.model_id = v_ready.model_id and j.priority = v_ready.priority
        and j.state = 'pending' and j.lease_token is null and j.run_at <= v_now
      order by j.run_at
      limit v_room
      for update skip locked
    ),
    fitting as (
      select r.ctid, v_characters + sum(r.size) over (order by r.run_at, r.ctid) - r.size as before
      from ready r
    ),
    taken as (
      update search.embedding_jobs j
      set lease_token = v_token, lease_until = v_now + interval '60 seconds',
        worker_id = claim_embeddings.worker
      where j.ctid = any (array(select f.ctid from fitting f where f.before < c_most_characters))
      returning j.*
    )
    select array_agg(t::search.embedding_jobs),
      coalesce(sum(least(t.size, v_most_characters)), 0) + v_characters
    into v_taken, v_characters from taken t;
    if v_taken is null then
      -- others are just taking them: another model may have some
      if v_jobs = '{}' then
        v_model := null;
      end if;
      continue;
    end if;
    v_jobs := v_jobs || v_taken;
    v_room := v_room - cardinality(v_taken);
  end loop;
  perform engine.pause_point('claim_embeddings');

  for v_source in
    select * from search.embedding_sources s
    where s.id in (select j.source_id from unnest(v_jobs) j) order by s.id
  loop
    v_ids := array(select j.row_id from unnest(v_jobs) j where j.source_id = v_source.id);
    if v_model.id in (v_source.serving_model, v_source.next_model) then
      return query execute format(
        'with texts as materialized (
           select t.row_id, search.hash_of(t.content) as content_hash, left(t.content, $5) as content,
             length(t.content) as size
           from (%s) t
         ),
         -- jobs are of the text that is embedded, however old the one was that made them
         taken as (
           update search.embedding_jobs j set content_hash = t.content_hash, size = t.size
           from texts t
           where j.source_id = $2 and j.row_id = t.row_id and j.model_id = $3
             and j.content_hash <> t.content_hash
         )
         select $2, t.row_id, $3, $6, $7, $8, encode(t.content_hash, ''hex''), t.content, $4, j.attempts
         from texts t join unnest($9) j on j.source_id = $2 and j.row_id = t.row_id
         where t.content_hash is not null
         order by j.priority, j.run_at', search.texts_of_given(v_source))
      using v_ids, v_source.id, v_model.id, v_token, v_most_characters,
        v_model.name, v_model.dimensions, v_model.provider, v_jobs;
      -- rows that are gone, or blank, although no trigger said so
      execute format('select array_agg(t.row_id) from (%s) t where t.content ~ ''\S''',
        search.texts_of_given(v_source))
      into v_there using v_ids;
      perform search.forget(v_source.id, array(
        select i from unnest(v_ids) i where (i = any (v_there)) is not true));
    else
      -- of a model that the source has left behind
      delete from search.embedding_jobs j
      where j.source_id = v_source.id and j.row_id = any (v_ids) and j.model_id = v_model.id;
    end if;
  end loop;
end
$$;
comment on function search.claim_embeddings(text, int) is
  'Lease texts to embed, all for one model. For workers (service_role).';
grant execute on function search.claim_embeddings(text, int) to service_role;

-- Models that have ready jobs and are not held back, by priority, oldest job first: a probe of the index for
-- each.
create function search.ready_models(at timestamptz)
returns table (model_id smallint, priority smallint, run_at timestamptz)
language sql
stable
security definer
set search_path = ''
as $$
  select m.id, p.priority, j.run_at
  from search.embedding_models m
  cross join (values (0::smallint), (1::smallint), (2::smallint)) p (priority)
  cross join lateral (
    select j.run_at from search.embedding_jobs j
    where j.model_id = m.id and j.priority = p.priority
      and j.state = 'pending' and j.lease_token is null and j.run_at <= ready_models.at
    order by j.run_at
    limit 1) j
  where m.held_until is null or m.held_until <= ready_models.at
  order by p.priority, j.run_at
$$;
comment on function search.ready_models(timestamptz) is 'Which models have something to do.';

-- Leases that have expired cost an attempt: what ends its workers must come to an end itself.
create function search.take_back(at timestamptz)
returns void
language sql
volatile
security definer
set search_path = ''
set enable_seqscan = off
as $$
  with expired as (
    select j.ctid from search.embedding_jobs j
    where j.lease_token is not null and j.lease_until < take_back.at
    order by j.lease_until
    limit 5000
    for update skip locked
  )
  update search.embedding_jobs j
  set lease_token = null, lease_until = null, worker_id = null, run_at = take_back.at,
    attempts = j.attempts + 1,
    state = case when j.attempts + 1 >= search.most_attempts() then 'dead' else 'pending' end,
    error = jsonb_build_object(
      'code', 'lease_expired', 'message', format('The worker %s did not answer in time', j.worker_id))
  where j.ctid = any (array(select e.ctid from expired e))
$$;
comment on function search.take_back(timestamptz) is 'Take back the jobs of workers that do not answer.';

create function search.most_attempts()
returns int
language sql
immutable
set search_path = ''
as $$
  select 8
$$;
comment on function search.most_attempts() is 'After how many failed attempts a job is dead.';
