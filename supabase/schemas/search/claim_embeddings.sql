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

-- Leases ready jobs of one model to a worker, for 60 seconds, with their texts as they are now, at most
-- `capacity` and about two million characters. Each workspace that waits gets an even share, its most urgent
-- texts first: nobody waits for the flood of another. What a change of model brings gets what is left, and,
-- where only other models have urgent texts, one claim in ten. Texts are cut far beyond what the model reads.
-- Locks: jobs, skipping what others hold, so that a claim waits for nobody; then, where there is a limit,
-- budgets in the order of their workspaces.
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
  v_now timestamptz := engine.now();
  v_token uuid := gen_random_uuid();
  -- else a change of model might wait for ever for the texts of another
  v_is_reversed boolean := random() < 0.1;
  v_room int := least(greatest(claim_embeddings.capacity, 0), 2048);
  v_characters bigint := 2000000;
  v_model search.embedding_models;
  v_ready record;
  v_jobs search.embedding_jobs[] := array[]::search.embedding_jobs[];
  v_taken search.embedding_jobs[];
  v_source search.embedding_sources;
  v_ids uuid[];
  v_there uuid[];
  v_most_characters int;
begin
  perform search.take_back(v_now);
  for v_ready in
    with ready as materialized (select r.model_id, r.is_background from search.ready_models(v_now) r),
    drawn as materialized (
      select r.model_id, bool_and(r.is_background) as is_background, random() as turn
      from ready r group by r.model_id
    )
    select r.* from ready r join drawn d using (model_id)
    order by d.is_background <> v_is_reversed, d.turn, r.is_background
  loop
    continue when v_model.id <> v_ready.model_id;
    select * into v_model from search.embedding_models m where m.id = v_ready.model_id;
    v_most_characters := 16 * v_model.max_tokens;
    v_taken := search.lease_embeddings(
      v_model, v_ready.is_background, claim_embeddings.worker, v_token, v_now, v_room, v_characters);
    if v_taken = '{}' and v_jobs = '{}' then
      -- others are just taking them: another model may have some
      v_model := null;
      continue;
    end if;
    v_jobs := v_jobs || v_taken;
    v_room := v_room - cardinality(v_taken);
    v_characters := v_characters - (
      select coalesce(sum(least(t.size, v_most_characters)), 0) from unnest(v_taken) t);
  end loop;
  perform search.charge_rows(v_jobs, v_most_characters, v_now);
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
           -- by their keys, whatever the planner knows of the jobs
           where j.source_id = $2 and j.row_id = any ($1) and j.row_id = t.row_id and j.model_id = $3
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

-- Leases jobs of a model, either background ones or the others. Of more workspaces than there is room for
-- those with the most urgent texts have their turn, then whoever is drawn.
create function search.lease_embeddings(
  model search.embedding_models, of_background boolean, worker text, token uuid, at timestamptz, room int,
  characters bigint
)
returns search.embedding_jobs[]
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_most_characters int := 16 * model.max_tokens;
  v_waiting uuid[];
  v_left double precision[];
  v_taken search.embedding_jobs[];
