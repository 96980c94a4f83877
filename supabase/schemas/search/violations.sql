-- Broken invariants of embeddings and steps, for engine.violations(), whose moment it looks at. A text may be
-- without a vector: the operator can give a job up (search.drop_dead()).
create function search.violations()
returns table (rule text, execution_id uuid, detail text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := engine.now();
  v_source search.embedding_sources;
begin
  return query
  select 'an ended execution is counted', m.execution_id, 'was due at ' || m.due_at
  from search.ended_executions m where m.due_at < v_now - interval '10 minutes'
  union all
  select 'a lease on a text is taken back', null, j.row_id || ' expired at ' || j.lease_until
  from search.embedding_jobs j where j.lease_until < v_now - interval '1 minute'
  union all
  select 'uploads end with their request', null, u.step_id || ' ' || u.kind
  from search.object_uploads u
  join search.step_requests r on r.id = u.request_id
  where r.completed_at is not null
  union all
  select 'what was uploaded in vain is swept', null,
    u.step_id || ' ' || u.kind || ' expired at ' || u.expires_at
  from search.object_uploads u where u.expires_at < v_now - interval '1 day'
  union all
  select 'an object that a step points at stays', null, d.object_key
  from search.object_deletions d
  join public.workflow_steps s on s.id = d.step_id
    and d.object_key in (s.state_object_key, s.outcome_diff_key)
  where d.lease_token is not null;
  for v_source in select * from search.embedding_sources s
      where to_regclass(s.table_name) is not null order by s.id loop
    return query
    select 'a vector has its row', null::uuid, v_source.name || ' ' || g.id
    from search.without_row(v_source, v_now) g (id);
  end loop;
end
$$;
comment on function search.violations() is 'Broken invariants of embeddings and steps; empty, always.';

-- A job of a row that has just gone may still be there: whoever claims it sees that.
create function search.without_row(source search.embedding_sources, at timestamptz)
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query execute format(
    'select v.row_id from search.vectors v
     where v.source_id = $1 and not exists (select from %1$s t where t.%2$I = v.row_id)
     union
     select j.row_id from search.embedding_jobs j
     where j.source_id = $1 and j.enqueued_at < $2
       and not exists (select from %1$s t where t.%2$I = j.row_id)',
    to_regclass(source.table_name), source.key_column)
  using source.id, at - interval '1 hour';
end
$$;
comment on function search.without_row(search.embedding_sources, timestamptz) is
  'Vectors and jobs of a source whose rows are gone.';
