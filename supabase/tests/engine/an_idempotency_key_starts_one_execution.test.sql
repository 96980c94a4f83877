\ir ../helpers.sql
select plan(16);
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}}}', 'start>work') as flow, test.workflow('{}', '') as other \gset
select (start_execution(:'flow', '{"a": 1, "b": 2}', 'key')).id as id \gset
select is((start_execution(:'flow', '{"b": 2, "a": 1}', 'key')).id, :'id', 'the same key and input give the same execution');
select is(jsonb_array_length(test.claim()), 1, 'which was started once');
select is((select count(*) from workflow_execution_logs where execution_id = :'id'), 2::bigint, 'and told of once');
select is(test.outcome(format('select start_execution(%L, ''{"a": 2}'', ''key'')', :'flow')), 'PT409 idempotency_key_reused', 'another input under the key is refused');
select is(test.outcome(format('select start_execution(%L, idempotency_key => ''key'')', :'flow')), 'PT409 idempotency_key_reused', 'also none');
select create_workflow_version(:'flow', test.definition('{"work": {"NOOP": {}}}', 'start>work')) \g /dev/null
select is(test.outcome(format('select start_execution(%L, ''{"a": 1, "b": 2}'', ''key'', 2)', :'flow')), 'PT409 idempotency_key_reused', 'or another version');
select is((start_execution(:'flow', '{"a": 1, "b": 2}', 'key', 1)).id, :'id', 'the version it ran with is fine');
select isnt((start_execution(:'flow', '{"a": 1, "b": 2}', 'Key')).id, :'id', 'another key starts another');
select isnt((start_execution(:'other', '{"a": 1, "b": 2}', 'key')).id, :'id', 'each workflow has its own keys');
select isnt((start_execution(:'flow')).id, (start_execution(:'flow')).id, 'without a key every call starts one');
select is(test.outcome(format('select start_execution(%L, idempotency_key => '''')', :'flow')), 'PT422 idempotency_key_invalid', 'an empty key is none');
select is(test.outcome(format('select start_execution(%L, idempotency_key => %L)', :'flow', repeat('x', 256))), 'PT422 idempotency_key_invalid', 'a key has 255 characters at most');

select is(test.outcome(format('select start_execution(%L, version => 9)', :'flow')), 'PT404 version_not_found', 'a version that is not there');
select is(test.outcome(format('select start_execution(%L)', gen_random_uuid())), 'PT404 workflow_not_found', 'a workflow that is not there');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select start_execution(%L, ''{"a": 1, "b": 2}'', ''key'')', :'flow')), 'PT404 workflow_not_found', 'and another''s answer the same');
select test.act_as_role('postgres') \g /dev/null
update workflows set status = 'paused' where id = :'other';
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select start_execution(%L)', :'other')), 'PT409 workflow_not_startable', 'a paused workflow is not started');
select * from finish();
