-- A step that was executed once or often: what was done, on which element of which window, in which workflow.
-- Only what describes it: statistics and vectors change on their own, in narrow tables, so that counting an
-- execution rewrites no text and no index of this one. public.step_overview puts them together.
create table public.workflow_steps (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null default workspaces.default_id()
    references public.workspaces (id) on delete cascade,
  user_id uuid default auth.uid() references auth.users (id) on delete set null,
  app_name text not null,
  window_title text not null,
  -- JSON or text
  element_path text not null,
  step_name text not null,
  definition text,
  -- large things beside the database, written by whoever stored the objects
  state_object_key text,
  outcome_diff_key text,
  workflow_name text not null,
  workflow_description text,
  -- steps of one workflow share its text, and so its vector: see search.workflow_texts
  workflow_text_id uuid not null generated always as (md5(
    workspace_id::text || length(workflow_name)::text || ':' || workflow_name
      || coalesce(workflow_description, ''))::uuid) stored,
  -- which node of which workflow this is, where executions record their own steps
  workflow_id uuid,
  node_id text,
  terminator_version text,
  environment text,
  author text,
  created_at timestamptz not null default engine.now(),
  updated_at timestamptz not null default engine.now(),
  search_vector tsvector not null generated always as (
    setweight(to_tsvector('pg_catalog.english', app_name), 'A')
    || setweight(to_tsvector('pg_catalog.english', window_title), 'A')
    || setweight(to_tsvector('pg_catalog.english', step_name), 'B')
    || setweight(to_tsvector('pg_catalog.english', element_path), 'C')
    || setweight(to_tsvector('pg_catalog.english', workflow_name), 'B')) stored,
  -- what foreign keys that carry the workspace refer to
  constraint a_step_has_one_workspace unique (workspace_id, id),
  constraint a_step_belongs_to_its_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete set null (workflow_id),
  -- the text appears at the end of the statement that needs it
  constraint a_step_has_its_workflows_text foreign key (workspace_id, workflow_text_id)
    references search.workflow_texts (workspace_id, id) on delete restrict deferrable initially deferred,
  constraint an_app_name_has_1_to_200_characters check (length(app_name) between 1 and 200),
  constraint a_window_title_has_at_most_500_characters check (length(window_title) <= 500),
  constraint an_element_path_has_at_most_8000_characters check (length(element_path) <= 8000),
  constraint a_step_name_has_1_to_1000_characters check (length(step_name) between 1 and 1000),
  constraint a_definition_has_at_most_32_kib check (octet_length(definition) <= 32768),
  constraint a_workflow_name_has_1_to_255_characters check (length(workflow_name) between 1 and 255),
  constraint a_workflow_description_has_at_most_20000_characters check (
    length(workflow_description) <= 20000),
  constraint a_workflows_step_is_of_a_node check (workflow_id is null or node_id is not null),
  constraint a_terminator_version_has_at_most_100_characters check (length(terminator_version) <= 100),
  constraint an_environment_has_at_most_100_characters check (length(environment) <= 100),
  constraint an_author_has_at_most_320_characters check (length(author) <= 320),
  constraint object_keys_have_at_most_500_characters check (
    length(state_object_key) <= 500 and length(outcome_diff_key) <= 500)
)
-- millions of rows that rarely change: statistics and the visibility map follow every hundredth row, not
-- every fifth
with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.01);
comment on table public.workflow_steps is 'Executed steps: what they do and where, to be found again.';
comment on column public.workflow_steps.search_vector is
  'English stems of app and window (A), step and workflow (B) and element (C).';
comment on column public.workflow_steps.state_object_key is 'The object with the large state (UI tree).';
comment on column public.workflow_steps.outcome_diff_key is 'The object with what the step changed.';
-- filter_app
create index workflow_steps_app on public.workflow_steps (workspace_id, app_name);
-- filter_window, with or without the app
create index workflow_steps_window on public.workflow_steps (workspace_id, window_title);
-- filter_workflow
create index workflow_steps_workflow on public.workflow_steps (workspace_id, workflow_name);
-- filter_author
create index workflow_steps_author on public.workflow_steps (workspace_id, author) where author is not null;
-- a workspace's latest steps, and what search.archive_steps() looks at
create index workflow_steps_created on public.workflow_steps (workspace_id, created_at desc, id desc);
-- from a workflow's vector to its steps, and the foreign key
create index workflow_steps_text on public.workflow_steps (workspace_id, workflow_text_id);
-- a node's step: one for each
create unique index workflow_steps_node on public.workflow_steps (workspace_id, workflow_id, node_id)
  where workflow_id is not null;
-- the foreign key to users
create index workflow_steps_user on public.workflow_steps (user_id) where user_id is not null;

create trigger touch before update on public.workflow_steps for each row execute function platform.touch();

alter table public.workflow_steps enable row level security;
create policy "members read" on public.workflow_steps for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
create policy "editors insert" on public.workflow_steps for insert to authenticated
  with check (workspace_id = any (array(select workspaces.writable())));
create policy "editors update" on public.workflow_steps for update to authenticated
  using (workspace_id = any (array(select workspaces.writable())))
  with check (workspace_id = any (array(select workspaces.writable())));
create policy "editors delete" on public.workflow_steps for delete to authenticated
  using (workspace_id = any (array(select workspaces.writable())));
-- a step is text that forges nothing, so clients write it; objects, times and the engine's ids are not theirs
grant select, delete,
  insert (id, workspace_id, app_name, window_title, element_path, step_name, definition, workflow_name,
    workflow_description, terminator_version, environment, author),
  update (app_name, window_title, element_path, step_name, definition, workflow_name, workflow_description,
    terminator_version, environment, author)
  on public.workflow_steps to authenticated, service_role;
