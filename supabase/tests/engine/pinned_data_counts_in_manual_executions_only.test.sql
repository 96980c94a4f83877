\ir ../helpers.sql
select plan(9);
create function test.pinned(nodes json, arrows text, pins jsonb) returns uuid language sql as $$
  select (public.create_workflow('test', test.definition(pinned.nodes, pinned.arrows) || jsonb_build_object('pin_data', pinned.pins))).id
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.pinned('{"work": {"NOOP": {}}, "wait": {"WAIT": {"seconds": 60}}, "after": {"TRANSFORM": {"work": "{{ $.nodes.work.n }}", "got": "{{ $.input }}"}}}', 'start>work work>wait wait>after',
  '{"work": {"n": 1}, "wait": "pinned"}') as flow \gset
select test.run(:'flow') as id \gset
select is((test.execution(:'id')).output, '{"after": {"work": 1, "got": "pinned"}}', 'a pinned node is not executed: its output is the pinned value');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, work[0]#1 SUCCESS, wait[0]#1 SUCCESS, after[0]#1 SUCCESS', 'whatever it would have done');
select test.run(test.workflow(json_build_object('call', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'flow'))), 'start>call')) as parent \gset
select results_eq(format('select l.node_id, l.status from live_node_executions l join workflow_executions e on e.id = l.execution_id where e.parent_execution_id = %L', :'parent'), $$values ('work', 'PENDING')$$,
  'called by another workflow it is executed');
select cancel_execution(:'parent') \g /dev/null
select is((test.execution(test.run(test.pinned('{"each": {"FOR_EACH": {"items": "{{ $.input.none }}"}}, "x": {"TRANSFORM": "{{ $.item }}!"}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>x x>got', '{"each": ["a", "b"]}')))).output,
  '{"got": ["a!", "b!"]}', 'a pinned loop has the pinned items');
select is((test.execution(test.run(test.pinned('{"check": {"IF": "1 == 2"}, "yes": {"TRANSFORM": "{{ $.input }}"}, "no": {"TRANSFORM": "no"}}', 'start>check check>yes check:1>no', '{"check": 5}')))).output, '{"yes": 5}',
  'a pinned branch takes its first output');
select is((test.execution(test.run(test.pinned('{"work": {"NOOP": {}}}', 'start>work', '{"work": null}')))).status, 'SUCCESS', 'null is a value to pin');
select is((test.execution(test.run(test.pinned('{"stop": {"STOP": {"status": "ERROR"}}}', 'start>stop', '{"stop": 1}')))).status, 'SUCCESS', 'a pinned STOP does not fail');
select test.run(test.pinned('{"work": {"NOOP": {}, "disabled": true}}', 'start>work', '{"work": 9}'), '3') as id \gset
select is((test.execution(:'id')).output, '{"work": 3}', 'a disabled node passes its input on, pinned or not');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
