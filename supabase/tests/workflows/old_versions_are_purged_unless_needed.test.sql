\ir ../helpers.sql
select plan(13);
create function test.versions(id uuid) returns int[] language sql as $$
  select array_agg(version order by version) from public.workflow_versions v where v.workflow_id = versions.id
$$;
grant execute on function test.versions(uuid) to authenticated;
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"a": {"NOOP": {}}}', 'start>a') as id \gset
select create_workflow_version(:'id', note => i::text) from generate_series(2, 10) i \g /dev/null
select deploy_workflow(:'id', 2), deploy_workflow(:'id', 3) \g /dev/null
select start_execution(:'id', version => 4), start_execution(:'id', version => 5) \g /dev/null
select test.work() \g /dev/null
select is(purge_workflow_versions(:'id', 20), 0, 'nothing is too old');
select is(purge_workflow_versions(:'id', 3), 3, 'old versions go');
select is(test.versions(:'id'), '{2,3,4,5,8,9,10}', 'but what was deployed or executed');
select is((select count(*) from nodes where workflow_id = :'id' and version = 6), 0::bigint, 'their nodes with them');
select is(purge_workflow_versions(:'id', 3), 0, 'the rest stays');
select test.act_as_role('postgres') \g /dev/null
delete from workflow_executions where workflow_id = :'id' and version = 4;
select test.act_as(:'ann') \g /dev/null
select is(purge_workflow_versions(:'id', 3), 1, 'a version whose executions are gone goes');
select is(purge_workflow_versions(:'id', 1), 2, 'the current one always stays');
select is(test.versions(:'id'), '{2,3,5,10}', 'with those that are needed');
select is(test.outcome(format('select purge_workflow_versions(%L, 0)', :'id')), 'PT422 keep_invalid', 'one is kept at least');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select purge_workflow_versions(%L)', :'id')), 'PT404 workflow_not_found', 'another''s workflow is not there');

-- by the workspace's setting
select test.act_as(:'ann') \g /dev/null
select create_workflow_version(:'id', note => i::text) from generate_series(11, 15) i \g /dev/null
update workspaces set versions_kept = 2 \g /dev/null
select is(test.outcome('update workspaces set versions_kept = 0'), '23514', 'a workspace keeps one at least');
select test.act_as_role('postgres') \g /dev/null
select engine.maintain() \g /dev/null
select is(test.versions(:'id'), '{2,3,5,14,15}', 'maintain() keeps what the workspace says');
select is(workflows.purge_by_retention(), 0, 'and no more is to be done');
select * from finish();
