\ir ../helpers.sql
select plan(11);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}}, "wait": {"WAIT": {"seconds": 60}}, "check": {"IF": "$.input.ok == true"}, "gate": {"NOOP": {}}, "good": {"STOP": {}},
  "bad": {"STOP": {"status": "ERROR", "message": "no {{ $.input.what }}"}}, "m": {"MERGE": {"mode": "append"}}}',
  'start>work work>m@0 start>wait wait>m@1 start>gate gate>check check>good check:1>bad start>m@2') as flow \gset
select test.run(:'flow') as good, test.run(:'flow') as bad \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select test.finish((select jsonb_agg(test.success(t, case t ->> 'execution_id' when :'good' then '{"ok": true}'::jsonb else '{"what": "way"}' end)) from jsonb_array_elements(:'tasks') t where t ->> 'node_id' = 'gate')) \g /dev/null
select is((test.execution(:'good')).status, 'SUCCESS', 'success');
select is((test.execution(:'good')).output, '{"good": {"ok": true}}', 'its input is the output');
select is((test.execution(:'good')).error, null, 'without an error');
select is((test.execution(:'bad')).status, 'ERROR', 'error');
select is((test.execution(:'bad')).error, '{"code": "stopped", "message": "no way", "node_id": "bad"}', 'with its message');
select is((select jsonb_object_agg(node_id, status) from node_executions where execution_id = :'good' and status <> 'SUCCESS'), '{"work": "CANCELED", "wait": "CANCELED", "m": "CANCELED"}', 'what else is live is canceled');
select is((select jsonb_agg(distinct r) from jsonb_array_elements(test.finish((select jsonb_agg(test.success(t)) from jsonb_array_elements(:'tasks') t where t ->> 'node_id' = 'work')) -> 'refused') r),
  (select jsonb_agg(distinct t -> 'id') from jsonb_array_elements(:'tasks') t where t ->> 'node_id' = 'work'), 'a worker that comes back is refused');
-- inside of items, and before what else follows
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "check": {"IF": "$.item == 2"}, "halt": {"STOP": {"status": "ERROR"}}, "work": {"NOOP": {}}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>check check>halt check:1>work work>got'), '[1, 2, 3]') as id \gset
select is((test.execution(:'id')).error ->> 'code', 'stopped', 'a stop in an item ends all items');
select test.act_as_role('postgres') \g /dev/null
select is(test.claim(), '[]', 'nothing is left to do');
select test.act_as(:'ann') \g /dev/null
select is((test.execution(test.run(test.workflow('{"halt": {"STOP": {"status": "ERROR", "message": "stop"}, "error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}}', 'start>halt')))).status, 'ERROR', 'whatever the node''s error strategy');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
