-- The sources that come with Tandem; those of the operator get theirs from search.declare_source().
create trigger embed_inserted after insert on public.workflow_steps
  referencing new table as new_rows
  for each statement execute function search.enqueue_embeddings('steps.definition');
create trigger embed_updated after update on public.workflow_steps
  referencing old table as old_rows new table as new_rows
  for each statement execute function search.enqueue_embeddings('steps.definition');
create trigger embed_deleted after delete on public.workflow_steps
  referencing old table as old_rows
  for each statement execute function search.enqueue_embeddings('steps.definition');

create trigger embed_inserted after insert on search.workflow_texts
  referencing new table as new_rows
  for each statement execute function search.enqueue_embeddings('steps.workflow');
create trigger embed_updated after update on search.workflow_texts
  referencing old table as old_rows new table as new_rows
  for each statement execute function search.enqueue_embeddings('steps.workflow');
create trigger embed_deleted after delete on search.workflow_texts
  referencing old table as old_rows
  for each statement execute function search.enqueue_embeddings('steps.workflow');
