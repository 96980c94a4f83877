-- Deploying, undeploying and rolling back hold this lock exclusively until they commit; whoever starts
-- executions for an event holds it shared, and reads trigger_index only then: an event meets one version, or
-- none. Always taken before any row; several ascending by key.
create function triggers.lock_key(workflow_id uuid)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended('tandem:deployment:' || lock_key.workflow_id, 0)
$$;
comment on function triggers.lock_key(uuid) is 'The advisory lock between deploying a workflow and starting it.';
