-- A row whose vector by a model is missing or of another text. One job for a row however often it changes.
create table search.embedding_jobs (
  source_id smallint not null,
  row_id uuid not null,
  model_id smallint not null,
  workspace_id uuid not null,
  -- sha256 of the text to embed, and how many characters it has
  content_hash bytea not null,
  size int not null,
  -- 0 what people changed, 1 bulk, 2 a change of model
  priority smallint not null default 0,
  state text not null default 'pending',
  attempts int not null default 0,
  -- the age of the oldest tells how far behind the vectors are
  enqueued_at timestamptz not null,
  run_at timestamptz not null,
  lease_token uuid,
  lease_until timestamptz,
  worker_id text,
  error jsonb,
  constraint embedding_jobs_pkey primary key (source_id, row_id, model_id),
  constraint a_job_is_pending_or_dead check (state in ('pending', 'dead')),
  constraint a_priority_is_0_to_2 check (priority between 0 and 2),
  constraint a_lease_has_an_end_and_an_owner check (num_nulls(lease_token, lease_until, worker_id) in (0, 3)),
  constraint a_dead_job_is_not_leased check (state = 'pending' or lease_token is null),
  constraint a_dead_job_says_why check (state = 'pending' or error is not null)
)
-- a row lives as short as its job: space is reused, and scans do not wade through the dead
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.2,
  autovacuum_vacuum_cost_delay = 0);
comment on table search.embedding_jobs is 'Rows whose vectors have to be computed.';
alter table search.embedding_jobs enable row level security;
-- no policy and no grant: workers claim and finish, public.get_embedding_status() counts

-- claiming from each workspace that waits, and the doorbell
create index embedding_jobs_ready on search.embedding_jobs (model_id, priority, workspace_id, run_at)
  where state = 'pending' and lease_token is null;
-- leases that have expired
create index embedding_jobs_leased on search.embedding_jobs (lease_until) where lease_token is not null;
-- counters
create index embedding_jobs_of_a_workspace on search.embedding_jobs (workspace_id, source_id, model_id);
-- what is to be requeued
create index embedding_jobs_dead on search.embedding_jobs (source_id) where state = 'dead';
