\ir ../helpers.sql
select plan(17);
select test.sign_up('ann') as ann \gset
select test.act_as_role('postgres') \g /dev/null
update workspaces set allowed_hosts = '{10.0.0.1:80}', variables = '{"host": "example.com"}' where personal_for = :'ann';
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"prepare": {"TRANSFORM": {"id": 7}}, "call": {"HTTP_REQUEST": {"url": "https://{{ $.vars.host }}/{{ $.input.id }}", "body": {"all": "{{ $.trigger }}", "kept": true}},
  "name": "Call it", "max_retries": 2, "timeout_seconds": 30}}', 'start>prepare prepare>call') as flow \gset
select test.run(:'flow', '{"a": [1]}') as id \gset
select is((test.execution(:'id')).status, 'RUNNING', 'a node of the worker''s waits for one');
select results_eq(format('select node_id, status, attempt from live_node_executions where execution_id = %L', :'id'), $$values ('call', 'PENDING', 1)$$, 'and is seen as pending');
select is((get_execution(:'id') #>> '{nodes,2,status}'), 'PENDING', 'also in the execution''s nodes');
select is(test.claim('w', 0), '[]', 'without capacity nothing is claimed');
select test.claim() -> 0 as task \gset
select is(:'task'::jsonb -> 'parameters', '{"url": "https://example.com/7", "body": {"all": {"a": [1]}, "kept": true}}', 'templates are filled in');
select is(:'task'::jsonb -> 'input', '{"id": 7}', 'the input comes along');
select is(:'task'::jsonb - 'id' - 'lease_token' - 'lease_until' - 'execution_id' - 'workspace_id' - 'workflow_id' - 'parameters' - 'input',
  '{"version": 1, "node_id": "call", "node_name": "Call it", "type": "ACTION", "subtype": "HTTP_REQUEST", "attempt": 1, "max_retries": 2, "timeout_seconds": 30,
    "allowed_hosts": ["10.0.0.1:80"]}', 'with what the worker needs to know');
select is(array[:'task'::jsonb ->> 'execution_id', :'task'::jsonb ->> 'workflow_id'], array[:'id', :'flow'], 'and whose it is');
select is((:'task'::jsonb ->> 'lease_until')::timestamptz - (select start_time from live_node_executions where execution_id = :'id'), interval '45 seconds',
  'the lease outlasts the node''s timeout');
select is((select status from live_node_executions where execution_id = :'id'), 'RUNNING', 'a claimed node runs');
select is(test.claim('another'), '[]', 'what is claimed is nobody else''s');
select is(test.outcome('select lease_token from engine.tasks'), '42501', 'a member does not read the lease token');
select is(test.outcome('select engine.claim(''me'', 1)'), '42501', 'nor claims');
select is(test.outcome('select engine.finish(''me'', 1, ''[]'', 1)'), '42501', 'nor finishes');

-- urgent first, then old first
select (start_execution(:'flow', '"low"', priority => -5)).id as low, (start_execution(:'flow', '"first"')).id as first,
  (start_execution(:'flow', '"second"')).id as second, (start_execution(:'flow', '"high"', priority => 5)).id as high \gset
select is((select array_agg(t ->> 'execution_id' order by o) from jsonb_array_elements(test.claim('w', 3)) with ordinality c (t, o)),
  array[:'high', :'first', :'second'], 'the most urgent is claimed first, then the oldest');
select is((select array_agg(t ->> 'execution_id') from jsonb_array_elements(test.claim()) t), array[:'low'], 'the least urgent last');
select is(test.outcome(format('select start_execution(%L, priority => 1001)', :'flow')), 'PT422 priority_invalid', 'priorities have bounds');
select * from finish();
