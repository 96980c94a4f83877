-- What became of a leased job.
create type search.embedding_result as (
  row_id uuid,
  model_id smallint,
  workspace_id uuid,
  attempts int,
  -- of the text that the result is of
  content_hash bytea,
  dimensions int,
  embedding extensions.halfvec,
  error jsonb,
  -- written, stale (the text has changed, or the job was not wanted any more), retried, dead
  outcome text
);

-- Takes a worker's results: [{source_id, row_id, model_id, lease_token, content_hash, embedding, error}],
-- embedding an array of numbers or its text, error {code, message, retryable, retry_after_seconds}. A vector
-- is written if its text is still the row's; a result whose lease is gone changes nothing. Each fails for
-- itself. Answers how many were written, stale, retried and dead. Locks: jobs in the order of their keys,
-- skipping what others hold (a writer of the row: the text changes), then the vectors, then the models. It
-- waits for nobody who holds a job.
create function search.finish_embeddings(worker text, results jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_now timestamptz := engine.now();
  v_held search.embedding_jobs[];
  v_source search.embedding_sources;
  v_results search.embedding_result[];
  v_all search.embedding_result[] := array[]::search.embedding_result[];
  v_given int;
begin
  v_given := jsonb_array_length(finish_embeddings.results);
  v_held := array(
    select j from search.embedding_jobs j
    join jsonb_to_recordset(finish_embeddings.results) as r (
      source_id smallint, row_id uuid, model_id smallint, lease_token uuid)
      on r.source_id = j.source_id and r.row_id = j.row_id and r.model_id = j.model_id
    where j.lease_token = r.lease_token and j.worker_id = finish_embeddings.worker
    order by j.source_id, j.row_id, j.model_id
    for update of j skip locked);
  perform engine.pause_point('finish_embeddings');
  for v_source in
    select * from search.embedding_sources s
    where s.id in (select h.source_id from unnest(v_held) h) order by s.id
  loop
    v_results := search.judge(v_source, v_held, finish_embeddings.results);
    insert into search.vectors as v (
      source_id, row_id, model_id, workspace_id, dimensions, embedding, content_hash, embedded_at)
    select v_source.id, r.row_id, r.model_id, r.workspace_id, r.dimensions, r.embedding, r.content_hash, v_now
    from unnest(v_results) r
    where r.outcome = 'written'
    order by r.row_id, r.model_id
    on conflict on constraint vectors_pkey do update
    set dimensions = excluded.dimensions, embedding = excluded.embedding,
      content_hash = excluded.content_hash, embedded_at = excluded.embedded_at;
    delete from search.embedding_jobs j
    using unnest(v_results) r
    where j.source_id = v_source.id and j.row_id = r.row_id and j.model_id = r.model_id
      and (r.outcome = 'written' or (r.outcome = 'stale' and r.content_hash is null));
    update search.embedding_jobs j
    set lease_token = null, lease_until = null, worker_id = null, content_hash = r.content_hash,
      attempts = r.attempts,
      state = case when r.outcome = 'dead' then 'dead' else 'pending' end,
      error = case when r.outcome <> 'stale' then r.error end,
      run_at = case
        when r.outcome = 'retried' and r.attempts > j.attempts then v_now + search.backoff(r.attempts)
        else v_now
      end
    from unnest(v_results) r
    where j.source_id = v_source.id and j.row_id = r.row_id and j.model_id = r.model_id
      and (r.outcome in ('retried', 'dead') or (r.outcome = 'stale' and r.content_hash is not null));
    v_all := v_all || v_results;
  end loop;
  perform search.hold_models(v_all, v_now);
  return (
    select jsonb_build_object(
      'written', count(*) filter (where r.outcome = 'written'),
      'stale', v_given - count(*) filter (where r.outcome <> 'stale'),
      'retried', count(*) filter (where r.outcome = 'retried'),
      'dead', count(*) filter (where r.outcome = 'dead'))
    from unnest(v_all) r);
end
$$;
comment on function search.finish_embeddings(text, jsonb) is
  'Write vectors that a worker has computed, and what failed. For workers (service_role).';
grant execute on function search.finish_embeddings(text, jsonb) to service_role;

-- What becomes of the jobs of one source that the caller has locked. The hash of a result: that of the text
-- as it is now where it is stale, null where there is nothing to embed any more.
create function search.judge(source search.embedding_sources, held search.embedding_jobs[], results jsonb)
returns search.embedding_result[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_texts search.row_text[] := search.current_texts(source, array(
    select h.row_id from unnest(held) h where h.source_id = source.id));
begin
  return array(
    select row(h.row_id, h.model_id, t.workspace_id,
      case
        when o.outcome = 'stale' then 0
        when jsonb_typeof(e.error -> 'retry_after_seconds') = 'number' then h.attempts
        else h.attempts + 1
      end,
      case when h.model_id in (source.serving_model, source.next_model) then t.content_hash end,
      m.dimensions, e.embedding, e.error, o.outcome)::search.embedding_result
    from unnest(held) h
    join (
      select distinct on (r.row_id, r.model_id) r.row_id, r.model_id, r.content_hash, r.embedding, r.error
      from jsonb_to_recordset(judge.results) as r (
        source_id smallint, row_id uuid, model_id smallint, content_hash text, embedding text, error jsonb)
      where r.source_id = source.id) r on r.row_id = h.row_id and r.model_id = h.model_id
    join search.embedding_models m on m.id = h.model_id
    left join unnest(v_texts) t on t.row_id = h.row_id
    cross join lateral (
      select case when jsonb_typeof(r.error) is distinct from 'object'
        then search.parse_embedding(r.embedding, m.dimensions) end as embedding
      -- parsed once, and not for each mention
      offset 0) p
    cross join lateral (
      select p.embedding, case
        when p.embedding is not null then null
        when jsonb_typeof(r.error) = 'object' then r.error
        else jsonb_build_object('code', 'embedding_invalid', 'retryable', true,
          'message', format('The answer is no vector of %s finite numbers', m.dimensions))
      end as error) e
    cross join lateral (
      select case
        when t.content_hash is null or (h.model_id in (source.serving_model, source.next_model)) is not true
          or encode(t.content_hash, 'hex') <> coalesce(
            replace(r.content_hash, '\x', ''), encode(h.content_hash, 'hex')) then 'stale'
        when e.error is null then 'written'
        when jsonb_typeof(e.error -> 'retry_after_seconds') = 'number' then 'retried'
        when e.error -> 'retryable' = 'false' or h.attempts + 1 >= search.most_attempts() then 'dead'
        else 'retried'
      end as outcome) o
    where h.source_id = source.id);
end
$$;
comment on function search.judge(search.embedding_sources, search.embedding_jobs[], jsonb) is
  'What becomes of leased jobs of a source.';

-- Null for what is no vector of so many finite numbers, or all zero: it has no direction.
create function search.parse_embedding(value text, dimensions int)
returns extensions.halfvec
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_embedding extensions.halfvec;
begin
  v_embedding := value::extensions.halfvec;
  if extensions.vector_dims(v_embedding) = dimensions and extensions.l2_norm(v_embedding) > 0 then
    return v_embedding;
  end if;
  return null;
exception when others then
  return null;
end
$$;
comment on function search.parse_embedding(text, int) is 'A vector from its text; null if it is none.';

-- 10 s, 30 s, ... up to an hour, more or less: an outage of hours ends before the attempts do.
create function search.backoff(attempts int)
returns interval
language sql
volatile
set search_path = ''
as $$
  select make_interval(secs => least(10 * 3 ^ (backoff.attempts - 1), 3600) * (0.75 + random() / 2))
$$;
comment on function search.backoff(int) is 'How long a job waits after so many failed attempts.';

-- A model whose provider asks for time gets it (0: a worker only gives its texts back), and one that failed a
-- whole batch a little: what fails for all should not spend the attempts of each.
create function search.hold_models(results search.embedding_result[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_model record;
begin
  for v_model in
    select r.model_id,
      bool_or(r.outcome = 'written') as works,
      coalesce(bool_or(r.error ->> 'code' <> 'embedding_invalid' and r.error -> 'retryable' = 'true'
        and jsonb_typeof(r.error -> 'retry_after_seconds') is distinct from 'number'), false) as fails,
      max(case when jsonb_typeof(r.error -> 'retry_after_seconds') = 'number'
        then least(greatest((r.error ->> 'retry_after_seconds')::numeric, 0), 3600) end) as seconds
    from unnest(results) r
    group by r.model_id
    order by r.model_id
  loop
    update search.embedding_models m
    set failures = case when v_model.works then 0 when v_model.fails then m.failures + 1 else m.failures end,
      held_until = greatest(m.held_until, at + make_interval(secs => greatest(
        v_model.seconds,
        case when v_model.fails and not v_model.works then least(2 ^ least(m.failures, 6), 60) end)::float8))
    where m.id = v_model.model_id
      and (v_model.seconds > 0 or (v_model.works and m.failures > 0)
        or (v_model.fails and not v_model.works));
  end loop;
end
$$;
comment on function search.hold_models(search.embedding_result[], timestamptz) is
  'Leave providers alone that ask for it, or fail.';
