\ir ../helpers.sql
select plan(9);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
-- each iteration reads the value of its own, through a node between
select test.run(test.workflow('{"value": {"TRANSFORM": {"n": "{{ $.input.n + 1 }}"}}, "between": {"TRANSFORM": {"n": "{{ $.input.n }}"}},
  "read": {"TRANSFORM": {"n": "{{ $.input.n }}", "seen": "{{ $.nodes.value.n }}"}}, "more": {"IF": "$.nodes.value.n < 3"}}',
  'start>value value>between between>read read>more more>value'), '{"n": 0}') as loop \gset
select is((select jsonb_agg(output_data -> 'seen' order by run_index) from node_executions where execution_id = :'loop' and node_id = 'read'), '[1, 2, 3]',
  'iterations of a loop');
select is((test.execution(:'loop')).status, 'SUCCESS', 'which ends by what it reads');

-- two branches with the same node before and behind: each reads its own run
select test.run(test.workflow('{"a": {"TRANSFORM": "A"}, "b": {"TRANSFORM": "B"}, "shared": {"TRANSFORM": "from {{ $.input }}"}, "end": {"TRANSFORM": ["{{ $.nodes.shared }}", "{{ $.nodes.b }}"]}}',
  'start>a start>b a>shared b>shared shared>end')) as branches \gset
select is((select jsonb_agg(output_data order by run_index) from node_executions where execution_id = :'branches' and node_id = 'end'),
  '[["from A", null], ["from B", "B"]]', 'branches that meet; a node beside the way is null');

-- nodes that only pass their input on
select is((start_execution(test.workflow('{"check": {"IF": "$.input.a == 1"}, "end": {"TRANSFORM": ["{{ $.nodes.start.a }}", "{{ $.nodes.check.a }}"]}}', 'start>check check>end'), '{"a": 1}')).output,
  '{"end": [1, 1]}', 'a trigger and IF are read as what they passed on');

-- across a worker: both tokens wait for workers at once and finish in the other order
select test.run(test.workflow('{"value": {"TRANSFORM": {"n": "{{ $.input.n + 1 }}"}}, "work": {"NOOP": {}}, "read": {"TRANSFORM": ["{{ $.input }}", "{{ $.nodes.value.n }}", "{{ $.nodes.work }}"]},
  "more": {"IF": "$.input.n < 2"}}', 'start>value value>work value>more more>value work>read'), '{"n": 0}') as parallel \gset
select test.claim() as tasks \gset
select is(jsonb_array_length(:'tasks'), 2, 'two tokens at one node');
select is((select jsonb_agg(t -> 'input' -> 'n') from jsonb_array_elements(:'tasks') t), '[1, 2]', 'each with its input');
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 1, '"second"'))) \g /dev/null
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '"first"'))) \g /dev/null
select is((select jsonb_agg(output_data order by run_index) from node_executions where execution_id = :'parallel' and node_id = 'read'),
  '[["second", 2, "second"], ["first", 1, "first"]]', 'iterations that finish out of order keep their values');
select is((test.execution(:'parallel')).status, 'SUCCESS', 'the execution ends with the last of them');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
