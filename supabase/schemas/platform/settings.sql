-- What an operator sets for the whole project. A key is `domain.name`; each is documented where it is read.
create table platform.settings (
  key text primary key,
  value jsonb not null,
  updated_at timestamptz not null default clock_timestamp(),
  constraint a_key_names_its_domain check (key ~ '^[a-z_]+\.[a-z_.]+$')
);
comment on table platform.settings is 'Project-wide settings, the operator''s alone.';
alter table platform.settings enable row level security;
-- no policy and no grant: only definer functions and the operator read or write settings

create function platform.set(key text, value jsonb)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  insert into platform.settings as s (key, value) values (set.key, set.value)
  on conflict on constraint settings_pkey do update set value = excluded.value, updated_at = clock_timestamp()
  where s.value is distinct from excluded.value
$$;
comment on function platform.set(text, jsonb) is
  'Write a project-wide setting. For the operator (role postgres).';

create function platform.setting(key text, default_value jsonb default null)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce((select s.value from platform.settings s where s.key = setting.key), setting.default_value)
$$;
comment on function platform.setting(text, jsonb) is
  'A project-wide setting, or its default. Not granted to clients: settings may hold URLs.';
