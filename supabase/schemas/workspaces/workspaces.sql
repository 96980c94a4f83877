-- A tenant. Every tenant row names one, and row level security compares nothing else.
create table public.workspaces (
  id uuid primary key default platform.uuid7(),
  name text not null,
  -- whose personal workspace this is; the workspace and its rows outlive the account
  personal_for uuid references auth.users (id) on delete set null,
  -- values that templates read as $.vars
  variables jsonb not null default '{}',
  -- how many versions of each workflow are kept, beside those that something needs; null: all
  versions_kept int,
  -- how long messages are kept that answered nothing; null: as long as the workspace is there
  responses_kept_days int,
  -- hosts ('name' or 'name:port') that HTTP nodes may reach although they resolve to a private address
  allowed_hosts text[] not null default '{}',
  -- its share when workers choose between workspaces, and how many tasks it may have at work at once
  weight int not null default 1,
  max_leases int not null default 200,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint at_least_one_version_is_kept check (versions_kept >= 1),
  -- so long an answer may come before its question; and a century back there is a date
  constraint responses_are_kept_for_30_to_36500_days check (responses_kept_days between 30 and 36500),
  constraint a_weight_is_1_to_1000 check (weight between 1 and 1000),
  constraint leases_are_positive check (max_leases > 0),
  constraint a_user_has_one_personal_workspace unique (personal_for),
  constraint a_name_has_1_to_200_characters check (length(name) between 1 and 200),
  constraint variables_are_an_object check (jsonb_typeof(variables) = 'object'),
  -- they are read with every template that names one
  constraint variables_have_at_most_64_kib check (octet_length(variables::text) <= 65536)
);
comment on table public.workspaces is
  'A tenant: its members share workflows, executions and everything made by them.';
comment on column public.workspaces.allowed_hosts is
  'Hosts that HTTP nodes may reach although they resolve to a private address. '
  'Set by the operator alone: a tenant''s admin does not own the network.';

create trigger touch before update on public.workspaces for each row execute function platform.touch();

alter table public.workspaces enable row level security;
create policy "members read" on public.workspaces for select to authenticated
  using (id = any (array(select workspaces.readable())));
create policy "admins update" on public.workspaces for update to authenticated
  using (id = any (array(select workspaces.administered())))
  with check (id = any (array(select workspaces.administered())));
grant select, update (name, variables, versions_kept, responses_kept_days) on public.workspaces to authenticated;
grant select, update (name, variables, versions_kept, responses_kept_days, allowed_hosts, weight, max_leases)
  on public.workspaces to service_role;
-- no insert: create_workspace() also makes its owner; no delete: a workspace is purged by the operator
