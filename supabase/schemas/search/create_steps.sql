-- Requests that create steps: the same key again is the same steps.
create table search.step_requests (
  -- of the time when it began: the ids of its steps are made of it
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  -- null: the caller gave none, and nobody can repeat it
  idempotency_key text,
  -- sha256 of what the caller sent
  request_hash bytea not null,
  steps int not null,
  objects int not null,
  completed_at timestamptz,
  forgotten_at timestamptz not null,
  constraint a_key_names_one_request unique (workspace_id, idempotency_key),
  constraint a_key_has_1_to_255_characters check (length(idempotency_key) between 1 and 255),
  constraint a_request_has_1_to_500_steps check (steps between 1 and 500),
  constraint a_step_has_two_objects check (objects between 0 and 2 * steps)
);
comment on table search.step_requests is 'Requests that create steps, for as long as they may be repeated.';
alter table search.step_requests enable row level security;
-- no policy and no grant: creating steps keeps it
-- also the foreign key's index is the unique one; this one is for forgetting
create index step_requests_by_end on search.step_requests (forgotten_at);

-- A version 7 UUID of its request's time, in the order of the request: 12 bits of index, 62 of a hash.
create function search.step_id(request_id uuid, index int)
returns uuid
language sql
immutable
parallel safe
set search_path = ''
as $$
  select encode(
    substr(uuid_send(step_id.request_id), 1, 6)
    || decode(lpad(to_hex(28672 | step_id.index), 4, '0'), 'hex')
    || set_byte(h.bytes, 0, 128 | (get_byte(h.bytes, 0) & 63)), 'hex')::uuid
  from substr(sha256(uuid_send(step_id.request_id) || int4send(step_id.index)), 1, 8) h (bytes)
$$;
comment on function search.step_id(uuid, int) is 'The id of the index-th step (0 to 499) of a request.';

-- What only the database knows of steps that belong to a node: problems as the functions list them.
-- steps: [{"workflow_id", "node_id", ...}], in the order of the request.
create function search.check_steps(workspace_id uuid, steps jsonb)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  v_problems jsonb;
begin
  with given as (
    select s.workflow_id, s.node_id, s.ordinality - 1 as index,
      count(*) over (
        partition by s.workflow_id, s.node_id order by s.ordinality rows unbounded preceding) as nth,
      exists (
        select from public.workflows w
        where w.id = s.workflow_id and w.workspace_id = check_steps.workspace_id) as is_known
    from rows from (
      jsonb_to_recordset(check_steps.steps) as (workflow_id uuid, node_id text)) with ordinality s
    where s.workflow_id is not null
  )
  select jsonb_agg(jsonb_build_object(
    'code', p.code, 'message', p.message, 'path', format('$.steps[%s].%s', g.index, p.field))
    order by g.index)
  into v_problems
  from given g
  cross join lateral (
    select 'workflow_not_found', format('No workflow %s in this workspace', g.workflow_id), 'workflow_id'
    where not g.is_known
    union all
    select 'required', 'A step of a workflow names its node', 'node_id' where g.node_id is null
    union all
    select 'step_exists', 'This node has a step already', 'node_id'
    where g.is_known and g.node_id is not null and (g.nth > 1 or exists (
      select from public.workflow_steps s
      where s.workspace_id = check_steps.workspace_id and s.workflow_id = g.workflow_id
        and s.node_id = g.node_id))) p (code, message, field);
  if v_problems is not null then
    perform platform.fail(422, 'steps_invalid', case jsonb_array_length(v_problems)
        when 1 then 'The steps have a problem'
        else format('The steps have %s problems', jsonb_array_length(v_problems))
      end, v_problems::text);
  end if;
end
$$;
comment on function search.check_steps(uuid, jsonb) is
  'Refuse steps of workflows that are not in their workspace, and second steps of a node. '
  'Errors: steps_invalid.';

