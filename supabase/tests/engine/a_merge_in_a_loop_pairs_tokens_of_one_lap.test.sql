\ir ../helpers.sql
select plan(7);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
-- each lap sends a token to both inputs; the slow way of one lap must not meet the fast way of the next
select test.workflow('{"top": {"TRANSFORM": {"lap": "{{ $.execution.node_runs }}"}}, "slow": {"NOOP": {}}, "fast": {"TRANSFORM": {"fast": "{{ $.input.lap }}"}}, "m": {"MERGE": {"mode": "append"}},
  "more": {"IF": "$.execution.node_runs < 3"}, "done": {"TRANSFORM": "{{ $.input }}"}, "ahead": {"IF": "$.execution.node_runs < 3"}}',
  'start>top top>slow top>fast slow>m@0 fast>m@1 top>ahead ahead>top m>done') as flow \gset
select test.run(:'flow') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select is(jsonb_array_length(:'tasks'), 3, 'three laps are on their way at once');
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'slow', '{"lap": 3}'), '{"slow": 3}'))) \g /dev/null
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'slow', '{"lap": 1}'), '{"slow": 1}'))) \g /dev/null
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'slow', '{"lap": 2}'), '{"slow": 2}'))) \g /dev/null
select is((select array_agg(jsonb_build_array(o #> '{0,slow}', o #> '{1,fast}') order by o #> '{0,slow}') from jsonb_array_elements(test.outputs(:'id', 'm')) o where jsonb_array_length(o) = 2),
  array[jsonb '[1, 2]', '[2, 3]', '[3, 1]'], 'the merge stands behind the cycle: its tokens have no lap, so arrival decides');

-- the merge in the cycle
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"top": {"TRANSFORM": {"lap": "{{ $.execution.node_runs }}"}}, "slow": {"NOOP": {}}, "fast": {"TRANSFORM": {"fast": "{{ $.input.lap }}"}}, "m": {"MERGE": {"mode": "combine"}},
  "more": {"IF": "$.input.slow < 3"}, "done": {"TRANSFORM": "{{ $.input }}"}}',
  'start>top top>slow top>fast slow>m@0 fast>m@1 m>more more>top more:1>done')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '{"slow": 1}'))) \g /dev/null
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '{"slow": 2}'))) \g /dev/null
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '{"slow": 3}'))) \g /dev/null
select is(test.outputs(:'id', 'm'), '[{"slow": 1, "fast": 1}, {"slow": 2, "fast": 2}, {"slow": 3, "fast": 3}]', 'in a cycle each lap joins its own tokens');
select is((test.execution(:'id')).output, '{"done": {"slow": 3, "fast": 3}}', 'to the end');
select results_eq(format('select lap from node_executions where execution_id = %L and node_id = ''m'' order by run_index', :'id'), 'values (0), (1), (2)', 'which history tells');

-- both ways loop, at their own pace
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow('{"top": {"IF": "$.execution.node_runs <= 3"}, "a": {"NOOP": {}}, "b": {"TRANSFORM": "b"}, "m": {"MERGE": {"mode": "append"}}}',
  'start>top top>a top>b a>m@0 b>m@1 b>top m>top'), '0') as id \gset
select test.work() \g /dev/null
select is((test.execution(:'id')).status, 'SUCCESS', 'ways that come back at different times end too');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
