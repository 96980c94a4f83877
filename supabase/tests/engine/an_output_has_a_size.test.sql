\ir ../helpers.sql
select plan(6);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}, "max_retries": 5}, "rescue": {"TRANSFORM": "{{ $.input.error.code }}"}}', 'start>work work!>rescue') as flow \gset
select test.run(:'flow') as fits, test.run(:'flow') as large \gset
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, to_jsonb(repeat('x', 1048000))), test.success(:'tasks'::jsonb -> 1, to_jsonb(repeat('x', 1048577))))) \g /dev/null
select is((test.execution(:'fits')).status, 'SUCCESS', 'up to a megabyte an output is kept');
select results_eq(format('select status, error ->> ''code'' from workflow_executions where id = %L', :'large'), $$values ('ERROR', 'output_too_large')$$, 'a larger one is an error');
select is((select count(*) from node_executions where execution_id = :'large' and node_id = 'work'), 1::bigint, 'that is not retried: it would be paid twice');
select is((select max(octet_length(output_data::text)) from node_executions where execution_id = :'large'), null, 'and nothing of it is kept');
select is((start_execution(test.workflow('{"grow": {"TRANSFORM": ["{{ $.input }}", "{{ $.input }}"], "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}, "rescue": {"TRANSFORM": "{{ $.input.error.code }}"}}',
  'start>grow grow!>rescue'), to_jsonb(repeat('x', 600000)))).output, '{"rescue": "output_too_large"}', 'so it is in a sql node, whose error strategy holds');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
