-- Where a workflow is filed: 'ops/mail'. Slashes around and spaces beside them do not count; null or '' is
-- the root.
create function workflows.folder_path(folder text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_folder text := nullif(regexp_replace(btrim(folder, '/ '), '\s*/+\s*', '/', 'g'), '');
begin
  if length(v_folder) > 500 then
    perform platform.fail(422, 'folder_invalid',
      'A folder''s path has at most 500 characters', 'Give a shorter one, as ops/mail.');
  end if;
  return v_folder;
end
$$;
comment on function workflows.folder_path(text) is
  'A folder''s path in its one spelling. Errors: folder_invalid.';

-- Puts a workflow's own fields into their one spelling, and refuses what it cannot be.
create function workflows.checked(workflow public.workflows)
returns public.workflows
language plpgsql
volatile
set search_path = ''
as $$
begin
  workflow.name := btrim(workflow.name);
  if length(coalesce(workflow.name, '')) not between 1 and 255 then
    perform platform.fail(422, 'name_invalid',
      'A workflow name has 1 to 255 characters', 'Give another name.');
  end if;
  workflow.description := nullif(workflow.description, '');
  workflow.icon_url := nullif(workflow.icon_url, '');
  workflow.template_category := nullif(btrim(workflow.template_category), '');
  workflow.folder := workflows.folder_path(workflow.folder);
  -- each tag once, in the order given
  workflow.tags := array(
    select t.tag from (
      select btrim(u.tag) as tag, min(u.o) as o from unnest(workflow.tags) with ordinality u (tag, o)
      group by 1) t
    where t.tag <> '' order by t.o);
  if length(workflow.description) > 20000 or length(workflow.icon_url) > 2000
     or length(workflow.template_category) > 100
     or cardinality(workflow.tags) > 50 or octet_length(workflow.tags::text) > 5000
     or workflow.icon_url !~ '^(https?://|data:image/|/)' then
    perform platform.fail(422, 'workflow_invalid',
      'A description has at most 20000 characters, a category 100, an icon_url 2000 (http, https, '
      'data:image/ or a path); there are at most 50 tags, of 5000 bytes together',
      'Give shorter values.');
  end if;
  if workflow.session_id is not null and not exists (
      select from public.sessions s
      where s.id = workflow.session_id and s.workspace_id = workflow.workspace_id) then
    perform workspaces.not_found('session', workflow.session_id);
  end if;
  return workflow;
end
$$;
comment on function workflows.checked(public.workflows) is
  'A workflow''s fields as they are kept. '
  'Errors: name_invalid, folder_invalid, workflow_invalid, session_not_found.';

-- Makes a workflow and its version 1, for a caller who may.
create function workflows.insert_workflow(workflow public.workflows, definition jsonb, note text)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows := workflows.checked(workflow);
begin
  insert into public.workflows as w (
    workspace_id, name, description, tags, folder, icon_url, session_id, is_template, template_category,
    created_at, updated_at)
  values (
    v_workflow.workspace_id, v_workflow.name, v_workflow.description, v_workflow.tags, v_workflow.folder,
    v_workflow.icon_url, v_workflow.session_id, coalesce(v_workflow.is_template, false),
    v_workflow.template_category, engine.now(), engine.now())
  returning w.* into v_workflow;
  perform workflows.write_version(v_workflow, 1, null, insert_workflow.definition, insert_workflow.note);
  perform workflows.index_words(v_workflow);
  return v_workflow;
end
$$;
comment on function workflows.insert_workflow(public.workflows, jsonb, text) is
  'Make a workflow and its version 1. Errors: as public.create_workflow.';

create function workflows.create_one(
  name text, definition jsonb, description text, tags text[], folder text, workspace_id uuid, icon_url text,
  session_id uuid
)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows;
begin
  v_workflow.workspace_id := coalesce(create_one.workspace_id, workspaces.default_id());
  perform workspaces.require(v_workflow.workspace_id, 'editor');
  v_workflow.name := create_one.name;
  v_workflow.description := create_one.description;
  v_workflow.tags := coalesce(create_one.tags, '{}');
  v_workflow.folder := create_one.folder;
  v_workflow.icon_url := create_one.icon_url;
  v_workflow.session_id := create_one.session_id;
  return workflows.insert_workflow(
    v_workflow, coalesce(create_one.definition, '{"nodes": [], "connections": []}'), null);
end
$$;
comment on function workflows.create_one(text, jsonb, text, text[], text, uuid, text, uuid) is
  'See public.create_workflow.';
grant execute on function workflows.create_one(text, jsonb, text, text[], text, uuid, text, uuid)
  to authenticated, service_role;

create function public.create_workflow(
  name text,
  definition jsonb default '{"nodes": [], "connections": []}',
  description text default null,
  tags text[] default '{}',
  folder text default null,
  workspace_id uuid default null,
  icon_url text default null,
  session_id uuid default null
)
returns public.workflows
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.create_one(create_workflow.name, create_workflow.definition, create_workflow.description,
    create_workflow.tags, create_workflow.folder, create_workflow.workspace_id, create_workflow.icon_url,
    create_workflow.session_id)
$$;
comment on function public.create_workflow(text, jsonb, text, text[], text, uuid, text, uuid) is
  'Make a workflow and its version 1, in the caller''s personal workspace unless one is named. '
  'Errors: workspace_not_found, role_insufficient, name_invalid, folder_invalid, workflow_invalid, '
  'session_not_found, definition_invalid.';
grant execute on function public.create_workflow(text, jsonb, text, text[], text, uuid, text, uuid)
  to authenticated, service_role;
