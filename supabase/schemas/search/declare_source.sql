-- Declares that a text of each row of a table is embedded, and begins with the rows that are there: a
-- partition of search.vectors with its index, triggers on the table, and a pass over all rows. The key has to
-- be a uuid; a key that it is not unique by, or an expression that does not fit the table, fails here. For
-- the operator.
create function search.declare_source(
  name text, table_name regclass, text_expression text, model text, dimensions int,
  key_column text default 'id', workspace_column text default 'workspace_id'
)
returns smallint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_source search.embedding_sources;
  v_partition text;
begin
  v_source.serving_model := search.model_id(declare_source.model, declare_source.dimensions);
  v_source.table_name := declare_source.table_name::text;
  v_source.name := declare_source.name;
  v_source.key_column := declare_source.key_column;
  v_source.workspace_column := declare_source.workspace_column;
  v_source.text_expression := declare_source.text_expression;
  -- fails unless they fit
  execute format(
    'select t.row_id = gen_random_uuid(), t.workspace_id = gen_random_uuid(), t.content ~ ''x''
     from (%s) t limit 1',
    search.texts_of(v_source));
  insert into search.embedding_sources (
    id, name, table_name, key_column, workspace_column, text_expression, serving_model, task)
  select coalesce(max(s.id), 0) + 1, v_source.name, v_source.table_name, v_source.key_column,
    v_source.workspace_column, v_source.text_expression, v_source.serving_model, 'fill'
  from search.embedding_sources s
  returning id into v_source.id;
  v_partition := format('search.vectors_%s', v_source.id);
  execute format('create table %s partition of search.vectors for values in (%L)', v_partition, v_source.id);
  execute format('alter table %s enable row level security', v_partition);
  execute format(
    'create index on %1$s using hnsw ((embedding::extensions.halfvec(%2$s)) extensions.halfvec_cosine_ops)
     with (m = 24, ef_construction = 100) where dimensions = %2$s', v_partition, declare_source.dimensions);
  execute format(
    'create trigger embed_inserted_%s after insert on %s referencing new table as new_rows
     for each statement execute function search.enqueue_embeddings(%L)',
    v_source.id, v_source.table_name, v_source.name);
  execute format(
    'create trigger embed_updated_%s after update on %s
     referencing old table as old_rows new table as new_rows
     for each statement execute function search.enqueue_embeddings(%L)',
    v_source.id, v_source.table_name, v_source.name);
  execute format(
    'create trigger embed_deleted_%s after delete on %s referencing old table as old_rows
     for each statement execute function search.enqueue_embeddings(%L)',
    v_source.id, v_source.table_name, v_source.name);
  return v_source.id;
end
$$;
comment on function search.declare_source(text, regclass, text, text, int, text, text) is
  'Embed a text of each row of a table. Errors: embedding_model_not_found.';
