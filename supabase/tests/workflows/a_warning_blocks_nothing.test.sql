\ir ../helpers.sql
select plan(7);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.definition('{"lost": {"NOOP": {}}, "old": {"PLACEHOLDER": {"source": {"code": "={{ x }}", "{{": ["{{"]}}, "disabled": true},
  "off": {"HTTP_REQUEST": {"verb": "{{ $.nope"}, "disabled": true}, "gone": {"TELEPORT": {"a": "{{ $.input.b }}"}, "disabled": true}, "last": {"TRANSFORM": {"got": "{{ $.input.n }}"}}}',
  'start>old old>off old:7>old@3 off>gone gone>last') as definition \gset
select is(validate_definition(:'definition') -> 'valid', 'true', 'a definition with warnings only is valid');
select is(array(select d ->> 'code' from jsonb_array_elements(validate_definition(:'definition') -> 'diagnostics') d order by 1),
  '{cycle_unbounded,node_type_unknown,node_unreachable,parameter_missing,parameter_unknown,placeholder_disabled,template_unclosed}', 'which are told');
select (create_workflow('x', :'definition')).id as flow \gset
select isnt(deploy_workflow(:'flow') -> 'deployment', null, 'it is deployed');
select is((test.execution(test.run(:'flow', '{"n": 7}'))).output, '{"last": {"got": 7}}', 'and runs past what is disabled, a placeholder and an unknown type too');
-- the same, enabled
select (create_workflow_version(:'flow', jsonb_set(:'definition', '{nodes,2,disabled}', 'false'))).version \g /dev/null
select is(test.outcome(format('select deploy_workflow(%L)', :'flow')), 'PT422 definition_invalid', 'a placeholder that is enabled is not deployed');
select is((select deployed_version from workflows where id = :'flow'), 1, 'and what was deployed goes on');
select is(validate_definition(jsonb_set(:'definition', '{nodes,2,disabled}', 'false')) -> 'valid', 'false', 'errors make it invalid');
select * from finish();
