create function public.list_folders(workspace_id uuid default null)
returns table (folder text, workflows bigint, workflows_below bigint)
language sql
stable
security invoker
set search_path = ''
as $$
  with own as (
    select w.folder, count(*) as n from public.workflows w
    where ((select workspaces.caller_bypasses_rls())
        or w.workspace_id = any (array(select workspaces.readable())))
      and w.status <> 'archived'
      and (list_folders.workspace_id is null or w.workspace_id = list_folders.workspace_id)
      and w.folder is not null
    group by w.folder
  ),
  -- 'ops' too, where there is only 'ops/mail'
  level as (
    select o.folder as leaf, o.n,
      array_to_string((string_to_array(o.folder, '/'))[:i], '/') as folder
    from own o cross join generate_series(1, array_length(string_to_array(o.folder, '/'), 1)) i
  )
  select l.folder, coalesce(sum(l.n) filter (where l.leaf = l.folder), 0)::bigint, sum(l.n)::bigint
  from level l
  group by l.folder
  order by l.folder collate "C"
$$;
comment on function public.list_folders(uuid) is
  'Folders of a workspace, or of all the caller''s, with how many workflows are in each, and in it and '
  'below. Archived workflows do not count.';
grant execute on function public.list_folders(uuid) to authenticated, service_role;

create function public.list_tags(workspace_id uuid default null)
returns table (tag text, workflows bigint)
language sql
stable
security invoker
set search_path = ''
as $$
  select t.tag, count(*)
  from public.workflows w cross join unnest(w.tags) t (tag)
  where ((select workspaces.caller_bypasses_rls())
      or w.workspace_id = any (array(select workspaces.readable())))
    and w.status <> 'archived'
    and (list_tags.workspace_id is null or w.workspace_id = list_tags.workspace_id)
  group by t.tag
  order by 2 desc, 1
$$;
comment on function public.list_tags(uuid) is
  'Tags of a workspace''s workflows, or of all the caller''s, most used first. Archived workflows do not '
  'count.';
grant execute on function public.list_tags(uuid) to authenticated, service_role;
