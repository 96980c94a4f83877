\ir ../helpers.sql
select plan(3);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
-- more than is carried from node to node in memory, and in sum more than is held back from being written
select test.run(test.workflow(json_build_object(
  'grow', json_build_object('TRANSFORM', json_build_object('text', '{{ $.input.text }}', 'n', 0)),
  'check', json_build_object('IF', '$.input.n == 0'),
  'a', json_build_object('TRANSFORM', json_build_object('text', '{{ $.input.text }}', 'n', 1)),
  'b', json_build_object('TRANSFORM', json_build_object('text', '{{ $.input.text }}', 'n', 2)),
  'c', json_build_object('TRANSFORM', json_build_object('text', '{{ $.nodes.grow.text }}', 'n', '{{ $.input.n }}')),
  'd', json_build_object('TRANSFORM', '{{ $.input.n }}')),
  'start>grow grow>check check>a check>b a>c b>c c>d'),
  jsonb_build_object('text', (select string_agg(gen_random_uuid()::text, '') from generate_series(1, 25000)))) as id \gset
select is((test.execution(:'id')).status, 'SUCCESS', 'values of nearly a megabyte go through branches and templates');
select is((select array_agg(output_data order by output_data) from node_executions where execution_id = :'id' and node_id = 'd'),
  array[jsonb '1', '2'], 'each follower reads the output of its own source');
select is((select count(distinct output_data -> 'text') from node_executions where execution_id = :'id' and output_data ? 'text'), 1::bigint,
  'and none is mixed up or cut');
select * from finish();
