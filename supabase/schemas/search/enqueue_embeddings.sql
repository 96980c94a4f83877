-- A row's text, as far as jobs need to know it. Without a hash there is nothing to embed: the text is blank,
-- or the row is gone.
create type search.row_text as (row_id uuid, workspace_id uuid, content_hash bytea, size int);

-- A source's rows as SQL: row_id, workspace_id, content. From its table, or from another relation with its
-- columns. With `offset 0`, so that a text is made once and not for each use of it.
create function search.texts_of(
  source search.embedding_sources, relation text default null, condition text default 'true'
)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return format('select %I as row_id, %I as workspace_id, (%s)::text as content from %s where %s offset 0',
    source.key_column, source.workspace_column, source.text_expression,
    coalesce(relation, to_regclass(source.table_name)::text), condition);
end
$$;
comment on function search.texts_of(search.embedding_sources, text, text) is
  'A query for the texts of a source.';

-- The same for rows whose keys are in $1.
create function search.texts_of_given(source search.embedding_sources)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return search.texts_of(source, condition => format('%I = any ($1)', source.key_column));
end
$$;
comment on function search.texts_of_given(search.embedding_sources) is
  'A query for the texts of the rows in $1.';

create function search.hash_of(content text)
returns bytea
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case when hash_of.content ~ '\S' then sha256(convert_to(hash_of.content, 'UTF8')) end
$$;
comment on function search.hash_of(text) is 'What tells two texts apart; null for a blank one.';

-- What jobs need to know of the texts that a query answers, in one row.
create function search.hashed(texts text)
returns text
language sql
immutable
set search_path = ''
as $$
  select format(
    'select array_agg(
       row(t.row_id, t.workspace_id, search.hash_of(t.content), length(t.content))::search.row_text)
     from (%s) t', hashed.texts)
$$;
comment on function search.hashed(text) is 'A query for the texts of another, as search.row_text[].';

-- The texts of rows as they are now; rows that are gone are left out.
create function search.current_texts(source search.embedding_sources, row_ids uuid[])
returns search.row_text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_texts search.row_text[];
begin
  execute search.hashed(search.texts_of_given(source))
  into v_texts using row_ids;
  return coalesce(v_texts, '{}');
end
$$;
comment on function search.current_texts(search.embedding_sources, uuid[]) is
  'What the texts of rows are now.';

-- Statement trigger, one each for insert, update and delete, with the source's name as its argument and the
-- transition tables new_rows and old_rows. One set operation, however many rows the statement has changed.
create function search.enqueue_embeddings()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_source search.embedding_sources;
  v_texts search.row_text[];
begin
  select * into v_source from search.embedding_sources s where s.name = tg_argv[0];
  if not found then
    return null;
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    -- its snapshot may be older than a change of the source's model: then it fails here, and is repeated
    perform from search.embedding_sources s where s.id = v_source.id for share;
  end if;
  execute search.hashed(
    case tg_op
      when 'INSERT' then search.texts_of(v_source, 'new_rows')
      when 'DELETE' then format('select o.row_id, o.workspace_id, null::text as content from (%s) o',
        search.texts_of(v_source, 'old_rows'))
      else format(
        'select coalesce(n.row_id, o.row_id) as row_id,
           coalesce(n.workspace_id, o.workspace_id) as workspace_id, n.content
         from (%s) n full join (%s) o on o.row_id = n.row_id
         where n.content is distinct from o.content',
        search.texts_of(v_source, 'new_rows'), search.texts_of(v_source, 'old_rows'))
    end)
  into v_texts;
  if v_texts is null then
    return null;
  end if;
  if tg_op <> 'DELETE' then
    -- a person is waiting for what comes by the hundred or less
    perform search.enqueue(
      v_source, v_texts, case when cardinality(v_texts) > 100 then 1 else 0 end, tg_op = 'INSERT');
  end if;
  perform search.forget(v_source.id, array(
    select t.row_id from unnest(v_texts) t where t.content_hash is null));
  return null;
end
$$;
comment on function search.enqueue_embeddings() is
  'Trigger: makes jobs for rows whose text has changed, and forgets rows that are gone.';

-- Jobs for the vectors of texts by the source's models; what is enqueued already takes the new text. Locks:
-- the jobs, in the order of their keys, behind the rows that the caller has written. Workers skip what is
-- locked.
create function search.enqueue(
  source search.embedding_sources, texts search.row_text[], priority int, are_new boolean default false
)
returns void
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_now timestamptz := engine.now();
begin
  insert into search.embedding_jobs as j (
    source_id, row_id, model_id, workspace_id, content_hash, size, priority, enqueued_at, run_at)
  select source.id, t.row_id, m.id, t.workspace_id, t.content_hash, t.size, enqueue.priority, v_now, v_now
  from unnest(texts) t
  cross join (values (source.serving_model), (source.next_model)) m (id)
  where t.content_hash is not null and m.id is not null
  order by t.row_id, m.id
  on conflict on constraint embedding_jobs_pkey do update
  set content_hash = excluded.content_hash, size = excluded.size,
    priority = least(j.priority, excluded.priority),
    -- what waits keeps its place, so that a row that changes all the time has its turn too
    enqueued_at = case when j.state = 'dead' then v_now else j.enqueued_at end,
    run_at = case when j.state = 'pending' and j.attempts = 0 then j.run_at else v_now end,
    state = 'pending', attempts = 0, lease_token = null, lease_until = null, worker_id = null, error = null
  where j.content_hash <> excluded.content_hash or j.state = 'dead';
  if are_new then
    return;
  end if;
  -- back to the text that the vector is of. Only now that the jobs are ours: a worker may just have written
  -- another.
  delete from search.embedding_jobs j
  using search.vectors v
  where j.source_id = source.id and j.row_id = any (array(select t.row_id from unnest(texts) t))
    and v.source_id = source.id and v.row_id = j.row_id and v.model_id = j.model_id
    and v.content_hash = j.content_hash;
end
$$;
comment on function search.enqueue(search.embedding_sources, search.row_text[], int, boolean) is
  'Make jobs for texts of a source.';

-- Rows that have nothing to embed any more. The jobs first: whoever holds one is writing the row's vector.
create function search.forget(source_id smallint, row_ids uuid[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  if cardinality(row_ids) = 0 then
    return;
  end if;
  delete from search.embedding_jobs j where j.source_id = forget.source_id and j.row_id = any (row_ids);
  delete from search.vectors v where v.source_id = forget.source_id and v.row_id = any (row_ids);
end
$$;
comment on function search.forget(smallint, uuid[]) is 'Remove the vectors and jobs of rows.';
