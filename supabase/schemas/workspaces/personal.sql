-- Makes a user's personal workspace unless it is there. Safe to call at once from many sessions.
create function workspaces.ensure_personal(user_id uuid, email text)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_id uuid;
begin
  insert into public.workspaces (name, personal_for)
  values (
    coalesce(left(nullif(split_part(ensure_personal.email, '@', 1), ''), 180), 'Personal') || '''s workspace',
    ensure_personal.user_id)
  on conflict on constraint a_user_has_one_personal_workspace do nothing
  returning id into v_id;
  if v_id is not null then
    insert into public.workspace_members (workspace_id, user_id, role)
    values (v_id, ensure_personal.user_id, 'owner');
  else
    select w.id into v_id from public.workspaces w where w.personal_for = ensure_personal.user_id;
  end if;
  return v_id;
end
$$;
comment on function workspaces.ensure_personal(uuid, text) is
  'A user''s personal workspace, made on first need.';

-- Sign-up must never fail because of us: whoever slips through gets the workspace from default_id().
create function workspaces.at_sign_up()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform workspaces.ensure_personal(new.id, new.email);
  return null;
exception when others then
  raise warning 'No personal workspace at sign-up of %: %', new.id, sqlerrm;
  return null;
end
$$;
comment on function workspaces.at_sign_up() is
  'Trigger on auth.users: a personal workspace for everyone who signs up.';
create trigger tandem_personal_workspace after insert on auth.users
  for each row execute function workspaces.at_sign_up();

create function workspaces.default_id()
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_user uuid := (select auth.uid());
  v_id uuid;
begin
  if v_user is null then
    return null;
  end if;
  select w.id into v_id
  from public.workspaces w
  join public.workspace_members m on m.workspace_id = w.id and m.user_id = v_user
  where w.personal_for = v_user;
  if v_id is null then
    select workspaces.ensure_personal(u.id, u.email) into v_id from auth.users u where u.id = v_user;
  end if;
  return v_id;
end
$$;
comment on function workspaces.default_id() is
  'The caller''s personal workspace: the default of every workspace_id. Null without a user.';
grant execute on function workspaces.default_id() to authenticated, service_role;
