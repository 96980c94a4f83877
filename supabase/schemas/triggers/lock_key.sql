-- Deploying holds this lock alone, whoever starts executions for an event shares it: an event meets one version.
create function triggers.lock_key(workflow_id uuid)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended('tandem:deploy:' || workflow_id, 0)
$$;
comment on function triggers.lock_key(uuid) is 'The advisory lock of a workflow''s deployment.';
