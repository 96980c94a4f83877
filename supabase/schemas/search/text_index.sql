-- Words of steps, within a workspace: a small one does not pay for the words of a large one. No list of
-- pending entries: every search would read it.
create index workflow_steps_words on public.workflow_steps using gin (workspace_id, search_vector)
  with (fastupdate = off);
