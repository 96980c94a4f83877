-- What the tests share: people, workflows written in short, errors as values. A test reads it with \ir, so that all of
-- it goes with the test's transaction.
set local search_path = public, extensions;
create schema test;
grant usage on schema test to anon, authenticated, service_role;

create function test.sign_up(name text) returns uuid language sql as $$
  insert into auth.users (id, email) values (gen_random_uuid(), sign_up.name || '@example.com') returning id
$$;

create function test.act_as(who uuid) returns void language sql as $$
  select set_config('role', 'authenticated', true),
    set_config('request.jwt.claims', jsonb_build_object('sub', act_as.who, 'role', 'authenticated')::text, true)
$$;

-- anon, service_role, or postgres: the owner of everything
create function test.act_as_role(role text) returns void language sql as $$
  select set_config('role', act_as_role.role, true),
    set_config('request.jwt.claims', jsonb_build_object('role', act_as_role.role)::text, true)
$$;

-- 'ok', or the SQLSTATE with the stable code where there is one: 'PT404 workflow_not_found'
create function test.outcome(statement text) returns text language plpgsql as $$
declare
  v_detail text;
begin
  execute statement;
  return 'ok';
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail;
  return btrim(sqlstate || ' ' || case when sqlstate like 'PT%' then v_detail else '' end);
end
$$;

-- A definition with a manual trigger `start` and the given nodes: {"check": {"IF": "$.input.n > 1"}, "work": {"NOOP": {},
-- "max_retries": 1}}. Arrows, separated by spaces: a>b, a:1>b from output 1, a>b@2 to input 2, a!>b on error, a+>b on
-- success, a>b{$.input.n > 1} under a condition, a?>b{$.input.n > 1} by a connection of type CONDITIONAL.
create function test.definition(nodes json, arrows text) returns jsonb language sql as $$
  select jsonb_build_object(
    'nodes', jsonb '[{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}]' || coalesce((
      select jsonb_agg(
        jsonb_build_object('id', n.key, 'subtype', k.kind,
          'type', case
            when k.kind in ('IF', 'SWITCH', 'FILTER', 'MERGE', 'FOR_EACH', 'WAIT', 'SUB_WORKFLOW', 'STOP', 'RESPOND')
              then 'FLOW'
            when k.kind in ('APPROVAL', 'INPUT', 'SELECTION', 'REVIEW') then 'HUMAN_IN_THE_LOOP'
            when k.kind in ('WEBHOOK', 'CRON', 'GITHUB', 'SLACK', 'EMAIL') then 'TRIGGER'
            else 'ACTION' end,
          'parameters', case k.kind
            when 'IF' then jsonb_build_object('condition', n.value::jsonb -> k.kind)
            when 'TRANSFORM' then jsonb_build_object('output', n.value::jsonb -> k.kind)
            else n.value::jsonb -> k.kind end)
        || (n.value::jsonb - k.kind) order by n.ordinality)
      from json_each(definition.nodes) with ordinality n
      cross join lateral (select key as kind from json_each(n.value) where key ~ '^[A-Z_]+$') k), '[]'),
    'connections', coalesce((
      select jsonb_agg(jsonb_build_object('source', m[1], 'target', m[4], 'index', coalesce(m[3], '0')::int,
        'target_index', coalesce(m[5], '0')::int, 'conditions', m[6],
        'type', case m[2] when '!' then 'ERROR' when '+' then 'SUCCESS' when '?' then 'CONDITIONAL' else 'MAIN' end) order by o)
      from regexp_matches(definition.arrows, '(\w+)([!+?])?(?::(\d+))?>(\w+)(?:@(\d+))?(?:\{([^}]*)\})?', 'g')
        with ordinality r (m, o)), '[]'))
$$;

create function test.workflow(nodes json, arrows text) returns uuid language sql as $$
  select (public.create_workflow('test', test.definition(workflow.nodes, workflow.arrows))).id
$$;

-- the compiled version 1 of a new workflow
create function test.compiled(definition jsonb) returns setof engine.plan language plpgsql security definer as $$
declare
  v_workflow uuid := (public.create_workflow('test', compiled.definition)).id;
begin
  perform engine.compile(v_workflow, 1);
  return query select * from engine.plan p where p.workflow_id = v_workflow order by p.ordinal;
end
$$;

create function test.run(workflow_id uuid, input jsonb default '{}') returns uuid language sql as $$
  select (public.start_execution(run.workflow_id, run.input)).id
