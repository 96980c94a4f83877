\ir ../helpers.sql
select plan(14);
create function test.merged(mode json, a text default '{"x": 1, "y": 1}', b text default '{"y": 2, "z": 2}') returns uuid language sql as $$
  select test.run(test.workflow(json_build_object(
    'b', json_build_object('TRANSFORM', b::json), 'a', json_build_object('TRANSFORM', a::json), 'm', json_build_object('MERGE', merged.mode)),
    'start>b start>a b>m@1 a>m@0'))
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select is((test.execution(test.merged('{"mode": "all"}'))).output, '{"m": {"0": {"x": 1, "y": 1}, "1": {"y": 2, "z": 2}}}', 'all: by the input''s number');
select is((test.execution(test.merged('{"mode": "all", "inputs": ["left", "right"]}'))).output, '{"m": {"left": {"x": 1, "y": 1}, "right": {"y": 2, "z": 2}}}', 'or by its name');
select is((test.execution(test.merged('{"mode": "all", "inputs": ["left"]}'))).output, '{"m": {"left": {"x": 1, "y": 1}, "1": {"y": 2, "z": 2}}}', 'one without a name goes by its number');
select is((test.execution(test.merged('{"mode": "append"}'))).output, '{"m": [{"x": 1, "y": 1}, {"y": 2, "z": 2}]}', 'append: in the order of the inputs, not of arrival');
select is((test.execution(test.merged('{"mode": "combine"}'))).output, '{"m": {"x": 1, "y": 2, "z": 2}}', 'combine: later inputs win');
select test.merged('{"mode": "combine"}', b => '[1]') as id \gset
select is((test.execution(:'id')).error - 'message', '{"code": "merge_input_not_object", "node_id": "m"}', 'combine: what is no object is an error');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, b[0]#1 SUCCESS, a[0]#1 SUCCESS, m[0]#1 ERROR', 'of the merge');
select is((test.execution(test.run(test.workflow('{"b": {"TRANSFORM": 1}, "m": {"MERGE": {"mode": "combine"}, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}, "bad": {"TRANSFORM": "{{ $.input.error.code }}"}}',
  'start>b start>m@0 b>m@1 m!>bad'), '{}'))).output, '{"bad": "merge_input_not_object"}', 'that its strategy decides on');
select test.run(test.workflow('{"a": {"TRANSFORM": "A"}, "b": {"TRANSFORM": "B"}, "m": {"MERGE": {"mode": "any"}}, "after": {"TRANSFORM": "{{ $.input }}"}}', 'start>a start>b a>m@0 b>m@1 m>after')) as id \gset
select is((test.execution(:'id')).output, '{"after": "A"}', 'any: the first passes');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, a[0]#1 SUCCESS, b[0]#1 SUCCESS, m[0]#1 SUCCESS, m[1]#1 SKIPPED, after[0]#1 SUCCESS', 'the others are skipped');
select is(test.outputs(test.merged('{"mode": "all"}', 'null', '"{{ $.input.none }}"'), 'm'), '[{"0": null, "1": null}]', 'null is a value that arrived');
select test.run(test.workflow('{"m": {"MERGE": {"mode": "append"}}}', 'start>m@3 start>m@7'), '5') as id \gset
select is((test.execution(:'id')).output, '{"m": [5, 5]}', 'inputs are those that are connected');
select is((test.execution(test.run(test.workflow('{"a": {"TRANSFORM": "A"}, "b": {"TRANSFORM": "B"}, "m": {"MERGE": {"mode": "append"}}, "after": {"TRANSFORM": ["{{ $.nodes.a }}", "{{ $.nodes.b }}", "{{ $.nodes.m }}"]}}',
  'start>a start>b a>m@0 b>m@1 m>after')))).output, '{"after": ["A", "B", ["A", "B"]]}', 'behind it both branches are ancestors');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
