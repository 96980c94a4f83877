create table public.workspace_members (
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- led by the user: every policy asks for the workspaces of one user
  primary key (user_id, workspace_id),
  constraint a_role_is_known check (role in ('owner', 'admin', 'editor', 'viewer'))
);
comment on table public.workspace_members is
  'Who belongs to a workspace: '
  'viewers read, editors write, admins manage members, owners manage admins and owners.';
-- for a workspace's member list and for finding its other owners
create index workspace_members_workspace on public.workspace_members (workspace_id, role);

alter table public.workspace_members enable row level security;
create policy "members read" on public.workspace_members for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.workspace_members to authenticated, service_role;
-- no insert, update or delete: invite_member(), accept_invitation(), set_member_role()
-- and remove_member() check first

-- An owner's account that is deleted takes the membership with it. The workspace must not be left without an
-- owner while it has members: its highest, longest-standing member inherits.
create function workspaces.inherit_ownership()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  -- two owners who go at once must not each count on the other
  perform from public.workspaces w where w.id = old.workspace_id for no key update;
  if old.role = 'owner'
     and not exists (
       select from public.workspace_members m where m.workspace_id = old.workspace_id and m.role = 'owner'
     ) then
    update public.workspace_members m set role = 'owner'
    where (m.user_id, m.workspace_id) = (
      select h.user_id, h.workspace_id from public.workspace_members h
      where h.workspace_id = old.workspace_id
      order by workspaces.rank(h.role) desc, h.created_at
      limit 1
    );
  end if;
  return null;
end
$$;
comment on function workspaces.inherit_ownership() is 'Trigger: a workspace with members has an owner.';
create trigger inherit_ownership after delete on public.workspace_members
  for each row execute function workspaces.inherit_ownership();