begin
  if room <= 0 or characters <= 0 then
    return array[]::search.embedding_jobs[];
  end if;
  select array_agg(w.workspace_id), array_agg(w.tokens_left) into v_waiting, v_left
  from (
    select w.workspace_id, min(w.tokens_left) as tokens_left
    from search.waiting_for(model.id, of_background, at) w
    group by w.workspace_id
    order by min(w.priority), random()
    limit room) w;
  with ready as (
    select w.workspace_id, w.tokens_left, p.priority, j.*
    from unnest(v_waiting, v_left) w (workspace_id, tokens_left)
    cross join search.priorities(of_background) p (priority)
    cross join lateral (
      select j.ctid, j.run_at, least(j.size, v_most_characters) as size
      from search.embedding_jobs j
      where j.model_id = model.id and j.priority = p.priority and j.workspace_id = w.workspace_id
        and j.state = 'pending' and j.lease_token is null and j.run_at <= lease_embeddings.at
      order by j.run_at
      -- who has much takes the place of some who have little
      limit least(room, 4 * (room / cardinality(v_waiting) + 1))
      for update skip locked) j
  ),
  turn as (
    select r.ctid, r.run_at, r.size, r.tokens_left,
      row_number() over w as turn,
      sum(r.size) over w - r.size as spent
    from ready r
    window w as (partition by r.workspace_id order by r.priority, r.run_at, r.ctid)
  ),
  fitting as (
    select t.ctid, row_number() over w as place, sum(t.size) over w - t.size as before
    from turn t
    -- four characters are a token
    where t.spent < t.tokens_left * 4
    window w as (order by t.turn, t.run_at, t.ctid)
  ),
  taken as (
    update search.embedding_jobs j
    set lease_token = token, lease_until = lease_embeddings.at + interval '60 seconds', worker_id = worker
    where j.ctid = any (array(
      select f.ctid from fitting f where f.place <= room and f.before < characters))
    returning j.*
  )
  select array_agg(t::search.embedding_jobs) into v_taken from taken t;
  return coalesce(v_taken, array[]::search.embedding_jobs[]);
end
$$;
comment on function search.lease_embeddings(
  search.embedding_models, boolean, text, uuid, timestamptz, int, bigint) is
  'Lease jobs of a model, the same number to each workspace that waits.';

-- Which workspaces have ready jobs of a model, by priority, and how many tokens they may still spend: two
-- probes of the index for each, however many jobs they have.
create function search.waiting_for(
  model_id smallint, of_background boolean, at timestamptz, most bigint default null
)
returns table (workspace_id uuid, priority smallint, tokens_left double precision)
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_budget double precision := search.row_budget();
begin
  return query
  with recursive known as (
    -- ordered as the index is that knows priorities: another one would read all to find none
    select p.priority, (
      select j.workspace_id from search.embedding_jobs j
      where j.model_id = waiting_for.model_id and j.priority = p.priority
        and j.state = 'pending' and j.lease_token is null
      order by j.workspace_id, j.run_at limit 1) as workspace_id
    from search.priorities(of_background) p (priority)
    union all
    select k.priority, (
      select j.workspace_id from search.embedding_jobs j
      where j.model_id = waiting_for.model_id and j.priority = k.priority
        and j.state = 'pending' and j.lease_token is null and j.workspace_id > k.workspace_id
      order by j.workspace_id, j.run_at limit 1)
    from known k where k.workspace_id is not null
  )
  select k.workspace_id, k.priority,
    coalesce(search.refilled(b, v_budget, waiting_for.at), 'infinity')
  from known k
  -- a probe for each: what an `exists` asks, a planner that knows nothing reads of all at once
  cross join lateral (
    select from search.embedding_jobs j
    where j.model_id = waiting_for.model_id and j.priority = k.priority
      and j.workspace_id = k.workspace_id and j.state = 'pending' and j.lease_token is null
      and j.run_at <= waiting_for.at
    limit 1) r
  left join search.token_budgets b
    on v_budget is not null and b.workspace_id = k.workspace_id and b.kind = 'rows'
  where v_budget is null or search.refilled(b, v_budget, waiting_for.at) > 0
  limit most;
end
$$;
comment on function search.waiting_for(smallint, boolean, timestamptz, bigint) is
  'Which workspaces wait for a model, and may spend something; the first of them.';

create function search.priorities(of_background boolean)
returns setof smallint
language sql
immutable
set search_path = ''
as $$
  select unnest(case when of_background then '{2}' else '{0,1}' end::smallint[])
$$;
comment on function search.priorities(boolean) is
  'Priorities of jobs: of a change of model, or those that go before.';

-- Models that have ready jobs, in the background and others, and are not held back.
create function search.ready_models(at timestamptz)
returns table (model_id smallint, is_background boolean)
language sql
stable
security definer
set search_path = ''
as $$
  select m.id, b.is_background
  from search.embedding_models m cross join (values (false), (true)) b (is_background)
  where (m.held_until is null or m.held_until <= ready_models.at)
    and exists (select from search.waiting_for(m.id, b.is_background, ready_models.at, 1))
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
