-- Removes old versions. What anything still needs stays: the newest ones, the current one, all that were ever
-- deployed (a rollback goes back to them, and their history names them), and those whose executions are kept.
-- The caller holds the workflow's key alone, so that nobody starts an old version meanwhile; then its row is
-- locked.
create function workflows.purge_versions_of(workflow_id uuid, keep int)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workflow public.workflows;
  v_candidates int[];
  v_gone int[];
begin
  select * into v_workflow from public.workflows w
  where w.id = purge_versions_of.workflow_id and w.deleted_at is null for no key update;
  perform engine.pause_point('purge_has_locked');
  v_candidates := array(
    select v.version from public.workflow_versions v
    where v.workflow_id = v_workflow.id
      and v.version <> v_workflow.current_version
      and v.version is distinct from v_workflow.deployed_version
      and v.version <= (
        select n.version from public.workflow_versions n
        where n.workflow_id = v_workflow.id order by n.version desc offset greatest(keep, 1) limit 1)
      and not exists (
        select from public.workflow_deployment_history h
        where h.workspace_id = v_workflow.workspace_id and h.workflow_id = v_workflow.id
          and h.deployment_version = v.version and h.deployment_action <> 'DEPLOY_FAILED')
      -- a SUB_WORKFLOW that waits starts its next items in the version that it began with
      and not exists (
        select from engine.waits c
        where c.kind = 'children' and c.data ->> 'workflow_id' = v_workflow.id::text
          and (c.data ->> 'version')::int = v.version)
    order by v.version
    limit 1000);
  if cardinality(v_candidates) = 0 then
    return 0;
  end if;
  v_gone := array(
    select v.version from public.workflow_versions v
    where v.workflow_id = v_workflow.id and v.version = any (v_candidates)
      and (not v.is_locked or v.version not in (
        select e.version from public.workflow_executions e where e.workflow_id = v_workflow.id)));
  perform workflows.remove_versions(v_workflow.id, v_gone);
  return cardinality(v_gone);
end
$$;
comment on function workflows.purge_versions_of(uuid, int) is
  'Remove a workflow''s old versions that nothing needs; answers how many.';

create function workflows.remove_versions(workflow_id uuid, versions int[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  delete from engine.plan p
  where p.workflow_id = remove_versions.workflow_id and p.version = any (versions);
  delete from engine.reach r
  where r.workflow_id = remove_versions.workflow_id and r.version = any (versions);
  delete from public.node_connections c
  where c.workflow_id = remove_versions.workflow_id and c.version = any (versions);
  delete from public.workflow_versions v
  where v.workflow_id = remove_versions.workflow_id and v.version = any (versions);
end
$$;
comment on function workflows.remove_versions(uuid, int[]) is
  'Remove versions with all that was made of them.';

create function workflows.purge_versions(workflow_id uuid, keep int)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform workflows.found(purge_versions.workflow_id, 'editor');
  if keep is null or keep < 1 then
    perform platform.fail(422, 'keep_invalid', 'At least one version is kept', 'Give keep => 1 or more.');
  end if;
  perform pg_advisory_xact_lock(workflows.lock_key(purge_versions.workflow_id));
  return workflows.purge_versions_of(purge_versions.workflow_id, keep);
end
$$;
comment on function workflows.purge_versions(uuid, int) is 'See public.purge_workflow_versions.';
grant execute on function workflows.purge_versions(uuid, int) to authenticated, service_role;

create function public.purge_workflow_versions(workflow_id uuid, keep int default 20)
returns int
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.purge_versions(purge_workflow_versions.workflow_id, purge_workflow_versions.keep)
$$;
comment on function public.purge_workflow_versions(uuid, int) is
  'Remove a workflow''s old versions, all but the newest `keep`; answers how many. The current one, those '
  'that were ever deployed and those with executions stay. Errors: workflow_not_found, role_insufficient, '
  'keep_invalid.';
grant execute on function public.purge_workflow_versions(uuid, int) to authenticated, service_role;

-- What workspaces.versions_kept asks for: some workflows at a time, any, so that ones with nothing to remove
-- do not keep others from their turn. One that somebody starts or deploys is left to the next time: several
-- keys are held here, in any order.
create function workflows.purge_by_retention(batch int default 100)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_due record;
  v_gone int := 0;
begin
  for v_due in
    select w.id, s.versions_kept
    from public.workspaces s
    join public.workflows w
      on w.workspace_id = s.id and w.current_version > s.versions_kept and w.deleted_at is null
    where s.versions_kept is not null
      and exists (
        select from public.workflow_versions v
        where v.workflow_id = w.id and v.version <= w.current_version - s.versions_kept
          and v.version is distinct from w.deployed_version
          and not exists (
            select from public.workflow_deployment_history h
            where h.workspace_id = w.workspace_id and h.workflow_id = w.id
              and h.deployment_version = v.version and h.deployment_action <> 'DEPLOY_FAILED'))
    order by random()
    limit batch
  loop
    if pg_try_advisory_xact_lock(workflows.lock_key(v_due.id)) then
      v_gone := v_gone + workflows.purge_versions_of(v_due.id, v_due.versions_kept);
    end if;
  end loop;
  return v_gone;
end
$$;
comment on function workflows.purge_by_retention(int) is
  'Remove old versions where the workspace keeps only so many. Called by engine.maintain().';
