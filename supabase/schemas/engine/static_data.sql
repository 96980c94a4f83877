-- What a workflow remembers between executions, read as $.workflow.static.
create table public.workflow_static_data (
  workflow_id uuid primary key,
  workspace_id uuid not null,
  -- an object; at most 256 KiB
  data jsonb not null default '{}',
  updated_at timestamptz not null default clock_timestamp(),
  constraint it_belongs_to_its_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade,
  constraint data_is_an_object check (jsonb_typeof(data) = 'object')
) with (fillfactor = 50);
comment on table public.workflow_static_data is 'What workflows remember between executions.';
-- the policy's column and the foreign key
create index workflow_static_data_workspace on public.workflow_static_data (workspace_id, workflow_id);

alter table public.workflow_static_data enable row level security;
create policy "members read" on public.workflow_static_data for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.workflow_static_data to authenticated, service_role;
-- no write: SET_STATIC_DATA nodes and set_static_data() take turns

create function engine.lock_of_static(workflow_id uuid)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended('tandem:static:' || workflow_id, 0)
$$;
comment on function engine.lock_of_static(uuid) is 'The advisory lock of what a workflow remembers.';

-- Takes, until commit, the right to change what a workflow remembers: at once, or not at all. A patient
-- caller waits for whoever has it, in the order of asking, but 200 ms at most: so no circle of waits lasts,
-- whatever else is locked, and none is ever left to the deadlock detector.
create function engine.hold_static(workflow_id uuid, is_patient boolean)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  return pg_try_advisory_xact_lock(engine.lock_of_static(hold_static.workflow_id))
    or (is_patient and engine.wait_for_static(hold_static.workflow_id));
end
$$;
comment on function engine.hold_static(uuid, boolean) is
  'Take the right to change what a workflow remembers, until commit.';

create function engine.wait_for_static(workflow_id uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
set lock_timeout = '200ms'
as $$
begin
  perform pg_advisory_xact_lock(engine.lock_of_static(wait_for_static.workflow_id));
  return true;
exception when lock_not_available then
  return false;
end
$$;
comment on function engine.wait_for_static(uuid) is
  'hold_static() where another has it: waits 200 ms at most.';

-- $.workflow.static as a node sees it: with 0 for fields that are not there and that it calculates with.
create function engine.static_data(workflow_id uuid, reads text[])
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  return coalesce((
      select jsonb_object_agg(split_part(r, ':', 2), 0) from unnest(reads) r
      where r like 'workflow.static:%'),
      '{}')
    || coalesce((
      select s.data from public.workflow_static_data s where s.workflow_id = static_data.workflow_id), '{}');
end
$$;
comment on function engine.static_data(uuid, text[]) is 'What a workflow remembers, as a node sees it.';

-- Sets fields, and removes those that are null: {output: all that is remembered}, or {error}. The caller has
-- the right to (hold_static) and has seen what is remembered since.
create function engine.remember(workspace_id uuid, workflow_id uuid, fields jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_data jsonb;
  v_error jsonb;
begin
  if jsonb_typeof(fields) is distinct from 'object' then
    return jsonb_build_object('error', jsonb_build_object('code', 'static_data_invalid',
      'message', 'What a workflow remembers is an object of fields'));
  end if;
  v_data := (engine.static_data(remember.workflow_id, '{}') || fields)
    - array(select f.key from jsonb_each(fields) f where f.value = 'null');
  v_error := engine.static_data_error(v_data);
  if v_error is not null then
    return jsonb_build_object('error', v_error);
  end if;
  insert into public.workflow_static_data as s (workspace_id, workflow_id, data, updated_at)
  values (remember.workspace_id, remember.workflow_id, v_data, engine.now())
  on conflict on constraint workflow_static_data_pkey do update
  set data = excluded.data, updated_at = excluded.updated_at;
  return jsonb_build_object('output', v_data);
end
$$;
comment on function engine.remember(uuid, uuid, jsonb) is 'What a SET_STATIC_DATA node does.';

create function engine.static_data_error(data jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object('code', 'static_data_too_large', 'message',
    format('The workflow would remember %s bytes; at most 262144 are kept', pg_column_size(data)))
  where pg_column_size(data) > 262144
$$;
comment on function engine.static_data_error(jsonb) is 'What keeps data from being remembered, or null.';

create function engine.replace_static_data(workflow_id uuid, data jsonb)
returns public.workflow_static_data
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  -- locked: somebody may be deleting it
  v_workflow public.workflows := workflows.found(replace_static_data.workflow_id, 'editor', true);
  v_error jsonb;
  v_static public.workflow_static_data;
begin
  if jsonb_typeof(replace_static_data.data) is distinct from 'object' then
    perform platform.fail(422, 'static_data_invalid',
      'What a workflow remembers is an object of fields', 'Give {} to forget all of it.');
  end if;
  -- a field that is null is not there, as for the node
  select coalesce(jsonb_object_agg(f.key, f.value), '{}') into v_static.data
  from jsonb_each(replace_static_data.data) f where f.value <> 'null';
  v_error := engine.static_data_error(v_static.data);
  if v_error is not null then
    perform platform.fail(413, 'static_data_too_large', v_error ->> 'message',
      'Put large data into storage and remember its address.');
  end if;
  perform pg_advisory_xact_lock(engine.lock_of_static(replace_static_data.workflow_id));
  insert into public.workflow_static_data as s (workspace_id, workflow_id, data, updated_at)
  values (v_workflow.workspace_id, v_workflow.id, v_static.data, engine.now())
  on conflict on constraint workflow_static_data_pkey do update
  set data = excluded.data, updated_at = excluded.updated_at
  returning s.* into v_static;
  return v_static;
end
$$;
comment on function engine.replace_static_data(uuid, jsonb) is 'See public.set_static_data.';
grant execute on function engine.replace_static_data(uuid, jsonb) to authenticated, service_role;

create function public.set_static_data(workflow_id uuid, data jsonb)
returns public.workflow_static_data
language sql
volatile
security invoker
set search_path = ''
as $$
  select engine.replace_static_data(set_static_data.workflow_id, set_static_data.data)
$$;
comment on function public.set_static_data(uuid, jsonb) is
  'Replace what a workflow remembers between executions ($.workflow.static). '
  'Errors: workflow_not_found, role_insufficient, static_data_invalid, static_data_too_large.';
grant execute on function public.set_static_data(uuid, jsonb) to authenticated, service_role;
