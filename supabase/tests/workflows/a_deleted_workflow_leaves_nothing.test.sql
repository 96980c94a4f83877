\ir ../helpers.sql
select plan(26);
-- every row of a table in our schemas that names the workflow or an execution of it
create function test.traces(id uuid, executions uuid[]) returns setof text language plpgsql security definer as $$
declare
  v_column record;
  v_found boolean;
begin
  for v_column in
    select n.nspname, c.relname, a.attname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname in ('public', 'workflows', 'engine', 'triggers', 'integrations', 'nodes', 'hil') and c.relkind = 'r'
      and a.atttypid = 'uuid'::regtype and (a.attname ~ '(workflow|execution)_id$' or c.relname in ('workflows', 'workflow_executions') and a.attname = 'id')
  loop
    execute format('select exists (select from %I.%I where %I = any ($1))', v_column.nspname, v_column.relname, v_column.attname)
    using id || executions into v_found;
    if v_found then
      return next format('%s.%s.%s', v_column.nspname, v_column.relname, v_column.attname);
    end if;
  end loop;
end
$$;
grant execute on function test.traces(uuid, uuid[]) to authenticated;
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select (create_workspace('Team')).id as team \gset
select test.become_member(:'team', :'bob', 'editor') \g /dev/null
select (create_workflow('x', test.definition('{"hook": {"WEBHOOK": {"path": "in"}}, "a": {"NOOP": {}}, "w": {"WAIT": {"event": "go"}}}', 'start>a a>w hook>w'), workspace_id => :'team')).id as id \gset
select deploy_workflow(:'id'), create_workflow_version(:'id'), set_favorite(:'id'), set_execution_limit(:'id', 5) \g /dev/null
select test.run(:'id') as run \gset
select test.work() \g /dev/null
select retry_execution((cancel_execution(:'run')).id) as again \gset
select (:'again'::workflow_executions).id as again \gset
select test.work() \g /dev/null

select is(test.outcome(format('select delete_workflow(%L)', :'id')), 'PT409 workflow_in_use', 'not while it is deployed');
select archive_workflow(:'id') \g /dev/null
select is(test.outcome(format('select delete_workflow(%L)', :'id')), 'PT409 workflow_in_use', 'or while it runs');
select cancel_execution(:'again') \g /dev/null
select cmp_ok((select count(*) from test.traces(:'id', array[:'run', :'again']::uuid[])), '>', 12::bigint, 'it has left much');
select test.act_as(:'bob') \g /dev/null
select is(test.outcome(format('select delete_workflow(%L)', :'id')), 'PT403 role_insufficient', 'an editor does not delete another''s');
select (create_workflow('own', workspace_id => :'team')).id as own \gset
select is(test.outcome(format('select delete_workflow(%L)', :'own')), 'ok', 'but his own');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select delete_workflow(%L)', :'id')), 'PT404 workflow_not_found', 'another''s workflow is not there');
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select delete_workflow(%L)', :'id')), 'ok', 'it is deleted');
select is_empty(format('select * from test.traces(%L, array[%L, %L]::uuid[])', :'id', :'run', :'again'), 'and nothing of it is left');
select is(test.outcome(format('select delete_workflow(%L)', :'id')), 'PT404 workflow_not_found', 'twice it is not there');
select is_empty('select * from test.violations()', 'the engine is whole');

-- one with more history than goes at once
select test.workflow('{"a": {"NOOP": {}}}', 'start>a') as id \gset
select test.run(:'id') as kept \gset
select test.work() \g /dev/null
select test.act_as_role('postgres') \g /dev/null
insert into workflow_executions (workspace_id, workflow_id, version, status, trigger_node_id, start_time, end_time)
select workspace_id, workflow_id, version, status, trigger_node_id, start_time, end_time from workflow_executions, generate_series(1, 700) where id = :'kept';
insert into workflow_execution_logs (execution_id, workspace_id, event_type, message)
select id, workspace_id, 'separator', 'x' from workflow_executions where workflow_id = :'id';
-- the oldest goes last: its log is what is still seen of
select test.act_as(:'ann') \g /dev/null
select delete_workflow(:'id') \g /dev/null
select is_empty(format('select id from workflows where id = %L', :'id'), 'it is hidden at once');
select is_empty(format('select id from workflow_executions where workflow_id = %L', :'id'), 'its executions too');
select is_empty(format('select id from workflow_execution_logs where execution_id = %L', :'kept'), 'their logs');
select is_empty(format('select id from node_executions where execution_id = %L', :'kept'), 'the runs of their nodes');
select is_empty(format('select version from workflow_versions where workflow_id = %L', :'id'), 'its versions');
select is_empty(format('select node_id from nodes where workflow_id = %L union all select source_node_id from node_connections where workflow_id = %L', :'id', :'id'), 'their nodes and connections');
select is(test.outcome(format('select get_workflow(%L)', :'id')), 'PT404 workflow_not_found', 'it is not found');
select is(test.outcome(format('select test.run(%L)', :'id')), 'PT404 workflow_not_found', 'or started');
select is(test.outcome(format('select retry_execution(%L)', :'kept')), 'PT404 execution_not_found', 'nor is an execution retried');
select is(list_workflows(query => 'test', with_total => true) -> 'total', '0', 'or searched');
select test.act_as_role('postgres') \g /dev/null
select cmp_ok((select count(*) from workflow_executions where workflow_id = :'id'), '=', 101::bigint, 'some is left');
select is(workflows.remove_deleted(100), 100, 'a batch goes at a time');
select is(workflows.remove_deleted(100), 1, 'the rest of the executions');
select is(workflows.remove_deleted(100), 1, 'the versions and the workflow');
select is(workflows.remove_deleted(100), 0, 'until nothing is left');
select is_empty(format('select * from test.traces(%L, array[%L]::uuid[])', :'id', :'kept'), 'nothing');
select * from finish();
