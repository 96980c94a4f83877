create function workspaces.create_one(name text)
returns public.workspaces
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_user uuid := (select auth.uid());
  v_workspace public.workspaces;
begin
  if v_user is null then
    perform platform.fail(401, 'sign_in_required',
      'A workspace needs an owner', 'Call this as a signed-in user.');
  end if;
  if length(btrim(coalesce(create_one.name, ''))) not between 1 and 200 then
    perform platform.fail(422, 'name_invalid',
      'A workspace name has 1 to 200 characters', 'Give another name.');
  end if;
  insert into public.workspaces (name) values (btrim(create_one.name)) returning * into v_workspace;
  insert into public.workspace_members (workspace_id, user_id, role) values (v_workspace.id, v_user, 'owner');
  return v_workspace;
end
$$;
comment on function workspaces.create_one(text) is 'See public.create_workspace.';
grant execute on function workspaces.create_one(text) to authenticated, service_role;

create function public.create_workspace(name text)
returns public.workspaces
language sql
volatile
security invoker
set search_path = ''
as $$
  select workspaces.create_one(create_workspace.name)
$$;
comment on function public.create_workspace(text) is
  'Make a workspace that the caller owns. Errors: sign_in_required, name_invalid.';
grant execute on function public.create_workspace(text) to authenticated, service_role;

-- What the caller may grant or touch: admins up to admin, owners everything.
create function workspaces.require_over(workspace_id uuid, role text)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform workspaces.require(require_over.workspace_id, 'admin');
  if require_over.role = 'owner' then
    perform workspaces.require(require_over.workspace_id, 'owner');
  end if;
end
$$;
comment on function workspaces.require_over(uuid, text) is
  'Refuse a caller who may not manage members of a role.';