$$;

-- the runs of an execution in the order in which they ended: node[run_index]#attempt STATUS
create function test.story(execution_id uuid) returns text language sql security definer as $$
  select string_agg(format('%s[%s]#%s %s', n.node_id, n.run_index, n.attempt, n.status), ', ' order by n.end_time, n.attempt, n.id)
  from public.node_executions n where n.execution_id = story.execution_id
$$;

create function test.execution(id uuid) returns public.workflow_executions language sql security definer as $$
  select e from public.workflow_executions e where e.id = execution.id
$$;

create function test.tick() returns int language sql security definer as $$ select engine.tick() $$;

-- how far the clock is moved from here on
create function test.move_clock(by interval) returns void language sql as $$
  select set_config('tandem.now', (engine.now() + move_clock.by)::text, true)
$$;

-- What a worker does, in short: claims all there is; gives one result for a claimed task.
create function test.claim(worker text default 'w', capacity int default 100) returns jsonb language sql security definer as $$
  select engine.claim(claim.worker, claim.capacity) -> 'tasks'
$$;

create function test.success(task jsonb, output jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('id', task -> 'id', 'lease_token', task -> 'lease_token', 'status', 'success', 'output', success.output, 'duration_ms', 5)
$$;

create function test.failure(task jsonb, error jsonb default '{"code": "boom", "message": "it broke", "retryable": true}') returns jsonb language sql as $$
  select jsonb_build_object('id', task -> 'id', 'lease_token', task -> 'lease_token', 'status', 'error', 'error', failure.error, 'duration_ms', 5)
$$;

-- the next call of finish of a worker
create function test.finish(results jsonb, worker text default 'w', capacity int default 0) returns jsonb language sql security definer as $$
  select engine.finish(finish.worker,
    coalesce((select w.sequence from engine.workers w where w.worker_id = finish.worker), 0) + 1, finish.results, finish.capacity)
$$;

create function test.violations() returns setof text language sql security definer as $$
  select format('%s (%s)', v.rule, v.detail) from engine.violations() v
$$;
grant execute on all functions in schema test to anon, authenticated, service_role;

-- the claimed task of a node; with the given input, where there are several
create function test.task(tasks jsonb, node_id text, input jsonb default null) returns jsonb language sql as $$
  select t from jsonb_array_elements(task.tasks) t
  where t ->> 'node_id' = task.node_id and (task.input is null or t -> 'input' = task.input) limit 1
$$;

-- finishes all that can be claimed, until nothing is left: each task's output is its input
create function test.work() returns int language plpgsql as $$
declare
  v_tasks jsonb;
  v_done int := 0;
begin
  loop
    v_tasks := test.claim('worker', 64);
    exit when v_tasks = '[]';
    perform test.finish((select jsonb_agg(test.success(t, t -> 'input')) from jsonb_array_elements(v_tasks) t), 'worker');
    v_done := v_done + jsonb_array_length(v_tasks);
  end loop;
  return v_done;
end
$$;

-- what runs of a node put out, in the order in which they ended
create function test.outputs(execution_id uuid, node_id text) returns jsonb language sql security definer as $$
  select coalesce(jsonb_agg(d.output order by d.end_time, d.id), '[]') from public.execution_data d
  where d.execution_id = outputs.execution_id and d.node_id = outputs.node_id and d.end_time is not null
$$;

-- how many tokens wait, by kind
create function test.waiting(execution_id uuid) returns jsonb language sql security definer as $$
  select coalesce(jsonb_object_agg(kind, n), '{}') from (
    select w.kind, count(*) as n from engine.waits w where w.execution_id = waiting.execution_id group by 1) k
$$;
-- makes somebody a member
create function test.become_member(workspace_id uuid, who uuid, role text) returns void language sql security definer as $$
  insert into public.workspace_members (workspace_id, user_id, role) values (become_member.workspace_id, become_member.who, become_member.role)
$$;
grant execute on all functions in schema test to anon, authenticated, service_role;

-- an integration of the caller's workspace; the database cannot tell this from what the functions encrypt
create function test.integration(provider text, config jsonb default '{}') returns uuid language sql as $$
  select (integrations.create(null, integration.provider, integration.provider, null, integration.config,
    jsonb_build_object('signing', 'gAAAAA' || repeat('x', 94)))).id
$$;
grant execute on all functions in schema test to anon, authenticated, service_role;
