-- What events are matched against: a row for each trigger of each deployed version, and for nothing else.
create table public.trigger_index (
  -- triggers.trigger_ids': part of a webhook's URL
  id uuid primary key,
  workspace_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  node_id text not null,
  trigger_type text not null default 'TRIGGER',
  trigger_subtype text not null,
  -- what an event names: a WEBHOOK's path, a CRON's expression, a GITHUB repository, a SLACK command or
  -- event, an EMAIL address; * for any
  index_key text not null,
  -- whose verified events it takes; of a WEBHOOK, the secret that its requests prove
  integration_id uuid,
  -- the node's parameters with their defaults
  trigger_config jsonb not null default '{}',
  -- not while the workflow is paused
  is_active boolean not null default true,
  deployment_status text not null generated always as
    (case when is_active then 'active' else 'inactive' end) stored,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint a_trigger_node_is_indexed_once unique (workflow_id, node_id),
  constraint a_trigger_belongs_to_its_version foreign key (workspace_id, workflow_id, version)
    references public.workflow_versions (workspace_id, workflow_id, version) on delete cascade,
  constraint a_type_is_known check (trigger_type = 'TRIGGER'),
  -- the end of a workspace takes both; before that, delete_integration() refuses
  constraint a_trigger_belongs_to_its_integration foreign key (workspace_id, integration_id)
    references public.integrations (workspace_id, id) on delete cascade,
  constraint a_subtype_is_known check (trigger_subtype in
    ('MANUAL', 'CRON', 'WEBHOOK', 'EMAIL', 'GITHUB', 'SLACK')),
  constraint a_provider_is_trusted_through_an_integration check (
    trigger_subtype not in ('EMAIL', 'GITHUB', 'SLACK') or integration_id is not null)
);
comment on table public.trigger_index is 'Deployed triggers.';
-- the policy's column and the foreign key
create index trigger_index_workspace on public.trigger_index (workspace_id, workflow_id, version);
-- whom an event of an integration starts, and the foreign key
create index trigger_index_events on public.trigger_index (integration_id, index_key)
  where integration_id is not null;
create trigger touch before update on public.trigger_index for each row execute function platform.touch();

alter table public.trigger_index enable row level security;
-- editors: whoever knows a webhook's id can start it, and a viewer may not start
create policy "editors read" on public.trigger_index for select to authenticated
  using (workspace_id = any (array(select workspaces.writable())));
grant select on public.trigger_index to authenticated, service_role;
-- no write: deploying fills it, undeploying empties it

-- A paused workflow's triggers are not active.
create function triggers.follow_workflow()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  update public.trigger_index t set is_active = new.status = 'active' where t.workflow_id = new.id;
  return null;
end
$$;
comment on function triggers.follow_workflow() is 'Trigger: only active workflows have active triggers.';
create trigger triggers_follow_workflow after update of status on public.workflows
  for each row when (old.status is distinct from new.status) execute function triggers.follow_workflow();

-- Replaces the workflow's rows by those of a version, whose `triggers` are triggers_of()'s rows; answers
-- which nodes' triggers are added, removed and kept. The caller holds the workflow's key.
create function triggers.write_index(workflow public.workflows, version int, triggers jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_before jsonb := (
    select coalesce(jsonb_object_agg(i.node_id, i.id), '{}') from public.trigger_index i
    where i.workflow_id = workflow.id);
  v_after jsonb;
begin
  insert into triggers.trigger_ids (workspace_id, workflow_id, node_id, trigger_subtype)
  select workflow.workspace_id, workflow.id, t.node_id, t.trigger_subtype
  from jsonb_populate_recordset(null::public.trigger_index, write_index.triggers) t
  on conflict do nothing;
  delete from public.trigger_index i
  where i.workflow_id = workflow.id and not exists (
    select from jsonb_populate_recordset(null::public.trigger_index, write_index.triggers) t
    where t.node_id = i.node_id and t.trigger_subtype = i.trigger_subtype);
  insert into public.trigger_index as i
    (id, workspace_id, workflow_id, version, node_id, trigger_subtype, index_key, integration_id,
      trigger_config)
  select k.id, workflow.workspace_id, workflow.id, write_index.version,
    t.node_id, t.trigger_subtype, t.index_key, t.integration_id, t.trigger_config
  from jsonb_populate_recordset(null::public.trigger_index, write_index.triggers) t
  join triggers.trigger_ids k on k.workflow_id = workflow.id
    and k.node_id = t.node_id and k.trigger_subtype = t.trigger_subtype
  on conflict on constraint a_trigger_node_is_indexed_once do update
  set version = excluded.version, index_key = excluded.index_key, integration_id = excluded.integration_id,
    trigger_config = excluded.trigger_config;
  select coalesce(jsonb_object_agg(i.node_id, i.id), '{}') into v_after
  from public.trigger_index i where i.workflow_id = workflow.id;
  return jsonb_build_object(
    'added', array(
      select a.key from jsonb_each(v_after) a where v_before -> a.key is distinct from a.value order by 1),
    'removed', array(
      select b.key from jsonb_each(v_before) b where v_after -> b.key is distinct from b.value order by 1),
    'kept', array(select a.key from jsonb_each(v_after) a where v_before -> a.key = a.value order by 1));
end
$$;
comment on function triggers.write_index(public.workflows, int, jsonb) is
  'Let a version''s triggers be the workflow''s.';
