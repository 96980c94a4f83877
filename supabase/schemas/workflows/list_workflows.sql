-- The list of workflows. The statement is put together from what was asked for, so that each filter and order
-- meets its index: one statement for all of them would read every workflow of the workspace. Runs as definer,
-- with the caller's workspaces as a condition: text search is not leakproof, so under row level security its
-- index would not be used.
create function workflows.list(
  workspace_id uuid, status text[], tags text[], folder text, include_subfolders boolean, is_template boolean,
  is_public boolean, template_category text, is_favorite boolean, is_deployed boolean, query text,
  session_id uuid, created_by uuid, order_by text, order_direction text, page_size int, page_offset int,
  "cursor" text, with_total boolean
)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_workspaces uuid[];
  v_user uuid := (select auth.uid());
  v_order text := coalesce(
    order_by, case when nullif(btrim(list.query), '') is null then 'updated_at' else 'rank' end);
  v_direction text := coalesce(lower(order_direction), case when v_order = 'name' then 'asc' else 'desc' end);
  v_is_public boolean := coalesce(list.is_public, false);
  v_query tsquery;
  v_words tsquery;
  -- '' is the root, null any
  v_folder text := case
    when btrim(list.folder, '/ ') <> '' then workflows.folder_path(list.folder) else list.folder
  end;
  v_after jsonb;
  -- the order's key, and how it compares with a cursor
  v_key text;
  v_type text;
  v_from text := 'public.workflows w';
  v_where text := 'w.deleted_at is null';
  v_page text;
  v_ids uuid[];
  v_keys text[];
  v_total bigint;
  v_limit int := platform.page_size(list.page_size);
  v_offset int := greatest(coalesce(list.page_offset, 0), 0);
  v_more boolean;
begin
  if list.workspace_id is not null and not v_is_public then
    perform workspaces.require(list.workspace_id, 'viewer');
  end if;
  v_workspaces := case
    when list.workspace_id is not null then array[list.workspace_id]
    when workspaces.caller_bypasses_rls() then array(select w.id from public.workspaces w)
    else array(select workspaces.readable())
  end;
  if nullif(btrim(list.query), '') is not null then
    v_words := workflows.query_of(list.query);
    v_query := v_words;
    if v_query is null then
      return jsonb_build_object('workflows', jsonb '[]', 'next_cursor', null,
        'total', case when list.with_total then 0 end);
    end if;
  end if;
  v_key := case v_order
    when 'updated_at' then 'w.updated_at'
    when 'created_at' then 'w.created_at'
    when 'name' then 'lower(w.name)'
    when 'latest_execution' then $q$coalesce((
      select coalesce(x.start_time, x.created_at) from public.workflow_executions x
      where x.workflow_id = w.id and (not w.is_public or workspaces.may_read(w.workspace_id))
      order by x.id desc limit 1), '-infinity')$q$
    -- 32: between 0 and 1, so that it is of any use beside another figure
    when 'rank' then case when v_query is null then 'w.updated_at' else 'ts_rank(s.terms, $15, 32)' end
  end;
  v_type := case when v_order = 'name' then 'text' when v_order = 'rank' and v_query is not null then 'float4'
    else 'timestamptz' end;
  if v_key is null or v_direction not in ('asc', 'desc') then
    perform platform.fail(422, 'order_invalid',
      'order_by is updated_at, created_at, name, latest_execution or rank; order_direction asc or desc',
      'Give one of these.');
  end if;
  v_after := workflows.read_cursor(list."cursor", v_order, v_direction);

  if v_query is not null then
    v_from := 'workflows.search_terms s join public.workflows w on w.id = s.workflow_id';
    v_where := v_where || ' and s.terms operator(pg_catalog.@@) $2';
    v_query := (
      select string_agg(quote_literal(workflows.scope_term(i)), '|')
      from unnest(case when v_is_public then array[null::uuid] else v_workspaces end) i)::tsquery && v_query;
  end if;
  if v_is_public then
    v_where := v_where || ' and w.is_public and w.archived_at is null'
      || case when list.workspace_id is not null then ' and w.workspace_id = any ($1)' else '' end;
  end if;
  v_where := v_where || concat(
    case
      when list.status is not null then ' and w.status = any ($3)'
      else ' and w.status <> ''archived'''
    end,
    case when cardinality(list.tags) > 0 then ' and w.tags operator(pg_catalog.@>) $4' end,
    case
      when v_folder is null then null
      -- all below 'ops' is between 'ops/' and 'ops0', which follows in order of bytes
      when coalesce(include_subfolders, false) and v_folder <> '' then
        $q$ and (w.folder collate "C" = $5
          or w.folder collate "C" >= $5 || '/' and w.folder collate "C" < $5 || '0')$q$
      when coalesce(include_subfolders, false) then null
      when v_folder = '' then ' and w.folder is null'
      else ' and w.folder collate "C" = $5'
    end,
    case when list.is_template is not null then ' and w.is_template = $6' end,
    case when not list.is_public then ' and not w.is_public' end,
    case when list.template_category is not null then ' and w.template_category = $7' end,
    case when list.is_favorite is not null then
      case when list.is_favorite then ' and' else ' and not' end
      || ' exists (select from public.workflow_favorites f where f.user_id = $8 and f.workflow_id = w.id)'
    end,
    case list.is_deployed
      when true then ' and w.deployed_version is not null' when false then ' and w.deployed_version is null'
    end,
    case when list.session_id is not null then ' and w.session_id = $9' end,
    case when list.created_by is not null then ' and w.user_id = $10' end);

  if list.with_total then
    execute format('select count(*) from %s where %s%s', v_from, v_where,
      case when v_query is null and not v_is_public then ' and w.workspace_id = any ($1)' end)
    using v_workspaces, v_query, list.status, list.tags, v_folder, list.is_template, list.template_category,
      v_user, list.session_id, list.created_by
    into v_total;
  end if;
  v_page := format('select w.id, %s as key from %s where %s%s%s order by 2 %s, 1 %s limit $11',
    v_key, v_from, v_where,
    case when v_query is null and not v_is_public then ' and w.workspace_id = x.id' end,
    case when v_after is not null then format(' and (%s, w.id) %s ($12::%s, $13)', v_key,
      case v_direction when 'asc' then '>' else '<' end, v_type) end,
    v_direction, v_direction);
  -- a page of each workspace, in order by its index; then the page of them all
  v_page := format(
    'select array_agg(p.id order by p.key %1$s, p.id %1$s),
       array_agg(p.key::text order by p.key %1$s, p.id %1$s)
     from (select q.* from %2$s order by q.key %1$s, q.id %1$s limit $11 - $14 offset $14) p',
    v_direction,
    case when v_query is null and not v_is_public
      then format('unnest($1) x (id) cross join lateral (%s) q', v_page) else format('(%s) q', v_page) end);
  execute v_page
  using v_workspaces, v_query, list.status, list.tags, v_folder, list.is_template, list.template_category,
    v_user, list.session_id, list.created_by, v_limit + 1 + v_offset, v_after ->> 'k',
    (v_after ->> 'i')::uuid, v_offset, v_words
  into v_ids, v_keys;
  v_more := cardinality(v_ids) > v_limit;
  return jsonb_build_object(
    'workflows', coalesce((
      select jsonb_agg(workflows.summary(w) || case when v_type = 'float4'
        then jsonb_build_object('rank', v_keys[i.n]::float4) else '{}' end order by i.n)
      from unnest(v_ids[:v_limit]) with ordinality i (id, n)
      join public.workflows w on w.id = i.id), '[]'),
    'total', v_total,
    'next_cursor', case
      when v_more then workflows.cursor_of(v_order, v_direction, v_keys[v_limit], v_ids[v_limit])
    end);
