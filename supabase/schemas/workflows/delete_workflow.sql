-- Deletes a workflow for good: what it is disappears at once, and its history in batches, the first of them
-- here.
-- Locks: its key alone, so that nothing starts it meanwhile, then its row. Executions that somebody holds are
-- left to the next batch.
create function workflows.delete_one(workflow_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workflow public.workflows;
  v_live bigint;
begin
  v_workflow := workflows.found(delete_one.workflow_id, 'editor');
  -- who did not make it needs to be an admin
  if v_workflow.user_id is distinct from (select auth.uid()) then
    perform workspaces.require(v_workflow.workspace_id, 'admin', 'workflow', delete_one.workflow_id);
  end if;
  perform pg_advisory_xact_lock(workflows.lock_key(delete_one.workflow_id));
  v_workflow := workflows.found(delete_one.workflow_id, 'editor', true);
  perform engine.pause_point('delete_has_locked');
  select count(*) into v_live from (
    select from public.workflow_executions e
    where e.workflow_id = v_workflow.id and e.end_time is null limit 1000) live;
  if v_workflow.deployed_version is not null or v_live > 0 or exists (
      -- a SUB_WORKFLOW that waits: it has items to start
      select from engine.waits c
      where c.kind = 'children' and c.data ->> 'workflow_id' = v_workflow.id::text) then
    perform platform.fail(409, 'workflow_in_use',
      case when v_workflow.deployed_version is not null then 'The workflow is deployed'
        when v_live > 0 then format('%s executions of the workflow are under way', v_live)
        else 'An execution of another workflow is calling it' end,
      jsonb_build_object('deployed_version', v_workflow.deployed_version, 'live_executions', v_live,
        'hint', 'Undeploy or archive it, and cancel what runs, or wait for its end.')::text);
  end if;
  delete from public.workflow_favorites f
  where f.workspace_id = v_workflow.workspace_id and f.workflow_id = v_workflow.id;
  delete from public.execution_limits l
  where l.workspace_id = v_workflow.workspace_id and l.workflow_id = v_workflow.id;
  delete from public.workflow_static_data s where s.workflow_id = v_workflow.id;
  delete from public.workflow_deployment_history h
  where h.workspace_id = v_workflow.workspace_id and h.workflow_id = v_workflow.id;
  delete from workflows.search_terms s where s.workflow_id = v_workflow.id;
  update public.workflows w
  set deleted_at = engine.now(), status = 'archived', session_id = null
  where w.id = v_workflow.id;
  -- a small one is gone at once
  for i in 1 .. 3 loop
    exit when workflows.remove_history(v_workflow.id, 200) = 0;
  end loop;
end
$$;
comment on function workflows.delete_one(uuid) is 'See public.delete_workflow.';
grant execute on function workflows.delete_one(uuid) to authenticated, service_role;

create function public.delete_workflow(workflow_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.delete_one(delete_workflow.workflow_id)
$$;
comment on function public.delete_workflow(uuid) is
  'Delete a workflow for good, with versions, executions and all they left: by who made it, or an admin. '
  'Refused while it is deployed or executions of it are under way. '
  'Errors: workflow_not_found, role_insufficient, workflow_in_use.';
grant execute on function public.delete_workflow(uuid) to authenticated, service_role;

-- Removes a batch of what a deleted workflow left, its executions first and itself last; answers how many
-- rows of executions and versions that were: 0 when nothing is left that can be removed now.
create function workflows.remove_history(workflow_id uuid, batch int)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_executions uuid[];
  v_versions int[];
begin
  v_executions := array(
    select e.id from public.workflow_executions e
    where e.workflow_id = remove_history.workflow_id and e.end_time is not null
    order by e.id desc limit batch
    for update skip locked);
  if cardinality(v_executions) > 0 then
    delete from public.node_executions n where n.execution_id = any (v_executions);
    delete from public.workflow_execution_logs l where l.execution_id = any (v_executions);
    delete from engine.slots s where s.execution_id = any (v_executions);
    delete from engine.retried r where r.execution_id = any (v_executions);
    perform engine.drop_messages();
    delete from public.workflow_executions e where e.id = any (v_executions);
    return cardinality(v_executions);
  end if;
  if exists (select from public.workflow_executions e where e.workflow_id = remove_history.workflow_id) then
    return 0;
  end if;
  v_versions := array(
    select v.version from public.workflow_versions v
    where v.workflow_id = remove_history.workflow_id order by v.version limit greatest(batch / 10, 1));
  perform workflows.remove_versions(remove_history.workflow_id, v_versions);
  if not exists (select from public.workflow_versions v where v.workflow_id = remove_history.workflow_id) then
    delete from public.workflows w where w.id = remove_history.workflow_id and w.deleted_at is not null;
  end if;
  return cardinality(v_versions);
end
$$;
comment on function workflows.remove_history(uuid, int) is 'Remove a batch of what a deleted workflow left.';

-- One batch of the deleted workflow that has waited longest and has something to remove.
create function workflows.remove_deleted(batch int default 500)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow uuid;
  v_removed int;
begin
  for v_workflow in
    select w.id from public.workflows w where w.deleted_at is not null order by w.deleted_at, w.id
    for update skip locked
  loop
    v_removed := workflows.remove_history(v_workflow, remove_deleted.batch);
    if v_removed > 0 then
      return v_removed;
    end if;
  end loop;
  return 0;
end
$$;
comment on function workflows.remove_deleted(int) is
  'Remove a batch of what deleted workflows left; answers 0 when nothing is left. Called by '
  'engine.maintain().';
