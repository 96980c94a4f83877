-- A chat with an assistant, or a sitting in the editor, that workflows came from.
create table public.sessions (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  user_id uuid default auth.uid() references auth.users (id) on delete set null,
  session_type text not null default 'chat',
  title text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- what a workflow's foreign key refers to
  constraint a_session_has_one_workspace unique (workspace_id, id),
  constraint a_session_type_is_known check (session_type in ('chat', 'editing')),
  constraint a_title_has_at_most_255_characters check (length(title) <= 255),
  constraint metadata_are_an_object check (jsonb_typeof(metadata) = 'object'),
  constraint metadata_have_at_most_64_kib check (octet_length(metadata::text) <= 65536)
);
comment on table public.sessions is 'Chats and editing sessions that workflows came from.';
-- the list of a workspace's sessions, newest change first
create index sessions_recent on public.sessions (workspace_id, updated_at desc);

create trigger touch before update on public.sessions for each row execute function platform.touch();

alter table public.sessions enable row level security;
create policy "members read" on public.sessions for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.sessions to authenticated, service_role;
-- no write: the verbs below, each for its own session

-- Refuses what a session cannot be.
create function workflows.check_session(session public.sessions)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if session.session_type not in ('chat', 'editing') or length(session.title) > 255
     or jsonb_typeof(session.metadata) <> 'object' or octet_length(session.metadata::text) > 65536 then
    perform platform.fail(422, 'session_invalid',
      'A session is of type chat or editing, its title has at most 255 characters, '
      'its metadata are an object of at most 64 KiB',
      'Give such values.');
  end if;
end
$$;
comment on function workflows.check_session(public.sessions) is
  'Refuse values that a session cannot have. Errors: session_invalid.';

create function workflows.open_session(session_type text, title text, metadata jsonb, workspace_id uuid)
returns public.sessions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_session public.sessions;
begin
  v_session.workspace_id := coalesce(open_session.workspace_id, workspaces.default_id());
  v_session.session_type := coalesce(open_session.session_type, 'chat');
  v_session.title := nullif(btrim(open_session.title), '');
  v_session.metadata := coalesce(open_session.metadata, '{}');
  perform workspaces.require(v_session.workspace_id, 'editor');
  perform workflows.check_session(v_session);
  insert into public.sessions as s (workspace_id, session_type, title, metadata, created_at, updated_at)
  values (v_session.workspace_id, v_session.session_type, v_session.title, v_session.metadata,
    engine.now(), engine.now())
  returning s.* into v_session;
  return v_session;
end
$$;
comment on function workflows.open_session(text, text, jsonb, uuid) is 'See public.create_session.';
grant execute on function workflows.open_session(text, text, jsonb, uuid) to authenticated, service_role;

create function public.create_session(
  session_type text default 'chat', title text default null, metadata jsonb default '{}',
  workspace_id uuid default null
)
returns public.sessions
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.open_session(create_session.session_type, create_session.title, create_session.metadata,
    create_session.workspace_id)
$$;
comment on function public.create_session(text, text, jsonb, uuid) is
  'Begin a chat or editing session, in the caller''s personal workspace unless one is named. '
  'Errors: workspace_not_found, role_insufficient, session_invalid.';
grant execute on function public.create_session(text, text, jsonb, uuid) to authenticated, service_role;

-- The session that a caller may write: his own, or any as an admin.
create function workflows.writable_session(session_id uuid)
returns public.sessions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_session public.sessions;
begin
  select * into v_session from public.sessions s where s.id = writable_session.session_id for no key update;
  perform workspaces.require(v_session.workspace_id,
    case when v_session.user_id = (select auth.uid()) then 'editor' else 'admin' end,
    'session', writable_session.session_id);
  return v_session;
end
$$;
comment on function workflows.writable_session(uuid) is
  'A session that the caller may change, locked. Errors: session_not_found, role_insufficient.';

create function workflows.change_session(session_id uuid, title text, metadata jsonb)
returns public.sessions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_session public.sessions := workflows.writable_session(change_session.session_id);
begin
  v_session.title := nullif(btrim(coalesce(change_session.title, v_session.title)), '');
  v_session.metadata := coalesce(change_session.metadata, v_session.metadata);
  perform workflows.check_session(v_session);
  update public.sessions s set title = v_session.title, metadata = v_session.metadata
  where s.id = v_session.id
  returning s.* into v_session;
  return v_session;
end
$$;
comment on function workflows.change_session(uuid, text, jsonb) is 'See public.update_session.';
grant execute on function workflows.change_session(uuid, text, jsonb) to authenticated, service_role;

create function public.update_session(
  session_id uuid, title text default null, metadata jsonb default null
)
returns public.sessions
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.change_session(update_session.session_id, update_session.title, update_session.metadata)
$$;
comment on function public.update_session(uuid, text, jsonb) is
  'Change one''s session (an admin any): null leaves a field as it is, an empty title takes it away. '
  'Errors: session_not_found, role_insufficient, session_invalid.';
grant execute on function public.update_session(uuid, text, jsonb) to authenticated, service_role;

create function workflows.remove_session(session_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform workflows.writable_session(remove_session.session_id);
  delete from public.sessions s where s.id = remove_session.session_id;
end
$$;
comment on function workflows.remove_session(uuid) is 'See public.delete_session.';
grant execute on function workflows.remove_session(uuid) to authenticated, service_role;

create function public.delete_session(session_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.remove_session(delete_session.session_id)
$$;
comment on function public.delete_session(uuid) is
  'Delete one''s session (an admin any). Workflows that came from it stay. '
  'Errors: session_not_found, role_insufficient.';
grant execute on function public.delete_session(uuid) to authenticated, service_role;