end
$$;
comment on function workflows.list(
  uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text, uuid, uuid, text,
  text, int, int, text, boolean) is 'See public.list_workflows.';
grant execute on function workflows.list(
  uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text, uuid, uuid, text,
  text, int, int, text, boolean) to authenticated, service_role;

create function public.list_workflows(
  workspace_id uuid default null,
  status text[] default null,
  tags text[] default null,
  folder text default null,
  include_subfolders boolean default false,
  is_template boolean default null,
  is_public boolean default null,
  template_category text default null,
  is_favorite boolean default null,
  is_deployed boolean default null,
  query text default null,
  session_id uuid default null,
  created_by uuid default null,
  order_by text default null,
  order_direction text default null,
  page_size int default 50,
  page_offset int default 0,
  "cursor" text default null,
  with_total boolean default false
)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select workflows.list(
    list_workflows.workspace_id, list_workflows.status, list_workflows.tags, list_workflows.folder,
    list_workflows.include_subfolders, list_workflows.is_template, list_workflows.is_public,
    list_workflows.template_category, list_workflows.is_favorite, list_workflows.is_deployed,
    list_workflows.query, list_workflows.session_id, list_workflows.created_by, list_workflows.order_by,
    list_workflows.order_direction, list_workflows.page_size, list_workflows.page_offset,
    list_workflows."cursor", list_workflows.with_total)
$$;
comment on function public.list_workflows(
  uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text, uuid, uuid, text,
  text, int, int, text, boolean) is
  'Workflows of one workspace, or of all the caller''s, without their definitions: {workflows: [...], total, '
  'next_cursor}. Without a status all but archived ones; `tags` must all be there; folder '''' is the root; '
  'is_public lists everybody''s public templates; `query` is a web search (words, "phrases", -not, or) over '
  'name, tags, nodes and description. order_by: updated_at, created_at, name, latest_execution, or rank (of '
  'a query). Pages by next_cursor or by page_offset; the total is counted with with_total. '
  'Errors: workspace_not_found, order_invalid, cursor_invalid, folder_invalid.';
grant execute on function public.list_workflows(
  uuid, text[], text[], text, boolean, boolean, boolean, text, boolean, boolean, text, uuid, uuid, text,
  text, int, int, text, boolean) to authenticated, service_role;
