-- The vectors of all sources, a partition each, so that an index of one holds no other's. A row may have
-- vectors of two models while its source changes from one to the other: every query names its model, and
-- casts to its dimension.
create table search.vectors (
  source_id smallint not null,
  row_id uuid not null,
  model_id smallint not null,
  workspace_id uuid not null,
  dimensions int not null,
  embedding extensions.halfvec not null,
  -- sha256 of the text that it was made of
  content_hash bytea not null,
  embedded_at timestamptz not null,
  constraint vectors_pkey primary key (source_id, row_id, model_id),
  constraint a_vector_has_its_models_dimension check (extensions.vector_dims(embedding) = dimensions)
) partition by list (source_id);
comment on table search.vectors is
  'Vectors of rows, each named by its model and the text that it was made of.';
-- tenants with few vectors are scanned exactly
create index vectors_of_a_workspace on search.vectors (workspace_id, model_id);
alter table search.vectors enable row level security;
create policy "members read" on search.vectors for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select (source_id, row_id, model_id, workspace_id, dimensions, embedding, embedded_at)
  on search.vectors to authenticated;
grant select on search.vectors to service_role;
-- no writes: workers write by search.finish_embeddings()

-- searches wade through vectors of rows that are gone until a vacuum
create table search.step_definition_vectors partition of search.vectors for values in (1)
  with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
comment on table search.step_definition_vectors is 'What steps do: name and definition.';
alter table search.step_definition_vectors enable row level security;

create table search.step_workflow_vectors partition of search.vectors for values in (2)
  with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
comment on table search.step_workflow_vectors is
  'What the workflows do that steps belong to: one vector for all steps of one.';
alter table search.step_workflow_vectors enable row level security;

-- Nearest neighbours by cosine distance, for each dimension that a seeded model has. With half more links
-- than by default: half the reading finds as much, and a page holds four vectors of 768 either way.
create index step_definition_vectors_384 on search.step_definition_vectors
  using hnsw ((embedding::extensions.halfvec(384)) extensions.halfvec_cosine_ops)
  with (m = 24, ef_construction = 100) where dimensions = 384;
create index step_definition_vectors_768 on search.step_definition_vectors
  using hnsw ((embedding::extensions.halfvec(768)) extensions.halfvec_cosine_ops)
  with (m = 24, ef_construction = 100) where dimensions = 768;
create index step_definition_vectors_1536 on search.step_definition_vectors
  using hnsw ((embedding::extensions.halfvec(1536)) extensions.halfvec_cosine_ops)
  with (m = 24, ef_construction = 100) where dimensions = 1536;
create index step_workflow_vectors_384 on search.step_workflow_vectors
  using hnsw ((embedding::extensions.halfvec(384)) extensions.halfvec_cosine_ops)
  with (m = 24, ef_construction = 100) where dimensions = 384;
create index step_workflow_vectors_768 on search.step_workflow_vectors
  using hnsw ((embedding::extensions.halfvec(768)) extensions.halfvec_cosine_ops)
  with (m = 24, ef_construction = 100) where dimensions = 768;
create index step_workflow_vectors_1536 on search.step_workflow_vectors
  using hnsw ((embedding::extensions.halfvec(1536)) extensions.halfvec_cosine_ops)
  with (m = 24, ef_construction = 100) where dimensions = 1536;
