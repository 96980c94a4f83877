-- What makes vectors, at one dimension: the same model at another dimension is another row. The operator may
-- insert others.
create table search.embedding_models (
  id smallint primary key,
  name text not null,
  dimensions int not null,
  -- openai: any service that speaks its protocol
  provider text not null,
  max_tokens int not null default 8191,
  -- nothing is asked of it before: its provider said so, or failed
  held_until timestamptz,
  -- batches that failed as a whole, one after the other
  failures int not null default 0,
  constraint a_model_is_named_once unique (name, dimensions),
  constraint a_provider_is_known check (provider in ('local', 'openai', 'supabase_ai')),
  constraint a_vector_can_be_indexed check (dimensions between 1 and 4000),
  constraint tokens_are_positive check (max_tokens > 0),
  constraint failures_are_counted check (failures >= 0)
);
comment on table search.embedding_models is 'Models that make vectors, each at one dimension.';
alter table search.embedding_models enable row level security;
-- no policy and no grant: the operator's; search.serving_model() tells what a client may know
