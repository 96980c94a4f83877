-- A workspace's connection to an account of another system. What that system sends is taken only where a
-- secret of the integration verified it.
create table public.integrations (
  -- random, and part of the hook's URL
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null default workspaces.default_id()
    references public.workspaces (id) on delete cascade,
  provider text not null,
  name text not null,
  -- the account's id over there; SLACK: the team, and requests of another team are refused
  external_id text,
  -- see integrations.config_schema()
  config jsonb not null default '{}',
  is_active boolean not null default true,
  created_by uuid default auth.uid() references auth.users (id) on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- what foreign keys that carry the workspace refer to, and the policy's column
  constraint an_integration_has_one_workspace unique (workspace_id, id),
  constraint a_provider_is_known check (provider in
    ('github', 'slack', 'resend', 'sendgrid', 'mailgun', 'postmark', 'webhook')),
  constraint a_name_has_1_to_200_characters check (length(name) between 1 and 200),
  constraint an_external_id_has_1_to_200_characters check (length(external_id) between 1 and 200),
  constraint config_is_an_object check (jsonb_typeof(config) = 'object'),
  constraint config_has_at_most_8_kib check (octet_length(config::text) <= 8192)
);
comment on table public.integrations is
  'Connections to accounts of other systems; their secrets are encrypted elsewhere and read by no client.';

create trigger touch before update on public.integrations for each row execute function platform.touch();

alter table public.integrations enable row level security;
create policy "members read" on public.integrations for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.integrations to authenticated, service_role;
-- no write: the verbs check the role, the provider's config, and who uses an integration