-- The first of two calls: who asks is checked, ids are given, and what will be uploaded is written down. The
-- same request again continues it; one whose time to upload is over begins anew under other ids, since the
-- objects at the old ones may be deleted at any moment. steps: [{"workflow_id", "node_id"}]; objects:
-- [{"index": 0, "kind": "state", "sha256": hex}]. Locks: the request, then its uploads.
create function search.begin_steps(
  workspace_id uuid, idempotency_key text, request_hash bytea, steps jsonb, objects jsonb
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  c_time_to_upload constant interval := interval '1 hour';
  v_now timestamptz := engine.now();
  v_workspace uuid := coalesce(begin_steps.workspace_id, workspaces.default_id());
  v_count int := jsonb_array_length(begin_steps.steps);
  v_objects int := jsonb_array_length(begin_steps.objects);
  v_request search.step_requests;
  v_extended int;
begin
  if v_workspace is null and workspaces.caller_bypasses_rls() then
    perform platform.fail(422, 'workspace_needed', 'This caller sees every workspace, and must name one',
      'Give workspace_id.');
  end if;
  perform workspaces.require(v_workspace, 'editor');
  insert into search.step_requests as r (
    workspace_id, idempotency_key, request_hash, steps, objects, forgotten_at)
  values (v_workspace, begin_steps.idempotency_key, begin_steps.request_hash, v_count, v_objects,
    v_now + case when begin_steps.idempotency_key is null then interval '1 day' else interval '30 days' end)
  on conflict on constraint a_key_names_one_request do nothing
  returning r.* into v_request;

  if v_request.id is not null then
    perform search.check_steps(v_workspace, begin_steps.steps);
  else
    select r.* into strict v_request from search.step_requests r
    where r.workspace_id = v_workspace and r.idempotency_key = begin_steps.idempotency_key for update;
    if v_request.request_hash <> begin_steps.request_hash then
      perform platform.fail(409, 'idempotency_conflict', 'This key was used for other steps',
        'Use a new Idempotency-Key for other steps.');
    elsif v_request.completed_at is not null then
      return jsonb_build_object('request_id', v_request.id, 'completed', true,
        'steps', search.steps_of_request(v_request.id, v_request.steps));
    end if;
    update search.object_uploads u set expires_at = v_now + c_time_to_upload
    where u.request_id = v_request.id and u.expires_at > v_now;
    get diagnostics v_extended = row_count;
    update search.step_requests r
    set id = case when v_extended = v_objects then r.id else platform.uuid7() end
    where r.id = v_request.id
    returning r.* into v_request;
  end if;

  insert into search.object_uploads as u (step_id, kind, workspace_id, request_id, content_hash, expires_at)
  select search.step_id(v_request.id, o.index), o.kind, v_workspace, v_request.id, decode(o.sha256, 'hex'),
    v_now + c_time_to_upload
  from jsonb_to_recordset(begin_steps.objects) o (index int, kind text, sha256 text)
  where o.index between 0 and v_count - 1
  on conflict on constraint object_uploads_pkey do nothing;

  return jsonb_build_object('request_id', v_request.id, 'completed', false, 'uploads', coalesce((
    select jsonb_agg(jsonb_build_object('index', o.index, 'kind', o.kind, 'step_id', u.step_id,
      'object_key', search.object_key(u.step_id, u.kind)))
    from jsonb_to_recordset(begin_steps.objects) o (index int, kind text)
    -- an earlier try may have brought some there
    join search.object_uploads u on u.step_id = search.step_id(v_request.id, o.index) and u.kind = o.kind
    where u.uploaded_at is null), '[]'));
end
$$;
comment on function search.begin_steps(uuid, text, bytea, jsonb, jsonb) is
  'Begin to create steps: says which objects to upload, or what the same request has created. '
  'Errors: workspace_needed, workspace_not_found, role_insufficient, steps_invalid, idempotency_conflict.';
grant execute on function search.begin_steps(uuid, text, bytea, jsonb, jsonb) to authenticated, service_role;

-- The second call: all rows at once, each with the keys of the objects that were confirmed. Completed before,
-- it answers what was created then.
create function search.finish_steps(request_id uuid, steps jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_request search.step_requests;
  v_uploads search.object_uploads[];
  v_created int;
begin
  select r.* into v_request from search.step_requests r where r.id = finish_steps.request_id for update;
  if not found then
    perform workspaces.not_found('step_request', finish_steps.request_id);
  end if;
  perform workspaces.require(v_request.workspace_id, 'editor', 'step_request', finish_steps.request_id);
  if v_request.completed_at is not null then
    return jsonb_build_object('created', false,
      'steps', search.steps_of_request(v_request.id, v_request.steps));
  elsif jsonb_array_length(finish_steps.steps) <> v_request.steps then
    perform platform.fail(409, 'idempotency_conflict', 'The request began with another number of steps',
      'Send the steps that it began with.');
  end if;
  perform search.check_steps(v_request.workspace_id, finish_steps.steps);
  with taken as (
    delete from search.object_uploads u
    where u.request_id = v_request.id and u.uploaded_at is not null and u.expires_at > v_now
    returning u.*
  )
  select array_agg(t::search.object_uploads) into v_uploads from taken t;
  if coalesce(cardinality(v_uploads), 0) <> v_request.objects then
    perform platform.fail(409, 'upload_incomplete', 'Not all objects of these steps have been uploaded',
      'Send the whole request again, with its Idempotency-Key.');
  end if;
  insert into public.workflow_steps (
    id, workspace_id, user_id, app_name, window_title, element_path, step_name, definition,
    state_object_key, outcome_diff_key, workflow_name, workflow_description, workflow_id, node_id,
    terminator_version, environment, author)
  select k.id, v_request.workspace_id, (select auth.uid()), s.app_name, s.window_title, s.element_path,
    s.step_name, s.definition,
    (select search.object_key(u.step_id, u.kind) from unnest(v_uploads) u
     where u.step_id = k.id and u.kind = 'state'),
    (select search.object_key(u.step_id, u.kind) from unnest(v_uploads) u
     where u.step_id = k.id and u.kind = 'outcome'),
    s.workflow_name, s.workflow_description, s.workflow_id, s.node_id, s.terminator_version, s.environment,
    s.author
  from rows from (
    jsonb_to_recordset(finish_steps.steps) as (
      app_name text, window_title text, element_path text, step_name text, definition text,
      workflow_name text, workflow_description text, workflow_id uuid, node_id text, terminator_version text,
      environment text,
      author text)
  ) with ordinality s
  cross join lateral (select search.step_id(v_request.id, s.ordinality::int - 1) as id) k
  order by s.ordinality
  on conflict do nothing;
  get diagnostics v_created = row_count;
  if v_created <> v_request.steps then
    -- a node got its step from elsewhere in this moment
    perform search.check_steps(v_request.workspace_id, finish_steps.steps);
    perform platform.fail(409, 'idempotency_conflict', 'Steps with the ids of this request are there already',
      'Use a new Idempotency-Key.');
  end if;
  update search.step_requests r set completed_at = v_now where r.id = v_request.id;
  return jsonb_build_object('created', true, 'steps', search.steps_of_request(v_request.id, v_request.steps));
end
$$;
comment on function search.finish_steps(uuid, jsonb) is
  'Create the steps of a request whose objects have been uploaded. Errors: step_request_not_found, '
  'role_insufficient, idempotency_conflict, steps_invalid, upload_incomplete.';
grant execute on function search.finish_steps(uuid, jsonb) to authenticated, service_role;

-- In the order of the request; null for one that was deleted since. Who asks has been checked.
create function search.steps_of_request(request_id uuid, steps int)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_agg(to_jsonb(s) - '{search_vector,definition}'::text[] order by i)
  from generate_series(0, steps_of_request.steps - 1) i
  left join public.workflow_steps s on s.id = search.step_id(steps_of_request.request_id, i)
$$;
comment on function search.steps_of_request(uuid, int) is
  'What a request has created, without the long texts.';

create function search.forget_step_requests()
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_forgotten int;
begin
  delete from search.step_requests r where r.id in (
    select o.id from search.step_requests o where o.forgotten_at < engine.now()
    order by o.forgotten_at limit 1000 for update skip locked);
  get diagnostics v_forgotten = row_count;
  return v_forgotten;
end
$$;
comment on function search.forget_step_requests() is
  'Delete requests that can no longer be repeated; how many.';
