\ir ../helpers.sql
select plan(9);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}}, "m": {"MERGE": {"mode": "append"}}, "wait": {"WAIT": {"event": "go"}}, "after": {"TRANSFORM": ["old", "{{ $.input }}"]}}', 'start>work work>m@0 start>wait wait>m@1 m>after') as flow \gset
select test.run(:'flow') as old \gset
select (create_workflow_version(:'flow', test.definition('{"other": {"TRANSFORM": "new"}}', 'start>other'))).version as version \gset
select is((test.execution(test.run(:'flow'))).output, '{"other": "new"}', 'a start after an edit runs the new version');
select send_event('go', '"event"') \g /dev/null
select test.work() \g /dev/null
select is((test.execution(:'old')).output, '{"after": ["old", [{}, "event"]]}', 'one that began before goes on with the definition it began with');
select is(((test.execution(:'old')).version, :version)::text, '(1,2)', 'in its version');
-- a type of node that is no longer there
select test.workflow('{"work": {"NOOP": {}}, "call": {"HTTP_REQUEST": {"url": "https://example.com/{{ $.input.n }}"}}, "wait": {"WAIT": {"seconds": 60}}}', 'start>work work>call call>wait') as flow \gset
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select test.run(:'flow', '{"n": 7}') as id \gset
select test.act_as_role('postgres') \g /dev/null
delete from node_specifications where node_subtype in ('HTTP_REQUEST', 'WAIT');
select test.finish(jsonb_build_array(test.success(test.claim() -> 0, '{"n": 7}'))) \g /dev/null
select test.claim() -> 0 as task \gset
select is(:'task'::jsonb #>> '{parameters,url}', 'https://example.com/7', 'an execution goes on although a type of its nodes has vanished');
select test.finish(jsonb_build_array(test.success(:'task'))) \g /dev/null
select test.move_clock('60 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).status, 'SUCCESS', 'to its end');
select is_empty('select test.violations()', 'no invariant is broken');
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow') as id \gset
select is((test.execution(:'id')).status, 'RUNNING', 'a version that was compiled starts too');
select is((select validate_definition(test.definition('{"wait": {"WAIT": {"seconds": 60}}}', 'start>wait')) #>> '{diagnostics,0,code}'), 'node_type_unknown', 'a new definition cannot use it');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
