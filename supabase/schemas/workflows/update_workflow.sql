-- Saving. Who names the revision that he saw is refused when somebody else has saved since; who names none
-- writes over it. Locks: the workflow, then its version, so two editors who save at once take turns.

-- The workflow to be saved, locked.
create function workflows.being_saved(workflow_id uuid, revision int)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows := workflows.found(being_saved.workflow_id, 'editor', true);
begin
  perform engine.pause_point('save_has_locked');
  if v_workflow.status = 'archived' then
    perform platform.fail(409, 'workflow_archived',
      'An archived workflow is not changed', 'Unarchive it first.');
  elsif being_saved.revision <> v_workflow.revision then
    perform platform.fail(409, 'workflow_changed',
      format('The workflow is at revision %s, not %s: somebody has saved it since',
        v_workflow.revision, being_saved.revision),
      jsonb_build_object(
        'current_version', v_workflow.current_version, 'revision', v_workflow.revision,
        'updated_at', v_workflow.updated_at,
        'hint', 'Load it again, and save with its revision.')::text);
  end if;
  return v_workflow;
end
$$;
comment on function workflows.being_saved(uuid, int) is
  'A workflow that the caller may save, locked. '
  'Errors: workflow_not_found, role_insufficient, workflow_archived, workflow_changed.';

-- Makes a definition the workflow's next version, and that its current one.
create function workflows.append_version(
  workflow public.workflows, parent_version int, definition jsonb, note text
)
returns public.workflow_versions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows;
  v_version public.workflow_versions;
begin
  v_version := workflows.write_version(workflow, workflow.current_version + 1, append_version.parent_version,
    append_version.definition, append_version.note);
  update public.workflows w set current_version = v_version.version where w.id = workflow.id
  returning w.* into v_workflow;
  perform workflows.index_words(v_workflow);
  return v_version;
end
$$;
comment on function workflows.append_version(public.workflows, int, jsonb, text) is
  'Add a version to a locked workflow. Errors: definition_invalid, note_invalid.';

