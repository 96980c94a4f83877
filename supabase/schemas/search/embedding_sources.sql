-- What is embedded: a text of each row of a table. The table's key is a uuid. Expressions are the operator's
-- SQL over the table's columns, evaluated with an empty search path.
create table search.embedding_sources (
  id smallint primary key,
  name text not null,
  table_name text not null,
  key_column text not null default 'id',
  workspace_column text not null default 'workspace_id',
  text_expression text not null,
  -- whose vectors are searched
  serving_model smallint not null references search.embedding_models (id) on delete restrict,
  -- whose vectors will be, once none is missing
  next_model smallint references search.embedding_models (id) on delete restrict,
  -- what goes over all rows in the background: fill enqueues what is missing, sweep removes other models'
  -- vectors
  task text,
  -- how far it is, and whose end it waits for: transactions that may not have seen what was decided
  task_cursor uuid,
  task_barrier xid8,
  constraint a_source_is_named_once unique (name),
  constraint a_source_has_one_next_model check (next_model <> serving_model),
  constraint a_task_is_known check (task in ('fill', 'sweep')),
  constraint a_next_model_is_filled check (next_model is null or task is not distinct from 'fill')
);
comment on table search.embedding_sources is 'Which rows have vectors, of which text, by which model.';
alter table search.embedding_sources enable row level security;
-- no policy and no grant: the operator's
