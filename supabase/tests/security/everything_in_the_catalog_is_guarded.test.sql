-- What must hold for every table, view and function, derived from the catalog: one that is added later without it fails
-- here. Each rule is a view of its offenders; an offender is made of each kind to show that the rule sees it.
\ir ../helpers.sql

create view test.domains as
  select n.oid, n.nspname as name from pg_namespace n
  where n.nspname in ('public', 'platform', 'workspaces', 'workflows', 'engine', 'triggers', 'nodes', 'integrations', 'hil', 'search');

create view test.tables as
  select c.oid, c.relname as name, d.name as domain, c.relispartition as is_partition, c.relrowsecurity as has_rls, c.relkind,
    d.name || '.' || c.relname as full_name,
    exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped) as is_tenants
  from pg_class c join test.domains d on d.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'm', 'v');

create view test.functions as
  select p.oid, p.oid::regprocedure::text as full_name, d.name as domain, p.prosecdef as is_definer, p.proconfig, p.proacl
  from pg_proc p join test.domains d on d.oid = p.pronamespace
  where not exists (select from pg_depend x where x.objid = p.oid and x.deptype = 'e');

create view test.keys as
  select k.oid, k.conname as name, t.full_name as table_name, k.conrelid, r.full_name as target, k.confrelid, t.is_tenants,
    coalesce(r.is_tenants, false) as target_is_tenants, k.confdeltype,
    array(select a.attname::text from unnest(k.conkey) c join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c) as columns
  from pg_constraint k join test.tables t on t.oid = k.conrelid left join test.tables r on r.oid = k.confrelid
  where k.contype = 'f' and not t.is_partition;

-- columns that a signed-in client may write itself; everything else moves by verbs
create view test.client_may_write as
  select * from (values
    ('public.workspaces', 'name'), ('public.workspaces', 'variables'), ('public.workspaces', 'versions_kept'),
    ('public.workspaces', 'responses_kept_days'),
    ('public.workflows', 'name'), ('public.workflows', 'description'), ('public.workflows', 'tags'), ('public.workflows', 'folder')
  ) v (table_name, column_name)
  union all
  -- what describes a step, which forges nothing: its objects, times and statistics are not theirs
  select 'public.workflow_steps', unnest(array['app_name', 'window_title', 'element_path', 'step_name', 'definition', 'workflow_name',
    'workflow_description', 'terminator_version', 'environment', 'author']);

-- tables whose rows a signed-in client may insert and delete itself, under row level security
create view test.client_may_insert as select 'public.workflow_steps' as table_name;