create function workspaces.check_role(role text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if workspaces.rank(check_role.role) is distinct from 0 and check_role.role is not null then
    return;
  end if;
  perform platform.fail(422, 'role_unknown', format('%L is no role', check_role.role),
    'Roles: owner, admin, editor, viewer.');
end
$$;
comment on function workspaces.check_role(text) is 'Refuse an unknown role.';

create function workspaces.invite(workspace_id uuid, email text, role text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  v_invitation public.workspace_invitations;
begin
  perform workspaces.check_role(invite.role);
  perform workspaces.require_over(invite.workspace_id, invite.role);
  if coalesce(invite.email, '') !~ '^[^@\s]+@[^@\s]+$' or length(invite.email) > 320 then
    perform platform.fail(422, 'email_invalid', format('%L is no email address', invite.email),
      'Give an address like name@example.com.');
  end if;
  insert into public.workspace_invitations (workspace_id, email, role, token_hash, invited_by, expires_at)
  values (invite.workspace_id, lower(invite.email), invite.role, sha256(v_token::bytea),
    (select auth.uid()), engine.now() + interval '7 days')
  returning * into v_invitation;
  return jsonb_build_object(
    'id', v_invitation.id, 'token', v_token, 'email', v_invitation.email, 'role', v_invitation.role,
    'expires_at', v_invitation.expires_at);
end
$$;
comment on function workspaces.invite(uuid, text, text) is 'See public.invite_member.';
grant execute on function workspaces.invite(uuid, text, text) to authenticated, service_role;

create function public.invite_member(workspace_id uuid, email text, role text default 'editor')
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select workspaces.invite(invite_member.workspace_id, invite_member.email, invite_member.role)
$$;
comment on function public.invite_member(uuid, text, text) is
  'Invite an email address: {id, token, email, role, expires_at}. '
  'The token is shown once; send it to the person. '
  'Errors: workspace_not_found, role_insufficient, role_unknown, email_invalid.';
grant execute on function public.invite_member(uuid, text, text) to authenticated, service_role;

create function workspaces.revoke(invitation_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workspace uuid;
begin
  select i.workspace_id into v_workspace from public.workspace_invitations i
  where i.id = revoke.invitation_id and i.accepted_at is null;
  perform workspaces.require(v_workspace, 'admin', 'invitation', revoke.invitation_id);
  delete from public.workspace_invitations i where i.id = revoke.invitation_id and i.accepted_at is null;
end
$$;
comment on function workspaces.revoke(uuid) is 'See public.revoke_invitation.';
grant execute on function workspaces.revoke(uuid) to authenticated, service_role;

create function public.revoke_invitation(invitation_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select workspaces.revoke(revoke_invitation.invitation_id)
$$;
comment on function public.revoke_invitation(uuid) is
  'Take an open invitation back. Errors: invitation_not_found, role_insufficient.';
grant execute on function public.revoke_invitation(uuid) to authenticated, service_role;

-- Locks: the invitation, then the membership. A token works once, for a user of the invited address.
create function workspaces.accept(token text)
returns public.workspace_members
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_user uuid := (select auth.uid());
  v_invitation public.workspace_invitations;
  v_member public.workspace_members;
begin
  select * into v_invitation from public.workspace_invitations i
  where i.token_hash = sha256(coalesce(accept.token, '')::bytea)
    and i.accepted_at is null and i.expires_at > engine.now()
  for update;
  if v_user is null or v_invitation.id is null
     or v_invitation.email is distinct from (select lower(u.email) from auth.users u where u.id = v_user) then
    perform platform.fail(404, 'invitation_not_found', 'No open invitation of your address with this token',
      'Sign in with the invited address, or ask for a new invitation.');
  end if;
  insert into public.workspace_members as m (workspace_id, user_id, role)
  values (v_invitation.workspace_id, v_user, v_invitation.role)
  -- an invitation never lowers a role
  on conflict on constraint workspace_members_pkey do update set role = excluded.role
  where workspaces.rank(m.role) < workspaces.rank(excluded.role);
  update public.workspace_invitations i set accepted_at = engine.now(), accepted_by = v_user
  where i.id = v_invitation.id;
  select * into v_member from public.workspace_members m
  where m.workspace_id = v_invitation.workspace_id and m.user_id = v_user;
  return v_member;
end
$$;
comment on function workspaces.accept(text) is 'See public.accept_invitation.';
grant execute on function workspaces.accept(text) to authenticated, service_role;

create function public.accept_invitation(token text)
returns public.workspace_members
language sql
volatile
security invoker
set search_path = ''
as $$
  select workspaces.accept(accept_invitation.token)
$$;
comment on function public.accept_invitation(text) is
  'Join the workspace that invited the caller''s address. Errors: invitation_not_found.';
grant execute on function public.accept_invitation(text) to authenticated, service_role;

-- The role to give, or null to remove. The workspace is locked first:
-- two owners who leave at once must not both go.
create function workspaces.change_member(workspace_id uuid, user_id uuid, role text)
returns public.workspace_members
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_self boolean := (select auth.uid()) is not distinct from change_member.user_id;
  v_before public.workspace_members;
  v_after public.workspace_members;
begin
  perform workspaces.require(change_member.workspace_id, 'viewer');
  perform from public.workspaces w where w.id = change_member.workspace_id for no key update;
  select * into v_before from public.workspace_members m
  where m.workspace_id = change_member.workspace_id and m.user_id = change_member.user_id;
  if not (v_self and change_member.role is null) then
    perform workspaces.require_over(change_member.workspace_id, v_before.role);
    perform workspaces.require_over(change_member.workspace_id, change_member.role);
  end if;
  if v_before.user_id is null then
    perform workspaces.not_found('member', change_member.user_id);
  end if;
  if v_before.role = 'owner' and change_member.role is distinct from 'owner'
     and not exists (
       select from public.workspace_members m
       where m.workspace_id = change_member.workspace_id and m.role = 'owner'
         and m.user_id <> change_member.user_id
     ) then
    perform platform.fail(409, 'last_owner', 'The last owner of a workspace stays',
      'Make another member an owner first.');
  end if;
  if workspaces.rank(coalesce(change_member.role, '')) < workspaces.rank(v_before.role) then
    -- an invitation does not outlive the rights of who wrote it, nor bring back who was sent away
    delete from public.workspace_invitations i
    where i.workspace_id = change_member.workspace_id and i.accepted_at is null
      and (i.invited_by = change_member.user_id
        or i.email = (select lower(u.email) from auth.users u where u.id = change_member.user_id));
  end if;
  if change_member.role is null then
    -- the next default workspace of who leaves is a new one
    update public.workspaces w set personal_for = null
    where w.id = change_member.workspace_id and w.personal_for = change_member.user_id;
    delete from public.workspace_members m
    where m.workspace_id = change_member.workspace_id and m.user_id = change_member.user_id;
    return v_before;
  end if;
  update public.workspace_members m set role = change_member.role
  where m.workspace_id = change_member.workspace_id and m.user_id = change_member.user_id
  returning * into v_after;
  return v_after;
end
$$;
comment on function workspaces.change_member(uuid, uuid, text) is
  'See public.set_member_role and public.remove_member.';
grant execute on function workspaces.change_member(uuid, uuid, text) to authenticated, service_role;

create function public.set_member_role(workspace_id uuid, user_id uuid, role text)
returns public.workspace_members
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform workspaces.check_role(set_member_role.role);
  return workspaces.change_member(
    set_member_role.workspace_id, set_member_role.user_id, set_member_role.role);
end
$$;
comment on function public.set_member_role(uuid, uuid, text) is
  'Give a member another role. '
  'Errors: workspace_not_found, member_not_found, role_unknown, role_insufficient, last_owner.';
grant execute on function public.set_member_role(uuid, uuid, text) to authenticated, service_role;
grant execute on function workspaces.check_role(text), workspaces.rank(text) to authenticated, service_role;

create function public.remove_member(workspace_id uuid, user_id uuid default auth.uid())
returns public.workspace_members
language sql
volatile
security invoker
set search_path = ''
as $$
  select workspaces.change_member(remove_member.workspace_id, remove_member.user_id, null)
$$;
comment on function public.remove_member(uuid, uuid) is
  'Remove a member, or leave (without user_id). What a member made stays. '
  'Errors: workspace_not_found, member_not_found, role_insufficient, last_owner.';
grant execute on function public.remove_member(uuid, uuid) to authenticated, service_role;
