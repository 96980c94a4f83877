create function public.get_version_history(
  workflow_id uuid, page_size int default 50, before int default null
)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_workflow public.workflows;
  v_limit int := platform.page_size(get_version_history.page_size);
begin
  select * into v_workflow from public.workflows w
  where w.id = get_version_history.workflow_id and workspaces.may_read(w.workspace_id);
  if not found then
    perform workspaces.not_found('workflow', get_version_history.workflow_id);
  end if;
  return (
    select jsonb_build_object(
      'versions', coalesce(jsonb_agg(jsonb_build_object(
        'version', p.version, 'parent_version', p.parent_version, 'note', p.note, 'checksum', p.checksum,
        'is_locked', p.is_locked, 'is_current', p.version = v_workflow.current_version,
        'is_deployed', coalesce(p.version = v_workflow.deployed_version, false),
        'created_by', p.created_by, 'created_at', p.created_at, 'updated_at', p.updated_at
      ) order by p.version desc) filter (where p.n <= v_limit), '[]'),
      'next_before', case when count(*) > v_limit then min(p.version) filter (where p.n <= v_limit) end)
    from (
      select v.*, row_number() over (order by v.version desc) as n
      from public.workflow_versions v
      where v.workflow_id = v_workflow.id
        and (get_version_history.before is null or v.version < get_version_history.before)
      order by v.version desc
      limit v_limit + 1) p);
end
$$;
comment on function public.get_version_history(uuid, int, int) is
  'A workflow''s versions, newest first, without their definitions: {versions: [{version, parent_version, '
  'note, checksum, is_locked, is_current, is_deployed, created_by, created_at, updated_at}], next_before}; '
  '`next_before` is `before` of the next page. Errors: workflow_not_found.';
grant execute on function public.get_version_history(uuid, int, int) to authenticated, service_role;
