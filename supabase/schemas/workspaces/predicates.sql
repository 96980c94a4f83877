create function workspaces.rank(role text)
returns int
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  return case role
    when 'owner' then 4
    when 'admin' then 3
    when 'editor' then 2
    when 'viewer' then 1
    else 0
  end;
end
$$;
comment on function workspaces.rank(text) is 'Roles in order: owner 4, admin 3, editor 2, viewer 1.';

-- Policies compare with `= any (array(select ...))`: evaluated once a statement, and an index condition.
create function workspaces.readable()
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select m.workspace_id from public.workspace_members m where m.user_id = (select auth.uid())
$$;
comment on function workspaces.readable() is 'The workspaces whose rows the caller may read.';
grant execute on function workspaces.readable() to authenticated, service_role;

create function workspaces.writable()
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select m.workspace_id from public.workspace_members m
  where m.user_id = (select auth.uid()) and m.role in ('owner', 'admin', 'editor')
$$;
comment on function workspaces.writable() is 'The workspaces whose rows the caller may write.';
grant execute on function workspaces.writable() to authenticated;

create function workspaces.administered()
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select m.workspace_id from public.workspace_members m
  where m.user_id = (select auth.uid()) and m.role in ('owner', 'admin')
$$;
comment on function workspaces.administered() is 'The workspaces that the caller manages.';
grant execute on function workspaces.administered() to authenticated;

-- The role that called, seen from inside a definer function too:
-- `set role` survives there, current_user does not.
create function workspaces.caller_bypasses_rls()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (
    select r.rolbypassrls or r.rolsuper
    from pg_catalog.pg_roles r
    where r.rolname = coalesce(nullif(current_setting('role'), 'none'), session_user));
end
$$;
comment on function workspaces.caller_bypasses_rls() is
  'Is the caller a role that row level security lets through (service_role, the operator)?';
grant execute on function workspaces.caller_bypasses_rls() to authenticated, service_role;

-- May the caller read rows of a workspace? What a definer asks that answers without one, too.
create function workspaces.may_read(workspace_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select workspaces.caller_bypasses_rls() or exists (
    select from public.workspace_members m
    where m.workspace_id = may_read.workspace_id and m.user_id = (select auth.uid()))
$$;
comment on function workspaces.may_read(uuid) is 'May the caller read rows of the workspace?';
grant execute on function workspaces.may_read(uuid) to authenticated, service_role;

-- What a verb that runs as definer asks first. A workspace that the caller cannot see is "not found", like
-- one that does not exist; the message names what was looked for, so that a verb may ask on behalf of a row
-- in the workspace.
create function workspaces.require(
  workspace_id uuid,
  role text,
  what text default 'workspace',
  id uuid default null
)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_role text;
begin
  if workspaces.caller_bypasses_rls() then
    if require.workspace_id is null
       or not exists (select from public.workspaces w where w.id = require.workspace_id) then
      perform workspaces.not_found(require.what, coalesce(require.id, require.workspace_id));
    end if;
    return;
  end if;
  select m.role into v_role from public.workspace_members m
  where m.workspace_id = require.workspace_id and m.user_id = (select auth.uid());
  if v_role is null then
    perform workspaces.not_found(require.what, coalesce(require.id, require.workspace_id));
  elsif workspaces.rank(v_role) < workspaces.rank(require.role) then
    perform platform.fail(403, 'role_insufficient',
      format('Your role in this workspace is %s; this needs %s', v_role, require.role),
      'Ask an owner or admin of the workspace to change your role.');
  end if;
end
$$;
comment on function workspaces.require(uuid, text, text, uuid) is
  'Refuse a caller whose role in the workspace is too low. Errors: <what>_not_found, role_insufficient.';
grant execute on function workspaces.require(uuid, text, text, uuid) to authenticated, service_role;

create function workspaces.not_found(what text, id uuid)
returns void
language sql
volatile
set search_path = ''
as $$
  select platform.fail(404, not_found.what || '_not_found',
    format('No %s %s in your workspaces', not_found.what, coalesce(not_found.id::text, '(none given)')),
    'Check the id, and that you are a member of its workspace.')
$$;
comment on function workspaces.not_found(text, uuid) is 'The one answer for "not there" and "not yours".';
grant execute on function workspaces.not_found(text, uuid) to authenticated, service_role;