-- Saves a definition: over the current version while that is a draft, else as the next. One that says the
-- same changes nothing.
create function workflows.save_definition(workflow public.workflows, definition jsonb, note text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_current public.workflow_versions;
  v_note text := nullif(save_definition.note, '');
begin
  -- whoever starts it just now locks it: then this waits, and makes the next
  select * into v_current from public.workflow_versions v
  where v.workflow_id = workflow.id and v.version = workflow.current_version
  for no key update;
  perform engine.pause_point('save_has_read');
  if save_definition.definition is null or v_current.definition = save_definition.definition then
    if save_definition.note is not null and v_note is distinct from v_current.note then
      perform workflows.check_note(v_note);
      update public.workflow_versions v set note = v_note
      where v.workflow_id = workflow.id and v.version = v_current.version;
    end if;
  elsif v_current.is_locked then
    perform workflows.append_version(
      workflow, v_current.version, save_definition.definition, save_definition.note);
  else
    perform workflows.write_version(
      workflow, v_current.version, null, save_definition.definition, save_definition.note);
    update public.workflows w set revision = w.revision + 1 where w.id = workflow.id
    returning w.* into workflow;
    perform workflows.index_words(workflow);
  end if;
end
$$;
comment on function workflows.save_definition(public.workflows, jsonb, text) is
  'Save a definition over the draft, or as the next version. Errors: definition_invalid, note_invalid.';

create function workflows.update_one(
  workflow_id uuid, revision int, definition jsonb, name text, description text, tags text[], folder text,
  icon_url text, note text, is_template boolean, template_category text, is_public boolean, session_id uuid
)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_old public.workflows := workflows.being_saved(update_one.workflow_id, update_one.revision);
  v_new public.workflows := v_old;
begin
  v_new.name := coalesce(update_one.name, v_old.name);
  v_new.description := coalesce(update_one.description, v_old.description);
  v_new.tags := coalesce(update_one.tags, v_old.tags);
  v_new.folder := coalesce(update_one.folder, v_old.folder);
  v_new.icon_url := coalesce(update_one.icon_url, v_old.icon_url);
  v_new.session_id := coalesce(update_one.session_id, v_old.session_id);
  v_new.template_category := coalesce(update_one.template_category, v_old.template_category);
  v_new.is_public := coalesce(
    update_one.is_public, v_old.is_public and coalesce(update_one.is_template, true));
  v_new.is_template := coalesce(update_one.is_template, v_old.is_template or v_new.is_public);
  v_new := workflows.checked(v_new);
  if v_new.is_public and not v_new.is_template then
    perform platform.fail(422, 'template_invalid',
      'What is public is a template', 'Set is_template as well.');
  elsif v_new.is_public and not v_old.is_public then
    -- it becomes readable outside of the workspace
    perform workspaces.require(v_old.workspace_id, 'admin');
  end if;
  if v_new is distinct from v_old then
    update public.workflows w
    set name = v_new.name, description = v_new.description, tags = v_new.tags, folder = v_new.folder,
      icon_url = v_new.icon_url, session_id = v_new.session_id, is_template = v_new.is_template,
      template_category = v_new.template_category, is_public = v_new.is_public
    where w.id = v_old.id;
  end if;
  perform workflows.save_definition(v_old, update_one.definition, update_one.note);
  select * into v_new from public.workflows w where w.id = v_old.id;
  return v_new;
end
$$;
comment on function workflows.update_one(
  uuid, int, jsonb, text, text, text[], text, text, text, boolean, text, boolean, uuid) is
  'See public.update_workflow.';
grant execute on function workflows.update_one(
  uuid, int, jsonb, text, text, text[], text, text, text, boolean, text, boolean, uuid)
  to authenticated, service_role;

create function public.update_workflow(
  workflow_id uuid,
  revision int default null,
  definition jsonb default null,
  name text default null,
  description text default null,
  tags text[] default null,
  folder text default null,
  icon_url text default null,
  note text default null,
  is_template boolean default null,
  template_category text default null,
  is_public boolean default null,
  session_id uuid default null
)
returns public.workflows
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.update_one(
    update_workflow.workflow_id, update_workflow.revision, update_workflow.definition, update_workflow.name,
    update_workflow.description, update_workflow.tags, update_workflow.folder, update_workflow.icon_url,
    update_workflow.note, update_workflow.is_template, update_workflow.template_category,
    update_workflow.is_public, update_workflow.session_id)
$$;
comment on function public.update_workflow(
  uuid, int, jsonb, text, text, text[], text, text, text, boolean, text, boolean, uuid) is
  'Save a workflow: null leaves a field as it is, '''' takes it away. A definition goes over the current '
  'version while that was neither deployed nor executed, else it becomes the next one. `revision` is the one '
  'that the caller saw. Publishing a template to everybody is an admin''s. '
  'Errors: workflow_not_found, role_insufficient, workflow_changed, workflow_archived, name_invalid, '
  'folder_invalid, workflow_invalid, template_invalid, note_invalid, session_not_found, definition_invalid.';
grant execute on function public.update_workflow(
  uuid, int, jsonb, text, text, text[], text, text, text, boolean, text, boolean, uuid)
  to authenticated, service_role;

create function workflows.add_version(workflow_id uuid, definition jsonb, note text, revision int)
returns public.workflow_versions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows := workflows.being_saved(add_version.workflow_id, add_version.revision);
begin
  return workflows.append_version(v_workflow, v_workflow.current_version,
    coalesce(add_version.definition, (
      select v.definition from public.workflow_versions v
      where v.workflow_id = v_workflow.id and v.version = v_workflow.current_version)),
    add_version.note);
end
$$;
comment on function workflows.add_version(uuid, jsonb, text, int) is 'See public.create_workflow_version.';
grant execute on function workflows.add_version(uuid, jsonb, text, int) to authenticated, service_role;

create function public.create_workflow_version(
  workflow_id uuid, definition jsonb default null, note text default null, revision int default null
)
returns public.workflow_versions
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.add_version(create_workflow_version.workflow_id, create_workflow_version.definition,
    create_workflow_version.note, create_workflow_version.revision)
$$;
comment on function public.create_workflow_version(uuid, jsonb, text, int) is
  'Save a definition (without one: the current one) as the workflow''s next version. `revision` is the one '
  'that the caller saw. '
  'Errors: workflow_not_found, role_insufficient, workflow_changed, workflow_archived, note_invalid, '
  'definition_invalid.';
grant execute on function public.create_workflow_version(uuid, jsonb, text, int)
  to authenticated, service_role;

create function workflows.restore_version(workflow_id uuid, version int, note text, revision int)
returns public.workflow_versions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows := workflows.being_saved(restore_version.workflow_id, restore_version.revision);
  v_old public.workflow_versions := workflows.version_of(v_workflow, restore_version.version);
begin
  return workflows.append_version(v_workflow, v_old.version, v_old.definition,
    coalesce(restore_version.note, format('Restored from version %s', v_old.version)));
end
$$;
comment on function workflows.restore_version(uuid, int, text, int) is 'See public.restore_workflow_version.';
grant execute on function workflows.restore_version(uuid, int, text, int) to authenticated, service_role;

create function public.restore_workflow_version(
  workflow_id uuid, version int, note text default null, revision int default null
)
returns public.workflow_versions
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.restore_version(restore_workflow_version.workflow_id, restore_workflow_version.version,
    restore_workflow_version.note, restore_workflow_version.revision)
$$;
comment on function public.restore_workflow_version(uuid, int, text, int) is
  'Save an old version''s definition as the next version, whose parent it is; nothing in between is lost. '
  'Errors: workflow_not_found, role_insufficient, version_not_found, workflow_changed, workflow_archived, '
  'note_invalid, definition_invalid.';
grant execute on function public.restore_workflow_version(uuid, int, text, int)
  to authenticated, service_role;
