-- Steps from elsewhere, with their ids, times, statistics and vectors: what scripts/migrate-steps.ts calls,
-- for the operator. Importing the same steps again changes nothing.

-- Which of these objects may be uploaded now; written down first, as when a step is created. objects:
-- [{"step_id", "kind", "sha256": hex}]. Answers the ids of steps with objects that are just being deleted:
-- they can be imported in a minute.
create function search.begin_import(workspace_id uuid, objects jsonb)
returns uuid[]
language plpgsql
volatile
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_busy uuid[];
begin
  -- what was to be deleted is wanted again
  delete from search.object_deletions d
  using jsonb_to_recordset(begin_import.objects) o (step_id uuid, kind text)
  where d.object_key = search.object_key(o.step_id, o.kind)
    and (d.lease_until is null or d.lease_until < v_now);
  v_busy := array(
    select distinct o.step_id from jsonb_to_recordset(begin_import.objects) o (step_id uuid, kind text)
    join search.object_deletions d on d.object_key = search.object_key(o.step_id, o.kind));
  insert into search.object_uploads as u (step_id, kind, workspace_id, content_hash, expires_at)
  select o.step_id, o.kind, begin_import.workspace_id, decode(o.sha256, 'hex'), v_now + interval '1 hour'
  from jsonb_to_recordset(begin_import.objects) o (step_id uuid, kind text, sha256 text)
  where o.step_id <> all (v_busy)
  order by o.step_id, o.kind
  on conflict on constraint object_uploads_pkey do update
  set workspace_id = excluded.workspace_id, request_id = null, content_hash = excluded.content_hash,
    expires_at = excluded.expires_at, uploaded_at = null;
  return v_busy;
end
$$;
comment on function search.begin_import(uuid, jsonb) is
  'Announce objects of steps to import; answers steps that have to wait. For the operator.';

-- All rows of one call or none. A step whose id is there already is passed over; its objects, where no row
-- points at them, are swept. Answers the ids that were inserted.
-- steps: [{"id", "app_name", ..., "created_at", "succeeded", "failed", "duration_ms", "last_executed_at",
-- "definition_embedding", "workflow_embedding"}], the vectors by the model that is given, which has to be the
-- serving one.
create function search.import_steps(
  workspace_id uuid, steps jsonb, model text default null, dimensions int default null
)
returns uuid[]
language plpgsql
volatile
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_uploads search.object_uploads[];
  v_inserted uuid[];