create view test.offenders (rule, offender) as
  select 'a table has row level security', t.full_name from test.tables t where t.relkind in ('r', 'p') and not t.has_rls
  union all
  select 'a client has a policy between it and a table that it may read', t.full_name from test.tables t
  where t.relkind in ('r', 'p') and has_any_column_privilege('authenticated', t.oid, 'select')
    and not exists (select from pg_policy p where p.polrelid = t.oid and p.polcmd in ('r', '*'))
  union all
  select 'a tenant table is read through workspaces.*()', t.full_name from test.tables t
  where t.domain = 'public' and t.is_tenants and t.relkind in ('r', 'p')
    and not exists (select from pg_policy p where p.polrelid = t.oid and p.polcmd in ('r', '*'))
  union all
  -- permissive policies add up: one that lets all through undoes the others
  select 'every policy of a tenant table compares with workspaces.*()', t.full_name || ': ' || p.polname from test.tables t
  join pg_policy p on p.polrelid = t.oid
  where t.is_tenants and p.polpermissive and (
    (p.polcmd <> 'a' and coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') !~ 'workspace_id = ANY \(ARRAY\( SELECT workspaces\.(readable|writable|administered)\(')
    or (p.polcmd in ('a', 'w', '*') and coalesce(pg_get_expr(p.polwithcheck, p.polrelid), pg_get_expr(p.polqual, p.polrelid), 'true')
      !~ 'workspace_id = ANY \(ARRAY\( SELECT workspaces\.(writable|administered)\('))
  union all
  select 'a policy is for authenticated alone', t.full_name || ': ' || p.polname from test.tables t
  join pg_policy p on p.polrelid = t.oid
  where p.polroles <> array[to_regrole('authenticated')::oid]
  union all
  select 'nobody anonymous reaches a table', t.full_name || ' ' || v.privilege from test.tables t
  cross join (values ('select'), ('insert'), ('update'), ('references')) v (privilege)
  where has_any_column_privilege('anon', t.oid, v.privilege)
  union all
  select 'nobody anonymous reaches a table', t.full_name || ' ' || v.privilege from test.tables t
  cross join (values ('delete'), ('truncate'), ('trigger')) v (privilege)
  where has_table_privilege('anon', t.oid, v.privilege)
  union all
  select 'a client inserts, deletes and truncates by verbs only', t.full_name || ' ' || v.privilege from test.tables t
  cross join (values ('delete'), ('truncate'), ('trigger')) v (privilege)
  where has_table_privilege('authenticated', t.oid, v.privilege)
    and (v.privilege <> 'delete' or t.full_name not in (select c.table_name from test.client_may_insert c))
  union all
  select 'a client inserts, deletes and truncates by verbs only', t.full_name || ' ' || v.privilege from test.tables t
  cross join (values ('insert'), ('references')) v (privilege)
  where has_any_column_privilege('authenticated', t.oid, v.privilege)
    and (v.privilege <> 'insert' or t.full_name not in (select c.table_name from test.client_may_insert c))
  union all
  select 'a client updates the listed columns only', t.full_name || '.' || a.attname from test.tables t
  join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  where has_column_privilege('authenticated', t.oid, a.attnum, 'update')
    and (t.full_name, a.attname) not in (select c.table_name, c.column_name from test.client_may_write c)
  union all
  select 'a row keeps its workspace', t.full_name || ' ' || r.role from test.tables t
  cross join (values ('anon'), ('authenticated'), ('service_role')) r (role)
  where t.is_tenants and has_column_privilege(r.role, t.oid, 'workspace_id', 'update')
  union all
  select 'a tenant row has a workspace', t.full_name from test.tables t
  join pg_attribute a on a.attrelid = t.oid and a.attname = 'workspace_id'
  where t.relkind in ('r', 'p') and not a.attnotnull
    -- null: the system's types of nodes, which are everybody's
    and t.full_name <> 'public.node_specifications'
  union all
  -- foreign keys ignore row level security: otherwise my row could point at yours
  select 'a foreign key that a client can set carries the workspace', k.table_name || ': ' || k.name from test.keys k
  where k.is_tenants and k.target_is_tenants and not 'workspace_id' = any (k.columns)
    and exists (
      select from unnest(k.columns) c
      where has_column_privilege('authenticated', k.conrelid, c, 'insert') or has_column_privilege('authenticated', k.conrelid, c, 'update'))
  union all
  select 'a foreign key to a workflow carries the workspace', k.table_name || ': ' || k.name from test.keys k
  where k.target in ('public.workflows', 'public.workflow_versions', 'public.nodes') and not 'workspace_id' = any (k.columns)
  union all
  select 'a foreign key says what happens on delete', k.table_name || ': ' || k.name from test.keys k where k.confdeltype = 'a'
  union all
  select 'a definer lives outside of public', f.full_name from test.functions f where f.is_definer and f.domain = 'public'
  union all
  select 'a function has an empty search path', f.full_name from test.functions f
  where not coalesce(f.proconfig @> array['search_path=""'], false)
  union all
  select 'nobody anonymous calls a function', f.full_name from test.functions f
  where has_function_privilege('anon', f.oid, 'execute') or f.proacl is null
    or exists (select from aclexplode(f.proacl) a where a.grantee = 0)
  union all
  select 'a client reads no column that holds a secret', t.full_name || '.' || a.attname from test.tables t
  join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  where a.attname ~ '(token|secret|hash|password|ciphertext)'
    and has_column_privilege('authenticated', t.oid, a.attnum, 'select')
  union all
  select 'a view acts as its caller', t.full_name from test.tables t join pg_class c on c.oid = t.oid
  where t.relkind = 'v' and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false)
  union all
  select 'a materialized view or foreign table, which have no row level security, is no client''s', t.full_name from test.tables t
  where t.relkind in ('m', 'f') and has_any_column_privilege('authenticated', t.oid, 'select')
  union all
  select 'everything says what it is', t.full_name from test.tables t
  where not t.is_partition and obj_description(t.oid, 'pg_class') is null
  union all
  select 'everything says what it is', f.full_name from test.functions f where obj_description(f.oid, 'pg_proc') is null
  union all
  select 'everything says what it is', d.name from test.domains d where obj_description(d.oid, 'pg_namespace') is null
  union all
  select 'a private schema is not the clients'' to create in', d.name || ' ' || r.role from test.domains d
  cross join (values ('anon'), ('authenticated'), ('service_role')) r (role)
  where has_schema_privilege(r.role, d.oid, 'create');

-- a table of the domain schemas is seen, partitions and views too: the views above are not empty by mistake
select plan(29);
select cmp_ok((select count(*) from test.tables), '>', 20::bigint, 'the catalog is read');
select cmp_ok((select count(*) from test.keys where target_is_tenants), '>', 4::bigint, 'foreign keys between tenant tables are seen');
select bag_eq(
  $$select n.nspname::text from pg_namespace n where n.nspname !~ '^pg_' and n.nspname not in
    ('information_schema', 'auth', 'extensions', 'storage', 'graphql', 'graphql_public', 'realtime', 'vault', 'cron', 'net', 'supabase_migrations',
     'supabase_functions', 'tap', 'test', '_lite', 'supabase_lite')$$,
  'select name::text from test.domains', 'every schema of ours is looked at');
select is_empty('select * from test.offenders', 'nothing breaks a rule');
select is_empty(
  $$select * from test.client_may_write c where not has_column_privilege('authenticated', c.table_name::regclass, c.column_name, 'update')$$,
  'the list of what clients write is not longer than what they may');

-- now one offender of each kind
create table public.offender_bare (id int);
create table public.offender (
  id int primary key,
  workspace_id uuid,
  workflow_id uuid,
  version int,
  other uuid references public.trigger_index (id) on delete cascade,
  session_token text
);
alter table public.offender add foreign key (workflow_id, version) references public.workflow_versions (workflow_id, version);
alter table public.offender enable row level security;
create policy "all" on public.offender for select using (true);
grant select, insert, update, delete on public.offender to authenticated;
grant select on public.offender to anon;
create table engine.offender_unguarded (id int);
alter table engine.offender_unguarded enable row level security;
comment on table engine.offender_unguarded is 'x';
grant select on engine.offender_unguarded to authenticated;
create table public.offender_unread (workspace_id uuid not null);
alter table public.offender_unread enable row level security;
create view public.offender_view as select 1 as one;
create materialized view engine.offender_kept as select 1 as one;
grant select on engine.offender_kept to authenticated;
create function public.offender_definer() returns int language sql security definer set search_path = '' as 'select 1';
create function engine.offender_path() returns int language sql as 'select 1';
create function engine.offender_public() returns int language sql set search_path = 'public' as 'select 1';
grant execute on function engine.offender_public() to public;
grant create on schema triggers to authenticated;

create function test.seen(rule text, offender text) returns text language sql as $$
  select ok(exists (select from test.offenders o where o.rule = seen.rule and o.offender = seen.offender), seen.rule || ', or it is seen')
$$;
select test.seen(r.rule, r.offender) from (values
  ('a table has row level security', 'public.offender_bare'),
  ('a client has a policy between it and a table that it may read', 'engine.offender_unguarded'),
  ('a tenant table is read through workspaces.*()', 'public.offender_unread'),
  ('every policy of a tenant table compares with workspaces.*()', 'public.offender: all'),
  ('a policy is for authenticated alone', 'public.offender: all'),
  ('nobody anonymous reaches a table', 'public.offender select'),
  ('a client inserts, deletes and truncates by verbs only', 'public.offender insert'),
  ('a client inserts, deletes and truncates by verbs only', 'public.offender delete'),
  ('a client updates the listed columns only', 'public.offender.id'),
  ('a row keeps its workspace', 'public.offender authenticated'),
  ('a tenant row has a workspace', 'public.offender'),
  ('a foreign key that a client can set carries the workspace', 'public.offender: offender_other_fkey'),
  ('a foreign key to a workflow carries the workspace', 'public.offender: offender_workflow_id_version_fkey'),
  ('a foreign key says what happens on delete', 'public.offender: offender_workflow_id_version_fkey'),
  ('a definer lives outside of public', 'offender_definer()'),
  ('a function has an empty search path', 'engine.offender_path()'),
  ('nobody anonymous calls a function', 'engine.offender_public()'),
  ('a client reads no column that holds a secret', 'public.offender.session_token'),
  ('a view acts as its caller', 'public.offender_view'),
  ('a materialized view or foreign table, which have no row level security, is no client''s', 'engine.offender_kept'),
  ('everything says what it is', 'public.offender_bare'),
  ('everything says what it is', 'offender_definer()'),
  ('a private schema is not the clients'' to create in', 'triggers authenticated')
) r (rule, offender);

-- what nothing was granted on stays out of reach: the platform's generous defaults are taken back
select ok(
  not has_any_column_privilege('anon', 'public.offender_bare', 'select')
  and not has_any_column_privilege('authenticated', 'public.offender_bare', 'select')
  and not has_any_column_privilege('service_role', 'public.offender_bare', 'select')
  and not has_function_privilege('authenticated', 'public.offender_definer()', 'execute'),
  'a new table or function is nobody''s until it is granted');
select * from finish();
