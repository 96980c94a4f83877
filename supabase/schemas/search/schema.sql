create extension vector with schema extensions;
create extension pg_trgm with schema extensions;
create extension btree_gin with schema extensions;

create schema search;
comment on schema search is 'Embeddings of rows, workflow steps, and search over both.';
-- members see the vectors of their own rows through row level security
grant usage on schema search to authenticated, service_role;