begin
  with taken as (
    delete from search.object_uploads u
    where u.request_id is null and u.uploaded_at is not null and u.expires_at > v_now
      and u.workspace_id = import_steps.workspace_id
      and u.step_id in (select s.id from jsonb_to_recordset(import_steps.steps) s (id uuid))
    returning u.*
  )
  select array_agg(t::search.object_uploads) into v_uploads from taken t;
  with inserted as (
    insert into public.workflow_steps as w (
      id, workspace_id, user_id, app_name, window_title, element_path, step_name, definition,
      state_object_key, outcome_diff_key, workflow_name, workflow_description, terminator_version,
      environment, author, created_at)
    select s.id, import_steps.workspace_id, null, s.app_name, s.window_title, s.element_path, s.step_name,
      s.definition,
      (select search.object_key(u.step_id, u.kind) from unnest(v_uploads) u
       where u.step_id = s.id and u.kind = 'state'),
      (select search.object_key(u.step_id, u.kind) from unnest(v_uploads) u
       where u.step_id = s.id and u.kind = 'outcome'),
      s.workflow_name, s.workflow_description, s.terminator_version, s.environment, s.author,
      coalesce(s.created_at, v_now)
    from jsonb_to_recordset(import_steps.steps) s (
      id uuid, app_name text, window_title text, element_path text, step_name text, definition text,
      workflow_name text, workflow_description text, terminator_version text, environment text, author text,
      created_at timestamptz)
    order by s.id
    on conflict do nothing
    returning w.id
  )
  select coalesce(array_agg(i.id), '{}') into v_inserted from inserted i;
  perform search.queue_object_deletions(
    array_agg(search.object_key(u.step_id, u.kind) order by u.step_id, u.kind),
    array_agg(u.step_id order by u.step_id, u.kind))
  from unnest(v_uploads) u
  where u.step_id <> all (v_inserted)
  having count(*) > 0;

  insert into public.workflow_step_stats (
    step_id, workspace_id, succeeded, failed, duration_ms, last_executed_at, stored_rank)
  select s.id, import_steps.workspace_id, s.succeeded, s.failed, s.duration_ms,
    coalesce(s.last_executed_at, s.created_at, v_now),
    search.rank_bucket(null, s.succeeded, s.failed, s.duration_ms)
  from jsonb_to_recordset(import_steps.steps) s (
    id uuid, succeeded int, failed int, duration_ms int, last_executed_at timestamptz, created_at timestamptz)
  where s.id = any (v_inserted) and s.succeeded + s.failed > 0
  order by s.id;

  if model is not null then
    perform search.import_vectors('steps.definition', import_steps.model, import_steps.dimensions, (
      select jsonb_agg(jsonb_build_object('row_id', s.id, 'embedding', s.definition_embedding))
      from jsonb_to_recordset(import_steps.steps) s (id uuid, definition_embedding text)
      where s.id = any (v_inserted) and s.definition_embedding is not null));
    perform search.import_vectors('steps.workflow', import_steps.model, import_steps.dimensions, (
      select jsonb_agg(jsonb_build_object('row_id', t.workflow_text_id, 'embedding', t.workflow_embedding))
      from (
        select distinct on (w.workflow_text_id) w.workflow_text_id, s.workflow_embedding
        from jsonb_to_recordset(import_steps.steps) s (id uuid, workflow_embedding text)
        join public.workflow_steps w on w.id = s.id
        where s.id = any (v_inserted) and s.workflow_embedding is not null
        order by w.workflow_text_id, s.id) t));
  end if;
  return v_inserted;
end
$$;
comment on function search.import_steps(uuid, jsonb, text, int) is
  'Insert steps from elsewhere with their statistics and vectors; answers which are new. For the operator.';

-- Vectors that were made elsewhere of the text that a row has now, by the model that serves: their jobs are
-- done. Others are left to the jobs. vectors: [{"row_id", "embedding": "[...]"}].
create function search.import_vectors(source text, model text, dimensions int, vectors jsonb)
returns int
language plpgsql
volatile
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_source search.embedding_sources;
  v_model smallint;
  v_written int;
begin
  select s.* into v_source from search.embedding_sources s where s.name = import_vectors.source;
  select m.id into v_model from search.embedding_models m
  where m.id = v_source.serving_model and m.name = import_vectors.model
    and m.dimensions = import_vectors.dimensions;
  if v_model is null then
    perform platform.fail(409, 'model_not_serving', format('%s is not searched by %s with %s dimensions',
      import_vectors.source, import_vectors.model, import_vectors.dimensions),
      'Make it the serving one with search.set_model(), or import without vectors.');
  end if;
  with given as (
    select g.row_id, search.parse_embedding(g.embedding, import_vectors.dimensions) as embedding
    from jsonb_to_recordset(coalesce(import_vectors.vectors, '[]')) g (row_id uuid, embedding text)
  ), written as (
    insert into search.vectors as v (
      source_id, row_id, model_id, workspace_id, dimensions, embedding, content_hash, embedded_at)
    select v_source.id, t.row_id, v_model, t.workspace_id, import_vectors.dimensions, g.embedding,
      t.content_hash, engine.now()
    from unnest(search.current_texts(v_source, array(
      select x.row_id from given x where x.embedding is not null))) t
    join given g on g.row_id = t.row_id
    where t.content_hash is not null
    order by t.row_id
    on conflict on constraint vectors_pkey do nothing
    returning v.row_id, v.content_hash
  ), done as (
    delete from search.embedding_jobs j using written w
    where j.source_id = v_source.id and j.row_id = w.row_id and j.model_id = v_model
      and j.content_hash = w.content_hash and j.lease_token is null
  )
  select count(*) into v_written from written;
  return v_written;
end
$$;
comment on function search.import_vectors(text, text, int, jsonb) is
  'Take over vectors of the serving model; answers how many. For the operator. Errors: model_not_serving.';
