create table public.workspace_invitations (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  email text not null,
  role text not null,
  -- sha256 of the token; the token itself is shown once, to the inviter
  token_hash bytea not null,
  invited_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid references auth.users (id) on delete set null,
  constraint a_token_is_unique unique (token_hash),
  constraint an_email_has_an_at check (email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 320),
  constraint a_role_is_known check (role in ('owner', 'admin', 'editor', 'viewer'))
);
comment on table public.workspace_invitations is
  'Invitations by email address; accepted with a single-use token by a user of that address.';
-- for the list of a workspace's invitations
create index workspace_invitations_workspace on public.workspace_invitations (workspace_id, created_at desc);

alter table public.workspace_invitations enable row level security;
create policy "admins read" on public.workspace_invitations for select to authenticated
  using (workspace_id = any (array(select workspaces.administered())));
-- the hash stays out: nobody needs to read it
grant select (id, workspace_id, email, role, invited_by, created_at, expires_at, accepted_at, accepted_by)
  on public.workspace_invitations to authenticated, service_role;
