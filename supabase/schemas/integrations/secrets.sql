-- Secrets of integrations, encrypted by the functions (functions-shared/fernet.ts): the database never sees
-- one in the clear. Several of a purpose hold at once while one is rotated.
create table integrations.secrets (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  integration_id uuid not null,
  -- signing: what requests of the other system are verified with; api_key: what ours are authorised with
  purpose text not null,
  ciphertext text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- when one that was replaced ceases to hold
  expires_at timestamptz,
  constraint a_secret_belongs_to_its_integration foreign key (workspace_id, integration_id)
    references public.integrations (workspace_id, id) on delete cascade,
  constraint a_purpose_is_known check (purpose in ('signing', 'api_key')),
  constraint a_ciphertext_is_a_fernet_token check (
    ciphertext ~ '^gAAAAA[A-Za-z0-9_-]+={0,2}$' and length(ciphertext) between 100 and 8000)
);
comment on table integrations.secrets is 'Encrypted secrets of integrations, the functions'' own.';
-- the secrets of an integration, and the foreign key
create index secrets_of_integration on integrations.secrets (workspace_id, integration_id);
alter table integrations.secrets enable row level security;
-- no policy and no grant, not to service_role either: only definer functions and the functions' connection

create function integrations.put_secret(
  integration public.integrations, purpose text, ciphertext text, grace_seconds int
)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := engine.now();
begin
  update integrations.secrets s
  set expires_at = least(s.expires_at, v_now + make_interval(secs => grace_seconds))
  where s.workspace_id = integration.workspace_id and s.integration_id = integration.id
    and s.purpose = put_secret.purpose;
  delete from integrations.secrets s
  where s.workspace_id = integration.workspace_id and s.integration_id = integration.id
    and (s.expires_at <= v_now or s.purpose = put_secret.purpose and s.id not in (
      -- each is tried on every delivery
      select k.id from integrations.secrets k
      where k.workspace_id = integration.workspace_id and k.integration_id = integration.id
        and k.purpose = put_secret.purpose
      order by k.created_at desc, k.id
      limit 3));
  insert into integrations.secrets (workspace_id, integration_id, purpose, ciphertext)
  values (integration.workspace_id, integration.id, put_secret.purpose, put_secret.ciphertext);
end
$$;
comment on function integrations.put_secret(public.integrations, text, text, int) is
  'Make a secret the one of its purpose; the one before holds on for a while, at most three of them. '
  'The caller has checked who asks.';

-- What the functions need to verify a request, newest secret first. For their connection alone: nobody is
-- granted it.
create function integrations.for_delivery(integration_id uuid)
returns jsonb
language plpgsql  -- which keeps the plan
stable
security definer
set search_path = ''
as $$
begin
  return (select jsonb_build_object(
    'id', i.id, 'workspace_id', i.workspace_id, 'provider', i.provider, 'external_id', i.external_id,
    'config', i.config, 'is_active', i.is_active,
    'secrets', coalesce((
      select jsonb_agg(jsonb_build_object('purpose', s.purpose, 'ciphertext', s.ciphertext)
        order by s.created_at desc, s.id)
      from integrations.secrets s
      where s.workspace_id = i.workspace_id and s.integration_id = i.id
        and (s.expires_at is null or s.expires_at > engine.now())), '[]'))
  from public.integrations i
  where i.id = for_delivery.integration_id);
end
$$;
comment on function integrations.for_delivery(uuid) is
  'An integration with its encrypted secrets, or null: {id, workspace_id, provider, external_id, config, '
  'is_active, secrets: [{purpose, ciphertext}]}.';
