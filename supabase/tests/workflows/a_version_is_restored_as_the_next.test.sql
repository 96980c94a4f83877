\ir ../helpers.sql
select plan(13);
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"a": {"NOOP": {}}}', 'start>a') as id \gset
select create_workflow_version(:'id', test.definition('{"b": {"NOOP": {}}}', 'start>b'), 'b comes') \g /dev/null
select * from restore_workflow_version(:'id', 1) \gset back_
select is(:back_version, 3, 'restoring makes the next version');
select is(:back_parent_version, 1, 'whose parent is the old one');
select is(:'back_note'::text, 'Restored from version 1', 'and says so');
select is((select current_version from workflows where id = :'id'), 3, 'it is the current one');
select is(:'back_checksum'::text, (select checksum from workflow_versions where workflow_id = :'id' and version = 1), 'with the same definition');
select is(test.outcome(format('select restore_workflow_version(%L, 9)', :'id')), 'PT404 version_not_found', 'what is not there is not restored');

select deploy_workflow(:'id', 2) \g /dev/null
select is(jsonb_path_query_array(get_version_history(:'id'), '$.versions[*].version'), '[3, 2, 1]', 'the history begins with the newest');
select is((get_version_history(:'id') #> '{versions,1}') - '{checksum,created_at,updated_at,created_by}'::text[],
  '{"version": 2, "parent_version": 1, "note": "b comes", "is_locked": true, "is_current": false, "is_deployed": true}', 'and says of each what it is');
select is(get_version_history(:'id') #>> '{versions,1,created_by}', :'ann', 'and whose');
select is(get_version_history(:'id', 2) -> 'next_before', '2', 'a page says where the next begins');
select is(jsonb_path_query_array(get_version_history(:'id', 2, 2), '$.versions[*].version'), '[1]', 'which is the rest');
select is(get_version_history(:'id', 2, 2) -> 'next_before', 'null', 'and the last');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select get_version_history(%L)', :'id')), 'PT404 workflow_not_found', 'another''s history is not there');
select * from finish();
