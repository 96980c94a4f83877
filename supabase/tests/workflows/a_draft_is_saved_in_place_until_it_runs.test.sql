\ir ../helpers.sql
select plan(22);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"a": {"NOOP": {}}}', 'start>a') as id \gset
select checksum as first from workflow_versions where workflow_id = :'id' \gset
select is((update_workflow(:'id', definition => test.definition('{"b": {"NOOP": {}}, "c": {"NOOP": {}}}', 'start>b b>c'))).current_version, 1, 'a draft is saved in place');
select bag_eq(format('select node_id from nodes where workflow_id = %L', :'id'), $$values ('start'), ('b'), ('c')$$, 'with its nodes');
select is((select count(*) from node_connections where workflow_id = :'id'), 2::bigint, 'and connections');
select isnt((select checksum from workflow_versions where workflow_id = :'id'), :'first', 'and its checksum');
select is((select revision from workflows where id = :'id'), 2, 'it counts as a revision');
select is((update_workflow(:'id', definition => test.definition('{"b": {"NOOP": {}}, "c": {"NOOP": {}}}', 'start>b b>c'))).revision, 2, 'saving the same is none');
select is(test.outcome(format('select update_workflow(%L, definition => %L)', :'id', '{}')), 'PT422 definition_invalid', 'what has no shape is refused');
select is((select count(*) from nodes where workflow_id = :'id'), 3::bigint, 'and changes nothing');
select is((update_workflow(:'id', note => 'first')).revision, 2, 'a note is no revision');
select is((select note from workflow_versions where workflow_id = :'id'), 'first', 'but it is kept');

select is((select is_locked from workflow_versions where workflow_id = :'id'), false, 'a draft is not locked');
select test.run(:'id') as run \gset
select is((select is_locked from workflow_versions where workflow_id = :'id'), true, 'the first start locks it');
select is((update_workflow(:'id', definition => test.definition('{"d": {"NOOP": {}}}', 'start>d'), note => 'next')).current_version, 2, 'from then on saving makes the next');
select results_eq(format('select version, parent_version, note, is_locked from workflow_versions where workflow_id = %L order by 1', :'id'),
  $$values (1, null::int, 'first', true), (2, 1, 'next', false)$$, 'on the one before');
select is((update_workflow(:'id', definition => test.definition('{"e": {"NOOP": {}}}', 'start>e'))).current_version, 2, 'which is a draft again');
select is((select note from workflow_versions where workflow_id = :'id' and version = 2), 'next', 'and keeps its note');
select deploy_workflow(:'id') \g /dev/null
select is((update_workflow(:'id', definition => test.definition('{"f": {"NOOP": {}}}', 'start>f'))).current_version, 3, 'deploying locks too');
select is((create_workflow_version(:'id')).version, 4, 'a next version on request, of the same definition');
select is((select count(distinct checksum) from workflow_versions where workflow_id = :'id' and version in (3, 4)), 1::bigint, 'is the same');

select test.act_as_role('postgres') \g /dev/null
select is(test.outcome(format('update workflow_versions set definition = ''{}'' where workflow_id = %L and version = 1', :'id')), 'PT409 version_locked', 'nobody changes a locked version');
select is(test.outcome(format('update workflow_versions set is_locked = false where workflow_id = %L and version = 1', :'id')), 'PT409 version_locked', 'or unlocks it');
select is((select xmin::text from workflow_versions where workflow_id = :'id' and version = 2) = (
  select xmin::text from workflow_versions v where workflow_id = :'id' and version = 2 and test.run(:'id') is not null), true, 'later starts do not write it');
select * from finish();
