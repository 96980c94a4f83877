-- Makes an integration with the secrets that the deploy function has encrypted:
-- {"<purpose>": "<ciphertext>"}. Not a verb of the Data API: whoever calls it must hold the key ring.
create function integrations.create(
  workspace_id uuid, provider text, name text, external_id text, config jsonb, secrets jsonb
)
returns public.integrations
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workspace uuid := coalesce("create".workspace_id, workspaces.default_id());
  v_integration public.integrations;
begin
  perform workspaces.require(v_workspace, 'admin');
  perform integrations.check_config(provider, coalesce(config, '{}'));
  if length("create".name) not between 1 and 200 or length("create".external_id) not between 1 and 200 then
    perform platform.fail(422, 'integration_invalid', 'A name and an external id have 1 to 200 characters');
  end if;
  if (select count(*) from public.integrations i where i.workspace_id = v_workspace) >= 200 then
    perform platform.fail(422, 'too_many_integrations', 'A workspace has at most 200 integrations',
      'Delete those that nothing uses.');
  end if;
  insert into public.integrations as i (workspace_id, provider, name, external_id, config)
  values (v_workspace, "create".provider, "create".name, "create".external_id,
    coalesce("create".config, '{}'))
  returning i.* into v_integration;
  perform integrations.put_secret(v_integration, s.key, s.value, 0)
  from jsonb_each_text("create".secrets) s;
  return v_integration;
end
$$;
comment on function integrations.create(uuid, text, text, text, jsonb, jsonb) is
  'Make an integration. Errors: workspace_not_found, role_insufficient, integration_invalid, '
  'too_many_integrations.';
grant execute on function integrations.create(uuid, text, text, text, jsonb, jsonb)
  to authenticated, service_role;

-- The integration that a caller administers, locked.
create function integrations.administered(integration_id uuid)
returns public.integrations
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_integration public.integrations;
begin
  select * into v_integration from public.integrations i where i.id = administered.integration_id;
  perform workspaces.require(v_integration.workspace_id, 'admin', 'integration', administered.integration_id);
  select * into v_integration from public.integrations i where i.id = administered.integration_id for update;
  if not found then
    perform workspaces.not_found('integration', administered.integration_id);
  end if;
  return v_integration;
end
$$;
comment on function integrations.administered(uuid) is
  'Lock an integration for its admin. Errors: integration_not_found, role_insufficient.';

-- The secrets that are replaced hold on for grace_seconds, for requests that are under way and for the time
-- until the other system knows the new one.
create function integrations.rotate(integration_id uuid, secrets jsonb, grace_seconds int)
returns public.integrations
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_integration public.integrations := integrations.administered(rotate.integration_id);
begin
  if rotate.grace_seconds is null or rotate.grace_seconds not between 0 and 2592000 then
    perform platform.fail(422, 'integration_invalid', 'A grace period has 0 to 2592000 seconds');
  end if;
  perform integrations.put_secret(v_integration, s.key, s.value, rotate.grace_seconds)
  from jsonb_each_text(rotate.secrets) s;
  update public.integrations i set updated_at = engine.now() where i.id = v_integration.id
  returning i.* into v_integration;
  return v_integration;
end
$$;
comment on function integrations.rotate(uuid, jsonb, int) is
  'Replace secrets. Errors: integration_not_found, role_insufficient, integration_invalid.';
grant execute on function integrations.rotate(uuid, jsonb, int) to authenticated, service_role;

create function integrations.update(
  integration_id uuid, name text, external_id text, config jsonb, is_active boolean
)
returns public.integrations
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_integration public.integrations := integrations.administered("update".integration_id);
begin
  perform integrations.check_config(v_integration.provider, coalesce("update".config, v_integration.config));
  if v_integration.provider = 'webhook' and "update".config is not null
     and "update".config ->> 'type' is distinct from v_integration.config ->> 'type'
     and 'standard_webhooks' in ("update".config ->> 'type', v_integration.config ->> 'type') then
    perform platform.fail(422, 'integration_invalid',
      'This type of authentication takes another kind of secret', 'Make a new integration.');
  end if;
  if length("update".name) not between 1 and 200 or length("update".external_id) > 200 then
    perform platform.fail(422, 'integration_invalid', 'A name and an external id have 1 to 200 characters');
  end if;
  update public.integrations i
  set name = coalesce("update".name, i.name),
    external_id = nullif(coalesce("update".external_id, i.external_id), ''),
    config = coalesce("update".config, i.config),
    is_active = coalesce("update".is_active, i.is_active)
  where i.id = v_integration.id
  returning i.* into v_integration;
  return v_integration;
end
$$;
comment on function integrations.update(uuid, text, text, jsonb, boolean) is 'See public.update_integration.';
grant execute on function integrations.update(uuid, text, text, jsonb, boolean)
  to authenticated, service_role;

create function public.update_integration(
  integration_id uuid, name text default null, external_id text default null, config jsonb default null,
  is_active boolean default null
)
returns public.integrations
language sql
volatile
security invoker
set search_path = ''
as $$
  select integrations.update(
    update_integration.integration_id, update_integration.name, update_integration.external_id,
    update_integration.config, update_integration.is_active)
$$;
comment on function public.update_integration(uuid, text, text, jsonb, boolean) is
  'Change what is given of an integration (admins); an empty external_id takes it away. '
  'Errors: integration_not_found, role_insufficient, integration_invalid.';
grant execute on function public.update_integration(uuid, text, text, jsonb, boolean)
  to authenticated, service_role;

-- The lock on the integration keeps a deployment from naming it meanwhile (its foreign key waits).
create function integrations.delete(integration_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_integration public.integrations := integrations.administered("delete".integration_id);
  v_workflows jsonb;
begin
  select jsonb_agg(distinct t.workflow_id) into v_workflows
  from public.trigger_index t where t.integration_id = v_integration.id;
  if v_workflows is not null then
    perform platform.fail(409, 'integration_in_use', 'Deployed triggers name this integration',
      jsonb_build_object('workflows', v_workflows, 'hint', 'Undeploy these workflows first.')::text);
  end if;
  delete from public.integrations i where i.id = v_integration.id;
end
$$;
comment on function integrations.delete(uuid) is 'See public.delete_integration.';
grant execute on function integrations.delete(uuid) to authenticated, service_role;

create function public.delete_integration(integration_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select integrations.delete(delete_integration.integration_id)
$$;
comment on function public.delete_integration(uuid) is
  'Delete an integration and its secrets (admins). '
  'Errors: integration_not_found, role_insufficient, integration_in_use.';
grant execute on function public.delete_integration(uuid) to authenticated, service_role;
