-- Those indexes of document 000 that only its updates pay for.
create index idx_steps_definition_embedding on document.workflow_steps
  using hnsw (definition_embedding extensions.vector_cosine_ops);
create index idx_steps_workflow_embedding on document.workflow_steps
  using hnsw (workflow_embedding extensions.vector_cosine_ops);
