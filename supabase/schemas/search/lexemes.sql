-- In how many steps of a workspace a lexeme occurs, as of the last refresh. What is missing here is looked up
-- in the text index, so a table that is behind, or empty, costs time and never a result.
create table search.lexemes (
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  lexeme text not null,
  df bigint not null,
  constraint lexemes_pkey primary key (workspace_id, lexeme),
  constraint a_frequency_is_not_negative check (df >= 0)
);
comment on table search.lexemes is 'Document frequencies of lexemes in the steps of a workspace.';
-- the nearest known lexeme of a word that occurs nowhere
create index lexemes_alike on search.lexemes using gin (workspace_id, lexeme extensions.gin_trgm_ops);
alter table search.lexemes enable row level security;
-- no policy and no grant: search.find_steps() reads it for its caller
