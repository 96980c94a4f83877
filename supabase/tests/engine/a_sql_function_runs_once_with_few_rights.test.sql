\ir ../helpers.sql
select plan(28);
-- what the project's owner puts there by a migration
create table test.written (n int, by text);
grant usage on schema test to tandem_nodes;
grant insert on test.written to tandem_nodes;
create function nodes.double(arguments jsonb, context jsonb) returns jsonb language sql as $$
  select jsonb_build_object('twice', (arguments -> 'n')::int * 2, 'who', current_user, 'node', context -> 'node_id', 'keys', (select jsonb_agg(k order by k) from jsonb_object_keys(context) k))
$$;
create function nodes.write(arguments jsonb, context jsonb) returns jsonb language plpgsql as $$
begin
  insert into test.written values ((arguments -> 'n')::int, current_user);
  if arguments -> 'fail' = 'true' then
    raise exception 'written in vain' using errcode = coalesce(arguments ->> 'code', 'P0001');
  end if;
  return null;
end
$$;
create function nodes.peek(arguments jsonb, context jsonb) returns jsonb language sql as $$
  select jsonb_agg(id) from public.workflows
$$;
grant execute on function nodes.double(jsonb, jsonb), nodes.write(jsonb, jsonb), nodes.peek(jsonb, jsonb) to tandem_nodes;
create function test.call(task jsonb) returns boolean language sql security definer as $$
  select engine.call_function('w', (call.task ->> 'id')::uuid, (call.task ->> 'lease_token')::uuid)
$$;
create function test.calls_function(name text, arguments json, more jsonb default '{}') returns uuid language sql as $$
  select test.workflow(json_build_object('call', jsonb_build_object('SQL_FUNCTION', jsonb_build_object('function', calls_function.name, 'arguments', calls_function.arguments)) || calls_function.more), 'start>call')
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select id as space from workspaces where personal_for = :'ann' \gset

-- enabled by an admin
select test.calls_function('double', '{"n": "{{ $.input.n }}"}') as flow \gset
select test.run(:'flow', '{"n": 4}') as id \gset
select test.call(test.claim() -> 0) \g /dev/null
select is((test.execution(:'id')).error - 'message', '{"code": "function_not_enabled", "node_id": "call"}', 'a function that is not enabled is not called');
select is(enable_function('double'), true, 'an admin enables it');
select is(enable_function('double'), true, 'again is a no-op');
select is(test.outcome('select enable_function(''nothing'')'), 'PT404 function_not_found', 'only one that is there');
select is(array[test.outcome('select enable_function(''invoke'')'), test.outcome('select enable_function(''give_to_role'')'), test.outcome('select enable_function(null)'), test.outcome('select enable_function(repeat(''x'', 64))'),
  test.outcome('select enable_function(''"double"'')')],
  '{PT404 function_not_found,PT404 function_not_found,PT404 function_not_found,PT404 function_not_found,PT404 function_not_found}', 'and not the engine''s own');
select test.become_member(:'space', :'bob', 'editor') \g /dev/null
select test.act_as(:'bob') \g /dev/null
select is(test.outcome(format('select enable_function(''write'', %L)', :'space')), 'PT403 role_insufficient', 'an editor does not');
select is((select count(*) from workspace_functions), 1::bigint, 'but sees what is');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select enable_function(''write'', %L)', :'space')), 'PT404 workspace_not_found', 'for strangers it is not there');

-- what it gets, and as whom it runs
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow', '{"n": 4}') as id \gset
select test.claim() -> 0 as task \gset
select is((:'task'::jsonb ->> 'subtype'), 'SQL_FUNCTION', 'it is a task');
select is(test.call(:'task'), true, 'that the worker calls in SQL');
select is((test.execution(:'id')).output, '{"call": {"twice": 8, "who": "tandem_nodes", "node": "call", "keys": ["attempt", "execution_id", "node_id", "workflow_id", "workspace_id"]}}', 'as a role with few rights, with resolved arguments');
select is(test.call(:'task'), false, 'a second call finds no lease');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, call[0]#1 SUCCESS', 'and changes nothing');
select enable_function('peek') \g /dev/null
select test.run(test.calls_function('peek', '{}')) as id \gset
select test.call(test.claim() -> 0) \g /dev/null
select is((test.execution(:'id')).error - 'message', '{"code": "function_failed", "details": {"sqlstate": "42501"}, "node_id": "call"}', 'it sees nothing of the engine''s');

-- exactly once
select enable_function('write') \g /dev/null
select test.run(test.calls_function('write', '{"n": 1}')) as id \gset
select test.claim() -> 0 as task \gset
select is(test.call(:'task'), true, 'what it writes');
select is(test.call(:'task'), false, 'although called again');
select test.act_as_role('postgres') \g /dev/null
select results_eq('select n, by from test.written', $$values (1, 'tandem_nodes')$$, 'is there once');
select is((test.execution(:'id')).output, '{"call": null}', 'null is an output');
select test.act_as(:'ann') \g /dev/null
select test.run(test.calls_function('write', '{"n": 2, "fail": true}', '{"error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}')) as id \gset
select is(test.call(test.claim() -> 0), true, 'one that fails');
select is((test.execution(:'id')).output, '{"call": {"error": {"code": "function_failed", "message": "written in vain", "details": {"sqlstate": "P0001"}}}}', 'is an error of the node');
select test.run(test.calls_function('write', '{"n": 3, "fail": true, "code": "40001"}', '{"max_retries": 1, "retry_wait_time": 1}')) as retried \gset
select test.call(test.claim() -> 0) \g /dev/null
select is((select status from live_node_executions where execution_id = :'retried'), 'RETRYING', 'one that only came at a bad moment is tried again');
select cancel_execution(:'retried') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is((select array_agg(n) from test.written), '{1}', 'what a failed call wrote is undone');

-- leases
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow', '{"n": 1}') as id \gset
select test.claim() -> 0 as task \gset
select is(test.call(:'task'::jsonb || '{"lease_token": "00000000-0000-0000-0000-000000000000"}'), false, 'another lease does not count');
select cancel_execution(:'id') \g /dev/null
select is(test.call(:'task'), false, 'nor one whose execution has ended');
select is(enable_function('double', enabled => false), false, 'disabling it');
select test.run(:'flow', '{"n": 1}') as id \gset
select test.call(test.claim() -> 0) \g /dev/null
select is((test.execution(:'id')).error ->> 'code', 'function_not_enabled', 'ends its calls');
select is(test.outcome('select nodes.invoke(''double'', ''{}'', ''{}'')'), '42501', 'a member does not call it past the engine');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
