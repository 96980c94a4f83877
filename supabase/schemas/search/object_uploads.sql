-- What is about to lie in object storage without a row that points at it. Written before the object; whoever
-- uploads it confirms that; the row that points at it takes its place. What is left when its time is over is
-- swept. No foreign keys: a deleted workspace leaves objects behind that have to be found.
create table search.object_uploads (
  step_id uuid not null,
  kind text not null,
  workspace_id uuid not null,
  -- null: an import
  request_id uuid,
  -- sha256 of the JSON that is to lie there
  content_hash bytea not null,
  expires_at timestamptz not null,
  uploaded_at timestamptz,
  constraint object_uploads_pkey primary key (step_id, kind),
  constraint a_kind_is_known check (kind in ('state', 'outcome')),
  constraint a_hash_is_a_sha256 check (octet_length(content_hash) = 32)
);
comment on table search.object_uploads is
  'Objects that are being uploaded, and whose rows are not there yet.';
alter table search.object_uploads enable row level security;
-- no policy and no grant: creating steps keeps it

-- creating steps takes those of its request
create index object_uploads_of_a_request on search.object_uploads (request_id) where request_id is not null;
-- sweeping takes those whose time is over
create index object_uploads_by_end on search.object_uploads (expires_at);

-- A step's object has no other key, so that a row can point at its own objects only.
create function search.object_key(step_id uuid, kind text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select object_key.step_id::text || '_' || object_key.kind || '.json.gz'
$$;
comment on function search.object_key(uuid, text) is
  'Where a step''s object of a kind (state, outcome) lies.';
grant execute on function search.object_key(uuid, text) to authenticated, service_role;

-- What was uploaded, said by whoever did it: the functions' own connection, never a caller.
-- uploads: [{"step_id", "kind", "sha256": hex}]
create function search.confirm_uploads(uploads jsonb)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_confirmed int;
begin
  with given as materialized (
    select g.step_id, g.kind, decode(g.sha256, 'hex') as content_hash
    from jsonb_to_recordset(confirm_uploads.uploads) g (step_id uuid, kind text, sha256 text)
  ), locked as materialized (
    -- in one order, as everywhere
    select u.step_id, u.kind from search.object_uploads u
    join given g using (step_id, kind, content_hash)
    where u.expires_at > engine.now()
    order by u.step_id, u.kind for no key update of u
  )
  update search.object_uploads u set uploaded_at = engine.now()
  from locked l where l.step_id = u.step_id and l.kind = u.kind;
  get diagnostics v_confirmed = row_count;
  return v_confirmed;
end
$$;
comment on function search.confirm_uploads(jsonb) is
  'Note that objects lie where they were announced; answers how many. For the functions'' own connection.';
-- no grant: a caller who could confirm could let rows point at objects that are not there
