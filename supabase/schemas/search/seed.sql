-- The models and sources that come with Tandem. What the operator changed stays.
create function search.seed()
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  insert into search.embedding_models (id, name, dimensions, provider, max_tokens) values
    (1, 'local-lexical-v1', 768, 'local', 8191),
    (2, 'local-lexical-v1', 384, 'local', 8191),
    (3, 'local-lexical-v1', 1536, 'local', 8191),
    (4, 'text-embedding-3-small', 768, 'openai', 8191),
    (5, 'text-embedding-3-small', 1536, 'openai', 8191),
    (6, 'gte-small', 384, 'supabase_ai', 512)
  on conflict do nothing;
  insert into search.embedding_sources (id, name, table_name, text_expression, serving_model) values
    (1, 'steps.definition', 'public.workflow_steps', 'step_name || coalesce('' '' || definition, '''')', 1),
    (2, 'steps.workflow', 'search.workflow_texts',
      'workflow_name || coalesce('' '' || workflow_description, '''')', 1)
  on conflict do nothing;
$$;
comment on function search.seed() is 'Models and sources that come with Tandem. Idempotent.';
